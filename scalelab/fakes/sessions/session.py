"""What all session stores have in common: the data of a session, and their books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scalelab import _validate as v

SessionData = dict[str, Any]


@dataclass(kw_only=True)
class SessionStats:
    """A session store's books."""

    loads: int = 0
    """Sessions asked for."""
    missing: int = 0
    """Times that there was none: the user has to log in again."""
    misrouted: int = 0
    """Times that it was there, but on another server; part of `missing`."""
    saves: int = 0
    """Sessions saved."""
    conflicts: int = 0
    """Saves refused because another came first."""
    round_trips: int = 0
    """Journeys to a store and back."""


def session_data(function: str, data: SessionData) -> SessionData:
    """Return the data of a session, which must be a dictionary."""
    if not isinstance(data, dict):
        v.refuse(function, "data", "be a dictionary", data)
    return data
