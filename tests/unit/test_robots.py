"""robots.txt, as RFC 9309 reads it."""

from __future__ import annotations

from ingest.robots import crawl_delay, robots_allows

AGENT = "Kawat/0.1 (news monitoring; see robots.txt rules for 'Kawat')"
RULES = """
User-agent: *
Disallow: /private
Crawl-delay: 2

User-agent: kawat
Disallow: /paid
Allow: /paid/free
Crawl-delay: 3.5
"""


def test_the_rules_for_us_come_before_the_rules_for_all() -> None:
    assert robots_allows(RULES, AGENT, "https://a.example/private")
    assert not robots_allows(RULES, "Other/1.0", "https://a.example/private")
    assert not robots_allows(RULES, AGENT, "https://a.example/paid/x")


def test_the_longer_rule_wins() -> None:
    assert robots_allows(RULES, AGENT, "https://a.example/paid/free/x")


def test_an_empty_text_allows_all_and_a_bad_url_nothing() -> None:
    assert robots_allows("", AGENT, "https://a.example/private")
    assert not robots_allows("", AGENT, "file:///etc/passwd")


def test_the_delay_is_ours_or_that_for_all() -> None:
    assert crawl_delay(RULES, AGENT) == 3.5
    assert crawl_delay(RULES, "Other/1.0") == 2
    assert crawl_delay("", AGENT) is None
    assert crawl_delay("User-agent: *\nCrawl-delay: inf", AGENT) is None
    assert crawl_delay("User-agent: *\nCrawl-delay: soon", AGENT) is None


def test_only_the_first_500_kib_are_read() -> None:
    late = "User-agent: *\n" + "# nothing\n" * 60_000 + "Disallow: /late\n"
    assert robots_allows(late, AGENT, "https://a.example/late")


def test_garbage_is_no_rule() -> None:
    assert robots_allows("\x00\xff<html>Not found</html>", AGENT, "https://a.example/x")
