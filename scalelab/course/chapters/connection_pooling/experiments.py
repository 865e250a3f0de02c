"""Experiments of the chapter on connection pooling: explorers, a retry storm, a leak, a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.course.page import Html, note, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import FakeDatabase
from scalelab.fakes.pooling.pool_load import PoolLoad
from scalelab.models.closed_queue import machine_repairman_curve
from scalelab.models.round_trips import ConnectionAccount, connection_account, valkey_account
from scalelab.plotting import (
    BLUE,
    GREEN,
    GRID,
    INK,
    ORANGE,
    label,
    label_lines,
    plot_marked,
    plot_request,
)
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.measure import Component, Unavailable, compare_pooling, pooling_experiments
from scalelab.real.pooling_subjects import RedisPooling
from scalelab.real.servers import ThrowawayServer, start_server
from scalelab.real.supervised import RealComponentError
from scalelab.workloads.arrivals import poisson_arrivals_s

if TYPE_CHECKING:
    import pandas as pd

STALL_S = (10.0, 14.0)  # when the database of the storm is slow


def pool_picture() -> Figure:
    """Draw requests that borrow from a pool, and the pool's lines to the database."""
    boxes = {f"request {i}": Box(x=0, y=i, text="request", width=1.2) for i in range(3)}
    boxes["pool"] = Box(
        x=2.8, y=1, text="pool\nkeeps 10 open", colour=ORANGE, width=2.0, height=1.5
    )
    boxes["database"] = Box(x=7, y=1, text="database", colour=GREEN, height=2.2)
    borrow = [Arrow(start=f"request {i}", end="pool", both=True) for i in range(3)]
    link = Arrow(start="pool", end="database", text="open, authenticated", both=True)
    return diagram(boxes, [*borrow, link], height=2.1)


def fleet_picture() -> Figure:
    """Draw the fan-in of many pools, directly and through a shared pooler."""
    boxes = {
        "a": Box(x=0, y=1.2, text="50 instances\n20 each", height=0.9),
        "direct": Box(x=4, y=1.2, text="database\naccepts 100", colour=GREEN, height=0.9),
        "b": Box(x=0, y=0, text="50 instances\n20 each", height=0.9),
        "pooler": Box(x=4, y=0, text="shared pooler", colour=ORANGE, width=2.0, height=0.9),
        "server": Box(x=7.4, y=0, text="database\naccepts 100", colour=GREEN, height=0.9),
    }
    arrows = [
        Arrow(start="a", end="direct", text="1,000 asked for"),
        Arrow(start="b", end="pooler", text="1,000, cheap"),
        Arrow(start="pooler", end="server", text="10"),
    ]
    return diagram(boxes, arrows, height=1.9)


def draw_account(ax: Axes, rtt_ms: float, work_ms: float) -> str:
    """Draw one request without and with a pool; TLS 1.3, SCRAM, 9.6 ms of set-up work."""
    account = connection_account(
        rtt_ms / 1e3, tls="1.3", setup_work_s=0.0096, query_work_s=work_ms / 1e3
    )
    plot_request(ax, 1e3 * account.setup_s, 1e3 * account.request_s)
    ax.set_title(f"Pooled is {account.gain:.1f} × faster", loc="left")
    return (
        f"Round trip {rtt_ms:g} ms, query work {work_ms:g} ms: {1e3 * account.unpooled_s:.1f} ms "
        f"without a pool, {1e3 * account.request_s:.1f} ms with one, {account.gain:.1f} × faster."
    )


def draw_sizing(axes: np.ndarray, connections: int, wait_over_cpu: float) -> str:
    """Draw throughput and time at the cores against the pool's size, for four cores."""
    curve = machine_repairman_curve(100, wait_over_cpu, 1.0, 4).reset_index()
    shares, times = 100 * curve.share_of_max_throughput, curve.mean_response_s
    at = connections - 1
    plot_marked(axes[0], curve.customers, shares, at)
    plot_marked(axes[1], curve.customers, times, at, color=ORANGE)
    label(axes[0], x="connections", title="throughput, % of the best")
    label(axes[1], x="connections", title="time at CPU ÷ own CPU time")
    return (
        f"{connections} connections, wait ÷ CPU = {wait_over_cpu}: {shares[at]:.1f} % of the best "
        f"throughput; a query spends {times[at]:.1f} times its CPU time at the cores."
    )


def pool_of_ten(**settings: Any) -> tuple[FakeConnectionPool, FakeDatabase]:
    """Return a warm pool of ten and its database: four cores, 5 ms away."""
    clock = VirtualClock()
    database = FakeDatabase(clock, cores=4, round_trip_s=0.005)
    pool = FakeConnectionPool(database, clock, min_size=10, max_size=10, **settings)
    pool.warm_up()
    return pool, database


def storm(
    acquire_timeout_s: float,
    retries: int,
    *,
    rng: np.random.Generator,
    patience_s: float = 1.0,
    rate_per_s: float = 150.0,
) -> pd.DataFrame:
    """Run a minute of callers against a pool of ten that carries 200 a second, one row a second.

    Each query keeps its connection for 50 ms on average; from second 10 to 14 the database is slow,
    nearly ten times. A caller gives up after `patience_s` and asks again, at most `retries` times.
    """
    arrivals, waits = rng.spawn(2)

    def query_wait_s(now_s: float) -> float:
        return float(waits.exponential(0.4 if STALL_S[0] <= now_s < STALL_S[1] else 0.04))

    pool, database = pool_of_ten(acquire_timeout_s=acquire_timeout_s)
    load = PoolLoad(
        pool,
        database,
        1.0 + poisson_arrivals_s(rate_per_s, round(60 * rate_per_s), rng=arrivals),
        query_wait_s=query_wait_s,
        query_cpu_s=0.005,
        patience_s=patience_s,
        retries=retries,
    )
    return load.run(until_s=60.0)


def plot_storm(ax: Axes, run: pd.DataFrame, title: str) -> Axes:
    """Draw what became of the queries, with the slow seconds shaded."""
    ax.plot(run.time_s, run.answered, label="answered in time")
    ax.plot(run.time_s, run.for_nobody, label="served for nobody")
    ax.axvspan(*STALL_S, color=GRID, lw=0)
    label(ax, x="seconds", y="per second", title=title)
    return _legend_on_top(ax, max(run.answered.max(), run.for_nobody.max()))


def _legend_on_top(ax: Axes, highest: float) -> Axes:
    """Draw a legend above lines that have no quiet corner between them."""
    ax.set_ylim(None, 1.55 * highest)
    ax.legend(loc="upper right", frameon=False, labelcolor=INK, fontsize=9.5)
    return ax


def leak(leak_every: int, *, rng: np.random.Generator) -> tuple[pd.DataFrame, FakeConnectionPool]:
    """Run a minute of 100 callers a second, one query in `leak_every` keeping its connection.

    Returned are the metrics, one row a second, and the pool as it stands at the end.
    """
    arrivals, waits = rng.spawn(2)
    pool, database = pool_of_ten(acquire_timeout_s=0.5, leak_after_s=5.0)
    load = PoolLoad(
        pool,
        database,
        1.0 + poisson_arrivals_s(100, 6_000, rng=arrivals),
        query_wait_s=lambda now_s: float(waits.exponential(0.04)),
        query_cpu_s=0.005,
        leak_every=leak_every,
    )
    return load.run(until_s=60.0), pool


def plot_leak(axes: np.ndarray, run: pd.DataFrame) -> None:
    """Draw borrowed connections beside what the callers got."""
    axes[0].plot(run.time_s, run.borrowed, color=ORANGE)
    axes[1].plot(run.time_s, run.answered, label="answered")
    axes[1].plot(run.time_s, run.failed, label="failed", linestyle="--")
    axes[0].set_ylim(0, None)
    label(axes[0], x="seconds", title="connections borrowed, of 10")
    label(axes[1], x="seconds", title="requests per second")
    _legend_on_top(axes[1], max(run.answered.max(), run.failed.max()))


def after_restart(validate: str) -> tuple[int, int]:
    """Send a query every 20 ms, a thousand in all, and restart the server in the middle.

    Returned are how many queries came back, and how many tests the pool sent.
    """
    pool, database = pool_of_ten(
        acquire_timeout_s=1.0, validate=validate, validate_after_idle_s=0.5
    )
    every_20_ms = 1 + 0.02 * np.arange(1_000)
    load = PoolLoad(pool, database, every_20_ms, query_wait_s=lambda now_s: 0.0)
    database.clock.schedule(10.0, database.restart)
    answered = load.run(until_s=30.0).answered.sum()
    return int(answered), pool.stats().validations


def most_replaced_at_once(lifetime_jitter: float, *, rng: np.random.Generator) -> int:
    """Of ten connections opened together, how many are replaced in the busiest second."""
    _, database = pool_of_ten(
        acquire_timeout_s=1.0, max_lifetime_s=1_800.0, lifetime_jitter=lifetime_jitter, rng=rng
    )
    opened = []
    for second in range(1, 1_900):
        database.clock.run(float(second))
        opened.append(database.connects)
    return int(np.diff(opened).max())


INCIDENTS = ("healthy", "leak", "overload", "slow database")
WAVE_S = (12.0, 24.0)  # when an incident has its peak


def incident(kind: str, *, rng: np.random.Generator) -> pd.DataFrame:
    """Run 40 s of a pool of ten with a peak in the middle, and something of `INCIDENTS`.

    The pool carries 200 requests a second. Callers come at about 60 a second and at 90 in the peak,
    in an overload at 300; a slow database answers in 300 ms instead of 50 during the peak; a leak
    keeps one connection of every few hundred. Returned is one row a second.
    """
    v.choice("incident", "kind", kind, INCIDENTS)
    arrivals, waits = rng.spawn(2)
    peak_rate = rng.uniform(280, 320) if kind == "overload" else rng.uniform(80, 95)
    slow_s = 0.3 if kind == "slow database" else 0.045
    base = poisson_arrivals_s(rng.uniform(50, 65), 2_000, rng=arrivals)
    extra = WAVE_S[0] + poisson_arrivals_s(peak_rate - 50, 4_000, rng=arrivals)
    times = 1.0 + np.sort(np.concatenate([base[base < 39], extra[extra < WAVE_S[1]]]))

    def query_wait_s(now_s: float) -> float:
        return float(waits.exponential(slow_s if WAVE_S[0] <= now_s < WAVE_S[1] else 0.045))

    pool, database = pool_of_ten(acquire_timeout_s=1.0)
    load = PoolLoad(
        pool,
        database,
        times,
        query_wait_s=query_wait_s,
        leak_every=int(rng.integers(230, 300)) if kind == "leak" else None,
    )
    seen = load.run(until_s=40.0)
    return seen[["time_s", "arrived", "answered", "failed", "borrowed", "waiting"]]


def measured_row(
    component: Component, account: ConnectionAccount, *, requests: int
) -> dict[str, Any]:
    """Measure a real server without delay and at 5 ms, and count its round trips by the clock.

    What the delay adds to a request with its own connection is counted in pooled requests, each of
    which is one round trip. Where there is no server, the row has only the reason.
    """
    measured = pooling_experiments(component, rtts_s=[0.0, 0.005], requests=requests)
    if isinstance(measured, Unavailable):
        return {"server": str(measured)}
    near, far = measured
    added_s = far.fresh_median_s - near.fresh_median_s
    return {
        "server": near.component,
        "round trips by the account": int(account.table().round_trips.sum()),
        "by the clock": round(added_s / far.pooled_median_s, 1),
        "own connection, ms": 1e3 * far.fresh_median_s,
        "gain of the pool, ×": far.gain,
    }


def measured_servers() -> Html:
    """Measure the real servers that are here; each that is not says how to get it."""
    rows = [
        measured_row("redis", valkey_account(0.005, setup_commands=4), requests=20),
        measured_row("postgres", connection_account(0.005, tls="1.3", tls_retry=True), requests=8),
    ]
    found = [row for row in rows if len(row) > 1]
    parts = [table(found, "Two real servers behind a delay of 5 ms")] if found else []
    parts += [note(row["server"]) for row in rows if len(row) == 1]
    return Html("".join(part.body for part in parts), "\n".join(part.text for part in parts))


def plot_tail(ax: Axes, simulated: dict[int, float], erlang: float) -> Axes:
    """Draw the mean wait, in ms, over the squared coefficient of variation of the query times.

    `simulated` has it by the coefficient; `erlang` is that of exponential query times.
    """
    spread = np.array(list(simulated))
    ax.plot(spread, erlang * (1 + spread) / 2, color=GREEN, label="Erlang × (1 + SCV) ÷ 2")
    ax.plot(spread, list(simulated.values()), color=BLUE, marker="o", label="simulated")
    ax.plot(spread, np.full(spread.size, erlang), color=ORANGE, label="Erlang")
    ax.set_ylim(0, None)
    label(ax, x="squared coefficient of variation (SCV)", y="mean wait, ms")
    return label_lines(ax)


def own_pool_on_valkey(pool_class: Any, *, rtt_s: float = 0.005, requests: int = 40) -> Html:
    """Measure a learner's pool on a real server, against a connection for each request.

    The pool is ``pool_class(connect, max_size)`` with ``acquire()`` and ``release(connection)``, as
    the lab asks for it; `rtt_s` is a round trip to add, and `requests` are those of each kind.
    """
    if pool_class(lambda: None, 1).acquire() is ...:
        return note(
            "Still to do: your Pool is the stub. Then this cell asks it for real, where it can."
        )
    try:
        with start_server() as server, DelayProxy(server.port, rtt_s) as proxy:
            subject = _OwnPooling(server, proxy, pool_class)
            try:
                result = compare_pooling(subject, requests=requests)
            finally:
                subject.close()
    except RealComponentError as error:
        return note(f"{error}; the fake has to do.")
    return note(repr(result))


class _OwnPooling(RedisPooling):
    """The same measurement with somebody else's pool."""

    def __init__(self, server: ThrowawayServer, proxy: DelayProxy, pool_class: Any) -> None:
        super().__init__(server, proxy)
        self._own = pool_class(self._connect, 4)

    def _connect(self) -> Any:
        client = self._redis.Redis(single_connection_client=True, **self._settings)
        client.alive = True
        return client

    def pooled(self) -> None:
        """Borrow from the learner's pool, ask, give back."""
        client = self._own.acquire()
        client.ping()
        self._own.release(client)
