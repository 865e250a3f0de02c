"""Experiments of the chapter on auto-scaling."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.scaling.autoscaler import Autoscaler
from scalelab.fakes.scaling.fleet_load import FluidLoad
from scalelab.models.backlog import overload_episode
from scalelab.models.erlang import mmc_mean_wait_s
from scalelab.plotting import BLUE, GREEN, MUTED, ORANGE, PURPLE, label, label_lines
from scalelab.quantities import number
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.fleet import Fleet, FleetRun
from scalelab.sim.scaling_policies import OwnPolicy, Policy, Reading, StepPolicy, TargetPolicy

HOUR_S = 3_600
GUIDE_FLEET = Fleet(rate_per_s=100, startup_s=180, min_instances=4, max_instances=50)
LATE_S = 0.5
# The guide's step policy and its ladder: above which load how many instances are added.
TWO_MORE = ((0.7, 2),)
LADDER = ((0.7, 1), (0.8, 2), (0.9, 5))
LOOK_S = 30  # how often a rule looks that does not look every second
STEADY_PER_S, STEADY_H = 400.0, 12
RESTS_S = (300, 900)  # its cool-downs, after an addition and after a removal


def loop_picture() -> Figure:
    """Draw auto-scaling as what it is: a control loop with dead time."""
    boxes = {
        "users": Box(x=0, y=2.0, text="users", width=1.3),
        "fleet": Box(x=3.1, y=2.0, text="fleet\n4 instances", colour=ORANGE, width=1.8, height=0.9),
        "sensor": Box(x=7.2, y=2.0, text="sensor\nCPU 85 %", width=1.8, height=0.9),
        "policy": Box(
            x=7.2, y=0, text="policy\nabove 70 %: +2", colour=GREEN, width=2.2, height=0.9
        ),
        "starting": Box(x=3.1, y=0, text="2 starting", colour=PURPLE, width=1.8),
    }
    arrows = [
        Arrow(start="users", end="fleet", text="demand"),
        Arrow(start="fleet", end="sensor", text="mean of 5 min"),
        Arrow(start="sensor", end="policy"),
        Arrow(start="policy", end="starting", text="order"),
        Arrow(start="starting", end="fleet", text="2 to 5 min later"),
    ]
    return diagram(boxes, arrows, height=2.7)


# Demand ------------------------------------------------------------------------------------


def flash() -> v.FloatArray:
    """Return four hours of demand in requests per second: three times as much for an hour."""
    corners_s = [0, 1_200, 1_320, 4_800, 4_920, 4 * HOUR_S]
    return np.interp(np.arange(4 * HOUR_S), corners_s, [240, 240, 720, 720, 240, 240])


# Policies ----------------------------------------------------------------------------------


class _Steps:
    """Means of the last seconds above thresholds; remembers its readings and its last order."""

    def __init__(
        self,
        ladder: Sequence[tuple[float, int]],
        window_s: int,
        interrupts: bool,
        rests_s: tuple[int, int],
        every_s: int,
    ) -> None:
        self.ladder, self.window_s, self.interrupts = ladder, window_s, interrupts
        self.rests_s, self.every_s = rests_s, every_s
        self.sums = [0.0]
        self.quiet_until_s, self.last_added = 0.0, 0

    def mean(self, seconds: int) -> float:
        looks = seconds // self.every_s
        return (self.sums[-1] - self.sums[-1 - looks]) / looks

    def __call__(self, reading: Reading) -> int:
        self.sums.append(self.sums[-1] + reading.load)
        have, age_s = reading.running + reading.starting, self.every_s * (len(self.sums) - 1)
        if age_s < self.window_s:
            return have
        load = self.mean(self.window_s) - 1e-9
        more = max((add for threshold, add in self.ladder if load > threshold), default=0)
        interrupted = self.interrupts and more > self.last_added
        if reading.time_s < self.quiet_until_s and not interrupted:
            return have
        if more:
            self.quiet_until_s, self.last_added = reading.time_s + self.rests_s[0], more
        elif age_s >= 900 and self.mean(900) < 0.3 - 1e-9:  # 240 / 800 is 0.3, not below it
            self.quiet_until_s, self.last_added = reading.time_s + self.rests_s[1], 0
            more = -1
        return have + more


def step_policy(
    ladder: Sequence[tuple[float, int]] = TWO_MORE,
    window_s: int = 300,
    *,
    interrupts: bool = False,
    rests_s: tuple[int, int] = RESTS_S,
    every_s: int = 1,
) -> OwnPolicy:
    """Make the guide's policy anew: it remembers what it has seen, and serves for one run.

    It looks `every_s` seconds, adds instances above each load of the `ladder`, by the mean of
    `window_s` seconds, and removes one below 30 % over 15 minutes. It rests after an addition and
    after a removal; one that `interrupts` need not wait for the end of the rest with a larger step
    than the last one.
    """
    steps = _Steps(ladder, window_s, interrupts, rests_s, every_s)
    return OwnPolicy(decide=steps, window_s=float(every_s), every_s=float(every_s))


def target_policy(target: float = 0.6, *, rest_s: float = 0.0) -> TargetPolicy:
    """Return target tracking: means of 30 s, a rest after growth, and 15 minutes to shrink."""
    return TargetPolicy(
        target=target, window_s=LOOK_S, every_s=LOOK_S, cooldown_out_s=rest_s, cooldown_in_s=900
    )


def policies() -> dict[str, Policy]:
    """Return the reactive policies of the chapter, fresh: what each looks at and how it rests."""
    return {
        "two more": step_policy(),
        "ladder": step_policy(LADDER, window_s=30),
        "ladder, interrupts": step_policy(LADDER, window_s=30, interrupts=True),
        "target, rests": target_policy(rest_s=300),
        "target": target_policy(),
    }


def marks(run: FleetRun) -> dict[str, float]:
    """Return what a run cost, and what its users noticed."""
    delay_s = run.delay_s
    return {
        "instance-hours": run.instance_hours,
        "late, %": 100 * run.late_share(LATE_S),
        "minutes late": float((delay_s > LATE_S).sum() * run.fleet.tick_s / 60),
        "worst delay, s": float(delay_s.max()),
    }


# Dead time ---------------------------------------------------------------------------------


def draw_overload(axes: np.ndarray, overload_percent: int, reaction_min: int) -> str:
    """Draw the wait during an overload of a fleet that does 1,000 requests per second.

    `overload_percent` more arrives; after `reaction_min` half as much capacity again is there.
    """
    demand = 1_000 * (1 + overload_percent / 100)
    episode = overload_episode(demand, 1_000, 1_500, 60 * reaction_min)
    minutes = [0, episode.worst_arrival_s / 60, reaction_min, episode.total_s / 60]
    ready = [0, reaction_min, 60]
    axes[0].step(ready, [1_000, 1_500, 1_500], where="post", color=BLUE, label="capacity")
    axes[0].axhline(demand, color=ORANGE, label="demand")
    label(axes[0], x="minutes", title="requests/s", legend=True)
    axes[0].set_ylim(900, 1_550)
    waits_s = [0, episode.worst_delay_s, episode.delay_s, 0]
    axes[1].plot(minutes, waits_s, color=PURPLE)
    axes[1].axvline(reaction_min, color=MUTED, linestyle=":")
    label(axes[1], x="minutes", title="wait, seconds")
    for ax in axes:
        ax.set_xlim(0, 60)
    return (
        f"{overload_percent} % too much for {reaction_min} minutes: {episode.backlog:,.0f} are in "
        f"line, and the longest wait is {episode.worst_delay_s:.0f} s. It takes another "
        f"{episode.drain_s:.0f} s until nobody waits: {episode.total_s / 60:.1f} minutes in all."
    )


def draw_runs(axes: np.ndarray, runs: dict[str, FleetRun]) -> Figure:
    """Draw the capacity of fleets under one demand, and the wait beside it."""
    for (name, run), colour in zip(runs.items(), (BLUE, GREEN, PURPLE), strict=False):
        minutes = np.arange(run.demand.size) / 60
        thin = slice(None, None, 10)
        capacity = run.running * run.fleet.rate_per_s
        axes[0].plot(minutes[thin], capacity[thin], color=colour, label=name)
        axes[1].plot(minutes[thin], run.delay_s[thin], color=colour)
    axes[0].plot(minutes[thin], run.demand[thin], color=ORANGE, label="demand")
    label(axes[0], x="minutes", title="requests/s", legend=True)
    label(axes[1], x="minutes", title="wait, seconds")
    late = np.flatnonzero(np.max([run.delay_s for run in runs.values()], axis=0) > 0) / 60
    if late.size:  # the rest of the day is zero
        axes[1].set_xlim(late[0] - 5, late[-1] + 5)
    figure = axes[0].figure
    assert isinstance(figure, Figure)
    return figure


# Sensors -----------------------------------------------------------------------------------

Metric = Callable[[Reading], float]
# What is measured on an instance, and the guide's threshold for it.
METRICS: dict[str, tuple[Metric, float]] = {
    "CPU above 70 %": (lambda r: r.load, 0.7),
    "memory above 80 %, cache 70 %": (lambda r: 0.7 + 0.05 * r.load, 0.8),
    "memory above 80 %, cache 81 %": (lambda r: 0.81 + 0.05 * r.load, 0.8),
    "1,000 requests/s": (lambda r: r.demand_per_s, 1_000.0),
    "mean response above 500 ms": (lambda r: 0.01 + r.backlog / (100 * r.running), 0.5),
    "100 requests in line": (lambda r: r.backlog, 100.0),
}


def rise() -> v.FloatArray:
    """Return six hours of demand: from 240 to 1,200 requests per second in one, then steady."""
    return np.interp(np.arange(6 * HOUR_S), [0, HOUR_S], [240, 1_200])


def sensor_run(metric: str) -> FleetRun:
    """Let one of `METRICS` alone decide, under `rise`, when two instances are added.

    It does so at most every five minutes.
    """
    measure, threshold = METRICS[v.choice("sensor_run", "metric", metric, tuple(METRICS))]

    def decide(reading: Reading) -> int:
        return reading.running + reading.starting + 2 * (measure(reading) > threshold)

    return fleet_run(rise(), GUIDE_FLEET, OwnPolicy(decide=decide, window_s=60, every_s=300))


def sensor_table() -> list[dict[str, object]]:
    """Run each metric of the guide's list, and say when it fired and where it ended."""
    rows = []
    for metric in METRICS:
        run = sensor_run(metric)
        grown = np.flatnonzero(run.starting > 0)
        first = grown[0] if grown.size else None
        rows.append(
            {
                "rule": metric,
                "first order, minute": "never" if first is None else f"{first / 60:.0f}",
                "true load then, %": "" if first is None else number(run.demand[first] / 4, 3),
                "worst wait, s": number(float(run.delay_s.max()), 3),
                "instances at the end": int(run.running[-1]),
            }
        )
    return rows


# Cool-downs --------------------------------------------------------------------------------


def steady_run(rests_s: tuple[int, int]) -> FleetRun:
    """Let `STEADY_PER_S` come for `STEADY_H` hours, after 20 minutes of 240 requests per second.

    The guide's rule rests for so long after an addition and a removal.
    """
    demand = np.where(np.arange(STEADY_H * HOUR_S) < 1_200, 240.0, STEADY_PER_S)
    return fleet_run(demand, GUIDE_FLEET, step_policy(rests_s=rests_s, every_s=LOOK_S))


def scale_outs(run: FleetRun, when: slice) -> int:
    """Count the orders of more instances."""
    return int((np.diff(run.running + run.starting)[when] > 0).sum())


def cooldown_run(startup_min: int, cooldown_min: int) -> FleetRun:
    """Let the load of a fleet jump to 85 %, once, under the guide's rule of two more above 70 %.

    The run lasts two hours, and two more instances would do. Minutes pass until an ordered instance
    serves, and until the next order may follow.
    """
    fleet = Fleet(rate_per_s=100, startup_s=60 * startup_min, min_instances=5, max_instances=50)
    policy = StepPolicy(
        high=0.7, low=0.3, add=2, remove=1, window_s=300, every_s=30, cooldown_s=60 * cooldown_min
    )
    demand = np.where(np.arange(2 * HOUR_S) < 1_200, 250.0, 425.0)
    return fleet_run(demand, fleet, policy)


def plot_steady(ax: Axes, runs: dict[str, FleetRun]) -> Axes:
    """Draw the instances that each run has ordered, over its hours."""
    for (name, run), colour in zip(runs.items(), (ORANGE, BLUE), strict=True):
        hours = np.arange(run.demand.size) / HOUR_S
        ordered = run.running + run.starting
        ax.plot(hours[::30], ordered[::30], color=colour, label=name)
    ax.set_ylim(0, None)
    label(ax, x="hours", y="instances ordered")
    return label_lines(ax)


# The limit of the fluid ---------------------------------------------------------------------


def plot_limit(ax: Axes, fleets: Sequence[int], simulated: dict[tuple[int, float], float]) -> Axes:
    """Draw the mean wait over the load, by Erlang's formula and as simulated, for some fleets.

    `simulated` has the wait, in service times, by number of servers and load.
    """
    loads = np.linspace(0.4, 0.97, 60)
    for servers, colour in zip(fleets, (BLUE, GREEN, PURPLE), strict=True):
        waits = np.asarray(mmc_mean_wait_s(loads * servers, 1.0, servers))
        ax.plot(100 * loads, waits, color=colour, label=f"{servers} servers")
    for (_, load), wait in simulated.items():
        ax.plot([100 * load], [wait], "o", color=ORANGE)
    ax.axhline(0, color=MUTED, linestyle=":")
    ax.set_ylim(-0.1, 4)
    label(ax, x="load, %", y="mean wait, service times")
    return label_lines(ax)


# Challenges --------------------------------------------------------------------------------


def warm_up_delay_s(warm_up_s: float) -> float:
    """Return the longest wait when a launch meets four instances that are new, beside four old.

    A new one begins at a fifth of the others' speed, and is as fast after `warm_up_s`.
    """
    fleet = Fleet(rate_per_s=100, startup_s=60, min_instances=4, max_instances=8)
    clock = VirtualClock()
    demand = FluidLoad(lambda time_s: 300.0 if time_s < 60 else 720.0)
    scaler = Autoscaler(
        clock, fleet, demand, at_least=lambda _: 8, warm_up_s=warm_up_s, cold_share=0.2
    )
    clock.advance(600)
    return float(scaler.run().delay_s.max())
