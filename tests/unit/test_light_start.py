"""What a process loads before its first task: workers that tag nothing and match nothing do without names and numpy."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"numpy", "trafilatura", "apprise"}


def loaded(module: str) -> set[str]:
    """The modules that stand after importing one in a fresh interpreter."""
    told = subprocess.run(
        [sys.executable, "-c", f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        check=True,
        text=True,
    )
    return set(json.loads(told.stdout))


@pytest.mark.parametrize("module", ["worker.topology", "worker.tasks", "search.language.names"])
def test_models_and_messengers_wait_until_they_are_needed(module: str) -> None:
    assert not HEAVY & loaded(module)


def test_the_flow_is_read_without_rules_and_names() -> None:
    assert not {"ingest.tagging", "search.rules.reading", "search.matching.watch"} & loaded("worker.topology")
