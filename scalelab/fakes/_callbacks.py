"""Calls of functions that others gave: last, and so that an error of one harms no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NoReturn

from scalelab.fakes._checks import function_of
from scalelab.fakes.clock import VirtualClock


def raise_error(error: Exception) -> NoReturn:
    """Let an error out of the clock's run: what happens where nobody listens."""
    raise error


def call_all(calls: Iterable[Callable[[], object]]) -> None:
    """Make every call, and then raise the first error there was."""
    first: Exception | None = None
    for call in calls:
        try:
            call()
        except Exception as error:
            first = first or error
    if first is not None:
        raise first


def tell_all(clock: VirtualClock, listeners: Iterable[Callable[..., object]], *given: Any) -> None:
    """Call every listener now; an error comes out of the clock's run, not out of this call.

    So whoever brought the news about goes on with the work, and the other listeners hear it.
    """
    for listener in tuple(listeners):
        try:
            listener(*given)
        except Exception as error:
            clock.schedule(0.0, partial(raise_error, error))


class Watched:
    """Something whose changes others may hear of; its owner has a `clock` and says them last."""

    clock: VirtualClock

    def __init__(self) -> None:
        self._watchers: list[Callable[..., object]] = []

    def watch(self, listener: Callable[..., object]) -> None:
        """Call ``listener(what, *facts)`` after each change from now on."""
        self._watchers.append(function_of(f"{type(self).__name__}.watch", "listener", listener))

    def _tell(self, what: str, *facts: Any) -> None:
        if self._watchers:
            tell_all(self.clock, self._watchers, what, *facts)
