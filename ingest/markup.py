"""Bytes of a page → one lxml tree: media type, charset, parsing. Nothing here knows what an article is."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator
from itertools import islice

import charset_normalizer
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from ingest.errors import NoText, NotHtml
from ingest.records import Page

LARGEST_PAGE = 20_000_000  # bytes; also trafilatura's own limit
# Elements: the largest page of the corpus has 4,300. What reads them takes time of more than their number.
MOST_ELEMENTS = 20_000
# Codecs for labels by the WHATWG Encoding Standard, where Python's codec of that name knows fewer characters.
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "johab": "cp949",
    "big5": "big5hkscs",
}
_ALIASES = {"x-sjis": "cp932", "windows-31j": "cp932", "x-gbk": "gbk", "x-euc-jp": "euc_jp", "x-cp1251": "cp1251"}
_NO_CHARSET = frozenset(
    ["utf-7", "punycode", "idna", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem"]
)
_SNIFFED = 4096  # bytes in which a page says its charset; the HTML Standard asks for 1,024
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")  # half an emoji, as careless programs write it in UTF-8
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_TAG = re.compile(rb"<(?:!doctype|html|head|body|meta|title|div|p|article|script|h1|span|table|a)\b", re.IGNORECASE)
_NOT_HTML = re.compile(
    rb"%PDF-|\x89PNG|GIF8|\xff\xd8\xff|PK\x03\x04|RIFF|\x1f\x8b|OggS|ID3|BM....\x00\x00|wOF[F2]|\x7fELF|Rar!|7z\xbc\xaf|....ftyp",
    re.DOTALL,
)
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_VAGUE_TYPES = frozenset(
    {"", "text/plain", "application/octet-stream", "text/xml", "application/xml", "unknown/unknown"}
)

# lxml refuses to set a text that has one, and so trafilatura fails on a page that does.
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bcefBCEF]|1[\da-fA-F]))(?:;|(?![\da-fA-F]))"
)
_MOST_CONTROLS = 0.05  # of the first bytes; random bytes have 0.11, text none
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# One broken byte in a thousand is an advertisement's fault or a page cut short; more is another charset.
_BROKEN_SHARE = 0.001


def tree_of(page: Page) -> HtmlElement:
    """The page's tree without comments and processing instructions, at most MOST_ELEMENTS. Raises NotHtml, NoText."""
    body = page.body[:LARGEST_PAGE]
    _expect_html(page.url, body, page.content_type or "")
    utf8 = decoded(body, page.content_type).encode("utf-8", "replace").translate(None, _CONTROLS)
    utf8 = _CONTROL_REFERENCE.sub(b"", utf8)
    for noncharacter in (b"\xef\xbf\xbe", b"\xef\xbf\xbf"):
        utf8 = utf8.replace(noncharacter, b"")
    # A parser of its own for each page: they keep an error log, and are not meant to be shared between threads.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        root = document_fromstring(utf8, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError, RecursionError) as error:
        raise NoText(f"{page.url}: the page cannot be read as HTML: {error}") from None
    if not isinstance(root, HtmlElement):
        raise NoText(f"{page.url}: the page has no elements")
    _shorten(root)
    return root


def _shorten(root: HtmlElement) -> None:
    """Drops what stands after the first MOST_ELEMENTS: comments and lists without end, a story stands before them."""
    last = next(islice(root.iter(), MOST_ELEMENTS, None), None)
    while last is not None and (above := last.getparent()) is not None:
        del above[above.index(last) + 1 :]
        last = above


def _expect_html(url: str, body: bytes, content_type: str) -> None:
    media = content_type.partition(";")[0].strip().lower()
    if not body.strip(b"\x00\t\n\r "):
        raise NoText(f"{url}: the page is empty")
    if media not in _HTML_TYPES and media not in _VAGUE_TYPES:
        raise NotHtml(f"{url}: the page is {media}")
    start = body[:_SNIFFED].lstrip()
    if _NOT_HTML.match(start):
        raise NotHtml(f"{url}: the page is sent as {media or 'nothing in particular'}, and its first bytes are no text")
    controls = len(start) - len(start.translate(None, _CONTROLS.replace(b"\x1b", b"")))  # escape is for ISO-2022-JP
    wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or "utf-16" in content_type.lower()
    if not wide and (controls > _MOST_CONTROLS * len(start) or not _TAG.search(body[:65536])):
        raise NotHtml(f"{url}: no HTML in the first 64 kB")


def decoded(body: bytes, content_type: str | None) -> str:
    """`body` as text. By turns: a byte order mark; bytes that are valid UTF-8 (chance does not produce that), unless a
    charset that hides in ASCII is declared; the charset of the Content-Type header, of the page's <meta> or XML
    declaration; UTF-8 with a few broken bytes; detection by statistics.

    A header that says Latin-1 (what servers add unasked) gives way to a <meta> that says something else.
    """
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    declared = list(dict.fromkeys(_declared(body, content_type)))
    if declared and declared[0] == "cp1252":
        declared = [*declared[1:], "cp1252"]
    hidden = [codec for codec in declared if codec.startswith("iso2022") or codec == "hz"]  # all their bytes are ASCII
    declared = [*hidden, "utf-8", *(codec for codec in declared if codec not in {*hidden, "utf-8"})]
    for codec in declared:
        try:
            return body.decode(codec)
        except (UnicodeDecodeError, LookupError):
            continue
    return _damaged(body, declared)


def _declared(body: bytes, content_type: str | None) -> Iterator[str]:
    head = body[:_SNIFFED]
    labels = [found[1] for found in [_HEADER_CHARSET.search(content_type or "")] if found]
    labels += [
        found[1].decode("ascii", "replace")
        for found in (_META_CHARSET.search(head), _XML_CHARSET.search(head))
        if found
    ]
    for label in labels:
        name = _ALIASES.get(label.lower(), label.strip(" .:"))
        try:
            "".encode(name)  # refuses what is a codec, but no charset: base64, rot13
            name = codecs.lookup(name).name
        except (LookupError, UnicodeError):
            continue
        if name not in _NO_CHARSET and not name.startswith(("utf-16", "utf-32")):  # a <meta> read as ASCII is no UTF-16
            yield _WIDER.get(name, name)


def _damaged(body: bytes, declared: list[str]) -> str:
    """No declared charset fits to the last byte: the first that nearly does, then what statistics say."""
    with contextlib.suppress(UnicodeDecodeError):
        return _SURROGATE.sub(b"", body).decode("utf-8")
    for codec in declared:
        text = body.decode(codec, "replace")
        if text.count("\ufffd") <= max(3, len(text) * _BROKEN_SHARE):
            return text
    # Markup is ASCII in every charset and would drown the little that tells them apart.
    sample = b" ".join(re.findall(rb"[^<>\x00-\x7f][^<>]{0,200}", body))[:20_000]
    best = charset_normalizer.from_bytes(sample).best()
    codec = best.encoding if best else next((codec for codec in declared if codec != "utf-8"), "utf-8")
    return body.decode(_WIDER.get(codec, codec), "replace")
