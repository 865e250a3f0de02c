"""Waits of a system against the queues that they are made of."""

from dataclasses import replace

import pytest

from scalelab.models.erlang import mmc_mean_wait_s
from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System
from scalelab.planner.system_flows import system_flows
from scalelab.planner.system_lines import NO_WAIT, system_lines

SYSTEM = System(
    demand=Demand(rate_per_s=900.0, write_share=0.0, keys=100),
    app=AppTier(servers=3, cores=4, app_s=0.01),
    sessions=SessionStore(cores=1, visit_s=0.0005),
    database=Database(cores=6, connections=30),
)


def lines(system):
    return system_lines(system, system_flows(system))


def test_exponential_work_is_mmc_at_every_tier():
    found = lines(SYSTEM)
    assert found.app.mean_s == pytest.approx(mmc_mean_wait_s(300, 100, 4))
    assert found.sessions.mean_s == pytest.approx(mmc_mean_wait_s(900, 2_000, 1))
    assert found.reads[0].mean_s == pytest.approx(mmc_mean_wait_s(900, 250, 6))
    held_s = found.reads[0].mean_s + 0.004 + 0.001
    assert found.pool_utilisation == pytest.approx(900 * held_s / 90)
    assert found.pool.mean_s == pytest.approx(mmc_mean_wait_s(300, 1 / held_s, 30))


def test_fewest_outstanding_is_one_line():
    one_line = lines(replace(SYSTEM, app=replace(SYSTEM.app, routing="fewest outstanding")))
    assert one_line.app.mean_s == pytest.approx(mmc_mean_wait_s(900, 100, 12))


def test_a_small_pool_keeps_the_line_out_of_the_database():
    small = replace(SYSTEM, database=replace(SYSTEM.database, connections=5))
    few, many = lines(small), lines(SYSTEM)
    assert few.reads[0].mean_s < many.reads[0].mean_s
    assert few.pool.mean_s > many.pool.mean_s


def test_nothing_comes_nobody_waits():
    whole = replace(SYSTEM, cache=Cache(capacity=100), sessions=None)
    found = lines(whole)
    assert found.sessions == found.pool == NO_WAIT
    assert found.reads == (NO_WAIT,)
    assert found.replays == (None,)


def test_a_replica_replays_beside_its_reads():
    demand = replace(SYSTEM.demand, write_share=0.2)
    found = lines(replace(SYSTEM, demand=demand, database=replace(SYSTEM.database, replicas=1)))
    assert found.replays[0].wait == found.reads[0]
    assert found.replays[0].replay_utilisation > 900 * 0.2 * 0.001
    assert found.writes[0].mean_s < found.reads[0].mean_s
