"""Dates as feeds write them: RFC 822 and its slips, W3CDTF, asctime, Perforce, Greek, Hungarian, Korean; and none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.suites.cases import Case, table_case
from tests.suites.shells import feed_of

DATES: tuple[tuple[str, str | None], ...] = (
    # RFC 822
    ("Mon, 05 Jun 2023 10:20:30 GMT", "2023-06-05T10:20:30Z"),
    ("Mon, 5 Jun 2023 10:20:30 GMT", "2023-06-05T10:20:30Z"),
    ("Mon,  5 Jun 2023 10:20:30 GMT", "2023-06-05T10:20:30Z"),
    ("05 Jun 2023 10:20:30 GMT", "2023-06-05T10:20:30Z"),
    ("Mon, 05 Jun 23 10:20:30 GMT", "2023-06-05T10:20:30Z"),
    ("Mon, 05 Jun 2023 10:20 GMT", "2023-06-05T10:20:00Z"),
    ("Mon, 05 Jun 2023", "2023-06-05T00:00:00Z"),
    ("Mon, 05 June 2023 10:20:30 GMT", "2023-06-05T10:20:30Z"),
    ("Monday, 05 June 2023 10:20:30 GMT", "2023-06-05T10:20:30Z"),
    ("Mon,05 Jun 2023 10:20:30 -0000", "2023-06-05T10:20:30Z"),
    ("Mon, 05 Jun, 2023 10:20:30 UTC", "2023-06-05T10:20:30Z"),
    ("Mon Jun 05 2023 10:20:30 +0200", "2023-06-05T08:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 +0700", "2023-06-05T03:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 +07:00", "2023-06-05T03:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 -0130", "2023-06-05T11:50:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 GMT-01:01", "2023-06-05T11:21:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 Etc/GMT", "2023-06-05T10:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 Z", "2023-06-05T10:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 EST", "2023-06-05T15:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 EDT", "2023-06-05T14:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 PST", "2023-06-05T18:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 ET", "2023-06-05T15:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 CT", "2023-06-05T16:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 MT", "2023-06-05T17:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 PT", "2023-06-05T18:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 AT", "2023-06-05T14:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 MET", "2023-06-05T09:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 MEST", "2023-06-05T08:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 A", "2023-06-05T10:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30 WIB", "2023-06-05T03:20:30Z"),
    ("Sen, 05 Juni 2023 10:20:30 WIB", "2023-06-05T03:20:30Z"),
    ("Mon, 05 Jun 2023 10:20:30", "2023-06-05T10:20:30Z"),
    # ISO 8601, RFC 3339, W3CDTF
    ("2023-06-05T10:20:30Z", "2023-06-05T10:20:30Z"),
    ("2023-06-05T10:20:30-08:00", "2023-06-05T18:20:30Z"),
    ("2023-06-05T10:20:30+08:00", "2023-06-05T02:20:30Z"),
    ("2023-06-05T10:20:30.538+10:00", "2023-06-05T00:20:30Z"),
    ("2023-06-05T10:20Z", "2023-06-05T10:20:00Z"),
    ("2023-06-05T10:20:30", "2023-06-05T10:20:30Z"),
    ("2023-06-05", "2023-06-05T00:00:00Z"),
    ("20230605T102030Z", "2023-06-05T10:20:30Z"),
    ("2023-06-05 10:20:30 -00:20", "2023-06-05T10:40:30Z"),
    ("2023-06-05 10:20:30", "2023-06-05T10:20:30Z"),
    ("2023-06-05 10:20:30.0", "2023-06-05T10:20:30Z"),
    ("2023-006-05T10:20:30+00:00", "2023-06-05T10:20:30Z"),
    ("2020-02-28T18:20:30-08:00", "2020-02-29T02:20:30Z"),
    ("2023-02-28T18:20:30-08:00", "2023-03-01T02:20:30Z"),
    ("2000-02-28T18:20:30-08:00", "2000-02-29T02:20:30Z"),
    ("2023-12-31T23:59:60Z", "2023-12-31T23:59:59Z"),
    # asctime, Perforce
    ("Mon Jun  5 10:20:30 2023", "2023-06-05T10:20:30Z"),
    ("Mon Jun 05 10:20:30 +0000 2023", "2023-06-05T10:20:30Z"),
    ("Mon, 2023/06/05 10:20:30 EDT", "2023-06-05T14:20:30Z"),
    # in other languages
    ("Δευ, 05 Ιουν 2023 10:20:30 EST", "2023-06-05T15:20:30Z"),
    ("Κυρ, 11 Ιούλ 2004 10:20:30 EST", "2004-07-11T15:20:30Z"),
    ("Κυρ, 04 Μαΐ 2003 10:20:30 GMT", "2003-05-04T10:20:30Z"),
    ("2023-június-05T9:20+02:00", "2023-06-05T07:20:00Z"),
    ("2023-július-5T09:20-05:00", "2023-07-05T14:20:00Z"),
    ("2023년 06월 05일 10:20:30", "2023-06-05T01:20:30Z"),
    ("2023-06-05 오후 10:20:30", "2023-06-05T13:20:30Z"),
    ("2023-06-05 오전 10:20:30", "2023-06-05T01:20:30Z"),
    ("2023年6月5日 10:20", "2023-06-05T10:20:00Z"),
    ("lun, 05 juin 2023 10:20:30 +0200", "2023-06-05T08:20:30Z"),
    ("Mo, 05 Mai 2023 10:20:30 +0200", "2023-05-05T08:20:30Z"),
    ("Пн, 05 июня 2023 10:20:30 +0300", "2023-06-05T07:20:30Z"),
    ("الاثنين, 05 يونيو 2023 10:20:30 +0300", "2023-06-05T07:20:30Z"),
    # none
    ("", None),
    ("yesterday", None),
    ("어제 오후 3:00", None),
    ("Mon, 05 zzz 2023 10:20:30 GMT", None),
    ("Mon, Jun x 2023 10:20:30 GMT", None),
    ("Mon, 05 Jun zz 10:20:30 GMT", None),
    ("Mon, 05 Jun 2023 1:2:3:4 GMT", None),
    ("Mon, 05 Jun 2023 10:20:30 +zz:00", None),
    ("Mon, 05 Jun 2023 10:20:30 +00:zz", None),
    ("Mon, 05 Jun 2023 10:20:30 XYZ", None),
    ("Mon, 99 Jun 2023 10:20:30 GMT", None),
    ("Sun, 31 Dec 9999 23:59:59 -9999", None),
    ("2023-06-31T10:20:30Z", None),
    ("2023-06-05T25:20:30Z", None),
    ("2023-06-05T10:61:30Z", None),
    ("2023-xx-05", None),
    ("2023-06-05T10:xx:00Z", None),
    ("2023-06-05T10:20:30+00:xx", None),
    ("2023-06-05-01", None),
    ("2023-06-05T10:20:30-06:00Textra", None),
    ("22023", None),
    ("013", None),
    # less than a day would have to be made up: left out with intent, see docs/suites.md
    ("2023-06", None),
    ("2023", None),
    ("-0312", None),
    ("03335", None),
    # before 1971, ahead of the present
    ("Thu, 01 Jan 1970 00:00:00 GMT", None),
    ("Thu, 01 Jan 0100 00:00:01 +0100", None),
    ("2031-01-01T00:00:00Z", None),
)
D1, D2, D3 = "2023-06-05T10:20:30Z", "2023-06-06T10:20:30Z", "2023-06-07T10:20:30Z"
# format, what is tried, the entry's markup, published, updated
ELEMENTS: tuple[tuple[str, str, str, str | None, str | None], ...] = (
    ("rss20", "pubDate", f"<pubDate>{D1}</pubDate>", D1, None),
    ("rss20", "dc:date", f"<dc:date>{D1}</dc:date>", D1, D1),
    ("rss20", "dcterms:issued", f"<dcterms:issued>{D1}</dcterms:issued>", D1, None),
    ("rss20", "dcterms:created", f"<dcterms:created>{D1}</dcterms:created>", D1, None),
    ("rss20", "dcterms:modified", f"<dcterms:modified>{D1}</dcterms:modified>", D1, D1),
    ("rss20", "issued and modified",
     f"<dcterms:issued>{D1}</dcterms:issued><dcterms:modified>{D2}</dcterms:modified>", D1, D2),
    ("rss20", "an expiry is no date of publication", f"<expirationDate>{D2}</expirationDate>", None, None),
    ("rss20", "no date", "<title>T</title>", None, None),
    ("rss10", "dc:date", f"<dc:date>{D1}</dc:date>", D1, D1),
    ("atom10", "published", f"<published>{D1}</published>", D1, None),
    ("atom10", "updated", f"<updated>{D1}</updated>", None, D1),
    ("atom10", "published and updated", f"<published>{D1}</published><updated>{D2}</updated>", D1, D2),
    ("atom10", "a source's date is none of the entry's",
     f"<published>{D1}</published><source><updated>{D3}</updated></source>", D1, None),
    ("atom03", "issued", f"<issued>{D1}</issued>", D1, None),
    ("atom03", "created", f"<created>{D1}</created>", D1, None),
    ("atom03", "modified", f"<modified>{D1}</modified>", None, D1),
    ("atom03", "issued before created", f"<created>{D2}</created><issued>{D1}</issued>", D1, None),
)  # fmt: skip


def cases() -> Iterator[Case]:
    """Each date as RSS's pubDate and as Atom's updated, then the elements that carry one."""
    for text, moment in DATES:
        rss, atom = f"<pubDate>{text}</pubDate>", f"<updated>{text}</updated>"
        yield _case("rss20", f"the date {text!r}", rss, {"published": moment})
        yield _case("atom10", f"the date {text!r}", atom, {"updated": moment, "published": None})
    for form, what, markup, published, updated in ELEMENTS:
        yield _case(form, what, markup, {"published": published, "updated": updated})


def _case(form: str, what: str, markup: str, expects: dict[str, Any]) -> Case:
    wanted = {f"entries[0].{field}": value for field, value in expects.items()}
    return table_case(feed_of(form, markup), f"{form}: {what}", wanted)
