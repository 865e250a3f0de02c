"""Histories that can be judged: in order, one thing at a time, versions of whole keys."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from scalelab._validate import refuse
from scalelab.history.operations import Operation


def checked(function: str, history: Iterable[Operation]) -> list[Operation]:
    """Operations in the order of their beginning; refuse what is no history.

    Raises
    ------
    ValueError
        Something is no operation, two events share a number, or a client did two things
        at once.
    """
    rule = "hold operations only"
    if not isinstance(history, Iterable):
        refuse(function, "history", rule, history)
    operations = list(history)
    for item in operations:
        if not isinstance(item, Operation):
            refuse(function, "history", rule, item)
    operations.sort(key=lambda o: o.invoked)
    moments = [t for o in operations for t in (o.invoked, o.responded) if t is not None]
    if len(set(moments)) < len(moments):
        refuse(function, "history", "have no two events at one moment", "a tie")
    latest: dict[str, Operation] = {}
    for operation in operations:
        before = latest.get(operation.client)
        if before is not None and before.end != math.inf and before.end > operation.invoked:
            rule = "hold one operation of a client at a time"
            refuse(function, "history", rule, f"{before}; {operation}")
        latest[operation.client] = operation
    return _with_versions_of_whole_keys(operations)


def _with_versions_of_whole_keys(operations: list[Operation]) -> list[Operation]:
    """Drop versions of keys where an acknowledged write has none: they order no more."""
    partial = {o.key for o in operations if o.is_write and o.version is None and o.end < math.inf}
    return [
        replace(o, version=None) if o.key in partial and o.version is not None else o
        for o in operations
    ]
