"""`kawat tag`, `kawat retag`, `kawat entities` as a person calls them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from worker.cli import app

TEXT = "Presiden Emmanuel Macron tiba di Tokyo untuk membahas kantor penghubung NATO."
PAGE = f"<html lang=id><head><title>Macron di Tokyo</title></head><body><article><h1>Macron di Tokyo</h1><p>{TEXT} {TEXT} {TEXT}</p></article>"  # noqa: E501


def run(*words: str, stdin: bytes | None = None, **environment: str) -> Result:
    return CliRunner().invoke(app, list(words), input=stdin, env={"COLUMNS": "120", **environment})


def test_a_text_is_tagged_as_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(TEXT, encoding="utf-8")
    told = json.loads(run("tag", str(file), "--json").stdout)
    assert told["language"] == "id"
    assert told["countries"][0] == "JP"
    for mention in told["mentions"]:
        assert mention["type"] in {"person", "organisation", "place", "thing"}
        for start, end in mention["spans"]:
            assert TEXT[start:end] in mention["surfaces"]
    macron = next(one for one in told["mentions"] if one["id"] == "Q3052772")
    assert macron["linked"]
    assert TEXT[slice(*macron["spans"][0])] == "Emmanuel Macron"


def test_a_page_is_read_first_from_a_file_packed_or_from_stdin(tmp_path: Path) -> None:
    packed = tmp_path / "a.html.gz"
    packed.write_bytes(gzip.compress(PAGE.encode()))
    for told in (run("tag", str(packed), "--json"), run("tag", "-", "--json", stdin=PAGE.encode())):
        found = json.loads(told.stdout)
        assert found["title"] == "Macron di Tokyo"
        assert "<p>" not in found["body"]


def test_a_person_sees_names_kinds_and_topics() -> None:
    shown = run("tag", "-", stdin=TEXT.encode()).stdout
    assert "Emmanuel Macron" in shown
    assert "head-of-state" in shown
    assert "\x1b[" not in shown  # no colour where there is no terminal


def test_what_could_move_a_terminals_cursor_is_not_printed() -> None:
    shown = run("tag", "-", stdin=b"NATO \x1b[2J di Tokyo \xc2\x9b31m").stdout
    assert "\x1b" not in shown
    assert "\x9b" not in shown


def test_a_language_can_be_given() -> None:
    assert json.loads(run("tag", "-", "--language", "fr", "--json", stdin=b"Tokyo").stdout)["language"] == "fr"


def test_a_file_that_is_not_there_is_told() -> None:
    found = run("tag", "nowhere.txt")
    assert found.exit_code == 2
    assert "there is no such file" in found.output


def test_the_users_names_count_and_their_faults_are_told(tmp_path: Path) -> None:
    names = tmp_path / "mine.names"
    names.write_text("k-wirata person\n  *  Made Wirata\n", encoding="utf-8")
    told = json.loads(run("tag", "-", "--json", stdin=b"Made Wirata tiba.", KAWAT_GAZETTEER=str(names)).stdout)
    assert [one["id"] for one in told["mentions"]] == ["k-wirata"]
    assert run("entities", "lint", str(names)).stdout == "No faults.\n"

    names.write_text("k-wirata person\n  *  Made Wirata\n  kidn diplomat\n", encoding="utf-8")
    faulty = run("entities", "lint", str(names))
    assert faulty.exit_code == 1
    assert f"{names}:3: unknown key 'kidn': did you mean 'kind'?" in faulty.output.replace("\n", "")


@pytest.mark.parametrize("words", [("retag", "--since", "yesterday"), ("entities", "unlinked", "--since", "soon")])
def test_a_span_of_time_that_is_none_is_told(words: tuple[str, ...]) -> None:
    found = run(*words)
    assert found.exit_code == 2
    assert "write 12h, 7d or 4w" in found.output
