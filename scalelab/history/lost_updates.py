"""Whether an update was overwritten by a client that had not seen it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scalelab.history._shrink import smallest_counterexample
from scalelab.history._write_order import WriteOrder
from scalelab.history.operations import Counterexample, Operation

Update = tuple[Operation, Operation]  # a read, and the write that builds on it


def check_lost_updates(history: Iterable[Operation]) -> Counterexample | None:
    """Look for a lost update.

    An *update* is an acknowledged write to a key by a client whose last operation on that
    key was a read: it builds on what that read returned. An update is lost if two updates
    build on the same value: whichever comes second overwrites the first without having seen
    it. A write of another client is lost, too, if it stands between the value that an
    update read and the update.

    Parameters
    ----------
    history : iterable of Operation

    Returns
    -------
    Counterexample or None
        None if no update is lost for certain.

    Raises
    ------
    ValueError
        A value was read that nobody wrote.

    Notes
    -----
    This is the phenomenon G-cursor: a cycle of one anti-dependency (an update overwrites what
    another one read) and write dependencies, all on one key; P4 in the earlier terms of
    Berenson et al.

    References
    ----------
    Adya, *Weak Consistency: A Generalized Theory and Optimistic Implementations for
    Distributed Transactions*, PhD thesis, MIT, 1999, ch. 4; Berenson et al., "A critique of
    ANSI SQL isolation levels", SIGMOD 1995.

    Examples
    --------
    Two browser tabs read the same cart and add to it:

    >>> def op(client, kind, value, at):
    ...     return Operation(
    ...         client=client, kind=kind, key="cart", value=value, invoked=at, responded=at + 1
    ...     )
    >>> reads = [op("tab 1", "get", None, 1), op("tab 2", "get", None, 3)]
    >>> writes = [op("tab 1", "put", "tea", 5), op("tab 2", "put", "milk", 7)]
    >>> print(check_lost_updates(reads + writes).explanation)
    An update of cart overwrote a write that it had not seen.
    """
    text = "An update of {key} overwrote a write that it had not seen."
    return smallest_counterexample("check_lost_updates", history, _find, "no lost updates", text)


def _find(operations: list[Operation]) -> list[Operation]:
    order = WriteOrder("check_lost_updates", operations)
    updates = list(_updates(operations))
    return _same_basis(updates, order) or _write_between(updates, order)


def _updates(operations: list[Operation]) -> Iterator[Update]:
    last: dict[tuple[str, object], Operation] = {}
    for operation in operations:
        where = (operation.client, operation.key)
        before = last.get(where)
        is_acknowledged_write = operation.is_write and operation.responded is not None
        if is_acknowledged_write and before is not None and not before.is_write:
            yield before, operation
        last[where] = operation


def _basis(read: Operation, order: WriteOrder) -> int | None:
    """Which write the read returned, 0 for the beginning; None where that is not certain."""
    sources = order.sources(read)
    if read.value is None:
        return None if sources else 0
    return id(sources[0]) if len(sources) == 1 else None


def _same_basis(updates: list[Update], order: WriteOrder) -> list[Operation]:
    first: dict[tuple[object, int], Update] = {}
    for read, write in updates:
        basis = _basis(read, order)
        if basis is None:
            continue
        other = first.setdefault((read.key, basis), (read, write))
        if other[1] is not write:
            return [*other, read, write, *order.sources(read)]
    return []


def _write_between(updates: list[Update], order: WriteOrder) -> list[Operation]:
    for read, write in updates:
        for other in order.writes_to(read.key):
            span = order.span(other)
            after_basis = order.span(read).is_before(span)
            if after_basis and span.is_before(order.span(write)) and other.client != write.client:
                return [read, write, other, *order.sources(read)]
    return []
