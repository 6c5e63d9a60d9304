"""The local stack's Elasticsearch: one stock node, of the official jars and our plugins, on loopback only."""

from __future__ import annotations

import http.client
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from worker.local.archive import make_archive
from worker.local.program import Program, java, one_at_a_time

CLUSTER = "kawat"
HEALTH_TIMEOUT = 2  # seconds
# What Elasticsearch's own jvm.options give Java 23 and later, for Lucene's memory-mapped files.
MAPPED_FILES = (
    "-XX:CompileCommand=quiet",
    "-XX:CompileCommand=dontinline,java/lang/invoke/MethodHandle.setAsTypeCache",
    "-XX:CompileCommand=dontinline,java/lang/invoke/MethodHandle.asTypeUncached",
    "-Dorg.apache.lucene.store.defaultReadAdvice=normal",
    "-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1",
)
# Java 25 keeps some glue code in the archive under hashes that collide: it notices, warns, and makes that code anew.
QUIET_ARCHIVE = ("-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTAdapterCaching", "-XX:-AOTStubCaching")
LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""

Say = Callable[[str], None]


@dataclass(frozen=True)
class ElasticsearchNode:
    """One node. `home` holds what is its own (data, config, snapshots), `programs` what nodes share (jars, classes).

    `heap` as Java writes it (512m, 1g). Below `flood_stage_bytes` of free disk it refuses writes until there is more.
    """

    home: Path
    port: int
    heap: str = "1g"
    flood_stage_bytes: int = 1_000_000_000
    programs: Path | None = None  # None: a folder of that name beside home

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def program(self) -> Program:
        """What runs."""
        return Program((self.programs or self.home.parent / "programs").resolve())

    def prepare(self, say: Say) -> None:
        """All that `command` needs: a minute and 47 MB of downloads the first time, 0.1 s later. Raises SetupError."""
        self.program.prepare(say)
        with one_at_a_time(self.program.programs / ".lock", say):
            make_archive(self._archive, self._elsewhere, say)
        self.configure()

    def command(self, *options: str) -> list[str]:
        """The program and its arguments; runs in the foreground, logs to stdout, stops cleanly on SIGTERM in under 5 s.

        `options` go to Java.
        """
        options = (f"-XX:AOTCache={self._archive}", *QUIET_ARCHIVE, *options) if self._archive.exists() else options
        arguments = ("Node", str(self.program.folder), str(self.home / "config"))
        return [str(java()), *self._java_options(), *options, "-cp", self.program.classpath(), *arguments]

    def ready(self) -> bool:
        """Whether the cluster's health is yellow or green. Waits 2 s at most, never raises."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HEALTH_TIMEOUT)
        try:
            connection.request("GET", "/_cluster/health")
            health = json.loads(connection.getresponse().read(100_000))
            return health["cluster_name"] == CLUSTER and health["status"] in {"yellow", "green"}
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            return False
        finally:
            connection.close()

    def configure(self) -> None:
        """Writes the node's folders and configuration anew."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.rmtree(self.home / "tmp", ignore_errors=True)
        for folder in ("config", "data", "logs", "snapshots", "tmp"):
            (self.home / folder).mkdir(exist_ok=True)
        disk = "cluster.routing.allocation.disk"
        options = {
            "cluster.name": CLUSTER,
            "node.name": CLUSTER,
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            "http.port": self.port,
            "transport.port": "0",  # nobody connects to it: any free port
            "path.data": str(self.home / "data"),
            "path.logs": str(self.home / "logs"),
            "path.repo": str(self.home / "snapshots"),
            "action.auto_create_index": "false",  # a write to a name nobody set up is a mistake
            # Bytes: the last 10 % of a large disk are plenty. Without thresholds a full disk takes the node down.
            f"{disk}.threshold_enabled": "true",
            f"{disk}.watermark.low": f"{self.flood_stage_bytes * 2}b",
            f"{disk}.watermark.high": f"{self.flood_stage_bytes * 3 // 2}b",
            f"{disk}.watermark.flood_stage": f"{self.flood_stage_bytes}b",
            "cluster.info.update.interval": "10s",  # the least there is: how soon a full disk is seen, and its end
        }
        (self.home / "config" / "elasticsearch.yml").write_text(json.dumps(options, indent=1) + "\n")  # JSON is YAML
        (self.home / "config" / "log4j2.properties").write_text(LOGGING)

    def _elsewhere(self, home: Path, port: int) -> ElasticsearchNode:
        return replace(self, home=home, port=port, programs=self.program.programs)

    @property
    def _archive(self) -> Path:
        return self.program.folder / "node.aot"

    def _java_options(self) -> list[str]:
        return [
            f"-Xms{self.heap}",
            f"-Xmx{self.heap}",
            "-XX:+UseTransparentHugePages",  # a fifteenth less processor time a search; Linux may say no, Java goes on
            "-XX:+ExitOnOutOfMemoryError",  # the supervisor starts it anew; half a node would go on answering
            f"-XX:ErrorFile={self.home / 'logs' / 'java-crash-%p.log'}",
            f"-Djava.io.tmpdir={self.home / 'tmp'}",
            *MAPPED_FILES,
            "-Djava.awt.headless=true",
            "-Dlog4j2.disable.jmx=true",
            "-Dlog4j.shutdownHookEnabled=false",  # the node logs its own end
            "-Dio.netty.noUnsafe=true",
            "-Dio.netty.recycler.maxCapacityPerThread=0",
            "--add-modules=jdk.net,jdk.management.agent",
            "--enable-native-access=ALL-UNNAMED",
        ]
