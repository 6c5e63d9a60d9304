"""Beginning the next index of a family that grows: none becomes too large to be copied, or too old to be dropped."""

from __future__ import annotations

from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from search.client import error_type, outages
from search.lifecycle.generations import next_number
from search.schema import Names

ROLLOVER_BYTES = 20_000_000_000
TAKEN = "resource_already_exists_exception"


def rollover(
    client: Elasticsearch, prefix: str = "", max_bytes: int = ROLLOVER_BYTES, max_days: int | None = None
) -> str | None:
    """Begins the next index of the articles where the present one is as large or old as that, and of the revisions.

    The article index that is new, or None. Empty indices stay. Any number of processes may ask at once. Stories are not
    rolled over: a story is looked for by a search, and must not be made twice. Raises ServiceUnavailable.
    """
    names = Names(prefix)
    conditions: dict[str, Any] = {"max_primary_shard_size": f"{max_bytes}b", "min_docs": 1}
    if max_days is not None:
        conditions["max_age"] = f"{max_days}d"
    _rolled(client, names.revisions, conditions)
    return _rolled(client, names.articles, conditions)


def begin_next(client: Elasticsearch, alias: str) -> str | None:
    """The family's next index, whatever the present one is like. Raises ServiceUnavailable."""
    return _rolled(client, alias, None)


def _rolled(client: Elasticsearch, alias: str, conditions: dict[str, Any] | None) -> str | None:
    """An explicit name: one that was made over ends in no number, and two who ask at once ask for the same."""
    with outages():
        try:
            known = client.indices.get_alias(index=f"{alias}-*", allow_no_indices=True).body
            names = [*known, *(name for index in known.values() for name in index["aliases"])]
            answer = client.indices.rollover(alias=alias, new_index=next_number(alias, names), conditions=conditions)
        except NotFoundError:
            return None  # not set up yet
        except BadRequestError as error:
            if error_type(error) != TAKEN:  # another process was faster
                raise
            return None
    return str(answer["new_index"]) if answer["rolled_over"] else None
