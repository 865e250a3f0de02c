"""Arguments of the models of availability, replication, quorums, placement and stampedes."""

from support import kinds as k

from scalelab.models.lag_laws import ConstantLag, ExponentialLag, LogNormalLag, UniformSumLag
from scalelab.models.quorum import ExponentialWars

# the open interval

A_LAW = k.Kind(None, 1.0, "lognormal", object())
PARTS = k.Kind([], 3.0, [0.5, 1.5], [-0.1], ["a"], None)
LAG = {"lag": A_LAW(LogNormalLag(median_s=0.1, log_sd=1.0))}
LAW = {"law": A_LAW(LogNormalLag(median_s=0.1, log_sd=1.0))}
OF_REPLICAS = {"needed": k.COUNT(2, 4), "replicas": k.COUNT(3, 1_001)}
QUORUM = {
    "replicas": k.COUNT(3, 1_001),
    "read_quorum": k.COUNT(1, 4),
    "write_quorum": k.COUNT(2, 4),
}
DELAYS = {"write_s": 0.01, "acknowledge_s": 0.01, "read_s": 0.01, "respond_s": 0.01}
LAWS = {
    "LogNormalLag": lambda: LogNormalLag(median_s=0.1, log_sd=1.0),
    "ExponentialLag": lambda: ExponentialLag(mean_s=0.1),
    "ConstantLag": lambda: ConstantLag(mean_s=0.1),
    "UniformSumLag": lambda: UniformSumLag(stages_s=((0.1, 0.5), (0.0, 1.0))),
}
TAILS = {
    f"models.lag_laws.{law}.tail": {"self": make, "t_s": k.NOT_NEGATIVE(0.3)}
    for law, make in LAWS.items()
}
QUANTILES = {
    f"models.lag_laws.{law}.quantile": {"self": make, "q": k.INSIDE(0.3)}
    for law, make in LAWS.items()
}
TABLE = {
    **TAILS,
    **QUANTILES,
    "models.lag_laws.LogNormalLag": {"median_s": k.POSITIVE(0.1), "log_sd": k.POSITIVE(1.0, 21)},
    "models.lag_laws.ExponentialLag": {"mean_s": k.POSITIVE(0.1)},
    "models.lag_laws.ConstantLag": {"mean_s": k.POSITIVE(0.1)},
    "models.lag_laws.UniformSumLag": {
        "stages_s": k.ONLY(
            ((0.0, 1.0),),
            None,
            (),
            1.0,
            ((1.0, 1.0),),
            ((-1.0, 1.0),),
            ((0.0, 1.0),) * 9,
            (("a", "b"),),
        )
    },
    "models.lag_laws.lognormal_from_percentiles": {
        "low_s": k.POSITIVE(0.01, 5.0),
        "high_s": k.POSITIVE(5.0),
        "low_share": k.INSIDE(0.05, 0.95),
        "high_share": k.INSIDE(0.95),
    },
    "models.availability.serial_availability": {"availability": PARTS([0.9, 0.99])},
    "models.availability.parallel_availability": {"availability": PARTS([0.9, 0.99])},
    "models.availability.k_of_n_availability": {
        "availability": k.SHARE(0.99),
        "needed": k.COUNT_OR_ZERO(2, 4),
        "nodes": k.COUNT(3, 1_001),
    },
    "models.availability.majority_availability": {
        "availability": k.SHARE(0.99),
        "nodes": k.COUNT(3, 1_001),
    },
    "models.availability.some_down_probability": {
        "availability": k.SHARE(0.99),
        "down": k.COUNT_OR_ZERO(2, 4),
        "nodes": k.COUNT(3, 1_001),
    },
    "models.availability.downtime_s_per_year": {"availability": k.SHARE(0.99)},
    "models.availability.availability_of_outages": {
        "outages_per_year": k.NOT_NEGATIVE(12.0, 1e6),
        "outage_s": k.NOT_NEGATIVE(120.0, 1e7),
    },
    "models.replication.read_capacity": {
        "replicas": k.POSITIVE(10.0, 0.5),
        "reads_per_write": k.NOT_NEGATIVE(9.0),
        "replay_cost": k.SHARE(0.45),
    },
    "models.replication.write_utilisation": {
        "replicas": k.POSITIVE(10.0, 0.5),
        "reads_per_write": k.NOT_NEGATIVE(9.0),
        "replay_cost": k.SHARE(0.45),
    },
    "models.replication.safe_read_load_per_s": {
        "node_capacity_per_s": k.POSITIVE(1e4),
        "replicas": k.COUNT(3),
        "max_utilisation": k.SHARE(0.7, 0),
        "write_share": k.NOT_NEGATIVE(0.1, 0.7),
        "lost": k.COUNT_OR_ZERO(1, 3),
    },
    "models.replication.most_replicas": {"overhead_share": k.SHARE(0.1, 0)},
    "models.replication.lost_writes": {
        "lag_s": k.NOT_NEGATIVE(0.1),
        "write_rate_per_s": k.POSITIVE(1e3),
    },
    "models.replication.pinned_share": {
        "window_s": k.NOT_NEGATIVE(1.0),
        "write_rate_per_s": k.POSITIVE(0.1),
    },
    "models.replication.needed_replicas": {
        "capacity_factor": k.POSITIVE(5.0, 0.5, 10),
        "reads_per_write": k.NOT_NEGATIVE(9.0),
    },
    "models.staleness.stale_share": {**LAG, "since_write_s": k.NOT_NEGATIVE(0.5)},
    "models.staleness.safe_window_s": {**LAG, "max_stale_share": k.INSIDE(0.01)},
    "models.staleness.backward_read_probability": {
        **LAG,
        "first_read_s": k.NOT_NEGATIVE(0.2),
        "second_read_s": k.NOT_NEGATIVE(0.3, 0.1),
        "replicas": k.COUNT(3),
    },
    "models.write_latency.kth_exponential_mean_s": {**OF_REPLICAS, "mean_s": k.POSITIVE(0.01)},
    "models.write_latency.kth_latency_tail": {**LAW, "t_s": k.NOT_NEGATIVE(0.1), **OF_REPLICAS},
    "models.write_latency.kth_latency_percentile_s": {**LAW, "q": k.INSIDE(0.99), **OF_REPLICAS},
    "models.write_latency.kth_latency_mean_s": {**LAW, **OF_REPLICAS},
    "models.quorum.ExponentialWars": dict.fromkeys(DELAYS, k.POSITIVE(0.01)),
    "models.quorum.miss_probability": QUORUM,
    "models.quorum.k_staleness": {**QUORUM, "versions": k.COUNTS(2)},
    "models.quorum.monotonic_violation": {**QUORUM, "writes_per_read": k.NOT_NEGATIVE(1.0)},
    "models.quorum.stale_read_probability": {
        "delays": k.ONLY(ExponentialWars(**DELAYS), None, 0.01, DELAYS),
        "since_write_s": k.NOT_NEGATIVE(0.01),
        **QUORUM,
        "replicas": k.COUNT(3, 101),
    },
    "models.tail_at_scale.fanout_slow_share": {
        "leaf_quantile": k.SHARE(0.99),
        "fanout": k.COUNTS(10),
    },
    "models.tail_at_scale.leaf_quantile_needed": {"quantile": k.SHARE(0.5), "fanout": k.COUNTS(10)},
    "models.tail_at_scale.fanout_quantile_s": {
        **LAW,
        "quantile": k.INSIDE(0.5),
        "fanout": k.COUNTS(10),
    },
    "models.tail_at_scale.hedged_tail": {
        **LAW,
        "t_s": k.NOT_NEGATIVE(0.1),
        "hedge_after_s": k.NOT_NEGATIVE(0.05),
    },
    "models.placement.modulo_moved_share": {"nodes_before": k.COUNT(3), "nodes_after": k.COUNT(4)},
    "models.placement.minimum_moved_share": {
        "nodes_before": k.COUNTS(3),
        "nodes_after": k.COUNTS(4),
    },
    "models.placement.ring_moved_share_sd": {
        "nodes_before": k.COUNTS(3),
        "virtual_nodes": k.COUNTS(100),
    },
    "models.placement.ring_peak_to_mean": {
        "nodes": k.COUNT(3, 10_001),
        "virtual_nodes": k.COUNT(10, 1_001),
    },
    "models.placement.maglev_peak_to_mean": {"nodes": k.COUNTS(3), "table_size": k.COUNTS(13, 2)},
    "models.placement.slots_moved_share": {
        "slots": k.COUNT(16),
        "nodes_before": k.COUNT(3, 17),
        "nodes_after": k.COUNT(4, 17),
    },
    "models.placement.lost_share": {"nodes": k.COUNTS(3)},
    "models.placement.wrong_server_share": {"nodes": k.COUNTS(3)},
    "models.stampede.redundant_recomputations": {
        "request_rate_per_s": k.POSITIVE(1e3),
        "recompute_s": k.NOT_NEGATIVE(0.05),
    },
    "models.stampede.early_recomputation": {
        "request_rate_per_s": k.POSITIVE(1e3),
        "recompute_s": k.POSITIVE(0.05),
        "beta": k.POSITIVE(1.0, 0.001, 1_000),
    },
    "models.stampede.mass_expiry_misses": {
        "keys": k.COUNT(100),
        "request_rate_per_s": k.POSITIVE(1e3),
        "window_s": k.NOT_NEGATIVE(1.0),
    },
    "models.stampede.jittered_expiry_rate_per_s": {
        "keys": k.COUNT(100),
        "ttl_s": k.POSITIVE(600.0),
        "jitter_share": k.SHARE(0.1, 0),
    },
    "models.races.arrival_within": {"rate_per_s": k.POSITIVE(1.0), "window_s": k.NOT_NEGATIVE(1.0)},
}
