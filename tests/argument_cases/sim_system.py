"""Arguments of the event simulation of a system."""

from support import kinds as k

from scalelab.models.system_parts import Cache, Demand, System
from scalelab.sim.system import draw_requests
from scalelab.sim.system_needs import FAULTS, Autoscaler, Clients, Fault, Guards

SYSTEM = System(demand=Demand(rate_per_s=50.0, keys=3), cache=Cache(capacity=2))
TRACE = draw_requests(SYSTEM, 50.0, 2, rng=k.RNG)
SECONDS = k.COUNT(2, 100_001)
SOME = k.COUNT(3, 1_000_001)
CLIENTS, GUARDS = Clients(), Guards()
SCALER = Autoscaler(
    every_s=1,
    high=0.6,
    low=0.3,
    add=1,
    remove=1,
    cooldown_s=1,
    startup_s=1,
    min_servers=1,
    max_servers=4,
)

TABLE = {
    "sim.system_needs.Clients": {
        "timeout_s": k.POSITIVE.or_none()(0.5),
        "retries": k.COUNT_OR_ZERO(2, 11),
        "backoff_s": k.NOT_NEGATIVE(0.1),
        "retry_budget": k.NOT_NEGATIVE.or_none()(0.1),
    },
    "sim.system_needs.Guards": {
        "line_limit": k.COUNT_OR_ZERO.or_none()(20),
        "checks_deadline": k.TRUTH(True),
        "fills_when_left": k.TRUTH(True),
        "keeps_connection": k.TRUTH(True),
        "connect_s": k.NOT_NEGATIVE(0.01),
        "single_flight": k.TRUTH(True),
        "ttl_jitter": k.SHARE(0.5),
        "pool_timeout_s": k.POSITIVE.or_none()(0.2),
        "ejects": k.TRUTH(True),
    },
    "sim.system_needs.Fault": {
        "kind": k.CHOICE(FAULTS[0]),
        "at_s": k.NOT_NEGATIVE(3.0),
        "until_s": k.NOT_NEGATIVE.or_none()(4.0, 2.0),
        "target": k.COUNT_OR_ZERO(1),
        "size": k.NOT_NEGATIVE(2.0),
    },
    "sim.system_needs.Autoscaler": {
        "every_s": SOME,
        "high": k.POSITIVE(0.6),
        "low": k.NOT_NEGATIVE(0.3, 0.6, 0.7),
        "add": SOME,
        "remove": SOME,
        "cooldown_s": k.NOT_NEGATIVE(10.0),
        "startup_s": k.NOT_NEGATIVE(10.0),
        "min_servers": k.COUNT(1, 1_000_001),
        "max_servers": k.COUNT(4, 10_001),
    },
    "sim.system.draw_requests": {
        "system": k.ONLY(SYSTEM, None, 3, CLIENTS),
        "rate_per_s": k.NOT_NEGATIVE(50.0, [1.0, 2.0, 3.0]),
        "duration_s": SECONDS,
        "rng": k.GENERATOR(k.RNG),
    },
    "sim.system.simulate_system": {
        "system": k.ONLY(SYSTEM, None, 3, CLIENTS),
        "duration_s": SECONDS,
        "trace": k.ONLY(TRACE, 3, SYSTEM, [1.0]),
        "clients": k.ONLY(CLIENTS, 3, SYSTEM, GUARDS),
        "guards": k.ONLY(GUARDS, 3, SYSTEM, CLIENTS),
        "faults": k.ONLY([Fault(kind="cache flush", at_s=1.0)], None, 3, [3], [CLIENTS]),
        "autoscaler": k.ONLY(SCALER, 3, SYSTEM),
        "read_cost": k.POSITIVE(2.0, [1.0, 2.0]),
        "warm": k.TRUTH(True),
        "correlated": k.TRUTH(True),
        "pareto_shape": k.ABOVE_ONE.or_none()(2.5),
        "rng": k.GENERATOR(k.RNG),
    },
}
