"""What a page's templates put among a story's paragraphs, told by element, class and id: gone before the text is taken.

trafilatura prunes by names too; these are what it leaves in the story on real pages (embedded posts, captions outside
<figure>, boxes of related stories, sign-up forms), and the bulk that only costs it time. Nothing goes that holds the
headline or much of the page's prose: wrappers are named after what stands in them, too ("has-related").
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

# Never part of a story's text, and up to nine tenths of a page's bytes. trafilatura drops all of these as well, later.
_WASTE = (
    *(
        "script",
        "style",
        "svg",
        "noscript",
        "iframe",
        "template",
        "link",
        "meta",
        "button",
        "select",
        "input",
        "object",
    ),
    *(
        "object",
        "nav",
        "footer",
        "menu",
        "dialog",
        "video",
        "audio",
        "canvas",
        "picture",
        "map",
        "datalist",
        "textarea",
    ),
    *("embed", "source"),
)
_NAMED = ("div", "section", "aside", "p", "ul", "ol", "blockquote", "figure", "span", "h2", "h3", "h4", "h5", "dl")
# Words of a class or id, one or two in a row, by what they name.
_TABLE = {
    "embed": """
        twitter-tweet instagram-media tiktok-embed bluesky-embed fb-post reddit-embed telegram-post twitter-video
    """,
    "caption": """
        caption figcaption imagecaption bildunterschrift didascalia mediainfo copyright photo-credit image-credit
        img-credit picture-credit media-credit photo-desc photo-description image-desc image-description img-desc
        picture-desc media-desc media-info photo-info image-source photo-source photo-copyright image-copyright pie-foto
    """,
    "related": """
        related relatedposts relatedstories relatednews relatedarticles relatedcontent terkait bacajuga baca-juga
        lihatjuga lihat-juga readalso read-also also-read lire-aussi leer-tambien leggi-anche lees-ook les-ogsa
        las-ocksa lue-myos
        recommended recommendation recommendations recommend rekomendasi mostread mostpopular most-read most-popular
        most-viewed terpopuler trending you-may more-topic more-topics more-stories more-news more-articles more-from
        more-on further-reading see-also next-article next-story next-post readnext read-next outbrain taboola
        teaser-list linklist link-list
    """,
    "signup": """
        newsletter newsletters signup sign-up inlinesignup inline-subscribe subscribe-box subscribe-form subscribe-now
        subscribe-cta subscribe-block subscribe-widget subscribe-banner subscription-box subscription-cta
        subscription-banner mailchimp mc4wp paywall-cta paywall-offer paywall-banner donate-box donation-box donate-cta
        donation-cta donation-banner whatsapp-box whatsapp-channel whatsapp-cta follow-us followus follow-box app-promo
        app-download app-banner
    """,
    "share": """
        addtoany sharedaddy shariff share-bar share-box share-button share-buttons share-links share-list share-icons
        share-tools share-modal share-widget sharing-buttons social-bar social-box social-button social-buttons
        social-links social-list social-icons social-share social-media social-widget sharebar sharebox
    """,
    "comments": """
        comments disqus respond comment-list commentlist comment-section comment-area comment-form comment-container
        comment-wrapper komentar-list komentar-box
    """,
    "author": """
        author-bio author-box author-info author-desc author-description author-card author-profile author-about
        authorbio authorbox about-author writer-bio bio-box autor-box autor-info
    """,
    "advert": """
        advert advertisement advertising adslot ad-slot ad-unit ad-container ad-wrapper ad-box ad-label ad-placeholder
        ads-container ads-wrapper ads-box google-ads dfp promo-box
    """,
    "feedback": """
        feedback scrap-modal bookmark-modal report-error report-typo article-rating star-rating reaction-bar
        reaction-box
    """,
}
_KINDS = {words: kind for kind, names in _TABLE.items() for words in names.split()}
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")
_LONGEST_NAME = 300  # characters of class and id looked at
_MOST_SHARE = 0.3  # of the page's prose: what holds more is a wrapper
# trafilatura weighs each box's links against its text, in time of links times depth: 60 s for 20,000 links 200 deep.
_MOST_ON_A_PAGE = 5_000  # the most on a page of the corpus is 683
_MOST_LINKS = 200  # of a box that are read
_LEAST_LINKED = 0.2  # of a box's characters
_LONGEST = {  # characters
    **dict.fromkeys(["caption", "signup", "share", "advert", "feedback"], 800),
    "author": 1_500,
    "embed": 3_000,
}


def pruned(tree: HtmlElement) -> HtmlElement:
    """`tree` without what is no story by its element's name, class or id. Takes the tree apart."""
    etree.strip_elements(tree, *_WASTE, with_tail=False)
    _without_ruby(tree)
    if sum(1 for _ in islice(tree.iter("a"), _MOST_ON_A_PAGE + 1)) > _MOST_ON_A_PAGE:
        etree.strip_tags(tree, "a")
    found: list[tuple[HtmlElement, str]] = []
    for element in tree.iter(*_NAMED):
        names = element.get("class"), element.get("id")
        for name in names:
            kind = _kind(name[:_LONGEST_NAME]) if name else None
            if kind is not None:
                found.append((element, kind))
                break
    if not found:
        return tree
    prose = sum(len(_text(paragraph)) for paragraph in tree.iter("p"))
    dropped: set[HtmlElement] = set()
    for element, which in found:
        inside_one = not dropped.isdisjoint(element.iterancestors())
        if not inside_one and element.getparent() is not None and not _holds_the_story(element, which, prose):
            element.drop_tree()  # the text after it stays
            dropped.add(element)
    return tree


def _without_ruby(tree: HtmlElement) -> None:
    """Annotated characters as text: "弾劾（だんがい）". trafilatura ends a line at each, and drops the reading."""
    for reading in tree.iter("rt"):
        beside = reading.getprevious()
        if (beside is None or beside.tag != "rp") and (text := _text(reading).strip()):
            tail = reading.tail
            reading.clear()
            reading.text, reading.tail = f"（{text}）", tail
    etree.strip_tags(tree, "ruby", "rb", "rt", "rp", "rtc")


@lru_cache(maxsize=20_000)  # a site has few names and many pages; 100 bytes each
def _kind(names: str) -> str | None:
    """What the words of a class or id say of its element, if anything unwanted."""
    for name in names.split():
        words = [word.lower() for word in _WORDS.findall(name)]
        for place, word in enumerate(words):
            kind = _KINDS.get(word) or (_KINDS.get(f"{word}-{words[place + 1]}") if place + 1 < len(words) else None)
            if kind is not None:
                return kind
    return None


def _holds_the_story(element: HtmlElement, kind: str, prose: int) -> bool:
    if next(element.iter("h1"), None) is not None:
        return True
    length = len(_text(element))
    if length > _LONGEST.get(kind, length):
        return True
    if kind == "related":  # boxes of stories are made of links, wrappers of the story are not
        links = islice(element.iter("a"), _MOST_LINKS)
        linked = sum(len(_text(link)) for link in links)
        return linked < _LEAST_LINKED * length and next(element.iterancestors("a"), None) is None
    own = sum(len(_text(paragraph)) for paragraph in element.iter("p")) if len(element) else length
    return own > _MOST_SHARE * prose


def _text(element: HtmlElement) -> str:
    return str(element.text_content())
