"""Make a server for a parent process, and leave nothing of it when the parent is gone.

``python _supervise.py``, with a job in JSON as the first line of the input: see
`SupervisedProcess`, which writes it. The input carries nothing else; it closes when
the parent ends, for whatever reason, kill -9 included. A fork of the parent may hold
it open, so we also look whether the parent is still ours.

All that the job makes is made here, the scratch directory first, so that there is no
moment at which nobody would remove it. Prints a line of JSON, ``{"pid": ...}`` of the
command or ``{"failed": why}``; after its end, the end of its log.
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

LOOK_EVERY_S = 0.1
STEP_LIMIT_S = 60.0
TENANT_LIMIT_S = 20.0
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # <linux/prctl.h>


class StepError(Exception):
    """A step that had to come before the command failed; the message says why."""


def processes() -> dict[int, int]:
    """Return every process of this machine with its parent."""
    if not os.path.isdir("/proc/self"):
        rows = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True)
        return {int(pid): int(parent) for pid, parent in map(str.split, rows.stdout.splitlines())}
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            # the name of the program, in brackets, may hold anything
            found[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
    return found


def descendants(pid: int) -> list[int]:
    """Return the children of a process and theirs, each one behind its parent."""
    parents = processes()
    found, line = [], [pid]
    while line:
        line = [child for child, parent in parents.items() if parent in line]
        found += line
    return found


def send(pids: Iterable[int], number: int) -> None:
    """Send a signal to whoever is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def parent_lives(parent: int, wait_s: float = LOOK_EVERY_S) -> bool:
    """Wait a moment; whether the parent is still there after it."""
    readable, _, _ = select.select([sys.stdin], [], [], wait_s)
    return not readable and os.getppid() == parent


def prctl(option: int, value: int) -> None:
    """Ask the Linux kernel for something; elsewhere do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def tied_to_us(death_signal: int) -> Callable[[], None]:
    """Return what a child does first: on Linux it gets a signal when we are gone, kill -9 included.

    Elsewhere the notebook's own handle ends the command that we left behind.
    """
    us = os.getpid()

    def begin() -> None:
        prctl(_PR_SET_PDEATHSIG, death_signal)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # we ignore it, which is inherited
        if os.getppid() != us:  # we died before the kernel knew what to do
            os._exit(1)

    return begin


def start(job: dict, command: list, output: IO[bytes], death_signal: int) -> subprocess.Popen:
    """Start one of the job's commands, as the job's user when it names one."""
    # Group 0 would be root's: an unprivileged user brings its own.
    whom: dict[str, Any] = {}
    if job["user"]:
        whom = {"user": job["user"], "group": job["group"], "extra_groups": []}
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",  # the present folder may be closed to the user
        preexec_fn=tied_to_us(death_signal),
        **whom,
    )


def prepare(job: dict) -> int:
    """Make the directory, and return the lock that says that we are here."""
    import fcntl  # not on Windows, where this module is only imported

    directory = Path(job["directory"])
    directory.mkdir(mode=0o700)
    lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    paths = [directory]
    for name, text in job["files"].items():
        paths.append(directory / name)
        paths[-1].touch(mode=0o600)
        paths[-1].write_text(text, encoding="utf-8")
    if job["user"]:
        for path in paths:
            os.chown(path, job["user"], job["group"])
    return lock


def run_steps(job: dict) -> bool:
    """Run what must come before the command; False where the parent went meanwhile."""
    for command in job["steps"]:
        deadline_s = time.monotonic() + STEP_LIMIT_S
        with open(job["log"], "w+b") as log:
            child = start(job, command, log, signal.SIGKILL)
            try:
                while child.poll() is None and time.monotonic() < deadline_s:
                    if not parent_lives(job["parent"], 0.01):
                        return False
            finally:
                end(child, "SIGKILL", 0.0)
            log.seek(0)
            if child.returncode:
                said = log.read().decode(errors="replace").strip()
                raise StepError(f"{Path(command[0]).name} failed: {said}")
    return True


def end(child: subprocess.Popen, stop_signal: str, patience_s: float) -> None:
    """End the command in its own way, or the hard way when that takes too long, with all it made.

    What was stopped goes on, so that it can obey.
    """
    family = descendants(child.pid)
    if child.poll() is None:
        child.send_signal(signal.Signals[stop_signal])
        send([child.pid, *family], signal.SIGCONT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience_s)
    if sys.platform == "linux":
        end_our_own(child)
        return
    send([child.pid, *family], signal.SIGKILL)
    child.wait()


def end_our_own(child: subprocess.Popen) -> None:
    """Kill every process that we started or that has become ours, until there is none."""
    while family := descendants(os.getpid()):
        send(family, signal.SIGKILL)
        if child.poll() is not None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(-1, os.WNOHANG)
        time.sleep(0.001)


def wait_for_tenants(directory: Path) -> None:
    """Wait until nobody holds a directory below ours, whose supervisor removes it."""
    import fcntl

    deadline_s = time.monotonic() + TENANT_LIMIT_S
    for path in directory.glob("*/lock"):
        with contextlib.suppress(FileNotFoundError), path.open() as lock:
            while time.monotonic() < deadline_s:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(0.01)


def run(job: dict) -> None:
    """Run the command to its end, or to the parent's; without one, keep the directory."""
    if not run_steps(job):
        return
    if not job["command"]:
        print(json.dumps({"pid": os.getpid()}), flush=True)
        while parent_lives(job["parent"]):
            pass
        wait_for_tenants(Path(job["directory"]))
        return
    with open(job["log"], "wb") as log:
        child = start(job, job["command"], log, signal.Signals[job["stop_signal"]])
    try:
        print(json.dumps({"pid": child.pid}), flush=True)
        while child.poll() is None and parent_lives(job["parent"]):
            pass
    finally:
        end(child, job["stop_signal"], job["patience_s"])


def main() -> None:
    """Do the job in the first line of the input."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    # The interrupt of a notebook is no reason to end its server.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prctl(_PR_SET_CHILD_SUBREAPER, 1)
    line = b""
    while not line.endswith(b"\n"):  # unbuffered: select must see what is left
        piece = os.read(sys.stdin.fileno(), 1 << 16)
        if not piece:
            return  # the parent ended before it had said what to do
        line += piece
    job = json.loads(line)
    try:
        lock = prepare(job)
        run(job)
        os.close(lock)
    except (StepError, OSError) as error:
        print(json.dumps({"failed": str(error)[-2000:]}), flush=True)
    finally:
        # Nobody reads the last words when the parent is gone.
        with contextlib.suppress(OSError), open(job["log"], errors="replace") as log:
            print(log.read()[-2000:], flush=True)
        shutil.rmtree(job["directory"], ignore_errors=True)


if __name__ == "__main__":
    main()
