"""What is refused, by name, and what is told beside an answer."""

import math
from dataclasses import replace

import pytest

from scalelab.models.system_parts import AppTier, Cache, Database, Demand, System
from scalelab.planner.autoscaled_fleet import Autoscaler, SuddenRise
from scalelab.planner.client_retries import AfterDisturbance
from scalelab.planner.valid_range import (
    MOST_BUSY,
    OutsideRangeError,
    fleet_errors,
    known_errors,
    refuse_outside,
)

SYSTEM = System(demand=Demand(rate_per_s=100.0))
CALM = dict.fromkeys(MOST_BUSY, 0.5)


@pytest.mark.parametrize("tier", MOST_BUSY)
def test_each_tier_is_refused_by_name(tier):
    refuse_outside(SYSTEM, CALM | {tier: MOST_BUSY[tier]})
    with pytest.raises(OutsideRangeError, match=f"plan_system: {tier} must be at most"):
        refuse_outside(SYSTEM, CALM | {tier: MOST_BUSY[tier] + 0.01})
    with pytest.raises(OutsideRangeError, match=f"{tier} must carry .* needs 123 %.*grows"):
        refuse_outside(SYSTEM, CALM | {tier: 1.23})


def test_uneven_work_and_tiny_pools_are_refused():
    uneven = System(demand=Demand(rate_per_s=100.0, work_scv=9.0))
    with pytest.raises(OutsideRangeError, match=r"work_scv must .* p99 is too high"):
        refuse_outside(uneven, CALM)
    for connections, cores in ((3, 4), (4, 32)):
        tiny = System(demand=SYSTEM.demand, database=Database(connections=connections, cores=cores))
        with pytest.raises(OutsideRangeError, match=r"connections must .* p99 is too"):
            refuse_outside(tiny, CALM)
    one_pool = System(
        demand=SYSTEM.demand, app=AppTier(servers=1), database=Database(connections=3)
    )
    refuse_outside(one_pool, CALM)


def test_what_shifts_the_answer_is_told():
    assert known_errors(SYSTEM, CALM) == ()
    fewest = System(demand=SYSTEM.demand, app=AppTier(routing="fewest outstanding"))
    assert "too low" in known_errors(fewest, CALM)[0]
    assert "too low" in known_errors(SYSTEM, CALM, correlated=True)[0]
    lagging = System(demand=SYSTEM.demand, cache=Cache(capacity=10), database=Database(replicas=1))
    assert "stale" in known_errors(lagging, CALM)[0]


@pytest.mark.parametrize(
    ("scv", "told"),
    [(0.0, "constant work"), (0.5, ""), (1.0, ""), (2.0, "uneven"), (4.0, "uneven")],
)
def test_work_that_is_not_exponential_on_few_cores_is_told(scv, told):
    demand = Demand(rate_per_s=100.0, work_scv=scv)
    notes = known_errors(System(demand=demand, app=AppTier(cores=2)), CALM)
    assert [note.startswith(told) for note in notes] == ([True] if told else [])
    assert known_errors(System(demand=demand), CALM) == ()
    busy = known_errors(System(demand=demand), CALM | {"app": 0.75})
    assert [note.startswith("uneven") for note in busy] == ([True] if scv > 1 else [])


def test_fills_in_bursts_are_told():
    demand = Demand(rate_per_s=750.0, keys=5_000, zipf_exponent=1.1)
    hot = System(demand=demand, cache=Cache(capacity=2_000), database=Database(read_s=0.006))
    busy = CALM | {"primary": 0.63}
    assert "miss together" in known_errors(hot, busy)[0]
    assert known_errors(hot, CALM | {"replica": 0.63}) == known_errors(hot, CALM) == ()
    for other in (
        replace(hot, cache=None),
        replace(hot, demand=replace(demand, zipf_exponent=0.6)),
    ):
        assert known_errors(other, busy) == ()


def test_retries_that_would_not_end_are_told():
    after = AfterDisturbance(tier="primary", retries=1, busy_with_retries=1.2, drain_s=math.inf)
    told = known_errors(SYSTEM, CALM, after=after)
    assert told[0].startswith("vulnerable: 1 retry after a timeout would make the primary 120 %")
    assert known_errors(SYSTEM, CALM, after=replace(after, busy_with_retries=0.9)) == ()


FLEET = Autoscaler(max_servers=8, target=0.6)
NO_RISE = SuddenRise(carried_times=2.0, most_waiting=0.0, lasts_s=0.0)


def test_a_fleet_at_its_most_is_told():
    assert fleet_errors(SYSTEM, FLEET, [(1e4, 0.6), (1e4, 0.5)], NO_RISE) == ()
    told = fleet_errors(SYSTEM, FLEET, [(1e4, 0.6), (1e4, 0.7)], NO_RISE)
    assert told[0].startswith("the fleet is at its most, 8 servers, and busier")
    assert "1 of 2 hours" in told[0]


def test_a_rise_that_is_too_fast_is_told_with_the_sign_of_the_error():
    for lasts_s, words in ((90.0, "for 90 s"), (math.inf, "for as long as it lasts")):
        rise = SuddenRise(carried_times=1.5, most_waiting=9.0, lasts_s=lasts_s)
        told = fleet_errors(SYSTEM, FLEET, [(1e4, 0.6)], rise)
        assert f"2 times is faster than servers start: {words} p99 is too low" in told[0]


def test_a_load_too_small_to_be_measured_in_a_minute_is_told():
    assert fleet_errors(SYSTEM, FLEET, [(90.0, 0.6)], NO_RISE) == ()
    told = fleet_errors(SYSTEM, FLEET, [(900.0, 0.6), (60.0, 0.6)], NO_RISE)
    assert "the price is too low" in told[0]
