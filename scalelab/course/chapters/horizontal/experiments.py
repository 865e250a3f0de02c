"""Experiments of the chapter on horizontal scaling: shares, losses, a cluster, a premiere."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab.course.page import Html, note, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request
from scalelab.fakes.clock import VirtualClock
from scalelab.models.erlang import mm1_mean_response_s, mmc_mean_response_s
from scalelab.models.headroom import utilisation_after_loss
from scalelab.models.power_of_choices import (
    round_robin_response_in_services,
    shortest_line_bound_in_services,
)
from scalelab.models.scaling_law import ScalingLaw
from scalelab.models.usl_fit import UslFit
from scalelab.plotting import (
    BLUE,
    GREEN,
    GRID,
    INK,
    MUTED,
    ORANGE,
    RED,
    TINTS,
    canvas,
    label,
    label_lines,
    mark,
    write,
)
from scalelab.quantities import with_error
from scalelab.real.backends import failover_run
from scalelab.real.supervised import RealComponentError
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.cluster import cluster_throughput_per_s
from scalelab.sim.fleet import Fleet, FleetRun
from scalelab.sim.load_balancing import balanced_run
from scalelab.sim.queue import queue_waits_s
from scalelab.sim.scaling_policies import StepPolicy
from scalelab.sim.statistics import estimate
from scalelab.workloads.arrivals import poisson_arrivals_s
from scalelab.workloads.demand import DAY_S, daily_rate_per_s, flash_crowd_per_s
from scalelab.workloads.service_times import exponential_times_s

SIGMA, KAPPA = 0.02, 0.0005  # of the cluster that is measured
MEASURED = (1, 2, 4, 8, 16, 32)  # nodes
RULES = {  # by the name that a reader sees, the simulator's
    "random": "random",
    "in turn": "round_robin",
    "shorter of two": "power_of_d",
    "shortest": "least_connections",
}
PREMIERE_S = 1_800.0  # when the flash crowd begins


def scale_out_picture() -> Figure:
    """Draw one server that takes all traffic, and four that take a quarter each."""
    boxes = {
        "balancer": Box(x=0, y=1.6, text="balancer", colour=ORANGE),
        "only": Box(x=0, y=0, text="server\n100 %", height=0.9),
        "front": Box(x=5.2, y=1.6, text="balancer", colour=ORANGE),
    }
    arrows = [Arrow(start="balancer", end="only")]
    for i in range(4):
        boxes[f"server {i}"] = Box(x=2.8 + 1.6 * i, y=0, text="server\n25 %", width=1.2, height=0.9)
        arrows.append(Arrow(start="front", end=f"server {i}"))
    notes = [(0, 2.3, "before"), (5.2, 2.3, "after")]
    return diagram(boxes, arrows, height=2.1, notes=notes)


def regions_picture() -> Figure:
    """Draw a copy of the service near its user, whose data are still far away."""
    boxes = {
        "user": Box(x=0, y=0, text="user", width=1.2),
        "near": Box(x=2.8, y=0, text="server\nnear by", height=0.9, colour=ORANGE),
        "data": Box(x=7, y=0, text="database\nfar away", height=0.9, colour=GREEN),
    }
    arrows = [
        Arrow(start="user", end="near", text="once", both=True),
        Arrow(start="near", end="data", text="once for each query", both=True),
    ]
    return diagram(boxes, arrows, height=1.3)


def random_requests(
    rng: np.random.Generator, rate_per_s: float, requests: int
) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Arrivals, services of mean 1 s, and the generator that chooses servers."""
    arriving, serving, choosing = rng.spawn(3)
    arrivals = poisson_arrivals_s(rate_per_s, requests, rng=arriving)
    return arrivals, exponential_times_s(1.0, requests, rng=serving), choosing


def mean_response(
    rng: np.random.Generator, policy: str, utilisation: float = 0.8, requests: int = 100_000
) -> float:
    """Mean response, in mean service times, of four servers with a line each."""
    times, work, choice = random_requests(rng, 4 * utilisation, requests)
    return float(balanced_run(times, work, 4, policy, rng=choice).response_s.mean())


def rule_rows(seed: int, *, requests: int, runs: int) -> list[dict[str, Any]]:
    """Simulate four rules, as rows of a table, and what no rule can beat."""
    known = {
        "random": float(mm1_mean_response_s(0.8, 1.0)),
        "round_robin": float(round_robin_response_in_services(0.8, 4)),
    }
    rows = []
    for name, policy in RULES.items():
        rngs = np.random.default_rng(seed).spawn(runs)  # the same requests for every rule
        found = estimate([mean_response(rng, policy, requests=requests) for rng in rngs])
        simulated = with_error(found.mean, found.standard_error)
        rows.append({"rule": name, "theory": known.get(policy, ""), "simulated": simulated})
    bound = float(shortest_line_bound_in_services(0.8, 4))
    return [*rows, {"rule": "one line for all four", "theory": bound, "simulated": ""}]


def pooled_response(
    rng: np.random.Generator, servers: int, load: float, requests: int = 200_000
) -> float:
    """Mean response, in mean service times, of servers that share one line."""
    times, work, _ = random_requests(rng, load, requests)
    return float(np.mean(queue_waits_s(times, work, servers) + work))


def draw_loss(axes: np.ndarray, servers: int, utilisation: float) -> str:
    """Draw what each server carries before and after one of them dies."""
    after = float(utilisation_after_loss(utilisation, servers))
    for ax, level, count, title in (
        (axes[0], utilisation, servers, "before"),
        (axes[1], after, servers - 1, "after one died"),
    ):
        over = RED if level >= 1 else BLUE
        ax.bar(range(count), [100 * level] * count, color=TINTS[over], edgecolor=over)
        ax.axhline(100, color=INK, lw=1)
        ax.set(ylim=(0, 200), xlim=(-0.6, servers - 0.4), xticks=[])
        label(ax, y="utilisation, %", title=title)
    before_times = float(mmc_mean_response_s(servers * utilisation, 1.0, servers))
    said = f"{servers} servers at {100 * utilisation:.0f} %: {100 * after:.1f} % each after a loss"
    if after >= 1:
        return f"{said}, more than they can do: the line grows until requests are turned away."
    after_times = float(mmc_mean_response_s(servers * utilisation, 1.0, servers - 1))
    return (
        f"{said}; the mean response goes from {before_times:.2f} to "
        f"{after_times:.2f} service times."
    )


def probe_picture() -> Figure:
    """Draw the time from a death to its detection, at the worst: probes every 10 s, 3 misses."""
    figure, ax = canvas(height=1.3)
    ax.axvspan(0, 30, color=TINTS[RED], lw=0)
    ax.plot([-13, 43], [0, 0], color=INK, lw=1)
    ax.plot([-10, -0.4], [0, 0], "o", color=BLUE, markersize=8)
    ax.plot([10, 20, 30], [0, 0, 0], "X", color=RED, markersize=9)
    words = {-10: "good", -0.4: "good", 10: "miss", 20: "miss", 30: "miss, out"}
    for second, text in words.items():
        write(ax, second, 0, text, dy=10, ha="center")
    write(ax, -0.4, 0, "dies", dy=-18, ha="right", color=RED)
    write(ax, 16, 0, "still gets its share", dy=-18, ha="center")
    ax.set(ylim=(-1, 1), xlim=(-14, 44), yticks=[], xticks=[-10, 0, 10, 20, 30, 40])
    ax.spines["left"].set_visible(False)
    label(ax, x="seconds after the last good probe")
    return figure


def lost_at_a_death(retries: int) -> int:
    """Count what the balancer loses at the worst moment for a server to die.

    Of four servers that get 1,000 requests a second in turn, one dies just after a probe; probes
    come every 10 s, and three misses take it out.
    """
    clock = VirtualClock()
    names = ("web-1", "web-2", "web-3", "web-4")
    balancer = LoadBalancer(clock, names, check_every_s=10.0, retries=retries)
    clock.run(10.001)
    balancer.server("web-1").crash()
    for _ in range(31_000):
        balancer.submit(Request(client="any"), lambda _: None, lambda _: None)
        clock.advance(0.001)
    balancer.close()
    return balancer.stats().failed


def lost_until_detected(rng: np.random.Generator, interval_s: float, misses: int) -> float:
    """Count the requests, of 1,000 a second to four in turn, that a server gets after its death.

    It dies at a random moment between two probes, and is out after `misses` failed ones.
    """
    until_out_s = interval_s * (misses - rng.random())
    arrivals = rng.poisson(1_000 * until_out_s)
    return float(np.count_nonzero(np.arange(arrivals) % 4 == 0))


def false_alarms_per_day(interval_s: float, misses: int, probe_loss: float) -> float:
    """Count how often a day a healthy server loses `misses` probes in a row, and is taken out.

    Runs of losses in independent probes begin after a success, so their rate is the
    probability of a success and then `misses` losses.
    """
    return DAY_S / interval_s * (1 - probe_loss) * probe_loss**misses


def measure_cluster(
    nodes: Iterable[int], *, rng: np.random.Generator, rounds: int = 500
) -> list[float]:
    """Measure the throughput, in jobs a second, of a cluster whose jobs take 1 ms alone."""
    return [
        cluster_throughput_per_s(n, 0.001, rounds, sigma=SIGMA, kappa=KAPPA, rng=rng) for n in nodes
    ]


def plot_measured(ax: Axes, measured: dict[int, float]) -> Axes:
    """Draw measured throughput beside a line that goes on as it began."""
    nodes = list(measured)
    ax.plot([0, 32], [0, 32 * measured[1]], color=MUTED, lw=1, ls=":", label="as it began")
    ax.plot(nodes, list(measured.values()), "o-", color=GREEN, label="measured")
    label(ax, x="nodes", y="jobs per second")
    ax.set_xlim(0, 33)
    return label_lines(ax)


def plot_fit(
    ax: Axes, fit: UslFit, measured: dict[int, float], later: dict[int, float] | None = None
) -> Axes:
    """Draw measured points, the law through them, and points that were measured afterwards."""
    nodes = np.linspace(1, 210, 300)
    most = fit.law.ceiling_per_s
    ax.plot(nodes, nodes * fit.law.unit_throughput_per_s, color=MUTED, lw=1, ls=":", label="linear")
    ax.plot(nodes, np.asarray(fit.law.throughput_per_s(nodes)), label="fitted law")
    ax.plot(list(measured), list(measured.values()), "o", color=GREEN, label="measured")
    if later:
        ax.plot(list(later), list(later.values()), "s", color=ORANGE, label="measured later")
    mark(ax, fit.law.peak_n, most, f"peak at {fit.law.peak_n:.0f} nodes", dx=4, dy=10)
    ax.set_ylim(0, 1.35 * most)
    return label(ax, x="nodes", y="jobs per second", legend=True)


def plot_saturation(ax: Axes, law: ScalingLaw, truth: Callable[[int], float]) -> Axes:
    """Draw a fitted law beside the throughput of a cluster that works in another way."""
    nodes = np.arange(1, 201)
    ax.plot(nodes, [truth(int(n)) for n in nodes], color=BLUE, label="what happens")
    ax.plot(nodes, np.asarray(law.throughput_per_s(nodes)), color=ORANGE, label="fitted law")
    ax.plot(MEASURED, [truth(n) for n in MEASURED], "o", color=GREEN)
    ax.set(xlim=(0, 200), ylim=(0, 1_150))
    label(ax, x="nodes", y="jobs per second")
    return label_lines(ax)


def draw_law(ax: Axes, sigma: float, kappa: float) -> str:
    """Draw the universal scalability law up to 200 nodes."""
    law = ScalingLaw(unit_throughput_per_s=1.0, sigma=sigma, kappa=kappa)
    nodes = np.arange(1, 201)
    speed = np.asarray(law.throughput_per_s(nodes))
    ax.plot(nodes, nodes, color=MUTED, lw=1, ls=":")
    ax.plot(nodes, speed)
    ax.set_ylim(0, max(5.0, 1.25 * speed.max()))
    label(ax, x="nodes", title="speed-up over one node")
    said = f"σ {sigma:g}, κ {kappa:g}: 100 nodes do {speed[99]:.1f} × the work of one"
    said += f", 200 do {speed[199]:.1f} ×"
    if math.isfinite(law.peak_n) and law.peak_n < 200:
        mark(ax, law.peak_n, law.ceiling_per_s, f"peak at {law.peak_n:.0f}", dx=6, dy=6)
        return f"{said}; the most is {law.ceiling_per_s:.1f} × at {law.peak_n:.0f} nodes."
    return f"{said}; more nodes still help."


def day_of_servers(peak_over_mean: float) -> tuple[float, float]:
    """Server-hours of a day: a fleet sized for the peak, and one that follows each hour.

    Of 10,000 requests a second on average a server does 1,000, is planned at 70 %, and one more is
    spare, always.
    """
    hours = np.arange(24) * 3600.0 + 1800.0
    rate = np.asarray(daily_rate_per_s(hours, 10_000, peak_over_mean=peak_over_mean))
    needed = np.ceil(rate / 700.0) + 1
    return float(24 * needed.max()), float(needed.sum())


def premiere(
    added: int,
    *,
    planned: int = 0,
    base_per_s: float = 1_400,
    peak_per_s: float = 16_000,
    ramp_s: float = 600,
    startup_s: float = 180,
) -> FleetRun:
    """Run two hours, with a flash crowd that begins in minute 30.

    An instance does 100 requests a second; beyond 20,000 waiting they are turned away. The
    rule is the guide's: above 70 % for 5 minutes, `added` more; its cap of 50 instances is
    lifted. `planned` instances are ordered a quarter of an hour ahead.
    """
    time_s = np.arange(7_200.0)
    demand = flash_crowd_per_s(
        time_s, base_per_s, peak_per_s, start_s=PREMIERE_S, ramp_s=ramp_s, decay_s=7_200
    )
    fleet = Fleet(
        rate_per_s=100,
        startup_s=startup_s,
        min_instances=20,
        max_instances=400,
        queue_limit=20_000.0,
    )
    rule = StepPolicy(
        high=0.7, low=0.3, add=added, remove=1, window_s=300, every_s=300, cooldown_s=300
    )
    at_least = np.where(time_s >= PREMIERE_S - 900, planned, 0)
    return fleet_run(demand, fleet, rule, at_least=at_least)


def plot_premiere(ax: Axes, run: FleetRun, title: str) -> Axes:
    """Draw demand beside what the fleet can do."""
    minutes = np.arange(run.demand.size) / 60
    ax.plot(minutes, run.demand, color=ORANGE, label="asked for")
    can = run.running * run.fleet.rate_per_s
    ax.plot(minutes, can, color=BLUE, label="the fleet can do")
    ax.fill_between(minutes, can, run.demand, where=run.demand > can, color=GRID, lw=0)
    ax.set_ylim(0, 27_000)
    return label(ax, x="minutes", y="requests per second", title=title, legend=True)


def failover_table(**settings: Any) -> Html:
    """Kill one of four real servers in mid-run, without and with a second try; or say why not."""
    try:
        runs = {said: failover_run(retry=said == "yes", **settings) for said in ("no", "yes")}
    except RealComponentError as error:
        return note(f"{error}; the simulation has to do.")
    rows = [
        {
            "second try": said,
            "dead for, s": run.detected_after_s,
            "its share until then": round(run.predicted_failures),
            "failed": run.failed,
            "saved": run.retried,
        }
        for said, run in runs.items()
    ]
    asked = ", ".join(f"{run.requests:,}" for run in runs.values())
    return table(
        rows,
        f"One of {runs['no'].servers} servers ({runs['no'].component}) is killed; {asked} requests",
    )


def own_check_on_valkey(states: Any) -> Html:
    """Let a learner's health check decide about three real servers, of which one is killed.

    It is ``states(probes, misses, rises)``, as the lab asks for it.
    """
    if states([True], 3, 2) is ...:
        return note(
            "Still to do: your states is the stub. Then this cell asks it for real, where it can."
        )
    try:
        run = failover_run(
            3,
            rate_per_s=200,
            probe_interval_s=0.1,
            seconds=1.0,
            judge=lambda probes: bool(states(probes, 3, 2)[-1]),
        )
    except RealComponentError as error:
        return note(f"{error}; the checker's probes have to do.")
    if math.isinf(run.detected_after_s):
        return note(
            f"{run.component}: one of 3 died, and your check never took it out; {run.failed} of "
            f"{run.requests} requests failed."
        )
    return note(
        f"{run.component}: one of 3 died. Your check took it out after "
        f"{run.detected_after_s:.2f} s; {run.failed} of {run.requests} requests failed, and its "
        f"share until then was {run.predicted_failures:.0f}."
    )
