"""The fields of each index: how title and body are analysed, what is a keyword, what is only kept. Strict.

`title` and `body` are indexed exact, with one analyzer for all languages, and once more under `stemmed.<lang>` with
that language's own. Exact is the default everywhere: Lucene's Indonesian stemmer makes *penghubung*, *hubungan* and
*menghubungkan* one word, so a stemmed phrase "kantor penghubung" finds "kantor hubungan masyarakat" too.
Only field types of the core of a stock Elasticsearch 8.19 or 9 are used, no module's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from search.fields import FIELDS

KEYWORD_CHARS = 8191  # Lucene refuses a term above 32,766 bytes; a character has up to four
EXACT = "exact"

# ISO 639-1 to the field under `stemmed`. Malay goes with Indonesian; Chinese, Japanese and Korean share bigrams.
STEMMED_FIELD = {
    **{code: code for code in ("id", "en", "ar", "fa", "ru", "fr", "de", "es", "pt", "it", "nl", "tr", "hi")},
    "ms": "id",
    "zh": "cjk",
    "ja": "cjk",
    "ko": "cjk",
}
STEMMED_ANALYZER = {
    "id": "indonesian",
    "en": "english",
    "ar": "arabic",
    "fa": "persian",
    "ru": "russian",
    "fr": "french",
    "de": "german",
    "es": "spanish",
    "pt": "portuguese",
    "it": "italian",
    "nl": "dutch",
    "tr": "turkish",
    "hi": "hindi",
    "cjk": "cjk",
}
EXACT_FILTERS = ["lowercase", "decimal_digit", "arabic_normalization", "persian_normalization", "asciifolding"]

# NATO's, l'OTAN and Türkiye'nin would be one word each, in which nobody finds the name; as phrases O'Brien and Qur'an
# stay what they are. Russian texts spell ё as е or not, as they like.
APART = {
    "type": "mapping",
    "mappings": [*(f"{mark}=>\\u0020" for mark in ("'", "\u2019", "\u02bc")), "\u0451=>\u0435", "\u0401=>\u0415"],
}

ANALYSIS = {
    "char_filter": {"apart": APART},
    "analyzer": {EXACT: {"type": "custom", "char_filter": ["apart"], "tokenizer": "standard", "filter": EXACT_FILTERS}},
}

KEYWORD = {"type": "keyword", "ignore_above": KEYWORD_CHARS}
NAMED = {
    **KEYWORD,
    "fields": {"text": {"type": "text", "analyzer": EXACT}},
}  # whole for counting, by word for searching
TEXT = {"type": "text", "analyzer": EXACT}
# Lists mark what matched without analysing each text anew (offsets), nor reading all that is kept of it (store): that
# halves what a list costs, for a sixth more disk (docs/decisions/0010-marking.md).
MARKED = {**TEXT, "index_options": "offsets", "store": True}
DATE = {"type": "date", "format": "strict_date_optional_time"}
SHOWN = {"type": "keyword", "index": False, "doc_values": False}
COLUMN = {"type": "keyword", "index": False, "ignore_above": KEYWORD_CHARS}  # many are read at once, not whole
SOUGHT = {"type": "keyword", "doc_values": False}  # looked up, never shown or counted
KEPT = {"type": "object", "enabled": False}  # for display and for what Python checks

ARTICLE_FIELDS: dict[str, Any] = {
    "article_id": KEYWORD,
    "entry_id": KEYWORD,
    "revision": {"type": "integer"},
    "content_hash": KEYWORD,
    "url": KEYWORD,
    "title": {**MARKED, "fields": {"column": COLUMN}},
    "body": MARKED,
    "stemmed": {
        "properties": {
            field: {"properties": {part: {"type": "text", "analyzer": analyzer} for part in ("title", "body")}}
            for field, analyzer in STEMMED_ANALYZER.items()
        }
    },
    "authors": NAMED,
    "source": {**KEYWORD, "copy_to": "source_text"},  # the site: host without www.
    "source_name": {**KEYWORD, "copy_to": "source_text"},  # as the feed or the page names it
    "source_text": TEXT,
    "source_owner": NAMED,
    "source_kind": KEYWORD,
    "source_country": KEYWORD,
    "source_folder": NAMED,
    "feed_id": KEYWORD,
    "language": KEYWORD,
    "@timestamp": DATE,  # published; first_seen where the source gives none or nonsense
    "published": DATE,
    "published_from": KEYWORD,
    "first_seen": DATE,
    "indexed_at": DATE,
    "modified": DATE,
    "fetched": DATE,  # when this version of the page was read
    "page_url": SHOWN,  # where, if the page declares another address as its own
    "image": SHOWN,
    "section": NAMED,
    "agency": KEYWORD,
    "origins": KEPT,  # field → by which means the page or feed said so
    "word_count": {"type": "integer"},
    "changed": KEYWORD,  # since it was first read: title, body, vanished, gutted, back
    "changed_at": DATE,
    "changes": KEPT,  # [{at, what, …}], oldest first
    "country": KEYWORD,
    "person": KEYWORD,
    "organisation": KEYWORD,
    "place": KEYWORD,
    "thing": KEYWORD,  # treaties, weapons, programmes
    "topic": KEYWORD,
    "tagger": KEYWORD,  # which names, models and rules tagged it
    "about": KEYWORD,  # the countries where it happens: ISO 3166-1 alpha-2
    "location": {"type": "geo_point"},
    "unlinked": KEYWORD,  # names that no list knows
    "mentions": KEPT,
    "reasons": KEPT,  # topic → the terms that gave it; country → its weight
    "is": KEYWORD,  # sample, paywalled, partial, reserved, copy
    "partial": KEYWORD,  # why it has only what its feed says: robots, forbidden, challenge, …
    "reserved": KEYWORD,  # by its publisher: tdm, noindex, noarchive
    "backfill": {"type": "boolean"},  # found in an archive (`kawat backfill`): rules fire no alert for it
    "story_id": KEYWORD,
    "duplicate_of": KEYWORD,
    "signature": COLUMN,  # MinHash, base64
    "bands": SOUGHT,
    "story_terms": KEYWORD,
}


def friendly_names(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Alias fields for the names people write in a query (`lang`, `org`, `seen`), where the document's own differ.

    With them, Kibana's KQL and Lucene know these names too. A name that the document itself has stays the document's:
    `source` and `section` are whole values there, words in Kawat's language (`source_text`, `section.text`).
    """
    return {
        name: {"type": "alias", "path": field.target}
        for name, field in FIELDS.items()
        if name not in fields and field.target.split(".")[0] in fields
    }


ARTICLE_FIELDS |= friendly_names(ARTICLE_FIELDS)

REVISION_FIELDS: dict[str, Any] = {  # what an article said before: append-only
    "article_id": KEYWORD,
    "entry_id": KEYWORD,
    "revision": {"type": "integer"},
    "content_hash": KEYWORD,
    "url": KEYWORD,
    "title": TEXT,
    "body": TEXT,
    "authors": NAMED,
    "language": KEYWORD,
    "source": KEYWORD,
    "published": DATE,
    "modified": DATE,
    "fetched": DATE,  # when this text was read
    "replaced_at": DATE,  # when another text was found in its place
    "changed": KEYWORD,  # what the next text changed: title, body
    "is": KEYWORD,  # stub: never the article's text, it stood on the page while that was gone
}

STORY_FIELDS: dict[str, Any] = {
    "story_id": KEYWORD,
    "merged_into": KEYWORD,  # another story's id: this one is only a signpost
    "language": KEYWORD,
    "title": TEXT,  # of the earliest article
    "size": {"type": "integer"},  # articles, copies too
    "copies": {"type": "integer"},
    "source_count": {"type": "integer"},  # independent ones: different owners
    "owners": KEYWORD,
    "sources": KEYWORD,
    "agencies": KEYWORD,
    "first": DATE,
    "last": DATE,
    "article_ids": KEYWORD,
    "members": KEPT,
    "sample": {"type": "boolean"},
}

FEED_FIELDS: dict[str, Any] = {
    "id": KEYWORD,
    "url": KEYWORD,
    "name": NAMED,
    "site_url": KEYWORD,
    "language": KEYWORD,
    "country": KEYWORD,
    "owner": NAMED,
    "kind": KEYWORD,
    "folder": NAMED,
    "sample": {"type": "boolean"},
    "fetch": KEYWORD,  # page, feed-only
    "tz": KEYWORD,
    "health": {  # what the last polls saw, for pages and Kibana; the ledger decides
        "properties": {
            "state": KEYWORD,  # new, ok, quiet, failing, gone
            "last_poll": DATE,
            "last_success": DATE,
            "last_new": DATE,
            "next_poll": DATE,
            "entries": {"type": "long"},  # new ones it brought, ever
            "expected": {"type": "float"},  # entries a day, by its past
            "seen": {"type": "float"},  # entries a day, of late
            "failures": {"type": "integer"},
            "last_error": SHOWN,
            "error_kind": KEYWORD,
            "problems": SHOWN,
            "off": {"type": "float"},  # hours that its dates constantly are behind (above 0) or ahead
            "moved": SHOWN,
        }
    },
}
