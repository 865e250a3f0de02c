"""Arguments of what the chapter on connection pooling uses: queues, pools, arrivals."""

import math

import numpy as np
from support import kinds as k
from support.kinds import RNG

RATES = {"arrival_rate_per_s": k.POSITIVE(2.0), "service_rate_per_s": k.POSITIVE(1.0)}
MMC = {**RATES, "servers": k.COUNT(3)}
CLOSED = {
    "think_time_s": k.NOT_NEGATIVE(1.0),
    "service_time_s": k.POSITIVE(1.0),
    "servers": k.COUNT(2),
}
USL = {"sigma": k.SHARE(0.1), "kappa": k.NOT_NEGATIVE(0.1)}
LINE = {
    "arrival_times_s": k.TIMES([1.0, 2.0]),
    "service_times_s": k.TIMES([1.0, 2.0], [1.0], [1.0, 2.0, 3.0]),
}
SAMPLES = {"samples": k.ONLY([1.0, 2.0], [1.0], [], 3.0, [1.0, math.nan])}
RATE = {"rate_per_s": k.POSITIVE(2.0)}
COUNT = {"count": k.COUNT(3)}
MEAN = {"mean_s": k.POSITIVE(2.0), **COUNT}
SOURCE = {"rng": k.GENERATOR(RNG)}

TABLE = {
    "models.operational_laws.mean_number": {
        "throughput_per_s": k.POSITIVE(1.0),
        "mean_time_s": k.NOT_NEGATIVE(1.0),
    },
    "models.operational_laws.utilisation": {
        "arrival_rate_per_s": k.POSITIVE(1.0),
        "service_time_s": k.POSITIVE(1.0),
        "servers": k.COUNT(2),
    },
    "models.operational_laws.saturation_users": CLOSED,
    "models.erlang.erlang_c": MMC,
    "models.erlang.mm1_mean_response_s": {**RATES, "service_rate_per_s": k.POSITIVE(3.0)},
    "models.erlang.mmc_mean_wait_s": MMC,
    "models.erlang.mmc_mean_response_s": MMC,
    "models.waiting_times.mmc_wait_percentile_s": {"q": k.SHARE(0.5, 1), **MMC},
    "models.waiting_times.mmc_response_percentile_s": {"q": k.SHARE(0.5, 1), **MMC},
    "models.staffing.smallest_servers": {**RATES, "max_wait_probability": k.SHARE(0.1, 0)},
    "models.staffing.smallest_servers_for_response": {
        **RATES,
        "percentile": k.SHARE(0.5, 0, 1),
        "max_response_s": k.POSITIVE(9.0, 0.1),
    },
    "models.finite_queues.mmc_abandonment": {**MMC, "patience_s": k.NOT_NEGATIVE(1.0)},
    "models.closed_queue.machine_repairman": {"customers": k.COUNT(3), **CLOSED},
    "models.closed_queue.machine_repairman_curve": {"max_customers": k.COUNT(3), **CLOSED},
    "models.closed_queue.smallest_population": {"share": k.SHARE(0.9, 0, 1), **CLOSED},
    "models.round_trips.connection_account": {
        "rtt_s": k.NOT_NEGATIVE(0.1),
        "tls": k.ONLY(None, "1.1", 1.3, ["1.3"]),
        "tls_retry": k.TRUTH(False, True),  # without TLS
        "validate_on_borrow": k.TRUTH(True),
        "driver_statements": k.ONLY(1, -1, 0.5, None),
        "setup_work_s": k.NOT_NEGATIVE(0.0),
        "query_work_s": k.NOT_NEGATIVE(0.0),
    },
    "models.round_trips.valkey_account": {
        "rtt_s": k.NOT_NEGATIVE(0.1),
        "setup_commands": k.ONLY(1, -1, 0.5, None),
    },
    "models.amdahl.amdahl_speedup": {"n": k.POSITIVE(2.0, 0.5), "serial_fraction": k.SHARE(0.1)},
    "models.usl.usl_capacity": {"n": k.POSITIVE(2.0, 0.5), **USL},
    "models.usl.usl_peak": USL,
    "workloads.arrivals.poisson_arrivals_s": {**RATE, **COUNT, **SOURCE},
    "workloads.arrivals.poisson_arrivals_until_s": {**RATE, "horizon_s": k.POSITIVE(3.0), **SOURCE},
    "workloads.varying_arrivals.varying_arrivals_s": {
        "rate_at": k.ONLY(
            np.ones_like, 3.0, lambda t: -1 - t, lambda t: 9 + t, lambda t: [1.0, 1.0]
        ),
        "max_rate_per_s": k.POSITIVE(5.0),
        "horizon_s": k.POSITIVE(30.0),
        **SOURCE,
    },
    "workloads.varying_arrivals.storm_arrivals_s": {
        "base_rate_per_s": k.POSITIVE(1.0),
        "storm_rate_per_s": k.POSITIVE(1.0),
        "storm_start_s": k.NOT_NEGATIVE(1.0),
        "storm_end_s": k.NOT_NEGATIVE(2.0, 0.5),
        "horizon_s": k.POSITIVE(3.0),
        **SOURCE,
    },
    "workloads.service_times.exponential_times_s": {**MEAN, **SOURCE},
    "workloads.service_times.lognormal_times_s": {**MEAN, "scv": k.POSITIVE(1.0), **SOURCE},
    "workloads.service_times.hyperexponential_times_s": {
        **MEAN,
        "scv": k.POSITIVE(1.0, 0.5),
        **SOURCE,
    },
    "sim.queue.queue_waits_s": {**LINE, "servers": k.COUNT(2)},
    "sim.pool.pool_waits_s": {
        **LINE,
        "connections": k.COUNT(2),
        "acquire_timeout_s": k.NOT_NEGATIVE(1.0),
    },
    "sim.closed.closed_run": {
        "think_times_s": k.TIMES([1.0, 2.0]),
        "service_times_s": k.TIMES([1.0, 2.0], [1.0], [1.0, 2.0, 3.0]),
        "customers": k.COUNT(1, 3),
        "servers": k.COUNT(2),
    },
    "sim.statistics.estimate": SAMPLES,
}
