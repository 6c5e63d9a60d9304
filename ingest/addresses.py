"""Which addresses may be connected to: the guard against feeds and pages that point into a private network.

The check stands where the connection is made: names are resolved here, all addresses are judged, and exactly a judged
one is connected to, so that a name that resolves differently a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from ingest.errors import Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

# Named here besides: which of these ipaddress takes for global has changed between Python's patch releases.
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # shared by a provider's customers, RFC 6598
        "192.0.0.0/24",  # protocol assignments, RFC 6890: all of it, its few global addresses serve no pages
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "::/96",  # IPv4-compatible, RFC 4291 section 2.5.5.1, long deprecated
        "64:ff9b:1::/48",  # a network's own NAT64, RFC 8215
        "2001:db8::/32",  # documentation, RFC 3849
        "3fff::/20",  # documentation, RFC 9637
        "fec0::/10",  # site-local, RFC 3879
    )
)
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")  # RFC 4291: the last 32 bits are an IPv4 address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_6TO4 = ipaddress.IPv6Network("2002::/16")  # RFC 3056: bits 16 to 47 are one
_TEREDO = ipaddress.IPv6Network("2001::/32")  # RFC 4380: the last 32 bits, inverted, are one
_MOST_ADDRESSES = 6  # tried for one host


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the public internet: not private, loopback, link-local, shared (100.64/10),
    multicast, reserved or unspecified, nor such an IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64).
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _is_public(parsed)


def _is_public(address: Address) -> bool:
    if any(address in network for network in _NEVER):
        return False
    inner = _embedded(address)
    if inner is not None:
        return _is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which a packet for this IPv6 address goes in the end."""
    bits = int(address)
    if address in _MAPPED or address in _NAT64:
        return ipaddress.IPv4Address(bits & 0xFFFFFFFF)
    if address in _6TO4:
        return ipaddress.IPv4Address(bits >> 80 & 0xFFFFFFFF)
    if address in _TEREDO:
        return ipaddress.IPv4Address(~bits & 0xFFFFFFFF)
    return None


def may_be_private(host: str, port: int, allowed_hosts: frozenset[str]) -> bool:
    """Whether the operator allows `host` (or `host:port`) to be a private address."""
    named = f"[{host}]" if ":" in host else host
    return not allowed_hosts.isdisjoint((host, named, f"{named}:{port}"))


def resolve(host: str, port: int) -> list[str]:
    """The numeric addresses of `host`, in the system's order. Raises OSError (socket.gaierror)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Deadline(threading.local):
    """When the request that this thread is busy with must be over, and whether its connection has served before."""

    at: float = 0.0
    reused: bool = False

    def left(self, timeout: float | None = None) -> float:
        """Seconds left, at most `timeout`. Raises httpcore.TimeoutException where none are."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for the whole request is over")
        return left if timeout is None else min(left, timeout)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses only, and lets no operation outlast the request's deadline."""

    def __init__(self, allowed_hosts: frozenset[str], deadline: Deadline, resolver: Resolve = resolve) -> None:
        self._allowed = allowed_hosts
        self._deadline = deadline
        self._resolve = resolver
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A stream to a judged address of `host`. Raises Refused, httpcore.ConnectError, httpcore.ConnectTimeout."""
        bare = host.strip("[]")
        addresses = self._addresses(bare, port)
        if not may_be_private(bare, port, self._allowed):
            for address in addresses:
                if not is_public(address):
                    raise Refused(
                        f"{host} is the address {address}, which is not on the public internet; "
                        f"if it is a host of yours, add {host} or {host}:{port} to KAWAT_ALLOW_HOSTS",
                        reason="private-address",
                    )
        fault: Exception = httpcore.ConnectError(f"{host} has no address")
        for tried, address in enumerate(addresses):
            share = self._deadline.left(timeout) / (len(addresses) - tried)  # a dead address leaves time for the next
            try:
                stream = self._sockets.connect_tcp(address, port, share, local_address, socket_options)
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
        raise fault

    def _addresses(self, host: str, port: int) -> list[str]:
        """Resolved in a thread of its own: the system's resolver knows no deadline."""
        answer: list[list[str] | Exception] = []

        def ask() -> None:
            try:
                answer.append(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                answer.append(error)

        asking = threading.Thread(target=ask, daemon=True, name=f"resolve {host}")
        asking.start()
        asking.join(self._deadline.left())
        if not answer:
            raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time")
        if isinstance(answer[0], Exception):
            raise httpcore.ConnectError(f"the name {host} is not resolved: {answer[0]}") from answer[0]
        return answer[0][:_MOST_ADDRESSES]


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every operation ends by the deadline of the request that uses it just now."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline
        self._served = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._deadline.left(timeout))
        self._served = True
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._deadline.reused = self._served
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
