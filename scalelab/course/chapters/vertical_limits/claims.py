"""Claims on the limits of vertical scaling of databases."""

from __future__ import annotations

import math

import numpy as np

from scalelab.course.chapters.vertical.experiments import (
    CATALOGUE,
    USD_PER_CORE,
    laws,
)
from scalelab.course.chapters.vertical_limits.experiments import (
    ROWS,
    cores_for,
    gain,
    price_of_twice,
    switch_point_per_s,
)
from scalelab.course.ledger import Values, section
from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.cost import cost_of_performance, price_elasticity
from scalelab.models.traffic import peak_rate_per_s

claim = section("Vertical Scaling Limits", "vertical_limits")

AMDAHL, COHERENCY = laws().values()  # both through the guide's two measurements
# Amazon EC2, documentation of 2025: of a c7gn.16xlarge, and of one connection from any machine.
OFFERED_GBIT_S, FLOW_GBIT_S = 200, 5


def cores_where_gain_is(wanted: float, s: float) -> float:
    """Cores from which a doubling gains so much, where a share `s` is done in turn."""
    # 2 (1 + s (n - 1)) / (1 + s (2 n - 1)) = g, solved for n
    return (2 * (1 - s) - wanted * (1 - s)) / (2 * s * (wanted - 1))


@claim(
    "vl-2x-gives-2x",
    says="At first twice the hardware gives twice the performance.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="Nearly: by the law through the guide's two measurements, 4 cores to 8 gain 1.84 ×, "
    "and 2 to 4 gain 1.91 ×. Exactly twice only where nothing is done in turn.",
    source="Amdahl's law through 1,000 requests/s with 4 cores and 5,000 with 32.",
    named={
        "from_2": "gain from 2 cores to 4 | ×",
        "from_4": "gain from 4 cores to 8 | ×",
        "nothing_in_turn": "gain where nothing is done in turn | ×",
    },
)
def twice() -> Values:
    return {"from_2": gain(2), "from_4": gain(4), "nothing_in_turn": float(amdahl_speedup(2, 0.0))}


@claim(
    "vl-1.3x",
    says="Later, twice the hardware gives only 1.3 times the performance.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="By the same law the gain of a doubling falls to 1.3 × at 50 cores: 64 cores gain "
    "1.25 × by growing to 128, 32 still gain 1.40 × by growing to 64. Where it happens depends on "
    "the share that is done in turn, 2.3 % here; with half of it, at 101 cores.",
    source="Amdahl's law through the guide's two measurements.",
    named={
        "at": "cores from which a doubling gains 1.3 × | cores",
        "at_half": "the same with half of the share in turn | cores",
        "from_32": "gain from 32 cores to 64 | ×",
        "from_64": "gain from 64 cores to 128 | ×",
        "in_turn": "share that is done in turn | share",
    },
)
def later() -> Values:
    return {
        "at": cores_where_gain_is(1.3, AMDAHL.sigma),
        "at_half": cores_where_gain_is(1.3, AMDAHL.sigma / 2),
        "from_32": gain(32),
        "from_64": gain(64),
        "in_turn": AMDAHL.sigma,
    }


@claim(
    "vl-ceiling-no-improvement",
    says="Eventually a larger machine brings no improvement.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="If something stays of one size, yes: with 2.3 % in turn the ceiling is 11,667 "
    "requests a second, and 96 cores reach 69 % of it. A log on one disk is such a thing for a "
    "database, whatever its cores. Through the same two measurements goes another law, in which "
    "cores hold each other up in pairs: it has a peak at 40 cores and falls after it. Two points "
    "cannot tell.",
    source="Amdahl's law and the law of coherency through the guide's two measurements.",
    named={
        "ceiling": "most that any number of cores does, Amdahl | requests/s",
        "of_it": "share of it with 96 cores | share",
        "in_turn": "share that is done in turn | share",
        "peak": "cores at the peak, coherency alone | cores",
    },
)
def no_improvement() -> Values:
    return {
        "ceiling": AMDAHL.ceiling_per_s,
        "of_it": float(AMDAHL.throughput_per_s(96)) / AMDAHL.ceiling_per_s,
        "in_turn": AMDAHL.sigma,
        "peak": COHERENCY.peak_n,
    }


@claim(
    "vl-small-linear-cost",
    says="Among small servers twice the performance costs twice as much.",
    kind="cost",
    verdict="holds-under-assumptions",
    finding="The guide's smallest two rows are $30 and $140, 4.67 times as much for the same 2 "
    "virtual cores. That is no bend of a curve: the first is of a family that may use a fifth of "
    "its cores for long. Per GB of memory the second costs 1.17 times as much, per core that it "
    "may keep busy 0.93 times. By those it is linear from the bottom.",
    source="The guide's price list; a t3.small earns credits for 20 % of each core (EC2).",
    named={
        "second": "price of the second row, a month | $",
        "dollars": "price of the second row, of the first | ×",
        "per_gb": "price a GB of the second row, of the first | ×",
        "per_sustained": "price a sustained core of the second row, of the first | ×",
    },
)
def small() -> Values:
    (sustained, _, memory, usd), (other_sustained, _, other_memory, other_usd) = ROWS[:2]
    return {
        "second": float(other_usd),
        "dollars": other_usd / usd,
        "per_gb": (other_usd / other_memory) / (usd / memory),
        "per_sustained": (other_usd / other_sustained) / (usd / sustained),
    }


@claim(
    "vl-large-4-5x",
    says="Among large servers twice the performance costs 4 to 5 times as much.",
    kind="cost",
    verdict="holds-under-assumptions",
    finding="It depends on where you are. With prices that are linear in cores and the law "
    "through the guide's measurements, twice the performance costs 2.2 × from 4 cores, 3.2 × from "
    "16, 4 to 5 × from 22 to 25, 8 × from 32, and cannot be had from 43 on. The guide's own 1.3 × "
    "for each doubling would make it 6.24 ×; 5 × needs 1.35 ×.",
    source="Amdahl's law solved for twice the throughput; price proportional to cores.",
    named={
        "from_4": "price of twice the performance, from 4 cores | ×",
        "from_16": "from 16 cores | ×",
        "from_22": "from 22 cores | ×",
        "from_25": "from 25 cores | ×",
        "from_32": "from 32 cores | ×",
        "wall": "cores from which twice cannot be had | cores",
        "at_1_3": "price of twice at 1.3 × for each doubling | ×",
        "for_5": "gain of a doubling that makes it 5 × | ×",
    },
)
def large() -> Values:
    half = AMDAHL.ceiling_per_s / 2
    return {
        "from_4": price_of_twice(4),
        "from_16": price_of_twice(16),
        "from_22": price_of_twice(22),
        "from_25": price_of_twice(25),
        "from_32": price_of_twice(32),
        "wall": cores_for(half),
        "at_1_3": cost_of_performance(2, 1.3),
        "for_5": 2 ** (1 / math.log2(5)),
    }


@claim(
    "vl-exponential-word",
    says="The costs of large servers grow exponentially.",
    kind="cost",
    verdict="misleading",
    finding="Not with size: per core the list is flat, $70 from 2 cores to 96. With performance, "
    "neither: if each doubling always gains 1.3 ×, the price is a power, the 2.64th, of the "
    "performance. By the law with a ceiling it grows faster than any exponential and ends in a "
    "wall at 11,667 requests a second. The word hides that wall, which is what you want to know.",
    source="Price list of the guide; elasticity log 2 / log 1.3; Amdahl's ceiling.",
    named={
        "per_core": "price a core, of each size of the family | $",
        "elasticity": "power of performance at 1.3 × for each doubling | power",
        "wall": "throughput at which the price has no bound | requests/s",
    },
)
def exponential() -> Values:
    return {
        "per_core": USD_PER_CORE,
        "elasticity": math.log(2) / math.log(1.3),
        "wall": AMDAHL.ceiling_per_s,
    }


@claim(
    "vl-cost-figure",
    says="A drawn curve of cost against performance bends upwards ever more steeply.",
    kind="arithmetic",
    verdict="holds-under-assumptions",
    finding="As a sketch of the law with a ceiling it is right: by it the next thousand requests "
    "a second cost $338 a month at 1,000, and 23 times as much at 9,000. The drawing has no "
    "scale, so that it proves nothing; its own slope grows by half in all.",
    source="Price of cores by Amdahl's law, $70 a core; the drawing's columns.",
    named={
        "at_1000": "price of the next 1,000 requests/s at 1,000, a month | $",
        "times": "times as much at 9,000 | ×",
    },
)
def figure() -> Values:
    def step(rate: float) -> float:
        return USD_PER_CORE * (cores_for(rate + 1_000) - cores_for(rate))

    return {"at_1000": step(1_000), "times": step(9_000) / step(1_000)}


@claim(
    "vl-rds-ratios",
    says="From the smallest to the largest row of the price list: 48 times the cores, 192 times "
    "the memory, 224 times the price, 4.7 times the price a core.",
    kind="arithmetic",
    verdict="holds",
    finding="The divisions are right: 48, 192, 224 and 4.67.",
    source="The guide's price list, row 5 by row 1.",
    named={
        "cores": "cores | ×",
        "memory": "memory | ×",
        "price": "price | ×",
        "per_core": "price a core | ×",
    },
)
def ratios() -> Values:
    first, last = ROWS[0], ROWS[-1]
    return {
        "cores": last[1] / first[1],
        "memory": last[2] / first[2],
        "price": last[3] / first[3],
        "per_core": last[3] / last[1] / (first[3] / first[1]),
    }


@claim(
    "vl-rds-48x-224x",
    says="48 times the CPU costs 224 times as much.",
    kind="cost",
    verdict="misleading",
    finding="The division is true, and it compares two families. Within one, 48 times the cores "
    "cost 48 times as much, slope 1.00. Over all five rows the slope is 1.21 by cores, 1.02 by "
    "memory and 0.99 by the cores that may be kept busy: of those the last row has 240 times as "
    "many, for 224 times the price.",
    source="The guide's five rows; least squares of log price on log size.",
    named={
        "family_cores": "cores, largest to smallest of one family | ×",
        "family_price": "price, the same | ×",
        "slope_family": "slope within one family | slope",
        "slope_cores": "slope of all five by cores | slope",
        "slope_memory": "slope of all five by memory | slope",
        "slope_sustained": "slope of all five by sustained cores | slope",
        "sustained": "sustained cores, row 5 by row 1 | ×",
    },
)
def compared() -> Values:
    sustained, cores, memory, usd = (np.array(column) for column in zip(*ROWS, strict=True))
    return {
        "family_cores": cores[-1] / cores[1],
        "family_price": usd[-1] / usd[1],
        "slope_family": price_elasticity(cores[1:], usd[1:]),
        "slope_cores": price_elasticity(cores, usd),
        "slope_memory": price_elasticity(memory, usd),
        "slope_sustained": price_elasticity(sustained, usd),
        "sustained": sustained[-1] / sustained[0],
    }


@claim(
    "vl-rds-efficiency-drop",
    says="Efficiency drops at the high end of the price list.",
    kind="cost",
    verdict="misleading",
    finding="The column goes from $15 to $70 between its two smallest rows, and is $70 in all the "
    "others, up to 96 cores. Nothing drops at the high end. Who believes it buys many small "
    "machines of the first kind: 48 of them cost $1,440 and keep 19 cores busy, not 96.",
    source="The guide's price list; 20 % of each core of a t3.small for long.",
    named={
        "first": "price a core, first row | $",
        "second": "price a core, second row | $",
        "last": "price a core, last row | $",
        "many": "price of 48 machines of the first row, a month | $",
        "sustained": "cores that they keep busy | cores",
    },
)
def efficiency() -> Values:
    first, second, last = ROWS[0], ROWS[1], ROWS[-1]
    return {
        "first": first[3] / first[1],
        "second": second[3] / second[1],
        "last": last[3] / last[1],
        "many": 48 * first[3],
        "sustained": 48 * first[0],
    }


@claim(
    "vl-rds-cost-per-perf-label",
    says="The last column of the price list is the cost for performance.",
    kind="cost",
    verdict="misleading",
    finding="It is dollars for a virtual core. Of a t3.small that is $15, but it keeps only 0.4 "
    "cores busy at that price: $75 for a sustained core, against $70 in the other family. (Above "
    "that it goes on by default and is billed for it.) For a GB of memory the two cost $15.00 and "
    "$17.50.",
    source="The guide's price list; credits of burstable instances in EC2's documentation.",
    named={
        "sustained_cores": "cores that the first row keeps busy | cores",
        "per_sustained": "price a sustained core, first row | $",
        "other": "price a core of the other family | $",
        "per_gb_first": "price a GB, first row | $",
        "per_gb_second": "price a GB, second row | $",
    },
)
def column() -> Values:
    first, second = ROWS[:2]
    return {
        "sustained_cores": first[0],
        "per_sustained": first[3] / first[0],
        "other": second[3] / second[1],
        "per_gb_first": first[3] / first[2],
        "per_gb_second": second[3] / second[2],
    }


@claim(
    "vl-limits",
    says="The largest machines have 100 to 200 cores, 2 to 4 TB of memory and 100 TB of disk; "
    "beyond that one must scale horizontally.",
    kind="sizing",
    verdict="misleading",
    finding="A dated catalogue has machines of 1,920 virtual cores, and of 32 TB of memory. And "
    "beyond a limit there are other ways than more servers: a cache, an archive, a database for "
    "each function. Spreading the rows over servers is the last of them.",
    source="EC2's documentation of 2024 and 2025, as in the chapter on vertical scaling.",
    named={
        "cores": "most virtual cores of the catalogue | cores",
        "memory": "most memory of the catalogue | TB",
    },
)
def limits() -> Values:
    return {
        "cores": max(machine.vcpus for machine in CATALOGUE),
        "memory": max(machine.memory_gib for machine in CATALOGUE) / 1_024,
    }


@claim(
    "vl-not-parallel",
    says="A larger machine makes sense where work cannot be done in parallel.",
    kind="queueing",
    verdict="misleading",
    finding="Work that is all done in turn gains nothing from more cores: 1.0 × with 32 of them, "
    "and nothing from more machines either. It gains from a faster core, or from being done less "
    "often. What speaks for one large machine is work that is parallel but shares its data: 2.3 % "
    "in turn, and 32 cores gain 18.7 ×.",
    source="Amdahl's law.",
    named={
        "all_in_turn": "gain of 32 cores, all in turn | ×",
        "in_turn": "share that is done in turn | share",
        "a_little": "gain of 32 cores with that share | ×",
    },
)
def not_parallel() -> Values:
    one = float(AMDAHL.throughput_per_s(1))
    return {
        "all_in_turn": float(amdahl_speedup(32, 1.0)),
        "in_turn": AMDAHL.sigma,
        "a_little": float(AMDAHL.throughput_per_s(32)) / one,
    }


@claim(
    "vl-double-at-70",
    says="Double the machine when it is 70 % busy.",
    kind="sizing",
    verdict="holds",
    finding="After a doubling that gains 1.84 × it is 38 % busy. If the load doubles in a year, "
    "the next one is due after 0.88 years, and each sooner than the last: after a gain of 1.40 × "
    "it is half a year.",
    source="70 % divided by the gain; log₂ of the gain in periods of doubling.",
    named={
        "after": "utilisation after the first doubling | share",
        "gain": "gain of the first doubling, from 4 cores | ×",
        "next": "time until the next, if the load doubles in a year | years",
        "later_gain": "gain of the doubling from 32 cores | ×",
        "later": "time until the next after it | years",
    },
)
def at_70() -> Values:
    return {
        "after": 0.7 / gain(4),
        "gain": gain(4),
        "next": math.log2(gain(4)),
        "later_gain": gain(32),
        "later": math.log2(gain(32)),
    }


@claim(
    "vl-2-3-upgrades",
    says="There are usually 2 to 3 upgrades before returns diminish.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="They diminish from the first: 1.84, 1.73, 1.57, 1.40 and 1.25 × from 4 cores up. "
    "With the threshold named it is right: 3 doublings gain more than 1.5 ×, so that less than "
    "half of the new money is lost, and 4 gain more than 1.3 ×.",
    source="Amdahl's law through the guide's two measurements, from 4 cores.",
    named={
        "first": "gain of the first | ×",
        "second": "of the second | ×",
        "third": "of the third | ×",
        "fourth": "of the fourth | ×",
        "fifth": "of the fifth | ×",
        "above_half": "doublings that gain more than 1.5 × | upgrades",
        "above_1_3": "doublings that gain more than 1.3 × | upgrades",
    },
)
def upgrades() -> Values:
    gains = [gain(4 * 2**i) for i in range(5)]
    names = ("first", "second", "third", "fourth", "fifth")
    return {
        **dict(zip(names, gains, strict=True)),
        "above_half": sum(g > 1.5 for g in gains),
        "above_1_3": sum(g > 1.3 for g in gains),
    }


@claim(
    "vl-thresholds-users",
    says="One machine is fine below 100,000 users; from a million on, scale horizontally.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="Users are the wrong unit. If 20 % come on a day, each asks 50 times and the peak is "
    "5 times the mean, 100,000 users make 58 requests a second, 6 % of what the guide's server of "
    "4 cores does, and a million are 58 %. With one request every ten seconds from each of 10,000 "
    "sensors it is full. Say requests a second, terabytes, and how long it may be away.",
    source="Rate of users with stated habits; the guide's 1,000 requests/s.",
    named={
        "rate_100k": "peak of 100,000 such users | requests/s",
        "share_100k": "share of the server, 100,000 users | share",
        "share_1m": "share of the server, a million users | share",
        "sensors": "rate of 10,000 sensors that report every ten seconds | requests/s",
    },
)
def users() -> Values:
    def rate(number: float) -> float:
        return float(
            peak_rate_per_s(
                number, daily_active_share=0.2, requests_per_active_user=50, peak_to_mean=5
            )
        )

    return {
        "rate_100k": rate(100_000),
        "share_100k": rate(100_000) / 1_000,
        "share_1m": rate(1_000_000) / 1_000,
        "sensors": 10_000 / 10,
    }


@claim(
    "vl-largest-network",
    says="The largest machines have networks of 25 to 100 Gbit/s.",
    kind="qualitative",
    verdict="misleading",
    finding="A dated catalogue offers 200 Gbit/s, twice the upper figure. And no single connection "
    "gets it: one flow is held to 5 Gbit/s unless both ends stand in one placement group, so that "
    "a backup of 4 TB over one connection takes 107 minutes, not the 5 of 100 Gbit/s.",
    source="EC2's documentation: a c7gn.16xlarge, and the page on network bandwidth, 2025.",
    named={
        "offered": "offered in the catalogue, of the guide's upper figure | ×",
        "flow_minutes": "4 TB over one connection | min",
        "guide_minutes": "4 TB at 100 Gbit/s | min",
    },
)
def network() -> Values:
    backup_gbit = 4_000 * 8
    return {
        "offered": OFFERED_GBIT_S / 100,
        "flow_minutes": backup_gbit / FLOW_GBIT_S / 60,
        "guide_minutes": backup_gbit / 100 / 60,
    }


@claim(
    "proc-vertical-when",
    says="Scale up while it is quick and simple; go horizontal when costs explode, at hardware "
    "limits, for other regions, for availability, at large scale.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="The last four reasons stand. 'Costs explode' is true of performance, not of machines: "
    "from 32 cores twice the performance costs 8 × on one machine and 2 × on two. But from "
    "1,000 requests a second on many small ones are cheaper by these prices, 1.6 × at 5,000 "
    "requests a second and 6.4 × at 10,000; so what speaks for one large machine is not its "
    "price. It is what each further node costs in work, and the state that they would have to "
    "share.",
    source="Amdahl's law and $70 a core, for one machine and for as many of 4 cores.",
    named={
        "one": "price of twice the performance of 32 cores, one machine | ×",
        "two": "the same on two machines | ×",
        "from": "rate from which small machines are cheaper | requests/s",
        "at_5000": "price of one machine, of small ones, at 5,000 requests/s | ×",
        "at_10000": "the same at 10,000 requests/s | ×",
    },
)
def when() -> Values:
    per_request = USD_PER_CORE * 4 / float(AMDAHL.throughput_per_s(4))

    def ratio(rate: float) -> float:
        return USD_PER_CORE * cores_for(rate) / (per_request * rate)

    return {
        "one": price_of_twice(32),
        "two": 2.0,
        "from": switch_point_per_s(0),
        "at_5000": ratio(5_000),
        "at_10000": ratio(10_000),
    }


@claim(
    "proc-vertical-phases",
    says="Start small, double at 70 %, and go horizontal when the vertical costs exceed the cost "
    "of complexity.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="As a rule it works once the cost of complexity has a number. By these prices an "
    "extra $100 a month makes the switch at 2,388 requests a second, $500 at 4,188, $1,000 at "
    "5,296, $4,000 at 7,876 and $32,000 at 10,750. It is not proportional, and it never passes "
    "the ceiling of 11,667.",
    source="One machine by Amdahl's law against machines of 4 cores plus a fixed cost, $70 a core.",
    named={
        "at_100": "switch with an extra $100 a month | requests/s",
        "at_500": "with $500 | requests/s",
        "at_1000": "with $1,000 | requests/s",
        "at_4000": "with $4,000 | requests/s",
        "at_32000": "with $32,000 | requests/s",
        "ceiling": "most that one machine does | requests/s",
    },
)
def phases() -> Values:
    extra = (100, 500, 1_000, 4_000, 32_000)
    return {
        **{f"at_{usd}": switch_point_per_s(usd) for usd in extra},
        "ceiling": AMDAHL.ceiling_per_s,
    }
