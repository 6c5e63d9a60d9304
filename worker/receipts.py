"""The worker's side of coverage receipts: how the feeds do now, and the test article."""

from __future__ import annotations

from pathlib import Path

from ingest.records import TaggedArticle
from search.receipt import Probe
from search.receiptfacts import Heard, Receipts
from search.rules.probing import probed
from search.rules.records import Rule, RuleSet
from search.rules.trying import as_article
from worker.desk import valkey_may_be_away
from worker.services import Services


def tagged_sentence(sentence: str, own_names: Path | None) -> TaggedArticle:
    """A sentence as the text of an article, tagged as every article is."""
    from ingest.tagging import tag  # names and models take a second to load
    from ingest.tagging.language import language_of

    return tag(as_article(sentence, language_of(sentence)), own_names)


def receipts(services: Services) -> Receipts:
    """Makes receipts of the rules in force."""
    s = services.settings

    def heard() -> Heard:
        with valkey_may_be_away():
            return Heard(services.subscriptions.health(), tuple(services.ledger.paused().values()))

    def probing(rule: Rule, rules: RuleSet) -> Probe | None:
        return probed(
            services.elasticsearch,
            s.index_prefix,
            rule,
            rules,
            lambda sentence: tagged_sentence(sentence, s.gazetteer),
            tz=s.tz,
            own_names=s.gazetteer,
        )

    return Receipts(services.elasticsearch, s.index_prefix, heard, probing=probing, tz=s.tz, own_names=s.gazetteer)
