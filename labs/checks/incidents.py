"""Exercises of the lab on incidents.

The reference diagnosis is the solution of the third task: who left the calm band first?
"""

from itertools import pairwise

import numpy as np

from scalelab.course.chapters.incidents.recorded import (
    CAUSES,
    ENOUGH,
    judged_runs,
    recorded_runs,
    recorded_scores,
)
from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.examine import examine
from scalelab.course.kinds import ListOf, Maybe, Text, Whole
from scalelab.course.page import note
from scalelab.quantities import percent

lab = Lab("incidents")
LEAST = {  # how far a line may always leave its calm mean
    "offered": 0.15,
    "attempts": 0.2,
    "good": 0.1,
    "hits": 0.15,
    "app": 0.2,
    "database": 0.25,
    "spread": 0.5,
    "pool": 0.12,
    "lag": 1.5,
    "instances": 0.5,
    "errors": 0.15,
    "connects": 15.0,
    "same": 8.0,
    "writers": 0.5,
}

# Task 1: when a line leaves its band -------------------------------------------------------------

departure = lab.exercise(
    "departure",
    "When a line leaves",
    Maybe(Whole()),
    why="Everything that follows compares these seconds: a wrong one makes a wrong first failure.",
    hint="Take a line of 120 values by hand: 10 until second 89, then 20.",
    hints=(
        "The band comes from the seconds 15 to 74, with both ends: values[15:75].",
        "beyond = [abs(value - mean) > max(least, 5 * sd) for value in values] is a list of "
        "true and false.",
        "Return the first second s >= 76 with sum(beyond[s : s + 8]) >= 7, if 8 are left.",
    ),
    explanation=(
        "One second beyond the band is what a red herring looks like: a failing deploy of two "
        "seconds, a slow replica of five. A fault that matters stays; asking for eight seconds "
        "costs eight seconds, and saves a night."
    ),
)


def _line(rng, longest=240):
    values = rng.normal(10.0, rng.uniform(0.1, 2.0), int(rng.integers(90, longest)))
    for _ in range(int(rng.integers(0, 3))):
        start = int(rng.integers(60, values.size))
        values[start : start + int(rng.integers(2, 60))] += rng.choice([-1, 1]) * rng.uniform(1, 30)
    return np.round(values, 3).tolist()


@departure.ask
def ask_departure(rng):
    """Draw a line with some steps up and down."""
    return _line(rng), float(rng.choice([0.5, 2.0, 8.0]))


@departure.ask_widely
def ask_departure_widely(rng):
    return _line(rng, 400), float(round(rng.uniform(0.1, 20.0), 2))


def _high_in(second):
    """Make a line with one high value, and a step that leaves it if that one is not calm."""
    values = [10.0] * 90 + [30.0] * 20
    values[second] = 70.0
    return values, 2.0


@departure.edges
def departure_edges():
    flat = [10.0] * 75
    return {
        "one step up": (flat + [10.0] * 15 + [20.0] * 30, 2.0),
        "one step down": (flat + [10.0] * 15 + [0.0] * 30, 2.0),
        "six seconds only": (flat + [10.0] * 15 + [20.0] * 6 + [10.0] * 40, 2.0),
        "a second back inside": (flat + [10.0] * 9 + [20.0] * 3 + [10.0] + [20.0] * 40, 2.0),
        "exactly at the edge": (flat + [12.0] * 40, 2.0),
        "a noisy line": ([9.0, 11.0] * 40 + [14.0] * 20 + [17.0] * 20, 0.5),
        "seven seconds before the end": (flat + [10.0] * 20 + [20.0] * 7, 2.0),
        "four seconds before the end": (flat + [10.0] * 21 + [20.0] * 4, 2.0),
        "away for twenty seconds": (flat + [10.0] * 15 + [20.0] * 20 + [10.0] * 20, 2.0),
        "late in a long line": (flat + [10.0] * 205 + [20.0] * 20, 2.0),
        "a step at once": (flat + [20.0] * 30, 2.0),
        "just beyond five deviations": ([9.0, 11.0] * 40 + [15.02] * 20, 0.5),
        "a hair beyond the edge": (flat + [10.0] * 15 + [12.004] * 30, 2.0),
        "twice as restless": ([8.0, 12.0] * 40 + [25.0] * 20, 0.5),
        "a lopsided calm minute": (
            [10.0] * 40 + [14.0] * 9 + [10.0] * 31 + [17.2] * 20,
            2.0,
        ),
        "high in the second before the calm minute": _high_in(14),
        "high in the first calm second": _high_in(15),
        "high in the last calm second": _high_in(74),
        "high in the second after the calm minute": _high_in(75),
        "above and below in turn": (flat + [10.0] * 15 + [20.0, 0.0] * 15, 2.0),
        "a step in the first half minute": ([30.0] * 10 + [10.0] * 70 + [20.0] * 20, 2.0),
    }


@departure.words
def departure_in_words(values, least):
    early, shown = (
        ", ".join(f"{value:g}" for value in some) for some in (values[13:17], values[70:100])
    )
    many = f"{len(values)} values, seconds 13 to 16: {early}"
    return f"least={least:g}, {many}, from second 70 on: {shown}, …"


@departure.solve
def departure_s(values, least):
    """Compare eight seconds at a time with the calm minute.

    The band is as wide as the line is restless, but never narrower than what matters; seven of
    eight seconds beyond it are no accident.
    """
    values = np.asarray(values)
    calm = values[15:75]
    beyond = np.abs(values - calm.mean()) > max(least, 5 * calm.std())
    for second in range(76, len(values) - 7):
        if beyond[second : second + 8].sum() >= 7:
            return second
    return None


@departure.solve_otherwise
def departure_s(values, least):
    """Count with running sums."""
    calm = np.array(values[15:75])
    edge = max(least, 5 * calm.std())
    beyond = [int(abs(value - calm.mean()) > edge) for value in values]
    sums = np.convolve(beyond, np.ones(8), "valid")[76:]
    found = np.flatnonzero(sums > 6.5)
    return int(found[0]) + 76 if found.size else None


@departure.otherwise
def departure_otherwise(got, values, least):
    right = departure_s(values, least)
    if right is None:
        return (
            "No eight seconds here have seven beyond the band. Is your band too narrow, or do you "
            "ask for less?"
        )
    if got is None:
        return (
            "This line leaves, and you return None. Is your band too wide, or do you ask for more "
            "than seven of eight seconds?"
        )
    if got > right:
        return (
            f"Yours is too late: second {right} begins eight of which seven lie beyond. Is your "
            "band too wide, do you ask for more, or does the search begin after 76?"
        )
    return (
        "Yours is too early: the eight seconds from there on have fewer than seven beyond the "
        "band, or begin before second 76."
    )


def _departure(
    values, least, *, seconds=8, enough=7, down=True, spread=5, first=15, end=75, begin=76
):
    values = np.asarray(values)
    calm = values[first:end]
    mean, edge = calm.mean(), max(least, spread * calm.std())
    beyond = (values > mean + edge) | (down & (values < mean - edge))
    for second in range(begin, len(values) - seconds + 1):
        if beyond[second : second + seconds].sum() >= enough:
            return second
    return None


def _beyond(values, least):
    """Say of each second whether it lies beyond the band."""
    values = np.asarray(values)
    calm = values[15:75]
    return np.abs(values - calm.mean()) > max(least, 5 * calm.std())


@departure.misread(
    "That is the first second beyond the band, and the line may come back at once. Ask for seven "
    "of eight seconds."
)
def first_second(values, least):
    return _departure(values, least, seconds=1, enough=1)


@departure.misread("A line can leave downwards as well: the hit ratio does, and the answers do.")
def upwards_only(values, least):
    return _departure(values, least, down=False)


@departure.misread("One of the eight seconds may lie inside: lines are restless. Seven are enough.")
def all_eight(values, least):
    return _departure(values, least, enough=8)


@departure.misread("A restless line has a wide band: five standard deviations of its calm minute.")
def only_least(values, least):
    return _departure(values, least, spread=0)


@departure.misread("The first fifteen seconds are no calm ones: the band is that of 15 to 74.")
def from_the_beginning(values, least):
    return _departure(values, least, first=0)


@departure.misread("Your calm minute begins too early: second 15 is its first, values[15:75].")
def calm_from_14(values, least):
    return _departure(values, least, first=14)


@departure.misread("Your calm minute begins too late: second 15 is its first, values[15:75].")
def calm_from_16(values, least):
    return _departure(values, least, first=16)


@departure.misread("Your calm minute ends too early: second 74 is its last, values[15:75].")
def calm_until_73(values, least):
    return _departure(values, least, end=74)


@departure.misread("Your calm minute ends too late: second 74 is its last, values[15:75].")
def calm_until_75(values, least):
    return _departure(values, least, end=76)


@departure.misread("Second 76 is the first that counts.")
def one_too_early(values, least):
    return _departure(values, least, begin=75)


@departure.misread("Second 76 counts already: your search begins behind it.")
def one_too_late(values, least):
    return _departure(values, least, begin=77)


@departure.misread("All eight seconds have to be there: at the end of the run yours are fewer.")
def cut_at_the_end(values, least):
    calm = np.array(values[15:75])
    edge = max(least, 5 * calm.std())
    beyond = [abs(value - calm.mean()) > edge for value in values]
    each = ((second, beyond[second : second + 8]) for second in range(76, len(values)))
    return next((second for second, some in each if sum(some) >= min(7, len(some))), None)


@departure.misread("A line that comes back later has left all the same: eight seconds are enough.")
def away_to_the_end(values, least):
    second, calm = departure_s(values, least), np.array(values[15:75])
    edge = max(least, 5 * calm.std())
    stays = second is not None and all(abs(v - calm.mean()) > edge for v in values[second + 8 :])
    return second if stays else None


@departure.misread("Seven of the eight seconds have to lie beyond. You are content with six.")
def six_are_enough(values, least):
    return _departure(values, least, enough=6)


@departure.misread("The deviation is asked for, `numpy.std`, and not its square, the variance.")
def with_the_variance(values, least):
    return _departure(values, least, spread=5 * np.std(values[15:75]))


@departure.misread("Do not round the values: a hair beyond the band is beyond it.")
def rounded(values, least):
    return departure_s(np.round(values, 1), least)


@departure.misread("The larger of `least` and five deviations is the width, and not the smaller.")
def the_smaller(values, least):
    return _departure(values, min(least, 5 * np.std(values[15:75])), spread=0)


@departure.misread("A very calm line would leave at once: the band is at least `least` wide.")
def only_deviations(values, least):
    return _departure(values, 0.0)


@departure.misread("A line can leave late, too: look at all of its seconds.")
def only_the_beginning(values, least):
    return departure_s(values[:120], least)


@departure.misread("Exactly at its edge a value is still inside the band.")
def at_the_edge(values, least):
    return departure_s(values, np.nextafter(least, 0))


@departure.misread("The band is `least` wide, or five deviations: the larger of the two, not both.")
def both_added(values, least):
    return _departure(values, least + 5 * np.std(values[15:75]))


@departure.misread("The deviation has `n` below the root, 60 here, and not one less: `numpy.std`.")
def one_less_below(values, least):
    return _departure(values, least, spread=5 * np.sqrt(60 / 59))


@departure.misread("The band lies around the mean of the calm minute, and not around its median.")
def around_the_median(values, least):
    values = np.asarray(values)
    away = np.abs(values - np.median(values[15:75])) > max(least, 5 * values[15:75].std())
    found = np.flatnonzero(np.convolve(away, np.ones(8), "valid")[76:] > 6.5)
    return int(found[0]) + 76 if found.size else None


@departure.misread("That is the last of the eight seconds. Asked for is the first of them.")
def last_of_the_eight(values, least):
    second = departure_s(values, least)
    return None if second is None else second + 7


@departure.misread("That lies in the middle of the eight seconds. Asked for is the first of them.")
def middle_of_the_eight(values, least):
    second = departure_s(values, least)
    return None if second is None else second + 4


@departure.misread("The first of the eight may be the one inside; you ask that it lies beyond.")
def from_one_beyond(values, least):
    beyond = _beyond(values, least)
    starts = np.flatnonzero(beyond[76 : len(beyond) - 7]) + 76
    return next((int(s) for s in starts if beyond[s : s + 8].sum() >= 7), None)


@departure.misread("Eight seconds can begin at each second, and not only at every eighth.")
def eight_by_eight(values, least):
    beyond = _beyond(values, least)
    starts = range(76, len(beyond) - 7, 8)
    return next((s for s in starts if beyond[s : s + 8].sum() >= 7), None)


@departure.misread(
    "Seven seconds beyond the band may lie on either side: those above and those below count "
    "together."
)
def each_side_alone(values, least):
    values = np.asarray(values)
    mirrored = 2 * values[15:75].mean() - values
    both = [_departure(each, least, down=False) for each in (values, mirrored)]
    return min((second for second in both if second is not None), default=None)


@departure.misread("A line can leave upwards as well: the load does, and the lag does.")
def downwards_only(values, least):
    return _departure(-np.asarray(values), least, down=False)


@departure.misread("Your search begins in the calm minute or before it. Second 76 is its first.")
def from_second_0(values, least):
    return _departure(values, least, begin=0)


@departure.misread("You count from second 76 on. The first value of the line is that of second 0.")
def counted_from_76(values, least):
    second = departure_s(values, least)
    return None if second is None else second - 76


@departure.misread(
    "The last eight seconds of the line count as well: your search ends before them."
)
def without_the_last_eight(values, least):
    return departure_s(values[:-1], least)


@departure.misread(
    "The band is five deviations wide, if that is more than `least`; yours is three."
)
def three_deviations_wide(values, least):
    return _departure(values, least, spread=3)


@departure.misread(
    "The deviation is that of the calm minute. A fault makes that of the whole line large, and "
    "hides behind it."
)
def deviation_of_all(values, least):
    values = np.asarray(values)
    width = max(least, 5 * values.std())
    beyond = np.abs(values - values[15:75].mean()) > width
    found = np.flatnonzero(np.convolve(beyond, np.ones(8), "valid")[76:] > 6.5)
    return int(found[0]) + 76 if found.size else None


@departure.misread("`least` has the unit of the line: it is no share of its mean.")
def least_as_a_share(values, least):
    return departure_s(values, least * abs(np.mean(values[15:75])))


@departure.misread("The band reaches that far to each side of the mean: yours is half as wide.")
def half_as_wide(values, least):
    return _departure(values, least / 2, spread=2.5)


@departure.misread("That is the answer to the example. It has to come from `values` each time.")
def as_in_the_example(values, least):
    return 89


@departure.misread("A line that never leaves has no second: return `None`.")
def minus_one(values, least):
    second = departure_s(values, least)
    return -1 if second is None else second


# Task 2: in which order they leave ---------------------------------------------------------------

order = lab.exercise(
    "order",
    "Who left first",
    ListOf(Text(), "place"),
    why="At the end all lines are far away; only the order tells the first failure from the rest.",
    hint="Print the second of each line before you sort, and compare it with task 1.",
    hints=(
        "Use departure_s for each name in metrics, with least[name].",
        "Lines that never leave are left out.",
        "sorted(...) keeps the order of equal ones: sort by the second alone.",
    ),
    explanation=(
        "The dashboard of a collapsed shop shows the same six red lines whatever began it. The "
        "order is different each time, because a fault has to walk from one part to the next."
    ),
)


def _some_runs(rng):
    runs = [run for found in recorded_runs().values() for run in found]
    return {name: list(values) for name, values in runs[int(rng.integers(len(runs)))].items()}


@order.ask
def ask_order(rng):
    """Draw a recorded run."""
    return _some_runs(rng), _shuffled(rng, LEAST)


@order.ask_widely
def ask_order_widely(rng):
    least = {name: least * rng.uniform(0.5, 2.0) for name, least in LEAST.items()}
    return _some_runs(rng), _shuffled(rng, least)


def _shuffled(rng, named):
    """Return the same dictionary in another order."""
    return {str(name): named[str(name)] for name in rng.permutation(list(named))}


@order.edges
def order_edges():
    flat = [10.0] * 75

    def step(at_s, value=20.0, until_s=140):
        return flat + [10.0] * (at_s - 75) + [value] * (until_s - at_s)

    runs = {
        "two lines": {"a": step(100), "b": step(90)},
        "at the same second": {"b": step(90), "a": step(90), "c": step(80)},
        "nobody": {"a": flat + [10.0] * 65},
        "one that comes back": {"a": flat + [20.0] * 5 + [10.0] * 60, "b": step(100)},
        "one further away, but later": {"a": step(95, 900.0), "b": step(90, 13.0)},
        "before and after second 100": {"a": step(107), "b": step(97)},
        "one exactly at the edge": {"a": step(85, 12.0), "b": step(90)},
        "one falls": {"a": step(95, 0.0), "b": step(90)},
        "six seconds of one": {"a": flat + [10.0] * 5 + [20.0] * 6 + [10.0] * 54, "b": step(100)},
        "one is inside for a second": {
            "a": flat + [10.0] * 9 + [20.0] * 3 + [10.0] + [20.0] * 52,
            "b": step(87),
        },
        "one comes back, and leaves later": {
            "a": flat + [10.0] * 5 + [20.0] * 2 + [10.0] * 28 + [20.0] * 30,
            "b": step(95),
        },
        "one that leaves late": {"a": step(225, until_s=240), "b": step(90, until_s=240)},
    }
    made = {name: (metrics, dict.fromkeys(metrics, 2.0)) for name, metrics in runs.items()}
    mixed = {"a": step(90, 13.0), "b": step(100, 30.0), "c": step(95, 13.0)}
    made["least in another order"] = mixed, {"c": 8.0, "b": 2.0, "a": 2.0}
    tied = runs["at the same second"]
    made["at the same second, least in another order"] = tied, dict.fromkeys("acb", 2.0)
    return made


@order.words
def order_in_words(metrics, least):
    few = len(metrics) < 4
    own = "; least: " + ", ".join(f"{n} {each:g}" for n, each in least.items()) if few else ""
    return f"a dashboard with the lines {', '.join(metrics)}{own}"


def _departures(metrics, least):
    """Say when each line leaves, in the order of these seconds."""
    seconds = {name: _departure(metrics[name], least[name]) for name in metrics}
    gone = sorted((n for n in metrics if seconds[n] is not None), key=seconds.get)
    never = [name for name in metrics if seconds[name] is None]
    said = ", ".join(f"{name} in {seconds[name]}" for name in gone) or "none"
    return f"{said}; never: {', '.join(never)}" if never else said


@order.otherwise
def order_otherwise(got, metrics, least):
    right = lines_in_order(metrics, least)
    said = f"The seconds in which the lines leave: {_departures(metrics, least)}."
    more = [name for name in got if name not in right]
    if more:
        return f"`{more[0]}` does not leave by the rule of the first task. {said}"
    missing = [name for name in right if name not in got]
    if missing:
        return f"`{missing[0]}` is missing: it leaves, by the rule of the first task. {said}"
    return f"{said} Do you sort by these, as numbers, equal ones in the order of `metrics`?"


@order.solve
def lines_in_order(metrics, least):
    """Ask each line when it left, and sort those that did.

    How far a line is away does not count, for lines have different units; only when it left.
    """

    def left_s(name):
        values = np.asarray(metrics[name])
        calm = values[15:75]
        beyond = np.abs(values - calm.mean()) > max(least[name], 5 * calm.std())
        found = np.flatnonzero(np.convolve(beyond, np.ones(8), "valid")[76:] > 6.5)
        return int(found[0]) if found.size else None

    seconds = {name: left_s(name) for name in metrics}
    return sorted((n for n in metrics if seconds[n] is not None), key=seconds.get)


@order.solve_otherwise
def lines_in_order(metrics, least):
    """Walk through the seconds, and note who leaves in each."""
    beyond = {}
    for name, values in metrics.items():
        calm = np.array(values[15:75])
        edge = max(least[name], 5 * calm.std())
        beyond[name] = np.abs(np.array(values) - calm.mean()) > edge
    found = []
    for second in range(76, max(len(values) for values in metrics.values()) - 7):
        for name, flags in beyond.items():
            if name not in found and flags[second : second + 8].sum() >= 7:
                found.append(name)
    return found


@order.misread("That is by how far they are away at the end. Which one left first?")
def by_distance(metrics, least):
    left = lines_in_order(metrics, least)
    names = [name for name in metrics if name in left]
    return sorted(names, key=lambda n: -abs(metrics[n][-1] - np.mean(metrics[n][15:75])))


@order.misread("Lines that leave in the same second stay in the order of `metrics`.")
def by_name(metrics, least):
    seconds = {n: _departure(metrics[n], least[n]) for n in metrics}
    return sorted((n for n in metrics if seconds[n] is not None), key=lambda n: (seconds[n], n))


def _in_order(metrics, least, **slips):
    seconds = {n: _departure(metrics[n], least[n], **slips) for n in metrics}
    return sorted((n for n in metrics if seconds[n] is not None), key=seconds.get)


@order.misread("A line that came back did not leave: ask for seven of eight seconds.")
def with_the_herring(metrics, least):
    return _in_order(metrics, least, seconds=1, enough=1)


@order.misread(
    "Seven of the eight seconds are enough, as in the first task: you ask for all eight."
)
def all_eight_of_each(metrics, least):
    return _in_order(metrics, least, enough=8)


@order.misread("Seven of the eight seconds have to lie beyond: six are enough for you.")
def six_of_each(metrics, least):
    return _in_order(metrics, least, enough=6)


@order.misread("Lines leave downwards as well, and you see only those that rise.")
def rising_ones(metrics, least):
    return _in_order(metrics, least, down=False)


@order.misread("Exactly at the edge of its band a line is still inside.")
def at_the_edge_of_each(metrics, least):
    return _in_order(metrics, {name: 0.999 * each for name, each in least.items()})


@order.misread(
    "You sort by the first second beyond the band. A line may come back then, and leave later: "
    "sort by the departures of the first task."
)
def by_the_first_second(metrics, least):
    names = _in_order(metrics, least, seconds=1, enough=1)
    left = lines_in_order(metrics, least)
    return [name for name in names if name in left]


@order.misread("Yours go through `least`. Lines of one second stay in the order of `metrics`.")
def as_in_least(metrics, least):
    return lines_in_order({name: metrics[name] for name in least}, least)


@order.misread("You count lines that never leave as gone in second 0. They are left out.")
def never_as_0(metrics, least):
    left = lines_in_order(metrics, least)
    return [*(name for name in metrics if name not in left), *left]


@order.misread("Take the names from `metrics`: these are others than the lines of the shop.")
def names_of_the_shop(metrics, least):
    return _in_order({n: metrics[n] for n in LEAST if n in metrics}, least)


@order.misread("That is the answer to the example. It has to come from `metrics` each time.")
def as_in_the_example_of_two(metrics, least):
    return ["b", "a"]


@order.misread("Lines that never leave are left out.")
def all_of_the_lines(metrics, least):
    left = lines_in_order(metrics, least)
    return [*left, *(name for name in metrics if name not in left)]


@order.misread("That is the order of `metrics`. Sort by the second in which each line leaves.")
def as_on_the_dashboard(metrics, least):
    left = lines_in_order(metrics, least)
    return [name for name in metrics if name in left]


@order.misread("That is the last one first. Who left first comes first.")
def last_first(metrics, least):
    seconds = {n: _departure(metrics[n], least[n]) for n in metrics}
    names = [name for name in metrics if seconds[name] is not None]
    return sorted(names, key=seconds.get, reverse=True)


@order.misread("Turned round, it begins with the last one. Who left first comes first.")
def turned_round(metrics, least):
    return lines_in_order(metrics, least)[::-1]


@order.misread("All that left are asked for, the first one first; this is the first alone.")
def first_alone(metrics, least):
    return lines_in_order(metrics, least)[:1]


@order.misread("Each line has a `least` of its own: least[name].")
def one_least(metrics, least):
    return lines_in_order(metrics, dict.fromkeys(metrics, min(least.values())))


@order.misread("You take the first `least` for all lines. Each has its own: least[name].")
def first_least(metrics, least):
    return _in_order(metrics, dict.fromkeys(metrics, next(iter(least.values()))))


@order.misread("Take `least[name]`: the two dictionaries have the same names in different orders.")
def by_position(metrics, least):
    return lines_in_order(metrics, dict(zip(metrics, least.values(), strict=True)))


@order.misread("As texts, 106 comes before 96. Sort the seconds as numbers.")
def seconds_as_texts(metrics, least):
    seconds = {n: str(_departure(metrics[n], least[n])) for n in metrics}
    return sorted((n for n in metrics if seconds[n] != "None"), key=seconds.get)


@order.misread("Two lines can leave in one second: a dictionary by the second keeps only one.")
def one_of_each_second(metrics, least):
    names = {_departure(metrics[n], least[n]): n for n in metrics}
    return [names[second] for second in sorted(s for s in names if s is not None)]


@order.misread("A line can leave late: look at all of its seconds.")
def cut_lines(metrics, least):
    return lines_in_order({name: values[:200] for name, values in metrics.items()}, least)


@order.misread("The band is five deviations wide, if that is more than `least`; yours is three.")
def three_deviations(metrics, least):
    return _in_order(metrics, least, spread=3)


# Task 3: the cause -------------------------------------------------------------------------------

cause = lab.exercise(
    "cause",
    "The cause",
    Text((*CAUSES, "calm")),
    why="Whoever mends the wrong thing at night has two incidents in the morning.",
    hint='`lab.failed("cause")[0]` is the run. Draw the lines that leave, around these seconds.',
    hints=(
        "Two causes show without an order: writers above one, and instances that go up and down.",
        "If good never leaves, look for lag that stays, or for bursts of same; if there is "
        "neither, it is calm.",
        "If it does, look whether errors leave with it, then a few seconds before: connects, "
        "spread and same, pool with an idle database, offered, hits.",
    ),
    explanation=(
        "A retry storm and a flushed cache end with the same dashboard: hit ratio zero, pool full, "
        "attempts at the limit. Only the seconds before the first failure differ: in one the "
        "offered load had jumped, in the other the hit ratio had fallen."
    ),
)


def _run(runs, which):
    return {line: list(values) for line, values in runs[which].items()}


@cause.ask
def ask_cause(rng):
    """Draw a run of one of the seeds that the page neither shows nor imports."""
    runs = judged_runs()[str(rng.choice(list(judged_runs())))]
    return (_run(runs, int(rng.integers(len(runs)))),)


@cause.ask_widely
def ask_cause_widely(rng):
    name = str(rng.choice(list(judged_runs())))
    runs = recorded_runs()[name] + judged_runs()[name]
    return (_run(runs, int(rng.integers(len(runs)))),)


@cause.edges
def cause_edges():
    rare = [runs[2:] for runs in _in_turn() if len(runs) > 2]
    asked = [*_in_turn(), *rare]
    made = {f"unlabelled run {i + 1}": (_run(runs, 0),) for i, runs in enumerate(asked)}
    (first,) = made["unlabelled run 1"]
    return made | {"run 1, its lines by the alphabet": (dict(sorted(first.items())),)}


def _in_turn():
    """Return the runs of each cause, in another order than that of the page's list."""
    names = sorted(judged_runs(), key=lambda name: name[::-1])
    return [judged_runs()[name] for name in names]


@cause.words
def cause_in_words(metrics):
    return f"a run in which these lines leave: {_departures(metrics, LEAST)}"


TOLD_BY = {
    "retry storm": "Here the offered load jumps far up as answers begin to fail.",
    "cache stampede": "Here `same` bursts every twenty seconds, before all else.",
    "metastable cache flush": "Here the hit ratio falls as answers begin to fail, by itself.",
    "hot shard": "Here `same` and `spread` jump as answers fail: one node has the work.",
    "replica lag": "Here `lag` grows and stays, while the answers are good.",
    "autoscaler flapping": "Here `instances` goes up and down, again and again.",
    "connection leak": "Here the pool fills slowly, long before answers fail, at an idle database.",
    "sinkhole": "Here the errors leave with the first answers that fail, and stay.",
    "thundering reconnect": "Here `connects` jumps when answers fail.",
    "split brain": "Here `writers` is above 1 for a minute.",
    "calm": "Here nothing stays away that harms: what there is passes by itself.",
}
NOT_BY = {  # why it is not what somebody took it for
    "retry storm": "Attempts rise wherever answers fail, and a fifth more traffic is harmless.",
    "cache stampede": "Identical queries pile up in most collapses.",
    "metastable cache flush": "The hit ratio falls in every collapse.",
    "hot shard": "`spread` and the database rise in most collapses.",
    "replica lag": "The replicas fall behind in most collapses.",
    "autoscaler flapping": "In a flapping `instances` goes up and down several times.",
    "connection leak": "The pool is full in most collapses.",
    "sinkhole": "Errors for two seconds are a failing deploy, which is harmless.",
    "thundering reconnect": "In a reconnect `connects` jumps, and then answers fail.",
    "split brain": "Only more than one writer is a split brain.",
    "calm": "Something is wrong, though all may be served.",
}


@cause.otherwise
def cause_otherwise(got, metrics):
    if list(metrics) != list(LEAST):
        return OTHER_ORDER
    return f"{NOT_BY[got]} {TOLD_BY[diagnose(metrics)]}"


@cause.solve
def diagnose(metrics):
    """Ask who left the calm band first, and stayed away.

    The end state does not tell: systems that have collapsed look alike. What differs are the
    seconds before the first failure, so each rule looks there.
    """
    x = {name: np.asarray(values) for name, values in metrics.items()}
    calm, never = slice(15, 75), 10_000

    def leaves(name, least, up=True):
        """First second from which it stays beyond five standard deviations, in 7 of 8 seconds."""
        mean, edge = x[name][calm].mean(), max(least, 5 * x[name][calm].std())
        beyond = x[name] > mean + edge if up else x[name] < mean - edge
        long = np.convolve(beyond, np.ones(8), "valid") >= 7
        found = np.flatnonzero(long[76:])
        return int(found[0]) + 76 if found.size else never

    if np.mean(x["writers"][100:160]) > 1.5:
        return "split brain"
    steps = np.diff(x["instances"][100:])
    if np.count_nonzero(np.diff(np.sign(steps[steps != 0]))) >= 3:
        return "autoscaler flapping"
    bad = leaves("good", 0.1, up=False)
    first = {
        "errors": leaves("errors", 0.15),
        "connects": leaves("connects", 15),
        "spread": leaves("spread", 0.5),
        "lag": leaves("lag", 1.5),
        "pool": leaves("pool", 0.12),
    }
    often = 2 * np.quantile(x["same"][calm], 0.95) + 5
    if first["errors"] <= bad + 3 and first["errors"] < never:
        return "sinkhole"
    if bad == never:
        if first["spread"] < never:
            return "hot shard"
        if first["lag"] < never:
            return "replica lag"
        return "cache stampede" if np.count_nonzero(x["same"][80:] > often) >= 3 else "calm"
    before = slice(max(bad - 8, 76), bad + 3)
    if first["connects"] <= bad + 3:
        return "thundering reconnect"
    around = slice(bad, bad + 6)
    uneven = x["spread"][around].mean() > 1.1 * x["spread"][calm].mean()
    if uneven and np.mean(x["same"][around] > often) > 0.7:
        return "hot shard"
    idle = x["database"][max(bad - 12, 76) : bad].mean() < 1.3 * x["database"][calm].mean() + 0.1
    if first["pool"] < bad - 6 and idle:
        return "connection leak"
    if x["offered"][before].max() > 1.6:
        return "retry storm"
    if x["hits"][max(bad - 25, 76) : bad + 3].min() < 0.6 * x["hits"][calm].mean():
        return "metastable cache flush"
    if x["same"][before].max() > often:
        return "cache stampede"
    if first["lag"] < bad:
        return "replica lag"
    return "calm"


@cause.solve_otherwise
def diagnose(metrics):
    """Ask the same questions of a table of departures."""
    x = {name: np.array(values) for name, values in metrics.items()}
    calm = {name: values[15:75] for name, values in x.items()}
    least = {"good": 0.1, "errors": 0.15, "connects": 15, "spread": 0.5, "lag": 1.5, "pool": 0.12}
    left = {name: _side(metrics[name], least[name], name == "good") for name in least}
    if np.median(x["writers"][100:160]) > 1.5:
        return "split brain"
    moves = [step for step in np.diff(x["instances"][100:]) if step]
    if sum(a * b < 0 for a, b in pairwise(moves)) >= 3:
        return "autoscaler flapping"
    bad, burst = left["good"], 2 * np.quantile(calm["same"], 0.95) + 5
    if left["errors"] < np.inf and left["errors"] <= bad + 3:
        return "sinkhole"
    if bad == np.inf:
        quiet = {"hot shard": left["spread"] < np.inf, "replica lag": left["lag"] < np.inf}
        quiet["cache stampede"] = sum(x["same"][80:] > burst) >= 3
        return next((name for name, here in quiet.items() if here), "calm")
    from_s, to_s = max(bad - 8, 76), bad + 3
    after = {name: values[bad : bad + 6] for name, values in x.items()}
    stuck = x["database"][max(bad - 12, 76) : bad].mean() < 1.3 * calm["database"].mean() + 0.1
    uneven = after["spread"].mean() > 1.1 * calm["spread"].mean()
    rules = {
        "thundering reconnect": left["connects"] <= bad + 3,
        "hot shard": uneven and np.mean(after["same"] > burst) > 0.7,
        "connection leak": left["pool"] < bad - 6 and stuck,
        "retry storm": max(x["offered"][from_s:to_s]) > 1.6,
        "metastable cache flush": min(x["hits"][max(bad - 25, 76) : to_s])
        < 0.6 * calm["hits"].mean(),
        "cache stampede": max(x["same"][from_s:to_s]) > burst,
        "replica lag": left["lag"] < bad,
    }
    return next((name for name, here in rules.items() if here), "calm")


def _side(values, least, down):
    values = -np.array(values) if down else np.array(values)
    edge = values[15:75].mean() + max(least, 5 * values[15:75].std())
    found = np.flatnonzero(np.convolve(values > edge, np.ones(8), "valid")[76:] > 6.5)
    return found[0] + 76 if found.size else np.inf


def _end(metrics, name):
    return float(np.mean(metrics[name][180:235])), float(np.mean(metrics[name][15:75]))


@cause.misread("That reads the last minute, worst line first: whatever collapsed ends like that.")
def by_the_end(metrics):
    if _end(metrics, "errors")[0] > 0.1:
        return "sinkhole"
    if _end(metrics, "hits")[0] < 0.6 * _end(metrics, "hits")[1]:
        return "metastable cache flush"
    if _end(metrics, "lag")[0] > 2:
        return "replica lag"
    return "calm"


@cause.misread(
    "A full pool is where most incidents end, not where they begin. What came before it?"
)
def by_the_pool(metrics):
    return "connection leak" if _end(metrics, "pool")[0] > 0.9 else diagnose(metrics)


@cause.misread("You look at the pool alone: it is full in most collapses, and idle in the rest.")
def by_the_pool_alone(metrics):
    return "connection leak" if _end(metrics, "pool")[0] > 0.9 else "calm"


@cause.misread(
    "Many attempts follow from any failure when clients retry. What made the first fail?"
)
def by_the_attempts(metrics):
    return "retry storm" if _end(metrics, "attempts")[0] > 1.4 else diagnose(metrics)


@cause.misread("You look at the attempts alone: they rise wherever answers fail.")
def by_the_attempts_alone(metrics):
    return "retry storm" if _end(metrics, "attempts")[0] > 1.4 else "calm"


@cause.misread(
    "The replicas fall behind in most collapses. It is the cause where `good` never leaves."
)
def by_any_lag(metrics):
    behind = _departure(metrics["lag"], LEAST["lag"]) is not None
    return "replica lag" if behind else diagnose(metrics)


@cause.misread("Errors that last two seconds are a failing deploy. Those of a sinkhole stay.")
def by_any_error(metrics):
    return "sinkhole" if max(metrics["errors"][76:]) > 0.15 else diagnose(metrics)


@cause.misread(
    "`spread` rises a little in most collapses. With a hot shard it jumps, and `same` with it, as "
    "answers fail."
)
def by_any_spread(metrics):
    return "hot shard" if max(metrics["spread"][76:]) > 1.4 else diagnose(metrics)


@cause.misread("A night on which nothing harmful stays away is `calm`: yours has a cause for each.")
def never_calm(metrics):
    found = diagnose(metrics)
    return "metastable cache flush" if found == "calm" else found


@cause.misread(
    "That is what `recorded_runs()` has. The check asks nights that are not among them: write a "
    "rule."
)
def as_remembered(metrics):
    known = ((name, run) for name, runs in recorded_runs().items() for run in runs)
    return next((name for name, run in known if run == metrics), "calm")


def _seen_before(cause_name, line, least):
    """Take the cause for a flush where its sign comes in the second after the departure."""

    @cause.misread(
        f"`{line}` jumps here, and you look before it. By the rule of task 1 `good` leaves up to a "
        "second before the jump: look at some seconds after its departure, too."
    )
    def only_before(metrics):
        found, bad = diagnose(metrics), _departure(metrics["good"], LEAST["good"])
        late = found == cause_name and np.mean(metrics[line][bad - 8 : bad]) < least
        return "metastable cache flush" if late else found


_seen_before("retry storm", "offered", 1.6)
_seen_before("hot shard", "spread", 2.1)


@cause.misread(
    "Traffic rises by nearly half and stays, while `instances` goes up and down: a flapping, and "
    "no storm."
)
def flapping_as_a_crowd(metrics):
    found = diagnose(metrics)
    return "retry storm" if found == "autoscaler flapping" else found


@cause.misread(
    "The hit ratio falls at once in a harmless restart before second 76 as well, and in other "
    "collapses after it."
)
def by_any_fall_of_hits(metrics):
    falls = min(np.diff(metrics["hits"])) < -0.25
    return "metastable cache flush" if falls else diagnose(metrics)


OTHER_ORDER = "The lines come in any order: take each by its name, as in metrics['good']."


@cause.misread(OTHER_ORDER)
def by_place(metrics):
    return diagnose(dict(zip(LEAST, metrics.values(), strict=True)))


@cause.misread("A stampede in which all are served is one all the same: `same` comes in bursts.")
def stampedes_that_harm(metrics):
    found = diagnose(metrics)
    served = _departure(metrics["good"], LEAST["good"]) is None
    return "calm" if found == "cache stampede" and served else found


@cause.misread(
    "In some stampedes answers fail, too. It is no flush: bursts of `same` came long before, every "
    "twenty seconds."
)
def stampedes_that_do_not(metrics):
    found = diagnose(metrics)
    served = _departure(metrics["good"], LEAST["good"]) is None
    return "metastable cache flush" if found == "cache stampede" and not served else found


@cause.misread("A lag of a few seconds that stays is a replica lag: yours has to be long.")
def only_a_long_lag(metrics):
    found = diagnose(metrics)
    return "calm" if found == "replica lag" and max(metrics["lag"]) < 20 else found


@cause.misread("`instances` need not be up at the end: it goes up and down, again and again.")
def more_at_the_end(metrics):
    found, servers = diagnose(metrics), metrics["instances"]
    return "calm" if found == "autoscaler flapping" and servers[-1] <= servers[70] else found


@cause.misread("Identical queries pile up in every collapse. A stampede comes in bursts before it.")
def by_any_same_query(metrics):
    return "cache stampede" if max(metrics["same"][76:]) > 8 else diagnose(metrics)


@cause.misread(
    "Where `good` never leaves, something may be wrong all the same: lag, bursts, uneven nodes, "
    "servers that come and go, two writers."
)
def only_where_somebody_fails(metrics):
    return diagnose(metrics) if _departure(metrics["good"], 0.1) is not None else "calm"


@cause.misread(
    "The hit ratio falls in every collapse, and in the first minute after a harmless restart. What "
    "was it just before answers failed?"
)
def by_the_lowest_hits(metrics):
    lowest = min(metrics["hits"]) < 0.6 * np.mean(metrics["hits"][15:75])
    return "metastable cache flush" if lowest else diagnose(metrics)


@cause.misread(
    "A fifth more traffic is the harmless thing that happens beside. A storm begins with more."
)
def by_any_crowd(metrics):
    return "retry storm" if max(metrics["offered"]) > 1.15 else diagnose(metrics)


@cause.misread("The first line alone is too little: several causes begin with the same one.")
def by_the_first_line(metrics):
    names = {
        "hits": "metastable cache flush",
        "lag": "replica lag",
        "pool": "connection leak",
        "spread": "hot shard",
        "database": "hot shard",
        "connects": "thundering reconnect",
        "errors": "sinkhole",
        "writers": "split brain",
        "instances": "autoscaler flapping",
        "same": "cache stampede",
    }
    left = lines_in_order(metrics, LEAST)
    return names.get(left[0], "retry storm") if left else "calm"


@cause.misread(
    "The same query is often in flight in other incidents, too. When does it come first?"
)
def by_the_same_query(metrics):
    return "cache stampede" if max(metrics["same"]) > 20 else diagnose(metrics)


@cause.misread(
    "`writers` falls to 0 wherever nobody can write any more. Two nodes that write are more than 1."
)
def by_no_writers(metrics):
    return "split brain" if any(n != 1 for n in metrics["writers"][76:]) else diagnose(metrics)


# Task 4: the fix ---------------------------------------------------------------------------------

fix = lab.exercise(
    "fix",
    "The fix",
    ListOf(Text(), "setting"),
    why="Whoever changes what does not matter here pays, and the shop stays down.",
    hint="Ask what the cause needs to go on, or what keeps the shop down once it is gone.",
    hints=(
        "For the causes after which the shop stays down, one setting alone may do nothing.",
        "Two faults hold each other up: dead attempts fill the lines, and nobody fills the cache.",
        "For the others, name the one setting that takes the cause away.",
    ),
    explanation=(
        "With a retry budget alone the cache stays empty, because every reader is cancelled before "
        "the fill; with fills alone the retries keep the lines full of dead work. Each fault "
        "repairs what the other one needs to go on."
    ),
)


MATTERS = 0.05  # of the requests: a smaller difference is none


def options_of(cause_name):
    """List the settings that the recorded runs tried, in the order of the alphabet."""
    return sorted({name for chosen in recorded_scores()[cause_name] for name in chosen})


@fix.ask
def ask_fix(rng):
    """Draw a cause and the settings that can be changed."""
    name = str(rng.choice(sorted(recorded_scores())))
    return name, [str(option) for option in rng.permutation(options_of(name))]


@fix.ask_widely
def ask_fix_widely(rng):
    return ask_fix(rng)


@fix.edges
def fix_edges():
    made = {name: (name, options_of(name)) for name in recorded_scores()}
    return made | {
        "split brain, the other way round": ("split brain", options_of("split brain")[::-1])
    }


@fix.words
def fix_in_words(cause_name, options):
    return f"{cause_name}; the settings are {', '.join(options)}"


@fix.judge
def fault_of_the_fix(got, cause_name, options):
    scores, chosen = recorded_scores()[cause_name], tuple(sorted(got))
    said = ", ".join(got) or "none"
    if not set(chosen) <= set(options):
        why = (
            "Only these can be changed in this night; a name that is none of them changes nothing."
        )
        return Fault("settings from the list", said, why=why)
    if len(set(chosen)) < len(chosen):
        return Fault("each setting once", said, why="A setting is on your list twice.")
    if chosen not in scores:
        most = max(map(len, scores))
        why = "Who changes more than is needed does not know what has helped, and pays for it."
        return Fault(f"at most {most} of the list", said, why=why)
    usual, twice = scores[chosen]
    if min(usual, twice) >= ENOUGH:
        return needless(chosen, scores, said)
    return Fault(
        f"at least {percent(ENOUGH)} well at the end, also of twice the time",
        f"{percent(usual, 2)}, and {percent(twice, 2)} over twice the time",
        why=why_not(cause_name, chosen, scores),
        story=f"{cause_name} with {', '.join(chosen) or 'nothing changed'}",
    )


def once_fixed(answer, show):
    """Return what `show` gives when the learner's fixes have passed; what is still to do before."""
    if not examine(fix, answer).passed:
        return note("This table gives away the answer: it is shown when your fixes have passed.")
    return show()


def works(chosen, scores):
    return min(scores[chosen]) >= ENOUGH


def needless(chosen, scores, said):
    """Refuse a setting without which the rest works as well."""
    for one in chosen:
        if works(tuple(name for name in chosen if name != one), scores):
            why = (
                f"`{one}` is not needed: the rest works without it. Change what is needed, no more."
            )
            return Fault("only what is needed", said, why=why)
    return None


WHY_NOT = {  # what a single setting leaves as it was
    ("cache stampede", "TTL with jitter"): (
        "Jitter lets different keys end at different times. Here it is one key, gone for all "
        "readers at once."
    ),
    ("cache stampede", "cache x 2"): (
        "The copy ends by its age, and not for want of room: a larger cache ends it as well."
    ),
    ("cache stampede", "servers x 1.5"): (
        "The servers are idle: what does the same work many times is the database."
    ),
    ("hot shard", "shards x 2"): "One key lies in one shard, however many shards there are.",
    ("hot shard", "one more replica"): (
        "The hot key is written, and writes go to the primary of its shard: a replica takes none."
    ),
    ("hot shard", "pool x 2"): "More connections let more queries wait at the same full node.",
    ("replica lag", "one more replica"): (
        "Each replica replays all writes: another one falls behind as well."
    ),
    ("replica lag", "database cores x 2"): (
        "The replay is one write after the other: it uses one core, however many there are."
    ),
    ("replica lag", "cache x 2"): "A cache takes reads away. What falls behind here is the replay.",
    ("autoscaler flapping", "decide twice as often"): (
        "The same wrong decisions, sooner: a step still crosses both thresholds."
    ),
    ("autoscaler flapping", "servers x 1.5"): (
        "The autoscaler takes servers away and adds them again, however many it begins with."
    ),
    ("autoscaler flapping", "pool x 2"): "What comes and goes is servers, and no connection waits.",
    ("sinkhole", "servers x 1.5"): (
        "The broken server still has the fewest requests, and draws most of them."
    ),
    ("sinkhole", "backoff x 10"): "Whoever waits longer is sent to the same broken server.",
    ("sinkhole", "at most 20 in line"): (
        "The broken server answers at once, so nobody stands in its line, and no limit is met."
    ),
    ("split brain", "two more replicas"): (
        "More copies forbid nobody to write: each side of the cut still has a primary."
    ),
    ("retry storm", "servers x 1.5"): "More servers send more attempts to a database that is full.",
    ("metastable cache flush", "servers x 1.5"): (
        "The database is what cannot answer all that misses, and it is as large as before."
    ),
    ("thundering reconnect", "pool x 2"): "A larger pool is more to open at the same time.",
}


def why_not(cause_name, chosen, scores):
    """Say why a choice does not work, from what was tried beside it."""
    (usual, twice), (nothing, _) = scores[chosen], scores[()]
    if not chosen:
        return "You change nothing, so the night ends as it did."
    if usual >= ENOUGH:
        return "After the usual time it looks well, and over twice the time it is not: a delay."
    if usual > max(nothing, twice) + MATTERS:
        return "More is well than without it after the usual time, and not over twice: a delay."
    if len(chosen) == 1 and (cause_name, *chosen) in WHY_NOT:
        return WHY_NOT[cause_name, *chosen]
    if any(set(chosen) < set(other) and works(other, scores) for other in scores):
        return "That is a part of what works. Something else still keeps the shop down."
    if usual > nothing + MATTERS:
        well = percent(nothing, 2)
        return f"It helps, and not enough: without it {well} are well after the usual time."
    return (
        "It makes no difference here: the cause goes on, or something keeps the shop down after it."
    )


@fix.solve
def fixes_for(cause, options):
    """Take the cause away; where the shop stays down without it, break both faults that hold it.

    After a storm dead attempts fill the lines, and nobody fills the cache; after a flush every
    reader asks for the same keys, and is cancelled before the fill.
    """
    return {
        "retry storm": ["retry budget of 10 %", "reads fill though the client left"],
        "metastable cache flush": ["reads fill though the client left", "single flight"],
        "thundering reconnect": [
            "connections outlive the request",
            "pool of 6",
            "retry budget of 10 %",
        ],
        "cache stampede": ["single flight"],
        "hot shard": ["split the hot key"],
        "replica lag": ["replay on three workers"],
        "autoscaler flapping": ["thresholds further apart"],
        "connection leak": ["give back in finally"],
        "sinkhole": ["eject what answers with errors"],
        "split brain": ["fencing"],
    }[cause]


@fix.solve_otherwise
def fixes_for(cause, options):
    """Choose by words among the options, and put a hard limit on the line after a storm."""
    wanted = {
        "retry storm": ["at most 20"],
        "metastable cache flush": ["single", "fill"],
        "thundering reconnect": ["outlive", "pool of 6", "budget"],
    }.get(cause, ["single", "split", "three workers", "apart", "finally", "eject", "confirms"])
    return [option for option in options if any(word in option for word in wanted)]


@fix.misread("More of the same machines: the fault takes them as well. What keeps the shop down?")
def more_machines(cause, options):
    return [option for option in options if "x 1.5" in option or "x 2" in option][:1]


@fix.misread("One setting of the two: the other fault keeps the shop down alone. Break both.")
def only_one(cause, options):
    return fix.solution(cause, options)[:1]


@fix.misread("Everything at once works or not, and you will never know why. Change what is needed.")
def all_of_them(cause, options):
    return sorted(options)


@fix.misread("One of these is not needed: leave out what the rest does without.")
def one_more_than_needed(cause, options):
    chosen = fix.solution(cause, options)
    return [*chosen, next(option for option in options if option not in chosen)]
