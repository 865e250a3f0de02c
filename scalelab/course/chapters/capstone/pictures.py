"""Pictures of a week: the crowd, the servers that meet it, and what becomes slow."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.capstone.marks import run_week, slow_shares
from scalelab.course.chapters.capstone.own import NO_CODE, OwnCode
from scalelab.course.chapters.capstone.plan import APP_S, CORES, FRIDAY_HOURS, ShopPlan
from scalelab.course.chapters.capstone.weeks import FRIDAY_S, Week
from scalelab.plotting import BLUE, ORANGE, label, label_lines

SHOWN_H = FRIDAY_HOURS[0] - 1, FRIDAY_HOURS[1] + 2


def draw_friday(
    axes: np.ndarray, plan: ShopPlan, week: Week, code: OwnCode = NO_CODE
) -> np.ndarray:
    """Draw Friday under a plan: demand and what the servers can do; the share that is slow."""
    run = run_week(plan, week, code)
    slow, _ = slow_shares(plan, run)
    per_minute = round(60 / week.tick_s)
    minutes = slice(*(int((FRIDAY_S / 3_600 + hour) * 60) for hour in SHOWN_H))

    def by_minute(values: np.ndarray) -> np.ndarray:
        whole = values[: values.size // per_minute * per_minute]
        return np.asarray(whole.reshape(-1, per_minute).mean(axis=1)[minutes])

    hour = np.linspace(*SHOWN_H, by_minute(slow).size)
    axes[0].plot(hour, by_minute(run.fleet.running) * CORES / APP_S, color=BLUE, label="capacity")
    axes[0].plot(hour, by_minute(run.rate_per_s), color=ORANGE, label="demand")
    axes[1].plot(hour, 100 * by_minute(slow), color=BLUE)
    for ax in axes:
        ax.set_ylim(0)
    label_lines(axes[0])
    label(axes[0], x="hour of Friday", y="requests/s")
    label(axes[1], x="hour of Friday", y="slow, %")
    return axes
