"""Moving rows to other shards under traffic, in seven steps that can be taken one by one."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from enum import IntEnum
from typing import Any, Literal, get_args

import numpy as np

from scalelab import _validate as v
from scalelab.fakes._callbacks import Watched
from scalelab.fakes._checks import clock_of, key_of, router_of
from scalelab.fakes._delays import Delay, delay_source
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure
from scalelab.fakes.routing.router import Router
from scalelab.fakes.sharding.row_copies import (
    Audit,
    Comparison,
    RowCopies,
    Rows,
    VersionedRow,
    value_in,
)

CopyRule = Literal["overwrite", "if_absent", "versioned"]
"""What a copied row does to a row that is there: replace it, yield to it, or replace it only
if it is older."""


class ReshardingError(RuntimeError):
    """The step is out of turn."""


class Step(IntEnum):
    """The seven steps, after the state that they lead to; 0 is before the first."""

    OLD_NODES_ONLY = 0
    NEW_NODES_ADDED = 1
    DOUBLE_WRITING = 2
    BACKFILLED = 3
    VERIFIED = 4
    READS_SWITCHED = 5
    DOUBLE_WRITES_STOPPED = 6
    CLEANED_UP = 7


class LiveResharding(Watched):
    """Rows that move from where one router puts them to where another does.

    The steps, in order: `add_nodes`, `double_write`, `backfill`, `verify`, `switch_reads`,
    `stop_double_writes`, `clean_up`. Clients `get`, `put` and `delete` all the while, and see
    the old copy until the reads are switched, the new one after that. `audit` compares what
    they see with what they wrote. `step`, a `Step`, says how far it has come. `watch` tells of
    each row that the backfill reads ("read", key) and writes, or drops ("written", key, kept).

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    before, after : Router
        The two routers. A row moves if they disagree on it.
    copy_rule : {"overwrite", "if_absent", "versioned"}
        What the backfill does where the new node has a row already. "versioned" is compare
        and set; double writes then respect versions, too.
    tombstones : bool
        Whether a delete leaves a mark with its version, or nothing at all.
    copy_s : float or callable
        Seconds from the backfill's read of a row in the old place to its write in the new
        one, or a function that draws them.
    second_write_s : float or callable
        Seconds by which the second of two writes is later than the first.
    rng : numpy.random.Generator, optional
        Needed for drawn times.

    Notes
    -----
    A write that comes between the backfill's read and its write meets an old copy. With
    `w` writes per second to each row and a window of `c` seconds, the overwriting backfill
    spoils a share of 1 − exp(−wc) of the rows. "if_absent" yields to the row that the double
    write left, but a delete leaves none unless there are tombstones. Versions with tombstones
    leave no window, also where second writes overtake each other.

    Examples
    --------
    A write in the copy window, and a delete:

    >>> from scalelab.fakes.routing.modulo import ModuloRouter
    >>> def spoiled(**cure):
    ...     move = LiveResharding(
    ...         VirtualClock(), ModuloRouter(["old"]), ModuloRouter(["new"]), copy_s=0.05, **cure
    ...     )
    ...     for user in range(3):
    ...         move.put(user, "first")
    ...     move.add_nodes()
    ...     move.double_write()
    ...     move.start_backfill()
    ...     move.clock.advance(0.02)
    ...     move.put(1, "second")
    ...     move.delete(2)
    ...     move.clock.advance(0.1)
    ...     move.switch_reads(force=True)
    ...     return move.audit()
    >>> found = spoiled()
    >>> found.corrupted, found.resurrected
    ((1,), (2,))
    >>> spoiled(copy_rule="if_absent").resurrected
    (2,)
    >>> spoiled(copy_rule="versioned", tombstones=True).wrong
    0
    """

    def __init__(
        self,
        clock: VirtualClock,
        before: Router,
        after: Router,
        *,
        copy_rule: CopyRule = "overwrite",
        tombstones: bool = False,
        copy_s: Delay = 0.0,
        second_write_s: Delay = 0.0,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        name = "LiveResharding"
        self.clock = clock_of(name, clock)
        self._copies = RowCopies(router_of(name, before, "before"), router_of(name, after, "after"))
        self.copy_rule = v.choice(name, "copy_rule", copy_rule, get_args(CopyRule))
        self.tombstones = v.truth(name, "tombstones", tombstones)
        self._copy_s = delay_source(name, "copy_s", copy_s, rng)
        self._second_write_s = delay_source(name, "second_write_s", second_write_s, rng)
        self.step = Step.OLD_NODES_ONLY
        self._truth: Rows = {}
        self._copying = self._writing = 0
        self.copied = self.overwritten = self.resurrected = 0
        self.is_forced = False

    # What clients do ---------------------------------------------------------------------

    def get(self, key: Hashable) -> Any:
        """Value that a client sees; None where there is nothing."""
        return value_in(self._reader(key_of("LiveResharding.get", key)), key)

    def put(self, key: Hashable, value: Any) -> int:
        """Write a row where readers look, and the second copy a little later.

        Returns
        -------
        int
            The row's version, from 1.
        """
        if value is None:
            v.refuse("LiveResharding.put", "value", "be something", value, "use delete")
        return self._write(key_of("LiveResharding.put", key), value)

    def delete(self, key: Hashable) -> int:
        """Remove a row in both places, as `put`."""
        return self._write(key_of("LiveResharding.delete", key), None)

    # The seven steps -----------------------------------------------------------------------

    def add_nodes(self) -> None:
        """Step 1: the new nodes are there, and empty."""
        self._go("add_nodes", Step.NEW_NODES_ADDED)

    def double_write(self) -> None:
        """Step 2: from now on a row that moves is written in both places."""
        self._go("double_write", Step.DOUBLE_WRITING)

    def backfill(self, *, rows_per_s: float | None = None) -> int:
        """Step 3: copy what was there before; the virtual clock passes until the last row.

        Parameters
        ----------
        rows_per_s : float, optional
            Rows read per second, > 0, to spare the old nodes; all at once by default.

        Returns
        -------
        int
            Rows that were copied.
        """
        return self.clock.wait_for(
            lambda done, failed: self.start_backfill(done, rows_per_s=rows_per_s)
        )

    def start_backfill(
        self,
        on_done: Callable[[int], object] = lambda copied: None,
        *,
        rows_per_s: float | None = None,
    ) -> None:
        """Begin step 3, which is done when the clock has come to the last row."""
        gap_s = 0.0
        if rows_per_s is not None:
            gap_s = 1 / v.number("LiveResharding.backfill", "rows_per_s", rows_per_s)
        self._require("backfill", Step.DOUBLE_WRITING)
        if self._copying:
            raise ReshardingError("LiveResharding.backfill: backfill must not run, got one running")
        moving = [key for key in self._truth if self.moves(key)]
        self._copying = len(moving)
        if not moving:
            self.step = Step.BACKFILLED
            self.clock.schedule(0.0, lambda: on_done(0))
        for place, key in enumerate(moving):
            self.clock.schedule(place * gap_s, self._copy_of(key, len(moving), on_done))

    def verify(self, *, both_ways: bool = True, repair: bool = False) -> Comparison:
        """Step 4: compare the copies, key by key.

        Parameters
        ----------
        both_ways : bool
            Also look for rows that only the new copy has: those that were deleted and came
            back. To look up each old row in the new copy does not find them.
        repair : bool
            Set what differs to what readers see.
        """
        v.truth("LiveResharding.verify", "both_ways", both_ways)
        v.truth("LiveResharding.verify", "repair", repair)
        if not Step.BACKFILLED <= self.step <= Step.READS_SWITCHED:
            self._require("verify", Step.BACKFILLED)
        found = self._copies.compare(self._truth, both_ways=both_ways)
        wrong = (*found.differing, *found.only_old, *found.only_new)
        for key in wrong if repair else ():
            self._copies.repair(key, by_new=self.step == Step.READS_SWITCHED)
        if self.step == Step.BACKFILLED and (found.is_equal or repair):
            self.step = Step.VERIFIED
        return found if not repair else replace(found, repaired=len(wrong))

    def switch_reads(self, *, force: bool = False) -> None:
        """Step 5: readers look at the new copy; writes still go to both.

        Parameters
        ----------
        force : bool
            Do it before the copies were found equal, or even before the backfill ended.
        """
        v.truth("LiveResharding.switch_reads", "force", force)
        ready = self.step == Step.VERIFIED
        if not ready and not (force and Step.NEW_NODES_ADDED <= self.step < Step.READS_SWITCHED):
            self._require("switch_reads", Step.VERIFIED)
        self.is_forced |= not ready
        self.step = Step.READS_SWITCHED

    def stop_double_writes(self) -> None:
        """Step 6: only the new copy is written; there is no safe way back after this."""
        self._go("stop_double_writes", Step.DOUBLE_WRITES_STOPPED)

    def clean_up(self) -> int:
        """Step 7: remove the moved rows from the old nodes, which stay; returns how many."""
        self._go("clean_up", Step.CLEANED_UP)
        moved = [key for key in self._truth if self.moves(key)]
        return sum(self._copies.old(key).pop(key, None) is not None for key in moved)

    def rollback(self) -> None:
        """Let readers look at the old copy again.

        With double writes still on, nothing is lost. After they stopped, the old copy
        lacks what was written since, and :meth:`audit` says so.

        Raises
        ------
        ReshardingError
            The reads were not switched, or the old rows are gone.
        """
        if self.step not in (Step.READS_SWITCHED, Step.DOUBLE_WRITES_STOPPED):
            self._require("rollback", Step.READS_SWITCHED)
        stopped = self.step == Step.DOUBLE_WRITES_STOPPED
        self.is_forced |= stopped
        self.step = Step.DOUBLE_WRITING if stopped or self.is_forced else Step.VERIFIED

    # What an engineer looks at --------------------------------------------------------------

    @property
    def in_flight(self) -> int:
        """Rows on their way, read and not yet written by the backfill, or second writes."""
        return self._copying + self._writing

    def moves(self, key: Hashable) -> bool:
        """Whether the two routers disagree on a key."""
        key_of("LiveResharding.moves", key)
        return self._copies.moves(key)

    def rows_on(self, node: Hashable) -> dict[Hashable, Any]:
        """Rows of a node by key, without tombstones."""
        rows = self._copies.nodes.get(key_of("LiveResharding.rows_on", node, "node"), {})
        return {key: row.value for key, row in rows.items() if row.value is not None}

    def audit(self) -> Audit:
        """Compare what every reader would see with what was written."""
        return self._copies.audit(self._truth, self._reader)

    def check_invariants(self) -> None:
        """Raise AssertionError when a cured move loses something, or a row is from nowhere."""
        ensure(self._copying >= 0 and self._writing >= 0, "a row arrived twice")
        for rows in list(self._copies.nodes.values()):
            for key, row in rows.items():
                mine = any(rows is copy for copy in (self._copies.old(key), self._copies.new(key)))
                ensure(mine, "a row on a node that is not its own")
                ensure(row.version <= self._truth[key].version, "a row from the future")
        cured = self.copy_rule == "versioned" and self.tombstones and not self.is_forced
        if cured and not self._writing:
            ensure(not self.audit().wrong, "readers see something else than was written")
            if Step.BACKFILLED <= self.step <= Step.READS_SWITCHED:
                ensure(
                    self._copies.compare(self._truth, both_ways=True).is_equal, "the copies differ"
                )

    def _go(self, verb: str, step: Step) -> None:
        self._require(verb, Step(step - 1))
        self.step = step

    def _require(self, verb: str, step: Step) -> None:
        if self.step != step:
            rule = f"step must be {step.name}, got {self.step.name}"
            raise ReshardingError(f"LiveResharding.{verb}: {rule}")

    def _reader(self, key: Hashable) -> Rows:
        switched = self.step >= Step.READS_SWITCHED
        return self._copies.new(key) if switched else self._copies.old(key)

    def _write(self, key: Hashable, value: Any) -> int:
        version = self._truth[key].version + 1 if key in self._truth else 1
        row = self._truth[key] = VersionedRow(value, version)
        first = self._reader(key)
        self._apply(first, key, row)
        if self.moves(key) and Step.DOUBLE_WRITING <= self.step <= Step.READS_SWITCHED:
            switched = self.step == Step.READS_SWITCHED
            second = self._copies.old(key) if switched else self._copies.new(key)
            self._write_later(second, key, row)
        return version

    def _write_later(self, rows: Rows, key: Hashable, row: VersionedRow) -> None:
        delay_s = self._second_write_s()
        if delay_s == 0:
            self._apply(rows, key, row)
            return

        def arrive() -> None:
            self._writing -= 1
            self._apply(rows, key, row)

        self._writing += 1
        self.clock.schedule(delay_s, arrive)

    def _apply(self, rows: Rows, key: Hashable, row: VersionedRow) -> None:
        """Take a client's write at a node."""
        if self.copy_rule == "versioned" and key in rows and rows[key].version > row.version:
            return
        if row.value is None and not self.tombstones:
            rows.pop(key, None)
        else:
            rows[key] = row

    def _copy_of(
        self, key: Hashable, rows: int, on_done: Callable[[int], object]
    ) -> Callable[[], None]:
        """Read a row now, and write it in its new place later."""

        def end(kept: bool) -> None:
            self._copying -= 1
            if not self._copying and self.step == Step.DOUBLE_WRITING:
                self.step = Step.BACKFILLED
            self._tell("written", key, kept)
            if not self._copying:
                on_done(rows)

        def read() -> None:
            row = self._copies.old(key).get(key)

            def arrive() -> None:
                end(row is not None and self._land(key, row))

            self.clock.schedule(self._copy_s(), arrive)
            self._tell("read", key)

        return read

    def _land(self, key: Hashable, row: VersionedRow) -> bool:
        """Write a copied row, unless it has to yield; returns whether it was written."""
        rows = self._copies.new(key)
        there = rows.get(key)
        has_row = there is not None and there.value is not None
        yields = (self.copy_rule == "if_absent" and there is not None) or (
            self.copy_rule == "versioned" and there is not None and there.version >= row.version
        )
        if yields:
            return False
        self.copied += 1
        true = self._truth[key]
        if row.version < true.version and row.value is not None:
            self.resurrected += true.value is None
            self.overwritten += true.value is not None and has_row
        rows[key] = row
        return True
