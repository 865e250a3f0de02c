"""Flows, loads and lines that know of each other, or a refusal."""

from dataclasses import replace

import pytest

from scalelab.models.system_parts import AppTier, Cache, Database, Demand, System
from scalelab.planner.system_flows import system_flows
from scalelab.planner.system_solved import solved_system, solved_with
from scalelab.planner.valid_range import OutsideRangeError

SYSTEM = System(
    demand=Demand(rate_per_s=800.0, keys=5_000),
    app=AppTier(servers=4),
    cache=Cache(capacity=1_000),
    database=Database(read_s=0.006),
)


def test_a_fill_waits_in_the_line_that_the_misses_make():
    flows, loads, _ = solved_system(SYSTEM)
    at_once = system_flows(SYSTEM)
    assert flows.hit_ratio < at_once.hit_ratio
    assert loads["primary"] < 0.85


def test_without_a_cache_there_is_nothing_to_wait_for():
    bare = replace(SYSTEM, cache=None, database=Database(cores=16))
    flows, loads, lines = solved_system(bare)
    same, again = solved_with(bare, system_flows(bare))
    assert loads == same
    assert lines.app == again.app
    assert flows.hit_ratio == 0


def test_what_is_outside_is_refused():
    with pytest.raises(OutsideRangeError, match="app must carry its load"):
        solved_system(replace(SYSTEM, app=AppTier(servers=1)))
