"""Topics by weighted terms: precision before recall, reasons kept, files that say where they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.tagging import topics
from ingest.tagging.topics import folded, read_terms, topic_names, topics_in

LANGUAGES = sorted(path.stem for path in topics.FOLDER.glob("*.terms"))


def ids(title: str, body: str, language: str) -> list[str]:
    return [topic.id for topic in topics_in(title, body, language)]


def test_the_article_on_the_liaison_office_is_about_alliances_and_diplomacy() -> None:
    title = "Macron Tentang Pembukaan Kantor Penghubung NATO di Tokyo"
    body = (
        "Penentangan terhadap kantor pertama NATO di Asia menimbulkan kebuntuan di dalam blok tersebut. "
        "Pusat penghubung membutuhkan persetujuan Dewan Atlantik Utara. Juru bicara Kementerian Luar Negeri menolak."
    )
    found = topics_in(title, body, "id")
    assert {topic.id for topic in found} == {"alliances", "diplomacy"}
    assert "kantor penghubung" in next(topic.terms for topic in found if topic.id == "diplomacy")
    assert max(topic.score for topic in found) == 1.0


@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        ("en", "Ten recipes for a rainy Sunday", "Slice the onions and fry them. Serve with rice and a green salad."),
        ("en", "Striker scores twice in derby", "The home side won the match with a late goal, and the fans sang."),
        ("id", "Resep Soto Ayam", "Rebus ayam dengan bumbu, sajikan hangat bersama nasi dan sambal."),
        ("id", "Timnas Menang Tipis", "Gol tunggal dicetak pada menit akhir, pelatih puas dengan pertahanan tim."),
    ],
)
def test_what_is_no_geopolitics_has_no_topic(language: str, title: str, body: str) -> None:
    assert ids(title, body, language) == []


def test_one_term_in_passing_gives_no_topic() -> None:
    assert ids("Market day", "The prices were stable. " * 40 + "One stall had survived the earthquake.", "en") == []


def test_terms_are_words_unless_they_are_left_open() -> None:
    assert ids("Coupons and coupes", "He bought a coupe with coupons, cooperating shops said.", "en") == []
    assert ids("Airstrikes hit the town", "Airstrikes and shelling went on at night.", "en") == ["armed-conflict"]


def test_malay_is_read_with_indonesian_terms() -> None:
    assert ids("Gencatan senjata", "Serangan udara berhenti selepas gencatan senjata, pertempuran reda.", "ms")


def test_a_language_without_terms_has_no_topics() -> None:
    assert topics_in("x", "y", "xx") == ()
    assert topics_in("x", "y", None) == ()
    assert topics_in("x", "y", "../en") == ()


def test_turkish_is_folded_by_its_own_rule() -> None:
    assert folded("İKLİM", "tr") == "iklim"
    assert folded("IRAK", "tr") == "ırak"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_file_of_terms_is_whole(language: str) -> None:
    """Every topic has terms, none is listed twice in a topic, each finds its own topic when a title is made of them."""
    terms = read_terms(topics.FOLDER / f"{language}.terms")
    by_topic: dict[str, list[str]] = {}
    for term in terms:
        by_topic.setdefault(term.topic, []).append(term.text)
    assert set(by_topic) == set(topic_names())
    for topic, texts in by_topic.items():
        assert len(texts) == len(set(texts)), topic
        heavy = [term.text.replace("*", "") for term in terms if term.topic == topic and term.weight == 3][:4]
        found = ids(" – ".join(heavy), " . ".join(heavy), language)
        assert topic in found, (topic, heavy, found)


def test_a_fault_in_a_file_names_line_and_what_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "en.terms"
    path.write_text("# terms\ndiplomcy: embassy\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"en\.terms:2: no topic is called 'diplomcy'; did you mean 'diplomacy'\?"):
        read_terms(path)
    path.write_text("diplomacy: embassy^9\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"en\.terms:1: 'embassy\^9' is no term"):
        read_terms(path)


def test_the_topics_are_some_25_with_names_in_both_languages() -> None:
    assert 24 <= len(topic_names()) <= 30
    assert all(topic.en and topic.indonesian for topic in topic_names().values())
    assert all(topic.iptc.startswith("medtop:") or topic.id == "propaganda" for topic in topic_names().values())
