"""Makes data/countries.tsv out of CLDR (by Babel), data/countries_by_hand.tsv and data/countries_peoples.tsv.

By hand, when one of them changes:

    .venv/bin/python -m ingest.tagging.compile_countries

Kinds of rows by hand: `name` (add to CLDR's, for one language, or for all in `latin` or `other` scripts), `demonym` (a
name too), `drop` (do not match CLDR's name: it is another word of that language), `unsure` (match only where a cue, or
a surer name of the country, stands in the same text), `block` (not a country, though a country's name is in it),
`canonical` (the English name to show). Whatever it does not understand stops it, with file and line.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from babel import Locale

from ingest.tagging.table import HEADER, Row, read_rows, written

DATA = Path(__file__).parent / "data"
BY_HAND = (DATA / "countries_by_hand.tsv", DATA / "countries_peoples.tsv")
COMPILED = DATA / "countries.tsv"
_LANGUAGES = """
    af am ar az be bg bn bs ca cs da de el en es et fa fi fr gl ha he hi hr hu hy id is it ja jv ka kk km ko lo
    lt lv mk ml mn mr ms my ne nl no pl ps pt ro ru si sk sl sq sr su sv sw ta te th tl tr uk ur uz vi zh zu
"""
LANGUAGES = tuple(_LANGUAGES.split())
KINDS = {"name", "demonym", "drop", "unsure", "block", "canonical"}
_LATIN = """
    af az bs ca cs da de en es et fi fr gl ha hr hu id is it jv lt lv ms nl no pl pt ro sk sl sq su sv sw tl tr
    uz vi zu
"""
LATIN = frozenset(_LATIN.split())
# In CLDR, yet no country that news would name: regions, outlying islands, places that share a country's name.
_LEFT_OUT = """
    AC AQ BV CC CP CQ CX DG EA EU EZ HM IC IO JE MF NF PN QO SJ TA TF UM UN XA XB ZZ
"""
LEFT_OUT = frozenset(_LEFT_OUT.split())
# CLDR's names for these are for maps, not for texts ("Congo - Kinshasa", "Hong Kong SAR China"): by hand only.
BY_HAND_ONLY = frozenset({"CD", "CG", "HK", "MO"})


class Key(NamedTuple):
    language: str
    code: str


def compiled(by_hand: list[Row]) -> list[Row]:
    """All rows of the compiled table, in order of language, code, kind."""
    names: dict[Key, dict[str, None]] = defaultdict(dict)
    english = Locale.parse("en").territories
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if re.fullmatch("[A-Z]{2}", code) and code not in LEFT_OUT | BY_HAND_ONLY:
                names[Key(language, code)].update(dict.fromkeys(_spelt(name)))
    canonical = {code: english[code] for _, code in names} | {code: english[code] for code in BY_HAND_ONLY}
    rest: list[Row] = []
    for row in by_hand:
        for language in _languages(row.language):
            if row.kind == "canonical":
                canonical[row.code] = row.names[0]
            elif row.kind in {"name", "demonym"}:
                names[Key(language, row.code)].update(dict.fromkeys(row.names))
            else:
                for name in row.names:
                    names[Key(language, row.code)].pop(name, None)
                if row.kind != "drop":
                    rest.append(row._replace(language=language))
    rows = [Row(code, "en", "canonical", (name,), ()) for code, name in canonical.items()]
    rows += [Row(key.code, key.language, "name", tuple(found), ()) for key, found in names.items() if found]
    return sorted(rows + rest, key=lambda row: (row.language, row.kind != "canonical", row.code, row.kind, row.names))


def _languages(name: str) -> list[str]:
    if name in {"latin", "other"}:
        return [language for language in LANGUAGES if (language in LATIN) == (name == "latin")]
    return [name]


def _spelt(name: str) -> list[str]:
    """CLDR's name as texts spell it: "Myanmar (Burma)" is two names, "&" also an "and", "St." also a "Saint"."""
    outer, _, inner = re.sub(r"[（]", "(", name).partition("(")
    found = [part.strip() for part in (outer, inner.strip(" )）")) if len(part.strip()) > 1]
    found += [part.replace(" & ", " and ") for part in found if " & " in part]
    found += [re.sub(r"\bSt\. ", "Saint ", part) for part in found if "St. " in part]
    return found


def rows_by_hand() -> list[Row]:
    """The rows of both files. Raises ValueError that names file and line."""
    territories = Locale.parse("en").territories
    rows = []
    for path in BY_HAND:
        for at, row in read_rows(path):
            if row.kind not in KINDS or not row.names or not set(_languages(row.language)) <= set(LANGUAGES):
                kinds = ", ".join(sorted(KINDS))
                raise ValueError(f"{path}:{at}: kind {row.kind!r}, language {row.language!r}: kinds are {kinds}")
            if row.code != "-" and row.code not in territories:
                raise ValueError(f"{path}:{at}: {row.code!r} is no ISO 3166-1 code")
            rows.append(row)
    return rows


def main() -> None:
    try:
        rows = compiled(rows_by_hand())
    except ValueError as error:
        sys.exit(str(error))
    COMPILED.write_text(HEADER + "".join(map(written, rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
