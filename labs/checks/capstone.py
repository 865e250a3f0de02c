"""Exercises of the lab Black Friday week."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from functools import lru_cache
from math import prod

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
from scalelab.course.chapters.capstone.plan import ShopPlan, gateway_of
from scalelab.course.chapters.capstone.rivals import BEST, BUDGET_USD, INHERITED
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import Data, Number
from scalelab.course.page import note
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
    found = judged(plan, name)
    result = {"kept": found.kept, "usd": found.usd, "broke": found.broke}
    return result | {"worst": worst_weeks(found, name), "same": plan == INHERITED} | asdict(plan)


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
        "too_small": True,
    }
    return exercise.meaning(next(cause for cause, holds in causes.items() if holds))


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
    "The decisions are right and a size is not: servers, cores or entries are too few for a large "
    "crowd, or for the minutes in which the cache is cold."
)
def too_small():
    return GOOD | {"friday": 10}
