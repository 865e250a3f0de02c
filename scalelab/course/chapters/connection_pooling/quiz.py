"""Questions on connection pooling."""

from __future__ import annotations

import numpy as np

from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.closed_queue import smallest_population
from scalelab.models.operational_laws import mean_number, saturation_users
from scalelab.models.round_trips import connection_account


def far_gain(rng: np.random.Generator) -> Variant:
    """Ask for the gain on a long link, where the query crosses it too."""
    rtt_ms, work_ms = int(rng.integers(2, 9)) * 10, int(rng.integers(1, 4)) * 5
    account = connection_account(rtt_ms / 1e3, query_work_s=work_ms / 1e3)
    setup_ms = round(account.setup_s * 1e3)
    naive = (setup_ms + work_ms) / work_ms
    return Variant(
        prompt=f"A round trip takes {rtt_ms} ms. Set-up is TCP and SCRAM, four round trips in all; "
        f"the query is one round trip and {work_ms} ms of work; closing waits for nothing. How "
        "many times faster is a pooled request?",
        answer=account.gain,
        solution=f"({setup_ms} + {rtt_ms} + {work_ms}) ÷ ({rtt_ms} + {work_ms}) = "
        f"{account.gain:.2f}. On a long link it tends to the ratio of round trips, 5 to 1.",
        traps=(
            Trap(naive, "The query crosses the same link: it cannot take less than a round trip."),
            Trap(
                account.setup_s / account.request_s,
                "That is the overhead over the pooled request. The request without a pool has "
                "its query, too.",
            ),
        ),
    )


def waiters(rng: np.random.Generator) -> Variant:
    """Ask for the line in front of a pool that has run dry."""
    rate, timeout_s = int(rng.integers(3, 30)) * 100, int(rng.choice([5, 10, 20, 30]))
    answer = float(mean_number(rate, timeout_s))
    return Variant(
        prompt=f"The database hangs. {rate:,} requests a second ask for a connection, and the "
        f"acquire timeout is {timeout_s} s. How many are waiting when the first gives up?",
        answer=answer,
        solution=f"Little's law: {rate:,} a second × {timeout_s} s = {answer:,.0f}.",
        traps=(
            Trap(float(rate), "That is one second's worth. They stay for the whole timeout."),
            Trap(
                answer / 2,
                "The mean wait is not half the timeout: nobody is served, so each waits for all "
                "of it.",
            ),
        ),
        tolerance=0.01,
    )


def size(rng: np.random.Generator) -> Variant:
    """Ask for the pool that keeps the cores busy."""
    cores, ratio = int(rng.choice([2, 4, 8])), int(rng.integers(3, 10))
    ideal = float(saturation_users(float(ratio), 1.0, cores))
    enough = smallest_population(0.95, float(ratio), 1.0, cores)
    return Variant(
        prompt=f"A database server has {cores} cores. A query waits {ratio} times as long as it "
        "computes. By the formula without chance, how many connections keep the cores busy?",
        answer=ideal,
        solution=f"{cores} × (1 + {ratio}) = {ideal:g}. With chance, {enough} reach 95 % of the "
        "best throughput.",
        traps=(
            Trap(
                2.0 * cores,
                "Twice the cores is right when a query waits as long as it computes; here it "
                "waits longer.",
            ),
            Trap(
                float(cores * ratio),
                "Almost: while it computes it holds a connection as well, hence 1 + the ratio.",
            ),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    Numeric("far-gain", far_gain, section="1. Where the eighty milliseconds go"),
    Numeric("size", size, section="3. How many connections?"),
    choice(
        "fleet",
        """
        Fifty instances have a pool of at most 20 each. The server accepts 100 connections. Which of
        these keep it from running out?
        + A maximum of 2 for each instance.
        : 50 × 2 = 100, if two are enough for an instance; leave some for maintenance.
        + A shared pooler in front of the server.
        : It bounds the sum, whatever the instances do.
        - A longer acquire timeout.
        : It changes how long requests wait, not how many connections are open.
        - A minimum size of 0.
        : It helps at rest. At full load each instance still takes its 20.
        """,
        section="4. Fifty pools",
    ),
    Numeric("waiters", waiters, section="5. When the pool runs dry"),
    choice(
        "timeout",
        """
        The load is 1.2 times what the pool can carry, for good. You raise the acquire timeout from
        0.5 s to 10 s. What changes?
        + As many requests fail, and everybody waits longer.
        : A sixth cannot be served; the timeout only sets how long the line grows.
        - Fewer requests fail, because they wait until a connection is free.
        : Only if the overload is short. For good, the line fills up to the new timeout.
        - Nothing.
        : The failures stay, but the waits become twenty times as long.
        """,
        section="5. When the pool runs dry",
    ),
    choice(
        "storm",
        """
        The database was slow for four seconds and is well again. All connections are busy, yet no
        caller gets an answer. Why?
        + The pool serves requests whose callers have given up and asked again.
        : The line is longer than the callers' patience, and retries keep it so.
        - Connections have leaked.
        : Leaked connections do no queries; here every one is busy with them.
        - The pool is too small.
        : It carried the load before the stall. A larger one has the same line to work off.
        """,
        section="6. Work for nobody",
    ),
    choice(
        "leak-sign",
        """
        Which picture shows a leak, and not overload?
        + Borrowed connections rise step by step, also when the load falls.
        : What is not given back stays borrowed, whatever the traffic does.
        - All connections are borrowed at noon and free at night.
        : That is load: the connections come home when the traffic goes.
        - The wait for a connection jumps when queries become slow.
        : Slow queries hold connections longer; they are given back in the end.
        """,
        section="5. When the pool runs dry",
    ),
    choice(
        "transparent",
        """
        PgBouncer in transaction mode: what can break in an application that did not change?
        + Session settings made with `SET`.
        : They stay on the server connection; the next transaction may use another.
        + Temporary tables and advisory locks kept between transactions.
        : Both belong to the session.
        - A single transaction of several statements.
        : It keeps its server connection until it commits.
        - Reads outside a transaction.
        : Each is a transaction of its own and needs nothing from the session.
        """,
        section="4. Fifty pools",
    ),
)
