"""Countries named in a text: every language by its own names, precision before recall."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ingest.tagging import countries
from ingest.tagging.compile_countries import compiled, rows_by_hand
from ingest.tagging.countries import countries_in
from ingest.tagging.table import HEADER, read_rows, written
from tests.effort import growth


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("id", "Jepang dan AS bertemu Tiongkok; Korut dan Inggris menolak, kata Prancis.", "JP US CN KP GB FR"),
        ("id", "Laga AS Roma melawan AS Monaco. Laut China Selatan. Bahasa Inggris. Amerika Latin.", ""),
        ("id", "jepang as cina kuba", ""),
        ("id", "JEPANG MENOLAK CHINA", "JP CN"),
        ("ms", "Jepun, Amerika Syarikat dan Perancis; Korea Selatan pula tidak hadir.", "JP US FR KR"),
        ("en", "as we saw turkey, chad and oman in the china shop; it gave us jersey", ""),
        ("en", "The U.S. and the US told UK and Chinese officials; Dutch courage.", "US GB CN"),
        ("en", "Papua New Guinea and Guinea-Bissau, New Mexico, South China Sea, Latin American leaders", "PG GW"),
        ("en", "Nigerian, not Niger; Niger, not Nigerian", "NE NG"),
        ("en", "Voters in Georgia and in Jordan's district", ""),
        ("en", "In Tbilisi, Georgia asked for help", "GE"),
        ("en", "Georgian Dream won in Georgia", "GE"),
        ("en", "Jordan Henderson and Michael Jordan in Amman", ""),
        ("en", "Indonesia's, pro-Israel, (Iran) Iraq.", "ID IL IR IQ"),
        ("en", "Chinatown, Indiana, Omani-ish Japanophile", "OM"),
        ("ar", "زار وفد من روسيا الصين، ثم توجه لليابان وبمصر وللولايات المتحدة", "RU CN JP EG US"),
        ("ru", "Президент России в Китае говорил об Иране, Украину и США; Того же. Южной Кореи.", "RU CN IR UA US KR"),
        ("uk", "Президент України говорив з Польщею про Росію та США.", "UA PL RU US"),
        ("zh", "中国和美国、印度尼西亚；印度洋，马里兰州，约旦河，巴布亚新几内亚", "CN US ID PG"),
        ("ja", "米国と北朝鮮、中国地方、マリア、日本", "US KP JP"),
        ("ko", "미국은 중국과 만났고 테러란 무엇인가", "US CN"),
        ("th", "ประเทศไทยและจีนในทะเลจีนใต้", "TH CN"),
        ("tr", "Türkiye'de ABD ve İRAN", "TR US IR"),
        ("fr", "l'Iran et la Côte d'Ivoire, Maurice en Île-de-France", "IR CI"),
        ("he", "ישראל דיברה עם ארצות הברית ומסין", "IL US CN"),
        ("hi", "भारत और चीन ने अमेरिका से कहा", "IN CN US"),
        ("fa", "ایران و چین با آمریکا", "IR CN US"),
        ("vi", "Mỹ và Trung Quốc", "US CN"),
        (None, "Japan and Georgia", "JP"),
        ("xx", "Japan", "JP"),
    ],
)
def test_names_are_found_in_their_language(language: str | None, text: str, expected: str) -> None:
    found, _ = countries_in("", text, language)
    assert sorted(found) == sorted(expected.split())


def test_the_most_mentioned_comes_first_and_mentions_say_where() -> None:
    body = "Jepang bertemu AS. AS dan Jepang, kata AS."
    codes, mentions = countries_in("China memantau", body, "id")
    assert codes == ("US", "JP", "CN")
    assert [mention.id for mention in mentions] == list(codes)
    us, jp, cn = mentions
    assert (us.name, us.type, us.count, us.surfaces, us.in_title) == ("United States", "country", 3, ("AS",), False)
    assert [body[start:end] for start, end in us.spans] == ["AS", "AS", "AS"]
    assert [body[start:end] for start, end in jp.spans] == ["Jepang", "Jepang"]
    assert (cn.count, cn.spans, cn.in_title) == (1, (), True)


def test_offsets_count_characters_whatever_stands_before() -> None:
    body = "🙂é\ud800 日本 Japan"
    _, (japan,) = countries_in("", body, "en")
    assert [body[start:end] for start, end in japan.spans] == ["Japan"]


def test_the_compiled_table_is_what_its_sources_give() -> None:
    rows = compiled(rows_by_hand())
    assert countries.TABLE.read_text(encoding="utf-8") == HEADER + "".join(map(written, rows)), (
        "run: python -m ingest.tagging.compile_countries"
    )


def test_every_language_has_an_automaton_and_every_code_an_english_name() -> None:
    rows = [row for _, row in read_rows(countries.TABLE)]
    named = {row.code for row in rows if row.kind == "canonical"}
    assert {row.code for row in rows} - {"-"} == named
    for language in sorted({row.language for row in rows}):
        countries_in("", "x", language)


def test_a_bad_row_is_named_by_file_and_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tsv"
    bad.write_text("# head\nJP\ten\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.tsv:2: 2 columns"):
        read_rows(bad)


def test_a_text_full_of_names_is_read_in_linear_time() -> None:
    draw = random.Random(7)
    names = ["AS", "China", "Jepang", "Papua Nugini", "Korea Selatan", "Guinea", "Indonesia"]
    words = [draw.choice(names) for _ in range(8_000)]

    assert growth(lambda count: countries_in("", " ".join(words[:count]), "id"), 2_000) < 5


def test_spans_are_bounded_and_the_count_is_not() -> None:
    _, (japan,) = countries_in("", "Japan " * 5000, "en")
    assert (japan.count, len(japan.spans)) == (5000, 1000)
