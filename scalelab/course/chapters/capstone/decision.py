"""What the learner's plan comes to: the picture beside the rivals, and the decision record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from matplotlib.axes import Axes

from scalelab.course.chapters.capstone.contract import LEAST_KEPT, Judgement, judge
from scalelab.course.chapters.capstone.plan import ShopPlan
from scalelab.course.chapters.capstone.recorded import Recorded, recorded
from scalelab.course.chapters.capstone.rivals import BUDGET_USD, INHERITED
from scalelab.course.chapters.capstone.weeks import Week
from scalelab.plotting import BLUE, GREEN, MUTED, RED, label, name_points
from scalelab.quantities import NBSP, number, quantity

# How some plans are called in the picture; others are dots.
NAMED = {
    "inherited": "inherited",
    "24 servers all week": "24 servers",
    "autoscaler at 60 %": "autoscaler",
}
DOLLARS, TICKS_USD = (1_300, 75_000), (2_000, 5_000, 15_000, 50_000)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One decision of a plan taken back, to what the inherited shop had or to nothing.

    Parameters
    ----------
    field : str
        Of the plan.
    chosen, other : object
        What it is, and what it would be.
    judgement : Judgement
        Of the plan with the other.
    """

    field: str
    chosen: object
    other: object
    judgement: Judgement


def take_back(plan: ShopPlan, weeks: Sequence[Week]) -> list[Turn]:
    """Judge a plan with each of its decisions taken back, one at a time."""
    # not what a system of any size has: numbers are sizes, the rest are decisions
    back: dict[str, Any] = {
        "fill": "replica",
        "sync_replicas": 0,
        "shed_s": None,
        "retries": 0,
        "friday": 0,
    }
    turns = []
    for field, other in back.items():
        chosen = getattr(plan, field)
        if chosen != other:
            found = judge(replace(plan, **{field: other}), weeks)
            turns.append(Turn(field=field, chosen=chosen, other=other, judgement=found))
    return turns


def in_words(judgement: Judgement) -> str:
    """Say how often the contract was kept, and which promises were broken."""
    broke = ", ".join(f"{promise} in {weeks}" for promise, weeks in judgement.broke.items())
    kept = sum(1 for _ in judgement.weeks) - max(judgement.broke.values(), default=0)
    if not broke:
        return f"kept in all {number(len(judgement.weeks))} weeks"
    return f"kept in {quantity(100 * judgement.kept, '%')} of the weeks; broken: {broke}" + (
        "" if kept else ", so in every week"
    )


def decision_record(plan: ShopPlan, weeks: Sequence[Week]) -> list[dict[str, str]]:
    """Return a decision record, a line a row, out of computed numbers only."""
    found, worst = judge(plan, weeks), judge(plan, weeks).worst
    changed = [
        f"{field.name} {shown(getattr(INHERITED, field.name))} → {shown(getattr(plan, field.name))}"
        for field in fields(ShopPlan)
        if getattr(plan, field.name) != getattr(INHERITED, field.name)
    ]
    inherited = recorded("naive")[0]
    lines = {
        "Context": f"The inherited shop costs {_usd(inherited.usd)} a month and keeps the contract "
        f"in {quantity(100 * inherited.kept, '%')} of the weeks; it breaks {inherited.broke}.",
        "Decision": "; ".join(changed) or "nothing is changed",
        "Cost": f"{_usd(found.usd)} a month, {_usd(inherited.usd - found.usd)} less; the budget is "
        f"{_usd(BUDGET_USD)}.",
        "Contract": f"{in_words(found)} ({number(len(weeks))} weeks).",
        "Worst week": f"available {quantity(100 * worst.available, '%')}, slow "
        f"{quantity(100 * worst.slow, '%')}, stale {quantity(100 * worst.stale, '%')}, "
        f"{number(worst.lost)} acknowledged writes lost.",
    }
    for turn in take_back(plan, weeks):
        lines[f"Without {turn.field} = {turn.chosen}"] = (
            f"{in_words(turn.judgement)}; {_usd(turn.judgement.usd)} a month."
        )
    kept = found.kept >= LEAST_KEPT and found.usd <= BUDGET_USD
    lines["Status"] = "accepted" if kept else "rejected: the contract or the budget is not kept"
    return [{"part": part, "what": what} for part, what in lines.items()]


def shown(value: object) -> str:
    """Return a decision as it is written in a table."""
    return "none" if value is None else number(value) if isinstance(value, int) else str(value)


def _usd(value: float) -> str:
    return f"${number(round(value))}".replace(NBSP, " ")


def front(plans: Sequence[Recorded]) -> list[Recorded]:
    """Return the plans that no other beats in dollars and in weeks kept, the cheapest first."""
    found: list[Recorded] = []
    for plan in sorted(plans, key=lambda each: (each.usd, -each.kept)):
        if not found or plan.kept > found[-1].kept:
            found.append(plan)
    return found


def plot_rivals(ax: Axes, mine: Judgement | None = None) -> Axes:
    """Draw the recorded plans by dollars and by weeks kept, and one's own beside them."""
    naive, searched, best = (recorded(group) for group in ("naive", "searched", "best"))
    every = [*naive, *searched, *best]
    ax.step(
        [plan.usd for plan in front(every)],
        [100 * plan.kept for plan in front(every)],
        where="post",
        color=MUTED,
        linestyle=":",
    )
    for plans, colour, shape in ((searched, MUTED, "."), (naive, RED, "o"), (best, GREEN, "*")):
        ax.plot(
            [plan.usd for plan in plans],
            [100 * plan.kept for plan in plans],
            shape,
            color=colour,
            markersize={".": 5, "o": 6, "*": 13}[shape],
        )
    names = {"best found": (best[0].usd, 100 * best[0].kept)}
    if mine is not None:
        ax.plot([mine.usd], [100 * mine.kept], "D", color=BLUE, markersize=8)
        names["yours"] = mine.usd, 100 * mine.kept
    names |= {NAMED[p.name]: (p.usd, 100 * p.kept) for p in naive if p.name in NAMED}
    ax.axvline(BUDGET_USD, color=MUTED, linewidth=1)
    ax.set_xscale("log")
    ax.set_xlim(*DOLLARS)
    ax.set_xticks(TICKS_USD, [number(usd) for usd in TICKS_USD])
    ax.set_xticks([], minor=True)
    ax.set_yticks(range(0, 101, 20))
    ax.set_ylim(-18, 122)
    name_points(ax, names, fontsize=10)
    return label(ax, x="dollars a month", y="weeks kept, %")
