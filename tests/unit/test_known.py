"""Known names in texts: whole words, in their forms, with their capitals, and not as part of longer names."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ingest.tagging.finder import Match, longest
from ingest.tagging.known import Matcher
from ingest.tagging.names import read_names
from tests.effort import growth

NAMES = """\
k-li person
  ru   Ли Цян
k-kim person
  ru   Ким Чен Ын
k-mfa organisation
  zh   外交部
k-prabowo person
  id   Prabowo Subianto | Presiden Prabowo
k-xi person
  ru   Си Цзиньпин
Q7184 organisation
  en   NATO | North Atlantic Treaty Organization
  id   NATO | Pakta Pertahanan Atlantik Utara
  ar   الناتو | حلف شمال الأطلسي
  ru   НАТО | Североатлантический альянс
  zh   北约
  kind alliance
Q3052772 person
  en   Emmanuel Macron | Macron
  ru   Эммануэль Макрон | Макрон
  ar   ماكرون
  ko   마크롱
  zh   马克龙
  *    Emmanuel Macron | Macron
k-un-security-council organisation
  en   UN Security Council
  ru   Совет Безопасности ООН | Совбез
k-who organisation
  en   WHO | World Health Organization
Q90 place
  en   Paris
  ru   Париж
  tr   Paris
  zh   巴黎
  *    Paris
  kind capital
  country FR
k-paris-texas place
  en   Paris?
  cues Texas
k-riga place
  th   ริกา
k-delhi place
  th   เดลี
k-prague place
  he   פראג
k-para place
  id   Para?
  cues Belém
k-jordan-river place
  en   Jordan River
k-financial-times organisation
  *    Financial Times
k-paris-match none
  *    Paris Match
k-twin-one person
  en   Ali Santoso | Santoso
k-twin-two person
  en   Budi Santoso | Santoso
"""


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    path: Path = tmp_path_factory.mktemp("names") / "test.names"
    path.write_text(NAMES, encoding="utf-8")
    return Matcher(read_names([path]))


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Macron told NATO in Paris that the WHO works.", "Q3052772 Q7184 Q90 k-who"),
        ("en", "nato who paris macron", ""),
        ("en", "Who spoke?", ""),
        ("ru", "Макрона ждут в НАТО, встречу в Париже", "Q3052772 Q7184 Q90"),
        ("ru", "с Си Цзиньпином", "k-xi"),
        ("ru", "с Советом Безопасности ООН", "k-un-security-council"),
        ("ru", "в Североатлантическом альянсе", "Q7184"),
        ("ar", "قال ماكرون للناتو وبالناتو", "Q3052772 Q7184 Q7184"),
        ("zh", "他在北约总部说", "Q7184"),
        ("zh", "马克龙访问巴黎，布丽吉特·马克龙，巴黎斯", "Q3052772 Q90"),
        ("ko", "마크롱은 말했다", "Q3052772"),
        ("ko", "마크롱가구", ""),
        ("tr", "Paris'te NATO'nun", "Q90 Q7184"),
        ("id", "kata Macron di Paris", "Q3052772 Q90"),
        ("id", "North Atlantic Treaty Organization", "Q7184"),
        ("fr", "L'OTAN? Non. Emmanuel Macron à Paris, UN Security Council", "Q3052772 Q90 k-un-security-council"),
        ("en", "MACRON IN PARIS", "Q3052772 Q90"),
        ("en", "We saw Paris Hilton and Brigitte Macron. It was Jean Macron.", ""),
        ("en", "President Macron, Mr. Macron", "Q3052772 Q3052772"),
        ("id", "Presiden Macron", "Q3052772"),
        ("en", "it stands in Paris Monday, and in Paris Emmanuel Macron said", "Q90 Q90 Q3052772"),
        ("en", "the Trump Macron Tower", ""),
        ("en", "Paris Match wrote", ""),
        ("en", "In Texas he came to Paris.", "Q90"),
        ("id", "Para pemimpin. Para Menteri", ""),
        ("id", "Dari Belém ke Para, katanya", "k-para"),
        ("en", "Yesterday Santoso spoke", ""),
        ("en", "Yesterday Ali Santoso spoke; later he, Santoso, left", "k-twin-one k-twin-one"),
        ("en", "Jordan River", "k-jordan-river"),
        ("de", "Macron sprach mit der Financial Times in Paris Ende Mai", "Q3052772 k-financial-times Q90"),
        ("ru", "встретил Ли Цяна и Ким Чен Ына", "k-li k-kim"),
        ("zh", "外交部长说，外交部长期关注，外交部说", "k-mfa k-mfa"),
        ("th", "กรุงริกา เดลี่นิวส์", "k-riga"),
        ("he", "פראג' אמר, בפראג", "k-prague"),
        ("en", "He left Georgia. Paris denied it. The Paris talks failed. But Paris waits.", "Q90 Q90 Q90"),
        ("tr", "Emmanuel Macron Paris'te", "Q3052772 Q90"),
        ("fr", "À Paris Emmanuel Macron. Paris Emmanuel", "Q90 Q3052772"),
        (None, "NATO", "Q7184"),
        ("xx", "Emmanuel Macron", "Q3052772"),
    ],
)
def test_known_names_in_texts(matcher: Matcher, language: str | None, text: str, expected: str) -> None:
    found = matcher.known_in("", text, language)
    assert [one.id for one in found] == expected.split()
    assert all(f"\n{text}"[one.start : one.end] == one.surface for one in found)


def test_names_of_one_person_that_overlap_are_one_name(matcher: Matcher) -> None:
    (one,) = matcher.known_in("", "Kata Presiden Prabowo Subianto.", "id")
    assert one.surface == "Presiden Prabowo Subianto"


def test_a_title_in_title_case_counts_where_the_text_names_the_same(matcher: Matcher) -> None:
    title = "Angry Macron Tells Paris Crowds To Wait"
    assert [one.id for one in matcher.known_in(title, "He waited.", "en")] == []
    body = "The crowds in Paris heard Macron."
    assert [one.id for one in matcher.known_in(title, body, "en")] == ["Q3052772", "Q90", "Q90", "Q3052772"]


def test_offsets_are_in_title_newline_body(matcher: Matcher) -> None:
    title, body = "Soal dan kata Macron 🙂\ud800", "NATO di Paris"
    found = matcher.known_in(title, body, "id")
    assert [(title + "\n" + body)[one.start : one.end] for one in found] == ["Macron", "NATO", "Paris"]


def test_what_is_unsure_by_itself_says_so(matcher: Matcher) -> None:
    (para,) = matcher.known_in("", "Belém dan Para, ya", "id")
    assert (para.sure, para.type) == (False, "place")


def test_a_long_text_is_read_in_linear_time(matcher: Matcher) -> None:
    draw = random.Random(3)
    names = ["Macron", "Paris", "NATO", "North", "Atlantic", "Treaty", "Organization", "Santoso", "di", "WHO"]
    words = [draw.choice(names) for _ in range(8_000)]

    assert growth(lambda count: matcher.known_in("", " ".join(words[:count]), "id"), 2_000) < 5


def test_names_that_overlap_in_a_chain_without_end_are_decided_in_linear_time() -> None:
    def chain(count: int) -> None:
        links = [Match(at, at + 3, (at % 2,)) for at in range(0, 2 * count, 2)]
        kept = list(longest(links))
        assert [one.start for one in kept] == list(range(0, 2 * count, 4))

    assert growth(chain, 500) < 5


def test_of_the_same_place_one_is_kept_with_the_readings_of_all() -> None:
    inside, whole = Match(2, 4, ("a",)), Match(0, 5, ("b",))
    assert list(longest([inside, whole, Match(0, 5, ("c",)), Match(5, 6, ("d",))])) == [
        Match(0, 5, ("b", "c")),
        Match(5, 6, ("d",)),
    ]
