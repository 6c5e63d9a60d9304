"""From records to the document: what is kept, cut, believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from search.documents import site, source
from search.mappings import ARTICLE_FIELDS, KEYWORD_CHARS, STEMMED_ANALYZER, STEMMED_FIELD
from search.schema import Family, Names, families
from tests.integration.search_material import SEEN, document, feed, mention

NOW = datetime(2026, 3, 4, 5, 6, 9, tzinfo=UTC)


def made(**changes: Any) -> dict[str, Any]:
    return source(document("Judul", **changes), NOW)


def test_a_document_says_whose_it_is_and_when() -> None:
    found = made()
    assert found["@timestamp"] == found["published"] == "2026-03-04T01:02:03Z"
    assert (found["first_seen"], found["indexed_at"]) == ("2026-03-04T05:06:07Z", "2026-03-04T05:06:09Z")
    assert (found["source"], found["source_name"]) == ("news.example", "Contoh Berita")
    assert (found["source_owner"], found["source_kind"], found["source_country"]) == (
        "Contoh Media Group",
        "private",
        "ID",
    )
    assert (found["source_folder"], found["country"], found["revision"]) == ("Indonesia", ["JP"], 1)
    assert found["published_from"] == "feed"
    assert "is" not in found


def test_no_document_has_a_field_that_the_mapping_lacks() -> None:
    full = made(feed=feed(sample=True), mentions=(mention("person"), mention("place"), mention("organisation")))
    assert set(full) <= set(ARTICLE_FIELDS)
    assert full["is"] == ["sample"]
    assert full["person"] == ["person-1", "A person"]
    assert full["mentions"][0]["surfaces"] == ("A",)


@pytest.mark.parametrize(
    "nonsense",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
        SEEN + timedelta(days=1, seconds=1),
        None,
    ],
)
def test_a_date_that_cannot_be_gives_way_to_first_seen(nonsense: datetime | None) -> None:
    found = made(published=nonsense)
    assert found["@timestamp"] == found["first_seen"]
    assert found["published_from"] == "first-seen"
    assert "published" not in found


def test_an_hour_ahead_is_a_clock_set_wrong_not_nonsense() -> None:
    assert made(published=SEEN + timedelta(hours=1))["published"] == "2026-03-04T06:06:07Z"


@pytest.mark.parametrize(("language", "field"), [*STEMMED_FIELD.items(), ("th", None), (None, None)])
def test_only_the_articles_own_language_is_stemmed(language: str | None, field: str | None) -> None:
    found = made(language=language).get("stemmed", {})
    assert list(found) == ([field] if field else [])
    assert set(STEMMED_FIELD.values()) == set(STEMMED_ANALYZER)


def test_given_by_hand_there_is_no_feed_to_name() -> None:
    found = made(feed=None, site_name="Situs")
    assert found["source_name"] == "Situs"
    assert not {"feed_id", "source_owner", "source_kind", "is"} & set(found)


def test_an_article_that_moved_keeps_the_id_that_it_was_written_under() -> None:
    one = document("Judul", page_url="https://news.example/amp/1").model_copy(update={"known_as": "f" * 32})
    found = source(one.model_copy(update={"fetched": SEEN}), NOW)
    assert one.id == found["article_id"] == found["story_id"] == "f" * 32
    assert (found["page_url"], found["fetched"]) == ("https://news.example/amp/1", "2026-03-04T05:06:07Z")
    assert document("Judul").id == made()["article_id"]


def test_long_values_are_cut_to_what_a_keyword_keeps() -> None:
    found = made(url="https://a.example/" + "x" * 40_000, authors=("n" * 40_000,), image="https://" + "i" * 40_000)
    assert len(found["url"]) == KEYWORD_CHARS
    assert len(found["authors"][0]) == KEYWORD_CHARS
    assert "image" not in found
    assert KEYWORD_CHARS * 4 < 32_766


def test_a_site_is_its_host() -> None:
    assert site("https://www.Example.com:8080/a") == "example.com"
    assert site("http://127.0.0.1:8009/a") == "127.0.0.1"


def test_every_family_is_strict_and_never_made_by_accident() -> None:
    for family in families(Names("p-")):
        template = family.template
        assert template["allow_auto_create"] is False
        assert template["template"]["mappings"]["dynamic"] == "strict"
        assert template["index_patterns"] == [family.alias + "-*"]
        assert template["template"]["settings"]["index"]["refresh_interval"] == "1s"
    articles = families(Names())[0]
    assert articles.settings["index"]["query"]["default_field"] == ["title", "body"]


def test_the_digest_follows_the_mapping() -> None:
    one = Family("a", {"x": {"type": "keyword"}}, ("x",))
    other = Family("a", {"x": {"type": "text"}}, ("x",))
    assert one.digest == Family("b", {"x": {"type": "keyword"}}, ("x",)).digest
    assert one.digest != other.digest
