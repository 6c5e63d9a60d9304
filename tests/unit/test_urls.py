"""URLs: what is asked for, and what an article is known by."""

from __future__ import annotations

import pytest

from ingest.errors import Permanent, Refused
from ingest.urls import article_id, canonical_url, entry_id, feed_id, fetchable_url, host_of


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("HTTP://user:pw@WWW.Example.COM:80/a/../b/%7euser/%2e/?b=2&a=1#f", "http://www.example.com/b/~user/?b=2&a=1"),
        ("https://münchen.example/straße?q=a b", "https://xn--mnchen-3ya.example/stra%C3%9Fe?q=a%20b"),
        (" \n https://example.com \t", "https://example.com/"),
        ("https://exa\nmple.com/a\tb", "https://example.com/ab"),
        ("https://example.com./a", "https://example.com/a"),
        ("http://[2001:DB8::0:1]:8080/", "http://[2001:db8::1]:8080/"),
        ("https://example.com/100%/%e4%zz", "https://example.com/100%25/%E4%25zz"),
        ("feed://example.com/rss", "http://example.com/rss"),
        ("feed:https://example.com/rss", "https://example.com/rss"),
        ("https://example.com/?utm_source=kept", "https://example.com/?utm_source=kept"),
        ("https://example.com/a%2Fb", "https://example.com/a%2Fb"),
        ("https://example.com/../../a/./", "https://example.com/a/"),
    ],
)
def test_a_fetchable_url_is_clean_and_keeps_what_the_server_needs(given: str, cleaned: str) -> None:
    assert fetchable_url(given) == cleaned


@pytest.mark.parametrize(
    ("given", "resolved"),
    [
        ("b?x=1", "https://example.com/a/b?x=1"),
        ("//other.example/c", "https://other.example/c"),
        ("/d", "https://example.com/d"),
    ],
)
def test_a_relative_url_is_resolved_against_its_base(given: str, resolved: str) -> None:
    assert fetchable_url(given, "https://example.com/a/page") == resolved


@pytest.mark.parametrize(
    "bad",
    [
        "", "example.com", "/only/a/path", "ftp://example.com/", "javascript:alert(1)", "file:///etc/passwd", "http://",
        "http:///x", "http://exa mple.com/", "http://example.com:0/", "http://example.com:99999/", "http://[::1", "http://[zz]/",
        "http://a..b/", "http://-/", "https://example.com/" + "a" * 5000, "http://good.example\\@evil.example/",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_refused_and_named(bad: str) -> None:
    with pytest.raises(Refused) as refusal:
        fetchable_url(bad)
    assert isinstance(refusal.value, Permanent)
    assert refusal.value.reason == "bad-url"
    assert repr(bad[:100])[1:-1] in str(refusal.value)


def test_one_article_has_one_canonical_url() -> None:
    variants = [
        "https://example.com/a?id=1&b=2",
        "http://www.example.com/a?b=2&id=1",
        "https://EXAMPLE.com:443/x/../a?id=1&b=2&utm_source=rss&fbclid=zz#comments",
        "http://www.example.com:80/%61?id=1&&b=2&gclid=1&UTM_Medium=feed",
    ]
    assert {canonical_url(one) for one in variants} == {"https://example.com/a?b=2&id=1"}
    assert len({article_id(one) for one in variants}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a", "https://example.com/a/"),
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/?a=1&a=2", "https://example.com/?a=2&a=1"),
        ("https://example.com/?a", "https://example.com/?a="),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("http://example.com:8080/", "https://example.com:8080/"),
        ("http://example.com:8080/", "http://example.com/"),
        ("https://m.example.com/", "https://example.com/"),
    ],
)
def test_different_addresses_stay_apart(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


def test_ids_have_their_lengths_and_follow_the_link() -> None:
    link = "https://example.com/a"
    assert len(article_id(link)) == 32
    assert len(feed_id(link)) == 16
    assert entry_id("f1", link, "g") == entry_id("f2", link, None) == article_id(link)


def test_an_entry_without_a_link_is_known_by_its_feed_and_guid() -> None:
    assert entry_id("f1", None, "g") == entry_id("f1", "", "g")
    assert (
        len(
            {entry_id("f1", None, "g"), entry_id("f2", None, "g"), entry_id("f1", None, "h"), entry_id(None, None, "g")}
        )
        == 4
    )
    with pytest.raises(ValueError, match="link or a guid"):
        entry_id("f1", None, None)


def test_a_host_carries_its_port_only_where_it_is_not_the_usual_one() -> None:
    assert host_of("https://WWW.example.com:443/x") == "www.example.com"
    assert host_of("http://127.0.0.1:8009/x") == "127.0.0.1:8009"
