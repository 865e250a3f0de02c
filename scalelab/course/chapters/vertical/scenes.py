"""The scene of the chapter on vertical scaling: more and more cores, and one lock."""

from __future__ import annotations

import numpy as np

from scalelab.course.shows.lock import show_lock
from scalelab.course.stage import Stage
from scalelab.sim.closed import closed_run

CORES = {"4": 4, "8": 8, "16": 16}
LOCKED = 0.1  # share of each request, whose work is a second on average
UNTIL_S = 14.0


def one_lock(stage: Stage, cores: int) -> None:
    """Let so many cores do requests, a tenth of each under one lock."""
    outside, inside = np.random.default_rng(6).spawn(2)
    thinks_s = outside.exponential(1 - LOCKED, 240)
    run = closed_run(thinks_s, inside.exponential(LOCKED, 240), customers=cores)
    stage.at(0.0, "Each core has a request. It works alone, and then needs the lock.")
    stage.at(UNTIL_S - 2, "Compare what is done with four times as many cores.")
    show_lock(stage, thinks_s, run, cores, UNTIL_S)


SCENES = ((one_lock, CORES, UNTIL_S),)
