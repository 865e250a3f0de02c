"""What compiling costs: every kernel once, before and after its machine code is kept in a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

# Passes of numba count from start to end; one that compiles a function it calls holds those inside.
SCRIPT = """
import collections, copy, json, sys, time
sys.path.insert(0, "tests")
import numba, numpy as np
from numba.core import event
from support.cases import merged

cases = merged("sim/kernel_cases", "KERNELS")
numba.njit(lambda x: x)(1)  # numba's own start
passes, opened = collections.Counter(), []

class Clock(event.Listener):
    def on_start(self, e):
        opened.append([time.perf_counter(), 0.0])

    def on_end(self, e):
        began, inside = opened.pop()
        took = time.perf_counter() - began
        passes[e.data["name"]] += took - inside
        if opened:
            opened[-1][1] += took

start = time.perf_counter()
with event.install_listener("numba:run_pass", Clock()):
    for kernel, (inputs, outputs) in cases.items():
        kernel(*(copy.deepcopy(x) for x in (*inputs, *outputs)))
print(json.dumps([len(cases), time.perf_counter() - start, passes]))
"""


def compile_rows() -> list[dict[str, str]]:
    """Return seconds of the first call of every kernel: anew by numba's passes, and from files."""
    with tempfile.TemporaryDirectory() as folder:
        (number, cold, passes), (_, warm, _) = (_run(folder) for _ in range(2))
    parts = {"types": "type_inference", "machine code": "native_lowering"}
    found = {name: _total(passes, key) for name, key in parts.items()}
    times = {
        "compiled anew": cold,
        **{f"of that, {name}": seconds for name, seconds in found.items()},
        "of that, the rest": cold - sum(found.values()),
        "from the files": warm,
    }
    what = f"first call of all {number} kernels"
    return [
        {"what": what, "how": how, "seconds": f"{seconds:.2f}", "each": f"{seconds / number:.4f}"}
        for how, seconds in times.items()
    ]


def _total(passes: dict[str, float], key: str) -> float:
    return sum(seconds for name, seconds in passes.items() if key in name)


def _run(folder: str) -> tuple[int, float, dict[str, float]]:
    made = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"NUMBA_CACHE_DIR": folder},
        capture_output=True,
        text=True,
        check=True,
    )
    number, seconds, passes = json.loads(made.stdout)
    return number, seconds, passes
