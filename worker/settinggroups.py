"""The settings themselves, by what they are about; `worker/settings.py` reads and checks them.

Sizes in bytes, times in seconds, unless a name says otherwise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode

from worker import addresses, listening


class ServiceSettings(BaseSettings):
    """Where the services are."""

    state_dir: Path = Field(Path(".kawat"), description="Where the local stack keeps its state and logs.")
    elasticsearch_url: str = Field("", description="Elasticsearch 8.19 or 9; empty: the local stack's own node.")
    elasticsearch_api_key: SecretStr | None = Field(None, description="API key, where the cluster wants one.")
    elasticsearch_port: int = Field(9200, ge=1024, le=65000, description="The local node's HTTP port (loopback only).")
    elasticsearch_heap: str = Field(
        "1g", pattern=r"^[0-9]{1,6}[mg]$", description="The local node's heap, e.g. 512m or 1g; at least 256m."
    )
    redis_url: str = Field("", description="Valkey or Redis; empty: the local stack's own, on a unix socket.")
    redis_prefix: str = Field("kawat:", description="Before every key of the ledger.")
    index_prefix: str = Field("", pattern=r"^[a-z0-9-]*$", description="Before every index name.")


class PageSettings(BaseSettings):
    """The page and the API."""

    page_port: int = Field(8000, ge=0, le=65535, description="The page's port.")
    token: SecretStr | None = Field(
        None, description="What one needs to see the page and the API; without one they are on loopback only."
    )
    page_host: str = Field(
        "127.0.0.1", description="The address that the page listens at; 0.0.0.0: any. See KAWAT_TOKEN."
    )
    page_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Names that the page may be called by, comma-separated, beside its address and localhost."
    )
    tz: str = Field("Asia/Jakarta", description="Time zone of the page, lists and exports.")
    kibana_url: str = Field(
        "", description="Kibana, as its readers reach it, with base path and space: searches then link to it."
    )
    kibana_api_key: SecretStr | None = Field(None, description="API key for `kawat kibana install`.")

    @field_validator("token")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        return value and SecretStr(listening.token(value.get_secret_value()))

    @field_validator("page_host")
    @classmethod
    def _guarded(cls, value: str, info: ValidationInfo) -> str:
        known = "token" not in info.data or info.data["token"] is not None  # one that was refused is named already
        return listening.address(value, token=known)

    @field_validator("page_hosts", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        if isinstance(value, str):
            value = tuple(part.strip().lower() for part in value.split(",") if part.strip())
        return tuple(map(listening.name, value)) if isinstance(value, tuple) else value

    @field_validator("kibana_url")
    @classmethod
    def _shown_to_readers(cls, value: str) -> str:
        from search.kibana.link import base_address

        return value and base_address(value)


class ReadingSettings(BaseSettings):
    """Feeds and pages: how they are asked."""

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


class AlertSettings(BaseSettings):
    """Rules, where alerts go, and who is told how Kawat does."""

    rules: Path | None = Field(
        None, description="The folder of alert rules; left out, `rules` in the state folder (docs/rules.md)."
    )
    channels: SecretStr | None = Field(
        None, description="NAME=ADDRESS a line, or with ; between: where alerts go (docs/alerts.md shows each kind)."
    )
    page_url: str = Field("", description="The page, as its readers reach it: what is sent then links to it.")
    templates: Path | None = Field(None, description="A folder of your own templates for what is sent.")
    health_notify: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Channels that are told when feeds break, deliveries fail or a disk fills, comma-separated."
    )
    heartbeat_url: SecretStr | None = Field(
        None, description="Called each minute while articles flow from end to end, and only then."
    )
    heartbeat_within: float = Field(
        3600, ge=60, le=86_400, description="Seconds without a new article after which the heartbeat stops."
    )

    @field_validator("page_url")
    @classmethod
    def _linked_to(cls, value: str) -> str:
        return value and addresses.web(value).rstrip("/")

    @field_validator("heartbeat_url")
    @classmethod
    def _called(cls, value: SecretStr | None) -> SecretStr | None:
        return value and SecretStr(addresses.web(value.get_secret_value()))

    @field_validator("health_notify", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("health_notify")
    @classmethod
    def _known(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        from search.notify.channels import read_channels, unknown

        channels = info.data.get("channels")
        known = [one.name for one in read_channels(channels.get_secret_value())] if channels else []
        faults = [unknown(name, known) for name in value if name not in known]
        if faults and "channels" in info.data:  # channels that were refused are named already
            raise ValueError("; ".join(faults))
        return value

    @field_validator("channels")
    @classmethod
    def _understood(cls, value: SecretStr | None) -> SecretStr | None:
        if value and value.get_secret_value().strip():
            from search.notify.channels import read_channels

            read_channels(value.get_secret_value())
        return value

    @field_validator("templates")
    @classmethod
    def _parsed(cls, value: Path | None) -> Path | None:
        if value is not None:
            from search.notify.messages import Messages

            if faults := Messages(value).faults():
                raise ValueError("; ".join(faults))
        return value


class LedgerSettings(BaseSettings):
    """What waits, for how long."""

    attempts: int = Field(3, ge=1, le=20, description="Counted attempts before an entry is quarantined.")
    lease: float = Field(60, ge=1, le=3600, description="Seconds a stage holds an item before sweep takes it back.")
    bytes_in_flight: int = Field(256_000_000, ge=1_000_000, description="Pages kept in Redis before intake pauses.")
    entries_waiting: int = Field(50_000, ge=100, description="Entries that wait to be fetched before polls pause.")
    record_days: int = Field(30, ge=1, le=3650, description="Days an entry's record outlives its last sighting.")
    disk_pause: int = Field(2_000_000_000, ge=0, description="Free bytes below which intake pauses.")
    snapshot_dir: Path | None = Field(
        None, description="For backups of a cluster of your own: a folder of its path.repo, as this machine sees it."
    )
    rollover_bytes: int = Field(
        20_000_000_000, ge=1_000_000, description="Size of an index of articles above which the next one begins."
    )
    rollover_days: int = Field(30, ge=1, le=3650, description="Age in days at which the next one begins anyway.")
    retention_days: int = Field(
        0, ge=0, le=36_500, description="Days after which articles are removed, but those readers kept; 0: never."
    )


class ProcessSettings(BaseSettings):
    """Which processes run, and what they say."""

    extract_processes: int = Field(0, ge=0, le=256, description="Worker processes that extract; 0: one a core.")
    packs: bool = Field(True, description="Follow the shipped packs of public feeds from the first start on.")
    sample: bool = Field(True, description="The local stack serves and reads its own sample news site.")
    sample_port: int = Field(8009, ge=0, le=65535, description="The sample site's port (loopback only).")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: console in a terminal, else JSON."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    corpus: Path | None = Field(None, description="A folder of real pages for tests and benchmarks; not needed to run.")
