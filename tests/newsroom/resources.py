"""Bytes that are ready to be served: compressed once, with their validators (RFC 9110 §8.8, §13.1)."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from tests.newsroom.server import Request, Response

LEVEL = 4  # 300 kB of news page in about 4 ms; level 9 saves another 3 % and takes four times as long


@dataclass(frozen=True, slots=True)
class Resource:
    """One representation. Only the compressed bytes are kept: 87 real pages take 5 MB instead of 26."""

    packed: bytes
    content_type: str
    tag: str
    modified: datetime
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls, body: bytes, content_type: str, modified: datetime, headers: tuple[tuple[str, str], ...] = ()
    ) -> Resource:
        tag = hashlib.blake2b(body, digest_size=10).hexdigest()
        packed = gzip.compress(body, compresslevel=LEVEL, mtime=0)
        return cls(packed, content_type, tag, modified.astimezone(UTC).replace(microsecond=0), headers)

    def response(self, request: Request) -> Response:
        """200 with body, or 304 where the client's validators hold; gzip where it is accepted."""
        zipped = _accepts_gzip(request.headers.get("accept-encoding", ""))
        headers = (
            ("Content-Type", self.content_type),
            ("ETag", f'"{self.tag}-gzip"' if zipped else f'"{self.tag}"'),
            ("Last-Modified", format_datetime(self.modified, usegmt=True)),
            ("Vary", "Accept-Encoding"),
            *self.headers,
        )
        if self._unchanged(request.headers):
            return Response(304, headers[1:])
        if zipped:
            return Response(200, (*headers, ("Content-Encoding", "gzip")), self.packed)
        return Response(200, headers, zlib.decompress(self.packed, wbits=31))

    def _unchanged(self, headers: dict[str, str]) -> bool:
        known = headers.get("if-none-match")
        if known is not None:  # If-Modified-Since counts only without it
            tags = {tag.strip().removeprefix("W/").strip('"').removesuffix("-gzip") for tag in known.split(",")}
            return self.tag in tags or known.strip() == "*"
        try:
            return parsedate_to_datetime(headers["if-modified-since"]) >= self.modified
        except (KeyError, ValueError, TypeError):  # no date or none to compare with: ignored, as the RFC says
            return False


def _accepts_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        coding, _, weight = part.strip().partition(";")
        if coding.strip() in {"gzip", "x-gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
