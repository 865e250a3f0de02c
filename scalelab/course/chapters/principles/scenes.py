"""Scene of the chapter on the principles: two places, two copies, and a cut between them."""

from __future__ import annotations

from scalelab.course.chapters.principles.partition import (
    CLIENTS,
    CUT_S,
    HEALED_S,
    RULES,
    Rule,
    Told,
    make_store,
    set_going,
)
from scalelab.course.shows.partition import show_partition
from scalelab.course.stage import Stage

UNTIL_S = 10.0
TIMES_S = [0.4 + 0.5 * i for i in range(18)]


def cut_between(stage: Stage, rule: Rule) -> None:
    """Let both sides write in turn, cut the network for four seconds, and make it whole again."""
    store = make_store(stage.clock, rule)
    show_partition(stage, store, CLIENTS)
    set_going(store, rule, TIMES_S, Told())
    stage.at(0.2, "Clients in the east and in the west write in turn. The east has the primary.")
    if not rule.is_cut:
        stage.at(4.0, "The log goes from east to west. What does the way cost, and whom?")
        return
    told = (
        "The network is cut. The copy in the west takes writes as well."
        if rule.promotes
        else "The network is cut. A write needs both copies, and nobody can reach both."
        if rule.waits
        else "The network is cut. The west has a copy, and may not use it."
    )
    stage.at(CUT_S, told)
    stage.at(HEALED_S, "The network is whole again. Count who got no answer, and what was lost.")


SCENES = ((cut_between, RULES, UNTIL_S),)
