"""The one place that opens a connection to Valkey or Redis."""

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path
from typing import Any

from redis import Redis, UnixDomainSocketConnection
from redis.backoff import ExponentialBackoff
from redis.exceptions import BusyLoadingError, ConnectionError, ResponseError
from redis.retry import Retry

from worker.local.errors import SetupError
from worker.settings import Settings

# Not TimeoutError: a server that stalls would be asked again and again for minutes.
AGAIN = (ConnectionError, BusyLoadingError)
LUA = Path(__file__).parent / "lua"
Client = Any  # a redis.Redis that answers in bytes: redis-py's own types cannot say so
DURABLE = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}


class PrivateSocket(UnixDomainSocketConnection):
    """To a socket in a temporary folder, where anyone may be first: looks before each connection whose folder it is."""

    def _connect(self) -> Any:
        check_private(Path(self.path).parent)
        return super()._connect()  # type: ignore[no-untyped-call]  # redis-py types it not


def check_private(folder: Path) -> None:
    """Raises SetupError for a folder that is a link, another user's or open to others; none there is no fault."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return  # neither is a socket: connecting says so
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise SetupError(
            "the folder of Valkey's socket is not ours alone: another user may listen there in Valkey's place",
            where=str(folder),
            to_do="stop kawat up, remove that folder, start again; or choose a shorter KAWAT_STATE_DIR",
        )


def local_socket(settings: Settings) -> dict[str, Any]:
    """For `Redis.from_url`: how to connect where the local socket stands outside of the state folder."""
    if settings.redis_url or settings.valkey_socket.is_relative_to(settings.state):
        return {}
    return {"connection_class": PrivateSocket}


def connect(settings: Settings, *, patience: float = 30) -> Client:
    """A client that answers in bytes and outlasts a restart of the server of up to about `patience` seconds.

    Nothing is sent before the first command. Each of the ledger's calls may be sent twice after a cut connection: they
    are written so that the second finds the first's work done. A command raises SetupError where the local socket's
    folder is not ours alone (see `PrivateSocket`).
    """
    return Redis.from_url(
        settings.redis,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.02), max(1, int(patience / 0.5)), supported_errors=AGAIN),
        retry_on_error=list(AGAIN),
        socket_connect_timeout=min(5.0, patience),
        socket_timeout=min(15.0, 2 * patience),
        health_check_interval=30,
        **local_socket(settings),
    )


@cache
def lua(name: str) -> str:
    """The source of `worker/lua/NAME.lua`, behind `prelude.lua` where it works on the ledger's keys."""
    source = (LUA / f"{name}.lua").read_text()
    return source if name == "gate" else (LUA / "prelude.lua").read_text() + source


def script(redis: Client, name: str) -> Any:
    """The Lua script, called by its hash, loaded anew after a restart of the server."""
    return redis.register_script(lua(name))


def durability_faults(redis: Client) -> list[str]:
    """What in the server's configuration lets acknowledged writes be lost; empty where all is well."""
    faults = []
    for name, wanted in DURABLE.items():
        try:
            answer = redis.config_get(name)
        except ResponseError:
            return [
                "CONFIG cannot be read there: see yourself that it has appendonly yes, appendfsync always, noeviction"
            ]
        found = answer.get(name)
        found = found.decode() if isinstance(found, bytes) else found
        if found != wanted:
            faults.append(f"{name} is {found!r}: CONFIG SET {name} {wanted}, and the same in its configuration file")
    return faults
