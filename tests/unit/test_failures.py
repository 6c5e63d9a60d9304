"""Every failure has its verdict."""

from __future__ import annotations

import inspect

import pytest
from redis.exceptions import ConnectionError as RedisAway

from ingest import errors
from search.ports import IncompleteAnswerError, ServiceUnavailable
from worker.failures import verdict_for
from worker.gate import NotYet
from worker.verdicts import Defer, End, Retry

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.IngestError)]
EXPECTED = {errors.Transient: Retry, errors.Permanent: End, errors.Discard: End, errors.IngestError: End}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_class_of_error_has_the_verdict_of_its_branch(kind: type[errors.IngestError]) -> None:
    branch = next(base for base in kind.__mro__ if base in EXPECTED)
    verdict = verdict_for(kind("https://example.com/a: it failed"), 1)
    assert type(verdict) is EXPECTED[branch]
    if isinstance(verdict, End):
        discarded = branch is errors.Discard
        assert verdict.outcome == ("discarded" if discarded else "quarantined")
        assert verdict.reason == (kind.reason if discarded else "https://example.com/a: it failed")


@pytest.mark.parametrize(
    "error",
    [
        ServiceUnavailable("Elasticsearch", "refused"),
        IncompleteAnswerError("counting: 1 of 3 shards failed"),
        RedisAway("gone"),
        NotYet("x", 3.0),
    ],
)
def test_waiting_is_not_failing(error: Exception) -> None:
    verdict = verdict_for(error, 3)
    assert isinstance(verdict, Defer)
    assert verdict.after > 0


def test_a_busy_host_is_asked_again_when_it_says() -> None:
    for asked, after in ((120, 120), (10**9, 86_400)):
        verdict = verdict_for(errors.HostBusy("busy", retry_after=asked), 1)
        assert isinstance(verdict, Retry)
        assert verdict.after == after


@pytest.mark.parametrize("reason", ["private-address", "bad-url"])
def test_what_a_feed_can_list_by_the_thousand_is_counted_not_kept(reason: str) -> None:
    assert verdict_for(errors.Refused("http://10.0.0.1/", reason=reason), 1) == End("discarded", reason)


def test_each_attempt_waits_longer() -> None:
    waits = [verdict_for(errors.HostUnreachable("dead"), attempt) for attempt in (1, 2, 3)]
    seconds = [wait.after for wait in waits if isinstance(wait, Retry)]
    assert seconds == sorted(set(seconds))
    assert len(seconds) == 3


def test_a_host_that_is_away_for_hours_sends_nothing_to_quarantine() -> None:
    waited = 0.0
    for attempt in range(1, 7):
        verdict = verdict_for(errors.HostUnreachable("dead"), attempt)
        assert isinstance(verdict, Retry)
        assert verdict.attempts == 6
        waited += verdict.after if attempt < 6 else 0
    assert waited > 8 * 3600


def test_what_nobody_foresaw_is_tried_again_with_its_name_on_one_line() -> None:
    verdict = verdict_for(KeyError("a\nb"), 1)
    assert isinstance(verdict, Retry)
    assert verdict.error == "KeyError: 'a\\nb'"
