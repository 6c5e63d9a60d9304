"""Whether a name stands for itself or is part of a longer name that no list knows: Paris Hilton, Jack London.

In scripts with capitals a place, or a single word for a person, that touches another capitalised word is part of a
longer name, unless that word is one that goes with names (President, Mayor, Monday) or the place stands after `in`. In
Chinese and Japanese it is part of one where a foreign name goes on: behind a middle dot, before a syllable sign.
"""

from __future__ import annotations

import re
from enum import Enum


class Standing(Enum):
    ALONE = "alone"
    DOUBTFUL = "doubtful"  # counts only where the same entity is named surely elsewhere in the text
    PART = "part"  # of a longer name


# What goes before a person or a place, or after one, and belongs to neither. In lower case, in the languages that write
# such words with a capital.
_TITLES = """
    president vice-president prime premier minister chancellor king queen prince princess pope emperor sultan emir
    sheikh
    mr mrs ms dr sir lord lady general gen colonel col captain major admiral senator sen representative rep governor gov
    mayor ambassador judge justice secretary chairman chairwoman director commissioner speaker professor prof sheriff
    spokesman spokeswoman spokesperson leader envoy ayatollah imam rabbi bishop archbishop cardinal comrade
    presiden wapres menteri menlu menhan menko menkeu mendagri kanselir raja ratu pangeran paus kaisar jenderal kolonel
    kapten laksamana letjen mayjen brigjen marsekal gubernur wagub walikota wali bupati ketua wakil sekretaris duta
    senator direktur juru jubir hakim jaksa kepala pemimpin bapak ibu pak bu haji kyai kiai gus ustaz profesor tuan puan
    datuk dato tun tan perdana pm
    presidente presidenta ministro ministra primer premier canciller rey reina papa général presidentin président
    ministre chancelier bundeskanzler bundeskanzlerin kanzler präsident präsidentin außenminister ministerpräsident herr
    frau cumhurbaşkanı başbakan bakanı başkanı bakan başkan tổng thống thủ tướng ông bà rais waziri bwana bi pangulong
    pangulo kalihim
"""
_PLACES = """
    kota kabupaten kab provinsi prov daerah dki wilayah negara ibukota ibu pulau kepulauan kecamatan kelurahan desa
    negeri metro tinggi polda polres polresta polrestabes polsek kapolda kapolres kodam pangdam pengadilan kejaksaan
    kejati kejari bandara pelabuhan stasiun terminal rsud pemprov pemkot pemkab dprd dinas pemerintah kedutaan kedubes
    universitas institut sungai gunung teluk selat jalan tol
    city town state province region district county island port mount greater central north south east west northern
    southern eastern western downtown metropolitan the embassy university airport
    ciudad ville stadt stad città cidade thành phố tp tỉnh mji lungsod
"""
_AFTER = """
    mayor governor police court airport university city province metropolitan district regency county state region
    government administration officials authorities embassy port harbor harbour stock exchange time local
    north south east west central northern southern eastern western utara selatan timur barat tengah pusat raya tenggara
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december senin selasa rabu kamis jumat sabtu minggu ahad januari februari maret mei juni juli
    agustus oktober desember isnin khamis ogos disember
    montag dienstag mittwoch donnerstag freitag samstag sonntag
    belediyesi valisi valiliği büyükşehir üniversitesi
    jr's
"""
_ARTICLES = "le la les el los las il lo gli der die das den dem de het o os as al"
# What begins a sentence before a name that it does not belong to.
_OPENERS = """
    namun tetapi tapi sementara selain jika bila kalau ketika saat menurut bahkan meski meskipun walau setelah sebelum
    sejak dari untuk dalam pada dengan oleh karena kini kemarin bagi hanya hingga usai antara warga pemerintah dan
    but and while when if as after before since for from with although however yet so because yesterday today now only
    like under unlike both
    mais et quand selon pour avec depuis pero y cuando según para con desde ma secondo per quando mas com
    aber und doch wenn für mit nach seit laut
"""
_INSIDE = """
    in at near inside outside around across throughout towards di ke dekat sekitar asal en à au na w we в во у під nahe
    bei dans kwenye om tại ở em no nos nas ao aos al nel da dal desde i på til till sa
"""
_IN = frozenset(_INSIDE.split())
_GOES_BEFORE = frozenset(f"{_TITLES} {_PLACES} {_ARTICLES}".split())
_OPENS = frozenset(_OPENERS.split())
_GOES_AFTER = frozenset((_AFTER + _TITLES).split())
_BEFORE = re.compile(r"[^\W\d_][\w'’.\-]*$")
_AFTERWARDS = re.compile(r"[^\W\d_][\w'’\-]*")
_LONGEST_WORD = 40
_LONGEST_SHORTENED = 4  # with its dot: Mt., Sen., not a sentence's last word
# Characters that Chinese uses for the sounds of foreign names and hardly in words, but for the words in brackets.
_SPELT_AFTER = re.compile(
    "[·・][ァ-ヺ一-鿿]|[斯尔爾姆弗赫茨莉娅蒂柯戴鲁玛娜妮]|特(?![区區别別使派朗首意定有])|克(?![服制里林扣隆什])|希(?![望腊臘拉])|勒(?!令)|尼(?![泊日加])|"
    "罗(?![马列兴])|洛(?!杉)|萨(?![德尔拉])|埃(?![及尔博塞])"
)
_SPELT_BEFORE = re.compile("[·・阿]$")
_HEAD_OF = re.compile("[长長](?![期久远遠达達大城江])")  # but not 长期, for long
_HAVE_HEADS = frozenset("部院省厅廳庁署局处處会會行委府")
_NOUNS_WITH_CAPITALS = frozenset({"de", "lb"})
_ENDS_OF_SENTENCES = frozenset(".!?:;…\n\"“”«»'‘’()[]–—-•|")


def standing(
    text: str, start: int, end: int, language: str | None, *, place: bool, known: tuple[bool, bool] = (False, False)
) -> Standing:
    """How the name at `text[start:end]` stands beside its neighbours. `place`: else a single word for a person.

    `known`: whether the word before it, the word after it, is the end of another name, the beginning of one.
    """
    if not text[start].isupper():
        foreign = _SPELT_BEFORE.search(text, max(0, start - 1), start) or _SPELT_AFTER.match(text, end)
        return Standing.PART if foreign else Standing.ALONE
    before, opens = ("", False) if known[0] else _word_before(text, start)
    if place and (before.lower() if opens else before) in _IN:
        return Standing.ALONE
    follower = "" if known[1] else _word_after(text, end)
    unsettled = language in _NOUNS_WITH_CAPITALS
    if follower and follower.lower() not in _GOES_AFTER and not _is_abbreviation(follower):
        goes_together = place and before.lower() in _GOES_BEFORE
        return Standing.ALONE if goes_together else Standing.DOUBTFUL if unsettled else Standing.PART
    lower = before.lower().rstrip(".")
    if not before[:1].isupper() or lower in _GOES_BEFORE or unsettled or _is_abbreviation(before):
        return Standing.ALONE
    if opens:
        return Standing.ALONE if lower in _OPENS else Standing.DOUBTFUL
    return Standing.DOUBTFUL if place else Standing.PART


def heads_office(text: str, end: int) -> bool:
    """Whether the body whose name ends at `end` is there only as the office of who heads it: 外交部长, minister."""
    return text[end - 1] in _HAVE_HEADS and _HEAD_OF.match(text, end) is not None


def in_title_case(title: str) -> bool:
    """Whether its words have capitals whatever they are, so that neighbours say nothing."""
    words = [word for word in title.split() if len(word) > 3 and word[0].isalpha()]
    return len(words) > 2 and sum(word[0].isupper() for word in words) > 0.7 * len(words)


def _word_before(text: str, start: int) -> tuple[str, bool]:
    """The word that touches the name from the left by one space, and whether it opens a sentence."""
    if text[start - 1 : start] != " ":
        return "", False
    window = text[max(0, start - 1 - _LONGEST_WORD) : start - 1]
    found = _BEFORE.search(window)
    if found is None:
        return "", False
    if found[0].endswith(".") and len(found[0]) > _LONGEST_SHORTENED and found[0].lower()[:-1] not in _GOES_BEFORE:
        return "", False  # the last sentence's
    first = start - 1 - len(found[0])
    ahead = text[max(0, first - 2) : first].rstrip(" ")
    return found[0], not ahead or ahead[-1] in _ENDS_OF_SENTENCES


def _word_after(text: str, end: int) -> str:
    """The capitalised word that touches the name from the right by one space, if there is one."""
    if text[end : end + 1] != " " or not text[end + 1 : end + 2].isupper():
        return ""
    found = _AFTERWARDS.match(text, end + 1, end + 1 + _LONGEST_WORD)
    return found[0] if found else ""


def _is_abbreviation(word: str) -> bool:
    return len(word) > 1 and word.isupper()
