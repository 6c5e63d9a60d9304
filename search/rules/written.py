"""YAML as it was written: every part knows its place, and what a scalar means its reader decides.

Nothing is guessed from how a value looks: in `country: [NO]` NO is Norway, not *false*, and `to: 06:00` is no number.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from search.rules.faults import Fault, Severity, WrongError

NULLS = {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Written:
    """One part of a file: a mapping, a list or a scalar."""

    file: str
    text: str  # the whole file's
    node: Node
    key: Node | None = None  # that it is the value of

    @property
    def is_scalar(self) -> bool:
        return isinstance(self.node, ScalarNode)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, MappingNode)

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, SequenceNode)

    @property
    def is_nothing(self) -> bool:
        """A key without a value."""
        return isinstance(self.node, ScalarNode) and self.node.style is None and self.node.value in NULLS

    def scalar(self) -> str:
        """Its text. Raises WrongError."""
        if not isinstance(self.node, ScalarNode):
            raise self.wrong(f"one value belongs here, not {'a list' if self.is_list else 'keys with values'}")
        if self.is_nothing:
            raise self.wrong("a value is missing here")
        return str(self.node.value)

    def items(self) -> list[Written]:
        """Of a list; what is none is one of one item. Raises WrongError where nothing stands."""
        if isinstance(self.node, SequenceNode):
            return [self._part(each) for each in self.node.value]
        if self.is_nothing:
            raise self.wrong("a value is missing here")
        return [self]

    def pairs(self) -> list[tuple[Written, Written]]:
        """Keys and values. Raises WrongError where it is no mapping, and at a key that stands there twice."""
        if not isinstance(self.node, MappingNode):
            raise self.wrong("keys with values belong here, as in `key: value`")
        found = [(self._part(key), Written(self.file, self.text, value, key)) for key, value in self.node.value]
        seen: set[str] = set()
        for key, _ in found:
            name = key.scalar()
            if name in seen:
                raise key.wrong(f"{name} stands here twice")
            seen.add(name)
        return found

    def chosen(self, known: Iterable[str], *, what: str = "key", instead: Mapping[str, str] | None = None) -> str:
        """Its text if it is one of `known`. Raises WrongError with what was probably meant: `instead` knows some."""
        name, known = self.scalar(), list(known)
        if name in known:
            return name
        near = (instead or {}).get(name) or nearest(name, known)
        advice = f"did you mean {near}?" if near else f"there are {', '.join(known)}"
        raise self.wrong(f"no {what} is called {name!r}; {advice}", suggestion=near)

    def place(self, offset: int | None = None) -> tuple[int, int]:
        """Line and column from 1: where it begins, or of the character `offset` of a scalar's value."""
        if self.is_nothing and self.key is not None:  # its own mark stands on a later line
            return self._line_and_column(self.key.end_mark.index)
        if offset is None or not isinstance(self.node, ScalarNode):
            return self._line_and_column(self.node.start_mark.index)
        return self._line_and_column(self._index(offset))

    def end(self) -> tuple[int, int]:
        """Line and column behind it."""
        return self._line_and_column(self.node.end_mark.index)

    def fault(
        self, message: str, *, suggestion: str | None = None, offset: int | None = None, severity: Severity = "error"
    ) -> Fault:
        """What is wrong with it."""
        line, column = self.place(offset)
        return Fault(
            file=self.file, line=line, column=column, message=message, suggestion=suggestion, severity=severity
        )

    def wrong(self, message: str, *, suggestion: str | None = None, offset: int | None = None) -> WrongError:
        """The same, to be raised."""
        return WrongError(self.fault(message, suggestion=suggestion, offset=offset))

    def _line_and_column(self, index: int) -> tuple[int, int]:
        before = self.text[:index]
        return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1

    def _part(self, node: Node) -> Written:
        return Written(self.file, self.text, node)

    def _index(self, offset: int) -> int:
        """Where in the file the character stands: letters are counted along, blanks, quotes and escapes passed over."""
        start, end = self.node.start_mark.index, self.node.end_mark.index
        raw, at = self.text[start:end], 0
        style = self.node.style if isinstance(self.node, ScalarNode) else None
        if style in {"'", '"'}:
            at = 1
        elif style in {"|", ">"}:
            at = raw.find("\n") + 1
        for letter in self.node.value[:offset]:
            found = at if letter.isspace() else raw.find(letter, at)
            at = found + (not letter.isspace()) if found >= 0 else at
        after = self.node.value[offset : offset + 1]
        found = raw.find(after, at) if after.strip() else -1
        return int(start) + (found if found >= 0 else min(at, len(raw)))


def documents(text: str, file: str) -> Iterator[Written]:
    """Each of the file's documents. Raises WrongError where it is no YAML."""
    yaml = YAML(typ="safe", pure=True)
    try:
        for node in yaml.compose_all(text):
            yield Written(file, text, node)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = re.sub(r"\s+", " ", str(error.problem or error.context or "it cannot be read"))
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise WrongError(Fault(file=file, line=line, column=column, message=f"this is no YAML: {told}")) from error
    except YAMLError as error:
        raise WrongError(Fault(file=file, line=1, column=1, message=f"this is no YAML: {error}")) from error


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Which of `known` was probably meant."""
    folded = {one.casefold(): one for one in known}
    found = difflib.get_close_matches(name.casefold().replace("-", "_"), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None
