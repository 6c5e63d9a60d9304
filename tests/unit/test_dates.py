"""Dates as feeds write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from ingest.dates import parse_date
from ingest.datewords import date_in_words, published_part, updated_part

PRESENT = datetime(2023, 6, 6, tzinfo=UTC)
MONDAY = datetime(2023, 6, 5, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 05 Jun 2023 10:00:00 +0700", "Mon,05 Jun 2023 10:00:00 +0700", "Monday, 05-Jun-23 03:00:00 GMT",
        "5 June 2023 10:00 +07:00", "Mon, 5 Jun 23 10:00 GMT+7", "Senin, 5 Juni 2023 10:00 WIB",
        "Senin, 5 Juni 2023 | 10.00 WIB",
        "2023-06-05T10:00:00+07:00", "2023-06-05T03:00:00Z", "2023-06-05T03:00:00.123456Z", "2023-06-05 10:00:00 +0700",
        "20230605T100000+07", "2023/06/05 03:00", "Mon Jun  5 03:00:00 2023", "Mon Jun 5 10:00:00 WIB 2023",
        "June 5, 2023 10:00 AM WIB", "Jun 5, 2023, 3:00 a.m. UTC", "Sun, 04 Jun 2023 23:00:00 EDT", "1685934000",
        "1685934000123",
        "  Mon,  05 Jun\n2023 10:00:00   +0700 ", "Mon, 05 Jun 2023 10:00:00 +0700 (WIB)",
    ],
)  # fmt: skip
def test_each_common_form_is_read(text: str) -> None:
    assert parse_date(text, present=PRESENT) == MONDAY


@pytest.mark.parametrize(
    "text",
    [
        "", "today", "Mon", "2023", "2023-06", "31 Feb 2023", "05/06/2023", "2023-13-01", "2023-06-05T25:00:00Z",
        "Mon, 05 Jun 2023 10:00:00 QQQ", "Mon, 05 Foo 2023 10:00:00 GMT", "0", "000000000", "1970-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 07:00:00 +0700", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "x" * 1000,
        "99999999999999",
    ],
)  # fmt: skip
def test_nonsense_gives_none(text: str) -> None:
    assert parse_date(text, present=PRESENT) is None


def test_more_than_two_days_ahead_is_no_publication() -> None:
    assert parse_date("2023-06-08T00:00:00Z", present=PRESENT) == PRESENT + timedelta(days=2)
    assert parse_date("2023-06-08T00:00:01Z", present=PRESENT) is None


def test_a_time_without_a_zone_is_in_the_zone_given() -> None:
    assert parse_date("2023-06-05 10:00:00", ZoneInfo("Asia/Jakarta"), present=PRESENT) == MONDAY
    assert parse_date("2023-06-05", ZoneInfo("Asia/Jakarta"), present=PRESENT) == datetime(2023, 6, 4, 17, tzinfo=UTC)


def test_midnight_may_be_written_as_24_and_a_leap_second_as_60() -> None:
    assert parse_date("2023-06-04T24:00:00Z", present=PRESENT) == datetime(2023, 6, 5, tzinfo=UTC)
    assert parse_date("2016-12-31T23:59:60Z", present=PRESENT) == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


JAKARTA = ZoneInfo("Asia/Jakarta")
FETCHED = datetime(2023, 6, 5, 9, 30, tzinfo=UTC)
HALF_PAST_TWO = datetime(2023, 6, 5, 7, 30, tzinfo=UTC)  # 14.30 in Jakarta


@pytest.mark.parametrize(
    "text",
    [
        "Senin, 5 Juni 2023 | 14.30 WIB", "Senin, 05 Jun 2023 14:30 WIB", "Isnin, 5 Jun 2023 3:30 PM MYT",
        "5 Juni 2023 16.30 WIT", "Published: 08:30 BST, 5 June 2023", "June 5, 2023 7:30 AM UTC",
        "5. Juni 2023 um 14:30 Uhr", "05.06.2023, 14:30 Uhr", "Publié le 5 juin 2023 à 14h30",
        "5 de junio de 2023 14:30", "5 de junho de 2023 às 14h30", "5 giugno 2023, 14:30", "5 juni 2023 14:30",
        "5 Haziran 2023 14:30", "5 июня 2023, 14:30", "5 червня 2023, 14:30", "٥ يونيو ٢٠٢٣ ١٤:٣٠",
        "5 حزيران 2023 14:30", "2023年6月5日 14:30", "2023年6月5日 下午2:30", "2023년 6월 5일 오후 2:30",
        "2023.06.05. 14:30", "Thứ hai, 5/6/2023, 14:30 (GMT+7)", "5 tháng 6, 2023 14:30",
        "5 มิถุนายน 2566 เวลา 14:30 น.", "5 czerwca 2023 14:30", "2023-06-05 14:30", "Hari ini 14.30 WIB",
        "heute, 14:30 Uhr", "2 jam lalu", "2 jam yang lalu", "2 hours ago", "vor 2 Stunden", "il y a 2 heures",
        "hace 2 horas", "há 2 horas", "2 ore fa", "2 uur geleden", "2 saat önce", "2 часа назад", "2小时前",
        "2時間前", "2시간 전", "منذ 2 ساعات", "2 giờ trước", "120 menit lalu", "5 Juni, 14.30",
    ],
)  # fmt: skip
def test_a_byline_s_date_is_read_in_many_languages(text: str) -> None:
    said = date_in_words(text, JAKARTA, FETCHED)
    assert said is not None
    assert said.at == HALF_PAST_TWO


@pytest.mark.parametrize(
    "text",
    [
        "", "Monday", "5 min read", "10 people for 3 days", "31 Februari 2023", "kemarin", "5/6", "2023",
        "Halaman 2 dari 5", "x" * 500,
    ],
)  # fmt: skip
def test_words_without_a_date_give_none(text: str) -> None:
    assert date_in_words(text, JAKARTA, FETCHED) is None


def test_americans_write_the_month_first_and_others_do_not() -> None:
    assert date_in_words("6/5/2023 14:30", JAKARTA, FETCHED, month_first=True) == date_in_words(
        "5/6/2023 14:30", JAKARTA, FETCHED
    )
    thirteenth = date_in_words("6/13/2023", UTC, FETCHED)
    assert thirteenth is not None
    assert thirteenth.at == datetime(2023, 6, 13, tzinfo=UTC)


def test_a_byline_says_how_exact_it_is_and_what_was_changed_later() -> None:
    text = "Diterbitkan 5 Juni 2023 14.30 WIB, diperbarui 6 Juni 2023 08.00 WIB"
    first = date_in_words(published_part(text), JAKARTA, FETCHED)
    later = date_in_words(updated_part(text), JAKARTA, FETCHED)
    assert first is not None
    assert later is not None
    assert (first.at, first.exact) == (HALF_PAST_TWO, 2)
    assert later.at == datetime(2023, 6, 6, 1, 0, tzinfo=UTC)
    assert published_part("Updated 5 June 2023") == ""


@pytest.mark.parametrize("text", ["9" * 190, "5 " * 95, "1/" * 95, "jan " * 45, "a" * 199 + "1", "1 jam " * 33])
def test_no_text_makes_reading_slow(text: str) -> None:
    began = process_time()
    for _ in range(20):
        date_in_words(text, UTC, FETCHED)
    assert process_time() - began < 60  # some milliseconds; a pattern that backtracks takes minutes
