"""Whether an article that may match a rule does: the rule's own query, asked of these articles alone; and what of it
matched, for those that do. Searches, so what was written has to be refreshed first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from elasticsearch import Elasticsearch

from search.client import SERVICE, TOO_DEAR, Deadline, complete, is_outage, missing_is_outage
from search.hits import highlighting
from search.ports import ServiceUnavailable

SEARCHES = 200  # a request; Elasticsearch runs as many at once as it has threads
SHOWN = 1_000  # articles a request, where each is read and marked: a storm of alerts takes more of them, none too long
HITS = "responses.status,responses.error,responses.timed_out,responses._shards,responses.hits.hits._id"
HITS += ",responses.hits.hits.matched_queries"
TOGETHER = 32  # rules asked in one search
MARK = ("‹", "›")  # around what matched, in plain text
FACTS = (
    *("article_id", "story_id", "title", "url", "source", "source_name", "source_owner", "language", "country"),
    *("about", "topic", "published", "first_seen", "changed_at", "is", "backfill"),
)
MOST_PIECES = 4  # of the text that an alert shows


class BrokenRuleError(Exception):
    """Elasticsearch does not take a rule's query: what it says."""


@dataclass(frozen=True)
class Question:
    """A rule's compiled query, asked of some articles of one index."""

    rule: str
    query: Mapping[str, Any]
    home: str
    ids: tuple[str, ...]

    @property
    def filtered(self) -> dict[str, Any]:
        return {"bool": {"filter": [self.query, {"ids": {"values": list(self.ids)}}]}}


@dataclass(frozen=True)
class Evidence:
    """An article that a rule met: its document, which parts of the rule's query did, and where."""

    rule: str
    source: Mapping[str, Any]
    clause: tuple[str, ...]
    highlight: tuple[str, ...]


def confirmed(
    client: Elasticsearch, questions: Sequence[Question], deadline: Deadline
) -> Iterator[tuple[Question, tuple[str, ...] | BrokenRuleError]]:
    """The articles of each question that match; or what is wrong with its rule, which is no other rule's fault.

    Many rules are asked in one search, each by its name: a search costs half a millisecond, whatever it asks. Where
    Elasticsearch does not take them together, each is asked by itself. Raises ServiceUnavailable.
    """
    groups = list(_groups(questions))
    merged = [Question(f"{len(group)} rules", {}, group[0].home, _ids(group)) for group in groups]
    alone: list[Question] = []
    bodies = [_together(group) for group in groups]
    for group, (_, hits) in zip(groups, _asked(client, merged, bodies, deadline, filter_path=HITS), strict=True):
        if isinstance(hits, BrokenRuleError):
            alone += group
            continue
        matched: dict[int, list[str]] = {}
        for hit in hits:
            for name in hit.get("matched_queries", ()):
                matched.setdefault(int(name), []).append(hit["_id"])
        yield from ((question, tuple(matched.get(at, ()))) for at, question in enumerate(group))
    bodies = [{"query": one.filtered, "size": len(one.ids), "_source": False, **UNSCORED} for one in alone]
    for question, hits in _asked(client, alone, bodies, deadline, filter_path=HITS):
        yield question, hits if isinstance(hits, BrokenRuleError) else tuple(hit["_id"] for hit in hits)


def _groups(questions: Sequence[Question]) -> Iterator[list[Question]]:
    """Those of one home, some at a time."""
    by_home: dict[str, list[Question]] = {}
    for question in questions:
        by_home.setdefault(question.home, []).append(question)
    for these in by_home.values():
        for start in range(0, len(these), TOGETHER):
            yield these[start : start + TOGETHER]


def _ids(questions: Sequence[Question]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for question in questions for id in question.ids))


def _together(questions: Sequence[Question]) -> dict[str, Any]:
    """One search for all: an article that is another rule's candidate matches no rule that it is none of."""
    ids = _ids(questions)
    named = [{"bool": {"filter": [one.query], "_name": str(at)}} for at, one in enumerate(questions)]
    among = {"ids": {"values": list(ids)}}
    query = {"bool": {"filter": [among], "should": named, "minimum_should_match": 1}}
    return {"query": query, "size": len(ids), "_source": False, **UNSCORED}


def evidence(
    client: Elasticsearch,
    questions: Sequence[tuple[Question, Sequence[tuple[str, Mapping[str, Any]]], Sequence[str]]],
    deadline: Deadline,
) -> Iterator[tuple[Question, list[Evidence] | BrokenRuleError]]:
    """What of each article matched, for articles that are known to. A question comes with the alternatives of its
    rule's query (as written, compiled), and fields that are wanted beside FACTS. Raises ServiceUnavailable."""
    bodies = [
        {
            "query": {
                "bool": {
                    "filter": [{"ids": {"values": list(question.ids)}}],
                    "should": [{"bool": {"must": [query], "_name": str(at)}} for at, (_, query) in enumerate(clauses)],
                    "minimum_should_match": 0,
                }
            },
            "size": len(question.ids),
            "_source": {"includes": [*FACTS, *more]},
            "highlight": _highlighting(question.query),
            "track_total_hits": False,
        }
        for question, clauses, more in questions
    ]
    asked = [question for question, _, _ in questions]
    answers = _asked(client, asked, bodies, deadline, articles=SHOWN)
    for (question, hits), (_, clauses, _) in zip(answers, questions, strict=True):
        yield (
            question,
            hits if isinstance(hits, BrokenRuleError) else [_evidence(question, clauses, hit) for hit in hits],
        )


UNSCORED: dict[str, Any] = {"sort": ["_doc"], "track_total_hits": False}


def _asked(
    client: Elasticsearch,
    questions: Sequence[Question],
    bodies: Sequence[Mapping[str, Any]],
    deadline: Deadline,
    *,
    filter_path: str | None = None,
    articles: int | None = None,
) -> Iterator[tuple[Question, list[dict[str, Any]] | BrokenRuleError]]:
    for numbers in _parts([len(one.ids) for one in questions], articles):
        part = [questions[at] for at in numbers]
        lines: list[Any] = []
        for at in numbers:
            head = {"index": questions[at].home, "allow_partial_search_results": False}
            lines += [orjson.dumps(head), orjson.dumps(bodies[at])]
        with missing_is_outage("articles"):
            answer = deadline.over(client).msearch(searches=lines, filter_path=filter_path)
        responses = answer.get("responses", ())
        if len(responses) != len(part):
            raise ServiceUnavailable(SERVICE, f"it answered {len(responses)} of {len(part)} searches")
        for question, response in zip(part, responses, strict=True):
            yield question, _hits(response, question)


def _parts(sizes: Sequence[int], most: int | None) -> Iterator[list[int]]:
    """Places in `sizes` that go together: SEARCHES at most, and sizes of `most` in all, but for one larger alone."""
    part: list[int] = []
    for at, size in enumerate(sizes):
        if part and (len(part) == SEARCHES or (most and sum(sizes[one] for one in part) + size > most)):
            yield part
            part = []
        part.append(at)
    if part:
        yield part


def _hits(response: Mapping[str, Any], question: Question) -> list[dict[str, Any]] | BrokenRuleError:
    error = response.get("error")
    if error:
        causes = error.get("root_cause") or [error]
        why = f"{causes[0].get('type')}: {causes[0].get('reason')}"
        outage = is_outage(response.get("status", 500), error.get("type")) and not TOO_DEAR.search(str(error))
        if outage or response.get("status") == 404:
            raise ServiceUnavailable(SERVICE, f"asking {question.home} for a rule's matches: {why}")
        return BrokenRuleError(f"Elasticsearch does not take the query of rule {question.rule}: {why}"[:1000])
    complete(response, f"asking {question.home} for the matches of rule {question.rule}")
    found: list[dict[str, Any]] = response.get("hits", {}).get("hits", [])
    return found


def _highlighting(query: Mapping[str, Any]) -> dict[str, Any]:
    """As lists mark what matched, but as plain text, and only where something did."""
    asked = highlighting(query)
    fields = {name: {**how, "no_match_size": 0} for name, how in asked["fields"].items()}
    marks = {"pre_tags": [MARK[0]], "post_tags": [MARK[1]]}
    return {**asked, **marks, "fields": fields, "highlight_query": dict(query)}


def _evidence(question: Question, clauses: Sequence[tuple[str, Any]], hit: Mapping[str, Any]) -> Evidence:
    named = {int(name) for name in hit.get("matched_queries", ())}
    clause = tuple(text for at, (text, _) in enumerate(clauses) if at in named)
    return Evidence(question.rule, hit["_source"], clause, tuple(_pieces(hit.get("highlight", {}))))


def _pieces(marked: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """Title and body as written first, then what only a stem marks; each place once."""
    order = sorted(marked, key=lambda name: (name.startswith("stemmed."), not name.endswith("title")))
    pieces = dict.fromkeys(" ".join(piece.split()) for name in order for piece in marked[name])
    return list(pieces)[:MOST_PIECES]
