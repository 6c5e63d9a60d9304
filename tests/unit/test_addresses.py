"""Which addresses belong to the public internet."""

from __future__ import annotations

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
        "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "no address", "",
    ],
)  # fmt: skip
def test_all_others_may_not(address: str) -> None:
    assert not is_public(address)


def test_the_operator_names_hosts_that_may_be_private() -> None:
    allowed = frozenset({"intranet.example", "127.0.0.1:8009", "[::1]:8009"})
    assert may_be_private("intranet.example", 80, allowed)
    assert may_be_private("127.0.0.1", 8009, allowed)
    assert may_be_private("::1", 8009, allowed)
    assert not may_be_private("127.0.0.1", 9200, allowed)
    assert not may_be_private("evil.example", 80, allowed)
