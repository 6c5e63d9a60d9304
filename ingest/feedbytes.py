"""A feed's bytes → its text, whatever encoding is marked, declared, sent along, or none of these and to be guessed."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

from ingest.feedentities import ILLEGAL

# Python codecs that are no character encodings of documents; punycode and idna take time in the square of the length.
_NOT_FOR_TEXT = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"})
_WIDER = {"ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED = (  # by the zeros of the first character, of XML and of JSON (XML 1.0 appendix F)
    *((mark + b"\0\0\0", "utf-32-le") for mark in (b"<", b"{")),
    *((b"\0\0\0" + mark, "utf-32-be") for mark in (b"<", b"{")),
    *((mark + b"\0", "utf-16-le") for mark in (b"<", b"{")),
    *((b"\0" + mark, "utf-16-be") for mark in (b"<", b"{")),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
# Guesses that are believed: scripts that no text in Latin letters looks like. Latin encodings differ by few letters;
# they are asked about too, so that a Latin text need not be taken for something else.
_OTHER_SCRIPTS = (
    *("big5", "cp950", "gb2312", "gbk", "gb18030", "euc_jp", "shift_jis", "cp932", "euc_kr", "cp949"),
    *("koi8_r", "koi8_u", "cp1251", "iso8859_5", "tis_620", "cp874", "cp1253", "iso8859_7"),
    *("cp1255", "iso8859_8", "cp1256", "iso8859_6"),
)
_LATIN = ("cp1252", "cp1250", "cp1254", "iso8859_2", "cp1257", "cp1258")
_FEWEST = 24  # bytes outside ASCII from which on a guess is worth something
_SAMPLE = 30_000  # bytes
_BROKEN_SHARE = 0.05  # of the characters outside ASCII that may be broken in an encoding that is declared all the same


def decoded(body: bytes, content_type: str | None) -> str:
    """The text of an XML or JSON body: by its byte order mark, else the first of the header's charset, the XML
    declaration's and UTF-8 that decodes it (RFC 7303 section 3) whole, else that does but for a few broken bytes, else
    by statistics where the script is not Latin, else windows-1252. Characters illegal in XML are gone.
    """
    for start, wide in (*_BOMS, *_UNMARKED):
        if body.startswith(start):
            return ILLEGAL.sub("", body.decode(wide, "replace"))
    said = _CHARSET.search(content_type or "")
    declared = _DECLARED.match(body)
    names = (said and said[1], declared and declared[1].decode("ascii", "replace"), "utf-8")
    known = list(dict.fromkeys(codec for name in names if (codec := _codec(name))))
    for codec in known:
        try:
            return ILLEGAL.sub("", body.decode(codec))
        except UnicodeError:
            continue
    return ILLEGAL.sub("", _damaged(body, known))


def _damaged(body: bytes, known: list[str]) -> str:
    for codec in known:
        text = body.decode(codec, "replace")
        foreign = len(text) - len(text.encode("ascii", "ignore"))
        if text.count("\ufffd") <= foreign * _BROKEN_SHARE:
            return text
    sample = body[:_SAMPLE].rpartition(b">")[0]  # whole characters: half of one rules its encoding out
    if len(sample.translate(None, bytes(range(128)))) >= _FEWEST:
        best = charset_normalizer.from_bytes(sample, cp_isolation=[*_OTHER_SCRIPTS, *_LATIN]).best()
        if best and best.encoding in _OTHER_SCRIPTS:
            return body.decode(_WIDER.get(best.encoding, best.encoding), "replace")
    return body.decode("cp1252", "replace")


def _codec(name: str | None) -> str | None:
    """The Python codec for a declared encoding; None for none, an unknown or a wide one (the bytes are ASCII-like)."""
    try:
        codec = codecs.lookup(name or "").name
    except (LookupError, ValueError):
        return None
    if codec in _NOT_FOR_TEXT or codec.startswith(("utf-16", "utf-32")):
        return None
    return _WIDER.get(codec, codec)
