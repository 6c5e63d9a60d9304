"""The words a news site puts around an article, per language."""

from __future__ import annotations

from typing import NamedTuple


class Labels(NamedTuple):
    """None of it belongs to an article's text: an extractor must leave all of it out."""

    related: str
    popular: str
    home: str
    sections: tuple[str, ...]
    advert: str
    cookies: str
    accept: str
    comments: str
    comment: str
    subscribe: str
    rights: str


LABELS: dict[str, Labels] = {
    "id": Labels(
        "Baca juga",
        "Terpopuler",
        "Beranda",
        ("Nasional", "Dunia", "Ekonomi", "Olahraga", "Teknologi"),
        "Iklan: cicilan ringan untuk motor baru",
        "Kami memakai kuki untuk meningkatkan layanan.",
        "Setuju",
        "Komentar",
        "Semoga lekas ada kabar baik, min!",
        "Berlangganan buletin pagi kami",
        "Hak cipta dilindungi",
    ),
    "ms": Labels(
        "Baca lagi",
        "Paling popular",
        "Laman utama",
        ("Nasional", "Dunia", "Bisnes", "Sukan", "Hiburan"),
        "Iklan: tawaran hebat hujung minggu ini",
        "Laman ini menggunakan kuki.",
        "Terima",
        "Komen",
        "Harap semuanya dipermudahkan.",
        "Langgan buletin harian kami",
        "Hak cipta terpelihara",
    ),
    "en": Labels(
        "Read also",
        "Most read",
        "Home",
        ("Politics", "World", "Business", "Sport", "Opinion"),
        "Advertisement: fly for less this summer",
        "We use cookies to improve your visit.",
        "Accept all",
        "Comments",
        "About time somebody wrote this up.",
        "Sign up for our morning letter",
        "All rights reserved",
    ),
    "ar": Labels(
        "اقرأ أيضا",
        "الأكثر قراءة",
        "الرئيسية",
        ("سياسة", "العالم", "اقتصاد", "رياضة", "ثقافة"),
        "إعلان: عروض السفر لهذا الصيف",
        "نستخدم ملفات تعريف الارتباط.",
        "موافق",
        "تعليقات",
        "شكرا على هذا الخبر.",
        "اشترك في نشرتنا الصباحية",
        "جميع الحقوق محفوظة",
    ),
    "zh": Labels(
        "相关阅读",
        "热门文章",
        "首页",
        ("时政", "国际", "财经", "体育", "科技"),
        "广告：夏季出行优惠",
        "本网站使用Cookie。",
        "同意",
        "评论",
        "感谢报道，期待后续。",
        "订阅每日早报",
        "版权所有",
    ),
    "ru": Labels(
        "Читайте также",
        "Самое читаемое",
        "Главная",
        ("Политика", "Мир", "Экономика", "Спорт", "Культура"),
        "Реклама: путёвки со скидкой",
        "Мы используем файлы cookie.",
        "Согласен",
        "Комментарии",
        "Спасибо за новость.",
        "Подпишитесь на утреннюю рассылку",
        "Все права защищены",
    ),
    "fr": Labels(
        "À lire aussi",
        "Les plus lus",
        "Accueil",
        ("Politique", "Monde", "Économie", "Sport", "Culture"),
        "Publicité : voyagez moins cher",
        "Nous utilisons des cookies.",
        "Accepter",
        "Commentaires",
        "Merci pour cet article.",
        "Recevez notre lettre du matin",
        "Tous droits réservés",
    ),
    "ja": Labels(
        "あわせて読みたい",
        "アクセスランキング",
        "ホーム",
        ("政治", "国際", "経済", "スポーツ", "文化"),
        "広告：夏の旅行がお得",
        "当サイトはCookieを使用します。",
        "同意する",
        "コメント",
        "続報を待っています。",
        "朝のニュースレターに登録",
        "無断転載を禁じます",
    ),
    "es": Labels(
        "Lea también",
        "Lo más leído",
        "Portada",
        ("Política", "Mundo", "Economía", "Deportes", "Cultura"),
        "Publicidad: viaje por menos",
        "Usamos cookies para mejorar su visita.",
        "Aceptar",
        "Comentarios",
        "Gracias por la información.",
        "Suscríbase a nuestro boletín",
        "Todos los derechos reservados",
    ),
}


def labels_for(language: str) -> Labels:
    """The language's own words, English where there are none."""
    return LABELS.get(language, LABELS["en"])
