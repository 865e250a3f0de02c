"""The event simulation of a system: its twin, closed forms, and what it does in need."""

from dataclasses import replace

import numpy as np
import pytest

from scalelab.models.erlang import mmc_mean_response_s
from scalelab.models.hit_ratio import lru_hit_ratio
from scalelab.models.system_parts import (
    AppTier,
    Cache,
    Database,
    Demand,
    SessionStore,
    System,
)
from scalelab.sim import system as module
from scalelab.sim.statistics import estimate
from scalelab.sim.system import RequestTrace, draw_requests, simulate_system
from scalelab.sim.system_needs import Autoscaler, Clients, Fault, Guards

READS = Demand(rate_per_s=300.0, write_share=0.0, keys=1)
FREE = Database(cores=50, read_s=1e-9, write_s=1e-9, apply_s=1e-9, rtt_s=0.0, connections=10_000)
SHOP = System(
    demand=Demand(rate_per_s=400.0, keys=2_000),
    app=AppTier(servers=3, cores=2, app_s=0.010, routing="fewest outstanding"),
    database=Database(shards=2, replicas=1, cores=2, connections=4, sync_replicas=1),
    cache=Cache(capacity=500, ttl_s=5.0),
    sessions=SessionStore(),
)
NEED = {
    "clients": Clients(timeout_s=0.1, retries=2, retry_budget=0.5),
    "guards": Guards(
        line_limit=8,
        checks_deadline=True,
        single_flight=True,
        ttl_jitter=0.5,
        pool_timeout_s=0.05,
        connect_s=0.01,
        ejects=True,
    ),
    "faults": [
        Fault(kind="cache flush", at_s=2.0),
        Fault(kind="connections lost", at_s=3.0),
        Fault(kind="connection leak", at_s=1.0, size=0.001),
        Fault(kind="server errors", at_s=4.0, until_s=5.0, target=1),
        Fault(kind="slow node", at_s=5.0, until_s=6.0, target=2, size=8.0),
    ],
    "autoscaler": Autoscaler(
        every_s=2,
        high=0.6,
        low=0.3,
        add=1,
        remove=1,
        cooldown_s=1,
        startup_s=1.5,
        min_servers=2,
        max_servers=5,
    ),
}


def runs(system, seconds, count=12, **given):
    return [
        simulate_system(system, seconds, rng=np.random.default_rng([9, seed]), **given)
        for seed in range(count)
    ]


def means(found, of):
    """Mean and standard error over runs, without their first fifth."""
    late = [run.trace.arrive_s > 0.2 * run.trace.arrive_s[-1] for run in found]
    return estimate([float(np.nanmean(of(run)[w])) for run, w in zip(found, late, strict=True)])


def covers(expected, measured):
    return abs(expected - measured.mean) < 4 * measured.standard_error


@pytest.mark.parametrize("needs", [{}, NEED], ids=["calm", "in need"])
def test_it_equals_its_plain_form(needs, monkeypatch):
    pytest.importorskip("numba")
    compiled = simulate_system(SHOP, 8, rng=np.random.default_rng(3), **needs)
    monkeypatch.setattr(module, "can_compile", lambda: False)
    plain = simulate_system(SHOP, 8, rng=np.random.default_rng(3), **needs)
    assert np.array_equal(compiled.latency_s, plain.latency_s, equal_nan=True)
    for name in ("failed", "hit", "stale", "servers_busy", "nodes_busy", "pools_busy"):
        assert np.array_equal(getattr(compiled, name), getattr(plain, name)), name
    for name, values in compiled.per_second.items():
        assert np.array_equal(values, plain.per_second[name]), name
        if needs:
            assert values.any(), f"{name} is never used"


def test_servers_are_an_mmc_queue():
    app = AppTier(servers=1, cores=4, app_s=0.010)
    found = runs(System(demand=READS, app=app, database=FREE), 400)
    latency = means(found, lambda run: run.latency_s)
    response_s = mmc_mean_response_s(300.0, 100.0, 4)
    assert covers(response_s, latency)
    assert not covers(response_s * 1.05, latency), "5 % are not seen: the test is too weak"
    assert latency.standard_error < 0.01 * response_s
    assert found[0].servers_busy[0] == pytest.approx(0.75, abs=0.02)


def test_tiers_are_a_tandem():
    database = replace(FREE, cores=2, read_s=0.005, rtt_s=0.001)
    system = System(
        demand=READS, app=AppTier(servers=1, cores=4), database=database, sessions=SessionStore()
    )
    each = [mmc_mean_response_s(300.0, *tier) for tier in ((100.0, 4), (200.0, 2), (5000.0, 2))]
    latency = means(runs(system, 400), lambda run: run.latency_s)
    assert covers(sum(each) + 0.0015, latency)
    assert not covers(1.05 * sum(each) + 0.0015, latency)


def test_the_cache_has_the_hit_ratio_of_an_lru_cache():
    demand = replace(READS, keys=5_000)
    system = System(demand=demand, database=FREE, cache=Cache(capacity=500), app=AppTier(servers=4))
    hits = means(runs(system, 200), lambda run: run.hit)
    expected = lru_hit_ratio(demand.popularity(), 500)
    assert abs(expected - hits.mean) < 4 * hits.standard_error + 0.003  # Che's approximation
    assert abs(expected * 1.05 - hits.mean) > 4 * hits.standard_error + 0.003


def test_replay_is_an_mm1_queue():
    demand = Demand(rate_per_s=400.0, write_share=1.0, keys=10)
    database = replace(FREE, replicas=1, apply_s=0.002, write_s=1e-9, delay_s=0.0)
    found = runs(System(demand=demand, database=database), 300)
    lag = estimate([float(run.per_second["lag_s"][60:].mean()) for run in found])
    behind = estimate([float(run.nodes_busy[1]) * database.cores for run in found])
    assert covers(0.8, behind)
    # at work is the oldest write: it has waited, and worked for a while; ρ/(μ − λ) in all
    assert covers(0.8 * 0.002 / (1 - 0.8), lag)
    assert not covers(1.3 * 0.8 * 0.002 / (1 - 0.8), lag)


def test_retries_keep_a_system_down_that_a_crowd_has_brought_down():
    rates = np.full(90, 400.0)
    rates[20:30] = 1_000.0
    trace = draw_requests(SHOP, rates, 90, rng=np.random.default_rng(2))
    good = {}
    for retries in (0, 4):
        clients = Clients(timeout_s=0.2, retries=retries, backoff_s=0.02)
        run = simulate_system(SHOP, 90, trace=trace, clients=clients, rng=np.random.default_rng(2))
        good[retries] = run.per_second["answered"][60:].sum() / run.per_second["asked"][60:].sum()
    assert good[0] > 0.95
    assert good[4] < 0.3


def test_every_request_is_answered_or_failed_or_under_way():
    run = simulate_system(SHOP, 30, rng=np.random.default_rng(4), **NEED)
    answered = ~np.isnan(run.latency_s)
    assert not (answered & run.failed).any()
    open_ = ~answered & ~run.failed
    assert (run.trace.arrive_s[open_] > 29.0).all()
    assert run.per_second["answered"].sum() == answered.sum()
    assert run.per_second["asked"].sum() == answered.size
    assert (run.latency_s[answered] <= 0.2 + 2 * 0.1 + 3 * 0.075).all()


def test_a_write_is_read_stale_until_the_replica_has_it():
    trace = RequestTrace(
        arrive_s=np.array([0.1, 0.2, 0.9]), keys=np.zeros(3, np.int64), writes=np.arange(3) == 0
    )
    database = replace(FREE, replicas=1, delay_s=0.5)
    run = simulate_system(
        System(demand=READS, database=database),
        2,
        trace=trace,
        rng=np.random.default_rng(1),
    )
    assert run.stale.tolist() == [False, True, False]
    assert run.per_second["writers"].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("kind", "target", "there"), [("server errors", 3, 3), ("slow node", 4, 4)]
)
def test_a_fault_needs_its_target(kind, target, there):
    with pytest.raises(ValueError, match=f"faults must have a target below {there}"):
        simulate_system(
            SHOP, 1, faults=[Fault(kind=kind, at_s=0, target=target)], rng=np.random.default_rng(1)
        )
