"""What every session store keeps to, as one client sees it."""

from functools import partial

import numpy as np
import pytest

from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.memory_sessions import MemorySessions
from scalelab.fakes.sessions.session_store import SessionConflictError, SessionStore
from scalelab.fakes.sessions.token_sessions import TokenSessions
from scalelab.real.servers import start_server
from scalelab.real.supervised import RealComponentError
from scalelab.real.valkey_sessions import ValkeySessions


def in_memory(policy):
    return MemorySessions(LoadBalancer(VirtualClock(), ["a", "b", "c"], policy), service_s=0.01)


STORES = {
    "memory, cookie": partial(in_memory, "cookie"),
    "memory, ip hash": partial(in_memory, "ip_hash"),
    "shared": lambda: SessionStore(VirtualClock()),
    "shared, renewed by save": lambda: SessionStore(VirtualClock(), renewed_by="save"),
    "token": lambda: TokenSessions(VirtualClock(), b"secret"),
}


@pytest.fixture(scope="module")
def server():
    """A real server, or in its place the reason why there is none."""
    try:
        server = start_server()
    except RealComponentError as error:
        yield str(error)
        return
    with server:
        yield server


@pytest.fixture(params=[*STORES, "valkey"])
def sessions(request):
    if request.param == "valkey":
        server = request.getfixturevalue("server")
        if isinstance(server, str):
            pytest.skip(server)
        made = ValkeySessions(server)
    else:
        made = STORES[request.param]()
    yield made
    made.check_invariants()


def test_what_was_saved_can_be_loaded(sessions):
    sessions.save("ann", {"cart": ["book"], "visits": 3})
    assert sessions.load("ann") == {"cart": ["book"], "visits": 3}


def test_what_was_never_saved_is_missing(sessions):
    assert sessions.load("ann") is None
    assert (sessions.stats().loads, sessions.stats().missing) == (1, 1)


def test_the_last_save_counts(sessions):
    for visits in range(3):
        sessions.save("ann", {"visits": visits})
    assert sessions.load("ann") == {"visits": 2}


def test_sessions_are_independent(sessions):
    sessions.save("ann", {"cart": []})
    sessions.save("bob", {"cart": ["pen"]})
    sessions.delete("ann")
    assert (sessions.load("ann"), sessions.load("bob")) == (None, {"cart": ["pen"]})


def test_deleting_what_is_not_there_is_no_error(sessions):
    sessions.delete("ann")
    sessions.save("ann", {})
    assert sessions.load("ann") == {}


def test_data_is_copied(sessions):
    mine = {"cart": []}
    sessions.save("ann", mine)
    mine["cart"].append("book")
    sessions.load("ann")["cart"].append("pen")
    assert sessions.load("ann") == {"cart": []}


def test_update_sees_what_was_saved(sessions):
    assert sessions.update("ann", lambda old: {"n": 1 if old is None else old["n"] + 1}) == {"n": 1}
    assert sessions.update("ann", lambda old: {"n": old["n"] + 1}) == {"n": 2}
    assert sessions.load("ann") == {"n": 2}


def test_arguments_are_checked(sessions):
    for verb in (sessions.load, sessions.delete, lambda name: sessions.save(name, {})):
        for bad in ("", 3, None):
            with pytest.raises(ValueError, match="session_id must be a non-empty text"):
                verb(bad)
    for bad in (None, "text", [1]):
        with pytest.raises(ValueError, match="data must be a dictionary"):
            sessions.save("ann", bad)
    with pytest.raises(ValueError, match="change must be a function"):
        sessions.update("ann", None)


@pytest.mark.parametrize("seed", range(3))
def test_random_actions_agree_with_a_dictionary(sessions, seed):
    rng, expected = np.random.default_rng(seed), {}
    for number in range(150):
        name = f"client {rng.integers(5)}"
        verb = rng.choice(["load", "save", "update", "delete"])
        if verb == "save":
            sessions.save(name, {"n": number})
            expected[name] = {"n": number}
        elif verb == "update":
            expected[name] = sessions.update(name, lambda old: {**(old or {}), "m": 1})
            assert expected[name]["m"] == 1
        elif verb == "delete":
            sessions.delete(name)
            expected.pop(name, None)
        else:
            assert sessions.load(name) == expected.get(name)
        sessions.check_invariants()
    assert {name: sessions.load(name) for name in expected} == expected


@pytest.fixture(params=["fake", "valkey"])
def shared(request):
    """Both shared stores: they have versions and lifetimes as well."""
    if request.param == "fake":
        return SessionStore(VirtualClock(), ttl_s=60.0)
    server = request.getfixturevalue("server")
    if isinstance(server, str):
        pytest.skip(server)
    return ValkeySessions(server, ttl_s=60.0)


def test_a_stale_version_is_refused_and_the_first_change_stays(shared):
    shared.save("ann", {"cart": []})
    first, second = shared.load_record("ann"), shared.load_record("ann")
    shared.save("ann", {"cart": ["book"]}, expected_version=first.version)
    with pytest.raises(SessionConflictError, match="must be at expected_version"):
        shared.save("ann", {"cart": ["pen"]}, expected_version=second.version)
    assert shared.load("ann") == {"cart": ["book"]}
    assert shared.stats().conflicts == 1


def test_without_a_version_the_last_save_wins(shared):
    shared.save("ann", {"cart": []})
    first, second = shared.load("ann"), shared.load("ann")
    shared.save("ann", {"cart": [*first["cart"], "book"]})
    shared.save("ann", {"cart": [*second["cart"], "pen"]})
    assert shared.load("ann") == {"cart": ["pen"]}


def test_an_update_begins_again_when_another_came_in_between(shared):
    shared.save("ann", {"cart": []})
    others = ["book"]

    def add_pen(old):
        if others:  # somebody else saves while we think; from an event, for a fake cannot wait here
            interfere(shared, {"cart": [*old["cart"], others.pop()]})
        return {"cart": [*old["cart"], "pen"]}

    assert shared.update("ann", add_pen) == {"cart": ["book", "pen"]}
    assert shared.stats().conflicts == 1


def interfere(sessions, data):
    if isinstance(sessions, SessionStore):
        sessions.submit_save("ann", data, lambda version: None, lambda error: None)
    else:
        sessions.save("ann", data)


@pytest.mark.parametrize(("renewed_by", "left"), [("access", 60.0), ("save", 50.0)])
def test_who_renews_a_session_on_the_real_server(server, renewed_by, left):
    if isinstance(server, str):
        pytest.skip(server)
    sessions = ValkeySessions(server, ttl_s=60.0, renewed_by=renewed_by)
    sessions.save("ann", {})
    sessions._client.pexpire(sessions._key("load", "ann"), 50_000)  # as if ten seconds had passed
    sessions.load("ann")
    assert sessions.remaining_s("ann") == pytest.approx(left, abs=2.0)
