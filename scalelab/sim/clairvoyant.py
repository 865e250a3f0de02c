"""The smallest fleet that is never late, for somebody who knows the demand in advance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim.fleet import Fleet, IntArray


def clairvoyant_fleet(demand_per_s: ArrayLike, fleet: Fleet) -> IntArray:
    r"""Instances to have, running and starting, so that nobody waits and nothing is wasted.

    Parameters
    ----------
    demand_per_s : array_like, shape (n,)
        Requests per second in each tick, >= 0.
    fleet : Fleet
        Rate of an instance, start-up time, bounds.

    Returns
    -------
    ndarray of int, shape (n,)
        Largest number that is needed from now until one start-up time later.

    Raises
    ------
    ValueError
        The demand needs more than `max_instances`.

    Notes
    -----
    A tick needs :math:`\lceil \lambda/\mu \rceil` instances. To stop one and start it again costs
    the start-up time, so an instance is kept through a pause that is not longer, and stopped in
    one that is. That is the cheapest way for each instance alone, and so for all. An order that
    lies before the beginning counts from the beginning.

    References
    ----------
    Karlin, Manasse, Rudolph and Sleator, "Competitive snoopy caching", Algorithmica 3, 1988:
    the offline optimum of renting or buying.

    Examples
    --------
    >>> fleet = Fleet(rate_per_s=10, startup_s=2, min_instances=1, max_instances=9)
    >>> clairvoyant_fleet([5, 5, 5, 5, 25, 5, 5, 5], fleet).tolist()
    [1, 1, 3, 3, 3, 1, 1, 1]
    """
    name = "clairvoyant_fleet"
    if not isinstance(fleet, Fleet):
        v.refuse(name, "fleet", "be a Fleet", fleet)
    demand = v.non_negative(name, "demand_per_s", v.vector(name, "demand_per_s", demand_per_s))
    needed = np.ceil(demand / fleet.rate_per_s * (1 - 1e-9))  # 0.3 / 0.1 is 3, not 4
    if needed.max() > fleet.max_instances:
        rule = f"need at most max_instances={fleet.max_instances}"
        v.refuse(name, "demand_per_s", rule, float(demand.max()))
    needed = np.maximum(needed, fleet.min_instances).astype(np.int32)
    ahead = min(round(fleet.startup_s / fleet.tick_s), demand.size - 1)
    return _largest_ahead(needed, ahead)


def _largest_ahead(values: IntArray, ahead: int) -> IntArray:
    """Maximum of each entry and the `ahead` following ones, by windows that double."""
    largest, window = values.copy(), 1
    while window < ahead + 1:
        step = min(window, ahead + 1 - window)
        largest[:-step] = np.maximum(largest[:-step], largest[step:])
        window += step
    return largest
