"""Sessions in a store that all servers share: round trips, lost updates, crashes."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.session_store import (
    SessionConflictError,
    SessionStore,
    SessionStoreDownError,
)


def ignore(result):
    """Take a result that nobody needs."""


def test_a_reader_is_logged_out_unless_a_load_renews_the_session():
    """ex-ttl-30-idle: loads every five minutes for an hour."""
    alive = {}
    for renewed_by in ("access", "save"):
        sessions = SessionStore(VirtualClock(), renewed_by=renewed_by, round_trip_s=0.0)
        sessions.save("ann", {})
        found = []
        for _ in range(12):
            sessions.clock.advance(300.0)
            found.append(sessions.load("ann") is not None)
        alive[renewed_by] = sum(found)
    assert alive == {"access": 12, "save": 5}


def test_a_request_makes_two_round_trips():
    """ex-1-5ms-hop: 2 to 10 ms."""
    for round_trip_s in (0.001, 0.005):
        sessions = SessionStore(VirtualClock(), round_trip_s=round_trip_s)
        sessions.update("ann", lambda old: {"n": 1})
        assert sessions.clock.now_s == pytest.approx(2 * round_trip_s)
        assert sessions.stats().round_trips == 2


def two_tabs(check):
    """Two requests load the cart, and then each saves it with an item more."""
    sessions = SessionStore(VirtualClock())
    sessions.save("ann", {"cart": []})
    records, errors = [], []
    for _ in range(2):
        sessions.submit_load("ann", records.append, pytest.fail)
    sessions.clock.advance(1.0)
    for item, record in zip(("book", "pen"), records, strict=True):
        cart = {"cart": [*record.data["cart"], item]}
        expected = record.version if check else None
        sessions.submit_save("ann", cart, ignore, errors.append, expected_version=expected)
    sessions.clock.advance(1.0)
    return sessions.load("ann")["cart"], errors


def test_two_tabs_lose_an_item_unless_versions_are_compared():
    assert two_tabs(check=False) == (["pen"], [])
    cart, errors = two_tabs(check=True)
    assert (cart, [type(error) for error in errors]) == (["book"], [SessionConflictError])


def test_update_loses_no_change_of_many_tabs():
    sessions = SessionStore(VirtualClock())
    done = []
    for item in range(8):
        change = partial(
            lambda old, item: {"cart": [*(old or {"cart": []})["cart"], item]}, item=item
        )
        sessions.submit_update("ann", change, done.append, pytest.fail)
    sessions.clock.advance(1.0)
    assert sorted(sessions.load("ann")["cart"]) == list(range(8))
    assert (len(done), sessions.stats().conflicts) == (8, 7 + 6 + 5 + 4 + 3 + 2 + 1)
    with pytest.raises(SessionConflictError, match="load it again"):
        sessions.save("ann", {}, expected_version=0)


def test_overlapping_requests_are_as_frequent_as_the_closed_form_says():
    """ex-read-modify-write: 100 ms each, one a second: 9.5 %."""
    rng, pairs, lost = np.random.default_rng(2), 4_000, 0
    sessions = SessionStore(VirtualClock(), round_trip_s=0.0)
    clock = sessions.clock

    def tab(name):
        def loaded(record):
            save = partial(
                sessions.submit_save, "ann", {**record.data, name: 1}, ignore, pytest.fail
            )
            clock.schedule(0.1, save)

        sessions.submit_load("ann", loaded, pytest.fail)

    for _ in range(pairs):
        sessions.save("ann", {})
        tab("first")
        clock.advance(rng.exponential(1.0))
        tab("second")
        clock.advance(1.0)
        lost += len(sessions.load("ann")) < 2
    expected = 1 - math.exp(-0.1)
    error = math.sqrt(expected / pairs)
    assert abs(lost / pairs - expected) < 4 * error
    assert abs(lost / pairs - 1.3 * expected) > 4 * error


def test_a_crash_takes_all_sessions_at_once_unless_there_is_a_replica():
    """ex-redis-spof."""
    for durable, left in ((False, 0), (True, 5)):
        sessions = SessionStore(VirtualClock(), durable=durable)
        for number in range(5):
            sessions.save(str(number), {})
        sessions.crash()
        with pytest.raises(SessionStoreDownError, match="the store must be up"):
            sessions.load("0")
        sessions.recover()
        assert sessions.sessions == left
        sessions.check_invariants()


def test_a_version_does_not_come_back_after_a_log_out():
    sessions = SessionStore(VirtualClock())
    before = sessions.save("ann", {"old": 1})
    sessions.delete("ann")
    assert sessions.load_record("ann").version == 0
    assert sessions.save("ann", {}, expected_version=0) > before
    with pytest.raises(SessionConflictError):
        sessions.save("ann", {}, expected_version=before)


class SharedMachine(RuleBasedStateMachine):
    @initialize(durable=st.booleans(), renewed_by=st.sampled_from(["access", "save"]))
    def start(self, durable, renewed_by):
        clock = VirtualClock()
        self.sessions = SessionStore(
            clock, ttl_s=1.0, round_trip_s=0.1, durable=durable, renewed_by=renewed_by
        )
        self.asked, self.ended = 0, []

    def ask(self, submit):
        number = self.asked
        self.asked += 1
        submit(lambda result: self.ended.append(number), lambda error: self.ended.append(number))

    @rule(name=st.sampled_from("ab"), verb=st.sampled_from(["load", "delete"]))
    def look(self, name, verb):
        self.ask(partial(getattr(self.sessions, f"submit_{verb}"), name))

    @rule(name=st.sampled_from("ab"), expected=st.sampled_from([None, 0, 1, 2]))
    def save(self, name, expected):
        submit = self.sessions.submit_save
        self.ask(lambda done, failed: submit(name, {}, done, failed, expected_version=expected))

    @rule(name=st.sampled_from("ab"), attempts=st.integers(1, 3))
    def update(self, name, attempts):
        submit = self.sessions.submit_update
        self.ask(lambda done, failed: submit(name, lambda old: {}, done, failed, attempts=attempts))

    @rule(seconds=st.sampled_from([0.0, 0.05, 0.4, 1.0]))
    def advance(self, seconds):
        self.sessions.clock.advance(seconds)

    @rule(verb=st.sampled_from(["crash", "recover"]))
    def fault(self, verb):
        getattr(self.sessions, verb)()

    @invariant()
    def the_books_are_in_order(self):
        if hasattr(self, "sessions"):
            self.sessions.check_invariants()
            assert len(set(self.ended)) == len(self.ended)

    def teardown(self):
        if hasattr(self, "sessions"):
            self.sessions.clock.advance(10.0)
            assert sorted(self.ended) == list(range(self.asked))
            assert self.sessions.sessions == 0  # all have expired


SharedMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestShared = SharedMachine.TestCase
