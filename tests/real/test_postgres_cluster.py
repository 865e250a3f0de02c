import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scalelab.real._supervise import descendants
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.postgres_cluster import PostgresCluster, wait_for
from scalelab.real.supervised import RealComponentError

psycopg = pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")


@pytest.fixture(scope="module")
def pair(cluster):
    primary = cluster.primary()
    replica = cluster.replica(primary, "replica")
    primary.rows("create table t(id int primary key)")
    wait_for(lambda: replica.value("select to_regclass('t')"))
    return primary, replica


def test_a_replica_follows_and_refuses_writes(pair):
    primary, replica = pair
    primary.rows("insert into t values (1)")
    wait_for(lambda: replica.rows("select id from t where id = %s", 1))
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        replica.rows("insert into t values (2)")
    assert primary.rows("select application_name from pg_stat_replication") == [("replica",)]
    assert "PostgreSQL" in repr(primary)


def test_the_password_is_on_no_command_line_and_needed(pair):
    primary, replica = pair
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(primary.dsn, password="guess")
    info = replica.value("select current_setting('primary_conninfo')")
    assert "passfile" in info
    assert "password=" not in info


def test_settings_are_in_the_file_and_change_while_it_runs(cluster, pair):
    primary, _ = pair
    odd = "it's 5 \\ m "
    primary.configure(log_line_prefix=odd, work_mem="5MB")
    wait_for(lambda: primary.value("show work_mem") == "5MB")
    assert primary.value("show log_line_prefix") == odd
    other = cluster.primary("logical", wal_level="logical")
    assert other.value("show wal_level") == "logical"
    with pytest.raises(ValueError, match=r"primary: settings must leave out listen_addresses"):
        cluster.primary("third", listen_addresses="*")


@pytest.mark.parametrize("name", ["primary", "two words", "", 3])
def test_names_are_new_words(cluster, pair, name):
    with pytest.raises(ValueError, match=r"PostgresCluster: name must be (new|a word), got"):
        cluster.primary(name)


def test_a_crash_keeps_the_data_and_it_starts_again(cluster):
    server = cluster.primary("crashing")
    server.rows("create table t(id int)")
    server.rows("insert into t values (7)")
    everyone = [server._process.pid, *descendants(server._process.pid)]
    assert len(everyone) > 3
    said, end = [], server._process.end
    server._process.end = lambda: said.append(end())
    server.kill()
    assert not server.alive
    assert "shutdown request" not in said[0]  # it was not asked, not even to hurry
    assert [pid for pid in everyone if Path(f"/proc/{pid}").exists()] == []
    server.start()
    assert server.rows("select * from t") == [(7,)]
    assert "not properly shut down" in server.log()
    server.stop()
    server.start()
    assert "not properly shut down" not in server.log()
    with pytest.raises(ValueError, match=r"PostgresServer.start: server must be down"):
        server.start()


def test_promotion_split_brain_and_rejoining(cluster):
    old = cluster.primary("old")
    new = cluster.replica(old, "new")
    old.rows("create table t(id int, who text)")
    wait_for(lambda: new.value("select to_regclass('t')"))
    new.promote()
    for server in (old, new):  # both are primaries, and neither knows
        server.rows("insert into t values (11, %s)", server.name)
    old.kill()
    old.follow(new)
    new.rows("insert into t values (12, 'new')")
    wait_for(lambda: old.rows("select count(*) from t") == [(2,)])
    assert old.rows("select who from t order by id") == [("new",), ("new",)]
    assert old.value("select pg_is_in_recovery()")


def test_a_replica_behind_a_proxy_is_late(cluster):
    primary = cluster.primary("near")
    with DelayProxy(primary.port, 0.2) as link:
        far = cluster.replica(primary, "far", port=link.port)
        primary.rows("create table t(id int)")
        assert far.value("select to_regclass('t')") is None
        wait_for(lambda: far.value("select to_regclass('t')"))


def test_a_replica_that_is_late_catches_up(cluster):
    primary = cluster.primary("ahead")
    late = cluster.replica(primary, "late", recovery_min_apply_delay="200ms")
    primary.rows("create table catching(id int)")
    assert late.value("select to_regclass('catching')") is None
    late.catch_up(primary)
    assert late.value("select to_regclass('catching')") == "catching"


def test_a_wait_has_an_end():
    with pytest.raises(RealComponentError, match=r"did not come within 0.01 s"):
        wait_for(lambda: False, 0.01)


def test_nothing_is_left_after_the_end(need_cluster):
    with PostgresCluster() as cluster:
        server = cluster.primary()
        directory = cluster.directory
        assert directory.is_dir()
    assert not server.alive
    assert not directory.exists()
    cluster.close()


PROGRAM = """
import sys, time
from scalelab.real.postgres_cluster import PostgresCluster
cluster = PostgresCluster()
server = cluster.primary()
replica = cluster.replica(server, "replica")
print(cluster.directory, server._process.pid, replica._process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_nothing_outlives_its_process_even_killed(need_cluster):
    child = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
    directory, *pids = child.stdout.readline().split()
    everyone = [int(p) for p in pids] + [d for p in pids for d in descendants(int(p))]
    assert len(everyone) > 6
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    deadline_s = time.monotonic() + 30
    while time.monotonic() < deadline_s and (
        Path(directory).exists() or any(Path(f"/proc/{pid}").exists() for pid in everyone)
    ):
        time.sleep(0.05)
    assert not Path(directory).exists()
    assert [pid for pid in everyone if Path(f"/proc/{pid}").exists()] == []


def test_a_process_that_ends_while_the_processor_time_is_read_is_read_over(pair, monkeypatch):
    psutil = pytest.importorskip("psutil", reason="psutil is not installed")
    primary, _ = pair
    gone = []

    def status(process):
        if not gone:
            gone.append(process.pid)
            raise psutil.NoSuchProcess(process.pid)
        return psutil.STATUS_SLEEPING

    monkeypatch.setattr(psutil.Process, "status", status)
    assert primary.cpu_s() > 0
    assert len(gone) == 1
