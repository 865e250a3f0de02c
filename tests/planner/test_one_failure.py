"""What the loss of each part leaves."""

from dataclasses import replace

import pytest

from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System
from scalelab.planner.one_failure import Recovery, after_each_loss

SYSTEM = System(
    demand=Demand(rate_per_s=700.0, write_share=0.1, keys=1_000),
    app=AppTier(servers=2, cores=4),
    database=Database(replicas=1),
)


def left(system, part):
    return {loss.part: loss for loss in after_each_loss(system)}[part]


def test_survivors_do_what_they_can():
    assert left(SYSTEM, "app server").answered_share == pytest.approx(4 / 7)
    three = replace(SYSTEM, app=AppTier(servers=4, cores=4))
    assert left(three, "app server").answered_share == 1
    assert left(replace(SYSTEM, app=AppTier(servers=1)), "app server").answered_share == 0


def test_the_last_replicas_reads_go_to_the_primary():
    work = 630 * 0.004 + 70 * 0.006
    small = replace(SYSTEM, database=replace(SYSTEM.database, cores=2))
    expected = 1 - 0.9 * (1 - 2 / work)
    assert left(small, "replica").answered_share == pytest.approx(expected)
    assert left(SYSTEM, "replica").answered_share == 1


def test_an_acknowledgement_that_nobody_is_left_to_give_blocks_writes():
    waits = replace(SYSTEM, database=Database(replicas=1, sync_replicas=1))
    assert left(waits, "replica").answered_share == pytest.approx(0.9)
    spare = replace(SYSTEM, database=Database(replicas=2, sync_replicas=1))
    assert left(spare, "replica").answered_share == 1


def test_the_primary_takes_its_shards_writes_and_perhaps_reads():
    assert left(SYSTEM, "primary").answered_share == pytest.approx(0.9)
    assert left(SYSTEM, "primary").for_s == Recovery().failover_s
    alone = replace(SYSTEM, database=Database())
    assert left(alone, "primary").answered_share == pytest.approx(0)
    assert left(alone, "primary").for_s == Recovery().restore_s
    shards = replace(SYSTEM, database=Database(shards=4))
    assert 0.6 < left(shards, "primary").answered_share < 0.76


def test_a_cache_is_a_part_that_fails():
    cached = replace(SYSTEM, cache=Cache(capacity=800), database=Database(cores=2))
    assert left(cached, "cache").answered_share == pytest.approx(2 / (630 * 0.004 + 70 * 0.006))
    assert "cache" not in {loss.part for loss in after_each_loss(SYSTEM)}


def test_everybody_needs_the_session_store():
    assert left(replace(SYSTEM, sessions=SessionStore()), "sessions").answered_share == 0
