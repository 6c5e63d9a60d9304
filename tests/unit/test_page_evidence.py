"""What a page says about itself: JSON-LD as it is really written, <meta>, <time>, and which of it is believed."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from ingest.article import extract, extraction
from ingest.fingerprint import content_hash
from ingest.jsonld import story_node
from ingest.records import Article, Entry, Page

URL = "https://www.post.example/2024/05/30/fish"
STORY = (
    "<article><p>" + "The ministers met in the old harbour town to speak about fish and nets. " * 5 + "</p></article>"
)


def article(head: str, *, url: str = URL, fetched: str = "2024-06-01T00:00:00Z", **entry: object) -> Article:
    page = Page.model_validate(
        {
            "url": url,
            "body": f"<html><head>{head}</head><body>{STORY}</body></html>".encode(),
            "content_type": None,
            "fetched": fetched,
        }
    )
    return extract(page, Entry.model_validate({"id": "0" * 32, "feed_id": None, "url": url, **entry}))


def json_ld(**node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **node})}</script>'


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    "block",
    [
        '{"@type":"NewsArticle","headline":"Fish"}',
        '<!-- {"@type":"NewsArticle","headline":"Fish"} -->',
        '//<![CDATA[\n{"@type":"NewsArticle","headline":"Fish"}\n//]]>',
        '{"@type":"NewsArticle","headline":"Fish",};',
        '{"@type":"NewsArticle","headline":"Fish","description":"two\nlines"}',
        '[{"@type":"Organization","name":"x"},{"@type":["Thing","NewsArticle"],"headline":["Fish"]}]',
        '{"@graph":[{"@type":"WebPage","name":"no"},{"@type":"https://schema.org/ReportageNewsArticle","headline":"Fish"}]}',
        '{"@type":"WebPage","mainEntity":{"@type":"BlogPosting","headline":{"@value":"Fish"}}}',
        '{"headline":"Fish","description":"a "quote" breaks it","datePublished":"2024-01-01"}',
    ],
)
def test_json_ld_is_read_as_it_is_written(block: str) -> None:
    node = story_node([block], URL)
    assert node is not None
    assert node.headlines[0] == "Fish"


def test_of_several_stories_the_page_s_own_is_read() -> None:
    blocks = [
        json.dumps(
            {"@type": "NewsArticle", "headline": "Other", "author": "x", "image": "y", "datePublished": "2024-01-01"}
        ),
        json.dumps({"@type": "NewsArticle", "headline": "Own", "mainEntityOfPage": {"@id": URL}}),
        json.dumps(
            {"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "Listed", "url": URL}]}
        ),
    ]
    node = story_node(blocks, URL)
    assert node is not None
    assert node.headlines == ("Own",)


@pytest.mark.parametrize(
    ("stated", "feed", "expected", "origin"),
    [
        ("2024-05-30T10:00:00+07:00", None, "2024-05-30T03:00:00+00:00", "json-ld"),
        ("2024-05-30T10:00:00+07:00", "2024-05-30T05:00:00Z", "2024-05-30T03:00:00+00:00", "json-ld"),
        ("2024-05-30", "2024-05-30T05:00:00Z", "2024-05-30T05:00:00+00:00", "feed"),
        ("2024-05-30T00:00:00Z", "2024-05-30T05:00:00Z", "2024-05-30T05:00:00+00:00", "feed"),
        ("2024-05-30T10:00:00", "2024-05-30T03:00:00Z", "2024-05-30T03:00:00+00:00", "feed"),
        ("2024-05-20", "2024-05-30T05:00:00Z", "2024-05-20T00:00:00+00:00", "json-ld"),
        ("2025-01-01T00:00:01Z", "2024-05-30T05:00:00Z", "2024-05-30T05:00:00+00:00", "feed"),
        ("1970-01-01T00:00:01Z", "2024-05-30T05:00:00Z", "2024-05-30T05:00:00+00:00", "feed"),
        ("yesterday", "2024-05-30T05:00:00Z", "2024-05-30T05:00:00+00:00", "feed"),
        ("yesterday", None, "2024-05-30T00:00:00+00:00", "url"),
    ],
)
def test_the_date_is_the_page_s_own_and_the_most_exact_of_that_day(
    stated: str, feed: str | None, expected: str, origin: str
) -> None:
    found = article(json_ld(headline="Fish", datePublished=stated), published=feed)
    assert (found.published, found.published_from) == (when(expected), origin)


def test_a_date_in_the_words_of_the_story_never_counts() -> None:
    global_story = "<html><body><p>Senin (5/6), 5 Juni 2023, June 5, 2023, 2023-06-05T10:00:00Z. </p>" + STORY
    page = Page.model_validate(
        {
            "url": "https://post.example/x",
            "body": global_story.encode(),
            "content_type": None,
            "fetched": "2024-06-01T00:00:00Z",
        }
    )
    found = extract(page, Entry(id="0" * 32, feed_id=None, url=page.url))
    assert found.published is None
    assert found.published_from is None


def test_a_time_element_among_other_stories_never_counts() -> None:
    found = article("<aside><time datetime='2024-05-01T10:00:00Z'>x</time></aside>", url="https://post.example/x")
    assert found.published is None


def test_a_time_without_zone_takes_that_of_the_page_s_other_dates() -> None:
    found = article(
        json_ld(headline="Fish", datePublished="2024-05-30 10:00", dateModified="2024-05-30T11:00:00+07:00")
    )
    assert found.published == when("2024-05-30T03:00:00+00:00")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://berita.co.id/x", "2024-05-30T03:00:00+00:00"),
        ("https://news.example.jp/x", "2024-05-30T01:00:00+00:00"),
        ("https://zeitung.de/x", "2024-05-30T08:00:00+00:00"),
        ("https://post.com.au/x", "2024-05-30T10:00:00+00:00"),  # several zones: none is taken
        ("https://post.example/x", "2024-05-30T10:00:00+00:00"),
    ],
)
def test_a_time_without_zone_takes_that_of_the_source_s_country_if_it_has_one(url: str, expected: str) -> None:
    assert article(json_ld(headline="Fish", datePublished="2024-05-30 10:00"), url=url).published == when(expected)


def test_two_that_agree_correct_one_that_names_the_wrong_zone() -> None:
    head = json_ld(headline="Fish", datePublished="2024-05-30T10:00:00Z")
    head += "<meta property='article:published_time' content='2024-05-30T10:00:00+07:00'>"
    assert article(head).published == when("2024-05-30T10:00:00+00:00")
    found = article(head, published="2024-05-30T03:00:20Z")
    assert (found.published, found.published_from) == (when("2024-05-30T03:00:00+00:00"), "meta")


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("<div class=date>Kamis, 30 Mei 2024 | 14.30 WIB</div>", "2024-05-30T07:30:00+00:00"),
        ("<p>Kamis, 30 Mei 2024 | 14.30 WIB</p>", "2024-05-30T07:30:00+00:00"),
        ("<span>2 jam lalu</span>", "2024-05-31T22:00:00+00:00"),
        ("<p>Der Vertrag vom 30. Mei 2024 um 14.30 Uhr ist zu Ende gegangen, sagte der Minister dazu.</p>", None),
        ("<aside><div class=date>30 Mei 2024 14.30 WIB</div></aside>", None),
        ("<div class=related><div class=date>30 Mei 2024 14.30 WIB</div></div>", None),
    ],
)
def test_a_date_in_words_counts_beside_the_headline_alone(byline: str, expected: str | None) -> None:
    head, url = "<h1>Fish and nets in the harbour</h1>" + byline, "https://post.example/x"
    body = f"<html><body>{head}{STORY}{STORY}<div class=date>1 Januari 2020 10.00 WIB</div></body></html>"
    page = Page.model_validate(
        {"url": url, "body": body.encode(), "content_type": None, "fetched": "2024-06-01T00:00:00Z"}
    )
    found = extract(page, Entry(id="0" * 32, feed_id=None, url=url))
    assert found.published == (when(expected) if expected else None)
    assert found.published_from == ("byline" if expected else None)


def test_modified_before_published_is_nonsense() -> None:
    both = {"datePublished": "2024-05-30T10:00:00Z", "dateModified": "2024-05-29T10:00:00Z"}
    assert article(json_ld(headline="Fish", **both)).modified is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<title>Fish and nets | The Post</title><meta property='og:site_name' content='The Post'>", "Fish and nets"),
        ("<title>Fish - and nets - post.example</title>", "Fish - and nets"),
        (
            "<title>Fish and nets – Vortex Cannon Group</title><meta property='og:site_name' content='Vortex Cannon'>",
            "Fish and nets",
        ),
        ("<title>Fish and nets — PT World News</title><meta property='og:site_name' content='PT'>", "Fish and nets"),
        ("<title>Fish – PT boats at sea</title><meta property='og:site_name' content='PT'>", "Fish – PT boats at sea"),
        ("<title>The Post | Fish</title><meta property='og:site_name' content='The Post'>", "Fish"),
        ("<meta property='og:title' content='Fish * by Ann Lee'><title>Fish</title>", "Fish"),
        ("<title>Pro-Post</title>", "Pro-Post"),
        (
            json_ld(headline="A very long headline " * 5 + "cut")
            + f"<title>{'A very long headline ' * 5}cut off here</title>",
            "A very long headline " * 5 + "cut off here",
        ),
        (json_ld(headline="Fish &amp; nets &#8211; a story"), "Fish & nets – a story"),
        ("<title>Fish and nets in the harbour - The Post Online</title>", "Fish and nets in the harbour"),
        ("<title>Fish and nets in the harbour | World</title>", "Fish and nets in the harbour"),
        (
            "<meta property='article:section' content='Asia'><title>Fish and nets in the harbour - Asia</title>",
            "Fish and nets in the harbour",
        ),
        (
            "<meta property='article:section' content='Asia'><title>Fish and nets in the harbour - Asia</title>"
            + json_ld(headline="Fish and nets in the harbour - Asia"),
            "Fish and nets in the harbour - Asia",
        ),
        (
            "<meta property='og:title' content='ニュース一覧と魚の網：新聞'><title>ニュース一覧と魚の網</title>",
            "ニュース一覧と魚の網",
        ),
        (
            "<meta property='og:title' content='War in the north: ten ships lost'><title>War in the north</title>",
            "War in the north: ten ships lost",
        ),
        (
            "<meta property='og:title' content='Covid-19 is back in town'><title>Covid</title>",
            "Covid-19 is back in town",
        ),
        (json_ld(headline="Fish in <em>two</em> nets"), "Fish in two nets"),
        ("", "From the feed"),
    ],
)
def test_the_title_is_the_story_s_without_the_site_s_name(head: str, expected: str) -> None:
    assert article(head, title="From the feed" if not head else None).title == expected


def test_where_the_page_says_two_titles_the_feed_decides() -> None:
    head = (
        json_ld(headline="Ministers meet over fish") + "<meta property='og:title' content='Why fish matter to us all'>"
    )
    assert article(head).title == "Why fish matter to us all"
    assert article(head, title="Ministers meet over fish").title == "Ministers meet over fish"
    assert article(head, title="Something else").title == "Why fish matter to us all"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (json_ld(headline="x", author="By Ann Lee, Bo Ek and Cy Dee"), ("Ann Lee", "Bo Ek", "Cy Dee")),
        (json_ld(headline="x", author={"@type": "Person", "name": ["Ann Lee", "Bo Ek"]}), ("Ann Lee", "Bo Ek")),
        (json_ld(headline="x", author=[{"name": "Ann Lee"}, {"name": "Ann Lee"}]), ("Ann Lee",)),
        (
            json_ld(headline="x", author={"name": "The Post"}, publisher={"name": "The Post"})
            + "<meta name=author content='Ann Lee'>",
            ("Ann Lee",),
        ),
        (json_ld(headline="x", author={"name": "The Post"}, publisher={"name": "The Post"}), ("The Post",)),
        ("<meta name=author content='https://facebook.com/post'>", ("Feed Writer",)),
        ("<meta name=author content='admin'>", ("Feed Writer",)),
        ("<meta name=author content='Di Maria'>", ("Di Maria",)),
    ],
)
def test_authors_are_people_before_the_site(head: str, expected: tuple[str, ...]) -> None:
    assert (
        article(head, authors=("Feed Writer",) if "meta name=author" in head and "json" not in head else ()).authors
        == expected
    )


def test_each_value_says_where_it_came_from_and_what_was_passed_over() -> None:
    head = json_ld(headline="Fish and nets", author={"@type": "Person", "givenName": "Ann", "familyName": "Lee"})
    head += "<meta property='og:title' content='Fish and nets | The Post'><meta name=author content=Redaksi>"
    head += "<meta property='og:site_name' content='The Post'><meta property='article:section' content='World, Asia'>"
    page = Page.model_validate(
        {
            "url": URL,
            "body": f"<html><head>{head}</head><body>{STORY}</body></html>".encode(),
            "content_type": None,
            "fetched": "2024-06-01T00:00:00Z",
        }
    )
    found = extraction(page, Entry(id="0" * 32, feed_id=None, url=URL, title="Fish and nets"))
    assert found.article.authors == ("Ann Lee",)
    assert found.article.section == "World"
    assert found.article.origins["title"] in {"meta og:title", "json-ld headline", "feed title"}
    assert found.article.origins["authors"] == "json-ld author"
    assert found.article.origins["section"] == "meta article:section"
    assert found.article.origins["published"] == "url path"
    assert found.article.origins["body"] == "page"
    kept = {one.evidence.value: one.kept for one in found.evidence["authors"]}
    assert kept == {"Ann Lee": True, "Redaksi": False}
    assert {one.evidence.means for one in found.evidence["title"] if one.kept} == {"meta", "json-ld", "feed"}


@pytest.mark.parametrize(
    ("head", "paid"),
    [
        (json_ld(headline="x", isAccessibleForFree=False), True),
        (json_ld(headline="x", isAccessibleForFree="False"), True),
        (json_ld(headline="x", isAccessibleForFree=True, hasPart={"isAccessibleForFree": "False"}), True),
        (json_ld(headline="x", isAccessibleForFree="True"), False),
        ("<meta property='article:content_tier' content='locked'>", True),
        ("<meta property='article:content_tier' content='free'>", False),
        ("</head><body><div class='c-paywall__box'>Subscribe</div>", True),
        ("", False),
    ],
)
def test_what_must_be_paid_for_is_told(head: str, paid: bool) -> None:
    assert article(head).paywalled == paid


@pytest.mark.parametrize(
    ("url", "head", "country"),
    [
        ("https://berita.co.id/x", "", "ID"),
        ("https://post.co.uk/x", "", "GB"),
        ("https://post.tv/x", "", None),
        ("https://post.example/x", "<meta property='og:locale' content='en_US'>", None),
        ("https://post.example/x", "<meta property='og:locale' content='id_ID'>", "ID"),
        (
            "https://post.example/x",
            json_ld(headline="x", publisher={"name": "y", "address": {"addressCountry": "Malaysia"}}),
            "MY",
        ),
        (
            "https://post.example/x",
            json_ld(headline="x", publisher={"name": "y", "address": {"addressCountry": {"name": "JP"}}}),
            "JP",
        ),
    ],
)
def test_the_source_s_country_is_told_where_it_is_sure(url: str, head: str, country: str | None) -> None:
    assert article(head, url=url).site_country == country


def test_an_agency_among_the_authors_is_credited_and_is_no_author() -> None:
    found = article(json_ld(headline="x", author=[{"name": "Ann Lee"}, {"name": "Reuters"}]))
    assert (found.authors, found.agency) == (("Ann Lee",), "Reuters")


@pytest.mark.parametrize(
    ("canonical", "believed"),
    [
        ("https://post.example/fish", True),
        ("https://m.post.example/fish", True),
        ("/fish", True),
        ("https://post.example/", False),
        ("https://post.example/en/", False),
        ("https://post.example/index.html", False),
        ("https://other.example/fish", False),
        ("javascript:alert(1)", False),
        ("ftp://post.example/fish", False),
        ("http://[", False),
    ],
)
def test_a_canonical_address_is_believed_on_its_own_site_only(canonical: str, believed: bool) -> None:
    found = article(f'<link rel="canonical" href="{canonical}">').url
    assert (found != URL) == believed
    assert not believed or found.endswith("post.example/fish")


def test_two_blogs_under_one_public_suffix_are_two_sites() -> None:
    head = '<link rel="canonical" href="https://victim.blogspot.com/fish">'
    assert article(head, url="https://thief.blogspot.com/x").url == "https://thief.blogspot.com/x"


def test_lines_that_point_to_other_stories_are_left_out() -> None:
    pointers = "<p>Baca juga: <a href=/x>Sepuluh resep</a></p><p>Read more: Ten fish</p>"
    page = f"<html><body>{STORY}{pointers}{STORY}</body></html>"
    record = Page.model_validate(
        {"url": URL, "body": page.encode(), "content_type": None, "fetched": "2024-06-01T00:00:00Z"}
    )
    body = extract(record, Entry(id="0" * 32, feed_id=None, url=URL)).body
    assert "resep" not in body
    assert "Ten fish" not in body
    assert "ministers" in body


def test_the_feed_s_full_text_stands_in_where_the_page_has_none() -> None:
    record = Page.model_validate(
        {
            "url": URL,
            "body": b"<html><body><p>Subscribe to read.</p></body></html>",
            "content_type": None,
            "fetched": "2024-06-01T00:00:00Z",
        }
    )
    content = "<p>The first paragraph of the story is here.</p><script>x</script><p>And here is the second.</p>"
    found = extract(record, Entry(id="0" * 32, feed_id=None, url=URL, content=content))
    assert found.body == "The first paragraph of the story is here.\nAnd here is the second."


def test_of_a_short_text_the_feed_knows_the_language_better_than_the_template() -> None:
    story = "<p>Menteri Luar Negeri bertemu Menteri Perdagangan di Jakarta.</p>"
    body = f"<html lang=en><body><h1>Pertemuan menteri</h1><article>{story}</article></body></html>"
    record = Page.model_validate(
        {"url": URL, "body": body.encode(), "content_type": None, "fetched": "2024-06-01T00:00:00Z"}
    )
    assert extract(record, Entry(id="0" * 32, feed_id=None, url=URL, language="id")).language == "id"


def test_a_fingerprint_sees_words_not_layout() -> None:
    assert content_hash("Fish", "a  b\nc") == content_hash(" Fish ", "a b c")
    assert content_hash("Caf\u00e9", "x") == content_hash("Cafe\u0301", "x")
    assert content_hash("Fish", "a b") != content_hash("Fish a", "b")
    assert content_hash("Fish", "A b") != content_hash("Fish", "a b")
