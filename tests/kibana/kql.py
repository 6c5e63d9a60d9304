"""KQL as Kibana reads it: what its own library made of our queries, kept in kql.json so that tests need no Node.

Make it anew when queries change: `python -m tests.kibana.kql` (Node and npm; the library, Apache-2.0, goes under
`.kawat/`). Where the library is installed, a test holds the file to it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from search.kibana.export import saved_objects
from search.kibana.objects import Query
from search.mappings import ARTICLE_FIELDS
from tests.kibana.reading import queries_of
from worker.settings import PROJECT

KEPT = Path(__file__).parent / "kql.json"
LIBRARY = "@cybernetex/kbn-es-query"
VERSION = "1.0.2"
FOLDER = PROJECT / ".kawat" / "programs" / "kbn-es-query"
SCRIPT = Path(__file__).parent / "translate.js"
TYPES = {"text": "string", "keyword": "string", "date": "date", "integer": "number", "long": "number"}
# Not in our objects, but promised in docs/kibana.md: what a reader types there.
TYPED = (
    '"kantor penghubung"',
    "lang: id and about: JP",
    "author: turk",
    'title: "kantor penghubung" and not is: sample',
    "seen >= 2026-03-04",
    "words > 5",
    "org: NATO",
)


def kql_queries() -> list[str]:
    """Every KQL text of our objects, and those of the documentation."""
    ours = {query.text for query in queries_of(saved_objects()) if query.language == "kuery" and query.text}
    return sorted(ours | set(TYPED))


def translated(query: Query) -> dict[str, Any]:
    """The Elasticsearch query that Kibana sends for `query`."""
    if not query.text:
        return {"match_all": {}}
    if query.language == "lucene":
        return {"query_string": {"query": query.text, "analyze_wildcard": True}}
    kept: dict[str, Any] = json.loads(KEPT.read_text("utf-8"))
    return dict(kept[query.text])


def installed() -> bool:
    """Whether Kibana's library can be asked here."""
    return shutil.which("node") is not None and (FOLDER / "node_modules" / LIBRARY).is_dir()


def asked() -> Mapping[str, Any]:
    """The library's own answer for `kql_queries`."""
    fields = [
        {"name": name, "type": TYPES.get(str(field.get("type")), "string"), "searchable": True, "aggregatable": True}
        for name, field in _resolved().items()
    ]
    done = subprocess.run(
        ["node", str(SCRIPT)],
        input=json.dumps({"fields": fields, "queries": kql_queries()}),
        env={**os.environ, "NODE_PATH": str(FOLDER / "node_modules")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _resolved() -> dict[str, Any]:
    """The article's fields as a data view lists them: an alias has the type of what it names."""
    return {
        name: ARTICLE_FIELDS.get(field.get("path", name).split(".")[0], field) for name, field in ARTICLE_FIELDS.items()
    }


def main() -> None:
    """Installs the library where it is missing, and writes the file."""
    if not installed():
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(FOLDER), f"{LIBRARY}@{VERSION}"]
        subprocess.run(command, check=True)
    KEPT.write_text(json.dumps(asked(), indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
