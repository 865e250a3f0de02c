"""A row and an event: what a crash between the two leaves, and what an outbox makes of it."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog, Subscription
from scalelab.fakes.events.outbox import Inbox, PublishingService, ServiceDownError

METHODS = ["commit_then_publish", "publish_then_commit", "outbox"]


def service(method, **settings):
    return PublishingService(EventLog(VirtualClock()), method=method, **settings)


@pytest.mark.parametrize("method", METHODS)
def test_without_a_crash_every_method_is_right(method):
    made = service(method)
    for number in range(10):
        assert made.put("x", number) == number + 1
    made.clock.advance(5.0)
    audit = made.audit()
    assert (audit.committed, audit.published, audit.lost, audit.invented) == (10, 10, 0, 0)
    assert [event.data for event in made.log.read()] == list(range(10))
    assert made.rows == {"x": 9}


@pytest.mark.parametrize(
    ("method", "lost", "invented"),
    [("commit_then_publish", 1, 0), ("publish_then_commit", 0, 1), ("outbox", 0, 0)],
)
def test_a_crash_between_the_two_writes(method, lost, invented):
    made = service(method)
    errors = []
    made.submit_put("x", 1, errors.append, errors.append)
    made.clock.advance(0.007)
    made.crash()
    made.clock.advance(1.0)
    made.restart()
    made.clock.advance(5.0)
    assert (made.audit().lost, made.audit().invented) == (lost, invented)
    assert isinstance(errors[0], ServiceDownError) == (method != "outbox")
    made.check_invariants()


def test_a_relay_that_crashes_before_its_mark_sends_twice_and_the_inbox_once():
    made = service("outbox", poll_s=0.1, publish_s=0.01, mark_s=0.05)
    handled = []
    inbox = Inbox(lambda event: handled.append(event.data))
    Subscription(made.log, inbox.receive)
    made.put("x", 1)
    made.clock.advance(0.13)  # published, not marked
    made.crash()
    made.restart()
    made.clock.advance(5.0)
    assert (made.audit().repeated, made.audit().published) == (1, 1)
    assert (handled, inbox.repeated) == ([1], 1)


def test_a_service_that_is_down_takes_nothing():
    made = service("outbox")
    made.crash()
    with pytest.raises(ServiceDownError, match="service must be up"):
        made.put("x", 1)
    assert made.rows == {}


def lost_per_crash(rate_per_s, gap_s, crashes, seed=1):
    rng = np.random.default_rng(seed)
    made = service("commit_then_publish", commit_s=0.0, publish_s=gap_s)
    for _ in range(crashes):
        end_s = made.clock.now_s + 0.5
        while (wait_s := float(rng.exponential(1 / rate_per_s))) < end_s - made.clock.now_s:
            made.clock.advance(wait_s)
            made.submit_put("x", 1, lambda _: None, lambda _: None)
        made.clock.run(end_s)
        made.crash()
        made.restart()
    made.clock.advance(1.0)
    return made.audit().lost / crashes


def test_a_crash_loses_as_many_events_as_commits_fall_into_the_gap():
    """Rate × gap, on average: a Poisson count."""
    mean, crashes = 100 * 0.02, 400
    error = (mean / crashes) ** 0.5
    observed = lost_per_crash(100, 0.02, crashes)
    assert abs(observed - mean) < 4 * error
    assert abs(observed - 1.3 * mean) > 4 * error  # teeth


class Crashes(RuleBasedStateMachine):
    """The outbox, an at-least-once subscription and an inbox: exactly the committed rows."""

    @initialize(mark_s=st.sampled_from([0.0, 0.03]))
    def start(self, mark_s):
        self.made = service("outbox", poll_s=0.05, mark_s=mark_s)
        self.handled = []
        self.inbox = Inbox(lambda event: self.handled.append(event.data))
        self.consumer = Subscription(self.made.log, self.inbox.receive, ack_after_s=0.02)
        self.written, self.done = 0, []

    @rule(s=st.sampled_from([0.0, 0.003, 0.006, 0.06, 0.3]))
    def write(self, s):
        self.written += 1
        self.made.submit_put(
            "x",
            self.written,
            lambda _, value=self.written: self.done.append(value),
            lambda error: None,
        )
        self.made.clock.advance(s)

    @rule(s=st.sampled_from([0.0, 0.01]))
    def crash_service(self, s):
        self.made.crash()
        self.made.clock.advance(s)

    @rule(s=st.sampled_from([0.0, 0.01, 0.06]))
    def restart_service(self, s):
        self.made.restart()
        self.made.clock.advance(s)

    @rule()
    def crash_consumer(self):
        self.consumer.crash()

    @rule()
    def restart_consumer(self):
        self.consumer.restart()

    @invariant()
    def books_add_up(self):
        if hasattr(self, "made"):
            self.made.check_invariants()
            self.consumer.check_invariants()

    def teardown(self):
        if not hasattr(self, "made"):
            return
        self.made.restart()
        self.consumer.restart()
        self.made.clock.advance(30.0)
        audit = self.made.audit()
        assert (audit.lost, audit.invented, audit.unsent) == (0, 0, 0)
        assert len(self.handled) == len(set(self.handled)) == audit.committed
        assert set(self.done) <= set(self.handled)


Crashes.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestCrashes = Crashes.TestCase


def test_a_relay_that_marks_before_it_publishes_is_caught():
    """Teeth: at most once loses."""
    made = service("outbox")
    made.put("x", 1)
    made._outbox.clear()
    with pytest.raises(AssertionError, match="the outbox lost an event"):
        made.check_invariants()
