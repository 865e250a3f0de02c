"""What compiling costs: every kernel once, before and after its machine code is kept in a file."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

SCRIPT = """
import sys, time
sys.path.insert(0, "tests")
from support.cases import merged
import copy, numba, numpy as np
cases = merged("sim/kernel_cases", "KERNELS")
numba.njit(lambda x: x)(1)  # numba's own start
start = time.perf_counter()
for kernel, (inputs, outputs) in cases.items():
    kernel(*(copy.deepcopy(x) for x in (*inputs, *outputs)))
print(len(cases), time.perf_counter() - start)
"""


def compile_times_s() -> tuple[int, float, float]:
    """Return the number of kernels, and the seconds to call all of them cold and warm."""
    with tempfile.TemporaryDirectory() as folder:
        (number, cold), (_, warm) = (_run(folder) for _ in range(2))
    return int(number), cold, warm


def _run(folder: str) -> tuple[float, ...]:
    made = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"NUMBA_CACHE_DIR": folder},
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(map(float, made.stdout.split()))


def compile_table() -> str:
    """One line each for cold and warm."""
    number, cold, warm = compile_times_s()
    return (
        f"First call of all {number} kernels, numba imported\n"
        f"  compiled anew{cold:>40.2f} s\n  from the files{warm:>39.2f} s"
    )
