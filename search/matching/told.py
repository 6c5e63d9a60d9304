"""Under which key a story's matches were told before: stories merge, and an article that stood alone becomes part of
one; what was told under an older id counts for the story that it is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from elasticsearch import Elasticsearch

from search.alerts.episodes import Match
from search.alerts.store import AlertStore
from search.client import complete, missing_is_outage
from search.rules.records import Rule
from search.schema import Names

HOPS = 5  # merged into a story that was merged into a story …
MOST = 10_000  # signposts read at once


class ToldKeys:
    """Finds older keys. Raises ServiceUnavailable, IncompleteAnswerError."""

    def __init__(self, client: Elasticsearch, prefix: str, store: AlertStore) -> None:
        self._client, self._stories, self._store = client, Names(prefix).stories, store

    def under(self, matches: Sequence[Match], rules: Mapping[str, Rule]) -> list[Match]:
        """The same matches, each under the key that its rule told its story by, if it did. Of a rule that tells of each
        article by itself, as they are: an article that a story began with has its id."""
        wanted: dict[str, dict[str, None]] = {}
        for one in matches:
            if rules[one.rule].dedup == "story" and one.key == one.story_id:
                wanted.setdefault(one.rule, {})[one.key] = None
        fresh = {rule: self._unknown(rule, keys) for rule, keys in wanted.items()}
        stories = {key for keys in fresh.values() for key in keys}
        older, signposts = self._older(stories) if stories else ({}, {})
        keys: dict[tuple[str, str], str] = {}
        for rule, these in fresh.items():
            asked = sorted({id for story in these for id in older.get(story, ())})
            known = self._store.marks(rule, asked) if asked else {}
            for story in these:
                told = sorted(id for id in older.get(story, ()) if id in known)
                keys[rule, story] = told[0] if told else _end(story, signposts)
        return [one.model_copy(update={"key": keys.get((one.rule, one.key), one.key)}) for one in matches]

    def _unknown(self, rule: str, keys: Iterable[str]) -> list[str]:
        wanted = list(keys)
        known = self._store.marks(rule, wanted)
        return [key for key in wanted if key not in known]

    def _older(self, stories: set[str]) -> tuple[Mapping[str, set[str]], Mapping[str, str]]:
        """Ids that lead to each story: of its articles, and of stories that became part of it; and the story that it
        became part of itself, with those that lead there, while its articles still stand under its id. And the
        signposts there are."""
        signposts: dict[str, str] = {}
        with missing_is_outage(self._stories):
            self._client.indices.refresh(index=self._stories)
        found: dict[str, set[str]] = {story: set() for story in stories}
        leads = {story: story for story in stories}  # id → the story that it leads to
        seen = set(stories)
        for _ in range(HOPS):
            more: dict[str, str] = {}
            for source in self._read(sorted(leads)):
                into = source.get("merged_into", "")
                signposts |= {source["story_id"]: into} if into else {}
                for story in {leads[id] for id in (into, source["story_id"]) if id in leads}:
                    ids = {source["story_id"], *([into] if into else [])} - {story}
                    found[story] |= {*ids, *source.get("article_ids", ())} - {story}
                    more |= dict.fromkeys(ids - seen, story)
            if not more:
                break
            seen |= more.keys()
            leads = more
        return found, signposts

    def _read(self, ids: Sequence[str]) -> list[Mapping[str, str]]:
        with missing_is_outage(self._stories):
            answer = self._client.search(
                index=self._stories,
                query={
                    "bool": {
                        "should": [{"terms": {"story_id": ids}}, {"terms": {"merged_into": ids}}],
                        "minimum_should_match": 1,
                    }
                },
                source={"includes": ["story_id", "merged_into", "article_ids"]},
                size=MOST,
                track_total_hits=False,
                allow_partial_search_results=False,
            )
        return [hit["_source"] for hit in complete(answer.body, "reading stories")["hits"]["hits"]]


def _end(story: str, signposts: Mapping[str, str]) -> str:
    """The story that it is by now."""
    for _ in range(HOPS):
        story = signposts.get(story, story)
    return story
