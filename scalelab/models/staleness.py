"""How often a read that follows a write misses it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._laws import check_law
from scalelab.models.lag_laws import LagLaw


def stale_share(lag: LagLaw, since_write_s: ArrayLike) -> float | v.FloatArray:
    """Share of reads from a replica that miss a write of a given age.

    Parameters
    ----------
    lag : LagLaw
        Distribution of the time until a write is visible on the replica.
    since_write_s : float or array_like, shape (...)
        Seconds between the acknowledgement of the write and the read, >= 0; or the window
        for which the writer's reads go to the primary, and the read comes right after it.

    Returns
    -------
    float or ndarray, shape (...)
        P(lag > t).

    References
    ----------
    Bailis et al., "Probabilistically bounded staleness for practical partial quorums",
    PVLDB 5(8), 2012: t-visibility with one writer.

    Examples
    --------
    >>> from scalelab.models.lag_laws import lognormal_from_percentiles
    >>> lag = lognormal_from_percentiles(0.010, 5.0)
    >>> stale_share(lag, [0.5, 1.0, 2.0]).round(3)
    array([0.335, 0.214, 0.123])
    """
    check_law("stale_share", "lag", lag)
    time = v.non_negative("stale_share", "since_write_s", since_write_s)
    return lag.tail(time)


def safe_window_s(lag: LagLaw, max_stale_share: ArrayLike) -> float | v.FloatArray:
    """How long to read from the primary so that few later reads are stale.

    Parameters
    ----------
    lag : LagLaw
        As in `stale_share`.
    max_stale_share : float or array_like, shape (...)
        Share of reads that may be stale, in (0, 1).

    Returns
    -------
    float or ndarray, shape (...)
        Seconds.

    Examples
    --------
    >>> from scalelab.models.lag_laws import lognormal_from_percentiles
    >>> round(safe_window_s(lognormal_from_percentiles(0.010, 5.0), 0.01), 1)
    18.1
    """
    check_law("safe_window_s", "lag", lag)
    share = v.open_fraction("safe_window_s", "max_stale_share", max_stale_share)
    return lag.quantile(1 - share)


def backward_read_probability(
    lag: LagLaw, first_read_s: float, second_read_s: float, replicas: int
) -> float:
    r"""Chance that a second read does not see a write that the first one saw.

    Parameters
    ----------
    lag : LagLaw
        As in `stale_share`; each replica has a lag of its own.
    first_read_s, second_read_s : float
        Seconds from the write to the reads, 0 <= first <= second.
    replicas : int
        Replicas, to any of which each read goes at random, n >= 1.

    Returns
    -------
    float
        :math:`(1 - 1/n)\,P(\text{lag} \le t_1)\,P(\text{lag} > t_2)`: the reads go to
        different replicas, the first has the write, the second has not.

    References
    ----------
    Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994:
    monotonic reads.

    Examples
    --------
    >>> from scalelab.models.lag_laws import lognormal_from_percentiles
    >>> lag = lognormal_from_percentiles(0.010, 5.0)
    >>> round(backward_read_probability(lag, 0.2, 0.3, replicas=3), 4)
    0.1392
    """
    name = "backward_read_probability"
    check_law(name, "lag", lag)
    first = v.number(name, "first_read_s", first_read_s, minimum=0)
    second = v.number(name, "second_read_s", second_read_s, minimum=0)
    if second < first:
        v.refuse(name, "second_read_s", f"be >= first_read_s={first:g}", second)
    replicas = v.count(name, "replicas", replicas)
    seen, missed = 1 - np.asarray(lag.tail(first)), np.asarray(lag.tail(second))
    return float((1 - 1 / replicas) * seen * missed)
