"""Rules of an autoscaler, and how long they take."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v

TOLERANCE = 0.1  # of the target: what the published algorithm leaves alone
ROUNDING = 1e-9  # 4 × 0.9 / 0.6 is 6, not the 7 that its last bit asks for


@dataclass(frozen=True, kw_only=True)
class Deadband:
    """Fleet sizes below which one action of a rule leads straight to the opposite one.

    Parameters
    ----------
    flaps_out_below, flaps_in_below : float
        A fleet smaller than this is too idle after scaling out, or too busy after scaling in.
    """

    flaps_out_below: float
    flaps_in_below: float


def proportional_instances(instances: int, metric: float, target: float) -> int:
    r"""Instances that target tracking asks for.

    Parameters
    ----------
    instances : int
        Instances now, n >= 1.
    metric : float
        Measured mean per instance, >= 0: a utilisation, or requests per second.
    target : float
        What it should be, in the same unit, > 0.

    Returns
    -------
    int
        :math:`\lceil n \cdot \text{metric}/\text{target} \rceil`, at least 1; unchanged where
        metric and target differ by a tenth at most.

    References
    ----------
    Kubernetes documentation, "Horizontal Pod Autoscaling", algorithm details.

    Examples
    --------
    >>> proportional_instances(4, 0.85, 0.60), proportional_instances(4, 0.63, 0.60)
    (6, 4)
    """
    name = "proportional_instances"
    instances = v.count(name, "instances", instances)
    measured = v.number(name, "metric", metric, minimum=0)
    wanted = v.number(name, "target", target)
    ratio = measured / wanted
    if abs(ratio - 1) <= TOLERANCE:
        return instances
    if not math.isfinite(instances * ratio):
        v.refuse(name, "metric / target", "be finite", ratio)
    return max(1, math.ceil(instances * ratio * (1 - ROUNDING)))


def utilisation_after_step(
    utilisation: ArrayLike, instances: ArrayLike, step: int
) -> float | v.FloatArray:
    r"""Utilisation after instances are added or removed, at the same load.

    Parameters
    ----------
    utilisation : float or array_like, shape (...)
        Before, >= 0.
    instances : int or array_like of int, shape (...)
        Before, n >= 1.
    step : int
        Instances added, or removed if negative, with n + step >= 1.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`nU/(n + k)`, the utilisation law.

    Examples
    --------
    Two more instances at 85 %, in a fleet of 4, of 10 and of 40:

    >>> utilisation_after_step(0.85, [4, 10, 40], 2).round(3)
    array([0.567, 0.708, 0.81 ])
    """
    name = "utilisation_after_step"
    before = v.non_negative(name, "utilisation", utilisation)
    count = v.counts(name, "instances", instances)
    if isinstance(step, bool) or not isinstance(step, (int, np.integer)):
        v.refuse(name, "step", "be an integer", step)
    if abs(int(step)) > v.EXACT:
        v.refuse(name, "step", "be at most 2**53", step)
    if np.any(count + step < 1):
        v.refuse(name, "step", "leave at least one instance", step)
    v.broadcastable(name, utilisation=before, instances=count)
    return v.scalar_or_array(before * (count / (count + step)))


def fleet_of_step(before: float, after: float, step: int) -> float:
    r"""Fleet in which a step changes the utilisation from one value to another.

    Parameters
    ----------
    before, after : float
        Utilisation before and after, 0 < after < before.
    step : int
        Instances added, k >= 1.

    Returns
    -------
    float
        Instances before, :math:`k U'/(U - U')`.

    Examples
    --------
    >>> round(fleet_of_step(0.85, 0.60, 2), 6)
    4.8
    """
    name = "fleet_of_step"
    high, low = v.number(name, "before", before), v.number(name, "after", after)
    step = v.count(name, "step", step)
    if low >= high:
        v.refuse(name, "after", f"be < before={high:g}", low)
    return step * low / (high - low)


def deadband(low: float, high: float, *, added: int, removed: int) -> Deadband:
    r"""Fleet sizes that flap between two thresholds.

    Parameters
    ----------
    low, high : float
        Utilisations below which it scales in and above which it scales out,
        0 < low < high < 1.
    added, removed : int
        Instances per action, >= 1.

    Returns
    -------
    Deadband
        Scaling out from `high` lands below `low` if :math:`n < k\,l/(h-l)`; scaling in from
        `low` lands above `high` if :math:`n < k\,h/(h-l)`.

    Examples
    --------
    >>> band = deadband(0.3, 0.7, added=2, removed=1)
    >>> round(band.flaps_out_below, 6), round(band.flaps_in_below, 6)
    (1.5, 1.75)
    """
    name = "deadband"
    under, over = v.number(name, "low", low), v.number(name, "high", high)
    v.open_fraction(name, "low", under)
    v.open_fraction(name, "high", over)
    if under >= over:
        v.refuse(name, "low", f"be < high={over:g}", under)
    added, removed = v.count(name, "added", added), v.count(name, "removed", removed)
    return Deadband(
        flaps_out_below=added * under / (over - under),
        flaps_in_below=removed * over / (over - under),
    )


def time_to_add_s(instances: ArrayLike, step: int, interval_s: ArrayLike) -> float | v.FloatArray:
    """Time that a rule of fixed steps takes to add, or to remove, instances.

    Parameters
    ----------
    instances : int or array_like of int, shape (...)
        Instances to add in all, >= 0.
    step : int
        Instances per action, >= 1.
    interval_s : float or array_like, shape (...)
        Seconds per action, cool-down included, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        Seconds; the last, incomplete step counts whole.

    Examples
    --------
    200 instances at two every five minutes take 500 minutes:

    >>> time_to_add_s(200, 2, 300) / 60
    500.0
    """
    name = "time_to_add_s"
    total = v.counts(name, "instances", instances, minimum=0)
    step = v.count(name, "step", step)
    interval = v.positive(name, "interval_s", interval_s)
    v.broadcastable(name, instances=total, interval_s=interval)
    return v.scalar_or_array(np.ceil(total / step) * interval)


def contaminated_mean(
    before: ArrayLike, after: ArrayLike, *, elapsed_s: float, startup_s: float, window_s: float
) -> float | v.FloatArray:
    """Mean over a window some time after an action, with old samples still in it.

    Parameters
    ----------
    before, after : float or array_like, shape (...)
        Value until the new instances serve, and from then on, >= 0.
    elapsed_s : float
        Seconds since the action, >= 0.
    startup_s : float
        Seconds from the action until the new instances serve, >= 0.
    window_s : float
        Length of the average in seconds, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        Mean over the window. It is clean from `startup_s` + `window_s` on, which a
        cool-down should not fall short of.

    Examples
    --------
    >>> round(contaminated_mean(0.85, 0.60, elapsed_s=300, startup_s=180, window_s=300), 4)
    0.75
    """
    name = "contaminated_mean"
    old = v.non_negative(name, "before", before)
    new = v.non_negative(name, "after", after)
    v.broadcastable(name, before=old, after=new)
    elapsed = v.number(name, "elapsed_s", elapsed_s, minimum=0)
    startup = v.number(name, "startup_s", startup_s, minimum=0)
    window = v.number(name, "window_s", window_s)
    share = min(max((startup - elapsed + window) / window, 0.0), 1.0)
    return v.scalar_or_array(share * old + (1 - share) * new)


def saturated_growth(instances: int, target: float, steps: int) -> list[int]:
    r"""Fleet sizes of target tracking while a backlog keeps every instance at 100 %.

    Parameters
    ----------
    instances : int
        Instances at first, n >= 1.
    target : float
        Target utilisation, in (0, 1).
    steps : int
        Decisions, from 0 to 50.

    Returns
    -------
    list of int
        `steps` + 1 sizes, each :math:`\lceil n/\text{target} \rceil`: the sensor cannot show
        how much is missing, nor that enough has been ordered.

    Raises
    ------
    ValueError
        The fleet passes a million.

    Examples
    --------
    Twelve would do, but the backlog is still there when they run:

    >>> saturated_growth(4, 0.6, 3)
    [4, 7, 12, 20]
    """
    name = "saturated_growth"
    sizes = [v.count(name, "instances", instances)]
    goal = v.number(name, "target", target)
    v.open_fraction(name, "target", goal)
    steps = v.count(name, "steps", steps, minimum=0)
    if steps > 50:
        v.refuse(name, "steps", "be <= 50", steps)
    for _ in range(steps):
        if sizes[-1] / goal > 1e6:
            v.refuse(name, "steps", "keep the fleet below a million", steps)
        sizes.append(math.ceil(sizes[-1] / goal * (1 - ROUNDING)))
    return sizes


def newsvendor_fractile(shortage_cost: ArrayLike, spare_cost: ArrayLike) -> float | v.FloatArray:
    r"""Share of occasions on which capacity should be enough.

    Parameters
    ----------
    shortage_cost : float or array_like, shape (...)
        Cost of each unit that is missing, > 0.
    spare_cost : float or array_like, shape (...)
        Cost of each unit too many, in the same currency, > 0.

    Returns
    -------
    float or ndarray, shape (...)
        :math:`c_u/(c_u + c_o)`.

    References
    ----------
    Arrow, Harris and Marschak, "Optimal inventory policy", Econometrica 19, 1951.

    Examples
    --------
    >>> round(newsvendor_fractile(10, 1), 4)
    0.9091
    """
    name = "newsvendor_fractile"
    short = v.positive(name, "shortage_cost", shortage_cost)
    spare = v.positive(name, "spare_cost", spare_cost)
    v.broadcastable(name, shortage_cost=short, spare_cost=spare)
    return v.scalar_or_array(1 / (1 + spare / short))
