"""Checks of arguments that several fakes share."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from scalelab._validate import refuse
from scalelab.fakes.clock import VirtualClock


def clock_of(function: str, clock: VirtualClock) -> VirtualClock:
    """Return the clock, which must be a virtual one."""
    if not isinstance(clock, VirtualClock):
        refuse(function, "clock", "be a VirtualClock", clock)
    return clock


def key_of(function: str, key: Hashable) -> Hashable:
    """Return a key that can be looked up."""
    try:
        hash(key)
    except TypeError:
        refuse(function, "key", "be hashable", key)
    return key


def text(function: str, argument: str, value: str) -> str:
    """Return a text that is not empty: a name, an id."""
    if not isinstance(value, str) or not value:
        refuse(function, argument, "be a non-empty text", value)
    return value


def function_or_none(function: str, argument: str, value: object) -> None:
    """Refuse what is neither None nor callable."""
    if value is not None and not callable(value):
        refuse(function, argument, "be callable, or None", value)


def session_data(function: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a session, which must be a dictionary."""
    if not isinstance(data, dict):
        refuse(function, "data", "be a dictionary", data)
    return data


def changed_fields(function: str, changes: Mapping[str, Any], old: Any) -> dict[str, Any]:
    """Fields of a row after some changes; refuses a row that has none."""
    if old is not None and not isinstance(old, Mapping):
        refuse(function, "key", "hold fields to change", old, "use put")
    return {**(old or {}), **changes}
