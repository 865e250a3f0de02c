"""Questions on read replicas."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.read_replicas.experiments import missed_by_model
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.replication import safe_read_load_per_s


def overtaken(rng: np.random.Generator) -> Variant:
    """Ask who misses a write, with lags spread evenly."""
    low = int(rng.choice([10, 20, 40]))
    high = low + int(rng.choice([80, 160, 200]))
    redirect = low + int(rng.choice([20, 30, 50]))
    answer = missed_by_model(redirect, low, high)
    return Variant(
        prompt=f"A write is on a replica after {low} to {high} ms, any time alike. A reload reads "
        f"a replica {redirect} ms after the write. In what percentage of the cases is it missing?",
        answer=100 * answer,
        solution=f"It misses the lags longer than {redirect} ms: {high - redirect} of the "
        f"{high - low} ms of the range, {100 * answer:.4g} %.",
        traps=(
            Trap(100 * (1 - answer), "In so many cases it is there. Asked is when it is missing."),
            Trap(
                100 * (high - redirect) / high,
                f"No lag is shorter than {low} ms: the range begins there, and not at zero.",
            ),
        ),
        tolerance=0.01,
    )


def promise(rng: np.random.Generator) -> Variant:
    """Ask what replicas can be promised with one lost."""
    replicas, writes = int(rng.choice([3, 4, 5])), int(rng.choice([5, 10, 20]))
    answer = safe_read_load_per_s(
        10_000, replicas, max_utilisation=0.7, write_share=writes / 100, lost=1
    )
    return Variant(
        prompt=f"{replicas} replicas can do 10,000 reads a second each. Replay takes {writes} % of "
        "each, nobody may be over 70 %, and one may fail. How many reads a second can you promise?",
        answer=answer,
        solution=f"{replicas - 1} are left, each with 70 − {writes} = {70 - writes} % for reads: "
        f"{replicas - 1} × {100 * (70 - writes):,} = {answer:,.0f}.",
        traps=(
            Trap(replicas * 10_000.0, "That is every node full, without writes and failures."),
            Trap(
                safe_read_load_per_s(
                    10_000, replicas, max_utilisation=0.7, write_share=writes / 100
                ),
                "And when one fails? The others must carry its reads within the limit.",
            ),
            Trap((replicas - 1) * 7_000.0, "The replay is part of the 70 % of each node."),
        ),
        tolerance=0.01,
    )


def backlog(rng: np.random.Generator) -> Variant:
    """Ask how far behind a replica is after a burst."""
    applied = int(rng.choice([1_000, 2_000, 4_000]))
    written = int(applied * rng.choice([1.5, 2, 3]))
    seconds = int(rng.choice([10, 20, 40]))
    answer = seconds * written / applied - seconds
    return Variant(
        prompt=f"A replica applies {applied:,} writes a second. For {seconds} s the primary "
        f"commits {written:,} a second. How many seconds after its commit is the "
        "last of them on the replica?",
        answer=answer,
        solution=f"The replica needs {seconds} × {written:,} ÷ {applied:,} = "
        f"{seconds * written / applied:g} s for all. {seconds} s have passed: {answer:g} s later.",
        traps=(
            Trap(seconds * written / applied, "So long it works in all. When was it committed?"),
            Trap(
                seconds * (written - applied) / written,
                "The writes that are behind are applied at the replica's rate, not the primary's.",
            ),
        ),
        tolerance=0.01,
    )


def timer(rng: np.random.Generator) -> Variant:
    """Ask for the stale share under a timer."""
    lag, window = int(rng.choice([90, 100, 150])), int(rng.choice([30, 40, 60]))
    think = int(rng.choice([200, 250, 400]))
    answer = 100 * (lag - window) / think
    return Variant(
        prompt=f"Users read again 0 to {think} ms after their write, every moment equally likely. "
        f"The lag is {lag} ms, and reads go to the primary for {window} ms. What percentage is "
        "stale?",
        answer=answer,
        solution=f"Stale is who reads between {window} and {lag} ms: {lag - window} of {think} ms, "
        f"{answer:.4g} %.",
        traps=(
            Trap(100 * lag / think, "So it is without the timer, which saves the early ones."),
            Trap(100 * window / think, "So many reads go to the primary. Who is left to be stale?"),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    choice(
        "when",
        """
        A reload reads a replica after a write. What decides whether the write is there?
        - Whether the replica is in the same data centre.
        : That makes a short lag likely. A replica next door can be seconds behind under load.
        - Whether the write was acknowledged.
        : An asynchronous primary acknowledges before any replica has heard of it.
        + Whether the reload comes later than this replica's lag.
        : Yes: sooner than the lag it is missing, later it is there.
        """,
        section="1. The reload overtakes the write",
    ),
    Numeric("overtaken", overtaken, section="1. The reload overtakes the write"),
    choice(
        "law",
        """
        "Our lag is 10 ms to 5 s, so after 500 ms a third of the replicas are late." What is
        missing in this sentence?
        + The law, and which percentiles the two ends are.
        : Yes: the same range gives shares from 27 to 90 %, by the law.
        - Nothing: the share follows from the range.
        : From the range alone follow only 0 % beyond its upper end and all below the lower.
        - The number of replicas.
        : The share is of all replicas. Their number does not change it.
        """,
        section="2. How long is the lag?",
    ),
    choice(
        "levels",
        """
        A primary of PostgreSQL waits with `synchronous_commit = on` for both replicas. Which are
        true?
        - A read at once from a replica always sees the write.
        : `on` waits until it is on the replica's disk. Reads see what was applied.
        + If the primary burns down, the write is not lost.
        : Yes: both replicas have it on disk, and will apply it.
        + While a large import is applied, reads at once may miss the write.
        : Yes: the record lies on the disk behind the import's.
        - It is the same as `remote_apply`, only older.
        : `remote_apply` waits for the step that makes it visible, and for the import before it.
        """,
        section="3. What a commit waits for",
    ),
    Numeric("timer", timer, section="4. A promise to the writer"),
    choice(
        "phone",
        """
        A user posts on a laptop and looks on the phone. The session on the laptop keeps the
        position of the write. What does the phone's read go by?
        - The same position: it is the same user.
        : Only if somebody brings it there. It is kept in the session of the laptop.
        + Nothing, so it may miss the comment. The position must be kept by user.
        : Yes: two devices are two sessions.
        - The window of 500 ms, which also holds by then.
        : A window by session has not begun on the phone either.
        """,
        section="4. A promise to the writer",
    ),
    Numeric("promise", promise, section="5. What three replicas carry"),
    choice(
        "ten",
        """
        Nine reads to a write. Somebody goes from one full node to ten full replicas and says "ten
        times". Where is that right?
        - For the whole mix: ten times the reads and ten times the writes.
        : Each replica does all the writes, and ten times the writes are ten times on each: 5.26 ×.
        + For the reads, if the writes stay as they are.
        : Yes: each replica has the same room for reads beside the same replay.
        - Nowhere: replicas gain nothing.
        : They gain reads. What they do not gain is room for writes.
        """,
        section="5. What three replicas carry",
    ),
    Numeric("backlog", backlog, section="6. Break it"),
    choice(
        "alarm",
        """
        During an import your replicas fall seconds behind, and writers miss their comments in
        spite of a window of one second. What helps?
        - A replica more.
        : It applies the same writes at the same speed, and is as far behind.
        + A slower import, or reads that go by the position of the write.
        : Yes: the first keeps the lag short, the second works at any lag.
        - `synchronous_commit = on`.
        : That waits for the disk of the replicas, not for the work that waits to be applied.
        """,
        section="6. Break it",
    ),
)
