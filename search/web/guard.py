"""What stands before every answer: whom the page talks to, and what it says so that a hostile article, page or site can
do nothing in the reader's browser.

Scripts and styles come from our own files alone, nothing may frame the page, nothing is sent elsewhere. A name that an
attacker's DNS points at this address is refused by the Host header; a form that another site sends, by what the browser
says of where it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search.web.problems import problem

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Nothing to other sites. Not no-referrer: under that, browsers say `Origin: null` of our own forms too (Fetch 3.2).
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
}
SANDBOX = "default-src 'none'; sandbox"  # of bytes that are not ours: a view may ask for this in the policy's place
READING = frozenset({"GET", "HEAD", "OPTIONS"})
HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]*))(?::[0-9]{0,5})?")
OURS = frozenset({"same-origin", "none"})  # Sec-Fetch-Site; none: typed in, or a bookmark
MOST_BODY = 12_000_000  # bytes; a list of feeds has less


class SecurityHeaders:
    """ASGI middleware: adds the headers; what is not said to be kept is not kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                stricter = headers.get("Content-Security-Policy") == SANDBOX
                for name, value in HEADERS.items():
                    headers[name] = value
                if stricter:
                    headers["Content-Security-Policy"] = SANDBOX
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


class KnownNames:
    """ASGI middleware: refuses requests that call this server by another name than `names` (`*`: any)."""

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "*" not in self._names:
            host = hostname(Headers(scope=scope).get("host", ""))
            if host not in self._names:
                detail = "this server is not called so; KAWAT_PAGE_HOSTS says which names it answers to"
                await problem("host", 400, detail)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class OwnForms:
    """ASGI middleware: refuses what changes something where a browser says that another site asks for it, or says so
    by its Origin; and bodies that are larger than any form. Programs send neither header, and may."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in READING:
            headers = Headers(scope=scope)
            if not same_site(headers):
                await problem("cross-site", 403, "another site asked for this")(scope, receive, send)
                return
            if "transfer-encoding" in headers:
                await problem("size", 411, "say how long the body is (Content-Length)")(scope, receive, send)
                return
            length = headers.get("content-length", "0")
            if not (length.isascii() and length.isdigit()) or int(length[:20]) > MOST_BODY:
                await problem("size", 413, f"more than {MOST_BODY:,} bytes are not taken")(scope, receive, send)
                return
        await self._app(scope, receive, send)


def same_site(headers: Headers) -> bool:
    """Whether a request that changes something comes from our own pages, or from no browser."""
    site = headers.get("sec-fetch-site")
    if site is not None:  # browsers say it where the page came over https or is local, and no script can
        return site in OURS
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:
        return False


def hostname(host: str) -> str:
    """The name in a Host header, without the port; empty where there is none, or what should be a port is none: the
    header comes back in the addresses of feeds."""
    found = HOST.fullmatch(host)
    return (found[1] or found[2]).lower().rstrip(".") if found else ""
