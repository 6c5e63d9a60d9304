"""`kawat extract`: a page as it would be kept, with its reasons, from a file, stdin or an address."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.newsroom.articles import NewsArticle
from tests.newsroom.newsroom import Newsroom

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "articles"
PAGE = GOLDEN / "indonesian-json-ld.html"
SHOWN = {
    "url", "title", "authors", "published", "modified", "language", "body", "paywalled", "section", "image",
    "site_name", "site_country", "agency", "word_count", "page_url", "cut", "evidence",
}  # fmt: skip


def kawat(*arguments: str, stdin: bytes = b"", **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KAWAT_")}
    given = {f"KAWAT_{name.upper()}": value for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "worker.cli", "extract", *arguments],
        env={**kept, **given, "COLUMNS": "200"},
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_json_has_each_value_with_all_that_was_said_about_it() -> None:
    done = kawat(str(PAGE), "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    expected = json.loads(PAGE.with_suffix(".json").read_text(encoding="utf-8"))["expected"]
    assert found.keys() >= SHOWN
    for name in found.keys() & expected.keys() - {"body"}:
        assert found[name] == expected[name], name
    for statements in found["evidence"].values():
        for one in statements:
            assert one.keys() == {"means", "key", "value", "kept"}
    assert [one["value"] for one in found["evidence"]["title"] if one["kept"]]


def test_a_gzipped_file_and_stdin_are_read_alike(tmp_path: Path) -> None:
    packed = tmp_path / "page.html.gz"
    packed.write_bytes(gzip.compress(PAGE.read_bytes()))
    plain, zipped, piped = (
        kawat(str(PAGE), "--json"),
        kawat(str(packed), "--json"),
        kawat("-", "--json", stdin=PAGE.read_bytes()),
    )
    assert plain.stdout == zipped.stdout == piped.stdout
    assert json.loads(plain.stdout)["title"]


def test_url_says_where_a_file_s_page_stands(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<title>Fish and nets</title><p>" + "The ministers met in the harbour town to speak of fish. " * 9)
    named = json.loads(kawat(str(file), "--json", "--url", "https://post.example/fish").stdout)
    unnamed = json.loads(kawat(str(file), "--json").stdout)
    assert named["url"] == "https://post.example/fish"
    assert unnamed["url"] is None
    assert unnamed["title"] == named["title"] == "Fish and nets"
    assert "--url" in kawat(str(file)).stdout


def test_a_person_sees_values_with_their_origins_and_no_colour_in_a_pipe() -> None:
    done = kawat(str(PAGE))
    assert done.returncode == 0, done.stderr
    assert "json-ld" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "said"),
    [
        (("missing.html",), b"", 2, "no such file"),
        (("post.example/fish",), b"", 2, "https://post.example/fish"),
        (("https://post.example/fish", "--url", "https://x.example/"), b"", 2, "--url"),
        (("-", "--url", "ftp://x.example/"), b"x", 2, "ftp"),
        (("-",), b"<html><body><p>Ok</p></body></html>", 1, "no text"),
        (("-",), b"%PDF-1.4 not a page", 1, "HTML"),
        (("-",), b"\x1f\x8b broken", 2, "gzip"),
        (("http://127.0.0.1:9/x",), b"", 1, "127.0.0.1"),
    ],
)
def test_what_cannot_be_shown_is_said(arguments: tuple[str, ...], stdin: bytes, code: int, said: str) -> None:
    done = kawat(*arguments, stdin=stdin)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_page_cannot_send_a_terminal_commands(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    story = "The ministers met in the harbour town to speak of fish. " * 9
    file.write_text(f"<title>Fish\u009b31m</title><meta name=author content='Ann\u202eLee'><p>{story}")
    for arguments in ((), ("--json",)):
        out = kawat(str(file), *arguments).stdout
        assert "\u009b" not in out
        assert "\u202e" not in out


def test_an_address_is_fetched_as_the_flow_would() -> None:
    story = "The ministers met in the harbour town to speak of fish and nets. " * 5
    with Newsroom() as room:
        room.add_feed("dunia")
        address = room.publish("dunia", NewsArticle("fish", "Fish and nets", (story, story), language="en"))
        host = f"127.0.0.1:{room.port}"
        found = json.loads(kawat(address, "--json", allow_hosts=host).stdout)
        assert found["url"] == address
        assert found["title"] == "Fish and nets"

        room.set_robots("User-agent: *\nDisallow: /\n")
        before = len(room.requests())
        kept_out = kawat(address, allow_hosts=host)
        assert kept_out.returncode == 1
        assert "robots.txt" in kept_out.stderr
        assert [one.path for one in room.requests()[before:]] == ["/robots.txt"]
