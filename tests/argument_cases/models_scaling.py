"""Arguments of the models of scaling, load balance, sessions, autoscaling, cost and traffic."""

from support import kinds as k

from scalelab.models.scaling_law import ScalingLaw

# the open interval


LOADS = k.Kind([], 3.0, [0.0, 0.0], [1.0, -1.0], ["a"], None)
LAW = ScalingLaw(unit_throughput_per_s=1_000.0, sigma=0.02, kappa=0.0005)


def points(size):
    """Measurements of `size` points, and what is none."""
    workers, rates = [1.0, 8.0, 32.0, 40.0][:size], [1_000.0, 6_800.0, 15_000.0, 15_600.0][:size]
    wrong = [[], 3.0, None, ["a"] * size]
    return {
        "n": k.ONLY(workers, *wrong, [0.5, *workers[1:]], [2.0] * size),
        "throughput_per_s": k.ONLY(rates, *wrong, [-1.0, *rates[1:]], rates[1:]),
    }


TIERS = {
    "demands_s": k.ONLY([0.01, 0.02], [], 3.0, [1.0, 0.0], ["a"], None),
    "servers": k.COUNTS(2, [1, 2, 3]),
}

TABLE = {
    "models.tiers.tiers_capacity_per_s": TIERS,
    "models.tiers.bottleneck": TIERS,
    "models.tiers.mean_value_analysis": {
        "customers": k.COUNT(5, 1_000_001),
        "think_time_s": k.NOT_NEGATIVE(1.0),
        "demands_s": TIERS["demands_s"],
    },
    "models.scaling_law.amdahl_through": points(2),
    "models.scaling_law.coherency_through": points(2),
    "models.scaling_law.usl_through": points(3),
    "models.usl_fit.fit_usl": points(4),
    "models.balls_into_bins.mean_max_load": {
        "balls": k.COUNT(5, 20_001),
        "bins": k.COUNT(3, 20_001),
    },
    "models.balls_into_bins.mean_max_load_normal": {"balls": k.COUNTS(500), "bins": k.COUNT(3)},
    "models.imbalance.peak_to_mean": {"loads": LOADS([1.0, 2.0])},
    "models.imbalance.usable_share": {"loads": LOADS([1.0, 2.0])},
    "models.power_of_choices.mean_response_in_services": {
        "utilisation": k.BELOW_ONE(0.9),
        "choices": k.COUNT(2),
    },
    "models.power_of_choices.round_robin_response_in_services": {
        "utilisation": k.BELOW_ONE(0.9),
        "servers": k.COUNT(4),
    },
    "models.power_of_choices.shortest_line_bound_in_services": {
        "utilisation": k.INSIDE(0.9),
        "servers": k.COUNT(4),
    },
    "models.headroom.utilisation_after_loss": {
        "utilisation": k.NOT_NEGATIVE(0.7),
        "nodes": k.COUNTS(4, 1),
    },
    "models.headroom.safe_utilisation": {"nodes": k.COUNTS(4)},
    "models.headroom.smallest_redundant_fleet": {"utilisation": k.INSIDE(0.7)},
    "models.headroom.detection_time_s": {
        "probe_interval_s": k.POSITIVE(10.0),
        "misses": k.COUNTS(3),
    },
    "models.headroom.failed_requests": {
        "arrival_rate_per_s": k.POSITIVE(1_000.0),
        "nodes": k.COUNTS(4),
        "detection_s": k.NOT_NEGATIVE(30.0),
    },
    "models.infinite_servers.log10_occupancy_tail": {
        "mean_sessions": k.POSITIVE(5.0),
        "sessions": k.COUNT_OR_ZERO(9),
    },
    "models.infinite_servers.exponential_drain_s": {
        "sessions": k.COUNTS(5),
        "mean_duration_s": k.POSITIVE(600.0),
    },
    "models.infinite_servers.constant_drain_s": {
        "sessions": k.COUNTS(5),
        "duration_s": k.POSITIVE(600.0),
    },
    "models.infinite_servers.pareto_drain_percentile_s": {
        "q": k.INSIDE(0.5),
        "sessions": k.COUNTS(5),
        "mean_duration_s": k.POSITIVE(600.0),
        "shape": k.POSITIVE(1.5, 1),
    },
    "models.infinite_servers.fill_share": {
        "elapsed_s": k.NOT_NEGATIVE(600.0),
        "mean_duration_s": k.POSITIVE(600.0),
    },
    "models.infinite_servers.fill_time_s": {
        "share": k.INSIDE(0.9),
        "mean_duration_s": k.POSITIVE(600.0),
    },
    "models.backlog.backlog": {
        "arrival_rate_per_s": k.POSITIVE(12.0),
        "capacity_per_s": k.POSITIVE(10.0),
        "duration_s": k.NOT_NEGATIVE(60.0),
    },
    "models.backlog.drain_time_s": {
        "waiting": k.NOT_NEGATIVE(12.0),
        "arrival_rate_per_s": k.NOT_NEGATIVE(5.0),
        "capacity_per_s": k.POSITIVE(10.0, 5.0),
    },
    "models.backlog.overload_episode": {
        "arrival_rate_per_s": k.POSITIVE(12.0),
        "capacity_before_per_s": k.POSITIVE(10.0),
        "capacity_after_per_s": k.POSITIVE(15.0, 12.0),
        "reaction_s": k.NOT_NEGATIVE(60.0),
    },
    "models.retry_lines.retry_lines": {
        "waiting": k.VECTOR([12.0, 0.0], [-1.0, 0.0]),
        "servers": k.COUNTS([2, 1], [1]),
        "arrival_rate_per_s": k.NOT_NEGATIVE(5.0, [2.0, 3.0]),
        "capacity_per_s": k.POSITIVE(10.0, [2.0, 3.0]),
        "retries": k.COUNT_OR_ZERO(1),
        "timeout_s": k.POSITIVE(1.0, [2.0, 3.0]),
        "duration_s": k.NOT_NEGATIVE.or_none()(15.0, [2.0, 3.0]),
        "routing": k.TEXT("random", "round robin"),
        "tries": k.FROM_ONE(1.0, [1.0, 2.0]),
    },
    "models.backlog.retry_drain_s": {
        "utilisation": k.BELOW_ONE(0.3, [0.1, 0.2]),
        "retries": k.COUNT_OR_ZERO(1),
        "times_capacity": k.ABOVE_ONE(2.0, [2.0, 3.0]),
        "duration_s": k.NOT_NEGATIVE(15.0, [2.0, 3.0]),
        "timeout_s": k.POSITIVE(1.0, [2.0, 3.0]),
    },
    "models.autoscaling.proportional_instances": {
        "instances": k.COUNT(4),
        "metric": k.NOT_NEGATIVE(0.85),
        "target": k.POSITIVE(0.6),
    },
    "models.autoscaling.utilisation_after_step": {
        "utilisation": k.NOT_NEGATIVE(0.85),
        "instances": k.COUNTS(4),
        "step": k.ONLY(2, 2.5, True, "2", None, -4),
    },
    "models.autoscaling.fleet_of_step": {
        "before": k.POSITIVE(0.85),
        "after": k.POSITIVE(0.6, 0.85),
        "step": k.COUNT(2),
    },
    "models.autoscaling.deadband": {
        "low": k.INSIDE(0.3, 0.7),
        "high": k.INSIDE(0.7),
        "added": k.COUNT(2),
        "removed": k.COUNT(1),
    },
    "models.autoscaling.time_to_add_s": {
        "instances": k.ONLY(20, -3, 2.5, "2", None),
        "step": k.COUNT(2),
        "interval_s": k.POSITIVE(300.0),
    },
    "models.autoscaling.contaminated_mean": {
        "before": k.NOT_NEGATIVE(0.85),
        "after": k.NOT_NEGATIVE(0.6),
        "elapsed_s": k.NOT_NEGATIVE(300.0),
        "startup_s": k.NOT_NEGATIVE(180.0),
        "window_s": k.POSITIVE(300.0),
    },
    "models.autoscaling.saturated_growth": {
        "instances": k.COUNT(4),
        "target": k.INSIDE(0.6),
        "steps": k.COUNT_OR_ZERO(3, 51),
    },
    "models.autoscaling.newsvendor_fractile": {
        "shortage_cost": k.POSITIVE(10.0),
        "spare_cost": k.POSITIVE(1.0),
    },
    "models.cost.price_elasticity": {
        "size": k.ONLY([2.0, 8.0], [], 3.0, [1.0, -1.0], [2.0, 2.0], None),
        "price_usd": k.ONLY([140.0, 560.0], [], 3.0, [1.0, 0.0], None, [1.0, 2.0, 3.0]),
    },
    "models.cost.cost_of_performance": {
        "performance_factor": k.FROM_ONE(2.0),
        "gain_per_doubling": k.POSITIVE(1.3, 1, 2.5),
    },
    "models.cost.break_even_reads_per_write": {
        "cost_per_write": k.NOT_NEGATIVE(0.045),
        "saving_per_read": k.POSITIVE(0.045),
    },
    "models.traffic.peak_rate_per_s": {
        "users": k.POSITIVE(1e5),
        "daily_active_share": k.SHARE(0.2, 0),
        "requests_per_active_user": k.POSITIVE(50.0),
        "peak_to_mean": k.FROM_ONE(5.0),
    },
    "models.traffic.users_at_peak_rate": {
        "rate_per_s": k.POSITIVE(1e3),
        "daily_active_share": k.SHARE(0.2, 0),
        "requests_per_active_user": k.POSITIVE(50.0),
        "peak_to_mean": k.FROM_ONE(5.0),
    },
    "models.traffic.periods_to_grow": {
        "now": k.POSITIVE(10.0),
        "limit": k.POSITIVE(1e4),
        "growth_factor": k.POSITIVE(2.0, 1),
    },
    "models.traffic.read_share": {"reads_per_write": k.NOT_NEGATIVE(9.0)},
    "models.traffic.reads_per_write": {"read_share": k.BELOW_ONE(0.9)},
    "models.traffic.fibre_delay_s": {"distance_m": k.NOT_NEGATIVE(1e6)},
}
