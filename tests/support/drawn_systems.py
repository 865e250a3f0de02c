"""Systems drawn at random inside the planner's range, beside their simulation, and a table of that.

The bounds of the range were chosen with the systems of `plan_comparison`; these were not
used, but for the words of the warning about readers of a hot key.
"""

import csv
from itertools import islice

import numpy as np
from support.plan_comparison import measured
from support.tree import ROOT

from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System
from scalelab.planner.system_plan import plan_system
from scalelab.planner.valid_range import OutsideRangeError

TABLE = ROOT / "book" / "reference" / "planner_drawn.csv"
DRAWN = 40
WARNINGS = ("uneven", "readers")  # each by the first word of its note
LEAST_BUSY = 0.4  # below, nobody waits and there is nothing to be wrong about


def _parts(rng):
    replicas, capacity = int(rng.integers(0, 4)), int(rng.choice([0, 2_000, 10_000, 40_000]))
    return {
        "demand": Demand(
            rate_per_s=float(rng.integers(5, 26) * 50),
            write_share=float(rng.choice([0.05, 0.1, 0.2, 0.4])),
            keys=int(rng.choice([5_000, 100_000])),
            zipf_exponent=float(rng.choice([0.6, 0.9, 1.1])),
            work_scv=float(rng.choice([0.5, 1.0, 1.0, 2.0])),
        ),
        "app": AppTier(
            servers=int(rng.integers(2, 9)),
            cores=int(rng.choice([2, 4, 8])),
            app_s=float(rng.choice([0.005, 0.01, 0.02])),
        ),
        "cache": Cache(capacity=capacity, fill=str(rng.choice(["replica", "primary"])))
        if capacity
        else None,
        "database": Database(
            cores=int(rng.choice([2, 4, 8])),
            replicas=replicas,
            shards=int(rng.choice([1, 1, 1, 2, 4])),
            connections=int(rng.choice([10, 20])),
            read_s=float(rng.choice([0.002, 0.004, 0.006])),
            sync_replicas=int(replicas > 0 and rng.random() < 0.3),
        ),
        "sessions": SessionStore() if rng.random() < 0.3 else None,
    }


def drawn(seed=43):
    """Yield systems with their plans, without end, those that the planner refuses left out."""
    rng = np.random.default_rng(seed)
    while True:
        try:
            described = System(**_parts(rng))
            answer = plan_system(described)
        except OutsideRangeError:
            continue
        if max(tier.utilisation for tier in answer.tiers) >= LEAST_BUSY:
            yield described, answer


def warnings(answer):
    """Name what the planner says of itself that shifts p50 or p99."""
    return [name for name in WARNINGS if any(note.startswith(name) for note in answer.notes)]


def rows(count=DRAWN, seconds=400, seeds=range(1, 5)):
    """One row for each of the first drawn systems."""
    for described, answer in islice(drawn(), count):
        (p50, p99, _), (p50_error, p99_error, _) = measured(described, seconds, seeds)
        yield {
            "p50_s": f"{answer.p50_s:.5f}",
            "p50_simulated_s": f"{p50:.5f}",
            "p50_standard_error_s": f"{p50_error:.5f}",
            "p99_s": f"{answer.p99_s:.5f}",
            "p99_simulated_s": f"{p99:.5f}",
            "p99_standard_error_s": f"{p99_error:.5f}",
            "warned": " ".join(warnings(answer)),
        }


if __name__ == "__main__":
    found = list(rows())
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, found[0], lineterminator="\n")
        table.writeheader()
        table.writerows(found)
