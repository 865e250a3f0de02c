"""The next cheapest remedy of a system that is there: what to change so that it carries more."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.hit_ratio_by_key import hit_ratio_by_key
from scalelab.models.system_parts import Cache, System
from scalelab.planner._configurations import CACHED_SHARES, REPLICAS, SHARDS
from scalelab.planner.autoscaled_fleet import Autoscaler, autoscaled_usd, check_autoscaler
from scalelab.planner.remedy_menu import RemedyMenu, check_menu
from scalelab.planner.system_flows import check_system
from scalelab.planner.system_prices import Prices, check_prices, monthly_usd
from scalelab.workloads.popularity import zipf_popularity

MOST_TOGETHER = 3  # remedies at once


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """A change of a system.

    Parameters
    ----------
    does : tuple of str
        What is changed, from what to what; more than one where no single change is enough.
    usd_more : float
        What that adds to a month, its work spread over `Prices.pay_off_months` included.
    carries_per_s : float
        Load up to which the system is then sized.
    system : System
        The system after it.
    """

    does: tuple[str, ...]
    usd_more: float
    carries_per_s: float
    system: System


@dataclass(frozen=True)
class _Change:
    """One change: a name for what it touches, words, a part's new values, days of work."""

    touches: str
    words: str
    part: str
    values: tuple[tuple[str, float], ...]
    days: float


def next_remedy(
    system: System,
    prices: Prices | None = None,
    menu: RemedyMenu | None = None,
    *,
    growth: float = 1.5,
    autoscaler: Autoscaler | None = None,
    rates_per_s: ArrayLike | None = None,
) -> Remedy | None:
    """Find the cheapest change after which a system carries more.

    Parameters
    ----------
    system : System
        What is there.
    prices : Prices or None
        None for the usual ones.
    menu : RemedyMenu or None
        None for the usual one.
    growth : float
        Multiple to carry, of the demand or of what the system is sized for if that is more, >= 1.
    autoscaler : Autoscaler or None
        What sets the number of app servers; those of the system are then the most that it may
        start, and what a change adds to a month is said for the day grown to that multiple.
    rates_per_s : array_like, shape (hours,), or None
        Rate of each hour of the day that the autoscaler follows, > 0; None for the demand's.

    Returns
    -------
    Remedy or None
        None if three changes together are not enough.

    Notes
    -----
    All single changes are tried, then all pairs, then all triples, and of the first that are
    enough the cheapest is taken. What is there stays there.

    Examples
    --------
    >>> from scalelab.models.system_parts import AppTier, Demand
    >>> shop = System(demand=Demand(rate_per_s=500.0), app=AppTier(servers=3))
    >>> remedy = next_remedy(shop)
    >>> remedy.does, round(remedy.usd_more, 2)
    (('4 servers instead of 3', 'a cache of 5,000 entries'), 435.25)
    """
    name = "next_remedy"
    check_system(name, system)
    price, offer = check_prices(name, prices), check_menu(name, menu)
    present = max(system.demand.rate_per_s, sized_for_per_s(system, offer))
    wanted = v.number(name, "growth", growth, minimum=1) * present
    usd = _bill(name, price, autoscaler, rates_per_s, system.demand.rate_per_s, wanted)
    changes, before = list(_changes(system, offer, wanted, autoscaler is not None)), usd(system)
    for together in range(1, MOST_TOGETHER + 1):
        enough = []
        for some in itertools.combinations(changes, together):
            if len({change.touches for change in some}) < together:
                continue
            after = _changed(system, some)
            carries = sized_for_per_s(after, offer)
            if carries >= wanted:
                days = sum(change.days for change in some)
                more = usd(after) - before
                more += days * price.engineer_day_usd / price.pay_off_months
                enough.append((more, carries, some, after))
        if enough:
            more, carries, some, after = min(enough, key=lambda found: found[:2])
            words = tuple(change.words for change in some)
            return Remedy(does=words, usd_more=more, carries_per_s=carries, system=after)
    return None


def sized_for_per_s(system: System, menu: RemedyMenu | None = None) -> float:
    """Load up to which no tier of a system is busier than a menu allows.

    Parameters
    ----------
    system : System
        What is there; its own rate does not matter.
    menu : RemedyMenu or None
        None for the usual one.

    Returns
    -------
    float
        Requests per second.
    """
    check_system("sized_for_per_s", system)
    offer = check_menu("sized_for_per_s", menu)
    app, database, demand = system.app, system.database, system.demand
    fullest = (offer.hot_shard if database.shards > 1 else 1.0) / database.shards
    hits = 0.0
    if system.cache is not None and demand.write_share < 1:
        hits = offer.cacheable_share * _hit_ratio(
            demand.keys, demand.zipf_exponent, demand.write_share, system.cache.capacity
        )
    reads = (1 - demand.write_share) * (1 - hits) * database.read_s * fullest
    writes = demand.write_share * fullest
    replay = writes * database.apply_s if database.replicas else 0.0
    at_primary = 0.0 if system.reads_at_replica else reads
    cores = offer.most_busy * float(amdahl_speedup(database.cores, offer.core_contention))
    work = {  # seconds of work a request, and what there is of it in a second
        "app": (
            app.app_s,
            offer.most_busy * app.servers * float(amdahl_speedup(app.cores, offer.core_contention)),
        ),
        "primary": (writes * database.write_s + at_primary, cores),
        "replica": (replay + (reads - at_primary) / max(database.replicas, 1), cores),
        "replay": (replay, offer.replay_most_busy),
    }
    if system.sessions is not None:
        work["sessions"] = (system.sessions.visit_s, offer.most_busy * system.sessions.cores)
    return min(there / needed for needed, there in work.values() if needed > 0)


@lru_cache(maxsize=64)
def _hit_ratio(keys: int, zipf_exponent: float, write_share: float, capacity: int) -> float:
    share = zipf_popularity(keys, zipf_exponent)
    return hit_ratio_by_key((1 - write_share) * share, write_share * share, capacity).hit_ratio


def _bill(
    function: str,
    prices: Prices,
    autoscaler: Autoscaler | None,
    rates_per_s: ArrayLike | None,
    present_per_s: float,
    wanted_per_s: float,
) -> Callable[[System], float]:
    """Return what says the dollars a month of a system; an autoscaled one has the wanted load."""
    if autoscaler is None:
        return lambda system: monthly_usd(system, prices)
    check_autoscaler(function, autoscaler)
    given = [present_per_s] if rates_per_s is None else rates_per_s
    rates = v.positive(function, "rates_per_s", v.vector(function, "rates_per_s", given))
    grown = rates * (wanted_per_s / present_per_s)

    def usd(system: System) -> float:
        most = max(system.app.servers, autoscaler.min_servers)
        return autoscaled_usd(system, grown, replace(autoscaler, max_servers=most), prices)

    return usd


def _changes(
    system: System, menu: RemedyMenu, wanted_per_s: float, autoscaled: bool
) -> Iterator[_Change]:
    """Every single change, of some sizes."""
    app, database, keys = system.app, system.database, system.demand.keys
    most = "at most " if autoscaled else ""
    stateless = menu.stateless_days if app.servers == 1 else 0.0
    each = menu.most_busy * float(amdahl_speedup(app.cores, menu.core_contention))
    needed = math.ceil(wanted_per_s * app.app_s / each)
    less = math.ceil(needed * (1 - menu.app_saved))  # if the app code works less
    for servers in sorted({n for n in (less, needed, app.servers + 1) if n > app.servers}):
        words = f"{most}{servers} servers instead of {app.servers}"
        yield _Change("servers", words, "app", (("servers", servers),), stateless)
    for size in (size for size in menu.sizes if size > app.cores):
        words = f"servers of {size} cores instead of {app.cores}"
        yield _Change("server size", words, "app", (("cores", size),), 0.0)
    for size in (size for size in menu.sizes if size > database.cores):
        words = f"database nodes of {size} cores instead of {database.cores}"
        yield _Change("node size", words, "database", (("cores", size),), 0.0)
    there = system.cache.capacity if system.cache else 0
    for entries in (round(share * keys) for share in CACHED_SHARES):
        if entries > there:
            words = f"a cache of {entries:,} entries" + (f" instead of {there:,}" if there else "")
            days = 0.0 if there else menu.cache_days
            yield _Change("cache", words, "cache", (("capacity", entries),), days)
    for replicas in (n for n in REPLICAS if n > database.replicas):
        words = f"{replicas} replicas instead of {database.replicas}"
        days = 0.0 if database.replicas else menu.replica_days
        yield _Change("replicas", words, "database", (("replicas", replicas),), days)
    for shards in (n for n in SHARDS if n > database.shards):
        words = f"{shards} shards instead of {database.shards}"
        days = menu.shard_days if database.shards == 1 else 0.0
        yield _Change("shards", words, "database", (("shards", shards),), days)
    left = 1 - menu.queries_saved
    faster = (("read_s", left * database.read_s), ("write_s", left * database.write_s))
    words = f"queries that work {100 * menu.queries_saved:.0f} % less"
    yield _Change("queries", words, "database", faster, menu.queries_days)
    words = f"app code that works {100 * menu.app_saved:.0f} % less"
    work = (("app_s", (1 - menu.app_saved) * app.app_s),)
    yield _Change("app code", words, "app", work, menu.app_days)


def _changed(system: System, changes: tuple[_Change, ...]) -> System:
    parts: dict[str, Any] = {}
    for change in changes:
        part = parts.get(change.part, getattr(system, change.part))
        values: dict[str, Any] = dict(change.values)
        parts[change.part] = Cache(**values) if part is None else replace(part, **values)
    return replace(system, **parts)
