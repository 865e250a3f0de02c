"""An app tier that follows the load of a day: its servers, its bill, a rise that is too fast."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.models.autoscaling import ROUNDING
from scalelab.models.retry_lines import retry_lines
from scalelab.models.system_parts import MOST_NODES, AppTier, System
from scalelab.planner.client_retries import Clients, check_clients
from scalelab.planner.system_flows import check_system
from scalelab.planner.system_prices import Prices, check_prices, monthly_usd

IntArray = NDArray[np.int64]
HOUR_S = 3_600.0


@dataclass(frozen=True, kw_only=True)
class Autoscaler:
    """Target tracking of the app servers: as many as keep their mean load at the target.

    Parameters
    ----------
    max_servers : int
        The most servers, from 1 to 10,000.
    min_servers : int
        The fewest, from 1 to `max_servers`.
    target : float
        Mean utilisation to keep, in (0, 1).
    startup_s : float
        Seconds from the order until a new server takes requests, >= 0.
    every_s : float
        Seconds between decisions, each on the mean load since the last one, > 0.
    rise_times : float
        Sudden rise that is looked at, as a multiple of the load, >= 1.
    """

    max_servers: int
    min_servers: int = 1
    target: float = 0.6
    startup_s: float = 180.0
    every_s: float = 60.0
    rise_times: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what is no autoscaler."""
        name = "Autoscaler"
        v.keep(self, max_servers=v.count(name, "max_servers", self.max_servers, 1, MOST_NODES))
        v.keep(
            self,
            min_servers=v.count(name, "min_servers", self.min_servers, 1, self.max_servers),
            target=v.number(name, "target", self.target),
            startup_s=v.number(name, "startup_s", self.startup_s, minimum=0),
            every_s=v.number(name, "every_s", self.every_s),
            rise_times=v.number(name, "rise_times", self.rise_times, minimum=1),
        )
        v.open_fraction(name, "target", self.target)

    @property
    def reaction_s(self) -> float:
        """Seconds from a rise, right after a decision, until the servers ordered for it run."""
        return self.every_s + self.startup_s


@dataclass(frozen=True, kw_only=True)
class SuddenRise:
    """What a rise of the load does before the servers for it run.

    Parameters
    ----------
    carried_times : float
        Up to this multiple of the load nobody waits for a server that is still to come.
    most_waiting : float
        Attempts in line at most.
    lasts_s : float
        Seconds from the rise until that line is gone: 0 if there is none, infinite if the largest
        fleet does not carry the rise, with all that clients try again once the line is long.
    """

    carried_times: float
    most_waiting: float
    lasts_s: float


def servers_for(autoscaler: Autoscaler, app: AppTier, rates_per_s: ArrayLike) -> IntArray:
    """Servers with which a fleet that follows its load comes to rest.

    Parameters
    ----------
    autoscaler : Autoscaler
        Target and bounds.
    app : AppTier
        The servers; how many there are does not matter.
    rates_per_s : array_like, shape (n,)
        Rates, > 0.

    Returns
    -------
    ndarray of int, shape (n,)
        Work that comes over the target, rounded up, within the bounds: what target tracking asks
        for from any number of servers that keep up.

    Examples
    --------
    >>> fleet = Autoscaler(max_servers=8, min_servers=2)
    >>> servers_for(fleet, AppTier(cores=4, app_s=0.010), [100.0, 480.0, 1_200.0, 3_000.0])
    array([2, 2, 5, 8])
    """
    name = "servers_for"
    check_autoscaler(name, autoscaler)
    if not isinstance(app, AppTier):
        v.refuse(name, "app", "be of the class AppTier", app)
    rates = v.positive(name, "rates_per_s", v.vector(name, "rates_per_s", rates_per_s))
    with v.no_overflow(name, "rates_per_s"):
        needed = np.ceil(rates * (app.app_s / app.cores / autoscaler.target) * (1 - ROUNDING))
    return np.clip(needed, autoscaler.min_servers, autoscaler.max_servers).astype(np.int64)


def autoscaled_usd(
    system: System, rates_per_s: ArrayLike, autoscaler: Autoscaler, prices: Prices | None = None
) -> float:
    """Price of a system whose app servers come and go, by the servers that run or start.

    Parameters
    ----------
    system : System
        What is there; its number of app servers does not matter.
    rates_per_s : array_like, shape (hours,)
        Rate of each hour of a day that comes again and again, > 0.
    autoscaler : Autoscaler
        What follows it.
    prices : Prices or None
        What it costs; None for the usual ones.

    Returns
    -------
    float
        Dollars a month.

    Examples
    --------
    >>> from scalelab.models.system_parts import Demand
    >>> system, fleet = System(demand=Demand(rate_per_s=960.0)), Autoscaler(max_servers=8)
    >>> [round(autoscaled_usd(system, day, fleet)) for day in ([960.0], [240.0, 960.0])]
    [1065, 830]
    """
    name = "autoscaled_usd"
    check_system(name, system)
    price = check_prices(name, prices)
    running = servers_for(autoscaler, system.app, rates_per_s)
    if autoscaler.max_servers == 1:
        return monthly_usd(with_servers(system, 1), price)
    started = float(np.maximum(np.diff(running, append=running[0]), 0).sum())
    paid = float(running.mean()) + started * autoscaler.startup_s / HOUR_S / running.size
    # a fleet that can grow has a balancer, also while it is one server
    two, three = (monthly_usd(with_servers(system, servers), price) for servers in (2, 3))
    return two + (paid - 2) * (three - two)


def sudden_rise(
    autoscaler: Autoscaler,
    app: AppTier,
    rate_per_s: float,
    servers: int,
    clients: Clients | None = None,
) -> SuddenRise:
    """Follow a rise that comes faster than servers start, as a fluid.

    Parameters
    ----------
    autoscaler : Autoscaler
        It says how large the rise is.
    app : AppTier
        The servers; how many there are does not matter.
    rate_per_s : float
        Rate before the rise, > 0.
    servers : int
        Servers that run, >= 1.
    clients : Clients or None
        How often they try again, and after which time; None if they do not.

    Returns
    -------
    SuddenRise

    Notes
    -----
    The autoscaler has just decided when the rise comes: it orders after `every_s`, again
    `every_s` after what it ordered runs, and so on, by the load that it sees, which is 100 % as
    long as every server has a line. At any other moment the line is shorter, by up to a quarter,
    and lasts as long within 2 %, or less, by up to an eighth.

    Each server has its own line, and clients try again, as in `retry_lines`. A server that is
    started has none, so that those who come to it are answered, and with random routing those who
    come to the others go on waiting. Beside an event-by-event simulation the longest line is within
    6 %, and the line is gone up to 5 % earlier than told, or a tenth where the fleet can do little
    more than what is tried. Only the app servers are followed: what else a request waits for is
    taken to keep up, and a cache to answer as before.

    Examples
    --------
    Five servers at the target of 60 % have room for 1.67 times the load, not for twice; with a
    retry that is up to four times:

    >>> fleet, app = Autoscaler(max_servers=20), AppTier(cores=4, app_s=0.010)
    >>> for clients in (None, Clients(retries=1)):
    ...     rise = sudden_rise(fleet, app, 1_200.0, 5, clients)
    ...     print(round(rise.carried_times, 2), round(rise.most_waiting), round(rise.lasts_s))
    1.67 96000 384
    1.67 928800 1223
    """
    name = "sudden_rise"
    check_autoscaler(name, autoscaler)
    if not isinstance(app, AppTier):
        v.refuse(name, "app", "be of the class AppTier", app)
    rate = v.number(name, "rate_per_s", rate_per_s)
    fleet = v.count(name, "servers", servers, maximum=MOST_NODES)
    who, each_per_s = check_clients(name, clients), app.cores / app.app_s
    with v.no_overflow(name, "rate_per_s"):
        comes = float(np.float64(rate) * autoscaler.rise_times)
    follow = partial(
        retry_lines,
        arrival_rate_per_s=comes,
        capacity_per_s=each_per_s,
        retries=who.retries,
        timeout_s=who.timeout_s,
        routing=app.routing,
    )
    lines, many, tries, most, elapsed_s = np.zeros(1), [fleet], 1.0, 0.0, 0.0
    while True:
        seen = follow(lines, many, duration_s=autoscaler.every_s, tries=tries)
        wanted = math.ceil(sum(many) * seen.utilisation / autoscaler.target * (1 - ROUNDING))
        more = min(wanted, autoscaler.max_servers) - sum(many)
        startup_s = autoscaler.startup_s if more > 0 else None
        then = follow(seen.waiting, many, duration_s=startup_s, tries=seen.tries)
        most = max(most, *(float(now.waiting @ many) for now in (seen, then)))
        elapsed_s += seen.elapsed_s + then.elapsed_s
        if not then.waiting.any() or elapsed_s == math.inf:
            return SuddenRise(
                carried_times=fleet * each_per_s / rate, most_waiting=most, lasts_s=elapsed_s
            )
        lines, many, tries = np.append(then.waiting, 0.0), [*many, more], then.tries


def with_servers(system: System, servers: int) -> System:
    """Return the same system with so many app servers."""
    return replace(system, app=replace(system.app, servers=int(servers)))


def check_autoscaler(function: str, autoscaler: Autoscaler) -> None:
    """Refuse what is no autoscaler, on behalf of `function`."""
    if not isinstance(autoscaler, Autoscaler):
        v.refuse(function, "autoscaler", "be of the class Autoscaler", autoscaler)
