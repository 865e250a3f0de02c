"""Compiled kernels do what their text says, and numba stays away until it is wanted."""

import copy
import functools
import importlib
import os
import pkgutil
import subprocess
import sys

import numpy as np
import pytest
from support.cases import merged
from support.tree import ROOT

import scalelab.sim
from scalelab.sim import _compiled, _first_come
from scalelab.sim.queue import queue_waits_s

KERNELS = {
    item
    for info in pkgutil.iter_modules(scalelab.sim.__path__, "scalelab.sim.")
    for item in vars(importlib.import_module(info.name)).values()
    if isinstance(item, _compiled.Kernel)
}


def name_of(kernel):
    return f"{kernel.__module__.rpartition('.')[2]}.{kernel.__name__}"


@functools.cache
def cases():
    """Return what each kernel is given; some are found by a run, which takes a second."""
    return merged("sim/kernel_cases", "KERNELS")


def test_every_kernel_is_listed():
    assert set(cases()) == KERNELS


def results(function, inputs, outputs):
    """What it returns and what it leaves in every array that it was given."""
    arguments = [copy.deepcopy(x) for x in (*inputs, *outputs)]  # one by one: no array is shared
    with np.errstate(over="ignore"):  # hashes wrap around
        returned = function(*arguments)
        returned = list(returned) if hasattr(returned, "__next__") else returned
    return list(numbers([returned, *arguments]))


def numbers(items):
    """Every array and every number, out of tuples too."""
    for item in items:
        if isinstance(item, (tuple, list)):
            yield from numbers(item)
        elif isinstance(item, np.ndarray) and item.dtype.names:
            yield from (np.nan_to_num(item[name], posinf=1e300) for name in item.dtype.names)
        elif isinstance(item, (np.ndarray, np.number, np.bool_, float, int)):
            yield item


@pytest.mark.parametrize("kernel", sorted(KERNELS, key=name_of), ids=name_of)
def test_compiled_equals_its_text(kernel):
    pytest.importorskip("numba")
    case = cases()[kernel]
    compiled, text = results(kernel, *case), results(kernel.in_python, *case)
    for ours, theirs in zip(compiled, text, strict=True):
        assert np.allclose(ours, theirs, rtol=1e-13, atol=0)  # a sum may be in another order
        assert not np.isnan(text[-1]).any()


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
    case = cases()[_first_come._serve_one]
    assert np.array_equal(results(kernel, *case)[-1], results(_first_come._serve_one, *case)[-1])


def test_imports_leave_numba_alone():
    code = (
        "import sys, scalelab, scalelab.sim.queue, scalelab.sim.pool, scalelab.sim.closed;"
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_change_in_a_kernel_of_another_file_is_noticed(tmp_path):
    pytest.importorskip("numba")
    head = "from scalelab.sim._compiled import Kernel\n"
    (tmp_path / "_called.py").write_text(f"{head}@Kernel\ndef _two():\n    return 2\n")
    caller = "from _called import _two\n@Kernel\ndef _twice():\n    return 2 * _two()\n"
    (tmp_path / "_caller.py").write_text(head + caller)
    code = "import _caller; print(_caller._twice())"

    def result():
        where = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
        run = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, env=where
        )
        return int(run.stdout)

    assert result() == 4
    text = (tmp_path / "_called.py").read_text()
    (tmp_path / "_called.py").write_text(text.replace("return 2", "return 30"))
    assert result() == 60
