"""Lines in front of servers while clients leave after a timeout and try again."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
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
    return followed(
        lines.tolist(), many.tolist(), asked, can, attempts, patience, lasts, routing, before
    )


def followed(
    lines: list[float],
    servers: list[float],
    asked: float,
    can: float,
    attempts: int,
    patience_s: float,
    lasts_s: float,
    routing: str = "random",
    before: float = 1.0,
) -> RetryLines:
    """Follow lines from one change of their growth to the next; without checks."""
    longest, elapsed_s, groups = can * patience_s, 0.0, range(len(lines))
    long = [line > longest for line in lines]
    while True:
        taken = [g for g in groups if routing == "random" or lines[g] == min(lines)]
        many = sum(servers[g] for g in taken)
        left = sum(servers[g] for g in taken if long[g]) / many  # share of the attempts
        tries = attempts if left == 1 else (1 - left**attempts) / (1 - left)
        late = before > tries and elapsed_s < patience_s
        tries = before if late else tries
        comes = [asked * tries / many if g in taken else 0.0 for g in groups]
        growth = [0.0 if comes[g] < can and not lines[g] else comes[g] - can for g in groups]
        steps = [_until(lines[g], growth[g], longest, long[g]) for g in groups]
        meet = math.inf  # the shortest lines and those after them
        if len(taken) < len(lines):
            after = min(lines[g] for g in groups if g not in taken)
            meet = (after - min(lines)) / (growth[taken[0]] + can)
        step = min(*steps, meet, patience_s - elapsed_s if late else math.inf)
        over = step == math.inf or elapsed_s + step > lasts_s
        gone = not any(lines) and not any(growth)
        if over or gone:
            busy = [servers[g] * (1.0 if lines[g] else min(comes[g] / can, 1.0)) for g in groups]
            rest = 0.0 if gone else lasts_s - elapsed_s
            return RetryLines(
                waiting=np.array([lines[g] + (growth[g] and growth[g] * rest) for g in groups]),
                elapsed_s=elapsed_s + rest,
                utilisation=sum(busy) / sum(servers),
                tries=float(tries),
            )
        # as much as the timeout is left, exactly: less than rounding would be no step
        elapsed_s = patience_s if late and step == patience_s - elapsed_s else elapsed_s + step
        lines = [line + rate * step for line, rate in zip(lines, growth, strict=True)]
        for g in groups:
            if steps[g] == step:  # no rounding: it is there
                turns = long[g] or growth[g] > 0
                lines[g], long[g] = (longest, not long[g]) if turns else (0.0, False)
        if meet == step:
            for g in taken:
                lines[g] = min(lines[h] for h in groups if h not in taken)


def _until(line: float, growth: float, longest: float, long: bool) -> float:
    """Seconds until a line becomes long, is long no more, or is gone."""
    if growth < 0:
        return (line - (longest if long else 0.0)) / -growth
    return (longest - line) / growth if growth > 0 and not long else math.inf
