"""`kawat kliping` on a real index."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from search.client import connect
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, digest, document
from worker.cli import app

pytestmark = pytest.mark.services


def test_briefs_are_listed_shown_and_exported(
    elasticsearch_url: str, index_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from worker.services import Services
    from worker.settings import read_settings

    settings = {
        "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
        "KAWAT_INDEX_PREFIX": index_prefix,
        "KAWAT_STATE_DIR": str(tmp_path / "state"),
        "COLUMNS": "200",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    with connect(elasticsearch_url, timeout=60) as client:
        ensure_schema(client, index_prefix)
        ElasticsearchIndex(client, index_prefix, MemoryHomes()).write([document("Kantor \x1b[31mpenghubung")])
    runner = CliRunner()
    none = runner.invoke(app, ["kliping", "list"])
    assert "Nothing is kept yet" in none.output
    assert runner.invoke(app, ["kliping", "show"]).exit_code == 1
    desk = Services(read_settings()).briefs
    kept = desk.keep(article=digest("Kantor \x1b[31mpenghubung"), note="Cek lagi")
    listed = runner.invoke(app, ["kliping", "list", "--json"])
    assert json.loads(listed.stdout)["id"] == kept.brief_id
    shown = runner.invoke(app, ["kliping", "show"])
    assert "» Cek lagi" in shown.output
    assert "\x1b[31m" not in shown.output
    whole = json.loads(runner.invoke(app, ["kliping", "show", kept.brief_id, "--json"]).stdout)
    assert whole["clippings"][0]["kept"][0]["body"].startswith("NATO berencana")
    for format in ("md", "html", "docx"):
        done = runner.invoke(app, ["kliping", "export", "--as", format, "--language", "en", "--to", str(tmp_path)])
        assert done.exit_code == 0, done.output
        assert (tmp_path / f"brief-{kept.brief_id}.{format}").stat().st_size > 300
    assert "Cek lagi" in (tmp_path / f"brief-{kept.brief_id}.md").read_text()
    nowhere = runner.invoke(app, ["kliping", "export", "--to", str(tmp_path / "no" / "file.md")])
    assert nowhere.exit_code == 1
