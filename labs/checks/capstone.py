"""Exercises of the lab Black Friday week."""

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import lru_cache

from scalelab.course.chapters.capstone.contract import (
    FRESH,
    LEAST_KEPT,
    SEEN,
    draw_weeks,
    judge,
)
from scalelab.course.chapters.capstone.plan import ShopPlan
from scalelab.course.chapters.capstone.rivals import BEST, BUDGET_USD, INHERITED
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import Data, Number
from scalelab.course.values import NotThatError, unwrapped
from scalelab.in_browser import in_browser
from scalelab.quantities import number, quantity
from scalelab.real.limits import TheirError, call

lab = Lab("capstone")

TICK_S = 60.0 if in_browser() else 10.0
FEWER = 5 if in_browser() else 20  # fresh weeks
SETS = {
    "the weeks that you see": SEEN[:FEWER],
    "fresh weeks": FRESH[:FEWER],
    "other fresh weeks": range(200, 200 + FEWER),
}

# Task 1: the grade ----------------------------------------------------------------------------

grade = lab.exercise(
    "grade",
    "The grade",
    Number(),
    why="A contract is kept week by week. A mean over weeks, or over promises, hides the bad one.",
    hint="For one week: are all four promises kept? Then count such weeks.",
    hints=(
        "A week is kept if available is at least its limit and the three others are at most "
        "theirs, all at once.",
        "sum(1 for week in weeks if kept(week)) / len(weeks), with kept as a function of its own.",
    ),
    explanation=(
        "A week that loses one write too many and is fast does not make up for a slow one. With "
        "the mean a plan could break the contract in each week, a different promise every time, "
        "and look well. What is asked of single weeks has to be counted by weeks."
    ),
)

LIMITS = {"available": 0.999, "slow": 0.01, "stale": 0.001, "lost": 1.0}


def drawn_weeks(rng, count):
    return [
        {
            "available": round(1 - float(rng.choice([0.0002, 0.0008, 0.001, 0.0013])), 4),
            "slow": float(rng.choice([0.002, 0.009, 0.01, 0.011])),
            "stale": float(rng.choice([0.0, 0.0004, 0.001, 0.0012])),
            "lost": float(rng.choice([0.0, 0.5, 1.0, 2.0])),
        }
        for _ in range(count)
    ]


@grade.ask
def ask_grade(rng):
    return drawn_weeks(rng, int(rng.integers(2, 7))), LIMITS


@grade.ask_widely
def ask_grade_widely(rng):
    limits = {
        "available": float(rng.choice([0.99, 0.999])),
        "slow": float(rng.choice([0.005, 0.01])),
        "stale": float(rng.choice([0.0, 0.001])),
        "lost": float(rng.choice([0.0, 1.0])),
    }
    return drawn_weeks(rng, int(rng.integers(1, 40))), limits


FINE = {"available": 0.9995, "slow": 0.002, "stale": 0.0, "lost": 0.0}


@grade.edges
def grade_edges():
    return {
        "a good week and one with stale reads": ([FINE, FINE | {"stale": 0.002}], LIMITS),
        "exactly at all limits": ([dict(LIMITS)], LIMITS),
        "another promise broken each week": (
            [
                FINE | {"available": 0.9985},
                FINE | {"slow": 0.012},
                FINE | {"stale": 0.0011},
                FINE | {"lost": 2.0},
            ],
            LIMITS,
        ),
        "one week breaks all, three break none": (
            [{"available": 0.9, "slow": 0.2, "stale": 0.1, "lost": 90.0}, FINE, FINE, FINE],
            LIMITS,
        ),
        "good on average": ([FINE | {"lost": 1.5}, FINE, FINE], LIMITS),
        "one week": ([FINE], LIMITS),
    }


@grade.words
def grade_in_words(weeks, limits):
    return f"weeks={weeks}, limits={limits}" if len(weeks) < 3 else f"{len(weeks)} weeks"


def kept(week, limits):
    return week["available"] >= limits["available"] and all(
        week[promise] <= limits[promise] for promise in ("slow", "stale", "lost")
    )


@grade.solve
def share_kept(weeks, limits):
    """Ask each week for all four promises at once, and count the weeks that kept them.

    Available has to be at least its limit, the three others at most theirs; at the limit the
    promise is kept.
    """

    def is_kept(week):
        if week["available"] < limits["available"]:
            return False
        return all(week[promise] <= limits[promise] for promise in ("slow", "stale", "lost"))

    return sum(is_kept(week) for week in weeks) / len(weeks)


@grade.solve_otherwise
def share_kept(weeks, limits):
    """Count the weeks that broke something and take them off."""
    broke = 0
    for week in weeks:
        for promise, limit in limits.items():
            sign = -1 if promise == "available" else 1
            if sign * week[promise] > sign * limit:
                broke += 1
                break
    return 1 - broke / len(weeks)


@grade.misread("At the limit a promise is kept: at least 99.9 % is 99.9 %, too.")
def strictly(weeks, limits):
    good = [
        week["available"] > limits["available"]
        and all(week[promise] < limits[promise] for promise in ("slow", "stale", "lost"))
        for week in weeks
    ]
    return sum(good) / len(good)


@grade.misread("Asked for is the share of the weeks, not of the promises: one broken is enough.")
def promises_kept(weeks, limits):
    good = [
        (week[promise] >= limit) if promise == "available" else (week[promise] <= limit)
        for week in weeks
        for promise, limit in limits.items()
    ]
    return sum(good) / len(good)


@grade.misread("You judge the means of all weeks. A bad week hides behind good ones.")
def of_the_means(weeks, limits):
    means = {promise: sum(week[promise] for week in weeks) / len(weeks) for promise in limits}
    return float(kept(means, limits))


@grade.misread("You judge the worst marks of all weeks together. Asked for is how many weeks.")
def of_the_worst(weeks, limits):
    return float(all(kept(week, limits) for week in weeks))


@grade.misread("More is better for `available` and worse for the others: you turn it round.")
def turned_round(weeks, limits):
    good = [all(week[promise] <= limit for promise, limit in limits.items()) for week in weeks]
    return sum(good) / len(good)


@grade.misread("That is the share of the weeks that broke it.")
def share_broken(weeks, limits):
    return 1 - sum(kept(week, limits) for week in weeks) / len(weeks)


@grade.misread("A share is from 0 to 1. You return the number of weeks.")
def number_kept(weeks, limits):
    return float(sum(kept(week, limits) for week in weeks))


# Tasks 2 and 3: plans -------------------------------------------------------------------------

GOOD = {field.name: getattr(BEST, field.name) for field in fields(ShopPlan)}
PLAN_FIELDS = tuple(field.name for field in fields(ShopPlan))


@lru_cache(maxsize=8)
def weeks_of(name):
    return draw_weeks(SETS[name], TICK_S)


@lru_cache(maxsize=200)
def judged(plan, name):
    return judge(plan, weeks_of(name))


def plan_of(answer, base, asked):
    """Read what a learner's function gives as a plan: a ShopPlan, or a dictionary of changes."""
    value = call(answer)
    if value is ...:
        return ...
    if isinstance(value, ShopPlan):
        return value
    if not isinstance(value, Mapping):
        why = "Nothing came back: the result is None; `return` hands the value over."
        why = why if value is None else "Return a dictionary such as {'fill': 'primary'}."
        raise NotThatError(asked, value, why)
    given = {name: unwrapped(each) for name, each in value.items()}
    if any(each is ... for each in given.values()):
        return ...
    unknown = [name for name in given if name not in PLAN_FIELDS]
    if unknown:
        raise NotThatError(asked, value, f"A plan has no {unknown[0]!r}: {', '.join(PLAN_FIELDS)}.")
    try:
        return replace(base, **given)
    except (ValueError, TypeError) as wrong:
        raise NotThatError(asked, value, f"{wrong}.") from None


def report(plan, name):
    if plan is ...:
        return ...
    found = judged(plan, name)
    worst = found.worst
    return {
        "kept": found.kept,
        "usd": found.usd,
        "broke": found.broke,
        "stale": worst.stale,
        "lost": worst.lost,
        "available": worst.available,
        "slow": worst.slow,
        "fill": plan.fill,
        "replicas": plan.replicas,
        "sync": plan.sync_replicas,
        "shed": plan.shed_s is not None,
        "retries": plan.retries,
        "friday": plan.friday,
        "cache": plan.cache,
        "same": plan == INHERITED,
    }


def in_short(got):
    broke = ", ".join(f"{promise} in {weeks}" for promise, weeks in got["broke"].items())
    kept_ = f"kept in {quantity(100 * got['kept'], '%')} of the weeks"
    return f"{kept_}{f' (broken: {broke})' if broke else ''}, ${number(round(got['usd']))} a month"


def fault_of(got, most_usd, exercise, why):
    """Look at a report: the contract first, then the money."""
    if not isinstance(got, dict) or "kept" not in got:
        return Fault("a plan", "none")
    if got["kept"] >= LEAST_KEPT and got["usd"] <= most_usd:
        return None
    asked = f"kept in {quantity(100 * LEAST_KEPT, '%')} of the weeks or more, at most "
    return Fault(f"{asked}${number(round(most_usd))} a month", in_short(got), why(got, exercise))


repair = lab.exercise(
    "repair",
    "Whole before cheap",
    Data("a plan"),
    why="A system far too large breaks the contract all the same: size does not mend what is "
    "decided wrongly.",
    hint="Which promise is broken, and which decision makes it so? Look at the table of the marks.",
    hints=(
        "Stale reads come from lagging replicas, and the cache keeps what it got from them. "
        "Where else could a miss read?",
        "Acknowledged writes are lost that no replica had when the primary went. Who should have "
        "a write before it is acknowledged? And how many replicas may be away then?",
        "The share of errors on any day is half of what availability may lose. Who could try "
        "again without the client's seeing it?",
    ),
    explanation=(
        "The cache multiplied what the replicas showed late, and more or larger replicas would "
        "only shorten the lag. An acknowledgement that waits for one of them ends the loss. "
        "Neither needed a single core; both were decisions."
    ),
)


@repair.ask
def ask_repair(rng):
    return ("fresh weeks",)


@repair.ask_widely
def ask_repair_widely(rng):
    return (str(rng.choice(list(SETS))),)


@repair.edges
def repair_edges():
    return {"the weeks that you see": ("the weeks that you see",)}


@repair.words
def repair_in_words(weeks):
    return weeks


@repair.run
def run_repair(answer, weeks):
    return report(plan_of(answer, INHERITED, "changes to the inherited plan"), weeks)


def why_repair(got, exercise):
    if got["same"]:
        return exercise.meaning("as_it_was")
    if "stale" in got["broke"]:
        ways = {0: "without_the_cache", None: "only_synchronous"}
        return exercise.meaning(ways[0] if not got["cache"] else ways[None])
    if "lost" in got["broke"]:
        return exercise.meaning("only_the_fill" if got["replicas"] else "without_replicas")
    if got["kept"] >= LEAST_KEPT:
        return exercise.meaning("still_larger")
    return exercise.meaning("all_must_have_it")


@repair.judge
def judge_repair(got, weeks):
    return fault_of(got, judged(INHERITED, weeks).usd, repair, why_repair)


@repair.solve
def changes():
    """Fill from the primary, and acknowledge a write when one replica has it.

    Stale reads come from replicas by way of the cache; the primary has none. One of five replicas
    may be slow or away without anybody's waiting for it.
    """
    return {"fill": "primary", "sync_replicas": 1}


@repair.solve_otherwise
def changes():
    """Keep two of the replicas, for which nothing is left to do but to stand by."""
    return {"fill": "primary", "sync_replicas": 1, "replicas": 2, "retries": 1}


@repair.misread("Nothing is changed, and the contract is broken in every week.")
def as_it_was():
    return {}


@repair.misread(
    "Writes are safe now. Reads are as stale as before: a replica that has the log of a write has "
    "not applied it yet, and the cache keeps what it was given."
)
def only_synchronous():
    return {"sync_replicas": 1}


@repair.misread(
    "Reads are fresh now. Writes that were acknowledged are still lost with the primary: nobody "
    "else had to have them."
)
def only_the_fill():
    return {"fill": "primary"}


@repair.misread(
    "Without a cache the replicas' lag is no longer multiplied, but it is still there: that many "
    "reads come to a replica that is behind."
)
def without_the_cache():
    return {"cache": 0, "sync_replicas": 1}


@repair.misread(
    "Without a replica nothing is stale. When the primary goes, all since the last backup goes "
    "with it."
)
def without_replicas():
    return {"replicas": 0, "sync_replicas": 0}


@repair.misread(
    "Whoever waits for every replica waits for the slowest, and while one is away nobody can write."
)
def all_must_have_it():
    return {"fill": "primary", "replicas": 2, "sync_replicas": 2}


@repair.misread("The contract is kept, and the shop costs even more than before. It need not.")
def still_larger():
    return {"fill": "primary", "sync_replicas": 1, "minimum": 120, "maximum": 120}


cheaper = lab.exercise(
    "cheaper",
    "Within the budget",
    Data("a plan"),
    why="A plan has to hold in weeks that nobody has seen, not in those that it was made for.",
    hint="Which promise is broken, in how many weeks? Turn one decision at a time.",
    hints=(
        "The database is dear: each core is paid for on every node. A larger cache leaves it "
        "fewer misses; each further replica has to be worth its price.",
        "Servers take three minutes to start, and the crowd is there in four to eight. What is "
        "known of Friday beforehand? How much more than the wave needs should run at other times?",
        "Who refuses early keeps the line short, so that those who are served are served in "
        "time. A single retry hides the errors of any day; more of them feed an overload.",
    ),
    explanation=(
        "A plan chosen on a few weeks fits these: the worst of twenty is worse than the worst of "
        "ten. Leave some room in what the weeks differ by, the height and the hour of the crowd, "
        "and none in what is the same in all of them."
    ),
)


@cheaper.ask
def ask_cheaper(rng):
    return ("fresh weeks",)


@cheaper.ask_widely
def ask_cheaper_widely(rng):
    return ("fresh weeks",)


@cheaper.edges
def cheaper_edges():
    return {"the weeks that you see": ("the weeks that you see",)}


@cheaper.words
def cheaper_in_words(weeks):
    return weeks


@cheaper.run
def run_cheaper(answer, weeks):
    return report(plan_of(answer, ShopPlan(), "a plan"), weeks)


def entry_of(answer, base=None):
    """Return the learner's plan, or None while the stub is still there or is no plan."""
    try:
        found = plan_of(answer, ShopPlan() if base is None else base, "a plan")
    except (NotThatError, TheirError):
        return None
    return None if found is ... else found


def why_cheaper(got, exercise):
    if got["kept"] >= LEAST_KEPT:
        return exercise.meaning("too_dear")
    if "stale" in got["broke"]:
        return exercise.meaning("from_replicas")
    if "lost" in got["broke"]:
        return exercise.meaning("unsafe")
    if not got["friday"]:
        return exercise.meaning("by_the_load_alone")
    if not got["shed"]:
        return exercise.meaning("everybody_waits")
    if not got["retries"]:
        return exercise.meaning("errors_come_through")
    if got["sync"] >= got["replicas"]:
        return exercise.meaning("one_replica")
    return exercise.meaning("too_small")


@cheaper.judge
def judge_cheaper(got, weeks):
    return fault_of(got, BUDGET_USD, cheaper, why_cheaper)


@cheaper.solve
def plan():
    """Leave the wave to the autoscaler and Friday to the calendar; size nodes for a cold cache.

    Misses read from the primary, so that nothing is stale; one of two replicas must have a write,
    so that nothing is lost while the other is away. Who would wait too long is refused, and one
    retry hides the errors of any day.
    """
    return {
        "minimum": 5,
        "maximum": 40,
        "target": 0.6,
        "friday": 24,
        "database_cores": 10,
        "replicas": 2,
        "sync_replicas": 1,
        "cache": 200_000,
        "fill": "primary",
        "retries": 1,
        "shed_s": 0.3,
    }


@cheaper.solve_otherwise
def plan():
    """Take a core more on each node, and fewer servers at night."""
    return {
        "minimum": 4,
        "maximum": 60,
        "target": 0.55,
        "friday": 24,
        "database_cores": 11,
        "replicas": 2,
        "sync_replicas": 1,
        "cache": 200_000,
        "fill": "primary",
        "retries": 1,
        "shed_s": 0.3,
    }


@cheaper.misread("The contract is kept, for more than the budget: look where the dollars go.")
def too_dear():
    return GOOD | {"database_cores": 16, "friday": 30}


@cheaper.misread(
    "Misses read from a replica that is behind, and the cache keeps what they got: that many "
    "reads are stale."
)
def from_replicas():
    return GOOD | {"fill": "replica"}


@cheaper.misread(
    "Writes are acknowledged before another node has them, and some go with the primary."
)
def unsafe():
    return GOOD | {"sync_replicas": 0}


@cheaper.misread(
    "A crowd comes in minutes and a server in three: who waits for the load to rise is late. "
    "Friday is in the calendar."
)
def by_the_load_alone():
    return GOOD | {"friday": 0}


@cheaper.misread(
    "Whoever comes into a long line leaves before it is his turn, asks again, and is served in "
    "vain. The line needs a limit."
)
def everybody_waits():
    return GOOD | {"shed_s": None}


@cheaper.misread(
    "The errors of any day use up half of what availability may lose, and little is left for "
    "Friday."
)
def errors_come_through():
    return GOOD | {"retries": 0}


@cheaper.misread(
    "While one replica is away there are fewer than must acknowledge, so nobody can write: for "
    "half an hour after each failure."
)
def one_replica():
    return GOOD | {"replicas": 1}


@cheaper.misread(
    "The decisions are right and the sizes are not: servers or cores are too few for a large "
    "crowd, or for the minutes in which the cache is cold."
)
def too_small():
    return GOOD | {"friday": 10}
