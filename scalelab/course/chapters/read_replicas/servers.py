"""Read replicas of PostgreSQL: who is behind at which level of commit, and which rule helps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scalelab.course.page import Html, note, table
from scalelab.fakes.replication.routing_policies import (
    AnyReplica,
    PinAfterWrite,
    Policy,
    WriteToken,
)
from scalelab.fakes.replication.session_guarantees import ClientStats, Session
from scalelab.plotting import BLUE, GREEN, INK, ORANGE, TINTS, label, write
from scalelab.real.limits import TheirError, call
from scalelab.real.postgres_cluster import PostgresServer, wait_for
from scalelab.real.postgres_store import PostgresStore
from scalelab.real.supervised import RealComponentError

LEVELS = {  # what a commit waits for: our words, PostgreSQL's
    "nobody": "local",
    "on the replicas' disks": "on",
    "applied by the replicas": "remote_apply",
}
LAGS_MS = (10, 75)
THINK_S = 0.12  # a user reads again after any time up to this
TIMER_S = 0.05
ROUNDS = 30
_POSTS, _REPLICAS = 40, ("node1", "node2")  # of the lab
BURST_S = (0.4, 1.0)
WRITERS = 2  # of an import: two processes write, one applies
RULES = ("any replica", "primary for 50 ms", "position of the write")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What three servers showed: shares of stale reads, megabytes behind, books of sessions."""

    quiet: dict[str, float]
    under_load: dict[str, float]
    behind: list[tuple[float, float]]  # seconds, megabytes
    rules: dict[str, tuple[float, float]]  # "lag, rule": shares stale, and from the primary
    recorded: bool = False


# fmt: off
_BEHIND = [
    (0.01, 0.0), (0.26, 0.0), (0.46, 0.9), (0.49, 1.3), (0.52, 1.9), (0.56, 2.9),
    (0.59, 1.3), (0.62, 0.8), (0.66, 2.0), (0.69, 1.7), (0.72, 1.8), (0.76, 2.8),
    (0.79, 3.2), (0.82, 3.7), (0.86, 3.4), (0.89, 3.9), (0.92, 2.6), (0.95, 2.3),
    (0.99, 6.6), (1.03, 11.1), (1.07, 10.3), (1.1, 10.3), (1.32, 0.0), (1.56, 0.0),
    (1.81, 0.0),
]
# fmt: on
RECORDED = Measured(  # two shared cores, Linux, 28 November 2026
    quiet={"nobody": 0.68, "on the replicas' disks": 0.08, "applied by the replicas": 0.0},
    under_load={"nobody": 0.98, "on the replicas' disks": 0.82, "applied by the replicas": 0.0},
    behind=_BEHIND,
    rules={
        "10, any replica": (0.07, 0.0),
        "10, primary for 50 ms": (0.0, 0.43),
        "10, position of the write": (0.0, 0.0),
        "75, any replica": (0.57, 0.0),
        "75, primary for 50 ms": (0.23, 0.33),
        "75, position of the write": (0.0, 0.0),
    },
    recorded=True,
)


@cache
def measured() -> Measured:
    """Run all on a primary and two replicas; what was recorded where there is no server.

    Cached: one page says one number.
    """
    try:
        store = PostgresStore(replicas=2)
    except RealComponentError:
        return RECORDED
    with store:
        primary, *replicas = (store.server(node) for node in store.nodes)
        primary.rows("create table comments(id int generated always as identity primary key)")
        primary.rows("create table imported(n int, line text)")
        primary.configure(synchronous_standby_names="ANY 2 (node1, node2)")
        in_sync = "select count(*) from pg_stat_replication where sync_state = 'quorum'"
        wait_for(lambda: primary.value(in_sync) == len(replicas))
        for replica in replicas:
            replica.catch_up(primary)
        quiet = {name: _stale(primary, replicas, level, 100) for name, level in LEVELS.items()}
        with _import(primary):
            store.clock.advance(0.2)
            busy = {name: _stale(primary, replicas, level, 40) for name, level in LEVELS.items()}
        for replica in replicas:
            replica.catch_up(primary)
        behind = _behind(store)
        rules = {f"{lag}, {rule}": books for lag in LAGS_MS for rule, books in _rules(store, lag)}
    return Measured(quiet=quiet, under_load=busy, behind=behind, rules=rules)


@contextmanager
def _import(primary: PostgresServer) -> Iterator[None]:
    """Write batches of 5,000 rows from two connections, without waiting for a replica."""
    stop = threading.Event()

    def batches() -> None:
        with primary.connect() as connection:
            connection.execute("set synchronous_commit = local")
            while not stop.is_set():
                connection.execute(
                    "insert into imported select n, md5(n::text) from generate_series(1, 5000) n"
                )

    with ThreadPoolExecutor(WRITERS) as pool:
        done = [pool.submit(batches) for _ in range(WRITERS)]
        try:
            yield
        finally:
            stop.set()
            for future in done:
                future.result()


def _stale(
    primary: PostgresServer, replicas: list[PostgresServer], level: str, comments: int
) -> float:
    """Insert comments and read each at once from the next replica; share that was not there."""
    missing = 0
    with (
        primary.connect() as writer,
        replicas[0].connect() as one,
        replicas[1].connect() as other,
    ):
        writer.execute(f"set synchronous_commit = {level}")
        for i in range(comments):
            ((comment,),) = writer.execute(
                "insert into comments default values returning id"
            ).fetchall()
            reader = (one, other)[i % 2]
            found = reader.execute("select 1 from comments where id = %s", (comment,)).fetchall()
            missing += not found
    return missing / comments


def _behind(store: PostgresStore) -> list[tuple[float, float]]:
    """Watch for two seconds how many megabytes the slower replica is behind; import meanwhile."""
    query = (
        "select max(pg_current_wal_insert_lsn() - replay_lsn)::float8 / 1e6 "
        "from pg_stat_replication"
    )
    samples = []
    primary, clock = store.server(store.primary), store.clock
    begin_s = clock.now_s
    with primary.connect() as monitor:

        def watch(until_s: float) -> None:
            while (now_s := clock.now_s - begin_s) < until_s:
                ((megabytes,),) = monitor.execute(query).fetchall()
                samples.append((round(now_s, 3), round(megabytes or 0.0, 3)))
                clock.advance(0.03)

        watch(BURST_S[0])
        with _import(primary):
            watch(BURST_S[1])
        watch(2.0)
    return samples


def _rules(store: PostgresStore, lag_ms: int) -> Iterator[tuple[str, tuple[float, float]]]:
    """Let three users write and read again, each by a rule, with replicas that hold back."""
    for node in store.replicas:
        store.server(node).configure(recovery_min_apply_delay=f"{lag_ms}ms")
    shown = "select setting from pg_settings where name = 'recovery_min_apply_delay'"
    wait_for(lambda: all(store.server(n).value(shown) == str(lag_ms) for n in store.replicas))
    rngs = np.random.default_rng(lag_ms).spawn(len(RULES))
    with ThreadPoolExecutor(len(RULES)) as pool:
        books = pool.map(lambda rule, rng: _one_user(store, rule, rng), RULES, rngs)
        for rule, stats in zip(RULES, books, strict=True):
            yield rule, (stats.stale / stats.reads, stats.from_primary / stats.reads)


def policy_of(rule: str, rng: np.random.Generator) -> Policy:
    """Make the policy of a rule; the same objects work on the fake."""
    if rule == "position of the write":
        return WriteToken(behind="wait", rng=rng)
    return AnyReplica(rng=rng) if rule == "any replica" else PinAfterWrite(TIMER_S, rng=rng)


def _one_user(store: PostgresStore, rule: str, rng: np.random.Generator) -> ClientStats:
    session: Any = Session(store, policy_of(rule, rng), client=rule)  # type: ignore[arg-type]
    for _ in range(ROUNDS):
        session.put(rule, "my comment")
        store.clock.advance(float(rng.uniform(0, THINK_S)))
        session.get(rule)
    stats: ClientStats = session.stats()
    return stats


def expected_stale(lag_ms: float, rule: str) -> float:
    """Share of stale reads, where a user reads again after 0 to 120 ms, any time alike."""
    sure_ms = {"any replica": 0.0, "primary for 50 ms": 1e3 * TIMER_S}.get(rule, lag_ms)
    return max(0.0, lag_ms - sure_ms) / (1e3 * THINK_S)


def where(caption: str) -> str:
    """Add to a caption where the numbers are from, if they were not measured just now."""
    if measured().recorded:
        return f"{caption} Recorded on two shared cores, 28 November 2026."
    return caption


def plot_levels(ax: Axes) -> Axes:
    """Draw the share of stale reads by what a commit waits for, quiet and during an import."""
    it, places = measured(), np.arange(len(LEVELS))
    for shift, shares, colour, name in (
        (-0.2, it.quiet, GREEN, "quiet"),
        (0.2, it.under_load, ORANGE, "during an import"),
    ):
        values = [100 * shares[level] for level in LEVELS]
        ax.barh(places + shift, values, height=0.36, color=TINTS[colour], ec=colour, label=name)
        for place, value in zip(places + shift, values, strict=True):
            write(ax, value, place, f"{value:.0f} %", dx=4, va="center")
    ax.set_yticks(places, list(LEVELS))
    ax.invert_yaxis()
    ax.set(xlim=(0, 118))
    return label(ax, x="reads at once that miss the write, %", y="a commit waits for", legend=True)


def levels_in_words() -> str:
    """Say the shares of `plot_levels`."""
    it = measured()
    return "; ".join(
        f"{level}: {100 * it.quiet[level]:.0f} % quiet, {100 * it.under_load[level]:.0f} % during "
        "an import"
        for level in LEVELS
    )


def plot_behind(ax: Axes) -> Axes:
    """Draw how far the slower replica is behind, before, during and after an import."""
    seconds, megabytes = np.array(measured().behind).T
    ax.plot(seconds, megabytes, color=BLUE)
    ax.axvspan(*BURST_S, color=ORANGE, alpha=0.15, lw=0)
    ax.set(xlim=(0, 2), ylim=(0, 1.25 * max(megabytes.max(), 0.01)))
    ax.text(sum(BURST_S) / 2, 1.12 * megabytes.max(), "import", ha="center", color=INK)
    return label(ax, x="time, s", y="behind, MB")


def rules_on_servers() -> Html:
    """Show each rule at a short and at a long lag: by the formula, and on the servers."""
    rows: list[dict[str, Any]] = []
    for lag in LAGS_MS:
        for rule in RULES:
            stale, from_primary = measured().rules[f"{lag}, {rule}"]
            rows.append(
                {
                    "lag, ms": lag,
                    "a user reads from": rule,
                    "stale by formula, %": round(100 * expected_stale(lag, rule), 1),
                    "stale, %": round(100 * stale),
                    "at the primary, %": round(100 * from_primary),
                }
            )
    return table(rows, where("Reads 0 to 120 ms after a write of one's own, on PostgreSQL."))


def own_router_on_postgres(make: Callable[..., Any]) -> Html:
    """Let a learner's router send the reads of users with two devices to real replicas.

    It is ``make(replicas)``, with `wrote` and `read`, as the lab asks for it.
    """
    try:
        router = call(make, list(_REPLICAS))
        asked = router is not ... and call(router.read, "a", "b", dict.fromkeys(_REPLICAS, 0))
        if router is ... or asked is ...:
            return note("Still to do: your Router is the stub. Then real servers get it.")
        return _users_on_postgres(call(make, list(_REPLICAS)))
    except RealComponentError as error:
        return note(f"{error}; the checker's cases have to do.")
    except (TheirError, AttributeError) as theirs:
        name = type(getattr(theirs, "error", theirs)).__name__
        return note(f"{name} came out of your Router. The check says where.")


def _users_on_postgres(router: Any) -> Html:
    """Let three users post on one device and read on the other, by a router."""
    rng, stale, from_primary, any_stale = np.random.default_rng(1), 0, 0, 0
    with PostgresStore(replicas=2, apply_delay_s=0.04) as store, _positions(store) as applied:
        store.server(_REPLICAS[1]).configure(recovery_min_apply_delay="5ms")
        for i in range(_POSTS):
            user, key = f"user {i % 3}", f"comment {i}"
            write = store.put(key, "mine")
            call(router.wrote, user, "laptop", write.position.lsn)
            store.clock.advance(float(rng.uniform(0, 0.06)))
            route = call(router.read, user, "phone", applied())
            if route not in (*_REPLICAS, "primary"):
                return note(f"read must return a replica's name or 'primary', not {route!r}.")
            any_stale += store.get(key, node=store.replicas[i % 2]) is None
            from_primary += route == "primary"
            stale += store.get(key, node=None if route == "primary" else route) is None
        name = store.server(store.primary).version
    return note(
        f"{name}: of {_POSTS} reads on the phone, {stale} missed the comment by your router and "
        f"{any_stale} by turns; the primary answered {from_primary}."
    )


@contextmanager
def _positions(store: PostgresStore) -> Iterator[Callable[[], dict[str, int]]]:
    """Give a function that asks all replicas how far they have applied the log, in bytes."""
    query = "select (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint"
    with ExitStack() as open_ones:
        lines = {
            node: open_ones.enter_context(store.server(node).connect()) for node in store.replicas
        }
        yield lambda: {node: line.execute(query).fetchone()[0] for node, line in lines.items()}
