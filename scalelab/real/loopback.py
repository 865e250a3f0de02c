"""What it costs to leave the process: a lookup in memory against a message to oneself."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from statistics import median
from threading import Thread

from scalelab import _validate as v
from scalelab.in_browser import refuse_in_browser
from scalelab.real.supervised import LOCALHOST, RealComponentError


@dataclass(frozen=True, kw_only=True)
class LoopbackComparison:
    """The two times, each a median.

    Parameters
    ----------
    lookup_s : float
        Seconds of one lookup in a dictionary.
    round_trip_s : float
        Seconds from sending one byte over 127.0.0.1 until it is back.
    """

    lookup_s: float
    round_trip_s: float

    @property
    def factor(self) -> float:
        """How many lookups fit into one round trip."""
        return self.round_trip_s / self.lookup_s


def loopback_against_lookup(trips: int = 500) -> LoopbackComparison:
    """Measure both on this machine.

    Parameters
    ----------
    trips : int
        Round trips to take the median of, >= 1.

    Returns
    -------
    LoopbackComparison
        No cable, no switch and no other machine is in the way of its round trip: over a
        network it takes longer.

    Raises
    ------
    RealComponentError
        In a browser, which has no network of its own.
    """
    number = v.count("loopback_against_lookup", "trips", trips)
    refuse_in_browser(RealComponentError)
    return LoopbackComparison(lookup_s=_lookup_s(), round_trip_s=_round_trip_s(number))


def _lookup_s(lookups: int = 20_000, runs: int = 7) -> float:
    entries = {key: key for key in range(1_000)}
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        for _ in range(lookups):
            entries[500]
        times.append((time.perf_counter() - begin) / lookups)
    return median(times)


def _round_trip_s(trips: int) -> float:
    times = []
    with socket.create_server((LOCALHOST, 0)) as server:
        Thread(target=_echo, args=(server,), daemon=True).start()
        with socket.create_connection(server.getsockname(), timeout=5.0) as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(trips):
                begin = time.perf_counter()
                link.sendall(b"?")
                link.recv(1)
                times.append(time.perf_counter() - begin)
    return median(times)


def _echo(server: socket.socket) -> None:
    """Send back what one client sends, until it hangs up."""
    link, _ = server.accept()
    with link:
        while received := link.recv(64):
            link.sendall(received)
