"""The planner against the event-by-event simulation of the same systems, and a table of that."""

import csv
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from support.tree import ROOT

from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System
from scalelab.planner.system_plan import plan_system
from scalelab.sim.system import simulate_system

TABLE = ROOT / "book" / "reference" / "planner_comparison.csv"
WITHIN = 0.05  # of p50 and of p99, inside the range
FLAGGED = 0.08  # of p50, where the planner says of itself that it is so much too low
TEN = Database(connections=10)
TWENTY = Database(connections=20)


def system(rate, *, write_share=0.1, scv=1.0, servers=4, capacity=0, database=TEN, **parts):
    """Four servers of four cores and one database, but for what is given."""
    keys = parts.pop("keys", 100_000)
    return System(
        demand=Demand(
            rate_per_s=float(rate), write_share=write_share, work_scv=scv, keys=keys,
            zipf_exponent=parts.pop("zipf", 0.9),
        ),
        app=AppTier(servers=servers, routing=parts.pop("routing", "random")),
        cache=Cache(capacity=capacity, **parts.pop("cache", {})) if capacity else None,
        database=database,
        **parts,
    )  # fmt: skip


INSIDE = {
    "one of each": replace(
        system(60, write_share=0.2, database=replace(TEN, cores=2)),
        app=AppTier(servers=1, cores=2),
    ),
    "app tier at 69 %": system(1_100, capacity=20_000),
    "no cache": system(700, database=TWENTY),
    "small cache": system(900, capacity=2_000, database=TWENTY),
    "large cache": system(1_300, capacity=40_000),
    "two replicas": system(1_300, servers=5, capacity=5_000, database=replace(TEN, replicas=2)),
    "five replicas, 30 % writes": system(
        1_200, write_share=0.3, servers=5, database=replace(TWENTY, replicas=5)
    ),
    "four shards, hashed": system(
        2_400, servers=9, capacity=5_000, database=replace(TWENTY, shards=4, cores=2)
    ),
    "four shards by range": system(
        1_000, servers=5, capacity=1_000,
        database=replace(TWENTY, shards=4, placement="range"),
    ),
    "constant work": system(1_200, scv=0.0, capacity=5_000, database=replace(TEN, replicas=2)),
    "uneven work": system(
        1_000, scv=4.0, servers=5, capacity=5_000, database=replace(TWENTY, replicas=2)
    ),
    "lifetime of 30 s, fewest outstanding": system(
        1_200, capacity=100_000, cache={"ttl_s": 30.0}, routing="fewest outstanding"
    ),
    "session store at 66 %": system(
        1_100, capacity=20_000, sessions=SessionStore(cores=1, visit_s=0.0006)
    ),
    "one acknowledgement": system(
        1_100, write_share=0.2, capacity=5_000,
        database=replace(TEN, replicas=2, sync_replicas=1),
    ),
    "fills from the primary": system(
        1_000, capacity=5_000, cache={"fill": "primary"}, database=replace(TEN, replicas=1)
    ),
    "work of scv 2": system(600, scv=2.0, database=replace(TEN, replicas=1)),
    "replay at 65 %": system(
        1_300, write_share=0.5, servers=5, capacity=5_000,
        database=replace(TEN, replicas=2, cores=6),
    ),
    "half writes": system(700, write_share=0.5, capacity=10_000),
    "few keys, hardly skewed": system(1_000, keys=5_000, zipf=0.3, capacity=2_000),
    "app tier at 89 %": system(1_430, capacity=20_000),
    "a pool of four": system(
        600, database=Database(connections=4, rtt_s=0.002, cores=6)
    ),
}  # fmt: skip

# Systems beyond the range, and what the planner says of each
BEYOND = {
    "app tier at 95 %": (system(1_520, capacity=20_000), "app must be at most 90 % busy"),
    "primary over 100 %": (system(1_000), "primary must carry its load, but needs 105 %"),
    "replay over 80 %": (
        system(1_300, write_share=0.6, servers=5, capacity=5_000,
               database=replace(TEN, replicas=2, cores=8, apply_s=0.00112)),
        "replay must be at most 80 % busy",
    ),
    "work of scv 16": (system(900, scv=16.0, capacity=5_000), "work_scv must be at most 4"),
    "one connection a server": (
        system(500, database=Database(connections=1)), "connections must be at least 4",
    ),
}  # fmt: skip


def measured(described, seconds, seeds, **simulated):
    """Mean and standard error over seeds: p50, p99 in seconds, share of stale reads."""
    rows = []
    for seed in seeds:
        run = simulate_system(
            described, seconds, warm=described.cache is not None,
            rng=np.random.default_rng(seed), **simulated,
        )  # fmt: skip
        settled = (run.trace.arrive_s > seconds / 3) & (run.trace.arrive_s < seconds - 2)
        reads = settled & ~run.trace.writes
        latency = run.latency_s[settled]
        rows.append([*np.nanquantile(latency, [0.5, 0.99]), run.stale[reads].mean()])
    found = np.array(rows)
    spread = found.std(axis=0, ddof=1) if len(rows) > 1 else np.zeros(3)
    return found.mean(axis=0), spread / np.sqrt(len(rows))


def compared(seconds: int, seeds: range) -> Iterator[dict[str, str]]:
    """One row for each system inside the range."""
    for name, described in INSIDE.items():
        answer = plan_system(described)
        (p50, p99, stale), (_, p99_error, _) = measured(described, seconds, seeds)
        busiest = max(answer.tiers, key=lambda tier: tier.utilisation / tier.most_busy)
        yield {
            "system": name,
            "bottleneck": busiest.tier,
            "utilisation": f"{busiest.utilisation:.2f}",
            "p50_s": f"{answer.p50_s:.5f}",
            "p50_simulated_s": f"{p50:.5f}",
            "p99_s": f"{answer.p99_s:.5f}",
            "p99_simulated_s": f"{p99:.5f}",
            "p99_standard_error_s": f"{p99_error:.5f}",
            "stale_share": f"{answer.stale_share:.5f}",
            "stale_simulated_share": f"{stale:.5f}",
        }


def write(seconds: int = 400, seeds: range = range(1, 5)) -> int:
    """Write the table anew; some ten minutes."""
    rows = []
    for row in compared(seconds, seeds):
        rows.append(row)
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, rows[0], lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
    return len(rows)


if __name__ == "__main__":
    print(write())
