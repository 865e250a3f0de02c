"""What goes in and out of a live resharding: steps, comparisons, errors."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Literal

CopyRule = Literal["overwrite", "if_absent", "versioned"]
"""What a copied row does to a row that is there: replace it, yield to it, or replace it only
if it is older."""


class ReshardingError(RuntimeError):
    """The step is out of turn."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as a node keeps it; None as its value makes it a tombstone."""

    value: Any
    version: int


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The rows that clients see, against what they were told is written."""

    keys: int
    """Keys that were ever written."""
    corrupted: tuple[Hashable, ...]
    """Keys that show another value than the last one written."""
    resurrected: tuple[Hashable, ...]
    """Deleted keys that show a value."""
    missing: tuple[Hashable, ...]
    """Written keys that show nothing."""

    @property
    def wrong(self) -> int:
        """How many keys show something wrong."""
        return len(self.corrupted) + len(self.resurrected) + len(self.missing)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a comparison of both copies found; it does not know which of them is right."""

    compared: int
    """Keys that were looked at."""
    differing: tuple[Hashable, ...]
    """Keys with another value in each copy."""
    only_old: tuple[Hashable, ...]
    """Keys that the new copy lacks."""
    only_new: tuple[Hashable, ...]
    """Keys that the old copy lacks; found only by looking from both sides."""
    repaired: int
    """How many of them were set to what readers see."""

    @property
    def is_equal(self) -> bool:
        """Whether nothing was found."""
        return not (self.differing or self.only_old or self.only_new)
