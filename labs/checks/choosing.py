"""Exercises of the lab on choosing a way to scale.

The first edge of a task is its example: never the case that the page asks a guess for.
"""

import math
from dataclasses import dataclass
from itertools import combinations, count

from scalelab.course.chapters.choosing.experiments import CARDS, TABLE, Needs
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import ListOf, Maybe, Parts, Text, Whole
from scalelab.course.things import SetOf, Thing, in_order
from scalelab.models.availability import k_of_n_availability

lab = Lab("choosing")

# Task 1: the rows that match -----------------------------------------------------------------

rows = lab.exercise(
    "rows",
    "The rows that match",
    ListOf(Text(), "row"),
    why="A rule that is left out, or one too many, cannot be weighed against the others.",
    hint="Do it by hand for this scenario, row by row.",
    hints=(
        "A row is recommended if any of its conditions holds. Sets can be intersected: a & b.",
        "Go through table.items() and keep the names for which conditions & traits is not empty.",
        "return sorted(name for name, conditions in table.items() if conditions & traits)",
    ),
    explanation=(
        "For one that meets many weak conditions of a row, and one condition of another that it "
        "cannot do without: a clinic's records are stateful and relational, which counts two for a "
        "larger machine, and their one need for high availability is outvoted."
    ),
)


@rows.ask
def ask_rows(rng):
    """Draw a table whose rows may share conditions, not in the order of the alphabet."""
    letters = list("abcdefghijkl")
    table = {
        str(name): frozenset(rng.choice(letters, size=4, replace=False).tolist())
        for name in rng.permutation(["out", "up", "both", "auto"])
    }
    known = [*letters, "unknown"]
    return table, set(rng.choice(known, size=int(rng.integers(0, 5)), replace=False).tolist())


@rows.ask_widely
def ask_rows_widely(rng):
    letters = list("abcdefghijklmnopqrst")

    def some(fewest):
        size = int(rng.integers(fewest, 9))
        return rng.choice(letters, size=size, replace=False).tolist()

    names = rng.permutation(list("ABCDEFGHIJ"))[: int(rng.integers(0, 9))]
    return {str(name): frozenset(some(1)) for name in names}, set(some(0))


@rows.edges
def rows_edges():
    known = set().union(*TABLE.values())
    small = {"up": frozenset("ab"), "out": frozenset("bc"), "both": frozenset("cd")}
    return {
        "a clinic's records": (dict(TABLE), set(CARDS["a clinic's records"])),
        "no traits": (dict(TABLE), set()),
        "a trait that no row names": (dict(TABLE), {"haunted"}),
        "one trait in two rows": (dict(TABLE), {"cloud"}),
        "all traits that there are": (dict(TABLE), known),
        "a row of which all conditions hold": (dict(TABLE), {*TABLE["auto-scaling"], "stateless"}),
        "another table": (small, {"b", "stateless"}),
        "two traits in one row": (small, {"a", "b"}),
        "an empty table": ({}, {"cloud"}),
    }


@rows.words
def rows_in_words(table, traits):
    shown = "; ".join(f"{name}: {in_order(conditions)}" for name, conditions in table.items())
    return f"traits={in_order(traits)}, table {shown or 'empty'}"


@rows.otherwise
def why_rows(got, table, traits):
    right = rows.solution(table, traits)
    if sorted(set(got)) == right:
        return "The names are right. Two people must get the same list: each name once, sorted."
    if set(got) - set(table):
        return "A list of names is asked for: the keys of the table."
    if set(got) - set(right):
        return "A row of which no condition is among the traits is not recommended."
    return f"{', '.join(sorted(set(right) - set(got)))} is missing: one condition is enough."


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


@rows.misread("The first row that matches is only the first. The others match as well.")
def first_row(table, traits):
    for name, conditions in table.items():
        if conditions & traits:
            return [name]
    return []


@rows.misread("Not every trait of a service has to stand in a row. One that does is enough.")
def whole_service(table, traits):
    return sorted(name for name, conditions in table.items() if traits <= conditions)


@rows.misread("One of them is enough: a service need not meet all conditions of a row.")
def whole_row(table, traits):
    return sorted(name for name, conditions in table.items() if conditions <= traits)


@rows.misread("Those are all rows. One of which no condition is met is not recommended.")
def every_row(table, traits):
    return sorted(table)


@rows.misread("The row with most conditions is a decision. You were asked what matches.")
def best_rows(table, traits):
    counts = {name: len(conditions & traits) for name, conditions in table.items()}
    most = max(counts.values(), default=0)
    return sorted(name for name, n in counts.items() if n == most and n > 0)


@rows.misread("That is the order of the table. Two people must get the same list: sort it.")
def in_the_tables_order(table, traits):
    return [name for name, conditions in table.items() if conditions & traits]


@rows.misread("It ranks the rows, best first. Sorted means by name: nothing is decided yet.")
def ranked(table, traits):
    counts = {name: len(conditions & traits) for name, conditions in table.items()}
    return sorted((name for name in counts if counts[name]), key=lambda name: -counts[name])


@rows.misread("A row of which two conditions hold is still one row. Each name stands there once.")
def once_for_each_condition(table, traits):
    return sorted(name for trait in traits for name in table if trait in table[name])


@rows.misread(
    "It reads TABLE, whatever table it is given. The county will have another one next year.",
    "Use the parameter `table`, and no name from outside the function.",
)
def the_pages_table(table, traits):
    return sorted(name for name, conditions in TABLE.items() if conditions & traits)


@rows.misread("Those are the conditions that hold. Asked for are the names of their rows.")
def conditions_that_hold(table, traits):
    return sorted({trait for conditions in table.values() for trait in conditions & traits})


@rows.misread("Two conditions are not needed. Any one of them recommends the row.")
def more_than_one(table, traits):
    return sorted(name for name, conditions in table.items() if len(conditions & traits) > 1)


@rows.misread("It is turned round: those are the rows that do not match.")
def the_others(table, traits):
    return sorted(name for name, conditions in table.items() if not conditions & traits)


# Task 2: the smallest conflict ---------------------------------------------------------------

conflict = lab.exercise(
    "conflict",
    "The smallest conflict",
    SetOf(Text(), "condition"),
    why="A conflict has to match both rows; that is what makes it one.",
    hint="Look at the intersection of the two rows first.",
    hints=(
        "How many conditions does it take to match two rows? Can one be enough?",
        "If the rows share a condition, that one alone matches both. Otherwise take one of each.",
        "shared = table[first] & table[second]. If there is one: {min(shared)}; else "
        "{min(table[first]), min(table[second])}.",
    ),
    explanation=(
        "Real is one about the same machine, such as a database that has to stay up: stateful asks "
        "for one larger machine, high availability for several. Stateless and stateful vanish: "
        "they are the web tier and the database, and each gets its own answer."
    ),
    repeatable=False,
)


@conflict.ask
def ask_conflict(rng):
    table, _ = ask_rows(rng)
    first, second = rng.choice(list(table), size=2, replace=False).tolist()
    return table, first, second


@conflict.ask_widely
def ask_conflict_widely(rng):
    letters = list("abcdefghijkl")
    table = {
        name: frozenset(rng.choice(letters, size=int(rng.integers(1, 7)), replace=False).tolist())
        for name in "ABCDE"
    }
    first, second = rng.choice(list(table), size=2, replace=False).tolist()
    return table, first, second


@conflict.edges
def conflict_edges():
    small = {
        "up": frozenset("a"),
        "out": frozenset("b"),
        "both": frozenset("abc"),
        "auto": frozenset("abc"),
        "none": frozenset("xyz"),
    }
    return {
        "nothing in common": (dict(TABLE), "horizontal", "vertical"),
        "two in common": (dict(TABLE), "horizontal", "auto-scaling"),
        "one in common": (dict(TABLE), "diagonal", "auto-scaling"),
        "rows of one condition": (small, "up", "out"),
        "one row within the other": (small, "both", "up"),
        "two equal rows": (small, "both", "auto"),
        "nothing in common, in another table": (small, "none", "both"),
    }


@conflict.words
def conflict_in_words(table, first, second):
    return f"{first}: {in_order(table[first])}; {second}: {in_order(table[second])}"


@conflict.judge
def judge_conflict(got, table, first, second):
    size = 1 if table[first] & table[second] else 2
    matches = bool(got & table[first]), bool(got & table[second])
    if all(matches) and len(got) == size:
        return None
    expected = f"a set of {size} that matches both rows"
    if not got:
        why = "Two rows need not share a condition. A service can meet one of each."
    elif not any(matches):
        why = "These are no conditions of the two rows."
    elif not all(matches):
        why = f"It matches {second if matches[1] else first} only. A conflict has to match both."
    elif size == 1:
        why = "These rows share a condition, which is a conflict all by itself."
    else:
        why = "That is a conflict, and not the smallest: one condition of each row is enough."
    return Fault(expected, in_order(got), why)


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


@conflict.misread("One of each, always. Where the rows share a condition, that one is enough.")
def one_of_each(table, first, second):
    only_first = table[first] - table[second] or table[first]
    only_second = table[second] - table[first] or table[second]
    return {min(only_first), min(only_second)}


@conflict.misread(
    "Nothing in common is not no conflict: a service can meet one condition of each row."
)
def common_only(table, first, second):
    shared = table[first] & table[second]
    return {min(shared)} if shared else set()


@conflict.misread("That is all that they share. One of these is a conflict; none is no answer.")
def all_that_is_shared(table, first, second):
    return table[first] & table[second]


@conflict.misread(
    "Those are all conditions of both, and surely a conflict. The smaller it is, the more services "
    "have it: look for the smallest."
)
def everything(table, first, second):
    return table[first] | table[second]


@conflict.misread("Those are the conditions that one row has and the other has not: the opposite.")
def what_differs(table, first, second):
    return table[first] ^ table[second]


@conflict.misread("Those are the names of the rows. Asked for are conditions that match them.")
def the_names(table, first, second):
    return {first, second}


@conflict.misread("One condition matches the first row. The second has to be matched as well.")
def first_row_only(table, first, second):
    return {min(table[first])}


@conflict.misread(
    "It has the right size as long as the rows share nothing, or at most one thing: one is enough, "
    "however many they share."
)
def shared_or_one_of_each(table, first, second):
    return table[first] & table[second] or {min(table[first]), min(table[second])}


# Task 3: the months that are left ------------------------------------------------------------

months = lab.exercise(
    "months",
    "The months that are left",
    Whole(of="months"),
    why="In that month users feel it, and a new machine has to be there before.",
    hint="Print the peak of each of the first months beside what the server may carry.",
    hints=(
        "First the peak of today: users × 0.2 × requests a day ÷ 86,400 × peak to mean. What may "
        "the server carry at the peak, if the headroom is kept?",
        "It grows by a factor of 1 + growth each month. Count the months until it is too much; 0 "
        "if it is too much already.",
        "Start with month = 0 and a while loop: as long as the peak is at most "
        "server_per_s * (1 - headroom), multiply and count.",
    ),
    explanation=(
        "At 5 % a month the load doubles in 70 / 5 = 14 months, so twice the server adds about "
        "fourteen months, whatever the load is today. Twice that server adds fourteen more, and "
        "not twice as many."
    ),
)
POOL = 120_000, 0.05, 40, 5.0, 120.0, 0.3  # as on the page


@months.ask
def ask_months(rng):
    users, requests = int(rng.integers(20, 400)) * 1_000, int(rng.integers(20, 120))
    ratio, growth = float(rng.choice([3.0, 5.0, 8.0])), float(rng.choice([0.03, 0.05, 0.1]))
    headroom = float(rng.choice([0.2, 0.3, 0.4]))
    peak = users * 0.2 * requests / 86_400 * ratio
    server = round(peak * float(rng.choice([0.8, 2.5, 6.0, 12.0])), 1)
    return users, growth, requests, ratio, server, headroom


@months.ask_widely
def ask_months_widely(rng):
    return (
        int(rng.integers(1, 1_000_000)),
        float(rng.uniform(0.01, 1.0)),
        int(rng.integers(1, 200)),
        float(rng.uniform(1.0, 10.0)),
        float(rng.uniform(1.0, 5_000.0)),
        float(rng.uniform(0.0, 0.9)),
    )


@months.edges
def months_edges():
    """432,000 users make exactly one visit a second, so that these peaks have no fractions."""
    return {
        "a small service": (24_000, 0.1, 30, 4.0, 20.0, 0.2),
        "the pool of the page": POOL,
        "too much today": (432_000, 0.1, 40, 5.0, 100.0, 0.3),
        "too much today, within the limit": (432_000, 0.1, 40, 5.0, 210.0, 0.3),
        "today exactly what it may carry": (432_000, 0.05, 40, 5.0, 400.0, 0.5),
        "exactly what it may carry in month 2": (432_000, 1.0, 40, 5.0, 1_600.0, 0.5),
        "no headroom asked for": (432_000, 0.1, 40, 5.0, 400.0, 0.0),
        "no peak above the mean": (432_000, 0.1, 40, 1.0, 100.0, 0.2),
        "years": (10_000, 0.02, 30, 3.0, 120.0, 0.3),
    }


@months.words
def months_in_words(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    return (
        f"{users:,} users, growth {growth:g} a month, {requests_a_day} requests a day, peak "
        f"{peak_to_mean:g} × mean, server {server_per_s:g}/s, headroom {headroom:g}"
    )


@months.otherwise
def why_months(got, users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    if got < 0:
        return "If it is too much today, that is month 0."
    now = users * 0.2 * requests_a_day / 86_400 * peak_to_mean
    if got > 1_200:
        return f"The peak of today is {now:.4g} a second, and grows every month."
    peak, room = now * (1 + growth) ** got, server_per_s * (1 - headroom)
    if peak <= room:
        return f"In month {got} the peak is {peak:.4g} a second: the server may carry {room:.4g}."
    before = peak / (1 + growth)
    return f"The month before has {before:.4g} a second, and {room:.4g} is too little already."


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


pool_months = months.solution(*POOL)


@months.misread("That is the last month that still fits. Asked for is the first too large.")
def last_that_fits(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak, month = users / 5 * requests_a_day / 86_400 * peak_to_mean, 0
    while peak * (1 + growth) ** (month + 1) <= server_per_s * (1 - headroom):
        month += 1
    return month


@months.misread("Now is month 0. That counts it as the first.")
def counted_from_one(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak, month = users / 5 * requests_a_day / 86_400 * peak_to_mean, 1
    while peak <= server_per_s * (1 - headroom):
        peak, month = peak * (1 + growth), month + 1
    return month


@months.misread("A month in the past? If it is too much today, that is month 0.")
def in_the_past(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak = users * 0.2 * requests_a_day / 86_400 * peak_to_mean
    return math.floor(math.log(server_per_s * (1 - headroom) / peak, 1 + growth)) + 1


@months.misread("A day has 86,400 seconds. An hour has 3,600.")
def hourly(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak, month = users * 0.2 * requests_a_day / 3_600 * peak_to_mean, 0
    while peak <= server_per_s * (1 - headroom):
        peak, month = peak * (1 + growth), month + 1
    return month


@months.misread("Only a fifth of the users come on a day.")
def every_day(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak, month = users * requests_a_day / 86_400 * peak_to_mean, 0
    while peak <= server_per_s * (1 - headroom):
        peak, month = peak * (1 + growth), month + 1
    return month


@months.misread("The headroom is the share that stays free, not the share that may be used.")
def headroom_used(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak, month = users * 0.2 * requests_a_day / 86_400 * peak_to_mean, 0
    while peak <= server_per_s * headroom and month < 1_000:
        peak, month = peak * (1 + growth), month + 1
    return month


@months.misread("Capacity is for the peak. The mean is never there.")
def by_mean(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    load, month = users * 0.2 * requests_a_day / 86_400, 0
    while load <= server_per_s * (1 - headroom):
        load, month = load * (1 + growth), month + 1
    return month


@months.misread("The peak is peak_to_mean times the mean: multiply. Divided, it is below the mean.")
def peak_below_the_mean(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak, month = users * 0.2 * requests_a_day / 86_400 / peak_to_mean, 0
    while peak <= server_per_s * (1 - headroom):
        peak, month = peak * (1 + growth), month + 1
    return month


@months.misread("It never looks at today. If it is too much already, that is month 0.")
def never_today(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak, month = users * 0.2 * requests_a_day / 86_400 * peak_to_mean * (1 + growth), 1
    while peak <= server_per_s * (1 - headroom):
        peak, month = peak * (1 + growth), month + 1
    return month


@months.misread("That uses the server up to its limit, without the headroom.")
def by_limit(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak, month = users * 0.2 * requests_a_day / 86_400 * peak_to_mean, 0
    while peak <= server_per_s:
        peak, month = peak * (1 + growth), month + 1
    return month


@months.misread("A percentage each month compounds: it grows on what has grown.")
def linear(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak, month = users * 0.2 * requests_a_day / 86_400 * peak_to_mean, 0
    while peak * (1 + growth * month) <= server_per_s * (1 - headroom):
        month += 1
    return month


@months.misread("Exactly what the server may carry is not above it: that month is still well.")
def too_strict(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak, month = users * 0.2 * requests_a_day / 86_400 * peak_to_mean, 0
    while peak < server_per_s * (1 - headroom):
        peak, month = peak * (1 + growth), month + 1
    return month


@months.misread(
    "That adds the headroom to the peak. It is a share of the server: 30 % of it stay free, so the "
    "peak may take 70 % of it, and 1 / 0.7 is more than 1.3."
)
def headroom_on_top(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak, month = users * 0.2 * requests_a_day / 86_400 * peak_to_mean, 0
    while peak * (1 + headroom) <= server_per_s:
        peak, month = peak * (1 + growth), month + 1
    return month


@months.misread("growth is a ratio, not per cent: 0.05 is 5 % a month, a factor of 1.05.")
def growth_in_per_cent(users, growth, requests_a_day, peak_to_mean, server_per_s, headroom):
    peak, month = users * 0.2 * requests_a_day / 86_400 * peak_to_mean, 0
    while peak <= server_per_s * (1 - headroom):
        peak, month = peak * (1 + growth / 100), month + 1
    return month


# Task 4: what a promise takes ----------------------------------------------------------------

promise = lab.exercise(
    "promise",
    "What a promise takes",
    Whole(of="servers"),
    why="One server too few breaks the promise, one too many is paid for every month.",
    hint="Print the chance for each number of servers.",
    hints=(
        "How many servers carry the peak? All of them must be up, if you have no more than that.",
        "k_of_n_availability(availability, needed, nodes) is the chance that at least `needed` of "
        "`nodes` are up. Try nodes from needed on.",
        "needed = math.ceil(peak / server); nodes = needed; while k_of_n_availability(...) < "
        "promised: nodes += 1",
    ),
    explanation=(
        "The sum takes failures for independent. When the cellar is flooded all of them are down "
        "at once, however many there are, so the promise can be no better than the cellar. The "
        "number is the least that it takes, if nothing is shared."
    ),
)
ELECTION = 3_000.0, 1_000.0, 0.99, 0.9999  # as on the page


@promise.ask
def ask_promise(rng):
    server = float(rng.integers(3, 12)) * 100
    return (
        float(round(server * rng.uniform(0.3, 8.0))),
        server,
        float(rng.choice([0.98, 0.99, 0.995])),
        float(rng.choice([0.95, 0.999, 0.9999, 0.99999])),
    )


@promise.ask_widely
def ask_promise_widely(rng):
    server = float(rng.integers(10, 2_000))
    peak = float(rng.integers(1, 20 * int(server)))
    return peak, server, float(rng.uniform(0.8, 0.999)), float(rng.uniform(0.1, 0.9999999))


@promise.edges
def promise_edges():
    return {
        "half a server more": (1_500.0, 1_000.0, 0.92, 0.99999),
        "the elections of the page": ELECTION,
        "a promise that takes no spare": (800.0, 1_000.0, 0.99, 0.95),
        "no spare, and exactly as promised": (1_000.0, 1_000.0, 0.5, 0.5),
        "one spare, and exactly as promised": (1_000.0, 1_000.0, 0.5, 0.75),
        "just above one server": (1_010.0, 1_000.0, 0.99, 0.99),
        "less than one server": (10.0, 1_000.0, 0.99, 0.9999),
        "many servers": (20_000.0, 1_000.0, 0.98, 0.99999),
        "poor servers": (4_000.0, 1_000.0, 0.8, 0.9999),
    }


@promise.words
def promise_in_words(peak_per_s, server_per_s, availability, promised):
    return (
        f"peak {peak_per_s:.0f}/s, server {server_per_s:.0f}/s, up {availability:g}, promised "
        f"{promised:g}"
    )


@promise.otherwise
def why_promise(got, peak_per_s, server_per_s, availability, promised):
    needed = math.ceil(peak_per_s / server_per_s)
    if got < needed:
        return f"They do not carry the peak even if all of them are up: that takes {needed}."
    if got > 10_000:
        return "So many spares no promise takes."
    percent = 100 * float(k_of_n_availability(availability, needed, got))
    if percent < 100 * promised:
        return (
            f"Enough of these are up {percent:.6g} % of the time; {100 * promised:g} % it must be."
        )
    return "The promise is kept with fewer, and each more is paid for every month."


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
    for nodes in count(needed):
        up = sum(
            math.comb(nodes, i) * availability**i * (1 - availability) ** (nodes - i)
            for i in range(needed, nodes + 1)
        )
        if up >= promised:
            return nodes


election_servers = promise.solution(*ELECTION)


@promise.misread("They carry the peak if all are up. That is not often enough for the promise.")
def no_spare(peak_per_s, server_per_s, availability, promised):
    return math.ceil(peak_per_s / server_per_s)


@promise.misread(
    "One spare is a rule of thumb. The promise says how many: none, one or several.",
    "Let the loop begin without any spare.",
)
def one_spare(peak_per_s, server_per_s, availability, promised):
    return math.ceil(peak_per_s / server_per_s) + 1


@promise.misread("Twice as many is a rule of thumb. How many spares it takes, the promise says.")
def twice(peak_per_s, server_per_s, availability, promised):
    return 2 * math.ceil(peak_per_s / server_per_s)


@promise.misread("Rounded down, the servers do not carry the peak. Part of a server is one more.")
def rounded_down(peak_per_s, server_per_s, availability, promised):
    needed = max(1, int(peak_per_s // server_per_s))
    nodes = needed
    while k_of_n_availability(availability, needed, nodes) < promised:
        nodes += 1
    return nodes


@promise.misread("Rounded to the nearest, they are one short every other time. Round up.")
def rounded(peak_per_s, server_per_s, availability, promised):
    needed = max(1, round(peak_per_s / server_per_s))
    nodes = needed
    while k_of_n_availability(availability, needed, nodes) < promised:
        nodes += 1
    return nodes


@promise.misread("That counts on ONE being up. It takes as many as carry the peak, rounded up.")
def one_of_them(peak_per_s, server_per_s, availability, promised):
    needed = math.ceil(peak_per_s / server_per_s)
    nodes = needed
    while 1 - (1 - availability) ** nodes < promised:
        nodes += 1
    return nodes


@promise.misread("Those are the spares alone. Add the servers that carry the peak.")
def spares_alone(peak_per_s, server_per_s, availability, promised):
    needed, spares = math.ceil(peak_per_s / server_per_s), 0
    while k_of_n_availability(availability, needed, needed + spares) < promised:
        spares += 1
    return spares


@promise.misread(
    "That buys the whole group again and again. A spare can stand in for any server of the group."
)
def whole_groups(peak_per_s, server_per_s, availability, promised):
    needed, groups = math.ceil(peak_per_s / server_per_s), 1
    while 1 - (1 - availability**needed) ** groups < promised:
        groups += 1
    return groups * needed


@promise.misread(
    "That gives each server of the group spares of its own. A spare can stand in for any of them."
)
def spares_for_each(peak_per_s, server_per_s, availability, promised):
    needed, copies = math.ceil(peak_per_s / server_per_s), 1
    while (1 - (1 - availability) ** copies) ** needed < promised:
        copies += 1
    return copies * needed


@promise.misread("One of those that carry the peak may be down here. All of them have to be up.")
def one_of_them_down(peak_per_s, server_per_s, availability, promised):
    needed = math.ceil(peak_per_s / server_per_s)
    nodes = needed
    while k_of_n_availability(availability, needed - 1, nodes) < promised:
        nodes += 1
    return nodes


@promise.misread("Where the peak is a whole number of servers, that counts one too many: round up.")
def cut_off_plus_one(peak_per_s, server_per_s, availability, promised):
    needed = int(peak_per_s / server_per_s) + 1
    nodes = needed
    while k_of_n_availability(availability, needed, nodes) < promised:
        nodes += 1
    return nodes


@promise.misread(
    "Those that carry the peak, and beside them as many as would keep the promise alone. The first "
    "are up most of the time as well: count all of them together."
)
def beside_them(peak_per_s, server_per_s, availability, promised):
    copies = 1
    while 1 - (1 - availability) ** copies < promised:
        copies += 1
    return math.ceil(peak_per_s / server_per_s) + copies


@promise.misread("At exactly what was promised the promise is kept: you buy one too many.")
def more_than_promised(peak_per_s, server_per_s, availability, promised):
    needed = math.ceil(peak_per_s / server_per_s)
    nodes = needed
    while k_of_n_availability(availability, needed, nodes) <= promised:
        nodes += 1
    return nodes


@promise.misread(
    "That spreads the peak over servers that are up a part of the time each. On average enough are "
    "up; a promise is about the bad hours."
)
def on_average(peak_per_s, server_per_s, availability, promised):
    return math.ceil(peak_per_s * promised / (server_per_s * availability))


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
    Maybe(Parts(offer=Thing(Offer, "an offer of the list"), machines=Whole(of="machines"))),
    why="A plan has to keep the promise on the bad days too, and be the cheapest that does.",
    hint="Write down, for each offer, how many it takes and what they cost.",
    hints=(
        "Three questions, in an order. Which offers can be part of a plan at all? If the work "
        "cannot be divided, one machine has to carry it.",
        "For each offer that is left, the number of machines follows from the promise: task 4 for "
        "work that can be divided, and with needed = 1 for work that cannot.",
        "Collect (nodes * offer.usd_per_month, offer, nodes) and take the min by price. None if no "
        "offer will do. Each machine is used up to 70 %.",
    ),
    explanation=(
        "First whether the work fits the machines at all, then how many the promise takes, and the "
        "price last. With the price first it would return one of the cheapest machine: a plan that "
        "costs little and keeps no promise."
    ),
)


def drawn_needs(rng, peak):
    return Needs(
        peak_per_s=float(peak),
        peak_to_mean=3.0,
        availability=float(rng.choice([0.99, 0.9999])),
        server_availability=0.995,
        divisible=bool(rng.random() < 0.5),
    )


@plan.ask
def ask_plan(rng):
    """Draw a price list on which a large machine does less per dollar, or more."""
    per_node = float(rng.choice([20.0, 400.0]))
    offers = [
        Offer(f"m{c}", 1_000 * c**0.774 / 4**0.774, round(70 * c + per_node, 2))
        for c in rng.permutation([4, 8, 16, 32]).tolist()
    ]
    return offers, drawn_needs(rng, rng.choice([100, 900, 2_000, 3_000, 6_000]))


@plan.ask_widely
def ask_plan_widely(rng):
    offers = [
        Offer(f"m{i}", float(rng.integers(50, 5_000)), float(rng.integers(20, 3_000)))
        for i in range(int(rng.integers(0, 6)))
    ]
    return offers, drawn_needs(rng, rng.integers(1, 10_000))


@plan.edges
def plan_edges():
    small, large = Offer("small", 1_000.0, 300.0), Offer("large", 4_000.0, 1_500.0)
    bargain = Offer("bargain", 4_000.0, 900.0)

    def needs(peak, promised, divisible, up=0.995):
        return Needs(
            peak_per_s=peak,
            peak_to_mean=3.0,
            availability=promised,
            server_availability=up,
            divisible=divisible,
        )

    return {
        "small ones together": ([small, large], needs(2_000.0, 0.99, True)),
        "one must carry it": ([small, large], needs(2_000.0, 0.99, False)),
        "none can carry it": ([small, large], needs(5_000.0, 0.99, False)),
        "one must carry it, others stand by": ([small, large], needs(2_000.0, 0.9999, False)),
        "one would carry it, but full": ([small, large], needs(900.0, 0.99, False)),
        "the large one costs less": ([small, bargain], needs(2_000.0, 0.9999, True)),
        "exactly 70 %": ([large, Offer("half", 1_500.0, 500.0)], needs(2_100.0, 0.98, True, 0.999)),
        "exactly 70 % of one": ([small, Offer("box", 3_000.0, 800.0)], needs(2_100.0, 0.9, False)),
        "the dearest comes first": ([large, bargain, small], needs(500.0, 0.99, True)),
        "two plans at one price": (
            [Offer("one", 2_000.0, 400.0), Offer("two", 1_000.0, 200.0)],
            needs(1_400.0, 0.9, True, 0.99),
        ),
        "no spare is needed": ([small, large], needs(600.0, 0.99, True)),
        "an empty list": ([], needs(600.0, 0.99, True)),
    }


@plan.words
def plan_in_words(offers, needs):
    listed = ", ".join(f"{o.name}: {o.per_s:.0f}/s for {o.usd_per_month:.0f}" for o in offers)
    return (
        f"peak {needs.peak_per_s:.0f}/s, promised {needs.availability:g}, a server is up "
        f"{needs.server_availability:g}, {'' if needs.divisible else 'not '}divisible; offers: "
        f"{listed or 'none'}"
    )


def machines_for(offer, needs):
    """Return how many carry the peak, and how many keep the promise, or None where they cannot."""
    needed = math.ceil(needs.peak_per_s / (0.7 * offer.per_s))
    if needed > 1 and not needs.divisible:
        return None
    return needed, promise.solution(
        needs.peak_per_s, 0.7 * offer.per_s, needs.server_availability, needs.availability
    )


@plan.judge
def judge_plan(got, offers, needs):
    best = plan.solution(offers, needs)
    price = best[1] * best[0].usd_per_month if best else math.inf
    wanted = f"{best[1]} × {best[0].name} for {price:,.0f}" if best else "None"
    if got is None:
        why = "There is a plan. None is for work that no machine can carry."
        return Fault(wanted, "None", why) if best else None
    offer, nodes = got
    paid = nodes * offer.usd_per_month
    came = f"{nodes} × {offer.name} for {paid:,.0f}" if abs(nodes) < 10**9 else "too many"
    if offer not in offers:
        return Fault(wanted, came, "That is no offer of the list.")
    enough = machines_for(offer, needs)
    if enough is None:
        why = "The work cannot be divided: one machine has to carry all of it, at 70 % at most."
    elif nodes < enough[0]:
        why = "Used up to 70 %, these do not carry the peak even if all of them are up."
    elif nodes < enough[1]:
        why = (
            "Used up to 70 %, these carry the peak on a good day, and have too few spares. The "
            "promise includes the bad days."
        )
    elif nodes > enough[1]:
        why = f"It keeps the promise, and so do {enough[1]} of these machines."
    elif not math.isclose(paid, price):
        why = "It keeps the promise, and another plan does so for less."
    else:
        return None
    return Fault(wanted, came, why)


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
    """Strike out what cannot carry the work, then let the chance of each failure say the rest."""

    def machines(offer):
        needed = math.ceil(needs.peak_per_s / (0.7 * offer.per_s))
        down = 1 - needs.server_availability
        for nodes in count(needed):
            chances = (
                math.comb(nodes, lost) * down**lost * needs.server_availability ** (nodes - lost)
                for lost in range(nodes - needed + 1)
            )
            if sum(chances) >= needs.availability:
                return nodes

    fit = [o for o in offers if needs.divisible or needs.peak_per_s <= 0.7 * o.per_s]
    best = min(fit, key=lambda offer: machines(offer) * offer.usd_per_month, default=None)
    return best and (best, machines(best))


def by_price(offers, needs, room=0.7, promised=None, undivided=True):
    """Wrong answers differ from a right one in these settings."""
    good = []
    for offer in offers:
        needed = math.ceil(needs.peak_per_s / (room * offer.per_s))
        if undivided and needed > 1 and not needs.divisible:
            continue
        nodes = needed
        wanted = needs.availability if promised is None else promised
        while k_of_n_availability(needs.server_availability, needed, nodes) < wanted:
            nodes += 1
        good.append((nodes * offer.usd_per_month, offer.name, offer, nodes))
    return min(good)[2:] if good else None


@plan.misread("It divides work that cannot be divided. One machine has to carry all of it.")
def divide_all(offers, needs):
    return by_price(offers, needs, undivided=False)


@plan.misread("That uses a machine up to its limit. It is used up to 70 % of its rate.")
def up_to_the_limit(offers, needs):
    return by_price(offers, needs, room=1.0)


@plan.misread("These carry the peak as long as all of them are up. That is not what was promised.")
def no_promise(offers, needs):
    return by_price(offers, needs, promised=0.0)


@plan.misread("One spare each, whatever was promised. The promise says how many: task 4.")
def one_spare_each(offers, needs):
    found = by_price(offers, needs, promised=0.0)
    return found and (found[0], found[1] + 1)


@plan.misread("One offer that will not do ends the search. Another may do: go on to the next.")
def all_or_none(offers, needs):
    best, least = None, math.inf
    for offer in offers:
        needed = math.ceil(needs.peak_per_s / (0.7 * offer.per_s))
        if needed > 1 and not needs.divisible:
            return None
        nodes = needed
        while k_of_n_availability(needs.server_availability, needed, nodes) < needs.availability:
            nodes += 1
        if nodes * offer.usd_per_month < least:
            best, least = (offer, nodes), nodes * offer.usd_per_month
    return best


@plan.misread("The largest machine is not the safest, and seldom the cheapest. Compare them all.")
def largest(offers, needs):
    if not offers:
        return None
    offer = max(offers, key=lambda offer: offer.per_s)
    return by_price([offer], needs)


@plan.misread("The cheapest machine, and as many as it takes. Compare whole plans, not machines.")
def cheapest_machine(offers, needs):
    fit = [o for o in offers if needs.divisible or needs.peak_per_s <= 0.7 * o.per_s]
    if not fit:
        return None
    return by_price([min(fit, key=lambda offer: offer.usd_per_month)], needs)


@plan.misread(
    "Most work for a dollar does not decide alone: machines come whole, and so do the spares."
)
def most_per_dollar(offers, needs):
    fit = [o for o in offers if needs.divisible or needs.peak_per_s <= 0.7 * o.per_s]
    if not fit:
        return None
    return by_price([max(fit, key=lambda offer: offer.per_s / offer.usd_per_month)], needs)


@plan.misread("The fewest machines are not the cheapest plan. Compare what the plans cost.")
def fewest_machines(offers, needs):
    plans = [(found[1], found[0].name, *found) for o in offers if (found := by_price([o], needs))]
    return min(plans)[2:] if plans else None


@plan.misread("One alone carries it, and others may stand by: the promise holds here as well.")
def alone_without_standby(offers, needs):
    return by_price(offers, needs, promised=None if needs.divisible else 0.0)


@plan.misread("There is not always a plan. Work that no machine can carry needs another answer.")
def always(offers, needs):
    if not offers:
        return None
    return by_price(offers, needs) or (max(offers, key=lambda offer: offer.per_s), 2)
