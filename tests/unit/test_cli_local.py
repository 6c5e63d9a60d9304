"""The command line's frame and the commands of this machine, as a person calls them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from worker.console import print_json, printable, size
from worker.local.doctor import free_port
from worker.local.errors import SetupError
from worker.local.lock import up_lock
from worker.local.processes import MARK, leftovers
from worker.local.run import open_state
from worker.local.service import quoted, unit
from worker.settings import read_settings

KAWAT = [sys.executable, "-P", "-m", "worker.cli"]


def kawat(*arguments: str, state: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KAWAT_")}
    given = {f"KAWAT_{name.upper()}": value for name, value in settings.items()}
    environ = {**kept, "KAWAT_STATE_DIR": str(state), "COLUMNS": "200", **given}
    return subprocess.run(
        [*KAWAT, *arguments], env=environ, capture_output=True, text=True, check=False, cwd=state.parent, timeout=60
    )


def test_help_names_the_commands_and_loads_no_heavy_library(tmp_path: Path) -> None:
    """`kawat --help` is to come at once: what takes long to load is loaded by the command that needs it."""
    script = (
        "import sys, worker.cli\n"
        "heavy = {'celery', 'redis', 'elasticsearch', 'fastapi', 'trafilatura', 'feedparser', 'httpx', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    done = kawat("--help", state=tmp_path)
    assert done.returncode == 0
    for command in ("up", "down", "doctor", "settings", "service"):
        assert f" {command} " in done.stdout


@pytest.mark.parametrize("command", ["up", "down", "doctor", "settings", "service"])
def test_each_command_gives_an_example(command: str, tmp_path: Path) -> None:
    done = kawat(command, "--help", state=tmp_path)
    assert done.returncode == 0
    assert "Example" in done.stdout


def test_the_version_is_told(tmp_path: Path) -> None:
    assert kawat("--version", state=tmp_path).stdout.startswith("kawat 0.")


def test_a_wrong_setting_ends_with_2_and_no_traceback(tmp_path: Path) -> None:
    done = kawat("doctor", state=tmp_path, page_port="many")
    assert done.returncode == 2
    assert "KAWAT_PAGE_PORT='many'" in done.stderr
    assert "what to do" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_are_listed_with_their_origin_and_secrets_masked(tmp_path: Path) -> None:
    done = kawat("settings", "--json", state=tmp_path, elasticsearch_api_key="s3cr3t", page_port="8123")
    found = json.loads(done.stdout)
    assert found["KAWAT_PAGE_PORT"]["value"] == "8123"
    assert found["KAWAT_PAGE_PORT"]["from"] == "environment"
    assert found["KAWAT_TZ"]["from"] == "default"
    assert found["KAWAT_ELASTICSEARCH_API_KEY"]["value"] == "********"
    text = kawat("settings", state=tmp_path, elasticsearch_api_key="s3cr3t").stdout
    assert "KAWAT_PAGE_PORT=8000  default" in text
    assert "\x1b" not in text  # no colour outside a terminal
    assert "s3cr3t" not in done.stdout + text


def test_down_where_nothing_runs_is_no_failure(tmp_path: Path) -> None:
    done = kawat("down", state=tmp_path / "none")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing is running" in done.stdout
    assert not (tmp_path / "none").exists()


def test_down_ends_what_a_killed_up_left(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "print('x', flush=True); import time; time.sleep(600)"],
        env={**os.environ, MARK: str(tmp_path)},
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        done = kawat("down", state=tmp_path)
        assert child.wait(5) == -signal.SIGTERM
    assert "Ended 1 processes" in done.stdout
    assert leftovers(tmp_path) == set()


def test_a_second_up_says_who_is_first_and_starts_nothing(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    with up_lock(state, "http://127.0.0.1:8123"):
        done = kawat("up", state=state)
    assert done.returncode == 1
    assert f"process {os.getpid()}" in done.stderr
    assert "http://127.0.0.1:8123" in done.stderr
    assert [path.name for path in state.iterdir()] == ["up.lock"]


def test_all_that_is_in_the_way_is_told_at_once_and_nothing_is_started(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = kawat(
            "up",
            state=state,
            page_port=str(port),
            sample_port="0",
            elasticsearch_port=str(free_port()),
            elasticsearch_heap="90000g",
            disk_pause=str(10**17),
        )
    assert done.returncode == 1
    assert f"port {port}: in use" in done.stderr
    assert "memory: " in done.stderr
    assert "disk: " in done.stderr
    assert done.stderr.count("what to do") == 3
    assert [path.name for path in state.iterdir()] == ["up.lock"]


def test_a_state_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = kawat("up", state=tmp_path / "file")
    assert done.returncode == 1
    assert "KAWAT_STATE_DIR" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_in_json_says_ok_or_not_and_ends_accordingly(tmp_path: Path) -> None:
    ports = {"page_port": "0", "sample_port": "0", "elasticsearch_port": str(free_port())}
    done = kawat("doctor", "--json", state=tmp_path, disk_pause=str(10**17), **ports)
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"]) == (1, False)
    faults = [check["name"] for check in found["checks"] if check["state"] == "fail"]
    assert faults == ["disk"]


def test_the_unit_is_one_that_systemd_accepts(tmp_path: Path) -> None:
    folder = tmp_path / "a folder, 100% $HOME"
    folder.mkdir()
    program = folder / "kawat"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    settings = read_settings({"KAWAT_STATE_DIR": str(folder / "state"), "KAWAT_USER_AGENT": 'x "y" 100%\\z'})
    text = unit(settings, folder, program)
    assert "100%% $HOME" in text
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd-analyze is not installed here")
    path = tmp_path / "kawat.service"
    path.write_text(text)
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        [verify, "--user", "verify", str(path)], env=environ, capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if "kawat.service" in line]
    assert told == []
    broken = tmp_path / "broken.service"
    broken.write_text(text.replace("Type=notify", "Type=nonsense"))
    done = subprocess.run(
        [verify, "--user", "verify", str(broken)], env=environ, capture_output=True, text=True, check=False
    )
    assert "nonsense" in done.stderr  # so the silence above means something


def test_a_program_that_systemd_would_not_run_is_refused() -> None:
    with pytest.raises(SetupError, match="no program with such a name"):
        unit(read_settings({}), Path("/srv"), Path('/srv/"mine"/kawat'))


def test_secrets_stay_out_of_the_unit() -> None:
    settings = read_settings(
        {"KAWAT_ELASTICSEARCH_API_KEY": "s3cr3t", "KAWAT_REDIS_URL": "redis://:hush@x", "KAWAT_PAGE_PORT": "8123"}
    )
    text = unit(settings, Path("/srv"))
    assert "s3cr3t" not in text
    assert "hush" not in text
    assert 'Environment="KAWAT_PAGE_PORT=8123"' in text


def test_a_word_is_quoted_as_systemd_reads_it() -> None:
    assert quoted('a "b" 5%\\') == '"a \\"b\\" 5%%\\\\"'


def test_service_installs_shows_and_removes_its_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / "config" / "systemd" / "user" / "kawat.service"
    shown = kawat("service", "install", "--print", state=tmp_path)
    assert "ExecStart=" in shown.stdout
    assert not path.exists()
    done = kawat("service", "install", state=tmp_path)
    assert "systemctl --user enable --now kawat" in done.stdout
    assert path.read_text() == shown.stdout == kawat("service", "show", state=tmp_path).stdout
    assert kawat("service", "uninstall", state=tmp_path).returncode == 0
    assert not path.exists()
    assert kawat("service", "show", state=tmp_path).returncode == 1


def test_systemd_hears_when_everything_is_up(tmp_path: Path) -> None:
    from worker.local.service import notify

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert listener.recv(100) == b"READY=1"
    notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "gone")})
    notify("READY=1", {})


def test_sizes_are_told_for_people() -> None:
    assert [size(n) for n in (0, 999, 1000, 44_000_000, 2_147_483_648)] == ["0 B", "999 B", "1.0 kB", "44 MB", "2.1 GB"]


def test_what_is_printed_cannot_move_the_cursor() -> None:
    assert printable("a\x1b[2Jb\u202ec\n東京") == "a\\x1b[2Jb\\x202ec\n東京"


def test_json_holds_nothing_that_a_terminal_obeys_and_reads_back_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    acting = "\x1b\x7f\x80\x9b\x9f\u061c\u200e\u200f\u2028\u202a\u202e\u2066\u2069\udc80"
    print_json({"title": f"東京 é {acting}", acting: 1})
    text = capsys.readouterr().out
    assert not set(acting) & set(text)
    assert "東京 é" in text
    assert text.count("\n") == 1
    assert json.loads(text) == {"title": f"東京 é {acting}", acting: 1}


def test_a_state_folder_of_ours_is_closed_to_others_also_where_it_was_there(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(0o755)
    open_state(read_settings({"KAWAT_STATE_DIR": str(state)}))
    assert state.stat().st_mode & 0o7777 == 0o700


def test_a_folder_that_others_need_is_not_closed_to_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared, homes = tmp_path / "shared", tmp_path / "homes"
    (homes / "me").mkdir(parents=True)
    shared.mkdir()
    monkeypatch.setenv("HOME", str(homes / "me"))
    for folder, mode in ((shared, 0o1777), (homes, 0o755), (homes / "me", 0o755)):
        folder.chmod(mode)
        open_state(read_settings({"KAWAT_STATE_DIR": str(folder)}))
        assert folder.stat().st_mode & 0o7777 == mode


def test_down_stops_an_up_and_waits_for_it(tmp_path: Path) -> None:
    """A stand-in that holds the lock and ends a little after SIGTERM."""
    script = (
        "import signal, sys, time\nfrom pathlib import Path\nfrom worker.local.lock import up_lock\n"
        "from worker.local.wishes import Wishes\nwishes = Wishes()\nwishes.install()\n"
        "with up_lock(Path(sys.argv[1]), 'x'):\n    print('held', flush=True)\n"
        "    while not wishes.stop: time.sleep(0.01)\n    time.sleep(0.5)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        began = time.monotonic()
        done = kawat("down", state=tmp_path)
        assert holder.wait(5) == 0
    assert done.returncode == 0
    assert f"Stopped kawat up (process {holder.pid})" in done.stdout
    assert time.monotonic() - began >= 0.5
