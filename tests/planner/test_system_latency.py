"""Latencies of kinds of requests: sums of stages, and their mixture."""

from dataclasses import replace

import pytest

from scalelab.models.erlang import mmc_mean_response_s
from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System
from scalelab.models.waiting_times import mmc_response_percentile_s
from scalelab.planner.system_flows import system_flows
from scalelab.planner.system_latency import system_latency
from scalelab.planner.system_lines import system_lines

SYSTEM = System(
    demand=Demand(rate_per_s=400.0, keys=1_000),
    app=AppTier(servers=2),
    cache=Cache(capacity=100),
    database=Database(connections=50, replicas=1, rtt_s=0.002),
)


def latency(system):
    flows = system_flows(system)
    return system_latency(system, flows, system_lines(system, flows))


def test_means_add_up():
    found = latency(SYSTEM)
    app_s = mmc_mean_response_s(200, 100, 4)
    assert found.kinds["hit"].mean_s == pytest.approx(app_s + 0.001, rel=2e-3)
    for kind, tier, constant_s in (("miss", "replica", 0.003), ("write", "primary", 0.002)):
        parts_s = app_s + found.tiers["pool"].mean_s + found.tiers[tier].mean_s + constant_s
        assert found.kinds[kind].mean_s == pytest.approx(parts_s, rel=2e-3)
    assert found.whole.on_grid == pytest.approx(1, abs=1e-4)


def test_a_tier_alone_is_mmc():
    tier = latency(SYSTEM).tiers["app"]
    for q in (0.5, 0.99):
        expected = mmc_response_percentile_s(q, 200, 100, servers=4)
        assert tier.quantile(q) == pytest.approx(expected, rel=2e-3)


def test_percentiles_of_stages_do_not_add_up():
    found = latency(SYSTEM)
    stages = sum(found.tiers[tier].quantile(0.99) for tier in ("app", "replica"))
    assert stages > 1.1 * found.kinds["miss"].quantile(0.99)


def test_a_visit_and_an_acknowledgement_come_on_top():
    plain = latency(SYSTEM).kinds["write"].mean_s
    store = SessionStore(cores=1, visit_s=0.0002, rtt_s=0.004)
    visits = latency(replace(SYSTEM, sessions=store)).kinds["write"].mean_s
    waits = latency(replace(SYSTEM, database=replace(SYSTEM.database, sync_replicas=1)))
    assert visits - plain == pytest.approx(0.0042, rel=0.03)
    assert waits.kinds["write"].mean_s - plain == pytest.approx(0.006, rel=0.02)


def test_kinds_that_do_not_come_are_not_there():
    reads_only = replace(SYSTEM, demand=replace(SYSTEM.demand, write_share=0.0), cache=None)
    assert set(latency(reads_only).kinds) == {"miss"}
