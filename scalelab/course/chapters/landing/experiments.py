"""The figure of the landing page."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from scalelab.models.erlang import mmc_mean_response_s
from scalelab.plotting import label, mark
from scalelab.quantities import quantity

_UTILISATION = np.linspace(0.05, 0.97, 93)


def draw_slowdown(ax: Axes, utilisation: float, servers: int) -> str:
    """Draw mean response over service time against utilisation, and mark one point."""
    ax.plot(_UTILISATION, mmc_mean_response_s(_UTILISATION * servers, 1.0, servers))
    here = float(mmc_mean_response_s(utilisation * servers, 1.0, servers))
    mark(ax, utilisation, here, quantity(round(here, 2), "×"), dx=-8)
    label(ax, x="share of time that the workers are busy", y="mean response ÷ service time")
    ax.set(ylim=(0, 22), xlim=(0, 1))
    workers = "1 worker" if servers == 1 else f"{servers} workers"
    return (
        f"With {workers}, busy {100 * utilisation:.0f} % of the time, a request takes "
        f"{here:.2f} times as long as its own work."
    )
