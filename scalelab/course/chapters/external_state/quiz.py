"""Questions on state that is kept outside the servers."""

from __future__ import annotations

import numpy as np

from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.races import arrival_within


def added(rng: np.random.Generator) -> Variant:
    """Ask what the store adds to a request."""
    rtt_ms, work_ms = int(rng.integers(1, 8)), int(rng.integers(10, 60))
    answer = 100.0 * 2 * rtt_ms / work_ms
    return Variant(
        prompt=f"A request takes {work_ms} ms with its session in memory. Now each one loads the "
        f"session from a store {rtt_ms} ms away and saves it before it answers. By how many per "
        "cent does it get slower?",
        answer=answer,
        solution=f"Two round trips, one after the other: 2 × {rtt_ms} ms on {work_ms} ms are "
        f"{answer:.1f} %.",
        traps=(
            Trap(answer / 2, "Load and save are two round trips, not one."),
            Trap(
                100.0 * 2 * rtt_ms / (work_ms + 2 * rtt_ms),
                "That is the share of the new time. The question is about the old one.",
            ),
        ),
    )


def held(rng: np.random.Generator) -> Variant:
    """Ask for the sessions in a store."""
    logins, used, kept = (
        int(rng.integers(2, 20)),
        int(rng.integers(5, 20)),
        int(rng.choice([30, 60])),
    )
    answer = float(logins * 60 * (used + kept))
    return Variant(
        prompt=f"{logins} logins a second. A session is used for {used} minutes on average and "
        f"deleted {kept} minutes after its last use. How many sessions does the store hold?",
        answer=answer,
        solution=f"Little's law: {logins} a second × {60 * (used + kept):,} s = {answer:,.0f}.",
        traps=(
            Trap(
                float(logins * 60 * used),
                "Those are the sessions in use. The idle ones fill memory as well.",
            ),
            Trap(
                float(logins * 60 * kept),
                "Those are the idle ones. The others are there, too.",
            ),
        ),
        tolerance=0.01,
    )


def overlap(rng: np.random.Generator) -> Variant:
    """Ask how often two requests of one user overlap."""
    rate = float(rng.choice([0.5, 1.0, 2.0, 4.0]))
    hold_ms = int(rng.choice([50, 100, 200, 300]))
    answer = 100 * float(arrival_within(rate, hold_ms / 1e3))
    return Variant(
        prompt=f"A user sends {rate:g} requests a second at random moments. Each holds a copy of "
        f"the session for {hold_ms} ms, from load to save. During what percentage of the requests "
        "does another begin?",
        answer=answer,
        solution=f"1 − exp(−{rate:g} × {hold_ms / 1e3:g}) = {answer:.2f} %. Each of these can lose "
        "a change.",
        traps=(
            Trap(
                100 - answer,
                "That is the share that nobody disturbs.",
            ),
            Trap(
                100 * hold_ms / 1e3 / 10,
                "Multiply the rate by the time that a copy is held, in seconds.",
            ),
        ),
        tolerance=0.005,
    )


QUESTIONS = (
    Numeric("added", added, "1. Two journeys"),
    choice(
        "microseconds",
        """
        Redis executes a command in microseconds. Why does your request wait for milliseconds?
        + Because the command and its answer cross the network.
        : The round trip is what a program sees. The server's own time is lost in it.
        - Because Redis has one thread, and others are before you.
        : At a few thousand commands a second that line is microseconds long.
        - Because sessions are large.
        : A kilobyte takes microseconds on any link between servers.
        """,
        "1. Two journeys",
    ),
    choice(
        "read-only-user",
        """
        Sessions are saved with a lifetime of 30 minutes. A user reads for an hour and changes
        nothing. What happens?
        + It depends on who renews the lifetime: without a renewal on reading, the user is out after
          30 minutes.
        : An expiry that is set by a save counts from the save.
        - Nothing: the user is active.
        : The store does not know what is active. It knows commands.
        - The session ends after an hour.
        : Nobody has said an hour.
        """,
        "2. Thirty minutes of what?",
    ),
    Numeric("held", held, "2. Thirty minutes of what?"),
    choice(
        "availability",
        """
        Sessions move from the memory of three servers into one Redis, each up 99.9 % of the time.
        What happens to the availability of a user's session?
        + It stays the same; failures now hit everybody at once.
        : One thing that must be up, before and after. A replica changes that.
        - It rises, since a server may crash.
        : A server may. The store may not, and it is as likely to.
        - It falls to a third.
        : A third of the users was hit by a crash of their server. That was the old design.
        """,
        "4. Break it: kill the store",
    ),
    Numeric("overlap", overlap, "3. Two tabs"),
    choice(
        "tabs",
        """
        Two tabs add an item each. Both load the cart, both save it. One item is gone. Which of
        these cure it?
        + Save only if the version is the one that was loaded, and try again otherwise.
        : The second save is refused, and begins from what the first one left.
        + Let the store add the item, with a command on a list.
        : Then nobody holds a copy that can grow old.
        - Send both tabs to the same server.
        : It can run two requests at a time as well.
        - A shorter lifetime of the session.
        : Lifetimes are minutes. The race takes milliseconds.
        """,
        "3. Two tabs",
    ),
    choice(
        "fourth-store",
        """
        A fourth server joins the three of the session store. Clients use the hash modulo the number
        of servers. What share of the sessions is not found any more?
        + 75 %.
        : Equal remainders by 3 and by 4 have only 3 numbers in 12.
        - 25 %, the share of the new server.
        : That is what consistent hashing or slots achieve.
        - None: the servers are external.
        : The web servers may come and go. The store has servers, too.
        """,
        "4. Break it: kill the store",
    ),
    choice(
        "store-down",
        """
        The session store is away for a minute. What should a shop's page do?
        + Show the catalogue as to a stranger, and say that signing in is not possible right now.
        : Most of the page needs no session. What does, says so.
        - Answer with status 500.
        : The store is down; the shop need not be.
        - Wait for the store, up to a minute.
        : Then every worker waits, and the whole page is down with it.
        """,
        "5. What is in it",
    ),
)
