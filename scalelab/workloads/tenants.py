"""Tenants of unequal size: a few large ones, and many that hardly count."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scalelab import _validate as v
from scalelab.workloads.popularity import zipf_popularity


def tenant_sizes(tenants: int, total: int, *, exponent: float = 1.0) -> NDArray[np.int64]:
    """Share out rows, users or requests among tenants by Zipf's law.

    Parameters
    ----------
    tenants : int
        Number of tenants, >= 1.
    total : int
        What there is to share, >= 1.
    exponent : float
        The tenant of rank r has a share proportional to r to the power of minus this, >= 0: 0
        for equal tenants.

    Returns
    -------
    ndarray of int64, shape (tenants,)
        Sizes in descending order, with sum `total`; small tenants may be empty.

    Notes
    -----
    Rounded by largest remainders, so the sum is exact.

    References
    ----------
    Newman, "Power laws, Pareto distributions and Zipf's law", Contemporary Physics 46, 2005.

    Examples
    --------
    >>> tenant_sizes(4, 100)
    array([48, 24, 16, 12])
    """
    name = "tenant_sizes"
    number = v.count(name, "tenants", tenants, maximum=v.MOST_DRAWN)
    whole = v.count(name, "total", total)
    shares = zipf_popularity(number, v.number(name, "exponent", exponent, minimum=0))
    exact = shares * whole
    sizes = np.floor(exact).astype(np.int64)
    missing = whole - int(sizes.sum())
    largest = np.argsort(sizes - exact, kind="stable")[:missing]
    sizes[largest] += 1
    return sizes
