"""Words of the pages that errors become."""

from __future__ import annotations

EN = {
    "fault_absent_title": "There is nothing at this address",
    "fault_absent_text": "It may be mistyped, or what stood here is gone.",
    "fault_asked_title": "This cannot be had",
    "fault_asked_text": "Something in the address or the form is not as it must be.",
    "fault_ours_title": "Kawat made a mistake",
    "fault_ours_text": "Nothing is lost. Whoever runs this Kawat finds the cause in its log.",
    "fault_away_title": "A service does not answer",
    "fault_away_text": "Nothing is lost: what comes in waits. Load the page again in a moment.",
    "fault_incomplete_title": "The answer is not complete",
    "fault_incomplete_text": "A part of the index did not answer, and half an answer misleads. Load the page again.",
}
ID = {
    "fault_absent_title": "Tidak ada apa-apa di alamat ini",
    "fault_absent_text": "Mungkin salah ketik, atau yang dulu ada di sini sudah tidak ada.",
    "fault_asked_title": "Permintaan ini tidak dapat dipenuhi",
    "fault_asked_text": "Ada yang tidak sesuai pada alamat atau formulirnya.",
    "fault_ours_title": "Kawat membuat kesalahan",
    "fault_ours_text": "Tidak ada yang hilang. Pengelola Kawat ini menemukan penyebabnya di log.",
    "fault_away_title": "Sebuah layanan tidak menjawab",
    "fault_away_text": "Tidak ada yang hilang: yang masuk menunggu. Muat ulang halaman sebentar lagi.",
    "fault_incomplete_title": "Jawabannya tidak lengkap",
    "fault_incomplete_text": "Sebagian indeks tidak menjawab, dan jawaban separuh menyesatkan. Muat ulang halaman ini.",
}
