"""A figure as SVG in the page: one drawing for both themes, text as text, wide and for a phone.

The colours of the palette become variables of the page's style, so that the drawing follows the
theme; coordinates have one decimal, and a curve has no more points than the eye can tell apart.
"""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from scalelab._validate import FloatArray
from scalelab.figure_layout import finish, for_a_phone
from scalelab.plotting import OVER, VARIABLES

MAIN = "sl-main-"  # of the name of an artist that leaves a ghost
_TOLERANCE = 0.12  # of a curve, in points
_HREF = "{http://www.w3.org/1999/xlink}href"
_COLOUR = re.compile("|".join(VARIABLES), re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
_DEFAULTS = {
    "stroke-linejoin: miter",
    "stroke-linejoin: round",
    "stroke-linecap: square",
    "stroke-linecap: butt",
    "text-anchor: start",
    "stroke-width: 1",
}


def pair(figure: Figure, key: str, alt: str) -> tuple[list[str], list[str]]:
    """Render a figure for a wide screen and for a phone; the figure ends laid out for the phone.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Best made by :func:`scalelab.plotting.canvas`.
    key : str
        Begins the names of its parts, which must be unique in a page.
    alt : str
        What it shows, for who cannot see it.

    Returns
    -------
    wide, narrow : list of str
        The lines of one ``<svg>`` element each; frames of an explorer share many of them.
    """
    finish(figure)
    wide = _lines(figure, f"{key}w", alt, "sl-wide")
    return wide, _lines(for_a_phone(figure), f"{key}n", alt, "sl-narrow")


def _lines(figure: Figure, key: str, alt: str, name: str) -> list[str]:
    root = ElementTree.fromstring(_drawn(figure))
    box = _box(figure)
    panels = escape(json.dumps(_panels(figure), separators=(",", ":")))
    head = (
        f'<svg class="sl-svg {name}" viewBox="{" ".join(_short(v) for v in box)}" '
        f'width="{box[2]:.0f}" height="{box[3]:.0f}" role="img" data-panels="{panels}" '
    )
    body = list(_Writer(key).write(root))
    return [head, f'aria-label="{escape(alt, quote=True)}">', *body, "</svg>"]


def _drawn(figure: Figure) -> str:
    """Lay a figure out and draw it once; ``savefig`` would draw all of it for the layout too."""
    buffer, engine = io.StringIO(), figure.get_layout_engine()
    with mpl.rc_context({"svg.hashsalt": "scalelab", "svg.fonttype": "none"}):
        canvas = FigureCanvasSVG(figure)
        figure.set_dpi(72)
        if engine is not None:
            engine.execute(figure)
            figure.set_layout_engine("none")
        canvas.print_svg(buffer, metadata={"Date": None})
    if engine is not None:
        figure.set_layout_engine(engine)
    return buffer.getvalue()


def _box(figure: Figure) -> tuple[float, float, float, float]:
    """Left, top, width and height that hold all that is drawn, in points."""
    tight = figure.get_tightbbox()  # in inches, y upwards
    width, height = figure.get_size_inches()
    left, right = min(0.0, tight.x0), max(width, tight.x1)
    bottom, top = min(0.0, tight.y0), max(height, tight.y1)
    return 72 * left, 72 * (height - top), 72 * (right - left), 72 * (top - bottom)


def _panels(figure: Figure) -> list[list[Any]]:
    """Where each axes lies, in points, and what it spans: so a ghost finds its place."""
    width, height = 72 * figure.get_size_inches()
    found = []
    for ax in figure.axes:
        place = ax.get_position()
        x = ax.xaxis.get_transform().transform(np.asarray(ax.get_xlim(), dtype=float))
        y = ax.yaxis.get_transform().transform(np.asarray(ax.get_ylim(), dtype=float))
        spot = (
            place.x0 * width,
            place.x1 * width,
            (1 - place.y0) * height,
            (1 - place.y1) * height,
        )
        kinds = f"{ax.get_xscale()} {ax.get_yscale()}"
        found.append([*(round(v, 1) for v in spot), *(float(f"{v:.6g}") for v in (*x, *y)), kinds])
    return found


class _Writer:
    """Writes what matplotlib has drawn, in few words."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.names: dict[str, str] = {}

    def write(self, element: Element, defined: bool = False) -> Iterator[str]:
        """One line for each part that is drawn."""
        for child in element:
            tag = child.tag.rpartition("}")[2]
            if tag in ("metadata", "style"):
                continue
            if tag in ("g", "defs", "clipPath", "pattern"):
                yield from self._group(tag, child, defined or tag == "defs")
            elif line := self._leaf(tag, child, defined):
                yield line

    def _group(self, tag: str, element: Element, defined: bool) -> Iterator[str]:
        inside = list(self.write(element, defined))
        if not inside:
            return
        attributes = self._attributes(element, defined)
        name = element.get("id", "")
        if name.startswith(MAIN):
            attributes = f' class="sl-main" data-panel="{name.removeprefix(MAIN)}"{attributes}'
        elif name == OVER:
            attributes = f' class="{OVER}"{attributes}'
        if tag == "g" and not attributes:
            yield from inside
        elif len(inside) == 1:
            yield f"<{tag}{attributes}>{inside[0]}</{tag}>"
        else:
            yield from (f"<{tag}{attributes}>", *inside, f"</{tag}>")

    def _leaf(self, tag: str, element: Element, defined: bool) -> str:
        style = element.get("style", "")
        unseen = tag == "path" and "fill: none" in style and "stroke" not in style
        if unseen and not defined:
            return ""
        attributes = self._attributes(element, defined)
        if tag == "text":  # what the style of the page says anyway
            attributes = attributes.replace("font-size:10px;", "").replace(
                ";fill:var(--fig-ink)", ""
            )
            attributes = attributes.replace(' style="fill:var(--fig-ink)"', "")
        inside = escape(element.text or "", quote=False).strip("\n")
        inside += "".join(
            self._leaf(c.tag.rpartition("}")[2], c, defined) + (c.tail or "").strip("\n ")
            for c in element
        )
        return f"<{tag}{attributes}>{inside}</{tag}>" if inside else f"<{tag}{attributes}/>"

    def _attributes(self, element: Element, defined: bool) -> str:
        written = ""
        for name, value in element.attrib.items():
            short = name.rpartition("}")[2]
            if name == "id":
                value = self._name(value) if defined else ""
            elif name == _HREF and value.startswith("#"):
                value = f"#{self._name(value[1:])}"
            elif short == "clip-path":
                value = f"url(#{self._name(value[5:-1])})"
            elif short == "d":
                value = _path(value)
            elif short == "style":
                value = _style(value)
            elif short == "transform":
                value = _transform(value)
            elif short in ("x", "y", "width", "height"):
                value = " ".join(_short(float(part)) for part in value.split())
            if value:
                written += f' {short}="{escape(value, quote=True)}"'
        return written

    def _name(self, name: str) -> str:
        return self.names.setdefault(name, f"{self.key}{len(self.names)}")


def _short(value: float) -> str:
    text = f"{value:z.1f}"
    return text.removesuffix(".0")


def _style(style: str) -> str:
    parts = [part.strip() for part in style.split(";")]
    kept = []
    for part in parts:
        if not part or part in _DEFAULTS or part.startswith("font-family"):
            continue
        part = re.sub(r"^font: (?:.* )?([\d.]+px) .*", r"font-size: \1", part)
        part = (
            _NUMBER.sub(lambda m: f"{float(m[0]):z.2f}".rstrip("0").rstrip("."), part)
            if ("#" not in part)
            else _COLOUR.sub(lambda m: f"var(--fig-{VARIABLES[m[0].lower()]})", part)
        )
        kept.append(part.replace(": ", ":"))
    return ";".join(kept)


def _transform(transform: str) -> str:
    transform = re.sub(r"rotate\(-?0 [^)]*\)|rotate\(-?0\)", "", transform)
    return _NUMBER.sub(lambda m: f"{float(m[0]):z.2f}".rstrip("0").rstrip("."), transform).strip()


def _path(d: str) -> str:
    if re.search(r"[^MLz\d\s.eE-]", d):  # curves stay as they are
        return re.sub(r"\s*([MLCQz])\s*", r"\1", _NUMBER.sub(lambda m: _short(float(m[0])), d))
    written = ""
    for part in filter(str.strip, d.split("M")):
        closed = "z" if "z" in part else ""
        values = np.array([float(v) for v in _NUMBER.findall(part)]).reshape(-1, 2)
        points = (f"{_short(x)} {_short(y)}" for x, y in simplified(values, _TOLERANCE))
        written += f"M{' '.join(point for point, _ in itertools.groupby(points))}{closed}"
    return written


def simplified(points: FloatArray, tolerance: float) -> FloatArray:
    """Leave out points of a line that lie within `tolerance` of it without them.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
    tolerance : float
        >= 0, in the unit of the points.

    Returns
    -------
    ndarray, shape (m, 2), m <= n
        First and last among them.

    References
    ----------
    Douglas and Peucker, "Algorithms for the reduction of the number of points", 1973.

    Examples
    --------
    >>> simplified(np.array([[0, 0], [1, 0.01], [2, 0], [2, 2]]), 0.1).tolist()
    [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0]]
    """
    points = np.asarray(points, dtype=float)
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        start, along = points[first], points[last] - points[first]
        away = points[first + 1 : last] - start
        length = float(along @ along)
        share = np.clip(away @ along / length, 0, 1) if length else np.zeros(len(away))
        distance = np.hypot(*(away - share[:, None] * along).T)
        farthest = int(distance.argmax())
        if distance[farthest] > tolerance:
            middle = first + 1 + farthest
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return points[keep]
