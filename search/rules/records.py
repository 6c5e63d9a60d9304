"""Rules and concepts as they are in force: checked, with spans in seconds. Frozen; files are read in `reading.py`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Literal, get_args

import orjson
from pydantic import ConfigDict, Field

from ingest.records import Record

Priority = Literal["low", "normal", "high", "critical"]
RuleType = Literal["any", "frequency", "spike", "flatline", "new_term"]
Match = Literal["exact", "stemmed"]
Dedup = Literal["article", "story"]
Within = Literal["article", "sentence"]
Direction = Literal["up", "down", "both"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)


class Condition(Record):
    """A field of the query language that has one of `include`, if there are any, and none of `exclude`."""

    field: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Together(Record):
    """Entities, by any of their names or ids, that must all stand in one article, or one sentence (a title is one)."""

    names: tuple[str, ...] = Field(min_length=2)
    within: Within = "article"


class Digest(Record):
    """Alerts are gathered until a cron schedule's next time, by the clocks of `tz`. `empty`: one comes without alerts
    too, with the coverage receipt."""

    schedule: str
    tz: str
    empty: bool = True


class QuietHours(Record):
    """Between two times of day (`22:00` to `06:00`, by the clocks of `tz`) alerts wait for the end, in one digest.
    `bypass`: from this priority on they do not wait."""

    start: str
    end: str
    tz: str
    bypass: Priority | None = None


class RuleTests(Record):
    """Sentences that the rule must match and must not match."""

    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()


class Rule(Record):
    """One rule. Spans are seconds. What only some types read is None for the others."""

    id: str
    name: str
    description: str = ""
    owner: str
    priority: Priority = "normal"
    type: RuleType = "any"
    enabled: bool = True
    query: str = ""  # in the query language; a flatline may leave it out, and count everything; so may `together`
    match: Match = "exact"
    where: tuple[Condition, ...] = ()
    none_of: tuple[str, ...] = ()  # queries; what one of them finds is no match
    together: tuple[Together, ...] = ()
    max_age: int | None = None  # an article published longer before it was seen is no news
    regex: bool = False  # `/…/` is taken
    # windows
    num_events: int | None = None  # frequency: this many
    timeframe: int | None = None  # frequency, spike, flatline: within so long
    query_key: str | None = None  # a field of the query language: each of its values is counted by itself
    spike_height: float | None = None  # spike: so many times what the same hours of past days had
    spike_type: Direction = "up"
    days: int | None = None  # spike: how many past days
    threshold_cur: int | None = None  # spike: articles in the window, at least
    threshold_ref: float | None = None  # spike: articles in the same hours of a past day on average, at least
    threshold: int | None = None  # flatline: fewer than this
    fields: tuple[str, ...] = ()  # new_term: kinds of entities that make pairs: person, org, place, thing, country
    lookback: int | None = None  # new_term: how far back "never" goes
    # telling
    dedup: Dedup = "story"
    update_after: int | None = None  # further independent sources of the story after which the desk is told again
    realert: int | None = None  # seconds after which another match of the same key is told again; None: never
    digest: Digest | None = None
    quiet_hours: QuietHours | None = None
    notify: tuple[str, ...] = ()  # names of channels
    language: Literal["id", "en"] = "id"  # of what is sent
    backfill: int = 0  # a new or changed rule looks back so far
    tests: RuleTests = RuleTests()

    @cached_property
    def digest_of_matching(self) -> str:
        """Changes whenever another set of articles may match: what a look back goes by."""
        told = {"name", "description", "owner", "priority", "digest", "quiet_hours", "notify", "language", "tests"}
        return _hashed(self.model_dump(mode="json", exclude=told, exclude_defaults=True))

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Concept(Record):
    """The wordings of one idea: queries by language, as they stand in its file."""

    id: str
    name: str = ""
    wordings: Mapping[str, tuple[str, ...]]

    @property
    def query(self) -> str:
        """All wordings joined by OR: what `concept:ID` stands for."""
        return " OR ".join(f"({one})" for each in self.wordings.values() for one in each)


class RuleSet(Record):
    """Everything in force at one time, by id. `id` is its hash: each match records it."""

    rules: tuple[Rule, ...] = ()
    concepts: tuple[Concept, ...] = ()

    @cached_property
    def id(self) -> str:
        return _hashed(self.model_dump(mode="json", exclude_defaults=True))  # a new key changes no hash

    @cached_property
    def queries(self) -> Mapping[str, str]:
        """What each concept stands for, as `search.query.compile_query` takes it."""
        return {one.id: one.query for one in self.concepts}

    def rule(self, id: str) -> Rule | None:
        return next((one for one in self.rules if one.id == id), None)

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


def _hashed(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
