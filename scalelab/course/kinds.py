"""What an exercise asks for: a number, a pair, a list of states. Read kindly, compared exactly.

A learner's value may come as any type that means the same: a NumPy scalar for a number, a tuple
or an array for a list, 1 for True. `read` gives it one form; what it cannot read, it names. Only
plain Python values leave `read`, so nothing of the learner's runs in a comparison.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, MappingView
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from scalelab.course.values import (
    NOTHING,
    NotThatError,
    is_column,
    is_number,
    refuse_endless,
    refused,
    sequence,
    short,
    unwrapped,
)

NAN = "That is not a number (nan): 0/0 or inf - inf came up on the way. Which case is it?"
_SHOWN = 80  # characters of a whole list
INFINITE = "It is infinite. Where no number will do, the page says what to return."


class Kind(Protocol):
    """What an exercise asks for."""

    @property
    def asked(self) -> str:
        """Words for it, such as "a number"."""

    def read(self, value: Any) -> Any:
        """Give `value` its one form, or raise `NotThatError`."""

    def same(self, got: Any, expected: Any) -> bool:
        """Whether two values that were read are the same answer."""

    def difference(self, got: Any, expected: Any) -> tuple[str, str]:
        """Words for what was expected and what came, at the first place where they differ."""


class Exact:
    """A kind whose values are the same where they are equal, and are shown as Python does."""

    def same(self, got: Any, expected: Any) -> bool:
        """Whether they are equal."""
        return bool(got == expected)

    def difference(self, got: Any, expected: Any) -> tuple[str, str]:
        """Show both."""
        return short(expected), short(got)


@dataclass(frozen=True)
class Number:
    """One real number, right within a relative error.

    With a `unit`, such as ``s`` or ``ratio``, a value that is off by the factor of a neighbouring
    unit is told so.
    """

    rel: float = 1e-6
    unit: str = ""

    @property
    def asked(self) -> str:
        """Words for it."""
        return f"a number, in {self.unit}" if self.unit not in ("", "ratio") else "a number"

    def read(self, value: Any) -> float:
        """Give a number of any type its one form."""
        plain = unwrapped(value)
        if not is_number(plain):
            raise refused(self.asked, value, plain)
        if plain != plain:
            raise NotThatError(self.asked, value, NAN)
        try:
            return float(plain)
        except OverflowError:
            return math.inf if plain > 0 else -math.inf

    def same(self, got: float, expected: float) -> bool:
        """Whether they are equal but for rounding."""
        return math.isclose(got, expected, rel_tol=self.rel, abs_tol=1e-12)

    def difference(self, got: float, expected: float) -> tuple[str, str]:
        """Show both, with digits enough to tell them apart."""
        digits = next((d for d in (6, 9, 12) if f"{got:.{d}g}" != f"{expected:.{d}g}"), 17)
        unit = f" {self.unit}" if self.unit not in ("", "ratio") else ""
        return f"{expected:.{digits}g}{unit}", f"{got:.{digits}g}{unit}"


@dataclass(frozen=True)
class Whole(Exact):
    """One whole number; 3.0 is one. `of` says what is counted, for a word about half of one."""

    of: str = ""

    @property
    def asked(self) -> str:
        """Words for it."""
        return f"a whole number of {self.of}" if self.of else "a whole number"

    def read(self, value: Any) -> int:
        """Give a whole number of any type its one form."""
        plain = unwrapped(value)
        if not is_number(plain):
            raise refused(self.asked, value, plain)
        if not isinstance(plain, int) and not math.isfinite(plain):
            raise NotThatError(self.asked, value, NAN if plain != plain else INFINITE)
        if not isinstance(plain, int) and plain != int(plain):
            what = f"Part of one of the {self.of} cannot be had. " if self.of else ""
            why = f"{what}Is it another of the numbers? If not, round, and think which way."
            if 0 < plain < 1:
                why = f"That looks like a share of a whole. Return {self.asked}, undivided."
            raise NotThatError(self.asked, value, why)
        return int(plain)

    def difference(self, got: int, expected: int) -> tuple[str, str]:
        """Show both."""
        return f"{expected:,}", f"{got:,}" if abs(got) < 10**15 else short(got, 40)


@dataclass(frozen=True)
class Truth(Exact):
    """True or False; 1 and 0 are as good."""

    asked: str = "True or False"

    def read(self, value: Any) -> bool:
        """Give True, 1 and NumPy's the same form."""
        plain = unwrapped(value)
        if isinstance(plain, bool) or (is_number(plain) and plain in (0, 1)):
            return bool(plain)
        if value is None:
            raise NotThatError(self.asked, value, NOTHING)
        raise NotThatError(self.asked, value, "The caller asks a question of yes or no.")


@dataclass(frozen=True)
class Text(Exact):
    """A text, or one of a few words where there are any."""

    words: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """Words for it."""
        return f"one of the words {', '.join(self.words)}" if self.words else "a text"

    def read(self, value: Any) -> str:
        """Give a text of any type its one form."""
        plain = unwrapped(value)
        if not isinstance(plain, str):
            raise refused(self.asked, value, plain)
        if self.words and plain not in self.words:
            raise NotThatError(self.asked, value, "This word is not on the list.")
        return str(plain)


@dataclass(frozen=True)
class Bytes(Exact):
    """Bytes, as `bytes`, `bytearray` or `memoryview`."""

    asked: str = "bytes"

    def read(self, value: Any) -> bytes:
        """Give bytes of any type their one form."""
        if isinstance(value, (list, tuple)) and value and all(map(is_number, value)):
            raise NotThatError(self.asked, value, "`bytes(...)` makes bytes of a list of numbers.")
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise refused(self.asked, value, value)
        return bytes(value)

    def difference(self, got: bytes, expected: bytes) -> tuple[str, str]:
        """Show both in hexadecimal digits."""
        return (expected.hex(" ") or "no bytes"), short(got.hex(" ") or "no bytes")


@dataclass(frozen=True)
class Maybe:
    """Something of a kind, or None where there is nothing to give."""

    kind: Kind

    @property
    def asked(self) -> str:
        """Words for it."""
        return f"{self.kind.asked}, or None"

    def read(self, value: Any) -> Any:
        """Let None pass; read the rest as its kind."""
        try:
            return None if value is None else self.kind.read(value)
        except NotThatError as wrong:
            if wrong.got is not None:
                raise
            why = "Where there is nothing to give, return None itself, and not None in something."
            raise NotThatError(self.asked, value, why) from None

    def same(self, got: Any, expected: Any) -> bool:
        """Whether both are None, or the same."""
        if got is None or expected is None:
            return got is expected
        return self.kind.same(got, expected)

    def difference(self, got: Any, expected: Any) -> tuple[str, str]:
        """Show both."""
        if got is None or expected is None:
            return short(expected), short(got)
        return self.kind.difference(got, expected)


@dataclass(frozen=True)
class ListOf:
    """A list, also a tuple, an array, a column of a frame, of items called such as "probe".

    `first` is the number of the first of them, as the page counts.
    """

    kind: Kind
    item: str = "item"
    first: int = 1

    @property
    def asked(self) -> str:
        """Words for it."""
        return f"a list, for each {self.item} {self.kind.asked}"

    def read(self, value: Any) -> list[Any]:
        """Give a sequence of any type its one form."""
        return [self._item(place, item) for place, item in enumerate(sequence(self.asked, value))]

    def _item(self, place: int, item: Any) -> Any:
        try:
            return self.kind.read(item)
        except NotThatError as wrong:
            where = f"{wrong.asked} for {self.item} {place + self.first}"
            why = f"This {self.item} has no answer." if item is None else wrong.why
            raise NotThatError(where, item, why) from None

    def same(self, got: list[Any], expected: list[Any]) -> bool:
        """Whether they are as long, and the same item by item."""
        pairs = zip(got, expected, strict=False)
        return len(got) == len(expected) and all(self.kind.same(g, e) for g, e in pairs)

    def difference(self, got: list[Any], expected: list[Any]) -> tuple[str, str]:
        """Show the first item that differs, or the lengths."""
        if len(got) != len(expected):
            return _list_in_words(expected), _list_in_words(got)
        pairs = enumerate(zip(got, expected, strict=True))
        place, mine, right = next((i, g, e) for i, (g, e) in pairs if not self.kind.same(g, e))
        wanted, came = self.kind.difference(mine, right)
        return f"{wanted} for {self.item} {place + self.first}", came


def _list_in_words(items: list[Any]) -> str:
    said = f"a list of {len(items)}"
    shown = short(items, _SHOWN)
    return f"{said}: {shown}" if items and not shown.endswith("…") else said


def _reads(kind: Kind, value: Any) -> bool:
    try:
        kind.read(value)
    except NotThatError:
        return False
    return True


class Parts:
    """Several values in one, each with a name: a pair, a triple."""

    def __init__(self, **kinds: Kind) -> None:
        self.kinds = kinds

    @property
    def asked(self) -> str:
        """Words for it."""
        name = {2: "a pair", 3: "a triple"}.get(len(self.kinds), f"{len(self.kinds)} values")
        return f"{name} ({', '.join(self.kinds)})"

    def read(self, value: Any) -> tuple[Any, ...]:
        """Give a sequence of any type its one form."""
        items = sequence(self.asked, value)
        if len(items) != len(self.kinds):
            raise NotThatError(
                self.asked, value, f"These are {len(items)}, and {len(self.kinds)} are asked for."
            )
        try:
            return self._parts(items)
        except NotThatError:
            if len(items) != 2 or not self._crossed(*items):
                raise
        first = next(iter(self.kinds))
        raise NotThatError(self.asked, value, f"The two have changed places: first {first}.")

    def _parts(self, items: list[Any]) -> tuple[Any, ...]:
        return tuple(self._part(*part) for part in zip(self.kinds.items(), items, strict=True))

    def _crossed(self, one: Any, other: Any) -> bool:
        """Whether neither of two is what it has to be, and each is what the other has to be."""
        first, second = self.kinds.values()
        straight = _reads(first, one) or _reads(second, other)
        return not straight and _reads(first, other) and _reads(second, one)

    def _part(self, named: tuple[str, Kind], item: Any) -> Any:
        name, kind = named
        try:
            return kind.read(item)
        except NotThatError as wrong:
            order = f" The order is {', '.join(self.kinds)}." if len(self.kinds) > 2 else ""
            raise NotThatError(f"{name}: {wrong.asked}", item, wrong.why + order) from None

    def wrong_parts(self, got: tuple[Any, ...], expected: tuple[Any, ...]) -> list[int]:
        """Return the places at which they differ."""
        parts = enumerate(zip(self.kinds.values(), got, expected, strict=True))
        return [place for place, (kind, g, e) in parts if not kind.same(g, e)]

    def same(self, got: tuple[Any, ...], expected: tuple[Any, ...]) -> bool:
        """Whether they are the same part by part."""
        return not self.wrong_parts(got, expected)

    def difference(self, got: tuple[Any, ...], expected: tuple[Any, ...]) -> tuple[str, str]:
        """Show the first part that differs, with its name."""
        place = self.wrong_parts(got, expected)[0]
        name, kind = list(self.kinds.items())[place]
        wanted, came = kind.difference(got[place], expected[place])
        return f"{name} = {wanted}", f"{name} = {came}"


@dataclass(frozen=True)
class Data(Exact):
    """Plain data: dictionaries, lists, texts, numbers, in each other.

    `of` is what the outermost value must be; any plain data where it is `object`.
    """

    asked: str = "a dictionary"
    of: type | tuple[type, ...] = dict

    def read(self, value: Any) -> Any:
        """Give arrays, tuples and NumPy's numbers their plain form, all the way down."""
        if value is None and self.of is not object:
            raise NotThatError(self.asked, value, NOTHING)
        read = self._read(value, value, 0)
        if not isinstance(read, self.of):
            raise refused(self.asked, value, read)
        return read

    def _read(self, value: Any, whole: Any, depth: int) -> Any:
        if depth > 100:
            raise NotThatError(self.asked, whole, "It holds itself, or is far too deep.")
        plain = unwrapped(value)
        if plain is None or isinstance(plain, (bool, str, bytes)) or is_number(plain):
            return str(plain) if isinstance(plain, str) else plain
        if isinstance(plain, (Mapping, list, tuple, np.ndarray)) or is_column(plain):
            refuse_endless(self.asked, plain)
        if isinstance(plain, Mapping):
            return {
                self._read(k, whole, depth + 1): self._read(v, whole, depth + 1)
                for k, v in plain.items()
            }
        if isinstance(plain, (list, tuple, np.ndarray)) or is_column(plain):
            return [self._read(item, whole, depth + 1) for item in plain]
        why = f"It holds {short(plain, 60)}, which is no plain data."
        if isinstance(plain, (set, frozenset)):
            why = "A set has no order. Return a list."
        elif isinstance(plain, (Iterator, MappingView)):
            why = f"{why} `list(...)` makes a list of it."
        raise NotThatError(self.asked, whole, why)

    def same(self, got: Any, expected: Any) -> bool:
        """Whether they are equal; True is not 1 here, nor is the text of a number the number."""
        if isinstance(got, bool) != isinstance(expected, bool):
            return False
        if isinstance(expected, dict) and isinstance(got, dict):
            keys = got.keys() == expected.keys()
            return keys and all(self.same(got[key], expected[key]) for key in expected)
        if isinstance(expected, list) and isinstance(got, list):
            pairs = zip(got, expected, strict=False)
            return len(got) == len(expected) and all(self.same(g, e) for g, e in pairs)
        return bool(type(got) is type(expected) or is_number(got)) and got == expected
