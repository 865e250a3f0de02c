"""Settings that somebody might change, and how well a run ends with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from scalelab.course.chapters.incidents.faults import setting_of
from scalelab.course.chapters.incidents.metrics import Metrics, metrics_of
from scalelab.course.chapters.incidents.shop import SECONDS, Setting, run_of
from scalelab.course.chapters.incidents.split_brain import split_score

Fix = Callable[[Setting], Setting]


def _part(part: str, **changes: object) -> Fix:
    return lambda setting: setting.with_part(part, **changes)


def _times(part: str, name: str, factor: float) -> Fix:
    def change(setting: Setting) -> Setting:
        now = getattr(getattr(setting.system, part), name)
        return setting.with_part(part, **{name: type(now)(round(now * factor, 9))})

    return change


def _scaler(**changes: object) -> Fix:
    return lambda setting: (
        setting.with_part("autoscaler", **changes) if setting.autoscaler else setting
    )


FIXES: dict[str, Fix] = {
    "retry budget of 10 %": _part("clients", retry_budget=0.1),
    "backoff x 10": _part("clients", backoff_s=0.5),
    "at most 20 in line": _part("guards", line_limit=20),
    "reads fill though the client left": _part("guards", fills_when_left=True),
    "single flight": _part("guards", single_flight=True),
    "TTL with jitter": _part("guards", ttl_jitter=0.5),
    "connections outlive the request": _part("guards", keeps_connection=True),
    "pool of 6": _part("database", connections=6),
    "pool x 2": _times("database", "connections", 2),
    "pool timeout of 0.2 s": _part("guards", pool_timeout_s=0.2),
    "servers x 1.5": _times("app", "servers", 1.5),
    "database cores x 2": _times("database", "cores", 2),
    "cache x 2": _times("cache", "capacity", 2),
    "shards x 2": _times("database", "shards", 2),
    "one more replica": lambda s: s.with_part("database", replicas=s.system.database.replicas + 1),
    "split the hot key": lambda setting: replace(setting, hot_share=0.0),
    "replay on three workers": _times("database", "apply_s", 1 / 3),
    "thresholds further apart": _scaler(low=0.3),
    "decide twice as often": _scaler(every_s=5),
    "give back in finally": lambda setting: replace(
        setting, faults=tuple(f for f in setting.faults if f.kind != "connection leak")
    ),
    "eject what answers with errors": _part("guards", ejects=True),
}


def fixed_setting(name: str, seed: int, fixes: Iterable[str], seconds: int = SECONDS) -> Setting:
    """Draw an incident, and change its setting before it begins."""
    setting = setting_of(name, seed, seconds)[0]
    for fix in fixes:
        setting = FIXES[fix](setting)
    return setting


def well_at_the_end(name: str, metrics: Metrics) -> float:
    """How well a run ended: the last two minutes, from 0 to 1.

    The share of requests answered in time; where an incident harms nobody at once, whether its
    harm is gone.
    """
    last = {line: np.asarray(values[-120:]) for line, values in metrics.items()}
    if name == "replica lag":
        return float(np.mean(last["lag"]) < 1.5)
    if name == "cache stampede":
        return float(np.quantile(last["same"], 0.99) < 12)
    if name == "autoscaler flapping":
        steps = np.diff(last["instances"])
        return float(np.count_nonzero(np.diff(np.sign(steps[steps != 0]))) < 2)
    return float(min(np.mean(last["good"]), 1.0))


def score(name: str, fixes: Iterable[str], seed: int) -> tuple[float, float]:
    """Score fixes on one seed: after the usual time of a run, and after twice that time."""
    if name == "split brain":
        return split_score(fixes, seed)
    setting = fixed_setting(name, seed, fixes, 2 * SECONDS)
    metrics = metrics_of(run_of(setting), setting.system.database.shards)
    usual = {line: values[:SECONDS] for line, values in metrics.items()}
    return well_at_the_end(name, usual), well_at_the_end(name, metrics)
