"""Where a name begins and ends as a word, by script and language, and how a text is folded to be searched for names."""

from __future__ import annotations

import re

_LATIN = """
    af az bs ca cs cy da de en es et eu fi fr ga gl ha hr hu id ig is it jv ku lt lv mg mi ms mt nl no om pl pt ro rw sk
    sl sn so sq su sv sw tl tk tr uz vi xh yo zu
"""
LATIN = frozenset(_LATIN.split())
# No spaces between words: any place may be a border. Thai and its neighbours, Han, Hiragana.
UNSPACED = re.compile("[\u3040-\u309f\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09cd]"
)
# One character for one character, so that offsets stay: either apostrophe and quote, spaces, ways to write alef, yeh,
# kaf and teh marbuta, ё as it is mostly printed, and Turkish i with and without dot, which `lower` would make two.
_SAME = {
    "’": "'", "‘": "'", "ʼ": "'", "׳": "'", "`": "'", "”": '"', "“": '"', "״": '"', "\u200c": " ", "\u00a0": " ",
    "\u202f": " ", "\u2009": " ", "‑": "-", "‐": "-", "ё": "е", "Ё": "Е", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا",
    "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ς": "σ",
}  # fmt: skip
_OTHERS = re.compile(f"[{''.join(_SAME)}]")  # 2 to 30 times as fast as str.translate
_LONGEST_ACRONYM = 6
# Words written together with the next one: and, in, to, as, from, the.
_AND = ("و", "ف", "ب", "ك", "ل", "وب", "ول", "وك", "فب", "فل")
_PROCLITICS = {
    "ar": frozenset([*_AND, "ال", "لل", *(f"{one}ال" for one in _AND), "ولل", "فلل"]),
    "ur": frozenset[str](),
    "he": frozenset(
        "ב ל מ ו ה כ ש וב ול ומ וה וש של שב שה שמ שכ מה לה בה ובה ומה ולה כש מש".split()  # noqa: SIM905 - reads better
    ),
}
# Thai and Lao have no borders, but a vowel sign or tone belongs to the letter beside it.
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")
_CLOSING_VOWELS = frozenset(map(chr, [*range(0x0E30, 0x0E3B), *range(0x0E45, 0x0E4F), *range(0x0EB0, 0x0EBD)]))
_WITH_GERESH = frozenset("גזצתץ")  # foreign sounds, as in פראג', which is not פראג
_LONGEST_PROCLITIC = 4
# What may follow a name within its word. Turkish suffixes of names come after an apostrophe, those of peoples do not.
_TAILS = {
    "tr": re.compile("(?:l[iuü](?:l[ae]r)?|l[ae]r)(?:[iuü]n?|n?[iuü]n|a|e|y[ae]|d[ae]n?|[iuü]?yl[ae])?"),
    "az": re.compile("l[iuü]?(?:l[ae]r)?(?:[iuü]n?|n?[iuü]n|a|e|d[ae]n?)?"),
    "de": re.compile("s"),
    "sv": re.compile("s"),
    "no": re.compile("s"),
    "da": re.compile("s"),
    "nl": re.compile("s"),
    "fa": re.compile("ي|ها|هاي|ي ها"),
    "tl": re.compile("ng"),
    "hu": re.compile("[a-zá-ű]{1,6}"),
    "fi": re.compile("[a-zäö]{1,6}"),
}
# Particles and the commonest nouns that Korean writes together with a name.
_PARTICLES = re.compile(
    "(?:은|는|이|가|을|를|의|에|에서|에게|에는|에도|에선|와|과|도|로|으로|로부터|만|인|인은|인이|인을|인의|인들|인들이|인들은|인들의|계|측|측은|측이|군|군이|"
    "군은|산|발|제|어|까지|부터|보다|처럼|이나|나|이라는|라는|이라고|라고|이며|이고|에서는|에서도|에서의|에서만|와의|과의|으로부터|으로의|로의|"
    "정부|정부가|정부는|정부의|대통령|대통령이|대통령은|총리|총리가|총리는|외교부|외무부|국방부|당국|당국은|당국이|한테|이다|다|마저|조차|뿐|등|내|식|판|형|"
    "전|전에|전에서|행|령|령인|여자|남자|여성|남성|팀|팀은|팀이|출신|출신의|국적|국적의|주의|대사관|대사|시장|경제|당|협회)"
)


def folded(text: str) -> str:
    """`text` in lower case and one way of writing, character for character: offsets are those of `text`."""
    return lowered(unfolded_case(text))


def unfolded_case(text: str) -> str:
    """`text` in one way of writing with its capitals: where acronyms are looked for. Offsets stay."""
    return _OTHERS.sub(lambda found: _SAME[found[0]], text)


def lowered(text: str) -> str:
    """What `unfolded_case` gave, in lower case."""
    lower = text.replace("İ", "i").replace("ı", "i").lower()
    return lower if len(lower) == len(text) else "".join(map(_one_lower, text))


def _one_lower(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character


def is_acronym(name: str) -> bool:
    """Whether it is matched with its capitals as they are: WHO, U.S., США."""
    return name.isupper() and sum(map(str.isalpha, name)) <= _LONGEST_ACRONYM and " " not in name


def has_capital(text: str) -> bool:
    return text.lower() != text


def is_word(text: str, start: int, end: int, language: str | None) -> bool:
    """Whether `text[start:end]` (`text` folded) stands there as words of its own, not as part of a longer one."""
    if start:
        before = text[start - 1]
        if before in _LEADING_VOWELS or (
            before != " " and _joined(before, text[start]) and not _after_proclitic(text, start, language)
        ):
            return False
    if end == len(text):
        return True
    after = text[end]
    if after in _CLOSING_VOWELS or (after == "'" and text[end - 1] in _WITH_GERESH):
        return False
    if after in " ,.\n" or not _joined(text[end - 1], after):
        return True
    tails = _PARTICLES if _HANGUL.match(after) and _HANGUL.match(text[end - 1]) else _TAILS.get(language or "")
    if tails is None:
        return False
    last = end
    while last < len(text) and last - end < 12 and _of_word(text[last]):
        last += 1
    return tails.fullmatch(text, end, last) is not None


def _joined(left: str, right: str) -> bool:
    if left.isascii() and right.isascii():
        return (left.isalnum() or left == "_") and (right.isalnum() or right == "_")
    if UNSPACED.match(left) or UNSPACED.match(right):
        return False
    if _KATAKANA.match(left) or _KATAKANA.match(right):
        return bool(_KATAKANA.match(left) and _KATAKANA.match(right))
    return _of_word(left) and _of_word(right)


def _of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or _MARKS.match(character) is not None


def _after_proclitic(text: str, start: int, language: str | None) -> bool:
    allowed = _PROCLITICS.get(language or "")
    if allowed is None:
        return False
    first = start
    while first and start - first <= _LONGEST_PROCLITIC and _of_word(text[first - 1]):
        first -= 1
    return text[first:start] in allowed
