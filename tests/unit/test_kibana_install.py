"""`kawat kibana install` against a stand-in that reads the form; `kawat kibana export`."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from search.kibana.export import exported, saved_objects
from search.kibana.install import KibanaError, install
from tests.kibana.standin import StandIn, standin
from worker.cli import app

OBJECTS = exported()
COUNT = len(saved_objects())


@pytest.fixture
def kibana() -> Iterator[StandIn]:
    with standin() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAWAT_KIBANA_URL", "KAWAT_KIBANA_API_KEY", "KAWAT_INDEX_PREFIX"):
        monkeypatch.delenv(name, raising=False)


def test_all_objects_arrive_whole(kibana: StandIn) -> None:
    done = install(kibana.url, OBJECTS)
    assert (done.count, done.faults) == (COUNT, ())
    assert {(one.kind, one.id): one.as_kibana() for one in saved_objects()} == {
        key: {**one, "attributes": one["attributes"]} for key, one in kibana.objects.items()
    }
    path, query, _ = kibana.asked[0]
    assert (path, query) == ("/api/saved_objects/_import", {"overwrite": ["true"]})


def test_a_second_import_replaces_the_first(kibana: StandIn) -> None:
    install(kibana.url, OBJECTS)
    assert install(kibana.url, OBJECTS).count == COUNT
    assert len(kibana.objects) == COUNT


def test_a_space_a_base_path_and_a_key_are_heeded(kibana: StandIn) -> None:
    kibana.key = "abc=="
    assert install(f"{kibana.url}/kibana/", OBJECTS, space="desk asia", api_key="abc==").count == COUNT
    assert kibana.asked[0][0] == "/kibana/s/desk%20asia/api/saved_objects/_import"


def test_an_object_that_is_refused_is_named_with_its_reason(kibana: StandIn) -> None:
    kibana.broken = {"kawat-coverage"}
    done = install(kibana.url, OBJECTS)
    assert done.count == COUNT - 1
    assert done.faults == ("dashboard 'Coverage': what it needs is not there (search gone)",)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {"Content-Type": "text/html"}, b"<h1>Log in</h1>"), "not Kibana"),
        ((200, {"Content-Type": "application/json"}, b"[1]"), "not Kibana"),
        ((200, {}, b'{"success": false, "successCount": 0}'), "failed, and not why"),
        ((302, {"Location": "/login"}, b""), "login"),
        ((400, {}, b'{"message": "Document is too new"}'), "8.9 or later; it says 'Document is too new'"),
        ((401, {}, b""), "KAWAT_KIBANA_API_KEY"),
        ((403, {}, b""), "privilege"),
        ((404, {}, b""), "base path"),
        ((413, {}, b""), "size"),
        ((503, {}, b'{"message": "Kibana server is not ready yet"}'), "not ready yet"),
    ],
)
def test_a_refusal_says_what_to_do(kibana: StandIn, answer: tuple[int, dict[str, str], bytes], said: str) -> None:
    kibana.answer = answer
    try:
        told = " ".join(install(kibana.url, OBJECTS).faults)
    except KibanaError as error:
        told = str(error)
    assert said in told


def test_a_login_in_the_address_is_used_and_never_told(kibana: StandIn) -> None:
    kibana.answer = (401, {}, b"")
    with pytest.raises(KibanaError) as raised:
        install(kibana.url.replace("//", "//elastic:geheim@"), OBJECTS)
    assert kibana.asked[0][2]["Authorization"].startswith("Basic ")
    assert "geheim" not in str(raised.value)


def run(*words: str, **environ: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["kibana", *words], env=environ)
    return done.exit_code, done.output


def test_the_command_says_how_many_and_fails_where_some_are_refused(kibana: StandIn) -> None:
    assert run("install", "--url", kibana.url) == (0, f"{COUNT} objects imported.\n")
    kibana.broken = {"kawat-coverage"}
    code, said = run("install", KAWAT_KIBANA_URL=kibana.url)
    assert code == 1
    assert "1 were refused" in said
    assert "Coverage" in said


def test_the_command_without_an_address_or_with_a_wrong_one_is_a_usage_fault() -> None:
    assert run("install")[0] == 2
    assert run("install", "--url", "kibana.example:5601")[0] == 2
    assert run("install", "--url", "http://127.0.0.1:1")[0] == 1


def test_the_key_comes_from_a_file_or_the_environment(kibana: StandIn, tmp_path: Path) -> None:
    kibana.key = "abc=="
    file = tmp_path / "key"
    file.write_text("abc==\n")
    assert run("install", "--url", kibana.url, "--api-key-file", str(file))[0] == 0
    assert run("install", "--url", kibana.url, KAWAT_KIBANA_API_KEY="abc==")[0] == 0
    assert run("install", "--url", kibana.url)[0] == 1
    assert run("install", "--url", kibana.url, "--api-key-file", str(tmp_path / "none"))[0] == 2


def test_a_login_comes_as_a_name_and_a_file(kibana: StandIn, tmp_path: Path) -> None:
    kibana.login = "Basic " + base64.b64encode(b"elastic:ge:heim").decode()
    file = tmp_path / "password"
    file.write_text("ge:heim\n")
    named = ("install", "--url", kibana.url, "--user", "elastic")
    assert run(*named, "--password-file", str(file))[0] == 0
    assert run(*named)[0] == 2
    file.write_text("")
    assert run(*named, "--password-file", str(file))[0] == 2


def test_the_export_is_for_the_indices_in_force(tmp_path: Path) -> None:
    file = tmp_path / "kawat.ndjson"
    code, said = run("export", "--out", str(file))
    assert (code, file.read_bytes()) == (0, OBJECTS), said
    assert run("export", KAWAT_INDEX_PREFIX="desk-")[1].encode() == exported("desk-")
    assert run("export", "--out", str(tmp_path / "no" / "folder"))[0] == 1
