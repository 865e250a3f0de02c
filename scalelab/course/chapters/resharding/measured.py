"""What two PostgreSQL servers showed while a range of rows moved from one to the other."""

from __future__ import annotations

from functools import cache
from typing import Any

from matplotlib.axes import Axes

from scalelab.course.chapters.resharding.servers import (
    ROWS,
    SKIPS,
    Moved,
    move_range,
    two_servers,
)
from scalelab.course.page import Html, table
from scalelab.plotting import BLUE, RED, TINTS, label, write
from scalelab.real.supervised import RealComponentError

RECORDED: dict[str, Moved] = {  # two shared cores, Linux, PostgreSQL 18.6, 29 November 2026
    "nothing": Moved(0, 0, 0, 0, 0, 0.6),
    "following the changes": Moved(270, 20, 10_009, 176, 197, 0.0),
    "stopping the writes": Moved(70, 20, 10_003, 124, 131, 0.0),
    "waiting for the last change": Moved(30, 10, 10_009, 144, 150, 0.0),
}


@cache
def measured() -> tuple[dict[str, Moved], bool]:
    """Move the range four times, and say whether it was done now; what was recorded otherwise."""
    try:
        with two_servers() as (cluster, old, new):
            return {name: move_range(cluster, old, new, skip) for name, skip in SKIPS.items()}, True
    except RealComponentError:
        return RECORDED, False


def where(caption: str) -> str:
    """Add to a caption where the numbers are from, if they were not measured just now."""
    _, now = measured()
    return caption if now else f"{caption}; recorded on two shared cores, 29 November 2026"


def moves_table() -> Html:
    """Show what each step left out loses of the writes that were acknowledged."""
    found, _ = measured()
    rows: list[dict[str, Any]] = [
        {
            "left out": name,
            "writes lost": it.lost,
            "rows concerned, of 20": it.rows,
            "the worst row": in_words(it),
            "writes stopped, round trips": it.waited,
        }
        for name, it in found.items()
    ]
    return table(
        rows, where(f"Half of {ROWS:,} rows move between two PostgreSQL servers under writes")
    )


def in_words(it: Moved) -> str:
    """Say what the worst row shows, and what it should show."""
    return f"{it.worst}: {it.shown}, not {it.owed}" if it.lost else "none"


def plot_lost(ax: Axes) -> Axes:
    """Draw how many acknowledged writes each step left out loses."""
    found, _ = measured()
    lost = [it.lost for it in found.values()]
    colours = [BLUE if n == 0 else RED for n in lost]
    ax.barh(list(found), lost, color=[TINTS[c] for c in colours], ec=colours, height=0.55)
    ax.invert_yaxis()
    for place, value in enumerate(lost):
        write(ax, value, place, f"{value}", dx=4, va="center")
    ax.set(xlim=(0, 1.2 * max(*lost, 1)))
    return label(ax, x="acknowledged writes that are lost")
