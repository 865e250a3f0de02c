"""When requests arrive while the rate changes: a day, a flash crowd, a storm of retries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.workloads.arrivals import poisson_arrivals_until_s


def varying_arrivals_s(
    rate_at: Callable[[v.FloatArray], ArrayLike],
    max_rate_per_s: float,
    horizon_s: float,
    *,
    rng: np.random.Generator,
) -> v.FloatArray:
    """Arrival times of a Poisson process whose rate changes with time.

    Parameters
    ----------
    rate_at : callable
        Takes times in seconds, shape (m,); returns the rates there, shape (m,) or a number,
        between 0 and `max_rate_per_s`.
    max_rate_per_s : float
        A rate that is never exceeded, > 0. The closer, the faster.
    horizon_s : float
        End of the period in seconds, > 0.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (n,)
        Seconds in [0, `horizon_s`), ascending; n is random and may be zero.

    References
    ----------
    Lewis and Shedler, "Simulation of nonhomogeneous Poisson processes by thinning", Naval
    Research Logistics Quarterly 26, 1979.

    Examples
    --------
    Twice as many in the second half:

    >>> times = varying_arrivals_s(
    ...     lambda t: np.where(t < 50, 10, 20), 20, 100, rng=np.random.default_rng(1)
    ... )
    >>> round(float(np.sum(times >= 50) / np.sum(times < 50)))
    2
    """
    name = "varying_arrivals_s"
    highest = v.number(name, "max_rate_per_s", max_rate_per_s)
    horizon = v.number(name, "horizon_s", horizon_s)
    rng = v.generator(name, rng)
    if not callable(rate_at):
        v.refuse(name, "rate_at", "be a function of time", rate_at)
    times = poisson_arrivals_until_s(highest, horizon, rng=rng)
    rates = v.non_negative(name, "rate_at(times)", rate_at(times))
    v.broadcastable(name, **{"times": times, "rate_at(times)": rates})
    if np.any(rates > highest):
        v.refuse(name, "rate_at(times)", f"be <= max_rate_per_s={highest:g}", np.max(rates))
    return times[rng.random(times.size) * highest < rates]


def storm_arrivals_s(
    base_rate_per_s: float,
    storm_rate_per_s: float,
    storm_start_s: float,
    storm_end_s: float,
    horizon_s: float,
    *,
    rng: np.random.Generator,
) -> v.FloatArray:
    """Arrival times of a Poisson process with another rate for a while: a flash crowd, retries.

    Parameters
    ----------
    base_rate_per_s, storm_rate_per_s : float
        Mean arrivals per second outside and inside the storm, > 0.
    storm_start_s, storm_end_s : float
        Seconds at which the storm begins and ends, in ascending order, >= 0.
    horizon_s : float
        End of the period in seconds, > 0.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (n,)
        Seconds in [0, `horizon_s`), ascending.

    Examples
    --------
    >>> times = storm_arrivals_s(10, 100, 20, 30, 60, rng=np.random.default_rng(1))
    >>> int(np.sum((times >= 20) & (times < 30)))
    984
    """
    name = "storm_arrivals_s"
    base = v.number(name, "base_rate_per_s", base_rate_per_s)
    storm = v.number(name, "storm_rate_per_s", storm_rate_per_s)
    start = v.number(name, "storm_start_s", storm_start_s, minimum=0)
    end = v.number(name, "storm_end_s", storm_end_s, minimum=0)
    horizon = v.number(name, "horizon_s", horizon_s)
    if end < start:
        v.refuse(name, "storm_end_s", f"be >= storm_start_s={start:g}", end)
    return varying_arrivals_s(
        lambda t: np.where((t >= start) & (t < end), storm, base),
        max(base, storm),
        horizon,
        rng=v.generator(name, rng),
    )
