"""Claims on read replicas for read-heavy workloads."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.read_replicas.experiments import (
    GUIDE_LAGS_S,
    IMPORT_S,
    NODE_PER_S,
    import_run,
    lag_at_the_end,
    missed_share,
    promises,
    tails,
    who_sees_it,
)
from scalelab.course.ledger import Values, section
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.models.lag_laws import lognormal_from_percentiles
from scalelab.models.replication import (
    most_replicas,
    pinned_share,
    read_capacity,
    safe_read_load_per_s,
    write_utilisation,
)
from scalelab.models.staleness import safe_window_s, stale_share
from scalelab.models.traffic import read_share

claim = section("Read Replicas for Read-Heavy Workloads", "read_replicas")

SAME_CENTRE, TWO_REGIONS, TYPICAL = (
    lognormal_from_percentiles(*ends) for ends in GUIDE_LAGS_S.values()
)
FIBRE_KM_PER_S = 200_000.0  # light in glass
# Processor time of the process that sends the log, as a share of that of the one that writes, by
# rows a commit; two runs each, two shared cores, Linux, 29 November 2026.
SENDER = {"one": 0.55, "a hundred": 0.30, "200,000": 0.04}


@claim(
    "rr-33-each",
    says="With three replicas each answers a third of the reads.",
    kind="arithmetic",
    verdict="holds",
    finding="A third is 33.3 %, if the balancer counts reads and the reads are alike. By work it "
    "can be otherwise: one report may be as long as a thousand lookups.",
    source="Division.",
    named={"share": "reads of each replica | share"},
)
def third_each() -> Values:
    return {"share": 1 / 3}


@claim(
    "rr-3333",
    says="10,000 reads a second over three replicas are 3,333 for each, which is comfortable.",
    kind="arithmetic",
    verdict="holds",
    finding="A replica that can do 10,000 a second is 33.3 % busy. In a simple queue a read then "
    "takes 1.5 × its bare time, and on one full node the line never ends.",
    source="Division; response time of M/M/1, 1/(1 − ρ).",
    named={
        "each": "reads of each replica | a second",
        "rho": "how busy each is | share",
        "slower": "time of a read, of its bare time | ×",
    },
)
def comfortable() -> Values:
    each = NODE_PER_S / 3
    return {"each": each, "rho": each / NODE_PER_S, "slower": 1 / (1 - each / NODE_PER_S)}


@claim(
    "rr-capacity-same",
    says="With three replicas the total read capacity is 10,000 a second, the same as before.",
    kind="replication",
    verdict="misleading",
    finding="The load is the same. The capacity is 3 × as large the moment the replicas are there, "
    "and the guide's next line says 30,000 itself. Load is what is asked; capacity is what could "
    "be done. Who takes one for the other buys too late.",
    source="Capacity is the number of nodes times that of one.",
    named={
        "capacity": "capacity of three replicas | reads a second",
        "times": "capacity, of the load | ×",
    },
)
def capacity() -> Values:
    full = safe_read_load_per_s(NODE_PER_S, 3)
    return {"capacity": full, "times": full / 10_000}


@claim(
    "rr-30000",
    says="Three replicas can handle 30,000 reads a second.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="With every node full, no writes, and no failure. If replaying the writes takes 10 % "
    "of a node, 27,000 are left; with no node over 70 %, 18,000; with one of the three lost, "
    "12,000. At 30,000, the loss of one gives each of the others 150 % of what it can do. A "
    "cheaper replay, 4.5 %, leaves 13,100.",
    source="What remains of each node, times the nodes that remain.",
    named={
        "replay": "share of each node that replay takes | share",
        "replay10": "reads with 10 % of each node for replay | a second",
        "at70": "and no node over 70 % | a second",
        "n1": "and one of three lost | a second",
        "n1_cheap": "the same, with 4.5 % for replay | a second",
        "after_loss": "how busy two nodes are with 30,000 reads a second | share",
    },
)
def thirty_thousand() -> Values:
    _, replay, at_limit, one_lost = promises().values()
    cheap = safe_read_load_per_s(NODE_PER_S, 3, max_utilisation=0.7, write_share=0.045, lost=1)
    return {
        "replay": 0.1,
        "replay10": replay,
        "at70": at_limit,
        "n1": one_lost,
        "n1_cheap": cheap,
        "after_loss": 30_000 / (2 * NODE_PER_S),
    }


@claim(
    "rr-100000-10x",
    says="Ten replicas have a read capacity of 100,000 a second, ten times that of one node.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="As long as the writes do not grow: each of ten replicas has the same room for reads "
    "beside its replay, so the reads are exactly 10 × those of one. If the whole mix grows, the "
    "writes grow on every node: 5.26 × at nine reads to a write, 9.18 × at a hundred, 9.91 × at "
    "a thousand. With a replay at 0.45 of a write it is 7.41 × at nine.",
    source="Gray, Helland, O'Neil and Shasha 1996; at a fixed rate of writes n(C − W)/(C − W).",
    named={
        "fixed": "reads at the same writes, of one node | ×",
        "k9": "the whole mix at 9 reads to a write | ×",
        "k100": "the whole mix at 100 | ×",
        "k1000": "the whole mix at 1,000 | ×",
        "k9_cheap": "at 9, if a replay costs 0.45 of a write | ×",
    },
)
def tenfold() -> Values:
    ten, one = (safe_read_load_per_s(NODE_PER_S, n, write_share=0.1) for n in (10, 1))
    return {
        "fixed": ten / one,
        "k9": read_capacity(10, 9),
        "k100": read_capacity(10, 100),
        "k1000": read_capacity(10, 1_000),
        "k9_cheap": read_capacity(10, 9, replay_cost=0.45),
    }


@claim(
    "rr-primary-light",
    says="With replicas the primary only handles the writes, which is a light load.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="In the guide's own case of three replicas and 10,000 reads a second it is: 11 % at "
    "nine reads to a write, 1 % at a hundred. With ten replicas that are full it is 52.6 % at "
    "nine to one, and 74.1 % if a replay costs 0.45 of a write. The more replicas you fill, the "
    "less light it is.",
    source="Writes are reads by k; n/(rn + k) for full replicas.",
    named={
        "box_9": "primary in the guide's case, 9 reads to a write | share",
        "box_100": "primary in the guide's case, 100 reads to a write | share",
        "ten_full": "primary of ten full replicas, 9 to 1 | share",
        "ten_cheap": "the same, a replay at 0.45 of a write | share",
    },
)
def primary_light() -> Values:
    return {
        "box_9": 10_000 / 9 / NODE_PER_S,
        "box_100": 10_000 / 100 / NODE_PER_S,
        "ten_full": write_utilisation(10, 9),
        "ten_cheap": write_utilisation(10, 9, replay_cost=0.45),
    }


@claim(
    "rr-lag-100ms-example",
    says="Example: a write is on the replicas after 100 ms.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="It is an example, and a possible one. It is 10 × the upper end of what the guide "
    "calls typical within one data centre, and in the middle of its range across regions. Under "
    "load, 100 ms happen on one machine as well. Say which case an example is.",
    source="The guide's own list of lags, two lines below.",
    named={"times": "the example, of the upper end in one data centre | ×"},
)
def example() -> Values:
    return {"times": 0.100 / GUIDE_LAGS_S["one data centre, 1 to 10 ms"][1]}


@claim(
    "rr-lag-same-dc",
    says="Within one data centre the lag is typically 1 to 10 ms.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="While the replica keeps up. Read as the 5th and 95th percentile of a log-normal law, "
    "the median is 3.16 ms, and 5 ms after a write 25.6 % of the replicas do not have it. But a "
    "burst that brings a quarter more writes than one process applies puts the replica 2.5 s "
    "behind in ten seconds, in the same room.",
    source="Log-normal law through the ends of the range; replay as a queue.",
    named={
        "median_ms": "median of the lag | ms",
        "stale5": "replicas without the write after 5 ms | share",
        "burst_s": "lag at the end of a burst | s",
        "lasts_s": "how long the burst lasts | s",
    },
)
def same_centre() -> Values:
    return {
        "median_ms": 1e3 * SAME_CENTRE.median_s,
        "stale5": stale_share(SAME_CENTRE, 0.005),
        "burst_s": lag_at_the_end(import_run()),
        "lasts_s": IMPORT_S[1] - IMPORT_S[0],
    }


@claim(
    "rr-lag-cross-region",
    says="Across regions the lag is typically 50 to 200 ms.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="It depends on which regions, and on where you measure. Light in glass needs at least "
    "5 ms for 1,000 km, 27.9 ms for 5,570 km and 85 ms for 17,000 km, one way; 50 ms are "
    "10,000 km. The primary's own statistics add the way back of the answer. Quote each pair "
    "of regions.",
    source="200,000 km a second in glass along a straight line, a floor.",
    named={
        "floor_1000": "shortest time over 1,000 km | ms",
        "floor_5570": "shortest time over 5,570 km | ms",
        "floor_17000": "shortest time over 17,000 km | ms",
        "km_for_50": "distance of 50 ms, one way | km",
    },
)
def across_regions() -> Values:
    floors = {f"floor_{km}": 1e3 * km / FIBRE_KM_PER_S for km in (1_000, 5_570, 17_000)}
    return floors | {"km_for_50": 0.050 * FIBRE_KM_PER_S}


@claim(
    "rr-lag-four-ranges",
    says="The lag is typically 1 to 10 ms, 50 to 200 ms or seconds, by place and load; later it is "
    "100 to 500 ms, and 10 ms to 5 s.",
    kind="replication",
    verdict="misleading",
    finding="By place and load the first three make sense together. The fault is that “typical” "
    "comes again without a place: its range begins at 10 ms, where that of one data centre ends, "
    "and reaches to 500 × as much. A window that is right for one list is wrong for the other. "
    "Use one list, with place, load and percentile.",
    source="The guide's lists beside each other.",
    named={"width": "upper end, of the lower, in the later list | ×"},
)
def ranges() -> Values:
    low, high = list(GUIDE_LAGS_S.values())[2]
    return {"width": high / low}


@claim(
    "rr-ryw-500ms",
    says="After a write, read from the primary for 500 ms: then the writer sees it.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="If the lag is shorter. By the section's own list it is: of replicas in another "
    "region 0.007 % are later than 500 ms, by a log-normal law through the ends. Where lag runs "
    "from 10 ms to 5 s, 27 to 90 % are later, by the law: 33.5 % if the ends are the 5th and "
    "95th percentile. Measure the lag under load first, or use the position of the write.",
    source="Bailis et al. 2012 with one writer: stale is who reads sooner than the lag.",
    named={
        "regions": "replicas in another region later than 500 ms | share",
        "least": "of 10 ms to 5 s: least of four laws | share",
        "typical": "ends as 5th and 95th percentile, log-normal | share",
        "most": "most of four laws | share",
    },
)
def half_a_second() -> Values:
    shares = {name: float(x) for name, x in tails(*list(GUIDE_LAGS_S.values())[2], 0.5).items()}
    return {
        "regions": stale_share(TWO_REGIONS, 0.5),
        "least": min(shares.values()),
        "typical": stale_share(TYPICAL, 0.5),
        "most": max(shares.values()),
    }


@claim(
    "rr-ryw-1s",
    says="Keep the time of each session's last write, and read from the primary for a second.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="The same bet with a longer window. For lags from 10 ms to 5 s, 13 to 80 % of the "
    "replicas are later, by the law, and for one in a hundred the window must be 5 to 18.1 s. In "
    "an import that a replica cannot follow, 60 % of the writes take longer.",
    source="As before; replay as a queue.",
    named={
        "least": "replicas later than a second: least of four laws | share",
        "most": "most of four laws | share",
        "window_short": "window for 1 %, ends as 1st and 99th percentile | s",
        "window_long": "window for 1 %, ends as 5th and 95th percentile | s",
        "missed": "writes of an import that take longer than a second | share",
    },
)
def a_second() -> Values:
    low, high = list(GUIDE_LAGS_S.values())[2]
    shares = [float(x) for x in tails(low, high, 1.0).values()]
    nearly_all = lognormal_from_percentiles(low, high, low_share=0.01, high_share=0.99)
    run = import_run()
    within = (run.commit_s >= 10) & (run.commit_s < 20)
    return {
        "least": min(shares),
        "most": max(shares),
        "window_short": safe_window_s(nearly_all, 0.01),
        "window_long": safe_window_s(TYPICAL, 0.01),
        "missed": np.mean(run.lag_s[within] > 1.0),
    }


@claim(
    "rr-limit-10-20",
    says="The overhead of replication limits a primary to 10 to 20 replicas.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="If sending the log to one replica takes 5 to 10 % of the primary: then 20 or 10 "
    "fill it. At 2 % it is 50. We measured the sender's processor time as a share of the "
    "writer's: 55 % with single rows, 30 % with 100 rows a commit, 4 % with 200,000, so it "
    "depends on the writes. Replicas that feed replicas have no such limit.",
    source="One over the share; processor time of PostgreSQL's processes, recorded once.",
    named={
        "at_2": "replicas at 2 % each | replicas",
        "at_5": "replicas at 5 % each | replicas",
        "at_10": "replicas at 10 % each | replicas",
        "one_row": "sender, of the writer, one row a commit | share",
        "hundred": "sender, of the writer, 100 rows a commit | share",
        "bulk": "sender, of the writer, 200,000 rows a commit | share",
    },
)
def limit() -> Values:
    at_2, at_5, at_10 = np.asarray(most_replicas([0.02, 0.05, 0.1])).tolist()
    one_row, hundred, bulk = SENDER.values()
    return {
        "at_2": at_2,
        "at_5": at_5,
        "at_10": at_10,
        "one_row": one_row,
        "hundred": hundred,
        "bulk": bulk,
    }


@claim(
    "rr-write-limit",
    says="Replicas do not add write capacity: it is still the primary's.",
    kind="replication",
    verdict="holds",
    finding="Every write is done by the primary and again by each replica. A mix of writes alone "
    "gains 1 × from any number of replicas.",
    source="The law of replicas with no reads.",
    named={"write_x": "gain of ten replicas with writes alone | ×"},
)
def write_limit() -> Values:
    return {"write_x": read_capacity(10, 0)}


@claim(
    "rr-ryw-scope",
    says="A user posts a comment, is sent to the page, and does not find the comment.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="If the reload is quicker than the lag, and goes to a replica. With a reload after "
    "50 ms and lags of 20 to 120 ms it happens in about 70 % of the cases, with lags of 1 to "
    "10 ms never. On one machine, with PostgreSQL, a read at once came too early in 0 to 93 % "
    "of the cases, by the run, while nothing else was written.",
    source="A run of the replicated store; races on real servers, recorded.",
    named={
        "slow": "missed after 50 ms, lags of 20 to 120 ms | share",
        "quick": "missed after 50 ms, lags of 1 to 10 ms | share",
        "race_least": "missed at once on real servers, least of eleven runs | share",
        "race_most": "missed at once on real servers, most of eleven runs | share",
    },
)
def scope() -> Values:
    rng = np.random.default_rng(2026)
    return {
        "slow": missed_share(rng, redirect_ms=50, low_ms=20, high_ms=120, posts=2_000),
        "quick": missed_share(rng, redirect_ms=50, low_ms=1, high_ms=10),
        "race_least": 0.0,
        "race_most": 0.93,
    }


@claim(
    "rr-next-few-reads",
    says="After a write of a user, send the next few reads of the session to the primary.",
    kind="consistency",
    verdict="misleading",
    finding="A page is more than one read. With three reads to the primary and a page of six "
    "whose fifth is the comments, the comment is missing on the writer's own laptop; and on the "
    "phone, another session, with a window as well. Go by the user and not by the session, and "
    "by time or, better, by the position of the write.",
    source="The rules run on the replicated store, replicas 0.3 s behind.",
    named={
        "by_count": "devices of two that show it, next 3 reads",
        "by_session": "devices of two that show it, window by session",
        "by_user": "devices of two that show it, window by user",
        "by_position": "devices of two that show it, position by user",
    },
)
def next_few_reads() -> Values:
    shown = [
        sum(seen.values()) for seen in who_sees_it(np.random.default_rng(2026), lag_s=0.3).values()
    ]
    return dict(zip(("by_count", "by_session", "by_user", "by_position"), shown, strict=True))


@claim(
    "proc-replication-steps",
    says="A write comes to the primary, goes into its log, is sent to the replicas, is applied "
    "there in the same order; reads are spread over the replicas.",
    kind="procedure",
    verdict="holds",
    finding="The store of this course works like this. A read sooner than the lag misses the "
    "write, one after it does not. Records are applied in the order of the log, and a replica "
    "that was down goes on where it stood: of ten records that came meanwhile it got all.",
    source="A run of the replicated store with a crash and a restart.",
    named={
        "before": "replicas that show the write before the lag is over",
        "after": "replicas that show it after",
        "missed_down": "records that a replica lacks while it is down",
        "missed_up": "records that it lacks after its restart",
    },
)
def steps() -> Values:
    clock = VirtualClock()
    store = ReplicatedStore(clock, replicas=2, apply_delay_s=0.1)
    store.put("user 123", "there")
    before = [store.get("user 123", node=node) for node in store.replicas].count("there")
    clock.advance(0.1)
    after = [store.get("user 123", node=node) for node in store.replicas].count("there")
    store.failover.crash("node2")
    for i in range(10):
        store.put(f"user {i}", "there")
    down = store.lag("node2").entries
    store.failover.restart("node2")
    clock.advance(2.0)
    up = store.lag("node2").entries
    return {"before": before, "after": after, "missed_down": down, "missed_up": up}


@claim(
    "proc-ryw-solutions",
    says="Three ways to live with lag: read from the primary after a write, by session, or "
    "accept that an answer may be old.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="Each is right somewhere. What a window of a second costs: a user who does one thing "
    "a second is pinned for 9.5 % of the time at nine reads to a write, 1 % at a hundred. By "
    "writes it is dear at either: each write brings 0.86 or 0.99 reads to the primary, which "
    "nearly doubles what it has to do. A position costs the primary nothing.",
    source="Chance of a write within the last second; reads within a second of a write.",
    named={
        "pinned_9": "time pinned at 9 reads to a write | share",
        "pinned_100": "time pinned at 100 | share",
        "reads_9": "reads to the primary for each write, at 9 | reads",
        "reads_100": "reads to the primary for each write, at 100 | reads",
    },
)
def solutions() -> Values:
    window_s, values = 1.0, {}
    for k in (9, 100):
        share = float(read_share(k))
        pinned = float(np.asarray(pinned_share(window_s, 1 - share)))
        values[f"pinned_{k}"] = pinned
        values[f"reads_{k}"] = share * pinned / (1 - share)
    return values
