"""Runs of the chapter on the path: the planner beside an event-by-event simulation."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scalelab.course.chapters.progressive_path.experiments import GROWN, SHOP, at_rate
from scalelab.course.page import Html, table
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request, Response
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.scaling.autoscaler import Autoscaler
from scalelab.fakes.scaling.fleet_load import BalancedLoad
from scalelab.models.system_parts import AppTier, Cache, Database, System
from scalelab.planner.autoscaled_fleet import Autoscaler as PlannedAutoscaler
from scalelab.planner.autoscaled_fleet import servers_for
from scalelab.planner.client_retries import Clients
from scalelab.planner.system_flows import system_flows
from scalelab.planner.system_latency import SystemLatency, system_latency
from scalelab.planner.system_lines import system_lines
from scalelab.planner.system_plan import plan_system
from scalelab.planner.user_habits import UserHabits
from scalelab.planner.valid_range import OutsideRangeError
from scalelab.plotting import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, RED, label
from scalelab.quantities import MINUS, percent, quantity, with_error
from scalelab.sim.fleet import Fleet, FleetRun
from scalelab.sim.scaling_policies import TargetPolicy
from scalelab.sim.system import draw_requests, simulate_system
from scalelab.sim.system_needs import Clients as ImpatientClients
from scalelab.sweeps import sweep

SECONDS, SETTLED_S = 60, 10  # of a run, and how much of its beginning is left out
BIG_DATABASE = replace(SHOP.database, cores=4, replicas=2)
SYSTEMS = {
    "one of each, 120/s": at_rate(SHOP, 120),
    "larger server, 220/s": at_rate(GROWN, 220),
    "eight cores and a cache, 400/s": replace(
        at_rate(SHOP, 400), app=replace(SHOP.app, cores=8), cache=Cache(capacity=4_000)
    ),
    "four servers, cache, two replicas, 1,000/s": replace(
        at_rate(SHOP, 1_000),
        app=AppTier(servers=4, cores=4, app_s=SHOP.app.app_s),
        database=BIG_DATABASE,
        cache=Cache(capacity=4_000),
    ),
    "no cache, two replicas, 700/s": replace(
        at_rate(SHOP, 700),
        app=AppTier(servers=3, cores=4, app_s=SHOP.app.app_s),
        database=BIG_DATABASE,
    ),
    "four servers, four shards, 1,000/s": replace(
        at_rate(SHOP, 1_000),
        app=AppTier(servers=4, cores=4, app_s=SHOP.app.app_s),
        database=Database(shards=4, cores=4, read_s=0.006, write_s=0.006),
    ),
}


def measured(name: str, rng: np.random.Generator) -> dict[str, float]:
    """Run one of the systems for a minute: its p50 and p99 in milliseconds."""
    return _percentiles_ms(SYSTEMS[name], rng)


def _percentiles_ms(system: System, rng: np.random.Generator, **how: Any) -> dict[str, float]:
    run = simulate_system(system, SECONDS, warm=system.cache is not None, rng=rng, **how)
    settled = (run.trace.arrive_s > SETTLED_S) & (run.trace.arrive_s < SECONDS - 2)
    p50_s, p99_s = np.nanquantile(run.latency_s[settled], [0.5, 0.99])
    return {"p50": 1e3 * float(p50_s), "p99": 1e3 * float(p99_s)}


def busy_measured(system: System, rates_per_s: Sequence[float]) -> dict[float, dict[str, float]]:
    """Run a system for a minute at each load, and return how busy its parts were."""
    found = {}
    for rate in rates_per_s:
        run = simulate_system(at_rate(system, rate), SECONDS, rng=np.random.default_rng(2026))
        found[rate] = {
            "app server": float(run.servers_busy.mean()),
            "database": float(run.nodes_busy[0]),
        }
    return found


def comparison(executor: Executor | None = None, runs: int = 6) -> list[dict[str, Any]]:
    """Run every system several times, and set the planner's percentiles beside theirs.

    Each row has the planner's value, the mean of the runs and its standard error.
    """
    grid: dict[str, list[Any]] = {"name": list(SYSTEMS), "run": list(range(runs))}
    found = sweep(_one_run, grid, executor, seed=2026)
    rows = []
    for name, system in SYSTEMS.items():
        answer = plan_system(system)
        row: dict[str, Any] = {"system": name}
        for percentile, planned_s in (("p50", answer.p50_s), ("p99", answer.p99_s)):
            values = found.loc[found["name"] == name, percentile].to_numpy(float)
            row[percentile] = (
                1e3 * planned_s,
                float(values.mean()),
                float(values.std(ddof=1) / np.sqrt(values.size)),
            )
        rows.append(row)
    return rows


def _one_run(name: str, run: int, rng: np.random.Generator) -> dict[str, float]:
    return measured(name, rng)


def comparison_table(rows: list[dict[str, Any]]) -> Html:
    """Show the planner beside the runs."""
    shown = []
    for row in rows:
        (p50, run50, error50), (p99, run99, error99) = row["p50"], row["p99"]
        shown.append(
            {
                "system": row["system"],
                "p50, planner, ms": p50,
                "p50, runs, ms": with_error(run50, error50),
                "p99, planner, ms": p99,
                "p99, runs, ms": with_error(run99, error99),
            }
        )
    return table(shown, f"Planner, and six runs of {SECONDS} s each, with their standard error.")


def worst_error(rows: list[dict[str, Any]], percentile: str) -> float:
    """Largest error of the planner over the systems, as a share of what the runs say."""
    return max(abs(row[percentile][0] / row[percentile][1] - 1) for row in rows)


# Sums of percentiles ------------------------------------------------------------------------------


def summed(name: str) -> tuple[float, float]:
    """Return the sum of the parts' p99, and the p99 of the whole, in milliseconds."""
    answer = plan_system(SYSTEMS[name])
    return 1e3 * sum(tier.p99_s for tier in answer.tiers), 1e3 * answer.p99_s


def latency_of(name: str) -> SystemLatency:
    """Return the planner's distributions for one of the systems."""
    system = SYSTEMS[name]
    flows = system_flows(system)
    return system_latency(system, flows, system_lines(system, flows))


def parts_table(name: str) -> Html:
    """Show where the requests of a system go, and how long each part has them."""
    answer, found = plan_system(SYSTEMS[name]), latency_of(name)
    demand = SYSTEMS[name].demand
    misses = (1 - demand.write_share) * (1 - answer.hit_ratio)
    visits = {"app": 1.0, "replica": misses, "primary": demand.write_share}
    visits["pool"] = misses + demand.write_share
    rows = [
        {
            "part": tier.tier,
            "visited by, %": 100 * visits[tier.tier],
            "mean, ms": 1e3 * tier.mean_s,
            "p99, ms": 1e3 * tier.p99_s,
        }
        for tier in answer.tiers
        if tier.tier in found.tiers
    ]
    return table(rows, "Who comes to each part, and how long a visit takes with its wait.")


def plot_tails(ax: Axes, name: str) -> None:
    """Draw the share of requests that take longer, for the parts and for the whole."""
    found = latency_of(name)
    times = np.linspace(0, 0.12, 400)
    colours = {"app": BLUE, "primary": ORANGE, "replica": PURPLE}
    for tier, law in found.tiers.items():
        if tier in colours:
            ax.plot(1e3 * times, 100 * law.tail(times), color=colours[tier], label=tier)
    ax.plot(1e3 * times, 100 * found.whole.tail(times), color=INK, lw=2.2, label="whole")
    total, whole = summed(name)
    for at, text, colour, up in ((whole, "p99", INK, 6), (total, "sum", RED, -14)):
        ax.plot([at], [1], "o", color=colour)
        ax.annotate(text, (at, 1), (4, up), textcoords="offset points", color=colour)
    ax.axhline(1, color=MUTED, ls=":", lw=1)
    ax.set(yscale="log", ylim=(0.1, 130), xlim=(0, 125))
    ax.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    label(ax, x="time, ms", y="longer than that, %", legend=True)


# Where the planner ends ---------------------------------------------------------------------------

CALM = at_rate(SHOP, 100.0)  # its server is half busy
CROWD_S, CROWD_PER_S, TIMEOUT_S, WATCHED_S = (30, 45), 320.0, 0.25, 180


def crowd_run(retries: int) -> np.ndarray:
    """Return the share answered in time in each ten seconds, with a crowd for fifteen.

    Clients wait 0.25 s and try again so often; the server does not notice that they have left.
    """
    rates = np.full(WATCHED_S, CALM.demand.rate_per_s)
    rates[slice(*CROWD_S)] = CROWD_PER_S
    trace = draw_requests(CALM, rates, WATCHED_S, rng=np.random.default_rng(3))
    clients = ImpatientClients(timeout_s=TIMEOUT_S, retries=retries)
    rng = np.random.default_rng(4)
    seconds = simulate_system(CALM, WATCHED_S, trace=trace, clients=clients, rng=rng).per_second
    answered, asked = (seconds[n].reshape(-1, 10).sum(axis=1) for n in ("answered", "asked"))
    return np.minimum(answered / asked, 1.0)


def crowd_in_words() -> str:
    """Say what comes, and how long clients wait."""
    first, last = CROWD_S
    busy = CALM.demand.rate_per_s * CALM.app.app_s / CALM.app.cores
    return (
        f"{quantity(CALM.demand.rate_per_s, 'requests/s')} keep the server {percent(busy)} busy. "
        f"For {quantity(last - first, 's')} a crowd makes them "
        f"{quantity(CROWD_PER_S, 'requests/s')}. Clients give up after "
        f"{quantity(TIMEOUT_S, 's')}."
    )


def plot_crowd(ax: Axes) -> None:
    """Draw the share answered over three minutes, with and without retries."""
    at = 5 + 10 * np.arange(WATCHED_S // 10)
    for retries, colour in ((0, BLUE), (3, RED)):
        name = f"{retries} retries" if retries else "no retries"
        ax.plot(at, 100 * crowd_run(retries), "o-", color=colour, ms=3, label=name)
    ax.axvspan(*CROWD_S, color=MUTED, alpha=0.15, lw=0)
    ax.set(xlim=(0, WATCHED_S), ylim=(-5, 112))
    ax.text(sum(CROWD_S) / 2, 104, "crowd", ha="center", color=INK)
    label(ax, x="time, s", y="answered in time, %")
    # Both lines end at an edge of the axes, all or nothing, and the middle is free.
    ax.legend(loc="center right", frameon=False, labelcolor=INK, fontsize=9.5)


@dataclass(frozen=True)
class Breach:
    """One way to leave the planner's range: its word for it, and by how much its p99 is off."""

    name: str
    says: str
    off: float | None


def _breaches() -> dict[str, tuple[System, Clients, dict[str, Any]]]:
    base = at_rate(SHOP, 120)
    uneven = replace(base, demand=replace(base.demand, work_scv=16.0))
    return {
        "a request heavy for one part is heavy for all": (
            base,
            Clients(correlated_work=True),
            {"correlated": True},
        ),
        "work of scv 16": (uneven, Clients(), {}),
        "work of infinite variance (Pareto 1.5)": (base, Clients(), {"pareto_shape": 1.5}),
        "server 95 % busy": (at_rate(SHOP, 190), Clients(), {}),
        "more than the server can do": (at_rate(SHOP, 220), Clients(), {}),
        "three retries": (base, Clients(retries=3), {}),
    }


@lru_cache(maxsize=1)
def breaches(runs: int = 6) -> tuple[Breach, ...]:
    """Leave the range in six ways; where the planner answers all the same, simulate it."""
    found = []
    for name, (system, told, how) in _breaches().items():
        try:
            answer = plan_system(system, clients=told)
        except OutsideRangeError as error:
            said = str(error).removeprefix("plan_system: ").partition(";")[0]
            found.append(Breach(name, f"refused: {said}", None))
            continue
        p99 = [
            _percentiles_ms(system, rng, **how)["p99"]
            for rng in np.random.default_rng(7).spawn(runs)
        ]
        off = 1e3 * answer.p99_s / float(np.mean(p99)) - 1
        said = f"flagged: {answer.notes[0]}" if answer.notes else "nothing: it was told scv 1"
        found.append(Breach(name, said, off))
    return tuple(found)


def breaches_table() -> Html:
    """Show what the planner says beyond its range."""
    rows = [
        {
            "what is different": one.name,
            "the planner says": one.says,
            "its p99 against the runs, %": "–" if one.off is None else _signed(100 * one.off),
        }
        for one in breaches()
    ]
    return table(rows, "Six ways to leave the planner's range.")


def _signed(value: float) -> str:
    return f"{value:+.0f}".replace("-", MINUS)


# Auto-scaling of the app tier ---------------------------------------------------------------------

NOON = UserHabits(users=100_000, sessions_per_day=0.5, requests_per_session=40, peak_hour=13.0)
SERVER_PER_S, HOUR_S = 10.0, 60.0  # of the fake; a day passes in 24 minutes
TARGET = 0.7  # utilisation that it keeps


@lru_cache(maxsize=1)
def autoscaled_day() -> tuple[FleetRun, int]:
    """Send a day of requests to a balancer whose servers an autoscaler starts and stops.

    Returns the fleet's books and the number of requests without an answer.
    """
    clock, rng = VirtualClock(), np.random.default_rng(5)
    fleet = Fleet(rate_per_s=SERVER_PER_S, startup_s=10, min_instances=2, max_instances=20)
    policy = TargetPolicy(target=TARGET, window_s=20, every_s=10, cooldown_in_s=30)
    balancer = LoadBalancer(clock, [], "least_connections")
    scaler = Autoscaler(clock, fleet, BalancedLoad(balancer), policy)
    lost: list[Exception] = []
    for hour, rate in enumerate(NOON.rates_by_hour()):
        for _ in range(int(rng.poisson(rate * HOUR_S))):
            request = Request(client="any", service_s=float(rng.exponential(1 / SERVER_PER_S)))
            send = partial(balancer.submit, request, _drop, lost.append)
            clock.schedule(HOUR_S * (hour + float(rng.random())), send)
    clock.advance(24 * HOUR_S)
    return scaler.run(), len(lost)


def _drop(_: Response) -> None:
    pass


def servers_by_hour() -> tuple[np.ndarray, np.ndarray]:
    """Return the mean number of running servers in each hour, and the requests a second."""
    run, _ = autoscaled_day()
    shape = (24, int(HOUR_S))
    return run.running.reshape(shape).mean(axis=1), run.demand.reshape(shape).mean(axis=1)


def planned_servers() -> np.ndarray:
    """Return the servers of each hour by the planner."""
    rule = PlannedAutoscaler(min_servers=2, max_servers=20, target=TARGET)
    return servers_for(rule, AppTier(cores=1, app_s=1 / SERVER_PER_S), NOON.rates_by_hour())


def planned_in_words() -> str:
    """Say how many servers the planner has on average, and how many ran."""
    planned, ran = planned_servers().mean(), servers_by_hour()[0].mean()
    return (
        f"The planner, told of an autoscaler, says {planned:.1f} servers on average; {ran:.1f} ran."
    )


def plot_day(ax: Axes) -> None:
    """Draw the servers of the day, those that the planner says, and those of a fixed fleet."""
    servers, demand = servers_by_hour()
    hours = np.arange(24) + 0.5
    ax.step(hours, servers, where="mid", color=GREEN, label="autoscaled")
    ax.plot(hours, planned_servers(), "o", color=INK, ms=3, label="planner")
    ax.plot(hours, demand / SERVER_PER_S, color=BLUE, ls="--", label="needed, 100 % busy")
    ax.axhline(fixed_servers(), color=RED, label="fixed")
    ax.set(xlim=(0, 24), ylim=(0, fixed_servers() + 5), xticks=[0, 6, 12, 18, 24])
    label(ax, x="hour", y="servers")
    # Two rows above the line of the fixed fleet; four would lie over it.
    ax.legend(loc="upper left", ncols=2, frameon=False, labelcolor=INK, fontsize=9.5)


def fixed_servers() -> int:
    """Servers that are 70 % busy at the peak of the day."""
    return int(np.ceil(NOON.peak_rate_per_s / SERVER_PER_S / TARGET))


def saved_share() -> float:
    """Share of the server hours of the fixed fleet that the autoscaler saves."""
    return 1 - float(servers_by_hour()[0].mean()) / fixed_servers()
