"""Addresses that differ and mean one article: AMP, mobile, sessions, how the reader came. Works on normalised parts.

What is folded, and why that is safe:

- *Mobile and AMP hosts*: a whole label `m`, `mobile` or `amp` left of the registrable domain. `mobile.co.uk` is a
  registrable domain itself, and stays.
- *AMP paths*: a last segment `amp`, unless it names what a list is about (`/tag/amp`) or is all there is; a first
  segment `amp` before what looks like an article (`/amp/read/123-judul`; a section of that name, about guitars, has
  articles too, but `/amp/review` and `/review` are two addresses and stay so); `.amp` and `.amp.html`.
- *All pages at once*: `page=all` and its like; of no article's name, so only beside one.
- *Sessions*: path parameters and parameters named for one; those of a vague name (`sid` is also "story id") only with
  a value as sessions have them.
- *How the reader came*: names as published by the tools that add them, and vague names (`ref`, `from`) only with a
  value that is a way to come (`rss`, `twitter`).

Parameters of vague names go only where something else in the address says which article it is.

Every other parameter is kept, and paths are compared to the letter: `/a/` is not `/a`, `/A` not `/a` (RFC 3986,
section 6.2.2.1: only scheme and host are case-insensitive).
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from tld import get_fld

# Parameters that say how a reader came, never which article it is. Names as published by the tools that add them.
TRACKING_PREFIXES = (
    *("utm_", "utm-", "mtm_", "matomo_", "piwik_", "pk_", "at_link_", "at_custom", "hsa_", "_hs", "oly_", "gaa_"),
    *("fb_action_", "fb_comment_", "amp_", "_branch_", "wt.mc", "wt.tsrc"),
)
_NAMES = """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid li_fat_id igshid igsh epik rdt_cid
    mc_cid mc_eid mkt_tok _ga _gl _openstat wickedid hsctatracking vero_id vero_conv __twitter_impression s_kwcid
    at_medium at_campaign at_campaign_type at_bbc_team at_ptr_name at_format at_platform at_creation at_xt
    ns_mchannel ns_source ns_campaign ns_linkname ns_fee xtor ocid cmpid smid ncid srnd maca traffic_source
    wt_mc wt.mc_id wt.rss_f wt.rss_a wt.rss_ev ref_src guccounter guce_referrer guce_referrer_sig
    fb_ref fb_source mibextid sfnsn dicbo tblci tbref obcid cvid usqp aoh spm wprov smtyp ito __source soc_src soc_trk
    srsltid sc_cid icid intcmp mkcid trk trkcampaign reflink sref noamp nonamp
"""
TRACKING_NAMES = frozenset(_NAMES.split())
_CAME_BY = frozenset(
    ["ref", "source", "src", "from", "via", "medium", "origin", "referrer", "referer", "partner", "share"]
)
_WAYS = """
    rss rss1 rss2 feed feeds atom rssfeed rss-feed rss_feed twitter x tw facebook fb whatsapp wa telegram line instagram
    linkedin reddit pinterest email mail e-mail newsletter google googlenews google-news google_news gnews yahoo bing
    flipboard smartnews feedly push notification share sharing social homepage home copy copylink
"""
_WAYS_TO_COME = frozenset(_WAYS.split())

# name → the values with which it only asks for another form of the same article
_SWITCH = frozenset(["", "0", "1", "true", "false", "yes", "no"])
_AMP = frozenset(["amp"])
_FORMS = {
    **dict.fromkeys(["amp", "isamp", "is_amp", "_amp"], _SWITCH | _AMP),
    **dict.fromkeys(["outputtype", "output", "view", "format", "platform", "mode"], _AMP),
}
_VAGUE_FORMS = {  # "m" is a menu or a month elsewhere
    "m": frozenset(["0", "1"]),  # Blogspot
    "mobile": _SWITCH,
    "ismobile": _SWITCH,
    "view": frozenset(["mobile", "all"]),
    # All pages of an article at once; a numbered one has a text of its own until it is joined (`ingest.pagination`).
    **dict.fromkeys(["page", "halaman", "hal", "showpage", "pagewanted"], frozenset(["all", "semua"])),
    **dict.fromkeys(["singlepage", "single_page", "single-page", "onepage"], _SWITCH),
}

_SESSION_NAMES = frozenset(["phpsessid", "jsessionid", "oscsid", "zenid", "xtcsid", "cfid", "cftoken", "sessid"])
_ASP_SESSION = re.compile(r"aspsessionid[a-z]{8}")
_VAGUE_SESSION_NAMES = frozenset(["sid", "s", "session", "sessionid", "session_id", "sess"])
_SESSION_VALUE = re.compile(r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{24,128}")
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_ASP_PATH_SESSION = re.compile(
    r"/\([A-Z]\([a-z0-9]{24}\)\)(?=/)", re.IGNORECASE
)  # ASP.NET: /(S(lit3py55t21z5v55vlm25s55))/

_ELSEWHERE = frozenset(["m", "mobile", "amp"])
_AMP_SUFFIX = re.compile(r"(?<=[^/.])\.amp(?=$|\.html?$)")
_LIST_NAMES = "tag tags topic topics topik category categories kategori label labels keyword keywords search"
_LISTS = frozenset(_LIST_NAMES.split())
_OF_ARTICLE = re.compile(r"\d{4}|[-_.]|%")  # in a path's last segment
_FRONT = re.compile(r"(?:index|default|home|main)\.", re.IGNORECASE)

# The article's address stands in the path, after a type and "s" for https.
_CACHE_HOST = re.compile(r"(?:[a-z0-9-]+\.)?cdn\.ampproject\.org|(?:www\.)?bing-amp\.com")
_INNER = r"(?P<s>s/)?(?P<rest>[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:/.*)?)"
_CACHE_PATH = re.compile(rf"/(?:[civ]|wp|mbv)/{_INNER}", re.IGNORECASE)
_VIEWER_HOST = re.compile(r"(?:www\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?")
_VIEWER_PATH = re.compile(rf"/amp/{_INNER}", re.IGNORECASE)


def cached_address(host: str, path: str, query: str) -> str | None:
    """The address of the page that an AMP cache copied, or that Google's AMP viewer shows; None: this is neither."""
    for of_host, of_path in ((_CACHE_HOST, _CACHE_PATH), (_VIEWER_HOST, _VIEWER_PATH)):
        found = of_path.fullmatch(path) if of_host.fullmatch(host) else None
        if found:
            scheme = "https" if found["s"] else "http"
            return f"{scheme}://{found['rest']}{'?' + query if query else ''}"
    return None


def folded_host(host: str) -> str:
    """Without `www.` in front, and without labels that say mobile or AMP left of the registrable domain."""
    labels = host.split(".")
    if not _ELSEWHERE.isdisjoint(labels):
        # Without a public suffix (a company's own names), two labels are the site.
        site = get_fld(f"https://{host}/", fail_silently=True) or ".".join(labels[-2:])
        if host.endswith("." + site):
            left = host[: -len(site) - 1].split(".")
            kept = [label for label in left if label not in _ELSEWHERE]
            host = ".".join([*kept, site])
    return without_www(host)


def without_www(host: str) -> str:
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host


def folded_path(path: str) -> str:
    """Without sessions and without what asks for the AMP form."""
    path = _AMP_SUFFIX.sub("", _ASP_PATH_SESSION.sub("", _PATH_SESSION.sub("", path)))
    segments = path.split("/")  # "/a/amp/" is "", "a", "amp", ""
    end = "" if segments[-1] == "" else None
    names = segments[1:-1] if end is not None else segments[1:]
    if len(names) > 1 and names[-1].lower() == "amp" and names[-2] and names[-2].lower() not in _LISTS:
        names.pop()
    if len(names) > 1 and names[0].lower() == "amp" and (len(names) > 2 or _OF_ARTICLE.search(names[-1])):
        del names[0]
    return "/".join(["", *names]) + ("/" if end is not None and names else "") or "/"


def folded_query(query: str, path: str) -> str:
    """Without parameters that never choose an article; sorted by name, equal names in their order. `path` is folded."""
    pairs = [pair for pair in query.split("&") if pair and not _idle(pair)]
    surely = [pair for pair in pairs if not _vaguely_idle(pair)]
    last = path.rstrip("/").rpartition("/")[2]
    if surely or (_OF_ARTICLE.search(last) and not _FRONT.match(last)):
        pairs = surely
    return "&".join(sorted(pairs, key=lambda pair: pair.partition("=")[0]))


def without_tracking(query: str) -> str:
    """Sorted by name, without the parameters that are only ever there for tracking."""
    pairs = [pair for pair in query.split("&") if pair and not _tracks(pair.partition("=")[0].lower())]
    return "&".join(sorted(pairs, key=lambda pair: pair.partition("=")[0]))


def _tracks(name: str) -> bool:
    return name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES)


def _idle(pair: str) -> bool:
    """Whether a parameter cannot choose an article."""
    name, value = _folded_pair(pair)
    return (
        _tracks(name)
        or value in _FORMS.get(name, ())
        or name in _SESSION_NAMES
        or _ASP_SESSION.fullmatch(name) is not None
    )


def _vaguely_idle(pair: str) -> bool:
    """Whether a parameter looks as if it did not choose an article."""
    name, value = _folded_pair(pair)
    return (
        value in _VAGUE_FORMS.get(name, ())
        or (name in _CAME_BY and value in _WAYS_TO_COME)
        or (name in _VAGUE_SESSION_NAMES and _SESSION_VALUE.fullmatch(value) is not None)
    )


def _folded_pair(pair: str) -> tuple[str, str]:
    name, _, value = pair.partition("=")
    return name.lower(), unquote(value).lower()
