"""Stale reads over a whole popularity: at lagging replicas, and behind a cache that they fill."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._validity import valid_s


def stale_share_at_replica(
    writes_per_s: ArrayLike, delay_s: float, replay_s: float
) -> float | v.FloatArray:
    r"""Share of a key's reads from a replica that miss its newest write.

    Parameters
    ----------
    writes_per_s : float or array_like, shape (...)
        Poisson writes of the key per second, w >= 0.
    delay_s : float
        Seconds until a write is at the replica, d >= 0, always the same.
    replay_s : float
        Mean seconds from there until it is applied, s > 0, exponential.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`1 - e^{-wd}/(1 + ws)`: the age of the newest write is exponential, too.

    References
    ----------
    Bailis et al., "Probabilistically bounded staleness for practical partial quorums",
    PVLDB 5(8), 2012, for the age of one write.

    Examples
    --------
    A key that is written every ten seconds, and one that is written every second:

    >>> stale_share_at_replica([0.1, 1.0], delay_s=0.005, replay_s=0.002).round(4)
    array([0.0007, 0.007 ])
    """
    name = "stale_share_at_replica"
    writes = v.non_negative(name, "writes_per_s", writes_per_s)
    delay = v.number(name, "delay_s", delay_s, minimum=0)
    replay = v.number(name, "replay_s", replay_s)
    with v.no_overflow(name, "writes_per_s, delay_s and replay_s"), np.errstate(under="ignore"):
        # 1 - e^{-wd}/(1 + ws), without losing digits where both are rare
        seen = (np.exp(-writes * delay)) / (1 + writes * replay)
        few = (writes * replay - np.expm1(-writes * delay)) / (1 + writes * replay)
    return v.scalar_or_array(np.where(seen > 0.5, few, 1 - seen))


def stale_share_behind_cache(
    reads_per_s: ArrayLike,
    writes_per_s: ArrayLike,
    delay_s: float,
    replay_s: float,
    *,
    kept_s: float | None = None,
    ttl_s: float | None = None,
    fill_s: float = 0.0,
    seen_s: float = 0.0,
) -> v.FloatArray:
    r"""Share of a key's reads that are stale where lagging replicas fill a cache.

    Parameters
    ----------
    reads_per_s : array_like, shape (keys,)
        Poisson reads of each key per second, hits and misses, r > 0.
    writes_per_s : array_like, shape (keys,)
        Poisson writes of each key per second, w >= 0.
    delay_s, replay_s : float
        As in `stale_share_at_replica`, d and s.
    kept_s : float or None
        Seconds for which a key that nobody reads keeps its place in the cache, > 0, as
        `hit_ratio_by_key` says; None where all fit.
    ttl_s : float or None
        Seconds after which a fill is forgotten, > 0; None for never.
    fill_s : float
        Seconds that a fill takes, F >= 0.
    seen_s : float
        Seconds from the start of a read until it sees what the replica has, >= 0: 0 at once,
        `fill_s` when it is done. The lag of a write is shorter by so much.

    Returns
    -------
    ndarray, shape (keys,)
        In [0, 1].

    Notes
    -----
    An approximation: a write makes the entry invalid, and the first read after it comes to a
    replica, at an exponential time a. All reads until a + F miss as well, and the last of them to
    start fills for good: if it started within the lag, the old value is served until the next
    write, or until the entry's life ends. A write brings

    .. math:: r\,E[\min(\mathrm{lag}, a + F)] + r\,P(\text{lag} > a + G)\,E[\text{life}]

    stale reads, with :math:`G = \max(0, F - e)` the start of the last fill after the first, and
    e exponential with rate r. It takes writes that are rarer than fills, replicas that do not
    differ, and fills that take equally long.

    Examples
    --------
    A lag of some 7 ms, ten reads a second and one write: at the replica alone 0.7 % of the reads
    are stale, behind the cache ten times as many.

    >>> round(stale_share_behind_cache([10.0], [1.0], 0.005, 0.002)[0], 3).item()
    0.074
    """
    name = "stale_share_behind_cache"
    reads = v.positive(name, "reads_per_s", v.vector(name, "reads_per_s", reads_per_s))
    writes = v.vector(name, "writes_per_s", writes_per_s, reads.size)
    writes = v.non_negative(name, "writes_per_s", writes)
    delay = v.number(name, "delay_s", delay_s, minimum=0)
    replay = v.number(name, "replay_s", replay_s)
    fill = v.number(name, "fill_s", fill_s, minimum=0)
    seen = v.number(name, "seen_s", seen_s, minimum=0)
    life = math.inf if ttl_s is None else v.number(name, "ttl_s", ttl_s)
    kept = math.inf if kept_s is None else v.number(name, "kept_s", kept_s)
    with v.no_overflow(name, "the rates and times"), np.errstate(under="ignore"):
        # what is left of the lag is exponential, too, if the delay is over
        over, delay = math.exp(-max(seen - delay, 0.0) / replay), max(delay - seen, 0.0)
        # an entry that is read again and again outlives the time that LRU keeps an idle one
        evicted = np.full(reads.size, np.inf)
        soon = reads * min(kept, 1e300) < 40
        evicted[soon] = np.expm1(reads[soon] * kept) / reads[soon]
        served = valid_s(writes, np.minimum(life, evicted))
        served = np.where(writes > 0, served, 0.0)  # nothing is ever stale
        while_filling = reads * _lag_within(fill, delay, replay) + _late(reads, fill, delay, replay)
        kept_old = _kept_old(reads, fill, delay, replay)
        stale = over * writes * (while_filling + kept_old * reads * served) / reads
    return np.minimum(stale, 1.0)


def _lag_within(time: float, delay: float, replay: float) -> float:
    """E[min(lag, time)]."""
    beyond = max(time - delay, 0.0)
    return min(time, delay) - replay * math.expm1(-beyond / replay)


def _late(reads: v.FloatArray, start: float, delay: float, replay: float) -> v.FloatArray:
    """P(lag > start + a), with a exponential of rate `reads`."""
    slow = reads * replay
    if start >= delay:
        return math.exp(-(start - delay) / replay) * slow / (1 + slow)
    return (slow - np.expm1(-reads * (delay - start))) / (1 + slow)


def _kept_old(reads: v.FloatArray, fill: float, delay: float, replay: float) -> v.FloatArray:
    """P(lag > a + G): the integral of `_late` over the start G of the last fill."""
    early, after = min(fill, delay), max(fill - delay, 0.0)
    slow = reads * replay
    alone = np.exp(-reads * fill) * _late(reads, 0.0, delay, replay)
    within = np.exp(-reads * (fill - early)) - np.exp(-reads * fill)
    seen = np.exp(-reads * (fill + delay - 2 * early)) - np.exp(-reads * (fill + delay))
    within = within - seen / (2 * (1 + slow))
    apart = slow - 1  # (r − 1/s) s; where it is zero, the difference below has a limit
    near = np.abs(apart) < 1e-6
    difference = math.exp(-after / replay) - np.exp(-reads * after)
    limit = after / replay * math.exp(-after / replay)
    beyond = slow / (1 + slow) * slow * np.where(near, limit, difference / np.where(near, 1, apart))
    return alone + within + beyond
