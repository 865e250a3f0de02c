"""Questions on the principles and on the mindset."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.principles.experiments import begin_at
from scalelab.course.chapters.principles.outages import with_cache_ms
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.headroom import utilisation_after_loss
from scalelab.models.replication import read_capacity


def cached(rng: np.random.Generator) -> Variant:
    """Ask for the mean read with a cache in front."""
    hits = float(rng.choice([0.6, 0.75, 0.9]))
    look, query = int(rng.choice([2, 3, 4])), int(rng.choice([5, 8, 12]))
    answer = with_cache_ms(hits, look, query)
    return Variant(
        prompt=f"A look into the cache takes {look} ms, a query {query} ms. {100 * hits:.0f} % of "
        "the reads hit; the others look first and then ask the database. How long is a read on "
        "average, in ms?",
        answer=answer,
        solution=f"Every read looks, and {100 * (1 - hits):.0f} % ask the database as well: "
        f"{look} + {1 - hits:.2g} × {query} = {answer:.4g} ms.",
        traps=(
            Trap(hits * look + (1 - hits) * query, "Those that miss have looked as well."),
            Trap(look + hits * query, "The hits are those that do not ask the database."),
        ),
        tolerance=0.01,
    )


def lead(rng: np.random.Generator) -> Variant:
    """Ask at which share of the limit a step must begin."""
    percent, months = int(rng.choice([4, 8, 10])), int(rng.choice([4, 6, 9]))
    answer = 100 * begin_at(months, 1 + percent / 100)
    return Variant(
        prompt=f"The load grows by {percent} % a month, and a step takes {months} months. At how "
        "many per cent of the limit must it begin at the latest?",
        answer=answer,
        solution=f"In {months} months the load grows {(1 + percent / 100) ** months:.4g} times: "
        f"100 ÷ {1 + percent / 100:g}^{months} = {answer:.4g} %.",
        traps=(
            Trap(100 - percent * months, "Growth is on top of growth: divide, month by month."),
            Trap(100 / (1 + percent / 100), "That is one month before the limit."),
        ),
        tolerance=0.01,
    )


def spare(rng: np.random.Generator) -> Variant:
    """Ask how busy the servers are that are left."""
    servers, busy = int(rng.choice([2, 3, 5])), int(rng.choice([40, 48, 60]))
    answer = 100 * float(utilisation_after_loss(busy / 100, servers))
    return Variant(
        prompt=f"{servers} servers are {busy} % busy each. One is lost, and the others take all of "
        "its load. How many per cent of each of them is then needed?",
        answer=answer,
        solution=f"{servers} × {busy} % ÷ {servers - 1} = {answer:.4g} %.",
        traps=(
            Trap(busy, "Its load does not vanish. Who takes it?"),
            Trap(busy * (servers + 1) / servers, "It is shared by those that are left."),
        ),
        tolerance=0.01,
    )


def copies(rng: np.random.Generator) -> Variant:
    """Ask what copies bring by the share of writes."""
    nodes, reads = int(rng.choice([4, 5, 8])), int(rng.choice([4, 9, 19]))
    answer = float(read_capacity(nodes, reads))
    return Variant(
        prompt=f"{nodes} copies of a database share the reads, and each of them applies every "
        f"write. There are {reads} reads for each write, and both are the same work. How many "
        "times as many requests do they carry as one copy?",
        answer=answer,
        solution=f"One write and {reads} reads are {reads + 1} units of work for one copy. With "
        f"{nodes} each has 1 + {reads} ÷ {nodes} of them: {reads + 1} ÷ (1 + {reads} ÷ {nodes}) "
        f"= {answer:.4g}.",
        traps=(
            Trap(nodes, "Every copy applies every write."),
            Trap(reads + 1, "That is the most that any number of copies can reach."),
        ),
        tolerance=0.01,
    )


QUESTIONS = [
    choice(
        "halved",
        """
        A request is 20 ms of work for the app server and 4 ms for the database, one core each. 50
        users ask without a pause. Somebody halves the work at the database. What changes?
        - About 8 % more requests a second, because 2 of 24 ms are gone.
        : That is what one user alone would see. Here the app server is always busy.
        + Next to nothing: the app server is full, and its work is the same.
        : The throughput stays at one request each 20 ms.
        - Twice as many requests a second.
        : Only if the database were the part that is full.
        """,
        section="1. The part that is full first",
    ),
    choice(
        "average",
        """
        Over the whole day the app server needs more of its time than the database. The site hangs
        each night, when reports run. Which measurement helps?
        - The mean of the day: it has the most requests in it.
        : It is a mix that is asked for at no hour.
        - The mean of the night and the day, each counted half.
        : That is a mix of nobody's, too.
        + The busy share of each part in the hour that hangs.
        : The mix of that hour decides which part is full first.
        """,
        section="8. Break it",
    ),
    choice(
        "optimise",
        """
        Eight days of work make the queries 40 % less work. When is that money well spent?
        + When the cores that it frees cost more, over the months that count, than the days.
        : That is the break-even of section 2.
        - Always: an optimisation has no monthly bill.
        : It has a price, paid once. For a small database it is the larger one.
        - Never, since a core is cheaper than a day.
        : One core is. Twenty cores for a year are not.
        """,
        section="2. Less work, or more machine",
    ),
    Numeric("cached", cached, section="3. Cache, with a plan"),
    Numeric("spare", spare, section="4. Survive a loss"),
    Numeric("copies", copies, section="5. Reads, writes, and time"),
    Numeric("lead", lead, section="5. Reads, writes, and time"),
    choice(
        "give-up",
        """
        Your data have two copies in two cities. May you decide to do without tolerance of a cut
        network?
        - Yes: one chooses two of consistency, availability and partition tolerance.
        : The network does not ask you. It is cut, or it is not.
        - Yes, if the network is good enough.
        : A good one is cut seldom. When it is, the program does something all the same.
        + No. I choose what happens when it is cut: no answers on one side, or two versions.
        : Only data on one machine need no answer to this question.
        """,
        section="6. When the network is cut",
    ),
    choice(
        "whole",
        """
        The network between two copies is whole, 50 ms each way. What must still be chosen?
        - Nothing: without a cut one has consistency and availability.
        : The way takes its time on every day of the year.
        + Whether a write waits for the other copy, or a read there may be old.
        : 100 ms for each write, or a share of old reads that grows with the rate of writes.
        - Whether reads or writes are refused.
        : Nothing is refused while the network is whole.
        """,
        section="6. When the network is cut",
    ),
    choice(
        "record",
        """
        Which of these belong into a record of a decision?
        + The load at which the next step is due.
        : So that somebody can see when the decision is over.
        + Until when the step can be taken back.
        : A step that nobody can take back needs more care than one for an afternoon.
        - That the team agreed.
        : That is pleasant, and says nothing about the system.
        + What users are promised, as a number.
        : It is what the step may not break.
        """,
        section="7. A decision with numbers",
    ),
]
