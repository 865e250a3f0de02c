"""Exercises of the lab on replication."""

import math

from scalelab.course.chapters.replication.runbook import play
from scalelab.course.chapters.replication.scenes import own_runbook, until_s
from scalelab.course.check import Lab
from scalelab.course.kinds import ListOf, Maybe, Number, Parts, Text, Truth

lab = Lab("replication")

# Task 1: when the client is told -------------------------------------------------------------

told = lab.exercise(
    "told",
    "When the client is told",
    Number(unit="ms"),
    why="Who waits for a standby that will not answer waits for ever, and so does the shop.",
    hint="The log is sent once it is on the primary's own disk. Add the wait for answers to that.",
    hints=(
        "None is a standby that is not connected: leave it out, and keep the order of the rest.",
        "any: the needed-th smallest answer. first: the largest among the first `needed` that are "
        "connected. Fewer connected than needed: math.inf. Then add flush_ms.",
    ),
    explanation=(
        "With the only standby gone every commit hangs, and no time limit of the server ends it. "
        "With any one of two the other answers, and nobody notices; after that one more death "
        "hangs them, so somebody must be told of the first."
    ),
)


@told.ask
def ask_told(rng):
    answers = [int(a) for a in rng.integers(1, 60, int(rng.integers(2, 6)))]
    for i in range(len(answers)):
        if rng.random() < 0.2:
            answers[i] = None
    rule = str(rng.choice(["async", "any", "any", "first", "first"]))
    return rule, int(rng.integers(1, 4)), int(rng.integers(0, 8)), answers


@told.ask_widely
def ask_told_widely(rng):
    answers = [
        int(a) if rng.random() < 0.75 else None
        for a in rng.integers(0, 400, int(rng.integers(0, 9)))
    ]
    rule = str(rng.choice(["async", "any", "first"]))
    return rule, int(rng.integers(1, 7)), int(rng.integers(0, 40)), answers


@told.edges
def told_edges():
    return {
        "any one of three": ("any", 1, 2, [30, 5, 12]),
        "any two of three": ("any", 2, 2, [30, 5, 12]),
        "the first one": ("first", 1, 2, [30, 5, 12]),
        "the first two": ("first", 2, 2, [12, 30, 5]),
        "asynchronous": ("async", 1, 2, [30, 5, 12]),
        "asynchronous, nobody there": ("async", 1, 3, [None, None]),
        "the first is not connected": ("first", 1, 2, [None, 30, 12]),
        "one of two is not connected": ("any", 1, 2, [None, 30]),
        "too few are connected, any": ("any", 2, 2, [None, 30, None]),
        "too few are connected, first": ("first", 2, 2, [None, 30, None]),
        "no standby at all": ("any", 1, 2, []),
        "all three": ("any", 3, 0, [30, 5, 12]),
        "equal answers": ("any", 2, 1, [7, 7, 40]),
        "an answer after 0 ms": ("any", 1, 4, [None, 0, 9]),
        "a quick answer, a slow disk": ("any", 1, 20, [5, 30]),
        "first two, the slow one first": ("first", 2, 4, [40, 10, 3, 20]),
    }


@told.words
def told_in_words(rule, needed, flush_ms, answers_ms):
    return f"rule={rule!r}, needed={needed}, flush_ms={flush_ms}, answers_ms={answers_ms}"


@told.otherwise
def why_told(got, rule, needed, flush_ms, answers_ms):
    right = told.solution(rule, needed, flush_ms, answers_ms)
    there = [answer for answer in answers_ms if answer is not None]
    if rule == "async":
        return f"Asynchronous: it is told after the primary's own flush, {flush_ms} ms."
    if right == math.inf:
        return f"{len(there)} are connected and {needed} are needed: the commit hangs, math.inf."
    waits = sorted(there)[:needed] if rule == "any" else there[:needed]
    return f"It waits for the answers {waits}, each sent for after a flush of {flush_ms} ms."


@told.solve
def told_ms(rule, needed, flush_ms, answers_ms):
    """Take those that are connected, in the order of the list; the slowest that counts decides.

    What is not on the primary's disk is not sent, so the flush comes before, not beside.
    """
    if rule == "async":
        return flush_ms
    there = [answer for answer in answers_ms if answer is not None]
    if len(there) < needed:
        return math.inf
    counted = sorted(there) if rule == "any" else there
    return flush_ms + max(counted[:needed])


@told.solve_otherwise
def told_ms(rule, needed, flush_ms, answers_ms):
    """Let a standby that is not connected answer never, and walk through the answers."""
    if rule == "async":
        return flush_ms
    line = [math.inf if answer is None else answer for answer in answers_ms]
    line.sort(key=(lambda answer: answer) if rule == "any" else (lambda answer: answer == math.inf))
    line += [math.inf] * needed
    return flush_ms + max(line[:needed])


def connected(answers_ms):
    return [answer for answer in answers_ms if answer is not None]


def counted(rule, answers):
    return sorted(answers) if rule == "any" else answers


@told.misread('"any" takes the quickest, "first" those that come first: you exchange them.')
def rules_exchanged(rule, needed, flush_ms, answers_ms):
    other = {"any": "first", "first": "any"}.get(rule, rule)
    return told.solution(other, needed, flush_ms, answers_ms)


@told.misread("Asynchronous waits for no standby at all, only for the primary's own disk.")
def async_waits(rule, needed, flush_ms, answers_ms):
    return told.solution("any" if rule == "async" else rule, needed, flush_ms, answers_ms)


@told.misread("The primary's own flush comes first, whatever the rule. Add it.")
def no_flush(rule, needed, flush_ms, answers_ms):
    return told.solution(rule, needed, flush_ms, answers_ms) - flush_ms


@told.misread("The log is sent after the flush, not beside it: the two times add up.")
def beside(rule, needed, flush_ms, answers_ms):
    if rule == "async":
        return flush_ms
    return max(flush_ms, told.solution(rule, needed, 0, answers_ms))


@told.misread("“first” goes by the list: a quick answer of one further down does not count.")
def first_is_quickest(rule, needed, flush_ms, answers_ms):
    return told.solution("any" if rule == "first" else rule, needed, flush_ms, answers_ms)


@told.misread("“any” takes the quickest answers, wherever in the list they stand.")
def any_is_first(rule, needed, flush_ms, answers_ms):
    return told.solution("first" if rule == "any" else rule, needed, flush_ms, answers_ms)


@told.misread("Who is not connected is passed over: the next of the list takes its place.")
def first_is_fixed(rule, needed, flush_ms, answers_ms):
    if rule == "first" and None in answers_ms[:needed]:
        return math.inf
    return told.solution(rule, needed, flush_ms, answers_ms)


@told.misread("It waits for as many as are needed, not for all that are connected.")
def waits_for_all(rule, needed, flush_ms, answers_ms):
    there = connected(answers_ms)
    if rule == "async" or len(there) < needed:
        return told.solution(rule, needed, flush_ms, answers_ms)
    return flush_ms + max(there)


@told.misread("All standbys are sent to at once. The answers do not add up: the slowest decides.")
def one_after_another(rule, needed, flush_ms, answers_ms):
    there = connected(answers_ms)
    if rule == "async" or len(there) < needed:
        return told.solution(rule, needed, flush_ms, answers_ms)
    return flush_ms + sum(counted(rule, there)[:needed])


@told.misread("None is no answer at 0 ms. It is no answer at all.")
def none_is_nought(rule, needed, flush_ms, answers_ms):
    return told.solution(rule, needed, flush_ms, [answer or 0 for answer in answers_ms])


@told.misread("0 ms is a quick answer. Only None is no answer: ask for `is not None`.")
def nought_is_none(rule, needed, flush_ms, answers_ms):
    return told.solution(rule, needed, flush_ms, [answer or None for answer in answers_ms])


@told.misread("With fewer than needed it hangs: those who are there are not enough, math.inf.")
def makes_do(rule, needed, flush_ms, answers_ms):
    if rule == "async":
        return flush_ms
    return flush_ms + max(counted(rule, connected(answers_ms))[:needed], default=0)


@told.misread("All the first ones must answer: the slowest of them, not the last of the list.")
def last_of_the_first(rule, needed, flush_ms, answers_ms):
    there = connected(answers_ms)
    if rule == "async" or len(there) < needed:
        return told.solution(rule, needed, flush_ms, answers_ms)
    return flush_ms + counted(rule, there)[needed - 1]


@told.misread("One answer is enough only where one is needed: wait for the needed-th.")
def one_is_enough(rule, needed, flush_ms, answers_ms):
    if rule == "async" or len(connected(answers_ms)) < needed:
        return told.solution(rule, needed, flush_ms, answers_ms)
    return told.solution(rule, 1, flush_ms, answers_ms)


@told.misread("The smallest has number 1: you wait for one answer more than is needed.")
def one_too_many(rule, needed, flush_ms, answers_ms):
    if rule == "async":
        return flush_ms
    return told.solution(rule, needed + 1, flush_ms, answers_ms)


@told.misread("“any” takes the quickest, not the slowest.")
def any_is_slowest(rule, needed, flush_ms, answers_ms):
    there = sorted(connected(answers_ms), reverse=True)
    if rule != "any" or len(there) < needed:
        return told.solution(rule, needed, flush_ms, answers_ms)
    return flush_ms + there[needed - 1]


@told.misread("The primary's own flush is counted once.")
def flush_twice(rule, needed, flush_ms, answers_ms):
    return told.solution(rule, needed, flush_ms, answers_ms) + flush_ms


@told.misread(
    "The primary's own flush is counted once: the standbys' answers have all else in them."
)
def flush_twice_with_standbys(rule, needed, flush_ms, answers_ms):
    right = told.solution(rule, needed, flush_ms, answers_ms)
    return right if rule == "async" else right + flush_ms


@told.misread("One flush comes before all: the log is sent to all standbys at the same time.")
def a_flush_for_each(rule, needed, flush_ms, answers_ms):
    right = told.solution(rule, needed, flush_ms, answers_ms)
    return right if rule == "async" else right + (needed - 1) * flush_ms


@told.misread("An answer's time is from the sending on, way and way back included: count it once.")
def there_and_back(rule, needed, flush_ms, answers_ms):
    if rule == "async":
        return flush_ms
    return flush_ms + 2 * told.solution(rule, needed, 0, answers_ms)


@told.misread("Where the commit hangs there is a number to return: math.inf.")
def minus_one_for_never(rule, needed, flush_ms, answers_ms):
    right = told.solution(rule, needed, flush_ms, answers_ms)
    return -1 if right == math.inf else right


@told.misread("A commit that hangs is not one that is told at once: return math.inf.")
def nought_for_never(rule, needed, flush_ms, answers_ms):
    right = told.solution(rule, needed, flush_ms, answers_ms)
    return 0 if right == math.inf else right


@told.misread("Too few are connected: it does not go on without them, it hangs, math.inf.")
def flush_for_never(rule, needed, flush_ms, answers_ms):
    right = told.solution(rule, needed, flush_ms, answers_ms)
    return flush_ms if right == math.inf else right


@told.misread("Asynchronous waits for the primary's own disk all the same.")
def async_at_once(rule, needed, flush_ms, answers_ms):
    return 0 if rule == "async" else told.solution(rule, needed, flush_ms, answers_ms)


def among(rule, needed, flush_ms, answers_ms, pick):
    there = connected(answers_ms)
    if rule == "async" or len(there) < needed:
        return told.solution(rule, needed, flush_ms, answers_ms)
    return flush_ms + pick(counted(rule, there)[:needed])


@told.misread("All of the needed must have answered: the slowest of them, not their mean.")
def mean_of_the_needed(rule, needed, flush_ms, answers_ms):
    return among(rule, needed, flush_ms, answers_ms, lambda some: sum(some) / needed)


@told.misread("All of the needed must have answered: the slowest of them, not the quickest.")
def quickest_of_the_needed(rule, needed, flush_ms, answers_ms):
    return among(rule, needed, flush_ms, answers_ms, min)


@told.misread("“first” counts from the beginning of the list, not from its end.")
def first_is_last(rule, needed, flush_ms, answers_ms):
    turned = answers_ms[::-1] if rule == "first" else answers_ms
    return told.solution(rule, needed, flush_ms, turned)


# Task 2: whom to promote ---------------------------------------------------------------------

candidate = lab.exercise(
    "candidate",
    "Whom to promote",
    Parts(name=Maybe(Text()), safe=Truth()),
    why="Promoting the wrong standby throws away writes that were confirmed by another.",
    hint="Two questions: who of those reached has the longest log, and are enough reached?",
    hints=(
        "Positions are compared as pairs: the timeline first. Python compares pairs so by itself, "
        "and max takes the first of equals.",
        "n is how many standbys there are, reached or not. Safe: needed >= 1 and reached >= n - "
        "needed + 1. With nobody reached the answer is (None, False).",
    ),
    explanation=(
        "The other standby may be the only one with the last write: each commit waited for one of "
        "the two. Start it, or at least read its disk, before you decide to lose what it has."
    ),
)


def standbys_of(rng, count, spread):
    place, standbys = 1_000, []
    for name in rng.permutation(["amber", "birch", "cedar", "dune", "elm", "fir", "gale"])[:count]:
        timeline, number = int(rng.integers(1, 3)), place + int(rng.integers(-spread, spread + 1))
        standbys.append((str(name), (timeline, number) if rng.random() < 0.75 else None))
    return standbys


@candidate.ask
def ask_candidate(rng):
    count = int(rng.integers(2, 6))
    return standbys_of(rng, count, 3), int(rng.integers(0, count + 1))


@candidate.ask_widely
def ask_candidate_widely(rng):
    count = int(rng.integers(1, 8))
    return standbys_of(rng, count, int(rng.integers(1, 999))), int(rng.integers(0, count + 1))


@candidate.edges
def candidate_edges():
    return {
        "two, both reached": ([("b", (1, 900)), ("c", (1, 950))], 1),
        "two, one reached": ([("b", (1, 900)), ("c", None)], 1),
        "both needed, one reached": ([("b", None), ("c", (1, 950))], 2),
        "asynchronous": ([("b", (1, 900)), ("c", (1, 950))], 0),
        "a newer timeline with a smaller number": ([("b", (1, 999)), ("c", (2, 500))], 1),
        "equal logs": ([("dune", (1, 900)), ("birch", (1, 900))], 1),
        "nobody reached": ([("b", None), ("c", None)], 1),
        "two of five needed, four reached": (
            [("b", (1, 8)), ("c", (1, 9)), ("d", None), ("e", (1, 7)), ("f", (1, 9))],
            2,
        ),
        "two of five needed, three reached": (
            [("b", (1, 8)), ("c", (1, 9)), ("d", None), ("e", (1, 7)), ("f", None)],
            2,
        ),
        "three of four needed, two reached": (
            [("b", (1, 8)), ("c", None), ("d", (1, 9)), ("e", None)],
            3,
        ),
        "one standby": ([("b", (1, 8))], 1),
        "a log at its beginning": ([("b", None), ("c", (1, 0))], 2),
        "nobody reached, asynchronous": ([("b", None)], 0),
        "nobody reached, all confirmed": ([("b", None), ("c", None)], 2),
        "three logs that are equal": (
            [("cedar", (1, 9)), ("dune", (1, 9)), ("birch", (1, 9)), ("amber", None)],
            2,
        ),
        "the newer timeline comes second": (
            [("b", (1, 9)), ("c", (2, 3)), ("d", (2, 5)), ("e", (1, 7))],
            1,
        ),
    }


@candidate.words
def candidate_in_words(standbys, needed):
    return f"standbys={standbys}, needed={needed}"


@candidate.otherwise
def why_candidate(got, standbys, needed):
    name, safe = candidate.solution(standbys, needed)
    reached = sum(position is not None for _, position in standbys)
    if name is None:
        return "Nobody is reached: there is no name to give, which is None, and nothing is safe."
    if got[0] != name:
        return f"Of those reached, {name} has the longest log, or is the first with one as long."
    return (
        f"{reached} of {len(standbys)} are reached, and each write was confirmed by {needed}: "
        f"{'enough' if safe else 'not enough'} to be sure."
    )


@candidate.solve
def whom_to_promote(standbys, needed):
    """Take the longest log of those reached, and say whether a write can be on none of them.

    Each confirmed write is on `needed` of n. Whoever asks n - needed + 1 meets one that has it.
    """
    reached = [(name, position) for name, position in standbys if position is not None]
    if not reached:
        return None, False
    name, _ = max(reached, key=lambda one: one[1])
    return name, needed >= 1 and len(reached) >= len(standbys) - needed + 1


@candidate.solve_otherwise
def whom_to_promote(standbys, needed):
    """Walk through them; safe if those that are missing are fewer than those that confirmed."""
    best, missing = None, 0
    for one in standbys:
        if one[1] is None:
            missing += 1
        elif best is None or one[1] > best[1]:
            best = one
    return (best[0] if best else None), best is not None and missing < needed


def reached_of(standbys):
    return [(name, position) for name, position in standbys if position is not None]


def longest(standbys, key=lambda one: one[1]):
    reached = reached_of(standbys)
    return max(reached, key=key)[0] if reached else None


def safe_if(standbys, enough):
    reached = len(reached_of(standbys))
    return longest(standbys), bool(reached and enough(reached, len(standbys)))


@candidate.misread("The timeline comes first: a log of an older timeline is not longer.")
def by_number(standbys, needed):
    name = longest(standbys, key=lambda one: one[1][1])
    return name, candidate.solution(standbys, needed)[1]


@candidate.misread("Not the first that answers, but the one with the longest log.")
def first_reached(standbys, needed):
    reached = reached_of(standbys)
    name = reached[0][0] if reached else None
    return name, candidate.solution(standbys, needed)[1]


@candidate.misread("Of equal logs the first of the list is asked for, not the last.")
def last_of_equals(standbys, needed):
    name = longest(standbys[::-1])
    return name, candidate.solution(standbys, needed)[1]


@candidate.misread("Of equal logs the first of the list is asked for, whatever the names are.")
def by_name(standbys, needed):
    name = longest(sorted(standbys, key=lambda one: one[0]))
    return name, candidate.solution(standbys, needed)[1]


@candidate.misread("As many as confirm are not enough to ask: they may be others than those.")
def as_many_as_confirm(standbys, needed):
    return safe_if(standbys, lambda reached, n: needed >= 1 and reached >= needed)


@candidate.misread("A majority is for electing. Here it counts how many confirmed each write.")
def majority(standbys, needed):
    return safe_if(standbys, lambda reached, n: needed >= 1 and reached > n / 2)


@candidate.misread("Those that you do not reach count as well: the write may be on them alone.")
def counts_the_reached(standbys, needed):
    return safe_if(standbys, lambda reached, n: needed >= 1)


@candidate.misread("Asynchronous is never safe: a confirmed write may be on no standby at all.")
def async_is_safe(standbys, needed):
    return safe_if(standbys, lambda reached, n: reached >= n - max(needed, 1) + 1)


@candidate.misread("Name the longest log also where it is not safe: a human decides then.")
def no_name(standbys, needed):
    name, safe = candidate.solution(standbys, needed)
    return (name if safe else None), safe


@candidate.misread("One too few: those that you ask and those that confirmed must share one.")
def one_too_few(standbys, needed):
    return safe_if(standbys, lambda reached, n: needed >= 1 and reached >= n - needed)


@candidate.misread("It need not be all: with more than one confirmation some may be missing.")
def all_of_them(standbys, needed):
    return safe_if(standbys, lambda reached, n: needed >= 1 and reached == n)


@candidate.misread("None is not reached: it cannot be promoted, however alone you are.")
def unreached_too(standbys, needed):
    name = max(standbys, key=lambda one: one[1] or (0, 0))[0]
    return name, candidate.solution(standbys, needed)[1]


@candidate.misread("That is the shortest log. It lacks the most.")
def shortest(standbys, needed):
    reached = reached_of(standbys)
    name = min(reached, key=lambda one: one[1])[0] if reached else None
    return name, candidate.solution(standbys, needed)[1]


@candidate.misread("Of equal logs the place in the list decides, not the last by the alphabet.")
def by_name_backwards(standbys, needed):
    name = longest(standbys, key=lambda one: (one[1], one[0]))
    return name, candidate.solution(standbys, needed)[1]


@candidate.misread("Within a timeline the number counts: compare both, the timeline first.")
def by_timeline_alone(standbys, needed):
    name = longest(standbys, key=lambda one: one[1][0])
    return name, candidate.solution(standbys, needed)[1]


@candidate.misread(
    "A timeline is no amount: do not add it to the number. Compare one, then the other."
)
def by_the_sum(standbys, needed):
    name = longest(standbys, key=lambda one: sum(one[1]))
    return name, candidate.solution(standbys, needed)[1]


@candidate.misread("One fewer is enough: the primary is none of those that you have to ask.")
def one_too_careful(standbys, needed):
    return safe_if(standbys, lambda reached, n: needed >= 1 and reached >= n - needed + 2)


@candidate.misread("With nobody reached nothing is safe, however many confirmed.")
def safe_with_nobody(standbys, needed):
    name, safe = candidate.solution(standbys, needed)
    return name, safe or (name is None and needed == len(standbys))


@candidate.misread("Position 0 is a position. Only None is not reached.")
def nought_is_not_reached(standbys, needed):
    seen = [(n, None if p is None or not p[1] else p) for n, p in standbys]
    return candidate.solution(seen, needed)


@candidate.misread("It is not always safe: a write may be on those alone that you do not reach.")
def always_safe(standbys, needed):
    return longest(standbys), True


@candidate.misread(
    "Sometimes it is safe: with enough of them reached, one surely has the last write."
)
def never_safe(standbys, needed):
    return longest(standbys), False


@candidate.misread("They need not have the same log: one of those reached has the last write.")
def safe_if_alike(standbys, needed):
    alike = len({position for _, position in standbys}) == 1
    return longest(standbys), needed >= 1 and alike and candidate.solution(standbys, needed)[1]


@candidate.misread("Count all that you reach, not only those with the longest log.")
def counts_the_longest(standbys, needed):
    reached = [position for _, position in reached_of(standbys)]
    last = reached.count(max(reached, default=None))
    safe = needed >= 1 and bool(reached) and last >= len(standbys) - needed + 1
    return longest(standbys), safe


# Task 3: when the alarm rings ----------------------------------------------------------------

alarm = lab.exercise(
    "alarm",
    "When the alarm rings",
    Maybe(Number(unit="s")),
    why="An alarm that rings in each quiet night is switched off before the night that counts.",
    hint="Carry one thing from look to look: since when it has been bad without a break.",
    hints=(
        "A look is bad if the standby is missing, or the difference is more than limit_mb. A good "
        "look makes you forget since when.",
        "At a bad look: if `since` is None, set it to this time. If time - since >= patience_s, "
        "return this time. At the end of the list return None.",
    ),
    explanation=(
        "A missing row is the worst case: nothing arrives, and nobody counts what is missing. A "
        "query on the standby knows only what has arrived, so it is silent just then."
    ),
)


@alarm.ask
def ask_alarm(rng):
    return looks_of(rng, int(rng.integers(6, 14))), 16, int(rng.choice([0, 2, 3, 5]))


@alarm.ask_widely
def ask_alarm_widely(rng):
    looks = looks_of(rng, int(rng.integers(0, 50)))
    return looks, int(rng.integers(0, 60)), int(rng.integers(0, 30))


def looks_of(rng, count):
    looks, time_s, end = [], 0, int(rng.integers(0, 90))
    behind = 0
    for _ in range(count):
        time_s += int(rng.integers(1, 4))
        end += int(rng.integers(0, 12))
        if rng.random() < 0.6:
            behind = int(rng.choice([0, 3, 15, 16, 17, 40]))
        there = None if rng.random() < 0.2 else max(0, end - behind)
        looks.append((time_s, end, there))
    return looks


@alarm.edges
def alarm_edges():
    def looks(*behind, end=100, every=2):
        return [
            (every * i, end + i, None if b is None else end + i - b)
            for i, b in enumerate(behind, start=1)
        ]

    return {
        "behind for some time": (looks(0, 20, 30, 40, 50, 60), 16, 4),
        "a short hill": (looks(0, 20, 30, 0, 0, 0), 16, 4),
        "two hills, each too short": (looks(20, 20, 0, 20, 20, 0), 16, 4),
        "exactly at the limit": (looks(16, 16, 16, 16), 16, 2),
        "exactly long enough": (looks(17, 17, 17, 0), 16, 4),
        "the standby is missing": (looks(0, None, None, None, None), 16, 4),
        "missing, then behind": (looks(0, None, 40, None, 40), 16, 4),
        "missing while the log is short": (looks(0, None, None, None, end=1), 16, 2),
        "behind, and patience is 0": (looks(0, 0, 20, 20), 16, 0),
        "looks that come seldom": (looks(20, 20, 20, every=10), 16, 15),
        "quiet all night": (looks(0, 0, 0, 0, 0), 16, 4),
        "no look": ([], 16, 4),
        "the limit is 0": (looks(0, 1, 1, 1), 0, 2),
        "bad from time 0 on": ([(0, 50, 20), (3, 51, 20), (6, 52, 20), (9, 53, 53)], 16, 6),
        "bad again after the alarm": (looks(20, 20, 20, 0, 20, 20, 20, 20), 16, 4),
        "at the beginning of its log": ([(2, 0, 0), (4, 1, 0), (6, 1, 0), (8, 2, 0)], 16, 4),
        "catching up, and still behind": (looks(60, 50, 40, 30, 20, 0), 16, 6),
        "after a long good time": (looks(0, 0, 0, 0, 20, 20, 0), 16, 4),
    }


@alarm.words
def alarm_in_words(looks, limit_mb, patience_s):
    shown = f"{looks}" if len(looks) < 9 else f"{len(looks)} looks, beginning {looks[:4]}"
    return f"looks={shown}, limit_mb={limit_mb}, patience_s={patience_s}"


@alarm.otherwise
def why_alarm(got, looks, limit_mb, patience_s):
    right = alarm.solution(looks, limit_mb, patience_s)
    if right is None:
        return "No stretch of bad looks is that long, from its first look to its last."
    since = right
    for time_s, end, there in reversed(looks):
        if time_s <= right:
            if not bad(end, there, limit_mb):
                break
            since = time_s
    return f"The looks are bad from {since} s on without a break; at {right} s for long enough."


@alarm.solve
def alarm_at_s(looks, limit_mb, patience_s):
    """Carry the time since which it is bad; a good look forgets it.

    A standby that is missing is bad however little was written: it will never be less.
    """
    since = None
    for time_s, primary_mb, standby_mb in looks:
        if standby_mb is not None and primary_mb - standby_mb <= limit_mb:
            since = None
            continue
        since = time_s if since is None else since
        if time_s - since >= patience_s:
            return time_s
    return None


@alarm.solve_otherwise
def alarm_at_s(looks, limit_mb, patience_s):
    """Ask at each look whether all looks of some stretch that ends here were bad."""
    wrong = [there is None or end - there > limit_mb for _, end, there in looks]
    for last, (time_s, _, _) in enumerate(looks):
        first = last
        while first > 0 and wrong[first - 1]:
            first -= 1
        if wrong[last] and time_s - looks[first][0] >= patience_s:
            return time_s
    return None


def bad(end, there, limit_mb):
    return there is None or end - there > limit_mb


def rings(looks, limit_mb, patience_s, *, wrong=bad, enough=None, told=None):
    since = None
    for time_s, end, there in looks:
        if not wrong(end, there, limit_mb):
            since = None
            continue
        since = time_s if since is None else since
        if (enough or (lambda t, s, p: t - s >= p))(time_s, since, patience_s):
            return (told or (lambda t, s, p: t))(time_s, since, patience_s)
    return None


@alarm.misread("A standby that is missing is bad: nothing arrives there, and nobody counts it.")
def missing_is_good(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, patience_s, wrong=lambda e, t, m: t is not None and e - t > m)


@alarm.misread("A look without the standby is a bad one, and not one to leave out.")
def missing_left_out(looks, limit_mb, patience_s):
    return rings([look for look in looks if look[2] is not None], limit_mb, patience_s)


@alarm.misread("Missing is not position 0: where the log is short, that would pass for good.")
def missing_is_nought(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, patience_s, wrong=lambda e, t, m: e - (t or 0) > m)


@alarm.misread("Missing and behind are both bad: going from one to the other is no break.")
def two_kinds_of_bad(looks, limit_mb, patience_s):
    since, kind = None, None
    for time_s, end, there in looks:
        if not bad(end, there, limit_mb):
            since = kind = None
            continue
        if kind != (there is None):
            since, kind = time_s, there is None
        if time_s - since >= patience_s:
            return time_s
    return None


@alarm.misread("patience_s is a time between looks, and no number of looks.")
def more_looks_than_patience(looks, limit_mb, patience_s):
    count = 0
    for time_s, end, there in looks:
        count = count + 1 if bad(end, there, limit_mb) else 0
        if count > patience_s:
            return time_s
    return None


@alarm.misread("The last look counts as well: it may be the one that rings.")
def without_the_last(looks, limit_mb, patience_s):
    return rings(looks[:-1], limit_mb, patience_s)


@alarm.misread("Time 0 is a time, too: ask whether you have one by `is None`.")
def nought_is_no_time(looks, limit_mb, patience_s):
    since = 0
    for time_s, end, there in looks:
        if bad(end, there, limit_mb):
            since = since or time_s
            if time_s - since >= patience_s:
                return time_s
        else:
            since = 0
    return None


@alarm.misread("Exactly limit_mb is allowed. Only more is bad.")
def at_the_limit(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, patience_s, wrong=lambda e, t, m: t is None or e - t >= m)


@alarm.misread("It rings once it has been bad for patience_s, not at the first bad look.")
def at_once(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, 0)


@alarm.misread("In a row: a good look in between makes the time begin anew.")
def in_total(looks, limit_mb, patience_s):
    since = None
    for time_s, end, there in looks:
        if bad(end, there, limit_mb):
            since = time_s if since is None else since
            if time_s - since >= patience_s:
                return time_s
    return None


@alarm.misread("Exactly patience_s is long enough.")
def longer_than(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, patience_s, enough=lambda t, s, p: t - s > p or p == 0)


@alarm.misread("Asked is when it rings, not since when it has been bad.")
def since_when(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, patience_s, told=lambda t, s, p: s)


@alarm.misread("Nobody looks between two looks: it rings at a look.")
def between_looks(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, patience_s, told=lambda t, s, p: s + p)


@alarm.misread("The time counts from the first bad look, not from the good one before it.")
def from_the_last_good(looks, limit_mb, patience_s):
    good_s = None
    for time_s, end, there in looks:
        if not bad(end, there, limit_mb) or good_s is None:
            good_s = time_s
        if bad(end, there, limit_mb) and time_s - good_s >= patience_s:
            return time_s
    return None


@alarm.misread("patience_s are seconds, not a number of looks.")
def counts_looks(looks, limit_mb, patience_s):
    count = 0
    for time_s, end, there in looks:
        count = count + 1 if bad(end, there, limit_mb) else 0
        if count and count >= patience_s:
            return time_s
    return None


@alarm.misread("Asked is the first time that it rings, not the last.")
def the_last_time(looks, limit_mb, patience_s):
    found, since = None, None
    for time_s, end, there in looks:
        since = (time_s if since is None else since) if bad(end, there, limit_mb) else None
        if since is not None and time_s - since >= patience_s:
            found = time_s
    return found


@alarm.misread("Bad is who is behind the primary by more than the limit, wherever it stands.")
def position_alone(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, patience_s, wrong=lambda e, t, m: t is None or t > m)


@alarm.misread("0 is a position: the standby is there. Only None is missing.")
def position_nought(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, patience_s, wrong=lambda e, t, m: not t or e - t > m)


@alarm.misread("Exactly patience_s is long enough, and 0 s is so at the first bad look.")
def longer_than_any(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, patience_s, enough=lambda t, s, p: t - s > p)


@alarm.misread("With patience 0 it rings at the first bad look: even that one is 0 s long.")
def nought_at_the_second(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, patience_s, enough=lambda t, s, p: t > s and t - s >= p)


@alarm.misread("With patience 0 it rings at once, and not never.")
def nought_never(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, patience_s) if patience_s else None


@alarm.misread("A missing standby is bad like one that is behind: it needs patience, too.")
def missing_rings_at_once(looks, limit_mb, patience_s):
    missing = [time_s for time_s, _, there in looks if there is None]
    found = rings(looks, limit_mb, patience_s)
    return min([*missing[:1], *([] if found is None else [found])], default=None)


@alarm.misread("Catching up is still behind: a look is bad by more than limit_mb, growing or not.")
def only_while_it_grows(looks, limit_mb, patience_s):
    since, before = None, None
    for time_s, end, there in looks:
        behind = None if there is None else end - there
        grows = before is None or behind is None or behind >= before
        before = behind
        since = None if not (bad(end, there, limit_mb) and grows) else since
        if bad(end, there, limit_mb) and grows:
            since = time_s if since is None else since
            if time_s - since >= patience_s:
                return time_s
    return None


def in_place_of_none(value):
    def answer(looks, limit_mb, patience_s):
        found = rings(looks, limit_mb, patience_s)
        return value if found is None else found

    return answer


@alarm.misread("Where it never rings no time will do, not an infinite one either: None.")
def infinite_for_never(*question):
    return in_place_of_none(math.inf)(*question)


@alarm.misread("0 is a time. Where it never rings, return None.")
def nought_for_no_time(*question):
    return in_place_of_none(0)(*question)


@alarm.misread("Where it never rings no number will do: None, and not -1.")
def minus_one_for_no_time(*question):
    return in_place_of_none(-1)(*question)


@alarm.misread("Asked for is the time of the look, and not its place in the list.")
def place_of_the_look(looks, limit_mb, patience_s):
    found = rings(looks, limit_mb, patience_s)
    return None if found is None else [time_s for time_s, _, _ in looks].index(found)


@alarm.misread("Asked is when it rings, not how long it has been bad by then.")
def how_long(looks, limit_mb, patience_s):
    return rings(looks, limit_mb, patience_s, told=lambda t, s, p: t - s)


@alarm.misread("At a good look it does not ring: the stretch is over, and was too short.")
def one_look_later(looks, limit_mb, patience_s):
    since = None
    for time_s, end, there in looks:
        if since is not None and time_s - since >= patience_s:
            return time_s
        since = (time_s if since is None else since) if bad(end, there, limit_mb) else None
    return None


@alarm.misread("The first look counts as well: it may be bad already.")
def without_the_first(looks, limit_mb, patience_s):
    return rings(looks[1:], limit_mb, patience_s)


@alarm.misread("The end of the list is no alarm: bad for less than patience_s is not long enough.")
def at_the_end(looks, limit_mb, patience_s):
    found = rings(looks, limit_mb, patience_s)
    if found is None and looks and bad(*looks[-1][1:], limit_mb):
        return looks[-1][0]
    return found


# Task 4: the runbook -------------------------------------------------------------------------

runbook = lab.exercise(
    "runbook",
    "The runbook",
    ListOf(Text(), "step"),
    why="At three in the morning nobody thinks. What the runbook says is what happens.",
    hint="Keep one number: for how many steps in a row the primary has not answered.",
    hints=(
        "If the primary answers: the number is 0 again, and you rejoin the first fenced one, or "
        "wait. If it does not: one more, and below patience you wait.",
        "Then: not in fenced, so fence it. Else take the standbys, all servers but the primary, in "
        "the order of the list, and ask your whom_to_promote. If it is safe, promote; else wait.",
    ),
    explanation=(
        "It begins to count from 0, so it acts later, but does nothing wrong: who is fenced, who "
        "is primary and who has what it reads from the servers, and keeps nothing else in mind."
    ),
)
THREE = ["a", "b", "c"]


@runbook.ask
def ask_runbook(rng):
    servers = [
        str(name) for name in rng.permutation(["a", "b", "c", "d"])[: int(rng.choice([3, 4]))]
    ]
    needed = int(rng.integers(1, len(servers)))
    return servers, needed, int(rng.integers(1, 5)), events_of(rng, servers, 22), 24


@runbook.ask_widely
def ask_runbook_widely(rng):
    names = [f"server-{i}" for i in rng.permutation(9)]
    servers = names[: int(rng.integers(2, 6))]
    needed = int(rng.integers(1, len(servers)))
    return servers, needed, int(rng.integers(1, 7)), events_of(rng, servers, 36), 40


def events_of(rng, servers, until):
    """Kill, repair, cut, join, hide and show at random; the first server is the likeliest."""
    events, pairs = [], [("kill", "start"), ("kill", "start"), ("cut", "join"), ("hide", "show")]
    for _ in range(int(rng.integers(1, 5))):
        worse, better = pairs[int(rng.integers(len(pairs)))]
        place = 0 if rng.random() < 0.5 else int(rng.integers(len(servers)))
        begin = int(rng.integers(2, until))
        events.append((begin, worse, servers[place]))
        if rng.random() < 0.6:
            events.append((begin + int(rng.integers(1, 12)), better, servers[place]))
    if rng.random() < 0.4:
        events.append((int(rng.integers(3, until)), "operator", ""))
    return sorted(events)


@runbook.edges
def runbook_edges():
    five = ["e", "d", "c", "b", "a"]
    return {
        "the primary dies, and is repaired": (
            THREE,
            1,
            3,
            [(4, "kill", "a"), (12, "start", "a")],
            16,
        ),
        "the primary lives, and is only hidden": (THREE, 1, 3, [(4, "hide", "a")], 14),
        "hidden for too short a time": (THREE, 1, 3, [(4, "hide", "a"), (6, "show", "a")], 12),
        "hidden twice for a short time": (
            THREE,
            1,
            3,
            [(3, "hide", "a"), (5, "show", "a"), (6, "hide", "a"), (8, "show", "a")],
            14,
        ),
        "it answers again, and the power goes off": (
            THREE,
            1,
            3,
            [(3, "hide", "a"), (6, "show", "a")],
            16,
        ),
        "a standby dies": (THREE, 1, 2, [(3, "kill", "b")], 10),
        "the second standby has the longer log": (
            THREE,
            1,
            2,
            [(2, "cut", "b"), (6, "kill", "a"), (7, "join", "b")],
            16,
        ),
        "one of two standbys is dead as well": (
            THREE,
            1,
            2,
            [(3, "kill", "a"), (3, "kill", "b"), (12, "start", "b")],
            18,
        ),
        "both had to confirm": (THREE, 2, 2, [(3, "kill", "a"), (3, "kill", "b")], 14),
        "nobody answers for a while": (
            THREE,
            1,
            2,
            [*((3, "hide", name) for name in THREE), (9, "show", "b"), (9, "show", "c")],
            16,
        ),
        "the runbook dies while it counts": (
            THREE,
            1,
            4,
            [(3, "kill", "a"), (5, "operator", "")],
            16,
        ),
        "the runbook dies after the fence": (
            THREE,
            1,
            3,
            [(3, "kill", "a"), (7, "operator", ""), (14, "start", "a")],
            20,
        ),
        "another runbook after a promotion": (
            THREE,
            1,
            2,
            [(3, "kill", "a"), (8, "start", "a"), (12, "operator", ""), (14, "kill", "b")],
            24,
        ),
        "the second primary dies, too": (
            THREE,
            1,
            2,
            [(3, "kill", "a"), (8, "start", "a"), (12, "kill", "b")],
            22,
        ),
        "an old primary with a longer log comes back": (
            THREE,
            1,
            2,
            [(8, "cut", "b"), (9, "kill", "a"), (16, "start", "a"), (16, "join", "b")],
            26,
        ),
        "five servers in another order, two deaths": (
            five,
            3,
            2,
            [(3, "kill", "e"), (14, "kill", "d"), (24, "start", "e"), (24, "start", "d")],
            32,
        ),
        "two are fenced, the second before the first": (
            ["a", "b", "c", "d", "e"],
            3,
            2,
            [(3, "kill", "a"), (9, "start", "a"), (14, "kill", "b"), (24, "kill", "a")],
            34,
        ),
        "a longer log of an older timeline": (
            ["a", "c", "b", "d"],
            3,
            2,
            [
                (3, "cut", "b"),
                (3, "cut", "d"),
                (12, "cut", "c"),
                (12, "kill", "c"),
                (12, "kill", "a"),
                (12, "join", "b"),
                (12, "join", "d"),
                (16, "start", "c"),
                (18, "kill", "b"),
            ],
            26,
        ),
        "the new primary dies at once": (THREE, 1, 3, [(4, "kill", "a"), (9, "kill", "b")], 18),
        "patience of one step": (["b", "a"], 1, 1, [(2, "kill", "b"), (9, "start", "b")], 13),
        "a quiet night": (THREE, 1, 3, [], 6),
    }


@runbook.words
def runbook_in_words(servers, needed, patience, events, steps):
    shown = ", ".join(f"{step}: {what} {server}".strip() for step, what, server in events)
    return (
        f"servers={servers}, needed={needed}, patience={patience}; {shown or 'nothing happens'}; "
        f"{steps} steps"
    )


@runbook.run
def drive(answer, servers, needed, patience, events, steps):
    """Let the runbook look after the replicated store, and keep what it says at each step."""
    return play(answer, servers, needed, patience, events, steps)[0]


runbook.scene(
    "Servers in the care of your runbook; one second is one step. The case:",
    until_s=until_s,
)(own_runbook)


@runbook.otherwise
def why_runbook(got, servers, needed, patience, events, steps):
    right, _, _ = play(runbook.solution, servers, needed, patience, events, steps)
    if len(got) != len(right):
        return None
    place = next(i for i, (mine, truth) in enumerate(zip(got, right, strict=True)) if mine != truth)
    verb, _, server = str(got[place]).partition(" ")
    if verb not in ("wait", "fence", "promote", "rejoin") or (verb != "wait") != (
        server in servers
    ):
        return (
            f"{got[place]!r} is no action: say 'wait', or a verb and a server, such as 'fence a'."
        )
    seen = _Watch(runbook.solution)
    play(seen, servers, needed, patience, events, place + 1)
    primary, positions, fenced = seen.last
    answers = ", ".join(f"{n} {'-' if p is None else p}" for n, p in positions.items())
    return (
        f"Step {place + 1}: primary {primary}, fenced {fenced or 'nobody'}, positions {answers}. "
        f"You say {got[place]!r}."
    )


class _Watch:
    """Makes the runbooks of another, and keeps what they saw last."""

    def __init__(self, make):
        self.make, self.last = make, None

    def __call__(self, *arguments):
        self.inner = self.make(*arguments)
        return self

    def step(self, *view):
        self.last = view
        return self.inner.step(*view)


@runbook.solve
class Runbook:
    """Count the primary's silent steps; all else is read from the servers anew at each step.

    So a runbook that dies can be started anew at any moment: it only counts from 0 again. The
    fence comes before the promotion, for a silent primary may be alive.
    """

    def __init__(self, servers, needed, patience):
        self.servers, self.needed, self.patience = servers, needed, patience
        self.silent = 0

    def step(self, primary, positions, fenced):
        if positions[primary] is not None:
            self.silent = 0
            waiting = [server for server in self.servers if server in fenced]
            return f"rejoin {waiting[0]}" if waiting else "wait"
        self.silent += 1
        if self.silent < self.patience:
            return "wait"
        if primary not in fenced:
            return f"fence {primary}"
        standbys = [(name, positions[name]) for name in self.servers if name != primary]
        name, safe = whom_to_promote(standbys, self.needed)
        return f"promote {name}" if safe else "wait"


@runbook.solve_otherwise
class Runbook:
    """Count down instead of up, and look for the best standby by hand."""

    def __init__(self, servers, needed, patience):
        self.servers, self.patience, self.left = tuple(servers), patience, patience
        self.least = len(servers) - needed

    def step(self, primary, positions, fenced):
        if positions[primary]:
            self.left = self.patience
            return next((f"rejoin {one}" for one in self.servers if one in fenced), "wait")
        self.left -= 1
        if self.left > 0:
            return "wait"
        if primary not in fenced:
            return "fence " + primary
        bids = [
            (positions[one], -place, one)
            for place, one in enumerate(self.servers)
            if one != primary and positions[one] is not None
        ]
        return f"promote {max(bids)[2]}" if len(bids) >= self.least else "wait"


class Wrong:
    """A runbook with one step of the right one changed by those below."""

    def __init__(self, servers, needed, patience):
        self.servers, self.needed, self.patience = servers, needed, patience
        self.silent = 0

    def answers(self, primary, positions):
        return positions[primary] is not None

    def back(self, primary, fenced):
        waiting = [server for server in self.servers if server in fenced]
        self.silent = 0
        return f"rejoin {waiting[0]}" if waiting else "wait"

    def impatient(self):
        return self.silent >= self.patience

    def fence(self, primary, fenced):
        return f"fence {primary}" if primary not in fenced else None

    def choose(self, standbys):
        return whom_to_promote(standbys, self.needed)

    def step(self, primary, positions, fenced):
        if self.answers(primary, positions):
            return self.back(primary, fenced)
        self.silent += 1
        if not self.impatient():
            return "wait"
        order = self.fence(primary, fenced)
        if order:
            return order
        name, safe = self.choose([(s, positions[s]) for s in self.servers if s != primary])
        return f"promote {name}" if safe else "wait"


@runbook.misread("A silent primary may be alive, and take writes: fence it before you promote.")
class NoFence(Wrong):
    def fence(self, primary, fenced):
        return None


@runbook.misread("One missing answer is no death: wait for as many silent steps as patience says.")
class NoPatience(Wrong):
    def impatient(self):
        return True


@runbook.misread("Silent steps in a row: an answer in between makes the count begin anew.")
class NeverForgets(Wrong):
    def back(self, primary, fenced):
        silent = self.silent
        action = super().back(primary, fenced)
        self.silent = silent
        return action


@runbook.misread("The step that makes the count reach patience is the one to act, not the next.")
class OneLater(Wrong):
    def impatient(self):
        return self.silent > self.patience


@runbook.misread("An order is no fence: promote only once its name is in `fenced`.")
class TrustsTheOrder(Wrong):
    ordered = False

    def fence(self, primary, fenced):
        if primary in fenced or self.ordered:
            return None
        self.ordered = True
        return f"fence {primary}"


@runbook.misread("Repeat the order until its name is in `fenced`: it may not have arrived.")
class OrdersOnce(Wrong):
    ordered = ""

    def fence(self, primary, fenced):
        if primary in fenced:
            return None
        if self.ordered == primary:
            return "wait"
        self.ordered = primary
        return f"fence {primary}"

    def back(self, primary, fenced):
        self.ordered = ""
        return super().back(primary, fenced)


@runbook.misread("Promote the standby with the longest log, not the first that answers.")
class FirstThatAnswers(Wrong):
    def choose(self, standbys):
        return first_reached(standbys, self.needed)


@runbook.misread("Of equal logs the first in `servers` is asked for: not the last, nor by name.")
class LastOfEquals(Wrong):
    def choose(self, standbys):
        return last_of_equals(standbys, self.needed)


@runbook.misread("Too few standbys answer: a confirmed write may be on one that does not. Wait.")
class PromotesAnyhow(Wrong):
    def choose(self, standbys):
        name = longest(standbys)
        return name, name is not None


@runbook.misread("The primary is no standby: do not count it among those that must answer.")
class CountsThePrimary(Wrong):
    def choose(self, standbys):
        name, _ = whom_to_promote(standbys, self.needed)
        enough = len(reached_of(standbys)) >= len(self.servers) - self.needed + 1
        return name, enough


@runbook.misread(
    "Fence the silent primary also if nobody else answers: others may still write to it."
)
class WaitsIfNobodyAnswers(Wrong):
    def fence(self, primary, fenced):
        order = super().fence(primary, fenced)
        return "wait" if order and not self.somebody else order

    def step(self, primary, positions, fenced):
        self.somebody = any(position is not None for position in positions.values())
        return super().step(primary, positions, fenced)


@runbook.misread(
    "The fence comes first, whether a standby is safe or not: that is asked afterwards."
)
class AsksBeforeTheFence(Wrong):
    def step(self, primary, positions, fenced):
        action = super().step(primary, positions, fenced)
        standbys = [(s, positions[s]) for s in self.servers if s != primary]
        if action.startswith("fence") and not self.choose(standbys)[1]:
            return "wait"
        return action


@runbook.misread("As many answers as `needed` are not yet safe: the others may have confirmed.")
class NeededAnswer(Wrong):
    def choose(self, standbys):
        return longest(standbys), len(reached_of(standbys)) >= self.needed


@runbook.misread("What is not safe does not become safe by waiting: a human decides, however late.")
class LosesPatience(Wrong):
    def choose(self, standbys):
        name, safe = super().choose(standbys)
        late = self.silent > self.patience + 10
        first = next((name for name, position in standbys if position is not None), None)
        return (first, True) if late and first and not safe else (name, safe)


@runbook.misread("Of several that are fenced the first of `servers` rejoins, not the last.")
class LastRejoins(Wrong):
    def back(self, primary, fenced):
        waiting = [server for server in self.servers if server in fenced]
        self.silent = 0
        return f"rejoin {waiting[-1]}" if waiting else "wait"


@runbook.misread("A fenced server stays off until you let it rejoin the new primary.")
class NobodyRejoins(Wrong):
    def back(self, primary, fenced):
        self.silent = 0
        return "wait"


@runbook.misread("The fenced one is still the primary by name. Promote another before it rejoins.")
class RejoinsTooSoon(Wrong):
    def fence(self, primary, fenced):
        return f"rejoin {primary}" if primary in fenced else f"fence {primary}"


@runbook.misread("Let the one rejoin that is first in the list of servers, whatever its name.")
class RejoinsByName(Wrong):
    def back(self, primary, fenced):
        self.silent = 0
        return f"rejoin {sorted(fenced)[0]}" if fenced else "wait"


@runbook.misread("After a promotion another is the primary: look at the name that comes in.")
class FirstIsPrimary(Wrong):
    def step(self, primary, positions, fenced):
        return super().step(self.servers[0], positions, fenced)


@runbook.misread(
    "Who is the primary comes in at each step: the standbys are all others of `servers`."
)
class StandbysFromTheSecond(Wrong):
    def step(self, primary, positions, fenced):
        self.primary = primary
        return super().step(primary, positions, fenced)

    def choose(self, standbys):
        rest = [(name, position) for name, position in standbys if name != self.servers[0]]
        old = [(self.primary, None)] if self.primary != self.servers[0] else []
        return whom_to_promote(
            sorted(rest + old, key=lambda one: self.servers.index(one[0])), self.needed
        )


@runbook.misread(
    "Another runbook may have promoted before yours was made: take the primary that comes in."
)
class KeepsThePrimary(Wrong):
    def step(self, primary, positions, fenced):
        self.primary = getattr(self, "primary", self.servers[0])
        action = super().step(self.primary, positions, fenced)
        if action.startswith("promote"):
            self.primary = action.split()[1]
        return action


@runbook.misread("A standby that is silent is no reason to fence the primary.")
class AnySilence(Wrong):
    def answers(self, primary, positions):
        return None not in positions.values()


@runbook.misread("A new runbook begins to count at 0: keep the count in the object, not the class.")
class SharedCount(Wrong):
    total = 0

    def impatient(self):
        SharedCount.total += 1
        return SharedCount.total >= self.patience

    def back(self, primary, fenced):
        SharedCount.total = 0
        return super().back(primary, fenced)


@runbook.misread("Let the one rejoin that comes first in `servers`, not in `fenced`.")
class RejoinsByFence(Wrong):
    def back(self, primary, fenced):
        self.silent = 0
        return f"rejoin {fenced[0]}" if fenced else "wait"


@runbook.misread("The timeline comes first: a longer number of an older timeline is no longer log.")
class PromotesByNumber(Wrong):
    def choose(self, standbys):
        return by_number(standbys, self.needed)


@runbook.misread(
    "The count goes on over a promotion: it is of steps, whoever is the primary in them."
)
class CountsAnewAfterAPromotion(Wrong):
    primary = None

    def step(self, primary, positions, fenced):
        if primary != self.primary:
            self.silent, self.primary = 0, primary
        return super().step(primary, positions, fenced)


@runbook.misread(
    "The patience is for the fence, too: one silent step is no reason to power it off."
)
class FencesAtOnce(Wrong):
    def step(self, primary, positions, fenced):
        if positions[primary] is None and primary not in fenced:
            self.silent += 1
            return f"fence {primary}"
        return super().step(primary, positions, fenced)


@runbook.misread(
    "Fenced or not, the count comes first: a new runbook waits for patience before it promotes."
)
class PromotesTheFencedAtOnce(Wrong):
    def step(self, primary, positions, fenced):
        if primary in fenced:
            self.silent = self.patience
        return super().step(primary, positions, fenced)


@runbook.misread("The order to fence does not begin the count anew: the primary is still silent.")
class CountsAnewAfterTheFence(Wrong):
    def fence(self, primary, fenced):
        order = super().fence(primary, fenced)
        if order:
            self.silent = 0
        return order


@runbook.misread("A promotion is said once. At the next step look at what is there, by the rules.")
class PromotesTwice(Wrong):
    again = ""

    def step(self, primary, positions, fenced):
        if self.again:
            again, self.again = self.again, ""
            return again
        action = super().step(primary, positions, fenced)
        self.again = action if action.startswith("promote") else ""
        return action


@runbook.misread("While the primary is silent nobody rejoins: whom should he follow?")
class RejoinsInTheSilence(Wrong):
    def step(self, primary, positions, fenced):
        waiting = [server for server in self.servers if server in fenced and server != primary]
        if waiting and positions[primary] is None:
            self.silent += 1
            return f"rejoin {waiting[0]}"
        return super().step(primary, positions, fenced)


@runbook.misread(
    "The patience is over once it is fenced: promote at the next step, do not wait again."
)
class WaitsAgain(Wrong):
    fenced_for = 0

    def step(self, primary, positions, fenced):
        off = primary in fenced and not self.answers(primary, positions)
        self.fenced_for = self.fenced_for + 1 if off else 0
        if 0 < self.fenced_for < self.patience:
            self.silent += 1
            return "wait"
        return super().step(primary, positions, fenced)


@runbook.misread("Each write is confirmed by `needed`, which comes in: it need not be one.")
class NeededIsOne(Wrong):
    def choose(self, standbys):
        return whom_to_promote(standbys, 1)


@runbook.misread("patience comes in: it need not be three.")
class PatienceIsThree(Wrong):
    def impatient(self):
        return self.silent >= 3


@runbook.misread(
    "A standby that is silent keeps nobody from rejoining: only the primary must answer."
)
class RejoinsIfAllAnswer(Wrong):
    def back(self, primary, fenced):
        action = super().back(primary, fenced)
        return action if self.all_answer else "wait"

    def step(self, primary, positions, fenced):
        self.all_answer = all(positions[s] is not None for s in self.servers if s not in fenced)
        return super().step(primary, positions, fenced)


@runbook.misread("An order to a primary that answers again is not repeated: rule 1 comes first.")
class FencesToTheEnd(Wrong):
    fencing = False

    def step(self, primary, positions, fenced):
        if self.fencing and primary not in fenced:
            return f"fence {primary}"
        action = super().step(primary, positions, fenced)
        self.fencing = action.startswith("fence")
        return action
