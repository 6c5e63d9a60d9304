"""Why an entry's page is not read, and what stands in a page's place: challenges to machines, consent walls. Pure.

What is recognised here is never answered: no challenge is solved, no consent given, no wall gone around. The entry is
then indexed from what its feed says (`ingest/partial.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from ingest.errors import Discard, Forbidden, Gone, HostBusy, HostUnreachable, NoText, NotHtml, Permanent
from ingest.revision import words_of

Reason = Literal[
    "robots",  # robots.txt keeps it from us
    "forbidden",  # 401, 402, 403, 451 and other answers that it is not for us
    "challenge",  # a check whether a person asks
    "consent",  # a wall that asks for consent to cookies
    "paywall-stub",  # hardly more than the offer of a subscription
    "reserved",  # against text and data mining, or against being found
    "no-link",  # the entry has none
    "gone",  # 404 at the first look
    "front-page",  # the link leads to the site's front page
    "not-html",  # a picture, a PDF, a video
    "no-text",  # no story on it
    "unreachable",  # its host did not answer, several times
    "busy",  # its host asked for patience, several times
    "feed-only",  # the feed's pages are not to be asked for
]
ASKED = 3  # times that a host is asked before an entry is indexed without its page: for some six minutes
ASKED_NAME = 2  # times that a name is looked up: nothing by that name is there, or we are offline
SEEN = 400_000  # bytes: a larger page is no wall
LONGEST_WALL = 4_000  # characters that a wall shows

# Headers by which the guards of a site say that they asked for a proof: Cloudflare, DataDome, Imperva, AWS WAF,
# PerimeterX (HUMAN), Akamai. (Their documentation, and what their pages send.)
_HEADERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("cf-mitigated", re.compile(r"challenge", re.IGNORECASE)),
    ("x-datadome", re.compile(r"protected", re.IGNORECASE)),
    ("x-dd-b", re.compile(r".")),
    ("x-amzn-waf-action", re.compile(r"challenge|captcha", re.IGNORECASE)),
    ("x-px-block", re.compile(r".")),
)
# What a challenge's own page loads; a story's page behind the same guard does not.
_CHALLENGE = re.compile(
    rb"window\._cf_chl_opt|/cdn-cgi/challenge-platform/h/[bg]/orchestrate|id=[\"']cf-(?:challenge|chl|please-wait)|"
    rb"<title>\s{0,20}(?:just a moment|attention required! \| cloudflare)|"
    rb"(?:geo|ct)\.captcha-delivery\.com/(?:captcha|interstitial|c\.js|i\.js)|"
    rb"id=[\"']px-captcha|window\._pxAppId[^;]{0,200};[^<]{0,400}_pxJsClientSrc|captcha\.px-(?:cdn|cloud)\.net|"
    rb"/_Incapsula_Resource\?[^\"']{0,200}(?:SWUDNSAI|CWUDNSAI)|<title>\s{0,20}pardon our interruption|"
    rb"window\.awsWafCookieDomainList|AwsWafIntegration\.|<title>\s{0,20}(?:human verification|ddos-guard)|"
    rb"sgcaptcha|/\.well-known/sgcaptcha/|_kpsdk/|<title>\s{0,20}(?:are you a robot|verify(?:ing)? you are human)|"
    rb"<title>\s{0,20}(?:checking your browser|one moment, please|bot verification|security check)",
    re.IGNORECASE,
)
# The same words in what a page says: counts only where it says next to nothing else.
_SAYS_CHALLENGE = re.compile(
    r"enable javascript and cookies to continue|verify(?:ing)? (?:that )?you are (?:a )?human|"
    r"are you a (?:human|robot)|"
    r"checking (?:if the site connection is secure|your browser before)|complete the security check|not a robot|"
    r"unusual traffic from your|access to this page has been denied because we believe|press (?:&|and) hold to confirm|"
    r"solve the captcha|please complete the captcha|buktikan bahwa anda bukan robot|sedang memeriksa peramban",
    re.IGNORECASE,
)
_SAYS_CONSENT = re.compile(
    r"\b(?:accept (?:all )?(?:our )?cookies|before you continue to|we (?:and our partners )?use cookies|"
    r"manage (?:my )?(?:cookies|privacy settings)|(?:your|respect) (?:your )?privacy|consent to (?:the )?use|"
    r"alle(?:s)? akzeptieren|cookies akzeptieren|mit werbung (?:und cookies )?weiterlesen|"
    r"accepter (?:tout|les cookies)|"
    r"aceptar (?:todas? )?(?:las )?cookies|accetta(?:re)? (?:tutti )?i cookie|alles accepteren|"
    r"terima semua cookie|setujui (?:semua )?cookie)\b",
    re.IGNORECASE,
)
_SAYS_SUBSCRIBE = re.compile(
    r"\b(?:subscribe|log ?in|sign in|register)(?: now)? to (?:continue|read|unlock|keep reading)|subscribers? only\b|"
    r"already a subscriber|this (?:article|content|story) is (?:for|reserved for|exclusive to|only available)|"
    r"\bberlangganan untuk|khusus (?:untuk )?pelanggan|masuk untuk (?:lanjut|membaca)|réservé aux abonnés|"
    r"solo para suscriptores|nur für abonnenten|只限訂閱|仅限订阅|会員限定|구독자 전용",
    re.IGNORECASE,
)
_CONSENT_HOST = re.compile(r"(?:^|\.)(?:consent|privacy-mgmt|cmp|cookiewall|myprivacy|guce)\.", re.IGNORECASE)
_CONSENT_PATH = re.compile(r"/(?:consent|collectConsent|cookie-?wall|privacy-gate|zustimmung)(?:/|$)", re.IGNORECASE)
_UNSEEN = re.compile(rb"<(script|style|noscript|template|svg)\b", re.IGNORECASE)
_TAGS = re.compile(rb"<[^<>]{0,4000}>")
FEW_WORDS = 150  # of all a page shows: a story about captchas has more
FEWER_WORDS = 100  # of a wall of consent: a story's page may have a banner that says the same


_BY_NAME = frozenset({"robots", "challenge", "consent", "reserved", "no-link", "front-page", "feed-only"})


def challenge_head(head: Mapping[str, str]) -> bool:
    """Whether a response's headers (names in lower case) say that a machine is asked for a proof."""
    return any(said.search(head.get(name, "")) for name, said in _HEADERS)


def wall(url: str, body: bytes) -> Reason | None:
    """What stands at `url` in the page's place: a challenge or a wall of consent; None where it may be a page."""
    parts = urlsplit(url)
    if _CONSENT_HOST.search(parts.hostname or "") or _CONSENT_PATH.search(parts.path):
        return "consent"
    if len(body) > SEEN:
        return None
    text = _shown(body).decode("utf-8", "replace")
    if len(text) > LONGEST_WALL or (words := len(words_of(text))) > FEW_WORDS:
        return None
    if _CHALLENGE.search(body) or _SAYS_CHALLENGE.search(text):
        return "challenge"
    return "consent" if words <= FEWER_WORDS and _SAYS_CONSENT.search(text) else None


def empty(body: bytes) -> Reason:
    """Why a page on which no story was found has none: an offer to subscribe stands there, or nothing."""
    return "paywall-stub" if asks_to_subscribe(_shown(body[:SEEN]).decode("utf-8", "replace")) else "no-text"


def asks_to_subscribe(text: str) -> bool:
    """Whether a text that short is an offer to subscribe rather than a story."""
    return _SAYS_SUBSCRIBE.search(text) is not None


def reason_of(error: Exception, attempt: int) -> Reason | None:  # noqa: PLR0911  # one return a kind of failure
    """Why the entry whose page ended in `error` is indexed without it, in its attempt number `attempt` (1 for the
    first); None where it is not: tried again, set aside, or taken back by its publisher (410)."""
    match error:
        case Gone():
            return None if str(error).endswith(" 410") else "gone"
        case Discard() if error.reason in _BY_NAME:
            return error.reason  # type: ignore[return-value]  # as just compared
        case Forbidden():
            return "forbidden"
        case NotHtml():
            return "not-html"
        case NoText():
            return "no-text"
        case HostUnreachable() if attempt >= (ASKED_NAME if error.reason == "dns" else ASKED):
            return "unreachable"
        case HostBusy() if attempt >= ASKED:
            return "busy"
        case Permanent() if error.reason.startswith("http-4"):
            return "forbidden"
        case _:
            return None


def _shown(body: bytes) -> bytes:
    """About what a reader would see of the page, blanks folded."""
    kept, at, low = [], 0, body.lower()
    while found := _UNSEEN.search(body, at):
        kept.append(body[at : found.start()])
        end = low.find(b"</" + found[1].lower(), found.end())
        at = end if end >= 0 else len(body)
    kept.append(body[at:])
    return b" ".join(_TAGS.sub(b" ", b" ".join(kept)).split())
