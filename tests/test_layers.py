"""The shape of the package: who imports whom, and what no module does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.tree import PACKAGE, ROOT, dotted, modules

LAYERS = (
    ("workloads",),
    ("models",),
    ("sim",),
    ("sweeps",),
    ("fakes",),
    ("real",),
    ("planner",),
    ("quantities", "plotting", "figure_layout", "svg", "diagrams"),
    ("history",),
    ("course",),
    ("__main__",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
FIRST = {"from scalelab import in_browser", "in_browser.keep_quiet_about_fonts()"}
FREE = {"_validate", "extras", "in_browser", "__init__"}  # any layer may import them

CLOCKS_AND_NETWORK = {
    "asyncio",
    "datetime",
    "ftplib",
    "http",
    "requests",
    "select",
    "smtplib",
    "socket",
    "socketserver",
    "ssl",
    "time",
    "urllib",
}
LONGEST_MODULE, LONGEST_BODY = 400, 45
DATA = (".about", ".claims", ".quiz")  # lists of entries, of any length


def parse(source: str) -> ast.Module:
    return ast.parse(source)


def imports(tree: ast.AST, module: str) -> Iterator[tuple[int, str]]:
    """Every imported name with its line, absolute, also the imports inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.split(".")[: -node.level]
                base = ".".join([*package, *filter(None, [base])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def layer(module: str) -> str:
    """The part of the package that a dotted name belongs to."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def upward_imports(source: str, module: str) -> list[str]:
    """The imports of a later layer, each named with its line."""
    own = layer(module)
    if own not in LEVEL:
        return [] if own in FREE else [f"{module} belongs to no layer of {list(LEVEL)}"]
    return [
        f"{module}:{line} imports {name}, a later layer"
        for line, name in imports(parse(source), module)
        if name.startswith("scalelab.") and LEVEL.get(layer(name), -1) > LEVEL[own]
    ]


def impurities(source: str, module: str) -> list[str]:
    """Clocks, sleep, sockets and unseeded randomness, each named with its line."""
    tree = parse(source)
    found = [
        f"{module}:{line} imports {name}"
        for line, name in imports(tree, module)
        if name.split(".")[0] in CLOCKS_AND_NETWORK
    ]
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = ast.unparse(call.func)
        if name.endswith("sleep"):
            found.append(f"{module}:{call.lineno} calls {name}")
        if name.endswith("default_rng") and not (call.args or call.keywords):
            found.append(f"{module}:{call.lineno} draws without a seed")
    return found


def public_definitions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Functions, classes and methods that a user may call; a claim says itself what it is."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in tree.body:
        if isinstance(node, kinds) and not node.name.startswith("_"):
            if any(ast.unparse(d).startswith("claim(") for d in node.decorator_list):
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    part
                    for part in node.body
                    if isinstance(part, kinds) and not part.name.startswith("_")
                )


def undocumented(source: str, module: str) -> list[str]:
    tree = parse(source)
    found = [] if ast.get_docstring(tree) else [f"{module} has no docstring"]
    return found + [
        f"{module}:{node.lineno} {node.name} has no docstring"
        for node in public_definitions(tree)
        if not ast.get_docstring(node)
    ]


def colons(source: str, module: str) -> list[str]:
    """Properties whose first line the API pages would read as a type and what it is."""
    return [
        f"{module}:{node.lineno} {node.name}: a colon in a property's first line"
        for node in ast.walk(parse(source))
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(d).endswith("property") for d in node.decorator_list)
        and ":" in (ast.get_docstring(node) or "").partition("\n")[0]
    ]


# What a list of parameters says: ranges, kinds, and where else they are explained.
SAID_BEFORE = re.compile(
    "out of range|not finite|negative|hashable|of another (kind|shape)|wrong kind|no (text|name) |"
    "not (callable|bytes)|cannot be called|neither True|As in|not an? (whole number|integer|ratio)|"
    "is (none of them|unknown)|not a (non-empty )?vector"
)


def repeated_ranges(source: str, module: str) -> list[str]:
    """Entries of *Raises* that say of a ValueError only what stands with the parameters."""
    found = []
    for node in ast.walk(parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            _, _, raises = (ast.get_docstring(node) or "").partition("\nRaises\n------\n")
            entries = re.split(r"\n(?=\S)", raises.partition("\n\n")[0])
            found += [
                f"{module}:{node.lineno} {node.name}: {' '.join(entry.split())}"
                for entry in entries
                if "ValueError" in entry.partition("\n")[0] and SAID_BEFORE.search(entry)
            ]
    return found


def too_long(source: str, module: str) -> list[str]:
    """Modules and function bodies (docstring not counted) over their limits."""
    lines = len(source.splitlines())
    found = []
    if lines > LONGEST_MODULE and not module.endswith(DATA):
        found.append(f"{module} has {lines} lines, more than {LONGEST_MODULE}")
    for node in ast.walk(parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = node.end_lineno - body[0].lineno + 1 if body else 0
            if length > LONGEST_BODY:
                found.append(f"{module}:{node.lineno} {node.name} has a body of {length} lines")
    return found


def exports(source: str, module: str) -> list[str]:
    """What an ``__init__`` holds besides its docstring, the version and what must come first."""
    allowed = {"__version__", *FIRST} if module == "scalelab" else set()
    found = []
    for node in parse(source).body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        names = {ast.unparse(t) for t in getattr(node, "targets", [node])}
        if not docstring and not names <= allowed:
            found.append(f"{module}:{node.lineno} {ast.unparse(node)}")
    return found


def namesakes(sources: dict[str, str]) -> list[str]:
    """Classes of one layer that share a name: a reader who meets one thinks of the other."""
    homes: dict[tuple[str, str], list[str]] = {}
    for module, source in sources.items():
        for node in parse(source).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault((layer(module), node.name), []).append(module)
    return [
        f"{name} is a class of {' and of '.join(found)}"
        for (_, name), found in homes.items()
        if len(found) > 1
    ]


def unmirrored(package: Path, tests: Path) -> list[str]:
    """Public modules without a test file of their own in the place that mirrors theirs."""
    found = []
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package)
        if any(part.startswith("_") for part in inside.with_suffix("").parts):
            continue
        if inside.stem in ("about", "quiz", "tasks") and "chapters" in inside.parts:
            continue  # tested alike, in test_about.py, test_quiz.py and test_explore.py
        mirror = inside.with_name(f"test_{inside.name}")
        if not (tests / mirror).exists():
            found.append(f"{inside.as_posix()} lacks tests/{mirror.as_posix()}")
    return found


def everywhere(check, paths) -> list[str]:
    return [
        fault for path in paths for fault in check(path.read_text(encoding="utf-8"), dotted(path))
    ]


def outside_real():
    return [path for path in modules() if "real" not in path.relative_to(ROOT).parts]


def test_a_layer_imports_only_earlier_ones():
    assert everywhere(upward_imports, modules()) == []


def test_no_clock_no_sleep_no_socket_no_seedless_randomness_outside_real():
    assert everywhere(impurities, outside_real()) == []


def test_every_public_name_has_a_docstring():
    assert everywhere(undocumented, modules()) == []


def test_no_property_is_read_as_a_type():
    assert everywhere(colons, modules()) == []
    wrong = 'class A:\n    @property\n    def n(self):\n        """Number: of what."""'
    assert colons(wrong, "a") == ["a:3 n: a colon in a property's first line"]


def test_raises_says_only_what_the_parameters_do_not():
    public = [path for path in modules() if not path.name.startswith("_")]
    assert everywhere(repeated_ranges, public) == []
    head = 'def f(n):\n    """Do.\n\n    Raises\n    ------\n    '
    wrong = (
        f'{head}OSError\n        No file.\n    ValueError\n        `n` is out of range.\n    """'
    )
    assert repeated_ranges(wrong, "a") == ["a:1 f: ValueError `n` is out of range."]
    for fine in ("ValueError\n        Nothing fits.", "OSError\n        It is out of range."):
        assert repeated_ranges(f'{head}{fine}\n    """', "a") == []


def test_modules_and_bodies_are_short():
    assert everywhere(too_long, modules()) == []


def test_every_public_module_has_its_test_file(tmp_path):
    assert unmirrored(PACKAGE, ROOT / "tests") == []
    for name in ("house/sim/queue.py", "house/sim/_kernel.py", "house/fakes/pooling/pool.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    lacks = "sim/queue.py lacks tests/sim/test_queue.py"
    other = "fakes/pooling/pool.py lacks tests/fakes/pooling/test_pool.py"
    assert unmirrored(tmp_path / "house", tmp_path / "tests") == [other, lacks]
    (tmp_path / "tests" / "sim").mkdir(parents=True)
    (tmp_path / "tests" / "sim" / "test_queue.py").touch()
    assert unmirrored(tmp_path / "house", tmp_path / "tests") == [other]


def test_a_name_means_one_class_in_a_layer():
    sources = {dotted(path): path.read_text(encoding="utf-8") for path in modules()}
    assert namesakes(sources) == []
    two = {"scalelab.fakes.a": "class Event: ...", "scalelab.fakes.b.c": "class Event: ..."}
    assert namesakes(two) == ["Event is a class of scalelab.fakes.a and of scalelab.fakes.b.c"]
    assert namesakes({**two, "scalelab.fakes.a": "class _Event: ..."}) == []
    assert namesakes({"scalelab.sim.a": "class A: ...", "scalelab.fakes.b": "class A: ..."}) == []


def test_init_exports_only_the_version():
    inits = [path for path in modules() if path.name == "__init__.py"]
    assert everywhere(exports, inits) == []


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("from scalelab.course import page", "scalelab.course.page"),
        ("from scalelab import plotting", "scalelab.plotting"),
        ("import scalelab.fakes.clock as c", "scalelab.fakes.clock"),
        ("from ..sim import queue", "scalelab.sim.queue"),
        ("from .. import diagrams", "scalelab.diagrams"),
        ("def late():\n    from scalelab.real.servers import find", "scalelab.real.servers.find"),
    ],
)
def test_an_upward_import_is_named(source, named):
    (fault,) = upward_imports(source, "scalelab.models.made_up")
    assert f"imports {named}, a later layer" in fault


def test_downward_and_sideways_imports_are_free():
    source = "import scalelab\nfrom scalelab import _validate, __version__\nfrom .other import x"
    assert upward_imports(source, "scalelab.models.made_up") == []
    assert upward_imports("from scalelab.models import erlang", "scalelab.sim.made_up") == []
    assert upward_imports("import os", "scalelab.stray") != []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from time import monotonic",
        "import urllib.request",
        "from datetime import datetime",
        "def f():\n    import socket",
        "clock.sleep(1)",
        "import numpy as np\nrng = np.random.default_rng()",
    ],
)
def test_an_impurity_is_found(source):
    assert len(impurities(source, "scalelab.models.made_up")) == 1


def test_the_other_rules_find_offenders():
    assert undocumented('"""Doc."""\ndef f():\n    pass', "m") == ["m:2 f has no docstring"]
    assert undocumented('"""Doc."""\ndef _f():\n    pass', "m") == []
    method = '"""D."""\nclass C:\n    """D."""\n    def f(self):\n        pass'
    assert undocumented(method, "m") == ["m:4 f has no docstring"]
    assert undocumented("x = 1", "m") == ["m has no docstring"]
    body = "\n".join("    x = 1" for _ in range(LONGEST_BODY))
    assert too_long(f'def f():\n    """Doc."""\n{body}', "m") == []
    assert too_long(f"def f():\n{body}\n    x = 1", "m") == ["m:1 f has a body of 46 lines"]
    assert too_long("x = 1\n" * 401, "m") == ["m has 401 lines, more than 400"]
    assert exports('"""Doc."""\n__version__ = "1"', "scalelab") == []
    assert exports('"""Doc."""\nfrom scalelab.sim import queue', "scalelab.sim") != []
    assert exports('"""Doc."""\n__version__ = "1"', "scalelab.sim") != []
