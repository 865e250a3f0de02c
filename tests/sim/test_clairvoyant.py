"""The fleet of somebody who knows the demand, against every possible plan."""

import itertools

import numpy as np
import pytest

from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.clairvoyant import clairvoyant_fleet
from scalelab.sim.fleet import Fleet


def cheapest_by_trying(needed, startup):
    """Instance-ticks of one instance that must run where `needed`: every on-off plan is tried."""
    best = None
    for plan in itertools.product([False, True], repeat=len(needed)):
        if any(want and not on for want, on in zip(needed, plan, strict=True)):
            continue
        cost = sum(plan)
        for t in range(1, len(plan)):  # before each start it is paid for and does nothing
            if plan[t] and not plan[t - 1]:
                cost += min(startup, t)
        best = cost if best is None else min(best, cost)
    return best


@pytest.mark.parametrize("startup", [0, 1, 3])
def test_no_plan_is_cheaper(startup):
    rng = np.random.default_rng(startup)
    for _ in range(12):
        demand = rng.choice([0.0, 5.0, 15.0, 25.0], size=9)
        fleet = Fleet(rate_per_s=10, startup_s=startup, min_instances=1, max_instances=3)
        have = clairvoyant_fleet(demand, fleet)
        by_trying = 9 + sum(cheapest_by_trying(demand > 10 * k, startup) for k in (1, 2))
        # a plan pays for a start between two uses what keeping costs at the most
        assert have.sum() == by_trying


def test_nobody_waits():
    rng = np.random.default_rng(4)
    demand = np.repeat(rng.uniform(0, 900, 30), 40)
    fleet = Fleet(rate_per_s=100, startup_s=60, min_instances=9, max_instances=9)
    free = Fleet(rate_per_s=100, startup_s=60, min_instances=1, max_instances=9)
    have = clairvoyant_fleet(demand, free)
    assert have.sum() < 9 * demand.size
    run = fleet_run(
        np.concatenate([np.zeros(60), demand]), free, at_least=np.r_[np.full(60, have[0]), have]
    )
    assert run.backlog.max() == 0
    assert clairvoyant_fleet(demand, fleet).tolist() == [9] * demand.size


def test_the_window_is_the_start_up_time():
    demand = np.zeros(300)
    demand[200] = 500.0
    for startup in (0, 1, 7, 64, 199):
        fleet = Fleet(rate_per_s=100, startup_s=startup, min_instances=1, max_instances=9)
        have = clairvoyant_fleet(demand, fleet)
        assert np.flatnonzero(have == 5).tolist() == list(range(200 - startup, 201))


def test_more_than_the_fleet_can_do_is_refused():
    fleet = Fleet(rate_per_s=100, startup_s=1, min_instances=1, max_instances=9)
    with pytest.raises(ValueError, match=r"clairvoyant_fleet: demand_per_s must need at most"):
        clairvoyant_fleet([901.0], fleet)
