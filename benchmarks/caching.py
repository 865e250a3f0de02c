"""Key popularity, cache policies and the whole LRU curve: the simulators of caching."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmarks.cache_peers import (
    LIBRARYS_OWN,
    LibCacheSim,
    cachetools_hits,
    clock_with_branches,
    lru_dict_hits,
    ordered_dict_hits,
)
from benchmarks.engines import engines
from benchmarks.rounds import Case, Contender
from scalelab.models.hit_ratio import lru_trace_hit_ratio
from scalelab.sim._compiled import can_compile
from scalelab.sim.caches import simulate_cache
from scalelab.sim.miss_ratio_curve import HitRatioCurve, lru_curve
from scalelab.workloads.popularity import KeySampler, zipf_popularity, zipf_trace

KEYS, REQUESTS, EXPONENT = 1_000_000, 10_000_000, 1.0
FOR_PYTHON = 500_000  # requests for peers that loop in Python
SHARES = (0.01, 0.1)
PEERS = {"fifo": "FIFO", "clock": "Clock", "sieve": "Sieve", "s3-fifo": "S3FIFO"}
MORE_PEERS = {"lfu": "LFU", "2q": "TwoQ", "arc": "ARC", "belady": "Belady"}
CLOSE = 1e-3  # how near the model for a finite trace must come to the trace
SEED = 20260101


def same_hits(ours: np.ndarray, theirs: np.ndarray | int, requests: int) -> None:
    """Refuse another answer to one of the first requests, or another number of hits."""
    if isinstance(theirs, int):
        if theirs != ours[:requests].sum():
            raise ValueError(f"{theirs} hits instead of {ours[:requests].sum()}")
    elif len(theirs) != requests or not np.array_equal(theirs, ours[:requests]):
        raise ValueError("other requests hit")


def curve_has(curve: HitRatioCurve, hits: int, requests: int, *, capacity: int) -> None:
    """Refuse a curve that does not pass through another's number of hits."""
    if round(curve.at(capacity) * requests) != hits:
        raise ValueError(f"{hits} hits instead of {curve.at(capacity) * requests}")


def near(model: np.ndarray, curve: HitRatioCurve, requests: int, *, sizes: np.ndarray) -> None:
    """Refuse a model that is off by more than a thousandth somewhere."""
    off = float(np.abs(model - curve.at(sizes)).max())
    if off > CLOSE:
        raise ValueError(f"off by {off:.5f}")


def drawn(ours: np.ndarray, theirs: np.ndarray, requests: int) -> None:
    """Refuse draws whose most popular keys do not have their share, within 5 standard errors."""
    share = zipf_popularity(KEYS, EXPONENT)[:100]
    for keys in (ours, theirs):
        found = np.bincount(keys, minlength=100)[:100] / len(keys)
        if np.any(np.abs(found - share) > 5 * np.sqrt(share / len(keys))):
            raise ValueError("other shares")


def cases() -> Iterator[Case]:
    """Every case, with its trace."""
    yield popularity_case()
    trace = zipf_trace(KEYS, EXPONENT, REQUESTS, rng=np.random.default_rng(SEED))
    peer = LibCacheSim(trace)
    for share in SHARES:
        yield lru_case(trace, peer, round(share * KEYS))
    for share in SHARES:
        yield curve_case(trace, peer, round(share * KEYS))
    yield model_case(trace)
    for policy, name in (PEERS | MORE_PEERS).items():
        for share in SHARES:
            yield policy_case(trace, peer, policy, name, round(share * KEYS))


def popularity_case() -> Case:
    """Draws with the tables built beforehand, and with all that it takes."""
    popularity, rng = zipf_popularity(KEYS, EXPONENT), np.random.default_rng(SEED)
    sampler = KeySampler(popularity)
    build = partial(zipf_trace, KEYS, EXPONENT, REQUESTS, rng=rng, shuffled=False)
    return Case(
        title=f"Draws of {KEYS:,} keys, Zipf {EXPONENT}",
        contenders=(
            Contender(
                name="KeySampler.draw",
                run=partial(sampler.draw, REQUESTS, rng=rng),
                requests=REQUESTS,
            ),
            Contender(name="zipf_trace, tables included", run=build, requests=REQUESTS),
            Contender(
                name="Generator.choice(p=...)",
                run=lambda: rng.choice(KEYS, REQUESTS, p=popularity),
                requests=REQUESTS,
            ),
        ),
        same=drawn,
    )


def lru_case(trace: np.ndarray, peer: LibCacheSim, capacity: int) -> Case:
    """One LRU cache."""
    in_python = {
        "lru-dict": lru_dict_hits,
        "OrderedDict": ordered_dict_hits,
        "cachetools": cachetools_hits,
    }
    return Case(
        title=f"LRU, {capacity:,} of {KEYS:,} keys, Zipf {EXPONENT}",
        contenders=(
            *ours(trace, capacity, "lru"),
            libcachesim(peer, "LRU", capacity),
            Contender(
                name="libcachesim as it comes",
                run=partial(peer.hits, "LRU", capacity, LIBRARYS_OWN),
                requests=REQUESTS,
            ),
            *(
                Contender(
                    name=name, run=partial(run, trace[:FOR_PYTHON], capacity), requests=FOR_PYTHON
                )
                for name, run in in_python.items()
            ),
        ),
        same=same_hits,
    )


def policy_case(
    trace: np.ndarray, peer: LibCacheSim, policy: str, name: str, capacity: int
) -> Case:
    """One cache of another policy; CLOCK also as a loop with branches."""
    contenders = [*ours(trace, capacity, policy), libcachesim(peer, name, capacity)]
    if policy == "clock" and can_compile():
        run = partial(clock_with_branches, trace, capacity)
        contenders.append(Contender(name="numba, with branches", run=run, requests=REQUESTS))
    return Case(
        title=f"{_written(policy)}, {capacity:,} of {KEYS:,} keys, Zipf {EXPONENT}",
        contenders=tuple(contenders),
        same=same_hits,
    )


def curve_case(trace: np.ndarray, peer: LibCacheSim, capacity: int) -> Case:
    """All sizes at once, beside one size."""
    return Case(
        title=f"Every LRU size in one pass, beside one run at {capacity:,}",
        contenders=(
            Contender(name="lru_curve", run=partial(lru_curve, trace), requests=REQUESTS),
            libcachesim(peer, "LRU", capacity),
            Contender(
                name="libcachesim as it comes",
                run=partial(peer.hits, "LRU", capacity, LIBRARYS_OWN),
                requests=REQUESTS,
            ),
        ),
        same=partial(curve_has, capacity=capacity),
    )


def model_case(trace: np.ndarray) -> Case:
    """Put the model for a trace with a cold start beside the exact curve."""
    sizes = np.unique(np.geomspace(1, KEYS, 50).astype(int))
    popularity = zipf_popularity(KEYS, EXPONENT)
    return Case(
        title=f"LRU at {sizes.size} sizes by Che's approximation, cold start counted",
        contenders=(
            Contender(
                name="lru_trace_hit_ratio",
                run=partial(lru_trace_hit_ratio, popularity, sizes, REQUESTS),
                requests=REQUESTS,
            ),
            Contender(name="lru_curve, exact", run=partial(lru_curve, trace), requests=REQUESTS),
        ),
        same=partial(near, sizes=sizes),
    )


def _written(policy: str) -> str:
    """Write a policy's name as its authors do."""
    return policy.capitalize() if policy == "belady" else policy.upper()


def ours(trace: np.ndarray, capacity: int, policy: str) -> tuple[Contender, ...]:
    """Both of our forms, the plain one on fewer requests."""
    run = partial(simulate_cache, capacity=capacity, policy=policy)
    whole = engines("simulate_cache", partial(run, trace), REQUESTS)
    few = engines("simulate_cache", partial(run, trace[:FOR_PYTHON]), FOR_PYTHON)
    return (whole[0], few[-1]) if can_compile() else whole


def libcachesim(peer: LibCacheSim, name: str, capacity: int) -> Contender:
    """Its hash table sized for the capacity."""
    return Contender(
        name="libcachesim, table tuned", run=partial(peer.hits, name, capacity), requests=REQUESTS
    )
