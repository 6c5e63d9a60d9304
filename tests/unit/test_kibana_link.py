"""*Open in Kibana*: the compiled query arrives whole in Discover's address."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.kibana.link import base_address, kibana_link, opener
from search.kibana.rison import rison
from search.query import compile_query
from search.web.app import create_app
from search.web.ports import WebPorts
from tests.browser.wire import Wire, hit, served

BASE = "https://kibana.example/s/desk"


def read(text: str) -> Any:
    """What a Rison text says: a reader of its own, after the description of the notation."""
    value, rest = _value(text)
    assert rest == "", f"left over: {rest}"
    return value


def _value(text: str) -> tuple[Any, str]:
    if text.startswith("!("):
        return _items(text[2:])
    if text[0] == "!":
        return {"t": True, "f": False, "n": None}[text[1]], text[2:]
    if text[0] == "(":
        return _pairs(text[1:])
    if text[0] == "'":
        found = re.match(r"'((?:[^'!]|!['!])*)'", text)
        assert found
        return re.sub(r"!(['!])", r"\1", found[1]), text[found.end() :]
    number = re.match(r"-?(0|[1-9]\d*)(\.\d+)?(e-?\d+)?(?=[,):]|$)", text)
    if number:
        return json.loads(number[0]), text[number.end() :]
    word = re.match(r"[^\s'!:(),*@$\d-][^\s'!:(),*@$]*", text)
    assert word, text
    return word[0], text[word.end() :]


def _items(text: str) -> tuple[list[Any], str]:
    items: list[Any] = []
    while text[0] != ")":
        item, text = _value(text.removeprefix(",") if items else text)
        items.append(item)
    return items, text[1:]


def _pairs(text: str) -> tuple[dict[str, Any], str]:
    pairs: dict[str, Any] = {}
    while text[0] != ")":
        key, text = _value(text.removeprefix(",") if pairs else text)
        assert text[0] == ":"
        pairs[key], text = _value(text[1:])
    return pairs, text[1:]


def states(link: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Discover's global state and its own."""
    parts = urlsplit(link)
    path, _, query = parts.fragment.partition("?")
    assert path == "/"
    found = dict(part.split("=", 1) for part in query.split("&"))
    return read(unquote(found["_g"])), read(unquote(found["_a"]))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_rison_reads_back_as_what_was_written(value: Any) -> None:
    assert read(rison(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"x"])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        rison(value)


@pytest.mark.parametrize(
    "text",
    [
        '"kantor penghubung" AND country:JP',
        "l'usine & co",
        "北约 OR 联络处",
        "title:(a OR b) -c",
        "words:>5",
        "100%",
        "a NEAR/5 b",
    ],
)
def test_the_compiled_query_is_the_filter(text: str) -> None:
    compiled = compile_query(text, tz="Asia/Jakarta")
    everywhere, app = states(kibana_link(BASE, compiled, label=text))
    (pill,) = app["filters"]
    assert pill["query"] == compiled
    assert json.loads(pill["meta"]["value"]) == compiled
    assert (pill["meta"]["type"], pill["meta"]["key"], pill["meta"]["alias"]) == ("custom", "query", f"Kawat: {text}")
    assert app["dataSource"] == {"dataViewId": "kawat-articles", "type": "dataView"}
    assert app["index"] == pill["meta"]["index"] == "kawat-articles"
    assert everywhere["time"] == {"from": "now-50y", "to": "now"}


def test_a_search_for_everything_needs_no_filter() -> None:
    assert states(kibana_link(BASE, compile_query("")))[1]["filters"] == []


def test_time_range_and_index_prefix_are_those_given() -> None:
    everywhere, app = states(kibana_link(BASE + "/", {"match_all": {}}, since="now-7d", prefix="desk-"))
    assert everywhere["time"]["from"] == "now-7d"
    assert app["index"] == "kawat-desk-articles"


def test_without_a_kibana_there_is_no_link() -> None:
    assert opener("", compiled) is None


@pytest.mark.parametrize("stemmed", [False, True])
def test_a_search_is_opened_with_what_the_search_itself_asks(stemmed: bool) -> None:
    made = opener(BASE, compiled, "desk-")
    assert made is not None
    expected = compile_query("kantor seen:today", tz="Asia/Tokyo", stemmed=stemmed)
    assert made("kantor seen:today", stemmed) == kibana_link(BASE, expected, label="kantor seen:today", prefix="desk-")


def compiled(query: str, stemmed: bool) -> dict[str, Any]:
    return compile_query(query, tz="Asia/Tokyo", stemmed=stemmed)


def test_the_address_holds_nothing_that_a_browser_would_read_otherwise() -> None:
    link = kibana_link(BASE, compile_query('"a&b#c" OR "<i>"'), label='"><script>')
    assert re.fullmatch(r"https://kibana\.example/s/desk/app/discover#/\?[\w!'():,*\-.~$@%&=]+", link)


@pytest.mark.parametrize("url", ["https://kibana.example", "http://127.0.0.1:5601/base/s/desk/"])
def test_an_address_for_readers_is_taken(url: str) -> None:
    assert base_address(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        *("kibana.example", "ftp://k.example", "https://", "https://u:p@k.example", "https://k.example/?a=b"),
        *("http://k:x/", "https://k.example/#x", "https://k.example/a b", "javascript:alert(1)"),
    ],
)
def test_an_address_that_readers_could_not_open_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"it |nothing"):
        base_address(url)


def test_the_page_hands_on_the_words_as_they_were_asked() -> None:
    asked: list[tuple[str, bool]] = []

    def kibana(query: str, stemmed: bool) -> str:
        asked.append((query, stemmed))
        return f"{BASE}/app/discover#/?{len(asked)}"

    wire = Wire()
    wire.hits = [hit("Kantor penghubung")]
    with served(create_app(WebPorts(search=wire, status=wire, kibana=kibana))) as address:
        pages = [httpx.get(f"{address}/", params={"q": "kantor", "stemmed": stemmed}).text for stemmed in ("", "1")]
    assert asked == [("kantor", False), ("kantor", True)]
    assert [f'href="{BASE}/app/discover#/?{n}"' in page for n, page in enumerate(pages, 1)] == [True, True]
