"""A web server: its line, its workers, its memory and its crash."""

import pytest

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request, ServerDownError, WebServer
from scalelab.fakes.clock import VirtualClock

NAMES = ("web-0", "web-1", "web-2", "web-3")


def ignore(result):
    """Take a result that nobody needs."""


def balancer(policy="round_robin", servers=NAMES, **settings):
    return LoadBalancer(VirtualClock(), servers, policy, **settings)


def test_what_is_under_way_at_a_crash_fails():
    made = balancer(servers=["a"])
    errors = []
    for _ in range(3):
        made.submit(Request(client="ann", service_s=1.0), ignore, errors.append)
    made.clock.advance(1.5)
    made.server("a").crash()
    made.clock.advance(1.0)
    assert [type(error) for error in errors] == [ServerDownError] * 2
    assert (made.stats().answered, made.stats().sent_to_dead) == (1, 0)


def test_requests_are_served_in_their_order_by_as_many_as_there_are_workers():
    clock, answers = VirtualClock(), []
    server = WebServer(clock, "web", workers=2)
    for number in range(5):
        server.submit(Request(client=str(number), service_s=1.0), answers.append, ignore)
    assert (server.busy_workers, server.in_system) == (2, 5)
    clock.advance(10.0)
    assert [answer.wait_s for answer in answers] == [0.0, 0.0, 1.0, 1.0, 2.0]
    assert [answer.response_s for answer in answers] == [1.0, 1.0, 2.0, 2.0, 3.0]
    server.check_invariants()


def test_work_sees_the_memory_and_a_restart_empties_it():
    clock = VirtualClock()
    server = WebServer(clock, "web")
    answers = []

    def count(server):
        server.memory["visits"] = server.memory.get("visits", 0) + 1
        return server.memory["visits"]

    for _ in range(2):
        server.submit(Request(client="ann", work=count), answers.append, ignore)
    clock.advance(1.0)
    server.restart()
    server.submit(Request(client="ann", work=count), answers.append, ignore)
    clock.advance(1.0)
    assert [answer.value for answer in answers] == [1, 2, 1]


def test_a_server_that_is_down_refuses_and_counts():
    clock, errors = VirtualClock(), []
    server = WebServer(clock, "web")
    server.crash()
    server.submit(Request(client="ann"), ignore, errors.append)
    clock.advance(0.0)
    assert [type(error) for error in errors] == [ServerDownError]
    assert (server.failed, server.is_up) == (1, False)
    server.check_invariants()


def test_the_invariants_can_fail():
    server = WebServer(VirtualClock(), "web")
    server.crash()
    server.memory["cart"] = ["tea"]
    with pytest.raises(AssertionError, match="a memory outlived its server"):
        server.check_invariants()
