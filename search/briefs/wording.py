"""The words of exported briefs in Indonesian and English, and their times in a reader's zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from search import locales

LANGUAGES = ("en", "id")

_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "brief": "Brief of {day}",
            "pieces_one": "1 clipping",
            "pieces": "{n} clippings",
            "note": "Note",
            "concerns": "For",
            "source": "Source",
            "by": "By",
            "published": "Published",
            "undated": "no date given",
            "read": "Read",
            "kept": "Kept",
            "link": "Link",
            "text": "Text",
            "revision": "revision {n} of the article",
            "paywalled": "only the beginning: the rest is for subscribers",
            "page": "Raw page",
            "page_kept": "fetched {when}, {size} bytes, sha256 {sha256}",
            "page_wanted": "not fetched yet",
            "page_failed": "not fetched yet: {why}",
            "page_lost": "could not be had: {why}",
            "match_same": "it says the same as this text",
            "match_part": "the text goes on over further pages, which are not kept",
            "match_other": "when it was fetched the page said something else ({why}); the text here is what was kept",
            "match_unread": "whether it still says the same cannot be told: {why}",
            "story": "{n} articles from {sources} sources when it was kept",
            "others": "The story's articles",
            "others_more": "and {n} more",
            "copy": "copy",
            "missing": "The text is not in the index any more.",
            "made": "Exported {when} by Kawat. Times in {tz}.",
            "empty": "Nothing was kept in this brief.",
            "contents": "Contents",
            "title": "title",
            "body": "text",
            "gutted": "the text was taken off",
            "walled": "a wall stands before it",
            "no-text": "no text left",
        },
        "id": {
            "brief": "Kliping {day}",
            "pieces_one": "1 guntingan",
            "pieces": "{n} guntingan",
            "note": "Catatan",
            "concerns": "Untuk",
            "source": "Sumber",
            "by": "Oleh",
            "published": "Terbit",
            "undated": "tanpa tanggal",
            "read": "Dibaca",
            "kept": "Disimpan",
            "link": "Tautan",
            "text": "Teks",
            "revision": "revisi ke-{n} artikel ini",
            "paywalled": "hanya bagian awal: selebihnya untuk pelanggan",
            "page": "Halaman mentah",
            "page_kept": "diambil {when}, {size} bita, sha256 {sha256}",
            "page_wanted": "belum diambil",
            "page_failed": "belum diambil: {why}",
            "page_lost": "tidak dapat diambil: {why}",
            "match_same": "isinya sama dengan teks ini",
            "match_part": "teksnya berlanjut ke halaman berikut, yang tidak disimpan",
            "match_other": "ketika diambil, isi halaman sudah lain ({why}); teks di sini adalah yang disimpan",
            "match_unread": "tidak dapat dipastikan apakah isinya masih sama: {why}",
            "story": "{n} artikel dari {sources} sumber ketika disimpan",
            "others": "Artikel dalam kisah ini",
            "others_more": "dan {n} lagi",
            "copy": "salinan",
            "missing": "Teksnya tidak ada lagi di indeks.",
            "made": "Diekspor {when} oleh Kawat. Waktu menurut {tz}.",
            "empty": "Belum ada yang disimpan dalam kliping ini.",
            "contents": "Isi",
            "title": "judul",
            "body": "teks",
            "gutted": "teksnya diturunkan",
            "walled": "terhalang dinding",
            "no-text": "tanpa teks",
        },
    }
)


@dataclass(frozen=True)
class Wording:
    """Words and times for one reader. `language` is one of LANGUAGES, `tz` a zone of the tz database."""

    language: str
    tz: str

    def word(self, name: str, /, **values: object) -> str:
        return _WORDS[self.language][name].format(**values)

    def counted(self, name: str, n: int) -> str:
        return self.word(f"{name}_one") if n == 1 else self.word(name, n=self.number(n))

    def number(self, n: int) -> str:
        return locales.number(n, self.language)

    def day(self, day: date) -> str:
        return locales.day(day, locales.IN_FULL, self.language)

    def when(self, at: datetime) -> str:
        """With the zone: an exported page travels."""
        here = at.astimezone(ZoneInfo(self.tz))
        return f"{locales.day_and_clock(here, 'd MMMM y,', self.language)} {locales.zone(here, self.language)}"

    def reasons(self, why: str | None) -> str:
        """What changed on a page, or an error's own words, which are nobody's language."""
        known = _WORDS[self.language]
        return ", ".join(known.get(part, part) for part in (why or "").split(", "))
