"""Marks of a week: who was served, how fast, how fresh, what was lost, and for how much."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.course.chapters.capstone.own import NO_CODE, OwnCode, by_writes_behind
from scalelab.course.chapters.capstone.plan import (
    PRICES,
    ShopPlan,
    fleet_of,
    gateway_of,
    policy_of,
    schedule_of,
    system_of,
    usd_a_month,
)
from scalelab.course.chapters.capstone.weeks import Week
from scalelab.models._mmc import UnstableQueueError
from scalelab.models.hit_ratio_by_key import hit_ratio_by_key
from scalelab.models.lag_laws import LogNormalLag
from scalelab.models.latency_grid import GridLatency, LatencyGrid, mixture
from scalelab.models.mgc_wait import WaitLaw
from scalelab.models.replication import lost_writes
from scalelab.models.stale_reads import stale_share_at_replica, stale_share_behind_cache
from scalelab.models.system_parts import System
from scalelab.models.write_latency import kth_latency_percentile_s, kth_latency_tail
from scalelab.planner.system_flows import SystemFlows
from scalelab.planner.system_latency import system_latency
from scalelab.planner.system_lines import system_lines
from scalelab.planner.system_prices import Prices
from scalelab.sim.week import WeekRun, simulate_week

LIMIT_S = 0.25
WAIT_S = 0.6 * LIMIT_S  # in a line, after which the rest of the way makes it too slow
BACKUP_EVERY_S = 300.0
ACKNOWLEDGED = LogNormalLag(median_s=0.020, log_sd=1.0)  # of one replica, in another building
GRID = LatencyGrid(longest_s=1.0, points=512)
LOAD_STEPS, HIT_STEPS, ROUTED_STEPS, MOST_LOAD = 25, 20, 10, 0.98
RATES, LAGS_S = np.geomspace(100, 12_000, 8), np.geomspace(0.005, 3_600, 28)
GROUPS = 120  # of keys of nearly one popularity


@dataclass(frozen=True, kw_only=True)
class Marks:
    """Marks of one week.

    Parameters
    ----------
    available : float
        Share of the requests that were answered at their first attempt, in time.
    slow : float
        Share that took longer than 250 ms; who got no answer counts as slow.
    stale : float
        Share of the reads that missed a write which was committed before.
    lost : float
        Acknowledged writes that went with the primary.
    usd : float
        Dollars a month.
    """

    available: float
    slow: float
    stale: float
    lost: float
    usd: float


@dataclass(frozen=True, kw_only=True)
class _Acknowledgement:
    """Wait for the k-th fastest of n replicas: a law."""

    needed: int
    replicas: int

    def tail(self, t_s: ArrayLike) -> float | v.FloatArray:
        return kth_latency_tail(ACKNOWLEDGED, t_s, self.needed, self.replicas)

    def quantile(self, q: ArrayLike) -> float | v.FloatArray:
        return kth_latency_percentile_s(ACKNOWLEDGED, q, self.needed, self.replicas)

    @property
    def mean_s(self) -> float:
        return ACKNOWLEDGED.mean_s


@lru_cache(maxsize=200_000)
def slow_and_late(
    system: System,
    servers: int,
    load: float,
    hit: float,
    there: int,
    shed_s: float | None,
    routed: float = 0.0,
) -> tuple[float, float]:
    """Share above the limit, and share that waits longer than is allowed, in a steady state.

    `load` is that of the servers; `there` are the replicas that are up; `routed` is the share of
    the misses that a router sends to the primary although they are. Where a node of the database
    cannot do it, all that comes to it counts as slow.
    """
    demand, database = system.demand, system.database
    rate = load * servers * system.app.cores / system.app.app_s
    reads, writes = rate * (1 - demand.write_share), rate * demand.write_share
    now = replace(
        system,
        demand=replace(demand, rate_per_s=rate),
        app=replace(system.app, servers=servers),
        database=replace(database, replicas=there, sync_replicas=0),
    )
    shares = {"hit": reads * hit, "miss": reads * (1 - hit) * (1 - routed), "write": writes}
    try:
        kinds, waits = _kinds(now, rate, hit, 1 - routed)
        if routed and now.cache is not None:
            to_primary = replace(now, cache=replace(now.cache, fill="primary"))
            others, _ = _kinds(to_primary, rate, hit, routed)
            # the line at the primary is that of its reads and of all writes
            kinds |= {name: others[name] for name in ("write",) if name in others}
            kinds |= {"routed": others["miss"]} if "miss" in others else {}
            shares["routed"] = reads * (1 - hit) * routed
    except UnstableQueueError:
        return 1 - shares["hit"] / rate, 0.0
    if "write" in kinds and 0 < database.sync_replicas <= there:
        law = _Acknowledgement(needed=database.sync_replicas, replicas=there)
        kinds["write"] = kinds["write"].then(GRID.law(law))
    whole = mixture(list(kinds.values()), [shares[kind] for kind in kinds])
    late = 0.0 if shed_s is None else float(waits.tail(shed_s))
    return float(whole.tail(LIMIT_S)), late


def _kinds(
    system: System, rate: float, hit: float, missed: float
) -> tuple[dict[str, GridLatency], WaitLaw]:
    """Return latencies by kind, and the wait for a server, if a part of the misses comes."""
    shards = np.full(system.database.shards, 1 / system.database.shards)
    writes = rate * system.demand.write_share
    reads = rate - writes
    flows = SystemFlows(
        hit_ratio=hit,
        misses_per_s=reads * (1 - hit) * missed * shards,
        shard_writes_per_s=writes * shards,
    )
    lines = system_lines(system, flows)
    return system_latency(system, flows, lines, GRID).kinds, lines.app


def slow_shares(plan: ShopPlan, run: WeekRun) -> tuple[v.FloatArray, v.FloatArray]:
    """Shares of each tick that were slow, and that got no answer, shape (ticks,) each.

    Ticks in nearly the same state are worked out once.
    """
    system, fleet = system_of(plan), run.fleet
    served = fleet.demand - fleet.dropped
    able = fleet.running * fleet.fleet.rate_per_s * fleet.fleet.tick_s
    load = np.clip(np.round(served / able * LOAD_STEPS), 1, LOAD_STEPS).astype(np.int64)
    hit = np.round(run.hit_ratio * HIT_STEPS).astype(np.int64)
    by_router = run.at_primary if system.reads_at_replica else np.zeros(load.size)
    by_router = np.where(run.replicas > 0, by_router, 0.0)
    routed = np.round(by_router * ROUTED_STEPS).astype(np.int64)
    shape = (
        int(fleet.running.max()) + 1, LOAD_STEPS + 1, HIT_STEPS + 1, plan.replicas + 1,
        ROUTED_STEPS + 1,
    )  # fmt: skip
    codes = np.ravel_multi_index((fleet.running, load, hit, run.replicas, routed), shape)
    different, which = np.unique(codes, return_inverse=True)
    states = zip(*np.unravel_index(different, shape), strict=True)
    found = np.array(
        [
            slow_and_late(
                system,
                int(n),
                min(int(u) / LOAD_STEPS, MOST_LOAD),
                int(h) / HIT_STEPS,
                int(up),
                plan.shed_s,
                int(p) / ROUTED_STEPS,
            )
            for n, u, h, up, p in states
        ]
    )[which]
    failed = 1 - (1 - run.failed) * (1 - found[:, 1])
    write_share = system.demand.write_share
    slow = np.maximum(found[:, 0], _share_above(run.wait_s, WAIT_S))
    misses = (1 - write_share) * (1 - run.hit_ratio)
    waits = misses * (1 - by_router) * _share_above(run.read_line_s, WAIT_S)
    waits += (write_share + misses * by_router) * _share_above(run.write_line_s, WAIT_S)
    return failed + (1 - failed) * np.maximum(slow, waits), failed


def _share_above(line_s: v.FloatArray, limit_s: float) -> v.FloatArray:
    """Share of each tick in which a line is too long, if it grows or shrinks evenly."""
    before = np.concatenate([[0.0], line_s[:-1]])
    low, high = np.minimum(before, line_s), np.maximum(before, line_s)
    return np.where(low > limit_s, 1.0, np.clip((high - limit_s) / (high - low + 1e-12), 0, 1))


def stale_shares(plan: ShopPlan, run: WeekRun, code: OwnCode = NO_CODE) -> v.FloatArray:
    """Share of the reads of each tick that are stale, shape (ticks,)."""
    table = _stale(system_of(plan))
    if table is None:
        return np.zeros(run.lag_s.size)
    x = np.interp(np.log(np.maximum(run.rate_per_s, 1)), np.log(RATES), np.arange(RATES.size))
    y = np.interp(np.log(np.maximum(run.lag_s, 1e-9)), np.log(LAGS_S), np.arange(LAGS_S.size))
    i = np.minimum(x.astype(np.int64), RATES.size - 2)
    j = np.minimum(y.astype(np.int64), LAGS_S.size - 2)
    a, b = x - i, y - j
    below = (1 - b) * table[i, j] + b * table[i, j + 1]
    above = (1 - b) * table[i + 1, j] + b * table[i + 1, j + 1]
    stale = np.where(run.replicas > 0, (1 - a) * below + a * above, 0.0)
    if code.router is None:
        return stale
    behind = run.lag_s * run.rate_per_s * system_of(plan).demand.write_share
    return stale * by_writes_behind(code.router.still_stale, behind)


@lru_cache(maxsize=64)
def _stale(system: System) -> v.FloatArray | None:
    """Stale share by rate and lag; None where no read comes to a replica."""
    if not system.reads_at_replica:
        return None
    demand, database, cache = system.demand, system.database, system.cache
    share = demand.popularity()
    edges = np.geomspace(share[-1] * (1 - 1e-9), share[0] * (1 + 1e-9), GROUPS + 1)
    count, _ = np.histogram(share, edges)
    weight, _ = np.histogram(share, edges, weights=share)
    weight, count = weight[count > 0], count[count > 0]
    fill_s = database.rtt_s / 2 + database.read_s
    table = np.zeros((RATES.size, LAGS_S.size))
    for i, rate in enumerate(RATES):
        reads = rate * (1 - demand.write_share) * weight / count
        writes = rate * demand.write_share * weight / count
        kept_s = None
        if cache is not None:
            every = rate * (1 - demand.write_share) * share
            kept_s = hit_ratio_by_key(every, every * 0, cache.capacity).kept_s
        for j, lag_s in enumerate(LAGS_S):
            replay_s = max(lag_s - database.delay_s, 1e-4)
            if cache is None:
                late = stale_share_at_replica(writes, database.delay_s, replay_s)
            else:
                late = stale_share_behind_cache(
                    reads, writes, database.delay_s, replay_s,
                    kept_s=kept_s, ttl_s=cache.ttl_s, fill_s=fill_s, seen_s=fill_s,
                )  # fmt: skip
            table[i, j] = weight @ late
    return table


def lost_with_the_primary(plan: ShopPlan, week: Week, run: WeekRun) -> float:
    """Acknowledged writes that nobody has when the primary is gone."""
    if week.faults.primary_lost_s is None:
        return 0.0
    # the tick before: in its own the replica has already become the primary
    tick = max(0, int(week.faults.primary_lost_s / week.tick_s) - 1)
    there = int(run.replicas[tick])
    writes_per_s = float(run.rate_per_s[tick]) * system_of(plan).demand.write_share
    # a replica that is left has all that was acknowledged: while too few are there nobody can write
    if (plan.sync_replicas and there) or not writes_per_s:
        return 0.0
    behind_s = float(run.lag_s[tick]) if there else BACKUP_EVERY_S / 2
    return float(lost_writes(behind_s, writes_per_s))


def run_week(plan: ShopPlan, week: Week, code: OwnCode = NO_CODE) -> WeekRun:
    """Run a plan through a week, as it is or with code of the learner's own."""
    return simulate_week(
        system_of(plan),
        fleet_of(plan, week.tick_s),
        week.rate_per_s,
        code.make_policy() if code.make_policy else policy_of(plan),
        at_least=schedule_of(plan, week),
        gateway=gateway_of(plan),
        faults=week.faults,
        routed=code.router.routed if code.router else (0.0,),
    )


def marks_of(plan: ShopPlan, week: Week, code: OwnCode = NO_CODE, prices: Prices = PRICES) -> Marks:
    """Give a plan its marks for a week; a cache of one's own is paid by its own entries."""
    paid, plan = plan, plan if code.cache is None else replace(plan, cache=code.cache.like_lru_of)
    run = run_week(plan, week, code)
    slow, failed = slow_shares(plan, run)
    rate = run.rate_per_s / run.rate_per_s.sum()
    servers = run.fleet.instance_hours / (rate.size * week.tick_s / 3_600)
    return Marks(
        available=1 - float(failed @ rate),
        slow=float(slow @ rate),
        stale=float(stale_shares(plan, run, code) @ rate),
        lost=lost_with_the_primary(plan, week, run),
        usd=usd_a_month(paid, servers, prices),
    )
