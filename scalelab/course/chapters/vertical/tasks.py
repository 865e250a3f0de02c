"""What there is to find with the explorers of the chapter on vertical scaling."""

from __future__ import annotations

import math

from scalelab.course.explore import Task

THIRD = Task(
    "Find a third measurement after which no peak is left.",
    lambda cores_of_third, between: between == 1,
    "Only a point on the upper curve leaves κ at zero; anything lower means that the machine "
    "gets slower some day.",
)
PRICE = Task(
    "Find the smallest gain of a doubling with which twice the performance costs at most three "
    "times as much.",
    lambda gain: 2 ** (math.log(2) / math.log(gain)) <= 3,
    "A doubling that brings 1.6 times the performance must be bought one and a half times.",
    smallest="gain",
)
