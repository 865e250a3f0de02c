"""Questions on resharding."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.resharding.moves import spoiled_share
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.placement import minimum_moved_share, modulo_moved_share

PARTITION = "1. A partition is no shard"
KEY = "2. What a key can and cannot do"
ROWS = "3. Which rows move"
RACE = "4. A copy races with a write"
STEPS = "5. Seven steps, and one left out"
REAL = "6. On two real servers"
BREAK = "7. Break it"
WHEN = "8. Is there anything to shard?"


def ring_takes(rng: np.random.Generator) -> Variant:
    """Ask what one more server takes on a ring, on average."""
    before = int(rng.choice([4, 5, 7, 9]))
    answer = 100 * float(minimum_moved_share(before, before + 1))
    remainder = 100 * modulo_moved_share(before, before + 1)
    return Variant(
        prompt=f"A hash ring has {before} servers with many points each. You add one. What "
        "percentage of the rows moves, on average?",
        answer=answer,
        solution=f"The new one gets a share like all others: 100 ÷ {before + 1} = {answer:.4g} %. "
        "Only these rows move.",
        traps=(
            Trap(100 / before, "So much each server had before. How many are there now?"),
            Trap(remainder, "So much moves by the remainder. A ring moves only what is needed."),
        ),
        tolerance=0.01,
    )


def downtime(rng: np.random.Generator) -> Variant:
    """Ask how long a stop lasts in which the rows move."""
    before, terabytes = int(rng.choice([2, 3, 5])), int(rng.choice([3, 4, 6]))
    share = modulo_moved_share(before, before + 1)
    answer = share * terabytes * 1e12 / 200e6 / 3600
    return Variant(
        prompt=f"{terabytes} TB lie on {before} shards by hash % {before}. You stop the writes, go "
        f"to {before + 1} shards, and the rows move at 200 MB/s in all. How many hours?",
        answer=answer,
        solution=f"{100 * share:.4g} % of the rows move, {share * terabytes:.4g} TB. Over 200 MB/s "
        f"that takes {answer:.4g} hours.",
        traps=(
            Trap(answer / share, "So long it would take to move all. Some rows stay."),
            Trap(
                answer / share / (before + 1),
                "That is the least that must move. The remainder moves more.",
            ),
        ),
        tolerance=0.01,
    )


def spoiled(rng: np.random.Generator) -> Variant:
    """Ask how many rows plain copies leave wrong."""
    per_minute, copy_ms = int(rng.choice([6, 15, 30])), int(rng.choice([100, 200, 400]))
    rows = 100_000
    rate, copy_s = per_minute / 60, copy_ms / 1_000
    answer = rows * spoiled_share(rate, copy_s)
    return Variant(
        prompt=f"{rows:,} rows move. Each is written {per_minute} times a minute, by chance. From "
        f"its reading to its writing a copy takes an exponential time, {copy_ms} ms on average. "
        "The copies replace whatever is there. About how many rows are wrong after the move?",
        answer=answer,
        solution=f"λd = {rate:g} × {copy_s:g} = {rate * copy_s:.4g}, so the share is λd ÷ (1 + λd) "
        f"= {100 * answer / rows:.4g} %: {answer:,.0f} rows.",
        traps=(
            Trap(
                rows * per_minute * copy_s, "Writes a minute and a time in seconds. λ is a second."
            ),
            Trap(
                rows * (1 - answer / rows),
                "So many are right. A write must fall into the copy's time to spoil a row.",
            ),
        ),
        tolerance=0.02,
    )


def in_flight(rng: np.random.Generator) -> Variant:
    """Ask how many changes are under way at the switch."""
    rate, delay_ms = int(rng.choice([400, 900, 1_500])), int(rng.choice([20, 30, 80]))
    answer = rate * delay_ms / 1_000
    return Variant(
        prompt=f"Rows of a moving range are written {rate:,} times a second. A change is on the "
        f"new server {delay_ms} ms after its commit on the old one. You switch without waiting. "
        "About how many changes are under way at that moment?",
        answer=answer,
        solution=f"Those of the last {delay_ms} ms: {rate:,} × {delay_ms / 1_000:g} = {answer:g}.",
        traps=(
            Trap(float(rate), "That is a whole second of writes. How long is a change under way?"),
            Trap(
                rate * delay_ms * 1.0,
                "The writes are for each second, the delay is in milliseconds.",
            ),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    choice(
        "partition",
        """
        A table is full of writes: its server does nothing else. Somebody cuts it into 12 monthly
        partitions on the same server. What changes?
        - It takes about 12 × the writes.
        : All partitions are written by one server, which is as full as before.
        + A question for one month looks at one partition.
        : Yes: it spares work for questions that name the month. It adds no server.
        - Each partition can be read while the others are written, so writes wait less.
        : They share one processor and one log. A partition has neither of its own.
        """,
        section=PARTITION,
    ),
    choice(
        "list",
        """
        A hundred tenants, of which the largest has 19 % of the load, on ten shards. You place all
        of them by hand, as well as can be. How full is the busiest shard?
        - 1.0 × the mean: by hand everything is possible.
        : The largest tenant is on one shard, and has 19 % where the mean is 10 %.
        + 1.9 × the mean.
        : Yes: its shard has that much, even if it has nothing else.
        - 2.7 × the mean, as by a hash.
        : By hand the others go elsewhere. What is left is the largest alone.
        """,
        section=KEY,
    ),
    Numeric("ring", ring_takes, section=ROWS),
    choice(
        "spread",
        """
        "Consistent hashing moves 25 % from three servers to four." One point a server on the ring.
        What will your ring do?
        - Move 25 %, give or take the rounding.
        : So it is with slots. The arcs of a ring with few points are very unequal.
        + Move anything from a few percent to more than half.
        : Yes: 25 % on average, with a standard deviation of 19.
        - Move 75 %, since one point is as good as none.
        : One point is enough for the right average. It is the spread that is large.
        """,
        section=ROWS,
    ),
    choice(
        "rise",
        """
        A copied row yields if a row is there already. Second writes are on, deletes remove the row.
        Which row can still end wrong?
        - One that is written between the copy's reading and its writing.
        : The second write has put a row there, and the copy yields to it.
        + One that is deleted between the copy's reading and its writing.
        : Yes: the delete leaves nothing to yield to, and the copy brings the row back.
        - One that is written before the copy reads it.
        : Then the copy has read the new row already.
        """,
        section=RACE,
    ),
    Numeric("spoiled", spoiled, section=RACE),
    choice(
        "verify",
        """
        You verify by looking up each row of the old shard on the new one, and all are found, and
        equal. What have you not seen?
        + Rows that only the new shard has.
        : Yes: a deleted row that a late copy brought back. Compare from both sides.
        - Rows that are older on the new shard.
        : They are looked up, and are not equal.
        - Rows that are missing on the new shard.
        : They are looked up, and are not found.
        """,
        section=STEPS,
    ),
    Numeric("flight", in_flight, section=REAL),
    choice(
        "back",
        """
        Reads were switched an hour ago, and the second writes, now to the old shard, were stopped
        at once. There is a fault, and you go back. What do users miss?
        - Nothing: the old rows are still there.
        : They are, as they were an hour ago.
        + All writes of the last hour.
        : Yes: keep the second writes on until you do not want to go back.
        - Only what was under way when you went back.
        : So it would be had the second writes been on all the time.
        """,
        section=BREAK,
    ),
    Numeric("downtime", downtime, section=WHEN),
    choice(
        "first",
        """
        Half of the operations are writes, and the server is full. Which of these make room for
        more than 2 × the operations?
        - A cache that answers nine reads in ten.
        : It takes away 90 % of the half that are reads: 1.8 × is left.
        - Nine replicas.
        : Each repeats all writes, and the primary has them all: below 2 ×.
        + Three shards, by a key that most questions know and that is even.
        : Yes: shards divide the writes, too.
        """,
        section=WHEN,
    ),
)
