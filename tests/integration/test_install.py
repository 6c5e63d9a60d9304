"""What `make run` installs is enough: no package that only the tests bring along."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from worker.settings import PROJECT

# Modules that Celery and kombu load by name, when a worker or beat starts.
BY_NAME = (
    "kombu.transport.redis",
    "celery.concurrency.prefork",
    "celery.concurrency.thread",
    "celery.concurrency.solo",
    "celery.beat",
    "celery.app.log",
    "celery.worker.components",
)


@pytest.mark.timeout(600)
def test_every_module_can_be_imported_with_what_make_run_installs(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "-qq", "-c", "constraints.txt"]
    installed = subprocess.run([*pip, "-e", ".[local]"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stderr
    files = [file for package in ("ingest", "search", "worker") for file in (PROJECT / package).rglob("*.py")]
    names = [".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__") for file in files]
    script = f"import importlib\nfor name in {[*sorted(names), *BY_NAME, 'tests.newsroom.__main__']!r}:\n"
    script += "    importlib.import_module(name)\n"
    done = subprocess.run([python, "-B", "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
