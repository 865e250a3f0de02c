"""The course's text on processors of several kinds: ``python -m support.processors``.

OpenBLAS has routines of its own for each kind of processor, which differ in the last
digit. `OPENBLAS_CORETYPE` chooses among those that this one can run. Under each, the
tests that fit curves must pass, and every chapter must say the same words.

What a cell says is its result and what it prints, the texts of all frames of an explorer
among it. A cell that says something else when the first kind runs it again has read a clock.
"""

import ast
import contextlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

from support.tree import ROOT

NEEDS = {"Nehalem": {"sse4_2"}, "Haswell": {"avx2", "fma"}, "SkylakeX": {"avx512f", "avx512bw"}}
FITS = ("tests/models", "tests/course/chapters/vertical", "tests/course/chapters/horizontal")
NEGATIVE_ZERO = re.compile(r"(?<![\w.)\]])[-−]0(?:\.0+)?(?!\.?\d|e[-+]?\d)")
# Every digit of a number, for the page's script, which shows four of them.
HIDDEN = re.compile(r' data-actual="[^"]*"')


def kinds(flags: set[str] | None = None) -> list[str]:
    """The kinds whose instructions this processor has; none where it does not say."""
    if flags is None:
        table = Path("/proc/cpuinfo")
        found = re.search(r"^flags\s*:(.*)$", table.read_text(), re.M) if table.exists() else None
        flags = set(found[1].split()) if found else set()
    return [kind for kind, needed in NEEDS.items() if needed <= flags]


def chapters() -> list[Path]:
    """The notebooks of the book."""
    return sorted(path for path in (ROOT / "book").rglob("*.ipynb") if path.parent.name != "_build")


def said_by(notebook: Path) -> list[str]:
    """What each cell of code says, without servers and without drawing."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    names: dict = {"__name__": "__main__"}
    with contextlib.chdir(notebook.parent):  # some read a table beside them
        return [_run(source, names) for source in sources]


def _run(source: str, names: dict) -> str:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, result = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)
        if last is not None:
            result = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    body = getattr(result, "body", None) or ("" if result is None else repr(result))
    return printed.getvalue() + HIDDEN.sub("", body)


@contextlib.contextmanager
def words_only() -> Iterator[None]:
    """Leave out pictures, and the servers, whose times are never the same."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch("scalelab.course.page.pair", return_value=([""], [""])))
        stack.enter_context(mock.patch("scalelab.real.servers.find_servers", return_value=[]))
        stack.enter_context(
            mock.patch("scalelab.real.postgres_tools.find_postgres", return_value=None)
        )
        yield


def all_said() -> dict[str, list[str]]:
    """What every chapter says, by the name of its notebook."""
    with words_only():
        return {path.stem: said_by(path) for path in chapters()}


def differing(here: dict[str, list[str]], there: dict[str, list[str]]) -> set[tuple[str, int]]:
    """The cells, by notebook and number, that say different things."""
    return {
        (name, number)
        for name, cells in here.items()
        for number, pair in enumerate(zip(cells, there[name], strict=True))
        if pair[0] != pair[1]
    }


def negative_zeros(said: dict[str, list[str]]) -> list[str]:
    """Places where a number is written as minus nothing."""
    return [
        f"{name}, cell {number}: {match[0]!r} in {cell[max(0, match.start() - 40) : match.end()]!r}"
        for name, cells in said.items()
        for number, cell in enumerate(cells)
        for match in NEGATIVE_ZERO.finditer(cell)
    ]


def under(kind: str, *command: str) -> str:
    """Run Python with the routines of one kind of processor."""
    settings = {"OPENBLAS_CORETYPE": kind, "SCALELAB_RENDER": "page", "SCALELAB_PROGRESS": "off"}
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    settings |= {"MPLBACKEND": "agg", "PYTHONPATH": path}
    made = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=os.environ | settings, stdout=subprocess.PIPE
    )
    if made.returncode:
        sys.exit(f"{kind}: {made.stdout.decode()[-4000:]}")
    return made.stdout.decode()


def main() -> None:
    """Compare, and say what differs."""
    if sys.argv[1:] == ["--say"]:
        json.dump(all_said(), sys.stdout)
        return
    found = kinds()
    if os.environ.get("CI"):  # the oldest and the newest kind: CI has 45 minutes for all
        found = [*found[:1], *found[1:][-1:]]
    runs = (found[0], *found) if found else ()
    if len(found) < 2:
        print(f"nothing to compare: this processor runs {found or 'none of ' + str(list(NEEDS))}")
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each waits for a process of its own
        says = pool.map(lambda kind: under(kind, "-m", "support.processors", "--say"), runs)
        first, again, *others = map(json.loads, says)
    clocks = differing(first, again)
    faults = negative_zeros(again)
    for kind, said in zip(found[1:], others, strict=True):
        under(kind, "-m", "pytest", "-q", *FITS)
        for name, number in sorted(differing(again, said) - clocks):
            texts = _parting(again[name][number], said[name][number])
            faults.append(f"{name}, cell {number}: {found[0]} and {kind} differ: {texts}")
    print(f"{', '.join(found)}: {sum(map(len, again.values()))} cells, {len(clocks)} read a clock")
    if faults:
        sys.exit("\n".join(faults))


def _parting(one: str, other: str) -> str:
    """Where two texts begin to differ."""
    pairs = enumerate(zip(one, other, strict=False))
    at = next((n for n, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))
    begin = max(0, at - 60)
    return f"{one[begin : at + 30]!r} and {other[begin : at + 30]!r}"


if __name__ == "__main__":
    main()
