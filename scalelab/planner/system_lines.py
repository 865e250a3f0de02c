"""The line in front of each tier of a system: who waits, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scalelab.models.birth_death import birth_death_queue
from scalelab.models.closed_queue import machine_repairman_curve
from scalelab.models.mgc_wait import WaitLaw, mgc_wait, mixed_work
from scalelab.models.replay_beside_reads import ReplayState, replay_beside_reads
from scalelab.models.system_parts import System
from scalelab.planner.system_flows import SystemFlows
from scalelab.planner.system_loads import acknowledged_s

NO_WAIT = WaitLaw(wait_probability=0.0, mean_if_waiting_s=1e-9)
SMALL_POOL = 60  # connections in all, up to which they keep the line out of the database


@dataclass(frozen=True, kw_only=True)
class SystemLines:
    """Waits of a system.

    Parameters
    ----------
    app, sessions, pool : WaitLaw
        Wait for a core of a server, of the session store, and for a connection.
    reads, writes : tuple of WaitLaw, length shards
        Wait for a core of the node that a miss, and a write, comes to.
    replays : tuple of ReplayState or None, length shards
        Replay on a replica of each shard; None where nothing is replayed.
    pool_utilisation : float
        Share of time that a connection is held.
    """

    app: WaitLaw
    sessions: WaitLaw
    pool: WaitLaw
    reads: tuple[WaitLaw, ...]
    writes: tuple[WaitLaw, ...]
    replays: tuple[ReplayState | None, ...]
    pool_utilisation: float


def system_lines(system: System, flows: SystemFlows) -> SystemLines:
    """Work out every wait of a system that carries its load.

    Parameters
    ----------
    system : System
        What is there.
    flows : SystemFlows
        Its flows.

    Returns
    -------
    SystemLines

    Raises
    ------
    UnstableQueueError
        A tier does not carry its load; `pool_utilisation` of 1 or more is no error here.

    Notes
    -----
    Servers that take requests at random have a line each; with the fewest outstanding, all are
    taken for one line, which is a little too kind. All queries of a node wait in one line, of
    the mixed work, and each then takes its own time.
    """
    demand, app, store = system.demand, system.app, system.sessions
    scv, lines = demand.work_scv, app.servers if app.routing == "random" else 1
    front = mgc_wait(demand.rate_per_s / lines, app.app_s, scv, app.cores * app.servers // lines)
    sessions = NO_WAIT
    if store is not None:
        sessions = mgc_wait(demand.rate_per_s, store.visit_s, scv, store.cores)
    replays = tuple(
        _replay(system, *rates)
        for rates in zip(flows.misses_per_s, flows.shard_writes_per_s, strict=True)
    )
    writes = tuple(
        _at_primary(system, *rates)
        for rates in zip(flows.misses_per_s, flows.shard_writes_per_s, strict=True)
    )
    reads = writes
    if system.reads_at_replica:
        reads = tuple(
            replay.wait if replay else _reads_only(system, miss)
            for replay, miss in zip(replays, flows.misses_per_s, strict=True)
        )
    queries, held_s = _held(system, flows, reads, writes)
    nodes = system.database.shards * (1 + system.database.replicas)
    if queries and nodes == 1 and system.database.connections * app.servers < SMALL_POOL:
        pool, held_s, left = _behind_small_pool(system, flows, queries, held_s)
        reads = writes = (replace(writes[0], wait_probability=writes[0].wait_probability * left),)
    else:
        pool = _pool(system, queries, held_s)
    return SystemLines(
        app=front,
        sessions=sessions,
        pool=pool,
        reads=reads,
        writes=writes,
        replays=replays,
        pool_utilisation=queries * held_s / app.servers / system.database.connections,
    )


def _replay(system: System, miss: float, writes: float) -> ReplayState | None:
    database = system.database
    if not database.replicas or not writes:
        return None
    reads = miss / database.replicas if system.reads_at_replica else 0.0
    return replay_beside_reads(
        writes, database.apply_s, reads, database.read_s, database.cores,
        work_scv=system.demand.work_scv,
    )  # fmt: skip


def _at_primary(system: System, miss: float, writes: float) -> WaitLaw:
    database, scv = system.database, system.demand.work_scv
    reads = 0.0 if system.reads_at_replica else miss
    if not reads + writes:
        return NO_WAIT
    work = mixed_work([reads, writes], [database.read_s, database.write_s], [scv, scv])
    return mgc_wait(reads + writes, *work, database.cores)


def _reads_only(system: System, miss: float) -> WaitLaw:
    database, reads = system.database, miss / system.database.replicas
    if not reads:
        return NO_WAIT
    return mgc_wait(reads, database.read_s, system.demand.work_scv, database.cores)


def _held(
    system: System,
    flows: SystemFlows,
    reads: tuple[WaitLaw, ...],
    writes: tuple[WaitLaw, ...],
) -> tuple[float, float]:
    """Return queries per second, and how long each holds its connection, on average."""
    database = system.database
    read_s = np.array([wait.mean_s for wait in reads]) + database.read_s
    write_s = np.array([wait.mean_s for wait in writes]) + database.write_s
    queries = float(flows.misses_per_s.sum() + flows.shard_writes_per_s.sum())
    held = flows.misses_per_s @ read_s + flows.shard_writes_per_s @ (
        write_s + acknowledged_s(system)
    )
    return queries, float(held) / queries + database.rtt_s if queries else 0.0


def _pool(system: System, queries: float, held_s: float) -> WaitLaw:
    """Wait for one of a server's connections; none where they cannot carry it, which is told."""
    servers, connections = system.app.servers, system.database.connections
    if not queries or queries * held_s >= servers * connections:
        return NO_WAIT
    return mgc_wait(queries / servers, held_s, 1.0, connections)


def _behind_small_pool(
    system: System, flows: SystemFlows, queries: float, held_s: float
) -> tuple[WaitLaw, float, float]:
    """Wait for a connection, mean hold of one, and the share of the database's wait that is left.

    All connections and the cores behind them are one flow-equivalent server: a closed loop says
    how fast it is with 1, 2, ... queries inside, and a birth–death queue how many those are.
    """
    database, everybody = system.database, system.app.servers * system.database.connections
    work_s, _ = mixed_work(
        [flows.misses_per_s[0], flows.shard_writes_per_s[0]],
        [database.read_s, database.write_s],
        [1.0, 1.0],
    )
    curve = machine_repairman_curve(everybody, database.rtt_s, work_s, database.cores)
    fastest = curve["throughput_per_s"].to_numpy()
    if queries >= fastest[-1]:
        return NO_WAIT, everybody / queries, 1.0
    queue = birth_death_queue(np.full(everybody, queries), fastest, endless=True)
    holding = float(queue.shares @ np.arange(everybody + 1)) + queue.beyond * everybody
    wait = WaitLaw(
        wait_probability=float(queue.shares[-1]) + queue.beyond,
        mean_if_waiting_s=1 / (fastest[-1] - queries),
    )
    open_wait_s = held_s - work_s - database.rtt_s
    wait_s = holding / queries - work_s - database.rtt_s
    left = min(1.0, max(0.0, wait_s / open_wait_s)) if open_wait_s > 0 else 1.0
    return wait, holding / queries, left
