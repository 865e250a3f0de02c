"""Claims on session affinity, and the one on uneven load that goes with it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scalelab.course.chapters.sticky_sessions.experiments import lost_on_change, lost_per_day
from scalelab.course.chapters.sticky_sessions.imbalance import (
    GUIDE,
    address_for,
    hot_address_share,
    request_peaks,
    shorter_pareto,
    turn_peak,
)
from scalelab.course.ledger import Values, section
from scalelab.models.imbalance import peak_to_mean, usable_share
from scalelab.models.infinite_servers import (
    constant_drain_s,
    exponential_drain_s,
    fill_share,
    fill_time_s,
    log10_occupancy_tail,
    pareto_drain_percentile_s,
)
from scalelab.models.placement import (
    lost_share,
    minimum_moved_share,
    modulo_moved_share,
    wrong_server_share,
)

claim = section("Session Affinity and Sticky Sessions", "sticky_sessions")
claim_before = section("Stateless vs Stateful Systems", "sticky_sessions")

TOTAL = sum(GUIDE)


@claim(
    "st-imbalance-cause",
    says="Some users have long sessions, and so one sticky server ends with 1,000 sessions, "
    "another with 100, a third with 500.",
    kind="queueing",
    verdict="misleading",
    finding="Long sessions cannot do it. With new sessions placed at random the fullest of three "
    "servers has 1.037 times the mean whatever the lengths, since the number of open sessions "
    "depends on their mean only. In turn it is less, and there the law of the lengths does count: "
    "1.026 with exponential ones, 1.031 with a Pareto tail of index 1.2, 1 if all are alike. "
    "1,000 on one server is 20 standard deviations out, a chance of 1 in 10 to the power 72. Such "
    "counts come from restarted or added servers, from many users behind one address, or from an "
    "uneven hash ring.",
    source="M/G/∞ (Takács 1962); simulated with exponential, log-normal and Pareto lengths.",
    named={
        "at_random": "fullest, placed at random, any lengths | × mean",
        "exp": "fullest, in turn, exponential lengths | × mean",
        "pareto": "fullest, in turn, Pareto index 1.5 | × mean",
        "pareto_12": "fullest, in turn, Pareto index 1.2 | × mean",
        "alike": "fullest, in turn, all lengths alike | × mean",
        "sigma": "1,000 above the fair share | standard deviations",
        "log10_p": "chance of 1,000, as a power of ten |",
    },
)
def long_sessions() -> Values:
    fair = TOTAL / 3
    return {
        "at_random": turn_peak(TOTAL, 3, shorter_of_two=0.0),
        "exp": turn_peak(TOTAL, 3),
        "pareto": turn_peak(TOTAL, 3, shorter_of_two=shorter_pareto(1.5)),
        "pareto_12": turn_peak(TOTAL, 3, shorter_of_two=shorter_pareto(1.2)),
        "alike": turn_peak(TOTAL, 3, shorter_of_two=1.0),
        "sigma": (max(GUIDE) - fair) / math.sqrt(fair),
        "log10_p": log10_occupancy_tail(fair, max(GUIDE)),
    }


@claim(
    "st-imbalance-capacity",
    says="With 1,000, 100 and 500 sessions the servers are heavily, lightly and moderately loaded.",
    kind="arithmetic",
    verdict="holds",
    finding="The first has 1.875 times the mean. It is full when the fleet as a whole is at 53.3 % "
    "of what it could do, so three servers are worth 1.6.",
    source="Bottleneck law: the fleet is full with its fullest server.",
    named={
        "peak_to_mean": "fullest over the mean | ×",
        "usable": "usable when the fullest is full | share",
    },
)
def capacity() -> Values:
    return {"peak_to_mean": peak_to_mean(GUIDE), "usable": usable_share(GUIDE)}


@claim_before(
    "st-request-rate-skew",
    says="The load of stateful servers is uneven: some have more active sessions than others.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="Not by their number, which differs by a few per cent. By what they ask for: with 533 "
    "sessions on each of three servers and heavy-tailed request rates the busiest has 1.19 times "
    "the mean on average, and in one case of twenty more than 1.4 times. With rates that are "
    "nearly alike it has 1.01 times. A few robots are enough, and nobody may move them. We assume "
    "Pareto rates with index 1.2, none above a thousand times the smallest.",
    source="1,500 simulated fleets; beside them as many with a Pareto index of 6.",
    named={
        "mean": "busiest on average, heavy-tailed rates | × mean",
        "p95": "busiest in one case of twenty | × mean",
        "alike": "busiest on average, rates nearly alike | × mean",
    },
)
def request_skew() -> Values:
    """Compute how much the busiest server exceeds the mean when sessions ask unequally."""
    peaks = request_peaks(np.random.default_rng(2026), index=1.2, cut=1_000)
    alike = request_peaks(np.random.default_rng(2026), index=6.0, cut=1_000)
    return {"mean": peaks.mean(), "p95": np.quantile(peaks, 0.95), "alike": alike.mean()}


@claim(
    "st-ip-hash",
    says="The hash of the client's address, modulo the number of servers, says which server it is.",
    kind="hashing",
    verdict="holds-under-assumptions",
    finding="It is even over addresses, and load comes from users. All who sit behind one address, "
    "an office or a mobile network, go to one server: if they are 30 % of the users, it has 53.3 % "
    "of them. The guide's 62.5 % takes 43.75 % behind one address. And a phone that changes its "
    "network changes its server, in two of three cases with three servers.",
    source="Share s on one address: s + (1 − s)/n on its server; a new address is a new key.",
    named={
        "nat30": "users on the server of an office of 30 % | share",
        "nat_for_625": "users behind one address for the guide's 62.5 % | share",
        "phone": "phones that change the server with the network | share",
    },
)
def ip_hash() -> Values:
    return {
        "nat30": hot_address_share(0.3),
        "nat_for_625": address_for(0.625),
        "phone": wrong_server_share(3),
    }


@claim(
    "st-mod-n-remap",
    says="A hash modulo the number of servers says which server has a session; adding a server "
    "redistributes some of them.",
    kind="hashing",
    verdict="misleading",
    finding="Some is 75 % from three servers to four, and 90.9 % from ten to eleven. When one of "
    "three crashes, 66.7 % of the users lose their session, twice as many as had to. Rendezvous or "
    "consistent hashing moves 25 %, 9.1 % and 33.3 %.",
    source="1 − min(n, m)/lcm(n, m); simulated on virtual servers.",
    named={
        "3to4": "moved by hash modulo n, three servers to four | share",
        "10to11": "moved by hash modulo n, ten servers to eleven | share",
        "3to2": "moved by hash modulo n, three servers to two | share",
        "3to4_least": "least that must move, three servers to four | share",
        "10to11_least": "least that must move, ten servers to eleven | share",
        "3to2_least": "least that must move, three servers to two | share",
    },
)
def remap() -> Values:
    values: dict[str, Any] = {}
    for before, after in ((3, 4), (10, 11), (3, 2)):
        values[f"{before}to{after}"] = modulo_moved_share(before, after)
        values[f"{before}to{after}_least"] = minimum_moved_share(before, after)
    return values


@claim(
    "st-adding-server-loses",
    says="When a server is added, existing sessions must be redistributed, and some are lost.",
    kind="hashing",
    verdict="misleading",
    finding="With a hash, yes. With cookies nothing moves and nothing is lost, and that is the "
    "trouble: the new server gets new sessions only. After one mean session it has 63.2 % of its "
    "share, and 90 % after 2.3 of them. Meanwhile the old servers stay as full as they were.",
    source="M/G/∞ with exponential lengths; simulated.",
    named={
        "one_T": "filled after one mean session | share",
        "t90": "until 90 % full | mean sessions",
        "cookie_lost": "lost with cookies | share",
    },
)
def adding() -> Values:
    return {
        "one_T": fill_share(1.0, 1.0),
        "t90": fill_time_s(0.9, 1.0),
        "cookie_lost": lost_on_change("cookie", 3, "add", users=300),
    }


@claim(
    "st-failure-loss",
    says="When a server crashes, its users' sessions are lost and they must log in again.",
    kind="replication",
    verdict="holds",
    finding="A third of all users on average, with three servers. With the guide's own counts 62.5 "
    "%, 6.25 % or 31.25 %, depending on which. This is with cookies; with a hash modulo n it is "
    "66.7 %, since the users of the other servers are sent elsewhere, too.",
    source="Shares of the sessions; residues modulo 3 and 2.",
    named={
        "shares": "lost with each of the guide's servers | share",
        "mean": "lost on average of three, cookies | share",
        "modulo": "lost with hash modulo n, three servers to two | share",
    },
)
def failure() -> Values:
    return {
        "shares": sorted(count / TOTAL for count in GUIDE),
        "mean": lost_share(3),
        "modulo": modulo_moved_share(3, 2),
    }


@claim(
    "st-server2-count",
    says="Server 2 has 100 sessions in one example of the list and 500 in the next.",
    kind="arithmetic",
    verdict="holds-under-assumptions",
    finding="If each example is read for itself. In the list of three servers, 500 is server 3, so "
    "the shutdown cannot be computed from that list. It hardly matters: to drain 100 sessions of "
    "ten minutes takes 52 minutes on average, and 500 take 68 minutes, only a third longer.",
    source="Expected longest of n exponential sessions.",
    named={
        "min_100": "drain of 100 sessions | min",
        "min_500": "drain of 500 sessions | min",
        "times": "500 sessions over 100 | ×",
    },
)
def server_two() -> Values:
    drains = {f"min_{count}": exponential_drain_s(count, 600) / 60 for count in (100, 500)}
    return drains | {"times": 500 / 100}


@claim(
    "st-drain-all",
    says="To shut a server down one must wait for all its sessions to expire, or cut them off.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="The last of 500 sessions ends after 6.79 mean lengths: 68 minutes for sessions of ten "
    "minutes, 204 for thirty. But there is something between the two: wait three mean lengths, "
    "half an hour, and 5 % are left to be cut off. We assume exponential lengths. If all are alike "
    "ten minutes are enough; with a Pareto tail of index 1.5 one drain of two takes longer than "
    "536 days.",
    source="T times the harmonic number; simulated by a draining balancer. The other two laws: "
    "what is left of a session of that law, and the longest of 500.",
    named={
        "H500": "until the last of 500 ends | mean lengths",
        "min_10": "sessions of ten minutes | min",
        "min_30": "sessions of thirty minutes | min",
        "left_after_3": "left after three mean lengths | share",
        "alike_min": "sessions of ten minutes, all alike | min",
        "pareto_days": "median, Pareto lengths of ten minutes | days",
    },
)
def drain() -> Values:
    return {
        "H500": exponential_drain_s(500, 1.0),
        "min_10": exponential_drain_s(500, 600) / 60,
        "min_30": exponential_drain_s(500, 1_800) / 60,
        "left_after_3": 1 - fill_share(3.0, 1.0),
        "alike_min": constant_drain_s(500, 600) / 60,
        "pareto_days": pareto_drain_percentile_s(0.5, 500, 600, shape=1.5) / 86_400,
    }


@claim(
    "proc-sticky-when",
    says="Sticky sessions are acceptable for small sites, short sessions, and where a lost session "
    "now and then does not matter; avoid them at scale, for high availability, with frequent "
    "deployments and with autoscaling.",
    kind="procedure",
    verdict="holds",
    finding="It comes down to one product: deployments a day times open sessions. Ten deployments "
    "and 1,600 sessions are 16,000 lost a day without a drain. With sessions of ten minutes and a "
    "drain of thirty 797 are left of them, one in 289 of the day's sessions. With sessions of "
    "eight hours the same drain leaves 15,031.",
    source="D·N·exp(−d/T); simulated.",
    named={
        "lost_per_day": "lost without a drain | sessions/day",
        "drained": "lost with a drain of 30 min, sessions of 10 min | sessions/day",
        "one_in": "one lost in so many | sessions",
        "long_drained": "lost with a drain of 30 min, sessions of 8 h | sessions/day",
    },
)
def when() -> Values:
    drained = lost_per_day(10, TOTAL, 600, 1_800)
    return {
        "lost_per_day": lost_per_day(10, TOTAL, 600),
        "drained": drained,
        "one_in": TOTAL * 86_400 / 600 / drained,
        "long_drained": lost_per_day(10, TOTAL, 28_800, 1_800),
    }
