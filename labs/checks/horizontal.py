"""Exercises of the lab on horizontal scaling."""

import math

import numpy as np

from scalelab.course.chapters.horizontal.scenes import own_check
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import ListOf, Number, Truth, Whole
from scalelab.models.usl_fit import fit_usl
from scalelab.workloads.demand import flash_crowd_per_s

lab = Lab("horizontal")

# Task 1: what the survivors carry ------------------------------------------------------------

loss = lab.exercise(
    "loss",
    "What the survivors carry",
    Number(unit="ratio"),
    why="Above 1 the fleet goes down with its server; you want to know before it happens.",
    hint="How much capacity is left after the worst single loss?",
    hints=(
        "The load stays, the capacity shrinks. Which of the servers may die?",
        "At the worst it is the largest: divide load_per_s by the sum of the others' capacities.",
        "What is left of one server alone is nothing: return math.inf there.",
    ),
    explanation=(
        "Eight equal servers of 1,000 lose 1,000 of 8,000, so seven carry it: 5,000 of 7,000 is "
        "71 %. The four unequal ones lose half of all at once. The largest server sets the reserve."
    ),
)


@loss.ask
def ask_loss(rng):
    capacities = [float(c) for c in rng.choice([500, 1_000, 2_000, 4_000], int(rng.integers(3, 9)))]
    return capacities, float(round(sum(capacities) * rng.uniform(0.4, 0.9)))


@loss.ask_widely
def ask_loss_widely(rng):
    capacities = [float(c) for c in rng.uniform(0.1, 1e5, int(rng.integers(1, 40)))]
    return capacities, float(rng.uniform(0, 3 * sum(capacities)))


@loss.edges
def loss_edges():
    return {
        "the fleet of the page": ([4_000.0, 2_000.0, 1_000.0, 1_000.0], 5_000.0),
        "two equal servers": ([1_000.0, 1_000.0], 500.0),
        "the largest one comes last": ([500.0, 1_000.0, 4_000.0], 1_200.0),
        "two of the largest": ([4_000.0, 500.0, 4_000.0], 3_000.0),
        "one server alone": ([2_000.0], 900.0),
        "no load": ([2_000.0, 500.0], 0.0),
    }


@loss.solve
def utilisation_after_worst_loss(capacities_per_s, load_per_s):
    """Divide the load by what is left when the largest server is gone.

    The balancer is taken to share by capacity, so all survivors are equally busy.
    Any other single loss leaves more capacity. Of one server alone nothing is left.
    """
    left = sum(capacities_per_s) - max(capacities_per_s)
    return load_per_s / left if left else math.inf


@loss.solve_otherwise
def utilisation_after_worst_loss(capacities_per_s, load_per_s):
    """Try every loss, and keep the worst."""
    worst = 0.0
    for dead in range(len(capacities_per_s)):
        survivors = capacities_per_s[:dead] + capacities_per_s[dead + 1 :]
        worst = max(worst, load_per_s / sum(survivors) if survivors else math.inf)
    return worst


@loss.misread(
    "That is how busy they are before the loss. The dead server's part goes to the others."
)
def nobody_dies(capacities_per_s, load_per_s):
    return load_per_s / sum(capacities_per_s)


@loss.misread("The smallest may die, and then you were lucky. Plan for the largest.")
def the_smallest_dies(capacities_per_s, load_per_s):
    return load_per_s / (sum(capacities_per_s) - min(capacities_per_s))


@loss.misread("n / (n - 1) is for equal servers. These are not: count capacity, not servers.")
def equal_servers(capacities_per_s, load_per_s):
    n = len(capacities_per_s)
    return load_per_s / sum(capacities_per_s) * n / (n - 1)


@loss.misread("Any of them may die, and the last of the list is not always the largest.")
def the_last_dies(capacities_per_s, load_per_s):
    return load_per_s / sum(capacities_per_s[:-1])


@loss.misread("Any of them may die, and the first of the list is not always the largest.")
def the_first_dies(capacities_per_s, load_per_s):
    return load_per_s / sum(capacities_per_s[1:])


@loss.misread("Only one of them dies. There may be others that are as large, and they go on.")
def all_of_the_largest_die(capacities_per_s, load_per_s):
    left = sum(c for c in capacities_per_s if c < max(capacities_per_s))
    return load_per_s / left if left else math.inf


@loss.misread("That is what is left over. Asked for is how busy the survivors are.")
def the_rest(capacities_per_s, load_per_s):
    left = sum(capacities_per_s) - max(capacities_per_s)
    return 1 - load_per_s / left if left else math.inf


@loss.misread("That is the load of the largest server alone. The survivors share all of the load.")
def the_dead_servers_load(capacities_per_s, load_per_s):
    return load_per_s / max(capacities_per_s)


@loss.otherwise
def why_loss(got, capacities_per_s, load_per_s):
    if len(capacities_per_s) == 1:
        return "Of one server alone nothing is left that could carry anything: that is math.inf."
    return None


# Task 2: the smallest fleet ------------------------------------------------------------------

fleet = lab.exercise(
    "fleet",
    "The smallest fleet that survives a loss",
    Whole(of="servers"),
    why="The limit must hold for the survivors, and not a server more should be paid for.",
    hint="Write down how many must be left, then add one.",
    hints=(
        "First without any failure: how many servers keep each at or below the limit?",
        "The survivors must be that many. So round load_per_s / (capacity_per_s * limit) up, and "
        "add the one that may die.",
    ),
    explanation=(
        "The spare is one server, whatever the size of the fleet. With large servers the fleet is "
        "small and the spare a large part of the bill; with fifty small ones it is two per cent."
    ),
)


@fleet.ask
def ask_fleet(rng):
    capacity = float(rng.integers(5, 40) * 100)
    limit = float(rng.choice([0.6, 0.65, 0.7, 0.75, 0.8]))
    return float(round(capacity * rng.uniform(1.2, 12))), capacity, limit


@fleet.ask_widely
def ask_fleet_widely(rng):
    load, capacity = float(rng.integers(1, 50_000)), float(rng.integers(1, 5_000))
    return load, capacity, float(rng.choice([0.25, 0.5, 0.75, 1.0]))


@fleet.edges
def fleet_edges():
    return {
        "survivors exactly at the limit": (2_250.0, 1_000.0, 0.75),
        "less than one server's worth": (100.0, 1_000.0, 0.7),
        "just above the limit": (2_251.0, 1_000.0, 0.75),
        "survivors may be full": (3_000.0, 1_000.0, 1.0),
        "a large fleet": (60_000.0, 1_000.0, 0.75),
    }


@fleet.solve
def smallest_fleet(load_per_s, capacity_per_s, limit):
    """Count the survivors first: they must stay within the limit. Then add the one that dies.

    Rounding up comes before adding one; half a server cannot be bought.
    """
    return math.ceil(load_per_s / (capacity_per_s * limit)) + 1


@fleet.solve_otherwise
def smallest_fleet(load_per_s, capacity_per_s, limit):
    """Try sizes upwards, and look at each after a loss."""
    servers = 2
    while load_per_s > (servers - 1) * capacity_per_s * limit:
        servers += 1
    return servers


@fleet.misread(
    "The limit must hold after the loss as well. You ask it of the fleet that nobody left."
)
def limit_before_the_loss(load_per_s, capacity_per_s, limit):
    return max(
        math.ceil(load_per_s / (capacity_per_s * limit)), math.ceil(load_per_s / capacity_per_s) + 1
    )


@fleet.otherwise
def why_fleet(got, load_per_s, capacity_per_s, limit):
    enough = fleet.solution(load_per_s, capacity_per_s, limit)
    if got > enough:
        return f"{enough} are enough for one loss at a time. Each more is paid for."
    if got <= 1 or load_per_s > (got - 1) * capacity_per_s:
        return "After a loss the rest would be over 100 % busy: that is a cascade, not redundancy."
    busy = 100 * load_per_s / (got - 1) / capacity_per_s
    return f"After a loss the survivors would be {busy:.0f} % busy; the limit is {100 * limit:g} %."


@fleet.misread("All of them together meet the limit, but one may die, and then they do not.")
def no_spare(load_per_s, capacity_per_s, limit):
    return math.ceil(load_per_s / (capacity_per_s * limit))


@fleet.misread(
    "The survivors would be full. The limit is lower, because waits grow long before 100 %."
)
def full_survivors(load_per_s, capacity_per_s, limit):
    return math.ceil(load_per_s / capacity_per_s) + 1


@fleet.misread(
    "They carry the load as long as nobody dies, and full. Neither the loss nor the limit is in it."
)
def barely(load_per_s, capacity_per_s, limit):
    return math.ceil(load_per_s / capacity_per_s)


@fleet.misread(
    "A survivor may be as busy as the limit says, only not busier: at an exact fit you buy one "
    "too many."
)
def one_more_in_any_case(load_per_s, capacity_per_s, limit):
    return math.floor(load_per_s / (capacity_per_s * limit)) + 2


@fleet.misread("Rounded down, the survivors are a part of a server short. Round up.")
def rounded_down(load_per_s, capacity_per_s, limit):
    return math.floor(load_per_s / (capacity_per_s * limit)) + 1


@fleet.misread("Rounded to the nearest, they are short every other time. Round up.")
def rounded(load_per_s, capacity_per_s, limit):
    return round(load_per_s / (capacity_per_s * limit)) + 1


@fleet.misread(
    "One may die at a time, not half of them. A second fleet is paid for and stands idle."
)
def twice(load_per_s, capacity_per_s, limit):
    return 2 * math.ceil(load_per_s / (capacity_per_s * limit))


@fleet.misread("The limit divides what a server may carry; you multiplied the load by it.")
def limit_upside_down(load_per_s, capacity_per_s, limit):
    return math.ceil(load_per_s * limit / capacity_per_s) + 1


@fleet.misread(
    "Add the spare after rounding, a whole one: the dead server takes all that it carries with it."
)
def spare_before_rounding(load_per_s, capacity_per_s, limit):
    return math.ceil((load_per_s / capacity_per_s + 1) / limit)


# Task 3: a health check ----------------------------------------------------------------------

health = lab.exercise(
    "health",
    "A health check",
    ListOf(Truth(), "probe"),
    why="The balancer asks after every probe: a server is in rotation or it is not.",
    hint="Follow the probes with a pencil: state, and how many in a row disagree.",
    hints=(
        "Keep two things from one probe to the next: whether the server is up, and how many probes "
        "in a row have said the opposite.",
        "A probe that agrees with the state sets the count to zero. One that disagrees adds one. "
        "At `misses` (or `rises`, when it is down) the state changes and the count starts anew.",
    ),
    explanation=(
        "The server dies somewhere between two probes, on average half an interval before the next "
        "one. The first miss comes after half an interval, the third two intervals later."
    ),
)


@health.ask
def ask_health(rng):
    """Draw a history with every trap in it: short runs, a death, a hesitant return."""
    misses, rises = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    flaky = [True, *[False] * (misses - 1), True, *[False] * (misses - 1), True]
    death = [False] * (misses + int(rng.integers(1, 3)))
    back = [True] * (rises - 1) + [False] + [True] * (rises + 2)
    noise = [bool(b) for b in rng.random(12) < 0.6]
    return flaky + death + back + noise, misses, rises


@health.ask_widely
def ask_health_widely(rng):
    probes = [bool(b) for b in rng.random(int(rng.integers(0, 60))) < rng.uniform(0.2, 0.8)]
    return probes, int(rng.integers(1, 6)), int(rng.integers(1, 6))


@health.edges
def health_edges():
    return {
        "one death, one return": ([True, False, True, False, False, False, True, True], 3, 2),
        "no probe yet": ([], 3, 2),
        "all well": ([True] * 5, 3, 2),
        "dead from the first probe": ([False] * 5, 3, 2),
        "one probe, and it fails": ([False], 3, 2),
        "out after one miss": ([True, False, True, False, False, True], 1, 1),
        "back after exactly the rises": ([False, False, False, True, True, True], 3, 2),
        "dies again at once": ([False, False, True, False, False, True, True], 2, 1),
        "misses more than rises": ([False] * 4 + [True] * 2 + [False] * 3, 4, 2),
    }


@health.words
def health_in_words(probes, misses, rises):
    shown = "".join("." if ok else "x" for ok in probes)
    return f"misses={misses}, rises={rises}, probes (x failed) {shown or 'none'}"


health.scene(
    "A balancer that goes by your states. web-2 answers its probes as in this case:",
    until_s=lambda probes, misses, rises: len(probes) + 0.7,
)(own_check)


@health.otherwise
def why_health(got, probes, misses, rises):
    right = health.solution(probes, misses, rises)
    if len(got) != len(right):
        return "The balancer asks after every probe: one state for each, in their order."
    place = next(i for i, (mine, truth) in enumerate(zip(got, right, strict=True)) if mine != truth)
    seen = probes[: place + 1]
    run = next((i for i, ok in enumerate(reversed(seen)) if ok != seen[-1]), len(seen))
    probes_in_a_row = f"{run} probe{'s' * (run != 1)} in a row"
    if right[place] and not seen[-1]:
        return (
            f"Only {probes_in_a_row} failed. Misses add up over days; a server is dead when "
            f"{misses} fail without a success in between."
        )
    if right[place]:
        return f"It is up here: at first it is, and after {rises} successes in a row again."
    if seen[-1]:
        return (
            f"{run} success after a failure is not {rises} in a row. A server that comes and goes "
            "would get its full share each time."
        )
    if run < misses:
        return "It was out, and a failed probe does not bring it back."
    return f"{probes_in_a_row} failed, and it is still sent its share of the requests."


@health.solve
def states(probes, misses, rises):
    """Count the probes in a row that speak against the present state.

    One that agrees with the state starts the count anew, so that single losses, which
    happen all the time, never add up. The way back has its own count, so that a
    server that is half alive does not come and go.
    """
    up, against, found = True, 0, []
    for ok in probes:
        against = against + 1 if ok != up else 0
        if against >= (misses if up else rises):
            up, against = not up, 0
        found.append(up)
    return found


@health.solve_otherwise
def states(probes, misses, rises):
    """Look back at the last few probes, each time."""
    up, found = True, []
    for i in range(1, len(probes) + 1):
        if up and i >= misses and not any(probes[i - misses : i]):
            up = False
        elif not up and i >= rises and all(probes[i - rises : i]):
            up = True
        found.append(up)
    return found


@health.misread("Misses add up over days. A success in between starts the count anew.")
def misses_add_up(probes, misses, rises):
    failed, found = 0, []
    for ok in probes:
        failed += not ok
        found.append(failed < misses)
    return found


@health.misread(
    "One success brings it back here. A server that comes and goes gets its full share each time."
)
def trusting(probes, misses, rises):
    return health.solution(probes, misses, 1)


@health.misread("It never comes back. It is well again, and its share is missed.")
def dead_for_good(probes, misses, rises):
    return health.solution(probes, misses, len(probes) + 1)


@health.misread("misses and rises have changed places: misses takes a server out.")
def exchanged(probes, misses, rises):
    return health.solution(probes, rises, misses)


@health.misread("It is turned round: True stands for up.")
def upside_down(probes, misses, rises):
    return [not up for up in health.solution(probes, misses, rises)]


@health.misread("One miss too many: at `misses` in a row it is out, not at one more.")
def one_miss_more(probes, misses, rises):
    return health.solution(probes, misses + 1, rises)


@health.misread("One success too many: at `rises` in a row it is back, not at one more.")
def one_rise_more(probes, misses, rises):
    return health.solution(probes, misses, rises + 1)


@health.misread("A single failed probe takes it out here. One is lost now and then.")
def nervous(probes, misses, rises):
    return health.solution(probes, 1, rises)


@health.misread("Those are the probes. A state changes only after some of them in a row.")
def the_probes(probes, misses, rises):
    return list(probes)


@health.misread("At first a server is up: it need not earn its place.")
def down_at_first(probes, misses, rises):
    up, against, found = False, 0, []
    for ok in probes:
        against = against + 1 if ok != up else 0
        if against >= (misses if up else rises):
            up, against = not up, 0
        found.append(up)
    return found


@health.misread("The state of a probe counts that probe as well: yours is one probe late.")
def one_probe_late(probes, misses, rises):
    return [True, *health.solution(probes, misses, rises)][: len(probes)]


# Task 4: the best size -----------------------------------------------------------------------

peak = lab.exercise(
    "peak",
    "How many nodes, from six measurements",
    Whole(of="nodes"),
    why="Too few leave throughput lying about; too many cost money and make it slower.",
    hint="Fit the law to all six points, then look where it is highest.",
    hints=(
        "fit_usl(nodes, throughput_per_s).law is the fitted law. It has a peak_n, which is seldom "
        "a whole number.",
        "Ask law.throughput_per_s for the whole numbers on both sides of peak_n, and return the "
        "better one as an int.",
    ),
    explanation=(
        "Close to the peak the curve is flat: ten nodes less cost a few per cent of the throughput "
        "and save their whole price. Order the size from which one more node is not worth it."
    ),
)


@peak.ask
def ask_peak(rng):
    nodes = np.array([1, 2, 4, 8, 16, 32])
    sigma, kappa = rng.uniform(0.01, 0.05), rng.uniform(2e-4, 5e-4)
    rates = 1_000 * nodes / (1 + sigma * (nodes - 1) + kappa * nodes * (nodes - 1))
    return nodes, np.round(rates * (1 + 0.003 * rng.standard_normal(6)), 1)


@peak.ask_widely
def ask_peak_widely(rng):
    nodes = np.array([1, 2, 3, 5, 8, 13, 21, 34])
    sigma, kappa = rng.uniform(0.005, 0.2), rng.uniform(1e-4, 3e-3)
    rates = 500 * nodes / (1 + sigma * (nodes - 1) + kappa * nodes * (nodes - 1))
    return nodes, rates * (1 + 0.002 * rng.standard_normal(8))


@peak.edges
def peak_edges():
    def rates(sigma, kappa):
        nodes = np.array([1, 2, 4, 8, 16, 32])
        return nodes, 1_000 * nodes / (1 + sigma * (nodes - 1) + kappa * nodes * (nodes - 1))

    return {
        "the lower neighbour is better": rates(0.03, 0.00047),
        "the upper neighbour is better": rates(0.03, 0.00043),
        "a peak that was measured": rates(0.04, 0.0052),
    }


@peak.words
def peak_in_words(nodes, throughput_per_s):
    rates = [round(float(rate), 1) for rate in throughput_per_s]
    return f"nodes {list(map(int, nodes))}, jobs per second {rates}"


@peak.solve
def best_size(nodes, throughput_per_s):
    """Fit the law, and compare the two whole numbers beside its peak.

    The curve has one peak, so the best whole number is one of its neighbours. Close to
    the peak it is flat: a few nodes less cost next to nothing.
    """
    law = fit_usl(nodes, throughput_per_s).law
    below = int(law.peak_n)
    return max(below, below + 1, key=lambda n: law.throughput_per_s(n))


@peak.solve_otherwise
def best_size(nodes, throughput_per_s):
    """Ask the law for every size that could be afforded."""
    law = fit_usl(nodes, throughput_per_s).law
    return 1 + int(np.argmax(law.throughput_per_s(np.arange(1, 500))))


@peak.misread(
    "That is the best of the sizes that were measured. The law looks between and beyond them."
)
def best_measured(nodes, throughput_per_s):
    return int(nodes[np.argmax(throughput_per_s)])


@peak.misread("That is the largest size that was measured, not the best.")
def largest_measured(nodes, throughput_per_s):
    return int(nodes[-1])


@peak.misread(
    "1 / sigma is Amdahl's ceiling, a speed-up that is never reached. It is no number of nodes."
)
def amdahls_ceiling(nodes, throughput_per_s):
    return round(1 / fit_usl(nodes, throughput_per_s).law.sigma)


@peak.misread("Rounded up, it is the better neighbour only half of the time: ask the law for both.")
def rounded_up(nodes, throughput_per_s):
    return math.ceil(fit_usl(nodes, throughput_per_s).law.peak_n)


@peak.misread("Cut off, it is the better neighbour only half of the time: ask the law for both.")
def cut_off(nodes, throughput_per_s):
    return int(fit_usl(nodes, throughput_per_s).law.peak_n)


@peak.misread("That is the most throughput, in jobs per second. Asked for is a number of nodes.")
def most_throughput(nodes, throughput_per_s):
    law = fit_usl(nodes, throughput_per_s).law
    return round(law.throughput_per_s(law.peak_n))


@peak.misread("Contention counts as well: the peak is at the root of (1 - sigma) / kappa.")
def no_contention(nodes, throughput_per_s):
    return round(1 / math.sqrt(fit_usl(nodes, throughput_per_s).law.kappa))


# Task 5: orders for a premiere ---------------------------------------------------------------

orders = lab.exercise(
    "orders",
    "Orders for a premiere",
    ListOf(Whole(of="instances"), "minute"),
    why="The autoscaler reads one order each minute, and nobody corrects it tonight.",
    hint="For each minute, look startup_min minutes back: what was ordered by then?",
    hints=(
        "What runs in minute t was ordered in minute t - startup_min. So what must be ordered in "
        "minute t is what minute t + startup_min needs.",
        "needed[t] = ceil(demand[t] / capacity) + 1. Shift it forward by startup_min; at the end, "
        "where nothing is known, keep the last value. Then check minute t itself: an instance that "
        "is still needed must not be given back before the minute is over.",
    ),
    explanation=(
        "Order as if the opening could be a quarter of an hour early: the largest need of the next "
        "startup_min + 15 minutes. It costs the peak's instances for fifteen minutes, and you can "
        "say so in dollars beforehand."
    ),
)


@orders.ask
def ask_orders(rng):
    startup, capacity = int(rng.integers(2, 6)), float(rng.integers(5, 20) * 20)
    peak_rate = float(rng.integers(30, 90) * 100)
    demand = flash_crowd_per_s(
        60.0 * np.arange(60),
        0.15 * peak_rate,
        peak_rate,
        start_s=60.0 * float(rng.integers(15, 25)),
        ramp_s=600.0,
        decay_s=1_200.0,
    )
    return np.round(demand), capacity, startup


@orders.ask_widely
def ask_orders_widely(rng):
    demand = np.round(rng.uniform(0, 2_000, int(rng.integers(1, 40))))
    return demand, float(rng.integers(1, 50) * 10), int(rng.integers(1, 8))


@orders.edges
def orders_edges():
    flat, step = np.full(10, 300.0), np.repeat([100.0, 900.0, 100.0], 5)
    return {
        "up and down at once": (step, 100.0, 2),
        "the same demand all the time": (flat, 100.0, 3),
        "a dip that is shorter than a start": (
            np.array([500.0, 500, 100, 500, 500, 500]),
            100.0,
            3,
        ),
        "at its highest at the end": (np.linspace(100.0, 1_000.0, 10), 100.0, 4),
        "nobody comes": (np.zeros(4), 100.0, 1),
        "high at first, low at the end": (np.array([900.0, 100.0, 100.0, 100.0]), 100.0, 2),
        "parts of an instance": (np.array([150.0, 240.0, 260.0, 90.0]), 100.0, 1),
        "an evening shorter than a start": (np.array([100.0, 700.0]), 100.0, 5),
    }


@orders.words
def orders_in_words(demand_per_s, capacity_per_s, startup_min):
    rates = ", ".join(f"{rate:g}" for rate in demand_per_s[:12])
    more = f", ... ({len(demand_per_s)} minutes)" if len(demand_per_s) > 12 else ""
    return (
        f"{capacity_per_s:g} requests/s an instance, {startup_min} minutes to start, demand "
        f"{rates}{more}"
    )


@orders.judge
def judge_orders(got, demand_per_s, capacity_per_s, startup_min):
    needed = [math.ceil(rate / capacity_per_s) + 1 for rate in demand_per_s]
    if len(got) != len(needed):
        why = "The autoscaler reads one order each minute."
        return Fault(f"{len(needed)} orders, one a minute", f"{len(got)}", why)
    before = [got[0]] * startup_min + got
    running = [min(before[t : t + startup_min + 1]) for t in range(len(got))]
    short = next((t for t, (r, n) in enumerate(zip(running, needed, strict=True)) if r < n), None)
    if short is not None:
        why = "What runs is the smallest order of that minute and of the minutes of its start."
        return Fault(f"{needed[short]} running in minute {short}", f"{running[short]}", why)
    cheapest = sum(orders.solution(demand_per_s, capacity_per_s, startup_min))
    if sum(got) > cheapest:
        why = "Everything is served, and more is paid for than need be: instances stand idle."
        hint = "Order for the next startup_min minutes only, and no further ahead."
        return Fault(f"{cheapest} instance-minutes", f"{sum(got)}", why, hint)
    return None


@orders.solve
def orders_for(demand_per_s, capacity_per_s, startup_min):
    """Order for the busiest minute between now and the end of a start.

    An instance that minute t needs must have been ordered startup_min minutes before, and
    kept since. So the order of a minute is the largest need of it and the next few; one is
    spare.
    """
    needed = [math.ceil(rate / capacity_per_s) + 1 for rate in demand_per_s]
    return [max(needed[t : t + startup_min + 1]) for t in range(len(needed))]


@orders.solve_otherwise
def orders_for(demand_per_s, capacity_per_s, startup_min):
    """Let each minute write its need into the minutes in which it must stand ordered."""
    needed = np.ceil(np.asarray(demand_per_s) / capacity_per_s).astype(int) + 1
    ordered = needed.copy()
    for earlier in range(1, min(startup_min, len(needed) - 1) + 1):
        ordered[:-earlier] = np.maximum(ordered[:-earlier], needed[earlier:])
    return ordered


@orders.misread(
    "They are ordered when they are needed, and then they start. The premiere does not wait."
)
def on_time(demand_per_s, capacity_per_s, startup_min):
    return [math.ceil(rate / capacity_per_s) + 1 for rate in demand_per_s]


@orders.misread("It carries the load as long as nobody dies. One more must be there, always.")
def without_spare(demand_per_s, capacity_per_s, startup_min):
    return [n - 1 for n in orders.solution(demand_per_s, capacity_per_s, startup_min)]


@orders.misread(
    "Ordered one minute late: the order must stand in every minute of the start, and in minute t."
)
def a_minute_late(demand_per_s, capacity_per_s, startup_min):
    needed = [math.ceil(rate / capacity_per_s) + 1 for rate in demand_per_s]
    return [max(needed[t : t + startup_min]) for t in range(len(needed))]


@orders.misread("One instance to spare is enough. A second one stands idle all evening.")
def two_to_spare(demand_per_s, capacity_per_s, startup_min):
    return [n + 1 for n in orders.solution(demand_per_s, capacity_per_s, startup_min)]


@orders.misread("The peak's fleet all evening: served, and paid for when nobody comes.")
def always_the_peak(demand_per_s, capacity_per_s, startup_min):
    return [math.ceil(max(demand_per_s) / capacity_per_s) + 1] * len(demand_per_s)


@orders.misread("Shifted forward, and so given back before the minute that still needs them.")
def only_shifted(demand_per_s, capacity_per_s, startup_min):
    needed = [math.ceil(rate / capacity_per_s) + 1 for rate in demand_per_s]
    return (needed[startup_min:] + [needed[-1]] * startup_min)[: len(needed)]


@orders.misread("Rounded down before the spare is added: part of an instance is missing. Round up.")
def rounded_down_orders(demand_per_s, capacity_per_s, startup_min):
    needed = [int(rate // capacity_per_s) + 1 for rate in demand_per_s]
    return [max(needed[t : t + startup_min + 1]) for t in range(len(needed))]


@orders.misread(
    "After the last minute comes what the last one needs, not the first one's demand again."
)
def wraps_round(demand_per_s, capacity_per_s, startup_min):
    needed = [math.ceil(rate / capacity_per_s) + 1 for rate in demand_per_s]
    n = len(needed)
    return [max(needed[(t + k) % n] for k in range(startup_min + 1)) for t in range(n)]


@orders.misread("Ordered a minute before it is any use: that minute is paid for, for each of them.")
def a_minute_early(demand_per_s, capacity_per_s, startup_min):
    return orders.solution(demand_per_s, capacity_per_s, startup_min + 1)
