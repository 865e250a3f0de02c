"""Claims on stateless and stateful servers.

Routing is computed where there is a closed form and simulated where there is none; sizes are those
of PyJWT's own tokens; one time is measured where the ledger is computed.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from scalelab.course.chapters.stateless.cart_service import (
    CartService,
    kept_carts,
    kill_one,
    shut_out,
    stop_the_store,
)
from scalelab.course.chapters.stateless.experiments import (
    dictionary_lookup_s,
    lookups_per_request,
    session_claims,
    small_claims,
    steadier_response,
    theory_of,
    token,
)
from scalelab.course.ledger import Values, section
from scalelab.models.operational_laws import mean_number
from scalelab.models.placement import lost_share, wrong_server_share

claim = section("Stateless vs Stateful Systems", "stateless")

RATE_PER_S = 1_000.0
SESSIONS = (1_000, 100, 500)  # the guide's own example of three servers
STORE_S = (0.001, 0.005)  # the guide's own figures for a store on the network


@cache
def simulated_response(policy: str, utilisation: float) -> float:
    """Mean response on four servers, in service times, from two million requests."""
    runs = np.random.default_rng(2026).spawn(4)
    found = [steadier_response(rng, policy, utilisation, requests=500_000) for rng in runs]
    return float(np.mean(found))


@claim(
    "sl-random-or-rr",
    says="With stateless servers requests can be spread at random or in turn.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="Every answer is right wherever the request goes. How long it takes does depend on it: "
    "on four servers at 90 % load, 10.0 service times at random, 6.4 in turn, 3.8 for the better "
    "of two drawn at random, 3.2 for the shortest line of all; at 70 % load 3.3, 2.2, 1.8 and "
    "1.5. Being stateless is what permits the better choices.",
    source="M/M/1 and Erlang arrivals (Kleinrock 1975) in closed form; two million simulated "
    "requests for the other two (Mitzenmacher 2001), beside the same requests in one common line, "
    "whose mean is known.",
    named={
        "random": "at random, 90 % load | service times",
        "rr": "in turn, 90 % load | service times",
        "p2c": "better of two, 90 % load | service times",
        "jsq": "shortest of all, 90 % load | service times",
        "random_70": "at random, 70 % load | service times",
        "rr_70": "in turn, 70 % load | service times",
        "p2c_70": "better of two, 70 % load | service times",
        "jsq_70": "shortest of all, 70 % load | service times",
    },
)
def routing() -> Values:
    values = {}
    for load, ending in ((0.9, ""), (0.7, "_70")):
        values[f"random{ending}"] = theory_of("random", load)
        values[f"rr{ending}"] = theory_of("round_robin", load)
        values[f"p2c{ending}"] = simulated_response("power_of_d", load)
        values[f"jsq{ending}"] = simulated_response("join_shortest_queue", load)
    return values


@claim(
    "sl-any-server",
    says="Any server can take any request.",
    kind="consistency",
    verdict="holds",
    finding="A cart in a token or in a shared store is the same on every server: of 300 users, "
    "with three servers chosen at random, none finds another cart. With the cart in the memory of "
    "the servers, chosen in the same way, 66.7 % of the requests miss it.",
    source="One service in three styles on the virtual servers; 1 − 1/n.",
    named={
        "differences": "users who find another cart, token or store | share",
        "stateful_miss": "requests that miss, in memory | share",
    },
)
def any_server() -> Values:
    styles = ("signed token", "shared store")
    kept = [kept_carts(CartService(style, np.random.default_rng(1))) for style in styles]
    return {"differences": 1 - min(kept), "stateful_miss": wrong_server_share(3)}


@claim(
    "sl-self-contained",
    says="Each request contains all that is needed to answer it.",
    kind="consistency",
    verdict="misleading",
    finding="Not in the guide's own example: its token says who asks, and each of its two requests "
    "then looks the user up in the database. What has no state is the server. The same flow with "
    "the name in the token needs no look-up; then the token says the old name until it expires.",
    source="The guide's flow, played with signed tokens and a database that counts its reads.",
    named={
        "lookups_per_request": "look-ups a request, guide's token | look-ups",
        "with_context": "look-ups a request, name in the token | look-ups",
    },
)
def self_contained() -> Values:
    return {
        "lookups_per_request": lookups_per_request(context=False),
        "with_context": lookups_per_request(context=True),
    }


@claim(
    "sl-larger-requests",
    says="Stateless requests are larger, since they carry the context.",
    kind="serialization",
    verdict="holds",
    finding="A cookie with the guide's session id takes 17 bytes, the smallest useful token 163, "
    "and a token that holds a session of 640 bytes takes 935: a third more than the session, and "
    "81 bytes for head, dots and signature. At 1,000 requests per second that is 7.2 Mbit/s more "
    "than an id of 32 bytes, where nothing compresses the headers. A cookie of more than 4,096 "
    "bytes need not be accepted.",
    source="PyJWT, HS256; RFC 7519; RFC 6265, sec. 6.1; the token in place of the cookie.",
    named={
        "jwt_min": "smallest useful token | bytes",
        "jwt_session": "token with a session of 640 bytes | bytes",
        "fixed": "of it head, dots and signature | bytes",
        "cookie": "cookie with the guide's session id | bytes",
        "cookie_limit": "cookie that a browser must accept | bytes",
        "rate": "requests | requests/s",
        "mbps": "more than an id of 32 bytes | Mbit/s",
    },
)
def larger_requests() -> Values:
    signed = token(session_claims(640))
    whole, claims = len(signed), len(signed.split(".")[1])
    return {
        "jwt_min": len(token(small_claims())),
        "jwt_session": whole,
        "fixed": whole - claims,
        "cookie": len("session_id=abc123"),
        "cookie_limit": 4_096,
        "rate": RATE_PER_S,
        "mbps": (whole - 32) * 8 * RATE_PER_S / 1e6,
    }


@claim(
    "sl-repeated-lookups",
    says="A stateless design means more look-ups in a database or a cache.",
    kind="caching",
    verdict="holds-under-assumptions",
    finding="One for each request, if the context is not in the token: 1,000 requests per second "
    "with look-ups of 5 ms keep five connections busy on average. That is Little's law, and it is "
    "modest. A token that holds the context needs none, and a stateful server that reads fresh "
    "data from the database looks it up as well.",
    source="Little's law; the look-up of 5 ms is our assumption, and the guide's upper figure.",
    named={
        "lookups_per_s": "look-ups | requests/s",
        "each_ms": "one look-up, assumed | ms",
        "conns": "connections busy on average | connections",
    },
)
def repeated_lookups() -> Values:
    return {
        "lookups_per_s": RATE_PER_S,
        "each_ms": 1e3 * STORE_S[1],
        "conns": mean_number(RATE_PER_S, STORE_S[1]),
    }


@claim(
    "sf-memory-fast",
    says="Session data in a server's own memory is fast to reach.",
    kind="queueing",
    verdict="holds",
    finding="Tens of nanoseconds for a look-up in a dictionary, measured here, against 1 to 5 ms "
    "for a store, which are the guide's own figures: orders of magnitude. A request gains those "
    "few milliseconds and no more, so look at its whole time before you give up free routing.",
    source="Measured here: a dictionary of 10,000 sessions, nothing decoded.",
    named={
        "dict_ns": "look-up in a dictionary | ns",
        "store_ms": "store on the network, by the guide | ms",
        "times_1_ms": "store of 1 ms over dictionary | ×",
        "times_5_ms": "store of 5 ms over dictionary | ×",
    },
)
def memory_fast() -> Values:
    seconds = dictionary_lookup_s()
    return {
        "dict_ns": 1e9 * seconds,
        "store_ms": [1e3 * each for each in STORE_S],
        "times_1_ms": STORE_S[0] / seconds,
        "times_5_ms": STORE_S[1] / seconds,
    }


@claim(
    "sf-wrong-server-logout",
    says="A request that lands on another server finds no session, and the user seems logged out.",
    kind="consistency",
    verdict="holds",
    finding="With n servers chosen at random, 1 − 1/n of the requests: 50 % with two, 66.7 % with "
    "three, 75 % with four. So with the second server half of the requests already miss, and each "
    "further one makes it worse. A balancer that keeps users on their server misses none.",
    source="1 − 1/n; simulated with sessions in the memory of virtual servers.",
    named={
        "n2": "requests that miss, two servers | share",
        "n3": "requests that miss, three servers | share",
        "n4": "requests that miss, four servers | share",
        "same_server": "carts missed, users kept on their server | share",
    },
)
def wrong_server() -> Values:
    values = {f"n{n}": wrong_server_share(n) for n in (2, 3, 4)}
    sticky = CartService("memory, same server", np.random.default_rng(1))
    return values | {"same_server": 1 - kept_carts(sticky)}


@claim(
    "sf-crash-loses-sessions",
    says="When a stateful server crashes, its sessions are lost.",
    kind="replication",
    verdict="holds",
    finding="A third of them with three even servers. With the guide's own 1,000, 100 and 500 it "
    "depends on which: 6.25 %, 31.25 % or 62.5 %. The average over the three is a third again. "
    "With the sessions in a store the same crash loses none.",
    source="Shares of the sessions; the cart of the chapter in a store.",
    named={
        "balanced": "lost of three even servers | share",
        "worst": "lost with the server of 1,000 | share",
        "middle": "lost with the server of 500 | share",
        "best": "lost with the server of 100 | share",
        "in_a_store": "lost with sessions in a store | share",
    },
)
def crash() -> Values:
    total = sum(SESSIONS)
    return {
        "balanced": lost_share(3),
        "worst": max(SESSIONS) / total,
        "middle": sorted(SESSIONS)[1] / total,
        "best": min(SESSIONS) / total,
        "in_a_store": 1
        - kept_carts(CartService("shared store", np.random.default_rng(1)), kill_one),
    }


@claim(
    "proc-stateless-stateful-choice",
    says="Stateless for web services and what runs in a cloud; stateful for games, chat and "
    "common editing.",
    kind="procedure",
    verdict="holds",
    finding="The same cart fails differently in each style. In memory, behind a balancer that "
    "keeps users where they are, a third of the carts die with a server of three. In a signed "
    "token none does, but a copied token works on after the log-out. In a store both are right, "
    "and all users are out when it is down. (Three rows of the chapter's table of six.) Choose by "
    "the failure that you can live with.",
    source="The trials of the chapter: 300 users, three virtual servers.",
    named={
        "memory_kept_after_crash": "carts kept when a server dies, in memory | share",
        "token_shut_out": "copied credentials shut out by a log-out, token | share",
        "store_kept_when_down": "carts found when the store is down | share",
    },
)
def choice() -> Values:
    def fresh(style: str) -> CartService:
        return CartService(style, np.random.default_rng(1))

    return {
        "memory_kept_after_crash": kept_carts(fresh("memory, same server"), kill_one),
        "token_shut_out": shut_out(fresh("signed token")),
        "store_kept_when_down": kept_carts(fresh("shared store"), stop_the_store),
    }
