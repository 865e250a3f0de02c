"""Replay on a replica whose cores the reads share: how far it is behind."""

from __future__ import annotations

from dataclasses import dataclass

from scalelab import _validate as v
from scalelab.models._mmc import UnstableQueueError
from scalelab.models.mgc_wait import WaitLaw, mgc_wait, mixed_work


@dataclass(frozen=True, kw_only=True)
class ReplayState:
    """What a replica does in the long run.

    Parameters
    ----------
    node_utilisation : float
        Share of time that a core of it is busy, with reads and with replay.
    replay_utilisation : float
        Share of time for which a write is being applied or waits for a core: at 1 the lag grows
        without bound, because writes are applied one by one.
    replay_s : float
        Mean seconds from a write's arrival at the replica until it is applied.
    wait : WaitLaw
        Wait for a core, of reads and of each write in its turn.
    """

    node_utilisation: float
    replay_utilisation: float
    replay_s: float
    wait: WaitLaw


def replay_beside_reads(
    writes_per_s: float,
    apply_s: float,
    reads_per_s: float,
    read_s: float,
    cores: int,
    *,
    work_scv: float = 1.0,
) -> ReplayState:
    r"""Lag of a replica that applies one write at a time, on cores that also serve reads.

    Parameters
    ----------
    writes_per_s : float
        Poisson writes per second to apply, w > 0.
    apply_s : float
        Mean seconds of one core for a write, > 0.
    reads_per_s : float
        Poisson reads per second of this replica, >= 0.
    read_s : float
        Mean seconds of one core for a read, > 0.
    cores : int
        Cores of the replica, >= 1, with one line for both.
    work_scv : float
        Squared coefficient of variation of reads and of applying, >= 0.

    Returns
    -------
    ReplayState

    Raises
    ------
    UnstableQueueError
        The cores, or the one replay, cannot keep up.

    Notes
    -----
    An approximation: applying a write takes b, its work and the wait for a core behind the reads,
    which is their share of the work in the common M/G/c line times its mean wait. The replay is an
    M/M/1 queue of such services: :math:`b/(1 - wb)`. Without reads and with exponential work it is
    M/M/1 exactly.

    Examples
    --------
    300 writes of 1 ms a second, alone and beside reads that keep four cores 55 % busy:

    >>> for reads_per_s in (0, 475):
    ...     print(round(1e3 * replay_beside_reads(300, 0.001, reads_per_s, 0.004, 4).replay_s, 2))
    1.43
    2.39
    """
    name = "replay_beside_reads"
    writes = v.number(name, "writes_per_s", writes_per_s)
    apply = v.number(name, "apply_s", apply_s)
    reads = v.number(name, "reads_per_s", reads_per_s, minimum=0)
    read = v.number(name, "read_s", read_s)
    cores = v.count(name, "cores", cores, maximum=10 * v.MOST_STEPS)
    scv = v.number(name, "work_scv", work_scv, minimum=0)
    with v.no_overflow(name, "writes_per_s, apply_s, reads_per_s and read_s"):
        load = writes * apply + reads * read
        if load >= cores:
            _refuse(name, "writes_per_s and reads_per_s", f"need < {cores} cores", load)
        mean, mixed_scv = mixed_work([writes, reads], [apply, read], [scv, scv])
        both = mgc_wait(writes + reads, mean, mixed_scv, cores)
        # only reads keep a write from a core: the one before it is done when its turn comes
        wait = both.mean_s * reads * read / load
        busy = writes * (apply + wait)
        if busy >= 1:
            _refuse(name, "writes_per_s", "be < 1 a replay, which applies one by one", busy)
    return ReplayState(
        node_utilisation=load / cores,
        replay_utilisation=busy,
        replay_s=(apply + wait) / (1 - busy),
        wait=both,
    )


def _refuse(function: str, argument: str, rule: str, got: float) -> None:
    remedy = "the lag grows without bound, so shard the writes or add cores"
    v.refuse(function, argument, rule, got, remedy, UnstableQueueError)
