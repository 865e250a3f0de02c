"""A contest of scaling policies: days that nobody has seen, three marks, and the best possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes

from scalelab import _validate as v
from scalelab.course.chapters.autoscaling.experiments import LADDER, step_policy, target_policy
from scalelab.plotting import GREEN, INK, MUTED, label, name_points
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.clairvoyant import clairvoyant_fleet
from scalelab.sim.fleet import Fleet, FleetRun
from scalelab.sim.scaling_policies import OwnPolicy, Policy
from scalelab.workloads.demand import DAY_S, daily_rate_per_s, flash_crowd_per_s, noisy_rate_per_s

FLEET = Fleet(rate_per_s=100, startup_s=180, min_instances=6, max_instances=50, queue_limit=30_000)
Score = dict[str, float]


def day(rng: np.random.Generator) -> v.FloatArray:
    """Draw a day of demand, a rate a second: a wave, a crowd that comes at some time, and noise."""
    time_s = np.arange(DAY_S)
    wave = daily_rate_per_s(
        time_s,
        700,
        peak_over_mean=float(rng.uniform(1.4, 1.8)),
        peak_hour=float(rng.uniform(11, 16)),
    )
    crowd = flash_crowd_per_s(
        time_s,
        1.0,
        float(rng.uniform(400, 1_000)),
        start_s=float(rng.uniform(0, DAY_S - 7_200)),
        ramp_s=float(rng.uniform(120, 900)),
        decay_s=float(rng.uniform(1_200, 3_600)),
    )
    return noisy_rate_per_s(np.asarray(wave) + np.asarray(crowd), 1.0, rng=rng)


def score(run: FleetRun) -> Score:
    """Return the three marks of a run: what it cost, how long users waited, how many left."""
    return {
        "instance-hours": run.instance_hours,
        "p99 delay, s": run.delay_percentile_s(0.99),
        "dropped, %": 100 * run.dropped_share,
    }


def best_possible(demand_per_s: v.FloatArray) -> float:
    """Return the instance-hours of somebody who knows the demand of each minute in advance.

    Seconds within a minute are noise, which waits for a few milliseconds. A minute that needs more
    than the fleet can have is refused.
    """
    minutes = demand_per_s.reshape(-1, 60).mean(axis=1)
    return float(clairvoyant_fleet(minutes, replace(FLEET, tick_s=60.0)).sum()) / 60


def enter(make: Callable[[], Policy | None], seeds: Iterable[int]) -> Score:
    """Run a policy over several days, a seed each, and take the mean of its marks.

    `make` returns the policy, fresh for each day. To the marks of `score` comes the cost over that
    of the best possible.
    """
    rows = []
    for seed in seeds:
        demand = day(np.random.default_rng(seed))
        row = score(fleet_run(demand, FLEET, make()))
        rows.append(
            row | {"cost over the best possible": row["instance-hours"] / best_possible(demand)}
        )
    if not rows:
        v.refuse("enter", "seeds", "hold at least one", rows)
    return {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}


def references() -> dict[str, Callable[[], Policy | None]]:
    """Return the policies to beat: each is made anew for a day."""
    return {
        "40 all day": lambda: OwnPolicy(decide=lambda reading: 40),
        "two more": step_policy,
        "ladder": lambda: step_policy(LADDER, window_s=30),
        "target 60 %": target_policy,
        "target 80 %": lambda: target_policy(0.8),
    }


def plot_front(
    ax: Axes, points: dict[str, tuple[float, float]], *, y: str, best_possible: float
) -> Axes:
    """Draw policies by what they cost and what users felt, and join those that no other beats.

    A point has instance-hours and something of which less is better; `y` says what, with its unit.
    `best_possible` are the instance-hours of the clairvoyant, who lets nobody wait.
    """
    front: list[tuple[float, float]] = []
    for hours, felt in sorted(points.values()):
        if not front or felt < front[-1][1]:
            front.append((hours, felt))
    ax.step(*zip(*front, strict=True), where="post", color=MUTED, linestyle=":")
    ax.plot(*zip(*points.values(), strict=True), "o", color=INK, markersize=5, zorder=5)
    ax.plot([best_possible], [0], "*", color=GREEN, markersize=13)
    ax.margins(x=0.15, y=0.15)
    name_points(ax, {"clairvoyant": (best_possible, 0.0), **points})
    return label(ax, x="instance-hours", y=y)
