"""Build the site of the labs into the built book, and let the lab pages lead to it."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lite.wheels import NotToBeHadError, collect, entry_of

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "_build" / "html"
SITE = BOOK / "lite"
DEPENDS = ["numpy", "pandas", "matplotlib", "packaging", "pyjwt", "tzdata"]
CONFIG = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "Scalability, measured: labs",
        "exposeAppInBrowser": True,  # the test of the site writes an answer by it
        "litePluginSettings": {
            "@jupyterlite/pyodide-kernel-extension:kernel": {
                "pyodideUrl": "./static/pyodide/pyodide.mjs"
            }
        },
    },
}


def own_wheel(folder: Path) -> Path:
    """Build the package."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([*command, str(folder), str(ROOT)], check=True)
    return next(folder.glob("scalelab-*.whl"))


def contents(folder: Path) -> None:
    """Copy the labs and their checks, as they are in a clone."""
    for path in sorted((ROOT / "labs").glob("*.ipynb")):
        shutil.copy(path, folder / path.name)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "labs" / "checks", folder / "checks", ignore=ignored)


def site(scratch: Path) -> None:
    """Build the site, and put Pyodide and its packages into it."""
    (scratch / "labs").mkdir()
    contents(scratch / "labs")
    (scratch / "jupyter-lite.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--contents", "labs"]
    options = ["--output-dir", str(SITE), "--no-sourcemaps", "--no-unused-shared-packages"]
    subprocess.run([*command, *options], cwd=scratch, check=True)
    folder = SITE / "static" / "pyodide"
    folder.mkdir(parents=True, exist_ok=True)
    lock = collect(scratch, folder)
    wheel = own_wheel(scratch / "own")
    shutil.copy(wheel, folder / wheel.name)
    lock["packages"]["scalelab"] = entry_of(wheel, ["scalelab", "checks"], DEPENDS)
    (folder / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")


def open_links() -> int:
    """Show, on the pages of the labs, the link to the site; returns on how many it is shown."""
    leading = 0
    for path in sorted((BOOK / "labs").glob("*.html")):
        page = path.read_text(encoding="utf-8")
        shown = page.replace('class="sl-lite" hidden', 'class="sl-lite"')
        path.write_text(shown, encoding="utf-8")
        leading += 'class="sl-lite"' in shown
    return leading


def main() -> None:
    """Build all of it.

    With ``--or-say-why`` a machine that Pyodide's files cannot be had on is no error.
    """
    parser = argparse.ArgumentParser(prog="lite", description=__doc__)
    parser.add_argument("--or-say-why", action="store_true", help="files not to be had: no error")
    given = parser.parse_args()
    if not (BOOK / "labs").is_dir():
        raise SystemExit("lite: the book must be built first; run make book")
    shutil.rmtree(SITE, ignore_errors=True)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            site(Path(scratch))
    except NotToBeHadError as missing:
        shutil.rmtree(SITE, ignore_errors=True)
        said = f"lite: no labs in the browser: {missing}"
        if given.or_say_why:
            print(said)
            return
        raise SystemExit(said) from None
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    print(f"{SITE}: {size / 1e6:.0f} MB; {open_links()} lab pages lead to it")


if __name__ == "__main__":
    main()
