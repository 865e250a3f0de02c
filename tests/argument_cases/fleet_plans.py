"""Arguments of node sizes, menus of nodes, and plans for growth."""

import math

from support.bad_values import NEGATIVE, NOT_A_COUNT, NOT_POSITIVE

from scalelab.models.scaling_law import ScalingLaw
from scalelab.planner.growth_plan import ChangeCost, vertical_first
from scalelab.planner.node_menu import NodeFleet, NodeMenu

LAW = ScalingLaw(unit_throughput_per_s=100.0, sigma=0.1, kappa=0.0)
MENU = NodeMenu(sizes=(2, 4), law=LAW, usd_per_core=10.0, most_nodes=50)
COSTS = ChangeCost(add_usd=1.0, resize_usd=2.0)
NOT_ONE = [[1.0, 2.0]]
NOT_A_LAW = [None, 3, "law", (1.0, 0.1, 0.0)]
PRICES = {
    "usd_per_core": (10.0, NOT_POSITIVE + NOT_ONE),
    "usd_per_node": (5.0, NEGATIVE + NOT_ONE),
}
NOT_A_FLEET = [None, 3, (1, 2, 3), (0, 2), (2.5, 2), (3, 5), (51, 2), "ab"]
RATE = {"demand_per_s": (300.0, NOT_POSITIVE + NOT_ONE)}
MONTHS = [None, 3.0, [], [1.0, math.nan], [0.0, 1.0], [-1.0, 2.0], [[1.0, 2.0]]]
NOT_A_START = [None, 3, (1, 2, 3), (0, 2), (2.5, 2), "ab"]
TRACE = {
    "menu": (MENU, [None, 3, LAW]),
    "demand_per_s": ([300.0, 500.0], MONTHS),
    "costs": (COSTS, [None, 3.0, (1.0, 2.0)]),
    "start": (NodeFleet(4, 2), NOT_A_START),
}


def fresh() -> NodeMenu:
    return MENU


TABLE = {
    "models.node_size.cost_per_throughput": {
        "law": (LAW, NOT_A_LAW),
        "cores": (4.0, [0.0, 0.5, -1.0, math.nan, math.inf, "x", [2.0, 0.0]]),
        **PRICES,
    },
    "models.node_size.economic_cores": {
        "law": (
            LAW,
            [
                *NOT_A_LAW,
                ScalingLaw(unit_throughput_per_s=1.0, sigma=0.0, kappa=0.0),
                ScalingLaw(unit_throughput_per_s=1.0, sigma=0.1, kappa=0.1),
            ],
        ),
        **PRICES,
    },
    "planner.node_menu.NodeMenu": {
        "sizes": ((2, 4), [(), [2, 4], (4, 2), (2, 2), (0, 2), (2.5,), None]),
        "law": (LAW, NOT_A_LAW),
        **PRICES,
        "shared": (0.1, [*NEGATIVE, 1.5, [0.1, 0.2]]),
        "most_busy": (0.7, [*NOT_POSITIVE, 1.5, [0.1, 0.2]]),
        "spare": (1, [-1, 1.5, True, "x"]),
        "most_nodes": (50, NOT_A_COUNT),
    },
    "planner.node_menu.NodeMenu.carries_per_s": {
        "self": fresh,
        "fleet": (NodeFleet(4, 2), NOT_A_FLEET),
    },
    "planner.node_menu.NodeMenu.usd_per_month": {
        "self": fresh,
        "fleet": (NodeFleet(4, 2), NOT_A_FLEET),
    },
    "planner.node_menu.NodeMenu.fewest": {
        "self": fresh,
        **RATE,
        "size": (2, [3, 0, True, None, "x"]),
    },
    "planner.node_menu.NodeMenu.options": {"self": fresh, **RATE},
    "planner.node_menu.NodeMenu.cheapest": {
        "self": fresh,
        "demand_per_s": (300.0, [*NOT_POSITIVE, 1e9]),
    },
    "planner.growth_plan.ChangeCost": {
        "add_usd": (1.0, NEGATIVE + NOT_ONE),
        "resize_usd": (1.0, NEGATIVE + NOT_ONE),
    },
    "planner.growth_plan.cost_of_plan": {
        **TRACE,
        "fleets": ([NodeFleet(4, 2), NodeFleet(4, 4)], [[], [NodeFleet(4, 2)], [(1, 2), (4, 4)]]),
    },
    "planner.growth_plan.best_plan": TRACE,
    "planner.growth_plan.follow": {**TRACE, "strategy": (vertical_first, [])},
    "planner.growth_plan.vertical_until": {"limit": (4, NOT_A_COUNT)},
}
