"""Experiments of the chapter on read-after-write: tickets, routers, caches, two buyers."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scalelab.course.page import Html, table
from scalelab.diagrams import Arrow, Box, diagram
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import VersionConflictError
from scalelab.fakes.replication.routing_policies import (
    AnyReplica,
    CausalToken,
    PinAfterWrite,
    Policy,
    PrimaryOnly,
    StickyReplica,
    WriteToken,
)
from scalelab.fakes.replication.session_guarantees import ClientStats, Session
from scalelab.history.lost_updates import check_lost_updates
from scalelab.history.operations import Counterexample, History
from scalelab.history.recorder import Recorder
from scalelab.history.seeded_workload import Bench, Workload
from scalelab.history.session_checks import (
    check_monotonic_reads,
    check_monotonic_writes,
    check_read_your_writes,
    check_writes_follow_reads,
)
from scalelab.models.lag_laws import (
    ConstantLag,
    ExponentialLag,
    LagLaw,
    LogNormalLag,
    UniformSumLag,
    lognormal_from_percentiles,
)
from scalelab.models.replication import pinned_share
from scalelab.models.staleness import stale_share
from scalelab.plotting import BLUE, GREEN, INK, MUTED, ORANGE, label, label_lines
from scalelab.quantities import percent, quantity
from scalelab.real.postgres_store import PostgresStore
from scalelab.real.supervised import RealComponentError
from scalelab.sim.statistics import estimate

# The guide's lags, by where the replica stands: 5 % are shorter than the first, 5 % longer than
# the second, and their logarithm is normal. The law is ours; the guide gives the two ends.
LAGS = {
    "same centre, 1 to 10 ms": (0.001, 0.010),
    "another region, 50 to 200 ms": (0.050, 0.200),
    "a read model, 100 to 500 ms": (0.100, 0.500),
    '"typical", 10 ms to 5 s': (0.010, 5.0),
}
WIDE = (0.010, 5.0)
WINDOWS_S = (0.5, 1.0, 2.0)  # the guide's three
PAUSE_S = 0.120  # between a write and the read of it: uniform from 0 to this
TIMER_S = 0.050


def law(name: str) -> LogNormalLag:
    """Return the lag law of one of the guide's ranges."""
    return lognormal_from_percentiles(*LAGS[name])


def page_picture() -> Figure:
    """Draw the way of a comment, and of the read that overtakes it."""
    boxes = {
        "user": Box(x=0, y=0, text="user", width=1.3),
        "primary": Box(x=3.6, y=1.8, text="primary", colour=ORANGE),
        "replica": Box(x=3.6, y=0, text="replica", colour=GREEN),
    }
    arrows = [
        Arrow(start="user", end="primary", text="1  save"),
        Arrow(start="user", end="replica", text="2  load the page"),
        Arrow(start="primary", end="replica", text="3  the log", dashed=True),
    ]
    return diagram(boxes, arrows, height=2.3)


# Routers ---------------------------------------------------------------------------------------

MakePolicy = Callable[[np.random.Generator], Policy]
ROUTERS: dict[str, MakePolicy] = {
    "any replica": lambda rng: AnyReplica(rng=rng),
    "always the same replica": lambda rng: StickyReplica(rng=rng),
    "primary for 50 ms": lambda rng: PinAfterWrite(TIMER_S, rng=rng),
    "token of own writes": lambda rng: WriteToken(rng=rng),
    "token of all seen": lambda rng: CausalToken(rng=rng),
    "always the primary": lambda rng: PrimaryOnly(),
}
RULES = {
    "read your writes": check_read_your_writes,
    "monotonic reads": check_monotonic_reads,
    "monotonic writes": check_monotonic_writes,
    "writes follow reads": check_writes_follow_reads,
}
WORK = Workload(clients=8, operations=500, keys=2, write_share=0.1, mean_gap_s=0.03)


def lagging_store(rng: np.random.Generator) -> ReplicatedStore:
    """Make three replicas that lag by up to 100 ms, each write anew; the network takes 1 ms."""
    clock = VirtualClock()
    network = FakeNetwork(clock, delay_s=0.001)
    return ReplicatedStore(
        clock,
        replicas=3,
        network=network,
        apply_delay_s=lambda draw: float(draw.uniform(0, 0.098)),
        rng=rng,
    )


def run_router(make_policy: MakePolicy, seed: int) -> tuple[History, list[Session]]:
    """Let eight users work through a router; returns the history and their sessions."""
    sessions: list[Session] = []

    def make(rng: np.random.Generator) -> Bench:
        store = lagging_store(rng)

        def store_for(client: str) -> Session:
            sessions.append(Session(store, make_policy(rng), client=client))
            return sessions[-1]

        return Bench(clock=store.clock, store_for=store_for)

    return WORK.run(make, seed=seed), sessions


@cache
def routers(seed: int, runs: int = 4) -> tuple[dict[str, dict[str, str]], dict[str, ClientStats]]:
    """Run every router: for each, which guarantees were kept in all runs, and its books."""
    kept, books = {}, {}
    for name, make_policy in ROUTERS.items():
        held, stats = dict.fromkeys(RULES, True), []
        for i in range(runs):
            history, sessions = run_router(make_policy, seed + i)
            for rule, check in RULES.items():
                held[rule] &= check(history) is None
            stats += [session.stats() for session in sessions]
        kept[name] = {rule: "kept" if ok else "broken" for rule, ok in held.items()}
        sums = {field: sum(getattr(s, field) for s in stats) for field in vars(stats[0])}
        books[name] = ClientStats(**sums)
    return kept, books


def guarantee_table(seed: int) -> Html:
    """Show which router kept which guarantee."""
    rows = [{"router": name} | kept for name, kept in routers(seed)[0].items()]
    return table(rows, "Guarantees in four runs of eight users, one operation in ten a write")


def cost_table(seed: int) -> Html:
    """Show how many answers were old, and what the primary had to do."""
    rows = [
        {
            "router": name,
            "old answers, %": 100 * stats.stale / stats.reads,
            "at the primary, %": 100 * stats.from_primary / stats.reads,
        }
        for name, stats in routers(seed)[1].items()
    ]
    return table(rows, "The same runs: reads that returned an old value, reads of the primary")


def smallest_fault(router: str, rule: str, seed: int) -> Counterexample:
    """Run a router until it breaks a rule, and return the smallest history that shows it."""
    for offset in range(50):
        history, _ = run_router(ROUTERS[router], seed + offset)
        if (found := RULES[rule](history)) is not None:
            return found
    raise ValueError(f"smallest_fault: {router} must break {rule!r} in 50 runs, got none")


# The timer -------------------------------------------------------------------------------------


def missed_after(lag: str, window_s: float) -> float:
    """Share of the reads right after a timer that miss; below 1 in 100,000 it is 0."""
    share = float(stale_share(law(lag), window_s))
    return share if share >= 1e-5 else 0.0


def window_rows() -> list[dict[str, Any]]:
    """For each of the guide's lags, the share of reads right after a window that still miss."""
    rows = []
    for name in LAGS:
        shares = [missed_after(name, window_s) for window_s in WINDOWS_S]
        row: dict[str, Any] = {"lag": name}
        row |= {f"after {w:g} s, %": 100 * s for w, s in zip(WINDOWS_S, shares, strict=True)}
        rows.append(row)
    return rows


def law_rows(window_s: float = 2.0) -> list[dict[str, Any]]:
    """Miss a timer by several laws that all fit "10 ms to 5 s"."""
    low, high = WIDE
    laws: dict[str, LagLaw] = {
        "log-normal, 5 % beyond each end": lognormal_from_percentiles(low, high),
        "log-normal, 1 % beyond each end": lognormal_from_percentiles(
            low, high, low_share=0.01, high_share=0.99
        ),
        "exponential, 5 % above 5 s": ExponentialLag(mean_s=high / math.log(20)),
        "uniform between the ends": UniformSumLag(stages_s=((low, high),)),
        "always 1 s": ConstantLag(mean_s=1.0),
    }
    share = f"still missed after {window_s:g} s, %"
    return [{"law": n, share: 100 * float(law.tail(window_s))} for n, law in laws.items()]


def reads_pinned_per_write(window_s: float, reads_per_write: float) -> float:
    """Count reads of the primary for each write, of users who do one operation a second."""
    return reads_per_write * float(pinned_share(window_s, 1 / (reads_per_write + 1)))


def draw_timer(ax: Axes, lag: str, window: float) -> str:
    """Draw the share of users that a timer fails, against its length."""
    times = np.geomspace(0.01, 10, 200)
    for name, colour in zip(LAGS, (GREEN, BLUE, MUTED, ORANGE), strict=True):
        chosen = name == lag
        share = 100 * np.asarray(stale_share(law(name), times))
        line: dict[str, Any] = {"lw": 2.4 if chosen else 1, "alpha": 1 if chosen else 0.5}
        ax.plot(times, share, color=colour, label=name.partition(",")[0].strip('"'), **line)
    here = missed_after(lag, window)
    ax.plot([window], [100 * here], "o", color=INK)
    ax.set(xscale="log", xlim=(0.01, 10), ylim=(0, 100))
    label(ax, x="length of the timer, s", y="still missed, %")
    label_lines(ax)
    extra = reads_pinned_per_write(window, 9)
    return (
        f"{lag}; primary for {quantity(window, 's')}: {percent(here)} of the reads right after it "
        f"miss the write. At 9 reads per write, each write brings {extra:.2f} reads to the primary."
    )


# The real servers ------------------------------------------------------------------------------

RealRow = tuple[str, float, float, float]  # router, its forecast, missed, at the primary
READS = 30
RECORDED: tuple[RealRow, ...] = (  # two shared cores, Linux, 29 November 2026
    ("any replica", 0.625, 20 / 30, 0.0),
    ("primary for 50 ms", 0.025 / 0.120, 7 / 30, 8 / 30),
    ("token, wait for the replica", 0.0, 0.0, 0.0),
    ("token, else the primary", 0.0, 0.0, 19 / 30),
)
LINK_LAG_S = 0.075


@cache
def real_routers() -> tuple[RealRow, ...] | str:
    """Send users to a real primary and a replica 75 ms away, by four routers; or say why not."""
    forecast = {
        "any replica": LINK_LAG_S / PAUSE_S,
        "primary for 50 ms": (LINK_LAG_S - TIMER_S) / PAUSE_S,
        "token, wait for the replica": 0.0,
        "token, else the primary": 0.0,
    }
    makers: dict[str, MakePolicy] = {
        "any replica": ROUTERS["any replica"],
        "primary for 50 ms": ROUTERS["primary for 50 ms"],
        "token, wait for the replica": ROUTERS["token of own writes"],
        "token, else the primary": lambda rng: WriteToken(behind="skip", rng=rng),
    }
    try:
        store = PostgresStore(replicas=1, link_rtt_s=2 * LINK_LAG_S)
    except RealComponentError as error:
        return str(error)
    rng, rows = np.random.default_rng(1), []
    with store:
        for name, make_policy in makers.items():
            session = Session(store, make_policy(rng), client=name)  # type: ignore[arg-type]
            missed = 0
            for i in range(READS):
                session.put(f"{name} {i}", "mine")
                store.clock.advance(float(rng.uniform(0, PAUSE_S)))
                missed += session.get(f"{name} {i}") is None
            at_primary = session.stats().from_primary / READS
            rows.append((name, forecast[name], missed / READS, at_primary))
    return tuple(rows)


def real_table() -> Html:
    """Show what four routers did on real servers, measured or recorded."""
    measured = real_routers()
    rows = [
        {
            "router": n,
            "forecast, %": round(100 * f),
            "missed, %": round(100 * m),
            "at the primary, %": round(100 * p),
        }
        for n, f, m, p in (RECORDED if isinstance(measured, str) else measured)
    ]
    caption = (
        f"{READS} users on PostgreSQL: lag {1e3 * LINK_LAG_S:.0f} ms, pauses up to "
        f"{1e3 * PAUSE_S:.0f} ms, timer {1e3 * TIMER_S:.0f} ms."
    )
    if isinstance(measured, str):
        caption += " Recorded on two shared cores, 29 November 2026."
    return table(rows, caption)


# Going back, caches, buyers ----------------------------------------------------------------------


def steps_back(rng: np.random.Generator, reads: int = 4_000) -> float:
    """Share of pairs of reads, at 0.2 and 0.3 s after a write, of which the second is older.

    Three replicas with lags of their own, 10 ms to 5 s; each read goes to any of them.
    """
    lag_law = lognormal_from_percentiles(*WIDE)
    lags = lag_law.median_s * np.exp(lag_law.log_sd * rng.standard_normal((reads, 3)))
    first, second = rng.integers(3, size=(2, reads))
    rows = np.arange(reads)
    return float(((lags[rows, first] <= 0.2) & (lags[rows, second] > 0.3)).mean())


def by_timestamp(written: dict[str, int], *, strict: bool) -> dict[str, str]:
    """Filter rows A, A, B by "newer than what I saw" (or "at least as new"); what a reader gets.

    `written` says when each was written for the last time, so that both are current.
    """
    seen, told = 0, {}
    for step, key in enumerate(("A", "A", "B")):
        ok = written[key] > seen if strict else written[key] >= seen
        told[f"{step + 1}. read of {key}"] = "shown" if ok else "refused for ever"
        seen = max(seen, written[key]) if ok else seen
    return told


def stale_refill(
    rng: np.random.Generator, reads_per_s: float, lag_s: float, deleted_s: float = 0.0
) -> float:
    """Delete an entry after a write, 4,000 times: share whose next read fills it from the old row.

    The last deletion comes `deleted_s` after the write, the first read an exponential time after
    it; the read fills the cache from a server that has the write only `lag_s` after it.
    """
    return float((deleted_s + rng.exponential(1 / reads_per_s, 4_000) < lag_s).mean())


def remedies_table(seed: int) -> Html:
    """Play a deleted entry with three remedies: who fills it, and whether it is deleted again."""
    rows = []
    for rate in (1.0, 10.0, 100.0):
        lag_s = 0.1
        remedies = {
            "from a replica, %": (lag_s, 0.0),
            "from the primary, %": (0.0, 0.0),
            "deleted again after 50 ms, %": (lag_s, lag_s / 2),
            "after 100 ms, %": (lag_s, lag_s),
        }
        row = {"reads of the key a second": rate}
        for name, (source_lag_s, deleted_s) in remedies.items():
            rngs = np.random.default_rng(seed).spawn(10)
            shares = [stale_refill(r, rate, source_lag_s, deleted_s) for r in rngs]
            row[name] = 100 * estimate(shares).mean
        rows.append(row)
    return table(rows, "Share of writes after which the old row stays in the cache; lag 100 ms.")


def two_buyers(conditional: bool) -> tuple[int, History]:
    """Let two buyers, each reading his own writes, buy the last piece; returns pieces sold."""
    clock = VirtualClock()
    store, recorder = ReplicatedStore(clock, replicas=1), Recorder(clock)
    recorder.session(store, "shop").put("stock", 1)
    buyers = [recorder.session(Session(store, PrimaryOnly(), client=n), n) for n in ("Ann", "Bob")]
    seen = [buyer.get("stock") for buyer in buyers]
    sold = 0
    for buyer, stock in zip(buyers, seen, strict=True):
        if stock < 1:
            continue
        if conditional:
            try:
                store.put("stock", stock - 1, expected_version=1)
            except VersionConflictError:
                continue
        else:
            buyer.put("stock", stock - 1)
        sold += 1
    return sold, recorder.history()


def lost_update_fault() -> Counterexample:
    """Return the smallest part of the two buyers' history that loses an update."""
    found = check_lost_updates(two_buyers(conditional=False)[1])
    if found is None:
        raise ValueError("lost_update_fault: the history must lose an update, got none")
    return found
