"""Claims of the guide's introduction: what scalability is, and what it costs."""

from __future__ import annotations

import numpy as np

from scalelab.course.chapters.introduction.experiments import (
    HABITS,
    KAPPA,
    SIGMA,
    SYSTEMS,
    scalable_up_to,
    servers_per_erlang,
)
from scalelab.course.ledger import Values, section
from scalelab.models.traffic import peak_rate_per_s
from scalelab.models.usl import usl_capacity, usl_peak

claim = section("Introduction", "introduction")

ONE_SERVER_PER_S = 1_000  # the guide's own figure for a server with four cores


@claim(
    "intro-growth-span",
    says="An application grows from 100 users to 100,000 and to 100 million, and scalability "
    "decides whether it survives.",
    kind="sizing",
    verdict="holds-under-assumptions",
    finding="Users are no load. If a fifth of them come on a day, for 50 requests each, and the "
    "peak is five times the mean, they make 0.06, 58 and 57,870 requests per second. The first two "
    "fit on one server of the guide's own kind, which does 1,000; only the last needs a fleet, of "
    "58. State the load in requests and bytes.",
    source="Multiplication; the habits are assumptions.",
    named={
        "rps_100": "peak of 100 users | requests/s",
        "rps_100k": "peak of 100,000 users | requests/s",
        "rps_100M": "peak of 100 million users | requests/s",
        "servers": "servers of 1,000 requests/s for the last | servers",
        "peak_to_mean": "peak over mean, assumed | ×",
    },
)
def growth() -> Values:
    small, middle, large = np.asarray(peak_rate_per_s([100, 100_000, 100_000_000], **HABITS))
    return {
        "rps_100": small,
        "rps_100k": middle,
        "rps_100M": large,
        "servers": float(-(-large // ONE_SERVER_PER_S)),
        "peak_to_mean": float(HABITS["peak_to_mean"]),
    }


@claim(
    "intro-linear-cost",
    says="In a system that scales well, cost grows in proportion to the load, and not "
    "exponentially.",
    kind="cost",
    verdict="holds-under-assumptions",
    finding="Proportion is neither the best nor a law. Servers that share a line get cheaper with "
    "size: 3 for a load of one, 16 for ten, 1,046 for a thousand, if one request in ten may wait. "
    "Nodes that must agree get dearer: with the costs of agreement assumed here 44 nodes do the "
    "work of 15.7, and no number does more. Neither is exponential.",
    source="Erlang C; the universal scalability law with sigma = 0.02 and kappa = 0.0005, assumed.",
    named={
        "servers_1": "servers for a load of 1 | servers",
        "servers_10": "servers for a load of 10 | servers",
        "servers_100": "servers for a load of 100 | servers",
        "servers_1000": "servers for a load of 1,000 | servers",
        "usl_peak_n": "nodes that must agree, at their peak | nodes",
        "usl_peak_c": "work of that many, over one node | ×",
    },
)
def linear_cost() -> Values:
    peak = usl_peak(SIGMA, KAPPA)
    return {
        **{f"servers_{load}": float(servers_per_erlang(load)[0]) for load in (1, 10, 100, 1_000)},
        "usl_peak_n": peak,
        "usl_peak_c": usl_capacity(peak, SIGMA, KAPPA),
    }


@claim(
    "proc-good-scalability-criteria",
    says="Good scalability means acceptable performance, cost in proportion, availability, and "
    "efficient use of what there is, all as the load grows.",
    kind="procedure",
    verdict="holds",
    finding="Four good criteria, once each has a number and the load has a range. With the numbers "
    "of the chapter a shared fleet passes up to ten times the load, a cluster that must agree up "
    "to twice, and one machine at no load, since it does not survive a failure.",
    source="The acceptance of the chapter: M/M/c, the universal scalability law, Amdahl's law.",
    named={
        "fleet": "a shared fleet passes up to | × the first load",
        "cluster": "a cluster that must agree passes up to | × the first load",
        "machine": "one machine passes up to | × the first load",
    },
)
def criteria() -> Values:
    return dict(
        zip(
            ("fleet", "cluster", "machine"), (scalable_up_to(name) for name in SYSTEMS), strict=True
        )
    )
