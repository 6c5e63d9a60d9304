"""Bytes: byte order marks, declared and undeclared encodings, headers that say another; entities of a DTD."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from tests.suites.cases import Case
from tests.suites.shells import LINK, feed_of

CYRILLIC, JAPANESE, CHINESE, KOREAN, WESTERN = "Порт закрыт", "港で船が", "港口关闭", "항구 폐쇄", "Café déjà"
JAPANESE_TEXT = (
    "大統領は来週ジュネーブで協議を続けると述べた。外務省によると、会談には両国の代表が出席し、港の閉鎖についても話し合われる。"
    "一方、台風の影響でフェリーは明日も運航を見合わせるという。利用者には早めの確認を呼びかけている。"
)
# Python's codec, the name declared in the XML (None: no declaration), the header, the title
DECLARED: tuple[tuple[str, str | None, str | None, str], ...] = (
    ("utf-8", None, None, JAPANESE),
    ("utf-8", "utf-8", None, JAPANESE),
    ("utf-8", "UTF-8", "application/xml", JAPANESE),
    ("utf-8", None, "text/xml", JAPANESE),  # us-ascii by RFC 3023, UTF-8 since RFC 7303
    ("utf-8", None, "application/rss+xml", JAPANESE),
    ("utf-8", "utf-8", "text/html", JAPANESE),
    ("utf-8", "utf-8", "text/plain", JAPANESE),
    ("utf-8", "utf-8", "application/octet-stream", JAPANESE),
    ("windows-1251", "windows-1251", None, CYRILLIC),
    ("windows-1251", "windows-1251", "application/xml", CYRILLIC),
    ("windows-1251", "windows-1251", "text/xml", CYRILLIC),
    ("windows-1251", None, "text/xml; charset=windows-1251", CYRILLIC),
    ("windows-1251", "koi8-r", "application/atom+xml; charset=windows-1251", CYRILLIC),  # the header counts
    ("windows-1251", "utf-8", "text/xml; charset=windows-1251", CYRILLIC),
    ("windows-1251", "utf-8", "text/xml; charset='windows-1251'", CYRILLIC),
    ("windows-1251", "utf-8", 'text/xml; charset="windows-1251"', CYRILLIC),
    ("windows-1251", "utf-8", "text/xml;Charset=Windows-1251;q=1", CYRILLIC),
    ("windows-1251", "windows-1251", "text/xml; charset=utf-8", CYRILLIC),  # what does not decode does not count
    ("windows-1251", "windows-1251", "text/xml; charset=bogus", CYRILLIC),
    ("windows-1251", "windows-1251", "text/xml; bogus", CYRILLIC),
    ("utf-8", "windows-1251-bogus", None, CYRILLIC),
    ("utf-8", "us-ascii", "text/xml", "Cafe"),
    ("koi8-r", "koi8-r", None, CYRILLIC),
    ("iso-8859-5", "iso-8859-5", None, CYRILLIC),
    ("iso-8859-1", "iso-8859-1", None, WESTERN),
    ("iso-8859-15", "iso-8859-15", None, "Prix: 5 €"),
    ("windows-1252", "iso-8859-1", None, "“5 €” – it’s"),  # as browsers read it
    ("windows-1252", "windows-1252", None, "“5 €” – it’s"),
    ("windows-1252", None, None, "“5 €” – it’s"),  # neither declared nor UTF-8
    ("windows-1252", "us-ascii", None, WESTERN),
    ("windows-1252", "utf-8", None, WESTERN),  # declared wrongly
    ("windows-1256", "windows-1256", None, "الميناء"),
    ("iso-8859-7", "iso-8859-7", None, "Λιμάνι"),
    ("iso-8859-9", "iso-8859-9", None, "Liman kapandı"),
    ("shift_jis", "Shift_JIS", None, JAPANESE),
    ("euc_jp", "EUC-JP", None, JAPANESE),
    ("iso2022_jp", "ISO-2022-JP", None, JAPANESE),
    ("gb2312", "gb2312", None, CHINESE),
    ("gb18030", "gb2312", None, "港口关闭：朱镕基"),  # more than the name promises
    ("gb18030", "gb18030", "text/xml", CHINESE),
    ("gbk", "utf-8", "application/xml; charset=gb2312", CHINESE),
    ("big5", "big5", None, "港口關閉"),
    ("euc_kr", "euc-kr", None, KOREAN),
    ("tis-620", "tis-620", None, "ท่าเรือ"),
    ("utf-16-le", "utf-16", None, JAPANESE),  # without a mark: seen by its zeros
    ("utf-16-be", "utf-16", None, JAPANESE),
    ("utf-16-le", None, None, JAPANESE),
    ("utf-16-be", None, "text/xml; charset=utf-16be", JAPANESE),
    ("utf-32-le", "utf-32", None, JAPANESE),
    ("utf-32-be", "utf-32", None, JAPANESE),
    ("utf-32-le", None, None, JAPANESE),
)
# the mark, Python's codec, the name declared, the header: the mark counts before all of them
MARKED: tuple[tuple[bytes, str, str | None, str | None], ...] = (
    (codecs.BOM_UTF8, "utf-8", None, None),
    (codecs.BOM_UTF8, "utf-8", "utf-8", "text/xml"),
    (codecs.BOM_UTF8, "utf-8", "windows-1251", None),
    (codecs.BOM_UTF8, "utf-8", "iso-8859-1", "text/xml; charset=iso-8859-1"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16", None),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16", None),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-8", "text/xml; charset=utf-8"),
    (codecs.BOM_UTF16_BE, "utf-16-be", None, None),
    (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32", None),
    (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32", None),
    (codecs.BOM_UTF32_LE, "utf-32-le", None, "application/xml"),
)
# neither declared nor UTF-8: told by statistics where the script is not Latin
UNDECLARED: tuple[tuple[str, str], ...] = (
    ("windows-1251", "Президент заявил, что переговоры будут продолжены на следующей неделе в Женеве."),
    ("koi8-r", "Министр обороны прибыл в порт, закрытый из-за шторма, и осмотрел корабли флота."),
    ("windows-1256", "أعلن الرئيس أن المحادثات ستستمر الأسبوع المقبل في جنيف."),
    ("windows-1255", "נשיא המדינה אמר כי השיחות יימשכו בשבוע הבא בעיר ז'נבה."),
    ("iso-8859-7", "Ο πρόεδρος δήλωσε ότι οι συνομιλίες θα συνεχιστούν την επόμενη εβδομάδα."),
    ("tis-620", "ประธานาธิบดีกล่าวว่าการเจรจาจะดำเนินต่อไปในสัปดาห์หน้า"),
    *((codec, JAPANESE_TEXT) for codec in ("shift_jis", "euc_jp")),
    ("gb2312", "国务院新闻办公室昨天宣布，两国外长将于下周在北京举行会谈。"),
    ("big5", "總統表示，下週將在日內瓦繼續會談，雙方外長已同意。"),
    ("euc_kr", "대통령은 다음 주 제네바에서 회담이 계속될 것이라고 말했다."),
    (
        "windows-1252",
        "Les députés européens ont adopté à une large majorité la résolution présentée hier.",
    ),
    (
        "windows-1252",
        "Die Außenminister trafen sich in München: „Wir müssen früher handeln“.",
    ),
)
# the encoding declared, a title, a byte that breaks it: what is whole stays whole
BROKEN: tuple[tuple[str, str], ...] = (
    ("utf-8", "国务院新闻办公室昨天宣布，两国外长将于下周在北京举行会谈"),
    ("utf-8", "Президент заявил, что переговоры будут продолжены"),
    ("gb18030", "国务院新闻办公室昨天宣布，两国外长将于下周在北京举行会谈"),
    ("euc_kr", "대통령은 다음 주 제네바에서 회담이 계속될 것이라고 말했다"),
)


def cases() -> Iterator[Case]:
    """RSS and Atom in every encoding and with every mark."""
    for form in ("rss20", "atom10"):
        for codec, declared, header, title in DECLARED:
            yield _case(form, codec, declared, header, title=title)
        for mark, codec, declared, header in MARKED:
            yield _case(form, codec, declared, header, title=JAPANESE, mark=mark)
        for codec, title in UNDECLARED:
            yield _case(form, codec, None, "text/xml", title=title)
    for codec, title in BROKEN:
        case = _case("rss20", codec, codec, None, title=title)
        body = case.body.replace(b"</title>", b"\xff</title>")
        yield Case(
            f"{case.name}, one byte broken", case.description, body, None, (("entries[0].title", title + "\ufffd"),)
        )


def _case(form: str, codec: str, declared: str | None, header: str | None, *, title: str, mark: bytes = b"") -> Case:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    text = prolog + feed_of(form, f"<title>{title}</title>")
    said = f"{form} in {codec}{' with a mark' if mark else ''}, declared {declared}, sent as {header}"
    expects = (("entries[0].title", title), ("entries[0].url", LINK))
    return Case(said, said, mark + text.encode(codec), header, expects)
