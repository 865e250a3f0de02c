import sys
import time
from pathlib import Path

import pytest

from scalelab.real.postgres import start_postgres
from scalelab.real.supervised import RealComponentError

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


@pytest.mark.parametrize("name", ["max_connections", "ssl_ecdh_curve"])
def test_says_why_it_did_not_start(postgres, name):
    if name.startswith("ssl") and "sslmode=require" not in postgres.dsn:
        pytest.skip("no openssl, no TLS")
    with pytest.raises(RealComponentError, match=r"did not start: .*FATAL.*nonsense") as caught:
        start_postgres(**{name: "nonsense"})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["listen_addresses", "port", "unix_socket_directories"])
def test_the_address_is_not_for_choice(postgres, name):
    with pytest.raises(ValueError, match=rf"start_postgres: settings must .* got '{name}'"):
        start_postgres(**{name: "*"})


def test_says_how_to_get_the_client(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(RealComponentError, match=r"client for PostgreSQL is missing: pip install"):
        start_postgres()
