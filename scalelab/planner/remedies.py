"""Which remedy next: every configuration of a system is sized and priced, and the cheapest found.

Remedies commute, so configurations are searched and not sequences. The road is what changes in
the cheapest system as the load grows.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.hit_ratio_by_key import hit_ratio_by_key
from scalelab.models.system_parts import System
from scalelab.planner.system_flows import check_system
from scalelab.planner.system_prices import Prices, check_prices, monthly_usd
from scalelab.workloads.popularity import zipf_popularity

CACHED_SHARES = (0.0, 0.002, 0.01, 0.05, 0.2, 1.0)  # of the keys
REPLICAS, SHARDS, DEGREES = range(9), (1, 2, 4, 8, 16, 32), range(3)


@dataclass(frozen=True, kw_only=True)
class RemedyMenu:
    """What may be done to a system, and what it brings.

    Parameters
    ----------
    sizes : tuple of int
        Cores of the nodes on offer, ascending.
    core_contention : float
        Amdahl's serial fraction of a node: of its cores so many count, in [0, 1).
    most_busy : float
        Utilisation for which every tier is sized, in (0, 1].
    replay_most_busy : float
        The same for the one replay of a replica, in (0, 1].
    queries_saved, app_saved : float
        Share of a query's, and of the servers' work that optimising once saves, in [0, 1); twice
        is possible.
    queries_days, app_days, stateless_days, cache_days, replica_days, shard_days : float
        Days of work for each: optimising the queries once, the servers once, taking the state out
        of the server before there is a second one, the first cache, the first replica, the first
        shards, >= 0.
    hot_shard : float
        Load of the fullest shard over the mean, >= 1.
    cacheable_share : float
        Share of the reads that a cache may answer at all, in [0, 1].
    """

    sizes: tuple[int, ...] = (2, 4, 8, 16, 32, 64)
    core_contention: float = 0.02
    most_busy: float = 0.7
    replay_most_busy: float = 0.8
    queries_saved: float = 0.4
    app_saved: float = 0.25
    queries_days: float = 8.0
    app_days: float = 15.0
    stateless_days: float = 8.0
    cache_days: float = 5.0
    replica_days: float = 4.0
    shard_days: float = 60.0
    hot_shard: float = 1.15
    cacheable_share: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is no menu."""
        name = "RemedyMenu"
        if not isinstance(self.sizes, tuple) or not self.sizes:
            v.refuse(name, "sizes", "be a non-empty tuple of cores", self.sizes)
        for size in self.sizes:
            v.count(name, "sizes", size)
        if list(self.sizes) != sorted(set(self.sizes)):
            v.refuse(name, "sizes", "be different and in ascending order", self.sizes)
        for field in ("most_busy", "replay_most_busy"):
            value = v.number(name, field, getattr(self, field))
            v.keep(self, **{field: float(v.fraction(name, field, value))})
        for field in ("core_contention", "queries_saved", "app_saved", "cacheable_share"):
            value = v.number(name, field, getattr(self, field), minimum=0)
            v.keep(self, **{field: float(v.fraction(name, field, value))})
            if value == 1 and field != "cacheable_share":
                v.refuse(name, field, "be a ratio in [0, 1)", value)
        v.keep(self, hot_shard=v.number(name, "hot_shard", self.hot_shard, minimum=1))
        for field in ("queries", "app", "stateless", "cache", "replica", "shard"):
            days = f"{field}_days"
            v.keep(self, **{days: v.number(name, days, getattr(self, days), minimum=0)})


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One way to build a system.

    Parameters
    ----------
    usd_per_month : float
        What runs, and what it took to build, spread over `Prices.pay_off_months`.
    servers, app_cores, database_cores : int
        App servers, cores of each, cores of the primary and of each replica alike or more.
    cache_entries, replicas, shards : int
        Room in the cache, 0 for none; replicas of each shard; shards.
    queries_optimised, app_optimised : int
        How often.
    """

    usd_per_month: float
    servers: int
    app_cores: int
    database_cores: int
    cache_entries: int
    replicas: int
    shards: int
    queries_optimised: int
    app_optimised: int

    @property
    def remedies(self) -> tuple[str, ...]:
        """What was done to the smallest system to come here, in the guide's order."""
        done = {
            "optimise queries": self.queries_optimised > 0,
            "optimise app": self.app_optimised > 0,
            "cache": self.cache_entries > 0,
            "more servers": self.servers > 1,
            "read replicas": self.replicas > 0,
            "shards": self.shards > 1,
        }
        return tuple(remedy for remedy, is_done in done.items() if is_done)


@dataclass(frozen=True, kw_only=True)
class Entered:
    """When a remedy first enters the cheapest system.

    Parameters
    ----------
    remedy : str
        As `Configuration.remedies` names them, and "larger server", "larger database".
    rate_per_s : float
        Load at which it enters.
    usd_per_month : float
        What the system costs there.
    """

    remedy: str
    rate_per_s: float
    usd_per_month: float


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What to do next.

    Parameters
    ----------
    does : str
        The change, with what it changes from and to.
    usd_more : float
        What it adds to a month, its work spread over `Prices.pay_off_months` included.
    carries_per_s : float
        Load up to which the system is then sized.
    """

    does: str
    usd_more: float
    carries_per_s: float


def cheapest_configuration(
    system: System,
    rate_per_s: float,
    prices: Prices | None = None,
    menu: RemedyMenu | None = None,
    *,
    survive_loss: bool = False,
) -> Configuration:
    """Find the cheapest system that carries a load, by trying all 2,916 kinds there are.

    Parameters
    ----------
    system : System
        Its demand and the work of its requests count; its sizes do not.
    rate_per_s : float
        Requests per second to carry, > 0.
    prices : Prices or None
        None for the usual ones.
    menu : RemedyMenu or None
        None for the usual one.
    survive_loss : bool
        Whether it must carry the load without any one server or node, too.

    Returns
    -------
    Configuration

    Raises
    ------
    ValueError
        Nothing on the menu carries the load.

    Examples
    --------
    >>> from scalelab.models.system_parts import Demand
    >>> shop = System(demand=Demand(rate_per_s=100.0, write_share=0.05, keys=20_000))
    >>> for rate_per_s in (100, 1_000):
    ...     found = cheapest_configuration(shop, rate_per_s)
    ...     print(round(found.usd_per_month), found.servers, found.remedies)
    """
    name = "cheapest_configuration"
    check_system(name, system)
    rate = v.number(name, "rate_per_s", rate_per_s)
    price, offer = check_prices(name, prices), _menu(name, menu)
    safe = v.truth(name, "survive_loss", survive_loss)
    kinds = _kinds(system, price, offer)
    total, servers, app, database = _sized(kinds, rate, price, offer, safe)
    best = int(np.argmin(total))
    if not np.isfinite(total[best]):
        remedy = "offer larger nodes, or fewer demands on them"
        v.refuse(name, "rate_per_s", "be within what the menu can carry", rate, remedy)
    queries, work, entries, replicas, shards = (int(part[best]) for part in kinds.what)
    return Configuration(
        usd_per_month=float(total[best]),
        servers=int(servers[best]),
        app_cores=int(app[best]),
        database_cores=int(database[best]),
        cache_entries=entries,
        replicas=replicas,
        shards=shards,
        queries_optimised=queries,
        app_optimised=work,
    )


def remedies_as_load_grows(
    system: System,
    rates_per_s: ArrayLike,
    prices: Prices | None = None,
    menu: RemedyMenu | None = None,
    *,
    survive_loss: bool = False,
) -> tuple[Entered, ...]:
    """Walk the load upward, and note where each remedy first enters the cheapest system.

    Parameters
    ----------
    system, prices, menu, survive_loss
        As in `cheapest_configuration`.
    rates_per_s : array_like, shape (n,)
        Loads to look at, > 0, ascending; the walk ends where nothing carries one.

    Returns
    -------
    tuple of Entered
        In the order in which they enter.
    """
    name = "remedies_as_load_grows"
    rates = v.positive(name, "rates_per_s", v.vector(name, "rates_per_s", rates_per_s))
    first: dict[str, Entered] = {}
    smallest = _menu(name, menu).sizes[0]
    for rate in rates.tolist():
        try:
            found = cheapest_configuration(system, rate, prices, menu, survive_loss=survive_loss)
        except ValueError as error:
            if "within what the menu can carry" in str(error):
                break
            raise
        larger = {"larger server": found.app_cores, "larger database": found.database_cores}
        there = [*found.remedies, *(part for part, cores in larger.items() if cores > smallest)]
        for remedy in there:
            if remedy not in first:
                first[remedy] = Entered(
                    remedy=remedy, rate_per_s=rate, usd_per_month=found.usd_per_month
                )
    return tuple(first.values())


def regret_usd(
    system: System,
    prices: Prices | None = None,
    menu: RemedyMenu | None = None,
    *,
    survive_loss: bool = False,
) -> float:
    """Dollars a month that a system costs over the cheapest one for its demand.

    Parameters
    ----------
    system, prices, menu, survive_loss
        As in `cheapest_configuration`; its own sizes count here.

    Returns
    -------
    float
        Below zero where it is smaller than the menu's bounds on utilisation allow.
    """
    best = cheapest_configuration(
        system, system.demand.rate_per_s, prices, menu, survive_loss=survive_loss
    )
    return monthly_usd(system, prices) - best.usd_per_month


@dataclass(frozen=True, eq=False)
class _Kinds:
    """Every kind of system: what it is, seconds of work a request on each tier, dollars a month."""

    what: tuple[v.FloatArray, ...]
    app_s: v.FloatArray
    primary_s: v.FloatArray
    replica_s: v.FloatArray
    replay_s: v.FloatArray
    fixed_usd: v.FloatArray


def _kinds(system: System, prices: Prices, menu: RemedyMenu) -> _Kinds:
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
    return _Kinds(
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


def _sized(
    kinds: _Kinds, rate: float, prices: Prices, menu: RemedyMenu, safe: bool
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


def _menu(function: str, menu: RemedyMenu | None) -> RemedyMenu:
    if menu is None:
        return RemedyMenu()
    if not isinstance(menu, RemedyMenu):
        v.refuse(function, "menu", "be of the class RemedyMenu or None", menu)
    return menu
