"""What the shop has promised, and how a plan is judged over several weeks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from scalelab import _validate as v
from scalelab.course.chapters.capstone.marks import Marks, marks_of
from scalelab.course.chapters.capstone.own import NO_CODE, OwnCode
from scalelab.course.chapters.capstone.plan import PRICES, ShopPlan
from scalelab.course.chapters.capstone.weeks import Week, draw_week
from scalelab.planner.system_prices import Prices

LEAST_AVAILABLE, MOST_SLOW, MOST_STALE, MOST_LOST = 0.999, 0.01, 0.001, 1.0
PROMISES = ("available", "slow", "stale", "lost")
LEAST_KEPT = 0.95  # of fresh weeks
SEEN, FRESH = range(1, 11), range(100, 120)  # seeds


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Marks of a plan over several weeks.

    Parameters
    ----------
    weeks : tuple of Marks
        Of each week.
    """

    weeks: tuple[Marks, ...]

    @property
    def kept(self) -> float:
        """Share of the weeks in which the contract was kept."""
        return float(np.mean([not broken(marks) for marks in self.weeks]))

    @property
    def usd(self) -> float:
        """Dollars a month, on average."""
        return float(np.mean([marks.usd for marks in self.weeks]))

    @property
    def broke(self) -> dict[str, int]:
        """Weeks in which each promise was broken, of those that were."""
        every = [promise for marks in self.weeks for promise in broken(marks)]
        return {promise: every.count(promise) for promise in PROMISES if promise in every}

    @property
    def worst(self) -> Marks:
        """The worst of each mark, whichever week it was in."""
        return Marks(
            available=min(marks.available for marks in self.weeks),
            slow=max(marks.slow for marks in self.weeks),
            stale=max(marks.stale for marks in self.weeks),
            lost=max(marks.lost for marks in self.weeks),
            usd=max(marks.usd for marks in self.weeks),
        )


def broken(marks: Marks) -> list[str]:
    """Return the promises that a week broke, of available, slow, stale and lost."""
    kept = {
        "available": marks.available >= LEAST_AVAILABLE,
        "slow": marks.slow <= MOST_SLOW,
        "stale": marks.stale <= MOST_STALE,
        "lost": marks.lost <= MOST_LOST,
    }
    return [promise for promise, is_kept in kept.items() if not is_kept]


def judge(
    plan: ShopPlan,
    weeks: Iterable[Week],
    code: OwnCode = NO_CODE,
    prices: Prices = PRICES,
) -> Judgement:
    """Run a plan through weeks, as it is or with code of the learner's own."""
    marks = tuple(marks_of(plan, week, code, prices) for week in weeks)
    if not marks:
        v.refuse("judge", "weeks", "hold at least one", v.Words("none"))
    return Judgement(weeks=marks)


def draw_weeks(seeds: Iterable[int], tick_s: float = 5.0) -> list[Week]:
    """Draw the weeks of some seeds."""
    return [draw_week(seed, tick_s) for seed in seeds]
