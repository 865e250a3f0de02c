"""The hit ratio of an LRU cache of every size, from one pass over a trace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.sim._compiled import can_compile
from scalelab.sim._requests import MOST_KEYS, checked_trace
from scalelab.sim._stack_distances import CompiledCounter, PlainCounter


@dataclass(frozen=True, kw_only=True, eq=False)
class HitRatioCurve:
    """Hit ratios of caches of increasing size; one minus them is the miss-ratio curve.

    Parameters
    ----------
    capacity : ndarray of int64, shape (k,)
        Sizes in objects, ascending from 0. Beyond the last the ratio stays as it is.
    hit_ratio : ndarray, shape (k,)
        Share of the requests that hit, cold start included; it never falls.
    """

    capacity: NDArray[np.int64]
    hit_ratio: v.FloatArray

    def at(self, capacity: ArrayLike) -> float | v.FloatArray:
        """Hit ratio of a cache of `capacity` objects, >= 0, of any shape."""
        wanted = v.non_negative("HitRatioCurve.at", "capacity", capacity)
        place = np.searchsorted(self.capacity, wanted, side="right") - 1
        return v.scalar_or_array(self.hit_ratio[place])

    def smallest_capacity(self, hit_ratio: float) -> int:
        """Fewest objects that reach `hit_ratio`, in [0, 1].

        Raises
        ------
        ValueError
            No cache reaches it on this trace.
        """
        name = "HitRatioCurve.smallest_capacity"
        target = v.number(name, "hit_ratio", hit_ratio, minimum=0)
        v.fraction(name, "hit_ratio", target)
        best = float(self.hit_ratio[-1])
        if target > best:
            remedy = "every key misses once, however large the cache"
            v.refuse(name, "hit_ratio", f"be <= {best:g}", target, remedy)
        return int(self.capacity[np.searchsorted(self.hit_ratio, target)])

    def mean_absolute_error(self, other: HitRatioCurve) -> float:
        """Mean distance to another curve of the same trace, over this one's sizes."""
        if not isinstance(other, HitRatioCurve):
            name = "HitRatioCurve.mean_absolute_error"
            v.refuse(name, "other", "be a HitRatioCurve", v.Words(type(other).__name__))
        return float(np.abs(self.hit_ratio - other.at(self.capacity)).mean())


class LruCurveCounter:
    """Counts LRU hits for every size while a trace goes by in pieces, however long it is.

    Parameters
    ----------
    keys : int
        Keys are 0, 1, ..., `keys` - 1.

    Notes
    -----
    LRU of size c is a hit if and only if fewer than c other keys were asked for since the key
    was last: Mattson's stack distance. Memory is about 21 bytes a key, and none for a request.

    References
    ----------
    Mattson et al., "Evaluation techniques for storage hierarchies", IBM Systems Journal 9, 1970;
    Bennett and Kruskal, "LRU stack processing", IBM Journal of Research and Development 19, 1975.

    Examples
    --------
    >>> counter = LruCurveCounter(keys=3)
    >>> for piece in ([0, 1, 0], [2, 0, 1]):
    ...     counter.feed(piece)
    >>> counter.curve().hit_ratio.round(2)
    array([0.  , 0.  , 0.33, 0.5 ])
    """

    def __init__(self, keys: int) -> None:
        self._keys = v.count("LruCurveCounter", "keys", keys)
        if self._keys > MOST_KEYS:
            v.refuse("LruCurveCounter", "keys", f"be <= {MOST_KEYS}", keys)
        self._requests = 0
        self._counter = (CompiledCounter if can_compile() else PlainCounter)(self._keys)

    def feed(self, trace: ArrayLike) -> None:
        """Take the next requests, an array of keys of shape (n,)."""
        name = "LruCurveCounter.feed"
        requests, keys = checked_trace(name, trace)
        if keys > self._keys:
            v.refuse(name, "trace", f"have keys < {self._keys}", keys - 1)
        self._counter.feed(requests)
        self._requests += requests.size

    def curve(self) -> HitRatioCurve:
        """Hit ratios of the requests so far, for every size up to the number of keys seen.

        Raises
        ------
        ValueError
            No request was fed.
        """
        if not self._requests:
            v.refuse("LruCurveCounter.curve", "the trace", "have a request", 0, "feed it first")
        return _curve(self._counter, 1.0, self._requests)


def lru_curve(trace: ArrayLike) -> HitRatioCurve:
    """Exact hit ratio of LRU for every size, in one pass.

    Parameters
    ----------
    trace : array_like of int, shape (n,)
        The key of each request, numbered from zero without large gaps.

    Returns
    -------
    HitRatioCurve
        Sizes from 0 to the number of different keys.

    Examples
    --------
    >>> curve = lru_curve([0, 1, 2, 0, 1, 2])
    >>> curve.hit_ratio, curve.smallest_capacity(0.5)
    (array([0. , 0. , 0. , 0.5]), 3)
    """
    requests, keys = checked_trace("lru_curve", trace)
    counter = LruCurveCounter(keys)
    counter.feed(requests)
    return counter.curve()


def shards_curve(trace: ArrayLike, rate: float, *, rng: np.random.Generator) -> HitRatioCurve:
    """Estimate the hit ratio of LRU for every size from a sample of the keys.

    Parameters
    ----------
    trace : array_like of int, shape (n,)
        The key of each request, numbered from zero without large gaps.
    rate : float
        Share of the keys to follow, in (0, 1].
    rng : numpy.random.Generator
        Chooses the keys: each with probability `rate`, and all of its requests or none.

    Returns
    -------
    HitRatioCurve
        Sizes in steps of about 1/`rate`.

    Raises
    ------
    ValueError
        The sample has no key.

    Notes
    -----
    Fixed-rate SHARDS with its adjustment: between two requests for a key in the sample lie `rate`
    times as many keys of the sample as keys, so distances are divided by `rate`. A sample that
    holds too many or too few requests does so through its hottest keys, so the difference to the
    n times `rate` expected counts as hits at the smallest size. A live system takes a hash of the
    key instead of `rng`.

    References
    ----------
    Waldspurger, Park, Garthwaite and Ahmad, "Efficient MRC construction with SHARDS", FAST 2015.

    Examples
    --------
    >>> from scalelab.workloads.popularity import zipf_trace
    >>> trace = zipf_trace(20_000, 0.8, 200_000, rng=np.random.default_rng(1))
    >>> estimate = shards_curve(trace, 0.1, rng=np.random.default_rng(2))
    >>> round(lru_curve(trace).mean_absolute_error(estimate), 3)
    0.008
    """
    name = "shards_curve"
    share = v.number(name, "rate", rate)
    v.fraction(name, "rate", share)
    requests, keys = checked_trace(name, trace)
    chosen = v.generator(name, rng).random(keys) < share
    sample = requests[chosen[requests]]
    if not sample.size:
        v.refuse(name, "rate", "leave a request in the sample", rate, "raise it")
    number = np.cumsum(chosen, dtype=np.int32) - np.int32(1)
    counter = (CompiledCounter if can_compile() else PlainCounter)(int(chosen.sum()))
    counter.feed(number[sample])
    expected = requests.size * share
    counter.distances[0] += round(expected - sample.size)
    return _curve(counter, share, expected)


def _curve(counter: CompiledCounter | PlainCounter, rate: float, requests: float) -> HitRatioCurve:
    ratio = np.zeros(counter.live + 1)
    np.cumsum(counter.distances[: counter.live], out=ratio[1:])
    ratio /= requests
    capacity = np.arange(counter.live + 1)
    if rate < 1:
        capacity = np.ceil(capacity / rate).astype(np.int64)
        ratio = np.maximum.accumulate(np.clip(ratio, 0, 1))  # the adjustment may be negative
    return HitRatioCurve(capacity=capacity, hit_ratio=ratio)
