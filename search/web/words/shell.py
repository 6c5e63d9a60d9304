"""The words that every page has."""

from __future__ import annotations

EN: dict[str, str] = {
    "tagline": "the news wire",
    "search": "Search",
    "search_hint": 'Words, "a phrase", country:JP, lang:id …',
    "clear": "Clear the search",
    "seconds": "{n} s",
    "offline": "The page has lost its server; it tries again by itself.",
    "keys": "? help and keys",
    "times": "Times in {tz}",
    "nav": "Views",
    "nav_search": "Search",
    "nav_live": "Live",
    "nav_alerts": "Alerts",
    "nav_rules": "Rules",
    "nav_entities": "Entities",
    "nav_kliping": "Kliping",
    "nav_feeds": "Feeds",
    "nav_status": "Status",
    "choose": "Language, time zone, feeds",
    "close": "Close",
    "suggested": "Names",
}


ID: dict[str, str] = {
    "tagline": "berita masuk",
    "search": "Cari",
    "search_hint": 'Kata, "frasa", country:JP, lang:id …',
    "clear": "Hapus pencarian",
    "seconds": "{n} dtk",
    "offline": "Halaman kehilangan servernya; mencoba lagi dengan sendirinya.",
    "keys": "? bantuan dan tombol",
    "times": "Waktu menurut {tz}",
    "nav": "Tampilan",
    "nav_search": "Cari",
    "nav_live": "Langsung",
    "nav_alerts": "Peringatan",
    "nav_rules": "Aturan",
    "nav_entities": "Tokoh & tempat",
    "nav_kliping": "Kliping",
    "nav_feeds": "Umpan",
    "nav_status": "Status",
    "choose": "Bahasa, zona waktu, umpan",
    "close": "Tutup",
    "suggested": "Nama",
}
