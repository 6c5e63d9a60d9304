"""The news agency that a story is credited to: its name among the authors, its signature at the text's start or end."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from ingest.plain import plain_line

_TABLE = Path(__file__).parent / "data" / "agencies.tsv"
_SHORT = 3  # letters: up to so many, only capitals are a signature ("ANT" is Antara's, "ant" an insect)
_START = 200  # characters of the text in which a dateline stands
_BRACKETED = re.compile(r"[(\[（【〔]\s*([^()\[\]（）【】〔〕]{2,60}?)\s*[)\]）】〕]")
# A place, then the agency in brackets: KYIV (Reuters), JAKARTA, Indonesia (AP), and the Korean (서울=연합뉴스).
_DATELINE = re.compile(r"^[^.!?\n]{0,80}?[(（【\[]\s*(?:[^()（）=]{0,30}=\s*)?([^()（）【】\[\]=]{2,40}?)\s*[)）】\]]")
_CHINESE_WIRE = re.compile(r"^[（(【\s]*([^\s\d，。]{2,6}?社)[^\d，。]{0,12}\d{1,2}月\d{1,2}日[^，。]{0,8}[电電]")
_SPLIT = re.compile(r"\s*(?:[/,;|+&、·]|\s(?:und|and|et|dan|y|e|och|og|en|mit|with|dengan|via)\s|\s[-–—]\s)\s*")
_CREDIT = re.compile(
    r"^(?:(?:source|sumber|quelle|fuente|fonte|kaynak|bron|източник|источник|джерело|المصدر|来源|來源|nguồn|theo|agencia|with|"
    r"dengan|con|mit|avec)\s*:?\s*|[-–—©*\s]+)+",
    re.IGNORECASE,
)
_TAIL_LINES, _LONGEST_SIGNATURE = 3, 60


def agency_of(name: str) -> str | None:
    """The agency's usual name if `name` is one's signature, else None: "dpa" → "dpa", "The Associated Press" → "AP"."""
    plain = " ".join(plain_line(name, 100).strip(" .,:;*-–—").split())
    if plain in _exact():
        return _exact()[plain]
    return _folded().get(plain.casefold()) if len(plain) > _SHORT else None


def agencies_in(names: str) -> str | None:
    """The first agency in a list: "Le Figaro et AFP", "afp/dpa", "AFP, MANILA", "dpa-infocom, dpa:230428"."""
    whole = agency_of(names)
    return whole or next(filter(None, map(agency_of, _SPLIT.split(plain_line(names, 300)))), None)


def signed(body: str) -> str | None:
    """The agency that signs the text: in a dateline at its start, or alone or in brackets at its end."""
    start = body[:_START].partition("\n")[0]
    for form in (_CHINESE_WIRE, _DATELINE):
        found = form.match(start)
        if found and (name := agencies_in(found[1])):
            return name
    lines = [line for line in body[-1000:].split("\n") if line.strip()][-_TAIL_LINES:]
    for line in reversed(lines):
        if len(line) <= _LONGEST_SIGNATURE:
            bare = _CREDIT.sub("", line.strip(" ()[]（）【】/.*")).strip(" ()[]（）【】/.*")
            if name := agencies_in(bare):
                return name
        closing = [found[1] for found in _BRACKETED.finditer(line[-80:]) if not line[-80:][found.end() :].strip(" .*")]
        if closing and (name := agencies_in(closing[-1])):
            return name
    return None


@cache
def _exact() -> dict[str, str]:
    rows = (line.split("\t") for line in _TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {sign: name for name, signs in rows for sign in signs.split("|")}


@cache
def _folded() -> dict[str, str]:
    return {sign.casefold(): name for sign, name in _exact().items() if len(sign) > _SHORT}
