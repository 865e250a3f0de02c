"""Slips in the numbers of the chapters' prose, and how many of them the pins find out."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from support.claim_records import as_recorded
from support.orphans import claims_of, of_claims, places, read_pins, supports
from support.tree import ROOT, chapters, name_of

SAMPLE = 400


def reader(folder: Path) -> Callable[[Path], Any]:
    """Return what reads the executed notebook made from a notebook of the repository."""
    return lambda path: json.loads((folder / path.relative_to(ROOT)).read_text(encoding="utf-8"))


def slips(quantity) -> Iterator:
    """What a slip makes of a number: a last digit, a power of ten, another unit."""
    last = 10**-quantity.decimals
    yield replace(quantity, value=round(quantity.value + last, quantity.decimals))
    if quantity.value > last:
        yield replace(quantity, value=round(quantity.value - last, quantity.decimals))
    yield replace(quantity, value=quantity.value * 10)
    yield replace(quantity, value=quantity.value / 10, decimals=quantity.decimals + 1)
    if quantity.dimension == "time":
        other = 1e-3 if quantity.scale == 1.0 else 1.0
        yield replace(quantity, scale=other)
    if quantity.dimension in ("share", "factor"):
        swapped = {"share": ("factor", 1.0), "factor": ("share", 0.01)}[quantity.dimension]
        yield replace(quantity, dimension=swapped[0], scale=swapped[1])


def found_out(read: Callable[[Path], Any], sample: int = SAMPLE) -> tuple[int, int]:
    """Try a seeded sample of the slips of all chapters; return how many, and how many are seen."""
    tried = []
    for path in chapters():
        notebook, quoted = read(path), of_claims(as_recorded(claims_of(path)))
        pins = read_pins(name_of(path))
        for key, quantity, section in places(notebook):
            known = [p for p in [*section.evidence, *quoted] if p.place == pins.get(key)]
            tried += [(known, slip) for slip in slips(quantity)]
    chosen = Random(2026).sample(tried, min(sample, len(tried)))
    seen = [not any(supports(piece, slip) for piece in known) for known, slip in chosen]
    return len(chosen), sum(seen)
