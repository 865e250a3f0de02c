"""Checks of arguments that several fakes share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.fakes.clock import VirtualClock

OnDone = Callable[[Any], object]
OnFailed = Callable[[Exception], object]


def clock_of(function: str, clock: VirtualClock) -> VirtualClock:
    """Return the clock, which must be a virtual one."""
    if not isinstance(clock, VirtualClock):
        v.refuse(function, "clock", "be a VirtualClock", clock)
    return clock


def key_of(function: str, key: Hashable, argument: str = "key") -> Hashable:
    """Return a key that can be found again, which NaN never is."""
    try:
        hash(key)
        same = bool(key == key)
    except (TypeError, ValueError):
        same = False
    if not same:
        v.refuse(function, argument, "be hashable and equal to itself", key)
    return key


def is_name(name: object) -> bool:
    """Whether something can name a node: a non-empty text or a whole number."""
    whole = isinstance(name, (int, np.integer)) and not isinstance(name, bool)
    return whole or (isinstance(name, str) and name != "")


def names_of(
    function: str, argument: str, names: Sequence[Hashable], rule: str = ""
) -> tuple[Hashable, ...]:
    """Return distinct names, texts or whole numbers, in their order; at least one."""
    rule = rule or "be a non-empty list of distinct names"
    if not isinstance(names, (list, tuple, range)) or not names:
        v.refuse(function, argument, rule, names)
    if not all(is_name(name) for name in names) or len(set(names)) < len(names):
        v.refuse(function, argument, rule, names)
    return tuple(names)


def text(function: str, argument: str, value: str) -> str:
    """Return a text that is not empty: a name, an id."""
    if not isinstance(value, str) or not value:
        v.refuse(function, argument, "be a non-empty text", value)
    return value


def function_of(function: str, argument: str, value: Any) -> Callable[..., Any]:
    """Return something that can be called."""
    if not callable(value):
        v.refuse(function, argument, "be callable", value)
    return value


def function_or_none(function: str, argument: str, value: object) -> None:
    """Refuse what is neither None nor callable."""
    if value is not None and not callable(value):
        v.refuse(function, argument, "be callable, or None", value)


def router_of(function: str, router: Any, argument: str = "router") -> Any:
    """Return what says which node a key belongs to: a router, or a reader's own object."""
    if not callable(getattr(router, "node_for", None)) or not hasattr(router, "nodes"):
        v.refuse(function, argument, "have node_for(key) and nodes", router)
    return router


def changed_fields(function: str, changes: Mapping[str, Any], old: Any) -> dict[str, Any]:
    """Fields of a row after some changes; refuses a row that has none."""
    if old is not None and not isinstance(old, Mapping):
        v.refuse(function, "key", "hold fields to change", old, "use put")
    return {**(old or {}), **changes}
