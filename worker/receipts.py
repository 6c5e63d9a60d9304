"""The worker's side of coverage receipts: how the feeds do now, and the test article."""

from __future__ import annotations

from search.receipt import Probe
from search.receiptfacts import Heard, Receipts
from search.rules.probing import probed
from search.rules.records import Rule, RuleSet
from worker.desk import valkey_may_be_away
from worker.services import Services


def receipts(services: Services) -> Receipts:
    """Makes receipts of the rules in force."""
    s = services.settings

    def heard() -> Heard:
        with valkey_may_be_away():
            return Heard(services.subscriptions.health(), tuple(services.ledger.paused().values()))

    def probing(rule: Rule, rules: RuleSet) -> Probe | None:
        from ingest.tagging import tag  # names and models take a second to load
        from ingest.tagging.language import language_of
        from search.rules.trying import as_article

        return probed(
            services.elasticsearch,
            s.index_prefix,
            rule,
            rules,
            lambda sentence: tag(as_article(sentence, language_of(sentence)), s.gazetteer),
            tz=s.tz,
            own_names=s.gazetteer,
        )

    return Receipts(services.elasticsearch, s.index_prefix, heard, probing=probing, tz=s.tz, own_names=s.gazetteer)
