"""What of an entry counts when its feed lists it again: another digest means that its article is looked at again."""

from __future__ import annotations

import hashlib
import re

import orjson

from ingest.records import Entry

_MARKUP = re.compile(r"<[^>]*>")  # of full texts: pixels and links that count readers are others in each answer


def entry_digest(entry: Entry) -> str:
    """16 hex digits of title, texts, authors and the time of the last change, white space folded."""
    texts = (entry.title, entry.summary, _MARKUP.sub(" ", entry.content or ""), *entry.authors)
    said = [" ".join((text or "").split()) for text in texts]
    changed = entry.updated.isoformat() if entry.updated else None
    return hashlib.blake2b(orjson.dumps([said, changed]), digest_size=8).hexdigest()
