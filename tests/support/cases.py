"""Cases that stand beside their topic: every file of a folder, loaded as a module."""

import importlib.util
from pathlib import Path
from types import ModuleType

TESTS = Path(__file__).resolve().parents[1]


def load(folder: str) -> list[ModuleType]:
    """Return every module of ``tests/<folder>``, in order of name."""
    return [_load(path) for path in sorted((TESTS / folder).glob("*.py"))]


def merged(folder: str, name: str) -> dict:
    """Return the tables called `name` of all files as one; no key may stand twice."""
    whole: dict = {}
    for module in load(folder):
        table = getattr(module, name)
        twice = whole.keys() & table.keys()
        if twice:
            raise ValueError(f"{module.__name__}: {sorted(map(str, twice))} stand elsewhere too")
        whole |= table
    return whole


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"cases_{path.parent.name}_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
