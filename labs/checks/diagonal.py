"""Exercises of the lab on diagonal scaling.

The first edge of a task is its example: never the case that the page asks a guess for.
"""

import math
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from scalelab.course.chapters.diagonal.experiments import CHANGES, START, growing_demand, guide_menu
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import ListOf, Number, Parts, Whole
from scalelab.course.values import NotThatError
from scalelab.models.scaling_law import ScalingLaw
from scalelab.planner.growth_plan import best_plan, cost_of_plan
from scalelab.planner.node_menu import NodeFleet
from scalelab.real.limits import call

MOST_REGRET = 1 / 8

lab = Lab("diagonal")

# Task 1: of what? ----------------------------------------------------------------------------

growth = lab.exercise(
    "growth",
    "How much a fleet grew",
    Parts(cpu_ratio=Number(unit="ratio"), ram_ratio=Number(unit="ratio")),
    why="A ratio without its baseline can be any number; here the baseline is the old fleet.",
    hint="Add up all servers before you divide.",
    hints=(
        "Measure the new fleet against the old fleet. What does a fleet have, all servers taken "
        "together?",
        "servers * cpus of the new one, over servers * cpus of the old one; the same for memory.",
    ),
    explanation=(
        "CPUs and memory are bought in different proportions, so they grow by different factors. "
        "Where memory is short, its ratio is the one to show: 24 times. The CPUs, 12 times, say "
        "nothing about it."
    ),
)


@growth.ask
def ask_growth(rng):
    before = (int(rng.integers(2, 6)), int(rng.choice([2, 4])), int(rng.choice([4, 8])))
    after = (int(rng.integers(6, 12)), int(rng.choice([8, 16])), int(rng.choice([64, 128])))
    return before, after


@growth.ask_widely
def ask_growth_widely(rng):
    def fleet():
        return int(rng.integers(1, 200)), int(rng.integers(1, 129)), float(rng.uniform(0.5, 2_048))

    return fleet(), fleet()


@growth.edges
def growth_edges():
    return {
        "no whole ratios": ((3, 4, 16), (5, 6, 20)),
        "the slide": ((3, 4, 8), (9, 16, 64)),
        "only more servers": ((3, 4, 8), (7, 4, 8)),
        "only larger servers": ((4, 4, 8), (4, 16, 64)),
        "one server becomes one": ((1, 4, 16), (1, 6, 24)),
        "a smaller fleet": ((8, 16, 64), (3, 4, 32)),
        "fewer servers, larger ones": ((10, 2, 4), (2, 32, 64)),
    }


@growth.words
def growth_in_words(before, after):
    return f"before={before}, after={after}: servers, CPUs of each, GB of each"


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


@growth.otherwise
def why_growth(got, before, after):
    (old, old_cpus, old_gb), (new, new_cpus, new_gb) = before, after
    return (
        f"The old fleet has {old * old_cpus} CPUs and {old * old_gb:g} GB, the new one "
        f"{new * new_cpus} CPUs and {new * new_gb:g} GB. Each ratio is of these."
    )


@growth.misread("That is against one old server. The old fleet had several of them.")
def against_one(before, after):
    return after[0] * after[1] / before[1], after[0] * after[2] / before[2]


@growth.misread("That is one server against one. Their number changed as well.")
def one_to_one(before, after):
    return after[1] / before[1], after[2] / before[2]


@growth.misread("That is how much more. Asked for is how many times as much.")
def how_much_more(before, after):
    cpu, ram = before[0] * before[1], before[0] * before[2]
    return (after[0] * after[1] - cpu) / cpu, (after[0] * after[2] - ram) / ram


@growth.misread("Upside down: that is the old fleet over the new one.")
def old_over_new(before, after):
    return (before[0] * before[1]) / (after[0] * after[1]), (before[0] * before[2]) / (
        after[0] * after[2]
    )


@growth.misread("More servers and larger ones: the factors multiply.")
def added(before, after):
    number = after[0] / before[0]
    return number + after[1] / before[1], number + after[2] / before[2]


@growth.misread("`//` cuts off what is behind the point. A ratio need not be whole: use `/`.")
def cut_off(before, after):
    return (after[0] * after[1]) // (before[0] * before[1]), (after[0] * after[2]) // (
        before[0] * before[2]
    )


@growth.misread("That is in per cent. A ratio is asked for: 12 times as many is 12.")
def in_per_cent(before, after):
    return (
        100 * after[0] * after[1] / (before[0] * before[1]),
        100 * after[0] * after[2] / (before[0] * before[2]),
    )


@growth.misread("The caller goes on with these ratios: every digit counts. Round where you show.")
def rounded(before, after):
    cpu = after[0] * after[1] / (before[0] * before[1])
    return round(cpu, 1), round(after[0] * after[2] / (before[0] * before[2]), 1)


@growth.misread("Rounded to whole numbers. The caller goes on with the ratios: keep every digit.")
def rounded_to_whole(before, after):
    cpu = after[0] * after[1] / (before[0] * before[1])
    return round(cpu), round(after[0] * after[2] / (before[0] * before[2]))


@growth.misread("That is how much was added, in CPUs and in GB. Asked for are ratios.")
def what_was_added(before, after):
    return after[0] * after[1] - before[0] * before[1], after[0] * after[2] - before[0] * before[2]


@growth.misread("That is how many per cent more. Asked for is how many times as much.")
def per_cent_more(before, after):
    cpu, ram = before[0] * before[1], before[0] * before[2]
    return 100 * (after[0] * after[1] / cpu - 1), 100 * (after[0] * after[2] / ram - 1)


@growth.misread("That is what the new fleet has, and no ratio: divide by what the old one had.")
def the_new_fleet(before, after):
    return after[0] * after[1], after[0] * after[2]


@growth.misread("That is how the number of servers grew. Each of them has changed, too.")
def number_of_servers(before, after):
    return after[0] / before[0], after[0] / before[0]


# Task 2: what a fleet may carry --------------------------------------------------------------

usable = lab.exercise(
    "usable",
    "What a fleet may carry",
    Number(unit="requests/s"),
    why="A fleet that is promised more than it may carry breaks one of its two promises.",
    hint="Two rules, two loads; which one is reached first?",
    hints=(
        "There are two rules, and both must hold. Write down the largest load that each allows.",
        "Without a loss: most_busy * nodes * node_per_s. After a loss: (nodes - 1) * node_per_s. "
        "The smaller one counts.",
    ),
    explanation=(
        "Nothing: it returns 0 for one machine. However much it does, when it is lost there is "
        "nobody to carry on. Two such machines may be given what one of them does, and that is the "
        "price to compare."
    ),
)


@usable.ask
def ask_usable(rng):
    nodes = int(rng.choice([1, 2, 3, 4, 6, 8]))
    return nodes, float(rng.integers(2, 40) * 50), float(rng.choice([0.6, 0.7, 0.8]))


@usable.ask_widely
def ask_usable_widely(rng):
    return int(rng.integers(1, 500)), float(rng.uniform(0.1, 1e5)), float(rng.uniform(0.01, 1.0))


@usable.edges
def usable_edges():
    return {
        "three nodes": (3, 1_000.0, 0.7),
        "four nodes": (4, 1_000.0, 0.7),
        "one node alone": (1, 12_000.0, 0.7),
        "two nodes": (2, 1_000.0, 0.7),
        "many nodes": (50, 400.0, 0.7),
        "full on normal days": (5, 1_000.0, 1.0),
        "both rules at once": (2, 1_000.0, 0.5),
        "a low limit": (2, 1_000.0, 0.3),
    }


@usable.words
def usable_in_words(nodes, node_per_s, most_busy):
    return f"{nodes} node{'s' * (nodes != 1)} of {node_per_s:g} requests/s, most_busy={most_busy:g}"


@usable.otherwise
def why_usable(got, nodes, node_per_s, most_busy):
    if nodes == 1 and got > 0:
        return "One node is never redundant: when it is lost there is nobody to carry anything."
    if got > (nodes - 1) * node_per_s:
        return f"When one of the {nodes} is lost, the others would be more than fully busy."
    if got > most_busy * nodes * node_per_s:
        busy = 100 * got / nodes / node_per_s
        return f"On a normal day each would be {busy:.3g} % busy: more than it may be."
    return "It keeps both rules, and may be given more."


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


@usable.misread("Normal days only. After a loss the others would be overloaded in a small fleet.")
def no_loss(nodes, node_per_s, most_busy):
    return most_busy * nodes * node_per_s


@usable.misread("One node is never redundant: when it is lost there is nobody to carry anything.")
def one_is_enough(nodes, node_per_s, most_busy):
    if nodes == 1:
        return most_busy * node_per_s
    return node_per_s * min(most_busy * nodes, nodes - 1)


@usable.misread("Every node at 100 % on a normal day: neither rule is kept.")
def everything(nodes, node_per_s, most_busy):
    return node_per_s * nodes


@usable.misread("The loss could be borne, but on normal days each node would be too busy.")
def only_loss(nodes, node_per_s, most_busy):
    return node_per_s * (nodes - 1)


@usable.misread(
    "The limit of most_busy is for normal days. After a loss the others may be fully busy until "
    "help comes."
)
def both_at_once(nodes, node_per_s, most_busy):
    return node_per_s * (nodes - 1) * most_busy


@usable.misread("Both rules must hold, so the smaller of the two loads counts, not the larger.")
def the_larger(nodes, node_per_s, most_busy):
    return node_per_s * max(most_busy * nodes, nodes - 1)


@usable.misread("That is for one node. The load of the whole fleet is asked for.")
def of_one_node(nodes, node_per_s, most_busy):
    return node_per_s * min(most_busy, (nodes - 1) / nodes)


@usable.misread("That is what must stay free. Asked for is what may be given.")
def what_stays_free(nodes, node_per_s, most_busy):
    return node_per_s * nodes - node_per_s * min(most_busy * nodes, nodes - 1)


# Task 3: the cheapest fleet ------------------------------------------------------------------

ORDER = Parts(nodes=Whole(of="nodes"), size=Whole(of="cores"))

cheapest = lab.exercise(
    "cheapest",
    "The cheapest fleet for a load",
    ORDER,
    why="An order says how many nodes, and how large: the cheapest that keeps both rules.",
    hint="Try every size, and the fewest nodes of each that are enough.",
    hints=(
        "For each size, add nodes until usable_load(nodes, menu.law.throughput_per_s(size), 0.7) "
        "is enough. Then compare the prices.",
        "A fleet costs nodes * (menu.usd_per_node + menu.usd_per_core * size) a month. Keep the "
        "cheapest, and return nodes, size.",
    ),
    explanation=(
        "The smallest: each core does most there, and the spare costs least. But each node has to "
        "be patched, watched and licensed, so whoever does that work would not say that the fee is "
        "nothing."
    ),
)


@cheapest.ask
def ask_cheapest(rng):
    return guide_menu(float(rng.choice([0, 60, 150, 400]))), float(round(rng.uniform(800, 25_000)))


@cheapest.ask_widely
def ask_cheapest_widely(rng):
    law = ScalingLaw(
        unit_throughput_per_s=float(rng.uniform(100, 500)),
        sigma=float(rng.uniform(0, 0.2)),
        kappa=float(rng.choice([0.0, rng.uniform(0, 1e-3)])),
    )
    menu = guide_menu(float(rng.uniform(0, 1_000)), law=law)
    return menu, float(rng.uniform(1, 25_000))


@cheapest.edges
def cheapest_edges():
    straight = ScalingLaw(unit_throughput_per_s=500.0, sigma=0.0, kappa=0.0)
    peaked = ScalingLaw(unit_throughput_per_s=250.0, sigma=0.02, kappa=0.001)
    return {
        "a fee of 60 dollars": (guide_menu(60.0), 5_000.0),
        "the menu of the page": (guide_menu(150.0), 12_000.0),
        "no fee for a node": (guide_menu(0.0), 12_000.0),
        "a high fee": (guide_menu(2_000.0), 12_000.0),
        "next to nothing": (guide_menu(150.0), 10.0),
        "two large ones would each carry it": (guide_menu(400.0), 3_000.0),
        "a dearer size comes before the cheapest": (guide_menu(60.0), 3_600.0),
        "the same with a high fee": (guide_menu(2_000.0), 1_900.0),
        "exactly what is left after a loss": (
            replace(guide_menu(100.0), sizes=(2, 8), law=straight),
            2_000.0,
        ),
        "the largest are beyond a peak": (guide_menu(400.0, law=peaked), 19_000.0),
        "one size only": (replace(guide_menu(100.0), sizes=(16,)), 9_000.0),
    }


@cheapest.words
def cheapest_in_words(menu, demand_per_s):
    rates = ", ".join(f"{n}: {float(menu.law.throughput_per_s(n)):.0f}/s" for n in menu.sizes)
    return (
        f"{demand_per_s:g} requests/s; {menu.usd_per_node:g} dollars a node and "
        f"{menu.usd_per_core:g} a core; sizes {rates}"
    )


@cheapest.judge
def judge_cheapest(got, menu, demand_per_s):
    (nodes, size), best = got, menu.cheapest(demand_per_s)
    wanted = f"{best.nodes} × {best.size} cores for {menu.usd_per_month(best):,.0f} dollars"
    if size not in menu.sizes or not 1 <= nodes <= 10_000:
        why = "Only what is on offer can be bought."
        return Fault(wanted, f"nodes {nodes:.5g}, size {size:.5g}", why, "Loop over menu.sizes.")
    price = nodes * (menu.usd_per_node + menu.usd_per_core * size)
    came = f"{nodes} × {size} cores for {price:,.0f} dollars"
    node = float(menu.law.throughput_per_s(size))
    if node * min(0.7 * nodes, nodes - 1) < demand_per_s * (1 - 1e-9):
        return Fault(wanted, came, _too_little(menu, nodes, size, demand_per_s))
    if price <= menu.usd_per_month(best) * (1 + 1e-9):
        return None
    why = (
        "It carries the load, but smaller nodes do so for less: each of their cores does more, and "
        "the spare is a smaller one."
    )
    if nodes > menu.fewest(demand_per_s, size).nodes:
        why = "Fewer nodes of this size are enough already."
    elif size < best.size:
        why = "It carries the load, but larger nodes do so for less: the fee of a node counts."
    return Fault(wanted, came, why)


def _too_little(menu, nodes, size, demand_per_s):
    node = float(menu.law.throughput_per_s(size))
    busy = 100 * demand_per_s / nodes / node
    if nodes == 1:
        return "One node is never redundant, however large: there is nobody to carry on."
    if busy <= 70:
        return f"When one of the {nodes} dies, the others are overloaded."
    if nodes * size * menu.law.unit_throughput_per_s * 0.7 >= demand_per_s:
        return (
            f"Its nodes would be {busy:.0f} % busy, and 70 is the limit. {size} cores do not do "
            f"{size} times the work of one: a node of this size does {node:,.0f} a second."
        )
    return f"Its nodes would be {busy:.0f} % busy, and 70 is the limit."


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


def by_price(menu, demand_per_s, enough, price=None):
    """Wrong answers differ from a right one in what is enough, or in what it costs."""

    def cost(fleet):
        nodes, size = fleet
        return nodes * (menu.usd_per_node + menu.usd_per_core * size)

    fleets = []
    for size in menu.sizes:
        node_per_s, nodes = float(menu.law.throughput_per_s(size)), 1
        while enough(node_per_s, nodes) < demand_per_s:
            nodes += 1
        fleets.append((nodes, size))
    return min(fleets, key=price or cost)


@cheapest.misread(
    "The cores are not the whole bill: each node costs its fee as well, and that speaks for large."
)
def no_fee(menu, demand_per_s):
    return by_price(
        menu, demand_per_s, lambda x, n: x * min(0.7 * n, n - 1), lambda fleet: fleet[0] * fleet[1]
    )


@cheapest.misread("Always the largest nodes. They do most, and each of their cores does least.")
def the_largest(menu, demand_per_s):
    node_per_s, nodes = menu.law.throughput_per_s(menu.sizes[-1]), 2
    while node_per_s * min(0.7 * nodes, nodes - 1) < demand_per_s:
        nodes += 1
    return nodes, menu.sizes[-1]


@cheapest.misread(
    "Busy up to 70 %, and no node to spare: when one dies, the others are overloaded."
)
def no_redundancy(menu, demand_per_s):
    return by_price(menu, demand_per_s, lambda x, n: 0.7 * n * x)


@cheapest.misread("It survives a loss, but on normal days its nodes are busier than 70 %.")
def only_redundancy(menu, demand_per_s):
    return by_price(menu, demand_per_s, lambda x, n: (n - 1) * x)


@cheapest.misread("One node is never redundant, however large: there is nobody to carry on.")
def one_large(menu, demand_per_s):
    return 1, menu.sizes[-1]


@cheapest.misread("Cores do not add up: ask menu.law.throughput_per_s what a node of a size does.")
def cores_add_up(menu, demand_per_s):
    fleets = []
    for size in menu.sizes:
        node_per_s, nodes = size * menu.law.throughput_per_s(1), 2
        while node_per_s * min(0.7 * nodes, nodes - 1) < demand_per_s:
            nodes += 1
        fleets.append((nodes * (menu.usd_per_node + menu.usd_per_core * size), nodes, size))
    return min(fleets)[1:]


@cheapest.misread(
    "The 70 % are for normal days. After a loss the others may be fully busy, so you buy more than "
    "it takes."
)
def limit_after_the_loss(menu, demand_per_s):
    return by_price(menu, demand_per_s, lambda x, n: 0.7 * (n - 1) * x)


@cheapest.misread("The fewest nodes are not the cheapest fleet. Compare the prices.")
def fewest_nodes(menu, demand_per_s):
    return by_price(
        menu, demand_per_s, lambda x, n: x * min(0.7 * n, n - 1), lambda fleet: fleet[0]
    )


@cheapest.misread("A node that dies is one of them, not a second fleet: half of these stand idle.")
def twice(menu, demand_per_s):
    nodes, size = by_price(menu, demand_per_s, lambda x, n: 0.7 * n * x)
    return 2 * nodes, size


@cheapest.misread(
    "It stops at the first size that costs more than the one before. Nodes come whole, so a "
    "cheaper one may follow: try them all."
)
def stops_at_a_dearer_size(menu, demand_per_s):
    best, least = None, math.inf
    for size in menu.sizes:
        node_per_s, nodes = menu.law.throughput_per_s(size), 2
        while node_per_s * min(0.7 * nodes, nodes - 1) < demand_per_s:
            nodes += 1
        price = nodes * (menu.usd_per_node + menu.usd_per_core * size)
        if price > least:
            break
        best, least = (nodes, size), price
    return best


@cheapest.misread("Size and number have changed places: first the nodes, then the cores of each.")
def size_first(menu, demand_per_s):
    return cheapest_fleet(menu, demand_per_s)[::-1]


# Task 4: play the trace ----------------------------------------------------------------------

play = lab.exercise(
    "play",
    "Two years of growth",
    ListOf(ORDER, "month"),
    why="Over two years a rule that looks at the month alone pays for each of its moves.",
    hint="Print the fleets that you chose, month by month, beside those of best_plan.",
    hints=(
        "Each month there are two candidates: the fewest nodes of the size that you have, and "
        "menu.cheapest(demand_per_s). When is the second worth the change?",
        "It saves menu.usd_per_month(same) - menu.usd_per_month(best) each month, and costs "
        "costs.usd(fleet, best) - costs.usd(fleet, same) once. Change when half a year of savings "
        "pays for it.",
    ),
    explanation=(
        "It gives nodes back, because that is free and adding them again costs 50 dollars each. It "
        "does not go back to smaller nodes for a few months: that is paid for twice, and the "
        "season returns."
    ),
)


def offered(usd_per_node):
    """Offer five sizes: each more is weighed in every month of every case."""
    return replace(guide_menu(usd_per_node), sizes=(2, 4, 8, 16, 32))


@play.ask
def ask_play(rng):
    demand = growing_demand(
        first_per_s=float(rng.uniform(400, 800)),
        growth=float(rng.uniform(1.12, 1.17)),
        season=float(rng.uniform(0.15, 0.3)),
    )
    return offered(float(rng.choice([100, 150, 250]))), demand.round().tolist()


@play.edges
def play_edges():
    return {
        "the two years of the page": (offered(150.0), growing_demand().round().tolist()),
        "a strong season": (offered(150.0), growing_demand(season=0.35).round().tolist()),
        "fast growth": (offered(250.0), growing_demand(growth=1.2).round().tolist()),
        "a low fee": (offered(100.0), growing_demand(first_per_s=1_000.0).round().tolist()),
        "a high fee": (offered(250.0), growing_demand(first_per_s=500.0).round().tolist()),
    }


@play.words
def play_in_words(menu, demand_per_s):
    return (
        f"{len(demand_per_s)} months from {demand_per_s[0]:,.0f} to {demand_per_s[-1]:,.0f} "
        f"requests/s, {menu.usd_per_node:g} dollars a node"
    )


@play.run
def run_play(answer, menu, demand_per_s):
    """Let the answer choose month by month, as long as it can be gone on with."""
    fleet, chosen = START, []
    for rate in demand_per_s:
        chosen.append(call(answer, menu, fleet, rate, CHANGES))
        if chosen[-1] is ...:
            return ...
        try:
            fleet = NodeFleet(*ORDER.read(chosen[-1]))
        except NotThatError:  # the exercise says what it is
            break
        if not _is_offered(menu, fleet) or menu.carries_per_s(fleet) < rate * (1 - 1e-9):
            break
    return chosen


def _is_offered(menu, fleet):
    return fleet.size in menu.sizes and 1 <= fleet.nodes <= menu.most_nodes


@lru_cache(maxsize=256)
def _best(menu, demand_per_s):
    return best_plan(menu, demand_per_s, CHANGES, START)


@play.judge
def judge_play(got, menu, demand_per_s):
    fleets = [NodeFleet(*pair) for pair in got]
    month = len(fleets) - 1
    if not fleets:
        return Fault("an order for each month", "none")
    last, rate = fleets[-1], demand_per_s[month]
    if not _is_offered(menu, last):
        return Fault(
            f"1 to {menu.most_nodes} nodes, of one of the sizes {menu.sizes}",
            f"nodes {last.nodes:.5g}, size {last.size:.5g} in month {month}",
            "Only what is on offer can be bought.",
            "Take the sizes from menu.sizes.",
        )
    carried = menu.carries_per_s(last)
    if carried < rate * (1 - 1e-9):
        why = "Demand comes first; the bill is compared only among fleets that carry it."
        if last.nodes == 1:
            why = "One box is never redundant, however large: there is nobody to carry on."
        return Fault(
            f"a fleet that carries {rate:,.0f} requests/s in month {month}",
            f"{last.nodes} × {last.size} cores, which carry {carried:,.0f}",
            why,
            "menu.carries_per_s(fleet) says what a fleet may carry.",
        )
    if len(fleets) != len(demand_per_s):
        return Fault(f"{len(demand_per_s)} orders, one a month", f"{len(fleets)}")
    best = _best(menu, tuple(demand_per_s))
    plan = cost_of_plan(menu, fleets, demand_per_s, CHANGES, START)
    if plan.regret(best) <= MOST_REGRET:
        return None
    return Fault(
        f"at most {100 * MOST_REGRET:.1f} % more than the best plan, {best.total_usd:,.0f} dollars",
        f"{plan.total_usd:,.0f} dollars, {100 * plan.regret(best):.1f} % more",
        _why_dear(menu, plan, best, demand_per_s),
        story=_two_plans(plan, best),
    )


def _two_plans(plan, best):
    """Tell both plans, by the months in which one of them changes the size."""
    lines, before = ["month: yours | the best plan"], None
    last = len(plan.fleets) - 1
    for month, (mine, right) in enumerate(zip(plan.fleets, best.fleets, strict=True)):
        if before != (mine.size, right.size) or month == last:
            both = f"{mine.nodes} × {mine.size} cores | {right.nodes} × {right.size} cores"
            lines.append(f"{month}: {both}")
        before = mine.size, right.size
    return "\n".join(lines)


def _why_dear(menu, plan, best, demand_per_s):
    sizes = [fleet.size for fleet in plan.fleets]
    months = list(zip(plan.fleets, demand_per_s, strict=True))
    idle = sum(fleet != menu.fewest(float(rate), fleet.size) for fleet, rate in months)
    if idle > len(sizes) / 2:
        return f"Fleets were larger than the month needed, in {idle} months of {len(sizes)}."
    most = max(fleet.size for fleet in best.fleets)
    if len(set(sizes)) == 1 and sizes[0] <= most:
        return (
            f"All nodes stayed at {sizes[0]} cores, and in the end there are "
            f"{plan.fleets[-1].nodes}: their fees add up."
        )
    turns = list(pairwise(sizes))
    if any(later < earlier for earlier, later in turns):
        return (
            f"The size was changed {sum(a != b for a, b in turns)} times, back and forth, for "
            f"{plan.changing_usd:,.0f} dollars in all. What is cheapest this month may not be "
            "worth the move."
        )
    if max(sizes) >= 2 * most:
        return (
            f"Nodes of {max(sizes)} cores were bought, where each core does little. The best plan "
            f"stops at {most}."
        )
    return (
        f"Not the right size for long enough: it ends with {plan.fleets[-1].size} cores a node, "
        f"the best plan with {best.fleets[-1].size}."
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


@play.misread("One box is never redundant, however large, and two years are long.")
def one_box(menu, fleet, demand_per_s, costs):
    return 1, menu.sizes[-1]


@play.misread("Enlarged as far as it goes, each core does little. Add nodes before that.")
def as_far_as_it_goes(menu, fleet, demand_per_s, costs):
    size = fleet.size
    while menu.carries_per_s((fleet.nodes, size)) < demand_per_s:
        larger = [other for other in menu.sizes if other > size]
        if not larger:
            return menu.fewest(demand_per_s, size)
        size = larger[0]
    return fleet.nodes, size


@play.misread("Only nodes of the first size were added. In the end their fees add up.")
def only_add(menu, fleet, demand_per_s, costs):
    return menu.fewest(demand_per_s, fleet.size)


@play.misread(
    "What is cheapest this month may not be worth the move: each change of size costs 300 dollars "
    "a node."
)
def of_the_month(menu, fleet, demand_per_s, costs):
    return menu.cheapest(demand_per_s)


@play.misread("It buys for twice the demand. The menu keeps the reserve already, in both rules.")
def for_twice_the_demand(menu, fleet, demand_per_s, costs):
    return menu.fewest(2 * demand_per_s, 8)


@play.misread("It keeps what it has until that is too little, and then doubles it: half is idle.")
def doubling(menu, fleet, demand_per_s, costs):
    nodes = fleet.nodes
    while menu.carries_per_s((nodes, fleet.size)) < demand_per_s:
        nodes *= 2
    return nodes, fleet.size


@play.misread("It never changes anything. In the month in which that is too little, users wait.")
def never(menu, fleet, demand_per_s, costs):
    return fleet.nodes, fleet.size


@play.misread("Nodes of the largest size from the first month on: paid for long before their time.")
def largest_at_once(menu, fleet, demand_per_s, costs):
    return menu.fewest(demand_per_s, menu.sizes[-1])


@play.misread(
    "It counts what the cores do at 70 % only. When a node dies, the others are overloaded."
)
def no_redundancy(menu, fleet, demand_per_s, costs):
    node_per_s = menu.law.throughput_per_s(8)
    return math.ceil(demand_per_s / (0.7 * node_per_s)), 8
