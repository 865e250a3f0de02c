"""Arguments of the load balancer."""

from support.bad_values import NOT_A_COUNT, NOT_A_GENERATOR, NOT_TIMES, RNG

TABLE = {
    "sim.load_balancing.balanced_run": {
        "arrival_times_s": ([1.0, 2.0], NOT_TIMES),
        "service_times_s": ([1.0, 2.0], [*NOT_TIMES, [1.0], [1.0, 2.0, 3.0]]),
        "servers": (2, NOT_A_COUNT),
        "policy": ("power_of_d", ["fastest", "", None, 3]),
        "rng": (RNG, NOT_A_GENERATOR),
        "choices": (2, [*NOT_A_COUNT, 3]),
        "clients": (None, [[1], [1.0, 2.0], ["a", "b"], 3, [[1, 2]]]),
    },
}
