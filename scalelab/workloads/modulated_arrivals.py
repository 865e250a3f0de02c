"""Arrivals whose rate jumps at random: bursts, pauses, and the index that tells them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v


def modulated_arrivals_s(
    rates_per_s: ArrayLike,
    mean_stays_s: ArrayLike,
    horizon_s: float,
    *,
    rng: np.random.Generator,
) -> v.FloatArray:
    """Arrival times of a Markov-modulated Poisson process that goes through its states in turn.

    Parameters
    ----------
    rates_per_s : array_like, shape (states,)
        Arrivals per second in each state, >= 0, not all zero; a zero makes pauses.
    mean_stays_s : array_like, shape (states,)
        Mean seconds of a visit to each state, > 0; visits are exponential.
    horizon_s : float
        End of the period in seconds, > 0.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (n,)
        Seconds in [0, `horizon_s`), ascending; n is random and may be zero.

    Notes
    -----
    The process starts in a state drawn by the shares of time, so it is stationary from the
    beginning.

    References
    ----------
    Fischer and Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook",
    Performance Evaluation 18, 1993.

    Examples
    --------
    Ten seconds on, thirty off, 40 a second while on: 10 a second on average, but in bursts.

    >>> rng = np.random.default_rng(1)
    >>> times = modulated_arrivals_s([40, 0], [10, 30], 10_000, rng=rng)
    >>> counts = np.histogram(times, 1_000)[0]
    >>> round(times.size / 10_000), round(float(counts.var() / counts.mean()))
    (10, 202)
    """
    name = "modulated_arrivals_s"
    rates = v.vector(name, "rates_per_s", v.non_negative(name, "rates_per_s", rates_per_s))
    stays = v.vector(name, "mean_stays_s", mean_stays_s, length=rates.size)
    v.positive(name, "mean_stays_s", stays)
    if not rates.any():
        v.refuse(name, "rates_per_s", "not be all zero", rates)
    horizon = v.number(name, "horizon_s", horizon_s)
    rng = v.generator(name, rng)
    v.drawn(name, "horizon_s over mean_stays_s", stays.size * (1 + horizon / stays.sum()))
    v.drawn(name, "horizon_s and rates_per_s", horizon * float(rates @ stays) / stays.sum())
    starts, states = _visits(stays, horizon, rng)
    lengths = np.diff(starts, append=horizon)
    counts = rng.poisson(rates[states] * lengths)
    # given their number, the arrivals of a visit are uniform in it
    times = np.repeat(starts, counts) + np.repeat(lengths, counts) * rng.random(counts.sum())
    return np.sort(times)


def _visits(
    stays: v.FloatArray, horizon: float, rng: np.random.Generator
) -> tuple[v.FloatArray, np.ndarray]:
    """Begin and state of each visit up to the horizon."""
    first = int(rng.choice(stays.size, p=stays / stays.sum()))
    starts, states, begin = [], [], 0.0
    while begin < horizon:
        # enough visits at once for the horizon, as a rule
        rounds = 1 + int((horizon - begin) / stays.sum())
        order = (first + np.arange(rounds * stays.size)) % stays.size
        ends = begin + np.cumsum(rng.exponential(stays[order]))
        starts.append(np.concatenate([[begin], ends[:-1]]))
        states.append(order)
        begin = float(ends[-1])
    begins, order = np.concatenate(starts), np.concatenate(states)
    inside = begins < horizon
    return begins[inside], order[inside]
