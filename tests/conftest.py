"""Fixtures that every test may ask for. A service starts when the first test asks for it, once a run."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from tests.services import ElasticsearchHandle, ValkeyHandle, short_folder

# A cluster to test against, not our own node. Taken out of the environment: to Kawat it would be an unknown setting.
EXTERNAL_ELASTICSEARCH = os.environ.pop("KAWAT_TEST_ELASTICSEARCH_URL", "")

# The background job of a shell ignores Ctrl-C, and so would all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def _elasticsearch() -> Iterator[ElasticsearchHandle]:
    with short_folder() as folder, ExitStack() as ended:
        handle = ElasticsearchHandle(folder)
        ended.callback(handle.stop)
        handle.start()
        yield handle


@pytest.fixture(scope="session")
def elasticsearch_url(request: pytest.FixtureRequest) -> str:
    """Where Elasticsearch answers: this run's own node, or the cluster that KAWAT_TEST_ELASTICSEARCH_URL names."""
    if EXTERNAL_ELASTICSEARCH:
        return EXTERNAL_ELASTICSEARCH
    handle: ElasticsearchHandle = request.getfixturevalue("_elasticsearch")
    return handle.url


@pytest.fixture
def elasticsearch_node(request: pytest.FixtureRequest) -> Iterator[ElasticsearchHandle]:
    """The run's own node, to stop, kill, freeze and start; it is up again for the next test."""
    if EXTERNAL_ELASTICSEARCH:
        pytest.skip("a cluster that is not ours is not stopped")
    handle: ElasticsearchHandle = request.getfixturevalue("_elasticsearch")
    handle.start()
    yield handle
    if handle.running:
        handle.thaw()
    handle.start()


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyHandle]:
    """The run's Valkey: `.url`, `.socket`. To kill one, take `fresh_valkey`."""
    with short_folder() as folder, ExitStack() as ended:
        handle = ValkeyHandle(folder)
        ended.callback(handle.stop)
        handle.start()
        yield handle


@pytest.fixture
def fresh_valkey() -> Iterator[Callable[[], ValkeyHandle]]:
    """Makes a started Valkey of the test's own each time it is called: to be killed, restarted, filled."""
    with ExitStack() as ended:

        def make() -> ValkeyHandle:
            handle = ValkeyHandle(ended.enter_context(short_folder()))
            ended.callback(handle.kill)
            handle.start()
            return handle

        yield make


@pytest.fixture
def index_prefix(elasticsearch_url: str) -> Iterator[str]:
    """Before every index and template name of one test, all of which are gone afterwards."""
    prefix = f"t{secrets.token_hex(5)}-"
    yield prefix
    with closing(Elasticsearch(elasticsearch_url, request_timeout=60)) as client:
        for index in client.indices.get(index=f"{prefix}*", expand_wildcards="all", allow_no_indices=True):
            client.indices.delete(index=index)
        asking = client.options(ignore_status=404)  # for a pattern that nothing matches
        for template in asking.indices.get_index_template(name=f"{prefix}*")["index_templates"]:
            client.indices.delete_index_template(name=template["name"])
        for template in asking.cluster.get_component_template(name=f"{prefix}*")["component_templates"]:
            client.cluster.delete_component_template(name=template["name"])


@pytest.fixture
def redis_prefix(valkey: ValkeyHandle) -> Iterator[str]:
    """Before every key of one test, all of which are gone afterwards."""
    prefix = f"t{secrets.token_hex(5)}:"
    yield prefix
    with closing(valkey.client()) as client:
        for key in client.scan_iter(match=f"{prefix}*", count=1000):
            client.unlink(key)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real pages that KAWAT_CORPUS names; without it the test is skipped."""
    named_folder = os.environ.get("KAWAT_CORPUS")
    if not named_folder:
        pytest.skip("needs a folder of real pages: set KAWAT_CORPUS")
    folder = Path(named_folder)
    if not folder.is_dir():
        pytest.fail(f"KAWAT_CORPUS={named_folder}: no such folder")
    return folder
