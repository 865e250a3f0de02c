"""Fleets of equal nodes: how many of which size carry a load, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scalelab import _validate as v
from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.scaling_law import ScalingLaw


class NodeFleet(NamedTuple):
    """So many nodes, each with so many cores."""

    nodes: int
    size: int


@dataclass(frozen=True, kw_only=True)
class NodeMenu:
    r"""What can be bought, and what is asked of it.

    Parameters
    ----------
    sizes : tuple of int
        Cores of the nodes on offer, in ascending order.
    law : ScalingLaw
        Throughput of one node over its cores.
    usd_per_core, usd_per_node : float
        Price per month: of a core, > 0, and of having a node at all, >= 0.
    shared : float
        Contention between the nodes, in [0, 1]: 0 for servers that share nothing, the share
        of writes for replicas that must all apply them.
    most_busy : float
        Utilisation not to be exceeded, in (0, 1].
    spare : int
        Nodes that may be lost at once, >= 0, without the others being overloaded.
    most_nodes : int
        Nodes of the largest fleet, >= 1.

    Notes
    -----
    A fleet carries :math:`X(c) \min(u\,C(n), C(n - s))` requests per second, with
    :math:`C(n) = n/(1 + \sigma_f(n-1))`, :math:`u` the utilisation allowed, and :math:`s` the
    spare nodes.

    Examples
    --------
    >>> law = ScalingLaw(unit_throughput_per_s=250, sigma=0.02, kappa=0)
    >>> menu = NodeMenu(sizes=(2, 8, 32), law=law, usd_per_core=70, usd_per_node=100)
    >>> menu.cheapest(5_000)
    NodeFleet(nodes=5, size=8)
    """

    sizes: tuple[int, ...]
    law: ScalingLaw
    usd_per_core: float
    usd_per_node: float = 0.0
    shared: float = 0.0
    most_busy: float = 0.7
    spare: int = 1
    most_nodes: int = 200

    def __post_init__(self) -> None:
        name = "NodeMenu"
        check_sizes(name, self.sizes)
        if not isinstance(self.law, ScalingLaw):
            v.refuse(name, "law", "be a ScalingLaw", self.law)
        v.keep(self, usd_per_core=v.number(name, "usd_per_core", self.usd_per_core))
        v.keep(self, usd_per_node=v.number(name, "usd_per_node", self.usd_per_node, minimum=0))
        v.keep(
            self,
            shared=float(
                v.fraction(name, "shared", v.number(name, "shared", self.shared, minimum=0))
            ),
        )
        v.keep(
            self,
            most_busy=float(
                v.fraction(name, "most_busy", v.number(name, "most_busy", self.most_busy))
            ),
        )
        v.keep(self, spare=v.count(name, "spare", self.spare, minimum=0))
        v.keep(self, most_nodes=v.count(name, "most_nodes", self.most_nodes))

    def carries_per_s(self, fleet: NodeFleet) -> float:
        """Load that a fleet carries within its rules; 0 if it has no more nodes than spares."""
        nodes, size = self._checked("carries_per_s", fleet)
        return float(self._carried(size)[nodes - 1])

    def usd_per_month(self, fleet: NodeFleet) -> float:
        """Price of a fleet."""
        nodes, size = self._checked("usd_per_month", fleet)
        return nodes * (self.usd_per_node + self.usd_per_core * size)

    def fewest(self, demand_per_s: float, size: int) -> NodeFleet | None:
        """Smallest fleet of one size that carries a demand, or None if none does."""
        demand = v.number("fewest", "demand_per_s", demand_per_s)
        self._size("fewest", "size", size)
        enough = np.flatnonzero(self._carried(size) >= demand * (1 - 1e-12))
        return NodeFleet(int(enough[0]) + 1, size) if enough.size else None

    def options(self, demand_per_s: float) -> list[NodeFleet]:
        """List the smallest fleet of every size that can carry a demand at all."""
        found = (self.fewest(demand_per_s, size) for size in self.sizes)
        return [fleet for fleet in found if fleet is not None]

    def cheapest(self, demand_per_s: float) -> NodeFleet:
        """Cheapest fleet that carries a demand, found by trying every size."""
        options = self.options(demand_per_s)
        if not options:
            v.refuse(
                "cheapest",
                "demand_per_s",
                f"be within what {self.most_nodes} nodes can carry",
                demand_per_s,
                "offer larger nodes or more of them",
            )
        return min(options, key=self.usd_per_month)

    def _carried(self, size: int) -> v.FloatArray:
        """Load carried by 1, 2, ... nodes of a size."""
        nodes = np.arange(1, self.most_nodes + 1)
        together = np.asarray(amdahl_speedup(nodes, self.shared))
        survivors = np.zeros_like(together)
        if self.spare < self.most_nodes:
            survivors[self.spare :] = together[: self.most_nodes - self.spare]
        usable = np.minimum(self.most_busy * together, survivors)
        return np.asarray(usable * self.law.throughput_per_s(size))

    def _checked(self, function: str, fleet: NodeFleet) -> tuple[int, int]:
        if not isinstance(fleet, tuple) or len(fleet) != 2:
            v.refuse(function, "fleet", "be a NodeFleet of nodes and size", fleet)
        nodes, size = fleet
        if v.count(function, "fleet", nodes) > self.most_nodes:
            v.refuse(function, "fleet", f"have at most {self.most_nodes} nodes", nodes)
        return nodes, self._size(function, "fleet", size)

    def _size(self, function: str, argument: str, size: int) -> int:
        if v.count(function, argument, size) not in self.sizes:
            v.refuse(function, argument, f"be of one of the sizes {self.sizes}", size)
        return size


def check_sizes(function: str, sizes: tuple[int, ...]) -> None:
    """Refuse what is no menu of nodes: some different sizes in cores, the smallest first."""
    if not isinstance(sizes, tuple) or not sizes:
        v.refuse(function, "sizes", "be a non-empty tuple of cores", sizes)
    for size in sizes:
        v.count(function, "sizes", size)
    if list(sizes) != sorted(set(sizes)):
        v.refuse(function, "sizes", "be different and in ascending order", sizes)
