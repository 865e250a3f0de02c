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
    exponential_drain_s,
    fill_share,
    fill_time_s,
    log10_occupancy_tail,
)
from scalelab.models.placement import lost_share, minimum_moved_share, modulo_moved_share

claim = section("Session Affinity and Sticky Sessions", "sticky_sessions")
claim_before = section("Stateless vs Stateful Systems", "sticky_sessions")

TOTAL = sum(GUIDE)


@claim(
    "st-imbalance-cause",
    says="Some users have long sessions, and so one sticky server ends with 1,000 sessions, "
    "another with 100, a third with 500.",
    verdict="misleading",
    finding="Long sessions cannot do it. With new sessions placed in turn the fullest of three "
    "servers has 1.026 times the mean, with exponential lengths and with heavy-tailed ones alike, "
    "since the number of open sessions depends on the mean length only. 1,000 on one server is 20 "
    "standard deviations out, a chance of 1 in 10 to the power 72. Such counts come from restarted "
    "or added servers, from many users behind one address, or from an uneven hash ring.",
    source="M/G/∞ (Takács 1962); simulated with exponential, log-normal and Pareto lengths.",
    named={
        "exp": "exp | × mean",
        "pareto": "pareto | × mean",
        "sigma": "sigma | standard deviations",
    },
)
def long_sessions() -> Values:
    fair = TOTAL / 3
    return {
        "exp": turn_peak(TOTAL, 3),
        "pareto": turn_peak(TOTAL, 3, shorter_of_two=shorter_pareto(1.5)),
        "sigma": (max(GUIDE) - fair) / math.sqrt(fair),
        "log10_p": log10_occupancy_tail(fair, max(GUIDE)),
    }


@claim(
    "st-imbalance-capacity",
    says="With 1,000, 100 and 500 sessions the servers are heavily, lightly and moderately loaded.",
    verdict="holds",
    finding="The first has 1.875 times the mean. It is full when the fleet as a whole is at 53.3 % "
    "of what it could do, so three servers are worth 1.6.",
    source="Bottleneck law: the fleet is full with its fullest server.",
    named={"peak_to_mean": "peak_to_mean | ×", "usable": "usable | share of capacity"},
)
def capacity() -> Values:
    return {"peak_to_mean": peak_to_mean(GUIDE), "usable": usable_share(GUIDE)}


@claim_before(
    "st-request-rate-skew",
    says="The load of stateful servers is uneven: some have more active sessions than others.",
    verdict="holds-under-assumptions",
    finding="Not by their number, which differs by a few per cent. By what they ask for: with 533 "
    "sessions on each of three servers and heavy-tailed request rates the busiest has 1.19 times "
    "the mean on average, and in one case of twenty more than 1.4 times. A few robots are enough, "
    "and nobody may move them. We assume Pareto rates with index 1.2, none above a "
    "thousand times the smallest.",
    source="1,500 simulated fleets.",
    named={"mean": "mean | × mean", "p95": "p95 | × mean"},
)
def request_skew() -> Values:
    """Compute how much the busiest server exceeds the mean when sessions ask unequally."""
    peaks = request_peaks(np.random.default_rng(2026), index=1.2, cut=1_000)
    return {"mean": peaks.mean(), "p95": np.quantile(peaks, 0.95)}


@claim(
    "st-ip-hash",
    says="The hash of the client's address, modulo the number of servers, says which server it is.",
    verdict="holds-under-assumptions",
    finding="It is even over addresses, and load comes from users. All who sit behind one address, "
    "an office or a mobile network, go to one server: if they are 30 % of the users, it has 53.3 % "
    "of them. The guide's 62.5 % takes 43.75 % behind one address. And a phone that changes its "
    "network changes its server.",
    source="Share s on one address: s + (1 − s)/n on its server.",
    named={"nat30": "nat30 | share of users", "nat_for_625": "nat_for_625 | share of users"},
)
def ip_hash() -> Values:
    return {"nat30": hot_address_share(0.3), "nat_for_625": address_for(0.625)}


@claim(
    "st-mod-n-remap",
    says="A hash modulo the number of servers says which server has a session; adding a server "
    "redistributes some of them.",
    verdict="misleading",
    finding="Some is 75 % from three servers to four, and 90.9 % from ten to eleven. When one of "
    "three crashes, 66.7 % of the users lose their session, twice as many as had to. Rendezvous or "
    "consistent hashing moves 25 %, 9.1 % and 33.3 %.",
    source="1 − min(n, m)/lcm(n, m); simulated on virtual servers.",
    named={
        "3to4": "3to4 | share of sessions",
        "10to11": "10to11 | share of sessions",
        "3to2": "3to2 | share of sessions",
        "3to4_least": "3to4_least | share of sessions",
        "10to11_least": "10to11_least | share of sessions",
        "3to2_least": "3to2_least | share of sessions",
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
    verdict="misleading",
    finding="With a hash, yes. With cookies nothing moves and nothing is lost, and that is the "
    "trouble: the new server gets new sessions only. After one mean session it has 63.2 % of its "
    "share, and 90 % after 2.3 of them. Meanwhile the old servers stay as full as they were.",
    source="M/G/∞ with exponential lengths; simulated.",
    named={
        "one_T": "one_T | share",
        "t90": "t90 | mean sessions",
        "cookie_lost": "cookie_lost | share of sessions",
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
    verdict="holds",
    finding="A third of all users on average, with three servers. With the guide's own counts 62.5 "
    "%, 6.25 % or 31.25 %, depending on which. This is with cookies; with a hash modulo n twice as "
    "many are lost.",
    source="Shares of the sessions.",
    named={"shares": "shares | share of sessions", "mean": "mean | share of sessions"},
)
def failure() -> Values:
    return {"shares": sorted(count / TOTAL for count in GUIDE), "mean": lost_share(3)}


@claim(
    "st-server2-count",
    says="Server 2 has 100 sessions in one example of the list and 500 in the next.",
    verdict="holds-under-assumptions",
    finding="If each example is read for itself. In the list of three servers, 500 is server 3, so "
    "the shutdown cannot be computed from that list. It hardly matters: to drain 100 sessions of "
    "ten minutes takes 52 minutes on average, and 500 take 68 minutes, only a third longer.",
    source="Expected longest of n exponential sessions.",
    named={"min_100": "min_100 | min", "min_500": "min_500 | min"},
)
def server_two() -> Values:
    return {f"min_{count}": exponential_drain_s(count, 600) / 60 for count in (100, 500)}


@claim(
    "st-drain-all",
    says="To shut a server down one must wait for all its sessions to expire, or cut them off.",
    verdict="holds-under-assumptions",
    finding="The last of 500 sessions ends after 6.79 mean lengths: 68 minutes for sessions of ten "
    "minutes, 204 for thirty. But there is something between the two: wait three mean lengths, "
    "half an hour, and 5 % are left to be cut off. We assume exponential lengths; with heavy tails "
    "there is no waiting for all.",
    source="T times the harmonic number; simulated by a draining balancer.",
    named={
        "H500": "H500 | mean lengths",
        "min_10": "min_10 | min",
        "min_30": "min_30 | min",
        "left_after_3": "left_after_3 | share",
    },
)
def drain() -> Values:
    return {
        "H500": exponential_drain_s(500, 1.0),
        "min_10": exponential_drain_s(500, 600) / 60,
        "min_30": exponential_drain_s(500, 1_800) / 60,
        "left_after_3": 1 - fill_share(3.0, 1.0),
    }


@claim(
    "proc-sticky-when",
    says="Sticky sessions are acceptable for small sites, short sessions, and where a lost session "
    "now and then does not matter; avoid them at scale, for high availability, with frequent "
    "deployments and with autoscaling.",
    verdict="holds",
    finding="It comes down to one product: deployments a day times open sessions. Ten deployments "
    "and 1,600 sessions are 16,000 lost a day without a drain. With sessions of ten minutes and a "
    "drain of thirty 797 are left of them, one in 289 of the day's sessions. With sessions of "
    "eight hours no drain helps.",
    source="D·N·exp(−d/T); simulated.",
    named={
        "lost_per_day": "lost_per_day | sessions/day",
        "drained": "drained | sessions/day",
        "long_drained": "long_drained | sessions/day",
        "one_in": "one_in | sessions",
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
