"""A page as Kawat would keep it, with the reasons: `kawat extract FILE|URL|-`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.commands import options

if TYPE_CHECKING:
    from rich.console import Console

    from ingest.article import Extraction
    from ingest.errors import IngestError
    from ingest.records import Page

NOWHERE = "https://page.invalid/"  # stands in where a file does not say its address (RFC 2606: never a real one)
SHOWN = (  # in this order to a person, and as JSON
    "url", "title", "authors", "published", "modified", "language", "section", "site_name", "site_country", "agency",
    "image", "paywalled", "word_count", "page_url",
)  # fmt: skip
LONGEST_SHOWN = 160  # characters of a statement that was passed over


def register(app: typer.Typer) -> None:
    """Adds `extract` to the command line."""
    app.command()(extract)


def extract(
    page: Annotated[str, typer.Argument(help="A file (.html, .html.gz), an address, or - for stdin.", metavar="PAGE")],
    url: Annotated[str | None, typer.Option(help="Where a file's page stands; its own canonical by default.")] = None,
    json: options.Json = False,
) -> None:
    """An article as Kawat would keep it: each value, where it came from, what was passed over, what was cut.

    Examples: kawat extract https://example.com/story · kawat extract page.html.gz --url https://example.com/story ·
    curl -s https://example.com/story | kawat extract - --json | jq .evidence.published
    """
    from worker import console

    found = extracted(page, url)
    if json:
        console.print_json(_as_json(found))
    else:
        _show(found)


def extracted(page: str, url: str | None, body: bytes | None = None) -> Extraction:
    """What is read off a file's page, stdin's or an address'. What goes wrong is told; raises Exit, BadParameter.

    `body`: what the file holds, where that was read already.
    """
    from ingest.article import extraction
    from ingest.errors import IngestError
    from ingest.records import Entry
    from worker import console

    online = "://" in page
    if online and url is not None:
        raise typer.BadParameter("is for files and stdin; an address says itself where it stands", param_hint="--url")
    try:
        read = _fetched(page) if online else _from_file(given(page) if body is None else body, url)
        return extraction(read, Entry(id="0" * 32, feed_id=None, url=read.url))
    except IngestError as error:
        console.print_failure(str(error).removeprefix(f"{NOWHERE}: "), where=page, to_do=_to_do(error, online=online))
        raise typer.Exit(1) from None


def _to_do(error: IngestError, *, online: bool) -> str:
    from ingest.errors import NoText, NotHtml

    if isinstance(error, NoText):
        return "a page that a script fills has its text in the browser alone: save it from there and give the file"
    if isinstance(error, NotHtml):
        return "give a page of HTML"
    return "save the page with a browser and give the file: kawat extract FILE --url URL" if online else ""


def _fetched(url: str) -> Page:
    """By the fetcher of the flow, which enters no private network; robots.txt is obeyed, of redirects too."""
    from urllib.parse import urlsplit

    from ingest.dates import now
    from ingest.errors import Discard, Forbidden
    from ingest.fetch import HttpFetcher
    from ingest.records import Page
    from ingest.robots import robots_allows
    from ingest.urls import fetchable_url
    from worker.settings import read_settings

    settings = read_settings()
    address = fetchable_url(url)
    with HttpFetcher(
        user_agent=settings.user_agent,
        timeout=settings.fetch_timeout,
        max_bytes=settings.page_bytes,
        allowed_hosts=settings.allowed_hosts,
    ) as fetcher:

        def allowed(target: str) -> None:
            parts = urlsplit(target)
            try:
                rules = fetcher.get(f"{parts.scheme}://{parts.netloc}/robots.txt", accept="text/plain").body
            except Discard:  # 4xx: no rules
                return
            if not robots_allows(rules.decode("utf-8", "replace"), settings.user_agent, target):
                raise Forbidden(f"{target}: robots.txt keeps this page from us", reason="robots")

        allowed(address)
        answer = fetcher.get(address, on_redirect=allowed)
        return Page(url=answer.url, body=answer.body, content_type=answer.content_type, fetched=now())


def _from_file(body: bytes, url: str | None) -> Page:
    from ingest.dates import now
    from ingest.errors import Refused
    from ingest.records import Page
    from ingest.urls import fetchable_url

    try:
        address = fetchable_url(url) if url is not None else NOWHERE
    except Refused as error:
        raise typer.BadParameter(str(error), param_hint="--url") from None
    page = Page(url=address, body=body, content_type=None, fetched=now())
    if url is None and (stated := _stated_address(page)):
        page = page.model_copy(update={"url": stated})
    return page


def given(name: str) -> bytes:
    """What a file, or stdin for `-`, holds, unpacked if it is gzip. Raises BadParameter."""
    import gzip
    import sys

    from ingest.markup import LARGEST_PAGE

    if name == "-":
        data = sys.stdin.buffer.read(LARGEST_PAGE)
    else:
        file = Path(name)
        if not file.is_file():
            hint = f"; for the page there: kawat extract https://{name}" if "." in name.partition("/")[0] else ""
            raise typer.BadParameter(f"{name}: there is no such file{hint}")
        with file.open("rb") as opened:
            data = opened.read(LARGEST_PAGE)
    if data.startswith(b"\x1f\x8b"):
        import io

        try:
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(LARGEST_PAGE)
        except (OSError, EOFError) as error:
            raise typer.BadParameter(f"{name}: it begins like gzip and cannot be unpacked: {error}") from None
    return data


def _stated_address(page: Page) -> str | None:
    """The absolute address that the page gives as its own."""
    from ingest.errors import IngestError
    from ingest.markup import tree_of
    from ingest.metadata import page_facts
    from ingest.urls import fetchable_url

    facts = page_facts(tree_of(page), page.url)
    # JSON-LD comes last: its url is the site's front page on some pages.
    for one in (*facts.of("canonical", "link"), *facts.of("canonical", "meta"), *facts.of("canonical", "json-ld")):
        if "://" in one.value:
            try:
                return fetchable_url(one.value)
            except IngestError:
                continue
    return None


def _as_json(found: Extraction) -> dict[str, Any]:
    article = found.article.model_dump(mode="json")
    values = {name: article[name] for name in SHOWN}
    if values["url"] == NOWHERE:
        values["url"] = None
    evidence = {
        field: [{**one.evidence._asdict(), "kept": one.kept} for one in statements]
        for field, statements in found.evidence.items()
    }
    for statements in evidence.values():
        for one in statements:
            del one["field"]
    cut = [{"text": one.text, "why": one.why} for one in found.cut]
    return {**values, "body": article["body"], "origins": article["origins"], "cut": cut, "evidence": evidence}


def _show(found: Extraction) -> None:
    from rich.text import Text

    from worker import console

    out = console.output()
    values = _as_json(found)
    width = max(map(len, SHOWN))
    for name in SHOWN:
        _show_value(out, f"{name.replace('_', ' '):{width}}  ", name, values[name], found)
    out.print()
    for paragraph in found.article.body.split("\n"):
        out.print(Text(console.printable(paragraph)), soft_wrap=not out.is_terminal)
    if found.cut:
        out.print(Text(f"\nCut ({len(found.cut)}):", "dim"))
    for cut in found.cut:
        line = Text.assemble((f"- {console.printable(cut.text)}", "red"), (f"  {console.printable(cut.why)}", "dim"))
        out.print(line, soft_wrap=True)


def _show_value(out: Console, label: str, name: str, value: Any, found: Extraction) -> None:
    """The value with its origin, below it what others say."""
    from rich.text import Text

    from worker import console

    said = ", ".join(value) if isinstance(value, list) else str(value or "")
    if name == "url" and value is None:
        said = "unknown: the page does not say it; --url gives it"
    statements = found.evidence.get(name, ())
    followed = {one.evidence.value for one in statements if one.kept}
    passed = [one.evidence for one in statements if not one.kept and one.evidence.value not in {*followed, said}]
    if not said and not passed:
        return
    line = Text.assemble((label, "dim"), (console.printable(said), "bold" if name == "title" else ""))
    if said:
        line.append(f"  {console.printable(found.article.origins.get(name, ''))}", "dim")
    out.print(line, soft_wrap=True)
    for one in passed:
        other = console.printable(f"not {one.means} {one.key}: {one.value[:LONGEST_SHOWN]}")
        out.print(Text(" " * (len(label) + 2) + other, "dim"), soft_wrap=True)
