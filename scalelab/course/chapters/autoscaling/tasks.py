"""What there is to find with the explorers of the chapter on auto-scaling."""

from __future__ import annotations

from scalelab.course.chapters.autoscaling.week import early_friday
from scalelab.course.explore import Task
from scalelab.models.backlog import overload_episode

OVERLOAD = Task(
    "One fifth too much arrives. Find the longest reaction with which nobody waits for more than "
    "one minute.",
    lambda overload_percent, reaction_min: (
        overload_percent == 20
        and overload_episode(1_200, 1_000, 1_500, 60 * reaction_min).worst_delay_s <= 60
    ),
    "The wait grows with the excess times the time until help comes.",
    largest="reaction_min",
)
EARLY = Task(
    "The peak comes 15 minutes early or more. Find a setting in which nobody waits longer than "
    "400 s.",
    lambda early_min, reactive: (
        early_min >= 15 and early_friday(early_min, reactive).delay_s.max() <= 400
    ),
    "Target tracking sees what the schedule did not foresee, although it comes some minutes late.",
)
