"""Sessions in the memory of web servers: who finds them, and when they are gone."""

import math

import numpy as np
import pytest

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.models.placement import wrong_server_share


def in_memory(policy, servers=3, **settings):
    names = [f"web-{number}" for number in range(servers)]
    return MemorySessions(LoadBalancer(VirtualClock(), names, policy, **settings))


@pytest.mark.parametrize("servers", [2, 3, 4])
def test_a_request_routed_at_random_finds_no_session(servers):
    """sf-wrong-server-logout: 50, 66.7 and 75 %."""
    sessions = in_memory("random", servers, rng=np.random.default_rng(1))
    for number in range(4_000):
        sessions.save(str(number), {"cart": []})
        sessions.load(str(number))
    share = sessions.stats().missing / 4_000
    error = math.sqrt(0.25 / 4_000)
    assert abs(share - wrong_server_share(servers)) < 4 * error
    assert abs(share - wrong_server_share(servers + 1)) > 4 * error
    assert sessions.stats().misrouted == sessions.stats().missing


def test_a_crash_loses_the_sessions_of_one_server():
    """sf-crash-loses-sessions: one third."""
    sessions = in_memory("cookie")
    for number in range(300):
        sessions.save(str(number), {})
    sessions.balancer.server("web-1").restart()
    assert sessions.sessions == 200
    assert sum(sessions.load(str(number)) is None for number in range(300)) == 100
    assert sessions.stats().misrouted == 0


def test_a_drained_deployment_loses_nothing():
    sessions = in_memory("cookie", 2)
    sessions.save("ann", {"cart": ["book"]})
    done = []
    sessions.balancer.submit_drain("web-0", done.append)
    assert sessions.load("ann") == {"cart": ["book"]}
    sessions.delete("ann")
    sessions.clock.advance(0.0)
    assert (done, sessions.balancer.servers) == ([0], ("web-1",))
