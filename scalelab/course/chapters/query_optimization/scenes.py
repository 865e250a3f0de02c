"""Scene of the chapter on queries: the same clients, then cores twice as fast, then an index."""

from __future__ import annotations

import numpy as np

from scalelab import _validate as v
from scalelab.course.shows.one_line import show_one_line
from scalelab.course.stage import Stage

# Seconds of a core that a query takes.
MENDS = {"as it is": 1.0, "cores twice as fast": 0.5, "an index": 0.2}
CLIENTS, CORES, WORK_S, UNTIL_S = 12, 2, 1.0, 16.0


def arrivals_s() -> v.FloatArray:
    """When queries come: 12 clients who ask again as soon as two cores have answered them.

    The same queries come in each run, so that only the mend differs.
    """
    first = 0.05 * np.arange(CLIENTS)
    rounds = np.arange(1, 15)
    again = np.sort(np.r_[rounds * WORK_S, rounds * WORK_S + 0.05])
    return np.r_[first, again[again > first[-1]]]


def one_mend(stage: Stage, work_s: float) -> None:
    """Send two queries a second to a database whose cores can do just that, or more."""
    come_s = arrivals_s()
    show_one_line(stage, come_s, np.full(come_s.size, work_s), CORES)
    stage.at(0.0, "Twelve queries at once, then two a second.")
    stage.at(4.0, "Look at the line, and at how many cores are at work.")
    stage.at(UNTIL_S - 2, "How much work was each query? And how long did it take?")


SCENES = ((one_mend, MENDS, UNTIL_S),)
