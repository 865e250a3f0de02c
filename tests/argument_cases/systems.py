"""Arguments of the parts of a system, and of what the planner makes of them."""

from support import kinds as k

from scalelab.models.lag_laws import ExponentialLag
from scalelab.models.latency_grid import GridLatency, LatencyGrid
from scalelab.models.mgc_wait import WaitLaw
from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System
from scalelab.planner.autoscaled_fleet import Autoscaler
from scalelab.planner.client_retries import Clients
from scalelab.planner.one_failure import Recovery
from scalelab.planner.remedy_menu import RemedyMenu
from scalelab.planner.system_prices import Prices

ONE = [1.0, 2.0]
COUNT = k.COUNT.but(1e6, [1, 2])
POSITIVE = k.POSITIVE.but(ONE)
NOT_NEGATIVE = k.NOT_NEGATIVE.but(ONE)
GRID = LatencyGrid(longest_s=1.0, points=100)
LATENCY = GRID.law(ExponentialLag(mean_s=0.02))
Q = k.INSIDE(0.5, [0.5, 1.0])
TIME = k.NOT_NEGATIVE(0.1)
DEMAND = Demand(rate_per_s=300.0, keys=1_000)
PARTS = {
    "demand": k.ONLY(DEMAND, None, 3, AppTier()),
    "app": k.ONLY(AppTier(), None, 3, DEMAND),
    "database": k.ONLY(Database(), None, 3, DEMAND),
    "cache": k.ONLY(Cache(capacity=10), 3, DEMAND),
    "sessions": k.ONLY(SessionStore(), 3, DEMAND),
}
A_SYSTEM = k.ONLY(System(demand=DEMAND), None, 3, DEMAND)
PRICES = k.ONLY(Prices(), 3, DEMAND)
MENU = k.ONLY(RemedyMenu(), 3, DEMAND)
FLEET = k.ONLY(Autoscaler(max_servers=8), None, 3, DEMAND)
MAYBE_FLEET = k.ONLY(Autoscaler(max_servers=8), 3, DEMAND)
HOURS = k.VECTOR([30.0, 300.0], [0.0, 1.0], [-1.0, 1.0])
SEARCH = {"prices": PRICES, "menu": MENU, "survive_loss": k.TRUTH(False)}


def latency() -> GridLatency:
    return LATENCY


def grid() -> LatencyGrid:
    return GRID


def wait() -> WaitLaw:
    return WaitLaw(wait_probability=0.5, mean_if_waiting_s=0.02)


TABLE = {
    "models.latency_grid.GridLatency.tail": {"self": latency, "t_s": TIME},
    "models.latency_grid.GridLatency.quantile": {"self": latency, "q": Q},
    "models.latency_grid.GridLatency.later": {"self": latency, "delay_s": NOT_NEGATIVE(0.1)},
    "models.latency_grid.GridLatency.then": {
        "self": latency,
        "other": k.ONLY(LATENCY, None, 3, GRID),
    },
    "models.latency_grid.LatencyGrid": {
        "longest_s": POSITIVE(1.0),
        "points": COUNT(100, 1, 1_000_001),
    },
    "models.latency_grid.LatencyGrid.law": {
        "self": grid,
        "law": k.ONLY(ExponentialLag(mean_s=0.02), None, 3, "law"),
    },
    "models.latency_grid.LatencyGrid.constant": {"self": grid, "latency_s": NOT_NEGATIVE(0.1)},
    "models.latency_grid.mixture": {
        "latencies": k.ONLY([LATENCY, LATENCY], None, 3, [], [LATENCY, 3]),
        "shares": k.VECTOR([1.0, 2.0], [1.0], [-1.0, 2.0], [0.0, 0.0]),
    },
    "models.mgc_wait.WaitLaw": {
        "wait_probability": k.SHARE(0.5, ONE),
        "mean_if_waiting_s": POSITIVE(0.02),
    },
    "models.mgc_wait.WaitLaw.tail": {"self": wait, "t_s": TIME},
    "models.mgc_wait.WaitLaw.quantile": {"self": wait, "q": Q},
    "models.mgc_wait.mgc_wait": {
        "arrival_rate_per_s": POSITIVE(100.0),
        "service_time_s": POSITIVE(0.01),
        "service_scv": NOT_NEGATIVE(2.0),
        "servers": COUNT(4),
    },
    "models.mgc_wait.mixed_work": {
        "rates_per_s": k.VECTOR([1.0, 2.0], [-1.0, 2.0], [0.0, 0.0]),
        "service_times_s": k.VECTOR([0.01, 0.02], [0.0, 1.0], [1.0]),
        "service_scvs": k.VECTOR([1.0, 0.0], [-1.0, 1.0], [1.0]),
    },
    "models.birth_death.birth_death_queue": {
        "births_per_s": k.VECTOR([1.0, 1.5], [0.0, 1.0], [-1.0, 1.0]),
        "deaths_per_s": k.VECTOR([1.0, 2.0], [0.0, 1.0], [1.0]),
        "endless": k.TRUTH(False),
    },
    "models.hit_ratio_by_key.hit_ratio_by_key": {
        "reads_per_s": k.VECTOR([9.0, 1.0], [-1.0, 1.0], [0.0, 0.0]),
        "writes_per_s": k.VECTOR([1.0, 0.1], [-1.0, 1.0], [1.0]),
        "capacity": k.COUNT(1, [1, 2]),
        "ttl_s": POSITIVE.or_none()(30.0),
        "fill_s": NOT_NEGATIVE(0.01),
    },
    "models.stale_reads.stale_share_at_replica": {
        "writes_per_s": k.NOT_NEGATIVE(1.0),
        "delay_s": NOT_NEGATIVE(0.005),
        "replay_s": POSITIVE(0.002),
    },
    "models.stale_reads.stale_share_behind_cache": {
        "reads_per_s": k.VECTOR([9.0, 1.0], [-1.0, 1.0], [0.0, 1.0]),
        "writes_per_s": k.VECTOR([1.0, 0.1], [-1.0, 1.0], [1.0]),
        "delay_s": NOT_NEGATIVE(0.005),
        "replay_s": POSITIVE(0.002),
        "kept_s": POSITIVE.or_none()(10.0),
        "ttl_s": POSITIVE.or_none()(30.0),
        "fill_s": NOT_NEGATIVE(0.01),
        "seen_s": NOT_NEGATIVE(0.01),
    },
    "models.replay_beside_reads.replay_beside_reads": {
        "writes_per_s": POSITIVE(100.0),
        "apply_s": POSITIVE(0.001),
        "reads_per_s": NOT_NEGATIVE(100.0),
        "read_s": POSITIVE(0.004),
        "cores": COUNT(4),
        "work_scv": NOT_NEGATIVE(1.0),
    },
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
    "models.lag_laws.law_with_scv": {"mean_s": POSITIVE(0.01), "scv": NOT_NEGATIVE(4.0)},
    "planner.system_flows.system_flows": {
        "system": A_SYSTEM,
        "fill_s": NOT_NEGATIVE.or_none()(0.01),
    },
    "planner.system_loads.system_loads": {"system": A_SYSTEM, "flows": k.ANY(None)},
    "planner.system_prices.monthly_usd": {"system": A_SYSTEM, "prices": PRICES},
    "planner.system_prices.Prices": {
        **dict.fromkeys(
            [
                "app_core_usd",
                "database_core_usd",
                "session_core_usd",
                "node_usd",
                "balancer_usd",
                "cache_usd",
                "cache_million_usd",
                "further_shard_usd",
                "engineer_day_usd",
            ],
            NOT_NEGATIVE(5.0),
        ),
        "pay_off_months": POSITIVE(12.0),
    },
    "planner.one_failure.Recovery": dict.fromkeys(
        ["replace_s", "failover_s", "restore_s", "backup_every_s"], POSITIVE(60.0)
    ),
    "planner.one_failure.after_each_loss": {
        "system": A_SYSTEM,
        "flows": k.ANY(None),
        "recovery": k.ONLY(Recovery(), 3, DEMAND),
    },
    "planner.remedy_menu.RemedyMenu": {
        "sizes": k.ONLY((2, 4), (), [2, 4], (4, 2), (2, 2), (0, 2), (2.5,), None),
        **dict.fromkeys(["most_busy", "replay_most_busy"], POSITIVE(0.7, 1.5)),
        **dict.fromkeys(["core_contention", "queries_saved", "app_saved"], k.BELOW_ONE(0.2, ONE)),
        "cacheable_share": k.SHARE(0.9, ONE),
        **dict.fromkeys(
            [
                "queries_days",
                "app_days",
                "stateless_days",
                "autoscaler_days",
                "cache_days",
                "replica_days",
                "shard_days",
            ],
            NOT_NEGATIVE(5.0),
        ),
        "hot_shard": k.FROM_ONE(1.2, ONE),
    },
    "planner.remedies.cheapest_configuration": {
        "system": A_SYSTEM,
        "rate_per_s": POSITIVE(100.0),
        **SEARCH,
    },
    "planner.remedies.remedies_as_load_grows": {
        "system": A_SYSTEM,
        "rates_per_s": k.VECTOR([30.0, 300.0], [0.0, 1.0], [-1.0, 1.0]),
        **SEARCH,
    },
    "planner.remedies.regret_usd": {"system": A_SYSTEM, **SEARCH},
    "planner.next_remedy.next_remedy": {
        "system": A_SYSTEM,
        "prices": PRICES,
        "menu": MENU,
        "growth": k.FROM_ONE(1.5, ONE),
        "autoscaler": MAYBE_FLEET,
        "rates_per_s": k.ONLY([30.0, 300.0], [], 3.0, [[1.0, 2.0]], [0.0, 1.0], [-1.0, 1.0]),
    },
    "planner.next_remedy.sized_for_per_s": {"system": A_SYSTEM, "menu": MENU},
    "planner.user_habits.UserHabits": {
        **dict.fromkeys(["users", "sessions_per_day", "requests_per_session"], POSITIVE(5.0)),
        "peak_over_mean": k.FROM_ONE(1.5, 2.5, ONE),
        "peak_hour": NOT_NEGATIVE(20.0, 25.0),
    },
    "planner.client_retries.Clients": {
        "retries": k.COUNT_OR_ZERO(2, 1_001),
        "timeout_s": POSITIVE(1.0),
        "disturbed_times": k.ABOVE_ONE(2.0, ONE),
        "disturbed_s": NOT_NEGATIVE(15.0),
        "correlated_work": k.TRUTH(False),
    },
    "planner.autoscaled_fleet.Autoscaler": {
        "max_servers": COUNT(8, 10_001),
        "min_servers": COUNT(2, 9),
        "target": k.INSIDE(0.6, ONE),
        "startup_s": NOT_NEGATIVE(180.0),
        "every_s": POSITIVE(60.0),
        "rise_times": k.FROM_ONE(2.0, ONE),
    },
    "planner.autoscaled_fleet.servers_for": {
        "autoscaler": FLEET,
        "app": PARTS["app"],
        "rates_per_s": HOURS,
    },
    "planner.autoscaled_fleet.autoscaled_usd": {
        "system": A_SYSTEM,
        "rates_per_s": HOURS,
        "autoscaler": FLEET,
        "prices": PRICES,
    },
    "planner.autoscaler_offer.autoscaler_offer": {
        "system": A_SYSTEM,
        "rates_per_s": HOURS,
        "prices": PRICES,
        "menu": MENU,
    },
    "planner.autoscaled_fleet.sudden_rise": {
        "autoscaler": FLEET,
        "app": PARTS["app"],
        "rate_per_s": POSITIVE(300.0),
        "servers": COUNT(3, 10_001),
        "clients": k.ONLY(Clients(retries=1), 3, DEMAND),
    },
    "planner.system_plan.plan_system": {
        "system": A_SYSTEM,
        "prices": PRICES,
        "menu": MENU,
        "recovery": k.ONLY(Recovery(), 3, DEMAND),
        "clients": k.ONLY(Clients(), 3, DEMAND),
        "rates_per_s": k.ONLY([30.0, 300.0], [], 3.0, [[1.0, 2.0]], [0.0, 1.0], [-1.0, 1.0]),
        "autoscaler": MAYBE_FLEET,
    },
    "planner.system_day.plan_day": {
        "system": A_SYSTEM,
        "rates_per_s": HOURS,
        "autoscaler": MAYBE_FLEET,
        "flows": k.ANY(None),
    },
    "planner.system_plan.phase_of": {"system": A_SYSTEM, "autoscaled": k.TRUTH(False)},
    "planner.one_failure.answered_without_server": {"system": A_SYSTEM},
}
