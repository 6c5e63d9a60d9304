"""What is written to people: alerts, digests and tests by templates, in Indonesian and English, as text and as HTML.

Templates are Jinja2's, in a sandbox: those of a folder of one's own come before Kawat's, and where one of them fails,
Kawat's own is taken: a message is never lost over its looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from search.alerts.marks import marked
from search.alerts.records import Alert
from search.documents import iso
from search.notify.payload import Coverage, Payload, encoded, note
from search.notify.sending import Message
from search.notify.wording import Words

log = structlog.get_logger(__name__)

OURS = Path(__file__).parent / "templates"
NAMES = ("alert.txt", "alert.html", "digest.txt", "digest.html", "entry.txt", "entry.html")
SUBJECT = 200  # characters: mail programs and phones show fewer
LISTED = 20  # sites of a story, named in full; the rest is counted


class Messages:
    """`folder`: templates of one's own; `page_url`: where readers find Kawat's page, for links."""

    def __init__(self, folder: Path | None = None, page_url: str = "") -> None:
        self._folder, self._page_url = folder, page_url.rstrip("/")

    def alert(self, alert: Alert, channel: str, id: str) -> Message:
        """Of one alert. `id`: its delivery's."""
        words = Words(alert.message_language, alert.tz)
        shown = _shown(alert)
        subject = _line(
            f"[{words(alert.priority)}] {alert.rule_name}: {shown.title or words('why_' + alert.why, n=alert.episode)}"
        )
        text, html = self._rendered("alert", words, alert=shown)
        head = {"kind": "alert", "id": id, "channel": channel, "owner": alert.owner, "due": iso(alert.due)}
        return _message(head, subject, (text, html), [alert])

    def digest(
        self,
        alerts: Sequence[Alert],
        channel: str,
        id: str,
        *,
        owner: str,
        due: datetime,
        words: Words,
        coverage: Sequence[Coverage] = (),
    ) -> Message:
        """Of several alerts, by rule; or of none, with what the silence is worth."""
        ordered = sorted(alerts, key=lambda one: (one.rule_name, one.rule, one.timestamp, one.alert_id))
        rules = [(name, [_shown(one) for one in group]) for name, group in groupby(ordered, lambda one: one.rule_name)]
        number = {0: "digest_none", 1: "digest_one"}.get(len(ordered), "digest")
        told = ", ".join(name for name, _ in rules) or ", ".join(one.rule_name for one in coverage)
        subject = _line(f"{words(number, n=len(ordered))}: {told}" if told else words(number, n=len(ordered)))
        text, html = self._rendered("digest", words, rules=rules, coverage=coverage, owner=owner)
        head = {"kind": "digest", "id": id, "channel": channel, "owner": owner, "due": iso(due)}
        return _message(head, subject, (text, html), ordered, coverage)

    def test(self, channel: str, id: str, at: datetime, words: Words) -> Message:
        """So that a person sees that a channel works."""
        subject, text = words("test", channel=channel), words("test_text")
        head = {"kind": "test", "id": id, "channel": channel, "owner": "", "due": iso(at)}
        return _message(head, subject, (text, f"<p>{escape(text)}</p>"))

    def faults(self) -> list[str]:
        """What is wrong with the folder of one's own, a line each: unknown names and what cannot be parsed."""
        if self._folder is None:
            return []
        if not self._folder.is_dir():
            return [f"{self._folder}: no such folder"]
        found = []
        for file in sorted(self._folder.glob("*.*")):
            if file.name not in NAMES:
                found.append(f"{file}: no template is called so; there are {', '.join(NAMES)}")
                continue
            try:
                self._own.get_template(file.name)
            except TemplateError as error:
                found.append(f"{file}:{getattr(error, 'lineno', 1)}: {error}")
        return found

    def _rendered(self, name: str, words: Words, **given: Any) -> tuple[str, str]:
        values = {"w": words, "page_url": self._page_url, **given}
        if self._folder is not None:
            try:
                return _both(self._own, name, values)
            except Exception as error:  # noqa: BLE001  # whatever is wrong with it: people are told all the same
                log.error(
                    "a template fails, Kawat's own is taken", template=name, why=f"{type(error).__name__}: {error}"
                )
        return _both(self._built_in, name, values)

    @cached_property
    def _own(self) -> Environment:
        return _environment([str(self._folder), str(OURS)])

    @cached_property
    def _built_in(self) -> Environment:
        return _environment([str(OURS)])


def _environment(folders: Sequence[str]) -> Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folders),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        keep_trailing_newline=False,
    )
    environment.filters["marked"] = _marked
    return environment


def _both(environment: Environment, name: str, values: Mapping[str, Any]) -> tuple[str, str]:
    text = environment.get_template(f"{name}.txt").render(values)
    html = environment.get_template(f"{name}.html").render(values)
    return text.strip() + "\n", html.strip() + "\n"


def _message(
    head: Mapping[str, Any],
    subject: str,
    body: tuple[str, str],
    alerts: Sequence[Alert] = (),
    coverage: Sequence[Coverage] = (),
) -> Message:
    text, html = body
    payload = Payload(**head, subject=subject, text=text, alerts=tuple(map(note, alerts)), coverage=tuple(coverage))
    return Message(subject=subject, text=text, html=html, json_=encoded(payload))


def _shown(alert: Alert) -> Alert:
    """The alert as a template may print it: what came from outside is plain text on one line each."""
    return alert.model_copy(
        update={
            "title": plain(alert.title),
            "source_name": alert.source_name and plain(alert.source_name),
            "clause": tuple(map(plain, alert.clause)),
            "highlight": tuple(map(plain, alert.highlight)),
            "url": alert.url and "".join(alert.url.split()),
            "sources": alert.sources[:LISTED],
        }
    )


def plain(text: str) -> str:
    """`text` on one line, without characters that act: controls, marks of direction."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _line(text: str) -> str:
    text = plain(text)
    return text if len(text) <= SUBJECT else text[: SUBJECT - 1].rstrip() + "…"


def _marked(text: str) -> Markup:
    """The highlight's own marks as bold type; all else escaped."""
    return Markup(marked(text, "b"))  # noqa: S704  # escaped there
