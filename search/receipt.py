"""The coverage receipt: what a rule's silence is worth. Pure.

Zero alerts say nothing by themselves. Beside them stand how many articles were looked at and from how many of the
followed feeds; which feeds were not heard, why and since when; which windows may have been missed; whether an article
that the rule must find was found just now; and what it nearly found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from ingest.records import Record
from search.feeddesk import FeedHealth

STATUS = re.compile(r"(?<![\w.])([45]\d\d)(?![\w.])")
DEAF = timedelta(minutes=30)  # without a poll that went well anywhere: Kawat, its network or its intake stands still
NAMED = 3  # feeds that a line names


class Blind(Record):
    """A feed that is not heard: why, in a word (`403`, `dns`, `timeout`, …), and since when; None: it never was."""

    feed: str
    why: str
    since: AwareDatetime | None = None


class Missed(Record):
    """A window within which a feed listed all anew: what came and went in it was seen by nobody."""

    feed: str
    start: AwareDatetime
    end: AwareDatetime


class Probe(Record):
    """An article made of an example of the rule's own, put to the rule as the workers do. `why`: where it was not
    found."""

    sentence: str
    found: bool
    seconds: float
    why: str = ""


class Near(Record):
    """An article that the rule nearly found."""

    id: str
    title: str


class Hearing(Record):
    """What is heard of the followed feeds. `deaf_since`: from when on none was asked with success, where that is now;
    `paused`: why intake stands still."""

    followed: int
    blind: tuple[Blind, ...] = ()
    missed: tuple[Missed, ...] = ()
    deaf_since: AwareDatetime | None = None
    paused: tuple[str, ...] = ()

    @property
    def heard(self) -> int:
        return 0 if self.deaf_since else self.followed - len(self.blind)


class Receipt(Record):
    """What the silence of a rule (None: of all) is worth from `since` to `until`. `stemmed`, `excluded`: how many more
    articles would match in other forms of the words, and without the rule's `none_of`; None where that means nothing.
    `delay`: median seconds from the first sight of an article to where rules and searches find it."""

    rule: str | None
    rule_name: str
    since: AwareDatetime
    until: AwareDatetime
    alerts: int
    articles: int
    hearing: Hearing
    delay: float | None = None
    probe: Probe | None = None
    stemmed: int | None = None
    excluded: int | None = None
    near: tuple[Near, ...] = ()
    muted_until: AwareDatetime | None = None
    enabled: bool = True

    @property
    def trusted(self) -> bool:
        """Whether silence means that there was nothing: nothing stands still, feeds are heard, and the test article
        was found. Where no feed is followed, what is read in other ways is all there is to hear."""
        working = self.enabled and self.muted_until is None and not self.hearing.paused
        hears = self.hearing.heard > 0 or (not self.hearing.followed and self.hearing.deaf_since is None)
        return working and hears and (self.probe is None or self.probe.found)


def hearing_of(feeds: Iterable[FeedHealth], *, since: datetime, now: datetime, paused: Sequence[str] = ()) -> Hearing:
    """By how the followed feeds do, the sample's left out."""
    followed = [one for one in feeds if not one.feed.sample]
    blind = [
        Blind(feed=one.feed.name, why=reason(one), since=one.last_success)
        for one in followed
        if one.state in {"failing", "gone"} or (one.last_success is None and one.polls > 0)
    ]
    missed = [
        Missed(feed=one.feed.name, start=one.gap_from, end=one.gap_until)
        for one in followed
        if one.gap_from and one.gap_until and one.gap_until >= since
    ]
    heard = max((one.last_success for one in followed if one.last_success), default=None)
    return Hearing(
        followed=len(followed),
        blind=tuple(sorted(blind, key=lambda one: (one.since is None, one.since or now, one.feed))),
        missed=tuple(sorted(missed, key=lambda one: (one.start - one.end, one.feed))),
        deaf_since=heard if heard is not None and now - heard > DEAF else None,
        paused=tuple(paused),
    )


def reason(one: FeedHealth) -> str:
    """Why a feed is not heard, as short as it can be said: an HTTP status, else the kind of failure."""
    status = STATUS.search(one.error.removeprefix(one.feed.url)) if one.error_kind in {"4xx", "5xx", "gone"} else None
    return status[1] if status else (one.error_kind or "other")
