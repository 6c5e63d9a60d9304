"""One article, its history, what changed between two of its texts: `kawat article URL|ID`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.commands import options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rich.console import Console
    from rich.text import Text

    from ingest.worddiff import Piece
    from search.history import Event, History, Version
    from worker.services import Services
    from worker.settings import Settings

ABOUT = (  # in this order; with it, where the page or the feed said so
    "article_id", "source", "source_name", "authors", "published", "modified", "first_seen", "fetched", "language",
    "word_count", "section", "agency", "is", "country", "person", "organisation", "place", "topic", "page_url", "image",
    "story_id", "duplicate_of", "changed", "changed_at",
)  # fmt: skip
NAMES = frozenset({"person", "organisation", "place"})  # ids stand among them, for searching
MOMENTS = frozenset({"published", "modified", "first_seen", "fetched", "changed_at"})
MANY = 12  # names in one line
STYLES = {"removed": "red strike", "added": "green", "same": ""}
MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}"), "same": ("", "")}
AROUND = 200  # characters of unchanged text that stay on either side of a change


def register(app: typer.Typer) -> None:
    """Adds `article` to the command line."""
    app.command()(article)


def article(
    what: Annotated[str, typer.Argument(help="Its address, its id, or an id's beginning.", metavar="URL|ID")],
    history: Annotated[bool, typer.Option("--history", help="Its versions: when, and what changed.")] = False,
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="What changed between two versions, word by word; the last one is `now`."),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Looks at its page again for three days.")] = False,
    json: options.Json = False,
) -> None:
    """An article as it stands, where its values came from, and what its page said before.

    Examples: kawat article https://example.com/story · kawat article 3f2a91 --history ·
    kawat article 3f2a91 --diff 1 now
    """
    from search.history import NoArticleError
    from search.history import history as history_of
    from search.schema import Names
    from worker import console

    if history and diff:
        raise typer.BadParameter("is one thing, --diff another: give one of them", param_hint="--history")
    services = options.services()
    try:
        found = history_of(services.elasticsearch, Names(services.settings.index_prefix), what)
    except NoArticleError as error:
        to_do = f"did you mean {error.near}?" if error.near else "kawat search finds articles by their words"
        console.print_failure(str(error), to_do=to_do)
        raise typer.Exit(1) from None
    pair = (_version(found, diff[0]), _version(found, diff[1])) if diff else None
    watched = _watch(services, found) if watch else None
    if json:
        console.print_json(_as_json(found, pair, history=history) | ({} if watched is None else {"watched": watched}))
    elif pair:
        _show_difference(console.output(), *pair, services.settings)
    elif history:
        _show_history(console.output(), found, services.settings)
    else:
        _show_article(console.output(), found, services.settings)
    for label in found.missing:
        console.print_failure(f"version {label} is not in the index any more", to_do="was the revisions index removed?")
    if watched is False:
        console.print_failure(
            "its page cannot be looked at again: no entry of a feed stands behind it any more",
            to_do="kawat ingest takes its address in anew",
        )
        raise typer.Exit(1)
    if watched and not json:
        console.output().print("Its page is looked at again from now on.")


def _version(found: History, label: str) -> Version:
    version = found.version(label)
    if version is None:
        labels = ", ".join(one.label for one in found.versions)
        raise typer.BadParameter(f"there is no version {label!r}; there are: {labels}, now", param_hint="--diff")
    return version


def _watch(services: Services, found: History) -> bool:
    from worker.watching import watch

    return watch(services.revisits, services.subscriptions, found.article)


def _as_json(found: History, pair: tuple[Version, Version] | None, *, history: bool) -> dict[str, Any]:
    if pair:
        from ingest.worddiff import word_diff

        old, new = pair
        return {
            "article_id": found.article["article_id"],
            "from": old.label,
            "to": new.label,
            "title": [one._asdict() for one in word_diff(old.title, new.title)],
            "body": [one._asdict() for one in word_diff(old.body, new.body)],
        }
    if history:
        whole = found.model_dump(mode="json", exclude={"article"})
        return {"article_id": found.article["article_id"], "url": found.article["url"], **whole}
    return found.article


def _show_article(out: Console, found: History, settings: Settings) -> None:
    from rich.text import Text

    from worker import console

    now = found.article
    out.print(Text(console.printable(now.get("title", "")), "bold"))
    out.print(Text(console.printable(now["url"]), "dim blue"))
    if found.gone:
        out.print(Text(f"{_event(found.gone, settings)}: this is the last text there was", "yellow"), soft_wrap=True)
    out.print("")
    origins = now.get("origins", {})
    ids = {one["id"] for one in now.get("mentions", ()) if one.get("linked", True)}
    shown = {name: now[name] for name in ABOUT if name in now and (name, now[name]) != ("story_id", now["article_id"])}
    shown |= {name: [one for one in shown[name] if one not in ids] for name in NAMES & shown.keys()}
    rows = {name: _value(name, value, settings) for name, value in shown.items()}
    width = max(map(len, rows))
    for name, value in rows.items():
        origin = f"  ({origins[name]})" if name in origins else ""
        line = Text.assemble((f"{name:{width}}  ", "dim"), console.printable(value), (console.printable(origin), "dim"))
        out.print(line, soft_wrap=True)
    out.print("", Text(console.printable(now.get("body", ""))), sep="\n")
    if found.events:
        count = len([one for one in found.versions if not one.stub])
        texts = "1 version" if count == 1 else f"{count} versions"
        last = f"{texts}; last: {_event(found.events[-1], settings)}"
        out.print("", Text(f"{last}; kawat article {now['article_id'][:12]} --history", "dim"), sep="\n")


def _value(name: str, value: Any, settings: Settings) -> str:
    if name in MOMENTS:
        return f"{_moment(value, settings)} ({settings.tz})"
    if isinstance(value, list):
        more = f" and {len(value) - MANY} more" if len(value) > MANY else ""
        return ", ".join(map(str, value[:MANY])) + more
    return str(value)


def _show_history(out: Console, found: History, settings: Settings) -> None:
    from rich.table import Table
    from rich.text import Text

    from ingest.revision import words_of
    from worker import console

    out.print(Text(console.printable(found.article["url"]), "dim blue"), end="\n\n")
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for column in ("version", "read", "replaced", "words", "changed", "title"):
        table.add_column(column, justify="right" if column == "words" else "left", no_wrap=column != "title")
    for one in found.versions:
        replaced = _moment(one.replaced, settings) if one.replaced else ("" if one.stub else "now")
        what = "no text of it" if one.stub else ", ".join(one.changed)
        cells = (one.label, _moment(one.read, settings), replaced, f"{len(words_of(one.body)):,}", what, one.title)
        table.add_row(*(Text(console.printable(cell), "dim" if one.stub else "") for cell in cells))
    out.print(table)
    if found.events:
        out.print("")
    for event in found.events:
        out.print(Text(_event(event, settings)), soft_wrap=True)


def _event(event: Event, settings: Settings) -> str:
    from worker import console

    meaning = {
        "title": "another title",
        "body": "another text",
        "vanished": f"vanished ({event.why})",
        "gutted": f"the text was taken off, {event.words} words left",
        "back": "there again",
    }
    what = ", ".join(meaning.get(one, one) for one in event.what)
    return console.printable(f"{_moment(event.at, settings)}  {what}")


def _show_difference(out: Console, old: Version, new: Version, settings: Settings) -> None:
    from rich.text import Text

    from ingest.worddiff import word_diff

    names = [f"{one.label}, read {_moment(one.read, settings)}" for one in (old, new)]
    out.print(Text(f"{names[0]}  →  {names[1]}", "dim"), end="\n\n")
    title, body = word_diff(old.title, new.title), word_diff(old.body, new.body)
    if {one.kind for one in (*title, *body)} <= {"same"}:
        out.print("The same words.")
        return
    out.print(_marked(title, plain=not out.is_terminal), style="bold", end="\n\n")
    if any(one.kind != "same" for one in body):
        out.print(_marked(_shortened(body), plain=not out.is_terminal))
    else:
        out.print(Text("The text is the same.", "dim"))


def _marked(pieces: Iterable[Piece], *, plain: bool) -> Text:
    """Removed red and struck through, added green; on paper and to other programs [-removed-] and {+added+}."""
    from rich.text import Text

    from worker import console

    text = Text()
    for kind, words in pieces:
        before, after = MARKS[kind] if plain else ("", "")
        text.append(f"{before}{console.printable(words)}{after}", STYLES[kind])
    return text


def _shortened(pieces: tuple[Piece, ...]) -> Iterator[Piece]:
    """Only what is around changes of what stayed."""
    for at, piece in enumerate(pieces):
        head = "" if at == 0 else _whole_words(piece.text[:AROUND])
        tail = "" if at == len(pieces) - 1 else _whole_words(piece.text[: -AROUND - 1 : -1])[::-1]
        if piece.kind == "same" and len(piece.text) > len(head) + len(tail) + 2:
            yield piece._replace(text=f"{head} … {tail}" if head and tail else f"{head} …" if head else f"… {tail}")
        else:
            yield piece


def _whole_words(text: str) -> str:
    """`text` without the last word, which may be half a one; whole where it has only one, or no spaces."""
    return text[: max(text.rfind(" "), text.rfind("\n"))].rstrip() or text


def _moment(when: datetime | str, settings: Settings) -> str:
    from datetime import datetime

    return options.moment(datetime.fromisoformat(when) if isinstance(when, str) else when, settings)
