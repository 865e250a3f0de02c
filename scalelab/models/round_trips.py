"""What a database connection costs: an account of round trips and of work.

A round trip costs the same whatever it carries, so on a network the number of them decides;
on one machine the work does: a process to fork, a password to hash, keys to exchange.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalelab import _validate as v

if TYPE_CHECKING:
    import pandas as pd

# SET_UP and CLOSE are paid once per connection, BORROW and QUERY once per request;
# BORROW is what only a pool does.
SET_UP, BORROW, QUERY, CLOSE = PHASES = ("set-up", "borrow", "query", "close")

SCRAM_ROUND_TRIPS = 3  # start-up, request; client-first, server-first; client-final, ready
TLS_ROUND_TRIPS = {"1.2": 2, "1.3": 1}  # full handshakes, no resumption


@dataclass(frozen=True)
class Step:
    """One thing that happens on a connection, and what a client waits for it.

    Parameters
    ----------
    name : str
        What it is.
    round_trips : int
        Times that the client waits for an answer before it can go on, >= 0.
    work_s : float
        Seconds of work at both ends, >= 0.
    phase : str
        ``"set-up"``, ``"borrow"``, ``"query"`` or ``"close"``.

    Examples
    --------
    >>> Step("TCP handshake", round_trips=1)
    Step(name='TCP handshake', round_trips=1, work_s=0.0, phase='set-up')
    """

    name: str
    round_trips: int = 0
    work_s: float = 0.0
    phase: str = SET_UP

    def __post_init__(self) -> None:
        v.keep(self, round_trips=v.count("Step", "round_trips", self.round_trips, minimum=0))
        v.keep(self, work_s=v.number("Step", "work_s", self.work_s, minimum=0))
        v.choice("Step", "phase", self.phase, PHASES)


@dataclass(frozen=True)
class ConnectionAccount:
    """Every step from opening a connection to closing it, over a link of a given delay.

    Parameters
    ----------
    steps : tuple of Step
        In order, one of them at least in the query phase.
    rtt_s : float
        Seconds for one round trip, >= 0.

    Examples
    --------
    A text book's figures, as they stand: 50 ms to connect, 20 to authenticate, 5 to query
    and 10 to close.

    >>> steps = [Step("connect", 0, 0.050), Step("authenticate", 0, 0.020)]
    >>> steps += [Step("query", 0, 0.005, "query"), Step("close", 0, 0.010, "close")]
    >>> account = ConnectionAccount(tuple(steps), rtt_s=0.0)
    >>> round(account.unpooled_s, 3), round(account.request_s, 3), round(account.gain, 2)
    (0.085, 0.005, 17.0)
    """

    steps: tuple[Step, ...]
    rtt_s: float

    def __post_init__(self) -> None:
        v.keep(self, rtt_s=v.number("ConnectionAccount", "rtt_s", self.rtt_s, minimum=0))
        if not (self.phase_s(QUERY) > 0):
            v.refuse(
                "ConnectionAccount", "steps", "take time in the query phase", self.phase_s(QUERY)
            )

    def phase_s(self, *phases: str) -> float:
        """Seconds that the steps of some phases take together."""
        return sum(self._time_s(step) for step in self.steps if step.phase in phases)

    @property
    def setup_s(self) -> float:
        """Seconds from nothing to a connection that is ready for a query."""
        return self.phase_s(SET_UP)

    @property
    def request_s(self) -> float:
        """Seconds for a request on a pooled connection, a validation included."""
        return self.phase_s(BORROW, QUERY)

    @property
    def unpooled_s(self) -> float:
        """Seconds for a request that opens and closes its own connection."""
        return self.phase_s(SET_UP, QUERY, CLOSE)

    @property
    def gain(self) -> float:
        """How many times faster a pooled request is."""
        return self.unpooled_s / self.request_s

    @property
    def round_trip_gain(self) -> float:
        """Gain from counting round trips alone, its value on a long link with no work.

        NaN where no request makes a round trip.
        """
        trips = dict.fromkeys(PHASES, 0)
        for step in self.steps:
            trips[step.phase] += step.round_trips
        pooled = trips[BORROW] + trips[QUERY]
        return (trips[SET_UP] + trips[QUERY] + trips[CLOSE]) / pooled if pooled else float("nan")

    def table(self) -> pd.DataFrame:
        """One row per step: phase, round trips, seconds of work, seconds in all."""
        import pandas as pd  # which takes longer to load than all this

        return pd.DataFrame(
            {
                "step": [step.name for step in self.steps],
                "phase": [step.phase for step in self.steps],
                "round_trips": [step.round_trips for step in self.steps],
                "work_s": [float(step.work_s) for step in self.steps],
                "time_s": [float(self._time_s(step)) for step in self.steps],
            }
        ).set_index("step")

    def _time_s(self, step: Step) -> float:
        return step.round_trips * self.rtt_s + step.work_s


def connection_account(
    rtt_s: float,
    *,
    tls: str | None = None,
    tls_retry: bool = False,
    driver_statements: int = 0,
    validate_on_borrow: bool = False,
    setup_work_s: float = 0.0,
    query_work_s: float = 0.0,
) -> ConnectionAccount:
    """Account of a PostgreSQL connection that is authenticated by SCRAM.

    Parameters
    ----------
    rtt_s : float
        Seconds for one round trip, >= 0.
    tls : {None, "1.2", "1.3"}
        Version of TLS, for which the client asks by an SSLRequest first; None for a connection
        in clear.
    tls_retry : bool
        Whether the server refuses the key exchange that the client guessed, and TLS 1.3 begins
        again. PostgreSQL before 18 accepts P-256 by default, and most clients guess X25519.
    driver_statements : int
        Statements that the driver sends one by one before the first query, >= 0: time zone,
        isolation level, type catalogue.
    validate_on_borrow : bool
        Whether the pool sends a test query before it lends the connection.
    setup_work_s : float
        Seconds of work to set the connection up: fork, hashing, key exchange.
    query_work_s : float
        Seconds of work for the query.

    Returns
    -------
    ConnectionAccount
        Its steps, and what they add up to.

    Raises
    ------
    ValueError
        The query takes no time at all.

    Notes
    -----
    Counted from the protocols: TCP 1 (the client may send with its last acknowledgement),
    SSLRequest 1, TLS 1.2 two and TLS 1.3 one (two after a HelloRetryRequest), start-up and
    authentication 3; a client that closes waits for no answer. The acknowledgements of TCP
    itself, slow start and lost packets are left out, as are pipelining and TLS resumption, which
    save round trips.

    References
    ----------
    RFC 9293 (TCP), sec. 3.5; RFC 5246 (TLS 1.2), sec. 7.3; RFC 8446 (TLS 1.3), sec. 2 and 4.1.4;
    RFC 5802 and RFC 7677 (SCRAM), sec. 3; PostgreSQL documentation, "Message Flow".

    Examples
    --------
    A query of 5 ms. A link that needs 50 ms for the TCP handshake needs them for the query
    too, so the pool gains less than five times; in a data centre, less than two:

    >>> far = connection_account(0.050, query_work_s=0.005)
    >>> near = connection_account(0.001, query_work_s=0.005)
    >>> round(far.gain, 2), round(near.gain, 2)
    (4.64, 1.67)
    """
    name = "connection_account"
    steps = [Step("TCP handshake", 1)]
    steps += _tls_steps(name, tls)
    if v.truth(name, "tls_retry", tls_retry):
        if tls != "1.3":
            v.refuse(name, "tls_retry", "be False but for TLS 1.3", tls_retry)
        steps.append(Step("TLS 1.3 retry", 1))
    steps.append(Step("start-up and authentication (scram-sha-256)", SCRAM_ROUND_TRIPS))
    steps += _statements(name, "driver_statements", driver_statements)
    steps.append(Step("set-up work", 0, v.number(name, "setup_work_s", setup_work_s, minimum=0)))
    if v.truth(name, "validate_on_borrow", validate_on_borrow):
        steps.append(Step("validation query", 1, phase=BORROW))
    work_s = v.number(name, "query_work_s", query_work_s, minimum=0)
    steps += [Step("query", 1, work_s, QUERY), Step("close", phase=CLOSE)]
    return _account(name, steps, rtt_s)


def valkey_account(rtt_s: float, *, setup_commands: int = 1) -> ConnectionAccount:
    """Account of a connection to a Valkey or Redis server, in clear.

    Parameters
    ----------
    rtt_s : float
        Seconds for one round trip, > 0.
    setup_commands : int
        Commands that the client sends one by one before the first of the application, >= 0:
        HELLO with the password, SELECT, CLIENT SETINFO.

    Returns
    -------
    ConnectionAccount
        Its steps, and what they add up to.

    References
    ----------
    RFC 9293 (TCP), sec. 3.5; Redis serialisation protocol specification, "Client handshake".

    Examples
    --------
    >>> account = valkey_account(0.001)
    >>> account.gain
    3.0
    >>> account.table()["round_trips"].to_list()
    [1, 1, 1, 0]
    """
    steps = [Step("TCP handshake", 1)]
    steps += _statements("valkey_account", "setup_commands", setup_commands)
    steps += [Step("command", 1, phase=QUERY), Step("close", phase=CLOSE)]
    return _account("valkey_account", steps, rtt_s)


def _tls_steps(function: str, tls: str | None) -> list[Step]:
    if tls is None:
        return []
    trips = TLS_ROUND_TRIPS[v.choice(function, "tls", tls, tuple(TLS_ROUND_TRIPS))]
    return [Step("SSLRequest", 1), Step(f"TLS {tls} handshake", trips)]


def _statements(function: str, argument: str, number: int) -> list[Step]:
    number = v.count(function, argument, number, minimum=0)
    return [Step(argument.replace("_", " "), number)] if number else []


def _account(function: str, steps: list[Step], rtt_s: float) -> ConnectionAccount:
    return ConnectionAccount(tuple(steps), v.number(function, "rtt_s", rtt_s, minimum=0))
