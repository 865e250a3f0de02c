"""PostgreSQL, when its server is installed: a throw-away cluster over TLS with SCRAM."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from scalelab._validate import refuse
from scalelab.real.supervised import (
    LOCALHOST,
    RealComponentError,
    SupervisedProcess,
    free_port,
    scratch_directory,
)

DSN_VARIABLE = "SCALELAB_POSTGRES_DSN"
_START_TIMEOUT_S = 20.0
_USER = "scalelab"


def find_postgres() -> Path | None:
    """Look for the folder of `initdb` and `postgres`, the newest version first.

    Returns
    -------
    Path or None
        From PATH, or from where Debian, Fedora and Homebrew put it.
    """
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    for pattern in ("lib/postgresql/*/bin", "pgsql-*/bin"):
        folders += sorted(Path("/usr").glob(pattern), key=_version, reverse=True)
    folders += sorted(
        Path("/opt/homebrew/opt").glob("postgresql@*/bin"), key=_version, reverse=True
    )
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
        "no PostgreSQL server found: install the package postgresql of your system, "
        f"or name a running one in {DSN_VARIABLE}"
    )


def import_psycopg() -> ModuleType:
    """Import the PostgreSQL client, or say how to get it.

    Raises
    ------
    RealComponentError
        It is not installed, or lacks the library it needs.
    """
    try:
        import psycopg
    except ImportError:
        raise RealComponentError(
            "the Python client for PostgreSQL is missing: pip install 'scalelab[real]' brings it"
        ) from None
    return psycopg


class ThrowawayPostgres:
    """A running PostgreSQL on 127.0.0.1, made by :func:`start_postgres`; a context manager.

    Attributes
    ----------
    port : int
        Where it listens.
    dsn : str
        What `psycopg.connect` needs; the password is in it.
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

    Clients come with a password (SCRAM) and, where `openssl` is installed to
    make a certificate, over TLS. Nothing is synchronised to disk.

    Parameters
    ----------
    **settings
        Lines of its configuration: ``max_connections=20``. The addresses and
        the port are not for choice.

    Raises
    ------
    ValueError
        A setting is not for choice.
    RealComponentError
        None is found, or it does not start; the message says why.
    """
    import_psycopg()
    for name in settings.keys() & {"listen_addresses", "unix_socket_directories", "port"}:
        refuse("start_postgres", "settings", "leave out addresses and port", name)
    folder = find_postgres()
    if folder is None:
        raise RealComponentError(how_to_get_postgres())
    directory = scratch_directory()
    account = _account()
    password = secrets.token_hex(16)
    try:
        _make_cluster(folder, directory, account, password)
        tls = _make_certificate(directory, account)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    port = free_port()
    process = _launch(folder, directory, account, port, settings, tls=tls)
    dsn = f"host={LOCALHOST} port={port} user={_USER} password={password} dbname=postgres " + (
        "sslmode=require" if tls else "sslmode=disable"
    )
    return ThrowawayPostgres(process, port, dsn, _wait_until_up(process, dsn))


def _account() -> dict[str, Any]:
    """Whom to run the server as: it refuses root, who therefore lends it another account."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {"user": None, "group": None}
    import pwd

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid}
    raise RealComponentError("PostgreSQL refuses to run as root, and no other account was found")


def _run(command: list[str], account: dict[str, Any]) -> None:
    """Run one of PostgreSQL's own tools to its end."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        cwd=Path(command[0]).anchor,  # the present folder may be closed to the account
        user=account["user"],
        group=account["group"],
        extra_groups=None if account["user"] is None else [],
    )
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise RealComponentError(f"{Path(command[0]).name} failed: {' '.join(reason)}")


def _make_cluster(folder: Path, directory: Path, account: dict[str, Any], password: str) -> None:
    password_file = directory / "password"
    password_file.write_text(password)
    if account["user"] is not None:
        for path in (directory, password_file):
            os.chown(path, account["user"], account["group"])
    command = [str(folder / "initdb"), "--pgdata", str(directory / "data"), "--no-sync"]
    command += ["--username", _USER, "--pwfile", str(password_file), "--auth", "scram-sha-256"]
    _run([*command, "--locale", "C", "--encoding", "UTF8"], account)
    password_file.unlink()


def _make_certificate(directory: Path, account: dict[str, Any]) -> bool:
    openssl = shutil.which("openssl")
    if openssl is None:
        return False
    data = directory / "data"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-nodes", "-subj", "/CN=localhost", "-days", "2"]
    _run([*command, "-keyout", f"{data}/server.key", "-out", f"{data}/server.crt"], account)
    os.chmod(data / "server.key", 0o600)
    return True


def _launch(
    folder: Path,
    directory: Path,
    account: dict[str, Any],
    port: int,
    settings: dict[str, object],
    *,
    tls: bool,
) -> SupervisedProcess:
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
    # SIGQUIT is its immediate shutdown; SIGKILL would leave shared memory behind.
    return SupervisedProcess(command, directory=directory, stop_signal="SIGQUIT", **account)


def _wait_until_up(process: SupervisedProcess, dsn: str) -> str:
    psycopg = import_psycopg()
    deadline_s = time.monotonic() + _START_TIMEOUT_S
    while process.alive and time.monotonic() < deadline_s:
        try:
            with psycopg.connect(dsn, connect_timeout=5) as connection:
                version = connection.info.server_version
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return f"PostgreSQL {version // 10000}.{version % 10000}"
    last_words = process.end().splitlines() or ["no answer"]
    fatal = [line for line in last_words if "FATAL" in line]
    raise RealComponentError(f"PostgreSQL did not start: {(fatal or last_words)[-1]}")
