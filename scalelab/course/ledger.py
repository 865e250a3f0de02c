"""The ledger: every testable claim of the guide, recomputed, with a verdict.

The entries stand in ``scalelab.course.chapters``, in the ``claims`` of each chapter. Each
is a function that computes its values from the package; nothing is typed in.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.course.contents import CHAPTERS
from scalelab.course.page import Html, attribute, prose
from scalelab.quantities import number

VERDICTS = {
    "holds": "Holds",
    "holds-under-assumptions": "Holds under assumptions",
    "misleading": "Misleading",
    "wrong": "Wrong",
}
MEANING = {
    "holds": "true as said, for all usual readings",
    "holds-under-assumptions": "true if a condition is met that the text leaves out",
    "misleading": "a careful reader would decide wrongly because of it",
    "wrong": "no reasonable reading saves it",
}
KINDS = {  # by what settles them
    "arithmetic": "arithmetic",
    "autoscaling": "auto-scaling",
    "caching": "caching",
    "consistency": "consistency",
    "cost": "cost",
    "hashing": "hashing",
    "procedure": "a procedure, followed",
    "qualitative": "no figure of the guide's",
    "queueing": "queueing",
    "replication": "replication",
    "serialization": "serialisation",
    "sharding": "sharding",
    "sizing": "sizing",
}
OPEN = ("misleading", "wrong")  # what a chapter shows unfolded
GRADES = "reference/grades.html"  # from the folder of the book
Values = Mapping[str, Any]  # numbers, or lists of them, also of NumPy


@dataclass(frozen=True, eq=False)
class Claim:
    """One claim of the guide, and what became of it.

    Parameters
    ----------
    id : str
        Stable name.
    chapter : str
        Name of the chapter's notebook.
    section : str
        Heading of the guide.
    says : str
        The claim in our words, standing alone.
    kind : str
        One of `KINDS`.
    verdict : str
        One of `VERDICTS`.
    finding : str
        What the computation shows, and under which reading the claim holds.
    source : str
        Model or evidence behind the verdict.
    compute : callable
        Returns the values by name.
    named : dict
        What each value is, with its unit behind a bar: ``"gain of 100 servers | ×"``. The unit
        ``share`` is for a ratio, which is shown in per cent.
    """

    id: str
    chapter: str
    section: str
    says: str
    kind: str
    verdict: str
    finding: str
    source: str
    compute: Callable[[], Values]
    named: Mapping[str, str]

    def values(self) -> Values:
        """Compute the values from the package, at the first call; what was measured stays."""
        return _computed(self)


@cache
def _computed(claim: Claim) -> Values:
    """Compute the values, as Python's own numbers."""
    return {name: np.asarray(value).tolist() for name, value in claim.compute().items()}


def section(heading: str, chapter: str) -> Callable[..., Callable[..., Claim]]:
    """Make the decorator for the claims of one section."""

    def claim(
        id: str,
        *,
        says: str,
        kind: str,
        verdict: str,
        finding: str,
        source: str,
        named: Mapping[str, str] | None = None,
    ) -> Callable[[Callable[[], Values]], Claim]:
        v.choice("claim", "kind", kind, tuple(KINDS))
        v.choice("claim", "verdict", verdict, tuple(VERDICTS))

        def keep(compute: Callable[[], Values]) -> Claim:
            return Claim(
                id=id,
                chapter=chapter,
                section=heading,
                says=says,
                kind=kind,
                verdict=verdict,
                finding=finding,
                source=source,
                compute=compute,
                named=named or {},
            )

        return keep

    return claim


def load(chapter: str | None = None) -> list[Claim]:
    """Return the claims of one chapter, or of all, in the order of the book."""
    names = [name for name in CHAPTERS if find_spec(_module(name))]
    if chapter is not None:
        names = [v.choice("load", "chapter", chapter, names)]
    found: list[Claim] = []
    for name in names:
        module = importlib.import_module(_module(name))
        found += [entry for entry in vars(module).values() if isinstance(entry, Claim)]
    return found


def _module(chapter: str) -> str:
    return f"scalelab.course.chapters.{chapter}.claims"


def as_records(entries: Iterable[Claim]) -> list[dict[str, Any]]:
    """Return the entries with every computed value, ready for JSON."""
    return [
        {
            "id": entry.id,
            "section": entry.section,
            "kind": entry.kind,
            "verdict": entry.verdict,
            "values": dict(entry.values()),
        }
        for entry in entries
    ]


def shown(entry: Claim, name: str, value: float | list[float]) -> tuple[str, str]:
    """Return the words for a value of an entry, and the value with its unit."""
    words, _, unit = (part.strip() for part in entry.named.get(name, name).partition("|"))
    factor, unit = (100.0, "%") if unit == "share" else (1.0, unit)
    numbers = [factor * float(item) for item in (value if isinstance(value, list) else [value])]
    return words, f"{', '.join(map(number, numbers))}\u00a0{unit}".rstrip("\u00a0")


def _values_html(entry: Claim) -> str:
    parts = []
    for name, value in entry.values().items():
        words, text = shown(entry, name, value)
        parts.append(f"<div><dt>{prose(words)}</dt><dd>{prose(text)}</dd></div>")
    return f"<dl>{''.join(parts)}</dl>" if parts else ""


def bar(entries: Iterable[Claim], up: str = "") -> Html:
    """Show how many entries have each verdict, as a bar with its numbers in words.

    `up` leads from the page to the folder of the book, for the link to what the verdicts mean.
    """
    counts = {verdict: n for verdict, n in tally(entries).items() if n}
    said = ", ".join(f"{VERDICTS[verdict].lower()}\u00a0{n}" for verdict, n in counts.items())
    pieces = "".join(
        f'<span data-verdict="{verdict}" style="flex-grow:{n}">{n}</span>'
        for verdict, n in counts.items()
    )
    words = "".join(
        f'<li data-verdict="{verdict}"><span class="sl-badge">{VERDICTS[verdict]}</span> {n}</li>'
        for verdict, n in counts.items()
    )
    body = (
        f'<div class="sl-bar-of-verdicts"><div class="sl-pieces" aria-hidden="true">{pieces}</div>'
        f'<ul>{words}<li><a href="{up}{GRADES}">what these mean</a></li></ul></div>'
    )
    return Html(body, text=f"{sum(counts.values())} claims: {said}.")


def ledger(
    chapter: str | None = None, *, filters: bool = False, pages: Mapping[str, str] | None = None
) -> Html:
    """Show claims, of one chapter or of all, verdicts and computed values.

    `filters` are menus that narrow the list by verdict, section and kind; `pages` has the address
    of each chapter, for links.
    """
    entries = load(chapter)
    if chapter is None:
        menus = _menus(entries) if filters else ""
        content = f"{menus}{_list(entries, pages or {})}"
    else:
        first = [entry for entry in entries if entry.verdict in OPEN]
        rest = [entry for entry in entries if entry.verdict not in OPEN]
        up = "../" if CHAPTERS[chapter] else ""
        content = f"{bar(entries, up).body}{_list(first, {})}"
        if rest:
            says = f"The {len(rest)} that hold, with or without a condition"
            content += f"<details><summary>{says}</summary>{_list(rest, {})}</details>"
    body = f'<section class="sl-ledger" aria-label="Claims">{content}</section>'
    lines = [f"{e.id} [{VERDICTS[e.verdict]}] {e.says} -> {dict(e.values())}" for e in entries]
    return Html(body, text="\n".join(lines), needs="ledger" if filters else "")


def _list(entries: Iterable[Claim], pages: Mapping[str, str]) -> str:
    return f"<ul>{''.join(shown_entry(entry, pages) for entry in entries)}</ul>"


def shown_entry(entry: Claim, pages: Mapping[str, str] = MappingProxyType({})) -> str:
    """Write one entry as an item of a list; its section leads to the cell that computes it."""
    place = f"{prose(entry.section)}"
    if entry.chapter in pages:
        place = f'<a href="{attribute(pages[entry.chapter])}#{attribute(entry.id)}">{place}</a>'
    return (
        f'<li id="{attribute(entry.id)}" data-verdict="{entry.verdict}" '
        f'data-section="{attribute(entry.section)}" data-kind="{entry.kind}">'
        f'<p class="sl-says"><span class="sl-badge">{VERDICTS[entry.verdict]}</span> '
        f"{prose(entry.says)}</p>"
        f"<p>{prose(entry.finding)}</p>"
        f"<details><summary>values and source</summary>{_values_html(entry)}"
        f'<p class="sl-source"><code>{prose(entry.id)}</code> · {place} · {prose(entry.source)}</p>'
        f"</details>"
        f"</li>"
    )


def _menus(entries: list[Claim]) -> str:
    def menu(key: str, text: str, values: Iterable[tuple[str, str]]) -> str:
        options = "".join(
            f'<option value="{attribute(value)}">{prose(name)}</option>' for value, name in values
        )
        return (
            f'<label>{text} <select data-key="{key}"><option value="">all</option>'
            f"{options}</select></label>"
        )

    sections = dict.fromkeys(entry.section for entry in entries)
    verdicts = menu("verdict", "Verdict", VERDICTS.items())
    places = menu("section", "Section", ((name, name) for name in sections))
    kinds = menu("kind", "Kind", KINDS.items())
    count = f'<p role="status" class="sl-note">{len(entries)} of {len(entries)} claims</p>'
    return f'<form class="sl-filters">{verdicts} {places} {kinds}{count}</form>'


def tally(entries: Iterable[Claim]) -> dict[str, int]:
    """Count the entries of each verdict."""
    counts = dict.fromkeys(VERDICTS, 0)
    for entry in entries:
        counts[entry.verdict] += 1
    return counts
