"""The shop that the incidents happen to, and how one run of it is set."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.models.system_parts import AppTier, Cache, Database, Demand, System
from scalelab.sim.system import RequestTrace, SystemRun, draw_requests, simulate_system
from scalelab.sim.system_needs import Autoscaler, Clients, Fault, Guards

KEYS = 50_000
SECONDS = 240
SHOP = System(
    demand=Demand(rate_per_s=1_400.0, write_share=0.06, keys=KEYS, work_scv=0.2),
    app=AppTier(servers=6, cores=4, app_s=0.008, routing="fewest outstanding"),
    database=Database(replicas=2, cores=2, apply_s=0.002, connections=8),
    cache=Cache(capacity=20_000, ttl_s=60.0),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """Everything about one run. A fix is a function from a setting to another one.

    From `changes_s` on, a share `hot_share` of all requests asks for `hot_key`, and `write_share`
    of the others write. Reading the hot key is `hot_cost` times the work of another read.
    """

    seed: int
    rates_per_s: v.FloatArray
    system: System = SHOP
    clients: Clients = field(default_factory=lambda: Clients(timeout_s=0.5, retries=2))
    guards: Guards = field(default_factory=lambda: Guards(ttl_jitter=0.5, keeps_connection=True))
    faults: tuple[Fault, ...] = ()
    autoscaler: Autoscaler | None = None
    changes_s: float = np.inf
    hot_share: float = 0.0
    hot_key: int = 0
    hot_cost: float = 1.0
    hot_writes: float = 0.0
    write_share: float | None = None

    def with_part(self, part: str, **changes: Any) -> Setting:
        """Return a setting of which one part of the system, or what is in need, is changed."""
        if part in ("clients", "guards", "autoscaler"):
            return replace(self, **{part: replace(getattr(self, part), **changes)})
        changed = replace(getattr(self.system, part), **changes)
        return replace(self, system=replace(self.system, **{part: changed}))


def trace_of(setting: Setting, rng: np.random.Generator) -> RequestTrace:
    """Return the requests: those of the demand, and from the change on the hot ones."""
    rates = setting.rates_per_s
    drawn = draw_requests(setting.system, rates, len(rates), rng=rng)
    late = drawn.arrive_s >= setting.changes_s
    hot = late & (rng.random(late.size) < setting.hot_share)
    coin = rng.random(late.size)
    usual = setting.system.demand.write_share
    share = np.where(late, usual if setting.write_share is None else setting.write_share, usual)
    return RequestTrace(
        arrive_s=drawn.arrive_s,
        keys=np.where(hot, setting.hot_key, drawn.keys),
        writes=coin < np.where(hot, setting.hot_writes, share),
    )


def run_of(setting: Setting) -> SystemRun:
    """Run it; the same setting gives the same run."""
    rng = np.random.default_rng([setting.seed, 12])
    cost = np.ones(KEYS)
    cost[setting.hot_key] = setting.hot_cost
    return simulate_system(
        setting.system,
        len(setting.rates_per_s),
        trace=trace_of(setting, rng),
        clients=setting.clients,
        guards=setting.guards,
        faults=setting.faults,
        autoscaler=setting.autoscaler,
        read_cost=cost,
        warm=True,
        rng=rng,
    )
