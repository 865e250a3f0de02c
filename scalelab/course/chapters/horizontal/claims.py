"""Claims on horizontal scaling."""

from __future__ import annotations

from functools import cache

from scalelab.course.chapters.horizontal.experiments import KAPPA, SIGMA
from scalelab.course.chapters.vertical.experiments import PRICES
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
    verdict="holds-under-assumptions",
    finding="Of the requests, if they go round in turn: exactly. If each picks a server at random, "
    "the busiest of four gets 26.6 % of 1,000 requests on average and 30.2 % of 100. And a share "
    "of the requests is a share of the work only if requests cost the same and servers are "
    "equal.",
    source="Round robin by division; balls into bins, exact distribution of the fullest bin.",
    named={"share": "share | %"},
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
    verdict="holds-under-assumptions",
    finding="It holds for work that shares nothing; then the limit is next: the database, the "
    "balancer, the budget. Elsewhere it fails, as the guide's own disadvantages suggest. A share "
    "of 2 % that must be done in turn caps the gain at 50 ×, and 100 servers give 33.6 ×. With a "
    "little talk between all pairs (kappa = 0.0005) the gain peaks at 15.7 × with 44 servers; 100 "
    "give 12.6 ×, and 200 give 8.0 ×, half of what 44 did.",
    source="Amdahl 1967; universal scalability law, Gunther 2007.",
    named={
        "amdahl_100": "amdahl_100 | ×",
        "cap": "cap | ×",
        "usl_c_44": "usl_c_44 | ×",
        "usl_c_100": "usl_c_100 | ×",
        "usl_c_200": "usl_c_200 | ×",
    },
)
def near_infinite() -> Values:
    return {
        "amdahl_100": amdahl_speedup(100, SIGMA),
        "in_turn": SIGMA,
        "cap": 1 / SIGMA,
        "usl_n_peak": usl_peak(SIGMA, KAPPA),
        "usl_c_44": usl_capacity(44, SIGMA, KAPPA),
        "usl_c_100": usl_capacity(100, SIGMA, KAPPA),
        "usl_c_200": usl_capacity(200, SIGMA, KAPPA),
    }


@claim(
    "horiz-not-all-parallel",
    says="Some work cannot be split over machines.",
    verdict="holds",
    finding="And a little of it is enough: with 2 % of a job in turn, 100 machines are worth "
    "33.6, and no number of machines is worth more than 50.",
    source="Amdahl's law.",
    named={"speedup": "speedup | ×", "ceiling": "ceiling | ×"},
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
    verdict="holds-under-assumptions",
    finding="If they have room. At 70 %, where the guide adds servers, four become three at "
    "93.3 %, three become two at 105 %, and two become one at 140 %, which is a slower way to go "
    "down together. Before the loss a fleet of n may be busy to (n - 1) / n at most; at 70 % that "
    "takes four.",
    source="Utilisation after a loss: rho × n / (n - 1).",
    named={
        "before": "before | %",
        "after_n4": "after_n4 | %",
        "after_n3": "after_n3 | %",
        "after_n2": "after_n2 | %",
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
    verdict="holds-under-assumptions",
    finding="Not before somebody finds out. Probed every 10 s and given up after 3 misses, a dead "
    "server stays in rotation for up to 30 s. Of 1,000 requests a second to four servers it is "
    "sent 7,500, and 6,250 if it dies at a random moment. A second try at another server saves "
    "those that may be repeated.",
    source="Detection time × share of the traffic.",
    named={
        "detection": "detection | s",
        "failed": "failed | requests",
        "failed_on_average": "failed_on_average | requests",
    },
)
def failure_detection() -> Values:
    longest_s = detection_time_s(10, 3)
    return {
        "detection": longest_s,
        "failed": failed_requests(1_000, 4, longest_s),
        "failed_on_average": failed_requests(1_000, 4, longest_s - 10 / 2),
    }


@claim(
    "horiz-commodity-cheaper",
    says="Many commodity machines cost less than one large machine.",
    verdict="misleading",
    finding="Not in a cloud's price list. In the guide's own, 48 machines of 2 CPUs cost $6,720 a "
    "month, and one of 96 CPUs costs $6,720: the price is exactly proportional to size. It was "
    "true of mainframes. What saves money in a cloud is that a fleet can shrink at night.",
    source="The guide's price table; slope of log price over log size.",
    named={"small_x48": "small_x48 | USD", "big": "big | USD"},
)
def commodity() -> Values:
    cpus, usd = zip(*PRICES, strict=True)
    return {
        "small_x48": 48 * usd[0],
        "big": usd[-1],
        "slope": price_elasticity(cpus, usd),
    }


@claim(
    "horiz-geo-latency",
    says="Servers near the users answer sooner.",
    verdict="holds-under-assumptions",
    finding="Light in glass needs 10 ms for a round trip over 1,000 km, 55.7 ms over 5,570 km, "
    "100 ms over 10,000 km, 170 ms over 17,000 km, and no hardware shortens that. But the data "
    "must come along. A near server that asks a far database three times for each request is "
    "slower than a far server beside it: three crossings against one.",
    source="Speed of light in fibre, 200 km per millisecond.",
    named={
        "rtt_1000km_ms": "rtt_1000km_ms | ms",
        "rtt_5570km_ms": "rtt_5570km_ms | ms",
        "rtt_10000km_ms": "rtt_10000km_ms | ms",
        "rtt_17000km_ms": "rtt_17000km_ms | ms",
        "near_server_far_data": "near_server_far_data | ms",
    },
)
def geography() -> Values:
    rtt_ms = {km: 2e3 * fibre_delay_s(km * 1e3) for km in (1_000, 5_570, 10_000, 17_000)}
    times = {f"rtt_{km}km_ms": value for km, value in rtt_ms.items()}
    return times | {"near_server_far_data": 3 * rtt_ms[5_570]}


@claim(
    "horiz-network-overhead",
    says="A message between servers takes longer than a call inside one process.",
    verdict="holds",
    finding="By two orders of magnitude and more, before it has even left the machine: a lookup in "
    "a dictionary takes tens of nanoseconds, one byte to oneself and back takes microseconds, and "
    "through a data centre hundreds of them. It counts where a request sends many such messages, "
    "one after the other.",
    source="Measured on the machine that made this page: dictionary against a TCP loopback.",
    named={"dict_ns": "dict_ns | ns", "loopback_us": "loopback_us | µs"},
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
    verdict="misleading",
    finding="Two things are mixed up. The bytes of a film come from appliances that stand in "
    "providers' networks and do not come and go; what grows and shrinks in the cloud is the rest: "
    "login, search, recommendations. And a rule that reacts would be late: at 2 instances per "
    "5 minutes, the guide's own, 200 more take 500 minutes. A release has a date, so add "
    "servers before it.",
    source="Netflix, Open Connect overview; time of a rule of fixed steps.",
    named={"minutes_for_200": "minutes_for_200 | min"},
)
def streaming() -> Values:
    return {"minutes_for_200": time_to_add_s(200, 2, 300) / 60}
