"""What a delivery is after an attempt: delivered, again later, or given up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from search.alerts.records import Delivery
from search.notify.sending import Sent

PATIENCE = timedelta(hours=24)  # from when it is due until it is given up
TAKEN = timedelta(seconds=60)  # an attempt whose process died is made again after that; one takes 50 at most
FIRST, FACTOR, LONGEST = 2.0, 2.0, 3600.0  # seconds: 2 s, 4 s, 8 s, … half an hour, then each hour
SPREAD = 0.2  # share of a wait by which deliveries that failed together part again
ERROR = 1000  # characters


def taken(delivery: Delivery, at: datetime) -> Delivery:
    """As an attempt begins: it counts, whatever becomes of whoever makes it."""
    return delivery.model_copy(
        update={
            "state": "sending",
            "attempts": delivery.attempts + 1,
            "last_attempt": at,
            "next_attempt": at + TAKEN,
        }
    )


def settled(delivery: Delivery, sent: Sent, at: datetime) -> Delivery:
    """As it ended. What failed is tried until a day after it was due, at the latest exactly then; then it is dead."""
    if sent.arrived:
        seconds = round((at - delivery.timestamp).total_seconds(), 3)
        arrived = {"state": "delivered", "delivered_at": at, "next_attempt": None, "seconds": seconds}
        return delivery.model_copy(update={**arrived, "status": sent.status, "error_kind": None, "last_error": None})
    failed = {"error_kind": sent.kind, "status": sent.status, "last_error": sent.error[:ERROR]}
    if at >= delivery.gives_up_at:
        return delivery.model_copy(update={**failed, "state": "dead", "next_attempt": None})
    after = max(wait(delivery), sent.retry_after or 0.0)
    again = min(at + timedelta(seconds=after), delivery.gives_up_at)
    return delivery.model_copy(update={**failed, "state": "retrying", "next_attempt": again})


def wait(delivery: Delivery) -> float:
    """Seconds before the next attempt, by how many there were: the same whoever asks."""
    step = min(FIRST * FACTOR ** max(0, delivery.attempts - 1), LONGEST) if delivery.attempts < 20 else LONGEST
    return float(step * (1 + SPREAD * int(delivery.delivery_id[:4], 16) / 0xFFFF))


def revived(delivery: Delivery, at: datetime) -> Delivery:
    """A dead one, or one that waits long, for another day from now."""
    again = {"state": "retrying", "next_attempt": at, "gives_up_at": at + PATIENCE}
    return delivery.model_copy(update=again)
