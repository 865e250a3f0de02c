"""What there is to find with the explorer of the chapter on read-after-write."""

from scalelab.course.chapters.read_after_write.experiments import law
from scalelab.course.explore import Task
from scalelab.models.staleness import stale_share

TIMER = Task(
    "Find the shortest timer after which fewer than 1 % miss the write, for the read model of 100 "
    "to 500 ms.",
    lambda lag, window: (
        lag.startswith("a read model") and float(stale_share(law(lag), window)) < 0.01
    ),
    "A second: twice the largest lag that the guide names for it. Half a second still fails 5 %, "
    "by the very meaning of its 500 ms. And for the wide range no timer below 18 s would do.",
    smallest="window",
)
