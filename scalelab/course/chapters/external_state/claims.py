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
from scalelab.course.chapters.stateless.cart_service import CartService, kept_carts, scale_out
from scalelab.course.ledger import Values, section
from scalelab.models.availability import (
    availability_of_outages,
    downtime_s_per_year,
    parallel_availability,
)
from scalelab.models.balls_into_bins import mean_max_load
from scalelab.models.operational_laws import mean_number
from scalelab.models.placement import lost_share, minimum_moved_share, modulo_moved_share
from scalelab.models.races import arrival_within
from scalelab.models.replication import lost_writes

claim = section("Externalizing State", "external_state")

EACH = 0.999  # availability of one server or one store
SWITCH_S = 120  # a switch-over to the replica, of which there are twelve a year


@claim(
    "ex-redis-microseconds",
    says="Redis is extremely fast: it answers in microseconds.",
    kind="queueing",
    verdict="misleading",
    finding="The server works for microseconds. The program waits for a round trip, and the guide "
    "itself gives 1 to 5 ms for it, twice. Size a request by the network, and the server by its "
    "work: at 5 ms a round trip one connection does at most 200 requests a second, one after the "
    "other, however fast the server is.",
    source="Little's law for one connection; the chapter's measurement on a real server.",
    named={
        "rtt_ms": "round trips, by the guide | ms",
        "per_connection": "requests of one connection at 5 ms | requests/s",
    },
)
def microseconds() -> Values:
    return {"rtt_ms": [1.0, 5.0], "per_connection": 1 / 0.005}


@claim(
    "ex-1-5ms-hop",
    says="The hop to an external store adds 1 to 5 ms to a request.",
    kind="queueing",
    verdict="misleading",
    finding="The guide's own flow makes two: it loads the session and saves it before it answers. "
    "That is 2 to 10 ms. It becomes one hop again if a request that changed nothing saves nothing, "
    "or if the answer does not wait for the save.",
    source="Round trips of the flow, played on a fake store.",
    named={
        "ms": "load and save before the answer | ms",
        "changed_only": "load only | ms",
    },
)
def hops() -> Values:
    both = [1e3 * (request_time_s(rtt, 0.0, "always")) for rtt in (0.001, 0.005)]
    once = [1e3 * (request_time_s(rtt, 0.0, "changed")) for rtt in (0.001, 0.005)]
    return {"ms": both, "changed_only": once}


@claim(
    "ex-ttl-30-idle",
    says="A session is deleted by itself after 30 minutes of inactivity.",
    kind="caching",
    verdict="holds-under-assumptions",
    finding="If somebody renews it. A lifetime that is set when the session is saved, as in the "
    "usual SET with an expiry, counts from the last save: a user who reads a page every five "
    "minutes is logged out while reading, after 30 min. A lifetime that is renewed by each load "
    "keeps that user as long as they read: we played four hours.",
    source="A fake store on a virtual clock; a read every five minutes, no write.",
    named={
        "logout_s": "logged out after, renewed by saves only | s",
        "logout_min": "the same in minutes | min",
        "read_every": "a page is read every | min",
        "played_h": "played | h",
        "renewed_never_ends": "1 if reading never ends the session, renewed by loads |",
    },
)
def idle() -> Values:
    after_s = logged_out_after_s("save")
    return {
        "logout_s": after_s,
        "logout_min": after_s / 60,
        "read_every": 5.0,
        "played_h": 4.0,
        "renewed_never_ends": float(logged_out_after_s("access") == float("inf")),
    }


@claim(
    "ex-ttl-memory",
    says="(sizing) The lifetime of sessions decides how much memory their store needs.",
    kind="sizing",
    verdict="holds",
    finding="By Little's law a store holds the logins per second times the time from login to "
    "deletion. Ten logins a second, used for 10 minutes and kept for 30 more, are 24,000 sessions "
    "and 15.4 MB at 640 bytes each; 75 % of them are idle. A lifetime of 60 minutes takes 1.75 "
    "times the memory, and helps only those who come back after 30.",
    source="Little's law.",
    named={
        "used_min": "a session is used for | min",
        "kept_min": "and kept for | min",
        "bytes_each": "a session | bytes",
        "sessions": "sessions in the store | sessions",
        "mb": "all of them | MB",
        "idle_share": "idle of them | share",
        "doubled": "memory with the doubled lifetime | ×",
        "doubled_min": "the doubled lifetime | min",
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
        "doubled": mean_number(10, used_s + 2 * kept_s) / held,
        "doubled_min": 2 * kept_s / 60,
    }


@claim(
    "ex-crash-no-loss",
    says="With external state the crash of a server loses no session: high availability.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="The crash of a web server, no. But the sessions now depend on the store, and one "
    "store that is up 99.9 % of the time is up no more than one web server was. What changes is "
    "who is hit: a third of the users, or all of them at once. Both are away for 526 minutes a "
    "year. A replica makes that half a minute on paper, if the two fail independently and the "
    "switch-over takes no time. With twelve switch-overs a year of two minutes each it is 24 "
    "minutes: the pair is as good as its switch-over.",
    source="Availability of parallel parts, and of outages; the numbers of the switch-overs are "
    "our assumption.",
    named={
        "up": "one server or one store is up | share",
        "single_min": "away a year, without a replica | min",
        "replicated_min": "away a year, replica, no time to switch | min",
        "each_min": "one switch-over, assumed | min",
        "switch_over_min": "away a year, twelve switch-overs of two minutes | min",
        "hit_sticky": "users hit at once, three servers | share",
        "hit_single": "users hit at once, one store | share",
    },
)
def crash() -> Values:
    return {
        "up": EACH,
        "single_min": downtime_s_per_year(EACH) / 60,
        "replicated_min": downtime_s_per_year(parallel_availability([EACH, EACH])) / 60,
        "switch_over_min": downtime_s_per_year(availability_of_outages(12, SWITCH_S)) / 60,
        "each_min": SWITCH_S / 60,
        "hit_sticky": 1 / 3,
        "hit_single": 1.0,
    }


@claim(
    "ex-redis-spof",
    says="The store is a single point of failure: if it crashes all sessions are lost. Cluster or "
    "replicate it.",
    kind="replication",
    verdict="holds",
    finding="All of them where nothing else holds them, and everybody has to sign in again in the "
    "same minute. (Redis can also write to a disk. Then a restart brings them back, and until then "
    "nobody is served.) One store at 99.9 % is away for 8.8 hours a year. A replica keeps the "
    "sessions, but not quite: one that follows a tenth of a second behind, at 500 saves a second, "
    "loses 50 of them at the switch. For sessions that is fine; for the only copy of a cart it is "
    "not. Clustering alone, over three servers, spreads the loss: a third goes with each.",
    source="A fake store that crashes, without and with a copy; lag times rate; 1/n.",
    named={
        "lost": "lost when the store crashes | share",
        "lost_with_replica": "lost with a copy | share",
        "up": "one store is up | %",
        "h_per_year": "away a year | h",
        "lost_saves": "lost at a switch, 100 ms behind | saves",
        "clustered": "lost with one of three servers of a cluster | share",
    },
)
def single_point() -> Values:
    return {
        "lost": 1 - surviving_sessions(durable=False) / 1_000,
        "lost_with_replica": 1 - surviving_sessions(durable=True) / 1_000,
        "up": 100 * EACH,
        "h_per_year": downtime_s_per_year(EACH) / 3_600,
        "lost_saves": lost_writes(0.1, 500),
        "clustered": lost_share(3),
    }


@claim(
    "ex-scale-no-loss",
    says="Servers can be added and removed without losing a session.",
    kind="hashing",
    verdict="holds-under-assumptions",
    finding="Web servers, yes: with a fourth one added no cart of 300 is lost, where sessions in "
    "memory behind a hash modulo n would lose 75 %. The store is servers too. If clients choose "
    "among three of them by the hash modulo their number, a fourth makes 75 % of the sessions "
    "unfindable; with consistent hashing or fixed slots it is 25 %, and those can be moved first.",
    source="The cart of the last chapters in a store; residues modulo 3 and 4; the least share "
    "that must move.",
    named={
        "app": "carts lost when a web server is added, store | share",
        "app_in_memory": "sessions lost, in memory, hash modulo n | share",
        "mod": "not found in the store, hash modulo n | share",
        "ring": "least that must move in the store | share",
    },
)
def scaling() -> Values:
    def shop() -> CartService:
        return CartService("shared store", np.random.default_rng(1))

    return {
        "app": 1 - kept_carts(shop(), scale_out),
        "app_in_memory": modulo_moved_share(3, 4),
        "mod": modulo_moved_share(3, 4),
        "ring": minimum_moved_share(3, 4),
    }


@claim(
    "ex-even-load",
    says="With external state the load is spread evenly.",
    kind="queueing",
    verdict="holds",
    finding="As evenly as chance allows: of 1,000 requests to three servers at random the busiest "
    "gets 34.9 % on average, where 33.3 % would be even. In turn it is exactly even. In the "
    "guide's example of sticky sessions the fullest of three servers has 62.5 % of the sessions.",
    source="Exact mean of the largest of three counts; the guide's 1,000, 100 and 500 sessions.",
    named={
        "random": "busiest of three, at random | share",
        "even": "even share | share",
        "sticky": "fullest of three, sticky example | share",
    },
)
def even() -> Values:
    return {
        "random": mean_max_load(1_000, 3) / 1_000,
        "even": 1 / 3,
        "sticky": 1_000 / (1_000 + 100 + 500),
    }


@claim(
    "ex-read-modify-write",
    says="The next request goes to another server, which carries on seamlessly with the same "
    "session.",
    kind="consistency",
    verdict="misleading",
    finding="If it comes after the first has finished. A user with two tabs, or a page that sends "
    "several requests, has two at a time. At one request a second, each 100 ms from load to save, "
    "another begins within 9.5 % of them, and the later save silently undoes the earlier one's "
    "change. Use a version that must match, or change one field in the store itself.",
    source="Poisson arrivals; two tabs and a random user on a fake store.",
    named={
        "each_ms": "from load to save | ms",
        "p_overlap": "requests within which another begins | share",
        "items_of_two": "items kept of two tabs' two |",
        "items_of_two_guarded": "items kept of two with a version |",
        "lost_of_300": "items lost of 300 |",
        "lost_of_300_guarded": "items lost of 300 with a version |",
    },
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
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="We did not measure which is faster. It would be hard to notice: a request waits for "
    "the network, which is the same for both. If one of them saves 10 µs a command, a request with "
    "a load and a save gets faster by 1 % of its round trips where they take 1 ms each, and by "
    "0.2 % where they take 5 ms.",
    source="The saving of 10 µs is an assumption, and division.",
    named={
        "saved_us": "saved by a command, assumed | µs",
        "gain": "of a round trip of 1 ms, and of 5 ms | share",
    },
)
def memcached() -> Values:
    saved_s, trips_s = 10e-6, (0.001, 0.005)
    return {"saved_us": 1e6 * saved_s, "gain": [saved_s / trip_s for trip_s in trips_s]}


@claim(
    "ex-session-pii",
    says="The example session holds a user's name, e-mail and preferences, in clear.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="Fine if the value is encrypted before it is saved, as the guide asks in its next "
    "section; the example does not show it. A lint of the example as it stands names the e-mail. "
    "With the user's id alone it names nothing: keep the id, and look the rest up.",
    source="A lint of the guide's example, and of a session with an id only.",
    named={
        "faults_of_the_example": "faults of the guide's example |",
        "faults_without": "faults with an id only |",
    },
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
