"""Arguments of everything about caches: popularity, traces, hit ratios, simulators."""

import math
import tempfile
from pathlib import Path

import numpy as np
from support import kinds as k
from support.kinds import RNG

from scalelab.sim.miss_ratio_curve import LruCurveCounter, lru_curve
from scalelab.sim.ttl_cache import ttl_cache_run
from scalelab.workloads.oracle_general import write_oracle_general
from scalelab.workloads.popularity import KeySampler

SCRATCH = tempfile.TemporaryDirectory(prefix="cases-")  # goes with the process
FOLDER = Path(SCRATCH.name)
(FOLDER / "keys.txt").write_text("a\nb\na\n", encoding="utf-8")
(FOLDER / "table.csv").write_text("when,key,bytes\n0,a,3\n1.5,b,4\n", encoding="utf-8")
write_oracle_general(FOLDER / "trace.oracleGeneral", [1, 2, 1])

WEIGHTS = k.Kind(
    [], 3.0, [[1.0]], [1.0, math.nan], [-1.0, 2.0], [0.0, 0.0], ["a"], [math.inf], None
)
KEYS = k.Kind([], 3, [[1, 2]], [0.5], [-1, 2], ["a"], [True], [2**40], None)
POPULARITY = {"popularity": WEIGHTS([3.0, 2.0, 1.0])}
CATALOGUE = {"keys": k.COUNT(9, 2**40), "exponent": k.NOT_NEGATIVE(1.0)}
COUNT = {"count": k.COUNT(3)}
SOURCE = {"rng": k.GENERATOR(RNG)}
CAPACITY = {"capacity": k.COUNT(2, [1, 0])}
TRACE = {"trace": KEYS([0, 1, 0, 2])}
LIFETIME = {"request_rate_per_s": k.POSITIVE(2.0), "ttl_s": k.NOT_NEGATIVE(3.0)}

LAYERS = {
    "hit_ratios": k.ONLY([0.6, 0.9], [], 0.5, [1.5], [math.nan], [[0.5]], ["a"]),
    "latencies_s": k.ONLY([0.001, 0.002, 0.05], [], [0.1], [-1.0, 1.0, 1.0], [math.nan] * 3, 0.1),
}
ANY_TRUTH = k.ANY(False)


def curve():
    return lru_curve([0, 1, 0, 1])


def stampede():
    return ttl_cache_run([0.0, 1.0], [0, 0], ttl_s=5.0, recompute_s=0.1)


TABLE = {
    "workloads.popularity.zipf_popularity": CATALOGUE,
    "workloads.popularity.uniform_popularity": {"keys": CATALOGUE["keys"]},
    "workloads.popularity.hot_set_popularity": {
        "keys": k.COUNT(9, 1, 2**40),
        "hot_share": k.SHARE(0.2, 0),
        "hot_requests": k.SHARE(0.8),
    },
    "workloads.popularity.KeySampler": POPULARITY,
    "workloads.popularity.KeySampler.draw": {
        "self": lambda: KeySampler([1.0, 2.0]),
        **COUNT,
        **SOURCE,
    },
    "workloads.popularity.zipf_trace": {**CATALOGUE, **COUNT, **SOURCE, "shuffled": ANY_TRUTH},
    "workloads.traces.renumber_keys": {
        "keys": k.ONLY(["b", "a", "b"], [], "text", b"text", 3, None, [[1], [2]], np.ones((2, 2)))
    },
    # an address that is none, and a file that is not there, have tests of their own
    "workloads.traces.read_text_trace": {"path": k.ANY(FOLDER / "keys.txt")},
    "workloads.traces.read_csv_trace": {
        "path": k.ANY(FOLDER / "table.csv"),
        "key": k.ONLY("key", None, -1, 0.5, True, "no such column"),
        "time_s": k.ONLY("when", -1, 0.5, True, "no such column"),
        "size_bytes": k.ONLY("bytes", -1, 0.5, True, "no such column"),
        "delimiter": k.CHOICE(","),
    },
    "workloads.oracle_general.read_oracle_general": {
        "path": k.ANY(FOLDER / "trace.oracleGeneral"),
        "max_requests": k.ONLY(2, 0, -1, 0.5, True, "2"),
    },
    "workloads.oracle_general.write_oracle_general": {
        "path": k.ANY(FOLDER / "written.oracleGeneral"),
        "keys": k.ONLY([7, 8], [], 3, [[1, 2]], [0.5, 1.0], [-1, 2], ["a", "b"], [True, True]),
        "time_s": k.ONLY([0.0, 1.5], [0.0], [-1.0, 1.0], [math.nan, 1.0], [0.0, 2.0**32], "x"),
        "size_bytes": k.ONLY([1, 2], [1], [-1, 1], [math.nan, 1.0], [1, 2**32], "x"),
    },
    "models.hit_ratio.perfect_hit_ratio": {**POPULARITY, "capacity": k.COUNT_OR_ZERO(2, [1, -1])},
    "models.hit_ratio.lru_characteristic_time": {**POPULARITY, **CAPACITY},
    "models.hit_ratio.lru_hit_ratio": {**POPULARITY, **CAPACITY},
    "models.hit_ratio.lru_trace_hit_ratio": {**POPULARITY, **CAPACITY, "requests": k.COUNT(9)},
    "models.cache_size.smallest_cache": {
        **POPULARITY,
        "hit_ratio": k.SHARE(0.5, 0),
        "policy": k.ONLY("lru", "fifo", None, 3, ["lru"]),
    },
    "models.cache_size.zipf_exponent_for": {
        "keys": k.COUNT(50, 1),
        "key_share": k.INSIDE(0.2),
        "hit_ratio": k.INSIDE(0.8, 0.1),
        "policy": k.ONLY("perfect", "fifo", None, 3),
    },
    "models.cache_layers.two_lru_layers": {
        "popularity": WEIGHTS([1.0] * 90, [1.0] * 89),
        "first_capacity": k.COUNT(1),
        "second_capacity": k.COUNT(2),
    },
    "models.cache_effect.layer_shares": {"hit_ratios": LAYERS["hit_ratios"]},
    "models.cache_effect.mean_layer_latency_s": LAYERS,
    "models.cache_effect.layer_latency_percentile_s": {"q": k.SHARE(0.99), **LAYERS},
    "models.cache_effect.break_even_hit_ratio": {
        "cache_s": k.NOT_NEGATIVE(0.001),
        "origin_s": k.POSITIVE(0.02),
    },
    "models.cache_effect.capacity_multiplier": {
        "hit_ratio": k.SHARE(0.9),
        "write_share": k.SHARE(0.1),
    },
    "models.cache_races.stale_fill_probability": {
        "write_rate_per_s": k.POSITIVE(1.0),
        "fill_s": k.NOT_NEGATIVE(0.01),
    },
    "models.cache_races.reordered_writes_probability": {
        "write_rate_per_s": k.POSITIVE(1.0),
        "mean_delay_s": k.NOT_NEGATIVE(0.01),
    },
    "models.cache_races.worst_staleness_s": {
        "lifetimes_s": k.ONLY([60.0, 600.0], [], 3.0, [-1.0], [math.nan], [[1.0]], ["a"])
    },
    "models.ttl_cache.ttl_hit_ratio": {**LIFETIME, "renewed": ANY_TRUTH},
    "models.ttl_cache.ttl_cache": {**POPULARITY, **LIFETIME, "renewed": ANY_TRUTH},
    "models.ttl_cache.request_rate_for_ttl_hit_ratio": {
        **POPULARITY,
        "hit_ratio": k.INSIDE(0.8),
        "ttl_s": k.POSITIVE(3.0),
    },
    "models.ttl_cache.refresh_ahead_miss_ratio": {**LIFETIME, "window": k.SHARE(0.1)},
    "sim.caches.simulate_cache": {
        **TRACE,
        "capacity": k.COUNT(2),
        "policy": k.ONLY("sieve", "mru", None, 3, ["lru"], ""),
    },
    "sim.miss_ratio_curve.lru_curve": TRACE,
    "sim.miss_ratio_curve.shards_curve": {**TRACE, "rate": k.SHARE(1.0, 0, 1e-300), **SOURCE},
    "sim.miss_ratio_curve.LruCurveCounter": {"keys": k.COUNT(9, 2**40)},
    "sim.miss_ratio_curve.LruCurveCounter.feed": {
        "self": lambda: LruCurveCounter(3),
        "trace": KEYS([0, 1, 2], [3]),
    },
    "sim.ttl_cache.ttl_cache_run": {
        "request_times_s": k.TIMES([0.0, 1.0], [1.0, 0.5]),
        "keys": KEYS([0, 1], [0]),
        "ttl_s": k.POSITIVE(5.0),
        "recompute_s": k.NOT_NEGATIVE(0.1),
        "mode": k.CHOICE("early"),
        "beta": k.POSITIVE(1.0),
        "jitter": k.NOT_NEGATIVE(0.1, 1.0, 1.5),
        "warm": ANY_TRUTH,
        **SOURCE,
    },
}
# Results with methods that take arguments
METHODS = {
    "sim.miss_ratio_curve.HitRatioCurve.at": {"self": curve, "capacity": k.NOT_NEGATIVE(2)},
    "sim.miss_ratio_curve.HitRatioCurve.smallest_capacity": {
        "self": curve,
        "hit_ratio": k.SHARE(0.3, 0.9),
    },
    "sim.miss_ratio_curve.HitRatioCurve.mean_absolute_error": {
        "self": curve,
        "other": k.ONLY(curve(), None, 0.5, "curve"),
    },
    "sim.ttl_cache.TtlCacheRun.peak_rate_per_s": {"self": stampede, "window_s": k.POSITIVE(1.0)},
}
TABLE |= METHODS
