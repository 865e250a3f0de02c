"""Pages that show themselves first, and carry no more than they use.

A theme serves everybody: two thousand icons of which this book shows a dozen, scripts that hold up
the words, and the index of the search, which only the page of the search reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

OF_THE_SEARCH = re.compile(
    r'<script (?:defer )?src="[^"]*(?:searchtools|language_data)\.js[^"]*"></script>\s*'
)
INDEX = re.compile(r'<script src="([^"]*searchindex\.js)[^"]*"></script>')
# Whoever goes to the search field gets the index while still typing.
ON_DEMAND = (
    '<script>addEventListener("focusin", (event) => event.target.closest(".bd-search") && '
    'document.head.append(Object.assign(document.createElement("link"), '
    '{{rel: "prefetch", href: "{}"}})), {{once: true}});</script>'
)
PRELOAD = re.compile(r'<link rel="preload" as="script"[^>]*/>\s*')
# The options are read by scripts within the page; the base hides what a reader must not see yet.
AT_ONCE = ("documentation_options", "base")
SCRIPT = re.compile(r'<script (?![^>]*\bdefer\b)([^>]*src="[^"]*/([\w.-]+)\.js[^"]*")>')

ICON = re.compile(r'(?:\.fa-[\w-]+:before,?)+\{content:"\\([0-9a-f]+)"\}')
FACE = re.compile(r"@font-face\{[^}]*Font Awesome[^}]*\}")
ICONS = "icons.woff"
NEW_FACE = (
    '@font-face{font-display:block;font-family:"Font Awesome 6 Free";font-style:normal;'
    f'font-weight:900;src:url({ICONS}) format("woff")}}'
)


def lighten(page: str) -> str:
    """Let the words of a page come before its scripts, and the index only for who searches."""
    index = INDEX.search(page)
    page = OF_THE_SEARCH.sub("", page)
    page = INDEX.sub(lambda match: ON_DEMAND.format(match[1]), page) if index else page
    page = PRELOAD.sub("", page)
    return SCRIPT.sub(
        lambda m: m[0] if m[2] in AT_ONCE else f"<script defer {m[1]}>",
        page,
    )


def used_icons(texts: Iterable[str]) -> set[str]:
    """Return the names of the icons that pages or scripts show."""
    return {name for text in texts for name in re.findall(r"\bfa-[a-z0-9-]+", text)}


def without_icons(style: str, used: set[str]) -> tuple[str, list[int]]:
    """Return a style without the icons that nobody shows, and the letters of those that stay.

    Raises
    ------
    ValueError
        A page shows an icon of another font than the solid one.
    """
    if others := used & {"fa-brands", "fa-regular"}:
        raise ValueError(f"without_icons: icons must be solid, got {sorted(others)}")
    kept: list[int] = []

    def keep(rule: re.Match[str]) -> str:
        if used.isdisjoint(re.findall(r"fa-[\w-]+(?=:before)", rule[0])):
            return ""
        kept.append(int(rule[1], 16))
        return rule[0]

    return NEW_FACE + FACE.sub("", ICON.sub(keep, style)), kept


def subset(font: Path, letters: list[int], target: Path) -> None:
    """Write a font with some letters only."""
    options = Options(flavor="woff", hinting=False, notdef_outline=False)
    whole = TTFont(font)
    part = Subsetter(options)
    part.populate(unicodes=letters)
    part.subset(whole)
    whole.flavor = "woff"
    whole.save(target)


def lighten_icons(folder: Path, texts: Iterable[str]) -> None:
    """Leave the icons that are used, in the theme's style and in a font of their own."""
    style = folder / "_static" / "styles" / "pydata-sphinx-theme.css"
    font = folder / "_static" / "vendor" / "fontawesome" / "webfonts" / "fa-solid-900.ttf"
    if not style.exists() or not font.exists():
        return
    lighter, letters = without_icons(style.read_text(encoding="utf-8"), used_icons(texts))
    style.write_text(lighter, encoding="utf-8")
    subset(font, letters, style.parent / ICONS)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Mend all pages but that of the search, whose scripts need each other at once."""
    if error is not None or app.builder.format != "html":
        return
    folder, texts = Path(app.outdir), []
    for path in folder.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        if path.name != "search.html" and (lighter := lighten(page)) != page:
            path.write_text(lighter, encoding="utf-8")
        texts.append(page)
    texts += [path.read_text(encoding="utf-8") for path in (folder / "_static").rglob("*.js")]
    lighten_icons(folder, texts)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the build."""
    app.connect("build-finished", finish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
