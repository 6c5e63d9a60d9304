"""Authors in the ways in which they are written, languages in the places where they are said, tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.suites.cases import Case, table_case
from tests.suites.shells import ATOM, RDF, RSS, feed_of

# how an author is written in one element, and the names that must come out
WRITTEN: tuple[tuple[str, list[str]], ...] = (
    ("Ann Lee", ["Ann Lee"]),
    ("ann@a.example (Ann Lee)", ["Ann Lee"]),
    ("Ann Lee &lt;ann@a.example&gt;", ["Ann Lee"]),
    ("Ann Lee (ann@a.example)", ["Ann Lee"]),
    ("ann@a.example", []),
    ("  Ann\n Lee ", ["Ann Lee"]),
    ("<![CDATA[Ann & Lee]]>", ["Ann & Lee"]),
    ("desk@paper.online (Jo Roe)", ["Jo Roe"]),
    ("Siti Nurhaliza, Budi Santoso", ["Siti Nurhaliza, Budi Santoso"]),
    ("王芳", ["王芳"]),
    ("&lt;b&gt;Ann Lee&lt;/b&gt;", ["Ann Lee"]),
    ("", []),
)
FEED_LANGUAGES: tuple[
    tuple[tuple[str, ...], str, str, str | None], ...
] = (  # formats, attributes, feed's markup, language
    (RSS, "", "<language>id</language>", "id"),
    (RSS, "", "<language>EN-us</language>", "en"),
    (RSS, "", "<language>in_ID</language>", "id"),
    (RSS, "", "<language>Bahasa Indonesia</language>", None),
    (RSS, "", "<language></language>", None),
    (RSS[4:], "", "<dc:language>ms</dc:language>", "ms"),
    (RDF, "", "<dc:language>ms</dc:language>", "ms"),
    (ATOM, ' xml:lang="id"', "", "id"),
    (ATOM, ' xml:lang="en_US"', "", "en"),
    (ATOM, ' xml:lang="id"', "<title>T</title>", "id"),
    (ATOM, "", "<title xml:lang='id'>T</title>", None),
    (ATOM, ' xml:lang="fr"', "<language>de</language>", "de"),
    (ATOM, ' xml:lang=""', "", None),
)
ENTRY_LANGUAGES: tuple[
    tuple[str, str, str, str, str | None], ...
] = (  # format, the feed's attributes and markup, entry's
    ("rss20", "", "<language>en</language>", "", "en"),
    ("rss20", "", "<language>en</language>", "<dc:language>id</dc:language>", "id"),
    ("rss20", "", "", "<dc:language>id</dc:language>", "id"),
    ("rss20", "", "", "<content:encoded xml:lang='id'>x</content:encoded>", "id"),
    ("rss20", "", "<language>en</language>", "<description xml:lang='id'>x</description>", "id"),
    ("rss10", "", "<dc:language>en</dc:language>", "<dc:language>ms</dc:language>", "ms"),
    ("atom10", ' xml:lang="en"', "", "<title>T</title>", "en"),
    ("atom10", ' xml:lang="en"', "", "<title xml:lang='id'>T</title>", "id"),
    ("atom10", "", "", "<content type='html' xml:lang='id'>x</content>", "id"),
    ("atom10", ' xml:lang="en"', "", "<content type='html' xml:lang='id'>x</content><title>T</title>", "id"),
    ("atom10", ' xml:lang="en"', "", "<content type='html' xml:lang='id_ID'>x</content>", "id"),
    ("atom10", ' xml:lang="fr"', "", "<summary xml:lang='de'>x</summary><title xml:lang='en'>T</title>", "de"),
    ("atom10", ' xml:lang="en"', "", "<summary xml:lang='fr'>x</summary><content type='html'>T</content>", "en"),
    ("atom10", ' xml:lang="en"', "", "<title xml:lang='fr'>x</title><summary>T</summary>", "en"),
    ("atom10", ' xml:lang="en"', "", "<title xml:lang=''>T</title>", "en"),
    ("atom03", ' xml:lang="en"', "", "<title xml:lang='id'>T</title>", "id"),
    ("atom03", ' xml:lang="en"', "", "<content xml:lang='id' mode='escaped' type='text/html'>T</content>", "id"),
    ("atom03", ' xml:lang="en"', "", "<summary>T</summary>", "en"),
)
OTHER_ROWS: tuple[tuple[tuple[str, ...], str, str, dict[str, Any]], ...] = (
    (
        RSS[4:],
        "dc:creator twice",
        "<dc:creator>Ann Lee</dc:creator><dc:creator>Jo Roe</dc:creator>",
        {"authors": ["Ann Lee", "Jo Roe"]},
    ),
    (
        RSS[4:],
        "dc:creator the same twice",
        "<dc:creator>Ann Lee</dc:creator><dc:creator>Ann Lee</dc:creator>",
        {"authors": ["Ann Lee"]},
    ),
    (RSS[4:], "dc:author", "<dc:author>Ann Lee</dc:author>", {"authors": ["Ann Lee"]}),
    (RSS[4:], "dc:publisher is no author", "<dc:publisher>Paper Ltd</dc:publisher>", {"authors": []}),
    (RSS[4:], "dc:contributor is no author", "<dc:contributor>Jo Roe</dc:contributor>", {"authors": []}),
    (
        RSS[4:],
        "an author of Atom within RSS",
        "<author xmlns='http://www.w3.org/2005/Atom'><name>Ann Lee</name></author>",
        {"authors": ["Ann Lee"]},
    ),
    (ATOM, "an author", "<author><name>Ann Lee</name></author>", {"authors": ["Ann Lee"]}),
    (
        ATOM,
        "an author with an address",
        "<author><name>Ann Lee</name><email>ann@a.example</email><uri>https://a.example/</uri></author>",
        {"authors": ["Ann Lee"]},
    ),
    (
        ATOM,
        "an author with a homepage",
        "<author><url>https://a.example/</url><name>Ann Lee</name></author>",
        {"authors": ["Ann Lee"]},
    ),
    (ATOM, "an author who is only an address", "<author><email>ann@a.example</email></author>", {"authors": []}),
    (
        ATOM,
        "two authors",
        "<author><name>Ann Lee</name></author><author><name>Jo Roe</name></author>",
        {"authors": ["Ann Lee", "Jo Roe"]},
    ),
    (ATOM, "a contributor is no author", "<contributor><name>Jo Roe</name></contributor>", {"authors": []}),
    (
        ("atom10",),
        "a source's author is none of the entry's",
        "<author><name>Ann Lee</name></author><source><author><name>Jo Roe</name></author></source>",
        {"authors": ["Ann Lee"]},
    ),
    (RSS[4:], "a category", "<category>Ports</category>", {"tags": ["Ports"]}),
    (
        RSS[4:],
        "categories, one with a domain",
        "<category>Ports</category><category domain='d'>Ferries</category>",
        {"tags": ["Ports", "Ferries"]},
    ),
    (
        RSS[4:],
        "dc:subject",
        "<dc:subject>Ports</dc:subject><dc:subject>Ferries</dc:subject>",
        {"tags": ["Ports", "Ferries"]},
    ),
    (RSS[4:], "a category twice", "<category>Ports</category><dc:subject>Ports</dc:subject>", {"tags": ["Ports"]}),
    (
        ("atom10",),
        "a category by its term",
        "<category term='ports' scheme='https://a.example/'/>",
        {"tags": ["ports"]},
    ),
    (("atom10",), "a category by its label", "<category term='p1' label='Ports'/>", {"tags": ["Ports"]}),
    (("atom10",), "a category in another script", "<category term='港'/>", {"tags": ["港"]}),
    (
        ("atom10",),
        "a source's category is none of the entry's",
        "<source><category term='x'/></source><category term='ports'/>",
        {"tags": ["ports"]},
    ),
)


def cases() -> Iterator[Case]:
    """Every row in every format that it is for."""
    for written, names in WRITTEN:
        for form, element in (
            ("rss20", "author"),
            ("rss20", "dc:creator"),
            ("rss10", "dc:creator"),
            ("rss092", "author"),
        ):
            yield _case(form, f"{element} {written!r}", f"<{element}>{written}</{element}>", {"authors": names})
    for forms, attributes, feed, code in FEED_LANGUAGES:
        for form in forms:
            markup = feed_of(form, "", feed, attributes=attributes)
            yield table_case(
                markup, f"{form}: the language of{attributes} {feed}", {"language": code, "entries[0].language": code}
            )
    for form, attributes, feed, entry, code in ENTRY_LANGUAGES:
        markup = feed_of(form, entry, feed, attributes=attributes)
        yield table_case(
            markup, f"{form}: the entry's language in{attributes} {feed} {entry}", {"entries[0].language": code}
        )
    for forms, what, markup, expects in OTHER_ROWS:
        for form in forms:
            yield _case(form, what, markup, expects)


def _case(form: str, what: str, markup: str, expects: dict[str, Any]) -> Case:
    return table_case(
        feed_of(form, markup), f"{form}: {what}", {f"entries[0].{field}": value for field, value in expects.items()}
    )
