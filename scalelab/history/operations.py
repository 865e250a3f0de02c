"""What clients did to a store and what they were told: operations, histories, counterexamples."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from scalelab._validate import choice, refuse
from scalelab.history._frozen import frozen

Kind = Literal["get", "put", "delete"]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One read or write by one client.

    Parameters
    ----------
    client : str
        Who did it.
    kind : {"get", "put", "delete"}
        A deletion is a write of None.
    key : hashable
        What it was done to.
    value : object
        What was written, or what the read returned; None stands for nothing. Values are
        compared by their parts: dictionaries in any order, arrays element by element, and
        ``True`` is not 1.
    invoked : float
        When it began, on any scale on which no two events share a number.
    responded : float, optional
        When the client knew the outcome, after `invoked`; None for a write whose outcome is
        unknown, which may take effect at any time after `invoked`, or never.
    version : int, optional
        The store's own number of an acknowledged write; a higher one wins.
    invoked_s, responded_s : float, optional
        The same moments in seconds, for the picture.

    Examples
    --------
    >>> def read(value):
    ...     return Operation(client="ann", kind="get", key="x", value=value, invoked=1, responded=2)
    >>> read({"tea": 1, "milk": 2}) == read({"milk": 2, "tea": 1})
    True
    >>> read([1]) == read("[1]")
    False
    """

    client: str
    kind: Kind
    key: Hashable
    value: Any = field(default=None, compare=False)
    frozen_value: Hashable = field(init=False, repr=False)
    """The value as it was when the operation was made, hashable; equal for equal values."""
    invoked: float
    responded: float | None
    version: int | None = None
    invoked_s: float | None = None
    responded_s: float | None = None

    def __post_init__(self) -> None:
        name = "Operation"
        choice(name, "kind", self.kind, get_args(Kind))
        if not isinstance(self.client, str) or not self.client:
            refuse(name, "client", "be non-empty text", self.client)
        if not _is_key(self.key):
            refuse(name, "key", "be hashable and equal to itself", self.key)
        object.__setattr__(self, "frozen_value", frozen(name, "value", self.value))
        for argument in ("invoked", "responded", "invoked_s", "responded_s"):
            object.__setattr__(self, argument, _plain(getattr(self, argument)))
        if not _is_time(self.invoked):
            refuse(name, "invoked", "be a finite number", self.invoked)
        if self.responded is None:
            if self.kind == "get":
                refuse(name, "responded", "be given for a read", None, "leave the read out")
        elif not _is_time(self.responded) or self.responded <= self.invoked:
            refuse(name, "responded", f"be > invoked={self.invoked}", self.responded)
        for argument in ("invoked_s", "responded_s"):
            if not (getattr(self, argument) is None or _is_time(getattr(self, argument))):
                refuse(name, argument, "be a finite number", getattr(self, argument))
        if not (self.version is None or type(self.version) is int):
            refuse(name, "version", "be an integer", self.version)
        if self.kind == "delete" and self.value is not None:
            refuse(name, "value", "be None for a deletion", self.value)

    @property
    def is_write(self) -> bool:
        """Whether it is a put or a delete."""
        return self.kind != "get"

    @property
    def end(self) -> float:
        """When it responded; infinite where it did not."""
        return math.inf if self.responded is None else self.responded

    def __str__(self) -> str:
        value = "nothing" if self.value is None else repr(self.value)
        what = {"get": f"get {self.key} → {value}", "put": f"put {self.key} = {value}"}
        outcome = "" if self.responded is not None else ", outcome unknown"
        return f"{self.client}: {what.get(self.kind, f'delete {self.key}')}{outcome}"


def _is_key(key: object) -> bool:
    try:
        hash(key)  # a tuple may hold a list, so that being Hashable is not enough
        return bool(key == key)
    except (TypeError, ValueError):
        return False


def _plain(time: Any) -> Any:
    """Return a number of NumPy as Python's own."""
    return time.item() if isinstance(time, (np.integer, np.floating)) else time


def _is_time(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and -math.inf < value < math.inf  # type: ignore[operator]  # is_number says so


@dataclass(frozen=True, kw_only=True)
class History:
    """Operations in the order of their beginning, and how to get them once more."""

    operations: tuple[Operation, ...]
    """All that was recorded."""
    replay: Callable[[], History] | None = field(default=None, compare=False, repr=False)
    """Runs the same workload on a new store from the same seed; None for a history of unknown
    origin."""

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations)

    def __len__(self) -> int:
        return len(self.operations)


@dataclass(frozen=True, kw_only=True)
class Counterexample:
    """Operations that together break a rule; without any one of them they would keep it.

    A write goes together with the reads that returned its value.
    """

    rule: str
    """The rule that is broken."""
    operations: tuple[Operation, ...]
    """In the order of their beginning."""
    explanation: str
    """Why they break it, in a sentence."""
    replay: Callable[[], History] | None = field(default=None, compare=False, repr=False)
    """Produces the whole history once more, where it came from a seeded workload."""

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations)

    def __len__(self) -> int:
        return len(self.operations)
