"""Sessions on the stage: watched and unwatched alike."""

import numpy as np
import pytest

from scalelab.course.shows.homes import by_memory, by_store, show_homes
from scalelab.course.stage import Stage
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.fakes.sessions.session_store import SessionStore

NAMES = ("a", "b", "c", "d")
USERS = [f"u{i}" for i in range(12)]


def fleet(clock, policy):
    """Three servers with sessions in memory, and a store beside them."""
    rng = np.random.default_rng(3)
    balancer = LoadBalancer(clock, NAMES[:3], policy, retries=1, workers=2, rng=rng)
    return MemorySessions(balancer, service_s=0.2), SessionStore(clock, round_trip_s=0.0)


def day(sessions, store, stored):
    """Everybody logs in; a server comes, one dies, the store dies; all ask after each."""
    clock, balancer = sessions.clock, sessions.balancer
    log_in, ask = by_store(sessions, store) if stored else by_memory(sessions)
    for start_s, verb in ((0.0, log_in), (2.0, ask), (6.0, ask), (10.0, ask)):
        for i, user in enumerate(USERS):
            clock.schedule_at(start_s + 0.1 * i, lambda user=user, verb=verb: verb(user))
    clock.schedule_at(1.9, lambda: balancer.add_server("d"))
    clock.schedule_at(5.9, balancer.server("b").crash)
    clock.schedule_at(9.9, store.crash)


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("policy", ["random", "cookie", "ip_hash"])
def test_the_watched_day_is_the_unwatched_one(policy, stored):
    stage = Stage()
    sessions, store = fleet(stage.clock, policy)
    show_homes(stage, sessions, NAMES, store)
    day(sessions, store, stored)
    trace = stage.run(14.0)
    alone, store_alone = fleet(VirtualClock(), policy)
    day(alone, store_alone, stored)
    alone.clock.run(14.0)
    assert sessions.stats() == alone.stats()
    assert store.stats() == store_alone.stats()
    seen = {counter: trace.count(counter, trace.end_ms) for counter in trace.counters}
    found = [alone.stats(), store_alone.stats()]
    assert seen["log in again"] == sum(each.missing for each in found)
    assert seen["found"] == sum(each.loads - each.missing for each in found)
    assert seen["sessions kept"] == alone.sessions  # the store is empty at the end
    asked = 3 * len(USERS)
    assert seen["found"] + seen["log in again"] + seen["no answer"] == asked


def test_a_server_that_is_to_come_says_so():
    stage = Stage()
    sessions, _ = fleet(stage.clock, "cookie")
    show_homes(stage, sessions, NAMES)
    sessions.clock.schedule_at(1.0, lambda: sessions.balancer.add_server("d"))
    trace = stage.run(2.0)
    last = {trace.picture.boxes[box].label: text for _, box, text, _ in trace.states}
    assert (0, "not there") in [(ms, text) for ms, _, text, _ in trace.states]
    assert last["d"] == ""
