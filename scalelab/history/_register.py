"""The operations on one register, and the rows they can be put in.

A legal row is made of runs: a write, then the reads of its value. It is built by looking at
the operation that responds next among those that have no place yet. Its run begins now, or
it stands in a run of its own that slips in just before the present one; nothing else need be
tried, for a write can wait until an operation of its run has to respond.

Sets of operations are integers, one bit each, in the order of responses; writes without a
response come last. So the lowest bit is the operation to use: whatever could take the place
of another one with a later response is better used first.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Literal, NamedTuple

from scalelab.history.operations import Operation

MoveKind = Literal["begin", "slip in", "read"]


class Move(NamedTuple):
    """What was done to a row: a run begun, one slipped in before it, or reads added to it."""

    last: Move | None
    kind: MoveKind
    write: int
    reads: int


class Row(NamedTuple):
    """Operations in a legal order, as far as they have a place."""

    taken: int = 0
    value: Hashable = None  # of the present run
    room: int = 0  # what had begun when the present run did, and so may slip in before it
    begun: int = 0  # what began before the last response that was looked at
    move: Move | None = None

    def after(self, kind: MoveKind, write: int, reads: int) -> Row:
        """Take a write and reads."""
        move = Move(self.move, kind, write, reads)
        return self._replace(taken=self.taken | write | reads, move=move)


class Register:
    """What the rows of one history have in common.

    Parameters
    ----------
    operations : list of Operation
        All on one key.
    """

    def __init__(self, operations: list[Operation]) -> None:
        self._operations = sorted(operations, key=lambda o: o.end)
        self._answered = sum(o.responded is not None for o in operations)
        self._begins = sorted((o.invoked, i) for i, o in enumerate(self._operations))
        self._reads: dict[Hashable, int] = {}
        self._writes: dict[Hashable, int] = {}
        for i, operation in enumerate(self._operations):
            sets = self._writes if operation.is_write else self._reads
            value = operation.frozen_value
            sets[value] = sets.get(value, 0) | 1 << i

    def with_reads(self, row: Row) -> Row:
        """Take all reads that the present run can have: none is better kept for later."""
        while not self.is_complete(row):
            begun = self._begun(row)
            reads = self._reads.get(row.value, 0) & begun & ~row.taken
            row = row._replace(begun=begun)
            if not reads:
                break
            row = row.after("read", 0, reads)
        return row

    def is_complete(self, row: Row) -> bool:
        """Whether all that responded has a place."""
        return _lowest(~row.taken) >= self._answered

    def following(self, row: Row) -> list[Row]:
        """Give a place to the operation that responds next; the better choice comes last."""
        next_one = ~row.taken & -~row.taken
        operation = self._operations[_lowest(next_one)]
        value = operation.frozen_value
        writes = next_one if operation.is_write else self._writes.get(value, 0)
        begun = self._run_begun(row, value, writes)
        if value == row.value or not self._is_awaited(row.value, row.taken):
            return begun  # what slips in before this run may as well begin the next one
        slipped_in = self._slipped_in(row, value, writes) if next_one & row.room else []
        if slipped_in and not self._is_awaited(value, slipped_in[0].taken):
            return slipped_in  # nobody would read it in a run of its own
        return slipped_in + begun

    def in_order(self, row: Row) -> list[Operation]:
        """Return the operations as they stand in a row."""
        moves = []
        while row.move is not None:
            moves.append(row.move)
            row = row._replace(move=row.move.last)
        runs: list[list[int]] = [[]]
        for move in reversed(moves):
            places = [*_members(move.write), *_members(move.reads)]
            if move.kind == "read":
                runs[-1] += places
            else:
                runs.insert(len(runs) - (move.kind == "slip in"), places)
        return [self._operations[i] for run in runs for i in run]

    def _begun(self, row: Row) -> int:
        """Return what began before the next response."""
        begun, count = row.begun, row.begun.bit_count()
        end = self._operations[_lowest(~row.taken)].end
        while count < len(self._begins) and self._begins[count][0] < end:
            begun |= 1 << self._begins[count][1]
            count += 1
        return begun

    def _is_awaited(self, value: Hashable, taken: int) -> bool:
        return self._reads.get(value, 0) & ~taken != 0

    def _can_leave(self, value: Hashable, taken: int) -> bool:
        """Whether no read waits for a value that nobody will write again."""
        return not self._is_awaited(value, taken) or self._writes.get(value, 0) & ~taken != 0

    def _run_begun(self, row: Row, value: Hashable, writes: int) -> list[Row]:
        usable = writes & row.begun & ~row.taken
        if not usable or (value != row.value and not self._can_leave(row.value, row.taken)):
            return []
        return [row.after("begin", usable & -usable, 0)._replace(value=value, room=row.begun)]

    def _slipped_in(self, row: Row, value: Hashable, writes: int) -> list[Row]:
        room = row.room & ~row.taken
        usable = writes & room
        if not usable:
            return []
        new = row.after("slip in", usable & -usable, self._reads.get(value, 0) & room)
        return [new] if self._can_leave(value, new.taken) else []


def _lowest(members: int) -> int:
    """Return the place of the lowest bit, of a set that is not empty."""
    return (members & -members).bit_length() - 1


def _members(members: int) -> Iterator[int]:
    while members:
        yield _lowest(members)
        members &= members - 1
