"""What each extra of the package brings, by the package's own metadata, and how to get it."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
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


def is_there(module: str) -> bool:
    """Whether a module could be imported; it is not.

    Examples
    --------
    >>> is_there("json.decoder"), is_there("no_such_thing.inside")
    (True, False)
    """
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it is not there
        return False


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
    """Return the names of the requirements that what is installed does not meet.

    Examples
    --------
    >>> missing([Requirement("numpy"), Requirement("numpy>=99"), Requirement("no-such-thing")])
    ['numpy>=99', 'no-such-thing']
    """
    found = []
    for line in wanted:
        try:
            version = importlib.metadata.version(line.name)
        except importlib.metadata.PackageNotFoundError:
            found.append(line.name)
        else:
            if not line.specifier.contains(version, prereleases=True):
                found.append(f"{line.name}{line.specifier}")  # another one than is here
    return found
