"""Experiments of the chapter on replication: commits, quorums, failovers, probes of lag."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.page import Html, note
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.history.linearizability import linearization
from scalelab.history.operations import Operation
from scalelab.history.recorder import Recorder
from scalelab.models.availability import (
    downtime_s_per_year,
    k_of_n_availability,
    majority_availability,
    serial_availability,
)
from scalelab.models.lag_laws import LogNormalLag
from scalelab.models.quorum import ExponentialWars, stale_read_probability
from scalelab.models.write_latency import (
    kth_latency_mean_s,
    kth_latency_percentile_s,
    kth_latency_tail,
)
from scalelab.plotting import BLUE, GREEN, INK, MUTED, ORANGE, label
from scalelab.quantities import quantity
from scalelab.sim.quorum import quorum_staleness

ARROWS_MS = {  # the guide's timelines
    "synchronous": (1, 5, 5, 1),
    "asynchronous": (1, 1),
}
ANSWER = LogNormalLag(median_s=0.010, log_sd=0.5)  # of one standby to one commit
NODE_UP = 0.999
REPAIR_H = 1.0
DELAY_S = 0.010  # mean of each message of a quorum store
WARS = ExponentialWars(write_s=DELAY_S, acknowledge_s=DELAY_S, read_s=DELAY_S, respond_s=DELAY_S)
LAG_S, WRITES = 0.2, 1_000  # of the run by the guide's steps: lag, and writes in a second
GAP_S, TRUE_LAG_S = 60.0, 0.010  # mean time between two writes, and the lag of each


def commit_picture() -> Figure:
    """Draw the way of a commit, and where each level of waiting ends."""
    boxes = {
        "client": Box(x=0, y=1.2, text="client", width=1.5),
        "primary": Box(x=3.0, y=1.2, text="primary", colour=ORANGE, width=1.7),
        "disk": Box(x=3.0, y=0, text="its disk", width=1.7),
        "received": Box(x=6.8, y=2.4, text="received", colour=GREEN, width=1.8),
        "flushed": Box(x=6.8, y=1.2, text="on disk", colour=GREEN, width=1.8),
        "applied": Box(x=6.8, y=0, text="applied", colour=GREEN, width=1.8),
    }
    arrows = [
        Arrow(start="client", end="primary", text="write"),
        Arrow(start="primary", end="disk"),
        Arrow(start="primary", end="received", text="log"),
        Arrow(start="received", end="flushed"),
        Arrow(start="flushed", end="applied"),
        Arrow(start="flushed", end="primary", dashed=True),
    ]
    return diagram(boxes, arrows, height=2.2)


def guide_write_ms(kind: str, disk_ms: float = 0.0) -> float:
    """Add up the guide's arrows, and the disks that its steps name but its timeline leaves out.

    A synchronous write waits for two disks, one after the other: only what is on the
    primary's own disk is sent.
    """
    disks = 2 if kind == "synchronous" else 1
    return sum(ARROWS_MS[kind]) + disks * disk_ms


def draw_quorum(ax: Axes, needed: int, standbys: int) -> str:
    """Draw how many commits wait longer than a time, and say what a death does to commits."""
    needed = min(needed, standbys)
    time_s = np.linspace(0, 0.05, 200)
    ax.plot(1e3 * time_s, 100 * np.asarray(kth_latency_tail(ANSWER, time_s, needed, standbys)))
    late_s = float(kth_latency_percentile_s(ANSWER, 0.99, needed, standbys))
    ax.plot([1e3 * late_s], [1], "o", color=INK, ms=5)
    ax.axhline(1, color=MUTED, ls="--", lw=1)
    ax.set(xlim=(0, 50), ylim=(-3, 100))
    label(ax, x="time since the write was sent, ms", y="commits still waiting, %")
    mean_s = kth_latency_mean_s(ANSWER, needed, standbys)
    spare = standbys - needed
    dies = f"{spare} may die before commits hang" if spare else "if one dies, commits hang"
    return (
        f"{needed} of {standbys}: mean {quantity(1e3 * mean_s, 'ms')}, slowest percent "
        f"{quantity(1e3 * late_s, 'ms')}; {dies}."
    )


def hours_without_writes() -> dict[str, float]:
    """Hours a year in which no write is acknowledged, by what a commit waits for."""

    def hours(availability: float) -> float:
        return float(downtime_s_per_year(availability)) / 3600

    primary_only = hours(NODE_UP)
    one = hours(serial_availability([NODE_UP, NODE_UP]))
    deaths = primary_only / REPAIR_H  # of the standby, a year
    any_of_two = serial_availability([NODE_UP, float(k_of_n_availability(NODE_UP, 1, 2))])
    return {
        "nobody": primary_only,
        "the only standby": one,
        "the same, 1 min to act": primary_only + deaths / 60,
        "any one of two": hours(any_of_two),
        "two of three": hours(float(majority_availability(NODE_UP, 3))),
    }


def stale_by_model(read_quorum: int, write_quorum: int, after_ms: float) -> float:
    """Share of stale reads of three copies without a primary, messages of 10 ms each."""
    return float(stale_read_probability(WARS, after_ms / 1e3, 3, read_quorum, write_quorum))


def stale_by_play(
    rng: np.random.Generator, read_quorum: int, write_quorum: int, after_ms: float
) -> float:
    """Play the same with drawn messages, 20,000 times."""

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> v.FloatArray:
        return rng.exponential(DELAY_S, shape)

    run = quorum_staleness(
        3,
        read_quorum,
        write_quorum,
        write=draw,
        acknowledge=draw,
        read=draw,
        respond=draw,
        trials=20_000,
        rng=rng,
    )
    return float(run.stale_share(after_ms / 1e3))


def dead_primary(
    rng: np.random.Generator, lag_ms: float, rate_per_s: float, sync: str = "async"
) -> int:
    """Write at random moments, kill the primary, promote the standby; acknowledged writes lost.

    The gaps between writes are exponential. What was on its way dies with the primary.
    """
    clock = VirtualClock()
    network = FakeNetwork(clock)
    store = ReplicatedStore(clock, replicas=1, network=network, sync=sync)  # type: ignore[arg-type]
    network.set_delay("node0", "node1", lag_ms / 1e3)
    crash_s = 3 * lag_ms / 1e3 + 0.2
    at_s, i = float(rng.exponential(1 / rate_per_s)), 0
    while at_s < crash_s:
        clock.schedule_at(at_s, partial(store.submit_put, i, "paid", _drop, _drop))
        at_s, i = at_s + float(rng.exponential(1 / rate_per_s)), i + 1
    clock.advance(crash_s)
    store.failover.crash("node0")
    store.failover.promote("node1", allow_loss=True)
    return len(store.lost_writes())


def _drop(_: object) -> None:
    pass


def naive_share(rng: np.random.Generator, limit_s: float) -> float:
    """Write once a minute on average, and look at the guide's query at even times.

    Returns the share of looks in which it says more than `limit_s`; the standby is 10 ms behind.
    """
    times, said, _ = naive_watch(rng, 3_000, 7.0)
    return float(np.mean(said[times > GAP_S] > limit_s))


def naive_watch(
    rng: np.random.Generator, looks: int, every_s: float
) -> tuple[v.FloatArray, v.FloatArray, v.FloatArray]:
    """Return times of looks, what the guide's query says, and the age of what is missing, in s."""
    clock = VirtualClock()
    store = ReplicatedStore(clock, replicas=1, apply_delay_s=TRUE_LAG_S)
    end_s = looks * every_s
    store.put("first", "paid")
    for at_s in np.cumsum(rng.exponential(GAP_S, int(2 * end_s / GAP_S) + 9)):
        clock.schedule_at(float(at_s), partial(store.submit_put, "row", "paid", _drop, _drop))
    times, said, missing = [], [], []
    for _ in range(looks):
        clock.advance(every_s)
        lag = store.lag("node1")
        times.append(clock.now_s)
        said.append(lag.naive_s)
        missing.append(lag.seconds)
    return np.array(times), np.array(said), np.array(missing)


def plot_naive(ax: Axes, rng: np.random.Generator) -> Axes:
    """Draw what the guide's query says over ten minutes, and what is missing in truth."""
    times, said, missing = naive_watch(rng, 1_200, 0.5)
    ax.plot(times / 60, said, color=ORANGE, label="the guide's query")
    ax.plot(times / 60, missing, color=BLUE, ls="--", label="age of what is missing")
    ax.axhline(1, color=INK, lw=1, ls=":", label="alarm at 1 s")
    ax.set(xlim=(0, 10), ylim=(-5, 1.7 * said.max()))
    return label(ax, x="time, min", y="“lag”, s", legend=True)


BEHIND = 50  # writes that only one of two standbys has


def wrong_standby(choose: str | None) -> dict[str, Any]:
    """Acknowledge with any one of two standbys, lose the primary, and promote one of them.

    `choose` names the standby; None takes the one with the longest log.
    """
    clock = VirtualClock()
    store = ReplicatedStore(clock, replicas=2, sync="receive", sync_replicas=1)
    recorder = Recorder(clock)
    ann, bob = (recorder.session(store, client) for client in ("Ann", "Bob"))
    ann.put("balance", 100)
    clock.advance(0.01)
    store.network.partition(["node2"], ["node0", "node1"])
    for i in range(BEHIND - 1):
        store.put(i, "paid")
        clock.advance(0.01)
    ann.put("balance", 70)
    store.failover.crash("node0")
    store.network.heal()
    promoted = store.failover.promote(choose, allow_loss=choose is not None)
    clock.advance(0.01)
    bob.get("balance")
    history = [op for op in recorder.history() if op.key == "balance"]
    return {
        "promoted": promoted,
        "lost": len(store.lost_writes()),
        "history": history,
        "order": linearization(history),
    }


def must_ask(standbys: int, needed: int) -> int:
    """Find the fewest standbys of which every choice has one that confirmed; tries all."""
    names = range(standbys)
    confirmed = [set(some) for some in combinations(names, needed)]
    return next(
        asked
        for asked in range(1, standbys + 1)
        if all(have & set(some) for have in confirmed for some in combinations(names, asked))
    )


def in_order(order: list[Operation] | None) -> str:
    """Say in which order operations happened, if there is one."""
    verbs = {"put": "writes", "get": "reads"}
    told = [f"{o.client} {verbs[o.kind]} {o.value}" for o in order or []]
    return ", ".join(told) or "none"


def chosen_note() -> Html:
    """Say what the promotion of each standby does."""
    said = []
    for words, choose in (("The one behind", "node2"), ("The longest log", None)):
        it = wrong_standby(choose)
        said.append(
            f"{words} promoted: {it['lost']} confirmed writes lost, Bob reads "
            f"{it['history'][-1].value}; an order that explains it: {in_order(it['order'])}."
        )
    return note(" ".join(said))


def alarm_by_model(limit_s: float) -> float:
    """Chance that the last write a standby showed is longer ago than a limit."""
    return float(np.exp(-max(limit_s - TRUE_LAG_S, 0.0) / GAP_S))


def waited_for_lag(*, planned: bool) -> tuple[int, int, int]:
    """Follow the guide's steps, 0.2 s behind at 1,000 writes a second.

    Returns the writes that the standby lacks when they stop, a minute later, and those lost.
    """
    clock = VirtualClock()
    network = FakeNetwork(clock)
    store = ReplicatedStore(clock, replicas=1, network=network)
    network.set_delay("node0", "node1", LAG_S)
    for i in range(WRITES):
        clock.schedule_at((i + 0.5) / WRITES, partial(store.submit_put, i, "paid", _drop, _drop))
    clock.advance(1.0)
    missing = store.lag("node1").entries
    if planned:
        store.failover.switch_over("node1")
        return missing, 0, len(store.lost_writes())
    store.failover.crash("node0")
    network.partition(["node0"], ["node1"])
    clock.advance(60.0)
    minute = store.lag("node1").entries
    store.failover.promote("node1", allow_loss=True)
    return missing, minute, len(store.lost_writes())


def two_primaries(*, fencing: bool) -> tuple[int, int]:
    """Cut the primary off, promote a standby, and let ten clients write to the old address.

    Returns how many nodes take themselves for the primary, and how many confirmed writes are
    lost when the network is whole again and the old one follows the new.
    """
    clock = VirtualClock()
    store = ReplicatedStore(clock, replicas=1, fencing=fencing)
    store.put("before", "paid")
    clock.advance(0.1)
    store.network.partition(["node0"], ["node1"])
    store.failover.promote("node1", allow_loss=True)
    for i in range(10):
        store.submit_put(i, "paid", _drop, _drop, node="node0")
    clock.advance(2.0)
    primaries = len(store.failover.primaries())
    store.network.heal()
    store.failover.rejoin("node0")
    return primaries, len(store.lost_writes())
