"""Claims on choosing a way to scale: a table and a path."""

from __future__ import annotations

from scalelab.course.chapters.choosing import experiments as lab
from scalelab.course.chapters.choosing import path as choosing_path
from scalelab.course.chapters.introduction.experiments import HABITS
from scalelab.course.ledger import Values, section
from scalelab.models.availability import downtime_s_per_year
from scalelab.models.traffic import fibre_delay_s, users_at_peak_rate

claim = section("Scaling Dimension Decision Framework", "choosing")


@claim(
    "proc-scaling-approach-table",
    says="A table says when to scale horizontally, vertically, diagonally or automatically: four "
    "rows, five or so conditions in each.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="Each row is sound advice for one part of a system. The rows do not exclude each "
    "other, and the table does not ask for numbers. Of 12 services described by its conditions 8 "
    "meet two rows or three. (82 % of all pairs of conditions do, too, but that says little: with "
    "four rows that share nothing it would be 78 %.) Of 8 services that were measured 6 need "
    "something else when their peak is ten times larger or smaller, and the table's rows stay the "
    "same. Ask for availability, the measured bottleneck and the cost, in this order, of one tier "
    "at a time.",
    source="Enumeration; conditions that say the same are counted once. Cards and measured "
    "services are the chapter's own.",
    named={
        "conditions": "different conditions",
        "cards": "services described by them",
        "several_rows": "services that meet several rows",
        "pairs": "pairs that point to several rows | share",
        "pairs_null": "the same, if the rows shared nothing | share",
        "measured": "services that were measured",
        "factor": "their peak larger or smaller by | ×",
        "turned": "whose answer turns with the peak",
    },
)
def approach_table() -> Values:
    rows = [len(lab.matching_rows(card)) for card in lab.CARDS.values()]
    apart = {
        row: frozenset(f"{row}: {c}" for c in conditions) for row, conditions in lab.TABLE.items()
    }
    return {
        "conditions": len(frozenset().union(*lab.TABLE.values())),
        "cards": len(rows),
        "several_rows": sum(count > 1 for count in rows),
        "pairs": lab.conflict_share(),
        "pairs_null": lab.conflict_share(apart),
        "measured": len(lab.MEASURED),
        "factor": lab.GUESS_OFF,
        "turned": sum(lab.turns_with_its_peak(needs) for needs in lab.MEASURED.values()),
    }


@claim(
    "proc-evolution-path",
    says="Most systems go through six stages: one server, a larger one, several, auto-scaling, "
    "tiers of different machines, several regions.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="Many do, and nobody has to. The first two stages have one machine, which contradicts "
    "the guide's own minimum of two: at 99.9 % it is down 8.8 hours a year. By load they "
    "last long: with 50 requests a day from a fifth of the users, one server of 1,000 requests per "
    "second does for 1.7 million, one of 5,000 for 8.6 million. Whether growing machines first is "
    "the cheap way depends on what a machine costs besides its cores. With two machines at least, "
    "and demand that doubles every six months, it costs 65 % more in three years than the best "
    "plan at $100 a machine, and only adding machines is the best plan; at $1,000 it costs 10 % "
    "more, and only adding 19 %. And regions come from distance, not from size: 10,000 km are "
    "100 ms there and back for the first user.",
    source="Availability; unit conversion; dynamic programming over fleets; speed of light in "
    "fibre.",
    named={
        "down_h": "one machine is down, a year | h",
        "small_per_s": "the small server does | requests/s",
        "users_small": "enough for | users",
        "users_large": "the large one is enough for | users",
        "node_usd": "a machine besides its cores, a month | USD",
        "vertical": "larger machines first, above the best | share",
        "horizontal": "only more machines, above the best | share",
        "far_rtt_ms": "10,000 km, there and back | ms",
    },
)
def evolution_path() -> Values:
    prices = (100.0, 1_000.0)
    vertical, horizontal = [], []
    for usd in prices:
        found = choosing_path.plans(6, usd_per_node=usd)
        best = found["best in hindsight"]
        vertical.append(found["vertical first"].regret(best))
        horizontal.append(found["horizontal only"].regret(best))
    return {
        "down_h": downtime_s_per_year(0.999) / 3_600,
        "small_per_s": float(lab.SMALL_PER_S),
        "users_small": users_at_peak_rate(lab.SMALL_PER_S, **HABITS),
        "users_large": users_at_peak_rate(lab.LARGE_PER_S, **HABITS),
        "node_usd": list(prices),
        "vertical": vertical,
        "horizontal": horizontal,
        "far_rtt_ms": 2_000 * fibre_delay_s(1e7),
    }
