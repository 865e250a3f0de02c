"""Arguments of node sizes, menus of nodes, and plans for growth."""

import math

from support import kinds as k

from scalelab.models.scaling_law import ScalingLaw
from scalelab.planner.growth_plan import ChangeCost, vertical_first
from scalelab.planner.node_menu import NodeFleet, NodeMenu

LAW = ScalingLaw(unit_throughput_per_s=100.0, sigma=0.1, kappa=0.0)
MENU = NodeMenu(sizes=(2, 4), law=LAW, usd_per_core=10.0, most_nodes=50)
COSTS = ChangeCost(add_usd=1.0, resize_usd=2.0)
ONE = k.Kind([1.0, 2.0])
A_LAW = k.Kind(None, 3, "law", (1.0, 0.1, 0.0))
PRICES = {
    "usd_per_core": k.POSITIVE(10.0, [1.0, 2.0]),
    "usd_per_node": k.NOT_NEGATIVE(5.0, [1.0, 2.0]),
}
FLEET = k.Kind(None, 3, (1, 2, 3), (0, 2), (2.5, 2), (3, 5), (51, 2), "ab")
RATE = {"demand_per_s": k.POSITIVE(300.0, [1.0, 2.0])}
MONTHS = k.Kind(None, 3.0, [], [1.0, math.nan], [0.0, 1.0], [-1.0, 2.0], [[1.0, 2.0]])
START = k.Kind(None, 3, (1, 2, 3), (0, 2), (2.5, 2), "ab")
TRACE = {
    "menu": k.ONLY(MENU, None, 3, LAW),
    "demand_per_s": MONTHS([300.0, 500.0]),
    "costs": k.ONLY(COSTS, None, 3.0, (1.0, 2.0)),
    "start": START(NodeFleet(4, 2)),
}


def fresh() -> NodeMenu:
    return MENU


TABLE = {
    "models.node_size.cost_per_throughput": {
        "law": A_LAW(LAW),
        "cores": k.ONLY(4.0, 0.0, 0.5, -1.0, math.nan, math.inf, "x", [2.0, 0.0]),
        **PRICES,
    },
    "models.node_size.economic_cores": {
        "law": A_LAW(
            LAW,
            ScalingLaw(unit_throughput_per_s=1.0, sigma=0.0, kappa=0.0),
            ScalingLaw(unit_throughput_per_s=1.0, sigma=0.1, kappa=0.1),
        ),
        **PRICES,
    },
    "planner.node_menu.NodeMenu": {
        "sizes": k.ONLY((2, 4), (), [2, 4], (4, 2), (2, 2), (0, 2), (2.5,), None),
        "law": A_LAW(LAW),
        **PRICES,
        "shared": k.NOT_NEGATIVE(0.1, 1.5, [0.1, 0.2]),
        "most_busy": k.POSITIVE(0.7, 1.5, [0.1, 0.2]),
        "spare": k.ONLY(1, -1, 1.5, True, "x"),
        "most_nodes": k.COUNT(50),
    },
    "planner.node_menu.NodeMenu.carries_per_s": {"self": fresh, "fleet": FLEET(NodeFleet(4, 2))},
    "planner.node_menu.NodeMenu.usd_per_month": {"self": fresh, "fleet": FLEET(NodeFleet(4, 2))},
    "planner.node_menu.NodeMenu.fewest": {
        "self": fresh,
        **RATE,
        "size": k.ONLY(2, 3, 0, True, None, "x"),
    },
    "planner.node_menu.NodeMenu.options": {"self": fresh, **RATE},
    "planner.node_menu.NodeMenu.cheapest": {"self": fresh, "demand_per_s": k.POSITIVE(300.0, 1e9)},
    "planner.growth_plan.ChangeCost": {
        "add_usd": k.NOT_NEGATIVE(1.0, [1.0, 2.0]),
        "resize_usd": k.NOT_NEGATIVE(1.0, [1.0, 2.0]),
    },
    "planner.growth_plan.cost_of_plan": {
        **TRACE,
        "fleets": k.ONLY(
            [NodeFleet(4, 2), NodeFleet(4, 4)], [], [NodeFleet(4, 2)], [(1, 2), (4, 4)]
        ),
    },
    "planner.growth_plan.best_plan": TRACE,
    "planner.growth_plan.follow": {**TRACE, "strategy": k.ANY(vertical_first)},
    "planner.growth_plan.vertical_until": {"limit": k.COUNT(4)},
}
