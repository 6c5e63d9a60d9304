"""Dates of feeds that ingest/dates.py does not read as they stand: months in the feed's own language, Hungarian, Korean
and Chinese forms, and what single programs write. Each is brought to a form that is read there, by its rules.

Read are, beyond those: month names of 60 languages (CLDR), `2023-június-05T9:15+02:00`, `2023년 06월 05일 10:00:00` and
`2023-06-05 오후 10:00:00` (without a zone: Korea's time), `2023-006-05T10:00:00Z`, and the zones `Etc/UTC`, `MET`,
`ET`, `PT` and RFC 822's single letters (which RFC 5322 section 4.3 takes as UTC, for they were used both ways).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache

from ingest.dates import AHEAD, EARLIEST_YEAR, parse_date
from ingest.datewords import date_in_words, months

_LONGEST = 100  # characters: no date is longer
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_KOREA = timezone(timedelta(hours=9))
_IN_HAN = re.compile("[年년月월]|오전|오후|[上下午]午")  # or in Hangul
_WITH_YEAR = re.compile(r"\d{4}")  # "yesterday, 3 p.m." moves with the day on which it is read
_HANGUL = re.compile("[\uac00-\ud7a3]")
_HUNGARIAN = re.compile(r"(\d{4})[-.\s]{1,2}([^\W\d_]{3,12})[-.\s]{1,2}(\d{1,2})\.?[T\s]\s?(\d{1,2}:\d{2}.{0,30})")
_WORD = re.compile(r"[^\W\d_][^\s\d,.:;/|()+-]{2,15}")
_MONTH_OF_THREE = re.compile(r"(\d{4})-0(\d{2})-(\d{2}.{0,40})")
_ZONES = {  # what only these forms write, as minutes are written that ingest.dates reads
    **{"etc/gmt": "+0000", "etc/utc": "+0000", "met": "+0100", "mest": "+0200"},
    **{"at": "-0400", "et": "-0500", "ct": "-0600", "mt": "-0700", "pt": "-0800"},
    **dict.fromkeys("abcdefghiklmnopqrstuvwxy", "+0000"),
}
_ZONE = re.compile(r"(?<=[\d\s])\s?(Etc/(?:GMT|UTC)|MES?T|[ACEMP]T|[A-IK-Ya-ik-y])$", re.IGNORECASE)


def feed_date(text: str, *, present: datetime, zone: tzinfo = UTC) -> datetime | None:
    """The moment that a feed's date means, in UTC to the second; None for none, before 1971, or ahead. One that names
    no zone is meant in `zone`."""
    text = " ".join(text[: _LONGEST + 1].split())
    if not text or len(text) > _LONGEST:
        return None
    moment = parse_date(text, zone, present=present)
    if moment is not None:
        return moment
    if _IN_HAN.search(text) and _WITH_YEAR.search(text):
        said = date_in_words(text, _KOREA if _HANGUL.search(text) and zone is UTC else zone, present)
        at = said.at if said else None
        return at if at and at.year >= EARLIEST_YEAR and at <= present + AHEAD else None
    other = _in_english(_MONTH_OF_THREE.sub(r"\1-\2-\3", text))
    if found := _HUNGARIAN.fullmatch(other):
        other = f"{found[3]} {found[2]} {found[1]} {found[4]}"
    other = _ZONE.sub(lambda zone: " " + _ZONES[zone[1].lower()], other)
    return parse_date(other, zone, present=present) if other != text else None


def _in_english(text: str) -> str:
    """`text` with the names of months in English; the weekday before a comma stays, for parse_date leaves it out."""
    head, comma, rest = text.partition(",") if text[:1].isalpha() else ("", "", text)
    if not any(map(str.isdigit, head)):
        return head + comma + _WORD.sub(_english_month, rest)
    return _WORD.sub(_english_month, text)


def _english_month(word: re.Match[str]) -> str:
    number = months().get(word[0].lower()) or _bare_months().get(_bare(word[0]))
    return _ENGLISH[number - 1] if number else word[0]


@cache
def _bare_months() -> dict[str, int]:
    """Month by name without accents, where only one month has that name: `Ιούλ` stands as `ιουλ` in some feeds."""
    found: dict[str, set[int]] = {}
    for name, number in months().items():
        found.setdefault(_bare(name), set()).add(number)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1}


def _bare(word: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(one))
