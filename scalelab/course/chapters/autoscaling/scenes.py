"""The scene of the chapter on auto-scaling: one flash crowd, and what four policies make of it."""

from __future__ import annotations

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
from scalelab.sim.scaling_policies import Policy

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


SCENES = ((crowd, POLICIES, float(END_S - BEGIN_S - 1)),)
