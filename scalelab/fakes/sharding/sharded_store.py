"""A key-value store whose rows are spread over shards by a router."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.fakes._checks import (
    OnDone,
    OnFailed,
    clock_of,
    function_of,
    is_name,
    key_of,
    router_of,
)
from scalelab.fakes._delays import Delay
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.routing.router import Router
from scalelab.fakes.sharding.scatter_gather import Gather, QueryResult
from scalelab.fakes.sharding.shard import Shard, ShardStats
from scalelab.models.imbalance import peak_to_mean

COUNTERS = ("rows", "requested", "reads", "writes", "queries", "rows_scanned", "busy_s")


class ShardedStore:
    """Rows on shards; the router says which row is where.

    `put`, `get`, `delete`, `query` and `join` block, which lets the virtual clock pass;
    `submit_put` and so on return at once and call back from the clock.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    router : Router
        Its nodes are the shards. By a `RangeRouter`, a query of a range of keys asks only the
        shards that may hold some.
    latency_s : float or callable
        Seconds there and back to a shard, or a function that draws them.
    work_s : float
        Seconds of work of a shard for each request, one after another, >= 0.
    scan_s_per_row : float
        Seconds of work for each row that a query looks at, >= 0.
    rng : numpy.random.Generator, optional
        Needed for drawn latencies.

    Notes
    -----
    A query asks all its shards at once and waits for the slowest. The store promises
    nothing about two rows together: see :mod:`scalelab.fakes.transactions.two_phase_commit`.

    Examples
    --------
    >>> from scalelab.fakes.routing.modulo import ModuloRouter
    >>> store = ShardedStore(VirtualClock(), ModuloRouter(["a", "b", "c"]), latency_s=0.010)
    >>> for user in range(30):
    ...     _ = store.put(user, {"city": "Boston" if user % 10 == 0 else "Rome"})
    >>> found = store.query(lambda user, row: row["city"] == "Boston")
    >>> sorted(found.rows), found.shards_touched, found.rows_scanned
    ([0, 10, 20], ('a', 'b', 'c'), 30)
    """

    def __init__(
        self,
        clock: VirtualClock,
        router: Router,
        *,
        latency_s: Delay = 0.0,
        work_s: float = 0.0,
        scan_s_per_row: float = 0.0,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.clock = clock_of("ShardedStore", clock)
        self.router = _with_nodes("ShardedStore", router)
        self._new_shard = partial(
            Shard,
            clock=clock,
            latency_s=latency_s,
            work_s=work_s,
            scan_s_per_row=scan_s_per_row,
            rng=rng,
        )
        self._shards = {name: self._new_shard(name) for name in router.nodes}
        self.latency_s = latency_s
        self.cross_shard_joins = 0

    @property
    def shards(self) -> tuple[Hashable, ...]:
        """Names of the shards."""
        return tuple(self._shards)

    def put(self, key: Hashable, value: Any) -> Any:
        """Write a row; returns what was there before, None where nothing was.

        Raises
        ------
        ShardDownError
            The row's shard is down, or went down; the write may have happened.
        """
        return self.clock.wait_for(lambda done, failed: self.submit_put(key, value, done, failed))

    def submit_put(self, key: Hashable, value: Any, on_done: OnDone, on_failed: OnFailed) -> None:
        """Begin to write; one of the functions is called by the clock, once; see `put`."""
        if value is None:
            v.refuse("ShardedStore.put", "value", "be something", value, "use delete")
        self._shard_of("put", key).submit_put(key, value, on_done, on_failed)

    def delete(self, key: Hashable) -> Any:
        """Remove a row, whether it is there or not; as `put`."""
        return self.clock.wait_for(lambda done, failed: self.submit_delete(key, done, failed))

    def submit_delete(self, key: Hashable, on_done: OnDone, on_failed: OnFailed) -> None:
        """Begin to remove a row; as `submit_put`."""
        self._shard_of("delete", key).submit_put(key, None, on_done, on_failed)

    def get(self, key: Hashable) -> Any:
        """Look a row up; None where there is none.

        Raises
        ------
        ShardDownError
            The row's shard is down, or went down.
        """
        return self.clock.wait_for(lambda done, failed: self.submit_get(key, done, failed))

    def submit_get(self, key: Hashable, on_done: OnDone, on_failed: OnFailed) -> None:
        """Begin to look a row up; as `submit_put`."""
        self._shard_of("get", key).submit_get(key, on_done, on_failed)

    def get_all(self, keys: Sequence[Hashable]) -> dict[Hashable, Any]:
        """Look several rows up at once; those that are not there are left out.

        Raises
        ------
        ShardDownError
            A row's shard is down, or went down.
        """
        if not isinstance(keys, (list, tuple, range)):
            v.refuse("ShardedStore.get_all", "keys", "be a list of keys", keys)
        if len(keys) > v.LONGEST_LIST:
            v.refuse(
                "ShardedStore.get_all",
                "keys",
                f"be at most {v.LONGEST_LIST:,}",
                v.Words(f"{len(keys):,}"),
            )
        answers: dict[Hashable, Any] = {}
        errors: list[Exception] = []
        wanted = list(dict.fromkeys(key_of("ShardedStore.get_all", key) for key in keys))
        for key in wanted:
            self.submit_get(key, partial(answers.__setitem__, key), errors.append)
        self.clock.run_until(lambda: len(answers) + len(errors) == len(wanted))
        if errors:
            raise errors[0]
        return {key: value for key, value in answers.items() if value is not None}

    def query(
        self,
        matches: Callable[[Any, Any], object],
        *,
        key_range: tuple[Any, Any] | None = None,
        together_with: Hashable | None = None,
        allow_partial: bool = False,
    ) -> QueryResult:
        """Find all rows that match; the virtual clock passes until the slowest shard answers.

        Parameters
        ----------
        matches : callable
            Called with key and value of a row.
        key_range : pair, optional
            Only keys from the first to before the second.
        together_with : hashable, optional
            Ask only the shard of this key, where the rows are known to be with it.
        allow_partial : bool
            Return what there is when a shard is down, and name the shard in `missing`.

        Raises
        ------
        ShardDownError
            A shard is down, and `allow_partial` is not set.
        """
        return self.clock.wait_for(
            lambda done, failed: self.submit_query(
                matches,
                done,
                failed,
                key_range=key_range,
                together_with=together_with,
                allow_partial=allow_partial,
            )
        )

    def submit_query(
        self,
        matches: Callable[[Any, Any], object],
        on_done: Callable[[QueryResult], object],
        on_failed: OnFailed,
        *,
        key_range: tuple[Any, Any] | None = None,
        together_with: Hashable | None = None,
        allow_partial: bool = False,
    ) -> None:
        """Begin a query; one of the functions is called by the clock, once; see `query`."""
        name = "ShardedStore.query"
        wanted = function_of(name, "matches", matches)
        if key_range is not None:
            wanted = _within(_pair(name, key_range), matches)
        touched = self._touched(key_range, together_with)
        gather = Gather(self.clock, touched, on_done, on_failed, allow_partial)
        for shard in touched:
            self._shards[shard].submit_query(wanted, *gather.callbacks(shard))

    def join(self, key: Hashable, related: Callable[[Any, Any], Sequence[Hashable]]) -> QueryResult:
        """Read a row, and the rows that it points to; blocks, as `query`.

        Parameters
        ----------
        key : hashable
            The first row.
        related : callable
            From its key and value to the keys of the others.

        Returns
        -------
        QueryResult
            With one round trip if all rows are on the first one's shard, which then joins
            them itself, and with two otherwise: the application joins.

        Raises
        ------
        ShardDownError
            A shard that is needed is down.
        """
        function_of("ShardedStore.join", "related", related)
        begun_s, home = self.clock.now_s, self._shard_of("join", key)
        value = self.get(key)
        found = {} if value is None else {key: value}
        others = [] if value is None else list(related(key, value))
        away = [other for other in others if self._shard_of("join", other) is not home]
        for other in others:
            if other not in away and other in home.rows:  # the shard itself has joined these
                found[other] = home.rows[other]
        if away:
            self.cross_shard_joins += 1
            found |= self.get_all(away)
        touched = [home, *(self._shard_of("join", other) for other in away)]
        return QueryResult(
            rows=found,
            shards_touched=tuple(dict.fromkeys(shard.name for shard in touched)),
            missing=(),
            rows_scanned=1 + len(others),
            round_trips=1 + bool(away),
            latency_s=self.clock.now_s - begun_s,
        )

    def stop_and_reshard(self, router: Router, *, rows_per_s: float) -> int:
        """Move every row to where another router has it, with the store down meanwhile.

        Parameters
        ----------
        router : Router
            New nodes become new shards.
        rows_per_s : float
            Rows moved per second, > 0.

        Returns
        -------
        int
            Rows that had to move; all others stayed where they were.
        """
        return self.clock.wait_for(
            lambda done, failed: self.submit_stop_and_reshard(router, done, rows_per_s=rows_per_s)
        )

    def submit_stop_and_reshard(
        self, router: Router, on_done: Callable[[int], object], *, rows_per_s: float
    ) -> None:
        """Begin to move; `on_done` is called by the clock with the number of rows."""
        name = "ShardedStore.stop_and_reshard"
        _with_nodes(name, router)
        rate = v.number(name, "rows_per_s", rows_per_s)
        rows = {key: shard for shard in self._shards.values() for key in shard.rows}
        home = {key: router.node_for(key) for key in rows}  # the caller's, so before the change
        moving = [key for key, shard in rows.items() if home[key] != shard.name]
        for shard in self._shards.values():
            shard.crash()

        def resume() -> None:
            self.router = router
            for node in router.nodes:
                self._shards.setdefault(node, self._new_shard(node))
            for key in moving:
                self._shards[home[key]].rows[key] = rows[key].rows.pop(key)
            for shard in self._shards.values():
                shard.restart()
            on_done(len(moving))

        self.clock.schedule(len(moving) / rate, resume)

    def crash(self, shard: Hashable) -> None:
        """Take a shard down; its rows are kept, its unanswered requests fail."""
        self._named("crash", shard).crash()

    def restart(self, shard: Hashable) -> None:
        """Bring a shard back with its rows."""
        self._named("restart", shard).restart()

    def shard_stats(self, shard: Hashable) -> ShardStats:
        """Return the books of one shard."""
        return self._named("shard_stats", shard).stats()

    def loads(self, counter: str = "requested") -> dict[Hashable, float]:
        """One counter of every shard: rows, requested, reads, writes, queries and so on."""
        v.choice("ShardedStore.loads", "counter", counter, COUNTERS)
        return {name: getattr(s.stats(), counter) for name, s in self._shards.items()}

    def peak_to_mean(self, counter: str = "requested") -> float:
        """Load of the hottest shard over the mean load.

        Raises
        ------
        ValueError
            No shard has any load.
        """
        return peak_to_mean(list(self.loads(counter).values()))

    def contents(self) -> dict[Hashable, dict[Hashable, Any]]:
        """Copy the rows of every shard as they are at this moment; nobody is asked."""
        return {name: dict(shard.rows) for name, shard in self._shards.items()}

    def check_invariants(self) -> None:
        """Raise AssertionError when a row is on a shard where nobody would look for it."""
        for name, shard in self._shards.items():
            shard.check_invariants()
            astray = [key for key in shard.rows if self.router.node_for(key) != name]
            ensure(not astray, f"rows on a shard that is not theirs: {astray[:3]}")

    def _touched(self, key_range: Any, together_with: Hashable | None) -> tuple[Hashable, ...]:
        if together_with is not None:
            key_of("ShardedStore.query", together_with, "together_with")
            return (self._shard_of("query", together_with).name,)
        if key_range is not None and isinstance(self.router, RangeRouter):
            return tuple(self.router.nodes_for_range(*key_range))
        return self.shards

    def _shard_of(self, verb: str, key: Hashable) -> Shard:
        name = self.router.node_for(key_of(f"ShardedStore.{verb}", key))
        if name not in self._shards:
            rule = f"belong to one of {list(self.shards)}"
            v.refuse(f"ShardedStore.{verb}", "key", rule, v.Words(f"{key!r} of {name!r}"))
        return self._shards[name]

    def _named(self, verb: str, name: Hashable) -> Shard:
        if not is_name(name) or name not in self._shards:
            v.refuse(f"ShardedStore.{verb}", "shard", f"be one of {list(self.shards)}", name)
        return self._shards[name]


def _with_nodes(function: str, router: Router) -> Router:
    if not router_of(function, router).nodes:
        v.refuse(function, "router", "have a node at least", router.nodes)
    return router


def _within(
    key_range: tuple[Any, Any], matches: Callable[[Any, Any], object]
) -> Callable[[Any, Any], object]:
    low, high = key_range
    return lambda key, row: low <= key < high and matches(key, row)


def _pair(function: str, key_range: Any) -> tuple[Any, Any]:
    rule = "be a pair of keys, the first below the second"
    try:
        low, high = key_range
        ascending = isinstance(key_range, tuple) and bool(low < high)
    except (TypeError, ValueError):
        ascending = False
    if not ascending:
        v.refuse(function, "key_range", rule, key_range)
    return low, high
