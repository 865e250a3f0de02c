"""Probabilistically bounded staleness: how stale a read from a partial quorum may be."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._binomial import binomial_tail
from scalelab.models._quadrature import half_line


@dataclass(frozen=True, kw_only=True)
class ExponentialWars:
    """Mean one-way delays of a quorum store, all exponential.

    Parameters
    ----------
    write_s, acknowledge_s : float
        From the coordinator to a replica with a write, and back, in seconds, > 0.
    read_s, respond_s : float
        From the coordinator to a replica with a read, and back, in seconds, > 0.
    """

    write_s: float
    acknowledge_s: float
    read_s: float
    respond_s: float

    def __post_init__(self) -> None:
        """Refuse delays that make no distribution."""
        for argument in ("write_s", "acknowledge_s", "read_s", "respond_s"):
            v.keep(
                self, **{argument: v.number("ExponentialWars", argument, getattr(self, argument))}
            )


def miss_probability(replicas: int, read_quorum: int, write_quorum: int) -> float:
    r"""Chance that a read quorum holds none of the replicas that acknowledged a write.

    Parameters
    ----------
    replicas : int
        Replicas of the item, N, from 1 to 1,000.
    read_quorum, write_quorum : int
        Answers that a read and a write wait for, R and W, from 1 to N.

    Returns
    -------
    float
        :math:`p = \binom{N-W}{R} / \binom{N}{R}`; zero when :math:`R + W > N`.

    Notes
    -----
    Both quorums are random, and a write reaches nobody beyond its quorum: the worst case.

    References
    ----------
    Bailis et al., "Probabilistically bounded staleness for practical partial quorums",
    PVLDB 5(8), 2012, eq. 1.

    Examples
    --------
    >>> round(miss_probability(3, 1, 1), 4), miss_probability(3, 2, 2)
    (0.6667, 0.0)
    """
    replicas, read, write = _quorums("miss_probability", replicas, read_quorum, write_quorum)
    return math.comb(replicas - write, read) / math.comb(replicas, read)


def k_staleness(
    replicas: int, read_quorum: int, write_quorum: int, versions: ArrayLike
) -> float | v.FloatArray:
    r"""Chance that a read misses all of the last versions.

    Parameters
    ----------
    replicas, read_quorum, write_quorum : int
        As in `miss_probability`.
    versions : int or array_like of int, shape (...)
        Number of latest versions, k >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`p^k`, with :math:`p` from `miss_probability`.

    References
    ----------
    Bailis et al., PVLDB 5(8), 2012, eq. 2.

    Examples
    --------
    One of three for reads and writes: within three versions in 70 % of reads.

    >>> round(1 - k_staleness(3, 1, 1, 3), 3)
    0.704
    """
    name = "k_staleness"
    replicas, read, write = _quorums(name, replicas, read_quorum, write_quorum)
    count = v.counts(name, "versions", versions)
    return v.scalar_or_array(miss_probability(replicas, read, write) ** count)


def monotonic_violation(
    replicas: int, read_quorum: int, write_quorum: int, writes_per_read: ArrayLike
) -> float | v.FloatArray:
    r"""Chance that a client's read is older than his last one.

    Parameters
    ----------
    replicas, read_quorum, write_quorum : int
        As in `miss_probability`.
    writes_per_read : float or array_like, shape (...)
        Writes of anybody to the item between two reads of the client, >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`p^{1 + \gamma}`: k-staleness over the versions since the last read.

    References
    ----------
    Bailis et al., PVLDB 5(8), 2012, eq. 3.

    Examples
    --------
    >>> round(monotonic_violation(3, 1, 1, 1.0), 4)
    0.4444
    """
    name = "monotonic_violation"
    replicas, read, write = _quorums(name, replicas, read_quorum, write_quorum)
    between = v.non_negative(name, "writes_per_read", writes_per_read)
    return v.scalar_or_array(miss_probability(replicas, read, write) ** (1 + between))


def stale_read_probability(
    delays: ExponentialWars,
    since_write_s: ArrayLike,
    replicas: int,
    read_quorum: int,
    write_quorum: int,
) -> float | v.FloatArray:
    r"""Chance that a read begun some time after a write's acknowledgement misses it.

    Parameters
    ----------
    delays : ExponentialWars
        Mean delays of the four messages.
    since_write_s : float or array_like, shape (...)
        Seconds from the acknowledgement to the client until the read begins, t >= 0.
    replicas, read_quorum, write_quorum : int
        As in `miss_probability`, with at most 100 replicas. Every message goes to all of
        them, and the first R or W answers count.

    Returns
    -------
    float or ndarray, shape (...)
        One minus t-visibility.

    Notes
    -----
    The WARS model. A read is stale if at each of the R replicas that answer first the write
    arrives later than the read. None of these then belongs to the W that acknowledged, so
    the write returns after :math:`M`, the W-th fastest acknowledgement of the other N − R.
    As the delay of a write has no memory (rate :math:`\omega`), the probability factors:

    .. math:: e^{-R\omega t}\; E[e^{-R\omega M}]\; E\Bigl[\prod_{i=1}^{R} e^{-\omega r_i}\Bigr]

    with :math:`r_i` the delays of the read at the R fastest. Both expectations are single
    integrals, over the density of an order statistic.

    References
    ----------
    Bailis et al., "Probabilistically bounded staleness for practical partial quorums",
    PVLDB 5(8), 2012, sec. 3.4 and 4, where it is simulated.

    Examples
    --------
    Three replicas, 10 ms each way, read and write one:

    >>> delays = ExponentialWars(write_s=0.01, acknowledge_s=0.01, read_s=0.01, respond_s=0.01)
    >>> stale_read_probability(delays, [0.0, 0.05], 3, 1, 1).round(5)
    array([0.2482 , 0.00167])
    """
    name = "stale_read_probability"
    if not isinstance(delays, ExponentialWars):
        v.refuse(name, "delays", "be an ExponentialWars", v.Words(type(delays).__name__))
    time = v.non_negative(name, "since_write_s", since_write_s)
    replicas, read, write = _quorums(name, replicas, read_quorum, write_quorum)
    if replicas > 100:
        v.refuse(name, "replicas", "be <= 100", replicas)
    if read + write > replicas:
        return v.scalar_or_array(np.zeros_like(time))
    at_once = _late_write(delays, replicas - read, write, read) * _late_read(delays, replicas, read)
    return v.scalar_or_array(np.exp(-read * time / delays.write_s) * min(at_once, 1.0))


def _late_write(delays: ExponentialWars, others: int, write: int, read: int) -> float:
    """E[exp(−RωM)], M the W-th of the other replicas' write plus acknowledgement."""
    rate = read / delays.write_s
    arrived = _sum_cdf(1 / delays.write_s, 1 / delays.acknowledge_s)

    def integrand(t: v.FloatArray) -> v.FloatArray:  # E[e^{−aM}] = ∫ a e^{−at} P(M <= t) dt
        return rate * np.exp(-rate * t) * binomial_tail(arrived(t), write, others)

    return _half_line(integrand, [delays.write_s / read, delays.write_s, delays.acknowledge_s])


def _late_read(delays: ExponentialWars, replicas: int, read: int) -> float:
    """E[∏ exp(−ωr)] over the R fastest of all replicas' read plus response."""
    late, there, back = 1 / delays.write_s, 1 / delays.read_s, 1 / delays.respond_s
    answered = _sum_cdf(there, back)
    # with the factor e^{−ωr} the outward delay keeps its shape: rate r + ω, times r/(r + ω)
    weight = there / (there + late)
    in_time = _sum_cdf(there + late, back)
    density = _sum_density(there + late, back)

    def integrand(t: v.FloatArray) -> v.FloatArray:  # t: the answer of the R-th fastest
        faster = (weight * in_time(t)) ** (read - 1)
        return weight * density(t) * faster * (1 - answered(t)) ** (replicas - read)

    orders = read * math.comb(replicas, read)
    return orders * _half_line(integrand, [delays.read_s, delays.respond_s, 1 / (there + late)])


def _sum_cdf(one: float, other: float) -> Callable[[v.FloatArray], v.FloatArray]:
    """Distribution of a sum of two exponentials with the given rates."""
    slow, gap = min(one, other), abs(one - other)

    def cdf(t: v.FloatArray) -> v.FloatArray:
        # 1 − e^{−st}(1 + s∫e^{−gu}du over 0..t), in a form that survives equal rates
        return np.clip(-np.expm1(-slow * t) - slow * np.exp(-slow * t) * _ramp(gap, t), 0.0, 1.0)

    return cdf


def _sum_density(one: float, other: float) -> Callable[[v.FloatArray], v.FloatArray]:
    slow, gap = min(one, other), abs(one - other)
    return lambda t: one * other * np.exp(-slow * t) * _ramp(gap, t)


def _ramp(gap: float, t: v.FloatArray) -> v.FloatArray:
    """∫ exp(−gap·u) du over 0..t."""
    return t if gap == 0 else -np.expm1(-gap * t) / gap


def _half_line(integrand: Callable[[v.FloatArray], v.FloatArray], scales_s: list[float]) -> float:
    return half_line(integrand, min(scales_s), max(scales_s))


def _quorums(
    function: str, replicas: int, read_quorum: int, write_quorum: int
) -> tuple[int, int, int]:
    replicas = v.count(function, "replicas", replicas)
    if replicas > 1_000:
        v.refuse(function, "replicas", "be <= 1000", replicas)
    read = v.count(function, "read_quorum", read_quorum)
    write = v.count(function, "write_quorum", write_quorum)
    for argument, quorum in (("read_quorum", read), ("write_quorum", write)):
        if quorum > replicas:
            v.refuse(function, argument, f"be <= replicas={replicas}", quorum)
    return replicas, read, write
