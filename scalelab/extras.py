"""What each extra of the package brings, by the package's own metadata, and how to get it."""

from __future__ import annotations

import importlib
import importlib.metadata
from types import ModuleType

from packaging.requirements import Requirement


class MissingExtraError(ImportError):
    """Something that only an extra brings is not installed; the message says how to get it."""


def how_to_get(extra: str) -> str:
    """Say what installs an extra; no index has the package, so it names the clone.

    Examples
    --------
    >>> how_to_get("real")
    "pip install -e '.[real]' in the clone of the course"
    """
    return f"pip install -e '.[{extra}]' in the clone of the course"


def require(
    module: str, extra: str, error: type[Exception] = MissingExtraError, what: str = ""
) -> ModuleType:
    """Import a module that only an extra brings.

    Parameters
    ----------
    module : str
        Its dotted name.
    extra : str
        The extra that brings it.
    error : type
        What to raise.
    what : str
        What the module is, in words; its name by default.

    Returns
    -------
    module
        Imported.

    Raises
    ------
    MissingExtraError
        It is not installed, or lacks a library that it needs. Or `error`, where given.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        missing = what or f"the module {module}"
        raise error(f"{missing} is missing: {how_to_get(extra)} brings it") from None


def requirements() -> dict[str, list[Requirement]]:
    """Return each extra with what it brings on this machine.

    Raises
    ------
    MissingExtraError
        The package is not installed, only its source is here.
    """
    try:
        metadata = importlib.metadata.metadata("scalelab")
    except importlib.metadata.PackageNotFoundError:
        raise MissingExtraError("the package is not installed: make lab installs it") from None
    lines = [Requirement(line) for line in metadata.get_all("Requires-Dist") or []]
    return {
        extra: [line for line in lines if line.marker and line.marker.evaluate({"extra": extra})]
        for extra in metadata.get_all("Provides-Extra") or []
    }


def missing(wanted: list[Requirement]) -> list[str]:
    """Return the requirements that what is installed does not meet, in words.

    Examples
    --------
    >>> missing([Requirement("numpy"), Requirement("numpy>=99"), Requirement("no-such-thing")])
    ['numpy>=99', 'no-such-thing']
    """
    return [str(line).partition(";")[0].strip() for line in wanted if not _is_met(line)]


def _is_met(line: Requirement) -> bool:
    try:
        return line.specifier.contains(importlib.metadata.version(line.name), prereleases=True)
    except importlib.metadata.PackageNotFoundError:
        return False
