"""Whether a history could be that of one register for each key: linearizability."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import pairwise

from scalelab._validate import refuse
from scalelab.history._checked import checked, identity
from scalelab.history._shrink import shrink
from scalelab.history.operations import Counterexample, History, Operation


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

    Raises
    ------
    ValueError
        Something is no history; see :class:`~scalelab.history.operations.History`.

    Notes
    -----
    A history is linearizable if its operations can be put in a line such that each read returns
    the value of the last write before it, and an operation that responded before another
    began stands before it. A write without a response may stand anywhere after its beginning,
    or be left out. Linearizability is local: each key can be looked at on its own.

    The search is Wing and Gong's, with Lowe's memory of the states that led nowhere. Its time
    grows with the number of operations and, at worst, exponentially with how many of them
    overlap.

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
    by_key: dict[Hashable, list[Operation]] = {}
    for operation in checked("check_linearizability", history):
        by_key.setdefault(operation.key, []).append(operation)
    for key, operations in by_key.items():
        if _in_legal_order(operations) is None:
            few = shrink(operations, lambda some: _in_legal_order(some) is None)
            return Counterexample(
                rule="linearizability",
                operations=tuple(few),
                explanation=f"No order of these operations on {key} that respects their times "
                "lets every read return the last value written.",
                replay=history.replay if isinstance(history, History) else None,
            )
    return None


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

    Raises
    ------
    ValueError
        Something is no history, or has more than one key.

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


def _in_legal_order(operations: list[Operation]) -> list[Operation] | None:
    """Search the order, given the operations in the order of their beginning.

    `events` is the history as a linked list of calls and returns. From the front, an
    operation whose call comes before every return that is left may be next. One that fits
    the register is taken out of the list, with its return; where a return comes up first,
    its operation should have been taken, so the last choice is undone.
    """
    events = _Events(_that_matter(operations))
    order: list[tuple[int, Hashable]] = []  # operation taken, and the register before it
    register: Hashable = None
    taken, seen = 0, set()
    event = events.first()
    while event != events.END:
        call = event < events.calls
        if call:
            operation = events.operations[event]
            value = identity(operation.value)
            state = (taken | 1 << event, value)
            if (operation.is_write or value == register) and state not in seen:
                seen.add(state)
                order.append((event, register))
                taken, register = state
                events.take(event)
                event = events.first()
            else:
                event = events.after(event)
        elif order:
            event, register = order.pop()
            taken ^= 1 << event
            events.put_back(event)
            event = events.after(event)
        else:
            return None
    return [events.operations[i] for i, _ in order]


def _that_matter(operations: list[Operation]) -> list[Operation]:
    """Leave out writes of unknown outcome that nobody read: they may never have happened."""
    read = {identity(o.value) for o in operations if not o.is_write}
    return [o for o in operations if o.responded is not None or identity(o.value) in read]


class _Events:
    """Calls and returns in the order of time: call i has number i, its return `calls` + i."""

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations
        self.calls = len(operations)
        self.END = self.HEAD = 2 * self.calls  # the list is a ring through this number
        moments = [(o.invoked, i) for i, o in enumerate(operations)]
        moments += [
            (o.responded, self.calls + i)
            for i, o in enumerate(operations)
            if o.responded is not None
        ]
        ring = [self.HEAD, *(event for _, event in sorted(moments)), self.END]
        self._next, self._previous = [0] * (self.END + 1), [0] * (self.END + 1)
        for one, other in pairwise(ring):
            self._next[one], self._previous[other] = other, one

    def first(self) -> int:
        return self._next[self.HEAD]

    def after(self, event: int) -> int:
        return self._next[event]

    def take(self, call: int) -> None:
        """Take a call and its return out of the list."""
        for event in self._pair(call):
            before, behind = self._previous[event], self._next[event]
            self._next[before], self._previous[behind] = behind, before

    def put_back(self, call: int) -> None:
        """Put back what was taken last: call and return remember their places."""
        for event in reversed(self._pair(call)):
            before, behind = self._previous[event], self._next[event]
            self._next[before] = self._previous[behind] = event

    def _pair(self, call: int) -> list[int]:
        answered = self.operations[call].responded is not None
        return [call, self.calls + call] if answered else [call]
