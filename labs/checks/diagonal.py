"""Exercises of the lab on diagonal scaling: checkers, hints, solutions, and wrong answers."""

import math
from itertools import pairwise

import numpy as np

from scalelab.course.chapters.diagonal.experiments import CHANGES, START, growing_demand, guide_menu
from scalelab.course.check import Lab
from scalelab.course.examine import AnswerError, answered, same_number
from scalelab.planner.growth_plan import best_plan, cheapest_now, cost_of_plan, vertical_first
from scalelab.planner.node_menu import NodeFleet

MOST_REGRET = 1 / 8

lab = Lab("diagonal")


def _pair(got, names, scenario, why):
    """`got` as two numbers, or an error that says what was asked for."""
    good = isinstance(got, (tuple, list, np.ndarray)) and len(got) == 2
    if not good or not all(
        isinstance(part, (int, float, np.number)) and math.isfinite(part) for part in got
    ):
        raise AnswerError(
            f"a pair {names}",
            repr(got)[:80],
            scenario=scenario,
            why=why,
            hint=f"End with: return {names.strip('()')}",
        )
    return got


# Task 1: of what? ----------------------------------------------------------------------------

growth = lab.exercise(
    "growth",
    "How much a fleet grew",
    hints=(
        "Measure the new fleet against the old fleet. What does a fleet have, all servers taken "
        "together?",
        "servers * cpus of the new one, over servers * cpus of the old one; the same for memory.",
    ),
)


@growth.check_with
def check_growth(answer, rng):
    before = (int(rng.integers(2, 6)), int(rng.choice([2, 4])), int(rng.choice([4, 8])))
    after = (int(rng.integers(6, 12)), int(rng.choice([8, 16])), int(rng.choice([64, 128])))
    scenario = f"before={before}, after={after}: servers, CPUs and GB of each"
    got = answered(answer(before, after))
    got = _pair(got, "(cpu_ratio, ram_ratio)", scenario, "CPU and memory grow apart.")
    (n, *old), (m, *new) = before, after
    for name, value, had, has in zip(("cpu", "ram"), got, old, new, strict=True):
        why = "A ratio without its baseline can be any number; here the baseline is the old fleet."
        for wrong, meaning in (
            (m * has / had, f"That is against one old server. There were {n} of them."),
            (has / had, "That is one server against one. Their number grew as well."),
            (m / n + has / had, "More servers and larger ones: the factors multiply."),
            (
                m * has / (n * had) - 1,
                "That is how much more. Asked for is how many times as much.",
            ),
            (n * had / (m * has), "Upside down: that is the old fleet over the new one."),
            (m * (new[0] + new[1] - has) / (n * (old[0] + old[1] - had)), "CPUs first, then GB."),
        ):
            if math.isclose(value, wrong, rel_tol=1e-9):
                why = meaning
        same_number(
            value,
            m * has / (n * had),
            scenario=f"{name}_ratio for {scenario}",
            why=why,
            hint="Add up all servers before you divide.",
        )


@growth.solve
def fleet_growth(before, after):
    """Add up each fleet, then divide; CPU and memory separately.

    A server's growth and the growth of their number multiply. Which baseline is meant has
    to be said; whoever pays the bill compares fleet with fleet.
    """
    servers, cpus, gb = before
    more, larger_cpus, larger_gb = after
    return more * larger_cpus / (servers * cpus), more * larger_gb / (servers * gb)


@growth.solve_otherwise
def fleet_growth(before, after):
    """Multiply the growth of the number by the growth of each."""
    number = after[0] / before[0]
    return tuple(number * new / old for old, new in zip(before[1:], after[1:], strict=True))


@growth.reject("against one server", "against one old server")
def against_one(before, after):
    return after[0] * after[1] / before[1], after[0] * after[2] / before[2]


@growth.reject("one against one", "one server against one")
def one_to_one(before, after):
    return after[1] / before[1], after[2] / before[2]


@growth.reject("more, not as much", "how much more")
def how_much_more(before, after):
    return tuple(ratio - 1 for ratio in growth.solution(before, after))


@growth.reject("upside down", "old fleet over the new one")
def old_over_new(before, after):
    return tuple(1 / ratio for ratio in growth.solution(before, after))


@growth.reject("memory first", "CPUs first")
def memory_first(before, after):
    return growth.solution(before, after)[::-1]


@growth.reject("factors added", "the factors multiply")
def added(before, after):
    number = after[0] / before[0]
    return number + after[1] / before[1], number + after[2] / before[2]


# Task 2: what a fleet may carry --------------------------------------------------------------

usable = lab.exercise(
    "usable",
    "What a fleet may carry",
    hints=(
        "There are two rules, and both must hold. Write down the largest load that each allows.",
        "Without a loss: most_busy * nodes * node_per_s. After a loss: (nodes - 1) * node_per_s. "
        "The smaller one counts.",
    ),
)


@usable.check_with
def check_usable(answer, rng):
    nodes = int(rng.permutation([1, 2, 3, 4, 6, 8])[0])  # one alone is a case of its own
    node_per_s = float(rng.integers(2, 40) * 50)
    most_busy = float(rng.choice([0.6, 0.7, 0.8]))
    truth = node_per_s * min(most_busy * nodes, nodes - 1)
    got = answered(answer(nodes, node_per_s, most_busy))
    why = "A fleet that is promised more than it may carry breaks one of its two promises."
    if isinstance(got, (float, int)):
        for wrong, meaning in (
            (
                most_busy * (nodes - 1),
                "The limit of most_busy is for normal days. After a loss "
                "the others may be fully busy until help comes.",
            ),
            (
                most_busy * nodes,
                f"After the loss of one of {nodes} the others would be "
                "overloaded: redundancy is the tighter rule here.",
            ),
            (
                nodes,
                "Every node at 100 % on a normal day: neither rule is kept.",
            ),
            (
                nodes - 1,
                f"With {nodes} nodes the loss could be borne, but on normal days each "
                "would be busier than it may be.",
            ),
        ):
            if math.isclose(got, wrong * node_per_s) and not math.isclose(got, truth):
                why = meaning
        if nodes == 1 and got > 0:
            why = "One node is never redundant: when it is lost there is nobody to carry anything."
    same_number(
        got,
        truth,
        scenario=f"{nodes} nodes of {node_per_s:g} requests/s, most_busy={most_busy}",
        why=why,
        hint="Two rules, two loads; which one is reached first?",
    )


@usable.solve
def usable_load(nodes, node_per_s, most_busy):
    """Take the smaller of what the two rules allow.

    Small fleets are bound by the loss of one node, large ones by the limit for normal days;
    at 70 % the change is between three and four. One node alone carries nothing safely.
    """
    return node_per_s * min(most_busy * nodes, nodes - 1)


@usable.solve_otherwise
def usable_load(nodes, node_per_s, most_busy):
    """Work with utilisations: how busy may each node be before the loss."""
    return nodes * node_per_s * min(most_busy, (nodes - 1) / nodes)


@usable.reject("redundancy forgotten", "redundancy is the tighter rule")
def no_loss(nodes, node_per_s, most_busy):
    return node_per_s * most_busy * nodes if nodes > 1 else 0.0


@usable.reject("one node is a fleet", "never redundant")
def one_is_enough(nodes, node_per_s, most_busy):
    return usable.solution(max(nodes, 1), node_per_s, most_busy) or node_per_s * most_busy


@usable.reject("as much as they can do", "neither rule is kept")
def everything(nodes, node_per_s, most_busy):
    return node_per_s * nodes if nodes > 1 else 0.0


@usable.reject("normal days forgotten", "on normal days each")
def only_loss(nodes, node_per_s, most_busy):
    return node_per_s * (nodes - 1)


@usable.reject("both at once", "fully busy until help comes")
def both(nodes, node_per_s, most_busy):
    return node_per_s * (nodes - 1) * most_busy


# Task 3: the cheapest fleet ------------------------------------------------------------------

cheapest = lab.exercise(
    "cheapest",
    "The cheapest fleet for a load",
    hints=(
        "For each size, add nodes until usable_load(nodes, menu.law.throughput_per_s(size), 0.7) "
        "is enough. Then compare the prices.",
        "A fleet costs nodes * (menu.usd_per_node + menu.usd_per_core * size) a month. Keep the "
        "cheapest, and return nodes, size.",
    ),
)


@cheapest.check_with
def check_cheapest(answer, rng):
    menu = guide_menu(float(rng.choice([0, 60, 150, 400])))
    demand = float(round(rng.uniform(800, 25_000)))
    scenario = f"{demand:g} requests/s; ${menu.usd_per_node:g} a node, $70 a core"
    got = answered(answer(menu, demand))
    got = _pair(got, "(nodes, size)", scenario, "An order says how many, and how large.")
    nodes, size = got
    if size not in menu.sizes or nodes != int(nodes) or not 1 <= nodes <= menu.most_nodes:
        raise AnswerError(
            f"a number of nodes, and one of the sizes {menu.sizes}",
            repr(got),
            scenario=scenario,
            why="Only what is on offer can be bought.",
            hint="Loop over menu.sizes.",
        )
    fleet, best = NodeFleet(int(nodes), int(size)), menu.cheapest(demand)
    price, least = menu.usd_per_month(fleet), menu.usd_per_month(best)
    if menu.carries_per_s(fleet) >= demand and math.isclose(price, least):
        return
    raise AnswerError(
        f"{best.nodes} × {best.size} cores for ${least:,.0f}",
        f"{fleet.nodes} × {fleet.size} cores for ${price:,.0f}",
        scenario=scenario,
        why=_why_cheapest(menu, fleet, demand),
        hint="Try every size, and the fewest nodes of each that are enough.",
    )


def _why_cheapest(menu, fleet, demand):
    node = menu.law.throughput_per_s(fleet.size)
    if menu.carries_per_s(fleet) >= demand:
        if menu.fewest(demand, fleet.size) != fleet:
            return "Fewer nodes of this size are enough already."
        if fleet.size == menu.sizes[-1]:
            return "The largest node does most, and each of its cores does least."
        if fleet.size < menu.cheapest(demand).size:
            return "It carries the load, but larger nodes do so for less: the fee of a node counts."
        return (
            "It carries the load, but smaller nodes do so for less: each of their cores does more, "
            "and the spare is a smaller one."
        )
    if fleet.nodes == 1:
        return "One node is never redundant, however large: there is nobody to carry on."
    if fleet.nodes * node * menu.most_busy >= demand:
        return f"When one of the {fleet.nodes} dies, the others are overloaded."
    if fleet.nodes * fleet.size * menu.law.unit_throughput_per_s * menu.most_busy >= demand:
        busy = 100 * demand / fleet.nodes / node
        return (
            f"Its nodes would be {busy:.0f} % busy, and {100 * menu.most_busy:.0f} is the limit. "
            f"{fleet.size} cores do not do {fleet.size} times the work of one: a node of this size "
            f"does {node:,.0f} a second."
        )
    return f"Its nodes would be {100 * demand / fleet.nodes / node:.0f} % busy, with no reserve."


@cheapest.solve
def cheapest_fleet(menu, demand_per_s):
    """Try every size, with the fewest nodes that are enough by both rules.

    There are seven sizes and one sensible number of nodes for each, so trying all is quick,
    and no argument about which size ought to be best is needed.
    """
    best = None
    for size in menu.sizes:
        node_per_s, nodes = menu.law.throughput_per_s(size), 2
        while node_per_s * min(0.7 * nodes, nodes - 1) < demand_per_s:
            nodes += 1
        price = nodes * (menu.usd_per_node + menu.usd_per_core * size)
        if best is None or price < best[0]:
            best = price, nodes, size
    return best[1:]


@cheapest.solve_otherwise
def cheapest_fleet(menu, demand_per_s):
    """Let the planner list the options, and take the cheapest."""
    return min(menu.options(demand_per_s), key=menu.usd_per_month)


@cheapest.reject("the fee forgotten", "the fee of a node counts")
def no_fee(menu, demand_per_s):
    return menu.fewest(demand_per_s, menu.sizes[0])


@cheapest.reject("the largest", "each of its cores does least")
def the_largest(menu, demand_per_s):
    return menu.fewest(demand_per_s, menu.sizes[-1])


@cheapest.reject("no redundancy", "the others are overloaded")
def no_redundancy(menu, demand_per_s):
    # Where the fleet survives a loss all the same it gets another message: leave those alone.
    node = menu.law.throughput_per_s(32)
    nodes = math.ceil(demand_per_s / (0.7 * node))
    survives = menu.carries_per_s(NodeFleet(nodes, 32)) >= demand_per_s
    return menu.cheapest(demand_per_s) if survives else (nodes, 32)


@cheapest.reject("one large node", "nobody to carry on")
def one_large(menu, demand_per_s):
    return 1, menu.sizes[-1]


@cheapest.reject("cores add up", "times the work of one")
def linear(menu, demand_per_s):
    nodes = math.ceil(demand_per_s / (0.7 * 8 * menu.law.unit_throughput_per_s))
    return max(nodes, 4), 8


# Task 4: play the trace ----------------------------------------------------------------------

play = lab.exercise(
    "play",
    "Two years of growth",
    hints=(
        "Each month there are two candidates: the fewest nodes of the size that you have, and "
        "menu.cheapest(demand_per_s). When is the second worth the change?",
        "It saves menu.usd_per_month(same) - menu.usd_per_month(best) each month, and costs "
        "costs.usd(fleet, best) - costs.usd(fleet, same) once. Change when half a year of savings "
        "pays for it.",
    ),
)


@play.check_with
def check_play(answer, rng):
    menu = guide_menu(float(rng.choice([100, 150, 250])))
    demand = growing_demand(
        first_per_s=float(rng.uniform(500, 1_200)),
        growth=float(rng.uniform(1.12, 1.18)),
        season=float(rng.uniform(0.15, 0.3)),
    )
    scenario = (
        f"24 months from {demand[0]:,.0f} to {demand[-1]:,.0f} requests/s, "
        f"${menu.usd_per_node:g} a node"
    )
    best = best_plan(menu, demand, CHANGES, START)
    fleet, fleets = START, []
    for month, rate in enumerate(demand):
        got = answered(answer(menu, fleet, float(rate), CHANGES))
        where = f"month {month}, {rate:,.0f} requests/s, now {fleet}; {scenario}"
        fleet = _bought(menu, got, float(rate), where)
        fleets.append(fleet)
    plan = cost_of_plan(menu, fleets, demand, CHANGES, START)
    if plan.regret(best) > MOST_REGRET:
        raise AnswerError(
            f"at most {100 * MOST_REGRET:.1f} % more than the best plan, ${best.total_usd:,.0f}",
            f"${plan.total_usd:,.0f}, {100 * plan.regret(best):.1f} % more",
            scenario=scenario,
            why=_why_play(menu, plan, best, demand),
            hint="Print the fleets that you chose, month by month, beside those of best_plan.",
        )


def _bought(menu, got, rate, where):
    got = _pair(got, "(nodes, size)", where, "An order says how many, and how large.")
    nodes, size = got
    if size not in menu.sizes or nodes != int(nodes) or not 1 <= nodes <= menu.most_nodes:
        raise AnswerError(
            f"1 to {menu.most_nodes} nodes, of one of the sizes {menu.sizes}",
            repr(got),
            scenario=where,
            why="Only what is on offer can be bought.",
            hint="Take the sizes from menu.sizes.",
        )
    fleet = NodeFleet(int(nodes), int(size))
    if menu.carries_per_s(fleet) < rate * (1 - 1e-9):
        alone = fleet.nodes == 1
        raise AnswerError(
            f"a fleet that carries {rate:,.0f} requests/s",
            f"{fleet}, which carries {menu.carries_per_s(fleet):,.0f}",
            scenario=where,
            why="One box is never redundant, however large: there is nobody to carry on."
            if alone
            else "Demand comes first; the bill is compared only among fleets that carry it.",
            hint="menu.carries_per_s(fleet) says what a fleet may carry.",
        )
    return fleet


def _why_play(menu, plan, best, demand):
    sizes = [fleet.size for fleet in plan.fleets]
    if len(set(sizes)) == 1 and sizes[0] == menu.sizes[0]:
        return (
            f"All nodes stayed at {sizes[0]} cores, and in the end there are "
            f"{plan.fleets[-1].nodes}: their fees add up."
        )
    turns = list(pairwise(sizes))
    if any(later < earlier for earlier, later in turns):
        return (
            f"The size was changed {sum(a != b for a, b in turns)} times, back and forth, for "
            f"${plan.changing_usd:,.0f} in all. What is cheapest this month may not be worth the "
            "move."
        )
    most = max(fleet.size for fleet in best.fleets)
    if max(sizes) >= 2 * most:
        return (
            f"Nodes of {max(sizes)} cores were bought, where each core does little. The best plan "
            f"stops at {most}."
        )
    months = list(zip(plan.fleets, demand, strict=True))
    idle = sum(fleet != menu.fewest(float(rate), fleet.size) for fleet, rate in months)
    if idle:
        return (
            f"Fleets larger than the month needed were kept for too long: in {idle} months of 24."
        )
    return (
        f"No node too many, but not the right size: it ends with {plan.fleets[-1].size} cores "
        f"a node, the best plan with {best.fleets[-1].size}."
    )


@play.solve
def next_fleet(menu, fleet, demand_per_s, costs):
    """Change the size only if half a year of savings pays for the change.

    The same size with as few nodes as will do is always possible and nearly free. The
    cheapest fleet is worth the move when the demand stays; it grows, so half a year is
    a fair guess.
    """
    same, best = menu.fewest(demand_per_s, fleet.size), menu.cheapest(demand_per_s)
    saved = menu.usd_per_month(same) - menu.usd_per_month(best)
    extra = costs.usd(fleet, best) - costs.usd(fleet, same)
    return best if 6 * saved > extra else same


@play.solve_otherwise
def next_fleet(menu, fleet, demand_per_s, costs):
    """Weigh every fleet that carries the month over a quarter, with what it costs to get there."""

    def cost(option):
        return 3 * menu.usd_per_month(option) + costs.usd(fleet, option)

    return min(menu.options(demand_per_s), key=cost)


@play.reject("one box", "never redundant")
def one_box(menu, fleet, demand_per_s, costs):
    return 1, menu.sizes[-1]


@play.reject("enlarge as far as it goes", "where each core does little")
def as_far_as_it_goes(menu, fleet, demand_per_s, costs):
    return vertical_first(menu, fleet, demand_per_s)


@play.reject("only add", "their fees add up")
def only_add(menu, fleet, demand_per_s, costs):
    return menu.fewest(demand_per_s, fleet.size)


@play.reject("cheapest of the month", "may not be worth the move")
def of_the_month(menu, fleet, demand_per_s, costs):
    return cheapest_now(menu, fleet, demand_per_s)


@play.reject("never give back", "kept for too long")
def never_back(menu, fleet, demand_per_s, costs):
    if menu.carries_per_s(fleet) >= demand_per_s:
        return fleet
    right = play.solution(menu, fleet, demand_per_s, costs)
    return 2 * right.nodes, right.size
