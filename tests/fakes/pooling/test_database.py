import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.database import (
    BrokenConnectionError,
    DatabaseError,
    FakeDatabase,
    TooManyConnectionsError,
)


@pytest.fixture
def clock():
    return VirtualClock()


def timed(clock, action):
    start_s = clock.now_s
    action()
    return clock.now_s - start_s


def test_each_step_costs_what_it_should(clock):
    database = FakeDatabase(clock, setup_s=0.07, close_s=0.01, round_trip_s=0.004)
    connection = database.connect()
    assert clock.now_s == pytest.approx(0.07)
    assert timed(clock, lambda: connection.query(cpu_s=0.005, wait_s=0.03)) == pytest.approx(0.039)
    assert timed(clock, connection.query) == pytest.approx(0.004)  # a bare round trip
    assert database.open_connections == 1
    assert timed(clock, connection.close) == pytest.approx(0.01)
    assert (database.connects, database.queries, database.open_connections) == (1, 2, 0)
    database.check_invariants()


def test_refuses_one_client_too_many_and_takes_the_next_when_one_leaves(clock):
    database = FakeDatabase(clock, max_connections=2, setup_s=0.07)
    first, _ = database.connect(), database.connect()
    with pytest.raises(TooManyConnectionsError, match="max_connections=2, got one more"):
        database.connect()
    assert clock.now_s == pytest.approx(0.21)  # the refusal comes after the handshakes
    first.close()
    database.connect()
    assert (database.connects, database.refused, database.peak_connections) == (3, 1, 2)
    database.check_invariants()


def test_those_being_opened_and_closed_count_too(clock):
    database = FakeDatabase(clock, max_connections=2)
    outcomes = []
    for _ in range(3):
        database.submit_connect(outcomes.append, outcomes.append)
    assert database.open_connections == 2
    clock.advance(1.0)
    assert [type(outcome).__name__ for outcome in outcomes].count("TooManyConnectionsError") == 1
    database.submit_close(outcomes[0])
    assert database.open_connections == 2
    clock.advance(1.0)
    assert database.open_connections == 1


def test_queries_queue_first_come_first_served_for_the_cores(clock):
    database = FakeDatabase(clock, setup_s=0.0, cores=2)
    connections = [database.connect() for _ in range(5)]
    finished = []
    for number, connection in enumerate(connections):
        database.submit(
            connection, cpu_s=1.0, on_done=lambda n=number: finished.append((n, clock.now_s))
        )
    clock.advance(0.5)
    assert finished == []
    database.check_invariants()
    clock.advance(9.5)
    assert finished == [(0, 1.0), (1, 1.0), (2, 2.0), (3, 2.0), (4, 3.0)]


def test_waiting_needs_no_core(clock):
    database = FakeDatabase(clock, setup_s=0.0, cores=1)
    finished = []
    for _ in range(10):
        connection = database.connect()
        database.submit(connection, wait_s=1.0, on_done=lambda: finished.append(clock.now_s))
    clock.advance(2.0)
    assert finished == [1.0] * 10


def test_cores_agree_with_an_independent_first_come_first_served_queue(clock, rng):
    n, cores = 300, 3
    arrivals_s = np.cumsum(rng.exponential(1.0, n))
    computing_s = rng.exponential(2.5, n)
    free_s, expected = [0.0] * cores, []
    for arrival_s, cpu_s in zip(arrivals_s, computing_s, strict=True):
        core = free_s.index(min(free_s))
        free_s[core] = max(free_s[core], arrival_s) + cpu_s
        expected.append(free_s[core])

    database = FakeDatabase(clock, setup_s=0.0, cores=cores, max_connections=n)
    got = np.zeros(n)

    def send(i):
        def done():
            got[i] = clock.now_s

        database.submit(connections[i], cpu_s=computing_s[i], on_done=done)

    connections = [database.connect() for _ in range(n)]
    for i in range(n):
        clock.schedule_at(arrivals_s[i], lambda i=i: send(i))
    clock.run_until(lambda: got.all())
    np.testing.assert_allclose(got, expected)
    database.check_invariants()


def test_restart_breaks_idle_connections_without_a_word(clock):
    database = FakeDatabase(clock, round_trip_s=0.01)
    connection = database.connect()
    database.restart()
    assert database.open_connections == 0
    assert not connection.known_broken
    with pytest.raises(BrokenConnectionError, match="got a connection that it dropped"):
        connection.query(cpu_s=1.0)
    assert connection.known_broken
    connection.close()
    database.connect().query()
    database.check_invariants()


def test_restart_fails_what_is_in_flight(clock):
    database = FakeDatabase(clock, setup_s=0.1, cores=1, round_trip_s=0.01)
    errors = []
    for number in range(3):  # one computes, one queues, one waits for a disk
        connection = database.connect()
        database.submit(
            connection,
            cpu_s=5.0 if number < 2 else 0.0,
            wait_s=5.0,
            on_done=lambda: pytest.fail("lost queries have no answer"),
            on_failed=errors.append,
        )
    database.submit_connect(lambda connection: pytest.fail("no server"), errors.append)
    clock.advance(0.05)
    database.restart()
    database.check_invariants()
    clock.advance(20.0)
    assert [type(error) for error in errors] == [BrokenConnectionError] * 4
    database.connect().query(cpu_s=1.0)
    database.check_invariants()


def test_an_error_that_nobody_handles_comes_out_of_the_clock(clock):
    database = FakeDatabase(clock)
    connection = database.connect()
    database.restart()
    database.submit(connection, on_done=lambda: None)
    with pytest.raises(BrokenConnectionError):
        clock.advance(1.0)


def test_closing_a_busy_connection_loses_the_answer_but_not_the_work(clock):
    database = FakeDatabase(clock, setup_s=0.0, cores=1)
    busy, other = database.connect(), database.connect()
    errors, finished = [], []
    database.submit(busy, cpu_s=1.0, on_done=lambda: None, on_failed=errors.append)
    database.submit(other, cpu_s=1.0, on_done=lambda: finished.append(clock.now_s))
    busy.close()
    clock.advance(5.0)
    assert "closed by its own client" in str(errors[0])
    assert finished == [2.0]  # the server did not stop computing


def test_refuses_a_closed_or_a_busy_connection(clock):
    database = FakeDatabase(clock)
    connection = database.connect()
    database.submit(connection, wait_s=1.0, on_done=lambda: None)
    with pytest.raises(DatabaseError, match="got one with a query in flight"):
        connection.query()
    clock.advance(2.0)
    connection.close()
    with pytest.raises(DatabaseError, match="got a closed one"):
        connection.query()
    connection.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("setup_s", -1),
        ("close_s", float("nan")),
        ("round_trip_s", -1),
        ("cores", 0),
        ("max_connections", 2.5),
    ],
)
def test_bad_settings_are_named(clock, name, value):
    with pytest.raises(ValueError, match=rf"FakeDatabase: {name} must be .*, got {value}"):
        FakeDatabase(clock, **{name: value})


@pytest.mark.parametrize("name", ["cpu_s", "wait_s"])
def test_bad_query_times_are_named(clock, name):
    connection = FakeDatabase(clock).connect()
    with pytest.raises(ValueError, match=rf"FakeDatabase.submit: {name} must be .*, got -1"):
        connection.query(**{name: -1})
    connection.query()  # not left busy
