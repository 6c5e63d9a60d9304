"""What would be matched wrongly in readable files of names: names of two entities, too short ones, odd kinds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.tagging.names import Block, Fault, blocks_in, near
from ingest.tagging.words import folded, is_acronym

_KINDS = """
    alliance un-body court bank bloc armed-group ministry military agency media company party parliament police ngo
    government university think-tank union religious sport head-of-state head-of-government minister diplomat politician
    executive activist judge journalist royal religious-leader city capital region sea strait island disputed seat base
    river canal mountain crossing port lake gulf ocean peninsula continent treaty weapon programme agreement law
    operation war doctrine project ship summit
"""
KINDS = frozenset(_KINDS.split())


def faults_in(paths: Iterable[Path]) -> list[Fault]:
    """What is wrong in the files taken together: what cannot be read, and what would be matched wrongly."""
    blocks, faults = blocks_in(paths)
    return sorted([*faults, *_claimed_twice(blocks), *_doubtful(blocks)], key=lambda fault: (fault.path, fault.line))


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
