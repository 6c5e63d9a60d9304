"""URLs: what a server is asked for, and what an article is known by.

Two forms, two functions. `fetchable_url` cleans an address and keeps all that a server needs. `canonical_url` is for
identity only: it folds what does not change the article (scheme, `www.`, tracking parameters, order of parameters, AMP
and mobile variants, sessions; which, and why, stands in `ingest.variants`).
Addresses are read as browsers read them (the URL Standard), for so their writers tried them; percent-encoding follows
RFC 3986 section 6.2.2, dot segments its section 5.2.4, hosts ingest/hostnames.py. docs/suites.md lists the differences.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import SplitResult, urljoin, urlsplit

from ingest.errors import Refused
from ingest.hostnames import ascii_host
from ingest.variants import cached_address, folded_host, folded_path, folded_query, without_tracking, without_www

LONGEST_URL = 4096  # characters; Google News' own redirect links reach about 1,500
DEFAULT_PORTS = {"http": 80, "https": 443}

_AROUND = "".join(map(chr, range(0x21))) + "\x7f\xa0\ufeff\u200b\u2028\u2029"  # stripped at both ends
_LINE_BREAKS = str.maketrans("", "", "\t\r\n")  # dropped inside, as browsers do
_HEAD = re.compile(r"(?:(?P<scheme>[a-z][a-z0-9+.-]*):)?(?P<slashes>[/\\]*)(?P<rest>[^?#]*)", re.IGNORECASE)
_BRACKETED = re.compile(r"\[[^\[\]]*\](?::\d*)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CREDENTIALS = re.compile(r"//[^/?#\\]*@")  # nobody's password belongs into a message
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|%")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = _UNRESERVED | frozenset("%!$&'()*+,;=:@/")
_QUERY_SAFE = (_PATH_SAFE | frozenset("?")) - frozenset("'")  # browsers send %27, and both mean one address


def fetchable_url(url: str, base: str | None = None) -> str:
    """`url`, resolved against `base`, in the form to ask a server for: http(s), lower-case ASCII host, no credentials,
    no fragment, no default port, dot segments resolved, percent-encoding normalised; parameters untouched.

    Raises Refused (reason `bad-url`) that names the URL and its fault.
    """
    scheme, host, port, path, query = _parts(url, base)
    return _join(scheme, host, port, path, query)


def canonical_url(url: str) -> str:
    """The form by which an article is known: `fetchable_url`, then https and the folding of `ingest.variants`: no
    `www.`, no tracking parameters, no sessions, no AMP or mobile form; parameters sorted by name (equal names keep
    their order: `a=1&a=2` is not `a=2&a=1`). Idempotent; may not be fetchable.

    A port other than the scheme's own names another service: its scheme and host are kept as they are.
    Raises Refused (reason `bad-url`).
    """
    parts = _parts(url, None)
    while (inner := cached_address(parts[1], *parts[3:])) is not None:  # each is shorter than the last
        try:
            parts = _parts(inner, None)
        except Refused:
            break
    scheme, host, port, path, query = parts
    if port is None:
        scheme, host = "https", folded_host(host)
    before = None
    while before != (path, query):  # /a/amp/amp: each round takes something away
        before = path, query
        path = _without_dots(folded_path(path)) or "/"
        query = folded_query(query, path)
    return _join(scheme, host, port, path, query)


def article_id(url: str) -> str:
    """32 hex digits (128 bits of SHA-256) of the canonical URL. Raises Refused."""
    return _digest(canonical_url(url), 32)


def entry_id(feed_id: str | None, url: str | None, guid: str | None) -> str:
    """An entry's id, 32 hex digits: its link's article id, so that two feeds that list one link mean one entry; without
    a link, made of its feed and guid. Raises Refused for a bad link, ValueError where there is nothing to go by.
    """
    if url:
        return article_id(url)
    if not guid:
        raise ValueError("an entry needs a link or a guid")
    return _digest(f"guid\n{feed_id or ''}\n{guid}", 32)


def feed_id(url: str) -> str:
    """16 hex digits of the feed's address without scheme, `www.` and tracking: a site's mobile feed may be another than
    its desktop feed, and `/feed/amp` may be about amps. Raises Refused.
    """
    scheme, host, port, path, query = _parts(url, None)
    if port is None:
        scheme, host = "https", without_www(host)
    return _digest(_join(scheme, host, port, path, without_tracking(query)), 16)


def host_of(url: str) -> str:
    """The host, with `:port` where that is not the scheme's own: `example.com`, `127.0.0.1:8009`. Raises Refused."""
    _scheme, host, port, _path, _query = _parts(url, None)
    return host if port is None else f"{host}:{port}"


def _parts(url: str, base: str | None) -> tuple[str, str, int | None, str, str]:
    """Scheme, host, port (None: the scheme's own), path and query, each normalised."""
    split = _split(url, base)
    if split.scheme not in DEFAULT_PORTS:
        what = f"the scheme {split.scheme!r}" if split.scheme else "no scheme"
        raise _bad(url, f"it has {what}; http and https are read")
    try:
        port = split.port
    except ValueError:
        raise _bad(url, "its port is no number from 1 to 65535") from None
    if port == 0:
        raise _bad(url, "its port is no number from 1 to 65535")
    if "[" in split.netloc and not _BRACKETED.fullmatch(split.netloc):  # Python passes over what follows the bracket
        raise _bad(url, f"{split.netloc!r} is no IPv6 address")
    try:
        host = ascii_host(split.hostname or "")
    except ValueError as error:
        raise _bad(url, str(error)) from None
    path = _without_dots(_escaped(split.path, _PATH_SAFE)) or "/"
    return (
        split.scheme,
        host,
        None if port == DEFAULT_PORTS[split.scheme] else port,
        path,
        _escaped(split.query, _QUERY_SAFE),
    )


def _split(url: str, base: str | None) -> SplitResult:
    if len(url) > LONGEST_URL:
        raise _bad(url, f"it is longer than {LONGEST_URL} characters")
    text = url.strip(_AROUND).translate(_LINE_BREAKS)
    if _SURROGATE.search(text):  # halves of characters: pairs are joined, what stands alone is none
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if text[:5].lower() == "feed:":  # feed://host/… and feed:https://host/…, as some pages and readers write them
        text = "http:" + text[5:] if text[5:7] == "//" else text[5:]
    try:
        text = _as_browsers_read(text, urlsplit(base).scheme if base is not None else None, url)
        return urlsplit(urljoin(base, text) if base is not None else text)
    except ValueError as error:
        raise _bad(url, str(error)) from None


def _as_browsers_read(text: str, base_scheme: str | None, url: str) -> str:
    """`text` by RFC 3986, so that it means what the URL Standard (section 4.4) says that it means: backslashes before
    the query are slashes, `https:host/` has a host unless its base has that scheme; credentials go.

    Stricter in two points: three slashes are a host left out, not a host further on; and with a backslash before an
    `@` readers differ about what the host is. Raises Refused for both.
    """
    found = _HEAD.match(text)
    scheme = found and (found["scheme"] or "").lower()
    if found is None or (scheme and scheme not in DEFAULT_PORTS):
        return text
    slashes, rest, after = len(found["slashes"]), found["rest"], text[found.end() :]
    if slashes > 2:
        raise _bad(url, "it has no host")
    if scheme and slashes < 2 and scheme == base_scheme:
        path = found["slashes"] + rest
        return (path if slashes or not rest else "./" + path).replace("\\", "/") + after
    if not scheme and slashes < 2:
        return (found["slashes"] + rest).replace("\\", "/") + after
    authority, _, path = rest.partition("/")
    if "@" in authority.partition("\\")[2]:
        raise _bad(url, "a backslash stands in its host, where readers differ about what the host is")
    authority, slash, path = rest.replace("\\", "/").partition("/")
    return f"{scheme}{':' if scheme else ''}//{authority.rpartition('@')[2]}{slash}{path}{after}"


def _escaped(text: str, safe: frozenset[str]) -> str:
    """Percent-encoding in one form: escapes of unreserved characters undone, hex in upper case, the rest escaped."""

    def one(found: re.Match[str]) -> str:
        if found[1] is None:
            return "%25"
        character = chr(int(found[1], 16))
        return character if character in _UNRESERVED else found[0].upper()

    text = _ESCAPE.sub(one, text)
    if all(character in safe for character in text):
        return text
    return "".join(
        character
        if character in safe
        else "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
        for character in text
    )


def _without_dots(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)


def _join(scheme: str, host: str, port: int | None, path: str, query: str) -> str:
    return f"{scheme}://{host}{'' if port is None else f':{port}'}{path}{'?' + query if query else ''}"


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:digits]


def _bad(url: str, why: str) -> Refused:
    shown = _CREDENTIALS.sub("//…@", url)
    shown = shown if len(shown) <= 200 else shown[:200] + "…"
    return Refused(f"not a usable URL: {shown!r}: {why}", reason="bad-url")
