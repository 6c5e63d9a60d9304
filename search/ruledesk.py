"""Rules as the page handles them: those in force, what one would have caught, a new one written, a wrong match taken
back, a channel rung. The worker answers (`worker/ruledesk.py`): files and channels are its."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from pydantic import AwareDatetime, Field

from ingest.records import Record
from search.receipt import Receipt
from search.rules.catching import Caught, Lost
from search.rules.faults import Fault
from search.rules.records import Concept, Dedup, Match, Priority, Rule
from search.rules.trying import Tried


class Draft(Record):
    """A rule as a form gives it: enough for most, the rest of the keys is for who opens the file."""

    name: str = Field(min_length=1, max_length=200)
    query: str = Field(min_length=1, max_length=4_000)
    owner: str = Field("desk", min_length=1, max_length=100)
    priority: Priority = "normal"
    match: Match = "exact"
    dedup: Dedup = "story"
    update_after: int | None = Field(None, ge=1, le=100)
    realert: str = Field("", max_length=20)  # a span: 6h, 1d; "": never
    schedule: str = Field("", max_length=100)  # cron; "": at once
    quiet_from: str = Field("", max_length=5)
    quiet_to: str = Field("", max_length=5)
    tz: str = "Asia/Jakarta"
    notify: tuple[str, ...] = Field((), max_length=20)
    language: Literal["id", "en"] = "id"
    backfill: str = Field("", max_length=20)  # a span; "": not at all
    example: str = Field("", max_length=1_000)  # a sentence that it must find


class RuleList(Record):
    """The rules in force. `faults`: why the files of `folder` on `host` are not, where they are not."""

    rules: tuple[Rule, ...] = ()
    concepts: tuple[Concept, ...] = ()
    rule_set: str = ""
    published: AwareDatetime | None = None
    published_by: str = ""
    faults: tuple[Fault, ...] = ()
    folder: str = ""
    host: str = ""

    def rule(self, id: str) -> Rule | None:
        return next((one for one in self.rules if one.id == id), None)


class Losing(Record):
    """What an exclusion would do to a rule: which articles of the last days it would take, and which of the rule's own
    examples, with the sentence at hand among them, would not be as they should."""

    lost: Lost
    examples: tuple[Tried, ...] = ()


class Rung(Record):
    """A test message to one channel. `error` is empty where it arrived."""

    channel: str
    arrived: bool
    seconds: float
    error: str = ""


class RuleDesk(Protocol):
    """Everything there is to do with rules. Each method raises ServiceUnavailable, IncompleteAnswerError."""

    def listed(self) -> RuleList: ...

    def caught(self, query: str, *, match: Match = "exact") -> Caught:
        """What a rule of this query would have caught in the last days. Raises QueryError."""
        ...

    def add(self, draft: Draft) -> str:
        """Writes a rule's file, looked over, and puts it in force; its id. Raises RefusedError, QueryError."""
        ...

    def losing(self, rule: str, sentence: str, none_of: str, article_id: str = "") -> Losing:
        """What else an exclusion would take. Raises QueryError, KeyError for a rule that is not in force."""
        ...

    def no_match(self, rule: str, sentence: str, none_of: str = "") -> None:
        """Adds the sentence to the rule's `no_match`, and the exclusion to its `none_of`, in its file; puts it in
        force. Raises RefusedError, QueryError, KeyError."""
        ...

    def channels(self) -> Sequence[str]:
        """Their names."""
        ...

    def ring(self, channel: str) -> Rung:
        """Sends a test message there, now. Raises KeyError for an unknown one."""
        ...

    def receipt(self, rule: str | None = None, *, hours: float = 24, testing: bool = False) -> Receipt:
        """What the silence of a rule, or of all, is worth. `testing`: with a test article, which takes a second.
        Raises KeyError."""
        ...
