"""A fleet that follows its load, beside the simulated one."""

import math
from dataclasses import replace

import numpy as np
import pytest

from scalelab.models.autoscaling import proportional_instances
from scalelab.models.system_parts import AppTier, Database, Demand, System
from scalelab.planner.autoscaled_fleet import Autoscaler, autoscaled_usd, servers_for, sudden_rise
from scalelab.planner.client_retries import Clients
from scalelab.planner.system_prices import Prices, monthly_usd
from scalelab.planner.user_habits import UserHabits
from scalelab.sim import system_needs
from scalelab.sim._compiled import can_compile
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import TargetPolicy
from scalelab.sim.system import draw_requests, simulate_system
from scalelab.workloads.demand import DAY_S, daily_rate_per_s

APP = AppTier(cores=4, app_s=0.010)
ONE_LINE = replace(APP, routing="fewest outstanding")  # as the simulated fleet has
SCALER = Autoscaler(max_servers=60, startup_s=180, every_s=60)
DAYS = [(1_200.0, 4), (300.0, 4), (8_000.0, 8)]  # requests a second at the peak, cores of a server
NEEDS_EVENTS = pytest.mark.skipif(not can_compile(), reason="events take too long without numba")
WITHIN = 0.025  # of the servers that are paid for


def habits(peak_per_s):
    return UserHabits(users=DAY_S, sessions_per_day=peak_per_s / 1.7, requests_per_session=1)


def simulated(rates, app, scaler, cooldown_in_s=300.0):
    """Let the fleet simulator follow requests per second, one entry a second."""
    fleet = Fleet(
        rate_per_s=app.cores / app.app_s,
        startup_s=scaler.startup_s,
        min_instances=scaler.min_servers,
        max_instances=scaler.max_servers,
    )
    policy = TargetPolicy(
        target=scaler.target,
        window_s=scaler.every_s,
        every_s=scaler.every_s,
        cooldown_in_s=cooldown_in_s,
    )
    return fleet_run(rates, fleet, policy)


def two_days(peak_per_s):
    rates = daily_rate_per_s(
        np.arange(2 * DAY_S),
        habits(peak_per_s).mean_rate_per_s,
        peak_over_mean=1.7,
        peak_hour=20,
    )
    return np.random.default_rng(3).poisson(rates).astype(float)


def paid_in_the_second_day(run):
    return float((run.running + run.starting)[int(DAY_S) :].mean())


@pytest.mark.parametrize(("peak_per_s", "cores"), DAYS)
def test_servers_and_their_price_are_those_of_the_simulated_fleet(peak_per_s, cores):
    app = replace(APP, cores=cores)
    rates = habits(peak_per_s).rates_by_hour()
    run = simulated(two_days(peak_per_s), app, SCALER)
    by_hour = run.running[int(DAY_S) :].reshape(24, -1).mean(axis=1)
    assert np.abs(by_hour - servers_for(SCALER, app, rates)).max() < 1
    system = System(demand=Demand(rate_per_s=peak_per_s), app=app)
    prices = Prices(node_usd=0, database_core_usd=0, balancer_usd=0)
    paid = autoscaled_usd(system, rates, SCALER, prices) / cores / prices.app_core_usd
    assert paid == pytest.approx(paid_in_the_second_day(run), rel=WITHIN)


def test_the_comparison_can_fail():
    """Another target, and a fleet that stays at what its peak needs, are noticed."""
    peak_per_s, cores = DAYS[0]
    app = replace(APP, cores=cores)
    rates = habits(peak_per_s).rates_by_hour()
    paid = paid_in_the_second_day(simulated(two_days(peak_per_s), app, SCALER))
    other = servers_for(replace(SCALER, target=0.65), app, rates)
    for servers in (other.mean(), servers_for(SCALER, app, rates).max()):
        assert servers != pytest.approx(paid, rel=WITHIN)


@pytest.mark.parametrize("rate", [90.0, 240.0, 250.0, 960.0, 1_900.0])
def test_the_published_rule_comes_to_rest_there(rate):
    """From any fleet that keeps up, but for the tenth that the rule leaves alone."""
    rests = int(servers_for(SCALER, APP, [rate])[0])
    for servers in range(math.ceil(rate / 400 + 1e-9), 20):
        asked = proportional_instances(servers, rate / 400 / servers, SCALER.target)
        left_alone = abs(rate / 400 / servers / SCALER.target - 1) <= 0.1
        assert asked == (servers if left_alone else rests)


@pytest.mark.parametrize(
    ("servers", "times", "alone"), [(3, 1.9, 1.0), (6, 2.5, 1.0), (10, 5.0, 1.01), (2, 12.0, 1.26)]
)
def test_a_rise_right_after_a_decision_is_that_of_the_simulated_fleet(servers, times, alone):
    """The simulated fleet has one line: it is gone earlier if the last servers would have none."""
    rate = servers * 400 * 0.6
    scaler = replace(SCALER, rise_times=times, min_servers=servers, max_servers=500)
    said = sudden_rise(scaler, ONE_LINE, rate, servers)
    begins, lasts = 1_200, math.ceil(said.lasts_s) + 600
    rates = np.full(begins + lasts, rate)
    rates[begins:] *= times
    run = simulated(rates, APP, scaler)
    assert run.backlog.max() == pytest.approx(said.most_waiting, rel=0.02)
    waits = np.flatnonzero(run.backlog > 0)
    assert waits[0] == begins
    found = waits[-1] + 1 - begins
    assert found <= said.lasts_s + 3
    assert said.lasts_s <= alone * found + 3


@pytest.mark.parametrize(("servers", "times"), [(3, 1.9), (5, 2.5), (10, 5.0)])
def test_at_any_other_moment_the_line_is_not_longer(servers, times):
    rate = servers * 400 * 0.6
    said = sudden_rise(replace(SCALER, rise_times=times, max_servers=500), ONE_LINE, rate, servers)
    for second in range(0, 60, 7):
        rates = np.full(3_000, rate)
        rates[1_200 + second :] *= times
        run = simulated(rates, APP, replace(SCALER, min_servers=servers, max_servers=500))
        assert 0.75 <= run.backlog.max() / said.most_waiting <= 1.01
        assert 0.87 <= (run.backlog > 0).sum() / said.lasts_s <= 1.02


EVERY_S, STARTUP_S, BEFORE_S = 10, 20, 20
FEWEST = "fewest outstanding"
DRAIN = [  # routing, servers, target, most servers, rise, retries, timeout
    ("random", 2, 0.6, 4, 1.9, 0, 0.5),
    ("random", 4, 0.4, 10, 2.7, 1, 0.5),
    ("random", 4, 0.4, 10, 3.0, 1, 1.0),
    ("random", 4, 0.4, 10, 2.7, 2, 0.5),
    ("random", 3, 0.6, 7, 1.8, 1, 1.0),
    (FEWEST, 4, 0.4, 10, 2.7, 1, 0.5),
    (FEWEST, 3, 0.6, 7, 1.8, 1, 1.0),
]
NEVER = [
    ("random", 4, 0.4, 10, 4.6, 1, 0.5),
    (FEWEST, 4, 0.4, 10, 2.7, 2, 0.5),
    (FEWEST, 3, 0.6, 7, 2.2, 1, 1.0),
]
EARLIEST, LATEST = (
    0.9,
    1.02,
)  # too long, by a tenth where the fleet can do little more than is tried


def told_of(routing, servers, target, most, times, retries, timeout_s):
    """What is said of a rise, and the system in which it happens."""
    app = AppTier(servers=servers, cores=4, app_s=0.02, routing=routing)
    rate = servers * 200 * target
    scaler = Autoscaler(
        max_servers=most,
        min_servers=servers,
        target=target,
        startup_s=STARTUP_S,
        every_s=EVERY_S,
        rise_times=times,
    )
    system = System(
        demand=Demand(rate_per_s=rate, keys=1_000, write_share=0.0, work_scv=0.0),
        app=app,
        database=Database(cores=1_000, connections=5_000),
    )
    clients = Clients(retries=retries, timeout_s=timeout_s)
    return sudden_rise(scaler, app, rate, servers, clients), system


def lines_of_events(system, case, watched_s):
    """Attempts in line in each second from the rise on, event by event."""
    _, servers, target, most, times, retries, timeout_s = case
    rates = np.full(BEFORE_S + watched_s, system.demand.rate_per_s)
    rates[BEFORE_S:] *= times
    scaler = system_needs.Autoscaler(
        every_s=EVERY_S,
        high=0.97,
        low=0.0,
        add=min(most, math.ceil(servers / target - 1e-9)) - servers,
        remove=1,
        cooldown_s=0,
        startup_s=STARTUP_S,
        min_servers=servers,
        max_servers=most,
    )
    run = simulate_system(
        system,
        rates.size,
        trace=draw_requests(system, rates, rates.size, rng=np.random.default_rng(1)),
        clients=system_needs.Clients(timeout_s=timeout_s, retries=retries),
        autoscaler=scaler,
        rng=np.random.default_rng(2),
    )
    found = run.per_second
    done = found["app_busy"] * found["instances"] * system.app.cores / system.app.app_s
    return np.cumsum(found["attempts"] - done)[BEFORE_S:]


def gone_s(lines):
    """Seconds until a fiftieth of the longest line is left, or what is in the servers."""
    return int(np.flatnonzero(lines > max(lines.max() / 50, 80))[-1]) + 1


@NEEDS_EVENTS
@pytest.mark.parametrize("case", DRAIN)
def test_a_rise_with_retries_is_that_of_the_events(case):
    said, system = told_of(*case)
    lines = lines_of_events(system, case, round(1.3 * said.lasts_s) + 10)
    assert lines.max() == pytest.approx(said.most_waiting, rel=0.06)
    assert EARLIEST <= gone_s(lines) / said.lasts_s <= LATEST


@NEEDS_EVENTS
@pytest.mark.parametrize("case", NEVER)
def test_a_rise_whose_retries_are_more_than_the_fleet_can_do_never_ends(case):
    said, system = told_of(*case)
    assert said.lasts_s == math.inf
    lines = lines_of_events(system, case, 150)
    assert lines[-1] > 1.1 * lines[100] > 1.2 * lines[50]


@NEEDS_EVENTS
def test_the_comparison_of_retries_can_fail():
    """One retry fewer or more, and the other routing, are noticed."""
    case = DRAIN[3]
    _, system = told_of(*case)
    found = gone_s(lines_of_events(system, case, 300))
    for other in ((*case[:5], 1, 0.5), (*case[:5], 3, 0.5), (FEWEST, *case[1:])):
        assert not EARLIEST <= found / told_of(*other)[0].lasts_s <= LATEST


def test_without_retries_a_timeout_changes_nothing():
    scaler = replace(SCALER, rise_times=2.5)
    patient = sudden_rise(scaler, APP, 1_200.0, 5)
    assert sudden_rise(scaler, APP, 1_200.0, 5, Clients(timeout_s=0.01)) == patient


def test_headroom_is_one_over_the_target():
    said = sudden_rise(replace(SCALER, rise_times=1.66), APP, 1_200.0, 5)
    assert said.carried_times == pytest.approx(1 / 0.6)
    assert (said.most_waiting, said.lasts_s) == (0.0, 0.0)
    assert sudden_rise(replace(SCALER, rise_times=1.68), APP, 1_200.0, 5).lasts_s > 0


def test_a_rise_that_the_largest_fleet_does_not_carry_never_ends():
    few = replace(SCALER, max_servers=7)
    assert sudden_rise(replace(few, rise_times=2.3), APP, 1_200.0, 5).lasts_s < math.inf
    for times in (2.4, 5.0):
        said = sudden_rise(replace(few, rise_times=times), APP, 1_200.0, 5)
        assert said.lasts_s == said.most_waiting == math.inf


def test_a_price_by_hand():
    system = System(demand=Demand(rate_per_s=1_200.0), app=APP)
    same = autoscaled_usd(system, [1_200.0, 1_200.0], SCALER)
    assert same == pytest.approx(monthly_usd(replace(system, app=replace(APP, servers=5))))
    night = autoscaled_usd(system, [1_200.0, 100.0], SCALER)
    each = 4 * 35 + 25
    # 5 and 1 servers; four are started in two hours, and paid for three minutes before they serve
    assert same - night == pytest.approx((2 - 4 * 0.05 / 2) * each)


def test_bounds_are_kept():
    bound = Autoscaler(max_servers=4, min_servers=2)
    assert servers_for(bound, APP, [1.0, 600.0, 9_000.0]).tolist() == [2, 3, 4]
    alone = Autoscaler(max_servers=1)
    system = System(demand=Demand(rate_per_s=100.0), app=APP)
    price = monthly_usd(replace(system, app=replace(APP, servers=1)))
    assert autoscaled_usd(system, [100.0], alone) == price
