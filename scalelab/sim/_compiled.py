"""Kernels: plain functions over arrays, compiled by numba at their first call.

numba is an extra, and slow to import: nothing here imports it before a kernel runs. Where it
is missing, or SCALELAB_NO_NUMBA is 1, a simulator takes another fast form instead, for a
kernel's loop over arrays is some 75 times slower when it is not compiled.
"""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Callable
from typing import Any


def can_compile() -> bool:
    """Whether kernels may be compiled here and now."""
    return os.environ.get("SCALELAB_NO_NUMBA") != "1" and _numba_is_installed()


@functools.cache
def _numba_is_installed() -> bool:
    return importlib.util.find_spec("numba") is not None


class Kernel:
    """A function that is compiled when first called; ``py_func`` is the text it came from.

    It may call nothing but NumPy and the standard mathematics: compiled code is kept in a
    file, and numba notices changes in the kernel's own file only.
    """

    def __init__(self, py_func: Callable[..., None]) -> None:
        functools.update_wrapper(self, py_func)
        self.py_func = py_func
        self._machine_code: Callable[..., None] | None = None

    def __call__(self, *arguments: Any) -> None:
        """Run compiled, whatever `can_compile` says: the caller has asked it."""
        if self._machine_code is None:
            self._machine_code = _compile(self.py_func)
        self._machine_code(*arguments)


def _compile(py_func: Callable[..., None]) -> Callable[..., None]:
    import numba

    try:
        return numba.njit(cache=True)(py_func)
    except RuntimeError:  # no folder to keep the compiled code in: compile anew each time
        return numba.njit(py_func)
