"""Dates as feeds and pages write them, brought to UTC to the second."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

EARLIEST_YEAR = 1971  # anything before is a clock at zero (1970-01-01) or a slip
AHEAD = timedelta(days=2)  # a date further ahead is an event's or a wrong clock's, not a publication's

# Month names by their first letters: English, and Indonesian and Malay where they differ.
_MONTH_NAMES = "jan feb mar,mac apr may,mei jun jul aug,agu,ags,ogo,agt sep oct,okt nov dec,des,dis"
_MONTHS = {name: at for at, names in enumerate(_MONTH_NAMES.split(), start=1) for name in names.split(",")}
# Zone names met in feeds, in minutes east. RFC 822 section 5 gives the American ones; IST is taken as India's.
_ZONE_NAMES = """
    -480=PST -420=MST,PDT -360=CST,MDT -300=EST,CDT -240=EDT 0=UT,UTC,GMT,Z,WET 60=BST,CET,WEST,MEZ
    120=CEST,EET,SAST,MESZ 180=EEST,MSK,TRT 210=IRST 240=GST 270=AFT 300=PKT 330=IST 345=NPT 360=BDT 390=MMT
    420=WIB,ICT 480=WITA,SGT,MYT,PHT,HKT,AWST 540=WIT,JST,KST 570=ACST 600=AEST 660=AEDT 720=NZST 780=NZDT
"""
ZONES = {  # minutes east of UTC
    name: int(minutes)
    for minutes, _, names in (group.partition("=") for group in _ZONE_NAMES.split())
    for name in names.split(",")
}
_CLOCK = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d{1,12})?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
)
_ZONE = (
    r"(?:\s*\(?(?P<zone>[A-Za-z]{1,5})?\)?\s*(?:(?P<sign>[+−-])(?P<east>\d{1,2})(?::?(?P<east_minutes>\d{2}))?)?)?"
    r"(?:\s*\([^()]{0,40}\))?"
)
_ISO = re.compile(  # ISO 8601, RFC 3339, W3CDTF down to the day; 2023/06/05 too
    r"(?P<year>\d{4})(?P<dash>[-/.]?)(?P<month>\d{2})(?P=dash)(?P<day>\d{2})"
    r"(?:[T\s,]\s*(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d{1,12})?)?(?P<half>)" + _ZONE + ")?",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(  # RFC 822, 850, 1123: 05 Jun 2023 10:00:00 +0700
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?P<name>[A-Za-z]{3,9})\.?,?[\s-]+(?P<year>\d{4}|\d{2})"
    r"(?:[\s,T|-]{1,4}" + _CLOCK + _ZONE + ")?",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(  # June 5, 2023 10:00 AM EST
    r"(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})(?:,?\s+(?:at\s+)?"
    + _CLOCK
    + _ZONE
    + ")?",
    re.IGNORECASE,
)
_ASCTIME = re.compile(  # Jun  5 10:00:00 2023, as C writes it, with a zone in between where date(1) does
    r"(?P<name>[A-Za-z]{3})\s+(?P<day>\d{1,2})\s+" + _CLOCK + _ZONE + r"\s+(?P<year>\d{4})", re.IGNORECASE
)
_EPOCH = re.compile(r"(?P<seconds>\d{9,10})(?:\d{3})?(?:\.\d+)?")
_WEEKDAY = re.compile(r"^[^\W\d_]{2,12}\.?(?:\s*,\s*|\s+(?=\d)|\s+(?=[A-Za-z]{3}\s))")
_LONGEST = 100  # characters: no date is longer


def utc_second(moment: datetime) -> datetime:
    """`moment` in UTC, fractions of a second cut. Raises ValueError on a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).replace(microsecond=0)


def now() -> datetime:
    """The present, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def parse_date(text: str, default_tz: tzinfo = UTC, *, present: datetime | None = None) -> datetime | None:
    """The moment that `text` means, in UTC to the second; None where it means none.

    Read are RFC 822 with its common slips (long or Indonesian names, no seconds, `+07:00`, `GMT+7`, a zone's name),
    ISO 8601, RFC 3339, W3CDTF down to the day, C's asctime, and seconds or milliseconds since 1970. A time without a
    zone is in `default_tz`, a day without a time begins there. None for an impossible date, a year before 1971 (a
    clock at zero), more than two days after `present` (now), and for what is less precise than a day.
    """
    text = " ".join(text[: _LONGEST + 1].split())
    if not text or len(text) > _LONGEST:
        return None
    if epoch := _EPOCH.fullmatch(text):
        moment: datetime | None = datetime.fromtimestamp(int(epoch["seconds"]), UTC)
    else:
        moment = _read(text, default_tz)
    if moment is None:
        return None
    if moment.year < EARLIEST_YEAR or moment > (present or now()) + AHEAD:
        return None
    return moment


def _read(text: str, default_tz: tzinfo) -> datetime | None:
    bare = _WEEKDAY.sub("", text)
    for form in (_ISO, _DAY_FIRST, _MONTH_FIRST, _ASCTIME):
        for candidate in (bare, text) if bare != text else (text,):
            if found := form.fullmatch(candidate):
                return _moment(found.groupdict(), default_tz)
    return None


def _moment(part: dict[str, str | None], default_tz: tzinfo) -> datetime | None:
    month = _MONTHS.get((part.get("name") or "")[:3].lower()) if part.get("name") else int(part["month"] or 0)
    zone = _zone(part, default_tz)
    if month is None or zone is None:
        return None
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    if part["half"]:
        hour = hour % 12 + (12 if part["half"].lower() == "p" else 0)
    midnight = (hour, minute, second) == (24, 0, 0)  # ISO 8601's end of the day
    year, day = _year(part["year"] or ""), int(part["day"] or 0)
    try:
        local = datetime(year, month, day, 0 if midnight else hour, minute, min(second, 59), tzinfo=zone)
        return utc_second(local + timedelta(days=1) if midnight else local)
    except (ValueError, OverflowError):
        return None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (1900 if year >= 70 else 2000)  # RFC 2822 section 4.3, moved to the epoch's year


def _zone(part: dict[str, str | None], default_tz: tzinfo) -> tzinfo | None:
    """The zone named; `default_tz` where none is; None for a name nobody knows."""
    name, sign = part.get("zone"), part.get("sign")
    if name and name.upper() not in ZONES:
        return None
    if sign:  # +0700, and GMT+7
        minutes = int(part["east"] or 0) * 60 + int(part["east_minutes"] or 0)
        if minutes > 15 * 60:
            return None
        return timezone(timedelta(minutes=minutes if sign == "+" else -minutes))
    if name:
        return timezone(timedelta(minutes=ZONES[name.upper()]))
    return default_tz
