"""The newsroom as a process, and the bad habits it can show."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import feedparser
import httpx
import pytest

from tests.newsroom import Newsroom, hostile
from tests.newsroom.control import NewsroomClient

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def process(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A newsroom process and its URL, read from its one line."""
    command = [sys.executable, "-m", "tests.newsroom", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            assert line.startswith("newsroom ready on http://127.0.0.1:"), line
            yield running, line.split()[3].rstrip(":")
        finally:
            running.kill()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_sample_source_says_one_line_and_ends_cleanly(ending: signal.Signals) -> None:
    with process("sample") as (running, url):
        assert len(feedparser.parse(httpx.get(f"{url}/rss.xml", trust_env=False).content).entries) >= 13
        assert httpx.get(f"{url}/__newsroom__/stats", trust_env=False).status_code == 404
        running.send_signal(ending)
        out, err = running.communicate(timeout=10)
        assert (running.returncode, out, err) == (0, "", "")


def test_a_taken_port_ends_with_a_message_and_no_traceback() -> None:
    with Newsroom() as newsroom:
        done = subprocess.run(
            [sys.executable, "-m", "tests.newsroom", "sample", "--port", str(newsroom.port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert str(newsroom.port) in done.stderr
    assert "Traceback" not in done.stderr


def test_another_process_drives_it() -> None:
    with process("generate", "--articles", "4", "--feeds", "2", "--hold", "--control") as (_, url):
        client = NewsroomClient(url)
        stats = client.get("stats")
        assert (stats["pages"], stats["held"], set(stats["feeds"])) == (4, 4, {"kabar-1", "kabar-2"})
        assert len(client.post("release", count=3)["urls"]) == 3
        feed = client.post("add_feed", name="kilat", format="json1")["url"]
        article = {
            "slug": "satu",
            "title": "Judul",
            "body": ["Isi pertama.", "Isi kedua."],
            "published": "2024-05-06T07:08:09+07:00",
        }
        page = client.post("publish", feed="kilat", article=article)["url"]
        client.post("change", url=page, title="Judul baru")
        assert httpx.get(feed, trust_env=False).json()["items"][0]["title"] == "Judul baru"
        client.post("fail", path=page, status=503, times=1)
        assert [httpx.get(page, trust_env=False).status_code for _ in range(2)] == [503, 200]
        client.post("generate", feed="kilat", count=5, seed=9, languages=["en"], per_second=100)
        deadline = time.monotonic() + 60
        while client.get("stats")["left"] and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(client.get("published")["published"]) == 5
        assert client.get("requests")["requests"][0]["path"] == "/feeds/kilat.json"
        assert client.get("stats")["by_status"] == {"200": 2, "503": 1}


@pytest.mark.parametrize(
    ("call", "values", "message"),
    [
        ("publish", {"feed": "lain", "article": {"slug": "a", "title": "b"}}, "there is no feed 'lain'"),
        ("publish", {"feed": "kabar-1", "article": {"slug": "a", "judul": "b"}}, "judul"),
        ("terbitkan", {}, "no such call; there are .*publish"),
        ("start", {}, "no such call"),
    ],
)
def test_a_call_that_cannot_be_done_is_explained(call: str, values: dict[str, object], message: str) -> None:
    with Newsroom(control=True) as newsroom:
        newsroom.add_feed("kabar-1")
        with pytest.raises(RuntimeError, match=message):
            NewsroomClient(newsroom.url).post(call, **values)


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom() as running:
        yield running


def test_a_slow_drip_drips(newsroom: Newsroom) -> None:
    url = newsroom.serve("/tetes", hostile.slow_drip(b"abcdef", 2, 0.05))
    started = time.monotonic()
    assert httpx.get(url, trust_env=False).content == b"abcdef"
    assert time.monotonic() - started >= 0.1


def test_a_bomb_is_small_on_the_way_and_large_unpacked(newsroom: Newsroom) -> None:
    url = newsroom.serve("/bom", hostile.gzip_bomb(20_000_000))
    with httpx.stream("GET", url, trust_env=False) as response:
        packed = b"".join(response.iter_raw())
    assert len(packed) < 40_000
    assert len(zlib.decompress(packed, wbits=31)) == 20_000_000


def test_an_endless_body_goes_on_and_leaves_others_their_turn(newsroom: Newsroom) -> None:
    endless = newsroom.serve("/tanpa-akhir", hostile.endless_body())
    feed = newsroom.add_feed("dunia")
    with httpx.stream("GET", endless, trust_env=False) as response:
        taken = 0
        for piece in response.iter_raw():
            taken += len(piece)
            if taken > 5_000_000:
                break
        assert httpx.get(feed, trust_env=False).status_code == 200


def test_a_redirect_loop_never_ends(newsroom: Newsroom) -> None:
    url = newsroom.serve("/putar", hostile.redirect_loop("/putar"))
    with pytest.raises(httpx.TooManyRedirects):
        httpx.get(url, follow_redirects=True, trust_env=False)


def test_a_promised_length_that_does_not_come_is_an_error_for_the_client(newsroom: Newsroom) -> None:
    url = newsroom.serve("/putus", hostile.cut_short(b"separuh"))
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url, trust_env=False)
    with pytest.raises(zlib.error):
        zlib.decompress(httpx.get(newsroom.serve("/gzip", hostile.broken_gzip(b"x" * 999))).read(), wbits=31)


def test_a_silent_server_does_not_hold_up_its_own_end(newsroom: Newsroom) -> None:
    url = newsroom.serve("/diam", hostile.never_answers())
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(url, timeout=0.2, trust_env=False)
    ended: list[httpx.HTTPError] = []

    def wait() -> None:
        try:
            httpx.get(url, timeout=30, trust_env=False)
        except httpx.HTTPError as error:
            ended.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    deadline = time.monotonic() + 60
    while len(newsroom.requests()) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    newsroom.stop()
    waiting.join(5)
    assert len(ended) == 1
    assert not isinstance(ended[0], httpx.TimeoutException)
    newsroom.start()  # the fixture stops it once more


def test_other_bad_habits_are_what_they_claim(newsroom: Newsroom) -> None:
    def body(answer: object, path: str = "/x") -> bytes:
        return httpx.get(newsroom.serve(path, answer), trust_env=False).content  # type: ignore[arg-type]  # an Answer

    assert body(hostile.wrong_charset("Привет")).decode("windows-1251") == "Привет"
    assert b"\0" in body(hostile.nul_bytes())
    assert set(body(hostile.binary_body())) == set(range(256))
    assert len(feedparser.parse(body(hostile.feed_with(1234))).entries) == 1234
    laughs = body(hostile.billion_laughs())
    assert len(laughs) < 2000
    assert laughs.count(b"&t8;") == 10
    assert b'SYSTEM "file:///etc/hostname"' in body(hostile.external_entity())
    answer = httpx.get(newsroom.serve("/ke", hostile.redirect_to("http://169.254.169.254/", 307)), trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "http://169.254.169.254/")
