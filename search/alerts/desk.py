"""Alerts as page and API handle them: listed, looked at, acknowledged, muted; what became of each delivery."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, urlencode

from pydantic import AwareDatetime

from ingest.records import Record
from search.alerts.records import Alert, AlertState, Delivery, DeliveryState
from search.ports import Bucket
from search.rules.publishing import Mute
from search.rules.records import Priority

NOTE_CHARS = 2_000
MOST = 200  # alerts a page
DAYS = 30  # that a rule's figures go back


class AlertWish(Record):
    """Which alerts are wanted: all of what is said must hold; what is left out narrows nothing."""

    rule: str | None = None
    state: AlertState | None = None
    priority: Priority | None = None
    owner: str | None = None
    story: str | None = None
    since: AwareDatetime | None = None

    @property
    def query(self) -> str:
        """As the query of an address: the same wish, the same text."""
        given: dict[str, Any] = self.model_dump(mode="json", exclude_none=True)
        return urlencode(sorted(given.items()))

    @classmethod
    def of(cls, query: str) -> Self:
        """What `query` says."""
        return cls.model_validate(dict(parse_qsl(query)))


class AlertLine(Record):
    """An alert, and how far it got: channels that have a delivery of it, and those that were reached."""

    alert: Alert
    queued: tuple[str, ...] = ()
    delivered: tuple[str, ...] = ()


class AlertPage(Record):
    """Some alerts, the newest first. `total` counts all that are wanted; `cursor` leads to the older ones. `states`
    and `rules` count those wanted but for the state, and but for the rule: what a choice of another would show."""

    total: int
    lines: tuple[AlertLine, ...]
    cursor: str | None = None
    states: Mapping[str, int] = {}
    rules: tuple[Bucket, ...] = ()


class AlertView(Record):
    """One alert with its deliveries, the earliest first. `told` are the deliveries that carry it: its own, and the
    digests that it is in."""

    line: AlertLine
    deliveries: tuple[Delivery, ...] = ()


class AlertDesk(Protocol):
    """Everything there is to do with alerts. Each method raises ServiceUnavailable, IncompleteAnswerError."""

    def alerts(self, wish: AlertWish, *, size: int = 50, cursor: str | None = None) -> AlertPage:
        """The newest first. Raises CursorError."""
        ...

    def alert(self, id: str) -> AlertView | None:
        """None where there is no such alert."""
        ...

    def deliveries(
        self, *, state: DeliveryState | None = None, channel: str | None = None, size: int = 100
    ) -> Sequence[Delivery]:
        """The latest first."""
        ...

    def acknowledge(self, ids: Collection[str], *, by: str, note: str = "") -> int:
        """These are seen to; how many were not yet. Unknown ids are no error."""
        ...

    def reopen(self, id: str) -> bool:
        """An acknowledged alert is open again; False where it was not acknowledged."""
        ...

    def mute(self, wanted: Mute) -> None:
        """Alerts of the rule, or of the story whatever the rule, are sent to nobody until then; a time that is past
        ends a mute. They are raised and listed as ever."""
        ...

    def mutes(self) -> Sequence[Mute]:
        """Those that last."""
        ...

    def daily(self, rules: Collection[str], *, tz: str) -> Mapping[str, Sequence[int]]:
        """Alerts a day of each rule over the last DAYS days, today the last, in `tz`; rules without one are left
        out."""
        ...
