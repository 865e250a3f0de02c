"""Calls of functions that others gave: last, and so that an error of one harms no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NoReturn

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
