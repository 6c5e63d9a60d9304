"""What an operator may write where a service or a host is named. Faults are ValueErrors that never hold a password."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

LOGIN_KEY = re.compile(r"user|pass|pwd|secret|token|credential|api_?key|auth", re.IGNORECASE)
INVISIBLE = re.compile(r"[\s\x00-\x20\x7f-\x9f]")  # urlsplit drops some of them without a word
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
NAMED = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(:(?P<port>[0-9]{1,5}))?")


def service(url: str, schemes: Sequence[str], *, query: bool) -> str:
    """`url` as it is, its login where it can be told and masked: before the host. `query`: whether it may have one.

    Raises ValueError that says what is wrong and what to write.
    """
    if INVISIBLE.search(url):
        raise ValueError("it holds a space or a control character: write it as %20 and the like")
    try:
        parts = urlsplit(url)
    except ValueError:  # its text may quote the password
        raise ValueError("it is no usable address: the host cannot be read") from None
    if parts.scheme not in schemes:
        raise ValueError(f"it begins with {'://, '.join(schemes)}://")
    may_have_at = parts.scheme == "unix" and not parts.netloc  # a file's name may
    if parts.fragment or ("@" in parts.path + parts.query and not may_have_at):
        raise ValueError("an @ or # stands after the host: in a password write / as %2F, ? as %3F, # as %23, @ as %40")
    if parts.scheme == "unix" and parts.netloc and "@" not in parts.netloc:
        raise ValueError("a socket's whole path follows: unix:///run/valkey.sock, with three slashes")
    keys = [key for key, _ in parse_qsl(parts.query, keep_blank_values=True)]
    if any(LOGIN_KEY.search(key) for key in keys):
        raise ValueError(f"a login stands before the host, not in the query: {parts.scheme}://USER:PASSWORD@HOST…")
    if parts.query and not query:
        raise ValueError("it has a query (?…), which would be sent with nothing: leave it away")
    try:
        whole = bool(parts.port and parts.hostname)  # the port first: it raises
    except ValueError:
        raise ValueError("it is no usable address: the port is no number up to 65535") from None
    if parts.scheme in {"http", "https"} and not whole:
        raise ValueError("it names host and port, as https://search.example:9200 (443 where https has no other)")
    return url


def host(text: str) -> str:
    """`text` as a host or host:port, in lower case, an IPv6 address in brackets and in its shortest form.

    Raises ValueError that says what is wrong and what to write.
    """
    lowered = text.strip().lower()
    if "://" in lowered:
        raise ValueError(f"{text!r} is a URL: name its host, or host:port, alone")
    if "/" in lowered:
        raise ValueError(f"{text!r} has a slash: name each host, or host:port, by itself; networks cannot be given")
    if lowered.count(":") > 1 and "[" not in lowered:
        raise ValueError(f"{text!r}: an IPv6 address stands in brackets, as [::1] or [::1]:8080")
    found = NAMED.fullmatch(lowered)
    if found is None or (found["port"] is not None and not 1 <= int(found["port"]) <= 65535):
        raise ValueError(f"{text!r} is no host or host:port, as news.example, 10.0.0.1:8080 or [::1]:8080")
    name, port = found["host"], "" if found["port"] is None else f":{int(found['port'])}"
    if name.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(name[1:-1])}]{port}"
        except ValueError:
            raise ValueError(f"{text!r}: no IPv6 address stands in the brackets") from None
    labels = name.split(".")
    if labels[-1].isdecimal():
        try:
            return f"{ipaddress.IPv4Address(name)}{port}"
        except ValueError:
            raise ValueError(f"{text!r}: {name} is no IPv4 address of four numbers") from None
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{text!r} is no host or host:port; no wildcards, other scripts as xn--…")
    return name + port


def web(url: str) -> str:
    """An http or https address as it is. Raises ValueError that says what is wrong; it may hold a secret, so never its
    own text."""
    if INVISIBLE.search(url):
        raise ValueError("it holds a space or a control character: write it as %20 and the like")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("it is no usable address: the host or the port cannot be read") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError("write a whole address, such as https://example.org/path")
    return url
