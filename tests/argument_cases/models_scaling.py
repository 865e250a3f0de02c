"""Arguments of the models of scaling, load balance, sessions, autoscaling, cost and traffic."""

from support.bad_values import (
    NEGATIVE,
    NOT_A_COUNT,
    NOT_A_COUNT_OR_ZERO,
    NOT_A_SHARE,
    NOT_POSITIVE,
)

from scalelab.models.scaling_law import ScalingLaw

BELOW_ONE = [*NOT_POSITIVE, 0.5]
NOT_INSIDE = [*NOT_A_SHARE, 0, 1]  # the open interval
BELOW_FULL = [*NOT_A_SHARE, 1]
NOT_COUNTS = [0, -3, 2.5, True, "2", None, [1, 0], [1.5, 2.0]]
NOT_LOADS = [[], 3.0, [0.0, 0.0], [1.0, -1.0], ["a"], None]
LAW = ScalingLaw(unit_throughput_per_s=1_000.0, sigma=0.02, kappa=0.0005)


def points(size):
    """Measurements of `size` points, and what is none."""
    workers, rates = [1.0, 8.0, 32.0, 40.0][:size], [1_000.0, 6_800.0, 15_000.0, 15_600.0][:size]
    wrong = [[], 3.0, None, ["a"] * size]
    return {
        "n": (workers, [*wrong, [0.5, *workers[1:]], [2.0] * size]),
        "throughput_per_s": (rates, [*wrong, [-1.0, *rates[1:]], rates[1:]]),
    }


TIERS = {
    "demands_s": ([0.01, 0.02], [[], 3.0, [1.0, 0.0], ["a"], None]),
    "servers": (2, [*NOT_COUNTS, [1, 2, 3]]),
}

TABLE = {
    "models.tiers.tiers_capacity_per_s": TIERS,
    "models.tiers.bottleneck": TIERS,
    "models.tiers.mean_value_analysis": {
        "customers": (5, [*NOT_A_COUNT, 1_000_001]),
        "think_time_s": (1.0, NEGATIVE),
        "demands_s": TIERS["demands_s"],
    },
    "models.scaling_law.amdahl_through": points(2),
    "models.scaling_law.coherency_through": points(2),
    "models.scaling_law.usl_through": points(3),
    "models.usl_fit.fit_usl": points(4),
    "models.balls_into_bins.mean_max_load": {
        "balls": (5, [*NOT_A_COUNT, 20_001]),
        "bins": (3, [*NOT_A_COUNT, 20_001]),
    },
    "models.balls_into_bins.mean_max_load_normal": {
        "balls": (500, NOT_COUNTS),
        "bins": (3, NOT_A_COUNT),
    },
    "models.imbalance.peak_to_mean": {"loads": ([1.0, 2.0], NOT_LOADS)},
    "models.imbalance.usable_share": {"loads": ([1.0, 2.0], NOT_LOADS)},
    "models.power_of_choices.mean_response_in_services": {
        "utilisation": (0.9, BELOW_FULL),
        "choices": (2, NOT_A_COUNT),
    },
    "models.power_of_choices.round_robin_response_in_services": {
        "utilisation": (0.9, BELOW_FULL),
        "servers": (4, NOT_A_COUNT),
    },
    "models.power_of_choices.shortest_line_bound_in_services": {
        "utilisation": (0.9, NOT_INSIDE),
        "servers": (4, NOT_A_COUNT),
    },
    "models.headroom.utilisation_after_loss": {
        "utilisation": (0.7, NEGATIVE),
        "nodes": (4, [*NOT_COUNTS, 1]),
    },
    "models.headroom.safe_utilisation": {
        "nodes": (4, NOT_COUNTS),
    },
    "models.headroom.smallest_redundant_fleet": {
        "utilisation": (0.7, NOT_INSIDE),
    },
    "models.headroom.detection_time_s": {
        "probe_interval_s": (10.0, NOT_POSITIVE),
        "misses": (3, NOT_COUNTS),
    },
    "models.headroom.failed_requests": {
        "arrival_rate_per_s": (1_000.0, NOT_POSITIVE),
        "nodes": (4, NOT_COUNTS),
        "detection_s": (30.0, NEGATIVE),
    },
    "models.infinite_servers.log10_occupancy_tail": {
        "mean_sessions": (5.0, NOT_POSITIVE),
        "sessions": (9, NOT_A_COUNT_OR_ZERO),
    },
    "models.infinite_servers.exponential_drain_s": {
        "sessions": (5, NOT_COUNTS),
        "mean_duration_s": (600.0, NOT_POSITIVE),
    },
    "models.infinite_servers.constant_drain_s": {
        "sessions": (5, NOT_COUNTS),
        "duration_s": (600.0, NOT_POSITIVE),
    },
    "models.infinite_servers.pareto_drain_percentile_s": {
        "q": (0.5, NOT_INSIDE),
        "sessions": (5, NOT_COUNTS),
        "mean_duration_s": (600.0, NOT_POSITIVE),
        "shape": (1.5, [*NOT_POSITIVE, 1]),
    },
    "models.infinite_servers.fill_share": {
        "elapsed_s": (600.0, NEGATIVE),
        "mean_duration_s": (600.0, NOT_POSITIVE),
    },
    "models.infinite_servers.fill_time_s": {
        "share": (0.9, NOT_INSIDE),
        "mean_duration_s": (600.0, NOT_POSITIVE),
    },
    "models.backlog.backlog": {
        "arrival_rate_per_s": (12.0, NOT_POSITIVE),
        "capacity_per_s": (10.0, NOT_POSITIVE),
        "duration_s": (60.0, NEGATIVE),
    },
    "models.backlog.drain_time_s": {
        "waiting": (12.0, NEGATIVE),
        "arrival_rate_per_s": (5.0, NEGATIVE),
        "capacity_per_s": (10.0, [*NOT_POSITIVE, 5.0]),
    },
    "models.backlog.overload_episode": {
        "arrival_rate_per_s": (12.0, NOT_POSITIVE),
        "capacity_before_per_s": (10.0, NOT_POSITIVE),
        "capacity_after_per_s": (15.0, [*NOT_POSITIVE, 12.0]),
        "reaction_s": (60.0, NEGATIVE),
    },
    "models.autoscaling.proportional_instances": {
        "instances": (4, NOT_A_COUNT),
        "metric": (0.85, NEGATIVE),
        "target": (0.6, NOT_POSITIVE),
    },
    "models.autoscaling.utilisation_after_step": {
        "utilisation": (0.85, NEGATIVE),
        "instances": (4, NOT_COUNTS),
        "step": (2, [2.5, True, "2", None, -4]),
    },
    "models.autoscaling.fleet_of_step": {
        "before": (0.85, NOT_POSITIVE),
        "after": (0.6, [*NOT_POSITIVE, 0.85]),
        "step": (2, NOT_A_COUNT),
    },
    "models.autoscaling.deadband": {
        "low": (0.3, [*NOT_INSIDE, 0.7]),
        "high": (0.7, NOT_INSIDE),
        "added": (2, NOT_A_COUNT),
        "removed": (1, NOT_A_COUNT),
    },
    "models.autoscaling.time_to_add_s": {
        "instances": (20, [-3, 2.5, "2", None]),
        "step": (2, NOT_A_COUNT),
        "interval_s": (300.0, NOT_POSITIVE),
    },
    "models.autoscaling.contaminated_mean": {
        "before": (0.85, NEGATIVE),
        "after": (0.6, NEGATIVE),
        "elapsed_s": (300.0, NEGATIVE),
        "startup_s": (180.0, NEGATIVE),
        "window_s": (300.0, NOT_POSITIVE),
    },
    "models.autoscaling.saturated_growth": {
        "instances": (4, NOT_A_COUNT),
        "target": (0.6, NOT_INSIDE),
        "steps": (3, [*NOT_A_COUNT_OR_ZERO, 51]),
    },
    "models.autoscaling.newsvendor_fractile": {
        "shortage_cost": (10.0, NOT_POSITIVE),
        "spare_cost": (1.0, NOT_POSITIVE),
    },
    "models.cost.price_elasticity": {
        "size": ([2.0, 8.0], [[], 3.0, [1.0, -1.0], [2.0, 2.0], None]),
        "price_usd": ([140.0, 560.0], [[], 3.0, [1.0, 0.0], None, [1.0, 2.0, 3.0]]),
    },
    "models.cost.cost_of_performance": {
        "performance_factor": (2.0, BELOW_ONE),
        "gain_per_doubling": (1.3, [*NOT_POSITIVE, 1, 2.5]),
    },
    "models.cost.gain_per_doubling": {
        "cost_factor": (4.0, [*NOT_POSITIVE, 1]),
        "performance_factor": (2.0, [*NOT_POSITIVE, 1]),
    },
    "models.cost.break_even_reads_per_write": {
        "cost_per_write": (0.045, NEGATIVE),
        "saving_per_read": (0.045, NOT_POSITIVE),
    },
    "models.traffic.peak_rate_per_s": {
        "users": (1e5, NOT_POSITIVE),
        "daily_active_share": (0.2, [*NOT_A_SHARE, 0]),
        "requests_per_active_user": (50.0, NOT_POSITIVE),
        "peak_to_mean": (5.0, BELOW_ONE),
    },
    "models.traffic.users_at_peak_rate": {
        "rate_per_s": (1e3, NOT_POSITIVE),
        "daily_active_share": (0.2, [*NOT_A_SHARE, 0]),
        "requests_per_active_user": (50.0, NOT_POSITIVE),
        "peak_to_mean": (5.0, BELOW_ONE),
    },
    "models.traffic.periods_to_grow": {
        "now": (10.0, NOT_POSITIVE),
        "limit": (1e4, NOT_POSITIVE),
        "growth_factor": (2.0, [*NOT_POSITIVE, 1]),
    },
    "models.traffic.read_share": {"reads_per_write": (9.0, NEGATIVE)},
    "models.traffic.reads_per_write": {"read_share": (0.9, BELOW_FULL)},
    "models.traffic.fibre_delay_s": {"distance_m": (1e6, NEGATIVE)},
}
