"""Arguments of the parts of a system, and of what the planner makes of them."""

from support import kinds as k

from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System

ONE = [1.0, 2.0]
COUNT = k.COUNT.but(1e6, [1, 2])
POSITIVE = k.POSITIVE.but(ONE)
NOT_NEGATIVE = k.NOT_NEGATIVE.but(ONE)
DEMAND = Demand(rate_per_s=300.0, keys=1_000)
PARTS = {
    "demand": k.ONLY(DEMAND, None, 3, AppTier()),
    "app": k.ONLY(AppTier(), None, 3, DEMAND),
    "database": k.ONLY(Database(), None, 3, DEMAND),
    "cache": k.ONLY(Cache(capacity=10), 3, DEMAND),
    "sessions": k.ONLY(SessionStore(), 3, DEMAND),
}

TABLE = {
    "models.system_parts.Demand": {
        "rate_per_s": POSITIVE(100.0),
        "write_share": k.SHARE(0.1, ONE),
        "keys": COUNT(1_000),
        "zipf_exponent": NOT_NEGATIVE(0.9),
        "work_scv": NOT_NEGATIVE(1.0),
    },
    "models.system_parts.AppTier": {
        "servers": COUNT(2),
        "cores": COUNT(4),
        "app_s": POSITIVE(0.01),
        "routing": k.CHOICE("random"),
    },
    "models.system_parts.Cache": {
        "capacity": COUNT(100),
        "ttl_s": POSITIVE.or_none()(30.0),
        "lookup_s": NOT_NEGATIVE(0.001),
        "fill": k.CHOICE("primary"),
    },
    "models.system_parts.SessionStore": {
        "cores": COUNT(2),
        "visit_s": POSITIVE(0.0002),
        "rtt_s": NOT_NEGATIVE(0.0005),
    },
    "models.system_parts.Database": {
        "shards": COUNT(2),
        "replicas": k.COUNT_OR_ZERO(2, 101),
        "cores": COUNT(4),
        "read_s": POSITIVE(0.004),
        "write_s": POSITIVE(0.006),
        "apply_s": POSITIVE(0.001),
        "rtt_s": NOT_NEGATIVE(0.001),
        "delay_s": NOT_NEGATIVE(0.005),
        "sync_replicas": k.COUNT_OR_ZERO(1, 3),
        "connections": COUNT(20),
        "placement": k.CHOICE("range"),
    },
    "models.system_parts.System": PARTS,
    "sim.shard_map.shard_of_keys": {
        "keys": COUNT(100),
        "shards": COUNT(4),
        "placement": k.CHOICE("hash"),
    },
}
