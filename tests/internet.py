"""An internet in miniature for worker processes of a test: names with addresses, addresses that lead to a newsroom.

In a process that was started with `environment(…)`, every name under `.example` resolves: to 1.2.3.9, or to what
`names` gives it, one answer after the other at each question, the last one for good. A connection to 1.2.3.x leads to
the newsroom's port. All else is as it was: numbers are what they are, and no other name is touched.
"""

from __future__ import annotations

import json
import os
import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PUBLIC = "1.2.3.9"  # public by every registry, and nobody's: APNIC keeps 1.2.3.0/24 out of use
ZONE = ".example"
VARIABLE = "INTERNET_OF_A_TEST"
PROJECT = Path(__file__).resolve().parents[1]


def environment(folder: Path, port: int, names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What a Python process needs in its environment to live on this internet; `folder` is written to."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sitecustomize.py").write_text("from tests.internet import install\n\ninstall()\n")
    known = {"port": port, "names": {name: list(answers) for name, answers in names.items()}}
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(PROJECT)]), VARIABLE: json.dumps(known)}


def install() -> None:
    """Called as Python starts, in such a process only."""
    known: dict[str, Any] = json.loads(os.environ[VARIABLE])
    names: dict[str, list[str]] = known["names"]
    asked: Counter[str] = Counter()
    resolve, connect = socket.getaddrinfo, socket.create_connection

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(host, str) and host.endswith(ZONE):
            answers = names.get(host, [PUBLIC])
            turn, asked[host] = asked[host], asked[host] + 1
            host = answers[min(turn, len(answers) - 1)]
        return resolve(host, *args, **kwargs)

    def create_connection(address: Any, *args: Any, **kwargs: Any) -> socket.socket:
        there = ("127.0.0.1", known["port"]) if address[0].startswith(PUBLIC[:-1]) else address
        return connect(there, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo
    socket.create_connection = create_connection
