import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

from scalelab.fakes.pooling.session_pooler import APART, SessionPooler, settings_kept


def test_a_session_keeps_what_it_sets(rng):
    assert settings_kept("session", 10, busy=5.0, rng=rng) == 1.0


def kept_by_a_chain(connections, busy, apart):
    """Share of reads on the same connection, by the chain of the stack of free connections.

    A state is how many others are at work and where our connection is: lent, or so deep in the
    stack of the free. Who gives back puts on top, who takes takes the top.
    """
    states = [(m, "lent") for m in range(1, connections + 1)]
    states += [(m, d) for m in range(connections) for d in range(connections - m)]
    place = {state: i for i, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))
    for (m, d), i in place.items():
        if m < connections:
            to = (m + 1, "lent" if d in (0, "lent") else d - 1)
            rates[i, place[to]] += busy
        if d == "lent":
            rates[i, place[m - 1, 0]] += 1
            if m > 1:
                rates[i, place[m - 1, "lent"]] += m - 1
        elif m:
            rates[i, place[m - 1, d + 1]] += m
    generator = rates - np.diag(rates.sum(axis=1))
    equations = np.vstack([generator.T, np.ones(len(states))])
    steady = np.linalg.lstsq(equations, np.append(np.zeros(len(states)), 1), rcond=None)[0]
    start = np.zeros(len(states))  # our connection was lent to us, so it is on top of the free
    for (m, _), i in place.items():
        if m < connections:
            start[place[m, 0]] += steady[i]
    later = expm(generator.T * apart) @ (start / start.sum())
    top = sum(later[place[m, 0]] for m in range(connections))
    return top / sum(later[i] for (m, _), i in place.items() if m < connections)


@pytest.mark.parametrize(("connections", "busy"), [(10, 0.05), (10, 0.5), (3, 1.0), (10, 5.0)])
def test_by_transaction_a_read_finds_it_as_the_chain_says(connections, busy, rng):
    trials = 20_000
    kept = settings_kept("transaction", connections, busy=busy, trials=trials, rng=rng)
    expected = kept_by_a_chain(connections, busy, APART)
    error = np.sqrt(expected * (1 - expected) / trials)
    assert abs(kept - expected) <= 4 * error + 0.002  # a full pooler makes the client wait
    assert abs(kept - 0.8 * expected) > 4 * error  # the comparison can fail


def test_alone_by_transaction_it_always_finds_it(rng):
    assert settings_kept("transaction", 10, busy=0.0, trials=100, rng=rng) == 1.0


def test_nothing_stays_behind_a_session(rng):
    pooler = SessionPooler(connections=1, mode="session", busy=0.0, rng=rng)
    pooler.set("alice", "search_path", "shop")
    pooler.disconnect("alice")
    assert pooler.show("bob", "search_path") is None


def test_sessions_are_limited_by_the_connections(rng):
    pooler = SessionPooler(connections=2, mode="session", busy=0.0, rng=rng)
    pooler.show("a", "x")
    pooler.show("b", "x")
    with pytest.raises(ValueError, match=r"SessionPooler: client must be one of at most 2 sess"):
        pooler.show("c", "x")


@given(clients=st.lists(st.sampled_from("abcd"), max_size=30), seed=st.integers(0, 99))
def test_no_two_sessions_share_a_connection(clients, seed):
    rng = np.random.default_rng(seed)
    pooler = SessionPooler(connections=4, mode="session", busy=0.0, rng=rng)
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
        ({"busy": -1.0}, r"SessionPooler: busy must be finite and >= 0, got -1"),
        ({"rng": None}, r"rng must be a numpy.random.Generator, got NoneType"),
    ],
)
def test_bad_input(wrong, message, rng):
    good = {"connections": 2, "mode": "session", "busy": 0.5, "rng": rng}
    with pytest.raises(ValueError, match=message):
        SessionPooler(**(good | wrong))
