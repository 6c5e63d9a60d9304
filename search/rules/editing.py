"""Rules written by a program: a new file, or a sentence more in one that a person wrote, which stays as it is otherwise
(comments, order of keys, kinds of quotes). Looked over before anything is written; a file is replaced whole.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from ingest.dates import now
from search.rules.faults import Fault, RefusedError
from search.rules.lint import Surroundings, linted
from search.rules.reading import Reading, read_folder, read_texts, texts_of

ID_CHARS = 60
ANYWHERE = Surroundings()
WIDE = 4_096  # characters a line: nothing is folded anew
LISTED = re.compile(r"^( *)[\w-]+:[^\S\n]*(?:#[^\n]*)?\n( *)- ", re.MULTILINE)
NO_LETTERS = re.compile(r"[^a-z0-9]+")


def add_rule(folder: Path, fields: Mapping[str, Any], *, note: str = "", around: Surroundings = ANYWHERE) -> Path:
    """Writes a new rule to a file of its own, called after its id; one that is taken gets a number. `fields` as in a
    file (docs/rules.md), `note`: a comment above, `around`: what it is linted against. Raises RefusedError."""
    reading = read_folder(folder)
    id = _free(str(fields.get("id") or "") or rule_id(str(fields.get("name", ""))), reading, folder)
    document = CommentedMap({"id": id, **{name: value for name, value in fields.items() if name != "id"}})
    if note:
        document.yaml_set_start_comment(note)
    text = _dumped([document], offset=2)
    path = folder / f"{id}.yaml"
    _look_over(folder, path, text, around)
    _written_new(path, text)
    return path


def add_no_match(folder: Path, rule: str, sentence: str, none_of: str = "", *, around: Surroundings = ANYWHERE) -> Path:
    """Adds a sentence to the `no_match` of a rule's tests, and a query to its `none_of`; what stands there already is
    not added again. Raises RefusedError, KeyError where no file has the rule."""
    place = read_folder(folder).rule_places[rule][""]
    path = folder / place.file
    before = path.read_bytes()
    text = before.decode("utf-8-sig").replace("\r\n", "\n")
    offset = _offset(text)
    yaml = _yaml(offset)
    try:
        documents = list(yaml.load_all(text))
    except YAMLError as error:
        raise _refused(path, f"it cannot be read: {error}") from error
    for one in _rules(documents):
        if str(one.get("id")) == rule:
            _extend(one.setdefault("tests", CommentedMap()), "no_match", sentence)
            if none_of:
                _extend(one, "none_of", none_of, before="tests")
    new = _dumped(documents, offset)
    if new == text:
        return path
    _look_over(folder, path, new, around)
    if path.read_bytes() != before:
        raise _refused(path, "it was changed by somebody else just now: try again")
    _replaced(path, new.replace("\n", "\r\n") if b"\r\n" in before else new)
    return path


def rule_id(name: str) -> str:
    """An id made of a name: `Laut Natuna Utara` is laut-natuna-utara; of one without Latin letters, a made-up one."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return NO_LETTERS.sub("-", plain).strip("-")[:ID_CHARS].strip("-") or f"rule-{secrets.token_hex(3)}"


def _free(id: str, reading: Reading, folder: Path) -> str:
    taken = {*reading.rule_places, *(path.stem for path in folder.glob("*.yaml"))}
    numbered = (f"{id}-{n}" for n in range(2, 10_000))
    return id if id not in taken else next(one for one in numbered if one not in taken)


def _look_over(folder: Path, path: Path, text: str, around: Surroundings) -> None:
    """Raises RefusedError for what would be wrong with this file; faults of others are not its."""
    rules, concepts = texts_of(folder, [])
    found = linted(read_texts({**rules, path.name: text}, concepts), around, now())
    wrong = [one for one in found.errors if one.file == path.name]
    if wrong:
        raise RefusedError(wrong)


def _rules(documents: list[Any]) -> Iterator[MutableMapping[str, Any]]:
    for one in documents:
        yield from (each for each in (one if isinstance(one, list) else [one]) if isinstance(each, MutableMapping))


def _extend(rule: MutableMapping[str, Any], key: str, value: str, *, before: str = "") -> None:
    """Adds to a list, which may be left out, or be a single value."""
    there = rule.get(key)
    if isinstance(there, list):
        if value not in there:
            there.append(value)
    elif there is None and before in rule and isinstance(rule, CommentedMap):
        rule.insert(list(rule).index(before), key, CommentedSeq([value]))
    elif there is None:
        rule[key] = CommentedSeq([value])
    elif there != value:
        rule[key] = CommentedSeq([there, value])


def _offset(text: str) -> int:
    """How far the dashes of the lists within the file's rules stand in."""
    found = LISTED.search(text)
    if found:
        return max(0, len(found[2]) - len(found[1]))
    return 0 if re.search(r"^- ", text, re.MULTILINE) else 2  # of a list of rules: as that list itself


def _yaml(offset: int) -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = WIDE
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    return yaml


def _dumped(documents: list[Any], offset: int) -> str:
    out = io.StringIO()
    yaml = _yaml(offset)
    if len(documents) == 1:
        yaml.dump(documents[0], out)
    else:
        yaml.dump_all(documents, out)
    if offset and all(isinstance(one, list) for one in documents):  # a list of rules stands at the margin
        return re.sub(rf"^ {{{offset}}}", "", out.getvalue(), flags=re.MULTILINE)
    return out.getvalue()


def _written_new(path: Path, text: str) -> None:
    made = _beside(path, text)
    try:
        os.link(made, path)  # unlike a rename, it never takes another file's place
    except FileExistsError:
        raise _refused(path, "there is such a file by now: try again") from None
    finally:
        made.unlink()


def _replaced(path: Path, text: str) -> None:
    made = _beside(path, text)
    with suppress(OSError):
        made.chmod(path.stat().st_mode & 0o777)
    made.replace(path)


def _beside(path: Path, text: str) -> Path:
    """The text on disk, in a file that no reader of rules looks at."""
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with made.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _refused(path, f"it cannot be written: {error.strerror}") from error
    return made


def _refused(path: Path, why: str) -> RefusedError:
    return RefusedError([Fault(file=path.name, line=1, column=1, message=why)])
