"""Exercises of the lab Black Friday week."""

import math
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from functools import lru_cache
from math import prod

import numpy as np

from scalelab.course.chapters.capstone.contract import (
    FRESH,
    LEAST_AVAILABLE,
    LEAST_KEPT,
    MOST_LOST,
    MOST_SLOW,
    MOST_STALE,
    PROMISES,
    SEEN,
    draw_weeks,
    judge,
)
from scalelab.course.chapters.capstone.own import (
    OwnCode,
    measure_cache,
    measure_router,
    policy_maker,
    remembers,
)
from scalelab.course.chapters.capstone.plan import (
    APP_S,
    CORES,
    KEYS,
    ShopPlan,
    gateway_of,
    system_of,
)
from scalelab.course.chapters.capstone.rivals import BEST, BUDGET_USD, INHERITED
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.examine import UnansweredError
from scalelab.course.kinds import Data, Number
from scalelab.course.page import note, table
from scalelab.course.values import NotThatError, unwrapped
from scalelab.in_browser import in_browser
from scalelab.quantities import number, quantity
from scalelab.real.limits import OutOfTimeError, OverLimitError, TheirError, call, limits

lab = Lab("capstone")

TICK_S = 60.0 if in_browser() else 10.0
FEWER = 5 if in_browser() else 20  # fresh weeks
ONE = "a week by itself"
SETS = {
    "the weeks that you see": SEEN[:FEWER],
    "fresh weeks": FRESH[:FEWER],
    "other fresh weeks": range(200, 200 + FEWER),
    ONE: SEEN[1:2],
}

# Task 1: the grade ----------------------------------------------------------------------------

grade = lab.exercise(
    "grade",
    "The grade",
    Number(),
    why="A contract is kept week by week: a week counts if it keeps all four promises.",
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

LIMITS = {
    "available": LEAST_AVAILABLE,
    "slow": MOST_SLOW,
    "stale": MOST_STALE,
    "lost": MOST_LOST,
}


HAIR = 4e-6  # by so much some marks miss their limit


def drawn_weeks(rng, count):
    weeks = [
        {
            "available": 1 - float(rng.choice([0.0002, 0.0008, 0.001, 0.001 + HAIR, 0.002])),
            "slow": float(rng.choice([0.002, 0.009, 0.01, 0.01 + HAIR, 0.02])),
            "stale": float(rng.choice([0.0, 0.0004, 0.001, 0.001 + HAIR, 0.002])),
            "lost": float(rng.choice([0.0, 0.5, 1.0, 1.0 + HAIR, 2.0])),
        }
        for _ in range(count)
    ]
    order = rng.permutation(PROMISES)
    return [{str(name): round(week[name], 6) for name in order} for week in weeks]


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
    # each week an object of its own: what an answer does to one is not done to the others
    named = _grade_edges().items()
    return {name: ([dict(week) for week in weeks], limits) for name, (weeks, limits) in named}


def _grade_edges():
    return {
        "a good week and one with stale reads": ([FINE, FINE | {"stale": 0.002}], LIMITS),
        "exactly at all limits": ([dict(LIMITS)], LIMITS),
        "another promise broken each week": (
            [
                FINE | {"available": 0.998},
                FINE | {"slow": 0.02},
                FINE | {"stale": 0.002},
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
        "a hair beyond each limit": (
            [FINE | {"available": 0.999 - HAIR}]
            + [FINE | {name: LIMITS[name] + HAIR} for name in ("slow", "stale", "lost")]
            + [FINE],
            LIMITS,
        ),
        "a part of a write too many": ([FINE | {"lost": 1.3}, FINE], LIMITS),
        "one bad week of forty": ([FINE] * 39 + [FINE | {"slow": 0.02}], LIMITS),
        "a bad week between good ones": (
            [FINE, FINE | {"lost": 3.0}, FINE | {"slow": 0.001}],
            LIMITS,
        ),
        "some lost in each week": ([FINE | {"lost": 0.8}] * 3, LIMITS),
        "the promises in another order": (
            [dict(reversed((FINE | {"stale": 0.0008}).items())), dict(reversed(FINE.items()))],
            LIMITS,
        ),
        "the limits in another order": ([FINE, FINE], dict(reversed(LIMITS.items()))),
        "other limits": (
            [FINE | {"slow": 0.008}, FINE],
            {"available": 0.99, "slow": 0.005, "stale": 0.0005, "lost": 0.0},
        ),
    }


@grade.words
def grade_in_words(weeks, limits):
    return f"weeks={weeks}, limits={limits}" if len(weeks) < 3 else f"{len(weeks)} weeks"


@grade.otherwise
def grade_otherwise(got, weeks, limits):
    whole = sum(kept(week, limits) for week in weeks)
    return f"Weeks that keep all four promises here: {whole} of {len(weeks)}. {grade.why}"


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


@grade.misread(
    "One broken week makes it 0. Do you judge all weeks at once, or does `//` cut off what is "
    "behind the point? Asked for is how many of the weeks."
)
def all_or_nothing(weeks, limits):
    return float(all(kept(week, limits) for week in weeks))


@grade.misread("One week decides: you return in the loop, before the other weeks have been asked.")
def of_the_first(weeks, limits):
    return float(kept(weeks[0], limits))


@grade.misread("One promise that is kept is not enough: a week has to keep all four at once.")
def any_promise(weeks, limits):
    good = [
        week["available"] >= limits["available"]
        or any(week[promise] <= limits[promise] for promise in ("slow", "stale", "lost"))
        for week in weeks
    ]
    return sum(good) / len(good)


@grade.misread("The limits come as the second argument. Yours are those of the table on the page.")
def with_the_limits_of_the_page(weeks, limits):
    return sum(kept(week, LIMITS) for week in weeks) / len(weeks)


@grade.misread("A share is from 0 to 1. You return it in per cent.")
def in_per_cent(weeks, limits):
    return 100 * sum(kept(week, limits) for week in weeks) / len(weeks)


@grade.misread("There are as many weeks as come in, `len(weeks)`, and not always ten.")
def of_ten(weeks, limits):
    return sum(kept(week, limits) for week in weeks) / 10


def without(promise):
    @grade.misread(f"You do not look at `{promise}`: a week has to keep all four promises.")
    def three_promises(weeks, limits):
        never = {promise: 0.0 if promise == "available" else float("inf")}
        return sum(kept(week, limits | never) for week in weeks) / len(weeks)


def strict_in(promise):
    @grade.misread(f"At its limit `{promise}` is kept, like the other promises.")
    def one_strictly(weeks, limits):
        good = [kept(w, limits) and w[promise] != limits[promise] for w in weeks]
        return sum(good) / len(good)


def loose_in(promise):
    @grade.misread(
        f"`{promise}` is broken by the smallest bit past its limit: do not round it, do not cut "
        "it, and add nothing to the limit."
    )
    def one_loosely(weeks, limits):
        return share_kept(weeks, limits | loosened(limits, promise))


def loosened(limits, promise):
    part = {"available": -1e-5, "lost": 0.4}.get(promise, 0.05)
    return {promise: limits[promise] * (1 + part)}


for each_promise in PROMISES:
    without(each_promise)
    strict_in(each_promise)
    loose_in(each_promise)


@grade.misread("A promise is broken by the smallest bit past its limit: compare as it is.")
def all_loosely(weeks, limits):
    for promise in PROMISES:
        limits = limits | loosened(limits, promise)
    return share_kept(weeks, limits)


@grade.misread(
    "`slow`, `stale` and `lost` are broken by the smallest bit past their limits: add nothing to "
    "these, and round nothing."
)
def three_loosely(weeks, limits):
    for promise in ("slow", "stale", "lost"):
        limits = limits | loosened(limits, promise)
    return share_kept(weeks, limits)


@grade.misread("Marks and limits have names, and come in any order: take each by its name.")
def by_position(weeks, limits):
    named = [dict(zip(PROMISES, week.values(), strict=True)) for week in weeks]
    return share_kept(named, dict(zip(PROMISES, limits.values(), strict=True)))


@grade.misread("The share itself is asked for. Whether it is enough is a question of task 2.")
def enough_is_all(weeks, limits):
    share = share_kept(weeks, limits)
    return 1.0 if share >= LEAST_KEPT else share


@grade.misread("Each week may lose so many writes: do not add them up over the weeks.")
def lost_in_all_weeks(weeks, limits):
    whole = sum(week["lost"] for week in weeks) <= limits["lost"]
    return share_kept(weeks, limits) if whole else 0.0


@grade.misread("Each promise has a limit of its own: two of yours have changed places.")
def limits_exchanged(weeks, limits):
    return share_kept(weeks, limits | {"slow": limits["stale"], "stale": limits["slow"]})


@grade.misread("You ask the last week alone, or what is left of the loop after it.")
def of_the_last(weeks, limits):
    return float(kept(weeks[-1], limits))


@grade.misread("All weeks count: your loop ends before the last one.")
def without_the_last(weeks, limits):
    return sum(kept(week, limits) for week in weeks[:-1]) / len(weeks)


@grade.misread("One broken promise breaks the week: yours forgives one of the four.")
def forgiving_one(weeks, limits):
    broken = [
        sum(not kept(limits | {name: week[name]}, limits) for name in limits) for week in weeks
    ]
    return sum(each < 2 for each in broken) / len(weeks)


@grade.misread(
    "That adds something to each limit. A limit that is passed by the smallest bit is passed."
)
def with_a_thousandth(weeks, limits):
    wide = {
        name: limit + (-1e-3 if name == "available" else 1e-3) for name, limit in limits.items()
    }
    return share_kept(weeks, wide)


@grade.misread("More is better for `available` and worse for the others: you turn it round.")
def turned_round(weeks, limits):
    good = [all(week[promise] <= limit for promise, limit in limits.items()) for week in weeks]
    return sum(good) / len(good)


@grade.misread("The three others are at most their limits: you ask that they are at least.")
def all_at_least(weeks, limits):
    good = [all(week[promise] >= limit for promise, limit in limits.items()) for week in weeks]
    return sum(good) / len(good)


def shares_of_promises(weeks, limits):
    signs = {promise: 1 if promise == "available" else -1 for promise in limits}
    return [
        sum(sign * week[promise] >= sign * limits[promise] for week in weeks) / len(weeks)
        for promise, sign in signs.items()
    ]


@grade.misread("You count promise by promise. Another week may break each: go week by week.")
def worst_share(weeks, limits):
    return min(shares_of_promises(weeks, limits))


@grade.misread("Shares multiply only where promises break independently. Count the weeks instead.")
def product_of_shares(weeks, limits):
    return prod(shares_of_promises(weeks, limits))


@grade.misread("That is the number of the weeks that broke it, and not the share that kept it.")
def number_broken(weeks, limits):
    return float(sum(not kept(week, limits) for week in weeks))


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
    return plan_from(call(answer), base, asked)


def plan_from(value, base, asked):
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
        plan = replace(base, **given)
    except ValueError as wrong:
        raise NotThatError(asked, value, f"{wrong}.".removeprefix("ShopPlan: ")) from None
    if plan.friday > plan.maximum:
        why = f"friday must be <= maximum={plan.maximum}, got {plan.friday}: no more servers start."
        raise NotThatError(asked, value, why)
    return plan


def report(plan, name):
    if plan is ...:
        return ...
    return report_of(judged(plan, name), plan, name)


def report_of(found, plan, name):
    result = {"kept": found.kept, "usd": found.usd, "broke": found.broke}
    result |= {"worst": worst_weeks(found, name), "worst_week": worst_of(found, name)}
    return result | {"same": plan == INHERITED} | asdict(plan)


def worst_of(found, name):
    """Return the number of the week with the fewest requests answered."""
    return min(zip(SETS[name], found.weeks, strict=True), key=lambda each: each[1].available)[0]


def mark_in_words(promise, mark):
    return number(mark) if promise == "lost" else quantity(100 * mark, "%")


def worst_weeks(found, name):
    """Say of each broken promise in how many weeks, and which mark the worst week has."""
    lines = []
    for promise, weeks in found.broke.items():
        worst = getattr(found.worst, promise)
        number_of = next(
            seed
            for seed, week in zip(SETS[name], found.weeks, strict=True)
            if getattr(week, promise) == worst
        )
        mark, limit = (mark_in_words(promise, each) for each in (worst, LIMITS[promise]))
        least = "least" if promise == "available" else "most"
        lines.append(
            f"{promise}: broken in {weeks} of {len(found.weeks)} weeks; worst in week {number_of}: "
            f"{mark}, where at {least} {limit} is promised"
        )
    return "\n".join(lines)


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
    return Fault(
        f"{asked}${number(round(most_usd))} a month",
        in_short(got),
        why(got, exercise),
        story=got["worst"],
        sure=True,
    )


TIMEOUT_S = gateway_of(INHERITED).timeout_s
THOUSANDS = 1_000  # entries: fewer are meant to be thousands
MOST_TARGET, LEAST_SHED_S = 0.9, 0.05
MANY_SERVERS, MANY_CORES = 60, 32  # of which no week needs more


def too_few_left(got):
    """Whether nobody can write as soon as one replica is away, and somebody had to."""
    all_of_them = 0 < got["sync_replicas"] >= got["replicas"]
    return all_of_them and bool({"available", "lost"} & set(got["broke"]))


def weeks_in_words(weeks):
    return f"weeks {SETS[weeks][0]} to {SETS[weeks][-1]}"


repair = lab.exercise(
    "repair",
    "Whole before cheap",
    Data("a plan"),
    why="A system far too large breaks the contract all the same: size does not mend what is "
    "decided wrongly.",
    hint="Which promise is broken, and which decision makes it so? Two changes are enough.",
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
        "Two changes are enough. Neither needed a single core; both were decisions."
    ),
)


@repair.ask_widely
def ask_repair_widely(rng):
    return (str(rng.choice(list(SETS))),)


@repair.edges
def repair_edges():
    return {name: (name,) for name in ("the weeks that you see", "fresh weeks")}


repair.words(weeks_in_words)


@repair.run
def run_repair(answer, weeks):
    return report(plan_of(answer, INHERITED, "changes to the inherited plan"), weeks)


def why_repair(got, exercise):
    if got["same"]:
        return exercise.meaning("as_it_was")
    if got["kept"] >= LEAST_KEPT:
        return exercise.meaning("still_larger")
    if not got["replicas"]:
        return exercise.meaning("without_replicas")
    if too_few_left(got):
        return exercise.meaning("all_must_have_it")
    if "stale" in got["broke"]:
        return exercise.meaning(why_stale(got))
    if "lost" in got["broke"]:
        return exercise.meaning("only_the_fill")
    return exercise.meaning("made_too_small")


def why_stale(got):
    if not got["cache"]:
        return "without_the_cache"
    if got["sync_replicas"]:
        return "only_synchronous"
    more = got["minimum"] > INHERITED.minimum or got["maximum"] > INHERITED.maximum
    return "more_servers" if more else "neither"


@repair.judge
def judge_repair(got, weeks):
    return fault_of(got, judged(INHERITED, weeks).usd, repair, why_repair)


@repair.remark
def more_than_needed(got, weeks):
    changed = sum(got[name] != value for name, value in asdict(INHERITED).items())
    return f"You changed {changed} decisions, and two are enough." if changed > 2 else None


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
    "Acknowledged writes are safe now. Reads are still stale: a replica that has the log of a "
    "write has not applied it yet, and the cache keeps what it was given."
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
    "Without a cache every read goes to a replica, whatever `fill` says, and a replica is behind: "
    "that many reads are stale."
)
def without_the_cache():
    return {"cache": 0, "sync_replicas": 1}


@repair.misread(
    "More servers mend neither. Misses still read from replicas that are behind, and a write is "
    "still acknowledged before one of them has it."
)
def more_servers():
    return {"minimum": 120, "maximum": 120}


@repair.misread(
    "That mends neither: misses still read from replicas that are behind, and a write is still "
    "acknowledged before anybody else has to have it."
)
def neither():
    return {"database_cores": 80}


@repair.misread(
    "Without a replica nothing is stale. When the primary goes, all since the last backup goes "
    "with it."
)
def without_replicas():
    return {"replicas": 0, "sync_replicas": 0}


@repair.misread(
    "With one replica away too few are left to acknowledge, so nobody can write; if the primary "
    "goes in that time, `lost` is broken as well. Wait for fewer replicas, or add one."
)
def all_must_have_it():
    return {"fill": "primary", "replicas": 2, "sync_replicas": 2}


@repair.misread(
    "Stale reads and lost writes are mended; the rest was whole before. Which other change of "
    "yours refuses, slows or makes too small what was large enough?"
)
def made_too_small():
    return {"fill": "primary", "sync_replicas": 1, "minimum": 10, "maximum": 10}


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


@cheaper.ask_widely
def ask_cheaper_widely(rng):
    return ("fresh weeks",)


@cheaper.edges
def cheaper_edges():
    return {name: (name,) for name in ("the weeks that you see", "fresh weeks")}


cheaper.words(weeks_in_words)


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


def once_kept(answer, show):
    """Return what `show` gives when the learner's plan is done; what is still to do before."""
    mine = entry_of(answer)
    if mine is None or fault_of(report(mine, "fresh weeks"), BUDGET_USD, cheaper, why_cheaper):
        return note("This table gives away the answer: it is shown when your plan has passed.")
    return show()


def why_cheaper(got, exercise):
    if got["kept"] >= LEAST_KEPT:
        return exercise.meaning("too_dear")
    causes = {
        "without_a_cache": "stale" in got["broke"] and not got["cache"],
        "from_replicas": "stale" in got["broke"],
        "without_a_replica": not got["replicas"] and "lost" in got["broke"],
        "unsafe": not got["sync_replicas"] and "lost" in got["broke"],
        "in_thousands": got["cache"] < THOUSANDS,
        "in_milliseconds": got["shed_s"] is not None and got["shed_s"] >= TIMEOUT_S,
        "lost_again": got["ttl_s"] is not None,
        "by_the_load_alone": not got["friday"],
        "everybody_waits": got["shed_s"] is None,
        "errors_come_through": not got["retries"],
        "too_many_attempts": got["retries"] > 1,
        "one_replica": too_few_left(got),
        "no_autoscaler": got["target"] is None,
        "no_room": got["target"] is not None and got["target"] >= MOST_TARGET,
        "refused_too_soon": got["shed_s"] is not None and got["shed_s"] < LEAST_SHED_S,
    }
    cause = next((cause for cause, holds in causes.items() if holds), None)
    return exercise.meaning(cause or what_is_too_small(got))


def what_is_too_small(got):
    """Enlarge one part of the plan after the other, and look at the worst week again."""
    plan = ShopPlan(**{name: got[name] for name in PLAN_FIELDS})
    many = max(plan.maximum, MANY_SERVERS)
    on_friday = replace(plan, friday=many, maximum=many)
    larger = {
        "too_few_on_friday": on_friday,
        "too_few_on_other_days": replace(on_friday, minimum=many),
        "too_few_cores": replace(plan, database_cores=plan.database_cores + MANY_CORES),
    }
    week = draw_weeks([got["worst_week"]], TICK_S)
    return next((c for c, more in larger.items() if not judge(more, week).broke), "too_small")


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
        "database_cores": 9,
        "replicas": 2,
        "sync_replicas": 1,
        "cache": 200_000,
        "fill": "primary",
        "retries": 1,
        "shed_s": 0.3,
    }


@cheaper.solve_otherwise
def plan():
    """Take a core less on each node, and keep a server more at night."""
    return {
        "minimum": 6,
        "maximum": 60,
        "target": 0.55,
        "friday": 24,
        "database_cores": 8,
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
    "Without a cache every read goes to a replica, whatever `fill` says, and a replica is behind."
)
def without_a_cache():
    return GOOD | {"cache": 0}


@cheaper.misread("Without a replica all since the last backup goes with the primary.")
def without_a_replica():
    return GOOD | {"replicas": 0, "sync_replicas": 0}


@cheaper.misread("`cache` counts entries, not thousands of them: so few answer hardly any read.")
def in_thousands():
    return GOOD | {"cache": 200}


@cheaper.misread(
    "`shed_s` is in seconds. A client leaves after one, so this refuses nobody who is not gone."
)
def in_milliseconds():
    return GOOD | {"shed_s": 250}


@cheaper.misread(
    "An entry whose lifetime ends is read from the database again, in the crowd as well: less "
    "is left there for the minutes in which the cache is cold."
)
def lost_again():
    return GOOD | {"ttl_s": 60.0}


@cheaper.misread(
    "Without an autoscaler as many servers as `minimum` meet every wave outside the schedule."
)
def no_autoscaler():
    return GOOD | {"target": None}


@cheaper.misread(
    "Who aims at a load near one has no room for what comes while a new server starts: `target` is "
    "too high."
)
def no_room():
    return GOOD | {"target": 1.0}


@cheaper.misread(
    "`shed_s` is so short that it refuses requests that would have been served in time."
)
def refused_too_soon():
    return GOOD | {"shed_s": 0.001}


@cheaper.misread(
    "Each further attempt is work. When many are refused, the attempts of the gateway make the "
    "overload larger, and the clients try again as well."
)
def too_many_attempts():
    return GOOD | {"retries": 5}


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
    "With one replica away too few are left to acknowledge, so nobody can write; if the primary "
    "goes in that time, `lost` is broken as well. Add a replica, or wait for fewer."
)
def one_replica():
    return GOOD | {"replicas": 1}


@cheaper.misread(
    "The decisions are right. In the worst week there are too few servers on Friday: look at "
    "`friday`, and at `maximum`."
)
def too_few_on_friday():
    return GOOD | {"friday": 10}


@cheaper.misread(
    "The decisions are right. In the worst week more servers on Friday alone would not do: there "
    "are too few when the other crowd comes, or the wave. Look at `minimum` and `target`."
)
def too_few_on_other_days():
    return GOOD | {"minimum": 1, "target": 0.85}


@cheaper.misread(
    "The decisions are right, and more servers would not help: the database has too few cores for "
    "the reads that the cache does not answer, above all while it is cold. Give it more cores, or "
    "the cache more entries."
)
def too_few_cores():
    return GOOD | {"database_cores": 5, "cache": 80_000}


@cheaper.misread(
    "The decisions are right and more than one size is not: servers, and cores or entries, are too "
    "few for a large crowd, or for the minutes in which the cache is cold."
)
def too_small():
    return GOOD | {"friday": 8, "maximum": 8, "database_cores": 5, "cache": 80_000}


# Task 4: code of one's own ---------------------------------------------------------------------

CODE = ("autoscaler", "cache_class", "router")
BUSY_PER_S = CORES / APP_S  # requests of a server that has no moment of rest
MOST_BUSY, HALF_IDLE = 0.8, 0.45  # mean loads of what was ordered: too few, and too many
POOR = 0.75  # of the entries: an LRU cache that hits as often has fewer
MOST_NEEDLESS = 0.01  # of the reads that a replica could answer: a right router sends none

own = lab.exercise(
    "own",
    "Code of your own",
    Data("a plan with code of your own"),
    why="What was right on the bench of one lab has to hold in a shop where all parts meet.",
    hint="Take a plan that passed in task 3, and add one piece of code at a time.",
    hints=(
        "An autoscaler: reading.demand_per_s over what one server should get. The table of task 2 "
        "says what it does without any rest; plan for two thirds of that, and add what the demand "
        "grew by in the last minutes.",
        "A cache: it can save entries only where some have to go, so cache must be less than all "
        "keys. What it saves has to be worth more than the cores that its misses need.",
        "A router: `fill` has to be 'replica', or no read comes by. It keeps the largest position "
        "that it was told, and names a replica that has come as far, or else the primary.",
    ),
    explanation=(
        "A position says how many writes a replica lacks, and not of which keys. In the crowd "
        "there is nearly always one on its way, mostly of another page, and the router sends the "
        "read to the primary for nothing. It would have to keep the last position of each key."
    ),
    repeatable=False,
    patience_s=300.0,  # a slow machine takes minutes for what is right
    call_patience_s=5.0,  # of which a decision takes microseconds
)


@own.ask_widely
def ask_own_widely(rng):
    return (ONE,)


@own.edges
def own_edges():
    return {name: (name,) for name in ("the weeks that you see", "fresh weeks")}


own.words(weeks_in_words)


def code_and_plan(answer):
    """Read what a learner's function gives: pieces of code by their names, and a plan."""
    value = call(answer)
    if not isinstance(value, Mapping):
        return {}, plan_from(value, ShopPlan(), "a plan with code of your own")
    unknown = [name for name in value if name not in (*CODE, *PLAN_FIELDS)]
    if unknown:
        why = f"There is no {unknown[0]!r}: {', '.join((*CODE, *PLAN_FIELDS))}."
        raise NotThatError("a plan with code of your own", value, why)
    code = {name: value[name] for name in CODE if name in value}
    rest = {name: each for name, each in value.items() if name not in CODE}
    plan = plan_from(rest, ShopPlan(), "a plan with code of your own")
    return code, ... if any(each is ... for each in code.values()) else plan


@contextmanager
def piece(name):
    """Say which piece of code it was that did not come back."""
    try:
        yield
    except OutOfTimeError as stopped:
        stopped.add_note(f"It was asked as the `{name}`.")
        raise


def measured(code, plan):
    """Measure what has to be measured, and check what can be checked before the first week."""
    cache = router = None
    if "cache_class" in code:
        rng = np.random.default_rng(1)
        with piece("cache_class"):
            cache = measure_cache(code["cache_class"], max(1, plan.cache), rng=rng)
    if "router" in code:
        with piece("router"):
            router = measure_router(code["router"])
    make = policy_maker(code["autoscaler"]) if "autoscaler" in code else None
    return OwnCode(make_policy=make, cache=cache, router=router)


@own.run
def run_own(answer, weeks):
    code, plan = code_and_plan(answer)
    if plan is ...:
        return ...
    theirs, asked = measured(code, plan), dict.fromkeys(COUNTED, 0)
    got = {"code": sorted(code), "afresh": True}
    if theirs.make_policy:
        with piece("autoscaler"):
            got["afresh"] = not remembers(theirs.make_policy)
        theirs = replace(theirs, make_policy=counted(theirs.make_policy, asked))
    if "cache_class" in code:
        got["like_lru_of"] = theirs.cache.like_lru_of
        got["lets_in"] = theirs.cache.lets_in
    if "router" in code:
        got["needless"] = theirs.router.needless
    with piece("autoscaler"):  # nothing else of theirs runs in a week
        found = judge(plan, weeks_of(weeks), theirs) if code else judged(plan, weeks)
    return got | asked | report_of(found, plan, weeks)


COUNTED = ("demand", "orders", "most", "fewer", "others")  # orders that are not the one before


def counted(make, asked):
    """Count what an autoscaler was asked, and what it ordered."""

    def made():
        policy, last = make(), []

        def decide(reading):
            order = policy.decide(reading)
            asked["demand"] += reading.demand_per_s
            asked["orders"] += order
            asked["most"] = max(asked["most"], order)
            asked["fewer"] += bool(last) and order < last[0]
            asked["others"] += bool(last) and order != last[0]
            last[:] = [order]
            return order

        return replace(policy, decide=decide)

    return made


def plain_of(got):
    """Return the plan as it would be without the code."""
    plan = ShopPlan(**{name: got[name] for name in PLAN_FIELDS})
    return replace(plan, fill="primary") if "router" in got["code"] else plan


def without_effect(got):
    """Name what makes a piece of code count for nothing, whatever became of the weeks."""
    causes = {
        "no_code": not got["code"],
        "never_asked": "router" in got["code"] and not routes(got),
        "nothing_goes": "cache_class" in got["code"] and got["cache"] in (0, KEYS),
        "shuts_out": not got.get("lets_in", True),
        "no_say": "autoscaler" in got["code"]
        and (got["minimum"] == got["maximum"] or got["most"] <= got["minimum"]),
        "remembered": not got["afresh"],
        "needless": got.get("needless", 0.0) > MOST_NEEDLESS,
    }
    return next((cause for cause, holds in causes.items() if holds), None)


def routes(got):
    plan = ShopPlan(**{name: got[name] for name in PLAN_FIELDS})
    return system_of(plan).reads_at_replica


def why_own(got, weeks):
    """Return the cause, and what to try: the code's own, or the plan's."""
    plain = judged(plain_of(got), weeks)
    plain_is_right = plain.kept >= LEAST_KEPT and plain.usd <= BUDGET_USD
    if "router" in got["code"] and "stale" in got["broke"]:
        return own.meaning("any_replica"), ""
    if not plain_is_right:
        return own.meaning("the_plan"), why_cheaper(report(plain_of(got), weeks), cheaper)
    if "autoscaler" in got["code"] and (cause := why_autoscaler(got)):
        return own.meaning(cause), ""
    if got.get("like_lru_of", KEYS) < POOR * got["cache"]:
        return own.meaning("forgets"), ""
    return "Without your code this plan keeps the contract within the budget.", ""


def why_autoscaler(got):
    load = got["demand"] / max(1, got["orders"]) / BUSY_PER_S
    if got["kept"] >= LEAST_KEPT:
        if not got["others"]:
            return "always_as_many_as_on_friday"
        if not got["fewer"]:
            return "never_fewer"
        return "of_another_shop" if load < HALF_IDLE else None
    if load > 2:
        return "how_many_more"
    if not got["fewer"]:
        return "always_the_same"
    return "as_many_as_busy" if load > MOST_BUSY else "too_late"


def worth_of(answer):
    """Show what was measured of the learner's code, and what one week costs with and without it."""
    try:
        with limits(own.patience_s, call_seconds=own.call_patience_s):
            code, plan = code_and_plan(answer)
            if plan is ... or not code:
                return note(
                    "Still to do: your answer above is the stub. Then this cell measures it."
                )
            theirs = measured(code, plan)
            found = judge(plan, weeks_of(ONE), theirs)
    except UnansweredError:
        return note("Still to do: a piece of your code is a stub. Then this cell measures it.")
    except (NotThatError, TheirError, OverLimitError):
        return note("Your code cannot be measured. The check says where it stops.")
    rows = []
    if theirs.cache:
        said = f"hits in {quantity(100 * theirs.cache.hit_ratio, '%')} of the reads, as LRU with "
        said += f"{number(theirs.cache.like_lru_of)} entries; paid are {number(plan.cache)}"
        rows.append({"what": "cache", "measured": said})
    if theirs.router:
        said = f"where one write is on its way, {quantity(100 * theirs.router.routed[1], '%')} of "
        said += "the misses go to the primary, and of what was stale "
        said += f"{quantity(100 * theirs.router.still_stale[1], '%')} is left"
        rows.append({"what": "router", "measured": said})
    plain = plain_of({"code": sorted(code)} | asdict(plan))
    for what, each in (("with it", found), ("without it", judged(plain, ONE))):
        kept_ = f"breaks {', '.join(each.broke)}" if each.broke else "keeps the contract"
        said = f"{kept_}, ${number(round(each.usd))} a month"
        rows.append({"what": f"week {SETS[ONE][0]} {what}", "measured": said})
    return table(rows, "Your code in this shop")


@own.judge
def judge_own(got, weeks):
    if not isinstance(got, dict) or "kept" not in got:
        return Fault("a plan with code of your own", "none")
    cause = without_effect(got)
    if cause:
        return Fault(
            "code that has a say in the week", in_short(got), own.meaning(cause), sure=True
        )
    fault = fault_of(got, BUDGET_USD, own, lambda got, _: why_own(got, weeks)[0])
    return fault and replace(fault, hint=why_own(got, weeks)[1])


@own.solve
def with_my_code():
    """Look ahead by the minutes that a server takes to start, and route by position.

    The autoscaler plans for two thirds of what a server can do, and for what the demand will be
    when the server is there. Misses go to a replica that has every write of the shop, and only
    where there is none to the primary, so that no read is stale.
    """

    def make_policy():
        seen = []

        def decide(reading):
            seen.append(reading.demand_per_s)
            growth = max(0.0, seen[-1] - seen[-3]) / 2 if len(seen) > 2 else 0.0
            return math.ceil((seen[-1] + 4 * growth) / 220)

        return decide

    class NeverBack:
        def __init__(self):
            self.needs = 0

        def wrote(self, position):
            self.needs = max(self.needs, position)

        def saw(self, position):
            self.needs = max(self.needs, position)

        def choose(self, applied):
            for name, position in applied.items():
                if position >= self.needs:
                    return name
            return "primary"

    return {
        "autoscaler": make_policy,
        "router": NeverBack,
        "minimum": 5,
        "maximum": 40,
        "friday": 24,
        "database_cores": 9,
        "replicas": 2,
        "sync_replicas": 1,
        "cache": 200_000,
        "fill": "replica",
        "retries": 1,
        "shed_s": 0.3,
    }


@own.solve_otherwise
def with_my_code():
    """Let the pages go that nobody has asked for since they came; a few cores more make it safe."""

    class Sieve:
        def __init__(self, capacity):
            self.line, self.hand = {}, None  # each key's mark and its newer and older neighbours
            self.oldest = self.newest = None

        def used(self, key):
            self.line[key][0] = True

        def added(self, key):
            self.line[key] = [False, None, self.newest]
            if self.newest is None:
                self.oldest = key
            else:
                self.line[self.newest][1] = key
            self.newest = key

        def victim(self):
            key = self.oldest if self.hand is None else self.hand
            while self.line[key][0]:
                self.line[key][0] = False
                key = self.oldest if self.line[key][1] is None else self.line[key][1]
            _, newer, older = self.line.pop(key)
            if newer is None:
                self.newest = older
            else:
                self.line[newer][2] = older
            if older is None:
                self.oldest = newer
            else:
                self.line[older][1] = newer
            self.hand = newer
            return key

    return {
        "cache_class": Sieve,
        "cache": 150_000,
        "minimum": 5,
        "maximum": 40,
        "target": 0.6,
        "friday": 24,
        "database_cores": 10,
        "replicas": 2,
        "sync_replicas": 1,
        "fill": "primary",
        "retries": 1,
        "shed_s": 0.3,
    }


MINE = GOOD | {"database_cores": 9}


def deciding(decide):
    """Put an autoscaler without a memory into a plan that keeps the contract without it."""
    return MINE | {"autoscaler": lambda: decide}


def routing(choose, **changes):
    """Put a router that keeps its largest position into a plan that keeps the contract."""

    class Router:
        def __init__(self):
            self.needs = 0

        def wrote(self, position):
            self.needs = max(self.needs, position)

        def choose(self, applied):
            return choose(self, applied)

    return MINE | {"router": Router, "fill": "replica"} | changes


@own.misread(
    "There is no code of your own in it: this task asks for an `autoscaler`, a `cache_class` or a "
    "`router` beside the decisions."
)
def no_code():
    return MINE


@own.misread(
    "Nobody asks your router: with `fill` = 'primary' no read comes to a replica, and without a "
    "replica there is nothing to choose."
)
def never_asked():
    return routing(lambda self, applied: "primary", fill="primary")


@own.misread(
    "Nothing ever has to go from a cache that holds every page, so that your code decides nothing: "
    "give `cache` fewer entries."
)
def nothing_goes():
    return MINE | {"cache_class": dict_of_values, "cache": KEYS}


@own.misread(
    "Your cache lets go what came in last, so that a page that becomes popular never gets in, and "
    "what came first stays for ever. Somebody has to go who has not been asked for in a while. "
    "(`popitem()` of a dictionary takes the newest.)"
)
def shuts_out():
    class NewestGoes:
        def __init__(self, capacity):
            self.line = []

        def used(self, key):
            pass

        def added(self, key):
            self.line.append(key)

        def victim(self):
            return self.line.pop()

    return MINE | {"cache_class": NewestGoes, "cache": 180_000}


def dict_of_values(entries):
    class Values(dict):
        put = dict.__setitem__

    return Values()


@own.misread(
    "Your autoscaler never orders more than `minimum`, or `maximum` forbids it: the servers are "
    "there without it."
)
def no_say():
    return deciding(lambda reading: 0) | {"minimum": 12}


@own.misread(
    "What `decide` remembers of one week is still there in the next. Make the list inside "
    "`make_policy`, not outside of it."
)
def remembered():
    most = [0.0]

    def decide(reading):
        most[0] = max(most[0], reading.demand_per_s)
        return math.ceil(most[0] / 220)

    return deciding(decide)


@own.misread(
    "Your router sends reads to the primary although a replica has all that was written. Compare "
    "the position of each replica with the largest that it was told: at least as far is far "
    "enough, and one such replica is enough."
)
def needless():
    return routing(
        lambda self, applied: next(
            (name for name, position in applied.items() if position > self.needs), "primary"
        )
    )


@own.misread(
    "Your router names replicas that lack a write which it was told of, and the cache keeps what "
    "they answer. Being ahead of the other replica is not enough."
)
def any_replica():
    return routing(lambda self, applied: max(applied, key=applied.get, default="primary"))


@own.misread(
    "Your code is not to blame: this plan breaks the contract or the budget without it as well. "
    "Mend the plan first, as in task 3."
)
def the_plan():
    return deciding(lambda reading: math.ceil(reading.demand_per_s / 220)) | {"friday": 0}


@own.misread("Your autoscaler never gives a server back: it pays for the crowd until Sunday night.")
def never_fewer():
    def make_policy():
        most = [0.0]

        def decide(reading):
            most[0] = max(most[0], reading.demand_per_s)
            return math.ceil(most[0] / 220)

        return decide

    return MINE | {"autoscaler": make_policy}


@own.misread(
    "Your autoscaler orders the same number all week. That is enough for Friday, and all of it is "
    "paid for at night as well: let it follow the demand."
)
def always_as_many_as_on_friday():
    return deciding(lambda reading: 30)


@own.misread(
    "Your autoscaler orders far more than the demand needs. Is it made for the instances of the "
    "other lab, which do fewer requests a second than a server here, or for too low a load?"
)
def of_another_shop():
    return deciding(lambda reading: math.ceil(reading.demand_per_s / 80))


@own.misread(
    "Your autoscaler orders far fewer servers than the demand keeps busy. `decide` returns how "
    "many you want in all, and not how many more."
)
def how_many_more():
    def decide(reading):
        return max(0, math.ceil(reading.demand_per_s / 220) - reading.running - reading.starting)

    return deciding(decide)


@own.misread(
    "Your autoscaler orders the same number all week, and that is too few for the wave and the "
    "second crowd."
)
def always_the_same():
    return deciding(lambda reading: 6) | {"minimum": 3}


@own.misread(
    "Your autoscaler orders as many servers as the demand keeps busy. Nothing is left for what "
    "comes while the next one starts."
)
def as_many_as_busy():
    return deciding(lambda reading: math.ceil(reading.demand_per_s / BUSY_PER_S))


@own.misread(
    "There are enough servers on average, and they come too late or are given back too soon: "
    "order for the demand that will be there when a server has started."
)
def too_late():
    def make_policy():
        seen = []

        def decide(reading):
            seen.append(reading.demand_per_s)
            return math.ceil(max(seen[-60:-20], default=0.0) / 220)

        return decide

    return MINE | {"autoscaler": make_policy}


@own.misread(
    "Your cache hits as often as an LRU cache with far fewer entries: what is asked for again and "
    "again has to stay, and something else has to go."
)
def forgets():
    class OnlyTheLast:
        def __init__(self, capacity):
            self.last = {}

        def get(self, key):
            return self.last.get(key)

        def put(self, key, value):
            self.last = {key: value}

    return MINE | {"cache_class": OnlyTheLast, "cache": 150_000}
