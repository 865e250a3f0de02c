"""Weeks of the shop: demand, a crowd on Friday, and what breaks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scalelab import _validate as v
from scalelab.sim.week import WeekFaults
from scalelab.workloads.demand import DAY_S, daily_rate_per_s, flash_crowd_per_s, noisy_rate_per_s

WEEK_S = 7 * DAY_S
FRIDAY_S = 4 * DAY_S
WAVE_PER_S, PEAK_OVER_MEAN = 900.0, 1.7  # requests of a day
CROWD_PER_S = 3_600.0  # on Friday, in the middle of the weeks
WEATHER_S = 300.0  # demand drifts by so much every five minutes
WEATHER_SD = 0.06
ERROR_SHARE = 0.0005  # of attempts, on any day
REPLICA_BACK_S = 900.0  # until there is a new replica in place of one that is gone


@dataclass(frozen=True, kw_only=True, eq=False)
class Week:
    """A week that a seed gives: rates in each tick, and when what happens."""

    seed: int
    tick_s: float
    rate_per_s: v.FloatArray
    faults: WeekFaults
    crowd_s: float
    second_crowd_s: float


def draw_week(seed: int, tick_s: float = 1.0) -> Week:
    """Draw a week; the length of a tick changes the noise of a counter, and nothing else.

    What happens is drawn from a stream of its own before any noise is.
    """
    what, weather, noise = np.random.default_rng(seed).spawn(3)
    crowd_s = FRIDAY_S + what.uniform(7, 12) * 3_600
    second_s = what.integers(0, 4) * DAY_S + what.uniform(9, 22) * 3_600
    heights = what.lognormal(math.log(CROWD_PER_S), 0.2), what.uniform(900, 1_800)
    ramp_s = what.uniform(240, 480)
    empty_s = crowd_s + what.uniform(600, 3_000)
    times = [
        at_any_time if what.random() < 0.5 else near_the_crowd
        for at_any_time, near_the_crowd in (
            (what.uniform(0.05, 0.9) * WEEK_S, crowd_s + what.uniform(-900, 1_800)),
            (what.uniform(0.05, 0.9) * WEEK_S, crowd_s + what.uniform(300, 3_600)),
            (what.uniform(0.05, 0.95) * WEEK_S, crowd_s + what.uniform(0, 3_600)),
        )
    ]
    time_s = (np.arange(round(WEEK_S / tick_s)) + 0.5) * tick_s  # the middle of each tick
    rate = daily_rate_per_s(time_s, WAVE_PER_S, peak_over_mean=PEAK_OVER_MEAN, weekend_factor=1.15)
    first = flash_crowd_per_s(
        time_s, 1.0, heights[0], start_s=crowd_s, ramp_s=ramp_s, decay_s=5_400
    )
    second = flash_crowd_per_s(time_s, 1.0, heights[1], start_s=second_s, ramp_s=120, decay_s=1_800)
    drift = np.exp(weather.normal(0, WEATHER_SD, math.ceil(WEEK_S / WEATHER_S)))
    rate = (rate + first + second - 2) * drift[(time_s // WEATHER_S).astype(np.int64)]
    return Week(
        seed=seed,
        tick_s=tick_s,
        rate_per_s=noisy_rate_per_s(rate, tick_s, rng=noise),
        faults=WeekFaults(
            cache_empty_s=empty_s,
            replica_lost_s=times[0],
            servers_lost_s=times[1],
            primary_lost_s=times[2],
            replica_back_s=REPLICA_BACK_S,
            error_share=ERROR_SHARE,
        ),
        crowd_s=crowd_s,
        second_crowd_s=second_s,
    )
