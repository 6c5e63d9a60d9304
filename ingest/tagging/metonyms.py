"""Places that stand for a government: "Beijing rejected the offer", "Paris memiliki hak untuk …", the Kremlin.

A seat (White House, Istana Merdeka) always does. A capital does where it acts: it is the subject of a verb that only
governments and people can have (say, deny, accuse, not: have, grow, host), nothing stands before it that makes it a
location or part of another name. So far in Indonesian, Malay and English; elsewhere only seats are marked. A capital
that acts once in an article stands for its government there, though it may be the place, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ingest.records import Mention
from ingest.tagging.names import Entity

SEAT, CAPITAL = "seat", "capital"
_LOOK = 80  # characters behind a name, where its verb must begin
_LOOK_BACK = 24

# What stands before a subject: nothing (a sentence, a clause begins), or a word that begins a clause.
_CLAUSE = {
    "id": """
        bahwa sementara namun tetapi tapi karena sebab jika bila apabila kalau ketika saat agar supaya setelah sebelum
        sejak meski meskipun walaupun sehingga dan kata ujar lalu kemudian padahal mengatakan menyatakan menyebut
        menilai menegaskan
    """,
    "en": """
        that but while as if because whether and when after before since although though yet meanwhile so until unless
        what how why where which says said believes claims claimed insists insisted
    """,
}
_HELPERS = {
    "id": """
        telah sudah akan belum tidak juga masih pun kembali terus dapat bisa harus ingin mau kini sedang pernah segera
        hanya selalu langsung secara resmi tegas terbuka berulang kali tak
    """,
    "en": """
        has had have will would is was did does could may might must should can cannot also again now still not never
        repeatedly already long then to be been officially formally publicly strongly since later
    """,
}
_VERBS = {
    "id": r"""
        (?:me|mem|men|meng|meny)?(?:ngatakan|yatakan|yebut|egaskan|nolak|nuduh|nuding|ngecam|peringatkan|desak|minta|
        nuntut|dukung|nentang|bantah|ngklaim|ngumumkan|nganggap|nilai|ngancam|mbalas|mveto|veto|mbatalkan|nyetujui|
        ngusulkan|mprotes|ngutuk|nanggapi|respons|mutuskan|mpertimbangkan|nghendaki|nginginkan|nyerukan|ngakui|
        ngerahkan|njatuhkan|nandatangani|manggil|ngusir|nyangkal|yangkal|nyesalkan|ngisyaratkan|nekankan|ngkritik)|
        ber(?:harap|rencana|janji|sikeras|komitmen|pendapat|pandangan|keberatan|tekad)|setuju|sepakat|khawatir|yakin|
        me(?:miliki|mpunyai)\s(?:kemampuan|hak|kewajiban|kepentingan|niat|rencana|kekhawatiran|keberatan|alasan)|
        membuat\s(?:ke(?:raguan|beratan|putusan|sepakatan)|pernyataan|jelas)\w*
    """,
    "en": r"""
        (?:sa(?:y|ys|id|ying)|tell|tells|told|den(?:y|ies|ied|ying)|insists?|insisted|vow(?:s|ed)?|warn(?:s|ed|ing)?|
        (?:accus|announc|denounc|urg|pledg|oppos|impos|propos|criticis|criticiz|recognis|recogniz|believ|promis|decid)
        (?:e|es|ed|ing)|condemn(?:s|ed|ing)?|reject(?:s|ed|ing)?|threaten(?:s|ed|ing)?|demand(?:s|ed|ing)?|
        agree(?:s|d|ing)?|refus(?:e|es|ed|ing)|want(?:s|ed)?|claim(?:s|ed|ing)?|hop(?:es|ed|ing)|
        consider(?:s|ed|ing)?|support(?:s|ed|ing)?|summon(?:s|ed|ing)?|retaliat(?:e|es|ed|ing)|
        respond(?:s|ed|ing)?|expel(?:s|led|ling)?|veto(?:es|ed|ing)?|sign(?:s|ed|ing)|fears?|feared|regards?|
        seek(?:s|ing)?|sought|maintains?|maintained|argu(?:es|ed)|call(?:s|ed)\s(?:for|on)|back(?:s|ed))
    """,
}
_KIN = {"ms": "id"}


def _words(table: str) -> str:
    return "|".join(table.split())


_ACTS = {
    language: re.compile(
        rf"(?:\s(?:{_words(_HELPERS[language])})){{0,4}}\s(?:{''.join(_VERBS[language].split())})(?:nya)?\b"
    )
    for language in _VERBS
}
_OPENS = {
    language: re.compile(rf"(?:^|[\n.!?:;,\"“”‘(–—-]\s?|\b(?:{_words(_CLAUSE[language])})\s)$", re.IGNORECASE)
    for language in _CLAUSE
}


def with_metonyms(
    title: str, body: str, language: str | None, mentions: Iterable[Mention], entities: Mapping[str, Entity]
) -> tuple[Mention, ...]:
    """The mentions, those that stand for a government marked with whose it is (`stands_for`)."""
    text = f"{title}\n{body}"
    return tuple(_marked(text, len(title) + 1, language or "", one, entities.get(one.id)) for one in mentions)


def _marked(text: str, offset: int, language: str, mention: Mention, entity: Entity | None) -> Mention:
    if entity is None or entity.of is None or mention.type != "place":
        return mention
    if entity.kind != SEAT and not (
        entity.kind == CAPITAL and any(_acts(text, *place, language) for place in _places(text, offset, mention))
    ):
        return mention
    return mention.model_copy(update={"stands_for": entity.of})


def _places(text: str, offset: int, mention: Mention) -> Iterator[tuple[int, int]]:
    if mention.in_title:
        for surface in mention.surfaces:
            if (start := text.find(surface, 0, offset)) >= 0:
                yield start, start + len(surface)
    for start, end in mention.spans:
        yield start + offset, end + offset


def _acts(text: str, start: int, end: int, language: str) -> bool:
    """Whether the place at `text[start:end]` is the subject of a verb that is a government's."""
    language = _KIN.get(language, language)
    if language not in _ACTS:
        return False
    window = text[max(0, start - _LOOK_BACK) : start]
    return _OPENS[language].search(window) is not None and bool(_ACTS[language].match(text, end, end + _LOOK))
