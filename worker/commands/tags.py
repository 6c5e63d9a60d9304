"""Tags from the command line: `kawat tag`, `kawat retag`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from worker.commands import options

if TYPE_CHECKING:
    from rich.text import Text

    from ingest.records import Article, Mention, TaggedArticle

BLANKS = b" \t\r\n\xef\xbb\xbf"  # before a page's first tag
COLOURS = {"person": "magenta", "organisation": "cyan", "place": "green", "thing": "yellow"}


def register(app: typer.Typer) -> None:
    """Adds `tag` and `retag` to the command line."""
    app.command()(tag)
    app.command()(retag)


def tag(
    source: Annotated[str, typer.Argument(metavar="FILE|URL|-", help="A text, an HTML page, or an address.")],
    url: Annotated[str | None, typer.Option("--url", help="Where the page of a file was read.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="ISO 639-1; left out, it is told.")] = None,
    json: options.Json = False,
) -> None:
    """Shows a text or page with its tags: who, where and what is in it. Nothing is kept.

    A text is tagged as it stands, offsets are in its characters; of a page they are in the article's body.

    Examples: kawat tag article.txt · kawat tag https://example.com/story --json | jq .countries
    """
    from ingest.tagging import tag as tagged_article
    from worker import console
    from worker.settings import read_settings

    settings = read_settings()
    article = _article(source, url, language)
    tagged = tagged_article(article, settings.gazetteer)
    if json:
        console.print_json(as_json(tagged))
    else:
        _show(tagged)


def retag(
    since: Annotated[str | None, typer.Option("--since", help="Articles first seen since then: 7d, 12h.")] = None,
    json: options.Json = False,
) -> None:
    """Applies today's names, models and topics to what is indexed. Cut off, it goes on where it stopped.

    Alerts are not fired again, texts and stories stay as they are.

    Examples: kawat retag · kawat retag --since 30d
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from ingest.tagging import tag as tagged_article
    from ingest.tagging import tagger
    from search.retag import retag as retagged
    from search.retag import stale_count
    from search.suppression import Suppressed, without
    from worker import console

    services = options.services()
    client, prefix, gazetteer = services.elasticsearch, services.settings.index_prefix, services.settings.gazetteer
    start, present = since_query(since), tagger(gazetteer)
    total = stale_count(client, prefix, present, start)
    forgotten = Suppressed(client, prefix)

    def tags(article: Article) -> TaggedArticle:
        return without(tagged_article(article, gazetteer), forgotten.keys())

    seen = changed = 0
    columns = (*Progress.get_default_columns()[:1], BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console.errors(), disable=not sys.stderr.isatty(), transient=True) as progress:
        bar = progress.add_task("Tagging", total=total)
        for page in retagged(client, prefix, tags, present, start):
            seen, changed = seen + page.seen, changed + page.changed
            progress.update(bar, completed=min(changed, total))
    if json:
        console.print_json({"tagger": present, "stale": total, "retagged": changed})
    else:
        print(f"{changed:,} articles tagged anew." if total else "Every article has today's tags already.")


def since_query(since: str | None) -> str | None:
    """`7d` as Elasticsearch's date math. Raises BadParameter."""
    from search.entities import SPAN

    if since is None:
        return None
    if not SPAN.fullmatch(since):
        raise typer.BadParameter(f"{since!r} is no span of time: write 12h, 7d or 4w", param_hint="--since")
    return f"now-{since}"


def as_json(tagged: TaggedArticle) -> dict[str, object]:
    """What programs get."""
    article = tagged.article
    return {
        "url": article.url,
        "title": article.title,
        "language": article.language,
        "mentions": [
            {**mention.model_dump(mode="json"), "spans": [list(span) for span in mention.spans]}
            for mention in tagged.mentions
        ],
        "countries": list(tagged.countries),
        "weights": tagged.weights,
        "focus": list(tagged.focus),
        "locations": [list(point) for point in tagged.locations],
        "topics": [topic.model_dump(mode="json") for topic in tagged.topics],
        "body": article.body,
    }


def _article(source: str, url: str | None, language: str | None) -> Article:
    from ingest.markup import decoded
    from ingest.records import Article
    from ingest.tagging.language import language_of
    from worker.commands.extract import extracted, given

    body = None if "://" in source else given(source)
    if body is not None and body.lstrip(BLANKS)[:1] != b"<":
        text = decoded(body, None)
        told = language or language_of(text)
        return Article(id="0" * 32, url=url or "", title="", body=text, language=told, content_hash="")
    article = extracted(source, url, body).article
    return article.model_copy(update={"language": language}) if language else article


def _show(tagged: TaggedArticle) -> None:
    from rich.table import Table
    from rich.text import Text

    from worker import console

    out, article = console.output(), tagged.article
    if article.title:
        out.print(Text(console.printable(article.title), "bold"))
    out.print(_coloured(article.body, tagged.mentions), soft_wrap=not out.is_terminal)
    out.print()
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for mention in tagged.mentions:
        known = mention.id if mention.linked else "unlinked"
        name = Text(console.printable(mention.name), COLOURS.get(mention.type, ""))
        said = ", ".join(surface for surface in mention.surfaces if surface != mention.name)[:60]
        kind = mention.kind or mention.type
        if mention.stands_for:
            kind = f"{kind}, stands for {mention.stands_for.removeprefix('country:')}"
        table.add_row(name, kind, f"×{mention.count}", Text(known, "dim"), Text(console.printable(said), "dim"))
    out.print(table)
    countries = " ".join(f"{code} {weight:.2f}" for code, weight in tagged.weights.items())
    topics = "; ".join(f"{topic.id} ({', '.join(topic.terms[:4])})" for topic in tagged.topics)
    rows = {"language": article.language or "unknown", "countries": countries, "focus": " ".join(tagged.focus)}
    console.pairs(out, {name: value or "none" for name, value in {**rows, "topics": topics}.items()})


def _coloured(body: str, mentions: tuple[Mention, ...]) -> Text:
    from rich.text import Text

    text = Text("".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in body))  # as many characters
    for mention in mentions:
        for start, end in mention.spans:
            text.stylize(COLOURS.get(mention.type, "bold"), start, end)
    return text
