"""What compiling costs: every kernel once, before and after its machine code is kept in a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

# Passes of numba count from start to end; one that compiles a function it calls holds those inside.
SCRIPT = """
import collections, contextlib, copy, json, sys, time
sys.path.insert(0, "tests")
import numba, numpy as np
from numba.core import event
from support.cases import merged

cases = merged("sim/kernel_cases", "KERNELS")
numba.njit(lambda x: x)(1)  # numba's own start
own = {kernel.__qualname__ for kernel in cases}

class Passes(event.Listener):
    functions, seconds, opened = collections.Counter(), collections.Counter(), []

    def on_start(self, e):
        self.opened.append([time.perf_counter(), 0.0])

    def on_end(self, e):
        began, inside = self.opened.pop()
        took = time.perf_counter() - began
        step, _, function = e.data["name"].partition(" ")
        whose = "kernels" if function.strip("[]") in own else "others"
        self.functions[whose] += step == "native_lowering"
        self.seconds[whose] += took - inside
        if self.opened:
            self.opened[-1][1] += took

class Llvm(event.Listener):
    seconds, depth = 0.0, 0

    def on_start(self, e):
        self.depth += 1
        if self.depth == 1:
            self.began = time.perf_counter()

    def on_end(self, e):
        self.depth -= 1
        if self.depth == 0:
            self.seconds += time.perf_counter() - self.began

passes, llvm = Passes(), Llvm()
start = time.perf_counter()
with contextlib.ExitStack() as listening:
    if "listen" in sys.argv:
        listening.enter_context(event.install_listener("numba:run_pass", passes))
        listening.enter_context(event.install_listener("numba:llvm_lock", llvm))
    for kernel, (inputs, outputs) in cases.items():
        kernel(*(copy.deepcopy(x) for x in (*inputs, *outputs)))
whole = time.perf_counter() - start
print(json.dumps([len(cases), whole, passes.functions, passes.seconds, llvm.seconds]))
"""


def compile_rows() -> list[dict[str, str]]:
    """Return what the first call of every kernel takes: anew, its parts, and from files."""
    with tempfile.TemporaryDirectory() as folder:
        (kernels, cold, *_), (_, warm, *_) = _run(folder), _run(folder)
    with tempfile.TemporaryDirectory() as folder:  # listening takes time: in a run of its own
        _, whole, functions, passes, llvm = _run(folder, "listen")
    share = cold / whole
    rows = [
        ("compiled anew", kernels, cold),
        ("all functions that numba compiles for it", sum(functions.values()), cold),
        ("of these, NumPy's, such as np.empty", functions["others"], passes["others"] * share),
        ("of all, in LLVM", sum(functions.values()), llvm * share),
        ("from the files", kernels, warm),
    ]
    return [
        {
            "what": "first call of every kernel",
            "how": how,
            "number": str(number),
            "seconds": f"{seconds:.2f}",
            "each": f"{seconds / number:.4f}",
        }
        for how, number, seconds in rows
    ]


def _run(folder: str, *arguments: str) -> tuple[int, float, dict, dict, float]:
    made = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        env=os.environ | {"NUMBA_CACHE_DIR": folder},
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(json.loads(made.stdout))
