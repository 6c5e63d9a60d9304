"""Entities as a page gets them, without an index: a list to find names in, and one full profile."""

from __future__ import annotations

from collections.abc import Sequence

from search.entityrecords import (
    Bars,
    EntityName,
    EntityProfile,
    Line,
    Pair,
    Share,
    StoryLine,
    Together,
)

JAPAN = EntityName(id="JP", type="country", name="Japan", names={"id": "Jepang"}, countries=("JP",), count=120)
NATO = EntityName(id="Q7184", type="organisation", name="NATO", kind="alliance", count=40)
TOKYO = EntityName(
    id="k-tokyo", type="place", name="Tokyo", kind="capital", countries=("JP",), at=(35.7, 139.7), count=20
)
EVIL = EntityName(id='<b>"Siti"</b>/x', type="person", name='<b>"Siti"</b>/x', linked=False, count=3)
EVERY = (JAPAN, NATO, TOKYO, EVIL)


class Names:
    """`EntityPort` over a handful of names; raises `fails` where one is given."""

    def __init__(self) -> None:
        self.fails: Exception | None = None
        self.total = 41

    def suggest(self, text: str, *, size: int = 10, types: Sequence[str] = ()) -> tuple[EntityName, ...]:
        self._fail()
        found = (one for one in EVERY if any(name.lower().startswith(text.lower()) for name in self._called(one)))
        return tuple(one for one in found if not types or one.type in types)[:size]

    def lately(self, *, size: int = 30, types: Sequence[str] = ()) -> tuple[EntityName, ...]:
        self._fail()
        return tuple(one for one in EVERY if not types or one.type in types)[:size]

    def profile(
        self, type: str, id: str, *, beside: tuple[str, str] | None = None, since: str | None = None
    ) -> EntityProfile | None:
        self._fail()
        found = [next((one for one in EVERY if (one.type, one.id) == each), None) for each in ((type, id), beside)]
        if found[0] is None or (beside and found[1] is None):
            return None
        return profile(found[0], found[1], total=self.total, since=since)

    def _fail(self) -> None:
        if self.fails:
            raise self.fails

    @staticmethod
    def _called(one: EntityName) -> tuple[str, ...]:
        return (one.name, *one.names.values(), *(("日本",) if one.id == "JP" else ()))


def profile(one: EntityName, beside: EntityName | None = None, *, total: int, since: str | None) -> EntityProfile:
    """Of everything a little."""
    days = tuple((f"2026-03-{day:02}T17:00:00Z", day % 7) for day in range(1, 29))
    together = {
        "organisation": (Together(entity=NATO, articles=12, expected=1.5, times=8.0, score=40.2),),
        "person": (Together(entity=EVIL, articles=3, expected=0.2, times=15.0, score=12.0),),
        "topic": (Together(entity=EntityName(id="defence", type="topic", name="defence"), articles=9, expected=2,
                           times=4.5, score=20.0),),
    }  # fmt: skip
    story = StoryLine(id="b" * 32, title="Penghubung", articles=4, size=9, sources=3, last="2026-03-20T00:00:00Z")
    line = Line(id="a" * 32, title="<i>Kantor</i> penghubung", url="https://news.example/1", source="news.example",
                first_seen="2026-03-28T04:00:00Z", language="id")  # fmt: skip
    return EntityProfile(
        entity=one,
        beside=beside,
        pair=Pair(articles=12, alone=(41, 18), expected=2.4, times=5.0, score=34.0, total=900) if beside else None,
        known_as={"en": ("Japan",), "id": ("Jepang",), "ja": ("日本",), "ar": ("اليابان",)} if one is JAPAN else {},
        query=one.query,
        since=since,
        total=total,
        first="2026-03-01T17:00:00Z",
        last="2026-03-28T04:00:00Z",
        timeline=Bars(interval="1d", counts=days),
        together=together,
        places=(Share(value=TOKYO.id, count=20, entity=TOKYO),),
        countries=(Share(value="JP", count=30, entity=JAPAN),),
        topics=(Share(value="defence", count=9),),
        sources=(Share(value="news.example", count=41),),
        source_count=1,
        languages=(Share(value="id", count=41),),
        stories=(story,),
        newest=(line,),
    )
