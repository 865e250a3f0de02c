"""One answer for a whole system: tiers, latency, staleness, losses, dollars, bottleneck."""

from __future__ import annotations

from dataclasses import dataclass, replace

from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models.system_parts import System
from scalelab.planner.autoscaled_fleet import (
    Autoscaler,
    SuddenRise,
    autoscaled_usd,
    check_autoscaler,
    servers_for,
    sudden_rise,
    with_servers,
)
from scalelab.planner.client_retries import (
    AfterDisturbance,
    Clients,
    after_disturbance,
    check_clients,
)
from scalelab.planner.next_remedy import Remedy, next_remedy
from scalelab.planner.one_failure import (
    AfterLoss,
    Recovery,
    after_each_loss,
    answered_without_server,
)
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_day import Day, plan_day
from scalelab.planner.system_flows import check_system
from scalelab.planner.system_latency import SystemLatency, system_latency
from scalelab.planner.system_lines import SystemLines
from scalelab.planner.system_loads import TIERS
from scalelab.planner.system_prices import Prices, check_prices, monthly_usd
from scalelab.planner.system_solved import solved_system
from scalelab.planner.system_staleness import system_staleness
from scalelab.planner.valid_range import MOST_BUSY, fleet_errors, known_errors


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
        In the order in which a request comes to them, at the rate of the demand.
    p50_s, p99_s, mean_s : float
        Latency over all requests, at the rate of the demand, while it is calm.
    day : Day or None
        The hours of the day and the latency over it; None where only a rate is known.
    rise : SuddenRise or None
        What a rise does that is faster than servers start, in the hour that it harms most; None
        without an autoscaler.
    disturbance : AfterDisturbance or None
        What retries make of a disturbance; None where clients do not try again.
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
        Price of what runs, of an autoscaled fleet by the hour.
    bottleneck : str
        Tier that reaches its bound first when the demand grows, with as many servers as may be.
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
    day: Day | None
    rise: SuddenRise | None
    disturbance: AfterDisturbance | None
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
    clients: Clients | None = None,
    rates_per_s: ArrayLike | None = None,
    autoscaler: Autoscaler | None = None,
) -> Answer:
    """Say how a system does, from closed forms, within the range where they were found right.

    Parameters
    ----------
    system : System
        The demand, at its peak, and all that serves it.
    prices : Prices or None
        None for the usual ones.
    menu : RemedyMenu or None
        What may be done to it; None for the usual menu.
    recovery : Recovery or None
        How long repairs take; None for the usual times.
    clients : Clients or None
        What they do; None if they do not try again.
    rates_per_s : array_like, shape (hours,), or None
        Rate of each hour of a day, > 0; None for the demand's rate all the time.
    autoscaler : Autoscaler or None
        What sets the number of app servers, so that the system's own does not matter; None if that
        stays.

    Returns
    -------
    Answer

    Raises
    ------
    OutsideRangeError
        A tier cannot carry the load, or the models are not known to be right there.

    Notes
    -----
    Poisson arrivals at a constant rate; a day is the mixture of its hours (`plan_day`).
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
    price, who = check_prices(name, prices), check_clients(name, clients)
    system, most = _at_peak_and_most(system, autoscaler)
    flows, loads, lines = solved_system(system)
    latency = system_latency(system, flows, lines)
    lost = after_each_loss(system, flows, recovery)
    times = Recovery() if recovery is None else recovery
    seen = system_staleness(system, flows, lines, backup_every_s=times.backup_every_s)
    day = None
    if rates_per_s is not None:
        day = plan_day(system, rates_per_s, autoscaler, flows)
    usd, rise, busiest = monthly_usd(system, price), None, loads
    notes: tuple[str, ...] = ()
    if autoscaler is not None:
        day = plan_day(system, [system.demand.rate_per_s], autoscaler) if day is None else day
        hours = [(hour.rate_per_s, hour.utilisation) for hour in day.hours]
        usd = autoscaled_usd(system, [rate for rate, _ in hours], autoscaler, price)
        rise = _worst_rise(system, autoscaler, day, who)
        lost = _with_new_servers(system, autoscaler, day, lost)
        busiest = loads | {"app": max(busy for _, busy in hours)}
        notes = fleet_errors(system, autoscaler, hours, rise)
    after = after_disturbance(system, busiest, who)
    notes = (*known_errors(system, loads, correlated=who.correlated_work, after=after), *notes)
    bottleneck, headroom = _first_full(loads, system.app.servers / most.app.servers)
    return Answer(
        tiers=_tiers(loads, latency, lines),
        p50_s=float(latency.whole.quantile(0.5)),
        p99_s=float(latency.whole.quantile(0.99)),
        mean_s=latency.whole.mean_s,
        day=day,
        rise=rise,
        disturbance=after,
        hit_ratio=flows.hit_ratio,
        stale_share=seen.stale_share,
        lag_s=seen.lag_s,
        writes_at_risk=seen.writes_at_risk,
        after_loss=lost,
        usd_per_month=usd,
        bottleneck=bottleneck,
        headroom=headroom,
        phase=phase_of(most, autoscaled=autoscaler is not None),
        next_remedy=next_remedy(most, price, menu, autoscaler=autoscaler, rates_per_s=rates_per_s),
        notes=notes,
    )


def phase_of(system: System, *, autoscaled: bool = False) -> tuple[str, ...]:
    """Name what of the guide's path is in a system, in the guide's order."""
    v.truth("phase_of", "autoscaled", autoscaled)
    check_system("phase_of", system)
    database = system.database
    there = {
        "one server": system.app.servers == 1,
        "several servers": system.app.servers > 1,
        "session store": system.sessions is not None,
        "autoscaler": autoscaled,
        "cache": system.cache is not None,
        "read replicas": database.replicas > 0,
        "shards": database.shards > 1,
    }
    return tuple(part for part, is_there in there.items() if is_there)


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


def _at_peak_and_most(system: System, autoscaler: Autoscaler | None) -> tuple[System, System]:
    """Return a system with the servers of its peak, and with the most that it may have."""
    if autoscaler is None:
        return system, system
    check_autoscaler("plan_system", autoscaler)
    at_peak = servers_for(autoscaler, system.app, [system.demand.rate_per_s])
    return with_servers(system, int(at_peak[0])), with_servers(system, autoscaler.max_servers)


def _first_full(loads: dict[str, float], few: float) -> tuple[str, float]:
    """Return what is full first with all servers, of which so few run, and by which growth."""
    grown = {tier: busy * (few if tier in ("app", "pool") else 1) for tier, busy in loads.items()}
    tier = max(grown, key=lambda tier: grown[tier] / MOST_BUSY[tier])
    return tier, MOST_BUSY[tier] / grown[tier]


def _worst_rise(system: System, autoscaler: Autoscaler, day: Day, clients: Clients) -> SuddenRise:
    """Let the load rise in each hour, and return what harms most."""
    hours = {(hour.rate_per_s, hour.servers) for hour in day.hours}
    rises = [sudden_rise(autoscaler, system.app, *hour, clients) for hour in sorted(hours)]
    return max(rises, key=lambda rise: (rise.lasts_s, -rise.carried_times))


def _with_new_servers(
    system: System, autoscaler: Autoscaler, day: Day, after: tuple[AfterLoss, ...]
) -> tuple[AfterLoss, ...]:
    """Say of a lost server what its worst hour is, until the autoscaler has started another."""
    share = min(
        answered_without_server(
            with_servers(replace(system, demand=replace(system.demand, rate_per_s=rate)), servers)
        )
        for rate, servers in {(hour.rate_per_s, hour.servers) for hour in day.hours}
    )
    lost, for_s = "app server", autoscaler.reaction_s
    return tuple(
        replace(loss, answered_share=share, for_s=for_s) if loss.part == lost else loss
        for loss in after
    )
