"""What the learner decides: one plan of the shop, and what it costs a month."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scalelab import _validate as v
from scalelab.course.chapters.capstone.weeks import FRIDAY_S, Week
from scalelab.models.system_parts import MOST_NODES, AppTier, Cache, Database, Demand, System
from scalelab.planner.system_prices import Prices, monthly_usd
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import TargetPolicy
from scalelab.sim.week import Gateway

CORES, APP_S = 4, 0.012  # of a server, and of a request
KEYS, WRITE_SHARE = 200_000, 0.08
READ_S, WRITE_S = 0.005, 0.006  # of a core of the database
PRICES = Prices(cache_million_usd=1_000.0)  # an entry is a page of 20 kB
FRIDAY_HOURS = 6.5, 14.0  # between which the schedule holds
STARTUP_S, LINE_LIMIT = 180.0, 60_000.0
NO_LIMIT = 1_000  # servers
MOST_RETRIES, MOST_REPLICAS = 10, 100


@dataclass(frozen=True, kw_only=True)
class ShopPlan:
    """A plan of the shop.

    Parameters
    ----------
    minimum, maximum : int
        Servers that are always there, and the most there may be.
    target : float or None
        Load that the autoscaler aims at, in (0, 1]; None for no autoscaler.
    friday : int
        Servers that the schedule orders for Friday from 6:30 to 14:00; 0 for no schedule.
    database_cores, replicas : int
        Of each node, and replicas of the primary.
    sync_replicas : int
        Replicas that must have a write before it is acknowledged.
    cache : int
        Entries; 0 for no cache.
    ttl_s : float or None
        Their lifetime; None for no end.
    fill : str
        Where a miss reads, "replica" or "primary".
    retries : int
        Further attempts of the gateway.
    shed_s : float or None
        Who would wait longer for a server is refused at once; None for nobody.
    """

    minimum: int = 4
    maximum: int = 60
    target: float | None = 0.6
    friday: int = 0
    database_cores: int = 8
    replicas: int = 1
    sync_replicas: int = 0
    cache: int = 40_000
    ttl_s: float | None = None
    fill: str = "replica"
    retries: int = 0
    shed_s: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no plan, by the names that the page uses; the parts have others."""
        name = "ShopPlan"
        minimum = v.count(name, "minimum", self.minimum, 1, NO_LIMIT)
        if v.count(name, "maximum", self.maximum, 1, NO_LIMIT) < minimum:
            v.refuse(name, "maximum", f"be >= minimum={minimum}", self.maximum)
        if self.target is not None and v.number(name, "target", self.target) > 1:
            v.refuse(name, "target", "be a share in (0, 1]", self.target, "0.6 is 60 %")
        v.count(name, "friday", self.friday, 0, NO_LIMIT)
        v.count(name, "database_cores", self.database_cores, 1, MOST_NODES)
        replicas = v.count(name, "replicas", self.replicas, 0, MOST_REPLICAS)
        if v.count(name, "sync_replicas", self.sync_replicas, 0, NO_LIMIT) > replicas:
            v.refuse(name, "sync_replicas", f"be <= replicas={replicas}", self.sync_replicas)
        v.count(name, "cache", self.cache, 0, KEYS)
        if self.ttl_s is not None:
            v.number(name, "ttl_s", self.ttl_s)
        v.choice(name, "fill", self.fill, ("replica", "primary"))
        v.count(name, "retries", self.retries, 0, MOST_RETRIES)
        if self.shed_s is not None:
            v.number(name, "shed_s", self.shed_s)
        system_of(self), fleet_of(self, 1.0), gateway_of(self), policy_of(self)


def system_of(plan: ShopPlan) -> System:
    """Return the system that a plan is, without its number of servers."""
    cache = None
    if plan.cache:
        cache = Cache(capacity=plan.cache, ttl_s=plan.ttl_s, fill=plan.fill)
    return System(
        demand=Demand(rate_per_s=1.0, write_share=WRITE_SHARE, keys=KEYS, zipf_exponent=0.9),
        app=AppTier(cores=CORES, app_s=APP_S, routing="fewest outstanding"),
        cache=cache,
        database=Database(
            replicas=plan.replicas,
            cores=plan.database_cores,
            read_s=READ_S,
            write_s=WRITE_S,
            apply_s=0.0012,
            sync_replicas=plan.sync_replicas,
            connections=40,
        ),
    )


def fleet_of(plan: ShopPlan, tick_s: float) -> Fleet:
    """Return the servers of a plan."""
    return Fleet(
        rate_per_s=CORES / APP_S,
        startup_s=STARTUP_S,
        min_instances=plan.minimum,
        max_instances=plan.maximum,
        queue_limit=LINE_LIMIT,
        tick_s=tick_s,
    )


def policy_of(plan: ShopPlan) -> TargetPolicy | None:
    """Return the autoscaler of a plan."""
    if plan.target is None:
        return None
    return TargetPolicy(target=plan.target, window_s=60, every_s=60, cooldown_in_s=300)


def gateway_of(plan: ShopPlan) -> Gateway:
    """Return the gateway of a plan; a client tries twice, whatever anybody wishes."""
    return Gateway(retries=plan.retries, client_retries=1, shed_s=plan.shed_s)


def schedule_of(plan: ShopPlan, week: Week) -> np.ndarray | None:
    """Return what the schedule orders in each tick; None without one."""
    if not plan.friday:
        return None
    hour = (np.arange(week.rate_per_s.size) * week.tick_s - FRIDAY_S) / 3_600
    first, last = FRIDAY_HOURS
    return np.where((hour >= first) & (hour < last), plan.friday, 0)


def usd_a_month(plan: ShopPlan, servers: float, prices: Prices = PRICES) -> float:
    """Return what a plan costs a month, with so many servers on average."""
    system = system_of(plan)
    one = monthly_usd(replace(system, app=replace(system.app, servers=2)), prices)
    more = CORES * prices.app_core_usd + prices.node_usd
    return one + (servers - 2) * more
