"""The page's words in Indonesian and English, and which of them a reader gets."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

DEFAULT = "en"
WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": MappingProxyType(
            {
                "tagline": "the news wire",
                "search": "Search",
                "search_hint": 'Words, "a phrase", country:JP, lang:id …',
                "clear": "Clear the search",
                "skip": "To the articles",
                "articles_one": "1 article",
                "articles": "{n} articles",
                "by_seen": "newest seen",
                "by_published": "newest published",
                "by_relevance": "best match",
                "order": "Order",
                "published": "published {when}",
                "undated": "no date given",
                "seen": "first seen",
                "sample": "sample",
                "sample_why": "From Kawat's own sample site",
                "partial": "partial",
                "today": "Today",
                "yesterday": "Yesterday",
                "older": "Older articles",
                "newer": "Back to the newest",
                "in_text": "Named in the text: {name}",
                "count_seen": "seen",
                "count_in_flight": "in flight",
                "count_indexed": "indexed",
                "count_duplicate": "duplicate",
                "count_discarded": "discarded",
                "count_quarantined": "quarantined",
                "flow": "The flow",
                "feeds": "feeds",
                "feeds_ok": "{n} ok",
                "feeds_failing": "{n} failing",
                "feeds_waiting": "{n} not polled yet",
                "paused": "Intake is paused",
                "status_away": "The counts cannot be read",
                "setup_title": "Setting up",
                "setup_text": "The page turns into the list by itself as soon as everything is up.",
                "setup_failed_title": "Setting up did not work",
                "setup_failed_text": "The terminal and the logs under .kawat/logs say more.",
                "step_waiting": "waiting",
                "step_running": "running",
                "step_done": "done",
                "step_failed": "failed",
                "seconds": "{n} s",
                "stopping": "Kawat is stopping.",
                "away_title": "The index does not answer",
                "away_text": "Nothing is lost: what comes in waits. This page tries again by itself.",
                "incomplete_title": "The search did not reach every article",
                "query_title": "This search cannot be read",
                "query_hint": "Examples: “kantor penghubung”, country:JP AND lang:id, title:nato, seen:>now-1d",
                "query_try": "Search for {query} instead",
                "none_title": "Nothing matches",
                "none_text": "All words must be there. Fewer words, OR between them, or a star (diplo*) find more.",
                "empty_title": "Nothing has come in yet",
                "empty_text": "Articles appear here within seconds of the poll that sees them.",
                "too_far": "This list goes no further than {n} articles. Narrow the search, for example by seen:.",
                "new_one": "1 new article",
                "new": "{n} new articles",
                "offline": "The page has lost its server; it tries again by itself.",
                "keys": "/ search · j k next, previous",
                "times": "Times in {tz}",
            }
        ),
        "id": MappingProxyType(
            {
                "tagline": "berita masuk",
                "search": "Cari",
                "search_hint": 'Kata, "frasa", country:JP, lang:id …',
                "clear": "Hapus pencarian",
                "skip": "Ke daftar artikel",
                "articles_one": "1 artikel",
                "articles": "{n} artikel",
                "by_seen": "baru masuk",
                "by_published": "baru terbit",
                "by_relevance": "paling cocok",
                "order": "Urutan",
                "published": "terbit {when}",
                "undated": "tanpa tanggal",
                "seen": "pertama dilihat",
                "sample": "contoh",
                "sample_why": "Dari situs contoh milik Kawat",
                "partial": "sebagian",
                "today": "Hari ini",
                "yesterday": "Kemarin",
                "older": "Artikel lebih lama",
                "newer": "Kembali ke yang terbaru",
                "in_text": "Disebut dalam teks: {name}",
                "count_seen": "terlihat",
                "count_in_flight": "diproses",
                "count_indexed": "terindeks",
                "count_duplicate": "ganda",
                "count_discarded": "dibuang",
                "count_quarantined": "dikarantina",
                "flow": "Alur",
                "feeds": "umpan",
                "feeds_ok": "{n} baik",
                "feeds_failing": "{n} gagal",
                "feeds_waiting": "{n} belum dibaca",
                "paused": "Pengambilan dijeda",
                "status_away": "Hitungan tidak dapat dibaca",
                "setup_title": "Menyiapkan",
                "setup_text": "Halaman ini berubah menjadi daftar dengan sendirinya begitu semuanya siap.",
                "setup_failed_title": "Penyiapan gagal",
                "setup_failed_text": "Terminal dan catatan di .kawat/logs menjelaskan lebih banyak.",
                "step_waiting": "menunggu",
                "step_running": "berjalan",
                "step_done": "selesai",
                "step_failed": "gagal",
                "seconds": "{n} dtk",
                "stopping": "Kawat sedang berhenti.",
                "away_title": "Indeks tidak menjawab",
                "away_text": "Tidak ada yang hilang: yang masuk menunggu. Halaman ini mencoba lagi dengan sendirinya.",
                "incomplete_title": "Pencarian tidak menjangkau semua artikel",
                "query_title": "Pencarian ini tidak dapat dibaca",
                "query_hint": "Contoh: “kantor penghubung”, country:JP AND lang:id, title:nato, seen:>now-1d",
                "query_try": "Cari {query} saja",
                "none_title": "Tidak ada yang cocok",
                "none_text": "Semua kata harus ada. Kurangi kata, pakai OR di antaranya, atau bintang (diplo*).",
                "empty_title": "Belum ada yang masuk",
                "empty_text": "Artikel muncul di sini beberapa detik setelah umpan dibaca.",
                "too_far": "Daftar ini hanya sampai {n} artikel pertama. Persempit pencarian, misalnya dengan seen:.",
                "new_one": "1 artikel baru",
                "new": "{n} artikel baru",
                "offline": "Halaman kehilangan servernya; mencoba lagi dengan sendirinya.",
                "keys": "/ cari · j k berikut, sebelum",
                "times": "Waktu menurut {tz}",
            }
        ),
    }
)


def preferred(accept_language: str) -> str:
    """The best of our languages for an Accept-Language header (RFC 9110, 12.5.4); Malay readers get Indonesian."""
    best, weight = DEFAULT, 0.0
    for part in accept_language[:500].split(","):
        tag, _, parameter = part.strip().partition(";")
        code = tag.strip().split("-")[0].lower()
        code = "id" if code == "ms" else code
        try:
            quality = float(parameter.strip().removeprefix("q=") or 1) if parameter else 1.0
        except ValueError:
            continue
        if code in WORDS and quality > weight:
            best, weight = code, quality
    return best
