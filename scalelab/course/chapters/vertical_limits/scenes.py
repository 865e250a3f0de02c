"""Scene of the chapter on the limits of a larger database server: four times the cores, one log."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np

from scalelab.course.chapters.vertical_limits.group_commit import Commits, group_commits
from scalelab.course.examine import UnansweredError
from scalelab.course.shows.group_commit import show_group_commit
from scalelab.course.stage import Stage
from scalelab.real.limits import call

# Clients and cores.
RUNS = {
    "8 clients, 2 cores": (8, 2),
    "8 clients, 8 cores": (8, 8),
    "1 client, 2 cores": (1, 2),
    "1 client, 8 cores": (1, 8),
}
WORK_S, FLUSH_S, UNTIL_S = 0.25, 1.0, 12.0


def commits(run: tuple[int, int]) -> Commits:
    """Return what the clients of a run commit."""
    clients, cores = run
    return group_commits(
        clients,
        cores=cores,
        work_s=WORK_S,
        flush_s=FLUSH_S,
        until_s=UNTIL_S,
        rng=np.random.default_rng(7),
    )


def one_log(stage: Stage, run: tuple[int, int]) -> None:
    """Let clients commit orders, each a quarter of a second of a core and a flush of a second."""
    stage.at(
        0.0, "Each client sends an order: a core works on it, then its record must be flushed."
    )
    stage.at(3.0, "A flush takes along all records that wait when it begins, and no other.")
    stage.at(UNTIL_S - 3, "Compare what is committed with four times the cores.")
    show_group_commit(stage, commits(run).times_s, run[1])


MS = 0.2  # in which a millisecond of the lab's records is shown, in seconds


def until_s(ready_ms: list[int], flush_ms: int) -> float:
    """Return until when a case of the lab is shown."""
    return MS * (max(ready_ms, default=0) + 3 * flush_ms) + 1


def own_flushes(
    stage: Stage, answer: Callable[..., Any], ready_ms: list[int], flush_ms: int
) -> None:
    """Show when the lab's answer says that each record is on the disk."""
    done_ms = call(answer, list(ready_ms), flush_ms)
    if done_ms is ...:
        raise UnansweredError
    if done_ms is None:  # nothing came back, so no record is ever on the disk
        done_ms = []
    rows = []
    for ready, done in zip_longest(ready_ms, done_ms[: len(ready_ms)], fillvalue=np.inf):
        taken = max(ready, done - flush_ms)
        rows.append([ready, ready, ready, taken, max(taken, done)])
    show_group_commit(stage, np.array(rows, float).reshape(-1, 5) * MS, 8)


SCENES = ((one_log, RUNS, UNTIL_S),)
