"""Processes that cannot outlive the notebook that started them."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import weakref
from pathlib import Path

_SUPERVISOR = Path(__file__).with_name("_supervise.py")
LOCALHOST = "127.0.0.1"


class RealComponentError(RuntimeError):
    """A real component is not to be had, did not start, or died."""


def free_port() -> int:
    """Return a TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return probe.getsockname()[1]


def scratch_directory() -> Path:
    """Make a directory for one throw-away process; its supervisor removes it."""
    return Path(tempfile.mkdtemp(prefix="scalelab-"))


class SupervisedProcess:
    """A command that runs until `end`, or until this process is gone, kill -9 included.

    Parameters
    ----------
    command : list of str
        What to run.
    directory : Path
        Its scratch directory, removed after its end.
    user, group : int, optional
        Whom to run it as; only root may choose.
    stop_signal : str
        What ends it, such as "SIGKILL".
    patience_s : float
        Seconds until SIGKILL does when that signal did not.

    Raises
    ------
    RealComponentError
        The command cannot be run at all.
    """

    def __init__(
        self,
        command: list[str],
        *,
        directory: Path,
        user: int | None = None,
        group: int | None = None,
        stop_signal: str = "SIGKILL",
        patience_s: float = 5.0,
    ) -> None:
        self.name = Path(command[0]).name
        job = {
            "command": command,
            "directory": str(directory),
            "log": str(directory / "log"),
            "parent": os.getpid(),
            "user": user,
            "group": group,
            "stop_signal": stop_signal,
            "patience_s": patience_s,
        }
        self._supervisor = start_child(_SUPERVISOR, json.dumps(job))
        self._finalizer = weakref.finalize(self, end_child, self._supervisor, os.getpid())
        assert self._supervisor.stdout is not None
        first_line = self._supervisor.stdout.readline().strip()
        if not first_line:
            self.end()
            raise RealComponentError(f"{self.name} cannot be run: {command[0]}")
        self.pid = int(first_line)

    @property
    def alive(self) -> bool:
        """Whether the process runs, as its supervisor saw a moment ago."""
        return self._supervisor.poll() is None

    def end(self) -> str:
        """End the process and wait until it is gone; return the end of its log."""
        return self._finalizer() or ""  # the second time there is nothing to end


def start_child(program: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start one of our programs, which ends when its standard input does."""
    return subprocess.Popen(
        [sys.executable, str(program), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # an interrupt from the terminal is not meant for it
        text=True,
    )


def end_child(process: subprocess.Popen[str], owner: int) -> str:
    """End a program of `start_child`, and return what it still had to say."""
    if os.getpid() != owner:  # a fork holds copies; the process is not its to end
        return ""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(OSError):  # it is gone already
        process.stdin.close()
    with process.stdout:
        last_words = process.stdout.read().strip()
    process.wait()
    return last_words
