"""Questions on read-after-write consistency."""

from __future__ import annotations

import math

import numpy as np

from scalelab.course.chapters.read_after_write.experiments import reads_pinned_per_write
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.cache_races import stale_fill_probability


def missed_share(rng: np.random.Generator) -> Variant:
    """Ask for the share of users that a timer fails, for a fixed lag and a uniform pause."""
    pause_ms = int(rng.choice([200, 400, 500, 1_000]))
    timer_ms = int(rng.choice([0, 1, 2])) * pause_ms // 10
    lag_ms = timer_ms + int(rng.integers(1, 6)) * pause_ms // 10
    answer = 100 * (lag_ms - timer_ms) / pause_ms
    return Variant(
        prompt=f"A replica is always {lag_ms} ms behind. Users read back what they wrote after 0 "
        f"to {pause_ms} ms, each length of pause equally likely. For {timer_ms} ms after a write "
        "their reads go to the primary. How many per cent of them miss their write?",
        answer=answer,
        solution=f"Those who read after the timer and before the replica has it: ({lag_ms} − "
        f"{timer_ms}) ÷ {pause_ms} = {answer:g} %.",
        traps=(
            *(
                (Trap(100 * lag_ms / pause_ms, "Those within the timer read the primary."),)
                if timer_ms
                else ()
            ),
            *(
                (Trap(100 - answer, "That is the share of those who see it. Who does not?"),)
                if abs(answer - 50) > 5
                else ()
            ),
        ),
        tolerance=0.01,
    )


def extra_reads(rng: np.random.Generator) -> Variant:
    """Ask for the reads that a timer brings to the primary."""
    window_s, ratio = float(rng.choice([0.5, 1.0, 2.0])), int(rng.choice([9, 19, 99]))
    answer = reads_pinned_per_write(window_s, ratio)
    return Variant(
        prompt="A user does one operation a second, at moments that do not depend on each other, "
        f"{ratio} reads to a write. For {window_s:g} s after a write a user's reads go to the "
        "primary; a new write begins the time anew. How many reads come to the primary for each "
        "write?",
        answer=answer,
        solution=f"A user is pinned for 1 − exp(−{window_s:g} ÷ {ratio + 1}) of the time, and "
        f"there are {ratio} reads for each write: {answer:.3g}.",
        traps=(
            Trap(float(ratio), "Those are all reads. Only those within the time after a write."),
            Trap(
                1 - math.exp(-window_s / (ratio + 1)),
                "That is the share of the time. How many reads fall into it, for each write?",
            ),
        ),
        tolerance=0.06,
    )


def refill(rng: np.random.Generator) -> Variant:
    """Ask for the chance that a deleted entry is filled with the old row."""
    rate, lag_ms = int(rng.choice([2, 5, 8, 20])), int(rng.choice([20, 50, 100]))
    answer = 100 * float(stale_fill_probability(rate, lag_ms / 1_000))
    linear = rate * lag_ms / 10
    return Variant(
        prompt="A write deletes the entry of its key in the cache. Misses are filled from a "
        f"replica that is {lag_ms} ms behind, and the key is read {rate} times a second, at "
        "moments that do not depend on each other. In how many per cent of the writes does the "
        "old row come back into the cache?",
        answer=answer,
        solution=f"Whenever a read comes within {lag_ms} ms: 1 − exp(−{rate} × "
        f"{lag_ms / 1_000:g}) = {answer:.3g} %.",
        traps=(
            *(
                (Trap(linear, "Two reads within the lag are still one old row: 1 − exp(−λ lag)."),)
                if abs(linear - answer) > 0.03 * answer
                else ()
            ),
            Trap(100 - answer, "That is how often no read comes in time. Asked is the opposite."),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    choice(
        "ticket",
        """
        "I saved my address. The next page showed the old one. I saved it again, and the next page
        showed the new one." Which guarantee was missing?
        - Monotonic reads.
        : He never saw the new one and then the old one. He missed what he had written.
        + Reading one's own writes.
        : Yes: his write was acknowledged, and his next read did not see it.
        - Linearizability, nothing less.
        : It would help, and it is far more than this complaint asks for.
        """,
        section="1. Three tickets, four guarantees",
    ),
    Numeric("missed", missed_share, section="2. A timer is a bet on the lag"),
    choice(
        "window",
        """
        Somebody asks whether 1 s on the primary after a write is enough. What do you answer?
        - Yes: replication takes milliseconds.
        : Within one centre, at rest. Under a burst of writes it takes seconds.
        - No: it takes 2 s.
        : For some lags that is far too much, for others too little.
        + It depends on the longest lag: show me its measured distribution.
        : Yes: what fails is the share of lags beyond the window.
        """,
        section="2. A timer is a bet on the lag",
    ),
    Numeric("extra", extra_reads, section="2. A timer is a bet on the lag"),
    choice(
        "token",
        """
        A router compares the position of a user's last write with what a replica has applied. What
        does it promise?
        + The user sees his own writes, however long the lag.
        : Yes: a replica that is not there yet is not asked, or waits.
        - All users must see every write at once.
        : Others have no such token: they may read old data.
        - The user never waits.
        : If the replica is behind, he waits for it or goes to the primary.
        """,
        section="3. A token, not a timer",
    ),
    choice(
        "strict",
        """
        For monotonic reads a colleague compares the timestamp of a row with the latest one that the
        user has seen, and returns the row if it is at least as new. What happens?
        - It works: "newer" was the mistake, "at least as new" is right.
        : Look at two rows. One was written long before the other, and is current all the same.
        + A row that was last written earlier is refused, although it is current.
        : Yes. Rows have ages of their own. Compare how far the replica has come.
        - The filter lets a row go back to an older version.
        : It does not. It refuses rows that are current.
        """,
        section="4. Never backwards",
    ),
    Numeric("refill", refill, section="5. Caches"),
    choice(
        "stock",
        """
        Two users buy the last piece at the same moment. Which of these prevents that both get it?
        - Both read from the primary.
        : Both read 1 there, and both write 0.
        - Both carry tokens of all that they have seen.
        : Neither has seen the other's write: it has not happened yet when they read.
        + The write holds only if the stock is still what was read.
        : Yes: the second one is refused, and can read again.
        """,
        section="6. Break it",
    ),
    choice(
        "error",
        """
        The page shows a comment as pending, and the server's answer is a timeout. What may the page
        say?
        - Not saved: remove it.
        : The write may have happened, and only its answer got lost.
        + Unknown; and it may send the same comment again, with the same number.
        : Yes: a server that takes each number once stores it once.
        - Saved.
        : Nobody has said so.
        """,
        section="What the guide says",
    ),
)
