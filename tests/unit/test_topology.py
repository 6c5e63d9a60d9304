"""The table of the flow is whole, and Celery is set up as it says."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from worker.app import SLACK, broker_url, make_app
from worker.local.errors import SetupError
from worker.page import make_page
from worker.services import Services
from worker.settings import read_settings
from worker.status import PageStatus
from worker.tasks import stage_tasks
from worker.topology import BACKFILL, BEAT, CONTROL, FIRST, STAGES, WORKERS

SETTINGS = read_settings({"KAWAT_STATE_DIR": "/nowhere/kawat"})


def test_every_stage_leads_to_another_or_to_the_end_and_all_are_reached() -> None:
    stage, way = STAGES[FIRST], [FIRST]
    while stage.following:
        stage = STAGES[stage.following]
        way.append(stage.name)
    aside = {name for stage in STAGES.values() for name in stage.aside}
    others = {"keep", STAGES["keep"].following, "notify"}  # pages that readers keep, deliveries: no entries
    by_rule = {"windows", "lookback"}  # neither are rules
    assert {"poll", BACKFILL, *way} | aside | others | by_rule == set(STAGES)
    assert STAGES[BACKFILL].following == STAGES[FIRST].following
    assert [name for name in STAGES if name in way] == way


def test_every_queue_has_a_worker_and_every_stage_a_task() -> None:
    served = [queue for worker in WORKERS.values() for queue in worker.queues]
    assert sorted(served) == sorted({CONTROL, *(stage.queue for stage in STAGES.values())})
    assert set(stage_tasks) == set(STAGES)


def test_only_workers_with_processes_run_what_can_hang_or_crash() -> None:
    """Celery ends a task that takes too long only in a pool of processes."""
    (kind,) = [worker for worker in WORKERS.values() if STAGES["extract"].queue in worker.queues]
    assert kind.pool == "prefork"
    assert stage_tasks["extract"].time_limit == STAGES["extract"].seconds + SLACK


def test_celery_takes_json_only_keeps_no_results_and_leaves_retries_to_the_ledger() -> None:
    conf = make_app(SETTINGS).conf
    assert list(conf.accept_content) == ["json"]
    assert conf.task_serializer == "json"
    assert conf.task_ignore_result
    assert not conf.task_acks_late
    assert conf.result_backend is None
    assert not conf.worker_enable_remote_control
    assert set(conf.beat_schedule) == set(BEAT)
    for entry in conf.beat_schedule.values():
        assert entry["options"]["queue"] == CONTROL
        assert entry["options"]["expires"]


def test_the_broker_is_the_ledgers_server_on_its_socket() -> None:
    assert broker_url(SETTINGS) == f"redis+socket://{SETTINGS.valkey_socket}"
    elsewhere = read_settings({"KAWAT_REDIS_URL": "rediss://valkey.example:6380/2"})
    assert broker_url(elsewhere) == "rediss://valkey.example:6380/2"


def test_no_broker_is_used_that_another_user_could_have_put_in_valkeys_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings = read_settings({"KAWAT_STATE_DIR": str(tmp_path / ("long" * 30))})
    folder = settings.valkey_socket.parent
    folder.mkdir(mode=0o700)
    make_app(settings)
    folder.chmod(0o755)
    with pytest.raises(SetupError, match="not ours alone"):
        make_app(settings)


def test_the_page_says_that_valkey_is_away_instead_of_failing(tmp_path: Path) -> None:
    settings = read_settings({"KAWAT_STATE_DIR": str(tmp_path)})
    summary = PageStatus(Services(settings, patience=0.1)).summary()
    assert summary["phase"] == "running"
    assert "Valkey" in str(summary["error"])
    make_page(settings)
