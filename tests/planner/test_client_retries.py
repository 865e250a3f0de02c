"""What retries make of a disturbance, beside the event-by-event simulation of it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from scalelab.models.system_parts import AppTier, Cache, Database, Demand, System
from scalelab.planner.client_retries import Clients, after_disturbance
from scalelab.planner.system_plan import plan_system
from scalelab.sim import system_needs
from scalelab.sim._compiled import can_compile
from scalelab.sim.system import draw_requests, simulate_system

CORES, APP_S, BEFORE_S = 8, 0.010, 20
CAN_PER_S = CORES / APP_S
NEEDS_EVENTS = pytest.mark.skipif(not can_compile(), reason="events take too long without numba")


def shop(busy, servers=1):
    return System(
        demand=Demand(rate_per_s=busy * CAN_PER_S, keys=1_000),
        app=AppTier(servers=servers, cores=CORES // servers, app_s=APP_S),
        database=Database(cores=64, connections=1_000),
    )


def told(system, clients):
    return plan_system(system, clients=clients).disturbance


def disturbed(system, clients, watched_s, can_per_s):
    """Run a system through the disturbance, and some time after it."""
    lasts = int(clients.disturbed_s)
    seconds = BEFORE_S + lasts + watched_s
    rates = np.full(seconds, system.demand.rate_per_s)
    rates[BEFORE_S : BEFORE_S + lasts] = clients.disturbed_times * can_per_s
    return simulate_system(
        system,
        seconds,
        trace=draw_requests(system, rates, seconds, rng=np.random.default_rng(1)),
        clients=system_needs.Clients(timeout_s=clients.timeout_s, retries=clients.retries),
        warm=system.cache is not None,
        rng=np.random.default_rng(2),
    )


def drained_s(system, clients, watched_s):
    """Seconds from the end of the disturbance until the servers are not all full; inf if never."""
    run = disturbed(system, clients, watched_s, CAN_PER_S)
    busy = run.per_second["app_busy"][BEFORE_S + int(clients.disturbed_s) :]
    calm = np.flatnonzero(busy < 0.97)
    return int(calm[0]) if calm.size else math.inf


def answered_again_s(system, clients, watched_s, can_per_s):
    """Seconds from the end of the disturbance until nine in ten are answered for good."""
    lasts = int(clients.disturbed_s)
    run = disturbed(system, clients, watched_s, can_per_s)
    share = run.per_second["answered"] / np.maximum(run.per_second["asked"], 1)
    bad = np.flatnonzero(share[BEFORE_S + lasts :] < 0.9)
    last = int(bad[-1]) + 1 if bad.size else 0
    return math.inf if last == watched_s else last


AGREE = [  # utilisation, servers, what clients do
    (0.3, 1, Clients(retries=1, timeout_s=0.25)),
    (0.3, 1, Clients(retries=1, timeout_s=1.0)),
    (0.2, 1, Clients(retries=3, timeout_s=1.0, disturbed_times=1.5, disturbed_s=10)),
    (0.4, 1, Clients(retries=1, timeout_s=0.5, disturbed_times=1.5, disturbed_s=20)),
    (0.3, 1, Clients(retries=2, timeout_s=0.5, disturbed_times=3, disturbed_s=3)),
    (0.3, 2, Clients(retries=1, timeout_s=0.5)),
]


@NEEDS_EVENTS
@pytest.mark.parametrize(("busy", "servers", "clients"), AGREE)
def test_the_drain_is_that_of_the_events_and_never_too_short(busy, servers, clients):
    """Up to a tenth too long: chance lets some clients be served who would have tried again."""
    system = shop(busy, servers)
    said = told(system, clients)
    assert said.tier == "app"
    assert not said.vulnerable
    found = drained_s(system, clients, round(1.2 * said.drain_s) + 10)
    assert 0.88 * said.drain_s - 3 <= found <= 1.02 * said.drain_s + 3


@NEEDS_EVENTS
def test_the_comparison_can_fail():
    """Without its retries, or with one more, the drain is another."""
    busy, servers, clients = AGREE[0]
    found = drained_s(shop(busy, servers), clients, 160)
    for retries in (0, 2):
        other = told(shop(busy), replace(clients, retries=retries))
        drain_s = 0.0 if other is None else other.drain_s
        assert not 0.88 * drain_s - 3 <= found <= 1.02 * drain_s + 3


@NEEDS_EVENTS
@pytest.mark.parametrize("busy", [0.5, 0.6])
def test_the_vulnerable_stay_down(busy):
    clients = Clients(retries=1, timeout_s=0.25)
    said = told(shop(busy), clients)
    assert said.vulnerable
    assert math.isinf(said.drain_s)
    assert math.isinf(drained_s(shop(busy), clients, 200))


@NEEDS_EVENTS
def test_a_disturbance_that_nobody_leaves_for_is_over_soon_though_it_is_vulnerable():
    clients = Clients(retries=3, timeout_s=4.0, disturbed_times=1.3, disturbed_s=5)
    said = told(shop(0.5), clients)
    assert said.vulnerable
    assert said.drain_s == pytest.approx(3.0)
    assert drained_s(shop(0.5), clients, 60) <= 6


def cached(cores):
    """A database whose cache answers two reads in three, and that is the busiest tier."""
    return System(
        demand=Demand(rate_per_s=600.0),
        app=AppTier(servers=12),
        cache=Cache(capacity=20_000),
        database=Database(cores=cores, connections=50),
    )


@NEEDS_EVENTS
def test_a_cache_that_nobody_fills_is_no_cache():
    """Without its hits the database could not do all attempts, and it does not come back."""
    clients, system = Clients(retries=1), cached(4)
    said, loads = told(system, clients), {t.tier: t.utilisation for t in plan_system(system).tiers}
    assert loads["primary"] * 2 < 0.6
    assert said.vulnerable
    can_per_s = system.demand.rate_per_s / loads["primary"]
    assert answered_again_s(system, clients, 120, can_per_s) == math.inf


@NEEDS_EVENTS
def test_a_database_that_could_do_without_its_cache_is_back_in_time():
    clients, system = Clients(retries=1, disturbed_s=5), cached(8)
    said = told(system, clients)
    assert said.tier == "primary"
    assert not said.vulnerable
    busiest = max(tier.utilisation for tier in plan_system(system).tiers)
    can_per_s = system.demand.rate_per_s / busiest
    found = answered_again_s(system, clients, round(said.drain_s) + 10, can_per_s)
    assert 0 < found <= said.drain_s


def test_nothing_is_said_of_clients_who_do_not_try_again():
    assert after_disturbance(shop(0.9), {"app": 0.9}, Clients()) is None


def test_it_is_the_busiest_tier_that_is_vulnerable():
    said = after_disturbance(shop(0.3), {"app": 0.3, "primary": 0.45}, Clients(retries=1))
    assert (said.tier, said.busy_with_retries) == ("primary", 0.9)
