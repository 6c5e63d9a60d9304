"""The files of rules and concepts in a backup, and back: as they were written, with comments."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ingest.dates import now
from search.rules.reading import files_of

RULES = "rules"  # the folder within a backup


def save_rules(rules: Path, backup: Path) -> list[str]:
    """Copies the files of the folder `rules` into a backup; their names there. None where there is no such folder."""
    saved = []
    for path in files_of(rules):
        target = backup / RULES / path.relative_to(rules)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        saved.append(str(target.relative_to(backup)))
    return saved


def bring_rules_back(backup: Path, rules: Path) -> Path | None:
    """Puts the backup's files in the place of the folder `rules`, whole. What stood there before is kept beside it, and
    the answer says where; None where nothing had to be moved. Raises OSError, before anything is changed."""
    saved = backup / RULES
    if not saved.is_dir() or _texts(saved) == _texts(rules):
        return None
    new = rules.with_name(f"{rules.name}.new-{os.getpid()}")
    shutil.copytree(saved, new, copy_function=shutil.copyfile)
    before = rules.with_name(f"{rules.name}.before-{now():%Y%m%d-%H%M%S}")
    moved = rules.exists()
    if moved:
        rules.rename(before)
    new.rename(rules)
    return before if moved else None


def _texts(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in files_of(folder)}
