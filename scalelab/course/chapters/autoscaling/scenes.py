"""The scene of the chapter on auto-scaling: one flash crowd, and what four policies make of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scalelab.course.chapters.autoscaling import contest
from scalelab.course.chapters.autoscaling.experiments import (
    GUIDE_FLEET,
    LADDER,
    flash,
    step_policy,
    target_policy,
)
from scalelab.course.shows.fleet import show_fleet
from scalelab.course.stage import Stage
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.scaling_policies import OwnPolicy, Policy, Reading

POLICIES = {
    "two more": step_policy,
    "ladder": lambda: step_policy(LADDER, window_s=30),
    "ladder that interrupts": lambda: step_policy(LADDER, window_s=30, interrupts=True),
    "target 60 %": target_policy,
}
BEGIN_S, END_S = 18 * 60, 44 * 60  # of the four hours


def crowd(stage: Stage, policy: object) -> None:
    """Let demand triple before a fleet of four, under a policy that `policy()` makes."""
    assert callable(policy)
    made: Policy = policy()
    show_fleet(stage, fleet_run(flash(), GUIDE_FLEET, made), begin_s=BEGIN_S, end_s=END_S)
    stage.at(0.0, "240 requests a second, and four instances of 100.")
    stage.at(120.0, "Demand begins to rise, within 120 s to 720 requests a second.")


BEFORE_S, SHOWN_S = 60, 660  # of a contest's day: what is shown before its crowd, and in all


def own_policy(
    stage: Stage, make_policy: Callable[[], Callable[[Reading], int]], seed: int
) -> None:
    """Let a policy of the lab's run for a day of the contest, and show the head of the crowd."""
    decide = make_policy()
    demand_per_s = contest.day(np.random.default_rng(seed))
    run = fleet_run(demand_per_s, contest.FLEET, OwnPolicy(decide=lambda r: round(decide(r))))
    begin_s = _steepest_s(demand_per_s) - BEFORE_S
    show_fleet(stage, run, begin_s=begin_s, end_s=begin_s + SHOWN_S)
    clock = f"{begin_s // 3600}:{begin_s % 3600 // 60:02d}"
    stage.at(0.0, f"It is {clock}, and {run.running[begin_s]} instances run.")


def _steepest_s(demand_per_s: np.ndarray) -> int:
    """Return the second before the two minutes in which demand grows most, a whole minute."""
    minutes = demand_per_s.reshape(-1, 60).mean(axis=1)
    inner = minutes[2 : -SHOWN_S // 60]
    return 60 * (2 + int((inner[2:] - inner[:-2]).argmax()))


SCENES = ((crowd, POLICIES, float(END_S - BEGIN_S - 1)),)
