"""Claims on CQRS."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.cqrs.experiments import (
    DOCUMENT,
    FOLDS,
    LOOK_UP,
    PIPELINE_S,
    Catalogue,
    backlog_s,
    crash_books,
    differs,
    late_share,
    ratios,
)
from scalelab.course.chapters.cqrs.servers import RECORDED
from scalelab.course.ledger import Values, section
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog
from scalelab.fakes.events.projections import Projection
from scalelab.models.cost import break_even_reads_per_write
from scalelab.models.lag_laws import UniformSumLag

claim = section("CQRS for Mixed Workloads", "cqrs")

RATE_PER_S, WINDOW_S, OUTAGE_S = 100.0, 0.005, 30.0
WRITE_MODEL = ("products", "categories", "product_categories")
SOURCES = {  # of each field of the guide's document, by table
    **dict.fromkeys(("name", "description", "price", "inventory", "in_stock"), "products"),
    "categories": "categories",
    **dict.fromkeys(("avg_rating", "num_reviews"), "reviews"),
}


@claim(
    "cqrs-read-model-fields",
    says="The document of the read model is made from products, categories and their links.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="Two of its fields, the average rating and the number of reviews, come from a table "
    "that the example does not show. It is an example, so the condition is only that every field "
    "has a source whose changes are published: here four tables, not three.",
    source="The fields of the guide's document against its three tables.",
    named={
        "fields": "fields of the document | fields",
        "homeless": "fields without a source in the tables shown | fields",
        "tables": "tables that have to publish their changes | tables",
    },
)
def read_model_fields() -> Values:
    homeless = [field for field, source in SOURCES.items() if source not in WRITE_MODEL]
    tables = {*WRITE_MODEL, *SOURCES.values()}
    return {"fields": len(SOURCES), "homeless": len(homeless), "tables": len(tables)}


@claim(
    "proc-cqrs-flow",
    says="Change the price in the write database, commit, publish an event, update the read "
    "model, and let the customer search.",
    kind="procedure",
    verdict="misleading",
    finding="As it stands, a crash between commit and publication loses the event, and a delivery "
    "that is repeated or overtaken spoils what counts. The flow is right with three additions: "
    "the event in the same transaction, a projector that knows what it has had, and versions.",
    source="The flow in the fake: 200 crashes; 300 events repeated, and out of order; 20 keys.",
    named={
        "lost": "events lost a crash, as it stands | events",
        "outbox": "events lost a crash, with an outbox | events",
        "repeated": "keys wrong of 20, events repeated, as it stands | keys",
        "versions": "keys wrong of 20, repeated or out of order, with versions | keys",
    },
)
def flow() -> Values:
    both = [(fold, trouble) for fold in FOLDS for trouble in ("repeated", "out of order")]
    return {
        "lost": crash_books(np.random.default_rng(1), "commit_then_publish")["lost"],
        "outbox": crash_books(np.random.default_rng(1), "outbox")["lost"],
        "repeated": differs(1, "none", "changes", "repeated"),
        "versions": max(differs(1, "version", fold, trouble) for fold, trouble in both),
    }


@claim(
    "cqrs-commit-then-publish",
    says="The transaction is committed, and then the event is published.",
    kind="consistency",
    verdict="misleading",
    finding="Whatever is committed and not yet published when the service crashes is lost: rate "
    "times the time between the two, half an event with 100 a second and 5 ms. If the broker is "
    "down for 30 s and nobody sends again, 3,000. An event that brings the whole state is healed "
    "by the next one of its key; one that brings a change is wrong for ever.",
    source="Rate times time; 200 crashes of the fake.",
    named={
        "rate": "writes | per second",
        "window": "time from commit to publication | s",
        "down": "outage of the broker | s",
        "a_crash": "events lost a crash, by the formula | events",
        "fake": "events lost a crash, in the fake | events",
        "outage": "events lost in an outage of the broker of 30 s | events",
        "whole": "state of a key after the next whole state, right is 7 | value",
        "change": "sum of a key after the next change, right is 12 | value",
    },
)
def commit_then_publish() -> Values:
    ends = {}
    for fold in FOLDS:
        log = EventLog(VirtualClock())
        log.append("key", 7)  # the key's event before, of 5, never came
        ends[fold] = Projection(FOLDS[fold]).rebuilt(log).get("key")
    return {
        "rate": RATE_PER_S,
        "window": WINDOW_S,
        "down": OUTAGE_S,
        "a_crash": RATE_PER_S * WINDOW_S,
        "fake": crash_books(np.random.default_rng(1), "commit_then_publish")["lost"],
        "outage": RATE_PER_S * OUTAGE_S,
        "whole": ends["whole states"],
        "change": ends["changes"],
    }


@claim(
    "cqrs-poll-by-id",
    says="An event handler learns of changes after their commit.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="If it reads them in the order of the commits. A handler that asks a table for ids "
    "greater than the last one never sees a row whose transaction got its id earlier and "
    "committed later. The server's log has the commits in their order, and none is missing.",
    source="Two connections to PostgreSQL, of which the second commits first; recorded.",
    named={
        "by_id": "changes of two that a reader by id sees | changes",
        "by_log": "changes of two that a reader of the log sees | changes",
    },
)
def poll_by_id() -> Values:
    return {"by_id": len(RECORDED.polled), "by_log": len(RECORDED.in_log_order)}


@claim(
    "cqrs-lag-100-500",
    says="The search index is 100 to 500 ms behind.",
    kind="replication",
    verdict="misleading",
    finding="The search engine that the guide names shows new documents at its next refresh, by "
    "default once a second where it is searched. Even if all before it takes no time, half of the "
    "changes are shown later than 500 ms; with 100 ms before it, six of ten. If the guide's "
    "figure is the way before the refresh, it is eight of ten, and 1.41 s at the 99th percentile. "
    "An index that nobody searches waits longer, until the next search.",
    source="Sum of two uniform times; the engine's documentation for its default of one second.",
    named={
        "bare": "later than 500 ms, nothing before the refresh | share",
        "with_100": "later than 500 ms, 100 ms before it | share",
        "whole": "later than 500 ms, 100 to 500 ms before it | share",
        "mean": "mean lag then | s",
        "p99": "99th percentile of the lag then | s",
    },
)
def lag() -> Values:
    law = UniformSumLag(stages_s=(PIPELINE_S, (0.0, 1.0)))
    return {
        "bare": late_share(1.0, (0.0, 0.0)),
        "with_100": late_share(1.0, (0.1, 0.1)),
        "whole": late_share(1.0),
        "mean": law.mean_s,
        "p99": law.quantile(0.99),
    }


@claim(
    "cqrs-independent-scaling",
    says="Reads and writes scale independently of each other.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="Until the projector is full: it has to do every write, so there are three things to "
    "scale. With 1,000 writes a second and 780 projected, the read model is 17 minutes behind "
    "after an hour, and no server for reads or for writes helps.",
    source="A queue whose arrivals exceed its service grows in proportion to time.",
    named={
        "behind": "age of the read model after an hour | min",
        "enough": "age if the projector does 1,000 a second | min",
    },
)
def independent() -> Values:
    return {
        "behind": float(backlog_s(1_000, 780, 60)),
        "enough": float(backlog_s(1_000, 1_000, 60)),
    }


@claim(
    "cqrs-100-to-1",
    says="CQRS fits a high ratio of reads to writes, 100 to 1 or more.",
    kind="cost",
    verdict="holds-under-assumptions",
    finding="It pays when a read saves more, as often as it comes, than a write costs. A join of "
    "50 ms against a look-up of 5 ms, and 45 ms to keep it: from 1 to 1. In our catalogue a new "
    "price pays from far less than one read, and the new name of a category from dozens. "
    "100 to 1 is right where keeping costs a hundredfold of what a read saves.",
    source="Cost of keeping, over the saving of a read; steps of SQLite's machine.",
    named={
        "example": "reads to a write from which it pays, 45 ms over 45 ms | reads",
        "price": "the same, a new price in our catalogue | reads",
        "review": "the same, a new review | reads",
        "category": "the same, a new name of a category | reads",
        "same": "documents and joins that differ, of one page | pages",
    },
)
def hundred_to_one() -> Values:
    pays, shop = ratios(), Catalogue()
    return {
        "example": break_even_reads_per_write(0.045, 0.050 - 0.005),
        "price": pays["new price"],
        "review": pays["new review"],
        "category": pays["new category name"],
        "same": int(shop.ask(DOCUMENT) != shop.ask(LOOK_UP)),
    }


@claim(
    "cqrs-not-if-strong",
    says="CQRS is not for you if you need strong consistency.",
    kind="consistency",
    verdict="holds-under-assumptions",
    finding="With events that are applied later. A read model kept by a trigger in the same "
    "transaction is never behind: of 100 reads right after a write it missed none, where the one "
    "fed by events missed all. It cost 1.5 times the processor time of a write.",
    source="Inserts on PostgreSQL, each read at once, with and without a trigger; recorded.",
    named={
        "events": "reads at once that miss the write, of 100, by events | reads",
        "trigger": "the same, by a trigger | reads",
        "cost": "processor time of a write with the trigger, of one without | ×",
    },
)
def not_if_strong() -> Values:
    return {
        "events": RECORDED.stale["events, read at once"],
        "trigger": RECORDED.stale["trigger"],
        "cost": RECORDED.trigger_cost,
    }


@claim(
    "proc-cqrs-when",
    says="Use CQRS where reads and writes differ much, queries are complex, reads are many, and "
    "late answers are acceptable; not for simple applications, strong consistency or small ones.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="The first list holds as a whole, and no line of it alone: a query that is no dearer "
    "than a look-up saves nothing at any ratio, and a dear one pays at one read to a write. Of the "
    "second list, strong consistency excludes events, not the second model.",
    source="The break-even ratio at a saving that goes to nothing, and at a dear query.",
    named={
        "cheap_query": "reads to a write from which it pays, a read saves 0.1 ms of 45 | reads",
        "dear_query": "the same, a read saves 45 ms | reads",
        "trigger_stale": "reads at once that miss, of 100, by a trigger | reads",
    },
)
def when() -> Values:
    return {
        "cheap_query": break_even_reads_per_write(0.045, 0.0001),
        "dear_query": break_even_reads_per_write(0.045, 0.045),
        "trigger_stale": RECORDED.stale["trigger"],
    }
