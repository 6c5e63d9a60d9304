"""What is sent: in both languages, as text and HTML, never more than text from outside; one schema for webhooks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema_rs
import pytest

from search.notify import wording
from search.notify.messages import Messages
from search.notify.payload import Coverage, schema
from search.notify.wording import Words
from tests.alertwire import RAISED, alert
from worker.settings import PROJECT

SCHEMA = PROJECT / "docs" / "webhook.schema.json"
DUE = datetime(2026, 3, 1, 7, tzinfo=UTC)


def test_the_published_schema_is_the_one_in_force() -> None:
    assert json.loads(SCHEMA.read_text("utf-8")) == json.loads(json.dumps(schema()))


def test_every_kind_of_message_is_by_the_schema() -> None:
    valid = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text("utf-8")))
    words, messages = Words("en", "Asia/Jakarta"), Messages(page_url="https://kawat.example")
    window = alert(2, rule_type="spike", why="window", article_id=None, url=None, figures={"count": 12, "usual": 3.5})
    coverage = [Coverage(rule="r", rule_name="R", text=("0 alerts",))]
    for message in (
        messages.alert(alert(), "webhook:desk", "1" * 32),
        messages.alert(window, "webhook:desk", "2" * 32),
        messages.digest([alert(), window], "a", "3" * 32, owner="desk", due=DUE, words=words, coverage=coverage),
        messages.digest([], "a", "4" * 32, owner="desk", due=DUE, words=words, coverage=coverage),
        messages.test("a", "5" * 32, DUE, words),
    ):
        valid.validate(json.loads(message.json_))


def test_the_same_alert_is_the_same_message_to_the_byte() -> None:
    assert Messages().alert(alert(), "a", "1").hash == Messages().alert(alert(), "a", "1").hash


@pytest.mark.parametrize(
    ("language", "said"), [("id", ("Sumber", "Yang cocok", "pertama")), ("en", ("Source", "Matched"))]
)
def test_an_alert_says_rule_clause_where_and_how_in_the_rules_language(language: str, said: tuple[str, ...]) -> None:
    message = Messages(page_url="https://kawat.example/").alert(alert(message_language=language), "a", "1")
    for one in (*said, "Kantor penghubung", '"kantor penghubung"', "‹kantor penghubung›", "https://news.example/1"):
        assert one in message.text
    assert "https://kawat.example/article/" in message.text
    assert "<b>kantor penghubung</b>" in message.html
    assert "13:55" in message.text or "13.55" in message.text  # published 06:55 UTC, in Jakarta


def test_both_languages_have_the_same_words() -> None:
    indonesian, english = wording.names()["id"], wording.names()["en"]
    assert indonesian == english


def test_hostile_text_stays_text() -> None:
    evil = alert(
        title="<script>alert(1)</script>\r\nBcc: x@example.org \u202egnp.exe {{ 7 * 7 }}",
        url="javascript:alert(1)",
        source_name="<img src=x>",
        highlight=("‹<b onmouseover=x>›",),
    )
    message = Messages().alert(evil, "a", "1")
    assert "<script" not in message.html
    assert "<img" not in message.html
    assert "<b onmouseover" not in message.html
    assert 'href="javascript' not in message.html
    assert "\n" not in message.subject
    assert "\r" not in message.subject
    assert "\u202e" not in message.subject + message.text
    assert "{{ 7 * 7 }}" in message.text
    assert len(Messages().alert(alert(title="x" * 5000), "a", "1").subject) <= 200


def test_a_mark_that_the_article_wrote_itself_leaves_no_element_open() -> None:
    html = Messages().alert(alert(highlight=("« dit › le ‹kantor› de ‹ Tokyo",)), "a", "1").html
    assert "« dit › le <b>kantor</b> de ‹ Tokyo" in html
    assert html.count("<b>") == html.count("</b>")


def test_templates_of_ones_own_come_first(tmp_path: Path) -> None:
    (tmp_path / "alert.txt").write_text("Halo {{ alert.owner }}: {{ alert.title }}")
    assert Messages(tmp_path).faults() == []
    assert Messages(tmp_path).alert(alert(), "a", "1").text.startswith("Halo desk-asia: NATO")


@pytest.mark.parametrize("source", ["{{ alert.nothing.at_all }}", "{{ ''.__class__.__mro__ }}", "{% for x in %}"])
def test_a_template_that_fails_or_reaches_out_loses_no_message(tmp_path: Path, source: str) -> None:
    (tmp_path / "alert.txt").write_text(source)
    assert Messages(tmp_path).alert(alert(), "a", "1") == Messages().alert(alert(), "a", "1")


def test_a_faulty_template_is_named(tmp_path: Path) -> None:
    (tmp_path / "alert.txt").write_text("\n{% for x in %}")
    (tmp_path / "alrt.txt").write_text("x")
    faults = Messages(tmp_path).faults()
    assert any("alert.txt:2" in fault for fault in faults)
    assert any("alrt.txt" in fault for fault in faults)


def test_a_digest_goes_by_rule() -> None:
    other = alert(3, rule="natuna", rule_name="Laut Natuna Utara", raised=RAISED)
    message = Messages().digest(
        [alert(1), other, alert(2)], "a", "1", owner="desk", due=DUE, words=Words("id", "Asia/Jakarta")
    )
    assert "== Kantor penghubung (2)" in message.text
    assert "== Laut Natuna Utara (1)" in message.text
    assert message.subject == "3 peringatan: Kantor penghubung, Laut Natuna Utara"
