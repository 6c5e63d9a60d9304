"""A few articles in nine languages, in pairs: one about a liaison office, and one with the same words about another."""

from __future__ import annotations

from ingest.records import Mention
from search.ports import Document
from tests.integration.search_material import document


def _named(id_: str, type_: str, name: str, *, linked: bool = True) -> Mention:
    given = {"id": id_, "type": type_, "name": name, "surfaces": (name,), "count": 1, "spans": (), "linked": linked}
    return Mention.model_validate(given)


NATO = _named("Q7184", "organisation", "NATO")
TEXTS: dict[str, tuple[str, str, str]] = {  # key → language, title, body
    "id-office": (
        "id",
        "NATO buka kantor penghubung di Tokyo",
        "Rencana pembukaan kantor penghubung itu dibahas para menteri luar negeri. Jepang menyambut baik.",
    ),
    "id-relations": (
        "id",
        "Kantor hubungan masyarakat kementerian",
        "Bagian hubungan masyarakat menghubungkan warga dengan kementerian.",
    ),
    "id-hub": (
        "id",
        "Kantor baru di Natuna",
        "Pemerintah menunjuk kantor itu sebagai pusat penghubung keamanan laut, kata Ma'ruf.",
    ),
    "en-office": (
        "en",
        "Liaison office opens in Tokyo",
        "The new liaison office would coordinate anti-piracy drills with Japan.",
    ),
    "en-talks": (
        "en",
        "Officials opened talks",
        "Offices were closed and liaisons tense; Indonesia's minister left the office of the chair early.",
    ),
    "ar-office": (
        "ar",
        "مُباحثاتٌ حول مكتبِ ارتباطٍ في طوكيو",
        "قالَ وزيرُ الخارجيّةِ إنّ المُفاوضاتِ مستمرّة مع إيران منذ ٢٠٢٥.",
    ),
    "ar-relations": ("ar", "مكتب العلاقات العامة", "افتتحت الوزارة المكتب الجديد في المدينة بعد مفاوضات طويلة."),
    "zh-office": ("zh", "北约在东京设立联络处", "日本政府表示，双方仍在讨论联络办事处的安排。"),
    "zh-date": ("zh", "东京约会北京", "公共关系部门与政府无关，联系处长未果。"),
    "tr-office": ("tr", "İstanbul'da irtibat ofisi", "Türkiye'nin bakanı ISPARTA'da ışık ve ısı santralini gezdi."),
    "tr-traffic": ("tr", "ISTANBUL trafiği", "Hükümetler arası görüşmede sıcak hava ve istanbul konuşuldu."),
    "es-office": ("es", "Oficina de enlace en Bogotá", "El presidente Ibáñez viajó a España el año pasado."),
    "es-press": ("es", "Relaciones publicas", "Las oficinas de prensa de Bogota preparan un enlace de video."),
    "ru-office": ("ru", "НАТО откроет офис связи в Токио", "Министры обсудили открытие представительства."),
    "ru-press": ("ru", "Связи с общественностью", "Пресс-служба правительства рассказала о новых офисах."),
    "ja-office": ("ja", "NATO、東京に連絡事務所", "日本政府は開設を検討している。岸田首相はワシントンで会見した。"),
    "ja-fire": ("ja", "東京の事務所で火災", "職員と連絡が取れない。"),
    "fr-office": ("fr", "L'OTAN ouvre un bureau de liaison", "Le président français s'y oppose; l'Élysée se tait."),
    "fr-press": ("fr", "Bureau des relations publiques", "La liaison entre les bureaux et la presidence est rompue."),
    "uk-office": ("uk", "НАТО відкриє офіс зв'язку", "Міністри обговорили відкриття представництва в Токіо."),
}
NAMES: dict[str, tuple[Mention, ...]] = {
    "id-office": (NATO,),
    "ja-office": (NATO, _named("k-fumio-kishida", "person", "Fumio Kishida")),
    "id-hub": (_named("", "person", "Siti Aminah", linked=False),),
}


def documents() -> dict[str, Document]:
    """The articles by their key."""
    return {
        key: document(
            title,
            body=body,
            language=language,
            countries=("JP",) if key.endswith("office") else ("ID",),
            mentions=NAMES.get(key, ()),
        )
        for key, (language, title, body) in TEXTS.items()
    }
