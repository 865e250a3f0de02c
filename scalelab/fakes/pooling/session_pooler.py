"""A pooler in front of a database: what a client sets for its session, and who sees it.

The server keeps settings for each of its connections. In session mode a client
has one connection to itself; in transaction mode each transaction may get
another one, and a setting stays behind on the one that was used.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from scalelab import _validate as v

Mode = Literal["session", "transaction"]


class SessionPooler:
    """A shared pooler that lends server connections by session or by transaction.

    Parameters
    ----------
    connections : int
        Connections to the server, >= 1. A session more than that is refused.
    mode : {"session", "transaction"}
        For how long a client keeps the connection that it gets.
    rng : numpy.random.Generator
        Chooses the free connection, as load on a real pooler does.

    Examples
    --------
    >>> import numpy as np
    >>> pooler = SessionPooler(connections=5, mode="session", rng=np.random.default_rng(1))
    >>> pooler.set("alice", "search_path", "shop")
    >>> pooler.show("alice", "search_path")
    'shop'
    """

    def __init__(self, *, connections: int, mode: Mode, rng: np.random.Generator) -> None:
        self.connections = v.count("SessionPooler", "connections", connections, maximum=10_000)
        self.mode = v.choice("SessionPooler", "mode", mode, get_args(Mode))
        self._rng = v.generator("SessionPooler", rng)
        self._settings: list[dict[str, str]] = [{} for _ in range(self.connections)]
        self._taken: dict[str, int] = {}

    def _connection(self, client: str) -> int:
        """Return the server connection that the client's next transaction runs on."""
        if self.mode == "transaction":
            return int(self._rng.integers(self.connections))
        if client not in self._taken:
            free = sorted(set(range(self.connections)) - set(self._taken.values()))
            if not free:
                v.refuse(
                    "SessionPooler",
                    "client",
                    f"be one of at most {self.connections} sessions at once",
                    client,
                    "disconnect one, or pool by transaction",
                )
            self._taken[client] = int(self._rng.choice(free))
        return self._taken[client]

    def set(self, client: str, name: str, value: str) -> None:
        """Set a session variable, as ``SET name = value`` does, in a transaction of its own."""
        self._settings[self._connection(client)][name] = value

    def show(self, client: str, name: str) -> str | None:
        """Read a session variable in a later transaction; None where it was never set."""
        return self._settings[self._connection(client)].get(name)

    def disconnect(self, client: str) -> None:
        """End a client's session: its connection is reset before another client gets it."""
        if client in self._taken:
            self._settings[self._taken.pop(client)].clear()

    def check_invariants(self) -> None:
        """Assert that no two sessions share a server connection."""
        assert len(set(self._taken.values())) == len(self._taken) <= self.connections


def settings_kept(
    mode: Mode, connections: int, *, trials: int = 2_000, rng: np.random.Generator
) -> float:
    """Share of sessions that find, in their second transaction, what they set in their first.

    Parameters
    ----------
    mode, connections
        As for `SessionPooler`.
    trials : int
        Sessions, one after another, >= 1.
    rng : numpy.random.Generator
        Chooses connections.

    Returns
    -------
    float
        A ratio from 0 to 1; by session 1, by transaction about 1 / `connections`.

    Examples
    --------
    >>> settings_kept("session", 10, rng=np.random.default_rng(1))
    1.0
    """
    trials = v.count("settings_kept", "trials", trials, maximum=v.MOST_STEPS)
    pooler = SessionPooler(connections=connections, mode=mode, rng=rng)
    found = 0
    for client in map(str, range(trials)):
        pooler.set(client, "search_path", client)
        found += pooler.show(client, "search_path") == client
        pooler.disconnect(client)
    return found / trials
