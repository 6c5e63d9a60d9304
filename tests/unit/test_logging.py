"""Logs: one line an event whatever it holds, no secrets, the standard library's too."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from worker.logging import configure, escaped
from worker.settings import MASK, read_settings

HOSTILE = "title\nFORGED line \x1b[2J\x9b31m\u202egnp.exe\u2028"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_outside_a_terminal_each_event_is_one_json_object() -> None:
    stream = io.StringIO()
    configure(read_settings({}), "worker-pages", stream)
    structlog.get_logger("kawat.x").info("fetched", url=HOSTILE, bytes=12)
    logging.getLogger("other").warning("said %s", HOSTILE)
    first, second = lines(stream)
    assert (first["event"], first["bytes"], first["process"], first["level"]) == (
        "fetched",
        12,
        "worker-pages",
        "info",
    )
    assert first["url"] == HOSTILE  # escaped in the file, whole when read
    assert second["event"] == f"said {HOSTILE}"
    assert stream.getvalue().isascii()


def test_in_a_terminal_no_value_can_forge_a_line_or_move_the_cursor() -> None:
    stream = Terminal()
    configure(read_settings({}), "page", stream)
    structlog.get_logger("kawat").info("fetched", url=HOSTILE)
    logging.getLogger("other").warning("said %s", HOSTILE)
    text = stream.getvalue()
    assert len(text.splitlines()) == 2
    for character in ("\x1b[2J", "\x9b", "\u202e", "\u2028"):
        assert character not in text
    assert "\\nFORGED" in text


def test_a_traceback_keeps_its_lines_but_nothing_that_acts() -> None:
    stream = Terminal()
    configure(read_settings({}), "page", stream)
    try:
        raise ValueError("bad \x1b[2J title")
    except ValueError:
        structlog.get_logger("kawat").exception("failed")
    assert "Traceback" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()


def test_secrets_are_masked_by_key_by_value_and_in_urls() -> None:
    stream = io.StringIO()
    settings = read_settings(
        {"KAWAT_ELASTICSEARCH_API_KEY": "topsecret", "KAWAT_REDIS_URL": "redis://:pass%21word@host/0"}
    )
    configure(settings, "x", stream)
    log = structlog.get_logger("kawat")
    log.warning("sent topsecret", headers={"Authorization": "ApiKey abc", "x": ["topsecret"]}, api_key="abc")
    log.warning("at", url="https://user:hunter2@example.com/", error=RuntimeError("auth pass!word failed"))
    try:
        raise ConnectionError("redis://:pass%21word@host/0 refused")
    except ConnectionError:
        log.exception("down")
    text = stream.getvalue()
    for secret in ("topsecret", "ApiKey abc", '"abc"', "hunter2", "pass!word", "pass%21word"):
        assert secret not in text
    assert text.count(MASK) >= 6


def test_the_level_and_the_format_follow_the_settings() -> None:
    stream = Terminal()
    configure(read_settings({"KAWAT_LOG_FORMAT": "json", "KAWAT_LOG_LEVEL": "warning"}), "x", stream)
    structlog.get_logger("kawat").info("not this")
    structlog.get_logger("kawat").warning("this")
    logging.getLogger("httpx").info("GET https://example.com")
    assert [line["event"] for line in lines(stream)] == ["this"]


def test_escaping_leaves_ordinary_text_of_any_script_alone() -> None:
    for text in ("kantor penghubung", "東京の連絡事務所", "مكتب الاتصال", "नाटो", "🙂"):
        assert escaped(text) == text
