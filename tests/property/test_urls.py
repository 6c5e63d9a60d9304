"""What must hold for every URL."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import assume, given
from hypothesis import strategies as st

from ingest.errors import Refused
from ingest.urls import TRACKING_NAMES, TRACKING_PREFIXES, article_id, canonical_url, fetchable_url

HOSTS = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9](\.[a-z][a-z0-9]{1,5}){1,3}", fullmatch=True)
WORDS = (
    st.text(min_size=1, max_size=8)
    .filter(lambda word: word not in {".", ".."})
    .filter(lambda word: not any("\ud800" <= character <= "\udfff" for character in word))
)
PATHS = st.lists(WORDS, max_size=4)
NAMES = WORDS.filter(lambda name: name.lower() not in TRACKING_NAMES and not name.lower().startswith(TRACKING_PREFIXES))
PARAMETERS = st.lists(st.tuples(NAMES, st.text(st.characters(codec="utf-8"), max_size=6)), max_size=4)


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
