"""The fetcher against a small server on loopback, and against addresses it must not enter."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingest.errors import Forbidden, Gone, HostBusy, HostUnreachable, IngestError, Permanent, Refused
from ingest.fetch import HttpFetcher
from ingest.statuses import retry_after
from ingest.urls import fetchable_url

LIMIT = 100_000
Answer = Callable[[BaseHTTPRequestHandler], None]


class Site(ThreadingHTTPServer):
    """Answers each path by a function; keeps each request's headers and the client ports it came from."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer] = {}
        self.requests: list[dict[str, str]] = []
        self.clients: set[int] = set()
        self.released = threading.Event()  # ends the answers that wait

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # clients that break off are what is tested


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written apart: each would wait 40 ms for the other
    server: Site

    def do_GET(self) -> None:
        self.server.requests.append(
            {"path": self.path, **{name.lower(): value for name, value in self.headers.items()}}
        )
        self.server.clients.add(self.client_address[1])
        self.server.answers[self.path.partition("?")[0]](self)

    def log_message(self, format: str, *args: object) -> None:
        pass


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    def give(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if status != 304:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return give


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fetcher(site: Site) -> Iterator[HttpFetcher]:
    with HttpFetcher("Kawat/test", 10, LIMIT, frozenset({f"127.0.0.1:{site.server_port}"})) as one:
        yield one


def test_a_page_comes_with_what_its_server_says_of_it(site: Site, fetcher: HttpFetcher) -> None:
    site.answers["/a"] = answer(
        body=b"<p>Halo</p>",
        Content_Type="text/html; charset=utf-8",
        ETag='"v1"',
        Last_Modified="Mon, 05 Jun 2023 03:00:00 GMT",
        Cache_Control="public, max-age=300",
    )
    got = fetcher.get(site.base + "/a#part")
    assert (got.url, got.status, got.body) == (site.base + "/a", 200, b"<p>Halo</p>")
    assert (got.content_type, got.etag, got.max_age) == ("text/html; charset=utf-8", '"v1"', 300)
    assert got.last_modified == "Mon, 05 Jun 2023 03:00:00 GMT"
    assert got.permanent_url is None
    assert not got.not_modified
    sent = site.requests[0]
    assert sent["user-agent"] == "Kawat/test"
    assert sent["accept-encoding"] == "gzip, deflate"
    assert sent["host"] == f"127.0.0.1:{site.server_port}"
    assert "authorization" not in sent
    assert "cookie" not in sent


def test_an_unchanged_feed_costs_a_304(site: Site, fetcher: HttpFetcher) -> None:
    site.answers["/feed"] = answer(304, ETag='"v1"')
    got = fetcher.get(site.base + "/feed", etag='"v1"', last_modified="Mon, 05 Jun 2023 03:00:00 GMT")
    assert got.not_modified
    assert got.body == b""
    assert site.requests[0]["if-none-match"] == '"v1"'
    assert site.requests[0]["if-modified-since"] == "Mon, 05 Jun 2023 03:00:00 GMT"
    with pytest.raises(HostUnreachable, match="304"):
        fetcher.get(site.base + "/feed")


def test_validators_cannot_smuggle_in_a_header(site: Site, fetcher: HttpFetcher) -> None:
    site.answers["/a"] = answer(body=b"x")
    fetcher.get(site.base + "/a", etag='"v"\r\nX-Evil: 1')
    assert "x-evil" not in site.requests[0]


def test_one_connection_serves_many_requests(site: Site, fetcher: HttpFetcher) -> None:
    site.answers |= {
        "/a": answer(body=b"x"),
        "/gone": answer(404, b"no"),
        "/r": answer(302, b"moved", Location="/a"),
        "/n": answer(304),
    }
    for _ in range(3):
        fetcher.get(site.base + "/a")
        fetcher.get(site.base + "/r")
        fetcher.get(site.base + "/n", etag="x")
        with pytest.raises(Gone):
            fetcher.get(site.base + "/gone")
    assert len(site.clients) == 1


def test_a_kept_connection_that_the_server_closed_is_replaced(site: Site, fetcher: HttpFetcher) -> None:
    def give_and_close(handler: BaseHTTPRequestHandler) -> None:
        answer(body=b"x")(handler)  # no Connection: close: the client cannot know
        handler.close_connection = True

    site.answers["/a"] = give_and_close
    for _ in range(20):
        assert fetcher.get(site.base + "/a").body == b"x"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, Gone),
        (410, Gone),
        (401, Forbidden),
        (402, Forbidden),
        (403, Forbidden),
        (451, Forbidden),
        (400, Permanent),
        (418, Permanent),
        (204, Permanent),
        (500, HostUnreachable),
        (502, HostUnreachable),
        (522, HostUnreachable),
        (408, HostUnreachable),
        (429, HostBusy),
        (503, HostBusy),
        (202, HostBusy),
    ],
)
def test_each_status_has_its_meaning(site: Site, fetcher: HttpFetcher, status: int, error: type[IngestError]) -> None:
    site.answers["/a"] = answer(status)
    with pytest.raises(error) as raised:
        fetcher.get(site.base + "/a")
    assert type(raised.value) is error
    assert site.base + "/a" in str(raised.value)
    assert str(status) in str(raised.value)


def test_a_busy_host_says_how_long_in_either_form(site: Site, fetcher: HttpFetcher) -> None:
    site.answers["/seconds"] = answer(429, Retry_After="120")
    site.answers["/date"] = answer(
        503, Retry_After=format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    )
    site.answers["/nothing"] = answer(503)
    waits = []
    for path in ("/seconds", "/date", "/nothing"):
        with pytest.raises(HostBusy) as busy:
            fetcher.get(site.base + path)
        waits.append(busy.value.retry_after)
    assert waits[0] == 120
    assert waits[1] is not None
    assert 500 < waits[1] <= 600
    assert waits[2] is None


def test_a_retry_after_is_read_whatever_it_holds() -> None:
    present = datetime(2023, 6, 5, tzinfo=UTC)
    assert retry_after("Mon, 05 Jun 2023 00:01:00 GMT", present) == 60
    assert retry_after("Mon, 05 Jun 2000 00:01:00 GMT", present) == 0
    assert retry_after("999999999", present) == 7 * 86400
    assert retry_after("soon", present) is None
    assert retry_after("-5", present) is None


def test_redirects_are_followed_and_only_lasting_ones_move_the_feed(site: Site, fetcher: HttpFetcher) -> None:
    site.answers |= {
        "/old": answer(301, Location="/older?x=1"),
        "/older": answer(308, Location=site.base + "/new"),
        "/new": answer(body=b"here"),
        "/mixed": answer(301, Location="/for-now"),
        "/for-now": answer(302, Location="new"),
    }
    assert fetcher.get(site.base + "/old").permanent_url == site.base + "/new"
    mixed = fetcher.get(site.base + "/mixed")
    assert (mixed.url, mixed.permanent_url, mixed.body) == (site.base + "/new", None, b"here")


def test_each_redirect_is_asked_about_before_it_is_followed(site: Site, fetcher: HttpFetcher) -> None:
    """With the whole address; what the asked one raises comes out as it is, and nobody is sent a further request."""
    site.answers |= {
        "/a": answer(302, Location="b?x=1"),
        "/b": answer(301, Location=site.base + "/c"),
        "/c": answer(body=b"here"),
    }
    seen: list[tuple[str, int]] = []
    got = fetcher.get(site.base + "/a", on_redirect=lambda url: seen.append((url, len(site.requests))))
    assert got.body == b"here"
    assert seen == [(site.base + "/b?x=1", 1), (site.base + "/c", 2)]

    class NotNowError(Exception):
        pass

    def refuse(url: str) -> None:
        if url.endswith("/c"):
            raise NotNowError(url)

    site.requests.clear()
    with pytest.raises(NotNowError):
        fetcher.get(site.base + "/a", on_redirect=refuse)
    assert [request["path"] for request in site.requests] == ["/a", "/b?x=1"]
    assert fetcher.get(site.base + "/c").body == b"here"
    site.answers["/loop"] = answer(302, Location="/loop")
    seen.clear()
    with pytest.raises(Permanent, match="5 redirects"):
        fetcher.get(site.base + "/loop", on_redirect=lambda url: seen.append((url, 0)))
    assert len(seen) == 5, "a redirect that is not followed is not asked about"


def test_asking_about_a_redirect_may_fetch_and_wins_no_time(site: Site) -> None:
    """A robots.txt is read meanwhile, with a deadline of its own; the page's own stays what it was."""
    site.answers |= {
        "/a": answer(302, Location="/b"),
        "/robots.txt": answer(body=b"Allow: /"),
        "/b": lambda handler: (site.released.wait(0.5), answer(body=b"late")(handler))[1],
    }
    with HttpFetcher("Kawat/test", 0.8, LIMIT, frozenset({"127.0.0.1"})) as fetcher:

        def ask(url: str) -> None:
            site.released.wait(0.5)
            assert fetcher.get(site.base + "/robots.txt").body == b"Allow: /"

        with pytest.raises(HostUnreachable, match="within"):
            fetcher.get(site.base + "/a", on_redirect=ask)
        assert fetcher.get(site.base + "/b").body == b"late"


def test_a_redirect_loop_ends_after_five(site: Site, fetcher: HttpFetcher) -> None:
    site.answers["/loop"] = answer(302, Location="/loop")
    with pytest.raises(Permanent, match="5 redirects"):
        fetcher.get(site.base + "/loop")
    assert len(site.requests) == 6


@pytest.mark.parametrize("location", ["file:///etc/passwd", "javascript:alert(1)", "gopher://127.0.0.1/"])
def test_a_redirect_leads_to_the_web_only(site: Site, fetcher: HttpFetcher, location: str) -> None:
    site.answers["/a"] = answer(302, Location=location)
    with pytest.raises(Refused, match="http and https"):
        fetcher.get(site.base + "/a")


def test_a_redirect_to_a_private_address_is_refused(site: Site, fetcher: HttpFetcher) -> None:
    """The first host is allowed; another port of it, and a neighbour, are not."""
    with socket.create_server(("127.0.0.1", 0)) as inner:
        inner.setblocking(False)
        port = inner.getsockname()[1]
        for target in (
            f"http://127.0.0.1:{port}/",
            f"http://localhost:{port}/",
            f"http://2130706433:{port}/",
            f"http://[::ffff:127.0.0.1]:{port}/",
        ):
            site.answers["/a"] = answer(302, Location=target)
            with pytest.raises(Refused, match="not on the public internet") as refusal:
                fetcher.get(site.base + "/a")
            assert refusal.value.reason == "private-address"
        with pytest.raises(BlockingIOError):
            inner.accept()  # nobody knocked


def test_a_name_is_judged_by_all_its_addresses_and_resolved_once(site: Site) -> None:
    """DNS rebinding: public at first, private a moment later. What was judged is what is connected to."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return {"mixed.example": ["8.8.8.8", "10.0.0.1"], "rebound.example": ["127.0.0.1"]}[host]

    with HttpFetcher("Kawat/test", 5, LIMIT, resolver=resolver) as fetcher:
        for host in ("mixed.example", "rebound.example"):
            with pytest.raises(Refused, match="not on the public internet"):
                fetcher.get(f"http://{host}:{site.server_port}/")
    assert asked == ["mixed.example", "rebound.example"]
    with HttpFetcher("Kawat/test", 5, LIMIT, frozenset({"rebound.example"}), resolver=resolver) as fetcher:
        site.answers["/"] = answer(body=b"allowed by name")
        assert fetcher.get(f"http://rebound.example:{site.server_port}/").body == b"allowed by name"
    assert site.requests[0]["host"] == f"rebound.example:{site.server_port}"
    assert not site.requests[1:]


def test_the_environment_names_no_proxy(site: Site, fetcher: HttpFetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.answers["/a"] = answer(body=b"direct")
    with HttpFetcher("Kawat/test", 5, LIMIT, frozenset({"127.0.0.1"})) as fresh:
        assert fresh.get(site.base + "/a").body == b"direct"


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "identity", ""])
def test_bodies_come_decompressed(site: Site, fetcher: HttpFetcher, encoding: str) -> None:
    text = b"Berita " * 5000
    packings = {"gzip": gzip.compress(text), "x-gzip": gzip.compress(text), "deflate": zlib.compress(text)}
    packed = packings.get(encoding, text)
    site.answers["/a"] = answer(body=packed, Content_Encoding=encoding)
    assert fetcher.get(site.base + "/a").body == text


def test_compression_is_read_as_servers_really_do_it(site: Site, fetcher: HttpFetcher) -> None:
    text = b"Berita " * 5000
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    site.answers |= {
        "/members": answer(body=gzip.compress(text) + gzip.compress(text), Content_Encoding="gzip"),
        "/padded": answer(body=gzip.compress(text) + b"\0\0\0", Content_Encoding="gzip"),
        "/bare": answer(body=bare.compress(text) + bare.flush(), Content_Encoding="deflate"),
        "/not": answer(body=text, Content_Encoding="gzip"),
        "/empty": answer(body=b"", Content_Encoding="gzip"),
    }
    assert fetcher.get(site.base + "/members").body == text * 2
    for path in ("/padded", "/bare", "/not"):
        assert fetcher.get(site.base + path).body == text
    assert fetcher.get(site.base + "/empty").body == b""


def test_broken_or_unasked_compression_is_said(site: Site, fetcher: HttpFetcher) -> None:
    site.answers["/cut"] = answer(body=gzip.compress(b"Berita " * 5000)[:-20], Content_Encoding="gzip")
    site.answers["/br"] = answer(body=b"\x0b\x02\x80", Content_Encoding="br")
    site.answers["/twice"] = answer(body=b"x", Content_Encoding="gzip, gzip")
    with pytest.raises(HostUnreachable, match="broken"):
        fetcher.get(site.base + "/cut")
    for path in ("/br", "/twice"):
        with pytest.raises(Permanent, match="only gzip, deflate") as raised:
            fetcher.get(site.base + path)
        assert raised.value.reason == "encoding"


def test_a_bomb_is_refused_before_it_fills_the_memory(site: Site, fetcher: HttpFetcher) -> None:
    import tracemalloc

    bomb = gzip.compress(b"\0" * 90_000_000)
    assert len(bomb) < LIMIT
    site.answers["/bomb"] = answer(body=bomb, Content_Encoding="gzip")
    tracemalloc.start()
    with pytest.raises(Refused, match="larger than 100,000 bytes") as refusal:
        fetcher.get(site.base + "/bomb")
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusal.value.reason == "too-large"
    assert peak < 5_000_000


def test_a_body_over_the_limit_is_refused_announced_or_not(site: Site, fetcher: HttpFetcher) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        while not site.released.is_set():
            handler.wfile.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")

    site.answers |= {
        "/announced": answer(body=b"x" * (LIMIT + 1)),
        "/endless": endless,
        "/just": answer(body=b"x" * LIMIT),
    }
    for path in ("/announced", "/endless"):
        with pytest.raises(Refused, match="KAWAT_PAGE_BYTES"):
            fetcher.get(site.base + path)
    assert len(fetcher.get(site.base + "/just").body) == LIMIT


@pytest.mark.parametrize("part", ["status", "headers", "body", "silence"])
def test_a_slow_drip_ends_at_the_deadline(site: Site, part: str) -> None:
    """A byte now and then keeps every single read alive: the deadline is for the whole."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        start = {"status": b"HTTP/1.1 2", "headers": b"HTTP/1.1 200 OK\r\nX: ", "silence": b""}
        handler.wfile.write(start.get(part, b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"))
        while not site.released.wait(0.05):
            if part != "silence":
                handler.wfile.write(b"0")

    site.answers["/drip"] = drip
    with HttpFetcher("Kawat/test", 0.5, LIMIT, frozenset({"127.0.0.1"})) as fetcher:
        started = time.monotonic()
        with pytest.raises(HostUnreachable, match=r"within 0\.5 s"):
            fetcher.get(site.base + "/drip")
        assert time.monotonic() - started < 60  # it would drip for ever


def test_the_deadline_holds_over_all_redirects_and_for_the_resolver(site: Site) -> None:
    site.answers["/hop"] = lambda handler: (site.released.wait(0.3), answer(302, Location="/hop")(handler))[1]
    with (
        HttpFetcher("Kawat/test", 0.7, LIMIT, frozenset({"127.0.0.1"})) as fetcher,
        pytest.raises(HostUnreachable, match="within"),
    ):
        fetcher.get(site.base + "/hop")

    def never(host: str, port: int) -> list[str]:
        site.released.wait(30)
        return []

    with (
        HttpFetcher("Kawat/test", 0.3, LIMIT, resolver=never) as fetcher,
        pytest.raises(HostUnreachable, match="within"),
    ):
        fetcher.get("http://slow-name.example/")


def test_a_host_that_cannot_be_reached_says_why(site: Site, fetcher: HttpFetcher) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with HttpFetcher("Kawat/test", 5, LIMIT, resolver=unknown) as lost, pytest.raises(HostUnreachable) as failure:
        lost.get("https://nowhere.example/")
    assert failure.value.reason == "dns"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with HttpFetcher("Kawat/test", 5, LIMIT, frozenset({"127.0.0.1"})) as other:
        with pytest.raises(HostUnreachable) as failure:
            other.get(f"http://127.0.0.1:{port}/")
        assert failure.value.reason == "refused"
        with pytest.raises(HostUnreachable) as failure:
            other.get(site.base.replace("http://", "https://") + "/")
        assert failure.value.reason == "tls"


def test_what_is_no_http_or_breaks_off_is_unreachable(site: Site, fetcher: HttpFetcher) -> None:
    def garbage(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        handler.close_connection = True

    def short(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        handler.close_connection = True

    site.answers |= {"/garbage": garbage, "/short": short}
    for path in ("/garbage", "/short"):
        with pytest.raises(HostUnreachable):
            fetcher.get(site.base + path)


def test_many_threads_share_one_fetcher(site: Site, fetcher: HttpFetcher) -> None:
    from concurrent.futures import ThreadPoolExecutor

    site.answers["/a"] = lambda handler: answer(body=handler.path.encode())(handler)
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda number: fetcher.get(f"{site.base}/a?n={number}").body, range(100)))
    assert bodies == [f"/a?n={number}".encode() for number in range(100)]


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n"])
def test_a_head_without_end_is_refused_for_good(site: Site, fetcher: HttpFetcher, start: bytes) -> None:
    """100 kB of it are read, however fast it comes, and asking again would bring the same."""

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        while not site.released.is_set():
            handler.wfile.write(b"X-Kepala: tanpa akhir\r\n" * 100)

    site.answers["/head"] = endless
    with pytest.raises(Refused, match="head without end") as refusal:
        fetcher.get(site.base + "/head")
    assert refusal.value.reason == "too-large"


def test_no_password_of_an_address_and_no_control_character_reaches_a_message() -> None:
    for url in ("http://u:geheim@[::1/", "http://u:geheim@a\u2100\x1b[2Jb.example/", "http://u:geheim@x:99999/"):
        with pytest.raises(Refused) as refusal:
            fetchable_url(url)
        assert "geheim" not in str(refusal.value)
        assert str(refusal.value).isprintable()
