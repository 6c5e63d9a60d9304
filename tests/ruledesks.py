"""Rules in memory, as a desk handles them: the real compiler looks over what is written, no node is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from search.ports import ServiceUnavailable
from search.query import compile_query
from search.receipt import Blind, Hearing, Near, Probe, Receipt
from search.ruledesk import Draft, Losing, RuleList, Rung
from search.rules.catching import Caught, Lost
from search.rules.faults import Fault, RefusedError
from search.rules.records import Digest, Match, QuietHours, Rule, RuleTests
from search.rules.trying import Tried
from tests.alertdesks import DESK, MAIL
from tests.browser.wire import hit

HOSTILE = "<script>alert(1)</script>"


def rules() -> tuple[Rule, ...]:
    """Rules of several kinds, by id."""
    return (
        Rule(
            id="kantor-penghubung",
            name="Kantor penghubung",
            description="A liaison office is opened, planned, moved or closed.",
            owner="desk-asia",
            priority="high",
            query='"kantor penghubung" OR (kantor NEAR/5 penghubung) OR concept:liaison-office',
            none_of=('"hubungan masyarakat"',),
            max_age=7 * 86_400,
            update_after=3,
            realert=86_400,
            quiet_hours=QuietHours(start="22:00", end="06:00", tz="Asia/Jakarta", bypass="critical"),
            notify=(DESK, MAIL),
            tests=RuleTests(
                match=("Kantor penghubung NATO dibuka di Tokyo",), no_match=("Kantor hubungan masyarakat pindah",)
            ),
        ),
        Rule(
            id="natuna-utara",
            name="Laut Natuna Utara",
            owner="desk-asia",
            priority="critical",
            query='"Laut Natuna Utara" OR (kapal NEAR/6 "penjaga pantai")',
            notify=(DESK, MAIL),
        ),
        Rule(
            id="pergerakan-pasukan",
            name="Pergerakan pasukan: lonjakan",
            owner="desk-dunia",
            type="spike",
            query="concept:troop-movement",
            spike_height=4,
            timeframe=7200,
            days=7,
            threshold_cur=10,
            digest=Digest(schedule="0 7 * * *", tz="Asia/Jakarta"),
            notify=(MAIL,),
        ),
        Rule(
            id="sanksi", name="Sanksi", owner="desk-dunia", match="stemmed", query="concept:sanctions", notify=(MAIL,)
        ),
        Rule(
            id="sumber-senyap",
            name="Sumber menjadi senyap",
            owner="operator",
            type="flatline",
            threshold=1,
            enabled=False,
        ),
    )


class MemoryRules:
    """`RuleDesk`. `added`, `taken`, `rung`: what was done; `away`: Elasticsearch is; `refuses`: all that is written."""

    def __init__(self, *known: Rule) -> None:
        self.known = known or rules()
        self.faults: tuple[Fault, ...] = ()
        self.names: tuple[str, ...] = (DESK, MAIL)
        self.added: list[Draft] = []
        self.taken: list[tuple[str, str, str]] = []
        self.rung: list[str] = []
        self.refuses = False
        self.away = False
        self.doubted = False

    def listed(self) -> RuleList:
        self._look()
        return RuleList(
            rules=self.known,
            rule_set="a1b2c3d4e5f60718",
            published=datetime(2026, 3, 4, 9, tzinfo=UTC),
            published_by="rini",
            faults=self.faults,
            folder="/srv/kawat/rules" if self.faults else "",
            host="meja-1" if self.faults else "",
        )

    def caught(self, query: str, *, match: Match = "exact") -> Caught:
        self._look()
        compile_query(query, concepts={"liaison-office": "kantor"})
        found = tuple(
            hit(title, minutes_ago=90 * n, id=f"{n:032x}", title_html=f"{title} <mark>kantor</mark>")
            for n, title in enumerate(("Paris tolak rencana", "NATO di Tokyo", "Beijing keberatan"))
        )
        n = 34 if match == "exact" else 61
        return Caught(total=n, stories=9, daily=tuple((day * 7) % 5 for day in range(30)), hits=found)

    def add(self, draft: Draft) -> str:
        compile_query(draft.query, concepts={"liaison-office": "kantor"})
        if self.refuses:
            what = "a rule with no word that an article must have"
            raise RefusedError([Fault(file="x.yaml", line=3, column=8, message=what, suggestion="NATO")])
        self.added.append(draft)
        id = "-".join(draft.name.casefold().split())
        self.known = (*self.known, Rule(id=id, name=draft.name, owner=draft.owner, query=draft.query))
        return id

    def losing(self, rule: str, sentence: str, none_of: str, article_id: str = "") -> Losing:
        self._rule(rule)
        if none_of:
            compile_query(none_of)
        hits = (hit("Kantor humas dan kantor penghubung", id="b" * 32),) if none_of else ()
        takes = ("lowongan" in none_of) if article_id else None
        lost = Lost(total=34, lost=len(hits) + bool(takes), hits=hits, takes=takes)
        tried = Tried(rule=rule, sentence=sentence, wanted=False, found=not none_of)
        return Losing(lost=lost, examples=(tried,))

    def no_match(self, rule: str, sentence: str, none_of: str = "") -> None:
        self._rule(rule)
        if none_of:
            compile_query(none_of)
        if self.refuses:
            raise RefusedError([Fault(file="x.yaml", line=1, column=1, message="the file was changed meanwhile")])
        self.taken.append((rule, sentence, none_of))

    def channels(self) -> Sequence[str]:
        return self.names

    def ring(self, channel: str) -> Rung:
        if channel not in self.names:
            raise KeyError(channel)
        self.rung.append(channel)
        if channel == MAIL:
            return Rung(channel=channel, arrived=False, seconds=10.0, error="no answer within 10 s")
        return Rung(channel=channel, arrived=True, seconds=0.4)

    def receipt(self, rule: str | None = None, *, hours: float = 24, testing: bool = False) -> Receipt:
        self._look()
        now = datetime.now(UTC)
        blind = (Blind(feed="Tempo", why="403", since=now - timedelta(hours=6)),)
        return Receipt(
            rule=rule,
            rule_name=self._rule(rule).name if rule else "all rules",
            since=now - timedelta(hours=hours),
            until=now,
            alerts=0,
            articles=4812,
            delay=3.2,
            hearing=Hearing(followed=42, blind=blind),
            probe=Probe(sentence="x", found=not self.doubted, seconds=0.8, why="lost") if testing else None,
            stemmed=2 if rule else None,
            near=(Near(id="c" * 32, title="Kantor hubungan masyarakat pindah"),) if rule else (),
        )

    def _rule(self, id: str) -> Rule:
        found = next((one for one in self.known if one.id == id), None)
        if found is None:
            raise KeyError(id)
        return found

    def _look(self) -> None:
        if self.away:
            raise ServiceUnavailable("Elasticsearch", "connection refused")
