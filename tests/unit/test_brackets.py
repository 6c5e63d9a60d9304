"""A short form in brackets is a name of its own, of the body before it."""

from __future__ import annotations

import pytest

from ingest.records import Article
from ingest.tagging import tag
from ingest.tagging.brackets import apart
from ingest.tagging.found import Found


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
    article = Article(id="0" * 32, url="", title="", body=body, language="id", content_hash="")
    (union,) = (one for one in tag(article).mentions if one.type == "organisation")
    assert union.name == "Serikat Nelayan Maju"
    assert set(union.surfaces) == {"Serikat Nelayan Maju", "SNM"}
    for start, end in union.spans:
        assert body[start:end] in union.surfaces
