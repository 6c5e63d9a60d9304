"""The saved searches: what Discover opens with a click. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from search.kibana.objects import SOURCE, Query, SavedObject, search_source
from search.kibana.views import DataView, DataViews


@dataclass(frozen=True)
class Search:
    """A query on one data view with the columns that answer it. `since`: the time range it opens with."""

    name: str
    title: str
    about: str
    query: Query
    columns: tuple[str, ...]
    sort: str = "@timestamp"
    since: str = "now-7d"

    def saved(self, view: DataView, object_id: str) -> SavedObject:
        return SavedObject(
            "search",
            object_id,
            {
                "title": self.title,
                "description": self.about,
                "columns": list(self.columns),
                "sort": [[self.sort, "desc"]],
                "grid": {},
                "hideChart": False,
                "isTextBasedQuery": False,
                "timeRestore": True,
                "timeRange": {"from": self.since, "to": "now"},
                "version": 1,
                "kibanaSavedObjectMeta": search_source(self.query, index=True),
            },
            {SOURCE: ("index-pattern", view.id)},
        )


LIAISON = Query('"kantor penghubung"~1 OR "pusat penghubung" OR "liaison office"', "lucene")
SEARCHES = (
    Search(
        "liaison",
        "Kantor penghubung",
        "A liaison office, in the words papers use for it. Kantor penghubung dalam kata-kata yang dipakai media.",
        LIAISON,
        ("title", "source_name", "lang", "about"),
        since="now-30d",
    ),
    Search(
        "by-country",
        "By country",
        "Articles that say where they happen; pick a country in the column `about`. Menurut negara peristiwanya.",
        Query("about: *"),
        ("about", "country", "title", "source_name", "lang", "topic"),
    ),
    Search(
        "changed",
        "Changed after publication",
        "Title or text were changed, or the page is gone, since it was first read. Diubah sesudah terbit.",
        Query("changed: *"),
        ("changed", "changed_at", "title", "source_name", "revision", "url"),
        sort="changed_at",
        since="now-30d",
    ),
    Search(
        "unlinked",
        "Unlinked names",
        "Articles with names that no list knows: the next ones to add. Nama yang belum dikenal daftar mana pun.",
        Query("unlinked: *"),
        ("unlinked", "title", "lang", "source_name"),
    ),
    Search(
        "original",
        "Original reporting",
        "Neither a copy of another article nor an agency's text. Bukan salinan dan bukan berita kantor berita.",
        Query("not copy_of: * and not agency: *"),
        ("title", "author", "source_name", "owner", "about"),
    ),
    Search(
        "paywalled",
        "Behind a paywall",
        "Only their beginning was read, so a search may miss what follows. Hanya bagian awalnya yang terbaca.",
        Query("is: paywalled"),
        ("title", "source_name", "words", "url"),
    ),
)


ALERTS = Search(
    "open-alerts",
    "Open alerts",
    "What the rules found and nobody has seen to yet, the latest first. Temuan aturan yang belum dilihat.",
    Query("state:open", "lucene"),
    ("rule_name", "priority", "title", "clause", "source_name", "source_count", "owner"),
)
DELIVERIES = Search(
    "failing-deliveries",
    "Deliveries that fail",
    "Messages that did not arrive yet, or were given up after a day, and why. Pesan yang belum atau tidak sampai.",
    Query("state:(retrying OR dead)", "lucene"),
    ("channel", "state", "attempts", "error_kind", "last_error", "rule", "next_attempt"),
)


def searches(views: DataViews) -> tuple[SavedObject, ...]:
    """All saved searches: on the articles, one on the alerts, one on what was sent of them."""
    placed = [*((one, views.articles) for one in SEARCHES), (ALERTS, views.alerts), (DELIVERIES, views.deliveries)]
    return tuple(one.saved(view, views.id(f"search-{one.name}")) for one, view in placed)
