"""Birth–death queues with any rates: how many are inside, in the long run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._mmc import UnstableQueueError


@dataclass(frozen=True, kw_only=True)
class BirthDeathQueue:
    """What a birth–death queue does in the long run.

    Parameters
    ----------
    shares : ndarray, shape (states,)
        Share of time with 0, 1, ... inside, for the states that were given rates.
    beyond : float
        Share of time with more inside than that; 0 for a finite queue.
    mean_number : float
        Mean number inside.
    throughput_per_s : float
        Requests that leave per second, and that come in.
    mean_time_s : float
        Mean seconds inside, by Little's law.
    """

    shares: v.FloatArray
    beyond: float
    mean_number: float
    throughput_per_s: float
    mean_time_s: float


def birth_death_queue(
    births_per_s: ArrayLike, deaths_per_s: ArrayLike, *, endless: bool = False
) -> BirthDeathQueue:
    r"""Steady state of a queue whose rates depend on how many are inside.

    Parameters
    ----------
    births_per_s : array_like, shape (n,)
        Rates :math:`\lambda_0, \dots, \lambda_{n-1}` at which the number grows from 0, 1, ..., > 0.
    deaths_per_s : array_like, shape (n,)
        Rates :math:`\mu_1, \dots, \mu_n` at which it shrinks from 1, 2, ..., > 0.
    endless : bool
        False: nobody comes in when n are inside. True: from n on, the last two rates hold for
        ever.

    Returns
    -------
    BirthDeathQueue

    Raises
    ------
    UnstableQueueError
        It is endless, and the last birth rate is not below the last death rate.

    Notes
    -----
    :math:`p_k \propto \prod_{i<k} \lambda_i/\mu_{i+1}`, summed as logarithms; the endless part is
    a geometric series. With the throughputs of a closed subsystem as death rates it is a
    flow-equivalent server: a pool of connections in front of a database.

    References
    ----------
    Feller, *An Introduction to Probability Theory and Its Applications*, vol. 1, 3rd ed., 1968,
    sec. XVII.5; Chandy, Herzog and Woo, "Parametric analysis of queuing networks", IBM Journal
    of Research and Development 19, 1975, for flow-equivalent servers.

    Examples
    --------
    Two servers of one a second and an endless line, at 1.5 a second:

    >>> queue = birth_death_queue([1.5, 1.5], [1.0, 2.0], endless=True)
    >>> round(float(queue.shares[0]), 4), round(queue.mean_time_s, 4)
    (0.1429, 2.2857)
    """
    name = "birth_death_queue"
    births = v.positive(name, "births_per_s", v.vector(name, "births_per_s", births_per_s))
    given = v.vector(name, "deaths_per_s", deaths_per_s, births.size)
    deaths = v.positive(name, "deaths_per_s", given)
    endless = v.truth(name, "endless", endless)
    with v.no_overflow(name, "births_per_s and deaths_per_s"):
        growth = np.cumsum(np.log(births) - np.log(deaths))
        ratio = float(births[-1] / deaths[-1])
    if endless and ratio >= 1:
        rule, remedy = f"end below {deaths[-1]:g} where it is endless", "the line grows for ever"
        v.refuse(name, "births_per_s", rule, births[-1], remedy, UnstableQueueError)
    logs = np.concatenate([[0.0], growth])
    with np.errstate(under="ignore"):
        weight = np.exp(logs - logs.max())
    last = births.size
    # beyond state n there are p_n r, p_n r², ...
    more = weight[-1] * ratio / (1 - ratio) if endless else 0.0
    number = float(weight @ np.arange(last + 1))
    number += more * (last + 1 / (1 - ratio)) if endless else 0.0
    total = weight.sum() + more
    into = float(weight[:-1] @ births) + (more + weight[-1]) * births[-1] * endless
    with v.no_overflow(name, "births_per_s and deaths_per_s"):
        return BirthDeathQueue(
            shares=weight / total,
            beyond=float(more / total),
            mean_number=float(number / total),
            throughput_per_s=float(into / total),
            mean_time_s=float(number / into),
        )
