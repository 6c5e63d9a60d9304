"""Options that several commands share, and the services that they work with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from worker.services import Services
    from worker.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on stdout, one object a line.")]
PATIENCE = 2.0  # seconds a person waits for an answer from Valkey
LONG = 60.0  # the same, where a request is work: an index made, copied, deleted


def services(patience: float = PATIENCE) -> Services:
    """Of the settings in force; `patience`: seconds that one request may take. Raises SettingsError; with much patience
    RedisError, where Valkey is away."""
    from worker.services import Services
    from worker.settings import read_settings

    settings = read_settings()
    if patience > PATIENCE:  # work may take long; that nothing runs at all is said at once
        Services(settings, patience=PATIENCE).redis.ping()
    return Services(settings, patience=patience)


def moment(when: datetime, settings: Settings) -> str:
    """A time for people, in `KAWAT_TZ`: 2026-11-23 20:05."""
    from zoneinfo import ZoneInfo

    return f"{when.astimezone(ZoneInfo(settings.tz)):%Y-%m-%d %H:%M}"
