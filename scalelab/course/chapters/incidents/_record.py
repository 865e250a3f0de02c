"""Record the runs, the scores and the diagnoses that the lab's page and its checks use.

``python -m scalelab.course.chapters.incidents._record`` writes the five files anew, or those parts
that it is told: ``runs``, ``judged``, ``scores``, ``alone``, ``diagnoses``.
"""

from __future__ import annotations

import csv
import gzip
import importlib
import itertools
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from scalelab.course.chapters.incidents.faults import INCIDENTS, setting_of
from scalelab.course.chapters.incidents.fixes import FIXES, fixed_setting, score
from scalelab.course.chapters.incidents.metrics import Metrics, metrics_of
from scalelab.course.chapters.incidents.recorded import (
    ALONE,
    DIAGNOSES,
    ENOUGH,
    JUDGED,
    RUNS,
    SCORES,
)
from scalelab.course.chapters.incidents.shop import run_of
from scalelab.course.chapters.incidents.split_brain import SPLIT_FIXES, split_run

ALL = (*INCIDENTS, "split brain")
RUN_SEEDS = (100, 101, 102)
JUDGED_SEEDS = (103, 104)  # of the runs that a check asks
# And one more each, of what is rare: a stampede that fails everybody, a lag of a few seconds.
RARE_SEEDS = {"cache stampede": 105, "replica lag": 115}
SCORE_SEEDS = range(500, 506)
DIAGNOSIS_SEEDS = range(300, 350)
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
        ("connections outlive the request", "pool of 6", "retry budget of 10 %", "pool x 2"),
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
    "split brain": (1, tuple(SPLIT_FIXES)),
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
    """Record the runs that the page and its tables use."""
    _write_runs(RUNS, dict.fromkeys(ALL, RUN_SEEDS))


def write_judged() -> None:
    """Record the runs that a check asks."""
    rare = {name: (seed,) for name, seed in RARE_SEEDS.items()}
    _write_runs(JUDGED, {name: JUDGED_SEEDS + rare.get(name, ()) for name in ALL})


def _write_runs(path: Path, seeds: dict[str, tuple[int, ...]]) -> None:
    with gzip.open(path, "wt", newline="") as file:
        table = csv.writer(file)
        for name in seeds:
            for seed in seeds[name]:
                for line, values in metrics_of_incident(name, seed).items():
                    table.writerow([name, seed, line, *(f"{value:g}" for value in values)])


def write_scores() -> None:
    """Record how each choice ends, on each seed."""
    rows = (
        (name, " + ".join(chosen), seed, *_ends(name, chosen, seed))
        for name in TRIED
        for seed in SCORE_SEEDS
        for chosen in choices(name)
    )
    _write(SCORES, rows)


def write_alone() -> None:
    """Record how each setting ends alone that is not among those of `TRIED`."""
    _write(ALONE, itertools.chain.from_iterable(map(_alone, INCIDENTS)))


def _alone(name: str) -> Iterator[tuple[object, ...]]:
    """Run each night of `SCORE_SEEDS`, or as many as show that a setting cannot be enough."""
    if name not in TRIED:  # a calm time
        return
    as_it_is = {seed: repr(fixed_setting(name, seed, ())) for seed in SCORE_SEEDS}
    for fix in FIXES:
        if fix in TRIED[name][1]:
            continue
        lacks = 0.0
        for seed in SCORE_SEEDS:
            # a setting that changes nothing here ends as nothing does
            same = repr(fixed_setting(name, seed, (fix,))) == as_it_is[seed]
            ends = _ends(name, () if same else (fix,), seed)
            yield name, fix, seed, *ends
            lacks += 1 - float(ends[0])
            if out_of_reach(lacks):
                break


def out_of_reach(lacks: float) -> bool:
    """Whether so much is lacking in some nights that the mean of all can no longer be enough."""
    return lacks > (1 - ENOUGH) * len(SCORE_SEEDS)


@cache
def _ends(name: str, chosen: tuple[str, ...], seed: int) -> tuple[str, str]:
    usual, twice = score(name, chosen, seed)
    return f"{usual:.3f}", f"{twice:.3f}"


def write_diagnoses() -> None:
    """Record what the reference, the solution of the lab, tells of seeds that nobody has seen."""
    sys.path.append("labs")  # the command is called at the root of the repository
    diagnose = importlib.import_module("checks.incidents").lab.exercises["cause"].solution
    rows = (
        (name, seed, diagnose(metrics_of_incident(name, seed)))
        for seed in DIAGNOSIS_SEEDS
        for name in ALL
    )
    _write(DIAGNOSES, rows)


def _write(path: Path, rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        for row in rows:  # each as soon as it is known: all of them take an hour
            table.writerow(row)
            file.flush()


PARTS = {
    "runs": write_runs,
    "judged": write_judged,
    "scores": write_scores,
    "alone": write_alone,
    "diagnoses": write_diagnoses,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
