"""Mail, Telegram, Slack, Teams, Matrix, ntfy, …: all that Apprise knows, as one channel of ours.

Apprise waits and tries again by itself; here deliveries do, so its own waiting is turned off, and each attempt's
reading is bounded. What went wrong it tells only its log: those lines are taken from there, for this attempt alone.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import TYPE_CHECKING, Any

from search.notify.sending import Message, Sent

if TYPE_CHECKING:
    from apprise import NotifyBase

CONNECT, READ = 5.0, 10.0  # seconds
MAIL = frozenset({"mailto", "mailtos", "mailgun", "sendgrid", "ses", "smtp2go", "sparkpost", "azure", "o365", "brevo"})
STATUS = re.compile(r"error=(\d{3})\b")
CAUSE = re.compile(r"Exception|Error")
LINES = 20  # of one attempt
BUSY_FOR = 60.0  # seconds: a 429 whose Retry-After Apprise does not tell
_lines = threading.local()
_listening = threading.Lock()


class AppriseSender:
    """One address of Apprise's. Raises ValueError where it is not understood."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._plugin()

    def send(self, message: Message, key: str) -> Sent:
        """One attempt. The service behind it knows no idempotency key."""
        _listen()
        _lines.said = []
        try:
            plugin = self._plugin()
            plugin.socket_connect_timeout = min(plugin.socket_connect_timeout, CONNECT)
            plugin.socket_read_timeout = min(max(plugin.socket_read_timeout, READ / 2), READ)
            arrived = plugin.notify(**self._form(message))
        except Exception as error:  # noqa: BLE001  # a plugin's own defect is a failed attempt like any other
            return Sent("fault", error=f"{type(error).__name__}: {error}")
        finally:
            said, _lines.said = _lines.said, None
        return Sent() if arrived else _failed(said)

    def _plugin(self) -> NotifyBase:
        """A new one for each attempt: some keep connections and counts, and none says that threads may share it."""
        from apprise import Apprise

        _listen()
        plugin = Apprise.instantiate(self._url)
        if plugin is None:
            scheme = self._url.partition("://")[0]
            raise ValueError(f"Apprise does not understand this address of {scheme}://; its wiki shows each service's")
        plugin.request_rate_per_sec = 0
        plugin.throttle = _at_once  # type: ignore[method-assign]  # "Retry-After" makes some wait whatever the rate
        return plugin

    def _form(self, message: Message) -> dict[str, Any]:
        """Mail gets HTML, of which Apprise makes the plain part too; all others text, which it dresses for each."""
        from apprise import NotifyFormat, OverflowMode

        html = self._url.partition("://")[0].lower() in MAIL
        return {
            "title": message.subject,
            "body": message.html if html else message.text,
            "body_format": NotifyFormat.HTML if html else NotifyFormat.TEXT,
            # Cut off, nobody would know what was missing.
            **({} if "overflow=" in self._url else {"overflow": OverflowMode.SPLIT}),
        }


def _at_once(*_: object, **__: object) -> None:
    """In place of Apprise's waiting."""


def _failed(said: list[str]) -> Sent:
    text = " ".join(" ".join(said).split()) or "the service refused it and did not say why"
    found = STATUS.search(text)
    status = int(found[1]) if found else None
    if status == 429:
        return Sent("refused", status, BUSY_FOR, text)
    if "timed out" in text or "Timeout" in text:
        return Sent("timeout", status, None, text)
    if "onnection error" in text or "Socket Exception" in text:
        return Sent("unreachable", status, None, text)
    return Sent("status" if status and status >= 500 else "refused", status, None, text)


class _Ear(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        said = getattr(_lines, "said", None)
        if said is not None and len(said) < LINES and (record.levelno >= logging.WARNING or CAUSE.search(record.msg)):
            said.append(record.getMessage()[:500])


def _listen() -> None:
    """Apprise's log goes to whoever waits for this attempt, and nowhere else: it may hold addresses."""
    logger = logging.getLogger("apprise")
    with _listening:
        if not any(isinstance(one, _Ear) for one in logger.handlers):
            logger.addHandler(_Ear())
            logger.setLevel(logging.DEBUG)  # the cause of a failure stands there
            logger.propagate = False
