"""Questions on sticky sessions."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.sticky_sessions.imbalance import hot_address_share
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.infinite_servers import exponential_drain_s, fill_share
from scalelab.models.placement import modulo_moved_share


def remapped(rng: np.random.Generator) -> Variant:
    """Ask what a hash modulo n loses when a server is added."""
    before = int(rng.integers(3, 13))
    answer = 100 * modulo_moved_share(before, before + 1)
    return Variant(
        prompt=f"Requests go to hash(session) mod n. The fleet grows from {before} to {before + 1} "
        "servers. What percentage of the sessions end up on another server?",
        answer=answer,
        solution=f"Only 1 hash in {before + 1} has the same remainder for both: "
        f"1 − 1/{before + 1} = {answer:.1f} %.",
        traps=(
            Trap(
                100 / (before + 1),
                "So few must move, and so few do with rendezvous hashing. A remainder is not like "
                "that.",
            ),
            Trap(100.0, "A few do stay: those whose remainder happens to be the same."),
        ),
        tolerance=0.01,
    )


def drained(rng: np.random.Generator) -> Variant:
    """Ask how long the last session keeps a server up."""
    sessions, mean_min = int(rng.choice([50, 200, 1_000])), int(rng.choice([5, 15, 20]))
    answer = float(exponential_drain_s(sessions, 60 * mean_min)) / 60
    return Variant(
        prompt=f"A server with {sessions:,} sessions gets no new ones. Lengths are exponential "
        f"with mean {mean_min} minutes. After how many minutes, on average, is the last one gone?",
        answer=answer,
        solution=f"{mean_min} × (1 + 1/2 + … + 1/{sessions:,}), nearly {mean_min} × "
        f"(ln {sessions:,} + 0.577) = {answer:.1f}.",
        traps=(
            Trap(float(mean_min), "That is a session of average length. You wait for the longest."),
            Trap(
                float(mean_min * sessions),
                "They end side by side, not one after the other.",
            ),
        ),
    )


def deadline(rng: np.random.Generator) -> Variant:
    """Ask how many sessions a deadline cuts off."""
    sessions = int(rng.choice([200, 500, 2_000]))
    mean_min, wait_min = int(rng.choice([10, 20, 30])), int(rng.choice([15, 45, 60]))
    answer = sessions * (1 - float(fill_share(wait_min, mean_min)))
    return Variant(
        prompt=f"You drain a server with {sessions:,} sessions, exponential with mean {mean_min} "
        f"minutes, for {wait_min} minutes, and then restart it. How many sessions do you cut off, "
        "on average?",
        answer=answer,
        solution=f"{sessions:,} × exp(−{wait_min}/{mean_min}) = {answer:.1f}.",
        traps=(
            Trap(sessions - answer, "Those are the ones that ended in time."),
            Trap(float(sessions), "That many are there at the beginning. Most of them end."),
        ),
    )


def office(rng: np.random.Generator) -> Variant:
    """Ask for the share of the users on the server of an office."""
    share, servers = float(rng.choice([0.1, 0.2, 0.25, 0.4])), int(rng.choice([4, 5, 8]))
    answer = 100 * hot_address_share(share, servers)
    return Variant(
        prompt=f"A balancer hashes the client's address over {servers} servers. {100 * share:g} % "
        "of the users sit behind one address. What percentage of all users has the server that "
        "they go to?",
        answer=answer,
        solution=f"The office, and its part of the others: {share:g} + {1 - share:g}/{servers} = "
        f"{answer:.1f} %.",
        traps=(
            Trap(100 * share, "It also gets its part of all the other users."),
            Trap(100 * (share + 1 / servers), "The office is not among those who spread evenly."),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    choice(
        "long-sessions",
        """
        Three sticky servers have 1,000, 100 and 500 sessions. New ones are placed in turn. What is
        the likeliest cause?
        + The second was restarted a minute ago, and the third a few minutes ago.
        : They have to fill again, and nobody moves to them.
        - Users of the first have longer sessions.
        : In turn, everybody gets the same mixture. The counts then differ by a few per cent,
          however long the longest session is.
        - Chance.
        : Twenty standard deviations: one in 10 to the power 72. Look for a cause.
        """,
        "2. What does unbalance them",
    ),
    Numeric("remapped", remapped, "3. A server more"),
    choice(
        "cookie-grow",
        """
        Your balancer uses cookies. At 120 % load you add a server. What happens in the next minute,
        with sessions of an hour?
        + The old servers stay overloaded, and the new one is nearly idle.
        : It gets new sessions only. It takes about an hour until most are new.
        - A quarter of the sessions are lost.
        : That would be rendezvous hashing. A cookie names the server, and that is still there.
        - The load is even at once.
        : Nobody moves. Even load is where it ends, not where it begins.
        """,
        "4. The new server stays idle",
    ),
    Numeric("drained", drained, "5. A server less"),
    Numeric("deadline", deadline, "5. A server less"),
    choice(
        "crash-hash",
        """
        One of three servers crashes. How many sessions are lost with hash mod n, once the balancer
        takes n = 2?
        + Two thirds.
        : One third died, and half of the others is now looked for on the wrong one of two.
        - One third.
        : That many had to be lost. The remainder changes for the others as well.
        - None, the others have copies.
        : Nobody made any: each session was in one memory.
        """,
        "3. A server more",
    ),
    Numeric("office", office, "2. What does unbalance them"),
    choice(
        "methods",
        """
        Which of these are true of the ways to keep a user on a server?
        + A cookie tells the balancer the server, so it needs no table.
        : The browser carries the entry.
        + A hash of the address can move a phone when it changes its network.
        : A new address is another key. With three servers two of three such keys lead elsewhere.
        - A hash of the address spreads users evenly, since hashes are random.
        : It spreads addresses. An office of a thousand is one.
        - With a cookie sessions survive a crash of the server.
        : The cookie names a server that is gone, and the session with it.
        """,
        "2. What does unbalance them",
    ),
    choice(
        "acceptable",
        """
        For which of these would you keep sticky sessions, for now?
        + An old internal tool, deployed once a month at night.
        : Hardly anybody is cut off, and rewriting it is dear.
        - A shop with ten deployments a day and carts in memory.
        : Each deployment empties all carts.
        - An autoscaled fleet whose sessions last a working day.
        : It cannot shrink without cutting people off, and growing does not help those who are
          there.
        """,
        "6. Ten deployments a day",
    ),
)
