"""Words of the first visit."""

from __future__ import annotations

EN = {
    "first_title": "Welcome to Kawat",
    "first_lead": "Kawat reads news feeds all day and makes each article searchable. These choices can be changed.",
    "first_language": "Language of this page",
    "first_tz": "Time zone of all times shown",
    "first_near": "Often chosen",
    "first_all": "All zones",
    "first_packs": "Feeds to follow",
    "first_packs_text": "Packs of public feeds. What is ticked is followed, by everybody who uses this Kawat.",
    "first_pack_n": "{n} feeds",
    "first_opml": "Or bring your own, as an OPML file",
    "first_go": "Begin",
    "first_skip": "Skip",
    "first_none": "No pack comes with this Kawat.",
}
ID = {
    "first_title": "Selamat datang di Kawat",
    "first_lead": "Kawat membaca umpan berita sepanjang hari; tiap artikel dapat dicari. Pilihan ini dapat diubah.",
    "first_language": "Bahasa halaman ini",
    "first_tz": "Zona waktu semua waktu yang ditampilkan",
    "first_near": "Sering dipilih",
    "first_all": "Semua zona",
    "first_packs": "Umpan yang diikuti",
    "first_packs_text": "Paket umpan publik. Yang dicentang diikuti, bagi semua pemakai Kawat ini.",
    "first_pack_n": "{n} umpan",
    "first_opml": "Atau bawa milik sendiri, sebagai berkas OPML",
    "first_go": "Mulai",
    "first_skip": "Lewati",
    "first_none": "Kawat ini tidak membawa paket.",
}
