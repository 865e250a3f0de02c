"""Questions on queries."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.query_optimization.experiments import trips_ms
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.operational_laws import mean_number, utilisation


def inside(rng: np.random.Generator) -> Variant:
    """Ask for the queries in the database at a time."""
    per_minute, time_s = int(rng.choice([600, 1_200, 1_800])), float(rng.choice([0.5, 1.5, 4]))
    answer = float(mean_number(per_minute / 60, time_s))
    return Variant(
        prompt=f"{per_minute:,} queries a minute take {time_s:g} s each, waiting included. How "
        "many are in the database at a time, on average?",
        answer=answer,
        solution=f"{per_minute:,} a minute are {per_minute / 60:g} a second; times {time_s:g} s: "
        f"{answer:g}.",
        traps=(
            Trap(per_minute * time_s, "That takes a minute for a second: divide by 60."),
            Trap(per_minute / 60, "So many come in a second. How long does each stay?"),
        ),
        tolerance=0.01,
    )


def busy(rng: np.random.Generator) -> Variant:
    """Ask how busy the cores are after an index."""
    per_minute, cores = int(rng.choice([1_200, 2_400, 3_000])), int(rng.choice([4, 8]))
    work_ms = int(rng.choice([20, 30, 60]))
    answer = 100 * float(utilisation(per_minute / 60, work_ms / 1e3, servers=cores))
    whole = answer * cores
    return Variant(
        prompt=f"Before the index a query took 3 s and {cores} cores were 100 % busy. Now it takes "
        f"{work_ms} ms, all of it work, at the same {per_minute:,} queries a minute. How many per "
        "cent of the time are the cores busy?",
        answer=answer,
        solution=f"{per_minute / 60:g} a second × {work_ms / 1e3:g} s = {whole / 100:g} busy cores "
        f"of {cores}: {answer:g} %.",
        traps=(
            Trap(
                work_ms / 30,
                "The 3 s were mostly waiting: take calls times work, not the ratio of times.",
            ),
            Trap(whole, f"That would be one core. There are {cores}."),
        ),
        tolerance=0.01,
    )


def total(rng: np.random.Generator) -> Variant:
    """Ask for the share of the work that a slow log shows."""
    slow_s, fast_ms = int(rng.choice([2, 4])), int(rng.choice([4, 8]))
    per_minute, per_s = int(rng.choice([3, 6])), int(rng.choice([100, 200]))
    slow, fast = slow_s * per_minute / 60, fast_ms * per_s / 1e3
    answer = 100 * slow / (slow + fast)
    return Variant(
        prompt=f"A report needs {slow_s} s of work, {per_minute} times a minute. A look-up needs "
        f"{fast_ms} ms, {per_s} times a second. Nothing else runs. How many per cent of the work "
        "stand in a log of what takes longer than 100 ms?",
        answer=answer,
        solution=f"The report keeps {slow:g} cores busy, the look-up {fast:g}; {slow:g} of "
        f"{slow + fast:g} is {answer:.1f} %.",
        traps=(
            Trap(100 - answer, "Which of the two takes longer than 100 ms?"),
            Trap(
                100 * slow_s / (slow_s + fast_ms / 1e3),
                "That compares one call of each. How often do they come?",
            ),
        ),
        tolerance=0.01,
    )


def trips(rng: np.random.Generator) -> Variant:
    """Ask how long N+1 queries wait for the network."""
    rows, trip_ms = int(rng.choice([50, 100, 300])), float(rng.choice([0.5, 2, 5]))
    answer = float(trips_ms(rows + 1, trip_ms, 0.0))
    return Variant(
        prompt=f"A page gets a list of {rows} orders, and then each order's customer with a query "
        f"of its own. A round trip takes {trip_ms:g} ms. How many ms does the page wait for the "
        "network?",
        answer=answer,
        solution=f"{rows} + 1 round trips of {trip_ms:g} ms: {answer:g} ms.",
        traps=(
            Trap(trip_ms, "That would be one join. Here each order is a round trip of its own."),
        ),
        tolerance=0.001,
    )


TIME = "1. Time is not work"
WHICH = "2. Which statement"
PLAN = "3. Read the plan"
REWRITE = "4. Say it so that the index can be used"
TRIPS = "5. One query for each row"
STATISTICS = "6. What the planner believes"
BREAK = "7. Break it"

QUESTIONS = (
    Numeric("inside", inside, section=TIME),
    Numeric("busy", busy, section=TIME),
    choice(
        "fifty",
        """
        After an index a query takes a 50th of its time, at the same rate. The cores were 100 %
        busy, and are 20 % busy now. How many times as many queries can the database do?
        - 50 times.
        : The time has fallen so far because the waiting is gone. Work was saved less.
        + About 5 times.
        : Yes: a fifth of the cores does what all of them did.
        - As many as before: the rate is the same.
        : It is because nobody asks for more. Four fifths of the cores are free.
        """,
        section=TIME,
    ),
    Numeric("total", total, section=WHICH),
    choice(
        "rank",
        """
        The cores are full, and you can mend one statement this week. By what do you choose it?
        - The longest time of one call.
        : A report that runs once a month is slow, and costs little.
        - The most calls.
        : Many calls of next to no work cost little as well.
        + Calls times work of one call.
        : Yes: that is what keeps the cores busy.
        """,
        section=WHICH,
    ),
    choice(
        "scan",
        """
        A plan scans a whole table. When does an index help much?
        - Always: a scan reads all pages.
        : If most pages have a wanted row, an index makes the server look at them all the same.
        + If few rows of many are wanted.
        : Yes: then it goes to a few pages.
        - If the column has few different values.
        : Then each value has many rows, on all pages.
        """,
        section=PLAN,
    ),
    choice(
        "function",
        """
        orders has an index on created, a time. Which condition can use it?
        - created::date = '2026-03-01'
        : The index has times, in their order. What the function makes of them is not in it.
        + created >= '2026-03-01' and created < '2026-03-02'
        : Yes: one stretch of the index.
        - extract(month from created) = 3
        : That, too, is a function of each row.
        """,
        section=REWRITE,
    ),
    Numeric("trips", trips, section=TRIPS),
    choice(
        "stale",
        """
        A night's load makes a table fifty times as long. In the morning a report takes minutes;
        at noon it is quick again, and nobody has done anything. What was it?
        - The index was built in the meantime.
        : Nobody built one.
        - The network was slow.
        : Then all statements would have been.
        + The planner had the statistics of yesterday; later the server renewed them by itself.
        : Yes. ANALYZE at the end of the load spares the morning.
        """,
        section=STATISTICS,
    ),
    choice(
        "cost",
        """
        What does one more index cost?
        - Nothing, if the disk is large enough.
        : Each insert has to enter its row there as well.
        + Work at each insert, and at each update of its columns.
        : Yes. It pays where reads save more.
        - Work at each query that does not use it.
        : Such a query does not touch it.
        """,
        section=BREAK,
    ),
)
