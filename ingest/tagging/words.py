"""Where a name begins and ends as a word, and in which forms it is written, by script and language."""

from __future__ import annotations

import re
import unicodedata

# No spaces between words: any place may be a border.
_UNSPACED = re.compile("[\u3040-\u309f\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
# Words written together with the next one: and, in, to, as, from, the.
_PROCLITICS = {
    "ar": frozenset(["و", "ف", "ب", "ك", "ل", "وب", "ول", "وك", "فب", "فل"]),
    "he": frozenset(["ב", "ל", "מ", "ו", "ה", "כ", "ש", "וב", "ול", "ומ", "וה", "של", "שב", "שה", "מה", "לה", "בה"]),
}
# Case endings of names in -я, -а, -й, -ь, plural -ы/-и, or a consonant; what stands before is the stem.
_ENDINGS = {
    "ru": (
        ("ия", ("ия", "ии", "ию", "ией")),
        ("а", ("а", "ы", "и", "е", "у", "ой", "ей")),
        ("й", ("й", "я", "ю", "ем", "е")),
        ("ь", ("ь", "я", "ю", "ем", "е", "и", "ью")),
        ("ы", ("ы", "ам", "ами", "ах")),
        ("", ("", "а", "у", "ом", "е")),
    ),
    "uk": (
        ("ія", ("ія", "ії", "ію", "ією")),
        ("а", ("а", "и", "і", "у", "ою", "ею")),
        ("й", ("й", "ю", "єм", "ї")),
        ("ь", ("ь", "ю", "ем", "і")),
        ("и", ("и", "ам", "ами", "ах")),
        ("", ("", "у", "ом", "і", "ові")),
    ),
}
_VOWEL_ENDS = "оеуэюяиіїє"  # such names do not change: Перу, Чили, Марокко
_SHORTEST_CASED = 4  # letters: shorter names are abbreviations, matched as they are (США, US)


def is_word(text: str, start: int, end: int, language: str) -> bool:
    """Whether `text[start:end]` stands there as words of its own, not as part of a longer one."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before and _joined(before, text[start]) and not _after_proclitic(text, start, language):
        return False
    return not (after and _joined(text[end - 1], after) and not _HANGUL.match(text[end - 1]))  # Korean particles follow


def _joined(left: str, right: str) -> bool:
    if _UNSPACED.match(left) or _UNSPACED.match(right):
        return False
    if _KATAKANA.match(left) or _KATAKANA.match(right):
        return bool(_KATAKANA.match(left) and _KATAKANA.match(right))
    return _of_word(left) and _of_word(right)


def _of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


def _after_proclitic(text: str, start: int, language: str) -> bool:
    allowed = _PROCLITICS.get(language)
    if allowed is None:
        return False
    first = start
    while first and start - first < 3 and _of_word(text[first - 1]):
        first -= 1
    return text[first:start] in allowed


def spellings(name: str, language: str) -> list[str]:
    """`name` in the forms met in texts: either apostrophe, with and without joiners and signs, cases, Arabic لل."""
    found = [unicodedata.normalize("NFC", name)]
    found += [form.replace(mark, other) for form in found for mark in "’ʼ׳" for other in "'’" if mark in form]
    found += [form.replace("\u200c", " ") for form in found if "\u200c" in form]
    found += [form.replace("\u0654", "") for form in found if "\u0654" in form]
    if language == "ar":
        found += ["لل" + form[2:] for form in found if form.startswith("ال")]
    if language in _ENDINGS:
        found = [case for form in found for case in _cases(form, language)]
    return list(dict.fromkeys(found))


def _cases(name: str, language: str) -> list[str]:
    if len(name) < _SHORTEST_CASED or not name.isalpha() or name.isupper():
        return [name]
    for end, others in _ENDINGS[language]:
        if end and name.endswith(end):
            return [name[: -len(end)] + other for other in others]
    return [name] if name[-1] in _VOWEL_ENDS else [name + other for other in _ENDINGS[language][-1][1]]


def in_capitals(name: str) -> str:
    """`name` as a headline in capitals has it; abbreviations as they are."""
    return name.upper() if len(name) >= _SHORTEST_CASED else name
