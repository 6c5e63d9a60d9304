"""Makes data/months.tsv out of CLDR, as Babel carries it: `python -m ingest.compile_months`. Run when Babel changes.

A table rather than Babel at run time: 70 locales take most of a second to load.
"""

from __future__ import annotations

from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel import __version__ as babel_version

TABLE = Path(__file__).parent / "data" / "months.tsv"
# Where two languages use one name for two months (listopad: November in Polish and Czech, October in Croatian), the
# language that stands first here has it.
LANGUAGES = """
    en id ms de fr es pt it nl tr ru ar fa he vi th hi bn ur ja ko zh pl cs sk uk sv da nb fi hu ro bg sr sl el et lv lt
    ca sw fil az kk uz ka hy my km lo ta te si ne so am af zu sq mk be bs is ga mt hr
"""
# Met on pages, not in CLDR: older and regional names, abbreviations that newsrooms use.
ALSO = {
    1: "jänner januar janv ocak كانون_الثاني gen ene",
    2: "feber febr peb pebruari شباط şub fév fevr",
    3: "mac mrt mrz maret آذار",
    4: "نيسان abr apr",
    5: "mei أيار mayıs",
    6: "jun juin حزيران haz",
    7: "jul juil تموز tem",
    8: "agustus agu ags agt ogos ogo آب ağu août aout",
    9: "sept set setiembre أيلول eyl",
    10: "okt oct تشرين_الأول eki",
    11: "nop nov nopember تشرين_الثاني kas",
    12: "des dis dez déc كانون_الأول ara",
}


def rows() -> list[tuple[int, str]]:
    """Month and name, lower case, without its last full stop; each name once."""
    found: dict[str, int] = {}
    for month, names in ALSO.items():
        for name in names.split():
            found.setdefault(name.replace("_", " "), month)
    for language in LANGUAGES.split():
        try:
            months = Locale.parse(language).months
        except UnknownLocaleError:
            continue
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in months[context][width].items():
                    plain = name.lower().strip(". ")
                    if any(map(str.isalpha, plain)) and not any(map(str.isdigit, plain)):
                        found.setdefault(plain, month)
    return sorted((month, name) for name, month in found.items())


def main() -> None:
    lines = [f"# Month and its names, from CLDR by Babel {babel_version} and by hand. Made by: ingest.compile_months"]
    lines += [f"{month}\t{name}" for month, name in rows()]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
