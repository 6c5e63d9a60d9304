"""All tags together: the same people, bodies and places under the same ids whatever the language; nothing false."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.records import Article, TaggedArticle
from ingest.tagging import tag, tagger
from ingest.tagging.names import NamesError
from tests.effort import growth
from tests.newsroom.sample import sample_articles

# One event, told in six languages: our own words.
EVENT = {
    "en": (
        "Macron and Kishida discuss NATO liaison office in Tokyo",
        "TOKYO - French President Emmanuel Macron met Japanese Prime Minister Fumio Kishida in Tokyo on Tuesday to "
        "discuss a NATO liaison office. The North Atlantic Council has not decided yet.\n"
        "In Beijing, the Chinese Foreign Ministry spokeswoman Mao Ning said that China opposed the plan. The United "
        "States supports Japan.",
    ),
    "id": (
        "Macron dan Kishida bahas kantor penghubung NATO di Tokyo",
        "TOKYO - Presiden Prancis Emmanuel Macron bertemu Perdana Menteri Jepang Fumio Kishida di Tokyo pada hari "
        "Selasa untuk membahas kantor penghubung NATO. Dewan Atlantik Utara belum memutuskan.\n"
        "Di Beijing, juru bicara Kementerian Luar Negeri China Mao Ning mengatakan bahwa China menentang rencana itu. "
        "Amerika Serikat mendukung Jepang.",
    ),
    "ar": (
        "ماكرون وكيشيدا يبحثان مكتب الاتصال التابع لحلف الناتو في طوكيو",
        "التقى الرئيس الفرنسي إيمانويل ماكرون رئيس الوزراء الياباني فوميو كيشيدا في طوكيو يوم الثلاثاء لبحث إنشاء مكتب "
        "اتصال لحلف الناتو. ولم يتخذ مجلس شمال الأطلسي قرارا بعد.\n"
        "وفي بكين قالت المتحدثة باسم وزارة الخارجية الصينية ماو نينغ إن الصين تعارض الخطة. "
        "وتدعم الولايات المتحدة اليابان.",
    ),
    "zh": (
        "马克龙与岸田文雄讨论北约东京联络处",
        "法国总统埃马纽埃尔·马克龙周二在东京会见日本首相岸田文雄，讨论设立北约联络处。北大西洋理事会尚未作出决定。\n"
        "在北京，中国外交部发言人毛宁表示，中国反对这一计划。美国支持日本。",
    ),
    "ru": (
        "Макрон и Кисида обсудили бюро связи НАТО в Токио",
        "Президент Франции Эммануэль Макрон встретился во вторник в Токио с премьер-министром Японии Фумио Кисидой, "
        "чтобы обсудить бюро связи НАТО. Североатлантический совет ещё не принял решения.\n"
        "В Пекине официальный представитель Министерства иностранных дел Китая Мао Нин заявила, что Китай выступает "
        "против этого плана. Соединённые Штаты поддерживают Японию.",
    ),
    "pt": (
        "Macron e Kishida discutem gabinete de ligação da OTAN em Tóquio",
        "TÓQUIO - O presidente da França, Emmanuel Macron, reuniu-se com o primeiro-ministro do Japão, Fumio Kishida, "
        "em Tóquio na terça-feira para discutir um gabinete de ligação da OTAN. O Conselho do Atlântico Norte ainda "
        "não decidiu.\n"
        "Em Pequim, a porta-voz do Ministério das Relações Exteriores da China, Mao Ning, disse que a China se opõe ao "
        "plano. Os Estados Unidos apoiam o Japão.",
    ),
}


def article(title: str, body: str, language: str) -> Article:
    return Article(id="0" * 32, url="", title=title, body=body, language=language, content_hash="")


def linked(tagged: TaggedArticle) -> dict[str, str]:
    return {one.name: one.id for one in tagged.mentions if one.linked}


def test_one_event_in_six_languages_gives_the_same_ids() -> None:
    found = {language: tag(article(*text, language)) for language, text in EVENT.items()}
    ids = {language: set(linked(tagged).values()) for language, tagged in found.items()}
    names = linked(found["en"])
    expected = {"Emmanuel Macron", "Fumio Kishida", "NATO", "North Atlantic Council", "Mao Ning", "Tokyo", "Beijing",
                "Japan", "China", "France", "United States"}  # fmt: skip
    assert expected <= set(names)
    for language, these in ids.items():
        assert these == ids["en"], language
    for language, tagged in found.items():
        assert set(tagged.countries) == {"JP", "FR", "CN", "US"}, language
        assert tagged.focus[0] == "JP", language
        assert {"alliances", "diplomacy"} & {topic.id for topic in tagged.topics}, language


def test_the_sample_article_is_tagged_whole_and_nothing_in_it_is_false() -> None:
    (told,) = (one for one in sample_articles() if "kantor-penghubung-nato" in one.slug)
    tagged = tag(article(told.title, "\n".join(told.body), "id"))
    named = {one.name: one for one in tagged.mentions}
    wanted = {
        "NATO", "Emmanuel Macron", "Japan", "Tokyo", "Paris", "Financial Times", "North Atlantic Council", "China",
        "Beijing", "Mao Ning", "Chinese Foreign Ministry", "Shinzo Abe", "Fumio Kishida", "Brussels", "United States",
    }  # fmt: skip
    assert wanted <= set(named), wanted - set(named)
    assert set(named) - wanted <= {"Asia"}
    assert {"JP", "FR", "CN", "US"} <= set(tagged.countries)
    assert tagged.focus == ("JP",)
    assert {topic.id for topic in tagged.topics} == {"alliances", "diplomacy"}
    for one in tagged.mentions:
        for start, end in one.spans:
            assert tagged.article.body[start:end] in one.surfaces


@pytest.mark.parametrize(
    ("language", "body", "absent"),
    [
        ("en", "Paris Hilton opened her new show on Friday. The singer thanked her fans.", {"Q90", "FR"}),
        ("en", "Michael Jordan scored again. Jordan left the court to applause.", {"JO"}),
        ("en", "He drove through Georgia and Alabama to Atlanta.", {"GE"}),
        ("id", "Para pedagang turki itu menjual sumber air dan as roda.", {"TR", "US"}),
        ("id", "Laga AS Roma melawan AS Monaco berakhir imbang.", {"US", "MC"}),
        ("fr", "Elle porte le prénom de France depuis sa naissance à Marseille.", {"JO"}),
    ],
)
def test_a_name_that_is_something_else_here_is_left_out(language: str, body: str, absent: set[str]) -> None:
    tagged = tag(article("", body, language))
    assert not absent & ({one.id for one in tagged.mentions} | set(tagged.countries))


def test_a_users_file_adds_names_and_changes_what_is_stale(tmp_path: Path) -> None:
    names = tmp_path / "mine.names"
    names.write_text("k-wirata person\n  *  Made Wirata\n  kind diplomat\n", encoding="utf-8")
    text = article("", "Utusan khusus Made Wirata tiba di Suva.", "id")
    assert "Made Wirata" not in linked(tag(text))
    assert linked(tag(text, names))["Made Wirata"] == "k-wirata"
    assert tag(text, names).tagger != tag(text).tagger == tagger()


def test_a_faulty_file_of_the_user_is_told_with_its_line(tmp_path: Path) -> None:
    names = tmp_path / "mine.names"
    names.write_text("k-wirata persn\n  *  Made Wirata\n", encoding="utf-8")
    with pytest.raises(NamesError, match=r"mine\.names:1: unknown type 'persn': did you mean 'person'\?"):
        tag(article("", "x", "id"), names)


def test_text_of_any_kind_is_tagged_without_a_fault() -> None:
    for body in ("", "\n\n", "\ud800 NATO \udfff", "A" * 50_000, "() " * 5_000, "İ" * 300 + " Türkiye'de"):
        for language in ("id", "en", "ar", "zh", "tr", None, "xx"):
            tag(article(body[:50], body, language or "") if language else article("", body, "en"))


@pytest.mark.parametrize(
    ("language", "body", "id"),
    [
        ("en", "Ellie Geranmayeh of the European Council on Foreign Relations disagreed.", "k-ecfr"),
        ("en", "TEHRAN (AP) — Iran warned on Friday.", "Q40469"),
        ("en", "An analyst of the Atlantic Council, not the North Atlantic Council, said so.", "k-atlantic-council"),
        ("id", "Menurut peneliti CSIS, kesepakatan itu rapuh.", "k-csis-indonesia"),
        ("zh", "兰德公司和传统基金会的专家表示反对。", "k-heritage-foundation"),
    ],
)
def test_who_is_quoted_is_known(language: str, body: str, id: str) -> None:
    assert id in linked(tag(article("", body, language))).values()


def test_a_longer_body_is_not_the_shorter_one_in_its_name() -> None:
    found = linked(
        tag(article("", "A paper of the European Council on Foreign Relations was read in AP classes.", "en"))
    )
    assert found == {"European Council on Foreign Relations": "k-ecfr"}


@pytest.mark.parametrize("unit", ["Pago ", '"A" ', "(KPK) ", "Kota di ", "多伦多 "])
def test_a_long_text_is_tagged_in_linear_time_whatever_it_repeats(unit: str) -> None:
    assert growth(lambda count: tag(article((unit * count)[:300], unit * count, "id")), 500) < 5
