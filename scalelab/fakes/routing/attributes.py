"""A router by what a key says of itself: a region, a country, a table."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._checks import function_of, names_of
from scalelab.fakes.routing.router import Router


class AttributeRouter(Router):
    """One node for each value of an attribute: a region, a country, a table.

    Parameters
    ----------
    attribute_of : callable
        From a key to its attribute.
    node_of : mapping
        From each attribute to the name of its node; two may share one. Not empty.

    Notes
    -----
    Nodes neither come nor go: no other node has been told to take their attributes.

    Examples
    --------
    >>> router = AttributeRouter(lambda key: key[0], {"EU": "frankfurt", "US": "virginia"})
    >>> router.node_for(("EU", 42))
    'frankfurt'
    """

    may_leave = "none"

    def __init__(
        self, attribute_of: Callable[[Any], Hashable], node_of: Mapping[Hashable, Hashable]
    ) -> None:
        self._attribute_of = function_of("AttributeRouter", "attribute_of", attribute_of)
        if not isinstance(node_of, Mapping):
            v.refuse("AttributeRouter", "node_of", "be a non-empty mapping", node_of)
        self._node_of = dict(node_of)
        distinct = list(dict.fromkeys(self._node_of.values()))
        super().__init__(names_of("AttributeRouter", "node_of", distinct))

    def _owner(self, key: Any) -> Hashable:
        try:
            return self._node_of[self._attribute_of(key)]
        except (KeyError, TypeError, IndexError, AttributeError):
            rule = f"have an attribute among {sorted(map(str, self._node_of))}"
            v.refuse("AttributeRouter.node_for", "key", rule, key)

    def _probes(self) -> set[Any]:
        return set(self._node_of.values())
