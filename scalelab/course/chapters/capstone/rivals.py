"""Plans to compare with: the one inherited, what one would try first, and the best found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scalelab.course.chapters.capstone.contract import Judgement, judge
from scalelab.course.chapters.capstone.plan import Plan
from scalelab.course.chapters.capstone.weeks import Week

INHERITED = Plan(
    minimum=96, maximum=96, target=None, database_cores=64, replicas=5, cache=200_000
)  # fmt: skip


BEST = Plan(
    minimum=5, target=0.7, friday=16, database_cores=8, replicas=2, sync_replicas=1,
    cache=200_000, fill="primary", retries=1, shed_s=0.3,
)  # fmt: skip
BUDGET_USD = 3_900.0


def naive_plans() -> dict[str, Plan]:
    """Return what one would try first, by name."""
    friday = Plan(friday=24, database_cores=16)
    return {
        "inherited": INHERITED,
        "24 servers all week": Plan(
            minimum=24, maximum=24, target=None, database_cores=16, replicas=2
        ),
        "autoscaler at 60 %": Plan(),
        "autoscaler at 40 %": Plan(target=0.4),
        "24 servers on Friday": friday,
        "and shedding, one retry": replace(friday, shed_s=0.3, retries=1),
        "all in the cache for 60 s": replace(friday, cache=200_000, ttl_s=60.0, replicas=2),
        "no cache, five replicas": replace(friday, cache=0, replicas=5),
        "no replica, 32 cores": replace(friday, replicas=0, database_cores=32),
        "fill from the primary": replace(friday, fill="primary"),
        "and synchronous": replace(friday, fill="primary", sync_replicas=1),
        "and shedding, one retry, synchronous": replace(
            friday, fill="primary", sync_replicas=1, shed_s=0.3, retries=1
        ),
        "all of that, two replicas, 30 on Friday": replace(
            friday,
            fill="primary",
            sync_replicas=1,
            shed_s=0.3,
            retries=1,
            replicas=2,
            friday=30,
            minimum=6,
        ),
    }


def turned(plan: Plan = BEST) -> dict[str, Plan]:
    """Return a plan with one switch turned, by what was turned."""
    return {
        "fill from a replica": replace(plan, fill="replica"),
        "a lifetime of 60 s": replace(plan, ttl_s=60.0),
        "no cache": replace(plan, cache=0),
        "a cache of 40,000": replace(plan, cache=40_000),
        "asynchronous": replace(plan, sync_replicas=0),
        "both replicas must acknowledge": replace(plan, sync_replicas=2),
        "one replica": replace(plan, replicas=1),
        "three replicas": replace(plan, replicas=3),
        "no shedding": replace(plan, shed_s=None),
        "shedding above 50 ms": replace(plan, shed_s=0.05),
        "no retry": replace(plan, retries=0),
        "two retries": replace(plan, retries=2),
        "no schedule": replace(plan, friday=0),
        "no autoscaler": replace(plan, target=None),
        "two cores less": replace(plan, database_cores=plan.database_cores - 2),
        "two cores more": replace(plan, database_cores=plan.database_cores + 2),
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
