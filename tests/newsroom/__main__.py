"""A newsroom as a process: `python -m tests.newsroom sample|corpus|generate …`. Ends on SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from tests.newsroom.corpus import CorpusMissingError, hold_corpus
from tests.newsroom.generated import LANGUAGES, generated_articles
from tests.newsroom.newsroom import Newsroom
from tests.newsroom.sample import SAMPLE_SITE, open_sample
from tests.newsroom.server import PortTakenError


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.newsroom", description=__doc__)
    modes = parser.add_subparsers(dest="mode", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--port", type=int, default=0, help="0 (default): a free one, named in the line on stdout")
    common.add_argument("--control", action="store_true", help="open the JSON API under /__newsroom__/")
    modes.add_parser("sample", parents=[common], help="the sample source")
    filled = argparse.ArgumentParser(add_help=False)
    filled.add_argument("--feeds", type=int, default=1, help="feeds that take turns")
    filled.add_argument("--hosts", type=int, default=1, help="spread the feeds over 127.0.0.1 … 127.0.0.n")
    filled.add_argument("--window", type=int, help="newest entries a feed lists (default: all)")
    filled.add_argument("--hold", action="store_true", help="list nothing until POST release")
    filled.add_argument("--per-second", type=float, help="list on this beat instead of all at once")
    corpus = modes.add_parser("corpus", parents=[common, filled], help="real pages from a folder")
    corpus.add_argument("--corpus", type=Path, default=os.environ.get("KAWAT_CORPUS"), help="default: KAWAT_CORPUS")
    corpus.add_argument("--copies", type=int, default=1, help="serve each page this often, under its own address each")
    generate = modes.add_parser("generate", parents=[common, filled], help="invented articles")
    generate.add_argument("--articles", type=int, required=True)
    generate.add_argument("--seed", type=int, default=1)
    generate.add_argument("--languages", default=",".join(LANGUAGES), help="comma-separated")
    return parser.parse_args(words)


def _fill(newsroom: Newsroom, options: argparse.Namespace) -> None:
    feeds = [f"kabar-{number}" for number in range(1, options.feeds + 1)]
    for feed in feeds:
        newsroom.add_feed(feed)
    if options.mode == "corpus":
        hold_corpus(newsroom, options.corpus, feeds, options.copies)
    else:
        articles = generated_articles(options.articles, options.seed, options.languages.split(","))
        for number, article in enumerate(articles):
            newsroom.hold(feeds[number % len(feeds)], article)
    if not options.hold:
        newsroom.release(per_second=options.per_second)


def main(words: Sequence[str] | None = None) -> int:
    """Serves until told to stop; 0 then, 1 with a message where it cannot."""
    options = _arguments(sys.argv[1:] if words is None else words)
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    sample = options.mode == "sample"
    newsroom = (
        Newsroom(port=options.port, site=SAMPLE_SITE, control=options.control)
        if sample
        else Newsroom(port=options.port, hosts=options.hosts, window=options.window, control=options.control)
    )
    try:
        if options.mode == "corpus" and options.corpus is None:
            raise CorpusMissingError("name the folder: --corpus DIR or KAWAT_CORPUS")
        with newsroom:
            if sample:
                open_sample(newsroom)
            else:
                _fill(newsroom, options)
            pages, feeds = len(newsroom.pages()), len(newsroom.feeds())
            sys.stdout.write(f"newsroom ready on {newsroom.url}: {pages} articles, {feeds} feeds\n")
            sys.stdout.flush()
            stopping.wait()
    except (PortTakenError, CorpusMissingError, ValueError) as error:
        sys.stderr.write(f"newsroom: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
