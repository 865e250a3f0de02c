import os
import threading
import time

import pytest

from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.measure import compare_pooling
from scalelab.real.pooling_subjects import PostgresPooling, RedisPooling
from scalelab.real.postgres import start_postgres
from scalelab.real.supervised import RealComponentError


@pytest.fixture
def postgres_for_killing(postgres):
    with start_postgres() as server:
        yield server


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
