"""What a delivery is after an attempt: for a day, ever more seldom, then dead."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from search.alerts.records import Delivery
from search.alerts.retrying import LONGEST, PATIENCE, SPREAD, TAKEN, revived, settled, taken, wait
from search.notify.sending import Sent
from tests.alertwire import RAISED


def delivery(**about: object) -> Delivery:
    known = {
        "delivery_id": "8" * 32,
        "@timestamp": RAISED,
        "owner": "desk",
        "priority": "high",
        "channel": "webhook:desk",
        "kind": "alert",
        "due": RAISED,
        "next_attempt": RAISED,
        "gives_up_at": RAISED + PATIENCE,
        "body_hash": "x",
        "body": {},
    }
    return Delivery.model_validate({**known, **about})


def test_an_attempt_counts_as_it_begins_and_is_made_again_if_nobody_tells_its_end() -> None:
    begun = taken(delivery(), RAISED)
    assert (begun.state, begun.attempts, begun.next_attempt) == ("sending", 1, RAISED + TAKEN)


def test_what_arrived_is_done() -> None:
    failed = settled(taken(delivery(), RAISED), Sent("status", 500, None, "HTTP 500"), RAISED)
    done = settled(taken(failed, RAISED), Sent(status=200), RAISED + timedelta(seconds=7))
    assert (done.state, done.seconds, done.next_attempt, done.last_error) == ("delivered", 7.0, None, None)


def test_retry_after_is_obeyed_where_it_is_longer() -> None:
    begun = taken(delivery(), RAISED)
    long = settled(begun, Sent("refused", 429, 1800.0, "busy"), RAISED)
    assert long.next_attempt == RAISED + timedelta(seconds=1800)
    short = settled(begun, Sent("refused", 429, 0.5, "busy"), RAISED)
    assert short.next_attempt == RAISED + timedelta(seconds=wait(begun))


@given(st.integers(1, 200), st.text("0123456789abcdef", min_size=32, max_size=32))
def test_waits_grow_to_an_hour_and_never_beyond(attempts: int, id: str) -> None:
    now, later = delivery(attempts=attempts, delivery_id=id), delivery(attempts=attempts + 1, delivery_id=id)
    assert 0 < wait(now) <= wait(later) <= LONGEST * (1 + SPREAD)


@given(st.floats(0.1, 40), st.sampled_from([None, 5.0, 7200.0, 86_400.0]))
def test_it_is_tried_for_a_day_a_last_time_at_its_very_end_then_dead(seconds: float, asked: float | None) -> None:
    """Whatever the receiver asks for; an attempt takes `seconds`."""
    one, at = delivery(), RAISED
    while one.state != "dead":
        assert one.next_attempt is not None
        at = max(at, one.next_attempt)
        one = taken(one, at)
        at += timedelta(seconds=seconds)
        one = settled(one, Sent("timeout", None, asked, "no answer"), at)
    assert one.last_attempt is not None
    assert abs(one.last_attempt - one.gives_up_at) <= timedelta(seconds=seconds)
    assert one.attempts < 60


def test_a_dead_one_gets_another_day_from_a_person() -> None:
    dead = settled(taken(delivery(), RAISED), Sent("timeout", error="x"), RAISED + PATIENCE)
    assert dead.state == "dead"
    again = revived(dead, RAISED + timedelta(days=3))
    assert (again.state, again.gives_up_at) == ("retrying", RAISED + timedelta(days=4))
    assert again.body_hash == dead.body_hash
