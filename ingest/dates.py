"""Dates as feeds and pages write them, brought to UTC to the second."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_second(moment: datetime) -> datetime:
    """`moment` in UTC, fractions of a second cut. Raises ValueError on a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).replace(microsecond=0)


def now() -> datetime:
    """The present, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
