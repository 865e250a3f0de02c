"""Fleets for a demand that changes: what a strategy costs, and the best that could be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.planner.node_menu import NodeFleet, NodeMenu

Strategy = Callable[[NodeMenu, NodeFleet, float], NodeFleet]


@dataclass(frozen=True, kw_only=True)
class ChangeCost:
    """What it costs, once, to change a fleet; giving nodes back is free.

    Parameters
    ----------
    add_usd : float
        For each node added, >= 0.
    resize_usd : float
        For each node replaced by one of another size, >= 0.
    """

    add_usd: float
    resize_usd: float

    def __post_init__(self) -> None:
        v.keep(self, add_usd=v.number("ChangeCost", "add_usd", self.add_usd, minimum=0))
        v.keep(self, resize_usd=v.number("ChangeCost", "resize_usd", self.resize_usd, minimum=0))

    def usd(self, before: NodeFleet, after: NodeFleet) -> float:
        """Cost of going from one fleet to another."""
        added = max(after.nodes - before.nodes, 0)
        resized = min(after.nodes, before.nodes) if after.size != before.size else 0
        return self.add_usd * added + self.resize_usd * resized


@dataclass(frozen=True, kw_only=True)
class GrowthPlan:
    """A fleet for each month, and what it costs.

    Parameters
    ----------
    fleets : tuple of NodeFleet
        One a month.
    running_usd : float
        Sum of the monthly prices.
    changing_usd : float
        Sum of what the changes cost.
    changes : int
        Months that began with another fleet than the month before.
    """

    fleets: tuple[NodeFleet, ...]
    running_usd: float
    changing_usd: float
    changes: int

    @property
    def total_usd(self) -> float:
        """All of it."""
        return self.running_usd + self.changing_usd

    def regret(self, best: GrowthPlan) -> float:
        """How much more it costs than the best plan, as a share of that."""
        return self.total_usd / best.total_usd - 1


def cost_of_plan(
    menu: NodeMenu,
    fleets: list[NodeFleet] | tuple[NodeFleet, ...],
    demand_per_s: ArrayLike,
    costs: ChangeCost,
    start: NodeFleet,
) -> GrowthPlan:
    """Add up what a plan costs, after seeing that it carries every month.

    Parameters
    ----------
    menu : NodeMenu
        What can be bought.
    fleets : sequence of NodeFleet, length n
        The fleet of each month.
    demand_per_s : array_like, shape (n,)
        Busiest rate of each month, > 0.
    costs : ChangeCost
        Of changing from month to month.
    start : NodeFleet
        What is there before the first month.

    Returns
    -------
    GrowthPlan

    Raises
    ------
    ValueError
        A month's fleet does not carry its demand.

    Examples
    --------
    >>> from scalelab.models.scaling_law import ScalingLaw
    >>> law = ScalingLaw(unit_throughput_per_s=100, sigma=0, kappa=0)
    >>> menu = NodeMenu(sizes=(2, 4), law=law, usd_per_core=10)
    >>> costs = ChangeCost(add_usd=5, resize_usd=50)
    >>> plan = cost_of_plan(menu, [NodeFleet(4, 2), NodeFleet(5, 2)], [500, 700], costs, (4, 2))
    >>> plan.running_usd, plan.changing_usd, plan.changes
    (180.0, 5.0, 1)
    """
    name = "cost_of_plan"
    demand = _checked(name, menu, demand_per_s, costs, start)
    if not isinstance(fleets, (list, tuple)) or len(fleets) != demand.size:
        v.refuse(name, "fleets", f"be a list of {demand.size} fleets, one a month", fleets)
    plan = [_fleet(name, "fleets", fleet) for fleet in fleets]
    for month, (fleet, rate) in enumerate(zip(plan, demand, strict=True)):
        if menu.carries_per_s(fleet) < rate * (1 - 1e-12):
            v.refuse(name, "fleets", f"carry {rate:g} per second in month {month}", fleet)
    return _added_up(menu, plan, costs, NodeFleet(*start))


def best_plan(
    menu: NodeMenu, demand_per_s: ArrayLike, costs: ChangeCost, start: NodeFleet
) -> GrowthPlan:
    """Find the cheapest plan there is, for a demand that is known in advance.

    Parameters
    ----------
    menu, demand_per_s, costs, start
        As in `cost_of_plan`.

    Returns
    -------
    GrowthPlan

    Raises
    ------
    ValueError
        No fleet carries a month.

    Notes
    -----
    Every fleet that any month could need is a state, and the cheapest path through the months
    is found by dynamic programming, which is exhaustive search without its repetitions.

    References
    ----------
    Bellman, *Dynamic Programming*, 1957.

    Examples
    --------
    >>> from scalelab.models.scaling_law import ScalingLaw
    >>> law = ScalingLaw(unit_throughput_per_s=100, sigma=0, kappa=0)
    >>> menu = NodeMenu(sizes=(2, 4), law=law, usd_per_core=10)
    >>> costs = ChangeCost(add_usd=5, resize_usd=50)
    >>> best_plan(menu, [500, 700], costs, NodeFleet(4, 2)).fleets
    (NodeFleet(nodes=4, size=2), NodeFleet(nodes=5, size=2))
    """
    name = "best_plan"
    demand = _checked(name, menu, demand_per_s, costs, start)
    menu.cheapest(float(demand.max()))  # refuses what nothing carries
    states = _states(menu, demand)
    price = np.array([menu.usd_per_month(fleet) for fleet in states])
    carries = np.array([menu.carries_per_s(fleet) for fleet in states])
    moves = np.array([[costs.usd(before, after) for after in states] for before in states])
    spent = np.array([costs.usd(NodeFleet(*start), fleet) for fleet in states])
    came_from = []
    for month, rate in enumerate(demand):
        if month:
            paths = spent[:, None] + moves
            came_from.append(paths.argmin(axis=0))
            spent = paths.min(axis=0)
        spent = spent + np.where(carries >= rate * (1 - 1e-12), price, np.inf)
    at = int(spent.argmin())
    path = [at]
    for back in reversed(came_from):
        path.append(at := int(back[at]))
    return _added_up(menu, [states[i] for i in reversed(path)], costs, NodeFleet(*start))


def follow(
    strategy: Strategy,
    menu: NodeMenu,
    demand_per_s: ArrayLike,
    costs: ChangeCost,
    start: NodeFleet,
) -> GrowthPlan:
    """Let a strategy choose month by month, and add up what it costs.

    Parameters
    ----------
    strategy : callable
        ``strategy(menu, fleet, demand_per_s) -> NodeFleet``, given the fleet so far and the
        demand of the month to come, and nothing beyond.
    menu, demand_per_s, costs, start
        As in `cost_of_plan`.

    Returns
    -------
    GrowthPlan

    Raises
    ------
    ValueError
        A chosen fleet does not carry its month.

    Examples
    --------
    >>> from scalelab.models.scaling_law import ScalingLaw
    >>> law = ScalingLaw(unit_throughput_per_s=100, sigma=0, kappa=0)
    >>> menu = NodeMenu(sizes=(2, 4), law=law, usd_per_core=10)
    >>> costs = ChangeCost(add_usd=5, resize_usd=50)
    >>> follow(vertical_first, menu, [500, 700, 1_500], costs, NodeFleet(4, 2)).fleets
    (NodeFleet(nodes=4, size=2), NodeFleet(nodes=4, size=4), NodeFleet(nodes=6, size=4))
    """
    demand = _checked("follow", menu, demand_per_s, costs, start)
    fleet, chosen = NodeFleet(*start), []
    for rate in demand:
        fleet = _fleet("follow", "strategy(...)", strategy(menu, fleet, float(rate)))
        chosen.append(fleet)
    return cost_of_plan(menu, chosen, demand, costs, start)


def vertical_until(limit: int) -> Strategy:
    """Make the strategy that enlarges the nodes up to a size, and then adds more of them.

    Parameters
    ----------
    limit : int
        Cores at which a node is large enough, >= 1.

    Returns
    -------
    callable
        Below the limit it keeps the number of nodes, and keeps what carries the month. From
        the limit on it has as many nodes as the month needs.
    """
    most = v.count("vertical_until", "limit", limit)

    def strategy(menu: NodeMenu, fleet: NodeFleet, demand_per_s: float) -> NodeFleet:
        if fleet.size >= most:
            return horizontal_only(menu, fleet, demand_per_s)
        if menu.carries_per_s(fleet) >= demand_per_s:
            return fleet
        larger = [size for size in menu.sizes if fleet.size < size <= most]
        for size in larger:
            enough = NodeFleet(fleet.nodes, size)
            if menu.carries_per_s(enough) >= demand_per_s:
                return enough
        last = NodeFleet(fleet.nodes, larger[-1] if larger else fleet.size)
        return horizontal_only(menu, last, demand_per_s)

    return strategy


def vertical_first(menu: NodeMenu, fleet: NodeFleet, demand_per_s: float) -> NodeFleet:
    """Keep the number of nodes and enlarge them; add nodes only when none is large enough."""
    return vertical_until(menu.sizes[-1])(menu, fleet, demand_per_s)


def horizontal_only(menu: NodeMenu, fleet: NodeFleet, demand_per_s: float) -> NodeFleet:
    """Keep the size of the nodes, and have as many as the month needs."""
    return menu.fewest(demand_per_s, fleet.size) or menu.cheapest(demand_per_s)


def cheapest_now(menu: NodeMenu, fleet: NodeFleet, demand_per_s: float) -> NodeFleet:
    """Take what is cheapest this month, whatever it costs to change."""
    return menu.cheapest(demand_per_s)


def _states(menu: NodeMenu, demand: v.FloatArray) -> list[NodeFleet]:
    """Every fleet from what the quietest month needs to what the busiest does."""
    states = []
    for size in menu.sizes:
        least = menu.fewest(float(demand.min()), size)
        most = menu.fewest(float(demand.max()), size)
        if least is not None:
            last = menu.most_nodes if most is None else most.nodes
            states += [NodeFleet(nodes, size) for nodes in range(least.nodes, last + 1)]
    return states


def _added_up(
    menu: NodeMenu, fleets: list[NodeFleet], costs: ChangeCost, start: NodeFleet
) -> GrowthPlan:
    steps = list(pairwise([start, *fleets]))
    return GrowthPlan(
        fleets=tuple(fleets),
        running_usd=float(sum(menu.usd_per_month(fleet) for fleet in fleets)),
        changing_usd=float(sum(costs.usd(before, after) for before, after in steps)),
        changes=sum(before != after for before, after in steps),
    )


def _checked(
    function: str, menu: NodeMenu, demand_per_s: ArrayLike, costs: ChangeCost, start: NodeFleet
) -> v.FloatArray:
    if not isinstance(menu, NodeMenu):
        v.refuse(function, "menu", "be a NodeMenu", menu)
    if not isinstance(costs, ChangeCost):
        v.refuse(function, "costs", "be a ChangeCost", costs)
    demand = v.positive(function, "demand_per_s", v.vector(function, "demand_per_s", demand_per_s))
    _fleet(function, "start", start)
    return demand


def _fleet(function: str, argument: str, value: object) -> NodeFleet:
    if not isinstance(value, tuple) or len(value) != 2:
        v.refuse(function, argument, "be a NodeFleet of nodes and size", value)
    return NodeFleet(*(v.count(function, argument, part) for part in value))
