"""What there is to find with the explorers of the chapter on choosing."""

from __future__ import annotations

from scalelab.course.chapters.choosing.experiments import CARDS, ROOM, SMALL_PER_S, matching_rows
from scalelab.course.chapters.choosing.path import HABITS, plans
from scalelab.course.explore import Task
from scalelab.models.traffic import peak_rate_per_s


def _rows_that_lead(card: int) -> int:
    found = list(matching_rows(list(CARDS.values())[card - 1]).values())
    return found.count(max(found))


CARD = Task(
    "Find a service for which the table decides nothing: the best rows are level.",
    lambda card: _rows_that_lead(card) > 1,
    "The table counts conditions and does not weigh them, so it cannot decide here.",
)
USERS = Task(
    "With 50 requests a day each, find the fewest of these users for whom one small server at "
    "70 % is not enough.",
    lambda users, requests_a_day: (
        requests_a_day == 50
        and peak_rate_per_s(users, **HABITS | {"requests_per_active_user": 50}) > ROOM * SMALL_PER_S
    ),
    "It takes more users than most services ever have.",
    smallest="users",
)


def _regret(doubling_months: int, usd_per_node: int) -> float:
    found = plans(doubling_months, usd_per_node=usd_per_node)
    return found["horizontal only"].regret(found["best in hindsight"])


PLANS = Task(
    "Find a setting in which growing with small machines costs more than twice the best plan.",
    lambda doubling_months, usd_per_node: _regret(doubling_months, usd_per_node) > 1,
    "Each machine costs something besides its cores, and fast growth needs many.",
)
