"""What there is to find with the explorer of the chapter on workloads."""

from scalelab.course.explore import Task
from scalelab.models.replication import read_capacity

TENFOLD = Task(
    "Find the smallest number of reads per write with which twenty copies do more than ten times "
    "the work of one.",
    lambda ratio, copies: copies == 20 and float(read_capacity(copies, ratio)) > 10,
    "At 19 reads per write the ceiling is 20 times, and twenty copies get half of it: in general "
    "n copies get half of the ceiling when n is the number of reads per write, or a little more.",
    smallest="ratio",
)
