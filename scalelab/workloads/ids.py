"""Where keys come from: counters, snowflakes, and random numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v

SEQUENCE_BITS, WORKER_BITS = 12, 10  # as in the original service


def auto_increment_ids(count: int, start: int = 1) -> NDArray[np.int64]:
    """Ids of one counter, as a database with one primary gives them.

    Parameters
    ----------
    count : int
        Number of ids, >= 1.
    start : int
        The first, >= 0.

    Returns
    -------
    ndarray of int64, shape (count,)
        Consecutive numbers. Divided into ranges, all new ones fall into the last.

    Examples
    --------
    >>> auto_increment_ids(3, start=7)
    array([7, 8, 9])
    """
    name = "auto_increment_ids"
    first = v.count(name, "start", start, minimum=0)
    return first + np.arange(v.count(name, "count", count, maximum=v.MOST_DRAWN), dtype=np.int64)


def snowflake_ids(times_s: ArrayLike, worker: int = 0) -> NDArray[np.int64]:
    """Ids of milliseconds, worker and sequence, that need no common counter.

    Parameters
    ----------
    times_s : array_like, shape (n,)
        When each id is drawn, in seconds since the service's epoch, ascending, below 2⁴¹ ms.
    worker : int
        Number of the machine that draws, from 0 to 1,023.

    Returns
    -------
    ndarray of int64, shape (n,)
        41 bits of time, 10 of worker, 12 of sequence. They ascend. When one millisecond has
        drawn its 4,096, the next ids borrow from the following milliseconds.

    Notes
    -----
    The sequence begins at zero in each millisecond. At a low rate nearly every id therefore
    ends in twelve zero bits: modulo 4 they are all alike.

    References
    ----------
    King, "Announcing Snowflake", Twitter Engineering, 2010.

    Examples
    --------
    >>> ids = snowflake_ids([1.0, 1.0, 2.0], worker=5)
    >>> [(int(i) >> 22, int(i) >> 12 & 1023, int(i) & 4095) for i in ids]
    [(1000, 5, 0), (1000, 5, 1), (2000, 5, 0)]
    """
    name = "snowflake_ids"
    times = v.vector(name, "times_s", v.non_negative(name, "times_s", times_s))
    machine = v.count(name, "worker", worker, minimum=0)
    if machine >= 1 << WORKER_BITS:
        v.refuse(name, "worker", f"be < {1 << WORKER_BITS}", machine)
    if times[-1] * 1e3 >= 2**41 - times.size:
        v.refuse(name, "times_s", "be below 2**41 milliseconds", times[-1])
    if (np.diff(times) < 0).any():
        v.refuse(name, "times_s", "not decrease", times[1:][np.diff(times) < 0][0])
    ticks = np.floor(times * 1e3 + 1e-6).astype(np.int64) << SEQUENCE_BITS
    # the next free place in time and sequence: at least one after the last
    place = np.arange(times.size)
    slots = np.maximum.accumulate(ticks - place) + place
    millis, sequence = slots >> SEQUENCE_BITS, slots & ((1 << SEQUENCE_BITS) - 1)
    return millis << (WORKER_BITS + SEQUENCE_BITS) | machine << SEQUENCE_BITS | sequence


def random_ids(count: int, bits: int = 63, *, rng: np.random.Generator) -> NDArray[np.int64]:
    """Ids drawn at random, as a UUID of version 4 is.

    Parameters
    ----------
    count : int
        Number of ids, >= 1.
    bits : int
        Random bits of each, from 1 to 63.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of int64, shape (count,)
        Numbers below 2**bits, independent: they spread evenly whatever they are divided by, and
        two may be equal.

    References
    ----------
    RFC 9562 (UUIDs), sec. 5.4.

    Examples
    --------
    >>> ids = random_ids(100_000, rng=np.random.default_rng(1))
    >>> float(np.mean(ids % 4 == 0).round(2))
    0.25
    """
    name = "random_ids"
    width = v.count(name, "bits", bits)
    if width > 63:
        v.refuse(name, "bits", "be <= 63", width)
    rng = v.generator(name, rng)
    return rng.integers(
        0, 2**width, v.count(name, "count", count, maximum=v.MOST_DRAWN), dtype=np.int64
    )


def id_collision_probability(count: int, bits: int) -> float:
    r"""Probability that at least two of many random ids are equal.

    Parameters
    ----------
    count : int
        Number of ids, >= 1.
    bits : int
        Random bits of each, >= 1; a UUID of version 4 has 122.

    Returns
    -------
    float
        :math:`1 - \exp(-n(n-1)/2^{b+1})`, the birthday problem's approximation, in [0, 1].

    Examples
    --------
    A billion ids of 64 bits, and of 122:

    >>> round(id_collision_probability(10**9, 64), 3), id_collision_probability(10**9, 122) < 1e-18
    (0.027, True)
    """
    name = "id_collision_probability"
    number = v.count(name, "count", count, maximum=2**1023)
    width = v.count(name, "bits", bits)
    log2_pairs = math.log2(number) + math.log2(max(number - 1, 1)) - 1
    if number == 1:
        return 0.0
    return float(-np.expm1(-np.exp2(min(log2_pairs - width, 1_000.0))))
