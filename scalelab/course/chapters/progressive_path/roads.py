"""Roads of the chapter on the path: the cheapest systems, the guide's rules, and the regret."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scalelab.course.chapters.progressive_path.experiments import (
    HABITS,
    SHOP,
    THRESHOLDS,
    spread_usd,
)
from scalelab.course.page import Html, table
from scalelab.models.system_parts import AppTier, Cache, SessionStore, System
from scalelab.models.traffic import peak_rate_per_s
from scalelab.planner.next_remedy import sized_for_per_s
from scalelab.planner.remedies import cheapest_configuration, remedies_as_load_grows
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_prices import Prices, monthly_usd
from scalelab.plotting import BLUE, GREEN, ORANGE, RED, TINTS, label
from scalelab.quantities import quantity

LOADS_PER_S = np.geomspace(30, 30_000, 61)
NO_CACHE = RemedyMenu(cacheable_share=0.0)


@lru_cache(maxsize=256)
def cheapest_usd(
    rate_per_s: float,
    prices: Prices | None = None,
    *,
    cache: bool = True,
    optimise_first: bool = False,
) -> float:
    """Dollars a month of the cheapest shop for a load, within a rule of the guide's."""
    menu = RemedyMenu() if cache else NO_CACHE
    if not optimise_first:
        return cheapest_configuration(SHOP, rate_per_s, prices, menu).usd_per_month
    left = 1 - menu.queries_saved
    database = SHOP.database
    lighter = replace(database, read_s=left * database.read_s, write_s=left * database.write_s)
    found = cheapest_configuration(replace(SHOP, database=lighter), rate_per_s, prices, menu)
    return found.usd_per_month + spread_usd(menu.queries_days, prices or Prices())


ROADS: dict[str, dict[str, bool]] = {
    "cheapest": {},
    "optimise first": {"optimise_first": True},
    "without a cache": {"cache": False},
}


def plot_roads(ax: Axes, prices: Prices | None = None) -> None:
    """Draw the dollars a month for each thousand requests a second, by road."""
    rates = LOADS_PER_S[8:52]
    for (name, rule), colour in zip(ROADS.items(), (BLUE, ORANGE, RED), strict=True):
        usd = np.array([cheapest_usd(float(rate), prices, **rule) for rate in rates])
        ax.plot(rates, 1_000 * usd / rates, color=colour, label=name)
    ax.set(xscale="log", yscale="log", xlim=(75, 11_000))
    ax.set_xticks([100, 1_000, 10_000], ["100", "1,000", "10,000"])
    ax.set_yticks([500, 1_000, 2_000, 4_000, 8_000], ["500", "1,000", "2,000", "4,000", "8,000"])
    ax.minorticks_off()
    label(ax, x="requests per second", y="dollars a month for 1,000/s", legend=True)


def regret(rate_per_s: float, rule: str, prices: Prices | None = None) -> float:
    """Return how much more a road costs than the cheapest, as a share of that."""
    best = cheapest_usd(rate_per_s, prices)
    return cheapest_usd(rate_per_s, prices, **ROADS[rule]) / best - 1


KINDS: dict[str, tuple[System, RemedyMenu, bool]] = {
    "shop": (SHOP, RemedyMenu(), False),
    "half of the reads uncacheable": (SHOP, RemedyMenu(cacheable_share=0.5), False),
    "half writes": (
        replace(SHOP, demand=replace(SHOP.demand, write_share=0.5)),
        RemedyMenu(),
        False,
    ),
    "must survive one loss": (SHOP, RemedyMenu(), True),
}
ENTRIES = {  # remedies, and the guide's phase of each
    "optimise queries": 1,
    "more servers": 2,
    "read replicas": 2,
    "cache": 3,
    "shards": 3,
}


def entered_at(kind: str, prices: Prices | None = None) -> dict[str, float]:
    """Return the load at which each remedy first enters the cheapest system of a kind."""
    system, menu, safe = KINDS[kind]
    found = remedies_as_load_grows(system, LOADS_PER_S, prices, menu, survive_loss=safe)
    return {entered.remedy: entered.rate_per_s for entered in found}


def entries_table(prices: Prices | None = None) -> Html:
    """Show when each remedy enters, for four kinds of systems."""
    rows: list[dict[str, Any]] = []
    kinds = {kind: entered_at(kind, prices) for kind in KINDS}
    for remedy, phase in ENTRIES.items():
        row: dict[str, Any] = {"remedy (the guide's phase)": f"{remedy} ({phase})"}
        for kind, found in kinds.items():
            row[kind] = f"{found[remedy]:,.0f}" if remedy in found else "–"
        rows.append(row)
    return table(
        rows, "Requests a second from which a remedy is in the cheapest system; – is never."
    )


DAYS, CORES_USD, READS_MS = (0.5, 1.0, 2.0, 8.0, 20.0), (45.0, 90.0, 360.0), (1.0, 6.0, 24.0)


@lru_cache(maxsize=64)
def entered(days: float, core_usd: float, read_ms: float) -> dict[str, float]:
    """Return when remedies enter, by days of work on the queries, price of a core, and query."""
    prices, menu = Prices(database_core_usd=core_usd), RemedyMenu(queries_days=days)
    database = replace(SHOP.database, read_s=read_ms / 1e3, write_s=read_ms / 1e3)
    system = replace(SHOP, database=database)
    found = remedies_as_load_grows(system, LOADS_PER_S, prices, menu)
    return {one.remedy: one.rate_per_s for one in found}


def draw_entries(ax: Axes, days: float, core_usd: float, read_ms: float) -> str:
    """Draw from which load on each remedy is part of the cheapest shop."""
    found = entered(days, core_usd, read_ms)
    colours = {1: GREEN, 2: BLUE, 3: ORANGE}
    for row, (remedy, phase) in enumerate(reversed(ENTRIES.items())):
        at = found.get(remedy)
        if at is not None:
            ax.barh(row, LOADS_PER_S[-1] - at, left=at, color=TINTS[colours[phase]],
                    ec=colours[phase])  # fmt: skip
    ax.set_yticks(range(len(ENTRIES)), [f"{name} ({phase})" for name, phase in
                                        reversed(ENTRIES.items())])  # fmt: skip
    ax.set(xscale="log", xlim=(25, 30_000), ylim=(-0.6, len(ENTRIES) - 0.4))
    ax.set_xticks([100, 1_000, 10_000], ["100", "1,000", "10,000"])
    label(ax, x="requests per second")
    there = [name for name in sorted(found, key=found.__getitem__) if name in ENTRIES]
    return (
        f"Optimising takes {quantity(days, 'days')}, a database core is {quantity(core_usd, '$')} "
        f"a month, a query takes {quantity(read_ms, 'ms')}: "
        + ", ".join(f"{name} from {quantity(found[name], 'requests/s', 2)}" for name in there)
        + "."
    )


# The guide by its letter ------------------------------------------------------------------------


def by_the_letter(users: int, prices: Prices | None = None) -> tuple[float, float]:
    """Return the peak in requests a second, and dollars a month of the guide's phase for it.

    Each node is as small as carries the load; days of work are those of `RemedyMenu`.
    """
    rate, menu, database = float(peak_rate_per_s(users, **HABITS)), RemedyMenu(), SHOP.database
    days, system = menu.queries_days, SHOP
    if users > THRESHOLDS[0]:
        two = AppTier(servers=2, cores=2, app_s=SHOP.app.app_s)
        database = replace(database, replicas=1)
        system = replace(SHOP, app=two, database=database, sessions=SessionStore())
        days += menu.stateless_days + menu.replica_days
    if users > THRESHOLDS[1]:
        five = replace(system.app, servers=5)
        cache, shards = Cache(capacity=1_000), replace(database, shards=2)
        system = replace(system, app=five, database=shards, cache=cache)
        days += menu.cache_days + menu.shard_days
    if sized_for_per_s(system) < rate:
        raise ValueError(f"by_the_letter: users must be carried, got {users}")
    return rate, monthly_usd(system, prices) + spread_usd(days, prices or Prices())


def letter_table(prices: Prices | None = None) -> Html:
    """Show what the guide's phases cost where it puts them, beside the cheapest shop."""
    rows = []
    for users in THRESHOLDS:
        rate, usd = by_the_letter(users, prices)
        best = cheapest_usd(rate, prices)
        rows.append(
            {
                "users": users,
                "peak, requests/s": rate,
                "the guide's phase, $ a month": round(usd),
                "cheapest, $ a month": round(best),
                "times": round(usd / best, 1),
            }
        )
    return table(rows, "The guide's phases at the end of each, and the cheapest shop there.")


GROWTH_PER_S = np.geomspace(100, 10_000, 60)  # one a month, for five years


def replicas_without_cache_per_s() -> float:
    """Load at which replicas enter the cheapest shop that has no cache."""
    found = remedies_as_load_grows(SHOP, LOADS_PER_S, None, NO_CACHE)
    return next(one.rate_per_s for one in found if one.remedy == "read replicas")


def growth_usd() -> tuple[float, float]:
    """Dollars of five years of growth: with a cache when it pays, and only after replicas."""
    after = replicas_without_cache_per_s()
    early = [cheapest_usd(float(rate)) for rate in GROWTH_PER_S]
    late = [cheapest_usd(float(rate), cache=bool(rate >= after)) for rate in GROWTH_PER_S]
    return sum(early), sum(late)
