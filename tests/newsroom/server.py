"""A small HTTP/1.1 server for bytes that are ready: one event loop in one thread.

It is small so that it stays small beside what is measured: a request is parsed by hand, a response is one write of
bytes kept in memory. What to answer is somebody else's: a function from Request to Response.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from tests.newsroom.log import RequestLog
from tests.newsroom.messages import Answer, Request, Response, as_seen, response_head

__all__ = ["Answer", "PortTakenError", "Request", "Response", "Server"]

HEAD_LIMIT = 65_536
BODY_LIMIT = 64_000_000  # what the control API takes in one request
SEND_BUFFER = 1_048_576  # a whole compressed page goes into the socket at once
PORT_TRIES = 20  # a free port on 127.0.0.1 may be taken on 127.0.0.2


class PortTakenError(OSError):
    """The port is in use; the message says what to do."""


class _Connection(asyncio.Protocol):
    """One client. Requests are answered in order; while a slow answer runs, later ones wait in the buffer."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.buffer = bytearray()
        self.task: asyncio.Task[None] | None = None
        self.writable = asyncio.Event()
        self.writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        peer = transport.get_extra_info("peername")
        self.peer = f"{peer[0]}:{peer[1]}"
        self.server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.connections.discard(self)
        self.writable.set()
        if self.task is not None:
            self.task.cancel()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.task is None:
            self._advance()

    def _advance(self) -> None:
        while not self.transport.is_closing():
            request = self._next()
            if request is None:
                return
            response = self._answered(request)
            wish = request.headers.get("connection", "").lower()
            close = response.close or wish == "close" or (request.http10 and wish != "keep-alive")
            if response.logged:
                size = len(response.body) if isinstance(response.body, bytes) else 0
                self.server.log.begin(as_seen(request, response.status), size)
            if response.delay or not isinstance(response.body, bytes):
                self.task = asyncio.get_running_loop().create_task(self._later(request, response, close))
                return
            self._send(request, response, response.body, close)
            if response.logged:
                self.server.log.end(request.host)

    def _answered(self, request: Request) -> Response:
        try:
            return self.server.answer(request)
        except Exception:  # noqa: BLE001 — a fault of ours must be seen by the test, not hang its client
            fault = traceback.format_exc()
            sys.stderr.write(fault)
            return Response(500, (("Content-Type", "text/plain; charset=utf-8"),), fault.encode())

    def _send(self, request: Request, response: Response, body: bytes, close: bool) -> None:
        head = response_head(response, len(body), close)
        self.transport.write(head if request.method == "HEAD" else head + body)
        if close:
            self.transport.close()

    async def _later(self, request: Request, response: Response, close: bool) -> None:
        try:
            await asyncio.sleep(response.delay)
            if isinstance(response.body, bytes):
                self._send(request, response, response.body, close)
            else:
                await self._stream(request, response, response.body, close)
        finally:
            self.task = None
            if response.logged:
                self.server.log.end(request.host)
        self._advance()

    async def _stream(
        self, request: Request, response: Response, body: Callable[[], AsyncIterator[bytes]], close: bool
    ) -> None:
        chunked = not any(name.lower() == "content-length" for name, _ in response.headers)
        self.transport.write(response_head(response, None, close))
        if request.method != "HEAD":
            async for piece in body():
                self.transport.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                await self.writable.wait()
                if self.transport.is_closing():
                    return
            if chunked:
                self.transport.write(b"0\r\n\r\n")
        if close:
            self.transport.close()

    def _next(self) -> Request | None:
        """The next whole request in the buffer, or None; what cannot be one closes the connection."""
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self.buffer) > HEAD_LIMIT:
                self.transport.abort()
            return None
        first, *rest = bytes(self.buffer[:end]).decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        words = first.split(" ")
        length = headers.get("content-length", "0")
        if len(words) != 3 or not length.isdecimal() or int(length) > BODY_LIMIT:
            self.transport.abort()
            return None
        stop = end + 4 + int(length)
        if len(self.buffer) < stop:
            return None
        body = bytes(self.buffer[end + 4 : stop])
        del self.buffer[:stop]
        return Request(words[0], words[1], headers, body, self.peer, words[2] == "HTTP/1.0")


@dataclass
class Server:
    """Listens on `hosts` (loopback addresses), all with one port; `port` 0 finds a free one. Start once."""

    answer: Answer
    log: RequestLog
    hosts: tuple[str, ...] = ("127.0.0.1",)
    port: int = 0
    connections: set[_Connection] = field(default_factory=set)

    def start(self) -> None:
        """Bind (here, so that a taken port is the caller's PortTakenError) and serve in a background thread."""
        sockets = self._bind()
        self.port = sockets[0].getsockname()[1]
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(sockets, ready), name="newsroom", daemon=True)
        self._thread.start()
        ready.wait()

    def stop(self) -> None:
        """Close every connection and listening socket; returns when the thread has ended."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def _bind(self) -> list[socket.socket]:
        for _ in range(PORT_TRIES if not self.port else 1):
            sockets: list[socket.socket] = []
            try:
                for host in self.hosts:
                    port = sockets[0].getsockname()[1] if sockets else self.port
                    sockets.append(socket.create_server((host, port), backlog=512))
            except OSError as error:
                for taken in sockets:
                    taken.close()
                fault = f"cannot listen on {host} port {port}: {error.strerror}; choose another port"
            else:
                return sockets
        raise PortTakenError(fault)

    def _run(self, sockets: list[socket.socket], ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve(sockets, ready))

    async def _serve(self, sockets: list[socket.socket], ready: threading.Event) -> None:
        self._stopping = asyncio.Event()
        servers = [await self._loop.create_server(lambda: _Connection(self), sock=each) for each in sockets]
        ready.set()
        await self._stopping.wait()
        for server in servers:
            server.close()
        tasks = [each.task for each in self.connections if each.task is not None]
        for connection in list(self.connections):
            connection.transport.abort()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets connection_lost run
