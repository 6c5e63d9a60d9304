"""Logs: one JSON object a line, or coloured lines in a terminal; the same for structlog and the standard library.

What comes from feeds and pages may stand in a log line: control characters are escaped, so that no value can forge a
line or move a terminal's cursor. Secrets are masked by key and by value.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from pydantic import SecretStr

from worker.settings import MASK, Settings, without_password

SECRET_KEYS = re.compile(r"password|passwd|secret|api_?key|authorization|cookie|credential", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")  # C0, C1, line and direction marks
CONTROL_BUT_NEWLINE = re.compile(CONTROL.pattern.replace(r"\x00-\x1f", r"\x00-\x08\x0b-\x1f"))
DEPTH = 4  # levels of nested values that are looked into; deeper ones are shown as text
QUIET = ("httpx", "httpcore", "elastic_transport", "urllib3", "kombu", "amqp")  # a line for each request tells nothing

Event = MutableMapping[str, Any]


class Masking:
    """Takes secrets out of a log entry: values under telling keys, known values wherever they stand."""

    def __init__(self, known: tuple[str, ...]) -> None:
        self._known = tuple(value for value in known if len(value) >= 4)  # shorter ones would mask half of the text

    def __call__(self, logger: object, name: str, event: Event) -> Event:
        return {key: MASK if SECRET_KEYS.search(key) else self._masked(value, 0) for key, value in event.items()}

    def text(self, value: str) -> str:
        for secret in self._known:
            value = value.replace(secret, MASK)
        return without_password(value) if "://" in value else value

    def _masked(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bool | int | float | None):
            return value
        if isinstance(value, Mapping) and depth < DEPTH:
            return {
                str(key): MASK if SECRET_KEYS.search(str(key)) else self._masked(one, depth + 1)
                for key, one in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset) and depth < DEPTH:
            return [self._masked(one, depth + 1) for one in value]
        return self.text(str(value))


def escaped(text: str) -> str:
    """`text` on one line, nothing in it that a terminal obeys."""
    return CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def escape_controls(logger: object, name: str, event: Event) -> Event:
    """For lines in a terminal; JSON escapes by itself. A traceback keeps its lines, but not what could act."""
    for key, value in event.items():
        if key == "exception" and isinstance(value, str):
            event[key] = CONTROL_BUT_NEWLINE.sub(lambda found: escaped(found.group()), value)
        elif isinstance(value, str):
            event[key] = escaped(value)
        elif not isinstance(value, bool | int | float | None):
            event[key] = escaped(str(value))
    return event


def known_secrets(settings: Settings) -> tuple[str, ...]:
    """The secret values in force."""
    from urllib.parse import unquote, urlsplit

    secret = (value for name in type(settings).model_fields if isinstance(value := getattr(settings, name), SecretStr))
    found = [value.get_secret_value() for value in secret]
    found += [one for channel in settings.named_channels for one in channel.secrets]
    for url in (settings.redis_url, settings.elasticsearch_url):
        password = urlsplit(url).password
        if password:
            found += [password, unquote(password)]
    return tuple(dict.fromkeys(found))


def configure(settings: Settings, process: str, stream: TextIO | None = None) -> None:
    """Sets up logging for this process, on stderr. `process` stands in each line. May be called again."""
    stream = stream or sys.stderr
    in_json = settings.log_format == "json" or (settings.log_format == "auto" and not stream.isatty())

    def name_process(logger: object, name: str, event: Event) -> Event:
        event.setdefault("process", process)
        return event

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_process,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    last: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        Masking(known_secrets(settings)),
    ]
    if in_json:
        last.append(structlog.processors.JSONRenderer(ensure_ascii=True))
    else:
        last += [escape_controls, structlog.dev.ConsoleRenderer(colors=stream.isatty())]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=last, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    level = getattr(logging, settings.log_level.upper())
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    for noisy in QUIET:
        logging.getLogger(noisy).setLevel(logging.DEBUG if level == logging.DEBUG else logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
