"""Experiments of the chapter on the path: users and requests, ceilings, single steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.page import Html, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.system_parts import AppTier, Cache, Database, Demand, System
from scalelab.models.traffic import DAY_S, peak_rate_per_s
from scalelab.planner.next_remedy import next_remedy, sized_for_per_s
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_plan import plan_system
from scalelab.planner.system_prices import Prices, monthly_usd
from scalelab.plotting import BLUE, GREEN, INK, MUTED, ORANGE, OVER, RED, TINTS, label
from scalelab.quantities import number, percent, quantity

# Assumed: a fifth of the users come on a day, for 50 requests each; the peak is 5 × the mean.
HABITS = {"daily_active_share": 0.2, "requests_per_active_user": 50.0, "peak_to_mean": 5.0}
WRITES = 0.1  # share of the requests in the claims on the guide's phases
THRESHOLDS = (10_000, 100_000, 1_000_000)  # users at which the guide's phases end
SERVER_PER_S = 1_000  # requests a second of the guide's server with four cores
SHOP = System(
    demand=Demand(rate_per_s=100.0, write_share=0.05, keys=20_000),
    app=AppTier(servers=1, cores=2, app_s=0.010),
    database=Database(cores=2, read_s=0.006, write_s=0.006),
)


def shop_in_words() -> str:
    """Say what work a request is."""
    app, database = SHOP.app, SHOP.database
    return (
        f"A request is {1e3 * app.app_s:.0f} ms of work for the app server, which has {app.cores} "
        f"cores, and {1e3 * database.read_s:.0f} ms for the database, which has {database.cores}. "
        f"Of the requests {percent(SHOP.demand.write_share)} write."
    )


def sized_in_words() -> str:
    """Say how busy the planner lets a part be, and how many cores count."""
    menu = RemedyMenu()
    two = float(amdahl_speedup(2, menu.core_contention))
    return (
        f"It sizes every part for {percent(menu.most_busy)}. Two cores count as {two:.2f}, because "
        f"{percent(menu.core_contention)} of the work is done one at a time (Amdahl's law)."
    )


def at_rate(system: System, rate_per_s: float) -> System:
    """Return the same system under another load."""
    return replace(system, demand=replace(system.demand, rate_per_s=float(rate_per_s)))


def path_picture() -> Figure:
    """Draw the guide's three phases and what stands in each."""
    texts = (
        "one server\nbefore 10,000 users",
        "several servers,\nreplicas",
        "cache, shards,\nCQRS",
    )
    boxes = {
        f"phase {i + 1}": Box(x=4.6 * i, y=0, text=text, colour=colour, width=3.2)
        for i, (text, colour) in enumerate(zip(texts, (GREEN, BLUE, ORANGE), strict=True))
    }
    arrows = [
        Arrow(start="phase 1", end="phase 2", text="10,000"),
        Arrow(start="phase 2", end="phase 3", text="100,000"),
    ]
    return diagram(boxes, arrows, height=1.5)


# Users and requests -------------------------------------------------------------------------------


def peak_of(users: float, active: float, requests: float, peak: float) -> float:
    """Return the requests a second at the peak of so many users with these habits."""
    return float(
        peak_rate_per_s(
            users,
            daily_active_share=active,
            requests_per_active_user=requests,
            peak_to_mean=peak,
        )
    )


def draw_habits(ax: Axes, active: float, requests: float, peak: float) -> str:
    """Draw where the guide's numbers of users lie on the axis of requests a second."""
    marks = ((*THRESHOLDS,), (GREEN, BLUE, ORANGE), ("10,000", "100,000", "a million"))
    for row, (users, colour, name) in enumerate(zip(*marks, strict=True)):
        rate = peak_of(users, active, requests, peak)
        ax.plot([rate], [row], "o", color=colour, ms=9)
        ax.annotate(
            f"{name} users",
            (rate, row),
            (0, 9),
            textcoords="offset points",
            ha="center",
            color=INK,
            gid=OVER,
        )
    here, there = sized_for_per_s(SHOP), SERVER_PER_S
    for rate, name, side in (
        (here / 1.15, "shop of section 2", "right"),
        (there * 1.15, "guide's server", "left"),
    ):
        ax.text(rate, -0.75, name, ha=side, color=INK)
    for rate in (here, there):
        ax.axvline(rate, color=MUTED, ls="--", lw=1)
    ax.set(xscale="log", xlim=(0.03, 3e6), ylim=(-1, 2.8), yticks=[])
    ax.set_xticks([0.1, 10, 1_000, 100_000], ["0.1", "10", "1,000", "100,000"])
    label(ax, x="requests per second at the peak")
    first = peak_of(THRESHOLDS[0], active, requests, peak)
    return (
        f"{percent(active)} of the users come on a day, for {number(requests)} requests each, and "
        f"the peak is {number(peak)} × the mean: 10,000 users make "
        f"{quantity(first, 'requests/s')}, a million make {quantity(100 * first, 'requests/s')}."
    )


PRODUCTS = {  # share of the users on a day, requests of each, peak over mean
    "sensors, a report every 10 s": (1.0, DAY_S / 10, 1.0),
    "an app that asks every 10 s, 2 h a day": (0.5, 720.0, 6.0),
    "a shop": (0.2, 50.0, 5.0),
    "a news page": (0.2, 10.0, 3.0),
}


def products_table() -> Html:
    """Show how many users of four products fill the guide's server."""
    rows: list[dict[str, Any]] = []
    for name, habits in PRODUCTS.items():
        each = peak_of(1.0, *habits)
        rows.append(
            {
                "product": name,
                "requests/s of 10,000 users": 10_000 * each,
                "users that fill the server, thousands": SERVER_PER_S / each / 1_000,
            }
        )
    return table(rows, "Four products on a server that does 1,000 requests a second.")


# Ceilings and steps -------------------------------------------------------------------------------


def busy(system: System, rates_per_s: Iterable[float]) -> dict[str, v.FloatArray]:
    """Return how busy server and primary are at each load, by the work that they have."""
    rates = np.array(list(rates_per_s))
    app, database, demand = system.app, system.database, system.demand
    work_s = (1 - demand.write_share) * database.read_s + demand.write_share * database.write_s
    return {
        "app server": rates * app.app_s / app.servers / app.cores,
        "database": rates * work_s / database.cores,
    }


def plot_busy(axes: list[Axes], systems: dict[str, System], dots: dict[str, Any]) -> None:
    """Draw how busy the parts of some systems are; `dots` has what the runs measured."""
    rates = np.linspace(0, 330, 100)
    for ax, (name, system) in zip(axes, systems.items(), strict=True):
        found = busy(system, rates)
        for (part, shares), colour in zip(found.items(), (BLUE, ORANGE), strict=True):
            ax.plot(rates, 100 * shares, color=colour, label=part)
            for rate, measured in dots[name].items():
                ax.plot([rate], [100 * measured[part]], "o", color=colour, ms=5)
        ax.axhline(70, color=INK, ls=":", lw=1)
        ax.set(xlim=(0, 330), ylim=(0, 110))
        label(ax, x="requests per second", y="busy, %", title=name, legend=True)


def road_table(steps: int = 6) -> Html:
    """Follow the cheapest next remedy from the shop on, each as soon as 70 % are reached."""
    rows: list[dict[str, Any]] = []
    system = SHOP
    for _ in range(steps):
        carries = sized_for_per_s(system)
        remedy = next_remedy(system)
        if remedy is None:
            break
        rows.append(
            {
                "from, requests/s": round(carries),
                "full first": plan_system(at_rate(system, carries)).bottleneck,
                "cheapest step that carries half as much again": " and ".join(remedy.does),
                "adds, $ a month": round(remedy.usd_more),
            }
        )
        system = remedy.system
    return table(rows, "The shop grows: each step is taken when the part before it is full.")


@dataclass(frozen=True)
class Step:
    """One change of a system: what it then carries, and dollars a month, its work included."""

    name: str
    carries_per_s: float
    usd_more: float


GROWN = replace(SHOP, app=replace(SHOP.app, cores=4))


def single_steps(system: System, prices: Prices | None = None) -> list[Step]:
    """Return what each remedy of the guide alone does to a system."""
    price, menu = prices or Prices(), RemedyMenu()
    app, database = system.app, system.database
    left = 1 - menu.queries_saved
    lighter = replace(database, read_s=left * database.read_s, write_s=left * database.write_s)
    two = replace(app, servers=app.servers + 1)
    changes = {
        "a second app server": (replace(system, app=two), menu.stateless_days),
        "twice the app cores": (replace(system, app=replace(app, cores=2 * app.cores)), 0.0),
        "optimised app code": (
            replace(system, app=replace(app, app_s=(1 - menu.app_saved) * app.app_s)),
            menu.app_days,
        ),
        "twice the database cores": (
            replace(system, database=replace(database, cores=2 * database.cores)),
            0.0,
        ),
        "a cache of 1,000 entries": (
            replace(system, cache=Cache(capacity=1_000)),
            menu.cache_days,
        ),
        "optimised queries": (replace(system, database=lighter), menu.queries_days),
        "a read replica": (
            replace(system, database=replace(database, replicas=1)),
            menu.replica_days,
        ),
        "two shards": (replace(system, database=replace(database, shards=2)), menu.shard_days),
    }
    before = monthly_usd(system, price)
    return [
        Step(
            name,
            sized_for_per_s(after),
            monthly_usd(after, price) - before + spread_usd(days, price),
        )
        for name, (after, days) in changes.items()
    ]


def spread_usd(days: float, price: Prices) -> float:
    """Return what days of work are a month, spread over the months of the prices."""
    return days * price.engineer_day_usd / price.pay_off_months


def prices_table(prices: Prices, menu: RemedyMenu) -> Html:
    """Show every price, and the days of work of each remedy."""
    days = {
        "optimising the queries once (−40 % work)": menu.queries_days,
        "optimising the app code once (−25 %)": menu.app_days,
        "taking the state out of the server": menu.stateless_days,
        "servers that follow the load": menu.autoscaler_days,
        "the first cache": menu.cache_days,
        "the first replica": menu.replica_days,
        "the first shards": menu.shard_days,
    }
    monthly = {
        "a core of an app server": prices.app_core_usd,
        "a core of a database": prices.database_core_usd,
        "any node": prices.node_usd,
        "the balancer": prices.balancer_usd,
        "a cache": prices.cache_usd,
        "and each million entries": prices.cache_million_usd,
        "each shard after the first, its care": prices.further_shard_usd,
    }
    rows = [{"what": name, "days of work, once": "", "$ a month": usd}
            for name, usd in monthly.items()]  # fmt: skip
    rows += [
        {
            "what": name,
            "days of work, once": f"{number(count)}",
            "$ a month": spread_usd(count, prices),
        }
        for name, count in days.items()
    ]
    months = f"{prices.pay_off_months:.0f} months"
    caption = f"Assumed prices; a day of work is ${prices.engineer_day_usd:,.0f}, spread over "
    return table(rows, f"{caption}{months}.")


def plot_steps_taken(ax: Axes, steps: list[Step], now_per_s: float) -> None:
    """Draw what each step alone makes of the load, and its price beside it."""
    order = sorted(steps, key=lambda step: -step.carries_per_s)[::-1]
    for row, step in enumerate(order):
        gain = step.carries_per_s - now_per_s
        helps = gain > 1
        ax.barh(row, step.carries_per_s, color=TINTS[GREEN] if helps else TINTS[RED],
                ec=GREEN if helps else RED)  # fmt: skip
        ax.text(4, row, f"${step.usd_more:,.0f}", va="center", color=INK)
    ax.axvline(now_per_s, color=INK, ls="--", lw=1)
    ax.set_yticks(range(len(order)), [step.name for step in order])
    ax.set(xlim=(0, 320))
    label(ax, x="requests per second that it then carries")
