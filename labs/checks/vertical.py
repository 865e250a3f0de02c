"""Exercises of the lab on vertical scaling: checkers, hints, solutions, and wrong answers."""

import math
from dataclasses import dataclass

import numpy as np

from scalelab.course.check import Lab
from scalelab.course.examine import AnswerError, answered, same_number
from scalelab.models.scaling_law import ScalingLaw, amdahl_through, coherency_through, usl_through

lab = Lab("vertical")

# Task 1: the serial share and the end --------------------------------------------------------

serial = lab.exercise(
    "serial",
    "The serial share, and the end",
    hints=(
        "Write the throughput of n cores as x(n) = x1 / (s + (1 - s) / n). Two measurements are "
        "two equations for x1 and s. Which combination of n and x(n) is linear in them?",
        "n / x(n) = (1 - s) / x1 + n * s / x1: a straight line in n. Its slope is s / x1, its "
        "height at n = 0 is (1 - s) / x1.",
        "slope = (n2 / x2 - n1 / x1) / (n2 - n1). The ceiling is 1 / slope, and the height plus "
        "the slope is 1 / x1.",
    ),
)


def random_box(rng: np.random.Generator) -> tuple[ScalingLaw, int, int]:
    """Draw a machine that obeys Amdahl's law, and two sizes to measure."""
    sizes = rng.choice([2, 4, 8, 16, 32, 64], size=2, replace=False)
    law = ScalingLaw(
        unit_throughput_per_s=float(rng.uniform(50, 500)),
        sigma=float(rng.uniform(0.005, 0.2)),
        kappa=0.0,
    )
    return law, int(min(sizes)), int(max(sizes))


@serial.check_with
def check_serial(answer, rng):
    law, small, large = random_box(rng)
    rates = [float(law.throughput_per_s(n)) for n in (small, large)]
    scenario = f"n1={small}, x1={rates[0]:.1f}, n2={large}, x2={rates[1]:.1f}"
    result = answered(answer(small, rates[0], large, rates[1]))
    if not isinstance(result, (tuple, list, np.ndarray)) or len(result) != 2:
        raise AnswerError(
            "a pair (serial_share, ceiling_per_s)",
            repr(result),
            scenario=scenario,
            why="The share says why, the ceiling says how far.",
            hint="End with: return serial_share, ceiling_per_s",
        )
    box = amdahl_through([1, large / small], rates)  # the small machine taken for one core
    why = "It is the share of one core's time that the others cannot take over."
    if isinstance(result[0], float) and math.isclose(result[0], box.sigma, rel_tol=1e-6):
        why = (
            "That share is of the small machine, taken as one. A core is the unit here: n1 cores "
            "already lose something to the serial part."
        )
    elif isinstance(result[0], float) and math.isclose(result[0], 100 * law.sigma, rel_tol=1e-6):
        why = "That is the share in per cent. A share is a ratio here, from 0 to 1."
    elif isinstance(result[0], float) and math.isclose(result[0], 1 - law.sigma, rel_tol=1e-6):
        why = "That is the part that can be shared. Asked for is the rest."
    elif isinstance(result[0], float) and math.isclose(result[0], law.ceiling_per_s, rel_tol=1e-6):
        why = "The two have changed places: first the share, then the ceiling."
    elif isinstance(result[0], float) and math.isclose(
        result[0], (large * rates[0] / rates[1] - 1) / (large - 1), rel_tol=1e-6
    ):
        why = "That takes x1 for the rate of one core. It is what n1 cores do together."
    same_number(
        result[0],
        law.sigma,
        scenario=f"serial_share for {scenario}",
        why=why,
        hint="Check with n = 1: the speed-up of one core is 1 by definition.",
    )
    why = "With infinitely many cores only the serial part is left: x1 / s."
    if isinstance(result[1], float) and math.isclose(result[1], rates[0] / law.sigma, rel_tol=1e-6):
        why = (
            "The end is the rate of ONE core over the share, not that of the n1 cores you measured."
        )
    elif isinstance(result[1], float) and math.isclose(result[1], 1 / law.sigma, rel_tol=1e-6):
        why = "1 / s is the end in multiples of one core. Asked for is a throughput."
    same_number(
        result[1],
        law.ceiling_per_s,
        scenario=f"ceiling_per_s for {scenario}",
        why=why,
        hint="Let n go to infinity in x1 / (s + (1 - s) / n).",
    )


@serial.solve
def serial_and_ceiling(n1, x1, n2, x2):
    """Draw the straight line that cores over throughput makes.

    n / x(n) is linear in n: a part that every core adds, and a part that is there once. The slope
    is the serial work of a request, so its inverse is what no machine exceeds.
    """
    slope = (n2 / x2 - n1 / x1) / (n2 - n1)
    height = n1 / x1 - slope * n1
    return slope / (slope + height), 1 / slope


@serial.solve_otherwise
def serial_and_ceiling(n1, x1, n2, x2):
    """Solve the ratio of the two measurements for the share, then take the rate of one core."""
    ratio = x2 / x1
    share = (1 / n1 - ratio / n2) / (ratio - 1 + 1 / n1 - ratio / n2)
    one_core = x1 * (share + (1 - share) / n1)
    return share, one_core / share


@serial.reject("the small machine is one core", "n1 cores")
def box_as_unit(n1, x1, n2, x2):
    factor, gain = n2 / n1, x2 / x1
    share = (factor / gain - 1) / (factor - 1)
    return share, x1 / share


@serial.reject("the lost efficiency is the serial share", "cannot take over")
def lost_efficiency(n1, x1, n2, x2):
    return 1 - (x2 / n2) / (x1 / n1), serial.solution(n1, x1, n2, x2)[1]


@serial.reject("the parallel share", "Asked for is the rest")
def parallel_share(n1, x1, n2, x2):
    share, ceiling = serial.solution(n1, x1, n2, x2)
    return 1 - share, ceiling


@serial.reject("in the other order", "have changed places")
def other_order(n1, x1, n2, x2):
    share, ceiling = serial.solution(n1, x1, n2, x2)
    return ceiling, share


@serial.reject("x1 is one core", "what n1 cores do together")
def first_is_one_core(n1, x1, n2, x2):
    share = (n2 * x1 / x2 - 1) / (n2 - 1)
    return share, x1 / share


@serial.reject("the end as a multiple", "Asked for is a throughput")
def end_as_multiple(n1, x1, n2, x2):
    share, _ = serial.solution(n1, x1, n2, x2)
    return share, 1 / share


@serial.reject("per cent", "from 0 to 1")
def in_per_cent(n1, x1, n2, x2):
    share, ceiling = serial.solution(n1, x1, n2, x2)
    return 100 * share, ceiling


@serial.reject("the end is the measured rate over the share", "rate of ONE core")
def wrong_unit(n1, x1, n2, x2):
    share, _ = serial.solution(n1, x1, n2, x2)
    return share, x1 / share


# Task 2: the most telling third measurement --------------------------------------------------

third = lab.exercise(
    "third",
    "The most telling third measurement",
    hints=(
        "You have two laws through the same two points: amdahl_through and coherency_through. For "
        "each size on offer, what would each law say?",
        "A measurement is off by some per cent, not by some requests. So compare the two "
        "predictions by their ratio.",
        "max(sizes, key=lambda n: abs(math.log(a.throughput_per_s(n) / c.throughput_per_s(n))))",
    ),
)


@third.check_with
def check_third(answer, rng):
    small = int(rng.choice([2, 4]))
    large = small * int(rng.choice([4, 8, 16]))
    gain = large / small
    points = ((small, large), (1_000.0, 1_000.0 * float(rng.uniform(0.45, 0.75)) * gain))
    most = large - 1 if rng.random() < 0.3 else 3 * large  # sometimes nothing larger can be had
    offered = {int(n) for n in rng.integers(1, most, size=6)} | {1, small * 2, large - 1}
    sizes = sorted(offered - {small, large})
    amdahl, coherency = amdahl_through(*points), coherency_through(*points)
    apart = {
        n: abs(math.log(float(amdahl.throughput_per_s(n)) / float(coherency.throughput_per_s(n))))
        for n in sizes
    }
    best = max(apart, key=lambda n: apart[n])
    scenario = f"measured {points[1]} at {points[0]} cores; sizes={sizes}"
    got = answered(answer(*points, sizes))
    if got not in sizes:
        raise AnswerError(
            f"one of {sizes}",
            repr(got),
            scenario=scenario,
            why="Only these machines can be had.",
            hint="Return an element of sizes.",
        )
    if apart[got] < 0.999 * apart[best]:
        why = (
            "At that size both laws say nearly the same, next to what they say at the best. Either "
            "of the two may be the larger one there."
        )
        contention = {n: float(amdahl.throughput_per_s(n)) for n in sizes}
        agreement = {n: float(coherency.throughput_per_s(n)) for n in sizes}
        if got == max(sizes, key=lambda n: abs(contention[n] - agreement[n])):
            why = (
                "There they differ by the most requests. An error is a share of what is measured, "
                "so it is the ratio that counts."
            )
        elif got == max(sizes):
            why = (
                "The largest is often the best, but not always: where nothing beyond the measured "
                "sizes is on offer, the laws may differ more below them."
            )
        elif small < got < large:
            why = (
                "Between two points that both laws pass through they cannot be far apart: there "
                "the noise decides."
            )
        raise AnswerError(
            f"{best} cores, where the laws differ by a factor of {math.exp(apart[best]):.2f}",
            f"{got} cores, where they differ by {math.exp(apart[got]):.2f}",
            scenario=scenario,
            why=why,
            hint="Look at the ratio of the two predictions at each size.",
        )


@third.solve
def third_measurement(cores, rates, sizes):
    """Ask both laws for each size, and go where their answers differ most.

    An experiment is worth what it can rule out. Errors of measurement are relative, so the ratio
    counts, and its logarithm treats too much and too little alike.
    """
    amdahl, coherency = amdahl_through(cores, rates), coherency_through(cores, rates)

    def apart(n):
        return abs(math.log(amdahl.throughput_per_s(n) / coherency.throughput_per_s(n)))

    return max(sizes, key=apart)


@third.solve_otherwise
def third_measurement(cores, rates, sizes):
    """Sort by the larger prediction over the smaller."""
    laws = amdahl_through(cores, rates), coherency_through(cores, rates)
    ratios = []
    for n in sizes:
        low, high = sorted(float(law.throughput_per_s(n)) for law in laws)
        ratios.append((high / low, n))
    return sorted(ratios)[-1][1]


@third.reject("in the middle, to be safe", "the noise decides")
def in_the_middle(cores, rates, sizes):
    middle = (cores[0] + cores[1]) / 2
    return min(sizes, key=lambda n: abs(n - middle))


@third.reject("requests apart, not per cent", "the ratio that counts")
def most_requests_apart(cores, rates, sizes):
    laws = amdahl_through(cores, rates), coherency_through(cores, rates)
    return max(sizes, key=lambda n: abs(laws[0].throughput_per_s(n) - laws[1].throughput_per_s(n)))


@third.reject("on one side only", "may be the larger one")
def one_side(cores, rates, sizes):
    laws = amdahl_through(cores, rates), coherency_through(cores, rates)
    return max(sizes, key=lambda n: laws[0].throughput_per_s(n) / laws[1].throughput_per_s(n))


@third.reject("the cheapest machine", "nearly the same")
def the_smallest(cores, rates, sizes):
    return min(sizes)


@third.reject("always the largest", "not always")
def the_largest(cores, rates, sizes):
    return max(sizes)


@third.reject("a size nobody offers", "Only these machines")
def far_away(cores, rates, sizes):
    return 10 * max(sizes)


# Task 3: the cheapest machine that will do ---------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """A machine on the price list."""

    name: str
    cores: int
    usd_per_month: float


cheapest = lab.exercise(
    "cheapest",
    "The cheapest machine that will do",
    hints=(
        "A machine will do if its throughput, less the headroom, is at least the load: "
        "law.throughput_per_s(cores) * (1 - headroom) >= needed_per_s.",
        "More cores may do less: beyond law.peak_n the curve falls. So test each offer, and do not "
        "stop at the first that is too small.",
        "Collect the offers that will do. If there is none, return None; else the one with the "
        "lowest usd_per_month.",
    ),
)


def random_market(rng: np.random.Generator) -> tuple[list[Offer], ScalingLaw, float, float]:
    """Draw a price list, a law with or without a peak, a load and a headroom."""
    sizes = [2, 4, 8, 16, 32, 48, 64, 96, 128]
    offers = [
        Offer(f"c{n}", n, round(n * float(rng.uniform(60, 80)), 2))
        for n in rng.permutation(sizes).tolist()
    ]
    offers.append(Offer("last-year-32", 32, round(32 * float(rng.uniform(40, 58)), 2)))
    law = ScalingLaw(
        unit_throughput_per_s=float(rng.uniform(100, 300)),
        sigma=float(rng.uniform(0.0, 0.05)),
        kappa=float(rng.choice([0.0, rng.uniform(1e-4, 1e-3)])),
    )
    most = max(float(law.throughput_per_s(n)) for n in sizes)
    return offers, law, most * float(rng.uniform(0.1, 1.1)), float(rng.choice([0.2, 0.3]))


def will_do(offer: Offer, law: ScalingLaw, needed_per_s: float, headroom: float) -> bool:
    return float(law.throughput_per_s(offer.cores)) * (1 - headroom) >= needed_per_s


@cheapest.check_with
def check_cheapest(answer, rng):
    offers, law, needed, headroom = random_market(rng)
    good = [offer for offer in offers if will_do(offer, law, needed, headroom)]
    best = min(good, key=lambda offer: offer.usd_per_month, default=None)
    scenario = (
        f"needed {needed:.0f}/s with headroom {headroom:g}; sigma={law.sigma:.4f}, "
        f"kappa={law.kappa:.5f}, one core {law.unit_throughput_per_s:.0f}/s; offers "
        + ", ".join(f"{o.name} {o.usd_per_month:.0f}" for o in offers)
    )
    got = answered(answer(offers, law, needed, headroom))
    if got == best or (got is best):
        return
    why = "Return one of the offers, or None."
    if isinstance(got, str):
        why = "That is a name. Return the offer itself: the caller wants its price, too."
    if best is None:
        why = "No machine on the list carries this load. Saying so is the answer."
    elif got is None:
        why = "There is one. Beyond its peak a law gives less, so a smaller machine may do."
    elif got in good:
        why = f"{got.name} will do, but {best.name} does too, and the invoice comes every month."
        if best.cores >= got.cores:
            why += " The fewest cores are not always the cheapest."
    elif got in offers:
        why = "That machine does not carry the load and the headroom."
        if float(law.throughput_per_s(got.cores)) >= needed:
            why = "That machine carries the load, but with no headroom for a bad moment."
        elif got.cores > law.peak_n:
            why = "That machine is beyond the peak of the law: it does less than a smaller one."
    raise AnswerError(
        repr(best),
        repr(got),
        scenario=scenario,
        why=why,
        hint="List throughput and price of every offer, and strike out what will not do.",
    )


@cheapest.solve
def cheapest_machine(offers, law, needed_per_s, headroom):
    """Strike out what will not do, then take the cheapest.

    Neither size nor price orders the machines by what they do: beyond the peak more cores do
    less, and an older model may cost less for the same.
    """
    good = [o for o in offers if law.throughput_per_s(o.cores) * (1 - headroom) >= needed_per_s]
    return min(good, key=lambda offer: offer.usd_per_month, default=None)


@cheapest.solve_otherwise
def cheapest_machine(offers, law, needed_per_s, headroom):
    """Go through the list from the cheapest on."""
    for offer in sorted(offers, key=lambda offer: offer.usd_per_month):
        if float(law.throughput_per_s(offer.cores)) >= needed_per_s / (1 - headroom):
            return offer
    return None


@cheapest.reject("the largest machine is the strongest", "comes every month")
def largest(offers, law, needed_per_s, headroom):
    return max(offers, key=lambda offer: offer.cores)


@cheapest.reject("the smallest that will do", "not always the cheapest")
def smallest_that_will_do(offers, law, needed_per_s, headroom):
    good = [o for o in offers if will_do(o, law, needed_per_s, headroom)]
    return min(good, key=lambda offer: (offer.cores, -offer.usd_per_month), default=None)


@cheapest.reject("no headroom", "no headroom for a bad moment")
def no_headroom(offers, law, needed_per_s, headroom):
    return cheapest.solution(offers, law, needed_per_s, 0.0)


@cheapest.reject("twice the cores do twice the work", "does not carry the load")
def linear(offers, law, needed_per_s, headroom):
    perfect = ScalingLaw(unit_throughput_per_s=law.unit_throughput_per_s, sigma=0.0, kappa=0.0)
    return cheapest.solution(offers, perfect, needed_per_s, headroom)


# Task 4: the minutes that a plan costs -------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """How a machine is run for a year."""

    availability: float
    upgrades_per_year: int
    upgrade_s: float
    standby: bool
    failover_s: float
    mean_outage_s: float


minutes = lab.exercise(
    "minutes",
    "The minutes that a plan costs",
    hints=(
        "Alone: the machine is down 1 - availability of the year, and for every upgrade. With a "
        "standby: each failure and each upgrade costs one failover instead.",
        "How many failures are there in a year? Together they make up the unplanned downtime, and "
        "each takes mean_outage_s.",
        "failures = (1 - plan.availability) * YEAR_S / plan.mean_outage_s. With a standby the time "
        "down is (failures + plan.upgrades_per_year) * plan.failover_s.",
    ),
)
YEAR_S = 365 * 86_400


def random_plan(rng: np.random.Generator) -> Plan:
    """Draw a plan, with or without a standby."""
    return Plan(
        availability=float(rng.choice([0.99, 0.995, 0.999, 0.9995])),
        upgrades_per_year=int(rng.integers(1, 13)),
        upgrade_s=float(rng.integers(5, 40)) * 60,
        standby=bool(rng.random() < 0.6),
        failover_s=float(rng.integers(30, 180)),
        mean_outage_s=float(rng.integers(10, 120)) * 60,
    )


@minutes.check_with
def check_minutes(answer, rng):
    plan = random_plan(rng)
    unplanned = (1 - plan.availability) * YEAR_S
    failures = unplanned / plan.mean_outage_s
    alone = unplanned + plan.upgrades_per_year * plan.upgrade_s
    together = (failures + plan.upgrades_per_year) * plan.failover_s
    expected = (together if plan.standby else alone) / 60
    got = answered(answer(plan))
    why = "It is what users see: minutes a year without the service."
    misread = {
        unplanned / 60: "Upgrades are outages too, only announced ones.",
        failures * plan.failover_s / 60: (
            "An upgrade with a standby is a switch-over, and it costs a failover as well."
        ),
        alone / 60: "There is a standby: a failure lasts until it has taken over, no longer.",
        plan.upgrades_per_year * plan.failover_s / 60: (
            "The machine still fails as often as before; each failure costs a failover."
        ),
        (unplanned + plan.upgrades_per_year * plan.failover_s) / 60: (
            "The standby takes over after a failure as well: it lasts a failover, not an outage."
        ),
        (failures * plan.failover_s + plan.upgrades_per_year * plan.upgrade_s) / 60: (
            "With a standby an upgrade stops nothing for long: the standby is upgraded first, and "
            "the change of roles is a failover."
        ),
        60 * expected: "Those are seconds. The answer is asked for in minutes.",
        expected / 60: "Those are hours. The answer is asked for in minutes.",
        plan.availability * YEAR_S / 60: "That is how long it is up.",
    }
    if not plan.standby:
        misread[together / 60] = "This plan has no standby, so nobody takes over."
    for value, meaning in misread.items():
        if isinstance(got, float) and math.isclose(got, value, rel_tol=1e-9):
            why = meaning
    same_number(
        got,
        expected,
        scenario=repr(plan),
        why=why,
        hint="Count the events of a year, then multiply by what each takes.",
    )


@minutes.solve
def downtime_minutes(plan):
    """Count events, and multiply each by what it takes.

    Availability fixes the sum of the outages; their mean length says how many there are. A
    standby changes not how often the machine fails but how long each failure lasts.
    """
    unplanned_s = (1 - plan.availability) * 365 * 86_400
    if not plan.standby:
        return (unplanned_s + plan.upgrades_per_year * plan.upgrade_s) / 60
    failures = unplanned_s / plan.mean_outage_s
    return (failures + plan.upgrades_per_year) * plan.failover_s / 60


@minutes.solve_otherwise
def downtime_minutes(plan):
    """Length of a failure and of an upgrade first, then their numbers."""
    failure_s = plan.failover_s if plan.standby else plan.mean_outage_s
    upgrade_s = plan.failover_s if plan.standby else plan.upgrade_s
    failures = (1 - plan.availability) * 365 * 86_400 / plan.mean_outage_s
    return (failures * failure_s + plan.upgrades_per_year * upgrade_s) / 60


@minutes.reject("upgrades do not count", "only announced ones")
def no_upgrades(plan):
    if plan.standby:
        return minutes.solution(plan)
    return (1 - plan.availability) * YEAR_S / 60


@minutes.reject("a standby does not shorten an outage", "has taken over")
def standby_ignored(plan):
    return ((1 - plan.availability) * YEAR_S + plan.upgrades_per_year * plan.upgrade_s) / 60


@minutes.reject("a standby is for upgrades", "lasts a failover, not an outage")
def failures_in_full(plan):
    if not plan.standby:
        return minutes.solution(plan)
    down_s = (1 - plan.availability) * YEAR_S
    return (down_s + plan.upgrades_per_year * plan.failover_s) / 60


@minutes.reject("upgrades in full", "upgraded first")
def upgrades_in_full(plan):
    if not plan.standby:
        return minutes.solution(plan)
    failures = (1 - plan.availability) * YEAR_S / plan.mean_outage_s
    return (failures * plan.failover_s + plan.upgrades_per_year * plan.upgrade_s) / 60


@minutes.reject("always a standby", "nobody takes over")
def always_a_standby(plan):
    failures = (1 - plan.availability) * YEAR_S / plan.mean_outage_s
    return (failures + plan.upgrades_per_year) * plan.failover_s / 60


@minutes.reject("hours", "Those are hours")
def in_hours(plan):
    return minutes.solution(plan) / 60


@minutes.reject("seconds", "asked for in minutes")
def in_seconds(plan):
    return 60 * minutes.solution(plan)


@minutes.reject("with a standby only upgrades hurt", "fails as often as before")
def never_fails(plan):
    if not plan.standby:
        return minutes.solution(plan)
    return plan.upgrades_per_year * plan.failover_s / 60


@minutes.reject("an upgrade with a standby is free", "a switch-over")
def free_upgrades(plan):
    if not plan.standby:
        return minutes.solution(plan)
    return (1 - plan.availability) * YEAR_S / plan.mean_outage_s * plan.failover_s / 60


# The open experiment -------------------------------------------------------------------------


def years_on_one_machine(law: ScalingLaw, load_per_s: float, growth: float, headroom: float) -> int:
    """Count the years until no machine of up to 448 cores carries the load with its headroom."""
    for year in range(60):
        best = max(float(law.throughput_per_s(n)) for n in (32, 64, 96, 128, 224, 448))
        if best * (1 - headroom) < load_per_s * growth**year:
            return year
    return 60


def month_end(seed: int) -> tuple[list[int], list[float]]:
    """Measure the billing run on five machines, each result off by a few per cent."""
    truth = usl_through([4, 32, 64], [1_000, 5_000, 5_900])
    sizes = [4, 8, 16, 32, 64]
    noise = np.random.default_rng(seed).normal(1, 0.02, len(sizes))
    return sizes, [float(truth.throughput_per_s(n)) * e for n, e in zip(sizes, noise, strict=True)]
