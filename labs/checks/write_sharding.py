"""Exercises of the lab on write sharding."""

import bisect
from collections import Counter

from scalelab.course.chapters.write_sharding.scenes import own_router, until_s
from scalelab.course.check import Lab
from scalelab.course.kinds import Data, ListOf, Number, Parts, Text, Whole
from scalelab.course.values import short
from scalelab.real.limits import call

lab = Lab("write_sharding")

# Task 1: which shards a range asks -----------------------------------------------------------

ranges = lab.exercise(
    "ranges",
    "Which shards a range asks",
    ListOf(Whole(), "place"),
    why="A shard too many costs its time and its tail; a shard too few loses rows without a word.",
    hint="For each shard ask: does its range have an number in common with low to high?",
    hints=(
        "Shard i begins at split_points[i - 1] and ends before split_points[i]. The first has no "
        "lower end and the last no upper end. Nothing at all is asked where low >= high.",
        "first = bisect.bisect_right(split_points, low); last = bisect.bisect_left(split_points, "
        "high); the answer is list(range(first, last + 1)), and [] if low >= high.",
    ),
    explanation=(
        "The last one: the newest bills are all there, its reads come on top of all inserts. Split "
        "at the highest number of today, and next month has a shard of its own; the old ones idle."
    ),
)


@ranges.ask
def ask_ranges(rng):
    points = sorted({int(p) * 10 for p in rng.integers(1, 12, int(rng.integers(1, 5)))})
    near = [*points, *(p - 1 for p in points), *(p + 1 for p in points), 0, 55, 130]
    low, high = (int(x) for x in rng.choice(near, 2))
    return points, min(low, high), max(low, high)


@ranges.ask_widely
def ask_ranges_widely(rng):
    points = sorted({int(p) for p in rng.integers(-50, 500, int(rng.integers(0, 9)))})
    return points, int(rng.integers(-100, 600)), int(rng.integers(-100, 600))


@ranges.edges
def ranges_edges():
    points = [101, 201]
    return {
        "a range over one split point": (points, 151, 211),
        "it ends where a shard begins": (points, 151, 201),
        "it begins where a shard begins": (points, 101, 151),
        "one shard exactly": (points, 101, 201),
        "one number": (points, 201, 202),
        "the last number of a shard": (points, 200, 201),
        "nothing between": (points, 150, 150),
        "nothing between, at a split point": (points, 201, 201),
        "the wrong way round": (points, 250, 150),
        "all of them": (points, 1, 301),
        "over the middle shard": ([101, 201, 301], 50, 350),
        "beyond the last split point": (points, 900, 950),
        "before the first": (points, 3, 9),
        "below zero": ([0], -5, 0),
        "a single shard": ([], 5, 50),
        "a single shard, and nothing": ([], 5, 5),
        "far beyond the last split point": (points, 3 * 10**9, 4 * 10**9),
        "far below zero": (points, -4 * 10**9, -3 * 10**9),
    }


@ranges.words
def ranges_in_words(split_points, low, high):
    return f"split_points={split_points}, low={low}, high={high}"


@ranges.otherwise
def why_ranges(got, split_points, low, high):
    right = ranges.solution(split_points, low, high)
    if sorted(got) == right:
        return "The numbers are right. They go from the smallest to the largest, each once."
    extra, missing = sorted(set(got) - set(right)), sorted(set(right) - set(got))
    if missing:
        return f"Shard {missing[0]} has numbers from {low} to before {high}, and is not asked."
    if extra and not 0 <= extra[0] <= len(split_points):
        return f"There is no shard {extra[0]}: the shards are 0 to {len(split_points)}."
    return f"Shard {extra[0]} has no number from {low} to before {high}." if extra else None


@ranges.solve
def shards_asked(split_points, low, high):
    """Find the shard of the first number and the shard of the last one, and ask all between.

    A split point belongs to the shard that it begins, so for `low` count those that are not
    larger; for `high`, which is not asked for itself, those that are smaller.
    """
    if low >= high:
        return []
    first = bisect.bisect_right(split_points, low)
    last = bisect.bisect_left(split_points, high)
    return list(range(first, last + 1))


@ranges.solve_otherwise
def shards_asked(split_points, low, high):
    """Look at each shard's range, and keep those that overlap."""
    ends = [float("-inf"), *split_points, float("inf")]
    return [i for i in range(len(ends) - 1) if max(low, ends[i]) < min(high, ends[i + 1])]


def between(split_points, low, high, first, last):
    return (
        [] if low >= high else list(range(first(split_points, low), last(split_points, high) + 1))
    )


@ranges.misread("The number high is not asked for: a shard that begins at high has nothing to say.")
def high_included(split_points, low, high):
    return between(split_points, low, high, bisect.bisect_right, bisect.bisect_right)


@ranges.misread("A split point belongs to the shard that it begins, not to the one before it.")
def split_to_the_lower(split_points, low, high):
    return between(split_points, low, high, bisect.bisect_left, bisect.bisect_left)


@ranges.misread("The shards are numbered from 0.")
def from_one(split_points, low, high):
    return [i + 1 for i in shards_of(split_points, low, high)]


def shards_of(split_points, low, high):
    return between(split_points, low, high, bisect.bisect_right, bisect.bisect_left)


@ranges.misread(
    "That asks every shard, as a hash would. The ranges say which can have such numbers."
)
def everywhere(split_points, low, high):
    return list(range(len(split_points) + 1))


@ranges.misread("The shards between the first and the last have numbers of the range, too.")
def only_the_ends(split_points, low, high):
    found = shards_of(split_points, low, high)
    return sorted({found[0], found[-1]}) if found else []


@ranges.misread(
    "A range may go on into the next shard. You ask the shard of its first number only."
)
def only_the_first(split_points, low, high):
    return shards_of(split_points, low, high)[:1]


@ranges.misread("Where low is not below high there is nothing to look for, and nobody to ask.")
def empty_asks_one(split_points, low, high):
    if low < high:
        return shards_of(split_points, low, high)
    return [bisect.bisect_right(split_points, low)]


@ranges.misread("The wrong way round is no range. Do not turn it: return an empty list.")
def turned(split_points, low, high):
    return shards_of(split_points, min(low, high), max(low, high))


@ranges.misread("The last shard has no upper end: it has all numbers from the last split point on.")
def last_has_an_end(split_points, low, high):
    top = len(split_points)
    return [i for i in shards_of(split_points, low, high) if i < top or top == 0]


@ranges.misread(
    "The first shard has no lower end: it has all numbers before the first split point."
)
def first_has_an_end(split_points, low, high):
    return [i for i in shards_of(split_points, low, high) if i > 0 or not split_points]


@ranges.misread("No number is large enough to stand for the end that the outer shards do not have.")
def a_million_for_no_end(split_points, low, high):
    ends = [-(10**6), *split_points, 10**6]
    return [i for i in range(len(ends) - 1) if max(low, ends[i]) < min(high, ends[i + 1])]


@ranges.misread("A shard is asked once, also where the first and the last are the same.")
def first_and_last(split_points, low, high):
    found = shards_of(split_points, low, high)
    return [found[0], *found[1:-1], found[-1]] if found else []


@ranges.misread("Without split points there is a single shard, which has everything.")
def no_points_no_shard(split_points, low, high):
    return shards_of(split_points, low, high) if split_points else []


@ranges.misread("The shard of the last number is asked, too: range(first, last + 1).")
def without_the_last(split_points, low, high):
    return shards_asked(split_points, low, high)[:-1]


@ranges.misread("Numbers may be below zero: do not begin at 0.")
def from_zero(split_points, low, high):
    return shards_asked(split_points, max(0, low), high)


# Task 2: a scorecard of shard keys -----------------------------------------------------------

scorecard = lab.exercise(
    "scorecard",
    "A scorecard of shard keys",
    Parts(values=Whole("values"), peak=Number(), one=Number(unit="ratio")),
    why="A key is chosen once. To change it later means to move every row.",
    hint="Go through the questions once, and write down for each which shards it asks.",
    hints=(
        "A question that knows the key asks shard question[key] % shards; any other asks all of "
        "them. Keep a list with a load for each shard, and add 1 for each shard asked.",
        "values = how many different values of the key there are; peak = max(load) * shards / "
        "sum(load); one = the questions that ask exactly one shard, over all questions.",
    ),
    explanation=(
        "By tenant: nearly all questions ask one shard. Its peak is high, because one tenant is "
        "large; a line in a directory mends that. A scatter of every question cannot be mended."
    ),
)
COLUMNS = ("tenant", "user", "order")


def question(rng, most):
    known = [name for name in COLUMNS if rng.random() < 0.6]
    return {name: int(rng.integers(0, most)) for name in known}


@scorecard.ask
def ask_scorecard(rng):
    asked = [question(rng, 6) for _ in range(int(rng.integers(4, 9)))]
    return asked, str(rng.choice(COLUMNS)), int(rng.integers(2, 5))


@scorecard.ask_widely
def ask_scorecard_widely(rng):
    asked = [question(rng, 400) for _ in range(int(rng.integers(1, 60)))]
    return asked, str(rng.choice(COLUMNS)), int(rng.integers(1, 9))


@scorecard.edges
def scorecard_edges():
    few = [{"tenant": 7, "user": 41}, {"tenant": 7}, {"user": 12}, {"tenant": 4, "order": 9}]
    return {
        "four questions, by tenant": (few, "tenant", 3),
        "the same, by user": (few, "user", 3),
        "nobody knows the key": ([{"tenant": 1}, {"tenant": 2}], "order", 4),
        "the value 0": ([{"user": 0}, {"user": 0}, {"user": 5}], "user", 4),
        "one value many times": ([*({"user": 6} for _ in range(5)), {"user": 7}], "user", 4),
        "many values, one shard": ([{"order": 4 * i} for i in range(5)], "order", 4),
        "shards that get nothing": ([{"user": 1}, {"user": 2}], "user", 5),
        "even": ([{"user": i} for i in range(6)], "user", 3),
        "a question that knows nothing": ([{}, {"user": 1}], "user", 2),
        "one question": ([{"user": 3}], "user", 4),
        "a single shard": ([{"user": 3}, {"order": 3}], "user", 1),
        "one of three": ([{"user": 3}, {"order": 3}, {"tenant": 5}], "user", 3),
    }


@scorecard.words
def scorecard_in_words(questions, key, shards):
    shown = str(questions) if len(questions) < 7 else f"{len(questions)} questions"
    return f"key={key!r}, shards={shards}, questions={shown}"


@scorecard.otherwise
def why_scorecard(got, questions, key, shards):
    loads = loads_of(questions, key, shards)
    values, peak, one = scorecard.solution(questions, key, shards)
    if got[0] != values:
        seen = sorted({q[key] for q in questions if key in q})
        return f"The different values of {key!r} in these questions are {seen}."
    if abs(got[1] - peak) > 1e-6:
        return (
            f"The loads of the shards are {loads}. The largest is {max(loads)}, and their mean "
            f"{sum(loads) / shards:.4g}."
        )
    return f"{round(one * len(questions))} of the {len(questions)} questions ask exactly one shard."


def loads_of(questions, key, shards):
    loads = [0] * shards
    for asked in questions:
        for shard in [asked[key] % shards] if key in asked else range(shards):
            loads[shard] += 1
    return loads


@scorecard.solve
def score(questions, key, shards):
    """Note the shards of each question; all three marks follow from that.

    Count load, not values: a shard is full of requests, and a scattered question is one more on
    every shard.
    """
    asked = [[q[key] % shards] if key in q else list(range(shards)) for q in questions]
    loads = Counter(shard for each in asked for shard in each)
    mean = sum(loads.values()) / shards
    values = len({q[key] for q in questions if key in q})
    return values, max(loads.values()) / mean, sum(len(each) == 1 for each in asked) / len(asked)


@scorecard.solve_otherwise
def score(questions, key, shards):
    """Keep the scattered questions as a number, which every shard has on top of its own."""
    known = [q[key] for q in questions if key in q]
    scattered = len(questions) - len(known)
    own = [sum(value % shards == shard for value in known) for shard in range(shards)]
    total = len(known) + shards * scattered
    single = len(questions) if shards == 1 else len(known)
    return len(set(known)), (max(own) + scattered) * shards / total, single / len(questions)


def marks(questions, key, shards, *, loads=None, values=None, one=None):
    known = [q[key] for q in questions if key in q]
    held = loads_of(questions, key, shards) if loads is None else loads
    single = len(questions) if shards == 1 else len(known)
    peak = max(held) * shards / sum(held) if sum(held) else 0.0
    return (
        len(set(known)) if values is None else values,
        peak,
        single / len(questions) if one is None else one,
    )


@scorecard.misread("A question that does not know the key asks all shards: each has its load.")
def scatter_is_free(questions, key, shards):
    known = [q for q in questions if key in q]
    return marks(questions, key, shards, loads=loads_of(known, key, shards))


@scorecard.misread("Who does not know the key asks all shards. You send the question to shard 0.")
def missing_is_zero(questions, key, shards):
    asked = [{key: q.get(key, 0)} for q in questions]
    return marks(questions, key, shards, loads=loads_of(asked, key, shards))


@scorecard.misread("The value 0 is a value: such a question knows the key.")
def nought_is_missing(questions, key, shards):
    asked = [q if q.get(key) else {} for q in questions]
    return marks(asked, key, shards)


@scorecard.misread("Count how many different values there are, and each value once.")
def all_values(questions, key, shards):
    return marks(questions, key, shards, values=sum(key in q for q in questions))


@scorecard.misread("The values of the key, and not the shards that they lie on.")
def shards_as_values(questions, key, shards):
    used = {q[key] % shards for q in questions if key in q}
    return marks(questions, key, shards, values=len(used))


@scorecard.misread("That is the largest load. Asked is how many times the mean it is.")
def largest_load(questions, key, shards):
    values, _, one = marks(questions, key, shards)
    return values, max(loads_of(questions, key, shards)), one


@scorecard.misread("The mean is over all shards: one that gets nothing counts as well.")
def mean_of_the_used(questions, key, shards):
    values, _, one = marks(questions, key, shards)
    used = [load for load in loads_of(questions, key, shards) if load]
    return values, max(used) * len(used) / sum(used), one


@scorecard.misread("The peak is of the load, and not of the values: one value may be asked often.")
def peak_of_values(questions, key, shards):
    different = {q[key]: q for q in questions if key in q}
    scattered = [q for q in questions if key not in q]
    loads = loads_of([*different.values(), *scattered], key, shards)
    return marks(questions, key, shards, loads=loads)


@scorecard.misread("A peak of the mean number of questions a shard: one question may ask several.")
def mean_of_questions(questions, key, shards):
    values, _, one = marks(questions, key, shards)
    return values, max(loads_of(questions, key, shards)) * shards / len(questions), one


@scorecard.misread("That is the largest load over the smallest. Asked is over the mean.")
def over_the_smallest(questions, key, shards):
    values, _, one = marks(questions, key, shards)
    loads = loads_of(questions, key, shards)
    return values, max(loads) / max(min(loads), 1), one


@scorecard.misread("That is the share of the questions that ask all shards. Asked is of one.")
def share_of_scattered(questions, key, shards):
    values, peak, one = marks(questions, key, shards)
    return values, peak, 1 - one


@scorecard.misread("A share is a ratio from 0 to 1, and not a percentage.")
def in_percent(questions, key, shards):
    values, peak, one = marks(questions, key, shards)
    return values, peak, 100 * one


@scorecard.misread("With a single shard every question asks one, whatever it knows.")
def scattered_over_one(questions, key, shards):
    known = sum(key in q for q in questions)
    return marks(questions, key, shards, one=known / len(questions))


@scorecard.misread("That is the largest shard's share of the load. Asked is it over the mean.")
def share_of_the_load(questions, key, shards):
    values, peak, one = marks(questions, key, shards)
    return values, peak / shards, one


@scorecard.misread("A question that asks all shards is a whole request on each, not a part of one.")
def scatter_divided(questions, key, shards):
    known = [q for q in questions if key in q]
    part = (len(questions) - len(known)) / shards
    loads = [load + part for load in loads_of(known, key, shards)]
    return marks(questions, key, shards, loads=loads)


@scorecard.misread("The shard is the remainder, key % shards, and not what // gives.")
def divided(questions, key, shards):
    asked = [{key: q[key] // shards} if key in q else {} for q in questions]
    return marks(questions, key, shards, loads=loads_of(asked, key, shards))


@scorecard.misread("The order is values, peak, one.")
def in_another_order(questions, key, shards):
    values, peak, one = marks(questions, key, shards)
    return values, one, peak


@scorecard.misread("A question that does not know the key has no value of it: None is none.")
def none_as_a_value(questions, key, shards):
    return marks(questions, key, shards, values=len({q.get(key) for q in questions}))


@scorecard.misread(
    "The shard is the remainder of the value itself, not of its place among the values."
)
def places_of_values(questions, key, shards):
    order = sorted({q[key] for q in questions if key in q})
    placed = [{key: order.index(q[key])} if key in q else {} for q in questions]
    return marks(questions, key, shards, loads=loads_of(placed, key, shards))


@scorecard.misread("one is a share of the questions, and not of the load.")
def share_of_load(questions, key, shards):
    known = sum(key in q for q in questions)
    one = 1 if shards == 1 else known / sum(loads_of(questions, key, shards))
    return marks(questions, key, shards, one=one)


# Task 3: a router that places tenants --------------------------------------------------------

router = lab.exercise(
    "router",
    "A router that places tenants",
    ListOf(Data("a name, or a list of names", (str, list)), "answer"),
    why="A row that the router does not find again is as good as lost.",
    hint="Keep two things: the shard of each tenant, and how many rows each tenant has.",
    hints=(
        "In wrote, a tenant that has a shard keeps it. For a new one take the shard with the "
        "fewest rows: min(self.shards, key=rows_of) takes the first of equals.",
        "In ask, go through self.shards and keep those that are the shard of one of the tenants; "
        "None means all. In move, the tenant's rows count for the new shard from then on.",
    ),
    explanation=(
        "The directory: it is asked for every row, so it must be cached and may never be lost. A "
        "hash needs none of this. A middle way has lines for the large tenants only."
    ),
)
NAMES = ("a", "b", "c")


def story(rng, count, shards, tenants):
    """Draw writes, questions, moves of tenants that have rows, and a new shard at times."""
    names, seen, events = list(shards), [], []
    for _ in range(count):
        kind = rng.choice(["wrote", "ask", "move", "add"], p=[0.6, 0.22, 0.13, 0.05])
        if kind == "move" and seen:
            events.append(("move", str(rng.choice(seen)), str(rng.choice(names))))
        elif kind == "add" and len(names) < len(shards) + 2:
            names.append(f"new{len(names)}")
            events.append(("add", names[-1]))
        elif kind == "ask":
            some = [str(t) for t in rng.choice(tenants, int(rng.integers(0, 4)))]
            events.append(("ask", None if rng.random() < 0.2 else some))
        else:
            tenant = str(tenants[min(int(rng.geometric(0.35)) - 1, len(tenants) - 1)])
            seen.append(tenant)
            events.append(("wrote", tenant))
    return events


@router.ask
def ask_router(rng):
    return list(NAMES), story(rng, 16, NAMES, ["t1", "t2", "t3", "t4", "t5", "t6"])


@router.ask_widely
def ask_router_widely(rng):
    names = [f"shard-{i}" for i in rng.permutation(9)[: int(rng.integers(1, 6))]]
    return names, story(rng, int(rng.integers(0, 60)), names, [f"t{i}" for i in range(12)])


@router.edges
def router_edges():
    def wrote(*tenants):
        return [("wrote", tenant) for tenant in tenants]

    return {
        "three tenants, two shards": (
            ["a", "b"],
            [*wrote("t1", "t1", "t2", "t1", "t3"), ("ask", ["t1", "t3"])],
        ),
        "a tenant stays where it is": (["a", "b"], wrote("t1", "t1", "t1", "t2")),
        "rows count, not tenants": (["a", "b"], wrote("t1", "t1", "t1", "t2", "t3", "t4")),
        "equal rows": (["b", "a"], wrote("t1", "t2", "t3", "t4")),
        "all shards": (["a", "b"], [*wrote("t1"), ("ask", None)]),
        "two tenants of one shard": (
            ["a", "b"],
            [*wrote("t1", "t2", "t3"), ("ask", ["t3", "t1"])],
        ),
        "in the order of the list": (["b", "a"], [*wrote("t1", "t2"), ("ask", ["t2", "t1"])]),
        "a tenant that never wrote": (["a", "b"], [*wrote("t1"), ("ask", ["t9"])]),
        "asking places nobody": (
            ["a", "b"],
            [("ask", ["t1"]), *wrote("t2", "t1"), ("ask", ["t1"])],
        ),
        "no tenants": (["a", "b"], [*wrote("t1"), ("ask", [])]),
        "moved": (["a", "b"], [*wrote("t1"), ("move", "t1", "b"), *wrote("t1"), ("ask", ["t1"])]),
        "its rows move with it": (
            ["a", "b"],
            [*wrote("t1", "t1", "t1", "t2"), ("move", "t1", "b"), *wrote("t3", "t4")],
        ),
        "its rows leave the old shard": (
            ["a", "b"],
            [*wrote("t1", "t1", "t1", "t2"), ("move", "t1", "b"), *wrote("t3", "t3", "t3", "t4")],
        ),
        "others of its shard stay": (
            ["a"],
            [*wrote("t1", "t2"), ("add", "b"), ("move", "t1", "b"), *wrote("t2"), ("ask", ["t2"])],
        ),
        "asked twice": (["b", "a"], [*wrote("t1"), ("ask", None), ("ask", None)]),
        "moved to where it is": (
            ["a", "b"],
            [*wrote("t1", "t2"), ("move", "t1", "a"), *wrote("t3", "t4")],
        ),
        "a new shard": (["a", "b"], [*wrote("t1", "t2"), ("add", "c"), *wrote("t1", "t3", "t4")]),
        "a new shard is asked, too": (["b"], [*wrote("t1"), ("add", "a"), ("ask", None)]),
        "two new shards": (["a"], [("add", "c"), ("add", "b"), *wrote("t1", "t2", "t3")]),
        "nobody moves to a new shard": (
            ["a"],
            [*wrote("t1", "t2"), ("add", "b"), ("ask", ["t1", "t2"]), *wrote("t1")],
        ),
        "nothing": (["a"], []),
    }


@router.words
def router_in_words(shards, events):
    said = {"wrote": "{} wrote", "ask": "ask for {}", "move": "move {} to {}", "add": "add {}"}
    lines = [said[kind].format(*what) for kind, *what in events[:12]]
    more = " ..." if len(events) > 12 else ""
    return f"shards {', '.join(shards)}: {'; '.join(lines) or 'no event at all'}{more}"


@router.run
def drive(answer, shards, events):
    """Make a router, tell it all events, and note what it says to writes and questions."""
    made = call(answer, list(shards))
    if made is ...:
        return ...
    said = []
    for kind, *what in events:
        given = [list(x) if isinstance(x, list) else x for x in what]
        told = call(call(getattr, made, kind), *given)
        if told is ...:
            return ...
        if kind in ("wrote", "ask"):  # a list as it is now: the router may hand out its own
            said.append(list(told) if isinstance(told, list) else told)
    return said


router.scene(
    "Rows and questions that go where your router says. The case:",
    until_s=until_s,
)(own_router)


@router.otherwise
def why_router(got, shards, events):
    told = [place for place, event in enumerate(events) if event[0] in ("wrote", "ask")]
    if len(got) != len(told):
        return None
    right = drive(router.solution, shards, events)
    place = next(i for i, (mine, truth) in enumerate(zip(got, right, strict=True)) if mine != truth)
    kind, what = events[told[place]][:2]
    here = f"Event {told[place] + 1}"
    if kind == "ask":
        if isinstance(got[place], str):
            return f"{here}: ask returns a list of names, also if it is one."
        asked = "all shards" if what is None else f"the shards of {what}"
        return f"{here} asks for {asked}, each once, in the order of the shards."
    if isinstance(got[place], list):
        return f"{here}: wrote returns a name, not a list."
    there = {*shards, *(name for verb, name, *_ in events[: told[place]] if verb == "add")}
    if got[place] not in there:
        return (
            f"{here}: there is no shard {short(got[place])}. Is something kept from one router to "
            "the next, such as a list of the class?"
        )
    homes, rows = books(shards, events[: told[place]])
    if what in homes:
        return f"{here}: {what} has rows on {homes[what]}, and stays there."
    held = ", ".join(f"{name} {rows[name]}" for name in rows)
    return f"{here}: {what} is new, and the rows are {held}. Of equals the first is due."


def books(shards, events):
    """Where each tenant is after some events, and how many rows each shard has."""
    made = router.solution(list(shards))
    for kind, *what in events:
        getattr(made, kind)(*what)
    return made.home, {name: made.rows_on(name) for name in made.shards}


@router.solve
class Router:
    """Keep a line for each tenant, and count the rows by tenant.

    The rows of a shard follow from the two, so that a move changes one line and nothing can
    disagree. Rows are counted, since ten small tenants are less than one large.
    """

    def __init__(self, shards):
        self.shards, self.home, self.rows = list(shards), {}, {}

    def rows_on(self, shard):
        return sum(n for tenant, n in self.rows.items() if self.home[tenant] == shard)

    def wrote(self, tenant):
        if tenant not in self.home:
            self.home[tenant] = min(self.shards, key=self.rows_on)
        self.rows[tenant] = self.rows.get(tenant, 0) + 1
        return self.home[tenant]

    def ask(self, tenants):
        if tenants is None:
            return list(self.shards)
        asked = {self.home[tenant] for tenant in tenants if tenant in self.home}
        return [shard for shard in self.shards if shard in asked]

    def move(self, tenant, shard):
        self.home[tenant] = shard

    def add(self, shard):
        self.shards.append(shard)


@router.solve_otherwise
class Router:
    """Keep the rows themselves, as lists of tenants by shard."""

    def __init__(self, shards):
        self.held = {shard: [] for shard in shards}

    def wrote(self, tenant):
        home = next((s for s, rows in self.held.items() if tenant in rows), None)
        if home is None:
            fewest = min(map(len, self.held.values()))
            home = next(s for s, rows in self.held.items() if len(rows) == fewest)
        self.held[home].append(tenant)
        return home

    def ask(self, tenants):
        return [s for s, rows in self.held.items() if tenants is None or set(tenants) & set(rows)]

    def move(self, tenant, shard):
        moved = []
        for rows in self.held.values():
            moved += [t for t in rows if t == tenant]
            rows[:] = [t for t in rows if t != tenant]
        self.held[shard] += moved

    def add(self, shard):
        self.held[shard] = []


class Wrong:
    """A router with one step of the right one changed by those below."""

    def __init__(self, shards):
        self.shards, self.home = list(shards), {}
        self.count = dict.fromkeys(shards, 0)
        self.rows = Counter()

    def pick(self, tenant):
        return min(self.shards, key=self.count.get)

    def wrote(self, tenant):
        if tenant not in self.home:
            self.home[tenant] = self.pick(tenant)
        self.rows[tenant] += 1
        self.count[self.home[tenant]] += 1
        return self.home[tenant]

    def everywhere(self):
        return list(self.shards)

    def ask(self, tenants):
        if tenants is None:
            return self.everywhere()
        asked = {self.home[tenant] for tenant in tenants if tenant in self.home}
        return [shard for shard in self.shards if shard in asked]

    def move(self, tenant, shard):
        self.count[self.home[tenant]] -= self.rows[tenant]
        self.count[shard] += self.rows[tenant]
        self.home[tenant] = shard

    def add(self, shard):
        self.shards.append(shard)
        self.count[shard] = 0


@router.misread("A tenant that has a shard keeps it: its rows are asked for there.")
class EachRowAnywhere(Wrong):
    def wrote(self, tenant):
        self.home[tenant] = self.pick(tenant)
        self.rows[tenant] += 1
        self.count[self.home[tenant]] += 1
        return self.home[tenant]


@router.misread("Fewest rows, not fewest tenants: one tenant may have many.")
class FewestTenants(Wrong):
    def pick(self, tenant):
        held = Counter(self.home.values())
        return min(self.shards, key=lambda shard: held[shard])


@router.misread("A turn for each shard is not the fewest rows.")
class InTurns(Wrong):
    def pick(self, tenant):
        return self.shards[len(self.home) % len(self.shards)]


@router.misread("Among shards with equal rows the first of the list is due, not the last.")
class TiesToTheLast(Wrong):
    def pick(self, tenant):
        return min(reversed(self.shards), key=self.count.get)


@router.misread("Among equals the first of the list is due, and not the first of the alphabet.")
class TiesByName(Wrong):
    def pick(self, tenant):
        return min(self.shards, key=lambda shard: (self.count[shard], shard))


@router.misread("When a tenant moves, its rows count for the new shard, and no longer for the old.")
class RowsStayBehind(Wrong):
    def move(self, tenant, shard):
        self.home[tenant] = shard


@router.misread("A moved tenant is on the new shard: write it there, and ask there.")
class MoveForgotten(Wrong):
    def move(self, tenant, shard):
        pass


@router.misread("The shards asked are in the order of the list of shards, not of the tenants.")
class OrderOfTenants(Wrong):
    def ask(self, tenants):
        if tenants is None:
            return self.everywhere()
        return list(dict.fromkeys(self.home[t] for t in tenants if t in self.home))


@router.misread("A shard is asked once, however many of the tenants it has.")
class AskedTwice(Wrong):
    def ask(self, tenants):
        if tenants is None:
            return self.everywhere()
        asked = [self.home[t] for t in tenants if t in self.home]
        return sorted(asked, key=self.shards.index)


@router.misread("None asks for all tenants, so all shards; it is not an empty list of tenants.")
class NoneAsksNobody(Wrong):
    def everywhere(self):
        return []


@router.misread("No tenants, no shards. Only None asks for all: an empty list is not None.")
class EmptyAsksAll(Wrong):
    def ask(self, tenants):
        return super().ask(tenants) if tenants else self.everywhere()


@router.misread("None asks all shards in the list, also those that have no rows yet.")
class OnlyThoseWithRows(Wrong):
    def everywhere(self):
        return [shard for shard in self.shards if self.count[shard]]


@router.misread("A tenant that never wrote has no rows, so nobody has to be asked for it.")
class UnknownAsksAll(Wrong):
    def ask(self, tenants):
        if tenants is not None and any(t not in self.home for t in tenants):
            return self.everywhere()
        return super().ask(tenants)


@router.misread("A question places nobody. A tenant gets its shard with its first row.")
class AskingPlaces(Wrong):
    def ask(self, tenants):
        for tenant in tenants or []:
            if tenant not in self.home:
                self.home[tenant] = self.pick(tenant)
        return super().ask(tenants)


@router.misread("A new shard takes new tenants from now on: it has the fewest rows.")
class NewShardForgotten(Wrong):
    def add(self, shard):
        self.count[shard] = 0


@router.misread("A tenant that moves to where it is brings no rows along.")
class MovedTwice(Wrong):
    def move(self, tenant, shard):
        if self.home[tenant] == shard:
            self.count[shard] += self.rows[tenant]
        else:
            super().move(tenant, shard)


@router.misread("Shards are asked in the order of the list, not of the alphabet.")
class OrderByName(Wrong):
    def ask(self, tenants):
        return sorted(super().ask(tenants))


@router.misread("A new shard moves nobody: the tenants that are there stay where they are.")
class Rebalances(Wrong):
    def add(self, shard):
        super().add(shard)
        for tenant in sorted(self.home, key=self.rows.get, reverse=True)[1::2]:
            self.move(tenant, shard)


@router.misread("A new shard is the last of the list.")
class NewShardFirst(Wrong):
    def add(self, shard):
        super().add(shard)
        self.shards.insert(0, self.shards.pop())


@router.misread("The rows of a tenant that moves no longer count for its old shard.")
class CountsForBoth(Wrong):
    def move(self, tenant, shard):
        self.count[shard] += self.rows[tenant]
        self.home[tenant] = shard


@router.misread("All rows of a tenant move with it, not one.")
class OneRowMoves(Wrong):
    def move(self, tenant, shard):
        self.count[self.home[tenant]] -= 1
        self.count[shard] += 1
        self.home[tenant] = shard


@router.misread("The rows of a tenant that moves count for the new shard: they are not forgotten.")
class RowsForgotten(Wrong):
    def move(self, tenant, shard):
        self.count[self.home[tenant]] -= self.rows[tenant]
        self.home[tenant], self.rows[tenant] = shard, 0


@router.misread("A new shard has no rows; the others keep theirs.")
class CountsBeginAnew(Wrong):
    def add(self, shard):
        self.shards.append(shard)
        self.count = dict.fromkeys(self.shards, 0)


@router.misread("A move changes no order: the list of shards stays as it is.")
class MovedToGoesLast(Wrong):
    def move(self, tenant, shard):
        super().move(tenant, shard)
        self.shards.remove(shard)
        self.shards.append(shard)


@router.misread("A new shard is no rule of its own: of equals the first of the list is due.")
class NewShardAtOnce(Wrong):
    new = None

    def add(self, shard):
        super().add(shard)
        self.new = shard

    def pick(self, tenant):
        picked, self.new = self.new or super().pick(tenant), None
        return picked


@router.misread("One tenant moves. The others of its shard stay where they are.")
class AllMoveAlong(Wrong):
    def move(self, tenant, shard):
        old = self.home[tenant]
        for each in [name for name, home in self.home.items() if home == old]:
            super().move(each, shard)


@router.misread("A tenant that has moved writes on its new shard, not where it began.")
class SaysTheFirstHome(Wrong):
    def __init__(self, shards):
        super().__init__(shards)
        self.first = {}

    def wrote(self, tenant):
        return self.first.setdefault(tenant, super().wrote(tenant))


@router.misread(
    "A tenant stays on its shard with all its rows. Yours goes to the emptiest each time."
)
class GoesToTheEmptiest(Wrong):
    def wrote(self, tenant):
        if tenant in self.home:
            self.move(tenant, self.pick(tenant))
        return super().wrote(tenant)


@router.misread("To ask changes nothing: the list of shards keeps its order.")
class SortsItsShards(Wrong):
    def ask(self, tenants):
        asked = super().ask(tenants)
        self.shards.sort()
        return asked


# Task 4: what to do with what is in doubt ----------------------------------------------------

outcome = lab.exercise(
    "outcome",
    "What is to be done with what is in doubt",
    Text(words=("commit", "roll back", "wait", "call somebody")),
    why="Who guesses wrongly makes money, or burns it, and both shards say that all is well.",
    hint="Look for proof first: what can a shard have done only after a decision?",
    hints=(
        "A committed shard, or a record of commit, proves that all had promised. A shard that has "
        "rolled back, or knows nothing of the transfer, proves that it was not decided to commit.",
        "In this order: proof of commit and a shard rolled back: call somebody. A committed shard: "
        "commit. A shard rolled back or with nothing: roll back. Then what the record says, and "
        "wait if it is lost.",
    ),
    explanation=(
        "It may have been told to commit by another, or be told so an hour later, when it has "
        "rolled back: then half is done. Keep the record on several machines, so that it is not "
        "lost."
    ),
)
SHARDS = ("a", "b", "c", "d")


def aftermath(rng, shards):
    """Let a coordinator go a part of its way, and somebody guess at times; what is left."""
    names = [str(name) for name in rng.permutation(SHARDS[:shards])]
    prepares = shards if rng.random() < 0.7 else int(rng.integers(0, shards))
    decided = prepares == shards and rng.random() < 0.5
    done = int(rng.integers(0, shards + 1)) if decided else 0
    states = {}
    for place, name in enumerate(names):
        if place >= prepares:
            states[name] = "nothing"
        elif place < done:
            states[name] = "committed"
        else:
            states[name] = "rolled back" if rng.random() < 0.12 else "prepared"
    for name in names:
        if rng.random() < 0.15:
            states[name] = "down"
    record = "lost" if rng.random() < 0.35 else ("commit" if decided else "nothing")
    return states, record


@outcome.ask
def ask_outcome(rng):
    return aftermath(rng, int(rng.integers(2, 4)))


@outcome.ask_widely
def ask_outcome_widely(rng):
    return aftermath(rng, int(rng.integers(1, 5)))


@outcome.edges
def outcome_edges():
    def states(*of_each):
        return dict(zip(SHARDS, of_each, strict=False))

    p, c, r, n, d = "prepared", "committed", "rolled back", "nothing", "down"
    return {
        "one has committed": (states(p, c), "lost"),
        "one knows nothing of it": (states(p, n), "lost"),
        "one has rolled back": (states(r, p), "lost"),
        "all prepared, decided": (states(p, p), "commit"),
        "all prepared, not decided": (states(p, p), "nothing"),
        "all prepared, record lost": (states(p, p), "lost"),
        "three of four prepared, one down, record lost": (states(p, p, d, p), "lost"),
        "one down, record says commit": (states(p, d), "commit"),
        "one down, record says nothing": (states(d, p), "nothing"),
        "one down, one committed": (states(d, p, c), "lost"),
        "one down, one with nothing": (states(p, d, n), "lost"),
        "half and half": (states(c, r), "lost"),
        "half and half, decided": (states(p, r, c), "commit"),
        "decided, and one rolled back": (states(p, r), "commit"),
        "not decided, and one rolled back": (states(p, r), "nothing"),
        "all have committed": (states(c, c), "commit"),
        "one has committed, and the record says nothing": (states(p, c), "nothing"),
        "one has committed, and one knows nothing of it": (states(c, n), "lost"),
        "all are down": (states(d, d), "lost"),
        "one shard alone": (states(p), "lost"),
        "most have prepared, one has not": (states(p, p, n), "nothing"),
    }


@outcome.words
def outcome_in_words(states, record):
    shown = ", ".join(f"{name} {state}" for name, state in states.items())
    return f"{shown}; record {record}"


@outcome.otherwise
def why_outcome(got, states, record):
    seen = set(states.values())
    if "rolled back" in seen and ("committed" in seen or record == "commit"):
        return "Commit is proved, and a shard has rolled back: one of the two cannot be undone."
    if "committed" in seen:
        return "A shard has committed, which it does only after the decision."
    if seen & {"rolled back", "nothing"}:
        return "A shard has not promised, or took it back: commit cannot have been decided."
    if record == "lost":
        return (
            "Each shard is prepared or down, and the record is lost: there is no proof of anything."
        )
    return f"No shard proves anything. The record does: {record}."


@outcome.solve
def outcome_of(states, record):
    """Look for proofs, from the strongest on.

    A commit on one shard proves the decision, whatever was lost. A shard that never prepared, or
    rolled back, proves the opposite. Only between prepared shards the record decides, and without
    it nobody may.
    """
    seen = set(states.values())
    if "rolled back" in seen and ("committed" in seen or record == "commit"):
        return "call somebody"
    if "committed" in seen:
        return "commit"
    if seen & {"rolled back", "nothing"}:
        return "roll back"
    return {"commit": "commit", "nothing": "roll back", "lost": "wait"}[record]


@outcome.solve_otherwise
def outcome_of(states, record):
    """Gather the proofs of both sides, and compare."""
    commit = record == "commit" or "committed" in states.values()
    undone = any(state == "rolled back" for state in states.values())
    never = any(state == "nothing" for state in states.values()) or record == "nothing"
    if commit:
        return "call somebody" if undone else "commit"
    return "roll back" if undone or never else "wait"


def decided(states, record):
    return outcome.solution(states, record)


@outcome.misread(
    "A dead coordinator proves nothing. Look at what the shards have done, then at the record."
)
def dead_means_roll_back(states, record):
    return "call somebody" if decided(states, record) == "call somebody" else "roll back"


@outcome.misread("All have promised does not mean that it was decided. Without the record, wait.")
def all_prepared_is_commit(states, record):
    if set(states.values()) == {"prepared"}:
        return "commit"
    return decided(states, record)


@outcome.misread("A lost record is not an empty one: the decision may have been written. Wait.")
def lost_is_nothing(states, record):
    return decided(states, "nothing" if record == "lost" else record)


@outcome.misread("A lost record proves nothing. Prepared shards wait for it.")
def lost_is_commit(states, record):
    value = decided(states, record)
    return "commit" if value == "wait" else value


@outcome.misread("This is no vote: the only shard that has committed proves the decision.")
def majority(states, record):
    value = decided(states, record)
    if value in ("wait", "call somebody"):
        return value
    ready = sum(state in ("prepared", "committed") for state in states.values())
    return "commit" if 2 * ready > len(states) else "roll back"


@outcome.misread("A shard that is down need not be waited for, if another or the record has proof.")
def wait_for_the_down(states, record):
    return "wait" if "down" in states.values() else decided(states, record)


@outcome.misread("A shard that is down has said nothing: it may well have prepared.")
def down_is_nothing(states, record):
    return decided({s: "nothing" if x == "down" else x for s, x in states.items()}, record)


@outcome.misread("Where the shards prove nothing, look at the record.")
def record_ignored(states, record):
    return decided(states, "lost" if decided(states, "lost") == "wait" else record)


@outcome.misread(
    "One shard has committed and one rolled back: no answer mends that. Call somebody."
)
def commit_wins(states, record):
    value = decided(states, record)
    return "commit" if value == "call somebody" and "committed" in states.values() else value


@outcome.misread("Commit is proved, and a shard has rolled back. Rolling back more mends nothing.")
def roll_back_wins(states, record):
    value = decided(states, record)
    return "roll back" if value == "call somebody" else value


@outcome.misread(
    "A record of commit is proof, too: with it, a shard that rolled back is a conflict."
)
def record_is_no_proof(states, record):
    if "rolled back" in states.values() and "committed" not in states.values():
        return "roll back"
    return decided(states, record)


@outcome.misread(
    "A shard that knows nothing of the transfer never prepared: roll back, do not wait."
)
def nothing_is_unknown(states, record):
    if "nothing" in states.values() and record == "lost":
        return "wait"
    return decided(states, record)


@outcome.misread("An empty record is no proof against a shard that has committed, by hand or not.")
def empty_record_first(states, record):
    value = decided(states, record)
    return "call somebody" if record == "nothing" and "committed" in states.values() else value


@outcome.misread(
    "Only a shard that has rolled back is a conflict. One with nothing can still commit."
)
def nothing_is_a_conflict(states, record):
    if "committed" in states.values() and "nothing" in states.values():
        return "call somebody"
    return decided(states, record)


@outcome.misread("One commit is enough to commit the rest. You ask for all of them.")
def only_if_all(states, record):
    value = decided(states, record)
    if value == "commit" and set(states.values()) != {"committed"} and record != "commit":
        return "roll back"
    return value


@outcome.misread(
    "Ask the shards first: what one of them has done is proof, though the record is lost."
)
def record_alone(states, record):
    value = decided(states, record)
    if value == "call somebody":
        return value
    return {"commit": "commit", "nothing": "roll back", "lost": "wait"}[record]


@outcome.misread(
    "Look at the shards before the record: one that has committed is proof against it."
)
def empty_record_is_roll_back(states, record):
    return "roll back" if record == "nothing" else decided(states, record)


@outcome.misread("Where nothing is proved, the answer is the word 'wait', and not None.")
def none_for_wait(states, record):
    value = decided(states, record)
    return None if value == "wait" else value


@outcome.misread("Commit is proved and a shard has rolled back: neither answer mends that.")
def never_calls(states, record):
    value = decided(states, record)
    return "commit" if value == "call somebody" else value


@outcome.misread("No shard need be prepared still: what one has done is proof.")
def none_prepared_waits(states, record):
    return decided(states, record) if "prepared" in states.values() else "wait"


@outcome.misread("Where all shards are down and the record is lost, wait: they may come back.")
def all_down_calls(states, record):
    all_down = set(states.values()) == {"down"}
    return "call somebody" if all_down and record == "lost" else decided(states, record)


@outcome.misread("One shard that has not promised is enough for rolling back: not all have to.")
def only_if_all_have_nothing(states, record):
    value = decided(states, record)
    if value == "roll back" and record == "lost":
        return value if set(states.values()) <= {"rolled back", "nothing"} else "wait"
    return value
