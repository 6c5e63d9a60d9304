"""Who wrote a story: of all statements the one to believe. People, not the site, its newsroom, or an agency."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ingest.evidence import Evidence, PageFacts
from ingest.headline import letters
from ingest.names import MOST_AUTHORS, is_nobody, is_person, names_in, unlabelled

_ORGANISATION = "author organisation"  # the key of what JSON-LD declares to be one

_OPENING, _CLOSING = 3, 2  # lines of a text among which its byline may stand
_LONGEST_BYLINE = 150  # characters
_MOST_BESIDES = 40  # letters: "Reported by … in Nairobi", an address of mail


class Authors(NamedTuple):
    names: tuple[str, ...]
    kept: tuple[Evidence, ...]  # the statements that say so, the chosen ones first


def authors(facts: PageFacts, site: frozenset[str]) -> Authors:
    """By JSON-LD, <meta>, the feed, an element marked as author, the byline, a line of the text: the first that names a
    person.

    The byline beside the headline that names the same people and more is taken instead: it is the whole one. Where
    nobody names a person, the organisation that signs stands as it is written, but nothing that only says that somebody
    wrote ("Redaksi").
    `site`: the site's names, as `letters`.
    """
    groups = [
        tuple(one for one in facts.of("author", means) if not is_nobody(one.value))
        for means in ("json-ld", "meta", "feed", "element", "byline", "text")
    ]
    stated = [(group, _people(group, site)) for group in groups]
    named = [(group, people) for group, people in stated if people]
    named.sort(key=lambda one: all(map(_is_account, one[1])))  # only where nobody says a name
    if named:
        group, people = named[0]
        for other_group, other in named[1:]:
            if other_group[0].key == "byline" and set(map(str.casefold, people)) < set(map(str.casefold, other)):
                group, people = other_group, other
        agreeing = [one for other_group, other in named if other == people for one in other_group]
        return Authors(people, tuple(dict.fromkeys((*_saying(group, people), *_saying(agreeing, people)))))
    for group in groups:
        signing = [(one, unlabelled(one.value)) for one in group]
        signing = [(one, name) for one, name in signing if not is_nobody(name)]
        if signing:
            names = tuple(dict.fromkeys(name for _, name in signing))[:MOST_AUTHORS]
            return Authors(names, tuple(one for one, _ in signing))
    return Authors((), ())


def _people(group: tuple[Evidence, ...], site: frozenset[str]) -> tuple[str, ...]:
    """The people whom one means names; what JSON-LD declares to be an organisation is none."""
    declared = [one.value for one in group if one.key != _ORGANISATION]
    found = [name for name in names_in(declared) if not is_nobody(name) and is_person(name, site)]
    if any(" " in name for name in found):  # beside full names a word in small letters is a label of the template
        found = [name for name in found if " " in name or not name.islower()]
    return tuple(dict.fromkeys(found))[:MOST_AUTHORS]


def signatures(lines: Iterable[str], site: frozenset[str]) -> tuple[Evidence, ...]:
    """What lines of a text say that are bylines: "Pewarta: Budi Hartono"; nothing of who edited it."""
    found = [(line, names_in([line])) for line in lines]
    return tuple(
        Evidence("author", "text", "byline", line)
        for line, names in found
        if names and all(is_person(name, site, strictly=True) for name in names)
    )


def unsigned(body: str, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """`body` without the lines at either end that name its authors and say nothing else; and those lines."""
    lines = body.split("\n")
    known = frozenset(map(str.casefold, names))
    ends = {*range(min(_OPENING, len(lines))), *range(max(0, len(lines) - _CLOSING), len(lines))}
    signing = {place for place in ends if known and _only_names(lines[place], known)}
    kept = [line for place, line in enumerate(lines) if place not in signing]
    return ("\n".join(kept), tuple(lines[place] for place in sorted(signing))) if kept else (body, ())


def _only_names(line: str, known: frozenset[str]) -> bool:
    if len(line) > _LONGEST_BYLINE:
        return False
    said = names_in([line.lstrip("-–—•* ")])
    besides = len(letters(line)) - sum(len(letters(name)) for name in said)
    return bool(said) and besides <= _MOST_BESIDES and all(name.casefold() in known for name in said)


def _is_account(name: str) -> bool:
    """Whether it is what somebody logs in with: "alee", "ann_lee2"."""
    return " " not in name and name.isascii() and (name.islower() or any(map(str.isdigit, name)))


def _saying(group: tuple[Evidence, ...] | list[Evidence], people: tuple[str, ...]) -> list[Evidence]:
    return [one for one in group if any(name in people for name in names_in([one.value]))]
