"""Every setting, read from the environment as `KAWAT_…`, validated at start, listed by `kawat settings`."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from worker import addresses, spans

PREFIX = "KAWAT_"
PROJECT = Path(__file__).resolve().parent.parent  # the checkout: deploy/ stands there
MASK = "********"
PASSWORD_IN_URL = re.compile(r"(\b[a-zA-Z][\w+.-]*://[^\s/:]*:)[^\s/]+@")  # up to the last @ before a slash
URLS = ("elasticsearch_url", "redis_url")  # may hold a password
MAYBE_PASSWORD = re.compile(r"[@?#]|//[^/\[]*:[^/]*[^0-9/]")  # of a URL that was refused: also one without its host
LEAST_HEAP = 256  # MiB
SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes on Linux, 104 on BSD and macOS


class SettingsError(Exception):
    """A setting is wrong: the message says which, what it was, what to do."""


class Settings(BaseSettings):
    """What an operator can set. Sizes in bytes, times in seconds, unless a name says otherwise."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", ignored_types=(cached_property,))

    state_dir: Path = Field(Path(".kawat"), description="Where the local stack keeps its state and logs.")
    # services
    elasticsearch_url: str = Field("", description="Elasticsearch 8.19 or 9; empty: the local stack's own node.")
    elasticsearch_api_key: SecretStr | None = Field(None, description="API key, where the cluster wants one.")
    elasticsearch_port: int = Field(9200, ge=1024, le=65000, description="The local node's HTTP port (loopback only).")
    elasticsearch_heap: str = Field(
        "1g", pattern=r"^[0-9]{1,6}[mg]$", description="The local node's heap, e.g. 512m or 1g; at least 256m."
    )
    redis_url: str = Field("", description="Valkey or Redis; empty: the local stack's own, on a unix socket.")
    redis_prefix: str = Field("kawat:", description="Before every key of the ledger.")
    index_prefix: str = Field("", pattern=r"^[a-z0-9-]*$", description="Before every index name.")
    # the page
    page_port: int = Field(8000, ge=0, le=65535, description="The page's port (loopback only).")
    tz: str = Field("Asia/Jakarta", description="Time zone of the page, lists and exports.")
    # reading
    user_agent: str = Field(
        "Kawat/0.1 (news monitoring; see robots.txt rules for 'Kawat')", description="Sent with each request."
    )
    allow_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="host or host:port, comma-separated, that may be private addresses and have no host delay; "
        "every feed, page and redirect may then reach them.",
    )
    host_delay: float = Field(1.0, ge=0, le=3600, description="Seconds between two requests to one host.")
    revisit_sample: float = Field(0.05, ge=0, le=1, description="Share of the articles that are looked at again.")
    revisit_after: Annotated[tuple[str, ...], NoDecode] = Field(
        ("1h", "6h", "1d", "3d"),
        description="How long after an article was first seen it is looked at again, comma-separated: 30m, 6h, 3d.",
    )
    revisit_every: float = Field(
        600, ge=1, le=86_400, description="Least seconds between two looks at an article whose feed entry changes."
    )
    revisit_share: float = Field(0.2, gt=0, le=1, description="Share of a host's turns that looking again may take.")
    poll_interval: float = Field(
        600, ge=1, le=86400, description="Seconds between polls of a feed not yet known; below the least: of any."
    )
    poll_shortest: float = Field(120, ge=1, le=3600, description="Least seconds between two polls of a feed.")
    poll_longest: float = Field(86_400, ge=3600, le=86_400, description="Most seconds between two polls of a feed.")
    fetch_timeout: float = Field(30, gt=0, le=60, description="Seconds for one request, redirects included.")
    page_bytes: int = Field(10_000_000, ge=10_000, description="Largest body after decompression.")
    gazetteer: Path | None = Field(
        None, description="Your own file of names, beside Kawat's (`kawat entities lint` checks it)."
    )
    # the ledger
    attempts: int = Field(3, ge=1, le=20, description="Counted attempts before an entry is quarantined.")
    lease: float = Field(60, ge=1, le=3600, description="Seconds a stage holds an item before sweep takes it back.")
    bytes_in_flight: int = Field(256_000_000, ge=1_000_000, description="Pages kept in Redis before intake pauses.")
    entries_waiting: int = Field(50_000, ge=100, description="Entries that wait to be fetched before polls pause.")
    record_days: int = Field(30, ge=1, le=3650, description="Days an entry's record outlives its last sighting.")
    disk_pause: int = Field(2_000_000_000, ge=0, description="Free bytes below which intake pauses.")
    # processes
    extract_processes: int = Field(0, ge=0, le=256, description="Worker processes that extract; 0: one a core.")
    packs: bool = Field(True, description="Follow the shipped packs of public feeds from the first start on.")
    sample: bool = Field(True, description="The local stack serves and reads its own sample news site.")
    sample_port: int = Field(8009, ge=0, le=65535, description="The sample site's port (loopback only).")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: console in a terminal, else JSON."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    corpus: Path | None = Field(None, description="A folder of real pages for tests and benchmarks; not needed to run.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is handed in: `read_settings` reads the environment, so that each fault can name its variable."""
        return (init_settings,)

    @field_validator("allow_hosts", "revisit_after", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("allow_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(addresses.host, value))

    @field_validator("revisit_after")
    @classmethod
    def _spans(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(dict.fromkeys(value), key=spans.seconds))

    @field_validator("elasticsearch_heap")
    @classmethod
    def _heap_to_start_with(cls, value: str) -> str:
        if int(value[:-1]) * {"m": 1, "g": 1024}[value[-1]] < LEAST_HEAP:
            raise ValueError(f"the node does not work with so little: {LEAST_HEAP}m at least, 512m works well")
        return value

    @field_validator(*URLS)
    @classmethod
    def _address_of_a_service(cls, value: str, info: ValidationInfo) -> str:
        if info.field_name == "elasticsearch_url":
            return value and addresses.service(value, ("http", "https"), query=False)
        return value and addresses.service(value, ("redis", "rediss", "unix"), query=True)

    @field_validator("tz")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no time zone is called {value!r}; use a name like Asia/Jakarta") from error
        return value

    @property
    def state(self) -> Path:
        """`state_dir`, absolute."""
        return self.state_dir.resolve()

    @property
    def valkey_socket(self) -> Path:
        """The local Valkey's unix socket: in the state folder, or in a private temporary one if that is too long."""
        inside = self.state / "valkey" / "valkey.sock"
        if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
            return inside
        import hashlib
        import tempfile

        name = hashlib.sha256(os.fsencode(self.state)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"kawat-{os.getuid()}-{name}" / "valkey.sock"

    @property
    def redis(self) -> str:
        """The URL in force for Valkey or Redis."""
        return self.redis_url or f"unix://{self.valkey_socket}"

    @property
    def elasticsearch(self) -> str:
        """The URL in force for Elasticsearch."""
        return self.elasticsearch_url or f"http://127.0.0.1:{self.elasticsearch_port}"

    @property
    def sample_url(self) -> str:
        """Where the sample news site answers."""
        return f"http://127.0.0.1:{self.sample_port}"

    @property
    def revisit_seconds(self) -> tuple[float, ...]:
        """`revisit_after` in seconds."""
        return tuple(map(spans.seconds, self.revisit_after))

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """`allow_hosts` and, where it is on, the sample site."""
        return frozenset(self.allow_hosts) | ({f"127.0.0.1:{self.sample_port}"} if self.sample else frozenset())


def variable(name: str) -> str:
    """The environment variable that sets the setting `name`."""
    return PREFIX + name.upper()


def without_password(url: str) -> str:
    """`url` with its password masked: for people and logs."""
    return PASSWORD_IN_URL.sub(rf"\g<1>{MASK}@", url)


def shown(settings: Settings, name: str) -> str:
    """The value in force, as a person may see it: secrets masked, an empty one as it is."""
    value = getattr(settings, name)
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return without_password(str(value))


def environment(settings: Settings) -> dict[str, str]:
    """What makes a child process read these same settings: those that differ from the default, secrets open."""
    found: dict[str, str] = {}
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if value == field.default or value is None:
            continue
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        found[variable(name)] = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return found


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings as the environment gives them; an empty variable counts as not set.

    Raises SettingsError that names each wrong variable and its fault.
    """
    environ = os.environ if environ is None else environ
    known = {variable(name): name for name in Settings.model_fields}
    faults = []
    for name in sorted(name for name in environ if name.startswith(PREFIX) and name not in known):
        near = difflib.get_close_matches(name, known, n=1)
        faults.append(f"{name}: no such setting" + (f"; did you mean {near[0]}?" if near else "; see `kawat settings`"))
    settings = None
    try:
        settings = Settings.model_validate({name: environ[key] for key, name in known.items() if environ.get(key)})
    except ValidationError as error:
        for fault in error.errors():
            key = variable(str(fault["loc"][0]))
            message = fault["msg"].removeprefix("Value error, ")
            faults.append(f"{key}={_told(known[key], environ[key])!r}: {message}")
    if faults or settings is None:
        raise SettingsError("\n".join(faults))
    return settings


def _told(name: str, value: str) -> str:
    """A value that was refused, as a person may see it: nobody can say where in a broken URL the password ends."""
    secret = "SecretStr" in str(Settings.model_fields[name].annotation)
    return MASK if secret or (name in URLS and MAYBE_PASSWORD.search(value)) else without_password(value)
