"""A small picture for the card of each chapter: a curve or two that the chapter is about."""

from __future__ import annotations

import numpy as np

from scalelab._validate import FloatArray
from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.erlang import mmc_mean_response_s
from scalelab.models.lag_laws import lognormal_from_percentiles
from scalelab.models.replication import read_capacity
from scalelab.models.staleness import stale_share
from scalelab.models.usl import usl_capacity
from scalelab.workloads.demand import daily_rate_per_s, flash_crowd_per_s

WIDTH, HEIGHT = 120, 44
_X = np.linspace(0, 1, 49)
_HOURS = 3600 * 24 * _X


def _steps(values: FloatArray, height: float) -> FloatArray:
    return np.ceil(values / height) * height


def _bars(*heights: float) -> FloatArray:
    """Draw bars beside each other as one line."""
    places = np.minimum((_X * 2 * len(heights)).astype(int), 2 * len(heights) - 1)
    return np.where(places % 2 == 0, np.asarray(heights)[places // 2], 0.0)


def _curves() -> dict[str, tuple[FloatArray, ...]]:
    nodes, load = 1 + 80 * _X, 0.02 + 0.96 * _X
    crowd = np.asarray(flash_crowd_per_s(_X * 100, 0.2, 1.0, start_s=20, ramp_s=15, decay_s=40))
    day = np.asarray(daily_rate_per_s(_HOURS, 0.5, peak_over_mean=1.8))
    return {
        "introduction": (np.minimum(mmc_mean_response_s(load, 1.0, 1), 12.0),),
        "horizontal": (np.asarray(usl_capacity(nodes, 0.02, 0.0005)), nodes * 0.25),
        "vertical": (np.asarray(amdahl_speedup(nodes, 0.1)), nodes * 0.14),
        "diagonal": (_steps(_X, 0.25), _X),
        "autoscaling": (crowd, np.roll(_steps(crowd, 0.2), 5)),
        "choosing": (0.2 + 0.9 * _X, 0.4 + 0.45 * _X, 0.7 + 0.1 * _X),
        "stateless": (_bars(0.5, 0.5, 0.5, 0.5), _bars(1.0, 0.3, 0.7, 0.2)),
        "sticky_sessions": (1 - np.exp(-4 * _X), np.exp(-1.5 * _X)),
        "external_state": (_steps(_X, 0.5), np.roll(_steps(_X, 0.5), 8)),
        "serialization": (_bars(1.0, 0.75, 0.5, 0.3),),
        "workloads": (np.asarray(read_capacity(nodes, 9)), nodes * 0.3),
        "read_replicas": (_steps(_X, 0.25), np.roll(_steps(_X, 0.25), 5) * (_X > 0.1)),
        "read_after_write": tuple(
            np.asarray(stale_share(lognormal_from_percentiles(low_s, 2.0), 3 * _X))
            for low_s in (0.02, 0.5)
        ),
        "cqrs": (_steps(_X, 0.1), np.maximum(0, _X - 0.25) ** 2),
        "query_optimization": (_X, 0.04 + 0.12 * np.log1p(9 * _X) / np.log(10)),
        "vertical_limits": (nodes**0.6, nodes * 0.25),
        "replication": (
            np.floor(12 * _X) / 12,
            0.95 * np.maximum(np.floor(12 * _X) / 12 - 0.25, 0),
        ),
        "write_sharding": (_bars(1.0, 0.35, 0.15), _bars(0.5, 0.5, 0.5)),
        "connection_pooling": (_bars(1.0, 0.12, 0.12), day),
        "resharding": (_bars(0.75, 0.75, 0.75, 0.75), _bars(1.0, 1.0, 1.0, 0.0)),
        "caching": (np.where((_X > 0.4) & (_X < 0.95), 0.1, 0.9), 0.5 + 0 * _X),
        "progressive_path": (_steps(_X**2, 0.2), _X**2),
        "principles": (1 - 0.9 * _X, 0.1 + 0.5 * _X),
    }


def sketch(chapter: str) -> str:
    """Return the small picture of a chapter as SVG; empty where there is none."""
    lines = []
    curves = _curves().get(chapter, ())
    top = max((float(np.max(curve)) for curve in curves), default=1.0)
    for i, curve in enumerate(curves):
        points = " ".join(
            f"{4 + x * (WIDTH - 8):.1f},{HEIGHT - 3 - y / top * (HEIGHT - 7):.1f}"
            for x, y in zip(_X, curve, strict=True)
        )
        lines.append(f'<polyline class="sl-line-{i}" points="{points}"/>')
    if not lines:
        return ""
    return (
        f'<svg class="sl-sketch" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'aria-hidden="true">{"".join(lines)}</svg>'
    )
