"""Channels: read from the settings, each fault named, no credential ever shown; webhooks signed, keyed, bounded."""

from __future__ import annotations

import hashlib
import hmac
import logging
import smtplib
import time
from datetime import UTC, datetime

import pytest

from search.notify.channels import MASK, Channel, ChannelError, read_channels
from search.notify.sending import Message
from search.notify.webhook import Webhook, retry_after
from tests.receiver import Receiver

MESSAGE = Message(subject="Judul", text="Teks", html="<p>Teks</p>", json_='{"a": "é"}')
MAIL = "mailtos://desk:hunter22@smtp.example.org?to=a@example.org"


def test_channels_are_lines_or_parted_by_semicolons() -> None:
    lines = read_channels(f"webhook:desk = webhook+https://a.example/x?secret=1;b=2\n# no\n\nmailto:desk={MAIL}")
    one = read_channels(f"webhook:desk=webhook+https://a.example/x?secret=1;b=2; mailto:desk={MAIL};")
    assert [channel.name for channel in lines] == [channel.name for channel in one] == ["webhook:desk", "mailto:desk"]
    assert lines[0].url == one[0].url == "webhook+https://a.example/x?secret=1;b=2"


def test_every_fault_is_named_and_none_tells_an_address() -> None:
    with pytest.raises(ChannelError) as caught:
        read_channels(
            "a=webhook+http://h/1\na=json://h/s3cr3t1\nwhat\nÄ=json://h\nz=foo://s3cr3t2/x\nq=webhook+https:///x?secret=s3cr3t3"
        )
    said = str(caught.value).splitlines()
    assert len(said) == 5
    assert "s3cr3t" not in str(caught.value)
    assert any("a is there already" in line for line in said)
    assert any("foo://" in line for line in said)


@pytest.mark.parametrize(
    "url",
    [
        MAIL,
        "webhook+https://user:hunter22@a.example/hooks/T0KENT0KEN?secret=s3cr3ts3cr3t",
        "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/12345",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
    ],
)
def test_credentials_are_masked_wherever_they_turn_up(url: str) -> None:
    channel = Channel("x", url)
    told = channel.masked(f"could not reach {url}, whole; {' '.join(channel.secrets)}")
    for secret in (
        "hunter22",
        "T0KENT0KEN",
        "s3cr3ts3cr3t",
        "abcdefghijklmnopqrstuvwxyz012345678",
        "TIiajkdnlazkcOXrIdevi7FQ",
    ):
        assert secret not in told
        assert secret not in channel.shown + repr(channel)
    assert MASK in told


def test_a_webhook_is_signed_and_carries_its_key() -> None:
    with Receiver() as receiver:
        channel = Channel("x", receiver.url("/hook?secret=s3cr3t&theirs=1"))
        assert channel.sender.send(MESSAGE, "key-1").arrived
        (got,) = receiver.got
    assert got.path == "/hook?theirs=1"
    assert (got.body, got.key) == (MESSAGE.json_.encode(), "key-1")
    stamp = got.headers["Kawat-Timestamp"]
    wanted = hmac.new(b"s3cr3t", stamp.encode() + b"." + got.body, hashlib.sha256).hexdigest()
    assert got.headers["Kawat-Signature"] == f"v1={wanted}"
    assert abs(time.time() - int(stamp)) < 300


@pytest.mark.parametrize(
    ("answer", "kind", "asked"),
    [
        (500, "status", None),
        (404, "refused", None),
        ((429, {"Retry-After": "30"}), "refused", 30.0),
        ((503, {"Retry-After": "soon"}), "status", None),
        ((302, {"Location": "https://elsewhere.example/"}), "refused", None),
    ],
)
def test_what_was_answered_is_told(answer: object, kind: str, asked: float | None) -> None:
    with Receiver(lambda _: answer) as receiver:  # type: ignore[arg-type,return-value]
        sent = Channel("x", receiver.url("/")).sender.send(MESSAGE, "k")
        assert len(receiver.got) == 1
    assert (sent.kind, sent.retry_after) == (kind, asked)
    assert not sent.arrived


def test_a_receiver_that_hangs_costs_the_timeout_and_no_more() -> None:
    with Receiver(lambda _: "hang") as receiver:
        sent = Channel("x", receiver.url("/?timeout=0.3")).sender.send(MESSAGE, "k")
    assert sent.kind == "timeout"


def test_nobody_there() -> None:
    with Receiver() as receiver:
        url = receiver.url("/")
    assert Channel("x", url).sender.send(MESSAGE, "k").kind == "unreachable"


def test_apprise_sends_and_says_what_went_wrong() -> None:
    heard: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.name)

    root, listener = logging.getLogger(), Listener()
    root.addHandler(listener)
    with Receiver(lambda path: 200 if path == "/ok" else 503) as receiver:
        assert Channel("x", receiver.url("/ok", "json")).sender.send(MESSAGE, "k").arrived
        failed = Channel("x", receiver.url("/no", "json")).sender.send(MESSAGE, "k")
        assert len(receiver.got) == 2  # tried once each: trying again is the delivery's business
    assert (failed.kind, failed.status) == ("status", 503)
    assert b"Judul" in receiver.got[0].body
    root.removeHandler(listener)
    assert not [name for name in heard if name.startswith("apprise")]


def test_apprise_never_waits_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def slept(seconds: float) -> None:
        raise AssertionError(f"slept {seconds} s")

    with Receiver() as receiver:
        channel = Channel("x", receiver.url("/ok", "json"))
        plugin = channel.sender._plugin()  # type: ignore[attr-defined]
        monkeypatch.setattr("apprise.url.time.sleep", slept)
        plugin.throttle(wait=60)
        for _ in range(3):
            assert channel.sender.send(MESSAGE, "k").arrived


def test_mail_is_sent_as_text_and_as_html(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    def keep(sender: str, to: object, body: str, **_: object) -> dict[str, object]:
        sent.append(body)
        return {}

    class Mail(smtplib.SMTP):
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def __getattribute__(self, name: str) -> object:
            return keep if name == "sendmail" else lambda *_, **__: (250, b"ok")

    monkeypatch.setattr(smtplib, "SMTP", Mail)
    assert Channel("x", "mailto://desk:pw@smtp.example.org?to=a@example.org").sender.send(MESSAGE, "k").arrived
    assert "text/plain" in sent[0]
    assert "text/html" in sent[0]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("Sun, 01 Mar 2026 07:01:00 GMT", 60.0),
        ("Sun, 01 Mar 2020 07:01:00 GMT", 0.0),
        ("99999999", 86_400.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, datetime(2026, 3, 1, 7, tzinfo=UTC)) == seconds


def test_a_webhook_without_a_secret_signs_nothing() -> None:
    with Receiver() as receiver:
        Webhook(receiver.url("/", "http")).send(MESSAGE, "k")
        assert "Kawat-Signature" not in receiver.got[0].headers
