"""How old a quorum's answer may be: probabilistically bounded staleness, by Monte Carlo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim._compiled import Kernel, can_compile

CHUNK = 1 << 12  # trials at a time: the delays of a chunk stay in the cache
Draw = Callable[[np.random.Generator, tuple[int, int]], v.FloatArray]


@dataclass(frozen=True, kw_only=True, eq=False)
class StalenessRun:
    """Every trial of a write and a read after it; each answers for all times between the two.

    Parameters
    ----------
    fresh_after_s : ndarray, shape (trials,)
        Seconds after the write was acknowledged from which on this trial's read would see it,
        ascending; negative where it would have seen it at once.
    write_s, read_s : ndarray, shape (trials,)
        Seconds until the client had its acknowledgements, and its answers.
    """

    fresh_after_s: v.FloatArray
    write_s: v.FloatArray
    read_s: v.FloatArray

    def stale_share(self, time_s: ArrayLike) -> float | v.FloatArray:
        """Share of reads that miss a write acknowledged `time_s` before they start.

        Parameters
        ----------
        time_s : float or array_like, shape (...)
            Seconds between acknowledgement and read, >= 0.

        Returns
        -------
        float or ndarray, shape (...)
            Share in [0, 1].
        """
        times = v.non_negative("StalenessRun.stale_share", "time_s", time_s)
        fresh = np.searchsorted(self.fresh_after_s, times, side="right")
        return v.scalar_or_array(1 - fresh / self.fresh_after_s.size)


def quorum_staleness(
    replicas: int,
    read_quorum: int,
    write_quorum: int,
    *,
    write: Draw,
    acknowledge: Draw,
    read: Draw,
    respond: Draw,
    trials: int,
    rng: np.random.Generator,
) -> StalenessRun:
    """Let a client write to all replicas, wait for some, and read from all, waiting for some.

    Parameters
    ----------
    replicas : int
        Copies, N >= 1.
    read_quorum, write_quorum : int
        Answers that a read and a write wait for, R and W, from 1 to N.
    write, acknowledge, read, respond : callable
        ``draw(rng, (trials, replicas))`` gives the delays of the four messages in seconds,
        >= 0: the write to a replica, its acknowledgement, the read request, its response.
    trials : int
        Pairs of a write and a read, >= 1.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    StalenessRun
        For every trial the time after which the read is fresh, so one run gives the share of
        stale reads at every time.

    Notes
    -----
    The WARS model. A write reaches replica i after Wᵢ and counts once Wᵢ + Aᵢ has passed; it is
    done at the W-th smallest of these. A read that starts t later asks replica i at Rᵢ after
    that and takes the R answers with the smallest Rᵢ + Sᵢ. It is stale if none of those had
    the write when asked: if Wᵢ > (write done) + t + Rᵢ for all of them. Repair and
    anti-entropy are left out, so real stores are fresher.

    References
    ----------
    Bailis et al., "Probabilistically bounded staleness for practical partial quorums",
    Proceedings of the VLDB Endowment 5, 2012.

    Examples
    --------
    Three replicas, one answer each, exponential delays of 10 ms for writes and 2 ms otherwise:

    >>> slow, fast = (lambda rng, shape, s=s: rng.exponential(s, shape) for s in (0.010, 0.002))
    >>> run = quorum_staleness(
    ...     3, 1, 1, write=slow, acknowledge=fast, read=fast, respond=fast,
    ...     trials=100_000, rng=np.random.default_rng(1),
    ... )
    >>> [round(float(share), 2) for share in run.stale_share([0.0, 0.010, 0.050])]
    [0.51, 0.19, 0.0]
    """
    name = "quorum_staleness"
    replicas = v.count(name, "replicas", replicas, maximum=1_000)
    read_quorum = v.count(name, "read_quorum", read_quorum)
    write_quorum = v.count(name, "write_quorum", write_quorum)
    for argument, quorum in (("read_quorum", read_quorum), ("write_quorum", write_quorum)):
        if quorum > replicas:
            v.refuse(name, argument, f"be <= replicas={replicas}", quorum)
    trials = v.count(name, "trials", trials, maximum=v.MOST_DRAWN)
    v.generator(name, rng)
    draws = {"write": write, "acknowledge": acknowledge, "read": read, "respond": respond}
    for argument, draw in draws.items():
        if not callable(draw):
            v.refuse(name, argument, "be a function of a generator and a shape", draw)
    outcome = np.empty((3, trials))
    for start in range(0, trials, CHUNK):
        shape = (min(CHUNK, trials - start), replicas)
        delays = [_drawn(name, argument, draw, rng, shape) for argument, draw in draws.items()]
        chunk = outcome[:, start : start + shape[0]]
        play: Callable = _play if can_compile() else _play_at_once
        lowest, total = play(*delays, read_quorum, write_quorum, chunk)
        if not (lowest >= 0 and total < np.inf):
            _refuse(name, dict(zip(draws, delays, strict=True)))
    fresh, written, answered = outcome
    fresh.sort()
    return StalenessRun(fresh_after_s=fresh, write_s=written, read_s=answered)


def _drawn(
    function: str, argument: str, draw: Draw, rng: np.random.Generator, shape: tuple[int, int]
) -> v.FloatArray:
    delays = np.ascontiguousarray(draw(rng, shape), dtype=np.float64)
    if delays.shape != shape:
        v.refuse(
            function, argument, f"draw delays of shape {shape}", v.Words(f"shape {delays.shape}")
        )
    return delays


def _refuse(function: str, delays: dict[str, v.FloatArray]) -> None:
    """Name the draw that gave what no delay is."""
    for argument, drawn in delays.items():
        bad = drawn[~((drawn >= 0) & np.isfinite(drawn))]
        if bad.size:
            v.refuse(function, argument, "draw delays that are finite and >= 0", bad[0])


@Kernel
def _play(write, acknowledge, read, respond, read_quorum, write_quorum, outcome):
    # the smallest values so far, ascending; a new one is inserted without a branch on data
    done, first = np.empty(write_quorum), np.empty(read_quorum)
    late = np.empty(read_quorum)  # how long after the read request the write came
    lowest, total = np.inf, 0.0  # of all delays: the caller refuses bad ones
    for k in range(write.shape[0]):
        for j in range(write_quorum):
            done[j] = np.inf
        for j in range(read_quorum):
            first[j] = late[j] = np.inf
        for i in range(write.shape[1]):
            lowest = min(lowest, write[k, i], acknowledge[k, i], read[k, i], respond[k, i])
            total += write[k, i] + acknowledge[k, i] + read[k, i] + respond[k, i]
            acked = write[k, i] + acknowledge[k, i]
            for j in range(write_quorum):
                done[j], acked = min(done[j], acked), max(done[j], acked)
            answer, behind = read[k, i] + respond[k, i], write[k, i] - read[k, i]
            for j in range(read_quorum):
                sooner = answer < first[j]
                kept_first, kept_late = first[j], late[j]
                first[j] = answer if sooner else kept_first
                late[j] = behind if sooner else kept_late
                answer = kept_first if sooner else answer
                behind = kept_late if sooner else behind
        earliest = np.inf
        for j in range(read_quorum):
            earliest = min(earliest, late[j])
        outcome[0, k] = earliest - done[write_quorum - 1]
        outcome[1, k] = done[write_quorum - 1]
        outcome[2, k] = first[read_quorum - 1]
    return lowest, total


def _play_at_once(
    write: v.FloatArray,
    acknowledge: v.FloatArray,
    read: v.FloatArray,
    respond: v.FloatArray,
    read_quorum: int,
    write_quorum: int,
    outcome: v.FloatArray,
) -> tuple[float, float]:
    """Without numba: sort the answers of all trials of a chunk."""
    done = np.partition(write + acknowledge, write_quorum - 1, axis=1)[:, write_quorum - 1]
    answers = read + respond
    asked = np.argsort(answers, axis=1)[:, :read_quorum]
    outcome[0] = np.take_along_axis(write - read, asked, axis=1).min(axis=1) - done
    outcome[1] = done
    outcome[2] = np.take_along_axis(answers, asked[:, -1:], axis=1)[:, 0]
    lowest = min(float(delays.min()) for delays in (write, acknowledge, read, respond))
    return lowest, float((write + acknowledge + answers).sum())
