"""PostgreSQL, when its server is installed: a throw-away cluster, with TLS where it has it."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Any

from scalelab.real import postgres_tools as tools
from scalelab.real.supervised import (
    LOCALHOST,
    SupervisedProcess,
    free_port,
    scratch_directory,
    settings_of,
)

# With these others could get in, or our own clients not.
_NOT_FOR_CHOICE = (
    "listen_addresses port unix_socket_directories ssl hba_file ident_file config_file "
    "data_directory"
)


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
        return tools.guarded_connect(self.dsn, **kwargs)

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
    lines = settings_of("start_postgres", settings, _NOT_FOR_CHOICE)
    folder, account = tools.need_postgres()
    directory, password, port = scratch_directory(), secrets.token_hex(16), free_port()
    openssl = shutil.which("openssl") if tools.has_tls(folder) else None
    steps = [tools.make_cluster(folder, directory, directory / "data")]
    steps += _make_certificate(openssl, directory)
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
        f"host={LOCALHOST} port={port} user={tools.USER} password={password} dbname=postgres "
        f"connect_timeout={tools.ANSWER_TIMEOUT_S:.0f} sslmode={mode}"
    )
    try:
        return ThrowawayPostgres(process, port, dsn, tools.wait_until_up(process, dsn))
    except BaseException:  # an interrupt, and nobody has the server yet
        process.end()
        raise


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


def _make_certificate(openssl: str | None, directory: Path) -> list[list[str]]:
    if openssl is None:
        return []
    data = directory / "data"  # where the server looks for both files, which only it may read
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-nodes", "-subj", "/CN=localhost", "-days", "2"]
    return [[*command, "-keyout", f"{data}/server.key", "-out", f"{data}/server.crt"]]
