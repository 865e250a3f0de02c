"""The path of growth against numbers: users, requests per second, and what fleets cost."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.chapters.choosing.experiments import LARGE_PER_S, ROOM, SMALL_PER_S
from scalelab.course.chapters.diagonal.experiments import guide_law
from scalelab.course.chapters.introduction.experiments import HABITS
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.models.traffic import peak_rate_per_s
from scalelab.planner.growth_plan import (
    ChangeCost,
    GrowthPlan,
    best_plan,
    cheapest_now,
    follow,
    horizontal_only,
    vertical_first,
)
from scalelab.planner.node_menu import NodeFleet, NodeMenu
from scalelab.plotting import BLUE, GREEN, MUTED, ORANGE, label, mark, write

SIZES = (4, 8, 16, 32, 64)


def path_picture() -> Figure:
    """Draw the six stages of the guide's path, there and back."""
    names = (
        "1 one server",
        "2 a larger one",
        "3 several",
        "4 auto-scaling",
        "5 tiers",
        "6 regions",
    )
    boxes = {
        name: Box(
            x=2.6 * (i if i < 3 else 5 - i),
            y=-1.5 * (i // 3),
            text=name,
            width=1.9,
            height=0.8,
            colour=(BLUE, ORANGE, GREEN)[i // 2],
        )
        for i, name in enumerate(names)
    }
    arrows = [Arrow(start=names[i], end=names[i + 1]) for i in range(5)]
    return diagram(boxes, arrows, height=2.3)


def draw_users(ax: Axes, users: int, requests_a_day: int) -> str:
    """Draw the peak rate over the number of users, and what machines can do.

    Marked are so many users, of whom the active ones make `requests_a_day` requests.
    """
    habits = HABITS | {"requests_per_active_user": requests_a_day}
    many = np.logspace(2, 8, 60)
    ax.loglog(many, peak_rate_per_s(many, **habits), color=BLUE)
    for rate, text, up in ((SMALL_PER_S, "one server, 4 cores", -12), (LARGE_PER_S, "32 cores", 4)):
        ax.axhline(rate, color=MUTED, linestyle=":")
        write(ax, 120, rate, text, dy=up, color=MUTED, fontsize=9)
    peak = float(peak_rate_per_s(users, **habits))
    mark(ax, users, peak, f"{peak:,.3g}/s", dx=8, dy=-14)
    label(ax, x="users", y="requests/s at the peak")
    if peak <= ROOM * SMALL_PER_S:
        answer = "one small server does it with room to spare"
    elif peak <= ROOM * LARGE_PER_S:
        answer = "one larger server does it"
    else:
        answer = f"{math.ceil(peak / (ROOM * SMALL_PER_S)):,} small servers at 70 %"
    return (
        f"{users:,} users with {requests_a_day} requests a day each: {peak:,.4g} requests/s at the "
        f"peak; {answer}."
    )


def menu(spare: int, usd_per_node: float = 100.0) -> NodeMenu:
    """Return the machines of the guide's example, for so many losses at once.

    `usd_per_node` are dollars a month for having a machine at all: its operation, licences.
    """
    return NodeMenu(
        sizes=SIZES, law=guide_law(), usd_per_core=70, usd_per_node=usd_per_node, spare=spare
    )


def growth(doubling_months: int, months: int = 36) -> v.FloatArray:
    """Return the peak rate of each month, from 100 requests per second on, doubling steadily."""
    double = v.count("growth", "doubling_months", doubling_months)
    return 100 * 2 ** (np.arange(v.count("growth", "months", months)) / double)


def plans(doubling_months: int, *, usd_per_node: float = 100.0) -> dict[str, GrowthPlan]:
    """Follow three rules through three years of growth, and find the best that could be done.

    One machine may be lost. To add one costs 100 dollars once, to replace one 500.
    """
    demand, offer = growth(doubling_months), menu(1, usd_per_node)
    costs = ChangeCost(add_usd=100, resize_usd=500)
    start = NodeFleet(2, SIZES[0])
    strategies = {
        "vertical first": vertical_first,
        "horizontal only": horizontal_only,
        "cheapest of the month": cheapest_now,
    }
    found = {name: follow(rule, offer, demand, costs, start) for name, rule in strategies.items()}
    return found | {"best in hindsight": best_plan(offer, demand, costs, start)}


def draw_plans(ax: Axes, doubling_months: int, usd_per_node: int) -> str:
    """Draw what three years of growth cost under each rule of `plans`."""
    found = plans(doubling_months, usd_per_node=usd_per_node)
    best = found["best in hindsight"]
    names = list(found)[::-1]
    colours = [GREEN if name == "best in hindsight" else BLUE for name in names]
    ax.barh(names, [found[name].total_usd / 1_000 for name in names], color=colours, height=0.6)
    label(ax, x="thousand dollars in three years")
    regrets = ", ".join(
        f"{name} {100 * plan.regret(best):.0f} %"
        for name, plan in found.items()
        if plan is not best
    )
    last = best.fleets[-1]
    return (
        f"Demand doubles every {doubling_months} months, a machine costs {usd_per_node} dollars a "
        f"month besides its cores. Above the best: {regrets}. The best ends with {last.nodes} of "
        f"{last.size} cores."
    )
