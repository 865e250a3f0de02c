"""A cache whose entries expire, and all the requests that recompute what just did."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.sim._compiled import Kernel, can_compile
from scalelab.sim._requests import checked_trace

HIT, MISS, WAIT, STALE, EARLY = range(5)
MODES = ("none", "single flight", "stale", "early")


@dataclass(frozen=True, kw_only=True, eq=False)
class TtlCacheRun:
    """What happened to each request, in order of time.

    Parameters
    ----------
    outcome : ndarray of uint8, shape (n,)
        `HIT` (0); `MISS` (1): recomputes and waits for it; `WAIT` (2): waits for the one under
        way; `STALE` (3): gets the expired value while another recomputes; `EARLY` (4): a hit that
        recomputes before the entry expires.
    recomputation_start_s : ndarray, shape (recomputations,)
        When each recomputation began.
    peak_concurrent : int
        Most recomputations that were under way at a time.
    """

    outcome: NDArray[np.uint8]
    recomputation_start_s: v.FloatArray
    peak_concurrent: int

    @property
    def recomputations(self) -> int:
        """How often a value was recomputed, which is the load on the origin."""
        return self.recomputation_start_s.size

    @property
    def hit_ratio(self) -> float:
        """Share of the requests that got a value at once, be it stale."""
        return float(1 - np.isin(self.outcome, (MISS, WAIT)).mean())

    @property
    def stale_serves(self) -> int:
        """Requests that got an expired value."""
        return int((self.outcome == STALE).sum())

    def peak_rate_per_s(self, window_s: float = 1.0) -> float:
        """Most recomputations begun in one of the windows that follow time zero, per second."""
        width = v.number("TtlCacheRun.peak_rate_per_s", "window_s", window_s)
        if not self.recomputations:
            return 0.0
        _, number = np.unique(self.recomputation_start_s // width, return_counts=True)
        return float(number.max() / width)


def ttl_cache_run(
    request_times_s: ArrayLike,
    keys: ArrayLike,
    *,
    ttl_s: float,
    recompute_s: float,
    mode: str = "none",
    beta: float = 1.0,
    jitter: float = 0.0,
    warm: bool = False,
    rng: np.random.Generator | None = None,
) -> TtlCacheRun:
    r"""Serve requests from a cache with a lifetime, and recompute what has expired.

    Parameters
    ----------
    request_times_s : array_like, shape (n,)
        When requests arrive, in seconds, >= 0, in ascending order.
    keys : array_like of int, shape (n,)
        What each asks for, numbered from zero without large gaps.
    ttl_s : float
        Lifetime of an entry in seconds, > 0, from the end of its recomputation.
    recompute_s : float
        Seconds that a recomputation takes, >= 0.
    mode : {"none", "single flight", "stale", "early"}
        What a request does that finds no entry, or an expired one. With "none" it recomputes,
        whatever others do. With "single flight" one recomputes and the others wait for it. With
        "stale" they get the old value meanwhile, if there is one. With "early" it recomputes as
        with "none", but each hit may do so beforehand: XFetch.
    beta : float
        Eagerness of "early", > 0.
    jitter : float
        Lifetimes are uniform in `ttl_s` · (1 ± `jitter`), in [0, 1).
    warm : bool
        Whether all keys have an entry at time zero, as after a restart that loads them all.
    rng : numpy.random.Generator, optional
        Needed for "early" and for jitter.

    Returns
    -------
    TtlCacheRun
        Outcome of each request, recomputations and how many there were at a time.

    Notes
    -----
    A hit at :math:`g` seconds before expiry recomputes early if
    :math:`-\beta\,\delta \ln u \ge g`, with u uniform in (0, 1] and :math:`\delta` the time that
    a recomputation takes. Memory sets no limit, nothing is evicted.

    References
    ----------
    Vattani, Chierichetti and Lowenstein, "Optimal probabilistic cache stampede prevention",
    PVLDB 8(8), 2015.

    Examples
    --------
    The entry expires at 10 s. Three requests come before a new one is there:

    >>> times, keys = [1.0, 10.1, 10.2, 10.3, 11.2], [0, 0, 0, 0, 0]
    >>> for mode in ("none", "single flight", "stale"):
    ...     run = ttl_cache_run(times, keys, ttl_s=10, recompute_s=1, mode=mode, warm=True)
    ...     print(mode, run.recomputations, run.peak_concurrent, run.outcome)
    none 3 3 [0 1 1 1 0]
    single flight 1 1 [0 1 2 2 0]
    stale 1 1 [0 1 3 3 0]
    """
    name = "ttl_cache_run"
    times, requests, number = _times_and_keys(name, request_times_s, keys)
    ttl = v.number(name, "ttl_s", ttl_s)
    recompute = v.number(name, "recompute_s", recompute_s, minimum=0)
    eagerness = v.number(name, "beta", beta)
    spread = v.number(name, "jitter", jitter, minimum=0)
    if spread >= 1:
        v.refuse(name, "jitter", "be < 1", jitter)
    if not isinstance(mode, str) or mode not in MODES:
        v.refuse(name, "mode", f"be one of {', '.join(MODES)}", mode)
    if rng is not None or mode == "early" or spread:
        rng = v.generator(name, rng)  # type: ignore[arg-type]
    early = np.zeros(times.size)
    if mode == "early" and rng is not None:
        early = rng.exponential(eagerness * recompute, times.size)
    lifetimes = np.full(times.size, ttl)
    expiry = np.full(number, ttl if warm else -np.inf)
    if spread and rng is not None:
        lifetimes *= rng.uniform(1 - spread, 1 + spread, times.size)
        expiry *= rng.uniform(1 - spread, 1 + spread, number)
    return _run(times, requests, lifetimes, early, expiry, recompute, mode)


def _times_and_keys(
    function: str, request_times_s: ArrayLike, keys: ArrayLike
) -> tuple[v.FloatArray, NDArray[np.int32], int]:
    times = v.vector(function, "request_times_s", request_times_s)
    v.non_negative(function, "request_times_s", times)
    if np.any(times[1:] < times[:-1]):
        step = int((times[1:] < times[:-1]).argmax())
        remedy = f"it follows {times[step]}, so sort them"
        v.refuse(function, "request_times_s", "not decrease", times[step + 1], remedy)
    requests, number = checked_trace(function, keys, "keys")
    if requests.size != times.size:
        v.refuse(function, "keys", f"have length {times.size}", requests.size)
    return np.ascontiguousarray(times), requests, number


def _run(
    times: v.FloatArray,
    requests: NDArray[np.int32],
    lifetimes: v.FloatArray,
    early: v.FloatArray,
    expiry: v.FloatArray,
    recompute_s: float,
    mode: str,
) -> TtlCacheRun:
    together, stale = mode in ("single flight", "stale"), mode == "stale"
    outcome = np.empty(times.size, np.uint8)
    serve = _serve_requests if can_compile() else _serve_with_deque
    peak = serve(times, requests, lifetimes, early, expiry, recompute_s, together, stale, outcome)
    starts = times[(outcome == MISS) | (outcome == EARLY)]
    return TtlCacheRun(outcome=outcome, recomputation_start_s=starts, peak_concurrent=peak)


@Kernel
def _serve_requests(
    times, requests, lifetimes, early, expiry, recompute_s, together, stale, outcome
):
    """Fill `outcome` and return the most recomputations at a time.

    All take equally long, so they end in the order in which they began: a queue holds them.
    """
    begun = np.empty(times.size, np.int32)  # by which request, in order
    under_way = np.zeros(expiry.size, np.int32)
    ended = beginnings = peak = 0
    for now in range(times.size):
        while ended < beginnings and times[begun[ended]] + recompute_s <= times[now]:
            cause = begun[ended]
            under_way[requests[cause]] -= 1
            expiry[requests[cause]] = times[cause] + recompute_s + lifetimes[cause]
            ended += 1
        key = requests[now]
        left = expiry[key] - times[now]
        if left > 0:
            outcome[now] = EARLY if early[now] >= left else HIT
        elif together and under_way[key] > 0:
            outcome[now] = STALE if stale and expiry[key] > -np.inf else WAIT
        else:
            outcome[now] = MISS
        if outcome[now] == EARLY or outcome[now] == MISS:
            begun[beginnings] = now
            beginnings += 1
            under_way[key] += 1
            peak = max(peak, beginnings - ended)
    return peak


def _serve_with_deque(
    times: v.FloatArray,
    requests: NDArray[np.int32],
    lifetimes: v.FloatArray,
    early: v.FloatArray,
    expiry: v.FloatArray,
    recompute_s: float,
    together: bool,
    stale: bool,
    outcome: NDArray[np.uint8],
) -> int:
    """Do the same without numba."""
    entries = dict(enumerate(expiry.tolist()))
    ends: deque[tuple[float, int, float]] = deque()
    under_way: dict[int, int] = {}
    found, peak = [], 0
    stream = (times.tolist(), requests.tolist(), lifetimes.tolist(), early.tolist())
    for now, key, lifetime, eager in zip(*stream, strict=True):
        while ends and ends[0][0] <= now:
            end, ended, its_lifetime = ends.popleft()
            entries[ended] = end + its_lifetime
            under_way[ended] -= 1
        expires = entries[key]
        if now < expires:
            result = EARLY if eager >= expires - now else HIT
        elif together and under_way.get(key, 0):
            result = STALE if stale and expires > -np.inf else WAIT
        else:
            result = MISS
        if result in (EARLY, MISS):
            ends.append((now + recompute_s, key, lifetime))
            under_way[key] = under_way.get(key, 0) + 1
            peak = max(peak, len(ends))
        found.append(result)
    outcome[:] = found
    return peak
