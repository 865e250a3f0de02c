"""How a load balancer chooses among the servers in service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from scalelab import _validate as v
from scalelab.fakes.balancing.web_server import Request, WebServer
from scalelab.fakes.clock import Timer
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.router import Router

POLICIES = ("random", "round_robin", "least_connections", "power_of_two", "ip_hash", "cookie")
IN, OUT, DRAINING = "in", "out", "draining"


@dataclass(eq=False, slots=True)
class Member:
    """A server, and what the balancer knows of it."""

    server: WebServer
    state: str = IN
    misses: int = 0
    hits: int = 0
    probes: list[bool] = field(default_factory=list)  # for a rule of the caller's
    sent: int = 0
    open_requests: int = 0
    last_turn: int = 0
    clients: dict[str, None] = field(default_factory=dict)  # whose cookie names it
    check: Timer | None = None
    deadline: Timer | None = None
    on_drained: Callable[[int], object] | None = None


class Chooser:
    """Picks a server in service for a request, by one policy."""

    def __init__(self, policy: str | Router, rng: np.random.Generator | None) -> None:
        name = "LoadBalancer"
        if isinstance(policy, Router):
            if policy.nodes or policy.may_leave != "any":
                v.refuse(name, "policy", "be a router without nodes that can lose any", policy)
            self.policy, self.router = "router", policy
        else:
            self.policy = v.choice(name, "policy", policy, POLICIES)
            self.router = ModuloRouter()
        self._rng = rng
        if rng is not None or self.policy in ("random", "power_of_two"):
            self._rng = v.generator(name, rng)  # type: ignore[arg-type]  # None is refused
        self._turn = 0

    def choose(self, request: Request, members: Sequence[Member], *, again: bool) -> Member:
        """Return one of the members: all in service, or what is left when a request goes again."""
        member = self._choose(request, members, again)
        self._turn += 1
        member.last_turn = self._turn
        return member

    def _choose(self, request: Request, members: Sequence[Member], again: bool) -> Member:
        if self.policy == "round_robin":
            return _next_in_turn(members)
        if self.policy == "least_connections":  # equals in turn
            start = 0 if again else self._turn % len(members)
            turns = [*members[start:], *members[:start]]
            return min(turns, key=lambda m: (m.open_requests, m.last_turn if again else 0))
        if self.policy == "cookie":  # a client without one; where the fewest are
            return min(members, key=lambda member: len(member.clients))
        if self._rng is not None and self.policy in ("random", "power_of_two"):
            return self._by_chance(members, self._rng)
        owner = self.router.node_for(request.client)
        found = [member for member in members if member.server.name == owner]
        return found[0] if found else _next_in_turn(members)  # a retry leaves one out

    def _by_chance(self, members: Sequence[Member], rng: np.random.Generator) -> Member:
        first = int(rng.integers(len(members)))
        if self.policy == "random" or len(members) == 1:
            return members[first]
        second = int(rng.integers(len(members) - 1))
        second += second >= first
        return min(members[first], members[second], key=lambda member: member.open_requests)


def _next_in_turn(members: Sequence[Member]) -> Member:
    """Who waited longest for a turn: a count modulo their number starves some if it changes."""
    return min(members, key=lambda member: member.last_turn)
