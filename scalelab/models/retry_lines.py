"""Lines in front of servers while clients leave after a timeout and try again."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._retry_lines import followed
from scalelab.models.system_parts import ROUTINGS


@dataclass(frozen=True, kw_only=True, eq=False)
class RetryLines:
    """Lines after some time.

    Parameters
    ----------
    waiting : ndarray, shape (groups,)
        Attempts in line at each server of a group.
    elapsed_s : float
        Seconds until then: fewer than were asked for if all lines are gone; infinite, as is a
        line, where one grows for ever.
    utilisation : float
        Share of all servers that is busy then.
    tries : float
        Attempts of a request then.
    """

    waiting: v.FloatArray
    elapsed_s: float
    utilisation: float
    tries: float


def retry_lines(
    waiting: ArrayLike,
    servers: ArrayLike,
    arrival_rate_per_s: float,
    capacity_per_s: float,
    *,
    retries: int,
    timeout_s: float,
    duration_s: float | None = None,
    routing: str = "random",
    tries: float = 1.0,
) -> RetryLines:
    r"""Follow the lines of groups of servers, each server with its own, at one load.

    Parameters
    ----------
    waiting : array_like, shape (groups,)
        Attempts in line at each server of a group, >= 0.
    servers : array_like of int, shape (groups,)
        Servers of each group, >= 1.
    arrival_rate_per_s : float
        Requests per second of all servers, first attempts only, :math:`\lambda > 0`.
    capacity_per_s : float
        Attempts that one server does in a second, :math:`\mu > 0`.
    retries : int
        How often a client tries again after a timeout, r >= 0.
    timeout_s : float
        Seconds after which a client leaves an attempt, :math:`\tau > 0`. The server goes on with
        it.
    duration_s : float or None
        Seconds to follow them, >= 0; None until all are gone.
    routing : str
        "random", or "fewest outstanding": to the shortest lines.
    tries : float
        Attempts of a request so far, >= 1: for one timeout more there are as many, of clients who
        leave lines that they have joined.

    Returns
    -------
    RetryLines

    Notes
    -----
    A line is long while it has more than :math:`\mu\tau`: whoever joins it leaves it again. At
    random, with a share p of the servers behind long lines, a request is
    :math:`1 + p + \dots + p^r` attempts; with the fewest outstanding it is one while the shortest
    line is short, and :math:`1 + r` otherwise. So a fleet that carries :math:`\lambda` and not
    :math:`\lambda(1 + r)` empties short lines and never long ones, until servers without a line
    come to it.

    The fluid limit, with all attempts at the time of the first one. Retries come up to
    :math:`r\tau` later, and chance lets some clients be served in time, so that lines are
    shorter than told, and gone earlier: by a few per cent, and by more where the servers can do
    little more than what is tried.

    References
    ----------
    Bronson et al., "Metastable failures in distributed systems", HotOS 2021.

    Examples
    --------
    60 requests a second, two retries after half a second, a server that does 100 attempts a second:

    >>> [retry_lines([line], [1], 60, 100, retries=2, timeout_s=0.5).elapsed_s for line in (48, 52)]
    [1.2, inf]

    A second server answers half of the attempts:

    >>> retry_lines([52, 0], [1, 1], 60, 100, retries=2, timeout_s=0.5).elapsed_s
    0.7563909774436091
    """
    name = "retry_lines"
    lines = v.non_negative(name, "waiting", v.vector(name, "waiting", waiting))
    many = v.counts(name, "servers", servers)
    if many.shape != lines.shape:
        v.refuse(name, "servers", f"have shape {lines.shape}", many.shape)
    asked = v.number(name, "arrival_rate_per_s", arrival_rate_per_s, minimum=0)
    can = v.number(name, "capacity_per_s", capacity_per_s)
    attempts = 1 + v.count(name, "retries", retries, minimum=0)
    patience = v.number(name, "timeout_s", timeout_s)
    v.choice(name, "routing", routing, ROUTINGS)
    before = v.number(name, "tries", tries, minimum=1)
    lasts = math.inf
    if duration_s is not None:
        lasts = v.number(name, "duration_s", duration_s, minimum=0)
    with v.no_overflow(name, "its arguments"):
        np.multiply(
            [asked * max(attempts, before), can], [1.0 if math.isinf(lasts) else lasts, patience]
        )
    left, elapsed_s, utilisation, tried = followed(
        lines.tolist(), many.tolist(), asked, can, attempts, patience, lasts, routing, before
    )
    return RetryLines(
        waiting=np.array(left), elapsed_s=elapsed_s, utilisation=utilisation, tries=tried
    )
