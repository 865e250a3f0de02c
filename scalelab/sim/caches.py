"""A cache of a fixed number of objects, with the eviction policy of your choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.sim import _belady, _list_caches, _plain_caches, _queue_caches
from scalelab.sim._compiled import Kernel, can_compile
from scalelab.sim._requests import checked_trace

_PlainForm = Callable[[_plain_caches.Trace, int], Iterator[bool]]

# policy: its kernel, and its form without numba
_FORMS: dict[str, tuple[Kernel, _PlainForm]] = {
    "fifo": (_queue_caches.fifo, _plain_caches.fifo),
    "lru": (_queue_caches.lru, _plain_caches.lru),
    "clock": (_queue_caches.clock, _plain_caches.clock),
    "sieve": (_queue_caches.sieve, _plain_caches.sieve),
    "s3-fifo": (_queue_caches.s3_fifo, _plain_caches.s3_fifo),
    "lfu": (_list_caches.lfu, _plain_caches.lfu),
    "2q": (_list_caches.two_q, _plain_caches.two_q),
    "arc": (_list_caches.arc, _plain_caches.arc),
    "w-tinylfu": (_list_caches.w_tiny_lfu, _plain_caches.w_tiny_lfu),
    "belady": (_belady.belady, _plain_caches.belady),
}
POLICIES = tuple(_FORMS)


def simulate_cache(trace: ArrayLike, capacity: int, policy: str = "lru") -> NDArray[np.bool_]:
    """Whether each request finds its key in a cache that starts empty and admits every miss.

    Parameters
    ----------
    trace : array_like of int, shape (n,)
        The key of each request, in order of time, numbered from zero without large gaps; see
        `scalelab.workloads.traces.renumber_keys`.
    capacity : int
        Objects that fit, >= 1, whatever their size.
    policy : str
        What is evicted when the cache is full:

        - ``"fifo"``: what came in first;
        - ``"lru"``: what was used least recently;
        - ``"clock"``: what came in first, but what was used since goes round once more;
        - ``"sieve"``: the same, without moving what was used;
        - ``"s3-fifo"``: new keys queue in a tenth of the cache, and only those used twice there, or
          back soon after they left, get into the rest, a clock with two bits;
        - ``"lfu"``: what was used least often since it came in; of equals, least recently;
        - ``"2q"``: new keys queue in a quarter of the cache, and those back soon after they left
          are kept in LRU order; half as many ghosts as there are objects tell who is back;
        - ``"arc"``: keys seen once and more often in LRU order each, with shares that adapt;
        - ``"w-tinylfu"``: an LRU window of one hundredth; what leaves it gets into the rest, a
          segmented LRU, if it was used more often of late than what it would push out;
        - ``"belady"``: what is asked for last in the time to come, the optimum.

    Returns
    -------
    ndarray of bool, shape (n,)
        True for a hit. Their mean is the hit ratio, cold start included.

    Notes
    -----
    Time and memory grow with the requests and the keys, not with the capacity. With numba a
    request takes 4 to 40 ns and, beside the trace, one to five bytes. ``"s3-fifo"`` fills the
    whole cache before it evicts, as libCacheSim does since 2024, and not its first tenth only.
    ``"w-tinylfu"`` counts uses exactly, up to 15 and halved every ten times `capacity` requests,
    where the original estimates them with a sketch.

    References
    ----------
    Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems
    Journal 5, 1966; Johnson and Shasha, "2Q", VLDB 1994; Megiddo and Modha, "ARC", FAST 2003;
    Einziger, Friedman and Manes, "TinyLFU", ACM Transactions on Storage 13, 2017; Yang et al.,
    "FIFO queues are all you need for cache eviction" (S3-FIFO), SOSP 2023; Zhang et al., "SIEVE
    is simpler than LRU", NSDI 2024.

    Examples
    --------
    >>> trace = [0, 1, 2, 0, 1, 3, 0, 1]
    >>> simulate_cache(trace, capacity=3).astype(int)
    array([0, 0, 0, 1, 1, 0, 1, 1])
    >>> simulate_cache(trace, capacity=3, policy="fifo").astype(int)
    array([0, 0, 0, 1, 1, 0, 0, 0])
    """
    name = "simulate_cache"
    if not isinstance(policy, str) or policy not in _FORMS:
        v.refuse(name, "policy", f"be one of {', '.join(POLICIES)}", policy)
    capacity = v.count(name, "capacity", capacity)
    requests, keys = checked_trace(name, trace)
    kernel, plain_form = _FORMS[policy]
    if not can_compile():
        return np.fromiter(plain_form(requests.data, min(capacity, keys)), np.bool_, requests.size)
    hit = np.empty(requests.size, np.bool_)
    # Without a sign, compiled code need not ask whether an index counts from the end.
    kernel(requests.view(np.uint32), keys, min(capacity, keys), hit)
    return hit
