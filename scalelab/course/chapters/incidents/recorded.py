"""Recorded runs: what the page and the checks use, and all that a browser has."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from functools import cache
from pathlib import Path

from scalelab.course.chapters.incidents.faults import INCIDENTS
from scalelab.course.chapters.incidents.metrics import Metrics

CAUSES = (*(name for name in INCIDENTS if name != "calm"), "split brain")
_HERE = Path(__file__).parent
RUNS, JUDGED, SCORES = _HERE / "runs.csv.gz", _HERE / "judged.csv.gz", _HERE / "scores.csv"
ALONE, DIAGNOSES = _HERE / "alone.csv", _HERE / "diagnoses.csv"
ENOUGH = 0.9  # of the requests, or of the runs, after both times, for a fix to have worked


@cache
def recorded_runs() -> dict[str, list[Metrics]]:
    """Return the dashboards of some runs of each incident, in the order of their seeds."""
    return _runs_of(RUNS)


@cache
def judged_runs() -> dict[str, list[Metrics]]:
    """Return runs of other seeds, which the page neither shows nor imports: a check asks them."""
    return _runs_of(JUDGED)


def _runs_of(path: Path) -> dict[str, list[Metrics]]:
    runs: dict[tuple[str, str], Metrics] = {}
    with gzip.open(path, "rt", newline="") as file:
        for name, seed, line, *values in csv.reader(file):
            runs.setdefault((name, seed), {})[line] = [float(value) for value in values]
    found: dict[str, list[Metrics]] = {}
    for (name, _), metrics in runs.items():
        found.setdefault(name, []).append(metrics)
    return found


@cache
def recorded_scores() -> dict[str, dict[tuple[str, ...], tuple[float, float]]]:
    """Return, by cause and chosen fixes, how runs end: usual ones, and of twice the length.

    Means over the seeds that were recorded, from 0 to 1.
    """
    return {
        name: {tuple(sorted(fixes.split(" + "))) if fixes else (): end for fixes, end in ends}
        for name, ends in _means_of(SCORES).items()
    }


@cache
def recorded_alone() -> dict[str, dict[str, tuple[float, float]]]:
    """Return, by cause and setting, how a run ends with this one alone: usual, and twice as long.

    All settings of the shop are there, as means over the seeds of `recorded_scores`. One that it
    does not have ran on the first of them only where these put `ENOUGH` out of its reach.
    """
    found = {
        name: {chosen[0]: ends for chosen, ends in scores.items() if len(chosen) == 1}
        for name, scores in recorded_scores().items()
    }
    for name, ends in _means_of(ALONE).items():
        found[name] |= ends
    return found


def _means_of(path: Path) -> dict[str, list[tuple[str, tuple[float, float]]]]:
    """Return, by cause, what was changed and how it ends: the means over the seeds."""
    ends: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for name, fixes, _, usual, twice in csv.reader(file):
            ends.setdefault((name, fixes), []).append((float(usual), float(twice)))
    found: dict[str, list[tuple[str, tuple[float, float]]]] = {}
    for (name, fixes), each in ends.items():
        usual_mean, twice_mean = (sum(part) / len(each) for part in zip(*each, strict=True))
        found.setdefault(name, []).append((fixes, (usual_mean, twice_mean)))
    return found


@cache
def recorded_diagnoses() -> dict[str, Counter[str]]:
    """Return, by cause, how often the reference told which, on fifty seeds that are not shown."""
    found: dict[str, Counter[str]] = {}
    with DIAGNOSES.open(encoding="utf-8", newline="") as file:
        for name, _, told in csv.reader(file):
            found.setdefault(name, Counter())[told] += 1
    return found


def smallest_that_work(cause: str) -> list[tuple[str, ...]]:
    """Return the choices that work for a cause, and of which no part works alone."""
    works = [
        set(chosen) for chosen, ends in recorded_scores()[cause].items() if min(ends) >= ENOUGH
    ]
    return [tuple(sorted(each)) for each in works if not any(other < each for other in works)]


def ends_alone(cause: str) -> tuple[list[str], list[str]]:
    """Return the settings that work alone, and those that only put the end off."""
    ends = recorded_alone()[cause].items()
    works = [fix for fix, (usual, twice) in ends if min(usual, twice) >= ENOUGH]
    return works, [fix for fix, (usual, twice) in ends if twice < ENOUGH <= usual]
