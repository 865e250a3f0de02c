"""Record the runs and the scores that the lab's page and its checks use.

``python -m scalelab.course.chapters.incidents._record`` writes both files anew, in about half an
hour; a run is one of `recorded_runs`, a score one of `recorded_scores`.
"""

from __future__ import annotations

import csv
import gzip
import itertools
from collections.abc import Iterator

from scalelab.course.chapters.incidents.faults import INCIDENTS, setting_of
from scalelab.course.chapters.incidents.fixes import score
from scalelab.course.chapters.incidents.metrics import Metrics, metrics_of
from scalelab.course.chapters.incidents.recorded import RUNS, SCORES
from scalelab.course.chapters.incidents.shop import run_of
from scalelab.course.chapters.incidents.split_brain import split_run

RUN_SEEDS = (100, 101, 102)
STORM_SEEDS, OTHER_SEEDS = (500,), (500,)
# What somebody would change, and how many of these at most; nothing changed is tried as well.
TRIED: dict[str, tuple[int, tuple[str, ...]]] = {
    "retry storm": (
        3,
        (
            "retry budget of 10 %",
            "reads fill though the client left",
            "at most 20 in line",
            "servers x 1.5",
        ),
    ),
    "metastable cache flush": (
        3,
        (
            "retry budget of 10 %",
            "reads fill though the client left",
            "single flight",
            "servers x 1.5",
        ),
    ),
    "thundering reconnect": (
        3,
        ("connections outlive the request", "pool of 6", "backoff x 10", "pool x 2"),
    ),
    "cache stampede": (1, ("single flight", "TTL with jitter", "cache x 2", "servers x 1.5")),
    "hot shard": (1, ("split the hot key", "shards x 2", "one more replica", "pool x 2")),
    "replica lag": (
        1,
        ("replay on three workers", "one more replica", "database cores x 2", "cache x 2"),
    ),
    "autoscaler flapping": (
        1,
        ("thresholds further apart", "decide twice as often", "servers x 1.5", "pool x 2"),
    ),
    "connection leak": (
        1,
        ("give back in finally", "pool x 2", "pool timeout of 0.2 s", "servers x 1.5"),
    ),
    "sinkhole": (
        1,
        ("eject what answers with errors", "servers x 1.5", "backoff x 10", "at most 20 in line"),
    ),
}


def metrics_of_incident(name: str, seed: int) -> Metrics:
    """Run one of the ten, or a calm time, and read its dashboard."""
    if name == "split brain":
        return _split_brain_metrics(seed)
    setting = setting_of(name, seed)[0]
    return metrics_of(run_of(setting), setting.system.database.shards)


def _split_brain_metrics(seed: int) -> Metrics:
    """Return the dashboard: all of the shop is calm, but for the nodes that take writes."""
    setting, at_s, _, _ = setting_of("calm", seed)
    return metrics_of(run_of(setting)) | {
        "writers": [float(n) for n in split_run(seed, at_s=at_s).writers]
    }


def choices(name: str) -> Iterator[tuple[str, ...]]:
    """List the settings that are tried together for a cause."""
    most, options = TRIED[name]
    for size in range(most + 1):
        yield from itertools.combinations(options, size)


def write_runs() -> None:
    """Record the runs."""
    with gzip.open(RUNS, "wt", newline="") as file:
        table = csv.writer(file)
        for name in (*INCIDENTS, "split brain"):
            for seed in RUN_SEEDS:
                for line, values in metrics_of_incident(name, seed).items():
                    table.writerow([name, seed, line, *(f"{value:g}" for value in values)])


def write_scores() -> None:
    """Record the scores."""
    with SCORES.open("w", newline="") as file:
        table = csv.writer(file)
        for name, (most, _) in TRIED.items():
            for chosen in choices(name):
                for seed in STORM_SEEDS if most > 1 else OTHER_SEEDS:
                    usual, twice = score(name, chosen, seed)
                    table.writerow([name, " + ".join(chosen), seed, f"{usual:.3f}", f"{twice:.3f}"])


if __name__ == "__main__":
    write_runs()
    write_scores()
