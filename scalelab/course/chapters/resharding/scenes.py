"""The scene of the chapter on resharding: rows move while they are written, a step left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from scalelab.course.chapters.resharding.moves import BARE, CURE, NEVER_S, Skip
from scalelab.course.shows.resharding import show_resharding
from scalelab.course.stage import Stage
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.router import Router
from scalelab.fakes.sharding.live_resharding import LiveResharding, Step

ROWS = 16
END_S, COPY_S, COPIES_PER_S = 15.0, 1.6, 2.0

RUNS: dict[str, Skip] = {
    "nothing": Skip(rules=CURE, second_write_s=0.4, verify="both ways"),
    "the double writes": Skip(rules=CURE, second_write_s=NEVER_S),
    "versions": Skip(rules=BARE, second_write_s=0.4),
    "the backfill": Skip(rules=CURE, second_write_s=0.4, copies=False),
}
SAID = {
    "nothing": "A copy that is older than the row it meets yields. Nothing wrong is left.",
    "the double writes": "The row that changed after its copy was read is old on the new shard.",
    "versions": "The late copy has overwritten the newer row, and brought a deleted one back.",
    "the backfill": "Only what was written twice is on the new shard. The rest is not found there.",
}


def moving_rows(before: Router, after: Router, rows: int = ROWS) -> list[str]:
    """Names of the rows that go to another shard, in the order of the backfill."""
    keys = [f"row {i}" for i in range(1, rows + 1)]
    return [key for key in keys if before.node_for(key) != after.node_for(key)]


def move(stage: Stage, skip: Skip) -> None:
    """Move the rows of two shards to three, with a write and a delete in the copies' time."""
    names = ("shard 1", "shard 2", "shard 3")
    before, after = ModuloRouter(names[:2]), ModuloRouter(names)
    moving = LiveResharding(
        stage.clock,
        before,
        after,
        copy_s=COPY_S,
        second_write_s=skip.second_write_s,
        **skip.rules,
    )
    show_resharding(stage, moving, before, after)
    for i in range(1, ROWS + 1):
        stage.clock.schedule_at(0.1 + 0.04 * i, _put(moving, f"row {i}", "first"))
    changed, gone, *_, late = moving_rows(before, after)
    stage.at(2.0, "A third shard, empty. Some rows will go to it.", moving.add_nodes)
    if skip.second_write_s == NEVER_S:
        stage.at(2.6, "Clients go on to write in the old place only.", moving.double_write)
    else:
        stage.clock.schedule_at(2.6, moving.double_write)
    if skip.copies:
        stage.clock.schedule_at(3.2, lambda: moving.start_backfill(rows_per_s=COPIES_PER_S))
    first_s = 3.2  # when the copy of the first row is read
    for at_s, key in ((first_s + 0.5, changed), (8.5, late)):
        stage.clock.schedule_at(at_s, _put(moving, key, "second"))
    stage.clock.schedule_at(first_s + 1 / COPIES_PER_S + 0.4, lambda: moving.delete(gone))
    stage.clock.schedule_at(12.0, _check_and_switch(moving, skip))
    stage.at(14.0, SAID[_name_of(skip)])


def _put(moving: LiveResharding, key: str, value: str) -> Callable[[], object]:
    return lambda: moving.put(key, value)


def _name_of(skip: Skip) -> str:
    return next(name for name, other in RUNS.items() if other is skip)


def _check_and_switch(moving: LiveResharding, skip: Skip) -> Callable[[], object]:
    def switch() -> None:
        if skip.verify != "none":
            moving.verify()
        moving.switch_reads(force=moving.step < Step.VERIFIED)

    return switch


SCENES: Sequence[Any] = ((move, RUNS, END_S),)
