"""Questions on diagonal scaling."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.diagonal.experiments import growth_factor
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.node_size import economic_cores
from scalelab.models.scaling_law import ScalingLaw
from scalelab.planner.node_menu import NodeMenu


def growth(rng: np.random.Generator) -> Variant:
    """Ask how many times the memory of a fleet grew."""
    n, m = int(rng.integers(3, 6)), int(rng.integers(6, 11))
    before, after = int(rng.choice([4, 8])), int(rng.choice([32, 64]))
    answer = growth_factor((n, before), (m, after), each=False)
    return Variant(
        prompt=f"A fleet of {n} servers with {before} GB each becomes {m} servers with {after} GB "
        "each. How many times as much memory does the fleet have?",
        answer=answer,
        solution=f"{m} × {after} GB ÷ ({n} × {before} GB) = {answer:g}.",
        traps=(
            Trap(
                growth_factor((n, before), (m, after), each=True),
                f"That is measured against one old server. The old fleet had {n}.",
            ),
            Trap(after / before, "That is the growth of one server. Their number grew as well."),
            Trap(m / n + after / before, "The two factors multiply."),
        ),
        tolerance=0.01,
    )


def best_size(rng: np.random.Generator) -> Variant:
    """Ask for the size on which a request costs least."""
    sigma, price = float(rng.choice([0.01, 0.02, 0.04])), int(rng.choice([35, 50, 70]))
    fixed = int(rng.integers(2, 10)) * 50
    law = ScalingLaw(unit_throughput_per_s=100, sigma=sigma, kappa=0.0)
    answer = economic_cores(law, usd_per_core=price, usd_per_node=fixed)
    return Variant(
        prompt=f"A node costs ${fixed} a month, and ${price} for each core. A share of {sigma:g} "
        "of the work in it is done in turn. With how many cores does a request cost least? "
        "(Do not round to a whole core.)",
        answer=answer,
        solution=f"√({fixed} × {1 - sigma:g} ÷ ({price} × {sigma:g})) = {answer:.1f}.",
        traps=(
            Trap(answer**2, "Take the square root: one cost falls with the size, one rises."),
            Trap(1 / sigma, "That is the ceiling of the speed-up. No price is in it."),
            Trap(fixed / price, "Contention must be in it: without any, the largest node wins."),
        ),
    )


def fleet(rng: np.random.Generator) -> Variant:
    """Ask for the number of nodes under both rules."""
    node = int(rng.integers(5, 20)) * 100
    wanted = int(rng.integers(2, 9))
    demand = round(node * (0.7 * wanted - rng.uniform(0.1, 0.5)))
    menu = NodeMenu(
        sizes=(1,),
        law=ScalingLaw(unit_throughput_per_s=node, sigma=0.0, kappa=0.0),
        usd_per_core=1.0,
    )
    answer = menu.cheapest(demand).nodes
    bare = int(np.ceil(demand / node))
    traps = [
        Trap(
            float(bare),
            f"So many are {100 * demand / bare / node:.0f} % busy. When one dies, the others are "
            "overloaded.",
        )
    ]
    if bare + 1 != answer:
        traps.append(Trap(bare + 1.0, "One can die, but before that they are busier than 70 %."))
    if answer - 1 not in (bare, bare + 1):
        traps.append(Trap(answer - 1.0, "One of the two rules is broken with one node less."))
    return Variant(
        prompt=f"A node does {node:,} requests a second; {demand:,} a second come in. No node may "
        "be busier than 70 %, and after the loss of one the others may be at most 100 % busy. How "
        "many nodes are needed?",
        answer=float(answer),
        solution=f"{answer} nodes: {100 * demand / answer / node:.0f} % each, and "
        f"{100 * demand / (answer - 1) / node:.0f} % after a loss.",
        traps=tuple(traps),
        tolerance=0.0,
    )


QUESTIONS = (
    choice(
        "baseline",
        """
        Four servers of 2 CPUs and 4 GB become six of 8 CPUs and 32 GB. Which of these are true?
        + The fleet has 6 times the CPUs.
        : 48 against 8: the fleet against the fleet.
        + The fleet has 12 times the memory.
        : 192 GB against 16 GB.
        - The fleet has 24 times the CPUs.
        : Only against one of the old servers, and there were four.
        - The fleet does 24 times the work.
        : Not even against one of them: cores in one server get in each other's way.
        """,
        section="1. Twenty-four times what?",
    ),
    Numeric("growth", growth, section="1. Twenty-four times what?"),
    choice(
        "smallest",
        """
        Prices are proportional to cores, having a node costs nothing, and cores inside a node
        contend a little. Which size gives the cheapest request?
        + The smallest on offer.
        : Its cores contend least, and a core costs the same everywhere.
        - The largest on offer.
        : It does most, but each of its cores does less than a core of a small one.
        - All the same.
        : The price is proportional to the cores. The work is not.
        - The size with the highest throughput per node.
        : What counts is throughput for the money, not for the node.
        """,
        section="3. How large should a node be?",
    ),
    Numeric("best-size", best_size, section="3. How large should a node be?"),
    choice(
        "infeasible",
        """
        A team wants to grow vertically first, on one box. Which requirement makes that impossible,
        however large the box?
        + The service must survive the loss of one machine.
        : With one machine there is no other to carry on.
        - The service must answer within 100 ms.
        : A large box may well do that; it says nothing of the number of boxes.
        - The bill must be low.
        : It may be a poor choice, but price alone does not make it impossible.
        - The database must keep its state.
        : One box is the easiest place for state.
        """,
        section="4. How many of which size?",
    ),
    Numeric("fleet", fleet, section="4. How many of which size?"),
    choice(
        "spare",
        """
        The same load is carried by three nodes of 16 cores or by fourteen of 2, each time with one
        node to spare. How much of what is bought is the spare?
        + A third with the large ones, a fourteenth with the small ones.
        : The spare is one node, so it should be a small one.
        - The same with both: one node.
        : One node, but one is 16 cores and one is 2.
        - More with the small ones, because fourteen can fail.
        : More of them fail in a year. The rule is about one at a time.
        """,
        section="4. How many of which size?",
    ),
    choice(
        "vertical-limit",
        """
        In the game of the chapter, enlarging nodes as far as they go did badly, and enlarging them
        up to 8 cores did well. Why 8?
        + There the price of a node and the contention inside it balance.
        : Beyond it a request costs more again.
        - Larger machines are not on offer.
        : They were, up to 96 cores, and the other strategy bought them.
        - Eight is the square root of the number of requests.
        : The demand is not in the formula. It sets how many nodes, not how large.
        - More than 8 cores fail more often.
        : Failures were not in the game, apart from the one node to spare.
        """,
        section="6. Two years of growth",
    ),
    choice(
        "tiers",
        """
        Why do replicas of a database end up few and large, and nodes of a cache many and small?
        + Every replica must apply all writes, so adding replicas helps less and less.
        : Beyond some number only a larger replica helps.
        + A cache node does much of its work in one thread.
        : More cores would often stand idle, so more nodes it must be.
        - Databases have more users.
        : The size of a node follows from its law, not from the crowd before it.
        - Caches are not important enough for large machines.
        : Nor is it a matter of rank: a large cache node would simply be wasted.
        """,
        section="5. Each tier by its own law",
    ),
    choice(
        "two-points",
        """
        You know a server's throughput on 4 and on 32 cores, and a licence makes nodes dear. The
        planner says 96 cores. What is the risk?
        + Another law meets the same two points and comes down before 96.
        : Measure a third size before you buy.
        - None: the two points were measured.
        : At 4 and at 32. What happens at 96 is a guess by whichever law was chosen.
        - The fleet will be too large.
        : If the guess is wrong it will be too small: nodes that do less than planned.
        """,
        section="7. Break it",
    ),
)
