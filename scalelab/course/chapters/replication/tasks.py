"""What there is to find with the explorer of the chapter on replication."""

from scalelab.course.chapters.replication.experiments import ANSWER
from scalelab.course.explore import Task
from scalelab.models.write_latency import kth_latency_percentile_s


def _right(needed: int, standbys: int) -> bool:
    if needed != 2 or standbys < needed:
        return False
    return float(kth_latency_percentile_s(ANSWER, 0.99, needed, standbys)) <= 0.020


TWO_COPIES = Task(
    "Each write shall be on two standbys, and the slowest percent of the commits shall wait no "
    "longer than 20 ms. Find the fewest standbys that do it.",
    _right,
    "Four. Who waits for two of two has to wait for the slower one each time; each further "
    "standby makes it likelier that two of them are quick, and one or two may die as well.",
    smallest="standbys",
)
