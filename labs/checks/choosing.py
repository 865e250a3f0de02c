"""Exercises of the lab on choosing a way to scale: checkers, hints, solutions, wrong answers."""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from scalelab.course.chapters.choosing.experiments import CARDS, TABLE, Needs
from scalelab.course.check import Lab
from scalelab.course.examine import AnswerError, answered, same_number
from scalelab.models.availability import k_of_n_availability

lab = Lab("choosing")

# Task 1: the rows that match -----------------------------------------------------------------

rows = lab.exercise(
    "rows",
    "The rows that match",
    hints=(
        "A row is recommended if any of its conditions holds. Sets can be intersected: a & b.",
        "Go through table.items() and keep the names for which conditions & traits is not empty.",
        "return sorted(name for name, conditions in table.items() if conditions & traits)",
    ),
)


def random_table(rng: np.random.Generator) -> dict[str, frozenset[str]]:
    """Draw a table whose rows may share conditions."""
    letters = list("abcdefghijkl")
    return {
        name: frozenset(rng.choice(letters, size=4, replace=False).tolist())
        for name in ("out", "up", "both", "auto")
    }


@rows.check_with
def check_rows(answer, rng):
    scenarios = [(TABLE, CARDS["a clinic's records"])]
    for table in (TABLE, random_table(rng)):
        known = [*sorted(frozenset().union(*table.values())), "unknown"]
        chosen = rng.choice(known, size=int(rng.integers(0, 4)), replace=False)
        scenarios.append((table, frozenset(chosen.tolist())))
    for table, traits in scenarios:
        expected = sorted(name for name, conditions in table.items() if conditions & traits)
        got = answered(answer(table, traits))
        if isinstance(got, list) and got == expected:
            continue
        counts = {name: len(conditions & traits) for name, conditions in table.items()}
        best = sorted(name for name, n in counts.items() if n == max(counts.values()) and n)
        why = "A rule that is left out cannot be weighed against the others."
        if isinstance(got, list) and sorted(map(str, got)) == expected:
            why = "Two people must get the same list: sort it."
        elif isinstance(got, (set, frozenset, tuple)) and sorted(map(str, got)) == expected:
            why = (
                "The names are right. It has to be a list, sorted, so that two people get the same."
            )
        elif not isinstance(got, list):
            why = "It has to be a list, sorted, of the names of the rows."
        elif set(map(str, got)) > set(expected):
            why = "A row of which no condition is among the traits is not recommended."
        elif got == []:
            why = (
                "One of them is enough: a service need not meet all conditions of a row, nor need "
                "a row name all traits of a service."
            )
        elif got == best:
            why = "The row with most conditions is a decision. You were asked what matches."
        elif got == expected[:1]:
            why = "The first row that matches is only the first. The others match as well."
        raise AnswerError(
            expected,
            repr(got),
            scenario=f"traits={sorted(traits)}, table="
            + "; ".join(f"{name}: {sorted(conditions)}" for name, conditions in table.items()),
            why=why,
            hint="Do it by hand for this scenario, row by row.",
        )


@rows.solve
def rows_of(table, traits):
    """Keep every row that shares a condition with the service, in alphabetical order.

    A rule fires if any of its conditions holds. Which of several to follow is another question, and
    mixing the two is how a conflict gets overlooked.
    """
    return sorted(name for name, conditions in table.items() if conditions & traits)


@rows.solve_otherwise
def rows_of(table, traits):
    """Ask each condition in turn where it stands."""
    found = set()
    for trait in traits:
        found.update(name for name in table if trait in table[name])
    return sorted(found)


@rows.reject("the first row that matches", "only the first")
def first_row(table, traits):
    return rows.solution(table, traits)[:1]


@rows.reject("a set of names", "has to be a list")
def set_of_rows(table, traits):
    return {name for name, conditions in table.items() if conditions & traits}


@rows.reject("all traits must be in the row", "name all traits")
def whole_service(table, traits):
    return sorted(name for name, conditions in table.items() if traits <= conditions)


@rows.reject("all conditions must hold", "One of them is enough")
def whole_row(table, traits):
    return [name for name, conditions in table.items() if conditions <= traits]


@rows.reject("every row", "no condition is among")
def every_row(table, traits):
    return sorted(table)


@rows.reject("a dictionary of counts", "of the names")
def counted(table, traits):
    return {name: len(conditions & traits) for name, conditions in table.items()}


@rows.reject("the row with most conditions", "is a decision")
def best_rows(table, traits):
    counts = {name: len(conditions & traits) for name, conditions in table.items()}
    return sorted(name for name, n in counts.items() if n == max(counts.values()) and n)


@rows.reject("in the order of the table", "sort it")
def unsorted_rows(table, traits):
    return [name for name, conditions in table.items() if conditions & traits][::-1]


# Task 2: the smallest conflict ---------------------------------------------------------------

conflict = lab.exercise(
    "conflict",
    "The smallest conflict",
    hints=(
        "How many conditions does it take to match two rows? Can one be enough?",
        "If the rows share a condition, that one alone matches both. Otherwise take one of each.",
        "shared = table[first] & table[second]. If there is one: {min(shared)}; else "
        "{min(table[first]), min(table[second])}.",
    ),
)


@conflict.check_with
def check_conflict(answer, rng):
    for table in (TABLE, random_table(rng), random_table(rng)):
        for first, second in combinations(table, 2):
            shared = table[first] & table[second]
            size = 1 if shared else 2
            got = answered(answer(table, first, second))
            scenario = f"{first}: {sorted(table[first])}; {second}: {sorted(table[second])}"
            right_kind = isinstance(got, (set, frozenset))
            if right_kind and len(got) == size and got & table[first] and got & table[second]:
                continue
            why = "A conflict has to match both rows; that is what makes it one."
            if got is None or (right_kind and not got):
                why = "Two rows need not share a condition. A service can meet one of each."
            elif right_kind and got & table[first] and got & table[second]:
                why = (
                    "That is a conflict, and not the smallest: the smaller it is, the more "
                    "services have it."
                )
                if len(got) == 2:
                    why = "These rows share a condition, which is a conflict all by itself."
            elif not right_kind:
                why = "It has to be a set, even of a single condition: {condition}."
            raise AnswerError(
                f"a set of {size} that matches both rows",
                repr(got),
                scenario=scenario,
                why=why,
                hint="Look at the intersection of the two rows first.",
            )


@conflict.solve
def smallest_conflict(table, first, second):
    """Take a shared condition if there is one, else one of each row.

    A shared condition is a conflict all by itself. Without one it takes two, and any two will do,
    so rows that have nothing in common conflict as well.
    """
    shared = table[first] & table[second]
    if shared:
        return {min(shared)}
    return {min(table[first]), min(table[second])}


@conflict.solve_otherwise
def smallest_conflict(table, first, second):
    """Try all sets of one condition, then all of two."""
    known = sorted(table[first] | table[second])
    for size in (1, 2):
        for chosen in combinations(known, size):
            if set(chosen) & table[first] and set(chosen) & table[second]:
                return set(chosen)


@conflict.reject("always one of each", "all by itself")
def one_of_each(table, first, second):
    only_first = table[first] - table[second] or table[first]
    only_second = table[second] - table[first] or table[second]
    return {min(only_first), min(only_second)}


@conflict.reject("no common condition, no conflict", "one of each")
def common_only(table, first, second):
    shared = table[first] & table[second]
    return {min(shared)} if shared else None


@conflict.reject("a condition without a set", "even of a single condition")
def bare_condition(table, first, second):
    found = conflict.solution(table, first, second)
    return min(found) if len(found) == 1 else found


@conflict.reject("all conditions of both", "not the smallest")
def everything(table, first, second):
    return set(table[first] | table[second])


# Task 3: the months that are left ------------------------------------------------------------

months = lab.exercise(
    "months",
    "The months that are left",
    hints=(
        "First the peak of today: users × 0.2 × requests a day ÷ 86,400 × peak to mean. What may "
        "the server carry at the peak, if the headroom is kept?",
        "It grows by a factor of 1 + growth each month. Count the months until it is too much; 0 "
        "if it is too much already.",
        "Start with month = 0 and a while loop: as long as the peak is at most "
        "server_per_s * (1 - headroom), multiply and count.",
    ),
)


@months.check_with
def check_months(answer, rng):
    users, requests = int(rng.integers(20, 400)) * 1_000, int(rng.integers(20, 120))
    ratio, growth = float(rng.choice([3.0, 5.0, 8.0])), float(rng.choice([0.03, 0.05, 0.1]))
    headroom = float(rng.choice([0.3, 0.4]))
    mean = users * 0.2 * requests / 86_400
    server = mean * ratio * float(rng.choice([0.8, 2.5, 6.0, 12.0]))

    def count(peak, room, compound=True):
        month, now = 0, peak
        while now <= room:
            month += 1
            now = peak * (1 + growth) ** month if compound else peak * (1 + growth * month)
        return month

    room = server * (1 - headroom)
    expected = count(mean * ratio, room)
    got = answered(answer(users, growth, requests, ratio, server, headroom))
    misread = {
        expected - 1: "That is the last month that still fits. Asked for is the first too large.",
        expected + 1: "Now is month 0. That counts it as the first.",
        count(mean * ratio * 24, room): "A day has 86,400 seconds. An hour has 3,600.",
        count(mean * ratio / 0.2, room): "Only a fifth of the users come on a day.",
        count(mean * ratio, server * headroom): (
            "The headroom is the share that stays free, not the share that may be used."
        ),
        count(mean, room): "Capacity is for the peak. The mean is never there.",
        count(mean * ratio, server): "That uses the server up to its limit, without the headroom.",
        count(mean * ratio, room, compound=False): (
            "A percentage each month compounds: it grows on what has grown."
        ),
    }
    why = "In that month users feel it, and a new machine has to be there before."
    if got != expected and isinstance(got, int):
        why = "If it is too much today, that is month 0." if got < 0 else misread.get(got, why)
    elif isinstance(got, float) and math.isfinite(got) and got != round(got):
        why = "The months are counted: a whole number, the first month in which it is too much."
    same_number(
        got,
        expected,
        scenario=f"{users:,} users, growth {growth:g} a month, {requests} requests a day, peak "
        f"{ratio:g} × mean, server {server:.1f}/s, headroom {headroom:g}",
        why=why,
        hint="Print the peak of each of the first months beside what the server may carry.",
    )


@months.solve
def months_left(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    """Let the peak grow month by month until it no longer fits.

    Capacity is for the peak, less the headroom. Growth by a percentage compounds, so the months do
    not double with the server: each doubling brings the same number of them.
    """
    peak_per_s = users * 0.2 * requests_a_day / 86_400 * peak_to_mean
    month = 0
    while peak_per_s * (1 + growth) ** month <= server_per_s * (1 - headroom):
        month += 1
    return month


@months.solve_otherwise
def months_left(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    """With a logarithm: whole months, and one more for the month in which it is too much."""
    peak_per_s = users * 0.2 * requests_a_day / 86_400 * peak_to_mean
    room = server_per_s * (1 - headroom) / peak_per_s
    return 0 if room < 1 else math.floor(math.log(room) / math.log(1 + growth)) + 1


@months.reject("the last month that fits", "still fits")
def last_that_fits(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    month = months.solution(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom)
    return max(0, month - 1)


@months.reject("this month is the first", "Now is month 0")
def counted_from_one(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    return 1 + months.solution(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom)


@months.reject("a month in the past", "too much today")
def in_the_past(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak_per_s = users * 0.2 * requests_a_day / 86_400 * peak_to_mean
    room = server_per_s * (1 - headroom) / peak_per_s
    return math.floor(math.log(room) / math.log(1 + growth)) + 1


@months.reject("a day of 3,600 seconds", "86,400 seconds")
def hourly(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    return months.solution(24 * users, growth, requests_a_day, peak_to_mean, server_per_s, headroom)


@months.reject("all users come every day", "Only a fifth")
def every_day(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    return months.solution(5 * users, growth, requests_a_day, peak_to_mean, server_per_s, headroom)


@months.reject("the headroom is what may be used", "stays free")
def headroom_used(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    return months.solution(users, growth, requests_a_day, peak_to_mean, server_per_s, 1 - headroom)


@months.reject("a part of a month", "are counted")
def part_of_a_month(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak_per_s = users * 0.2 * requests_a_day / 86_400 * peak_to_mean
    room = server_per_s * (1 - headroom) / peak_per_s
    return max(0.0, math.log(room) / math.log(1 + growth))


@months.reject("the mean is the load", "for the peak")
def by_mean(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    return months.solution(users, growth, requests_a_day, 1.0, server_per_s, headroom)


@months.reject("full is full", "without the headroom")
def by_limit(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    return months.solution(users, growth, requests_a_day, peak_to_mean, server_per_s, 0.0)


@months.reject("the same amount each month", "compounds")
def linear(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak = users * 0.2 * requests_a_day / 86_400 * peak_to_mean
    month = 0
    while peak * (1 + growth * month) <= server_per_s * (1 - headroom):
        month += 1
    return month


# Task 4: what a promise takes ----------------------------------------------------------------

promise = lab.exercise(
    "promise",
    "What a promise takes",
    hints=(
        "How many servers carry the peak? All of them must be up, if you have no more than that.",
        "k_of_n_availability(availability, needed, nodes) is the chance that at least `needed` of "
        "`nodes` are up. Try nodes from needed on.",
        "needed = math.ceil(peak / server); nodes = needed; while k_of_n_availability(...) < "
        "promised: nodes += 1",
    ),
)


@promise.check_with
def check_promise(answer, rng):
    server = float(rng.integers(3, 12)) * 100
    drawn = (
        server * float(rng.uniform(0.3, 8.0)),
        server,
        float(rng.choice([0.98, 0.99, 0.995])),
        float(rng.choice([0.95, 0.999, 0.9999, 0.99999])),
    )
    for peak, rate, a, promised in ((1_500.0, 1_000.0, 0.92, 0.99999), drawn):
        needed = math.ceil(peak / rate)
        expected = needed
        while k_of_n_availability(a, needed, expected) < promised:
            expected += 1
        got = answered(answer(peak, rate, a, promised))
        why = "One server too few breaks the promise, one too many is paid for every month."
        if got == needed:
            why = (
                f"{needed} carry the peak if all are up, which is so {100 * a**needed:.2f} % of "
                "the time."
            )
        elif got == needed + 1:
            why = "One spare is a rule of thumb. The promise says how many: none, one or several."
        elif got == 2 * needed:
            why = (
                "Twice as many is a rule of thumb, too. How many spares it takes, the promise says."
            )
        elif got == copies(a, promised):
            why = "That counts on ONE being up. It takes as many as carry the peak, rounded up."
        same_number(
            got,
            expected,
            scenario=f"peak {peak:.0f}/s, server {rate:.0f}/s, up {a:g}, promised {promised:g}",
            why=why,
            hint="Print the chance for each number of servers.",
        )


def copies(availability: float, promised: float) -> int:
    """How many machines it takes so that at least one is up."""
    return math.ceil(math.log(1 - promised) / math.log(1 - availability) - 1e-9)


@promise.solve
def servers_needed(peak_per_s, server_per_s, availability, promised):
    """Begin with what carries the peak, and add spares until enough of them are up often enough.

    The binomial law counts how likely it is that at least so many are up. It takes failures for
    independent, so the number is a lower bound for real ones.
    """
    needed = math.ceil(peak_per_s / server_per_s)
    nodes = needed
    while k_of_n_availability(availability, needed, nodes) < promised:
        nodes += 1
    return nodes


@promise.solve_otherwise
def servers_needed(peak_per_s, server_per_s, availability, promised):
    """Add the terms of the binomial law by hand."""
    needed = math.ceil(peak_per_s / server_per_s)
    for nodes in range(needed, needed + 100):
        up = sum(
            math.comb(nodes, i) * availability**i * (1 - availability) ** (nodes - i)
            for i in range(needed, nodes + 1)
        )
        if up >= promised:
            return nodes


@promise.reject("what carries the peak is enough", "if all are up")
def no_spare(peak_per_s, server_per_s, availability, promised):
    return math.ceil(peak_per_s / server_per_s)


@promise.reject("always one spare", "rule of thumb")
def one_spare(peak_per_s, server_per_s, availability, promised):
    return math.ceil(peak_per_s / server_per_s) + 1


@promise.reject("half a server is none", "rounded up")
def rounded_down(peak_per_s, server_per_s, availability, promised):
    whole = max(1, math.floor(peak_per_s / server_per_s)) * server_per_s
    return promise.solution(whole, server_per_s, availability, promised)


@promise.reject("everything twice", "Twice as many")
def twice(peak_per_s, server_per_s, availability, promised):
    return 2 * math.ceil(peak_per_s / server_per_s)


@promise.reject("one of them is enough", "counts on ONE")
def one_of_them(peak_per_s, server_per_s, availability, promised):
    return max(math.ceil(peak_per_s / server_per_s), copies(availability, promised))


# Task 5: the cheapest plan that keeps it -----------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """A machine on the price list."""

    name: str
    per_s: float
    usd_per_month: float


plan = lab.exercise(
    "plan",
    "The cheapest plan that keeps the promise",
    hints=(
        "Three questions, in an order. Which offers can be part of a plan at all? If the work "
        "cannot be divided, one machine has to carry it.",
        "For each offer that is left, the number of machines follows from the promise: task 4 for "
        "work that can be divided, and with needed = 1 for work that cannot.",
        "Collect (nodes * offer.usd_per_month, offer, nodes) and take the min by price. None if no "
        "offer will do. Each machine is used up to 70 %.",
    ),
)


def random_offers(rng: np.random.Generator) -> list[Offer]:
    """Draw a price list on which a large machine does less per dollar, or more."""
    per_node = float(rng.choice([20.0, 400.0]))
    return [
        Offer(f"m{c}", 1_000 * c**0.774 / 4**0.774, round(70 * c + per_node, 2))
        for c in (4, 8, 16, 32)
    ]


def nodes_for(offer: Offer, needs: Needs, room: float = 0.7) -> int | None:
    """Machines of one kind that keep the promise, or None if they cannot."""
    needed = math.ceil(needs.peak_per_s / (room * offer.per_s))
    if needed > 1 and not needs.divisible:
        return None
    nodes = needed
    while k_of_n_availability(needs.server_availability, needed, nodes) < needs.availability:
        nodes += 1
    return nodes


def random_needs(rng: np.random.Generator) -> Needs:
    """Draw what a service needs."""
    return Needs(
        peak_per_s=float(rng.choice([100.0, 900.0, 2_000.0, 3_000.0, 6_000.0])),
        peak_to_mean=3.0,
        availability=float(rng.choice([0.99, 0.9999])),
        server_availability=0.995,
        divisible=bool(rng.random() < 0.5),
    )


@plan.check_with
def check_plan(answer, rng):
    for _ in range(6):
        offers, needs = random_offers(rng), random_needs(rng)
        good = [(n * o.usd_per_month, o, n) for o in offers if (n := nodes_for(o, needs))]
        best = min(good, key=lambda row: row[0], default=None)
        got = answered(answer(offers, needs))
        scenario = f"{needs}; " + ", ".join(
            f"{o.name}: {o.per_s:.0f}/s for {o.usd_per_month:.0f}" for o in offers
        )
        if best is None and got is None:
            continue
        pair = isinstance(got, (tuple, list)) and len(got) == 2 and got[0] in offers
        pair = pair and isinstance(got[1], int) and not isinstance(got[1], bool) and got[1] >= 1
        if best and pair and any(row[1:] == tuple(got) and row[0] == best[0] for row in good):
            continue
        why = (
            "It has to be a pair, an offer of the list (not its name) and a whole number; or None."
        )
        if best is None:
            why = (
                "It cannot be divided, and no machine is large enough. The plan is to change that."
            )
        elif pair:
            offer, nodes = got
            needed = math.ceil(needs.peak_per_s / (0.7 * offer.per_s))
            full = nodes_for(offer, needs, room=1.0)
            if full != nodes_for(offer, needs) and nodes == full and nodes != needed:
                why = "That uses a machine up to its limit. It is used up to 70 % of its rate."
            elif needed > 1 and not needs.divisible:
                why = "The work cannot be divided: one machine has to carry all of it."
            elif k_of_n_availability(needs.server_availability, min(needed, nodes), nodes) < (
                needs.availability
            ):
                why = (
                    "Used up to 70 %, these carry the peak on a good day, and have too few spares. "
                    "The promise includes the bad days."
                )
                if nodes < needed:
                    why = "Used up to 70 %, these do not carry the peak even if all of them are up."
            elif nodes >= needed:
                why = "It keeps the promise, and another plan does so for less."
        elif got is None:
            why = "There is a plan. None is for work that no machine can carry."
        raise AnswerError(
            f"{best[2]} × {best[1].name} for {best[0]:,.0f}" if best else "None",
            repr(got),
            scenario=scenario,
            why=why,
            hint="Write down, for each offer, how many it takes and what they cost.",
        )


@plan.solve
def cheapest_plan(offers, needs):
    """Ask the three questions: promise, bottleneck, cost.

    The first two strike out plans, the third chooses among those that are left. Begun with the
    price, the cheapest plan would be one that breaks the promise.
    """
    good = []
    for offer in offers:
        needed = math.ceil(needs.peak_per_s / (0.7 * offer.per_s))
        if needed > 1 and not needs.divisible:
            continue
        nodes = needed
        while k_of_n_availability(needs.server_availability, needed, nodes) < needs.availability:
            nodes += 1
        good.append((nodes * offer.usd_per_month, offer.name, offer, nodes))
    return min(good)[2:] if good else None


@plan.solve_otherwise
def cheapest_plan(offers, needs):
    """Let the function of task 4 count the machines."""
    best, price = None, math.inf
    for offer in offers:
        room = 0.7 * offer.per_s
        if needs.divisible or needs.peak_per_s <= room:
            nodes = promise.solution(
                needs.peak_per_s, room, needs.server_availability, needs.availability
            )
            if nodes * offer.usd_per_month < price:
                best, price = (offer, nodes), nodes * offer.usd_per_month
    return best


@plan.reject("everything can be divided", "one machine has to carry")
def divide_all(offers, needs):
    free = Needs(**{**vars(needs), "divisible": True})
    if plan.solution(offers, needs) is None:  # there the answer would be wrong for another reason
        return None
    return plan.solution(offers, free)


@plan.reject("full is full", "up to 70 %")
def up_to_the_limit(offers, needs):
    good = [(n * o.usd_per_month, o, n) for o in offers if (n := nodes_for(o, needs, room=1.0))]
    return min(good, key=lambda row: row[0])[1:] if good else None


@plan.reject("the name of an offer", "not its name")
def by_name(offers, needs):
    found = plan.solution(offers, needs)
    return found and (found[0].name, found[1])


@plan.reject("an offer that will not do ends the search", "There is a plan")
def all_or_none(offers, needs):
    if any(nodes_for(offer, needs) is None for offer in offers):
        return None
    return plan.solution(offers, needs)


@plan.reject("the promise is for others", "on a good day")
def no_promise(offers, needs):
    return plan.solution(offers, Needs(**{**vars(needs), "availability": 0.01}))


@plan.reject("the largest machine is safest", "for less")
def largest(offers, needs):
    answer = nodes_for(offers[-1], needs)
    return (offers[-1], answer) if answer else None


@plan.reject("there is always a plan", "change that")
def always(offers, needs):
    return plan.solution(offers, needs) or (offers[-1], 2)
