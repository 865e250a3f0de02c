"""What there is to find with the explorer of the chapter on the limits of a larger server."""

from scalelab.course.chapters.vertical_limits.experiments import switch_point_per_s
from scalelab.course.explore import Task

SWITCH = Task(
    "Find the smallest extra cost with which one machine is the cheaper way up to 5,000 requests a "
    "second.",
    lambda extra: switch_point_per_s(extra) >= 5_000,
    "A thousand dollars a month: a few days of somebody's work. Above it the switch comes later, "
    "and never beyond the ceiling.",
    smallest="extra",
)
