"""Cores that work alone and then need one lock, as the simulator of a closed loop found it."""

from __future__ import annotations

from scalelab import _validate as v
from scalelab.course.stage import Box, Look, Place, Stage
from scalelab.sim.closed import ClosedRun

MOST = 16  # cores that are drawn


def show_lock(
    stage: Stage, thinks_s: v.FloatArray, run: ClosedRun, cores: int, until_s: float
) -> None:
    """Show each request on its core, in the line for the lock, holding it, and done.

    Parameters
    ----------
    stage : Stage
        Nothing runs on its clock: the arrays say all.
    thinks_s : ndarray, shape (n,)
        Seconds of work outside the lock, as the simulator got them.
    run : ClosedRun
        What it found.
    cores : int
        Its customers, at most 16.
    until_s : float
        What begins later is not shown.
    """
    alone, line, lock, done = _scenery(stage)
    end_s = run.arrival_s + run.response_s
    starts = [(float(thinks_s[i]), 0.0) for i in range(cores)]
    starts += [
        (float(end + think), float(end))  # the core that ends goes on with its next request
        for end, think in zip(end_s, thinks_s[cores:], strict=False)
    ]
    for i, (asked_s, began_s) in enumerate(sorted(starts)[: run.arrival_s.size]):
        if began_s >= until_s:
            continue
        way: list[tuple[float, int, Look]] = [(began_s, alone, "moving")]
        if run.wait_s[i] > 0:
            way.append((asked_s, line, "again"))
        way.append((asked_s + run.wait_s[i], lock, "record"))
        stage.history([*way, (float(end_s[i]), done, "good")])


def _scenery(stage: Stage) -> list[int]:
    """Put the cores, the line and the lock on the stage; returns the places."""
    stage.height = 120.0
    stage.legend |= {"moving": "at its own work", "again": "waits", "record": "has the lock"}
    stage.box(Box(label="cores", x=4, y=34, width=18.0 * 8 + 8, height=52))
    stage.box(Box(label="lock", x=340, y=47, width=28, height=26))
    places = (
        Place(name="a core", x=17, y=48, dx=18, dy=24, columns=8, most=MOST, counter="at own work"),
        Place(
            name="the line",
            x=328,
            y=60,
            keep="line",
            dx=-11,
            columns=99,
            most=14,
            counter="waiting",
        ),
        Place(name="the lock", x=354, y=60, counter="has the lock"),
        Place(name="done", x=412, y=60, keep="out", counter="done"),
    )
    return [stage.place(place) for place in places]
