"""Recording what clients do to a store, whichever store it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable
from typing import Any, get_args

from scalelab._validate import choice, refuse
from scalelab.fakes.clock import VirtualClock
from scalelab.history._recording import Recording
from scalelab.history.operations import History, Kind, Operation

OnDone = Callable[[Any], object]
OnFailed = Callable[[Exception], object]


class Recorder:
    """Keeps the history of any number of clients of any number of stores.

    Parameters
    ----------
    clock : VirtualClock, optional
        Gives the times of the picture; the order of events is counted in any case.
    harmless : tuple of exception types
        Errors after which a write has certainly not happened. After any other its outcome
        counts as unknown. A read that fails has told nothing, and is left out.

    Examples
    --------
    >>> class Store(dict):
    ...     put = dict.__setitem__
    >>> recorder, store = Recorder(), Store()
    >>> ann = recorder.session(store, "ann")
    >>> ann.put("x", 1)
    >>> ann.get("x")
    1
    >>> print(*recorder.history(), sep="; ")
    ann: put x = 1; ann: get x → 1
    """

    def __init__(
        self,
        clock: VirtualClock | None = None,
        *,
        harmless: tuple[type[Exception], ...] = (),
    ) -> None:
        if clock is not None and not hasattr(clock, "now_s"):
            refuse("Recorder", "clock", "have now_s", clock)
        kinds = harmless if isinstance(harmless, tuple) else (None,)
        if not all(isinstance(kind, type) and issubclass(kind, Exception) for kind in kinds):
            refuse("Recorder", "harmless", "be a tuple of exception types", harmless)
        self._clock, self._harmless = clock, harmless
        self._moments = itertools.count(1)
        self._ended: list[Operation] = []
        self._open: list[Recording] = []

    def session(self, store: Any, client: str) -> RecordedSession:
        """Give a client the store's verbs, recorded.

        Parameters
        ----------
        store : object
            With `get(key)` and `put(key, value)`, and, where needed, `delete(key)` and
            `submit_get(key, on_done, on_failed)` and so on.
        client : str
            Its name in the history; it does one thing at a time.
        """
        for verb in ("get", "put"):
            if not callable(getattr(store, verb, None)):
                refuse("Recorder.session", "store", "have get and put", store)
        if not isinstance(client, str) or not client:
            refuse("Recorder.session", "client", "be non-empty text", client)
        return RecordedSession(self, store, client)

    def history(self) -> History:
        """Return what was recorded so far; a write in progress has an unknown outcome."""
        underway = [r.ended(None, responded=False) for r in self._open if r.kind != "get"]
        operations = sorted([*self._ended, *underway], key=lambda o: o.invoked)
        return History(operations=tuple(operations))

    def begin(self, client: str, kind: Kind, key: Hashable, value: Any = None) -> Recording:
        """Note that an operation begins; for stores with verbs of their own.

        Returns
        -------
        Recording
            Call its `succeeded(result)` or its `failed(error)` when the operation ends.
        """
        recording = Recording(
            client=client,
            kind=choice("Recorder.begin", "kind", kind, get_args(Kind)),  # type: ignore[arg-type]
            key=key,
            value=value,
            moment=self._moment,
            close=self._close,
            harmless=self._harmless,
        )
        self._open.append(recording)
        return recording

    def _moment(self) -> tuple[int, float | None]:
        """Return the number of the next event, and the time in seconds where there is a clock."""
        return next(self._moments), None if self._clock is None else self._clock.now_s

    def _close(self, recording: Recording, operation: Operation | None) -> None:
        self._open.remove(recording)
        if operation is not None:
            self._ended.append(operation)


class RecordedSession:
    """A client's store whose every use is recorded; made by :meth:`Recorder.session`.

    Parameters
    ----------
    recorder : Recorder
        Keeps the history.
    store : object
        Does the work.
    client : str
        Whose session it is.
    """

    def __init__(self, recorder: Recorder, store: Any, client: str) -> None:
        self._recorder, self._store, self.client = recorder, store, client

    def get(self, key: Hashable) -> Any:
        """Read from the store."""
        return self._record("get", key, None, lambda: self._store.get(key))

    def put(self, key: Hashable, value: Any) -> Any:
        """Write to the store."""
        return self._record("put", key, value, lambda: self._store.put(key, value))

    def delete(self, key: Hashable) -> Any:
        """Remove from the store."""
        return self._record("delete", key, None, lambda: self._store.delete(key))

    def submit_get(self, key: Hashable, on_done: OnDone, on_failed: OnFailed) -> None:
        """Begin to read, in event style."""
        done, failed = self._callbacks("get", key, None, on_done, on_failed)
        self._store.submit_get(key, done, failed)

    def submit_put(self, key: Hashable, value: Any, on_done: OnDone, on_failed: OnFailed) -> None:
        """Begin to write, in event style."""
        done, failed = self._callbacks("put", key, value, on_done, on_failed)
        self._store.submit_put(key, value, done, failed)

    def submit_delete(self, key: Hashable, on_done: OnDone, on_failed: OnFailed) -> None:
        """Begin to remove, in event style."""
        done, failed = self._callbacks("delete", key, None, on_done, on_failed)
        self._store.submit_delete(key, done, failed)

    def _record(self, kind: Kind, key: Hashable, value: Any, act: Callable[[], Any]) -> Any:
        recording = self._recorder.begin(self.client, kind, key, value)
        try:
            result = act()
        except BaseException as error:
            recording.failed(error)
            raise
        recording.succeeded(result)
        return result

    def _callbacks(
        self, kind: Kind, key: Hashable, value: Any, on_done: OnDone, on_failed: OnFailed
    ) -> tuple[OnDone, OnFailed]:
        recording = self._recorder.begin(self.client, kind, key, value)

        def done(result: Any) -> None:
            recording.succeeded(result)
            on_done(result)

        def failed(error: Exception) -> None:
            recording.failed(error)
            on_failed(error)

        return done, failed
