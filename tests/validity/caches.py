"""Caches and popularity beside libcachesim, textbooks and exact solutions."""

import functools
import os
import tempfile

import numpy as np
from scipy.optimize import brentq
from scipy.stats import zipfian
from support.validity import Case

from scalelab.models.cache_effect import capacity_multiplier, mean_layer_latency_s
from scalelab.models.cache_layers import two_lru_layers
from scalelab.models.hit_ratio import lru_hit_ratio, lru_trace_hit_ratio
from scalelab.models.ttl_cache import ttl_hit_ratio
from scalelab.sim.caches import simulate_cache
from scalelab.sim.miss_ratio_curve import lru_curve
from scalelab.workloads.oracle_general import write_oracle_general
from scalelab.workloads.popularity import zipf_popularity, zipf_trace

BELADY_STRING = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1]
SILBERSCHATZ = "Silberschatz et al., Operating System Concepts, ch. 9"
IN_LIBCACHESIM = {
    "lru": "LRU",
    "fifo": "FIFO",
    "clock": "Clock",
    "sieve": "Sieve",
    "s3-fifo": "S3FIFO",
    "lfu": "LFU",
    "2q": "TwoQ",
    "arc": "ARC",
    "belady": "Belady",
}


@functools.cache
def trace():
    return zipf_trace(3_000, 0.9, 50_000, rng=np.random.default_rng(1))


def by_libcachesim(policy):
    import libcachesim

    handle, file = tempfile.mkstemp(suffix=".oracleGeneral")
    os.close(handle)
    write_oracle_general(file, trace())
    reader = libcachesim.TraceReader(file, libcachesim.TraceType.ORACLE_GENERAL_TRACE)
    misses, _ = getattr(libcachesim, IN_LIBCACHESIM[policy])(300, hashpower=12).process_trace(
        reader
    )
    os.unlink(file)
    return 1 - misses


LIBCACHESIM = {"authority": "libcachesim", "needs": "libcachesim"}


def faults(policy):
    return (~simulate_cache(BELADY_STRING, 3, policy)).sum()


def che_by_scipy():
    p = zipfian.pmf(np.arange(1, 2_001), 0.8, 2_000)
    time = brentq(lambda t: -np.expm1(-p * t).sum() - 200, 0, 1e7)
    return p @ -np.expm1(-p * time)


def simulated_second_layer():
    requests = zipf_trace(1_000, 0.8, 400_000, rng=np.random.default_rng(2))
    passed = requests[~simulate_cache(requests, 200)]
    return simulate_cache(passed, 400)[passed.size // 2 :].mean()


CASES = [
    *(
        Case(
            model=f"Cache, {policy}",
            **LIBCACHESIM,
            case="Zipf 0.9, 50,000 requests, 3,000 keys, 300 fit: hit ratio",
            ours=lambda policy=policy: simulate_cache(trace(), 300, policy).mean(),
            theirs=lambda policy=policy: by_libcachesim(policy),
            tolerance=1e-9,
        )
        for policy in IN_LIBCACHESIM
    ),
    *(
        Case(
            model=f"Cache, {policy}",
            authority=SILBERSCHATZ,
            case="reference string of 20, 3 frames: page faults",
            ours=lambda policy=policy: faults(policy),
            theirs=number,
            tolerance=0,
        )
        for policy, number in (("fifo", 15), ("lru", 12), ("belady", 9))
    ),
    Case(
        model="Whole LRU curve",
        **LIBCACHESIM,
        case="Zipf 0.9, 50,000 requests, at 300 of 3,000 keys",
        ours=lambda: lru_curve(trace()).at(300),
        theirs=lambda: by_libcachesim("lru"),
        tolerance=1e-9,
    ),
    Case(
        model="Zipf popularity",
        authority="scipy.stats.zipfian",
        case="exponent 0.8, 1,000 keys: share of the tenth",
        ours=lambda: zipf_popularity(1_000, 0.8)[9],
        theirs=lambda: zipfian.pmf(10, 0.8, 1_000),
        tolerance=1e-12,
    ),
    Case(
        model="LRU hit ratio (Che)",
        authority="Che's equation over all keys, solved by scipy",
        case="Zipf 0.8, 2,000 keys, 200 fit",
        ours=lambda: lru_hit_ratio(zipf_popularity(2_000, 0.8), 200),
        theirs=che_by_scipy,
        tolerance=1e-5,
    ),
    Case(
        model="LRU hit ratio from a cold start",
        authority="libcachesim, one trace",
        needs="libcachesim",
        case="Zipf 0.9, 50,000 requests, 3,000 keys, 300 fit",
        ours=lambda: lru_trace_hit_ratio(zipf_popularity(3_000, 0.9), 300, 50_000),
        theirs=lambda: by_libcachesim("lru"),
        tolerance=0.01,
    ),
    Case(
        model="LRU behind LRU",
        authority="simulation of both layers",
        case="Zipf 0.8, 1,000 keys, 200 then 400 fit: second layer's hit ratio",
        ours=lambda: two_lru_layers(zipf_popularity(1_000, 0.8), 200, 400).second,
        theirs=simulated_second_layer,
        tolerance=0.02,
    ),
    Case(
        model="Cache with a lifetime",
        authority="Jung, Berger and Balakrishnan 2003, eq. for Poisson requests",
        case="one request a minute, ten minutes",
        ours=lambda: ttl_hit_ratio(1 / 60, 600),
        theirs=10 / 11,
        tolerance=1e-12,
    ),
    Case(
        model="Capacity with a cache",
        authority="by hand: 1/(0.1 + 0.9 × 0.1)",
        case="90 % hits, 10 % writes",
        ours=lambda: capacity_multiplier(0.9, 0.1),
        theirs=1 / 0.19,
        tolerance=1e-12,
    ),
    Case(
        model="Mean latency with a cache",
        authority="by hand: 5 + 0.2 × 5 ms",
        case="cache and database of 5 ms, 80 % hits",
        ours=lambda: mean_layer_latency_s([0.8], [0.005, 0.005]),
        theirs=0.006,
        tolerance=1e-12,
    ),
]
