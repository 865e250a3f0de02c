"""An app tier that follows the load of a day: its servers, its bill, a rise that is too fast."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.models.autoscaling import ROUNDING, saturated_growth
from scalelab.models.backlog import backlog, drain_time_s
from scalelab.models.system_parts import MOST_NODES, AppTier, System
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
        Requests in line at most.
    lasts_s : float
        Seconds from the rise until that line is gone: 0 if there is none, infinite if the largest
        fleet does not carry the rise.
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
    autoscaler: Autoscaler, app: AppTier, rate_per_s: float, servers: int
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

    Returns
    -------
    SuddenRise

    Notes
    -----
    While there is a line every server is 100 % busy, and the autoscaler orders by
    `saturated_growth`, once in `Autoscaler.reaction_s`: it has just decided when the rise comes.
    At any other moment the line is shorter, by up to a quarter, and lasts as long within 2 %, or
    less, by up to an eighth.

    Examples
    --------
    Five servers at the target of 60 % have room for 1.67 times the load, not for twice:

    >>> fleet, app = Autoscaler(max_servers=20), AppTier(cores=4, app_s=0.010)
    >>> rise = sudden_rise(fleet, app, 1_200.0, 5)
    >>> round(rise.carried_times, 2), round(rise.most_waiting), round(rise.lasts_s)
    (1.67, 96000, 320)
    """
    name = "sudden_rise"
    check_autoscaler(name, autoscaler)
    if not isinstance(app, AppTier):
        v.refuse(name, "app", "be of the class AppTier", app)
    rate = v.number(name, "rate_per_s", rate_per_s)
    fleet = v.count(name, "servers", servers, maximum=MOST_NODES)
    each_per_s, reaction_s = app.cores / app.app_s, autoscaler.reaction_s
    with v.no_overflow(name, "rate_per_s"):
        comes = float(np.float64(rate) * autoscaler.rise_times)
    carried_times = fleet * each_per_s / rate
    waiting = float(backlog(comes, fleet * each_per_s, reaction_s))
    if not waiting:
        return SuddenRise(carried_times=carried_times, most_waiting=0.0, lasts_s=0.0)
    most, elapsed_s = waiting, reaction_s
    while True:
        last = fleet >= autoscaler.max_servers
        fleet = max(fleet, min(_ordered(fleet, autoscaler.target), autoscaler.max_servers))
        can_per_s = fleet * each_per_s
        if last and can_per_s <= comes:
            return SuddenRise(carried_times=carried_times, most_waiting=math.inf, lasts_s=math.inf)
        if can_per_s > comes:
            rest_s = float(drain_time_s(waiting, comes, can_per_s))
            if last or rest_s <= reaction_s:
                return SuddenRise(
                    carried_times=carried_times, most_waiting=most, lasts_s=elapsed_s + rest_s
                )
        waiting += (comes - can_per_s) * reaction_s
        most, elapsed_s = max(most, waiting), elapsed_s + reaction_s


def _ordered(servers: int, target: float) -> int:
    """Servers that target tracking asks for while all of them are busy all the time."""
    return saturated_growth(servers, target, 1)[-1]


def with_servers(system: System, servers: int) -> System:
    """Return the same system with so many app servers."""
    return replace(system, app=replace(system.app, servers=int(servers)))


def check_autoscaler(function: str, autoscaler: Autoscaler) -> None:
    """Refuse what is no autoscaler, on behalf of `function`."""
    if not isinstance(autoscaler, Autoscaler):
        v.refuse(function, "autoscaler", "be of the class Autoscaler", autoscaler)
