"""Claims on the progressive scaling path."""

from __future__ import annotations

from scalelab.course.chapters.progressive_path.experiments import (
    HABITS,
    PRODUCTS,
    SERVER_PER_S,
    THRESHOLDS,
    WRITES,
    peak_of,
)
from scalelab.course.chapters.progressive_path.roads import (
    by_the_letter,
    cheapest_usd,
    entered_at,
    growth_usd,
    regret,
    replicas_without_cache_per_s,
)
from scalelab.course.ledger import Values, section
from scalelab.models.availability import downtime_s_per_year, parallel_availability
from scalelab.models.traffic import DAY_S, users_at_peak_rate

claim = section("Progressive Scaling Path", "progressive_path")

SHARDING_WRITES_PER_S = 10_000  # the guide's own threshold
SHARDING_BYTES = 2e12  # and the other one
BYTES_A_WRITE = 1_000.0  # assumed
YEAR_S = 365 * DAY_S


def _peak(users: int) -> float:
    return peak_of(users, *HABITS.values())


@claim(
    "ph-users-10k",
    says="One server is enough for up to 10,000 users.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="If a fifth of them come on a day, for 50 requests each, and the peak is five times "
    "the mean, they make 5.8 requests a second. A server that does 1,000, as the guide's with four "
    "cores, then carries 1.7 million users. With 10,000 sensors that report every 10 s it is full "
    "exactly at the guide's number; 14 million readers of a news page fill it as well. Users are "
    "the wrong variable; state the requests a second, and the work of each.",
    source="Multiplication; all habits are assumptions.",
    named={
        "peak": "peak over mean, assumed | ×",
        "every_s": "a sensor reports every | s",
        "rps": "peak of 10,000 users with these habits | requests/s",
        "users": "users with these habits that fill a server of 1,000 requests/s | users",
        "sensors": "requests of 10,000 sensors that report every 10 s | requests/s",
        "polling": "users of an app that asks every 10 s, 2 h a day, half of them a day, at a peak "
        "of 6 × the mean, that fill it | users",
        "readers": "readers of ten pages a day, a fifth of them a day, at a peak of 3 × the mean, "
        "that fill it | users",
    },
)
def ten_thousand() -> Values:
    sensors, polling, _, news = PRODUCTS.values()
    return {
        "peak": HABITS["peak_to_mean"],
        "every_s": DAY_S / sensors[1],
        "rps": _peak(THRESHOLDS[0]),
        "users": users_at_peak_rate(
            SERVER_PER_S,
            daily_active_share=HABITS["daily_active_share"],
            requests_per_active_user=HABITS["requests_per_active_user"],
            peak_to_mean=HABITS["peak_to_mean"],
        ),
        "sensors": peak_of(THRESHOLDS[0], *sensors),
        "polling": SERVER_PER_S / peak_of(1.0, *polling),
        "readers": SERVER_PER_S / peak_of(1.0, *news),
    }


@claim(
    "ph-users-100k",
    says="From 10,000 to 100,000 users an application needs several servers, its state outside of "
    "them, and read replicas.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="With the habits of the entry before, 100,000 users make 58 requests a second. The "
    "shop of this chapter carries 137 on one small server and one small database. Servers, store "
    "and replica by the guide's letter then cost 5.6 × what it needs. It holds for products with "
    "0.1 requests a second a user, and wherever the loss of one server must be survived.",
    source="Multiplication, and the cheapest of all configurations; the prices stand on the page.",
    named={
        "rps": "peak of 100,000 users with these habits | requests/s",
        "letter": "the guide's phase 2 for the shop of this chapter | $ a month",
        "cheapest": "the cheapest that carries them | $ a month",
        "times": "the one over the other | ×",
        "each": "load of a user with which the guide's numbers hold | requests/s",
    },
)
def hundred_thousand() -> Values:
    rate, letter = by_the_letter(THRESHOLDS[1])
    best = cheapest_usd(rate)
    return {
        "rps": rate,
        "letter": letter,
        "cheapest": best,
        "times": letter / best,
        "each": SERVER_PER_S / THRESHOLDS[0],
    }


@claim(
    "ph-users-1m",
    says="From 100,000 to a million users and more an application needs auto-scaling, caches, "
    "shards, and CQRS for complex work.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="With the same habits a million users make 579 requests a second. If a tenth of them "
    "write, that is 58 writes a second; the guide's own threshold for shards, 10,000 writes a "
    "second, is reached by 173 million users. Its other threshold is nearer: at 1 kB a write, 5.5 "
    "million users fill 2 TB in a year, and a million in 5.5 years. A cache does pay at this load.",
    source="Multiplication; all habits are assumptions.",
    named={
        "rps": "peak of a million users with these habits | requests/s",
        "writes": "of these, writes, if a tenth write | writes/s",
        "threshold": "the guide's threshold for shards | writes/s",
        "kb": "a write, assumed | kB",
        "tb": "the guide's other threshold | TB",
        "write_users": "users that reach 10,000 writes/s | users",
        "byte_users": "users that fill 2 TB in a year, at 1 kB a write | users",
        "years": "years in which a million users fill 2 TB | years",
    },
)
def million() -> Values:
    peak = _peak(THRESHOLDS[2])
    mean_writes = peak / HABITS["peak_to_mean"] * WRITES
    a_year = mean_writes * BYTES_A_WRITE * YEAR_S
    return {
        "rps": peak,
        "writes": peak * WRITES,
        "threshold": float(SHARDING_WRITES_PER_S),
        "kb": BYTES_A_WRITE / 1e3,
        "tb": SHARDING_BYTES / 1e12,
        "write_users": THRESHOLDS[2] * SHARDING_WRITES_PER_S / (peak * WRITES),
        "byte_users": THRESHOLDS[2] * SHARDING_BYTES / a_year,
        "years": SHARDING_BYTES / a_year,
    }


@claim(
    "ph-redundancy-conflict",
    says="Phase 1 is a single server.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="If its availability is enough. One that is up 99.9 % of the time is down 8.76 h a "
    "year, which many a young company never promised to beat. The guide's advice of at least two "
    "instances is about auto-scaling groups, which belong to its phase 3. One app server and one "
    "database are down 17.5 h together; a second app server leaves 8.77 h, because the database is "
    "still single. Availability, not load, is the reason to leave phase 1 early.",
    source="Availability of parts in a row and beside each other, failing independently.",
    named={
        "single": "down, one part that is up 99.9 % | hours a year",
        "each": "down, one app server and one database | hours a year",
        "two": "down, two app servers and one database | hours a year",
        "both": "down, two of each | hours a year",
    },
)
def one_server() -> Values:
    up = 0.999
    pair = float(parallel_availability([up, up]))
    parts = {"single": up, "each": up * up, "two": pair * up, "both": pair * pair}
    return {name: float(downtime_s_per_year(x)) / 3_600 for name, x in parts.items()}


@claim(
    "proc-phases",
    says="Scale in three phases by the number of users: one server, optimised and with a pool; "
    "then several servers and read replicas; then auto-scaling, caches, shards and CQRS.",
    kind="procedure",
    verdict="misleading",
    finding="The list of remedies is right, and so is that shards come last. The order and the "
    "switch are not. The cheapest shop has a cache (phase 3) from 475 requests a second on, a "
    "second server (phase 2) from 949, and optimises its queries (phase 1) from 8,455; replicas "
    "never. With other work the loads move several times over. Go by the part that is full, and by "
    "the price of the next step.",
    source="Cheapest of 2,916 configurations at each of 61 loads; the prices stand on the page.",
    named={
        "cache": "a cache enters the cheapest shop at | requests/s",
        "servers": "a second server enters at | requests/s",
        "queries": "optimised queries enter at | requests/s",
        "replicas": "replicas enter, if half of the reads cannot be cached, at | requests/s",
        "shards": "shards enter, if half of the reads cannot be cached, at | requests/s",
        "letter_10k": "the guide's phase for 10,000 users, over the cheapest | ×",
        "letter_1m": "the guide's phase for a million users, over the cheapest | ×",
    },
)
def phases() -> Values:
    shop, half = entered_at("shop"), entered_at("half of the reads uncacheable")
    letters = {users: by_the_letter(users) for users in (THRESHOLDS[0], THRESHOLDS[2])}
    times = [usd / cheapest_usd(rate) for rate, usd in letters.values()]
    return {
        "cache": shop["cache"],
        "servers": shop["more servers"],
        "queries": shop["optimise queries"],
        "replicas": half["read replicas"],
        "shards": half["shards"],
        "letter_10k": times[0],
        "letter_1m": times[1],
    }


@claim(
    "ph-caching-phase-3",
    says="Caching layers belong to phase 3, after several servers and read replicas.",
    kind="caching",
    verdict="misleading",
    finding="The guide itself says elsewhere to cache early, and that is what comes out. Without a "
    "cache the shop costs 43 % more at 1,000 requests a second and 50 % more at 10,000. Let it "
    "grow from 100 to 10,000 in five years, with a cache as soon as it pays, or only when replicas "
    "are there: both end with the same system, and the second way costs $17,135 more. Where "
    "nothing can be cached, phase 3 is early enough.",
    source="Cheapest of 2,916 configurations in each of 60 months, in both orders.",
    named={
        "more_1k": "more without a cache, at 1,000 requests/s | share",
        "more_10k": "more without a cache, at 10,000 requests/s | share",
        "replicas": "replicas enter the cheapest shop without a cache at | requests/s",
        "early": "five years, cache as soon as it pays | $",
        "late": "five years, cache after replicas | $",
        "more": "difference | $",
    },
)
def caching_late() -> Values:
    early, late = growth_usd()
    return {
        "more_1k": regret(1_000.0, "without a cache"),
        "more_10k": regret(10_000.0, "without a cache"),
        "replicas": replicas_without_cache_per_s(),
        "early": early,
        "late": late,
        "more": late - early,
    }
