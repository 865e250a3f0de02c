"""What the chapter on resharding counts: partitions, keys, and which rows move."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.chapters.write_sharding.experiments import busiest_by_hash as over_the_mean
from scalelab.course.page import Html, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.hash_ring import HashRingRouter
from scalelab.fakes.routing.jump_hash import JumpRouter
from scalelab.fakes.routing.maglev import MaglevRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.routing.router import Router
from scalelab.fakes.routing.slots import SlotRouter
from scalelab.fakes.sharding.partitioned_table import PartitionedTable
from scalelab.models.cache_effect import capacity_multiplier
from scalelab.models.imbalance import peak_to_mean
from scalelab.models.placement import (
    maglev_peak_to_mean,
    minimum_moved_share,
    modulo_moved_share,
    ring_moved_share_sd,
    ring_peak_to_mean,
    slots_moved_share,
)
from scalelab.plotting import BLUE, GREEN, INK, ORANGE, TINTS, label
from scalelab.sim.hash_ring import HashRing
from scalelab.sim.maglev import MaglevPlacement
from scalelab.sim.placement import moved_share
from scalelab.sim.slots import REDIS_SLOTS, SlotPlacement
from scalelab.workloads.popularity import uniform_popularity, zipf_popularity

# Partitions -----------------------------------------------------------------------------------

YEARS, ROWS = (2020, 2021, 2022, 2023), 400
WORK_S = 0.001  # of the server, for each write


def sales_table() -> PartitionedTable:
    """Return 400 sales of four years in four partitions of one server."""
    router = RangeRouter(YEARS[1:], [f"sales_{year}" for year in YEARS])
    sales = PartitionedTable(VirtualClock(), router, work_s=WORK_S)
    for i in range(ROWS):
        sales.put(YEARS[i % 4] + i / 1000, "sale")
    return sales


@cache
def write_rate(partitions: int) -> float:
    """Rows that one server writes a second, in so many partitions."""
    clock, rows = VirtualClock(), 1_000
    points = [1_000 * i // partitions for i in range(1, partitions)]
    sales = PartitionedTable(clock, RangeRouter(points), work_s=WORK_S)
    for i in range(rows - 1):
        sales.submit_put(i * 7 % 1_000, "sale")  # all wait in one line, whichever the partition
    clock.wait_for(lambda done, failed: sales.submit_put(rows, "last", done))
    return rows / clock.now_s


def move_picture() -> Figure:
    """Draw an application that writes rows in two places, and a backfill from one to the other."""
    boxes = {
        "app": Box(x=0, y=1.1, text="application", width=1.9),
        "old": Box(x=4.6, y=2.2, text="old shard", colour=GREEN, width=1.8),
        "new": Box(x=4.6, y=0, text="new shard", colour=ORANGE, width=1.8),
    }
    arrows = [
        Arrow(start="app", end="old", text="first write"),
        Arrow(start="app", end="new", text="second write"),
        Arrow(start="old", end="new", text="backfill", dashed=True),
    ]
    return diagram(boxes, arrows, height=2.5)


# Keys -----------------------------------------------------------------------------------------

SHARDS = 10
KEYS: dict[str, int] = {
    "country": 195,
    "user": 100_000,
    "tenant, a few": 100,
    "tenant, many": 10_000,
    "region": 5,
}


@cache
def busiest_by_hash(values: int, *, equal: bool = False, shards: int = SHARDS) -> float:
    """Load of the busiest shard over the mean, on average over many hashes.

    The load of a value is in proportion to one over its rank, or the same for all.
    """
    loads = uniform_popularity(values) if equal else zipf_popularity(values, 1.0)
    return float(over_the_mean(loads, shards).mean())


@cache
def busiest_by_directory(values: int, shards: int = SHARDS) -> float:
    """Load of the busiest shard over the mean where the largest go first, to the emptiest."""
    held = np.zeros(shards)
    for load in zipf_popularity(values, 1.0):
        held[held.argmin()] += load
    return peak_to_mean(held)


def keys_table() -> Html:
    """Show how even each key is, and why it is not."""
    rows: list[dict[str, Any]] = [
        {
            "shard key": key,
            "values": values,
            "by a hash": round(busiest_by_hash(values), 2),
            "by a hash, equal loads": round(busiest_by_hash(values, equal=True), 2),
            "by a directory": round(busiest_by_directory(values), 2),
        }
        for key, values in KEYS.items()
    ]
    return table(rows, f"Busiest of {SHARDS} shards over the mean")


# Which rows move ------------------------------------------------------------------------------

BEFORE, AFTER = 3, 4
SPACE = 10**6  # ids of servers, of which each ring draws its own


def ring_moved(rng: np.random.Generator, virtual_nodes: int) -> float:
    """Share of the keys that a fourth server takes on a ring of its own."""
    nodes = rng.choice(SPACE, AFTER, replace=False)
    before, after = (
        HashRing(nodes[:n], virtual_nodes).place(_SAMPLE)  # type: ignore[arg-type]
        for n in (BEFORE, AFTER)
    )
    return moved_share(before, after)


_SAMPLE = np.arange(20_000)


def ring_spread(rng: np.random.Generator, virtual_nodes: int) -> float:
    """Return the standard deviation of the moved share over a hundred rings, in percent."""
    return float(100 * np.std([ring_moved(rng, virtual_nodes) for _ in range(100)], ddof=1))


@cache
def moved_on_rings(virtual_nodes: int, rings: int = 300) -> v.FloatArray:
    """Return the moved share of many rings."""
    rng = np.random.default_rng(2026)
    return np.array([ring_moved(rng, virtual_nodes) for _ in range(rings)])


def ring_places(
    servers: int,
    points: int,
    rng: np.random.Generator,
    *,
    first: int = 0,
    taken: list[tuple[int, str]] | None = None,
) -> list[tuple[int, str]]:
    """Draw places in whole degrees for the points of servers, all different, in their order.

    `first` is the number of the first server, less one; `taken` are the points that are there.
    """
    free = np.setdiff1d(np.arange(360), [place for place, _ in taken or []])
    places = rng.choice(free, servers * points, replace=False)
    names = [f"server {first + 1 + i // points}" for i in range(servers * points)]
    return sorted(zip(places.tolist(), names, strict=True))


RING_COLOURS = {1: ORANGE, 10: BLUE, 100: GREEN}


def plot_rings(ax: Axes) -> Axes:
    """Draw how much moves on many rings, by their points for each server."""
    bins = [float(x) for x in range(0, 92, 2)]
    for points, colour in RING_COLOURS.items():
        name = "1 point" if points == 1 else f"{points} points"
        moved = 100 * moved_on_rings(points)
        ax.hist(moved, bins, color=colour, histtype="step", lw=2, label=f"{name} a server")
    ax.axvline(25, color=INK, ls="--", lw=1)
    ax.set(xlim=(0, 90))
    return label(ax, x="rows that move, %", y="rings of 300", legend=True)


def draw_ring(ax: Axes, points: int) -> str:
    """Draw the shares of four servers on one ring, the fourth being new."""
    nodes = np.random.default_rng(7).choice(SPACE, AFTER, replace=False)
    owners = HashRing(nodes, points).place(_SAMPLE)  # type: ignore[arg-type]
    shares = [100 * float(np.mean(owners == node)) for node in nodes]
    colours = [BLUE, BLUE, BLUE, ORANGE]
    names = ["1", "2", "3", "4, new"]
    ax.bar(names, shares, color=[TINTS[c] for c in colours], ec=colours)
    ax.axhline(25, color=INK, ls="--", lw=1)
    ax.set(ylim=(0, 75))
    label(ax, x="server", y="rows, %")
    spread, peak = 100 * ring_moved_share_sd(BEFORE, points), ring_peak_to_mean(AFTER, points)
    return (
        f"{points:,} {'point' if points == 1 else 'points'} a server. On average the fourth takes "
        f"25.0 % of the rows, with a standard deviation of {spread:.1f}; the fullest of the four "
        f"has {peak:.2f} × its share on average."
    )


SCHEMES: dict[str, type[Router]] = {
    "remainder": ModuloRouter,
    "ring, 160 points": HashRingRouter,
    "jump hash": JumpRouter,
    "Maglev": MaglevRouter,
    "slots": SlotRouter,
}


def least_and_peak() -> dict[str, tuple[float, float]]:
    """Give the moved share from 3 servers to 4, and the fullest over the mean after it.

    Maglev and the ring: on average. Jump hash and the remainder: for endlessly many keys.
    """
    least = float(minimum_moved_share(BEFORE, AFTER))
    slots = REDIS_SLOTS
    held = np.bincount(SlotPlacement.even(BEFORE).rebalanced_to(AFTER).owner_of_slot)
    return {
        "remainder": (modulo_moved_share(BEFORE, AFTER), 1.0),
        "ring, 160 points": (least, ring_peak_to_mean(AFTER, 160)),
        "jump hash": (least, 1.0),
        "Maglev": (maglev_moved(), float(maglev_peak_to_mean(AFTER, 65_537))),
        "slots": (slots_moved_share(slots, BEFORE, AFTER), peak_to_mean(held)),
    }


@cache
def maglev_moved() -> float:
    """Share of the keys that move with Maglev's table: there is no formula for it."""
    keys = np.arange(200_000)
    before, after = (MaglevPlacement(range(n)).place(keys) for n in (BEFORE, AFTER))
    return moved_share(before, after)


@cache
def moved_by_loss(scheme: str) -> float | None:
    """Share of 2,000 keys that move when the second of four servers leaves; None: it may not."""
    router = SCHEMES[scheme]([f"server {i}" for i in range(1, AFTER + 1)])
    before = [router.node_for(key) for key in range(2_000)]
    try:
        router.remove_node("server 2")
    except ValueError:
        return None
    return float(np.mean([router.node_for(key) != was for key, was in enumerate(before)]))


def schemes_table() -> Html:
    """Show five ways to place keys, when a server comes and when one goes."""
    remembers = dict(
        zip(SCHEMES, ("nothing", "points", "nothing", "65,537", "16,384"), strict=True)
    )
    rows: list[dict[str, Any]] = []
    for scheme, (moved, peak) in least_and_peak().items():
        lost = moved_by_loss(scheme)
        rows.append(
            {
                "placed by": scheme,
                "moved, 3 to 4, %": round(100 * moved, 1),
                "fullest, of the mean": round(peak, 3),
                "moved if server 2 of 4 goes": "it may not"
                if lost is None
                else f"{100 * lost:.1f} %",
                "remembers": remembers[scheme],
            }
        )
    return table(rows, "Five placements: what moves, and how even they are")


# What else to try first -----------------------------------------------------------------------


def plot_gains(ax: Axes) -> Axes:
    """Draw what caches and replicas bring, by the share of writes."""
    shares = np.linspace(0, 1, 101)
    for hits, servers, colour in ((0.8, 5, BLUE), (0.9, 10, GREEN)):
        name = f"{100 * hits:.0f} % hits, or {servers} servers"
        ax.plot(100 * shares, capacity_multiplier(hits, shares), color=colour, label=name)
    ax.plot(100 * shares[5:], 1 / shares[5:], color=ORANGE, label="limit: 1 / share of writes")
    ax.set(xlim=(0, 100), ylim=(0, 12))
    return label(ax, x="writes, % of the operations", y="capacity, ×", legend=True)
