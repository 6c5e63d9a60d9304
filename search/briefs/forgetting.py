"""What readers kept of articles that are to be forgotten: out of their briefs, the texts, the raw pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from elasticsearch import Elasticsearch

from search.briefs.changes import BriefError
from search.briefs.remains import without
from search.briefs.store import ElasticsearchBriefs
from search.bulk import action, send
from search.client import SERVICE, missing_is_outage, walk
from search.ports import ServiceUnavailable
from search.schema import Names


def forget_kept(client: Elasticsearch, prefix: str, ids: Collection[str], texts: Mapping[str, str]) -> None:
    """Takes these articles out of all briefs and deletes `texts` (article by text), then their pages; again: the same.

    In that order: whoever is just storing a page looks for its text afterwards, and takes the page back without one.

    What a reader wrote beside them goes with a clipping that goes; a brief's own title and note are the reader's and
    stay. Raises ServiceUnavailable, BriefError where a brief is changed by others all the time.
    """
    names, wanted = Names(prefix), sorted(ids)
    briefs = ElasticsearchBriefs(client, prefix)
    with missing_is_outage(names.briefs):
        client.indices.refresh(index=names.briefs)
    for hits in walk(client, names.briefs, {"terms": {"article_ids": wanted}}, source=()):
        for hit in hits:
            try:
                briefs.change(hit["_id"], partial(without, gone=frozenset(ids), texts=frozenset(texts)))
            except BriefError as error:
                if error.reason != "no-brief":
                    raise
    for alias in (names.clippings, names.pages):
        actions = [action("delete", alias, id) for id in texts]
        items = send(client, actions) if actions else []
        wrong = next((item for item in items if item.status not in {200, 404}), None)
        if wrong is not None:
            raise ServiceUnavailable(SERVICE, f"forgetting what was kept: {wrong.reason}")
