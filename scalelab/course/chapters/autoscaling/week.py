"""A week with a schedule: what it covers, what it orders, and a peak that comes early."""

from __future__ import annotations

import numpy as np

from scalelab import _validate as v
from scalelab.course.chapters.autoscaling.experiments import (
    GUIDE_FLEET,
    HOUR_S,
    LATE_S,
    draw_runs,
    target_policy,
)
from scalelab.sim.autoscaling import FleetRun, fleet_run
from scalelab.sim.fleet import IntArray

# The guide's schedule: days from Monday = 0, from and to which hour, and how many instances.
SCHEDULE = (((0, 1, 2, 3), 0, 24, 4), ((4,), 18, 22, 12), ((5, 6), 0, 24, 8))


def scheduled(baseline: int = 0) -> IntArray:
    """Return the guide's schedule for each of 168 hours from Monday on, or else a baseline."""
    hours = np.full(168, baseline, np.int32)
    for days, first, last, instances in SCHEDULE:
        for day in days:
            hours[24 * day + first : 24 * day + last] = instances
    return hours


def week(early_min: int = 0, *, rng: np.random.Generator | None = None) -> v.FloatArray:
    """Return a week of demand, a rate for each second, that the guide's schedule was made for.

    Friday's peak comes `early_min` minutes before its time. With `rng` there is a flash crowd, too,
    on one of the first four days.
    """
    needed = scheduled(baseline=4).repeat(HOUR_S).astype(float)
    peak = slice((4 * 24 + 18) * HOUR_S, (4 * 24 + 22) * HOUR_S)
    needed[peak.start - 60 * early_min : peak.stop] = 12
    time_s = np.arange(needed.size)
    wave = 0.8 + 0.1 * np.sin(2 * np.pi * time_s / (6 * HOUR_S))
    demand = 100 * needed * wave
    if rng is not None:
        start = int(rng.integers(0, 4 * 24 - 3)) * HOUR_S
        crowd = np.interp(time_s - start, [0, 300, 5_400, 7_200], [0, 500, 500, 0])
        demand = demand + crowd
    return demand


def orders(hours: IntArray, lead_s: int) -> IntArray:
    """Return what a schedule of 168 hours orders each second, growth `lead_s` seconds ahead."""
    seconds = hours.repeat(HOUR_S)
    return np.maximum(seconds, np.roll(seconds, -lead_s)).astype(np.int32)


def early_friday(early_min: int, reactive: bool) -> FleetRun:
    """Run Friday evening by the schedule when the peak comes `early_min` minutes early.

    `reactive` puts target tracking on top of the schedule.
    """
    friday = slice((4 * 24 + 16) * HOUR_S, (4 * 24 + 23) * HOUR_S)
    return fleet_run(
        week(early_min)[friday],
        GUIDE_FLEET,
        target_policy(0.9) if reactive else None,
        at_least=orders(scheduled(baseline=4), 300)[friday],
    )


def draw_early(axes: np.ndarray, early_min: int, reactive: bool) -> str:
    """Draw Friday evening when the peak comes before the schedule expects it.

    `reactive` puts target tracking on top of the schedule.
    """
    run = early_friday(early_min, reactive)
    draw_runs(axes, {"capacity": run})
    late = float((run.delay_s > LATE_S).sum() / 60)
    return (
        f"The peak comes {early_min} minutes early, {'with' if reactive else 'without'} target "
        f"tracking on top. Somebody waits "
        f"during {late:.0f} minutes, for {run.delay_s.max():.0f} s at the worst; "
        f"{run.instance_hours:.1f} instance-hours."
    )
