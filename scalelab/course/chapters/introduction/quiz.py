"""Questions on what scalability is."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.introduction.experiments import servers_per_erlang
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice


def peak(rng: np.random.Generator) -> Variant:
    """Ask for the requests per second behind a number of users."""
    users = int(rng.integers(2, 60)) * 10_000
    share, each, factor = float(rng.choice([0.1, 0.2, 0.25])), int(rng.choice([20, 40, 60])), 4
    answer = users * share * each / 86_400 * factor
    return Variant(
        prompt=f"{users:,} users; {100 * share:g} % of them come on a day, for {each} requests "
        f"each; the peak is {factor} times the mean. How many requests per second at the peak?",
        answer=answer,
        solution=f"{users:,} × {share:g} × {each} ÷ 86,400 s × {factor} = {answer:.1f}.",
        traps=(
            Trap(answer / factor, "That is the mean of the day. Systems fail at the peak."),
            Trap(answer / share, "Not all users come every day."),
        ),
    )


def servers(rng: np.random.Generator) -> Variant:
    """Ask for the servers of a larger load."""
    small, factor = int(rng.choice([5, 8, 10])), int(rng.choice([10, 20]))
    large = small * factor
    before, after = servers_per_erlang(small)[0], servers_per_erlang(large)[0]
    return Variant(
        prompt=f"A load of {small} busy servers needs {before}, so that at most one request in ten "
        f"waits. The load grows {factor} times. How many servers are needed now? (Within 2 %.)",
        answer=float(after),
        solution=f"{after}: the load of {large}, and a margin that grows with its square root "
        "only.",
        traps=(
            Trap(
                float(before * factor),
                "That multiplies the margin as well. A large fleet needs a smaller one for each "
                "server.",
            ),
            Trap(float(large), "With no margin at all every request would wait, sooner or later."),
        ),
    )


def elasticity(rng: np.random.Generator) -> Variant:
    """Ask for the cost of a quadratic system."""
    factor = int(rng.choice([2, 3, 4, 5]))
    return Variant(
        prompt=f"The cost of a system grows with the square of its load. The load grows {factor} "
        "times. How many times as much does one request cost?",
        answer=float(factor),
        solution=f"The whole costs {factor**2} times as much, for {factor} times the requests: "
        f"{factor} times each.",
        traps=(
            Trap(float(factor**2), "That is the cost of the whole. There are more requests, too."),
            Trap(1.0, "That would be a cost in proportion to the load."),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    choice(
        "users",
        """
        A product manager says: we shall have 100,000 users, so we need a cluster. What do you ask
        first?
        + How many requests per second that is at the peak.
        : Users are no load. With ordinary habits 100,000 of them make fewer than a hundred requests
          per second.
        - Which cluster.
        : Perhaps none. One server may carry it ten times over.
        - Whether they could be made to come at different times.
        : A nice thought for later. First find out whether there is anything to solve.
        """,
        section="1. Users are no load",
    ),
    Numeric("peak", peak, section="1. Users are no load"),
    choice(
        "criteria",
        """
        Which of these belong to a statement that a system scales and that can be tested?
        + A range of load.
        : Every system scales up to somewhere.
        + A percentile of the response time.
        : Performance must stay acceptable, and acceptable is a number.
        + What a request may cost at the end of the range.
        : A system can always be kept fast with money.
        - The names of its technologies.
        : They are how, not whether. The same database passes here and fails there.
        """,
        section="3. An acceptance",
    ),
    Numeric("servers", servers, section="2. In proportion?"),
    choice(
        "below-linear",
        """
        Can the cost of a request fall as the load grows?
        + Yes: servers that share a line need a smaller margin each.
        : The margin grows with the square root of the load.
        - No: proportion is the best that one can have.
        : It is a rule of thumb between two effects, and sharing beats it.
        - Only with discounts for large customers.
        : Those come on top. Chance alone makes large fleets more efficient.
        """,
        section="2. In proportion?",
    ),
    choice(
        "above-linear",
        """
        A cluster's nodes must agree on each write. 44 nodes do the work of 16. What do 100 do?
        + Less than 44 do.
        : Beyond its peak each further node takes more from the others than it adds.
        - The work of 36, in proportion.
        : Agreement costs grow with the number of pairs, and so faster than the nodes.
        - The work of 16, since that is the limit.
        : A limit that is kept would be contention. With agreement it falls again.
        """,
        section="2. In proportion?",
    ),
    Numeric("elasticity", elasticity, section="2. In proportion?"),
    choice(
        "a-single-machine",
        """
        One large machine carries the load at all times and is cheap. Which of the four criteria can
        it not meet?
        + Availability.
        : Its parts fail together. No size changes that.
        - Performance.
        : It may be the fastest of all, as long as the load fits.
        - Efficiency.
        : A single machine can be kept quite busy.
        """,
        section="3. An acceptance",
    ),
    choice(
        "three-ways",
        """
        Load grows. Which of these is a way to meet it?
        + More servers.
        : This is scaling out.
        + A larger server.
        : This one is scaling up.
        + Less work for each request.
        : Often the cheapest of the three, and the first to look for.
        - A longer timeout.
        : It hides the overload for as long as the timeout lasts.
        """,
        section="What the guide says",
    ),
)
