"""A router by the entity that a key belongs to: a tenant, a user."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._checks import function_of, router_of
from scalelab.fakes.routing.router import Router


class EntityRouter(Router):
    """All keys of one entity, such as a tenant or a user, on the node of that entity.

    Parameters
    ----------
    entity_of : callable
        From a key to the entity it belongs to.
    router : Router
        Decides by the entity. Nodes that come and go, come and go there.

    Examples
    --------
    A user and the user's orders are together, so that a join of them stays on one shard:

    >>> from scalelab.fakes.routing.modulo import ModuloRouter
    >>> router = EntityRouter(lambda key: key[1], ModuloRouter(["a", "b", "c"]))
    >>> router.node_for(("user", 7)) == router.node_for(("order", 7, 1))
    True
    """

    def __init__(self, entity_of: Callable[[Any], Hashable], router: Router) -> None:
        self._entity_of = function_of("EntityRouter", "entity_of", entity_of)
        self._router = router_of("EntityRouter", router)
        super().__init__()

    @property
    def nodes(self) -> tuple[Any, ...]:
        """Names of the nodes, in their order."""
        return self._router.nodes

    def add_node(self, node: Hashable, *, before: Hashable | None = None) -> None:
        """Add a node to the router that decides."""
        self._router.add_node(node, before=before)

    def remove_node(self, node: Hashable) -> None:
        """Remove a node from the router that decides."""
        self._router.remove_node(node)

    def check_invariants(self) -> None:
        """Raise AssertionError when an entity would be sent to nowhere."""
        self._router.check_invariants()

    def _owner(self, key: Any) -> Hashable:
        try:
            entity = self._entity_of(key)
        except (TypeError, IndexError, KeyError, AttributeError):
            v.refuse("EntityRouter.node_for", "key", "belong to an entity", key)
        return self._router.node_for(entity)
