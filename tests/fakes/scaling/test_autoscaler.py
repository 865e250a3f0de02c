"""The autoscaler: equal to the array kernel tick by tick, and what only objects can do."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.scaling.autoscaler import Autoscaler
from scalelab.fakes.scaling.fleet_load import BalancedLoad, FluidLoad
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import OwnPolicy, StepPolicy, TargetPolicy

STEP = StepPolicy(high=0.7, low=0.3, add=2, remove=1, window_s=30, every_s=10, cooldown_s=60)
TARGET = TargetPolicy(target=0.6, window_s=30, every_s=15, cooldown_out_s=30, cooldown_in_s=120)
OWN = OwnPolicy(
    decide=lambda reading: 2 + int(reading.demand_per_s / 80 + reading.backlog / 500),
    window_s=20,
    every_s=20,
)


def scaled(demand, fleet, policy, sensor="utilisation", at_least=None, **settings):
    """Run an autoscaler over a demand with an entry for each tick."""

    def entry(values, time_s):
        return values[round(time_s / fleet.tick_s)]

    clock = VirtualClock()
    load = FluidLoad(partial(entry, demand), sensor=sensor, queue_limit=fleet.queue_limit)
    schedule = None if at_least is None else partial(entry, [*at_least, at_least[-1]])
    made = Autoscaler(clock, fleet, load, policy, at_least=schedule, **settings)
    clock.advance(len(demand) * fleet.tick_s)
    made.check_invariants()
    return made


def assert_same_run(made, expected):
    run = made.run()
    for name in ("running", "starting"):
        assert getattr(run, name).tolist() == getattr(expected, name).tolist()
    for name in ("demand", "backlog", "dropped", "load"):
        np.testing.assert_allclose(getattr(run, name), getattr(expected, name), atol=1e-7)
    assert made.instance_hours == pytest.approx(expected.instance_hours)


def bumpy(rng, number):
    """Demand in steps of random height and length, with noise."""
    steps = np.repeat(rng.uniform(50, 1_500, number), rng.integers(20, 200, number))[:number]
    return steps * rng.uniform(0.8, 1.2, number)


@pytest.mark.parametrize("policy", [None, STEP, TARGET, OWN], ids=["none", "step", "target", "own"])
@pytest.mark.parametrize("sensor", ["utilisation", "demand"])
@pytest.mark.parametrize("startup_s", [0, 45])
def test_equals_the_array_kernel_tick_by_tick(policy, sensor, startup_s):
    rng = np.random.default_rng(startup_s)
    demand = bumpy(rng, 1_500)
    fleet = Fleet(
        rate_per_s=100, startup_s=startup_s, min_instances=2, max_instances=15, queue_limit=9_000.0
    )
    at_least = rng.integers(0, 8, 1_500) if policy in (None, TARGET) else None
    made = scaled(demand, fleet, policy, sensor, at_least)
    expected = fleet_run(demand, fleet, policy, at_least=at_least, sensor=sensor)
    assert_same_run(made, expected)
    assert len(set(expected.running.tolist())) > 3


@given(
    seed=st.integers(0, 10_000),
    tick_s=st.sampled_from([0.5, 1.0, 10.0]),
    startup_s=st.floats(0, 100),
    minimum=st.integers(1, 3),
    cooldown_s=st.sampled_from([0, 30, 200]),
)
@settings(max_examples=25)
def test_equals_the_array_kernel_with_random_settings(seed, tick_s, startup_s, minimum, cooldown_s):
    demand = bumpy(np.random.default_rng(seed), 200)
    fleet = Fleet(
        rate_per_s=90, startup_s=startup_s, min_instances=minimum, max_instances=12, tick_s=tick_s
    )
    policy = TargetPolicy(
        target=0.55, window_s=40, every_s=20, cooldown_out_s=cooldown_s, cooldown_in_s=cooldown_s
    )
    assert_same_run(scaled(demand, fleet, policy), fleet_run(demand, fleet, policy))


def test_the_comparison_can_fail():
    demand = bumpy(np.random.default_rng(1), 500)
    fleet = Fleet(rate_per_s=100, startup_s=45, min_instances=2, max_instances=15)
    expected = fleet_run(demand, fleet, TARGET)
    for change in ({"warm_up_s": 30.0, "cold_share": 0.2}, {"sensor": "demand"}):
        with pytest.raises(AssertionError):
            assert_same_run(scaled(demand, fleet, TARGET, **change), expected)


def test_a_busy_sensor_lets_target_tracking_overshoot():
    """as-target-saturation: 720 requests a second on 4 × 100; 12 would do."""
    fleet = Fleet(rate_per_s=100, startup_s=180, min_instances=4, max_instances=50)
    policy = TargetPolicy(target=0.6, window_s=60, every_s=60)
    peak = {
        sensor: scaled([720.0] * 3_600, fleet, policy, sensor).run().running.max()
        for sensor in ("utilisation", "demand")
    }
    assert peak["demand"] == 12
    assert peak["utilisation"] > 15


def test_a_cold_instance_gains_speed_evenly():
    """as-warmup: 20 % at first, all of it after a minute."""
    fleet = Fleet(rate_per_s=100, startup_s=10, min_instances=1, max_instances=2)
    made = scaled([300.0] * 100, fleet, None, at_least=[2] * 100, warm_up_s=60.0, cold_share=0.2)
    run = made.run()
    done = np.diff(run.backlog, prepend=0.0) * -1 + 300
    assert done[9] == pytest.approx(100)
    assert done[10] == pytest.approx(120)
    assert done[40] == pytest.approx(100 + 20 + 80 * 30 / 60)
    assert done[70] == pytest.approx(200)


def test_a_lost_instance_is_replaced_below_the_minimum():
    fleet = Fleet(rate_per_s=100, startup_s=30, min_instances=2, max_instances=9)
    made = Autoscaler(VirtualClock(), fleet, FluidLoad(lambda t: 100.0))
    made.clock.advance(10.0)
    made.lose("instance-1")
    assert made.running == 1
    made.clock.advance(1.0)
    assert (made.running, made.starting) == (1, 1)
    made.clock.advance(30.0)
    assert (made.running, made.instances) == (2, ("instance-2", "instance-3"))
    made.check_invariants()


# with a load balancer ------------------------------------------------------------------------


def balanced(policy, fleet, balancing="least_connections", **settings):
    clock = VirtualClock()
    balancer = LoadBalancer(clock, [], balancing)
    load = BalancedLoad(balancer, **settings)
    return balancer, Autoscaler(clock, fleet, load, policy)


def test_a_fleet_behind_a_load_balancer_follows_its_clients():
    fleet = Fleet(rate_per_s=10, startup_s=20, min_instances=2, max_instances=20)
    policy = TargetPolicy(target=0.6, window_s=30, every_s=10, cooldown_in_s=60)
    balancer, made = balanced(policy, fleet)
    rng, clock, answers = np.random.default_rng(1), made.clock, []
    rates = 30 - 24 * np.cos(2 * np.pi * np.arange(900) / 900)
    for second, rate in enumerate(rates):
        for _ in range(rng.poisson(rate)):
            request = Request(client="ann", service_s=float(rng.exponential(0.1)))
            submit = partial(balancer.submit, request, answers.append, pytest.fail)
            clock.schedule(second + rng.random(), submit)
    clock.advance(1_000.0)
    run = made.run()
    assert run.running.max() >= 7
    assert run.running[-1] == 2
    assert len(answers) == balancer.stats().answered == run.demand.sum()
    assert balancer.in_service == made.instances
    balancer.check_invariants()
    made.check_invariants()


def test_scaling_in_waits_for_sticky_clients():
    fleet = Fleet(rate_per_s=10, startup_s=0, min_instances=1, max_instances=2)
    sizes = [2] * 10 + [1] * 200
    clock = VirtualClock()
    balancer = LoadBalancer(clock, [], "cookie")
    made = Autoscaler(clock, fleet, BalancedLoad(balancer), at_least=lambda t: sizes[int(t)])
    for client in ("ann", "bob"):
        assert balancer.handle(Request(client=client)).server in made.instances
    clock.advance(50.0)
    assert (made.running, made.draining) == (1, 1)
    assert balancer.handle(Request(client="bob")).server == "instance-2"
    balancer.end_session("bob")
    clock.advance(0.0)
    assert (made.draining, balancer.servers) == (0, ("instance-1",))
    clock.advance(50.0)
    assert made.instance_hours * 3_600 == pytest.approx(2 * 50 + 50, abs=2)


class ScalerMachine(RuleBasedStateMachine):
    @initialize(
        policy=st.sampled_from([None, STEP, TARGET, OWN]),
        balancing=st.sampled_from([None, "round_robin", "cookie"]),
        startup_s=st.sampled_from([0.0, 7.0]),
    )
    def start(self, policy, balancing, startup_s):
        self.rate, self.size = 100.0, 0
        fleet = Fleet(rate_per_s=50, startup_s=startup_s, min_instances=2, max_instances=6)
        clock = VirtualClock()
        self.balancer = balancing and LoadBalancer(clock, [], balancing, retries=1)
        load = BalancedLoad(self.balancer, drain_s=20.0) if balancing else FluidLoad(self.demand)
        self.made = Autoscaler(clock, fleet, load, policy, at_least=lambda time_s: self.size)

    def demand(self, time_s):
        return self.rate

    @rule(rate=st.sampled_from([0.0, 100.0, 500.0]))
    def set_demand(self, rate):
        self.rate = rate

    @rule(size=st.integers(0, 9))
    def set_schedule(self, size):
        self.size = size

    @rule(seconds=st.sampled_from([0.5, 5.0, 40.0]))
    def advance(self, seconds):
        self.made.clock.advance(seconds)

    @rule(client=st.sampled_from("abcd"), service_s=st.sampled_from([0.0, 30.0]))
    def request(self, client, service_s):
        if self.balancer:
            request = Request(client=client, service_s=service_s)
            self.balancer.submit(request, lambda response: None, lambda error: None)

    @precondition(lambda self: self.made.instances)
    @rule(data=st.data())
    def lose(self, data):
        self.made.lose(data.draw(st.sampled_from(self.made.instances)))

    @invariant()
    def the_books_are_in_order(self):
        if hasattr(self, "made"):
            self.made.check_invariants()
            if self.balancer:
                self.balancer.check_invariants()
                assert len(self.balancer.in_service) == self.made.running

    def teardown(self):
        if hasattr(self, "made"):
            self.made.clock.advance(60.0)
            assert self.made.running >= 2
            assert self.made.draining == 0
            self.the_books_are_in_order()


ScalerMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestScaler = ScalerMachine.TestCase
