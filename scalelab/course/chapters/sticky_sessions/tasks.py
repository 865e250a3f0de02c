"""What there is to find with the explorers of the chapter on sticky sessions."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.sticky_sessions.imbalance import peak_to_mean, sticky_counts
from scalelab.course.explore import Task
from scalelab.models.infinite_servers import fill_share, fill_time_s


def _peak(tail: str, sessions: int) -> float:
    return peak_to_mean(sticky_counts(np.random.default_rng(2026), tail, sessions))


COUNTS = Task(
    "Lengths are exponential. Find the fewest sessions with which the fullest server has at most "
    "5 % more than the mean.",
    lambda tail, sessions: tail == "exponential" and _peak(tail, sessions) <= 1.05,
    "Chance evens out with the square root of the number, so uneven thousands have a cause.",
    smallest="sessions",
)
RELIEF = Task(
    "Find the longest sessions with which the old servers are relieved within a quarter of an "
    "hour.",
    lambda mean_min: fill_time_s(2 / 3, 60 * mean_min) <= 15 * 60,
    "Two thirds of the old sessions must end first, and that takes about 1.1 times their mean.",
    largest="mean_min",
)
DEADLINE = Task(
    "Sessions last 20 minutes. Find the shortest deadline that cuts off fewer than 10 of 500.",
    lambda mean_min, deadline_min: (
        mean_min == 20 and 500 * (1 - fill_share(60 * deadline_min, 60 * mean_min)) < 10
    ),
    "Each further 20 minutes leave a bit more than a third of those that were left.",
    smallest="deadline_min",
)
