"""Jars are downloaded whole or not at all, and only with the sum that the repository keeps."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from worker.local import jars
from worker.local.errors import SetupError

CONTENTS = {"one-1.0.jar": b"one", "two-2.0.jar": b"two"}
SUMS = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}


@dataclass
class Artifact:
    """A registry's file, as jgo shows it."""

    filename: str
    folder: Path
    content: bytes

    def resolve(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / self.filename
        if not path.exists():
            path.write_bytes(self.content)
        return path


class Registry:
    """Gives the artifacts in place of jgo's resolution; what is asked of it can be changed."""

    def __init__(self) -> None:
        self.contents = dict(CONTENTS)
        self.asked = 0

    def resolved(self, _coordinates: object, scratch: Path) -> list[Artifact]:
        self.asked += 1
        return [Artifact(name, scratch, content) for name, content in self.contents.items()]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    made = Registry()
    monkeypatch.setattr(jars, "resolved", made.resolved)
    return made


def ensure(folder: Path) -> list[str]:
    said: list[str] = []
    jars.ensure_jars(folder, ["group:one:1.0"], SUMS, said.append)
    return said


def test_what_is_missing_is_downloaded_and_the_size_is_said(tmp_path: Path, registry: Registry) -> None:
    said = ensure(tmp_path / "jars")
    assert {path.name: path.read_bytes() for path in (tmp_path / "jars").iterdir()} == CONTENTS
    assert "2 of 2 jars" in said[0]
    assert f"{jars.DOWNLOAD_MB} MB" in said[0]


def test_what_is_there_is_not_asked_for_again(tmp_path: Path, registry: Registry) -> None:
    ensure(tmp_path)
    assert ensure(tmp_path) == []
    assert registry.asked == 1


def test_an_interrupted_download_leaves_no_half_file_to_be_taken_for_whole(tmp_path: Path, registry: Registry) -> None:
    scratch = tmp_path / ".downloading"
    scratch.mkdir()
    (scratch / "one-1.0.jar").write_bytes(b"o")
    ensure(tmp_path)
    assert (tmp_path / "one-1.0.jar").read_bytes() == b"one"
    assert not scratch.exists()


def test_a_download_with_another_sum_is_named_and_never_kept(tmp_path: Path, registry: Registry) -> None:
    registry.contents["two-2.0.jar"] = b"evil"
    with pytest.raises(SetupError, match=r"two-2\.0\.jar"):
        ensure(tmp_path)
    assert not (tmp_path / "two-2.0.jar").exists()
    assert not (tmp_path / ".downloading").exists()


@pytest.mark.parametrize("change", ["more", "less"])
def test_a_resolution_that_is_not_the_list_is_refused_by_name(tmp_path: Path, registry: Registry, change: str) -> None:
    if change == "more":
        registry.contents["stranger-1.0.jar"] = b"?"
    else:
        del registry.contents["one-1.0.jar"]
    with pytest.raises(SetupError, match="stranger-1.0.jar" if change == "more" else "one-1.0.jar"):
        ensure(tmp_path)


def test_a_jar_that_was_changed_is_named_and_kept_for_whoever_looks(tmp_path: Path, registry: Registry) -> None:
    ensure(tmp_path)
    (tmp_path / "one-1.0.jar").write_bytes(b"evil")
    with pytest.raises(SetupError, match=r"one-1\.0\.jar") as refused:
        ensure(tmp_path)
    assert refused.value.where == str(tmp_path / "one-1.0.jar")
    assert (tmp_path / "one-1.0.jar").read_bytes() == b"evil"


def test_no_way_out_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real jgo, whose every request fails at once."""
    pytest.importorskip("jgo")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(SetupError, match="could not be downloaded") as failed:
        jars.ensure_jars(tmp_path, ["org.eclipse.jdt:ecj:3.42.0"], SUMS, lambda _: None)
    assert "HTTPS_PROXY" in failed.value.to_do


@pytest.mark.parametrize(
    "line", ["", "abc  one.jar", "a" * 64 + "  ../one.jar", "a" * 64 + " one.jar", "a" * 64 + "  one.zip"]
)
def test_a_line_that_is_no_sum_is_pointed_at(tmp_path: Path, line: str) -> None:
    listing = tmp_path / "jars.sha256"
    listing.write_text(f"{'a' * 64}  good.jar\n{line}\n")
    with pytest.raises(SetupError) as refused:
        jars.read_sums(listing)
    assert refused.value.where == f"{listing}:2"
