"""Which addresses belong to the public internet."""

from __future__ import annotations

import ipaddress

import pytest

from ingest.addresses import is_public, may_be_private


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"]
)
def test_public_addresses_may_be_connected_to(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.1.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1",
        "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
        "fc00::1",
        "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
        "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "no address", "",
    ],
)  # fmt: skip
def test_all_others_may_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "100.64.0.0", "100.127.255.255", "192.0.0.0", "192.0.0.9", "192.0.0.10", "192.0.0.170", "192.0.0.255",
        "192.88.99.0", "192.88.99.255", "198.18.0.0", "198.19.255.255", "2001:db8::", "2001:db8:ffff::1", "3fff::",
        "3fff:fff:ffff::1", "64:ff9b:1::", "64:ff9b:1:ffff::808:808", "::808:808", "fec0::1",
        # the same inside an address of IPv6: mapped, NAT64, 6to4, Teredo
        "::ffff:192.0.0.9", "::ffff:192.88.99.1", "::ffff:100.64.0.1", "::ffff:198.18.0.1", "64:ff9b::c000:9",
        "64:ff9b::6440:1", "2002:c000:9::1", "2002:c058:6301::", "2001:0:808:808::3fff:fff6",
    ],
)  # fmt: skip
def test_what_is_denied_by_name_does_not_hang_on_the_ideas_of_this_python(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library here takes every address for one of the public internet."""
    for version in (ipaddress.IPv4Address, ipaddress.IPv6Address):
        monkeypatch.setattr(version, "is_global", True)
        monkeypatch.setattr(version, "is_reserved", False)
    assert is_public("10.0.0.1"), "the library is not asked: this test shows nothing"
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "100.63.255.255", "100.128.0.0", "192.0.1.0", "192.88.98.255", "192.88.100.0", "198.17.255.255", "198.20.0.0",
        "2001:db9::1", "2002:808:808::1", "64:ff9b::101:101",
    ],
)  # fmt: skip
def test_the_neighbours_of_what_is_denied_by_name_stay_public(address: str) -> None:
    assert is_public(address)


def test_the_operator_names_hosts_that_may_be_private() -> None:
    allowed = frozenset({"intranet.example", "127.0.0.1:8009", "[::1]:8009"})
    assert may_be_private("intranet.example", 80, allowed)
    assert may_be_private("127.0.0.1", 8009, allowed)
    assert may_be_private("::1", 8009, allowed)
    assert not may_be_private("127.0.0.1", 9200, allowed)
    assert not may_be_private("evil.example", 80, allowed)
