"""Kernels: plain functions over arrays, compiled by numba at their first call.

numba is an extra, and slow to import: nothing here imports it before a kernel runs. Where it
is missing, or SCALELAB_NO_NUMBA is 1, a simulator takes another fast form instead, for a
kernel's loop over arrays is some 75 times slower when it is not compiled.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any


def can_compile() -> bool:
    """Whether kernels may be compiled here and now."""
    return os.environ.get("SCALELAB_NO_NUMBA") != "1" and _numba_is_installed()


@functools.cache
def _numba_is_installed() -> bool:
    return importlib.util.find_spec("numba") is not None


class Kernel:
    """A function that is compiled when first called; ``py_func`` is the text it came from.

    It may call NumPy, the standard mathematics and other kernels. Compiled code is kept in a file;
    it is made anew when the kernel's file has changed, or any private module beside it.
    """

    def __init__(self, py_func: Callable[..., Any]) -> None:
        functools.update_wrapper(self, py_func)
        self.py_func = py_func

    def __call__(self, *arguments: Any) -> Any:
        """Run compiled, whatever `can_compile` says: the caller has asked it."""
        return self.machine_code(*arguments)

    @functools.cached_property
    def machine_code(self) -> Callable[..., Any]:
        """The function as numba made it."""
        return _compile(_with(self.py_func, lambda kernel: kernel.machine_code))

    @functools.cached_property
    def in_python(self) -> Callable[..., Any]:
        """The function as it is written, and the kernels that it calls likewise."""
        return _with(self.py_func, lambda kernel: kernel.in_python)


def _with(function: Callable[..., Any], form: Callable[[Kernel], Any]) -> Callable[..., Any]:
    """Return the function, calling each kernel that its text names in the given form."""
    names = function.__globals__
    called = {
        name: form(names[name])
        for name in function.__code__.co_names
        if isinstance(names.get(name), Kernel)
    }
    if not called:
        return function
    made = types.FunctionType(function.__code__, names | called, function.__name__)
    return functools.update_wrapper(made, function)


def _stamped(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function in a form for numba's eyes only, which changes with its folder.

    numba itself looks for changes in the function's own file, and in what a closure holds. Python
    could not run this closure, for the text does not use it.
    """
    code = function.__code__.replace(co_freevars=("_stamp",))
    cell = types.CellType(_stamp(Path(code.co_filename).parent))
    made = types.FunctionType(code, function.__globals__, function.__name__, None, (cell,))
    return functools.update_wrapper(made, function)


@functools.cache
def _stamp(folder: Path) -> str:
    """Return what changes with each change of a private module in the folder."""
    marks = [(path.name, path.stat()) for path in sorted(folder.glob("_*.py"))]
    return repr([(name, mark.st_mtime_ns, mark.st_size) for name, mark in marks])


def _compile(py_func: Callable[..., Any]) -> Callable[..., Any]:
    import numba

    try:
        return numba.njit(cache=True)(_stamped(py_func))
    except RuntimeError:  # no folder to keep the compiled code in: compile anew each time
        return numba.njit(py_func)
