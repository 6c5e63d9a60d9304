"""Each search's and panel's query on a real node, over the sample articles: it finds what it should, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from elasticsearch import BadRequestError, Elasticsearch

from ingest.tagging import tag
from search.client import connect
from search.kibana.export import saved_objects
from search.kibana.objects import Query, SavedObject
from search.ports import Document
from search.query import compile_query
from search.schema import Names
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, article, digest, feed
from tests.kibana.kql import TYPED, translated
from tests.kibana.reading import aggregations, columns_of, queries_of, query, rows
from tests.newsroom.sample import sample_articles

pytestmark = pytest.mark.services

PREFIX = "t-kibana-module-"
OBJECTS = saved_objects(PREFIX)
PANELS = [one for one in OBJECTS if one.kind == "lens"]
VIEWS = {one.id: one.attributes["title"] for one in OBJECTS if one.kind == "index-pattern"}
Doc = Mapping[str, Any]
AT = "2026-11-20T0{}:00:00Z"


def texts(doc: Doc) -> str:
    return f"{doc.get('title', '')}\n{doc.get('body', '')}".lower()


def has(field: str) -> Callable[[Doc], bool]:
    return lambda doc: bool(doc.get(field))


def health(*states: str) -> Callable[[Doc], bool]:
    return lambda doc: doc["health"]["state"] in states


# What each query of ours means, said in Python.
MEANT: dict[str, Callable[[Doc], bool]] = {
    '"kantor penghubung"~1 OR "pusat penghubung" OR "liaison office"': lambda doc: any(
        words in texts(doc) for words in ("kantor penghubung", "pusat penghubung", "liaison office")
    ),
    "about: *": has("about"),
    "changed: *": has("changed"),
    "unlinked: *": has("unlinked"),
    "copy_of: *": has("duplicate_of"),
    "not published: *": lambda doc: not doc.get("published"),
    "not copy_of: * and not agency: *": lambda doc: not doc.get("duplicate_of") and not doc.get("agency"),
    "is: paywalled": lambda doc: "paywalled" in doc.get("is", []),
    "state: open and priority: (high or critical)": lambda doc: (
        doc["state"] == "open" and doc["priority"] in {"high", "critical"}
    ),
    "state: dead": lambda doc: doc["state"] == "dead",
    "state:open": lambda doc: doc["state"] == "open",
    "state:(retrying OR dead)": lambda doc: doc["state"] in {"retrying", "dead"},
    "state: (waiting or sending or retrying)": lambda doc: doc["state"] in {"waiting", "sending", "retrying"},
    "error_kind: *": has("error_kind"),
    "health.state: (failing or gone)": health("failing", "gone"),
    "health.state: quiet": health("quiet"),
    "health.state: (failing or quiet or gone)": health("failing", "quiet", "gone"),
    "health.error_kind: *": lambda doc: bool(doc["health"].get("error_kind")),
    # what docs/kibana.md tells readers to type
    '"kantor penghubung"': lambda doc: "kantor penghubung" in texts(doc),
    "lang: id and about: JP": lambda doc: doc["language"] == "id" and "JP" in doc.get("about", []),
    "author: turk": lambda doc: "Ana Türk" in doc.get("authors", []),
    'title: "kantor penghubung" and not is: sample': lambda doc: (
        "kantor penghubung" in doc["title"].lower() and "sample" not in doc.get("is", [])
    ),
    "seen >= 2026-03-04": lambda doc: doc["first_seen"] >= "2026-03-03T17:00:00Z",  # midnight in Jakarta
    "words > 5": lambda doc: doc.get("word_count", 0) > 5,
    "org: NATO": lambda doc: "NATO" in doc.get("organisation", []),
}


def documents() -> Iterator[Document]:
    """The sample articles with the tags they get, from three sources; and some of every further kind."""
    seen = datetime(2026, 11, 20, tzinfo=UTC)
    for number, one in enumerate(sample_articles()):
        host = f"news{number % 3}.example"
        text = article(
            one.title,
            body="\n\n".join(one.body),
            language=one.language,
            published=one.published if number else None,
            url=f"https://{host}/{one.slug}",
            word_count=sum(len(part.split()) for part in one.body),
            paywalled=number % 5 == 1,
            agency="Antara" if number % 5 == 2 else None,
            authors=("Ana Türk",) if number % 4 == 0 else ("Nina Loasana",),
        )
        source = feed(url=f"https://{host}/rss", sample=number % 2 == 0)
        yield Document(entry_id=digest(one.slug), tagged=tag(text), feed=source, first_seen=seen)
    old = article("Kantor humas dibuka", body="Singkat.", language="id", word_count=1, published=None)
    yield Document(entry_id="old", tagged=tag(old), feed=feed(), first_seen=datetime(2026, 1, 2, tzinfo=UTC))


ALERTS = [
    {"rule": "kantor-penghubung", "rule_name": "Kantor penghubung", "priority": "high", "state": "open"},
    {"rule": "kantor-penghubung", "rule_name": "Kantor penghubung", "priority": "high", "state": "acknowledged"},
    {"rule": "sanksi", "rule_name": "Sanksi", "priority": "low", "state": "open"},
    {"rule": "natuna", "rule_name": "Laut Natuna Utara", "priority": "critical", "state": "open"},
]
DELIVERIES: list[dict[str, Any]] = [
    {"channel": "desk", "state": "delivered", "attempts": 1, "seconds": 0.5},
    {"channel": "desk", "state": "dead", "attempts": 9, "error_kind": "timeout"},
    {"channel": "mail", "state": "retrying", "attempts": 2, "error_kind": "refused"},
    {"channel": "mail", "state": "waiting", "attempts": 0},
]
FEEDS: list[dict[str, Any]] = [
    {"state": "ok", "failures": 0, "last_success": AT.format(1), "last_new": AT.format(1), "seen": 4.0, "expected": 5},
    {"state": "quiet", "failures": 0, "last_success": AT.format(2), "last_new": AT.format(0), "expected": 9.5},
    {"state": "failing", "failures": 7, "last_success": AT.format(0), "error_kind": "dns"},
    {"state": "gone", "failures": 30, "error_kind": "gone"},
    {"state": "new", "failures": 0},
]


@pytest.fixture(scope="module")
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url)) as client:
        remove(client)
        ensure_schema(client, PREFIX)
        fill(client)
        yield client
        remove(client)


def remove(client: Elasticsearch) -> None:
    for name in client.indices.get(index=f"{PREFIX}*", allow_no_indices=True).body:
        client.indices.delete(index=name)
    asking = client.options(ignore_status=404)
    for one in asking.indices.get_index_template(name=f"{PREFIX}*").body.get("index_templates", []):
        client.indices.delete_index_template(name=one["name"])


def fill(client: Elasticsearch) -> None:
    names, index = Names(PREFIX), ElasticsearchIndex(client, PREFIX, MemoryHomes())
    given = list(documents())
    assert {result.outcome for result in index.write(given)} == {"written"}
    changes: dict[int, dict[str, Any]] = {
        0: {"changed": ["title"], "changed_at": AT.format(3)},
        3: {"changed": ["gutted"]},
    }
    changes |= {4: {"duplicate_of": given[1].id}, 5: {"duplicate_of": given[1].id}}
    for number, change in changes.items():
        client.update(index=names.articles, id=given[number].id, doc=change)
    for number, fields in enumerate(ALERTS):
        more = {"@timestamp": AT.format(number), "story_id": f"s{number % 2}", "source_count": number + 1}
        client.index(index=names.alerts, id=str(number), document={"owner": "desk-asia", **more, **fields})
    for number, fields in enumerate(DELIVERIES):
        client.index(index=names.deliveries, id=str(number), document={"@timestamp": AT.format(number), **fields})
    for number, fields in enumerate(FEEDS):
        document = {"id": str(number), "name": f"Feed {number}", "url": f"https://f{number}.example/", "health": fields}
        client.index(index=names.feeds, id=str(number), document=document)
    client.indices.refresh(index=f"{PREFIX}*")


def stored(client: Elasticsearch, alias: str) -> dict[str, Doc]:
    hits = client.search(index=alias, size=1000)["hits"]["hits"]
    return {hit["_id"]: hit["_source"] for hit in hits}


def meant(one: Query, docs: Mapping[str, Doc]) -> dict[str, Doc]:
    return {key: doc for key, doc in docs.items() if not one.text or MEANT[one.text](doc)}


def alias_of(one: SavedObject) -> str:
    return next(str(VIEWS[target]) for kind, target in one.references.values() if kind == "index-pattern")


def asked() -> list[tuple[str, Query]]:
    """Every query of ours with the alias it goes to, and those of the documentation."""
    found = {
        (alias_of(one), wanted)
        for one in OBJECTS
        if one.kind in {"lens", "search"}
        for wanted in queries_of([one])
        if wanted.text
    }
    found |= {(Names(PREFIX).articles, Query(text)) for text in TYPED}
    return sorted(found, key=lambda pair: (pair[0], pair[1].text))


@pytest.mark.parametrize(("alias", "wanted"), asked(), ids=lambda value: getattr(value, "text", value))
def test_a_query_finds_what_it_means(client: Elasticsearch, alias: str, wanted: Query) -> None:
    docs = stored(client, alias)
    answer = client.search(index=alias, query=translated(wanted), size=1000, source=False)
    found = {hit["_id"] for hit in answer["hits"]["hits"]}
    assert found == set(meant(wanted, docs))
    assert 0 < len(found) < len(docs), "the material must hold some of each"


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.id.removeprefix(f"kawat-{PREFIX}panel-"))
def test_a_panel_shows_what_it_should(client: Elasticsearch, panel: SavedObject) -> None:
    alias = alias_of(panel)
    columns = columns_of(panel)
    filters = {name: translated(query(one["filter"])) for name, one in columns.items() if "filter" in one}
    wanted = query(panel.attributes["state"]["query"])
    answer = client.search(
        index=alias,
        query=translated(wanted),
        aggs=aggregations(panel, filters) or None,
        size=0,
        track_total_hits=True,
    ).body
    shown = rows(panel, answer.get("aggregations", {}), answer["hits"]["total"]["value"])
    assert shown == expected(columns, list(meant(wanted, stored(client, alias)).values()))
    assert shown
    assert any(figure for figures in shown.values() for figure in figures)


def expected(columns: Mapping[str, Doc], docs: list[Doc]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What a panel must show, counted in Python."""
    groups: dict[tuple[Any, ...], list[Doc]] = {(): docs}
    for column in columns.values():
        if column["isBucketed"]:
            groups = {
                (*key, value): [doc for doc in members if value in keys(column, doc)]
                for key, members in groups.items()
                for value in Counter(value for doc in members for value in keys(column, doc))
            }
    figures = [column for column in columns.values() if not column["isBucketed"]]
    return {key: tuple(figure(column, members) for column in figures) for key, members in groups.items()}


def values(field: str, doc: Doc) -> list[Any]:
    value: Any = doc
    for part in field.split("."):
        value = value.get(part, {}) if isinstance(value, Mapping) else value
    return [] if value == {} else value if isinstance(value, list) else [value]


def keys(column: Doc, doc: Doc) -> set[Any]:
    found = set(values(column["sourceField"], doc))
    if column["operationType"] == "date_histogram":
        return {milliseconds(value[:10] + "T00:00:00Z") for value in found}
    if column["params"]["exclude"]:
        return {value for value in found if not (value.startswith("k-") or (value[0] == "Q" and value[1:].isdigit()))}
    return found


def figure(column: Doc, docs: list[Doc]) -> Any:
    if column["operationType"] == "count":
        return sum(MEANT[column["filter"]["query"]](doc) for doc in docs) if "filter" in column else len(docs)
    found = [value for doc in docs for value in values(column["sourceField"], doc)]
    if column["operationType"] == "unique_count":
        return len(set(found))
    numbers = [milliseconds(value) if isinstance(value, str) else value for value in found]
    return max(numbers, default=None)


def milliseconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp() * 1000


def test_the_saved_search_knows_the_phrase_from_its_neighbours(client: Elasticsearch) -> None:
    """The seed article is found; the press office, and liaison as a verb, are not."""
    search = next(one for one in OBJECTS if one.attributes["title"] == "Kantor penghubung")
    (wanted,) = queries_of([search])
    hits = client.search(index=alias_of(search), query=translated(wanted), size=100)["hits"]["hits"]
    titles = {hit["_source"]["title"] for hit in hits}
    assert "Macron Tentang Pembukaan Kantor Penghubung NATO di Tokyo" in titles
    assert not any("humas" in title.lower() or "perhubungan" in title.lower() for title in titles)


def test_near_is_not_kibanas(client: Elasticsearch) -> None:
    """As docs/kibana.md says: its Lucene mode is answered with 400; the compiled query is what to hand over."""
    alias = Names(PREFIX).articles
    near = "kantor NEAR/3 penghubung"
    with pytest.raises(BadRequestError):
        client.search(index=alias, query=translated(Query(near, "lucene")))
    found = client.search(index=alias, query=compile_query(near), size=100)["hits"]["hits"]
    assert found
    assert all("penghubung" in texts(hit["_source"]) and "kantor" in texts(hit["_source"]) for hit in found)
