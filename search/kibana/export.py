"""Everything Kibana gets, in the order of what needs what. Pure: `kawat kibana export` writes it to a file."""

from __future__ import annotations

from search.kibana.coverage import coverage
from search.kibana.health import health
from search.kibana.objects import SavedObject, ndjson
from search.kibana.searches import searches
from search.kibana.views import DataViews
from search.schema import Names


def saved_objects(prefix: str = "") -> tuple[SavedObject, ...]:
    """Data views, searches, panels, dashboards, for indices with this prefix. Ids stay the same from one to the next
    version, so that an import replaces what the last one made."""
    views = DataViews(Names(prefix))
    return (*(view.saved for view in views.all), *searches(views), *coverage(views), *health(views))


def exported(prefix: str = "") -> bytes:
    """The objects as Kibana imports them: newline-delimited JSON."""
    return ndjson(saved_objects(prefix))
