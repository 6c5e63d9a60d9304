"""The story's text: what of a page belongs to it, what does not, and who gave it."""

from __future__ import annotations

import time

import pytest
from lxml.html import HtmlElement, document_fromstring

from ingest.blocks import blocks_of, completed
from ingest.body import LONGEST_BODY, Story, story, text_of_markup
from ingest.boilerplate import why_cut

URL = "https://warta.example/read/menteri-bertemu"
PARAGRAPHS = [
    "Menteri luar negeri Jepang dan Tiongkok bertemu di kota pelabuhan tua pada hari Senin untuk membahas ikan.",
    "Pertemuan itu berlangsung selama empat jam, kata juru bicara kementerian kepada para wartawan di Tokyo.",
    "Kedua negara sepakat membuka kantor penghubung baru sebelum akhir tahun, menurut pernyataan bersama mereka.",
    "Nelayan di pulau-pulau selatan menyambut kesepakatan tersebut, tetapi meminta kuota yang lebih besar lagi.",
]
TITLE = "Menteri Jepang dan Tiongkok Bertemu"


def page(body: str, head: str = "") -> HtmlElement:
    return document_fromstring(f"<html><head><title>{TITLE} | Warta</title>{head}</head><body>{body}</body></html>")


def article(*inside: str, before: str = "", head: str = "") -> HtmlElement:
    """A page whose article holds PARAGRAPHS, and `inside` between the second and the third."""
    first, second = (
        "".join(f"<p>{one}</p>" for one in PARAGRAPHS[:2]),
        "".join(f"<p>{one}</p>" for one in PARAGRAPHS[2:]),
    )
    text = f'<div class="content-text">{first}{"".join(inside)}{second}</div>'
    return page(f"<article><h1>{TITLE}</h1>{before}{text}</article>", head)


def lines(tree: HtmlElement, **given: object) -> list[str]:
    return story(tree, URL, **given).text.split("\n")  # type: ignore[arg-type] # passed on as they are


def test_paragraphs_are_kept_one_a_line_and_the_headline_is_not_among_them() -> None:
    told = story(article(), URL)
    assert told.text.split("\n") == PARAGRAPHS
    assert told.source == "page"


@pytest.mark.parametrize(
    "inside",
    [
        "<p>Baca juga: Harga ikan tuna naik tajam di pasar Tokyo</p>",
        "<p><strong>Baca Juga: <a href='/x'>Harga ikan tuna naik tajam di pasar Tokyo</a></strong></p>",
        "<p><a href='/read/ikan-tuna'>Harga ikan tuna naik tajam di pasar Tokyo</a></p>",
        "<p>BACA SELENGKAPNYA | <a href='/read/ikan-tuna'>Harga ikan tuna naik tajam di pasar Tokyo</a></p>",
        "<p>Foto: Antara/Hafidz Mubarak</p>",
        "<p>Photo: Reuters</p>",
        "<p>(Getty Images)</p>",
        "<p>Advertisement</p>",
        "<p>Ikuti kami di Google News dan WhatsApp Channel Warta</p>",
        "<p>Dapatkan berita terkini setiap hari di kanal Telegram kami.</p>",
        "<div class='newsletter-box'><p>Jangan lewatkan apa pun, kami kirim kabar tiap pagi.</p></div>",
        "<div class='wp-caption-text'>Kedua menteri berjabat tangan di depan gedung pelabuhan tua.</div>",
        "<blockquote class='twitter-tweet'><p>Senang bertemu dengan rekan saya hari ini.</p></blockquote>",
        "<div class='related-posts'><ul><li><a href='/a'>Ikan tuna langka di laut selatan</a></li></ul></div>",
        "<script>var x = 'Pertemuan ini hanya ada di dalam program dan bukan cerita.';</script>",
    ],
)  # fmt: skip
def test_what_templates_put_among_the_paragraphs_is_not_part_of_the_story(inside: str) -> None:
    assert lines(article(inside)) == PARAGRAPHS


@pytest.mark.parametrize(
    "inside",
    [
        "Foto itu diambil oleh seorang nelayan dari kapal kecilnya di dekat pelabuhan tua tersebut.",
        "Baca buku adalah kegemaran sang menteri sejak kecil, kata istrinya kepada para wartawan.",
        "“Ikuti jejak nelayan kami,” kata menteri itu, “dan kalian akan menemukan banyak ikan di sana.”",
        "Copyright holders of the harbour's old maps met the ministers on Monday, the ministry said.",
        "Menurut <a href='/dokumen'>dokumen yang dilihat Warta dan telah diperiksa keasliannya</a>, kuota naik.",
    ],
)
def test_a_sentence_that_only_resembles_such_a_line_stays(inside: str) -> None:
    plain = inside.replace("<a href='/dokumen'>", "").replace("</a>", "")
    assert lines(article(f"<p>{inside}</p>")) == [*PARAGRAPHS[:2], plain, *PARAGRAPHS[2:]]


def test_what_was_cut_is_said_with_why() -> None:
    told = story(article("<p>Baca juga: Harga ikan tuna naik tajam</p>", "<p>Photo: Reuters</p>"), URL)
    cut = {one.text: one.why for one in told.cut}
    assert cut["Baca juga: Harga ikan tuna naik tajam"] == "points to another story"
    assert cut["Photo: Reuters"] == "credits a picture"


LEAD = "Empat jam pembicaraan di pelabuhan tua berakhir dengan kantor penghubung baru bagi kedua negara."


@pytest.mark.parametrize(
    ("before", "head"),
    [
        (f'<header><p class="standfirst">{LEAD}</p></header>', ""),
        (f"<header><div class='x1'>{LEAD}</div></header>", f'<meta name="description" content="{LEAD}">'),
        (f"<h2>{LEAD}</h2><div class='byline'>Oleh Ayu</div>", ""),
    ],
)
def test_the_standfirst_opens_the_story_once(before: str, head: str) -> None:
    assert lines(article(before=before, head=head)) == [LEAD, *PARAGRAPHS]


def test_what_stands_over_the_story_is_no_standfirst() -> None:
    before = f"<figure><p>{LEAD}</p></figure><div class='cookie-banner'>{LEAD}</div><a href='/x'><p>{LEAD}</p></a>"
    assert lines(article(before=before)) == PARAGRAPHS


def test_paragraphs_that_look_like_the_story_s_are_taken_from_further_containers_too() -> None:
    """Templates break a long story into containers at each advertisement; extractors take the first."""
    more = [f"Pada bagian {part}: {one[:-1]}, bagian {part}." for part in range(2, 5) for one in PARAGRAPHS]
    chunks = [PARAGRAPHS, *(more[place : place + 4] for place in range(0, 12, 4))]
    inner = ("".join(f"<p>{one}</p>" for one in chunk) for chunk in chunks)
    body = "".join(f'<div class="article-body"><div class="inner">{one}</div></div><div>iklan</div>' for one in inner)
    assert lines(page(f"<article><h1>{TITLE}</h1><section>{body}</section></article>")) == [*PARAGRAPHS, *more]


def test_a_quotation_set_apart_loses_nothing_of_what_follows_it() -> None:
    """A pulled quotation stands in a paragraph too: what an extractor missed after it has no line of its own there."""
    more = [f"Pada bagian {part}: {one[:-1]}, bagian {part}." for part in range(2, 5) for one in PARAGRAPHS]
    quotation = f"<aside class=pull><p>{PARAGRAPHS[3].partition(',')[0]}</p></aside>"
    blocks = blocks_of(
        page("".join(f"<p>{one}</p>" for one in (*PARAGRAPHS, "|", *more)).replace("<p>|</p>", quotation))
    )
    assert completed(PARAGRAPHS, blocks, ()) == [*PARAGRAPHS, *more]


def test_items_of_a_list_are_not_taken_in_because_others_of_it_were() -> None:
    items = [f"{one[:-1]}, kata mereka." for one in PARAGRAPHS for _ in range(2)]
    blocks = blocks_of(page("<ul>" + "".join(f"<li>{place} {one}</li>" for place, one in enumerate(items)) + "</ul>"))
    shown = [block.text for block in blocks[:6]]
    assert completed(shown, blocks, ()) == shown


@pytest.mark.parametrize(
    "reading", ["<rp>（</rp><rt>ユンソンニョル</rt><rp>）</rp>", "<rt>ユンソンニョル</rt>", "<rt></rt>"]
)
def test_characters_with_their_reading_stay_in_their_sentence(reading: str) -> None:
    text = "韓国の<ruby><rb>尹錫悦</rb>{}</ruby>大統領は三日夜、緊急の談話を出し、国政がまひしたとして戒厳を宣言した。"
    other = "大統領は共産主義の勢力から国を守る必要があるとの理由を挙げたが、具体的な措置は明らかでない。"
    told = lines(page(f"<article><h1>韓国の大統領が談話</h1><p>{text.format(reading)}</p><p>{other}</p></article>"))
    shown = "（ユンソンニョル）" if "ユン" in reading else ""
    assert told == [text.replace("<ruby><rb>", "").replace("</rb>{}</ruby>", shown), other]


def test_a_page_laid_out_in_a_table_keeps_its_paragraphs() -> None:
    paragraphs = [f"{one} {one}" for one in PARAGRAPHS * 4]
    inside = f"<h1>{TITLE}</h1>" + "".join(f"<p>{one} {place}.</p>" for place, one in enumerate(paragraphs))
    told = lines(page(f"<table><tr><td>{inside}</td></tr></table>"))
    assert told == [f"{one} {place}." for place, one in enumerate(paragraphs)]


def test_the_next_article_below_is_not_the_story() -> None:
    other = "".join(f"<p>{one.replace('Menteri', 'Presiden').replace('ikan', 'beras')} Lain.</p>" for one in PARAGRAPHS)
    text = "".join(f"<p>{one}</p>" for one in PARAGRAPHS)
    tree = page(
        f'<article class="post"><h1>{TITLE}</h1><div class="content-text">{text}</div></article>'
        f'<article class="post"><h1>Presiden Bicara Beras</h1><div class="content-text">{other}</div></article>'
    )
    assert lines(tree) == PARAGRAPHS


def test_a_stated_text_repairs_a_page_that_hides_the_rest() -> None:
    whole = "\n".join([*PARAGRAPHS, *(f"Bagian {part}: {PARAGRAPHS[2]}" for part in range(8))])
    told = story(article(), URL, [whole])
    assert told == Story(whole, told.cut, "json-ld")


def test_a_stated_text_of_something_else_is_not_believed() -> None:
    assert lines(article(), bodies=["Harga beras naik lagi di semua pasar kota, kata pedagang. " * 50]) == PARAGRAPHS


def test_an_empty_page_gives_what_the_feed_has() -> None:
    content = "".join(f"<p>{one}</p>" for one in PARAGRAPHS)
    told = story(page("<div id='app'></div>"), URL, [], content)
    assert told == Story("\n".join(PARAGRAPHS), (), "feed")
    assert story(page("<div id='app'></div>"), URL) == Story("")


@pytest.mark.parametrize(
    "line",
    [
        "Baca juga: Harga ikan",
        "Lihat juga: Ikan",
        "Read also: Fish",
        "Read more",
        "Related stories",
        "Lire aussi : Le poisson",
        "Leer más: Pez",
        "Lee también: Pez",
        "Leia também: Peixe",
        "Leggi anche: Pesce",
        "Lees ook: Vis",
        "Les også: Fisk",
        "Lesen Sie auch: Fisch",
        "Читайте также: Рыба",
        "اقرأ أيضا: سمك",
        "Ayrıca bakınız: Balık",
        "Đọc thêm: Cá",
        "相关阅读：鱼",
        "関連記事：魚",
        "관련 기사: 생선",
        "Foto: Antara/Hafidz",
        "Photo: AFP",
        "Hafidz Mubarak/Antara Foto",
        "Getty Images",
        "Фото: ТАСС",
        "写真：共同",
        "图片来源：新华社",
        "사진: 연합뉴스",
        "Follow us on Facebook",
        "Subscribe now!",
        "Sign up for our daily newsletter",
        "Folgen Sie uns auf Facebook",
        "Abonnez-vous à notre newsletter",
        "Síguenos en WhatsApp: nuestro canal",
        "Подписывайтесь на наш Telegram-канал",
        "تابعونا على فيسبوك",
        "关注我们的微信公众号",
        "Iklan",
        "Advertisement",
        "Anzeige",
        "Publicité",
        "Реклама",
        "إعلان",
        "Copyright © 2024 Warta",
        "© dpa-infocom",
        "All rights reserved.",
        "Hak cipta © Warta 2024",
        "Scroll to continue",
        "Lesedauer: 4 Minuten",
        "Share this article",
        "Bagikan artikel ini",
        "Comments",
        "Tulis komentar",
        "Ikuti berita terkini di saluran WhatsApp Warta",
        "BACA: Menteri bertemu",
        "READ: Minister meets",
        "Halaman Selanjutnya",
        "Bersambung ke halaman berikutnya",
        "Artikel ini telah tayang di Warta.example dengan judul Menteri Bertemu",
        "[Gambas:Video]",
        "Pewarta: Ayu Lestari",
        "责任编辑：王小明",
        "ANTARA FOTO/Hafidz Mubarak A",
        "Nelayan di pelabuhan tua. (Foto: Istimewa)",
    ],
)
def test_lines_of_templates_are_known_in_many_languages(line: str) -> None:
    assert why_cut(line)


@pytest.mark.parametrize(
    "line",
    [
        "Read the room, the minister told his party on Monday.",
        "Watching the harbour, they waited.",
        "Related companies were also fined.",
        "Subscribers protested in front of the building.",
        "Share prices fell by three per cent.",
        "Follow the money, the prosecutor said.",
        "Sign up rates fell sharply in May.",
        "Copyright law was changed in June.",
        "Photos of the harbour were shown to the court.",
        "Video assistant referees are to stay, FIFA said.",
        "Reuters melaporkan bahwa menteri tiba pada hari Senin.",
        "Bild: Wie geht es Ihnen?",
        "Der Minister sagte der dpa",
        "Entre janeiro e março, as notícias foram boas.",
        "Recibe el premio mañana en Madrid.",
        "Iklan rokok dilarang.",
        "Ikuti pelatihan itu, kata dia, ratusan guru di Jakarta.",
        "Simak penjelasan menteri berikut ini.",
        "Foto itu diambil kemarin.",
        "Подписали договор в понедельник.",
        "加入世界贸易组织二十年。",
        "구독자가 늘었다.",
        "حمل الرئيس رسالة إلى قناة السويس.",
        "Comments by the minister angered Beijing.",
        "Sie musste sich anmelden.",
        "Halaman rumah menteri dipenuhi warga sejak pagi.",
        "Artikel ini membahas ikan tuna.",
        "Kasus itu kini ditangani oleh KPK/Polri.",
        "Pernyataan itu dikutip dari laman resmi kementerian (bukan foto).",
        "More than ten people were hurt, police said.",
        "Editor harian itu menolak berkomentar.",
        "Klik itu terdengar dua kali, kata saksi.",
        "Yuk, kata dia, kita pergi ke pelabuhan.",
        "Pertemuan berlangsung di Tokyo. (Reuters)",
        "Volgens de minister is er geen vis.",
    ],
)
def test_sentences_that_begin_like_such_lines_are_no_such_lines(line: str) -> None:
    assert why_cut(line) is None


def test_an_agency_alone_signs_the_story_at_its_end_and_credits_a_picture_elsewhere() -> None:
    assert why_cut("Reuters") == "credits a picture"
    assert why_cut("(Reuters)", at_the_end=True) is None
    assert lines(article("<p>Reuters</p>")) == PARAGRAPHS


def test_markup_becomes_lines_and_an_unclosed_tag_no_error() -> None:
    assert text_of_markup("<p>Satu.</p><p>Dua<br>Tiga<script>x</script></p>") == "Satu.\nDua\nTiga"
    assert text_of_markup("Satu\n\nDua") == "Satu\nDua"
    assert text_of_markup("<p") in {"", "<p"}


HOSTILE = {
    "a page of nested boxes": "<div class='related'>" * 200 + "x" * 100_000 + "</div>" * 200,
    "boxes of links": "<div class='related'>" * 200 + "<a href='/x'>Ikan</a> dan beras, " * 20_000 + "</div>" * 200,
    "twenty thousand paragraphs": "<p>Menteri bertemu.</p>" * 20_000,
    "alike paragraphs": "<article><h1>x</h1>" + f"<p class=a>{PARAGRAPHS[0]}</p>" * 5_000 + "</article>",
    "long classes": "".join(f"<p class='{'a-' * 500}{n}'>Teks pendek di sini.</p>" for n in range(3_000)),
    "links": "<p>" + "<a href='/x'>Harga ikan tuna naik tajam</a>" * 20_000 + "</p>",
    "brackets": "".join(f"<p>{mark * 490}</p>" for mark in "([*•>-" for _ in range(300)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_takes_bounded_time(name: str) -> None:
    started = time.process_time()
    told = story(page(HOSTILE[name]), URL)
    assert len(told.text) <= LONGEST_BODY
    assert time.process_time() - started < 60  # a second on a machine that does nothing else
