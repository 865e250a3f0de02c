"""Experiments of the chapter on external state: round trips, lifetimes, two tabs, a dead store."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab.course.page import Html, note, table
from scalelab.course.shows.session_store import Client
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.session_store import SessionRecord, SessionStore
from scalelab.models.availability import (
    availability_of_outages,
    downtime_s_per_year,
    parallel_availability,
)
from scalelab.plotting import BLUE, GREEN, MUTED, ORANGE, RED, label, label_lines, plot_steps
from scalelab.quantities import quantity
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.measure import median_s
from scalelab.real.servers import start_server
from scalelab.real.supervised import RealComponentError
from scalelab.real.valkey_sessions import ValkeySessions
from scalelab.workloads.sessions import poisson_sessions

FIVE_MINUTES_S = 300.0


def store_picture() -> Figure:
    """Draw three servers that share one session store."""
    boxes = {
        "lb": Box(x=0, y=1.2, text="load\nbalancer", width=1.3, height=0.9),
        **{f"s{i}": Box(x=3.2, y=2.4 - 1.2 * i, text=f"server {i + 1}") for i in range(3)},
        "store": Box(
            x=7.0, y=1.2, text="session store\nRedis", colour=GREEN, width=2.1, height=1.5
        ),
    }
    arrows = [Arrow(start="lb", end=f"s{i}") for i in range(3)]
    arrows += [Arrow(start=f"s{i}", end="store", both=True) for i in range(3)]
    return diagram(boxes, arrows, height=3.0)


def request_time_s(round_trip_s: float, work_s: float, write: str) -> float:
    """Play one request on the fake: load the session, work, save it.

    `write` is ``"always"``: save before the answer; ``"changed"``: this request changed nothing, so
    do not save; ``"after"``: save, and answer without waiting for it.
    """
    clock = VirtualClock()
    sessions = SessionStore(clock, round_trip_s=round_trip_s)
    sessions.save("ann", {"cart": []})
    start_s = clock.now_s
    data = sessions.load("ann")
    clock.advance(work_s)
    if write == "always":
        sessions.save("ann", data or {})
    elif write == "after":
        sessions.submit_save("ann", data or {}, lambda version: None, lambda error: None)
    return clock.now_s - start_s


def draw_request(ax: Axes, round_trip_ms: float, work_ms: float) -> str:
    """Draw what a request consists of when its session is loaded and saved."""
    plot_steps(
        ax,
        ["load", "work", "save"],
        [round_trip_ms, work_ms, round_trip_ms],
        colour=ORANGE,
        y=2,
    )
    plot_steps(ax, ["load", "work"], [round_trip_ms, work_ms], colour=GREEN, y=1)
    plot_steps(ax, ["work"], [work_ms], colour=BLUE, y=0)
    ax.set_yticks([0, 1, 2], ["in memory", "save if changed", "load and save"])
    label(ax, x="milliseconds")
    both = 2 * round_trip_ms + work_ms
    return (
        f"Round trip {round_trip_ms:g} ms, work {work_ms:g} ms: {both:g} ms with load and save, "
        f"{round_trip_ms + work_ms:g} ms with a load only, {work_ms:g} ms in memory; the store is "
        f"{200 * round_trip_ms / both:.0f} % of the first."
    )


def reads_found(renewed_by: str, ttl_s: float = 1_800.0, hours: int = 4) -> list[bool]:
    """Let a user read a page every five minutes, and change nothing: which pages find the session.

    ``"access"`` or ``"save"`` lets the lifetime begin anew.
    """
    clock = VirtualClock()
    sessions = SessionStore(clock, ttl_s=ttl_s, renewed_by=renewed_by, round_trip_s=0.0)
    sessions.save("ann", {"cart": []})
    found = []
    for _ in range(hours * 12):
        clock.advance(FIVE_MINUTES_S)
        found.append(sessions.load("ann") is not None)
    return found


def logged_out_after_s(renewed_by: str, ttl_s: float = 1_800.0) -> float:
    """Return when `reads_found` misses the session first, in seconds; infinite if it never does."""
    found = reads_found(renewed_by, ttl_s)
    return FIVE_MINUTES_S * (1 + found.index(False)) if False in found else float("inf")


def plot_reads(ax: Axes, hours: int = 1) -> None:
    """Draw which pages of a reader find the session, for both ways to renew the lifetime."""
    names = {"save": "renewed by a save", "access": "renewed by a load"}
    for row, way in enumerate(names):
        found = reads_found(way, hours=hours)
        for good, marker, colour in ((True, "o", BLUE), (False, "x", RED)):
            minutes = [5 * (i + 1) for i, each in enumerate(found) if each == good]
            said = "session found" if good else "signed out"
            ax.plot(minutes, [row] * len(minutes), marker, color=colour, label=said)
    ax.set(yticks=range(len(names)), yticklabels=names.values(), ylim=(-0.6, 1.9))
    label(ax, x="minutes since the log-in; a page every 5 minutes")
    handles, words = ax.get_legend_handles_labels()
    kept = dict(zip(words, handles, strict=True))
    ax.legend(kept.values(), kept.keys(), frameon=False, loc="upper left", ncols=2)


def resident_sessions(
    rng: np.random.Generator, logins_per_s: float, mean_length_s: float, ttl_s: float
) -> float:
    """Simulate a store: sessions that are used for a while and then wait for their end.

    Returned is the mean number in it, once it has filled.
    """
    warm_s = 8 * (mean_length_s + ttl_s)
    crowd = poisson_sessions(logins_per_s, mean_length_s, warm_s + 4 * ttl_s, rng=rng)
    kept = type(crowd)(start_s=crowd.start_s, end_s=crowd.end_s + ttl_s)
    return float(kept.open_at(np.linspace(warm_s, warm_s + 4 * ttl_s, 200)).mean())


def add_item(
    sessions: SessionStore | Client,
    item: str,
    guarded: bool,
    *,
    user: str = "ann",
    work_s: float = 0.1,
) -> None:
    """Begin a request that adds an item to a user's cart: load, work, save.

    A guarded save names the version that it began from, and begins anew if that is gone. Nothing
    waits: all goes on by the clock.
    """

    def begin() -> None:
        sessions.submit_load(user, think, _nothing)

    def think(record: SessionRecord) -> None:
        sessions.clock.schedule(work_s, partial(save, record))

    def save(record: SessionRecord) -> None:
        expected = record.version if guarded else None
        changed = _with(item, record.data)
        sessions.submit_save(
            user, changed, _nothing, lambda error: begin(), expected_version=expected
        )

    begin()


def cart_after(starts_s: dict[str, float], guarded: bool) -> list[str]:
    """Let requests add an item each to one cart; return what is in it afterwards.

    A request begins at its moment and saves 100 ms after the load; see `add_item`.
    """
    sessions = SessionStore(VirtualClock(), round_trip_s=0.0, ttl_s=1e6)
    sessions.save("ann", {"cart": []})
    for item, start_s in starts_s.items():
        sessions.clock.schedule(start_s, partial(add_item, sessions, item, guarded))
    sessions.clock.advance(2 * max(starts_s.values()) + 60)
    return sorted((sessions.load("ann") or {})["cart"])


def two_tabs(guarded: bool) -> list[str]:
    """Let two tabs of one user add an item each, the second within the first's 100 ms."""
    return cart_after({"book": 0.0, "pen": 0.05}, guarded)


def _with(item: str, data: dict[str, Any] | None) -> dict[str, Any]:
    return {"cart": [*(data or {"cart": []})["cart"], item]}


def _nothing(_: Any) -> None:
    pass


def overlapping_share(
    rng: np.random.Generator, rate_per_s: float, hold_s: float, requests: int = 20_000
) -> float:
    """Simulate one busy user; return the share of requests that another one begins within.

    Requests begin at random, `rate_per_s` of them, and last `hold_s` from load to save.
    """
    starts = np.cumsum(rng.exponential(1 / rate_per_s, requests))
    return float(np.mean(np.diff(starts) < hold_s))


def lost_items(rng: np.random.Generator, guarded: bool, items: int = 300) -> int:
    """Add items to one cart at random moments, one each second; return how many are missing."""
    starts_s = np.cumsum(rng.exponential(1.0, items)).tolist()
    cart = cart_after({str(i): start for i, start in enumerate(starts_s)}, guarded)
    return items - len(cart)


def minutes_away(each: float = 0.999) -> dict[str, float]:
    """Minutes a year in which a user's session is out of reach, by where it is kept.

    `each` is the availability of one server, and of one store. A switch-over takes two minutes, and
    there are twelve a year.
    """
    away_s = {
        "server memory": downtime_s_per_year(each),
        "one store": downtime_s_per_year(each),
        "replica, as it is": downtime_s_per_year(availability_of_outages(12, 120)),
        "replica, on paper": downtime_s_per_year(parallel_availability([each, each])),
    }
    return {where: float(seconds) / 60 for where, seconds in away_s.items()}


def surviving_sessions(durable: bool, sessions: int = 1_000) -> int:
    """Crash the store, bring it back, and count the sessions that are still there."""
    clock = VirtualClock()
    store = SessionStore(clock, round_trip_s=0.0, durable=durable)
    for i in range(sessions):
        store.save(f"user {i}", {"cart": []})
    store.crash()
    clock.advance(30.0)
    store.recover()
    return sum(store.load(f"user {i}") is not None for i in range(sessions))


def draw_memory(ax: Axes, ttl_min: float, bytes_each: int) -> str:
    """Draw the memory of a store against the lifetime after the last use, with one marked."""
    logins_per_s, used_min = 10, 10
    lifetimes = np.linspace(0, 240, 121)

    def megabytes(ttl: float | np.ndarray) -> Any:
        return logins_per_s * 60 * (used_min + ttl) * bytes_each / 1e6

    ax.plot(lifetimes, megabytes(lifetimes), color=BLUE, label="all sessions")
    ax.axhline(megabytes(0), color=GREEN, label="those in use")
    ax.axvline(ttl_min, color=MUTED, linewidth=1)
    label(ax, x="lifetime after the last use, min", y="MB")
    label_lines(ax)
    total = logins_per_s * 60 * (used_min + ttl_min)
    idle = 100 * ttl_min / (used_min + ttl_min)
    return (
        f"10 logins/s, used for 10 min, kept for {ttl_min:g} min more, {bytes_each:,} bytes each: "
        f"{total:,.0f} sessions, {megabytes(ttl_min):.1f} MB, {idle:.0f} % of them idle."
    )


def on_valkey(rtt_s: float = 0.005, requests: int = 15) -> Html:
    """Measure a request's session on a real server some distance away, in three ways."""
    try:
        with start_server() as server, DelayProxy(server.port, rtt_s) as proxy:
            sessions = ValkeySessions(server, proxy=proxy)
            sessions.save("ann", {"cart": [1, 2, 3]})
            ways = {
                "load, then save": lambda: sessions.save("ann", sessions.load("ann") or {}),
                "load only, the lifetime renewed with it": lambda: sessions.load("ann"),
                "update guarded by a version": lambda: sessions.update(
                    "ann", lambda old: old or {}
                ),
            }
            rows = [
                {"what": name, "ms": 1e3 * median_s(way, requests), "round trips": trips}
                for (name, way), trips in zip(ways.items(), (2, 1, 2), strict=True)
            ]
    except RealComponentError as missing:
        return note(str(missing))
    return table(rows, f"One request on a real server, {quantity(1e3 * rtt_s, 'ms')} away")


def tabs_on_valkey() -> Html:
    """Play the two tabs on a real server, without a version and with one."""
    try:
        with start_server() as server:
            sessions = ValkeySessions(server)
            rows = []
            for guarded in (False, True):
                sessions.save("ann", {"cart": []})
                first, second = sessions.load_record("ann"), sessions.load_record("ann")
                sessions.save("ann", _with("book", first.data))
                if guarded:
                    sessions.update("ann", partial(_with, "pen"))
                else:
                    sessions.save("ann", _with("pen", second.data))
                cart = (sessions.load("ann") or {})["cart"]
                how = "with a version" if guarded else "the last save wins"
                rows.append({"how": how, "cart afterwards": ", ".join(cart)})
    except RealComponentError as missing:
        return note(str(missing))
    return table(rows, "Two tabs on a real server")
