"""One line before several workers, as the queue simulator found it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scalelab import _validate as v
from scalelab.course.stage import Box, Look, Place, Stage
from scalelab.sim.queue import queue_waits_s


def show_one_line(
    stage: Stage, arrivals_s: v.FloatArray, service_s: v.FloatArray, workers: int
) -> None:
    """Show requests that wait in one line for the first free worker.

    Parameters
    ----------
    stage : Stage
        Nothing runs on its clock: the arrays say all.
    arrivals_s, service_s : ndarray, shape (n,)
        When each request comes, ascending, and how long its work is, in seconds.
    workers : int
        Requests that are served at a time.
    """
    begin_s = arrivals_s + np.asarray(queue_waits_s(arrivals_s, service_s, workers))
    clients, line, work, out = _scenery(stage, workers)
    for arrived_s, began_s, took_s in zip(arrivals_s, begin_s, service_s, strict=True):
        way: list[tuple[float, int, Look]] = [(arrived_s, clients, "moving")]
        if began_s > arrived_s:
            way.append((arrived_s, line, "moving"))
        way.append((began_s, work, "moving"))
        stage.history([*way, (began_s + took_s, out, "good")])


def _scenery(stage: Stage, workers: int) -> list[int]:
    """Put clients, line and workers on the stage; returns the places."""
    rows, columns = -(-workers // 8), min(workers, 8)
    width, height = 18.0 * columns + 8, 22.0 * rows + 8
    stage.height = max(110.0, height + 60)
    stage.p99_of = "answered"
    stage.legend |= {"moving": "request"}
    middle, left = stage.height / 2, 386 - width
    stage.box(Box(label="clients", x=2, y=middle - 14, width=62, height=28))
    stage.box(Box(label="workers", x=left, y=middle - height / 2, width=width, height=height))
    line = Place(name="the line", x=left - 14, y=middle, keep="line", dx=-12, columns=99)
    work = Place(name="a worker", x=left + 13, y=middle - height / 2 + 15, dx=18, dy=22)
    places = (
        Place(name="the clients", x=33, y=middle),
        replace(line, most=int((left - 100) // 12), counter="in line"),
        replace(work, columns=8, most=workers, counter="at work"),
        Place(name="answered", x=412, y=middle, keep="out", counter="answered"),
    )
    return [stage.place(place) for place in places]
