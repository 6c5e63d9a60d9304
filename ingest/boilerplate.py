"""Lines among a story's paragraphs that are none of it: pointers to other stories, credits, calls to follow, notices.

`why_cut` judges a line by its words, in the languages that Kawat reads first. The lists hold openings of lines that
editors and templates put there, not subjects: "Subscribe to our newsletter" goes, "Subscribers protested" stays. So
each list is anchored at the line's beginning, and a longer line is a paragraph that happens to begin so.
"""

from __future__ import annotations

import re

_LONGEST = 300  # characters; a longer line is a paragraph that happens to begin so
_LONGEST_CREDIT = 160
_LONGEST_CAPTION = 250
_LONGEST_NOTICE = 500

# "Baca juga: …": with a colon or the like, or alone on its line, the title following in the next element.
_READ_ALSO = r"""
    (?:baca|read|more|watch|lihat|simak|tonton|saksikan|video|related)(?=\s*:)|video\ (?:pilihan|terkait|terbaru)|
    (?:saksikan|simak|tonton|lihat)\ (?:juga\ )?video\b.{0,60}(?=:)|read\ (?:the\ )?full\ .{0,30}|lisez\ aussi|
    te\ recomendamos|
    mais\ lidas|más\ leídas|читать\ далее|διαβαστε\ (?:επισησ|επισης|ακομα|ακομη)|続きを読む|
    (?:baca|lihat|simak|tonton|saksikan|cek|ikuti)\ (?:juga|pula|selengkapnya|berita\ lainnya)|bacaan?\ (?:lain|
    lainnya)|
    (?:artikel|berita|topik)\ (?:terkait|lainnya|terpopuler|lain)|pilihan\ (?:editor|redaksi)|
    rekomendasi\ untuk\ anda|
    baca\ (?:lagi|seterusnya)|berita\ berkaitan|artikel\ berkaitan|
    read\ (?:also|more|next|this|on|our\ .{0,40}|the\ full\ .{0,30})|also\ read|see\ also|watch(?:\ (?:also|now|
    this))?|listen(?:\ (?:also|now))?|
    related(?:\ (?:stor(?:y|ies)|articles?|content|news|coverage|topics?|links?|reading))?|more\ on\ (?:this|
    that)(?:\ story)?|
    more\ (?:stories|news|coverage)|recommended(?:\ (?:stories|reading|for\ you|articles))?|further\ reading|
    don'?t\ miss|
    you\ (?:may|might)\ also\ like|most\ (?:read|popular)(?:\ in\ .{1,30})?|editor'?s\ picks?|up\ next|
    trending(?:\ now)?|in\ pictures|
    (?:à\ |a\ )?lire\ (?:aussi|également|la\ suite)|voir\ aussi|sur\ le\ même\ sujet|lire\ plus|articles?\ liés?|
    le[ae]\ (?:también|además|más)|leer\ más|ler\ mais|seguir\ leyendo|
   lee\ también|ver\ también|te\ puede\ interesar|(?:noticias?|
    artículos?)\ relacionad[ao]s?|más\ información|
    leia\ (?:também|mais)|ve[jr]a?\ (?:também|mais)|saiba\ mais|(?:notícias?|matérias?)\ relacionadas?|
    leggi\ anche|vedi\ anche|leggi\ (?:tutto|l'articolo.{0,30})|articoli\ correlati|ti\ potrebbe\ interessare|
    lees\ (?:ook|meer|verder)|bekijk\ ook|gerelateerde?\ (?:artikelen|nieuws)|zie\ ook|
    les\ (?:også|mer)|læs\ (?:også|mere)|läs\ (?:också|även|mer|vidare)|se\ også|lue\ myös|
    (?:lesen|sehen|hören)\ sie\ (?:auch|hier|dazu|mehr)|lies\ auch|auch\ interessant|mehr\ (?:zum\ thema|dazu|
    themen.{0,30}|lesen|von\ .{1,30})|
    weiterlesen|weiterführende\ links|weitere\ (?:artikel|themen|nachrichten|infos?|informationen)|zum\ thema|
    passend\ dazu|ähnliche\ artikel|
    czytaj\ (?:też|także|więcej|również)|zobacz\ (?:też|także|więcej|również)|přečtěte\ si(?:\ také)?|
    čtěte\ (?:také|více)|
    citește\ (?:și|mai\ multe)|olvass[ao]\ (?:el\ )?(?:még|továbbá)|διαβάστε\ (?:επίσης|ακόμα|ακόμη|περισσότερα)|
    читайте\ (?:также|також|ещё|еще|далее)|смотрите\ (?:также|ещё)|дивіться\ також|материалы\ по\ теме|по\ теме|
    اقرأ\ أيض(?:ا|ًا|اً)|اقرأ\ المزيد|إقرأ\ أيضا|شاهد\ أيض(?:ا|ًا|اً)|طالع\ أيض(?:ا|ًا|اً)|مواضيع\ ذات\ صلة|
    بیشتر\ بخوانید|مطالب\ مرتبط|(?:यह|ये)\ भी\ (?:पढ़ें|पढ़ें)|
    ayrıca\ (?:bakınız|oku(?:yun)?)|(?:bunu|bunları)\ da\ oku(?:yun)?|ilgili\ haber(?:ler)?|
    (?:đọc|xem)\ (?:thêm|tiếp)|tin\ liên\ quan|bài\ liên\ quan|อ่านเพิ่มเติม|อ่านต่อ|ข่าวที่เกี่ยวข้อง|
    相关(?:阅读|新闻|报道|文章)|相關(?:閱讀|新聞|報導|文章)|延伸(?:阅读|閱讀)|更多(?:新闻|新聞|报道|報導)|推荐阅读|推薦閱讀|
    関連(?:記事|ニュース)|あわせて読みたい|【関連.{0,12}】|合わせて読みたい|おすすめ(?:記事|情報)|
    관련\ ?(?:기사|뉴스)|많이\ 본\ 뉴스
"""
_AFTER_LABEL = r"\s*(?:[:：»>|–—-]|$)"
# What stands after it is a title without a colon between.
_READ_ALSO_TITLE = r"""
    (?:à\ lire\ (?:aussi|également)|baca\ juga|also\ read|read\ also|lees\ ook|les\ også|läs\ också|leggi\ anche|
    leia\ também)\b
"""

_CREDIT = r"""
    (?:photos?|pictures?|images?|pics?|video|graphic|illustration|credit|screenshot|fotos?|
    foto-?\ ?(?:ilustrasi|illustration|credit|kredit)|gambar|
    ilustrasi|grafis|infografis|bilder?|abbildung|grafik|imagen|crédit(?:s|\ photo)?|crédito|imagem|immagine|
    beeld|zdjęcie|fot\.|фото|изображение|иллюстрация|صورة|الصورة|تصوير|fotoğraf|görsel|图片(?:来源)?|圖片(?:來源)?|图源|
    写真|画像|사진|ảnh|ภาพ)
    (?:\ (?:by|credit|courtesy|von|de|di|por|par|oleh|source))?\s*
"""
_AGENCIES = r"""
    (?:getty(?:\ images)?|reuters|afp|ap(?:\ photo)?|epa(?:-efe)?|efe|dpa|ansa|antara(?:\ foto)?|xinhua|kyodo|anadolu|
    aa|bernama|shutterstock|istock(?:photo)?|pixabay|unsplash|pexels|wikimedia(?:\ commons)?|imago|alamy|zuma|tass|тасс|
    риа\ новости|rex)
"""
_PLATFORM = (
    r"(?:whatsapp|telegram|google\ news|instagram|facebook|twitter|tiktok|youtube|threads|linkedin|bluesky|\bx\b)"
)
_FOLLOW = rf"""
    (?:yuk,?\ |ayo,?\ )?(?:ikuti|simak|gabung|akses)\ (?:whatsapp|saluran|channel|kanal|breaking\ news|
    konten)\ .{{0,200}}|
    follow\ [^.!?]{{1,40}}\ (?:di|at)\ {_PLATFORM}|jangan\ (?:sampai\ )?lewatkan\ (?:berita|update|info).{{0,60}}$|
    klik\ (?:di\ )?(?:sini|link)\b.{{0,80}}$|get\ more\ stories\ like\ this|have\ a\ (?:news\ )?tip\?|
    (?:ikuti|gabung|bergabung|dapatkan|simak|cek|unduh|download|pantau|langgani|langgan|sertai|
    muat\ turun)\ (?:kami|terus|juga|lah|sekarang|segera|dan|
        berita|update|informasi|info|channel|saluran|kanal|akun|grup|aplikasi|newsletter|artikel|bersama|
        di)\b.{{0,80}}
        (?:{_PLATFORM}|channel|saluran|kanal|aplikasi|newsletter|berita\ (?:pilihan|terkini|terbaru|terupdate|
        lainnya)|kami\ di|\bsini\b)|
    dapatkan\ berita\ (?:terkini|terbaru|pilihan|terupdate)|(?:ikuti|follow|like|join|find)\ (?:us|our|me|kami|
    @\w+)\b|follow\ [^.!?]{{1,40}}\ on\ {_PLATFORM}|
    (?:subscribe|sign\ up|register|click\ here|tap\ here|join)\ (?:to|for|now|today|here|and|with|at|
    our)\b.{{0,140}}(?:newsletter|inbox|alerts?\b|channel|podcast|briefing|unlimited|premium)|
    (?:subscribe|log\ in|sign\ in|register|sign\ up)\ (?:now\ )?to\ (?:continue|read|unlock|access|keep)\b|
    (?:subscribe|sign\ up|join|donate|register|support\ us)(?:\ (?:now|today|here|us))?\s*[!.»>→]?$|
    get\ (?:the\ latest|daily|our|breaking|all\ the\ latest)\ .{{0,60}}(?:news|newsletter|inbox|alerts?|updates)|
    (?:our\ website\ is\ the\ place|stay\ (?:informed|up\ to\ date|connected)\ with|stay\ tuned\ to|
    never\ miss\ a|download\ (?:the|our)\ .{{0,30}}app)\b|
    (?:share|tweet|print|email|copy)\ (?:this\ (?:article|story|post|page|on)|(?:the\ )?link|article|(?:on|
    via)\ (?:{_PLATFORM}|e-?mail)).{{0,40}}$|
    (?:bagikan|sebarkan|kongsi)\ (?:artikel|berita|tautan|ini).{{0,60}}$|
    (?:folgen\ sie\ uns|abonnieren\ sie|jetzt\ (?:abonnieren|kostenlos\ (?:anmelden|abonnieren|testen)|
    registrieren)|hier\ (?:abonnieren|anmelden)|
        melden\ sie\ sich\ .{{0,60}}newsletter)\b.{{0,160}}$|
    (?:suivez|abonnez|inscrivez|téléchargez|recevez)[-\ ].{{0,120}}(?:newsletter|infolettre|chaîne|appli|alerte|
    google|{_PLATFORM})|
    (?:suscríbe(?:te|se)|síguenos|siga|sigue|únete|descarga|recibe)\b.{{0,140}}(?:newsletter|boletín|whatsapp|
    telegram|nuestr[oa]s?\b)|
    (?:assine|inscreva-se|siga|receba|participe|clique)\b.{{0,140}}(?:newsletter|whatsapp|telegram|noss[oa]s?\b|
    {_PLATFORM})|
    (?:iscriviti|segui(?:ci)?|ricevi|scarica)\b.{{0,120}}(?:newsletter|nostr[oaie]\b|{_PLATFORM})|
    (?:volg|schrijf|meld|ontvang|abonneer)\b.{{0,120}}(?:nieuwsbrief|\bons\b|\bonze\b|{_PLATFORM})|
    (?:подписывайтесь|подпишитесь|присоединяйтесь|подписаться|підписуйтесь)\b.{{0,160}}$|
    следите\ за\ .{{0,60}}(?:нами|новостями|каналом?|telegram|телеграм)|
    (?:تابعونا|تابعنا|تابعوا|اشترك(?:وا)?\ في|انضموا?\ إلى)\b.{{0,120}}$|(?:.{{0,60}})(?:takip\ edin|
    abone\ olun)\b.{{0,60}}$|
    (?:theo\ dõi|đăng\ ký|tham\ gia)\ .{{0,80}}(?:facebook|zalo|telegram|youtube|kênh|bản\ tin)|
    (?:关注|關注|訂閱|订阅|扫码|掃碼|加入)[^。]{{0,30}}(?:公众号|公眾號|微信|频道|頻道|电子报|電子報|telegram)|
    (?:フォロー|会員登録|メルマガ|無料登録)[^。]{{0,30}}$|カテゴリーをフォローする|
    (?:구독|팔로우)\ ?(?:하기|하세요).{{0,30}}$
"""
_NOTICE = r"""
    gambas:.{0,60}$|halaman\ (?:selanjutnya|berikutnya|sebelumnya).{0,120}$|(?:next|previous)\ page$|
    (?:bersambung|berlanjut|lanjut|lanjutkan)\ ke\ (?:halaman|sebelah).{0,40}$|konten\ premium$|newsletters?$|
    artikel\ ini\ (?:telah|sudah|pernah|juga)?\ ?(?:tayang|terbit|dipublikasikan|dimuat)\ di\ .{0,200}$|
    scroll\ untuk\ .{0,40}$|dilarang\ keras\ .{0,300}|anmeldung\ zum\ newsletter|
    (?:externer|empfohlener\ (?:redaktioneller|externer))\ inhalt|hier\ finden\ sie\ (?:externe\ )?inhalte|
    an\ dieser\ stelle\ finden\ sie|contenu\ réservé\ aux|この記事は有料|有料会員|分享到.{0,20}$|
    (?:advertisement|adverts?|sponsored(?:\ content)?|iklan|anzeige|werbung|publicité|publicidad|publicidade|
    pubblicità|annons|annonse|annonce|reklama|реклама|إعلان|reklam|
        広告|广告|廣告|광고|quảng\ cáo|scroll\ (?:down\ )?to\ (?:continue|resume).{0,40}|
        gulir\ .{0,30}melanjutkan.{0,40}|artikel\ (?:ini\ )?berlanjut.{0,40}|
        (?:passer\ la|suite\ de\ la)\ publicité|(?:the\ )?(?:story|article)\ continues\ (?:below|after).{0,40}|
        continua\ a\ leggere.{0,30}|continue\ reading.{0,60}|lanjutkan\ membaca.{0,40}|
        article\ continues\ .{0,40}|loading.{0,10}|playback\ isn'?t\ supported.{0,60}|this\ video\ (?:can\ ?not|
        is\ not).{0,60})\s*[.…:]?$|
    .{0,40}(?:story|article)\ continues\ below(?:\ advertisement)?$|
    (?:[©ⓒ]|<?\s*(?:copyright|hak\ cipta|저작권자|著作権者|\(c\))\s*(?:[©ⓒ:]|\(c\)|\d{4}|by\b|dilindungi)).{0,400}|
    (?:all\ rights\ reserved|alle\ rechte\ vorbehalten|tous\ droits\ réservés|
        todos\ los\ derechos\ reservados|todos\ os\ direitos\ reservados|tutti\ i\ diritti\ riservati|
        все\ права\ защищены|جميع\ الحقوق\ محفوظة|dilarang\ (?:mengambil|menyalin|memperbanyak)|無断転載|
        版权所有|版權所有|무단\ ?전재)\b.{0,200}|
    (?:our\ standards|trust\ principles)\b.{0,80}|(?:the\ )?views\ expressed\ (?:in\ this|here|are).{0,200}|
    (?:(?:post|leave|write|add|view|show|read)\ (?:a\ |your\ |all\ |the\ )?comments?|comments?(?:\ \(\d+\))?|
    komentar|tulis\ komentar|kommentare?(?:\ (?:abgeben|schreiben|verfassen|lesen))?|
        laisser\ un\ commentaire|commentaires?|comentarios?|comentários?|commenti|комментарии|التعليقات|
        yorumlar|コメント|评论|評論|댓글)\s*$|
    (?:you\ must|du\ musst|sie\ müssen|debes|vous\ devez|anda\ harus)\ .{0,30}(?:log|sign|ein|anmeld|iniciar|
    connect|login|masuk).{0,80}$|
    (?:report\ (?:a|an)\ (?:typo|error|mistake)|fehler\ gefunden|spotted\ an\ error|send\ us\ (?:a\ )?(?:tips?|
    feedback)|wie\ hat\ ihnen\ dieser|how\ (?:would|did)\ you\ (?:rate|like)|rate\ this|
        was\ this\ (?:article|page|helpful)|durchschnittliche\ bewertung)\b.{0,80}$|
    (?:lesedauer|lesezeit|reading\ time|read\ time|waktu\ baca|temps\ de\ lecture|tiempo\ de\ lectura|
    tempo\ (?:di\ lettura|de\ leitura)|время\ чтения|leestijd)\s*:?\s*.{0,25}$|
    (?:\d{1,2}|about\ \d{1,2})[\ -]?(?:min(?:utes?|uten|utos|uti)?\.?)\ (?:read|lesezeit|lesedauer|de\ lecture|
    de\ lectura|di\ lettura|leestijd)$|
    (?:e-?mail|surel|kontakt|contact)\s*:\s*\S+@\S+$|(?:listen|hör(?:en)?)\ (?:to\ this\ article|
    here\ on\ your).{0,60}$|完了しました$|
    (?:tags?|topics?|topik|schlagw(?:ort|örter)|themen|kata\ kunci|keywords?|метки|теги|etiquetas|mots[-\ ]clés|
    タグ|标签|標籤)\s*:\s*.{0,200}$
"""


def _table(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


_RULES: tuple[tuple[str, re.Pattern[str], int], ...] = (
    ("points to another story", _table(rf"[\s(\[*•→>»-]*+(?:{_READ_ALSO}){_AFTER_LABEL}"), _LONGEST),
    ("points to another story", _table(rf"[\s(\[*•→>»-]*+{_READ_ALSO_TITLE}"), _LONGEST),
    ("asks to follow or subscribe", _table(rf"[\s•*→>»(-]*+(?:{_FOLLOW})"), _LONGEST_NOTICE),
    ("a notice of the site", _table(rf"[\s•*→>»(\[-]*+(?:{_NOTICE})"), _LONGEST_NOTICE),
)
_BYLINE = _table(
    r"""[\s(（\[]*+(?:pewarta|penulis|editor|redaktur|reporter|uploader|penyunting|wartawan|kontributor|责任编辑|責任編輯|责编|
    責編)\s*[:：]\s*[^?？]{1,60}$"""
)
_INITIALS = re.compile(r"[(\[][a-z]{2,5}(?:/[A-Za-z]{1,5}){1,3}[)\]]")  # "(bud/lsn)", at a story's end
# "ANTARA FOTO/Hafidz Mubarak A", "TEMPO/Hilman": an agency in capitals and a photographer, alone or after a caption
_SIGNED = re.compile(
    r"(?:^[A-Z]{3,12}|(?:^|[.)] )(?:ANTARA|Antara|REUTERS|AFP|EPA|Xinhua|Getty Images))(?: FOTO| PHOTO| Foto| Photo)?"
    r"/[\w .'/-]{2,40}\.?$"
)
_LABELLED_CREDIT = _table(rf"[\s(\[/]*+(?:{_CREDIT})[:：/|／]\s*\S")
_AGENCY_CREDIT = _table(
    rf"""[(\[]?\s*(?-i:(?:[A-ZÀ-ÞА-Я][\w.'-]{{0,20}}+\ ){{0,4}}(?:[A-ZÀ-ÞА-Я][\w.'-]{{0,20}}(?=[-–/|,]))?)
    (?:\ ?[-–/|,]\ ?)?\b{_AGENCIES}
    (?:\s*(?:/|via|\|)\s*[\w\ .'-]{{2,30}})?(?:\ (?:foto|photo))?\s*[)\]]?$""",
)
_CLOSING_CREDIT = _table(rf"[(\[](?:(?:{_CREDIT})[:：/]?\ ?)?[^()\[\]]{{0,40}}\b{_AGENCIES}\b[^()\[\]]{{0,30}}[)\]]\s*")
_SENTENCE_END = re.compile(r"[.!?。！？…؟।][\"'”’»)\]]*\s*$")
_LABELLED_TAIL = re.compile(
    r"[(\[](?:foto|photo|dok|gambar|ilustrasi|image|picture|фото)\b[^:：]{0,20}[:：/]", re.IGNORECASE
)
# "(Getty Images)", "(Foto: Antara/…)" stand under pictures; "(Reuters)" closes stories.
_OF_PICTURE = re.compile(r"getty|foto|photo|/|image|pixabay|shutterstock|фото|via ", re.IGNORECASE)
_VERB_FREE = 90  # characters: a caption that ends with a credit is one line


def why_cut(line: str, *, at_the_end: bool = False) -> str | None:
    """Why `line` is no part of the story, in words for people; None where it is. `at_the_end` of a story an agency's
    name alone says who wrote it; elsewhere, who made a picture."""
    if len(line) > _LONGEST_NOTICE:
        return None
    for why, rule, longest in _RULES:
        if len(line) <= longest and rule.match(line):
            return why
    if at_the_end and _INITIALS.fullmatch(line):
        return "initials of who wrote it"
    return "a byline" if _BYLINE.match(line) else _of_a_picture(line, at_the_end=at_the_end)


def _of_a_picture(line: str, *, at_the_end: bool) -> str | None:
    if len(line) <= _LONGEST_CREDIT and not line.endswith(("?", "？")) and _LABELLED_CREDIT.match(line):
        return "credits a picture"
    if not at_the_end and len(line) <= _VERB_FREE and _AGENCY_CREDIT.match(line) and not _SENTENCE_END.search(line):
        return "credits a picture"
    if len(line) > _LONGEST_CAPTION:
        return None
    tail = line[max(line.rfind("("), line.rfind("[")) :] if line.endswith((")", "]")) else ""
    credited = _LABELLED_TAIL.match(tail) or (_CLOSING_CREDIT.fullmatch(tail) and _OF_PICTURE.search(tail))
    return "a picture's caption" if credited or _SIGNED.search(line) else None
