"""A network's round trip in front of a server."""

from __future__ import annotations

import os
import weakref
from pathlib import Path

from scalelab import _validate as v
from scalelab.real.supervised import LOCALHOST, RealComponentError, end_child, start_child

_PROGRAM = Path(__file__).with_name("_delay_proxy.py")


class DelayProxy:
    """A TCP proxy on 127.0.0.1 that adds a round trip to a server; a context manager.

    Every byte is held for half a round trip in each direction. A new connection
    pays one round trip more before its first bytes arrive, as it would for the
    handshake over a network: the client's `connect` itself returns at once,
    since its handshake is with the proxy. Bandwidth is not limited and nothing
    is lost. The proxy is a process of its own and ends with this one, kill -9
    included.

    Parameters
    ----------
    target_port : int
        The server's port.
    rtt_s : float
        Seconds of a round trip, >= 0.
    target_host : str
        The server's host; this machine by default.

    Attributes
    ----------
    port : int
        Where clients connect to.

    Raises
    ------
    RealComponentError
        The proxy does not start.
    """

    def __init__(self, target_port: int, rtt_s: float, *, target_host: str = LOCALHOST) -> None:
        target_port = v.count("DelayProxy", "target_port", target_port)
        self._rtt_s = v.number("DelayProxy", "rtt_s", rtt_s, minimum=0)
        arguments = [target_host, str(target_port), repr(self._rtt_s), str(os.getpid())]
        self._process = start_child(_PROGRAM, *arguments)
        self._finalizer = weakref.finalize(self, end_child, self._process, os.getpid())
        self.port = int(self._read())

    @property
    def rtt_s(self) -> float:
        """The round trip in seconds."""
        return self._rtt_s

    def close(self) -> None:
        """End the proxy; its connections break."""
        self._finalizer()

    def __enter__(self) -> DelayProxy:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            self.close()
            raise RealComponentError("the delay proxy is gone; make a new one")
        return line
