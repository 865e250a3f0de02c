"""Which remedy next: every configuration of a system is sized and priced, and the cheapest found.

Remedies commute, so configurations are searched and not sequences. The road is what changes in
the cheapest system as the load grows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models.system_parts import System
from scalelab.planner._configurations import all_kinds, sized
from scalelab.planner.remedy_menu import RemedyMenu, check_menu
from scalelab.planner.system_flows import check_system
from scalelab.planner.system_prices import Prices, check_prices, monthly_usd


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
    300 1 ()
    1556 4 ('cache', 'more servers')
    """
    name = "cheapest_configuration"
    check_system(name, system)
    rate = v.number(name, "rate_per_s", rate_per_s)
    price, offer = check_prices(name, prices), check_menu(name, menu)
    safe = v.truth(name, "survive_loss", survive_loss)
    kinds = all_kinds(system, price, offer)
    total, servers, app, database = sized(kinds, rate, price, offer, safe)
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
    smallest = check_menu(name, menu).sizes[0]
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
    check_system("regret_usd", system)
    best = cheapest_configuration(
        system, system.demand.rate_per_s, prices, menu, survive_loss=survive_loss
    )
    return monthly_usd(system, prices) - best.usd_per_month
