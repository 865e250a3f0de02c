"""What there is to find with the explorers of the introduction."""

from __future__ import annotations

from scalelab.course.chapters.introduction.experiments import BASE_LOAD_PER_S, SYSTEMS
from scalelab.course.explore import Task

AGREEING = "a cluster that must agree"
COST = Task(
    "Find the smallest load that the cluster no longer carries.",
    lambda system, growth: (
        system == AGREEING and SYSTEMS[system](BASE_LOAD_PER_S * growth).p99_s == float("inf")
    ),
    "Beyond its peak each further node costs more agreement than it brings work, so no number of "
    "nodes carries the load.",
    smallest="growth",
)
