"""A sharded store with a global secondary index: from a value to the keys that have it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple

from scalelab import _validate as v
from scalelab.fakes._checks import OnDone, OnFailed, function_of, key_of, router_of
from scalelab.fakes.invariants import ensure
from scalelab.fakes.routing.entities import EntityRouter
from scalelab.fakes.routing.router import Router
from scalelab.fakes.sharding.scatter_gather import QueryResult
from scalelab.fakes.sharding.sharded_store import ShardedStore


class _IndexEntry(NamedTuple):
    """A line of the index: which key has the value, and by which write."""

    value: Hashable
    key: Hashable
    write: int


@dataclass(frozen=True)
class _Row:
    write: int
    value: Any


class IndexedStore:
    """Rows on the shards of a store, and an index on shards of its own.

    An index entry lives on the shard of its value, whatever the shard of its row. So a
    search asks one shard of the index, and then only the shards that hold what was found.

    Parameters
    ----------
    store : ShardedStore
        Where the rows go; empty, and used through this object only.
    attribute_of : callable
        From a row's value to what is looked for, such as an e-mail address; None for a row
        that is not to be found.
    index_router : Router
        Spreads the index by attribute.

    Notes
    -----
    A write is three requests: enter the new attribute, write the row, strike the old
    attribute out. A crash between any two leaves an entry too many, never one too few: the
    search looks at each row again, and drops what no longer matches. Entries carry the
    number of their write, so that a late stroke cannot hit a newer entry.

    Examples
    --------
    >>> from scalelab.fakes.clock import VirtualClock
    >>> from scalelab.fakes.routing.modulo import ModuloRouter
    >>> router = ModuloRouter(["a", "b", "c", "d"])
    >>> users = IndexedStore(ShardedStore(VirtualClock(), router), lambda row: row["mail"], router)
    >>> for user in range(20):
    ...     users.put(user, {"mail": f"u{user}@example.org"})
    >>> found = users.find("u7@example.org")
    >>> list(found.rows), len(found.shards_touched), found.round_trips
    ([7], 2, 2)
    """

    def __init__(
        self,
        store: ShardedStore,
        attribute_of: Callable[[Any], Hashable],
        index_router: Router,
    ) -> None:
        if not isinstance(store, ShardedStore):
            v.refuse("IndexedStore", "store", "be a ShardedStore", store)
        self.store = store
        self._attribute_of = function_of("IndexedStore", "attribute_of", attribute_of)
        router_of("IndexedStore", index_router, "index_router")
        by_value = EntityRouter(lambda entry: entry.value, index_router)
        self.index = ShardedStore(store.clock, by_value, latency_s=store.latency_s)
        self._writes = itertools.count(1)

    def put(self, key: Hashable, value: Any) -> None:
        """Write a row and its index entry; the virtual clock passes.

        Raises
        ------
        ShardDownError
            A shard of the row or of the index is down; the write may have happened.
        """
        self.store.clock.wait_for(lambda done, failed: self.submit_put(key, value, done, failed))

    def submit_put(self, key: Hashable, value: Any, on_done: OnDone, on_failed: OnFailed) -> None:
        """Begin to write; one of the functions is called by the clock, once; see `put`."""
        if value is None:
            v.refuse("IndexedStore.put", "value", "be something", value, "use delete")
        key_of("IndexedStore.put", key)
        row = _Row(next(self._writes), value)

        strike_old = self._striking(key, on_done, on_failed)

        def write(_: Any) -> None:
            self.store.submit_put(key, row, strike_old, on_failed)

        attribute = self._attribute_of(value)
        if attribute is None:
            write(None)
        else:
            self.index.submit_put(_IndexEntry(attribute, key, row.write), True, write, on_failed)

    def delete(self, key: Hashable) -> None:
        """Remove a row and its index entry; as `put`."""
        self.store.clock.wait_for(lambda done, failed: self.submit_delete(key, done, failed))

    def submit_delete(self, key: Hashable, on_done: OnDone, on_failed: OnFailed) -> None:
        """Begin to remove a row; as `submit_put`."""
        strike_old = self._striking(key, on_done, on_failed)
        self.store.submit_delete(key, strike_old, on_failed)

    def get(self, key: Hashable) -> Any:
        """Look a row up by its key; None where there is none."""
        return self.store.clock.wait_for(lambda done, failed: self.submit_get(key, done, failed))

    def submit_get(self, key: Hashable, on_done: OnDone, on_failed: OnFailed) -> None:
        """Begin to look a row up; as `submit_put`."""
        self.store.submit_get(
            key, lambda row: on_done(None if row is None else row.value), on_failed
        )

    def find(self, attribute: Hashable) -> QueryResult:
        """All rows with this attribute; the virtual clock passes.

        Raises
        ------
        ShardDownError
            A shard that is needed is down.
        """
        clock, begun_s = self.store.clock, self.store.clock.now_s
        somewhere = _IndexEntry(attribute, None, 0)
        lines = self.index.query(lambda e, _: e.value == attribute, together_with=somewhere)
        entries: list[Any] = list(lines.rows)
        keys = list(dict.fromkeys(entry.key for entry in entries))
        rows = self.store.get_all(keys)
        found = {
            key: row.value
            for key, row in rows.items()
            if self._attribute_of(row.value) == attribute
        }
        homes = dict.fromkeys(self.store.router.node_for(key) for key in keys)
        return QueryResult(
            rows=found,
            shards_touched=(*(f"index {name}" for name in lines.shards_touched), *homes),
            missing=(),
            rows_scanned=len(lines.rows) + len(rows),
            round_trips=1 + bool(keys),
            latency_s=clock.now_s - begun_s,
        )

    def check_invariants(self) -> None:
        """Raise AssertionError when a row could not be found by its attribute."""
        self.store.check_invariants()
        self.index.check_invariants()
        entries = {e for shard in self.index.contents().values() for e in shard}
        for shard in self.store.contents().values():
            for key, row in shard.items():
                attribute = self._attribute_of(row.value)
                entered = attribute is None or _IndexEntry(attribute, key, row.write) in entries
                ensure(entered, f"row {key!r} has no entry in the index")

    def _striking(self, key: Hashable, on_done: OnDone, on_failed: OnFailed) -> OnDone:
        """Return what takes the old row, and strikes its entry out."""

        def strike(before: _Row | None) -> None:
            try:
                attribute = None if before is None else self._attribute_of(before.value)
            except Exception as error:  # the caller's function
                on_failed(error)
                return
            if before is None or attribute is None:
                on_done(None)
            else:
                entry = _IndexEntry(attribute, key, before.write)
                self.index.submit_delete(entry, lambda _: on_done(None), on_failed)

        return strike
