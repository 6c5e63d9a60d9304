"""What ids are called for people: topics, and the entities of the names' lists."""

from __future__ import annotations

import re

from ingest.tagging.known import matcher
from ingest.tagging.topics import topic_names

ENTITY = re.compile(r"Q[0-9]{1,12}|k-[\w-]{1,80}")


def topic_name(id: str, language: str) -> str:
    """In Indonesian or English; of one that is not in the list, the id in words."""
    topic = topic_names().get(id)
    if topic is None:
        return id.replace("-", " ")
    return topic.indonesian if language == "id" else topic.en


def entity_name(id: str, language: str) -> str | None:
    """What an entity of the lists is called there; None for anything else. The first call reads the lists."""
    if not ENTITY.fullmatch(id):
        return None
    known = matcher(None).entities.get(id)
    return known.name_in(language) if known else None
