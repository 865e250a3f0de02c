"""PostgreSQL servers that follow each other: a primary, its replicas, crashes, promotions."""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scalelab import _validate as v
from scalelab.extras import require
from scalelab.real import postgres_tools as tools
from scalelab.real._supervise import descendants, send
from scalelab.real.supervised import (
    LOCALHOST,
    RealComponentError,
    SupervisedProcess,
    free_port,
    scratch_directory,
    settings_of,
)

WAIT_LIMIT_S = 20.0
OLDEST = 18  # what the chapters show was tried with it
_PROGRAMS = "initdb postgres pg_basebackup pg_rewind"
_NOT_FOR_CHOICE = "listen_addresses port unix_socket_directories ssl hba_file data_directory"
# In the file and not on the command line: pg_rewind and ALTER SYSTEM must see them.
_SETTINGS = {
    "listen_addresses": LOCALHOST,
    "unix_socket_directories": "",
    "fsync": "off",  # safe against the end of a process, not of the power
    "wal_keep_size": "128MB",  # pg_rewind needs the log since the last common checkpoint
    "wal_retrieve_retry_interval": "100ms",
    "dynamic_shared_memory_type": "mmap",  # a crash leaves nothing behind in /dev/shm
}


class PostgresServer:
    """One server of a :class:`PostgresCluster`, which makes it.

    Attributes
    ----------
    name : str
        Its name in the cluster, by which a primary knows its replicas.
    port : int
        Where it listens on this machine.
    dsn : str
        What `psycopg.connect` needs; the password is in it.
    version : str
        The program and its version.
    """

    def __init__(self, cluster: PostgresCluster, name: str) -> None:
        self.name, self.port, self.version = name, free_port(), ""
        self.dsn = cluster.address(self.port)
        self._cluster, self._starts = cluster, 0
        self._data = cluster.directory / f"data-{name}"
        self._process: SupervisedProcess | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.alive

    def connect(self, **kwargs: Any) -> Any:
        """Return a `psycopg.Connection`, each statement a transaction of its own by default.

        No statement waits for longer than `postgres_tools.ANSWER_TIMEOUT_S`.
        """
        return tools.guarded_connect(self.dsn, **({"autocommit": True} | kwargs))

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run one statement on a connection of its own, and return its rows."""
        with self.connect() as connection:
            cursor = connection.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *parameters: object) -> Any:
        """First value of the first row; see `rows`."""
        return self.rows(query, *parameters)[0][0]

    def configure(self, **settings: object) -> None:
        """Change settings of the running server that need no restart.

        They hold once the server has read them, which is a moment later: wait for the effect.
        """
        for name, value in settings_of("configure", settings, _NOT_FOR_CHOICE).items():
            text = str(value).replace("'", "''")
            self.rows(f"alter system set {name} = '{text}'")
        self.rows("select pg_reload_conf()")

    def start(self) -> None:
        """Start it again after `kill` or `stop`, with its data."""
        self._start()

    def kill(self) -> None:
        """End all its processes at once, as a crash would."""
        if self._process is not None:
            send([self._process.pid, *descendants(self._process.pid)], signal.SIGKILL)
            self._process.end()

    def stop(self) -> None:
        """End it in order: it writes all it has, and sends it to its replicas."""
        if self.alive:
            assert self._process is not None
            os.kill(self._process.pid, signal.SIGINT)
            process = self._process
            wait_for(lambda: not process.alive)
        if self._process is not None:
            self._process.end()

    def promote(self) -> None:
        """Make a replica a primary, and wait until it is one."""
        self.rows("select pg_promote(false)")
        wait_for(lambda: not self.value("select pg_is_in_recovery()"))

    def follow(self, primary: PostgresServer, *, port: int | None = None) -> None:
        """Take back what another primary does not have, and become its replica.

        Parameters
        ----------
        primary : PostgresServer
            Whom to follow from now on.
        port : int, optional
            By which port to reach it, such as a proxy's.
        """
        self.stop()
        source = self._cluster.upstream(primary.port)
        program = str(self._cluster.folder / "pg_rewind")
        rewind = [program, "--no-sync", "-D", str(self._data), f"--source-server={source}"]
        way = _following(self._cluster, primary.port if port is None else port, self.name)
        self._start([rewind], way, standby=True)

    def catch_up(self, primary: PostgresServer) -> None:
        """Wait until this replica has applied all that its primary has by now."""
        end = primary.value("select pg_current_wal_insert_lsn()")
        there = "select pg_last_wal_replay_lsn() >= %s::pg_lsn"
        wait_for(lambda: self.value(there, end))

    def cpu_s(self) -> float:
        """Seconds of processor time that all its processes have used since its start."""
        assert self._process is not None
        psutil: Any = require("psutil", "real", RealComponentError)
        top = psutil.Process(self._process.pid)
        while True:
            before, children = top.cpu_times(), top.children(recursive=True)
            total = before.user + before.system + before.children_user + before.children_system
            try:
                total += sum(sum(child.cpu_times()[:2]) for child in children)
                zombie = any(child.status() == psutil.STATUS_ZOMBIE for child in children)
            except psutil.NoSuchProcess:
                continue
            ended = top.cpu_times()[2:4] != before[2:4] or top.children(recursive=True) != children
            if not (ended or zombie):  # else a child's time was counted twice, or not at all
                return float(total)

    def log(self) -> str:
        """Return what it has written to its log since its start."""
        return (self._run / "log").read_text(errors="replace")

    @property
    def _run(self) -> Path:
        return self._cluster.directory / f"run-{self.name}-{self._starts}"

    def _start(
        self,
        steps: Sequence[Sequence[str]] = (),
        settings: Mapping[str, object] | None = None,
        *,
        standby: bool = False,
    ) -> None:
        if self.alive:
            v.refuse("PostgresServer.start", "server", "be down", self.name)
        self._starts += 1
        lines = "".join(f"{k} = '{_quoted(x)}'\n" for k, x in (settings or {}).items())
        write = ["sh", "-c", 'cat "$1" >> "$2/postgresql.auto.conf"', "sh"]
        after: list[Sequence[str]] = [[*write, str(self._run / "settings"), str(self._data)]]
        if standby:
            after.append(["touch", str(self._data / "standby.signal")])
        account = self._cluster.account
        self._process = SupervisedProcess(
            [str(self._cluster.folder / "postgres"), "-D", str(self._data), "-p", str(self.port)],
            directory=self._run,
            files={"settings": lines},
            steps=[*steps, *after],
            user=account.user,
            group=account.group,
            stop_signal="SIGQUIT",
        )
        try:
            self.version = tools.wait_until_up(self._process, self.dsn)
        except BaseException:
            self._process.end()
            raise

    def __repr__(self) -> str:
        return f"<{self.name}, {self.version}, {'up' if self.alive else 'down'}>"


class PostgresCluster:
    """Servers whose data outlive their crashes, until `close`; a context manager.

    All listen on 127.0.0.1 and share a password. None outlives this process, kill -9
    included, and nothing of them stays on the disk.

    Raises
    ------
    RealComponentError
        The server or its client is not installed; the message says how to get them.
    """

    def __init__(self) -> None:
        self.folder, self.account = tools.need_postgres(_PROGRAMS, OLDEST)
        self.directory = scratch_directory()
        self._password = secrets.token_hex(16)
        self.servers: list[PostgresServer] = []
        self._keeper = SupervisedProcess(
            [],
            directory=self.directory,
            files={
                "password": self._password,
                "passfile": f"{LOCALHOST}:*:*:{tools.USER}:{self._password}\n",
            },
            user=self.account.user,
            group=self.account.group,
        )

    def primary(self, name: str = "primary", **settings: object) -> PostgresServer:
        """Make and start a server of its own.

        Parameters
        ----------
        name : str
            What to call it, unlike the others.
        **settings
            Lines of its configuration, such as ``wal_level="logical"``.
        """
        server = self._named(name)
        lines = settings_of("primary", settings, _NOT_FOR_CHOICE)
        make = tools.make_cluster(self.folder, self.directory, server._data)
        return self._started(server, [make], _SETTINGS | lines)

    def replica(
        self, primary: PostgresServer, name: str, *, port: int | None = None, **settings: object
    ) -> PostgresServer:
        """Copy a running server, and follow it from then on.

        Parameters
        ----------
        primary : PostgresServer
            Whom to follow.
        name : str
            What to call it, unlike the others.
        port : int, optional
            By which port it reaches the primary, such as a proxy's; the primary's own by
            default.
        **settings
            Lines of its configuration, such as ``recovery_min_apply_delay="300ms"``.
        """
        server = self._named(name)
        lines = settings_of("replica", settings, _NOT_FOR_CHOICE)
        copy = [str(self.folder / "pg_basebackup"), "-D", str(server._data), "--no-sync"]
        copy += ["--checkpoint=fast", "-d", self.upstream(primary.port)]
        lines = _following(self, primary.port if port is None else port, name) | lines
        return self._started(server, [copy], lines, standby=True)

    def address(self, port: int) -> str:
        """Return what a client in this process needs to reach a port; the password is in it."""
        return f"{self._place(port)} password={self._password}"

    def upstream(self, port: int) -> str:
        """Return what a server needs to reach a port; a file that only it can read has the rest."""
        file = str(self.directory / "passfile").replace("\\", "\\\\").replace("'", "\\'")
        return f"{self._place(port)} passfile='{file}'"

    def _place(self, port: int) -> str:
        return (
            f"host={LOCALHOST} port={port} user={tools.USER} dbname=postgres "
            f"connect_timeout={tools.ANSWER_TIMEOUT_S:.0f} sslmode=disable"
        )

    def close(self) -> None:
        """End all servers and remove their files; once is enough."""
        for server in self.servers:
            server.kill()
        self._keeper.end()

    def _named(self, name: str) -> PostgresServer:
        if not isinstance(name, str) or not name.isidentifier():
            v.refuse("PostgresCluster", "name", "be a word", name)
        if name in (server.name for server in self.servers):
            v.refuse("PostgresCluster", "name", "be new", name)
        return PostgresServer(self, name)

    def _started(
        self,
        server: PostgresServer,
        steps: Sequence[Sequence[str]],
        settings: Mapping[str, object],
        *,
        standby: bool = False,
    ) -> PostgresServer:
        server._start(steps, settings, standby=standby)
        self.servers.append(server)
        return server

    def __enter__(self) -> PostgresCluster:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _following(cluster: PostgresCluster, port: int, name: str) -> dict[str, object]:
    """Return the setting by which a replica of that name follows whoever is behind a port."""
    return {"primary_conninfo": f"{cluster.upstream(port)} application_name={name}"}


def wait_for(condition: Callable[[], object], timeout_s: float = WAIT_LIMIT_S) -> None:
    """Look again and again until something is so.

    Parameters
    ----------
    condition : callable
        Says whether it is.
    timeout_s : float
        Seconds until it has to be, > 0.

    Raises
    ------
    RealComponentError
        It was not so in time.
    """
    deadline_s = time.monotonic() + v.number("wait_for", "timeout_s", timeout_s)
    while not condition():
        if time.monotonic() > deadline_s:
            raise RealComponentError(f"what was waited for did not come within {timeout_s:g} s")
        time.sleep(0.002)


def _quoted(value: object) -> str:
    """Write a value as the configuration file wants it."""
    return str(value).replace("\\", "\\\\").replace("'", "''")
