"""What size and performance cost: power laws of price, and cost per request."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v


def price_elasticity(size: ArrayLike, price_usd: ArrayLike) -> float:
    r"""Slope of price over size on logarithmic axes, by least squares.

    Parameters
    ----------
    size : array_like, shape (sizes,)
        Cores, bytes or requests per second, > 0, two of them different.
    price_usd : array_like, shape (sizes,)
        Price of each, > 0, in any currency.

    Returns
    -------
    float
        :math:`e` in price ∝ size\ :sup:`e`: 1 is linear, above 1 large sizes cost more than
        their share. An exponential would have no constant slope.

    Examples
    --------
    >>> round(price_elasticity([2, 8, 32, 96], [140, 560, 2_240, 6_720]), 6)
    1.0
    """
    name = "price_elasticity"
    sizes = v.positive(name, "size", v.vector(name, "size", size))
    prices = v.vector(name, "price_usd", price_usd, sizes.size)
    logs = np.log(sizes) - np.log(sizes).mean()
    spread = float(logs @ logs)
    if np.unique(sizes).size < 2 or spread == 0:
        v.refuse(name, "size", "hold two different numbers", size)
    return float(logs @ np.log(v.positive(name, "price_usd", prices)) / spread)


def cost_of_performance(
    performance_factor: ArrayLike,
    gain_per_doubling: ArrayLike,
) -> float | v.FloatArray:
    r"""How many times as much a multiple of performance costs, at a linear price.

    Parameters
    ----------
    performance_factor : float or array_like, shape (...)
        Wanted multiple of performance, p >= 1.
    gain_per_doubling : float or array_like, shape (...)
        Performance of twice the hardware over that of the single, g from 1.01 to 2.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`p^{\ln 2/\ln g}`; infinite where it exceeds the largest float.

    Examples
    --------
    Twice the performance, at 2×, 1.41× and 1.3× per doubling and a linear price:

    >>> cost_of_performance(2, [2, 2**0.5, 1.3]).round(2)
    array([2.  , 4.  , 6.24])
    """
    name = "cost_of_performance"
    wanted = v.at_least(name, "performance_factor", performance_factor, 1)
    gain = v.at_least(name, "gain_per_doubling", gain_per_doubling, 1.01)
    if np.any(gain > 2):
        v.refuse(name, "gain_per_doubling", "be <= 2", np.max(gain))
    v.broadcastable(name, performance_factor=wanted, gain_per_doubling=gain)
    with v.no_overflow(name, "performance_factor"):
        return v.scalar_or_array(wanted ** (math.log(2) / np.log(gain)))


def break_even_reads_per_write(
    cost_per_write: ArrayLike, saving_per_read: ArrayLike
) -> float | v.FloatArray:
    """Ratio of reads to writes from which a precomputed read model pays.

    Parameters
    ----------
    cost_per_write : float or array_like, shape (...)
        What keeping it up to date costs for each write, in seconds or in money, >= 0.
    saving_per_read : float or array_like, shape (...)
        What each read saves, in the same unit, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        Their ratio.

    Examples
    --------
    A 50 ms join against a 5 ms lookup, and 45 ms for the projection:

    >>> round(break_even_reads_per_write(0.045, 0.050 - 0.005), 6)
    1.0
    """
    name = "break_even_reads_per_write"
    cost = v.non_negative(name, "cost_per_write", cost_per_write)
    saving = v.positive(name, "saving_per_read", saving_per_read)
    v.broadcastable(name, cost_per_write=cost, saving_per_read=saving)
    return v.scalar_or_array(cost / saving)


def _above_one(function: str, argument: str, value: ArrayLike) -> v.FloatArray:
    factor = v.positive(function, argument, value)
    if np.any(factor <= 1):
        v.refuse(function, argument, "be > 1", np.min(factor))
    return factor
