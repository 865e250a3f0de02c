"""Claims on horizontal scaling."""

from __future__ import annotations

from functools import cache

from scalelab.course.chapters.horizontal.experiments import (
    KAPPA,
    SIGMA,
    day_of_servers,
    lost_at_a_death,
)
from scalelab.course.chapters.vertical.experiments import PRICES, SMALL_KIND
from scalelab.course.ledger import Values, section
from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.autoscaling import time_to_add_s
from scalelab.models.balls_into_bins import mean_max_load
from scalelab.models.cost import price_elasticity
from scalelab.models.headroom import (
    detection_time_s,
    failed_requests,
    safe_utilisation,
    smallest_redundant_fleet,
    utilisation_after_loss,
)
from scalelab.models.traffic import fibre_delay_s
from scalelab.models.usl import usl_capacity, usl_peak
from scalelab.real.loopback import LoopbackComparison, loopback_against_lookup

claim = section("Horizontal Scaling (Scale-Out)", "horizontal")

SCALE_OUT_AT = 0.7  # the guide's threshold


@cache
def leaving_the_process() -> LoopbackComparison:
    """Measure once, so that a page says the same number everywhere."""
    return loopback_against_lookup()


@claim(
    "horiz-25-percent-each",
    says="Four servers behind a balancer carry 25 % of the traffic each.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="Of the requests, if they go round in turn: exactly. If each picks a server at random, "
    "the busiest of four gets 26.6 % of 1,000 requests on average and 30.2 % of 100. And a share "
    "of the requests is a share of the work only if requests cost the same and servers are "
    "equal.",
    source="Round robin by division; balls into bins, exact distribution of the fullest bin.",
    named={
        "share": "share of each server, in turn | %",
        "random_max_share": "busiest of four, of 1,000 random requests | share",
        "random_max_share_of_100": "busiest of four, of 100 random requests | share",
    },
)
def even_split() -> Values:
    return {
        "share": 100 / 4,
        "random_max_share": mean_max_load(1_000, 4) / 1_000,
        "random_max_share_of_100": mean_max_load(100, 4) / 100,
    }


@claim(
    "horiz-near-infinite",
    says="Adding servers gives near-infinite scalability.",
    kind="queueing",
    verdict="misleading",
    finding="It holds for work that shares nothing: there 200 servers do the work of 200, until "
    "the database, the balancer or the budget is the limit. Whoever plans with it elsewhere buys "
    "servers that make things worse. A share of 2 % that must be done in turn caps the gain at "
    "50 ×, and 100 servers give 33.6 ×. With a little talk between all pairs as well (kappa = "
    "0.0005) the gain peaks at 15.7 × with 44 servers; 100 give 12.6 ×, and 200 give 8.0 ×, half "
    "of what 44 did. The guide lists what ends it among its own disadvantages.",
    source="Amdahl 1967; universal scalability law, Gunther 2007; sigma and kappa are assumed.",
    named={
        "nothing_shared_200": "gain of 200 servers that share nothing | ×",
        "in_turn": "share of the work that is done in turn | share",
        "amdahl_100": "gain of 100 servers, a share in turn and no talk | ×",
        "cap": "most that any number gains, a share in turn and no talk | ×",
        "usl_n_peak": "servers at the peak, with talk | servers",
        "usl_c_44": "gain of 44 servers, with talk | ×",
        "usl_c_100": "gain of 100 servers, with talk | ×",
        "usl_c_200": "gain of 200 servers, with talk | ×",
    },
)
def near_infinite() -> Values:
    return {
        "nothing_shared_200": usl_capacity(200, 0.0, 0.0),
        "in_turn": SIGMA,
        "amdahl_100": amdahl_speedup(100, SIGMA),
        "cap": 1 / SIGMA,
        "usl_n_peak": usl_peak(SIGMA, KAPPA),
        "usl_c_44": usl_capacity(44, SIGMA, KAPPA),
        "usl_c_100": usl_capacity(100, SIGMA, KAPPA),
        "usl_c_200": usl_capacity(200, SIGMA, KAPPA),
    }


@claim(
    "horiz-not-all-parallel",
    says="Some work cannot be split over machines.",
    kind="queueing",
    verdict="holds",
    finding="And a little of it is enough: with 2 % of a job in turn, 100 machines are worth "
    "33.6, and no number of machines is worth more than 50.",
    source="Amdahl's law.",
    named={
        "in_turn": "share of the work that is done in turn | share",
        "speedup": "gain of 100 machines | ×",
        "ceiling": "most that any number of machines gains | ×",
    },
)
def not_all_parallel() -> Values:
    return {
        "in_turn": SIGMA,
        "speedup": amdahl_speedup(100, SIGMA),
        "ceiling": 1 / SIGMA,
    }


@claim(
    "horiz-fault-tolerance",
    says="When one server fails, the others carry on.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="If they have room. At 70 %, where the guide adds servers, four become three at "
    "93.3 %, three become two at 105 %, and two become one at 140 %, which is a slower way to go "
    "down together. Before the loss a fleet of n may be busy to (n − 1) / n at most; at 70 % that "
    "takes four.",
    source="Utilisation after a loss: rho × n / (n − 1).",
    named={
        "before": "busy before the loss | %",
        "after_n4": "busy after it, of four servers | %",
        "after_n3": "busy after it, of three | %",
        "after_n2": "busy after it, of two | %",
        "min_n_at_70": "smallest fleet that bears a loss at this load | servers",
        "safe_with_2": "busiest that two servers may be before it | share",
    },
)
def fault_tolerance() -> Values:
    return {
        "before": 100 * SCALE_OUT_AT,
        "after_n4": 100 * utilisation_after_loss(SCALE_OUT_AT, 4),
        "after_n3": 100 * utilisation_after_loss(SCALE_OUT_AT, 3),
        "after_n2": 100 * utilisation_after_loss(SCALE_OUT_AT, 2),
        "min_n_at_70": smallest_redundant_fleet(SCALE_OUT_AT),
        "safe_with_2": safe_utilisation(2),
    }


@claim(
    "horiz-failure-detection",
    says="Users do not notice that a server failed (implied by the others carrying on).",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="Not before somebody finds out. Probed every 10 s and given up after 3 misses, a dead "
    "server stays in rotation for up to 30 s. Of 1,000 requests a second to four servers it is "
    "sent 7,500 at the worst, and 6,250 on average. A second try at another server saves all of "
    "them in the same run, if a request may be done twice. What was under way at the moment of "
    "the death is lost in any case; the run has nothing under way.",
    source="Detection time × share of the traffic; the balancer of this course, with no second "
    "try and with one.",
    named={
        "detection": "longest time in rotation after the death | s",
        "failed": "lost at the worst, by the formula | requests",
        "failed_on_average": "lost on average, by the formula | requests",
        "lost_without": "lost in the run, without a second try | requests",
        "lost_with": "lost in the run, with a second try | requests",
    },
)
def failure_detection() -> Values:
    longest_s = detection_time_s(10, 3)
    return {
        "detection": longest_s,
        "failed": failed_requests(1_000, 4, longest_s),
        "failed_on_average": failed_requests(1_000, 4, longest_s - 10 / 2),
        "lost_without": lost_at_a_death(retries=0),
        "lost_with": lost_at_a_death(retries=1),
    }


@claim(
    "horiz-commodity-cheaper",
    says="Many commodity machines cost less than one large machine.",
    kind="cost",
    verdict="holds-under-assumptions",
    finding="It depends on which row of the guide's price list is called commodity. Within its m5 "
    "family 48 machines of 2 CPUs cost $6,720 a month, and one of 96 CPUs costs $6,720: the price "
    "is proportional to size. Its first row is another kind, a t3.small, with 2 CPUs as well but "
    "a quarter of the memory, and made for load that comes in bursts: 48 of those cost "
    "$1,440. Over all five rows price grows with size to the power of 1.2. And a fleet can shrink "
    "at night: where the peak is twice the mean, one that follows each hour needs 47.5 % fewer "
    "server-hours than one that is sized for the peak, and none fewer where the load is flat.",
    source="The guide's price table, all five rows; slope of log price over log size; a day.",
    named={
        "memory": "memory of a t3.small over that of a small m5 | share",
        "burstable_x48": "48 of the t3.small | $ a month",
        "small_x48": "48 of the small m5 | $ a month",
        "big": "one m5 of 96 CPUs | $ a month",
        "slope": "price over size, within the m5 family | power",
        "slope_of_five": "price over size, over all five rows | power",
        "saved_by_shrinking": "saved by following a peak of twice the mean | share",
        "saved_when_flat": "saved where the load is flat | share",
    },
)
def commodity() -> Values:
    cpus, usd = zip(*PRICES, strict=True)
    days = {peak: day_of_servers(peak) for peak in (1.0, 2.0)}
    saved = {peak: 1 - following / fixed for peak, (fixed, following) in days.items()}
    return {
        "memory": 2 / 8,
        "burstable_x48": 48 * SMALL_KIND[1],
        "small_x48": 48 * usd[0],
        "big": usd[-1],
        "slope": price_elasticity(cpus, usd),
        "slope_of_five": price_elasticity((SMALL_KIND[0], *cpus), (SMALL_KIND[1], *usd)),
        "saved_by_shrinking": saved[2.0],
        "saved_when_flat": saved[1.0],
    }


@claim(
    "horiz-geo-latency",
    says="Servers near the users answer sooner.",
    kind="arithmetic",
    verdict="holds-under-assumptions",
    finding="Light in glass needs 10 ms for a round trip over 1,000 km, 55.7 ms over 5,570 km, "
    "100 ms over 10,000 km, 170 ms over 17,000 km, and no hardware shortens that. But the data "
    "must come along. Over 5,570 km, a near server that asks the far database three times, one "
    "after another, makes its user wait 167.1 ms for the cable, and a far server beside the "
    "database 55.7 ms. If it asks once, the two are alike; if it need not ask, near is faster.",
    source="Speed of light in fibre, 200 km per millisecond.",
    named={
        "rtt_1000km_ms": "round trip over 1,000 km | ms",
        "rtt_5570km_ms": "round trip over 5,570 km | ms",
        "rtt_10000km_ms": "round trip over 10,000 km | ms",
        "rtt_17000km_ms": "round trip over 17,000 km | ms",
        "near_server_far_data": "three round trips over 5,570 km | ms",
    },
)
def geography() -> Values:
    rtt_ms = {km: 2e3 * fibre_delay_s(km * 1e3) for km in (1_000, 5_570, 10_000, 17_000)}
    times = {f"rtt_{km}km_ms": value for km, value in rtt_ms.items()}
    return times | {"near_server_far_data": 3 * rtt_ms[5_570]}


@claim(
    "horiz-network-overhead",
    says="A message between servers takes longer than a call inside one process.",
    kind="queueing",
    verdict="holds",
    finding="By two orders of magnitude and more, before it has even left the machine: a lookup in "
    "a dictionary takes tens of nanoseconds, the shortest message to oneself and back takes "
    "microseconds, and through a data centre hundreds of them. It counts where a request sends "
    "many such messages, one after the other.",
    source="Measured on the machine that made this page: dictionary against a TCP loopback.",
    named={
        "dict_ns": "a lookup in a dictionary | ns",
        "loopback_us": "one byte to oneself by TCP, and back | µs",
        "lookups_per_round_trip": "lookups in the time of one such message | lookups",
    },
)
def network_overhead() -> Values:
    measured = leaving_the_process()
    return {
        "dict_ns": measured.lookup_s * 1e9,
        "loopback_us": measured.round_trip_s * 1e6,
        "lookups_per_round_trip": measured.factor,
    }


@claim(
    "horiz-netflix-hundreds",
    says="When a popular show is released, a streaming service starts hundreds of streaming "
    "servers by itself, and drops them afterwards.",
    kind="qualitative",
    verdict="misleading",
    finding="Two things are mixed up. The bytes of a film come from appliances that stand in "
    "providers' networks and do not come and go; what grows and shrinks in the cloud is the rest: "
    "login, search, recommendations. And a rule that reacts would be late: at 2 instances per "
    "5 minutes, the guide's own, 200 more take 500 minutes. A release has a date, so add "
    "servers before it.",
    source="Netflix, Open Connect overview; time of a rule of fixed steps.",
    named={"minutes_for_200": "time to add 200 at 2 every 5 minutes | min"},
)
def streaming() -> Values:
    return {"minutes_for_200": time_to_add_s(200, 2, 300) / 60}
