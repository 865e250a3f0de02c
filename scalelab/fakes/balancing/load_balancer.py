"""A load balancer that watches its servers, keeps clients where they were, and drains."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from scalelab import _validate as v
from scalelab.fakes._callbacks import Watched
from scalelab.fakes._checks import clock_of, function_or_none, text
from scalelab.fakes.balancing._balancing import DRAINING, IN, OUT, Chooser, Member
from scalelab.fakes.balancing.balancer_types import BalancerStats, NoServerError
from scalelab.fakes.balancing.web_server import OnFailed, OnResponse, Request, Response, WebServer
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.invariants import ensure
from scalelab.fakes.routing.router import Router


class LoadBalancer(Watched):
    """Sends each request to one of its servers, as far as it knows that they are well.

    Parameters
    ----------
    clock : VirtualClock
        Whose time passes.
    servers : iterable of str
        Names of the first servers, distinct.
    policy : str or Router
        ``"random"``, ``"round_robin"``, ``"least_connections"`` (equals in turn),
        ``"power_of_two"``: the better of two drawn at random; ``"ip_hash"``: the client's hash
        modulo the servers in service; ``"cookie"``: a client stays, new ones go where the fewest
        are. A router without nodes places clients in its own way.
    workers : int
        Requests that each server serves at a time, >= 1.
    check_every_s : float, optional
        Seconds between health checks of a server, > 0. Without it nobody looks.
    misses_until_out, hits_until_in : int
        Failed checks in a row until a server is out of service, and good ones until it is back.
    health : callable, optional
        ``health(probes)`` decides instead: whether a server is in service, after each of its
        checks, from what they found, a list with the oldest first.
    retries : int
        How often a request that a server refused is sent to another, >= 0.
    rng : numpy.random.Generator, optional
        Needed by ``"random"`` and ``"power_of_two"``.

    Notes
    -----
    Health checks go on for ever, so run the clock for a time, or `close` the balancer. A request
    that was under way at a server that crashed is not sent again: it may have done its work.

    Examples
    --------
    A crash is found out by the third check; until then every other request fails:

    >>> clock = VirtualClock()
    >>> balancer = LoadBalancer(clock, ["web-1", "web-2"], check_every_s=5)
    >>> balancer.server("web-1").crash()
    >>> for second in range(20):
    ...     balancer.submit(Request(client="ann"), lambda response: None, lambda error: None)
    ...     clock.advance(1.0)
    >>> balancer.in_service, balancer.stats().failed
    (('web-2',), 8)
    """

    def __init__(
        self,
        clock: VirtualClock,
        servers: Iterable[str],
        policy: str | Router = "round_robin",
        *,
        workers: int = 1,
        check_every_s: float | None = None,
        misses_until_out: int = 3,
        hits_until_in: int = 2,
        health: Callable[[list[bool]], bool] | None = None,
        retries: int = 0,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        name = "LoadBalancer"
        self.clock = clock_of(name, clock)
        self.workers = v.count(name, "workers", workers)
        if check_every_s is not None:
            check_every_s = v.number(name, "check_every_s", check_every_s)
        self.check_every_s = check_every_s
        self.misses_until_out = v.count(name, "misses_until_out", misses_until_out)
        self.hits_until_in = v.count(name, "hits_until_in", hits_until_in)
        function_or_none(name, "health", health)
        self._health = health
        self.retries = v.count(name, "retries", retries, minimum=0)
        self._chooser = Chooser(policy, rng)
        self._members: dict[str, Member] = {}
        self._cookies: dict[str, Member] = {}
        self._stats = BalancerStats()
        if isinstance(servers, str) or not isinstance(servers, Iterable):
            v.refuse(name, "servers", "be names of servers", servers)
        for server in servers:
            self._add(name, "servers", server)

    @property
    def servers(self) -> tuple[str, ...]:
        """Names of all servers, in order of arrival."""
        return tuple(self._members)

    @property
    def in_service(self) -> tuple[str, ...]:
        """Names of the servers that get new requests."""
        return tuple(member.server.name for member in self._in_service())

    @property
    def busy_share(self) -> float:
        """Share of the workers in service that serve a request now; 0 without any."""
        members = self._in_service()
        busy = sum(member.server.busy_workers for member in members)
        return busy / (self.workers * len(members)) if members else 0.0

    def server(self, name: str) -> WebServer:
        """Return a server, to crash it or to look at it."""
        return self._member("server", name).server

    def clients_of(self, name: str) -> int:
        """Return how many clients' cookies name a server."""
        return len(self._member("clients_of", name).clients)

    def sent_to(self, name: str) -> int:
        """Return how many requests went to a server."""
        return self._member("sent_to", name).sent

    def handle(self, request: Request) -> Response:
        """Send a request to a server, and let time pass until its response.

        Raises
        ------
        ServerDownError
            The server was down, or went down.
        NoServerError
            No server is in service.
        """
        return self.clock.wait_for(partial(self.submit, request))

    def submit(self, request: Request, on_done: OnResponse, on_failed: OnFailed) -> None:
        """Send a request to a server; one of the two functions is called once, later."""
        if not isinstance(request, Request):
            v.refuse("LoadBalancer.submit", "request", "be a Request", request)
        member = self._choose(request, [])  # the caller's router; nothing is begun if it fails
        self._stats.requested += 1
        self._stats.pending += 1
        self._send(request, on_done, on_failed, member, tried=[])

    def add_server(self, name: str) -> WebServer:
        """Add a server, in service at once.

        Raises
        ------
        ValueError
            A server has that name already.
        """
        return self._add("LoadBalancer.add_server", "name", name)

    def end_session(self, client: str) -> None:
        """Forget a client's cookie: it has left. Harmless where there is none."""
        member = self._cookies.pop(text("LoadBalancer.end_session", "client", client), None)
        if member is not None:
            del member.clients[client]
            self._finish_drain(member)

    def drain(self, name: str, *, deadline_s: float | None = None) -> int:
        """Take a server out gently, and let time pass until it is gone; see `submit_drain`.

        Returns
        -------
        int
            Clients that were cut off at the deadline.
        """
        return self.clock.wait_for(
            lambda done, failed: self.submit_drain(name, done, deadline_s=deadline_s)
        )

    def submit_drain(
        self,
        name: str,
        on_drained: Callable[[int], object] | None = None,
        *,
        deadline_s: float | None = None,
    ) -> None:
        """Give a server no new clients, and remove it when the old ones are gone.

        Parameters
        ----------
        name : str
            The server.
        on_drained : callable, optional
            Called with the number of clients that were cut off.
        deadline_s : float, optional
            Seconds after which it is removed in any case, >= 0; requests there fail.

        Raises
        ------
        ValueError
            There is no such server, or it drains already.

        Notes
        -----
        Without cookies there is nobody to wait for but the requests that are under way.
        """
        verb = "LoadBalancer.submit_drain"
        member = self._member("submit_drain", name)
        function_or_none(verb, "on_drained", on_drained)
        if deadline_s is not None:
            deadline_s = v.number(verb, "deadline_s", deadline_s, minimum=0)
        if member.state == DRAINING:
            v.refuse(verb, "name", "be a server that does not drain yet", name)
        self._set_state(member, DRAINING)
        member.on_drained = on_drained
        if deadline_s is not None:
            member.deadline = self.clock.schedule(deadline_s, partial(self._remove, member))
        self.clock.schedule(0.0, partial(self._finish_drain, member))

    def close(self) -> None:
        """Stop the health checks."""
        for member in self._members.values():
            if member.check is not None:
                member.check.cancel()
        self.check_every_s = None

    def stats(self) -> BalancerStats:
        """Return the books so far."""
        return BalancerStats(**vars(self._stats))

    def check_invariants(self) -> None:
        """Raise AssertionError when the books do not add up."""
        books = self._stats
        ended = books.answered + books.failed + books.refused
        ensure(books.requested == ended + books.pending, "a request has no end")
        ensure(
            sum(member.open_requests for member in self._members.values()) <= books.pending,
            "more requests at the servers than are pending",
        )
        routed = set(self._chooser.router.nodes)
        ensure(routed == set(self.in_service), "the router knows other servers")
        for client, member in self._cookies.items():
            ensure(client in member.clients, "a client is counted elsewhere")
        clients = sum(len(member.clients) for member in self._members.values())
        ensure(clients == len(self._cookies), "a client is counted twice")
        for member in self._members.values():
            member.server.check_invariants()
            answering = member.open_requests <= member.server.pending
            ensure(answering, "a server has forgotten a request")

    # requests -----------------------------------------------------------------------------

    def _send(
        self,
        request: Request,
        on_done: OnResponse,
        on_failed: OnFailed,
        member: Member | None,
        tried: list[Member],
    ) -> None:
        if member is None:
            self._refuse(on_failed)
            return
        member.sent += 1
        member.open_requests += 1
        was_up = member.server.is_up
        self._stats.sent_to_dead += not was_up

        def done(response: Response) -> None:
            member.open_requests -= 1
            self._stats.answered += 1
            self._stats.pending -= 1
            self._finish_drain(member)
            on_done(response)

        def failed(error: Exception) -> None:
            member.open_requests -= 1
            self._finish_drain(member)
            if not was_up and len(tried) < self.retries:
                try:
                    other = self._choose(request, [*tried, member])
                except Exception as caught:  # the caller's router
                    error = caught
                else:
                    self._stats.retried += 1
                    self._send(request, on_done, on_failed, other, [*tried, member])
                    return
            self._stats.failed += 1
            self._stats.pending -= 1
            on_failed(error)

        member.server.submit(request, done, failed)

    def _refuse(self, on_failed: OnFailed) -> None:
        self._stats.refused += 1
        self._stats.pending -= 1
        error = NoServerError("LoadBalancer: a server must be in service, got none")
        self.clock.schedule(0.0, partial(on_failed, error))

    def _choose(self, request: Request, tried: list[Member]) -> Member | None:
        cookies = self._chooser.policy == "cookie"
        known = self._cookies.get(request.client) if cookies else None
        if known is not None and known.state != OUT and known not in tried:
            return known
        members = [member for member in self._in_service() if member not in tried]
        if not members:
            return None
        member = self._chooser.choose(request, members, again=bool(tried))
        if cookies:
            if known is not None:
                self._stats.moved_clients += 1
                del known.clients[request.client]
            self._cookies[request.client] = member
            member.clients[request.client] = None
        return member

    # servers ------------------------------------------------------------------------------

    def _add(self, function: str, argument: str, name: str) -> WebServer:
        if text(function, argument, name) in self._members:
            v.refuse(function, argument, "be new", name)
        member = Member(WebServer(self.clock, name, workers=self.workers))
        self._members[name] = member
        self._chooser.router.add_node(name)
        self._check_later(member)
        return member.server

    def _in_service(self) -> list[Member]:
        return [member for member in self._members.values() if member.state == IN]

    def _member(self, verb: str, name: str) -> Member:
        if not isinstance(name, str) or name not in self._members:
            v.refuse(f"LoadBalancer.{verb}", "name", f"be one of {', '.join(self._members)}", name)
        return self._members[name]

    def _set_state(self, member: Member, state: str) -> None:
        router, name = self._chooser.router, member.server.name
        if member.state == IN and state != IN:
            router.remove_node(name)
        elif state == IN and member.state != IN:
            self._route_to(member)
        member.state = state

    def _route_to(self, member: Member) -> None:
        """Tell the router, in the balancer's own order: a hash modulo their number counts on it."""
        routed, after = self._chooser.router.nodes, False
        before = None
        for name in self._members:
            if after and name in routed:
                before = name
                break
            after |= name == member.server.name
        self._chooser.router.add_node(member.server.name, before=before)

    def _check_later(self, member: Member) -> None:
        if self.check_every_s is not None:
            member.check = self.clock.schedule(self.check_every_s, partial(self._check, member))

    def _check(self, member: Member) -> None:
        up = member.server.is_up
        member.hits, member.misses = (member.hits + 1, 0) if up else (0, member.misses + 1)
        if member.state == DRAINING and member.misses >= self.misses_until_out:
            self._remove(member)  # nobody can be served there
            return
        self._check_later(member)
        self._tell("checked", member.server.name, up)
        if member.state != DRAINING and self._is_well(member, up) != (member.state == IN):
            self._set_state(member, OUT if member.state == IN else IN)

    def _is_well(self, member: Member, up: bool) -> bool:
        """Whether a server should be in service, by the counts or by the caller's rule."""
        if self._health is not None:
            member.probes.append(up)
            return bool(self._health(list(member.probes)))
        if member.state == IN:
            return member.misses < self.misses_until_out
        return member.hits >= self.hits_until_in

    def _finish_drain(self, member: Member) -> None:
        idle = not member.clients and not member.open_requests
        if member.state == DRAINING and idle:
            self._remove(member)

    def _remove(self, member: Member) -> None:
        """Take a server out for good, with whoever is still there."""
        member.state = OUT
        cut = len(member.clients)
        self._stats.cut_clients += cut
        for client in member.clients:
            del self._cookies[client]
        member.clients.clear()
        del self._members[member.server.name]
        for timer in (member.check, member.deadline):
            if timer is not None:
                timer.cancel()
        member.server.crash()
        if member.on_drained is not None:
            self.clock.schedule(0.0, partial(member.on_drained, cut))
