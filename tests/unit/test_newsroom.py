"""The newsroom itself: everything else trusts it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import feedparser
import httpx
import pytest

from tests.newsroom import NewsArticle, Newsroom
from tests.newsroom.feeds import FORMATS, FeedFormat
from tests.newsroom.server import PortTakenError, Response

ARTICLE = NewsArticle(
    slug="satu",
    title="Kapal <Patroli> & Kabel “Laut”",
    body=("Paragraf pertama tentang kantor penghubung.", "Paragraf kedua < ketiga & terakhir."),
    authors=("Ratna Wulandari", "Bagus Prakoso"),
    published=datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=7))),
    section="asia",
)


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom() as running:
        yield running


@pytest.fixture
def web() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10, trust_env=False) as client:
        yield client


def with_slug(slug: str) -> NewsArticle:
    return replace(ARTICLE, slug=slug, title=f"Judul {slug}")


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "json1"])
def test_feeds_are_well_formed_and_carry_the_article(newsroom: Newsroom, web: httpx.Client, format: FeedFormat) -> None:
    """feedparser finds no fault, the version is the one asked for, and title, link, date and authors come back."""
    feed_url = newsroom.add_feed("dunia", format, "Warta & Dunia", "id")
    page_url = newsroom.publish("dunia", ARTICLE)
    response = web.get(feed_url)
    parsed = feedparser.parse(response.content, response_headers=dict(response.headers))
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == {"rss091": "rss091u"}.get(format, format)
    assert parsed.feed.title == "Warta & Dunia"
    assert parsed.feed.language == "id"
    (entry,) = parsed.entries
    assert entry.title == ARTICLE.title
    assert entry.link == page_url
    assert entry.summary == ARTICLE.body[0]
    if format in {"rss20", "rss10", "atom10"}:
        moment = entry.get("published_parsed") or entry.updated_parsed
        assert moment[:6] == (2024, 5, 6, 0, 8, 9)
        assert [author.name for author in entry.authors] == list(ARTICLE.authors) or entry.author in ARTICLE.authors
    else:
        assert "published" not in entry


def test_json_feeds_follow_version_1_1(newsroom: Newsroom, web: httpx.Client) -> None:
    feed_url = newsroom.add_feed("dunia", "json1")
    page_url = newsroom.publish("dunia", ARTICLE)
    response = web.get(feed_url)
    document = response.json()
    assert response.headers["content-type"] == "application/feed+json"
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["feed_url"] == feed_url
    (item,) = document["items"]
    assert item["id"] == item["url"] == page_url
    assert item["title"] == ARTICLE.title
    assert item["date_published"] == "2024-05-06T07:08:09+07:00"
    assert [author["name"] for author in item["authors"]] == list(ARTICLE.authors)


@pytest.mark.parametrize("format", ["rss20", "rss10", "atom10"])
def test_full_text_feeds_carry_every_paragraph(newsroom: Newsroom, web: httpx.Client, format: FeedFormat) -> None:
    url = newsroom.add_feed("dunia", format, full_text=True)
    newsroom.publish("dunia", ARTICLE)
    content = feedparser.parse(web.get(url).content).entries[0].content[0].value
    assert content.count("<p>") == len(ARTICLE.body)
    assert "kedua &lt; ketiga" in content


def test_a_feed_lists_its_newest_first_and_no_more_than_its_window(newsroom: Newsroom, web: httpx.Client) -> None:
    url = newsroom.add_feed("dunia", window=3)
    for number in range(5):
        newsroom.publish("dunia", with_slug(f"n{number}"))
    assert [entry.title for entry in feedparser.parse(web.get(url).content).entries] == [
        "Judul n4",
        "Judul n3",
        "Judul n2",
    ]


def test_an_unknown_format_is_refused_with_those_there_are(newsroom: Newsroom) -> None:
    with pytest.raises(ValueError, match=r"rss3.*rss20.*json1"):
        newsroom.add_feed("dunia", "rss3")  # type: ignore[arg-type]  # the wrong value is what is tested


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_unchanged_pages_and_feeds_answer_304(newsroom: Newsroom, web: httpx.Client, coding: str) -> None:
    """Either validator alone suffices; a change ends it; the 304 has no body."""
    feed_url = newsroom.add_feed("dunia")
    page_url = newsroom.publish("dunia", ARTICLE)
    for url in (feed_url, page_url):
        first = web.get(url, headers={"Accept-Encoding": coding})
        assert first.status_code == 200
        for name, header in (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")):
            again = web.get(url, headers={"Accept-Encoding": coding, header: first.headers[name]})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
        newsroom.change(page_url, title=f"Judul baru di {url}")
        changed = web.get(url, headers={"Accept-Encoding": coding, "If-None-Match": first.headers["etag"]})
        assert changed.status_code == 200


def test_a_wrong_etag_outweighs_a_right_date(newsroom: Newsroom, web: httpx.Client) -> None:
    """RFC 9110 §13.2.2: If-Modified-Since is ignored where If-None-Match is given."""
    url = newsroom.add_feed("dunia")
    modified = web.get(url).headers["last-modified"]
    assert web.get(url, headers={"If-None-Match": '"other"', "If-Modified-Since": modified}).status_code == 200


def test_gzip_is_for_those_who_accept_it(newsroom: Newsroom, web: httpx.Client) -> None:
    newsroom.add_feed("dunia")
    url = newsroom.publish("dunia", ARTICLE)
    plain = web.get(url, headers={"Accept-Encoding": "identity"})
    zipped = web.get(url, headers={"Accept-Encoding": "br, gzip;q=0.5"})
    refused = web.get(url, headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.headers["vary"] == "Accept-Encoding"
    assert zipped.content == plain.content == refused.content
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"])
    assert zipped.headers["etag"] != plain.headers["etag"]


def test_head_sends_the_same_headers_and_no_body(newsroom: Newsroom, web: httpx.Client) -> None:
    newsroom.add_feed("dunia")
    url = newsroom.publish("dunia", ARTICLE)
    head, got = web.head(url), web.get(url)
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]
    assert head.headers["etag"] == got.headers["etag"]


def test_a_moved_feed_redirects_and_goes_on_under_its_new_name(newsroom: Newsroom, web: httpx.Client) -> None:
    old_url = newsroom.add_feed("lama")
    newsroom.publish("lama", ARTICLE)
    new_url = newsroom.move_feed("lama", "baru", 308)
    answer = web.get(old_url)
    assert (answer.status_code, answer.headers["location"]) == (308, new_url)
    newsroom.publish("baru", with_slug("dua"))
    assert len(feedparser.parse(web.get(old_url, follow_redirects=True).content).entries) == 2
    with pytest.raises(KeyError, match=r"lama.*baru"):
        newsroom.publish("lama", with_slug("tiga"))


def test_a_removed_feed_answers_as_told_and_its_pages_stay(newsroom: Newsroom, web: httpx.Client) -> None:
    feed_url = newsroom.add_feed("dunia")
    page_url = newsroom.publish("dunia", ARTICLE)
    newsroom.remove_feed("dunia", 410)
    assert web.get(feed_url).status_code == 410
    assert web.get(page_url).status_code == 200
    newsroom.withdraw(page_url, 404)
    assert web.get(page_url).status_code == 404


@pytest.mark.parametrize("format", ["rss20", "atom10"])
def test_a_changed_article_reads_anew_on_page_and_in_feed(
    newsroom: Newsroom, web: httpx.Client, format: FeedFormat
) -> None:
    feed_url = newsroom.add_feed("dunia", format)
    page_url = newsroom.publish("dunia", ARTICLE)
    newsroom.publish("dunia", with_slug("dua"))
    moment = datetime(2024, 5, 7, 1, 2, 3, tzinfo=UTC)
    newsroom.change(page_url, title="Judul baru", body=("Isi baru sama sekali.",), updated=moment)
    entries = feedparser.parse(web.get(feed_url).content).entries
    assert [entry.title for entry in entries] == ["Judul dua", "Judul baru"]
    assert entries[1].updated_parsed[:6] == (2024, 5, 7, 1, 2, 3)
    assert entries[1].published_parsed[:6] == (2024, 5, 6, 0, 8, 9)
    page = web.get(page_url).text
    assert "Isi baru sama sekali." in page
    assert ARTICLE.body[0] not in page


def test_a_page_made_elsewhere_is_served_byte_for_byte(newsroom: Newsroom, web: httpx.Client) -> None:
    newsroom.add_feed("dunia")
    raw = b"<html>\xff\x00 apa adanya"
    url = newsroom.publish("dunia", replace(ARTICLE, raw_html=raw, path="/berita.php?id=7"))
    assert url == f"{newsroom.url}/berita.php?id=7"
    assert web.get(url).content == raw
    newsroom.change(url, title="Judul lain")
    assert web.get(url).content == raw
    newsroom.change(url, raw_html=b"<html>baru")
    assert web.get(url).content == b"<html>baru"


def test_one_address_holds_one_article_in_as_many_feeds_as_wanted(newsroom: Newsroom) -> None:
    newsroom.add_feed("satu")
    newsroom.add_feed("dua")
    assert newsroom.publish("satu", ARTICLE) == newsroom.publish("dua", ARTICLE)
    with pytest.raises(ValueError, match="lists"):
        newsroom.publish("satu", ARTICLE)
    with pytest.raises(ValueError, match="another article"):
        newsroom.publish("satu", replace(ARTICLE, title="Lain"))


def test_paths_fail_and_heal_as_told(newsroom: Newsroom, web: httpx.Client) -> None:
    """A number of times or until healed; by URL, path or pattern; with headers of one's own."""
    url = newsroom.add_feed("dunia")
    newsroom.fail(url, 503, times=2, headers={"Retry-After": "7"})
    assert [web.get(url).status_code for _ in range(3)] == [503, 503, 200]
    newsroom.fail("/feeds/*", 429)
    assert web.get(url).status_code == 429
    newsroom.heal("/feeds/*")
    newsroom.fail("/feeds/dunia.xml", 500, headers={"Retry-After": "7"})
    answer = web.get(url)
    assert (answer.status_code, answer.headers["retry-after"]) == (500, "7")


def test_tracking_parameters_lead_to_the_same_page(newsroom: Newsroom, web: httpx.Client) -> None:
    newsroom.add_feed("dunia")
    url = newsroom.publish("dunia", ARTICLE)
    assert web.get(f"{url}?utm_source=rss").content == web.get(url).content


def test_the_front_page_announces_the_feeds(newsroom: Newsroom, web: httpx.Client) -> None:
    urls = {newsroom.add_feed("dunia"), newsroom.add_feed("kilat", "atom10")}
    newsroom.publish("dunia", ARTICLE)
    front = web.get(newsroom.url).text
    from lxml import html

    links = html.fromstring(front).xpath('//link[@rel="alternate"]')
    assert {link.get("href") for link in links} == urls
    assert {link.get("type") for link in links} == {"application/rss+xml", "application/atom+xml"}
    assert web.get(f"{newsroom.url}/kanal/asia").status_code == 200
    assert web.get(f"{newsroom.url}/kanal/lain").status_code == 404


def test_robots_and_sitemap_are_there(newsroom: Newsroom, web: httpx.Client) -> None:
    newsroom.add_feed("dunia")
    page_url = newsroom.publish("dunia", ARTICLE)
    assert f"Sitemap: {newsroom.url}/sitemap.xml" in web.get(f"{newsroom.url}/robots.txt").text
    assert f"<loc>{page_url}</loc>" in web.get(f"{newsroom.url}/sitemap.xml").text
    newsroom.set_robots("User-agent: *\nDisallow: /\n")
    assert "Disallow: /\n" in web.get(f"{newsroom.url}/robots.txt").text


def test_the_log_tells_who_asked_what(newsroom: Newsroom, web: httpx.Client) -> None:
    url = newsroom.add_feed("dunia")
    before = time.time()
    web.get(url, headers={"User-Agent": "Kawat/0.1", "If-None-Match": '"x"'})
    web.get(f"{newsroom.url}/tidak-ada")
    first, second = newsroom.requests()
    assert (first.method, first.path, first.status) == ("GET", "/feeds/dunia.xml", 200)
    assert first.headers["user-agent"] == "Kawat/0.1"
    assert first.host == newsroom.hosts[0]
    assert before - 1 <= first.time <= time.time()
    assert first.peer.startswith("127.0.0.1:")
    assert (second.path, second.status) == ("/tidak-ada", 404)
    assert newsroom.requests(url) == [first]


def test_requests_under_way_at_once_are_counted(newsroom: Newsroom) -> None:
    newsroom.serve("/lambat", Response(200, body=b"ok"))
    newsroom.slow("/lambat", 2)  # so long that three threads are there at once on any machine
    started = time.monotonic()
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: httpx.get(f"{newsroom.url}/lambat", trust_env=False).text, range(3)))
    assert answers == ["ok"] * 3
    assert newsroom.max_concurrent() == newsroom.max_concurrent(newsroom.hosts[0]) == 3
    assert time.monotonic() - started >= 2


def test_feeds_spread_over_hosts(web: httpx.Client) -> None:
    with Newsroom(hosts=3) as newsroom:
        urls = [newsroom.add_feed(f"feed{number}") for number in range(4)]
        hosts = [httpx.URL(url).host for url in urls]
        assert hosts == ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1"]
        page = newsroom.publish("feed1", ARTICLE)
        assert httpx.URL(page).host == "127.0.0.2"
        assert web.get(page).status_code == 200
        assert newsroom.max_concurrent("127.0.0.2:" + str(newsroom.port)) == 1


def test_a_rate_is_kept_without_drift(newsroom: Newsroom) -> None:
    """40 a second: the n-th appears n/40 s after the start, not earlier, and the last is not late."""
    newsroom.add_feed("dunia")
    started = time.time()
    publisher = newsroom.publish_at_rate("dunia", [with_slug(f"n{number}") for number in range(41)], 40)
    assert publisher.wait(60)
    times = [each.at for each in publisher.published]
    assert len(times) == 41
    for number, at in enumerate(times):
        assert at - started >= number / 40 - 0.005  # two clocks: their difference
    assert times[-1] - times[0] < 60  # a second on an idle machine


def test_stopping_ends_a_rate(newsroom: Newsroom, web: httpx.Client) -> None:
    url = newsroom.add_feed("dunia")
    publisher = newsroom.publish_at_rate("dunia", [with_slug(f"n{number}") for number in range(1000)], 5)
    publisher.stop()
    assert publisher.left > 900
    assert len(feedparser.parse(web.get(url).content).entries) == len(publisher.published)


def test_threads_may_publish_at_once(newsroom: Newsroom, web: httpx.Client) -> None:
    url = newsroom.add_feed("dunia", window=1000)

    def publish(start: int) -> None:
        for number in range(start, start + 25):
            newsroom.publish("dunia", with_slug(f"n{number}"))
            web.get(url)

    threads = [threading.Thread(target=publish, args=(start,)) for start in range(0, 100, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    parsed = feedparser.parse(web.get(url).content)
    assert not parsed.bozo
    assert {entry.title for entry in parsed.entries} == {f"Judul n{number}" for number in range(100)}


def test_a_taken_port_is_said_and_a_stopped_newsroom_frees_it(newsroom: Newsroom) -> None:
    port = newsroom.port
    with pytest.raises(PortTakenError, match=str(port)):
        Newsroom(port=port).start()
    newsroom.stop()
    again = Newsroom(port=port).start()
    again.stop()
    newsroom.start()  # the fixture stops it once more


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback"):
        Newsroom("0.0.0.0")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"slug": ""}, "slug"),
        ({"published": datetime(2024, 1, 1)}, "time zone"),  # noqa: DTZ001 — the naive date is what is tested
        ({"path": "tanpa-garis"}, "begin with /"),
    ],
)
def test_an_impossible_article_is_refused(fault: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(ARTICLE, **fault)  # type: ignore[arg-type]  # wrong values on purpose
