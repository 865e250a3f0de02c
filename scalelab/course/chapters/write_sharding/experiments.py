"""Experiments of the chapter on write sharding: four cuts, tenants, scattered questions, growth."""

from __future__ import annotations

import math
from collections.abc import Hashable
from functools import cache, partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.page import Html, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.attributes import AttributeRouter
from scalelab.fakes.routing.directory import DirectoryRouter
from scalelab.fakes.routing.entities import EntityRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.routing.router import Router
from scalelab.fakes.sharding.sharded_store import ShardedStore
from scalelab.models.imbalance import peak_to_mean
from scalelab.models.lag_laws import LogNormalLag
from scalelab.plotting import BLUE, GREEN, INK, MUTED, ORANGE, TINTS, label, write
from scalelab.quantities import number, percent
from scalelab.sim.modulo import ModuloPlacement
from scalelab.sim.placement import largest_over_mean
from scalelab.workloads.ids import auto_increment_ids, random_ids, snowflake_ids
from scalelab.workloads.tenants import tenant_sizes

SHARDS = ("shard 1", "shard 2", "shard 3")
REGIONS = {"America": 0.5, "Europe": 0.3, "Asia": 0.2}  # shares of the users, assumed
TABLES = {"user": 1, "review": 2, "order": 7}  # rows that one user brings, by table
FIBRE_KM_PER_S = 200_000.0  # light in glass
EXAMPLE = {123: 87234, 456: 12933, 789: 44721}  # the guide's users and their hashes
USERS = 300  # of whom the last NEW sign up while we look
NEW = 60
ONE_SHARD = LogNormalLag(median_s=0.010, log_sd=0.8)  # how long one shard takes to answer
Row = tuple[int, str, int, str]  # user, table, number, region


def shards_picture() -> Figure:
    """Draw an application, a router and three shards."""
    boxes = {
        "app": Box(x=0, y=1.1, text="application", width=1.9),
        "router": Box(x=3.6, y=1.1, text="router", colour=ORANGE, width=1.5),
    }
    arrows = [Arrow(start="app", end="router", text="key")]
    for i, name in enumerate(SHARDS):
        boxes[name] = Box(x=7.4, y=2.2 - 1.1 * i, text=name, colour=GREEN, width=1.7)
        arrows.append(Arrow(start="router", end=name))
    return diagram(boxes, arrows, height=2.5)


# Four cuts -----------------------------------------------------------------------------------


def routers() -> dict[str, Router]:
    """Make the four routers of the guide, for rows `(user, table, number, region)`."""
    place: dict[Hashable, Hashable] = dict(zip(REGIONS, SHARDS, strict=True))
    tables: dict[Hashable, Hashable] = dict(zip(TABLES, SHARDS, strict=True))
    return {
        "range of user ids": RangeRouter([(101,), (201,)], SHARDS),
        "hash of the user id": EntityRouter(lambda row: row[0], ModuloRouter(SHARDS)),
        "region": AttributeRouter(lambda row: row[3], place),
        "table": AttributeRouter(lambda row: row[1], tables),
    }


def rows_of(user: int, region: str) -> list[Row]:
    """Return the keys of all rows that one user brings."""
    return [(user, name, n, region) for name, most in TABLES.items() for n in range(most)]


@cache
def four_cuts() -> dict[str, dict[str, float]]:
    """Store the same 300 users by each router; count writes of the newest, and shards asked.

    Returns for each cut the write capacity (of one server), and how many of three shards are asked
    for a user with all orders, for users 151 to 160, and for everybody in one city of America.
    """
    names, shares = list(REGIONS), list(REGIONS.values())
    homes = [names[i] for i in np.random.default_rng(11).choice(3, USERS, p=shares)]
    found = {}
    for cut, router in routers().items():
        store = ShardedStore(VirtualClock(), router, latency_s=0.001)
        for user, region in enumerate(homes, start=1):
            for row in rows_of(user, region):
                store.submit_put(row, {"city": region}, _drop, _drop)
            if user == USERS - NEW:
                store.clock.run(1.0)
                before = store.loads("writes")
        store.clock.run(2.0)
        new = {name: writes - before[name] for name, writes in store.loads("writes").items()}
        family = rows_of(7, homes[6])
        joined = store.join(family[0], partial(_others, family))
        in_range = store.query(lambda *_: True, key_range=((151,), (161,)))
        american = (1, "user", 0, "America") if cut == "region" else None
        in_city = store.query(lambda row, _: row[3] == "America", together_with=american)
        found[cut] = {
            "capacity": len(SHARDS) / peak_to_mean(list(new.values())),
            "join": len(joined.shards_touched),
            "range": len(in_range.shards_touched),
            "city": len(in_city.shards_touched),
        }
    return found


def _others(family: list[Row], row: Any, _: Any) -> list[Row]:
    return [other for other in family if other != row]


def cuts_table() -> Html:
    """Show the four cuts beside each other."""
    rows: list[dict[str, Any]] = [
        {
            "cut by": cut,
            "writes, × one server": round(seen["capacity"], 1),
            "a user with all rows": seen["join"],
            "users 151 to 160": seen["range"],
            "one city": seen["city"],
        }
        for cut, seen in four_cuts().items()
    ]
    shares = ", ".join(f"{percent(share)} in {name}" for name, share in REGIONS.items())
    return table(rows, f"New users on three shards, {shares}: gain, and how many shards are asked")


def range_capacity(inserts: float, shards: int = 3) -> float:
    """Write capacity, of one server, where a share of the writes are inserts at the last range."""
    return 1 / (inserts + (1 - inserts) / shards)


# Hashes and tenants --------------------------------------------------------------------------


def ids_table(rng: np.random.Generator) -> Html:
    """Show how even three kinds of ids are on four shards, by their remainder and by a hash."""
    times = np.sort(rng.uniform(0, 400, 20_000))
    kinds = {
        "counter: 1, 2, 3": auto_increment_ids(20_000),
        "time, worker, sequence": snowflake_ids(times),
        "random": random_ids(20_000, rng=rng),
    }
    rows: list[dict[str, Any]] = [
        {
            "kind of id": kind,
            "id modulo 4": round(largest_over_mean(ids % 4, nodes=4), 2),
            "hash modulo 4": round(
                largest_over_mean(ModuloPlacement(range(4)).place(ids), nodes=4), 2
            ),
        }
        for kind, ids in kinds.items()
    ]
    return table(rows, "Fullest of four shards over the mean; 20,000 ids, 50 a second")


def busiest_by_hash(loads: v.FloatArray, shards: int) -> v.FloatArray:
    """Return, for each of many random hashes, the load of the busiest shard over the mean."""
    rng = np.random.default_rng(2026)
    hashes = min(20_000, 10_000_000 // loads.size)
    owners = rng.integers(0, shards, (hashes, loads.size)) + shards * np.arange(hashes)[:, None]
    held = np.bincount(owners.ravel(), np.tile(loads, hashes), minlength=hashes * shards)
    return held.reshape(hashes, shards).max(axis=1) * shards / loads.sum()


@cache
def band(tenants: int, shards: int, hashes: int = 100) -> tuple[float, float, float]:
    """Return load of the busiest shard over the mean: 5th, 50th and 95th percentile of hashes."""
    loads = tenant_sizes(tenants, 1_000_000)
    placement, peaks = ModuloPlacement(range(shards)), []
    for salt in range(hashes):
        owners = placement.place(np.arange(tenants) + (salt << 32))
        peaks.append(peak_to_mean(np.bincount(owners, weights=loads, minlength=shards)))
    low, middle, high = np.quantile(peaks, [0.05, 0.5, 0.95])
    return float(low), float(middle), float(high)


def plot_band(ax: Axes) -> Axes:
    """Draw the busiest of ten shards over the mean, against the number of tenants."""
    counts = [10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000]
    low, middle, high = np.array([band(n, 10) for n in counts]).T
    ax.fill_between(counts, low, high, color=TINTS[BLUE], lw=0, label="90 of 100 hashes")
    ax.plot(counts, middle, color=BLUE, label="the hash in the middle")
    floor = [10 * tenant_sizes(n, 1_000_000)[0] / 1_000_000 for n in counts]
    ax.plot(counts, floor, color=ORANGE, label="the largest tenant alone")
    ax.set(xscale="log", ylim=(0, 6), xlim=(10, 100_000))
    ax.set_xticks([10, 1_000, 100_000], ["10", "1,000", "100,000"])
    return label(ax, x="tenants", y="busiest ÷ mean", legend=True)


@cache
def by_lines(tenants: int, shards: int, lines: int) -> tuple[float, ...]:
    """Return the load of each shard where the largest tenants have a line in a directory.

    Each of them, the largest first, goes to the shard with the least load so far; the hash of
    the number of the tenant places all others.
    """
    loads = tenant_sizes(tenants, 1_000_000)
    names = list(range(shards))
    router = DirectoryRouter(default=ModuloRouter(names))
    held = np.zeros(shards)
    for tenant in range(lines, tenants):
        held[router.node_for(tenant)] += loads[tenant]
    for tenant in range(min(lines, tenants)):
        router.assign(tenant, int(held.argmin()))
        held[router.node_for(tenant)] += loads[tenant]
    return tuple(held / held.mean())


def draw_lines(ax: Axes, tenants: int, lines: int) -> str:
    """Draw the load of ten shards, the largest first, with some tenants placed by a directory."""
    loads = sorted(by_lines(tenants, 10, lines), reverse=True)
    floor = 10 * tenant_sizes(tenants, 1_000_000)[0] / 1_000_000
    ax.bar(range(1, 11), loads, color=TINTS[BLUE], ec=BLUE)
    ax.axhline(1, color=INK, ls="--", lw=1)
    ax.axhline(floor, color=ORANGE, lw=1.5)
    write(ax, 10.5, floor, "the largest tenant alone", dy=5, ha="right", color=ORANGE)
    ax.set(ylim=(0, 4.2), xticks=range(1, 11))
    label(ax, x="shard, the busiest first", y="load, of the mean")
    words = "line" if lines == 1 else "lines"
    return (
        f"{tenants:,} tenants, {lines} {words} in the directory: the busiest shard has "
        f"{number(loads[0], 3)} times the mean, so ten shards do as much as {10 / loads[0]:.1f}."
    )


# Growth --------------------------------------------------------------------------------------

LIMIT_PER_S = 10_000  # writes a second, the guide's threshold


def years_until(start_per_s: float, growth: float) -> float:
    """Years until the writes reach the guide's threshold, growing by a factor a year."""
    return math.log(LIMIT_PER_S / start_per_s) / math.log(growth)


def plot_growth(ax: Axes) -> Axes:
    """Draw writes a second over the years, from 10 and from 100, by yearly growth."""
    years = np.linspace(0, 12, 50)
    cases = ((10, 2, BLUE), (10, 3, GREEN), (100, 2, ORANGE))
    for start, growth, colour in cases:
        name = f"{start}/s, × {growth} a year"
        ax.plot(years, start * growth**years, color=colour, label=name)
        reached = years_until(start, growth)
        ax.plot([reached], [LIMIT_PER_S], "o", color=colour, ms=5)
    ax.axhline(LIMIT_PER_S, color=INK, ls="--", lw=1)
    ax.axvspan(3, 5, color=MUTED, alpha=0.15, lw=0)
    ax.text(4, 14, "consider", ha="center", color=INK)
    ax.set(yscale="log", ylim=(10, 100_000), xlim=(0, 12))
    return label(ax, x="years since the start", y="writes a second", legend=True)


ROW_KB = 1.0  # what one write adds
USERS_BY_WRITES = LIMIT_PER_S / (0.2 * 50 * 0.1 * 5 / 86_400)
"""Users whose peak is the threshold: 20 % a day, 50 requests each, 10 % writes, peak five-fold."""
USERS_BY_SIZE = 2e12 / (0.2 * 50 * 0.1 * ROW_KB * 1_000 * 365)
"""Users who fill 2 TB within a year, with the same writes of 1 kB each."""


def _drop(_: object) -> None:
    pass
