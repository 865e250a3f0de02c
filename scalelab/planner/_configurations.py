"""All kinds of systems at once, sized and priced in closed form."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scalelab import _validate as v
from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.hit_ratio_by_key import hit_ratio_by_key
from scalelab.models.system_parts import System
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_prices import Prices
from scalelab.workloads.popularity import zipf_popularity

CACHED_SHARES = (0.0, 0.002, 0.01, 0.05, 0.2, 1.0)  # of the keys
REPLICAS, SHARDS, DEGREES = range(9), (1, 2, 4, 8, 16, 32), range(3)


@dataclass(frozen=True, eq=False)
class Kinds:
    """Every kind of system: what it is, seconds of work a request on each tier, dollars a month."""

    what: tuple[v.FloatArray, ...]
    app_s: v.FloatArray
    primary_s: v.FloatArray
    replica_s: v.FloatArray
    replay_s: v.FloatArray
    fixed_usd: v.FloatArray


def all_kinds(system: System, prices: Prices, menu: RemedyMenu) -> Kinds:
    """Lay out every kind of system that serves a demand."""
    demand, database = system.demand, system.database
    hits = menu.cacheable_share * _hit_ratios(demand.keys, demand.zipf_exponent, demand.write_share)
    entries = np.array([round(share * demand.keys) for share in CACHED_SHARES])
    rows = np.array(
        list(itertools.product(DEGREES, DEGREES, range(len(entries)), REPLICAS, SHARDS))
    )
    queries, work, cache, replicas, shards = rows.T
    saved = (1 - menu.queries_saved) ** queries
    # the fullest shard's share of the load
    fullest = np.where(shards > 1, menu.hot_shard, 1.0) / shards
    reads = (1 - demand.write_share) * (1 - hits[cache]) * database.read_s * saved * fullest
    writes = demand.write_share * database.write_s * saved * fullest
    replay = np.where(replicas > 0, demand.write_share * database.apply_s * fullest, 0.0)
    days = menu.queries_days * queries + menu.app_days * work
    days = days + menu.cache_days * (cache > 0) + menu.replica_days * (replicas > 0)
    days = days + menu.shard_days * (shards > 1)
    fixed = days * prices.engineer_day_usd / prices.pay_off_months
    fixed = fixed + (cache > 0) * prices.cache_usd + (shards - 1) * prices.further_shard_usd
    fixed = fixed + entries[cache] / 1e6 * prices.cache_million_usd
    return Kinds(
        what=(queries, work, entries[cache], replicas, shards),
        app_s=system.app.app_s * (1 - menu.app_saved) ** work,
        primary_s=writes + np.where(replicas > 0, 0.0, reads),
        replica_s=np.where(replicas > 0, reads, 0.0),
        replay_s=replay,
        fixed_usd=fixed,
    )


@lru_cache(maxsize=8)
def _hit_ratios(keys: int, zipf_exponent: float, write_share: float) -> v.FloatArray:
    """Hit ratio of each size of cache; it does not depend on the load."""
    share = zipf_popularity(keys, zipf_exponent)
    if write_share == 1:
        return np.zeros(len(CACHED_SHARES))
    rates = ((1 - write_share) * share, write_share * share)
    sizes = [round(part * keys) for part in CACHED_SHARES]
    return np.array([hit_ratio_by_key(*rates, size).hit_ratio if size else 0.0 for size in sizes])


def sized(
    kinds: Kinds, rate: float, prices: Prices, menu: RemedyMenu, safe: bool
) -> tuple[v.FloatArray, ...]:
    """Dollars a month of each kind, its servers, their cores, and the database's."""
    sizes = np.array(menu.sizes)
    counting = np.asarray(amdahl_speedup(sizes, menu.core_contention))
    replicas, shards = kinds.what[3], kinds.what[4]
    app_usd, servers, app_cores = _fleet(kinds.app_s * rate, sizes, counting, prices, menu, safe)
    primary_usd, primary = _one_node(kinds.primary_s * rate, sizes, counting, prices, menu)
    # with a replica lost, the others have its reads; each replays all writes
    sharing = np.maximum(replicas - safe, 1)
    work = (kinds.replica_s / sharing + kinds.replay_s) * rate
    replica_usd, replica = _one_node(work, sizes, counting, prices, menu)
    nodes_usd = shards * (primary_usd + np.where(replicas > 0, replicas * replica_usd, 0.0))
    total = app_usd + nodes_usd + kinds.fixed_usd
    total = np.where(kinds.replay_s * rate > menu.replay_most_busy, np.inf, total)
    if safe:
        total = np.where(replicas == 0, np.inf, total)  # somebody must take over
    return total, servers, app_cores, np.where(replicas > 0, np.maximum(primary, replica), primary)


def _fleet(
    work: v.FloatArray,
    sizes: np.ndarray,
    counting: v.FloatArray,
    prices: Prices,
    menu: RemedyMenu,
    safe: bool,
) -> tuple[v.FloatArray, v.FloatArray, v.FloatArray]:
    """Cheapest fleet of equal servers for each amount of work, in busy cores."""
    each = menu.most_busy * counting[:, np.newaxis]
    count = np.maximum(np.ceil(work / each - 1e-12), 1) + safe
    usd = count * (sizes[:, np.newaxis] * prices.app_core_usd + prices.node_usd)
    stateless = menu.stateless_days * prices.engineer_day_usd / prices.pay_off_months
    usd = usd + (count > 1) * (stateless + prices.balancer_usd)
    best = usd.argmin(axis=0)
    along = np.arange(work.size)
    return usd[best, along], count[best, along], sizes[best]


def _one_node(
    work: v.FloatArray,
    sizes: np.ndarray,
    counting: v.FloatArray,
    prices: Prices,
    menu: RemedyMenu,
) -> tuple[v.FloatArray, v.FloatArray]:
    """Smallest node that does each amount of work alone, and its price; infinite if none does."""
    at = np.searchsorted(counting, work / menu.most_busy - 1e-12)
    size = sizes[np.minimum(at, sizes.size - 1)]
    usd = size * prices.database_core_usd + prices.node_usd
    return np.where(at < sizes.size, usd, np.inf), size
