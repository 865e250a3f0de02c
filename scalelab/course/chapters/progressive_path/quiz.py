"""Questions on the progressive path."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.progressive_path.experiments import peak_of
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice


def load(rng: np.random.Generator) -> Variant:
    """Ask for the requests a second of users with habits."""
    thousands = int(rng.choice([200, 500, 800]))
    share, requests, peak = (
        float(rng.choice([0.1, 0.25, 0.5])),
        int(rng.choice([20, 40, 60])),
        int(rng.choice([2, 3, 4])),
    )
    users = 1_000 * thousands
    answer = peak_of(users, share, requests, peak)
    mean = answer / peak
    return Variant(
        prompt=f"{users:,} users: {100 * share:.0f} % of them come on a day, for {requests} "
        f"requests each, and the peak is {peak} × the mean. How many requests a second is that at "
        "the peak?",
        answer=answer,
        solution=f"{users:,} × {share:g} × {requests} ÷ 86,400 = {mean:.4g} on average, and "
        f"{peak} × that at the peak: {answer:.4g}.",
        traps=(
            Trap(mean, "That is the mean of the day. What comes at the peak?"),
            Trap(answer / share, "Not all of the users come on a day."),
            Trap(60 * answer, "A day has 86,400 seconds; 1,440 are its minutes."),
        ),
        tolerance=0.01,
    )


def first_full(rng: np.random.Generator) -> Variant:
    """Ask at which load the first part reaches the limit."""
    app_ms, app_cores = int(rng.choice([10, 20, 40])), int(rng.choice([2, 4]))
    query_ms, cores = int(rng.choice([8, 12, 16])), 2
    app, database = (
        0.7 * n / (w / 1e3) for n, w in ((app_cores, app_ms), (cores, query_ms))
    )  # fmt: skip
    answer = min(app, database)
    return Variant(
        prompt=f"A request is {app_ms} ms of work for the app server, which has {app_cores} cores, "
        f"and {query_ms} ms for the database, which has {cores}. From how many requests a second "
        "on is one of them more than 70 % busy?",
        answer=answer,
        solution=f"The app server: 0.7 × {app_cores} ÷ {app_ms} ms = {app:.4g}. The database: "
        f"0.7 × {cores} ÷ {query_ms} ms = {database:.4g}. The smaller counts.",
        traps=(
            Trap(max(app, database), "That is the other part. Which is full first?"),
            Trap(answer / 0.7, "That is where it is full. Asked is when it is 70 % busy."),
        ),
        tolerance=0.01,
    )


def months(rng: np.random.Generator) -> Variant:
    """Ask what days of work are a month."""
    days, over = int(rng.choice([4, 10, 15])), int(rng.choice([12, 24]))
    cores = int(rng.choice([10, 12, 16]))
    answer = cores * 90 - days * 600 / over
    return Variant(
        prompt=f"Optimising saves {cores} database cores at $90 a month each. It takes {days} days "
        f"of work at $600, spread over {over} months. How many dollars a month does it save?",
        answer=answer,
        solution=f"{cores} × 90 − {days} × 600 ÷ {over} = {cores * 90} − {days * 600 / over:g} = "
        f"{answer:g}.",
        traps=(
            Trap(cores * 90.0, "And the days of work? They are paid, too."),
            Trap(cores * 90.0 - days * 600, "The work is paid once, not every month."),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    Numeric("load", load, section="1. Users are no load"),
    choice(
        "variable",
        """
        The guide says: from 10,000 users on, several servers. Which products of 10,000 users fill
        a server that does 1,000 requests a second?
        - Every product, because users are what makes load.
        : People who click make a few requests a second, all 10,000 of them together.
        + Sensors that report every ten seconds, day and night.
        : Yes: 0.1 requests a second each, so 1,000 in all.
        - A shop whose users come once in five days.
        : With fifty requests a visit that is six requests a second at the peak.
        """,
        section="1. Users are no load",
    ),
    Numeric("first_full", first_full, section="2. The part that is full first"),
    choice(
        "wrong-part",
        """
        The database is 90 % busy, the app server 40 %. You buy a second app server. What happens
        to the number of requests a second that the system can carry?
        - It doubles.
        : It would if the app server were what is full.
        - It grows a little, because the work is spread.
        : The work of the database is not spread. Every request still comes to it.
        + Nothing.
        : Yes: the full part decides, and it is as full as before.
        """,
        section="3. A step at the wrong part",
    ),
    Numeric("months", months, section="4. The guide's order, priced"),
    choice(
        "optimise",
        """
        "Optimise before you scale." When is that the cheapest way?
        - Always: cores cost money, and better queries do not.
        : The days of work cost money, the same for a small database as for a large one.
        + When the work is a day or two, or the database is already expensive.
        : Yes: then the cores that it saves are worth more than the days.
        - Never: cores are cheap.
        : At ten thousand requests a second the shop optimises, too.
        """,
        section="4. The guide's order, priced",
    ),
    choice(
        "sum",
        """
        A request takes two parts one after another, each with a p99 of 50 ms, independently. Where
        is the p99 of both together?
        - At 100 ms: percentiles of parts add up.
        : For that the one request in a hundred that is slow here would have to be slow there, too.
        - At 50 ms: the slower part decides.
        : Both take time, and either can be slow.
        + Between 50 and 100 ms.
        : Yes: that both are slow at once is one in ten thousand.
        """,
        section="5. Percentiles do not add up",
    ),
    choice(
        "calm",
        """
        The planner says that the server is half busy and that p99 is 65 ms. Clients give up after
        a quarter of a second and try again, three times. What follows?
        + While it is calm, p99 is 65 ms; after a crowd it can stay overloaded.
        : Yes: four attempts for each request are 200 % of what the server can do.
        - p99 is 65 ms: half busy is far from overload.
        : Half busy by first attempts. In a jam every request comes four times.
        - Retries raise the share of answers, so it is safer than without.
        : A retry helps where failures are rare. Here it is work for a server that has too much.
        """,
        section="7. Break it",
    ),
    choice(
        "conflict",
        """
        Shards belong to 100,000 to a million users, says the guide's path; another page of it says
        to 10,000 writes a second. When are both right?
        - Never: one of them is an error.
        : A product with many writes for each user reaches both at once.
        + When each user writes often enough: 0.01 times a second, for a million of them.
        : Yes: 10,000 writes a second by a million users. A shop is far from it.
        - Always: the second is the first in other words.
        : With the habits of this page 10,000 writes a second take 173 million users.
        """,
        section="8. The guide against itself",
    ),
)
