"""Experiments of the chapter on choosing a way to scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.chapters.vertical.experiments import MEASURED_PER_S
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.models.availability import k_of_n_availability
from scalelab.plotting import BLUE, GREEN, ORANGE, PURPLE, label, label_lines

Table = Mapping[str, frozenset[str]]

# The guide's table: for each approach the conditions that speak for it.
TABLE: Table = {
    "horizontal": frozenset(
        {"stateless", "variable load", "high availability", "cloud", "several regions"}
    ),
    "vertical": frozenset(
        {
            "monolith",
            "relational database",
            "stateful",
            "small to medium",
            "quick fix",
            "few engineers",
        }
    ),
    "diagonal": frozenset(
        {"growing", "costs matter", "different workloads", "several tiers", "production"}
    ),
    "auto-scaling": frozenset({"variable load", "costs matter", "cloud", "mature operations"}),
}

# Twelve services as one would describe them at a table.
CARDS: Mapping[str, frozenset[str]] = {
    "a league's table, read at weekends": frozenset({"stateless", "variable load"}),
    "a clinic's records": frozenset({"stateful", "high availability", "relational database"}),
    "a town's library": frozenset({"small to medium", "stateless", "few engineers"}),
    "payroll, twelve years old": frozenset({"monolith", "relational database"}),
    "tickets for concerts": frozenset({"variable load", "cloud", "mature operations"}),
    "a start-up's shop": frozenset({"growing", "costs matter", "few engineers"}),
    "a game with rooms": frozenset({"stateful", "variable load", "several regions"}),
    "maps for hikers": frozenset({"stateless", "several regions"}),
    "a bank's ledger": frozenset({"relational database", "high availability"}),
    "nightly reports": frozenset({"quick fix", "monolith"}),
    "a newspaper": frozenset({"several tiers", "variable load", "production"}),
    "video on demand": frozenset({"different workloads", "several tiers", "growing"}),
}

SMALL_PER_S, LARGE_PER_S = MEASURED_PER_S  # with 4 and with 32 cores
ROOM = 0.7  # how far they may be used
GUESS_OFF = 10.0  # by how much the first figures of a service may be wrong


def dimensions_picture() -> Figure:
    """Draw the ways a machine can become more."""
    boxes = {
        "one": Box(x=0, y=0, text="one machine", width=1.7),
        "up": Box(x=0, y=2.3, text="a larger one", colour=ORANGE, width=2.0, height=1.1),
        "out": Box(x=5.2, y=0, text="several", colour=GREEN, width=1.7),
        "both": Box(x=5.2, y=2.3, text="several larger", colour=PURPLE, width=2.2, height=1.1),
    }
    arrows = [
        Arrow(start="one", end="up", text="vertical"),
        Arrow(start="one", end="out", text="horizontal"),
        Arrow(start="one", end="both", text="diagonal"),
        Arrow(start="out", end="both", both=True, dashed=True, text="auto"),
    ]
    return diagram(boxes, arrows, height=2.9)


# The table as rules --------------------------------------------------------------------------


def matching_rows(traits: Iterable[str], table: Table = TABLE) -> dict[str, int]:
    """Count how many conditions of each row a service meets, rows without any left out."""
    have = set(traits)
    counts = {row: len(conditions & have) for row, conditions in table.items()}
    return {row: count for row, count in counts.items() if count}


def conflict_share(table: Table = TABLE) -> float:
    """Return the share of pairs of conditions that point to more than one row."""
    conditions = sorted(frozenset().union(*table.values()))
    pairs = list(combinations(conditions, 2))
    return sum(len(matching_rows(pair, table)) > 1 for pair in pairs) / len(pairs)


def draw_card(ax: Axes, card: int) -> str:
    """Draw how many conditions of each row a card meets; cards count from 1."""
    name = list(CARDS)[v.count("draw_card", "card", card) - 1]
    traits = CARDS[name]
    found = matching_rows(traits)
    rows = list(TABLE)[::-1]
    ax.barh(rows, [found.get(row, 0) for row in rows], color=BLUE, height=0.6)
    ax.set_xlim(0, 3.2)
    ax.set_xticks(range(4))
    label(ax, x="conditions met", title=name)
    most = [row for row in found if found[row] == max(found.values())]
    verdict = f"{most[0]} has most" if len(most) == 1 else f"a tie of {' and '.join(most)}"
    return f"{', '.join(sorted(traits))}: {len(found)} rows match; {verdict}."


# Rules in an order, on numbers -----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What has to be known of a service before it can be said how to scale it.

    Its busiest rate, > 0, and that over the mean, >= 1; the share of time that it must be up and
    that one machine is up, each in (0, 1); and whether several machines can share the work, since
    it keeps no state or keeps it outside.
    """

    peak_per_s: float
    peak_to_mean: float
    availability: float
    server_availability: float
    divisible: bool

    def __post_init__(self) -> None:
        v.number("Needs", "peak_per_s", self.peak_per_s)
        if v.number("Needs", "peak_to_mean", self.peak_to_mean) < 1:
            v.refuse("Needs", "peak_to_mean", "be >= 1", self.peak_to_mean)
        for name in ("availability", "server_availability"):
            v.open_fraction("Needs", name, v.number("Needs", name, getattr(self, name)))
        if not isinstance(self.divisible, bool):
            v.refuse("Needs", "divisible", "be True or False", self.divisible)


# The same services, and one or two more, once somebody has measured.
MEASURED: Mapping[str, Needs] = {
    name: Needs(
        peak_per_s=peak,
        peak_to_mean=ratio,
        availability=asked,
        server_availability=0.999,
        divisible=divisible,
    )
    for name, peak, ratio, asked, divisible in (
        ("a town's library", 5.0, 4.0, 0.99, True),
        ("maps for hikers", 300.0, 2.0, 0.999, True),
        ("a clinic's records", 40.0, 3.0, 0.9999, False),
        ("a bank's ledger", 2_000.0, 2.0, 0.9999, False),
        ("nightly reports", 2_500.0, 1.0, 0.99, False),
        ("tickets for concerts", 6_000.0, 12.0, 0.999, True),
        ("a game with rooms", 9_000.0, 3.0, 0.9999, False),
        ("a newspaper", 2_000.0, 5.0, 0.9999, True),
    )
}


def ordered_steps(needs: Needs) -> list[str]:
    """Ask for availability first, then for the bottleneck, then for the cost: what to do, in order.

    The machines are those of the guide's example, used up to 70 %.
    """
    if not isinstance(needs, Needs):
        v.refuse("ordered_steps", "needs", "be Needs", needs)
    busy, full = needs.peak_per_s > ROOM * SMALL_PER_S, needs.peak_per_s > ROOM * LARGE_PER_S
    out = full or (busy and needs.divisible)
    machines = math.ceil(needs.peak_per_s / (ROOM * SMALL_PER_S)) if out else 1
    steps = []
    if needs.server_availability**machines < needs.availability:  # 1. all of them up: too rarely
        steps.append("a spare machine" if needs.divisible or full else "a standby")
    if full and not needs.divisible:  # 2. the bottleneck
        steps.append("take the state out")
    if out:
        steps.append("scale out")
    elif busy:
        steps.append("scale up")
    if needs.peak_to_mean >= 3 and "scale out" in steps:  # 3. the cost
        steps.append("auto-scale")
    return steps or ["nothing yet"]


def turns_with_its_peak(needs: Needs) -> bool:
    """Whether a peak that is `GUESS_OFF` times larger or smaller asks for something else."""
    peaks = (needs.peak_per_s * factor for factor in (1 / GUESS_OFF, 1.0, GUESS_OFF))
    answers = [ordered_steps(replace(needs, peak_per_s=peak)) for peak in peaks]
    return answers != 3 * answers[:1]


def servers_for(needs: Needs, server_per_s: float) -> int:
    """Return the fewest equal servers that carry the peak as often as is asked for.

    `server_per_s` is what one of them does within its headroom, > 0.
    """
    if not isinstance(needs, Needs):
        v.refuse("servers_for", "needs", "be Needs", needs)
    enough = math.ceil(needs.peak_per_s / v.number("servers_for", "server_per_s", server_per_s))
    nodes = enough
    while k_of_n_availability(needs.server_availability, enough, nodes) < needs.availability:
        nodes += 1
    return nodes


def change_moments_h(
    rng: np.random.Generator, nodes: int, *, availability: float, mean_down_h: float, hours: float
) -> v.FloatArray:
    """Draw when each machine fails, comes back, fails and so on, for at least so many hours.

    Times up and times down are exponential. `availability` is that of one machine, in (0, 1), and
    `mean_down_h` the mean hours until it is back. The result has a row a machine, all begin up.
    """
    name = "change_moments_h"
    v.open_fraction(name, "availability", v.number(name, "availability", availability))
    mean_up_h = v.number(name, "mean_down_h", mean_down_h) * availability / (1 - availability)
    cycles = math.ceil(1.5 * v.number(name, "hours", hours) / (mean_up_h + mean_down_h)) + 50
    size = (v.count(name, "nodes", nodes), cycles)
    lengths = [v.generator(name, rng).exponential(mean, size) for mean in (mean_up_h, mean_down_h)]
    moments: v.FloatArray = np.stack(lengths, axis=2).reshape(nodes, -1).cumsum(axis=1)
    return moments


def share_enough_up(
    rng: np.random.Generator,
    nodes: int,
    needed: int,
    *,
    availability: float = 0.99,
    mean_down_h: float = 1.0,
    hours: float = 100_000,
) -> float:
    """Simulate machines that fail and come back: the share of time in which enough are up."""
    enough = v.count("share_enough_up", "needed", needed)
    per_machine = change_moments_h(
        rng, nodes, availability=availability, mean_down_h=mean_down_h, hours=hours
    )
    moments = per_machine.ravel()
    order = np.argsort(moments)
    changes = np.tile([-1, 1], moments.size // 2)  # each machine begins up
    moments = np.minimum(moments[order], hours)
    up = nodes + np.concatenate([[0], changes[order].cumsum()])
    spans = np.diff(np.concatenate([[0.0], moments, [hours]]))
    return float(spans[up >= enough].sum() / hours)


def plot_common_cause(
    ax: Axes, together: float, *, needed: int = 4, availability: float = 0.99
) -> Axes:
    """Draw how often a promise is broken over the number of machines.

    Once they fail independently, and once all are down together for a share `together` of the time.
    """
    nodes = np.arange(needed, needed + 5)
    alone = np.array([1 - k_of_n_availability(availability, needed, int(n)) for n in nodes])
    for broken, colour, name in (
        (together + (1 - together) * alone, ORANGE, "with a common cause"),
        (alone, BLUE, "independent"),
    ):
        ax.semilogy(nodes, 100 * broken, color=colour, marker="o", label=name)
    ax.set_xticks(nodes)
    label(ax, x=f"machines, of which {needed} are needed", y="promise broken, % of the time")
    return label_lines(ax)
