"""Exercises of the lab on auto-scaling: checkers, hints, solutions, and wrong answers."""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scalelab.course.chapters.autoscaling.contest import FLEET, best_possible, day, score
from scalelab.course.check import Lab
from scalelab.course.examine import AnswerError, answered, same_number
from scalelab.models.backlog import overload_episode
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.scaling_policies import OwnPolicy

lab = Lab("autoscaling")

# Task 1: how long it lasts -------------------------------------------------------------------

lasts = lab.exercise(
    "lasts",
    "How long it lasts",
    hints=(
        "Two phases: until the new instances serve, a line grows. From then on it shrinks. How "
        "fast does each happen?",
        "It grows at demand - before and shrinks at after - demand. What is in line at the turn?",
        "line = (demand - before) * reaction_s, then reaction_s + line / (after - demand). If "
        "demand fits into before, nobody waits at all.",
    ),
)


@lasts.check_with
def check_lasts(answer, rng):
    before = float(rng.integers(5, 20)) * 100
    demand = before * float(rng.choice([0.9, 1.1, 1.25, 1.5, 2.0]))
    after = demand * float(rng.choice([1.1, 1.5, 2.0]))
    reaction = float(rng.integers(1, 12)) * 60
    got = answered(answer(demand, before, after, reaction))
    surplus = max(demand - before, 0.0)
    line = surplus * reaction
    expected = reaction + line / (after - demand) if line else 0.0
    why = "It is the time for which your users wait, and what a page of an incident would say."
    misread = {
        expected / 60: "That would be right in minutes. Everything here is in seconds.",
        line / after: (
            "So long waits who comes just when help arrives. Asked is for how long anybody waits."
        ),
        reaction * (1 - before / demand): (
            "That is how long the unluckiest waits. Asked is for how long there is anybody in line."
        ),
        line / (after - demand): (
            "That is how long the line shrinks. It grew before that, for all of the reaction."
        ),
        reaction: "When the new instances arrive the line is at its longest. It has to go, too.",
        reaction + line / after: (
            "The enlarged fleet also serves those who still arrive. Only the rest drains the line."
        ),
        reaction + line / (after - before): (
            "What was added is not what is left over: the surplus of arrivals takes part of it."
        ),
        reaction + line / before: (
            "The line is drained by the enlarged fleet, and that also serves those who still "
            "arrive. Only the rest drains it."
        ),
        reaction + demand * reaction / (after - demand): (
            "Not everybody who came stands in line. The old fleet served all the time."
        ),
        line: "That is how many stand in line, a number of requests. Asked are seconds.",
    }
    if line:
        for value, meaning in misread.items():
            if isinstance(got, (int, float)) and math.isclose(got, value, rel_tol=1e-9):
                why = meaning
    else:
        why = "The demand fits into what was there before, so there is no line and nobody waits."
    same_number(
        got,
        expected,
        scenario=f"demand={demand:.0f}, before={before:.0f}, after={after:.0f} per second, "
        f"reaction {reaction:.0f} s",
        why=why,
        hint="Draw the number in line against time: up, then down.",
    )


@lasts.solve
def seconds_of_waiting(demand_per_s, before_per_s, after_per_s, reaction_s):
    """Let the line grow until help comes, then let it shrink.

    It grows by what arrives and is not served, for all of the reaction. Afterwards the enlarged
    fleet serves the new arrivals first, so to speak, and what it has left drains the line.
    """
    line = max(0.0, demand_per_s - before_per_s) * reaction_s
    if line == 0:
        return 0.0
    return reaction_s + line / (after_per_s - demand_per_s)


@lasts.solve_otherwise
def seconds_of_waiting(demand_per_s, before_per_s, after_per_s, reaction_s):
    """Ask the package for the whole episode."""
    if demand_per_s <= before_per_s:
        return 0.0
    return overload_episode(demand_per_s, before_per_s, after_per_s, reaction_s).total_s


@lasts.reject("it is over when help arrives", "at its longest")
def until_help(demand_per_s, before_per_s, after_per_s, reaction_s):
    return reaction_s if demand_per_s > before_per_s else 0.0


@lasts.reject("the whole fleet drains the line", "those who still arrive")
def whole_fleet(demand_per_s, before_per_s, after_per_s, reaction_s):
    line = max(0.0, demand_per_s - before_per_s) * reaction_s
    return reaction_s + line / after_per_s if line else 0.0


@lasts.reject("what was added drains the line", "is not what is left over")
def added(demand_per_s, before_per_s, after_per_s, reaction_s):
    line = max(0.0, demand_per_s - before_per_s) * reaction_s
    return reaction_s + line / (after_per_s - before_per_s) if line else 0.0


@lasts.reject("in minutes", "is in seconds")
def in_minutes(demand_per_s, before_per_s, after_per_s, reaction_s):
    return lasts.solution(demand_per_s, before_per_s, after_per_s, reaction_s) / 60


@lasts.reject("the worst wait", "the unluckiest")
def worst_wait(demand_per_s, before_per_s, after_per_s, reaction_s):
    return reaction_s * max(0.0, 1 - before_per_s / demand_per_s)


@lasts.reject("the wait when help arrives", "just when help arrives")
def wait_at_the_turn(demand_per_s, before_per_s, after_per_s, reaction_s):
    return max(0.0, demand_per_s - before_per_s) * reaction_s / after_per_s


@lasts.reject("only while the line shrinks", "It grew before that")
def only_shrinking(demand_per_s, before_per_s, after_per_s, reaction_s):
    return max(0.0, demand_per_s - before_per_s) * reaction_s / (after_per_s - demand_per_s)


@lasts.reject("the old fleet drains the line", "by the enlarged fleet")
def old_fleet(demand_per_s, before_per_s, after_per_s, reaction_s):
    line = max(0.0, demand_per_s - before_per_s) * reaction_s
    return reaction_s + line / before_per_s if line else 0.0


@lasts.reject("all who came stand in line", "served all the time")
def all_in_line(demand_per_s, before_per_s, after_per_s, reaction_s):
    if demand_per_s <= before_per_s:
        return 0.0
    return reaction_s + demand_per_s * reaction_s / (after_per_s - demand_per_s)


@lasts.reject("the line for the wait", "a number of requests")
def requests_in_line(demand_per_s, before_per_s, after_per_s, reaction_s):
    return max(0.0, demand_per_s - before_per_s) * reaction_s


@lasts.reject("there is always a reaction", "fits into what was there")
def always(demand_per_s, before_per_s, after_per_s, reaction_s):
    line = max(0.0, demand_per_s - before_per_s) * reaction_s
    return reaction_s + line / (after_per_s - demand_per_s)


# Task 2: a schedule for every hour -----------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A line of a schedule: on these days, from one hour to another, so many instances."""

    days: tuple[int, ...]
    from_hour: int
    to_hour: int
    instances: int


schedule = lab.exercise(
    "schedule",
    "A schedule for every hour",
    hints=(
        "Start with the baseline, and let each entry that holds raise it. What do you return when "
        "none holds?",
        "from_hour counts, to_hour does not: 18 to 22 is four hours. Where several hold, the "
        "largest number is the safe one.",
        "An entry with from_hour > to_hour runs over midnight. Before midnight it is the entry's "
        "own day; after midnight it is the day before: (day - 1) % 7 in entry.days.",
    ),
)


def holds(entry: Entry, day: int, hour: float) -> bool:
    """Whether an entry is in force."""
    if entry.from_hour < entry.to_hour:
        return day in entry.days and entry.from_hour <= hour < entry.to_hour
    evening = day in entry.days and hour >= entry.from_hour
    return evening or ((day - 1) % 7 in entry.days and hour < entry.to_hour)


def runs_over(entry: Entry) -> bool:
    """Whether an entry runs over midnight."""
    return entry.from_hour > entry.to_hour


def random_schedule(rng: np.random.Generator) -> list[Entry]:
    """Draw a schedule with a gap, an overlap and a night."""
    weekday = Entry((0, 1, 2, 3), 8, 20, int(rng.integers(4, 7)))
    friday = Entry((3, 4), 18, 22, int(rng.integers(9, 15)))
    night = Entry((5, 6), int(rng.integers(20, 23)), int(rng.integers(2, 5)), 8)
    entries = [weekday, friday, night]
    return [entries[i] for i in rng.permutation(3)]


def easiest_first(entries: list[Entry]) -> list[tuple[int, float]]:
    """Return each quarter of an hour of a week: nights last, and the one after Sunday at the end.

    So the first hour at which an answer fails shows its simplest fault.
    """
    week = [(quarter // 96, quarter % 96 / 4) for quarter in range(7 * 96)]

    def difficulty(when: tuple[int, float]) -> tuple[bool, bool, int]:
        now = [entry for entry in entries if holds(entry, *when)]
        over = any(runs_over(entry) for entry in now)
        return over, over and when[0] == 0, len(now)

    return sorted(week, key=difficulty)


@schedule.check_with
def check_schedule(answer, rng):
    entries, baseline = random_schedule(rng), int(rng.integers(2, 4))
    for weekday, hour in easiest_first(entries):
        now = [entry for entry in entries if holds(entry, weekday, hour)]
        expected = max([baseline] + [entry.instances for entry in now])
        got = answered(answer(entries, baseline, weekday, hour))
        if isinstance(got, int) and not isinstance(got, bool) and got == expected:
            continue
        why = "Sooner or later the clock shows this hour, and the fleet gets this number."
        over = [
            entry
            for entry in entries
            if hour in (entry.to_hour, entry.to_hour + 0.25) and entry not in now
        ]
        mornings = [
            entry
            for entry in entries
            if runs_over(entry) and weekday in entry.days and hour < entry.to_hour
        ]
        if got is None or got == 0:
            why = (
                "There has to be a number for every hour. Where nothing is said, the baseline "
                "holds."
            )
        elif isinstance(got, float) and got == expected:
            why = "The number is right. Instances are counted, so return an int."
        elif any(got == entry.instances for entry in over) and expected != got:
            why = "to_hour is the end: 18 to 22 is four hours, and at 22:00 it is over."
        elif any(got == entry.instances for entry in mornings) and not now:
            why = (
                "What runs over midnight goes on in the NEXT morning. The morning of its first day "
                "is not part of it."
            )
        elif len(now) == 1 and got == baseline + expected:
            why = "An entry says how many in all. The baseline is not added, it is exceeded."
        elif any(got == entry.instances > expected for entry in entries):
            why = "That is what an entry says for other hours, or for another day."
        elif weekday == 0 and any(runs_over(entry) for entry in now):
            why = (
                "An entry that ends before it begins runs over midnight, into the next day. After "
                "Sunday, which is 6, comes Monday, which is 0."
            )
        elif any(runs_over(entry) for entry in now):
            why = "An entry that ends before it begins runs over midnight, into the next day."
        elif len(now) > 1:
            why = "Two entries hold. Too many instances cost money, too few cost users: the larger."
        elif now:
            why = "An entry holds at this hour. What it says goes before the baseline."
        raise AnswerError(
            expected,
            repr(got),
            scenario=f"baseline={baseline}, day={weekday}, hour={hour:g}, "
            + ", ".join(map(str, entries)),
            why=why,
            hint="List the entries that hold at this hour, by hand.",
        )


@schedule.solve
def instances_at(entries, baseline, day, hour):
    """Take the baseline, and the largest of the entries that hold.

    Beginning with the baseline makes it a total function: there is no hour without a number. The
    maximum makes the order of the entries irrelevant, which is good for something that people edit.
    """
    wanted = baseline
    for entry in entries:
        if entry.from_hour < entry.to_hour:
            now = day in entry.days and entry.from_hour <= hour < entry.to_hour
        else:
            evening = day in entry.days and hour >= entry.from_hour
            now = evening or ((day - 1) % 7 in entry.days and hour < entry.to_hour)
        if now:
            wanted = max(wanted, entry.instances)
    return wanted


@schedule.solve_otherwise
def instances_at(entries, baseline, day, hour):
    """Count hours since each entry began, around the week."""
    numbers = [baseline]
    for entry in entries:
        length = (entry.to_hour - entry.from_hour) % 24
        since = [(24 * (day - d) + hour - entry.from_hour) % 168 for d in entry.days]
        if any(s < length for s in since):
            numbers.append(entry.instances)
    return max(numbers)


def by_first(entries, baseline, day, hour):
    for entry in entries:
        if holds(entry, day, hour):
            return entry.instances
    return baseline


@schedule.reject("what is not said is nothing", "a number for every hour")
def no_baseline(entries, baseline, day, hour):
    return max((e.instances for e in entries if holds(e, day, hour)), default=0)


@schedule.reject("the last hour belongs to it", "at 22:00 it is over")
def inclusive(entries, baseline, day, hour):
    later = [Entry(e.days, e.from_hour, e.to_hour + 1, e.instances) for e in entries]
    return schedule.solution(later, baseline, day, hour)


@schedule.reject("a day ends at midnight", "runs over midnight")
def no_midnight(entries, baseline, day, hour):
    now = [e.instances for e in entries if day in e.days and e.from_hour <= hour < e.to_hour]
    return max([baseline, *now])


@schedule.reject("the morning of the same day", "NEXT morning")
def same_morning(entries, baseline, day, hour):
    def now(e):
        if e.from_hour < e.to_hour:
            return holds(e, day, hour)
        return holds(e, day, hour) or (day in e.days and hour < e.to_hour)

    return max([baseline, *(e.instances for e in entries if now(e))])


@schedule.reject("the week ends on Sunday", "After Sunday")
def no_monday(entries, baseline, day, hour):
    now = [e.instances for e in entries if holds(e, day, hour)]
    return baseline if day == 0 and hour < 5 else max([baseline, *now])


@schedule.reject("a number with a point", "return an int")
def with_a_point(entries, baseline, day, hour):
    return float(schedule.solution(entries, baseline, day, hour))


@schedule.reject("on top of the baseline", "is not added")
def on_top(entries, baseline, day, hour):
    return baseline + max((e.instances for e in entries if holds(e, day, hour)), default=0)


@schedule.reject("the baseline is all", "goes before the baseline")
def only_baseline(entries, baseline, day, hour):
    return baseline


@schedule.reject("an entry holds all day", "for other hours")
def all_day(entries, baseline, day, hour):
    return max([baseline, *(e.instances for e in entries if day in e.days)])


@schedule.reject("the first entry that holds", "the larger")
def first_entry(entries, baseline, day, hour):
    return by_first(entries, baseline, day, hour)


# Task 3: which challenge is it? --------------------------------------------------------------


@dataclass(frozen=True)
class Metrics:
    """What the monitoring shows for a fleet that has just been enlarged."""

    instances_ratio: float
    throughput_ratio: float
    demand_ratio: float
    sessions_lost_share: float
    usual_sessions_lost_share: float
    wait_first_minutes_s: float
    wait_later_s: float
    utilisation: float


diagnose = lab.exercise(
    "diagnose",
    "Which challenge is it?",
    hints=(
        "Each challenge has a sign that the others lack. Which of the numbers must be compared "
        "with another one before it says anything?",
        "State: many more sessions lost than usual. Warm-up: a wait that goes. Database: demand "
        "rose and the throughput did not follow, and the wait stays. Cost: nobody suffers and the "
        "instances are idle.",
        "Test in this order: sessions_lost_share > 5 * usual; throughput_ratio < 0.8 * "
        "demand_ratio; wait_first_minutes_s > 5 * wait_later_s; else cost.",
    ),
)
NAMES = ("state", "warm-up", "cost", "database")


def random_metrics(name: str, rng: np.random.Generator) -> Metrics:
    """Draw what one challenge looks like."""
    usual = float(rng.uniform(0.001, 0.01))
    demand = float(rng.uniform(1.6, 2.0))
    grown = float(rng.choice([1.5, 2.0]))
    values = {
        "instances_ratio": grown,
        "throughput_ratio": demand,
        "demand_ratio": demand,
        "sessions_lost_share": usual * float(rng.uniform(0.8, 1.2)),
        "usual_sessions_lost_share": usual,
        "wait_first_minutes_s": 0.02,
        "wait_later_s": 0.02,
        "utilisation": float(rng.uniform(0.5, 0.65)),
    }
    if name == "state":
        values["sessions_lost_share"] = 1 - 1 / grown
    elif name == "warm-up":
        values["wait_first_minutes_s"] = float(rng.uniform(3, 10))
    elif name == "database":
        values["throughput_ratio"] = float(rng.uniform(1.0, 1.1))
        values["wait_first_minutes_s"] = float(rng.uniform(3, 10))
        values["wait_later_s"] = values["wait_first_minutes_s"] * float(rng.uniform(1.0, 2.0))
        values["utilisation"] = float(rng.uniform(0.1, 0.4))  # they wait for the database
    else:
        values["utilisation"] = float(rng.uniform(0.05, 0.2))
    return Metrics(**values)


@diagnose.check_with
def check_diagnose(answer, rng):
    for name in rng.permutation(NAMES).tolist():
        metrics = random_metrics(name, rng)
        got = answered(answer(metrics))
        if got == name:
            continue
        why = {
            "state": "Many more sessions broke than usual. Nothing else does that.",
            "warm-up": "The wait came and went, and the throughput is there: they were cold.",
            "cost": "Nobody waits and no session broke. Only the invoice has grown.",
            "database": "The demand rose, the throughput did not, and the wait stays. The limit is "
            "behind the fleet.",
        }[name]
        if got == "state":
            why = (
                "Some sessions are lost every day, and on some days a few more. Only many times "
                "what is usual is a sign."
            )
        elif got == "database":
            why = (
                "The throughput follows the demand, so nothing behind the fleet holds it up. More "
                "instances than demand, or idle ones, do not show a limit."
            )
        elif got not in NAMES:
            why = "It has to be one of the four names, letter by letter: " + ", ".join(NAMES) + "."
        elif got == "warm-up" and name == "database":
            why = "A cold fleet gets warm. This wait stays, so it is something else."
        elif got == "cost" and name == "database":
            why = "These instances are idle because they wait for something behind them."
        raise AnswerError(
            repr(name),
            repr(got),
            scenario=repr(metrics),
            why=why,
            hint="Which numbers are out of the ordinary, and do they stay so?",
        )


@diagnose.solve
def challenge(metrics):
    """Look for each challenge's own sign, the strictest first.

    Idle instances alone say little: they are idle at night, and when they wait for a database. So
    cost comes last, when nothing else explains what is seen.
    """
    if metrics.sessions_lost_share > 5 * metrics.usual_sessions_lost_share:
        return "state"
    if metrics.throughput_ratio < 0.8 * metrics.demand_ratio:
        return "database"
    if metrics.wait_first_minutes_s > 5 * metrics.wait_later_s:
        return "warm-up"
    return "cost"


@diagnose.solve_otherwise
def challenge(metrics):
    """By what stays: a wait that stays, a wait that goes, sessions, nothing."""
    if metrics.wait_later_s > 1:
        return "database"
    if metrics.wait_first_minutes_s > 1:
        return "warm-up"
    return "state" if metrics.sessions_lost_share > 0.1 else "cost"


@diagnose.reject("a lost session is a lost session", "what is usual")
def any_session(metrics):
    return "state" if metrics.sessions_lost_share > 0 else diagnose.solution(metrics)


@diagnose.reject("a little more than usual is a sign", "a few more")
def above_usual(metrics):
    more = metrics.sessions_lost_share > metrics.usual_sessions_lost_share
    return "state" if more else diagnose.solution(metrics)


@diagnose.reject("a name of one's own", "letter by letter")
def own_name(metrics):
    return diagnose.solution(metrics).replace("warm-up", "warmup")


@diagnose.reject("a wait after scaling is warm-up", "gets warm")
def any_wait(metrics):
    return "warm-up" if metrics.wait_first_minutes_s > 1 else diagnose.solution(metrics)


@diagnose.reject("twice the instances, twice the throughput", "follows the demand")
def by_instances(metrics):
    less = metrics.throughput_ratio < 0.95 * metrics.instances_ratio
    return "database" if less else diagnose.solution(metrics)


@diagnose.reject("idle instances are too many", "something behind them")
def any_idle(metrics):
    return "cost" if metrics.utilisation < 0.45 else diagnose.solution(metrics)


# Task 4: a policy of your own ----------------------------------------------------------------

policy = lab.exercise(
    "policy",
    "A policy of your own",
    hints=(
        "What do you want to see, the load or the demand? One of them cannot exceed 1. "
        "reading.demand_per_s / 100 is how many instances are busy now.",
        "Dead time: what you order now serves in three minutes. Where will the demand be then? "
        "Keep the last readings, and add what it grew by. Plan for a load of about 0.75 to 0.8.",
        "Scaling in: remember what you wanted in the last ten minutes and return the largest. That "
        "is slow in, quick out, without a cool-down. A list outside `decide` can remember.",
    ),
)
MOST_COST, MOST_WAIT_S, MOST_DROPPED = 1.4, 1.0, 0.15
LIMITS = {
    "cost over the best possible, at most": MOST_COST,
    "p99 delay, s, at most": MOST_WAIT_S,
    "dropped, %, at most": MOST_DROPPED,
}


@policy.check_with
def check_policy(answer, rng):
    if callable(answer) and not takes_nothing(answer):
        raise AnswerError(
            "make_policy(), without arguments",
            "a function that wants some",
            scenario="make_policy()",
            why="It is called once a day and returns decide; the readings go to decide.",
            hint="Define decide(reading) inside make_policy, and return it without calling it.",
        )
    decide = answered(answer())
    demand, wishes = day(rng), []
    if not callable(decide):
        raise AnswerError(
            "a function decide(reading)",
            repr(decide),
            scenario="make_policy()",
            why="The fleet asks it once a minute how many instances you want.",
            hint="Define decide inside make_policy, and return it.",
        )

    def whole(reading):
        wanted = answered(decide(reading))
        if isinstance(wanted, bool) or not isinstance(wanted, (int, np.integer)) or wanted < 0:
            raise AnswerError(
                "a whole number of instances, 0 or more",
                repr(wanted),
                scenario=repr(reading),
                why="Nobody can order that many."
                if wanted is not None
                else "The fleet orders what decide returns. What it only prints, you alone see.",
                hint="math.ceil makes a whole number and rounds to the safe side.",
            )
        wishes.append(int(wanted))
        return int(wanted)

    run = fleet_run(demand, FLEET, OwnPolicy(decide=whole))
    marks = score(run)
    cost = marks["instance-hours"] / best_possible(demand)
    summary = (
        f"{cost:.2f} times the best cost, p99 delay {marks['p99 delay, s']:.1f} s, "
        f"{marks['dropped, %']:.2f} % dropped"
    )
    if marks["p99 delay, s"] <= MOST_WAIT_S and marks["dropped, %"] <= MOST_DROPPED:
        if cost <= MOST_COST:
            return
        never_fewer = len(set(wishes)) > 1 and (np.diff(run.running) >= 0).all()
        why = (
            "It never gives an instance back: what the crowd needed runs until midnight."
            if never_fewer
            else "Nobody waits, and you pay for it. Somebody who knew the day in advance would "
            f"have paid {1 / cost:.0%} of it."
        )
    elif np.median(wishes) < FLEET.min_instances:
        why = (
            "Most of the time it wants fewer than the minimum. It has to say how many it wants in "
            "all, not how many more."
        )
    elif marks["dropped, %"] > 5:
        why = "The fleet is too small for an ordinary hour, so most of the day is an overload."
    elif cost < 1.1:
        why = (
            "That fits the demand of a minute ago, or nearly. It has hardly any room for noise, "
            "nor for what grows while the instances start."
        )
    else:
        why = (
            "The crowd was too fast: what you order serves only three minutes later. If you read "
            "the load, it stops at 1 and hides how much is missing; if you read the demand, there "
            "is too little headroom, or no look ahead."
        )
    raise AnswerError(
        f"at most {MOST_COST} times the best cost, p99 delay {MOST_WAIT_S:g} s, "
        f"{MOST_DROPPED:g} % dropped",
        summary,
        scenario="a day that you have not seen",
        why=why,
        hint="Give the last plot of this page this seed instead of SEED, and look at the crowd.",
    )


@policy.solve
def make_policy():
    """Plan for where the demand will be when the order serves, and shrink slowly.

    It reads the demand, which does not saturate. Growth of the last two minutes, projected over
    start-up and decision, makes up for the dead time. The largest wish of ten minutes is slow in,
    quick out.
    """
    seen, wishes = [], []

    def decide(reading):
        seen.append(reading.demand_per_s)
        growth = max(0.0, seen[-1] - seen[-3]) / 2 if len(seen) > 2 else 0.0
        in_time = reading.demand_per_s + 4 * growth
        wishes.append(math.ceil(in_time / 80 + reading.backlog / (100 * 120)))
        return max(wishes[-10:])

    return decide


@policy.solve_otherwise
def make_policy():
    """Without a forecast: more headroom, and the line is served within a minute."""

    def decide(reading):
        wanted = math.ceil(reading.demand_per_s / 73 + reading.backlog / (100 * 60))
        have = reading.running + reading.starting
        return wanted if wanted > have or wanted < have - 1 else have

    return decide


@policy.reject("enough for everything", "you pay for it")
def always_forty():
    return lambda reading: 40


@policy.reject("only ever more", "never gives an instance back")
def only_more():
    return lambda reading: reading.running + reading.starting + 2 * (reading.load > 0.7)


@policy.reject("printed, not returned", "only prints")
def printed():
    def decide(reading):
        math.ceil(reading.demand_per_s / 75)

    return decide


@policy.reject("the minimum will do", "an ordinary hour")
def always_six():
    return lambda reading: 6


@policy.reject("no headroom", "of a minute ago")
def exact():
    return lambda reading: math.ceil(reading.demand_per_s / 100)


@policy.reject("target tracking on the CPU", "it stops at 1")
def by_cpu():
    return lambda reading: math.ceil(reading.running * reading.load / 0.75)


@policy.reject("a little headroom", "too little headroom")
def little_headroom():
    return lambda reading: math.ceil(reading.demand_per_s / 80)


@policy.reject("how many more", "not how many more")
def how_many_more():
    def decide(reading):
        have = reading.running + reading.starting
        return max(0, math.ceil(reading.demand_per_s / 75) - have)

    return decide


@policy.reject("decide itself", "the readings go to decide")
def decide_itself(reading):
    return math.ceil(reading.demand_per_s / 75)


# The contest ---------------------------------------------------------------------------------


def takes_nothing(make: Callable) -> bool:
    """Whether it can be called without arguments."""
    try:
        inspect.signature(make).bind()
    except TypeError:
        return False
    return True


def entry_of(make: object) -> Callable[[], OwnPolicy] | None:
    """Return what makes the learner's policy, or None while the stub is still there."""
    if not callable(make) or not takes_nothing(make) or not callable(make()):
        return None
    return lambda: OwnPolicy(decide=make())
