"""Exercises of the lab on the limits of a larger database server."""

import math

from scalelab.course.chapters.vertical_limits.scenes import own_flushes, until_s
from scalelab.course.check import Lab
from scalelab.course.kinds import ListOf, Maybe, Number, Parts, Text, Whole
from scalelab.course.values import short

lab = Lab("vertical_limits")

# Task 1: the cheapest machine that is large enough -------------------------------------------

cheapest = lab.exercise(
    "cheapest",
    "The cheapest machine that is large enough",
    Maybe(Text()),
    why="A machine that may rest its cores most of the day is cheap until you work it.",
    hint="First strike out what is too small. What is left differs only in price.",
    hints=(
        "A machine of `cores` of which each may be busy `percent` of the time keeps "
        "cores * percent / 100 cores busy. That must be at least what is needed.",
        "min(..., key=price) gives the first of equals. Without any machine left, return None.",
    ),
    explanation=(
        "For a load that comes for an hour a day: the burstable machine saves up credits for the "
        "rest of the day and spends them then. What counts is the mean over a day, and the peak "
        "against its two cores."
    ),
)
GUIDE = [
    ("t3.small", 2, 20, 2, 30),
    ("m5.large", 2, 100, 8, 140),
    ("m5.2xlarge", 8, 100, 32, 560),
    ("m5.8xlarge", 32, 100, 128, 2_240),
    ("m5.24xlarge", 96, 100, 384, 6_720),
]


def price_list(rng, count):
    return [
        (
            f"machine {i + 1}",
            int(rng.choice([2, 4, 8, 16])),
            int(rng.choice([10, 20, 25, 50, 100])),
            int(rng.choice([4, 8, 16, 32])),
            int(rng.integers(2, 30)) * 20,
        )
        for i in range(count)
    ]


@cheapest.ask
def ask_cheapest(rng):
    machines = price_list(rng, int(rng.integers(4, 9)))
    return machines, int(rng.integers(1, 6)), int(rng.choice([2, 4, 8, 16]))


@cheapest.ask_widely
def ask_cheapest_widely(rng):
    machines = price_list(rng, int(rng.integers(0, 30)))
    return machines, int(rng.integers(0, 20)), int(rng.integers(0, 40))


@cheapest.edges
def cheapest_edges():
    return {
        "the guide's list": (GUIDE, 2, 4),
        "exactly enough": (GUIDE, 8, 32),
        "more memory than cores": (GUIDE, 2, 100),
        "more cores than memory": (GUIDE, 30, 8),
        "the burstable machine keeps enough busy": (
            [("bursts", 10, 20, 8, 90), ("works", 2, 100, 8, 140)],
            2,
            8,
        ),
        "the burstable machine does not": (
            [("bursts", 8, 20, 8, 90), ("works", 2, 100, 8, 140)],
            2,
            8,
        ),
        "not in the order of price": (
            [("a", 8, 100, 32, 500), ("b", 4, 100, 16, 200), ("c", 2, 100, 8, 300)],
            2,
            8,
        ),
        "the larger one costs less": (
            [("small and new", 4, 100, 16, 300), ("large and old", 16, 100, 64, 250)],
            3,
            10,
        ),
        "three of one price": ([(name, 4, 100, 8, 100) for name in "yxz"], 1, 1),
        "of one price, the larger one last": (
            [("a", 2, 100, 8, 100), ("b", 16, 100, 64, 100)],
            1,
            1,
        ),
        "of one price, the larger one first": (
            [("a", 16, 100, 64, 100), ("b", 2, 100, 8, 100)],
            1,
            1,
        ),
        "cheap for each core, dear in all": (
            [("wide", 32, 100, 128, 320), ("narrow", 4, 100, 16, 160)],
            4,
            16,
        ),
        "cheap for each busy core, dear in all": (
            [("narrow", 4, 100, 16, 160), ("wide", 32, 50, 128, 320)],
            4,
            16,
        ),
        "none is large enough": (GUIDE, 97, 8),
        "an empty list": ([], 1, 1),
        "nothing is needed": (GUIDE[1:], 0, 0),
        "a fraction of a core is not a whole one": (
            [("bursts", 9, 20, 8, 50), ("works", 2, 100, 8, 80)],
            2,
            4,
        ),
        "all are dear": ([("dear", 4, 100, 16, 25_000), ("dearer", 8, 100, 32, 3 * 10**9)], 2, 8),
        "many cores at 29 %": ([("bursts", 100, 29, 8, 90), ("works", 32, 100, 8, 140)], 29, 8),
    }


@cheapest.words
def cheapest_in_words(machines, cores, memory_gb):
    shown = "; ".join(f"{n}: {c} cores at {b} %, {m} GB, ${p}" for n, c, b, m, p in machines)
    return f"{cores} cores and {memory_gb} GB of: {shown or 'no machine'}"


@cheapest.otherwise
def why_cheapest(got, machines, cores, memory_gb):
    by_name = {machine[0]: machine for machine in machines}
    right = cheapest.solution(machines, cores, memory_gb)
    if got is None:
        return f"{right} is large enough."
    if got not in by_name:
        return f"{short(got)} is no machine of the list."
    _, has, percent, memory, usd = by_name[got]
    if has * percent < 100 * cores:
        return f"{got} keeps {has * percent / 100:g} cores busy, and {cores} are needed."
    if memory < memory_gb:
        return f"{got} has {memory} GB, and {memory_gb} are needed."
    return f"{right} is large enough, too, and costs {by_name[right][4]}, {got} {usd}."


@cheapest.solve
def cheapest_machine(machines, cores, memory_gb):
    """Strike out what is too small by either measure, and take the lowest price of the rest.

    What counts of a core is how long it may be busy: the price of a core is no price of work.
    """
    fit = [m for m in machines if m[1] * m[2] >= 100 * cores and m[3] >= memory_gb]
    return min(fit, key=lambda machine: machine[4])[0] if fit else None


@cheapest.solve_otherwise
def cheapest_machine(machines, cores, memory_gb):
    """Walk through the list, and keep a machine only if it is cheaper than the one kept."""
    kept, least = None, math.inf
    for name, has, percent, memory, usd in machines:
        if has * percent / 100 >= cores and memory >= memory_gb and usd < least:
            kept, least = name, usd
    return kept


def best(machines, fits, key=lambda machine: machine[4]):
    fit = [machine for machine in machines if fits(*machine)]
    return min(fit, key=key)[0] if fit else None


@cheapest.misread("A core that may be busy 20 % of the time does a fifth of a core's work.")
def virtual_cores(machines, cores, memory_gb):
    return best(machines, lambda _, c, b, m, p: c >= cores and m >= memory_gb)


@cheapest.misread("The machine needs the memory as well.")
def cores_alone(machines, cores, memory_gb):
    return best(machines, lambda _, c, b, m, p: c * b >= 100 * cores)


@cheapest.misread("The machine needs the cores as well.")
def memory_alone(machines, cores, memory_gb):
    return best(machines, lambda _, c, b, m, p: m >= memory_gb)


@cheapest.misread("Both are needed, cores and memory: one of them is not enough.")
def either(machines, cores, memory_gb):
    return best(machines, lambda _, c, b, m, p: c * b >= 100 * cores or m >= memory_gb)


@cheapest.misread("Exactly as much as is needed is enough.")
def more_than_enough(machines, cores, memory_gb):
    return best(machines, lambda _, c, b, m, p: c * b > 100 * cores and m > memory_gb)


@cheapest.misread("Of equal prices the first machine of the list is asked for.")
def last_of_equals(machines, cores, memory_gb):
    return best(machines[::-1], lambda _, c, b, m, p: c * b >= 100 * cores and m >= memory_gb)


@cheapest.misread("Of equal prices the place in the list decides, not the name.")
def by_name(machines, cores, memory_gb):
    return best(
        machines,
        lambda _, c, b, m, p: c * b >= 100 * cores and m >= memory_gb,
        key=lambda machine: (machine[4], machine[0]),
    )


@cheapest.misread("The list is in no order of price: the first that is large enough may be dear.")
def first_that_fits(machines, cores, memory_gb):
    return best(
        machines, lambda _, c, b, m, p: c * b >= 100 * cores and m >= memory_gb, key=lambda _: 0
    )


@cheapest.misread("The smallest machine is not always the cheapest.")
def smallest(machines, cores, memory_gb):
    return best(
        machines,
        lambda _, c, b, m, p: c * b >= 100 * cores and m >= memory_gb,
        key=lambda machine: machine[1],
    )


@cheapest.misread("You pay the whole machine, however little a core of it costs.")
def for_each_core(machines, cores, memory_gb):
    return best(
        machines,
        lambda _, c, b, m, p: c * b >= 100 * cores and m >= memory_gb,
        key=lambda machine: machine[4] / machine[1],
    )


@cheapest.misread("You pay the whole machine, also the busy cores that you do not need.")
def for_each_busy_core(machines, cores, memory_gb):
    return best(
        machines,
        lambda _, c, b, m, p: c * b >= 100 * cores and m >= memory_gb,
        key=lambda machine: machine[4] / (machine[1] * machine[2]),
    )


@cheapest.misread("Do not round: 9 cores at 20 % keep 1.8 cores busy, which is less than 2.")
def rounded(machines, cores, memory_gb):
    return best(machines, lambda _, c, b, m, p: math.ceil(c * b / 100) >= cores and m >= memory_gb)


@cheapest.misread(
    "Begin without a machine, not with a price that you think high: a list may have dearer ones."
)
def below_a_price(machines, cores, memory_gb):
    return best(
        machines, lambda _, c, b, m, p: c * b >= 100 * cores and m >= memory_gb and p < 10_000
    )


@cheapest.misread(
    "For a computer 100 * 0.29 is a little less than 29. Multiply the whole numbers first."
)
def shares_first(machines, cores, memory_gb):
    return best(machines, lambda _, c, b, m, p: c * (b / 100) >= cores and m >= memory_gb)


@cheapest.misread("Of equal prices the place in the list decides: a larger machine is no reason.")
def largest_of_equals(machines, cores, memory_gb):
    return best(
        machines,
        lambda _, c, b, m, p: c * b >= 100 * cores and m >= memory_gb,
        key=lambda machine: (machine[4], -machine[3]),
    )


@cheapest.misread("Of equal prices the place in the list decides: a smaller machine is no reason.")
def smallest_of_equals(machines, cores, memory_gb):
    return best(
        machines,
        lambda _, c, b, m, p: c * b >= 100 * cores and m >= memory_gb,
        key=lambda machine: (machine[4], machine[3]),
    )


@cheapest.misread("Where no machine is left the answer is None itself, and no empty text.")
def empty_for_none(machines, cores, memory_gb):
    return cheapest.solution(machines, cores, memory_gb) or ""


@cheapest.misread("To need 0 is no reason to return nothing: every machine has that much.")
def none_for_nothing(machines, cores, memory_gb):
    return cheapest.solution(machines, cores, memory_gb) if memory_gb else None


@cheapest.misread("Where no machine is large enough, none is asked for: None.")
def largest_instead(machines, cores, memory_gb):
    right = cheapest.solution(machines, cores, memory_gb)
    return right if right or not machines else max(machines, key=lambda m: m[1] * m[2])[0]


# Task 2: what a flush takes along -------------------------------------------------------------

flushes = lab.exercise(
    "flushes",
    "What a flush takes along",
    ListOf(Number(unit="ms"), "record"),
    why="This one line of waiting is the limit of most databases that write.",
    hint="Take the records one by one only to ask: is it in the flush that begins now?",
    hints=(
        "Keep the moment at which the disk is free. The next flush begins at the later of that and "
        "of the first record that waits.",
        "All records with ready <= begin are in it, and on the disk at begin + flush_ms. That is "
        "also when the disk is free again. Go on with the first record after them.",
    ),
    explanation=(
        "The slow disk: more records wait when its flush begins, so that each flush carries more. "
        "With many clients throughput falls far less than the disk is slower; each single client "
        "waits for the whole flush, and longer."
    ),
)


@flushes.ask
def ask_flushes(rng):
    count = int(rng.integers(6, 14))
    return sorted(int(t) for t in rng.integers(0, 40, count)), int(rng.integers(3, 8))


@flushes.ask_widely
def ask_flushes_widely(rng):
    count = int(rng.integers(0, 60))
    return sorted(int(t) for t in rng.integers(0, 200, count)), int(rng.integers(1, 12))


@flushes.edges
def flushes_edges():
    return {
        "one comes, three more meanwhile": ([2, 3, 5, 6, 20], 5),
        "one record": ([3], 4),
        "far apart": ([0, 10, 25], 4),
        "ready when the flush before ends": ([0, 4, 5], 4),
        "ready at one moment": ([1, 1, 1], 3),
        "ready at one moment, and during the flush": ([1, 1, 3, 3, 3], 4),
        "one each ms": (list(range(10)), 4),
        "not at a multiple of the flush": ([3, 5, 12, 17, 18], 5),
        "the disk rests between": ([0, 1, 9, 10], 4),
        "the shortest flush": ([0, 1, 2, 2], 1),
        "two at the start": ([0, 0], 4),
        "none": ([], 4),
    }


@flushes.words
def flushes_in_words(ready_ms, flush_ms):
    shown = ready_ms if len(ready_ms) < 16 else f"{len(ready_ms)} records from {ready_ms[:3]} on"
    return f"ready_ms={shown}, flush_ms={flush_ms}"


flushes.scene(
    "Records that wait for the log disk, and when your function says they are on it. The case:",
    until_s=until_s,
)(own_flushes)


@flushes.otherwise
def why_flushes(got, ready_ms, flush_ms):
    if len(got) != len(ready_ms):
        return "There is one time for each record, in their order."
    right = flushes.solution(ready_ms, flush_ms)
    place = next(i for i, (a, b) in enumerate(zip(got, right, strict=True)) if a != b)
    begin = right[place] - flush_ms
    return (
        f"Record {place + 1} is ready at {ready_ms[place]} ms. The first flush that begins then or "
        f"later begins at {begin} ms."
    )


@flushes.solve
def on_disk_ms(ready_ms, flush_ms):
    """Let one flush begin after the other, each with all that wait, and go on behind them.

    The disk knows no orders, only flushes: how many share one is decided by who waits.
    """
    done, free = [], 0
    while len(done) < len(ready_ms):
        begin = max(free, ready_ms[len(done)])
        free = begin + flush_ms
        done += [free for ready in ready_ms[len(done) :] if ready <= begin]
    return done


@flushes.solve_otherwise
def on_disk_ms(ready_ms, flush_ms):
    """Ask of each record whether the flush that is planned takes it, or plan the next."""
    begin, done = -math.inf, []
    for ready in ready_ms:
        if ready > begin:
            begin = max(ready, begin + flush_ms)
        done.append(begin + flush_ms)
    return done


def flushed(ready_ms, flush_ms, *, joins=lambda ready, begin: ready <= begin):
    done, free = [], 0
    while len(done) < len(ready_ms):
        begin, free = max(free, ready_ms[len(done)]), 0
        free = begin + flush_ms
        taken = [r for i, r in enumerate(ready_ms[len(done) :]) if i == 0 or joins(r, begin)]
        done += [free] * len(taken)
    return done


@flushes.misread("A flush takes along all records that wait, not one: group commit.")
def one_each(ready_ms, flush_ms):
    done = []
    for ready in ready_ms:
        done.append(max([ready, *done[-1:]]) + flush_ms)
    return done


@flushes.misread("The disk does one flush at a time. Who is ready during one waits until it ends.")
def at_once(ready_ms, flush_ms):
    return [ready + flush_ms for ready in ready_ms]


@flushes.misread("Who is ready when a flush has begun is not in it, and waits for the next.")
def joins_late(ready_ms, flush_ms):
    return flushed(ready_ms, flush_ms, joins=lambda ready, begin: ready < begin + flush_ms)


@flushes.misread("A record that is ready exactly when a flush begins is in it.")
def strictly_before(ready_ms, flush_ms):
    return flushed(ready_ms, flush_ms, joins=lambda ready, begin: ready < begin)


@flushes.misread(
    "Flushes are not on a timetable: one begins when the disk is free and a record waits."
)
def timetable(ready_ms, flush_ms):
    return [(math.ceil(ready / flush_ms) + 1) * flush_ms for ready in ready_ms]


@flushes.misread("An idle disk begins at once; it does not wait for others to come.")
def waits_first(ready_ms, flush_ms):
    done, free = [], 0
    while len(done) < len(ready_ms):
        begin = max(free, ready_ms[len(done)] + flush_ms)
        free = begin + flush_ms
        done += [free for ready in ready_ms[len(done) :] if ready <= begin]
    return done


@flushes.misread("The time is that at which the record is on the disk, not how long it took.")
def how_long(ready_ms, flush_ms):
    right = flushes.solution(ready_ms, flush_ms)
    return [done - ready for done, ready in zip(right, ready_ms, strict=True)]


@flushes.misread("That is when its flush begins. The record is on the disk when it ends.")
def begins(ready_ms, flush_ms):
    return [done - flush_ms for done in flushes.solution(ready_ms, flush_ms)]


@flushes.misread("The unit is ms, and not seconds.")
def in_seconds(ready_ms, flush_ms):
    return [done / 1e3 for done in flushes.solution(ready_ms, flush_ms)]


@flushes.misread("There is one time for each record, not for each flush.")
def one_for_each_flush(ready_ms, flush_ms):
    return sorted(set(flushes.solution(ready_ms, flush_ms)))


@flushes.misread("Not the records of one moment share a flush, but all that wait when it begins.")
def same_moment(ready_ms, flush_ms):
    done, before = [], None
    for ready in ready_ms:
        if ready != before:
            end = max([ready, *done[-1:]]) + flush_ms
        before = ready
        done.append(end)
    return done


@flushes.misread("Who is ready while a flush runs, or just as it ends, waits for the next one.")
def joins_to_the_end(ready_ms, flush_ms):
    return flushed(ready_ms, flush_ms, joins=lambda ready, begin: ready <= begin + flush_ms)


@flushes.misread("There is no most: a flush takes along all that wait, however many.")
def two_at_most(ready_ms, flush_ms):
    done, free = [], 0
    while len(done) < len(ready_ms):
        begin = max(free, ready_ms[len(done)])
        free = begin + flush_ms
        done += [free for ready in ready_ms[len(done) :][:2] if ready <= begin]
    return done


@flushes.misread("A flush begins when a record waits: not at once, as soon as the disk is free.")
def always_flushes(ready_ms, flush_ms):
    done, free = [], 0
    while len(done) < len(ready_ms):
        taken = [ready for ready in ready_ms[len(done) :] if ready <= free] or [0]
        free += flush_ms
        done += [free] * len(taken)
    return done


@flushes.misread("Two records of one moment are two records: each has its time in the list.")
def each_moment_once(ready_ms, flush_ms):
    return flushes.solution(sorted(set(ready_ms)), flush_ms)


@flushes.misread("The next flush may begin at the very ms at which the one before ends.")
def a_ms_between(ready_ms, flush_ms):
    done, free = [], 0
    while len(done) < len(ready_ms):
        begin = max(free, ready_ms[len(done)])
        free = begin + flush_ms + 1
        done += [free - 1 for ready in ready_ms[len(done) :] if ready <= begin]
    return done


@flushes.misread("0 is a moment like any other: a flush that began at 0 has begun.")
def begun_at_zero(ready_ms, flush_ms):
    begin, done = 0, []
    for ready in ready_ms:
        if ready > begin or not begin:
            begin = max(ready, begin + flush_ms if done else ready)
        done.append(begin + flush_ms)
    return done


@flushes.misread("Without records there are no times: an empty list, and not None.")
def none_for_none(ready_ms, flush_ms):
    return flushes.solution(ready_ms, flush_ms) or None


# Task 3: the part that is full first ----------------------------------------------------------

PARTS = ("cores", "data disk", "log disk", "connections")
full = lab.exercise(
    "full",
    "The part that is full first",
    Parts(part=Text(PARTS), rate_per_s=Number(unit="orders/s")),
    why="Who orders cores for a full log pays for a machine that waits.",
    hint="Write down for each of the four parts: how many orders a second fill it?",
    hints=(
        "Cores: one core does 1000 / cpu_ms orders a second. Connections: one connection does "
        "1000 / held_ms. Log disk: flushes_per_s times the commits that share one.",
        "Data disk: an order reads pages * (1 - memory_gb / data_gb) from it, nothing if the data "
        "fit. Divide reads_per_s by that. min(..., key=...) over the four gives name and rate.",
    ),
    explanation=(
        "The next larger machine has more cores and more memory. It helps where the cores are "
        "full, and where the data disk is, by its memory. For a full log: fewer and larger "
        "transactions, or a faster disk. "
        "For connections: hand them back sooner, or a pool in front."
    ),
)
MACHINE = {
    "cores": 8,
    "memory_gb": 32,
    "reads_per_s": 16_000,
    "flushes_per_s": 1_000,
    "connections": 900,
}
LOAD = {"cpu_ms": 2, "pages": 4, "data_gb": 200, "commits_per_flush": 3, "held_ms": 100}


def a_machine(rng):
    return {
        "cores": int(rng.choice([1, 2, 4, 8, 16, 32, 96])),
        "memory_gb": int(rng.choice([2, 8, 32, 128, 384])),
        "reads_per_s": int(rng.choice([500, 3_000, 16_000, 64_000])),
        "flushes_per_s": int(rng.choice([120, 250, 1_000, 5_000])),
        "connections": int(rng.choice([20, 100, 500, 2_000])),
    }


def a_load(rng):
    return {
        "cpu_ms": float(rng.choice([0.25, 0.7, 2, 5, 11])),
        "pages": int(rng.integers(0, 12)),
        "data_gb": int(rng.choice([1, 30, 100, 384, 700])),
        "commits_per_flush": float(rng.choice([1, 1.6, 3, 9, 20])),
        "held_ms": float(rng.choice([3, 30, 170, 900])),
    }


def clear_case(rng):
    """Draw a machine and a load of which no two parts are full at nearly the same rate."""
    while True:
        machine, load = a_machine(rng), a_load(rng)
        least, second = sorted(rates(machine, load).values())[:2]
        if second > 1.02 * least:
            return machine, load


def rates(machine, load):
    read = load["pages"] * max(0, 1 - machine["memory_gb"] / load["data_gb"])
    return {
        "cores": machine["cores"] * 1000 / load["cpu_ms"],
        "data disk": machine["reads_per_s"] / read if read else math.inf,
        "log disk": machine["flushes_per_s"] * load["commits_per_flush"],
        "connections": machine["connections"] * 1000 / load["held_ms"],
    }


def least(found):
    part = min(found, key=found.get)
    return part, found[part]


@full.ask
def ask_full(rng):
    return clear_case(rng)


full.ask_widely(ask_full)


@full.edges
def full_edges():
    small = {"reads_per_s": 1_000}
    return {
        "eight cores and a log": (MACHINE, LOAD),
        "the cores": (MACHINE | {"cores": 2}, LOAD),
        "the data disk": (MACHINE | small, LOAD),
        "the log disk, each commit alone": (MACHINE, LOAD | {"commits_per_flush": 1}),
        "connections that are kept": (MACHINE, LOAD | {"held_ms": 2_000}),
        "the data fit": (MACHINE | small, LOAD | {"data_gb": 20}),
        "the data fit exactly": (MACHINE | small, LOAD | {"data_gb": 32}),
        "no page is read": (MACHINE | small, LOAD | {"pages": 0}),
        "half of the data fit": (MACHINE | small, LOAD | {"data_gb": 64}),
        "many share a flush": (MACHINE | {"cores": 96}, LOAD | {"commits_per_flush": 12}),
        "a slow core": (MACHINE, LOAD | {"cpu_ms": 12}),
        "few connections": (MACHINE | {"connections": 10}, LOAD | {"held_ms": 20}),
        "the cores, and a fast log": (MACHINE | {"flushes_per_s": 90_000}, LOAD),
        "connections, and a fast log": (
            MACHINE | {"flushes_per_s": 90_000, "cores": 96},
            LOAD | {"held_ms": 700},
        ),
        "most of the data fit": (MACHINE | {"reads_per_s": 500, "memory_gb": 191}, LOAD),
    }


@full.words
def full_in_words(machine, load):
    def said(what):
        return ", ".join(f"{name} {value:g}" for name, value in what.items())

    return f"machine: {said(machine)}; load: {said(load)}"


@full.otherwise
def why_full(got, machine, load):
    found = rates(machine, load)
    part, _ = got
    right, _ = least(found)
    if part != right:
        return f"{right} is full at {found[right]:,.6g} orders a second, before {part}."
    return f"{part} is the right part. It is full at {found[part]:,.6g} orders a second."


@full.solve
def first_full(machine, load):
    """Turn each part into one unit, orders a second, and take the least.

    Only in a common unit can parts be compared; how full each looks by itself says nothing.
    """
    read = load["pages"] * max(0, 1 - machine["memory_gb"] / load["data_gb"])
    limits = {
        "cores": machine["cores"] / (load["cpu_ms"] / 1000),
        "data disk": machine["reads_per_s"] / read if read > 0 else math.inf,
        "log disk": machine["flushes_per_s"] * load["commits_per_flush"],
        "connections": machine["connections"] / (load["held_ms"] / 1000),
    }
    part = min(limits, key=limits.get)
    return part, limits[part]


@full.solve_otherwise
def first_full(machine, load):
    """Give each part's share that one order a second takes; the largest share is full first."""
    missing = max(load["data_gb"] - machine["memory_gb"], 0) / load["data_gb"]
    shares = [
        (load["cpu_ms"] / 1000 / machine["cores"], "cores"),
        (load["pages"] * missing / machine["reads_per_s"], "data disk"),
        (1 / load["commits_per_flush"] / machine["flushes_per_s"], "log disk"),
        (load["held_ms"] / 1000 / machine["connections"], "connections"),
    ]
    share, part = max(shares)
    return part, 1 / share


def changed(machine, load, **parts):
    found = rates(machine, load) | parts
    return least({part: rate for part, rate in found.items() if rate is not None})


@full.misread("The part that is full at the least rate is full first, not at the highest.")
def the_most(machine, load):
    found = {part: rate for part, rate in rates(machine, load).items() if rate != math.inf}
    part = max(found, key=found.get)
    return part, found[part]


@full.misread("Pages that are in memory are not read from the disk.")
def memory_forgotten(machine, load):
    disk = machine["reads_per_s"] / load["pages"] if load["pages"] else math.inf
    return changed(machine, load, **{"data disk": disk})


@full.misread("Memory divided by data is the share that is found, not the share that is read.")
def found_and_read(machine, load):
    read = load["pages"] * min(1, machine["memory_gb"] / load["data_gb"])
    disk = machine["reads_per_s"] / read if read else math.inf
    return changed(machine, load, **{"data disk": disk})


@full.misread("If all data fit into memory, nothing is read: not a negative number of pages.")
def less_than_none(machine, load):
    read = load["pages"] * (1 - machine["memory_gb"] / load["data_gb"])
    return changed(machine, load, **{"data disk": machine["reads_per_s"] / read if read else 1e9})


@full.misread("An order touches several pages.")
def one_page(machine, load):
    read = max(0, 1 - machine["memory_gb"] / load["data_gb"]) * bool(load["pages"])
    disk = machine["reads_per_s"] / read if read else math.inf
    return changed(machine, load, **{"data disk": disk})


@full.misread("The share that is read is rounded: go on with it as it comes out.")
def rounded_share(machine, load):
    read = load["pages"] * round(max(0, 1 - machine["memory_gb"] / load["data_gb"]), 2)
    disk = machine["reads_per_s"] / read if read else math.inf
    return changed(machine, load, **{"data disk": disk})


@full.misread("held_ms is all the time of a connection, the work on the core included.")
def work_besides(machine, load):
    ms = load["held_ms"] + load["cpu_ms"]
    return changed(machine, load, connections=machine["connections"] * 1000 / ms)


@full.misread("The rate need not be a whole number: do not count orders up until a part is full.")
def counted_up(machine, load):
    part, rate = full.solution(machine, load)
    return part, math.ceil(rate)


@full.misread("Several commits share a flush: the log does as many times more of them.")
def each_alone(machine, load):
    return changed(machine, load, **{"log disk": machine["flushes_per_s"]})


@full.misread("The commits that share a flush make the log faster: multiply by them.")
def shared_is_slower(machine, load):
    return changed(
        machine, load, **{"log disk": machine["flushes_per_s"] / load["commits_per_flush"]}
    )


@full.misread("One core does 1000 / cpu_ms orders a second, and there are several.")
def one_core(machine, load):
    return changed(machine, load, cores=1000 / load["cpu_ms"])


@full.misread("A connection is free again after held_ms: it serves many orders in a second.")
def one_order_a_connection(machine, load):
    return changed(machine, load, connections=machine["connections"])


@full.misread("You left out the connections. The client keeps one for held_ms for each order.")
def without_connections(machine, load):
    return changed(machine, load, connections=None)


@full.misread("You left out the log disk. Each commit needs its share of a flush.")
def without_log(machine, load):
    return changed(machine, load, **{"log disk": None})


@full.misread("You left out the data disk. Pages that are not in memory come from it.")
def without_data_disk(machine, load):
    return changed(machine, load, **{"data disk": None})


@full.misread("A part that is full stops all orders: it is the least rate, and they do not add up.")
def added_up(machine, load):
    found = rates(machine, load)
    return least(found)[0], sum(rate for rate in found.values() if rate != math.inf)


@full.misread("cpu_ms is in ms: a core has a thousand of them in a second.")
def cpu_ms_as_s(machine, load):
    return changed(machine, load, cores=machine["cores"] / load["cpu_ms"])


@full.misread("held_ms is in ms: a connection has a thousand of them in a second.")
def held_ms_as_s(machine, load):
    return changed(machine, load, connections=machine["connections"] / load["held_ms"])


@full.misread("Memory for a part of the data spares a part of the reads: not all of them, or none.")
def all_or_nothing(machine, load):
    read = load["pages"] * (machine["memory_gb"] < load["data_gb"])
    disk = machine["reads_per_s"] / read if read else math.inf
    return changed(machine, load, **{"data disk": disk})


@full.misread("A data disk that nobody reads from is never full: it has no least rate, and not 0.")
def unused_is_full(machine, load):
    found = rates(machine, load)
    return changed(
        machine,
        load,
        **{"data disk": 0.0 if found["data disk"] == math.inf else found["data disk"]},
    )


@full.misread("An order that touches no page reads none: not one at the least.")
def one_page_at_least(machine, load):
    read = (load["pages"] or 1) * max(0, 1 - machine["memory_gb"] / load["data_gb"])
    disk = machine["reads_per_s"] / read if read else math.inf
    return changed(machine, load, **{"data disk": disk})


@full.misread("Both cpu_ms and held_ms are in ms, of which a second has a thousand.")
def ms_as_s(machine, load):
    return changed(
        machine,
        load,
        cores=machine["cores"] / load["cpu_ms"],
        connections=machine["connections"] / load["held_ms"],
    )


# Task 4: the month to leave -------------------------------------------------------------------

leave = lab.exercise(
    "leave",
    "The month to leave",
    Maybe(Whole(of="months")),
    why="A move for a dollar a month never pays for itself; one at the wall is made in haste.",
    hint="For each month in which you could move: what does the whole time cost then?",
    hints=(
        "Moving at the start of month m costs sum(one[:m]) + move + sum(many[m:]). Never moving "
        "costs sum(one), and is possible only without a None in it.",
        "A month m is possible only if no None is in one[:m]. Try the latest first: never, then "
        "the last month, down to 0; keep a plan only if it is cheaper.",
    ),
    explanation=(
        "The growth and the price of complexity are guesses. Work out the month again for a load "
        "that grows half as fast, and twice as fast. What should not wait is the preparation: it "
        "takes months, and the wall does not."
    ),
)


@leave.ask
def ask_leave(rng):
    count = int(rng.integers(6, 14))
    return plans(rng, count, 0.4)


@leave.ask_widely
def ask_leave_widely(rng):
    return plans(rng, int(rng.integers(0, 40)), 0.5)


def plans(rng, count, wall_share):
    one, usd = [], int(rng.integers(1, 5)) * 100
    for _ in range(count):
        one.append(usd)
        if rng.random() < 0.4:
            usd += int(rng.integers(0, 5)) * 100
    many, usd = [], int(rng.integers(2, 9)) * 100
    for _ in range(count):
        many.append(usd)
        usd += int(rng.integers(-1, 2)) * 100 if usd > 100 else 100
    if count and rng.random() < wall_share:
        wall = int(rng.integers(0, count))
        one[wall:] = [None] * (count - wall)
    return one, many, int(rng.integers(0, 13)) * 100


@leave.edges
def leave_edges():
    return {
        "a year": (
            [140, 140, 140, 560, 560, 560, 560, 2_240, 2_240, 2_240, 2_240, 2_240],
            [700, 720, 740, 760, 780, 800, 820, 840, 860, 880, 900, 920],
            3_000,
        ),
        "the move costs more than it saves": ([100, 300, 300], [200, 200, 200], 250),
        "exactly as much": ([100, 300, 300], [200, 200, 200], 200),
        "exactly as much in two months": ([200, 200, 300, 300], [200, 200, 100, 100], 50),
        "a wall": ([100, 100, None, None], [900, 900, 900, 900], 5_000),
        "a wall, and cheaper before it": ([100, 500, 500, None], [200, 200, 200, 200], 100),
        "a wall, so that the move is due anyway": ([100, 300, None], [200, 200, 200], 500),
        "no machine is large enough from the start": ([None, None], [300, 300], 100),
        "many are cheaper at once": ([500, 500, 500], [100, 100, 100], 200),
        "cheaper for a month only": ([100, 400, 100, 100, 100], [300, 300, 300, 300, 300], 0),
        "cheaper from the last month on": ([100, 100, 900], [300, 300, 300], 100),
        "a free move": ([100, 200, 300], [200, 200, 200], 0),
        "one month": ([500], [100], 100),
        "one month, not worth it": ([500], [100], 400),
        "no month": ([], [], 100),
        "a machine becomes large enough again": ([100, None, 100], [400, 400, 400], 100),
        "one machine for nothing": ([0, 0, 500, 500], [200, 200, 200, 200], 100),
        "a wall, and many very dear": ([100, None], [2_000_000, 2_000_000], 5_000),
        "many for nothing": ([300, 300, 300], [0, 0, 0], 100),
    }


@leave.words
def leave_in_words(one_usd, many_usd, move_usd):
    return f"one_usd={one_usd}, many_usd={many_usd}, move_usd={move_usd}"


def total(one_usd, many_usd, move_usd, month):
    """Return what a plan costs, infinite where it cannot be had; month len(...) is never."""
    if None in one_usd[:month]:
        return math.inf
    move = move_usd if month < len(one_usd) else 0
    return sum(one_usd[:month]) + move + sum(many_usd[month:])


@leave.otherwise
def why_leave(got, one_usd, many_usd, move_usd):
    count, right = len(one_usd), leave.solution(one_usd, many_usd, move_usd)
    if not count:
        return "There is no month to move in: None."
    if got is not None and not 0 <= got < count:
        return f"The months are 0 to {count - 1}; None is never."
    mine = total(one_usd, many_usd, move_usd, count if got is None else got)
    least_usd = total(one_usd, many_usd, move_usd, count if right is None else right)
    named = "Never to move" if got is None else f"To move in month {got}"
    if mine == math.inf:
        return f"{named} cannot be had: one machine is too small before that."
    if mine == least_usd:
        return f"{named} costs ${mine:,}, and a later move does, too. The latest is asked for."
    better = "never to move" if right is None else f"to move in month {right}"
    return f"{named} costs ${mine:,} in all; {better} costs ${least_usd:,}."


@leave.solve
def month_to_leave(one_usd, many_usd, move_usd):
    """Price every plan, from never back to month 0, and keep one only if it is cheaper.

    A month's bill says little: a move pays if what it saves until the end is more than it costs.
    """
    count = len(one_usd)
    best_month, least_usd = None, math.inf if None in one_usd else sum(one_usd)
    for month in reversed(range(count)):
        if None not in one_usd[:month]:
            usd = sum(one_usd[:month]) + move_usd + sum(many_usd[month:])
            if usd < least_usd:
                best_month, least_usd = month, usd
    return best_month


@leave.solve_otherwise
def month_to_leave(one_usd, many_usd, move_usd):
    """Carry from the end back what is left to pay on many, and from the start what was paid."""
    paid, plans, rest = 0, [], sum(many_usd)
    for month, (one, many) in enumerate(zip(one_usd, many_usd, strict=True)):
        plans.append((paid + move_usd + rest, -month))
        if one is None:
            break
        paid, rest = paid + one, rest - many
    else:
        plans.append((paid, -len(one_usd)))
    month = -min(plans)[1]
    return None if month == len(one_usd) else month


def cheapest_plan(one_usd, many_usd, move_usd, cost=total, months=None, last=True):
    count = len(one_usd)
    months = range(count + 1) if months is None else months
    ordered = sorted(months, reverse=last)
    month = min(ordered, key=lambda m: cost(one_usd, many_usd, move_usd, m), default=count)
    return None if month == count else month


@leave.misread("The move costs something, too: one cheap month does not pay it.")
def first_cheaper(one_usd, many_usd, move_usd):
    pairs = enumerate(zip(one_usd, many_usd, strict=True))
    return next((i for i, (one, many) in pairs if one is None or many < one), None)


@leave.misread("You may leave before the wall: then, too, all that follows is cheaper.")
def at_the_wall(one_usd, many_usd, move_usd):
    return one_usd.index(None) if None in one_usd else None


@leave.misread("The move has a price: paid once, and only if you move.")
def free_move(one_usd, many_usd, move_usd):
    return cheapest_plan(one_usd, many_usd, 0)


@leave.misread("The move is paid once, not each month.")
def paid_each_month(one_usd, many_usd, move_usd):
    def cost(one, many, move, month):
        return total(one, many, move * (len(one) - month), month)

    return cheapest_plan(one_usd, many_usd, move_usd, cost)


@leave.misread(
    "Of plans that cost the same, the latest move is asked for, and never is the latest."
)
def earliest(one_usd, many_usd, move_usd):
    return cheapest_plan(one_usd, many_usd, move_usd, last=False)


@leave.misread("Never to move is a plan, too, where one machine is large enough to the end.")
def always_leaves(one_usd, many_usd, move_usd):
    return cheapest_plan(one_usd, many_usd, move_usd, months=range(len(one_usd)))


@leave.misread("None is no price: in such a month no machine is large enough.")
def none_is_free(one_usd, many_usd, move_usd):
    return cheapest_plan([usd or 0 for usd in one_usd], many_usd, move_usd)


@leave.misread("A price of 0 is a price: only None says that no machine is large enough.")
def nothing_is_none(one_usd, many_usd, move_usd):
    return cheapest_plan([usd or None for usd in one_usd], many_usd, move_usd)


@leave.misread("No number is dear enough to stand for None: such a month cannot be had.")
def none_is_dear(one_usd, many_usd, move_usd):
    dear = [10_000 if usd is None else usd for usd in one_usd]
    return cheapest_plan(dear, many_usd, move_usd)


@leave.misread("Where many cost nothing, they do cost nothing: the plan with them can be had.")
def many_for_nothing(one_usd, many_usd, move_usd):
    return cheapest_plan(one_usd, many_usd, move_usd) if all(many_usd) else None


@leave.misread("The months count from 0.")
def from_one(one_usd, many_usd, move_usd):
    month = leave.solution(one_usd, many_usd, move_usd)
    return None if month is None else month + 1


@leave.misread("In the month of the move only the many are paid.")
def both_paid(one_usd, many_usd, move_usd):
    def cost(one, many, move, month):
        both = one[month] or 0 if month < len(one) else 0
        return total(one, many, move, month) + both

    return cheapest_plan(one_usd, many_usd, move_usd, cost)


@leave.misread("Never is None, not the number of months.")
def never_is_the_end(one_usd, many_usd, move_usd):
    month = leave.solution(one_usd, many_usd, move_usd)
    return len(one_usd) if month is None else month


@leave.misread("Whoever has left stays away: the months after the move are all paid for many.")
def goes_back(one_usd, many_usd, move_usd):
    def cost(one, many, move, month):
        if None in one[:month]:
            return math.inf
        rest = [min(m, math.inf if o is None else o) for o, m in zip(one, many, strict=True)]
        return sum(one[:month]) + (move if month < len(one) else 0) + sum(rest[month:])

    return cheapest_plan(one_usd, many_usd, move_usd, cost)


@leave.misread("Before a wall the move is due in any case: it does not speak against an early one.")
def wall_first(one_usd, many_usd, move_usd):
    wall = one_usd.index(None) if None in one_usd else len(one_usd)
    found = cheapest_plan(one_usd[:wall], many_usd[:wall], move_usd)
    return (wall if wall < len(one_usd) else None) if found is None else found


@leave.misread("You can move at the start of any month, the first included: month 0.")
def not_at_once(one_usd, many_usd, move_usd):
    return cheapest_plan(one_usd, many_usd, move_usd, months=range(1, len(one_usd) + 1))


@leave.misread("The first month in which a move pays is not the best one: compare all plans.")
def first_that_pays(one_usd, many_usd, move_usd):
    for month, one in enumerate(one_usd):
        rest = one_usd[month:]
        if one is None or (None not in rest and sum(rest) - sum(many_usd[month:]) > move_usd):
            return month
    return None


@leave.misread(
    "Where never to move costs the same as a move, never is asked for: it is the latest."
)
def any_move_of_equals(one_usd, many_usd, move_usd):
    def cost(one, many, move, month):
        return total(one, many, move, month) + 0.5 * (month == len(one))

    return cheapest_plan(one_usd, many_usd, move_usd, cost)


@leave.misread("A wall is the last month to move in. A month before it may be cheaper.")
def wall_or_best(one_usd, many_usd, move_usd):
    if None in one_usd:
        return one_usd.index(None)
    return cheapest_plan(one_usd, many_usd, move_usd)


@leave.misread("Every month before the move needs one machine, not only the last of them.")
def month_before_alone(one_usd, many_usd, move_usd):
    def cost(one, many, move, month):
        if month and one[month - 1] is None:
            return math.inf
        return total([usd or 0 for usd in one], many, move, month)

    return cheapest_plan(one_usd, many_usd, move_usd, cost)
