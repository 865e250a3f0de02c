"""Experiments of the chapter on stateless and stateful servers: one cart, kept in three places."""

from __future__ import annotations

import hashlib
import json
import timeit
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.chapters.horizontal.experiments import random_requests
from scalelab.course.chapters.stateless.cart_service import KEY, servers_behind
from scalelab.course.page import Html, note, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.extras import require
from scalelab.fakes.balancing.web_server import Request, WebServer
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.fakes.sessions.session_store import SessionStore
from scalelab.fakes.sessions.token_sessions import signed_token, verified_claims
from scalelab.models.power_of_choices import (
    mean_response_in_services,
    round_robin_response_in_services,
    shortest_line_bound_in_services,
)
from scalelab.plotting import BLUE, GREEN, INK, ORANGE, label, plot_bars
from scalelab.quantities import percent, quantity
from scalelab.real.servers import start_server
from scalelab.real.supervised import RealComponentError
from scalelab.sim.load_balancing import balanced_run
from scalelab.sim.queue import queue_waits_s
from scalelab.workloads.sessions import poisson_sessions

POLICIES = {
    "random": "random",
    "in turn": "round_robin",
    "better of two": "power_of_d",
    "shortest of all": "join_shortest_queue",
}


def stateless_picture() -> Figure:
    """Draw two requests with a token, each to another server that asks the database."""
    boxes = {
        "user": Box(x=0, y=0, text="browser\ntoken", width=1.5, height=0.9),
        "a": Box(x=3.6, y=0.75, text="server A\nno memory", colour=GREEN, height=0.9),
        "b": Box(x=3.6, y=-0.75, text="server B\nno memory", colour=GREEN, height=0.9),
        "db": Box(x=7, y=0, text="database\nuser 42", colour=ORANGE, height=0.9),
    }
    arrows = [
        Arrow(start="user", end="a", text="1st"),
        Arrow(start="user", end="b", text="2nd"),
        Arrow(start="a", end="db", text="who?"),
        Arrow(start="b", end="db"),
    ]
    return diagram(boxes, arrows, height=2.3)


def stateful_picture() -> Figure:
    """Draw a session in the memory of one server, and a request that reaches another."""
    boxes = {
        "user": Box(x=0, y=0, text="browser\nid abc123", width=1.5, height=0.9),
        "a": Box(x=3.9, y=0.75, text="server A\nabc123: user 42", width=2.3, height=0.9),
        "b": Box(
            x=3.9, y=-0.75, text="server B\nabc123: unknown", colour=ORANGE, width=2.3, height=0.9
        ),
    }
    arrows = [
        Arrow(start="user", end="a", text="log in"),
        Arrow(start="user", end="b", text="next", dashed=True),
    ]
    return diagram(boxes, arrows, height=2.3)


# Requests that miss their session -------------------------------------------------------------


def missed(rng: np.random.Generator, servers: int, users: int = 400, requests: int = 10) -> float:
    """Share of requests after the log-in that find no session, with sessions in memory.

    Each user logs in and sends so many requests, each to a server at random.
    """
    sessions = MemorySessions(servers_behind("random", servers, rng=rng))
    users = v.count("missed", "users", users, maximum=100_000)
    requests = v.count("missed", "requests", requests, maximum=1_000)
    for user in range(users):
        sessions.save(f"user-{user}", {"cart": []})
        for _ in range(requests):
            sessions.load(f"user-{user}")
    return sessions.stats().missing / sessions.stats().loads


def three_carts(clicks: int = 9) -> list[tuple[str, bool, list[int]]]:
    """Follow one user who logs in again each time he is asked to, and adds an item each time.

    Of each click: the server, whether it knew him, and the items that its page shows.
    """
    balancer = servers_behind("round_robin")
    seen = []
    for click in range(1, clicks + 1):

        def add(server: WebServer, item: int = click) -> tuple[str, bool, list[int]]:
            known = "ann" in server.memory
            server.memory.setdefault("ann", []).append(item)
            return server.name, known, list(server.memory["ann"])

        seen.append(balancer.handle(Request(client="ann", work=add)).value)
    return seen


def plot_three_carts(ax: Axes, clicks: list[tuple[str, bool, list[int]]]) -> None:
    """Draw which server took each click, whether it knew the user, and the cart that it showed."""
    servers = sorted({server for server, _, _ in clicks})
    looks = {False: ("s", ORANGE, "please log in"), True: ("o", BLUE, "welcome back")}
    for known, (marker, colour, words) in looks.items():
        at = [(i, servers.index(s)) for i, (s, k, _) in enumerate(clicks, 1) if k == known]
        ax.plot(*zip(*at, strict=True), marker, color=colour, markersize=8, label=words)
    for i, (server, _, items) in enumerate(clicks, 1):
        text = ", ".join(map(str, items))
        ax.annotate(
            text, (i, servers.index(server)), (0, 9), textcoords="offset points", ha="center"
        )
    ax.set(xlim=(0.3, len(clicks) + 0.7), ylim=(len(servers) - 0.6, -0.8))
    ax.set(xticks=range(1, len(clicks) + 1), yticks=range(len(servers)), yticklabels=servers)
    label(ax, x="click, which adds the item of its number")
    ax.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, 1.2), ncols=2)


# Freedom of routing ---------------------------------------------------------------------------


def routed_response(
    rng: np.random.Generator, policy: str, utilisation: float, requests: int = 400_000
) -> float:
    """Mean response in mean service times: four servers with own lines, Poisson, exponential.

    `policy` as in :func:`scalelab.sim.load_balancing.balanced_run`; `utilisation` is the load of
    each server, in (0, 1). The first twentieth of the run is left out.
    """
    arrivals, services, choosing = random_requests(rng, 4 * utilisation, requests)
    run = balanced_run(arrivals, services, 4, policy, rng=choosing)
    return float(run.response_s[requests // 20 :].mean())


def steadier_response(
    rng: np.random.Generator, policy: str, utilisation: float, requests: int = 400_000
) -> float:
    """Mean response as `routed_response`, with less noise: a control variate.

    The same requests also stand in one common line. Its mean is known, so it tells by how much this
    draw is busier than usual, and that much is taken off (Law, *Simulation Modeling and Analysis*,
    5th ed. 2015, section 11.4).
    """
    arrivals, services, choosing = random_requests(rng, 4 * utilisation, requests)
    run = balanced_run(arrivals, services, 4, policy, rng=choosing)
    common = queue_waits_s(arrivals, services, 4) + services
    usual = float(shortest_line_bound_in_services(utilisation, 4))
    return float((run.response_s - common)[requests // 20 :].mean()) + usual


def theory_of(policy: str, utilisation: float) -> float:
    """Return the closed form of `routed_response` on four servers, for random and for in turn."""
    if policy == "random":
        return float(mean_response_in_services(utilisation, 1))
    return float(round_robin_response_in_services(utilisation, 4))


def draw_policies(ax: Axes, load: float) -> str:
    """Draw the mean response under four ways to choose one of four servers, at one load."""
    found = {
        name: routed_response(np.random.default_rng(2026), policy, load, requests=500_000)
        for name, policy in POLICIES.items()
    }
    bound = shortest_line_bound_in_services(load, 4)
    plot_bars(ax, found, form="{:.2f}")
    ax.axvline(bound, color=ORANGE, linewidth=1.4, label="one common line, M/M/4")
    label(ax, x="mean response, in service times", title=f"{percent(load)} load", legend=True)
    said = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
    return f"At {percent(load)} load, mean response in service times: {said}; bound {bound:.2f}."


# Repeated work and larger requests ------------------------------------------------------------


def lookups_per_request(*, context: bool) -> float:
    """Play the guide's two requests with a signed token; return the database's reads a request.

    The token says who the user is, and with `context` also his name, which is all the page needs.
    """
    database = SessionStore(VirtualClock(), ttl_s=1e6)
    database.save("42", {"name": "Alice"})
    claims = {"sub": "42", "name": "Alice"} if context else {"sub": "42"}
    token = signed_token(claims, KEY)
    for _ in range(2):
        asking = verified_claims(token, KEY)
        if "name" not in asking:
            database.load(asking["sub"])
    return database.stats().loads / 2


def busy_lookups(rng: np.random.Generator, rate_per_s: float, lookup_s: float) -> float:
    """Mean number of look-ups under way at once, simulated over fifty seconds."""
    run = poisson_sessions(rate_per_s, lookup_s, 60.0, rng=rng)
    return float(run.open_at(np.arange(5.0, 55.0, 0.005)).mean())


def token(claims: dict[str, Any]) -> str:
    """Sign claims with PyJWT, HS256."""
    jwt = require("jwt", "formats")

    return jwt.encode(claims, KEY, algorithm="HS256")


def small_claims() -> dict[str, Any]:
    """Return what says who somebody is, until when, and nothing else."""
    return {"sub": "42", "iat": 1_790_000_000, "exp": 1_790_001_800, "jti": "abc123"}


def session_claims(size_bytes: int = 640) -> dict[str, Any]:
    """Return a session whose JSON has a given number of bytes, >= 16: as many pages as it takes."""
    size = v.count("session_claims", "size_bytes", size_bytes, minimum=16)
    return {"seen": "x" * (size - len('{"seen":""}'))}


def header_table() -> Html:
    """Show what each style sends with a request, and what that is per second."""
    sent = {
        "a cookie with a session id": "session_id=abc123",
        "a token that says who": token(small_claims()),
        "a token with the whole session": token(session_claims()),
    }
    return table(
        [
            {"sent": name, "bytes": len(text), "at 1,000 requests/s, Mbit/s": len(text) * 8e3 / 1e6}
            for name, text in sent.items()
        ],
        "What each style sends with a request",
    )


def draw_token(ax: Axes, session_bytes: int, rate: int) -> str:
    """Draw the parts of a token that carries a session; `rate` is in requests per second."""
    parts = [len(part) for part in token(session_claims(session_bytes)).split(".")]
    left = 0
    for name, size, colour in zip(
        ("header", "claims", "signature"), parts, (BLUE, ORANGE, GREEN), strict=True
    ):
        ax.barh(["token"], [size], left=left, color=colour, height=0.5, label=f"{name} {size}")
        left += size + 1  # the dot
    ax.barh(["session id"], [32], color=INK, height=0.5)
    ax.set(xlim=(0, 5_700), xticks=[0, 2_000, 4_000])
    whole = sum(parts) + 2
    extra = (whole - 32) * 8 * rate / 1e6
    title = f"{quantity(round(extra, 1), 'Mbit/s')} more than an id"
    label(ax, x="bytes with each request", title=title, legend=True)
    return (
        f"A session of {session_bytes:,} bytes makes a token of {whole:,} bytes; at {rate:,} "
        f"requests per second {extra:.1f} Mbit/s more than an id of 32 bytes."
    )


# A crash, and the clock -----------------------------------------------------------------------


def crash_loss(rng: np.random.Generator, servers: int, users: int = 3_000) -> float:
    """Share of sessions that die with one server, when users are spread at random."""
    balancer = servers_behind("random", servers, rng=rng)
    sessions = MemorySessions(balancer)
    for user in range(v.count("crash_loss", "users", users, maximum=100_000)):
        sessions.save(f"user-{user}", {})
    balancer.server("web-1").crash()
    return 1 - sessions.sessions / users


def dictionary_lookup_s() -> float:
    """Measure one look-up in a dictionary of 10,000 sessions, in seconds; the best of seven."""
    sessions = {hashlib.sha256(b"%d" % i).hexdigest(): {"user_id": i} for i in range(10_000)}
    key = list(sessions)[5_000]
    return min(timeit.repeat(lambda: sessions[key], number=20_000, repeat=7)) / 20_000


def time_table(repeats: int = 300) -> Html:
    """Measure the three ways to know who asks: memory, a signature, a store on this machine."""
    jwt = require("jwt", "formats")

    signed = jwt.encode({"sub": "42"}, KEY, algorithm="HS256")

    def verify() -> None:
        jwt.decode(signed, KEY, algorithms=["HS256"])

    rows = [
        {"how": "dictionary in memory", "µs": 1e6 * dictionary_lookup_s()},
        {
            "how": "verify a token (PyJWT)",
            "µs": 1e6 * min(timeit.repeat(verify, number=1, repeat=repeats)),
        },
    ]
    try:
        with start_server() as server:
            client = server.client()
            client.set("session:abc123", json.dumps({"user_id": 42}))
            client.get("session:abc123")  # the connection is there now
            ask = partial(client.get, "session:abc123")
            best = min(timeit.repeat(ask, number=1, repeat=repeats))
            rows.append({"how": f"ask {server.name} on 127.0.0.1", "µs": 1e6 * best})
    except RealComponentError as missing:
        return note(str(missing))
    return table(rows, "What it takes to know who asks, on this machine")
