"""The local stack's Elasticsearch and Valkey, as real processes."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import psutil
import pytest
import redis
from elasticsearch import ApiError, Elasticsearch

from tests.services import PROGRAMS, ElasticsearchHandle, ValkeyHandle
from worker.local.elasticsearch import ElasticsearchNode
from worker.local.errors import SetupError
from worker.local.valkey import ValkeyServer
from worker.settings import PROJECT

pytestmark = pytest.mark.services

DISK = "cluster.routing.allocation.disk"
ONE_COPY = {"number_of_replicas": 0}


@pytest.fixture
def client(elasticsearch_node: ElasticsearchHandle) -> Iterator[Elasticsearch]:
    with closing(Elasticsearch(elasticsearch_node.url, request_timeout=60)) as made:
        yield made


def listening(pid: int) -> set[tuple[str, int]]:
    """Address and port of every TCP socket on which the process listens."""
    return {
        (each.laddr.ip, each.laddr.port)
        for each in psutil.Process(pid).net_connections("tcp")
        if each.status == psutil.CONN_LISTEN
    }


def answered(port: int, method: str, path: str, headers: list[tuple[str, str]], body: str = "") -> tuple[int, str]:
    """The status and text that the node gives to a request with exactly these headers (and the body's length)."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value.replace("PORT", str(port)))
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body.encode() or None)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def eventually(seconds: float, true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.1)


def linked(source: str, copy: str) -> str:
    """A copy that takes no room where the temporary folder is on the same file system."""
    try:
        os.link(source, copy)
    except OSError:
        shutil.copy2(source, copy)
    return copy


class TestElasticsearch:
    def test_an_index_survives_a_stop_which_takes_less_than_five_seconds(
        self, elasticsearch_node: ElasticsearchHandle, client: Elasticsearch, index_prefix: str
    ) -> None:
        index = f"{index_prefix}kept"
        client.indices.create(index=index, settings=ONE_COPY)
        client.index(index=index, id="1", document={"x": 1})
        assert elasticsearch_node.stop() < 5
        elasticsearch_node.start()
        assert client.get(index=index, id="1")["_source"] == {"x": 1}

    def test_acknowledged_documents_survive_sigkill(
        self, elasticsearch_node: ElasticsearchHandle, client: Elasticsearch, index_prefix: str
    ) -> None:
        index = f"{index_prefix}killed"
        client.indices.create(index=index, settings=ONE_COPY)
        for number in range(20):
            client.index(index=index, id=str(number), document={"x": number})
        elasticsearch_node.kill()
        elasticsearch_node.start()
        client.indices.refresh(index=index)
        assert client.count(index=index)["count"] == 20

    def test_it_listens_on_loopback_only(self, elasticsearch_node: ElasticsearchHandle) -> None:
        found = listening(elasticsearch_node.pid)
        assert elasticsearch_node.node.port in {port for _, port in found}
        assert {address.removeprefix("::ffff:") for address, _ in found} == {"127.0.0.1"}

    @pytest.mark.parametrize("host", ["127.0.0.1:PORT", "localhost:PORT", "LocalHost:PORT", "[::1]:PORT"])
    def test_it_answers_under_its_own_names(self, elasticsearch_node: ElasticsearchHandle, host: str) -> None:
        """So too when an operator types its address into a browser."""
        headers = [("Host", host), ("Sec-Fetch-Site", "none")]
        status, _ = answered(elasticsearch_node.node.port, "GET", "/_cluster/health", headers)
        assert status == 200

    @pytest.mark.parametrize(
        ("headers", "why"),
        [
            ([("Host", "rebound.example:PORT")], "rebound.example"),
            ([("Host", 'a"b.example:PORT')], 'a"b.example'),
            ([("Host", "127.0.0.1.rebound.example:PORT")], "rebound.example"),
            ([("Host", "127.0.0.1")], "Host"),
            ([("Host", "127.0.0.1:1")], "Host"),
            ([], "Host"),
            ([("Host", "127.0.0.1:PORT"), ("Host", "rebound.example")], "Host"),
            ([("Host", "127.0.0.1:PORT"), ("Origin", "https://news.example")], "Origin"),
            ([("Host", "127.0.0.1:PORT"), ("origin", "null")], "Origin"),
            ([("Host", "127.0.0.1:PORT"), ("Origin", "http://127.0.0.1:PORT")], "Origin"),
            ([("Host", "127.0.0.1:PORT"), ("Sec-Fetch-Site", "cross-site")], "Sec-Fetch-Site"),
            ([("Host", "127.0.0.1:PORT"), ("sec-fetch-site", "same-origin")], "Sec-Fetch-Site"),
        ],
    )
    def test_what_a_web_page_can_make_a_browser_send_is_refused_and_changes_nothing(
        self,
        elasticsearch_node: ElasticsearchHandle,
        client: Elasticsearch,
        index_prefix: str,
        headers: list[tuple[str, str]],
        why: str,
    ) -> None:
        index = f"{index_prefix}guarded"
        client.options(ignore_status=400).indices.create(index=index, settings=ONE_COPY)
        client.index(index=index, id="1", document={"x": 1}, refresh=True)
        bulk = [("Content-Type", "application/json")]
        line = f'{{"index":{{"_index":"{index}","_id":"2"}}}}\n{{"x":2}}\n'
        requests = [
            ("GET", f"/{index}/_search", headers, ""),
            ("POST", f"/{index}/_close", headers, ""),
            ("DELETE", f"/{index}", headers, ""),
            ("POST", "/_bulk?refresh=true", [*headers, *bulk], line * 2_000),
            ("GET", "/no/such/path?format=odd", headers, ""),
            ("OPTIONS", f"/{index}", headers, ""),
        ]
        for method, path, sent, body in requests:
            status, text = answered(elasticsearch_node.node.port, method, path, sent, body)
            assert status == 403, f"{method} {path}: {text}"
            answer = json.loads(text)
            assert answer["status"] == 403
            assert why in answer["error"]["reason"]
        state = client.cluster.state(metric="metadata", index=index)["metadata"]["indices"]
        assert state[index]["state"] == "open"
        assert client.count(index=index)["count"] == 1

    def test_its_watermarks_are_in_force_in_bytes(
        self, elasticsearch_node: ElasticsearchHandle, client: Elasticsearch
    ) -> None:
        answer = client.cluster.get_settings(include_defaults=True, flat_settings=True)
        values = {**answer["defaults"], **answer["persistent"], **answer["transient"]}
        flood = elasticsearch_node.node.flood_stage_bytes
        assert values[f"{DISK}.threshold_enabled"] == "true"
        assert values[f"{DISK}.watermark.flood_stage"] == f"{flood}b"
        assert values[f"{DISK}.watermark.high"] == f"{flood * 3 // 2}b"
        assert values[f"{DISK}.watermark.low"] == f"{flood * 2}b"

    def test_on_a_full_disk_it_refuses_writes_goes_on_searching_and_resumes_by_itself(
        self, elasticsearch_node: ElasticsearchHandle, client: Elasticsearch, index_prefix: str
    ) -> None:
        """The disk is full as far as the node can tell: its flood stage is set above what is free."""
        index = f"{index_prefix}full"
        client.indices.create(index=index, settings=ONE_COPY)
        client.index(index=index, id="1", document={"x": 1}, refresh=True)
        above = f"{shutil.disk_usage(elasticsearch_node.node.home).free * 2}b"
        names = [f"{DISK}.watermark.{stage}" for stage in ("low", "high", "flood_stage")]
        refusal: list[ApiError] = []

        def refused() -> bool:
            try:
                client.index(index=index, id="2", document={"x": 2})
            except ApiError as error:
                refusal[:] = [error]
                return True
            return False

        client.cluster.put_settings(transient=dict.fromkeys(names, above))
        try:
            eventually(40, refused, "a write is refused")
            assert client.count(index=index)["count"] >= 1
        finally:
            client.cluster.put_settings(transient=dict.fromkeys(names))
        assert refusal[0].status_code == 429
        assert refusal[0].error == "cluster_block_exception"
        eventually(40, lambda: not refused(), "writes go on")

    def test_a_write_to_an_index_that_nobody_set_up_is_refused(
        self, elasticsearch_node: ElasticsearchHandle, client: Elasticsearch, index_prefix: str
    ) -> None:
        with pytest.raises(ApiError, match="index_not_found_exception"):
            client.index(index=f"{index_prefix}typo", document={})

    def test_snapshots_can_be_taken_into_its_own_folder(
        self, elasticsearch_node: ElasticsearchHandle, client: Elasticsearch, index_prefix: str
    ) -> None:
        place = elasticsearch_node.node.home / "snapshots" / "test"
        client.snapshot.create_repository(name="test", body={"type": "fs", "settings": {"location": str(place)}})
        client.indices.create(index=f"{index_prefix}snap", settings=ONE_COPY)
        taken = client.snapshot.create(
            repository="test", snapshot="one", indices=f"{index_prefix}*", wait_for_completion=True
        )
        assert taken["snapshot"]["state"] == "SUCCESS"
        client.snapshot.delete(repository="test", snapshot="one")
        client.snapshot.delete_repository(name="test")

    def test_it_starts_from_the_archive(self, elasticsearch_node: ElasticsearchHandle) -> None:
        """Else each start takes twice as long: an archive that does not fit is left aside, with a warning."""
        (archive,) = [word for word in elasticsearch_node.node.command() if word.startswith("-XX:AOTCache=")]
        assert Path(archive.partition("=")[2]).stat().st_size > 10_000_000
        log = elasticsearch_node.log.read_text()
        assert "started {kawat}" in log
        assert "[aot" not in log
        assert "[cds" not in log


class TestElasticsearchSetUp:
    @pytest.fixture
    def programs(self, tmp_path: Path, elasticsearch_node: ElasticsearchHandle) -> Path:
        """A copy of the finished programs (links where nothing is changed), to be spoilt."""
        copy = tmp_path / "programs"
        shutil.copytree(PROGRAMS / "jars", copy / "jars", copy_function=linked)
        name = elasticsearch_node.node.program.folder.name
        shutil.copytree(PROGRAMS / name, copy / name, copy_function=linked, symlinks=True)
        return copy

    @pytest.fixture
    def node(self, tmp_path: Path, programs: Path) -> ElasticsearchNode:
        return ElasticsearchNode(tmp_path / "node", 9299, programs=programs)

    def test_a_finished_set_up_makes_nothing_anew_and_says_nothing(
        self, node: ElasticsearchNode, programs: Path
    ) -> None:
        said: list[str] = []
        node.prepare(said.append)
        before = {path: path.lstat().st_ino for path in programs.rglob("*")}
        node.prepare(said.append)
        assert {path: path.lstat().st_ino for path in programs.rglob("*")} == before, "something was made anew"
        assert said == []

    def test_a_tampered_jar_is_refused_by_name(self, node: ElasticsearchNode, programs: Path) -> None:
        jar = next((programs / "jars").glob("lucene-core-*.jar"))
        content = jar.read_bytes()
        jar.unlink()  # a link to the real one: not to be written through
        jar.write_bytes(content[:-1] + b"x")
        with pytest.raises(SetupError, match=jar.name) as refused:
            node.prepare(lambda _: None)
        assert str(jar) in refused.value.where
        assert "remove it" in refused.value.to_do

    def test_a_jar_that_is_not_listed_never_runs(self, node: ElasticsearchNode, programs: Path) -> None:
        (programs / "jars" / "evil.jar").write_bytes(b"PK")
        node.prepare(lambda _: None)
        assert "evil" not in " ".join(node.command())
        assert "/*" not in " ".join(node.command())

    def test_an_interrupted_set_up_is_done_anew(self, node: ElasticsearchNode) -> None:
        """Killed half way, the program stands under another name: nobody takes it for the finished one."""
        folder = node.program.folder
        shutil.rmtree(folder)
        half = folder.with_name(f"{folder.name}.unfinished")
        (half / "modules" / "transport-netty4").mkdir(parents=True)
        (half / "node.jar").write_bytes(b"half")
        said: list[str] = []
        node.program.prepare(said.append)
        assert any("Compiling" in line for line in said)
        assert (folder / "node.jar").read_bytes()[:2] == b"PK"
        assert (folder / "modules" / "language-analysis" / "language-analysis.jar").exists()
        assert (folder / "modules" / "transport-netty4" / "local-guard.jar").exists()
        assert not half.exists()

    def test_what_an_earlier_version_laid_out_is_removed_unless_it_was_in_use_lately(
        self, node: ElasticsearchNode, programs: Path
    ) -> None:
        old, recent = programs / "elasticsearch-9.0.0-0123456789", programs / "elasticsearch-9.1.0-0123456789"
        for folder, days in ((old, 2), (recent, 0)):
            folder.mkdir()
            then = time.time() - days * 86_400
            os.utime(folder, (then, then))
        shutil.rmtree(node.program.folder)
        node.program.prepare(lambda _: None)
        assert not old.exists()
        assert recent.exists()

    def test_another_port_heap_or_flood_stage_is_taken_up(self, node: ElasticsearchNode, programs: Path) -> None:
        node.prepare(lambda _: None)
        other = ElasticsearchNode(node.home, 9300, heap="256m", flood_stage_bytes=5, programs=programs)
        other.prepare(lambda _: None)
        written = (node.home / "config" / "elasticsearch.yml").read_text()
        assert '"http.port": 9300' in written
        assert '.flood_stage": "5b"' in written
        assert "-Xmx256m" in other.command()


class TestValkey:
    def test_no_acknowledged_write_is_lost_to_sigkill(self, fresh_valkey: Callable[[], ValkeyHandle]) -> None:
        valkey = fresh_valkey()
        acknowledged: list[int] = []

        def write() -> None:
            with closing(valkey.client()) as client, suppress(redis.ConnectionError):
                while True:
                    number = int(str(client.incr("counter")))
                    client.set(f"key:{number}", number)
                    acknowledged.append(number)

        def written(count: int) -> bool:
            return len(acknowledged) >= count

        for kill in range(1, 4):
            writer = threading.Thread(target=write)
            writer.start()
            eventually(20, partial(written, 300 * kill), "300 writes")
            valkey.kill()
            writer.join()
            valkey.start()
            with closing(valkey.client()) as client:
                assert client.exists(*(f"key:{number}" for number in acknowledged)) == len(acknowledged)
                assert int(str(client.incrby("counter", 0))) >= acknowledged[-1]

    def test_its_socket_and_folder_are_ours_alone_and_it_has_no_tcp_port(self, valkey: ValkeyHandle) -> None:
        assert stat.S_IMODE(valkey.socket.stat().st_mode) == 0o600
        assert stat.S_IMODE(valkey.server.folder.stat().st_mode) == 0o700
        assert listening(valkey.pid) == set()

    def test_it_is_set_up_to_lose_and_forget_nothing(self, valkey: ValkeyHandle) -> None:
        with closing(valkey.client()) as client:
            values = client.config_get("append*", "maxmemory*", "save")
        assert values["appendonly"] == "yes"
        assert values["appendfsync"] == "always"
        assert values["maxmemory-policy"] == "noeviction"
        assert values["save"] == ""

    @pytest.mark.parametrize(
        "command",
        [
            ("CONFIG", "SET", "dir", "/"),
            ("DEBUG", "SLEEP", "0"),
            ("MODULE", "LOAD", "/x.so"),
            ("REPLICAOF", "127.0.0.1", "1"),
        ],
    )
    def test_commands_that_reach_beyond_the_data_are_refused(
        self, valkey: ValkeyHandle, command: tuple[str, ...]
    ) -> None:
        with closing(valkey.client()) as client, pytest.raises(redis.ResponseError):
            client.execute_command(*command)  # type: ignore[no-untyped-call]

    def test_a_torn_end_of_the_append_only_file_does_not_stop_it(
        self, fresh_valkey: Callable[[], ValkeyHandle]
    ) -> None:
        valkey = fresh_valkey()
        with closing(valkey.client()) as client:
            client.set("a", 1)
            client.set("b", "x" * 1000)
        valkey.kill()
        file = next((valkey.server.folder / "appendonlydir").glob("*.incr.aof"))
        with file.open("r+b") as stream:
            stream.truncate(file.stat().st_size - 100)
        valkey.start()
        with closing(valkey.client()) as client:
            assert client.get("a") == b"1"

    def test_it_is_not_ready_before_it_answers(self, tmp_path: Path) -> None:
        server = ValkeyServer(tmp_path, tmp_path / "nothing.sock")
        assert server.ready() is False
        (tmp_path / "nothing.sock").write_text("a file")
        assert server.ready() is False

    def test_a_socket_path_that_is_too_long_is_said_to_be(self, tmp_path: Path) -> None:
        server = ValkeyServer(tmp_path, tmp_path / ("x" * 100) / "valkey.sock")
        with pytest.raises(SetupError, match="100 is the most"):
            server.prepare(print)

    def test_a_folder_that_is_a_link_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(SetupError, match="link"):
            ValkeyServer(tmp_path / "link", tmp_path / "link" / "v.sock").prepare(print)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent death signal is Linux only")
def test_a_service_ends_with_the_process_that_started_it_even_after_sigkill(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from tests.services import ValkeyHandle\n"
        "valkey = ValkeyHandle(Path(sys.argv[1])); valkey.start(); print(valkey.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        child = psutil.Process(int(starter.stdout.readline()))
        assert child.is_running()
        starter.kill()
    eventually(10, lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "the service ends")


def test_a_port_in_use_makes_the_node_end_and_not_linger(elasticsearch_node: ElasticsearchHandle) -> None:
    """So that whoever supervises it sees an ended process and the reason in its log."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        home = elasticsearch_node.node.home.parent / "second"
        node = ElasticsearchNode(home, port, heap="256m", programs=PROGRAMS)
        node.prepare(print)
        done = subprocess.run(node.command(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode not in {0, 143}
    assert "BindHttpException" in done.stdout + done.stderr
