"""Titles, summaries and full texts: every content type of every format, and every entity that HTML names."""

from __future__ import annotations

import base64
import html.entities
from collections.abc import Iterator
from typing import Any

from tests.suites.cases import Case, table_case
from tests.suites.shells import LINK, RDF, RSS, feed_of

Row = tuple[str, str, dict[str, Any]]  # what is tried, the entry's markup, what its fields must be


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# kind of text, attributes, content of the element, as a line, as HTML
# The div around XHTML is no part of the text (RFC 4287, section 3.1.1.3).
ATOM10_KINDS = (
    ("of no type", "", "Boats &amp; ships", "Boats & ships", "Boats &amp; ships"),
    ("of type text", ' type="text"', "1 &lt; 2 &lt;b&gt;", "1 < 2 <b>", "1 &lt; 2 &lt;b&gt;"),
    ("of type text/plain", ' type="text/plain"', "The &lt;br&gt; tag", "The <br> tag", "The &lt;br&gt; tag"),
    ("in a CDATA section", "", "<![CDATA[Boats & ships]]>", "Boats & ships", "Boats &amp; ships"),
    ("of type html", ' type="html"', "&lt;b&gt;Boats&lt;/b&gt; ashore", "Boats ashore", "<b>Boats</b> ashore"),
    ("of type text/html", ' type="text/html"', "&lt;i&gt;Boats&lt;/i&gt;", "Boats", "<i>Boats</i>"),
    ("html with an entity", ' type="html"', "Caf&amp;eacute;", "Café", "Caf&eacute;"),
    ("html with an escaped tag", ' type="html"', "The &amp;lt;br&amp;gt; tag", "The <br> tag", "The &lt;br&gt; tag"),
    (
        "html in CDATA",
        ' type="html"',
        "<![CDATA[<p>Boats &amp; ships</p>]]>",
        "Boats & ships",
        "<p>Boats &amp; ships</p>",
    ),
    (
        "of type xhtml",
        ' type="xhtml"',
        '<div xmlns="http://www.w3.org/1999/xhtml">Boats <b>ashore</b></div>',
        "Boats ashore",
        "Boats <b>ashore</b>",
    ),
    (
        "of type application/xhtml+xml",
        ' type="application/xhtml+xml"',
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>Boats</p></div>',
        "Boats",
        "<p>Boats</p>",
    ),
    (
        "xhtml with a prefix",
        ' type="xhtml"',
        "<xhtml:div>Boats <xhtml:b>ashore</xhtml:b></xhtml:div>",
        "Boats ashore",
        "Boats <b>ashore</b>",
    ),
    (
        "xhtml with escaped characters",
        ' type="xhtml"',
        '<div xmlns="http://www.w3.org/1999/xhtml">1 &lt; 2 &amp; 3</div>',
        "1 < 2 & 3",
        "1 &lt; 2 &amp; 3",
    ),
    (
        "of a type of bytes, in base64",
        ' type="application/octet-stream"',
        in_base64("Boats ashore"),
        "Boats ashore",
        "Boats ashore",
    ),
    ("in letters outside ASCII", "", "港で船が", "港で船が", "港で船が"),
)
ATOM03_KINDS = (
    ("of no type", "", "Boats &amp; ships", "Boats & ships", "Boats &amp; ships"),
    ("of type text/plain", ' type="text/plain"', "The &lt;br&gt; tag", "The <br> tag", "The &lt;br&gt; tag"),
    ("escaped", ' type="text/html" mode="escaped"', "&lt;b&gt;Boats&lt;/b&gt;", "Boats", "<b>Boats</b>"),
    (
        "as XML",
        ' type="application/xhtml+xml" mode="xml"',
        '<div xmlns="http://www.w3.org/1999/xhtml">Boats</div>',
        "Boats",
        "<div>Boats</div>",
    ),
    ("in base64", ' type="text/html" mode="base64"', in_base64("<p>Boats</p>"), "Boats", "<p>Boats</p>"),
    (
        "in base64 over lines",
        ' type="text/html" mode="base64"',
        "\n".join(in_base64("<p>Boats and ships ashore</p>")[at : at + 12] for at in range(0, 60, 12)),
        "Boats and ships ashore",
        "<p>Boats and ships ashore</p>",
    ),
    ("html in CDATA", ' type="text/html" mode="escaped"', "<![CDATA[<p>Boats</p>]]>", "Boats", "<p>Boats</p>"),
)
RSS_KINDS: tuple[tuple[str, str, str, str | None], ...] = (
    ("plain", "Boats ashore", "Boats ashore", "Boats ashore"),
    ("with an ampersand", "Boats &amp; ships", "Boats & ships", "Boats & ships"),
    ("in CDATA", "<![CDATA[Boats & ships]]>", "Boats & ships", "Boats & ships"),
    ("with escaped markup", "&lt;b&gt;Boats&lt;/b&gt; ashore", "Boats ashore", "<b>Boats</b> ashore"),
    ("with markup in CDATA", "<![CDATA[<p>Boats</p><p>ashore</p>]]>", "Boats ashore", "<p>Boats</p><p>ashore</p>"),
    ("escaped twice", "Caf&amp;eacute; &amp;amp; bar", "Café & bar", "Caf&eacute; &amp; bar"),
    ("with references by number", "Caf&#233; &#xE9;", "Café é", "Café é"),
    ("with a script", "&lt;script&gt;bad()&lt;/script&gt;Boats", "Boats", "<script>bad()</script>Boats"),
    ("with blanks and lines", "\n  Boats\n\t ashore \n", "Boats ashore", None),
    ("less than", "1 &lt; 2", "1 < 2", "1 < 2"),
    ("in two CDATA sections", "<![CDATA[Boats ]]><![CDATA[ashore]]>", "Boats ashore", "Boats ashore"),
    ("with a comment inside", "Boats<!-- and ships --> ashore", "Boats ashore", "Boats ashore"),
    ("with an apostrophe of Windows", "it&#146;s", "it’s", None),
)

OTHER_ROWS: tuple[tuple[tuple[str, ...], *tuple[Any, ...]], ...] = (
    (RSS[4:], "markup not escaped in a description", "<description><p>Boats</p></description>", {"summary": "Boats"}),
    (RSS[4:], "dc:title stands for a title", "<dc:title>Boats</dc:title>", {"title": "Boats"}),
    (RSS[4:], "dc:description stands for one", "<dc:description>Ashore</dc:description>", {"summary": "Ashore"}),
    (
        RSS[4:],
        "a full text beside a description",
        "<description>Short</description><content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded>",
        {"summary": "Short", "content": "<p>Long</p>"},
    ),
    (
        RSS[4:],
        "a full text before the description",
        "<content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded><description>Short</description>",
        {"summary": "Short", "content": "<p>Long</p>"},
    ),
    (
        RSS[4:],
        "a full text alone",
        "<content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded>",
        {"content": "<p>Long</p>"},
    ),
    (
        RSS[4:],
        "a body in XHTML",
        '<body xmlns="http://www.w3.org/1999/xhtml"><p>Long</p></body>',
        {"content": "<p>Long</p>"},
    ),
    (RSS[4:], "a fullitem", "<fullitem>&lt;p&gt;Long&lt;/p&gt;</fullitem>", {"content": "<p>Long</p>"}),
    (
        RSS[4:],
        "of description and summary, both kept",
        "<description>One text</description><summary>Other text</summary>",
        {"summary": "One text", "content": "Other text"},
    ),
    (
        RSS[4:],
        "a title of a medium is none of the entry's",
        "<title>Boats</title><media:content><media:title>Photo</media:title></media:content>",
        {"title": "Boats"},
    ),
    (
        RSS[4:],
        "a medium's title before the entry's",
        "<media:content><media:title>Photo</media:title></media:content><title>Boats</title>",
        {"title": "Boats"},
    ),
    (
        RSS[4:],
        "a drawing's title is none of the entry's",
        '<title>Boats</title><svg xmlns="http://www.w3.org/2000/svg"><title>Drawing</title></svg>',
        {"title": "Boats"},
    ),
    (RSS[4:], "an empty title is none", "<title></title>", {"title": None}),
    (RSS[4:], "a title of blanks is none", "<title> \n </title>", {"title": None}),
    (
        RSS[4:],
        "an element of another vocabulary is nothing of ours",
        '<x:title xmlns:x="urn:other">Other</x:title><title>Boats</title>',
        {"title": "Boats"},
    ),
    (
        ("atom10",),
        "content and summary, both kept",
        '<summary>Short</summary><content type="html">&lt;p&gt;Long&lt;/p&gt;</content>',
        {"summary": "Short", "content": "<p>Long</p>"},
    ),
    (
        ("atom10",),
        "content that stands elsewhere is none",
        '<content src="https://news.example/1.txt"/>',
        {"content": None},
    ),
    (
        ("atom10",),
        "of two contents the longer",
        '<content type="html">Short</content><content type="html">Longer text</content>',
        {"content": "Longer text"},
    ),
    (
        ("atom10",),
        "a source's title is none of the entry's",
        "<title>Boats</title><source><title>Paper</title></source>",
        {"title": "Boats"},
    ),
    (
        ("atom10",),
        "an attribute with a tag in it",
        '<title type="html">&lt;a title="a&gt;b"&gt;Boats&lt;/a&gt;</title>',
        {"title": 'b">Boats'},
    ),
    (("atom03",), "a tagline is none of the entry's", "<title>Boats</title>", {"title": "Boats"}),
)


def cases() -> Iterator[Case]:
    """Every row in every format that it is for."""
    for form, kinds in (("atom10", ATOM10_KINDS), ("atom03", ATOM03_KINDS)):
        for what, attributes, markup, line, as_html in kinds:
            for element, field, value in (
                ("title", "title", line),
                ("summary", "summary", line),
                ("content", "content", as_html),
            ):
                yield _case(form, f"{element} {what}", f"<{element}{attributes}>{markup}</{element}>", {field: value})
            yield table_case(
                feed_of(form, "", f"<title{attributes}>{markup}</title>"),
                f"{form}: the feed's title {what}",
                {"title": line},
            )
    for form in (*RSS, *RDF):
        for what, markup, line, full_text in RSS_KINDS:
            yield _case(form, f"title {what}", f"<title>{markup}</title>", {"title": line})
            yield _case(form, f"description {what}", f"<description>{markup}</description>", {"summary": line})
            if full_text is not None:
                full = f"<content:encoded>{markup}</content:encoded>"
                yield _case(form, f"full text {what}", full, {"content": full_text})
    for forms, what, markup, expects in OTHER_ROWS:
        for form in forms:
            yield _case(form, what, markup, expects)


# What XML's readers fold or drop for searching: blanks, the soft hyphen
_FOLDED = {"nbsp": " ", "ensp": " ", "emsp": " ", "thinsp": " ", "shy": ""}


def entity_cases() -> Iterator[Case]:
    """HTML's 252 named characters, of which XML knows four: escaped in a title, as they stand in a description."""
    for name in sorted(html.entities.name2codepoint):
        means = _FOLDED.get(name, html.entities.html5[name + ";"])
        markup = feed_of("rss20", f"<title>a&amp;{name};b</title><description>a&{name};b</description>")
        expects: dict[str, Any] = {"entries[0].title": f"a{means}b", "entries[0].summary": f"a{means}b"}
        if name not in {"amp", "lt", "gt", "quot"}:
            expects["problems[0]"] = "undefined entity"  # that it was mended is told
        yield table_case(markup, f"the entity {name}", expects)


def _case(form: str, what: str, markup: str, expects: dict[str, Any]) -> Case:
    wanted = {f"entries[0].{field}": value for field, value in expects.items()}
    return table_case(feed_of(form, markup), f"{form}: {what}", {**wanted, "entries[0].url": LINK})
