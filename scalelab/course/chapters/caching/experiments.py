"""Experiments of the chapter on caching: what layers save, and how large they must be."""

from __future__ import annotations

from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.models.cache_effect import capacity_multiplier
from scalelab.models.cache_layers import two_lru_layers
from scalelab.models.hit_ratio import lru_hit_ratio, lru_trace_hit_ratio, perfect_hit_ratio
from scalelab.plotting import BLUE, GREEN, INK, ORANGE, PURPLE, TINTS, label, label_lines, plot_bars
from scalelab.quantities import percent
from scalelab.sim.caches import simulate_cache
from scalelab.sim.miss_ratio_curve import lru_curve
from scalelab.workloads.popularity import (
    KeyArray,
    hot_set_popularity,
    uniform_popularity,
    zipf_popularity,
    zipf_trace,
)

USERS = 10_000_000  # of the guide's example
SKEW = 0.883  # Zipf exponent at which a fifth of them has four fifths of the requests
GUIDE_HITS = (0.6, 0.9)  # of the first layer, and of the second among what is left
GUIDE_LAYERS_S = (5e-6, 3e-3, 30e-3)  # microseconds, 1 to 5 ms, tens of ms


def layers_picture() -> Figure:
    """Draw the three layers that a request tries in turn."""
    boxes = {
        "app": Box(x=0, y=0, text="application", width=1.9),
        "memory": Box(x=3.3, y=0, text="its memory", colour=GREEN, width=1.9),
        "cache": Box(x=6.6, y=0, text="shared cache", colour=ORANGE, width=2.1),
        "database": Box(x=9.9, y=0, text="database", colour=PURPLE, width=1.8),
    }
    arrows = [
        Arrow(start="app", end="memory", text="100 %"),
        Arrow(start="memory", end="cache", text="40 %"),
        Arrow(start="cache", end="database", text="4 %"),
    ]
    return diagram(boxes, arrows, height=1.3)


def plot_multiplier(ax: Axes) -> Axes:
    """Draw how many times the load a database bears, against the hit ratio, for three mixes."""
    hits = np.linspace(0, 0.995, 400)
    for share, colour in ((0.0, BLUE), (0.01, GREEN), (0.1, ORANGE)):
        ax.plot(
            100 * hits,
            capacity_multiplier(hits, share),
            color=colour,
            label=f"{100 * share:.0f} % writes",
        )
    ax.set(xlim=(50, 100), ylim=(0, 40))
    return label(ax, x="hits among the reads, %", y="load that fits, ×", legend=True)


def plot_filter(ax: Axes) -> Axes:
    """Draw what the second layer hits alone, and behind a first."""
    it = two_lru_layers(zipf_popularity(100_000, 1.0), 2_000, 50_000)
    shares = {
        "second layer alone": 100 * it.second_alone,
        "first layer": 100 * it.first,
        "second, behind the first": 100 * it.second,
    }
    plot_bars(ax, shares, form="{:.1f} %", colours=[TINTS[ORANGE], GREEN, ORANGE])
    return label(ax, x="hits among the requests that reach it, %")


# How large ------------------------------------------------------------------------------------

OBJECTS = 50_000  # of the explorer
SHARES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.8)
POPULARITIES = {
    "20 % of the keys have 80 %": "hot",
    "all alike": "uniform",
    "Zipf, exponent 0.6": "0.6",
    "Zipf, exponent 0.883": "0.883",
    "Zipf, exponent 1.1": "1.1",
}


@cache
def popularity_of(kind: str) -> v.FloatArray:
    """Return the explorer's popularity of a kind."""
    if kind == "uniform":
        return uniform_popularity(OBJECTS)
    if kind == "hot":
        return hot_set_popularity(OBJECTS, 0.2, 0.8)
    return zipf_popularity(OBJECTS, float(kind))


@cache
def hits_at(kind: str, share: float) -> tuple[float, float]:
    """Hit ratios of the perfect cache and of LRU with room for a share of the keys."""
    room, popularity = round(share * OBJECTS), popularity_of(kind)
    return float(perfect_hit_ratio(popularity, room)), float(lru_hit_ratio(popularity, room))


def draw_size(ax: Axes, share: float, kind: str) -> str:
    """Draw hit ratio against size, for the most popular keys and for LRU."""
    name = next(name for name, of in POPULARITIES.items() if of == kind)
    both = np.array([hits_at(kind, s) for s in SHARES])
    ax.plot(100 * np.array(SHARES), 100 * both[:, 0], color=BLUE, label="perfect")
    ax.plot(100 * np.array(SHARES), 100 * both[:, 1], color=ORANGE, label="LRU")
    ax.axvline(100 * share, color=INK, lw=1, ls="--")
    ax.axhline(80, color=INK, lw=1, ls=":")
    ax.set(xlim=(0, 80), ylim=(0, 102))
    label(ax, x="room for so many of the keys, %", y="hits, %")
    label_lines(ax)
    perfect, lru = hits_at(kind, share)
    return (
        f"Popularity: {name}. With room for {percent(share)} of the keys the perfect cache hits "
        f"{percent(perfect, 3)}, LRU {percent(lru, 3)}."
    )


def hits_of_run(rng: np.random.Generator, room: int) -> float:
    """Percentage of hits of LRU on a trace that begins with an empty cache."""
    trace = zipf_trace(CATALOGUE, SKEW, REQUESTS, rng=rng)
    return 100 * float(simulate_cache(trace, room).mean())


def hits_by_model(room: int) -> float:
    """Return the same by Che's approximation."""
    popularity = zipf_popularity(CATALOGUE, SKEW)
    return 100 * float(lru_trace_hit_ratio(popularity, room, REQUESTS))


CATALOGUE, REQUESTS, ONCE = 20_000, 200_000, 0.2
SIZES = (100, 200, 500, 1_000, 2_000, 4_000, 8_000)


@cache
def shop_trace(seed: int = 2026, requests: int = REQUESTS) -> KeyArray:
    """Draw requests for a shop's products; one in five is for a page that nobody asks for again."""
    rng = np.random.default_rng(seed)
    trace = zipf_trace(CATALOGUE, SKEW, requests, rng=rng)
    once = rng.random(requests) < ONCE
    trace[once] = CATALOGUE + np.arange(once.sum())
    return trace


@cache
def policy_hits(policy: str, capacity: int) -> float:
    """Hit ratio of a policy on the shop's trace."""
    return float(simulate_cache(shop_trace(), capacity, policy).mean())


def plot_policies(ax: Axes) -> Axes:
    """Draw the whole LRU curve of the shop's trace, and three other policies at some sizes."""
    curve = lru_curve(shop_trace())
    room = np.geomspace(100, 8_000, 60)
    ax.plot(room, 100 * curve.at(room), color=ORANGE, label="LRU, whole curve")
    looks = {"belady": (INK, "optimum", "o"), "s3-fifo": (BLUE, "S3-FIFO", "s")}
    looks |= {"fifo": (GREEN, "FIFO", "^")}
    for policy, (colour, name, marker) in looks.items():
        hits = [100 * policy_hits(policy, size) for size in SIZES]
        ax.plot(SIZES, hits, marker, color=colour, ms=5, label=name, ls=":", lw=1)
    ax.set(xscale="log", xlim=(90, 9_000), ylim=(0, 80))
    ax.set_xticks([100, 1_000, 8_000], ["100", "1,000", "8,000"])
    return label(ax, x="objects that fit", y="hits, %", legend=True)
