"""What only a run of a system knows: impatient clients, guards, faults, an autoscaler."""

from __future__ import annotations

from dataclasses import dataclass

from scalelab import _validate as v

FAULTS = ("cache flush", "connections lost", "connection leak", "server errors", "slow node")


@dataclass(frozen=True, kw_only=True)
class Clients:
    """How long clients wait, and what they do then.

    Parameters
    ----------
    timeout_s : float or None
        Seconds after which a client leaves an attempt, > 0; None if clients wait for ever. The
        servers do not notice: they go on with the attempt.
    retries : int
        Further attempts after a timeout or an error, from 0 to 10.
    backoff_s : float
        Mean seconds before the first of them, >= 0; each further one waits twice as long.
    retry_budget : float or None
        Retries allowed for each request, on average over all clients, >= 0; ten may be saved up.
        None for no limit.
    """

    timeout_s: float | None = None
    retries: int = 0
    backoff_s: float = 0.05
    retry_budget: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no client does."""
        name = "Clients"
        v.keep(
            self,
            retries=v.count(name, "retries", self.retries, 0, 10),
            backoff_s=v.number(name, "backoff_s", self.backoff_s, minimum=0),
        )
        if self.timeout_s is not None:
            v.keep(self, timeout_s=v.number(name, "timeout_s", self.timeout_s))
        if self.retry_budget is not None:
            budget = v.number(name, "retry_budget", self.retry_budget, minimum=0)
            v.keep(self, retry_budget=budget)


@dataclass(frozen=True, kw_only=True)
class Guards:
    """What the system does against overload, and what it does when a client has left.

    Parameters
    ----------
    line_limit : int or None
        Requests that may wait for a core of a server, >= 0; more are refused at once. None for
        any number.
    checks_deadline : bool
        Whether an attempt whose client has left is dropped before it gets a core of a server or a
        connection.
    fills_when_left : bool
        Whether a read fills the cache although its client has left. Otherwise its handler is
        cancelled with it, and the answer of the database is lost.
    keeps_connection : bool
        Whether the connection of a cancelled handler stays open.
    connect_s : float
        Work in seconds that opening a connection is for the database node, >= 0.
    single_flight : bool
        Whether only one request at a time fills a key of the cache. The others look again every
        20 ms; after 2 s the next one fills.
    ttl_jitter : float
        Share of the cache's TTL that is taken off at random, in [0, 1].
    pool_timeout_s : float or None
        Seconds that a request waits for a connection before it fails, > 0; None for any time.
    ejects : bool
        Whether the balancer sends nothing for 10 s to a server that answered with an error.
    """

    line_limit: int | None = None
    checks_deadline: bool = False
    fills_when_left: bool = False
    keeps_connection: bool = False
    connect_s: float = 0.0
    single_flight: bool = False
    ttl_jitter: float = 0.0
    pool_timeout_s: float | None = None
    ejects: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no guard."""
        name = "Guards"
        jitter = v.fraction(
            name, "ttl_jitter", v.number(name, "ttl_jitter", self.ttl_jitter, minimum=0)
        )
        v.keep(
            self,
            connect_s=v.number(name, "connect_s", self.connect_s, minimum=0),
            ttl_jitter=float(jitter),
        )
        for flag in (
            "checks_deadline",
            "fills_when_left",
            "keeps_connection",
            "single_flight",
            "ejects",
        ):
            v.truth(name, flag, getattr(self, flag))
        if self.line_limit is not None:
            v.keep(self, line_limit=v.count(name, "line_limit", self.line_limit, 0))
        if self.pool_timeout_s is not None:
            v.keep(self, pool_timeout_s=v.number(name, "pool_timeout_s", self.pool_timeout_s))


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that breaks.

    Parameters
    ----------
    kind : str
        "cache flush": all entries are gone; "connections lost": all connections must be opened
        anew; "connection leak": a share `size` of the connections is not given back; "server
        errors": server `target` answers each request with an error at once; "slow node": node
        `target` works `size` times as long. Nodes are counted from 0: each primary, followed by
        its replicas.
    at_s : float
        When it begins, in seconds, >= 0.
    until_s : float or None
        When it ends, >= `at_s`; None if it stays. The first two kinds happen once.
    target : int
        Server or node, >= 0.
    size : float
        Share or factor, >= 0.
    """

    kind: str
    at_s: float
    until_s: float | None = None
    target: int = 0
    size: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is no fault."""
        name = "Fault"
        v.choice(name, "kind", self.kind, FAULTS)
        v.keep(
            self,
            at_s=v.number(name, "at_s", self.at_s, minimum=0),
            target=v.count(name, "target", self.target, 0),
            size=v.number(name, "size", self.size, minimum=0),
        )
        if self.until_s is not None:
            v.keep(self, until_s=v.number(name, "until_s", self.until_s, minimum=self.at_s))


@dataclass(frozen=True, kw_only=True)
class Autoscaler:
    """Thresholds on the mean load of the servers' cores.

    Parameters
    ----------
    every_s : int
        Whole seconds between decisions, each on the mean load since the last one, >= 1.
    high, low : float
        Above the first servers are added, below the second removed; 0 <= low < high.
    add, remove : int
        How many at a time, >= 1.
    cooldown_s : float
        Seconds after an order in which there is no other, >= 0.
    startup_s : float
        Seconds until a new server takes requests, >= 0; until then nothing is decided.
    min_servers, max_servers : int
        Bounds that are kept.
    """

    every_s: int
    high: float
    low: float
    add: int
    remove: int
    cooldown_s: float
    startup_s: float
    min_servers: int
    max_servers: int

    def __post_init__(self) -> None:
        """Refuse what is no autoscaler."""
        name = "Autoscaler"
        v.keep(self, high=v.number(name, "high", self.high))
        if v.number(name, "low", self.low, minimum=0) >= self.high:
            v.refuse(name, "low", f"be < high={self.high:g}", self.low)
        least = v.count(name, "min_servers", self.min_servers, maximum=v.MOST_STEPS)
        v.keep(
            self,
            every_s=v.count(name, "every_s", self.every_s, maximum=v.MOST_STEPS),
            add=v.count(name, "add", self.add, maximum=v.MOST_STEPS),
            remove=v.count(name, "remove", self.remove, maximum=v.MOST_STEPS),
            cooldown_s=v.number(name, "cooldown_s", self.cooldown_s, minimum=0),
            startup_s=v.number(name, "startup_s", self.startup_s, minimum=0),
            max_servers=v.count(name, "max_servers", self.max_servers, least, 10_000),
        )
