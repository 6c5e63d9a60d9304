"""Made-up articles in several languages, as a reader would see them on a busy afternoon."""

from __future__ import annotations

from search.ports import Hit
from tests.browser.wire import hit


def gallery() -> list[Hit]:
    """A dozen hits, newest first."""
    return [
        hit(
            "Paris tolak rencana kantor penghubung NATO di Tokyo",
            minutes_ago=1,
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
