"""A learner's runbook at work: on the replicated store, on the stage, and on real servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scalelab.course.examine import UnansweredError
from scalelab.course.page import Html, note, table
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.replication.replicated_store import ReplicatedStore
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.limits import TheirError, call
from scalelab.real.postgres_cluster import PostgresCluster, PostgresServer, wait_for
from scalelab.real.supervised import RealComponentError

Event = tuple[int, str, str]  # at which step, what, to which server
FENCE_STEPS = 2  # from the order until the power is off
PAY_S = 0.5  # into a step somebody pays


class Drill:
    """Servers of the replicated store under a list of events, and what a runbook sees and does.

    Parameters
    ----------
    store : ReplicatedStore
        Without a fence of its own and without delays; its first node is the first server.
    servers : list of str
        What they are called.
    events : list of (int, str, str)
        At which step what happens to which server: "kill", "start"; "cut" and "join" of its links
        to the others; "hide" and "show" from the runbook; "operator": the runbook itself dies.
    """

    def __init__(self, store: ReplicatedStore, servers: list[str], events: list[Event]) -> None:
        self.store, self.servers = store, servers
        self.node = dict(zip(servers, store.nodes, strict=True))
        self._name = {node: name for name, node in self.node.items()}
        self._events, self._hidden, self._dead = events, set[str](), set[str]()
        self._up, self._fenced = set(servers), list[str]()
        self._fences: dict[str, int] = {}
        self.step_number = 0

    @property
    def primary(self) -> str:
        """Name of the server that was promoted last."""
        return self._name[self.store.primary]

    def begin(self) -> bool:
        """Begin a step: let its events happen; whether the runbook died and is started anew."""
        self.step_number += 1
        for name, due in list(self._fences.items()):
            if due <= self.step_number:
                self._power_off(name)
        anew = False
        for step, what, server in self._events:
            if step == self.step_number:
                anew |= what == "operator"
                self._happen(what, server)
        return anew

    def _happen(self, what: str, server: str) -> None:
        if what == "kill":
            self._dead.add(server)
            self._crash(server)
        elif what == "start" and server in self._dead:
            self._dead.discard(server)
            if server not in self._fenced:
                self._start(server)
        elif what in ("hide", "show"):
            (self._hidden.add if what == "hide" else self._hidden.discard)(server)
        elif what in ("cut", "join"):
            for other in set(self.store.nodes) - {self.node[server]}:
                for link in ((other, self.node[server]), (self.node[server], other)):
                    (self.store.network.cut if what == "cut" else self.store.network.heal_link)(
                        *link
                    )

    def _crash(self, server: str) -> None:
        if server in self._up:
            self._up.discard(server)
            self.store.failover.crash(self.node[server])

    def _start(self, server: str) -> None:
        self._up.add(server)
        self.store.failover.restart(self.node[server])

    def _power_off(self, server: str) -> None:
        del self._fences[server]
        self._crash(server)
        self._fenced.append(server)

    def view(self) -> tuple[str, dict[str, tuple[int, int] | None], list[str]]:
        """Return the primary's name, the positions of all, and who is fenced, in that order."""
        positions: dict[str, tuple[int, int] | None] = {}
        for server, node in self.node.items():
            at = self.store.applied(node)
            answers = server in self._up - self._hidden
            positions[server] = (at.term, at.lsn) if answers else None
        return self.primary, positions, list(self._fenced)

    def act(self, action: str) -> None:
        """Do what the runbook says; what cannot be done is not done."""
        verb, _, server = action.partition(" ")
        if server not in self.node:
            return
        node = self.node[server]
        if verb == "fence" and server not in self._fenced:
            self._fences.setdefault(server, self.step_number + FENCE_STEPS)
        elif verb == "promote" and server != self.primary and server in self._up:
            self.store.failover.promote(node, allow_loss=True)
        elif verb == "rejoin" and server in self._fenced and server not in self._dead:
            self._fenced.remove(server)
            if server != self.primary:
                self.store.failover.rejoin(node)
            self._start(server)

    def pay(self) -> None:
        """Let somebody pay, at every server that takes itself for the primary."""
        for node in self.store.failover.primaries():
            self.store.submit_put(self.step_number, "paid", _drop, _drop, node=node)


def _drop(_: object) -> None:
    pass


def store_for(clock: VirtualClock, servers: list[str], needed: int) -> ReplicatedStore:
    """Make the store of a drill; a commit waits for any `needed` of the others."""
    return ReplicatedStore(
        clock,
        replicas=len(servers) - 1,
        sync="receive",
        sync_replicas=needed,
        fencing=False,
        timeout_s=0.4,
    )


def asked(make: Callable[..., Any], servers: list[str], needed: int, patience: int) -> Any:
    """Make a runbook of the learner's."""
    made = call(make, list(servers), needed, patience)
    if made is ...:
        raise UnansweredError
    return made


def said_by(runbook: Any, view: tuple[str, dict[str, Any], list[str]]) -> Any:
    """Ask a runbook for its next action."""
    primary, positions, fenced = view
    action = call(call(getattr, runbook, "step"), primary, dict(positions), list(fenced))
    if action is ...:
        raise UnansweredError
    return action


def play(
    make: Callable[..., Any],
    servers: list[str],
    needed: int,
    patience: int,
    events: list[Event],
    steps: int,
) -> tuple[list[Any], Drill, int]:
    """Let a runbook work for some steps; its actions, the drill, most primaries at once."""
    clock = VirtualClock()
    drill = Drill(store_for(clock, servers, needed), servers, events)
    runbook, actions, most = asked(make, servers, needed, patience), [], 1
    for _ in range(steps):
        if drill.begin():
            runbook = asked(make, servers, needed, patience)
        clock.advance(PAY_S)
        drill.pay()
        clock.advance(1 - PAY_S)
        actions.append(said_by(runbook, drill.view()))
        if isinstance(actions[-1], str):
            drill.act(actions[-1])
        most = max(most, len(drill.store.failover.primaries()))
    clock.advance(1.0)
    return actions, drill, most


_ROWS, _LAST, _MOST_STEPS = 20, 20, 60
_SERVERS = ["a", "b", "c"]


def own_runbook_on_postgres(make: Callable[..., Any]) -> Html:
    """Kill a real primary of three servers, and let a learner's runbook put it right."""
    try:
        runbook = asked(make, _SERVERS, 1, 3)
        said_by(asked(make, _SERVERS, 1, 3), ("a", {"a": (1, 1), "b": (1, 1), "c": (1, 1)}, []))
        return _on_postgres(runbook)
    except UnansweredError:
        return note("Still to do: your Runbook is the stub. Then real servers get it.")
    except RealComponentError as error:
        return note(f"{error}; the checker's cases have to do.")
    except (TheirError, AttributeError) as theirs:
        name = type(getattr(theirs, "error", theirs)).__name__
        return note(f"{name} came out of your Runbook. The check says where.")


def _on_postgres(runbook: Any) -> Html:
    with PostgresCluster() as cluster:
        a = cluster.primary("a")
        link = DelayProxy(a.port, 0.0)
        servers = {
            "a": a,
            "b": cluster.replica(a, "b", port=link.port),
            "c": cluster.replica(a, "c"),
        }
        a.configure(synchronous_standby_names="ANY 1 (b, c)")
        state = "select count(*) from pg_stat_replication where sync_state = 'quorum'"
        wait_for(lambda: a.value(state) == 2)
        a.rows("create table paid(id int primary key)")
        a.rows(f"insert into paid select generate_series(1, {_ROWS})")
        for name in "bc":
            servers[name].catch_up(a)
        link.close()  # b does not get the rest
        for row in range(_ROWS + 1, _ROWS + _LAST + 1):
            a.rows("insert into paid values (%s)", row)
        a.kill()
        done, primary = _worked(runbook, servers)
        kept = servers[primary].value("select count(*) from paid") if primary != "a" else 0
        version = a.version
    steps = ", then ".join(done) or "nothing"
    took = f"The new primary has {kept} of {_ROWS + _LAST} confirmed rows."
    return note(
        f"{version}: after the primary was killed your runbook did {steps}. "
        f"{'No server took over.' if primary == 'a' else took}"
    )


def _worked(runbook: Any, servers: dict[str, PostgresServer]) -> tuple[list[str], str]:
    """Let a runbook work on servers until the old primary is back; its actions, and the primary."""
    primary, fenced, done, timeline = "a", list[str](), list[str](), {"a": 1, "b": 1, "c": 1}
    for _ in range(_MOST_STEPS):
        positions = {n: _position(s, timeline[n]) for n, s in servers.items()}
        action = said_by(runbook, (primary, positions, list(fenced)))
        verb, _, name = str(action).partition(" ")
        if name in servers:
            done += [action] if [action] != done[-1:] else []
        if verb == "fence" and name in servers:
            servers[name].kill()
            fenced += [name] if name not in fenced else []
        elif verb == "promote" and name in servers and servers[name].alive and name != primary:
            servers[name].promote()
            servers[name].configure(synchronous_standby_names="")
            primary, timeline[name] = name, timeline[name] + 1
        elif verb == "rejoin" and name in fenced and name != primary:
            servers[name].follow(servers[primary])
            fenced.remove(name)
            timeline[name] = timeline[primary]
            return done, primary
    return done, primary


def _position(server: PostgresServer, timeline: int) -> tuple[int, int] | None:
    if not server.alive:
        return None
    lsn = "coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())"
    here = f"case when pg_is_in_recovery() then {lsn} else pg_current_wal_lsn() end"
    return timeline, int(server.value(f"select ({here} - '0/0'::pg_lsn)::bigint"))


_LIMIT_MB, _PATIENCE_S, _EVERY_S = 16, 30, 5
_NIGHTS = {  # looks every 5 s for 5 minutes: written MB/s, and how far the standby is, by second
    "a quiet night": lambda t: (100, 100),
    "an import of 60 s": lambda t: (100 + 2 * min(t, 60), 100 + min(t, 120)),
    "a link cut at 60 s, nobody writes": lambda t: (100, 100 if t < 60 else None),
}


def own_alarm(alarm_at_s: Callable[..., Any]) -> Html:
    """Let a learner's alarm look at the three traps, 16 MB and 30 s allowed."""
    rows: list[dict[str, Any]] = []
    for name, night in _NIGHTS.items():
        looks = [(t, *night(t)) for t in range(0, 301, _EVERY_S)]
        try:
            rings = call(alarm_at_s, looks, _LIMIT_MB, _PATIENCE_S)
        except TheirError as theirs:
            kind = type(theirs.error).__name__
            return note(f"{kind} came out of your alarm_at_s. The check says where.")
        if rings is ...:
            return note("Still to do: your alarm_at_s is the stub. Then it gets three nights.")
        rows.append({"night": name, "rings": "never" if rings is None else f"at {rings} s"})
    return table(rows, f"{_LIMIT_MB} MB and {_PATIENCE_S} s allowed, a look every {_EVERY_S} s.")
