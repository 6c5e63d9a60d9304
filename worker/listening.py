"""Where the page listens and what it is called: checked as settings are read. Pure.

Without a token whoever reaches the port may read and change everything, so only this machine does.
"""

from __future__ import annotations

import ipaddress
import re

NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*")
LEAST = 20  # characters of a token: nobody guesses one
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def token(value: str) -> str:
    """`value`, if it can be one. Raises ValueError, which does not tell it."""
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ValueError("a token has ASCII letters, digits and signs only, without spaces: it goes into a header")
    if len(value) < LEAST:
        raise ValueError(f"{len(value)} characters can be guessed; `openssl rand -hex 32` makes a good one")
    return value


def address(value: str, *, token: bool) -> str:
    """`value`, if the page may listen there. Raises ValueError."""
    try:
        given = ipaddress.ip_address("127.0.0.1" if value == "localhost" else value.strip("[]"))
    except ValueError:
        raise ValueError("give an address of this machine: 127.0.0.1, 0.0.0.0 (any), 10.0.0.5, ::") from None
    if not given.is_loopback and not token:
        raise ValueError(
            "other machines would see and change everything: set KAWAT_TOKEN too, or leave it at 127.0.0.1"
        )
    return str(given)


def name(value: str) -> str:
    """`value`, if it is a name or an address without a port. Raises ValueError."""
    try:
        return str(ipaddress.ip_address(value.strip("[]")))
    except ValueError:
        if NAME.fullmatch(value):
            return value
        raise ValueError(f"{value!r} is no name: give it as in news.example.org, without https:// and port") from None


def names(host: str, others: tuple[str, ...]) -> tuple[str, ...]:
    """All names that the page answers to."""
    return tuple(dict.fromkeys((*LOOPBACK, host, *others)))


def reached_at(host: str) -> str:
    """Where a program on this machine reaches what listens at `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound to
