"""Record what the lab's page shows of other plans: run this module to write the file anew."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable

import numpy as np

from scalelab.course.chapters.capstone.contract import FRESH, Judgement, draw_weeks, judge
from scalelab.course.chapters.capstone.plan import Plan
from scalelab.course.chapters.capstone.recorded import FILE, MARKS
from scalelab.course.chapters.capstone.rivals import BEST, naive_plans, neighbour, turned

TICK_S = 10.0
NEIGHBOURS = 40  # of the best plan, at random: what the search met on its way


def row_of(group: str, name: str, judgement: Judgement) -> dict[str, object]:
    """Return a line of the file."""
    worst = judgement.worst
    marks = (
        round(judgement.kept, 3),
        round(worst.available, 6),
        round(worst.slow, 6),
        round(worst.stale, 6),
        round(worst.lost, 1),
        round(judgement.usd),
    )
    return {"group": group, "name": name, **dict(zip(MARKS, marks, strict=True))} | {
        "broke": ", ".join(f"{promise} {weeks}×" for promise, weeks in judgement.broke.items())
    }


def plans() -> Iterable[tuple[str, str, Plan]]:
    """Return all plans that are recorded, with group and name."""
    rng = np.random.default_rng(1)
    yield "best", "the best found", BEST
    for group, named in (("naive", naive_plans()), ("turned", turned())):
        for name, plan in named.items():
            yield group, name, plan
    for number in range(NEIGHBOURS):
        yield "searched", f"neighbour {number + 1}", neighbour(BEST, rng=rng)


def main() -> None:
    """Judge every plan on the fresh weeks and write the file."""
    weeks = draw_weeks(FRESH, TICK_S)
    rows = []
    for group, name, plan in plans():
        rows.append(row_of(group, name, judge(plan, weeks)))
        sys.stdout.write(f"{rows[-1]}\n")
        sys.stdout.flush()
    with FILE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
