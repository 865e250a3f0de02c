"""What there is to find with the explorers of the chapter on horizontal scaling."""

from __future__ import annotations

from scalelab.course.explore import Task
from scalelab.models.headroom import utilisation_after_loss
from scalelab.models.scaling_law import ScalingLaw


def _speed(nodes: int, sigma: float, kappa: float) -> float:
    law = ScalingLaw(unit_throughput_per_s=1.0, sigma=sigma, kappa=kappa)
    return float(law.throughput_per_s(nodes))


LOSS = Task(
    "The servers are 80 % busy. Find the smallest fleet that is less than 100 % busy after one "
    "has died.",
    lambda servers, utilisation: (
        utilisation == 0.8 and utilisation_after_loss(utilisation, servers) < 1 - 1e-9
    ),
    "Five servers at 80 % are four servers' work: the fifth dies, and nothing is left over.",
    smallest="servers",
)
LAW = Task(
    "One part in 50 is done in turn. Find the largest exchange with which 200 nodes do more than "
    "100.",
    lambda sigma, kappa: sigma == 0.02 and _speed(200, sigma, kappa) > _speed(100, sigma, kappa),
    "The peak lies near √((1 − sigma) / kappa) nodes, so a tenth of the exchange moves it only "
    "three times as far.",
    largest="kappa",
)
