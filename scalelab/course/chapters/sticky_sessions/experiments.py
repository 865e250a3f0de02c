"""Experiments of the chapter on sticky sessions: who is lost when the fleet changes, and when."""

from __future__ import annotations

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.page import Html, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.hash_ring import HashRingRouter
from scalelab.fakes.routing.rendezvous import RendezvousRouter
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.models.infinite_servers import exponential_drain_s, fill_share
from scalelab.models.placement import minimum_moved_share, modulo_moved_share
from scalelab.plotting import BLUE, GREEN, ORANGE, RED, label, label_lines, mark
from scalelab.workloads.demand import DAY_S
from scalelab.workloads.service_times import exponential_times_s
from scalelab.workloads.sessions import poisson_sessions

METHODS = ("cookie", "session hash, mod n", "session hash, rendezvous", "session hash, ring")


def affinity_picture() -> Figure:
    """Draw the first request of a user, and the later ones that follow the cookie."""
    boxes = {
        "first": Box(x=0, y=0.8, text="1st request\nno cookie", width=1.9, height=0.9),
        "later": Box(x=0, y=-0.8, text="later\nserver_id=2", width=1.9, height=0.9),
        "lb": Box(x=3.6, y=0, text="load\nbalancer", colour=ORANGE, width=1.5, height=0.9),
        "s1": Box(x=7, y=1.2, text="server 1", colour=GREEN, width=2.2),
        "s2": Box(x=7, y=0, text="server 2\nhas the session", colour=GREEN, width=2.2, height=0.9),
        "s3": Box(x=7, y=-1.2, text="server 3", colour=GREEN, width=2.2),
    }
    arrows = [
        Arrow(start="first", end="lb"),
        Arrow(start="later", end="lb"),
        Arrow(start="lb", end="s2", text="both"),
        Arrow(start="lb", end="s1", dashed=True),
        Arrow(start="lb", end="s3", dashed=True),
    ]
    return diagram(boxes, arrows, height=2.6)


# Sessions that are not found when the fleet changes ---------------------------------------------


def sticky_balancer(
    method: str,
    servers: int,
    check_every_s: float | None = None,
    *,
    clock: VirtualClock | None = None,
    workers: int = 1,
) -> LoadBalancer:
    """Return a balancer that keeps users on their servers in one of `METHODS`."""
    ways: tuple[str | RendezvousRouter | HashRingRouter, ...] = (
        "cookie",
        "ip_hash",
        RendezvousRouter(),
        HashRingRouter(),
    )
    policies = dict(zip(METHODS, ways, strict=True))
    policy = policies[v.choice("sticky_balancer", "method", method, METHODS)]
    names = [f"web-{i + 1}" for i in range(servers)]
    clock = clock or VirtualClock()
    return LoadBalancer(clock, names, policy, check_every_s=check_every_s, workers=workers)


def lost_on_change(
    method: str, before: int, change: str, users: int = 2_000, named: str = "user"
) -> float:
    """Share of sessions in memory that their users do not find after the fleet has changed.

    ``"add"``: one server more; ``"crash"``: the second server dies, and the balancer has noticed.
    Users' ids begin with `named`, so that runs can differ.
    """
    balancer = sticky_balancer(method, before, check_every_s=1.0)
    sessions = MemorySessions(balancer)
    names = [f"{named}-{i}" for i in range(users)]
    for name in names:
        sessions.save(name, {})
    if change == "add":
        balancer.add_server("web-new")
    else:
        balancer.server("web-2").crash()
        balancer.clock.advance(5.0)  # three checks fail, and it is out of service
    found = [sessions.load(name) is not None for name in names]
    balancer.close()
    balancer.check_invariants()
    return (users - sum(found)) / users


def lost_model(method: str, before: int, change: str) -> float:
    """Return what theory gives for `lost_on_change`."""
    after = before + 1 if change == "add" else before - 1
    if method == "session hash, mod n":
        return modulo_moved_share(before, after)
    if method == "cookie" and change == "add":
        return 0.0
    return float(minimum_moved_share(before, after))


# A new server fills, an old one drains ----------------------------------------------------------


def simulated_fill(rng: np.random.Generator, elapsed_s: float, mean_s: float) -> float:
    """Share of its sessions that a new server has, when it gets its part of the new ones only."""
    run = poisson_sessions(500 / mean_s, mean_s, elapsed_s, rng=rng)  # 500 in the long run
    return float(run.open_at([elapsed_s])[0]) / 500


def draw_relief(ax: Axes, mean_min: int) -> str:
    """Draw the load of an old server after a fourth one was added to three.

    Sessions last `mean_min` minutes on average.
    """
    minutes = np.linspace(0, 120, 241)
    filled = np.asarray(fill_share(60 * minutes, 60 * mean_min))
    old = 120 * (1 - filled) + 90 * filled  # % of its capacity, before and in the long run
    ax.plot(minutes, old, color=BLUE, label="each old server")
    ax.plot(minutes, 90 * filled, color=ORANGE, label="the new server")
    ax.axhline(100, color=RED, linewidth=1)
    late = 60 * mean_min * np.log(3)  # 120 − 30·filled = 100 at filled = 2/3
    if late <= 7_200:
        mark(ax, late / 60, 100, f"{late / 60:.0f} min")
    ax.set_ylim(0, 135)
    label(ax, x="minutes after adding a server", y="load, % of a server")
    label_lines(ax)
    return (
        f"Sessions of {mean_min} min: the old servers are above 100 % for "
        f"{late / 60:.0f} min after a fourth was added."
    )


def simulated_drain_s(
    rng: np.random.Generator,
    sessions: int,
    mean_s: float,
    deadline_s: float | None = None,
) -> tuple[float, int]:
    """Drain a virtual server with exponential sessions; return the time and how many were cut.

    For exponential lengths the mean length is also the mean of what is left. After the deadline the
    rest is cut off.
    """
    balancer = LoadBalancer(VirtualClock(), ["old", "new"], "cookie")
    left_s = exponential_times_s(mean_s, 2 * sessions, rng=rng)  # every other one is on "old"
    for i, ends_s in enumerate(left_s.tolist()):
        client = f"user-{i}"
        balancer.handle(Request(client=client))
        balancer.clock.schedule(ends_s, partial(balancer.end_session, client))
    began_s = balancer.clock.now_s
    cut = balancer.drain("old", deadline_s=deadline_s)
    return balancer.clock.now_s - began_s, cut


def draw_deadline(ax: Axes, mean_min: int, deadline_min: int) -> str:
    """Draw what is left of 500 sessions against time, with a deadline that cuts off the rest.

    Sessions last `mean_min` minutes on average.
    """
    minutes = np.linspace(0, 130, 261)
    left = 500 * (1 - np.asarray(fill_share(60 * minutes, 60 * mean_min)))
    ax.plot(minutes, left, color=BLUE)
    ax.axvline(deadline_min, color=ORANGE, linewidth=1.4)
    cut = 500 * (1 - float(fill_share(60 * deadline_min, 60 * mean_min)))
    mark(ax, deadline_min, cut, f"{cut:.0f} cut off")
    whole = float(exponential_drain_s(500, 60 * mean_min)) / 60
    ax.set(ylim=(0, 520), xlim=(0, 130))
    label(ax, x="minutes since the drain began", y="sessions left")
    return (
        f"Sessions of {mean_min} min, deadline {deadline_min} min: {cut:.1f} of 500 are cut off; "
        f"waiting for all takes {whole:.0f} min on average."
    )


# Deployments ------------------------------------------------------------------------------------


def lost_per_day(
    deploys_per_day: float, open_sessions: float, mean_s: float, drain_s: float = 0.0
) -> float:
    """Sessions cut off by deployments in a day, when each restarts every server: D N exp(-d/T).

    There are N open sessions on all servers, exponential with mean T; each server waits d seconds
    for its own before it restarts.
    """
    if drain_s == 0:
        return float(deploys_per_day * open_sessions)
    return deploys_per_day * open_sessions * (1 - float(fill_share(drain_s, mean_s)))


def simulated_lost_per_day(
    rng: np.random.Generator, deploys_per_day: int, open_sessions: float, mean_s: float
) -> float:
    """Count the sessions that are open at each of a day's deployments, without a drain."""
    warm_s = 10 * mean_s
    run = poisson_sessions(open_sessions / mean_s, mean_s, warm_s + DAY_S, rng=rng)
    times_s = warm_s + DAY_S * (np.arange(deploys_per_day) + 0.5) / deploys_per_day
    return float(run.open_at(times_s).sum())


def deploy_table() -> Html:
    """Show what ten deployments a day cost 1,600 sessions of three lengths, with three waits."""
    rows = []
    for name, mean_min in (("10 minutes", 10), ("1 hour", 60), ("8 hours", 480)):
        begun = 1_600 * DAY_S / (60 * mean_min)
        row: dict[str, object] = {"sessions of": name, "begun per day": begun}
        for drain_min in (0, 30, 120):
            lost = lost_per_day(10, 1_600, 60 * mean_min, 60 * drain_min)
            row[f"lost per day, drain {drain_min} min"] = lost
        rows.append(row)
    return table(rows, "What a day of deployments costs")


def advice(mean_s: float, deploys_per_day: float, drain_s: float, allowed_share: float) -> str:
    """Say whether sticky sessions are acceptable: as few are cut off as allowed, or not.

    The first three as in `lost_per_day`; `allowed_share` is that of a day's sessions.
    """
    begun = DAY_S / mean_s  # per open session
    share = lost_per_day(deploys_per_day, 1.0, mean_s, drain_s) / begun
    return "acceptable" if share <= allowed_share else "avoid"
