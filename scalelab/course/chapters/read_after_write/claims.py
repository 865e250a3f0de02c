"""Claims on read-after-write consistency."""

from __future__ import annotations

from functools import cache

import numpy as np

from scalelab.course.chapters.read_after_write.experiments import (
    LAGS,
    ROUTERS,
    WIDE,
    WINDOWS_S,
    by_timestamp,
    reads_pinned_per_write,
    run_router,
    two_buyers,
)
from scalelab.course.chapters.read_after_write.tickets import (
    TICKETS,
    comment_ticket,
    photo_ticket,
    product_ticket,
)
from scalelab.course.ledger import Values, section
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import StoreTimeoutError
from scalelab.fakes.replication.routing_policies import CausalToken, PrimaryOnly, StickyReplica
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.history.linearizability import check_linearizability
from scalelab.history.operations import History
from scalelab.history.recorder import Recorder
from scalelab.history.session_checks import check_monotonic_reads, check_read_your_writes
from scalelab.models.cache_races import stale_fill_probability, worst_staleness_s
from scalelab.models.lag_laws import lognormal_from_percentiles
from scalelab.models.staleness import backward_read_probability, safe_window_s, stale_share

claim = section("Read-After-Write Consistency Challenges", "read_after_write")

ROWS = {"A": 100, "B": 50}  # when each was last written
TYPICAL = lognormal_from_percentiles(*WIDE)
OUTER = lognormal_from_percentiles(*WIDE, low_share=0.01, high_share=0.99)
READ_MODEL = lognormal_from_percentiles(*LAGS["a read model, 100 to 500 ms"])


def misses(history: History) -> int:
    """Count the reads of a ticket that missed what its user had written."""
    return sum(not o.is_write and o.value in (None, "old") for o in history)


@claim(
    "raw-scenario1",
    says="A comment is written at time 0; a read from a replica after 5 ms misses it, and after "
    "100 ms the replica has it.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="With a lag of 100 ms and a read after 5 ms: yes. The condition is that the read comes "
    "sooner than the lag. Who reads after 5 ms is not a user but a redirect of his browser, or a "
    "program; it costs one round trip, so the comment is missed whenever that is shorter than "
    "the lag.",
    source="A primary and a replica that applies after 100 ms, in the fake; two reads.",
    named={
        "missed": "reads that missed the comment, of two | reads",
        "stale_until": "time until the replica has it | ms",
    },
)
def scenario1() -> Values:
    return {"missed": misses(comment_ticket()), "stale_until": 100.0}


@claim(
    "raw-cdn-60s",
    says="A cache serves the old photo until its 60 s are over.",
    kind="caching",
    verdict="holds-under-assumptions",
    finding="60 s is the worst case: the entry was made just before the change. Its age at the "
    "change is as likely to be anything, so 30 s are left on average. The condition is that "
    "nothing deletes the entry, and that there is one cache: behind a second one of 60 s the worst "
    "is 120 s.",
    source="An entry of uniform age has half its lifetime left on average; layers add up.",
    named={
        "worst": "longest that the old photo is seen | s",
        "mean": "time left on average | s",
        "two": "longest with two such caches, one filled from the other | s",
        "missed": "reads of the ticket that saw the old photo, of three | reads",
    },
)
def cdn() -> Values:
    return {
        "worst": worst_staleness_s([60]),
        "mean": 60 / 2,
        "two": worst_staleness_s([60, 60]),
        "missed": misses(photo_ticket()),
    }


@claim(
    "raw-cqrs-500",
    says="A read model has a new product after 500 ms.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="500 ms is the upper end of the guide's own range for it, 100 to 500 ms, given as the "
    "value. If 5 % are slower than that, 1 in 20 products is missing even then.",
    source="The log-normal law with 5 % below 100 ms and 5 % above 500 ms; the fake.",
    named={
        "later": "products that take longer than 500 ms | share",
        "missed": "searches of the ticket that found nothing, of three | searches",
    },
)
def read_model() -> Values:
    return {"later": stale_share(READ_MODEL, 0.5), "missed": misses(product_ticket())}


@claim(
    "raw-window-1-2s",
    says="After a write, send this user's reads to the primary for 1 to 2 s.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="It depends on the lag. For the guide's read model of 100 to 500 ms it is enough: 0.11 "
    "% still miss after 1 s. For the range that the guide elsewhere calls typical, 10 ms to 5 s, "
    "it fails: 21.4 % miss after 1 s and 12.3 % after 2 s, if 5 % of the lags lie beyond each end. "
    "If it is only 1 % beyond each end, 13.1 % and 5.0 %.",
    source="P(lag > window) of log-normal laws through the guide's two ends.",
    named={
        "model_1": "missed after 1 s, read model of 100 to 500 ms | share",
        "low": "lower end of the range called typical | ms",
        "high": "upper end of it | s",
        "wide_1": "missed after 1 s, that range with 5 % beyond each end | share",
        "wide_2": "missed after 2 s, with 5 % beyond each end | share",
        "beyond": "beyond each end in the other reading | share",
        "outer_1": "missed after 1 s, in that reading | share",
        "outer_2": "missed after 2 s, in that reading | share",
    },
)
def window() -> Values:
    return {
        "model_1": stale_share(READ_MODEL, 1.0),
        "low": 1_000 * WIDE[0],
        "high": WIDE[1],
        "beyond": 0.01,
        "wide_1": stale_share(TYPICAL, 1.0),
        "wide_2": stale_share(TYPICAL, 2.0),
        "outer_1": stale_share(OUTER, 1.0),
        "outer_2": stale_share(OUTER, 2.0),
    }


@claim(
    "raw-window-inconsistent",
    says="A user's reads go to the primary for 500 ms, or up to 1 s, or 1 to 2 s after a write.",
    kind="consistency",
    verdict="misleading",
    finding="The guide gives the one technique three lengths, and none of them from a measurement. "
    "Within one centre, 1 to 10 ms, all three do. For 10 ms to 5 s they leave 33.5, 21.4 and 12.3 "
    "%, and 1 % would take 18.1 s. Take the length from the lag that you measure, at its worst.",
    source="P(lag > window) of the log-normal laws through the guide's ends, 5 % beyond each.",
    named={
        "high": "upper end of the widest range | s",
        "w500": "missed after 500 ms, 10 ms to 5 s | share",
        "w1000": "missed after 1 s, the same | share",
        "w2000": "missed after 2 s, the same | share",
        "same_centre": "missed after 500 ms, 1 to 10 ms | share",
        "needed": "length after which 1 % miss, 10 ms to 5 s | s",
    },
)
def windows() -> Values:
    half, one, two = (float(s) for s in np.asarray(stale_share(TYPICAL, WINDOWS_S)))
    near = lognormal_from_percentiles(*LAGS["same centre, 1 to 10 ms"])
    return {
        "high": WIDE[1],
        "w500": half,
        "w1000": one,
        "w2000": two,
        "same_centre": stale_share(near, 0.5),
        "needed": safe_window_s(TYPICAL, 0.01),
    }


@claim(
    "raw-pin-cost",
    says="Sending a user's reads to the primary for a short time after his writes costs little.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="It costs reads per write, whatever the mix: of users who do one operation a second, "
    "each write brings 0.99 reads to the primary within 1 s at a hundred reads per write, and 0.86 "
    "at nine. So a primary that did only writes does about twice as many operations. That is "
    "little where the primary has room, and too much where writes fill it. A window "
    "of 2 s nearly doubles it again.",
    source="Poisson operations; each write pins its user for the window, counted anew.",
    named={
        "k100_w1": "reads of the primary for each write, 100 reads per write, 1 s | reads",
        "k9_w1": "reads of the primary for each write, 9 reads per write, 1 s | reads",
        "k9_w2": "reads of the primary for each write, 9 reads per write, 2 s | reads",
    },
)
def pin_cost() -> Values:
    return {
        "k100_w1": reads_pinned_per_write(1.0, 100),
        "k9_w1": reads_pinned_per_write(1.0, 9),
        "k9_w2": reads_pinned_per_write(2.0, 9),
    }


@claim(
    "raw-cache-busting-fresh",
    says="After the cache's entry is deleted, the next read fetches fresh data.",
    kind="caching",
    verdict="misleading",
    finding="Only if the cache is filled from where the new data are. If misses read a replica "
    "that is 100 ms behind, the first read within that time puts the old row back, and there it "
    "stays until the entry expires: for a key with 1 read a second in 9.5 % of the writes, with "
    "10 in 63.2 %, with 0.01 in 0.1 %. Filled from the primary, or deleted a second time after "
    "the lag: none of these. What is left is a fill that was under way, 0.5 % at 1 write a second "
    "and 5 ms.",
    source="Poisson reads of the one key; Nishtala et al. 2013, who use leases against it.",
    named={
        "r001": "old row put back, 0.01 reads of the key a second | share",
        "r1": "old row put back, 1 read a second | share",
        "r10": "old row put back, 10 reads a second | share",
        "primary": "old row put back when filled from the primary | share",
        "under_way": "old value kept by a fill under way of 5 ms, 1 write a second | share",
    },
)
def cache_busting() -> Values:
    lag_s = 0.1
    return {
        "r001": stale_fill_probability(0.01, lag_s),
        "r1": stale_fill_probability(1.0, lag_s),
        "r10": stale_fill_probability(10.0, lag_s),
        "primary": stale_fill_probability(10.0, 0.0),
        "under_way": stale_fill_probability(1.0, 0.005),
    }


@claim(
    "raw-monotonic-strictly-newer",
    says="For monotonic reads, note the latest timestamp that a user saw, and only return data "
    "newer than that.",
    kind="consistency",
    verdict="misleading",
    finding="Taken at its word it refuses what did not change: of three reads of two current rows "
    "it shows 1. And 'at least as new' is no cure while timestamps of rows are compared: the "
    "second row, older and current, is still refused; 2 of 3 are shown. What must not go back is "
    "the replica's position in the log: compare that, and all 3 are shown.",
    source="Terry et al. 1994; two rows, read three times, by each of the rules.",
    named={
        "newer": "reads shown by 'newer', of three | reads",
        "at_least": "reads shown by 'at least as new', of three | reads",
        "position": "reads shown by the replica's position, of three | reads",
    },
)
def strictly_newer() -> Values:
    def shown(told: dict[str, str]) -> int:
        return sum(text == "shown" for text in told.values())

    clock = VirtualClock()
    store = ReplicatedStore(clock, replicas=1)
    for key in ("B", "A"):
        store.put(key, "current")
    clock.advance(1.0)
    policy = CausalToken(rng=np.random.default_rng(1))
    answers = []
    for key in ("A", "A", "B"):
        route = policy.route(store)
        read = store.read(key, node=route.node, at_least=route.at_least)
        policy.saw(read)
        answers.append(read.value)
    return {
        "newer": shown(by_timestamp(ROWS, strict=True)),
        "at_least": shown(by_timestamp(ROWS, strict=False)),
        "position": answers.count("current"),
    }


@claim(
    "raw-monotonic-violation",
    says="Without care, data can go backwards between two reads of a user.",
    kind="consistency",
    verdict="holds",
    finding="Of users who read 0.2 s and 0.3 s after a write, each time from any of three replicas "
    "with lags of 10 ms to 5 s, 13.9 % see it and then do not. With one replica for each user, or "
    "a token of what he saw, none.",
    source="(1 − 1/n) P(lag ≤ t₁) P(lag > t₂), 5 % of the lags beyond each end; the fake.",
    named={
        "low": "lower end of the lags | ms",
        "high": "upper end of the lags | s",
        "backward": "second read older than the first | share",
        "sticky": "steps back with one replica for each user | steps",
        "token": "steps back with a token of what was seen | steps",
    },
)
def backwards() -> Values:
    def steps(name: str) -> int:
        return sum(
            check_monotonic_reads(run_router(ROUTERS[name], s)[0]) is not None for s in (1, 2)
        )

    return {
        "low": 1_000 * WIDE[0],
        "high": WIDE[1],
        "backward": backward_read_probability(TYPICAL, 0.2, 0.3, replicas=3),
        "sticky": steps("always the same replica"),
        "token": steps("token of all seen"),
    }


@claim(
    "raw-optimistic-ui",
    says="Show the comment at once from the page's own memory, marked as pending.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="It hides the lag on the page that wrote, as long as that page stays: of the three "
    "tickets it would close 1, Ann's, if she does not load the page again. It does not survive "
    "a new load, and another device does not have it: after either the lag is back, 1 read missed.",
    source="The three tickets of the chapter; a page's memory goes with the page.",
    named={
        "tickets": "tickets in all | tickets",
        "closed": "tickets that it closes, without a new load | tickets",
        "after_reload": "reads that miss the comment after a new load | reads",
    },
)
def optimistic() -> Values:
    missed = {name: misses(ticket()) for name, ticket in TICKETS.items()}
    return {
        "tickets": len(missed),
        "closed": sum(name.startswith("Ann") for name in missed),
        "after_reload": misses(comment_ticket()),
    }


@claim(
    "raw-optimistic-remove",
    says="If the server answers with an error, remove the comment from the page.",
    kind="consistency",
    verdict="misleading",
    finding="An error is not 'not stored'. Here the answer is lost on its way: the client gets a "
    "timeout, and the comment is there, 1 copy. Whoever removes it and lets the user send it again "
    "has 2. Show 'unknown', give each comment a number of its own, and let the server accept a "
    "number once: then the second sending changes nothing, 1 copy.",
    source="The fake, with the link back to the client cut; keys as numbers of comments.",
    named={
        "stored": "comments stored when the client was told of an error | comments",
        "again": "comments after sending it again | comments",
        "numbered": "comments after sending it again with its number | comments",
    },
)
def remove() -> Values:
    def stored(keys: tuple[str, str]) -> list[int]:
        clock = VirtualClock()
        network = FakeNetwork(clock, delay_s=0.01)
        store = ReplicatedStore(clock, replicas=1, network=network, timeout_s=0.5)
        network.add(["Ann"])
        counts = []
        for i, key in enumerate(keys):
            if i == 0:
                network.cut("node0", "Ann")
                try:
                    store.put(key, "nice", client="Ann")
                except StoreTimeoutError:
                    network.heal()
            else:
                store.put(key, "nice", client="Ann")
            counts.append(sum(store.get(k) is not None for k in dict.fromkeys(keys)))
        return counts

    first, again = stored(("comment 1", "comment 2"))
    return {"stored": first, "again": again, "numbered": stored(("comment 1", "comment 1"))[1]}


@cache
def _frozen() -> History:
    """Read twice from a replica that never applies what Ann writes in between."""
    clock = VirtualClock()
    store, recorder = ReplicatedStore(clock, replicas=1, apply_delay_s=1e6), Recorder(clock)
    bob = recorder.session(
        Session(store, StickyReplica(rng=np.random.default_rng(1)), client="Bob"), "Bob"
    )
    ann = recorder.session(Session(store, PrimaryOnly(), client="Ann"), "Ann")
    bob.get("page")
    ann.put("page", "new")
    for _ in range(3):
        clock.advance(60.0)
        bob.get("page")
    return recorder.history()


@claim(
    "raw-never-stale",
    says="With monotonic reads a user never sees stale data after fresh data.",
    kind="consistency",
    verdict="misleading",
    finding="He never sees older data than he has seen. A user tied to a replica that stands still "
    "sees the same old page for ever: all 3 of his reads after the change are old. The checker "
    "finds nothing against monotonic reads, and a history that no single copy could give.",
    source="Terry et al. 1994; the checkers of monotonic reads and of linearizability.",
    named={
        "old": "old answers of three reads after the change | reads",
        "monotonic": "violations of monotonic reads | found",
        "linearizable": "violations of linearizability | found",
    },
)
def never_stale() -> Values:
    history = _frozen()
    reads = [o for o in history if o.client == "Bob"][1:]
    return {
        "old": sum(o.value is None for o in reads),
        "monotonic": int(check_monotonic_reads(history) is not None),
        "linearizable": int(check_linearizability(history) is not None),
    }


@claim(
    "raw-critical-ryw",
    says="For critical updates use the guarantee that a user reads his own writes.",
    kind="consistency",
    verdict="misleading",
    finding="It guards a user against missing his own writes, not against others'. Two buyers, "
    "each reading from the primary, both see one piece in stock, and 2 are sold; neither missed a "
    "write of his own. With a write that holds only if the stock is still what was read, 1 is "
    "sold.",
    source="Two sessions of the fake; the checkers of read-your-writes and of lost updates.",
    named={
        "sold": "pieces sold of one, both reading the primary | pieces",
        "own_missed": "violations of read-your-writes | found",
        "conditional": "pieces sold of one, with a conditional write | pieces",
    },
)
def critical() -> Values:
    sold, history = two_buyers(conditional=False)
    return {
        "sold": sold,
        "own_missed": int(check_read_your_writes(history) is not None),
        "conditional": two_buyers(conditional=True)[0],
    }


@claim(
    "raw-most-accept-eventual",
    says="Most modern applications accept eventual consistency and hide it in the user interface.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="How many do, nobody has counted; we cannot test 'most'. That it can be hidden "
    "depends on the complaint: of the three tickets of this chapter the interface alone closes 1. "
    "The others need a router, or a cache that learns of writes.",
    source="The three tickets; no count of applications is known to us.",
    named={
        "tickets": "tickets in all | tickets",
        "closed": "tickets that the interface alone closes | tickets",
    },
)
def most_accept() -> Values:
    return {"tickets": len(TICKETS), "closed": sum(name.startswith("Ann") for name in TICKETS)}


@claim(
    "proc-raw-combine",
    says="Combine: read-your-writes for critical updates, optimistic updates for responsiveness, "
    "and accept a short inconsistency elsewhere.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="As a division of labour it is right, and cheaper than one rule for all: reading "
    "always from the primary keeps every guarantee and gives it 100 % of the reads, a token keeps "
    "a user's own writes with 0 %. The condition is that 'critical' is understood: what two "
    "people can both want needs a conditional write.",
    source="Two runs of a workload through the routers of the chapter.",
    named={
        "primary": "reads at the primary, always the primary | share",
        "token": "reads at the primary, token of own writes | share",
        "broken": "runs in which the token missed an own write, of two | runs",
    },
)
def combine() -> Values:
    shares = {}
    broken = 0
    for name in ("always the primary", "token of own writes"):
        reads = at_primary = 0
        for seed in (1, 2):
            history, sessions = run_router(ROUTERS[name], seed)
            stats = [session.stats() for session in sessions]
            reads += sum(s.reads for s in stats)
            at_primary += sum(s.from_primary for s in stats)
            broken += name.startswith("token") and check_read_your_writes(history) is not None
        shares[name] = at_primary / reads
    return {
        "primary": shares["always the primary"],
        "token": shares["token of own writes"],
        "broken": broken,
    }
