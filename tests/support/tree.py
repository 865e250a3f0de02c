"""Where things are in the repository."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "scalelab"


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def dotted(path: Path) -> str:
    """Name under which Python imports the module at `path`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def notebooks() -> list[Path]:
    """Every notebook of the book and of the labs, without what JupyterLab leaves beside them."""
    found = [*(ROOT / "book").rglob("*.ipynb"), *(ROOT / "labs").glob("*.ipynb")]
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def cells(notebook: Path, kind: str = "") -> list[dict]:
    """Return the cells of one kind, or all, each with its source as one string."""
    data = json.loads(notebook.read_text(encoding="utf-8"))
    wanted = [cell for cell in data["cells"] if kind in ("", cell["cell_type"])]
    return [cell | {"source": "".join(cell["source"])} for cell in wanted]


def chapters() -> list[Path]:
    """Return the chapters: every notebook of the book but the landing page and the reference."""
    book = ROOT / "book"
    return [
        path
        for path in notebooks()
        if book in path.parents and path.parent.name != "reference" and path.stem != "index"
    ]


def name_of(path: Path) -> str:
    """Short name for the id of a test."""
    return path.relative_to(ROOT).as_posix()
