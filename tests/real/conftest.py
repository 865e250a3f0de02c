"""Servers for the tests of real components."""

import pytest

from scalelab.real.postgres import start_postgres
from scalelab.real.postgres_cluster import PostgresCluster
from scalelab.real.postgres_tools import find_postgres, how_to_get_postgres
from scalelab.real.servers import find_servers, how_to_get_one, start_server
from scalelab.real.supervised import RealComponentError


@pytest.fixture
def need_redis():
    pytest.importorskip("redis", reason="the client for Redis is not installed")
    if not find_servers():
        pytest.skip(how_to_get_one())


@pytest.fixture
def redis_server(need_redis):
    with start_server() as server:
        yield server


@pytest.fixture(scope="module")
def postgres():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    if find_postgres() is None:
        pytest.skip(how_to_get_postgres())
    with start_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def need_cluster():
    try:
        PostgresCluster().close()
    except RealComponentError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def cluster(need_cluster):
    with PostgresCluster() as cluster:
        yield cluster
