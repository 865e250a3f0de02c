"""Whoever is killed, and whenever: no process, no port and no directory stays behind."""

import contextlib
import fcntl
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from scalelab.real.postgres_tools import find_postgres, how_to_get_postgres
from scalelab.real.servers import find_servers, how_to_get_one
from scalelab.real.supervised import SupervisedProcess, scratch_directory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

# Says "making" before and the supervisor and the server after.
START = """
    import sys
    from scalelab.real.postgres import start_postgres
    from scalelab.real.servers import start_server

    start = {"valkey": start_server, "postgres": start_postgres}[sys.argv[1]]
    print("making", flush=True)
    server = start()
    print("made", server._process._supervisor.pid, server.pid, flush=True)
"""
# Closes when it is told to.
NOTEBOOK = f"""
    {START}
    sys.stdin.readline()
    server.close()
    print("closed", flush=True)
    sys.stdin.readline()
"""
TAKES_S = {"valkey": 0.4, "postgres": 1.5}  # about; the moments need only be spread
SEED = 20260101
NOTEBOOKS = []


@pytest.fixture(params=["valkey", "postgres"])
def kind(request):
    if request.param == "valkey":
        pytest.importorskip("redis", reason="the client for Redis is not installed")
        if not find_servers():
            pytest.skip(how_to_get_one())
    else:
        pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
        if find_postgres() is None:
            pytest.skip(how_to_get_postgres())
    return request.param


@pytest.fixture
def scratch(tmp_path_factory):
    """A folder for scratch files that another account may enter, as pytest's own may not be."""
    folder = Path("/tmp" if os.geteuid() == 0 else tmp_path_factory.mktemp("scratch"))
    folder = folder / f"orphans {os.getpid()} é"  # nobody's path need be plain
    folder.mkdir()
    folder.chmod(0o777)
    yield folder
    while NOTEBOOKS:
        NOTEBOOKS.pop().kill()
    for pid in marked(folder):  # a test that failed leaves nothing either
        os.kill(pid, signal.SIGKILL)
    for left in sorted(folder.rglob("*"), reverse=True):
        left.rmdir() if left.is_dir() else left.unlink()
    folder.rmdir()


def marked(scratch):
    """Every process that has the folder in its environment, and is no zombie."""
    mark = f"TMPDIR={scratch}".encode()
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if mark in Path(f"/proc/{name}/environ").read_bytes().split(b"\0"):
                found.add(int(name))
        except OSError:
            continue
    return found - {os.getpid()}


def gone(scratch, patience_s=15.0):
    """Wait for the end of all; what is left then."""
    end_s = time.monotonic() + patience_s
    while (left := (marked(scratch), list(scratch.iterdir()))) != (set(), []):
        if time.monotonic() > end_s:
            break
        time.sleep(0.02)
    return left


class Notebook:
    def __init__(self, kind, scratch):
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(NOTEBOOK), kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": str(scratch)},
        )
        NOTEBOOKS.append(self)
        assert self.read() == ["making"]

    def read(self):
        return self.process.stdout.readline().split()

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()


@pytest.mark.parametrize("moment", range(3))
def test_kill_9_of_the_notebook_at_any_moment(kind, scratch, moment):
    share = random.Random(SEED + moment).random()
    notebook = Notebook(kind, scratch)
    time.sleep(share * TAKES_S[kind])
    notebook.kill()
    assert gone(scratch) == (set(), [])


def test_kill_9_of_a_kernel(kind, scratch, tmp_path, monkeypatch):
    client = pytest.importorskip("jupyter_client", reason="it starts kernels")
    pytest.importorskip("ipykernel", reason="it is the kernel")
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):  # nothing of the user's is touched
        monkeypatch.setenv(name, str(tmp_path))
    manager, kernel = client.manager.start_new_kernel(env=os.environ | {"TMPDIR": str(scratch)})
    try:
        kernel.execute(f"import sys; sys.argv[1:] = [{kind!r}]\n{textwrap.dedent(START)}")
        while kernel.get_iopub_msg(timeout=60)["content"].get("text") != "making\n":
            pass
        assert manager.provisioner.pid in marked(scratch)
        time.sleep(0.5 * TAKES_S[kind])
    finally:
        os.kill(manager.provisioner.pid, signal.SIGKILL)
        kernel.stop_channels()
        manager.shutdown_kernel(now=True)  # of itself it kills the whole group, which is no test
    assert gone(scratch) == (set(), [])


@pytest.mark.parametrize("victim", ["supervisor", "server"])
def test_kill_9_of_a_part_then_close(kind, scratch, victim):
    notebook = Notebook(kind, scratch)
    _, supervisor, server = notebook.read()
    os.kill(int(supervisor if victim == "supervisor" else server), signal.SIGKILL)
    notebook.go_on()
    assert notebook.read() == ["closed"]
    assert marked(scratch) == {notebook.process.pid}
    assert list(scratch.iterdir()) == []
    notebook.kill()


def test_kill_9_of_the_supervisor_then_of_the_notebook(kind, scratch):
    """Nobody is left to remove the directory: the next start does."""
    notebook = Notebook(kind, scratch)
    _, supervisor, _ = notebook.read()
    os.kill(int(supervisor), signal.SIGKILL)
    notebook.kill()
    end_s = time.monotonic() + 15
    while marked(scratch) and time.monotonic() < end_s:
        time.sleep(0.02)
    assert marked(scratch) == set()
    after = Notebook(kind, scratch)
    assert after.read()[0] == "made"
    assert len(list(scratch.iterdir())) == 1  # its own
    after.kill()
    assert gone(scratch) == (set(), [])


@pytest.mark.parametrize("moment", range(2))
def test_kill_9_of_the_supervisor_while_it_makes_the_server(kind, scratch, moment):
    notebook = Notebook(kind, scratch)
    time.sleep(random.Random(SEED - moment).random() * TAKES_S[kind])
    for pid in marked(scratch) - {notebook.process.pid}:
        if b"_supervise.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    notebook.process.stdin.close()  # where it was too late, the notebook closes and leaves
    notebook.process.wait(30)
    notebook.kill()
    assert gone(scratch) == (set(), [])


def test_a_stopped_server_is_closed_with_all_its_children(kind, scratch):
    notebook = Notebook(kind, scratch)
    _, supervisor, _ = notebook.read()
    for pid in marked(scratch) - {notebook.process.pid, int(supervisor)}:
        os.kill(pid, signal.SIGSTOP)
    notebook.go_on()
    assert notebook.read() == ["closed"]
    assert marked(scratch) == {notebook.process.pid}
    notebook.kill()
    assert gone(scratch) == (set(), [])


def test_a_directory_stays_until_those_who_have_theirs_in_it_are_gone():
    directory = scratch_directory()
    keeper = SupervisedProcess([], directory=directory)
    tenant = directory / "tenant"
    tenant.mkdir()
    lock = os.open(tenant / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    ending = threading.Thread(target=keeper.end)
    ending.start()
    ending.join(0.5)
    assert ending.is_alive()
    assert tenant.is_dir()
    os.close(lock)
    ending.join(10)
    assert not directory.exists()
