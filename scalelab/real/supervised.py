"""Processes that cannot outlive the notebook that started them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scalelab import _validate as v
from scalelab.in_browser import refuse_in_browser
from scalelab.real._supervise import descendants, send

_SUPERVISOR = Path(__file__).with_name("_supervise.py")
_HUNG_S = 10.0  # a supervisor that has not ended its command by then never will
_CAUSE = re.compile(r"\b(FATAL|PANIC|error): ")
LOCALHOST = "127.0.0.1"


class RealComponentError(RuntimeError):
    """A real component is not to be had, did not start, or died."""


def free_port() -> int:
    """Return a TCP port that nobody listens on at this moment."""
    refuse_in_browser(RealComponentError)
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return probe.getsockname()[1]


def scratch_directory() -> Path:
    """Name a directory for one throw-away process; its supervisor makes and removes it.

    What supervisors that were killed have left is removed first.
    """
    folder = Path(tempfile.gettempdir())
    for left in folder.glob("scalelab-*-*"):
        if _is_stale(left):
            shutil.rmtree(left, ignore_errors=True)
    return folder / f"scalelab-{os.getpid()}-{secrets.token_hex(4)}"


def _is_stale(directory: Path) -> bool:
    """Whether neither the notebook that a directory names nor its supervisor is there."""
    owner = directory.name.split("-")[1]
    if not owner.isdecimal():
        return False
    try:
        import fcntl

        with contextlib.suppress(ProcessLookupError):
            os.kill(int(owner), 0)
            return False
        with contextlib.suppress(FileNotFoundError), (directory / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # it may live in another container
    except (ImportError, OSError):  # not on Windows; somebody else's
        return False
    return True


def settings_of(
    function: str, given: Mapping[str, object], not_for_choice: str
) -> dict[str, object]:
    """Return a caller's settings by their names in lower case, as a server reads them.

    Parameters
    ----------
    function : str
        Who asks, for the message.
    given : mapping
        Names to values.
    not_for_choice : str
        Names that nobody may set, parted by blanks: with them others would get in.

    Raises
    ------
    ValueError
        A name is one of those, or there twice, or a server could not read it.
    """
    settings: dict[str, object] = {}
    for name, value in given.items():
        plain = name.lower().replace("-", "_")
        if plain in not_for_choice.split():
            v.refuse(function, "settings", f"leave out {not_for_choice.replace(' ', ', ')}", name)
        if not re.fullmatch(r"[a-z][a-z0-9_.]*", plain) or plain in settings:
            v.refuse(function, "settings", "have names of letters, each once", name)
        settings[plain] = value
    return settings


def cause(last_words: str) -> str:
    """Return the line of a log that says why a program ended: the first error, else the last."""
    lines = last_words.strip().splitlines() or ["no answer"]
    return next((line for line in lines if _CAUSE.search(line)), lines[-1]).strip()


class SupervisedProcess:
    """A command that runs until `end`, or until this process is gone, kill -9 included.

    Parameters
    ----------
    command : sequence of str
        What to run; an empty one keeps the directory until `end`, for others that have
        theirs in it.
    directory : Path
        Its scratch directory, made before its start and removed after its end.
    files : mapping, optional
        Names of files in the directory to what they hold; only the user may read them.
    steps : sequence of commands, optional
        What to run to its end before the command.
    user, group : int, optional
        Whom to run it as; only root may choose.
    stop_signal : str
        What ends it, such as "SIGKILL".
    patience_s : float
        Seconds until SIGKILL does when that signal did not.

    Raises
    ------
    RealComponentError
        The command cannot be run at all, or a step failed; the message says why.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        directory: Path,
        files: Mapping[str, str] | None = None,
        steps: Sequence[Sequence[str]] = (),
        user: int | None = None,
        group: int | None = None,
        stop_signal: str = "SIGKILL",
        patience_s: float = 5.0,
    ) -> None:
        self.name = Path(command[0]).name if command else "a scratch directory"
        job = {
            "command": command,
            "directory": str(directory),
            "log": str(directory / "log"),
            "files": files or {},
            "steps": steps,
            "parent": os.getpid(),
            "user": user,
            "group": group,
            "stop_signal": stop_signal,
            "patience_s": patience_s,
        }
        # In its input, where nobody else reads it: there may be a password in it.
        self._supervisor = start_child(_SUPERVISOR, first_line=json.dumps(job))
        left = _Left(directory, signal.Signals[stop_signal], patience_s)
        self._finalizer = weakref.finalize(self, end_child, self._supervisor, os.getpid(), left)
        assert self._supervisor.stdout is not None
        try:
            answer = json.loads(self._supervisor.stdout.readline() or "{}")
        except BaseException:  # an interrupt: nobody will have this object
            self.end()
            raise
        if "pid" not in answer:
            self.end()
            reason = cause(answer.get("failed", "its supervisor died"))
            raise RealComponentError(f"{self.name} cannot be run: {reason}")
        self.pid: int = answer["pid"]
        if moment := began(self.pid):  # else it is gone already
            left.processes.append((self.pid, moment))

    @property
    def alive(self) -> bool:
        """Whether the process runs, as its supervisor saw a moment ago."""
        return self._supervisor.poll() is None

    def end(self) -> str:
        """End the process and wait until it is gone; return the end of its log."""
        return self._finalizer() or ""  # the second time there is nothing to end


@dataclass
class _Left:
    """What a supervisor that was killed leaves to be ended."""

    directory: Path
    stop_signal: int
    patience_s: float
    processes: list[tuple[int, str]] = field(default_factory=list)
    """Each with the moment at which it began: the number alone may be another's by now."""

    def end(self) -> None:
        for pid, moment in self.processes:
            for signal_number in (self.stop_signal, signal.SIGCONT):
                if began(pid) == moment:
                    send([pid], signal_number)
            deadline_s = time.monotonic() + self.patience_s
            while (runs := began(pid) == moment) and time.monotonic() < deadline_s:
                time.sleep(0.01)
            if runs:
                send([pid, *descendants(pid)], signal.SIGKILL)
        deadline_s = time.monotonic() + self.patience_s
        while self.directory.exists() and time.monotonic() < deadline_s:
            # Again, while children of a step that was killed still write into it.
            shutil.rmtree(self.directory, ignore_errors=True)
            time.sleep(0.01)


def began(pid: int) -> str:
    """Say when a process began, in words of the system; nothing where it is gone."""
    if not os.path.isdir("/proc/self"):
        command = ["ps", "-o", "lstart=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    try:
        words = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return ""
    return "" if words[0] == b"Z" else words[19].decode()


def start_child(
    program: Path, *arguments: str, first_line: str | None = None
) -> subprocess.Popen[str]:
    """Start one of our programs, which ends when its standard input does."""
    refuse_in_browser(RealComponentError)
    process = subprocess.Popen(
        [sys.executable, str(program), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # an interrupt from the terminal is not meant for it
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if first_line is not None:
        assert process.stdin is not None
        with contextlib.suppress(OSError):  # it is gone already, which its answer will say
            process.stdin.write(f"{first_line}\n")
            process.stdin.flush()
    return process


def end_child(process: subprocess.Popen[str], owner: int, left: _Left | None = None) -> str:
    """End a program of `start_child`, and return what it still had to say."""
    if os.getpid() != owner:  # a fork holds copies; the process is not its to end
        return ""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(OSError):  # it is gone already
        process.stdin.close()
    watch = threading.Timer(_HUNG_S, process.kill)  # it may be stopped, and never read its input
    watch.daemon = True
    watch.start()
    with process.stdout:
        last_words = process.stdout.read().strip()
    process.wait()
    watch.cancel()
    if left is not None:
        left.end()
    return last_words
