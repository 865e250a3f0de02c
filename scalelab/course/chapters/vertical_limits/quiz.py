"""Questions on the limits of a larger database server."""

from __future__ import annotations

import math

import numpy as np

from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.cost import cost_of_performance


def price_of_twice(rng: np.random.Generator) -> Variant:
    """Ask for the price of twice the performance at a gain of each doubling."""
    gain = float(rng.choice([1.25, 1.3, 1.4, 1.5, 1.6]))
    answer = float(cost_of_performance(2, gain))
    return Variant(
        prompt=f"Each doubling of a machine doubles its price and gains {gain:g} × the "
        "performance. How many times the price is twice the performance?",
        answer=answer,
        solution=f"log 2 ÷ log {gain:g} = {math.log(2) / math.log(gain):.3g} doublings, each "
        f"twice the price: {answer:.3g}.",
        traps=(
            Trap(2.0, "One doubling costs twice, and does not give twice the performance."),
            Trap(
                2 * 2 / gain, "That is one doubling, corrected. Count how many doublings it takes."
            ),
        ),
        tolerance=0.02,
    )


def months_left(rng: np.random.Generator) -> Variant:
    """Ask for the time until a machine is as busy as before its upgrade."""
    gain = float(rng.choice([1.3, 1.5, 1.7, 1.8]))
    months = int(rng.choice([6, 12, 18]))
    answer = months * math.log2(gain)
    return Variant(
        prompt=f"The load doubles every {months} months. An upgrade gains {gain:g} × the "
        "throughput. After how many months is the machine as busy as before it?",
        answer=answer,
        solution=f"The load must grow {gain:g} ×: log₂ {gain:g} = {math.log2(gain):.3g} doublings "
        f"of {months} months: {answer:.3g}.",
        traps=(
            Trap(float(months), "The hardware doubled, its throughput did not."),
            Trap(
                months * (gain - 1),
                "That is growth by the same amount each month; this load grows by a factor.",
            ),
        ),
        tolerance=0.02,
    )


def sustained_price(rng: np.random.Generator) -> Variant:
    """Ask for the price of a sustained core of a burstable machine."""
    cores, usd = int(rng.choice([2, 4, 8])), int(rng.choice([30, 60, 90]))
    percent = int(rng.choice([10, 20, 30, 40]))
    answer = usd / (cores * percent / 100)
    return Variant(
        prompt=f"A machine has {cores} virtual cores for ${usd} a month, and may keep {percent} % "
        "of each busy all day. How many dollars is a core that is busy all the time?",
        answer=answer,
        solution=f"{cores} × {percent} % = {cores * percent / 100:g} cores: {usd} ÷ "
        f"{cores * percent / 100:g} = {answer:.4g}.",
        traps=(
            Trap(usd / cores, "That is a virtual core, which may not be busy all the time."),
            Trap(
                usd / percent * 100, "There are several cores, each of which may be busy a little."
            ),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    choice(
        "first",
        """
        One client saves orders one after another, each in a transaction of its own. The machine has
        8 cores, and one of them is 5 % busy. What does a machine of 32 cores
        bring?
        - Four times as many orders.
        : The orders wait for the log to reach the disk, one after another. No core is missing.
        + Next to nothing, if the disk is of the same kind.
        : Yes: each commit waits for one write of the log. Several at a time would share it.
        - Nothing, since databases use one core.
        : A connection uses one core at a time, a database as many as there are busy connections.
        """,
        section="1. Which part is full first",
    ),
    choice(
        "doublings",
        """
        A machine grows from 4 cores to 8, to 16, to 32, and a few per cent of the work are done in
        turn. What do the gains look like?
        - 2 ×, 2 ×, 2 ×, and then a sudden end.
        : There is no sudden end: the share in turn weighs a little more each time.
        - The same factor below two each time.
        : That would be a power. With a fixed share in turn each gain is smaller than the last.
        + Each smaller than the one before.
        : Yes: 1.84, 1.73, 1.57 × in the guide's example.
        """,
        section="2. Each doubling brings less",
    ),
    Numeric("left", months_left, section="2. Each doubling brings less"),
    choice(
        "families",
        """
        In a price list the smallest machine costs $15 a core, and all others $70. What follows?
        + That the smallest is of another kind; compare it by what it may use all day.
        : Yes: by cores that may be busy all the time it is the dearest of all.
        - That efficiency drops as machines grow.
        : From the second row on nothing changes.
        - That many small ones are cheaper for steady work.
        : They may be busy a fifth of the time. For steady work you need five times as many.
        """,
        section="3. One price list, three units",
    ),
    Numeric("sustained", sustained_price, section="3. One price list, three units"),
    Numeric("twice", price_of_twice, section="4. The wall"),
    choice(
        "wall",
        """
        With 2.3 % in turn the ceiling is 11,667 requests a second. A machine does 6,000. What does
        twice as much cost?
        - Twice the price.
        : Twice the cores are far from twice the throughput here.
        - About four times the price.
        : That would be near 22 cores. This machine has 48.
        + It cannot be had: 12,000 is beyond the ceiling.
        : Yes: from 43 cores on no machine does twice as much.
        """,
        section="4. The wall",
    ),
    choice(
        "switch",
        """
        Two teams compare one large machine with many small ones, at the same prices. One says the
        switch is at 2,400 requests a second, the other at 7,900. Who is wrong?
        - The first: small machines are always dearer.
        : By these prices they are cheaper from 1,000 requests a second on, before other costs.
        - The second: nobody should run one machine so long.
        : If work on many machines costs a lot, one may be right for long.
        + Perhaps neither: they put another price on complexity.
        : Yes: $100 and $4,000 a month give these two answers.
        """,
        section="5. One, or many",
    ),
)
