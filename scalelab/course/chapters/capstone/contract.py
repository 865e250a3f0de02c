"""What the shop has promised, how a plan is judged over several weeks, and its rivals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from scalelab import _validate as v
from scalelab.course.chapters.capstone.marks import Marks, marks_of
from scalelab.course.chapters.capstone.plan import PRICES, Plan
from scalelab.course.chapters.capstone.weeks import Week, draw_week
from scalelab.planner.system_prices import Prices
from scalelab.sim.scaling_policies import Policy

LEAST_AVAILABLE, MOST_SLOW, MOST_STALE, MOST_LOST = 0.999, 0.01, 0.001, 1.0
LEAST_KEPT = 0.95  # of fresh weeks
MakePolicy = Callable[[], Policy | None]


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
    plan: Plan,
    weeks: Iterable[Week],
    make_policy: MakePolicy | None = None,
    prices: Prices = PRICES,
) -> Judgement:
    """Run a plan through weeks, with its own autoscaler or one that is made anew for each week."""
    marks = tuple(
        marks_of(plan, week, make_policy() if make_policy else None, prices) for week in weeks
    )
    if not marks:
        v.refuse("judge", "weeks", "hold at least one", v.Words("none"))
    return Judgement(weeks=marks)


def draw_weeks(seeds: Iterable[int], tick_s: float = 5.0) -> list[Week]:
    """Draw the weeks of some seeds."""
    return [draw_week(seed, tick_s) for seed in seeds]


INHERITED = Plan(
    minimum=96, maximum=96, target=None, database_cores=64, replicas=5, cache=200_000
)  # fmt: skip


def naive_plans() -> dict[str, Plan]:
    """Return what one would try first, by name."""
    friday = Plan(friday=24, database_cores=16)
    large = replace(friday, fill="primary", minimum=6, friday=30, replicas=2)
    return {
        "inherited": INHERITED,
        "24 servers all week": Plan(
            minimum=24, maximum=24, target=None, database_cores=16, replicas=2
        ),
        "autoscaler at 60 %": Plan(),
        "autoscaler at 40 %": Plan(target=0.4),
        "24 on Friday": friday,
        "the same, shedding": replace(friday, shed_s=0.3),
        "all in the cache for 60 s": replace(friday, cache=200_000, ttl_s=60.0, replicas=2),
        "no cache, five replicas": replace(friday, cache=0, replicas=5),
        "no replica, large primary": replace(friday, replicas=0, database_cores=32),
        "fill from the primary": replace(friday, fill="primary"),
        "the same, synchronous": replace(friday, fill="primary", sync_replicas=1),
        "two replicas, synchronous, 30 on Friday": replace(large, sync_replicas=1),
        "the same, shedding, one retry": replace(large, sync_replicas=1, shed_s=0.3, retries=1),
    }


SPACE: dict[str, tuple[object, ...]] = {
    "minimum": (3, 4, 5, 6, 8, 10),
    "maximum": (20, 30, 60),
    "target": (0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    "friday": (0, 10, 12, 14, 16, 18, 20, 24, 30),
    "database_cores": (4, 6, 8, 10, 12, 14, 16, 24, 32),
    "replicas": (0, 1, 2, 3),
    "sync_replicas": (0, 1, 2),
    "cache": (0, 10_000, 40_000, 70_000, 100_000, 150_000, 200_000),
    "ttl_s": (10.0, 60.0, 600.0, None),
    "fill": ("replica", "primary"),
    "retries": (0, 1, 2),
    "shed_s": (None, 0.1, 0.3, 0.6),
}


def neighbour(plan: Plan, *, rng: np.random.Generator) -> Plan:
    """Change one, two or three decisions of a plan at random, to what can be."""
    while True:
        names = rng.choice(list(SPACE), rng.integers(1, 4), replace=False)
        changes = {name: SPACE[name][rng.integers(len(SPACE[name]))] for name in names}
        try:
            return replace(plan, **changes)
        except ValueError:  # such as more servers at least than at most
            continue


def search(
    plan: Plan, weeks: list[Week], steps: int, *, rng: np.random.Generator
) -> tuple[Plan, Judgement]:
    """Look for a cheaper plan that keeps the contract, by steps to better neighbours."""

    def badness(judgement: Judgement) -> float:
        return (1 - judgement.kept) * 30_000 + judgement.usd

    best, its = plan, judge(plan, weeks)
    for _ in range(steps):
        other = neighbour(best, rng=rng)
        if other == best:
            continue
        found = judge(other, weeks)
        if badness(found) < badness(its):
            best, its = other, found
    return best, its
