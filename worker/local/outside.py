"""What `kawat doctor` asks of others: the clock, the way out to the feeds, the services that run."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

from worker.local.background import Background
from worker.local.doctor import Check, before_start
from worker.local.errors import SetupError
from worker.local.lock import up_holder
from worker.settings import Settings

BOUND = 3.0  # seconds for each question
HOSTS = ("feeds.bbci.co.uk", "www.antaranews.com", "www.aljazeera.com")  # of deploy/feeds, each another network
FIRST_YEAR = 2026  # a clock before this program was written is wrong
CLOCK_WARN = 30.0  # seconds off: articles would seem to come from the future
REDIS_WANTED = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}


def check_clock(now: datetime, jump: float, off: float | None) -> Check:
    """`jump`: seconds by which wall and monotonic clock parted meanwhile; `off`: against another's clock, if any."""
    said = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    to_do = "set the clock, and let the system keep it (timedatectl set-ntp true)"
    if now.year < FIRST_YEAR:
        return Check(name="clock", state="fail", detail=f"{said} is in the past", to_do=to_do)
    if abs(jump) > 1:
        return Check(name="clock", state="warn", detail=f"{said}; it was set by {jump:+.1f} s just now", to_do=to_do)
    if off is None:
        return Check(name="clock", state="ok", detail=f"{said} (compared with nobody: no way out)")
    if abs(off) > CLOCK_WARN:
        return Check(name="clock", state="warn", detail=f"{said}, {off:+.0f} s off a web server's clock", to_do=to_do)
    return Check(name="clock", state="ok", detail=f"{said}, within {max(1, abs(off)):.0f} s of a web server's clock")


def check_way_out(reached: Sequence[str], tried: Sequence[str]) -> Check:
    """Whether feeds can be reached at all. Without a way out the sample site is read all the same."""
    if reached:
        return Check(name="way out", state="ok", detail=f"{len(reached)} of {len(tried)} feed hosts answer")
    return Check(
        name="way out",
        state="warn",
        detail=f"none of {', '.join(tried)} answers within {BOUND:.0f} s",
        to_do="the sample site works all the same; for real feeds, let this machine reach ports 80 and 443 outside",
    )


def reachable(hosts: Sequence[str], port: int = 443) -> list[str]:
    """Those that take a TCP connection within BOUND seconds, all asked at once."""

    def ask(host: str) -> bool:
        try:
            with socket.create_connection((host, port), timeout=BOUND):
                return True
        except OSError:
            return False

    deadline = time.monotonic() + BOUND + 0.5  # a name server that does not answer would take longer
    asked = {host: Background(partial(ask, host), f"way out to {host}") for host in hosts}
    return [host for host, asking in asked.items() if asking.wait(deadline - time.monotonic()) and asking.result()]


def seconds_off(host: str) -> float | None:
    """Our clock minus that of a web server (its Date header, whole seconds); None where it does not say."""
    import httpx

    try:
        answer = httpx.head(f"https://{host}/", timeout=BOUND, follow_redirects=False)
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (httpx.HTTPError, KeyError, ValueError):
        return None
    return (datetime.now(UTC) - theirs).total_seconds()


def look_outside(hosts: Sequence[str] = HOSTS) -> list[Check]:
    """Way out and clock."""
    wall, steady = time.time(), time.monotonic()
    reached = reachable(hosts)
    off = seconds_off(reached[0]) if reached else None
    jump = (time.time() - wall) - (time.monotonic() - steady)
    return [check_way_out(reached, hosts), check_clock(datetime.now(UTC), jump, off)]


def examine(settings: Settings) -> list[Check]:
    """All that `kawat doctor` looks at. What the running stack itself takes (ports, memory) is no fault."""
    up = up_holder(settings.state) is not None
    checks = before_start(settings)
    if up:
        checks = [check for check in checks if not check.name.startswith("port ") and check.name != "memory"]
        checks.append(Check(name="stack", state="ok", detail="kawat up is running"))
    return [*checks, *look_outside(), *check_services(settings, up=up)]


def check_services(settings: Settings, *, up: bool) -> list[Check]:
    """The services in force. `up`: the local stack runs, so its own services must answer."""
    return [check_elasticsearch(settings, up=up), *check_redis(settings, up=up)]


def check_elasticsearch(settings: Settings, *, up: bool) -> Check:
    """Version and health. The local node has no handler for `GET /`, so the version comes from `_nodes`."""
    import httpx

    name, url = "elasticsearch", settings.elasticsearch
    if not (up or settings.elasticsearch_url):
        return Check(name=name, state="ok", detail="not running; `kawat up` starts it")
    key = settings.elasticsearch_api_key
    headers = {"Authorization": f"ApiKey {key.get_secret_value()}"} if key else {}
    to_do = "see KAWAT_ELASTICSEARCH_URL" if settings.elasticsearch_url else "see .kawat/logs/elasticsearch.log"
    try:
        # As the real client does: past a proxy that the environment names, so that the key goes to the cluster alone.
        with httpx.Client(base_url=url, headers=headers, timeout=BOUND, trust_env=False) as client:
            health = client.get("/_cluster/health").raise_for_status().json()
            nodes = client.get("/_nodes", params={"filter_path": "nodes.*.version"}).raise_for_status().json()["nodes"]
        versions = ", ".join(sorted({node["version"] for node in nodes.values()}))
        detail = f"{versions}, {len(nodes)} node{'s' * (len(nodes) != 1)}, health {health['status']}"
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        return Check(name=name, state="fail", detail=f"no good answer: {type(error).__name__} {error}", to_do=to_do)
    if health["status"] == "red":
        return Check(name=name, state="fail", detail=detail, to_do=to_do)
    return Check(name=name, state="ok", detail=detail)


def check_redis(settings: Settings, *, up: bool) -> list[Check]:
    """Version, and the three settings without which acknowledged work can be lost."""
    import redis

    from worker.valkey import local_socket

    name = "valkey"
    if not (up or settings.redis_url):
        return [Check(name=name, state="ok", detail="not running; `kawat up` starts it")]
    bounds = {"socket_timeout": BOUND, "socket_connect_timeout": BOUND}
    client = redis.Redis.from_url(settings.redis, **bounds, **local_socket(settings))
    try:
        with client:
            info = client.info("server")
            found = {key: _text(client.config_get(key)) for key in REDIS_WANTED}
    except SetupError as error:
        return [Check(name=name, state="fail", detail=f"{error.what}: {error.where}", to_do=error.to_do)]
    except redis.RedisError as error:
        to_do = "see KAWAT_REDIS_URL" if settings.redis_url else "see .kawat/logs/valkey.log"
        return [Check(name=name, state="fail", detail=f"no good answer: {type(error).__name__} {error}", to_do=to_do)]
    version = info.get("valkey_version") or info.get("redis_version", "?")
    wrong = [f"{key} is {found[key]!r}, not {want!r}" for key, want in REDIS_WANTED.items() if found[key] != want]
    if not wrong:
        said = ", ".join(f"{key} {value}" for key, value in found.items())
        return [Check(name=name, state="ok", detail=f"{version}, {said}")]
    to_do = "; ".join(f"CONFIG SET {key} {want}" for key, want in REDIS_WANTED.items() if found[key] != want)
    detail = f"{version}: {'; '.join(wrong)}: acknowledged work can be lost"
    return [Check(name=name, state="fail", detail=detail, to_do=f"{to_do} (and in its configuration file)")]


def _text(answer: object) -> str:
    """The one value in an answer of CONFIG GET, whichever of redis-py's shapes it has."""
    if isinstance(answer, dict) and answer:
        value = next(iter(answer.values()))
        return value.decode() if isinstance(value, bytes) else str(value)
    return ""
