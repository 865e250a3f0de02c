"""One operation on its way into a history."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from scalelab.history.operations import Kind, Operation

if TYPE_CHECKING:
    from scalelab.history.recorder import Recorder


class Recording:
    """One operation on its way, from :meth:`Recorder.begin`; it ends once, either way.

    Parameters
    ----------
    recorder : Recorder
        Where it goes in the end.
    client, kind, key, value
        As for :class:`~scalelab.history.operations.Operation`.
    """

    def __init__(
        self, recorder: Recorder, client: str, kind: Kind, key: Hashable, value: Any = None
    ) -> None:
        self._recorder = recorder
        self.client, self.kind, self.key, self.value = client, kind, key, value
        self.invoked, self.invoked_s = recorder.moment()
        self.ended(None)  # refuses what is no operation, before anything happens

    def succeeded(self, result: Any) -> None:
        """End well: `result` is what a read returned, or an acknowledgement with its version."""
        self._recorder.close(self, self.ended(result, responded=True))

    def failed(self, error: BaseException) -> None:
        """End with an error: a write may or may not have happened."""
        is_unknown = self.kind != "get" and not self._recorder.is_harmless(error)
        self._recorder.close(self, self.ended(None, responded=False) if is_unknown else None)

    def ended(self, result: Any, *, responded: bool = True) -> Operation:
        """Return the operation as it would be if it ended now."""
        moment, now_s = self._recorder.moment() if responded else (None, None)
        version = getattr(result, "version", None)
        return Operation(
            client=self.client,
            kind=self.kind,
            key=self.key,
            value=result if self.kind == "get" else self.value,
            invoked=self.invoked,
            responded=moment,
            version=version if self.kind != "get" and isinstance(version, int) else None,
            invoked_s=self.invoked_s,
            responded_s=now_s,
        )
