"""Compiled kernels do what their text says, and numba stays away until it is wanted."""

import importlib
import pkgutil
import subprocess
import sys

import numpy as np
import pytest

import scalelab.sim
from scalelab.sim import _compiled, _first_come, closed
from scalelab.sim.queue import queue_waits_s

ARRIVALS = np.cumsum(np.random.default_rng(3).exponential(0.4, 500))
SERVICES = np.random.default_rng(4).exponential(1.0, 500)
RETURNS = np.append(np.random.default_rng(5).exponential(1.0, 490), np.full(10, np.inf))
ASKS = np.append(np.sort(np.random.default_rng(6).exponential(1.0, 10)), np.inf)

# kernel: the arguments before its outputs, and the number of outputs
KERNELS = {
    _first_come._serve: ((ARRIVALS, SERVICES, 3, np.inf), 1),
    _first_come._serve_one: ((ARRIVALS, SERVICES, 2.0), 1),
    closed._cycle_sorted: ((ASKS, RETURNS, SERVICES, 3), 2),
}


def test_every_kernel_is_listed():
    modules = pkgutil.iter_modules(scalelab.sim.__path__, "scalelab.sim.")
    found = [
        item
        for info in modules
        for item in vars(importlib.import_module(info.name)).values()
        if isinstance(item, _compiled.Kernel)
    ]
    assert set(found) == set(KERNELS)


def outputs(function, arguments, number):
    results = [np.full(500, np.nan) for _ in range(number)]
    function(*(a.copy() if isinstance(a, np.ndarray) else a for a in arguments), *results)
    return results


@pytest.mark.parametrize(
    ("kernel", "call"), KERNELS.items(), ids=lambda x: getattr(x, "__name__", "")
)
def test_compiled_equals_its_text(kernel, call):
    pytest.importorskip("numba")
    for compiled, text in zip(outputs(kernel, *call), outputs(kernel.py_func, *call), strict=True):
        assert np.array_equal(compiled, text)
        assert not np.isnan(text).any()


def test_the_switch(monkeypatch):
    monkeypatch.setenv("SCALELAB_NO_NUMBA", "1")
    assert not _compiled.can_compile()
    monkeypatch.setenv("SCALELAB_NO_NUMBA", "0")
    assert _compiled.can_compile() == _compiled._numba_is_installed()


def test_without_numba_the_plain_form_runs(monkeypatch):
    monkeypatch.delenv("SCALELAB_NO_NUMBA", raising=False)
    monkeypatch.setattr(_compiled, "_numba_is_installed", lambda: False)
    monkeypatch.setattr(_compiled, "_compile", lambda text: pytest.fail("compiled all the same"))
    assert queue_waits_s([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], servers=2).tolist() == [0, 0, 1]


def test_where_nothing_can_be_kept_it_still_compiles(monkeypatch):
    numba = pytest.importorskip("numba")
    njit = numba.njit

    def without_a_folder(*functions, cache=False):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(*functions)

    monkeypatch.setattr(numba, "njit", without_a_folder)
    kernel = _compiled.Kernel(_first_come._serve_one.py_func)
    (result,) = outputs(kernel, (ARRIVALS, SERVICES, 2.0), 1)
    assert not np.isnan(result).any()


def test_imports_leave_numba_alone():
    code = (
        "import sys, scalelab, scalelab.sim.queue, scalelab.sim.pool, scalelab.sim.closed;"
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
