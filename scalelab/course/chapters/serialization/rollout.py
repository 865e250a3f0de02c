"""A deployment on the way: old and new servers read the same sessions and write them back."""

from __future__ import annotations

import json
from collections.abc import Iterable


class Rollout:
    """Sessions in a store, as JSON, and servers of two versions.

    Version 2 knows a field that version 1 does not, the coupon; all sessions have one at first. An
    old server builds a new object of the fields that it knows, or, with `keeps`, changes the one
    that it has read.

    Parameters
    ----------
    servers : iterable of str
        Their names, distinct; all run version 1.
    sessions : iterable of str
        Their ids, distinct.
    keeps : bool
        Whether an old server keeps what it does not know.
    """

    def __init__(
        self, servers: Iterable[str], sessions: Iterable[str], *, keeps: bool = False
    ) -> None:
        self.versions = dict.fromkeys(servers, 1)
        self.keeps = keeps
        whole = json.dumps({"user_id": 1, "pages": 0, "coupon": "SPRING"})
        self._store = dict.fromkeys(sessions, whole)
        self._read: dict[str, dict[str, object]] = {}

    def update(self, server: str) -> None:
        """Let a server run version 2 from now on."""
        self.versions[server] = 2

    def read(self, session: str, server: str) -> None:
        """Begin a request: the server loads and decodes the session."""
        held = json.loads(self._store[session])
        if self.versions[server] == 1 and not self.keeps:
            held = {"user_id": held["user_id"], "pages": held["pages"]}
        self._read[session] = held | {"pages": held["pages"] + 1}

    def write(self, session: str) -> None:
        """End a request: the server encodes and saves the session that it has read."""
        self._store[session] = json.dumps(self._read.pop(session))

    def request(self, session: str, server: str) -> None:
        """Do both at once."""
        self.read(session, server)
        self.write(session)

    def has_coupon(self, session: str) -> bool:
        """Return whether the store has a coupon in this session."""
        return "coupon" in json.loads(self._store[session])

    @property
    def under_way(self) -> int:
        """Requests that have read and not written yet."""
        return len(self._read)

    @property
    def lost(self) -> int:
        """Sessions in the store that have no coupon any more."""
        return sum(not self.has_coupon(session) for session in self._store)
