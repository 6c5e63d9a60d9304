"""When a match is told: the first of its dedup key, one after `realert`, a story that grew. Pure.

The same match decided again (a run was cut off, an article was looked at again and says the same) changes nothing:
each has a mark, and the notice of its key keeps the marks that counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import AwareDatetime

from ingest.records import Record
from search.alerts.records import Alert, Why, alert_id, notice_id
from search.alerts.timing import due
from search.rules.records import Rule

MOST_MARKS = 2_000  # kept of a key, the latest; a batch of articles has 500
MOST_LISTED = 500  # articles and sources that an alert lists
WINDOWED = frozenset({"frequency", "spike", "flatline"})


class Match(Record):
    """A rule met an article, or a window of articles met what it is to tell of. The fields beneath `owner` are the
    alert's (`Alert`)."""

    rule: str
    rule_set: str
    key: str  # dedup key: the article's id, its story's, a window's value
    marks: tuple[str, ...]  # what tells it from others of its key: the same whenever it is found again; () of a state
    backfilled: bool = False
    owner: str | None = None  # who publishes the article: two sites of one owner are one voice
    article_id: str | None = None
    article_ids: tuple[str, ...] = ()
    story_id: str | None = None
    title: str = ""
    url: str | None = None
    clause: tuple[str, ...] = ()
    highlight: tuple[str, ...] = ()
    source: str | None = None
    source_name: str | None = None
    language: str | None = None
    country: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    published: AwareDatetime | None = None
    first_seen: AwareDatetime | None = None
    figures: Mapping[str, Any] | None = None
    sample: bool = False


class Notice(Record):
    """What a rule has said of a dedup key so far: the one state that its episodes advance.

    `alert` is the last episode's, with what came later; `written`: so it stands in `alerts`.
    """

    rule: str
    dedup_key: str
    episode: int
    notified_at: AwareDatetime
    article_ids: tuple[str, ...]  # the marks of what counted, the latest ones
    owners: tuple[str, ...] = ()
    owners_then: int = 0
    written: bool = False
    alert: Alert
    updated_at: AwareDatetime

    @property
    def id(self) -> str:
        return notice_id(self.rule, self.dedup_key)

    @property
    def source(self) -> dict[str, Any]:
        """The document."""
        return {"notice_id": self.id, **self.model_dump(mode="json", by_alias=True)}


class Outcome(NamedTuple):
    """How the notice stands after a match (the same object where nothing changed), and the alert that it raised."""

    notice: Notice
    alert: Alert | None


class Circumstances(NamedTuple):
    """What a decision hangs on beside the match. `muted`: until when the rule or the story is not to be heard."""

    now: datetime
    tz: str = "UTC"
    muted: datetime | None = None


def decide(notice: Notice | None, rule: Rule, match: Match, circumstances: Circumstances) -> Outcome:
    """What a match of `rule` means, given what was told of its key before."""
    if notice is None:
        return _raised(None, rule, match, "window" if rule.type in WINDOWED else "first", circumstances)
    fresh = tuple(mark for mark in match.marks if mark not in set(notice.article_ids))
    why = _why(notice, rule, match, circumstances, fresh=bool(fresh))
    if why:
        return _raised(notice, rule, match, why, circumstances)
    if not fresh:
        return Outcome(notice, None)
    return Outcome(_grown(notice, match, circumstances.now), None)


def _why(  # noqa: PLR0911 - one return a reason
    notice: Notice, rule: Rule, match: Match, circumstances: Circumstances, *, fresh: bool
) -> Why | None:
    if match.backfilled:
        return None  # a look back tells of what nobody told of, not of what went on
    again = _again(rule)
    over = again is not None and circumstances.now - notice.notified_at >= again
    if rule.type == "flatline":  # the mark is the silence's: another one is told, the same one by `realert` only
        return "window" if (fresh and (rule.realert is None or over)) or (not fresh and over) else None
    if not fresh and match.marks:
        return None
    if rule.type in WINDOWED:
        return "window" if over else None
    if notice.alert.state == "muted" and circumstances.muted is None:
        return "first"  # nobody heard of it
    if rule.update_after and len(_owners(notice, match)) - notice.owners_then >= rule.update_after:
        return "update"
    return "realert" if over else None


def _again(rule: Rule) -> timedelta | None:
    """After how long a key is told again; of a window at the earliest when none of what was told of is in it."""
    seconds = rule.realert
    if seconds is None and rule.type in {"frequency", "spike"}:
        seconds = rule.timeframe
    return None if seconds is None else timedelta(seconds=seconds)


def _raised(notice: Notice | None, rule: Rule, match: Match, why: Why, circumstances: Circumstances) -> Outcome:
    now, muted = circumstances.now, circumstances.muted
    key = notice.dedup_key if notice else match.key
    episode = notice.episode + 1 if notice else 1
    owners = _owners(notice, match)
    sent, bundled = due(rule, now)
    known = match.model_dump(include=set(Match.model_fields) & set(Alert.model_fields))
    alert = Alert(
        **{
            **known,
            "alert_id": alert_id(rule.id, key, episode),
            "@timestamp": now,
            "rule_name": rule.name,
            "rule_type": rule.type,
            "owner": rule.owner,
            "priority": rule.priority,
            "match": rule.match,
            "dedup": rule.dedup,
            "dedup_key": key,
            "episode": episode,
            "why": why,
            "article_ids": _latest(match.article_ids or _one(match.article_id), MOST_LISTED),
            "sources": _joined(notice.alert.sources if notice else (), _one(match.source)),
            "source_count": len(owners),
            "state": "muted" if muted else "open",
            "muted_until": muted,
            "channels": () if muted else rule.notify,
            "due": sent,
            "bundled": bundled,
            "message_language": rule.language,
            "tz": _tz(rule, circumstances.tz),
        }
    )
    told = Notice(
        rule=rule.id,
        dedup_key=key,
        episode=episode,
        notified_at=now,
        article_ids=_marks(notice, match),
        owners=owners,
        owners_then=len(owners),
        alert=alert,
        updated_at=now,
    )
    return Outcome(told, alert)


def _grown(notice: Notice, match: Match, now: datetime) -> Notice:
    """One more of what was told of already."""
    owners, articles = _owners(notice, match), match.article_ids or _one(match.article_id)
    later = notice.alert.model_copy(
        update={
            "article_ids": _latest(_joined(notice.alert.article_ids, articles), MOST_LISTED),
            "sources": _joined(notice.alert.sources, _one(match.source)),
            "source_count": len(owners),
            "updated_at": now,
        }
    )
    changes = {"article_ids": _marks(notice, match), "owners": owners, "alert": later}
    return notice.model_copy(update={**changes, "written": False, "updated_at": now})


def _marks(notice: Notice | None, match: Match) -> tuple[str, ...]:
    return _latest(_joined(notice.article_ids if notice else (), match.marks), MOST_MARKS)


def _owners(notice: Notice | None, match: Match) -> tuple[str, ...]:
    return _joined(notice.owners if notice else (), _one(match.owner))


def _joined(known: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))


def _latest(these: tuple[str, ...], most: int) -> tuple[str, ...]:
    return these[-most:]


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _tz(rule: Rule, tz: str) -> str:
    """The time zone of the times in what is sent."""
    if rule.digest:
        return rule.digest.tz
    return rule.quiet_hours.tz if rule.quiet_hours else tz
