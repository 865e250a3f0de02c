"""Scene of the lab on incidents: the parts of a shop as boxes without names, in four nights."""

from __future__ import annotations

from itertools import islice

import numpy as np

from scalelab import _validate as v
from scalelab.course.chapters.incidents.metrics import Metrics
from scalelab.course.chapters.incidents.recorded import recorded_runs
from scalelab.course.shows.levels import MOST, show_levels
from scalelab.course.stage import Stage

FROM_S, UNTIL_S = 75, 60.0  # the second of the run with which the scene begins; how long it is
NIGHTS = {
    "first": "retry storm",
    "second": "metastable cache flush",
    "third": "hot shard",
    "fourth": "thundering reconnect",
}
AWAY = 2  # tokens from where a box began, for so many seconds, and it has left
LEFT_S = 8
STAYS = 0.75  # of a token: a smaller change is not shown
BOXES = {  # what each box is, in words that the page keeps shut
    "A": "cores of the servers",
    "B": "reads that the cache does not answer",
    "C": "connections in use",
    "D": "cores of the fullest node of the database",
    "E": "connections opened, a hundred a second being full",
    "F": "requests asked for, half full being as usual",
    "G": "requests without an answer in time",
}


def levels_of(metrics: Metrics) -> dict[str, list[int]]:
    """Say how full each box is in each second of the scene, in tenths."""
    x = {name: np.asarray(values) for name, values in metrics.items()}
    shares = {
        "A": x["app"],
        "B": 1 - x["hits"],
        "C": x["pool"],
        "D": x["database"],
        "E": x["connects"] / 100,
        "F": x["offered"] / 2,
        "G": 1 - x["good"],
    }
    shown = slice(FROM_S, FROM_S + int(UNTIL_S))
    return {name: _steady(MOST * np.clip(values[shown], 0, 1)) for name, values in shares.items()}


def _steady(values: v.FloatArray) -> list[int]:
    """Round to whole tokens, and keep the number until the value is well away from it."""
    found = [round(float(values[0]))]
    for value in values[1:]:
        found.append(found[-1] if abs(value - found[-1]) < STAYS else round(float(value)))
    return found


def departures_of(levels: dict[str, list[int]]) -> list[int]:
    """Return the seconds of the scene in which a box leaves its calm level and stays away."""
    found: set[int] = set()
    for numbers in levels.values():
        away = np.abs(np.array(numbers) - np.median(numbers[:LEFT_S])) >= AWAY
        stays = (s for s in range(len(away) - LEFT_S) if away[s : s + LEFT_S].all())
        found.update(islice(stays, 1))
    return sorted(found)


def unnamed_night(stage: Stage, cause: str) -> None:
    """Play a recorded night, from before its fault on."""
    levels = levels_of(recorded_runs()[cause][0])
    show_levels(stage, levels)
    stage.at(0.0, "All is calm. Seven boxes, and nobody tells you what they are.")
    stage.at(5.0, "Something is about to break. Watch for the first change that stays.")
    for second in departures_of(levels):
        stage.at(float(second), "A box has left its calm level, or several have.")
    stage.at(UNTIL_S - 1, "Which box left its calm level first?")


SCENES = ((unnamed_night, NIGHTS, UNTIL_S),)
