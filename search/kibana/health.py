"""The dashboard *Alerts and feed health*: what rules found, whether it arrived, which feeds are unwell. Pure."""

from __future__ import annotations

from search.kibana.dashboard import Control, Dashboard, Row, Tile
from search.kibana.lens import Panel, by_time, by_value, count, different, highest, latest
from search.kibana.objects import Query, SavedObject
from search.kibana.views import DataViews

FAILING = Query("health.state: (failing or gone)")
UNWELL = Query("health.state: (failing or quiet or gone)")
URGENT = Query("state: open and priority: (high or critical)")


def panels(views: DataViews) -> tuple[Panel, ...]:
    """Its panels: on alerts, deliveries and feeds."""
    return (*_alerts(views), *_deliveries(views), *_feeds(views))


def _alerts(views: DataViews) -> tuple[Panel, ...]:
    alerts, number = views.alerts, count("Alerts")
    return (
        Panel("alerts", "Alerts", alerts, "metric", (number,)),
        Panel("urgent", "Open, high or critical", alerts, "metric", (count("Open, high or critical", URGENT),)),
        Panel(
            "alerts-over-time",
            "Alerts by rule",
            alerts,
            "bar_stacked",
            (number,),
            (by_value("Rule", "rule", size=8), by_time()),
        ),
        Panel(
            "rules",
            "Rules",
            alerts,
            "table",
            (
                number,
                different("Stories", "story_id"),
                highest("Most sources", "source_count"),
                latest("Last", "@timestamp"),
            ),
            (by_value("Rule", "rule_name", size=20), by_value("Priority", "priority", size=4)),
        ),
    )


def _deliveries(views: DataViews) -> tuple[Panel, ...]:
    deliveries = views.deliveries
    dead = Query("state: dead")
    return (
        Panel("dead", "Never delivered", deliveries, "metric", (count("Never delivered", dead),)),
        Panel(
            "channels",
            "Deliveries by channel",
            deliveries,
            "table",
            (
                count("Deliveries"),
                count("Waiting", Query("state: (waiting or sending or retrying)")),
                count("Never delivered", dead),
                highest("Most attempts", "attempts"),
                highest("Slowest, s", "seconds"),
            ),
            (by_value("Channel", "channel", size=20),),
        ),
        Panel(
            "delivery-errors",
            "Why deliveries fail",
            deliveries,
            "bar_horizontal",
            (count("Deliveries"),),
            (by_value("Error", "error_kind", size=10),),
            Query("error_kind: *"),
        ),
    )


def _feeds(views: DataViews) -> tuple[Panel, ...]:
    feeds, number = views.feeds, count("Feeds")
    return (
        Panel("feeds", "Feeds", feeds, "metric", (number,)),
        Panel("feeds-failing", "Failing or gone", feeds, "metric", (count("Failing or gone", FAILING),)),
        Panel("feeds-quiet", "Went quiet", feeds, "metric", (count("Went quiet", Query("health.state: quiet")),)),
        Panel("feed-states", "How feeds do", feeds, "donut", (number,), (by_value("State", "health.state", size=6),)),
        Panel(
            "feed-errors",
            "Why feeds fail",
            feeds,
            "bar_horizontal",
            (number,),
            (by_value("Error", "health.error_kind", size=10),),
            Query("health.error_kind: *"),
        ),
        Panel(
            "feeds-unwell",
            "Feeds to look at",
            feeds,
            "table",
            (
                highest("Failures in a row", "health.failures"),
                latest("Last answer", "health.last_success"),
                latest("Last new entry", "health.last_new"),
                highest("Expected a day", "health.expected"),
                highest("Seen a day", "health.seen"),
            ),
            (
                by_value("Feed", "name", size=100),
                by_value("State", "health.state", size=3),
            ),
            UNWELL,
        ),
    )


def health(views: DataViews) -> tuple[SavedObject, ...]:
    """The dashboard, with the panels that it shows."""
    made = {panel.name: panel for panel in panels(views)}
    ids = {name: views.id(f"panel-{name}") for name in made}

    def row(height: int, *widths: tuple[str, int]) -> Row:
        return Row(height, tuple(Tile(name, made[name].title, width) for name, width in widths))

    figures = ("alerts", "urgent", "dead", "feeds", "feeds-failing", "feeds-quiet")
    dashboard = Dashboard(
        "Alerts and feed health",
        "What rules found and whether it arrived; which feeds fail or went quiet. Peringatan dan keadaan feed.",
        (
            row(6, *((name, 8) for name in figures)),
            row(12, ("alerts-over-time", 48)),
            row(13, ("rules", 24), ("channels", 24)),
            row(13, ("feed-states", 16), ("feed-errors", 16), ("delivery-errors", 16)),
            row(18, ("feeds-unwell", 48)),
        ),
        ids,
        (
            Control("Rule", "rule", views.alerts),
            Control("Priority", "priority", views.alerts),
            Control("Owner", "owner", views.alerts),
        ),
    )
    return (*(panel.saved(ids[name]) for name, panel in made.items()), dashboard.saved(views.id("health")))
