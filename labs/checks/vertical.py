"""Exercises of the lab on vertical scaling.

The first edge of a task is its example: never the case that the page asks a guess for.
"""

import math
from dataclasses import dataclass

import numpy as np

from scalelab.course.check import Lab
from scalelab.course.diagnosis import Fault
from scalelab.course.kinds import Maybe, Number, Parts, Whole
from scalelab.course.things import Thing
from scalelab.models.scaling_law import ScalingLaw, amdahl_through, coherency_through, usl_through

lab = Lab("vertical")

# Task 1: the serial share and the end --------------------------------------------------------

serial = lab.exercise(
    "serial",
    "The serial share, and the end",
    Parts(serial_share=Number(unit="ratio"), ceiling_per_s=Number(unit="meters/s")),
    why="The share says why, the ceiling says how far: both go into the order for a machine.",
    hint="Check with n = 1: the speed-up of one core is 1 by definition.",
    hints=(
        "Write the throughput of n cores as x(n) = x1 / (s + (1 - s) / n). Two measurements are "
        "two equations for x1 and s. Which combination of n and x(n) is linear in them?",
        "n / x(n) = (1 - s) / x1 + n * s / x1: a straight line in n. Its slope is s / x1, its "
        "height at n = 0 is (1 - s) / x1.",
        "slope = (n2 / x2 - n1 / x1) / (n2 - n1). The ceiling is 1 / slope, or math.inf where the "
        "slope is 0, and the height plus the slope is 1 / x1.",
    ),
    explanation=(
        "A part of the work is done by one core while all others wait for it. More cores shorten "
        "only the rest, so the waiting takes a larger part of the night the more of them there are."
    ),
)


@serial.ask
def ask_serial(rng):
    sizes = rng.choice([2, 4, 8, 16, 32, 64], size=2, replace=False)
    one_core, sigma = float(rng.uniform(50, 500)), float(rng.uniform(0.005, 0.2))
    law = ScalingLaw(unit_throughput_per_s=one_core, sigma=sigma, kappa=0.0)
    n1, n2 = int(min(sizes)), int(max(sizes))
    return n1, round(float(law.throughput_per_s(n1)), 1), n2, round(float(law.throughput_per_s(n2)))


@serial.ask_widely
def ask_serial_widely(rng):
    n1, n2 = (int(n) for n in rng.choice(np.arange(1, 200), size=2, replace=False))
    one_core, sigma = float(rng.uniform(1, 5_000)), float(rng.uniform(0.002, 1.0))
    law = ScalingLaw(unit_throughput_per_s=one_core, sigma=sigma, kappa=0.0)
    return n1, float(law.throughput_per_s(n1)), n2, float(law.throughput_per_s(n2))


@serial.edges
def serial_edges():
    return {
        "one core is measured": (1, 128.0, 16, 800.0),
        "the two machines of the page": (8, 900.0, 32, 2_400.0),
        "the larger machine comes first": (32, 2_400.0, 8, 900.0),
        "nothing is serial": (2, 256.0, 8, 1_024.0),
        "everything is serial": (4, 500.0, 16, 500.0),
    }


@serial.solve
def serial_and_ceiling(n1, x1, n2, x2):
    """Draw the straight line that cores over throughput makes.

    n / x(n) is linear in n: a part that every core adds, and a part that is there once. The slope
    is the serial work of a request, so its inverse is what no machine exceeds.
    """
    slope = (n2 / x2 - n1 / x1) / (n2 - n1)
    height = n1 / x1 - slope * n1
    return slope / (slope + height), 1 / slope if slope else math.inf


@serial.solve_otherwise
def serial_and_ceiling(n1, x1, n2, x2):
    """Solve the ratio of the two measurements for the share, then take the rate of one core."""
    ratio = x2 / x1
    share = (1 / n1 - ratio / n2) / (ratio - 1 + 1 / n1 - ratio / n2)
    one_core = x1 * (share + (1 - share) / n1)
    return share, one_core / share if share else math.inf


@serial.otherwise
def why_serial(got, n1, x1, n2, x2):
    share, ceiling_per_s = got
    if not 0 <= share <= 1:
        return "A share lies between 0 and 1."
    gain = (share + (1 - share) / n1) / (share + (1 - share) / n2)
    if not math.isclose(gain, x2 / x1, rel_tol=1e-6):
        return (
            f"By that share {n2} cores would do {gain:.5g} times the work of {n1}. Measured is "
            f"{x2 / x1:.5g} times."
        )
    return (
        "The end is the rate of one core over the share. Yours would make one core do "
        f"{ceiling_per_s * share:.5g} a second, and {n1} cores "
        f"{ceiling_per_s * share / (share + (1 - share) / n1):.5g}."
    )


@serial.misread(
    "That share is of the small machine, taken as one. A core is the unit here: n1 cores already "
    "lose something to the serial part."
)
def box_as_unit(n1, x1, n2, x2):
    factor, gain = n2 / n1, x2 / x1
    share = (factor / gain - 1) / (factor - 1)
    return share, x1 / share if share else math.inf


@serial.misread(
    "That is the efficiency that was lost on the way from n1 to n2. The serial share is of one "
    "core's work, and the same on every machine."
)
def lost_efficiency(n1, x1, n2, x2):
    share = 1 - (x2 / n2) / (x1 / n1)
    return share, x1 / n1 / share if share else math.inf


@serial.misread("That is the part that can be shared. Asked for is the rest.")
def parallel_share(n1, x1, n2, x2):
    slope = (n2 / x2 - n1 / x1) / (n2 - n1)
    height = n1 / x1 - slope * n1
    return height / (slope + height), 1 / slope if slope else math.inf


@serial.misread("That takes x1 for the rate of one core. It is what n1 cores do together.")
def first_is_one_core(n1, x1, n2, x2):
    share = (n2 * x1 / x2 - 1) / (n2 - 1)
    return share, x1 / share if share else math.inf


@serial.misread("1 / s is the end in multiples of one core. Asked for is a throughput.")
def end_as_multiple(n1, x1, n2, x2):
    slope = (n2 / x2 - n1 / x1) / (n2 - n1)
    share = slope / (slope + n1 / x1 - slope * n1)
    return share, 1 / share if share else math.inf


@serial.misread("That is the share in per cent. A share is a ratio here, from 0 to 1.")
def in_per_cent(n1, x1, n2, x2):
    slope = (n2 / x2 - n1 / x1) / (n2 - n1)
    share = slope / (slope + n1 / x1 - slope * n1)
    return 100 * share, 1 / slope if slope else math.inf


@serial.misread(
    "The end is the rate of ONE core over the share, not that of the n1 cores you measured.",
    "Let n go to infinity in x1 / (s + (1 - s) / n), with x1 for one core.",
)
def measured_over_share(n1, x1, n2, x2):
    slope = (n2 / x2 - n1 / x1) / (n2 - n1)
    share = slope / (slope + n1 / x1 - slope * n1)
    return share, x1 / share if share else math.inf


@serial.misread(
    "x1 / n1 is what each of the n1 cores does. One alone does more: it waits for nobody.",
    "From x(n1) and the share, work back to x(1).",
)
def even_share_of_one(n1, x1, n2, x2):
    slope = (n2 / x2 - n1 / x1) / (n2 - n1)
    share = slope / (slope + n1 / x1 - slope * n1)
    return share, x1 / n1 / share if share else math.inf


@serial.misread(
    "That is the slope of the straight line, the serial time of a meter in seconds. The share is "
    "that time over the whole time that one core needs."
)
def serial_time(n1, x1, n2, x2):
    slope = (n2 / x2 - n1 / x1) / (n2 - n1)
    return slope, 1 / slope if slope else math.inf


# Task 2: the most telling third measurement --------------------------------------------------

third = lab.exercise(
    "third",
    "The most telling third measurement",
    Whole(of="cores"),
    why="At that size both laws say nearly the same, next to what they say at the best.",
    hint="Look at the ratio of the two predictions at each size.",
    hints=(
        "You have two laws through the same two points: amdahl_through and coherency_through. For "
        "each size on offer, what would each law say?",
        "A measurement is off by some per cent, not by some requests. So compare the two "
        "predictions by their ratio, and either of them may be the larger one.",
        "max(sizes, key=lambda n: abs(math.log(a.throughput_per_s(n) / c.throughput_per_s(n))))",
    ),
    explanation=(
        "Both laws pass through 8 and 32 cores, so in between they must stay close: at 16 they "
        "differ by 6 %, hardly more than the measurement is off. At 64 cores they differ by 44 %. "
        "A measurement is worth what it can rule out."
    ),
)


@third.ask
def ask_third(rng):
    small = int(rng.choice([2, 4]))
    large = small * int(rng.choice([4, 8, 16]))
    rates = (1_000.0, float(round(1_000 * rng.uniform(0.45, 0.75) * large / small)))
    most = large - 1 if rng.random() < 0.4 else 3 * large  # sometimes nothing larger can be had
    offered = {int(n) for n in rng.integers(1, most, size=6)} | {1, small * 2, large - 1}
    return (small, large), rates, rng.permutation(sorted(offered - {small, large})).tolist()


@third.ask_widely
def ask_third_widely(rng):
    cores = sorted(int(n) for n in rng.choice(np.arange(1, 100), size=2, replace=False))
    law = ScalingLaw(unit_throughput_per_s=500.0, sigma=float(rng.uniform(1e-3, 0.3)), kappa=0.0)
    offered = rng.choice(np.arange(1, 300), size=int(rng.integers(1, 12)), replace=False).tolist()
    return tuple(cores), tuple(float(law.throughput_per_s(n)) for n in cores), offered


@third.edges
def third_edges():
    page, near = ((8, 32), (900.0, 2_400.0)), ((4, 64), (1_000.0, 7_200.0))
    return {
        "the machines of the page": (*page, [4, 16, 24, 48, 64]),
        "nothing larger on offer": (*page, [16, 24, 1, 4]),
        "only between the two": (*near, [8, 40, 28, 16]),
        "twice either way, nearly": ((2, 8), (1_000.0, 2_000.0), [3, 4, 6, 10]),
        "too much is as good as too little": (*near, [6, 28, 85]),
        "the largest says little": (*near, [16, 28, 66]),
        "the largest does not come last": (*page, [64, 48, 20]),
        "one machine only": (*page, [16]),
        "measured sizes are on the list": (*page, [8, 32, 2]),
    }


@third.words
def third_in_words(cores, rates, sizes):
    return (
        f"{cores[0]} cores did {rates[0]:,.0f} a second, {cores[1]} did {rates[1]:,.0f}; "
        f"sizes={sizes}"
    )


@third.judge
def judge_third(got, cores, rates, sizes):
    laws = amdahl_through(cores, rates), coherency_through(cores, rates)

    def apart(n):
        low, high = sorted(float(law.throughput_per_s(n)) for law in laws)
        return high / low

    best = max(sizes, key=apart)
    wanted = f"{best} cores, where the larger is {apart(best):.4g} times the smaller"
    if got not in sizes:
        return Fault(wanted, f"{got} cores", "Only machines of the list can be had.")
    if apart(got) >= apart(best) * (1 - 1e-9):
        return None
    why = ""
    if min(cores) < got < max(cores) and not min(cores) < best < max(cores):
        why = (
            "Between two points that both laws pass through they cannot be far apart: there the "
            "noise decides."
        )
    return Fault(wanted, f"{got} cores, where it is {apart(got):.4g} times", why)


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


@third.misread(
    "In the middle, to be safe? Between two points that both laws pass through they cannot be far "
    "apart: there the noise decides."
)
def in_the_middle(cores, rates, sizes):
    middle = (cores[0] + cores[1]) / 2
    return min(sizes, key=lambda n: abs(n - middle))


@third.misread(
    "There they differ by the most requests. An error is a share of what is measured, so it is the "
    "ratio that counts."
)
def most_requests_apart(cores, rates, sizes):
    laws = amdahl_through(cores, rates), coherency_through(cores, rates)
    return max(sizes, key=lambda n: abs(laws[0].throughput_per_s(n) - laws[1].throughput_per_s(n)))


@third.misread(
    "It looks only where Amdahl's law promises more. Either of the two may be the larger one."
)
def amdahl_over_coherency(cores, rates, sizes):
    laws = amdahl_through(cores, rates), coherency_through(cores, rates)
    return max(sizes, key=lambda n: laws[0].throughput_per_s(n) / laws[1].throughput_per_s(n))


@third.misread(
    "It looks only where the law of coherency promises more, which is between the two sizes. "
    "Amdahl's may be the larger one elsewhere, and by more."
)
def coherency_over_amdahl(cores, rates, sizes):
    laws = amdahl_through(cores, rates), coherency_through(cores, rates)
    return max(sizes, key=lambda n: laws[1].throughput_per_s(n) / laws[0].throughput_per_s(n))


@third.misread(
    "That is the difference as a share of Amdahl's prediction: half of it is then less than twice "
    "as much. Divide the larger by the smaller, whichever it is."
)
def share_of_amdahl(cores, rates, sizes):
    laws = amdahl_through(cores, rates), coherency_through(cores, rates)
    return max(
        sizes, key=lambda n: abs(1 - laws[1].throughput_per_s(n) / laws[0].throughput_per_s(n))
    )


@third.misread(
    "That is the difference as a share of what coherency predicts. Then twice as much counts more "
    "than half: divide the larger by the smaller, whichever it is."
)
def share_of_coherency(cores, rates, sizes):
    laws = amdahl_through(cores, rates), coherency_through(cores, rates)
    return max(
        sizes, key=lambda n: abs(1 - laws[0].throughput_per_s(n) / laws[1].throughput_per_s(n))
    )


@third.misread("That is the cheapest machine. A night on it may tell you nothing.")
def the_smallest(cores, rates, sizes):
    return min(sizes)


@third.misread(
    "The largest is often the best, but not always: where nothing far beyond the measured sizes is "
    "on offer, the laws may differ more below them."
)
def the_largest(cores, rates, sizes):
    return max(sizes)


@third.misread("That is the last of the list, and the list is in no order.")
def the_last(cores, rates, sizes):
    return sizes[-1]


@third.misread("There the two laws agree best: that measurement tells them apart least of all.")
def where_they_agree(cores, rates, sizes):
    laws = amdahl_through(cores, rates), coherency_through(cores, rates)
    return min(
        sizes,
        key=lambda n: abs(math.log(laws[0].throughput_per_s(n) / laws[1].throughput_per_s(n))),
    )


@third.misread("Far away the laws differ more, but only the machines of the list can be rented.")
def far_away(cores, rates, sizes):
    return 10 * max(sizes)


@third.misread("That is the factor by which they differ there. Asked for is the size.")
def the_factor(cores, rates, sizes):
    laws = amdahl_through(cores, rates), coherency_through(cores, rates)
    ratios = [laws[0].throughput_per_s(n) / laws[1].throughput_per_s(n) for n in sizes]
    return round(max(max(ratio, 1 / ratio) for ratio in ratios))


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
    Maybe(Thing(Offer, "an offer of the list")),
    why="The invoice comes every month, and so does the load.",
    hint="List throughput and price of every offer, and strike out what will not do.",
    hints=(
        "A machine will do if its throughput, less the headroom, is at least the load: "
        "law.throughput_per_s(cores) * (1 - headroom) >= needed_per_s.",
        "More cores may do less: beyond law.peak_n the curve falls. So test each offer, and do not "
        "stop at the first that is too small.",
        "Collect the offers that will do. If there is none, return None; else the one with the "
        "lowest usd_per_month.",
    ),
    explanation=(
        "Where the law has a peak, the largest machine does less than a smaller one: they would "
        "have paid most for a run that may not be done by the morning. The safe side is a test at "
        "that size, not a larger number of cores."
    ),
)


@cheapest.ask
def ask_cheapest(rng):
    """Draw a price list, a law with or without a peak, a load and a headroom."""
    sizes = [2, 4, 8, 16, 32, 48, 64, 96, 128]
    offers = [
        Offer(f"c{n}", n, round(n * float(rng.uniform(60, 80))))
        for n in rng.permutation(sizes).tolist()
    ]
    offers.append(Offer("last-year-32", 32, round(32 * float(rng.uniform(40, 58)))))
    law = ScalingLaw(
        unit_throughput_per_s=float(rng.integers(100, 300)),
        sigma=float(rng.uniform(0.0, 0.05)),
        kappa=float(rng.choice([0.0, rng.uniform(1e-4, 1e-3)])),
    )
    most = max(float(law.throughput_per_s(n)) for n in sizes)
    headroom = float(rng.choice([0.2, 0.3]))
    return offers, law, float(round(most * rng.uniform(0.1, 0.9))), headroom


@cheapest.ask_widely
def ask_cheapest_widely(rng):
    offers = [
        Offer(f"m{i}", int(rng.integers(1, 300)), float(rng.integers(50, 20_000)))
        for i in range(int(rng.integers(0, 10)))
    ]
    law = ScalingLaw(
        unit_throughput_per_s=float(rng.uniform(1, 1_000)),
        sigma=float(rng.uniform(0.0, 0.3)),
        kappa=float(rng.choice([0.0, rng.uniform(0.0, 0.01)])),
    )
    needed = 20 * law.unit_throughput_per_s * float(rng.uniform(0.01, 1.0))
    return offers, law, needed, float(rng.uniform(0.0, 0.9))


@cheapest.edges
def cheapest_edges():
    small, middle, large = Offer("c8", 8, 560), Offer("c16", 16, 1_100), Offer("c64", 64, 4_000)
    used, bargain = Offer("last-year-16", 16, 500), Offer("last-year-64", 64, 700)
    bargain_beyond = Offer("c64-sale", 64, 300)
    offers = [middle, large, small]
    straight = ScalingLaw(unit_throughput_per_s=100.0, sigma=0.0, kappa=0.0)
    bent = ScalingLaw(unit_throughput_per_s=100.0, sigma=0.02, kappa=0.002)  # peak at 22 cores
    return {
        "three sizes": (offers, straight, 700.0, 0.2),
        "exactly what is needed": (offers, straight, 400.0, 0.5),
        "a fifth on top is not enough": (offers, straight, 660.0, 0.2),
        "an older model costs less": ([*offers, used], straight, 300.0, 0.2),
        "the largest is beyond the peak": (offers, bent, 600.0, 0.2),
        "the cheapest is beyond the peak": ([middle, bargain], bent, 600.0, 0.2),
        "beyond the peak, cheap, and enough": ([small, bargain_beyond], bent, 400.0, 0.2),
        "none will do": (offers, bent, 5_000.0, 0.2),
        "one that would do without headroom": ([small], straight, 700.0, 0.2),
        "no headroom asked for": (offers, straight, 1_600.0, 0.0),
        "two at one price": ([large, Offer("c12", 12, 900), Offer("c14", 14, 900)], bent, 300, 0.3),
        "an empty list": ([], straight, 10.0, 0.2),
    }


@cheapest.words
def cheapest_in_words(offers, law, needed_per_s, headroom):
    listed = ", ".join(f"{o.name} {o.usd_per_month:,.0f}" for o in offers)
    return (
        f"needed {needed_per_s:g}/s with headroom {headroom:g}; one core "
        f"{law.unit_throughput_per_s:.0f}/s, sigma={law.sigma:.4f}, kappa={law.kappa:.5f}; "
        f"offers {listed or 'none'}"
    )


@cheapest.judge
def judge_cheapest(got, offers, law, needed_per_s, headroom):
    best = cheapest.solution(offers, law, needed_per_s, headroom)
    wanted = f"{best.name} for {best.usd_per_month:,.0f}" if best else "None"
    if got is None:
        why = "There is one that will do."
        if law.peak_n < 1_000:
            why += " Beyond its peak a law gives less, so a smaller machine may."
        return Fault(wanted, "None", why) if best else None
    came = f"{got.name} for {got.usd_per_month:,.0f}"
    if got not in offers:
        return Fault(wanted, came, "That is no offer of the list.")
    does = float(law.throughput_per_s(got.cores))
    if does * (1 - headroom) < needed_per_s:
        why = f"{got.name} does {does:,.0f} a second. That is not the load and the headroom."
        if does >= needed_per_s:
            why = f"{got.name} carries the load, but with too little headroom for a bad moment."
        elif best is None:
            why = "No machine on the list carries this load. Saying so is the answer."
        elif got.cores > law.peak_n:
            why = f"{got.name} is beyond the peak of the law: it does less than a smaller one."
        return Fault(wanted, came, why)
    if got.usd_per_month > best.usd_per_month:
        why = f"{got.name} will do, but {best.name} does too, and the invoice comes every month."
        return Fault(wanted, came, why)
    return None


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
        if law.throughput_per_s(offer.cores) >= needed_per_s / (1 - headroom):
            return offer
    return None


@cheapest.misread("The largest is not the strongest beyond a peak, and never the cheapest.")
def largest(offers, law, needed_per_s, headroom):
    return max(offers, key=lambda offer: offer.cores, default=None)


@cheapest.misread("The strongest will do if any does. A cheaper one may do as well.")
def strongest(offers, law, needed_per_s, headroom):
    best = max(offers, key=lambda offer: law.throughput_per_s(offer.cores), default=None)
    if best and law.throughput_per_s(best.cores) * (1 - headroom) >= needed_per_s:
        return best
    return None


@cheapest.misread(
    "The fewest cores that will do are not always the cheapest: an older model may cost less."
)
def fewest_cores(offers, law, needed_per_s, headroom):
    good = [o for o in offers if law.throughput_per_s(o.cores) * (1 - headroom) >= needed_per_s]
    return min(good, key=lambda offer: (offer.cores, -offer.usd_per_month), default=None)


@cheapest.misread("That machine carries the load, but with no headroom for a bad moment.")
def no_headroom(offers, law, needed_per_s, headroom):
    good = [o for o in offers if law.throughput_per_s(o.cores) >= needed_per_s]
    return min(good, key=lambda offer: offer.usd_per_month, default=None)


@cheapest.misread("Twice the cores do not do twice the work. Ask the law what each machine does.")
def cores_add_up(offers, law, needed_per_s, headroom):
    one = law.throughput_per_s(1)
    good = [o for o in offers if one * o.cores * (1 - headroom) >= needed_per_s]
    return min(good, key=lambda offer: offer.usd_per_month, default=None)


@cheapest.misread(
    "That adds the headroom to the load. It is a share of the machine: with 0.2 it is used up to "
    "four fifths, and the load times 1.2 is more than that."
)
def headroom_on_top(offers, law, needed_per_s, headroom):
    wanted = needed_per_s * (1 + headroom)
    good = [o for o in offers if law.throughput_per_s(o.cores) >= wanted]
    return min(good, key=lambda offer: offer.usd_per_month, default=None)


@cheapest.misread("Used exactly up to the headroom is allowed: such a machine will do.")
def too_strict(offers, law, needed_per_s, headroom):
    good = [o for o in offers if law.throughput_per_s(o.cores) * (1 - headroom) > needed_per_s]
    return min(good, key=lambda offer: offer.usd_per_month, default=None)


@cheapest.misread(
    "It takes every machine that is larger than one that will do. Beyond the peak they do less: "
    "test each."
)
def larger_will_do(offers, law, needed_per_s, headroom):
    good = [
        o.cores for o in offers if law.throughput_per_s(o.cores) * (1 - headroom) >= needed_per_s
    ]
    if not good:
        return None
    enough = [offer for offer in offers if offer.cores >= min(good)]
    return min(enough, key=lambda offer: offer.usd_per_month)


@cheapest.misread(
    "Beyond the peak more cores do less, but it may still be enough, and cheap. Test each machine."
)
def none_beyond_the_peak(offers, law, needed_per_s, headroom):
    good = [
        o
        for o in offers
        if o.cores <= law.peak_n and law.throughput_per_s(o.cores) * (1 - headroom) >= needed_per_s
    ]
    return min(good, key=lambda offer: offer.usd_per_month, default=None)


@cheapest.misread("It tries the cheapest of all and gives up. The next one may do: go on.")
def cheapest_or_none(offers, law, needed_per_s, headroom):
    offer = min(offers, key=lambda offer: offer.usd_per_month, default=None)
    if offer and law.throughput_per_s(offer.cores) * (1 - headroom) >= needed_per_s:
        return offer
    return None


@cheapest.misread("That is the first of the list that will do. The list is in no order.")
def first_of_the_list(offers, law, needed_per_s, headroom):
    for offer in offers:
        if law.throughput_per_s(offer.cores) * (1 - headroom) >= needed_per_s:
            return offer
    return None


@cheapest.misread("The lowest price of a core is not the lowest price. You pay for the machine.")
def price_of_a_core(offers, law, needed_per_s, headroom):
    good = [o for o in offers if law.throughput_per_s(o.cores) * (1 - headroom) >= needed_per_s]
    return min(good, key=lambda offer: offer.usd_per_month / offer.cores, default=None)


@cheapest.misread("No machine on the list carries this load. Saying so is the answer: None.")
def the_strongest_anyway(offers, law, needed_per_s, headroom):
    good = [o for o in offers if law.throughput_per_s(o.cores) * (1 - headroom) >= needed_per_s]
    if good:
        return min(good, key=lambda offer: offer.usd_per_month)
    return max(offers, key=lambda offer: law.throughput_per_s(offer.cores), default=None)


@cheapest.misread("The headroom is the share that stays free, not the share that is used.")
def headroom_used(offers, law, needed_per_s, headroom):
    good = [o for o in offers if law.throughput_per_s(o.cores) * headroom >= needed_per_s]
    return min(good, key=lambda offer: offer.usd_per_month, default=None)


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
    Number(unit="minutes"),
    why="It is what users see: minutes a year without the service.",
    hint="Count the events of a year, then multiply by what each takes.",
    hints=(
        "Alone: the machine is down 1 - availability of the year, and for every upgrade. With a "
        "standby: each failure and each upgrade costs one failover instead.",
        "How many failures are there in a year? Together they make up the unplanned downtime, and "
        "each takes mean_outage_s.",
        "failures = (1 - plan.availability) * 365 * 86_400 / plan.mean_outage_s. With a standby "
        "the time down is (failures + plan.upgrades_per_year) * plan.failover_s.",
    ),
    explanation=(
        "The time of a failover: it is in every term, failures and upgrades, so half of it is half "
        "of the downtime. Half the failures leave the upgrades as they were. Half as long outages "
        "at the same availability even mean twice as many failures."
    ),
)


@minutes.ask
def ask_minutes(rng):
    return (
        Plan(
            availability=float(rng.choice([0.99, 0.995, 0.999, 0.9995])),
            upgrades_per_year=int(rng.integers(1, 13)),
            upgrade_s=float(rng.integers(5, 40)) * 60,
            standby=bool(rng.random() < 0.6),
            failover_s=float(rng.integers(30, 180)),
            mean_outage_s=float(rng.integers(10, 120)) * 60,
        ),
    )


@minutes.ask_widely
def ask_minutes_widely(rng):
    return (
        Plan(
            availability=float(rng.uniform(0.5, 1.0)),
            upgrades_per_year=int(rng.integers(0, 400)),
            upgrade_s=float(rng.uniform(0, 10_000)),
            standby=bool(rng.random() < 0.5),
            failover_s=float(rng.uniform(0, 5_000)),
            mean_outage_s=float(rng.uniform(1, 100_000)),
        ),
    )


@minutes.edges
def minutes_edges():
    def plan(availability=0.999, outage=1_800.0, upgrades=4, standby=True, failover=90.0):
        return (
            Plan(
                availability=availability,
                upgrades_per_year=upgrades,
                upgrade_s=900.0,
                standby=standby,
                failover_s=failover,
                mean_outage_s=outage,
            ),
        )

    return {
        "no standby": plan(standby=False),
        "the plan of the page": plan(),
        "no upgrades": plan(upgrades=0),
        "no upgrades, no standby": plan(upgrades=0, standby=False),
        "a machine that never fails": plan(availability=1.0),
        "a failure in ten years": plan(availability=0.9999, outage=31_536.0),
        "a failover that is longer than an outage": plan(outage=60.0, failover=300.0),
    }


@minutes.words
def minutes_in_words(plan):
    return (
        f"up {plan.availability:g}, outages of {plan.mean_outage_s:g} s, {plan.upgrades_per_year} "
        f"upgrades a year of {plan.upgrade_s:g} s, {'a' if plan.standby else 'no'} standby, "
        f"failover {plan.failover_s:g} s"
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


page_minutes = minutes.solution(*minutes_edges()["the plan of the page"])


@minutes.otherwise
def why_minutes(got, plan):
    failures = (1 - plan.availability) * 365 * 86_400 / plan.mean_outage_s
    each = "each takes a failover" if plan.standby else "nobody takes over"
    return (
        f"In a year of this plan there are {failures:.5g} failures and {plan.upgrades_per_year} "
        f"upgrades, and {each}."
    )


@minutes.misread("That counts the time that the machine is up. It is down for the rest.")
def up_for_down(plan):
    time_s = plan.availability * 365 * 86_400
    if plan.standby:
        return (time_s / plan.mean_outage_s + plan.upgrades_per_year) * plan.failover_s / 60
    return (time_s + plan.upgrades_per_year * plan.upgrade_s) / 60


@minutes.misread("It is turned round: where there is no standby, there is no failover.")
def turned_round(plan):
    down_s = (1 - plan.availability) * 365 * 86_400
    if not plan.standby:
        return (down_s / plan.mean_outage_s + plan.upgrades_per_year) * plan.failover_s / 60
    return (down_s + plan.upgrades_per_year * plan.upgrade_s) / 60


@minutes.misread("Those are a twelfth of it, a month's minutes. The answer is for a year.")
def in_a_month(plan):
    return downtime_minutes(plan) / 12


@minutes.misread("The failures are a mean, and need not be whole: rounded up, there are too many.")
def rounded_up_failures(plan):
    failures = math.ceil((1 - plan.availability) * 365 * 86_400 / plan.mean_outage_s)
    if plan.standby:
        return (failures + plan.upgrades_per_year) * plan.failover_s / 60
    return (failures * plan.mean_outage_s + plan.upgrades_per_year * plan.upgrade_s) / 60


@minutes.misread("Upgrades are outages too, only announced ones.")
def no_upgrades(plan):
    down_s = (1 - plan.availability) * 365 * 86_400
    if plan.standby:
        return down_s / plan.mean_outage_s * plan.failover_s / 60
    return down_s / 60


@minutes.misread("Without a standby each upgrade stops the machine, for upgrade_s.")
def upgrades_only_with_a_standby(plan):
    down_s = (1 - plan.availability) * 365 * 86_400
    if plan.standby:
        return (down_s / plan.mean_outage_s + plan.upgrades_per_year) * plan.failover_s / 60
    return down_s / 60


@minutes.misread("There is a standby: a failure lasts until it has taken over, no longer.")
def standby_ignored(plan):
    down_s = (1 - plan.availability) * 365 * 86_400
    return (down_s + plan.upgrades_per_year * plan.upgrade_s) / 60


@minutes.misread(
    "The standby takes over after a failure as well: it lasts a failover, not an outage."
)
def failures_in_full(plan):
    down_s = (1 - plan.availability) * 365 * 86_400
    upgrade_s = plan.failover_s if plan.standby else plan.upgrade_s
    return (down_s + plan.upgrades_per_year * upgrade_s) / 60


@minutes.misread(
    "With a standby an upgrade stops nothing for long: the standby is upgraded first, and the "
    "change of roles is a failover."
)
def upgrades_in_full(plan):
    failures = (1 - plan.availability) * 365 * 86_400 / plan.mean_outage_s
    failure_s = plan.failover_s if plan.standby else plan.mean_outage_s
    return (failures * failure_s + plan.upgrades_per_year * plan.upgrade_s) / 60


@minutes.misread("This plan has no standby, so nobody takes over.")
def always_a_standby(plan):
    failures = (1 - plan.availability) * 365 * 86_400 / plan.mean_outage_s
    return (failures + plan.upgrades_per_year) * plan.failover_s / 60


@minutes.misread("Those are hours. The answer is asked for in minutes.")
def in_hours(plan):
    return downtime_minutes(plan) / 60


@minutes.misread("Those are seconds. The answer is asked for in minutes.")
def in_seconds(plan):
    return 60 * downtime_minutes(plan)


@minutes.misread("The machine still fails as often as before; each failure costs a failover.")
def never_fails(plan):
    if plan.standby:
        return plan.upgrades_per_year * plan.failover_s / 60
    down_s = (1 - plan.availability) * 365 * 86_400
    return (down_s + plan.upgrades_per_year * plan.upgrade_s) / 60


@minutes.misread("An upgrade with a standby is a switch-over, and it costs a failover as well.")
def free_upgrades(plan):
    down_s = (1 - plan.availability) * 365 * 86_400
    if plan.standby:
        return down_s / plan.mean_outage_s * plan.failover_s / 60
    return (down_s + plan.upgrades_per_year * plan.upgrade_s) / 60


@minutes.misread(
    "A mean is no count: 17.5 failures a year are one more every other year. Keep the half."
)
def whole_failures(plan):
    failures = int((1 - plan.availability) * 365 * 86_400 / plan.mean_outage_s)
    if plan.standby:
        return (failures + plan.upgrades_per_year) * plan.failover_s / 60
    return (failures * plan.mean_outage_s + plan.upgrades_per_year * plan.upgrade_s) / 60


@minutes.misread("The failover comes instead of the outage and of the upgrade, not on top of them.")
def failover_on_top(plan):
    down_s = (1 - plan.availability) * 365 * 86_400
    failures = down_s / plan.mean_outage_s
    alone_s = down_s + plan.upgrades_per_year * plan.upgrade_s
    changes = failures + plan.upgrades_per_year if plan.standby else 0
    return (alone_s + changes * plan.failover_s) / 60


@minutes.misread("A year has 365 days here: the bill and the promise count them so.")
def leap_years(plan):
    down_s = (1 - plan.availability) * 365.25 * 86_400
    if plan.standby:
        return (down_s / plan.mean_outage_s + plan.upgrades_per_year) * plan.failover_s / 60
    return (down_s + plan.upgrades_per_year * plan.upgrade_s) / 60


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
