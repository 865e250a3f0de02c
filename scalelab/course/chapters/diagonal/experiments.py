"""Experiments of the chapter on diagonal scaling: baselines, sizes, tiers, a game of growth."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.chapters.vertical.experiments import MEASURED_CORES, MEASURED_PER_S
from scalelab.course.page import Html, note, table_of
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.models.node_size import cost_per_throughput
from scalelab.models.scaling_law import ScalingLaw, amdahl_through, coherency_through
from scalelab.models.tiers import TiersState, mean_value_analysis
from scalelab.planner.growth_plan import (
    ChangeCost,
    GrowthPlan,
    Strategy,
    best_plan,
    cheapest_now,
    follow,
    horizontal_only,
    vertical_first,
    vertical_until,
)
from scalelab.planner.node_menu import NodeFleet, NodeMenu
from scalelab.plotting import BLUE, GREEN, MUTED, ORANGE, PURPLE, TINTS, label, mark, write
from scalelab.real.cores import cores, thread_runs
from scalelab.real.supervised import RealComponentError
from scalelab.sim.cluster import cluster_throughput_per_s

GROWTH_A_MONTH = 1.15
SIZES = (2, 4, 8, 16, 32, 64, 96)  # cores
USD_PER_CORE = 70.0  # a month, the guide's price list
START = NodeFleet(4, 2)  # the guide's first phase
CHANGES = ChangeCost(add_usd=50.0, resize_usd=300.0)
DEMANDS_S = {"application": 0.001, "database": 0.0025, "cache": 0.001}  # work of a request


def guide_law() -> ScalingLaw:
    """Return Amdahl's law through the guide's two measurements."""
    return amdahl_through(MEASURED_CORES, MEASURED_PER_S)


def guide_menu(usd_per_node: float = 100.0, **settings: Any) -> NodeMenu:
    """Return the guide's nodes at the guide's prices, and something for having a node at all."""
    offered = NodeMenu(
        sizes=SIZES, law=guide_law(), usd_per_core=USD_PER_CORE, usd_per_node=usd_per_node
    )
    return replace(offered, **settings)


def phases_picture() -> Figure:
    """Draw the guide's three phases: small servers, larger servers, more of the larger ones."""
    boxes = {}
    for i in range(4):
        boxes[f"small {i}"] = Box(
            x=1.5 * i, y=3.2, text="2 CPU", width=1.3, height=0.6, colour=ORANGE
        )
        boxes[f"large {i}"] = Box(x=1.5 * i, y=1.8, text="8 CPU", width=1.3, height=0.8)
    for i in range(6):
        colour = GREEN if i >= 4 else BLUE
        boxes[f"more {i}"] = Box(
            x=1.5 * i, y=0.3, text="8 CPU", width=1.3, height=0.8, colour=colour
        )
    arrows = [
        arrow
        for i in range(4)
        for arrow in (
            Arrow(start=f"small {i}", end=f"large {i}"),
            Arrow(start=f"large {i}", end=f"more {i}"),
        )
    ]
    notes = [
        (7.0, 3.2, "1. start small:\n2 CPU, 4 GB"),
        (7.0, 1.8, "2. enlarge:\n8 CPU, 32 GB"),
        (6.75, -0.5, "3. add"),
    ]
    return diagram(boxes, arrows, height=3.2, notes=notes, turns=False)


def tiers_picture() -> Figure:
    """Draw a shop: medium servers, small caches, large databases."""
    boxes = {"balancer": Box(x=0, y=1.1, text="balancer", colour=ORANGE)}
    for i in range(4):
        boxes[f"app {i}"] = Box(x=2.6, y=0.73 * i, text="8 cores", height=0.55, width=1.3)
    for i in range(3):
        boxes[f"cache {i}"] = Box(
            x=5.2, y=0.4 + 0.7 * i, text="2 cores", width=1.1, height=0.42, colour=PURPLE
        )
    for i in range(3):
        boxes[f"database {i}"] = Box(
            x=7.9, y=-0.1 + 1.2 * i, text="16 cores", width=1.6, height=1.0, colour=GREEN
        )
    arrows = [Arrow(start="balancer", end=f"app {i}") for i in range(4)]
    arrows += [Arrow(start="app 2", end="cache 1"), Arrow(start="cache 1", end="database 1")]
    notes = [(2.6, 2.85, "application"), (5.2, 2.5, "cache"), (7.9, 3.1, "database")]
    return diagram(boxes, arrows, height=2.9, notes=notes)


def growth_factor(before: tuple[int, float], after: tuple[int, float], *, each: bool) -> float:
    """How many times as much of something a fleet has, over the old fleet or `each` old server.

    A fleet is its number of servers, and how much each has.
    """
    for name, (servers, size) in (("before", before), ("after", after)):
        v.count("growth_factor", name, servers)
        v.number("growth_factor", name, size)
    baseline = before[1] if each else before[0] * before[1]
    return after[0] * after[1] / baseline


def node_speedup(rng: np.random.Generator, size: int, *, rounds: int = 4_000) -> float:
    """Simulate a node whose cores take turns in a part of each job: its speed-up over one core."""
    return cluster_throughput_per_s(size, 1.0, rounds, sigma=guide_law().sigma, kappa=0.0, rng=rng)


def draw_node_cost(ax: Axes, usd_per_node: float, serial_percent: float) -> str:
    """Draw what a request per second costs on nodes of each size."""
    law = replace(guide_law(), sigma=serial_percent / 100)
    sizes = np.arange(1, 97)
    prices = {"usd_per_core": USD_PER_CORE, "usd_per_node": usd_per_node}
    cost = np.asarray(cost_per_throughput(law, sizes, **prices))
    best = int(cost.argmin())
    ax.plot(sizes, cost)
    ax.set_ylim(0, 3 * cost[best])
    mark(ax, sizes[best], cost[best], f"{sizes[best]} cores", dx=6, dy=-16)
    label(ax, x="cores of a node", title="dollars a month per request/s")
    return (
        f"${usd_per_node:g} a node, {serial_percent:g} % in turn: cheapest at {sizes[best]} cores, "
        f"{cost[best]:.2f} dollars a month per request/s; at 96 cores {cost[95]:.2f}."
    )


def draw_options(ax: Axes, demand_per_s: int, usd_per_node: float) -> str:
    """Draw the smallest fleet of each size that carries a demand with one node to spare."""
    menu = guide_menu(usd_per_node)
    options = menu.options(demand_per_s)
    best = menu.cheapest(demand_per_s)
    for place, fleet in enumerate(options):
        colour = ORANGE if fleet == best else BLUE
        usd = menu.usd_per_month(fleet)
        ax.bar(place, usd, color=TINTS[colour], edgecolor=colour)
        write(ax, place, usd, f"{fleet.nodes} ×", dy=3, ha="center", fontsize=9, color=MUTED)
    ax.set_xticks(range(len(options)), [str(fleet.size) for fleet in options])
    ax.margins(y=0.15)
    label(ax, x="cores of a node", title="dollars a month")
    return (
        f"{demand_per_s:,} requests/s, ${usd_per_node:g} a node: cheapest are {best.nodes} nodes "
        f"of {best.size} cores, {menu.usd_per_month(best):,.0f} dollars a month; nodes of 96 cores "
        f"cost {menu.usd_per_month(options[-1]):,.0f}."
    )


def growing_demand(
    months: int = 24,
    *,
    first_per_s: float = 800.0,
    growth: float = GROWTH_A_MONTH,
    season: float = 0.25,
) -> np.ndarray:
    """Return the busiest rate of each month: growth, with a season of a year on top."""
    month = np.arange(months)
    wave = 1 + season * np.sin(2 * np.pi * (month - 2) / 12)
    return first_per_s * growth**month * wave


def strategies() -> dict[str, Strategy]:
    """Return ways to grow, by the names that the chapter uses."""
    return {
        "enlarge up to 8 cores, then add": vertical_until(8),
        "cheapest of the month": cheapest_now,
        "only add": horizontal_only,
        "enlarge as far as it goes": vertical_first,
    }


def strategy_plans(menu: NodeMenu, demand_per_s: np.ndarray) -> dict[str, GrowthPlan]:
    """Let each strategy play the trace, from the guide's four small servers."""
    return {
        name: follow(strategy, menu, demand_per_s, CHANGES, START)
        for name, strategy in strategies().items()
    }


@cache
def regrets(usd_per_node: float) -> dict[str, float]:
    """How much more each strategy costs than the best plan there is, as a share of it."""
    menu, demand = guide_menu(usd_per_node), growing_demand()
    best = best_plan(menu, demand, CHANGES, START)
    return {name: plan.regret(best) for name, plan in strategy_plans(menu, demand).items()}


def plot_regrets(ax: Axes) -> Axes:
    """Draw what three strategies cost over the best plan, by what a node costs to have."""
    fees = (0, 30, 100, 200, 300, 500, 1_000)
    for name, colour in (
        ("only add", ORANGE),
        ("enlarge up to 8 cores, then add", BLUE),
        ("enlarge as far as it goes", GREEN),
    ):
        over = [100 * regrets(float(fee))[name] for fee in fees]
        ax.plot(fees, over, "o-", color=colour, label=name)
    ax.set(xlim=(-10, 1_010), ylim=(0, 175))
    return label(ax, x="dollars a month for having a node", y="over the best, %", legend=True)


def plot_plans(axes: np.ndarray, plans: dict[str, GrowthPlan]) -> None:
    """Draw the nodes and the cores of each plan, month by month."""
    for (name, plan), dashes in zip(plans.items(), ("-", "--", ":", "-."), strict=False):
        axes[0].step(range(len(plan.fleets)), [f.nodes for f in plan.fleets], dashes, where="post")
        axes[1].step(
            range(len(plan.fleets)),
            [f.size for f in plan.fleets],
            dashes,
            where="post",
            label=name,
        )
    axes[1].set_yscale("log", base=2)
    axes[1].set_yticks(SIZES[:-1:2], [str(size) for size in SIZES[:-1:2]])
    axes[1].set_ylim(1.6, 600)
    label(axes[0], x="month", title="nodes")
    label(axes[1], x="month", title="cores of a node", legend=True)


def shop_tiers() -> dict[str, NodeMenu]:
    """Return three tiers with laws of their own: servers, replicas of a database, a cache.

    Servers share nothing and scale well inside. Replicas of the database must each apply the
    writes, a tenth of the operations, and a database is dear to keep. A cache does
    three tenths of its work in one thread, so more cores help it little.
    """
    app = NodeMenu(
        sizes=SIZES,
        law=ScalingLaw(unit_throughput_per_s=250, sigma=0.01, kappa=0.0),
        usd_per_core=35.0,
        usd_per_node=30.0,
    )
    cache = replace(
        app,
        law=ScalingLaw(unit_throughput_per_s=3_000, sigma=0.3, kappa=0.0),
        usd_per_node=10.0,
    )
    return {"application": app, "database": guide_menu(200.0, shared=0.1), "cache": cache}


def same_as_application(menu: NodeMenu) -> NodeMenu:
    """Give a tier the law and the fees of the application."""
    like = shop_tiers()["application"]
    return replace(
        menu,
        law=like.law,
        shared=like.shared,
        usd_per_core=like.usd_per_core,
        usd_per_node=like.usd_per_node,
    )


def tier_table() -> Html:
    """Show the cheapest fleet of each tier for two demands, and were all tiers alike."""

    def cheapest(menu: NodeMenu, rate_per_s: float) -> str:
        return "{} × {} cores".format(*menu.cheapest(rate_per_s))

    return table_of(
        shop_tiers().items(),
        {
            "tier": lambda tier: tier[0],
            "in turn in a node, %": lambda tier: 100 * tier[1].law.sigma,
            "for 5,000/s": lambda tier: cheapest(tier[1], 5_000),
            "for 20,000/s": lambda tier: cheapest(tier[1], 20_000),
            "for 5,000/s, all alike": lambda tier: cheapest(same_as_application(tier[1]), 5_000),
        },
        "The cheapest fleet of each tier",
    )


def closed_shop(doubled: str | None = None) -> TiersState:
    """Solve the shop's three tiers for 500 users who think for a second between two requests.

    The tier that is `doubled`, one of `DEMANDS_S`, does its work in half the time.
    """
    if doubled is not None:
        v.choice("closed_shop", "doubled", doubled, tuple(DEMANDS_S))
    demands = [s / 2 if tier == doubled else s for tier, s in DEMANDS_S.items()]
    return mean_value_analysis(500, 1.0, demands)


def believers_shortfall(demand_per_s: float, usd_per_node: float) -> dict[str, Any]:
    """Buy by Amdahl's law where the law of coherency holds; both meet the guide's two points."""
    believed = guide_menu(usd_per_node)
    true = replace(believed, law=coherency_through(MEASURED_CORES, MEASURED_PER_S))
    bought, right = believed.cheapest(demand_per_s), true.cheapest(demand_per_s)
    return {
        "a node, $": f"{usd_per_node:,.0f}",
        "bought": f"{bought.nodes} × {bought.size} cores",
        "carries, % of the demand": 100 * true.carries_per_s(bought) / demand_per_s,
        "should have been": f"{right.nodes} × {right.size} cores",
    }


def own_machine(locked_share: float = 0.6) -> Html:
    """Measure this machine's threads under a lock, and choose nodes by what comes out."""
    try:
        one, two = (run.jobs_per_s for run in thread_runs([1, 2], locked_share))
    except RealComponentError as missing:
        return note(f"{missing}; the menu has to do.")
    if cores() < 2:
        return note("This machine gives us one core; a law needs two.")
    try:
        law = amdahl_through([1, 2], [one, two])
    except ValueError:
        return note(
            f"Two threads did {two / one:.2f} × the work of one. Amdahl's law allows 1 × to 2 ×, "
            "so something else was running, or passing on the lock took all the gain. Try again."
        )
    menu = NodeMenu(sizes=SIZES, law=law, usd_per_core=USD_PER_CORE, usd_per_node=100.0)
    best = menu.cheapest(10 * one)
    return note(
        f"Two threads did {two / one:.2f} × the work of one, as if {100 * law.sigma:.0f} % of it "
        f"were done in turn. For ten times one core's work the cheapest are {best.nodes} nodes of "
        f"{best.size} cores."
    )
