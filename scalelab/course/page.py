"""How a result gets into a page: as HTML that needs no kernel, or as a widget that has one.

The book's build sets ``SCALELAB_RENDER=page``. Everything shown then carries
all that the page needs; the page brings the script and the style itself. In
JupyterLab each result brings its own.
"""

from __future__ import annotations

import hashlib
import html
import inspect
import os
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib import pyplot
from matplotlib.figure import Figure

from scalelab import _validate as v
from scalelab.quantities import NBSP, column, unparted
from scalelab.svg import pair

if TYPE_CHECKING:
    import pandas as pd

STATIC = Path(__file__).parent / "static"
MOST_COLUMNS = 5  # of a table: more are not read
_LONGEST_CAPTION = 140  # characters
_SHORT = 24  # characters that stand in one line of a cell
_NUMBER = re.compile(
    r"[-−+$≈<>]*[\d,]+(\.\d+)?( × 10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?( ?[%×✓✗]| ±.*)?|–|∞|"
)  # or none


def page_is_static() -> bool:
    """Whether the result goes into a rendered page, where no kernel runs."""
    return os.environ.get("SCALELAB_RENDER") == "page"


STYLE = ("scalelab", "figure", "notebook")
ASSETS = {  # what each kind of result needs in a notebook, beside the style
    "quiz": ("base", "quiz"),
    "exam": ("base", "quiz", "exam"),
    "review": ("base", "review"),
    "ledger": ("base", "ledger"),
    "scene": ("scene_run", "scene"),
    "widgets": ("widgets",),
}


@cache
def assets(name: str = "") -> str:
    """Read the style, and what one kind of result needs, for a notebook without a page around it.

    Each result brings its own: a notebook shows what is near, in any order, and any cell may go.
    """
    files = [STATIC / file for file in (*STYLE, *ASSETS.get(name, ()))]
    style, script = (
        "".join(
            path.read_text(encoding="utf-8")
            for path in (file.with_suffix(kind) for file in files)
            if path.exists()
        )
        for kind in (".css", ".js")
    )
    return f"<style>{style}</style>{f'<script>{script}</script>' if script else ''}"


def boxed(body: str) -> str:
    """Put HTML into the box by which a notebook's own rules leave it alone: lists, formulas."""
    return f'<div class="sl-here mathjax_ignore">{body}</div>'


@dataclass(frozen=True)
class Html:
    """A piece of HTML that shows itself in a notebook and in the book.

    Parameters
    ----------
    body : str
        The HTML.
    text : str
        The same in plain words, for a terminal.
    needs : str
        Which of the course's scripts it needs, a key of `ASSETS`, or none.
    """

    body: str
    text: str
    needs: str = ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        body = self.body if page_is_static() else assets(self.needs) + boxed(self.body)
        return {"text/html": body, "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


# In an English word only: code, and what is quoted, such as b'1', stay as Python writes them.
_APOSTROPHE = re.compile(
    r"(`[^`]*`|(?<!\w)'[^'\n]*'(?!\w))"
    r"|(?<=[A-Za-z]{2})'(?=(?:s|t|re|ll|ve|d)\b)|(?<=[a-z]{2}s)'(?= [a-z])"
)


def prose(text: str) -> str:
    """Escape `text` for HTML; `code` in backquotes becomes code, blank lines part paragraphs.

    No line ends between a number and its unit, and an apostrophe is one, as in the text around.
    """
    safe = html.escape(_APOSTROPHE.sub(lambda m: m[1] or "’", unparted(text)), quote=True)
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", safe)
    return re.sub(r"\n\s*\n", "<br><br>", safe)


def attribute(value: str) -> str:
    """Escape `value` for an attribute in double quotes."""
    return html.escape(value, quote=True)


def drawing(figure: Figure, alt: str) -> tuple[list[str], list[str]]:
    """Render a figure as the lines of two SVG elements, for a wide screen and for a phone.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        What it shows; figures of a page that differ in it share no name of a part.
    """
    return pair(figure, f"f{hashlib.sha256(alt.encode()).hexdigest()[:6]}", alt)


def show(figure: Figure, *, alt: str, caption: str) -> Html:
    """Show a figure that follows the theme and fits a phone, with words for who cannot see it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Best made by :func:`scalelab.plotting.canvas`, whose colours follow the theme.
    alt : str
        What the figure shows, with its numbers.
    caption : str
        One line below it: what to see.

    Raises
    ------
    ValueError
        `alt` or `caption` is empty or says too little, or the caption is longer than a line.
    """
    _words("show", "alt", alt, "what the figure shows", "name the curves and their numbers")
    _words("show", "caption", caption, "what to see", "a short sentence will do")
    pyplot.close(figure)  # or the inline backend shows a second copy
    wide, narrow = ("".join(lines) for lines in drawing(figure, alt))
    body = (
        f'<figure class="sl-figure">{wide}{narrow}'
        f"<figcaption>{sentence(caption)}</figcaption></figure>"
    )
    return Html(body, text=f"[figure: {caption} {alt}]")


def sentence(caption: str) -> str:
    """Write a caption as prose that ends like a sentence.

    Examples
    --------
    >>> sentence("Waits by servers")
    'Waits by servers.'
    """
    return prose(caption if caption.rstrip().endswith((".", "?", "!")) else f"{caption.rstrip()}.")


def _words(function: str, argument: str, text: object, what: str, remedy: str) -> None:
    """Refuse words that say nothing, and a caption that nobody reads."""
    if not isinstance(text, str) or len(text.split()) < (4 if argument == "alt" else 1):
        v.refuse(function, argument, f"say in words {what}", text, remedy)
    if argument == "caption" and len(text) > _LONGEST_CAPTION:
        rule = f"have at most {_LONGEST_CAPTION} characters"
        v.refuse(function, argument, rule, len(text), "the text around has room for more")


def note(text: str) -> Html:
    """Show a sentence, which is what a bare value becomes on a page.

    Examples
    --------
    >>> from scalelab.quantities import quantity
    >>> note(f"Four servers are {quantity(75.0, '%')} busy.")
    Four servers are 75 % busy.
    """
    return Html(f'<p class="sl-note">{prose(text)}</p>', text.replace(NBSP, " "))


class Listing:
    """Code of the package, shown in a notebook as it stands.

    Parameters
    ----------
    thing : class or function
        Whose source is shown.

    Examples
    --------
    >>> print(Listing(note)._repr_markdown_().splitlines()[1])
    def note(text: str) -> Html:
    """

    def __init__(self, thing: type | Callable[..., Any]) -> None:
        self.code = textwrap.dedent(inspect.getsource(thing)).rstrip()

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.code}\n```"


def table(rows: list[dict[str, Any]] | pd.DataFrame, caption: str) -> Html:
    """Show rows as a table with the columns of the first; on a phone each row is a card.

    The numbers of a column have as many decimals as their size needs, all alike
    (:func:`scalelab.quantities.column`), and stand on the right.

    Parameters
    ----------
    rows : list of dict or pandas.DataFrame
        One or more, of at most five columns; units stand in the columns' names: "wait, ms".
    caption : str
        One line above it: what to see.

    Raises
    ------
    ValueError
        There is no row, there are more than five columns, or the caption says too little.
    """
    if hasattr(rows, "to_dict"):
        rows = [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]
    if not rows:
        raise ValueError("table: rows must not be empty, got []")
    names = list(rows[0])
    if len(names) > MOST_COLUMNS:
        remedy = "make two tables, or leave out what no sentence names"
        v.refuse("table", "rows", f"have at most {MOST_COLUMNS} columns", len(names), remedy)
    _words("table", "caption", caption, "what to see", "a short sentence will do")
    columns = [column([row[name] for row in rows]) for name in names]
    cells = [list(row) for row in zip(*columns, strict=True)]
    text = "\n".join(" | ".join(row) for row in [names, *cells]).replace(NBSP, " ")
    return Html(_table(names, cells, caption), text)


_LAST_UNIT = re.compile(r"(?<=,) (?:(×) )?(?=\S{1,5}$)")


def _with_unit(name: str) -> str:
    """Keep the unit of a column with the last word of its name: no line begins with it.

    >>> _with_unit("fullest, × mean").replace(NBSP, "_"), _with_unit("busy, %").replace(NBSP, "_")
    ('fullest,_×_mean', 'busy,_%')
    """
    return _LAST_UNIT.sub(lambda m: f"{NBSP}{m[1]}{NBSP}" if m[1] else NBSP, name)


def _kind(place: int, cells: list[str]) -> str:
    """Return the class of a column.

    Numbers stand on the right, so that their digits stand below each other, and so do the words
    where a few have no number. The names of the rows stay in one line each, if they are short.
    """
    words = [cell for cell in cells if not _NUMBER.fullmatch(cell.replace(NBSP, " "))]
    if 2 * len(words) < len(cells) and all(len(cell) <= _SHORT for cell in words):
        return ' class="sl-number"'
    return ' class="sl-name"' if place == 0 and max(map(len, cells)) <= _SHORT else ""


def _table(names: list[str], cells: list[list[str]], caption: str) -> str:
    """Write a table; its roles are said, because a card is no table to a browser."""
    names = [_with_unit(name) for name in names]
    kinds = [_kind(i, list(column)) for i, column in enumerate(zip(*cells, strict=True))]
    head = "".join(
        f'<th scope="col" role="columnheader"{kind}>{prose(name)}</th>'
        for name, kind in zip(names, kinds, strict=True)
    )
    body = "".join(
        '<tr role="row">'
        + "".join(
            f'<td role="cell" data-label="{attribute(unparted(name))}"{kind}>{prose(cell)}</td>'
            for name, cell, kind in zip(names, row, kinds, strict=True)
        )
        + "</tr>"
        for row in cells
    )
    return (
        f'<table class="sl-table" role="table"><caption>{sentence(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table>'
    )


def table_of(
    cases: Iterable[Any], columns: Mapping[str, Callable[[Any], Any]], caption: str
) -> Html:
    """Compute a table: one row a case, one column a function of the case.

    Parameters
    ----------
    cases : iterable
    columns : dict of str to callable
        At most five: the name of each, and its value of a case.
    caption : str
        One line above it: what to see.

    Examples
    --------
    >>> table_of([2, 30], {"n": lambda n: n, "root": lambda n: n**0.5}, "Roots grow slowly.")
    n | root
    2 | 1.414
    30 | 5.477
    """
    return table(
        [{name: value(case) for name, value in columns.items()} for case in cases], caption
    )
