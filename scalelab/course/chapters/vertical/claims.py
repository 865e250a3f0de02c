"""Claims on vertical scaling.

The guide's own example runs through them: from 4 cores to 32, from 16 GB to 128, from 500 GB of
disk to 2 TB, and from 1,000 requests per second to 5,000.
"""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.vertical.experiments import (
    CATALOGUE,
    ORDINARY,
    PRICES,
    SMALL_KIND,
    laws,
    usd_for_load,
)
from scalelab.course.ledger import Values, section
from scalelab.models.availability import (
    availability_of_outages,
    downtime_s_per_year,
    parallel_availability,
)
from scalelab.models.cost import price_elasticity

claim = section("Vertical Scaling (Scale-Up)", "vertical")


@claim(
    "vert-8x-8x-4x",
    says="From 4 cores to 32 and from 16 GB to 128 is eight-fold, from 500 GB to 2 TB four-fold.",
    kind="arithmetic",
    verdict="holds",
    finding="Eight times as much, eight times, four times. Read strictly, eight times as much is "
    "seven times more.",
    source="Division.",
    named={
        "cpu": "cores after over before | ×",
        "ram": "memory after over before | ×",
        "disk": "disk after over before | ×",
        "more": "cores more than before | ×",
    },
)
def ratios() -> Values:
    return {"cpu": 32 / 4, "ram": 128 / 16, "disk": 2_000 / 500, "more": 32 / 4 - 1}


@claim(
    "vert-1000-to-5000",
    says="Eight times the hardware lifts a server from 1,000 to 5,000 requests per second.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="A plausible pair of numbers, and it fits two laws that disagree about everything "
    "else. By Amdahl's, 2.3 % of the work cannot be shared, 128 cores give 8,750 requests per "
    "second, and 11,667 is the end. By coherency, the best is 40 cores, and 128 do 2,924. "
    "Two measurements cannot tell; a third can. Per core the throughput fell from 250 to "
    "156.",
    source="Amdahl 1967; Gunther 2007, solved through the two points.",
    named={
        "amdahl_sigma_core": "share done in turn, of one core's work | share",
        "amdahl_sigma_unit": "share done in turn, of a four-core machine's work | share",
        "ceiling": "end of Amdahl's law | requests/s",
        "usl_kappa": "cost of one exchange by coherency (kappa) | of a request",
        "usl_peak_cores": "peak by coherency | cores",
        "amdahl_128": "128 cores by Amdahl's law | requests/s",
        "coherency_128": "128 cores by coherency | requests/s",
        "exponent": "throughput over cores, between the two | power",
        "per_core_4": "each of 4 cores | requests/s",
        "per_core_32": "each of 32 cores | requests/s",
        "efficiency": "a core of 32 over a core of 4 | share",
    },
)
def two_points() -> Values:
    amdahl, coherency = laws().values()
    unit = 1_000 / 4
    return {
        "amdahl_sigma_core": amdahl.sigma,
        # with the machine of 4 cores as the unit: its own speed-up is 1, that of 32 cores is 5
        "amdahl_sigma_unit": (8 / 5 - 1) / (8 - 1),
        "ceiling": amdahl.ceiling_per_s,
        "usl_kappa": coherency.kappa,
        "usl_peak_cores": coherency.peak_n,
        "amdahl_128": amdahl.throughput_per_s(128),
        "coherency_128": coherency.throughput_per_s(128),
        "exponent": float(np.log(5) / np.log(8)),
        "per_core_4": unit,
        "per_core_32": 5_000 / 32,
        "efficiency": 5_000 / 32 / unit,
    }


@claim(
    "vert-diminishing",
    says="Doubling the hardware may bring less than double the performance.",
    kind="queueing",
    verdict="holds",
    finding="With the serial share that the guide's own example implies, doubling brings 1.84 × "
    "from 4 cores, 1.73 × from 8, 1.57 × from 16, 1.40 × from 32 and 1.25 × from 64.",
    source="Amdahl's law through the guide's two points.",
    named={
        "d4": "from 4 cores to 8 | ×",
        "d8": "from 8 cores to 16 | ×",
        "d16": "from 16 cores to 32 | ×",
        "d32": "from 32 cores to 64 | ×",
        "d64": "from 64 cores to 128 | ×",
    },
)
def doublings() -> Values:
    law = laws()["contention (Amdahl)"]
    return {
        f"d{n}": law.throughput_per_s(2 * n) / law.throughput_per_s(n) for n in (4, 8, 16, 32, 64)
    }


@claim(
    "vert-exponential-cost",
    says="High-end hardware costs exponentially more.",
    kind="cost",
    verdict="misleading",
    finding="Hardware does not, in the guide's own price list. Within its m5 family a core costs "
    "70 dollars a month in a machine of 2 and in one of 96: a slope of 1. Its first row is another "
    "kind, at 15 dollars a core; with all five rows the slope is 1.2, still a power law. Work is "
    "another matter. Under the guide's own speed-up a request per second costs 0.27 dollars on 2 "
    "cores and 0.83 on 96, and one machine for 1,000, 4,000, 10,000 and 11,600 requests a second "
    "would cost 280, 1,558, 17,920 and 519,680 dollars. At 11,667 no price buys it, so near the "
    "end it rises faster than any exponential. Who reads the sentence looks for the cause in the "
    "price list, and it lies in the program.",
    source="Regression of log price on log cores, over the m5 rows and over all five rows of the "
    "guide's price list; Amdahl's law through its two measurements.",
    named={
        "slope": "price over size, within the m5 family | power",
        "slope_of_five": "price over size, over all five rows | power",
        "per_core": "a core of an m5 | $ a month",
        "per_core_of_small_kind": "a core of the t3.small | $ a month",
        "request_2": "one request per second on 2 cores | $ a month",
        "request_96": "one request per second on 96 cores | $ a month",
        "request_ratio": "the dearer over the cheaper | ×",
        "for_loads": "one machine for 1,000, 4,000, 10,000, 11,600 requests/s | $ a month",
        "ceiling": "where no machine is enough | requests/s",
    },
)
def price() -> Values:
    sizes, dollars = np.array(PRICES).T
    all_sizes, all_dollars = np.array([SMALL_KIND, *PRICES]).T
    law = laws()["contention (Amdahl)"]
    smallest, *_, largest = dollars / np.asarray(law.throughput_per_s(sizes))
    return {
        "slope": price_elasticity(sizes, dollars),
        "slope_of_five": price_elasticity(all_sizes, all_dollars),
        "per_core": float(dollars[0] / sizes[0]),
        "per_core_of_small_kind": SMALL_KIND[1] / SMALL_KIND[0],
        "request_2": smallest,
        "request_96": largest,
        "request_ratio": float(largest / smallest),
        "for_loads": usd_for_load(law, [1_000, 4_000, 10_000, 11_600]),
        "ceiling": law.ceiling_per_s,
    }


@claim(
    "vert-spof",
    says="One machine is a single point of failure: when it fails, all is down.",
    kind="replication",
    verdict="holds",
    finding="A machine that is up 99.9 % of the time is down 8.8 hours a year, and the service "
    "with it. Two of them of which one is enough would be down half a minute, if they failed "
    "independently and the switch-over took no time. With twelve switch-overs a year of two "
    "minutes each it is 24 minutes: the pair is as good as its failover.",
    source="Availability of parallel parts.",
    named={
        "h_per_year": "one machine at 99.9 % is down | h a year",
        "pair_s": "an independent pair with no time to switch is down | s a year",
        "failover_min": "twelve switch-overs of two minutes | min a year",
    },
)
def single_point() -> Values:
    failover = availability_of_outages(12, 120)
    return {
        "h_per_year": downtime_s_per_year(0.999) / 3_600,
        "pair_s": downtime_s_per_year(parallel_availability([0.999, 0.999])),
        "failover_min": downtime_s_per_year(failover) / 60,
    }


@claim(
    "vert-downtime",
    says="Upgrading the hardware usually means that the service stops.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="Without a standby, yes: as long as a stop, a resize and a start take, and the caches "
    "are cold afterwards. With one, the standby is upgraded first and takes over, which takes 60 "
    "to 120 s in a managed database. Four upgrades a year of 15 minutes cost an hour; "
    "as switch-overs of 90 s they cost 6 minutes.",
    source="Amazon RDS documentation, Multi-AZ failover: typically 60 to 120 s; multiplication.",
    named={
        "failover_s": "a documented switch-over, from and to | s",
        "each_restart_min": "each stop and start, assumed | min",
        "each_switch_s": "each switch-over, assumed | s",
        "restart_min": "four stops a year | min",
        "switch_min": "four switch-overs a year | min",
    },
)
def upgrades() -> Values:
    return {
        "failover_s": [60.0, 120.0],  # as documented
        "each_restart_min": 15.0,
        "each_switch_s": 90.0,
        "restart_min": 4 * 15.0,
        "switch_min": 4 * 90 / 60,
    }


@claim(
    "vert-cap-cores",
    says="The practical ceiling is about 100 to 200 cores in one machine.",
    kind="qualitative",
    verdict="misleading",
    finding="It describes the largest machine of an ordinary family: 384 virtual cores, two to a "
    "physical one, are 192. But it is no ceiling beyond which work must be divided. The largest "
    "machine of the chapter's list has 1,920 virtual cores, 9.6 times as many as 200, and 960 "
    "physical ones. A ceiling is a date and a catalogue, not a constant.",
    source="Amazon EC2 documentation of memory-optimised instances, 2025: r8i.96xlarge and "
    "u7inh-32tb.480xlarge; two threads a core, by its documentation of CPU options.",
    named={
        "ordinary_vcpu": "virtual cores of the largest ordinary machine | cores",
        "ordinary_physical": "its physical cores | cores",
        "documented_vcpu": "virtual cores of the largest machine of the list | cores",
        "physical": "physical cores of that one | cores",
        "over_200": "its virtual cores over 200 | ×",
        "physical_over_200": "its physical cores over 200 | ×",
    },
)
def most_cores() -> Values:
    most = max(machine.vcpus for machine in CATALOGUE)
    return {
        "ordinary_vcpu": ORDINARY.vcpus,
        "ordinary_physical": ORDINARY.vcpus / 2,
        "documented_vcpu": most,
        "physical": most / 2,
        "over_200": most / 200,
        "physical_over_200": most / 2 / 200,
    }


@claim(
    "vert-cap-ram",
    says="The practical ceiling is about 2 to 4 TB of memory in one machine.",
    kind="qualitative",
    verdict="misleading",
    finding="The largest machine of an ordinary family has 3 TiB, and so the figure fits what most "
    "people can order. It is no ceiling beyond which one must divide the data: 24 TiB could be "
    "rented years before 2026, and 32 TiB can be now, 8 to 16 times as much.",
    source="Amazon EC2 documentation of memory-optimised instances, 2024 and 2025.",
    named={
        "ordinary_tib": "the largest ordinary machine | TiB",
        "high_memory_tib": "the largest of 2024 | TiB",
        "documented_tib": "the largest of the list | TiB",
        "over_4": "that over 4 | ×",
        "over_2": "that over 2 | ×",
    },
)
def most_memory() -> Values:
    most = max(machine.memory_gib for machine in CATALOGUE) / 1_024
    return {
        "ordinary_tib": ORDINARY.memory_gib / 1_024,
        "high_memory_tib": CATALOGUE[-2].memory_gib / 1_024,
        "documented_tib": most,
        "over_4": most / 4,
        "over_2": most / 2,
    }


@claim(
    "vert-cap-disk",
    says="The practical ceiling is about 100 TB of disk in one machine.",
    kind="qualitative",
    verdict="holds-under-assumptions",
    finding="As an order of magnitude for local drives, yes. But it is not what ends a machine's "
    "career: the guide itself advises to shard at 2 TB, a fiftieth of it. At 200 MB/s a restore "
    "of 2 TB takes 2.8 hours, and one of 100 TB takes 5.8 days.",
    source="Division; the guide's threshold for sharding.",
    named={
        "ratio": "the ceiling over the size at which to shard | ×",
        "restore_2tb_h": "restoring 2 TB | h",
        "restore_100tb_days": "restoring 100 TB | days",
    },
)
def most_disk() -> Values:
    return {
        "ratio": 100 / 2,
        "restore_2tb_h": 2e12 / 200e6 / 3_600,
        "restore_100tb_days": 100e12 / 200e6 / 86_400,
    }
