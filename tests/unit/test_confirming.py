"""Searches for a batch's matches: what goes into one request, and whose fault an answer is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from elasticsearch import Elasticsearch

from search.client import Deadline
from search.matching.confirming import SHOWN, BrokenRuleError, Question, confirmed, evidence
from search.ports import ServiceUnavailable


def deadline() -> Deadline:
    return Deadline.within(600, each=20)


def client(*answers: dict[str, Any]) -> tuple[Elasticsearch, list[list[Any]]]:
    """Gives these answers in turn, or the last one for ever; and the searches of each request."""
    asked: list[list[Any]] = []
    left = list(answers)

    def msearch(searches: list[bytes], **_: object) -> dict[str, Any]:
        asked.append([orjson.loads(one) for one in searches[1::2]])
        answer = left.pop(0) if len(left) > 1 else left[0]
        return {"responses": [answer] * (len(searches) // 2)}

    made: Any = SimpleNamespace(msearch=msearch)
    made.options = lambda **_: made
    return made, asked


def failed(kind: str, reason: str, status: int = 500) -> dict[str, Any]:
    cause = {"type": kind, "reason": reason}
    return {"status": status, "error": {"type": "search_phase_execution_exception", "root_cause": [cause]}}


def test_a_wildcard_that_fits_too_many_words_is_the_rules_fault_and_no_outage() -> None:
    dear, _ = client(failed("illegal_state_exception", "Automaton [kant*] expanded to too many terms (limit 1024)"))
    ((_, found),) = confirmed(dear, [Question("r", {}, "articles-1", ("a",))], deadline())
    assert isinstance(found, BrokenRuleError)
    assert "expanded to too many terms" in str(found)
    away, _ = client(failed("node_disconnected_exception", "gone", 503))
    with pytest.raises(ServiceUnavailable):
        list(confirmed(away, [Question("r", {}, "articles-1", ("a",))], deadline()))


def test_a_storm_of_matches_is_shown_in_several_requests_all_of_them_in_order() -> None:
    there, asked = client({"status": 200, "hits": {"hits": []}})
    sizes = [400, 400, 400, SHOWN + 1, 1]
    questions = [
        (Question(f"r{n}", {}, "articles-1", tuple(map(str, range(size)))), (), ()) for n, size in enumerate(sizes)
    ]
    assert [one.rule for one, _ in evidence(there, questions, deadline())] == ["r0", "r1", "r2", "r3", "r4"]
    assert [[one["size"] for one in searches] for searches in asked] == [[400, 400], [400], [SHOWN + 1], [1]]
