"""Random work of several clients on a store, the same again from the same seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.fakes.clock import VirtualClock
from scalelab.history.operations import History
from scalelab.history.recorder import RecordedSession, Recorder


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A store set up for a workload.

    Parameters
    ----------
    clock : VirtualClock, optional
        The store's; without one the clients take turns, so nothing overlaps.
    store_for : callable
        Gives each client, by name, its store or session, with `get`, `put` and
        `delete`; with a clock their event-style twins `submit_get` and so on.
    """

    clock: VirtualClock | None = None
    store_for: Callable[[str], Any]


MakeBench = Callable[[np.random.Generator], Bench]


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What clients do: reads and writes of random keys, every value written only once.

    Parameters
    ----------
    clients : int
        Clients, >= 1; each does one thing at a time.
    operations : int
        Operations of all clients together, >= 1.
    keys : int
        Keys, >= 1, named "k0" and so on, drawn uniformly.
    write_share, delete_share : float
        Shares of puts and of deletions, in [0, 1], together at most 1; the rest reads.
    mean_gap_s : float
        Mean of the exponential pause of a client between two operations, > 0.

    Examples
    --------
    >>> from scalelab.fakes.replication.replicated_store import ReplicatedStore
    >>> def make(rng):
    ...     store = ReplicatedStore(VirtualClock(), apply_delay_s=0.1)
    ...     return Bench(clock=store.clock, store_for=lambda client: store)
    >>> history = Workload(clients=2, operations=10).run(make, seed=1)
    >>> history == history.replay()
    True
    """

    clients: int = 5
    operations: int = 100
    keys: int = 1
    write_share: float = 0.5
    delete_share: float = 0.0
    mean_gap_s: float = 0.01

    def __post_init__(self) -> None:
        for name in ("clients", "operations", "keys"):
            v.keep(self, **{name: v.count("Workload", name, getattr(self, name))})
        for name in ("write_share", "delete_share"):
            share = v.number("Workload", name, getattr(self, name), minimum=0)
            v.keep(self, **{name: float(v.fraction("Workload", name, share))})
        if self.write_share + self.delete_share > 1:
            rule = f"be <= 1 - write_share={self.write_share}"
            v.refuse("Workload", "delete_share", rule, self.delete_share)
        v.keep(self, mean_gap_s=v.number("Workload", "mean_gap_s", self.mean_gap_s))

    def run(self, make: MakeBench, *, seed: int) -> History:
        """Let the clients work on a new store, and return the history.

        Parameters
        ----------
        make : callable
            Sets up the store, given a generator for whatever is random about it. It may
            schedule crashes and partitions on the store's clock.
        seed : int
            Everything random comes from it, >= 0.

        Returns
        -------
        History
            Its `replay` runs the same once more.
        """
        seed = v.count("Workload.run", "seed", seed, minimum=0)
        for_store, for_work = np.random.default_rng(seed).spawn(2)
        bench = make(for_store)
        recorder = Recorder(bench.clock)
        names = [f"client {i}" for i in range(self.clients)]
        sessions = [recorder.session(bench.store_for(name), name) for name in names]
        work = _Work(self, sessions, for_work)
        if bench.clock is None:
            work.take_turns()
        else:
            work.run_on(bench.clock)
        return replace(recorder.history(), replay=lambda: self.run(make, seed=seed))


class _Work:
    """The clients of one run."""

    def __init__(
        self, workload: Workload, sessions: list[RecordedSession], rng: np.random.Generator
    ) -> None:
        self._workload, self._sessions, self._rng = workload, sessions, rng
        self._begun = self._ended = 0

    def take_turns(self) -> None:
        """Let a random client do one thing, until all is done; errors are outcomes, too."""
        for _ in range(self._workload.operations):
            session = self._sessions[int(self._rng.integers(len(self._sessions)))]
            verb, arguments = self._draw()
            try:
                getattr(session, verb)(*arguments)
            except Exception:  # recorded by the session
                continue

    def run_on(self, clock: VirtualClock) -> None:
        """Let all clients work side by side, each in its own rhythm."""
        for session in self._sessions:
            self._pause(session, clock)
        clock.run_until(lambda: self._ended == self._workload.operations)

    def _pause(self, session: RecordedSession, clock: VirtualClock) -> None:
        gap_s = float(self._rng.exponential(self._workload.mean_gap_s))
        clock.schedule(gap_s, lambda: self._act(session, clock))

    def _act(self, session: RecordedSession, clock: VirtualClock) -> None:
        if self._begun == self._workload.operations:
            return

        def ended(_: Any) -> None:
            self._ended += 1
            self._pause(session, clock)

        verb, arguments = self._draw()
        getattr(session, f"submit_{verb}")(*arguments, ended, ended)

    def _draw(self) -> tuple[str, tuple[Any, ...]]:
        """Draw what comes next; a put writes its own number, so no two values are the same."""
        self._begun += 1
        key = f"k{self._rng.integers(self._workload.keys)}"
        share = self._rng.random() - self._workload.write_share
        if share < 0:
            return "put", (key, self._begun)
        return ("delete" if share < self._workload.delete_share else "get"), (key,)
