"""Stale reads and writes at risk of whole systems."""

from dataclasses import replace

import pytest

from scalelab.models.system_parts import Cache, Database, Demand, System
from scalelab.planner.system_flows import system_flows
from scalelab.planner.system_lines import system_lines
from scalelab.planner.system_staleness import system_staleness

SYSTEM = System(
    demand=Demand(rate_per_s=300.0, write_share=0.2, keys=1_000), database=Database(replicas=1)
)


def staleness(system, **settings):
    flows = system_flows(system)
    return system_staleness(system, flows, system_lines(system, flows), **settings)


def test_a_cache_multiplies_what_is_stale():
    plain = staleness(SYSTEM).stale_share
    cached = staleness(replace(SYSTEM, cache=Cache(capacity=500))).stale_share
    assert 0 < 2 * plain < cached < 1


def test_reads_from_the_primary_are_never_stale():
    assert staleness(replace(SYSTEM, database=Database())).stale_share == 0
    primary = replace(SYSTEM, cache=Cache(capacity=500, fill="primary"))
    assert staleness(primary).stale_share == 0


@pytest.mark.parametrize(
    ("database", "expected"),
    [
        (Database(), 60 * 1_800),
        (Database(replicas=1, sync_replicas=1), 0),
        (Database(replicas=1), 60 * 0.0062),
    ],
)
def test_writes_at_risk_are_those_that_nobody_else_has(database, expected):
    found = staleness(replace(SYSTEM, database=database))
    assert found.writes_at_risk == pytest.approx(expected, rel=0.05)


def test_frequent_backups_lose_less():
    alone = replace(SYSTEM, database=Database())
    assert staleness(alone, backup_every_s=60.0).writes_at_risk == pytest.approx(60 * 30)
    quiet = replace(alone, demand=replace(SYSTEM.demand, write_share=0.0))
    assert staleness(quiet).writes_at_risk == 0
