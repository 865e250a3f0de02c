"""Exercises of the lab on queries."""

from scalelab.course.chapters.query_optimization.shop import (
    BUDGET,
    INDEXES,
    TABLES,
    OldShop,
    played,
)
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import Data, ListOf, Maybe, Number, Parts, Text, Whole
from scalelab.course.values import NOTHING, is_number, short

lab = Lab("query_optimization")

# Task 1: the statements that fill the machine -------------------------------------------------

dearest = lab.exercise(
    "dearest",
    "The statements that fill the machine",
    ListOf(Text(), "statement"),
    why="Who mends the slowest statement first may work for a week and free no core.",
    hint="First the total time of each statement. Then the order. Then: how many do you need?",
    hints=(
        "A statement's total is calls * mean_ms. sorted(..., key=..., reverse=True) leaves equal "
        "ones in the order in which they came.",
        "Take names until their sum times 100 is at least percent times the sum of all. Compare "
        "before you take the next one; where the sum of all is 0, take none.",
    ),
    explanation=(
        "By the mean, the user of the report: it is slow for one person. By calls, whoever looks "
        "for N+1 queries: quick statements that are far too many. By total time, whoever wants "
        "free cores. Three questions, three lists."
    ),
)


@dearest.ask
def ask_dearest(rng):
    count = int(rng.integers(3, 8))
    rows = [(f"s{i}", int(rng.integers(1, 2000)), int(rng.integers(1, 500))) for i in range(count)]
    return rows, int(rng.choice([50, 70, 80, 90]))


@dearest.ask_widely
def ask_dearest_widely(rng):
    count = int(rng.integers(0, 12))
    rows = [(f"s{i}", int(rng.integers(0, 5)), int(rng.integers(0, 5))) for i in range(count)]
    return rows, int(rng.integers(1, 101))


@dearest.edges
def dearest_edges():
    four = [("report", 1, 2500), ("search", 30, 150), ("history", 2400, 20), ("price", 60_000, 5)]
    return {
        "the chapter's four": (four, 80),
        "nearly all of it": (four, 99),
        "the list begins with the cheapest": (four[::-1], 60),
        "exactly the share, in two": ([("a", 70, 1), ("b", 10, 1), ("c", 2, 5), ("d", 5, 2)], 80),
        "all of it": (four, 100),
        "exactly the share": ([("a", 10, 8), ("b", 10, 2)], 80),
        "just below the share": ([("a", 100, 79), ("b", 100, 21)], 80),
        "three that are equal": ([("z", 10, 5), ("a", 5, 10), ("m", 2, 25)], 60),
        "equal, and one is enough": ([("z", 10, 5), ("a", 5, 10), ("m", 2, 25)], 30),
        "quick, and very often": ([("slow", 1, 900), ("quick", 5000, 1)], 60),
        "often, and next to nothing": ([("often", 9000, 0), ("seldom", 2, 500)], 60),
        "a total of nothing": ([("a", 0, 500), ("b", 100, 0)], 50),
        "one that takes nothing": ([("a", 0, 500), ("b", 10, 10)], 100),
        "no statement": ([], 80),
        "a share that is no whole number": ([("a", 50, 1), ("b", 26, 1), ("c", 25, 1)], 50),
        "7 ms of 100": ([*((f"s{i}", 1, 7) for i in range(14)), ("s14", 1, 2)], 7),
        "29 ms of 100": ([("a", 29, 1), ("b", 1, 29), ("c", 29, 1), ("d", 13, 1)], 29),
    }


@dearest.words
def dearest_in_words(statements, percent):
    shown = ", ".join(f"{name}: {calls} of {mean_ms} ms" for name, calls, mean_ms in statements)
    return f"{percent} % of: {shown or 'no statement'}"


@dearest.otherwise
def why_dearest(got, statements, percent):
    totals = {name: calls * mean_ms for name, calls, mean_ms in statements}
    strange = [name for name in got if name not in totals]
    if strange:
        return f"{short(strange[0])} is no statement of the list."
    taken, whole = sum(totals[name] for name in got), sum(totals.values())
    return f"Yours take {taken} ms of {whole} ms; asked for are {percent} %."


def by(statements, percent, key, weight=lambda row: row[1] * row[2]):
    rows = sorted(statements, key=key, reverse=True)
    whole, taken, names = sum(map(weight, statements)), 0, []
    for row in rows:
        if 100 * taken >= percent * whole:
            break
        taken += weight(row)
        names.append(row[0])
    return names


@dearest.solve
def dearest_statements(statements, percent):
    """Sort by calls times time, and take statements as long as the share is not reached.

    A total of 0 is reached before the first one, so nothing is taken then.
    """
    whole = sum(calls * mean_ms for _, calls, mean_ms in statements)
    taken, names = 0, []
    for name, calls, mean_ms in sorted(statements, key=lambda row: -row[1] * row[2]):
        if 100 * taken >= percent * whole:
            break
        taken += calls * mean_ms
        names.append(name)
    return names


@dearest.solve_otherwise
def dearest_statements(statements, percent):
    """Take the largest that is left, again and again."""
    left = [[calls * mean_ms, name] for name, calls, mean_ms in statements]
    missing = percent * sum(total for total, _ in left)
    names = []
    while missing > 0:
        place = max(range(len(left)), key=lambda i: (left[i][0], -i))
        total, name = left.pop(place)
        missing -= 100 * total
        names.append(name)
    return names


@dearest.misread("Sorted by the time of one call. A report that runs once is slow, and not dear.")
def by_mean(statements, percent):
    return by(statements, percent, lambda row: row[2])


@dearest.misread("Sorted by calls. Many calls of next to nothing are not dear.")
def by_calls(statements, percent):
    return by(statements, percent, lambda row: row[1])


@dearest.misread("That is a share of the calls. Asked for is a share of the time.")
def share_of_calls(statements, percent):
    return by(statements, percent, lambda row: row[1] * row[2], weight=lambda row: row[1])


@dearest.misread("That is a share of the means. A mean counts as often as it is called.")
def share_of_means(statements, percent):
    return by(statements, percent, lambda row: row[1] * row[2], weight=lambda row: row[2])


@dearest.misread("At least so many per cent: if it is exactly the share, that is enough.")
def beyond(statements, percent):
    names = by(statements, percent, lambda row: row[1] * row[2])
    totals = {name: calls * mean_ms for name, calls, mean_ms in statements}
    whole = sum(totals.values())
    rest = sorted((s for s in statements if s[0] not in names), key=lambda s: -totals[s[0]])
    if whole and rest and 100 * sum(totals[name] for name in names) == percent * whole:
        return [*names, rest[0][0]]
    return names


@dearest.misread("The last one is missing: the share is not reached without it.")
def stops_before(statements, percent):
    return by(statements, percent, lambda row: row[1] * row[2])[:-1]


@dearest.misread("You look at the share of each by itself. Take the fewest that have it together.")
def each_alone(statements, percent):
    whole = sum(calls * mean_ms for _, calls, mean_ms in statements)
    rows = sorted(statements, key=lambda row: -row[1] * row[2])
    return [row[0] for row in rows if 100 * row[1] * row[2] >= percent * whole]


@dearest.misread("In the order of the list. Asked for is the dearest first.")
def in_list_order(statements, percent):
    names = by(statements, percent, lambda row: row[1] * row[2])
    return [row[0] for row in statements if row[0] in names]


@dearest.misread("The dearest comes first, not last.")
def cheapest_first(statements, percent):
    return by(statements, percent, lambda row: row[1] * row[2])[::-1]


@dearest.misread("Of equal ones the place in the list decides, not the name.")
def ties_by_name(statements, percent):
    return by(sorted(statements), percent, lambda row: row[1] * row[2])


@dearest.misread("Of equal ones the first in the list comes first.")
def last_of_equals(statements, percent):
    return by(statements[::-1], percent, lambda row: row[1] * row[2])


@dearest.misread("Where all of it takes no time there is nothing to mend: an empty list.")
def all_of_nothing(statements, percent):
    if not any(calls * mean_ms for _, calls, mean_ms in statements):
        return [row[0] for row in statements]
    return dearest.solution(statements, percent)


@dearest.misread("A share of nothing is reached before the first statement: take none.")
def one_of_nothing(statements, percent):
    return dearest.solution(statements, percent) or [row[0] for row in statements[:1]]


def until(statements, reached):
    """Take the dearest until `reached` says so of what they take and of the whole."""
    whole, taken, names = sum(row[1] * row[2] for row in statements), 0, []
    for name, calls, mean_ms in sorted(statements, key=lambda row: -row[1] * row[2]):
        if reached(taken, whole):
            break
        taken += calls * mean_ms
        names.append(name)
    return names


@dearest.misread("The share is no whole number of ms here. Round nothing: compare as it is.")
def share_rounded(statements, percent):
    return until(statements, lambda taken, whole: taken >= whole * percent // 100)


@dearest.misread(
    "7 % of 100 is not 7 with floats, but a little more. Compare whole numbers: 100 times what "
    "they take, and percent times the sum of all."
)
def share_as_a_float(statements, percent):
    return until(statements, lambda taken, whole: taken >= whole * (percent / 100))


@dearest.misread(
    "29 / 100 * 100 is not 29 with floats, but a little less. Compare whole numbers: 100 times "
    "what they take, and percent times the sum of all."
)
def percent_as_a_float(statements, percent):
    return until(statements, lambda taken, whole: not whole or taken / whole * 100 >= percent)


@dearest.misread(
    "0.7 + 0.1 is not 0.8 with floats, but a little less. Add the whole numbers: 100 times what "
    "they take, and percent times the sum of all."
)
def shares_added_as_floats(statements, percent):
    whole, share, names = sum(row[1] * row[2] for row in statements), 0.0, []
    for name, calls, mean_ms in sorted(statements, key=lambda row: -row[1] * row[2]):
        if not whole or share >= percent / 100:
            break
        share += calls * mean_ms / whole
        names.append(name)
    return names


@dearest.misread("Not sorted at all: the list comes in any order. Take the largest total first.")
def never_sorted(statements, percent):
    return by(statements, percent, lambda row: 0)


@dearest.misread("percent is a share of the time of all, and no number of ms.")
def percent_as_ms(statements, percent):
    return until(statements, lambda taken, whole: not whole or taken >= percent)


@dearest.misread("Of equal ones the first in the list comes first, not the last by the alphabet.")
def ties_by_name_backwards(statements, percent):
    return by(sorted(statements, reverse=True), percent, lambda row: row[1] * row[2])


@dearest.misread("Begin with the dearest, not with the cheapest: so the fewest are enough.")
def from_the_cheapest(statements, percent):
    return by(statements, percent, lambda row: -row[1] * row[2])


@dearest.misread("That is a share of the number of statements. Asked for is a share of their time.")
def share_of_the_number(statements, percent):
    rows = sorted(statements, key=lambda row: -row[1] * row[2])
    return [row[0] for row in rows[: -(-len(rows) * percent // 100)]]


@dearest.misread("The fewest are asked for: stop as soon as they have the share together.")
def all_that_take_time(statements, percent):
    rows = sorted(statements, key=lambda row: -row[1] * row[2])
    return [row[0] for row in rows if row[1] * row[2]]


@dearest.misread("One may not be enough: go on until the share is reached.")
def only_the_dearest(statements, percent):
    return dearest.solution(statements, percent)[:1]


@dearest.misread(
    "The one that goes beyond the share is needed, too: without it too little is taken."
)
def never_beyond(statements, percent):
    whole, taken, names = sum(row[1] * row[2] for row in statements), 0, []
    for name, calls, mean_ms in sorted(statements, key=lambda row: -row[1] * row[2]):
        if 100 * (taken + calls * mean_ms) <= percent * whole:
            taken += calls * mean_ms
            names.append(name)
    return names


# Task 2: what a mend is worth -----------------------------------------------------------------

room = lab.exercise(
    "room",
    "What a mend is worth",
    Maybe(Number(unit="ratio")),
    why="A number of times the traffic is what the business asks for; a number of times is it not.",
    hint="How many cores are busy after the mend? How many may be?",
    hints=(
        "A statement keeps calls_per_s * work_ms / 1000 cores busy. Use the new work where the "
        "statement is mended.",
        "Allowed are cores * percent / 100 busy cores. Divide that by the sum of all. Where the "
        "sum is 0, return None.",
    ),
    explanation=(
        "The statement was a part of the work only; what is not mended stays. The same law as "
        "Amdahl's: a mend of a statement with a share s of the work can at most multiply the room "
        "by 1 / (1 - s). So look at the next dearest one afterwards."
    ),
    keeps_arguments=True,
)


@room.ask
def ask_room(rng):
    rows = [(int(rng.integers(1, 300)), int(rng.integers(1, 60))) for _ in range(4)]
    mended = {int(i): int(rng.integers(1, 10)) for i in rng.permutation(4)[:2]}
    return int(rng.choice([2, 4, 8])), rows, mended, int(rng.choice([60, 70, 80]))


@room.ask_widely
def ask_room_widely(rng):
    count = int(rng.integers(0, 8))
    rows = [(float(50 * rng.random()), float(9 * rng.random())) for _ in range(count)]
    places = rng.permutation(count)[: int(rng.integers(0, count + 1))]
    mended = {int(i): float(20 * rng.random() * rng.integers(0, 2)) for i in places}
    return int(rng.integers(1, 64)), rows, mended, int(rng.integers(1, 101))


@room.edges
def room_edges():
    return {
        "one of two": (4, [(100, 20), (50, 10)], {0: 4}, 80),
        "nothing mended": (4, [(100, 20), (50, 10)], {}, 80),
        "all mended": (4, [(100, 20), (50, 10)], {0: 1, 1: 2}, 80),
        "the second of three": (8, [(10, 30), (200, 25), (5, 7)], {1: 3}, 70),
        "one core": (1, [(10, 30), (20, 5)], {0: 3}, 50),
        "too much already": (1, [(100, 40)], {0: 20}, 80),
        "a mend that made it worse": (4, [(100, 5), (100, 5)], {1: 15}, 80),
        "a mend that leaves no work": (4, [(100, 20), (50, 10)], {0: 0}, 80),
        "no work at all": (4, [(100, 20)], {0: 0}, 80),
        "nobody calls": (4, [(0, 20), (0, 3)], {0: 2}, 80),
        "no statement": (4, [], {}, 80),
        "fractions": (3, [(0.5, 0.4), (2.5, 1.5)], {1: 0.25}, 90),
        "a limit of 100 %": (4, [(100, 20), (50, 10)], {1: 1}, 100),
    }


@room.words
def room_in_words(cores, statements, mended, percent):
    shown = ", ".join(f"{calls:g}/s of {work:g} ms" for calls, work in statements)
    after = ", ".join(f"{place}: {work:g} ms" for place, work in mended.items())
    return f"{cores} cores up to {percent} %, {shown or 'no statement'}; mended: {after or 'none'}"


@room.otherwise
def why_room(got, cores, statements, mended, percent):
    busy = busy_cores(statements, mended)
    return f"After the mends {busy:g} cores are busy, and {cores * percent / 100:g} may be."


def busy_cores(statements, mended):
    pairs = enumerate(statements)
    return sum(calls * mended.get(i, work) for i, (calls, work) in pairs) / 1000


def over(allowed, busy):
    return allowed / busy if busy else None


@room.solve
def room_after(cores, statements, mended, percent):
    """Divide the busy cores that are allowed by those that there are after the mends.

    What is not mended counts as before, and it is what bounds the gain.
    """
    busy_ms = 0
    for place, (calls_per_s, work_ms) in enumerate(statements):
        busy_ms += calls_per_s * mended.get(place, work_ms)
    return cores * percent / 100 * 1000 / busy_ms if busy_ms else None


@room.solve_otherwise
def room_after(cores, statements, mended, percent):
    """Write the new work into a copy, and compare how busy the cores are with the limit."""
    work = [list(pair) for pair in statements]
    for place, new_ms in mended.items():
        work[place][1] = new_ms
    share = sum(calls * ms / 1000 for calls, ms in work) / cores
    if share == 0:
        return None
    return (percent / 100) / share


@room.misread("The mends are not in it: use the new work where there is one.")
def without_mends(cores, statements, mended, percent):
    return over(cores * percent / 100, busy_cores(statements, {}))


@room.misread("What is not mended goes on working, too.")
def mended_only(cores, statements, mended, percent):
    rest = [pair if i in mended else (0, 0) for i, pair in enumerate(statements)]
    return over(cores * percent / 100, busy_cores(rest, mended))


@room.misread("That is how many times less work it is. Asked for is how much fits the cores.")
def before_over_after(cores, statements, mended, percent):
    return over(busy_cores(statements, {}), busy_cores(statements, mended))


@room.misread("All cores may work, not one.")
def one_core(cores, statements, mended, percent):
    return over(percent / 100, busy_cores(statements, mended))


@room.misread("The cores may be busy up to the limit only.")
def up_to_full(cores, statements, mended, percent):
    return over(cores, busy_cores(statements, mended))


@room.misread("That is how busy the cores are. Asked for is how many times that fits the limit.")
def how_busy(cores, statements, mended, percent):
    return busy_cores(statements, mended) / cores


@room.misread("A call keeps a core for its work, as often as it comes: calls times work.")
def work_alone(cores, statements, mended, percent):
    ones = [(1, work) for _, work in statements]
    return over(cores * percent / 100, busy_cores(ones, mended))


@room.misread("A mend may make things worse: what counts is the new work, larger or not.")
def only_better(cores, statements, mended, percent):
    better = {i: min(work, statements[i][1]) for i, work in mended.items()}
    return over(cores * percent / 100, busy_cores(statements, better))


@room.misread("A new work of 0 is a new work: that statement needs no core any more.")
def zero_is_nothing(cores, statements, mended, percent):
    real = {i: work for i, work in mended.items() if work}
    return over(cores * percent / 100, busy_cores(statements, real))


@room.misread("Less than 1 is an answer as well: today's traffic does not fit.")
def at_least_once(cores, statements, mended, percent):
    right = room.solution(cores, statements, mended, percent)
    return right if right is None else max(1, right)


@room.misread("The places are counted from 0.")
def from_one(cores, statements, mended, percent):
    shifted = {i - 1: work for i, work in mended.items()}
    return over(cores * percent / 100, busy_cores(statements, shifted))


@room.misread("That is the room beside today's traffic. Asked for is the factor, today's included.")
def beside_today(cores, statements, mended, percent):
    right = room.solution(cores, statements, mended, percent)
    return right if right is None else right - 1


@room.misread("Where nothing works, no number will do: None.")
def zero_for_none(cores, statements, mended, percent):
    right = room.solution(cores, statements, mended, percent)
    return 0 if right is None else right


@room.misread("Infinite is no number to plan with. Where nothing works, return None.")
def infinite_for_none(cores, statements, mended, percent):
    right = room.solution(cores, statements, mended, percent)
    return float("inf") if right is None else right


@room.misread("The work is in ms, and the cores work 1,000 ms in each second.")
def without_thousand(cores, statements, mended, percent):
    right = room.solution(cores, statements, mended, percent)
    return right if right is None else right / 1000


@room.misread("mended has the new work itself, in ms, and not a factor of the old one.")
def mended_as_a_factor(cores, statements, mended, percent):
    after = {i: statements[i][1] * factor for i, factor in mended.items()}
    return over(cores * percent / 100, busy_cores(statements, after))


@room.misread("mended has the new work itself, in ms, and not how many times less it is.")
def mended_as_a_divisor(cores, statements, mended, percent):
    after = {i: statements[i][1] / times if times else 0 for i, times in mended.items()}
    return over(cores * percent / 100, busy_cores(statements, after))


@room.misread("mended has the new work itself, in ms, and not what is saved.")
def mended_as_a_saving(cores, statements, mended, percent):
    after = {i: statements[i][1] - saved for i, saved in mended.items()}
    return over(cores * percent / 100, busy_cores(statements, after))


@room.misread("A number of times need not be whole, and below 1 nothing would be left of it.")
def rounded_down(cores, statements, mended, percent):
    right = room.solution(cores, statements, mended, percent)
    return right if right is None else int(right)


@room.misread("The number goes on to be used: round it only where you show it.")
def rounded(cores, statements, mended, percent):
    right = room.solution(cores, statements, mended, percent)
    return right if right is None else round(right)


@room.misread("Without a mend there is an answer, too: what fits as it is.")
def none_without_mends(cores, statements, mended, percent):
    return room.solution(cores, statements, mended, percent) if mended else None


@room.misread("One statement that needs no work is not all: the others still need some.")
def none_with_a_nought(cores, statements, mended, percent):
    if 0 in mended.values():
        return None
    return room.solution(cores, statements, mended, percent)


@room.misread("Several statements may be mended: all of them count, not the first alone.")
def first_mend_only(cores, statements, mended, percent):
    return over(cores * percent / 100, busy_cores(statements, dict(list(mended.items())[:1])))


@room.misread("Several statements may be mended: all of them count, not the last alone.")
def last_mend_only(cores, statements, mended, percent):
    return over(cores * percent / 100, busy_cores(statements, dict(list(mended.items())[-1:])))


@room.misread("Turned round: divide what the cores may do by what they have to do.")
def turned_round(cores, statements, mended, percent):
    right = room.solution(cores, statements, mended, percent)
    return 1 / right if right else None


@room.misread("That is how many cores are left. Asked for is how many times the calls fit.")
def spare_cores(cores, statements, mended, percent):
    busy = busy_cores(statements, mended)
    return cores * percent / 100 - busy if busy else None


@room.misread("All statements use the cores together, not the largest alone.")
def largest_alone(cores, statements, mended, percent):
    each = [calls * mended.get(i, work) for i, (calls, work) in enumerate(statements)]
    return over(cores * percent / 100, max(each, default=0) / 1000)


@room.misread("percent // 100 is 0 below 100: divide with /.")
def whole_limit(cores, statements, mended, percent):
    return over(cores * (percent // 100), busy_cores(statements, mended))


@room.misread("Where today's calls do not fit the answer is below 1. None says that nothing works.")
def none_below_one(cores, statements, mended, percent):
    right = room.solution(cores, statements, mended, percent)
    return right if right is not None and right >= 1 else None


@room.misread("Calls and work need not be whole: cut nothing off.")
def whole_calls_and_work(cores, statements, mended, percent):
    whole = [(int(calls), int(work)) for calls, work in statements]
    new = {place: int(work) for place, work in mended.items()}
    return over(cores * percent / 100, busy_cores(whole, new))


# Task 3: read a plan ----------------------------------------------------------------------------

thrown = lab.exercise(
    "thrown",
    "Where a plan throws rows away",
    Maybe(Parts(table=Text(), rows=Whole())),
    why="Rows that are read and thrown away are what an index can spare; the others are needed.",
    hint="Walk through all steps. Which of them read a table, and how often did they run?",
    hints=(
        "Write a function that returns a step and, for each step in its 'Plans', all below it. "
        "Then add up in a dictionary, table by table.",
        "A step throws away 'Rows Removed by Filter' * 'Actual Loops'; .get(..., 0) where there "
        "is no such key. max(..., key=totals.get) gives the first of equals.",
    ),
    explanation=(
        "That the rows are needed: a report over all orders has to read them. It is the plan to "
        "wish for if few rows are thrown away. Then an index makes it worse, and what helps is to "
        "ask less often, or to keep the sums."
    ),
    keeps_arguments=True,
)

TABLES = ("orders", "customers", "events", "documents")


def step(kind, table=None, removed=None, rows=1, loops=1, plans=()):
    """Make a step as the server writes it."""
    found = {"Node Type": kind, "Actual Rows": rows, "Actual Loops": loops}
    if table is not None:
        found["Relation Name"] = table
    if removed is not None:
        found["Rows Removed by Filter"] = removed
    if plans:
        found["Plans"] = list(plans)
    return found


def same(*tables):
    return step("Append", plans=[step("Seq Scan", table, 50) for table in tables])


def drawn_step(rng, depth, most):
    """Draw a step, with steps below it."""
    below = [drawn_step(rng, depth - 1, most) for _ in range(int(rng.integers(0, 3)) * (depth > 0))]
    rows, loops = int(rng.integers(0, most)), int(rng.integers(1, 4))
    removed = int(rng.integers(0, most)) if rng.random() < 0.7 else None
    if below and rng.random() < 0.7:
        return step(str(rng.choice(["Hash Join", "Sort", "Nested Loop"])), None, removed, rows,
                    loops, below)  # fmt: skip
    kind = str(rng.choice(["Seq Scan", "Index Scan", "Bitmap Heap Scan"]))
    return step(kind, str(rng.choice(TABLES)), removed, rows, loops, below)


@thrown.ask
def ask_thrown(rng):
    return (drawn_step(rng, 3, 1_000),)


@thrown.ask_widely
def ask_thrown_widely(rng):
    return (drawn_step(rng, 5, 5),)


@thrown.edges
def thrown_edges():
    scan = step("Seq Scan", "orders", 990, rows=10)
    return {
        "a scan below a sort": (step("Limit", plans=[step("Sort", plans=[scan])]),),
        "a single step": (scan,),
        "a step that ran 50 times": (
            step("Nested Loop", plans=[
                step("Seq Scan", "orders", 900, rows=50),
                step("Index Scan", "events", 30, rows=1, loops=50),
            ]),
        ),
        "many rows found, few thrown away": (
            step("Hash Join", plans=[
                step("Seq Scan", "orders", 10, rows=9_000),
                step("Seq Scan", "customers", 60, rows=2),
            ]),
        ),
        "an index scan throws away, too": (
            step("Hash Join", plans=[
                step("Seq Scan", "customers", 5, rows=80),
                step("Index Scan", "orders", 400, rows=3),
            ]),
        ),
        "one table at two steps": (
            step("Append", plans=[
                step("Seq Scan", "orders", 40),
                step("Seq Scan", "customers", 60),
                step("Index Scan", "orders", 40),
            ]),
        ),
        "three tables with the same": (same("orders", "customers", "events"),),
        "the same, at different depths": (
            step(
                "Append",
                plans=[
                    step("Sort", plans=[step("Seq Scan", "orders", 50)]),
                    *(step("Seq Scan", name, 50) for name in ("events", "customers", "documents")),
                ],
            ),
        ),
        "a step without a table throws away": (
            step("Aggregate", None, 5_000, plans=[step("Seq Scan", "orders", 20)]),
        ),
        "nothing below a step without a table": (step("Result", None, 7),),
        "nothing thrown away": (step("Sort", plans=[step("Seq Scan", "orders", rows=100)]),),
        "a filter that throws nothing away": (step("Seq Scan", "orders", 0, rows=100),),
        "a step that never ran": (
            step("Hash Join", plans=[
                step("Seq Scan", "orders", 80, rows=0, loops=0),
                step("Seq Scan", "customers", 7),
            ]),
        ),
        "four tables with the same": (same("events", "orders", "customers", "documents"),),
        "a step and one below it, the same": (
            step("Seq Scan", "orders", 50, plans=[step("Index Scan", "events", 50)]),
        ),
        "the same, and first a step that threw nothing away": (
            step("Append", plans=[
                step("Index Scan", "orders"),
                step("Seq Scan", "events", 50),
                step("Seq Scan", "orders", 50),
            ]),
        ),
        "loops above": (
            step("Nested Loop", loops=3, plans=[
                step("Seq Scan", "customers", 70, loops=2),
                step("Sort", loops=3, plans=[step("Seq Scan", "orders", 20, loops=3)]),
            ]),
        ),
        "a condition above and below a table": (
            step("Seq Scan", "orders", 10, plans=[
                step("Sort", None, 300, plans=[step("Seq Scan", "events", 40)]),
            ]),
        ),
        "steps below a scan": (
            step("Seq Scan", "orders", 10, plans=[step("Index Scan", "events", 30, loops=20)]),
        ),
    }  # fmt: skip


def outline(plan, depth=0):
    said = plan["Node Type"]
    if "Relation Name" in plan:
        said += f" {plan['Relation Name']}"
    if "Rows Removed by Filter" in plan:
        said += f" removed {plan['Rows Removed by Filter']}"
    if plan["Actual Loops"] != 1:
        said += f" loops {plan['Actual Loops']}"
    below = "; ".join(outline(child, depth + 1) for child in plan.get("Plans", []))
    return f"{said} [{below}]" if below else said


thrown.words(outline)


@thrown.otherwise
def why_thrown(got, plan):
    totals = thrown_totals(plan)
    said = ", ".join(f"{table} {rows}" for table, rows in totals.items())
    return f"Thrown away, by table: {said or 'nothing'}."


def steps_of(plan):
    found = [plan]
    for child in plan.get("Plans", []):
        found += steps_of(child)
    return found


def thrown_totals(plan, count=lambda s: s.get("Rows Removed by Filter", 0) * s["Actual Loops"],
                  steps=steps_of):  # fmt: skip
    totals = {}
    for one in steps(plan):
        if "Relation Name" in one:
            table = one["Relation Name"]
            totals[table] = totals.get(table, 0) + count(one)
    return totals


def largest(totals):
    table = max(totals, key=totals.get, default=None)
    return (table, totals[table]) if totals.get(table, 0) > 0 else None


@thrown.solve
def thrown_away(plan):
    """Add up table by table over all steps; each counts as often as it ran.

    A dictionary keeps its keys in the order of coming, so `max` finds the first of equals.
    """
    totals = {}

    def walk(step):
        if "Relation Name" in step:
            table = step["Relation Name"]
            rows = step.get("Rows Removed by Filter", 0) * step["Actual Loops"]
            totals[table] = totals.get(table, 0) + rows
        for below in step.get("Plans", []):
            walk(below)

    walk(plan)
    table = max(totals, key=totals.get, default=None)
    return (table, totals[table]) if table and totals[table] else None


@thrown.solve_otherwise
def thrown_away(plan):
    """Keep a pile of steps to look at, and a list of tables in the order in which they came."""
    pile, names, rows = [plan], [], []
    while pile:
        step = pile.pop(0)
        pile = list(step.get("Plans", [])) + pile
        if "Relation Name" not in step:
            continue
        if step["Relation Name"] not in names:
            names.append(step["Relation Name"])
            rows.append(0)
        removed = step.get("Rows Removed by Filter", 0) * step.get("Actual Loops", 1)
        rows[names.index(step["Relation Name"])] += removed
    if not rows or max(rows) == 0:
        return None
    place = rows.index(max(rows))
    return names[place], rows[place]


@thrown.misread("A step throws away so many rows each time it runs: times its loops.")
def without_loops(plan):
    return largest(thrown_totals(plan, lambda s: s.get("Rows Removed by Filter", 0)))


@thrown.misread("Steps have steps below them, and those again: look at all.")
def one_level(plan):
    return largest(thrown_totals(plan, steps=lambda p: [p, *p.get("Plans", [])]))


@thrown.misread("A step may have several below it: look at all of them, not at the first.")
def first_child(plan):
    def chain(one):
        return [one] + [s for child in one.get("Plans", [])[:1] for s in chain(child)]

    return largest(thrown_totals(plan, steps=chain))


@thrown.misread("A step that has steps below it may read a table itself.")
def leaves_only(plan):
    def leaves(one):
        return [s for s in steps_of(one) if not s.get("Plans")]

    return largest(thrown_totals(plan, steps=leaves))


@thrown.misread("Steps of other kinds read tables as well, and throw rows away.")
def seq_scans_only(plan):
    def scans(one):
        return [s for s in steps_of(one) if s["Node Type"] == "Seq Scan"]

    return largest(thrown_totals(plan, steps=scans))


@thrown.misread("Those are the rows that were found. Asked for are those thrown away.")
def rows_found(plan):
    return largest(thrown_totals(plan, lambda s: s["Actual Rows"] * s["Actual Loops"]))


@thrown.misread("That is all that was read. What was found was needed.")
def all_read(plan):
    def read(s):
        return (s["Actual Rows"] + s.get("Rows Removed by Filter", 0)) * s["Actual Loops"]

    return largest(thrown_totals(plan, read))


@thrown.misread("One table at several steps counts with all of them together.")
def step_by_step(plan):
    best = None
    for one in steps_of(plan):
        if "Relation Name" in one:
            rows = one.get("Rows Removed by Filter", 0) * one["Actual Loops"]
            if rows and (best is None or rows > best[1]):
                best = one["Relation Name"], rows
    return best


@thrown.misread("Of equal ones the step that comes first in the plan decides, not the name.")
def first_by_name(plan):
    return largest(dict(sorted(thrown_totals(plan).items())))


@thrown.misread("Of equal ones the first counts, not the last.")
def last_of_equal_tables(plan):
    return largest(dict(reversed(thrown_totals(plan).items())))


@thrown.misread("From the top downwards: all below the first step come before the second step.")
def level_by_level(plan):
    def levels(one):
        found, level = [], [one]
        while level:
            found += level
            level = [child for s in level for child in s.get("Plans", [])]
        return found

    return largest(thrown_totals(plan, steps=levels))


@thrown.misread("A step without a table throws away what others have read: it does not count.")
def with_nameless(plan):
    totals = {}
    for one in steps_of(plan):
        name = one.get("Relation Name", one["Node Type"])
        rows = one.get("Rows Removed by Filter", 0) * one["Actual Loops"]
        totals[name] = totals.get(name, 0) + rows
    return largest(totals)


@thrown.misread("Where nothing is thrown away, no table is asked for: None.")
def nothing_of_something(plan):
    totals = thrown_totals(plan)
    table = max(totals, key=totals.get, default=None)
    return (table, totals[table]) if table else None


@thrown.misread("A step comes before the steps below it: note it before you go down.")
def below_before_the_step(plan):
    def from_below(one):
        return [s for child in one.get("Plans", []) for s in from_below(child)] + [one]

    return largest(thrown_totals(plan, steps=from_below))


@thrown.misread("Of equal ones the place in the plan decides, not the last by the alphabet.")
def last_by_name(plan):
    return largest(dict(sorted(thrown_totals(plan).items(), reverse=True)))


@thrown.misread("The steps below are in the order of their list: the first comes first.")
def from_the_right(plan):
    def turned(one):
        return [one] + [s for child in one.get("Plans", [])[::-1] for s in turned(child)]

    return largest(thrown_totals(plan, steps=turned))


@thrown.misread("A table comes where it first appears, even if nothing is thrown away there.")
def where_it_first_threw(plan):
    def throwing(one):
        return [s for s in steps_of(one) if s.get("Rows Removed by Filter", 0) * s["Actual Loops"]]

    return largest(thrown_totals(plan, steps=throwing))


@thrown.misread("A step's loops are all its runs: the loops of the steps above are in it already.")
def times_the_loops_above(plan):
    totals = {}

    def walk(one, above):
        loops = above * one["Actual Loops"]
        if "Relation Name" in one:
            table = one["Relation Name"]
            totals[table] = totals.get(table, 0) + one.get("Rows Removed by Filter", 0) * loops
        for child in one.get("Plans", []):
            walk(child, loops)

    walk(plan, 1)
    return largest(totals)


@thrown.misread("A step without a table does not count, though one above it reads a table.")
def table_from_above(plan):
    totals = {}

    def walk(one, table):
        table = one.get("Relation Name", table)
        if table is not None:
            rows = one.get("Rows Removed by Filter", 0) * one["Actual Loops"]
            totals[table] = totals.get(table, 0) + rows
        for child in one.get("Plans", []):
            walk(child, table)

    walk(plan, None)
    return largest(totals)


@thrown.misread("A step without a table does not count, though one below it reads a table.")
def table_from_below(plan):
    totals = {}
    for one in steps_of(plan):
        table = next((s["Relation Name"] for s in steps_of(one) if "Relation Name" in s), None)
        if table is not None:
            rows = one.get("Rows Removed by Filter", 0) * one["Actual Loops"]
            totals[table] = totals.get(table, 0) + rows
    return largest(totals)


@thrown.misread("A table's steps add up: a later one does not replace the one before.")
def last_step_of_each(plan):
    totals = {}
    for one in steps_of(plan):
        if "Relation Name" in one:
            rows = one.get("Rows Removed by Filter", 0) * one["Actual Loops"]
            totals[one["Relation Name"]] = rows
    return largest(totals)


@thrown.misread("Those are the rows of all tables. Asked for are those of the one.")
def of_all_tables(plan):
    found = thrown.solution(plan)
    return found and (found[0], sum(thrown_totals(plan).values()))


@thrown.misread("The first step is a step, too: it may read a table itself.")
def without_the_first(plan):
    return largest(thrown_totals(plan, steps=lambda one: steps_of(one)[1:]))


@thrown.misread("A step that never ran has 0 loops, and threw nothing away.")
def once_at_least(plan):
    def count(s):
        return s.get("Rows Removed by Filter", 0) * max(1, s["Actual Loops"])

    return largest(thrown_totals(plan, count))


@thrown.misread("A step that reads a table may have steps below it: go on down.")
def stops_at_a_table(plan):
    def down(one):
        below = [] if "Relation Name" in one else one.get("Plans", [])
        return [one] + [s for child in below for s in down(child)]

    return largest(thrown_totals(plan, steps=down))


# Task 4: five defects and a budget --------------------------------------------------------------

mend = lab.exercise(
    "mend",
    "Five defects and a budget",
    Data("what the shop answered, and what it took"),
    why="Each defect alone is easy. In a shop they hide behind each other.",
    hint="Mend one method after the other; own_bill shows what each takes. Begin with the plan: "
    "db.rows('explain query plan ' + query, ...).",
    hints=(
        "latest needs an index that has the customer first and the order after it. day_total has "
        "to compare created as it stands, with a range. page is one left join. titles needs one "
        "column.",
        "failures has a good statement and two indexes, and the planner takes the wrong one: its "
        "statistics are old. `db.rows('analyze')` in __init__.",
    ),
    explanation=(
        "ANALYZE changed no data and no statement. What the planner believed was true once: when "
        "a kind of event was rare. So a plan can become bad by itself as a table grows, and good "
        "again in a night. Watch total time, and not only what you deploy."
    ),
    repeatable=False,
)


@mend.ask
def ask_mend(rng):
    return (int(rng.integers(0, 4)),)


@mend.ask_widely
def ask_mend_widely(rng):
    return (int(rng.integers(0, 12)),)


@mend.edges
def mend_edges():
    return {"the shop as it is": (0,)}


@mend.words
def mend_in_words(seed):
    return f"the shop number {seed}"


mend.run(played)

SLOW = {  # the misreading that says why a method takes too much
    "day_total": "ByFunction",
    "page": "AQueryForEach",
    "titles": "AllColumns",
    "failures": "OldStatistics",
}


@mend.judge
def judge_mend(got, seed):
    """Look at the answers first, then at what was made, then at what it took."""
    found = first_fault(got)
    return found and Fault(*found, sure=True)


def first_fault(got):
    """Return what was expected, what came, and why; or None."""
    for (name, values, answer, right, _), before in zip(got["asked"], got["before"], strict=True):
        if answer != right:
            asked = f"{name}({', '.join(map(repr, values))})"
            due, came = difference(answer, right)
            return (due, f"{came} from {asked}", why_false(name, answer, right, before))
    if got["lost"] and got["lost"][0] in TABLES:
        why = mend.meaning("DropsATable")
        return ("the tables as they were", f"{got['lost'][0]} is gone, or another", why)
    if got["lost"]:
        why = mend.meaning("DropsTheOther")
        return ("the indexes that were there", f"{got['lost'][0]} is gone, or another", why)
    if got["other"]:
        why = mend.meaning("ATableOfSums")
        return ("indexes, and nothing else", f"{got['other'][0]} is new", why)
    if got["refused"]:
        return ("new orders, documents and events", got["refused"], mend.meaning("OnceEach"))
    if got["changed"]:
        why = mend.meaning("ChangesRows")
        return ("the rows as they came in", f"{got['changed'][0]} has others", why)
    if got["more"] > INDEXES:
        why = mend.meaning("AnIndexForEach")
        return (f"{INDEXES} more index at most", f"{got['more']}", why)
    for name, _, _, _, counts in got["asked"]:
        unit, most = BUDGET[name]
        if counts[unit] > most:
            why = mend.meaning(SLOW.get(name) or ("NoIndex", "HalfAnIndex")[counts[unit] < 1_000])
            return (f"at most {most:,} {unit} for {name}", f"{counts[unit]:,}", why)
    return None


def difference(answer, right):
    """Show an answer and the right one; of lists, the first place where they differ."""
    if not isinstance(answer, list) or not isinstance(right, list):
        return short(right), short(answer)
    place = next((i for i, (a, r) in enumerate(zip(answer, right, strict=False)) if a != r), None)
    if place is None:
        return f"a list of {len(right)}", f"a list of {len(answer)}"
    return f"{right[place]!r} at place {place}", short(answer[place])


def why_false(name, answer, right, before):
    """Tell the usual mistakes of an answer from each other."""
    if answer == before:
        return mend.meaning("Remembers")
    if answer is None and right:
        return NOTHING
    found = FALSE[name](answer, right)
    return mend.meaning(found) if found else f"See what {name} of the old shop returns."


def false_total(answer, right):
    return "NoRowsNoSum" if answer is None else "NextMidnight"


def false_failures(answer, right):
    return "OtherKinds"


def false_titles(answer, right):
    if [[title] for title in right] == answer:
        return "RowsForTitles"
    if not all(isinstance(title, str) for title in answer):
        return None
    if sorted(answer) == sorted(right):
        return "TitlesInAnotherOrder"
    return "EachTitleOnce" if set(answer) == set(right) else None


def false_latest(answer, right):
    if any(isinstance(number, list) for number in answer):
        return "RowsForIds"
    if not all(map(is_number, answer)):
        return None
    if answer[: len(right)] == right[: len(answer)]:
        return "NotTen"
    if answer == right[::-1]:
        return "NewestLast"
    return "AnyOfEquals" if set(answer) == set(right) else "Oldest"


def false_page(answer, right):
    if not all(isinstance(row, list) and len(row) == 2 for row in answer):
        return "IdsAlone"
    ids, due = [row[0] for row in answer], [row[0] for row in right]
    if not all(map(is_number, ids)):
        return None
    if answer == [row for row in right if row[1] is not None]:
        return "InnerJoin"
    if ids == due:
        return "NoNameIsNone"
    if sorted(ids) == due:
        return "PageInAnotherOrder"
    if answer[: len(right)] == right:
        return "OneTooMany" if len(answer) == len(right) + 1 else "SoManyRows"
    return "AnotherBeginning"


FALSE = {
    "day_total": false_total,
    "failures": false_failures,
    "titles": false_titles,
    "latest": false_latest,
    "page": false_page,
}


TOTAL = (
    "select coalesce(sum(amount), 0) from orders where created >= ? and created < date(?, '+1 day')"
)
NAMES = (
    "select o.id, c.name from orders o left join customers c on c.id = o.customer "
    "where o.id >= ? and o.id < ? order by o.id"
)


@mend.solve
class Shop:
    """Mend each where its defect is: an index, three statements, and the statistics.

    The index has the customer first and the time after it, so that the ten latest stand together.
    `failures` stays as it is: with new statistics the planner takes the other index.
    """

    def __init__(self, db):
        self.db = db
        db.rows("create index latest_of on orders(customer, created)")
        db.rows("analyze")

    def latest(self, customer):
        query = "select id from orders where customer = ? order by created desc, id desc limit 10"
        return [row[0] for row in self.db.rows(query, customer)]

    def day_total(self, day):
        query = (
            "select coalesce(sum(amount), 0) from orders "
            "where created >= ? and created < date(?, '+1 day')"
        )
        return self.db.rows(query, day, day)[0][0]

    def page(self, first, count):
        query = (
            "select o.id, c.name from orders o left join customers c on c.id = o.customer "
            "where o.id >= ? and o.id < ? order by o.id"
        )
        return self.db.rows(query, first, first + count)

    def titles(self):
        return [title for (title,) in self.db.rows("select title from documents order by id")]

    def failures(self, user):
        query = "select count(*) from events where kind = 'failed' and user = ?"
        return self.db.rows(query, user)[0][0]


@mend.solve_otherwise
class Shop:
    """Two statements for a page, a day up to its last second, and a hint in place of ANALYZE."""

    def __init__(self, db):
        self.db = db
        db.rows("create index customer_created_id on orders(customer, created desc, id desc)")

    def latest(self, customer):
        query = "select id from orders where customer = ? order by created desc, id desc limit 10"
        return [row[0] for row in self.db.rows(query, customer)]

    def day_total(self, day):
        query = "select amount from orders where created between ? and ?"
        rows = self.db.rows(query, f"{day} 00:00:00", f"{day} 23:59:59")
        return sum(row[0] for row in rows)

    def page(self, first, count):
        query = "select id, customer from orders where id between ? and ? order by id"
        rows = self.db.rows(query, first, first + count - 1)
        places = ", ".join("?" for _ in rows)
        query = f"select id, name from customers where id in ({places})"
        names = dict(self.db.rows(query, *(row[1] for row in rows)))
        return [(number, names.get(customer)) for number, customer in rows]

    def titles(self):
        return [row[0] for row in self.db.rows("select title from documents order by id asc")]

    def failures(self, user):
        query = "select count(*) from events where +kind = 'failed' and user = ?"
        return self.db.rows(query, user)[0][0]


Right = mend.solution


@mend.misread("A scan of all orders, or of many. One index brings a customer's latest at once.")
class NoIndex(Right):
    def __init__(self, db):
        self.db = db
        db.rows("analyze")


@mend.misread(
    "All orders of the customer are fetched, and then sorted. With the time behind the customer in "
    "the index, ten are enough."
)
class HalfAnIndex(Right):
    def __init__(self, db):
        self.db = db
        db.rows("create index of_customer on orders(customer)")
        db.rows("analyze")


@mend.misread("A function of created, or a pattern, hides it from its index. Ask for a range.")
class ByFunction(Right):
    def day_total(self, day):
        return OldShop.day_total(self, day)


@mend.misread("A statement for each order. Ask for all their names at once.")
class AQueryForEach(Right):
    def page(self, first, count):
        query = "select id, customer from orders where id >= ? and id < ? order by id"
        found = []
        for number, customer in self.db.rows(query, first, first + count):
            name = self.db.rows("select name from customers where id = ?", customer)
            found.append((number, name[0][0] if name else None))
        return found


@mend.misread("The texts come along, and nobody reads them. Ask for the column that you need.")
class AllColumns(Right):
    def titles(self):
        return [row[1] for row in self.db.rows("select * from documents order by id")]


@mend.misread(
    "The planner takes the index of the kind, because it believes old statistics. The statement is "
    "good; what it believes is not."
)
class OldStatistics(Right):
    def __init__(self, db):
        self.db = db
        db.rows("create index latest_of on orders(customer, created)")


@mend.misread("Each index is written at every insert. The budget has one: which method needs it?")
class AnIndexForEach(Right):
    def __init__(self, db):
        super().__init__(db)
        db.rows("create index of_both on events(user, kind)")


@mend.misread(
    "Others use the indexes that are there. Leave them as they are; mend what the planner knows."
)
class DropsTheOther(Right):
    def __init__(self, db):
        self.db = db
        db.rows("create index latest_of on orders(customer, created)")
        db.rows("drop index of_kind")


@mend.misread("The shop's tables, their columns and their rows stay as they are.")
class DropsATable(Right):
    def __init__(self, db):
        super().__init__(db)
        db.rows("drop table documents")


@mend.misread("News cannot come in any more: an index that allows each value once forbids it.")
class OnceEach(Right):
    def __init__(self, db):
        self.db = db
        late = "where created > '2026-11'"
        db.rows(f"create unique index latest_of on orders(customer, created) {late}")


@mend.misread("A table of your own has to be kept in step with every order. Here nobody does.")
class ATableOfSums(Right):
    def __init__(self, db):
        super().__init__(db)
        db.rows(
            "create table sums as select date(created) as day, sum(amount) from orders group by 1"
        )


@mend.misread("What was read before gets old: orders, documents and events come in all the time.")
class Remembers(Right):
    def __init__(self, db):
        super().__init__(db)
        self.kept = Right.titles(self)

    def titles(self):
        return self.kept


@mend.misread("These are ten other orders: the latest are asked for, the newest first.")
class Oldest(Right):
    def latest(self, customer):
        query = "select id from orders where customer = ? order by created, id limit 10"
        return [row[0] for row in self.db.rows(query, customer)]


@mend.misread("The right ten in another order: of equal times the larger id comes first.")
class AnyOfEquals(Right):
    def latest(self, customer):
        query = "select id from orders where customer = ? order by created desc, id limit 10"
        return [row[0] for row in self.db.rows(query, customer)]


@mend.misread(
    "The sum of the amounts of that day's orders: from its midnight on, and before the next one."
)
class NextMidnight(Right):
    def day_total(self, day):
        query = TOTAL.replace("<", "<=").replace("date(?, '+1 day')", "datetime(?, '+1 day')")
        return self.db.rows(query, day, day)[0][0]


@mend.misread("The sum of no rows is NULL in SQL. Asked for is 0.")
class NoRowsNoSum(Right):
    def day_total(self, day):
        query = TOTAL.replace("coalesce(sum(amount), 0)", "sum(amount)")
        return self.db.rows(query, day, day)[0][0]


@mend.misread("Orders whose customer is gone belong on the page, too, with None for the name.")
class InnerJoin(Right):
    def page(self, first, count):
        return self.db.rows(NAMES.replace("left join", "join"), first, first + count)


@mend.misread("The shop's own methods may read rows and make an index, but change no rows.")
class ChangesRows(Right):
    def __init__(self, db):
        super().__init__(db)
        db.rows("delete from events where kind <> 'failed'")


@mend.misread("Count the events of kind 'failed' of that user: each of them, and no others.")
class OtherKinds(Right):
    def failures(self, user):
        return self.db.rows("select count(*) from events where user = ?", user)[0][0]


@mend.misread("A row is a tuple, also with one column. Asked for are the texts in it.")
class RowsForTitles(Right):
    def titles(self):
        return self.db.rows("select title from documents order by id")


@mend.misread("The right titles in another order: by id.")
class TitlesInAnotherOrder(Right):
    def titles(self):
        return sorted(super().titles())


@mend.misread("Two documents may have the same title, and each of them is listed.")
class EachTitleOnce(Right):
    def titles(self):
        return list(dict.fromkeys(super().titles()))


@mend.misread("A row is a tuple, also with one column. Asked for are the ids in it.")
class RowsForIds(Right):
    def latest(self, customer):
        return [(number,) for number in super().latest(customer)]


@mend.misread("The right order, and not the right number: the ten latest are asked for.")
class NotTen(Right):
    def latest(self, customer):
        return super().latest(customer)[:9]


@mend.misread("The newest order comes first, not last.")
class NewestLast(Right):
    def latest(self, customer):
        return super().latest(customer)[::-1]


@mend.misread("Each row of a page is a pair: the id, and the name or None.")
class IdsAlone(Right):
    def page(self, first, count):
        return [number for number, _ in super().page(first, count)]


@mend.misread("Where the customer is gone the name is None, and no other value.")
class NoNameIsNone(Right):
    def page(self, first, count):
        return [(number, name or "") for number, name in super().page(first, count)]


@mend.misread("The right orders in another order: by id.")
class PageInAnotherOrder(Right):
    def page(self, first, count):
        return super().page(first, count)[::-1]


@mend.misread("One order too many at the end: first + count is no longer on the page.")
class OneTooMany(Right):
    def page(self, first, count):
        return super().page(first, count + 1)


@mend.misread("Ids have gaps: the page ends below first + count, with fewer rows than count.")
class SoManyRows(Right):
    def page(self, first, count):
        query = NAMES.replace("and o.id < ? order by o.id", "order by o.id limit ?")
        return self.db.rows(query, first, count)


@mend.misread("These are other orders: first is an id, and no place in the list of all orders.")
class AnotherBeginning(Right):
    def page(self, first, count):
        query = NAMES.replace("where o.id >= ? and o.id < ?", "") + " limit ? offset ?"
        return self.db.rows(query, count, first)
