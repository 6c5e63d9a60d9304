"""*Open in Kibana*: the address of Discover with a search's compiled query as a filter. Pure.

The filter carries the very query that the page asked Elasticsearch, so that Discover finds the same articles, `NEAR/n`
and stemmed words too, which Kibana's own search bar cannot say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from search.kibana.rison import rison
from search.kibana.views import DataViews
from search.schema import Names

ALL_TIMES = "now-50y"  # a query that says nothing of times finds every article; Discover always has a range
KEPT = "!'():,*-._~$@"  # a fragment may hold them as they are
INVISIBLE = re.compile(r"[\s\x00-\x20\x7f-\x9f]")
COLUMNS = ("title", "source_name", "language", "about")
Compiled = Callable[[str, bool], Mapping[str, Any]]  # words, and whether they are stemmed → Elasticsearch's query


def kibana_link(
    base: str, compiled_query: Mapping[str, Any], *, since: str | None = None, label: str = "", prefix: str = ""
) -> str:
    """Discover at `base` (Kibana's address, with its base path and space), showing what `compiled_query` finds.

    `since`: the start of the time range, as `now-7d` or ISO 8601; left out, from the beginning. `label`: what the
    filter's pill says, the query as it was typed. `prefix`: of the index names.
    """
    view = DataViews(Names(prefix)).articles
    app = {
        "columns": COLUMNS,
        "dataSource": {"dataViewId": view.id, "type": "dataView"},
        "filters": [] if compiled_query == {"match_all": {}} else [_filter(compiled_query, view.id, label)],
        "index": view.id,  # as Kibana 8.14 and older name it; later ones prefer `dataSource`
        "interval": "auto",
        "query": {"language": "kuery", "query": ""},
        "sort": [["first_seen", "desc"]],
    }
    everywhere = {"filters": [], "time": {"from": since or ALL_TIMES, "to": "now"}}
    return f"{base.rstrip('/')}/app/discover#/?_g={_quoted(everywhere)}&_a={_quoted(app)}"


def opener(base: str, compiled: Compiled, prefix: str = "") -> Callable[[str, bool], str] | None:
    """What makes a search's address in the Kibana at `base` of its words, and whether they are stemmed; None without
    one. `compiled`: what the search itself asks with."""

    def opened(query: str, stemmed: bool) -> str:
        return kibana_link(base, compiled(query, stemmed), label=query, prefix=prefix)

    return opened if base else None


def base_address(url: str) -> str:
    """`url` without a slash at its end. Raises ValueError where it is none that readers could open: says why."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # the port raises where it is no number
    except ValueError:
        raise ValueError("it is no usable address: host or port cannot be read") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError("it begins with http:// or https:// and names a host, as https://kibana.example/s/desk")
    if "@" in parts.netloc:
        raise ValueError("it holds a login, which every reader of the page would see: leave it out")
    if parts.query or parts.fragment or INVISIBLE.search(url):
        raise ValueError("nothing but a path follows the host: no ?, # or space, as https://kibana.example/s/desk")
    return url.rstrip("/")


def _filter(query: Mapping[str, Any], view_id: str, label: str) -> dict[str, Any]:
    return {
        "$state": {"store": "appState"},
        "meta": {
            "alias": f"Kawat: {label}" if label else "Kawat",
            "disabled": False,
            "index": view_id,
            "key": "query",
            "negate": False,
            "type": "custom",
            "value": orjson.dumps(query).decode(),
        },
        "query": query,
    }


def _quoted(value: object) -> str:
    return quote(rison(value), safe=KEPT)
