"""What is written about rules on the page: *Alert me* on a search, and *This was no match*."""

from __future__ import annotations

from typing import Any, NamedTuple, get_args
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from search.alerts.desk import AlertDesk
from search.alerts.marks import unmarked
from search.prescan import QueryError
from search.ruledesk import Draft, RuleDesk
from search.rules.faults import RefusedError
from search.rules.records import PRIORITIES, Match
from search.web import rulerows
from search.web.pages.answers import see
from search.web.pages.forms import text, texts
from search.web.render import Renderer
from search.web.views import Reader

FIELDS = (
    *("name", "query", "owner", "priority", "match", "dedup", "update_after", "realert", "schedule"),
    *("quiet_from", "quiet_to", "tz", "language", "backfill", "example"),
)


NO_RULE = "no such rule is in force"


class Complaint(NamedTuple):
    """What a rule found and should not have: by which alert, the sentence, what to leave out from now on."""

    rule: str
    alert: str = ""
    sentence: str = ""
    none_of: str = ""


class RuleForms:
    """Makes the forms, and does what they say."""

    def __init__(self, renderer: Renderer, desk: RuleDesk, alerts: AlertDesk) -> None:
        self._renderer, self._desk, self._alerts = renderer, desk, alerts

    def new(self, request: Request, query: str, *, stemmed: bool) -> HTMLResponse:
        reader = self._renderer.reader(request)
        given = {
            "name": query.replace('"', "").strip()[:80],
            "query": query,
            "match": "stemmed" if stemmed else "exact",
            "tz": reader.tz,
            "language": reader.language,
            "owner": "desk",
        }
        return self._form(request, given, ())

    def added(self, request: Request, form: FormData) -> Response:
        """Writes the rule; what is wrong with it stands in the form that was sent, with all that was written."""
        reader = self._renderer.reader(request)
        given: dict[str, Any] = {name: text(form, name) for name in FIELDS}
        given["notify"] = tuple(texts(form, "notify"))[:20]
        try:
            id = self._desk.add(Draft.model_validate({name: value for name, value in given.items() if value}))
        except ValidationError as error:
            return self._form(request, given, _wrong_fields(error, reader), status=400)
        except QueryError as error:
            return self._form(request, given, [("query", error.message, "")], status=400)
        except RefusedError as error:
            return self._form(request, given, rulerows.fault_lines(error.faults, reader), status=400)
        in_force = self._desk.listed().rule(id) is not None  # faults of other files keep all of them out
        return see(f"/rule/{quote(id)}?done=added" if in_force else "/rules?done=waiting")

    def wrong(self, request: Request, given: Complaint) -> HTMLResponse:
        """The form, with what the exclusion in it would take as soon as there is one."""
        article, marks = self._at_hand(given.alert)
        given = given._replace(sentence=given.sentence or (marks[0] if marks else ""))
        if not given.sentence:
            return self._wrong(request, given)
        try:
            losing = self._desk.losing(given.rule, given.sentence, given.none_of, article)
        except KeyError:
            raise HTTPException(404, NO_RULE) from None
        except QueryError as error:
            return self._wrong(request, given, marks=marks, faults=[("none_of", error.message, "")])
        reader = self._renderer.reader(request)
        lost = rulerows.lost_view(losing.lost, reader) if given.none_of else None
        return self._wrong(request, given, marks=marks, lost=lost, failing=rulerows.failing(losing.examples, reader))

    def taken_back(self, request: Request, given: Complaint) -> Response:
        """Writes it to the rule's file; what is wrong stands in the form that was sent."""
        if not given.sentence:
            raise HTTPException(400, "a sentence is needed: what the rule must not find")
        reader = self._renderer.reader(request)
        try:
            self._desk.no_match(given.rule, given.sentence, given.none_of)
        except KeyError:
            raise HTTPException(404, NO_RULE) from None
        except QueryError as error:
            return self._wrong(request, given, status=400, faults=[("none_of", error.message, "")])
        except RefusedError as error:
            return self._wrong(request, given, status=400, faults=rulerows.fault_lines(error.faults, reader))
        return see(f"/rule/{quote(given.rule)}?done=taken")

    def _at_hand(self, alert: str) -> tuple[str, list[str]]:
        """The article of the alert at hand, and the sentences that matched."""
        view = self._alerts.alert(alert) if alert else None
        if view is None:
            return "", []
        found = view.line.alert
        return found.article_id or "", [unmarked(one) for one in found.highlight] or [found.title]

    def _wrong(self, request: Request, given: Complaint, *, status: int = 200, **shown: Any) -> HTMLResponse:
        view = {"given": given, "marks": [], "faults": (), "lost": None, "failing": [], **shown}
        if request.headers.get("hx-request") == "true":
            return self._renderer.page(request, "_losing.html", view, at="rules")
        return self._renderer.page(request, "no-match.html", view, status=status, at="rules")

    def _form(self, request: Request, given: dict[str, Any], faults: Any, *, status: int = 200) -> HTMLResponse:
        view = {
            "given": {"notify": (), **dict.fromkeys(FIELDS, ""), **given},
            "faults": faults,
            "priorities": PRIORITIES,
            "matches": get_args(Match),
            "schedules": rulerows.SCHEDULES,
            "realerts": rulerows.REALERTS,
            "backfills": rulerows.LOOKS_BACK,
            "channels": self._desk.channels(),
            "trying": "/rules/try?" + urlencode({"query": given.get("query", "")}),
        }
        return self._renderer.page(request, "rule-new.html", view, status=status, at="rules")


def _wrong_fields(error: ValidationError, reader: Reader) -> list[tuple[str, str, str]]:
    return [
        (reader.word_or(f"rules_field_{fault['loc'][0]}", str(fault["loc"][0])), str(fault["msg"]), "")
        for fault in error.errors()
    ]
