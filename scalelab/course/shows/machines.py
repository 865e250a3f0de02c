"""Machines that fail and come back, and whether enough of them are up, hour by hour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scalelab import _validate as v
from scalelab.course.stage import Box, Look, Place, Stage

LEGEND: dict[Look, str] = {
    "record": "machine",
    "good": "hour with enough machines",
    "lost": "hour with too few",
}


def show_machines(
    stage: Stage, moments_h: v.FloatArray, *, needed: int, most: int, hours: int
) -> None:
    """Show which machines are up, and which hours had enough of them; a second is an hour.

    Parameters
    ----------
    stage : Stage
        Nothing runs on its clock: the array says all.
    moments_h : ndarray, shape (machines, n)
        When each machine fails, comes back, fails and so on, ascending, in hours; all begin up.
    needed : int
        Machines that must be up.
    most : int
        Machines that the picture has room for.
    hours : int
        How long.
    """
    stage.height, stage.noun = 150.0, "machine"
    stage.legend |= LEGEND
    up, down, kept, broken = _scenery(stage, most)
    for own_h in moments_h:
        seen = own_h[own_h < hours]
        way: list[tuple[float, int, Look]] = [(0.0, up, "record")]
        way += [(float(t), (down, up)[i % 2], "record") for i, t in enumerate(seen)]
        stage.history(way)
    few = np.zeros(hours, bool)
    for hour in range(hours):
        looks = np.concatenate([[hour], moments_h[(moments_h > hour) & (moments_h < hour + 1)]])
        few[hour] = min(_up(moments_h, t) for t in looks) < needed
        at, look = (broken, "lost") if few[hour] else (kept, "good")
        stage.history([(hour + 1.0, at, look)])  # type: ignore[list-item]
    for t in np.sort(moments_h[moments_h < hours]):
        count = _up(moments_h, t)
        stage.books.append((round(1_000 * t), {"up": count, "down": len(moments_h) - count}))
    for hour in np.flatnonzero(few & ~np.concatenate([[False], few[:-1]])).tolist():
        said = f"Hour {hour + 1}: fewer than {needed} are up. The promise is broken."
        stage.at(float(hour) + 1, said)


def _up(moments_h: v.FloatArray, t: float) -> int:
    """Count the machines that are up just after a time."""
    return int((np.count_nonzero(moments_h <= t, axis=1) % 2 == 0).sum())


def _scenery(stage: Stage, most: int) -> list[int]:
    """Put the machines' two boxes and the two ways out on the stage; returns the places."""
    width = 20.0 * most + 12
    stage.box(Box(label="up", x=40, y=26, width=width, height=34))
    stage.box(Box(label="down", x=40, y=92, width=width, height=34))
    row = Place(name="up", x=56, y=43, dx=20, columns=most, most=most, counter="up")
    out = Place(name="enough", x=330, y=43, keep="out", counter="hours with enough")
    stage.sign(330, 70, "enough")
    stage.sign(330, 134, "too few")
    places = (
        row,
        replace(row, name="down", y=109, counter="down"),
        out,
        replace(out, name="too few", y=109, counter="hours with too few"),
    )
    return [stage.place(place) for place in places]
