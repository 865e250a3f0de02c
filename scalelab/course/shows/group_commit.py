"""Orders that need a core and then share the flushes of one log disk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scalelab import _validate as v
from scalelab.course.stage import Box, Look, Place, Stage

MOST = 8  # cores, and records in a flush, that are drawn in two columns
LEGEND: dict[Look, str] = {
    "again": "waits",
    "moving": "at work",
    "record": "in a flush",
    "good": "committed",
}


def show_group_commit(stage: Stage, times_s: v.FloatArray, cores: int) -> None:
    """Show each order in the line for a core, at work, waiting for the disk, flushed, committed.

    Parameters
    ----------
    stage : Stage
        Nothing runs on its clock: the array says all.
    times_s : ndarray, shape (orders, 5)
        When each order is sent, a core begins with it, its record is ready, the flush that carries
        it begins, and it is on the disk, in seconds; infinite where that never happens.
    cores : int
        Orders that are worked on at a time, at most 8.
    """
    box, (line, work, wait, flush, done) = _scenery(stage)
    stage.state(box, str(cores))
    for sent_s, began_s, ready_s, taken_s, done_s in times_s:
        way: list[tuple[float, int, Look]] = []
        if began_s > sent_s:
            way.append((sent_s, line, "again"))
        way.append((began_s, work, "moving"))
        if taken_s > ready_s:
            way.append((ready_s, wait, "again"))
        way += [(taken_s, flush, "record"), (done_s, done, "good")]
        stage.history(step for step in way if step[0] < np.inf)


def _scenery(stage: Stage) -> tuple[int, list[int]]:
    """Put the cores, the log disk and the two lines on the stage; returns box and places."""
    stage.height, stage.noun = 130.0, "order"
    stage.legend |= LEGEND
    cores = stage.box(Box(label="cores", x=104, y=20, width=48, height=84))
    stage.box(Box(label="log disk", x=276, y=20, width=48, height=84))
    line = Place(name="the line", x=92, y=62, keep="line", dx=-11, most=8, columns=99)
    work = Place(name="a core", x=118, y=32, dx=20, dy=20, columns=2, most=MOST)
    places = (
        line,
        work,
        replace(line, name="the wait for the disk", x=262),
        replace(work, name="a flush", x=290),
        Place(name="committed", x=380, y=62, keep="out"),
    )
    counters = (
        "waiting for a core",
        "at work",
        "waiting for the disk",
        "in the flush",
        "committed",
    )
    found = zip(places, counters, strict=True)
    return cores, [stage.place(replace(place, counter=counter)) for place, counter in found]
