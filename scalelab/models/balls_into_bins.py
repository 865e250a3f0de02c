"""The fullest of several bins when each ball goes to a random one."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models import _normal

MOST_BALLS = 20_000
MOST_BINS = 20_000


def mean_max_load(balls: int, bins: int) -> float:
    r"""Mean number of balls in the fullest bin, exactly.

    Parameters
    ----------
    balls : int
        Requests, keys or sessions, from 1 to 20,000.
    bins : int
        Servers or shards, from 1 to 20,000; each ball goes to any of them alike.

    Returns
    -------
    float
        Balls.

    Notes
    -----
    The bins are independent Poisson variables given their sum, so :math:`P(\max \le k)` is the
    chance that `bins` Poisson variables of mean m/n, each at most k, sum to m, over the chance
    that m occurs without the limit. The sum is taken as a Fourier coefficient; exact up to
    rounding of about 1e-9.

    References
    ----------
    Mitzenmacher and Upfal, *Probability and Computing*, 2nd ed., 2017, ch. 5.

    Examples
    --------
    A thousand requests over four servers at random: the busiest gets 26.6 %.

    >>> round(mean_max_load(1_000, 4) / 1_000, 4)
    0.2664
    """
    cdf = _max_load_cdf(balls, bins)
    return float(np.sum(1 - cdf))


def mean_max_load_normal(balls: ArrayLike, bins: int) -> float | v.FloatArray:
    r"""Mean number of balls in the fullest bin, when each bin gets many.

    Parameters
    ----------
    balls : int or array_like of int, shape (...)
        Balls, m >= 1; good from about a hundred per bin on.
    bins : int
        Bins, n >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`m/n + \sqrt{m/n}\,E[\max(Z_1, …, Z_n)]` with independent standard normal
        :math:`Z_i`.

    Examples
    --------
    A million keys over three shards: the fullest is 0.15 % above the mean.

    >>> round(3e-6 * mean_max_load_normal(1_000_000, 3), 4)
    1.0015
    """
    name = "mean_max_load_normal"
    mean = v.counts(name, "balls", balls) / v.count(name, "bins", bins)
    return v.scalar_or_array(mean + np.sqrt(mean) * _mean_max_normal(bins))


def _max_load_cdf(balls: int, bins: int) -> v.FloatArray:
    """P(fullest <= k) for k = 0, 1, …, `balls`, on behalf of `mean_max_load`."""
    function = "mean_max_load"
    balls = v.count(function, "balls", balls)
    bins = v.count(function, "bins", bins)
    for argument, value, most in (("balls", balls, MOST_BALLS), ("bins", bins, MOST_BINS)):
        if value > most:
            v.refuse(function, argument, f"be <= {most}", value, "use mean_max_load_normal")
    mean = balls / bins
    numbers = np.arange(balls + 1)
    log_factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, balls + 1)))])
    poisson = np.exp(numbers * math.log(mean) - mean - log_factorials)
    all_balls = math.exp(balls * math.log(balls) - balls - log_factorials[balls])
    cdf = np.ones(balls + 1)
    cdf[: math.ceil(mean)] = 0.0
    for most_in_bin in range(math.ceil(mean), balls + 1):
        share = _sum_probability(poisson[: most_in_bin + 1], bins, balls) / all_balls
        cdf[most_in_bin] = min(max(share, 0.0), 1.0)
        if 1 - share < 1e-9:
            break
    return np.maximum.accumulate(cdf)


def _sum_probability(pmf: v.FloatArray, terms: int, total: int) -> float:
    """P(sum of `terms` draws from a sub-probability `pmf` = `total`), by Fourier transform."""
    # a grid of this size folds values on `total` that differ from it by 15 standard deviations
    size = 1 << (15 * math.isqrt(total) + 64).bit_length()
    folded = np.bincount(np.arange(pmf.size) % size, weights=pmf, minlength=size)
    spectrum = np.fft.fft(folded) ** terms
    angles = 2j * math.pi * ((np.arange(size) * total) % size) / size
    return float(np.mean(spectrum * np.exp(angles)).real)


def _mean_max_normal(count: int) -> float:
    grid = np.linspace(-9, 9, 3601)
    below = _normal.cdf(grid) ** count
    return float(9 - np.sum(below[1:] + below[:-1]) / 2 * (grid[1] - grid[0]))
