"""The dashboard *Coverage*: what is read, from whom, about where and whom. Pure."""

from __future__ import annotations

from search.kibana.dashboard import Control, Dashboard, Row, Tile
from search.kibana.lens import NO_IDS, Panel, by_time, by_value, count, different
from search.kibana.objects import Query, SavedObject
from search.kibana.searches import LIAISON
from search.kibana.views import DataViews


def panels(views: DataViews) -> tuple[Panel, ...]:
    """Its panels, on the articles."""
    articles = views.articles
    number = count("Articles")
    return (
        Panel("articles", "Articles", articles, "metric", (number,)),
        Panel("sources", "Sources", articles, "metric", (different("Sources", "source"),)),
        Panel("stories", "Stories", articles, "metric", (different("Stories", "story_id"),)),
        Panel("languages", "Languages", articles, "metric", (different("Languages", "language"),)),
        Panel("liaison", "Kantor penghubung", articles, "metric", (count("Kantor penghubung", LIAISON),)),
        Panel(
            "over-time",
            "Articles by language",
            articles,
            "bar_stacked",
            (number,),
            (by_value("Language", "language", size=8), by_time()),
        ),
        Panel(
            "about", "Where it happens", articles, "bar_horizontal", (number,), (by_value("Country", "about", size=15),)
        ),
        Panel(
            "by-source",
            "Articles by source",
            articles,
            "bar_horizontal",
            (number,),
            (by_value("Source", "source", size=15),),
        ),
        Panel("topics", "Topics", articles, "donut", (number,), (by_value("Topic", "topic", size=12),)),
        Panel(
            "people",
            "People",
            articles,
            "table",
            (number, different("Sources", "source")),
            (by_value("Person", "person", size=20, exclude=NO_IDS),),
        ),
        Panel(
            "organisations",
            "Organisations",
            articles,
            "table",
            (number, different("Sources", "source")),
            (by_value("Organisation", "organisation", size=20, exclude=NO_IDS),),
        ),
        Panel(
            "unlinked",
            "Unlinked names",
            articles,
            "table",
            (number, different("Sources", "source")),
            (by_value("Name", "unlinked", size=20),),
            Query("unlinked: *"),
        ),
        Panel(
            "texts",
            "What was read of each source",
            articles,
            "table",
            (
                number,
                count("Copies", Query("copy_of: *")),
                count("Behind a paywall", Query("is: paywalled")),
                count("Changed since", Query("changed: *")),
                count("Without a date", Query("not published: *")),
            ),
            (by_value("Source", "source", size=25),),
        ),
    )


def coverage(views: DataViews) -> tuple[SavedObject, ...]:
    """The dashboard, with the panels that it shows; the saved search at its end is made elsewhere."""
    made = {panel.name: panel for panel in panels(views)}
    ids = {name: views.id(f"panel-{name}") for name in made} | {"search": views.id("search-liaison")}

    def row(height: int, *widths: tuple[str, int]) -> Row:
        return Row(height, tuple(Tile(name, made[name].title, width) for name, width in widths))

    dashboard = Dashboard(
        "Coverage",
        "What is read: from whom, in which languages, about where and whom. Apa saja yang terbaca.",
        (
            row(6, ("articles", 10), ("sources", 9), ("stories", 9), ("languages", 10), ("liaison", 10)),
            row(12, ("over-time", 48)),
            row(15, ("about", 16), ("by-source", 16), ("topics", 16)),
            row(15, ("people", 16), ("organisations", 16), ("unlinked", 16)),
            row(15, ("texts", 48)),
            Row(15, (Tile("search", "Kantor penghubung", 48, "search"),)),
        ),
        ids,
        (
            Control("Language", "language", views.articles),
            Control("Where it happens", "about", views.articles),
            Control("Topic", "topic", views.articles),
            Control("Source", "source", views.articles),
        ),
    )
    return (*(panel.saved(ids[name]) for name, panel in made.items()), dashboard.saved(views.id("coverage")))
