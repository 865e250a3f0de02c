"""The planner beside the simulation: the figure of the page on validity."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from scalelab.plotting import BLUE, MUTED, ORANGE, canvas, label

WITHIN = 5.0  # per cent, inside the range


def planned_errors(file: str | Path) -> pd.DataFrame:
    """Read how far off the planner's p50 and p99 are, in per cent, and where it warns of it."""
    lines = pd.read_csv(file, keep_default_na=False)
    return pd.DataFrame(
        {
            "p50": 100 * (lines["p50_s"] / lines["p50_simulated_s"] - 1),
            "p99": 100 * (lines["p99_s"] / lines["p99_simulated_s"] - 1),
            "noise": 200 * lines["p99_standard_error_s"] / lines["p99_simulated_s"],
            "warned": lines["warned"].astype(bool),
        }
    )


def errors_in_words(errors: pd.DataFrame) -> str:
    """Say how far off it is at most, without a warning and with one."""
    calm, warned = errors[~errors["warned"]], errors[errors["warned"]]
    return (
        f"Of {len(errors)} systems it gives {len(calm)} without a warning. Of these p50 is at "
        f"most {calm['p50'].abs().max():.1f} % off, and p99 {calm['p99'].abs().max():.1f} %. Of "
        f"the {len(warned)} with one p50 is up to {warned['p50'].max():.0f} % too high, and p99 up "
        f"to {-warned['p99'].min():.0f} % too low, of which it warns."
    )


def errors_figure(errors: pd.DataFrame) -> Figure:
    """Draw a dot for each system: how far off p50 is, and how far off p99."""
    figure, ax = canvas(height=2.8)
    for warned, colour, name in ((False, BLUE, "no warning"), (True, ORANGE, "with a warning")):
        part = errors[errors["warned"] == warned]
        ax.plot(part["p50"], part["p99"], "o", color=colour, label=name, markersize=5)
    ax.axhspan(-WITHIN, WITHIN, color=MUTED, alpha=0.15, linewidth=0)
    ax.axvspan(-WITHIN, WITHIN, color=MUTED, alpha=0.15, linewidth=0)
    label(ax, x="p50 is off by, %", y="p99 is off by, %")
    ax.legend(frameon=False)
    return figure
