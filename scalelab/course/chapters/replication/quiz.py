"""Questions on replication."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.replication.experiments import alarm_by_model
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.replication import lost_writes
from scalelab.models.write_latency import kth_exponential_mean_s

COMMIT = "1. What a commit waits for"
ANY = "2. Any one of several"
GONE = "3. The standby is gone"
LOSS = "4. What a failover loses"
PROBE = "5. Is the standby behind?"
RUNBOOK = "6. The runbook"
BREAK = "7. Break it"


def any_of(rng: np.random.Generator) -> Variant:
    """Ask how long a commit waits for any one of several."""
    standbys, mean_ms = int(rng.choice([2, 3, 4])), float(rng.choice([12, 24, 36]))
    answer = 1e3 * float(kth_exponential_mean_s(1, standbys, mean_ms / 1e3))
    return Variant(
        prompt=f"{standbys} standbys answer after an exponential time of {mean_ms:g} ms on "
        "average, independently. A commit waits for any one of them. How many ms is that on "
        "average?",
        answer=answer,
        solution=f"The quickest of {standbys}: {mean_ms:g} ÷ {standbys} = {answer:g} ms.",
        traps=(
            Trap(mean_ms, "So long takes one that you choose beforehand. This is the quickest."),
            Trap(
                1e3 * float(kth_exponential_mean_s(standbys, standbys, mean_ms / 1e3)),
                "That is the time for all of them.",
            ),
        ),
        tolerance=0.01,
    )


def loss(rng: np.random.Generator) -> Variant:
    """Ask how many writes a promotion loses."""
    lag_ms, rate = int(rng.choice([40, 150, 400])), int(rng.choice([500, 2_000, 3_000]))
    answer = float(lost_writes(lag_ms / 1e3, rate))
    return Variant(
        prompt=f"Replication is asynchronous, the standby is {lag_ms} ms behind, and "
        f"{rate:,} writes a second are confirmed, evenly. The primary burns and the standby is "
        "promoted. How many confirmed writes are lost?",
        answer=answer,
        solution=f"Those confirmed in the last {lag_ms} ms: {lag_ms / 1e3:g} s × {rate:,} a second "
        f"= {answer:g}.",
        traps=(
            Trap(lag_ms * float(rate), "The lag is in ms, the rate in writes a second."),
            Trap(0.0, "Confirmed means on the primary's disk here, and that burned."),
        ),
        tolerance=0.01,
    )


def alarm(rng: np.random.Generator) -> Variant:
    """Ask how often the guide's query rings in a quiet database."""
    gap, limit = int(rng.choice([20, 60, 120])), int(rng.choice([5, 10, 15]))
    answer = 100 * float(np.exp(-limit / gap))
    assert abs(alarm_by_model(1.0) - np.exp(-0.99 / 60)) < 1e-12  # the page's, the same law
    return Variant(
        prompt=f"Writes come {gap} s apart on average, with exponential gaps. The standby is never "
        f"behind. What percentage of the time does the guide's query say more than {limit} s?",
        answer=answer,
        solution="It says the time since the last write, which is longer than "
        f"{limit} s with chance e^(−{limit}/{gap}): {answer:.4g} %.",
        traps=(
            Trap(0.0, "It would be, if the query looked at the lag. It looks at the last write."),
            Trap(100 - answer, "That is the share of the time in which it says less."),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    choice(
        "current",
        """
        A commit waits until the write is on the standby's disk (`on`). Somebody reads it from
        that standby at once. Is it there?
        - Yes: a synchronous standby has no lag.
        : It has received the write. Whether it shows it is another matter.
        - Yes, if the disk has finished.
        : The disk has finished, or the commit would still wait. A disk is no table.
        + Not for sure: it is stored there, but may not be applied yet.
        : Yes: only `remote_apply` waits until a read sees it.
        """,
        section=COMMIT,
    ),
    Numeric("any_of", any_of, section=ANY),
    choice(
        "cancel",
        """
        The only synchronous standby is dead, a commit hangs, and you cancel it. PostgreSQL says
        success, with a warning. What do you know?
        - The write was rolled back.
        : It had been written on the primary before it waited; the row is there.
        + The write is on the primary, and perhaps nowhere else.
        : Yes. Sending it again may store it twice, so give it a key of its own.
        - The write is on the standby.
        : The standby is dead; that is what the warning is about.
        """,
        section=GONE,
    ),
    Numeric("loss", loss, section=LOSS),
    Numeric("alarm", alarm, section=PROBE),
    choice(
        "repaired",
        """
        Somebody changes the query: it says 0 if all that the standby received is applied. When
        is that dangerous?
        - In a quiet night, when nobody writes.
        : Then nothing is missing, and 0 is right: for this the change was made.
        - During an import.
        : Then something received is not applied, and it says what it said before.
        + When the link is cut: what never came cannot be counted, and it says 0.
        : Yes. The one case in which you must hear of it is the one it keeps from you.
        """,
        section=PROBE,
    ),
    choice(
        "corpse",
        """
        The primary is dead, by all signs. Replication was asynchronous. What comes first?
        - Wait until the lag is zero.
        : Nobody sends what is missing. The wait has no end, or ends at once and means nothing.
        - Promote a standby, so that writes go on.
        : And if the primary was only cut off? Then there are two.
        + Make sure that it stays dead: power off, or a lease that has run out.
        : Yes. Only then can there be one primary. After that take the longest log.
        """,
        section=RUNBOOK,
    ),
    choice(
        "which",
        """
        Commits wait for any one of two standbys. The primary is dead, one standby is up, the
        other is down. May you promote the one that is up?
        - Yes: replication is synchronous, so nothing can be lost.
        : Each write is on one of the two. Perhaps it is on the other one.
        + Only if you accept a loss: a write may be on the other standby alone.
        : Yes. To be sure you need both, and of these the longer log.
        - Yes, if its lag was zero the last time that somebody looked.
        : And the writes after that? They may have been confirmed by the other one.
        """,
        section=BREAK,
    ),
)
