"""Text as it may be stored and searched: without characters that Elasticsearch refuses or that hide a word."""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 controls but tab and newline, lone surrogates (no UTF-8 for them), the non-characters FFFE and FFFF; soft
# hyphen, zero-width space, word joiner and byte order mark (invisible, yet they split or change a word for the
# tokenizer); overrides of the writing direction (they make a text read as what it is not). The zero-width joiners stay:
# Persian and the Indic scripts spell with them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]"
)
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")


def plain_text(text: str) -> str:
    """`text` in NFC, blanks folded, one newline between paragraphs, without unwanted characters."""
    text = _BREAKS.sub("\n", text)
    text = _BLANKS.sub(" ", _UNWANTED.sub("", text))
    lines = (line.strip() for line in text.split("\n"))
    return unicodedata.normalize("NFC", "\n".join(line for line in lines if line))


def plain_line(text: str, longest: int = 1000) -> str:
    """`text` on one line, cut at `longest` characters: a title, a name."""
    return plain_text(text).replace("\n", " ")[:longest].rstrip()
