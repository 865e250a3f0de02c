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
APART = 10.0  # mean lengths of a transaction between two of the same client


class SessionPooler:
    """A shared pooler that lends server connections by session or by transaction.

    Parameters
    ----------
    connections : int
        Connections to the server, >= 1. A session more than that is refused.
    mode : {"session", "transaction"}
        For how long a client keeps the connection that it gets.
    busy : float
        Connections that transactions of other clients would keep busy on average, >= 0.
    rng : numpy.random.Generator
        When the others begin and end.

    Notes
    -----
    The connection that was given back last is lent first, as PgBouncer does unless told otherwise.
    The others come at random and are as long as it happens, with an exponential law; a client's own
    transactions are short and ten mean lengths apart.

    References
    ----------
    PgBouncer documentation, configuration: server_round_robin, which is off by default.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> pooler = SessionPooler(connections=5, mode="session", busy=0.0, rng=rng)
    >>> pooler.set("alice", "search_path", "shop")
    >>> pooler.show("alice", "search_path")
    'shop'
    """

    def __init__(
        self, *, connections: int, mode: Mode, busy: float, rng: np.random.Generator
    ) -> None:
        self.connections = v.count("SessionPooler", "connections", connections, maximum=10_000)
        self.mode = v.choice("SessionPooler", "mode", mode, get_args(Mode))
        self.busy = v.number("SessionPooler", "busy", busy, minimum=0)
        self._rng = v.generator("SessionPooler", rng)
        self._settings: list[dict[str, str]] = [{} for _ in range(self.connections)]
        self._taken: dict[str, int] = {}
        self._free = list(range(self.connections))  # the last one is lent first
        self._lent: list[int] = []

    def _connection(self, client: str) -> int:
        """Return the server connection that the client's next transaction runs on."""
        if self.mode == "transaction":
            self._let_others_work()
            return self._free[-1]
        if client not in self._taken:
            if not self._free:
                v.refuse(
                    "SessionPooler",
                    "client",
                    f"be one of at most {self.connections} sessions at once",
                    client,
                    "disconnect one, or pool by transaction",
                )
            self._taken[client] = self._free.pop()
        return self._taken[client]

    def _let_others_work(self) -> None:
        """Begin and end transactions of others until the client's next, for which one is free."""
        passed = 0.0
        while True:
            begins, ends = self.busy * bool(self._free), float(len(self._lent))
            if begins + ends == 0:
                return
            passed += float(self._rng.exponential(1 / (begins + ends)))
            if passed > APART and self._free:
                return
            if self._rng.random() * (begins + ends) < begins:
                self._lent.append(self._free.pop())
            else:
                self._free.append(self._lent.pop(int(self._rng.integers(len(self._lent)))))

    def set(self, client: str, name: str, value: str) -> None:
        """Set a session variable, as ``SET name = value`` does, in a transaction of its own."""
        self._settings[self._connection(client)][name] = value

    def show(self, client: str, name: str) -> str | None:
        """Read a session variable in a later transaction; None where it was never set."""
        return self._settings[self._connection(client)].get(name)

    def disconnect(self, client: str) -> None:
        """End a client's session: its connection is reset before another client gets it."""
        if client in self._taken:
            self._free.append(self._taken.pop(client))
            self._settings[self._free[-1]].clear()

    def check_invariants(self) -> None:
        """Assert that each server connection is free or lent, and to one only."""
        everywhere = [*self._free, *self._lent, *self._taken.values()]
        assert sorted(everywhere) == list(range(self.connections))


def settings_kept(
    mode: Mode, connections: int, *, busy: float, trials: int = 2_000, rng: np.random.Generator
) -> float:
    """Share of sessions that find, in their second transaction, what they set in their first.

    Parameters
    ----------
    mode, connections, busy
        As for `SessionPooler`.
    trials : int
        Sessions, one after another, >= 1.
    rng : numpy.random.Generator
        When the others begin and end.

    Returns
    -------
    float
        A ratio from 0 to 1; by session 1, by transaction less, the more others are at work.

    Examples
    --------
    >>> settings_kept("session", 10, busy=5.0, rng=np.random.default_rng(1))
    1.0
    """
    trials = v.count("settings_kept", "trials", trials, maximum=v.MOST_STEPS)
    pooler = SessionPooler(connections=connections, mode=mode, busy=busy, rng=rng)
    found = 0
    for client in map(str, range(trials)):
        pooler.set(client, "search_path", client)
        found += pooler.show(client, "search_path") == client
        pooler.disconnect(client)
    return found / trials
