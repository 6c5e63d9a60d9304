"""Commands where nothing runs: said at once, with what to do, however long their work may take."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.exceptions import RedisError

from worker.commands import options
from worker.settings import Settings
from worker.valkey import Client, connect


def test_work_that_may_take_long_does_not_wait_long_for_what_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patiences = []

    def noted(settings: Settings, *, patience: float) -> Client:
        patiences.append(patience)
        return connect(settings, patience=0.1)

    monkeypatch.setenv("KAWAT_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr("worker.services.connect", noted)
    with pytest.raises(RedisError):
        options.services(options.LONG)
    assert patiences == [options.PATIENCE]
    options.services()  # asks nothing yet
    assert patiences == [options.PATIENCE]
