"""A decision record, computed: load, limit, budget, decision, guarantee, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from scalelab.course.chapters.principles.experiments import GROWTH
from scalelab.course.chapters.principles.outages import down_h
from scalelab.course.page import Html, table
from scalelab.models.system_parts import AppTier, Database, Demand, System
from scalelab.models.traffic import periods_to_grow
from scalelab.planner.next_remedy import next_remedy, sized_for_per_s
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_plan import plan_system
from scalelab.quantities import percent
from scalelab.sim.system import simulate_system

SHOP = System(
    demand=Demand(rate_per_s=320.0, write_share=0.1, keys=20_000),
    app=AppTier(servers=2, cores=4, app_s=0.010),
    database=Database(cores=4, read_s=0.006, write_s=0.006),
)
BUDGET_USD = 600.0  # a month more, assumed
WATCHED_S = 60  # of the simulated run
FIELDS = ("load", "limit", "decision", "budget", "guarantee", "way back")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a decision rests on; rates in requests a second, money in dollars a month."""

    rate_per_s: float
    carries_per_s: float
    months_left: float
    does: str
    then_per_s: float
    usd_more: float
    refused: str
    refused_usd: float
    p99_s: float
    stale: int
    reads: int
    months_back: float


@cache
def decide() -> Decision:
    """Decide by the planner, and find by simulation what the decision promises its users."""
    rate, carries, found = SHOP.demand.rate_per_s, sized_for_per_s(SHOP), next_remedy(SHOP)
    other = next_remedy(SHOP, menu=RemedyMenu(cacheable_share=0.0))
    assert found is not None
    assert other is not None
    run = simulate_system(found.system, WATCHED_S, warm=True, rng=np.random.default_rng(8))
    without = sized_for_per_s(replace(found.system, cache=None))
    return Decision(
        rate_per_s=rate,
        carries_per_s=carries,
        months_left=float(periods_to_grow(rate, carries, GROWTH)),
        does=" and ".join(found.does),
        then_per_s=found.carries_per_s,
        usd_more=found.usd_more,
        refused=" and ".join(other.does),
        refused_usd=other.usd_more,
        p99_s=plan_system(found.system).p99_s,
        stale=int(run.per_second["stale"].sum()),
        reads=int(run.per_second["reads"].sum()),
        months_back=float(periods_to_grow(rate, without, GROWTH)),
    )


def entries() -> dict[str, str]:
    """Return what the record says under each heading."""
    it = decide()
    words = (
        f"{it.rate_per_s:.0f} requests a second at the peak, {percent(GROWTH - 1)} more a month",
        f"{it.carries_per_s:.0f} requests a second, reached in {it.months_left:.1f} months",
        f"{it.does}; then it carries {it.then_per_s:.0f}",
        f"${it.usd_more:,.0f} more a month of ${BUDGET_USD:,.0f}; refused: {it.refused}, "
        f"${it.refused_usd:,.0f}",
        f"the slowest percent over {1e3 * it.p99_s:.0f} ms; {it.stale} of {it.reads:,} reads old "
        f"in a simulated run; one database, {down_h(1):.1f} h a year without it",
        f"without the cache it still carries the load, for {it.months_back:.1f} months",
    )
    return dict(zip(FIELDS, words, strict=True))


def record_table() -> Html:
    """Show the record."""
    rows = [{"of the record": field, "computed": words} for field, words in entries().items()]
    return table(rows, "A decision record in six lines.")
