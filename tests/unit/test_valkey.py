"""The connection to Valkey: where anyone could listen in its place, nothing is sent."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError, TimeoutError

from worker.local.errors import SetupError
from worker.local.outside import check_redis
from worker.settings import Settings, read_settings
from worker.valkey import connect


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A state folder with a path too long for a socket, and a temporary folder with a short one."""
    with tempfile.TemporaryDirectory(prefix="kawat-") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        yield read_settings({"KAWAT_STATE_DIR": str(tmp_path / ("d" * 100))})


@pytest.fixture
def listener(settings: Settings) -> Iterator[socket.socket]:
    """A stranger's server on the socket's path; its folder is ours and 0700 until a test opens it."""
    folder = settings.valkey_socket.parent
    folder.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(settings.valkey_socket))
        server.listen()
        server.setblocking(False)
        yield server


def test_nothing_is_sent_to_a_socket_in_a_folder_that_others_can_write(
    settings: Settings, listener: socket.socket
) -> None:
    settings.valkey_socket.parent.chmod(0o777)
    with pytest.raises(SetupError, match="not ours alone"):
        connect(settings, patience=0.5).ping()
    (check,) = check_redis(settings, up=True)
    assert check.state == "fail"
    assert str(settings.valkey_socket.parent) in check.detail
    with pytest.raises(BlockingIOError):  # nobody has called
        listener.accept()


def test_nor_through_a_link(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    settings.valkey_socket.parent.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SetupError, match="not ours alone"):
        connect(settings, patience=0.5).ping()


def test_a_folder_of_ours_alone_is_connected_to(settings: Settings, listener: socket.socket) -> None:
    with pytest.raises(TimeoutError):  # it hears, and never answers
        connect(settings, patience=0.25).ping()
    listener.accept()[0].close()


def test_a_server_that_is_not_there_yet_is_waited_for_as_any_other(settings: Settings) -> None:
    with pytest.raises(ConnectionError):
        connect(settings, patience=0.5).ping()


def test_a_socket_in_the_state_folder_or_a_given_one_is_the_operators_affair(tmp_path: Path) -> None:
    for given in ({"KAWAT_STATE_DIR": "/x"}, {"KAWAT_REDIS_URL": f"unix://{tmp_path}/valkey.sock"}):
        with pytest.raises(ConnectionError):
            connect(read_settings(given), patience=0.5).ping()
