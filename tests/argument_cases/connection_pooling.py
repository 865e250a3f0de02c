"""Arguments of what the chapter on connection pooling uses: queues, pools, arrivals."""

import math

import numpy as np
from support.bad_values import (
    NEGATIVE,
    NOT_A_COUNT,
    NOT_A_GENERATOR,
    NOT_A_SHARE,
    NOT_POSITIVE,
    NOT_TIMES,
    RNG,
)

RATES = {"arrival_rate_per_s": (2.0, NOT_POSITIVE), "service_rate_per_s": (1.0, NOT_POSITIVE)}
MMC = {**RATES, "servers": (3, NOT_A_COUNT)}
CLOSED = {
    "think_time_s": (1.0, NEGATIVE),
    "service_time_s": (1.0, NOT_POSITIVE),
    "servers": (2, NOT_A_COUNT),
}
USL = {"sigma": (0.1, NOT_A_SHARE), "kappa": (0.1, NEGATIVE)}
LINE = {
    "arrival_times_s": ([1.0, 2.0], NOT_TIMES),
    "service_times_s": ([1.0, 2.0], [*NOT_TIMES, [1.0], [1.0, 2.0, 3.0]]),
}
SAMPLES = {"samples": ([1.0, 2.0], [[1.0], [], 3.0, [1.0, math.nan]])}
RATE = {"rate_per_s": (2.0, NOT_POSITIVE)}
COUNT = {"count": (3, NOT_A_COUNT)}
MEAN = {"mean_s": (2.0, NOT_POSITIVE), **COUNT}
SOURCE = {"rng": (RNG, NOT_A_GENERATOR)}

TABLE = {
    "models.operational_laws.mean_number": {
        "throughput_per_s": (1.0, NOT_POSITIVE),
        "mean_time_s": (1.0, NEGATIVE),
    },
    "models.operational_laws.utilisation": {
        "arrival_rate_per_s": (1.0, NOT_POSITIVE),
        "service_time_s": (1.0, NOT_POSITIVE),
        "servers": (2, NOT_A_COUNT),
    },
    "models.operational_laws.saturation_users": CLOSED,
    "models.erlang.erlang_c": MMC,
    "models.erlang.mm1_mean_response_s": {**RATES, "service_rate_per_s": (3.0, NOT_POSITIVE)},
    "models.erlang.mmc_mean_wait_s": MMC,
    "models.erlang.mmc_mean_response_s": MMC,
    "models.waiting_times.mmc_wait_percentile_s": {"q": (0.5, [*NOT_A_SHARE, 1]), **MMC},
    "models.waiting_times.mmc_response_percentile_s": {"q": (0.5, [*NOT_A_SHARE, 1]), **MMC},
    "models.staffing.smallest_servers": {
        **RATES,
        "max_wait_probability": (0.1, [*NOT_A_SHARE, 0]),
    },
    "models.staffing.smallest_servers_for_response": {
        **RATES,
        "percentile": (0.5, [*NOT_A_SHARE, 0, 1]),
        "max_response_s": (9.0, [*NOT_POSITIVE, 0.1]),
    },
    "models.finite_queues.mmc_abandonment": {**MMC, "patience_s": (1.0, NEGATIVE)},
    "models.closed_queue.machine_repairman": {"customers": (3, NOT_A_COUNT), **CLOSED},
    "models.closed_queue.machine_repairman_curve": {"max_customers": (3, NOT_A_COUNT), **CLOSED},
    "models.closed_queue.smallest_population": {"share": (0.9, [*NOT_A_SHARE, 0, 1]), **CLOSED},
    "models.round_trips.connection_account": {
        "rtt_s": (0.1, NEGATIVE),
        "tls": (None, ["1.1", 1.3, ["1.3"]]),
        "tls_retry": (False, [True]),  # without TLS
        "authentication": ("md5", ["kerberos", None]),
        "driver_statements": (1, [-1, 0.5, None]),
        "setup_work_s": (0.0, NEGATIVE),
        "query_work_s": (0.0, NEGATIVE),
        "close_work_s": (0.0, NEGATIVE),
    },
    "models.round_trips.valkey_account": {
        "rtt_s": (0.1, NEGATIVE),
        "tls": (None, ["1.1"]),
        "setup_commands": (1, [-1, 0.5, None]),
        "setup_work_s": (0.0, NEGATIVE),
        "command_work_s": (0.0, NEGATIVE),
    },
    "models.amdahl.amdahl_speedup": {
        "n": (2.0, [*NOT_POSITIVE, 0.5]),
        "serial_fraction": (0.1, NOT_A_SHARE),
    },
    "models.usl.usl_capacity": {"n": (2.0, [*NOT_POSITIVE, 0.5]), **USL},
    "models.usl.usl_peak": USL,
    "workloads.arrivals.poisson_arrivals_s": {**RATE, **COUNT, **SOURCE},
    "workloads.arrivals.poisson_arrivals_until_s": {
        **RATE,
        "horizon_s": (3.0, NOT_POSITIVE),
        **SOURCE,
    },
    "workloads.varying_arrivals.varying_arrivals_s": {
        "rate_at": (np.ones_like, [3.0, lambda t: -1 - t, lambda t: 9 + t, lambda t: [1.0, 1.0]]),
        "max_rate_per_s": (5.0, NOT_POSITIVE),
        "horizon_s": (30.0, NOT_POSITIVE),
        **SOURCE,
    },
    "workloads.varying_arrivals.storm_arrivals_s": {
        "base_rate_per_s": (1.0, NOT_POSITIVE),
        "storm_rate_per_s": (1.0, NOT_POSITIVE),
        "storm_start_s": (1.0, NEGATIVE),
        "storm_end_s": (2.0, [*NEGATIVE, 0.5]),
        "horizon_s": (3.0, NOT_POSITIVE),
        **SOURCE,
    },
    "workloads.service_times.exponential_times_s": {**MEAN, **SOURCE},
    "workloads.service_times.lognormal_times_s": {**MEAN, "scv": (1.0, NOT_POSITIVE), **SOURCE},
    "workloads.service_times.hyperexponential_times_s": {
        **MEAN,
        "scv": (1.0, [*NOT_POSITIVE, 0.5]),
        **SOURCE,
    },
    "sim.queue.queue_waits_s": {**LINE, "servers": (2, NOT_A_COUNT)},
    "sim.pool.pool_waits_s": {
        **LINE,
        "connections": (2, NOT_A_COUNT),
        "acquire_timeout_s": (1.0, NEGATIVE),
    },
    "sim.closed.closed_run": {
        "think_times_s": ([1.0, 2.0], NOT_TIMES),
        "service_times_s": ([1.0, 2.0], [*NOT_TIMES, [1.0], [1.0, 2.0, 3.0]]),
        "customers": (1, [*NOT_A_COUNT, 3]),
        "servers": (2, NOT_A_COUNT),
    },
    "sim.statistics.estimate": SAMPLES,
}
