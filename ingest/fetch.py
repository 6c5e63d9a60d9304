"""The one place that goes out to the network: a GET, bounded in time and size, that never enters a private network.

Fetched within limits: public addresses only (ingest/addresses.py), http and https, five redirects, one deadline for all
of it, a body of a bounded size after decompression (ingest/decoding.py). No proxies, no cookies, no credentials.
A status is one of:

    200, 203            Response
    304                 Response, not modified (only where the request was conditional)
    301 302 303 307 308 followed, each after the caller's leave (`on_redirect`)
    everything else     an error (ingest/statuses.py)
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Protocol, Self
from urllib.parse import urlsplit

import httpcore
import httpx

from ingest.addresses import Deadline, GuardedBackend, Resolve, resolve
from ingest.dates import now
from ingest.decoding import ACCEPT_ENCODING, decode_body, too_large
from ingest.errors import HostUnreachable, IngestError, Permanent, Refused
from ingest.freshness import fresh_for
from ingest.records import Record
from ingest.statuses import GUARDED, failure
from ingest.urls import fetchable_url

PAGE_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.8,*/*;q=0.5"
FEED_ACCEPT = (
    "application/rss+xml,application/atom+xml,application/feed+json,application/rdf+xml;q=0.9,"
    "application/xml;q=0.8,text/xml;q=0.8,application/json;q=0.7,*/*;q=0.5"
)
MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_LONGEST_HEADER = 1000  # characters kept of ETag, Last-Modified, Content-Type
_DRAINED = 1 << 16  # bytes of an unwanted body read to keep its connection; above, it is closed
_KEPT_IDLE = 15.0  # seconds a connection stays open for the next request
_TOO_LONG = "Receive buffer too long"  # what h11 says of a head (or a chunk's, or trailers) above httpcore's 100 kB
OnRedirect = Callable[[str], None]  # is told each further address before it is asked; what it raises ends the request
_CHARS = re.compile(r"[^\x20-\x7e]")


class Response(Record):
    """What came back. `status` is 200 or 304; `body` is decompressed, empty with 304."""

    url: str  # the last one, after redirects
    status: int
    body: bytes
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    permanent_url: str | None = None  # where to ask from now on: only 301 and 308 led there
    max_age: int | None = None  # seconds that it stays fresh, by Cache-Control or Expires
    robots_tag: str | None = None  # X-Robots-Tag, all of them joined by commas
    tdm_reservation: str | None = None

    @property
    def not_modified(self) -> bool:
        return self.status == 304


class Fetcher(Protocol):
    """The network as poll and fetch see it."""

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = PAGE_ACCEPT,
        on_redirect: OnRedirect | None = None,
    ) -> Response:
        """One GET. Raises IngestError, as the module says, and whatever `on_redirect` raises, as it is."""
        ...


class HttpFetcher:
    """The real one. Safe to share between threads (each call blocks its own); build it after a fork, not before.

    `timeout`: seconds for one call, redirects included. `max_bytes`: largest body, compressed or not. `allowed_hosts`:
    host or host:port that may be a private address. `resolver` gives a name's addresses (tests hand in their own).
    """

    def __init__(
        self,
        user_agent: str,
        timeout: float,
        max_bytes: int,
        allowed_hosts: frozenset[str] = frozenset(),
        *,
        resolver: Resolve = resolve,
    ) -> None:
        self._user_agent = _CHARS.sub("?", user_agent)
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._deadline = Deadline()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=None,
            max_keepalive_connections=32,
            keepalive_expiry=_KEPT_IDLE,
            network_backend=GuardedBackend(allowed_hosts, self._deadline, resolver),
        )

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = PAGE_ACCEPT,
        on_redirect: OnRedirect | None = None,
    ) -> Response:
        """One GET, redirects followed. Raises Refused, Permanent, Gone, Forbidden, HostBusy, HostUnreachable.

        `on_redirect` may use this fetcher itself (for a robots.txt); its time counts into this call's.
        """
        headers = {"User-Agent": self._user_agent, "Accept": accept, "Accept-Encoding": ACCEPT_ENCODING}
        if etag:
            headers["If-None-Match"] = _CHARS.sub("", etag)
        if last_modified:
            headers["If-Modified-Since"] = _CHARS.sub("", last_modified)
        until = time.monotonic() + self._timeout
        here = fetchable_url(url)
        permanent = True
        for hop in range(MOST_REDIRECTS + 1):
            if hop and on_redirect is not None:
                on_redirect(here)
            self._deadline.at = until
            answer = self._ask(here, headers)
            if isinstance(answer, Response):
                return answer.model_copy(update={"permanent_url": here}) if hop and permanent else answer
            here, lasting = answer
            permanent = permanent and lasting
        raise Permanent(f"{url} led through more than {MOST_REDIRECTS} redirects, last to {here}", reason="redirects")

    def close(self) -> None:
        """Closes every connection."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, url: str, headers: dict[str, str]) -> Response | tuple[str, bool]:
        """One request: its response, or where it redirects to and whether for good."""
        asked = [("Host", urlsplit(url).netloc), *headers.items()]
        try:
            raw = self._send(httpcore.Request("GET", url, headers=asked))
            try:
                return self._read(url, raw, conditional=any(name.startswith("If-") for name in headers))
            finally:
                raw.close()
        except httpcore.TimeoutException:
            raise HostUnreachable(f"{url} did not answer whole within {self._timeout:g} s", reason="timeout") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            if _TOO_LONG in str(error):  # a head without end: asking again would bring the same
                raise Refused(f"{url} sends a head without end; 100 kB are read", reason="too-large") from None
            raise HostUnreachable(f"{url}: {error or type(error).__name__}", reason=_reason(error)) from None

    def _send(self, request: httpcore.Request) -> httpcore.Response:
        """The response's head. A kept connection may have been closed at its other end just as it is used again: then,
        and only then, the request is sent once more."""
        request.extensions = {"timeout": {"pool": self._timeout}}
        self._deadline.reused = False
        try:
            return self._pool.handle_request(request)
        except (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError):
            if not self._deadline.reused:
                raise
        return self._pool.handle_request(request)

    def _read(self, url: str, raw: httpcore.Response, *, conditional: bool) -> Response | tuple[str, bool]:
        head = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw.headers}
        status = raw.status
        if status in _REDIRECTS:
            self._drain(raw, head)
            if not head.get("location"):
                raise Permanent(f"{url} answered {status} without saying where to", reason="redirects")
            return fetchable_url(_location(head["location"]), base=url), status in _PERMANENT
        if status not in {200, 203} and not (status == 304 and conditional):
            raise failure(url, status, head, self._said(raw, head) if status in GUARDED else self._drain(raw, head))
        body = b""
        if status != 304:
            if head.get("content-length", "").isdigit() and int(head["content-length"][:20]) > self._max_bytes:
                raise too_large(url, self._max_bytes)
            body = decode_body(raw.iter_stream(), head.get("content-encoding", ""), self._max_bytes, url)
        else:
            self._drain(raw, head)
        return Response(
            url=url,
            status=304 if status == 304 else 200,
            body=body,
            content_type=_kept(head.get("content-type")),
            etag=_kept(head.get("etag")),
            last_modified=_kept(head.get("last-modified")),
            max_age=fresh_for(head, now()),
            robots_tag=_kept(", ".join(v.decode("latin-1") for n, v in raw.headers if n.lower() == b"x-robots-tag")),
            tdm_reservation=_kept(head.get("tdm-reservation")),
        )

    def _said(self, raw: httpcore.Response, head: dict[str, str]) -> bytes:
        """The small page that came with a refusal: it tells a challenge from a plain no. Empty where it cannot be read,
        which changes nothing of the refusal."""
        try:
            return decode_body(raw.iter_stream(), head.get("content-encoding", ""), _DRAINED, "")
        except (IngestError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
            return b""

    def _drain(self, raw: httpcore.Response, head: dict[str, str]) -> bytes:
        """Reads a small unwanted body to its end, so that the connection can be kept; none of it is given."""
        length = head.get("content-length", "")
        if raw.status == 304 or (length.isdigit() and int(length[:20]) <= _DRAINED):
            for _ in raw.iter_stream():
                pass
        return b""


def _reason(error: Exception) -> str:
    text = str(error).lower()
    if "not resolved" in text or "no address" in text:
        return "dns"
    if "ssl" in text or "certificate" in text:
        return "tls"
    if isinstance(error, httpcore.ConnectError):
        return "refused" if "refused" in text else "unreachable"
    return "cut-off"


def _location(value: str) -> str:
    """Servers send raw UTF-8 in Location; header bytes arrive as Latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value


def _kept(value: str | None) -> str | None:
    return value if value and len(value) <= _LONGEST_HEADER else None
