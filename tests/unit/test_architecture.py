"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("ingest", "search", "worker")  # each may import itself and what stands before it
FOREIGN = {
    "ingest": {"celery", "kombu", "redis", "elasticsearch"},
    "search": {"celery", "kombu", "redis"},
    "worker": set(),
}
LINES = 260  # "about 250": one sitting
TASK_LINES = 15


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", LAYERS)
def test_imports_go_one_way(package: str) -> None:
    """worker → search → ingest, never backwards, and no service client where it does not belong."""
    later = set(LAYERS[LAYERS.index(package) + 1 :]) | FOREIGN[package]
    for path in modules(package):
        assert not imported(path) & later, f"{path.relative_to(ROOT)} imports {sorted(imported(path) & later)}"


@pytest.mark.parametrize("package", LAYERS)
def test_modules_read_in_one_sitting(package: str) -> None:
    for path in modules(package):
        lines = len(path.read_text().splitlines())
        assert lines <= LINES, f"{path.relative_to(ROOT)} has {lines} lines"


def test_tasks_are_short() -> None:
    tree = ast.parse((ROOT / "worker/tasks.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= TASK_LINES, f"worker/tasks.py:{node.lineno} {node.name} has {length} lines"


def test_importing_opens_nothing(tmp_path: Path) -> None:
    """No connection and no folder at import: every module is imported where sockets and mkdir are forbidden."""
    import subprocess
    import sys

    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in LAYERS
        for path in modules(package)
        if path.name != "__main__.py"
    ]
    script = (
        "import sys, importlib\n"
        "def guard(event, args):\n"
        "    if event in ('socket.connect', 'socket.bind', 'os.mkdir'):\n"
        "        raise RuntimeError(f'{event} {args} at import')\n"
        "sys.addaudithook(guard)\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
