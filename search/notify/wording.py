"""The words of what is sent, in Indonesian and English, and times in the owner's zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from search import locales

LANGUAGES = ("id", "en")

_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "alert": "Alert",
            "digest": "{n} alerts",
            "digest_one": "1 alert",
            "digest_none": "No alerts",
            "test": "Kawat: a test of the channel {channel}",
            "test_text": "If you read this, alerts reach you here.",
            "rule": "Rule",
            "priority": "Priority",
            "source": "Source",
            "published": "Published",
            "undated": "no date given",
            "seen": "Seen",
            "matched": "Matched",
            "exact": "exact",
            "stemmed": "word stems: may also mean something related",
            "story": "Story",
            "sources": "{n} independent sources: {names}",
            "sources_one": "one source so far: {names}",
            "why_first": "first notice",
            "why_realert": "notice {n}: it goes on",
            "why_update": "notice {n}: more sources have it",
            "why_window": "notice {n}",
            "backfilled": "found by looking back: a new or changed rule",
            "figures": "Counted",
            "link": "In Kawat",
            "coverage": "What this silence is worth",
            "more": "and {n} more",
            "low": "low",
            "normal": "normal",
            "high": "high",
            "critical": "critical",
            "made": "Sent by Kawat to {owner}. Times in {tz}.",
        },
        "id": {
            "alert": "Peringatan",
            "digest": "{n} peringatan",
            "digest_one": "1 peringatan",
            "digest_none": "Tidak ada peringatan",
            "test": "Kawat: uji saluran {channel}",
            "test_text": "Bila Anda membaca ini, peringatan sampai kepada Anda di sini.",
            "rule": "Aturan",
            "priority": "Prioritas",
            "source": "Sumber",
            "published": "Terbit",
            "undated": "tanpa tanggal",
            "seen": "Terlihat",
            "matched": "Yang cocok",
            "exact": "persis",
            "stemmed": "kata dasar: mungkin bermakna lain yang berkaitan",
            "story": "Berita",
            "sources": "{n} sumber independen: {names}",
            "sources_one": "baru satu sumber: {names}",
            "why_first": "pemberitahuan pertama",
            "why_realert": "pemberitahuan ke-{n}: masih berlanjut",
            "why_update": "pemberitahuan ke-{n}: lebih banyak sumber memuatnya",
            "why_window": "pemberitahuan ke-{n}",
            "backfilled": "ditemukan dengan melihat ke belakang: aturan baru atau berubah",
            "figures": "Terhitung",
            "link": "Di Kawat",
            "coverage": "Seberapa dapat dipercaya keheningan ini",
            "more": "dan {n} lagi",
            "low": "rendah",
            "normal": "biasa",
            "high": "tinggi",
            "critical": "genting",
            "made": "Dikirim Kawat kepada {owner}. Waktu dalam {tz}.",
        },
    }
)


@dataclass(frozen=True, slots=True)
class Words:
    """What a template calls `w`: `w('rule')`, `w.time(moment)`."""

    language: str
    tz: str

    def __call__(self, name: str, **values: object) -> str:
        told = {key: self.number(value) if isinstance(value, int) else value for key, value in values.items()}
        return _WORDS[self.language][name].format(**told)

    def time(self, moment: datetime) -> str:
        """3 Mar 2026, 14:05."""
        return locales.day_and_clock(moment.astimezone(ZoneInfo(self.tz)), "d MMM y,", self.language)

    def number(self, value: float) -> str:
        return locales.number(value, self.language)


def names() -> Mapping[str, set[str]]:
    """By language, the words there are."""
    return {language: set(words) for language, words in _WORDS.items()}
