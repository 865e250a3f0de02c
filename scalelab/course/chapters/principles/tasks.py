"""What there is to find with the explorer of the chapter on the principles."""

from scalelab.course.chapters.principles.experiments import gain
from scalelab.course.explore import Task

STILL_WORTH = Task(
    "Find the largest number of users with whom halving the work at the database still brings 5 % "
    "more pages.",
    lambda users, part: part == 1 and gain(users, part) >= 0.05,
    "Three. With few users the app server has pauses, and any work saved anywhere shortens a "
    "page's way. With many it has none, and only its own work counts.",
    largest="users",
)
