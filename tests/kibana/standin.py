"""A stand-in for Kibana's import: a real HTTP server that reads the multipart form as Kibana does, and keeps it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TYPES = {"index-pattern", "search", "lens", "dashboard"}


@dataclass
class StandIn:
    """What it was asked, and what it knows. `answer`: given instead of reading anything; `broken`: ids it refuses."""

    url: str
    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, list[str]], Message]] = field(default_factory=list)
    answer: tuple[int, dict[str, str], bytes] | None = None
    broken: set[str] = field(default_factory=set)
    key: str | None = None
    login: str | None = None

    def take(self, target: str, headers: Message, body: bytes) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(target)
        self.asked.append((parts.path, parse_qs(parts.query), headers))
        if self.answer:
            return self.answer
        if not parts.path.endswith("/api/saved_objects/_import"):
            return _said(404, "Not Found")
        if not headers.get("kbn-xsrf"):
            return _said(400, "Request must contain a kbn-xsrf header.")
        wanted = f"ApiKey {self.key}" if self.key else self.login
        if wanted and headers.get("Authorization") != wanted:
            return _said(401, "unable to authenticate")
        return self._import(_file_of(headers, body), "true" in parse_qs(parts.query).get("overwrite", []))

    def _import(self, file: bytes, overwrite: bool) -> tuple[int, dict[str, str], bytes]:
        objects = [json.loads(line) for line in file.splitlines() if line.strip()]
        known = {(one["type"], one["id"]) for one in objects} | set(self.objects)
        errors = []
        for one in objects:
            missing = [
                reference for reference in one["references"] if (reference["type"], reference["id"]) not in known
            ]
            fault: dict[str, Any] | None = None
            if one["type"] not in TYPES:
                fault = {"type": "unsupported_type"}
            elif missing or one["id"] in self.broken:
                fault = {"type": "missing_references", "references": missing or [{"type": "search", "id": "gone"}]}
            elif (one["type"], one["id"]) in self.objects and not overwrite:
                fault = {"type": "conflict"}
            if fault:
                title = {"title": one["attributes"]["title"]}
                errors.append({"id": one["id"], "type": one["type"], "meta": title, "error": fault})
            else:
                self.objects[one["type"], one["id"]] = one
        answer: dict[str, Any] = {"success": not errors, "successCount": len(objects) - len(errors), "warnings": []}
        return _json(200, answer | ({"errors": errors} if errors else {}))


def _file_of(headers: Message, body: bytes) -> bytes:
    """The part `file` of the form, whose name must end with .ndjson, as Kibana wants it."""
    kind = headers.get("Content-Type", "")
    assert kind.startswith("multipart/form-data; boundary="), kind
    form = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    (part,) = [one for one in form.iter_parts() if one.get_param("name", header="content-disposition") == "file"]
    assert str(part.get_filename()).endswith(".ndjson")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def _said(status: int, message: str) -> tuple[int, dict[str, str], bytes]:
    return _json(status, {"statusCode": status, "message": message})


def _json(status: int, body: object) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(body).encode()


@contextmanager
def standin() -> Iterator[StandIn]:
    """One on a free port, for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, content = kibana.take(self.path, self.headers, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        kibana = StandIn(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield kibana
        finally:
            server.shutdown()
            thread.join(10)
