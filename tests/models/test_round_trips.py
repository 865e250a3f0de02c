import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.round_trips import (
    SCRAM_ROUND_TRIPS,
    TLS_ROUND_TRIPS,
    ConnectionAccount,
    Step,
    connection_account,
    valkey_account,
)

# Who speaks, in the order of the protocol documents: c for client, s for server. PostgreSQL
# documentation, "Message Flow" (start-up) and "SASL Authentication"; RFC 5802, sec. 5.
SCRAM = [
    "c StartupMessage",
    "s AuthenticationSASL",
    "c SASLInitialResponse (client-first-message)",
    "s AuthenticationSASLContinue (server-first-message)",
    "c SASLResponse (client-final-message)",
    "s AuthenticationSASLFinal",
    "s AuthenticationOk",
    "s ReadyForQuery",
]
# RFC 5246, figure 1, and RFC 8446, figure 1. In 1.3 the client's Finished needs no answer.
TLS = {
    "1.2": [
        "c ClientHello",
        "s ServerHello, Certificate, ServerHelloDone",
        "c ClientKeyExchange, Finished",
        "s ChangeCipherSpec, Finished",
    ],
    "1.3": ["c ClientHello", "s ServerHello, Certificate, Finished", "c Finished"],
}


def waits_for_an_answer(messages):
    """How often the client has spoken and the server answers."""
    speakers = "".join(message[0] for message in messages)
    return speakers.count("cs")


def test_authentication_by_its_transcript():
    assert waits_for_an_answer(SCRAM) == SCRAM_ROUND_TRIPS


@pytest.mark.parametrize(("version", "messages"), TLS.items())
def test_tls_by_its_transcript(version, messages):
    assert TLS_ROUND_TRIPS[version] == waits_for_an_answer(messages)


def test_every_known_version_has_a_transcript():
    assert TLS.keys() == TLS_ROUND_TRIPS.keys()


def test_the_guides_link():
    """50 ms for a TCP handshake is one round trip: then the query cannot take 5 ms in all."""
    guide = [Step("TCP handshake", 1), Step("authentication", 0, 0.020)]
    guide.append(Step("query", 1, 0.005, "query"))
    account = ConnectionAccount(tuple(guide), rtt_s=0.050)
    assert account.gain == pytest.approx((50 + 20 + 55) / 55)
    scram = connection_account(0.050, query_work_s=0.005)
    assert scram.gain == pytest.approx((50 + 150 + 55) / 55)
    near = connection_account(0.001, query_work_s=0.005)
    assert near.gain == pytest.approx((1 + 3 + 6) / 6)


def test_what_a_large_gain_needs():
    """Round trips alone give seven at most; a fork, a hash and a key exchange give the rest."""
    far = connection_account(1.0, tls="1.3")
    assert far.gain == far.round_trip_gain == 7
    same_machine = connection_account(0.0, setup_work_s=0.0099, query_work_s=0.0001)
    assert same_machine.gain == pytest.approx(100)
    seventeen = connection_account(0.0005, tls="1.3", setup_work_s=0.005, query_work_s=0.0)
    assert seventeen.gain == pytest.approx((6 * 0.5 + 5 + 0.5) / 0.5)


def test_every_option_counts_once():
    plain = connection_account(1.0)
    assert (plain.setup_s, plain.request_s, plain.unpooled_s) == (4, 1, 5)
    assert connection_account(1.0, tls="1.2").setup_s == 4 + 1 + 2
    assert connection_account(1.0, driver_statements=4).setup_s == 4 + 4
    checked = connection_account(1.0, validate_on_borrow=True)
    assert (checked.request_s, checked.unpooled_s) == (2, 5)  # a fresh connection needs no test


def test_valkey():
    assert valkey_account(1.0, setup_commands=2).setup_s == 1 + 2
    assert valkey_account(1.0, setup_commands=0).gain == 2


@given(
    rtt=st.floats(0, 1),
    setup=st.floats(0, 1),
    query=st.floats(1e-6, 10),
    slower=st.floats(1.001, 100),
    tls=st.sampled_from([None, "1.2", "1.3"]),
)
def test_the_slower_the_query_the_smaller_the_gain(rtt, setup, query, slower, tls):
    account = connection_account(rtt, tls=tls, setup_work_s=setup, query_work_s=query)
    slow = connection_account(rtt, tls=tls, setup_work_s=setup, query_work_s=query * slower)
    assert 1 <= slow.gain <= account.gain * (1 + 1e-12)
    assert account.gain == pytest.approx(1 + account.setup_s / account.request_s)


@given(rtt=st.floats(0, 1), statements=st.integers(0, 5))
def test_the_table_adds_up(rtt, statements):
    account = connection_account(rtt, driver_statements=statements, query_work_s=0.01)
    table = account.table()
    assert table["time_s"].sum() == pytest.approx(account.unpooled_s)
    times = table["round_trips"] * rtt + table["work_s"]
    assert table["time_s"].to_numpy() == pytest.approx(times.to_numpy())
    setup = table.loc[table["phase"] == "set-up", "time_s"].sum()
    assert setup == pytest.approx(account.setup_s)


def test_work_alone_has_no_round_trip_gain():
    account = ConnectionAccount((Step("connect", 3), Step("query", 0, 1.0, "query")), 0.1)
    assert account.round_trip_gain != account.round_trip_gain  # NaN
    assert account.gain == pytest.approx(1.3)


def test_a_wrong_guess_costs_tls_a_round_trip():
    once = connection_account(0.01, tls="1.3")
    twice = connection_account(0.01, tls="1.3", tls_retry=True)
    assert twice.setup_s - once.setup_s == pytest.approx(0.01)
    assert twice.table()["round_trips"].sum() == 8


def test_refusals():
    with pytest.raises(ValueError, match=r"Step: phase must be one of set-up, .* got 'later'"):
        Step("x", 1, 0, "later")
    with pytest.raises(ValueError, match=r"Step: round_trips must be an integer >= 0, got 0\.5"):
        Step("x", 0.5)
    with pytest.raises(ValueError, match=r"ConnectionAccount: steps must take time in the query"):
        ConnectionAccount((Step("connect", 1),), 0.1)
    with pytest.raises(ValueError, match=r"connection_account: tls must be one of 1\.2, 1\.3, got"):
        connection_account(0.1, tls="1.1")
