"""Sessions in one store that all web servers share."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._checks import OnFailed, clock_of, text
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure
from scalelab.fakes.sessions.session import SessionData, SessionStats, session_data

Change = Callable[[SessionData | None], SessionData]


class SessionConflictError(RuntimeError):
    """Another request changed the session since it was loaded; nothing was saved."""


class SessionStoreDownError(RuntimeError):
    """The session store does not answer."""


@dataclass(frozen=True, kw_only=True)
class SessionRecord:
    """A session as it was loaded."""

    data: SessionData | None
    """None where there is no session."""
    version: int
    """Grows with each save in the store; 0 where there is none."""


_NONE = SessionRecord(data=None, version=0)


@dataclass(slots=True)
class _Kept:
    data: SessionData
    version: int
    expires_at_s: float


class SessionStore:
    """An external session store, such as Redis, with lifetimes and versions.

    A request takes half a round trip to the store, which does it at once, and half a round trip
    back. Blocking verbs let the virtual clock pass; `submit_load` and so on call back from it.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    ttl_s : float
        Lifetime of a session in seconds, > 0.
    renewed_by : {"access", "save"}
        Whether every load lets the lifetime begin anew, or only a save does; then a user who
        only reads is logged out.
    round_trip_s : float
        Network round trip in seconds, >= 0.
    durable : bool
        Whether sessions outlive a crash, because there is a replica.

    Notes
    -----
    `load`, change and `save` by two requests at a time lose one of the changes. `load_record`
    with `save(..., expected_version=...)` refuses the second instead, and `update` tries again.

    Examples
    --------
    >>> clock = VirtualClock()
    >>> sessions = SessionStore(clock, ttl_s=1800, round_trip_s=0.002)
    >>> sessions.save("ann", {"cart": []})
    1
    >>> sessions.load("ann")
    {'cart': []}
    >>> round(clock.now_s, 3)
    0.004
    >>> clock.advance(1800)
    >>> sessions.load("ann") is None
    True
    """

    def __init__(
        self,
        clock: VirtualClock,
        *,
        ttl_s: float = 1_800.0,
        renewed_by: str = "access",
        round_trip_s: float = 0.001,
        durable: bool = False,
    ) -> None:
        name = "SessionStore"
        self.clock = clock_of(name, clock)
        self.ttl_s = v.number(name, "ttl_s", ttl_s)
        self.renewed_by = v.choice(name, "renewed_by", renewed_by, ("access", "save"))
        self.round_trip_s = v.number(name, "round_trip_s", round_trip_s, minimum=0)
        if not isinstance(durable, bool):
            v.refuse(name, "durable", "be True or False", durable)
        self.durable = durable
        self._kept: dict[str, _Kept] = {}
        self._stats = SessionStats()
        self._up = True

    @property
    def is_up(self) -> bool:
        """Whether the store answers."""
        return self._up

    @property
    def sessions(self) -> int:
        """Sessions that have not expired."""
        return sum(kept.expires_at_s > self.clock.now_s for kept in self._kept.values())

    def load(self, session_id: str) -> SessionData | None:
        """Return a copy of a session, None where there is none.

        Raises
        ------
        SessionStoreDownError
            The store is down.
        """
        return self.load_record(session_id).data

    def load_record(self, session_id: str) -> SessionRecord:
        """Return a session with its version; see `load`."""
        return self.clock.wait_for(partial(self.submit_load, session_id))

    def save(
        self, session_id: str, data: SessionData, *, expected_version: int | None = None
    ) -> int:
        """Save a copy of a session, and let its lifetime begin anew.

        Parameters
        ----------
        session_id : str
            Which.
        data : dict
            What to keep.
        expected_version : int, optional
            Save only if the store has this version; 0 for a session that must not be there.

        Returns
        -------
        int
            The new version.

        Raises
        ------
        SessionConflictError
            The store has another version than expected.
        SessionStoreDownError
            The store is down.
        """
        return self.clock.wait_for(
            lambda done, failed: self.submit_save(
                session_id, data, done, failed, expected_version=expected_version
            )
        )

    def update(self, session_id: str, change: Change, *, attempts: int = 10) -> SessionData:
        """Load, change and save, and begin again when another came in between.

        Parameters
        ----------
        session_id : str
            Which.
        change : callable
            Called with the data, None where there is no session; returns the new data.
        attempts : int
            Largest number of attempts, >= 1.

        Returns
        -------
        dict
            What was saved.

        Raises
        ------
        SessionConflictError
            Another came in between each time.
        """
        return self.clock.wait_for(
            lambda done, failed: self.submit_update(
                session_id, change, done, failed, attempts=attempts
            )
        )

    def delete(self, session_id: str) -> None:
        """Remove a session: a log-out, which holds at once and everywhere."""
        self.clock.wait_for(partial(self.submit_delete, session_id))

    def submit_load(
        self, session_id: str, on_done: Callable[[SessionRecord], object], on_failed: OnFailed
    ) -> None:
        """Begin to load a session with its version; see `load_record`."""
        text("SessionStore.load", "session_id", session_id)

        def look_up() -> SessionRecord:
            self._stats.loads += 1
            kept = self._live(session_id)
            if kept is None:
                self._stats.missing += 1
                return _NONE
            if self.renewed_by == "access":
                kept.expires_at_s = self.clock.now_s + self.ttl_s
            return SessionRecord(data=copy.deepcopy(kept.data), version=kept.version)

        self._travel(look_up, on_done, on_failed)

    def submit_save(
        self,
        session_id: str,
        data: SessionData,
        on_done: Callable[[int], object],
        on_failed: OnFailed,
        *,
        expected_version: int | None = None,
    ) -> None:
        """Begin to save a session; see `save`."""
        name = "SessionStore.save"
        text(name, "session_id", session_id)
        sent = copy.deepcopy(session_data(name, data))
        if expected_version is not None:
            v.count(name, "expected_version", expected_version, minimum=0)

        def store() -> int:
            kept = self._live(session_id)
            version = 0 if kept is None else kept.version
            if expected_version is not None and version != expected_version:
                self._stats.conflicts += 1
                rule = f"be at expected_version={expected_version}, got version {version}"
                raise SessionConflictError(f"{name}: the session must {rule}; load it again")
            self._stats.saves += 1
            new = self._stats.saves  # of the whole store, so that no version comes back
            self._kept[session_id] = _Kept(sent, new, self.clock.now_s + self.ttl_s)
            return new

        self._travel(store, on_done, on_failed)

    def submit_update(
        self,
        session_id: str,
        change: Change,
        on_done: Callable[[SessionData], object],
        on_failed: OnFailed,
        *,
        attempts: int = 10,
    ) -> None:
        """Begin to load, change and save; see `update`."""
        name = "SessionStore.update"
        text(name, "session_id", session_id)
        v.count(name, "attempts", attempts)
        if not callable(change):
            v.refuse(name, "change", "be a function of the data", change)

        def loaded(record: SessionRecord) -> None:
            try:
                new = session_data("SessionStore.save", change(copy.deepcopy(record.data)))
            except Exception as error:  # the caller's function
                on_failed(error)
                return

            def again(error: Exception) -> None:
                if attempts > 1 and isinstance(error, SessionConflictError):
                    self.submit_update(
                        session_id, change, on_done, on_failed, attempts=attempts - 1
                    )
                else:
                    on_failed(error)

            self.submit_save(
                session_id, new, lambda _: on_done(new), again, expected_version=record.version
            )

        self.submit_load(session_id, loaded, on_failed)

    def submit_delete(
        self, session_id: str, on_done: Callable[[None], object], on_failed: OnFailed
    ) -> None:
        """Begin to remove a session; see `delete`."""
        text("SessionStore.delete", "session_id", session_id)

        def remove() -> None:
            self._kept.pop(session_id, None)

        self._travel(remove, on_done, on_failed)

    def crash(self) -> None:
        """Go down: nobody can load or save, and, unless `durable`, all sessions are gone."""
        self._up = False
        if not self.durable:
            self._kept.clear()

    def recover(self) -> None:
        """Come up again."""
        self._up = True

    def stats(self) -> SessionStats:
        """Return the books so far."""
        return SessionStats(**vars(self._stats))

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        books = self._stats
        ensure(books.missing <= books.loads, "more misses than loads")
        ensure(books.loads + books.saves + books.conflicts <= books.round_trips, "a free journey")
        versions = [kept.version for kept in self._kept.values()]
        ensure(len(versions) == len(set(versions)), "two sessions with one version")
        ensure(max(versions, default=0) <= books.saves, "a version without a save")

    def _live(self, session_id: str) -> _Kept | None:
        kept = self._kept.get(session_id)
        if kept is not None and kept.expires_at_s <= self.clock.now_s:
            del self._kept[session_id]
            return None
        return kept

    def _travel(
        self,
        work: Callable[[], Any],
        on_done: Callable[[Any], object],
        on_failed: OnFailed,
    ) -> None:
        self._stats.round_trips += 1

        def back(call: Callable[[], object]) -> None:
            self.clock.schedule(self.round_trip_s / 2, call)

        def arrive() -> None:
            if not self._up:
                name = "SessionStore: the store must be up, got one that is down"
                back(partial(on_failed, SessionStoreDownError(name)))
                return
            try:
                answer = work()
            except SessionConflictError as error:
                back(partial(on_failed, error))
            else:
                back(partial(on_done, answer))

        self.clock.schedule(self.round_trip_s / 2, arrive)
