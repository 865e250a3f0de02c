"""How a result gets into a page: as HTML that needs no kernel, or as a widget that has one.

The book's build sets ``SCALELAB_RENDER=page``. Everything shown then carries
all that the page needs; the page brings the script and the style itself. In
JupyterLab each result brings its own.
"""

from __future__ import annotations

import base64
import html
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from scalelab.plotting import themed_svg

STATIC = Path(__file__).parent / "static"
_NUMBER = re.compile(r"[-−+]?[\d,]+(\.\d+)?(e[-+]?\d+)?( ?[%×])?|–|inf|")  # or none


def page_is_static() -> bool:
    """Whether the result goes into a rendered page, where no kernel runs."""
    return os.environ.get("SCALELAB_RENDER") == "page"


ASSETS = {
    "base": ("scalelab", "base", "predict", "quiz", "explore", "ledger"),
    "scene": ("scene_run", "scene"),
}


@cache
def _assets(names: tuple[str, ...]) -> str:
    """Read styles and scripts, for a notebook that has no page around it."""
    files = [STATIC / file for name in names for file in ASSETS[name]]
    style, script = (
        "".join(
            path.read_text(encoding="utf-8")
            for path in (file.with_suffix(kind) for file in files)
            if path.exists()
        )
        for kind in (".css", ".js")
    )
    return f"<style>{style}</style><script>{script}</script>"


@dataclass(frozen=True)
class Html:
    """A piece of HTML that shows itself in a notebook and in the book.

    Parameters
    ----------
    body : str
        The HTML.
    text : str
        The same in plain words, for a terminal.
    assets : tuple of str
        Which of the course's scripts and styles it needs.
    """

    body: str
    text: str
    assets: tuple[str, ...] = ("base",)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        brings_own = self.assets and not page_is_static()
        body = _assets(self.assets) + self.body if brings_own else self.body
        return {"text/html": body, "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


def prose(text: str) -> str:
    """Escape `text` for HTML; `code` in backquotes becomes code, blank lines part paragraphs."""
    safe = html.escape(text, quote=True)
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", safe)
    return re.sub(r"\n\s*\n", "<br><br>", safe)


def attribute(value: str) -> str:
    """Escape `value` for an attribute in double quotes."""
    return html.escape(value, quote=True)


def image_source(svg: str) -> str:
    """`svg` as the address of an image; the book's build moves it into a file."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def picture(figure: Figure, alt: str, extra: str = "") -> str:
    """Write the light and the dark image of a figure as HTML; `extra` goes into both tags."""
    tags = []
    for theme, svg in zip(("light", "dark"), themed_svg(figure), strict=True):
        source = f'src="{image_source(svg)}" alt="{attribute(alt)}"'
        tags.append(f'<img class="only-{theme}" loading="lazy" {source} {extra}>')
    images = "".join(tags)  # a narrow screen scrolls them rather than shrink their words
    return _scrolling(images, "Figure")


def _scrolling(content: str, what: str) -> str:
    """Let wide content scroll in its own box, by keyboard too."""
    return f'<div class="sl-scroll" tabindex="0" role="group" aria-label="{what}">{content}</div>'


def show(figure: Figure, *, alt: str) -> Html:
    """Show a figure in both themes, with words for who cannot see it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Best made by :func:`scalelab.plotting.canvas`, in whose colours both themes are legible.
    alt : str
        What the figure shows, with its numbers.

    Raises
    ------
    ValueError
        `alt` is empty, or says nothing but that there is a figure.
    """
    if not isinstance(alt, str) or len(alt.split()) < 4:
        raise ValueError(
            f"show: alt must say in words what the figure shows, got {alt!r}; "
            "name the curves and their numbers"
        )
    pyplot.close(figure)  # or the inline backend shows a second copy
    body = f'<figure class="sl-figure">{picture(figure, alt)}</figure>'
    return Html(body, text=f"[figure: {alt}]")


def note(text: str) -> Html:
    """Show a sentence."""
    return Html(f'<p class="sl-note">{prose(text)}</p>', text)


def table(rows: list[dict[str, Any]] | pd.DataFrame, caption: str = "") -> Html:
    """Show rows as a table with the columns of the first; numbers to four digits, on the right.

    Raises
    ------
    ValueError
        There is no row.
    """
    if isinstance(rows, pd.DataFrame):
        rows = [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]
    if not rows:
        raise ValueError("table: rows must not be empty, got []")
    names = list(rows[0])
    columns = [_column([row[name] for row in rows]) for name in names]
    cells = [list(row) for row in zip(*columns, strict=True)]
    # a column of numbers stands on the right, so that its digits stand below each other
    kinds = [
        ' class="sl-number"' if all(map(_NUMBER.fullmatch, column)) else ""
        for column in zip(*cells, strict=True)
    ]
    head = "".join(
        f'<th scope="col"{kind}>{prose(name)}</th>' for name, kind in zip(names, kinds, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{prose(c)}</td>" for c, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for row in cells
    )
    title = f"<caption>{prose(caption)}</caption>" if caption else ""
    markup = f'<table class="sl-table">{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>'
    text = "\n".join(" | ".join(row) for row in [names, *cells])
    return Html(_scrolling(f"{markup}</table>", "Table"), text)


def table_of(
    cases: Iterable[Any], columns: Mapping[str, Callable[[Any], Any]], caption: str = ""
) -> Html:
    """Compute a table: one row a case, one column a function of the case.

    Examples
    --------
    >>> table_of([2, 3], {"n": lambda n: n, "square": lambda n: n * n})
    n | square
    2 | 4
    3 | 9
    """
    return table(
        [{name: value(case) for name, value in columns.items()} for case in cases], caption
    )


def _column(values: list[Any]) -> list[str]:
    """Write a column; what rounding has left of a zero is one, whatever the processor left."""
    sizes = [abs(v) for v in values if isinstance(v, float) and math.isfinite(v)]
    nothing = 1e-13 * max(sizes, default=0.0)
    return [_cell(0.0 if isinstance(v, float) and abs(v) < nothing else v) for v in values]


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return number(value)
    return str(value)


def number(value: float, digits: int = 4) -> str:
    """`value` to some significant digits, without an exponent where a reader needs none.

    Examples
    --------
    >>> number(16.666666), number(1234567.0), number(-0.0)
    ('16.67', '1,234,567', '0')
    """
    if value == 0 or 1e-4 <= abs(value) < 1e15:
        text = f"{value:z,.{max(0, digits - _places(value))}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.{digits - 1}e}"


def _places(value: float) -> int:
    """Digits before the point; negative for the zeros behind it."""
    return len(str(int(abs(value)))) if abs(value) >= 1 else -_leading_zeros(abs(value))


def _leading_zeros(value: float) -> int:
    zeros = 0
    while 0 < value < 0.1:
        value, zeros = value * 10, zeros + 1
    return zeros
