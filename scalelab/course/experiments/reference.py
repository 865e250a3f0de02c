"""Tables of the reference pages, from the files that the tests and the benchmarks write."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scalelab.course.page import Html, table


def tables_by(file: str | Path, column: str, headings: dict[str, str] | None = None) -> Html:
    """Show a file of comma-separated values as one table for each value of a column.

    Parameters
    ----------
    file : path
        With a line of headings; every entry is shown as it stands in the file.
    column : str
        Its values become the captions.
    headings : dict, optional
        Names of other columns in the reader's words; those that are missing here are left out.

    Returns
    -------
    Html
        The tables, in the order of the file.
    """
    rows = pd.read_csv(file, dtype=str, keep_default_na=False)
    names = headings or {name: name for name in rows if name != column}
    shown = [
        table(group[list(names)].rename(columns=names), caption=str(value).capitalize())
        for value, group in rows.groupby(column, sort=False)
    ]
    return Html("".join(part.body for part in shown), "\n\n".join(part.text for part in shown))
