"""One operation on its way into a history."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from scalelab.history.operations import Kind, Operation


@dataclass(eq=False, kw_only=True)
class Recording:
    """One operation on its way, from a recorder's `begin`; it ends once, either way.

    Parameters
    ----------
    client, kind, key, value
        As for :class:`~scalelab.history.operations.Operation`.
    moment : callable
        Gives the number of the next event, and the time in seconds or None.
    close : callable
        Takes the recording and its outcome, None to leave it out.
    harmless : tuple of exception types
        Errors after which a write has certainly not happened.
    """

    client: str
    kind: Kind
    key: Hashable
    value: Any
    moment: Callable[[], tuple[int, float | None]]
    close: Callable[[Recording, Operation | None], object]
    harmless: tuple[type[Exception], ...]
    invoked: int = field(init=False)
    invoked_s: float | None = field(init=False)

    def __post_init__(self) -> None:
        self.invoked, self.invoked_s = self.moment()
        self.ended(None)  # refuses what is no operation, before anything happens

    def succeeded(self, result: Any) -> None:
        """End well: `result` is what a read returned, or an acknowledgement with its version."""
        self.close(self, self.ended(result))

    def failed(self, error: BaseException) -> None:
        """End with an error: a write may or may not have happened."""
        is_unknown = self.kind != "get" and not isinstance(error, self.harmless)
        self.close(self, self.ended(None, responded=False) if is_unknown else None)

    def ended(self, result: Any, *, responded: bool = True) -> Operation:
        """Return the operation as it would be if it ended now."""
        moment, now_s = self.moment() if responded else (None, None)
        version = getattr(result, "version", None)
        return Operation(
            client=self.client,
            kind=self.kind,
            key=self.key,
            value=result if self.kind == "get" else self.value,
            invoked=self.invoked,
            responded=moment,
            version=version if self.kind != "get" and type(version) is int else None,
            invoked_s=self.invoked_s,
            responded_s=now_s,
        )
