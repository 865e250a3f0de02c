"""What a whole system consists of: the description that the planner and the simulation share.

A request comes through the balancer to an app server, works there, asks the session store if
there is one, looks into the cache if it reads, and goes on to the database, over one of the
server's connections, if it writes or missed. `Demand` says what comes; the other parts say what is
there. None of them knows a price or a fault.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scalelab import _validate as v
from scalelab.workloads.popularity import zipf_popularity

MOST_KEYS = 1_000_000
MOST_NODES = 10_000
ROUTINGS = ("random", "fewest outstanding")
FILLS = ("replica", "primary")
PLACEMENTS = ("hash", "range")


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Requests that come, and the work that each of them is.

    Parameters
    ----------
    rate_per_s : float
        Poisson requests per second, > 0.
    write_share : float
        Share of the requests that write, in [0, 1].
    keys : int
        Different keys, from 1 to a million.
    zipf_exponent : float
        How much more often the popular keys are asked for, >= 0; reads and writes alike.
    work_scv : float
        Squared coefficient of variation of the work at each tier, >= 0: 0 is constant work, 1 is
        exponential, anything else is log-normal. The tiers' works are independent.

    Examples
    --------
    >>> demand = Demand(rate_per_s=900.0, keys=4, zipf_exponent=1.0)
    >>> demand.popularity().round(2)
    array([0.48, 0.24, 0.16, 0.12])
    """

    rate_per_s: float
    write_share: float = 0.1
    keys: int = 100_000
    zipf_exponent: float = 0.9
    work_scv: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is no demand."""
        name = "Demand"
        v.keep(
            self,
            rate_per_s=v.number(name, "rate_per_s", self.rate_per_s),
            write_share=_share(name, "write_share", self.write_share),
            keys=v.count(name, "keys", self.keys, maximum=MOST_KEYS),
            zipf_exponent=v.number(name, "zipf_exponent", self.zipf_exponent, minimum=0),
            work_scv=v.number(name, "work_scv", self.work_scv, minimum=0),
        )

    def popularity(self) -> v.FloatArray:
        """Share of each key in the requests, the most popular first, shape (keys,)."""
        return zipf_popularity(self.keys, self.zipf_exponent)


@dataclass(frozen=True, kw_only=True)
class AppTier:
    """App servers behind a balancer.

    Parameters
    ----------
    servers : int
        Equal servers, from 1 to 10,000, each with a line of its own.
    cores : int
        Requests that one server works on at a time, >= 1.
    app_s : float
        Mean work of a request, in seconds of one core, > 0.
    routing : str
        "random", or "fewest outstanding": to the server with the fewest unanswered requests,
        the first of those from a random one on.
    """

    servers: int = 2
    cores: int = 4
    app_s: float = 0.010
    routing: str = "random"

    def __post_init__(self) -> None:
        """Refuse what is no tier."""
        name = "AppTier"
        v.choice(name, "routing", self.routing, ROUTINGS)
        v.keep(
            self,
            servers=v.count(name, "servers", self.servers, maximum=MOST_NODES),
            cores=v.count(name, "cores", self.cores, maximum=MOST_NODES),
            app_s=v.number(name, "app_s", self.app_s),
        )


@dataclass(frozen=True, kw_only=True)
class Cache:
    """One cache for all servers, beside the database: LRU, and a write makes its key invalid.

    An invalid entry keeps its place until LRU takes it, or a fill makes it valid again.

    Parameters
    ----------
    capacity : int
        Entries that fit, >= 1.
    ttl_s : float or None
        Seconds after which a fill is forgotten, > 0; None for never.
    lookup_s : float
        Seconds that a read spends on looking, hit or miss, >= 0; always the same.
    fill : str
        Where a miss reads: "replica", if there are any, or "primary". Whoever misses reads for
        himself, also while another fills the same key.
    """

    capacity: int
    ttl_s: float | None = None
    lookup_s: float = 0.001
    fill: str = "replica"

    def __post_init__(self) -> None:
        """Refuse what is no cache."""
        name = "Cache"
        v.choice(name, "fill", self.fill, FILLS)
        v.keep(
            self,
            capacity=v.count(name, "capacity", self.capacity),
            lookup_s=v.number(name, "lookup_s", self.lookup_s, minimum=0),
        )
        if self.ttl_s is not None:
            v.keep(self, ttl_s=v.number(name, "ttl_s", self.ttl_s))


@dataclass(frozen=True, kw_only=True)
class SessionStore:
    """A store that every request asks once, after its work on the app server.

    Parameters
    ----------
    cores : int
        Requests that it serves at a time, >= 1, from one line.
    visit_s : float
        Mean work of a visit, in seconds of one core, > 0.
    rtt_s : float
        Round trip to it and back in seconds, >= 0.
    """

    cores: int = 2
    visit_s: float = 0.0002
    rtt_s: float = 0.0005

    def __post_init__(self) -> None:
        """Refuse what is no store."""
        name = "SessionStore"
        v.keep(
            self,
            cores=v.count(name, "cores", self.cores, maximum=MOST_NODES),
            visit_s=v.number(name, "visit_s", self.visit_s),
            rtt_s=v.number(name, "rtt_s", self.rtt_s, minimum=0),
        )


@dataclass(frozen=True, kw_only=True)
class Database:
    """A database of shards, each a primary with its replicas.

    Parameters
    ----------
    shards : int
        Primaries, each with its own keys, from 1 to 10,000.
    replicas : int
        Replicas of each primary, from 0 to 100. If there are any, reads go to one of them at
        random, unless `Cache.fill` says otherwise.
    cores : int
        Of each node, >= 1: queries that it works on at a time, from one line.
    read_s, write_s, apply_s : float
        Mean work of a read, of a write, and of applying a write on a replica, in seconds of one
        core, > 0. A replica applies one write at a time, in order, beside its reads.
    rtt_s : float
        Round trip from an app server to a node and back in seconds, >= 0, half of it each way.
    delay_s : float
        Seconds from a commit until its log is at a replica, >= 0; always the same.
    sync_replicas : int
        Replicas that must have the log of a write before it is acknowledged, from 0 to
        `replicas`; that takes `delay_s` and half a round trip back.
    connections : int
        In the pool of each app server, >= 1, to whatever node: one is held from the time that a
        request gets it until the answer is back at the server.
    placement : str
        "hash", which spreads the popular keys, or "range", which puts them together.
    """

    shards: int = 1
    replicas: int = 0
    cores: int = 4
    read_s: float = 0.004
    write_s: float = 0.006
    apply_s: float = 0.001
    rtt_s: float = 0.001
    delay_s: float = 0.005
    sync_replicas: int = 0
    connections: int = 20
    placement: str = "hash"

    def __post_init__(self) -> None:
        """Refuse what is no database."""
        name = "Database"
        v.choice(name, "placement", self.placement, PLACEMENTS)
        replicas = v.count(name, "replicas", self.replicas, 0, 100)
        v.keep(
            self,
            shards=v.count(name, "shards", self.shards, maximum=MOST_NODES),
            replicas=replicas,
            cores=v.count(name, "cores", self.cores, maximum=MOST_NODES),
            read_s=v.number(name, "read_s", self.read_s),
            write_s=v.number(name, "write_s", self.write_s),
            apply_s=v.number(name, "apply_s", self.apply_s),
            rtt_s=v.number(name, "rtt_s", self.rtt_s, minimum=0),
            delay_s=v.number(name, "delay_s", self.delay_s, minimum=0),
            sync_replicas=v.count(name, "sync_replicas", self.sync_replicas, 0, replicas),
            connections=v.count(name, "connections", self.connections, maximum=MOST_NODES),
        )


@dataclass(frozen=True, kw_only=True)
class System:
    """A demand and all that serves it.

    Parameters
    ----------
    demand : Demand
        What comes.
    app : AppTier
        Balancer and servers.
    database : Database
        Primaries, replicas, and the pools in front of them.
    cache : Cache or None
        None if there is none.
    sessions : SessionStore or None
        None if the servers keep the sessions themselves, or there are none.

    Examples
    --------
    >>> system = System(demand=Demand(rate_per_s=900.0), cache=Cache(capacity=5_000))
    >>> system.database.replicas, system.sessions
    (0, None)
    """

    demand: Demand
    app: AppTier = field(default_factory=AppTier)
    database: Database = field(default_factory=Database)
    cache: Cache | None = None
    sessions: SessionStore | None = None

    def __post_init__(self) -> None:
        """Refuse parts of another kind."""
        kinds = {"demand": Demand, "app": AppTier, "database": Database}
        may_lack = {"cache": Cache, "sessions": SessionStore}
        for part, kind in (kinds | may_lack).items():
            value = getattr(self, part)
            if not isinstance(value, kind) and not (part in may_lack and value is None):
                or_none = " or None" if part in may_lack else ""
                v.refuse("System", part, f"be of the class {kind.__name__}{or_none}", value)

    @property
    def reads_at_replica(self) -> bool:
        """Whether the reads that come to the database go to replicas."""
        from_primary = self.cache is not None and self.cache.fill == "primary"
        return self.database.replicas > 0 and not from_primary


def _share(function: str, argument: str, value: float) -> float:
    return float(v.fraction(function, argument, v.number(function, argument, value, minimum=0)))
