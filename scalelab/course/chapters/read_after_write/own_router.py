"""The lab's router, which a learner writes, as a policy of sessions: on the fake and on servers.

A router belongs to one user. It is told of positions in the log, as whole numbers, by
``wrote(position)`` and, where it has one, ``saw(position)``. ``choose(applied)`` gets how far each
replica is, by name, and returns a name or "primary".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scalelab.course.chapters.read_after_write.experiments import LINK_LAG_S, PAUSE_S
from scalelab.course.examine import UnansweredError
from scalelab.course.page import Html, note, show, table
from scalelab.course.values import NotThatError, short
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.fakes.replication.replication_types import Read, Write
from scalelab.fakes.replication.routing_policies import Route
from scalelab.fakes.replication.session_guarantees import Session
from scalelab.history.operations import Counterexample, History
from scalelab.history.recorder import Recorder
from scalelab.history.seeded_workload import Bench, Workload
from scalelab.history.session_checks import check_monotonic_reads, check_read_your_writes
from scalelab.history.timeline import timeline_picture
from scalelab.real.limits import TheirError, call
from scalelab.real.postgres_store import PostgresStore
from scalelab.real.supervised import RealComponentError

MakeRouter = Callable[[], Any]
PRIMARY = "primary"


@dataclass
class OwnRouter:
    """A policy that asks a learner's router, and notes where it should have chosen otherwise."""

    router: Any
    needs: int = 0  # the latest position that the user has written or seen
    behind: str = ""  # the first replica that was asked too early, in words
    needless: str = ""  # the first read of the primary that a replica could have answered
    told_of_reads: bool = field(init=False)

    def __post_init__(self) -> None:
        self.told_of_reads = hasattr(self.router, "saw")

    def route(self, store: Any) -> Route:
        """Ask the router, and compare with what the user needs."""
        applied = {name: store.applied(name).lsn for name in store.replicas}
        chosen = chosen_of(self.router, applied)
        said = f"the user had written or seen {self.needs}, the replicas were at {applied}"
        if chosen == PRIMARY:
            if max(applied.values()) >= self.needs:
                self.needless = self.needless or said
            return Route(node=None)
        if applied[chosen] < self.needs:
            self.behind = self.behind or f"{said}, and {chosen!r} was asked"
        return Route(node=chosen)

    def wrote(self, store: Any, write: Write) -> None:
        """Tell the router of an own write."""
        self.needs = max(self.needs, write.position.lsn)
        call(call(getattr, self.router, "wrote"), write.position.lsn)

    def saw(self, read: Read) -> None:
        """Tell the router of an own read, if it asks for that."""
        if self.told_of_reads:
            self.needs = max(self.needs, read.position.lsn)
            call(call(getattr, self.router, "saw"), read.position.lsn)


def chosen_of(router: Any, applied: dict[str, int]) -> str:
    """Let a router choose.

    Raises
    ------
    UnansweredError
        It is the stub.
    NotThatError
        What it chose is neither a replica nor the primary.
    """
    chosen = call(call(getattr, router, "choose"), dict(applied))
    if chosen is ...:
        raise UnansweredError
    if not isinstance(chosen, str) or chosen not in (*applied, PRIMARY):
        why = "The read is sent to what choose returns: a name from applied, or the primary."
        asked = " or ".join(map(repr, (*applied, PRIMARY)))
        raise NotThatError(asked, chosen, why)
    return str(chosen)


@dataclass(frozen=True, kw_only=True)
class Played:
    """What a router did for several users."""

    history: History
    sessions: list[Session]

    @property
    def faults(self) -> dict[str, Counterexample | None]:
        """The smallest history against each guarantee, None where it was kept."""
        return {
            "read your writes": check_read_your_writes(self.history),
            "monotonic reads": check_monotonic_reads(self.history),
        }

    def first(self, note_of: str) -> str:
        """Return the first note of a kind that any user's policy has, or nothing."""
        notes = [getattr(session.policy, note_of) for session in self.sessions]
        return next((text for text in notes if text), "")

    def at_primary(self) -> tuple[int, int]:
        """Count the reads of the primary, and all."""
        stats = [session.stats() for session in self.sessions]
        return sum(s.from_primary for s in stats), sum(s.reads for s in stats)


def play_router(
    make_router: MakeRouter,
    *,
    users: int = 3,
    replicas: int = 2,
    write_share: float = 0.2,
    lag_s: float = 0.1,
    operations: int = 60,
    seed: int = 1,
) -> Played:
    """Let users work through routers of their own, on replicas that lag by up to `lag_s`.

    Each user does one thing at a time, with pauses of 30 ms on average, on two keys.
    """
    sessions: list[Session] = []

    def make(rng: np.random.Generator) -> Bench:
        clock = VirtualClock()
        store = ReplicatedStore(
            clock,
            replicas=replicas,
            network=FakeNetwork(clock, delay_s=0.001),
            apply_delay_s=lambda draw: float(draw.uniform(0, lag_s)),
            rng=rng,
        )

        def store_for(user: str) -> Session:
            policy = OwnRouter(call(make_router))
            sessions.append(Session(store, policy, client=user))
            return sessions[-1]

        return Bench(clock=clock, store_for=store_for)

    work = Workload(
        clients=users, operations=operations, keys=2, write_share=write_share, mean_gap_s=0.03
    )
    return Played(history=work.run(make, seed=seed), sessions=sessions)


def own_router_timeline(make_router: MakeRouter, runs: int = 20) -> Html:
    """Play a router on the fake, and draw the smallest history that breaks a guarantee."""

    def drawn() -> Html:
        for seed in range(runs):
            for name, fault in play_router(make_router, seed=seed).faults.items():
                if fault is not None:
                    return _drawn(name, fault, seed)
        return note(
            f"{runs} runs of three users on two replicas: nobody missed an own write, and nobody "
            "went back."
        )

    return _or_said(drawn)


def _drawn(name: str, fault: Counterexample, seed: int) -> Html:
    words = "; ".join(str(operation) for operation in fault)
    caption = f"Broken: {name}. The smallest part of run {seed + 1} that shows it."
    return show(timeline_picture(fault), alt=f"A timeline: {words}.", caption=caption)


def own_router_table(make_router: MakeRouter) -> Html:
    """Play a learner's router on the fake and on PostgreSQL, and show both in one table."""

    def shown() -> Html:
        rows = [_row("the fake", play_router(make_router, operations=150))]
        caption = "Your router on two replicas"
        try:
            rows.append(_row("PostgreSQL", play_on_postgres(make_router)))
            caption += ", one of which stands still for a while on PostgreSQL"
        except RealComponentError as error:
            caption += f"; no row for real servers: {error}"
        return table(rows, caption)

    return _or_said(shown)


def _row(where: str, played: Played) -> dict[str, Any]:
    at_primary, reads = played.at_primary()
    kept = {name: "broken" if fault else "kept" for name, fault in played.faults.items()}
    return {"on": where, "reads": reads, **kept, "at the primary, %": 100 * at_primary / reads}


def play_on_postgres(make_router: MakeRouter, operations: int = 60, seed: int = 1) -> Played:
    """Let Ann and Bob take turns on a real primary and two replicas, one of which stands still.

    The replicas are 75 ms away; the second one stops applying for the middle third.

    Raises
    ------
    RealComponentError
        PostgreSQL or its client is not installed.
    """
    rng = np.random.default_rng(seed)
    with PostgresStore(replicas=2, link_rtt_s=2 * LINK_LAG_S) as store:
        recorder = Recorder()
        policies = [OwnRouter(call(make_router)) for _ in range(2)]
        sessions = [
            Session(store, policy, client=name)  # type: ignore[arg-type]
            for policy, name in zip(policies, ("Ann", "Bob"), strict=True)
        ]
        recorded = [recorder.session(session, session.client) for session in sessions]
        for i in range(operations):
            if i == operations // 3:
                store.server("node2").rows("select pg_wal_replay_pause()")
            if i == 2 * operations // 3:
                store.server("node2").rows("select pg_wal_replay_resume()")
            user, key = recorded[int(rng.integers(2))], f"ticket {int(rng.integers(2))}"
            if rng.random() < 0.25:
                user.put(key, f"answer {i}")
            else:
                user.get(key)
            store.clock.advance(float(rng.uniform(0, PAUSE_S)))
    return Played(history=recorder.history(), sessions=sessions)


# Timers against measured lags --------------------------------------------------------------------

WRITES = 15  # measured, each way
TIMERS_S = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2)
PAUSES_S = 0.5  # users read back after up to this
RECORDED_LAGS_S = {  # two shared cores, Linux, 28 November 2026
    "quiet": [0.013, 0.010, 0.011, 0.011, 0.011, 0.011, 0.012, 0.011, 0.012, 0.012],
    "behind an import": [0.057, 0.070, 0.070, 0.047, 0.063, 0.062, 0.069, 0.032, 0.040, 0.058],
}


def measured_lags() -> dict[str, list[float]] | str:
    """Measure how long a replica 10 ms away misses a write: alone, and right behind an import.

    In seconds; or why there is nothing to measure.
    """
    lags: dict[str, list[float]] = {"quiet": [], "behind an import": []}
    load = "insert into load select i, repeat('x', 200) from generate_series(1, 40000) i"
    try:
        store = PostgresStore(replicas=1, link_rtt_s=0.02)
    except RealComponentError as error:
        return str(error)
    with store:
        store.server("node0").rows("create table load(id int, text text)")
        for name, measured in lags.items():
            for i in range(WRITES):
                if name != "quiet":
                    store.server("node0").rows(load)
                write = store.put(f"{name} {i}", "new")
                clock, since_s = store.clock, store.clock.now_s
                while store.applied("node1") < write.position and clock.now_s < since_s + 2:
                    clock.advance(0.001)
                measured.append(clock.now_s - since_s)
    return lags


def timers_table(missed_share: Callable[..., Any]) -> Html:
    """Show what timers miss by a learner's function, on lags that were measured here."""

    def shown() -> Html:
        _share(missed_share, [0.0], [0.0], 0.0)  # the stub waits for no server
        lags = measured_lags()
        caption = f"Users who miss their write, %, by the timer; they pause up to {PAUSES_S:g} s"
        if isinstance(lags, str):
            lags = RECORDED_LAGS_S
            caption += ". Recorded on two shared cores, 28 November 2026."
        rows = []
        for timer_s in TIMERS_S:
            row: dict[str, Any] = {"timer, s": timer_s}
            for name, known_s in lags.items():
                rng = np.random.default_rng(1)
                pauses_s = [float(p) for p in rng.uniform(0, PAUSES_S, 1_000)]
                lags_s = [float(lag) for lag in rng.choice(known_s, 1_000)]
                row[name] = 100 * _share(missed_share, pauses_s, lags_s, timer_s)
            rows.append(row)
        return table(rows, caption)

    return _or_said(shown)


def _share(missed_share: Callable[..., Any], *case: Any) -> float:
    share = call(missed_share, *case)
    if share is ...:
        raise UnansweredError
    return float(share)


def _or_said(shown: Callable[[], Html]) -> Html:
    """Show it, or say what stands in the way."""
    try:
        return shown()
    except UnansweredError:
        return note("Still to do: your answer above is the stub. Then this cell plays it.")
    except TheirError as theirs:
        if isinstance(theirs.error, UnansweredError):
            raise
        said = f"{type(theirs.error).__name__} came out of your code"
        return note(f"{said}, so there is nothing to show. The check says where.")
    except (NotThatError, TypeError) as wrong:
        got = short(wrong.got, 60) if isinstance(wrong, NotThatError) else "Something else"
        return note(f"{got} came back, which cannot be used. The check says what is asked for.")
