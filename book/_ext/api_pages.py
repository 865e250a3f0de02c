"""A page for each public module of the package, written anew before each build.

The pages stand in ``book/reference/api``, which is not under version control: a module that comes
or goes needs nobody to think of its page. The sidebar lists the layers only; a layer's page leads
to its modules. Two hundred entries more on each page would make the build three times as long.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
LISTS = ("about", "claims", "quiz", "tasks")  # of entries, which the pages show

MODULE = """---
orphan: true
---
# `{title}`

Part of [`{above}`]({up}).

```{{eval-rst}}
.. automodule:: {dotted}
   :members:
```
"""
LONE = """# `{title}`

```{{eval-rst}}
.. automodule:: {dotted}
   :members:
```
"""
GROUP = """# `{dotted}`

{says}

| Module | What it holds |
|---|---|
{rows}
"""


def is_public(module: Path) -> bool:
    """Whether a module has a page: not a private one, no chapter's list, not ``__init__``."""
    is_list = "chapters" in module.parts and module.stem in LISTS
    return not is_list and not any(part.startswith("_") for part in module.parts)


def pages(package: Path) -> dict[str, str]:
    """Return the text of each page by its path below ``api``.

    Parameters
    ----------
    package : Path
        The folder of the package.

    Returns
    -------
    dict of str to str
        ``models.md`` for a layer, ``models/erlang.md`` for a module of it.
    """
    found: dict[str, str] = {}
    rows: dict[str, list[str]] = {}
    for module in sorted(package.rglob("*.py")):
        path = module.relative_to(package).with_suffix("")
        if not is_public(path):
            continue
        group, names = _group_of(path.parts)
        title, dotted = ".".join(names) or group, ".".join((package.name, *path.parts))
        if not names:
            found[f"{group}.md"] = LONE.format(title=title, dotted=dotted)
            continue
        above = f"{package.name}.{group}"
        found[f"{group}/{title}.md"] = MODULE.format(
            title=title, dotted=dotted, above=above, up=f"../{group}.md"
        )
        summary = _docstring(module).partition("\n")[0]
        rows.setdefault(group, []).append(f"| [`{title}`]({group}/{title}.md) | {summary} |")
    for group, lines in rows.items():
        found[f"{group}.md"] = _overview(package, group, lines)
    return found


def _docstring(module: Path) -> str:
    return ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""


def _group_of(parts: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the page above a module's, and its name there: the chapters have one of their own."""
    if parts[:2] == ("course", "chapters"):
        return "chapters", parts[2:]
    return parts[0], parts[1:]


def _overview(package: Path, group: str, rows: list[str]) -> str:
    folder = package / ("course/chapters" if group == "chapters" else group)
    dotted = ".".join((package.name, *folder.relative_to(package).parts))
    says = _docstring(folder / "__init__.py")
    return GROUP.format(dotted=dotted, says=says, rows="\n".join(rows))


def write(package: Path, target: Path) -> None:
    """Write the pages that differ from what is there, and remove those of modules that are gone."""
    wanted = {target / name: text for name, text in pages(package).items()}
    for page in set(target.rglob("*.md")) - wanted.keys():
        page.unlink()
    for page, text in wanted.items():
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages now: the table of contents, which is read next, looks for them."""
    write(ROOT / "scalelab", ROOT / "book" / "reference" / "api")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
