"""What tells texts apart: the hash, the sketch of a body, the terms of a story."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fingerprint import BANDS, bands, content_hash, features, overlap, signature, similarity
from ingest.rarewords import RAREST, weight
from ingest.records import Article, Mention, TaggedArticle
from ingest.shingles import folded, paragraphs, words
from tests.newsroom.generated import generated_articles

BODY = (
    "NATO berencana membuka kantor penghubung di Tokyo, kata duta besar Jepang pada Rabu.\n"
    "Pembicaraan tentang kantor itu dimulai setelah invasi Rusia membuat Jepang menata ulang pertahanannya.\n"
    "Kantor penghubung itu akan menjadi yang pertama di kawasan Asia dan Pasifik."
)
# What this text's signature begins with: another value here means that stored signatures are worth nothing any more,
# so VERSION has to be raised (a new rensa, other shingles).
GOLDEN = "AQAa40AaiDFSKIRDEORmj/4jU4O4tEYKg+5dOPHU"


def tagged(title: str, body: str, language: str | None = "id", mentions: tuple[Mention, ...] = ()) -> TaggedArticle:
    article = Article(id="a", url="https://a.example/", title=title, body=body, language=language, content_hash="0")
    return TaggedArticle(article=article, mentions=mentions)


def name(id: str, text: str, *, kind: str = "organisation", title: bool = False, linked: bool = True) -> Mention:
    fields = {"id": id, "type": kind, "name": text, "surfaces": (text,), "count": 2, "spans": ((0, 1),)}
    return Mention.model_validate({**fields, "in_title": title, "linked": linked})


def test_a_page_laid_out_anew_keeps_its_hash() -> None:
    assert content_hash("A  title", "one\ntwo ") == content_hash("A title", "one two")
    assert content_hash("A title", "one two") != content_hash("A title one", "two")


def test_a_signature_stays_the_same_from_version_to_version() -> None:
    assert signature(BODY)[:40] == GOLDEN


def test_another_process_makes_the_same_features() -> None:
    """No hash seed, no order of sets goes into them."""
    script = f"from ingest.fingerprint import *; print(signature({BODY!r}))"
    made = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"}
    )
    assert made.stdout.strip() == signature(BODY)


def test_bodies_that_share_nothing_have_nothing_in_common() -> None:
    assert (
        similarity(signature(BODY), signature("Harga beras naik di pasar induk.\nPedagang mengeluh soal pasokan."))
        < 0.02
    )


def test_a_body_is_like_itself() -> None:
    assert overlap(signature(BODY), signature(BODY)) == (1.0, 1.0, 26)


def test_the_order_of_paragraphs_does_not_matter() -> None:
    assert signature("\n".join(reversed(BODY.split("\n")))) == signature(BODY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('Ia berkata: "Kami siap", kemarin', "Ia berkata: «Kami siap» — kemarin."),
        ("Don't stop", "Don’t stop"),
        ("biaya 1.250.000 rupiah", "biaya 1,250,000 rupiah"),
        ("عام ٢٠٢٣", "عام 2023"),
        ("مُحَمَّد", "محمد"),
        ("ＮＡＴＯ　東京", "NATO 東京"),
        ("STRASSE", "straße"),
        ("co\u00adopera\u200btion", "cooperation"),
    ],
)
def test_punctuation_and_forms_of_letters_are_folded(one: str, other: str) -> None:
    assert words(folded(one)) == words(folded(other))


def test_punctuation_inside_chinese_does_not_matter() -> None:
    one = "北约计划在东京开设联络处，日本大使说：“这是第一个。”讨论仍在继续"
    other = "北约计划在东京开设联络处,日本大使说:「这是第一个」.讨论仍在继续"
    assert similarity(signature(one), signature(other)) == 1.0


def test_half_a_text_is_contained_in_the_whole() -> None:
    whole = "\n".join(generated_articles(1, languages=["en"])[0].body)
    half = "\n".join(generated_articles(1, languages=["en"])[0].body[::2])
    shared = overlap(signature(whole), signature(half))
    assert shared.similarity == pytest.approx(0.5, abs=0.15)
    assert shared.containment > 0.9


def test_near_copies_share_bands_and_others_do_not() -> None:
    one, other = (article.body for article in generated_articles(2, languages=["id"]))
    copy = signature("\n".join(("Jakarta (ANTARA)", *one[2:], one[0])))
    first = set(bands(signature("\n".join(one))))
    assert len(first) == BANDS
    assert len(first & set(bands(copy))) > BANDS / 4
    assert len(first & set(bands(signature("\n".join(other))))) < 3


def test_a_body_without_words_has_no_features_but_no_copies_either() -> None:
    made = features(tagged("", "—\n…"))
    assert (made.signature, made.bands, made.terms) == ("", (), ())
    assert similarity(made.signature, made.signature) == 0.0


def test_what_is_no_signature_is_an_error() -> None:
    with pytest.raises(ValueError, match="no signature"):
        similarity("AAAA", signature(BODY))


def test_terms_are_the_names_and_the_rare_words() -> None:
    mentions = (name("Q7184", "NATO", title=True), name("Q17", "Japan", kind="country"))
    terms = features(tagged("NATO akan buka kantor penghubung di Tokyo", BODY, mentions=mentions)).terms
    assert terms[0].endswith(":q7184")
    assert "n1:q17" in terms
    assert any(term.startswith("w") and term.endswith(":penghub") for term in terms)
    assert not any(term.endswith((":nato", ":yang", ":akan", ":kata")) for term in terms)


def test_numbers_come_with_the_word_they_count() -> None:
    terms = features(tagged("Gempa tewaskan 135 orang", "Gempa bumi melanda pada 2023 dan menewaskan 135 orang.")).terms
    assert [term for term in terms if term[0] == "d"] == ["d4:135 orang"]


def test_there_are_at_most_24_terms() -> None:
    many = tuple(name(f"q{at}", f"Xylograph{at}") for at in range(30))
    body = "\n".join(" ".join(article.body) for article in generated_articles(20, languages=["en"]))
    assert len(features(tagged("Title", body, "en", many)).terms) <= 24


@pytest.mark.parametrize(
    ("language", "common", "rare"),
    [
        ("id", "yang", "perundi"),
        ("en", "the", "quagmi"),
        ("zh", "我们", "络处"),
        ("ru", "что", "брюссе"),
        ("km", "ok", "longest"),  # no table: by length
    ],
)
def test_rare_words_weigh_more(language: str, common: str, rare: str) -> None:
    assert weight(common, language) == 0
    assert RAREST >= weight(rare, language) >= 3


@given(st.text(max_size=300), st.sampled_from(["id", "zh", "ar", "th", "xx", None]))
def test_no_text_breaks_them(text: str, language: str | None) -> None:
    made = features(tagged(text, text, language))
    assert made == features(tagged(text, text, language))
    assert len(made.bands) in {0, BANDS}


@given(st.text(max_size=300))
def test_folding_again_changes_no_word(text: str) -> None:
    once = paragraphs(text)
    assert paragraphs("\n".join(" ".join(line) for line in once)) == once


@given(st.text(alphabet="ab \n", max_size=300), st.text(alphabet="ab \n", max_size=300))
def test_likeness_goes_both_ways(first: str, second: str) -> None:
    one, other = signature(first), signature(second)
    assert overlap(one, other) == overlap(other, one)
