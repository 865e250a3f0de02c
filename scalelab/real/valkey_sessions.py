"""Sessions on a real Valkey or Redis server, with the verbs of the fakes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from scalelab import _validate as v
from scalelab.fakes.invariants import ensure
from scalelab.fakes.sessions.session import SessionData, SessionStats
from scalelab.fakes.sessions.session_store import SessionConflictError, SessionRecord
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.servers import ThrowawayServer, import_redis

Change = Callable[[SessionData | None], SessionData]

# Save only if the version is still the one that was loaded; the server runs it as one step.
_SAVE = """
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
if ARGV[3] ~= '' and version ~= tonumber(ARGV[3]) then return -version - 1 end
redis.call('HSET', KEYS[1], 'data', ARGV[1], 'version', version + 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return version + 1
"""


class ValkeySessions:
    """One hash for each session: the data as JSON, and a version.

    Parameters
    ----------
    server : ThrowawayServer
        The server.
    proxy : DelayProxy, optional
        The way to it, if not the straight one.
    ttl_s : float
        Lifetime of a session in seconds, > 0.
    renewed_by : {"access", "save"}
        Whether every load lets the lifetime begin anew, or only a save does.

    Raises
    ------
    RealComponentError
        The Python client for Redis is missing.
    """

    def __init__(
        self,
        server: ThrowawayServer,
        *,
        proxy: DelayProxy | None = None,
        ttl_s: float = 1_800.0,
        renewed_by: str = "access",
    ) -> None:
        name = "ValkeySessions"
        self.ttl_s = v.number(name, "ttl_s", ttl_s)
        self.renewed_by = v.choice(name, "renewed_by", renewed_by, ("access", "save"))
        self._client = import_redis().Redis(**server.settings(proxy))
        self._save = self._client.register_script(_SAVE)
        self._prefix = f"session:{uuid.uuid4().hex}:"  # two stores on one server keep apart
        self._stats = SessionStats()

    def load(self, session_id: str) -> SessionData | None:
        """Return a session, None where there is none."""
        return self.load_record(session_id).data

    def load_record(self, session_id: str) -> SessionRecord:
        """Return a session with its version; one round trip, its renewal included."""
        key = self._key("load", session_id)
        self._stats.loads += 1
        self._stats.round_trips += 1
        pipe = self._client.pipeline(transaction=False)
        pipe.hmget(key, "data", "version")
        if self.renewed_by == "access":
            pipe.pexpire(key, self._ttl_ms)
        data, version = pipe.execute()[0]
        if data is None:
            self._stats.missing += 1
            return SessionRecord(data=None, version=0)
        return SessionRecord(data=json.loads(data), version=int(version))

    def save(
        self, session_id: str, data: SessionData, *, expected_version: int | None = None
    ) -> int:
        """Save a session, and let its lifetime begin anew; return its new version.

        Raises
        ------
        SessionConflictError
            The store has another version than expected.
        """
        key = self._key("save", session_id)
        if not isinstance(data, dict):
            v.refuse("ValkeySessions.save", "data", "be a dictionary", data)
        if expected_version is not None:
            v.count("ValkeySessions.save", "expected_version", expected_version, minimum=0)
        self._stats.round_trips += 1
        expected = "" if expected_version is None else expected_version
        version = self._save(keys=[key], args=[json.dumps(data), self._ttl_ms, expected])
        if version < 0:
            self._stats.conflicts += 1
            rule = f"be at expected_version={expected_version}, got version {-version - 1}"
            raise SessionConflictError(f"ValkeySessions.save: the session must {rule}")
        self._stats.saves += 1
        return int(version)

    def update(self, session_id: str, change: Change, *, attempts: int = 10) -> SessionData:
        """Load, change and save, and begin again when another came in between."""
        if not callable(change):
            v.refuse("ValkeySessions.update", "change", "be a function of the data", change)
        for attempt in range(v.count("ValkeySessions.update", "attempts", attempts)):
            record = self.load_record(session_id)
            data = change(record.data)
            try:
                self.save(session_id, data, expected_version=record.version)
            except SessionConflictError:
                if attempt == attempts - 1:
                    raise
                continue
            return data
        raise AssertionError("count() lets no attempts of zero through")

    def delete(self, session_id: str) -> None:
        """Remove a session."""
        key = self._key("delete", session_id)
        self._stats.round_trips += 1
        self._client.delete(key)

    def remaining_s(self, session_id: str) -> float:
        """Seconds that a session has left; negative where there is none."""
        return float(self._client.pttl(self._key("remaining_s", session_id))) / 1e3

    def stats(self) -> SessionStats:
        """Return the books so far."""
        return SessionStats(**vars(self._stats))

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        books = self._stats
        ensure(books.missing <= books.loads, "more misses than loads")
        ensure(books.loads + books.saves + books.conflicts <= books.round_trips, "a free journey")

    @property
    def _ttl_ms(self) -> int:
        return max(1, round(self.ttl_s * 1e3))

    def _key(self, verb: str, session_id: Any) -> str:
        if not isinstance(session_id, str) or not session_id:
            name = f"ValkeySessions.{verb}"
            v.refuse(name, "session_id", "be a non-empty text", session_id)
        return self._prefix + session_id
