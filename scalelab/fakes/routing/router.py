"""Which node serves a key: what all routers have in common.

The same nodes and the same key give the same owner in every process, whoever asks: a balancer,
a sharded store or a session store.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from typing import Any, ClassVar, Literal

import numpy as np

from scalelab import _validate as v
from scalelab.fakes._checks import is_name, key_of
from scalelab.fakes.invariants import ensure


class Router(ABC):
    """What all routers have in common: any key has one of the nodes.

    Parameters
    ----------
    nodes : iterable of str or int
        Names of the first nodes, distinct; there may be none yet.
    """

    may_leave: ClassVar[Literal["any", "last", "none"]] = "any"
    """Which nodes can go: any of them, the last one only, or none."""

    def __init__(self, nodes: Iterable[Hashable] = ()) -> None:
        self._name = type(self).__name__
        self._nodes: list[Any] = []
        if isinstance(nodes, (str, bytes)) or not isinstance(nodes, Iterable):
            v.refuse(self._name, "nodes", "be names of nodes", nodes)
        for node in nodes:
            self._insert(self._name, "nodes", node, len(self._nodes))

    @property
    def nodes(self) -> tuple[Any, ...]:
        """Names of the nodes, in their order."""
        return tuple(self._nodes)

    def node_for(self, key: Hashable) -> Any:
        """Node that serves a key.

        Parameters
        ----------
        key : hashable
            The key; equal keys have equal nodes.

        Returns
        -------
        str or int
            Name of the node.

        Raises
        ------
        ValueError
            There is no node, or `key` looks different in each process.
        """
        name = f"{self._name}.node_for"
        key_of(name, key)
        if not self.nodes:
            v.refuse(name, "nodes", "hold at least one", v.Words("none"), "add a node first")
        return self._owner(key)

    def add_node(self, node: Hashable, *, before: Hashable | None = None) -> None:
        """Add a node.

        Parameters
        ----------
        node : str or int
            Its name.
        before : str or int, optional
            The node that it comes before in the order of the nodes; the last by default.

        Raises
        ------
        ValueError
            `node` is there already, there is no node `before`, or the router takes no new nodes
            there.
        """
        verb = f"{self._name}.add_node"
        if self.may_leave == "none":
            v.refuse(verb, "node", "be there from the beginning", node, "make a new router")
        place = len(self._nodes)
        if before is not None:
            place = self._nodes.index(self._known("add_node", before, "before"))
            if self.may_leave == "last":
                v.refuse(verb, "before", "be None: new nodes come last", before)
        self._insert(verb, "node", node, place)

    def remove_node(self, node: Hashable) -> None:
        """Remove a node.

        Raises
        ------
        ValueError
            There is no such node, or the router cannot do without it.
        """
        name = self._known("remove_node", node)
        verb = f"{self._name}.remove_node"
        if self.may_leave == "none":
            v.refuse(verb, "node", "stay", node, "nobody else has its keys: make a new router")
        if self.may_leave == "last" and name != self._nodes[-1]:
            v.refuse(verb, "node", f"be the last, {self._nodes[-1]}", node, "there can be no gaps")
        self._nodes.remove(name)
        self._removed(name)

    def check_invariants(self) -> None:
        """Raise AssertionError when the router would send a key to nowhere."""
        ensure(len(set(self.nodes)) == len(self.nodes), "a node stands twice")
        if self.nodes:
            ensure(self._probes() <= set(self.nodes), "a key belongs to a node that has gone")

    @abstractmethod
    def _owner(self, key: Any) -> Hashable:
        """Node of a key, when there is at least one."""

    def _added(self, node: Any) -> None:  # noqa: B027, some routers have nothing to do
        """Act on a new node."""

    def _removed(self, node: Any) -> None:  # noqa: B027
        """Act on a node that has gone."""

    def _probes(self) -> set[Any]:
        """Owners of some keys."""
        return {self._owner(f"probe {number}") for number in range(8)}

    def _insert(self, function: str, argument: str, node: Any, place: int) -> None:
        if not is_name(node):
            v.refuse(function, argument, "be a non-empty text or a whole number", node)
        if node in self._nodes:
            v.refuse(function, argument, "be new", node)
        self._nodes.insert(place, int(node) if isinstance(node, np.integer) else node)
        self._added(self._nodes[place])

    def _known(self, verb: str, node: Any, argument: str = "node") -> Any:
        """Return the name of a node that is there."""
        if not is_name(node) or node not in self.nodes:
            rule = f"be one of {', '.join(map(str, self.nodes))}"
            v.refuse(f"{self._name}.{verb}", argument, rule, node)
        return node
