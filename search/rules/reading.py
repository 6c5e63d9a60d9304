"""Rules and concepts as their files have them: read whole, each fault with its place. Opens files, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from search.language.names import Unknown, language_codes
from search.rules.checking import concept_faults, rule_faults
from search.rules.faults import Fault, WrongError
from search.rules.keys import ALWAYS, CONCEPT_KEYS, DEFAULTS, INSTEAD, NEEDED, OF_TYPE, RULE_KEYS
from search.rules.records import Concept, Rule, RuleSet
from search.rules.values import identifier, query, several, text
from search.rules.written import Written, documents

CONCEPTS = "concepts"  # the folder of concepts, in that of rules
LARGEST = 5_000_000  # bytes of a file
Places = Mapping[str, Written]  # what was read by each key; "" is the whole


@dataclass(frozen=True)
class Reading:
    """What a folder of rules says. `rules` holds what can be read; with an error among `faults` it is not whole.

    `rule_places`, `concept_places`: by id, where each key's value stands.
    """

    rules: RuleSet = field(default_factory=RuleSet)
    faults: tuple[Fault, ...] = ()
    rule_places: Mapping[str, Places] = field(default_factory=dict)
    concept_places: Mapping[str, Places] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Fault, ...]:
        return tuple(one for one in self.faults if one.severity == "error")


def read_folder(folder: Path) -> Reading:
    """All `*.yaml` of the folder are rules, those of its folder `concepts` concepts. Nothing is raised for what is
    wrong with them: it is told as faults, in the order of files and lines."""
    faults: list[Fault] = []
    try:
        if not folder.is_dir():
            raise NotADirectoryError(f"there is no folder {folder}")
        rules, concepts = texts_of(folder, faults)
    except OSError as error:  # never taken for a folder without rules
        return Reading(faults=(Fault(file=".", line=1, column=1, message=error.strerror or str(error)),))
    reading = read_texts(rules, concepts)
    return replace(reading, faults=in_order((*faults, *reading.faults)))


def read_texts(rules: Mapping[str, str], concepts: Mapping[str, str]) -> Reading:
    """The same of texts by file name. Pure."""
    faults: list[Fault] = []
    read_concepts, concept_places = _gathered(_parts(concepts, faults), _concept, "concept", faults)
    read_rules, rule_places = _gathered(_parts(rules, faults), _rule, "rule", faults)
    known = {one.id: one for one in read_concepts}
    unreadable = _ids(concepts) - known.keys()
    for one in read_concepts:
        faults += concept_faults(one, concept_places[one.id])
    broken = unreadable | {fault_id for fault_id in known if _faulty(concept_places[fault_id], faults)}
    sound = RuleSet(concepts=tuple(sorted(read_concepts, key=lambda one: one.id)))
    queries = {**sound.queries, **dict.fromkeys(broken, "kawat")}  # their own fault is told; rules have none by it
    for rule in read_rules:
        faults += rule_faults(rule, rule_places[rule.id], queries)
    whole = [one for one in read_rules if not _faulty(rule_places[one.id], faults)]
    found = sound.model_copy(update={"rules": tuple(sorted(whole, key=lambda one: one.id))})
    return Reading(found, in_order(faults), rule_places, concept_places)


def files_of(folder: Path) -> list[Path]:
    """The files of rules and concepts. Raises OSError where the folder cannot be read."""
    return [*_files(folder), *_files(folder / CONCEPTS)]


def texts_of(folder: Path, faults: list[Fault]) -> tuple[dict[str, str], dict[str, str]]:
    """The texts of rules and of concepts, by file name; what cannot be read is told among `faults`. Raises
    OSError where the folder cannot be read."""
    rules = {path.name: _text(path, path.name, faults) for path in _files(folder)}
    named = ((f"{CONCEPTS}/{path.name}", path) for path in _files(folder / CONCEPTS))
    return rules, {name: _text(path, name, faults) for name, path in named}


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in {".yaml", ".yml"} and not path.name.startswith(".") and path.is_file()
    )


def _text(path: Path, name: str, faults: list[Fault]) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it has more than {LARGEST:,} bytes")
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, ValueError) as error:
        why = "it is not in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        faults.append(Fault(file=name, line=1, column=1, message=f"this file cannot be read: {why}"))
        return ""


def _parts(files: Mapping[str, str], faults: list[Fault]) -> list[Written]:
    """Each mapping of the files: of one document or several, alone or in a list."""
    found: list[Written] = []
    for name, content in files.items():
        try:
            for document in documents(content, name):
                found += [] if document.is_nothing else document.items()
        except WrongError as error:
            faults.append(error.fault)
    return found


def _gathered(
    parts: Iterable[Written], read: Any, what: str, faults: list[Fault]
) -> tuple[list[Any], dict[str, Places]]:
    """What could be read, once an id."""
    found: list[Any] = []
    places: dict[str, Places] = {}
    for part in parts:
        try:
            one, where = read(part, faults)
        except WrongError as error:
            faults.append(error.fault)
            continue
        if one is None:
            continue
        if one.id in places:
            first = places[one.id][""]
            message = f"another {what} is called {one.id}: {first.file}:{first.place()[0]}"
            faults.append(where["id"].fault(message))
            continue
        found.append(one)
        places[one.id] = where
    return found, places


def _rule(part: Written, faults: list[Fault]) -> tuple[Rule | None, Places]:
    """With what could be read of it, so that the rest can be looked at; what could not is told. None without an id."""
    values: dict[str, Any] = {}
    places: dict[str, Written] = {"": part}
    for key, value in part.pairs():
        try:
            name = key.chosen(RULE_KEYS, instead=INSTEAD)
            places[name] = value
            values[name] = RULE_KEYS[name](value)
        except WrongError as error:
            faults.append(error.fault)
    of_type = values.get("type", "any")
    needed = [*ALWAYS, *NEEDED[of_type]]
    if of_type != "flatline" and "together" not in places:
        needed.append("query")
    faults += [part.fault(f"{name} is missing: {_why(name, of_type)}") for name in needed if name not in places]
    faults += [
        value.fault(f"{name} has no meaning in {of_type}, only in {' and '.join(OF_TYPE[name])}")
        for name, value in places.items()
        if of_type not in OF_TYPE.get(name, (of_type,))
    ]
    if "id" not in values:
        return None, places
    return Rule(**{"name": "", "owner": "", **DEFAULTS.get(of_type, {}), **values}), places


def _why(name: str, of_type: str) -> str:
    if name in NEEDED[of_type]:
        return f"a rule of type {of_type} needs it"
    if name == "query":
        return "only a flatline, or a rule with `together`, goes without"
    return "each rule has one"


def _concept(part: Written, faults: list[Fault]) -> tuple[Concept | None, Places]:
    places: dict[str, Written] = {"": part}
    before = len(faults)
    for key, value in part.pairs():
        places[key.chosen(CONCEPT_KEYS)] = value
    for name in ("id", "wordings"):
        if name not in places:
            raise part.wrong(f"{name} is missing: each concept has it")
    wordings: dict[str, tuple[str, ...]] = {}
    for key, value in places["wordings"].pairs():
        try:
            code = _language(key)
            wordings[code] = several(query)(value)
            for n, each in enumerate(value.items()):
                places[f"wordings.{code}.{n}"] = each
        except WrongError as error:
            faults.append(error.fault)
    id_ = identifier(places["id"])
    name = text(places["name"]) if "name" in places else ""
    if len(faults) > before:
        return None, places
    return Concept(id=id_, name=name, wordings=wordings), places


def _language(key: Written) -> str:
    found = language_codes(key.scalar())
    if isinstance(found, Unknown):
        advice = f"; did you mean {found.near}?" if found.near else ""
        raise key.wrong(f"no language is called {key.scalar()!r}{advice}", suggestion=found.near)
    return found[0]


def _ids(concepts: Mapping[str, str]) -> set[str]:
    """Of all that have one, even where the rest cannot be read."""
    found: set[str] = set()
    for part in _parts(concepts, []):
        if part.is_mapping:
            found |= {
                str(value.value) for key, value in part.node.value if key.value == "id" and isinstance(value.value, str)
            }
    return found


def _faulty(places: Places, faults: list[Fault]) -> bool:
    """Whether an error stands within the rule or concept."""
    whole = places[""]
    begin, end = whole.place(), whole.end()
    return any(
        fault.file == whole.file and begin <= (fault.line, fault.column) < end
        for fault in faults
        if fault.severity == "error"
    )


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Once each, by file and place."""
    return tuple(sorted(set(faults), key=lambda one: (one.file, one.line, one.column, one.message)))
