"""What there is to find with the explorer of the chapter on caching."""

from scalelab.course.chapters.caching.experiments import hits_at
from scalelab.course.explore import Task

FOUR_FIFTHS = Task(
    "Take the Zipf exponent of 0.883. Find the smallest room at which LRU hits 80 % or more.",
    lambda share, kind: kind == "0.883" and hits_at(kind, share)[1] >= 0.8,
    "Room for 40 % of the keys. The most popular 30 % would do, if the cache knew them "
    "beforehand. LRU learns them from the past, and keeps many that nobody asks for again.",
    smallest="share",
)
