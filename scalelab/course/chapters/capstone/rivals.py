"""Plans to compare with: the one inherited, what one would try first, and the best found."""

from __future__ import annotations

from dataclasses import replace

from scalelab.course.chapters.capstone.plan import Plan

INHERITED = Plan(
    minimum=96, maximum=96, target=None, database_cores=64, replicas=5, cache=200_000
)  # fmt: skip


BEST = Plan(
    minimum=5,
    maximum=40,
    target=0.6,
    friday=24,
    database_cores=10,
    replicas=2,
    sync_replicas=1,
    cache=200_000,
    fill="primary",
    retries=1,
    shed_s=0.3,
)
BUDGET_USD = 4_500.0


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
        "fill from a replica, six cores": replace(plan, fill="replica", database_cores=6),
        "a lifetime of 60 s": replace(plan, ttl_s=60.0),
        "no cache": replace(plan, cache=0),
        "a cache of 40,000": replace(plan, cache=40_000),
        "asynchronous": replace(plan, sync_replicas=0),
        "asynchronous, one replica": replace(plan, sync_replicas=0, replicas=1),
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
