"""A table in partitions within one instance: the contrast to shards."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._checks import clock_of
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.sharding.scatter_gather import QueryResult


class PartitionedTable:
    """Rows in ranges of their keys, all on one server that does one thing after another.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    router : RangeRouter
        Its ranges are the partitions.
    work_s : float
        Seconds of work for a write, >= 0, whichever the partition.
    scan_s_per_row : float
        Seconds of work for each row that a query looks at, >= 0.

    Notes
    -----
    Partitions spare work: a query skips those that cannot match, and to drop one is a single
    deed. They add none: all share one server, so the write capacity stays 1 / `work_s`.

    Examples
    --------
    >>> years = RangeRouter([2022, 2023, 2024], ["y2021", "y2022", "y2023", "y2024"])
    >>> table = PartitionedTable(VirtualClock(), years)
    >>> for number in range(400):
    ...     table.put((2021 + number % 4 + number / 1000), "sale")
    >>> found = table.query((2023, 2024))
    >>> found.shards_touched, found.rows_scanned, len(found.rows)
    (('y2023',), 100, 100)
    """

    def __init__(
        self,
        clock: VirtualClock,
        router: RangeRouter,
        *,
        work_s: float = 0.0,
        scan_s_per_row: float = 0.0,
    ) -> None:
        self._clock = clock_of("PartitionedTable", clock)
        if not isinstance(router, RangeRouter):
            v.refuse("PartitionedTable", "router", "be a RangeRouter", router)
        self._router = router
        self._work_s = v.number("PartitionedTable", "work_s", work_s, minimum=0)
        scan_s = v.number("PartitionedTable", "scan_s_per_row", scan_s_per_row, minimum=0)
        self._scan_s = scan_s
        self._partitions: dict[Hashable, dict[Any, Any]] = {name: {} for name in router.nodes}
        self._free_at_s = 0.0

    @property
    def partitions(self) -> dict[Hashable, int]:
        """Rows in each partition."""
        return {name: len(rows) for name, rows in self._partitions.items()}

    def put(self, key: Any, value: Any) -> None:
        """Write a row; the virtual clock passes until the server has done it."""
        self._clock.wait_for(lambda done, failed: self.submit_put(key, value, done))

    def submit_put(
        self, key: Any, value: Any, on_done: Callable[[None], object] = lambda _: None
    ) -> None:
        """Begin to write; the function is called by the clock when it is done."""
        rows = self._partitions[self._router.node_for(key)]

        def write() -> None:
            rows[key] = value
            on_done(None)

        self._clock.schedule_at(self._done_at_s(self._work_s), write)

    def query(self, key_range: tuple[Any, Any] | None = None) -> QueryResult:
        """All rows from the first key to before the second; without a range, all there are.

        The partitions outside the range are not looked at.
        """
        begun_s = self._clock.now_s
        names = self._router.nodes if key_range is None else self._pruned(key_range)
        scanned = sum(len(self._partitions[name]) for name in names)
        self._clock.run(self._done_at_s(self._scan_s * scanned))
        candidates = ((key, row) for name in names for key, row in self._partitions[name].items())
        inside = key_range is None or key_range
        return QueryResult(
            rows={
                key: row
                for key, row in candidates
                if inside is True or inside[0] <= key < inside[1]
            },
            shards_touched=tuple(names),
            missing=(),
            rows_scanned=scanned,
            round_trips=1,
            latency_s=self._clock.now_s - begun_s,
        )

    def drop_partition(self, name: Hashable) -> int:
        """Empty a partition in one deed; returns how many rows went with it.

        Raises
        ------
        ValueError
            There is no such partition.
        """
        if not isinstance(name, (str, int)) or name not in self._partitions:
            rule = f"be one of {list(self._partitions)}"
            v.refuse("PartitionedTable.drop_partition", "name", rule, name)
        dropped = len(self._partitions[name])
        self._partitions[name].clear()
        return dropped

    def check_invariants(self) -> None:
        """Raise AssertionError when a row stands in another partition than its key's."""
        for name, rows in self._partitions.items():
            ensure(all(self._router.node_for(key) == name for key in rows), "a row is astray")

    def _pruned(self, key_range: tuple[Any, Any]) -> tuple[Hashable, ...]:
        if not isinstance(key_range, tuple) or len(key_range) != 2:
            v.refuse("PartitionedTable.query", "key_range", "be a pair of keys", key_range)
        return self._router.nodes_for_range(*key_range)

    def _done_at_s(self, work_s: float) -> float:
        self._free_at_s = max(self._free_at_s, self._clock.now_s) + work_s
        return self._free_at_s
