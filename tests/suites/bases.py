"""What relative links stand against; the formats themselves, and what a feed says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from tests.suites.cases import Case, table_case
from tests.suites.shells import ATOM, FORMATS, RSS_VERSIONS, feed_of

# what is tried, format, attributes of the root, the feed's markup, the entry's, the link that must come out
BASES: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("no base: the feed's own address", "atom10", "", "", '<link href="1"/>', "https://news.example/feeds/1"),
    ("no base, from the root", "atom10", "", "", '<link href="/1"/>', "https://news.example/1"),
    ("no base, without a scheme", "atom10", "", "", '<link href="//b.example/1"/>', "https://b.example/1"),
    (
        "a base on the feed",
        "atom10",
        ' xml:base="https://b.example/x/"',
        "",
        '<link href="1"/>',
        "https://b.example/x/1",
    ),
    (
        "a base on the feed, from the root",
        "atom10",
        ' xml:base="https://b.example/x/"',
        "",
        '<link href="/1"/>',
        "https://b.example/1",
    ),
    (
        "a base on the link",
        "atom10",
        ' xml:base="https://b.example/x/"',
        "",
        '<link xml:base="https://c.example/" href="1"/>',
        "https://c.example/1",
    ),
    (
        "a base on the link against the feed's",
        "atom10",
        ' xml:base="https://b.example/x/"',
        "",
        '<link xml:base="y/" href="1"/>',
        "https://b.example/x/y/1",
    ),
    ("a base that is relative itself", "atom10", ' xml:base="/x/"', "", '<link href="1"/>', "https://news.example/x/1"),
    (
        "a base one up",
        "atom10",
        ' xml:base="https://b.example/x/y/"',
        "",
        '<link href="../1"/>',
        "https://b.example/x/1",
    ),
    (
        "a base on an element before does not last",
        "atom10",
        ' xml:base="https://b.example/"',
        "",
        '<title xml:base="https://c.example/">T</title><link href="1"/>',
        "https://b.example/1",
    ),
    (
        "a base of a scheme that is not read",
        "atom10",
        ' xml:base="javascript:alert(1)"',
        "",
        '<link href="https://b.example/1"/>',
        "https://b.example/1",
    ),
    (
        "a base that is broken",
        "atom10",
        ' xml:base="http://a[b/"',
        "",
        '<link href="https://b.example/1"/>',
        "https://b.example/1",
    ),
    (
        "letters outside ASCII in base and link",
        "atom10",
        ' xml:base="https://b.example/é/"',
        "",
        '<link href="ü"/>',
        "https://b.example/%C3%A9/%C3%BC",
    ),
    (
        "a base on an Atom 0.3 feed",
        "atom03",
        ' xml:base="https://b.example/x/"',
        "",
        '<link rel="alternate" href="1"/>',
        "https://b.example/x/1",
    ),
    ("a base on RSS", "rss20", ' xml:base="https://b.example/x/"', "", "<link>1</link>", "https://b.example/x/1"),
    (
        "RSS without one: the site",
        "rss20",
        "",
        "<link>https://site.example/news/</link>",
        "<link>1</link>",
        "https://site.example/news/1",
    ),
    ("RSS without one and without a site: the feed", "rss20", "", "", "<link>1</link>", "https://news.example/feeds/1"),
    (
        "RSS from the root",
        "rss20",
        "",
        "<link>https://site.example/news/</link>",
        "<link>/1</link>",
        "https://site.example/1",
    ),
    (
        "RSS 1.0 against the site",
        "rss10",
        "",
        "<link>https://site.example/news/</link>",
        "<link>1</link>",
        "https://site.example/news/1",
    ),
    (
        "a fragment and credentials go",
        "rss20",
        "",
        "",
        "<link>https://u:p@b.example/1#part</link>",
        "https://b.example/1",
    ),
    ("a host in capitals", "rss20", "", "", "<link>HTTPS://B.Example/Path</link>", "https://b.example/Path"),
    (
        "a host in its own script",
        "rss20",
        "",
        "",
        "<link>https://bücher.example/1</link>",
        "https://xn--bcher-kva.example/1",
    ),
)


def cases() -> Iterator[Case]:
    """Every row, and each format."""
    for what, form, attributes, feed, entry, url in BASES:
        markup = feed_of(form, entry, feed, link=False, attributes=attributes)
        yield table_case(markup, f"{form}: {what}", {"entries[0].url": url})
    names = {**{f"rss{number.replace('.', '')}": name for number, name in RSS_VERSIONS.items()}, "rss090": "rss090"}
    for form in FORMATS:
        yield table_case(
            feed_of(form, "<title>T</title>"),
            f"the format {form}",
            {"format": names.get(form, form), "entries.length": 1},
        )
        link = "<link>https://site.example/</link>" if form not in ATOM else '<link href="https://site.example/"/>'
        yield table_case(
            feed_of(form, "", f"<title>Paper &amp; more</title>{link}"),
            f"{form}: what the feed says of itself",
            {"title": "Paper & more", "site_url": "https://site.example/"},
        )
