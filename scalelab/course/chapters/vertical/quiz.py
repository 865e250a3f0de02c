"""Questions on vertical scaling."""

from __future__ import annotations

import math

import numpy as np

from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.availability import downtime_s_per_year
from scalelab.models.cost import cost_of_performance
from scalelab.models.scaling_law import amdahl_through


def ceiling(rng: np.random.Generator) -> Variant:
    """Ask for the end of Amdahl's law through two measurements."""
    small, factor = int(rng.choice([2, 4, 8])), int(rng.choice([4, 8]))
    rate = int(rng.integers(5, 20)) * 100
    gain = float(rng.choice([2.5, 3.0, 3.5])) if factor == 4 else float(rng.choice([4.0, 5.0, 6.0]))
    law = amdahl_through([small, small * factor], [rate, gain * rate])
    return Variant(
        prompt=f"{small} cores do {rate:,} requests a second, {small * factor} cores do "
        f"{gain * rate:,.0f}. By Amdahl's law, what do infinitely many cores do, in requests a "
        "second?",
        answer=law.ceiling_per_s,
        solution=f"With {small} cores as the unit, the serial share is ({factor} ÷ {gain:g} − 1) ÷ "
        f"({factor} − 1) = {(factor / gain - 1) / (factor - 1):.4f}, and the end is "
        f"{rate:,} ÷ that = {law.ceiling_per_s:,.0f}.",
        traps=(
            Trap(
                gain * gain * rate,
                "That repeats the gain once more. Each further step of the same size brings less.",
            ),
            Trap(
                float(factor * rate),
                "That is perfect scaling to the larger machine, not the limit of the law.",
            ),
        ),
    )


def next_doubling(rng: np.random.Generator) -> Variant:
    """Ask what twice the cores bring."""
    share = float(rng.choice([0.02, 0.04, 0.05, 0.1]))
    cores = int(rng.choice([8, 16, 32]))
    before = 1 / (share + (1 - share) / cores)
    after = 1 / (share + (1 - share) / (2 * cores))
    return Variant(
        prompt=f"{100 * share:g} % of the work cannot be shared. How many times as much do "
        f"{2 * cores} cores do as {cores}, by Amdahl's law?",
        answer=after / before,
        solution=f"{cores} cores are worth {before:.2f} of one, {2 * cores} are worth {after:.2f}: "
        f"{after / before:.3f} times as much.",
        traps=(
            Trap(2.0, "Twice is for work that can be shared completely."),
            Trap(
                2 * (1 - share),
                "The serial share is not a discount on the gain; it grows in weight with each "
                "doubling.",
            ),
        ),
        tolerance=0.01,
    )


def twice(rng: np.random.Generator) -> Variant:
    """Ask for the price of twice the performance."""
    gain = float(rng.choice([1.3, 1.4, 1.5, 1.6, 1.7]))
    answer = float(cost_of_performance(2, gain))
    return Variant(
        prompt=f"Price is linear in cores, and each doubling of the cores brings {gain:g} times "
        "the performance. How many times as much does twice the performance cost?",
        answer=answer,
        solution=f"It takes log 2 ÷ log {gain:g} = {math.log(2) / math.log(gain):.2f} doublings, "
        f"each of twice the price: {answer:.2f} times.",
        traps=(
            Trap(2.0, "Twice the price buys twice the cores, which bring less than twice."),
            Trap(
                2 * 2 / gain,
                "Nearly: one doubling falls short, and the rest has a falling return, too.",
            ),
        ),
    )


def downtime(rng: np.random.Generator) -> Variant:
    """Ask for hours of downtime a year."""
    percent = float(rng.choice([99.0, 99.5, 99.8, 99.95]))
    answer = float(downtime_s_per_year(percent / 100)) / 3_600
    return Variant(
        prompt=f"A service runs on one machine that is up {percent:g} % of the time. How many "
        "hours a year is it down?",
        answer=answer,
        solution=f"{100 - percent:.3g} % of 8,760 hours are {answer:.1f} hours.",
        traps=(
            Trap(
                answer / 12,
                "That is a month. A year has twelve of them.",
            ),
            Trap(
                answer**2 / 8_760,
                "That would be two machines of which one is enough, failing independently.",
            ),
        ),
    )


QUESTIONS = (
    choice(
        "two-laws",
        """
        4 cores do 1,000 requests a second and 32 do 5,000. What will 64 do?
        + Two measurements do not say.
        : Contention gives 7,000 and coherency 4,600 through the same points. Measure a third size.
        - 10,000, because 32 cores did 5,000.
        : From 4 to 32 the machine did not keep its rate per core. Why should it begin now?
        - 7,000, by Amdahl's law.
        : If nothing but a serial part slows it down. Cores that talk to each other would make it
          less than 5,000.
        """,
        section="1. Two measurements, two laws",
    ),
    Numeric("ceiling", ceiling, section="1. Two measurements, two laws"),
    Numeric("next-doubling", next_doubling, section="1. Two measurements, two laws"),
    choice(
        "price",
        """
        Within one family of cloud machines, how does the price grow with the number of cores?
        + In proportion: twice the cores, twice the price.
        : 70 dollars a core and month at both ends of the list. What rises is the price of a
          request.
        - Exponentially.
        : An exponential price would double with every core that is added, or every ten. It doubles
          when the cores do.
        - With the square of the cores.
        : That is what performance can cost when each doubling brings 1.4 times as much; the cores
          themselves are sold by the piece.
        """,
        section="3. What it costs",
    ),
    Numeric("twice", twice, section="3. What it costs"),
    choice(
        "lock",
        """
        Every request holds one lock for 2.3 % of its time, at random moments; otherwise nothing is
        shared. 32 cores. How does the throughput compare with Amdahl's law for 2.3 %?
        + It is higher: nearly 31 times one core instead of 19.
        : Amdahl's serial part stops everybody. A lock stops only those who want it at the same
          moment.
        - It is the same, because the serial share is.
        : The ends are the same, 44 times one core. On the way there the lock is kinder.
        - It is lower, because waiting for a lock takes time too.
        : Waiting is in both accounts. In Amdahl's all cores wait each time.
        """,
        section="2. A lock is not work in turn",
    ),
    choice(
        "standby",
        """
        Which of these does a second machine, kept as a standby, give you?
        + Upgrades with a short switch-over instead of an outage.
        : The standby is upgraded first, then the roles change.
        + A service that survives the failure of one machine.
        : If the failover works and its own time is counted.
        - Twice the throughput.
        : A standby waits. If it serves as well, its loss is felt; that is another design.
        - Downtime that is gone.
        : Each switch-over takes a minute or two, and somebody has to notice first.
        """,
        section="4. One of everything",
    ),
    Numeric("downtime", downtime, section="4. One of everything"),
    choice(
        "disk",
        """
        Why do people split a database at 2 TB when a machine holds 100 TB?
        + Because restoring it takes hours, and days for 100 TB.
        : At 200 MB/s 2 TB are 2.8 hours. Recovery time, maintenance and caches bind long before
          capacity.
        - Because disks above 2 TB are slow.
        : A larger drive is as fast as a smaller one of its kind, or faster.
        - Because a file system cannot address more.
        : Every current one can, by many orders of magnitude.
        """,
        section="5. The ceiling",
    ),
    choice(
        "when",
        """
        For which of these is a larger machine the sensible first answer?
        + A database whose data has just outgrown the memory.
        : More memory brings the hit ratio back, with no change to any code.
        + A monolith that keeps its state in its own memory.
        : It cannot run twice as it stands. A larger machine buys time.
        - A service that must survive the failure of a machine.
        : No size of one machine helps there.
        - A single-threaded job that takes too long.
        : More cores do nothing for it; only a faster core or another program does.
        """,
        section="What the guide says",
    ),
)
