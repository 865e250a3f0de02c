"""What clients do that the queues leave out: they try again, and large requests stay large."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scalelab import _validate as v
from scalelab.models.backlog import retry_drain_s
from scalelab.models.system_parts import System
from scalelab.planner.system_loads import system_loads


@dataclass(frozen=True, kw_only=True)
class Clients:
    """What clients do, and the disturbance that the system has to get over.

    Parameters
    ----------
    retries : int
        How often a client tries again after a timeout, >= 0.
    timeout_s : float
        Seconds after which a client leaves an attempt, > 0.
    disturbed_times : float
        What is asked for during the disturbance, over what the busiest tier can do, > 1.
    disturbed_s : float
        How long that lasts, in seconds, >= 0.
    correlated_work : bool
        Whether a request that is long at one tier is long at the others, too.
    """

    retries: int = 0
    timeout_s: float = 1.0
    disturbed_times: float = 2.0
    disturbed_s: float = 15.0
    correlated_work: bool = False

    def __post_init__(self) -> None:
        """Refuse what no client does."""
        name = "Clients"
        v.keep(
            self,
            retries=v.count(name, "retries", self.retries, minimum=0, maximum=1_000),
            timeout_s=v.number(name, "timeout_s", self.timeout_s),
            disturbed_times=v.number(name, "disturbed_times", self.disturbed_times),
            disturbed_s=v.number(name, "disturbed_s", self.disturbed_s, minimum=0),
        )
        if self.disturbed_times <= 1:
            v.refuse(name, "disturbed_times", "be > 1", self.disturbed_times)
        v.truth(name, "correlated_work", self.correlated_work)


@dataclass(frozen=True, kw_only=True)
class AfterDisturbance:
    """What retries make of a disturbance.

    Parameters
    ----------
    tier : str
        The one that has most to do when every request is tried as often as clients do.
    retries : int
        How often they try again.
    busy_with_retries : float
        Its utilisation then. From 1 on the system is vulnerable: there is a second steady state,
        in which nobody is answered in time.
    drain_s : float
        Seconds from the end of the disturbance until the line is gone; infinite if it never is. It
        may end where the system is vulnerable, if nobody waits for as long as the timeout.
    """

    tier: str
    retries: int
    busy_with_retries: float
    drain_s: float

    @property
    def vulnerable(self) -> bool:
        """Whether the calm state is one of two."""
        return self.busy_with_retries >= 1


def after_disturbance(
    system: System, loads: dict[str, float], clients: Clients
) -> AfterDisturbance | None:
    """Say whether a system gets over a disturbance while clients try again, and when.

    Parameters
    ----------
    system : System
        What is there.
    loads : dict of str to float
        Utilisation of each tier, below 1.
    clients : Clients
        What they do.

    Returns
    -------
    AfterDisturbance or None
        None where clients do not try again.

    Notes
    -----
    A read whose client has left fills no cache, so that behind one the database is taken to answer
    all reads until the line is gone. It has less to do while the cache still answers some: there
    the drain is too long.

    Examples
    --------
    >>> from scalelab.models.system_parts import Demand
    >>> system = System(demand=Demand(rate_per_s=240.0))
    >>> after = after_disturbance(system, {"app": 0.3, "primary": 0.252}, Clients(retries=1))
    >>> after.tier, after.busy_with_retries, round(after.drain_s)
    ('app', 0.6, 106)
    """
    if not clients.retries:
        return None
    jammed = loads
    if system.cache is not None:
        bare = system_loads(replace(system, cache=None))
        jammed = {tier: max(busy, bare[tier]) for tier, busy in loads.items()}
    tier = max(jammed, key=lambda name: jammed[name])
    work = jammed[tier] / max(loads.values())  # of the disturbance there, over what it can
    drain_s = math.inf
    if jammed[tier] < 1:
        drain_s = retry_drain_s(
            jammed[tier],
            clients.retries,
            times_capacity=clients.disturbed_times * work,
            duration_s=clients.disturbed_s,
            timeout_s=clients.timeout_s,
        )
    return AfterDisturbance(
        tier=tier,
        retries=clients.retries,
        busy_with_retries=jammed[tier] * (1 + clients.retries),
        drain_s=drain_s,
    )


def check_clients(function: str, clients: Clients | None) -> Clients:
    """Return the clients, those that do not try again for None; refuse what is neither."""
    if clients is None:
        return Clients()
    if not isinstance(clients, Clients):
        v.refuse(function, "clients", "be of the class Clients or None", clients)
    return clients
