"""What would be matched wrongly in readable files of names: names of two entities, too short ones, odd kinds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.tagging.names import ANY, NOTHING, Block, Fault, blocks_in, near
from ingest.tagging.words import folded, is_acronym

_KINDS = """
    alliance un-body court bank bloc armed-group ministry military agency media company party parliament police ngo
    government university think-tank union religious sport head-of-state head-of-government minister diplomat politician
    executive activist judge journalist royal religious-leader city capital region sea strait island disputed seat base
    river canal mountain crossing port lake gulf ocean peninsula continent treaty weapon programme agreement law
    operation war doctrine project ship summit
"""
KINDS = frozenset(_KINDS.split())


def faults_in(paths: Iterable[Path], beside: Iterable[Path] = ()) -> list[Fault]:
    """What is wrong in the files taken together: what cannot be read, and what would be matched wrongly.

    `beside`: files that are right already (Kawat's), whose blocks give way to those of the same id in `paths`.
    """
    blocks, faults = blocks_in(paths)
    ids = {block.id for block in blocks}
    together = [*(block for block in blocks_in(beside)[0] if block.id not in ids), *blocks]
    found = [*_claimed_twice(together), *_left_out(together), *_doubtful(blocks), *_standing_for_nobody(together)]
    mine = {block.path for block in blocks}
    return sorted([*faults, *(one for one in found if one.path in mine)], key=lambda fault: (fault.path, fault.line))


def _claimed_twice(blocks: list[Block]) -> Iterator[Fault]:
    """A sure name of two entities in one language would be anyone's."""
    owners: dict[tuple[str, str], Block] = {}
    for block in blocks:
        for name in block.entity().names:
            if not name.sure:
                continue
            form = name.text if is_acronym(name.text) else folded(name.text)
            other = owners.setdefault((name.language, form), block)
            if other.id != block.id:
                where = f"{other.id} ({other.path.name}:{other.line})"
                yield Fault(block.path, block.line, f"{name.text!r} ({name.language}) is a name of {where} too: mark ?")


def _left_out(blocks: list[Block]) -> Iterator[Fault]:
    """A name that a `none` block leaves out in any language, and another entity has in one, or the other way round."""
    left_out: dict[str, list[tuple[str, Block]]] = {}
    for block in blocks:
        for name in block.entity().names if block.type == NOTHING else ():
            left_out.setdefault(folded(name.text), []).append((name.language, block))
    for block in blocks:
        for name in block.entity().names if block.type != NOTHING else ():
            for language, other in left_out.get(folded(name.text), ()) if name.sure else ():
                if language != name.language and ANY in {language, name.language}:
                    where = f"{other.path.name}:{other.line}"
                    yield Fault(
                        block.path, block.line, f"{name.text!r} ({name.language}) is left out by {other.id} ({where})"
                    )


def _standing_for_nobody(blocks: list[Block]) -> Iterator[Fault]:
    """`of` an id that no block has."""
    ids = {block.id for block in blocks}
    for block in blocks:
        for id_ in block.values.get("of", ()):
            if not id_.startswith("country:") and id_ not in ids:
                yield Fault(block.path, block.line, f"of {id_!r}: no block has that id{near(id_, ids)}")


def _doubtful(blocks: list[Block]) -> Iterator[Fault]:
    for block in blocks:
        kind = block.values.get("kind", [None])[0]
        if kind is not None and kind not in KINDS:
            yield Fault(block.path, block.line, f"unknown kind {kind!r}{near(kind, KINDS)}")
        for name in block.entity().names:
            # A syllable or a word is one character in most scripts without capitals.
            fewest = 2 if name.text.lower() == name.text.upper() or is_acronym(name.text) else 3
            if name.sure and sum(not character.isspace() for character in name.text) < fewest:
                yield Fault(block.path, block.line, f"{name.text!r} ({name.language}) is too short to be matched")
