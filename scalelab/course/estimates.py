"""How well the reader estimates: from what the browser keeps, or from the progress file."""

from __future__ import annotations

import json

from scalelab.course import progress
from scalelab.course.contents import CHAPTERS, PARTS
from scalelab.course.page import Html, attribute, page_is_static, table
from scalelab.course.progress_file import VERSION
from scalelab.quantities import number

HEAD = ("part", "guesses", "ranges that held", "off by, typically")


def estimates() -> Html:
    """Show how often the reader's ranges held, in all and by part of the book.

    On a page a script fills the table from what the browser keeps; in a notebook it comes from
    the progress file.
    """
    if page_is_static():
        return Html(_page(), text="[your estimates; open the book to see them]")
    kept = progress.current()
    groups = {"All": ("",)} | {
        title: tuple(
            prefix
            for chapter, folder in CHAPTERS.items()
            if folder == part
            for prefix in (f"{chapter}-", f"lab-{chapter}-")
        )
        for part, title in PARTS.items()
    }
    rows = []
    for title, prefixes in groups.items():
        found = kept.calibration(prefixes)
        if title == "All" or found.guesses:
            held = f"{found.held} of {found.ranges}" if found.ranges else "–"
            off = f"{number(found.typical_factor, 3)} ×" if found.guesses else "–"
            rows.append(dict(zip(HEAD, (title, found.guesses, held, off), strict=True)))
    return table(rows, "Your estimates. Nine in ten ranges should hold.")


def _page() -> str:
    """Write the empty table, which a script fills."""
    parts = [
        [prefix, PARTS[folder]]
        for chapter, folder in CHAPTERS.items()
        for prefix in (f"{chapter}-", f"lab-{chapter}-")
    ]
    head = "".join(
        f'<th scope="col"{" class=sl-number" if i else ""}>{name}</th>'
        for i, name in enumerate(HEAD)
    )
    return (
        f'<div class="sl-estimates" data-version="{VERSION}" '
        f'data-parts="{attribute(json.dumps(parts))}">'
        '<p class="sl-note" role="status">This page needs a script to read what your browser '
        'keeps.</p><table class="sl-table"><caption>Nine in ten ranges should hold.</caption>'
        f"<thead><tr>{head}</tr></thead><tbody></tbody></table>"
        '<p class="sl-buttons"><button type="button" class="sl-export">Save as a file</button> '
        '<label class="sl-file">Read a progress file <input type="file" accept=".json"></label> '
        '<button type="button" class="sl-clear">Clear my guesses</button></p></div>'
    )
