"""Session stores: where they differ, and the lessons of the chapters on state."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.fakes.sessions.session_types import (
    InvalidTokenError,
    SessionConflictError,
    SessionStoreDownError,
)
from scalelab.fakes.sessions.shared_sessions import SharedSessions
from scalelab.fakes.sessions.token_sessions import TokenSessions, signed_token, verified_claims
from scalelab.models.placement import wrong_server_share


def ignore(result):
    """Take a result that nobody needs."""


# in memory -----------------------------------------------------------------------------------


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


# shared --------------------------------------------------------------------------------------


def test_a_reader_is_logged_out_unless_a_load_renews_the_session():
    """ex-ttl-30-idle: loads every five minutes for an hour."""
    alive = {}
    for renewed_by in ("access", "save"):
        sessions = SharedSessions(VirtualClock(), renewed_by=renewed_by, round_trip_s=0.0)
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
        sessions = SharedSessions(VirtualClock(), round_trip_s=round_trip_s)
        sessions.update("ann", lambda old: {"n": 1})
        assert sessions.clock.now_s == pytest.approx(2 * round_trip_s)
        assert sessions.stats().round_trips == 2


def two_tabs(check):
    """Two requests load the cart, and then each saves it with an item more."""
    sessions = SharedSessions(VirtualClock())
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
    sessions = SharedSessions(VirtualClock())
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
    sessions = SharedSessions(VirtualClock(), round_trip_s=0.0)
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
        sessions = SharedSessions(VirtualClock(), durable=durable)
        for number in range(5):
            sessions.save(str(number), {})
        sessions.crash()
        with pytest.raises(SessionStoreDownError, match="the store must be up"):
            sessions.load("0")
        sessions.recover()
        assert sessions.sessions == left
        sessions.check_invariants()


def test_a_version_does_not_come_back_after_a_log_out():
    sessions = SharedSessions(VirtualClock())
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
        self.sessions = SharedSessions(
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


# tokens --------------------------------------------------------------------------------------


def test_a_published_token():
    """The example of jwt.io, signed with HS256."""
    claims = {"sub": "1234567890", "name": "John Doe", "iat": 1516239022}
    token = signed_token(claims, b"your-256-bit-secret")
    assert token == (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
        ".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ"
        ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
    )
    assert verified_claims(token, b"your-256-bit-secret") == claims


def test_tokens_are_those_of_pyjwt():
    jwt = pytest.importorskip("jwt")
    key, claims = b"k" * 32, {"sub": "ann", "data": {"cart": ["bücher", 3.5, None]}}
    assert jwt.decode(signed_token(claims, key), key, algorithms=["HS256"]) == claims
    assert verified_claims(jwt.encode(claims, key, algorithm="HS256"), key) == claims


def test_a_token_that_was_tampered_with_is_refused():
    token = signed_token({"sub": "ann"}, b"secret")
    header, _, signature = token.split(".")
    forged = signed_token({"sub": "root"}, b"guess").split(".")[1]
    for bad in (f"{header}.{forged}.{signature}", token[:-1], "", "a.b.c", None, "ä.b.c"):
        with pytest.raises(InvalidTokenError, match="token must be a token signed with this key"):
            verified_claims(bad, b"secret")
    with pytest.raises(InvalidTokenError):
        verified_claims(token, b"another")
    with pytest.raises(InvalidTokenError, match="be a token of a session"):
        TokenSessions(VirtualClock(), b"secret").open(token)


def test_a_token_carries_its_session_with_each_request():
    """sl-larger-requests: a session of 640 bytes makes a token four thirds as long and more."""
    sessions = TokenSessions(VirtualClock(), b"secret")
    sessions.save("ann", {})
    small = sessions.size_bytes("ann")
    sessions.save("ann", {"blob": "x" * (640 - len('{"blob":""}'))})
    assert sessions.size_bytes("ann") - small == pytest.approx(638 * 4 / 3, abs=2)
    assert 100 < small < 180


def test_a_stolen_token_outlives_the_log_out_by_half_its_lifetime_on_average():
    rng, exposed_s = np.random.default_rng(3), []
    for _ in range(500):
        sessions = TokenSessions(VirtualClock(), b"secret", ttl_s=1_800.0)
        sessions.save("ann", {})
        stolen = sessions.token_of("ann")
        sessions.clock.advance(rng.uniform(0, 1_800))
        sessions.delete("ann")
        began = sessions.clock.now_s
        while sessions.open(stolen) is not None:
            sessions.clock.advance(10.0)
        exposed_s.append(sessions.clock.now_s - began)
    assert np.mean(exposed_s) == pytest.approx(905, abs=4 * 520 / math.sqrt(500))


def test_a_list_of_revoked_tokens_makes_a_log_out_hold():
    sessions = TokenSessions(VirtualClock(), b"secret", ttl_s=60.0, revocation=True)
    sessions.save("ann", {"role": "admin"})
    stolen = sessions.token_of("ann")
    sessions.delete("ann")
    assert (sessions.open(stolen), sessions.revoked) == (None, 1)
    sessions.clock.advance(60.0)
    assert sessions.revoked == 0
    with pytest.raises(ValueError, match="revocation must be True"):
        TokenSessions(VirtualClock(), b"secret").revoke(stolen)
    with pytest.raises(ValueError, match="session_id must have a token"):
        sessions.token_of("ann")


def test_the_invariants_can_fail():
    sessions = TokenSessions(VirtualClock(), b"secret")
    sessions.save("ann", {})
    sessions._jars["bob"] = sessions.token_of("ann")
    with pytest.raises(AssertionError, match="in another client's jar"):
        sessions.check_invariants()
