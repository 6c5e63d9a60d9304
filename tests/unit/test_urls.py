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
        ("https://sub.example.com/", "https://example.com/"),
        ("https://mobile.co.uk/a", "https://co.uk/a"),
        ("https://m.com/a", "https://example.com/a"),
        ("https://m.blogspot.com/a", "https://blogspot.com/a"),  # a public suffix: m is a blog
        ("https://example.com/tag/amp", "https://example.com/tag"),
        ("https://example.com/amp", "https://example.com/"),
        ("https://example.com/amp/review", "https://example.com/review"),  # a section about guitars
        ("https://example.com/champ", "https://example.com/ch"),
        ("https://example.com/read?sid=2f1", "https://example.com/read?sid=2f2"),
        ("https://example.com/story?sid=0a1b2c3d4e5f60718293a4b5", "https://example.com/story?sid=1a1b2c3d4e5f60718293a4b5"),
        ("https://example.com/?m=1", "https://example.com/"),
        ("https://example.com/a-story?m=202401", "https://example.com/a-story?m=202402"),
        ("https://example.com/a-story?source=antara", "https://example.com/a-story?source=reuters"),
        ("https://example.com/index.php?from=rss", "https://example.com/index.php"),
        ("https://example.com/?p=1", "https://example.com/?p=2"),
        ("https://example.com/news?id=1", "https://example.com/news?id=2"),
        ("https://example.com/news?article=1", "https://example.com/news"),
        ("https://example.com/news?page=2", "https://example.com/news"),
        ("https://example.com/read/12-judul?page=2", "https://example.com/read/12-judul"),
        ("https://example.com/news?page=all", "https://example.com/news"),
        ("https://example.com/index.php?page=full", "https://example.com/index.php"),
        ("https://example.com/news?story=%26a", "https://example.com/news?story=&a"),
        ("https://example.com/a;v=1", "https://example.com/a;v=2"),
        ("https://news.google.com/amp/s/example.com/a", "https://example.com/a"),
    ],
)  # fmt: skip
def test_different_addresses_stay_apart(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "variant",
    [
        "http://example.com/read/12-judul",
        "https://www.example.com/read/12-judul",
        "https://m.example.com/read/12-judul",
        "https://www.m.example.com/read/12-judul",
        "https://mobile.example.com/read/12-judul",
        "https://amp.example.com/read/12-judul?m=1",
        "https://example.com/read/12-judul/amp",
        "https://example.com/amp/read/12-judul",
        "https://example.com/AMP/read/12-judul",
        "https://amp.example.com/amp/read/12-judul/amp",
        "https://example.com/read/12-judul.amp",
        "https://example.com/read/12-judul?amp",
        "https://example.com/read/12-judul?amp=1",
        "https://example.com/read/12-judul?outputType=amp",
        "https://example.com/read/12-judul?m=1",
        "https://example.com/read/12-judul?m=0",
        "https://example-com.cdn.ampproject.org/c/s/example.com/read/12-judul",
        "https://example-com.cdn.ampproject.org/v/s/www.example.com/read/12-judul/amp?usqp=mq331AQ&amp_js_v=0.1#x",
        "https://cdn.ampproject.org/c/example.com/read/12-judul",
        "https://www.google.com/amp/s/example.com/read/12-judul",
        "https://www.google.co.id/amp/s/amp.example.com/read/12-judul",
        "https://example.com/read/12-judul;jsessionid=0123456789ABCDEF.node1",
        "https://example.com/(S(lit3py55t21z5v55vlm25s55))/read/12-judul",
        "https://example.com/read/12-judul?PHPSESSID=abc123",
        "https://example.com/read/12-judul?sid=0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "https://example.com/read/12-judul?ASPSESSIONIDQQABCDEF=X",
        "https://example.com/read/12-judul?ref=rss&from=twitter",
        "https://example.com/read/12-judul?page=all#page2",
        "https://example.com/read/12-judul?showpage=all&singlepage=true",
        "https://example.com/read/12-judul?utm_source=a&fbclid=b&gaa_at=c#top",
        "https://example.com:443/read/./x/../12-judul?#",
        "https://example.com/read/%31%32-judul",
    ],
)
def test_every_variant_of_an_article_has_its_id(variant: str) -> None:
    assert canonical_url(variant) == "https://example.com/read/12-judul"


@pytest.mark.parametrize(
    ("variant", "known"),
    [
        ("https://example.com/a-b/amp/", "https://example.com/a-b/"),
        ("https://example.com/a-b.amp.html", "https://example.com/a-b.html"),
        ("https://en.m.example.org/wiki/Kawat", "https://en.example.org/wiki/Kawat"),
        ("https://m.example.co.id/x?id=7&sid=0a1b2c3d4e5f60718293a4b5", "https://example.co.id/x?id=7"),
        ("https://m.example.com:8080/x", "https://m.example.com:8080/x"),
        ("http://example.com:8080/x/amp", "http://example.com:8080/x"),
        ("https://a.cdn.ampproject.org/c/s/b.cdn.ampproject.org/c/s/example.com/x", "https://example.com/x"),
        ("https://a.cdn.ampproject.org/c/s/-/x", "https://a.cdn.ampproject.org/c/s/-/x"),
        ("https://example.com/..;jsessionid=1", "https://example.com/"),
        ("https://example.com/;jsessionid=1?id=1", "https://example.com/?id=1"),
        ("https://m.warta.example/x", "https://warta.example/x"),
    ],
)
def test_folding_keeps_what_may_choose_an_article(variant: str, known: str) -> None:
    assert canonical_url(variant) == known
    assert canonical_url(known) == known


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        # RFC 3986: 6.2.2.1 case, 6.2.2.2 percent-encoding, 6.2.2.3 dot segments (and 5.2.4), 6.2.3 scheme
        ("HTTPS://EXAMPLE.com/%c3%a9%7e", "https://example.com/%C3%A9~"),
        ("https://example.com/%41%2f%42", "https://example.com/A%2FB"),
        ("https://example.com/a/b/c/./../../g", "https://example.com/a/g"),
        ("https://example.com/mid/content=5/../6", "https://example.com/mid/6"),
        ("https://example.com", "https://example.com/"),
        ("https://example.com:", "https://example.com/"),
        ("https://example.com:443/", "https://example.com/"),
        ("https://example.com/?", "https://example.com/"),
        ("https://example.com//a//b", "https://example.com//a//b"),
        ("https://example.com/a;b=1,c", "https://example.com/a;b=1,c"),
        ("https://example.com/?q=a+b", "https://example.com/?q=a+b"),
        ("https://example.com/?q=a%20b", "https://example.com/?q=a%20b"),
        ("https://example.com/?q=a%2Bb", "https://example.com/?q=a%2Bb"),
        # the URL Standard: blanks around, tabs and line breaks inside, hosts by UTS 46, characters outside the sets
        ("\n https://exam\tple.com/a\r\nb ", "https://example.com/ab"),
        ("https://EXAMPLE．com/", "https://example.com/"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://新聞.example/一?二", "https://xn--efvv70d.example/%E4%B8%80?%E4%BA%8C"),
        ('https://example.com/a"b<c>d`e{f}', "https://example.com/a%22b%3Cc%3Ed%60e%7Bf%7D"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://user:pass@example.com/", "https://example.com/"),
        ("https://[2001:DB8:0:0:0:0:0:1]/", "https://[2001:db8::1]/"),
    ],
)
def test_addresses_are_normalised_by_the_standards(given: str, normal: str) -> None:
    assert canonical_url(given) == normal
    assert canonical_url(normal) == normal


def test_a_feed_is_known_by_its_address_with_nothing_folded_but_scheme_www_and_tracking() -> None:
    assert feed_id("http://www.example.com/feed?utm_source=x") == feed_id("https://example.com/feed")
    assert feed_id("https://m.example.com/feed") != feed_id("https://example.com/feed")
    assert feed_id("https://example.com/feed/amp") != feed_id("https://example.com/feed")


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
