"""How large a node should be: contention inside it against the fixed cost of having one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models.scaling_law import ScalingLaw


def cost_per_throughput(
    law: ScalingLaw, cores: ArrayLike, *, usd_per_core: float, usd_per_node: float
) -> float | v.FloatArray:
    r"""Monthly price of one request per second on a node of some size.

    Parameters
    ----------
    law : ScalingLaw
        Throughput of a node over its cores.
    cores : float or array_like, shape (...)
        Cores of the node, c >= 1.
    usd_per_core : float
        Price of a core per month, p > 0.
    usd_per_node : float
        What each node costs besides: a licence, an agent, somebody's time, F >= 0.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`(F + pc)/X(c)`, in dollars per month for each request per second.

    Examples
    --------
    >>> law = ScalingLaw(unit_throughput_per_s=267.1, sigma=0.0229, kappa=0)
    >>> cost_per_throughput(law, [2, 8, 32], usd_per_core=70, usd_per_node=100).round(3)
    array([0.46 , 0.358, 0.468])
    """
    name = "cost_per_throughput"
    size = v.at_least(name, "cores", cores, 1)
    price, fixed = _prices(name, law, usd_per_core, usd_per_node)
    return v.scalar_or_array((fixed + price * size) / np.asarray(law.throughput_per_s(size)))


def economic_cores(law: ScalingLaw, *, usd_per_core: float, usd_per_node: float) -> float:
    r"""Size of the node on which a request costs least.

    Parameters
    ----------
    law : ScalingLaw
        Throughput of a node over its cores, without coherency, with contention > 0.
    usd_per_core : float
        Price of a core per month, p > 0.
    usd_per_node : float
        What each node costs besides, F >= 0.

    Returns
    -------
    float
        :math:`\sqrt{F(1-\sigma)/(p\sigma)}`, and 1 where that is less: without a fixed cost
        the smallest node is the cheapest.

    Notes
    -----
    With Amdahl's law :math:`(F + pc)(1 + \sigma(c-1))/c` is :math:`F(1-\sigma)/c + p\sigma c`
    and a constant: one term falls with the size and one rises, and they are equal at the
    minimum, as in the economic order quantity.

    References
    ----------
    Harris, "How many parts to make at once", Factory 10(2), 1913.

    Examples
    --------
    >>> law = ScalingLaw(unit_throughput_per_s=267.1, sigma=0.0229, kappa=0)
    >>> round(economic_cores(law, usd_per_core=70, usd_per_node=100), 2)
    7.81
    """
    name = "economic_cores"
    price, fixed = _prices(name, law, usd_per_core, usd_per_node)
    if law.kappa != 0 or not 0 < law.sigma <= 1:
        v.refuse(name, "law", "have kappa = 0 and sigma in (0, 1]", law)
    return max(1.0, float(np.sqrt(fixed * (1 - law.sigma) / (price * law.sigma))))


def _prices(
    function: str, law: ScalingLaw, usd_per_core: float, usd_per_node: float
) -> tuple[float, float]:
    if not isinstance(law, ScalingLaw):
        v.refuse(function, "law", "be a ScalingLaw", law)
    return (
        v.number(function, "usd_per_core", usd_per_core),
        v.number(function, "usd_per_node", usd_per_node, minimum=0),
    )
