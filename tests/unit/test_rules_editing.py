"""Rules written by a program: what a person wrote stays as it is, what is no good is not written."""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path

import pytest

from search.rules.editing import add_no_match, add_rule, rule_id
from search.rules.faults import RefusedError
from search.rules.reading import read_folder
from worker.settings import PROJECT

SHIPPED = PROJECT / "deploy" / "rules"
SENTENCE = 'Kalimat: yang "aneh" # bukan'
HANDMADE = """\
# Ditulis tangan.
- name: Satu   # nama
  id: satu
  query: "NATO"
  owner: meja
  tests: {match: [NATO di Tokyo]}   # pendek

- id: dua
  name: 'Dua'
  owner: meja
  none_of: hubungan
  query: Jepang
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    made.mkdir()
    (made / "tangan.yaml").write_text(HANDMADE)
    return made


def added(before: str, after: str) -> list[str]:
    """Lines that are new; none may be gone."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    assert [line for line in lines if line.startswith("- ")] == []
    return [line[2:].strip() for line in lines if line.startswith("+ ")]


@pytest.mark.parametrize("rule", [one.id for one in read_folder(SHIPPED).rules.rules])
def test_a_sentence_more_changes_nothing_else_of_a_shipped_rule(tmp_path: Path, rule: str) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(SHIPPED, folder)
    path = folder / read_folder(folder).rule_places[rule][""].file
    before = path.read_text()
    assert add_no_match(folder, rule, SENTENCE, "lowongan NEAR/3 kerja") == path
    new = added(before, path.read_text())
    assert "- lowongan NEAR/3 kerja" in new
    assert f"- '{SENTENCE}'" in new
    assert len(new) <= 5
    changed = read_folder(folder)
    assert changed.errors == ()
    found = changed.rules.rule(rule)
    assert found is not None
    assert found.tests.no_match[-1] == SENTENCE
    assert found.none_of[-1] == "lowongan NEAR/3 kerja"
    once = path.read_text()
    add_no_match(folder, rule, SENTENCE, "lowongan NEAR/3 kerja")
    assert path.read_text() == once


def test_of_several_rules_in_a_file_one_is_changed(folder: Path) -> None:
    add_no_match(folder, "dua", "Hubungan baik", "humas")
    text = (folder / "tangan.yaml").read_text()
    assert text.startswith("# Ditulis tangan.")
    assert "name: Satu   # nama" in text
    assert "{match: [NATO di Tokyo]}   # pendek" in text
    dua, satu = read_folder(folder).rules.rules
    assert (dua.none_of, dua.tests.no_match) == (("hubungan", "humas"), ("Hubungan baik",))
    assert (satu.tests.match, satu.tests.no_match) == (("NATO di Tokyo",), ())
    add_no_match(folder, "satu", "NATO")
    assert read_folder(folder).rules.rule("satu").tests.no_match == ("NATO",)  # type: ignore[union-attr]  # it is there


def test_a_list_of_rules_keeps_its_margin_and_its_lists_theirs(folder: Path) -> None:
    path = folder / "daftar.yaml"
    text = "- id: c\n  name: T\n  owner: m\n  query: x\n  none_of:\n    - y\n- {id: b, name: B, owner: m, query: z}\n"
    path.write_text(text)
    add_no_match(folder, "c", "satu", "w")
    assert added(text, path.read_text()) == ["- w", "tests:", "no_match:", "- satu"]


def test_what_is_no_good_is_not_written(folder: Path) -> None:
    before = (folder / "tangan.yaml").read_text()
    with pytest.raises(RefusedError, match="no field"):
        add_no_match(folder, "satu", "x", "cuntry:JP")
    with pytest.raises(KeyError):
        add_no_match(folder, "tiga", "x")
    for wrong in ({"query": "cuntry:JP"}, {"query": "NATO", "prioritas": "high"}, {"query": "NATO", "realert": "soon"}):
        with pytest.raises(RefusedError) as told:
            add_rule(folder, {"name": "Baru", "owner": "meja", **wrong})
        assert told.value.faults[0].file == "baru.yaml"
    assert (folder / "tangan.yaml").read_text() == before
    assert [path.name for path in folder.iterdir()] == ["tangan.yaml"]


def test_a_file_that_somebody_changed_meanwhile_is_let_be(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, read = folder / "tangan.yaml", Path.read_bytes
    answers = iter([HANDMADE.encode(), HANDMADE.encode(), b"changed", b"changed"])
    monkeypatch.setattr(Path, "read_bytes", lambda self: next(answers) if self == path else read(self))
    monkeypatch.setattr("search.rules.editing.texts_of", lambda *_: ({"tangan.yaml": HANDMADE}, {}))
    with pytest.raises(RefusedError, match="changed by somebody else"):
        add_no_match(folder, "satu", "x")
    monkeypatch.undo()
    assert path.read_text() == HANDMADE


def test_other_files_faults_do_not_stand_in_the_way(folder: Path) -> None:
    (folder / "rusak.yaml").write_text("id: rusak\nqurey: x\n")
    path = add_rule(folder, {"name": "Baru", "owner": "meja", "query": "NATO"})
    assert path.name == "baru.yaml"


def test_a_new_rule_takes_no_other_s_place(folder: Path) -> None:
    fields = {"name": "Laut Natuna Utara!", "owner": "meja", "query": '"Laut Natuna" OR (a NEAR/3 b)', "notify": []}
    first, second = add_rule(folder, fields, note="Dari halaman."), add_rule(folder, fields)
    assert (first.name, second.name) == ("laut-natuna-utara.yaml", "laut-natuna-utara-2.yaml")
    assert first.read_text().startswith("# Dari halaman.\nid: laut-natuna-utara\n")
    assert add_rule(folder, {**fields, "name": "Satu"}).stem == "satu-2"  # an id of another file's
    found = read_folder(folder)
    assert found.errors == ()
    assert found.rules.rule("laut-natuna-utara").query == fields["query"]  # type: ignore[union-attr]  # it is there


def test_windows_line_ends_and_a_mark_at_the_start_stay(folder: Path) -> None:
    path = folder / "tangan.yaml"
    path.write_bytes(HANDMADE.replace("\n", "\r\n").encode())
    add_no_match(folder, "satu", "x")
    assert b"\r\n" in path.read_bytes()
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("name", "id"), [("Laut Natuna Utara", "laut-natuna-utara"), ("Çeşme & İzmir", "cesme-izmir"), ("a" * 90, "a" * 60)]
)
def test_an_id_is_made_of_the_name(name: str, id: str) -> None:
    assert rule_id(name) == id
    assert rule_id("日本").startswith("rule-")
