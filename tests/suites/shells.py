"""The formats that a case can stand in: a feed with one entry, which has a link, where nothing else is asked."""

from __future__ import annotations

NAMESPACES = (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)
LINK = "https://news.example/1"
RSS_VERSIONS = {  # what feedparser calls each
    "0.91": "rss091u",
    "0.92": "rss092",
    "0.93": "rss093",
    "0.94": "rss094",
    "2.0": "rss20",
}
RSS = ("rss091", "rss092", "rss093", "rss094", "rss20")
RDF = ("rss090", "rss10")
ATOM = ("atom03", "atom10")
FORMATS = (*RSS, *RDF, *ATOM)
_LINKS = {**dict.fromkeys((*RSS, *RDF), f"<link>{LINK}</link>"), **dict.fromkeys(ATOM, f'<link href="{LINK}"/>')}
_RDF_NAMESPACES = {"rss090": "http://my.netscape.com/rdf/simple/0.9/", "rss10": "http://purl.org/rss/1.0/"}
_ATOM = {
    "atom03": '<feed version="0.3" xmlns="http://purl.org/atom/ns#"',
    "atom10": '<feed xmlns="http://www.w3.org/2005/Atom"',
}


def feed_of(form: str, entry: str, feed: str = "", *, link: bool = True, attributes: str = "") -> str:
    """A feed in the format `form` with one entry of the markup `entry`; `feed` stands in its channel, `attributes` on
    its root. With `link`, the entry has the link LINK before all else."""
    inside = (_LINKS[form] if link else "") + entry
    if form in RSS:
        version = form[3] + "." + form[4:]
        return f'<rss version="{version}"{NAMESPACES}{attributes}><channel>{feed}<item>{inside}</item></channel></rss>'
    if form in RDF:
        return (
            f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{_RDF_NAMESPACES[form]}"'
            f"{NAMESPACES}{attributes}><channel>{feed}</channel><item>{inside}</item></rdf:RDF>"
        )
    return f"{_ATOM[form]}{NAMESPACES}{attributes}>{feed}<entry>{inside}</entry></feed>"
