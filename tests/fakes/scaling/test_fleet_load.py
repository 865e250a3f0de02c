"""What a fleet serves: a fluid, or the clients of a load balancer."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.scaling.fleet_load import BalancedLoad, FluidLoad


@given(
    demands=st.lists(st.floats(0, 1e4), min_size=1, max_size=30),
    capacity=st.floats(0, 1e4),
    limit=st.sampled_from([0.0, 50.0, math.inf]),
)
def test_no_fluid_is_lost(demands, capacity, limit):
    load = FluidLoad(lambda time_s: demands[int(time_s)], queue_limit=limit)
    ticks = [load.served(float(t), 1.0, capacity) for t in range(len(demands))]
    served = sum(tick.load * capacity for tick in ticks)
    came = sum(demands)
    left = ticks[-1].backlog + sum(tick.dropped for tick in ticks)
    assert served + left == pytest.approx(came, abs=1e-6)
    assert all(0 <= tick.backlog <= limit and 0 <= tick.load <= 1 + 1e-12 for tick in ticks)


def test_a_busy_sensor_ends_at_one_and_demand_goes_on():
    for sensor, shown in (("utilisation", 1.0), ("demand", 2.0)):
        load = FluidLoad(lambda time_s: 200.0, sensor=sensor)
        assert load.served(0.0, 1.0, 100.0).load == shown


def test_without_capacity_any_demand_is_full_load():
    assert FluidLoad(lambda time_s: 1.0).served(0.0, 1.0, 0.0).load == 1.0
    assert FluidLoad(lambda time_s: 0.0).served(0.0, 1.0, 0.0).load == 0.0


def test_a_balanced_load_counts_each_tick_alone():
    clock = VirtualClock()
    load = BalancedLoad(LoadBalancer(clock, []))
    load.started("web")
    for _ in range(3):
        load.balancer.submit(Request(client="ann", service_s=1.0), lambda r: None, lambda e: None)
    clock.advance(1.0)
    first = load.served(0.0, 1.0, 1.0)
    assert (first.demand, first.backlog, first.load) == (3.0, 2.0, 1.0)
    load.lost("web")
    clock.advance(1.0)
    second = load.served(1.0, 1.0, 1.0)
    assert (second.demand, second.dropped, second.backlog) == (0.0, 2.0, 0.0)
