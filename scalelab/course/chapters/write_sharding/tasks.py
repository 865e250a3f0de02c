"""What there is to find with the explorers of the chapter on write sharding."""

from scalelab.course.chapters.write_sharding.experiments import by_lines
from scalelab.course.chapters.write_sharding.questions import scattered_by_model
from scalelab.course.explore import Task

LINES = Task(
    "Take 1,000 tenants. Find the fewest lines in the directory with which ten shards do as much "
    "as six single servers or more.",
    lambda tenants, lines: tenants == 1_000 and 10 / max(by_lines(tenants, 10, lines)) >= 6,
    "Thirty lines of a thousand. The very first line, the largest tenant's, brings more than the "
    "next nine together. What the hash places beyond them stays as uneven as it is.",
    smallest="lines",
)

HALF_SLOW = Task(
    "Find the fewest of these shards with which half of the questions, or more, take longer than "
    "one answer in a hundred of a single shard does: the dotted line.",
    lambda shards: scattered_by_model(shards, 0.5) >= scattered_by_model(1, 0.99),
    "Seventy: 0.99 to the power of 70 is just below a half. What is rare for one shard is the "
    "normal case for seventy.",
    smallest="shards",
)
