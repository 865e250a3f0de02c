"""What a load balancer reports."""

from __future__ import annotations

from dataclasses import dataclass


class NoServerError(RuntimeError):
    """No server is in service: the client gets a 503."""


@dataclass(kw_only=True)
class BalancerStats:
    """A balancer's books; ``requested == answered + failed + refused + pending``."""

    requested: int = 0
    """Requests of clients."""
    answered: int = 0
    """Requests that got a response."""
    failed: int = 0
    """Requests that got an error from a server."""
    refused: int = 0
    """Requests that came when no server was in service."""
    pending: int = 0
    """Requests without an end so far."""
    sent_to_dead: int = 0
    """Requests sent to a server that was down and still in service."""
    retried: int = 0
    """Times that a refused request was sent to another server."""
    moved_clients: int = 0
    """Clients whose cookie named a server that was gone."""
    cut_clients: int = 0
    """Clients that were still there at the deadline of a drain."""
