"""The week of a whole shop: its parts alone, each fault, and what a tick changes."""

from dataclasses import replace

import numpy as np
import pytest

from scalelab.models.hit_ratio_by_key import hit_ratio_by_key
from scalelab.models.system_parts import Cache, Database, Demand, System
from scalelab.sim import _compiled
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import OwnPolicy, TargetPolicy
from scalelab.sim.week import Gateway, WeekFaults, simulate_week

FLEET = Fleet(rate_per_s=100, startup_s=60, min_instances=3, max_instances=20, queue_limit=5_000)
POLICY = TargetPolicy(target=0.6, window_s=60, every_s=60)
LARGE = Database(cores=32, replicas=2)
SHOP = System(
    demand=Demand(rate_per_s=1.0, keys=5_000), cache=Cache(capacity=1_000), database=LARGE
)
HOUR = np.random.default_rng(1).uniform(200, 280, 3_600)
CROWD = np.where(np.arange(3_600) > 1_200, 900.0, 200.0)


def run(system=SHOP, rate=HOUR, fleet=FLEET, **said):
    return simulate_week(system, fleet, rate, **{"policy": POLICY} | said)


def test_a_shop_in_which_nothing_breaks_is_its_fleet():
    ours, alone = run().fleet, fleet_run(HOUR, FLEET, POLICY, sensor="demand")
    assert np.allclose(ours.demand, HOUR)
    for mark in ("running", "starting", "backlog", "dropped", "load"):
        assert np.allclose(getattr(ours, mark), getattr(alone, mark)), mark


def test_a_policy_of_ones_own_is_asked_as_by_the_fleet():
    seen = []

    def decide(reading):
        seen.append(reading)
        return 7

    assert run(policy=OwnPolicy(decide=decide)).fleet.running[-1] == 7
    assert [reading.time_s for reading in seen[:2]] == [60, 120]
    assert seen[3].demand_per_s == pytest.approx(HOUR[180:240].mean())


def test_the_plain_form_does_the_same(monkeypatch):
    pytest.importorskip("numba")
    faults = WeekFaults(
        cache_empty_s=600, servers_lost_s=1_300, replica_lost_s=1_500, primary_lost_s=2_000
    )
    said = {"rate": CROWD, "faults": faults, "gateway": Gateway(retries=1, shed_s=0.5)}
    said["routed"] = [0.1, 0.4, 0.9]
    compiled = run(**said)
    monkeypatch.setattr(_compiled, "_numba_is_installed", lambda: False)
    plain = run(**said)
    for mark in (
        "failed",
        "hit_ratio",
        "primary_load",
        "replica_load",
        "at_primary",
        "lag_s",
        "read_line_s",
    ):
        assert np.allclose(getattr(plain, mark), getattr(compiled, mark), rtol=1e-9), mark
    assert np.array_equal(plain.fleet.running, compiled.fleet.running)


def test_loads_and_hit_ratio_are_those_of_the_models():
    rate = np.full(10, 400.0)
    found = run(rate=rate, fleet=replace(FLEET, min_instances=10))
    reads = 400 * 0.9 * SHOP.demand.popularity()
    fill_s = LARGE.rtt_s / 2 + LARGE.read_s
    hit = hit_ratio_by_key(reads, reads / 9, 1_000, fill_s=fill_s).hit_ratio
    assert found.hit_ratio[-1] == pytest.approx(hit, abs=0.002)
    misses, writes = 360 * (1 - hit), 40.0
    assert found.primary_load[-1] == pytest.approx(writes * LARGE.write_s / 32)
    at_replica = misses / 2 * LARGE.read_s + writes * LARGE.apply_s
    assert found.replica_load[-1] == pytest.approx(at_replica / 32, rel=0.01)
    shards = replace(SHOP, database=replace(LARGE, shards=2, placement="range"))
    fullest = run(shards, rate, fleet=replace(FLEET, min_instances=10)).primary_load[-1]
    assert found.primary_load[-1] / 2 < fullest < found.primary_load[-1]


def test_a_router_moves_misses_to_the_primary_by_the_writes_that_a_replica_lacks():
    rate, fleet = np.full(10, 400.0), replace(FLEET, min_instances=10)
    all_there = run(rate=rate, fleet=fleet)
    half, whole = (run(rate=rate, fleet=fleet, routed=[share]) for share in (0.5, 1.0))
    read = all_there.replica_load[-1] - 40 * LARGE.apply_s / 32
    assert half.replica_load[-1] == pytest.approx(all_there.replica_load[-1] - read / 2, rel=0.01)
    assert half.primary_load[-1] == pytest.approx(all_there.primary_load[-1] + read, rel=0.01)
    assert np.all(whole.at_primary == 1)
    assert whole.replica_load[-1] == pytest.approx(40 * LARGE.apply_s / 32)
    by_lag = run(rate=rate, fleet=fleet, routed=[0.0, 0.6])
    behind = by_lag.lag_s[-1] * 40
    assert 0 < behind < 1
    assert by_lag.at_primary[-1] == pytest.approx(0.6 * np.log2(behind + 1), rel=0.01)


def test_reads_that_a_router_sends_to_the_primary_fail_with_it():
    lost = WeekFaults(primary_lost_s=600, failover_s=30)
    for share in (0.0, 1.0):
        found = run(faults=lost, routed=[share])
        misses = 0.9 * (1 - found.hit_ratio[610])
        assert found.failed[610] == pytest.approx(0.1 + share * misses)


def test_an_overload_feeds_on_those_who_try_again():
    few = replace(FLEET, max_instances=8)
    patient = run(rate=CROWD, fleet=few, gateway=Gateway(client_retries=0, timeout_s=1e6))
    assert patient.failed[:1_200].max() == 0
    asked = [
        run(rate=CROWD, fleet=few, gateway=Gateway(client_retries=tries)).fleet.demand.sum()
        for tries in (0, 1, 3)
    ]
    assert asked[0] == pytest.approx(CROWD.sum())
    assert asked[0] < asked[1] < asked[2]


def test_who_sheds_serves_what_the_servers_can():
    few = replace(FLEET, max_instances=8)
    shed = run(rate=CROWD, fleet=few, gateway=Gateway(client_retries=0, shed_s=0.3))
    line = run(rate=CROWD, fleet=few, gateway=Gateway(client_retries=0))
    assert shed.wait_s.max() <= 0.3 + 1e-9
    assert shed.failed[-600:].mean() == pytest.approx(1 - 800 / 900, abs=0.01)
    assert line.failed[-600:].mean() == 1.0  # whoever is served has left


def test_an_empty_cache_sends_everybody_to_the_database():
    found = run(faults=WeekFaults(cache_empty_s=600))
    assert found.hit_ratio[600] < 0.02 < found.hit_ratio[599]
    assert found.replica_load[600] > 1.3 * found.replica_load[599]
    assert found.hit_ratio[-1] == pytest.approx(found.hit_ratio[599], abs=0.02)


def test_errors_come_through_unless_the_gateway_tries_again():
    lost = WeekFaults(servers_lost_s=600, lost_servers=0.5, notice_s=10, error_share=0.01)
    for retries in (0, 1):
        fleet = replace(FLEET, min_instances=16)
        found = run(fleet=fleet, faults=lost, gateway=Gateway(retries=retries)).failed
        assert found[600:610] == pytest.approx(0.5 ** (1 + retries))
        assert found[:600] == pytest.approx(0.01 ** (1 + retries))


def test_the_loss_of_the_primary_stops_writes_until_a_replica_is_there():
    lost = WeekFaults(primary_lost_s=600, failover_s=30, restore_s=900)
    assert np.flatnonzero(run(faults=lost).failed) == pytest.approx(np.arange(600, 630))
    assert run(faults=lost).failed[600] == pytest.approx(0.1)
    alone = replace(SHOP, database=replace(LARGE, replicas=0))
    failed = run(alone, faults=lost).failed
    assert np.flatnonzero(failed)[-1] == 600 + 900 - 1
    assert failed[600] > 0.1  # nor is there anybody to read from


def test_strict_acknowledgement_stops_writes_while_replicas_are_missing():
    one = replace(SHOP, database=replace(LARGE, replicas=1, sync_replicas=1))
    lost = WeekFaults(replica_lost_s=600, replica_back_s=500)
    assert (run(one, faults=lost).failed > 0).sum() == 500
    assert run(faults=lost).failed.max() == 0  # another one is left, and none is waited for
    took_over = WeekFaults(primary_lost_s=600, failover_s=30, replica_back_s=500)
    assert (run(one, faults=took_over).failed > 0).sum() == 500


def test_replay_starves_beside_reads():
    busy = replace(SHOP, cache=None, database=Database(cores=1, replicas=1, apply_s=0.004))
    calm = replace(busy, database=replace(busy.database, cores=4))
    assert run(busy).lag_s[-1] > 100 * run(calm).lag_s[-1]


@pytest.mark.parametrize("tick_s", [5, 30])
def test_a_longer_tick_is_no_other_world(tick_s):
    faults = WeekFaults(
        cache_empty_s=1_500, servers_lost_s=2_000, primary_lost_s=2_700, error_share=0.001
    )
    shop = replace(SHOP, database=replace(LARGE, cores=2))
    ramp = np.interp(np.arange(3_600), [900, 1_500], [200, 700])
    marks = []
    for step in (1, tick_s):
        fleet = replace(FLEET, tick_s=float(step))
        rate = ramp.reshape(-1, step).mean(axis=1)
        found = run(shop, rate, fleet, faults=faults, gateway=Gateway(shed_s=0.5))
        marks.append([found.failed @ rate / rate.sum(), found.fleet.instance_hours])
    assert marks[1][0] == pytest.approx(marks[0][0], rel=0.25, abs=0.002)
    assert marks[1][1] == pytest.approx(marks[0][1], rel=0.02)
