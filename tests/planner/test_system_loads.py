"""Utilisation of each tier against the sums on paper."""

from dataclasses import replace

import pytest

from scalelab.models.operational_laws import utilisation
from scalelab.models.system_parts import AppTier, Cache, Database, Demand, SessionStore, System
from scalelab.planner.system_loads import acknowledged_s, system_loads

SYSTEM = System(
    demand=Demand(rate_per_s=500.0, write_share=0.2, keys=1_000),
    app=AppTier(servers=3, cores=4, app_s=0.01),
    sessions=SessionStore(cores=1, visit_s=0.001),
    database=Database(
        replicas=2, cores=4, read_s=0.004, write_s=0.006, apply_s=0.001, rtt_s=0.001,
        connections=10,
    ),
)  # fmt: skip


def test_each_tier_is_its_work_over_what_it_has():
    loads = system_loads(SYSTEM)
    assert loads["app"] == pytest.approx(utilisation(500, 0.01, servers=12))
    assert loads["sessions"] == pytest.approx(0.5)
    assert loads["primary"] == pytest.approx(100 * 0.006 / 4)
    assert loads["replica"] == pytest.approx((200 * 0.004 + 100 * 0.001) / 4)
    assert loads["replay"] == pytest.approx(0.1)
    assert loads["pool"] == pytest.approx((400 * 0.005 + 100 * 0.007) / 30)


def test_without_replicas_the_primary_has_the_reads():
    loads = system_loads(replace(SYSTEM, database=replace(SYSTEM.database, replicas=0)))
    assert loads["primary"] == pytest.approx((400 * 0.004 + 100 * 0.006) / 4)
    assert set(loads) == {"app", "sessions", "pool", "primary"}


def test_fills_from_the_primary_leave_the_replicas_idle():
    loads = system_loads(replace(SYSTEM, cache=Cache(capacity=10, fill="primary")))
    assert loads["replica"] == pytest.approx(0.1 / 4)
    assert loads["primary"] > 0.3


def test_an_acknowledgement_holds_the_connection():
    waits = replace(SYSTEM, database=replace(SYSTEM.database, sync_replicas=1))
    assert acknowledged_s(waits) == pytest.approx(0.0055)
    assert acknowledged_s(SYSTEM) == 0
    more = system_loads(waits)["pool"] - system_loads(SYSTEM)["pool"]
    assert more == pytest.approx(100 * 0.0055 / 30)
