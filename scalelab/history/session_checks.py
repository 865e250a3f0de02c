"""Whether sessions saw their own writes, and never went back: the four session guarantees.

The definitions are those of Terry et al., put in terms of what clients see of a store
of registers. *Seen* by a read is the write whose value it returned, and every earlier write to
that key. Only what is certain counts: where a value was written twice, or writes overlap
and have no versions, a read gets the benefit of the doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import partial

from scalelab.history._shrink import smallest_counterexample
from scalelab.history._write_order import WriteOrder
from scalelab.history.operations import Counterexample, Operation

Find = Callable[[list[Operation], WriteOrder], list[Operation]]
Latest = dict[Hashable, Operation]  # for each key, the operation that reaches furthest


def check_read_your_writes(history: Iterable[Operation]) -> Counterexample | None:
    """Look for a client that read something older than what it had written itself.

    If a client's write W to a key was acknowledged before it reads the key, the read sees W.

    Parameters
    ----------
    history : iterable of Operation

    Returns
    -------
    Counterexample or None
        None if the guarantee holds.

    Raises
    ------
    ValueError
        A value was read that nobody wrote.

    References
    ----------
    Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994.

    Examples
    --------
    >>> write = Operation(client="ann", kind="put", key="x", value=1, invoked=1, responded=2)
    >>> read = Operation(client="ann", kind="get", key="x", invoked=3, responded=4)
    >>> print(check_read_your_writes([write, read]).explanation)
    A client wrote x, then read an older value of it.
    """
    text = "A client wrote {key}, then read an older value of it."
    return _check("read_your_writes", history, _find_own_write_unseen, text)


def check_monotonic_reads(history: Iterable[Operation]) -> Counterexample | None:
    """Look for a client that read a key twice and got something older the second time.

    If a client reads a key twice, the second read sees all that the first one saw of it.

    Parameters
    ----------
    history : iterable of Operation

    Returns
    -------
    Counterexample or None
        None if the guarantee holds.

    References
    ----------
    Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994.

    Examples
    --------
    >>> def op(kind, value, at, client):
    ...     return Operation(
    ...         client=client, kind=kind, key="x", value=value, invoked=at, responded=at + 1
    ...     )
    >>> reads = [op("get", 1, 3, "bob"), op("get", None, 5, "bob")]
    >>> len(check_monotonic_reads([op("put", 1, 1, "ann"), *reads]))
    3
    """
    text = "A client read {key} twice, and the second read returned an older value."
    return _check("monotonic_reads", history, _find_step_back, text)


def check_monotonic_writes(history: Iterable[Operation]) -> Counterexample | None:
    """Look for writes of one client that took effect, or were seen, in the wrong order.

    If a client writes W1, then W2, then W1 comes first in the order of their key, and a client
    whose read saw W2 sees W1 when it reads W1's key afterwards.

    Parameters
    ----------
    history : iterable of Operation

    Returns
    -------
    Counterexample or None
        None if the guarantee holds.

    Notes
    -----
    Terry et al. speak of what a server has. A history shows only what clients read, maybe
    from several servers: a reader that was moved to a server further behind, between its two
    reads, looks the same as a server that applied the writes in the wrong order.

    References
    ----------
    Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994.

    Examples
    --------
    >>> check_monotonic_writes([])
    """
    text = "A client wrote {key} before another write, which was seen without it or stands before."
    return _check("monotonic_writes", history, partial(_find_overtaken, by_writes=True), text)


def check_writes_follow_reads(history: Iterable[Operation]) -> Counterexample | None:
    """Look for a write that was seen without what its writer had read before.

    If a client's read saw W1 and it then writes W2, then W1 comes first in the order of their
    key, and a client whose read saw W2 sees W1 when it reads W1's key afterwards: no answer
    without its question.

    Parameters
    ----------
    history : iterable of Operation

    Returns
    -------
    Counterexample or None
        None if the guarantee holds.

    Notes
    -----
    As for `check_monotonic_writes`: a history shows what clients read, not what servers have.

    References
    ----------
    Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994.

    Examples
    --------
    >>> check_writes_follow_reads([])
    """
    text = "A client read {key} before it wrote; the write was seen without what had been read."
    return _check("writes_follow_reads", history, partial(_find_overtaken, by_writes=False), text)


def _check(
    rule: str, history: Iterable[Operation], find: Find, explanation: str
) -> Counterexample | None:
    name = f"check_{rule}"

    def found(operations: list[Operation]) -> list[Operation]:
        return find(operations, WriteOrder(name, operations))

    return smallest_counterexample(name, history, found, rule.replace("_", " "), explanation)


def _with_sources(order: WriteOrder, *operations: Operation) -> list[Operation]:
    """Return the operations, each once, and the writes whose values the reads returned."""
    everything = list(operations)
    for operation in operations:
        if not operation.is_write:
            everything += order.sources(operation)
    return list({id(o): o for o in everything}.values())


def _sessions(operations: list[Operation]) -> Iterator[list[Operation]]:
    for client in dict.fromkeys(o.client for o in operations):
        yield [o for o in operations if o.client == client]


def _note(latest: Latest, operation: Operation, order: WriteOrder) -> None:
    """Keep the operation that is certain to reach furthest in the order of its key."""
    known = latest.get(operation.key)
    if known is None or order.span(operation).start > order.span(known).start:
        latest[operation.key] = operation


def _is_behind(operation: Operation, latest: Latest, order: WriteOrder) -> bool:
    known = latest.get(operation.key)
    return known is not None and order.span(operation).is_before(order.span(known))


def _find_own_write_unseen(operations: list[Operation], order: WriteOrder) -> list[Operation]:
    for session in _sessions(operations):
        own: Latest = {}
        for operation in session:
            if operation.is_write and operation.responded is not None:
                _note(own, operation, order)
            elif not operation.is_write and _is_behind(operation, own, order):
                return _with_sources(order, own[operation.key], operation)
    return []


def _find_step_back(operations: list[Operation], order: WriteOrder) -> list[Operation]:
    for session in _sessions(operations):
        read: Latest = {}
        for operation in session:
            if operation.is_write:
                continue
            if _is_behind(operation, read, order):
                return _with_sources(order, read[operation.key], operation)
            _note(read, operation, order)
    return []


def _find_overtaken(
    operations: list[Operation], order: WriteOrder, *, by_writes: bool
) -> list[Operation]:
    """Find a write that stands before, or was seen without, an earlier act of its client."""
    causes: dict[int, Latest] = {}  # of each write: what its client had done before
    for session in _sessions(operations):
        before: Latest = {}
        for operation in session:
            if operation.is_write:
                causes[id(operation)] = dict(before)
                if _is_behind(operation, before, order):
                    return _with_sources(order, before[operation.key], operation)
            counts = operation.is_write == by_writes and operation.responded is not None
            if counts:
                _note(before, operation, order)
    for session in _sessions(operations):
        witnesses = _find_seen_without_cause(session, order, causes)
        if witnesses:
            return witnesses
    return []


def _find_seen_without_cause(
    session: list[Operation], order: WriteOrder, causes: dict[int, Latest]
) -> list[Operation]:
    """Find two reads of one client: the first saw a write, the second missed its cause."""
    due: Latest = {}  # what the client must see from now on
    because: dict[int, tuple[Operation, Operation]] = {}  # the write that was seen, and by what
    known: set[int] = set()
    for read in (o for o in session if not o.is_write):
        if _is_behind(read, due, order):
            cause = due[read.key]
            return _with_sources(order, cause, *because[id(cause)], read)
        for write in order.writes_to(read.key):
            if id(write) in known or not order.has_seen(read, write):
                continue
            known.add(id(write))
            for cause in causes[id(write)].values():
                because.setdefault(id(cause), (write, read))
                _note(due, cause, order)
    return []
