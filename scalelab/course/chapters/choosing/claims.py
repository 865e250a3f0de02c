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
    verdict="misleading",
    finding="It is a good list of things to think of, and it does not decide. Of 12 services "
    "described by its conditions 4 meet a single row, and 8 meet two or three. Of all pairs of "
    "conditions 82 % point to more than one row: what keeps state goes up, what must be available "
    "goes out, and a clinic's records are both. Asked in an order, availability, measured "
    "bottleneck, cost, the same questions give one answer.",
    source="Enumeration; conditions that say the same are counted once.",
)
def approach_table() -> Values:
    rows = [len(lab.matching_rows(card)) for card in lab.CARDS.values()]
    return {
        "conditions": len(frozenset().union(*lab.TABLE.values())),
        "cards": len(rows),
        "one_row": sum(count == 1 for count in rows),
        "several_rows": sum(count > 1 for count in rows),
        "pairs_in_conflict": lab.conflict_share(),
    }


@claim(
    "proc-evolution-path",
    says="Most systems go through six stages: one server, a larger one, several, auto-scaling, "
    "tiers of different machines, several regions.",
    verdict="holds-under-assumptions",
    finding="Many do, and nobody has to. The first two stages have one machine, which contradicts "
    "the guide's own minimum of two: at 99.9 % it is down 8.8 hours a year. By load they "
    "last long: with 50 requests a day from a fifth of the users, one server of 1,000 requests per "
    "second does for 1.7 million, one of 5,000 for 8.6 million. Growing machines first is not the "
    "cheap way: when demand doubles every six months it costs 65 % more in three years than the "
    "best plan, if cores have one price. And regions come from distance, not from size: "
    "10,000 km are 100 ms there and back for the first user.",
    source="Availability; unit conversion; dynamic programming over fleets; speed of light in "
    "fibre.",
    named={
        "down_h": "down_h | h",
        "small_per_s": "small_per_s | requests/s",
        "far_rtt_ms": "far_rtt_ms | ms",
    },
)
def evolution_path() -> Values:
    found = choosing_path.plans(6)
    best = found["best in hindsight"]
    return {
        "down_h": downtime_s_per_year(0.999) / 3_600,
        "small_per_s": float(lab.SMALL_PER_S),
        "users_small": users_at_peak_rate(lab.SMALL_PER_S, **HABITS),
        "users_large": users_at_peak_rate(lab.LARGE_PER_S, **HABITS),
        "vertical_regret": found["vertical first"].regret(best),
        "far_rtt_ms": 2_000 * fibre_delay_s(1e7),
    }
