"""Recorded runs: what the page and the checks use, and all that a browser has."""

from __future__ import annotations

import csv
import gzip
from functools import cache
from pathlib import Path

from scalelab.course.chapters.incidents.faults import INCIDENTS
from scalelab.course.chapters.incidents.metrics import Metrics

CAUSES = (*(name for name in INCIDENTS if name != "calm"), "split brain")
_HERE = Path(__file__).parent
RUNS, SCORES = _HERE / "runs.csv.gz", _HERE / "scores.csv"
ALONE, DIAGNOSES = _HERE / "alone.csv", _HERE / "diagnoses.csv"


@cache
def recorded_runs() -> dict[str, list[Metrics]]:
    """Return the dashboards of some runs of each incident, in the order of their seeds."""
    runs: dict[tuple[str, str], Metrics] = {}
    with gzip.open(RUNS, "rt", newline="") as file:
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
    found: dict[str, dict[tuple[str, ...], list[tuple[float, float]]]] = {}
    with SCORES.open(newline="") as file:
        for name, fixes, _, usual, twice in csv.reader(file):
            chosen = tuple(sorted(fixes.split(" + "))) if fixes else ()
            ends = found.setdefault(name, {}).setdefault(chosen, [])
            ends.append((float(usual), float(twice)))
    return {
        name: {
            chosen: (sum(e[0] for e in ends) / len(ends), sum(e[1] for e in ends) / len(ends))
            for chosen, ends in scores.items()
        }
        for name, scores in found.items()
    }
