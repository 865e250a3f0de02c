"""What is still answered after the loss of any one part of a system."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scalelab import _validate as v
from scalelab.models.headroom import utilisation_after_loss
from scalelab.models.system_parts import System
from scalelab.planner.system_flows import SystemFlows, check_system, system_flows
from scalelab.planner.system_loads import system_loads


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """How long it takes to get over the loss of a part, in seconds, each > 0.

    Parameters
    ----------
    replace_s : float
        Until a lost server, replica, cache or session store is there again, filled.
    failover_s : float
        Until a replica has taken over from a primary.
    restore_s : float
        Until a primary without a replica is back from a backup.
    backup_every_s : float
        Time between backups.
    """

    replace_s: float = 600.0
    failover_s: float = 60.0
    restore_s: float = 14_400.0
    backup_every_s: float = 3_600.0

    def __post_init__(self) -> None:
        """Refuse what is no time."""
        v.keep(
            self,
            replace_s=v.number("Recovery", "replace_s", self.replace_s),
            failover_s=v.number("Recovery", "failover_s", self.failover_s),
            restore_s=v.number("Recovery", "restore_s", self.restore_s),
            backup_every_s=v.number("Recovery", "backup_every_s", self.backup_every_s),
        )


@dataclass(frozen=True, kw_only=True)
class AfterLoss:
    """What the loss of one part leaves.

    Parameters
    ----------
    part : str
        What is lost: "app server", "sessions", "cache", "replica" or "primary".
    answered_share : float
        Share of the requests that are still answered in time, in [0, 1].
    for_s : float
        Seconds until it is as before.
    """

    part: str
    answered_share: float
    for_s: float


def after_each_loss(
    system: System,
    flows: SystemFlows | None = None,
    recovery: Recovery | None = None,
) -> tuple[AfterLoss, ...]:
    """Lose each part in turn, the fullest where there are several.

    Parameters
    ----------
    system : System
        What is there.
    flows : SystemFlows or None
        Its flows, if they are known.
    recovery : Recovery or None
        How long repairs take; None for the usual times.

    Returns
    -------
    tuple of AfterLoss
        From the balancer to the database.

    Notes
    -----
    Of an overloaded tier, what it can do is answered and the rest is lost: it sheds. A tier that
    does not shed does worse.

    Examples
    --------
    A cache that has become a part of what carries the load:

    >>> from scalelab.models.system_parts import Cache, Demand
    >>> system = System(demand=Demand(rate_per_s=1_500.0), cache=Cache(capacity=40_000))
    >>> for loss in after_each_loss(system):
    ...     print(loss.part, round(loss.answered_share, 2))
    app server 0.27
    cache 0.63
    primary 0.68
    """
    check_system("after_each_loss", system)
    flows = system_flows(system) if flows is None else flows
    times = Recovery() if recovery is None else recovery
    if not isinstance(times, Recovery):
        v.refuse("after_each_loss", "recovery", "be of the class Recovery or None", recovery)
    share = answered_without_server(system)
    lost = [AfterLoss(part="app server", answered_share=share, for_s=times.replace_s)]
    if system.sessions is not None:
        lost.append(AfterLoss(part="sessions", answered_share=0.0, for_s=times.replace_s))
    if system.cache is not None:
        share = _without(replace(system, cache=None))
        lost.append(AfterLoss(part="cache", answered_share=share, for_s=times.replace_s))
    if system.database.replicas:
        share = _replica(system, flows)
        lost.append(AfterLoss(part="replica", answered_share=share, for_s=times.replace_s))
    gone = float(flows.shard_writes_per_s.max())
    if not system.reads_at_replica:
        gone += float(flows.misses_per_s.max())
    until = times.failover_s if system.database.replicas else times.restore_s
    share = 1 - min(gone / system.demand.rate_per_s, 1.0)
    lost.append(AfterLoss(part="primary", answered_share=share, for_s=until))
    return tuple(lost)


def answered_without_server(system: System) -> float:
    """Share of the requests that one app server fewer still answers."""
    check_system("answered_without_server", system)
    app = system.app
    if app.servers == 1:
        return 0.0
    busy = system.demand.rate_per_s * app.app_s / app.servers / app.cores
    return _done(float(utilisation_after_loss(busy, app.servers)))


def _without(system: System) -> float:
    """Share answered by a database to which everything comes."""
    loads = system_loads(system)
    return _done(max(loads["primary"], loads.get("replica", 0.0)))


def _replica(system: System, flows: SystemFlows) -> float:
    """Share answered with a replica fewer: its reads go to the others, or to the primary."""
    database, rate = system.database, system.demand.rate_per_s
    blocked = database.sync_replicas == database.replicas  # nobody acknowledges any more
    left = replace(database, replicas=database.replicas - 1, sync_replicas=0)
    loads = system_loads(replace(system, database=left), flows)
    reads = float(flows.misses_per_s.max()) / rate if system.reads_at_replica else 0.0
    writes = float(flows.shard_writes_per_s.max()) / rate
    node = loads["replica"] if left.replicas and system.reads_at_replica else loads["primary"]
    return 1 - reads * (1 - _done(node)) - (writes if blocked else 0.0)


def _done(busy: float) -> float:
    """Share of the work that a tier can do."""
    return min(1.0, 1 / busy) if busy > 0 else 1.0
