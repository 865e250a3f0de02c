"""The record of a fleet: its hours, its drops, and the waits of first come, first served."""

import math
from collections import deque

import numpy as np
import pytest

from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import TargetPolicy

pytestmark = pytest.mark.usefixtures("engine")


def test_the_record_adds_up():
    demand = np.full(100, 30.0)
    fleet = Fleet(rate_per_s=10, startup_s=0, min_instances=1, max_instances=1, queue_limit=200)
    run = fleet_run(demand, fleet)
    assert run.instance_hours == pytest.approx(100 / 3600)
    assert run.dropped_share == pytest.approx((100 * 20 - 200) / 3000)
    assert run.late_share(10.0) == pytest.approx(
        (demand - run.dropped)[run.delay_s > 10.0].sum() / (demand - run.dropped).sum()
    )
    assert run.delay_percentile_s(1.0) == 20.0


@pytest.mark.parametrize("tick_s", [1.0, 5.0])
@pytest.mark.parametrize("limit", [math.inf, 2_000])
def test_a_wait_is_that_of_first_come_first_served(tick_s, limit, rng):
    """The requests of each tick stand in a line, and leave it when the fleet has come so far."""
    fleet = Fleet(
        rate_per_s=10,
        startup_s=60,
        min_instances=2,
        max_instances=30,
        queue_limit=limit,
        tick_s=tick_s,
    )
    demand = np.maximum(0.0, 120 + 150 * np.sin(np.arange(2_000) / 90) + rng.normal(0, 40, 2_000))
    demand[700:800] = 0.0  # idle, and then the line is empty
    demand[-300:] = 5.0  # everybody is served before the end
    run = fleet_run(demand, fleet, TargetPolicy(target=0.8, window_s=60, every_s=60))
    line, waits = deque(), np.zeros(demand.size)
    for t, running in enumerate(run.running):
        line.append([t, (run.demand - run.dropped)[t]])
        left = capacity = running * 10 * tick_s
        while line and line[0][1] <= left + 1e-9:
            since, rest = line.popleft()
            left -= rest
            if since < t:
                waits[since] = (t - 1 - since + (capacity - left) / capacity) * tick_s
        if line:
            line[0][1] -= left
    assert not line
    assert run.delay_s == pytest.approx(waits, abs=1e-6)
    assert (run.delay_s > 10).sum() > 20
    as_if_none_joined = run.backlog / (run.running * 10)
    assert (as_if_none_joined > 1.1 * waits + 1).sum() > 20  # would be noticed
