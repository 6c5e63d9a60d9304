"""Kawat's own webhook: one POST of JSON (`payload.py`), signed, under an idempotency key.

    Idempotency-Key: the delivery's id, the same however often it is sent
    Kawat-Timestamp: Unix seconds of this attempt
    Kawat-Signature: v1=HEX, the HMAC-SHA256 of "TIMESTAMP.BODY" by the address's `secret`

The receiver makes the same sum over the bytes it got, compares in constant time, and refuses old timestamps: who
listened cannot send it again later. Any 2xx means that it arrived.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx

from search.notify.sending import Message, Sent

SCHEMES = ("webhook+https", "webhook+http")
TIMEOUT = 10.0  # seconds that one attempt may take
ANSWER = 2_000  # bytes of a refusal that are read: its first line goes into the error
LONGEST = 86_400.0
OURS = ("secret", "timeout", "verify")  # parameters of the address that are not the receiver's


@cache
def trusted() -> ssl.SSLContext:
    """The certificates that are trusted: read once, that takes 25 ms."""
    return httpx.create_ssl_context()


class Webhook:
    """One receiver. `secret`: shared with it; without one nothing is signed."""

    def __init__(self, url: str, secret: str = "", *, timeout: float = TIMEOUT, verify: bool = True) -> None:
        self._url, self._secret, self.timeout = url, secret.encode(), timeout
        self._verify = verify

    def send(self, message: Message, key: str) -> Sent:
        """One attempt. Redirects are not followed: what is signed for one host goes to no other."""
        body = message.json_.encode()
        try:
            verify = trusted() if self._verify else False
            with httpx.Client(timeout=self.timeout, verify=verify, trust_env=True) as client:
                return self._posted(client, body, {**self._headers(body), "Idempotency-Key": key})
        except httpx.TimeoutException as error:
            return Sent("timeout", error=f"no answer within {self.timeout:g} s ({type(error).__name__})")
        except httpx.HTTPError as error:
            return Sent("unreachable", error=f"{type(error).__name__}: {error}")

    def _posted(self, client: httpx.Client, body: bytes, headers: dict[str, str]) -> Sent:
        ends = time.monotonic() + self.timeout
        with client.stream("POST", self._url, content=body, headers=headers) as answer:
            status = answer.status_code
            if 200 <= status < 300:
                return Sent(status=status)
            said = b""
            for part in answer.iter_bytes():
                said += part
                if len(said) >= ANSWER or time.monotonic() > ends:
                    break
            return Sent(
                "status" if status >= 500 else "refused",
                status=status,
                retry_after=retry_after(answer.headers.get("Retry-After"), datetime.now(UTC)),
                error=f"HTTP {status}{_first_line(said)}",
            )

    def _headers(self, body: bytes) -> dict[str, str]:
        stamp = str(int(time.time()))
        signed = {"Kawat-Signature": signature(self._secret, stamp, body)} if self._secret else {}
        return {"Content-Type": "application/json", "User-Agent": "Kawat", "Kawat-Timestamp": stamp, **signed}


def webhook(url: str) -> Webhook:
    """By its address in the settings: `webhook+https://host/path?secret=…&timeout=…&verify=no`; other parameters stay
    the receiver's. Raises ValueError."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("its address has no host: webhook+https://host/path?secret=…")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    theirs = urlencode([pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in OURS])
    try:
        timeout = float(given.get("timeout", TIMEOUT))
    except ValueError:
        timeout = 0.0
    if not 0 < timeout <= 30:
        raise ValueError("its timeout has to be a number of seconds, 30 at most")
    address = urlunsplit((parts.scheme.lower().removeprefix("webhook+"), parts.netloc, parts.path or "/", theirs, ""))
    verify = given.get("verify", "yes").lower() not in {"no", "false", "0"}
    return Webhook(address, given.get("secret", ""), timeout=timeout, verify=verify)


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """What the header Kawat-Signature says."""
    return "v1=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds, of a number or an HTTP date; None where it says neither. A day at most."""
    if not header:
        return None
    text = header.strip()
    if text.isdecimal() and len(text) < 12:
        return min(float(text), LONGEST)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - now).total_seconds()), LONGEST)


def _first_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return f": {lines[0][:200]}" if lines else ""
