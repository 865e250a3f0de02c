"""How many requests of which kind come to each shard of a system."""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scalelab import _validate as v
from scalelab.models.hit_ratio_by_key import hit_ratio_by_key
from scalelab.models.system_parts import System
from scalelab.sim._keys import Owners
from scalelab.sim.shard_map import shard_of_keys
from scalelab.workloads.popularity import zipf_popularity


@dataclass(frozen=True, kw_only=True, eq=False)
class SystemFlows:
    """Rates of a system by shard: what its loads, its lines and its latency need.

    Parameters
    ----------
    hit_ratio : float
        Share of all reads that the cache answers; 0 without a cache or reads.
    misses_per_s, shard_writes_per_s : ndarray, shape (shards,)
        Reads that come to each shard, and writes.
    """

    hit_ratio: float
    misses_per_s: v.FloatArray
    shard_writes_per_s: v.FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class FlowsByKey(SystemFlows):
    """Rates of a system by shard and by key.

    Parameters
    ----------
    hit_ratio, misses_per_s, shard_writes_per_s
        As of `SystemFlows`.
    reads_per_s, writes_per_s : ndarray, shape (keys,)
        Of each key.
    hit_ratios : ndarray, shape (keys,)
        Share of its reads that the cache answers.
    owners : ndarray of int, shape (keys,)
        Its shard.
    kept_s : float or None
        Seconds for which the cache keeps a key that nobody reads; None for ever.
    """

    reads_per_s: v.FloatArray
    writes_per_s: v.FloatArray
    hit_ratios: v.FloatArray
    owners: Owners
    kept_s: float | None


def system_flows(system: System, *, fill_s: float | None = None) -> FlowsByKey:
    """Divide a demand among the cache and the shards.

    Parameters
    ----------
    system : System
        What is there.
    fill_s : float or None
        Seconds that a fill of the cache takes, >= 0; None for one that waits nowhere.

    Returns
    -------
    FlowsByKey

    Examples
    --------
    >>> from scalelab.models.system_parts import Cache, Demand
    >>> flows = system_flows(System(demand=Demand(rate_per_s=1_000.0), cache=Cache(capacity=5_000)))
    >>> round(flows.hit_ratio, 3), flows.misses_per_s.round(), flows.shard_writes_per_s
    (0.472, array([475.]), array([100.]))
    """
    check_system("system_flows", system)
    demand, database = system.demand, system.database
    if fill_s is None:
        fill_s = database.rtt_s / 2 + database.read_s
    fill_s = v.number("system_flows", "fill_s", fill_s, minimum=0)
    rates = demand.rate_per_s * _popularity(demand.keys, demand.zipf_exponent)
    reads, writes = rates * (1 - demand.write_share), rates * demand.write_share
    hits, hit_ratio, kept = np.zeros_like(rates), 0.0, None
    if system.cache is not None and demand.write_share < 1:
        cached = hit_ratio_by_key(
            reads, writes, system.cache.capacity, ttl_s=system.cache.ttl_s, fill_s=fill_s
        )
        hits, hit_ratio, kept = cached.hit_ratios, cached.hit_ratio, cached.kept_s
    owners = _owners(demand.keys, database.shards, database.placement)
    by_shard = [
        np.bincount(owners, weights=some, minlength=database.shards).astype(np.float64)
        for some in (reads * (1 - hits), writes)
    ]
    return FlowsByKey(
        hit_ratio=hit_ratio,
        reads_per_s=reads,
        writes_per_s=writes,
        hit_ratios=hits,
        owners=owners,
        kept_s=kept,
        misses_per_s=by_shard[0],
        shard_writes_per_s=by_shard[1],
    )


def flows_between(known: Mapping[float, SystemFlows], rate_per_s: float) -> SystemFlows:
    """Flows at a rate between others of the same system: hit ratios hardly change with it.

    Parameters
    ----------
    known : mapping of float to SystemFlows
        Flows at two rates or more, ascending.
    rate_per_s : float
        The rate.

    Returns
    -------
    SystemFlows
        Hit ratios linear in the logarithm of the rate, and all rates as they follow from that.

    Examples
    --------
    >>> from scalelab.models.system_parts import Cache, Demand
    >>> shop = Cache(capacity=5_000, ttl_s=30.0)
    >>> flows = {rate: system_flows(System(demand=Demand(rate_per_s=rate), cache=shop))
    ...          for rate in (300.0, 600.0, 1_200.0)}
    >>> two = flows.pop(600.0)
    >>> round(two.hit_ratio, 3), round(flows_between(flows, 600.0).hit_ratio, 3)
    (0.465, 0.451)
    """
    rates = list(known)
    above = min(max(1, bisect.bisect_left(rates, rate_per_s)), len(rates) - 1)
    low, high = rates[above - 1 : above + 1]
    up = math.log(rate_per_s / low) / math.log(high / low)
    one, other = known[low], known[high]
    misses = (1 - up) / low * one.misses_per_s + up / high * other.misses_per_s
    return SystemFlows(
        hit_ratio=(1 - up) * one.hit_ratio + up * other.hit_ratio,
        misses_per_s=rate_per_s * misses,
        shard_writes_per_s=one.shard_writes_per_s * (rate_per_s / low),
    )


@lru_cache(maxsize=8)  # a search asks for the same keys again and again
def _popularity(keys: int, zipf_exponent: float) -> v.FloatArray:
    share = zipf_popularity(keys, zipf_exponent)
    share.flags.writeable = False
    return share


@lru_cache(maxsize=8)
def _owners(keys: int, shards: int, placement: str) -> Owners:
    owners = shard_of_keys(keys, shards, placement)
    owners.flags.writeable = False
    return owners


def check_system(function: str, system: System) -> None:
    """Refuse what is no system, on behalf of `function`."""
    if not isinstance(system, System):
        v.refuse(function, "system", "be a System", v.Words(type(system).__name__))
