"""Rows that move to other shards while they are written: which step left out spoils which row."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, get_args

import numpy as np
from matplotlib.axes import Axes

from scalelab.course.chapters.resharding.interleavings import (
    PLACES,
    Order,
    Row,
    Turn,
    backfill,
    client,
    next_turn,
    orders,
    shown,
)
from scalelab.course.page import Html, table
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.sharding.live_resharding import CopyRule, LiveResharding, Step
from scalelab.fakes.sharding.row_copies import Audit, RowCopies, VersionedRow
from scalelab.plotting import BLUE, INK, ORANGE, RED, TINTS, label, write

# The guide's steps -----------------------------------------------------------------------------

STEPS = {
    "add the new shard, empty": "add_nodes",
    "write twice, to the old and the new place": "double_write",
    "backfill: copy the old rows, in the background": "backfill",
    "verify that both agree": "verify",
    "switch the reads to the new shard": "switch_reads",
    "stop the second writes": "stop_double_writes",
    "remove the old shard": "clean_up",
}


def steps_table() -> Html:
    """Show the guide's seven steps, with the verb by which the course takes it."""
    rows: list[dict[str, Any]] = [
        {"step": i, "what is done": what, "verb in this course": verb}
        for i, (what, verb) in enumerate(STEPS.items(), 1)
    ]
    return table(rows, "The guide's live move")


# Every order of four turns -------------------------------------------------------------------

RULES = dict(zip(get_args(CopyRule), ("set", "add", "newer"), strict=True))
COPIES = {
    "overwrite": "replaces what is there",
    "if_absent": "yields to a row that is there",
    "versioned": "replaces older rows",
}
CHOICES = {  # of the explorer
    "replaces what is there": "overwrite",
    "yields": "if_absent",
    "replaces older": "versioned",
}
WRITTEN = {"a write": Row(2, "new"), "a delete": Row(2, None)}


def six_orders(rule: str, what: str, tombstones: bool) -> list[tuple[Order, bool]]:
    """Run a client's two turns and a copy's two in each order; says whether both places end right.

    The row is there as version 1; the client writes or deletes version 2.
    """
    row = WRITTEN[what]
    keep = tombstones or row.value is not None
    verb = "newer" if rule == "versioned" else "set"

    def tasks() -> list[Any]:
        return [
            client("k", row, verb=verb, tombstones=keep),
            backfill("k", verb=RULES[rule]),
        ]

    found = orders(tasks, {"k": Row(1, "first")}, next_turn)
    return [
        (order, all(shown(order.places, p, "k") == row.value for p in PLACES)) for order in found
    ]


def turn_in_words(who: int, turn: Turn) -> str:
    """Say a turn of the page's two tasks in two words, one below the other."""
    if who == 1:
        return "copy\nreads" if turn[0] == "get" else "copy\nwrites"
    return f"client\n{turn[1]}"


def draw_orders(ax: Axes, rule: str, what: str, tombstones: bool) -> str:
    """Draw the orders of four turns as rows, red where the new place ends wrong."""
    runs = six_orders(rule, what, tombstones)
    for y, (order, right) in enumerate(runs):
        for x, (who, turn) in enumerate(order.turns):
            colour = BLUE if who == 0 else ORANGE
            ax.barh(y, 0.92, left=x + 0.04, height=0.84, color=TINTS[colour], ec=colour)
            words = turn_in_words(who, turn)
            ax.text(x + 0.5, y, words, ha="center", va="center", color=INK, linespacing=0.95)
        ending = "right" if right else "wrong"
        ax.text(4.1, y, ending, va="center", color=INK if right else RED, weight="bold")
    ax.set(xlim=(0, 4.8), ylim=(len(runs) - 0.45, -0.55), xticks=[], yticks=[])
    ax.grid(False)
    for side in ax.spines.values():
        side.set_visible(False)
    wrong = sum(not right for _, right in runs)
    return (
        f"The copy {COPIES[rule]}, the client's turns are {what}, and a delete leaves "
        f"{'a tombstone' if tombstones else 'nothing'}: {wrong} of {len(runs)} orders end wrong."
    )


# What a step left out does -------------------------------------------------------------------

ROWS, WRITES = 300, 240
NEVER_S = 10_000.0  # after the end of each run
CURE: dict[str, Any] = {"copy_rule": "versioned", "tombstones": True}
BARE: dict[str, Any] = {"copy_rule": "overwrite", "tombstones": False}


@dataclass(frozen=True, kw_only=True)
class Skip:
    """What is done otherwise than in the seven steps."""

    rules: dict[str, Any]
    second_write_s: float = 0.01
    copies: bool = True
    verify: str = "none"  # "both ways", "one way"
    back: bool = False  # to the old shards, after the second writes were stopped


SKIPS = {
    "nothing": Skip(rules=CURE, verify="both ways"),
    "the double writes": Skip(rules=CURE, second_write_s=NEVER_S),
    "the backfill": Skip(rules=CURE, copies=False),
    "versions and tombstones": Skip(rules=BARE),
    "the same, then repaired both ways": Skip(rules=BARE, verify="both ways"),
    "the same, repaired one way": Skip(rules=BARE, verify="one way"),
    "nothing, and back after step 6": Skip(rules=CURE, verify="both ways", back=True),
}


def routers() -> tuple[ModuloRouter, ModuloRouter]:
    """Three shards, and four."""
    names = [f"shard {i}" for i in range(1, 5)]
    return ModuloRouter(names[:3]), ModuloRouter(names)


@cache
def skipped(name: str) -> tuple[Audit, str]:
    """Move rows under 240 writes and deletes; what readers see wrong, and one row in words."""
    skip, rng, clock = SKIPS[name], np.random.default_rng(2026), VirtualClock()
    move = LiveResharding(
        clock, *routers(), copy_s=0.5, second_write_s=skip.second_write_s, **skip.rules
    )
    truth: dict[Hashable, Any] = {}

    def act(key: Hashable, value: Any) -> None:
        truth[key] = value
        if value is None:
            move.delete(key)
        else:
            move.put(key, value)

    for i in range(ROWS):
        act(f"row {i}", "first")
    move.add_nodes()
    move.double_write()
    for at_s in np.sort(rng.uniform(0, 4, WRITES)):
        key, value = f"row {rng.integers(ROWS)}", None if rng.random() < 0.2 else "second"
        clock.schedule_at(float(at_s), partial(act, key, value))
    if skip.copies:
        move.start_backfill(rows_per_s=100)
    clock.run(8.0)
    if skip.verify != "none":
        move.verify(both_ways=skip.verify == "both ways", repair=True)
    move.switch_reads(force=move.step < Step.VERIFIED)
    if skip.back:
        move.stop_double_writes()
        for i in range(0, ROWS, 10):
            act(f"row {i}", "third")
        move.rollback()
    audit = move.audit()
    return audit, _named(audit, truth, move.get)


def _named(audit: Audit, truth: dict[Hashable, Any], get: Callable[[Hashable], Any]) -> str:
    """Say of one wrong row what it is and what it should be."""
    wrong = (*audit.corrupted, *audit.resurrected, *audit.missing)
    if not wrong:
        return "none"
    words = {None: "gone"}
    shown_now, owed = get(wrong[0]), truth[wrong[0]]
    return f"{wrong[0]}: {words.get(shown_now, shown_now)}, not {words.get(owed, owed)}"


def skips_table() -> Html:
    """Show what each step left out costs."""
    rows: list[dict[str, Any]] = []
    for name in SKIPS:
        audit, named = skipped(name)
        rows.append(
            {
                "left out": name,
                "older": len(audit.corrupted),
                "risen": len(audit.resurrected),
                "missing": len(audit.missing),
                "an example": named,
            }
        )
    return table(
        rows,
        f"Wrong rows of {ROWS} after the move, by what was left out; {WRITES} writes and deletes",
    )


def wrong_in_words() -> str:
    """Say how many rows are wrong by what is left out."""
    return "; ".join(f"{name}, {skipped(name)[0].wrong}" for name in SKIPS)


def plot_skips(ax: Axes) -> Axes:
    """Draw how many rows each thing left out spoils, and how."""
    audits = [skipped(name)[0] for name in SKIPS]
    places, left = range(len(SKIPS)), np.zeros(len(SKIPS))
    kinds = {"older": BLUE, "risen": ORANGE, "missing": RED}
    for kind, colour, count in zip(
        kinds,
        kinds.values(),
        zip(*[(len(a.corrupted), len(a.resurrected), len(a.missing)) for a in audits], strict=True),
        strict=True,
    ):
        ax.barh(places, count, left=left, color=TINTS[colour], ec=colour, height=0.6, label=kind)
        left = left + np.array(count)
    for place, total in zip(places, left, strict=True):
        write(ax, total, place, f"{total:.0f}", dx=4, va="center")
    ax.set_yticks(list(places), list(SKIPS))
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.15 * left.max()))
    return label(ax, x=f"wrong rows, of {ROWS}", legend=True)


# How often ------------------------------------------------------------------------------------

WRITES_PER_S, COPY_S, DELETES = 0.2, 0.05, 0.2


def spoiled_share(writes_per_s: float, copy_s: float) -> float:
    """Share of rows with a write between a copy's reading and its writing, if that is exponential.

    Writes come by chance, at a rate λ for each row; a copy takes an exponential time of mean d.
    Which of the two comes first: λ / (λ + 1/d) = λd / (1 + λd).
    """
    return writes_per_s * copy_s / (1 + writes_per_s * copy_s)


def simulated_share(rng: np.random.Generator, rule: str = "overwrite", rows: int = 5_000) -> float:
    """Share of rows that the move leaves wrong, in percent; one in five writes is a delete."""
    clock = VirtualClock()
    move = LiveResharding(
        clock,
        RangeRouter([], ["old"]),  # it is quicker to ask than a hash
        RangeRouter([], ["new"]),
        copy_rule=rule,  # type: ignore[arg-type]  # one of its words
        tombstones=rule == "versioned",
        copy_s=lambda rng: float(rng.exponential(COPY_S)),
        rng=rng,
    )
    for key in range(rows):
        move.put(key, "first")
    move.add_nodes()
    move.double_write()
    first_s = rng.exponential(1 / WRITES_PER_S, rows)  # of the next write to each row
    gone = rng.random(rows) < DELETES
    for key in np.flatnonzero(first_s < 20 * COPY_S).tolist():
        act = partial(move.delete, key) if gone[key] else partial(move.put, key, "second")
        clock.schedule_at(float(first_s[key]), act)
    move.backfill()
    clock.run(2.0)
    move.switch_reads(force=True)
    return 100 * move.audit().wrong / rows


def rules_table(seed: int) -> Html:
    """Show what three copy rules leave wrong, beside the share by the formula."""
    share = 100 * spoiled_share(WRITES_PER_S, COPY_S)
    forecasts = {"overwrite": share, "if_absent": DELETES * share, "versioned": 0.0}
    runs = 6
    rows: list[dict[str, Any]] = [
        {
            "a copied row": said,
            "by the formula, %": round(forecasts[rule], 3),
            "wrong rows, %": round(
                float(
                    np.mean(
                        [
                            simulated_share(np.random.default_rng(seed + i), rule)
                            for i in range(runs)
                        ]
                    )
                ),
                3,
            ),
        }
        for rule, said in {
            "overwrite": "replaces what is there",
            "if_absent": "yields to a row that is there",
            "versioned": "replaces older rows, with tombstones",
        }.items()
    ]
    return table(rows, "Rows that a move leaves wrong; 5,000 rows, six runs")


# A crash between the two writes ---------------------------------------------------------------


def after_a_crash() -> tuple[tuple[Hashable, ...], tuple[Hashable, ...], int]:
    """Crash between the two writes of a key, and delete another in the old place only.

    Returns what a comparison from the old side finds, what one from both sides finds, and how
    many differ after a repair.
    """
    copies = RowCopies(ModuloRouter(["old"]), ModuloRouter(["new"]))
    keys = [f"row {i}" for i in range(1, 6)]
    for key in keys:
        copies.old(key)[key] = copies.new(key)[key] = VersionedRow("first", 1)
    copies.old("row 2")["row 2"] = VersionedRow("second", 2)  # and then the application died
    del copies.old("row 4")["row 4"]  # the same with a delete
    one_way = copies.compare(keys, both_ways=False)
    both = copies.compare(keys, both_ways=True)
    for found in (*both.differing, *both.only_new):
        copies.repair(found, by_new=False)
    left = copies.compare(keys, both_ways=True)
    return (
        (*one_way.differing, *one_way.only_old, *one_way.only_new),
        (*both.differing, *both.only_old, *both.only_new),
        len(left.differing) + len(left.only_new) + len(left.only_old),
    )
