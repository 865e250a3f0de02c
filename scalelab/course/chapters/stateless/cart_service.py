"""One cart service in several styles, and the same trials for each: the chapter on state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from scalelab import _validate as v
from scalelab.course.page import Html, table
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.fakes.sessions.session_store import SessionStore, SessionStoreDownError
from scalelab.fakes.sessions.token_sessions import TokenSessions

KEY = b"a secret of at least thirty-two bytes"
STYLES = ("memory, any server", "memory, same server", "signed token", "shared store")


def servers_behind(
    policy: str, servers: int = 3, *, rng: np.random.Generator | None = None
) -> LoadBalancer:
    """Return a balancer before virtual servers called web-1, web-2 and so on; it retries once."""
    number = v.count("servers_behind", "servers", servers, maximum=1_000)
    names = [f"web-{i + 1}" for i in range(number)]
    return LoadBalancer(VirtualClock(), names, policy, retries=1, rng=rng)


class CartService:
    """A shopping cart behind three servers; one of `STYLES` says where its state is.

    `rng` chooses servers where any will do.
    """

    def __init__(self, style: str, rng: np.random.Generator) -> None:
        v.choice("CartService", "style", style, STYLES)
        policy = "cookie" if style == "memory, same server" else "random"
        self.balancer = servers_behind(policy, rng=rng)
        clock = self.balancer.clock
        self.state: MemorySessions | SessionStore | TokenSessions
        if style == "signed token":
            self.state = TokenSessions(clock, KEY)
        elif style == "shared store":
            self.state = SessionStore(clock, ttl_s=1e6)
        else:
            self.state = MemorySessions(self.balancer)

    def add(self, user: str, item: str) -> None:
        """Put an item into the cart of a user."""
        self._pass_a_server(user)
        self.state.update(user, lambda old: {"cart": [*(old or {"cart": []})["cart"], item]})

    def cart(self, user: str) -> list[str]:
        """Return the items that the user's next page shows."""
        self._pass_a_server(user)
        return (self.state.load(user) or {"cart": []})["cart"]

    def _pass_a_server(self, user: str) -> None:
        if not isinstance(self.state, MemorySessions):  # there the balancer is on the way anyhow
            self.balancer.handle(Request(client=user))


def kept_carts(
    service: CartService, disturb: Callable[[CartService], None] | None = None, users: int = 300
) -> float:
    """Share of users who find both of their items, when something happens after the first page.

    `disturb` is called with the service, which must be fresh, once all carts are filled.
    """
    names = [f"user-{i}" for i in range(users)]
    for name in names:
        service.add(name, "book")
        service.add(name, "lamp")
    if disturb is not None:
        disturb(service)
    try:
        return float(np.mean([service.cart(name) == ["book", "lamp"] for name in names]))
    except SessionStoreDownError:
        return 0.0  # all ask the same store


def kill_one(service: CartService) -> None:
    """Let a server die; the balancer sends the next requests elsewhere."""
    service.balancer.server("web-2").crash()


def deploy(service: CartService) -> None:
    """Restart one server after the other with a new version of the program."""
    for name in service.balancer.servers:
        service.balancer.server(name).restart()


def scale_out(service: CartService) -> None:
    """Add a fourth server."""
    service.balancer.add_server("web-4")


def stop_the_store(service: CartService) -> None:
    """Let the shared store die, where there is one."""
    if isinstance(service.state, SessionStore):
        service.state.crash()


def shut_out(service: CartService, users: int = 300) -> float:
    """Share of users whose copied credential is worth nothing once they have logged out."""
    out = 0
    for i in range(users):
        user = f"user-{i}"
        service.add(user, "book")
        if isinstance(service.state, TokenSessions):
            copied = service.state.token_of(user)
            service.state.delete(user)
            out += service.state.open(copied) is None
        else:
            before = service.state.sessions
            service.state.delete(user)
            out += service.state.sessions < before
    return out / users


TRIALS: dict[str, Callable[[CartService], float]] = {
    "ordinary traffic": kept_carts,
    "a fourth server": partial(kept_carts, disturb=scale_out),
    "one of three servers dies": partial(kept_carts, disturb=kill_one),
    "a deployment": partial(kept_carts, disturb=deploy),
    "the store dies": partial(kept_carts, disturb=stop_the_store),
    "log out, copied credential": shut_out,
}


def trial_table(seed: int = 2026) -> Html:
    """Run every trial on every style; percentages of users for whom it went well."""
    rows: list[dict[str, Any]] = []
    for name, trial in TRIALS.items():
        row: dict[str, Any] = {"trial": name}
        for style in STYLES:
            row[f"{style}, %"] = 100 * trial(CartService(style, np.random.default_rng(seed)))
        rows.append(row)
    return table(rows, "Users for whom it went well, by style")
