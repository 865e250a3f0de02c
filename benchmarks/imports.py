"""What an import costs, in fresh interpreters, side by side with numpy's."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

MODULES = ("numpy", "scalelab", "scalelab.models.erlang", "scalelab.sim.pool", "pandas")
HIGHEST_RATIO = 1.1  # of `import scalelab` to `import numpy`
ROUNDS = 7


def import_times() -> dict[str, float]:
    """Median seconds from starting an interpreter to its end, for each module."""
    seconds: dict[str, list[float]] = {module: [] for module in MODULES}
    for _ in range(ROUNDS):
        for module in MODULES:
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
            seconds[module].append(time.perf_counter() - start)
    return {module: statistics.median(times) for module, times in seconds.items()}


def import_table(seconds: dict[str, float]) -> str:
    """One line per module, and its ratio to numpy."""
    lines = [f"Imports in a fresh interpreter, which starts with it{'seconds':>12}{'÷ numpy':>9}"]
    lines += [
        f"  import {module:43}{time_s:>12.3f}{time_s / seconds['numpy']:>9.2f}"
        for module, time_s in seconds.items()
    ]
    return "\n".join(lines)
