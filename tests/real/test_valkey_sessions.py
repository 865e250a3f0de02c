"""What a real server brings to sessions; the contract with the fakes stands in tests/contracts."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from scalelab.fakes.sessions.session_store import SessionConflictError
from scalelab.real.valkey_sessions import ValkeySessions


def test_two_stores_on_one_server_keep_apart(redis_server):
    mine, other = ValkeySessions(redis_server), ValkeySessions(redis_server)
    mine.save("ann", {"cart": ["book"]})
    assert other.load("ann") is None
    assert mine.load("ann") == {"cart": ["book"]}


@pytest.mark.parametrize("renewed_by", ["access", "save"])
def test_what_lets_the_lifetime_begin_anew(redis_server, renewed_by):
    short = ValkeySessions(redis_server, ttl_s=500.0, renewed_by=renewed_by)
    short.save("ann", {})
    key = short._key("load", "ann")
    with redis_server.client() as client:
        client.pexpire(key, 200_000)
        short.load("ann")
        assert (client.pttl(key) > 300_000) == (renewed_by == "access")
    short.save("ann", {})
    assert 300 < short.remaining_s("ann") <= 500
    assert short.remaining_s("bob") < 0


def test_a_version_that_is_not_expected_is_a_conflict(redis_server):
    store = ValkeySessions(redis_server)
    assert store.save("ann", {"n": 1}) == 1
    assert store.save("ann", {"n": 2}, expected_version=1) == 2
    with pytest.raises(SessionConflictError, match="be at expected_version=1, got version 2"):
        store.save("ann", {"n": 3}, expected_version=1)
    assert store.load_record("ann").data == {"n": 2}
    assert store.stats().conflicts == 1
    store.check_invariants()


def test_threads_lose_no_update(redis_server):
    """The server compares and saves in one step: of two who read alike, one begins again."""

    def add(number):
        store = ValkeySessions(redis_server)
        store._prefix = "session:shared:"
        for _ in range(20):
            store.update("cart", lambda data: {"n": (data or {"n": 0})["n"] + 1}, attempts=10_000)
        return store.load("cart")

    with ThreadPoolExecutor(4) as threads:
        last = list(threads.map(add, range(4)))
    assert max(data["n"] for data in last) == 80


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: s.load(""), r"ValkeySessions\.load: session_id must be a non-empty text"),
        (lambda s: s.save("a", []), r"ValkeySessions\.save: data must be a dictionary"),
        (lambda s: s.update("a", 3), r"ValkeySessions\.update: change must be a function"),
    ],
)
def test_bad_arguments_are_named(redis_server, call, message):
    with pytest.raises(ValueError, match=message):
        call(ValkeySessions(redis_server))
