"""The forms in which texts write a name: cases and genders of Slavic languages, French, Spanish …, spellings.

Inflection is by the ending of each word; the leading words of a name go through the cases together (Северная Корея,
Северной Корее; Совет Безопасности, Совета Безопасности). It gives some forms that no text has, which costs nothing.
A name that ends in `~` is a stem or a masculine adjective, and all its genders and numbers are given.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import product

STEM = "~"
_SHORTEST_CASED = 4  # letters: shorter words are abbreviations, or change in ways of their own
_SHORTEST_LATER = 2  # of a later word of a name: Ли Цяна, Ким Чен Ына
# Word ending → nominative, genitive, dative, accusative, instrumental, locative, `/` between ways.
_CASES = {
    "ru": """
        ский ский ского скому ского/ский ским ском
        кий кий кого кому кого/кий ким ком
        ний ний него нему него/ний ним нем
        ый ый ого ому ого/ый ым ом
        ой ой ого ому ого/ой ым ом
        ий ий ия ию ия ием ии
        ая ая ой ой ую ой ой
        яя яя ей ей юю ей ей
        ое ое ого ому ое ым ом
        ение ение ения ению ение ением ении
        ание ание ания анию ание анием ании
        ые ые ых ым ые ыми ых
        ие ие их/ий им ие ими их
        ия ия ии ии ию ией ии
        ка ка ки ке ку кой ке
        га га ги ге гу гой ге
        ха ха хи хе ху хой хе
        ша ша ши ше шу шей ше
        а а ы е у ой е
        я я и е ю ей е
        ство ство ства ству ство ством стве
        й й я ю я/й ем е
        ь ь я/и ю/и я/ь ем/ью е/и
        ы ы ов/- ам ы ами ах
        ов ов ова ову ова овым/овом ове
        ев ев ева еву ева евым/евом еве
        ин ин ина ину ина иным/ином ине
        ец ец ца цу ца цем це
        ж ж жа жу жа/ж жем же
        ш ш ша шу ша/ш шем ше
        ч ч ча чу ча/ч чем че
        - - а у а/- ом е
    """,
    "uk": """
        ький ький ького ькому ького/ький ьким ькому
        ій ій ього ьому ього/ій ім ьому
        ий ий ого ому ого/ий им ому
        ька ька ької ькій ьку ькою ькій
        на на ни/ної ні/ній ну ною ні/ній
        ке ке кого кому ке ким кому
        ське ське ського ському ське ським ському
        ні ні них ним ні ними них
        ія ія ії ії ію ією ії
        ка ка ки ці ку кою ці
        га га ги зі гу гою зі
        ща ща щі щі щу щею щі
        а а и і у ою і
        я я і і ю ею/єю і
        ство ство ства ству ство ством стві
        ння ння ння нню ння нням нні
        й й ю/я єві/ю я/й єм ї/ю
        ь ь я/і ю/еві/і я/ь ем/ю і
        и и ів/- ам и ами ах
        ець ець ця цю/цеві ця цем ці
        - - у/а у/ові а/- ом і/ові/у
    """,
    "pl": """
        ski ski skiego skiemu skiego/ski skim skim
        cki cki ckiego ckiemu ckiego/cki ckim ckim
        ny ny nego nemu nego/ny nym nym
        ska ska skiej skiej ską ską skiej
        cka cka ckiej ckiej cką cką ckiej
        na na nej/ny nej/nie ną/nę ną nej/nie
        ne ne nych nym ne nymi nych
        ia ia ii/i ii/i ię ią ii/i
        ja ja ji ji ję ją ji
        ka ka ki ce kę ką ce
        ga ga gi dze gę gą dze
        ra ra ry rze rę rą rze
        ta ta ty cie tę tą cie
        da da dy dzie dę dą dzie
        ła ła ły le łę łą le
        za za zy zie zę zą zie
        a a y ie ę ą ie
        wo wo wa wu wo wem wie
        nie nie nia niu nie niem niu
        y y -/ów om y ami ach
        k k ka/ku kowi ka/k kiem ku
        g g ga/gu gowi ga/g giem gu
        ec ec ca cowi ca cem cu
        - - a/u owi/u a/- em ie/u
    """,
}
INFLECTED = frozenset(_CASES)
_STEMS = {  # what a stem with ~ takes
    "ru": "ий ого ому им ом ая ой ую ое ие их ими".split(),  # noqa: SIM905 - a row of endings reads better
    "uk": "ий ого ому им ій а ої у ою е і их ими".split(),  # noqa: SIM905
    "pl": "i iego iemu im a iej ą ie ich imi".split(),  # noqa: SIM905
    "de": ["", "e", "en", "er", "es", "em"],
    "nl": ["", "e", "en", "er", "ers", "s"],
    "sv": ["", "a", "t"],
    "ar": ["", "ة", "ين", "ون", "ان", "ات", "تين"],
    "he": ["", "ת", "ים", "ות", "ם"],
    "fa": ["", "ها", "\u200cها", "ان"],
    "hi": ["", "यों"],
    "tr": [""],
    "id": [""],
}
_ROMANCE = {  # the masculine's ending and what stands in its place; the first that fits, the last fits all
    "fr": [("ien", "ien iens ienne iennes"), ("éen", "éen éens éenne éennes"), ("ain", "ain ains aine aines"),
           ("que", "que ques"), ("s", "s se ses"), ("e", "e es"), ("", " s e es")],
    "es": [("és", "és esa eses esas"), ("án", "án ana anes anas"), ("o", "o a os as"), ("e", "e es"),
           ("í", "í íes ís"), ("a", "a as"), ("l", "l la les las"), ("", " es a as")],
    "pt": [("ês", "ês esa eses esas"), ("ão", "ão ã ães ãs ãos"), ("o", "o a os as"), ("e", "e es"), ("a", "a as"),
           ("ol", "ol ola óis olas"), ("u", "u ia us ias"), ("ense", "ense enses"), ("", " es a as")],
    "it": [("co", "co ca ci che chi"), ("o", "o a i e"), ("ese", "ese esi"), ("e", "e i"), ("ita", "ita iti ite"),
           ("a", "a i e"), ("", "")],
}  # fmt: skip


def spellings(name: str, language: str) -> list[str]:
    """`name` in the forms met in texts of `language`, itself first; for `*` and languages without forms, itself."""
    name = unicodedata.normalize("NFC", name)
    if name.endswith(STEM):
        found = _stem(name.removesuffix(STEM), language)
    elif language in _CASES:
        found = [name, *_inflected(name, language)]
    else:
        found = [name]
    if language == "ar":
        found += ["لل" + form[2:] for form in found if form.startswith("ال")]
    if language in {"hi", "mr", "ne"}:  # dots below are often left out, or one character with their letter
        found += [form.replace("\u093c", "") for form in found if "\u093c" in form]
    found += [form.replace("\u0654", "") for form in found if "\u0654" in form]
    return list(dict.fromkeys(found))


def _stem(stem: str, language: str) -> list[str]:
    if language in _STEMS:
        return [stem + ending for ending in _STEMS[language]]
    for end, others in _ROMANCE.get(language, ()):
        if stem.endswith(end):
            return [stem[: len(stem) - len(end)] + other for other in others.split(" ")]
    return [stem]


def _inflected(name: str, language: str) -> Iterable[str]:
    words = name.split(" ")
    # More words than three do not go together; one that does not change stays as it is: Си Цзиньпин.
    shortest = [_SHORTEST_CASED, _SHORTEST_LATER, _SHORTEST_LATER]
    cased = [_cases(word, language, least) for word, least in zip(words, shortest, strict=False)]
    tables = [table or [[word]] * 6 for table, word in zip(cased, words, strict=False)]
    for count in range(1, len(tables) + 1):
        for at in range(1, 6):
            # Of the leading words, mostly adjectives, the first way is enough: all ways of all would be thousands.
            # A short one may stay as it is, too: Ким Чен Ына.
            leading = [
                dict.fromkeys([table[at][0], *([word] if len(word) < _SHORTEST_CASED else [])])
                for table, word in zip(tables[: count - 1], words, strict=False)
            ]
            for ways in product(*leading, tables[count - 1][at]):
                yield " ".join([*ways, *words[count:]])


def _cases(word: str, language: str, least: int) -> list[list[str]] | None:
    """The six cases, each in its ways; None of a word that does not change, or has fewer than `least` letters."""
    if len(word) < least or not word.isalpha() or word.isupper():
        return None
    if (word[-1] < "\u0400") != (language == "pl"):
        return None  # a foreign word in Latin letters takes no Cyrillic ending
    for end, cases in _TABLES[language]:
        if word.endswith(end):
            stem = word[: len(word) - len(end)]
            if not end and word[-1] in "оеуэюиіїєąęóaeiouy":
                return None  # Перу, Чили, Токио
            return [[stem + way for way in ways] for ways in cases]
    return None


def _table(rows: str) -> list[tuple[str, list[list[str]]]]:
    table = []
    for row in rows.strip().splitlines():
        end, *cases = row.split()
        ways = [["" if way == "-" else way for way in case.split("/")] for case in cases]
        table.append(("" if end == "-" else end, ways))
    return table


_TABLES = {language: _table(rows) for language, rows in _CASES.items()}
