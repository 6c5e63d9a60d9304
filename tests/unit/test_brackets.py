"""A short form in brackets is a name of its own, of the body before it."""

from __future__ import annotations

import pytest

from ingest.records import Article
from ingest.tagging import tag
from ingest.tagging.brackets import apart
from ingest.tagging.found import Found


def _article(body: str, language: str) -> Article:
    return Article(id="0" * 32, url="", title="", body=body, language=language, content_hash="")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Bursa Efek Kemayoran (BEK)", ["Bursa Efek Kemayoran", "BEK"]),
        ("Serikat Nelayan Maju (SNM", ["Serikat Nelayan Maju", "SNM"]),
        ("Kementerian Sosial (Kemensos)", ["Kementerian Sosial", "Kemensos"]),
        ("(SNM)", ["SNM"]),
        ("Partai Kita (dan kawan)", ["Partai Kita (dan kawan)"]),
        ("Partai Kita (lama)", ["Partai Kita (lama)"]),
        ("Partai Kita", ["Partai Kita"]),
        ("(", ["("]),
    ],
)
def test_a_name_and_its_short_form_are_two(name: str, parts: list[str]) -> None:
    text = f"Ketua {name} hadir"
    found = list(apart(text, [Found(6, 6 + len(name), "organisation", 0.9)]))
    assert [text[one.start : one.end] for one in found] == parts
    assert {(one.type, one.score) for one in found} == {("organisation", 0.9)}


def test_whoever_is_named_by_the_short_form_later_is_the_same_body() -> None:
    body = "Ia memimpin Serikat Nelayan Maju (SNM). Menurut Ketua SNM, laut sepi. SNM menolak kebijakan itu."
    (union,) = (one for one in tag(_article(body, "id")).mentions if one.type == "organisation")
    assert union.name == "Serikat Nelayan Maju"
    assert set(union.surfaces) == {"Serikat Nelayan Maju", "SNM"}
    for start, end in union.spans:
        assert body[start:end] in union.surfaces


@pytest.mark.parametrize(
    ("language", "body", "whose", "id"),
    [
        (
            "en",
            "He spoke at the Institute of Strategic and International Studies (ISIS) in Kuala Lumpur. ISIS will reply.",
            "Institute of Strategic and International Studies",
            "Q2429253",
        ),
        (
            "en",
            "The Namibian Broadcasting Corporation (NBC) reported it first. Its reporter at NBC said so.",
            "Namibian Broadcasting Corporation",
            "k-nbc-news",
        ),
    ],
)
def test_a_known_short_form_that_the_text_gives_to_another_body_is_that_body_s(
    language: str, body: str, whose: str, id: str
) -> None:
    assert id in {one.id for one in tag(_article(body.split("(", maxsplit=1)[1].replace(")", ""), language)).mentions}
    mentions = tag(_article(body, language)).mentions
    assert id not in {one.id for one in mentions}
    (other,) = (one for one in mentions if one.name == whose)
    assert other.count == 3


@pytest.mark.parametrize(
    ("language", "body", "id"),
    [
        ("id", "Menurut World Health Organisation (WHO), wabah itu reda. WHO akan melapor.", "Q7817"),
        ("en", "The World Health Organisation (WHO) said so.", "Q7817"),
        ("pt", "A Organização Mundial da Saúde (OMS) informou.", "Q7817"),
        ("es", "La Organización Mundial de la Salud (OMS) informó.", "Q7817"),
        ("id", "Perserikatan Bangsa-Bangsa (PBB) dan Dewan Keamanan", "Q1065"),
    ],
)
def test_another_spelling_of_a_known_name_gives_its_short_form_to_nobody(language: str, body: str, id: str) -> None:
    assert id in {one.id for one in tag(_article(body, language)).mentions}
