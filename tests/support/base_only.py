"""Run the command as somebody does who has installed no extra: ``base_only.py ARGUMENTS``.

Everything but the base dependencies and what they need is hidden, from imports and
from the list of what is installed.
"""

import importlib.metadata as metadata
import runpy
import sys

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def base_distributions() -> set[str]:
    """The package, its dependencies without extras, and theirs."""
    found, line = set(), ["scalelab"]
    while line:
        name = canonicalize_name(line.pop())
        if name not in found:
            found.add(name)
            needs = map(Requirement, metadata.requires(name) or [])
            line += [
                need.name
                for need in needs
                if need.marker is None or need.marker.evaluate({"extra": ""})
            ]
    return found


class BaseOnly:
    """A finder that asks the usual ones, and does not see what an extra brings."""

    def __init__(self) -> None:
        self.finders = list(sys.meta_path)
        self.names = base_distributions()
        owners = metadata.packages_distributions().items()
        self.hidden = {
            module
            for module, names in owners
            if not {canonicalize_name(name) for name in names} & self.names
        }

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.hidden:
            return None
        specs = (finder.find_spec(name, path, target) for finder in self.finders)
        return next((spec for spec in specs if spec is not None), None)

    def find_distributions(self, context):
        if context.name and canonicalize_name(context.name) not in self.names:
            return
        for finder in self.finders:
            if hasattr(finder, "find_distributions"):
                yield from finder.find_distributions(context)


if __name__ == "__main__":
    sys.meta_path[:] = [BaseOnly()]
    for module in [name for name in sys.modules if name.partition(".")[0] == "scalelab"]:
        del sys.modules[module]
    sys.argv[0] = "scalelab"
    runpy.run_module("scalelab", run_name="__main__", alter_sys=True)
