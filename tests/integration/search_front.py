"""A server before the real node that turns chosen requests away: what keys, proxies and overloads do to a client."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import orjson

Answer = tuple[int, Mapping[str, str], bytes]  # status, headers, body
OWN = frozenset({"Connection", "Host"})  # of each connection; the local node answers to its own name only
PRODUCT = {"X-Elastic-Product": "Elasticsearch", "Content-Type": "application/json"}


def refusal(status: int, kind: str, reason: str = "no") -> Answer:
    """An error as Elasticsearch words it."""
    error = {"type": kind, "reason": reason}
    return status, PRODUCT, orjson.dumps({"error": {**error, "root_cause": [error]}, "status": status})


PROXY: Answer = (400, {"Content-Type": "text/html"}, b"<h1>The plain HTTP request was sent to HTTPS port</h1>")
LOGIN: Answer = (200, {"Content-Type": "text/html"}, b"<h1>Log in</h1>")


class Front:
    """Passes requests on to `node`, but answers those whose path ends with a key of `answers` by itself."""

    def __init__(self, node: str, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []  # paths, in order
        self._node = urlsplit(node)

    def reply(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        path = urlsplit(target).path
        self.asked.append(path)
        for end, answer in self.answers.items():
            if path.endswith(end):
                return answer
        with closing(http.client.HTTPConnection(self._node.hostname or "", self._node.port, timeout=30)) as node:
            node.request(method, target, body, {name: headers[name] for name in headers if name not in OWN})
            got = node.getresponse()
            return got.status, {name: got.headers[name] for name in PRODUCT if name in got.headers}, got.read()


@contextmanager
def front_of(node: str) -> Iterator[Front]:
    """A front of the node at this URL, on a free port, for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer

        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, body = before.reply(self.command, self.path, dict(self.headers), sent)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - the base class's names

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False  # connections that are kept alive
        before = Front(node, server.server_port)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield before
        finally:
            server.shutdown()
            thread.join(10)
