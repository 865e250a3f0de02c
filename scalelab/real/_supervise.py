"""Run a command for a parent process, and end it when the parent is gone.

``python _supervise.py JOB`` with a job in JSON: see `SupervisedProcess`, which
writes it. The parent holds our standard input and never writes to it. The input
closes when the parent ends, for whatever reason, kill -9 included; a fork of
the parent may hold it open, so we also look whether the parent is still ours.

Prints the process id of the command, and after its end the end of its log.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys

LOOK_EVERY_S = 0.1


def parent_lives(parent: int) -> bool:
    """Wait a moment; whether the parent is still there after it."""
    readable, _, _ = select.select([sys.stdin], [], [], LOOK_EVERY_S)
    return not readable and os.getppid() == parent


def start(job: dict) -> subprocess.Popen:
    """Start the command, as the job's user when it names one."""
    # Group 0 would be root's: an unprivileged user brings its own.
    user = {"user": job["user"], "group": job["group"], "extra_groups": []} if job["user"] else {}
    with open(job["log"], "wb") as log:
        return subprocess.Popen(
            job["command"], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **user
        )


def end(child: subprocess.Popen, stop_signal: str, patience_s: float) -> None:
    """End the command in its own way, or the hard way when that takes too long."""
    if child.poll() is None:
        child.send_signal(signal.Signals[stop_signal])
        try:
            child.wait(patience_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def run(job: dict) -> None:
    """Run the command to its end, or to the parent's."""
    child = start(job)
    # Set after the start, for the command would inherit it: the interrupt of a
    # notebook is no reason to end its server.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        print(child.pid, flush=True)
        while child.poll() is None and parent_lives(job["parent"]):
            pass
    finally:
        end(child, job["stop_signal"], job["patience_s"])


def main() -> None:
    """Do the job in the first argument."""
    job = json.loads(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        run(job)
    finally:
        # Nobody reads the last words when the parent is gone.
        with contextlib.suppress(OSError), open(job["log"], errors="replace") as log:
            print(log.read()[-2000:], flush=True)
        shutil.rmtree(job["directory"], ignore_errors=True)


if __name__ == "__main__":
    main()
