"""What the learner wrote in earlier labs, in this shop: an autoscaler, a cache, a router.

The autoscaler is asked in each week, minute by minute. A cache and a router see single requests,
of which a week has half a billion: each is measured once, and the week takes what came out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.course.chapters.autoscaling.own_policy import fresh_decide, order_of
from scalelab.course.chapters.capstone.plan import PRICES, ShopPlan, system_of
from scalelab.course.chapters.read_after_write.own_router import OwnRouter, chosen_of
from scalelab.course.examine import UnansweredError
from scalelab.course.values import NotThatError
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.routing_policies import AnyReplica, Policy, Route
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.real.limits import call
from scalelab.sim.miss_ratio_curve import lru_curve
from scalelab.sim.scaling_policies import OwnPolicy, Reading
from scalelab.workloads.popularity import KeySampler, zipf_popularity

# Reads of a cache, from empty, and how many times smaller its shop is: so small that nearly every
# page is asked for, or a large cache would never be full and its victims never seen.
READS, SCALE = 100_000, 50
WRITES_BEHIND = (0, 1, 3, 15, 63)  # of the replicas on average, where a router is asked
NEWCOMER_ENTRIES, ROUNDS = 100, 200  # of a cache in which a page becomes popular
REQUESTS, KEYS, WRITE_SHARE, WRITES_PER_S = 2_000, 40, 0.25, 100.0  # at each of these
MINUTES = 15  # of readings, in which what an autoscaler remembers shows


@dataclass(frozen=True, kw_only=True)
class MeasuredCache:
    """A cache under the reads of the shop.

    Parameters
    ----------
    hit_ratio : float
        Share of the reads that found their key, in a shop of a fiftieth of the size.
    like_lru_of : int
        Entries with which LRU would have it.
    saved_usd : float
        Dollars a month that these cost more than those that are there.
    lets_in : bool
        Whether a page that becomes popular gets in.
    """

    hit_ratio: float
    like_lru_of: int
    saved_usd: float
    lets_in: bool = True


@dataclass(frozen=True, kw_only=True)
class MeasuredRouter:
    """A router over the replicated store, by how far the replicas are behind.

    Parameters
    ----------
    routed : tuple of float
        Share of the reads that it sends to the primary, where a replica is 0, 1, 3, 7, ... writes
        behind.
    still_stale : tuple of float
        Stale reads over those without it, at the same places.
    needless : float
        Share of the reads that a replica could have answered and the primary got.
    """

    routed: tuple[float, ...]
    still_stale: tuple[float, ...]
    needless: float = 0.0


@dataclass(frozen=True, kw_only=True)
class OwnCode:
    """What of a shop is the learner's own; None for what is not.

    Parameters
    ----------
    make_policy : callable or None
        Makes an autoscaler anew for each week.
    cache : MeasuredCache or None
    router : MeasuredRouter or None
    """

    make_policy: Callable[[], OwnPolicy] | None = None
    cache: MeasuredCache | None = None
    router: MeasuredRouter | None = None


NO_CODE = OwnCode()


def by_writes_behind(table: tuple[float, ...], behind: ArrayLike) -> v.FloatArray:
    """Read a table over 0, 1, 3, 7, ... writes behind, shape of `behind`."""
    place = np.log2(np.asarray(behind, float) + 1)
    return np.asarray(np.interp(place, np.arange(len(table)), table))


def measure_cache(make_cache: Any, entries: int, *, rng: np.random.Generator) -> MeasuredCache:
    """Read through a cache with `get`, which gives None where it has nothing, and `put`.

    What has `used`, `victim` and `added` instead, as in the lab on caching, says who goes. It is
    measured in a shop with a fiftieth of the keys, and has a fiftieth of the entries there. The
    week knows LRU only: a plan takes the entries of an LRU cache that hits as often, and the price
    of those between is what the policy saves.

    Raises
    ------
    NotThatError
        It is no cache, or keeps what it was not given, or more than its entries.
    """
    demand = system_of(ShopPlan()).demand
    popularity = zipf_popularity(demand.keys // SCALE, demand.zipf_exponent)
    keys = KeySampler(popularity).draw(READS, rng=rng)
    room = max(1, entries // SCALE)
    cache = _cache_of(make_cache, room)
    hits = sum(_read_through(cache, keys.tolist()))
    there = sum(cache.get(key) is not None for key in set(keys.tolist()))
    if there > room:
        why = "Each entry is paid for: when the cache is full, one has to go before the next comes."
        raise NotThatError(f"at most {room} entries", there, why)
    ratio, curve = hits / READS, lru_curve(keys)
    like = entries  # if nothing ever had to go
    if ratio < curve.hit_ratio[-1]:
        like = SCALE * max(1, curve.smallest_capacity(ratio))
    saved = (like - entries) / 1e6 * PRICES.cache_million_usd
    return MeasuredCache(
        hit_ratio=ratio, like_lru_of=like, saved_usd=saved, lets_in=lets_newcomers_in(make_cache)
    )


def lets_newcomers_in(make_cache: Any) -> bool:
    """Whether a page gets in that is asked for again and again while others come.

    The measured shop has the same favourites all week, which hides a cache that lets go what came
    last: what is in it from the first hour stays. Here it is full when a page becomes popular. That
    is asked for twice between any two others. A policy may refuse a newcomer at first, or lose it
    by chance, but not in each of the rounds while it keeps half of what nobody asks for.
    """
    cache = _cache_of(make_cache, NEWCOMER_ENTRIES)
    old = list(range(2 * NEWCOMER_ENTRIES))
    newcomer = len(old)
    rounds = [[newcomer, newcomer, newcomer + 1 + number] for number in range(ROUNDS)]
    _read_through(cache, old)
    found = [_read_through(cache, keys)[0] for keys in rounds]
    kept = sum(cache.get(key) is not None for key in old)
    return any(found[1:]) or kept < NEWCOMER_ENTRIES / 2


def _cache_of(make_cache: Any, entries: int) -> _Evicting | _Getting:
    if not callable(make_cache):
        why = "Give the class itself, which is made with the number of entries."
        raise NotThatError("a class of a cache", make_cache, why)
    if hasattr(make_cache, "choose"):
        why = "It has `choose`, as a router has: give it under the name `router`."
        raise NotThatError("a class of a cache", make_cache, why)
    made = call(make_cache, entries)
    if hasattr(made, "victim"):
        return _Evicting(made, entries)
    for verb in ("get", "put"):
        if not callable(getattr(made, verb, None)):
            why = f"It has no `{verb}`. A class with `used`, `victim` and `added` will do as well."
            raise NotThatError("a cache with `get` and `put`", made, why)
    return _Getting(made)


def _read_through(cache: _Evicting | _Getting, keys: list[int]) -> list[bool]:
    """Read each key, and put in what is missing; return where it was there."""
    found = []
    for key in keys:
        value = cache.get(key)
        if value is None:
            cache.put(key, key + 1)
        elif value is ...:
            raise UnansweredError
        elif not call(_same, value, key + 1):
            why = f"It was asked for {key}, whose value was put in as {key + 1}."
            raise NotThatError("the value that was put in, or None", value, why)
        found.append(value is not None)
    return found


def _same(theirs: Any, ours: int) -> bool:
    return bool(theirs == ours)


class _Getting:
    """A cache of the learner's, with `get` and `put`."""

    def __init__(self, cache: Any) -> None:
        self._get, self._put = (call(getattr, cache, verb) for verb in ("get", "put"))

    def get(self, key: int) -> Any:
        return call(self._get, key)

    def put(self, key: int, value: int) -> None:
        call(self._put, key, value)


class _Evicting:
    """A cache whose policy is the learner's, in the form of the lab on caching."""

    def __init__(self, policy: Any, entries: int) -> None:
        self._entries = entries
        self._used, self._victim, self._added = (
            call(getattr, policy, verb) for verb in ("used", "victim", "added")
        )
        self._kept: dict[int, int] = {}

    def get(self, key: int) -> int | None:
        value = self._kept.get(key)
        if value is not None:
            call(self._used, key)
        return value

    def put(self, key: int, value: int) -> None:
        if len(self._kept) >= self._entries:
            gone = call(self._victim)
            if gone is ...:
                raise UnansweredError
            if not call(self._has, gone):
                why = "Who goes must be there: a key that came with `added` and has not gone yet."
                raise NotThatError("a key of the cache from victim", gone, why)
            del self._kept[gone]
        self._kept[key] = value
        call(self._added, key)

    def _has(self, gone: Any) -> bool:
        return isinstance(gone, Hashable) and gone in self._kept


def measure_router(make_router: Any) -> MeasuredRouter:
    """Let one router stand in the gateway, before replicas that are further and further behind.

    It is that of the lab on reading your own writes. All requests of the shop come by, so that
    it is told of all writes: its only user is the gateway. What it sees are positions and no times,
    so that it depends on nothing but how many writes a replica is behind.

    Raises
    ------
    UnansweredError
        It is the stub.
    NotThatError
        It is no router, or chose what is neither a replica nor the primary, or, while no replica
        runs, what is not the primary.
    """
    if not callable(make_router):
        why = "Give the class itself. It is made once, without arguments."
        raise NotThatError("a class of a router", make_router, why)
    if hasattr(make_router, "victim") or hasattr(make_router, "put"):
        why = "It keeps pages, as a cache does: give it under the name `cache_class`."
        raise NotThatError("a class of a router", make_router, why)
    policies = [_Gateway(call(make_router)) for _ in WRITES_BEHIND]
    found = [
        _routed(policy, behind) for policy, behind in zip(policies, WRITES_BEHIND, strict=True)
    ]
    chosen_of(policies[-1].router, {})  # all replicas are gone
    stale = [
        now / before if before else 1.0
        for (now, _), before in zip(found, _stale_without(), strict=True)
    ]
    stale[0] = stale[1]  # where none is behind, none is stale
    places = np.log2(np.array(WRITES_BEHIND) + 1)
    whole = np.arange(int(places[-1]) + 1)
    routed = np.interp(whole, places, [at_primary for _, at_primary in found])
    still = np.interp(whole, places, stale)
    could = sum(policy.could for policy in policies)
    return MeasuredRouter(
        routed=tuple(routed.tolist()),
        still_stale=tuple(still.tolist()),
        needless=sum(policy.needless_reads for policy in policies) / max(1, could),
    )


@dataclass
class _Gateway(OwnRouter):
    """Counts the reads that a replica could have answered, and those of them at the primary."""

    could: int = 0
    needless_reads: int = 0

    def route(self, store: Any) -> Route:
        needs, route = self.needs, super().route(store)
        if max(store.applied(name).lsn for name in store.replicas) >= needs:
            self.could += 1
            self.needless_reads += route.node is None
        return route


@lru_cache
def _stale_without() -> tuple[int, ...]:
    return tuple(
        _routed(AnyReplica(rng=np.random.default_rng(1)), behind)[0] for behind in WRITES_BEHIND
    )


def _routed(policy: Policy, behind: int) -> tuple[int, float]:
    """Return stale reads, those from the cache included, and the share that the primary got."""
    keys_of, comes, lags = np.random.default_rng(behind).spawn(3)
    lag_s, clock = behind / WRITES_PER_S, VirtualClock()
    store = ReplicatedStore(
        clock,
        replicas=2,
        apply_delay_s=lambda draw: float(draw.uniform(0.5, 1.5)) * lag_s,
        rng=lags,
    )
    session = Session(store, policy, client="gateway")
    keys = KeySampler(zipf_popularity(KEYS, 0.9)).draw(REQUESTS, rng=keys_of)
    gaps_s = comes.exponential(WRITE_SHARE / WRITES_PER_S, REQUESTS)
    writes = comes.random(REQUESTS) < WRITE_SHARE
    newest: dict[int, int] = {}
    cache: dict[int, int | None] = {}
    stale = 0
    for number, key in enumerate(keys.tolist()):
        clock.advance(float(gaps_s[number]))
        if writes[number]:
            session.put(key, number)
            newest[key] = number
            cache.pop(key, None)
            continue
        if key not in cache:
            cache[key] = session.get(key)
        stale += cache[key] != newest.get(key)
    stats = session.stats()
    return stale, stats.from_primary / stats.reads


def policy_maker(make_policy: Any) -> Callable[[], OwnPolicy]:
    """Return what makes the learner's autoscaler, of the lab on auto-scaling, anew for each week.

    Raises
    ------
    NotThatError
        In making it or in a week: what came back is no function, or no number of servers.
    """

    def make() -> OwnPolicy:
        decide = fresh_decide(make_policy)
        if decide is ...:
            raise UnansweredError
        return OwnPolicy(decide=lambda reading: order_of(decide, reading))

    return make


def remembers(make: Callable[[], OwnPolicy]) -> bool:
    """Whether what one week was like changes what a fresh autoscaler orders in the next."""

    def orders(demand_per_s: float) -> list[int]:
        decide = make().decide
        return [
            decide(
                Reading(
                    time_s=60.0 * minute,
                    running=6,
                    starting=0,
                    load=demand_per_s / 2_000,
                    demand_per_s=demand_per_s,
                    backlog=0.0,
                )
            )
            for minute in range(1, MINUTES + 1)
        ]

    before = orders(800.0)
    orders(5_000.0)
    return orders(800.0) != before
