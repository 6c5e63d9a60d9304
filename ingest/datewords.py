"""Dates in the words of a byline: "Senin, 5 Juni 2023 | 14.30 WIB", "08:39, 06 Jan 2026", "2 jam lalu", "2023年6月5日".

For what stands beside a headline, never for a story's own text. Month names of 60 languages come from CLDR
(data/months.tsv), so no language has to be known beforehand.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ingest.dates import ZONES, utc_second

LONGEST = 200  # characters: a byline; longer is prose
BUDDHIST = 543  # years ahead of the common era, as Thai sites count
_TABLE = Path(__file__).parent / "data" / "months.tsv"

# Not \w: vowel signs of Thai and Hindi are none. Arabic has months of two words: تشرين الثاني.
_WORD = r"(?P<name>[^\W\d_][^\s\d.,/:;|()-]{1,14}(?: ال[^\W\d_]{3,6})?)"
_YEAR = r"(?P<year>(?:19|20|25)\d\d)"
_DAY = r"(?<![\d:])(?P<day>[0-3]?\d)(?!\d|[:.]\d\d(?!\d))"
_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?<!\d)" + _YEAR + r"\s*[年년]\s*(?P<month>[01]?\d)\s*[月월]\s*(?P<day>[0-3]?\d)\s*[日일]",
        r"(?<!\d)" + _YEAR + r"(?P<dash>\.\s?|[-/])(?P<month>[01]?\d)(?P=dash)(?P<day>[0-3]?\d)(?!\d)",
        _DAY + r"\s*(?:tháng|thg)\s*(?P<month>[01]?\d)[\s,/-]*(?:năm\s*)?" + _YEAR,
        rf"{_DAY}(?:st|nd|rd|th|er|º|°|\.)?[\s/-]*(?:(?:de|of|d')\s+)?{_WORD}[.,]*[\s/-]*(?:(?:de|del)\s+)?{_YEAR}",
        _WORD + r"\.?\s*" + _DAY + r"(?:st|nd|rd|th)?,?\s+" + _YEAR,
        r"(?<![\d/])(?P<first>[0-3]?\d)(?P<dash>\.\s?|[-/])(?P<second>[0-3]?\d)(?P=dash)(?P<year>20\d\d|\d\d)(?!\d)",
    )
)
_NO_YEAR = re.compile(_DAY + r"\.?\s+(?:de\s+)?" + _WORD)  # believed where a time stands beside it
_CLOCK = re.compile(
    r"(?P<before>오전|오후|午前|午後|上午|下午)?\s*(?<![\d.:/-])(?P<hour>[012]?\d)\s*(?:[:.h]|[時时点點시]\s*)(?P<minute>[0-5]\d)(?![\d/])"
    r"(?::(?P<second>[0-5]\d))?\s*[分분]?\s*(?P<half>[ap]\.?m\b\.?)?(?:\s*(?:uhr|น\.))?"
    r"\s*\(?(?P<zone>[A-Za-z]{2,4}\b)?\)?\s*(?:(?P<sign>[+−-])(?P<east>\d{1,2}):?(?P<east_minutes>\d\d)?)?",
    re.IGNORECASE,
)
# Units by how they begin: minutes, hours, days, weeks.
_UNITS: tuple[tuple[timedelta, str], ...] = (
    (
        timedelta(minutes=1),
        "menit|minit|min|mnt|minut|минут|хвилин|دقيقة|دقائق|دقیقه|phút|dakika|dk|分钟|分鐘|分|분|นาที|मिनट",
    ),
    (
        timedelta(hours=1),
        "jam|hour|hr|stund|heure|hora|ora|ore|uur|saat|sa|час|годин|ساعة|ساعات|ساعت|giờ|小时|小時|時間|시간|ชั่วโมง|घंटे|tim|time|"
        "godzin|h",
    ),
    (
        timedelta(days=1),
        "hari|day|tag|jour|día|dia|giorn|dag|gün|день|дня|дней|дні|يوم|أيام|روز|ngày|天|日|일|วัน|दिन|dni",
    ),
    (
        timedelta(weeks=1),
        "minggu|pekan|week|woche|semaine|semana|settiman|hafta|недел|тижд|أسبوع|أسابيع|هفته|tuần|周|週|주|สัปดาห์",
    ),
)
_AGO = r"(?:yang )?(?:lalu|lepas)|ago|fa|geleden|atrás|önce|назад|тому|前|전|trước|पहले|ที่แล้ว|temu|siden|sedan|sitten|پیش"
_BEFORE = r"vor|il y a|hace|há|قبل|منذ|för|πριν"
_LETTERS = r"[^\W\d_]{0,5}"  # the rest of a unit's word
_RELATIVE = tuple(
    (
        size,
        re.compile(
            rf"(?<!\w)(\d{{1,3}}|an?|satu|se)\s*(?:{units}){_LETTERS}\.?\s*(?:{_AGO})(?![^\W\d_])", re.IGNORECASE
        ),
        re.compile(
            rf"(?<!\w)(?:{_BEFORE})\s+(\d{{1,3}}|einer|einem|une?|una)\s*(?:{units}){_LETTERS}(?![^\W\d_])",
            re.IGNORECASE,
        ),
    )
    for size, units in _UNITS
)
_TODAY = re.compile(
    r"(?<!\w)(?:hari ini|today|heute|aujourd.hui|hoy|hoje|oggi|vandaag|bugün|сегодня|اليوم|"
    r"hôm nay|今天|今日|오늘)(?!\w)",
    re.IGNORECASE,
)
_YESTERDAY = re.compile(
    r"(?<!\w)(?:kemarin|semalam|yesterday|gestern|hier|ayer|ontem|ieri|gisteren|dün|вчера|أمس|"
    r"hôm qua|昨天|昨日|어제)(?!\w)",
    re.IGNORECASE,
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(r"(?<!\w)(mon|tue|wed|thu|fri|sat|sun)(?:s?day|nesday|rsday|urday)?(?!\w)", re.IGNORECASE)
# From here on a byline says when it was changed.
_UPDATED = re.compile(
    r"(?<!\w)(?:last )?(?:updated?|modified|edited|diperbarui|diperbaharui|dikemas ?kini|diupdate|update terakhir|"
    r"aktualisiert|zuletzt|mis(?:e)? à jour|modifié|actualizad[oa]|atualizad[oa]|aggiornat[oa]|bijgewerkt|güncelle\w*|"
    r"son güncelle\w*|обновлено|"
    r"оновлено|изменено|تحديث|آخر تحديث|cập nhật|更新|수정|최종수정|uppdatera[dt]|oppdatert|opdateret|"
    r"zaktualizowano|aktualizace)",
    re.IGNORECASE,
)


class Said(NamedTuple):
    """`exact`: 2 time and zone, 1 time without zone, 0 the day alone (or "3 hours ago"). `rest`: letters of no date."""

    at: datetime
    exact: int
    rest: str


def published_part(text: str) -> str:
    """`text` up to where it says when the story was changed; all of it where that stands first."""
    found = _UPDATED.search(text)
    return text[: found.start()] if found and found.start() else ("" if found else text)


def updated_part(text: str) -> str:
    """What follows "Updated", "Diperbarui", …; empty where nothing says so."""
    found = _UPDATED.search(text)
    return text[found.end() :] if found else ""


def zone_in_words(text: str) -> tzinfo | None:
    """The zone that the time in a byline names: WIB, EDT, GMT+7; None where it names none."""
    found = _CLOCK.search(_digits(text)) if len(text) <= LONGEST else None
    return _own_zone(found) if found else None


def looks_like_date(text: str, most_letters: int) -> bool:
    """Whether there is a date in `text`, and besides it at most so many letters (labels, a weekday)."""
    if len(text) > LONGEST or not any(map(str.isdigit, text)):
        return False
    said = date_in_words(text, UTC, datetime.now(UTC))
    return said is not None and len(said.rest) <= most_letters


def date_in_words(text: str, zone: tzinfo, fetched: datetime, *, month_first: bool = False) -> Said | None:
    """The first date in `text`; None where there is none, or no such day. Relative ones count back from `fetched`.

    `zone`: of a time that names none. `month_first`: 6/5/2023 is June 5, as Americans write it.
    """
    text = _digits(" ".join(text[: LONGEST + 1].split()))
    if not text or len(text) > LONGEST:
        return None
    for form in _FORMS:
        for found in form.finditer(text):
            day = _day(found.groupdict(), month_first=month_first)
            if day is not None:
                rest = text[: found.start()] + " " + text[found.end() :]
                if "/" in found[0]:
                    day = _on_its_weekday(found.groupdict(), rest, day, month_first=month_first)
                return _with_clock(day, rest, zone)
    for found in _NO_YEAR.finditer(text):
        said = _this_year(found, text, zone, fetched)
        if said is not None:
            return said
    return _relative(text, zone, fetched)


def _this_year(found: re.Match[str], text: str, zone: tzinfo, fetched: datetime) -> Said | None:
    month = months().get(found["name"].lower())
    rest = text[: found.start()] + " " + text[found.end() :]
    if month is None or not _CLOCK.search(rest):
        return None
    present = fetched.astimezone(zone)
    year = present.year - ((month, int(found["day"])) > (present.month, present.day))
    day = _day({"year": str(year), "month": str(month), "day": found["day"]}, month_first=False)
    return _with_clock(day, rest, zone) if day else None


def _day(part: dict[str, str | None], *, month_first: bool) -> datetime | None:
    year = int(part["year"] or 0)
    year = year - BUDDHIST if year >= 2500 else year + 2000 if year < 100 else year
    if part.get("first"):
        one, two = int(part["first"] or 0), int(part["second"] or 0)
        swap = part["dash"] == "/" and ((month_first and one <= 12) or two > 12)
        day, month = (two, one) if swap else (one, two)
    else:
        day = int(part["day"] or 0)
        month = int(part["month"] or 0) if part.get("month") else months().get((part["name"] or "").lower(), 0)
    try:
        return datetime(year, month, day)  # noqa: DTZ001 - the clock and its zone are read next
    except ValueError:
        return None


def _on_its_weekday(part: dict[str, str | None], rest: str, day: datetime, *, month_first: bool) -> datetime:
    """6/5/2023 the other way round, where only then it is the day of the week that is said ("Mon, 06/05/2023")."""
    named = _WEEKDAY.search(rest)
    said = _WEEKDAYS.index(named[1].lower()) if named else day.weekday()
    other = _day(part, month_first=not month_first)
    return other if other is not None and day.weekday() != said == other.weekday() else day


def _with_clock(day: datetime, rest: str, zone: tzinfo) -> Said:
    found = _CLOCK.search(rest)
    if found is None:
        return Said(utc_second(day.replace(tzinfo=zone)), 0, _letters(rest))
    hour = int(found["hour"])
    half, before = (found["half"] or "").lower(), found["before"] or ""
    if half or before:
        hour = hour % 12 + (12 if half.startswith("p") or before in {"오후", "午後", "下午"} else 0)
    own = _own_zone(found)
    left = _letters(rest[: found.start()] + " " + rest[found.end() :])
    try:
        at = day.replace(hour=hour, minute=int(found["minute"]), second=int(found["second"] or 0), tzinfo=own or zone)
        return Said(utc_second(at), 2 if own else 1, left)
    except (ValueError, OverflowError):
        return Said(utc_second(day.replace(tzinfo=zone)), 0, left)


def _own_zone(found: re.Match[str]) -> tzinfo | None:
    name = (found["zone"] or "").upper()
    if name and name not in ZONES:
        return None
    if found["sign"] and (name in {"", "GMT", "UTC"}):
        minutes = int(found["east"]) * 60 + int(found["east_minutes"] or 0)
        return timezone(timedelta(minutes=minutes if found["sign"] == "+" else -minutes)) if minutes <= 900 else None
    return timezone(timedelta(minutes=ZONES[name])) if name else None


def _relative(text: str, zone: tzinfo, fetched: datetime) -> Said | None:
    for size, after, before in _RELATIVE:
        found = after.search(text) or before.search(text)
        if found:
            count = int(found[1]) if found[1].isdigit() else 1
            at = utc_second((fetched.astimezone(UTC) - count * size).replace(second=0))
            exact = 1 if size < timedelta(hours=1) else 0
            return Said(at, exact, _letters(text[: found.start()] + text[found.end() :]))
    for word, back in ((_TODAY, 0), (_YESTERDAY, 1)):
        found = word.search(text)
        if found:
            day = (fetched.astimezone(zone) - timedelta(days=back)).replace(hour=0, minute=0, second=0, tzinfo=None)
            said = _with_clock(day, text[: found.start()] + " " + text[found.end() :], zone)
            return said if said.exact else None  # "today" alone is a word like any other
    return None


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


def _digits(text: str) -> str:
    """Arabic, Persian, Devanagari and full-width digits as ASCII ones."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.digit(one))
        if one.isdigit() and not one.isascii() and unicodedata.digit(one, None) is not None
        else one
        for one in unicodedata.normalize("NFKC", text)
    )


@cache
def months() -> dict[str, int]:
    """Month by name, lower case. Read at first use."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {name: int(month) for month, name in rows}
