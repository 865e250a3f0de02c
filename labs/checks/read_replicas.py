"""Exercises of the lab on read replicas."""

import math

import numpy as np

from scalelab.course.chapters.read_replicas.scenes import own_router, until_s
from scalelab.course.check import Lab
from scalelab.course.kinds import ListOf, Number, Text
from scalelab.real.limits import call

lab = Lab("read_replicas")

# Task 1: a window from measured lags ---------------------------------------------------------

window = lab.exercise(
    "window",
    "A window from measured lags",
    Number(unit="ms"),
    why="A window that is too short brings the tickets back; one too long loads the primary.",
    hint="How many of the lags are longer than a window? Try the windows from the shortest on.",
    hints=(
        "A None is longer than any window. Count it among the late ones, always.",
        "For w in [0, *sorted lags]: late = how many lags are longer than w, or None. The first w "
        "with late * one_in <= len(lags_ms) is it. If there is none, return math.inf.",
    ),
    explanation=(
        "The lags were measured at night, when nothing imports. By day, in an import, replay is "
        "behind, and the percentiles of the night say nothing about it. Measure at the worst hour."
    ),
)


@window.ask
def ask_window(rng):
    count = int(rng.integers(8, 30))
    lags = [int(lag) for lag in rng.choice([2, 3, 5, 8, 12, 20, 40, 75, 160, 900], count)]
    if rng.random() < 0.4:
        lags[int(rng.integers(count))] = None
    return lags, int(rng.choice([2, 3, 4, 5, 10]))


@window.ask_widely
def ask_window_widely(rng):
    count = int(rng.integers(1, 60))
    lags = [int(lag) if rng.random() < 0.9 else None for lag in rng.integers(1, 500, count)]
    return lags, int(rng.integers(1, 100))


@window.edges
def window_edges():
    return {
        "eight lags, one in four": ([5, 3, 40, 8, 2, 12, 75, 9], 4),
        "one that never came": ([5, 3, None, 8, 2, 12, 75, 9], 4),
        "too many that never came": ([5, None, None, 8, 2, None, 75, 9], 4),
        "equal lags": ([4, 4, 4, 4, 90, 4, 4, 4], 8),
        "all may be late": ([5, 3, 8, 12, 9, 40, 7, 6, 11, 75, 4, 2], 1),
        "one in a hundred of a few": ([5, 3, 8, 7], 100),
        "one lag": ([30], 2),
        "none came": ([None, None], 3),
        "exactly one in three": ([7, 50, 7, 60, 7, 7], 3),
        "seven lags, one in two": ([6, 1, 4, 7, 2, 5, 3], 2),
    }


@window.words
def window_in_words(lags_ms, one_in):
    return f"lags_ms={lags_ms}, one_in={one_in}"


@window.otherwise
def why_window(got, lags_ms, one_in):
    right, most = window.solution(lags_ms, one_in), len(lags_ms) // one_in
    if right == 0:
        return window.meaning("never_zero")
    if got not in (0, math.inf, *known(lags_ms)):
        return f"{got:g} is neither 0 nor one of the lags, so a shorter window does the same."
    late = later_than(lags_ms)(got)
    if late > most:
        return f"{late} of {len(lags_ms)} are longer than {got:g}, and {most} may be."
    return f"A shorter one will do: {later_than(lags_ms)(right)} are longer than {right}."


@window.solve
def window_ms(lags_ms, one_in):
    """Try 0 and each lag in order: the first with few enough lags beyond it is the shortest."""
    for candidate in [0, *sorted(lag for lag in lags_ms if lag is not None)]:
        late = sum(lag is None or lag > candidate for lag in lags_ms)
        if late * one_in <= len(lags_ms):
            return candidate
    return math.inf


@window.solve_otherwise
def window_ms(lags_ms, one_in):
    """Sort with the missing ones at the end, and step over as many from the end as may be late."""
    ordered = sorted(math.inf if lag is None else lag for lag in lags_ms)
    allowed = len(ordered) // one_in
    return 0 if allowed >= len(ordered) else ordered[len(ordered) - 1 - allowed]


def known(lags_ms):
    return sorted(lag for lag in lags_ms if lag is not None)


def first_that_fits(lags_ms, one_in, late, candidates=None):
    for candidate in [0, *known(lags_ms)] if candidates is None else candidates:
        if late(candidate) * one_in <= len(lags_ms):
            return candidate
    return math.inf


def later_than(lags_ms):
    return lambda w: sum(lag is None or lag > w for lag in lags_ms)


@window.misread("A read that comes exactly after the lag sees the write: such a lag is not late.")
def equal_is_late(lags_ms, one_in):
    return first_that_fits(
        lags_ms, one_in, lambda w: sum(lag is None or lag >= w for lag in lags_ms if lag != 0)
    )


@window.misread("None is a write that was not seen at all: later than any window, not left out.")
def without_the_missing(lags_ms, one_in):
    lags = known(lags_ms)
    for candidate in [0, *lags]:
        if sum(lag > candidate for lag in lags) * one_in <= len(lags):
            return candidate
    return math.inf


@window.misread("None does not mean at once. It means that nobody saw the write come.")
def missing_is_zero(lags_ms, one_in):
    lags = [lag or 0 for lag in lags_ms]
    return first_that_fits(lags, one_in, later_than(lags))


@window.misread("That is the longest lag: nobody would be late. One in so many may be.")
def the_longest(lags_ms, one_in):
    return math.inf if None in lags_ms else max(lags_ms)


@window.misread("The mean says nothing about how many are longer. Count those beyond the window.")
def the_mean(lags_ms, one_in):
    lags = known(lags_ms)
    return sum(lags) / len(lags) if lags else math.inf


@window.misread("A percentile between two lags is no lag: the shortest window is 0 or one of them.")
def interpolated(lags_ms, one_in):
    lags = [1e9 if lag is None else lag for lag in lags_ms]
    value = float(np.percentile(lags, 100 * (1 - 1 / one_in)))
    return math.inf if value > 1e6 else value


@window.misread("Where all may be late, no window is needed: 0 is an answer, too.")
def never_zero(lags_ms, one_in):
    return first_that_fits(lags_ms, one_in, later_than(lags_ms), known(lags_ms))


@window.misread("Exactly one in so many is allowed: you leave one late lag fewer than you may.")
def one_fewer(lags_ms, one_in):
    for candidate in [0, *known(lags_ms)]:
        if later_than(lags_ms)(candidate) * one_in < len(lags_ms):
            return candidate
    return math.inf


@window.misread("Round down: with half a write more, more than one in one_in would be late.")
def one_more(lags_ms, one_in):
    ordered = sorted(math.inf if lag is None else lag for lag in lags_ms)
    place = len(ordered) - 1 - math.ceil(len(ordered) / one_in)
    return ordered[place] if place >= 0 else 0


@window.misread("You count from the wrong end: so many are shorter than your window, not longer.")
def from_the_short_end(lags_ms, one_in):
    lags = known(lags_ms)
    place = len(lags_ms) // one_in
    return lags[min(place, len(lags) - 1)] if lags else math.inf


@window.misread("The unit is ms, as that of the lags, and not seconds.")
def in_seconds(lags_ms, one_in):
    return window.solution(lags_ms, one_in) / 1e3


@window.misread("The lags come in the order of measuring. Sort them before you count off.")
def unsorted(lags_ms, one_in):
    lags = [math.inf if lag is None else lag for lag in lags_ms]
    allowed = len(lags) // one_in
    return 0 if allowed >= len(lags) else lags[len(lags) - 1 - allowed]


@window.misread("No window is long enough where too many never came: that is math.inf.")
def longest_known(lags_ms, one_in):
    value = window.solution(lags_ms, one_in)
    lags = known(lags_ms)
    return value if value != math.inf else (lags[-1] if lags else 0)


# Task 2: a replica that applies a log --------------------------------------------------------

replay = lab.exercise(
    "replay",
    "A replica that applies a log",
    ListOf(Number(unit="s"), "write"),
    why="Lag is not distance: it is the line in front of the one process that applies.",
    hint="Keep one number from write to write: when the process is free again.",
    hints=(
        "A write can begin when it has arrived (commit + delay) and the one before it is done: the "
        "later of the two.",
        "If that moment lies in the report, begin <= moment < end, it moves to the report's end. "
        "The write is shown, and the process free, work_s after it begins.",
    ),
    explanation=(
        "Apply the import's writes in parts, with pauses, so that other writes get in between; or "
        "apply with several processes, where the database can. A second replica has the same line."
    ),
)


def log_of(rng, count, tick):
    commits = np.cumsum(rng.integers(0, 6, count)) * tick
    return [(float(t), float(rng.integers(0, 7)) * tick) for t in commits]


@replay.ask
def ask_replay(rng):
    log = log_of(rng, int(rng.integers(5, 14)), 0.125)
    begin = float(rng.integers(0, 30)) * 0.125
    report = (begin, begin + float(rng.integers(1, 16)) * 0.125) if rng.random() < 0.6 else None
    return log, float(rng.integers(0, 5)) * 0.125, report


@replay.ask_widely
def ask_replay_widely(rng):
    log = log_of(rng, int(rng.integers(0, 60)), 0.03125)
    begin = float(rng.integers(0, 200)) * 0.03125
    report = (begin, begin + float(rng.integers(1, 90)) * 0.03125) if rng.random() < 0.7 else None
    return log, float(rng.integers(0, 20)) * 0.03125, report


@replay.edges
def replay_edges():
    burst = [(0.0, 0.5), (0.0, 0.5), (0.25, 0.5), (4.0, 0.25)]
    return {
        "a burst, then one": (burst, 0.25, None),
        "a report over the burst": (burst, 0.25, (0.5, 2.0)),
        "a report that begins as a write would": ([(0.0, 0.5), (0.0, 0.5)], 0.0, (0.5, 1.0)),
        "a report that ends as a write would begin": ([(1.0, 0.5)], 0.0, (0.5, 1.0)),
        "a write in the middle of which a report begins": (
            [(0.0, 1.0), (0.0, 1.0)],
            0.0,
            (0.5, 1.5),
        ),
        "a report after all": (burst, 0.0, (9.0, 10.0)),
        "a write that arrives before a report and waits into it": (
            [(0.0, 1.0), (0.25, 0.5)],
            0.0,
            (0.75, 2.0),
        ),
        "a write that takes no time": ([(0.0, 0.0), (0.0, 0.5), (0.0, 0.0)], 0.5, None),
        "no delay, no line": ([(0.0, 0.125), (1.0, 0.125)], 0.0, None),
        "nothing": ([], 0.25, (0.0, 1.0)),
    }


@replay.words
def replay_in_words(log, delay_s, report):
    shown = f"log={log}" if len(log) < 7 else f"a log of {len(log)} writes, beginning {log[:3]}"
    return f"{shown}, delay_s={delay_s:g}, report={report}"


@replay.otherwise
def why_replay(got, log, delay_s, report):
    if len(got) != len(log):
        return "There is one time for each write of the log, in its order."
    right = applied(log, delay_s, report)
    wrong = [not math.isclose(a, b, abs_tol=1e-9) for a, b in zip(got, right, strict=True)]
    place = wrong.index(True)
    (commit_s, work_s), free_s = log[place], right[place - 1] if place else None
    before = f", the one before is done at {free_s:g} s" if place else ""
    begin_s = right[place] - work_s
    return (
        f"Write {place + 1} arrives at {commit_s + delay_s:g} s{before}. It begins at "
        f"{begin_s:g} s and takes {work_s:g} s."
    )


@replay.solve
def shown_at_s(log, delay_s, report):
    """Carry the moment from which the process is free through the log.

    A write begins at the latest of its arrival and that moment; the report may move it once more.
    Distance is only in the arrival: all that makes lag grow is in the line.
    """
    free_s, shown = 0.0, []
    for commit_s, work_s in log:
        begin_s = max(commit_s + delay_s, free_s)
        if report is not None and report[0] <= begin_s < report[1]:
            begin_s = report[1]
        free_s = begin_s + work_s
        shown.append(free_s)
    return shown


@replay.solve_otherwise
def shown_at_s(log, delay_s, report):
    """Begin each write at the latest of three: arrival, the one before, the report's end."""
    start_s, end_s = report or (math.inf, math.inf)
    shown = []
    for commit_s, work_s in log:
        ready_s = max([commit_s + delay_s, *shown[-1:]])
        held = start_s <= ready_s and not ready_s >= end_s
        shown.append((end_s if held else ready_s) + work_s)
    return shown


def applied(log, delay_s, report, *, held=None):
    free_s, shown = 0.0, []
    for commit_s, work_s in log:
        arrived_s = commit_s + delay_s
        begin_s = max(arrived_s, free_s)
        if report is not None and (held or _held)(arrived_s, begin_s, report):
            begin_s = report[1]
        free_s = begin_s + work_s
        shown.append(free_s)
    return shown


def _held(_arrived_s, begin_s, report):
    return report[0] <= begin_s < report[1]


@replay.misread("One process applies them, one after another: a write waits for the one before it.")
def no_line(log, delay_s, report):
    shown = []
    for commit_s, work_s in log:
        begin_s = commit_s + delay_s
        if report and report[0] <= begin_s < report[1]:
            begin_s = report[1]
        shown.append(begin_s + work_s)
    return shown


@replay.misread("Asked is when each write is shown, on the clock. That is how long it took.")
def lags(log, delay_s, report):
    shown = applied(log, delay_s, report)
    return [s - commit for s, (commit, _) in zip(shown, log, strict=True)]


@replay.misread("The log takes delay_s to come to the replica. Nothing can be applied before.")
def no_delay(log, delay_s, report):
    return applied(log, 0.0, report)


@replay.misread(
    "The report holds the replay back: a write that would begin in it waits for its end."
)
def report_ignored(log, delay_s, report):
    return applied(log, delay_s, None)


@replay.misread("A write that has begun goes on through the report. Only beginning is held back.")
def stopped_in_the_middle(log, delay_s, report):
    free_s, shown = 0.0, []
    for commit_s, work_s in log:
        begin_s = max(commit_s + delay_s, free_s)
        if report and report[0] <= begin_s < report[1]:
            begin_s = report[1]
        free_s = begin_s + work_s
        if report and begin_s < report[0] < free_s:
            free_s += report[1] - report[0]
        shown.append(free_s)
    return shown


@replay.misread("The delay is that of the wire, and passes while others are applied. Add it once.")
def delay_after_the_line(log, delay_s, report):
    free_s, shown = 0.0, []
    for commit_s, work_s in log:
        begin_s = max(commit_s, free_s) + delay_s
        if report and report[0] <= begin_s < report[1]:
            begin_s = report[1]
        free_s = begin_s + work_s
        shown.append(free_s)
    return shown


@replay.misread(
    "What counts is when a write would begin, not when it arrived: it may wait till then."
)
def held_by_arrival(log, delay_s, report):
    return applied(log, delay_s, report, held=lambda a, b, r: r[0] <= a < r[1] and b < r[1])


@replay.misread("A write that would begin as the report begins is held back, too.")
def begins_with_the_report(log, delay_s, report):
    return applied(log, delay_s, report, held=lambda a, b, r: r[0] < b < r[1])


@replay.misread("That is when each write begins. It is shown when its work is done.")
def beginnings(log, delay_s, report):
    shown = applied(log, delay_s, report)
    return [s - work for s, (_, work) in zip(shown, log, strict=True)]


@replay.misread("Between writes the process is idle: the next cannot begin before it has arrived.")
def never_idle(log, delay_s, report):
    free_s, shown = (log[0][0] + delay_s if log else 0.0), []
    for _, work_s in log:
        if report and report[0] <= free_s < report[1]:
            free_s = report[1]
        free_s += work_s
        shown.append(free_s)
    return shown


# Task 3: what unlike replicas can be promised ------------------------------------------------

promise = lab.exercise(
    "promise",
    "What replicas can be promised",
    Number(unit="reads/s"),
    why="What you promise must hold on the day when one replica is gone.",
    hint="First the room of each replica for reads. Then: which loss is the worst?",
    hints=(
        "The room of a replica is node_per_s * limit - replay * writes_per_s, and never below 0.",
        "With even shares every replica gets as much as the one with the least room, and one is "
        "lost: (n - 1) times that. By room, all rooms together, without the largest.",
    ),
    explanation=(
        "With even shares the weakest replica sets the pace of all, so a strong one beside it is "
        "money for nothing. By room each is used, but losing the largest costs the most."
    ),
)


@promise.ask
def ask_promise(rng):
    nodes = [int(n) * 1_000 for n in rng.integers(4, 13, int(rng.integers(2, 6)))]
    writes = int(rng.integers(1, 9)) * 250
    return nodes, writes, float(rng.choice([0.25, 0.5, 1.0])), 0.75, bool(rng.random() < 0.5)


@promise.ask_widely
def ask_promise_widely(rng):
    nodes = [int(n) for n in rng.integers(100, 20_000, int(rng.integers(1, 9)))]
    return (
        nodes,
        int(rng.integers(0, 9_000)),
        float(rng.choice([0.0, 0.25, 0.5, 1.0])),
        float(rng.choice([0.5, 0.7, 0.75, 1.0])),
        bool(rng.random() < 0.5),
    )


@promise.edges
def promise_edges():
    return {
        "the forum of the page": ([10_000, 10_000, 10_000], 2_000, 0.5, 0.75, True),
        "the same, by room": ([10_000, 10_000, 10_000], 2_000, 0.5, 0.75, False),
        "an old one among new ones": ([12_000, 4_000, 12_000], 2_000, 0.5, 0.75, True),
        "the old one by room": ([12_000, 4_000, 12_000], 2_000, 0.5, 0.75, False),
        "one that is full of replay": ([12_000, 1_000, 12_000], 2_000, 0.5, 0.75, True),
        "one that is full of replay, by room": ([12_000, 1_000, 12_000], 2_000, 0.5, 0.75, False),
        "a single replica": ([12_000], 1_000, 0.5, 0.75, True),
        "a single replica, by room": ([12_000], 1_000, 0.5, 0.75, False),
        "no writes": ([8_000, 6_000], 0, 0.5, 0.75, False),
        "all full of replay": ([1_000, 1_000], 4_000, 0.5, 0.75, False),
    }


@promise.words
def promise_in_words(nodes_per_s, writes_per_s, replay_cost, limit, even):
    return (
        f"nodes_per_s={nodes_per_s}, writes_per_s={writes_per_s}, replay_cost={replay_cost:g}, "
        f"limit={limit:g}, even={even}"
    )


@promise.otherwise
def why_promise(got, nodes_per_s, writes_per_s, replay_cost, limit, even):
    rooms = rooms_of(nodes_per_s, writes_per_s, replay_cost, limit)
    if len(rooms) == 1:
        return promise.meaning("one_cannot_fail")
    shown = ", ".join(f"{room:g}" for room in rooms)
    worst_loss = "any but the weakest" if even else f"the one with {max(rooms):g}"
    return f"The rooms are {shown}. The worst loss is {worst_loss}."


@promise.solve
def reads_promised(nodes_per_s, writes_per_s, replay_cost, limit, even):
    """Find the room of each, then take away the replica that is missed most.

    With even shares that is any but the weakest, which still sets the pace; by room, the largest.
    """
    rooms = [max(0, node * limit - replay_cost * writes_per_s) for node in nodes_per_s]
    return (len(rooms) - 1) * min(rooms) if even else sum(rooms) - max(rooms)


@promise.solve_otherwise
def reads_promised(nodes_per_s, writes_per_s, replay_cost, limit, even):
    """Lose each in turn, and keep the least of what the others carry."""
    carried = []
    for lost in range(len(nodes_per_s)):
        rooms = [
            max(0.0, node * limit - replay_cost * writes_per_s)
            for i, node in enumerate(nodes_per_s)
            if i != lost
        ]
        carried.append(len(rooms) * min(rooms, default=0.0) if even else sum(rooms))
    return min(carried)


def rooms_of(nodes, writes, replay_cost, limit):
    return [max(0, node * limit - replay_cost * writes) for node in nodes]


def worst(rooms, even):
    return (len(rooms) - 1) * min(rooms) if even else sum(rooms) - max(rooms)


@promise.misread("One replica may fail. You promise what all of them together carry.")
def all_there(nodes_per_s, writes_per_s, replay_cost, limit, even):
    rooms = rooms_of(nodes_per_s, writes_per_s, replay_cost, limit)
    return len(rooms) * min(rooms) if even else sum(rooms)


@promise.misread(
    "The worst loss counts, and by room that is the largest replica, not the smallest."
)
def loses_the_smallest(nodes_per_s, writes_per_s, replay_cost, limit, even):
    rooms = sorted(rooms_of(nodes_per_s, writes_per_s, replay_cost, limit))[1:]
    return len(rooms) * min(rooms, default=0) if even else sum(rooms)


@promise.misread("No replica may be busier than the limit. You have filled them to the brim.")
def no_limit(nodes_per_s, writes_per_s, replay_cost, limit, even):
    return worst(rooms_of(nodes_per_s, writes_per_s, replay_cost, 1.0), even)


@promise.misread("Each replica applies the writes as well, before it has room for reads.")
def no_replay(nodes_per_s, writes_per_s, replay_cost, limit, even):
    return worst(rooms_of(nodes_per_s, 0, replay_cost, limit), even)


@promise.misread("Every replica applies all writes. They are not divided among the replicas.")
def divides_the_writes(nodes_per_s, writes_per_s, replay_cost, limit, even):
    share = writes_per_s / len(nodes_per_s)
    return worst(rooms_of(nodes_per_s, share, replay_cost, limit), even)


@promise.misread("A replayed write costs replay_cost of a read here, not a whole one.")
def whole_writes(nodes_per_s, writes_per_s, replay_cost, limit, even):
    return worst(rooms_of(nodes_per_s, writes_per_s, 1.0, limit), even)


@promise.misread("With even shares each gets as many as the weakest can take, however large it is.")
def always_by_room(nodes_per_s, writes_per_s, replay_cost, limit, even):
    return worst(rooms_of(nodes_per_s, writes_per_s, replay_cost, limit), False)


@promise.misread(
    "By room a strong replica takes more than a weak one. The weakest is no limit then."
)
def always_even(nodes_per_s, writes_per_s, replay_cost, limit, even):
    return worst(rooms_of(nodes_per_s, writes_per_s, replay_cost, limit), True)


@promise.misread(
    "The limit is of the whole replica: apply it first, and subtract the replay from that."
)
def limit_of_the_rest(nodes_per_s, writes_per_s, replay_cost, limit, even):
    rooms = [max(0, (node - replay_cost * writes_per_s) * limit) for node in nodes_per_s]
    return worst(rooms, even)


@promise.misread("A replica full of replay has no room, which is 0. It takes none from the others.")
def negative_room(nodes_per_s, writes_per_s, replay_cost, limit, even):
    rooms = [node * limit - replay_cost * writes_per_s for node in nodes_per_s]
    return worst(rooms, even)


@promise.misread(
    "With even shares a replica without room gets its share as well, so nobody gets any."
)
def drops_the_full(nodes_per_s, writes_per_s, replay_cost, limit, even):
    rooms = [r for r in rooms_of(nodes_per_s, writes_per_s, replay_cost, limit) if r > 0]
    return worst(rooms, even) if rooms else 0


@promise.misread("`even` is the other way round: True is the same number of reads for each.")
def even_upside_down(nodes_per_s, writes_per_s, replay_cost, limit, even):
    return worst(rooms_of(nodes_per_s, writes_per_s, replay_cost, limit), not even)


@promise.misread("A single replica has nobody to take over when it fails: the promise is 0.")
def one_cannot_fail(nodes_per_s, writes_per_s, replay_cost, limit, even):
    rooms = rooms_of(nodes_per_s, writes_per_s, replay_cost, limit)
    return rooms[0] if len(rooms) == 1 else worst(rooms, even)


@promise.misread(
    "One of them may fail: take it away first. By room, the weakest does not set the pace either."
)
def weakest_times_all(nodes_per_s, writes_per_s, replay_cost, limit, even):
    rooms = rooms_of(nodes_per_s, writes_per_s, replay_cost, limit)
    return len(rooms) * min(rooms)


@promise.misread("Not the mean replica fails but, in the worst case, the largest.")
def mean_loss(nodes_per_s, writes_per_s, replay_cost, limit, even):
    rooms = rooms_of(nodes_per_s, writes_per_s, replay_cost, limit)
    return worst(rooms, True) if even else sum(rooms) * (len(rooms) - 1) / len(rooms)


# Task 4: a router that keeps comments in sight -----------------------------------------------

router = lab.exercise(
    "router",
    "A router for readers who write",
    ListOf(Text(), "read"),
    why="An author who does not find the own comment writes it again, or writes to you.",
    hint="Keep two things: where each user wrote last, and how many reads each replica had.",
    hints=(
        "In wrote, keep the user's largest position, whatever the device. In read, a replica "
        "is good if it is up and has applied at least that position; 0 for who never wrote.",
        "Of the good replicas take min(..., key=reads so far); min takes the first of equals. "
        "Count the read. If none is good, return 'primary'.",
    ),
    explanation=(
        "The reader has no position of that write. Put it into the link that the author sends, or "
        "keep a position by thread and not by user: then whoever opens the thread waits for it."
    ),
)
NAMES = ("r1", "r2", "r3")
USERS, DEVICES = ("ann", "bob", "cleo"), ("laptop", "phone")


def story(rng, count, replicas, down_share):
    """Draw writes and reads; positions grow, and replicas follow at their own pace."""
    end, applied_now, events = 0, dict.fromkeys(replicas, 0), []
    for _ in range(count):
        user, device = str(rng.choice(USERS)), str(rng.choice(DEVICES))
        for name in replicas:
            applied_now[name] = int(rng.integers(applied_now[name], end + 1))
        if rng.random() < 0.35:
            end += int(rng.integers(1, 9))
            late = int(rng.integers(0, 4)) if rng.random() < 0.3 else 0
            events.append(("wrote", user, device, max(1, end - late)))
        else:
            shown = {n: None if rng.random() < down_share else p for n, p in applied_now.items()}
            events.append(("read", user, device, shown))
    return events


@router.ask
def ask_router(rng):
    return list(NAMES), story(rng, 16, NAMES, 0.1)


@router.ask_widely
def ask_router_widely(rng):
    names = [f"replica-{i}" for i in rng.permutation(9)[: int(rng.integers(1, 6))]]
    return names, story(rng, int(rng.integers(0, 60)), names, 0.2)


@router.edges
def router_edges():
    def read(user, device="laptop", **shown):
        return ("read", user, device, shown)

    def wrote(user, position, device="laptop"):
        return ("wrote", user, device, position)

    two = ["r1", "r2"]
    return {
        "one author, two replicas": (
            two,
            [
                wrote("ann", 7),
                read("ann", r1=5, r2=5),
                read("bob", r1=5, r2=5),
                read("ann", r1=5, r2=9),
                read("ann", r1=7, r2=9),
            ],
        ),
        "the phone after the laptop": (
            two,
            [wrote("ann", 7), read("ann", "phone", r1=5, r2=5), read("ann", "phone", r1=7, r2=6)],
        ),
        "exactly as far as the write": (two, [wrote("ann", 7), read("ann", r1=6, r2=7)]),
        "two writes of one user": (
            two,
            [wrote("ann", 5), wrote("ann", 9), read("ann", r1=5, r2=6), read("ann", r1=6, r2=9)],
        ),
        "another user's write": (two, [wrote("bob", 50), read("ann", r1=5, r2=5)]),
        "who never wrote": (two, [read("cleo", r1=0, r2=0), read("cleo", r1=0, r2=0)]),
        "an older position comes later": (
            two,
            [wrote("ann", 9), wrote("ann", 7, "phone"), read("ann", r1=8, r2=4)],
        ),
        "one replica is down": (
            two,
            [read("ann", r1=None, r2=3), wrote("ann", 9), read("ann", r1=None, r2=9)],
        ),
        "all are down": (two, [read("ann", r1=None, r2=None)]),
        "another order of the list": (
            ["r2", "r1"],
            [read("ann", r1=5, r2=5), read("bob", r1=5, r2=5), read("cleo", r1=5, r2=5)],
        ),
        "positions in another order than the list": (
            two,
            [read("ann", r2=5, r1=5), wrote("ann", 5), read("ann", r2=5, r1=5)],
        ),
        "a turn for each": (
            list(NAMES),
            [read("bob", r1=3, r2=9, r3=5) for _ in range(5)],
        ),
        "two users take turns": (
            two,
            [read("ann", r1=3, r2=3), read("bob", r1=3, r2=3), read("ann", r1=3, r2=3)],
        ),
        "one that has caught up on reads": (
            two,
            [read("bob", r1=3, r2=None)] * 3 + [read("bob", r1=3, r2=3)] * 4,
        ),
        "reads of the primary are no replica's": (
            two,
            [wrote("ann", 9), *[read("ann", r1=1, r2=1)] * 3, *[read("bob", r1=1, r2=1)] * 2],
        ),
        "nothing": (two, []),
    }


@router.words
def router_in_words(replicas, events):
    lines = []
    for kind, user, device, what in events[:9]:
        if kind == "wrote":
            lines.append(f"{user} ({device}) wrote at {what}")
        else:
            applied_now = ", ".join(f"{n} {'down' if p is None else p}" for n, p in what.items())
            lines.append(f"{user} ({device}) reads: {applied_now}")
    more = " ..." if len(events) > 9 else ""
    return f"{'; '.join(lines)}{more}" if lines else "no event at all"


@router.run
def drive(answer, replicas, events):
    """Make a router, tell it of every write, and note where each read goes."""
    made = call(answer, list(replicas))
    if made is ...:
        return ...
    routes = []
    for kind, user, device, what in events:
        if kind == "wrote":
            call(call(getattr, made, "wrote"), user, device, what)
        else:
            route = call(call(getattr, made, "read"), user, device, dict(what))
            if route is ...:
                return ...
            routes.append(route)
    return routes


router.scene(
    "Users whose reads go where your router says. The case:",
    until_s=until_s,
)(own_router)


@router.otherwise
def why_router(got, replicas, events):
    reads = [event for event in events if event[0] == "read"]
    if len(got) != len(reads):
        return None
    right = drive(router.solution, replicas, events)
    place = next(i for i, (mine, truth) in enumerate(zip(got, right, strict=True)) if mine != truth)
    _, user, _, shown = reads[place]
    if got[place] not in (*replicas, "primary"):
        return f"{got[place]!r} is neither one of the replicas nor 'primary'."
    so_far = events[: [i for i, event in enumerate(events) if event[0] == "read"][place]]
    least = max(
        [what for kind, who, _, what in so_far if (kind, who) == ("wrote", user)], default=0
    )
    written = f"written up to {least}" if least else "written nothing"
    known_so_far = f"Read {place + 1} of this router: {user} has {written}"
    if got[place] == "primary":
        return f"{known_so_far}. {right[place]} has that, and is up."
    if shown[got[place]] is None or shown[got[place]] < least:
        state = "is down" if shown[got[place]] is None else f"is at {shown[got[place]]}"
        return f"{known_so_far}, and {got[place]} {state}."
    mine, other = (right[:place].count(name) for name in (got[place], right[place]))
    equals = " Of equals the first of the list is due." if mine == other else ""
    return (
        f"{known_so_far}. {right[place]} will do; reads so far: {right[place]} {other}, "
        f"{got[place]} {mine}.{equals}"
    )


@router.solve
class Router:
    """Keep the largest position of each user, and how many reads each replica has had.

    By user, since a phone is the same person; the largest, since news of an older write may come
    late; and a position, since it holds at any lag, where a timer is a bet.
    """

    def __init__(self, replicas):
        self.reads = dict.fromkeys(replicas, 0)
        self.position = {}

    def wrote(self, user, device, position):
        self.position[user] = max(position, self.position.get(user, 0))

    def read(self, user, device, applied):
        needed = self.position.get(user, 0)
        good = [n for n in self.reads if applied[n] is not None and applied[n] >= needed]
        if not good:
            return "primary"
        chosen = min(good, key=self.reads.get)
        self.reads[chosen] += 1
        return chosen


@router.solve_otherwise
class Router:
    """Keep all writes and all routes, and look them up at each read."""

    def __init__(self, replicas):
        self.replicas, self.writes, self.routes = tuple(replicas), [], []

    def wrote(self, user, device, position):
        self.writes.append((user, position))

    def read(self, user, device, applied):
        own = [position for who, position in self.writes if who == user]
        least = max(own, default=-1)
        bids = [
            (self.routes.count(name), place, name)
            for place, name in enumerate(self.replicas)
            if (applied[name] if applied[name] is not None else -2) >= least
        ]
        route = min(bids)[2] if bids else "primary"
        self.routes.append(route)
        return route


class Wrong:
    """A router with one step of the right one changed by those below."""

    def __init__(self, replicas):
        self.reads = dict.fromkeys(replicas, 0)
        self.position = {}

    def who(self, user, device):
        return user

    def kept(self, old, new):
        return max(old, new)

    def wrote(self, user, device, position):
        who = self.who(user, device)
        self.position[who] = self.kept(self.position.get(who, 0), position)

    def has(self, applied, needed):
        return applied is not None and applied >= needed

    def pick(self, good, applied):
        return min(good, key=self.reads.get)

    def nobody(self, applied):
        return "primary"

    def read(self, user, device, applied):
        needed = self.position.get(self.who(user, device), 0)
        good = [name for name in self.reads if self.has(applied[name], needed)]
        if not good:
            return self.nobody(applied)
        chosen = self.pick(good, applied)
        self.reads[chosen] += 1
        return chosen


@router.misread("The phone is the same user: keep the position by user, not by device.")
class ByDevice(Wrong):
    def who(self, user, device):
        return user, device


@router.misread("A replica without the user's last write must not answer: the comment is missing.")
class AnyReplica(Wrong):
    def has(self, applied, needed):
        return applied is not None


@router.misread("A write does not bind its user to the primary for ever: replicas catch up.")
class PrimaryForEver(Wrong):
    def has(self, applied, needed):
        return applied is not None and needed == 0


@router.misread("A replica that is exactly as far as the write has it: at least, not beyond.")
class Beyond(Wrong):
    def has(self, applied, needed):
        return applied is not None and (applied > needed or needed == 0)


@router.misread("Only the user's own writes count. What others wrote may come later.")
class OneForAll(Wrong):
    def who(self, user, device):
        return "all"


@router.misread("News of an older write may come later. Keep the largest position, not the last.")
class LastHeard(Wrong):
    def kept(self, old, new):
        return new


@router.misread(
    "You always take the first replica that will do. The one with the fewest reads is due."
)
class FirstOfAll(Wrong):
    def pick(self, good, applied):
        return good[0]


@router.misread("None is a replica that is down: nobody can read there, not even who never wrote.")
class DownIsNought(Wrong):
    def has(self, applied, needed):
        return (applied or 0) >= needed


@router.misread("The one that is furthest gets all reads then. Any that has the write will do.")
class MostAdvanced(Wrong):
    def pick(self, good, applied):
        return max(good, key=lambda name: applied[name])


@router.misread(
    "Where no replica has the write, the primary has. The best of the late ones is late."
)
class BestOfTheLate(Wrong):
    def nobody(self, applied):
        up = {name: at for name, at in applied.items() if at is not None}
        return max(up, key=up.get) if up else "primary"


@router.misread("Who never wrote has nothing to wait for: any replica that is up will do.")
class NewcomersToThePrimary(Wrong):
    def has(self, applied, needed):
        return applied is not None and applied >= needed > 0


@router.misread("Among equals the first of the list is due, and your tie goes to the last.")
class TiesToTheLast(Wrong):
    def pick(self, good, applied):
        return min(reversed(good), key=self.reads.get)


@router.misread("A turn for each is not the fewest reads: one that was down has some to catch up.")
class InTurns(Wrong):
    def __init__(self, replicas):
        super().__init__(replicas)
        self.turn = -1

    def pick(self, good, applied):
        names = list(self.reads)
        for step in range(1, len(names) + 1):
            name = names[(self.turn + step) % len(names)]
            if name in good:
                self.turn = names.index(name)
                return name
        return good[0]
