"""What there is to find with the explorers of the chapter on diagonal scaling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scalelab.course.chapters.diagonal.experiments import USD_PER_CORE, guide_law, guide_menu
from scalelab.course.explore import Task
from scalelab.models.node_size import cost_per_throughput


def _cheapest_size(usd_per_node: float, serial_percent: float) -> int:
    law = replace(guide_law(), sigma=serial_percent / 100)
    prices = {"usd_per_core": USD_PER_CORE, "usd_per_node": usd_per_node}
    return 1 + int(np.argmin(cost_per_throughput(law, np.arange(1, 97), **prices)))


NODE_COST = Task(
    "Find a setting in which the cheapest node has one core.",
    lambda usd_per_node, serial_percent: _cheapest_size(usd_per_node, serial_percent) == 1,
    "Where having a node costs nothing, small ones win: work done in turn makes each further core "
    "bring less.",
)
OPTIONS = Task(
    "Find a setting in which nodes of 2 cores are the cheapest.",
    lambda demand_per_s, usd_per_node: guide_menu(usd_per_node).cheapest(demand_per_s).size == 2,
    "Small nodes win where having a node costs little, or little is needed.",
)
