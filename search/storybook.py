"""Stories as they stand in Elasticsearch: what is read of articles, what is written of stories. Pure.

A document in `stories` is made when a story gets its second article; until then an article's `story_id` is its own id
and no such document is there. A story that became part of another stays as a signpost, `merged_into`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tld import get_fld

from ingest.relation import APART, FEWEST_WORDS, FEWEST_WORDS_UNNAMED, Telling, is_name
from ingest.stories import Member, Story, by_time
from search.bulk import Version
from search.documents import iso

COPY, ORIGINAL = "copy", "original"  # values of an article's `is`
CANDIDATES = 200  # articles looked at for one article, those with the most in common first
FEWEST_BANDS = 2  # of 64: a pair that shares half its shingles has eight, 0.3: 1.7, two reports from one template 0.2
SHOWN_TITLE = 200  # characters of a member's title that its story keeps
TOLD = ["language", "@timestamp", "first_seen", "title", "signature", "story_terms", "is", "story_id", "duplicate_of"]
TOLD += ["source", "source_owner", "source_name", "source_kind", "agency"]
ASKED = [*TOLD, "bands"]
COLUMNS = ["article_id", "title.column", *(name for name in TOLD if name != "title")]  # the same, as doc values
SEVERAL = frozenset({"is", "story_terms"})
PLACED = ["story_id", "duplicate_of", "is"]


class Aim(NamedTuple):
    """What an article's document should say of its story."""

    story_id: str
    duplicate_of: str | None = None
    original: bool = False  # others are copies of it


class Place(NamedTuple):
    """Where an article's document says that it belongs, and in which state of the document that was read."""

    home: str  # the concrete index
    version: Version
    story_id: str
    duplicate_of: str | None
    marks: tuple[str, ...]  # its `is`

    def moved(self, aim: Aim) -> dict[str, Any]:
        """The fields that have to change; empty where it says so already."""
        marks = [mark for mark in self.marks if mark not in {COPY, ORIGINAL}]
        marks += [COPY] if aim.duplicate_of else [ORIGINAL] if aim.original else []
        fields: dict[str, Any] = {} if self.story_id == aim.story_id else {"story_id": aim.story_id}
        if self.duplicate_of != aim.duplicate_of:
            fields["duplicate_of"] = aim.duplicate_of
        if set(self.marks) != set(marks):
            fields["is"] = marks
        return fields


def place(hit: Mapping[str, Any], fields: Mapping[str, Any]) -> Place:
    """Of a hit with its version; `fields` are its `_source`, or its doc values (lists)."""
    story_id, duplicate_of = (_first(fields.get(name)) for name in ("story_id", "duplicate_of"))
    version = Version(hit["_seq_no"], hit["_primary_term"])
    return Place(hit["_index"], version, story_id or hit["_id"], duplicate_of, tuple(fields.get("is") or ()))


def told(hit: Mapping[str, Any]) -> dict[str, Any]:
    """A hit whose COLUMNS were read, in the form of one whose TOLD was: its document need not be unpacked for that."""
    columns = hit["fields"]
    source = {name: values if name in SEVERAL else values[0] for name, values in columns.items()}
    source["title"] = source.pop("title.column", "")
    return {**hit, "_id": source["article_id"], "_source": source}


def telling(hit: Mapping[str, Any]) -> Telling:
    """What of an article's document tells its copies and follow-ups."""
    source = hit["_source"]
    return Telling(
        article_id=hit["_id"],
        time=moment(source["@timestamp"]),
        language=source.get("language"),
        title=source.get("title", ""),
        signature=source.get("signature", ""),
        terms=tuple(source.get("story_terms", ())),
        sample="sample" in source.get("is", ()),
    )


def member(hit: Mapping[str, Any]) -> Member:
    """An article's document as its story knows it."""
    source = hit["_source"]
    site, owner = source.get("source", ""), source.get("source_owner")
    wire = (source.get("source_name") or owner) if source.get("source_kind") == "agency" else None
    return Member(
        article_id=hit["_id"],
        time=moment(source["@timestamp"]),
        first_seen=moment(source["first_seen"]),
        title=source.get("title", "")[:SHOWN_TITLE],
        source=site,
        owner=owner.casefold() if owner else registrable(site),
        agency=source.get("agency") or wire,
        duplicate_of=source.get("duplicate_of"),
    )


def registrable(host: str) -> str:
    """The domain that somebody registered (`bisnis.example.co.id` → `example.co.id`), who stands for the owner."""
    return get_fld(host, fix_protocol=True, fail_silently=True) or host


def candidates_query(hit: Mapping[str, Any]) -> dict[str, Any] | None:
    """Articles that may be copies of this one or follow up on it; None where it has nothing to be found by."""
    source = hit["_source"]
    bands, terms = source.get("bands", ()), source.get("story_terms", ())
    names = [term for term in terms if is_name(term) and term[1] > "1"]  # a country alone is everywhere
    words = [term for term in terms if not is_name(term)]
    ways = [_some("bands", bands, FEWEST_BANDS)] if bands else []
    if names and len(words) >= FEWEST_WORDS:
        ways.append({"bool": {"must": [_some("story_terms", words, FEWEST_WORDS), _some("story_terms", names, 1)]}})
    if len(words) >= FEWEST_WORDS_UNNAMED:
        ways.append(_some("story_terms", words, FEWEST_WORDS_UNNAMED))
    if not ways:
        return None
    time, language = moment(source["@timestamp"]), source.get("language")
    must: list[dict[str, Any]] = [{"range": {"@timestamp": {"gte": iso(time - APART), "lte": iso(time + APART)}}}]
    must_not: list[dict[str, Any]] = [{"ids": {"values": [hit["_id"]]}}]
    if language:
        must.append({"term": {"language": language}})
    else:
        must_not.append({"exists": {"field": "language"}})
    (must if "sample" in source.get("is", ()) else must_not).append({"term": {"is": "sample"}})
    return {"bool": {"filter": must, "must_not": must_not, "should": ways, "minimum_should_match": 1}}


def story_source(story: Story) -> dict[str, Any]:
    """The document of a story."""
    members = sorted(story.members, key=by_time)
    fields = {
        "story_id": story.id,
        "language": story.language,
        "title": members[0].title,
        "size": len(members) + story.unlisted,
        "copies": sum(one.duplicate_of is not None for one in members),
        "source_count": len(story.owners),
        "owners": list(story.owners),
        "sources": sorted({one.source for one in members}),
        "agencies": sorted({one.agency for one in members if one.agency}),
        "first": iso(members[0].time),
        "last": iso(members[-1].time),
        "article_ids": [one.article_id for one in members],
        "members": [_kept(one) for one in members],
        "sample": story.sample,
    }
    return {name: value for name, value in fields.items() if value is not None}


def signpost(story: Mapping[str, Any], merged_into: str) -> dict[str, Any]:
    """What stays of a story's document when it became part of another."""
    fields = {"story_id": story["story_id"], "language": story.get("language"), "sample": story.get("sample", False)}
    return {name: value for name, value in fields.items() if value is not None} | {"merged_into": merged_into}


def story_of(source: Mapping[str, Any]) -> Story:
    """The story that a document holds, which is no signpost."""
    members = tuple(_member_kept(one) for one in source["members"])
    return Story(
        id=source["story_id"],
        language=source.get("language"),
        sample=source.get("sample", False),
        members=members,
        unlisted=source["size"] - len(members),
        owners=tuple(source["owners"]),
    )


def moment(text: str) -> datetime:
    """A time as documents have it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _some(field: str, values: Sequence[str], least: int) -> dict[str, Any]:
    """At least so many of the values; a document with more of them comes first."""
    clauses = [{"constant_score": {"filter": {"term": {field: value}}}} for value in values]
    return {"bool": {"should": clauses, "minimum_should_match": least}}


def _first(value: Any) -> str | None:
    found = value[0] if isinstance(value, list) and value else value
    return found or None


def _kept(member: Member) -> dict[str, Any]:
    return member.model_dump(exclude_none=True) | {"time": iso(member.time), "first_seen": iso(member.first_seen)}


def _member_kept(kept: Mapping[str, Any]) -> Member:
    return Member.model_validate({**kept, "time": moment(kept["time"]), "first_seen": moment(kept["first_seen"])})
