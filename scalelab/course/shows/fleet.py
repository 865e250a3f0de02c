"""A fleet that grows and shrinks: its line, and its instances as they start, run and stop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scalelab.course.stage import Box, Look, Place, Stage
from scalelab.sim.fleet import FleetRun, IntArray

BLOCK = 6_000  # requests that one token stands for
LATE_S = 0.5
TURNED_AWAY = "turned away"
LEGEND: dict[Look, str] = {
    "moving": f"{BLOCK:,} requests",
    "good": "answered in time",
    "again": "answered late",
    "record": "instance",
}
FEW = 20  # instances that stand five abreast; of more there are seven


def show_fleet(stage: Stage, run: FleetRun, *, begin_s: int, end_s: int) -> None:
    """Show part of a run of the simulator: its seconds from `begin_s` to `end_s`.

    Parameters
    ----------
    stage : Stage
        Nothing runs on its clock: the arrays say all.
    run : FleetRun
        Of ticks of one second.
    begin_s, end_s : int
        The part that is shown, in seconds of the run; the stage's clock begins at `begin_s`.
    """
    stage.noun = "token"
    stage.legend |= LEGEND
    places = _scenery(stage, run)
    part = slice(begin_s, end_s)
    _requests(stage, places, run, begin_s, end_s)
    if TURNED_AWAY in places:
        _turned_away(stage, places, np.cumsum(run.dropped), begin_s, end_s)
    _instances(stage, places, run.running[part], run.starting[part])
    come, served = _come_and_served(run)
    away = np.cumsum(run.dropped) // BLOCK
    late = run.backlog > 0
    for second in range(end_s - begin_s):
        tick = begin_s + second
        said = {"in line": int(come[tick] // BLOCK) - int(served[tick] // BLOCK)}
        said |= {"starting": int(run.starting[tick]), "running": int(run.running[tick])}
        if TURNED_AWAY in places:
            said[TURNED_AWAY] = int(away[tick] - (away[begin_s - 1] if begin_s else 0))
        stage.books.append((1_000 * second, said))
    _say(stage, run, late[part], begin_s)


def _come_and_served(run: FleetRun) -> tuple[np.ndarray, np.ndarray]:
    """Return how many had come by each second, without those turned away, and been served."""
    come = np.cumsum(run.demand - run.dropped)
    return come, np.round(come - run.backlog, 3)


def _scenery(stage: Stage, run: FleetRun) -> dict[str, int]:
    """Put users, line and fleet on the stage; returns the places by name.

    A fleet that may turn requests away has a place for them, whether this run did or not.
    """
    turns_away = run.fleet.queue_limit < np.inf
    most = run.fleet.max_instances if turns_away else max(int(run.running.max()), FEW)
    columns, gap, left = (5, 18.0, 255.0) if most <= FEW else (7, 14.0, 249.0)
    height = gap * -(-most // columns) + 10
    top = max(146.0, 26 + height + 22)
    stage.height = top + 80
    stage.box(Box(label="users", x=2, y=40, width=54, height=28))
    stage.box(Box(label="line", x=64, y=26, width=166, height=84))
    stage.box(Box(label="running", x=242, y=26, width=98, height=height))
    stage.box(Box(label="starting", x=242, y=top, width=98, height=46))
    stage.sign(398, 46, "in time", "end")
    stage.sign(398, 96, "late", "end")
    stage.sign(291, top + 70, "stopped")
    fleet = Place(name="", x=left, y=40, dx=gap, dy=gap, columns=columns, most=most)
    starting = Place(name="starting", x=left, y=top + 14, dx=gap, dy=gap, columns=columns)
    ends = {"answered in time": (412.0, 52.0), "answered late": (412.0, 102.0)}
    if turns_away:
        ends[TURNED_AWAY] = (147.0, top + 60)
        stage.sign(147, top + 70, TURNED_AWAY)
    line = Place(name="the line", x=220, y=40, keep="line", dx=-12, dy=14, columns=13, most=65)
    places = [
        Place(name="the users", x=29, y=54),
        replace(line, counter="in line"),
        replace(starting, most=2 * columns, counter="starting"),
        replace(fleet, name="running", counter="running"),
        Place(name="stopped", x=291, y=top + 60, keep="out"),
        *(Place(name=n, x=x, y=y, keep="out", counter=n) for n, (x, y) in ends.items()),
    ]
    return {place.name: stage.place(place) for place in places}


def _requests(
    stage: Stage, places: dict[str, int], run: FleetRun, begin_s: int, end_s: int
) -> None:
    """Write down each block of requests: when its last one came, and when that was answered."""
    come, served = _come_and_served(run)
    delay_s = run.delay_s
    before = int(served[begin_s - 1] // BLOCK) if begin_s else 0
    for block in range(before + 1, int(come[end_s - 1] // BLOCK) + 1):
        came, left = (int(a.searchsorted(block * BLOCK)) for a in (come, served))
        late = left > came and delay_s[came] > LATE_S
        at = float(came - begin_s)
        way: list[tuple[float, int, Look]] = [(at, places["the users"], "moving")]
        if left > came:
            way.append((at, places["the line"], "moving"))
        if left < end_s:
            end = "answered late" if late else "answered in time"
            way.append((float(left - begin_s), places[end], "again" if late else "good"))
        stage.history(way)


def _turned_away(
    stage: Stage, places: dict[str, int], dropped: np.ndarray, begin_s: int, end_s: int
) -> None:
    """Write down each block of requests that found the line full."""
    before = int(dropped[begin_s - 1] // BLOCK) if begin_s else 0
    for block in range(before + 1, int(dropped[end_s - 1] // BLOCK) + 1):
        at = float(dropped.searchsorted(block * BLOCK) - begin_s)
        stage.history([(at, places["the users"], "moving"), (at, places[TURNED_AWAY], "lost")])


def _instances(stage: Stage, places: dict[str, int], running: IntArray, starting: IntArray) -> None:
    """Write down each instance: ordered, running, stopped; the first ordered is ready first."""
    ways: list[list[tuple[float, int, Look]]] = []
    waiting: list[list[tuple[float, int, Look]]] = []
    serving: list[list[tuple[float, int, Look]]] = []
    for second, (run_now, start_now) in enumerate(zip(running, starting, strict=True)):
        at = float(second)
        while waiting and len(serving) < run_now:
            serving.append(waiting.pop(0))
            serving[-1].append((at, places["running"], "record"))
        while len(serving) < run_now:  # there from the beginning
            ways.append([(at, places["running"], "record")])
            serving.append(ways[-1])
        while len(serving) > run_now:
            serving.pop().append((at, places["stopped"], "record"))
        while len(waiting) < start_now:
            ways.append([(at, places["starting"], "record")])
            waiting.append(ways[-1])
    for way in ways:
        stage.history(way)


def _say(stage: Stage, run: FleetRun, late: np.ndarray, begin_s: int) -> None:
    """Say when the fleet first orders and first grows, and when the line is longest and gone."""
    shown = slice(begin_s, begin_s + late.size)
    orders = np.flatnonzero(run.starting[shown] > 0)
    if orders.size:
        first = int(orders[0])
        more = int(run.starting[begin_s + first])
        begin = f"First order: {more} more. " if more > 1 else "First order: one more. "
        stage.at(float(first), begin + f"It takes {run.fleet.startup_s:g} s until they serve.")
    if late.any():
        worst = int(run.backlog[shown].argmax())
        waiting, have = run.backlog[begin_s + worst], run.running[begin_s + worst]
        said = f"The line is longest: {waiting:,.0f} requests, {have} instances run."
        stage.at(float(worst), said)
        gone = int(np.flatnonzero(late)[-1]) + 1
        if gone < late.size:
            stage.at(float(gone), "Nobody waits any more.")
