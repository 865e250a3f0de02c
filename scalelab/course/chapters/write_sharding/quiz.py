"""Questions on write sharding."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.write_sharding.experiments import range_capacity
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.placement import modulo_moved_share
from scalelab.models.tail_at_scale import fanout_slow_share


def inserts(rng: np.random.Generator) -> Variant:
    """Ask what ranges of a counter are worth."""
    shards, percent = int(rng.choice([4, 5, 8])), int(rng.choice([20, 40, 60]))
    answer = range_capacity(percent / 100, shards)
    return Variant(
        prompt=f"{shards} shards, each with a range of user ids. {percent} % of the writes are new "
        "users, whose ids are the highest; the others are spread evenly over all shards. How many "
        "times the writes of one server can they take?",
        answer=answer,
        solution=f"The last shard gets {percent} % and its part of the rest: {percent} + "
        f"{100 - percent} ÷ {shards} = {100 / answer:.4g} %. One over that is {answer:.4g}.",
        traps=(
            Trap(float(shards), "That is an even spread. Which shard do the new users go to?"),
            Trap(100 / percent, "The last shard has its part of the other writes as well."),
        ),
        tolerance=0.01,
    )


def top_tenant(rng: np.random.Generator) -> Variant:
    """Ask what the largest tenant leaves of many shards."""
    shards, percent = int(rng.choice([10, 20, 40])), int(rng.choice([20, 25, 40]))
    return Variant(
        prompt=f"The largest of your tenants makes {percent} % of the writes, and a tenant stays "
        f"on one shard. You have {shards} shards and place all tenants as well as possible. How "
        "many times the writes of one server can you take at the most?",
        answer=100 / percent,
        solution=f"Its shard has {percent} % of the writes, whatever else is on it. When that one "
        f"is full, all together do 100 ÷ {percent} = {100 / percent:g} times as much.",
        traps=(
            Trap(float(shards), "Then each shard would have the same. One tenant is larger."),
            Trap(
                shards * percent / 100,
                "That is the load of its shard, of the mean. Asked is what all shards do.",
            ),
        ),
        tolerance=0.01,
    )


def slow(rng: np.random.Generator) -> Variant:
    """Ask how many scattered questions meet a slow answer."""
    shards, one_in = int(rng.choice([20, 40, 60])), int(rng.choice([50, 100, 200]))
    answer = 100 * float(fanout_slow_share(1 - 1 / one_in, shards))
    return Variant(
        prompt=f"One answer in {one_in} of a shard is slow, independently of the others. A "
        f"question waits for {shards} shards. What percentage of the questions is slow?",
        answer=answer,
        solution=f"All are quick with a chance of (1 − 1/{one_in}) to the power of {shards}. The "
        f"rest, {answer:.4g} %, meets a slow one.",
        traps=(
            Trap(100 / one_in, "So it is for a question to one shard."),
            Trap(
                100 * shards / one_in,
                "Adding the chances counts twice what meets two slow answers.",
            ),
            Trap(100 - answer, "So many meet no slow answer. Asked are those that do."),
        ),
        tolerance=0.01,
    )


def moved(rng: np.random.Generator) -> Variant:
    """Ask what moves when shards are added, by the remainder."""
    before, after = [(4, 8), (5, 15), (4, 5), (5, 6)][int(rng.integers(4))]
    answer = 100 * modulo_moved_share(before, after)
    doubled = after % before == 0
    reason = (
        f"{after} is a multiple of {before}: a key stays where its remainder is below {before}"
        if doubled
        else f"of {before * after} consecutive hashes only the first {before} have both alike"
    )
    return Variant(
        prompt=f"Rows are placed by hash modulo the number of shards. You go from {before} shards "
        f"to {after}. What percentage of the rows moves?",
        answer=answer,
        solution=f"Look at the hashes 0, 1, 2 and so on: {reason}. So {answer:.4g} % move.",
        traps=(
            Trap(100.0, "Some keys have the same remainder by both numbers. They stay."),
            Trap(100 - answer, "So many stay where they are. Asked is how many move."),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    Numeric("inserts", inserts, section="1. Four ways to cut"),
    choice(
        "regions",
        """
        A shop puts each user's rows on the shard of the user's region. Which are true?
        + One region may fill its shard while the others are idle.
        : Yes: the shares of the regions are those of the customers, and nobody can choose them.
        - A fourth shard in the largest region takes half of its load by itself.
        : The rule has one shard for a region. Within it you need a second rule, such as a hash.
        + A user with all orders is on one shard.
        : Yes: user and orders have the same region.
        - A question for users 151 to 160 asks one shard.
        : Neighbouring ids can be of any region: all shards are asked.
        """,
        section="1. Four ways to cut",
    ),
    choice(
        "even",
        """
        After a move to hash sharding by tenant, every shard has 1,000 tenants, give or take a few.
        One shard is full, the others are half idle. What is wrong?
        - The hash. A better one, such as SHA-256, spreads the tenants more evenly.
        : The tenants are spread evenly already. It is the load that is not.
        + A few tenants make much of the load, and one shard has the large ones.
        : Yes: a hash knows keys, not loads.
        - There are too few shards: with twice as many, the full one has half of the load.
        : The large tenant stays on one shard, however many there are.
        """,
        section="2. Even keys, uneven load",
    ),
    Numeric("top-tenant", top_tenant, section="2. Even keys, uneven load"),
    Numeric("slow", slow, section="3. One question, all shards"),
    choice(
        "copy",
        """
        Orders are placed by user id, with their users. You copy the user's city into each order.
        What changes for the question "all orders from Boston"?
        - It asks one shard, since the orders know their city now.
        : They know it, and the router does not: it looks at the key, and the key is the user.
        + Nothing: it asked all shards once before, and it does now.
        : Yes: each shard had the users beside the orders, and joined them itself.
        - It needs one round instead of two.
        : So it is where orders lie by their own number. Here users and orders are together.
        """,
        section="3. One question, all shards",
    ),
    choice(
        "half",
        """
        A transfer of 10 between two shards commits in two phases. Nothing crashes. A reader adds
        up both accounts, which have 200 together. What can the reader see?
        - 200 at any time: two-phase commit is atomic.
        : It is all or nothing in the end. The two commits still come one after the other.
        + 200, or 190 if the reads fall between the two commits.
        : Yes: no snapshot covers both servers.
        - 190, for as long as the rows are prepared.
        : A prepared change is not visible yet. Readers get the old balance, 100 and 100.
        """,
        section="5. A transfer between two shards",
    ),
    choice(
        "doubt",
        """
        A coordinator died. On one shard a transaction is prepared, on the other the same
        transaction is committed. What do you do with the prepared one?
        - Roll it back: the coordinator is gone.
        : Then one half of the transfer is done and the other is not. Money is gone.
        + Commit it: the other shard can only have committed after the decision.
        : Yes: one commit proves that all had voted yes.
        - Wait: the shard rolls it back when its timeout is over.
        : There is none. PostgreSQL keeps it, through a restart as well, until somebody ends it.
        """,
        section="6. Break it: the coordinator dies",
    ),
    Numeric("moved", moved, section="7. When to shard, and how to grow"),
)
