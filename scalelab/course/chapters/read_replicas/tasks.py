"""What there is to find with the explorers of the chapter on read replicas."""

from scalelab.course.chapters.read_replicas.experiments import (
    GUIDE_LAGS_S,
    LIMIT,
    band,
    busy,
)
from scalelab.course.explore import Task

WIDE = Task(
    "Take the “typical” range of 10 ms to 5 s. Find the shortest of these windows after which, by "
    "each of the four laws, fewer than 1 % of the replicas are late.",
    lambda window_ms, row: (
        row == list(GUIDE_LAGS_S)[2] and band(*GUIDE_LAGS_S[row], window_ms / 1e3)[1] < 0.01
    ),
    "Twenty seconds, four times the upper end of the range: where the ends are percentiles, "
    "one lag in twenty is longer than the upper one. No window of one second comes near it.",
    smallest="window_ms",
)

ONE_LOST = Task(
    "Let the writes take 20 % of each replica. Find the fewest replicas that stay within the limit "
    "when one of them fails.",
    lambda replicas, write_share, fails: (
        fails and write_share == 0.2 and busy(replicas, write_share, 1) <= LIMIT + 1e-9
    ),
    "Seven: replay leaves each replica half of its time for reads within the limit, 5,000 a "
    "second, so six must be left. The guide's box would have bought three.",
    smallest="replicas",
)
