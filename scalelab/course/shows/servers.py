"""Servers behind a balancer: each with its line, and every request on its way."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.course.stage import Box, Look, Place, Stage, tap
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request, Response, WebServer
from scalelab.fakes.invariants import ensure
from scalelab.sim.load_balancing import BalancedRun
from scalelab.workloads.arrivals import poisson_arrivals_until_s

ROW = 50.0
# By whether the server is up, and whether it is in service: what stands there, what is said.
STATES = {
    (True, True): ("", "is in service again."),
    (False, True): (
        "down, not noticed",
        "is down. The balancer does not know it, and goes on sending requests there.",
    ),
    (False, False): ("down, out", "is out of service: the probes found nobody there."),
    (True, False): ("up, still out", "is up again. The balancer does not know it yet."),
}


def send_requests(
    stage: Stage,
    balancer: LoadBalancer,
    *,
    rate_per_s: float,
    mean_s: float,
    until_s: float,
    seed: int,
    clients: Iterable[str] = ("any",),
) -> None:
    """Let requests come at random, from one client or several, with exponential service times."""
    rng = np.random.default_rng(seed)
    names = list(clients)
    for at_s in poisson_arrivals_until_s(rate_per_s, until_s, rng=rng):
        client = names[int(rng.integers(len(names)))] if len(names) > 1 else names[0]
        request = Request(client=client, service_s=float(rng.exponential(mean_s)))
        stage.clock.schedule_at(float(at_s), partial(balancer.submit, request, _ignore, _ignore))


def _ignore(_: object) -> None:
    pass


class _Row:
    """A server on the stage: its box, its line, its workers, its door and its way out."""

    def __init__(self, stage: Stage, name: str, y: float, workers: int) -> None:
        width = 16.0 * workers + 10
        left = 380 - width
        self.box = stage.box(Box(label=name, x=left, y=y - 12, width=width, height=24))
        self.line = stage.place(
            Place(
                name=f"the line of {name}",
                x=left - 14,
                y=y,
                keep="line",
                dx=-12,
                columns=99,
                most=13,
                counter="in line",
            )
        )
        work = Place(name=f"a worker of {name}", x=left + 13, y=y, dx=16, columns=workers)
        self.work = stage.place(replace(work, most=workers, counter="at work"))
        out = Place(name=f"answered by {name}", x=412, y=y, keep="out", counter="answered")
        self.out = stage.place(out)
        self.door = stage.place(Place(name=f"the door of {name}", x=left - 4, y=y))
        probe = Place(name=f"{name} is probed", x=left + width / 2, y=y - 12, keep="out")
        self.probe = stage.place(probe)


def _front(stage: Stage, servers: int) -> tuple[int, int, float]:
    """Put clients and balancer on the stage; returns their places, and their height."""
    stage.height = ROW * servers + 30
    stage.p99_of = "answered"
    stage.legend |= {"moving": "request"}
    middle = ROW * servers / 2 + 12
    stage.box(Box(label="clients", x=2, y=middle - 14, width=62, height=28))
    stage.box(Box(label="balancer", x=92, y=middle - 14, width=66, height=28))
    clients = stage.place(Place(name="the clients", x=33, y=middle))
    return clients, stage.place(Place(name="the balancer", x=125, y=middle)), middle


def show_balanced_run(stage: Stage, arrivals_s: v.FloatArray, run: BalancedRun) -> None:
    """Show what the simulator found: arrays in, the same picture as of a balancer out."""
    clients, gate, _ = _front(stage, run.servers)
    rows = [_Row(stage, f"server {i + 1}", 38 + ROW * i, 1) for i in range(run.servers)]
    for i, arrived_s in enumerate(arrivals_s):
        row = rows[run.server[i]]
        began_s = arrived_s + run.wait_s[i]
        way: list[tuple[float, int, Look]] = [(arrived_s, clients, "moving")]
        way.append((arrived_s, gate, "moving"))
        if began_s > arrived_s:
            way.append((arrived_s, row.line, "moving"))
        way.append((began_s, row.work, "moving"))
        stage.history([*way, (arrived_s + run.response_s[i], row.out, "good")])


def show_balancer(stage: Stage, balancer: LoadBalancer) -> None:
    """Show a balancer's servers, its probes, and every request on its way.

    Balancer and servers are those of `stage.clock`; nothing may be under way yet.
    """
    names = balancer.servers
    clients, gate, middle = _front(stage, len(names))
    shown: dict[str, _Server] = {}
    tokens: dict[int, int] = {}
    for i, name in enumerate(names):
        shown[name] = _Server(stage, balancer.server(name), 38 + ROW * i, tokens)
    failed = Place(name="lost", x=125, y=stage.height - 20, keep="out", counter="lost")
    lost_at = stage.place(failed)
    stage.sign(125, stage.height - 4, "lost")
    stage.legend |= {"again": "sent to a dead server", "lost": "lost"}
    if balancer.check_every_s is not None:
        stage.legend["ghost"] = "probe"
        prober = stage.place(Place(name="the balancer", x=140, y=middle, keep="out"))
        balancer.watch(lambda _, name, up: shown[name].probed(prober, up))

    def submit(original: Any, request: Request, on_done: Any, on_failed: Any) -> None:
        request = replace(request)  # this one's own, to be known again
        token = tokens[id(request)] = stage.token(clients)
        stage.move(token, gate)

        def done(response: Response) -> None:
            shown[response.server].finish(token, response)
            del tokens[id(request)]
            on_done(response)

        def lost(error: Exception) -> None:
            stage.move(token, lost_at, "lost")
            del tokens[id(request)]
            on_failed(error)

        original(request, done, lost)

    def look() -> None:
        for name, server in shown.items():
            server.look(name in balancer.in_service)

    tap(balancer, "submit", submit)
    stage.watch(look, partial(_books, balancer))


def _books(balancer: LoadBalancer) -> dict[str, int]:
    stats = balancer.stats()
    servers = [balancer.server(name) for name in balancer.servers]
    busy = sum(server.busy_workers for server in servers)
    return {
        "answered": stats.answered,
        "lost": stats.failed + stats.refused,
        "at work": busy,
        "in line": sum(server.in_system for server in servers) - busy,
    }


class _Server:
    """One server on the stage: who waits there is the first in its line, and is checked."""

    def __init__(self, stage: Stage, server: WebServer, y: float, tokens: dict[int, int]) -> None:
        self.stage, self.server, self.tokens = stage, server, tokens
        self.row = _Row(stage, server.name, y, server.workers)
        self._waiting: deque[int] = deque()
        self._arrived_s: dict[int, float] = {}
        self._began_s: dict[int, float] = {}
        self._state = (True, True)
        tap(server, "submit", self._submit)

    def _submit(self, original: Any, request: Request, on_done: Any, on_failed: Any) -> None:
        token, was_busy = self.tokens[id(request)], self.server.busy_workers
        self._arrived_s[token] = self.stage.clock.now_s
        original(request, on_done, on_failed)
        if not self.server.is_up:
            self.stage.move(token, self.row.door, "again")
        elif self.server.busy_workers > was_busy:
            self._begin(token)
        else:
            self.stage.move(token, self.row.line)
            self._waiting.append(token)

    def _begin(self, token: int) -> None:
        self._began_s[token] = self.stage.clock.now_s
        self.stage.move(token, self.row.work, "moving")

    def probed(self, prober: int, up: bool) -> None:
        """Show a probe that found the server, or did not."""
        probe = self.stage.token(prober, "ghost" if up else "lost")
        self.stage.move(probe, self.row.probe)

    def look(self, in_service: bool) -> None:
        """Let begin who has left the line, the first first, and say how the server is."""
        if not self.server.is_up:
            self._waiting.clear()
        while len(self._waiting) > self.server.in_system - self.server.busy_workers:
            self._begin(self._waiting.popleft())
        state = (self.server.is_up, in_service)
        if state != self._state:
            self._state = state
            written, said = STATES[state]
            self.stage.say(f"{self.server.name} {said}")
            self.stage.state(self.row.box, written, bad=not state[0])

    def finish(self, token: int, response: Response) -> None:
        """Let a token leave; its wait must be what the server says."""
        waited_s = self._began_s.pop(token) - self._arrived_s.pop(token)
        ensure(abs(waited_s - response.wait_s) < 1e-9, "a token waited for another time")
        self.stage.move(token, self.row.out, "good")
