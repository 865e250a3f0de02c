"""Size of a node and the best plan for growth, beside a library and exhaustive search."""

from itertools import product

from scipy.optimize import minimize_scalar
from support.validity import Case

from scalelab.models.node_size import economic_cores
from scalelab.models.scaling_law import ScalingLaw
from scalelab.planner.growth_plan import ChangeCost, best_plan
from scalelab.planner.node_menu import NodeFleet, NodeMenu

LAW = ScalingLaw(unit_throughput_per_s=250.0, sigma=0.02, kappa=0.0)
MENU = NodeMenu(sizes=(2, 8), law=LAW, usd_per_core=70.0, usd_per_node=100.0)
DEMAND = (600.0, 1_500.0, 900.0)


def by_search() -> float:
    def cost(cores: float) -> float:
        return (100 + 70 * cores) * (1 + 0.02 * (cores - 1)) / (250 * cores)

    return float(minimize_scalar(cost, bounds=(1, 100), method="bounded").x)


def all_plans() -> float:
    """Price of the cheapest of all plans with at most 6 nodes."""
    fleets = [(n, c) for n in range(2, 7) for c in (2, 8)]
    best = float("inf")
    for plan in product(fleets, repeat=3):
        total, before = 0.0, (4, 2)
        for (n, c), rate in zip(plan, DEMAND, strict=True):
            enough = 250 * c / (1 + 0.02 * (c - 1)) * min(0.7 * n, n - 1) >= rate
            total += n * (100 + 70 * c) if enough else float("inf")
            total += 50 * max(n - before[0], 0) + 300 * min(n, before[0]) * (c != before[1])
            before = (n, c)
        best = min(best, total)
    return best


CASES = [
    Case(
        model="Economic size of a node",
        authority="scipy.optimize.minimize_scalar",
        case="sigma 0.02, $70 a core, $100 a node: cores",
        ours=lambda: economic_cores(LAW, usd_per_core=70.0, usd_per_node=100.0),
        theirs=by_search,
        tolerance=1e-5,
    ),
    Case(
        model="Cheapest plan for growth",
        authority="every plan of at most 6 nodes",
        case="two sizes, three months: dollars",
        ours=lambda: (
            best_plan(
                MENU, DEMAND, ChangeCost(add_usd=50.0, resize_usd=300.0), NodeFleet(4, 2)
            ).total_usd
        ),
        theirs=all_plans,
        tolerance=1e-12,
    ),
]
