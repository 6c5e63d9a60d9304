"""A webhook receiver under control: it fails, refuses or hangs as told, and remembers every request to the byte."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True)
class Got:
    """One request that was read whole. `status`: what it was answered; None: nothing, it was left hanging."""

    path: str
    key: str
    body: bytes
    headers: Mapping[str, str]
    at: float
    status: int | None


@dataclass
class Receiver:
    """`answer(path)` says how each request ends: a status, with headers; or "hang". 200 for all unless told."""

    answer: Callable[[str], int | str | tuple[int, Mapping[str, str]]] = lambda _: 200
    got: list[Got] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)  # what was asked by GET
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = receiver.answer(self.path)
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                hangs = not isinstance(status, int)
                key = self.headers.get("Idempotency-Key", "")
                got = Got(self.path, key, body, dict(self.headers), time.time(), None if hangs else int(status))
                receiver.got.append(got)
                if hangs:
                    receiver.released.wait(120)
                    self.close_connection = True
                    return
                self.send_response(int(status))
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def do_GET(self) -> None:
                receiver.pings.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                pass  # whoever asked has hung up

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, name="receiver", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str, scheme: str = "webhook+http") -> str:
        """The address of a channel that ends here."""
        return f"{scheme}://127.0.0.1:{self._server.server_address[1]}{path}"

    def arrived(self, path: str) -> dict[str, set[bytes]]:
        """Bodies by idempotency key, of what was answered 2xx."""
        found: dict[str, set[bytes]] = {}
        for got in list(self.got):
            if got.path == path and got.status is not None and 200 <= got.status < 300:
                found.setdefault(got.key, set()).add(got.body)
        return found

    def keys_with_two_bodies(self) -> list[str]:
        """Of all requests, answered or not: this must be empty, always."""
        pairs = {(got.key, got.body) for got in list(self.got)}
        return [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]


def failing(share: float, seed: int = 1, status: int = 500) -> Callable[[], int]:
    """A status that says trouble in `share` of the calls, else 200."""
    luck, lock = random.Random(seed), threading.Lock()

    def draw() -> int:
        with lock:
            return status if luck.random() < share else 200

    return draw
