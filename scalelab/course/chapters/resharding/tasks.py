"""What there is to find with the explorers of the chapter on resharding."""

from scalelab.course.chapters.resharding.experiments import AFTER
from scalelab.course.chapters.resharding.moves import six_orders
from scalelab.course.explore import Task
from scalelab.models.placement import ring_peak_to_mean

EVEN = Task(
    "Find the fewest of these points a server with which the fullest of the four servers has, on "
    "average, at most 1.1 × its share.",
    lambda points: ring_peak_to_mean(AFTER, points) <= 1.1,
    "200. A hundred points miss it by little: 1.105. Four times the points halve the spread.",
    smallest="points",
)

RISEN = Task(
    "A copied row yields to a row that is there. Find the setting in which one of the orders still "
    "ends wrong.",
    lambda rule, what, tombstones: (
        rule == "if_absent" and any(not right for _, right in six_orders(rule, what, tombstones))
    ),
    "A delete without a tombstone. It leaves nothing to yield to, so the late copy brings the row "
    "back. A version cannot help either, where there is no row to carry it.",
)
