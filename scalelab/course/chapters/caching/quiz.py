"""Questions on caching."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.caching.failures import HOT_PER_S
from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.cache_effect import capacity_multiplier, layer_shares, mean_layer_latency_s
from scalelab.models.stampede import redundant_recomputations
from scalelab.models.ttl_cache import ttl_hit_ratio


def multiplier(rng: np.random.Generator) -> Variant:
    """Ask what a database bears behind a cache, writes counted."""
    hits, writes = int(rng.choice([80, 90, 95])), int(rng.choice([5, 10, 20]))
    database = int(rng.choice([1_000, 2_000, 4_000]))
    h, w = hits / 100, writes / 100
    answer = float(database * capacity_multiplier(h, w))
    left = w + (1 - w) * (1 - h)
    return Variant(
        prompt=f"A database does {database:,} requests a second, reads and writes alike. {writes} "
        f"% of the requests are writes, and {hits} % of the reads hit the cache. How many requests "
        "a second can come?",
        answer=answer,
        solution=f"It gets all writes and the reads that miss: {w:g} + {1 - w:g} × {1 - h:.2g} = "
        f"{left:.4g} of the requests. {database:,} ÷ {left:.4g} = {answer:,.0f}.",
        traps=(
            Trap(database / (1 - h), "The writes reach the database, too, all of them."),
            Trap(
                database / (1 - h + w),
                "The hit ratio is of the reads, so the misses are a share of the reads, too.",
            ),
        ),
        tolerance=0.01,
    )


def layers(rng: np.random.Generator) -> Variant:
    """Ask what is left for the database behind two layers."""
    first, second = int(rng.choice([40, 50, 60])), int(rng.choice([70, 80, 95]))
    answer = 100 * float(layer_shares([first / 100, second / 100])[-1])
    return Variant(
        prompt=f"A first layer hits {first} % of the requests, a second {second} % of those that "
        "reach it. What percentage of all requests reaches the database?",
        answer=answer,
        solution=f"{100 - first} % miss the first, and {100 - second} % of these the second: "
        f"{answer:.3g} %.",
        traps=(
            Trap(100.0 - second, "That is the share among those that reach the second layer."),
            Trap(
                100 * (1 - first * second / 1e4),
                "You multiply the hits. Only who misses both layers reaches the database.",
            ),
        ),
        tolerance=0.01,
    )


def slower(rng: np.random.Generator) -> Variant:
    """Ask for the mean time with a cache that is tried first."""
    cache_ms, query_ms = int(rng.choice([1, 2, 4])), int(rng.choice([5, 8, 10]))
    hits = int(rng.choice([60, 75, 80]))
    answer = 1e3 * mean_layer_latency_s([hits / 100], [cache_ms / 1e3, query_ms / 1e3])
    return Variant(
        prompt=f"A look into the cache takes {cache_ms} ms, hit or miss, a query {query_ms} ms, "
        f"and {hits} % hit. How long does a read take on average, in ms?",
        answer=answer,
        solution=f"Every read looks into the cache, and {100 - hits} % ask the database as well: "
        f"{cache_ms} + {1 - hits / 100:.2g} × {query_ms} = {answer:.4g} ms.",
        traps=(
            Trap(
                hits / 100 * cache_ms + (1 - hits / 100) * query_ms,
                "Who misses has looked into the cache as well: its time is paid by all.",
            ),
            Trap(cache_ms + hits / 100 * query_ms, "It is the misses that ask the database."),
        ),
        tolerance=0.01,
    )


def hot(rng: np.random.Generator) -> Variant:
    """Ask how many loads one expiry of a hot key causes."""
    rate, load_ms = int(HOT_PER_S * rng.choice([0.5, 1, 2])), int(rng.choice([20, 80, 200]))
    answer = 1 + float(redundant_recomputations(rate, load_ms / 1e3))
    return Variant(
        prompt=f"A key is asked for {rate:,} times a second; a load of its row takes {load_ms} ms. "
        "It expires, and every miss loads it. How many loads are there on average, the first "
        "among them?",
        answer=answer,
        solution=f"Until the first is done, {rate:,} × {load_ms / 1e3:g} = {answer - 1:g} more "
        f"requests come and miss: {answer:g} loads.",
        traps=(
            Trap(1.0, "So many there are where a miss waits for the load that is under way."),
            Trap(float(rate), "Only those that come while the first load runs find nothing."),
        ),
        tolerance=0.005,
    )


def lifetime(rng: np.random.Generator) -> Variant:
    """Ask for the hit ratio of one key under a lifetime."""
    life_s, per_min = int(rng.choice([30, 120, 300])), int(rng.choice([1, 2, 4]))
    answer = 100 * float(ttl_hit_ratio(per_min / 60, life_s))
    x = per_min * life_s / 60
    return Variant(
        prompt=f"A key is asked for {per_min} times a minute, at random (Poisson). Its entry lives "
        f"for {life_s} s, begun by a miss. What percentage of the requests hit?",
        answer=answer,
        solution=f"A miss is followed by {per_min} × {life_s} ÷ 60 = {x:g} hits on average until "
        f"the entry expires: {x:g} of {x + 1:g}, {answer:.3g} %.",
        traps=(
            Trap(
                100 * float(ttl_hit_ratio(per_min / 60, life_s, renewed=True)),
                "That is for an entry whose life each hit begins anew.",
            ),
            Trap(100 / (1 + x), "These are the misses."),
        ),
        tolerance=0.01,
    )


QUESTIONS = (
    Numeric("multiplier", multiplier, section="1. What a hit saves"),
    Numeric("slower", slower, section="1. What a hit saves"),
    choice(
        "percentile",
        """
        4 % of the requests miss every layer. The database always takes 30 ms. What does the cache
        do for the 99th percentile?
        - It falls by 96 %.
        : So does the database's load. The slowest request in a hundred is one of the 4 that miss.
        - It falls to the time of the shared cache.
        : That is the time of most requests. The slowest in a hundred is not among them.
        + Nothing: it is a miss, and takes the database's time and the layers' on top.
        : Yes. A percentile beyond the hit ratio is made of misses.
        """,
        section="1. What a hit saves",
    ),
    Numeric("layers", layers, section="2. A layer behind a layer"),
    choice(
        "filter",
        """
        A shared cache hits 92 % of the requests. You give each application a small cache of its
        own in front of it, and the shared one reports 81 %. What happened?
        - The shared cache has lost entries, and needs more room.
        : It holds what it held. Others ask it now.
        + The easy hits no longer reach it. The database gets about as many requests as before.
        : Yes: 81 % of what is left. The hot keys are answered in front of it.
        - The two caches disagree about the values.
        : They may, for a while. A hit ratio does not say so.
        """,
        section="2. A layer behind a layer",
    ),
    choice(
        "fifth",
        """
        "A cache for 20 % of our keys will hit 80 %." What is needed for that?
        + The skew of your own requests, and the policy of the cache.
        : Yes: with LRU it takes another skew than with a cache that knows the popular keys.
        - Nothing: it is a law.
        : If all keys are alike, a fifth of the keys gives a fifth of the hits.
        - Only the number of keys.
        : Two catalogues of the same size can need rooms that differ many times over.
        """,
        section="3. How large",
    ),
    choice(
        "patterns",
        """
        Which are true?
        + With write-behind an acknowledged write can be lost.
        : Yes: the cache may crash before the database has it.
        - With write-through the cache always has what the database has.
        : Two writers may reach the two in different orders, and a crash may come in between.
        + With cache-aside an old row may be stored after the deletion.
        : Yes: by a load that began before the write.
        - Refresh-ahead lets nobody wait, and loads nothing in vain.
        : By timer the first is nearly true, by access the second. Both together are not to be had.
        """,
        section="4. Four patterns",
    ),
    Numeric("lifetime", lifetime, section="5. Old answers"),
    choice(
        "replica",
        """
        Reads come from a replica that is 50 ms behind. You put a cache in front of it; writers
        delete the entry. What happens to the share of old answers?
        - It falls: fewer reads come to the replica.
        : The reads that count are those right after a write, and they miss.
        - It stays: the replica is as far behind as before.
        : As far, yes. But its old row is now kept, and served again and again.
        + It grows: an old row that is read after the deletion is kept until the next write.
        : Yes. Load from the primary what was just written.
        """,
        section="5. Old answers",
    ),
    Numeric("hot", hot, section="6. A stampede"),
    choice(
        "remedy",
        """
        At midnight you load 100,000 entries, and ten minutes later the database is overwhelmed
        for some seconds. What helps?
        + Lifetimes that differ by some per cent, drawn for each entry.
        : Yes: then they expire over a minute or two, not at one moment.
        - One load a key at a time.
        : There is one load for each key already. There are 100,000 keys.
        - A larger cache.
        : They do not go for want of room. They expire.
        """,
        section="6. A stampede",
    ),
    choice(
        "flush",
        """
        Somebody empties the cache at noon. It is in order again after a second, and an hour later
        nobody is answered still. Why?
        - The cache is broken, and keeps nothing.
        : It keeps what it is given. Nobody gives it anything.
        + The database works for users who have left, and what it finds for them is not kept.
        : Yes: so the next ones miss as well. The fault feeds itself.
        - The load has grown since noon.
        : It is the same as before noon, when everybody was answered.
        """,
        section="7. Break it",
    ),
)
