"""From a history that breaks a rule to the few operations that matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scalelab.history._checked import checked
from scalelab.history.operations import Counterexample, History, Operation

Breaks = Callable[[list[Operation]], bool]
Find = Callable[[list[Operation]], list[Operation]]


def smallest_counterexample(
    function: str, history: Iterable[Operation], find: Find, rule: str, explanation: str
) -> Counterexample | None:
    """Return the fewest operations that still break a rule; None where none do.

    `find` gives some operations of a list that break it, all on one key; `explanation` may name
    the ``{key}``.
    """
    witnesses = find(checked(function, history))
    if not witnesses:
        return None
    few = shrink(sorted(witnesses, key=lambda o: o.invoked), lambda some: bool(find(some)))
    return Counterexample(
        rule=rule,
        operations=tuple(few),
        explanation=explanation.format(key=witnesses[0].key),
        replay=history.replay if isinstance(history, History) else None,
    )


def shrink(operations: list[Operation], breaks: Breaks) -> list[Operation]:
    """Leave out operations as long as the rest still breaks the rule.

    A write is left out together with the reads that returned its value, lest they seem
    to come out of nowhere. Big pieces are tried first, single operations last.

    Parameters
    ----------
    operations : list of Operation
        They break the rule.
    breaks : callable
        Whether a list of operations does; if a list keeps the rule, so must all its parts.

    Returns
    -------
    list of Operation
        They break the rule, and keep it without any one of them.

    References
    ----------
    Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE
    Transactions on Software Engineering 28, 2002.
    """
    kept = list(operations)
    size = max(1, len(kept) // 2)
    while True:
        kept = _pass(kept, size, breaks)
        if size == 1:
            return kept
        size = max(1, size // 2)


def without(operations: list[Operation], dropped: list[Operation]) -> list[Operation]:
    """Leave out operations, and the reads of what they wrote."""
    written = {(o.key, o.frozen_value) for o in dropped if o.is_write}
    gone = {id(o) for o in dropped}
    return [
        o
        for o in operations
        if id(o) not in gone and (o.is_write or (o.key, o.frozen_value) not in written)
    ]


def _pass(kept: list[Operation], size: int, breaks: Breaks) -> list[Operation]:
    end = len(kept)
    while end > 0:  # from the end: what follows the fault goes first
        piece = kept[max(0, end - size) : end]
        fewer = without(kept, piece)
        if breaks(fewer):
            kept = fewer
        end = min(end - size, len(kept))
    return kept
