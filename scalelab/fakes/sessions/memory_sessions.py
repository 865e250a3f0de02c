"""Sessions in the memory of the web servers, behind a load balancer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._checks import text
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import OnFailed, Request, Response, WebServer
from scalelab.fakes.invariants import ensure
from scalelab.fakes.sessions.session import SessionData, SessionStats, session_data

Change = Callable[[SessionData | None], SessionData]


class MemorySessions:
    """Each session lives on the server that saved it, and dies with that server's memory.

    Every verb is a request through the load balancer: which server it reaches is the balancer's
    affair, and another server knows nothing of the session.

    Parameters
    ----------
    balancer : LoadBalancer
        Before the servers that keep the sessions.
    service_s : float
        Seconds of work of each request, >= 0.

    Examples
    --------
    With three servers in turn, the next request finds no session:

    >>> from scalelab.fakes.clock import VirtualClock
    >>> for policy in ("round_robin", "cookie"):
    ...     balancer = LoadBalancer(VirtualClock(), ["a", "b", "c"], policy)
    ...     sessions = MemorySessions(balancer)
    ...     sessions.save("ann", {"cart": ["book"]})
    ...     print(policy, sessions.load("ann"), sessions.stats().misrouted)
    round_robin None 1
    cookie {'cart': ['book']} 0
    """

    def __init__(self, balancer: LoadBalancer, *, service_s: float = 0.0) -> None:
        name = "MemorySessions"
        if not isinstance(balancer, LoadBalancer):
            v.refuse(name, "balancer", "be a LoadBalancer", balancer)
        self.balancer = balancer
        self.clock = balancer.clock
        self.service_s = v.number(name, "service_s", service_s, minimum=0)
        self._stats = SessionStats()

    def load(self, session_id: str) -> SessionData | None:
        """Return a copy of a session, None where the server that was asked has none.

        Raises
        ------
        ServerDownError, NoServerError
            The request reached no server that was up.
        """
        return self.clock.wait_for(partial(self.submit_load, session_id))

    def save(self, session_id: str, data: SessionData) -> None:
        """Keep a copy of a session on the server that is asked; see `load`."""
        self.clock.wait_for(partial(self.submit_save, session_id, data))

    def update(self, session_id: str, change: Change) -> SessionData:
        """Load, change and save a session in one request, as a web application does.

        Parameters
        ----------
        session_id : str
            Which.
        change : callable
            Called with the data, None where there is no session; returns the new data.

        Returns
        -------
        dict
            What was saved.
        """
        return self.clock.wait_for(partial(self.submit_update, session_id, change))

    def delete(self, session_id: str) -> None:
        """Remove a session from the server that is asked, and end it there: a log-out."""
        self.clock.wait_for(partial(self.submit_delete, session_id))

    def submit_load(
        self,
        session_id: str,
        on_done: Callable[[SessionData | None], object],
        on_failed: OnFailed,
    ) -> None:
        """Begin to load a session; see `load`."""
        text("MemorySessions.load", "session_id", session_id)
        self._ask(session_id, partial(self._find, session_id), on_done, on_failed)

    def submit_save(
        self,
        session_id: str,
        data: SessionData,
        on_done: Callable[[None], object],
        on_failed: OnFailed,
    ) -> None:
        """Begin to save a session; see `save`."""
        text("MemorySessions.save", "session_id", session_id)
        session_data("MemorySessions.save", data)
        keep = partial(self._keep, session_id, copy.deepcopy(data))
        self._ask(session_id, keep, on_done, on_failed)

    def submit_update(
        self,
        session_id: str,
        change: Change,
        on_done: Callable[[SessionData], object],
        on_failed: OnFailed,
    ) -> None:
        """Begin to load, change and save a session; see `update`."""
        name = "MemorySessions.update"
        text(name, "session_id", session_id)
        if not callable(change):
            v.refuse(name, "change", "be a function of the data", change)

        def work(server: WebServer) -> SessionData:
            new = change(self._find(session_id, server))
            self._keep(session_id, new, server)
            return new

        self._ask(session_id, work, on_done, on_failed)

    def submit_delete(
        self, session_id: str, on_done: Callable[[None], object], on_failed: OnFailed
    ) -> None:
        """Begin to remove a session; see `delete`."""
        text("MemorySessions.delete", "session_id", session_id)

        def work(server: WebServer) -> None:
            server.memory.pop(session_id, None)

        def done(result: None) -> None:
            self.balancer.end_session(session_id)
            on_done(result)

        self._ask(session_id, work, done, on_failed)

    @property
    def sessions(self) -> int:
        """Sessions on all servers; one that was saved on two servers counts twice."""
        names = self.balancer.servers
        return sum(len(self.balancer.server(name).memory) for name in names)

    def stats(self) -> SessionStats:
        """Return the books so far."""
        return SessionStats(**vars(self._stats))

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        books = self._stats
        ensure(books.misrouted <= books.missing <= books.loads, "more misses than loads")
        self.balancer.check_invariants()

    def _ask(
        self,
        session_id: str,
        work: Callable[[WebServer], Any],
        on_done: Callable[[Any], object],
        on_failed: OnFailed,
    ) -> None:
        def answered(response: Response) -> None:
            on_done(response.value)

        request = Request(client=session_id, service_s=self.service_s, work=work)
        self.balancer.submit(request, answered, on_failed)

    def _keep(self, session_id: str, data: SessionData, server: WebServer) -> None:
        server.memory[session_id] = copy.deepcopy(session_data("MemorySessions.save", data))
        self._stats.saves += 1

    def _find(self, session_id: str, server: WebServer) -> SessionData | None:
        self._stats.loads += 1
        found = server.memory.get(session_id)
        if found is None:
            self._stats.missing += 1
            others = (self.balancer.server(name) for name in self.balancer.servers)
            self._stats.misrouted += any(session_id in other.memory for other in others)
        return copy.deepcopy(found)
