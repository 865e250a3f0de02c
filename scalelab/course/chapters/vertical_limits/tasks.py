"""What there is to find with the explorers of the chapter on the limits of a larger server."""

from scalelab.course.chapters.vertical_limits.experiments import (
    ROWS,
    first_full,
    switch_point_per_s,
)
from scalelab.course.explore import Task

LAST = len(ROWS) - 1
CORES_FIRST = Task(
    "Find the fewest commits for each flush with which the cores are full first on the largest "
    "machine, whatever else that takes.",
    lambda for_each_flush, data_gb, held_ms: (
        first_full(LAST, for_each_flush=for_each_flush, data_gb=data_gb, held_ms=held_ms) == "cores"
    ),
    "Sixty-four commits for each flush, all data in memory, connections held for a moment: only "
    "then do 96 cores count. With less of any of these you pay for cores that wait.",
    smallest="for_each_flush",
)

SWITCH = Task(
    "Find the smallest extra cost with which one machine is the cheaper way up to 5,000 requests a "
    "second.",
    lambda extra: switch_point_per_s(extra) >= 5_000,
    "A thousand dollars a month: a few days of somebody's work. Above it the switch comes later, "
    "and never beyond the ceiling.",
    smallest="extra",
)
