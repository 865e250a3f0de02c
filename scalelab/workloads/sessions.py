"""Sessions: who is here when, for how long, with tails as light or heavy as wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v
from scalelab.workloads.arrivals import poisson_arrivals_until_s
from scalelab.workloads.service_times import exponential_times_s, lognormal_times_s, pareto_times_s

TAILS = ("exponential", "lognormal", "pareto")
SCV, SHAPE = 4.0, 1.5  # of the log-normal lengths; of the Pareto tail


@dataclass(frozen=True, kw_only=True, eq=False)
class Sessions:
    """Sessions in order of their beginning.

    Parameters
    ----------
    start_s, end_s : ndarray, shape (n,)
        When each begins and ends, in seconds.
    """

    start_s: v.FloatArray
    end_s: v.FloatArray

    def open_at(self, time_s: ArrayLike) -> NDArray[np.int64]:
        """Sessions that are open at each time: begun by then, and not over.

        Parameters
        ----------
        time_s : array_like, shape (m,)
            Seconds, >= 0.

        Returns
        -------
        ndarray of int, shape (m,)
            Numbers of sessions.
        """
        times = v.vector("Sessions.open_at", "time_s", time_s)
        v.non_negative("Sessions.open_at", "time_s", times)
        begun = np.searchsorted(self.start_s, times, side="right")
        return begun - np.searchsorted(np.sort(self.end_s), times, side="right")


def poisson_sessions(
    rate_per_s: float,
    mean_length_s: float,
    horizon_s: float,
    *,
    tail: str = "exponential",
    rng: np.random.Generator,
) -> Sessions:
    """Sessions that begin at the times of a Poisson process.

    Parameters
    ----------
    rate_per_s : float
        Sessions that begin per second, > 0.
    mean_length_s : float
        Mean length in seconds, > 0, whatever the tail.
    horizon_s : float
        Sessions begin up to here, in seconds, > 0; they may end later.
    tail : str
        ``"exponential"``; ``"lognormal"``, with a squared coefficient of variation of 4; or
        ``"pareto"`` with an index of 1.5, whose variance is infinite.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Sessions
        Beginnings and ends.

    Raises
    ------
    ValueError
        No session begins.

    Notes
    -----
    The number of open sessions tends to a Poisson variable with mean rate × mean length, for
    every tail: M/G/∞. Heavy tails only take longer to get there.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> crowd = poisson_sessions(2.0, 300.0, 20_000.0, tail="lognormal", rng=rng)
    >>> round(float(crowd.open_at(np.arange(5_000.0, 20_000.0)).mean()), -1)
    600.0
    """
    name = "poisson_sessions"
    v.choice(name, "tail", tail, TAILS)
    rate = v.number(name, "rate_per_s", rate_per_s)
    mean = v.number(name, "mean_length_s", mean_length_s)
    horizon = v.number(name, "horizon_s", horizon_s)
    starts = poisson_arrivals_until_s(rate, horizon, rng=v.generator(name, rng))
    if starts.size == 0:
        v.refuse(name, "horizon_s", "be long enough for a session to begin", horizon)
    if tail == "exponential":
        lengths = exponential_times_s(mean, starts.size, rng=rng)
    elif tail == "lognormal":
        lengths = lognormal_times_s(mean, starts.size, scv=SCV, rng=rng)
    else:
        lengths = pareto_times_s(mean, starts.size, shape=SHAPE, rng=rng)
    return Sessions(start_s=starts, end_s=starts + lengths)
