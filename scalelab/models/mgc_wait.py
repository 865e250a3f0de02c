"""The wait in front of several servers whose work is not exponential: M/G/c."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._mmc import waiting_and_spare


@dataclass(frozen=True, kw_only=True)
class WaitLaw:
    """Wait of zero for some, and exponential for the others: a law as those of `lag_laws`.

    Parameters
    ----------
    wait_probability : float
        Share of requests that wait at all, in [0, 1].
    mean_if_waiting_s : float
        Mean wait of those, in seconds, > 0.
    """

    wait_probability: float
    mean_if_waiting_s: float

    def __post_init__(self) -> None:
        """Refuse parameters that make no distribution."""
        name = "WaitLaw"
        share = v.number(name, "wait_probability", self.wait_probability, minimum=0)
        v.keep(
            self,
            wait_probability=float(v.fraction(name, "wait_probability", share)),
            mean_if_waiting_s=v.number(name, "mean_if_waiting_s", self.mean_if_waiting_s),
        )

    def tail(self, t_s: ArrayLike) -> float | v.FloatArray:
        """Probability of a wait longer than `t_s` seconds, >= 0."""
        time = v.non_negative("WaitLaw.tail", "t_s", t_s)
        with np.errstate(over="ignore"):
            return v.scalar_or_array(self.wait_probability * np.exp(-time / self.mean_if_waiting_s))

    def quantile(self, q: ArrayLike) -> float | v.FloatArray:
        """Wait that a share `q`, in (0, 1), does not exceed; zero where so many do not wait."""
        share = v.open_fraction("WaitLaw.quantile", "q", q)
        longest = np.maximum(self.wait_probability / (1 - share), 1.0)
        return v.scalar_or_array(self.mean_if_waiting_s * np.log(longest))

    @property
    def mean_s(self) -> float:
        """Mean wait over all requests, in seconds."""
        return self.wait_probability * self.mean_if_waiting_s


def mgc_wait(
    arrival_rate_per_s: float, service_time_s: float, service_scv: float, servers: int
) -> WaitLaw:
    r"""Wait in an M/G/c queue, approximately; exact for exponential work.

    Parameters
    ----------
    arrival_rate_per_s : float
        Poisson arrivals per second, :math:`\lambda > 0`.
    service_time_s : float
        Mean seconds of work in a request, :math:`S > 0`.
    service_scv : float
        Squared coefficient of variation of the work, :math:`c_s^2 \ge 0`.
    servers : int
        Identical servers with one line, :math:`c \ge 1`.

    Returns
    -------
    WaitLaw

    Raises
    ------
    UnstableQueueError
        The offered load is not below `servers`.

    Notes
    -----
    An approximation: as many wait as in M/M/c (Erlang C), and those that do wait
    :math:`(1 + c_s^2)/2` times as long, exponentially. The mean is exact for one server, where it
    is the Pollaczek–Khinchine formula, and for exponential work. The 99th percentile of a system
    of a few stages is within 5 % up to a squared coefficient of variation of about 4; it is too
    high above that, because the longest waits are not exponential then. Without a finite
    variance there is no such law.

    References
    ----------
    Lee and Longton, "Queueing processes associated with airline passenger check-in",
    Operational Research Quarterly 10, 1959.

    Examples
    --------
    Four cores that are 80 % busy, with work that is constant, exponential and uneven:

    >>> [round(1e3 * mgc_wait(320, 0.010, scv, 4).mean_s, 1) for scv in (0, 1, 4)]
    [3.7, 7.5, 18.6]
    """
    name = "mgc_wait"
    rate = v.number(name, "arrival_rate_per_s", arrival_rate_per_s)
    work = v.number(name, "service_time_s", service_time_s)
    scv = v.number(name, "service_scv", service_scv, minimum=0)
    with v.no_overflow(name, "service_time_s and service_scv"):
        waits, spare = waiting_and_spare(name, rate, 1 / work, servers)
        longer = (1 + scv) / 2 / float(spare)
    if not 0 < longer < math.inf:
        v.refuse(name, "service_time_s", "leave a wait that a float holds", work)
    return WaitLaw(wait_probability=min(float(waits), 1.0), mean_if_waiting_s=longer)


def mixed_work(
    rates_per_s: ArrayLike, service_times_s: ArrayLike, service_scvs: ArrayLike
) -> tuple[float, float]:
    r"""Mean and squared coefficient of variation of several kinds of work in one line.

    Parameters
    ----------
    rates_per_s : array_like, shape (kinds,)
        How often each kind comes, >= 0, one of them > 0.
    service_times_s : array_like, shape (kinds,)
        Mean seconds of each, > 0.
    service_scvs : array_like, shape (kinds,)
        Squared coefficient of variation of each, >= 0.

    Returns
    -------
    mean_s, scv : float

    Notes
    -----
    Means and second moments :math:`S_i^2 (1 + c_i^2)` are averaged by rate. Two kinds that
    are constant each are not constant together.

    Examples
    --------
    >>> mean_s, scv = mixed_work([9, 1], [0.001, 0.011], [0, 0])
    >>> round(mean_s, 6), round(scv, 6)
    (0.002, 2.25)
    """
    name = "mixed_work"
    rate = v.weights(name, "rates_per_s", rates_per_s)
    mean = v.positive(
        name, "service_times_s", v.vector(name, "service_times_s", service_times_s, rate.size)
    )
    scv = v.non_negative(
        name, "service_scvs", v.vector(name, "service_scvs", service_scvs, rate.size)
    )
    share = rate / rate.sum()
    with v.no_overflow(name, "service_times_s and service_scvs"):
        whole = float(share @ mean)
        relative = mean / whole  # so that squares of tiny times are not lost
        return whole, max(float(share @ (relative**2 * (1 + scv))) - 1, 0.0)
