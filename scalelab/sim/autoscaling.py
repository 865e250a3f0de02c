"""A fleet that grows and shrinks with its load: a control loop with dead time."""

from __future__ import annotations

from collections.abc import Iterator

from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.sim import _fleet_kernel as kernel
from scalelab.sim._compiled import can_compile
from scalelab.sim._fleet_loop import check_fleet, empty_books, run_fleet, run_of
from scalelab.sim._fleet_on_lists import advance_on_lists_by
from scalelab.sim._scaling_rules import rules_of
from scalelab.sim.fleet import Fleet, FleetRun
from scalelab.sim.scaling_policies import Policy


def fleet_run(
    demand_per_s: ArrayLike,
    fleet: Fleet,
    policy: Policy | None = None,
    *,
    at_least: ArrayLike | None = None,
    sensor: str = "utilisation",
) -> FleetRun:
    """Let a fleet serve a demand, and scale it.

    Parameters
    ----------
    demand_per_s : array_like, shape (n,)
        Requests per second in each tick, >= 0.
    fleet : Fleet
        The instances.
    policy : StepPolicy, TargetPolicy or OwnPolicy, optional
        The reactive part. Without it the fleet follows `at_least`.
    at_least : array_like of int, shape (n,), optional
        Instances that a schedule or a forecast orders at each tick, before they have started;
        with a policy the larger of the two holds, which makes the hybrid.
    sensor : str
        ``"utilisation"`` is what a processor shows and cannot exceed 1, however long the
        line; ``"demand"`` is requests per second over what the fleet can do.

    Returns
    -------
    FleetRun
        Instances, backlog, drops and load of each tick. Its demand is the array given, not a
        copy, where that is of floats and a tick is a second.

    Notes
    -----
    Requests are a fluid with one queue. Times are rounded to ticks. Starting instances cost
    money and serve nobody; instances stop at once, and never while others are starting. The
    backlog is what makes lateness last longer than the overload.

    References
    ----------
    Lorido-Botran, Miguel-Alonso and Lozano, "A review of auto-scaling techniques for elastic
    applications in cloud environments", Journal of Grid Computing 12, 2014.

    Examples
    --------
    Demand doubles; the fleet follows after its start-up time of two minutes:

    >>> import numpy as np
    >>> from scalelab.sim.scaling_policies import TargetPolicy
    >>> fleet = Fleet(rate_per_s=100, startup_s=120, min_instances=5, max_instances=20)
    >>> demand = np.where(np.arange(1_800) < 600, 300.0, 600.0)
    >>> policy = TargetPolicy(target=0.6, window_s=60, every_s=60)
    >>> run = fleet_run(demand, fleet, policy)
    >>> int(run.running[599]), int(run.running[-1]), int((run.running == 5).sum())
    (5, 10, 780)
    """
    name = "fleet_run"
    v.choice(name, "sensor", sensor, ("utilisation", "demand"))
    demand, floor = check_fleet(name, fleet, policy, "demand_per_s", demand_per_s, at_least)
    if fleet.tick_s != 1:
        demand = demand * fleet.tick_s
    rules = rules_of(fleet, policy, saturates=sensor == "utilisation")
    books = empty_books(demand, floor, fleet, rules)
    advance = kernel._advance_by if can_compile() else advance_on_lists_by

    def stretches(every: int, last: int) -> Iterator[int]:
        return advance(every, last, rules, books)

    run_fleet(name, policy, rules, books, fleet, stretches)
    return run_of(fleet, demand, books)
