"""Files of known names (data/*.names and the user's own): read, and checked with file and line.

A block is one entity: `id type` at the margin, then indented lines `key   value`, as in

    Q7184 organisation
      en       NATO | North Atlantic Treaty Organization
      id       NATO | Pakta Pertahanan Atlantik Utara
      kind     alliance

A key is a language (ISO 639-1, or `*` for any) with names between `|`, or one of `KEYS`. A name that ends in `?` is
unsure: it counts only where a cue of the entity, or a sure name of it, stands in the same text. The type `none` is for
a longer name that is nothing of ours and has a name of ours in it (Paris Hilton): it is matched and left out.

    python -m ingest.tagging.names FILE…      prints what is wrong, and ends with 1 if anything is
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
NOTHING = "none"
TYPES = ("person", "organisation", "place", "thing", NOTHING)
KEYS = ("kind", "country", "years", "of", "at", "cues", "also")
ANY = "*"
_LANGUAGES = """
    af am ar as az be bg bn bs ca ckb cs cy da de el en es et eu fa fi fr ga gl gu ha he hi hr hu hy id ig is it ja jv
    ka kk km kn ko ku ky lo lt lv mg mi mk ml mn mr ms mt my ne nl no om or pa pl ps pt ro ru rw sd si sk sl sn so sq
    sr su sv sw ta te tg th ti tk tl tr tt ug uk ur uz vi xh yo zh zu
"""
LANGUAGES = frozenset(_LANGUAGES.split())
_ID = r"Q[1-9]\d*|k-[a-z0-9]+(?:-[a-z0-9]+)*"
_HEAD = re.compile(rf"({_ID})[ \t]+(\S+)")
_YEARS = re.compile(r"\d{3,4}-(?:\d{3,4})?|-\d{3,4}")
_MOST_SHOWN = 20  # faults in one exception


@dataclass(frozen=True, slots=True)
class Name:
    """One spelling; `language` ISO 639-1, or `*`. `sure`: counts without a cue."""

    text: str
    language: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Entity:
    """What a block says. `countries`: ISO 3166-1 alpha-2. `of`: an id, or `country:XX`. `at`: latitude, longitude."""

    id: str
    type: str
    names: tuple[Name, ...]
    kind: str | None = None
    countries: tuple[str, ...] = ()
    years: str | None = None
    of: str | None = None
    at: tuple[float, float] | None = None
    cues: tuple[str, ...] = ()
    also: str | None = None
    source: str = ""  # file name and line of the block: "places.names:12"

    def name_in(self, language: str) -> str:
        """The canonical name there; English where that language has none, else the first of all."""
        for wanted in (language, "en", ANY):
            for name in self.names:
                if name.language == wanted:
                    return name.text
        return self.names[0].text if self.names else self.id

    @property
    def english(self) -> str:
        return self.name_in("en")

    @property
    def indonesian(self) -> str:
        return self.name_in("id")


@dataclass(frozen=True, slots=True)
class Fault:
    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


class NamesError(ValueError):
    """A file of names that cannot be read; the message has a line for each fault, with file and line."""


@dataclass(slots=True)
class Block:
    """A block while it is read: `values` by key, as they stand there."""

    path: Path
    line: int
    id: str
    type: str
    values: dict[str, list[str]]

    def entity(self) -> Entity:
        names = tuple(
            Name(text.removesuffix("?").strip(), key, not text.endswith("?"))
            for key, values in self.values.items()
            if key not in KEYS
            for text in values
        )
        one = {key: self.values[key][0] for key in ("kind", "years", "of", "also") if key in self.values}
        latitude, _, longitude = self.values.get("at", [""])[0].partition(",")
        return Entity(
            id=self.id,
            type=self.type,
            names=names,
            countries=tuple(" ".join(self.values.get("country", [])).split()),
            at=(float(latitude), float(longitude)) if longitude else None,
            cues=tuple(self.values.get("cues", [])),
            source=f"{self.path.name}:{self.line}",
            **one,
        )


def read_names(paths: Iterable[Path]) -> tuple[Entity, ...]:
    """All entities, in order of the files. Raises NamesError where a file cannot be understood, OSError if not read."""
    blocks, faults = blocks_in(paths)
    if faults:
        more = [f"… and {len(faults) - _MOST_SHOWN} more"] if len(faults) > _MOST_SHOWN else []
        raise NamesError("\n".join([*map(str, faults[:_MOST_SHOWN]), *more]))
    return tuple(block.entity() for block in blocks)


@cache
def names_tables(extra: Path | None = None) -> tuple[Entity, ...]:
    """Kawat's own names and the user's file `extra`, whose blocks take the place of Kawat's of the same id."""
    own = read_names(sorted(DATA.glob("*.names")))
    if extra is None:
        return own
    added = read_names([extra])
    ids = {entity.id for entity in added}
    return (*(entity for entity in own if entity.id not in ids), *added)


def blocks_in(paths: Iterable[Path]) -> tuple[list[Block], list[Fault]]:
    """The blocks of all files, and what could not be understood in them. Raises OSError where a file is not there."""
    blocks: list[Block] = []
    faults: list[Fault] = []
    seen: dict[str, Block] = {}
    for path in paths:
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            faults.append(Fault(path, 1, f"not UTF-8 (byte {error.start}): save the file as UTF-8"))
            continue
        current: Block | None = None
        for at, line in enumerate(text.splitlines(), start=1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            if line[0] not in " \t":
                current, wrong = _head(path, at, line)
                if current is not None:
                    if current.id in seen:
                        first = seen[current.id]
                        wrong.append(f"{current.id} is already at {first.path.name}:{first.line}: one block an entity")
                    seen.setdefault(current.id, current)
                    blocks.append(current)
            elif current is None:
                wrong = ["an indented line outside a block: write `id type` at the margin above it"]
            else:
                wrong = list(_take(current, line.strip()))
            faults += [Fault(path, at, what) for what in wrong]
    faults += [
        Fault(block.path, block.line, f"{block.id} has no names: add a line such as `en   {block.id}`")
        for block in blocks
        if not any(key not in KEYS for key in block.values)
    ]
    return blocks, faults


def _head(path: Path, at: int, line: str) -> tuple[Block | None, list[str]]:
    match = _HEAD.fullmatch(line.split(" #", maxsplit=1)[0].rstrip())
    if match is None:
        return None, [f"{line.strip()[:60]!r} is no `id type`: an id is Wikidata's (Q7184) or k- and a slug (k-asean)"]
    wrong = [] if match[2] in TYPES else [f"unknown type {match[2]!r}{near(match[2], TYPES)}"]
    return Block(path, at, match[1], match[2], {}), wrong


def _take(block: Block, line: str) -> Iterator[str]:
    key, value = (*line.split(None, 1), "")[:2]
    if key not in KEYS and key != ANY and key not in LANGUAGES:
        yield f"unknown key {key!r}{near(key, (*KEYS, *LANGUAGES))}"
        return
    values = [part.strip() for part in value.split("|")] if key == "cues" or key not in KEYS else [value.strip()]
    if not all(values):
        yield f"{key}: an empty {'value' if key in KEYS else 'name'}"
    if key in block.values and key in KEYS:
        yield f"{key} stands twice in this block"
    if key == "country" and not all(re.fullmatch("[A-Z]{2}", code) for code in value.split()):
        yield f"country {value!r}: ISO 3166-1 alpha-2 codes between spaces (ID, US)"
    if key == "years" and not _YEARS.fullmatch(value):
        yield f"years {value!r}: 2017- or 2001-2009"
    if key == "of" and not re.fullmatch(rf"country:[A-Z]{{2}}|{_ID}", value):
        yield f"of {value!r}: an id, or country:RU"
    if key == "at" and not _is_point(value):
        yield f"at {value!r}: latitude,longitude in degrees, such as -6.18,106.83"
        return
    block.values.setdefault(key, []).extend(filter(None, values))


def _is_point(value: str) -> bool:
    match = re.fullmatch(r"(-?\d{1,2}(?:\.\d+)?),\s*(-?\d{1,3}(?:\.\d+)?)", value)
    return match is not None and abs(float(match[1])) <= 90 and abs(float(match[2])) <= 180


def near(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f": did you mean {close[0]!r}?" if close else f": one of {', '.join(sorted(known)[:12])} …"


def main(arguments: list[str]) -> int:
    from ingest.tagging.namecheck import faults_in

    own = sorted(DATA.glob("*.names"))
    given = [Path(argument) for argument in arguments]
    faults = faults_in(given, own) if given else faults_in(own)
    for fault in faults:
        print(fault)  # noqa: T201 - a command line prints
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
