"""How caches fail: stampedes on one key and on all, and a flush that does not heal."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scalelab import _validate as v
from scalelab.course.page import Html, table
from scalelab.plotting import BLUE, GREEN, INK, RED, label
from scalelab.sim.ttl_cache import ttl_cache_run
from scalelab.workloads.arrivals import poisson_arrivals_until_s
from scalelab.workloads.popularity import KeySampler, zipf_popularity

HOT_PER_S, LOAD_S = 1_000.0, 0.05  # requests for one key, and what its load takes
KEYS, ALL_PER_S, TTL_S = 100_000, 10_000.0, 600.0  # of what is loaded together
JITTER = 0.1
REMEDIES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "jitter of 10 %": {"jitter": JITTER},
    "single flight": {"mode": "single flight"},
    "early, at random": {"mode": "early"},
}


@cache
def hot_key(remedy: str, runs: int = 40, seed: int = 2026) -> float:
    """Count loads of one hot key around one expiry, on average over some runs."""
    found = []
    for rng in np.random.default_rng(seed).spawn(runs):
        times_s = poisson_arrivals_until_s(HOT_PER_S, 14.0, rng=rng)
        run = ttl_cache_run(
            times_s,
            np.zeros(times_s.size, int),
            ttl_s=10.0,
            recompute_s=LOAD_S,
            warm=True,
            rng=rng,
            **REMEDIES[remedy],
        )
        found.append(run.recomputations)
    return float(np.mean(found))


@cache
def mass_expiry(remedy: str, seed: int = 2026) -> float:
    """Most loads within a second, when all keys were loaded at one moment."""
    rng = np.random.default_rng(seed)
    settings = dict(REMEDIES[remedy])
    spread = settings.get("jitter", 0.0)
    begin_s, end_s = TTL_S * (1 - spread) - 1.0, TTL_S * (1 + spread) + 2.0
    times_s = begin_s + poisson_arrivals_until_s(ALL_PER_S, end_s - begin_s, rng=rng)
    keys = rng.integers(0, KEYS, times_s.size)
    run = ttl_cache_run(
        times_s, keys, ttl_s=TTL_S, recompute_s=LOAD_S, warm=True, rng=rng, **settings
    )
    return run.peak_rate_per_s(1.0)


def remedies_table() -> Html:
    """Show both stampedes under each remedy."""
    return table(
        [
            {
                "remedy": name,
                "loads of the hot key": hot_key(name),
                "loads in the worst second, all keys": mass_expiry(name),
            }
            for name in REMEDIES
        ],
        f"Loads of one hot key, and of all keys at {ALL_PER_S:,.0f} requests/s, in four ways",
    )


# A flush ---------------------------------------------------------------------------------------

RATE, DATABASE_PER_S, PATIENCE_S = 1_000.0, 200.0, 1.0
ROWS, LIFE_S, FLUSH_S, END_S = 2_000, 30.0, 40.0, 160.0
FLUSHES: dict[str, dict[str, bool]] = {
    "as it is": {},
    "one load a key": {"together": True},
    "one load a key, and it is kept": {"together": True, "kept": True},
    "one load a key, the rest refused": {"together": True, "shed": True},
}


@dataclass(frozen=True, kw_only=True)
class FlushRun:
    """Shares of the requests of each second that were answered in time, and by the cache."""

    answered: v.FloatArray
    hits: v.FloatArray

    def mean_answered(self, begin_s: int, end_s: int) -> float:
        """Mean share answered within some seconds."""
        return float(self.answered[begin_s:end_s].mean())


@cache
def flush_run(
    *,
    together: bool = False,
    kept: bool = False,
    shed: bool = False,
    flush_s: float = FLUSH_S,
    database_per_s: float = DATABASE_PER_S,
    seed: int = 2026,
) -> FlushRun:
    """Empty a warm cache once, in front of a database with one line.

    A user leaves after `PATIENCE_S`; the database does the work all the same. The row comes into
    the cache if a user still waits for it, or if loads are `kept`. With `together` a key that is
    being loaded is not loaded twice; with `shed` no load begins that would come too late.
    """
    rng = np.random.default_rng(seed)
    at_s = poisson_arrivals_until_s(RATE, END_S, rng=rng)
    keys = KeySampler(zipf_popularity(ROWS, 1.0)).draw(at_s.size, rng=rng)
    expires = rng.uniform(0, LIFE_S, ROWS).tolist()
    loading: dict[int, float] = {}
    line: deque[tuple[float, int, bool]] = deque()  # when done, key, whether it is cached
    outcome, free_s, flushed = np.zeros(at_s.size, int), 0.0, False
    for i, (now_s, key) in enumerate(zip(at_s.tolist(), keys.tolist(), strict=True)):
        if now_s >= flush_s and not flushed:
            expires, flushed = [0.0] * ROWS, True
        while line and line[0][0] <= now_s:
            done_s, row, cached = line.popleft()
            if cached:
                expires[row] = done_s + LIFE_S
            if loading.get(row) == done_s:
                del loading[row]
        if expires[key] > now_s:
            outcome[i] = 2
            continue
        if together and key in loading:
            outcome[i] = loading[key] - now_s <= PATIENCE_S
            continue
        if shed and free_s - now_s > PATIENCE_S - 1 / database_per_s:
            continue
        free_s = max(free_s, now_s) + 1 / database_per_s
        outcome[i] = free_s - now_s <= PATIENCE_S
        line.append((free_s, key, kept or bool(outcome[i])))
        loading[key] = free_s
    second = at_s.astype(int)
    came = np.bincount(second)
    return FlushRun(
        answered=np.bincount(second, outcome > 0) / came,
        hits=np.bincount(second, outcome == 2) / came,
    )


def plot_flush(ax: Axes) -> Axes:
    """Draw the share of users answered in each second, with and without remedies."""
    looks = dict(zip(list(FLUSHES), (RED, INK, BLUE, GREEN), strict=True))
    for name, settings in FLUSHES.items():
        run = flush_run(**settings)
        ax.plot(100 * run.answered, color=looks[name], label=name)
    ax.axvline(FLUSH_S, color=INK, lw=1, ls=":")
    ax.set(xlim=(20, END_S), ylim=(-3, 106))
    return label(ax, x="time, s", y="answered in time, %", legend=True)
