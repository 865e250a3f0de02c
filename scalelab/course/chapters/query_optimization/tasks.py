"""What there is to find with the explorer of the chapter on queries."""

from scalelab.course.chapters.query_optimization.experiments import (
    BEFORE_S,
    busy_after,
    response_s,
)
from scalelab.course.explore import Task

MACHINE = Task(
    "Find the machine on which the guide is right: 2.5 s before, and 20 to 21 % busy after.",
    lambda cores, connections: (
        abs(response_s(cores, connections) - BEFORE_S) < 0.05 and 0.2 <= busy_after(cores) <= 0.21
    ),
    "4 cores and 42 connections. A query needs 0.24 s of a core; the rest of its 2.5 s it waits "
    "for the 41 others. The cores decide how busy it is afterwards, the connections how long a "
    "query waited before.",
)
