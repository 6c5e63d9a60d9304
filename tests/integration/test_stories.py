"""Articles placed in their stories, on a real Elasticsearch."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from ingest.fingerprint import features
from ingest.records import Mention, TaggedArticle
from ingest.relation import related
from ingest.stories import Union, by_time
from search.client import connect
from search.ports import Document
from search.sample import delete_sample
from search.schema import Names
from search.store import ElasticsearchIndex
from search.stories import ElasticsearchStories
from search.storyview import story
from search.upkeep import ensure_schema
from tests.integration.search_material import SEEN, MemoryHomes, article, digest, feed
from tests.newsroom.generated import generated_articles

pytestmark = pytest.mark.services

TITLED = {"type": "organisation", "count": 3, "spans": ((0, 4),), "in_title": True}
NATO = Mention.model_validate({"id": "Q7184", "name": "NATO", "surfaces": ("NATO",), **TITLED})
KISHIDA = Mention.model_validate({"id": "Q1", "name": "Fumio Kishida", "surfaces": ("Kishida",), **TITLED})
BODY = "\n".join(generated_articles(1, languages=["id"])[0].body)


class Newsdesk:
    """Writes articles and places them; tells what stands in the index."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self.client, self.names = client, Names(prefix)
        self.url = client.transport.node_pool.get().base_url
        self.index = ElasticsearchIndex(client, prefix, MemoryHomes())
        self.stories = ElasticsearchStories(client, prefix)

    def write(self, documents: Sequence[Document]) -> None:
        assert {result.outcome for result in self.index.write(documents)} <= {"written", "already-written"}

    def arrive(self, *documents: Document) -> None:
        self.write(documents)
        self.stories.place(documents)

    def articles(self) -> dict[str, dict[str, Any]]:
        self.client.indices.refresh(index=f"{self.names.articles},{self.names.stories}")
        hits = self.client.search(index=self.names.articles, size=1000, source_excludes=["body", "stemmed"])["hits"][
            "hits"
        ]
        return {hit["_id"]: hit["_source"] for hit in hits}

    def books(self) -> dict[str, dict[str, Any]]:
        self.client.indices.refresh(index=self.names.stories)
        hits = self.client.search(index=self.names.stories, size=1000)["hits"]["hits"]
        return {hit["_id"]: hit["_source"] for hit in hits}

    def check(self) -> tuple[set[frozenset[str]], dict[str, str | None]]:
        """The partition and the originals, after making sure that stories and articles say the same."""
        articles, books = self.articles(), self.books()
        groups: dict[str, set[str]] = {}
        for id, one in articles.items():
            groups.setdefault(one["story_id"], set()).add(id)
            assert ("copy" in one.get("is", ())) == ("duplicate_of" in one and one["duplicate_of"] is not None)
        living = {id: book for id, book in books.items() if "merged_into" not in book}
        assert {id for id, ids in groups.items() if len(ids) > 1} == set(living)
        for id, book in living.items():
            assert set(book["article_ids"]) == groups[id]
            assert book["size"] == len(groups[id])
            assert {one["article_id"]: one.get("duplicate_of") for one in book["members"]} == {
                one: articles[one].get("duplicate_of") for one in groups[id]
            }
        return {frozenset(ids) for ids in groups.values()}, {
            id: one.get("duplicate_of") for id, one in articles.items()
        }


@pytest.fixture
def desk(elasticsearch_url: str, index_prefix: str) -> Iterator[Newsdesk]:
    with closing(connect(elasticsearch_url)) as client:
        ensure_schema(client, index_prefix)
        yield Newsdesk(client, index_prefix)


def report(
    name: str, body: str, *, hours: float = 0, site: str = "a.example", mentions: tuple[Mention, ...] = (), **more: Any
) -> Document:
    """An article published so many hours after the first one, at a site with a feed of its own."""
    seen = more.pop("seen", SEEN + timedelta(hours=hours))
    source = more.pop("feed", feed(url=f"https://{site}/rss", owner=more.pop("owner", site)))
    title = more.pop("title", name)
    fields = {"url": f"https://{site}/{digest(name)}", "published": SEEN + timedelta(hours=hours), **more}
    told = article(name, body=body, **fields)
    told = told.model_copy(update={"title": title})
    tagged = TaggedArticle(article=told, mentions=mentions)
    tagged = tagged.model_copy(update={"features": features(tagged)})
    return Document(entry_id=digest(name), tagged=tagged, feed=source, first_seen=seen)


def wire(count: int, seed: int) -> list[Document]:
    """Reports on a few events, with copies at several sites, hours apart."""
    chance = random.Random(seed)
    found = []
    for at in range(count):
        event = generated_articles(6, seed=seed, languages=["id"])[at % 6]
        body = list(event.body)
        chance.shuffle(body)
        kept = body[: max(3, round(len(body) * chance.uniform(0.6, 1)))]
        found.append(report(f"{seed}-{at}", "\n".join(kept), hours=chance.randrange(100), site=f"s{at}.example"))
    return found


def truth(documents: Sequence[Document]) -> tuple[set[frozenset[str]], dict[str, str | None]]:
    """The partition and the originals, of all pairs at once."""
    from search.documents import source
    from search.storybook import member, telling

    hits = [{"_id": one.id, "_source": source(one, SEEN)} for one in documents]
    tellings, members = [telling(hit) for hit in hits], {str(hit["_id"]): member(hit) for hit in hits}
    stories, copies = Union(members), Union(members)
    for at, one in enumerate(tellings):
        for other in tellings[:at]:
            if relation := related(one, other):
                stories.join((one.article_id, other.article_id))
                if relation == "copy":
                    copies.join((one.article_id, other.article_id))
    originals: dict[str, str | None] = {}
    for group in copies.groups():
        first = min(group, key=lambda id: by_time(members[id]))
        originals |= {id: None if id == first else first for id in group}
    return {frozenset(group) for group in stories.groups()}, originals


def told(count: int = 6, days: float = 0) -> list[Document]:
    """An original and copies of it that came out before or after it, and one article on something else."""
    copies = [
        report(f"{days}-{at}", f"Tempat {at}\n{BODY}", hours=days * 24 + (at * 7) % 5, site=f"s{at}.example")
        for at in range(count - 1)
    ]
    other = "\n".join(generated_articles(2, languages=["id"])[1].body)
    return [*copies, report(f"{days}-other", other, hours=days * 24)]


def torn(days: float = 0) -> list[Document]:
    """Two stories that have nothing in common, an article that holds both: two, two, one of each, that one."""
    parts = BODY.split("\n")
    half = len(parts) // 2
    texts = "\n".join(parts[:half]), "\n".join(parts[half:])
    reports = [
        report(f"{days}-{at}", f"{at} {texts[at % 2]}", hours=days * 24 + (at * 7) % 5, site=f"s{at}.example")
        for at in range(6)
    ]
    return [*reports, report(f"{days}-semua", BODY, hours=days * 24 + 9)]


class LostError(Exception):
    """The process is killed here."""


def hooked(client: Elasticsearch, at: int, hook: Callable[[], None], *, after: bool) -> list[str]:
    """Calls `hook` once, before or after the client's request number `at` (from 1). Gives the list of requests."""
    asked: list[str] = []
    perform = client.transport.perform_request

    def request(method: str, target: str, **given: Any) -> Any:
        asked.append(f"{method} {target.partition('?')[0]}")
        mine = len(asked) == at
        if mine and not after:
            hook()
        answer = perform(method, target, **given)
        if mine and after:
            hook()
        return answer

    client.transport.perform_request = request  # type: ignore[method-assign]  # a client of this test alone
    return asked


def check_all(desk: Newsdesk, rounds: Sequence[Sequence[Document]]) -> None:
    """Each round's articles, a long time apart from the others', stand as they should."""
    groups, originals = desk.check()
    for documents in rounds:
        expected = truth(documents)
        assert expected[0] <= groups
        assert expected[1].items() <= originals.items()


def requests_of(url: str, desk: Newsdesk, first: Sequence[Document], batch: Sequence[Document]) -> int:
    """How many requests it takes to place the batch after the first ones."""
    desk.arrive(*first)
    desk.write(batch)
    with closing(connect(url)) as client:
        asked = hooked(client, 0, lambda: None, after=False)
        ElasticsearchStories(client, desk.names.prefix).place(batch)
    return len(asked)


def test_a_copy_says_what_it_copies_and_shares_its_story(desk: Newsdesk) -> None:
    first = report("asli", BODY, agency="Antara")
    second = report("salinan", "ANTARA - " + BODY, hours=2, site="b.example")
    desk.arrive(first)
    assert desk.articles()[first.id]["story_id"] == first.id
    assert desk.books() == {}
    desk.arrive(second)
    found = desk.articles()
    assert (found[second.id]["story_id"], found[second.id]["duplicate_of"]) == (first.id, first.id)
    assert (found[first.id].get("is"), found[second.id]["is"]) == (["original"], ["copy"])
    book = desk.books()[first.id]
    assert (book["size"], book["copies"], book["source_count"], book["agencies"]) == (2, 1, 2, ["Antara"])
    desk.check()


def test_an_earlier_one_that_arrives_late_becomes_the_original(desk: Newsdesk) -> None:
    late = report("awal", BODY, hours=-3, seen=SEEN + timedelta(hours=30), site="c.example")
    copies = [report(f"salinan {at}", f"{at}\n{BODY}", hours=at, site=f"s{at}.example") for at in range(2)]
    desk.arrive(*copies)
    desk.arrive(late)
    found = desk.articles()
    assert {found[one.id]["duplicate_of"] for one in copies} == {late.id}
    assert {one["story_id"] for one in found.values()} == {copies[0].id}
    assert (found[late.id]["is"], found[copies[0].id]["is"]) == (["original"], ["copy"])
    desk.check()


def test_a_follow_up_joins_the_story_and_is_no_copy(desk: Newsdesk) -> None:
    first = report(
        "NATO buka kantor penghubung di Tokyo, kata Kishida",
        "Aliansi membuka kantor penghubung.\nDuta besar meresmikan perwakilan; traktat dan veto dibahas.",
        mentions=(NATO, KISHIDA),
    )
    second = report(
        "Kantor penghubung NATO di Tokyo ditolak, Kishida menyesal",
        "Veto menghadang pembukaan kantor penghubung aliansi.\nPerwakilan tidak jadi diresmikan, traktat tetap.",
        hours=30,
        site="b.example",
        mentions=(NATO, KISHIDA),
    )
    other = report(
        "Harga beras naik di pasar induk", "Pedagang mengeluh.\nPasokan beras seret.", mentions=(NATO, KISHIDA)
    )
    desk.arrive(first, second, other)
    groups, originals = desk.check()
    assert groups == {frozenset((first.id, second.id)), frozenset((other.id,))}
    assert set(originals.values()) == {None}


def test_a_bridge_merges_two_stories_into_the_older_one(desk: Newsdesk) -> None:
    """The younger one's id goes on leading to the story, and so does that of an article."""
    parts = BODY.split("\n")
    half = len(parts) // 2
    top, bottom = "\n".join(parts[:half]), "\n".join(parts[half:])
    old = [report(f"atas {at}", f"{at} {top}", hours=at, site=f"a{at}.example") for at in range(2)]
    young = [report(f"bawah {at}", f"{at} {bottom}", hours=5 + at, site=f"b{at}.example") for at in range(2)]
    desk.arrive(*young)
    desk.arrive(*old)
    assert set(desk.books()) == {old[0].id, young[0].id}
    bridge = report("semua", BODY, hours=9, site="c.example")
    desk.arrive(bridge)
    assert desk.check()[0] == {frozenset(one.id for one in (*old, *young, bridge))}
    assert desk.books()[young[0].id] == {
        "story_id": young[0].id,
        "language": "id",
        "sample": False,
        "merged_into": old[0].id,
    }
    for id in (old[0].id, young[0].id, young[1].id, bridge.id):
        view = story(desk.client, desk.names, id)
        assert view is not None
        assert (view.id, view.size, view.source_count) == (old[0].id, 5, 5)
    assert story(desk.client, desk.names, "0" * 32) is None


def test_an_article_alone_is_a_story_of_one(desk: Newsdesk) -> None:
    alone = report("sendiri", BODY)
    desk.arrive(alone)
    desk.articles()
    view = story(desk.client, desk.names, alone.id)
    assert view is not None
    assert (view.id, view.size, view.title, view.sources) == (alone.id, 1, "sendiri", ("a.example",))


def test_placing_again_writes_nothing(desk: Newsdesk) -> None:
    documents = told()
    desk.arrive(*documents)
    desk.articles()
    with closing(connect(str(desk.url))) as client:
        asked = hooked(client, 0, lambda: None, after=False)
        ElasticsearchStories(client, desk.names.prefix).place(documents)
    assert not [one for one in asked if "_bulk" in one]


def test_shuffled_batches_give_the_truth(desk: Newsdesk) -> None:
    documents = wire(40, 3)
    expected = truth(documents)
    assert len(expected[0]) < 20
    random.Random(5).shuffle(documents)
    at = 0
    while at < len(documents):
        size = random.Random(at).choice([1, 2, 7])
        desk.arrive(*documents[at : at + size])
        at += size
    assert desk.check() == expected


def test_stories_reach_over_indices(desk: Newsdesk) -> None:
    """After a rollover older articles stay where they are, and are updated there."""
    first = report("asli", BODY, hours=1)
    desk.arrive(first)
    desk.client.indices.rollover(alias=desk.names.articles)
    second = report("salinan", f"b\n{BODY}", hours=0, seen=SEEN + timedelta(hours=9), site="b.example")
    desk.arrive(second)
    assert desk.check()[1] == {first.id: second.id, second.id: None}
    indices = {hit["_index"] for hit in desk.client.search(index=desk.names.articles)["hits"]["hits"]}
    assert len(indices) == 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_request_the_next_run_completes_it(
    desk: Newsdesk, elasticsearch_url: str, *, after: bool
) -> None:
    """Two stories are there; the batch that merges them is killed at its n-th request, for every n."""
    requests = requests_of(elasticsearch_url, desk, torn(-40)[:4], torn(-40)[4:])
    assert requests >= 9
    for at in range(1, requests + 1):
        documents = torn(at * 20)
        desk.arrive(*documents[:4])
        desk.write(documents[4:])
        with closing(connect(elasticsearch_url)) as client:

            def lose() -> None:
                raise LostError

            hooked(client, at, lose, after=after)
            with pytest.raises(LostError):
                ElasticsearchStories(client, desk.names.prefix).place(documents[4:])
        desk.stories.place(documents[4:])
    check_all(desk, [torn(at * 20) for at in range(1, requests + 1)])


def test_two_placers_at_once_do_no_harm(desk: Newsdesk, elasticsearch_url: str) -> None:
    """At the n-th request of one, which merges two stories, the other lets them grow, from beginning to end."""
    requests = requests_of(elasticsearch_url, desk, torn(-40)[:4], torn(-40)[6:])
    for at in range(1, requests + 1):
        documents = torn(at * 20)
        desk.arrive(*documents[:4])
        desk.write(documents[4:])
        with closing(connect(elasticsearch_url)) as client:
            hooked(client, at, partial(desk.stories.place, documents[4:6]), after=False)
            ElasticsearchStories(client, desk.names.prefix).place(documents[6:])
    check_all(desk, [torn(at * 20) for at in range(1, requests + 1)])


def test_two_placers_of_one_new_story_do_no_harm(desk: Newsdesk, elasticsearch_url: str) -> None:
    """As before, but there is no story yet: both begin one."""
    requests = requests_of(elasticsearch_url, desk, [], told(days=-40))
    for at in range(1, requests + 1):
        documents = told(days=at * 20)
        desk.write(documents)
        with closing(connect(elasticsearch_url)) as client:
            hooked(client, at, partial(desk.stories.place, documents[3:]), after=False)
            ElasticsearchStories(client, desk.names.prefix).place(documents[:3])
    check_all(desk, [told(days=at * 20) for at in range(1, requests + 1)])


def test_threads_that_place_at_once_end_with_the_truth(desk: Newsdesk) -> None:
    documents = wire(30, 9)
    desk.write(documents)
    random.Random(2).shuffle(documents)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(desk.stories.place, (documents[at : at + 5] for at in range(0, 30, 5))))
    assert desk.check() == truth(documents)


def test_sample_stories_stay_among_themselves_and_leave(desk: Newsdesk) -> None:
    sample = feed(url="https://sample.example/rss", owner="sample", sample=True)
    samples = [report(f"contoh {at}", f"{at}\n{BODY}", site=f"c{at}.example", feed=sample) for at in range(2)]
    real = [report(f"asli {at}", f"{at}\n{BODY}", site=f"a{at}.example") for at in range(2)]
    desk.arrive(*samples, *real)
    assert desk.check()[0] == {frozenset(one.id for one in samples), frozenset(one.id for one in real)}
    assert delete_sample(desk.client, desk.names) == 2
    assert {one["sample"] for one in desk.books().values()} == {False}
