"""deploy/compose.yaml and its image: every queue has a worker, every variable exists, every secret is asked for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from base64 import b64decode
from collections.abc import Iterator
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from search.schema import Names, families
from worker.settings import PROJECT, Settings, read_settings, variable
from worker.topology import CONTROL, STAGES, WORKERS
from worker.valkey import DURABLE

yaml = pytest.importorskip("yaml", reason="reads compose.yaml by PyYAML, which comes with the packages for tests")
DEPLOY = PROJECT / "deploy"
TEXT = (DEPLOY / "compose.yaml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one.get("image") == "kawat"}
PASSWORD = "0123456789abcdef" * 2
SECRETS = re.findall(r"^([A-Z_]+)=$", (DEPLOY / "env.example").read_text("utf-8"), re.MULTILINE)


def filled(text: str, values: dict[str, str]) -> str:
    """Compose's variables filled in: `${NAME}`, `${NAME:-default}`, `${NAME:?why}`."""

    def value(found: re.Match[str]) -> str:
        name, operator, rest = found[1], found[2], found[3]
        return values.get(name) or (rest if operator == ":-" else "")

    return re.sub(r"\$\{(\w+)(?:(:-|:\?)([^}]*))?\}", value, text)


def test_every_queue_has_a_service() -> None:
    served: set[str] = set()
    for one in OURS.values():
        if one["command"][0] == "worker":
            for kind in one["command"][1:]:
                served |= set(WORKERS[kind].queues)
    assert served == {stage.queue for stage in STAGES.values()} | {CONTROL}


def test_the_other_processes_are_there_once() -> None:
    commands = [" ".join(one["command"]) for one in OURS.values()]
    for command in ("beat", "page", "prepare"):
        assert commands.count(command) == 1


def test_every_setting_named_exists_and_is_taken() -> None:
    environ = {"TZ": "x"} | dict.fromkeys(SECRETS, PASSWORD)
    for name, one in OURS.items():
        given = {key: filled(value, environ) for key, value in one["environment"].items()}
        assert set(given) <= {variable(setting) for setting in Settings.model_fields}, name
        settings = read_settings(given)
        assert settings.elasticsearch == f"http://kawat:{PASSWORD}@elasticsearch:9200"
        assert settings.redis == f"redis://:{PASSWORD}@valkey:6379/0"


def test_every_secret_must_be_given_and_none_has_a_default() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", TEXT))
    assert required == set(SECRETS)
    assert not re.search(r"\$\{\w*(PASSWORD|KEY)\w*:-", TEXT)


def test_what_is_optional_stands_in_the_example() -> None:
    optional = set(re.findall(r"\$\{(\w+):-", TEXT))
    assert optional == set(re.findall(r"^#([A-Z_]+)=", (DEPLOY / "env.example").read_text("utf-8"), re.MULTILINE))


def test_only_loopback_is_published() -> None:
    published = [port for one in SERVICES.values() for port in one.get("ports", ())]
    assert len(published) == 2
    assert all(filled(port, {}).startswith("127.0.0.1:") for port in published)


def test_every_lasting_service_has_a_health_check_and_waits_for_what_it_needs() -> None:
    for name, one in SERVICES.items():
        lasting = one["restart"] == "unless-stopped"
        assert lasting == ("healthcheck" in one), name
        for needed, how in one.get("depends_on", {}).items():
            wanted = "service_healthy" if "healthcheck" in SERVICES[needed] else "service_completed_successfully"
            assert how["condition"] == wanted, f"{name} → {needed}"


def test_the_ledger_is_durable() -> None:
    lines = dict(line.split(" ", 1) for line in COMPOSE["configs"]["valkey"]["content"].splitlines())
    assert {name: lines[name] for name in DURABLE} == DURABLE
    assert lines["dir"] in {volume.split(":")[1] for volume in SERVICES["valkey"]["volumes"]}


def test_the_page_asks_for_a_token_where_other_machines_may_reach_it() -> None:
    given = {key: filled(value, dict.fromkeys(SECRETS, PASSWORD)) for key, value in OURS["page"]["environment"].items()}
    settings = read_settings(given)
    assert settings.page_host == "0.0.0.0"
    assert settings.token is not None
    assert str(settings.page_port) == SERVICES["page"]["ports"][0].rpartition(":")[2]


def test_our_processes_may_do_little() -> None:
    for one in OURS.values():
        assert one["read_only"]
        assert one["cap_drop"] == ["ALL"]
    image = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert re.findall(r"^USER (\w+)$", image, re.MULTILINE) == ["kawat"]
    assert len(re.findall(r"^FROM ", image, re.MULTILINE)) == 2


def test_the_image_takes_every_package_and_only_what_is_let_in() -> None:
    image = (DEPLOY / "Dockerfile").read_text("utf-8")
    allowed = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8"), re.MULTILINE)
    copied = [name for line in re.findall(r"^COPY (?!--)(.+) \S+$", image, re.MULTILINE) for name in line.split()]
    assert sorted(copied) == sorted(allowed)
    assert all((PROJECT / name).exists() for name in copied)


@pytest.fixture
def security() -> Iterator[tuple[str, list[tuple[str, str, Any, str]]]]:
    """A stand-in for Elasticsearch's security API: keeps method, path, body and login."""
    asked: list[tuple[str, str, Any, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            login = b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
            asked.append((self.command, self.path, body, login))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PUT = do_POST = answer  # noqa: N815 - the base class's names

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join(10)


def test_accounts_are_made_with_a_role_for_every_index(security: tuple[str, list[tuple[str, str, Any, str]]]) -> None:
    if not (shutil.which("bash") and shutil.which("curl")):
        pytest.skip("runs the accounts' script, which needs bash and curl")
    url, asked = security
    (script,) = SERVICES["accounts"]["command"]
    script = script.replace("$$", "$").replace("http://elasticsearch:9200", url)
    passwords = {"ELASTIC_PASSWORD": "e1", "KIBANA_PASSWORD": "k1", "ACCOUNT_PASSWORD": "a1"}
    subprocess.run(
        [*SERVICES["accounts"]["entrypoint"], script], env={**os.environ, **passwords}, check=True, timeout=60
    )
    assert {login for *_, login in asked} == {"elastic:e1"}
    bodies = {f"{method} {path.removeprefix('/_security/')}": body for method, path, body, _ in asked}
    assert bodies["POST user/kibana_system/_password"] == {"password": "k1"}
    assert bodies["PUT user/kawat"] == {"password": "a1", "roles": ["kawat"]}
    (indices,) = bodies["PUT role/kawat"]["indices"]
    for family in families(Names()):
        for index in (family.alias, family.first_index):
            named = any(fnmatch(index, pattern) for pattern in indices["names"])
            assert named, f"{index}: name it in the role of deploy/compose.yaml"


def test_docker_compose_accepts_it() -> None:
    known = shutil.which("docker") and subprocess.run(
        ["docker", "compose", "version"], capture_output=True, check=False
    )
    if not known or known.returncode:
        pytest.skip("needs docker with its plug-in compose")
    done = subprocess.run(
        ["docker", "compose", "--file", str(DEPLOY / "compose.yaml"), "config", "--quiet"],
        env={**os.environ, **dict.fromkeys(SECRETS, PASSWORD)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
