"""How the flow stands, in one look: for `kawat status`, the page and machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError

from worker.local.setup import read_setup
from worker.rulesinforce import faulty_files
from worker.services import Services

FAILING_SHOWN = 100


def status(services: Services) -> dict[str, Any]:
    """Counts, stages, feeds, pauses; JSON-ready. Raises RedisError where Valkey does not answer."""
    ledger = services.ledger
    counts = ledger.counts()
    health = [one for one in services.subscriptions.health() if not one.feed.sample]
    failing = [one for one in health if one.failures]
    faulty = faulty_files(ledger)
    return {
        "counts": {**asdict(counts), "missing": counts.missing},
        "adds_up": counts.missing == 0,
        "discarded_by_reason": ledger.discards(),
        "stages": {name: asdict(count) for name, count in ledger.stage_counts().items()},
        "feeds": {
            "total": len(health),
            "ok": sum(one.state in {"ok", "quiet"} for one in health),
            "waiting": sum(one.state == "new" for one in health),
            "quiet": sum(one.state == "quiet" for one in health),
            "gone": sum(one.state == "gone" for one in health),
            "failing": len(failing),
            "errors": [
                {**one.feed.model_dump(include={"id", "name", "url"}), "failures": one.failures, "error": one.error}
                | {"kind": one.error_kind}
                for one in failing[:FAILING_SHOWN]
            ],
        },
        "revisits": asdict(services.revisits.counts()),
        "rule_faults": [str(one) for one in faulty.faults] if faulty else [],
        "paused": ledger.paused(),
        "bytes_in_flight": ledger.bytes_in_flight(),
        "ledger_began": datetime.fromtimestamp(ledger.began(), UTC).replace(microsecond=0).isoformat(),
    }


def without_address(error: str, url: str) -> str:
    """A feed's error beside the feed's name: its own address is left out."""
    return error.removeprefix(url).lstrip(": ") or error


class PageStatus:
    """What the page shows: the set-up's progress first, then the flow. Implements `search.ports.FlowStatus`."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def summary(self) -> Mapping[str, object]:
        """Never raises: where Valkey is away, the phase and the reason."""
        setup = read_setup(self.services.settings.state)
        phase: dict[str, object] = {"phase": "running", "steps": []}
        if setup:
            phase = {"phase": setup.phase, "steps": [step.model_dump() for step in setup.steps]}
        try:
            flow = status(self.services)
        except RedisError as error:
            return {**phase, "error": f"Valkey does not answer: {type(error).__name__}"}
        return {**flow, **phase, "paused": "; ".join(flow["paused"].values()) or None}
