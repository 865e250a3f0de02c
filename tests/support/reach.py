"""Which public names the course reaches: from the pages, the labs and the command, name by name.

A name is reached when code that runs for a reader mentions it: a notebook, a lab's checks, the
ledger, a quiz, the command, or a definition that is itself reached. Imports are followed, so that a
module which nothing reaches does not keep alive what it uses. Tests and benchmarks do not count.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from support.tree import PACKAGE, ROOT, cells, dotted, modules, notebooks

Name = tuple[str, str]  # module, and a name at its top; "" for the module itself
ENTRIES = ("about", "claims", "quiz", "tasks")  # every definition in these is shown to readers


def reached() -> set[Name]:
    """Return every name of the package that a reader's code comes to."""
    house = {dotted(path): _Module(dotted(path), _tree(path)) for path in modules()}
    todo = [name for tree in _roots() for name in _Module("", tree).mentions(tree)]
    for name, module in house.items():
        is_list = ".chapters." in name and name.rpartition(".")[2] in ENTRIES
        if is_list or name == "scalelab.__main__":
            todo += [(name, each) for each in [*module.definitions, ""]]
    seen: set[Name] = set()
    while todo:
        name = todo.pop()
        if name in seen or name[0] not in house:
            continue
        seen.add(name)
        todo += [(name[0], "")]  # to import a name runs its module
        todo += house[name[0]].mentioned_by(name[1])
    return seen


def public_names() -> Iterator[Name]:
    """Every function and class at the top of a public module, but for lists of entries."""
    for path in modules():
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        is_list = "chapters" in parts and parts[-1] in ENTRIES
        if is_list or any(part.startswith("_") for part in parts):
            continue
        for node in _tree(path).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                yield dotted(path), node.name


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _roots() -> Iterator[ast.Module]:
    """What runs for a reader outside the package."""
    for notebook in notebooks():
        yield ast.parse("\n".join(cell["source"] for cell in cells(notebook, "code")))
    for folder in (ROOT / "labs" / "checks", ROOT / "book" / "_ext"):
        yield from (_tree(path) for path in sorted(folder.glob("*.py")))


class _Module:
    """The names at the top of a module, and what each of them mentions."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name = name
        self.imported: dict[str, Name] = {}
        for node in ast.walk(tree):
            self._note_import(node)
        self.definitions: dict[str, list[ast.AST]] = {}
        self.loose: list[ast.AST] = []  # statements that run at import and define nothing
        for node in tree.body:
            names = list(_defined_by(node))
            for each in names:
                self.definitions.setdefault(each, []).append(node)
            if not names and not isinstance(node, (ast.Import, ast.ImportFrom)):
                self.loose.append(node)

    def _note_import(self, node: ast.AST) -> None:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                is_module = (ROOT / (whole.replace(".", "/") + ".py")).exists()
                target = (whole, "") if is_module else (node.module, alias.name)
                self.imported[alias.asname or alias.name] = target
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    self.imported[alias.asname] = (alias.name, "")

    def mentioned_by(self, definition: str) -> Iterator[Name]:
        """Yield what a definition mentions; "" for what runs at import."""
        for node in self.definitions.get(definition, []) if definition else self.loose:
            yield from self.mentions(node)

    def mentions(self, node: ast.AST) -> Iterator[Name]:
        """Yield the names, here and elsewhere, that a piece of code mentions."""
        arguments = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                if part.id in self.definitions and part.id not in arguments:
                    yield self.name, part.id
                if part.id in self.imported:
                    yield self.imported[part.id]
            elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                module = self.imported.get(part.value.id)
                if module and not module[1]:
                    yield module[0], part.attr
            elif isinstance(part, ast.ImportFrom) and not self.name:
                yield from ((part.module or "", alias.name) for alias in part.names)


def _defined_by(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    for target in targets:
        yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))
