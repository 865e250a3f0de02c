import gc
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from scalelab.real.servers import find_servers, how_to_get_one, start_server
from scalelab.real.supervised import RealComponentError, SupervisedProcess, scratch_directory

ANY_ADDRESS = {"00000000", "0" * 32}  # as the kernel's tables write it
LOOPBACK = {"0100007F"}


def wait_until(condition, seconds=10.0):
    end_s = time.monotonic() + seconds
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.02)
    return condition()


def runs(pid):
    """Whether the process is there; one that has ended and is not yet collected is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def listening_addresses(port):
    """The local addresses on which somebody listens at `port`."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if Path(table).exists():
            for line in Path(table).read_text().splitlines()[1:]:
                _, local, _, state, *_ = line.split()
                address, _, its_port = local.partition(":")
                if state == "0A" and int(its_port, 16) == port:
                    found.add(address)
    return found


def test_every_server_found_starts_answers_and_ends(need_redis):
    for found in find_servers():
        with start_server(found) as server, server.client() as client:
            client.set("key", "value")
            assert client.get("key") == b"value"
            assert server.alive
            assert server.name.split()[0] in ("Redis", "Valkey")
            assert repr(server) == f"<{server.name} on 127.0.0.1:{server.port}, up>"
        assert not server.alive
        assert not runs(server.pid)


def test_settings_reach_the_server(need_redis):
    with start_server(maxclients=20) as server, server.client() as client:
        assert client.config_get("maxclients") == {"maxclients": "20"}
        assert client.config_get("save") == {"save": ""}


@pytest.mark.skipif(sys.platform != "linux", reason="reads the tables of the Linux kernel")
def test_listens_on_this_machine_only(redis_server):
    addresses = listening_addresses(redis_server.port)
    assert addresses == LOOPBACK
    assert not addresses & ANY_ADDRESS


@pytest.mark.parametrize("name", ["bind", "port", "dir", "BIND", "protected-mode", "RequirePass"])
def test_the_address_is_not_for_choice(need_redis, name):
    with pytest.raises(ValueError, match=rf"start_server: settings must .* got '{name}'"):
        start_server(**{name: "0.0.0.0"})


def test_a_setting_carries_no_other(need_redis):
    for value in ("20\nport 1", '20" "requirepass'):
        with pytest.raises(RealComponentError, match="did not start"):
            start_server(maxclients=value)
    for settings in ({"max clients": 20}, {"a\nb": 1}, {"maxclients": 20, "MAXCLIENTS": 30}):
        with pytest.raises(ValueError, match="start_server: settings must have names"):
            start_server(**settings)


def test_a_setting_may_have_several_words_and_odd_signs(need_redis):
    title = '{title}  "quoted"\\é'
    with (
        start_server(save=(60, 1), proc_title_template=title, Timeout=9) as server,
        server.client() as client,
    ):
        assert client.config_get("save") == {"save": "60 1"}
        assert client.config_get("timeout") == {"timeout": "9"}
        assert client.config_get("proc-title-template")["proc-title-template"] == title


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_nobody_else_gets_in(redis_server):
    redis = pytest.importorskip("redis")
    stranger = redis_server.client(password=None)
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()
    stranger.close()
    password = redis_server.settings()["password"].encode()
    for pid in (redis_server.pid, redis_server._process._supervisor.pid):
        assert password not in Path(f"/proc/{pid}/cmdline").read_bytes()
    folder = Path(redis_server.client().config_get("dir")["dir"])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "server.conf").stat().st_mode & 0o777 == 0o600


def test_a_folder_with_a_blank_and_a_quote_will_do(need_redis, tmp_path, monkeypatch):
    folder = tmp_path / 'my "own" é files'
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with start_server() as server:
        directory = Path(server.client().config_get("dir")["dir"])
        assert directory.parent == folder
    assert list(folder.iterdir()) == []


def test_a_directory_of_somebody_who_lives_is_not_swept(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    names = {f"scalelab-{dead.pid}-a": False, f"scalelab-{os.getpid()}-b": True}
    names |= {f"scalelab-{dead.pid}-locked": True, "scalelab-notes-mine": True}
    for name in names:
        (tmp_path / name).mkdir()
    with (tmp_path / f"scalelab-{dead.pid}-locked" / "lock").open("w") as lock:
        pytest.importorskip("fcntl").flock(lock, 2)  # LOCK_EX: a supervisor in another container
        scratch_directory()
    assert {name: (tmp_path / name).exists() for name in names} == names


def test_a_stopped_server_is_an_error_in_time(redis_server, monkeypatch):
    redis = pytest.importorskip("redis")
    monkeypatch.setattr("scalelab.real.servers.SOCKET_TIMEOUT_S", 0.5)
    os.kill(redis_server.pid, signal.SIGSTOP)
    with pytest.raises(redis.TimeoutError):
        redis_server.client().ping()


def test_a_killed_server_is_an_error_at_once(redis_server):
    redis = pytest.importorskip("redis")
    client = redis_server.client()
    client.ping()
    redis_server.kill()
    start_s = time.monotonic()
    with pytest.raises(redis.ConnectionError):
        client.ping()
    assert time.monotonic() - start_s < 10
    redis_server.kill()
    redis_server.close()


def test_leaves_no_files(need_redis):
    with start_server() as server, server.client() as client:
        directory = Path(client.config_get("dir")["dir"])
        assert directory.is_dir()
    assert not directory.exists()


def test_says_why_it_did_not_start(need_redis):
    with pytest.raises(RealComponentError, match=r"did not start: .*integer") as caught:
        start_server(maxclients="many")
    assert "\n" not in str(caught.value)


def test_a_server_of_ones_own_comes_first(need_redis, monkeypatch):
    path = find_servers()[-1].path
    monkeypatch.setenv("SCALELAB_REDIS_SERVER", path)
    assert find_servers()[0].source == "SCALELAB_REDIS_SERVER"
    assert find_servers()[0].path == path


def test_a_wrong_path_is_named(monkeypatch):
    monkeypatch.setenv("SCALELAB_REDIS_SERVER", "/nowhere/redis-server")
    with pytest.raises(RealComponentError, match="must name a program, got '/nowhere/"):
        find_servers()


def test_says_how_to_get_one(monkeypatch):
    pytest.importorskip("redis", reason="the client comes first")
    monkeypatch.setattr("scalelab.real.servers.find_servers", list)
    with pytest.raises(RealComponentError) as caught:
        start_server()
    assert str(caught.value) == how_to_get_one()
    assert "pip install -e '.[real]'" in how_to_get_one()


def test_says_how_to_get_the_client(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(RealComponentError, match=r"client for Redis is missing: pip install"):
        start_server()


PARENT = """
    import os, sys, time
    from scalelab.real.delay_proxy import DelayProxy
    from scalelab.real.servers import start_server

    server = start_server()
    proxy = DelayProxy(server.port, 0.001)
    directory = server.client().config_get("dir")["dir"]
    if "fork" in sys.argv and os.fork() == 0:  # holds the supervisor's input open
        os.write(1, f"child {os.getpid()}\\n".encode())  # a line at once: two write to one pipe
        time.sleep(60)
        os._exit(0)
    pids = f"{server.pid} {server._process._supervisor.pid} {proxy._process.pid}"
    os.write(1, f"parent {pids} {directory}\\n".encode())
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("argument", ["alone", "fork"])
def test_kill_9_of_the_notebook_leaves_no_orphan(need_redis, argument):
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT), argument],
        stdout=subprocess.PIPE,
        text=True,
    )
    child = None
    with parent, parent.stdout:
        for _ in range(2 if argument == "fork" else 1):
            kind, *words = parent.stdout.readline().split()
            if kind == "child":
                child = int(words[0])
            else:
                *pids, directory = words
        pids = [int(pid) for pid in pids]
        try:
            assert all(runs(pid) for pid in pids)
            assert Path(directory).is_dir()
            os.kill(parent.pid, signal.SIGKILL)
            parent.wait()
            assert wait_until(lambda: not any(runs(pid) for pid in pids))
            assert wait_until(lambda: not Path(directory).exists())
        finally:
            parent.kill()
            if child is not None:
                os.kill(child, signal.SIGKILL)


def test_an_interrupt_of_the_notebook_leaves_the_server_alone(redis_server):
    os.kill(redis_server._process._supervisor.pid, signal.SIGINT)
    time.sleep(0.3)
    assert redis_server.alive
    assert redis_server.client().ping()
    assert os.getsid(redis_server.pid) != os.getsid(os.getpid())  # nor does the terminal reach it


def test_a_forgotten_server_ends_with_its_object(need_redis):
    server = start_server()
    pid = server.pid
    del server
    gc.collect()
    assert wait_until(lambda: not runs(pid))


def test_a_command_that_cannot_run_is_named_and_leaves_no_files():
    directory = scratch_directory()
    with pytest.raises(RealComponentError, match=r"program cannot be run: .*/nowhere/program"):
        SupervisedProcess(["/nowhere/program"], directory=directory)
    assert not directory.exists()


def test_nobody_waits_for_a_process_that_was_gone_at_once(monkeypatch):
    monkeypatch.setattr("scalelab.real.supervised.began", lambda pid: "")
    begin_s = time.monotonic()
    command = [sys.executable, "-c", "print('done')"]
    process = SupervisedProcess(command, directory=scratch_directory(), patience_s=60.0)
    assert wait_until(lambda: not process.alive)
    assert process.end() == "done"
    assert time.monotonic() - begin_s < 30


def test_a_stubborn_process_ends_too():
    command = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN)\n"]
    command[-1] += "print('ready', flush=True); time.sleep(60)"
    directory = scratch_directory()
    settings = {"stop_signal": "SIGTERM", "patience_s": 0.2}
    process = SupervisedProcess(command, directory=directory, **settings)
    assert wait_until(lambda: "ready" in (directory / "log").read_text())
    assert process.end() == "ready"
    assert not runs(process.pid)
