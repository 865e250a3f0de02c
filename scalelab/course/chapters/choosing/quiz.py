"""Questions on choosing a way to scale."""

from __future__ import annotations

import math

import numpy as np

from scalelab.course.chapters.choosing.experiments import Needs, servers_for
from scalelab.course.chapters.introduction.experiments import HABITS
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.availability import k_of_n_availability
from scalelab.models.traffic import peak_rate_per_s, users_at_peak_rate


def peak_of_users(rng: np.random.Generator) -> Variant:
    """Ask for the peak rate of so many users."""
    users = int(rng.choice([50_000, 100_000, 400_000, 1_000_000]))
    requests, ratio = int(rng.choice([20, 50, 100])), int(rng.choice([3, 5, 8]))
    answer = float(
        peak_rate_per_s(
            users, daily_active_share=0.2, requests_per_active_user=requests, peak_to_mean=ratio
        )
    )
    return Variant(
        prompt=f"{users:,} users, of whom 20 % come on a day and make {requests} requests each. "
        f"The peak is {ratio} times the mean. How many requests a second is that at the peak?",
        answer=answer,
        solution=f"{users:,} × 0.2 × {requests} ÷ 86,400 × {ratio} = {answer:.4g} a second.",
        traps=(
            Trap(
                answer / ratio, "That is the mean of the day. The peak is what has to be carried."
            ),
            Trap(5 * answer, "That lets every user come every day. A fifth of them do."),
            Trap(float(users), "Users are not requests, and a day has 86,400 seconds."),
        ),
    )


def users_of_server(rng: np.random.Generator) -> Variant:
    """Ask for how many users one server does."""
    rate = int(rng.choice([500, 1_000, 2_000]))
    room = float(rng.choice([0.6, 0.7, 0.8]))
    answer = float(users_at_peak_rate(rate * room, **HABITS)) / 1e6
    return Variant(
        prompt=f"A server does {rate:,} requests a second and should be used to {100 * room:.0f} % "
        "at the peak. A fifth of the users come on a day, with 50 requests each, and the peak is "
        "5 times the mean. For how many million users is it enough?",
        answer=answer,
        solution="A user is 0.2 × 50 × 5 ÷ 86,400 requests a second at the peak. "
        f"{rate * room:.0f} ÷ that = {answer:.3f} million.",
        traps=(
            Trap(answer / room, "That leaves no headroom at the peak."),
            Trap(5 * answer, "That is for the mean of the day; the peak is five times as high."),
        ),
    )


def with_spares(rng: np.random.Generator) -> Variant:
    """Ask how many servers keep a promise of availability."""
    enough = int(rng.integers(2, 7))
    asked = float(rng.choice([99.99, 99.999]))
    needs = Needs(
        peak_per_s=enough * 700.0,
        peak_to_mean=2.0,
        availability=asked / 100,
        server_availability=0.99,
        divisible=True,
    )
    answer = servers_for(needs, 700)
    fewer, just = (100 * k_of_n_availability(0.99, enough, n) for n in (answer - 1, answer))
    return Variant(
        prompt=f"{enough} servers carry the peak. Each is up 99 % of the time, independently. How "
        f"many are needed so that enough of them are up {asked:g} % of the time?",
        answer=float(answer),
        solution=f"Of {answer - 1} servers at least {enough} are up {fewer:.5f} % of the time, of "
        f"{answer} servers {just:.5f} %.",
        traps=(
            Trap(
                float(enough),
                f"Then all {enough} must be up: {100 * 0.99**enough:.1f} % of the time.",
            ),
            Trap(
                float(2 * enough + 2),
                "Twice as many are not needed. The spares serve for whichever one fails.",
            ),
        ),
        tolerance=0.001,
    )


def months_left(rng: np.random.Generator) -> Variant:
    """Ask when the growth has used up a machine."""
    growth, factor = int(rng.choice([5, 8, 10, 15])), float(rng.choice([2.0, 3.0, 5.0]))
    answer = math.log(factor) / math.log(1 + growth / 100)
    return Variant(
        prompt=f"Demand grows by {growth} % a month. A larger machine does {factor:g} times what "
        "this one does, and this one is just full. How many months does the larger one last?",
        answer=answer,
        solution=f"log {factor:g} ÷ log {1 + growth / 100:g} = {answer:.1f} months.",
        traps=(
            Trap(
                100 * (factor - 1) / growth,
                "That adds the same amount each month. Growth by a percentage compounds.",
            ),
            Trap(
                100 * factor / growth,
                "That neither compounds nor begins at the load of today.",
            ),
        ),
        tolerance=0.03,
    )


QUESTIONS = (
    choice(
        "two-rows",
        """
        A clinic's records live in one relational database, keep state, and must always be
        available. What does the guide's table say?
        + Both vertical and horizontal.
        : State and database speak for up, availability for out. The table has no order, so it does
          not decide.
        - Vertical: two conditions against one.
        : Counting is an order that the table does not give. By number a single machine would win
          over a promise to be available.
        - Horizontal, because availability is more important.
        : That is a good order. It is yours, not the table's.
        """,
        section="1. What the table decides",
    ),
    choice(
        "first-question",
        """
        In which order do the questions decide most?
        + Availability, then the measured bottleneck, then cost.
        : The first rules out single machines, the second says what to enlarge, the third chooses
          among what is left.
        - Cost, then the bottleneck, then availability.
        : The cheapest plan has one machine. A promise that it cannot keep makes it void.
        - What the application is: a monolith, cloud-native, a database.
        : These are adjectives. Two measured numbers say more.
        """,
        section="2. Three questions, in an order",
    ),
    Numeric("peak", peak_of_users, section="3. The path against numbers"),
    Numeric("users", users_of_server, section="3. The path against numbers"),
    choice(
        "stage",
        """
        A service has 100,000 users. A fifth of them come on a day, with 50 requests each. One
        server does 1,000 requests a second. Which stage does its load ask for?
        + The first: one server.
        : 58 requests a second at a peak of five times the mean. If it must not be down, a second
          one is for that and not for the load.
        - Several servers and a balancer.
        : A server does seventeen times that load. A second one would be for availability.
        - Auto-scaling.
        : One server cannot be scaled in. There is nothing to save.
        """,
        section="3. The path against numbers",
    ),
    Numeric("spares", with_spares, section="2. Three questions, in an order"),
    choice(
        "one-each",
        """
        For which of these does the size of the load not matter?
        + Whether a second machine is needed for availability.
        : A machine fails as often with one user as with a million.
        + Whether users on another continent need a region of their own.
        : Distance costs them the same time, however many they are.
        - Whether auto-scaling saves anything.
        : It does: below a handful of servers there is nothing to take away at night.
        - Whether a larger machine is enough.
        : That is all about the load, and the machine's law.
        """,
        section="3. The path against numbers",
    ),
    Numeric("months", months_left, section="3. The path against numbers"),
    choice(
        "path",
        """
        What does the path from one server over a larger one to several ones leave out?
        + That from the beginning two machines may be needed, because one fails.
        : Stages one and two break the guide's own minimum of two.
        - That a larger machine is always dearer per core.
        : In one family of cloud machines a core has one price. What falls is what each does.
        - That nobody needs more than one region.
        : Some need two from the first day, because their users are far apart.
        """,
        section="3. The path against numbers",
    ),
)
