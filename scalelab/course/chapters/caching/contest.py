"""The contest of the lab on caching: eviction policies on traces that they have not seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from scalelab.course.page import Html, note, table
from scalelab.quantities import percent
from scalelab.real.limits import TheirError, call
from scalelab.sim.caches import simulate_cache
from scalelab.sim.miss_ratio_curve import lru_curve, shards_curve
from scalelab.workloads.oracle_general import read_oracle_general, write_oracle_general
from scalelab.workloads.popularity import KeyArray, zipf_trace
from scalelab.workloads.traces import Trace, read_csv_trace, read_text_trace, renumber_keys

ROOM, REQUESTS, CATALOGUE = 200, 15_000, 2_000
RIVALS = {"LRU": "lru", "SIEVE": "sieve", "S3-FIFO": "s3-fifo", "the optimum": "belady"}


@cache
def hidden_traces(seed: int = 11) -> dict[str, KeyArray]:
    """Return three traces: pages seen once, a nightly scan, and news that changes."""
    shop, night, news = np.random.default_rng(seed).spawn(3)
    visits = zipf_trace(CATALOGUE, 0.9, REQUESTS, rng=shop)
    once = shop.random(REQUESTS) < 0.25
    visits[once] = CATALOGUE + np.arange(once.sum())

    scanned = zipf_trace(CATALOGUE, 1.0, REQUESTS, rng=night)
    for begin in range(2_000, REQUESTS - 600, 4_000):
        scanned[begin : begin + 600] = 10 * CATALOGUE + np.arange(600)

    days = [
        (zipf_trace(CATALOGUE, 1.0, 1_500, rng=news, shuffled=False) + 300 * day) % CATALOGUE
        for day in range(REQUESTS // 1_500)
    ]
    traces = {"shop": visits, "nightly scan": scanned, "news": np.concatenate(days)}
    return {name: renumber_keys(trace) for name, trace in traces.items()}


def play(make: Callable[..., Any], keys: list[int], room: int) -> float | None:
    """Play a policy over a trace: its hit ratio, or None if it named nobody in the cache."""
    policy, hits = make(room), 0
    kept: set[int] = set()
    used, victim, added = policy.used, policy.victim, policy.added
    for key in keys:
        if key in kept:
            hits += 1
            used(key)
            continue
        if len(kept) == room:
            gone = victim()
            if gone not in kept:
                return None
            kept.remove(gone)
        kept.add(key)
        added(key)
    return hits / len(keys)


def contest(make: Callable[..., Any]) -> Html:
    """Set a learner's policy against others on the hidden traces.

    It is ``make(capacity)``, with `used`, `victim` and `added`, as the lab asks for it.
    """
    traces = hidden_traces()
    mine: dict[str, float] = {}
    try:
        for name, keys in traces.items():
            hits = call(play, make, keys.tolist(), ROOM)
            if hits is None:
                return note("Still to do: victim must name a key that is in the cache.")
            mine[name] = hits
    except TheirError as theirs:
        return note(f"{type(theirs.error).__name__} came out of your policy. The check says where.")
    others = {
        rival: {
            name: float(simulate_cache(keys, ROOM, policy).mean()) for name, keys in traces.items()
        }
        for rival, policy in RIVALS.items()
    }
    rows = [
        {"policy": rival, **{f"{name}, %": 100 * hits[name] for name in traces}}
        for rival, hits in {"yours": mine, **others}.items()
    ]
    gap = np.mean(
        [
            (mine[name] - others["LRU"][name]) / (others["the optimum"][name] - others["LRU"][name])
            for name in traces
        ]
    )
    closed = percent(max(0.0, float(gap)), 2)
    return table(rows, f"Hits with room for {ROOM}; yours closes {closed} of LRU's gap")


SALE_PER_S, SALE_WRITES, SALE_DATABASE, SALE_LIMIT = 4_000, 0.1, 2_500, 0.7


def own_sale(hits_by_size: Callable[..., Any], smallest_room: Callable[..., Any]) -> Html:
    """Let a learner's curve and size answer for a sale."""
    keys = [f"product {key}" for key in hidden_traces()["news"][:2_000]]
    try:
        hits = call(hits_by_size, list(keys))
        if hits is ...:
            return note("Still to do: your hits_by_size is the stub. Then it draws the sale.")
        best = max(hits) / len(keys)
        sale = (SALE_PER_S, SALE_WRITES, SALE_DATABASE, SALE_LIMIT)
        room = call(smallest_room, list(hits), len(keys), *sale)
    except TheirError as theirs:
        return note(f"{type(theirs.error).__name__} came out of your code. The check says where.")
    except (TypeError, ValueError):
        return note("hits_by_size must return a list of numbers.")
    said = "your smallest_room is the stub" if room is ... else f"the room it needs is {room}"
    return note(
        f"{len(keys)} reads, {len(set(keys))} different keys: at the best {percent(best, 3)} hit. "
        f"At {SALE_PER_S:,} requests a second, {said}."
    )


def trace_from(path: str | Path) -> Trace:
    """Read a trace: text with a key a line, a table with a column ``key``, else oracleGeneral."""
    name = str(path)
    if ".csv" in name:
        return read_csv_trace(path, key="key")
    return read_text_trace(path) if ".txt" in name else read_oracle_general(path)


def curve_of(path: str | Path | None = None, *, sample: float = 0.25, seed: int = 1) -> Html:
    """Show the room that a trace needs, from all of its keys and from a sample of them.

    Without a file it is the contest's shop, written in the field's binary format and read back.
    """
    with TemporaryDirectory() as folder:
        if path is None:
            keys = hidden_traces()["shop"]
            path = Path(folder) / "shop.oracleGeneral"
            write_oracle_general(path, keys, time_s=np.arange(keys.size) // 100)
        trace = trace_from(path)
    exact = lru_curve(trace.key)
    guess = shards_curve(trace.key, sample, rng=np.random.default_rng(seed))
    most = float(exact.hit_ratio[-1])
    rows = []
    for share in (0.5, 0.75, 0.9):
        curves = {"all keys": exact, f"{percent(sample)} of the keys": guess}
        sizes = {name: curve.smallest_capacity(share * most) for name, curve in curves.items()}
        rows.append({"hits, %": 100 * share * most, **{f"room, {n}": s for n, s in sizes.items()}})
    return table(rows, f"Room that LRU needs in this trace of {trace.key.size:,} requests")
