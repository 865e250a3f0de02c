"""How long requests of a system take: each kind a sum of distributions, all kinds a mixture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scalelab import _validate as v
from scalelab.models.lag_laws import LagLaw, law_with_scv
from scalelab.models.latency_grid import GridLatency, LatencyGrid, mixture
from scalelab.models.mgc_wait import WaitLaw
from scalelab.models.system_parts import System
from scalelab.planner.system_flows import SystemFlows
from scalelab.planner.system_lines import SystemLines
from scalelab.planner.system_loads import acknowledged_s


@dataclass(frozen=True, eq=False)
class SystemLatency:
    """Latencies of a system, on one grid.

    Parameters
    ----------
    whole : GridLatency
        Of all requests.
    kinds : dict of str to GridLatency
        Of a "hit", a "miss" and a "write", as far as they come.
    tiers : dict of str to GridLatency
        Wait and work at each tier that a request comes to.
    """

    whole: GridLatency
    kinds: dict[str, GridLatency]
    tiers: dict[str, GridLatency]


def system_latency(
    system: System, flows: SystemFlows, lines: SystemLines, grid: LatencyGrid | None = None
) -> SystemLatency:
    """Add up the latency of each kind of request, and mix the kinds.

    Parameters
    ----------
    system : System
        What is there.
    flows, lines : SystemFlows, SystemLines
        Its rates and its waits.
    grid : LatencyGrid or None
        Where the latencies lie; None for one that is long enough.

    Returns
    -------
    SystemLatency

    Notes
    -----
    A request waits in the common line of a tier and then takes its own time. Shards differ in
    their waits only, so that these are mixed before anything is added up.
    """
    grid = LatencyGrid(longest_s=longest_latency_s(system, lines)) if grid is None else grid
    demand, database = system.demand, system.database

    def stage(waits: tuple[WaitLaw, ...], rates: v.FloatArray, work_s: float) -> GridLatency:
        wait = mixture([grid.law(law) for law in waits], rates)
        return wait.then(_work(grid, work_s, demand.work_scv))

    one = np.ones(1)
    tiers = {"app": stage((lines.app,), one, system.app.app_s)}
    front = tiers["app"]
    if system.sessions is not None:
        tiers["sessions"] = stage((lines.sessions,), one, system.sessions.visit_s)
        front = front.then(tiers["sessions"]).later(system.sessions.rtt_s)
    tiers["pool"] = grid.law(lines.pool)
    behind = front.then(tiers["pool"]).later(database.rtt_s)
    looked_s = system.cache.lookup_s if system.cache is not None else 0.0
    misses, writes = float(flows.misses_per_s.sum()), float(flows.shard_writes_per_s.sum())
    hits = demand.rate_per_s * (1 - demand.write_share) * flows.hit_ratio
    kinds, shares = {}, []
    if hits:
        kinds["hit"] = front.later(looked_s)
        shares.append(hits)
    if misses:
        name = "replica" if system.reads_at_replica else "primary"
        tiers[name] = stage(lines.reads, flows.misses_per_s, database.read_s)
        kinds["miss"] = behind.then(tiers[name]).later(looked_s)
        shares.append(misses)
    if writes:
        written = stage(lines.writes, flows.shard_writes_per_s, database.write_s)
        tiers["primary"] = _primary(tiers.get("primary"), misses, written, writes)
        kinds["write"] = behind.then(written).later(acknowledged_s(system))
        shares.append(writes)
    return SystemLatency(mixture(list(kinds.values()), shares), kinds, tiers)


@lru_cache(maxsize=16)  # the same in every hour of a day
def _work(grid: LatencyGrid, work_s: float, scv: float) -> GridLatency:
    return grid.law(law_with_scv(work_s, scv))


def _primary(
    reads: GridLatency | None, misses: float, written: GridLatency, writes: float
) -> GridLatency:
    return written if reads is None else mixture([reads, written], [misses, writes])


def longest_latency_s(system: System, lines: SystemLines) -> float:
    """Return seconds that all but a few in a hundred thousand requests stay below."""
    database, store, scv = system.database, system.sessions, system.demand.work_scv
    works: list[float] = [system.app.app_s, max(database.read_s, database.write_s)]
    waits: list[LagLaw] = [lines.app, lines.pool, *lines.reads, *lines.writes]
    if store is not None:
        works.append(store.visit_s)
        waits.append(lines.sessions)
    laws = [law_with_scv(work, scv) for work in works]
    # the longest of them says where the tail ends, the means of all where it begins
    longest = max(float(law.quantile(1 - 1e-5)) for law in [*laws, *waits])
    means = sum(law.mean_s for law in laws) + sum(wait.mean_s for wait in waits[:2])
    constant = database.rtt_s + acknowledged_s(system) + (store.rtt_s if store else 0.0)
    constant += system.cache.lookup_s if system.cache is not None else 0.0
    return 1.3 * longest + 4 * means + constant
