"""The books of a load balancer, and its error."""

from scalelab.fakes.balancing.balancer_types import BalancerStats, NoServerError
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request
from scalelab.fakes.clock import VirtualClock


def test_every_request_is_in_one_column_of_the_books():
    clock, outcomes = VirtualClock(), []
    balancer = LoadBalancer(clock, ["a", "b"])
    balancer.server("b").crash()
    for _ in range(4):
        balancer.submit(Request(client="ann", service_s=1.0), outcomes.append, outcomes.append)
    clock.advance(1.0)
    books = balancer.stats()
    assert (books.requested, books.answered, books.failed, books.pending) == (4, 1, 2, 1)
    assert books.sent_to_dead == 2
    assert books.requested == books.answered + books.failed + books.refused + books.pending


def test_books_are_a_copy():
    balancer = LoadBalancer(VirtualClock(), [])
    balancer.stats().requested = 7
    assert balancer.stats() == BalancerStats()
    assert issubclass(NoServerError, RuntimeError)
