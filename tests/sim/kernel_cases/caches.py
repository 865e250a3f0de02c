"""Kernels of the caches, the whole curve and the cache with a lifetime."""

import numpy as np

from scalelab.sim import _belady, _list_caches, _queue_caches, _stack_distances, ttl_cache

RNG = np.random.default_rng(7)
KEYS, CAPACITY = 60, 25
TRACE = (RNG.random(900) ** 2 * KEYS).astype(np.uint32)
HIT = np.zeros(TRACE.size, np.bool_)
EVERY_BIT = np.full(4, ~np.uint64(0))
SOME_BITS = np.array([0, 0b1011000], np.uint64)
LINKS = np.arange(6, dtype=np.int32)
ROUND = np.roll(LINKS, -1)
NUMBER = np.uint64(0b1011000)

WORDS = _stack_distances.LEAST_WORDS


CACHES = (
    _queue_caches.fifo,
    _queue_caches.lru,
    _queue_caches.clock,
    _queue_caches.sieve,
    _queue_caches.s3_fifo,
    _list_caches.lfu,
    _list_caches.two_q,
    _list_caches.arc,
    _list_caches.w_tiny_lfu,
    _belady.belady,
)
KERNELS = dict.fromkeys(CACHES, ((TRACE, KEYS, CAPACITY), (HIT,)))
KERNELS |= {
    _queue_caches.strike: ((), (EVERY_BIT, 77)),
    _queue_caches.trailing_zeros: ((NUMBER,), ()),
    _queue_caches.strike_first: ((), (SOME_BITS, 0)),
    _queue_caches.choose: ((np.uint64(1), np.uint64(7), np.uint64(5)), ()),
    _queue_caches.close_up: ((), (np.array([4, 9, 9, 3, 2], np.uint32), 1, 3, 5)),
    _queue_caches.wrapped: ((7, 5), ()),
    _queue_caches.first_unused: (
        (),
        (np.array([2, 0, 1, 0], np.uint32), 0, 3, np.array([0, 2, 1], np.uint8)),
    ),
    _list_caches.move: ((), (ROUND, np.roll(LINKS, 1), 2, 5)),
    _list_caches.unlink: ((), (ROUND, np.roll(LINKS, 1), 2)),
    _list_caches.recent_uses: (
        (np.array([8, 5], np.uint8), np.array([1, 3], np.int32), 4, 0),
        (),
    ),
    _belady.following_uses: ((TRACE, KEYS), (np.zeros(TRACE.size, np.int32),)),
    _belady.contains: ((SOME_BITS, 68), ()),
    _belady.insert: ((), (np.zeros(3, np.uint64), np.array([0, 2]), 2, 70)),
    _belady.remove: (
        (),
        (np.array([0, 64, 2], np.uint64), np.array([0, 2]), 2, 70),
    ),
    _belady.largest: ((np.array([1, 64, 3], np.uint64), np.array([0, 2]), 2), ()),
    _belady.highest_bit: ((NUMBER,), ()),
    _stack_distances.ones: ((NUMBER,), ()),
    _stack_distances.count_distances: (
        (TRACE, 0, 0),
        (
            np.full(KEYS, -1, np.int32),
            np.full(WORDS, ~np.uint64(0)),
            np.zeros(WORDS // 3, np.uint64),
            np.zeros(WORDS >> 2 * _stack_distances.QUARTERS, np.uint64),
            np.zeros(TRACE.size, np.int32),
            np.zeros(KEYS, np.int64),
        ),
    ),
    _stack_distances.squeeze_slots: (
        (),
        (np.array([69, 68, -1, 71], np.int32), SOME_BITS),
    ),
    ttl_cache._serve_requests: (
        (
            np.cumsum(RNG.exponential(0.1, TRACE.size)),
            TRACE.astype(np.int32),
            np.full(TRACE.size, 2.0),
            RNG.exponential(0.2, TRACE.size),
            np.full(KEYS, -np.inf),
            0.2,
            False,
            False,
        ),
        (np.zeros(TRACE.size, np.uint8),),
    ),
}
