"""Claims on the mindset."""

from __future__ import annotations

from scalelab.course.chapters.principles.experiments import (
    LEAD_MONTHS,
    break_even_cores,
    months_until,
    too_early_usd,
)
from scalelab.course.chapters.principles.partition import CLIENTS, RULES, told_by, without_a_cut
from scalelab.course.chapters.principles.record import BUDGET_USD, FIELDS, decide, entries
from scalelab.course.ledger import Values, section

claim = section("The Scalability Mindset", "principles")


@claim(
    "ms-cap-three-way",
    says="Scalability means trade-offs between consistency, availability and partition tolerance.",
    kind="consistency",
    verdict="misleading",
    finding="It reads as if one could give up any of the three. Of data on two machines nobody is "
    "asked whether the network is cut: tolerating it can only be given up by having one machine, "
    "which is this guide's first phase. Behind a cut one chooses: with one primary 21 of 100 "
    "writes got no answer and none was lost; with a primary on both sides 1 got none and 20 that "
    "were confirmed were lost. Without a cut there is another choice, which the sentence leaves "
    "out: wait 100 ms for each write, or wait for nothing and find 22 % of the reads old.",
    source="Gilbert and Lynch, 2002; Abadi, 2012; runs of the replicated store with a cut.",
    named={
        "writes": "writes of each run with a cut",
        "refused": "without an answer, one primary",
        "kept": "confirmed and lost, one primary",
        "both_refused": "without an answer, both sides take writes",
        "both_lost": "confirmed and lost, both sides take writes",
        "wait_ms": "no cut, a write waits for both copies | ms",
        "fresh": "old reads, if it waits | share",
        "no_wait_ms": "no cut, a write waits for nothing | ms",
        "old": "old reads, if it does not | share",
    },
)
def cap_three_way() -> Values:
    one = told_by(RULES["cut: only the primary answers"])
    both = told_by(RULES["cut: both sides answer"])
    waits_s, fresh = without_a_cut(waits=True)
    quick_s, old = without_a_cut(waits=False)
    return {
        "writes": sum(both.confirmed[c] + both.unanswered[c] for c in CLIENTS),
        "refused": sum(one.unanswered.values()),
        "kept": one.lost,
        "both_refused": sum(both.unanswered.values()),
        "both_lost": both.lost,
        "wait_ms": 1e3 * waits_s,
        "fresh": fresh,
        "no_wait_ms": 1e3 * quick_s,
        "old": old,
    }


@claim(
    "ms-premature",
    says="Do not optimise prematurely. Build for today's needs; the best strategy is the simplest "
    "one that meets the requirements.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="If premature means before its time, and not before any number. The first principle, "
    "optimise before scaling, is its opposite only in words: with the prices of this chapter "
    "optimising the queries pays from 11.1 database cores on, and before that it is premature. "
    "Two shards bought at 40 % of the limit cost $785 a month for the 12.8 months in which nobody "
    "needs to begin, $10,032 in all. Today's needs include what takes longer to build than today.",
    source="Break-even of work against cores; exponential growth; the prices of the planner.",
    named={
        "cores": "database cores from which on optimising the queries pays",
        "monthly": "a second shard | $ a month",
        "months": "in which it is not needed, from 40 % of the limit | months",
        "early": "two shards too early | $",
    },
)
def premature() -> Values:
    months = months_until(0.4) - LEAD_MONTHS
    return {
        "cores": break_even_cores(),
        "monthly": too_early_usd(0.4) / months,
        "months": months,
        "early": too_early_usd(0.4),
    }


@claim(
    "proc-mindset",
    says="Five attitudes: grow gracefully, make trade-offs, accept eventual consistency where it "
    "fits, invest at the right time, stay simple.",
    kind="procedure",
    verdict="holds",
    finding="Each can be put into a decision record, as a number: the load and its limit (320 and "
    "440 requests a second, 6.5 months apart), the budget ($435 of $600 a month), the guarantee (0 "
    "of 17,299 reads old), and the way back (6.5 months without the step). An attitude that "
    "changes no line of a record changes nothing.",
    source="A record computed by the planner and a simulated run.",
    named={
        "lines": "lines of the record",
        "written": "of them, with a number in them",
        "load": "load | requests/s",
        "limit": "limit | requests/s",
        "months": "until the limit | months",
        "usd": "more | $ a month",
        "budget": "budget, assumed | $ a month",
        "stale": "old reads in the run",
        "reads": "reads in the run",
        "back": "for which the step can be taken back | months",
    },
)
def five_attitudes() -> Values:
    it, written = decide(), entries()
    return {
        "lines": len(FIELDS),
        "written": sum(any(c.isdigit() for c in words) for words in written.values()),
        "load": it.rate_per_s,
        "limit": it.carries_per_s,
        "months": it.months_left,
        "usd": it.usd_more,
        "budget": BUDGET_USD,
        "stale": it.stale,
        "reads": it.reads,
        "back": it.months_back,
    }
