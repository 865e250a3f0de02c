"""Exercises of the lab on horizontal scaling: checkers, hints, solutions, and wrong answers."""

import math

import numpy as np

from scalelab.course.check import Lab
from scalelab.course.examine import AnswerError, answered, same_number
from scalelab.models.usl_fit import fit_usl
from scalelab.workloads.demand import flash_crowd_per_s

lab = Lab("horizontal")

# Task 1: what the survivors carry ------------------------------------------------------------

loss = lab.exercise(
    "loss",
    "What the survivors carry",
    hints=(
        "The load stays, the capacity shrinks. Which of the servers may die?",
        "At the worst it is the largest: divide load_per_s by the sum of the others' capacities.",
    ),
)


@loss.check_with
def check_loss(answer, rng):
    number = int(rng.integers(3, 9))
    capacities = [float(c) for c in rng.choice([500, 1_000, 2_000, 4_000], number)]
    if len(set(capacities)) == 1:
        capacities[0] *= 1.5
    load = float(round(sum(capacities) * rng.uniform(0.4, 0.9)))
    total = sum(capacities)
    got = answered(answer(list(capacities), load))
    misread = [
        (
            load / total,
            "That is how busy they are before the loss. The dead server's part goes to the others.",
        ),
        (
            load / (total - min(capacities)),
            "The smallest may die, and then you were lucky. Plan for the largest.",
        ),
        (
            load / total * number / (number - 1),
            "n / (n - 1) is for equal servers. These are not: count capacity, not servers.",
        ),
        (
            100 * load / (total - max(capacities)),
            "That is in per cent. A utilisation is a ratio here: 1.0 is 100 %.",
        ),
    ]
    why = "Above 1 the fleet goes down with its server; you want to know before it happens."
    for value, meaning in misread:
        if isinstance(got, float) and math.isclose(got, value, rel_tol=1e-9):
            why = meaning
    same_number(
        got,
        load / (total - max(capacities)),
        scenario=f"capacities_per_s={capacities}, load_per_s={load:g}",
        why=why,
        hint="How much capacity is left after the worst single loss?",
    )


@loss.solve
def utilisation_after_worst_loss(capacities_per_s, load_per_s):
    """Divide the load by what is left when the largest server is gone.

    The balancer is taken to share by capacity, so all survivors are equally busy.
    Any other single loss leaves more capacity.
    """
    return load_per_s / (sum(capacities_per_s) - max(capacities_per_s))


@loss.solve_otherwise
def utilisation_after_worst_loss(capacities_per_s, load_per_s):
    """Try every loss, and keep the worst."""
    total = sum(capacities_per_s)
    return max(load_per_s / (total - dead) for dead in capacities_per_s)


@loss.reject("nobody dies", "before the loss")
def before(capacities_per_s, load_per_s):
    return load_per_s / sum(capacities_per_s)


@loss.reject("the smallest dies", "you were lucky")
def smallest_dies(capacities_per_s, load_per_s):
    return load_per_s / (sum(capacities_per_s) - min(capacities_per_s))


@loss.reject("equal servers", "count capacity, not servers")
def equal_servers(capacities_per_s, load_per_s):
    n = len(capacities_per_s)
    return load_per_s / sum(capacities_per_s) * n / (n - 1)


@loss.reject("per cent", "a ratio here")
def in_per_cent(capacities_per_s, load_per_s):
    return 100 * loss.solution(capacities_per_s, load_per_s)


# Task 2: the smallest fleet ------------------------------------------------------------------

fleet = lab.exercise(
    "fleet",
    "The smallest fleet that survives a loss",
    hints=(
        "First without any failure: how many servers keep each at or below the limit?",
        "The survivors must be that many. So round load_per_s / (capacity_per_s * limit) up, and "
        "add the one that may die.",
    ),
)


@fleet.check_with
def check_fleet(answer, rng):
    capacity = float(rng.integers(5, 40) * 100)
    limit = float(rng.choice([0.6, 0.65, 0.7, 0.75, 0.8]))
    load = float(round(capacity * rng.uniform(1.2, 12)))
    if rng.random() < 0.3:  # a load that so many servers carry at exactly the limit
        limit, load = 0.75, 0.75 * capacity * int(rng.integers(2, 13))
    truth = math.ceil(load / (capacity * limit)) + 1
    got = answered(answer(load, capacity, limit))
    why = "The limit must hold for the survivors, and not a server more should be paid for."
    whole = isinstance(got, (int, np.integer)) or (isinstance(got, float) and got.is_integer())
    if isinstance(got, float) and not whole:
        why = "A part of a server cannot be bought. Round up, and do so before the spare is added."
    if whole and got != truth:
        if got >= 2 and load / ((got - 1) * capacity) > 1:
            why = (
                f"After a loss the rest would be {100 * load / (got - 1) / capacity:.0f} "
                "% busy: that is a cascade, not redundancy."
            )
        elif got == truth - 1 and load / (got * capacity) <= limit:
            why = "All of them together meet the limit, but one may die, and then they do not."
        elif got < truth:
            why = (
                f"The survivors would carry it, at {100 * load / (got - 1) / capacity:.0f} %. The "
                f"limit is {100 * limit:.0f} %, because waits grow long before 100 %."
            )
        elif got > truth:
            why = f"{truth} are enough for one loss at a time. Each more is paid for."
            if load == (truth - 1) * capacity * limit:
                why += " A survivor may be as busy as the limit says, only not busier."
    same_number(
        got,
        truth,
        scenario=f"{load:g} requests/s, {capacity:g} a server, at most {100 * limit:.0f} % busy",
        why=why,
        hint="Write down how many must be left, then add one.",
    )


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


@fleet.reject("no spare", "one may die, and then they do not")
def no_spare(load_per_s, capacity_per_s, limit):
    # A fleet whose survivors are beyond 100 % gets another message: leave those alone.
    servers = math.ceil(load_per_s / (capacity_per_s * limit))
    hopeless = servers < 2 or load_per_s > (servers - 1) * capacity_per_s
    return fleet.solution(load_per_s, capacity_per_s, limit) if hopeless else servers


@fleet.reject("survivors at 100 %", "waits grow long before")
def full_survivors(load_per_s, capacity_per_s, limit):
    servers = math.ceil(load_per_s / capacity_per_s) + 1
    enough = fleet.solution(load_per_s, capacity_per_s, limit)
    one_less = servers == enough - 1 and load_per_s <= servers * capacity_per_s * limit
    return enough if one_less else servers


@fleet.reject("barely enough without a loss", "a cascade, not redundancy")
def barely(load_per_s, capacity_per_s, limit):
    return math.ceil(load_per_s / capacity_per_s)


@fleet.reject("one more in any case", "only not busier")
def rounded_down_plus_two(load_per_s, capacity_per_s, limit):
    return math.floor(load_per_s / (capacity_per_s * limit)) + 2


@fleet.reject("not rounded", "A part of a server")
def fraction_of_a_server(load_per_s, capacity_per_s, limit):
    return load_per_s / (capacity_per_s * limit) + 1.0


@fleet.reject("twice as many", "Each more is paid for")
def double(load_per_s, capacity_per_s, limit):
    return 2 * math.ceil(load_per_s / (capacity_per_s * limit)) + 1


# Task 3: a health check ----------------------------------------------------------------------

health = lab.exercise(
    "health",
    "A health check",
    hints=(
        "Keep two things from one probe to the next: whether the server is up, and how many probes "
        "in a row have said the opposite.",
        "A probe that agrees with the state sets the count to zero. One that disagrees adds one. "
        "At `misses` (or `rises`, when it is down) the state changes and the count starts anew.",
    ),
)


@health.check_with
def check_health(answer, rng):
    misses, rises = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    probes = _probes(rng, misses, rises)
    got = answered(answer(list(probes), misses, rises))
    truth = _states(probes, misses, rises)
    shown = "".join("." if ok else "x" for ok in probes)
    scenario = f"misses={misses}, rises={rises}, probes (x failed) {shown}"
    if isinstance(got, (tuple, np.ndarray)):
        got = list(got)
    if not isinstance(got, list) or len(got) != len(probes):
        raise AnswerError(
            f"a list of {len(probes)} states",
            repr(got)[:80],
            scenario=scenario,
            why="The balancer asks after every probe.",
            hint="Append the state after each probe, and return the list.",
        )
    for i, mine in enumerate(got):
        if not isinstance(mine, (bool, int, np.bool_, np.integer)) or int(mine) not in (0, 1):
            raise AnswerError(
                f"True or False after probe {i + 1}",
                repr(mine)[:80],
                scenario=scenario,
                why="A server is in rotation or it is not.",
                hint="Append the state after each probe, not the count.",
            )
    swapped = got == _states(probes, rises, misses)
    for i, (mine, right) in enumerate(zip(got, truth, strict=True)):
        if mine != right:
            why = _why_health(probes[: i + 1], mine, right, misses, rises)
            if swapped:
                why = "misses and rises have changed places: misses takes a server out."
            raise AnswerError(
                f"{right} after probe {i + 1}",
                repr(bool(mine)),
                scenario=scenario,
                why=why,
                hint="Follow the probes with a pencil: state, and how many in a row disagree.",
            )


def _probes(rng, misses, rises):
    """Draw a history with every trap in it: short runs, a death, a hesitant return."""
    flaky = [True, *[False] * (misses - 1), True, *[False] * (misses - 1), True]
    death = [False] * (misses + int(rng.integers(1, 3)))
    back = [True] * (rises - 1) + [False] + [True] * (rises + 2)
    noise = [bool(b) for b in rng.random(12) < 0.6]
    return flaky + death + back + noise


def _states(probes, misses, rises):
    up, against, found = True, 0, []
    for ok in probes:
        against = against + 1 if ok != up else 0
        if against >= (misses if up else rises):
            up, against = not up, 0
        found.append(up)
    return found


def _why_health(seen, mine, right, misses, rises):
    run = next((i for i, ok in enumerate(reversed(seen)) if ok != seen[-1]), len(seen))
    if right and not mine:
        if not seen[-1] and run < misses:
            return (
                f"Only {run} in a row have failed. Misses add up over days; a server is dead when "
                f"{misses} fail without a success in between."
            )
        if all(seen):
            return "At first a server is up, and no probe has failed so far. True stands for up."
        return f"{rises} successes in a row: it is well again, and its share is missed."
    if mine and not right and seen[-1]:
        return (
            f"{run} success after a failure is not {rises} in a row. A server that comes and goes "
            "would get its full share each time."
        )
    if run < misses:
        return "It was out, and a failed probe does not bring it back."
    return f"{run} probes in a row have failed, and it is still sent its share of the requests."


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


@health.reject("misses add up", "Misses add up over days")
def adds_up(probes, misses, rises):
    failed, found = 0, []
    for ok in probes:
        failed += not ok
        found.append(failed < misses)
    return found


@health.reject("one success is enough", "would get its full share each time")
def trusting(probes, misses, rises):
    return health.solution(probes, misses, 1)


@health.reject("dead for good", "its share is missed")
def dead_for_good(probes, misses, rises):
    return health.solution(probes, misses, len(probes) + 1)


@health.reject("misses and rises exchanged", "changed places")
def exchanged(probes, misses, rises):
    return health.solution(probes, rises, misses)


@health.reject("False is up", "True stands for up")
def upside_down(probes, misses, rises):
    return [not up for up in health.solution(probes, misses, rises)]


@health.reject("one miss too many", "still sent its share")
def one_more(probes, misses, rises):
    return health.solution(probes, misses + 1, rises)


# Task 4: the best size -----------------------------------------------------------------------

peak = lab.exercise(
    "peak",
    "How many nodes, from six measurements",
    hints=(
        "fit_usl(nodes, throughput_per_s).law is the fitted law. It has a peak_n, which is seldom "
        "a whole number.",
        "Ask law.throughput_per_s for the whole numbers on both sides of peak_n, and return the "
        "better one as an int.",
    ),
)


@peak.check_with
def check_peak(answer, rng):
    nodes = np.array([1, 2, 4, 8, 16, 32])
    sigma, kappa = rng.uniform(0.01, 0.05), rng.uniform(2e-4, 5e-4)
    rates = 1_000 * nodes / (1 + sigma * (nodes - 1) + kappa * nodes * (nodes - 1))
    rates = np.round(rates * (1 + 0.003 * rng.standard_normal(6)), 1)
    law = fit_usl(nodes, rates).law
    truth = int(max(range(1, 400), key=lambda n: law.throughput_per_s(n)))
    got = answered(answer(nodes.copy(), rates.copy()))
    why = "Too few leave throughput lying about; too many cost money and make it slower."
    if isinstance(got, float) and math.isclose(got, law.peak_n, rel_tol=1e-9):
        why = "The law peaks between two whole numbers. Nobody sells a part of a node."
    if isinstance(got, (int, np.integer)) and got != truth:
        if got == 32:
            why = "32 is the largest size measured, not the best. The law looks further."
        elif got == round(1 / law.sigma):
            why = (
                "1 / sigma is Amdahl's ceiling, a speed-up that is never reached. It is no number "
                "of nodes."
            )
        elif abs(got - law.peak_n) < 1:
            why = (
                f"The curve is highest at {law.peak_n:.2f}; of its two whole neighbours the other "
                "is the better one."
            )
        elif got == round(1 / math.sqrt(law.kappa)):
            why = "Contention counts as well: the peak is at the root of (1 - sigma) / kappa."
        elif abs(got - law.ceiling_per_s) < 1:
            why = "That is the most throughput, in jobs per second. Asked for is a number of nodes."
    same_number(
        got,
        truth,
        scenario=f"nodes {nodes.tolist()}, jobs per second {rates.tolist()}",
        why=why,
        hint="Fit the law to all six points, then look where it is highest.",
    )


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


@peak.reject("the best that was measured", "largest size measured")
def best_measured(nodes, throughput_per_s):
    return int(nodes[np.argmax(throughput_per_s)])


@peak.reject("not rounded", "a part of a node")
def not_rounded(nodes, throughput_per_s):
    return float(fit_usl(nodes, throughput_per_s).law.peak_n)


@peak.reject("one over sigma", "Amdahl's ceiling")
def ceiling(nodes, throughput_per_s):
    return round(1 / fit_usl(nodes, throughput_per_s).law.sigma)


@peak.reject("the next larger one", "the other is the better one")
def rounded_up(nodes, throughput_per_s):
    return math.ceil(fit_usl(nodes, throughput_per_s).law.peak_n)


@peak.reject("throughput for nodes", "Asked for is a number of nodes")
def most_throughput(nodes, throughput_per_s):
    return round(fit_usl(nodes, throughput_per_s).law.ceiling_per_s)


@peak.reject("contention left out", "Contention counts as well")
def no_contention(nodes, throughput_per_s):
    law = fit_usl(nodes, throughput_per_s).law
    right = peak.solution(nodes, throughput_per_s)
    found = round(1 / math.sqrt(law.kappa))
    return found if abs(found - right) > 1 else right


# Task 5: orders for a premiere ---------------------------------------------------------------

orders = lab.exercise(
    "orders",
    "Orders for a premiere",
    hints=(
        "What runs in minute t was ordered in minute t - startup_min. So what must be ordered in "
        "minute t is what minute t + startup_min needs.",
        "needed[t] = ceil(demand[t] / capacity) + 1. Shift it forward by startup_min; at the end, "
        "where nothing is known, keep the last value. Then check minute t itself: an instance that "
        "is still needed must not be given back before the minute is over.",
    ),
)


@orders.check_with
def check_orders(answer, rng):
    startup = int(rng.integers(2, 6))
    capacity = float(rng.integers(5, 20) * 20)
    minutes = np.arange(60)
    peak_rate = float(rng.integers(30, 90) * 100)
    demand = np.round(
        flash_crowd_per_s(
            60.0 * minutes,
            0.15 * peak_rate,
            peak_rate,
            start_s=60.0 * float(rng.integers(15, 25)),
            ramp_s=600.0,
            decay_s=1_200.0,
        )
    )
    scenario = (
        f"{capacity:g} requests/s an instance, {startup} minutes to start, demand from "
        f"{demand[0]:g} up to {demand.max():g} in minute {int(demand.argmax())}"
    )
    got = answered(answer(demand.copy(), capacity, startup))
    try:
        ordered = np.asarray(got, dtype=float)
        whole = ordered.shape == demand.shape and np.all(ordered == np.round(ordered))
    except (TypeError, ValueError):
        whole = False
    if not whole:
        raise AnswerError(
            "60 whole numbers, one a minute",
            repr(got)[:80],
            scenario=scenario,
            why="The autoscaler reads one order each minute.",
            hint="Return a list or an array as long as demand_per_s.",
        )
    _judge_orders(ordered, demand, capacity, startup, scenario)


def _running(ordered, startup):
    """Count what runs in each minute: ordered in all of the minutes that it takes to start."""
    padded = np.concatenate([np.full(startup, ordered[0]), ordered])
    return np.array([padded[t : t + startup + 1].min() for t in range(ordered.size)])


def _judge_orders(ordered, demand, capacity, startup, scenario):
    needed = np.ceil(demand / capacity) + 1
    running = _running(ordered, startup)
    short = np.flatnonzero(running < needed)
    best = _cheapest(needed, startup)
    if short.size:
        t = int(short[0])
        why = "The order does not cover what its own minute needs."
        if running[t] == needed[t] - 1 and np.all(running >= needed - 1):
            why = "It carries the load as long as nobody dies. One more must be there, always."
        elif ordered[t] >= needed[t] and t and ordered[t - 1] >= needed[t]:
            enough = ordered[: t + 1] >= needed[t]
            ahead = int(np.argmin(enough[::-1])) - 1
            why = (
                f"They are ordered {ahead} min ahead, and a start takes {startup} min. The order "
                "must stand in every minute of the start, and in minute t itself."
            )
        elif ordered[t] >= needed[t]:
            why = (
                f"They are ordered when they are needed, and then they start for {startup} "
                "minutes. The premiere does not wait."
            )
        elif ordered[t] < needed[t] <= ordered[max(t - startup, 0)]:
            why = "Given back before the minute that still needs them."
        raise AnswerError(
            f"{needed[t]:g} running in minute {t}",
            f"{running[t]:g}",
            scenario=scenario,
            why=why,
            hint="For each minute, look startup_min minutes back: what was ordered by then?",
        )
    if ordered.sum() > best.sum():
        why = (
            "Everything is served, and more is paid for than need be: after the peak and before "
            "it instances stand idle."
        )
        if np.all(ordered > best) and np.ptp(ordered - best) == 0:
            why = "One instance to spare is enough. All that is above stands idle all evening."
        raise AnswerError(
            f"{best.sum():g} instance-minutes",
            f"{ordered.sum():g}",
            scenario=scenario,
            why=why,
            hint="Order for the next startup_min minutes only, and no further ahead.",
        )


def _cheapest(needed, startup):
    """Order for the busiest of this minute and the next startup minutes."""
    padded = np.concatenate([needed, np.full(startup, needed[-1])])
    return np.array([padded[t : t + startup + 1].max() for t in range(needed.size)])


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
    for earlier in range(1, startup_min + 1):
        ordered[:-earlier] = np.maximum(ordered[:-earlier], needed[earlier:])
    return ordered


@orders.reject("ordered when needed", "The premiere does not wait")
def on_time(demand_per_s, capacity_per_s, startup_min):
    return [math.ceil(rate / capacity_per_s) + 1 for rate in demand_per_s]


@orders.reject("no spare", "as long as nobody dies")
def without_spare(demand_per_s, capacity_per_s, startup_min):
    return [n - 1 for n in orders.solution(demand_per_s, capacity_per_s, startup_min)]


@orders.reject("one minute late", "must stand in every minute of the start")
def a_minute_late(demand_per_s, capacity_per_s, startup_min):
    needed = [math.ceil(rate / capacity_per_s) + 1 for rate in demand_per_s]
    return [max(needed[t : t + startup_min]) for t in range(len(needed))]


@orders.reject("two to spare", "One instance to spare is enough")
def two_to_spare(demand_per_s, capacity_per_s, startup_min):
    return [n + 1 for n in orders.solution(demand_per_s, capacity_per_s, startup_min)]


@orders.reject("the peak all evening", "instances stand idle")
def always_peak(demand_per_s, capacity_per_s, startup_min):
    return [math.ceil(max(demand_per_s) / capacity_per_s) + 1] * len(demand_per_s)


@orders.reject("shifted too far", "before the minute that still needs them")
def only_shifted(demand_per_s, capacity_per_s, startup_min):
    needed = [math.ceil(rate / capacity_per_s) + 1 for rate in demand_per_s]
    return needed[startup_min:] + [needed[-1]] * startup_min
