"""Tables of the reference pages, from the files that the tests and the benchmarks write."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from scalelab.course.page import Html, prose, table
from scalelab.quantities import MINUS, number

Row = Mapping[str, str]


def tables_by(
    file: str | Path,
    column: str,
    shown: Mapping[str, str | Callable[[Row], str]],
    *,
    folded: str = "",
) -> Html:
    """Show a file of comma-separated values as one table for each value of a column.

    `shown` says for each heading what stands below it: a column of the file, or a function of one
    of its lines. With `folded` the tables open at a click on these words.
    """
    lines = pd.read_csv(file, dtype=str, keep_default_na=False)
    counts = {name for name in lines if _of_numbers(lines[name])}
    parts = []
    for value, group in lines.groupby(column, sort=False):
        caption = str(value)
        rows = [
            {
                name: line[what] if isinstance(what, str) else what(line)
                for name, what in shown.items()
            }
            for line in (
                {name: _shown(cell, counts=name in counts) for name, cell in row.items()}
                for row in group.to_dict("records")
            )
        ]
        parts.append(table(rows, caption=caption[:1].upper() + caption[1:]))
    body = "".join(part.body for part in parts)
    if folded:
        body = f'<details class="sl-fold"><summary>{prose(folded)}</summary>{body}</details>'
    return Html(body, "\n\n".join(part.text for part in parts))


def _shown(text: str, *, counts: bool) -> str:
    """Write what the file has with an exponent, such as 1e+04, as a reader writes it.

    Where it `counts` (a key, such as 123456789, does not), its digits are grouped, and all stay.
    """
    if re.fullmatch(r"[\d.]+e[+-]\d+", text):
        return number(float(text))
    parts = re.fullmatch(r"(-?)(0|[1-9]\d*)((?:\.\d+)?)", text) if counts else None
    return f"{MINUS if parts[1] else ''}{int(parts[2]):,}{parts[3]}" if parts else text


def _of_numbers(column: pd.Series) -> bool:
    return all(re.fullmatch(r"-?[\d,]+(\.\d+)?(e[+-]\d+)?", text) for text in column)
