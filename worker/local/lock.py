"""One `kawat up` on one state folder: a lock that the kernel lets go of, however its holder ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

NAME = "up.lock"


class Holder(BaseModel):
    """Who holds the lock: its process, since when, and where its page is."""

    model_config = ConfigDict(frozen=True)

    pid: int
    since: AwareDatetime
    page: str


class AlreadyUpError(Exception):
    """Another `kawat up` holds the lock. `holder` is None where it has not yet written who it is."""

    def __init__(self, state: Path, holder: Holder | None) -> None:
        super().__init__(f"kawat is already up on {state}")
        self.state, self.holder = state, holder


@contextlib.contextmanager
def up_lock(state: Path, page: str) -> Iterator[None]:
    """Holds the lock and says in it who we are. Raises AlreadyUpError; OSError where the folder takes no file."""
    handle = os.open(state / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyUpError(state, _read(state)) from None
        text = Holder(pid=os.getpid(), since=datetime.now(UTC), page=page).model_dump_json().encode()
        os.ftruncate(handle, 0)
        os.pwrite(handle, text, 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)  # which unlocks; the file stays, or two could hold two files of one name


def up_holder(state: Path) -> Holder | None:
    """Who holds the lock now; None where nobody does."""
    try:
        handle = os.open(state / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(state)
    finally:
        os.close(handle)
    return None


def _read(state: Path) -> Holder | None:
    try:
        return Holder.model_validate_json((state / NAME).read_bytes())
    except (OSError, ValidationError):
        return None
