"""A model beside an independent authority: one line of the book's table of validity."""

from __future__ import annotations

import csv
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from support.cases import load
from support.tree import ROOT

TABLE = ROOT / "book" / "reference" / "validity.csv"
COLUMNS = ("topic", "model", "authority", "case", "ours", "theirs", "difference", "allowed")


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a model says, and what somebody else says.

    Parameters
    ----------
    model : str
        The model or simulator, in the reader's words.
    authority : str
        A citation or a library, independent of our code.
    case : str
        The inputs, in the reader's words.
    ours, theirs : callable or float
        The two numbers, or functions of no argument that compute them.
    tolerance : float
        Largest difference allowed, relative to `theirs`; absolute where that is zero.
    needs : str
        A library that only the extra `peers` brings, and without which there is no comparison.
    """

    model: str
    authority: str
    case: str
    ours: Callable[[], float] | float
    theirs: Callable[[], float] | float
    tolerance: float
    needs: str = ""

    def can_run(self) -> bool:
        """Whether the library that it needs is here, and whole."""
        if not self.needs:
            return True
        try:
            importlib.import_module(self.needs)
        except ImportError:
            return False
        return True

    def values(self) -> tuple[float, float]:
        """Ours and theirs."""
        return tuple(float(x() if callable(x) else x) for x in (self.ours, self.theirs))


def difference(ours: float, theirs: float) -> float:
    """Distance relative to theirs, absolute where theirs is zero."""
    return abs(ours - theirs) / (abs(theirs) or 1.0)


def cases() -> Iterator[tuple[str, Case]]:
    """Every case with its topic, the name of its file."""
    for module in load("validity"):
        topic = Path(module.__file__).stem.replace("_", " ")
        yield from ((topic, case) for case in module.CASES)


def texts(topic: str, case: Case) -> dict[str, str]:
    """What a line of the table says without a computation."""
    return {
        "topic": topic,
        "model": case.model,
        "authority": case.authority,
        "case": case.case,
        "allowed": f"{case.tolerance:.0e}",
    }


def row(topic: str, case: Case) -> dict[str, str]:
    """One line of the table, at the precision that every machine agrees on."""
    ours, theirs = case.values()
    return texts(topic, case) | {
        "ours": f"{ours:.6g}",
        "theirs": f"{theirs:.6g}",
        "difference": f"{difference(ours, theirs):.0e}",
    }


def write() -> int:
    """Write the table anew; return its number of lines."""
    rows = [row(topic, case) for topic, case in cases()]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def read() -> list[dict[str, str]]:
    """Return the table as it stands in the book."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    print(f"{write()} cases in {TABLE.relative_to(ROOT)}")
