"""Questions on CQRS."""

from __future__ import annotations

import numpy as np

from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice


def pays(rng: np.random.Generator) -> Variant:
    """Ask for the break-even ratio."""
    look_up = int(rng.choice([2, 4, 5]))
    query = look_up + int(rng.choice([10, 20, 40]))
    keep = (query - look_up) * int(rng.choice([2, 3, 5]))
    answer = keep / (query - look_up)
    return Variant(
        prompt=f"A page takes {query} ms by joins and {look_up} ms from a document. Each write "
        f"costs {keep} ms more to keep the document. From how many reads to a write does it pay?",
        answer=answer,
        solution=f"A read saves {query} − {look_up} = {query - look_up} ms; {keep} ÷ "
        f"{query - look_up} = {answer:g}.",
        traps=(
            Trap(keep / query, "The document has to be read as well: count what a read saves."),
            Trap(keep / look_up, "What counts is what a read saves, not what it still costs."),
        ),
        tolerance=0.01,
    )


def lost(rng: np.random.Generator) -> Variant:
    """Ask for the events that a crash loses."""
    rate, window_ms = int(rng.choice([50, 150, 400])), int(rng.choice([4, 10, 30]))
    answer = rate * window_ms / 1e3
    return Variant(
        prompt=f"A service commits {rate} writes a second and publishes each event {window_ms} ms "
        "after its commit. How many events does a crash lose on average?",
        answer=answer,
        solution=f"Those that are between the two: {rate} × {window_ms / 1e3:g} = {answer:g}.",
        traps=(
            Trap(float(rate), "Most of a second's events were published long ago."),
            *(
                (Trap(1.0, "Count those that are between commit and publication at one moment."),)
                if abs(answer - 1) > 0.1
                else ()
            ),
        ),
        tolerance=0.01,
    )


def late(rng: np.random.Generator) -> Variant:
    """Ask for the share that a refresh leaves late, with a pipeline of a fixed time."""
    refresh, way_ms = int(rng.choice([1, 2, 4])), int(rng.choice([100, 200, 300]))
    limit_ms = way_ms + int(rng.choice([200, 400, 500]))
    answer = 100 * (1 - (limit_ms - way_ms) / (1e3 * refresh))
    return Variant(
        prompt=f"Events reach a search index {way_ms} ms after the commit, always. It shows them "
        f"at its next refresh, and refreshes every {refresh} s. How many per cent of the changes "
        f"are not shown {limit_ms} ms after the commit?",
        answer=answer,
        solution=f"The wait for a refresh is anything from 0 to {refresh} s, every value equally "
        f"likely. Late is a wait of more than {limit_ms - way_ms} ms: {answer:g} %.",
        traps=(
            Trap(100 - answer, "So many are in time. Which are late?"),
            Trap(
                100 * (1 - limit_ms / (1e3 * refresh)),
                f"{way_ms} ms have passed before the wait for the refresh begins.",
            ),
        ),
        tolerance=0.01,
    )


def behind(rng: np.random.Generator) -> Variant:
    """Ask how far a projector is behind after a busy time."""
    projected = int(rng.choice([500, 800, 2_000]))
    written = int(projected * rng.choice([1.25, 1.5, 2]))
    minutes = int(rng.choice([20, 40, 60]))
    answer = minutes * (written / projected - 1)
    return Variant(
        prompt=f"For {minutes} minutes {written:,} events a second come, and the projector does "
        f"{projected:,}. How many minutes after its commit is the last of these events shown?",
        answer=answer,
        solution=f"All of them take {minutes} × {written:,} ÷ {projected:,} = "
        f"{minutes * written / projected:g} minutes; {minutes} have passed: {answer:g}.",
        traps=(
            Trap(minutes * written / projected, "So long it works in all. When was the commit?"),
            Trap(
                minutes * (written - projected) / written,
                "What is behind is done at the projector's rate.",
            ),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    Numeric("pays", pays, section="1. When does a second model pay?"),
    choice(
        "ratio",
        """
        A colleague wants a read model because there are 500 reads to a write. What do you ask
        first?
        - Nothing: 500 is far above 100.
        : If a read from it saves nothing, no ratio makes it pay.
        + How much does a read save, and what does a write cost more?
        : Yes: it pays where reads times saving are more than the cost of keeping.
        - Which database shall hold it?
        : That comes when it is clear that it pays.
        """,
        section="1. When does a second model pay?",
    ),
    Numeric("lost", lost, section="2. A row and an event"),
    choice(
        "outbox",
        """
        A service writes row and event's record in one transaction, and a relay publishes what it
        finds there. What can a crash do?
        - Lose an event.
        : The record is on the disk with its row, and the relay goes on with it.
        - Publish an event whose row is not there.
        : The record comes with the row or not at all.
        + Publish an event twice.
        : Yes: it crashes after publishing and before marking that it has.
        """,
        section="2. A row and an event",
    ),
    choice(
        "poll",
        """
        A projector asks the table for rows with an id greater than the last one that it saw. What
        does it miss?
        - Nothing: ids are given in order.
        : They are. Commits come in another order.
        + A row that got its id early and was committed late.
        : Yes: the projector has already gone past its id.
        - Rows that are inserted while it reads.
        : It finds those the next time.
        """,
        section="2. A row and an event",
    ),
    choice(
        "twice",
        """
        A projector sums orders. It commits the sums, and then notes its position in another
        transaction. It crashes now and then. What happens to the sums?
        + Some orders are counted twice.
        : Yes: it crashes between the two, and begins again at the old position.
        - Some orders are missing.
        : They would be if the position were noted first.
        - They stay right: the events come in order.
        : In order, and again from the old position.
        """,
        section="3. Once, and in order",
    ),
    Numeric("late", late, section="4. How late?"),
    Numeric("behind", behind, section="5. The third thing to scale"),
    choice(
        "fresh",
        """
        Your shop needs a total that is never behind the orders, and quick to read. What fits?
        - No read model: consistency and CQRS exclude each other.
        : They do if events are applied later.
        + A total that the same transaction keeps, for example by a trigger.
        : Yes: a read model, in one database, and each write costs more.
        - A read model with a refresh every millisecond.
        : It would still be behind now and then.
        """,
        section="6. Break it",
    ),
)
