"""Where sentences end, in any script, without a model. Pure."""

from __future__ import annotations

import re

CLOSING = "\"'”’»）)\\]」』"
BORDER = re.compile(f"(?<=[.!?…؟۔।։])(?=[{CLOSING}]{{0,2}}\\s)|(?<=[。！？])(?![{CLOSING}])")
# A point behind a title or an initial ends nothing: "Dr. Siti Aminah", "H. Ma'ruf", "J. D. Vance", "Gen. Kainerugaba".
_TITLE = re.compile(
    r"\b(?:[A-Z]|Dr|Drs|Ir|Hj|Mr|Mrs|Ms|Prof|St|Jr|Sr|Lt|Col|Capt|Cpt|Gen|Adm|Sgt|Maj|Sen|Rep|Gov|Pres|Kol|Letkol|Mayjen|"
    r"Letjen|Brigjen|Jend|Laks|Hon|No|vs|Mme|Mlle|г|ул)\.$"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Where each begins and ends, in characters: `text[begin:end]`. Lines end sentences, too."""
    found: list[tuple[int, int]] = []
    begun = 0
    for line in text.splitlines(keepends=True):
        at = begun
        for border in BORDER.finditer(line):
            end = begun + border.start()
            if end > at and not _TITLE.search(text[max(at, end - 10) : end]):
                found.append((at, end))
                at = end
        begun += len(line)
        if at < begun:
            found.append((at, begun))
    return found
