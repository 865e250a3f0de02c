"""Where the planner's model was found right, and what it says of the rest.

The bounds are those of the comparison with the event-by-event simulation, in the book's reference
part. Beyond them an answer is refused by name, with the direction in which it would be wrong; what
only shifts it is said beside the answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from scalelab import _validate as v
from scalelab.models.system_parts import System
from scalelab.planner.autoscaled_fleet import Autoscaler, SuddenRise
from scalelab.planner.client_retries import AfterDisturbance
from scalelab.workloads.popularity import zipf_popularity

MOST_BUSY = {
    "app": 0.90,
    "sessions": 0.90,
    "pool": 0.80,
    "primary": 0.85,
    "replica": 0.85,
    "replay": 0.80,
}
MOST_SCV = 4.0
LEAST_CONNECTIONS, LEAST_PER_CORE = 4, 1.5
FEW_CORES = 4  # below, the wait for uneven or constant work is not that of exponential work, scaled
CALM = 0.6  # busier than this, nor is that for uneven work on any number of cores
MOST_SWING = 0.02  # of the load that an autoscaler measures: more, and it does not come to rest
BURST = 0.2  # reads of the hottest key while one read is under way: they miss together


class OutsideRangeError(ValueError):
    """The composed model was not found right here, or nothing is: there is no steady state."""


def refuse_outside(system: System, loads: dict[str, float]) -> None:
    """Refuse a system for which the planner's percentiles are not known to be right.

    Parameters
    ----------
    system : System
        What is there.
    loads : dict of str to float
        Utilisation of each tier.

    Raises
    ------
    OutsideRangeError
        A tier is overloaded or nearly so, the work is too uneven, or the pools are too small.
    """
    tier = max(loads, key=lambda name: loads[name] / MOST_BUSY[name])
    busy = loads[tier]
    if busy >= 1:
        grows = "the lag grows" if tier == "replay" else "its line grows"
        _refuse(tier, f"carry its load, but needs {100 * busy:.0f} % of what it has", busy, grows)
    if busy > MOST_BUSY[tier]:
        rule = f"be at most {100 * MOST_BUSY[tier]:.0f} % busy"
        _refuse(tier, rule, busy, "beyond, p99 is too low for any load that swings")
    scv = system.demand.work_scv
    if scv > MOST_SCV:
        _refuse("work_scv", f"be at most {MOST_SCV:g}", scv, "beyond, p99 is too high")
    app, database = system.app, system.database
    nodes = database.shards * (1 + database.replicas)
    per_core = app.servers * database.connections / nodes / database.cores
    few = database.connections < LEAST_CONNECTIONS or per_core < LEAST_PER_CORE
    if app.servers > 1 and few:
        rule = f"be at least {LEAST_CONNECTIONS} a server, {LEAST_PER_CORE:g} a database core"
        got = v.Words(f"{database.connections} a server, {per_core:.2g} a core")
        told = "with separate tiny pools p99 is too low, by up to a quarter"
        v.refuse("plan_system", "connections", rule, got, told, OutsideRangeError)


def known_errors(
    system: System,
    loads: dict[str, float],
    *,
    correlated: bool = False,
    after: AfterDisturbance | None = None,
) -> tuple[str, ...]:
    """Say what shifts the planner's numbers within its range, each with its direction.

    Parameters
    ----------
    system : System
        What is there.
    loads : dict of str to float
        Utilisation of each tier.
    correlated : bool
        Whether a request that is long at one tier is long at the others, too.
    after : AfterDisturbance or None
        What retries make of a disturbance; None where clients do not try again.

    Returns
    -------
    tuple of str
        A sentence each.
    """
    told = []
    if system.app.routing == "fewest outstanding" and system.app.servers > 1:
        told.append("fewest outstanding is taken for one line: p50 is up to 8 %, p99 4 % too low")
    if v.truth("known_errors", "correlated", correlated):
        told.append("work that is correlated between tiers: p99 is too low, by a fifth or so")
    if system.cache is not None and system.reads_at_replica:
        told.append("replicas fill the cache: the stale share is within 25 %")
    few, scv = min(system.app.cores, system.database.cores) < FEW_CORES, system.demand.work_scv
    busiest = max(loads, key=lambda tier: loads[tier])
    if scv > 1 and (few or loads[busiest] > CALM):
        told.append(
            "uneven work on few or busy cores: p50 is up to 15 % too high, p99 16 % too low"
        )
    if _fills_in_bursts(system, loads):
        told.append(
            "readers of the hottest key miss together: p99 is too low, by far if the work is uneven"
        )
    if few and scv < 0.5:
        told.append("constant work on few cores: p99 is up to 6 % too high")
    if after is not None and after.vulnerable:
        times = f"{after.retries} retr{'y' if after.retries == 1 else 'ies'}"
        told.append(
            f"vulnerable: {times} after a timeout would make the {after.tier} "
            f"{100 * after.busy_with_retries:.0f} % busy; p99 holds only while it is calm"
        )
    return tuple(told)


def fleet_errors(
    system: System,
    autoscaler: Autoscaler,
    day: Sequence[tuple[float, float]],
    rise: SuddenRise,
) -> tuple[str, ...]:
    """Say where a fleet that follows its load is not what the planner takes it for.

    Parameters
    ----------
    system : System
        What is there.
    autoscaler : Autoscaler
        What sets the number of servers.
    day : sequence of (float, float)
        Rate per second, and utilisation of an app server, in each hour.
    rise : SuddenRise
        What a sudden rise does.

    Returns
    -------
    tuple of str
        A sentence each.
    """
    told = []
    short = sum(busy > autoscaler.target * (1 + 1e-9) for _, busy in day)
    if short:
        told.append(
            f"the fleet is at its most, {autoscaler.max_servers} servers, and busier than its "
            f"target in {short} of {len(day)} hours"
        )
    seen = min(rate for rate, _ in day) * autoscaler.every_s
    swings = math.sqrt((1 + system.demand.work_scv) / seen)
    if swings > MOST_SWING:
        told.append(
            f"the load of {autoscaler.every_s:g} s swings by {100 * swings:.0f} % by chance: "
            "a server more may run, so that the price is too low"
        )
    if rise.lasts_s:
        ends = not math.isinf(rise.lasts_s)
        until = f"for {rise.lasts_s:,.0f} s" if ends else "for as long as it lasts"
        told.append(
            f"a rise to {autoscaler.rise_times:g} times is faster than servers start: {until} "
            "p99 is too low, by far"
        )
    return tuple(told)


def _fills_in_bursts(system: System, loads: dict[str, float]) -> bool:
    filler = "replica" if system.reads_at_replica else "primary"
    if system.cache is None or loads[filler] <= CALM:
        return False
    demand = system.demand
    hottest = float(zipf_popularity(demand.keys, demand.zipf_exponent)[0])
    reads_per_s = hottest * (1 - demand.write_share) * demand.rate_per_s
    return reads_per_s * system.database.read_s >= BURST


def _refuse(what: str, rule: str, got: float, remedy: str) -> None:
    shown = v.Words(f"{100 * got:.0f} %" if what in MOST_BUSY else f"{got:g}")
    v.refuse("plan_system", what, rule, shown, remedy, OutsideRangeError)
