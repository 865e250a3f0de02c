"""How far a replica is behind: replay as a queue, and the reads that see it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.sim._first_come import arrivals_and_services
from scalelab.sim.queue import queue_waits_s


@dataclass(frozen=True, kw_only=True, eq=False)
class ReplayRun:
    """When each write could be read on the replica.

    Parameters
    ----------
    commit_s : ndarray, shape (n,)
        When it was committed on the primary, ascending.
    apply_s : ndarray, shape (n,)
        When the replica had applied it, ascending.
    """

    commit_s: v.FloatArray
    apply_s: v.FloatArray

    @property
    def lag_s(self) -> v.FloatArray:
        """Seconds from commit to apply of each write, shape (n,)."""
        return self.apply_s - self.commit_s

    def writes_behind(self, time_s: ArrayLike) -> NDArray[np.int64]:
        """Count the writes that are committed and not applied at each time."""
        times = v.vector("ReplayRun.writes_behind", "time_s", time_s)
        committed = np.searchsorted(self.commit_s, times, side="right")
        return committed - np.searchsorted(self.apply_s, times, side="right")

    def lost_if_failed_at(self, time_s: float) -> int:
        """Count the committed writes that a failover to this replica at `time_s` would lose."""
        return int(self.writes_behind([v.real("ReplayRun.lost_if_failed_at", "time_s", time_s)])[0])

    def stale_share(self, window_s: ArrayLike) -> float | v.FloatArray:
        """Share of writes that a read of the same key, `window_s` later, does not see.

        Parameters
        ----------
        window_s : float or array_like, shape (...)
            Seconds from commit to read, >= 0.

        Returns
        -------
        float or ndarray, shape (...)
            Share in [0, 1].
        """
        windows = v.non_negative("ReplayRun.stale_share", "window_s", window_s)
        seen = np.searchsorted(np.sort(self.lag_s), windows, side="right")
        return v.scalar_or_array(1 - seen / self.commit_s.size)


def replay_run(
    commit_times_s: ArrayLike,
    apply_times_s: ArrayLike,
    *,
    delay_s: ArrayLike = 0.0,
    workers: int = 1,
) -> ReplayRun:
    """Send each write to a replica, which replays them in the order of commit.

    Parameters
    ----------
    commit_times_s : array_like, shape (n,)
        When each write is committed on the primary, in seconds, ascending.
    apply_times_s : array_like, shape (n,)
        How long the replica works on each, in seconds, >= 0.
    delay_s : float or array_like, shape (n,)
        Seconds on the network, >= 0. The stream keeps its order: no write overtakes.
    workers : int
        Writes that the replica replays side by side, >= 1. They become visible in the order of
        commit all the same.

    Returns
    -------
    ReplayRun
        Commit and apply time of each write.

    Notes
    -----
    Replay is a queue: writes that the primary ran on many cores come to one worker. Where the
    work of a second is more than `workers` seconds, lag grows without bound, however fast the
    network is. With Poisson commits, exponential work and one worker the time in the replica is
    that of M/M/1.

    Examples
    --------
    Three writes at once, 10 ms of replay each, 5 ms of network:

    >>> run = replay_run([0.0, 0.0, 0.0], [0.010, 0.010, 0.010], delay_s=0.005)
    >>> run.lag_s.round(3)
    array([0.015, 0.025, 0.035])
    """
    name = "replay_run"
    commits, work = arrivals_and_services(
        name, commit_times_s, apply_times_s, ("commit_times_s", "apply_times_s")
    )
    delays = v.non_negative(name, "delay_s", delay_s)
    if delays.shape not in ((), commits.shape):
        v.refuse(name, "delay_s", f"be a number or have shape {commits.shape}", delays.shape)
    workers = v.count(name, "workers", workers, maximum=v.MOST_STEPS)
    received = np.maximum.accumulate(commits + delays)
    done = received + queue_waits_s(received, work, workers) + work
    return ReplayRun(commit_s=commits, apply_s=np.maximum.accumulate(done))
