"""Whether a history could be that of one register for each key: linearizability."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from scalelab._validate import refuse
from scalelab.history._checked import checked
from scalelab.history._register import Register, Row
from scalelab.history._shrink import smallest_counterexample
from scalelab.history.operations import Counterexample, Operation


def check_linearizability(history: Iterable[Operation]) -> Counterexample | None:
    """Look for a violation of linearizability, with one register for each key.

    Parameters
    ----------
    history : iterable of Operation
        A register holds None at first.

    Returns
    -------
    Counterexample or None
        None if the history is linearizable.

    Notes
    -----
    A history is linearizable if its operations can be put in a line such that each read returns
    the value of the last write before it, and an operation that responded before another
    began stands before it. A write without a response may stand anywhere after its beginning,
    or be left out. Linearizability is local: each key can be looked at on its own.

    The search takes the operations in the order of their responses, as Lowe's "just in time",
    and remembers what led nowhere. What is special to a register cuts it down: an order is a row
    of runs, each a write and the reads of its value, so a write nobody reads has no choice
    to make, and one without a response matters only before a read of its value. Where every
    value is written once there is nothing to try, and the time grows with the number of
    operations; where values come again, at worst exponentially with how many overlap.

    References
    ----------
    Herlihy and Wing, "Linearizability: a correctness condition for concurrent objects", ACM
    Transactions on Programming Languages and Systems 12, 1990; Wing and Gong, "Testing and
    verifying concurrent objects", Journal of Parallel and Distributed Computing 17, 1993;
    Lowe, "Testing for linearizability", Concurrency and Computation 29, 2017.

    Examples
    --------
    >>> write = Operation(client="ann", kind="put", key="x", value=1, invoked=1, responded=2)
    >>> read = Operation(client="bob", kind="get", key="x", invoked=3, responded=4)
    >>> len(check_linearizability([write, read]))
    2
    >>> check_linearizability([write])
    """
    text = (
        "No order of these operations on {key} that respects their times lets every read return "
        "the last value written."
    )
    return smallest_counterexample(
        "check_linearizability", history, _without_order, "linearizability", text
    )


def linearization(history: Iterable[Operation]) -> list[Operation] | None:
    """Put the operations on one key in a legal order.

    Parameters
    ----------
    history : iterable of Operation
        All on the same key.

    Returns
    -------
    list of Operation or None
        None if there is no such order. Writes of unknown outcome appear if they took effect.

    Examples
    --------
    >>> write = Operation(client="ann", kind="put", key="x", value=1, invoked=1, responded=4)
    >>> read = Operation(client="bob", kind="get", key="x", invoked=2, responded=3)
    >>> print(*linearization([write, read]), sep="; ")
    bob: get x → nothing; ann: put x = 1
    """
    operations = checked("linearization", history)
    keys = {operation.key for operation in operations}
    if len(keys) > 1:
        refuse("linearization", "history", "have one key", keys, "look at each on its own")
    return _in_legal_order(operations)


def _without_order(operations: list[Operation]) -> list[Operation]:
    """Return the operations on the first key that has no legal order."""
    by_key: dict[Hashable, list[Operation]] = {}
    for operation in operations:
        by_key.setdefault(operation.key, []).append(operation)
    return next((some for some in by_key.values() if _in_legal_order(some) is None), [])


def _in_legal_order(operations: list[Operation]) -> list[Operation] | None:
    """Search the order, one response after the other, deciding as late as each allows."""
    register = Register(operations)
    waiting = [Row()]
    tried: dict[tuple[int, Hashable], int] = {}  # taken and value: what could slip in
    while waiting:
        row = register.with_reads(waiting.pop())
        if register.is_complete(row):
            return register.in_order(row)
        following = register.following(row)
        if len(following) > 1:
            following = [r for r in following if r.room & ~tried.get((r.taken, r.value), 0)]
            tried.update({(r.taken, r.value): r.room for r in following})
        waiting += following
    return None
