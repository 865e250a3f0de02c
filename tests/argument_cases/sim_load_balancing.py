"""Arguments of the load balancer."""

from support import kinds as k
from support.kinds import RNG

TABLE = {
    "sim.load_balancing.balanced_run": {
        "arrival_times_s": k.TIMES([1.0, 2.0]),
        "service_times_s": k.TIMES([1.0, 2.0], [1.0], [1.0, 2.0, 3.0]),
        "servers": k.COUNT(2),
        "policy": k.CHOICE("power_of_d"),
        "rng": k.GENERATOR(RNG),
        "choices": k.COUNT(2, 3),
        "clients": k.ONLY(None, [1], [1.0, 2.0], ["a", "b"], 3, [[1, 2]]),
    }
}
