"""Tags for an article: who, where and what is in it, under one id whatever the language.

names known    known.py      people, organisations, places, things of data/*.names and the user's file
countries      countries.py  data/countries.tsv
names found    found.py      by models, in the languages that have one
mentions       mentions.py   one place in the text, one meaning; one person, one mention
metonyms       metonyms.py   places that stand for a government
whereabouts    whereabouts.py  countries with weights, the focus, points for maps
topics         topics.py     data/topics/
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import cast

from ingest.records import Article, Mention, TaggedArticle
from ingest.tagging.brackets import apart, others_in
from ingest.tagging.countries import countries_in
from ingest.tagging.found import Found, found_in
from ingest.tagging.found import languages as with_model
from ingest.tagging.known import Known, Matcher, matcher
from ingest.tagging.mentions import Label, Span, Type, mentions
from ingest.tagging.metonyms import with_metonyms
from ingest.tagging.names import Entity
from ingest.tagging.neighbours import in_title_case
from ingest.tagging.pipelines import found_by_pipeline, installed
from ingest.tagging.topics import topics_in
from ingest.tagging.whereabouts import Located, whereabouts

RULES = 3  # raise it when the code tags differently: what is indexed is then stale for `kawat retag`
_HERE = Path(__file__).parent
_COUNTRY = "country:"  # before a country's code in an entity's `of`


def tag(article: Article, gazetteer: Path | None = None) -> TaggedArticle:
    """The article with its tags. `gazetteer`: the user's own file of names; raises NamesError if that is faulty."""
    title, body, language = article.title, article.body, article.language
    names = matcher(gazetteer)
    found = _found(title, body, language)
    known, found = _apart_from_others(title, body, language, names, found)
    spans = [Span(one.start, one.end, cast("Type", one.type), one.id) for one in known]
    labels = {span.id: _label(names.entities[span.id]) for span in spans if span.id}
    located = {span.id: _located(names, span.id) for span in spans if span.id and span.type == "place"}
    _, countries = countries_in(title, body, language)
    for country in countries:
        spans += [Span(*place, "place", country.id, country=True) for place in _places(country, title)]
        labels[country.id] = Label(country.name, "country")
        located[country.id] = Located((country.id,))
    spans += [Span(one.start, one.end, one.type, score=one.score) for one in found]
    named = with_metonyms(title, body, language, mentions(title, body, spans, labels), names.entities)
    where = whereabouts(title, body, named, located)
    return TaggedArticle(
        article=article,
        countries=tuple(where.weights),
        weights=where.weights,
        focus=where.focus,
        locations=where.points,
        mentions=named,
        topics=topics_in(title, body, language),
        tagger=tagger(gazetteer),
    )


def _found(title: str, body: str, language: str | None) -> list[Found]:
    """Names found. In a title with a capital on each word a model sees names everywhere: there only those count that
    stand in the body, too."""
    find = found_in if language in with_model() else found_by_pipeline
    text = f"{title}\n{body}"
    found = list(apart(text, find(text, language)))
    if not in_title_case(title):
        return found
    return [one for one in found if one.start > len(title) or title[one.start : one.end] in body]


def _apart_from_others(
    title: str, body: str, language: str | None, names: Matcher, found: list[Found]
) -> tuple[Sequence[Known], list[Found]]:
    """The names known and found, known short forms that the text gives to another body among the found ones."""
    known = names.known_in(title, body, language)
    others = others_in(f"{title}\n{body}", known, language, lambda id_: names.entities[id_].names)
    if not others:
        return known, found
    places = [(one.start, one.end) for one in known if one.surface in others] + [*chain(*others.values())]
    found = [*found, *(Found(start, end, "organisation", 1.0) for start, end in places)]
    return [one for one in known if one.surface not in others], found


def _places(country: Mention, title: str) -> list[tuple[int, int]]:
    """Where a country is named, in characters of title, newline, body."""
    offset = len(title) + 1
    titled = [
        (start, start + len(surface))
        for surface in (country.surfaces if country.in_title else ())
        if (start := title.find(surface)) >= 0
    ]
    return [*titled[:1], *((start + offset, end + offset) for start, end in country.spans)]


@cache
def tagger(gazetteer: Path | None = None) -> str:
    """12 hex digits that change whenever names, topics, models or rules do."""
    files = sorted(path for folder in ("data", "models") for path in (_HERE / folder).rglob("*") if path.is_file())
    digest = hashlib.sha256(f"rules {RULES} {' '.join(installed().values())}".encode())
    for path in [*files, *([gazetteer] if gazetteer else [])]:
        digest.update(path.name.encode() + b"\n" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _label(entity: Entity) -> Label:
    return Label(entity.english, entity.kind)


def _located(names: Matcher, id_: str) -> Located:
    """Where a place lies; a seat, in the country whose government it stands for."""
    entity = names.entities[id_]
    countries = entity.countries
    if not countries and entity.of and entity.of.startswith(_COUNTRY):
        countries = (entity.of.removeprefix(_COUNTRY),)
    return Located(countries, entity.at)
