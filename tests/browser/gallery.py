"""Made-up articles in several languages, as a reader would see them on a busy afternoon."""

from __future__ import annotations

from ingest.records import Mention, Topic
from search.articles import ArticleRecord, Country
from search.entityrecords import EntityName
from search.history import Event, History, Version
from search.ports import Hit
from tests.browser.wire import NOON, Wire, hit


def gallery() -> list[Hit]:
    """A dozen hits, newest first."""
    return [
        hit(
            "Paris tolak rencana kantor penghubung NATO di Tokyo",
            minutes_ago=1,
            id=NATO_ID,
            story_id=STORY,
            people=("Fumio Kishida", "Jens Stoltenberg"),
            organisations=("NATO",),
            topics=("alliances",),
            title_html="Paris tolak rencana <mark>kantor penghubung</mark> NATO di Tokyo",
            source_name="Kawat Contoh",
            countries=("JP", "FR", "CN", "US"),
            is_=("sample",),
            highlight=(
                "Membuka <mark>kantor penghubung</mark> di Jepang membutuhkan persetujuan bulat dari Dewan Atlantik "
                "Utara, yang berarti Paris dapat membatalkan usulan itu.",
                "Beijing telah menyampaikan keberatannya tentang <mark>kantor penghubung</mark> yang diusulkan.",
            ),
        ),
        hit(
            "日本政府、東南アジアとの海上安全保障協力を拡大へ",
            minutes_ago=4,
            source_name="Harian Teluk",
            language="ja",
            countries=("JP", "ID", "PH", "VN"),
            highlight=("政府は来年度から、沿岸警備の訓練と巡視船の供与を段階的に広げる方針を固めた。",),
        ),
        hit(
            "Straits patrols resume after a week of storms, insurers say",
            minutes_ago=9,
            source_name="Harbour Ledger",
            source="harbour.example",
            organisations=("Lloyd's",),
            language="en",
            countries=("SG", "MY", "ID"),
            highlight=(
                "Three escort groups left port on Wednesday morning; underwriters expect premiums to ease within days.",
            ),
        ),
        hit(
            "وزراء خارجية يبحثون أمن الملاحة في البحر الأحمر",
            minutes_ago=15,
            source_name="بريد الخليج",
            language="ar",
            countries=("YE", "SA", "EG"),
            highlight=("قال الوزراء في ختام اجتماعهم إن المشاورات ستتواصل الأسبوع المقبل على مستوى الخبراء.",),
        ),
        hit(
            "Prancis: kantor penghubung NATO bukan untuk Asia",
            minutes_ago=21,
            source="pos.example",
            source_name="Pelabuhan Pos",
            story_id=STORY,
            people=("Fumio Kishida",),
            countries=("FR", "JP"),
        ),
        hit(
            "NATO office in Tokyo: Paris says no",
            minutes_ago=27,
            source="harbour.example",
            source_name="Harbour Ledger",
            language="en",
            story_id=STORY,
            countries=("FR", "JP"),
        ),
        hit(
            "Nikkel: dua smelter baru di Halmahera mulai beroperasi",
            minutes_ago=33,
            source_name="Pelabuhan Pos",
            countries=("ID",),
            published=None,
            highlight=("Kapasitas tambahan itu setara sepersepuluh ekspor tahun lalu, kata pengelola kawasan.",),
        ),
        hit(
            "На саммите обсудили транзит зерна через Чёрное море",
            minutes_ago=58,
            source_name="Портовый вестник",
            language="ru",
            countries=("TR", "UA", "RU"),
            highlight=("Стороны договорились вернуться к вопросу о страховании судов в конце месяца.",),
        ),
        hit(
            "Pacific states ask for a seat when undersea cables are planned",
            minutes_ago=20 * 60,
            source_name="Lagoon Review",
            language="en",
            countries=("FJ", "TO", "AU"),
            highlight=("The communiqué names four routes and asks for a common register of repair ships.",),
        ),
    ]


STORY = "5" * 32
NATO_ID = "a" * 32
_BODY = """Presiden Prancis menolak usulan Sekretaris Jenderal NATO Jens Stoltenberg untuk membuka kantor di Tokyo.
Membuka kantor di Jepang membutuhkan persetujuan bulat dari Dewan Atlantik Utara, jadi Paris dapat menolaknya.
Beijing sudah keberatan. Perdana Menteri Fumio Kishida mengatakan Jepang tidak berencana menjadi anggota NATO.
<script>alert("tidak")</script> bukan bagian dari berita ini."""


def _mention(kind: str, id: str, name: str, *surfaces: str, linked: bool = True, salience: float = 0.5) -> Mention:
    spans = [
        (at, at + len(one)) for one in surfaces or (name,) for at in range(len(_BODY)) if _BODY.startswith(one, at)
    ]
    given = {"id": id, "type": kind, "name": name, "surfaces": surfaces or (name,), "count": len(spans)}
    return Mention.model_validate({**given, "spans": spans, "linked": linked, "salience": salience})


def nato(**changes: object) -> ArticleRecord:
    """An article with everything that the view of one shows; its text holds markup that must stay text."""
    fields = {
        "id": NATO_ID,
        "url": "https://kawat.example/nato-tokyo",
        "page_url": "https://kawat.example/amp/nato-tokyo",
        "title": "Paris tolak rencana kantor penghubung NATO di Tokyo",
        "body": _BODY,
        "authors": ("Nina Loasana",),
        "source": "kawat.example",
        "source_name": "Kawat Contoh",
        "source_owner": "Contoh Media",
        "source_kind": "private",
        "source_country": "ID",
        "language": "id",
        "published": "2026-03-04T11:47:00Z",
        "published_from": "json-ld",
        "first_seen": "2026-03-04T11:59:00Z",
        "fetched": "2026-03-04T11:59:03Z",
        "modified": "2026-03-04T11:50:00Z",
        "section": "Internasional",
        "agency": "Reuters",
        "word_count": 58,
        "mentions": (
            _mention("organisation", "Q7184", "NATO", salience=0.9),
            _mention("person", "k-fumio-kishida", "Fumio Kishida"),
            _mention("person", "Q57665", "Jens Stoltenberg"),
            _mention("place", "Q1490", "Tokyo"),
            _mention("place", "Dewan Atlantik", "Dewan Atlantik Utara", linked=False),
            _mention("country", "JP", "Japan", "Jepang"),
        ),
        "topics": (Topic(id="alliances", score=1.0, terms=("NATO", "kantor penghubung", "anggota")),),
        "countries": (
            Country(code="JP", weight=0.9, about=True),
            Country(code="FR", weight=0.6),
            Country(code="CN", weight=0.2),
        ),
        "origins": {"title": "json-ld headline", "published": "json-ld datePublished", "authors": "byline .author"},
        "is": ("sample", "paywalled"),
        "revision": 2,
        "changed": ("title", "body"),
        "changes": (Event(at=NOON, what=("title", "body"), revision=2),),
        "story_id": STORY,
        **changes,
    }
    return ArticleRecord.model_validate(fields)


def entities() -> list[EntityName]:
    """Those that the article names."""
    return [
        EntityName(id="k-fumio-kishida", type="person", name="Fumio Kishida", count=12),
        EntityName(id="Q7184", type="organisation", name="NATO", count=40),
    ]


def nato_history() -> History:
    """The text was read twice, and said another thing at first."""
    now, seen = nato(), {"read": NOON}
    first = Version(label="1", revision=1, title="Paris setuju", body=_BODY.replace("menolak", "menyetujui"), **seen)
    last = Version(label="2", revision=2, title=now.title, body=now.body, changed=("title", "body"), **seen)
    document = {"title": now.title, "language": "id", "revision": 2}
    return History(article=document, versions=(first, last), events=now.changes)


def full_wire() -> Wire:
    """A wire with all of it."""
    wire = Wire()
    wire.hits = gallery()
    wire.articles[NATO_ID] = nato()
    wire.histories[NATO_ID] = nato_history()
    wire.entities = entities()
    return wire
