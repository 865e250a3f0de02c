"""What all routers have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from scalelab._validate import refuse
from scalelab.fakes._checks import text
from scalelab.fakes.invariants import ensure


class Router(ABC):
    """What all routers have in common.

    Parameters
    ----------
    nodes : iterable of str
        Names of the first nodes, distinct; there may be none yet.

    Raises
    ------
    ValueError
        A name is no text, is empty, or stands twice.
    """

    def __init__(self, nodes: Iterable[str] = ()) -> None:
        self._name = type(self).__name__
        self._nodes: list[str] = []
        if isinstance(nodes, str) or not isinstance(nodes, Iterable):
            refuse(self._name, "nodes", "be names of nodes", nodes)
        for node in nodes:
            self._refuse_known(self._name, "nodes", node)
            self._nodes.append(node)
            self._added(node)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of the nodes, in the order in which they came."""
        return tuple(self._nodes)

    def node_for(self, key: str) -> str:
        """Node that serves a key.

        Parameters
        ----------
        key : str
            The key.

        Returns
        -------
        str
            Name of the node; the same in every process that has the same nodes.

        Raises
        ------
        ValueError
            `key` is no text, or there is no node.
        """
        name = f"{self._name}.node_for"
        if not isinstance(key, str):
            refuse(name, "key", "be a text", key)
        if not self._nodes:
            refuse(name, "nodes", "hold at least one", "none", "add a node first")
        return self._owner(key)

    def add_node(self, node: str) -> None:
        """Add a node.

        Raises
        ------
        ValueError
            `node` is no text, is empty, or there already.
        """
        self._refuse_known(f"{self._name}.add_node", "node", node)
        self._nodes.append(node)
        self._added(node)

    def remove_node(self, node: str) -> None:
        """Remove a node.

        Raises
        ------
        ValueError
            There is no such node, or the router cannot do without it.
        """
        self._refuse_unknown("remove_node", node)
        self._nodes.remove(node)
        self._removed(node)

    def check_invariants(self) -> None:
        """Raise AssertionError when the router would send a key to nowhere."""
        ensure(len(set(self._nodes)) == len(self._nodes), "a node stands twice")
        if self._nodes:
            owners = {self._owner(f"probe {number}") for number in range(8)}
            ensure(owners <= set(self._nodes), "a key belongs to a node that has gone")

    @abstractmethod
    def _owner(self, key: str) -> str:
        """Node of a key, when there is at least one."""

    def _added(self, node: str) -> None:  # noqa: B027, some routers have nothing to do
        """Act on a new node."""

    def _removed(self, node: str) -> None:  # noqa: B027
        """Act on a node that has gone."""

    def _refuse_known(self, function: str, argument: str, node: str) -> None:
        if text(function, argument, node) in self._nodes:
            refuse(function, argument, "be new", node)

    def _refuse_unknown(self, verb: str, node: str) -> None:
        if not isinstance(node, str) or node not in self._nodes:
            refuse(f"{self._name}.{verb}", "node", f"be one of {', '.join(self._nodes)}", node)
