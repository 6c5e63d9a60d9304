"""The fields of alerts and of their deliveries. Strict, as every mapping here.

An alert says what matched, where and why: one document an episode of (rule, dedup key). A delivery is one attempt after
another to bring it, or a digest of several, to one channel; it names its alerts.
"""

from __future__ import annotations

from typing import Any

from search.mappings import DATE, KEPT, KEYWORD, NAMED, SHOWN, TEXT

ALERT_FIELDS: dict[str, Any] = {
    "alert_id": KEYWORD,  # hash of rule, dedup key, episode
    "@timestamp": DATE,  # when it was raised
    "updated_at": DATE,
    # the rule as it was
    "rule": KEYWORD,  # its id
    "rule_name": NAMED,
    "rule_set": KEYWORD,  # hash of all rules in force
    "rule_type": KEYWORD,  # any, frequency, spike, flatline, new_term
    "owner": KEYWORD,
    "priority": KEYWORD,  # low, normal, high, critical
    "match": KEYWORD,  # exact, stemmed
    "dedup": KEYWORD,  # article, story
    "dedup_key": KEYWORD,
    "episode": {"type": "integer"},  # 1 is the first notice; further ones by `realert` and `update_after`
    "why": KEYWORD,  # first, realert, update, window
    "backfilled": {"type": "boolean"},  # found by a new rule looking back
    "sample": {"type": "boolean"},
    # what matched
    "article_id": KEYWORD,
    "article_ids": KEYWORD,  # of a window: all that counted
    "story_id": KEYWORD,
    "title": TEXT,
    "url": KEYWORD,
    "clause": KEYWORD,  # the part of the query that matched, as written
    "highlight": TEXT,  # where it did, without markup
    "source": KEYWORD,  # of the article that raised it
    "source_name": NAMED,
    "sources": KEYWORD,  # all so far, later ones too
    "source_count": {"type": "integer"},  # independent ones
    "language": KEYWORD,
    "country": KEYWORD,
    "about": KEYWORD,
    "topic": KEYWORD,
    "published": DATE,
    "first_seen": DATE,
    "figures": KEPT,  # of a window: counts, expected, threshold
    # what became of it
    "state": KEYWORD,  # open, acknowledged, muted
    "acknowledged_at": DATE,
    "acknowledged_by": KEYWORD,
    "muted_until": DATE,
    "note": TEXT,
    "channels": KEYWORD,  # where it goes, by name
    "delivered": KEYWORD,  # channels that have it
    "queued": KEYWORD,  # channels that have a delivery of it
    "due": DATE,  # later than raised where a digest or quiet hours defer it
    "bundled": {"type": "boolean"},  # with the others of its owner, channel and `due`, as one digest
    "message_language": KEYWORD,
    "tz": KEYWORD,
}

NOTICE_FIELDS: dict[str, Any] = {  # the one state of a rule and a dedup key: its episodes advance by compare-and-set
    "notice_id": KEYWORD,
    "rule": KEYWORD,
    "dedup_key": KEYWORD,
    "episode": {"type": "integer"},
    "notified_at": DATE,  # of the last episode
    "article_ids": KEYWORD,  # counted so far, the latest ones
    "owners": KEYWORD,  # independent sources so far
    "owners_then": {"type": "integer"},  # how many there were when the last episode began
    "written": {"type": "boolean"},  # the alert of the last episode stands in `alerts`
    "alert": KEPT,  # the last episode's, as raised
    "updated_at": DATE,
}

RULE_FIELDS: dict[str, Any] = {  # rule sets as published, and what is muted
    "kind": KEYWORD,  # set, current, mute
    "rule_set": KEYWORD,
    "published": DATE,
    "published_by": KEYWORD,
    "rule": KEYWORD,
    "story_id": KEYWORD,
    "until": DATE,
    "content": KEPT,
}

DELIVERY_FIELDS: dict[str, Any] = {
    "delivery_id": KEYWORD,  # hash of alert or digest, and channel: the receiver's idempotency key
    "@timestamp": DATE,  # when it was made
    "alert_id": KEYWORD,  # one, or the members of a digest
    "rule": KEYWORD,
    "owner": KEYWORD,
    "priority": KEYWORD,
    "channel": KEYWORD,  # its name in the settings
    "kind": KEYWORD,  # alert, digest, test
    "state": KEYWORD,  # waiting, sending, retrying, delivered, dead
    "attempts": {"type": "integer"},
    "due": DATE,
    "last_attempt": DATE,
    "next_attempt": DATE,
    "delivered_at": DATE,
    "gives_up_at": DATE,
    "seconds": {"type": "float"},  # from the alert to its delivery
    "error_kind": KEYWORD,  # refused, timeout, status, …
    "status": {"type": "integer"},  # HTTP status of the last attempt
    "last_error": SHOWN,
    "body_hash": KEYWORD,
    "body": KEPT,  # as rendered before the first attempt: what is sent never changes
}
