"""A database behind a cache: rows with versions, on a virtual clock, and a replica that lags."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.fakes._callbacks import tell_all
from scalelab.fakes._checks import changed_fields, clock_of, key_of
from scalelab.fakes._delays import Delay, delay_source
from scalelab.fakes.clock import Timer, VirtualClock
from scalelab.fakes.invariants import ensure

OnFailed = Callable[[Exception], object]


class StoreDownError(RuntimeError):
    """The store has crashed, and has not recovered."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is stored under a key, as it was at some time."""

    value: Any
    """None where there is nothing."""
    version: int | None
    """How often the key was written, deletions included; None if the reader cannot know yet."""


NO_ROW = Row(value=None, version=0)
OnRow = Callable[[Row], object]


@dataclass(eq=False, slots=True)
class _Job:
    on_failed: OnFailed
    event: Timer


class BackingStore:
    """A key-value database with a time for each read and write, and versions that count writes.

    A read sees the row as it is when its work begins, and answers when it ends. A write takes
    effect when its work ends, and is acknowledged then. So a read is overtaken by every write
    that ends while it is under way.

    Blocking verbs let the virtual clock pass; `submit_get` and so on return at once and call back
    from the clock.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    read_s, write_s : float or callable
        Seconds of work of a read and of a write, >= 0: a constant, or a function that draws them
        from a generator.
    workers : int, optional
        Requests that are worked on at a time, >= 1; others queue, first come, first served.
        Without it nothing queues.
    rng : numpy.random.Generator, optional
        Needed where times are drawn.

    Notes
    -----
    A crash loses what is under way and queued, no row that was acknowledged.

    Examples
    --------
    >>> clock = VirtualClock()
    >>> store = BackingStore(clock, read_s=0.005, write_s=0.010)
    >>> store.put("user:1", {"name": "Ann", "city": "Ulm"}).version
    1
    >>> store.update("user:1", {"city": "Bonn"})
    Row(value={'name': 'Ann', 'city': 'Bonn'}, version=2)
    >>> round(clock.now_s, 3)
    0.02
    """

    def __init__(
        self,
        clock: VirtualClock,
        *,
        read_s: Delay = 0.0,
        write_s: Delay = 0.0,
        workers: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        name = "BackingStore"
        self.clock = clock_of(name, clock)
        self._read_s = delay_source(name, "read_s", read_s, rng)
        self._write_s = delay_source(name, "write_s", write_s, rng)
        self.workers = (
            None if workers is None else v.count(name, "workers", workers, maximum=v.MOST_STEPS)
        )
        self.reads = self.writes = self.failed = 0
        self._done = 0
        self._rows: dict[Hashable, Row] = {}
        self._listeners: list[Callable[[Hashable, Row], object]] = []
        self._under_way: dict[int, _Job] = {}
        self._submitted = 0
        self._up = True
        self._free_at_s = self._all_free()

    @property
    def is_up(self) -> bool:
        """Whether the store answers."""
        return self._up

    @property
    def pending(self) -> int:
        """Requests under way or queued."""
        return len(self._under_way)

    def row(self, key: Hashable) -> Row:
        """Return the row as it is now, without a read: for tests and for counting stale reads."""
        return self._rows.get(key_of("BackingStore.row", key), NO_ROW)

    def version_of(self, key: Hashable) -> int:
        """Return how often a key was written; 0 for never. Takes no time."""
        return self.row(key).version or 0

    def get(self, key: Hashable) -> Any:
        """Read a value, None where there is nothing; see `read`."""
        return self.read(key).value

    def read(self, key: Hashable) -> Row:
        """Read a row with its version, and let time pass.

        Raises
        ------
        StoreDownError
            The store is down, or crashed in the middle of it.
        """
        return self.clock.wait_for(partial(self.submit_read, key))

    def put(self, key: Hashable, value: Any) -> Row:
        """Write a value other than None, and let time pass.

        Raises
        ------
        StoreDownError
            The store is down, or crashed in the middle of it.
        """
        return self.clock.wait_for(partial(self.submit_put, key, value))

    def update(self, key: Hashable, changes: Mapping[str, Any]) -> Row:
        """Change some fields of a row, and return the whole row: ``UPDATE … RETURNING *``.

        Raises
        ------
        ValueError
            The row has no fields.
        StoreDownError
            The store is down, or crashed in the middle of it.
        """
        return self.clock.wait_for(partial(self.submit_update, key, changes))

    def delete(self, key: Hashable) -> Row:
        """Delete a row, which counts as a write; see `put`."""
        return self.clock.wait_for(partial(self.submit_delete, key))

    def submit_read(self, key: Hashable, on_done: OnRow, on_failed: OnFailed) -> None:
        """Begin to read a row; see `read`."""
        key_of("BackingStore.read", key)
        seen: list[Row] = []

        def begin() -> None:
            self.reads += 1
            seen.append(self.row(key))

        def end() -> None:
            self._done += 1
            on_done(seen[0])

        self._work(self._read_s(), begin, end, on_failed)

    def submit_put(self, key: Hashable, value: Any, on_done: OnRow, on_failed: OnFailed) -> None:
        """Begin to write a value; see `put`."""
        key_of("BackingStore.put", key)
        if value is None:
            v.refuse("BackingStore.put", "value", "not be None", value, "use delete")
        self._submit_write(key, lambda old: value, on_done, on_failed)

    def submit_update(
        self, key: Hashable, changes: Mapping[str, Any], on_done: OnRow, on_failed: OnFailed
    ) -> None:
        """Begin to change some fields; see `update`."""
        key_of("BackingStore.update", key)
        if not isinstance(changes, Mapping):
            v.refuse("BackingStore.update", "changes", "be a mapping of fields", changes)
        change = partial(changed_fields, "BackingStore.update", changes)
        change(self.row(key).value)
        self._submit_write(key, change, on_done, on_failed)

    def submit_delete(self, key: Hashable, on_done: OnRow, on_failed: OnFailed) -> None:
        """Begin to delete a row; see `delete`."""
        key_of("BackingStore.delete", key)
        self._submit_write(key, lambda old: None, on_done, on_failed)

    def on_commit(self, listener: Callable[[Hashable, Row], object]) -> None:
        """Call `listener(key, row)` at each write that takes effect, as change capture does.

        An error in a listener comes out of the clock's run; the write and the others go on.
        """
        if not callable(listener):
            v.refuse("BackingStore.on_commit", "listener", "be callable", listener)
        self._listeners.append(listener)

    def crash(self) -> None:
        """Stop the store: what is under way or queued fails, and so does what comes."""
        self._up = False
        self._free_at_s = self._all_free()
        jobs, self._under_way = list(self._under_way.values()), {}
        for job in jobs:
            job.event.cancel()
            self._fail(job.on_failed, _down())

    def recover(self) -> None:
        """Start the store again, with every row that was acknowledged."""
        self._up = True

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        ensure(self._up or not self._under_way, "a request is under way in a crashed store")
        ended = self._done + self.failed
        ensure(self._submitted == ended + self.pending, "a request has no end")
        written = sum(row.version or 0 for row in self._rows.values())
        ensure(written == self.writes, "versions do not add up to the writes")
        for key, row in self._rows.items():
            ensure(row.version is not None and row.version > 0, f"{key} was stored unwritten")

    def _all_free(self) -> list[float]:
        return [0.0] * (self.workers or 0)

    def _submit_write(
        self, key: Hashable, change: Callable[[Any], Any], on_done: OnRow, on_failed: OnFailed
    ) -> None:
        def commit() -> None:
            old = self.row(key)
            try:
                value = change(old.value)
            except Exception as error:  # another write made the row one without fields
                self._fail(on_failed, error)
                return
            row = Row(value=value, version=(old.version or 0) + 1)
            self._rows[key] = row
            self.writes += 1
            self._done += 1
            tell_all(self.clock, self._listeners, key, row)
            on_done(row)

        self._work(self._write_s(), lambda: None, commit, on_failed)

    def _work(
        self,
        work_s: float,
        begin: Callable[[], object],
        end: Callable[[], object],
        on_failed: OnFailed,
    ) -> None:
        """Call `begin` when a worker is free and `end` after `work_s` more."""
        number = self._submitted
        self._submitted += 1
        if not self._up:
            self._fail(on_failed, _down())
            return
        begins_at_s = self.clock.now_s
        if self.workers:
            begins_at_s = max(begins_at_s, heapq.heappop(self._free_at_s))
            heapq.heappush(self._free_at_s, begins_at_s + work_s)

        def started() -> None:
            begin()
            self._under_way[number].event = self.clock.schedule(work_s, ended)

        def ended() -> None:
            del self._under_way[number]
            end()

        event = self.clock.schedule_at(begins_at_s, started)
        self._under_way[number] = _Job(on_failed, event)

    def _fail(self, on_failed: OnFailed, error: Exception) -> None:
        self.failed += 1
        self.clock.schedule(0.0, partial(on_failed, error))


def _down() -> StoreDownError:
    return StoreDownError("BackingStore: the store must be up, got a crashed one")


class LaggingReplica:
    """A copy of a store for reads, in which each write shows a while after it was acknowledged.

    Parameters
    ----------
    store : BackingStore
        What it follows.
    lag_s : float or callable
        Seconds from a write's end in the store to its end here, >= 0, or a function that draws
        them. A later write never shows before an earlier one.
    read_s : float
        Seconds that a read takes, >= 0.
    rng : numpy.random.Generator, optional
        Needed where lags are drawn.

    Examples
    --------
    >>> clock = VirtualClock()
    >>> store = BackingStore(clock)
    >>> replica = LaggingReplica(store, lag_s=0.1)
    >>> write = store.put("x", 1)
    >>> replica.get("x"), clock.advance(0.1), replica.get("x")
    (None, None, 1)
    """

    def __init__(
        self,
        store: BackingStore,
        lag_s: Delay,
        *,
        read_s: float = 0.0,
        rng: np.random.Generator | None = None,
    ) -> None:
        if not isinstance(store, BackingStore):
            v.refuse("LaggingReplica", "store", "be a BackingStore", store)
        self.store = store
        self.reads = 0
        self._lag_s = delay_source("LaggingReplica", "lag_s", lag_s, rng)
        self._read_s = v.number("LaggingReplica", "read_s", read_s, minimum=0)
        self._rows: dict[Hashable, Row] = dict(store._rows)
        self._latest_due_s = 0.0
        store.on_commit(self._receive)

    def get(self, key: Hashable) -> Any:
        """Read a value, None where there is nothing; see `submit_read`."""
        return self.store.clock.wait_for(partial(self.submit_read, key)).value

    def submit_read(self, key: Hashable, on_done: OnRow, on_failed: OnFailed) -> None:
        """Begin to read a row as the replica has it now; never fails."""
        row = self._rows.get(key_of("LaggingReplica.read", key), NO_ROW)
        self.reads += 1
        self.store.clock.schedule(self._read_s, lambda: on_done(row))

    def check_invariants(self) -> None:
        """Raise AssertionError when the replica is ahead of its store."""
        for key, row in self._rows.items():
            ensure((row.version or 0) <= self.store.version_of(key), f"{key} is ahead of the store")

    def _receive(self, key: Hashable, row: Row) -> None:
        clock = self.store.clock
        lag_s = 0.0
        try:
            lag_s = self._lag_s()
        finally:  # the caller's function may fail; the write shows all the same
            self._latest_due_s = max(self._latest_due_s, clock.now_s + lag_s)
            clock.schedule_at(self._latest_due_s, lambda: self._rows.__setitem__(key, row))
