"""What session stores report and refuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SessionData = dict[str, Any]


class SessionConflictError(RuntimeError):
    """Another request changed the session since it was loaded; nothing was saved."""


class SessionStoreDownError(RuntimeError):
    """The session store does not answer."""


class InvalidTokenError(ValueError):
    """The token was not signed with this key, or is none."""


@dataclass(frozen=True, kw_only=True)
class SessionRecord:
    """A session as it was loaded."""

    data: SessionData | None
    """None where there is no session."""
    version: int
    """Grows with each save in the store; 0 where there is none."""


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
