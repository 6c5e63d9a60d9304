"""Every setting, read from the environment as `KAWAT_…`, validated at start, listed by `kawat settings`."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ingest import spans
from worker import addresses, secretfiles
from worker.settinggroups import (
    AlertSettings,
    LedgerSettings,
    PageSettings,
    ProcessSettings,
    ReadingSettings,
    ServiceSettings,
)

if TYPE_CHECKING:
    from search.notify.channels import Channel

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


class Settings(ProcessSettings, LedgerSettings, AlertSettings, ReadingSettings, PageSettings, ServiceSettings):
    """What an operator can set; listed in the order of the bases from the last to the first."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", ignored_types=(cached_property,))

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
    def rules_folder(self) -> Path:
        """The folder of alert rules, absolute."""
        return (self.rules or self.state / "rules").resolve()

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

    @cached_property
    def named_channels(self) -> tuple[Channel, ...]:
        """`channels`, read."""
        from search.notify.channels import read_channels

        return read_channels(self.channels.get_secret_value()) if self.channels else ()

    @property
    def revisit_seconds(self) -> tuple[float, ...]:
        """`revisit_after` in seconds."""
        return tuple(map(spans.seconds, self.revisit_after))

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """`allow_hosts` and, where it is on, the sample site."""
        return frozenset(self.allow_hosts) | ({f"127.0.0.1:{self.sample_port}"} if self.sample else frozenset())


def secrets() -> tuple[str, ...]:
    """The settings that are secret or may hold a secret."""
    return tuple(name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)) + URLS


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
    """The settings as the environment gives them; an empty variable counts as not set. What holds a secret may stand
    in a file instead, which the variable with `_FILE` behind its name tells.

    Raises SettingsError that names each wrong variable and its fault.
    """
    environ, faults = secretfiles.opened(os.environ if environ is None else environ, map(variable, secrets()))
    known = {variable(name): name for name in Settings.model_fields}
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
    secret = name in secrets() and name not in URLS
    return MASK if secret or (name in URLS and MAYBE_PASSWORD.search(value)) else without_password(value)
