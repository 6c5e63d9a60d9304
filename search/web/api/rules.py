"""The API's rules: those in force, and what the silence of one is worth."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import AwareDatetime

from ingest.records import Record
from search.receipt import Receipt
from search.receiptwords import receipt_line
from search.ruledesk import RuleDesk
from search.rules.faults import Fault
from search.rules.records import Concept, Rule

ID = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,79}$", description="A rule's id.")]
ABSENT: dict[int | str, dict[str, Any]] = {404: {"description": "No such rule is in force."}}


class Rules(Record):
    """The rules and concepts in force. `faults`: why the files are not, where they are not."""

    rule_set: str
    published: AwareDatetime | None
    published_by: str
    rules: tuple[Rule, ...]
    concepts: tuple[Concept, ...]
    faults: tuple[Fault, ...] = ()


class Worth(Record):
    """A coverage receipt, and the same in words. `trusted`: silence means that there was nothing."""

    receipt: Receipt
    trusted: bool
    text: str


def make_router(desk: RuleDesk, tz: str) -> APIRouter:
    """The routes, on the given port. `tz`: of the times in texts."""
    router = APIRouter(tags=["rules"])

    @router.get("/api/rules")
    def rules() -> Rules:
        """The rules in force, and the concepts that they know."""
        known = desk.listed()
        return Rules(**{name: getattr(known, name) for name in Rules.model_fields})

    @router.get("/api/rules/{id}", responses=ABSENT)
    def rule(id: ID) -> Rule:
        """One rule as it is in force."""
        found = desk.listed().rule(id)
        if found is None:
            raise HTTPException(404, f"no rule {id} is in force")
        return found

    @router.get("/api/rules/{id}/receipt", responses=ABSENT)
    def receipt(
        id: ID,
        hours: Annotated[float, Query(ge=0.1, le=8760, description="How far back.")] = 24,
        testing: Annotated[bool, Query(description="With a test article, which takes a second.")] = False,
    ) -> Worth:
        """What the rule's silence is worth: articles looked at, feeds heard and blind, near misses."""
        try:
            made = desk.receipt(id, hours=hours, testing=testing)
        except KeyError:
            raise HTTPException(404, f"no rule {id} is in force") from None
        return Worth(receipt=made, trusted=made.trusted, text=receipt_line(made, "en", tz))

    return router
