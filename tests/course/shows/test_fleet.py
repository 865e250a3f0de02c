"""A fleet on the stage: blocks of requests in order, instances that start, run and stop."""

import numpy as np
import pytest

from scalelab.course.shows.fleet import BLOCK, show_fleet
from scalelab.course.stage import Stage
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.fleet import Fleet

FLEET = Fleet(rate_per_s=100, startup_s=60, min_instances=2, max_instances=9)


@pytest.fixture
def trace():
    demand = np.where(np.arange(900) < 300, 500.0, 100.0)
    at_least = np.where(np.arange(900) < 100, 2, np.where(np.arange(900) < 700, 6, 3))
    run = fleet_run(demand, FLEET, at_least=at_least)
    stage = Stage()
    show_fleet(stage, run, begin_s=50, end_s=900)
    return stage.run(849.0), run


def test_blocks_leave_in_the_order_in_which_they_came(trace):
    trace, run = trace
    out = {place.name: i for i, place in enumerate(trace.picture.places)}
    ends = (out["answered in time"], out["answered late"])
    left = [steps[-1] for steps in trace.steps if steps[-1][1] in ends]
    assert [step[0] for step in left] == sorted(step[0] for step in left)
    served = np.round(np.cumsum(run.demand) - run.backlog, 3)
    assert len(left) == served[-1] // BLOCK - served[49] // BLOCK


def test_instances_start_then_run_then_stop(trace):
    trace, run = trace
    names = [place.name for place in trace.picture.places]
    ways = [[names[s[1]] for s in steps] for steps in trace.steps]
    instances = [way for way in ways if {"starting", "running"} & set(way)]
    assert instances.count(["starting", "running"]) + instances.count(["running"]) == 3
    assert len(instances) == run.running.max() == 6
    assert sum(way[-1] == "stopped" for way in instances) == 3
    grown = [steps for steps, way in zip(trace.steps, ways, strict=True) if way[0] == "starting"]
    assert {b[0] - a[0] for a, b, *_ in grown} == {60_000}


def test_nobody_waits_and_nobody_says_so():
    stage = Stage()
    show_fleet(stage, fleet_run(np.full(300, 150.0), FLEET), begin_s=0, end_s=300)
    trace = stage.run(299.0)
    assert trace.says == []
    assert trace.count("in line", 200_000) == 0
    assert trace.count("answered in time", 299_000) > 0
