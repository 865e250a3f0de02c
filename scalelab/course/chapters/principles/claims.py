"""Claims on the principles, and those on the mindset."""

from __future__ import annotations

from scalelab.course.chapters.principles import _mindset_claims as mindset
from scalelab.course.chapters.principles.checks import (
    answered_without_one,
    checks,
)
from scalelab.course.chapters.principles.experiments import (
    GROWTH,
    LEAD_MONTHS,
    PAGE_S,
    begin_at,
    cheapest_fleet_usd,
    gain,
    months_until,
    never_again_per_s,
    one_machine,
    simple_until_per_s,
)
from scalelab.course.chapters.principles.outages import (
    SPARES,
    UP,
    down_h,
    emptied,
    needed_without_cache,
    with_cache_ms,
)
from scalelab.course.ledger import Values, section
from scalelab.models.headroom import utilisation_after_loss
from scalelab.models.hit_ratio import lru_hit_ratio
from scalelab.models.traffic import users_at_peak_rate
from scalelab.workloads.popularity import zipf_popularity

claim = section("Critical Principles to Remember", "principles")

SHARDING_WRITES_PER_S = 10_000  # the guide's own threshold
# Assumed: a fifth of the users on a day, 50 requests each, a peak of five times the mean, and a
# tenth of the requests write.
USERS_HABITS = {"daily_active_share": 0.2, "requests_per_active_user": 50.0, "peak_to_mean": 5.0}
WRITES = 0.1
SHARDING_BYTES, BYTES_A_WRITE = 2e12, 1_000.0  # the guide's other threshold; assumed
KEYS, ENTRIES = 100_000, 5_000


@claim(
    "pr-start-simple-order",
    says="A larger machine and a cache come before complex horizontal scaling.",
    kind="cost",
    verdict="holds-under-assumptions",
    finding="Up to a load, and if one machine may fail. With the prices of this chapter one app "
    "server of 4 cores carries 264 requests a second for $165 a month; the smallest fleet "
    "costs $750, most of it the work on the state. One machine is never the dearer one up to "
    "862 requests a second, and never the cheaper one from 1,383 on; at 1,982 it "
    "costs $2,265 and the fleet $1,740. The guide's path puts the "
    "cache into its third phase, which reads like a conflict; but complex horizontal scaling can "
    "mean shards, and these do come later in it.",
    source="Amdahl's law for a node, and the prices of the planner.",
    named={
        "cores": "cores of the machine",
        "carries": "it carries | requests/s",
        "machine": "it costs | $ a month",
        "fleet": "several servers for that load | $ a month",
        "until": "load below which one machine is never dearer | requests/s",
        "never": "load above which it is never cheaper | requests/s",
        "most": "the largest machine carries | requests/s",
        "large": "the largest machine costs | $ a month",
        "large_fleet": "several servers for the load of the largest | $ a month",
    },
)
def simple_first() -> Values:
    (rate, usd), (most, large) = one_machine()[1], one_machine()[-1]
    return {
        "cores": 4,
        "carries": rate,
        "machine": usd,
        "fleet": cheapest_fleet_usd(rate),
        "until": simple_until_per_s(),
        "never": never_again_per_s(),
        "most": most,
        "large": large,
        "large_fleet": cheapest_fleet_usd(most),
    }


@claim(
    "pr-cache-aggressively",
    says="Cache aggressively: the return is high, and it is simple to do.",
    kind="caching",
    verdict="holds-under-assumptions",
    finding="If reads repeat, the look is cheap beside the query, and the loss of the cache is "
    "planned. With a look of 5 ms before a query of 5 ms and 80 % hits a read takes 6 ms instead "
    "of 5, though the database works a fifth. Room for a twentieth of the keys gives 52 % hits if "
    "they are asked for by Zipf's law with exponent 0.9, and 5 % if all are asked for alike. The "
    "shop of this chapter needs 2.1 databases without its cache: emptied once, it answers 4 % in "
    "time more than a minute later, and 100 % if reads of clients who left may fill the cache. "
    "Aggressively is not everything: that caching everything is a mistake stands in the guide, "
    "too.",
    source="Layers in a row; Che's approximation; a simulated shop whose cache is emptied.",
    named={
        "look": "the look, and the query | ms",
        "hits": "hits | share",
        "with": "mean read with the cache | ms",
        "left": "reads that the database still has | share",
        "room": "keys for which there is room | share",
        "exponent": "Zipf's exponent",
        "zipf": "hits, popular keys asked for more often | share",
        "even": "hits, all keys asked for alike | share",
        "needed": "databases that the whole load needs",
        "emptied": "answered in time in the last 20 s after the flush | share",
        "planned": "the same, if reads of clients who left fill the cache | share",
    },
)
def cache_aggressively() -> Values:
    room = ENTRIES / KEYS
    return {
        "look": 5.0,
        "hits": 0.8,
        "with": with_cache_ms(0.8, 5.0, 5.0),
        "left": 1 - 0.8,
        "room": room,
        "exponent": 0.9,
        "zipf": lru_hit_ratio(zipf_popularity(KEYS, 0.9), ENTRIES),
        "even": lru_hit_ratio(zipf_popularity(KEYS, 0.0), ENTRIES),
        "needed": needed_without_cache(),
        "emptied": float(emptied(keeps_filling=False)[-20:].mean()),
        "planned": float(emptied(keeps_filling=True)[-20:].mean()),
    }


@claim(
    "pr-delay-sharding",
    says="Delay sharding: it is the most complex strategy, so exhaust all others first.",
    kind="sharding",
    verdict="holds",
    finding="By the guide's threshold of 10,000 writes a second, 172.8 million users come first, "
    "if a fifth come on a day for 50 requests each, a tenth of them writes, at a peak of five "
    "times the mean. Its other threshold, 2 TB, is nearer: at 1 kB a write 5.5 million users fill "
    "it in a year. Delay is not neglect: if the "
    "load grows by 5 % a month and the move takes six months, it must begin at 74.6 % of the "
    "limit. From 40 % that is in 12.8 months; at 90 % it is 3.8 months too late.",
    source="Multiplication, with assumed habits; exponential growth.",
    named={
        "threshold": "the guide's threshold | writes/s",
        "peak": "peak over mean, assumed | ×",
        "users": "users who reach it | users",
        "tb": "the guide's other threshold | TB",
        "kb": "a write, assumed | kB",
        "byte_users": "users who fill it in a year | users",
        "growth": "growth of the load a month | share",
        "lead": "the move takes | months",
        "begin": "of the limit, when it must begin | share",
        "spare": "left until then, from 40 % of the limit | months",
        "late": "too late, at 90 % of the limit | months",
    },
)
def delay_sharding() -> Values:
    habits = USERS_HABITS
    a_day = habits["daily_active_share"] * habits["requests_per_active_user"] * WRITES
    writes_a_year = 365 * a_day  # of a user
    return {
        "threshold": SHARDING_WRITES_PER_S,
        "peak": habits["peak_to_mean"],
        "users": users_at_peak_rate(SHARDING_WRITES_PER_S / WRITES, **habits),
        "tb": SHARDING_BYTES / 1e12,
        "kb": BYTES_A_WRITE / 1e3,
        "byte_users": SHARDING_BYTES / BYTES_A_WRITE / writes_a_year,
        "growth": GROWTH - 1,
        "lead": LEAD_MONTHS,
        "begin": begin_at(),
        "spare": months_until(0.4) - LEAD_MONTHS,
        "late": LEAD_MONTHS - months_until(0.9),
    }


@claim(
    "pr-scale-what-matters",
    says="Scale what matters: find the actual bottleneck, of processor, memory, disk and network.",
    kind="queueing",
    verdict="holds",
    finding="A page takes 10 ms of work at one part, 5 at a second, 2 at a third. Halve the "
    "second: "
    "with one user at a time 17 % more pages a second, with five 1.9 %, with twenty less than a "
    "millionth. Halve the first instead: 90 % more with twenty. With few users everything "
    "counts, because nobody waits; under load only the part that is full.",
    source="Mean value analysis of a closed system of three parts.",
    named={
        "work": "work of a page at each part | ms",
        "one": "the second halved, one user | share",
        "five": "five users | share",
        "twenty_ppm": "twenty users | millionths",
        "first": "the first halved, twenty users | share",
    },
)
def scale_what_matters() -> Values:
    return {
        "work": [1e3 * work_s for work_s in PAGE_S],
        "one": gain(1, 1),
        "five": gain(5, 1),
        "twenty_ppm": 1e6 * gain(20, 1),
        "first": gain(20, 0),
    }


@claim(
    "pr-design-for-failure",
    says="Design for failure: assume that components fail, and build redundancy.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="If the parts fail independently, and those that are left can carry the load. A part "
    "that is up 99.9 % of the time is down 8.76 h a year, two of them together 0.009 h; if a tenth "
    "of the failures strikes both, it is 0.88 h. And two servers that are 70 % busy are one too "
    "few: when one is gone the other would have to be 140 % busy. In a simulated loss they "
    "answer nothing in time, while three under the same load answer 99.96 %. The guide's own "
    "first phase is a "
    "single server: whether that is enough is a question of what was promised.",
    source="Availability of parts beside each other; a simulated shop that loses a server.",
    named={
        "up": "up, each part | share",
        "single": "down, one part | hours a year",
        "two": "down, two that fail independently | hours a year",
        "common": "failures that strike both | share",
        "shared": "down, two with such failures | hours a year",
        "busy": "busy, each of two | share",
        "after": "needed of the one that is left | share",
        "two_answer": "answered in time without one of two | share",
        "three_answer": "answered in time without one of three | share",
    },
)
def design_for_failure() -> Values:
    two, three = SPARES
    return {
        "up": UP,
        "single": down_h(1),
        "two": down_h(2),
        "common": 0.1,
        "shared": down_h(2, 0.1),
        "busy": SPARES[two][1],
        "after": utilisation_after_loss(*SPARES[two][::-1]),
        "two_answer": answered_without_one(two),
        "three_answer": answered_without_one(three),
    }


@claim(
    "proc-ten-principles",
    says="Ten principles: optimise first, measure, scale what matters, start simple, design for "
    "failure, mind the cost, be stateless, cache, tell reads from writes, delay sharding.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="Each of the ten has a case in this chapter in which it brings something, and one in "
    "which it brings less, nothing, or a loss. None of the conditions stands beside its principle. "
    "Optimising queries for eight days saves $22,848 in a year at 64 database cores and loses "
    "$3,072 at four; ten copies carry 5.3 times as much where nine of ten requests read, and 1.1 "
    "times where nine write.",
    source="Ten checks, each run in two cases.",
    named={
        "principles": "principles",
        "conditional": "of them, those that pay in one case and less in the other",
        "large_usd": "optimising saves, at 64 cores | $ a year",
        "small_usd": "optimising loses, at 4 cores | $ a year",
        "days": "optimising takes | days",
        "reading": "ten copies, nine reads a write | ×",
        "writing": "ten copies, nine writes a read | ×",
    },
)
def ten_principles() -> Values:
    found = checks()
    return {
        "principles": len(found),
        "conditional": sum(check.pays_here_only for check in found),
        "large_usd": found[0].brings,
        "small_usd": -found[0].there,
        "days": 8,
        "reading": found[8].brings,
        "writing": found[8].there,
    }


cap_three_way = mindset.cap_three_way
premature = mindset.premature
five_attitudes = mindset.five_attitudes
