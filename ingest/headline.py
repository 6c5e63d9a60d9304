"""A story's title out of what page and feed say, without the site's name that templates append."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from tld import get_fld

from ingest.evidence import Chosen, Evidence, PageFacts
from ingest.plain import plain_line

LONGEST_TITLE = 1000  # characters
_SEPARATORS = re.compile(r"\s+[|–—·•»›*:_-]+\s+|\s*[|｜ㅣ]\s*")
# What may stand between a title and what a template appends: also without blanks, where another statement ends there.
# Never a colon as we write it: before it stands a kicker ("Ukraine: …"), which h1 often gives alone.
_APPENDED = re.compile(r"\s+[|–—·•»›*_-]+\s*|\s*[|｜ㅣ]|[：_–—-]")
_PARTED = re.compile(r"(?<=\S)(?:\s/|\s?[:：~]{1,2})\s")
_TAG = re.compile(r"</?(?:i|b|u|em|strong|span|sup|sub|br|small|mark)\b[^<>]{0,200}>", re.IGNORECASE)
_CUT_SHORT = 100  # characters: search engines asked for headlines of at most 110, and writers cut them
_ARTICLES = "the der die das le la les el il online news digital haber com germany uk us international world"
_AROUND_NAMES = frozenset(_ARTICLES.split())
_SITE_WORDS, _SECTION_WORDS = 5, 2
_MOST_SECTIONS = 3
_SURE_NAME = 6  # bytes: two Han characters, or six letters
_LEAST_HEADLINE = 20  # characters
_TOO_SHORT = 10  # characters: a shorter h1 is a section's name or a logo


def headline(facts: PageFacts, url: str) -> Chosen:
    """og:title and its like, JSON-LD's headline, the feed's title, h1, <title>: the first there is; empty if none.

    On real pages og:title and the headline differ on every fifth, and neither is the right one more often than chance
    has it; og:title is what the newsroom itself gives to readers elsewhere.
    The site's name is cut off, and all that follows where another statement ends before a separator, unless a third
    says the same. What the feed says too goes first. Where another goes on after the place at which the first was cut
    short ("…", or 100 characters and more), that one is taken.
    """
    names = site_names(facts, url)
    stated = [*facts.of("title", "meta"), *_headlines(facts), *facts.of("title", "feed"), *facts.of("title", "element")]
    titles = [
        (title, one)
        for one in stated
        if (title := _without_site(plain_line(_TAG.sub("", one.value), LONGEST_TITLE), names))
    ]
    sure = {title for title, one in titles if one.key in {"headline", "h1"} or one.means == "feed"}
    sections = _sections(facts, url)
    titles = [(title if title in sure else _without_section(title, sections), one) for title, one in titles]
    titles = [(title, one) for title, one in titles if one.key != "h1" or len(title) > _TOO_SHORT] or titles
    if not titles:
        return Chosen("", ())
    fed = next((title for title, one in titles if one.means == "feed"), None)
    if fed is not None:  # what page and feed agree on stands before what the page alone says
        titles.sort(key=lambda pair: letters(pair[0]) != letters(fed) or pair[1].means == "feed")
    title = _completed(_uncut(titles), [other for other, _ in titles])
    agreeing = [one for other, one in titles if other == title]
    return Chosen(title, tuple(agreeing or [titles[0][1]]))


def _headlines(facts: PageFacts) -> list[Evidence]:
    return [one for one in facts.of("title", "json-ld") if one.key == "headline"][:1]


def _uncut(titles: list[tuple[str, Evidence]]) -> str:
    """The first title, up to where a shorter one ends that stands before a separator in it.

    A headline that JSON-LD gives in the same words is not cut, but at a bar: that one always parts.
    """
    first = titles[0][0]
    sure = sum(other == first for other, one in titles if one.means in {"json-ld", "feed"})
    for other, _ in titles[1:]:
        appended = _APPENDED.match(first, len(other)) if _starts(first, other) else None
        if appended is None or (sure and "|" not in appended[0]):
            continue
        if appended[0][0] not in "：_–—-" or len(other.encode()) >= _LEAST_HEADLINE:  # "Covid" is no headline's end
            return other
    return first


def _starts(title: str, other: str) -> bool:
    return len(title) > len(other) and title.startswith(other)


def _completed(first: str, titles: list[str]) -> str:
    stem = first.rstrip(".… ")
    if len(stem) > _CUT_SHORT or first.endswith(("…", "...")):
        return next((title for title in titles if len(title) > len(first) and title.startswith(stem)), first)
    return first


def site_names(facts: PageFacts, url: str) -> frozenset[str]:
    """What the site calls itself, and its host, as `letters`."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    site = registrable(url) or ""
    names = {host, host.partition(".")[0], site, site.partition(".")[0], *(one.value for one in facts.of("site_name"))}
    return frozenset(map(letters, names)) - {""}


def registrable(url: str) -> str | None:
    """The registrable domain by the public suffix list, private ones (blogspot.com) too; under a suffix that the list
    does not know the last two labels, as its default rule has it; None for an IP address or a bare name."""
    name: str | None = get_fld(url, fail_silently=True, search_private=True)
    if name is None:
        labels = (urlsplit(url).hostname or "").split(".")
        name = ".".join(labels[-2:]) if len(labels) > 1 and not labels[-1].isdigit() else None
    return name


def letters(name: str) -> str:
    """Letters and digits alone, without accents, case folded: to compare names however they are spelt."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", name))).casefold()


def _without_site(title: str, names: frozenset[str]) -> str:
    """`title` before a separator and the site's name ("… * The Site * by Ann Lee"), or after them ("The Site | …")."""
    cuts = list(_SEPARATORS.finditer(title))
    for at, cut in enumerate(cuts):
        end = cuts[at + 1].start() if at + 1 < len(cuts) else len(title)
        segment = title[cut.end() : end]
        last = at + 1 == len(cuts)
        if cut.start() and (letters(segment) in names or (last and "»" not in cut[0] and _names_site(segment, names))):
            return title[: cut.start()].strip()
    if cuts and "|" in cuts[0][0] and _names_site(title[: cuts[0].start()], names):
        title = title[cuts[0].end() :]
    for cut in list(_PARTED.finditer(title))[-1:]:
        if cut.start() and _names_site(title[cut.end() :], names):
            title = title[: cut.start()]
    return title.strip()


def _names_site(segment: str, names: frozenset[str]) -> bool:
    """Whether a title's last part is the site's name with what names of papers have around it: "Daily Mail Online" on
    dailymail.example, "DER SPIEGEL" on spiegel.example."""
    if len(segment.split()) > _SITE_WORDS or segment[:1].islower():
        return False
    whole = letters(segment)
    bare = "".join(word for word in map(letters, segment.split()) if word not in _AROUND_NAMES)
    shorn = {name.removeprefix("the") for name in names if len(name) > 2}
    if bool(bare) and (bare in shorn or whole.removeprefix("the") in shorn):
        return True
    words = segment.split()
    for taken in range(1, len(words)):  # "Vortex Cannon Entertainment" on vortexcannon.example, "RT World News"
        named, rest = letters("".join(words[:taken])), words[taken:]
        if named in names and (len(named.encode()) >= _SURE_NAME and len(rest) == 1 and rest[0][:1].isupper()):
            return True
        if named in names and all(letters(word) in _AROUND_NAMES for word in rest):
            return True
    # "…新聞" of a site that calls itself "…新聞オンライン"
    return len(whole.encode()) >= _SURE_NAME and any(name.startswith(whole) for name in shorn)


def _sections(facts: PageFacts, url: str) -> frozenset[str]:
    """The site's sections that this page names, and the words of its path, as `letters`."""
    path = urlsplit(url).path.split("/")[:-1]
    return frozenset(map(letters, (*path, *(one.value for one in facts.of("section"))))) - {""}


def _without_section(title: str, sections: frozenset[str]) -> str:
    """Without the section that a template appends, as long as enough is left to be a headline."""
    for _ in range(_MOST_SECTIONS):
        cut = next(iter(list(_APPENDED.finditer(title))[-1:]), None)
        if cut is None:
            break
        head, segment = title[: cut.start()].strip(), title[cut.end() :].strip()
        barred = "|" in cut[0] and len(segment.split()) <= _SECTION_WORDS
        if len(head) < _LEAST_HEADLINE or not (barred or letters(segment) in sections):
            break
        title = head
    return title
