"""Judgements that were worked out beforehand, on all fresh weeks: a page has no time for them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scalelab.quantities import NBSP

FILE = Path(__file__).parent / "judgements.csv"
MARKS = ("kept", "available", "slow", "stale", "lost", "usd")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A plan on the fresh weeks, or the best on further ones.

    Parameters
    ----------
    group, name : str
        "naive", "turned", "indifferent", "searched", "best" or "further"; what it is or what was
        turned.
    kept : float
        Share of the weeks in which it kept the contract.
    available, slow, stale, lost : float
        The worst of each.
    usd : float
        Dollars a month, on average.
    broke : str
        The promises that it broke, with the number of weeks.
    """

    group: str
    name: str
    kept: float
    available: float
    slow: float
    stale: float
    lost: float
    usd: float
    broke: str


@cache
def recorded(group: str) -> tuple[Recorded, ...]:
    """Return the plans of a group, in the order in which they were recorded."""
    with FILE.open(newline="", encoding="utf-8") as file:
        return tuple(
            Recorded(
                group=row["group"],
                name=row["name"],
                broke=row["broke"],
                **{mark: float(row[mark]) for mark in MARKS},
            )
            for row in csv.DictReader(file)
            if row["group"] == group
        )


def rows_of(group: str) -> list[dict[str, object]]:
    """Return a group as the rows of a table."""
    return [
        {
            "plan": plan.name,
            "kept, %": 100 * plan.kept,
            "broken in weeks": _unbroken(plan.broke) or "none",
            "dollars a month": plan.usd,
        }
        for plan in recorded(group)
    ]


def _unbroken(promises: str) -> str:
    """Keep each promise with its number of weeks: no line of a table ends between them."""
    return ", ".join(promise.replace(" ", NBSP) for promise in promises.split(", "))
