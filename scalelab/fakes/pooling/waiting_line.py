"""A first-come, first-served line whose members give up after a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scalelab.fakes.clock import Timer, VirtualClock


@dataclass(eq=False, slots=True)
class Ticket:
    """One request's place in the line."""

    number: int
    holder: str
    on_granted: Callable[[Any], object]
    on_failed: Callable[[Exception], object]
    since_s: float
    timeout: Timer | None = None
    granted: Any = None


class WaitingLine:
    """Requests in the order of their arrival.

    Every outcome is called back from the clock, never from within the call
    that caused it: a callback may ask again without upsetting the line.

    Parameters
    ----------
    clock : VirtualClock
        Whose time the waits are measured in.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._line: OrderedDict[int, Ticket] = OrderedDict()
        self._last_granted = -1

    def __len__(self) -> int:
        return len(self._line)

    def __contains__(self, ticket: Ticket) -> bool:
        return ticket.number in self._line

    def join(self, ticket: Ticket) -> None:
        """Put `ticket` at the end."""
        self._line[ticket.number] = ticket

    def give_up_after(
        self, ticket: Ticket, timeout_s: float, on_timeout: Callable[[Ticket], object]
    ) -> None:
        """Take `ticket` out after `timeout_s`, and call `on_timeout` with it."""

        def give_up() -> None:
            self.leave(ticket)
            on_timeout(ticket)

        ticket.timeout = self._clock.schedule(timeout_s, give_up)

    def leave(self, ticket: Ticket) -> None:
        """Take `ticket` out, wherever it stands."""
        del self._line[ticket.number]
        if ticket.timeout is not None:
            ticket.timeout.cancel()

    def grant_first(self, grant: Callable[[Ticket], Any]) -> None:
        """Take the oldest ticket out and hand it what `grant` makes of it."""
        ticket = next(iter(self._line.values()))
        self.leave(ticket)
        ticket.granted = grant(ticket)
        self._last_granted = ticket.number
        self._clock.schedule(0.0, lambda: ticket.on_granted(ticket.granted))

    def fail(self, ticket: Ticket, error: Exception) -> None:
        """Tell `ticket`, which is not in the line, that it failed."""
        self._clock.schedule(0.0, lambda: ticket.on_failed(error))

    def fail_all(self, error: Exception) -> None:
        """Empty the line, and tell everybody in it."""
        for ticket in list(self._line.values()):
            self.leave(ticket)
            self.fail(ticket, error)

    def overtaken(self) -> bool:
        """Whether somebody in the line asked before somebody who was served."""
        return any(number < self._last_granted for number in self._line)
