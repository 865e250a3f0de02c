"""A web server: a line of requests, a few workers, and a memory that a crash empties."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scalelab import _validate as v
from scalelab.fakes._checks import clock_of, function_or_none, text
from scalelab.fakes.clock import Timer, VirtualClock
from scalelab.fakes.invariants import ensure

OnFailed = Callable[[Exception], object]
OnResponse = Callable[["Response"], object]


class ServerDownError(RuntimeError):
    """The server is down, or went down before it answered."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a client asks for.

    Parameters
    ----------
    client : str
        Who asks: the address that a hash of it sees, and whose browser keeps a cookie.
    service_s : float
        Seconds of work, >= 0.
    work : callable, optional
        What the server does at the end of its work: called with the `WebServer`, and its result
        is the response's value. The request fails with what it raises.
    """

    client: str
    service_s: float = 0.0
    work: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        text("Request", "client", self.client)
        v.keep(self, service_s=v.number("Request", "service_s", self.service_s, minimum=0))
        function_or_none("Request", "work", self.work)


@dataclass(frozen=True, kw_only=True)
class Response:
    """What a server answered."""

    server: str
    """Who answered."""
    value: Any
    """Result of the request's `work`."""
    wait_s: float
    """Seconds in the server's line."""
    response_s: float
    """Seconds from arrival at the server to the answer."""


@dataclass(eq=False, slots=True)
class _Work:
    request: Request
    on_done: Callable[[Response], object]
    on_failed: OnFailed
    arrived_s: float
    began_s: float = 0.0
    event: Timer | None = None


class WebServer:
    """Serves requests first come, first served, and keeps what it likes in its memory.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    name : str
        Its name.
    workers : int
        Requests that are served at a time, >= 1.

    Examples
    --------
    >>> clock = VirtualClock()
    >>> server = WebServer(clock, "web-1")
    >>> for client in ("ann", "bob"):
    ...     server.submit(Request(client=client, service_s=0.1), print, print)
    >>> clock.advance(0.2)
    Response(server='web-1', value=None, wait_s=0.0, response_s=0.1)
    Response(server='web-1', value=None, wait_s=0.1, response_s=0.2)
    """

    def __init__(self, clock: VirtualClock, name: str, *, workers: int = 1) -> None:
        self.clock = clock_of("WebServer", clock)
        self.name = text("WebServer", "name", name)
        self.workers = v.count("WebServer", "workers", workers)
        self.memory: dict[str, Any] = {}
        self.served = self.failed = 0
        self._unanswered = 0
        self._up = True
        self._line: deque[_Work] = deque()
        self._in_service: dict[_Work, None] = {}

    @property
    def is_up(self) -> bool:
        """Whether it takes requests."""
        return self._up

    @property
    def in_system(self) -> int:
        """Requests in service and in line, which are its open connections."""
        return len(self._line) + len(self._in_service)

    @property
    def pending(self) -> int:
        """Requests that have had no answer yet."""
        return self._unanswered

    @property
    def busy_workers(self) -> int:
        """Workers that serve a request now."""
        return len(self._in_service)

    def submit(
        self, request: Request, on_done: Callable[[Response], object], on_failed: OnFailed
    ) -> None:
        """Take a request; one of the two functions is called once, later."""
        if not isinstance(request, Request):
            v.refuse("WebServer.submit", "request", "be a Request", request)
        work = _Work(request, on_done, on_failed, self.clock.now_s)
        self._unanswered += 1
        if not self._up:
            self._fail(work)
        elif len(self._in_service) < self.workers:
            self._begin(work)
        else:
            self._line.append(work)

    def crash(self) -> None:
        """Go down: every request here fails, and the memory is gone."""
        self._up = False
        self.memory.clear()
        lost = [*self._in_service, *self._line]
        self._in_service.clear()
        self._line.clear()
        for work in lost:
            if work.event is not None:
                work.event.cancel()
            self._fail(work)

    def recover(self) -> None:
        """Come up again, with an empty memory."""
        self._up = True

    def restart(self) -> None:
        """Go down and come up at once, as a deployment without draining does."""
        self.crash()
        self.recover()

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        ensure(self._up or not self.in_system, "a server that is down holds requests")
        ensure(self._up or not self.memory, "a memory outlived its server")
        ensure(self.in_system <= self.pending, "a request was answered twice")
        ensure(len(self._in_service) <= self.workers, "more requests in service than workers")
        all_busy = len(self._in_service) == self.workers
        ensure(all_busy or not self._line, "a request waits beside a free worker")

    def _begin(self, work: _Work) -> None:
        self._in_service[work] = None
        work.began_s = self.clock.now_s
        work.event = self.clock.schedule(work.request.service_s, lambda: self._end(work))

    def _end(self, work: _Work) -> None:
        value, error = None, None
        try:
            value = None if work.request.work is None else work.request.work(self)
        except Exception as caught:
            error = caught
        if work not in self._in_service:  # its own work took the server down
            return
        del self._in_service[work]
        if self._line:
            self._begin(self._line.popleft())
        if error is not None:
            self._fail(work, error)
            return
        self.served += 1
        self._unanswered -= 1
        response = Response(
            server=self.name,
            value=value,
            wait_s=work.began_s - work.arrived_s,
            response_s=self.clock.now_s - work.arrived_s,
        )
        work.on_done(response)

    def _fail(self, work: _Work, error: Exception | None = None) -> None:
        self.failed += 1
        if error is None:
            error = ServerDownError(f"WebServer: {self.name} must be up, got one that is down")

        def tell() -> None:
            self._unanswered -= 1
            work.on_failed(error)

        self.clock.schedule(0.0, tell)
