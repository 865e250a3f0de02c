"""Plans to compare with: the one inherited, what one would try first, and the best found."""

from __future__ import annotations

from dataclasses import replace

from scalelab.course.chapters.capstone.plan import ShopPlan

INHERITED = ShopPlan(
    minimum=96, maximum=96, target=None, database_cores=64, replicas=5, cache=200_000
)  # fmt: skip


BEST = ShopPlan(
    minimum=5,
    maximum=40,
    target=0.55,
    friday=22,
    database_cores=7,
    replicas=2,
    sync_replicas=1,
    cache=200_000,
    fill="primary",
    retries=1,
    shed_s=0.3,
)
BUDGET_USD = 4_200.0


def naive_plans() -> dict[str, ShopPlan]:
    """Return what one would try first, by name."""
    friday = ShopPlan(friday=24, database_cores=16)
    return {
        "inherited": INHERITED,
        "24 servers all week": ShopPlan(
            minimum=24, maximum=24, target=None, database_cores=16, replicas=2
        ),
        "autoscaler at 60 %": ShopPlan(),
        "autoscaler at 40 %": ShopPlan(target=0.4),
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
