"""What a system costs a month, with prices that anyone may change."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from scalelab import _validate as v
from scalelab.models.system_parts import System
from scalelab.planner.system_flows import check_system


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Prices in dollars, each >= 0; what is paid a month unless the name says otherwise.

    Parameters
    ----------
    app_core_usd, database_core_usd, session_core_usd : float
        A core of an app server, of a database node, of the session store.
    node_usd : float
        Having a node at all, server or database.
    balancer_usd : float
        The balancer, which more than one server needs.
    cache_usd, cache_million_usd : float
        A cache at all, and room for a million entries.
    further_shard_usd : float
        Each shard after the first: the people who look after it.
    engineer_day_usd : float
        A day of work that changes the system, paid once.
    pay_off_months : float
        Over so many months that is spread, > 0.

    Examples
    --------
    >>> Prices(app_core_usd=50).app_core_usd, Prices().database_core_usd
    (50, 90.0)
    """

    app_core_usd: float = 35.0
    database_core_usd: float = 90.0
    session_core_usd: float = 20.0
    node_usd: float = 25.0
    balancer_usd: float = 20.0
    cache_usd: float = 20.0
    cache_million_usd: float = 50.0
    further_shard_usd: float = 400.0
    engineer_day_usd: float = 600.0
    pay_off_months: float = 12.0

    def __post_init__(self) -> None:
        """Refuse what is no price."""
        for field, value in asdict(self).items():
            minimum = None if field == "pay_off_months" else 0
            v.keep(self, **{field: v.number("Prices", field, value, minimum=minimum)})


def monthly_usd(system: System, prices: Prices | None = None) -> float:
    """Price of a system as it runs, without what it took to build.

    Parameters
    ----------
    system : System
        What is there.
    prices : Prices or None
        What it costs; None for the usual ones.

    Returns
    -------
    float
        Dollars a month.

    Examples
    --------
    >>> from scalelab.models.system_parts import AppTier, Database, Demand
    >>> demand = Demand(rate_per_s=100.0)
    >>> monthly_usd(System(demand=demand, app=AppTier(servers=1, cores=2)))
    480.0
    """
    check_system("monthly_usd", system)
    price = check_prices("monthly_usd", prices)
    app, database = system.app, system.database
    servers = app.servers * (app.cores * price.app_core_usd + price.node_usd)
    nodes = database.shards * (1 + database.replicas)
    stored = nodes * (database.cores * price.database_core_usd + price.node_usd)
    total = servers + stored + (database.shards - 1) * price.further_shard_usd
    if app.servers > 1:
        total += price.balancer_usd
    if system.cache is not None:
        total += price.cache_usd + system.cache.capacity / 1e6 * price.cache_million_usd
    if system.sessions is not None:
        total += system.sessions.cores * price.session_core_usd + price.node_usd
    return float(total)


def check_prices(function: str, prices: Prices | None) -> Prices:
    """Return the prices, the usual ones for None; refuse what is neither."""
    if prices is None:
        return Prices()
    if not isinstance(prices, Prices):
        v.refuse(function, "prices", "be of the class Prices or None", prices)
    return prices
