"""The names in a byline: "By Ann Lee and Bo Ek / Reuters" is two people. And which of them are people at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from ingest.agencies import agency_of
from ingest.headline import letters
from ingest.plain import plain_line

LONGEST_NAME = 100  # characters: an author whose name is longer is a paragraph
MOST_AUTHORS = 20
_TABLE = Path(__file__).parent / "data" / "byline_words.tsv"
_SUFFIX = frozenset({"jr", "sr", "ii", "iii", "iv"})
_SHORTEST = 2  # bytes: a letter is what is left of "Mac & i", one Han character may be a family's name
_MOST_WORDS = 7  # "Datuk Seri Dr. Wan Azizah binti Wan Ismail" is written shorter in a byline

# What stands before names: "By", "Von:", "Penulis:", "記者". Without a colon only the words that are never a name
# themselves ("Di Maria" is one; "di Viviana Mazza" in small letters is Italian for "by").
BY = re.compile(
    r"^(?:(?:(?i:written|reported|reporting|story|words|text|article|posted|published|review|analysis|opinion)\s+)?[Bb]y|BY|"
    r"[Vv]on|VON|Oleh|OLEH|oleh|Par|PAR|par|Por|POR|por|di|Di:|Av|AV|av|Af|af|Door|door|De:|"
    r"(?:Ein |Eine )?(?:Kommentar|Analyse|Interview|Gastbeitrag|Kolumne|Essay|Reportage|Bericht)\s+von|"
    r"Texte?\s+(?:von|de|av|by)|"
    r"Yazan|Bởi|Theo|โดย|بقلم|كتبت?|مینویسد|द्वारा|Автор|Авторы|Автори|Текст)(?:\s*[::]\s*|\s+)(?=\S)",
)
LABEL = re.compile(
    r"^(?:penulis|reporter|laporan wartawan|kontributor|oleh|pewarta|wartawan|jurnalis|authors?|autor|autorin|autore|"
    r"autores|auteurs?|redactor|redakteur|yazar|muhabir|haber|автор|авторы|автори|корреспондент|журналист|"
    r"tác giả|ผู้เขียน|作者|记者|記者|撰文|文|執筆|筆者|글|기자|기자명|취재|كاتب|الكاتب|بقلم|كتب|نویسنده|"
    r"dziennikarz|text|texto|foto e testo|tekst|laporan|reported by|written by)\s*[:：/／]\s*|^(?:기자명|記者名)\s+",
    re.IGNORECASE,
)
# Who works on what others wrote.
EDITED = re.compile(
    r"^\s*(?:edit(?:ed|ing) by|(?:penyunting|editor|redaktur|redaktion|redaktör|penerjemah|fotografer|foto|uploader|"
    r"责任编辑|責任編輯|责编|責編|编辑|編輯|編集|責任編集|편집|fact-?check(?:er|ed by)?)\s*[:：/／])",
    re.IGNORECASE,
)
_PLACE_HAN = re.compile(r"[/／][^/／]{2,5}[報报][導导道]$")
_CONNECTOR = re.compile(
    r"\s*(?:\n|[;；、,，]|\s[|/&+•·‧–—-]\s|/(?=[^\W\d_]))\s*(?:(?:and|und|dan|et|y|og|och|ve|i|и|та|và|en|e|&)\s+)?"
    r"|\s+(?:and|und|dan|et|y|og|och|ve|и|та|і|και|và|และ|및|और|serta|bersama|en|e|i|&|com|with|avec|mit)\s+"
    r"|\s+و\s*(?=\S{2,}\s\S{2,})",
)
_AFTER = re.compile(  # a job, a place, a date, a contact stand behind a name: cut
    r"\s*(?:[(（\[【<|•·@]|https?:|www\.|\S+@\S|\s[–—-]\s|(?<=[a-z]{5})\.\s(?=\w)|\s(?:[Ff]or|FOR|aus|from|dari|in)\s|\s\d|\bUpdated\b|\bPublished\b).*$",
    re.DOTALL,
)
_WITHIN = re.compile(r"(?<=\w)\s*\([^()]{1,40}\)(?=\s+[^\W\d_a-zà-þ])")
_WITH = re.compile(r"\s*\(((?:avec|with|mit|con|com|dengan|bersama|and|und|et)\s[^()]*)\)")
_OFFICE_PARTS = re.compile(
    "编辑|編集部|新聞|新闻|日报|日報|通信社|通讯社|オンライン|デジタル|社説|取材班|報道部|本报|本報|뉴스|신문|편집|ข่าว|กอง|"
    "وكالة|صحيفة|قناة|فريق|هيئة|جريدة|الأخبار"
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_CJK_ROLE = re.compile(
    r"^(?:本报|本報|新华社|特约)?(?:记者|記者|通讯员|通訊員|编辑|編輯|作者|撰文|文)\s*[::/／]?\s*"
    r"|\s*(?:特派員|特約記者|特约记者|論説委員|編集委員|記者|记者|报道|報導|기자|특파원|선임기자|논설위원|앵커|PD|摄|氏)$"
)
_AND_OTHERS = re.compile(r"\s*외(?:\s*\d+\s*[명인]?)?$|\s*(?:ら|等)(?:\d+人)?$")
_CASELESS = re.compile(r"[\u0590-\u08ff\u0900-\u109f\u1780-\u17ff\u10a0-\u10ff]")


def names_in(stated: Iterable[str]) -> tuple[str, ...]:
    """The single names in statements of a byline, in their order, each once: labels, jobs, places, mails cut off."""
    found: dict[str, str] = {}
    for one in stated:
        for name in _split(one[: 20 * LONGEST_NAME]) if "://" not in one else ():
            before = found.setdefault(name.casefold(), name)
            if before.isupper():  # "ANN LEE" and "Ann Lee", as two templates write her
                found[name.casefold()] = name
    return tuple(found.values())[:MOST_AUTHORS]


def is_person(name: str, site: frozenset[str], *, strictly: bool = False) -> bool:
    """Whether `name` may be a person's: no agency, department, or the site (`site`: its names as `letters`).

    `strictly`: it must look like one too, for words that nobody declares to be a name: two to seven words, each with a
    capital where the script has them, or two to eight characters of Han, Kana or Hangul.
    """
    plain = letters(name)
    if (
        len(plain.encode()) < _SHORTEST
        or plain in site
        or plain in _words("nobody")
        or agency_of(name)
        or _OFFICE_PARTS.search(name)
    ):
        return False
    words = [word.strip(".,:'’\"").casefold() for word in re.split(r"[\s/-]+", name)]
    if words[0] in {"the", "la"} or not _words("office").isdisjoint(words) or re.search(r"\.[a-z]{2,4}\b", name):
        return False
    if _beside_a_byline(name, words, site):
        return False
    first = letters(words[0] if len(words[0]) > 2 or len(words) == 1 else words[1])  # "Le Figaro"
    if len(first) >= 4 and _names_site(first, site):
        return False
    return _looks_like_a_name(name) if strictly else len(words) <= _MOST_WORDS


def _beside_a_byline(name: str, words: list[str], site: frozenset[str]) -> bool:
    """Whether it is what else stands there: a button ("View All"), what is left of a date ("Monday November"), an
    agency or a site with a word more ("Associated Press Writer", "CNN Business"). `words`: the name's, case folded."""
    if words[0] in _words("button") or all(word in _words("date") for word in words):
        return True
    first, *rest = name.split()
    return (len(rest) > 1 and agency_of(" ".join((first, *rest[:-1]))) is not None) or (
        bool(rest) and first.isupper() and letters(words[0]) in site
    )


def is_nobody(name: str) -> bool:
    """Whether it says only that somebody wrote: "Redaksi", "Staff", "admin", an address."""
    plain = letters(name)
    addressed = "://" in name or name.startswith(("www.", "/", "@")) or ("@" in name and " " not in name)
    return not plain or plain in _words("nobody") or addressed or plain.isdigit()


def unlabelled(stated: str) -> str:
    """A statement on one line without "By" and the like."""
    text = plain_line(stated, 20 * LONGEST_NAME).strip(" ,;|·•-–—")
    return LABEL.sub("", BY.sub("", text, count=1), count=1).strip(" ,;|·•-–—:")


@lru_cache(maxsize=4096)
def _names_site(word: str, site: frozenset[str]) -> bool:
    """Whether a site's own name begins with `word`: "Guardian …" on theguardian.example."""
    names = (name.removeprefix("the") for name in site)
    return any(name == word or (len(name) <= 2 * len(word) and name.startswith(word)) for name in names)


def _split(stated: str) -> list[str]:
    text = "\n".join(unlabelled(_unbracketed(line)) for line in _joined(stated) if not EDITED.match(line))
    parts = [
        part for part in (_untitled(_bare(part)) for part in _CONNECTOR.split(text) if not EDITED.match(part)) if part
    ]
    joined: list[str] = []
    for part in parts:
        if joined and part.casefold().strip(".") in _SUFFIX:
            joined[-1] += f", {part}"
        elif not _is_job(part):
            joined.append(part)
    if (
        len(joined) == 2
        and not any(map(agency_of, joined))
        and "," in stated
        and all(" " not in part and not _CJK.search(part) for part in joined)
    ):
        return [" ".join(reversed(joined))]  # "Lee, Ann", as Dublin Core has names
    full = [part for part in joined if " " in part or _CJK.search(part) or agency_of(part)]
    # A single word beside full names is a place, a degree or a job: "Ann Lee, Nairobi".
    return full if any(not agency_of(part) for part in full) else joined


def _unbracketed(line: str) -> str:
    """Without brackets inside a name ("Bruno (Henrique) Rodrigues"), and with the names in "(avec Bo Ek et Cy Dee)"."""
    if "(" not in line:
        return line
    return _WITH.sub(r" \1", _WITHIN.sub("", line))


def _joined(stated: str) -> list[str]:
    """The lines of a statement, a label that stands on one by itself ("Editor:") before the next."""
    lines: list[str] = []
    for line in stated.split("\n"):
        if lines and lines[-1].rstrip().endswith((":", "：")):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return lines


def _is_job(part: str) -> bool:
    words = part.casefold().split()
    if words and words[-1] in _words("preposition"):  # "Kommentar von", whose name stands elsewhere
        return True
    return len(words) <= _MOST_WORDS and any(word.strip(".,") in _words("job") for word in words)


def _untitled(part: str) -> str:
    """Ann Lee of "Professor Ann Lee" and "Reporter Ann Lee"; "Deputy Director" is no name, and stays to be dropped."""
    first, _, rest = part.partition(" ")
    titled = first.casefold().strip(".:") in _words("job") and len(rest.split()) > 1 and rest[:1].isupper()
    return rest if titled else part


def _bare(part: str) -> str:
    text = _AFTER.sub("", unlabelled(_PLACE_HAN.sub("", part))).strip(" ,;|·•-–—:'\"“”„‘’*")
    if _CJK.search(text):
        text = _AND_OTHERS.sub("", text)
        text = _CJK_ROLE.sub("", _CJK_ROLE.sub("", text)).strip()
    return "" if len(text) > LONGEST_NAME or "@" in text or "://" in text else text


def _looks_like_a_name(name: str) -> bool:
    if any(map(str.isdigit, name)) or re.search(r"[!?:;\"“”«»…=]", name):
        return False
    words = name.split()
    if _CJK.search(name):
        return 2 <= len(name.replace(" ", "")) <= 8 and len(words) <= 3
    if not 2 <= len(words) <= _MOST_WORDS or len(name) > 60:
        return False
    if _CASELESS.search(name):
        return len(words) <= 4
    return all(
        word[:1].isupper() or word.casefold().strip("'’.-") in _words("particle") or "'" in word for word in words
    )


@cache
def _words(kind: str) -> frozenset[str]:
    """The words of one kind in the table. Read at first use."""
    rows = (line.split("\t") for line in _TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    words = [word for name, words in rows if name == kind for word in words.split()]
    return frozenset(map(letters, words) if kind == "nobody" else words)
