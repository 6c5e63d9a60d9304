"""A story's title out of what page and feed say, without the site's name that templates append."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from tld import get_fld

from ingest.metadata import PageFacts
from ingest.plain import plain_line

LONGEST_TITLE = 1000  # characters
_SEPARATORS = re.compile(r"\s+[|–—·•»*:-]+\s+|\s*\|\s*")
_CUT_SHORT = 100  # characters: search engines asked for headlines of at most 110, and writers cut them


def headline(facts: PageFacts, feed_title: str | None, url: str) -> str:
    """JSON-LD's headline, og:title and its like, the feed's title, h1, <title>: the first there is; empty if none.

    The site's name is cut off, and all that follows where another statement ends before a separator. Where another goes
    on after the place at which the first was cut short ("…", or 100 characters and more), that one is taken.
    """
    stated = [one.value for one in facts.of("title", "json-ld") if one.key == "headline"][:1]
    stated += [one.value for one in facts.of("title", "meta")]
    stated += [feed_title or ""]
    stated += [one.value for one in facts.of("title", "element")]
    names = site_names(facts, url)
    titles = [title for title in (_without_site(plain_line(one, LONGEST_TITLE), names) for one in stated) if title]
    if not titles:
        return ""
    first = titles[0]
    for other in titles[1:]:
        if first.startswith(other) and _SEPARATORS.match(first, len(other)):
            return other
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
        if cut.start() and letters(title[cut.end() : end]) in names:
            return title[: cut.start()].strip()
    if cuts and "|" in cuts[0][0] and letters(title[: cuts[0].start()]) in names:
        title = title[cuts[0].end() :]
    return title.strip()
