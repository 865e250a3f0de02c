"""The fleet against a fleet of objects, the fluid's arithmetic and a proportional rule by hand."""

import contextlib
import gc
import math
import weakref

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import OwnPolicy, Reading, StepPolicy, TargetPolicy

pytestmark = pytest.mark.usefixtures("engine")
COLUMNS = ("running", "starting", "backlog", "dropped", "load")


class Instance:
    """One instance, which knows when it is ready; that is all the slow twin needs."""

    def __init__(self, ready_at):
        self.ready_at = ready_at


def slow_twin(demand, fleet, policy, at_least=None, saturates=True):
    """Objects in a list, means over slices, one thing after another."""
    instances = [Instance(0) for _ in range(fleet.min_instances)]
    loads, rows, backlog = [], [], 0.0
    last_out = last_in = -math.inf
    wanted = None
    for t, arriving in enumerate(demand):
        floor = 0 if at_least is None else at_least[t]
        have = len(instances)
        if wanted is None:
            wanted = have if policy else 0
        wanted = min(max(wanted, floor, fleet.min_instances), fleet.max_instances)
        still_starting = any(i.ready_at >= t for i in instances if i.ready_at)
        if wanted > have:
            instances += [Instance(t + int(fleet.startup_s)) for _ in range(wanted - have)]
            last_out = t
        elif wanted < have and not still_starting:
            del instances[wanted:]
            last_in = t
        wanted = None
        running = sum(i.ready_at <= t for i in instances)
        work = backlog + arriving
        done = min(work, running * fleet.rate_per_s)
        backlog = min(work - done, fleet.queue_limit)
        loads.append((done if saturates else arriving) / (running * fleet.rate_per_s))
        rows.append((running, len(instances) - running, backlog, work - done - backlog, loads[-1]))
        if policy and (t + 1) % policy.every_s == 0:
            mean = np.mean(loads[-int(policy.window_s) :])
            wanted = asked(policy, mean, running, len(instances), t + 1 - last_out, t + 1 - last_in)
    return np.array(rows).T


def asked(policy, mean, running, have, since_out, since_in):
    if isinstance(policy, StepPolicy):
        change = policy.add if mean > policy.high else -policy.remove if mean < policy.low else 0
        wanted, out, inward = have + change, policy.cooldown_s, policy.cooldown_s
    else:
        wanted = math.ceil(running * mean / policy.target - 1e-9)
        out, inward = policy.cooldown_out_s, policy.cooldown_in_s
    if wanted > have and since_out < out:
        return None
    if wanted < have and min(since_out, since_in) < inward:
        return None
    return wanted


FLEET = Fleet(rate_per_s=10, startup_s=7, min_instances=2, max_instances=12, queue_limit=150)
POLICIES = {
    "step": StepPolicy(high=0.8, low=0.3, add=2, remove=1, window_s=5, every_s=5, cooldown_s=10),
    "target": TargetPolicy(target=0.6, window_s=6, every_s=3, cooldown_out_s=4, cooldown_in_s=20),
    "none": None,
}


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("sensor", ["utilisation", "demand"])
def test_it_is_a_fleet_of_objects(name, sensor):
    rng = np.random.default_rng(3)
    demand = np.abs(60 + 50 * np.sin(np.arange(400) / 30) + 15 * rng.standard_normal(400))
    at_least = (np.arange(400) // 50 % 3) * 3
    run = fleet_run(demand, FLEET, POLICIES[name], at_least=at_least, sensor=sensor)
    twin = slow_twin(demand, FLEET, POLICIES[name], at_least, sensor == "utilisation")
    for column, expected in zip(COLUMNS, twin, strict=True):
        assert getattr(run, column) == pytest.approx(expected, abs=1e-8), column
    assert run.running.max() > run.running.min()  # there was something to agree about


def test_an_overload_of_ten_minutes_takes_its_time_to_drain():
    """1,000 requests/s of capacity, a fifth too much: 120,000 wait, gone in 400 s at 1.5 times."""
    fleet = Fleet(rate_per_s=500, startup_s=0, min_instances=2, max_instances=3)
    demand = np.where(np.arange(2_000) < 600, 1_200.0, 1_200.0)
    at_least = np.where(np.arange(2_000) < 600, 2, 3)
    run = fleet_run(demand, fleet, at_least=at_least)
    assert run.backlog[599] == pytest.approx(120_000)
    assert np.flatnonzero(run.backlog == 0)[0] == 600 + 120_000 / (1_500 - 1_200) - 1
    assert run.delay_s[599] == pytest.approx(80)  # a third instance joins now
    assert run.delay_s[299] == pytest.approx(60)  # served before it joins
    assert run.delay_s[539] == pytest.approx(60 + 48_000 / 1_500)  # 60 s with two, the rest with 3


@pytest.mark.parametrize("startup_s", [3, 4, 5, 1e15])
def test_instances_that_would_start_after_the_end_never_run(startup_s):
    fleet = Fleet(rate_per_s=1, startup_s=startup_s, min_instances=1, max_instances=2)
    run = fleet_run(np.ones(4), fleet, at_least=np.full(4, 2))
    assert run.running.tolist() == ([1, 1, 1, 2] if startup_s == 3 else [1, 1, 1, 1])
    assert (run.running + run.starting == 2).all()


def test_two_more_every_five_minutes():
    """From 2 to 202 in steps of two takes 500 minutes."""
    fleet = Fleet(rate_per_s=1, startup_s=60, min_instances=2, max_instances=500)
    policy = StepPolicy(
        high=0.8, low=0.1, add=2, remove=1, window_s=300, every_s=300, cooldown_s=300
    )
    run = fleet_run(np.full(40_000, 1e6), fleet, policy)
    assert np.flatnonzero(run.running + run.starting == 202)[0] == 500 * 60


def test_target_tracking_comes_to_rest_at_the_proportion():
    fleet = Fleet(rate_per_s=100, startup_s=30, min_instances=1, max_instances=99)
    policy = TargetPolicy(target=0.6, window_s=60, every_s=60)
    run = fleet_run(np.full(3_000, 730.0), fleet, policy)
    assert run.running[-1] == math.ceil(730 / (100 * 0.6))
    assert run.load[-1] <= 0.6


def test_a_saturated_sensor_needs_several_rounds():
    """Four times the demand looks like full load: each round grows by 1/0.6 only."""
    fleet = Fleet(rate_per_s=100, startup_s=10, min_instances=3, max_instances=99)
    policy = TargetPolicy(target=0.6, window_s=10, every_s=30)
    demand = np.full(600, 1_200.0)
    blind = fleet_run(demand, fleet, policy)
    seeing = fleet_run(demand, fleet, policy, sensor="demand")
    first = blind.running[blind.running > 3][0]
    assert first == math.ceil(3 / 0.6)
    assert seeing.running[seeing.running > 3][0] == 20
    assert blind.backlog.max() > seeing.backlog.max()


def test_a_schedule_starts_in_time_or_too_late():
    fleet = Fleet(rate_per_s=100, startup_s=120, min_instances=1, max_instances=20)
    demand = np.where(np.arange(2_000) < 1_000, 80.0, 900.0)
    ahead = np.where(np.arange(2_000) < 1_000 - 120, 1, 9)
    assert fleet_run(demand, fleet, at_least=ahead).backlog.max() == 0
    late = fleet_run(demand, fleet, at_least=np.where(np.arange(2_000) < 1_000, 1, 9))
    assert late.backlog.max() == pytest.approx(120 * 800)


def test_a_policy_of_ones_own_is_shown_what_is_so():
    seen = []

    def decide(reading):
        seen.append(reading)
        return 4 if reading.time_s < 100 else 2

    fleet = Fleet(rate_per_s=10, startup_s=15, min_instances=1, max_instances=3)
    policy = OwnPolicy(decide=decide, window_s=20, every_s=40)
    run = fleet_run(np.arange(200.0) / 10, fleet, policy)
    assert [reading.time_s for reading in seen] == [40, 80, 120, 160]
    first = seen[0]
    assert isinstance(first, Reading)
    assert (first.running, first.starting) == (1, 0)
    assert first.demand_per_s == pytest.approx(np.arange(20, 40).mean() / 10)
    assert first.load == pytest.approx(first.demand_per_s / 10)
    assert seen[1].running == 3  # 4 wanted, 3 at the most
    assert run.running[54:56].tolist() == [1, 3]
    assert run.running[125] == 2


def test_own_target_tracking_is_target_tracking():
    rng = np.random.default_rng(3)
    demand = np.abs(60 + 50 * np.sin(np.arange(900) / 60) + 5 * rng.standard_normal(900))
    target = TargetPolicy(target=0.6, window_s=6, every_s=5)
    own = OwnPolicy(
        decide=lambda r: math.ceil(r.running * r.load / 0.6 - 1e-9), window_s=6, every_s=5
    )
    assert np.array_equal(
        fleet_run(demand, FLEET, target).running, fleet_run(demand, FLEET, own).running
    )


def test_a_policy_that_returns_nonsense_is_named():
    for nonsense in (None, 2.5, -1, "3"):
        policy = OwnPolicy(decide=lambda reading, n=nonsense: n, every_s=1)
        with pytest.raises(ValueError, match=r"fleet_run: policy.decide\(reading\) must be an int"):
            fleet_run([1.0, 1.0, 1.0], FLEET, policy)


@pytest.mark.parametrize("decide", [lambda reading: 1, lambda reading: None], ids=["whole", "cut"])
def test_a_run_that_is_over_keeps_nothing(decide):
    """A compiled generator that is left before its end would keep all arrays for ever."""
    demand = np.ones(10)
    held = weakref.ref(demand)
    with contextlib.suppress(ValueError):
        fleet_run(demand, FLEET, OwnPolicy(decide=decide, every_s=1))
    del demand
    gc.collect()
    assert held() is None


def test_long_ticks_are_the_same_fluid():
    policy = TargetPolicy(target=0.6, window_s=60, every_s=60)
    per_second = Fleet(rate_per_s=10, startup_s=60, min_instances=1, max_instances=50)
    per_minute = Fleet(rate_per_s=10, startup_s=60, min_instances=1, max_instances=50, tick_s=60.0)
    demand = np.repeat([40.0, 90.0, 10.0], 20)
    fine = fleet_run(np.repeat(demand, 60), per_second, policy)
    coarse = fleet_run(demand, per_minute, policy)
    assert np.array_equal(fine.running[::60], coarse.running)


@given(
    demand=st.lists(st.floats(0, 500), min_size=1, max_size=120),
    startup=st.integers(0, 9),
    limit=st.sampled_from([0.0, 50.0, math.inf]),
    name=st.sampled_from(list(POLICIES)),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_nothing_is_lost_and_bounds_are_kept(demand, startup, limit, name):
    fleet = Fleet(
        rate_per_s=10, startup_s=startup, min_instances=2, max_instances=9, queue_limit=limit
    )
    run = fleet_run(demand, fleet, POLICIES[name])
    have = run.running + run.starting
    assert have.min() >= 2
    assert have.max() <= 9
    assert (run.running >= 2).all()
    assert (run.starting >= 0).all()
    before = np.concatenate([[0.0], run.backlog[:-1]])
    served = before + run.demand - run.backlog - run.dropped
    assert (served <= run.running * 10 + 1e-6).all()
    assert (served >= -1e-6).all()
    assert run.backlog.max() <= limit
