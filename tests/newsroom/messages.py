"""A request as read, a response as sent."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

from tests.newsroom.log import Seen


@dataclass(frozen=True, slots=True)
class Request:
    """One request as read; header names in lower case, `target` is path and query as sent."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    peer: str
    http10: bool = False

    @property
    def host(self) -> str:
        return self.headers.get("host", "")


@dataclass(frozen=True, slots=True)
class Response:
    """What to send. `body` may be a stream: it is sent chunked unless the headers give a Content-Length.

    `delay` in seconds before the first byte. `close` ends the connection afterwards. `logged` False keeps a control
    request out of the log.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | Callable[[], AsyncIterator[bytes]] = b""
    delay: float = 0.0
    close: bool = False
    logged: bool = True


Answer = Callable[[Request], Response]


def as_seen(request: Request, status: int) -> Seen:
    """The request as the log keeps it, now."""
    return Seen(time.time(), request.method, request.target, request.host, status, request.headers, request.peer)


def response_head(response: Response, length: int | None, close: bool) -> bytes:
    """Status line and headers; `length` of the body in bytes, None for one that is streamed."""
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "Status"
    names = {name.lower() for name, _ in response.headers}
    lines = [f"HTTP/1.1 {response.status} {phrase}", f"Date: {formatdate(usegmt=True)}", "Server: newsroom"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    if length is not None and response.status not in {204, 304} and "content-length" not in names:
        lines.append(f"Content-Length: {length}")
    if length is None and "content-length" not in names:
        lines.append("Transfer-Encoding: chunked")
    lines.append(f"Connection: {'close' if close else 'keep-alive'}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
