"""What a reader moves in an explorer: quantities, choices and switches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scalelab import _validate as v
from scalelab.quantities import quantity


@dataclass(frozen=True)
class Quantity:
    """A slider over the values of a number, each shown with its unit.

    Parameters
    ----------
    label : str
        What it is, without the unit.
    values : sequence of numbers
        In order; each is passed to the drawing function as it is.
    unit : str
        Such as "ms" or "%".
    start : number, optional
        One of the values; the first by default.
    shown : callable, optional
        Writes a value, with its unit: for a share that is shown in per cent.

    Raises
    ------
    ValueError
        There are fewer than two values, one is no number, or they are not in order.
    """

    label: str
    values: Sequence[Any]
    unit: str = ""
    start: Any = None
    shown: Callable[[Any], str] | None = None

    def __post_init__(self) -> None:
        _several("Quantity", self.values)
        if any(isinstance(value, (bool, str)) for value in self.values):
            remedy = "names are a Selector, yes and no a Switch"
            v.refuse("Quantity", "values", "be numbers", self.values, remedy)
        if list(self.values) != sorted(self.values):
            v.refuse("Quantity", "values", "be in order", self.values)
        _one_of("Quantity", self.values, self.start)

    @property
    def first(self) -> int:
        """Index of the value where it starts."""
        return 0 if self.start is None else list(self.values).index(self.start)

    @property
    def options(self) -> list[tuple[str, Any]]:
        """Each value as it is shown, with the value."""
        show = self.shown or (lambda value: quantity(value, self.unit))
        return [(show(value), value) for value in self.values]


@dataclass(frozen=True)
class Selector:
    """One of a few named things, as segments of which one is pressed.

    Parameters
    ----------
    label : str
        What is chosen.
    values : mapping of str to object
        Its names, and what each passes to the drawing function.
    start : str, optional
        One of the names; the first by default.

    Raises
    ------
    ValueError
        There are fewer than two.
    """

    label: str
    values: Mapping[str, Any]
    start: str | None = None

    def __post_init__(self) -> None:
        _several("Selector", self.values)
        _one_of("Selector", list(self.values), self.start)

    @property
    def first(self) -> int:
        """Index of the name where it starts."""
        return 0 if self.start is None else list(self.values).index(self.start)

    @property
    def options(self) -> list[tuple[str, Any]]:
        """Each name with its value."""
        return list(self.values.items())


@dataclass(frozen=True)
class Switch:
    """Something that is there or not: passes False or True.

    Parameters
    ----------
    label : str
        What is there when it is on.
    start : bool
        Whether it is on at first.
    """

    label: str
    start: bool = False

    @property
    def first(self) -> int:
        """Where it starts, 0 or 1."""
        return int(self.start)

    @property
    def options(self) -> list[tuple[str, Any]]:
        """Off, then on."""
        return [("off", False), ("on", True)]


Control = Quantity | Selector | Switch


def _several(name: str, values: Any) -> None:
    if len(values) < 2:
        v.refuse(name, "values", "be two or more", values, "one value needs no control")


def _one_of(name: str, values: Sequence[Any], start: Any) -> None:
    if start is not None and start not in values:
        v.refuse(name, "start", f"be one of {list(values)}", start)
