"""A capital that acts, and a seat, stand for their government; a place that is only a place does not."""

from __future__ import annotations

import pytest

from ingest.records import Article
from ingest.tagging import tag


def standing_for(text: str, language: str, title: str = "") -> dict[str, str]:
    tagged = tag(Article(id="0" * 32, url="", title=title, body=text, language=language, content_hash=""))
    return {one.name: one.stands_for for one in tagged.mentions if one.stands_for}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("id", "Paris memiliki kemampuan untuk membatalkan rencana itu.", {"Paris": "country:FR"}),
        ("id", "Rencana itu ditunda. Beijing telah membuat keraguannya jelas.", {"Beijing": "country:CN"}),
        ("id", "Ia menilai bahwa Moskow tidak akan menyetujui usul itu.", {"Moscow": "country:RU"}),
        ("id", "Menteri itu mengatakan Washington telah menolaknya.", {"Washington": "country:US"}),
        ("en", "Talks in Kazan. Moscow denied the report.", {"Moscow": "country:RU"}),
        ("ms", "Beijing menolak dakwaan itu.", {"Beijing": "country:CN"}),
        ("en", "Moscow says the talks are over.", {"Moscow": "country:RU"}),
        ("en", "The talks failed, but Beijing has repeatedly rejected the charge.", {"Beijing": "country:CN"}),
        ("en", "Officials met at the Kremlin.", {"Kremlin": "country:RU"}),
        ("ru", "В Кремле сообщили о встрече.", {"Kremlin": "country:RU"}),
        ("id", "Rapat digelar di Gedung Putih.", {"White House": "country:US"}),
        ("en", "In Moscow, he said the talks are over.", {}),
        ("en", "He flew to Moscow, says his spokesman.", {}),
        ("en", "A court in Moscow rejected the appeal.", {}),
        ("en", "The mayor of Paris denied the report.", {}),
        ("en", "Paris is sunny and has many museums.", {}),
        ("id", "Paris memiliki banyak museum.", {}),
        ("id", "Pengadilan di Moskow menolak banding itu.", {}),
        ("id", "Warga Paris menolak rencana itu.", {}),
        ("en", "Sydney rejected the plan.", {}),
        ("de", "Paris sagt ab.", {}),
    ],
)
def test_who_stands_for_a_government(language: str, text: str, expected: dict[str, str]) -> None:
    assert standing_for(text, language) == expected


def test_a_title_may_say_it() -> None:
    assert standing_for("Rencana itu ditunda.", "id", "Beijing tolak usul itu") == {}
    assert standing_for("Rencana itu ditunda.", "id", "Beijing menolak usul itu") == {"Beijing": "country:CN"}
