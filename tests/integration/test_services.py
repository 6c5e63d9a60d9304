"""The local stack's Elasticsearch and Valkey, as real processes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from elasticsearch import Elasticsearch

from tests.services import ElasticsearchHandle, ValkeyHandle

pytestmark = pytest.mark.services


def test_an_index_survives_a_restart(elasticsearch_node: ElasticsearchHandle, index_prefix: str) -> None:
    with closing(Elasticsearch(elasticsearch_node.url)) as client:
        client.indices.create(index=f"{index_prefix}a")
        client.index(index=f"{index_prefix}a", id="1", document={"x": 1})
        assert elasticsearch_node.stop() < 5
        elasticsearch_node.start()
        assert client.get(index=f"{index_prefix}a", id="1")["_source"] == {"x": 1}


def test_no_acknowledged_write_is_lost_to_sigkill(fresh_valkey: Callable[[], ValkeyHandle]) -> None:
    valkey = fresh_valkey()
    with closing(valkey.client()) as client:
        for number in range(500):
            client.set(f"k{number}", number)
        valkey.kill()
        valkey.start()
        assert client.dbsize() == 500
