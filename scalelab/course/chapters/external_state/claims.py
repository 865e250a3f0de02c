"""Claims on state that is kept outside the servers: round trips, lifetimes, loss, two tabs.

The guide's flow runs through them: a server loads the session from Redis, works, saves it, answers.
"""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.external_state.experiments import (
    logged_out_after_s,
    lost_items,
    request_time_s,
    surviving_sessions,
    two_tabs,
)
from scalelab.course.chapters.serialization.experiments import lint_session
from scalelab.course.ledger import Values, section
from scalelab.models.availability import downtime_s_per_year, parallel_availability
from scalelab.models.balls_into_bins import mean_max_load
from scalelab.models.operational_laws import mean_number
from scalelab.models.placement import minimum_moved_share, modulo_moved_share
from scalelab.models.races import arrival_within
from scalelab.models.replication import lost_writes

claim = section("Externalizing State", "external_state")

EACH = 0.999  # availability of one server or one store


@claim(
    "ex-redis-microseconds",
    says="Redis is extremely fast: it answers in microseconds.",
    verdict="misleading",
    finding="The server works for microseconds. The program waits for a round trip, and the guide "
    "itself gives 1 to 5 ms for it, twice. Size a request by the network, and the server by its "
    "work: at 5 ms a round trip one connection does 200 requests a second, however fast the server "
    "is.",
    source="Little's law for one connection; the chapter's measurement on a real server.",
    named={"rtt_ms": "rtt_ms | ms", "per_connection": "per_connection | requests/s"},
)
def microseconds() -> Values:
    return {"rtt_ms": [1.0, 5.0], "per_connection": 1 / 0.005}


@claim(
    "ex-1-5ms-hop",
    says="The hop to an external store adds 1 to 5 ms to a request.",
    verdict="misleading",
    finding="The guide's own flow makes two: it loads the session and saves it before it answers. "
    "That is 2 to 10 ms. It becomes one hop again if a request that changed nothing saves nothing, "
    "or if the answer does not wait for the save.",
    source="Round trips of the flow, played on a fake store.",
    named={"ms": "ms | ms", "changed_only": "changed_only | ms"},
)
def hops() -> Values:
    both = [1e3 * (request_time_s(rtt, 0.0, "always")) for rtt in (0.001, 0.005)]
    once = [1e3 * (request_time_s(rtt, 0.0, "changed")) for rtt in (0.001, 0.005)]
    return {"ms": both, "changed_only": once}


@claim(
    "ex-ttl-30-idle",
    says="A session is deleted by itself after 30 minutes of inactivity.",
    verdict="holds-under-assumptions",
    finding="If somebody renews it. A lifetime that is set when the session is saved, as in the "
    "usual SET with an expiry, counts from the last save: a user who reads a page every five "
    "minutes is logged out in the middle of it, after 30 min. A lifetime that is renewed by each "
    "load keeps that user as long as they read.",
    source="A fake store on a virtual clock; a read every five minutes, no write.",
    named={
        "logout_min": "logout_min | min",
        "read_every": "read_every | min",
        "logout_s": "logout_s | s",
    },
)
def idle() -> Values:
    after_s = logged_out_after_s("save")
    return {
        "logout_s": after_s,
        "logout_min": after_s / 60,
        "read_every": 5.0,
        "renewed_never_ends": float(logged_out_after_s("access") == float("inf")),
    }


@claim(
    "ex-ttl-memory",
    says="(sizing) The lifetime of sessions decides how much memory their store needs.",
    verdict="holds",
    finding="By Little's law a store holds the logins per second times the time from login to "
    "deletion. Ten logins a second, used for 10 minutes and kept for 30 more, are 24,000 sessions "
    "and 15.4 MB at 640 bytes each; 75 % of them are idle. Doubling the lifetime nearly doubles "
    "the memory and helps nobody who is here.",
    source="Little's law.",
    named={
        "used_min": "used_min | min",
        "kept_min": "kept_min | min",
        "mb": "mb | MB",
        "idle_share": "idle_share | share",
        "bytes_each": "bytes_each | bytes",
    },
)
def memory() -> Values:
    used_s, kept_s, each = 600, 1_800, 640
    held = mean_number(10, used_s + kept_s)
    return {
        "used_min": used_s / 60,
        "kept_min": kept_s / 60,
        "bytes_each": each,
        "sessions": held,
        "mb": held * each / 1e6,
        "idle_share": kept_s / (used_s + kept_s),
    }


@claim(
    "ex-crash-no-loss",
    says="With external state the crash of a server loses no session: high availability.",
    verdict="holds-under-assumptions",
    finding="The crash of a web server, no. But the sessions now depend on the store, and one "
    "store that is up 99.9 % of the time is up no more than one web server was. What changes is "
    "who is hit: a third of the users, or all of them at once. The gain comes with a replica: "
    "99.9999 %.",
    source="Availability in series and in parallel.",
    named={"sticky": "sticky | %", "single": "single | %", "replicated": "replicated | %"},
)
def crash() -> Values:
    return {
        "sticky": 100 * EACH,
        "single": 100 * EACH,
        "replicated": 100 * parallel_availability([EACH, EACH]),
        "hit_sticky": 1 / 3,
        "hit_single": 1.0,
    }


@claim(
    "ex-redis-spof",
    says="The store is a single point of failure: if it crashes all sessions are lost. Cluster or "
    "replicate it.",
    verdict="holds",
    finding="All of them, and everybody has to sign in again in the same minute. One store at 99.9 "
    "% is away for 8.8 hours a year. A replica keeps the sessions, but not quite: one that follows "
    "a tenth of a second behind, at 500 saves a second, loses 50 of them at the switch. For "
    "sessions that is fine; for the only copy of a cart it is not. Clustering alone spreads the "
    "loss and does not prevent it.",
    source="A fake store that crashes; lag times rate.",
    named={"up": "up | %", "h_per_year": "h_per_year | h", "lost_saves": "lost_saves | saves"},
)
def single_point() -> Values:
    return {
        "lost": 1 - surviving_sessions(durable=False) / 1_000,
        "lost_with_replica": 1 - surviving_sessions(durable=True) / 1_000,
        "up": 100 * EACH,
        "h_per_year": downtime_s_per_year(EACH) / 3_600,
        "lost_saves": lost_writes(0.1, 500),
    }


@claim(
    "ex-scale-no-loss",
    says="Servers can be added and removed without losing a session.",
    verdict="holds-under-assumptions",
    finding="Web servers, yes. The store is servers too. If clients choose among three of them by "
    "the hash modulo their number, a fourth makes 75 % of the sessions unfindable; with consistent "
    "hashing or fixed slots it is 25 %, and those can be moved first.",
    source="Residues modulo 3 and 4; the least share that must move.",
    named={"app": "app | share", "mod": "mod | share", "ring": "ring | share"},
)
def scaling() -> Values:
    return {
        "app": 0.0,
        "mod": modulo_moved_share(3, 4),
        "ring": minimum_moved_share(3, 4),
    }


@claim(
    "ex-even-load",
    says="With external state the load is spread evenly.",
    verdict="holds",
    finding="As evenly as chance allows: of 1,000 requests to four servers at random the busiest "
    "gets 26.6 % on average, where 25 % would be even. In turn it is exactly even. In the guide's "
    "example of sticky sessions the busiest of three has 62.5 %.",
    source="Exact mean of the largest of four counts; the guide's 1,000, 100 and 500 sessions.",
    named={"random": "random | share", "even": "even | share", "sticky": "sticky | share"},
)
def even() -> Values:
    return {
        "random": mean_max_load(1_000, 4) / 1_000,
        "even": 1 / 4,
        "sticky": 1_000 / (1_000 + 100 + 500),
    }


@claim(
    "ex-read-modify-write",
    says="The next request goes to another server, which carries on seamlessly with the same "
    "session.",
    verdict="misleading",
    finding="If it comes after the first has finished. A user with two tabs, or a page that sends "
    "several requests, has two at a time. At one request a second, each 100 ms from load to save, "
    "another begins within 9.5 % of them, and the later save silently undoes the earlier one's "
    "change. Use a version that must match, or change one field in the store itself.",
    source="Poisson arrivals; two tabs and a random user on a fake store.",
    named={"p_overlap": "p_overlap | share", "each_ms": "each_ms | ms"},
)
def lost_update() -> Values:
    return {
        "each_ms": 100.0,
        "p_overlap": arrival_within(1.0, 0.1),
        "items_of_two": float(len(two_tabs(guarded=False))),
        "items_of_two_guarded": float(len(two_tabs(guarded=True))),
        "lost_of_300": float(lost_items(np.random.default_rng(5), guarded=False)),
        "lost_of_300_guarded": float(lost_items(np.random.default_rng(5), guarded=True)),
    }


@claim(
    "ex-memcached-faster",
    says="Memcached is slightly faster than Redis for plain keys and values.",
    verdict="holds-under-assumptions",
    finding="Not settled here, and hard to notice: a request waits for the network, which is the "
    "same for both. It can matter for a server that is asked 100,000 times a second, since "
    "Memcached uses several cores for that.",
    source="Not measured; the round trip dominates.",
    named={"from": "from | requests/s"},
)
def memcached() -> Values:
    return {"from": 100_000.0}


@claim(
    "ex-session-pii",
    says="The example session holds a user's name, e-mail and preferences, in clear.",
    verdict="misleading",
    finding="A few lines further on the guide asks to encrypt what is personal. Its own example "
    "would not pass: a lint of it names the e-mail. Keep the user's id, and look the rest up.",
    source="A lint of the guide's example.",
)
def personal() -> Values:
    example = {
        "user_id": 42,
        "username": "alice",
        "email": "alice@example.com",
        "shopping_cart": [],
        "preferences": {},
        "expires_s": 1_800,
    }
    return {
        "faults_of_the_example": float(len(lint_session(example))),
        "faults_without": float(len(lint_session({"user_id": 42, "expires_s": 1_800}))),
    }
