"""What there is to find with the explorers of the chapter on stateless services."""

from __future__ import annotations

from scalelab.course.chapters.stateless.experiments import session_claims, token
from scalelab.course.explore import Task
from scalelab.models.power_of_choices import shortest_line_bound_in_services

POLICIES = Task(
    "Find the smallest load at which choosing at random takes more than three times as long as "
    "one common line.",
    lambda load: 1 / (1 - load) > 3 * shortest_line_bound_in_services(load, 4),
    "At random, some server has a line while another has none; the busier they are, the longer.",
    smallest="load",
)
TOKEN = Task(
    "Find the largest session whose token fits into a cookie of 4,096 bytes.",
    lambda session_bytes, rate: len(token(session_claims(session_bytes))) <= 4_096,
    "A token carries three bytes as four letters, and a signature besides.",
    largest="session_bytes",
)
