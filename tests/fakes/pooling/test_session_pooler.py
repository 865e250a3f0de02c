import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.fakes.pooling.session_pooler import SessionPooler, settings_kept


def test_a_session_keeps_what_it_sets(rng):
    assert settings_kept("session", 10, rng=rng) == 1.0


@pytest.mark.parametrize("connections", [1, 2, 10])
def test_by_transaction_one_read_in_n_finds_it(connections, rng):
    trials = 20_000
    kept = settings_kept("transaction", connections, trials=trials, rng=rng)
    expected = 1 / connections
    error = np.sqrt(expected * (1 - expected) / trials)
    assert abs(kept - expected) <= 4 * error
    assert abs(kept - 0.8 * expected) > 4 * error  # the comparison can fail


def test_nothing_stays_behind_a_session(rng):
    pooler = SessionPooler(connections=1, mode="session", rng=rng)
    pooler.set("alice", "search_path", "shop")
    pooler.disconnect("alice")
    assert pooler.show("bob", "search_path") is None


def test_sessions_are_limited_by_the_connections(rng):
    pooler = SessionPooler(connections=2, mode="session", rng=rng)
    pooler.show("a", "x")
    pooler.show("b", "x")
    with pytest.raises(ValueError, match=r"SessionPooler: client must be one of at most 2 sess"):
        pooler.show("c", "x")


@given(clients=st.lists(st.sampled_from("abcd"), max_size=30), seed=st.integers(0, 99))
def test_no_two_sessions_share_a_connection(clients, seed):
    pooler = SessionPooler(connections=4, mode="session", rng=np.random.default_rng(seed))
    for i, client in enumerate(clients):
        if i % 5 == 4:
            pooler.disconnect(client)
        else:
            pooler.set(client, "name", client)
            assert pooler.show(client, "name") == client
        pooler.check_invariants()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"connections": 0}, r"SessionPooler: connections must be an integer >= 1, got 0"),
        ({"mode": "statement"}, r"mode must be one of session, transaction, got 'statement'"),
        ({"rng": None}, r"rng must be a numpy.random.Generator, got NoneType"),
    ],
)
def test_bad_input(wrong, message, rng):
    with pytest.raises(ValueError, match=message):
        SessionPooler(**({"connections": 2, "mode": "session", "rng": rng} | wrong))
