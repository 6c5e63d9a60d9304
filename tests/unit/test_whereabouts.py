"""Where an article happens, rather than what it speaks of."""

from __future__ import annotations

from ingest.records import Mention
from ingest.tagging.whereabouts import Located, whereabouts

PLACES = {
    "JP": Located(("JP",)),
    "CN": Located(("CN",)),
    "FR": Located(("FR",)),
    "tokyo": Located(("JP",), (35.68, 139.69)),
    "paris": Located(("FR",), (48.85, 2.35)),
    "sea": Located(("CN", "VN", "PH"), (12.0, 113.0)),
}
NAMES = {"Jepang": "JP", "China": "CN", "Prancis": "FR", "Tokyo": "tokyo", "TOKYO": "tokyo", "Paris": "paris",
         "Laut China Selatan": "sea", "东京": "tokyo", "法国": "FR", "中国": "CN"}  # fmt: skip


def mentions(title: str, body: str) -> list[Mention]:
    found: dict[str, list[tuple[int, int]]] = {}
    titled = {NAMES[name] for name in NAMES if name in title}
    surfaces: dict[str, list[str]] = {}
    for name, id_ in NAMES.items():
        start = body.find(name)
        while start >= 0:
            found.setdefault(id_, []).append((start, start + len(name)))
            start = body.find(name, start + 1)
        if name in title + body:
            surfaces.setdefault(id_, []).append(name)
    return [
        Mention(id=id_, type="place", name=id_, surfaces=tuple(surfaces[id_]), spans=tuple(found.get(id_, ())),
                count=len(found.get(id_, ())) + (id_ in titled), in_title=id_ in titled, salience=0.5)
        for id_ in surfaces
    ]  # fmt: skip


def test_a_place_with_in_before_it_in_the_title_is_where_it_happens() -> None:
    title = "Prancis Tentang Kantor di Tokyo"
    body = "Kantor pertama di Jepang ditunda. Prancis menolak, China juga, kata China."
    where = whereabouts(title, body, mentions(title, body), PLACES)
    assert where.focus == ("JP",)
    assert where.weights["CN"] < 1.0
    assert set(where.weights) == {"JP", "FR", "CN"}


def test_chinese_says_where_without_blanks() -> None:
    title, body = "法国总统在东京会谈", "法国总统周二抵达东京。\n中国反对，中国说。法国表示不同意。"
    assert whereabouts(title, body, mentions(title, body), PLACES).focus == ("JP",)


def test_a_dateline_says_where() -> None:
    body = "TOKYO, Warta Contoh - Pejabat membahas China. China menunggu jawaban China, tulis media."
    assert whereabouts("Pembahasan", body, mentions("Pembahasan", body), PLACES).focus == ("JP",)


def test_a_country_in_passing_is_no_focus() -> None:
    body = "Harga naik.\n" + "Kata mereka. " * 20 + "Juga China menunggu."
    where = whereabouts("Harga", body, mentions("Harga", body), PLACES)
    assert where.focus == ()
    assert where.weights == {"CN": 1.0}


def test_a_sea_of_many_countries_is_in_none_but_on_the_map() -> None:
    body = "Kapal di Laut Selatan.".replace("Laut Selatan", "Laut China Selatan")
    found = [one for one in mentions("Kapal", body) if one.id == "sea"]
    where = whereabouts("Kapal", body, found, PLACES)
    assert where.weights == {}
    assert where.points == ((12.0, 113.0),)
