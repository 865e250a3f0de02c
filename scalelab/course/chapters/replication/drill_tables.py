"""What the failovers of real servers came to, as figure and tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scalelab.course.chapters.replication.commits import where
from scalelab.course.chapters.replication.failovers import TWENTY, Failover, drills, split
from scalelab.course.page import Html, note, table
from scalelab.plotting import INK, ORANGE, TINTS, label
from scalelab.quantities import quantity


def plot_twenty(ax: Axes) -> Axes:
    """Draw what each of twenty dead primaries took with it, and what the link says."""
    runs = sorted(TWENTY["local"], key=lambda run: run[2])
    places = np.arange(1, len(runs) + 1)
    lost = [lost for _, _, lost in runs]
    ax.bar(places, lost, color=TINTS[ORANGE], ec=ORANGE, label="lost")
    late = [late for _, late, _ in runs]
    ax.plot(places, late, "_", color=INK, ms=11, mew=2, label="confirmed in the last 10 ms")
    ax.set(xlim=(0.3, len(runs) + 0.7), ylim=(0, 1.3 * max(lost)), xticks=[1, 5, 10, 15, 20])
    return label(ax, x="failover, from the mildest to the worst", y="writes", legend=True)


def twenty_in_words() -> str:
    """Say what `plot_twenty` shows, and what the synchronous runs lost."""
    lost = [lost for _, _, lost in TWENTY["local"]]
    total = [acknowledged for acknowledged, _, _ in TWENTY["local"]]
    safe = sum(acknowledged for acknowledged, _, _ in TWENTY["on"])
    none = sum(lost for _, _, lost in TWENTY["on"])
    return (
        f"Asynchronous, {len(lost)} runs: lost {min(lost)} to {max(lost)} of {min(total)} to "
        f"{max(total)}. Synchronous, {len(TWENTY['on'])} runs: {none} of {safe}."
    )


def drills_table() -> Html:
    """Show four failovers of this build: what was confirmed, what is gone."""
    it = drills()
    rows = {
        "planned: stop, wait, promote": it.planned,
        "killed, its sender stopped before": it.frozen,
        "killed, asynchronous": it.asynchronous,
        "killed, synchronous": it.synchronous,
    }
    return table(
        [{"the primary is": name, **_books(one)} for name, one in rows.items()],
        where("A pair of servers and a link of 20 ms: what each failover lost.", it.recorded),
    )


def _books(one: Failover) -> dict[str, Any]:
    which = "the last ones" if one.is_tail else "scattered"
    return {
        "confirmed": one.acknowledged,
        "lost": one.lost,
        "those lost are": which if one.lost else "none",
    }


def waiting_note() -> Html:
    """Say what the guide's query says while one waits for it to be zero."""
    it = drills()
    (first, later), (dead, dead_later) = it.waiting_s, it.dead_s
    applied = "all" if it.all_applied else "not all"
    said = (
        f"Planned: the query says {quantity(first, 's')}, and {quantity(later, 's')} a second "
        f"later, with {it.planned.lost} writes missing. Dead primary: {quantity(dead, 's')}, and "
        f"{quantity(dead_later, 's')} a second later; {applied} that was received is applied, and "
        f"{it.frozen.lost} writes are missing."
    )
    return note(where(said, it.recorded))


def split_table() -> Html:
    """Show what two primaries did, what fenced one of them, and how it came back."""
    it = split()
    old, new = it.timelines
    rows = [
        ("both take a row with the number 11", "yes" if it.both_took_11 else "no"),
        (
            "a client that lists both and asks for one that takes writes gets",
            f"the {it.client_went_to} one",
        ),
        (
            "a read-only setting keeps writers from the old one",
            "yes" if it.setting_kept_out else "no: one SET evades it",
        ),
        ("commits on an old primary that waits for the lost standby", str(it.left_took)),
        ("their timelines", f"{old} and {new}"),
        (
            "rows that the old one gives up when it is rewound",
            f"{it.taken_back}; tables {'equal' if it.rows_alike else 'not equal'}",
        ),
    ]
    return table(
        [{"two primaries": what, "what happens": so} for what, so in rows],
        where("A standby is promoted while its primary lives.", it.recorded),
    )
