"""Checks of arguments that the sharded store, its routers and the event fakes share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol

from scalelab._validate import refuse

OnDone = Callable[[Any], object]
OnFailed = Callable[[Exception], object]


class Router(Protocol):
    """Anything that names the node of a key."""

    def node_for(self, key: Any) -> Any:
        """Name of the node that holds `key`."""


def key_of(function: str, key: Hashable, argument: str = "key") -> Hashable:
    """Return a key that can be found again, which NaN never is."""
    try:
        hash(key)
        same = bool(key == key)
    except (TypeError, ValueError):
        same = False
    if not same:
        refuse(function, argument, "be hashable and equal to itself", key)
    return key


def router_of(function: str, router: Any, argument: str = "router") -> Router:
    """Return something that says which node a key belongs to."""
    if not callable(getattr(router, "node_for", None)):
        refuse(function, argument, "have node_for(key)", router)
    return router


def function_of(function: str, argument: str, value: Any) -> Callable[..., Any]:
    """Return something that can be called."""
    if not callable(value):
        refuse(function, argument, "be callable", value)
    return value


def names_of(
    function: str, argument: str, names: Sequence[Hashable], rule: str = ""
) -> tuple[Hashable, ...]:
    """Return distinct names, texts or whole numbers, in their order; at least one."""
    rule = rule or "be a non-empty list of distinct names"
    if not isinstance(names, (list, tuple, range)) or not names:
        refuse(function, argument, rule, names)
    if not all(is_name(name) for name in names) or len(set(names)) < len(names):
        refuse(function, argument, rule, names)
    return tuple(names)


def is_name(name: object) -> bool:
    """Whether something can name a node: a non-empty text or a whole number."""
    return isinstance(name, (str, int)) and not isinstance(name, bool) and name != ""
