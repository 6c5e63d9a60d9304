"""Who wrote: names out of bylines in many languages, people told from newsrooms, agencies found where they sign."""

from __future__ import annotations

import pytest

from ingest.agencies import agencies_in, agency_of, signed
from ingest.authors import authors
from ingest.bylines import byline_statements
from ingest.evidence import Evidence, Field, Means, PageFacts
from ingest.markup import tree_of
from ingest.names import is_nobody, is_person, names_in
from ingest.records import Page

SITE = frozenset({"thepost", "post", "postexample"})
STORY = "<p>" + "The ministers met in the old harbour town to speak about fish and nets. " * 4 + "</p>"


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ann Lee, Bo Ek and Cy Dee", ["Ann Lee", "Bo Ek", "Cy Dee"]),
        ("BY ANN LEE", ["ANN LEE"]),
        ("Written by Ann Lee", ["Ann Lee"]),
        ("Von: Anna Maier und Lea Wagner, Nairobi", ["Anna Maier", "Lea Wagner"]),
        ("Kommentar von Jan Sellner", ["Jan Sellner"]),
        ("Oleh: Rani Wulandari, Bagus Prakoso", ["Rani Wulandari", "Bagus Prakoso"]),
        ("Penulis : Budi Santoso", ["Budi Santoso"]),
        ("Oleh Ahmad Zaki bin Ismail dan Siti Aminah", ["Ahmad Zaki bin Ismail", "Siti Aminah"]),
        ("Par Jean Petit et Marie Grand", ["Jean Petit", "Marie Grand"]),
        ("Por Luna González y Pedro Gil", ["Luna González", "Pedro Gil"]),
        ("di Viviana Mazza", ["Viviana Mazza"]),
        ("Di Maria", ["Di Maria"]),
        ("Автор: Андрей Колесов", ["Андрей Колесов"]),
        ("Мария Иванова и Пётр Сидоров", ["Мария Иванова", "Пётр Сидоров"]),
        ("أحمد محمد وعلي حسن", ["أحمد محمد", "علي حسن"]),
        ("記者王小明／台北報導", ["王小明"]),
        ("本报记者 李华、王伟", ["李华", "王伟"]),
        ("박준석 기자", ["박준석"]),
        ("박준석 기자 외 1명", ["박준석"]),
        ("松岡大地", ["松岡大地"]),
        ("Mehmet Yılmaz ve Ayşe Kaya", ["Mehmet Yılmaz", "Ayşe Kaya"]),
        ("Jan Smit en Piet de Vries", ["Jan Smit", "Piet de Vries"]),
        ("Ann Lee, Senior Writer", ["Ann Lee"]),
        ("Ann Lee – Journalist", ["Ann Lee"]),
        ("Ann Lee | Reporter", ["Ann Lee"]),
        ("Ann Lee (Reuters)", ["Ann Lee"]),
        ("Ann Lee (Jakarta), Bo Ek (Tokyo)", ["Ann Lee", "Bo Ek"]),
        ("Bruno (Henrique Zecchin) Rodrigues", ["Bruno Rodrigues"]),
        ("Ann Lee (avec Bo Ek et Cy Dee)", ["Ann Lee", "Bo Ek", "Cy Dee"]),
        ("By ANN LEE and Ann Lee", ["Ann Lee"]),
        ("Professor Ann Lee and Reporter Bo Ek", ["Ann Lee", "Bo Ek"]),
        ("Ann Lee, Deputy Director", ["Ann Lee"]),
        ("Tim Cooke and Fritz Haber", ["Tim Cooke", "Fritz Haber"]),
        ("Ann Lee in Kyiv", ["Ann Lee"]),
        ("Ann Lee from Berlin", ["Ann Lee"]),
        ("Ann Lee ann@post.example", ["Ann Lee"]),
        ("Robert Downey, Jr.", ["Robert Downey, Jr."]),
        ("Lee, Ann", ["Ann Lee"]),
        ("Ann Lee; edited by Bo Ek", ["Ann Lee"]),
        ("Ann Lee/Bo Ek", ["Ann Lee", "Bo Ek"]),
        ("Ann Lee\nReporter\nBo Ek\nReporter", ["Ann Lee", "Bo Ek"]),
        ("Suharto", ["Suharto"]),
        ("https://social.example/thepost", []),
    ],
)
def test_a_byline_is_taken_apart_into_names(byline: str, names: list[str]) -> None:
    assert list(names_in([byline])) == names


@pytest.mark.parametrize(
    "name",
    [
        "Redaksi", "Tim Redaksi", "Staff", "Staff Writer", "Admin", "Redaktion", "Rédaction", "La rédaction",
        "Редакция", "编辑部", "編集部", "The Post", "Post", "Post Reporters", "BBC News", "dpa", "AFP",
        "Associated Press", "Web Desk", "post.example", "Kompas TV", "Agencia EFE", "新华社", "연합뉴스",
        "Our Correspondents",
    ],
)  # fmt: skip
def test_newsrooms_agencies_and_the_site_itself_are_no_people(name: str) -> None:
    assert not is_person(name, SITE)


@pytest.mark.parametrize(
    "name",
    [
        "Ann Lee", "Michelle de Oliveira", "Fouzia Van Der Fort", "Ahmad Zaki bin Ismail", "大渡 美咲", "박준석",
        "Дина Ким", "JÖRG ZSCHOCHE", "Claire Benit-Gbaffou", "Ann O'Neill", "Tim Cooke", "أحمد محمد", "Emily Post",
    ],
)  # fmt: skip
def test_people_are_people_though_nobody_says_so(name: str) -> None:
    assert is_person(name, SITE, strictly=True)


@pytest.mark.parametrize(
    "words", ["Read more", "10 Years Later", "The harbour", "Share this", "Why Fish?", "Nets", "i"]
)
def test_other_words_are_no_names(words: str) -> None:
    assert not is_person(words, SITE, strictly=True)


@pytest.mark.parametrize(
    "words",
    [
        "View All", "Share This Article", "Copy Link URL", "Print Article", "About Ann Lee", "Ann Lee's Recent Stories",
        "Lihat Semua", "Baca Artikel Lain", "Mehr Von Ann", "Monday November", "Original Nov.", "Senin Juni",
        "Associated Press November", "BBC Berlin",
    ],
)  # fmt: skip
def test_buttons_and_dates_beside_a_byline_are_no_names(words: str) -> None:
    assert not is_person(words, SITE | {"bbc"}, strictly=True)


@pytest.mark.parametrize("name", ["April Smith", "Sunday Oliseh", "Agus Mei Hartono", "Joseph Story", "See Hui Min"])
def test_names_that_are_words_of_dates_and_buttons_elsewhere_are_names(name: str) -> None:
    assert is_person(name, SITE, strictly=True)


@pytest.mark.parametrize("name", ["Redaksi", "admin", "Staff", "https://x.example/", "@thepost", "記者", "…", "123"])
def test_who_only_says_that_somebody_wrote_is_nobody(name: str) -> None:
    assert is_nobody(name)


def said(means: Means, *names: str, key: str = "author") -> list[Evidence]:
    field: Field = "author"
    return [Evidence(field, means, key, name) for name in names]


@pytest.mark.parametrize(
    ("evidence", "names"),
    [
        (said("json-ld", "Ann Lee") + said("meta", "Bo Ek"), ("Ann Lee",)),
        (said("json-ld", "The Post", key="author organisation") + said("meta", "Ann Lee"), ("Ann Lee",)),
        (said("json-ld", "Redaksi") + said("feed", "Ann Lee"), ("Ann Lee",)),
        (said("json-ld", "Ann Lee", "AFP"), ("Ann Lee",)),
        (said("json-ld", "Ann Lee") + said("byline", "Ann Lee", "Bo Ek", key="byline"), ("Ann Lee", "Bo Ek")),
        (said("json-ld", "Ann Lee") + said("byline", "Cy Dee", "Bo Ek", key="byline"), ("Ann Lee",)),
        (said("meta", "Cyrus Lindqvist. Island International"), ("Cyrus Lindqvist",)),
        (said("meta", "ANN LEE", "Ann Lee", "By ANN LEE"), ("Ann Lee",)),
        (said("json-ld", "dpa"), ("dpa",)),
        (said("json-ld", "The Post", key="author organisation"), ("The Post",)),
        (said("json-ld", "Redaksi") + said("meta", "admin"), ()),
        (said("meta", "https://social.example/thepost"), ()),
    ],
)
def test_people_are_believed_first_and_who_signs_alone_stands_for_itself(
    evidence: list[Evidence], names: tuple[str, ...]
) -> None:
    found = authors(PageFacts(tuple(evidence)), SITE)
    assert found.names == names
    assert bool(found.kept) == bool(names)


@pytest.mark.parametrize(
    ("markup", "names"),
    [
        ("<div class='article-byline'><span>Ann Lee</span> <span>Bo Ek</span></div>", ["Ann Lee", "Bo Ek"]),
        ("<cite class='byline vcard'>By <span class=fn>Ann Lee</span><abbr>June 5</abbr></cite>", ["Ann Lee"]),
        ("<div class='author-stats'><b>留言</b> <b>人氣</b></div>", []),
        ("<p>Oleh: <a href=/x>Rani Wulandari</a></p>", ["Rani Wulandari"]),
        ("<div>Von <b>Anna Maier und Lea Wagner</b></div>", ["Anna Maier", "Lea Wagner"]),
        ("<ul class=authors><li>Ann Lee – Journalist</li><li>Bo Ek – Journalist</li></ul>", ["Ann Lee", "Bo Ek"]),
        ("<p><strong>Ann Lee/Bo Ek</strong></p>", ["Ann Lee", "Bo Ek"]),
        ("<figure class=author><figcaption class=author>By Ann Lee</figcaption></figure>", []),
        ("<div class='photo-credit author'>Ann Lee</div>", []),
        ("<span class=author-name>Associated Press</span><span>June 5</span>", ["Associated Press"]),
        ("<a class='icon author' href=/x>by Island News Weekly</a>", ["Island News Weekly"]),
        ("<div class=author-box>Island News Weekly is read on all islands.</div>", []),
        ("<p><strong>BAAR, SWITZERLAND</strong></p>", []),
        ("<p>By the river the ministers met.</p>", []),
        ("<div class=byline>Redaksi</div>", []),
        ("<aside class=related><p class=author>Ann Lee</p></aside>", []),
        ("<div class=comments><div class=comment><span class=author>Ann Lee</span></div></div>", []),
    ],
)
def test_the_byline_beside_the_headline_is_read(markup: str, names: list[str]) -> None:
    body = f"<html><body><h1>Fish and nets in the harbour</h1>{markup}{STORY}{STORY}{STORY}</body></html>"
    page = Page.model_validate(
        {
            "url": "https://post.example/x",
            "body": body.encode(),
            "content_type": None,
            "fetched": "2024-06-01T00:00:00Z",
        }
    )
    found = byline_statements(tree_of(page), ["Fish and nets in the harbour"], SITE)
    assert [one.value for one in found if one.field == "author"] == names


@pytest.mark.parametrize("tag", ["h3", "dt", "td", "div", "strong"])
def test_a_headline_is_found_also_where_it_is_set_as_something_else(tag: str) -> None:
    heading = f"<{tag} class=judul>Fish and nets in the harbour</{tag}>"
    body = f"<html><body><h1>Post</h1>{heading}<p>Oleh: Rani Wulandari</p><p>5 Juni 2023 14.30 WIB</p>{STORY}</body>"
    about = {"url": "https://post.example/x", "content_type": None, "fetched": "2024-06-01T00:00:00Z"}
    page = Page.model_validate({**about, "body": body.encode()})
    found = byline_statements(tree_of(page), ["Fish and nets in the harbour - Post"], SITE)
    assert [(one.field, one.value) for one in found] == [
        ("author", "Rani Wulandari"),
        ("published", "5 Juni 2023 14.30 WIB"),
    ]


@pytest.mark.parametrize(
    ("body", "agency"),
    [
        ("KYIV (Reuters) - The ministers met.", "Reuters"),
        ("NEW YORK, June 5 (Xinhua) -- The ministers met.", "Xinhua"),
        ("JAKARTA (ANTARA) - Para menteri bertemu.", "Antara"),
        ("新华社北京6月5日电 部长们会晤。", "Xinhua"),
        ("(서울=연합뉴스) 홍길동 기자 = 장관들이 만났다.", "Yonhap"),
        ("The ministers met.\nThey spoke. (AFP)", "AFP"),
        ("Para menteri bertemu.\nMereka berbicara. (ANT)", "Antara"),
        ("Para menteri bertemu.\nMereka berbicara.[IT/r]", "Islam Times"),
        ("Die Minister sprachen.\ndpa", "dpa"),
        ("Para menteri bertemu.\nSumber: Antara", "Antara"),
        ("Jakarta, KOMPAS.com - Para menteri bertemu.", None),
        ("The ministers spoke to Reuters on Monday.", None),
        ("They met.\nAn ant (insect) was seen there (it said).", None),
        ("The plan (AP calls it bold) failed at sea.", None),
        ("", None),
    ],
)
def test_an_agency_is_credited_where_it_signs(body: str, agency: str | None) -> None:
    assert signed(body) == agency


def test_agencies_have_one_name_each_and_short_signs_need_capitals() -> None:
    assert agency_of("The Associated Press") == agency_of("AP") == "AP"
    assert agency_of("ap") is None
    assert agency_of("dpa") == "dpa"
    assert agencies_in("Le Figaro et AFP") == "AFP"
    assert agencies_in("AFP, MANILA") == "AFP"
    assert agencies_in("Ann Lee") is None
