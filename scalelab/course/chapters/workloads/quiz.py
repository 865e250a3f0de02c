"""Questions on workloads."""

from __future__ import annotations

import numpy as np

from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.replication import read_capacity
from scalelab.models.traffic import read_share, reads_per_write


def ratio_of_percent(rng: np.random.Generator) -> Variant:
    """Ask for reads per write at a percentage."""
    percent = int(rng.integers(60, 100))
    answer = float(reads_per_write(percent / 100))
    return Variant(
        prompt=f"{percent} % of all operations are reads. How many reads are there for each write?",
        answer=answer,
        solution=f"{percent} reads to {100 - percent} writes: {percent} ÷ {100 - percent} = "
        f"{answer:.4g}.",
        traps=(
            Trap(float(percent), "That is reads in a hundred operations. How many are writes?"),
            Trap(100 / (100 - percent), "That counts all operations for each write, one too many."),
        ),
        tolerance=0.01,
    )


def ceiling_of_copies(rng: np.random.Generator) -> Variant:
    """Ask for the most that any number of copies gains."""
    percent = int(rng.choice([80, 90, 95, 98]))
    ratio = float(reads_per_write(percent / 100))
    answer = ratio + 1
    return Variant(
        prompt=f"{percent} % of the work of a database are reads. Every copy does every write. How "
        "many times the throughput of one node can copies reach, however many there are?",
        answer=answer,
        solution=f"Writes are {100 - percent} % of the work, and no copy divides them: "
        f"100 ÷ {100 - percent} = {answer:.4g}.",
        traps=(
            Trap(ratio, "That is reads per write. The writes are done as well: one more."),
            Trap(
                float(percent),
                "That is the percentage. What share is left that no copy divides?",
            ),
        ),
        tolerance=0.01,
    )


def gain_of_some(rng: np.random.Generator) -> Variant:
    """Ask for the gain of a few copies."""
    copies, ratio = int(rng.choice([4, 5, 8, 20])), int(rng.choice([3, 9, 19]))
    answer = float(read_capacity(copies, ratio))
    return Variant(
        prompt=f"{ratio} reads to a write; reads and writes cost the same. Reads are spread over "
        f"{copies} nodes, and every node does every write. How many times the throughput of one "
        "node do they reach?",
        answer=answer,
        solution=f"For each write a node does 1 + {ratio} ÷ {copies} = {1 + ratio / copies:.4g} "
        f"operations, one node alone {ratio + 1}: {ratio + 1} ÷ {1 + ratio / copies:.4g} = "
        f"{answer:.3g}.",
        traps=(
            Trap(float(copies), "So it would be without writes. Each node does all of them."),
            Trap(
                copies * float(read_share(ratio)),
                "Only the reads are divided, but the writes do not vanish: each node does them.",
            ),
            Trap(ratio + 1.0, "That is the ceiling, for any number of nodes."),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    choice(
        "ninety",
        """
        A colleague says: "We are read-heavy, 90 % reads, so about 100 reads to a write." How
        large is the error?
        + A factor of eleven in the ratio, and of ten in what copies can gain.
        : Yes. 90 % are 9 to 1. Copies gain at most 10 times one node, not 101 times.
        - Nothing: both are read-heavy.
        : The name is the same. What copies can gain is 10 times in one case, 101 in the other.
        - A factor of ten: it is 10 reads to a write.
        : 10 of 100 operations are writes and 90 are reads: 9 to 1.
        """,
        section="1. Per cent and per write",
    ),
    Numeric("ratio", ratio_of_percent, section="1. Per cent and per write"),
    choice(
        "eighty",
        """
        Of a shop's operations 80 % are reads. In which of the guide's classes is it?
        - Read-heavy.
        : The guide draws that line at 90 %.
        + In none.
        : Yes: less than 90 % reads, less than 50 % writes, and not 50 : 50.
        - Balanced.
        : The guide says 50 : 50, and this is 80 : 20.
        """,
        section="What the guide says",
    ),
    Numeric("ceiling", ceiling_of_copies, section="2. What copies do to reads and to writes"),
    Numeric("gain", gain_of_some, section="2. What copies do to reads and to writes"),
    choice(
        "cheap",
        """
        On a real server a replica spends less than half the processor time on replaying a write
        that the primary spends on doing it. What does that change?
        - The ceiling doubles.
        : Copies have more time left for reads, but the primary is full of writes at the same load.
        - Nothing, since copies are not asked to write.
        : They are: every write is done again by each of them, more cheaply.
        + The ceiling is reached with fewer copies, and stays where it is.
        : Yes: at the ceiling the primary has no time for anything but writes.
        """,
        section="3. For real",
    ),
    choice(
        "night",
        """
        A service has 9 reads to a write over the day: 20 reads a second on average. For an hour
        each night it imports 40 writes a second.
        Which statements are right?
        + In that hour there are more writes than reads.
        : Yes: in the shop of this chapter there are almost three writes to a read then.
        + Copies help least in that hour.
        : Yes: the more writes, the less there is to divide.
        - The mean of the day decides how many copies are needed.
        : The copies must stand the worst hour, and the mean hides it.
        - The import does not count, since nobody waits for it.
        : The readers of that hour wait, behind its writes.
        """,
        section="4. An hour is not a day",
    ),
    choice(
        "behind",
        """
        In front there are 100 reads to a write. A cache answers 90 % of the reads. Which mix does
        the database see?
        - 100 reads to a write, ten times more slowly.
        : Writes are not cached away. The number of reads falls, that of writes does not.
        + 10 reads to a write.
        : Yes: of 100 reads 10 come through, and the write always does.
        - 90 reads to a write.
        : 90 are answered by the cache, and 10 come through.
        """,
        section="5. Where you count, and what",
    ),
    choice(
        "report",
        """
        A dashboard runs one report for 999 stored measurements. By count it is 0.1 % reads. What
        else do you want to know before you call it write-heavy?
        - Nothing: 0.1 % is far below 50 %.
        : By count. Machines are filled by work, and reports are long.
        - How many users it has.
        : That scales both. The mix of work is the question.
        + What a report costs beside a measurement.
        : Yes. If one report does the work of 100,000 measurements, nearly all work is reading.
        """,
        section="6. Break it",
    ),
)
