"""Time every case, print the tables, and keep them for the book's page on speed."""

from __future__ import annotations

import csv
import importlib.metadata
import os
import platform
import statistics
import sys
from pathlib import Path

from benchmarks import caching, fleets, placement, pooling, quorums
from benchmarks.compiling import compile_rows
from benchmarks.growth import rows
from benchmarks.imports import HIGHEST_RATIO, import_table, import_times
from benchmarks.rounds import ROUNDS, Case, table, timed
from scalelab.quantities import number

MODULES = (pooling, caching, placement, quorums, fleets)  # each with cases()
PACKAGES = ("numpy", "numba", "simpy", "ciw", "libcachesim", "cachetools", "lru-dict", "uhashring")
REFERENCE = Path(__file__).resolve().parents[1] / "book" / "reference"


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


def lines(case: Case, rates: dict[str, list[float]]) -> list[dict[str, str]]:
    """Return what the book shows of a case: one line for each contender."""
    first = rates[case.contenders[0].name]
    return [
        {
            "job": case.title,
            "who": contender.name,
            "million": number(statistics.median(rates[contender.name]) / 1e6, 3),
            "ratio": number(_ratio(first, rates[contender.name]), 3),
        }
        for contender in case.contenders
    ]


def _ratio(first: list[float], own: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(first, own, strict=True))


def keep(name: str, found: list[dict[str, str]]) -> None:
    """Write lines to a file that the book reads."""
    with (REFERENCE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


def main() -> int:
    """Run everything; 1 where the package takes too long to import."""
    print(machine())
    print(f"Medians of {ROUNDS} interleaved rounds; contenders find the same, or none is timed.")
    speed: list[dict[str, str]] = []
    for module in MODULES:
        for case in module.cases():
            rates = timed(case)
            print(f"\n{table(case, rates)}", flush=True)
            speed += lines(case, rates)
    keep("speed.csv", speed)
    compiling = compile_rows()
    print("\nFirst call of every kernel: all, and each")
    for row in compiling:
        print("  " + "  ".join(row.values()))
    keep("compile.csv", compiling)
    print("\nCost against size: simulator, n, ns an item, bytes an item, GiB with its input")
    cost = []
    for row in rows():
        print("  " + "  ".join(row.values()), flush=True)
        cost.append(row)
    keep("cost.csv", cost)
    (REFERENCE / "speed_machine.txt").write_text(machine() + "\n", encoding="utf-8")
    seconds = import_times()
    print(f"\n{import_table(seconds)}")
    ratio = seconds["scalelab"] / seconds["numpy"]
    if ratio > HIGHEST_RATIO:
        print(f"import scalelab takes {ratio:.2f} times import numpy; at most {HIGHEST_RATIO}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
