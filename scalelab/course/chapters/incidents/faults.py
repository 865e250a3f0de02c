"""Ten incidents: what breaks, when, and what else happens that has nothing to do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from scalelab.course.chapters.incidents.shop import KEYS, SECONDS, Setting
from scalelab.sim.system_needs import Autoscaler, Fault

Change = Callable[[Setting, int, np.random.Generator], Setting]


def calm(setting: Setting, at_s: int, rng: np.random.Generator) -> Setting:
    """Return it as it is."""
    return setting


def retry_storm(setting: Setting, at_s: int, rng: np.random.Generator) -> Setting:
    """Send a crowd for twelve seconds, and let clients try four times more."""
    rates = setting.rates_per_s.copy()
    rates[at_s : at_s + 12] *= rng.uniform(2.6, 3.2)
    return replace(setting, rates_per_s=rates).with_part("clients", retries=4, backoff_s=0.02)


def cache_stampede(setting: Setting, at_s: int, rng: np.random.Generator) -> Setting:
    """Make a key popular that is slow to read; its copy in the cache ends for all at once."""
    hot = replace(
        setting,
        changes_s=float(at_s),
        hot_key=KEYS - 1,
        hot_share=rng.uniform(0.14, 0.18),
        hot_cost=rng.uniform(28.0, 40.0),
    )
    hot = hot.with_part("cache", ttl_s=20.0).with_part("guards", ttl_jitter=0.0)
    return hot.with_part("database", cores=3)


def cache_flush(setting: Setting, at_s: int, rng: np.random.Generator) -> Setting:
    """Everything in the cache is gone, and the database cannot answer all that misses."""
    demand = replace(setting.system.demand, zipf_exponent=1.1)
    flushed = replace(setting, system=replace(setting.system, demand=demand))
    flushed = flushed.with_part("database", read_s=0.0085).with_part("clients", retries=3)
    return _with_fault(flushed, Fault(kind="cache flush", at_s=at_s))


def hot_shard(setting: Setting, at_s: int, rng: np.random.Generator) -> Setting:
    """One of four shards owns the key that everybody writes to."""
    hot = setting.with_part("database", shards=4, replicas=1, cores=1)
    return replace(hot, changes_s=float(at_s), hot_share=rng.uniform(0.12, 0.16), hot_writes=0.9)


def replica_lag(setting: Setting, at_s: int, rng: np.random.Generator) -> Setting:
    """More writes than one replica can replay, one after the other."""
    slow = setting.with_part("database", apply_s=0.004, cores=4)
    return replace(slow, changes_s=float(at_s), write_share=rng.uniform(0.2, 0.24))


def flapping(setting: Setting, at_s: int, rng: np.random.Generator) -> Setting:
    """Let an autoscaler decide whose two thresholds lie too close together for its step."""
    rates = setting.rates_per_s * np.where(np.arange(len(setting.rates_per_s)) < at_s, 0.86, 1.25)
    scaler = Autoscaler(
        every_s=10,
        high=0.62,
        low=0.50,
        add=3,
        remove=3,
        cooldown_s=0.0,
        startup_s=15.0,
        min_servers=5,
        max_servers=12,
    )
    return replace(setting, rates_per_s=rates, autoscaler=scaler).with_part("app", servers=5)


def connection_leak(setting: Setting, at_s: int, rng: np.random.Generator) -> Setting:
    """Do not give back one or two connections of a thousand."""
    size = rng.uniform(0.0012, 0.002)
    return _with_fault(setting, Fault(kind="connection leak", at_s=at_s, size=size))


def sinkhole(setting: Setting, at_s: int, rng: np.random.Generator) -> Setting:
    """Break a server: it answers with errors at once, and so always has the fewest requests."""
    server = int(rng.integers(setting.system.app.servers))
    broken = _with_fault(setting, Fault(kind="server errors", at_s=at_s, target=server))
    return broken.with_part("clients", retries=1)


def reconnect(setting: Setting, at_s: int, rng: np.random.Generator) -> Setting:
    """All connections are lost at once, and opening one is work for the database."""
    lost = _with_fault(setting, Fault(kind="connections lost", at_s=at_s))
    lost = lost.with_part("guards", connect_s=0.06, keeps_connection=False)
    return lost.with_part("database", connections=40)


INCIDENTS: dict[str, Change] = {
    "retry storm": retry_storm,
    "cache stampede": cache_stampede,
    "metastable cache flush": cache_flush,
    "hot shard": hot_shard,
    "replica lag": replica_lag,
    "autoscaler flapping": flapping,
    "connection leak": connection_leak,
    "sinkhole": sinkhole,
    "thundering reconnect": reconnect,
    "calm": calm,
}
HERRINGS = ("a fifth more traffic", "a slow replica", "a failing deploy", "a cache restart")


def setting_of(name: str, seed: int, seconds: int = SECONDS) -> tuple[Setting, int, str, int]:
    """Draw an incident: the setting, when it begins, its red herring, and when that comes."""
    rng = np.random.default_rng([seed, list(INCIDENTS).index(name)])
    at_s, base_per_s = int(rng.uniform(80, 110)), 1_400 * rng.uniform(0.9, 1.1)
    calm_one = Setting(seed=seed, rates_per_s=np.full(seconds, base_per_s))
    setting = INCIDENTS[name](calm_one, at_s, rng)
    herring = HERRINGS[int(rng.integers(len(HERRINGS)))]
    if herring == "a cache restart" and name == "metastable cache flush":
        herring = "a fifth more traffic"
    if herring == "a failing deploy" and name == "sinkhole":
        herring = "a slow replica"
    begins_s = int(rng.uniform(30, 60))
    if herring != "a cache restart" and rng.random() < 0.5:
        begins_s = at_s + int(rng.uniform(5, 40))
    return _distracted(setting, herring, begins_s), at_s, herring, begins_s


def _distracted(setting: Setting, herring: str, at_s: int) -> Setting:
    if herring == "a fifth more traffic":
        rates = setting.rates_per_s.copy()
        rates[at_s : at_s + 25] *= 1.2
        return replace(setting, rates_per_s=rates)
    if herring == "a slow replica":
        slow = Fault(kind="slow node", at_s=at_s, until_s=at_s + 5, target=1, size=1.6)
        return _with_fault(setting, slow)
    if herring == "a failing deploy":
        return _with_fault(setting, Fault(kind="server errors", at_s=at_s, until_s=at_s + 2))
    return _with_fault(setting, Fault(kind="cache flush", at_s=at_s))


def _with_fault(setting: Setting, fault: Fault) -> Setting:
    return replace(setting, faults=(*setting.faults, fault))
