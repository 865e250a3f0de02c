import functools
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from scalelab.real import _supervise
from scalelab.real.postgres import start_postgres
from scalelab.real.supervised import RealComponentError, cause

psycopg = pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")


def test_asks_for_a_password_over_tls(postgres):
    with psycopg.connect(postgres.dsn) as connection:
        encrypted = connection.execute(
            "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
        ).fetchone()
        assert encrypted == ("sslmode=require" in postgres.dsn,)
        assert connection.execute("show password_encryption").fetchone() == ("scram-sha-256",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.dsn, password="guess")


def test_listens_on_this_machine_only(postgres):
    with psycopg.connect(postgres.dsn) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("show unix_socket_directories").fetchone() == ("",)
    assert repr(postgres) == f"<{postgres.name} on 127.0.0.1:{postgres.port}, up>"


def test_settings_reach_the_server_and_nothing_stays_behind(postgres):
    with start_postgres(max_connections=7) as server:
        with psycopg.connect(server.dsn) as connection:
            assert connection.execute("show max_connections").fetchone() == ("7",)
            (data,) = connection.execute("show data_directory").fetchone()
        assert Path(data).parent.exists()
    assert not server.alive
    assert not Path(data).parent.exists()
    start_s = time.monotonic()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.dsn, connect_timeout=5)
    assert time.monotonic() - start_s < 15


def test_a_setting_may_hold_blanks_and_odd_signs(postgres):
    odd = '  %m "two"  words\\ é '
    with start_postgres(log_line_prefix=odd) as server, server.connect() as connection:
        assert connection.execute("show log_line_prefix").fetchone() == (odd,)


@pytest.mark.parametrize("name", ["max_connections", "ssl_ecdh_curve"])
def test_says_why_it_did_not_start(postgres, name):
    if name.startswith("ssl") and "sslmode=require" not in postgres.dsn:
        pytest.skip("no openssl, no TLS")
    with pytest.raises(RealComponentError, match=r"did not start: .*FATAL.*nonsense") as caught:
        start_postgres(**{name: "nonsense"})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["listen_addresses", "port", "unix_socket_directories", "LISTEN_ADDRESSES", "ssl"]
)
def test_the_address_is_not_for_choice(postgres, name):
    with pytest.raises(ValueError, match=rf"start_postgres: settings must .* got '{name}'"):
        start_postgres(**{name: "*"})


def descendants(pid):
    return [pid, *_supervise.descendants(pid)]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_stopped_server_is_an_error_in_time_and_ends_with_its_children(postgres, monkeypatch):
    monkeypatch.setattr("scalelab.real.postgres_tools.ANSWER_TIMEOUT_S", 1.0)
    with start_postgres() as server:
        connection = server.connect(autocommit=True)
        assert connection.execute("select 1").fetchone() == (1,)
        everyone = descendants(server.pid)
        assert len(everyone) > 3
        for pid in everyone:
            os.kill(pid, signal.SIGSTOP)
        with pytest.raises(psycopg.OperationalError, match="not answered for 1 s"):
            connection.execute("select 1")
        assert connection.closed
        begin_s = time.monotonic()
        for connect in (server.connect, functools.partial(psycopg.connect, server.dsn)):
            with pytest.raises(psycopg.OperationalError, match="timeout"):
                connect(connect_timeout=2)
        with pytest.raises(psycopg.OperationalError, match="timeout"):
            psycopg.connect(server.dsn)
        assert time.monotonic() - begin_s < 30  # 2 + 2 + 5 s
    assert [pid for pid in everyone if Path(f"/proc/{pid}").exists()] == []


def test_a_slow_answer_within_the_time_is_one(postgres):
    with postgres.connect() as connection:
        assert connection.execute("select 7 from pg_sleep(0.3)").fetchone() == (7,)
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("select 1/0")


def test_a_server_without_tls_is_asked_and_believed(postgres, monkeypatch):
    monkeypatch.setattr("scalelab.real.postgres_tools.has_tls", lambda folder: False)
    with start_postgres() as server, server.connect() as connection:
        assert "sslmode=disable" in server.dsn
        assert connection.execute("show ssl").fetchone() == ("off",)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "creating files\ninitdb: error: could not write to file: No space left on device\n"
            "initdb: removing data directory",
            "initdb: error: could not write to file: No space left on device",
        ),
        ("LOG: x\nFATAL: bad value\nLOG: database system is shut down", "FATAL: bad value"),
        ("one\ntwo", "two"),
        ("", "no answer"),
    ],
)
def test_the_cause_is_the_first_error_and_not_the_last_line(said, reason):
    assert cause(said) == reason


def test_says_how_to_get_the_client(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(RealComponentError, match=r"client for PostgreSQL is missing: pip install"):
        start_postgres()
