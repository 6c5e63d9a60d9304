"""What must hold for every URL."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ingest.errors import Refused
from ingest.urls import article_id, canonical_url, fetchable_url
from ingest.variants import TRACKING_NAMES, TRACKING_PREFIXES

HOSTS = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9](\.[a-z][a-z0-9]{1,5}){1,3}", fullmatch=True)
WORDS = (
    st.text(min_size=1, max_size=8)
    .filter(lambda word: word not in {".", ".."})
    .filter(lambda word: not any("\ud800" <= character <= "\udfff" for character in word))
)
PATHS = st.lists(WORDS, max_size=4)
NAMES = WORDS.filter(lambda name: name.lower() not in TRACKING_NAMES and not name.lower().startswith(TRACKING_PREFIXES))
PARAMETERS = st.lists(st.tuples(NAMES, st.text(st.characters(codec="utf-8"), max_size=6)), max_size=4)

PIECES = [
    *("http", ":", "/", "\\", "@", "[", "]", "::", "%", "%2e", "%5C", ".", "..", "?", "#", "0x", "1", "256", "-", "a"),
    *(
        "m.",
        "www.",
        "amp",
        ";",
        "&",
        "=",
        "'",
        "xn--",
        "n3h",
        "ü",
        "ß",
        "。",
        "℀",
        "\u00ad",
        "\u200d",
        "\ud83d",
        " ",
        "\t",
    ),
]


def url_of(host: str, path: list[str], parameters: list[tuple[str, str]]) -> str:
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters)
    return f"https://{host}/{'/'.join(quote(part, safe='') for part in path)}{'?' + query if query else ''}"


@given(
    st.one_of(
        st.text(max_size=60),
        st.text(max_size=60).map(lambda tail: "http://example.com/" + tail),
        WORDS.map("https://{}".format),
    )
)
def test_both_forms_are_fixed_points(text: str) -> None:
    """Cleaning what is clean changes nothing; and whatever is no URL is refused, never a crash."""
    try:
        clean, known = fetchable_url(text), canonical_url(text)
    except Refused:
        return
    assert fetchable_url(clean) == clean
    assert canonical_url(known) == known
    assert canonical_url(clean) == known
    assert clean.isascii()
    assert "#" not in clean
    assert "@" not in clean.split("/")[2]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["", "http://", "https:", "feed:"]),
    st.lists(st.sampled_from(PIECES), max_size=10).map("".join),
    st.sampled_from([None, "https://example.com/a/b?c", "http://exa[mple/", "no address", ""]),
)
@example("https://", "www.-m.example", None)
def test_what_is_pieced_together_to_mislead_is_refused_or_a_fixed_point(
    start: str, rest: str, base: str | None
) -> None:
    try:
        clean = fetchable_url(start + rest, base)
    except Refused:
        return
    known = canonical_url(clean)
    assert (fetchable_url(clean), canonical_url(known)) == (clean, known)
    assert "@" not in clean.split("/")[2]


@given(HOSTS, PATHS, PARAMETERS, PATHS, PARAMETERS)
def test_two_different_paths_or_parameters_never_fold(
    host: str, path: list[str], parameters: list[tuple[str, str]], path2: list[str], parameters2: list[tuple[str, str]]
) -> None:
    def by_name(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        return sorted(pairs, key=lambda pair: quote(pair[0], safe=""))  # equal names keep their order

    assume((path, by_name(parameters)) != (path2, by_name(parameters2)))
    assert article_id(url_of(host, path, parameters)) != article_id(url_of(host, path2, parameters2))


@given(HOSTS, PATHS, PARAMETERS, st.sampled_from(sorted(TRACKING_NAMES)))
def test_scheme_www_tracking_and_order_of_names_never_matter(
    host: str, path: list[str], parameters: list[tuple[str, str]], tracking: str
) -> None:
    url = url_of(host, path, parameters)
    distinct = list({name: (name, value) for name, value in parameters}.values())
    tracked = url_of(host, path, [*parameters, (tracking, "x")]).replace("https://", "http://www.")
    assert canonical_url(tracked) == canonical_url(url)
    assert canonical_url(url_of(host, path, distinct[::-1])) == canonical_url(url_of(host, path, distinct))


SLUGS = st.from_regex(r"[a-z]{2,8}(-[a-z0-9]{2,8}){1,4}", fullmatch=True)
SECTIONS = st.lists(st.from_regex(r"[a-z]{3,9}|20[0-9]{2}|[0-9]{2}", fullmatch=True), max_size=3).filter(
    lambda names: not {"amp", "tag", "topic", "label", "search"} & set(names)
)
CHOOSING = st.dictionaries(
    st.sampled_from(["id", "p", "article", "story", "page", "nid", "q", "lang", "v", "sid", "ref", "source", "m"]),
    st.from_regex(r"[0-9]{2,7}", fullmatch=True),
    max_size=3,
)
HEX = st.text("0123456789abcdef", min_size=32, max_size=32).filter(
    lambda text: not text.isdigit() and not text.isalpha()
)
IDLE = st.lists(
    st.one_of(
        st.sampled_from(sorted(TRACKING_NAMES)).map(lambda name: f"{name}=x1"),
        st.sampled_from(TRACKING_PREFIXES).map(lambda prefix: f"{prefix}any=x"),
        st.sampled_from(["amp", "amp=1", "amp=true", "outputType=amp", "m=1", "page=all", "ref=rss", "source=twitter"]),
        HEX.map("PHPSESSID={}".format),
        HEX.map("sid={}".format),
    ),
    max_size=4,
)
SITES = st.sampled_from(
    ["example.com", "example.co.id", "news.example.co.uk", "warta.example", "xn--mnchen-3ya.example"]
)
HOST_FORMS = st.sampled_from(["", "www.", "m.", "amp.", "mobile.", "www.m.", "m.www."])
PATH_FORMS = st.sampled_from(
    ["{}", "{}/amp", "/amp{}", "{}.amp", "{};jsessionid=0A1B", "/(S(lit3py55t21z5v55vlm25s55)){}"]
)
CACHES = st.sampled_from(
    ["", "https://x.cdn.ampproject.org/c/s/", "https://www.google.com/amp/s/", "https://www.bing-amp.com/c/s/"]
)


def article(sections: list[str], slug: str, choosing: dict[str, str]) -> tuple[str, list[str]]:
    return "/".join(["", *sections, slug]), [f"{name}={value}" for name, value in choosing.items()]


@given(SITES, SECTIONS, SLUGS, CHOOSING, st.data())
def test_all_variants_of_an_article_have_one_id(
    site: str, sections: list[str], slug: str, choosing: dict[str, str], data: st.DataObject
) -> None:
    path, pairs = article(sections, slug, choosing)
    host = data.draw(HOST_FORMS) + site
    query = "&".join(data.draw(st.permutations([*pairs, *data.draw(IDLE)])))
    before = data.draw(CACHES) or data.draw(st.sampled_from(["http://", "https://", "HTTPS://"]))
    variant = f"{before}{host}{data.draw(PATH_FORMS).format(path)}?{query}#{data.draw(SLUGS)}"
    plain = f"https://{site}{path}?{'&'.join(pairs)}"
    assert canonical_url(variant) == canonical_url(plain)
    assert article_id(variant) == article_id(plain)


@given(
    *(st.tuples(SITES, SECTIONS, SLUGS, CHOOSING) for _ in range(2)),
    st.sampled_from(["site", "sections", "slug", "choosing", "all"]),
)
def test_two_articles_never_share_an_id(
    one: tuple[str, list[str], str, dict[str, str]], other: tuple[str, list[str], str, dict[str, str]], differ: str
) -> None:
    """Also where they differ in a single part."""
    names = ["site", "sections", "slug", "choosing"]
    if differ != "all":
        place = names.index(differ)
        other = (*one[:place], other[place], *one[place + 1 :])  # type: ignore[assignment] # of the same shape
    assume(one != other)
    urls = []
    for site, sections, slug, choosing in (one, other):
        path, pairs = article(sections, slug, choosing)
        urls.append(f"https://{site}{path}?{'&'.join(pairs)}")
    assert article_id(urls[0]) != article_id(urls[1])
