"""Who publishes: the site's name, country and time zone; and what it says of a story: section, picture, paywall."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, tzinfo
from functools import cache
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

from ingest.agencies import agencies_in, signed
from ingest.errors import Refused
from ingest.evidence import Chosen, Evidence, PageFacts
from ingest.headline import letters
from ingest.names import LONGEST_NAME
from ingest.urls import fetchable_url

LONGEST_SECTION = 60  # characters
_TITLE_WORDS = 4
STUB = 1200  # characters of text: behind a paywall stands the beginning alone
Access = Literal["free", "paid", "unsaid"]
# Country codes that are sold to the world as something else, or stand for no country that a newspaper is from.
_GENERIC = "ai am as bz cc cd co dj eu fm gg gl io la ly me ms mu nu pw sc sh st su tk to tv vc vu ws"
_GENERIC_TLDS = frozenset(_GENERIC.split())
# Where most of a country keeps one of its zones and its newsrooms write in that one.
_ZONES_BY_HAND = {
    "ID": "Asia/Jakarta", "CN": "Asia/Shanghai", "ES": "Europe/Madrid", "PT": "Europe/Lisbon", "NZ": "Pacific/Auckland",
    "CL": "America/Santiago", "EC": "America/Guayaquil", "UA": "Europe/Kyiv", "KZ": "Asia/Almaty", "FR": "Europe/Paris",
    "NL": "Europe/Amsterdam", "DK": "Europe/Copenhagen", "NO": "Europe/Oslo", "GB": "Europe/London",
    "MY": "Asia/Kuala_Lumpur", "RU": "Europe/Moscow", "UZ": "Asia/Tashkent", "VN": "Asia/Ho_Chi_Minh",
    "DE": "Europe/Berlin", "AR": "America/Argentina/Buenos_Aires",
}  # fmt: skip
# Languages whose newsrooms write in one zone: a site under .com in Indonesian means Jakarta's time.
_LANGUAGES = """
    id=ID ms=MY jv=ID su=ID ja=JP ko=KR zh=CN vi=VN th=TH lo=LA km=KH my=MM tl=PH hi=IN ta=IN te=IN mr=IN ne=NP si=LK
    de=DE it=IT nl=NL pl=PL cs=CZ sk=SK hu=HU sl=SI hr=HR sr=RS sq=AL da=DK sv=SE no=NO nb=NO nn=NO fi=FI et=EE lv=LV
    lt=LT ro=RO bg=BG el=GR tr=TR uk=UA he=IL fa=IR ka=GE hy=AM az=AZ is=IS ca=ES eu=ES gl=ES
"""
_HOMES = dict(pair.split("=") for pair in _LANGUAGES.split())
_NO_ZONE = frozenset({"US", "CA", "AU", "BR", "MX", "MN", "CD"})  # several, and newsrooms in each
_NO_SECTIONS = """
    article news home homepage all uncategorized uncategorised index none null default undefined general
    tags tag stories story articles posts
"""
_PLACEHOLDERS = frozenset(_NO_SECTIONS.split())
_PAID_TIERS = frozenset(
    {"locked", "premium", "paid", "subscriber", "subscription", "subscribers", "plus", "exclusive", "pay"}
)
_PAYWALL = re.compile(
    r"paywall|premium-content|subscriber-only|subscription-wall|regwall|piano-|tp-modal|locked-content|metered",
    re.IGNORECASE,
)


def site_name(facts: PageFacts) -> Chosen | None:
    """og:site_name and its like, the publisher in JSON-LD."""
    return _first(facts.of("site_name", "meta") + facts.of("site_name", "json-ld"), LONGEST_NAME)


def section(facts: PageFacts, site: frozenset[str]) -> Chosen | None:
    """The site's own section; of a list ("Politics, Asia") the first. Never the site's name or what a title begins
    with by more than a word or two, as sections and kickers do ("Ukraine: …")."""
    titles = [letters(one.value) for one in facts.of("title")]
    stated = facts.of("section", "meta") + facts.of("section", "json-ld") + facts.of("section", "element")
    for one in stated:
        name = re.split(r"[,;|>]", one.value)[0].strip()
        fits = 0 < len(name) <= LONGEST_SECTION and "://" not in name and not name.isdigit()
        if (
            fits
            and name.casefold() not in _PLACEHOLDERS
            and letters(name) not in site
            and not (len(name.split()) >= _TITLE_WORDS and any(one.startswith(letters(name)) for one in titles))
            and letters(name) not in titles
        ):
            return Chosen(name, (one,))
    return None


def image(facts: PageFacts, url: str) -> Chosen | None:
    """The story's picture, as an absolute address."""
    for one in (*facts.of("image", "meta"), *facts.of("image", "json-ld")):
        try:
            return Chosen(fetchable_url(one.value, url), (one,))
        except (Refused, ValueError):
            continue
    return None


def site_country(facts: PageFacts, url: str) -> Chosen | None:
    """ISO 3166-1 alpha-2 of the source: its domain's, the publisher's address, the region of og:locale.

    A locale's region counts only where it is not what templates fill in (en_US, en_GB).
    """
    label = (urlsplit(url).hostname or "").rpartition(".")[2].lower()
    if len(label) == 2 and label not in _GENERIC_TLDS and (code := _territory("gb" if label == "uk" else label)):
        return Chosen(code, (Evidence("country", "url", f".{label}", label),))
    for one in facts.of("country"):
        if code := _territory(one.value):
            return Chosen(code, (one,))
    for one in facts.of("language", "meta"):
        region = re.fullmatch(r"([a-z]{2,3})[-_]([A-Z]{2})", one.value)
        if (
            region
            and one.key == "og:locale"
            and region[1] not in {"en", "es", "fr", "pt", "ar"}
            and (code := _territory(region[2]))
        ):
            return Chosen(code, (one,))
    return None


def zone_of(country: str | None, language: str | None = None) -> tzinfo | None:
    """The zone that a country's newsrooms write in; of a country that is not known, by a language that is at home in
    one zone. None where there are several."""
    country = country or _HOMES.get(language or "")
    if country is None or country in _NO_ZONE:
        return None
    names = [_ZONES_BY_HAND[country]] if country in _ZONES_BY_HAND else _zones().get(country, [])
    zones = [zone for name in names if (zone := _zone(name)) is not None]
    winter, summer = datetime(2024, 1, 1), datetime(2024, 7, 1)  # noqa: DTZ001 - the wall clock, to ask each zone
    offsets = {(zone.utcoffset(winter), zone.utcoffset(summer)) for zone in zones}
    return zones[0] if len(offsets) == 1 else None


def access(facts: PageFacts, body: str, markup: Iterable[str]) -> tuple[Access, tuple[Evidence, ...]]:
    """Whether the story is to be paid for: JSON-LD's isAccessibleForFree, a content tier; else, of a short text, the
    marks of a paywall among `markup` (classes and ids of elements)."""
    stated = facts.of("access")
    paid = [
        one for one in stated if one.value.lower() in {"false", "no", "0"} and one.key.lower() == "isaccessibleforfree"
    ]
    paid += [one for one in stated if one.key.endswith("content_tier") and one.value.lower() in _PAID_TIERS]
    if paid:
        return "paid", tuple(paid)
    if stated:
        return "free", stated
    if len(body) < STUB:
        for mark in markup:
            if _PAYWALL.search(mark):
                return "paid", (Evidence("access", "element", "class", mark[:LONGEST_NAME]),)
    return "unsaid", ()


def agency(facts: PageFacts, body: str) -> Chosen | None:
    """The agency that is credited: among the authors, signed in the text, or the publisher itself."""
    for one in facts.of("author"):
        if name := agencies_in(one.value):
            return Chosen(name, (one,))
    if name := signed(body):
        return Chosen(name, (Evidence("author", "text", "signature", name),))
    for one in facts.of("site_name"):
        if name := agencies_in(one.value):
            return Chosen(name, (one,))
    return None


def _first(stated: tuple[Evidence, ...], longest: int) -> Chosen | None:
    return next((Chosen(one.value, (one,)) for one in stated if len(one.value) <= longest), None)


def _territory(name: str) -> str | None:
    """The code of a country given by code (DE, DEU) or by its English name."""
    code = name.strip().upper()
    known = get_global("territory_aliases")
    if re.fullmatch("[A-Z]{2}", code) and code in _zones():
        return code
    if re.fullmatch("[A-Z]{3}", code) and known.get(code):
        return str(known[code][0])
    return _english().get(name.strip().casefold())


@cache
def _english() -> dict[str, str]:
    from babel import Locale

    return {
        name.casefold(): code for code, name in Locale("en").territories.items() if len(code) == 2 and code in _zones()
    }


@cache
def _zones() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for zone, country in get_global("zone_territories").items():
        found[str(country)].append(str(zone))
    return dict(found)


@cache
def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
