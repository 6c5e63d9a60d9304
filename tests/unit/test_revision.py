"""Which differences between two readings of a page are real, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.revision import Text, difference, same_text, words_of
from ingest.worddiff import Piece, word_diff
from tests.effort import effort

TITLE = "Kantor penghubung NATO dibuka di Tokyo"
BODY = (
    "Jakarta (ANTARA) - Polisi mengatakan 12 orang tewas dalam ledakan itu.\n"
    "Hakim menyatakan terdakwa tidak bersalah. Keputusan dibacakan pada Senin, katanya.\n"
    "“Kami tidak akan mundur,” kata menteri luar negeri.\n"
    "Korban luka dibawa ke rumah sakit terdekat di kota itu"
)
LONG = "\n".join(f"Pada hari ke-{n} perundingan berlanjut tanpa hasil yang jelas bagi kedua pihak." for n in range(20))
SITES = ("www.kabar.example", "Kabar Hari Ini")


def changed(old: str, new: str, old_title: str = TITLE, new_title: str = TITLE) -> tuple[str, ...]:
    return difference(Text(old_title, old, SITES), Text(new_title, new, SITES)).changed


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("12 orang tewas", "15 orang tewas"),
        ("tidak bersalah", "bersalah"),
        ("pada Senin", "pada Selasa"),
        ("Keputusan dibacakan pada Senin, katanya.", ""),
        ("katanya.", "katanya. Jaksa akan naik banding."),
        ("dibawa ke rumah sakit terdekat", "dibawa ke rumah sakit militer"),
        ("kata menteri luar negeri.", "kata menteri luar negeri.\nPresiden belum memberi tanggapan."),
    ],
)
def test_words_of_the_story_that_change_come_or_go_are_a_change(was: str, becomes: str) -> None:
    assert was in BODY
    assert changed(BODY, BODY.replace(was, becomes)) == ("body",)
    assert changed(BODY.replace(was, becomes), BODY) == ("body",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The jury found him not guilty.", "The jury found him guilty."),
        ("裁判所は無罪を言い渡した。", "裁判所は有罪を言い渡した。"),
        ("法院判决他无罪。其他被告也获释。", "法院判决他有罪。其他被告也获释。"),
        ("قالت الشرطة إن 12 شخصا قتلوا في الانفجار.", "قالت الشرطة إن 15 شخصا قتلوا في الانفجار."),
        ("अदालत ने उसे दोषी नहीं ठहराया।", "अदालत ने उसे दोषी ठहराया।"),
        ("पुलिस ने कहा कि वह गया।", "पुलिस ने कहा कि वह गयी।"),
        ("ศาลตัดสินว่าจำเลยไม่มีความผิดในคดีที่ถูกกล่าวหาเมื่อปีก่อน", "ศาลตัดสินว่าจำเลยมีความผิดในคดีที่ถูกกล่าวหาเมื่อปีก่อน"),
        ("Полиция сообщила о 12 погибших.", "Полиция сообщила о 15 погибших."),
        ("The rate rose to 4.5%.", "The rate rose to 45%."),
        ("They paid $5 million for it.", "They paid £5 million for it."),
        ("Suhu turun menjadi -5 derajat.", "Suhu turun menjadi 5 derajat."),
    ],
)
def test_one_word_is_a_change_in_any_script(old: str, new: str) -> None:
    assert changed(old, new) == ("body",)
    assert changed(new, old) == ("body",)


@pytest.mark.parametrize(
    "alter",
    [
        lambda body: body.replace("\n", "\n\n  ").replace(" ", "\u00a0"),
        lambda body: body.replace("\n", " "),
        lambda body: body.replace(". ", ".\n"),
        lambda body: body.replace("“", '"').replace("”", '"').replace("-", "–").replace(".", "…"),
        lambda body: "\n".join(reversed(body.split("\n"))),
        lambda body: body.replace("ledakan", "le\u00addak\u200ban"),
        lambda body: body.replace("Polisi", "POLISI"),
        lambda body: f"{body}\n{body.splitlines()[1]}",  # a sentence set once more, large, between the others
    ],
    ids=["spaces", "joined", "split", "punctuation", "moved", "soft-hyphens", "case", "pull-quote"],
)
def test_the_same_words_set_otherwise_are_no_change(alter: Callable[[str], str]) -> None:
    assert changed(BODY, alter(BODY)) == ()
    assert changed(alter(BODY), BODY) == ()


@pytest.mark.parametrize(
    "line",
    [
        "2 jam lalu",
        "Dibaca 1.240 kali",
        "Share",
        "Iklan: cicilan ringan untuk motor baru.",
        "Advertisement: fly for less this summer.",
        "ADVERTISEMENT",
        "Dapatkan update berita pilihan setiap hari. Mari bergabung di grup kami, klik link ini.",
        "Subscribe to our newsletter and never miss a story.",
        "Download our app to read more stories like this one.",
        "Abonnez-vous à notre lettre d'information.",
        "Подписывайтесь на наш канал и читайте первыми.",
        "点击这里订阅我们的新闻。",
        "Diperbarui Senin, 5 Juni 2023, 14.30 WIB.",
        "Last updated at 14:30 on Monday.",
        "Prabowo Bertemu Perdana Menteri Jepang, Bahas Kerja Sama Pertahanan",
        "Siapa Pemenang Pemilu Jepang dan Apa Artinya bagi Indonesia?",
        "Gempa Guncang Jepang. Ribuan Warga Mengungsi ke Tempat yang Lebih Tinggi",
        "Penulis: Rahma Sari",
        "Copyright © ANTARA 2026",
    ],
)
def test_what_comes_and_goes_on_any_page_is_no_change(line: str) -> None:
    for place in (0, 2, 4):
        lines = BODY.split("\n")
        with_it = "\n".join([*lines[:place], line, *lines[place:]])
        assert changed(BODY, with_it) == changed(with_it, BODY) == ()


def test_a_counter_that_went_on_is_no_change_and_a_heading_put_in_other_words_is() -> None:
    assert changed(f"2 jam lalu\n{BODY}", f"3 jam lalu\n{BODY}") == ()
    assert changed(f"Dibaca 1.240 kali\n{BODY}", f"Dibaca 1.311 kali\n{BODY}") == ()
    assert changed(f"Warga diminta mengungsi\n{BODY}", f"Warga dilarang mengungsi\n{BODY}") == ()  # too short to tell
    assert changed(f"Warga kota diminta mengungsi\n{BODY}", f"Warga kota dilarang mengungsi\n{BODY}") == ("body",)
    heading = "Pemerintah bantah kabar penutupan kantor penghubung di Tokyo tahun ini"
    assert changed(f"{BODY}\n{heading}", f"{BODY}\n{heading.replace('bantah', 'akui')}") == ("body",)


@pytest.mark.parametrize(
    "title",
    [
        f"  {TITLE.upper()} ",
        f"{TITLE} - Kabar Hari Ini",
        f"{TITLE} | Kabar",
        f"{TITLE} – kabar.example",
        f"{TITLE} | Dunia | Kabar Hari Ini",
        f"“{TITLE}”",
    ],
)
def test_a_site_name_quotes_and_case_make_no_other_title(title: str) -> None:
    assert changed(BODY, BODY, TITLE, title) == ()
    assert changed(BODY, BODY, title, TITLE) == ()


@pytest.mark.parametrize(
    "title",
    [
        TITLE.replace("dibuka", "ditutup"),
        f"{TITLE} - Puluhan Tewas",
        f"{TITLE}: 12 tewas",
        "Opini | " + TITLE,
        TITLE.rpartition(" di ")[0],
    ],
)
def test_a_title_with_other_words_is_a_change(title: str) -> None:
    assert changed(BODY, BODY, TITLE, title) == ("title",)
    assert changed(BODY, BODY, title, TITLE) == ("title",)


def test_title_and_text_may_change_together() -> None:
    found = difference(Text("12 tewas", BODY), Text("15 tewas", BODY.replace("12", "15")))
    assert found.changed == ("title", "body")
    assert found.words == len(words_of(BODY))
    assert not difference(Text("", ""), Text("", ""))


@pytest.mark.parametrize(
    "left",
    [
        LONG[: len(LONG) // 4],
        "",
        "Halaman yang Anda cari tidak ditemukan.",
        "This article has been withdrawn. Subscribe to read others.",
    ],
)
def test_a_text_that_was_taken_off_is_gutted_not_changed(left: str) -> None:
    found = difference(Text(TITLE, LONG), Text("Maaf", left))
    assert found.changed == ("gutted",)
    assert found.words < len(words_of(LONG)) / 3
    assert "gutted" not in changed(left, LONG)


@pytest.mark.parametrize(
    "wall",
    [
        "We use cookies. Accept all cookies to go on reading.",
        "Please enable JavaScript and disable any ad blocker.",
        "Checking your browser before you go on.",
        f"{LONG[: len(LONG) // 4]}\nArtikel ini khusus pelanggan.",
    ],
)
def test_a_wall_before_a_story_says_nothing_of_the_story(wall: str) -> None:
    assert difference(Text(TITLE, LONG), Text(TITLE, wall)).changed == ("walled",)
    assert changed(f"{LONG} Already a subscriber? Are you human?", LONG[: len(LONG) // 4]) == ("gutted",)


def test_a_short_text_is_gutted_only_by_what_stands_instead_of_a_story() -> None:
    assert changed(BODY, "Polisi mengatakan 12 orang tewas.") == ("body",)
    assert changed(BODY, "Are you a robot? Please solve the captcha. " * 8) == ("walled",)
    assert changed(BODY, "Halaman yang Anda cari tidak ditemukan.") == ("gutted",)
    assert changed(BODY, f"{BODY}\nHis post has been removed by the network since then.") == ("body",)


def test_a_third_of_the_words_is_where_gutted_begins() -> None:
    words = [f"kata{n}" for n in range(300)]
    assert changed(" ".join(words), " ".join(words[:99])) == ("gutted",)
    assert "gutted" not in changed(" ".join(words), " ".join(words[:100]))


def test_copies_edited_and_shortened_ones_are_the_same_text_and_others_are_not() -> None:
    assert same_text(LONG, LONG.replace("jelas", "pasti"))
    assert same_text(LONG, LONG[: len(LONG) // 5])
    assert not same_text(LONG, BODY)
    assert not same_text("", BODY)
    assert same_text("", "")


@pytest.mark.parametrize("hostile", ["-", ".", "a. ", " ", "“.”", "iklan", "x", "東", "a - ", "\n", "1 "])
def test_whatever_is_compared_takes_bounded_work(hostile: str) -> None:
    """Of a megabyte too; what was counted is at most 14 million, all words with all would be 800."""

    def compare(length: int) -> None:
        text = (hostile * length)[:length]
        difference(Text("a", text), Text("b", f"{text[:-9]} lain"))
        same_text(text, f"{text[:-9]} lain")
        word_diff(text, f"{text[:-9]} lain")
        word_diff(text, f"{text[::2]} lain")

    compare(1_000_000)
    assert effort(lambda: compare(40_000)) < 50_000_000


# --- word by word


def shown(old: str, new: str) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in word_diff(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Dia tidak bersalah.", "Dia bersalah.", "Dia [-tidak -]bersalah."),
        ("12 orang tewas.\nSelesai.", "15 orang tewas.\nSelesai.", "[-12 -]{+15 +}orang tewas.\nSelesai."),
        ("Naik 4.5 persen", "Naik 4.7 persen", "Naik [-4.5 -]{+4.7 +}persen"),
        ("裁判所は無罪を言い渡した", "裁判所は有罪を言い渡した", "裁判所は[-無-]{+有+}罪を言い渡した"),
        ("पुलिस ने कहा कि वह गया।", "पुलिस ने कहा कि वह गयी।", "पुलिस ने कहा कि वह [-गया-]{+गयी+}।"),
        ("satu, dua, tiga", "empat, lima, enam", "[-satu, dua, tiga-]{+empat, lima, enam+}"),
        ("a\nb\nc\n", "a\nc\n", "a\n[-b\n-]c\n"),
        (
            "Para ahli menilai langkah itu dapat mengubah banyak.",
            "Kantor itu batal dibuka, kata juru bicara.",
            "[-Para ahli menilai langkah itu dapat mengubah banyak-]{+Kantor itu batal dibuka, kata juru bicara+}.",
        ),
        ("di Tokyo pada Senin pagi", "di Osaka pada Rabu pagi", "di [-Tokyo -]{+Osaka +}pada [-Senin -]{+Rabu +}pagi"),
        ("", "baru", "{+baru+}"),
        ("lama", "", "[-lama-]"),
        ("sama  saja\n", "sama saja", "sama saja"),
        ("", "", ""),
    ],
)
def test_words_that_came_and_went_stand_where_they_did(old: str, new: str, expected: str) -> None:
    assert shown(old, new) == expected


TEXTS = st.one_of(st.text(max_size=60), st.text(alphabet="ab .,\n東1", max_size=60))


@given(TEXTS, TEXTS)
def test_the_pieces_make_up_both_texts(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == new
    assert "".join("".join(piece.text for piece in pieces if piece.kind != "added").split()) == "".join(old.split())
    kinds = [piece.kind for piece in pieces]
    assert all(one != other for one, other in pairwise(kinds))


def test_a_long_text_shows_only_what_changed_in_it() -> None:
    words = [f"kata{n % 700}" for n in range(60_000)]
    old = "\n".join(" ".join(words[n : n + 60]) for n in range(0, len(words), 60))
    new = old.replace("kata650 kata651", "kata650 bukan", 40)
    pieces = word_diff(old, new)
    assert sum(piece == Piece("added", "bukan ") for piece in pieces) + new.count("bukan\n") == 40
    assert sum(len(piece.text) for piece in pieces if piece.kind == "removed") == 40 * len("kata651 ")


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_differs_from_itself_and_no_text_is_too_strange(one: str, other: str) -> None:
    assert not difference(Text(one, other), Text(one, other))
    assert difference(Text(one, other), Text(other, one)).words == len(words_of(one))
    assert same_text(one, one)
