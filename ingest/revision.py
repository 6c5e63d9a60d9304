"""Whether a page that was looked at again says something else than before. Pure.

A real change: the title's words, or sentences of the text changed, added or taken out. None: white space, punctuation,
letters' case, paragraphs joined, split or moved, and short lines that come and go on any page (adverts, counters,
"2 jam lalu", links to other stories). Sentences are compared, not lines: where a page's text comes from may differ
between two visits (`ingest/body.py`), and with it its line breaks.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Literal, NamedTuple

from ingest.sentences import BORDER, CLOSING

Change = Literal["title", "body", "gutted", "walled"]
Tokens = tuple[str, ...]

GUTTED = 1 / 3  # of its words: a text with less of them left was taken off
WHOLE_STORY = 100  # words: a shorter text may be a first line that grows, or shrinks to one
STUB = 150  # words: a longer text that speaks of cookies is a story about them
FEWEST_WORDS = 3  # of a paragraph
LONG_LINE = 200  # characters: prose also without a full stop
LONG_LINE_UNSPACED = 40  # of Thai and its like, which have no full stops
LONG_QUESTION = 20  # words: a shorter line that ends in ?, ! or … may be another story's headline
HEADING = 4  # words: a line that is no paragraph and changed in part counts from here on,
COUNTER = 8  # words: and one in which only numbers changed from here on: "Dibaca 1.240 kali"
CALL = 40  # words: a longer sentence is no advert
STAMP = 14  # words of "Diperbarui Senin, 5 Juni 2023, 14.30 WIB."
SITE_NAME = 5  # words at a title's end
SHINGLE = 3  # words
SAME_TEXT = 0.3  # of the shorter text's shingles: edited copies share 0.5 and more, unrelated texts under 0.02
LONGEST = 1_000_000  # characters that are compared
SENTENCES = 30_000  # the rest counts as one: no story has as many

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_BY_LETTER = re.compile(f"[{_UNSPACED}]")
_NO_STOPS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_ENDING = "\\.:!?…。！？؟۔।։"
_STOPPED = re.compile(f"[。۔।։]|(?<!\\.)\\.[{CLOSING}]{{0,3}}$")
_ENDED = re.compile(f"[{_ENDING}][{CLOSING}]{{0,3}}$")
_LAST_PART = re.compile(r"(?P<head>.*\S)\s+(?P<dash>[|–—-]|::)\s+(?P<name>\S.*?)\s*", re.DOTALL)
_MINUS = re.compile(r"(?<![\w.,])[-−–](?=\d)")
# What pages ask of readers, in an advert or a box: in the imperative, for a story may well be about WhatsApp.
_CALLS = re.compile(
    r"\b(?:subscribe (?:to|now|today|here)|sign up (?:for|to|here|now)|(?:join|follow) (?:us|our)\b|click here|"
    r"download (?:the|our) app|get (?:the|our) (?:app|newsletter)|learn more|shop now|buy now|limited[- ]time offer|"
    r"advertis(?:e|ing) with us|(?:your|a) free trial|special offer|"
    r"klik (?:di ?sini|link|tautan)|(?:mari|ayo|yuk) (?:ber)?gabung|ikuti (?:kami|saluran|kanal|berita)|"
    r"dapatkan (?:update|berita|info|diskon|promo|penawaran)|langganan sekarang|berlangganan sekarang|beli sekarang|"
    r"unduh aplikasi|muat turun aplikasi|daftar sekarang|gratis ongkir|gulir (?:untuk|ke bawah)|scroll (?:untuk|to)|"
    r"abonnez-vous|inscrivez-vous|cliquez ici|téléchargez l|suscríbe(?:te|ase)|haz clic|haga clic|síguenos|"
    r"inscreva-se|assine (?:já|agora|a)|clique aqui|siga[- ]nos|iscriviti|clicca qui|seguici|"
    r"jetzt (?:abonnieren|kaufen|anmelden|testen)|hier klicken|klik hier|meld je aan|abone ol|takip ed|"
    r"подпи(?:сывайтесь|шитесь)|нажмите здесь|đăng ký (?:ngay|nhận))|"
    r"اشترك|تابعونا|اضغط هنا|مشترک شوید|सब्सक्राइब|यहां क्लिक|点击|點擊|关注我们|订阅|訂閱|扫码|"
    r"ご登録|購読|はこちら|구독|팔로우|กดติดตาม|คลิก",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\W*(?:iklan|advertisements?|sponsored(?: content| by)?|promoted|advertorial|anzeige|werbung|publicit[éy]|"
    r"publicidad(?:e)?|pubblicità|advertentie|reklam|реклама|на правах рекламы|إعلان|विज्ञापन|广告|廣告|広告|광고|"
    r"quảng cáo|โฆษณา)\W*(?:$|[:：|—–-])",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"\W*(?:(?:ter(?:akhir)? )?(?:diperbarui|diperbaharui|dikemas ?kini|diterbitkan|dipublikasikan|disiarkan)|"
    r"(?:last |first )?(?:updated|published|modified)|(?:dernière )?mise? à jour|publié|"
    r"(?:zuletzt )?aktualisiert|stand|(?:última )?actuali[sz]a(?:do|ción)|atualizado|aggiornato|"
    r"bijgewerkt|güncelle(?:me|ndi)|обновлено|опубликовано|تحديث|آخر تحديث|更新|发布|發佈|公開|입력|수정|cập nhật|"
    r"dibaca|dilihat|views?|shares?|copyright|hak cipta|©)(?!\w)",
    re.IGNORECASE,
)
# What stands before a story, which may be there: consent, a gate against machines, one for subscribers.
_WALL = re.compile(
    r"\b(?:(?:accept|enable|use|uses|allow) (?:all )?(?:our )?cookies|cookie (?:policy|settings|preferences)|"
    r"enable java ?script|java ?script is (?:disabled|required)|are you (?:a )?(?:human|robot)|not a robot|captcha|"
    r"checking your browser|verify you are|access (?:is )?denied|unusual traffic|"
    r"(?:subscribe|log ?in|sign in|register) to (?:continue|read)|subscribers only|already a subscriber|"
    r"aktifkan java ?script|berlangganan untuk|khusus pelanggan|masuk untuk (?:lanjut|membaca)|"
    r"réservé aux abonnés|accepter les cookies|solo para suscriptores|aceptar (?:las )?cookies|"
    r"cookies akzeptieren|файлы cookie)\b|会員限定",
    re.IGNORECASE,
)
# What stands in its place: an error, a notice that it was taken off.
_TAKEN_OFF = re.compile(
    r"\b(?:page (?:was )?not found|error 404|404 not found|(?:no longer|not) available|"
    r"has been (?:removed|deleted|withdrawn|unpublished)|halaman (?:yang anda cari )?tidak (?:di)?temukan|"
    r"tidak (?:lagi )?tersedia|(?:telah|sudah) (?:dihapus|ditarik|dicabut)|halaman tidak (?:dijumpai|ditemui)|"
    r"page (?:introuvable|non trouvée)|página no encontrada|página não encontrada|seite (?:wurde )?nicht gefunden|"
    r"pagina non trovata|pagina niet gevonden|sayfa bulunamadı|страница не найдена)\b|"
    r"الصفحة غير موجودة|页面不存在|找不到页面|頁面不存在|ページが見つかりません|페이지를 찾을 수 없|ไม่พบหน้า",
    re.IGNORECASE,
)


class Text(NamedTuple):
    """What an article says; `body` has one paragraph a line, `sites` are its source's names and host, `paid` if
    others than subscribers get only its beginning."""

    title: str
    body: str
    sites: tuple[str, ...] = ()
    paid: bool = False


class Difference(NamedTuple):
    """What a new text changed; `words` is how many it has.

    `gutted` alone where hardly any of the old one is left; `walled` where that is a wall: the story may be behind it.
    """

    changed: tuple[Change, ...]
    words: int

    def __bool__(self) -> bool:
        return bool(self.changed)


def difference(old: Text, new: Text) -> Difference:
    """What of `old` is really another in `new`; nothing for what only looks so. Linear in the texts' lengths."""
    words = len(words_of(new.body))
    if instead := _instead(old, new, words):
        return Difference((instead,), words)
    changed: list[Change] = []
    if not _same_title(old, new):
        changed.append("title")
    if _other_sentences(old.body, new.body):
        changed.append("body")
    return Difference(tuple(changed), words)


def same_text(one: str, other: str) -> bool:
    """Whether two bodies are of one article: a copy, an edited or a shortened one."""
    shingles = [_shingles(words_of(body)) for body in (one, other)]
    fewest = min(map(len, shingles))
    return fewest == max(map(len, shingles)) == 0 or len(shingles[0] & shingles[1]) >= max(1, SAME_TEXT * fewest)


def words_of(text: str) -> Tokens:
    """The words of `text` without case and punctuation; in scripts without spaces each letter is one."""
    folded = unicodedata.normalize("NFKC", _MINUS.sub(" minus ", text[:LONGEST])).casefold().translate(_FOLDING)
    return tuple(_BY_LETTER.sub(r" \g<0> ", folded).split())


class _Folding(dict[int, str]):
    """Punctuation and symbols become spaces, what is not seen becomes nothing; signs of money and % are words."""

    def __missing__(self, codepoint: int) -> str:
        character = chr(codepoint)
        category = unicodedata.category(character)
        if category == "Sc" or character in "%‰":
            folded = f" {character} "
        elif category == "Cf":  # soft hyphens, joiners
            folded = ""
        else:
            folded = " " if category[0] in "PZCS" else character
        self[codepoint] = folded
        return folded


_FOLDING = _Folding()


def _instead(old: Text, new: Text, words: int) -> Change | None:
    before = len(words_of(old.body))
    gutted = before >= WHOLE_STORY and words < before * GUTTED
    if not gutted and (words > STUB or (words >= before / 2 and same_text(old.body, new.body))):
        return None
    was, now = (f"{one.title}\n{one.body[:LONGEST]}" for one in (old, new))
    wall, notice = (said.search(now) and not said.search(was) for said in (_WALL, _TAKEN_OFF))
    if notice or (gutted and not wall and not new.paid):
        return "gutted"
    return "walled" if gutted or wall else None


def _same_title(old: Text, new: Text) -> bool:
    """The same words, but for the site's name at the end of one of them."""
    words = words_of(old.title), words_of(new.title)
    names = {*map(_letters, (*old.sites, *new.sites))} - {""}
    return words[0] == words[1] or words[0] in _shorter(new.title, names) or words[1] in _shorter(old.title, names)


def _shorter(title: str, names: set[str]) -> list[Tokens]:
    """What is left of `title` without its last parts, as long as they are a site's name: after a bar, or known."""
    found: list[Tokens] = []
    while parts := _LAST_PART.fullmatch(title):
        last = _letters(parts["name"])
        known = any(last in name or name in last for name in names)
        if not (last and known) and (parts["dash"] != "|" or len(words_of(parts["name"])) > SITE_NAME):
            break
        title = parts["head"]
        found.append(words_of(title))
    return found


def _letters(name: str) -> str:
    return "".join(words_of(name.removeprefix("www.")))


def _other_sentences(old: str, new: str) -> bool:
    before, after = _sentences(old), _sentences(new)
    gone, come = [one for one in before if one not in after], [one for one in after if one not in before]
    if [word for one in gone for word in one] == [word for one in come for word in one]:
        return False  # joined or split otherwise
    return any(map(before.get, gone)) or any(map(after.get, come)) or _headings_changed(gone, come)


def _sentences(body: str) -> dict[Tokens, bool]:
    """Every sentence once, in order, and whether it is a story's."""
    found: dict[Tokens, bool] = {}
    for line in body[:LONGEST].split("\n", SENTENCES):
        prose = _is_prose(line.strip())
        for sentence in BORDER.split(line, max(1, SENTENCES - len(found))):
            words = words_of(sentence)
            if words:
                found[words] = found.get(words, False) or (prose and not _is_extra(sentence, words))
    return found


def _is_prose(line: str) -> bool:
    """A paragraph of a story, as far as it can be told from headlines of other stories, which end in no full stop."""
    if len(line) >= LONG_LINE:
        return True
    if _NO_STOPS.search(line):
        return len(line) >= LONG_LINE_UNSPACED
    least = FEWEST_WORDS if _STOPPED.search(line) else LONG_QUESTION if _ENDED.search(line) else None
    return least is not None and len(words_of(line)) >= least


def _is_extra(sentence: str, words: Tokens) -> bool:
    """What a page adds to its story: an advert, a call to subscribe, when it was updated."""
    if _LABEL.match(sentence) or (len(words) <= STAMP and _STAMP.match(sentence)):
        return True
    return len(words) <= CALL and _CALLS.search(sentence) is not None


def _headings_changed(gone: list[Tokens], come: list[Tokens]) -> bool:
    """Whether a line that is no paragraph was put in other words: a heading, a caption. Short ones may count."""
    lines = [[Counter(one) for one in side if len(one) >= HEADING][:100] for side in (gone, come)]
    return any(_reworded(old, new) for old in lines[0] for new in lines[1])


def _reworded(old: Counter[str], new: Counter[str]) -> bool:
    words = max(old.total(), new.total())
    if 2 * (old & new).total() < words:
        return False
    return words >= COUNTER or not all(map(str.isdigit, ((old - new) | (new - old))))


def _shingles(words: Tokens) -> set[Tokens]:
    return {words[at : at + SHINGLE] for at in range(max(1, len(words) - SHINGLE + 1))} if words else set()
