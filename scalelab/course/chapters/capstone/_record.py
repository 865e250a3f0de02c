"""Search for good plans, and record what the lab's page shows of the best and of others.

The best was found by hand, from where the search had ended. Run this module to write the file anew.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from scalelab.course.chapters.capstone.contract import FRESH, Judgement, draw_weeks, judge
from scalelab.course.chapters.capstone.plan import KEYS, ShopPlan
from scalelab.course.chapters.capstone.recorded import FILE, MARKS
from scalelab.course.chapters.capstone.rivals import BEST, naive_plans
from scalelab.course.chapters.capstone.weeks import Week

TICK_S = 10.0
SEARCHED = range(20, 50)  # seeds that the search judges by
FURTHER = range(400, 440)  # seeds that nobody chose a plan by
NEIGHBOURS = 40  # of the best plan, at random


SPACE: dict[str, tuple[Any, ...]] = {
    "minimum": (3, 4, 5, 6, 8, 10),
    "maximum": (20, 30, 40, 60),
    "target": (0.4, 0.5, 0.55, 0.6, 0.65, 0.7),
    "friday": (0, 12, 16, 18, 20, 22, 24, 30),
    "database_cores": (4, 6, 7, 8, 9, 10, 12, 16, 32),
    "replicas": (0, 1, 2, 3),
    "sync_replicas": (0, 1, 2),
    "cache": (0, 10_000, 40_000, 70_000, 100_000, 150_000, 200_000),
    "ttl_s": (10.0, 60.0, 600.0, None),
    "fill": ("replica", "primary"),
    "retries": (0, 1, 2),
    "shed_s": (None, 0.1, 0.3, 0.6),
}


def turned(plan: ShopPlan = BEST) -> dict[str, ShopPlan]:
    """Return a plan with one switch turned, by what was turned."""
    return {
        "fill from a replica": replace(plan, fill="replica"),
        "fill from a replica, six cores": replace(plan, fill="replica", database_cores=6),
        "a lifetime of 60 s": replace(plan, ttl_s=60.0),
        "no cache": replace(plan, cache=0),
        "a cache of 40,000": replace(plan, cache=40_000),
        "a cache of 150,000": replace(plan, cache=150_000),
        "asynchronous": replace(plan, sync_replicas=0),
        "asynchronous, one replica": replace(plan, sync_replicas=0, replicas=1),
        "both replicas must acknowledge": replace(plan, sync_replicas=2),
        "one replica": replace(plan, replicas=1),
        "three replicas": replace(plan, replicas=3),
        "no shedding": replace(plan, shed_s=None),
        "shedding above 50 ms": replace(plan, shed_s=0.05),
        "no retry": replace(plan, retries=0),
        "two retries": replace(plan, retries=2),
        "no schedule": replace(plan, friday=0),
        "no autoscaler": replace(plan, target=None),
        "one core less": replace(plan, database_cores=plan.database_cores - 1),
        "two cores less": replace(plan, database_cores=plan.database_cores - 2),
        "two cores more": replace(plan, database_cores=plan.database_cores + 2),
    }


def indifferent(plan: ShopPlan = BEST) -> dict[str, ShopPlan]:
    """Return a plan with a switch turned that hardly matters, by what was turned."""
    return {
        "shedding above 100 ms": replace(plan, shed_s=0.1),
        "shedding above 600 ms": replace(plan, shed_s=0.6),
    }


def neighbour(plan: ShopPlan, *, rng: np.random.Generator) -> ShopPlan:
    """Change one, two or three decisions of a plan at random, to what can be."""
    while True:
        names = rng.choice(list(SPACE), rng.integers(1, 4), replace=False)
        changes = {name: SPACE[name][rng.integers(len(SPACE[name]))] for name in names}
        try:
            return replace(plan, **changes)
        except ValueError:  # such as more servers at least than at most
            continue


def starts() -> dict[str, ShopPlan]:
    """Return plans that the search begins at, by what they are: the best, and two far from it."""
    naive = naive_plans()
    return {
        "the best so far": BEST,
        "the last naive plan": naive["all of that, two replicas, 30 on Friday"],
        "more of everything": ShopPlan(
            minimum=10,
            maximum=60,
            target=0.4,
            friday=30,
            database_cores=16,
            replicas=3,
            sync_replicas=2,
            cache=KEYS,
            fill="primary",
            retries=2,
            shed_s=0.6,
        ),
    }


def descend(plan: ShopPlan, weeks: list[Week], tried: dict[ShopPlan, float]) -> ShopPlan:
    """Go through the decisions one by one, keep what is better, and begin anew until nothing is.

    A week in a hundred that breaks the contract is worth a thousand dollars. What a plan is worth
    goes into `tried`, in which no plan is judged twice.
    """

    def badness(some: ShopPlan) -> float:
        if some not in tried:
            found = judge(some, weeks)
            tried[some] = (1 - found.kept) * 100_000 + found.usd
        return tried[some]

    before = None
    while plan != before:
        before = plan
        for name, options in SPACE.items():
            for option in options:
                try:
                    other = replace(plan, **{name: option})
                except ValueError:  # such as more servers at least than at most
                    continue
                plan = min(plan, other, key=badness)
    return plan


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


def plans() -> Iterable[tuple[str, str, ShopPlan]]:
    """Return all plans that are recorded, with group and name."""
    rng = np.random.default_rng(1)
    yield "best", "the best found", BEST
    groups = {"naive": naive_plans(), "turned": turned(), "indifferent": indifferent()}
    for group, named in groups.items():
        for name, plan in named.items():
            yield group, name, plan
    for number in range(NEIGHBOURS):
        yield "searched", f"neighbour {number + 1}", neighbour(BEST, rng=rng)


def search() -> None:
    """Descend from each start, and judge what is found on the fresh weeks."""
    tried: dict[ShopPlan, float] = {}
    weeks, fresh = draw_weeks(SEARCHED, 30.0), draw_weeks(FRESH, TICK_S)
    for name, start in starts().items():
        found = descend(start, weeks, tried)
        row = row_of(f"{len(tried)} plans tried", name, judge(found, fresh))
        sys.stdout.write(f"{row}\n{tried[found]:.0f} {found}\n")
        sys.stdout.flush()


def main() -> None:
    """Judge every plan on the fresh weeks and write the file; ``search`` looks for a better one.

    The best was chosen on the fresh weeks, so that it is judged on further ones as well.
    """
    if sys.argv[1:] == ["search"]:
        search()
        return
    weeks = draw_weeks(FRESH, TICK_S)
    rows = []
    for group, name, plan in plans():
        rows.append(row_of(group, name, judge(plan, weeks)))
        sys.stdout.write(f"{rows[-1]}\n")
        sys.stdout.flush()
    further = judge(BEST, draw_weeks(FURTHER, TICK_S))
    rows.append(row_of("further", f"the best found, on {len(FURTHER)} further weeks", further))
    with FILE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
