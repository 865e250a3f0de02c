"""One answer for a whole system: tiers, latency, staleness, losses, dollars, bottleneck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models.erlang import UnstableQueueError
from scalelab.models.latency_grid import LatencyGrid, mixture
from scalelab.models.system_parts import System
from scalelab.planner.next_remedy import Remedy, next_remedy
from scalelab.planner.one_failure import AfterLoss, Recovery, after_each_loss
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_flows import SystemFlows, check_system, system_flows
from scalelab.planner.system_latency import SystemLatency, system_latency
from scalelab.planner.system_lines import SystemLines, system_lines
from scalelab.planner.system_loads import TIERS, system_loads
from scalelab.planner.system_prices import Prices, check_prices, monthly_usd
from scalelab.planner.system_staleness import system_staleness
from scalelab.planner.valid_range import MOST_BUSY, known_errors, refuse_outside


@dataclass(frozen=True, kw_only=True)
class TierAnswer:
    """What is said of one tier.

    Parameters
    ----------
    tier : str
        "app", "sessions", "pool", "primary", "replica" or "replay".
    utilisation : float
        Share of time that its fullest node is busy.
    most_busy : float
        Up to where the answer is known to be right.
    mean_s, p99_s : float
        Wait and work of a request there. Replay has only the mean, 0 otherwise.
    """

    tier: str
    utilisation: float
    most_busy: float
    mean_s: float
    p99_s: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the planner says of a system.

    Parameters
    ----------
    tiers : tuple of TierAnswer
        In the order in which a request comes to them.
    p50_s, p99_s, mean_s : float
        Latency over all requests.
    hit_ratio : float
        Share of reads that the cache answers.
    stale_share : float
        Share of reads that miss a write committed before.
    lag_s : float
        Mean lag of the replicas that are furthest behind.
    writes_at_risk : float
        Acknowledged writes that the loss of the fullest primary takes.
    after_loss : tuple of AfterLoss
        What each loss leaves.
    usd_per_month : float
        Price of what runs.
    bottleneck : str
        Tier that reaches its bound first when the demand grows.
    headroom : float
        By which factor the demand can grow until then.
    phase : tuple of str
        What of the guide's path is in the system.
    next_remedy : Remedy or None
        The cheapest change after which it carries half as much again.
    notes : tuple of str
        What shifts these numbers, with its direction.
    """

    tiers: tuple[TierAnswer, ...]
    p50_s: float
    p99_s: float
    mean_s: float
    hit_ratio: float
    stale_share: float
    lag_s: float
    writes_at_risk: float
    after_loss: tuple[AfterLoss, ...]
    usd_per_month: float
    bottleneck: str
    headroom: float
    phase: tuple[str, ...]
    next_remedy: Remedy | None
    notes: tuple[str, ...]


def plan_system(
    system: System,
    prices: Prices | None = None,
    menu: RemedyMenu | None = None,
    *,
    recovery: Recovery | None = None,
    correlated_work: bool = False,
    retries: int = 0,
) -> Answer:
    """Say how a system does, from closed forms, within the range where they were found right.

    Parameters
    ----------
    system : System
        The demand and all that serves it.
    prices : Prices or None
        None for the usual ones.
    menu : RemedyMenu or None
        What may be done to it; None for the usual menu.
    recovery : Recovery or None
        How long repairs take; None for the usual times.
    correlated_work : bool
        Whether a request that is long at one tier is long at the others, too.
    retries : int
        How often a client tries again after a timeout, >= 0.

    Returns
    -------
    Answer

    Raises
    ------
    OutsideRangeError
        A tier cannot carry the load, or the models are not known to be right there.

    Notes
    -----
    Poisson arrivals at a constant rate; a day is the mixture of its hours (`day_percentiles_s`).
    In the comparison with an event-by-event simulation of the same systems p50 and p99 are within
    5 %.

    Examples
    --------
    >>> from scalelab.models.system_parts import Cache, Demand
    >>> system = System(demand=Demand(rate_per_s=550.0), cache=Cache(capacity=20_000))
    >>> answer = plan_system(system)
    >>> answer.bottleneck, round(1e3 * answer.p50_s, 1), round(1e3 * answer.p99_s, 1)
    ('app', 13.4, 58.3)
    """
    name = "plan_system"
    check_system(name, system)
    price = check_prices(name, prices)
    flows, loads, lines = _solved(system)
    latency = system_latency(system, flows, lines)
    after = after_each_loss(system, flows, recovery)
    times = Recovery() if recovery is None else recovery
    seen = system_staleness(system, flows, lines, backup_every_s=times.backup_every_s)
    bottleneck = max(loads, key=lambda tier: loads[tier] / MOST_BUSY[tier])
    return Answer(
        tiers=_tiers(loads, latency, lines),
        p50_s=float(latency.whole.quantile(0.5)),
        p99_s=float(latency.whole.quantile(0.99)),
        mean_s=latency.whole.mean_s,
        hit_ratio=flows.hit_ratio,
        stale_share=seen.stale_share,
        lag_s=seen.lag_s,
        writes_at_risk=seen.writes_at_risk,
        after_loss=after,
        usd_per_month=monthly_usd(system, price),
        bottleneck=bottleneck,
        headroom=MOST_BUSY[bottleneck] / loads[bottleneck],
        phase=phase_of(system),
        next_remedy=next_remedy(system, price, menu),
        notes=known_errors(system, loads, correlated_work=correlated_work, retries=retries),
    )


def day_percentiles_s(
    system: System, rates_per_s: ArrayLike, q: Sequence[float] = (0.5, 0.99)
) -> v.FloatArray:
    """Percentiles of the latency over a day whose rate changes: its hours mixed by requests.

    Parameters
    ----------
    system : System
        What is there; its own rate does not matter.
    rates_per_s : array_like, shape (hours,)
        Rate of each hour, > 0.
    q : sequence of float, length n
        Shares of requests, in (0, 1).

    Returns
    -------
    ndarray, shape (n,)
        Seconds.

    Raises
    ------
    OutsideRangeError
        An hour is outside the range.

    Examples
    --------
    The mean rate of a day hides its evening:

    >>> from scalelab.models.system_parts import Cache, Demand
    >>> system = System(demand=Demand(rate_per_s=400.0), cache=Cache(capacity=20_000))
    >>> day_percentiles_s(system, [100.0, 700.0]).round(3)
    array([0.02 , 0.101])
    >>> round(plan_system(system).p99_s, 3)
    0.052
    """
    name = "day_percentiles_s"
    check_system(name, system)
    rates = v.positive(name, "rates_per_s", v.vector(name, "rates_per_s", rates_per_s))
    shares = v.open_fraction(name, "q", v.vector(name, "q", q))

    def at(rate_per_s: float, grid: LatencyGrid | None) -> SystemLatency:
        hour = replace(system, demand=replace(system.demand, rate_per_s=rate_per_s))
        flows, _, lines = _solved(hour)
        return system_latency(hour, flows, lines, grid)

    busiest = at(float(rates.max()), None).whole
    points = busiest.weights.size
    grid = LatencyGrid(longest_s=busiest.step_s * (points - 1), points=points)
    hours = {rate: at(rate, grid).whole for rate in sorted(set(rates.tolist()))}
    whole = mixture([hours[rate] for rate in rates.tolist()], rates)
    return np.asarray(whole.quantile(shares))


def phase_of(system: System) -> tuple[str, ...]:
    """Name what of the guide's path is in a system, in the guide's order."""
    check_system("phase_of", system)
    database = system.database
    there = {
        "one server": system.app.servers == 1,
        "several servers": system.app.servers > 1,
        "session store": system.sessions is not None,
        "cache": system.cache is not None,
        "read replicas": database.replicas > 0,
        "shards": database.shards > 1,
    }
    return tuple(part for part, is_there in there.items() if is_there)


def _solved(system: System) -> tuple[SystemFlows, dict[str, float], SystemLines]:
    """Return flows, loads and lines of a system within the range."""
    flows, loads, lines = _in_range(system, system_flows(system))
    if system.cache is not None and lines.reads:  # a fill waits in the line that the misses make
        waits = np.array([wait.mean_s for wait in lines.reads])
        wait_s = float(np.average(waits, weights=flows.misses_per_s + 1e-300))
        fill_s = system.database.rtt_s / 2 + system.database.read_s + wait_s + lines.pool.mean_s
        flows, loads, lines = _in_range(system, system_flows(system, fill_s=fill_s))
    return flows, loads, lines


def _in_range(
    system: System, flows: SystemFlows
) -> tuple[SystemFlows, dict[str, float], SystemLines]:
    """Return loads and lines with these flows; refuse what is outside the range."""
    loads = system_loads(system, flows)
    refuse_outside(system, loads)  # before any line is asked for that grows without bound
    try:
        lines = system_lines(system, flows)
    except UnstableQueueError:  # only replay is left: beside the reads it cannot keep up
        refuse_outside(system, loads | {"replay": 1.0})
        raise
    loads["pool"] = lines.pool_utilisation
    if "replay" in loads:
        loads["replay"] = max(r.replay_utilisation if r else 0.0 for r in lines.replays)
    refuse_outside(system, loads)
    return flows, loads, lines


def _tiers(
    loads: dict[str, float], latency: SystemLatency, lines: SystemLines
) -> tuple[TierAnswer, ...]:
    replay_s = max((replay.replay_s for replay in lines.replays if replay), default=0.0)
    found = []
    for tier in TIERS:
        if tier in loads:
            law = latency.tiers.get(tier)
            found.append(
                TierAnswer(
                    tier=tier,
                    utilisation=loads[tier],
                    most_busy=MOST_BUSY[tier],
                    mean_s=law.mean_s if law else replay_s if tier == "replay" else 0.0,
                    p99_s=float(law.quantile(0.99)) if law else 0.0,
                )
            )
    return tuple(found)
