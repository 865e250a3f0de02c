"""Exercises of the lab on auto-scaling."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from scalelab.course.chapters.autoscaling.contest import FLEET, best_possible, day, score
from scalelab.course.chapters.autoscaling.own_policy import (
    fresh_decide,
    order_of,
    takes_nothing,
)
from scalelab.course.chapters.autoscaling.scenes import SHOWN_S, own_policy
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import Data, Number, Text, Whole
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.scaling_policies import OwnPolicy

lab = Lab("autoscaling")

# Task 1: how long it lasts -------------------------------------------------------------------

lasts = lab.exercise(
    "lasts",
    "How long it lasts",
    Number(unit="s"),
    why="It is the time for which your users wait, and what a page of an incident would say.",
    hint="Draw the number in line against time: up, then down.",
    hints=(
        "Two phases: until the new instances serve, a line grows. From then on it shrinks. How "
        "fast does each happen?",
        "It grows at demand - before and shrinks at after - demand. What is in line at the turn?",
        "line = (demand - before) * reaction_s, then reaction_s + line / (after - demand). If "
        "demand fits into before, nobody waits at all.",
    ),
    explanation=(
        "If all of the reaction is halved, all three are: the line grows for half the time, so it "
        "is half as long, and the worst wait and the minutes of waiting follow it. Where noticing "
        "takes a part of the reaction, faster instances halve only the rest."
    ),
)


@lasts.ask
def ask_lasts(rng):
    before = float(rng.integers(5, 20)) * 100
    demand = before * float(rng.choice([0.75, 1.125, 1.25, 1.5, 2.0]))
    after = demand * float(rng.choice([1.125, 1.5, 2.0]))
    return demand, before, after, float(rng.integers(1, 12)) * 60


@lasts.ask_widely
def ask_lasts_widely(rng):
    before = float(rng.integers(0, 5_000))
    demand = before if rng.random() < 0.2 else float(rng.integers(0, 10_000))
    return demand, before, demand + float(rng.uniform(0.5, 5_000)), float(rng.integers(0, 5_000))


@lasts.edges
def lasts_edges():
    return {
        "a small crowd": (700.0, 500.0, 900.0, 240.0),
        "the demand just fits": (600.0, 600.0, 1_200.0, 420.0),
        "room to spare": (500.0, 600.0, 1_200.0, 420.0),
        "help comes at once": (900.0, 600.0, 1_200.0, 0.0),
        "nothing was running": (100.0, 0.0, 150.0, 60.0),
        "barely enough afterwards": (900.0, 600.0, 901.0, 60.0),
    }


@lasts.otherwise
def why_lasts(got, demand_per_s, before_per_s, after_per_s, reaction_s):
    if demand_per_s <= before_per_s:
        return "The demand fits into what was there before: there is no line, and nobody waits."
    if got < reaction_s:
        return "Until help comes the line only grows, so it lasts longer than the reaction."
    line = (demand_per_s - before_per_s) * reaction_s
    return (
        f"When help comes {line:,.0f} requests are in line, and from then on it shrinks by "
        f"{after_per_s - demand_per_s:,.0f} a second."
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
    """Stretch the reaction: what the fleet was short of at first it makes up for afterwards."""
    if demand_per_s <= before_per_s:
        return 0.0
    return reaction_s * (after_per_s - before_per_s) / (after_per_s - demand_per_s)


@lasts.misread("When the new instances arrive the line is at its longest. It has to go, too.")
def until_help(demand_per_s, before_per_s, after_per_s, reaction_s):
    return reaction_s if demand_per_s > before_per_s else 0


@lasts.misread(
    "The enlarged fleet also serves those who still arrive. Only the rest drains the line."
)
def whole_fleet(demand_per_s, before_per_s, after_per_s, reaction_s):
    if demand_per_s <= before_per_s:
        return 0
    return reaction_s + (demand_per_s - before_per_s) * reaction_s / after_per_s


@lasts.misread("What was added is not what is left over: the surplus of arrivals takes part of it.")
def added(demand_per_s, before_per_s, after_per_s, reaction_s):
    line = max(0, (demand_per_s - before_per_s) * reaction_s)
    return reaction_s + line / (after_per_s - before_per_s) if line else 0


@lasts.misread("That is how long the unluckiest waits. Asked is for how long anybody is in line.")
def worst_wait(demand_per_s, before_per_s, after_per_s, reaction_s):
    if demand_per_s <= before_per_s:
        return 0
    return reaction_s - reaction_s * before_per_s / demand_per_s


@lasts.misread(
    "So long waits who comes just when help arrives. Asked is for how long anybody waits."
)
def wait_at_the_turn(demand_per_s, before_per_s, after_per_s, reaction_s):
    return max(0, demand_per_s - before_per_s) * reaction_s / after_per_s


@lasts.misread("That is how long the line shrinks. It grew before that, for all of the reaction.")
def only_shrinking(demand_per_s, before_per_s, after_per_s, reaction_s):
    line = max(0, demand_per_s - before_per_s) * reaction_s
    return line / (after_per_s - demand_per_s)


@lasts.misread("The old fleet is busy with part of the arrivals: it never drains anything.")
def old_fleet(demand_per_s, before_per_s, after_per_s, reaction_s):
    if demand_per_s <= before_per_s:
        return 0
    line = (demand_per_s - before_per_s) * reaction_s
    return reaction_s + line / (before_per_s or math.inf)


@lasts.misread("Not everybody who came stands in line. The old fleet served all the time.")
def all_in_line(demand_per_s, before_per_s, after_per_s, reaction_s):
    if demand_per_s <= before_per_s:
        return 0
    return reaction_s + demand_per_s * reaction_s / (after_per_s - demand_per_s)


@lasts.misread("That is how many stand in line, a number of requests. Asked are seconds.")
def requests_in_line(demand_per_s, before_per_s, after_per_s, reaction_s):
    return max(0, demand_per_s - before_per_s) * reaction_s


@lasts.misread(
    "The demand fits into what was there before, so there is no line, and nobody waits for help."
)
def there_is_always_a_reaction(demand_per_s, before_per_s, after_per_s, reaction_s):
    line = max(0, demand_per_s - before_per_s) * reaction_s
    return reaction_s + line / (after_per_s - demand_per_s)


@lasts.misread(
    "If the demand is exactly what the fleet does, it still does it: no line grows, nobody waits."
)
def just_fitting_is_too_much(demand_per_s, before_per_s, after_per_s, reaction_s):
    if demand_per_s < before_per_s:
        return 0
    return reaction_s + (demand_per_s - before_per_s) * reaction_s / (after_per_s - demand_per_s)


@lasts.misread(
    "Your line has a negative length where the demand fits. Nobody waits then, and the result is 0."
)
def a_negative_line(demand_per_s, before_per_s, after_per_s, reaction_s):
    line = (demand_per_s - before_per_s) * reaction_s
    return reaction_s + line / (after_per_s - demand_per_s)


# Task 2: a schedule for every hour -----------------------------------------------------------

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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
    Whole(of="instances"),
    why="Sooner or later the clock shows this hour, and the fleet gets this number.",
    hint="List the entries that hold at this hour, by hand.",
    hints=(
        "Find the entries that hold at this hour. Of their numbers take the largest. What do you "
        "return when none holds?",
        "from_hour counts, to_hour does not: 18 to 22 is four hours.",
        "An entry with from_hour > to_hour runs over midnight. Before midnight it is the entry's "
        "own day; after midnight it is the day before: (day - 1) % 7 in entry.days.",
    ),
    explanation=(
        "The list grows, and nobody knows it by heart. Somebody puts a general entry on top, or "
        "sorts the list, and on the busiest evening a smaller number comes first. With the largest "
        "number the order cannot do harm."
    ),
)


@schedule.ask
def ask_schedule(rng):
    """Draw a schedule with a gap, an overlap and a night, and an hour beside a change."""
    weekday = Entry((0, 1, 2, 3), 8, 20, int(rng.integers(4, 7)))
    friday = Entry((3, 4), 18, 22, int(rng.integers(9, 15)))
    night = Entry((5, 6), int(rng.integers(20, 23)), int(rng.integers(2, 5)), 8)
    entries = [(weekday, friday, night)[i] for i in rng.permutation(3)]
    entry = entries[int(rng.integers(3))]
    hour = int(rng.choice([entry.from_hour, entry.to_hour])) + float(rng.choice([-0.25, 0, 0.25]))
    weekday_now = int(rng.choice(entry.days)) + (hour < entry.from_hour - 0.5) * int(
        rng.integers(2)
    )
    return entries, int(rng.integers(2, 4)), weekday_now % 7, hour


@schedule.ask_widely
def ask_schedule_widely(rng):
    entries = []
    for _ in range(int(rng.integers(0, 6))):
        days = tuple(sorted(int(d) for d in rng.choice(7, int(rng.integers(1, 8)), replace=False)))
        start, end = (int(hour) for hour in rng.choice(24, 2, replace=False))
        entries.append(Entry(days, start, end, int(rng.integers(0, 20))))
    return entries, int(rng.integers(0, 10)), int(rng.integers(7)), float(rng.integers(96) / 4)


@schedule.edges
def schedule_edges():
    week, friday = Entry((0, 1, 2, 3), 8, 20, 5), Entry((3, 4), 18, 22, 12)
    night, low = Entry((5, 6), 21, 3, 8), Entry((1,), 2, 5, 1)
    to_midnight = Entry((4,), 20, 0, 9)
    whole_week = [week, friday, night]
    return {
        "one entry holds": (whole_week, 2, 4, 19.5),
        "two hold, the larger is last": (whole_week, 2, 3, 18.0),
        "two hold, the larger is first": ([friday, week], 2, 3, 19.75),
        "none holds": (whole_week, 2, 1, 23.0),
        "no entry at all": ([], 3, 1, 12.0),
        "it begins": ([week], 2, 0, 8.0),
        "just before it begins": ([week], 2, 0, 7.75),
        "it is over": ([friday], 2, 4, 22.0),
        "another day": ([friday], 2, 2, 20.0),
        "an entry below the baseline": ([low, week], 2, 1, 3.0),
        "before midnight": ([night], 2, 5, 23.75),
        "after midnight": ([night], 2, 6, 2.75),
        "Sunday night, which is Monday": ([night], 2, 0, 0.0),
        "the morning before the night": ([night], 2, 5, 2.0),
        "the night is over": ([night], 2, 6, 3.0),
        "the evening after the night": ([Entry((4,), 21, 3, 8)], 2, 5, 21.5),
        "any other morning": ([night], 2, 2, 1.0),
        "the morning after an ordinary day": ([week], 2, 4, 7.0),
        "until midnight": ([to_midnight], 2, 4, 23.75),
        "midnight": ([to_midnight], 2, 5, 0.0),
        "a night and a morning": ([night, Entry((6,), 1, 6, 4)], 2, 6, 1.5),
    }


@schedule.words
def schedule_in_words(entries, baseline, day, hour):
    listed = "; ".join(
        f"days {', '.join(map(str, e.days))}, {e.from_hour} to {e.to_hour}: {e.instances}"
        for e in entries
    )
    clock = f"{int(hour)}:{round(hour % 1 * 60):02d}"
    return (
        f"day={day} ({DAYS[day]}), hour={hour:g} ({clock}), baseline={baseline}, "
        f"entries: {listed or 'none'}"
    )


@schedule.otherwise
def why_schedule(got, entries, baseline, day, hour):
    now = [entry.instances for entry in entries if holds(entry, day, hour)]
    if not now:
        return "No entry holds at this hour, so it is the baseline."
    said = " and ".join(map(str, now))
    number = f"{len(now)} entries hold" if len(now) > 1 else "One entry holds"
    return f"{number} at this hour, for {said} instances. Which did you take for another?"


@schedule.solve
def instances_at(entries, baseline, day, hour):
    """Take the largest of the entries that hold, and the baseline where none does.

    The default makes it a total function: there is no hour without a number. The maximum makes
    the order of the entries irrelevant, which is good for something that people edit.
    """
    now = []
    for entry in entries:
        if entry.from_hour < entry.to_hour:
            holds = day in entry.days and entry.from_hour <= hour < entry.to_hour
        else:
            evening = day in entry.days and hour >= entry.from_hour
            holds = evening or ((day - 1) % 7 in entry.days and hour < entry.to_hour)
        if holds:
            now.append(entry.instances)
    return max(now, default=baseline)


@schedule.solve_otherwise
def instances_at(entries, baseline, day, hour):
    """Count hours since each entry began, around the week."""
    numbers = []
    for entry in entries:
        length = (entry.to_hour - entry.from_hour) % 24
        since = [(24 * (day - d) + hour - entry.from_hour) % 168 for d in entry.days]
        if any(s < length for s in since):
            numbers.append(entry.instances)
    return max(numbers) if numbers else baseline


def holds(entry, day, hour):
    """Whether an entry is in force: right, for answers that are wrong in something else."""
    if entry.from_hour < entry.to_hour:
        return day in entry.days and entry.from_hour <= hour < entry.to_hour
    evening = day in entry.days and hour >= entry.from_hour
    return evening or ((day - 1) % 7 in entry.days and hour < entry.to_hour)


@schedule.misread(
    "There has to be a number for every hour. Where nothing is said, it is the baseline."
)
def no_baseline(entries, baseline, day, hour):
    wanted = 0
    for e in entries:
        if holds(e, day, hour):
            wanted = max(wanted, e.instances)
    return wanted


@schedule.misread("to_hour is the end: 18 to 22 is four hours, and at 22:00 it is over.")
def the_end_belongs_to_it(entries, baseline, day, hour):
    now = []
    for e in entries:
        if e.from_hour < e.to_hour:
            if day in e.days and e.from_hour <= hour <= e.to_hour:
                now.append(e.instances)
        elif (day in e.days and hour >= e.from_hour) or (
            (day - 1) % 7 in e.days and hour <= e.to_hour
        ):
            now.append(e.instances)
    return max(now, default=baseline)


@schedule.misread("The first moment belongs to it: an entry from 8 holds at 8:00.")
def the_beginning_does_not(entries, baseline, day, hour):
    now = []
    for e in entries:
        if e.from_hour < e.to_hour:
            if day in e.days and e.from_hour < hour < e.to_hour:
                now.append(e.instances)
        elif (day in e.days and hour > e.from_hour) or (
            (day - 1) % 7 in e.days and hour < e.to_hour
        ):
            now.append(e.instances)
    return max(now, default=baseline)


@schedule.misread("An entry that ends before it begins runs over midnight, into the next day.")
def no_midnight(entries, baseline, day, hour):
    now = [e.instances for e in entries if day in e.days and e.from_hour <= hour < e.to_hour]
    return max(now, default=baseline)


@schedule.misread(
    "What runs over midnight goes on in the NEXT morning. The morning of its first day is not "
    "part of it."
)
def same_morning(entries, baseline, day, hour):
    now = [baseline]
    for e in entries:
        over = e.from_hour > e.to_hour and (hour >= e.from_hour or hour < e.to_hour)
        if day in e.days and (e.from_hour <= hour < e.to_hour or over):
            now.append(e.instances)
    return max(now[1:] or now)


@schedule.misread("The morning belongs to the day after one of its days, not to every day.")
def every_morning(entries, baseline, day, hour):
    now = []
    for e in entries:
        if e.from_hour > e.to_hour:
            over = hour < e.to_hour or (day in e.days and hour >= e.from_hour)
        else:
            over = day in e.days and e.from_hour <= hour < e.to_hour
        if over:
            now.append(e.instances)
    return max(now, default=baseline)


@schedule.misread(
    "Only an entry that runs over midnight goes on in the next morning. From 8 to 20 ends at 20:00."
)
def each_goes_on_tomorrow(entries, baseline, day, hour):
    now = []
    for e in entries:
        today = day in e.days and e.from_hour <= hour < (
            e.to_hour if e.to_hour > e.from_hour else 24
        )
        if today or ((day - 1) % 7 in e.days and hour < e.to_hour):
            now.append(e.instances)
    return max(now, default=baseline)


@schedule.misread("After midnight the night goes on, and it still counts: 21 to 3 is six hours.")
def the_night_ends_at_midnight(entries, baseline, day, hour):
    now = []
    for e in entries:
        end = e.to_hour if e.to_hour > e.from_hour else 24
        if day in e.days and e.from_hour <= hour < end:
            now.append(e.instances)
    return max(now, default=baseline)


@schedule.misread("After Sunday, which is 6, comes Monday, which is 0: the day before 0 is 6.")
def the_week_ends_on_sunday(entries, baseline, day, hour):
    now = []
    for e in entries:
        if e.from_hour < e.to_hour:
            if day in e.days and e.from_hour <= hour < e.to_hour:
                now.append(e.instances)
        elif (day in e.days and hour >= e.from_hour) or (day - 1 in e.days and hour < e.to_hour):
            now.append(e.instances)
    return max(now, default=baseline)


@schedule.misread("After midnight it is the day AFTER one of its days. You looked one day ahead.")
def the_day_after_for_the_day_before(entries, baseline, day, hour):
    now = []
    for e in entries:
        if e.from_hour < e.to_hour:
            if day in e.days and e.from_hour <= hour < e.to_hour:
                now.append(e.instances)
        elif (day in e.days and hour >= e.from_hour) or (
            (day + 1) % 7 in e.days and hour < e.to_hour
        ):
            now.append(e.instances)
    return max(now, default=baseline)


@schedule.misread("An entry says how many in all. The baseline is not added to it.")
def on_top_of_the_baseline(entries, baseline, day, hour):
    return baseline + max((e.instances for e in entries if holds(e, day, hour)), default=0)


@schedule.misread(
    "The baseline holds where nothing is said. Here an entry says less, and so it is less: at "
    "night a small fleet may be what is wanted."
)
def never_below_the_baseline(entries, baseline, day, hour):
    return max([baseline] + [e.instances for e in entries if holds(e, day, hour)])


@schedule.misread("An entry holds at this hour. What it says goes before the baseline.")
def only_the_baseline(entries, baseline, day, hour):
    return baseline


@schedule.misread("That is what an entry says for other hours of this day.")
def all_day(entries, baseline, day, hour):
    return max((e.instances for e in entries if day in e.days), default=baseline)


@schedule.misread("That is what an entry says for this hour of other days.")
def every_day(entries, baseline, day, hour):
    now = []
    for e in entries:
        over = e.from_hour > e.to_hour and (hour >= e.from_hour or hour < e.to_hour)
        if over or e.from_hour <= hour < e.to_hour:
            now.append(e.instances)
    return max(now, default=baseline)


@schedule.misread(
    "Two entries hold, and you took the first. The larger number counts, wherever it stands."
)
def the_first_entry(entries, baseline, day, hour):
    for e in entries:
        if holds(e, day, hour):
            return e.instances
    return baseline


@schedule.misread(
    "Two entries hold, and the later one overwrites the other. The larger number counts."
)
def the_last_entry(entries, baseline, day, hour):
    wanted = baseline
    for e in entries:
        if holds(e, day, hour):
            wanted = e.instances
    return wanted


@schedule.misread("Each number is of instances in all, so two entries are not added up.")
def the_sum(entries, baseline, day, hour):
    now = [e.instances for e in entries if holds(e, day, hour)]
    return sum(now) if now else baseline


@schedule.misread(
    "Too many instances cost money, too few cost users: of two entries the larger holds."
)
def the_smaller(entries, baseline, day, hour):
    return min((e.instances for e in entries if holds(e, day, hour)), default=baseline)


# Task 3: which challenge is it? --------------------------------------------------------------

NAMES = ("state", "warm-up", "cost", "database")


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
    Text(NAMES),
    why="The cure of one challenge does nothing for the others.",
    hint="Which numbers are out of the ordinary, and do they stay so?",
    hints=(
        "Each challenge has a sign that the others lack. Which of the numbers must be compared "
        "with another one before it says anything?",
        "State: many more sessions lost than usual. Warm-up: a wait that goes. Database: demand "
        "rose and the throughput did not follow, and the wait stays. Cost: nobody suffers and the "
        "instances are idle.",
        "Test in this order: sessions_lost_share > 3 * usual; throughput_ratio < 0.8 * "
        "demand_ratio; wait_first_minutes_s > 5 * wait_later_s; else cost.",
    ),
    explanation=(
        "With state, more instances take or break more sessions, and fewer break them again. Cold "
        "ones help as soon as they are warm. Before a full database each new instance brings more "
        "connections and more callers: that is worse. And where cost is the trouble it rises."
    ),
)


def metrics_of(name: str, rng: np.random.Generator) -> Metrics:
    """Draw what one challenge looks like; all else wanders by up to a quarter."""
    usual = float(rng.choice([0.001, 0.004, 0.01, 0.03, 0.06]))
    demand, grown = float(rng.uniform(1.3, 3.0)), float(rng.choice([1.5, 2.0, 3.0]))
    later = float(rng.uniform(0.01, 0.04))
    values = {
        "instances_ratio": grown,
        "throughput_ratio": demand * float(rng.uniform(0.97, 1.0)),
        "demand_ratio": demand,
        "sessions_lost_share": usual * float(rng.uniform(0.8, 1.25)),
        "usual_sessions_lost_share": usual,
        "wait_first_minutes_s": later * float(rng.uniform(0.8, 1.25)),
        "wait_later_s": later,
        "utilisation": float(rng.uniform(0.5, 0.65)),
    }
    if name == "state":
        values["sessions_lost_share"] = min(0.6, usual * float(rng.uniform(6, 40)))
    elif name == "warm-up":
        values["wait_first_minutes_s"] = float(rng.uniform(3, 10))
    elif name == "database":
        values["throughput_ratio"] = demand * float(rng.uniform(0.4, 0.7))
        values["wait_first_minutes_s"] = float(rng.uniform(3, 10))
        values["wait_later_s"] = values["wait_first_minutes_s"] * float(rng.uniform(1.0, 2.0))
        values["utilisation"] = float(rng.uniform(0.1, 0.4))  # they wait for the database
    else:
        values["utilisation"] = float(rng.uniform(0.05, 0.2))
    return Metrics(**{key: float(f"{value:.3g}") for key, value in values.items()})


@diagnose.ask
def ask_diagnose(rng):
    return (metrics_of(str(rng.choice(NAMES)), rng),)


@diagnose.edges
def diagnose_edges():
    return {
        "a wait that goes": (Metrics(2.0, 1.8, 1.8, 0.005, 0.005, 6.0, 0.02, 0.6),),
        "many sessions lost": (Metrics(1.5, 1.7, 1.7, 0.33, 0.004, 0.02, 0.02, 0.6),),
        "few lost, and seldom any": (Metrics(2.0, 1.9, 1.9, 0.03, 0.001, 0.02, 0.02, 0.55),),
        "many lost, as usual": (Metrics(2.0, 1.7, 1.7, 0.065, 0.06, 0.02, 0.02, 0.1),),
        "a few more than usual": (Metrics(2.0, 1.7, 1.7, 0.012, 0.01, 5.0, 0.02, 0.6),),
        "the throughput stays behind": (Metrics(2.0, 1.1, 1.8, 0.004, 0.004, 5.0, 7.0, 0.2),),
        "it rises, and less than the demand": (Metrics(3.0, 1.9, 3.0, 0.01, 0.01, 4.0, 4.0, 0.4),),
        "busy callers of a full database": (Metrics(1.5, 1.0, 1.9, 0.004, 0.004, 9.0, 9.0, 0.39),),
        "idle, and a little slower": (Metrics(3.0, 1.3, 1.3, 0.004, 0.004, 0.02, 0.025, 0.08),),
        "idle, and a little quicker": (Metrics(3.0, 1.3, 1.3, 0.004, 0.004, 0.025, 0.02, 0.2),),
    }


@diagnose.words
def metrics_in_words(metrics):
    return ", ".join(f"{name}={value:g}" for name, value in vars(metrics).items())


@diagnose.otherwise
def why_diagnose(got, metrics):
    right = diagnose.solution(metrics)
    if got == "state":
        return (
            "Some sessions are lost every day, and on some days a few more. Only many times what "
            "is usual is a sign."
        )
    if got == "database":
        return (
            "The throughput follows the demand, so nothing behind the fleet holds it up. More "
            "instances than demand, or idle ones, do not show a limit."
        )
    return {
        "state": "Many times more sessions broke than usual. Nothing else does that.",
        "warm-up": "The wait came and went, and the throughput is there: they were cold.",
        "cost": "Nobody waits and no more sessions broke than usual. Only the invoice has grown.",
        "database": "The demand rose, the throughput did not follow, and the wait stays. The limit "
        "is behind the fleet.",
    }[right]


@diagnose.solve
def challenge(metrics):
    """Look for each challenge's own sign, the strictest first.

    Idle instances alone say little: they are idle at night, and when they wait for a database. So
    cost comes last, when nothing else explains what is seen.
    """
    if metrics.sessions_lost_share > 3 * metrics.usual_sessions_lost_share:
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
    broken = metrics.sessions_lost_share / metrics.usual_sessions_lost_share
    return "state" if broken > 3 else "cost"


@diagnose.misread(
    "Some sessions are lost every day. Compare the share with what is usual before you blame state."
)
def any_session(metrics):
    if metrics.sessions_lost_share > 0:
        return "state"
    if metrics.throughput_ratio < 0.8 * metrics.demand_ratio:
        return "database"
    return "warm-up" if metrics.wait_first_minutes_s > 1 else "cost"


@diagnose.misread(
    "On every second day a few more sessions than usual are lost. Many times as many are a sign."
)
def above_usual(metrics):
    if metrics.sessions_lost_share > metrics.usual_sessions_lost_share:
        return "state"
    if metrics.throughput_ratio < 0.8 * metrics.demand_ratio:
        return "database"
    return "warm-up" if metrics.wait_first_minutes_s > 1 else "cost"


@diagnose.misread(
    "A fixed share knows nothing of what is usual here: three per cent are many in one service, "
    "and six an ordinary day in another."
)
def fixed_share(metrics):
    if metrics.sessions_lost_share > 0.05:
        return "state"
    if metrics.throughput_ratio < 0.8 * metrics.demand_ratio:
        return "database"
    return "warm-up" if metrics.wait_first_minutes_s > 1 else "cost"


@diagnose.misread("A cold fleet gets warm. A wait that stays is something else.")
def any_wait(metrics):
    if metrics.sessions_lost_share > 3 * metrics.usual_sessions_lost_share:
        return "state"
    if metrics.wait_first_minutes_s > 1:
        return "warm-up"
    return "database" if metrics.throughput_ratio < 0.8 * metrics.demand_ratio else "cost"


@diagnose.misread(
    "Any longer wait at first is taken for warm-up here, even of some milliseconds. A cold fleet "
    "is slower by far."
)
def a_little_slower_at_first(metrics):
    if metrics.sessions_lost_share > 3 * metrics.usual_sessions_lost_share:
        return "state"
    if metrics.throughput_ratio < 0.8 * metrics.demand_ratio:
        return "database"
    return "warm-up" if metrics.wait_first_minutes_s > metrics.wait_later_s else "cost"


@diagnose.misread(
    "The throughput cannot exceed the demand, however many instances there are. Compare the two."
)
def by_instances(metrics):
    if metrics.sessions_lost_share > 3 * metrics.usual_sessions_lost_share:
        return "state"
    if metrics.throughput_ratio < 0.95 * metrics.instances_ratio:
        return "database"
    return "warm-up" if metrics.wait_first_minutes_s > 1 else "cost"


@diagnose.misread(
    "A throughput that rose may still have stayed behind the demand: compare it with that."
)
def throughput_that_rose(metrics):
    if metrics.sessions_lost_share > 3 * metrics.usual_sessions_lost_share:
        return "state"
    if metrics.throughput_ratio < 1.2:
        return "database"
    return "warm-up" if metrics.wait_first_minutes_s > 1 else "cost"


@diagnose.misread(
    "Idle instances are not always too many: they are idle, too, while they wait for something "
    "behind them."
)
def any_idle(metrics):
    if metrics.utilisation < 0.45:
        return "cost"
    if metrics.sessions_lost_share > 3 * metrics.usual_sessions_lost_share:
        return "state"
    return "warm-up" if metrics.wait_first_minutes_s > 1 else "database"


@diagnose.misread(
    "The wait was long at first AND later. Look whether it went away before you call it warm-up, "
    "and whether it is long at all before you call it the database."
)
def later_at_least_as_long(metrics):
    if metrics.sessions_lost_share > 3 * metrics.usual_sessions_lost_share:
        return "state"
    if metrics.wait_later_s >= metrics.wait_first_minutes_s:
        return "database"
    return "warm-up" if metrics.wait_first_minutes_s > 1 else "cost"


# Task 4: a policy of your own ----------------------------------------------------------------

MOST_COST, MOST_WAIT_S, MOST_DROPPED = 1.4, 1.0, 0.15
LIMITS = {
    "cost over the best possible, at most": MOST_COST,
    "p99 delay, s, at most": MOST_WAIT_S,
    "dropped, %, at most": MOST_DROPPED,
}
MORNING = 15  # readings, enough for what a policy remembers to show

policy = lab.exercise(
    "policy",
    "A policy of your own",
    Data("a function `decide(reading)`"),
    why="A policy has to keep its limits on each day, not on most.",
    hint="Put the SEED of this day into the last plot of this page, and look at the crowd.",
    hints=(
        "What do you want to see, the load or the demand? One of them cannot exceed 1. "
        "reading.demand_per_s / 100 is how many instances are busy now.",
        "Dead time: what you order now serves in three minutes. Where will the demand be then? "
        "Keep the last readings, and add what it grew by. Plan for a load of about 0.75 to 0.8.",
        "Scaling in: remember what you wanted in the last ten minutes and return the largest. That "
        "is slow in, quick out, without a cool-down. A list outside `decide` can remember.",
    ),
    explanation=(
        "The forecast makes up for the dead time: without it the head of a crowd waits three "
        "minutes for its instances. Headroom and the largest wish of ten minutes absorb noise: "
        "without them the fleet follows every dip, and the next minute is short."
    ),
)


@lru_cache(maxsize=40)
def _day(seed: int) -> tuple[np.ndarray, float]:
    demand_per_s = day(np.random.default_rng(seed))
    return demand_per_s, best_possible(demand_per_s)


@policy.ask
def ask_policy(rng):
    return (int(rng.integers(300)),)  # of some more days nobody could serve the crowd


@policy.edges
def policy_edges():
    return {
        "a crowd on top of the wave": (218,),
        "the quickest crowd": (162,),
        "a large crowd at night": (79,),
        "a crowd just after midnight": (52,),
    }


@policy.words
def policy_in_words(seed):
    return f"the day of SEED = {seed}"


policy.scene(
    "The fleet of your policy as a crowd comes, on",
    until_s=lambda seed: SHOWN_S - 1.0,
    pace=30.0,
)(own_policy)


@policy.run
def run_policy(make_policy, seed):
    """Let a policy run for a day, then ask fresh ones for the same morning after others' days."""
    decide = fresh_decide(make_policy)
    if decide is ...:
        return ...
    demand_per_s, best = _day(seed)
    readings, orders = [], []

    def whole(reading):
        if len(readings) < MORNING:
            readings.append(reading)
        orders.append(order_of(decide, reading))
        return orders[-1]

    run = fleet_run(demand_per_s, FLEET, OwnPolicy(decide=whole))
    marks = score(run)
    mornings = []
    for load, demand in ((0.0, 0.0), (1.0, 3_000.0)):  # a day that ended in silence, in a crowd
        _orders(
            fresh_decide(make_policy),
            [replace(r, load=load, demand_per_s=demand) for r in readings],
        )
        mornings.append(_orders(fresh_decide(make_policy), readings))
    return {
        "cost": marks["instance-hours"] / best,
        "delay_s": marks["p99 delay, s"],
        "dropped_percent": marks["dropped, %"],
        "usual_order": float(np.median(orders)),
        "never_fewer": len(set(orders)) > 1 and bool((np.diff(run.running) >= 0).all()),
        "afresh": mornings[0] == mornings[1],
    }


def _orders(decide, readings):
    return [order_of(decide, reading) for reading in readings]


@policy.judge
def judge_policy(got, seed):
    if not isinstance(got, dict) or "cost" not in got:
        return Fault("a day of orders", "none")
    if not got["afresh"]:
        return Fault(
            "the same orders for the same morning",
            "others, once a `decide` had seen a crowd",
            "What `decide` remembers has to begin empty each day.",
            "Make the list inside `make_policy`, not outside of it.",
        )
    cost, in_time = got["cost"], got["delay_s"] <= MOST_WAIT_S
    if in_time and got["dropped_percent"] <= MOST_DROPPED and cost <= MOST_COST:
        return None
    return Fault(
        f"at most {MOST_COST} times the best cost, p99 delay {MOST_WAIT_S:g} s, "
        f"{MOST_DROPPED:g} % dropped",
        f"{cost:.2f} times the best cost, p99 delay {got['delay_s']:.1f} s, "
        f"{got['dropped_percent']:.2f} % dropped",
        _why_policy(got),
    )


def _why_policy(got):
    """Say what a day shows of a policy that breaks a limit."""
    if got["delay_s"] <= MOST_WAIT_S and got["dropped_percent"] <= MOST_DROPPED:
        return policy.meaning("only_more" if got["never_fewer"] else "always_forty")
    if got["usual_order"] < FLEET.min_instances:
        return policy.meaning("how_many_more")
    if got["dropped_percent"] > 5:
        return policy.meaning("always_six")
    if got["cost"] < 1.1:
        return policy.meaning("exact")
    return (
        "The crowd was too fast: what you order serves only three minutes later. If you read the "
        "load, it stops at 1 and hides how much is missing; if you read the demand, there is too "
        "little headroom, or no look ahead."
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


@policy.misread("Nobody waits, and you pay for it: far more instances run than the demand needs.")
def always_forty():
    return lambda reading: 40


@policy.misread("It never gives an instance back: what the crowd needed runs until midnight.")
def only_more():
    return lambda reading: reading.running + reading.starting + 2 * (reading.load > 0.7)


@policy.misread("The fleet is too small for an ordinary hour, so most of the day is an overload.")
def always_six():
    return lambda reading: 6


@policy.misread(
    "That fits the demand of a minute ago, or nearly. It has hardly any room for noise, nor for "
    "what grows while the instances start."
)
def exact():
    return lambda reading: math.ceil(reading.demand_per_s / 100)


@policy.misread(
    "The load stops at 1 and hides how much is missing: in a crowd the fleet grows by a third at a "
    "time. The demand does not stop."
)
def by_the_load():
    return lambda reading: math.ceil(reading.running * reading.load / 0.75)


@policy.misread(
    "There is too little headroom: a load of 0.8 leaves no room for what grows in three minutes."
)
def little_headroom():
    return lambda reading: math.ceil(reading.demand_per_s / 80)


@policy.misread(
    "Most of the time it wants fewer than the minimum. It has to say how many it wants in all, not "
    "how many more."
)
def how_many_more():
    def decide(reading):
        have = reading.running + reading.starting
        return max(0, math.ceil(reading.demand_per_s / 75) - have)

    return decide


@policy.misread(
    "A mean over ten minutes is free of noise, and five minutes late: the crowd is there by then. "
    "Be slow on the way in only."
)
def smoothed():
    seen = []

    def decide(reading):
        seen.append(reading.demand_per_s)
        recent = seen[-10:]
        return math.ceil(sum(recent) / len(recent) / 75)

    return decide


@policy.misread(
    "One more a minute is too slow for a crowd: say how many are needed, not merely that more are."
)
def one_at_a_time():
    def decide(reading):
        have = reading.running + reading.starting
        return have + 1 if reading.load > 0.7 else have - (reading.load < 0.5)

    return decide


# The contest ---------------------------------------------------------------------------------


def entry_of(make: object) -> Callable[[], OwnPolicy] | None:
    """Return what makes the learner's policy, or None while the stub is still there."""
    if not callable(make) or not takes_nothing(make) or not callable(make()):
        return None
    return lambda: OwnPolicy(decide=make())
