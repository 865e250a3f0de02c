"""A whole shop over a week, as a fluid: what feeds what, in ticks instead of requests."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.models.hit_ratio_by_key import hit_ratio_by_key
from scalelab.models.replay_beside_reads import replay_beside_reads
from scalelab.models.system_parts import Demand, System
from scalelab.sim import _week_kernel as kernel
from scalelab.sim._compiled import can_compile
from scalelab.sim._fleet_loop import check_fleet, empty_books, run_fleet, run_of
from scalelab.sim._scaling_rules import rules_of
from scalelab.sim._week_kernel import Shop, ShopRules
from scalelab.sim.fleet import Fleet, FleetRun
from scalelab.sim.scaling_policies import Policy
from scalelab.sim.shard_map import shard_of_keys
from scalelab.workloads.popularity import zipf_popularity

DOUBLINGS_OF_READS, DOUBLINGS_OF_RATES, LOADS = 30, 8, 100  # how far the tables go
FORGETS_S = 10.0  # a client who gave up asks again within some seconds
HARDLY_ANY = 1e-6  # writes per second beside which a replay waits for reads only


@dataclass(frozen=True, kw_only=True)
class WeekFaults:
    """What breaks, and when; a time in seconds, >= 0, or None for never.

    Parameters
    ----------
    cache_empty_s : float or None
        The cache restarts, empty.
    servers_lost_s : float or None
        A share of the servers is gone at once.
    replica_lost_s, primary_lost_s : float or None
        A replica, or the primary, is gone.
    lost_servers : float
        That share, in [0, 1].
    notice_s : float
        Seconds until the balancer sends no more requests to servers that are gone, >= 0.
    replica_back_s : float
        Seconds until there is a new replica, >= 0, also for one that became the primary.
    failover_s : float
        Seconds until a replica takes over, >= 0, after it has applied what it has.
    restore_s : float
        Seconds until the primary is restored from a backup, >= 0, if there is no replica.
    error_share : float
        Share of attempts that fail on any day, in [0, 1]: connections cut, servers restarted.
    """

    cache_empty_s: float | None = None
    servers_lost_s: float | None = None
    replica_lost_s: float | None = None
    primary_lost_s: float | None = None
    lost_servers: float = 1 / 3
    notice_s: float = 10.0
    replica_back_s: float = 1_800.0
    failover_s: float = 30.0
    restore_s: float = 900.0
    error_share: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no time and no share."""
        name = "WeekFaults"
        for field, value in asdict(self).items():
            if value is not None or field not in TIMES:
                value = v.number(name, field, value, minimum=0)
                if field in ("lost_servers", "error_share"):
                    value = float(v.fraction(name, field, value))
                v.keep(self, **{field: value})


TIMES = ("cache_empty_s", "servers_lost_s", "replica_lost_s", "primary_lost_s")


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """What stands between clients and servers, and how patient the clients are.

    Parameters
    ----------
    retries : int
        Further attempts that the gateway makes itself, from 0 to 10; a client whose first attempt
        met an error does not see it.
    client_retries : int
        Further attempts of each client who got no answer, from 0 to 10.
    timeout_s : float
        Seconds after which a client leaves, > 0. The servers work on all the same.
    shed_s : float or None
        Who would wait longer than this for a server is refused at once, > 0; None for nobody.
    """

    retries: int = 0
    client_retries: int = 1
    timeout_s: float = 1.0
    shed_s: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no gateway."""
        name = "Gateway"
        v.keep(
            self,
            retries=v.count(name, "retries", self.retries, 0, 10),
            client_retries=v.count(name, "client_retries", self.client_retries, 0, 10),
            timeout_s=v.number(name, "timeout_s", self.timeout_s),
        )
        if self.shed_s is not None:
            v.keep(self, shed_s=v.number(name, "shed_s", self.shed_s))


@dataclass(frozen=True, kw_only=True, eq=False)
class WeekRun:
    """What happened in each tick.

    Parameters
    ----------
    fleet : FleetRun
        Servers, line and load; its demand holds the further attempts, too.
    rate_per_s : ndarray, shape (n,)
        First attempts.
    failed : ndarray, shape (n,)
        Share of the attempts that got no answer: refused, in vain, or too late.
    hit_ratio : ndarray, shape (n,)
        Of the cache.
    primary_load, replica_load : ndarray, shape (n,)
        Work that comes to a node, over what it can do.
    at_primary : ndarray, shape (n,)
        Share of the misses that came to the primary.
    lag_s : ndarray, shape (n,)
        Seconds that a replica is behind.
    read_line_s, write_line_s : ndarray, shape (n,)
        Seconds of work that wait where reads, and where writes, come to.
    replicas : ndarray of int, shape (n,)
        Replicas that are there.
    """

    fleet: FleetRun
    rate_per_s: v.FloatArray
    failed: v.FloatArray
    hit_ratio: v.FloatArray
    primary_load: v.FloatArray
    replica_load: v.FloatArray
    at_primary: v.FloatArray
    lag_s: v.FloatArray
    read_line_s: v.FloatArray
    write_line_s: v.FloatArray
    replicas: NDArray[np.int64]

    @property
    def wait_s(self) -> v.FloatArray:
        """Seconds that the servers' line is long, shape (n,)."""
        return self.fleet.backlog / (self.fleet.running * self.fleet.fleet.rate_per_s)


def simulate_week(
    system: System,
    fleet: Fleet,
    rate_per_s: ArrayLike,
    policy: Policy | None = None,
    *,
    at_least: ArrayLike | None = None,
    gateway: Gateway | None = None,
    faults: WeekFaults | None = None,
    routed: ArrayLike = (0.0,),
) -> WeekRun:
    """Let a shop serve a demand while its parts break.

    Parameters
    ----------
    system : System
        What there is; the numbers of servers and the rate of its demand do not count.
    fleet : Fleet
        The servers. Its `tick_s` is the step of the whole simulation.
    rate_per_s : array_like, shape (n,)
        Requests per second in each tick, >= 0.
    policy : StepPolicy, TargetPolicy or OwnPolicy, optional
        The reactive part, as in `fleet_run`. Its load is demand over what the servers can do.
    at_least : array_like of int, shape (n,), optional
        What a schedule orders, as in `fleet_run`.
    gateway : Gateway or None
        None for the class's defaults.
    faults : WeekFaults or None
        None for a week in which nothing breaks.
    routed : array_like, shape (k,)
        Share of the misses, in [0, 1], that a router sends to the primary although there is a
        replica, where that is 0, 1, 3, 7, ... writes behind; beyond the last it stays. It counts
        where misses go to replicas.

    Returns
    -------
    WeekRun

    Notes
    -----
    A fluid: in a tick, so many requests come and so many are done. What it leaves out is chance
    within a tick, so it is too kind within 5 % of what the servers can do. The cache begins warm.
    How slow a request is follows from the state of its tick, by closed forms.

    Examples
    --------
    An hour; after ten minutes a third of the servers is gone:

    >>> from scalelab.sim.scaling_policies import TargetPolicy
    >>> fleet = Fleet(rate_per_s=400.0, startup_s=180, min_instances=6, max_instances=9)
    >>> system = System(demand=Demand(rate_per_s=1.0))
    >>> policy = TargetPolicy(target=0.6, window_s=60, every_s=60)
    >>> run = simulate_week(
    ...     system, fleet, np.full(3_600, 800.0), policy, faults=WeekFaults(servers_lost_s=600)
    ... )
    >>> run.fleet.running[[0, 700, 3_599]]
    array([6, 4, 6], dtype=int32)
    """
    name = "simulate_week"
    gateway = Gateway() if gateway is None else gateway
    faults = WeekFaults() if faults is None else faults
    kinds = {"system": System, "gateway": Gateway, "faults": WeekFaults}
    for (argument, kind), value in zip(kinds.items(), (system, gateway, faults), strict=True):
        if not isinstance(value, kind):
            v.refuse(name, argument, f"be of the class {kind.__name__}", value)
    rates, floor = check_fleet(name, fleet, policy, "rate_per_s", rate_per_s, at_least)
    fleet_rules = rules_of(fleet, policy, saturates=False)
    demand = np.zeros(rates.size)
    books = empty_books(demand, floor, fleet, fleet_rules)
    rules = _rules(system, fleet.tick_s, gateway, faults)
    shares = v.vector(name, "routed", routed)
    v.fraction(name, "routed", shares)
    shop = _shop(system, rates * fleet.tick_s, np.append(shares, shares[-1]))
    advance = kernel._advance_shop_by if can_compile() else kernel._advance_shop_by.in_python
    run_fleet(
        name,
        policy,
        fleet_rules,
        books,
        fleet,
        lambda every, last: advance(every, last, rules, shop, fleet_rules, books),
    )
    return WeekRun(
        fleet=run_of(fleet, np.asarray(books.demand), books),
        rate_per_s=rates,
        failed=np.asarray(shop.failed),
        hit_ratio=np.asarray(shop.hit),
        primary_load=np.asarray(shop.primary),
        replica_load=np.asarray(shop.replica),
        at_primary=np.asarray(shop.at_primary),
        lag_s=np.asarray(shop.lag_s),
        read_line_s=np.asarray(shop.read_line_s),
        write_line_s=np.asarray(shop.write_line_s),
        replicas=np.asarray(shop.replicas),
    )


def _rules(system: System, tick_s: float, gateway: Gateway, faults: WeekFaults) -> ShopRules:
    demand, database = system.demand, system.database
    whens = {when: getattr(faults, when) for when in TIMES}
    never = {when: math.inf if time is None else time for when, time in whens.items()}
    return ShopRules(
        tick_s=tick_s,
        write_share=demand.write_share,
        read_s=database.read_s,
        write_s=database.write_s,
        apply_s=database.apply_s,
        delay_s=database.delay_s,
        cores=float(database.cores),
        shards=float(database.shards),
        hottest=_hottest(demand, database.shards, database.placement),
        replicas=database.replicas,
        at_replica=system.reads_at_replica,
        needs=database.sync_replicas,
        timeout_s=gateway.timeout_s,
        tries=gateway.retries + gateway.client_retries,
        gateway=gateway.retries,
        shed_s=math.inf if gateway.shed_s is None else gateway.shed_s,
        memory=math.exp(-tick_s / FORGETS_S),
        error_share=faults.error_share,
        empty_s=never["cache_empty_s"],
        servers_lost_s=never["servers_lost_s"],
        lost_servers=faults.lost_servers,
        notice_s=faults.notice_s,
        replica_lost_s=never["replica_lost_s"],
        primary_lost_s=never["primary_lost_s"],
        replica_back_s=faults.replica_back_s,
        failover_s=faults.failover_s,
        restore_s=faults.restore_s,
    )


def _shop(system: System, fresh: v.FloatArray, routed: v.FloatArray) -> Shop:
    demand, cache, number = system.demand, system.cache, fresh.size
    state = np.zeros(7)
    warm, full = np.zeros(2), np.zeros(2)
    if cache is not None and demand.write_share < 1:
        state[kernel.READS] = kernel.SO_MANY_READS
        warm = _warm(demand.keys, demand.zipf_exponent)
        fill_s = system.database.rtt_s / 2 + system.database.read_s
        full = _full(
            demand.keys, demand.zipf_exponent, demand.write_share, cache.capacity,
            cache.ttl_s, fill_s,
        )  # fmt: skip
    apply = _apply(system.database.apply_s, system.database.read_s, system.database.cores)
    ticks = {field: np.zeros(number) for field in Shop._fields[6:-1]}
    shop = Shop(
        fresh, warm, full, apply, routed, state, **ticks, replicas=np.zeros(number, np.int64)
    )
    return shop if can_compile() else Shop(*(entries.tolist() for entries in shop))


@lru_cache(maxsize=8)
def _warm(keys: int, zipf_exponent: float) -> v.FloatArray:
    """Hit ratio after so many reads since the cache was empty, if all keys fit."""
    share = zipf_popularity(keys, zipf_exponent)
    reads = 2 ** (np.arange(DOUBLINGS_OF_READS * kernel.PER_DOUBLING) / kernel.PER_DOUBLING) - 1
    return np.array([share @ -np.expm1(-share * n) for n in reads])


@lru_cache(maxsize=64)
def _full(
    keys: int,
    zipf_exponent: float,
    write_share: float,
    capacity: int,
    ttl_s: float | None,
    fill_s: float,
) -> v.FloatArray:
    """Hit ratio of a warm cache at rates that double."""
    rates = kernel.LOWEST_RATE * 2.0 ** np.arange(DOUBLINGS_OF_RATES + 1)
    share = zipf_popularity(keys, zipf_exponent)
    reads, writes = share * (1 - write_share), share * write_share
    return np.array(
        [
            hit_ratio_by_key(r * reads, r * writes, capacity, ttl_s=ttl_s, fill_s=fill_s).hit_ratio
            for r in rates
        ]
    )


@lru_cache(maxsize=64)
def _apply(apply_s: float, read_s: float, cores: int) -> v.FloatArray:
    """Seconds to apply a write beside reads, at even steps of utilisation."""
    reads = np.linspace(0, kernel.MOST_BUSY, LOADS) * cores / read_s
    return np.array(
        [replay_beside_reads(HARDLY_ANY, apply_s, r, read_s, cores).replay_s for r in reads]
    )


@lru_cache(maxsize=16)
def _hottest(demand: Demand, shards: int, placement: str) -> float:
    """Share of the fullest shard over that of a shard on average."""
    if shards == 1:
        return 1.0
    owners = shard_of_keys(demand.keys, shards, placement)
    return float(np.bincount(owners, weights=demand.popularity()).max() * shards)
