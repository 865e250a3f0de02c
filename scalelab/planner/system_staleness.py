"""What readers of a system see late, and what it may lose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalelab import _validate as v
from scalelab.models.lag_laws import law_with_scv
from scalelab.models.replay_beside_reads import ReplayState
from scalelab.models.replication import lost_writes
from scalelab.models.stale_reads import stale_share_at_replica, stale_share_behind_cache
from scalelab.models.system_parts import System
from scalelab.planner.system_flows import FlowsByKey
from scalelab.planner.system_lines import SystemLines

WORKS, SOME_KEYS = 10, 200  # over which stale reads are averaged and interpolated


@dataclass(frozen=True, kw_only=True)
class SystemStaleness:
    """Stale reads of a system, and writes that a failure would take.

    Parameters
    ----------
    stale_share : float
        Share of all reads that miss a write which was committed before.
    lag_s : float
        Mean seconds from a commit until the slowest shard's replicas have applied it; 0 without
        replicas.
    writes_at_risk : float
        Acknowledged writes that the loss of the fullest primary takes.
    """

    stale_share: float
    lag_s: float
    writes_at_risk: float


def system_staleness(
    system: System, flows: FlowsByKey, lines: SystemLines, *, backup_every_s: float = 3_600.0
) -> SystemStaleness:
    """Say which share of reads is stale, and how many writes are at risk.

    Parameters
    ----------
    system : System
        What is there.
    flows, lines : FlowsByKey, SystemLines
        Its rates and its waits.
    backup_every_s : float
        Seconds between backups, > 0: without a replica all since the last one is lost.

    Returns
    -------
    SystemStaleness

    Notes
    -----
    Without a replica, half of the time between backups is lost on average; with replicas that
    acknowledge nothing, the writes of one lag; with one that does, none.
    """
    every = v.number("system_staleness", "backup_every_s", backup_every_s)
    database, reads = system.database, float(flows.reads_per_s.sum())
    fullest = float(flows.shard_writes_per_s.max())
    lags = [
        database.delay_s + replay.replay_s if replay else database.delay_s
        for replay in lines.replays
    ]
    lag = max(lags) if database.replicas else 0.0
    behind = every / 2 if not database.replicas else 0.0 if database.sync_replicas else lag
    stale = 0.0
    if system.reads_at_replica and reads:
        stale = sum(
            _stale_per_s(system, flows, flows.owners == shard, replay, lines)
            for shard, replay in enumerate(lines.replays)
            if replay is not None
        )
    return SystemStaleness(
        stale_share=stale / reads if reads else 0.0,
        lag_s=lag,
        writes_at_risk=float(lost_writes(behind, fullest)) if fullest else 0.0,
    )


def _stale_per_s(
    system: System,
    flows: FlowsByKey,
    mine: np.ndarray,
    replay: ReplayState,
    lines: SystemLines,
) -> float:
    """Stale reads per second of one shard."""
    database = system.database
    reads, writes = flows.reads_per_s[mine], flows.writes_per_s[mine]
    if system.cache is None:
        late = stale_share_at_replica(writes, database.delay_s, replay.replay_s)
        return float((reads * late).sum())
    # a read sees the replica, and fills the cache, when its query is done
    before_s = lines.pool.mean_s + database.rtt_s / 2 + replay.wait.mean_s
    work = law_with_scv(database.read_s, system.demand.work_scv)
    works_s = np.asarray(work.quantile((np.arange(WORKS) + 0.5) / WORKS))
    # reads and writes of all keys are in one proportion, so that a few keys say it of all
    some = np.geomspace(max(reads.min(), 1e-12), reads.max() * (1 + 1e-9), SOME_KEYS)
    per_read = system.demand.write_share / (1 - system.demand.write_share)
    late = np.mean(
        [
            stale_share_behind_cache(
                some,
                per_read * some,
                database.delay_s,
                replay.replay_s,
                kept_s=flows.kept_s,
                ttl_s=system.cache.ttl_s,
                fill_s=before_s + database.read_s,
                seen_s=before_s + work_s,
            )
            for work_s in works_s
        ],
        axis=0,
    )
    return float((reads * np.interp(np.log(reads), np.log(some), late)).sum())
