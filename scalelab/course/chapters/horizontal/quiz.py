"""Questions on horizontal scaling."""

from __future__ import annotations

import numpy as np

from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.headroom import (
    detection_time_s,
    failed_requests,
    utilisation_after_loss,
)
from scalelab.models.traffic import fibre_delay_s
from scalelab.models.usl import usl_capacity, usl_peak


def survivors(rng: np.random.Generator) -> Variant:
    """Ask for the utilisation after a loss."""
    servers, percent = int(rng.integers(3, 7)), int(rng.integers(9, 16)) * 5
    after = 100 * float(utilisation_after_loss(percent / 100, servers))
    return Variant(
        prompt=f"{servers} equal servers are {percent} % busy. One dies, and the others take over "
        "its load. How busy is each of them, in per cent? (More than 100 is a possible answer.)",
        answer=after,
        solution=f"{percent} % × {servers} ÷ {servers - 1} = {after:.1f} %.",
        traps=(
            Trap(
                percent * (1 + 1 / servers),
                f"The dead server's load is shared by {servers - 1}, not by {servers}.",
            ),
            Trap(float(percent), "Its requests do not die with it: the others get them."),
        ),
        tolerance=0.01,
    )


def lost(rng: np.random.Generator) -> Variant:
    """Ask for the requests that go to a dead server."""
    servers, rate = int(rng.choice([4, 5, 8, 10])), int(rng.integers(2, 20)) * 200
    interval_s, misses = int(rng.choice([5, 10])), int(rng.integers(2, 5))
    until_s = float(detection_time_s(interval_s, misses))
    answer = float(failed_requests(rate, servers, until_s))
    return Variant(
        prompt=f"A balancer sends {rate:,} requests a second to {servers} servers in turn. It "
        f"probes each every {interval_s} s and takes a server out after {misses} misses. How many "
        "requests go to a dead server at the worst?",
        answer=answer,
        solution=f"{rate:,} ÷ {servers} a second, for {interval_s} s × {misses} = {until_s:g} s: "
        f"{answer:,.0f}.",
        traps=(
            Trap(rate * until_s, "Only the dead server's share fails: the others answer."),
            Trap(
                rate / servers * interval_s,
                f"One miss does not take it out; it stays for {misses} of them.",
            ),
        ),
        tolerance=0.01,
    )


def retrograde(rng: np.random.Generator) -> Variant:
    """Ask for the speed-up beyond the peak."""
    sigma, kappa = float(rng.choice([0.01, 0.02, 0.03])), float(rng.choice([2e-4, 5e-4, 1e-3]))
    nodes = int(rng.choice([150, 200, 250]))
    answer, peak = float(usl_capacity(nodes, sigma, kappa)), usl_peak(sigma, kappa)
    most = float(usl_capacity(peak, sigma, kappa))
    amdahl = float(usl_capacity(nodes, sigma, 0.0))
    return Variant(
        prompt=f"A cluster follows the universal scalability law with sigma = {sigma:g} and "
        f"kappa = {kappa:g}. How many times the work of one node do {nodes} nodes do?",
        answer=answer,
        solution=f"{nodes} ÷ (1 + {sigma:g} × {nodes - 1} + {kappa:g} × {nodes} × {nodes - 1}) = "
        f"{answer:.2f}. The most is {most:.1f}, with {peak:.0f} nodes.",
        traps=(
            Trap(amdahl, "That leaves out kappa: every pair of nodes has something to settle."),
            Trap(most, "That is the peak. Beyond it the curve comes down again."),
            Trap(float(nodes), "So it would be if the nodes shared nothing."),
        ),
    )


def crossing(rng: np.random.Generator) -> Variant:
    """Ask for the time that a near server loses to far data."""
    km, queries = int(rng.integers(2, 9)) * 1_000, int(rng.integers(3, 8))
    rtt_ms = 2e3 * float(fibre_delay_s(km * 1e3))
    return Variant(
        prompt=f"A server stands beside its users; its database is {km:,} km of cable away. A "
        f"request makes {queries} queries, one after another. How many milliseconds do they spend "
        "in the cable, at 200 km per millisecond?",
        answer=queries * rtt_ms,
        solution=f"{queries} × 2 × {km:,} km ÷ 200 km/ms = {queries * rtt_ms:g} ms. A server "
        f"beside the database would cost each user one crossing, {rtt_ms:g} ms.",
        traps=(
            Trap(queries * rtt_ms / 2, "A query has an answer: each crosses there and back."),
            Trap(rtt_ms, "Each query waits for the answer of the one before it."),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    choice(
        "quarter",
        """
        Four equal servers get requests in turn, 25 % each. What can still make one of them much
        busier than the others?
        + Requests that cost very different amounts of work.
        : In turn evens out the count. It does not look at what a request costs.
        + Users who always come back to the same server.
        : Then the balancer does not choose any more, and a heavy user is heavy in one place.
        - A high arrival rate.
        : Counts are even at any rate, as long as the requests go in turn.
        - An odd number of requests.
        : Then the counts differ by one, which nobody will notice.
        """,
        section="1. A quarter each",
    ),
    Numeric("survivors", survivors, section="2. One of them dies"),
    choice(
        "two-at-seventy",
        """
        Two servers run at 70 % each. The second was bought so that the service survives the death
        of one. Does it?
        + No: the other would have to do 140 % of what it can.
        : The line grows until requests are turned away, and then both are down.
        - Yes: two servers are redundant.
        : Two of them are two chances to be lost. Spare capacity makes redundancy.
        - Yes, if the balancer notices quickly.
        : Quick notice loses fewer requests, and then sends all of them to one server.
        - No: the other goes to 93 %.
        : That is the loss of one of four. Half of the load is a larger share.
        """,
        section="2. One of them dies",
    ),
    Numeric("lost", lost, section="3. Until somebody notices"),
    Numeric("retrograde", retrograde, section="4. How far does it go?"),
    choice(
        "six-points",
        """
        Six measurements up to 32 nodes fit the law well; it puts the peak at 44. What should be
        done before anybody builds on it?
        + Measure a few points beyond 44.
        : A fit describes where it was made. Beyond, saturation and decline look alike from there.
        - Nothing: the fit is good.
        : Good where there are points. A cluster that only saturates may fit as well.
        - Use more digits for sigma and kappa.
        : Digits do not tell which law holds where nothing was measured.
        """,
        section="7. Break it",
    ),
    Numeric("crossing", crossing, section="5. Distance"),
    choice(
        "cheaper",
        """
        Within one family a cloud sells 2 CPUs for $140 and 96 for $6,720. When does a fleet of the
        small ones cost less than one of the large?
        + When the load goes up and down, and the fleet with it.
        : At night most of the small ones can be given back; the large one cannot.
        - Always: small machines are commodity.
        : 48 of them cost $6,720. Within this family a CPU costs the same everywhere.
        - When there are many of them, because of the discount.
        : This family has none: the price is proportional to the size.
        """,
        section="8. The guide, checked",
    ),
    choice(
        "premiere",
        """
        A show starts on Friday at eight. Demand will be ten times as high within ten minutes. What
        is the safest plan?
        + Start the servers before eight, by the clock.
        : The date is known, so nothing has to be discovered first.
        - Lower the threshold of the reactive rule to 50 %.
        : It starts somewhat earlier. Its steps and the start of its instances take as long as
          before.
        - Raise the maximum of the fleet.
        : A rule that adds two every five minutes does not get near the maximum in time.
        """,
        section="6. The premiere",
    ),
)
