"""Who may see the page and the API where a token is set (`KAWAT_TOKEN`): its bearer, whoever logged in with it, and
readers of a single feed.

The token itself goes over the line only in the Authorization header and the login form. The cookie holds a time and
its signature. A feed reader, which can send neither, gets an address with a key that opens that one feed: it stands in
logs and is handed on to services, so it must not open anything else. All keys end with the token that they are made of.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from search.web.problems import problem

COOKIE = "kawat_session"
LASTS = 30 * 24 * 3600  # seconds that a login is good for
FEEDS = {  # what each address is a feed of, for its key
    **dict.fromkeys(("/api/search.rss", "/api/search.atom"), "feed"),
    **dict.fromkeys(("/api/alerts.rss", "/api/alerts.atom"), "alerts"),
}
OPEN = ("/static/", "/login", "/healthz", "/readyz")  # nothing of it is anybody's
LOCAL = ("/api/", "/live/stream", "/alerts/stream", "/metrics")  # asked by programs, which cannot log in
UNBOUND = frozenset({"key", "size"})  # parameters of a feed that its key says nothing of


class Access:
    """What opens the page, all made of one token."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def secret(self, purpose: str) -> bytes:
        """A key for one purpose, from which neither the token nor another one can be told."""
        return hmac.new(self._token, f"kawat {purpose}".encode(), hashlib.sha256).digest()

    def is_token(self, given: str) -> bool:
        return hmac.compare_digest(_digest(given.encode()), _digest(self._token))

    def session(self, now: float | None = None) -> str:
        """The cookie of who logs in now."""
        ends = str(int(time.time() if now is None else now) + LASTS)
        return f"{ends}.{self._signed('session', ends)}"

    def is_session(self, cookie: str, now: float | None = None) -> bool:
        ends, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signed("session", ends).encode()):
            return False
        return int(ends) > (time.time() if now is None else now)

    def feed_key(self, parameters: Iterable[tuple[str, str]], of: str = "feed") -> str:
        """What opens the feed with these parameters, as RSS and as Atom. `of`: what it is a feed of (FEEDS)."""
        bound = sorted((name, value) for name, value in parameters if name not in UNBOUND)
        return self._signed(of, urlencode(bound))[:32]

    def keyed(self, address: str) -> str:
        """The address of a feed with its key; any other address as it is."""
        path, _, query = address.partition("?")
        if path not in FEEDS:
            return address
        given = parse_qsl(query, keep_blank_values=True)
        return f"{path}?{urlencode([*given, ('key', self.feed_key(given, FEEDS[path]))])}"

    def is_feed_key(self, path: str, query: str) -> bool:
        """Whether this query string carries the key of its own feed."""
        parameters = parse_qsl(query, keep_blank_values=True)
        given = dict(parameters).get("key", "")
        return hmac.compare_digest(given.encode(), self.feed_key(parameters, FEEDS[path]).encode())

    def _signed(self, purpose: str, text: str) -> str:
        return hmac.new(self.secret(purpose), text.encode(), hashlib.sha256).hexdigest()


class Door:
    """ASGI middleware: lets in whom `Access` knows; sends people to the login, tells programs what they need."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._may(scope):
            await self._refusal(scope)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may(self, scope: Scope) -> bool:
        path: str = scope["path"]
        if path.startswith(OPEN[0]) or path in OPEN[1:]:
            return True
        headers = Headers(scope=scope)
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self._access.is_token(given.strip()):
            return True
        if self._access.is_session(session_of(headers)):
            return True
        return path in FEEDS and self._access.is_feed_key(path, scope["query_string"].decode("latin-1"))

    def _refusal(self, scope: Scope) -> ASGIApp:
        path: str = scope["path"]
        if path.startswith(LOCAL) or scope["method"] not in {"GET", "HEAD"}:
            detail = "this needs the token: Authorization: Bearer … (KAWAT_TOKEN of the server)"
            answer = problem("token", 401, detail)
            answer.headers["WWW-Authenticate"] = 'Bearer realm="Kawat"'
            return answer
        asked = path + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
        return RedirectResponse(f"/login?next={quote(asked, safe='')}" if asked != "/" else "/login", 303)


def session_of(headers: Headers) -> str:
    """The session cookie that came with a request, or nothing."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def onward(given: str) -> str:
    """Where to go after the login: an address of ours, whatever the link said."""
    local = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable() and "\\" not in given
    return given if local and len(given) < 8_000 else "/"


def _digest(given: bytes) -> bytes:
    return hashlib.sha256(given).digest()  # of one length: how long the token is cannot be told either
