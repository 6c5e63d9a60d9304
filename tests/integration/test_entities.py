"""Entities on a real node: found in any script, counted, and told with whom they are named more than by chance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from elasticsearch import Elasticsearch

from ingest.dates import now
from ingest.records import Mention
from search.client import connect
from search.entityindex import EntityIndex
from search.entitysearch import EntitySearch
from search.ports import ServiceUnavailable
from search.prescan import QueryError
from search.schema import Names
from search.search import search
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, document

pytestmark = pytest.mark.services

PREFIX = "t-entities-module-"
NOW = now()
OWN = "k-wirata person\n  en  Made Wirata\n  ru  Маде Вирата\n  country  ID\nk-lama person\n  en  Nama Lama\n"
Kind = Literal["person", "organisation", "place", "country", "thing"]


def named(type: Kind, id: str, name: str, *, linked: bool = True) -> Mention:
    return Mention(id=id, type=type, name=name, surfaces=(name,), count=1, spans=(), linked=linked)


KISHIDA = named("person", "k-fumio-kishida", "Fumio Kishida")
NATO = named("organisation", "Q7184", "NATO")
SITI = named("person", "siti aminah", "Siti Aminah", linked=False)
RARE = named("person", "budi rare", "Budi Rare", linked=False)
COUNTRIES = {"JP": "Japan", "ID": "Indonesia", "FR": "France", "BR": "Brazil"}
WIRATA = named("person", "k-wirata", "Made Wirata")


def article(at: int, *mentions: Mention, countries: tuple[str, ...] = ("ID",), days: float = 1) -> object:
    seen = (NOW - timedelta(days=days, minutes=at)).replace(microsecond=0)
    places = tuple(named("place", code, COUNTRIES[code]) for code in countries)  # as the tagger has them
    return document(f"Article {at}", mentions=(*mentions, *places), countries=countries, seen=seen)


@pytest.fixture(scope="module")
def client(elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elasticsearch]:
    own = tmp_path_factory.mktemp("names") / "own.names"
    own.write_text(OWN)
    with closing(connect(elasticsearch_url)) as client:
        _remove(client)
        ensure_schema(client, PREFIX)
        articles = [article(at, KISHIDA, NATO, countries=("JP",)) for at in range(12)]
        articles += [article(at, KISHIDA, SITI, countries=("JP", "ID"), days=40) for at in range(200, 206)]
        articles += [article(at, NATO, countries=("FR",), days=3) for at in range(16, 22)]
        articles += [article(at, SITI, countries=("ID",)) for at in range(22, 26)]
        articles += [article(26, RARE), article(27, WIRATA)]
        articles += [article(at, countries=("BR",)) for at in range(30, 130)]
        index = ElasticsearchIndex(client, PREFIX, MemoryHomes())
        assert {one.outcome for one in index.write(articles)} == {"written"}  # type: ignore[arg-type]  # documents
        index.refresh()
        entities = EntityIndex(client, PREFIX)
        assert entities.counted_at() is None
        assert entities.load(own) > 3_500
        assert entities.count(NOW) > 0
        client.indices.refresh(index=Names(PREFIX).entities)
        yield client
        _remove(client)


@pytest.fixture
def port(client: Elasticsearch) -> EntitySearch:
    return EntitySearch(client, PREFIX, tz="Asia/Jakarta")


def _remove(client: Elasticsearch) -> None:
    for name in client.indices.get(index=f"{PREFIX}*", allow_no_indices=True).body:
        client.indices.delete(index=name)
    for template in client.options(ignore_status=404).indices.get_index_template(name=f"{PREFIX}*")["index_templates"]:
        client.indices.delete_index_template(name=template["name"])


@pytest.mark.parametrize(
    "typed", ["Kishida", "kish", "KISHIDA", "Fumio", "岸田", "кисида", "كيشيدا", "Kishida Fu", "Kishyda", "Kisida"]
)
def test_kishida_is_found_in_any_script_by_any_beginning_and_in_spite_of_a_slip(port: EntitySearch, typed: str) -> None:
    assert port.suggest(typed)[0].id == "k-fumio-kishida"


@pytest.mark.parametrize(
    ("typed", "id"),
    [("Jepang", "JP"), ("日本", "JP"), ("turkiye", "TR"), ("اليابان", "JP"), ("nato", "Q7184"), ("Нато", "Q7184")],
)
def test_accents_case_and_scripts_make_no_difference(port: EntitySearch, typed: str, id: str) -> None:
    assert port.suggest(typed)[0].id == id


def test_suggestions_are_of_the_types_asked_for_and_say_how_often_each_was_named(port: EntitySearch) -> None:
    found = port.suggest("ja", size=50, types=("place", "country"))
    assert {one.type for one in found} == {"place", "country"}
    assert port.suggest("nato")[0].count == 18
    assert port.suggest("kishida")[0].count == 12  # six were seen 40 days ago
    assert port.suggest("   ") == ()
    assert port.suggest("qqqqqqqq") == ()
    with pytest.raises(ValueError, match="there is no type 'town'"):
        port.suggest("x", types=("town",))


def test_a_name_that_no_list_knows_is_found_once_three_articles_have_it(port: EntitySearch) -> None:
    found = port.suggest("aminah")
    assert [(one.name, one.linked, one.count, one.aliases) for one in found] == [("Siti Aminah", False, 4, ())]
    assert port.suggest("Budi Rare") == ()
    profile = port.profile("person", "Siti Aminah")
    assert profile is not None
    assert (profile.total, profile.entity.linked) == (10, False)


def test_the_users_own_names_are_found_too_and_go_with_his_file(client: Elasticsearch, port: EntitySearch, tmp_path: Path) -> None:  # fmt: skip # noqa: E501
    assert port.suggest("вирата")[0].id == "k-wirata"
    assert port.suggest("nama lama")[0].id == "k-lama"
    changed = tmp_path / "own.names"
    changed.write_text(OWN.partition("k-lama")[0])
    index = EntityIndex(client, PREFIX)
    before = port.suggest("nato")[0].count
    assert index.load(changed) > 3_500
    assert index.load(changed) == 0
    assert not any(one.id == "k-lama" for one in port.suggest("nama lama"))
    assert port.suggest("вирата")[0].id == "k-wirata"
    assert port.suggest("nato")[0].count == before
    assert index.counted_at() is None  # due again


def test_lately_named_are_counted_as_they_are_now(port: EntitySearch) -> None:
    found = {(one.type, one.id): one.count for one in port.lately()}
    assert found["organisation", "Q7184"] == 18
    assert found["person", "k-fumio-kishida"] == 12
    assert found["person", "Siti Aminah"] == 4
    assert ("person", "Fumio Kishida") not in found
    assert {one.type for one in port.lately(types=("country",))} == {"country"}


def test_a_country_is_a_country_though_it_stands_among_the_places(port: EntitySearch) -> None:
    assert [(one.type, one.id) for one in port.lately() if one.name == "Japan"] == [("country", "JP")]
    profile = port.profile("person", "k-fumio-kishida")
    assert profile is not None
    assert profile.together["place"] == ()
    assert [one.entity.id for one in profile.together["country"]] == ["JP"]
    japan = port.profile("place", "JP", beside=("place", "ID"))
    assert japan is not None
    assert japan.beside is not None
    assert (japan.entity.type, japan.entity.id, japan.beside.type, japan.total) == ("country", "JP", "country", 6)


def test_a_profile_counts_its_articles_and_says_what_stands_with_it_more_than_by_chance(port: EntitySearch) -> None:
    profile = port.profile("person", "k-fumio-kishida")
    assert profile is not None
    assert (profile.total, profile.entity.name, profile.source_count) == (18, "Fumio Kishida", 1)
    assert sum(n for _, n in profile.timeline.counts) == 18
    assert profile.timeline.interval == "1d"
    nato = profile.together["organisation"][0]
    assert (nato.entity.id, nato.articles) == ("Q7184", 12)
    assert nato.times > 4
    assert [one.entity.id for one in profile.together["country"]] == ["JP"]
    siti = profile.together["person"][0]
    assert (siti.entity.id, siti.entity.linked, siti.articles) == ("Siti Aminah", False, 6)
    assert all(one.entity.id != "k-fumio-kishida" for one in profile.together["person"])
    assert len(profile.newest) == 12
    assert profile.newest[0].first_seen == profile.last
    assert "岸田文雄" in profile.known_as["ja"]


def test_an_entity_is_known_by_its_exact_name_too(port: EntitySearch) -> None:
    profile = port.profile("organisation", "NATO")
    assert profile is not None
    assert profile.entity.id == "Q7184"


def test_a_profile_of_a_while_leaves_out_what_was_seen_before(port: EntitySearch) -> None:
    profile = port.profile("person", "k-fumio-kishida", since="7d")
    assert profile is not None
    assert (profile.total, profile.since) == (12, "7d")
    assert "Siti Aminah" not in {one.entity.id for one in profile.together.get("person", ())}
    with pytest.raises(ValueError, match="no span of time"):
        port.profile("person", "k-fumio-kishida", since="last week")


def test_two_together_are_the_articles_that_name_both(port: EntitySearch) -> None:
    profile = port.profile("person", "k-fumio-kishida", beside=("organisation", "Q7184"))
    assert profile is not None
    assert profile.pair is not None
    assert (profile.total, profile.pair.articles, profile.pair.alone) == (12, 12, (18, 18))
    assert profile.pair.times > 4
    assert profile.beside is not None
    assert profile.beside.name == "NATO"
    shown = {one.entity.id for found in profile.together.values() for one in found}
    assert not shown & {"k-fumio-kishida", "Q7184"}
    apart = port.profile("person", "k-fumio-kishida", beside=("country", "BR"))
    assert apart is not None
    assert apart.pair is not None
    assert (apart.total, apart.pair.score < 0) == (0, True)


def test_its_query_finds_the_same_articles_in_the_search(client: Elasticsearch, port: EntitySearch) -> None:
    for type, id in (("person", "k-fumio-kishida"), ("organisation", "Q7184"), ("person", "Siti Aminah")):
        profile = port.profile(type, id, since="7d")
        assert profile is not None
        try:
            found = search(client, PREFIX, profile.query, size=0)
        except QueryError as error:
            pytest.fail(f"{profile.query}: {error}")
        assert found.total == profile.total


@pytest.mark.parametrize(
    ("type", "id"),
    [
        ("person", "Nobody At All"),
        ("person", "k-nobody"),
        ("country", "ZZ"),
        ("town", "x"),
        ("person", ""),
        ("thing", "x"),
    ],
)
def test_nobody_is_none(port: EntitySearch, type: str, id: str) -> None:
    assert port.profile(type, id) is None
    assert port.profile("organisation", "Q7184", beside=(type, id)) is None


def test_a_count_again_writes_only_what_changed_and_forgets_names_after_a_month(client: Elasticsearch) -> None:
    index = EntityIndex(client, PREFIX)
    index.count(NOW)
    client.indices.refresh(index=Names(PREFIX).entities)
    assert index.count(NOW) == 0
    assert index.counted_at() == NOW
    later = NOW + timedelta(days=61)
    assert index.count(later) > 0
    client.indices.refresh(index=Names(PREFIX).entities)
    port = EntitySearch(client, PREFIX)
    assert port.suggest("aminah") == ()
    assert port.suggest("nato")[0].count == 0


def test_without_an_index_it_waits(client: Elasticsearch) -> None:
    with pytest.raises(ServiceUnavailable, match="not set up"):
        EntitySearch(client, "t-nowhere-").suggest("x")
    with pytest.raises(ServiceUnavailable):
        EntityIndex(client, "t-nowhere-").load()
