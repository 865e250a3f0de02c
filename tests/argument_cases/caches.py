"""Arguments of everything about caches: popularity, traces, hit ratios, simulators."""

import math
import tempfile
from pathlib import Path

import numpy as np
from support.bad_values import (
    NEGATIVE,
    NOT_A_COUNT,
    NOT_A_COUNT_OR_ZERO,
    NOT_A_GENERATOR,
    NOT_A_SHARE,
    NOT_POSITIVE,
    NOT_TIMES,
    RNG,
)

from scalelab.sim.miss_ratio_curve import LruCurveCounter, lru_curve
from scalelab.sim.ttl_cache import ttl_cache_run
from scalelab.workloads.oracle_general import write_oracle_general
from scalelab.workloads.popularity import KeySampler

SCRATCH = tempfile.TemporaryDirectory(prefix="cases-")  # goes with the process
FOLDER = Path(SCRATCH.name)
(FOLDER / "keys.txt").write_text("a\nb\na\n", encoding="utf-8")
(FOLDER / "table.csv").write_text("when,key,bytes\n0,a,3\n1.5,b,4\n", encoding="utf-8")
write_oracle_general(FOLDER / "trace.oracleGeneral", [1, 2, 1])

NOT_WEIGHTS = [[], 3.0, [[1.0]], [1.0, math.nan], [-1.0, 2.0], [0.0, 0.0], ["a"], [math.inf], None]
NOT_KEYS = [[], 3, [[1, 2]], [0.5], [-1, 2], ["a"], [True], [2**40], None]
POPULARITY = {"popularity": ([3.0, 2.0, 1.0], NOT_WEIGHTS)}
CATALOGUE = {"keys": (9, [*NOT_A_COUNT, 2**40]), "exponent": (1.0, NEGATIVE)}
COUNT = {"count": (3, NOT_A_COUNT)}
SOURCE = {"rng": (RNG, NOT_A_GENERATOR)}
CAPACITY = {"capacity": (2, [*NOT_A_COUNT, [1, 0]])}
TRACE = {"trace": ([0, 1, 0, 2], NOT_KEYS)}
LIFETIME = {"request_rate_per_s": (2.0, NOT_POSITIVE), "ttl_s": (3.0, NEGATIVE)}
OPEN_SHARE = [*NOT_A_SHARE, 0, 1]
LAYERS = {
    "hit_ratios": ([0.6, 0.9], [[], 0.5, [1.5], [math.nan], [[0.5]], ["a"]]),
    "latencies_s": ([0.001, 0.002, 0.05], [[], [0.1], [-1.0, 1.0, 1.0], [math.nan] * 3, 0.1]),
}
ANY_TRUTH = (False, [])


def curve():
    return lru_curve([0, 1, 0, 1])


def stampede():
    return ttl_cache_run([0.0, 1.0], [0, 0], ttl_s=5.0, recompute_s=0.1)


TABLE = {
    "workloads.popularity.zipf_popularity": CATALOGUE,
    "workloads.popularity.uniform_popularity": {"keys": CATALOGUE["keys"]},
    "workloads.popularity.hot_set_popularity": {
        "keys": (9, [*NOT_A_COUNT, 1, 2**40]),
        "hot_share": (0.2, [*NOT_A_SHARE, 0]),
        "hot_requests": (0.8, NOT_A_SHARE),
    },
    "workloads.popularity.KeySampler": POPULARITY,
    "workloads.popularity.KeySampler.draw": {
        "self": lambda: KeySampler([1.0, 2.0]),
        **COUNT,
        **SOURCE,
    },
    "workloads.popularity.zipf_trace": {**CATALOGUE, **COUNT, **SOURCE, "shuffled": ANY_TRUTH},
    "workloads.traces.renumber_keys": {
        "keys": (["b", "a", "b"], [[], "text", b"text", 3, None, [[1], [2]], np.ones((2, 2))]),
    },
    # an address that is none, and a file that is not there, have tests of their own
    "workloads.traces.read_text_trace": {"path": (FOLDER / "keys.txt", [])},
    "workloads.traces.read_csv_trace": {
        "path": (FOLDER / "table.csv", []),
        "key": ("key", [None, -1, 0.5, True, "no such column"]),
        "time_s": ("when", [-1, 0.5, True, "no such column"]),
        "size_bytes": ("bytes", [-1, 0.5, True, "no such column"]),
        "delimiter": (",", ["", ",,", '"', "\n", None, 3]),
    },
    "workloads.oracle_general.read_oracle_general": {
        "path": (FOLDER / "trace.oracleGeneral", []),
        "max_requests": (2, [0, -1, 0.5, True, "2"]),
    },
    "workloads.oracle_general.write_oracle_general": {
        "path": (FOLDER / "written.oracleGeneral", []),
        "keys": ([7, 8], [[], 3, [[1, 2]], [0.5, 1.0], [-1, 2], ["a", "b"], [True, True]]),
        "time_s": ([0.0, 1.5], [[0.0], [-1.0, 1.0], [math.nan, 1.0], [0.0, 2.0**32], "x"]),
        "size_bytes": ([1, 2], [[1], [-1, 1], [math.nan, 1.0], [1, 2**32], "x"]),
    },
    "models.hit_ratio.perfect_hit_ratio": {
        **POPULARITY,
        "capacity": (2, [*NOT_A_COUNT_OR_ZERO, [1, -1]]),
    },
    "models.hit_ratio.lru_characteristic_time": {**POPULARITY, **CAPACITY},
    "models.hit_ratio.lru_hit_ratio": {**POPULARITY, **CAPACITY},
    "models.hit_ratio.lru_trace_hit_ratio": {
        **POPULARITY,
        **CAPACITY,
        "requests": (9, NOT_A_COUNT),
    },
    "models.cache_size.smallest_cache": {
        **POPULARITY,
        "hit_ratio": (0.5, [*NOT_A_SHARE, 0]),
        "policy": ("lru", ["fifo", None, 3, ["lru"]]),
    },
    "models.cache_size.zipf_exponent_for": {
        "keys": (50, [*NOT_A_COUNT, 1]),
        "key_share": (0.2, OPEN_SHARE),
        "hit_ratio": (0.8, [*OPEN_SHARE, 0.1]),
        "policy": ("perfect", ["fifo", None, 3]),
    },
    "models.cache_layers.two_lru_layers": {
        "popularity": ([1.0] * 90, [*NOT_WEIGHTS, [1.0] * 89]),
        "first_capacity": (1, NOT_A_COUNT),
        "second_capacity": (2, NOT_A_COUNT),
    },
    "models.cache_effect.layer_shares": {"hit_ratios": LAYERS["hit_ratios"]},
    "models.cache_effect.mean_layer_latency_s": LAYERS,
    "models.cache_effect.layer_latency_percentile_s": {"q": (0.99, NOT_A_SHARE), **LAYERS},
    "models.cache_effect.break_even_hit_ratio": {
        "cache_s": (0.001, NEGATIVE),
        "origin_s": (0.02, NOT_POSITIVE),
    },
    "models.cache_effect.capacity_multiplier": {
        "hit_ratio": (0.9, NOT_A_SHARE),
        "write_share": (0.1, NOT_A_SHARE),
    },
    "models.cache_races.stale_fill_probability": {
        "write_rate_per_s": (1.0, NOT_POSITIVE),
        "fill_s": (0.01, NEGATIVE),
    },
    "models.cache_races.reordered_writes_probability": {
        "write_rate_per_s": (1.0, NOT_POSITIVE),
        "mean_delay_s": (0.01, NEGATIVE),
    },
    "models.cache_races.worst_staleness_s": {
        "lifetimes_s": ([60.0, 600.0], [[], 3.0, [-1.0], [math.nan], [[1.0]], ["a"]]),
    },
    "models.ttl_cache.ttl_hit_ratio": {**LIFETIME, "renewed": ANY_TRUTH},
    "models.ttl_cache.ttl_cache": {**POPULARITY, **LIFETIME, "renewed": ANY_TRUTH},
    "models.ttl_cache.request_rate_for_ttl_hit_ratio": {
        **POPULARITY,
        "hit_ratio": (0.8, OPEN_SHARE),
        "ttl_s": (3.0, NOT_POSITIVE),
    },
    "models.ttl_cache.refresh_ahead_miss_ratio": {**LIFETIME, "window": (0.1, NOT_A_SHARE)},
    "sim.caches.simulate_cache": {
        **TRACE,
        "capacity": (2, NOT_A_COUNT),
        "policy": ("sieve", ["mru", None, 3, ["lru"], ""]),
    },
    "sim.miss_ratio_curve.lru_curve": TRACE,
    "sim.miss_ratio_curve.shards_curve": {
        **TRACE,
        "rate": (1.0, [*NOT_A_SHARE, 0, 1e-300]),
        **SOURCE,
    },
    "sim.miss_ratio_curve.LruCurveCounter": {"keys": (9, [*NOT_A_COUNT, 2**40])},
    "sim.miss_ratio_curve.LruCurveCounter.feed": {
        "self": lambda: LruCurveCounter(3),
        "trace": ([0, 1, 2], [*NOT_KEYS, [3]]),
    },
    "sim.ttl_cache.ttl_cache_run": {
        "request_times_s": ([0.0, 1.0], [*NOT_TIMES, [1.0, 0.5]]),
        "keys": ([0, 1], [*NOT_KEYS, [0]]),
        "ttl_s": (5.0, NOT_POSITIVE),
        "recompute_s": (0.1, NEGATIVE),
        "mode": ("early", ["late", None, 3, ""]),
        "beta": (1.0, NOT_POSITIVE),
        "jitter": (0.1, [*NEGATIVE, 1.0, 1.5]),
        "warm": ANY_TRUTH,
        **SOURCE,
    },
}
# Results with methods that take arguments
METHODS = {
    "sim.miss_ratio_curve.HitRatioCurve.at": {"self": curve, "capacity": (2, NEGATIVE)},
    "sim.miss_ratio_curve.HitRatioCurve.smallest_capacity": {
        "self": curve,
        "hit_ratio": (0.3, [*NOT_A_SHARE, 0.9]),
    },
    "sim.miss_ratio_curve.HitRatioCurve.mean_absolute_error": {
        "self": curve,
        "other": (curve(), [None, 0.5, "curve"]),
    },
    "sim.ttl_cache.TtlCacheRun.peak_rate_per_s": {
        "self": stampede,
        "window_s": (1.0, NOT_POSITIVE),
    },
}
TABLE |= METHODS
