"""Projections and their guards, under lost, repeated and late events."""

import copy

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.events.event_log import EventLog, Subscription
from scalelab.fakes.events.projections import Projection
from scalelab.fakes.network import FakeNetwork


def append_to_list(state, event):
    """A fold that minds the order and every repetition."""
    return [*state, event.data]


def filled(*data):
    log = EventLog(VirtualClock())
    for item in data:
        log.append("x", item)
    return log


DELIVERIES = {
    "as they were": [0, 1, 2],
    "repeated": [0, 1, 1, 2, 0],
    "out of order": [0, 2, 1],
    "both": [2, 0, 2, 1, 1, 0],
}
RIGHT = {
    "none": {"as they were"},
    "event_id": {"as they were", "repeated"},
    "offset": {"as they were", "repeated"},
    "version": set(DELIVERIES),
}


@pytest.mark.parametrize("delivery", DELIVERIES)
@pytest.mark.parametrize("guard", RIGHT)
def test_which_guard_is_right_under_what(guard, delivery):
    log = filled("a", "b", "c")
    projection = Projection(append_to_list, [], guard=guard)
    for place in DELIVERIES[delivery]:
        projection.apply(log.read()[place])
        projection.check_invariants()
    is_right = projection.get("x") == ["a", "b", "c"]
    assert is_right == (delivery in RIGHT[guard])


def test_a_sum_does_not_mind_the_order():
    log = filled(1, 2, 3)
    total = Projection(lambda state, event: state + event.data, 0, guard="event_id")
    for place in DELIVERIES["both"]:
        total.apply(log.read()[place])
    assert total.get("x") == 6


def test_a_replay_from_a_snapshot_is_short_and_right():
    log = filled(*range(100))
    live = Projection(append_to_list, [])
    live.catch_up(log)
    snapshot = live.snapshot()
    for item in range(100, 105):
        log.append("x", item)
    restored = Projection(append_to_list, [])
    restored.restore(snapshot)
    assert restored.catch_up(log) == 5
    live.catch_up(log)
    assert restored.states() == live.states() == live.rebuilt(log).states()
    assert live.rebuilt(log).applied == 105


class Deliveries(RuleBasedStateMachine):
    """Loss, repetition, changed order, crashes of the consumer, restores of old snapshots."""

    guard = "version"

    @initialize(seed=st.integers(0, 999), ack_after_s=st.sampled_from([0.0, 0.02]))
    def start(self, seed, ack_after_s):
        clock = VirtualClock()
        network = FakeNetwork(
            clock,
            delay_s=lambda rng: rng.exponential(0.02),
            loss=0.2,
            duplication=0.2,
            ordered=False,
            rng=np.random.default_rng(seed),
        )
        self.log = EventLog(clock)
        self.live = Projection(append_to_list, [], guard=self.guard)
        self.consumer = Subscription(
            self.log, self.live.apply, network=network, ack_after_s=ack_after_s, retry_s=0.1
        )
        self.snapshot = self.live.snapshot()

    @rule(key=st.sampled_from("ab"), n=st.integers(1, 3), s=st.sampled_from([0.0, 0.01, 0.2]))
    def append(self, key, n, s):
        for _ in range(n):
            self.log.append(key, len(self.log))
        self.log.clock.advance(s)

    @rule()
    def crash(self):
        self.consumer.crash()

    @rule(s=st.sampled_from([0.0, 0.02]))
    def restart(self, s):
        self.consumer.restart()
        self.log.clock.advance(s)

    @rule()
    def take_snapshot(self):
        self.snapshot = copy.deepcopy(self.live.snapshot())

    @rule()
    def lose_the_state(self):
        self.live.restore(self.snapshot)
        self.live.catch_up(self.log)

    @invariant()
    def books_add_up(self):
        if hasattr(self, "log"):
            self.consumer.check_invariants()
            self.live.check_invariants()

    def teardown(self):
        if hasattr(self, "log"):
            self.consumer.restart()
            self.log.clock.advance(20.0)
            assert self.consumer.stats().behind == 0
            assert self.live.states() == self.live.rebuilt(self.log).states()
            assert self.live.waiting == 0


Deliveries.TestCase.settings = settings(max_examples=50, stateful_step_count=30)
TestDeliveries = Deliveries.TestCase


@pytest.mark.parametrize("guard", ["none", "event_id", "offset"])
def test_the_same_faults_spoil_the_weaker_guards(guard):
    """Teeth: what passes with versions fails with anything less."""
    wrong = right = 0
    for seed in range(10):
        network = FakeNetwork(
            VirtualClock(),
            delay_s=lambda rng: rng.exponential(0.02),
            duplication=0.2,
            ordered=False,
            rng=np.random.default_rng(seed),
        )
        log = EventLog(network.clock)
        weak = Projection(append_to_list, [], guard=guard)
        strong = Projection(append_to_list, [])
        Subscription(log, lambda e, w=weak, s=strong: (w.apply(e), s.apply(e)), network=network)
        for number in range(30):
            log.append("x", number)
            log.clock.advance(0.01)
        log.clock.advance(5.0)
        wrong += weak.get("x") != list(range(30))
        right += strong.get("x") == list(range(30))
    assert (wrong, right) == (10, 10)
