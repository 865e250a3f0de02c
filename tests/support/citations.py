"""What the docstrings of the package cite, and the entries of the bibliography."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from pybtex.database import parse_file
from support.tree import ROOT

BIBLIOGRAPHY = ROOT / "book" / "references.bib"
REFERENCES = re.compile(r"References\n-+\n(.*?)(?=\n\n|\Z)", re.S)
AUTHOR = re.compile(r"(?:As `[\w.]+`; )?((?:de )?[^\W\d_][\w’'-]*)")
YEAR = re.compile(r"\b(?:18|19|20)\d\d\b")


def plain(name: str) -> str:
    """Drop accents, in Unicode or in LaTeX, and braces."""
    name = re.sub(r"""\\["'`^~c=.]\{?(\w)\}?""", r"\1", name)
    letters = unicodedata.normalize("NFKD", re.sub(r"[{}]", "", name))
    return "".join(one for one in letters if not unicodedata.combining(one))


def entries() -> set[tuple[str, str]]:
    """First author and year of each entry; a request for comments is ("RFC", its number)."""
    found = set()
    for key, entry in parse_file(BIBLIOGRAPHY).entries.items():
        person = entry.persons["author"][0]
        name = " ".join([*person.prelast_names, *person.last_names])
        found.add((plain(name), entry.fields["year"]))
        if key.startswith("rfc"):
            found.add(("RFC", key.removeprefix("rfc")))
    return found


def cited(source: str) -> Iterator[tuple[str, str]]:
    """First author and year of each work that the docstrings of a module cite."""
    kinds = ast.FunctionDef, ast.ClassDef, ast.Module
    for node in ast.walk(ast.parse(source)):
        text = (ast.get_docstring(node) or "") if isinstance(node, kinds) else ""
        for part in REFERENCES.findall(text):
            flat = " ".join(part.split())
            yield from (("RFC", number) for number in re.findall(r"RFC (\d+)", flat))
            for work in re.split(r"; (?!Communications)", flat.removeprefix("As ")):
                author, years = AUTHOR.match(work), YEAR.findall(work)
                if author and years and "RFC" not in work:
                    yield plain(author[1]), years[-1]


def missing(folder: Path = ROOT / "scalelab") -> list[str]:
    """Name what is cited in the package and stands in no entry."""
    known = entries()
    return [
        f"{path.relative_to(folder)}: {author} {year}"
        for path in sorted(folder.rglob("*.py"))
        for author, year in cited(path.read_text(encoding="utf-8"))
        if (author, year) not in known
    ]
