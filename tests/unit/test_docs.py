"""What the documents name is there: queries compile, commands and their options exist, settings are settings."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from search.query import compile_query
from search.web.render import PLACES
from worker.cli import app
from worker.commands.processes import KINDS
from worker.secretfiles import SUFFIX
from worker.settings import PROJECT, Settings, secrets, variable
from worker.topology import WORKERS

DOCUMENTS = sorted(
    path.relative_to(PROJECT)
    for pattern in ("*.md", "docs/**/*.md", "deploy/**/*.md")
    for path in PROJECT.glob(pattern)
)
FOR_TESTS = {"KAWAT_TEST_ELASTICSEARCH_URL"}  # tests/conftest.py reads it, Kawat never does
CODE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
SETTING = re.compile(r"(?<![A-Za-z_])KAWAT_[A-Z_]*[A-Z]")


def read(document: Path) -> str:
    return (PROJECT / document).read_text()


def commands(text: str) -> list[list[str]]:
    """Each `kawat …` in a code block or a code span, as words: without settings before, comments and pipes after."""
    blocks = CODE.findall(text)
    written = [line for block in blocks for line in block.splitlines()] + SPAN.findall(CODE.sub("", text))
    found = []
    for line in written:
        match = re.match(r"(?:\$ )?(?:\w+=\S+ )*kawat (.+)", line.strip())
        if match:
            words = shlex.split(match[1].replace("…", " "), comments=True)
            found.append(words[: words.index("|")] if "|" in words else words)
    return found


def fault(words: list[str]) -> str | None:
    """What is wrong with a command line of ours; None where each command and option is there."""
    command: Any = get_command(app)
    known = {"--help", "-h"}
    for n, word in enumerate(words):
        children = getattr(command, "commands", None)
        if word.startswith("-"):
            known |= {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
            if word.partition("=")[0] not in known:
                return f"kawat {' '.join(words[:n])} has no option {word}"
        elif children:
            names = word.split("|")
            missing = [name for name in names if name not in children]
            if missing:
                return f"kawat {' '.join(words[:n])} has no command {missing[0]}"
            command = children[names[0]]
    return None


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_command_that_is_named_is_there(document: Path) -> None:
    faults = [wrong for words in commands(read(document)) if (wrong := fault(words))]
    assert faults == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_setting_that_is_named_is_one(document: Path) -> None:
    known = (
        {variable(name) for name in Settings.model_fields} | FOR_TESTS | {variable(name) + SUFFIX for name in secrets()}
    )
    assert set(SETTING.findall(read(document))) - known == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_search_that_is_named_can_be_read(document: Path) -> None:
    for words in commands(read(document)):
        if words[0] == "search" and len(words) > 1:
            compile_query(words[1])


def table_of_queries() -> list[str]:
    """The queries of the first column."""
    rows = re.findall(r"^\| (`.*?) \|", read(Path("docs/query-language.md")), re.MULTILINE)
    return [query for row in rows for query in SPAN.findall(row)]


@pytest.mark.parametrize("query", table_of_queries())
def test_every_query_of_the_table_can_be_read(query: str) -> None:
    assert compile_query(query, tz="Asia/Jakarta") != {"match_all": {}}


def test_the_help_names_every_kind_of_worker() -> None:
    """It is written out there, because the table of workers takes half a second to load."""
    assert KINDS.split(", ") == list(WORKERS)


def test_the_documents_are_really_looked_at() -> None:
    """And what is not there is found out."""
    assert len(table_of_queries()) >= 20
    assert {Path("README.md"), Path("docs/operating.md"), Path("docs/query-language.md")} <= set(DOCUMENTS)
    assert len(commands(read(Path("README.md")))) >= 8
    assert commands("```\nkawat search 'a b' --json | jq   # x\n```\nand `KAWAT_X=1 kawat up --detach`") == [
        ["search", "a b", "--json"],
        ["up", "--detach"],
    ]
    assert fault(["feeds", "list|add", "--failing"]) is None
    assert fault(["feeds", "lst"]) == "kawat feeds has no command lst"
    assert fault(["search", "x", "--jsn"]) == "kawat search x has no option --jsn"
    assert fault(["status", "--json", "--size"]) == "kawat status --json has no option --size"


def test_every_view_has_its_picture_and_every_picture_its_place() -> None:
    shown = {name for document in DOCUMENTS for name in re.findall(r"]\(pictures/([\w-]+)\.png\)", read(document))}
    assert shown == {path.stem for path in (PROJECT / "docs/pictures").glob("*.png")}
    assert {name.replace("entities", "entity") for name in PLACES} <= shown
