"""The scene of the chapter on choosing: what spares do for a promise."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.choosing.experiments import change_moments_h
from scalelab.course.shows.machines import show_machines
from scalelab.course.stage import Stage

NEEDED, MOST, HOURS = 4, 6, 160
AVAILABILITY, MEAN_DOWN_H = 0.95, 3.0
FLEETS = {"4 machines": 4, "5 machines": 5, "6 machines": 6}


def promise(stage: Stage, machines: int) -> None:
    """Let so many machines fail and come back, the same failures for the same machine."""
    moments_h = change_moments_h(
        np.random.default_rng(3),
        MOST,
        availability=AVAILABILITY,
        mean_down_h=MEAN_DOWN_H,
        hours=HOURS,
    )
    show_machines(stage, moments_h[:machines], needed=NEEDED, most=MOST, hours=HOURS)
    stage.at(0.0, f"{NEEDED} machines carry the peak. A second here is an hour.")


SCENES = ((promise, FLEETS, float(HOURS)),)
