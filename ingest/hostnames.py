"""A host as written in an address → the one form in which it is asked for and compared.

Follows the URL Standard's host parser (url.spec.whatwg.org, sections 3.4 to 3.7): percent-encoding undone, names by
UTS 46, IPv4 in every form that browsers take (`0x7f.1`, `017700000001`, `2130706433` are 127.0.0.1), so that a number
in disguise is the same host, and is judged as the same address. Stricter in one point: only letters, digits, `-`, `_`
and dots are let through; what else the standard allows in a name, no name server serves.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import unquote

import idna

# RFC 1035 section 2.3.4 gives the lengths. Hyphens around a label are no host name by RFC 952, and yet names of blogs;
# the last label is a registry's, and has none. Only the labels before it are folded away (ingest/variants.py).
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_LAST_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LONGEST = 253
_DIGITS = {8: frozenset("01234567"), 10: frozenset("0123456789"), 16: frozenset("0123456789abcdef")}


def ascii_host(host: str) -> str:
    """`host` (no brackets) in lower-case ASCII without the root's dot; IPv4 as four numbers, IPv6 in brackets.

    Raises ValueError with what is wrong.
    """
    if ":" in host:
        return f"[{_ipv6(host)}]"
    try:
        name = unquote(host, errors="strict") if "%" in host else host
        name = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise ValueError(f"{host!r} is no host name") from None
    name = name.removesuffix(".")
    if not name:
        raise ValueError("it has no host")
    labels = name.split(".")
    if _is_number(labels[-1]):
        return _ipv4(host, labels)
    if len(name) > _LONGEST or not _LAST_LABEL.fullmatch(labels[-1]) or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError(f"{host!r} is no host name")
    if not all(_decodes(label) for label in labels if label.startswith("xn--")):
        raise ValueError(f"{host!r} is no host name: what follows xn-- does not decode to one")
    return name


def _decodes(label: str) -> bool:
    """Whether a label's Punycode stands for a name in Unicode that is written so, and no other way (RFC 5891, 4.4)."""
    try:
        name = label[4:].encode("ascii").decode("punycode")
        return (
            not name.isascii()
            and idna.uts46_remap(name, std3_rules=False, transitional=False) == name
            and "xn--" + name.encode("punycode").decode("ascii") == label
        )
    except (idna.IDNAError, UnicodeError, OverflowError):
        return False


def _is_number(label: str) -> bool:
    return bool(label) and (_DIGITS[10].issuperset(label) or _number(label) is not None)


def _ipv4(host: str, labels: list[str]) -> str:
    numbers = [_number(label) for label in labels]
    if len(numbers) > 4 or None in numbers:
        raise ValueError(f"{host!r} ends in a number, but is no IPv4 address")
    *first, last = (number or 0 for number in numbers)
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(numbers)):
        raise ValueError(f"{host!r} is no IPv4 address: a number of it is too large")
    for place, number in enumerate(first):
        last += number << 8 * (3 - place)
    return str(ipaddress.IPv4Address(last))


def _number(text: str) -> int | None:
    """A part of an IPv4 address: hexadecimal after 0x, octal after 0; None where it is no number."""
    base = 10
    if text.startswith("0x"):
        text, base = text[2:] or "0", 16
    elif len(text) > 1 and text.startswith("0"):
        base = 8
    return int(text, base) if 0 < len(text) <= 253 and _DIGITS[base].issuperset(text) else None


def _ipv6(host: str) -> str:
    """RFC 5952, but never with an IPv4 tail: Python writes that since 3.13 only, and an id must not hang on it."""
    if "%" in host:
        raise ValueError(f"{host!r} names a network interface: only an address of one machine has such")
    try:
        bits = int(ipaddress.IPv6Address(host))
    except ValueError:
        raise ValueError(f"{host!r} is no IPv6 address") from None
    groups = ":".join(f"{bits >> shift & 0xFFFF:x}" for shift in range(112, -1, -16))
    zeros = max(re.findall(r"(?<![^:])0(?::0)+(?![^:])", groups), key=len, default="")
    if not zeros:
        return groups
    before, _, after = groups.partition(zeros) if groups.startswith(zeros) else groups.partition(":" + zeros)
    return f"{before.rstrip(':')}::{after.lstrip(':')}"
