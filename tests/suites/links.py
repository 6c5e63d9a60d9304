"""Links and ids; what belongs to another element and must not leak into an entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.suites.cases import Case, table_case
from tests.suites.shells import ATOM, RDF, RSS, feed_of

ONE = "https://a.example/1"
ID = "https://a.example/id"
TEXT = "<description>Boats</description>"

# formats, what is tried, the entry's markup (and the feed's), what its fields must be
ROWS: tuple[tuple[tuple[str, ...], str, str, dict[str, Any]], ...] = (
    ((*RSS, *RDF), "a link", f"<link>{ONE}</link>", {"url": ONE}),
    ((*RSS, *RDF), "a link with blanks and lines around", f"<link>\n   {ONE}\n\t</link>", {"url": ONE}),
    (
        (*RSS, *RDF),
        "a link with parameters",
        "<link>https://a.example/?a=1&amp;b=2</link>",
        {"url": "https://a.example/?a=1&b=2"},
    ),
    (
        (*RSS, *RDF),
        "a link in CDATA",
        "<link><![CDATA[https://a.example/?a=1&b=2]]></link>",
        {"url": "https://a.example/?a=1&b=2"},
    ),
    (RSS[4:], "a guid that is the link", f"<guid>{ID}</guid>", {"url": ID, "guid": ID}),
    (RSS[4:], "a guid said to be a link", f'<guid isPermaLink="true">{ID}</guid>', {"url": ID, "guid": ID}),
    (
        RSS[4:],
        "a guid said to be no link, with a text",
        f'<guid isPermaLink="false">{ID}</guid>{TEXT}',
        {"url": "", "guid": ID},
    ),
    (
        RSS[4:],
        "a guid said to be no link, alone",
        f'<guid isPermaLink="false">{ID}</guid>',
        {"": None, "problems[0]": "neither a link nor a text"},
    ),
    (RSS[4:], "a link before a guid", f"<link>{ONE}</link><guid>{ID}</guid>", {"url": ONE, "guid": ID}),
    (RSS[4:], "a link after a guid", f"<guid>{ID}</guid><link>{ONE}</link>", {"url": ONE, "guid": ID}),
    (
        RSS[4:],
        "a link before a guid said to be a link",
        f'<link>{ONE}</link><guid isPermaLink="true">{ID}</guid>',
        {"url": ONE, "guid": ID},
    ),
    (
        RSS[4:],
        "a link after a guid said to be a link",
        f'<guid isPermaLink="true">{ID}</guid><link>{ONE}</link>',
        {"url": ONE, "guid": ID},
    ),
    (
        RSS[4:],
        "a link before a guid said to be none",
        f'<link>{ONE}</link><guid isPermaLink="false">{ID}</guid>',
        {"url": ONE, "guid": ID},
    ),
    (
        RSS[4:],
        "a link after a guid said to be none",
        f'<guid isPermaLink="false">{ID}</guid><link>{ONE}</link>',
        {"url": ONE, "guid": ID},
    ),
    (RSS[4:], "a guid that is no address", f"<guid>4711</guid>{TEXT}", {"url": "", "guid": "4711"}),
    (
        RSS[4:],
        "a guid that is a tag URI",
        f"<guid>tag:a.example,2023:1</guid>{TEXT}",
        {"url": "", "guid": "tag:a.example,2023:1"},
    ),
    (
        RSS[4:],
        "a guid that is a broken address",
        f"<guid>https://a.ex[ample/</guid>{TEXT}",
        {"url": "", "guid": "https://a.ex[ample/"},
    ),
    (RSS, "a text without link and guid", TEXT, {"url": "", "guid": None, "summary": "Boats"}),
    (RSS, "a title and a text without link and guid", f"<title>T</title>{TEXT}", {"url": "", "title": "T"}),
    (RSS, "a title alone", "<title>T</title>", {"": None, "problems[0]": "neither a link nor a guid"}),
    (
        RSS[4:],
        "a link that is a script, with a guid that is none",
        f'<link>javascript:void(0)</link><guid isPermaLink="false">{ID}</guid>',
        {"url": ID},
    ),
    (
        RSS[4:],
        "a link that is a script",
        "<link>javascript:void(0)</link>",
        {"": None, "problems[0]": "the scheme 'javascript'"},
    ),
    (
        RSS[4:],
        "an image's link and title before the entry's",
        f"<image><link>https://other.example/</link><title>Logo</title></image><link>{ONE}</link><title>T</title>",
        {"url": ONE, "title": "T"},
    ),
    (
        RSS[4:],
        "an image's link and title after the entry's",
        f"<link>{ONE}</link><title>T</title><image><link>https://other.example/</link><title>Logo</title></image>",
        {"url": ONE, "title": "T"},
    ),
    (
        RSS[4:],
        "an enclosure is no link",
        f'<enclosure url="https://a.example/1.mp3" length="1" type="audio/mpeg"/>{TEXT}',
        {"url": ""},
    ),
    (RSS[4:], "comments are no link", f"<comments>https://a.example/1#comments</comments>{TEXT}", {"url": ""}),
    (
        RSS[4:],
        "a source's address is no link",
        f'<source url="https://other.example/rss">Paper</source><link>{ONE}</link>',
        {"url": ONE},
    ),
    (
        RSS[4:],
        "Atom's own link to itself beside the link",
        f'<link xmlns="http://www.w3.org/2005/Atom" rel="self" href="https://a.example/rss"/><link>{ONE}</link>',
        {"url": ONE},
    ),
    (
        RSS[4:],
        "an address kept by a counter's operator",
        f'<link>https://counter.example/1</link><f:origLink xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">{ONE}</f:origLink>',
        {"url": ONE},
    ),
    (("rss10",), "an rdf:about stands for an id", f"<link>{ONE}</link>", {"url": ONE}),
    (ATOM, "a link", f'<link href="{ONE}"/>', {"url": ONE}),
    (ATOM, "a link said to be the alternate", f'<link rel="alternate" href="{ONE}"/>', {"url": ONE}),
    (
        ATOM,
        "a link and an id",
        f'<id>{ID}</id><link rel="alternate" type="text/html" href="{ONE}"/>',
        {"url": ONE, "guid": ID},
    ),
    (
        ATOM,
        "an id that is a tag URI",
        f"<id>tag:a.example,2023:1</id><link href='{ONE}'/>",
        {"url": ONE, "guid": "tag:a.example,2023:1"},
    ),
    (
        ATOM,
        "a link without an address, then one with",
        f'<link rel="alternate"/><link rel="alternate" href="{ONE}"/>',
        {"url": ONE},
    ),
    (
        ("atom10",),
        "an edit link before the alternate",
        f'<link rel="edit" href="https://a.example/e"/><link href="{ONE}"/>',
        {"url": ONE},
    ),
    (
        ("atom10",),
        "a self link before the alternate",
        f'<link rel="self" href="https://a.example/s"/><link rel="alternate" href="{ONE}"/>',
        {"url": ONE},
    ),
    (
        ("atom10",),
        "a related link after the alternate",
        f'<link href="{ONE}"/><link rel="related" href="https://b.example/"/>',
        {"url": ONE},
    ),
    (
        ("atom10",),
        "a via link after the alternate",
        f'<link href="{ONE}"/><link rel="via" href="https://b.example/"/>',
        {"url": ONE},
    ),
    (
        ("atom10",),
        "an enclosure after the alternate",
        f'<link href="{ONE}"/><link rel="enclosure" href="https://a.example/1.mp3"/>',
        {"url": ONE},
    ),
    (
        ("atom10",),
        "an enclosure before the alternate",
        f'<link rel="enclosure" href="https://a.example/1.mp3"/><link href="{ONE}"/>',
        {"url": ONE},
    ),
    (
        ("atom10",),
        "replies before the alternate",
        f'<link rel="replies" href="https://a.example/r"/><link rel="alternate" href="{ONE}"/>',
        {"url": ONE},
    ),
    (
        ("atom10",),
        "a licence before the alternate",
        f'<link rel="license" href="https://l.example/"/><link rel="alternate" href="{ONE}"/>',
        {"url": ONE},
    ),
    (
        ("atom10",),
        "an enclosure alone is no link",
        '<id>tag:a,2023:1</id><link rel="enclosure" href="https://a.example/1.mp3"/><summary>B</summary>',
        {"url": ""},
    ),
    (
        ("atom10",),
        "a link to itself alone is no link",
        '<id>tag:a,2023:1</id><link rel="self" href="https://a.example/1"/><summary>B</summary>',
        {"url": ""},
    ),
    (
        ("atom10",),
        "a source's link and id are none of the entry's",
        f'<link href="{ONE}"/><id>{ID}</id><source><id>urn:s</id><link href="https://s.example/"/></source>',
        {"url": ONE, "guid": ID},
    ),
    (("atom10",), "an id with attributes", f'<id xml:lang="en">{ID}</id><link href="{ONE}"/>', {"guid": ID}),
    (("atom10",), "an id alone that is an address", f"<id>{ID}</id>", {"url": ID, "guid": ID}),
    *(
        (
            ("atom10",),
            f"an id is kept to the letter: {one}",
            f'<id>{one}</id><link href="{ONE}"/>',
            {"guid": one, "url": ONE},
        )
        for one in (
            "http://www.example.org/thing",
            "http://www.example.org/Thing",
            "http://www.EXAMPLE.org/thing",
            "HTTP://www.example.org/thing",
            "http://www.example.com/~bob",
            "http://www.example.com/%7ebob",
            "http://www.example.com/%7Ebob",
            "http://www.example.com:80/",
            "urn:uuid:60A76C80-D399-11D9-B93C-0003939E0AF6",
        )
    ),
)


def cases() -> Iterator[Case]:
    """Every row in every format that it is for."""
    for forms, what, markup, expects in ROWS:
        for form in forms:
            wanted = {
                path if path.startswith("problems") else f"entries[0].{path}".rstrip("."): value
                for path, value in expects.items()
            }
            yield table_case(feed_of(form, markup, link=False), f"{form}: {what}", wanted)
