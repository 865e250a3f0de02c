"""Kinds of answers that are no plain values: one of the objects that were given, a set.

They stand beside `scalelab.course.kinds`, and are read as kindly and compared as exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scalelab.course.kinds import Exact, Kind
from scalelab.course.values import NOTHING, NotThatError, refused, short, unwrapped


@dataclass(frozen=True)
class Thing(Exact):
    """An object of one class of ours, such as an offer from a list: the same where it is equal."""

    of: type
    asked: str

    def read(self, value: Any) -> Any:
        """Let such an object pass."""
        if type(value) is self.of:
            return value
        if isinstance(value, str):
            why = "This is a name. Return the object that bears it: the caller needs all of it."
            raise NotThatError(self.asked, value, why)
        raise refused(self.asked, value, unwrapped(value))


@dataclass(frozen=True)
class SetOf(Exact):
    """A set, also a frozen one, of members called `item`."""

    kind: Kind
    item: str = "item"

    @property
    def asked(self) -> str:
        """Words for it."""
        return f"a set, each {self.item} {self.kind.asked}"

    def read(self, value: Any) -> frozenset[Any]:
        """Give a set of any type its one form."""
        if isinstance(value, (set, frozenset)):
            return frozenset(self.kind.read(member) for member in value)
        if value is None:
            raise NotThatError(self.asked, value, NOTHING)
        if isinstance(value, str):
            why = f"This is one {self.item}. Put it into a set, even if it is alone: {{...}}."
            raise NotThatError(self.asked, value, why)
        if isinstance(value, (list, tuple)):
            why = "A list has an order, and may name a thing twice. `set(...)` makes a set of it."
            raise NotThatError(self.asked, value, why)
        raise refused(self.asked, value, unwrapped(value))

    def difference(self, got: frozenset[Any], expected: frozenset[Any]) -> tuple[str, str]:
        """Show both, in order."""
        return in_order(expected), in_order(got)


def in_order(members: frozenset[Any] | set[Any]) -> str:
    """Show a set in the order of its members' texts, the same in every run."""
    return f"{{{', '.join(sorted(short(member) for member in members))}}}"
