"""Time every case, print one table each, and fail where results or imports are not as promised."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys

from benchmarks import caching, pooling
from benchmarks.imports import HIGHEST_RATIO, import_table, import_times
from benchmarks.rounds import ROUNDS, table, timed

MODULES = (pooling, caching)  # each with cases()
PACKAGES = ("numpy", "numba", "simpy", "ciw", "libcachesim", "cachetools", "lru-dict")


def machine() -> str:
    """Name what the numbers were measured on."""
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"no {package}")
    cores = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    return f"{cores}; Python {platform.python_version()}, {', '.join(versions)}"


def main() -> int:
    """Run everything; 1 where the package takes too long to import."""
    print(machine())
    print(f"Medians of {ROUNDS} interleaved rounds; contenders find the same, or none is timed.")
    for module in MODULES:
        for case in module.cases():
            print(f"\n{table(case, timed(case))}", flush=True)
    seconds = import_times()
    print(f"\n{import_table(seconds)}")
    ratio = seconds["scalelab"] / seconds["numpy"]
    if ratio > HIGHEST_RATIO:
        print(f"import scalelab takes {ratio:.2f} times import numpy; at most {HIGHEST_RATIO}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
