"""Arguments of the models of availability, replication, quorums, placement and stampedes."""

from support.bad_values import (
    NEGATIVE,
    NOT_A_COUNT,
    NOT_A_COUNT_OR_ZERO,
    NOT_A_SHARE,
    NOT_POSITIVE,
)

from scalelab.models.lag_laws import ConstantLag, ExponentialLag, LogNormalLag, UniformSumLag
from scalelab.models.quorum import ExponentialWars

NOT_INSIDE = [*NOT_A_SHARE, 0, 1]  # the open interval
NOT_COUNTS = [0, -3, 2.5, True, "2", None, [1, 0], [1.5, 2.0]]
NOT_A_LAW = [None, 1.0, "lognormal", object()]
NOT_PARTS = [[], 3.0, [0.5, 1.5], [-0.1], ["a"], None]
LAG = {"lag": (LogNormalLag(median_s=0.1, log_sd=1.0), NOT_A_LAW)}
LAW = {"law": (LogNormalLag(median_s=0.1, log_sd=1.0), NOT_A_LAW)}
OF_REPLICAS = {"needed": (2, [*NOT_A_COUNT, 4]), "replicas": (3, [*NOT_A_COUNT, 1_001])}
QUORUM = {
    "replicas": (3, [*NOT_A_COUNT, 1_001]),
    "read_quorum": (1, [*NOT_A_COUNT, 4]),
    "write_quorum": (2, [*NOT_A_COUNT, 4]),
}
DELAYS = {"write_s": 0.01, "acknowledge_s": 0.01, "read_s": 0.01, "respond_s": 0.01}
LAWS = {
    "LogNormalLag": lambda: LogNormalLag(median_s=0.1, log_sd=1.0),
    "ExponentialLag": lambda: ExponentialLag(mean_s=0.1),
    "ConstantLag": lambda: ConstantLag(mean_s=0.1),
    "UniformSumLag": lambda: UniformSumLag(stages_s=((0.1, 0.5), (0.0, 1.0))),
}
TAILS = {
    f"models.lag_laws.{law}.tail": {"self": make, "t_s": (0.3, NEGATIVE)}
    for law, make in LAWS.items()
}
QUANTILES = {
    f"models.lag_laws.{law}.quantile": {"self": make, "q": (0.3, NOT_INSIDE)}
    for law, make in LAWS.items()
}
TABLE = {
    **TAILS,
    **QUANTILES,
    "models.lag_laws.LogNormalLag": {
        "median_s": (0.1, NOT_POSITIVE),
        "log_sd": (1.0, [*NOT_POSITIVE, 21]),
    },
    "models.lag_laws.ExponentialLag": {"mean_s": (0.1, NOT_POSITIVE)},
    "models.lag_laws.ConstantLag": {"mean_s": (0.1, NOT_POSITIVE)},
    "models.lag_laws.UniformSumLag": {
        "stages_s": (
            ((0.0, 1.0),),
            [None, (), 1.0, ((1.0, 1.0),), ((-1.0, 1.0),), ((0.0, 1.0),) * 9, (("a", "b"),)],
        )
    },
    "models.lag_laws.lognormal_from_percentiles": {
        "low_s": (0.01, [*NOT_POSITIVE, 5.0]),
        "high_s": (5.0, NOT_POSITIVE),
        "low_share": (0.05, [*NOT_INSIDE, 0.95]),
        "high_share": (0.95, NOT_INSIDE),
    },
    "models.availability.serial_availability": {"availability": ([0.9, 0.99], NOT_PARTS)},
    "models.availability.parallel_availability": {"availability": ([0.9, 0.99], NOT_PARTS)},
    "models.availability.k_of_n_availability": {
        "availability": (0.99, NOT_A_SHARE),
        "needed": (2, [*NOT_A_COUNT_OR_ZERO, 4]),
        "nodes": (3, [*NOT_A_COUNT, 1_001]),
    },
    "models.availability.majority_availability": {
        "availability": (0.99, NOT_A_SHARE),
        "nodes": (3, [*NOT_A_COUNT, 1_001]),
    },
    "models.availability.some_down_probability": {
        "availability": (0.99, NOT_A_SHARE),
        "down": (2, [*NOT_A_COUNT_OR_ZERO, 4]),
        "nodes": (3, [*NOT_A_COUNT, 1_001]),
    },
    "models.availability.downtime_s_per_year": {"availability": (0.99, NOT_A_SHARE)},
    "models.availability.availability_of_outages": {
        "outages_per_year": (12.0, [*NEGATIVE, 1e6]),
        "outage_s": (120.0, [*NEGATIVE, 1e7]),
    },
    "models.replication.read_capacity": {
        "replicas": (10.0, [*NOT_POSITIVE, 0.5]),
        "reads_per_write": (9.0, NEGATIVE),
    },
    "models.replication.write_utilisation": {
        "replicas": (10.0, [*NOT_POSITIVE, 0.5]),
        "reads_per_write": (9.0, NEGATIVE),
    },
    "models.replication.safe_read_load_per_s": {
        "node_capacity_per_s": (1e4, NOT_POSITIVE),
        "replicas": (3, NOT_A_COUNT),
        "max_utilisation": (0.7, [*NOT_A_SHARE, 0]),
        "write_share": (0.1, [*NEGATIVE, 0.7]),
        "lost": (1, [*NOT_A_COUNT_OR_ZERO, 3]),
    },
    "models.replication.most_replicas": {"overhead_share": (0.1, [*NOT_A_SHARE, 0])},
    "models.replication.lost_writes": {
        "lag_s": (0.1, NEGATIVE),
        "write_rate_per_s": (1e3, NOT_POSITIVE),
    },
    "models.replication.pinned_share": {
        "window_s": (1.0, NEGATIVE),
        "write_rate_per_s": (0.1, NOT_POSITIVE),
    },
    "models.replication.needed_replicas": {
        "capacity_factor": (5.0, [*NOT_POSITIVE, 0.5, 10]),
        "reads_per_write": (9.0, NEGATIVE),
    },
    "models.staleness.stale_share": {**LAG, "since_write_s": (0.5, NEGATIVE)},
    "models.staleness.safe_window_s": {**LAG, "max_stale_share": (0.01, NOT_INSIDE)},
    "models.staleness.backward_read_probability": {
        **LAG,
        "first_read_s": (0.2, NEGATIVE),
        "second_read_s": (0.3, [*NEGATIVE, 0.1]),
        "replicas": (3, NOT_A_COUNT),
    },
    "models.write_latency.kth_exponential_mean_s": {**OF_REPLICAS, "mean_s": (0.01, NOT_POSITIVE)},
    "models.write_latency.kth_latency_tail": {**LAW, "t_s": (0.1, NEGATIVE), **OF_REPLICAS},
    "models.write_latency.kth_latency_percentile_s": {
        **LAW,
        "q": (0.99, NOT_INSIDE),
        **OF_REPLICAS,
    },
    "models.write_latency.kth_latency_mean_s": {**LAW, **OF_REPLICAS},
    "models.quorum.ExponentialWars": dict.fromkeys(DELAYS, (0.01, NOT_POSITIVE)),
    "models.quorum.miss_probability": QUORUM,
    "models.quorum.k_staleness": {**QUORUM, "versions": (2, NOT_COUNTS)},
    "models.quorum.monotonic_violation": {**QUORUM, "writes_per_read": (1.0, NEGATIVE)},
    "models.quorum.stale_read_probability": {
        "delays": (ExponentialWars(**DELAYS), [None, 0.01, DELAYS]),
        "since_write_s": (0.01, NEGATIVE),
        **QUORUM,
        "replicas": (3, [*NOT_A_COUNT, 101]),
    },
    "models.tail_at_scale.fanout_slow_share": {
        "leaf_quantile": (0.99, NOT_A_SHARE),
        "fanout": (10, NOT_COUNTS),
    },
    "models.tail_at_scale.leaf_quantile_needed": {
        "quantile": (0.5, NOT_A_SHARE),
        "fanout": (10, NOT_COUNTS),
    },
    "models.tail_at_scale.fanout_quantile_s": {
        **LAW,
        "quantile": (0.5, NOT_INSIDE),
        "fanout": (10, NOT_COUNTS),
    },
    "models.tail_at_scale.hedged_tail": {
        **LAW,
        "t_s": (0.1, NEGATIVE),
        "hedge_after_s": (0.05, NEGATIVE),
    },
    "models.placement.modulo_moved_share": {
        "nodes_before": (3, NOT_A_COUNT),
        "nodes_after": (4, NOT_A_COUNT),
    },
    "models.placement.minimum_moved_share": {
        "nodes_before": (3, NOT_COUNTS),
        "nodes_after": (4, NOT_COUNTS),
    },
    "models.placement.ring_moved_share_sd": {
        "nodes_before": (3, NOT_COUNTS),
        "virtual_nodes": (100, NOT_COUNTS),
    },
    "models.placement.ring_peak_to_mean": {
        "nodes": (3, [*NOT_A_COUNT, 10_001]),
        "virtual_nodes": (10, [*NOT_A_COUNT, 1_001]),
    },
    "models.placement.maglev_peak_to_mean": {
        "nodes": (3, NOT_COUNTS),
        "table_size": (13, [*NOT_COUNTS, 2]),
    },
    "models.placement.slots_moved_share": {
        "slots": (16, NOT_A_COUNT),
        "nodes_before": (3, [*NOT_A_COUNT, 17]),
        "nodes_after": (4, [*NOT_A_COUNT, 17]),
    },
    "models.placement.lost_share": {"nodes": (3, NOT_COUNTS)},
    "models.placement.wrong_server_share": {"nodes": (3, NOT_COUNTS)},
    "models.stampede.redundant_recomputations": {
        "request_rate_per_s": (1e3, NOT_POSITIVE),
        "recompute_s": (0.05, NEGATIVE),
    },
    "models.stampede.early_recomputation": {
        "request_rate_per_s": (1e3, NOT_POSITIVE),
        "recompute_s": (0.05, NOT_POSITIVE),
        "beta": (1.0, [*NOT_POSITIVE, 0.001, 1_000]),
    },
    "models.stampede.mass_expiry_misses": {
        "keys": (100, NOT_A_COUNT),
        "request_rate_per_s": (1e3, NOT_POSITIVE),
        "window_s": (1.0, NEGATIVE),
    },
    "models.stampede.jittered_expiry_rate_per_s": {
        "keys": (100, NOT_A_COUNT),
        "ttl_s": (600.0, NOT_POSITIVE),
        "jitter_share": (0.1, [*NOT_A_SHARE, 0]),
    },
    "models.races.arrival_within": {"rate_per_s": (1.0, NOT_POSITIVE), "window_s": (1.0, NEGATIVE)},
}
