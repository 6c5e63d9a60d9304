"""Bodies as they come over the wire, decompressed within a limit.

Only gzip and deflate are asked for: zlib decodes them step by step with a bound on what each step may give, so that a
small body cannot fill the memory. (httpx and httpcore decode a chunk whole, whatever it grows to.)
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from ingest.errors import HostUnreachable, Permanent, Refused

ACCEPT_ENCODING = "gzip, deflate"
_STEP = 1 << 18  # most bytes that one step may give
_GZIP = zlib.MAX_WBITS | 16


def decode_body(chunks: Iterable[bytes], encoding: str, limit: int, url: str) -> bytes:
    """The whole body: `chunks` decompressed as the header Content-Encoding says.

    Raises Refused (`too-large`) once it, compressed or not, is over `limit` bytes; Permanent (`encoding`) for an
    encoding that was not asked for; HostUnreachable (`cut-off`) where the compressed data are broken.
    """
    names = [name for name in (part.strip().lower() for part in encoding.split(",")) if name not in {"", "identity"}]
    if not names:
        return b"".join(_bounded(chunks, limit, url))
    if len(names) > 1 or names[0] not in {"gzip", "x-gzip", "deflate"}:
        raise Permanent(
            f"{url} came encoded as {encoding!r}, though only {ACCEPT_ENCODING} was accepted", reason="encoding"
        )
    try:
        return b"".join(_bounded(_inflated(_bounded(chunks, limit, url), names[0]), limit, url))
    except (zlib.error, EOFError) as error:
        raise HostUnreachable(f"{url}: its {names[0]} data are broken: {error}", reason="cut-off") from None


def too_large(url: str, limit: int) -> Refused:
    """What is said about a body over its limit."""
    return Refused(f"{url} is larger than {limit:,} bytes (KAWAT_PAGE_BYTES)", reason="too-large")


def _bounded(chunks: Iterable[bytes], limit: int, url: str) -> Iterable[bytes]:
    seen = 0
    for chunk in chunks:
        seen += len(chunk)
        if seen > limit:
            raise too_large(url, limit)
        yield chunk


def _inflated(chunks: Iterable[bytes], name: str) -> Iterable[bytes]:
    """Decompressed pieces of at most `_STEP` bytes. Raises zlib.error, EOFError where the data end too early."""
    inflate = None
    for chunk in chunks:
        data = chunk
        if inflate is None and data:
            window = _window(data, name)
            if window is None:  # said to be compressed, and is not
                yield data
                yield from chunks
                return
            inflate = zlib.decompressobj(window)
        while data and inflate is not None:
            if inflate.eof:  # the next member of a gzip file; anything else after the end is padding
                if name == "deflate" or not data.startswith(b"\x1f\x8b"):
                    break
                inflate = zlib.decompressobj(_GZIP)
            piece = inflate.decompress(data, _STEP)
            data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
            if piece:
                yield piece
    while inflate is not None and not inflate.eof:
        piece = inflate.decompress(inflate.unconsumed_tail, _STEP)
        if not piece:
            raise EOFError("the end is missing")
        yield piece


def _window(first: bytes, name: str) -> int | None:
    """zlib's window for what the first bytes look like; None: not compressed at all."""
    if name == "deflate":  # RFC 9110 means zlib's format, some servers send the bare one
        return zlib.MAX_WBITS if first[0] & 0x0F == 8 and _is_zlib(first) else -zlib.MAX_WBITS
    return _GZIP if first[:2] == b"\x1f\x8b" or first == b"\x1f" else None


def _is_zlib(first: bytes) -> bool:
    return len(first) < 2 or int.from_bytes(first[:2], "big") % 31 == 0
