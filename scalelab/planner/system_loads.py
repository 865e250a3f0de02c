"""How busy each tier of a system is: no distributions, so it may be asked many times."""

from __future__ import annotations

from scalelab.models.system_parts import System
from scalelab.planner.system_flows import SystemFlows, check_system, system_flows

TIERS = ("app", "sessions", "pool", "primary", "replica", "replay")


def system_loads(system: System, flows: SystemFlows | None = None) -> dict[str, float]:
    """Utilisation of each tier that a system has, by its fullest node; above 1 it cannot do it.

    Parameters
    ----------
    system : System
        What is there.
    flows : SystemFlows or None
        Its flows, if they are known.

    Returns
    -------
    dict of str to float
        "app", "sessions", "pool", "primary", "replica" and "replay", as far as they are there.
        Connections are held for a query that waits nowhere, so that the pool's is a lower bound;
        so is that of the replay, which `replay_beside_reads` gives with its waits for a core.

    Examples
    --------
    >>> from scalelab.models.system_parts import Database, Demand
    >>> system = System(demand=Demand(rate_per_s=400.0), database=Database(replicas=2))
    >>> {tier: round(busy, 3) for tier, busy in system_loads(system).items()}
    {'app': 0.5, 'pool': 0.052, 'primary': 0.06, 'replica': 0.19, 'replay': 0.04}
    """
    check_system("system_loads", system)
    flows = system_flows(system) if flows is None else flows
    app, database, rate = system.app, system.database, system.demand.rate_per_s
    misses, writes = flows.misses_per_s, flows.shard_writes_per_s
    loads = {"app": rate * app.app_s / app.servers / app.cores}
    if system.sessions is not None:
        loads["sessions"] = rate * system.sessions.visit_s / system.sessions.cores
    held = misses * (database.read_s + database.rtt_s)
    held = held + writes * (database.write_s + database.rtt_s + acknowledged_s(system))
    loads["pool"] = float(held.sum()) / app.servers / database.connections
    work = writes * database.write_s
    if not system.reads_at_replica:
        work = work + misses * database.read_s
    loads["primary"] = float(work.max()) / database.cores
    if database.replicas:
        work = writes * database.apply_s
        loads["replay"] = float(work.max())
        if system.reads_at_replica:
            work = work + misses / database.replicas * database.read_s
        loads["replica"] = float(work.max()) / database.cores
    return {tier: loads[tier] for tier in TIERS if tier in loads}


def acknowledged_s(system: System) -> float:
    """Seconds between a commit and its acknowledgement by the replicas that must have it."""
    database = system.database
    return database.delay_s + database.rtt_s / 2 if database.sync_replicas else 0.0
